/* Verify: re-hash what is stored, trust nothing that is derived.
 *
 * One pass over the records: the strict decoder, the numbers, the clock, the
 * postings' sums, the bodies against their hashes, and the tree. (Members' chains
 * and everything else that follows from records before is audit's.) Then the signatures. Integrity
 * ("nothing was altered") and completeness ("nothing was cut off") are two verdicts: only a
 * checkpoint held outside can vouch for the second.
 *
 * "since" reads only what is new: the tree as it stood at that checkpoint is taken
 * from the stored roots, must give the root that the checkpoint signs, and is grown
 * by the records after it. So the log's old part is proved to be the one that was
 * signed then, without a look at the old records themselves. */
#include <stdio.h>

#include "added.h"
#include "ahead.h"
#include "answer.h"
#include "checkpoint.h"
#include "cosigned.h"
#include "evidence.h"
#include "hashes.h"
#include "pipeline.h"

enum { TELL_EVERY = 4096 };

struct verifying {
    struct ledger *ledger;
    const struct verify_options *options;
    const struct watch *watch;
    struct verifier key;
    struct walk walk;
    int64_t total;
    /* Checkpoints to meet on the way, ascending by size. */
    struct checkpoint anchor;
    bool has_anchor, anchor_met, contradicts; /* ... the anchor, though all the rest holds */
    struct text next_note;                    /* with all_signatures: the next stored one */
    int64_t checkpoints;
    cJSON *witnesses;      /* with a policy: who has cosigned the anchor */
    struct added added;    /* with since */
    struct text mark_note; /* of this user's own state folder, as it was before all was read */
    struct checkpoint mark;
    bool has_mark, is_older;
    int64_t until; /* checkpoints of a larger size say nothing new */
};

/* --- One record -------------------------------------------------------------------- */

static bool meet_anchor(struct verifying *in, struct error *error)
{
    struct hash root;
    if (!in->has_anchor || in->anchor_met || in->anchor.size != in->walk.edge.size)
        return true;
    merkle_edge_root(&in->walk.edge, &root);
    in->anchor_met = true;
    in->contradicts = !hash_equal(&root, &in->anchor.root);
    /* Whether it is the log's fault or there are two of them, its own signature will say. */
    return !in->contradicts || in->options->anchor.length > 0 ||
           fail_field(error, ERROR_NOT_VERIFIED, "anchor",
                      _("the first %lld records are not those that the anchor vouches for"),
                      (long long)in->anchor.size);
}

static bool check_record(void *context, const struct entry *entry, struct error *error)
{
    struct verifying *in = context;
    struct head head;
    if (!walk_record(&in->walk, entry, &head, error) || !meet_anchor(in, error))
        return false;
    if (in->options->since && !added_note(&in->added, &head, error))
        return false;
    if (in->watch->tell != NULL && in->walk.edge.size % TELL_EVERY == 0 &&
        !in->watch->tell(in->watch->context, (int64_t)in->walk.edge.size, in->total))
        return fail(error, ERROR_INTERRUPTED, _("stopped before the end"));
    return true;
}

/* --- Signatures -------------------------------------------------------------------------- */

static bool open_checkpoint(const struct verifying *in, struct text note, const char *what,
                            struct checkpoint *checkpoint, struct error *error)
{
    if (checkpoint_open(note, &in->key, NULL, 0, checkpoint, NULL, error))
        return true;
    struct error why = *error;
    /* A file that is no checkpoint at all proves nothing, neither for nor against. */
    bool given = note.bytes == in->options->anchor.bytes && why.code == ERROR_INVALID_NOTE;
    return fail_field(error, given ? ERROR_INVALID_NOTE : ERROR_NOT_VERIFIED,
                      given ? "anchor" : "checkpoint", _("%s: %s"), what, why.message);
}

