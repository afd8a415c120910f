/* A cosigner says: I have seen this state of the log, and it has grown out of the one
 * that I saw before. What makes that worth anything is memory: beside the key lies,
 * for each log, the checkpoint that was cosigned last. The new one is written
 * there, durably, before it is signed, so that no crash and no second process can make this
 * key vouch for two histories. Without its memory the key refuses to sign. */
#include <sodium.h>
#include <time.h>

#include "answer.h"
#include "auditor.h"
#include "checkpoint.h"
#include "fork.h"
#include "json.h"
#include "key.h"
#include "limits.h"
#include "proof.h"
#include "spelling.h"
#include "whole_file.h"

enum { PRIVATE_FILE = 0600 };

struct cosigning {
    const struct cosign_options *options;
    struct arena arena;
    struct signer signer; /* wiped at the end */
    struct verifier log;
    struct text memory_path;
    struct buffer memory; /* a signed note as a JSON string for each log, one a line */
    struct growth_file growth;
    struct checkpoint last, next;
    struct text last_note; /* ... as it was signed */
    struct fork fork;      /* where the two contradict each other */
    struct text last_line; /* of the memory; empty: this log was never cosigned */
};

static struct text memory_path(struct arena *arena, const char *key_file)
{
    return text_format(arena, "%s.signed", key_file);
}

/* --- A new cosigner -------------------------------------------------------------------- */

static cJSON *key_answer(const struct verifier *verifier, const char *key_file)
{
    struct buffer key = {0};
    cJSON *answer = cJSON_CreateObject();
    verifier_format(&key, verifier);
    cJSON_AddBoolToObject(answer, "ok", true);
    cJSON_AddItemToObject(answer, "cosigner", json_text(buffer_view(&key)));
    cJSON_AddStringToObject(answer, "key_file", key_file);
    buffer_free(&key);
    return answer;
}

bool auditor_new_cosigner(struct text name, const char *key_file, cJSON **answer,
                          struct error *error)
{
    struct signer signer;
    struct arena arena = {0};
    bool made =
        signer_generate(name, KEY_COSIGNATURE, &signer, error) &&
        key_file_create(key_file, &signer, error) &&
        file_replace(memory_path(&arena, key_file).bytes, (struct text){0}, PRIVATE_FILE, error);
    if (made)
        *answer = key_answer(&signer.verifier, key_file);
    signer_wipe(&signer);
    arena_free(&arena);
    return made;
}

/* --- Memory ------------------------------------------------------------------------------- */

static bool damaged(const struct cosigning *in, struct error *error)
{
    fail(error, ERROR_CORRUPT, _("the cosigner's memory '%s' is damaged"), in->memory_path.bytes);
    return hint(error, _("bring it back from a backup: without it this key could vouch for two "
                         "histories"));
}

/* A line of the memory; *other where it is of another log. */
static bool read_line(struct cosigning *in, struct text line, bool *other, struct error *error)
{
    struct note note;
    struct error why;
    cJSON *item = json_parse(line, &why);
    struct text text = text_copy(&in->arena, text_of(cJSON_GetStringValue(item)));
    cJSON_Delete(item);
    struct checkpoint checkpoint;
    if (!note_parse(text, &note, &why) || !checkpoint_parse(note.text, &checkpoint, &why))
        return damaged(in, error);
    *other = !text_equal(checkpoint.origin, text_of(in->log.name));
    if (*other)
        return true;
    in->last_note = text;
    if (checkpoint_open(text, &in->log, NULL, 0, &in->last, NULL, &why))
        return true;
    fail_field(error, ERROR_KEY_WRONG, "log", _("this cosigner knows the log %s under another key"),
               in->log.name);
    return hint(error, _("two keys of one name are two logs, or a fraud: cosign with another key"));
}

static bool read_memory(struct cosigning *in, struct error *error)
{
    struct text rest, line;
    merkle_empty(&in->last.root);
    if (!file_load(in->memory_path.bytes, LIMIT_NOTE_BYTES, &in->memory, error)) {
        if (error->code != ERROR_NO_FILE)
            return false;
        fail(error, ERROR_CORRUPT, _("the cosigner's memory '%s' is missing"),
             in->memory_path.bytes);
        return hint(error, _("bring it back from a backup: without it this key could vouch for two "
                             "histories"));
    }
    rest = buffer_view(&in->memory);
    while (line_next(&rest, &line)) {
        bool other = false;
        if (!read_line(in, line, &other, error))
            return false;
        if (!other)
            in->last_line = line;
    }
    return rest.length == 0 || damaged(in, error);
}

