/* Proofs to take away: that one record is in the log, in a file that needs nothing
 * beside it but the public key.
 *
 * What the tree is read from is stored and could have been altered, so a proof is
 * checked against the signed root before it leaves: what we hand out holds, or
 * nothing is handed out. */
#include "prove.h"
#include "answer.h"
#include "evidence.h"
#include "hashes.h"
#include "spelling.h"

bool proving_begin(struct proving *in, struct ledger *ledger, struct error *error)
{
    bool found = false;
    *in = (struct proving){.ledger = ledger, .arena = &ledger->batch};
    struct checkpoint_row row;
    if (!store_checkpoint(in->ledger->store, in->arena, INT64_MAX, &row, &found, error))
        return false;
    if (!found)
        return fail(error, ERROR_CORRUPT, _("the ledger has no checkpoint"));
    in->note = row.note;
    return verifier_parse(in->ledger->vkey, &in->key, error) &&
           checkpoint_open(row.note, &in->key, NULL, 0, &in->checkpoint, NULL, error);
}

/* What a tombstone bars has not been used: its record is no proof of it. */
static bool is_used(struct ledger *ledger, struct key_row *row, bool *used, struct error *error)
{
    struct record_row record;
    struct head head;
    bool found = false;
    *used = row->seq >= 0;
    if (!*used)
        return true;
    if (!store_record(ledger->store, &ledger->batch, row->seq, &record, &found, error) ||
        (found && !head_decode(record.head, &ledger->batch, &head, error)))
        return false;
    *used = found && !(head.has_bars && memcmp(head.bars, row->hash, KEY_HASH_BYTES) == 0);
    return true;
}

/* The first record of the operation that took the ref, or else the receipt. */
static bool find_operation(struct ledger *ledger, struct text ref, int64_t *seq,
                           struct error *error)
{
    struct key_row rows[2] = {{.seq = -1}, {.seq = -1}};
    bool by_ref = false;
    keyed_hash_of(&ledger->keyed, "ref", ref, rows[0].hash);
    keyed_hash_of(&ledger->keyed, "receipt", ref, rows[1].hash);
    if (!store_keys(ledger->store, &rows[0], 1, error) ||
        !store_keys(ledger->store, &rows[1], 1, error) ||
        !is_used(ledger, &rows[0], &by_ref, error))
        return false;
    *seq = by_ref ? rows[0].seq : rows[1].seq;
    return *seq >= 0 || fail_field(error, ERROR_UNKNOWN_REF, "ref",
                                   _("no operation has the ref or receipt \"%.*s\""), TEXT(ref));
}

static bool does_not_fit(struct error *error)
{
    fail(error, ERROR_CORRUPT, _("what is stored does not give the root that is signed"));
    return hint(error, _("`loyalty verify` names the record at fault; where it finds none, "
                         "`loyalty rebuild` makes the tree's stored part again"));
}

bool prove_record(struct proving *in, int64_t seq, struct buffer *out, struct error *error)
{
    struct record_row row;
    struct proof_file file = {.has_extra = true, .index = (uint64_t)seq, .checkpoint = in->note};
    struct hash_source source = ledger_hashes(in->ledger);
    struct hash leaf;
    struct error why;
    bool found = false;
    if ((uint64_t)seq < in->checkpoint.size &&
        !store_record(in->ledger->store, in->arena, seq, &row, &found, error))
        return false;
    if (!found)
        return fail_field(error, ERROR_UNKNOWN_RECORD, "seq", _("there is no record %lld"),
                          (long long)seq);
    if (!proof_inclusion_make(&source, file.index, in->checkpoint.size, &file.proof, error))
        return false;
    merkle_leaf(row.head.bytes, row.head.length, &leaf);
    if (!proof_inclusion_verify(file.index, in->checkpoint.size, &leaf, &file.proof,
                                &in->checkpoint.root, &why))
        return does_not_fit(error);
    struct entry entry = entry_of_row(&row);
    struct buffer line = {0}, extra = {0};
    entry_format(&line, &entry);
    base64_format(&extra, line.bytes, line.length);
    file.extra = buffer_view(&extra);
    proof_file_format(out, &file);
    buffer_free(&line);
    buffer_free(&extra);
    return true;
}

/* --- Growth ------------------------------------------------------------------------------- */