static bool check_newest(struct verifying *in, struct error *error)
{
    struct checkpoint_row row;
    struct checkpoint checkpoint;
    struct hash root;
    bool found = false;
    if (!store_checkpoint(in->ledger->store, &in->ledger->batch, INT64_MAX, &row, &found, error))
        return false;
    if (!found)
        return fail_field(error, ERROR_NOT_VERIFIED, "checkpoint", _("the log has no checkpoint"));
    if (!open_checkpoint(in, row.note, _("the newest checkpoint"), &checkpoint, error))
        return false;
    merkle_edge_root(&in->walk.edge, &root);
    if (checkpoint.size != in->walk.edge.size || (int64_t)checkpoint.size != row.size)
        return fail_field(error, ERROR_NOT_VERIFIED, "checkpoint",
                          _("the newest checkpoint covers %lld records, the log has %lld"),
                          (long long)checkpoint.size, (long long)in->walk.edge.size);
    in->ledger->checkpoint = row;
    in->checkpoints++;
    return hash_equal(&root, &checkpoint.root) ||
           fail_field(error, ERROR_NOT_VERIFIED, "checkpoint",
                      _("the records are not those that the newest checkpoint signs"));
}

/* Every checkpoint: its signature, and its root against the records up to it. The
 * tree is walked a second time beside the checkpoints. */
struct walking {
    struct verifying *in;
    struct merkle_edge edge;
};

static bool grow(void *context, const struct record_row *row, struct error *error)
{
    struct walking *walking = context;
    struct hash leaf;
    (void)error;
    merkle_leaf(row->head.bytes, row->head.length, &leaf);
    merkle_edge_append(&walking->edge, &leaf);
    return true;
}

static bool check_checkpoint(void *context, const struct checkpoint_row *row, struct error *error)
{
    struct walking *walking = context;
    struct verifying *in = walking->in;
    struct checkpoint checkpoint;
    struct hash root;
    char what[64];
    if (row->size > in->until)
        return fail(error, ERROR_INTERRUPTED, _("stopped before the end"));
    snprintf(what, sizeof what, _("the checkpoint of size %lld"), (long long)row->size);
    if (!open_checkpoint(in, row->note, what, &checkpoint, error))
        return false;
    if ((int64_t)checkpoint.size != row->size || row->size > in->total)
        return fail_field(error, ERROR_NOT_VERIFIED, "checkpoint", _("%s: it signs another size"),
                          what);
    if (!store_each_record(in->ledger->store, (int64_t)walking->edge.size, row->size, grow, walking,
                           error))
        return false;
    merkle_edge_root(&walking->edge, &root);
    in->checkpoints++;
    return hash_equal(&root, &checkpoint.root) ||
           fail_field(error, ERROR_NOT_VERIFIED, "checkpoint",
                      _("%s: the records up to %lld are not those that it signs"), what,
                      (long long)row->size - 1);
}

static bool check_all_checkpoints(struct verifying *in, struct error *error)
{
    struct walking walking = {.in = in};
    if (in->options->all_signatures)
        in->checkpoints = 0; /* the newest is met again */
    return !in->options->all_signatures ||
           store_each_checkpoint(in->ledger->store, check_checkpoint, &walking, error);
}

/* Where something does not hold, an older checkpoint may still say from where on:
 * the last that holds bounds the first record at fault. A head that was altered and
 * is well formed shows only so, or by what it makes of the next; `until` is the
 * record that is known to be wrong. */
static void locate_fault(struct verifying *in, int64_t until, struct error *error)
{
    const struct verify_options *asked = in->options;
    struct verify_options all = *asked;
    struct error first = *error, second;
    all.all_signatures = true;
    in->options = &all;
    in->until = until;
    if (!check_all_checkpoints(in, &second) && second.code == ERROR_NOT_VERIFIED)
        *error = second;
    else
        *error = first;
    in->options = asked;
}

/* --- States from outside ------------------------------------------------------------------- */

/* The log holds by itself, and what it signed before was something else. */
static bool tell_contradiction(struct verifying *in, const char *field, struct error *error)
{
    struct checkpoint given;
    enum standing standing;
    if (!ledger_standing(in->ledger, in->options->anchor, &given, &standing, error))
        return false;
    if (standing == STANDING_CONTRADICTS)
        return ledger_fork(in->ledger, in->options->anchor, field, error);
    fail_field(error, standing == STANDING_GIVEN_UP ? ERROR_LEDGER_RESTORED : ERROR_NOT_VERIFIED,
               field, _("the first %lld records are not those that the anchor vouches for"),
               (long long)in->anchor.size);
    return standing == STANDING_GIVEN_UP &&
           hint(error, _("a recovery gave that state up, and is recorded: `loyalty export` shows "
                         "who did it, and why"));
}

