/* Checking a bundle: one walk over heads, bodies and checkpoints side by side, a line
 * of each at a time, so that memory does not grow with the log.
 *
 * The manifest is nobody's word: it finds what was damaged or left behind on the way.
 * What vouches for the records is the key that the auditor brings, and for the
 * bundle's completeness the auditor's own checkpoint. */
#include <stdio.h>

#include "answer.h"
#include "auditor.h"
#include "cosigned.h"
#include "limits.h"
#include "manifest.h"
#include "proved.h"
#include "whole_file.h"

enum { TELL_EVERY = 4096 };

struct reading {
    const struct bundle_options *options;
    struct arena arena; /* lives as long as this */
    struct arena line;  /* one line's of bodies, checkpoints or programmes */
    struct manifest manifest;
    struct verifier key;
    struct text note; /* the newest checkpoint's */
    struct checkpoint newest, start, anchor;
    bool has_anchor, anchor_met;
    struct walk walk;
    struct lines files[BUNDLE_FILES];
    struct arena body_arena;
    struct entry body;      /* the next, seq -1: none */
    struct checkpoint next; /* the next, size 0: none */
    int64_t checkpoints, programmes, highest;
    bool judged;          /* there is a policy ... */
    struct policy policy; /* ... which the anchor must meet, or else one of the checkpoints */
    cJSON *witnesses;     /* who has cosigned that one */
    uint64_t cosigned;    /* its size, where there is no anchor; 0 none yet */
};

static struct text path_of(struct reading *in, const char *name)
{
    return text_format(&in->arena, "%s/%s", in->options->folder, name);
}

/* --- Files ---------------------------------------------------------------------------- */

static bool no_file(enum bundle_file file, struct error *error)
{
    if (error->code != ERROR_NO_FILE)
        return false;
    return fail_field(error, ERROR_INVALID_BUNDLE, bundle_names[file],
                      _("the bundle has no file '%s'"), bundle_names[file]);
}

static bool same_hash(struct reading *in, enum bundle_file file, const unsigned char *hash,
                      struct error *error)
{
    return memcmp(hash, in->manifest.hash[file], SHA256_BYTES) == 0 ||
           fail_field(error, ERROR_NOT_VERIFIED, bundle_names[file],
                      _("the file '%s' is not the one that the manifest names"),
                      bundle_names[file]);
}

static bool read_small(struct reading *in, enum bundle_file file, struct text *text,
                       struct error *error)
{
    struct buffer bytes = {0};
    unsigned char hash[SHA256_BYTES];
    struct sha256 state;
    if (!file_load(path_of(in, bundle_names[file]).bytes, LIMIT_NOTE_BYTES, &bytes, error)) {
        buffer_free(&bytes);
        return no_file(file, error);
    }
    *text = text_copy(&in->arena, buffer_view(&bytes));
    buffer_free(&bytes);
    sha256_start(&state);
    sha256_add(&state, text->bytes, text->length);
    sha256_finish(&state, hash);
    return same_hash(in, file, hash, error);
}

static bool open_lines(struct reading *in, enum bundle_file file, size_t limit, struct error *error)
{
    return lines_open(&in->files[file], path_of(in, bundle_names[file]), limit, error) ||
           no_file(file, error);
}

/* False at the end with error->code ERROR_NONE. */
static bool next_line(struct reading *in, enum bundle_file file, struct text *line,
                      struct error *error)
{
    if (lines_next(&in->files[file], line, error))
        return true;
    if (error->code == ERROR_LIMIT || error->code == ERROR_INVALID_TEXT)
        error->code = ERROR_INVALID_BUNDLE;
    return false;
}

/* After the last line. */
static bool close_lines(struct reading *in, enum bundle_file file, struct error *error)
{
    unsigned char hash[SHA256_BYTES];
    lines_hash(&in->files[file], hash);
    return same_hash(in, file, hash, error);
}