/* The size that the log is proved to have grown from, and its root. */
static bool find_start(struct proving *in, const struct prove_options *options,
                       struct checkpoint *start, struct error *error)
{
    struct hash_source source = ledger_hashes(in->ledger);
    struct error why;
    *start = (struct checkpoint){.size = options->since < 0 ? 0 : (uint64_t)options->since};
    if (options->since_note.length > 0 &&
        !checkpoint_open(options->since_note, &in->key, NULL, 0, start, NULL, &why))
        return fail_field(error, why.code, "since", "%s", why.message);
    if (start->size > in->checkpoint.size)
        return fail_field(error, ERROR_UNKNOWN_RECORD, "since",
                          _("the log has %lld records, and cannot have grown from %lld"),
                          (long long)in->checkpoint.size, (long long)start->size);
    return options->since_note.length > 0 ||
           merkle_root_read(&source, start->size, &start->root, error);
}

/* False with why, unless it is nothing but another history. */
static bool is_unexplained(struct proving *in, struct text note, struct error *error)
{
    struct checkpoint given;
    enum standing standing;
    if (!ledger_standing(in->ledger, note, &given, &standing, error))
        return false;
    if (standing == STANDING_CONTRADICTS)
        return ledger_fork(in->ledger, note, "since", error);
    return standing != STANDING_GIVEN_UP ||
           fail_field(error, ERROR_LEDGER_RESTORED, "since",
                      _("a recovery gave the state of %lld records up"), (long long)given.size);
}

static bool prove_growth(struct proving *in, const struct prove_options *options,
                         struct checkpoint *start, struct buffer *out, struct error *error)
{
    struct growth_file file = {.checkpoint = in->note};
    struct hash_source source = ledger_hashes(in->ledger);
    struct error why;
    if (!find_start(in, options, start, error) ||
        !proof_consistency_make(&source, start->size, in->checkpoint.size, &file.proof, error))
        return false;
    if (!proof_consistency_verify(start->size, in->checkpoint.size, &start->root,
                                  &in->checkpoint.root, &file.proof, &why)) {
        if (options->since_note.length == 0)
            return does_not_fit(error);
        if (!is_unexplained(in, options->since_note, error))
            return false;
        fail_field(error, ERROR_NOT_VERIFIED, "since",
                   _("the first %lld records are not those that the checkpoint vouches for"),
                   (long long)start->size);
        return hint(error, _("`loyalty verify --anchor` with the same checkpoint reads every "
                             "record"));
    }
    file.old = start->size;
    growth_file_format(out, &file);
    return true;
}

/* --- The question ----------------------------------------------------------------------------- */

static cJSON *answer_of(const struct proving *in, const char *what, int64_t value,
                        const struct buffer *proof)
{
    cJSON *answer = cJSON_CreateObject();
    cJSON_AddBoolToObject(answer, "ok", true);
    cJSON_AddItemToObject(answer, what, json_points(value, 0));
    cJSON_AddItemToObject(answer, "size", json_points((int64_t)in->checkpoint.size, 0));
    cJSON_AddItemToObject(answer, "origin", json_text(in->ledger->origin));
    cJSON_AddItemToObject(answer, "key", json_text(in->ledger->vkey));
    cJSON_AddItemToObject(answer, "proof", json_text(buffer_view(proof)));
    return answer;
}

static bool prove(struct proving *in, const struct prove_options *options, cJSON **answer,
                  struct error *error)
{
    struct buffer proof = {0};
    struct checkpoint start;
    int64_t seq = options->seq;
    bool growth = options->since >= 0 || options->since_note.length > 0, ok;
    if (growth)
        ok = prove_growth(in, options, &start, &proof, error);
    else
        ok = (seq >= 0 || find_operation(in->ledger, options->ref, &seq, error)) &&
             prove_record(in, seq, &proof, error);
    if (ok)
        *answer = growth ? answer_of(in, "since", (int64_t)start.size, &proof)
                         : answer_of(in, "seq", seq, &proof);
    buffer_free(&proof);
    return ok;
}

bool ledger_prove(struct ledger *ledger, const struct prove_options *options, cJSON **answer,
                  struct error *error)
{
    struct proving in;
    int named = (options->seq >= 0) + (options->ref.length > 0) +
                (options->since >= 0 || options->since_note.length > 0);
    if (named != 1) {
        fail_field(error, ERROR_MISSING_FIELD, "seq",
                   _("a proof is of one record, by its number or the ref of its operation, or of "
                     "the log's growth"));
        return hint(error, _("'loyalty prove 17', 'loyalty prove --ref 4711' or 'loyalty prove "
                             "--since anchor.txt'"));
    }
    state_clear(&ledger->state);
    arena_reset(&ledger->batch);
    if (!store_begin_read(ledger->store, error))
        return false;
    bool ok = proving_begin(&in, ledger, error) && prove(&in, options, answer, error);
    store_rollback(ledger->store);
    return ok;
}