/* What this user's own mark says of the log. It vouches for little, being kept beside it;
 * but it knows an older copy. */
static bool check_mark(struct verifying *in, struct error *error)
{
    enum standing standing;
    struct text note = in->mark_note;
    if (note.length == 0)
        return true;
    if (!ledger_standing(in->ledger, note, &in->mark, &standing, error))
        return false;
    if (standing == STANDING_CONTRADICTS)
        return ledger_fork(in->ledger, note, "mark", error);
    in->has_mark = standing != STANDING_UNSIGNED;
    in->is_older = standing == STANDING_AHEAD;
    return true;
}

/* --- Since a checkpoint ---------------------------------------------------------------------- */

/* The clock of the last old record; the tree says nothing of it where a tile ends
 * there, so it serves the check of the clock and nothing else. */
static bool read_clock(struct verifying *in, struct error *error)
{
    struct record_row row;
    struct head head;
    bool found = false;
    int64_t last = (int64_t)in->anchor.size - 1;
    if (last < 0)
        return true;
    if (!store_record(in->ledger->store, &in->ledger->batch, last, &row, &found, error))
        return false;
    if (!found || !head_decode(row.head, &in->ledger->batch, &head, error))
        return record_broken(error, last, _("it is not a record"));
    in->walk.time = head.time;
    return true;
}

static bool start_from_anchor(struct verifying *in, struct error *error)
{
    struct hash root;
    struct hash_source source = ledger_hashes(in->ledger);
    if (!merkle_edge_read(&source, in->anchor.size, &in->walk.edge, error))
        return false;
    merkle_edge_root(&in->walk.edge, &root);
    in->anchor_met = true;
    if (hash_equal(&root, &in->anchor.root))
        return read_clock(in, error);
    if (!tell_contradiction(in, "since", error) && error->code != ERROR_NOT_VERIFIED)
        return false;
    fail_field(error, ERROR_NOT_VERIFIED, "since",
               _("the first %lld records are not those that the checkpoint vouches for"),
               (long long)in->anchor.size);
    return hint(error, _("`loyalty verify --anchor` with the same checkpoint reads every record"));
}

/* --- The whole ----------------------------------------------------------------------------- */

static bool begin(struct verifying *in, struct error *error)
{
    const struct verify_options *options = in->options;
    struct text key = options->key.length > 0 ? options->key : in->ledger->vkey;
    if (!verifier_parse(key, &in->key, error))
        return false;
    if (options->key.length > 0 && !text_equal(options->key, in->ledger->vkey))
        return fail_field(error, ERROR_NOT_VERIFIED, "key", _("the log says that its key is %.*s"),
                          TEXT(in->ledger->vkey));
    if (options->since && options->all_signatures)
        return fail_field(error, ERROR_USAGE, "since",
                          _("\"since\" reads what is new, \"all_signatures\" the whole log"));
    struct arena *arena = &in->ledger->batch;
    struct policy policy;
    bool judged = options->policy.length > 0;
    if (judged && !policy_parse(options->policy, arena, &policy, error))
        return false;
    in->has_anchor = judged || options->anchor.length > 0;
    if (options->anchor.length == 0)
        return !judged || cosigned_newest(in->ledger, arena, &policy, &in->key, &in->anchor,
                                          &in->witnesses, error);
    return open_checkpoint(in, options->anchor, _("the anchor"), &in->anchor, error) &&
           (!judged || cosigned_open(&policy, options->anchor, &in->key, &in->anchor, NULL,
                                     &in->witnesses, error));
}

/* The walk sees the bodies of records; one behind the end would wait there for its own. */
static bool no_stray_body(struct verifying *in, struct error *error)
{
    int64_t seq;
    bool found = false;
    return store_stray_body(in->ledger->store, in->total, &seq, &found, error) &&
           (!found || record_broken(error, seq, _("it is not in the log, but it has a body")));
}

