/* One record, proved by one file: its head and body stand in the file's "extra",
 * which nothing vouches for until the way from the head to the signed root holds. */
#include "answer.h"
#include "auditor.h"
#include "cosigned.h"
#include "proved.h"
#include "spelling.h"

struct proving {
    struct arena arena;
    struct text policy;
    struct verifier key;
    cJSON *witnesses; /* with a policy */
    struct proof_file file;
    struct checkpoint checkpoint;
    struct entry entry;
    struct head head;
};

bool proved_read(const struct proof_file *file, struct arena *arena, struct entry *entry,
                 struct error *error)
{
    size_t length = 0, room = file->extra.length;
    struct error why;
    if (!file->has_extra) {
        fail_field(error, ERROR_INVALID_PROOF, "proof",
                   _("the proof file does not carry the record that it proves"));
        return hint(error, _("`loyalty prove` writes it behind the word \"extra\""));
    }
    char *line = arena_allocate(arena, room + 1);
    if (base64_parse(file->extra, line, room, &length) &&
        entry_parse((struct text){line, length}, arena, entry, &why) && entry->head.length > 0)
        return true;
    return fail_field(error, ERROR_INVALID_PROOF, "proof",
                      _("the proof file's extra data are no record"));
}

bool proved_check(const struct proof_file *file, const struct entry *entry, bool without_body,
                  const struct checkpoint *checkpoint, struct arena *arena, struct head *head,
                  struct error *error)
{
    struct hash leaf;
    if (file->index != (uint64_t)entry->seq)
        return fail_field(error, ERROR_NOT_VERIFIED, "proof",
                          _("the proof is of record %lld, and what it carries is record %lld"),
                          (long long)file->index, (long long)entry->seq);
    merkle_leaf(entry->head.bytes, entry->head.length, &leaf);
    return proof_inclusion_verify(file->index, checkpoint->size, &leaf, &file->proof,
                                  &checkpoint->root, error) &&
           entry_check(entry, without_body, arena, head, error);
}

static bool read_all(struct proving *in, struct text file, struct text key, struct error *error)
{
    if (key.length == 0) {
        fail_field(error, ERROR_MISSING_FIELD, "key",
                   _("a proof is worth no more than the public key it is checked with"));
        return hint(error, _("give the key that you were told when the ledger was made: --key"));
    }
    return verifier_parse(key, &in->key, error) && proof_file_parse(file, &in->file, error) &&
           proved_read(&in->file, &in->arena, &in->entry, error);
}

static bool open_note(struct proving *in, struct error *error)
{
    struct text note = in->file.checkpoint;
    struct policy policy;
    if (in->policy.length == 0)
        return checkpoint_open(note, &in->key, NULL, 0, &in->checkpoint, NULL, error);
    return policy_parse(in->policy, &in->arena, &policy, error) &&
           cosigned_open(&policy, note, &in->key, &in->checkpoint, NULL, &in->witnesses, error);
}

static bool check(struct proving *in, struct error *error)
{
    return open_note(in, error) &&
           proved_check(&in->file, &in->entry, true, &in->checkpoint, &in->arena, &in->head, error);
}

/* Takes the witnesses. */
static cJSON *answer_of(const struct proving *in, bool ok)
{
    cJSON *answer = cJSON_CreateObject();
    cJSON_AddBoolToObject(answer, "ok", ok);
    cJSON_AddStringToObject(answer, "integrity", ok ? "verified" : "failed");
    cJSON_AddStringToObject(answer, "origin", in->key.name);
    cJSON_AddItemToObject(answer, "seq", json_points(in->entry.seq, 0));
    if (in->witnesses != NULL)
        cJSON_AddItemToObject(answer, "witnesses", in->witnesses);
    if (!ok)
        return answer;
    const struct checkpoint_row row = {(int64_t)in->checkpoint.size, in->file.checkpoint};
    cJSON_AddItemToObject(answer, "head", json_text(in->entry.head));
    cJSON_AddItemToObject(answer, "body",
                          in->entry.has_body ? json_text(in->entry.body) : cJSON_CreateNull());
    cJSON_AddBoolToObject(answer, "body_named", in->head.has_body);
    cJSON_AddItemToObject(answer, "checkpoint", answer_checkpoint(&row));
    return answer;
}

bool auditor_verify_proof(struct text file, struct text key, struct text policy, cJSON **answer,
                          struct error *error)
{
    struct proving in = {.policy = policy};
    *answer = NULL;
    bool ok = false;
    if (read_all(&in, file, key, error)) {
        ok = check(&in, error);
        if (ok || error->code == ERROR_NOT_VERIFIED)
            *answer = answer_of(&in, ok);
        else
            cJSON_Delete(in.witnesses);
    }
    arena_free(&in.arena);
    return ok;
}