/* A line that is a JSON string, in the one spelling. */
static bool read_string(struct reading *in, enum bundle_file file, struct text line,
                        struct text *text, struct error *error)
{
    arena_reset(&in->line);
    bool good = entry_string(&line, &in->line, text) && line.length == 0;
    return good || fail_field(error, ERROR_INVALID_BUNDLE, bundle_names[file],
                              _("the file '%s' has a line that an export would not write"),
                              bundle_names[file]);
}

/* --- What comes beside the heads -------------------------------------------------------- */

static bool read_next_body(struct reading *in, struct error *error)
{
    struct text line;
    struct error why;
    arena_reset(&in->body_arena);
    in->body = (struct entry){.seq = -1};
    if (!next_line(in, BUNDLE_BODIES, &line, error))
        return error->code == ERROR_NONE;
    return (entry_parse(line, &in->body_arena, &in->body, &why) && in->body.has_body &&
            in->body.head.length == 0) ||
           fail_field(error, ERROR_INVALID_BUNDLE, bundle_names[BUNDLE_BODIES],
                      _("the file '%s' has a line that an export would not write"),
                      bundle_names[BUNDLE_BODIES]);
}

static bool open_note(struct reading *in, struct text note, const char *what,
                      struct checkpoint *checkpoint, struct error *error)
{
    struct error why;
    return checkpoint_open(note, &in->key, NULL, 0, checkpoint, NULL, &why) ||
           fail_field(error, why.code, "checkpoint", _("%s: %s"), what, why.message);
}

/* Without its signature: the newest one's says more than all before it. */
static bool parse_note(struct reading *in, struct text note, struct checkpoint *checkpoint,
                       struct error *error)
{
    struct note parsed;
    return note_parse(note, &parsed, error) && checkpoint_parse(parsed.text, checkpoint, error) &&
           (text_equal(checkpoint->origin, text_of(in->key.name)) ||
            fail_field(error, ERROR_NOT_VERIFIED, "checkpoint",
                       _("a checkpoint of the bundle is of the log %.*s, not %s"),
                       TEXT(checkpoint->origin), in->key.name));
}

/* Without an anchor the last checkpoint that meets the policy stands for one. */
static bool judge_next(struct reading *in, struct text note, struct error *error)
{
    bool met = false;
    cJSON *witnesses = NULL;
    if (!cosigned_open(&in->policy, note, &in->key, &in->next, &met, &witnesses, error))
        return false;
    cJSON *unwanted = met ? in->witnesses : witnesses;
    in->witnesses = met ? witnesses : in->witnesses;
    in->cosigned = met ? in->next.size : in->cosigned;
    cJSON_Delete(unwanted);
    return true;
}

static bool open_next(struct reading *in, struct text note, struct error *error)
{
    if (in->judged && !in->has_anchor)
        return judge_next(in, note, error);
    return in->options->all_signatures
               ? open_note(in, note, _("a checkpoint of the bundle"), &in->next, error)
               : parse_note(in, note, &in->next, error);
}

static bool read_next_checkpoint(struct reading *in, struct error *error)
{
    struct text line, note;
    in->next.size = 0;
    if (!next_line(in, BUNDLE_CHECKPOINTS, &line, error))
        return error->code == ERROR_NONE;
    if (!read_string(in, BUNDLE_CHECKPOINTS, line, &note, error))
        return false;
    if (!open_next(in, note, error))
        return false;
    in->checkpoints++;
    return in->next.size > in->walk.edge.size ||
           fail_field(error, ERROR_NOT_VERIFIED, "checkpoint",
                      _("the checkpoint of size %lld is out of order"), (long long)in->next.size);
}

/* --- The walk ------------------------------------------------------------------------------ */

static bool meet(struct reading *in, const struct checkpoint *checkpoint, const char *field,
                 struct error *error)
{
    struct hash root;
    merkle_edge_root(&in->walk.edge, &root);
    return hash_equal(&root, &checkpoint->root) ||
           fail_field(error, ERROR_NOT_VERIFIED, field,
                      _("the records up to %lld are not those that the checkpoint of size %lld "
                        "signs"),
                      (long long)checkpoint->size - 1, (long long)checkpoint->size);
}