static bool verify_all(struct verifying *in, struct error *error)
{
    if (!begin(in, error))
        return false;
    if (in->has_anchor && in->anchor.size > (uint64_t)in->total)
        return fail_field(
            error, ERROR_NOT_VERIFIED, "anchor",
            _("the anchor vouches for %lld records, the log has %lld: its tail was cut"),
            (long long)in->anchor.size, (long long)in->total);
    if (in->options->since && !start_from_anchor(in, error))
        return false;
    int64_t from = (int64_t)in->walk.edge.size;
    if (!entries_ahead(in->ledger->store, from, in->total - from, check_record, in, error)) {
        if (error->code == ERROR_NOT_VERIFIED)
            locate_fault(in, (int64_t)in->walk.edge.size, error);
        return false;
    }
    if ((int64_t)in->walk.edge.size != in->total)
        return record_broken(error, (int64_t)in->walk.edge.size, _("it is missing"));
    if (!no_stray_body(in, error) || !walk_end(&in->walk, error))
        return false;
    if (!check_newest(in, error)) {
        locate_fault(in, INT64_MAX, error);
        return false;
    }
    if (!check_all_checkpoints(in, error))
        return false;
    return in->contradicts ? tell_contradiction(in, "anchor", error) : check_mark(in, error);
}

/* Takes the witnesses. */
static cJSON *answer_of(const struct verifying *in, bool ok)
{
    cJSON *answer = cJSON_CreateObject();
    cJSON_AddBoolToObject(answer, "ok", ok);
    cJSON_AddStringToObject(answer, "integrity", ok ? "verified" : "failed");
    cJSON_AddStringToObject(answer, "completeness",
                            !ok              ? "unknown"
                            : in->is_older   ? "older"
                            : in->has_anchor ? "anchored"
                                             : "unanchored");
    cJSON_AddItemToObject(answer, "records", json_points((int64_t)in->walk.edge.size, 0));
    cJSON_AddItemToObject(answer, "bodies", json_points(in->walk.bodies, 0));
    cJSON_AddItemToObject(answer, "erased", json_points(in->walk.absences.erased, 0));
    cJSON_AddItemToObject(answer, "checkpoints", json_points(in->checkpoints, 0));
    if (in->has_anchor)
        cJSON_AddItemToObject(answer, "anchor", json_points((int64_t)in->anchor.size, 0));
    if (in->has_mark)
        cJSON_AddItemToObject(answer, "mark", json_points((int64_t)in->mark.size, 0));
    if (in->witnesses != NULL)
        cJSON_AddItemToObject(answer, "witnesses", in->witnesses);
    if (in->options->since)
        cJSON_AddItemToObject(answer, "added", added_answer(&in->added, in->ledger));
    cJSON_AddItemToObject(answer, "origin", json_text(in->ledger->origin));
    cJSON_AddItemToObject(answer, "key", json_text(in->ledger->vkey));
    if (ok)
        cJSON_AddItemToObject(answer, "checkpoint", answer_checkpoint(&in->ledger->checkpoint));
    return answer;
}

bool ledger_verify(struct ledger *ledger, const struct verify_options *options,
                   const struct watch *watch, cJSON **answer, struct error *error)
{
    struct verifying in = {
        .ledger = ledger, .options = options, .watch = watch, .until = INT64_MAX};
    state_clear(&ledger->state);
    arena_reset(&ledger->batch);
    /* Before the records: tills that go on meanwhile raise it. */
    if (!options->without_mark)
        in.mark_note = highwater_note(ledger, &ledger->batch);
    if (!store_begin_read(ledger->store, error))
        return false;
    struct tip tip;
    bool ok = store_tip(ledger->store, &ledger->batch, &tip, error);
    in.total = tip.size;
    ok = ok && verify_all(&in, error);
    *answer = NULL;
    if (ok || error_exit_status(error->code) == 7 || error->code == ERROR_FORK)
        *answer = answer_of(&in, ok);
    else
        cJSON_Delete(in.witnesses);
    store_rollback(ledger->store);
    walk_free(&in.walk);
    return ok;
}