/* The memory with the new checkpoint in place of the last one of this log. */
static bool remember(struct cosigning *in, struct error *error)
{
    struct buffer next = {0};
    struct text rest = buffer_view(&in->memory), line;
    while (line_next(&rest, &line)) {
        if (line.bytes == in->last_line.bytes)
            continue;
        buffer_text(&next, line);
        buffer_byte(&next, '\n');
    }
    json_string(&next, in->growth.checkpoint);
    buffer_byte(&next, '\n');
    bool kept = file_replace(in->memory_path.bytes, buffer_view(&next), PRIVATE_FILE, error);
    buffer_free(&next);
    return kept;
}

/* --- Signing ---------------------------------------------------------------------------------- */

static bool read_request(struct cosigning *in, struct error *error)
{
    const struct verifier *own[] = {&in->signer.verifier};
    if (!verifier_parse(in->options->log, &in->log, error) ||
        !growth_file_parse(in->options->growth, &in->growth, error) ||
        !key_file_load(in->options->key_file, &in->signer, error))
        return false;
    if (in->signer.verifier.kind != KEY_COSIGNATURE)
        return fail(error, ERROR_KEY_WRONG,
                    _("'%s' is a log's key; a cosigner signs with one of its own"),
                    in->options->key_file);
    return checkpoint_open(in->growth.checkpoint, &in->log, own, 1, &in->next, NULL, error);
}

static bool contradiction(const struct cosigning *in, struct error *error)
{
    return hint(error,
                _("keep both: this file and '%s' hold two signed states that contradict "
                  "each other, or one that was cut"),
                in->memory_path.bytes);
}

/* Refused are, in this order: an older state, another state of the same size, a proof that
 * does not start where this cosigner left off, and one that does not hold. */
static bool check(struct cosigning *in, struct error *error)
{
    if (in->next.size < in->last.size) {
        fail(error, ERROR_NOT_VERIFIED,
             _("this cosigner has signed %lld records of %s; this checkpoint has %lld"),
             (long long)in->last.size, in->log.name, (long long)in->next.size);
        return contradiction(in, error);
    }
    if (in->next.size == in->last.size && !hash_equal(&in->next.root, &in->last.root)) {
        in->fork = (struct fork){.ours = in->last_note, .theirs = in->growth.checkpoint};
        return fork_fail(&in->fork, &in->log, state_folder(NULL, false, &in->arena), "growth",
                         &in->arena, error);
    }
    if (in->growth.old != in->last.size) {
        fail(error, ERROR_INVALID_PROOF,
             _("this cosigner has signed %lld records of %s; the proof starts at %lld"),
             (long long)in->last.size, in->log.name, (long long)in->growth.old);
        return hint(error, _("ask for `loyalty prove --since %lld`"), (long long)in->last.size);
    }
    if (proof_consistency_verify(in->last.size, in->next.size, &in->last.root, &in->next.root,
                                 &in->growth.proof, error))
        return true;
    return error->code != ERROR_NOT_VERIFIED ? false : contradiction(in, error);
}

static bool sign(struct cosigning *in, cJSON **answer, struct error *error)
{
    struct buffer note = {0}, line = {0};
    struct note opened;
    bool made = note_parse(in->growth.checkpoint, &opened, error) &&
                checkpoint_cosign(&line, opened.text, &in->signer, (uint64_t)time(NULL), error);
    if (made) {
        buffer_text(&note, in->growth.checkpoint);
        buffer_text(&note, buffer_view(&line));
        *answer = key_answer(&in->signer.verifier, in->options->key_file);
        cJSON_AddStringToObject(*answer, "origin", in->log.name);
        cJSON_AddItemToObject(*answer, "since", json_points((int64_t)in->last.size, 0));
        cJSON_AddItemToObject(*answer, "size", json_points((int64_t)in->next.size, 0));
        cJSON_AddItemToObject(*answer, "line", json_text(buffer_view(&line)));
        cJSON_AddItemToObject(*answer, "note", json_text(buffer_view(&note)));
    }
    buffer_free(&note);
    buffer_free(&line);
    return made;
}

bool auditor_cosign(const struct cosign_options *options, cJSON **answer, struct error *error)
{
    struct cosigning in = {.options = options};
    int lock = -1;
    in.memory_path = memory_path(&in.arena, options->key_file);
    bool ok = read_request(&in, error) &&
              file_lock(text_format(&in.arena, "%s.lock", options->key_file).bytes, PRIVATE_FILE,
                        &lock, error) &&
              read_memory(&in, error) && check(&in, error) && remember(&in, error) &&
              sign(&in, answer, error);
    if (!ok && error->code == ERROR_FORK)
        *answer = fork_report(&in.fork, NULL);
    file_unlock(lock);
    signer_wipe(&in.signer);
    buffer_free(&in.memory);
    arena_free(&in.arena);
    return ok;
}
