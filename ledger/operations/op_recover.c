/* Going on with an older copy: what was signed after it is given up, for a reason, and the
 * record says which state that was, so that no auditor is left to find out alone. */
#include <stdio.h>

#include "context.h"
#include "highwater.h"

struct giving_up {
    struct context *context;
    struct checkpoint lost; /* size 0: nothing is lost so far */
};

void recover_key(const struct ledger *ledger, int64_t number, unsigned char out[KEY_HASH_BYTES])
{
    char digits[24];
    snprintf(digits, sizeof digits, "%lld", (long long)number);
    keyed_hash_of(&ledger->keyed, "recover", text_of(digits), out);
}

/* Recoveries are numbered by their keys, so that they are found without reading the log. */
static bool set_key(struct context *context, struct error *error)
{
    struct key *key = NULL;
    int64_t number = 1;
    for (;;) {
        recover_key(context->ledger, number++, context->key);
        if (!state_key(context->state, context->key, &key, error))
            return false;
        if (key->row.seq < 0)
            break;
    }
    context->has_key = true;
    return true;
}

/* Of several states that are lost the record names the one with the most records. */
static bool consider(struct giving_up *in, struct text note, struct error *error)
{
    struct checkpoint state;
    enum standing standing = STANDING_UNSIGNED;
    if (note.length > 0 && !ledger_standing(in->context->ledger, note, &state, &standing, error))
        return false;
    bool lost = standing == STANDING_AHEAD || standing == STANDING_CONTRADICTS;
    if (lost && state.size > in->lost.size)
        in->lost = state;
    return true;
}

static bool find_lost(struct giving_up *in, struct error *error)
{
    struct context *context = in->context;
    const struct replay *replay = context->ledger->replay;
    if (replay != NULL) {
        in->lost.size = (uint64_t)replay->lost_size;
        memcpy(in->lost.root.bytes, replay->lost_root, HASH_BYTES);
        return true;
    }
    if (!consider(in, highwater_note(context->ledger, context->arena), error) ||
        !consider(in, context->request->anchor, error))
        return false;
    if (in->lost.size > 0)
        return true;
    fail(error, ERROR_NOT_RESTORED,
         _("nothing is known of this ledger that it does not hold: it needs no recovery"));
    return hint(error, _("a checkpoint that a till was given, and that is lost, goes along as "
                         "\"anchor\""));
}

bool recover(struct context *context, struct error *error)
{
    struct giving_up in = {.context = context};
    bool duplicate = false;
    if (!require(context, FIELD_REASON, error) || !set_key(context, error) ||
        !check_keys(context, &duplicate, error) || !find_lost(&in, error))
        return false;
    /* From here on nothing is refused. */
    struct head *head = record_new(context, RECORD_RECOVER);
    head->lost.size = (int64_t)in.lost.size;
    memcpy(head->lost.root, in.lost.root.bytes, HASH_BYTES);
    set_keys(context, head);
    return record_write(context, head, body_of(context, false, (struct text){0}), error);
}