static bool meet_all(struct reading *in, struct error *error)
{
    uint64_t size = in->walk.edge.size;
    if (in->has_anchor && !in->anchor_met && in->anchor.size == size) {
        in->anchor_met = true;
        if (!meet(in, &in->anchor, "anchor", error))
            return false;
    }
    return in->next.size != size || size == 0 ||
           (meet(in, &in->next, "checkpoint", error) && read_next_checkpoint(in, error));
}

static bool check_head(struct reading *in, const struct head *head, struct error *error)
{
    int64_t version = head->kind == RECORD_PROGRAMME ? head->version.number : head->programme;
    if (version > in->highest)
        in->highest = version;
    if (head->seq > 0)
        return true;
    struct buffer key = {0};
    verifier_format(&key, &in->key);
    bool own = head->kind == RECORD_GENESIS && text_equal(head->genesis.vkey, buffer_view(&key));
    buffer_free(&key);
    return own || record_broken(error, 0, _("it does not begin a log of this key"));
}

static bool check_record(struct reading *in, struct text line, struct error *error)
{
    struct head head;
    struct entry entry = {.seq = (int64_t)in->walk.edge.size, .head = line};
    if (in->body.seq >= 0 && in->body.seq < entry.seq)
        return record_broken(error, in->body.seq, _("its body is out of place"));
    if (in->body.seq == entry.seq) {
        entry.salt = in->body.salt;
        entry.body = in->body.body;
        entry.has_body = true;
    }
    if (!walk_record(&in->walk, &entry, &head, error) || !check_head(in, &head, error) ||
        (entry.has_body && !read_next_body(in, error)) || !meet_all(in, error))
        return false;
    if (in->options->tell != NULL && in->walk.edge.size % TELL_EVERY == 0 &&
        !in->options->tell(in->options->context, (int64_t)in->walk.edge.size,
                           (int64_t)in->newest.size))
        return fail(error, ERROR_INTERRUPTED, _("stopped before the end"));
    return true;
}

/* Whatever has no record beside it came from elsewhere. */
static bool check_end(struct reading *in, struct error *error)
{
    if (in->body.seq >= 0)
        return record_broken(error, in->body.seq, _("its body is out of place"));
    const struct checkpoint *ahead = in->next.size > 0 ? &in->next : &in->newest;
    if (ahead->size != in->walk.edge.size)
        return fail_field(error, ERROR_NOT_VERIFIED, "checkpoint",
                          _("a checkpoint covers %lld records, the bundle has them up to %lld"),
                          (long long)ahead->size, (long long)in->walk.edge.size - 1);
    if (in->judged && !in->has_anchor && in->cosigned == 0)
        return fail_field(error, ERROR_NOT_VERIFIED, "policy",
                          _("no checkpoint has the cosignatures that the policy demands"));
    return walk_end(&in->walk, error) && meet(in, &in->newest, "checkpoint", error) &&
           close_lines(in, BUNDLE_HEADS, error) && close_lines(in, BUNDLE_BODIES, error) &&
           close_lines(in, BUNDLE_CHECKPOINTS, error);
}

static bool walk(struct reading *in, struct error *error)
{
    struct text line;
    if (!open_lines(in, BUNDLE_HEADS, LIMIT_HEAD_BYTES, error) ||
        !open_lines(in, BUNDLE_BODIES, LIMIT_ENTRY_BYTES, error) ||
        !open_lines(in, BUNDLE_CHECKPOINTS, LIMIT_NOTE_BYTES, error) ||
        !read_next_body(in, error) || !read_next_checkpoint(in, error) || !meet_all(in, error))
        return false;
    while (next_line(in, BUNDLE_HEADS, &line, error))
        if (!check_record(in, line, error))
            return false;
    return error->code == ERROR_NONE && check_end(in, error);
}

/* --- Programme versions -------------------------------------------------------------------- */

