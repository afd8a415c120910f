/* See cosigned.h. A cosignature is kept if it holds under a policy that its keeper
 * trusts, whether or not there are enough of them yet. */
#include "cosigned.h"

#include "answer.h"
#include "evidence.h"
#include "prove.h"

/* Of the year 9999: beyond it no moment is written. */
#define LAST_SECOND UINT64_C(253402300799)

static cJSON *witnesses_of(const struct note *opened, const struct verifier *log)
{
    cJSON *list = cJSON_CreateArray();
    for (size_t i = 0; i < opened->count; i++) {
        const struct note_signature *signature = &opened->signatures[i];
        if (signature->by == NULL || signature->by == log)
            continue;
        cJSON *witness = cJSON_CreateObject();
        cJSON_AddStringToObject(witness, "name", signature->by->name);
        cJSON_AddItemToObject(witness, "time",
                              signature->seconds > LAST_SECOND
                                  ? cJSON_CreateNull()
                                  : json_moment((moment)signature->seconds * 1000));
        cJSON_AddItemToArray(list, witness);
    }
    return list;
}

bool cosigned_open(const struct policy *policy, struct text note, const struct verifier *log,
                   struct checkpoint *checkpoint, bool *met, cJSON **witnesses, struct error *error)
{
    struct note opened;
    if (!policy_open(policy, note, log, checkpoint, &opened, met, error))
        return false;
    *witnesses = witnesses_of(&opened, log);
    return true;
}

/* --- Of the ledger --------------------------------------------------------------------- */

bool cosigned_note(struct ledger *ledger, struct arena *arena, const struct checkpoint_row *row,
                   struct text *note, struct error *error)
{
    struct text lines;
    struct buffer whole = {0};
    if (!store_cosignatures(ledger->store, arena, row->size, &lines, error))
        return false;
    buffer_text(&whole, row->note);
    buffer_text(&whole, lines);
    *note = text_copy(arena, buffer_view(&whole));
    buffer_free(&whole);
    return true;
}

/* A line that stands in the ledger was accepted once: what does not hold now was altered. */
static bool altered(int64_t size, struct error *error)
{
    struct error why = *error;
    if (why.code != ERROR_INVALID_NOTE && why.code != ERROR_NOT_VERIFIED)
        return false;
    return fail_field(error, ERROR_NOT_VERIFIED, "policy",
                      _("the cosignatures of the checkpoint of size %lld: %s"), (long long)size,
                      why.message);
}

bool cosigned_newest(struct ledger *ledger, struct arena *arena, const struct policy *policy,
                     const struct verifier *log, struct checkpoint *checkpoint, cJSON **witnesses,
                     struct error *error)
{
    struct checkpoint_row row;
    struct text note;
    bool found = false, met = false;
    int64_t size = INT64_MAX;
    for (;;) {
        if (!store_cosigned(ledger->store, size, &size, error))
            return false;
        if (size < 0)
            return fail_field(error, ERROR_NOT_VERIFIED, "policy",
                              _("no checkpoint has the cosignatures that the policy demands"));
        if (!store_checkpoint(ledger->store, arena, size, &row, &found, error) ||
            !cosigned_note(ledger, arena, &row, &note, error))
            return false;
        if (!cosigned_open(policy, note, log, checkpoint, &met, witnesses, error))
            return altered(row.size, error);
        if (met)
            return true;
        cJSON_Delete(*witnesses);
        *witnesses = NULL;
        size--;
    }
}

/* --- Keeping them ------------------------------------------------------------------------ */

struct keeping {
    struct ledger *ledger;
    struct policy policy;
    struct proving proving;
    struct checkpoint checkpoint;
    struct note opened;
    bool met;
    int64_t added;
};

/* The three lines must be those of our own checkpoint of that size. */
static bool is_ours(struct keeping *in, struct error *error)
{
    struct checkpoint_row row;
    struct note own;
    bool found = false;
    int64_t size = (int64_t)in->checkpoint.size;
    if (!store_checkpoint(in->ledger->store, in->proving.arena, size, &row, &found, error))
        return false;
    if (!found || row.size != size)
        return fail_field(error, ERROR_UNKNOWN_RECORD, "note",
                          _("this ledger has no checkpoint of %lld records"), (long long)size);
    return (note_parse(row.note, &own, error) && text_equal(own.text, in->opened.text)) ||
           fail_field(error, ERROR_NOT_VERIFIED, "note",
                      _("this ledger's checkpoint of %lld records is another one"),
                      (long long)size);
}

static bool keep(struct keeping *in, struct error *error)
{
    if (!proving_begin(&in->proving, in->ledger, error) || !is_ours(in, error))
        return false;
    for (size_t i = 0; i < in->opened.count; i++) {
        const struct note_signature *signature = &in->opened.signatures[i];
        bool added = false;
        if (signature->by == NULL || signature->by->kind != KEY_COSIGNATURE)
            continue;
        if (!store_add_cosignature(in->ledger->store, (int64_t)in->checkpoint.size, signature->line,
                                   &added, error))
            return false;
        in->added += added ? 1 : 0;
    }
    return true;
}

static bool keep_all(struct keeping *in, struct text note, struct error *error)
{
    struct verifier log;
    if (!verifier_parse(in->ledger->vkey, &log, error) ||
        !policy_open(&in->policy, note, &log, &in->checkpoint, &in->opened, &in->met, error) ||
        !store_begin_write(in->ledger->store, error))
        return false;
    if (keep(in, error) && store_commit(in->ledger->store, error))
        return true;
    store_rollback(in->ledger->store);
    return false;
}

bool ledger_add_cosignatures(struct ledger *ledger, struct text note, struct text policy,
                             cJSON **answer, struct error *error)
{
    struct keeping in = {.ledger = ledger};
    struct arena arena = {0};
    state_clear(&ledger->state);
    arena_reset(&ledger->batch);
    bool ok = policy_parse(policy, &arena, &in.policy, error) && keep_all(&in, note, error);
    if (ok) {
        *answer = cJSON_CreateObject();
        cJSON_AddBoolToObject(*answer, "ok", true);
        cJSON_AddItemToObject(*answer, "size", json_points((int64_t)in.checkpoint.size, 0));
        cJSON_AddItemToObject(*answer, "added", json_points(in.added, 0));
        cJSON_AddBoolToObject(*answer, "met", in.met);
    }
    arena_free(&arena);
    return ok;
}
