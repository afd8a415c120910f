/* Erasing a member: what the ledger knows of a person goes, what it has counted stays.
 *
 * The record names the bodies that it takes, so that whoever verifies the log knows from
 * heads alone which are gone by right. Points that the member has left need a decision
 * that is said: nobody loses them by accident. */
#include "erasable.h"
#include "moves.h"

struct erasing {
    struct context *context;
    struct luggage luggage; /* what is forfeited */
    struct erased_range *ranges;
    size_t range_count;
};

static bool begin(struct context *context, bool *duplicate, struct error *error)
{
    static const enum field needed[] = {FIELD_REF, FIELD_MEMBER, FIELD_REASON};
    bool enrol = false;
    for (size_t i = 0; i < sizeof needed / sizeof *needed; i++) {
        if (!require(context, needed[i], error))
            return false;
    }
    context->version = version_at(context->ledger, context->time);
    if (!resolve_member(context, context->request->member, &enrol, error))
        return false;
    context->has_key = true;
    hash_ref(context, context->request->ref, context->key);
    return check_keys(context, duplicate, error);
}

static bool may_go(struct context *context, struct error *error)
{
    const struct member_row *row = &context->member->row;
    if (row->erased != 0)
        return fail_field(error, ERROR_ERASED, "member", _("the member was erased, by record %lld"),
                          (long long)row->erased);
    if (row->hold <= context->time)
        return true;
    fail_field(error, ERROR_ON_HOLD, "member", _("what is held on the member must be kept"));
    return hint(error, _("who asked for that may end it: member hold --release"));
}

static bool open_balance(struct error *error)
{
    fail_field(error, ERROR_OPEN_BALANCE, "balance", _("the member has points, or owes some"));
    return hint(error, _("say what becomes of them: \"balance\": \"forfeit\" lets them lapse, "
                         "\"keep\" leaves them to nobody"));
}

/* What the member has left, or shares, needs a word. */
static bool settle(struct erasing *in, struct error *error)
{
    struct context *context = in->context;
    enum balance_mode mode = context->request->balance;
    if (mode == BALANCE_KEEP)
        return true;
    if (context->wallet->id != context->member_id) {
        fail_field(error, ERROR_IN_HOUSEHOLD, "member", _("the member is in a household"));
        return hint(error, _("they must leave it first; or \"balance\": \"keep\" leaves the "
                             "points to the others"));
    }
    if (!nothing_reserved(context, error) || !pack_lots(context, 0, &in->luggage, error))
        return false;
    pack_debts(context, &in->luggage);
    bool nothing = in->luggage.lot_count == 0 && in->luggage.debt_count == 0;
    return nothing || mode == BALANCE_FORFEIT || open_balance(error);
}

/* Points lapse; what was owed is given up. */
static void forfeit(struct erasing *in, struct movements *movements)
{
    send_lots(in->context, &in->luggage, ACCOUNT_EXPIRED, movements);
    for (size_t i = 0; i < in->luggage.debt_count; i++) {
        const struct moved_debt *debt = &in->luggage.debts[i];
        move_points(in->context, movements, debt->currency, ACCOUNT_ADJUSTED, ACCOUNT_DEBT,
                    debt->amount, -1);
    }
}

/* So many ranges as a head can hold. */
static void take_ranges(struct erasing *in, struct head *head)
{
    head->erased = in->ranges;
    head->erased_count = in->range_count > LIMIT_ERASED ? LIMIT_ERASED : in->range_count;
    in->ranges += head->erased_count;
    in->range_count -= head->erased_count;
}

static bool write_erasure(struct erasing *in, struct error *error)
{
    struct context *context = in->context;
    struct movements movements = {0};
    struct head *head = record_new(context, RECORD_MEMBER_ERASE);
    set_keys(context, head);
    take_ranges(in, head);
    forfeit(in, &movements);
    if (!record_write_movements(context, head, &movements,
                                body_of(context, false, (struct text){0}), error))
        return false;
    while (in->range_count > 0) {
        head = arrival(context, RECORD_MEMBER_ERASE);
        take_ranges(in, head);
        if (!record_write(context, head, (struct text){0}, error))
            return false;
    }
    return true;
}

/* In the vault: no card and no phone leads to them any more. */
static bool unlink_all(struct context *context, struct error *error)
{
    struct identifier **list = NULL;
    size_t count = 0;
    if (!state_identifiers_of(context->state, context->member_id, &list, &count, error))
        return false;
    for (size_t i = 0; i < count; i++) {
        if (!state_set_identifier(context->state, list[i], 0, error))
            return false;
    }
    return true;
}

bool member_erase(struct context *context, struct error *error)
{
    struct erasing in = {.context = context};
    struct erasable erasable = {0};
    bool duplicate = false;
    if (!begin(context, &duplicate, error))
        return false;
    if (duplicate)
        return true;
    if (!load_member(context, error) || !may_go(context, error) || !advance(context, error) ||
        !settle(&in, error) || !erasable_of(context, &erasable, error))
        return false;
    erasable_ranges(context, &erasable, &in.ranges, &in.range_count);
    /* From here on nothing is refused. */
    return write_erasure(&in, error) && unlink_all(context, error);
}