static bool check_programme(struct reading *in, struct text text, struct error *error)
{
    struct proof_file file;
    struct entry entry;
    struct head head;
    if (!proof_file_parse(text, &file, error) || !proved_read(&file, &in->line, &entry, error))
        return false;
    if (!text_equal(file.checkpoint, in->note))
        return fail_field(error, ERROR_NOT_VERIFIED, "programmes",
                          _("programme version %lld is proved against another checkpoint"),
                          (long long)in->programmes + 1);
    if (!proved_check(&file, &entry, false, &in->newest, &in->line, &head, error))
        return false;
    in->programmes++;
    return (head.kind == RECORD_PROGRAMME && head.version.number == in->programmes) ||
           fail_field(error, ERROR_NOT_VERIFIED, "programmes",
                      _("record %lld is not programme version %lld"), (long long)head.seq,
                      (long long)in->programmes);
}

static bool check_programmes(struct reading *in, struct error *error)
{
    struct text line, text;
    if (!open_lines(in, BUNDLE_PROGRAMMES, LIMIT_ENTRY_BYTES, error))
        return false;
    while (next_line(in, BUNDLE_PROGRAMMES, &line, error))
        if (!read_string(in, BUNDLE_PROGRAMMES, line, &text, error) ||
            !check_programme(in, text, error))
            return false;
    if (error->code != ERROR_NONE || !close_lines(in, BUNDLE_PROGRAMMES, error))
        return false;
    return in->highest <= in->programmes ||
           fail_field(error, ERROR_NOT_VERIFIED, "programmes",
                      _("programme version %lld is not in the bundle"), (long long)in->highest);
}

/* --- The whole -------------------------------------------------------------------------------- */

static bool read_manifest(struct reading *in, struct error *error)
{
    struct buffer bytes = {0};
    bool good = file_load(path_of(in, BUNDLE_MANIFEST).bytes, LIMIT_NOTE_BYTES, &bytes, error);
    if (!good && error->code == ERROR_NO_FILE)
        fail(error, ERROR_NO_FILE, _("there is no bundle in '%s': it has no manifest"),
             in->options->folder);
    good = good && manifest_parse(buffer_view(&bytes), &in->manifest, error);
    buffer_free(&bytes);
    return good;
}

static bool read_key(struct reading *in, struct error *error)
{
    struct text keys, line = {0}, key = in->options->key;
    if (key.length == 0) {
        fail_field(error, ERROR_MISSING_FIELD, "key",
                   _("a bundle is worth no more than the public key it is checked with"));
        return hint(error, _("give the key that you were told when the ledger was made: --key"));
    }
    if (!verifier_parse(key, &in->key, error) || !read_small(in, BUNDLE_KEYS, &keys, error))
        return false;
    line_next(&keys, &line);
    return text_equal(line, key) || fail_field(error, ERROR_NOT_VERIFIED, "key",
                                               _("the log says that its key is %.*s"), TEXT(line));
}

static bool read_start(struct reading *in, struct error *error)
{
    struct text note, edge;
    struct proof lines;
    struct error why;
    if (!in->manifest.has[BUNDLE_FROM])
        return true;
    if (!read_small(in, BUNDLE_FROM, &note, error) ||
        !open_note(in, note, _("the checkpoint where the bundle starts"), &in->start, error) ||
        !read_small(in, BUNDLE_EDGE, &edge, error))
        return false;
    if (!proof_lines_parse(edge, &lines, &why) ||
        !merkle_edge_decode(
            in->start.size,
            (struct text){(const char *)lines.hashes, lines.count * sizeof *lines.hashes},
            &in->walk.edge, &why))
        return fail_field(error, ERROR_INVALID_BUNDLE, "edge", "%s", why.message);
    return meet(in, &in->start, "edge", error);
}

static bool read_anchor(struct reading *in, struct error *error)
{
    struct error why;
    in->has_anchor = in->options->anchor.length > 0;
    if (!in->has_anchor)
        return true;
    if (!checkpoint_open(in->options->anchor, &in->key, NULL, 0, &in->anchor, NULL, &why))
        return fail_field(error, why.code, "anchor", _("%s: %s"), _("the anchor"), why.message);
    if (in->judged && !cosigned_open(&in->policy, in->options->anchor, &in->key, &in->anchor, NULL,
                                     &in->witnesses, error))
        return false;
    if (in->anchor.size > in->newest.size)
        return fail_field(
            error, ERROR_NOT_VERIFIED, "anchor",
            _("the anchor vouches for %lld records, the log has %lld: its tail was cut"),
            (long long)in->anchor.size, (long long)in->newest.size);
    if (in->anchor.size >= in->start.size)
        return true;
    fail_field(error, ERROR_INVALID_FIELD, "anchor",
               _("the bundle starts at record %lld, after what the anchor vouches for"),
               (long long)in->start.size);
    return hint(error, _("ask for a bundle since the checkpoint that you hold"));
}

static bool read_policy(struct reading *in, struct error *error)
{
    in->judged = in->options->policy.length > 0;
    return !in->judged || policy_parse(in->options->policy, &in->arena, &in->policy, error);
}

static bool read_all(struct reading *in, struct error *error)
{
    return read_manifest(in, error) && read_key(in, error) &&
           read_small(in, BUNDLE_CHECKPOINT, &in->note, error) &&
           open_note(in, in->note, _("the newest checkpoint"), &in->newest, error) &&
           read_policy(in, error) && read_start(in, error) && read_anchor(in, error) &&
           walk(in, error) && check_programmes(in, error);
}

/* Takes the witnesses. */
static cJSON *answer_of(struct reading *in, bool ok)
{
    const struct checkpoint_row row = {(int64_t)in->newest.size, in->note};
    cJSON *answer = cJSON_CreateObject();
    cJSON_AddBoolToObject(answer, "ok", ok);
    cJSON_AddStringToObject(answer, "integrity", ok ? "verified" : "failed");
    cJSON_AddStringToObject(answer, "completeness",
                            !ok                                  ? "unknown"
                            : in->has_anchor || in->cosigned > 0 ? "anchored"
                                                                 : "unanchored");
    cJSON_AddItemToObject(answer, "from", json_points((int64_t)in->start.size, 0));
    cJSON_AddItemToObject(answer, "records", json_points((int64_t)in->walk.edge.size, 0));
    cJSON_AddItemToObject(answer, "bodies", json_points(in->walk.bodies, 0));
    cJSON_AddItemToObject(answer, "erased", json_points(in->walk.absences.erased, 0));
    /* The newest one's signature was checked in any case; with all, it is among them. */
    cJSON_AddItemToObject(
        answer, "checkpoints",
        json_points(in->options->all_signatures ? in->checkpoints : in->newest.size > 0, 0));
    cJSON_AddItemToObject(answer, "programmes", json_points(in->programmes, 0));
    if (in->has_anchor || in->cosigned > 0)
        cJSON_AddItemToObject(
            answer, "anchor",
            json_points((int64_t)(in->has_anchor ? in->anchor.size : in->cosigned), 0));
    if (in->witnesses != NULL)
        cJSON_AddItemToObject(answer, "witnesses", in->witnesses);
    cJSON_AddStringToObject(answer, "origin", in->key.name);
    cJSON_AddItemToObject(answer, "key", json_text(in->options->key));
    if (ok)
        cJSON_AddItemToObject(answer, "checkpoint", answer_checkpoint(&row));
    return answer;
}

bool auditor_verify_bundle(const struct bundle_options *options, cJSON **answer,
                           struct error *error)
{
    struct reading in = {.options = options};
    bool ok = read_all(&in, error);
    *answer = NULL;
    if (ok || error->code == ERROR_NOT_VERIFIED)
        *answer = answer_of(&in, ok);
    else
        cJSON_Delete(in.witnesses);
    for (int file = 0; file < BUNDLE_FILES; file++)
        lines_close(&in.files[file]);
    walk_free(&in.walk);
    arena_free(&in.body_arena);
    arena_free(&in.line);
    arena_free(&in.arena);
    return ok;
}
