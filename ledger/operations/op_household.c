/* Households: members who share one wallet. Who enters brings along what they have, or
 * forfeits it; who leaves takes what they earned, or leaves it; who goes last takes
 * everything. Carry and counters remain each member's own. */
#include <stdlib.h>

#include "moves.h"

static const char PREFIX[] = "household:";

/* --- Which household ------------------------------------------------------------- */

/* The name as the body keeps it, however it was typed. */
static void read_name(struct context *context)
{
    struct text typed = context->request->household;
    size_t length = sizeof PREFIX - 1;
    char id[MEMBER_ID_CHARS + 1];
    context->household = 0;
    if (typed.length <= length || memcmp(typed.bytes, PREFIX, length) != 0 ||
        !member_id_parse_typed((struct text){typed.bytes + length, typed.length - length},
                               &context->household))
        return;
    struct request *normalised = arena_allocate(context->arena, sizeof *normalised);
    *normalised = *context->request;
    member_id_format(context->household, id);
    normalised->household = text_format(context->arena, "%s%s", PREFIX, id);
    context->request = normalised;
}

/* Who shares a wallet now, by id. */
static bool inhabitants(struct context *context, uint64_t wallet, uint64_t **members, size_t *count,
                        struct error *error)
{
    struct household *household = NULL;
    *count = 0;
    if (!state_household(context->state, wallet, &household, error))
        return false;
    *members = arena_allocate(context->arena, (household->count + 1) * sizeof **members);
    for (size_t i = 0; i < household->count; i++) {
        if (household->rows[i].active != 0)
            (*members)[(*count)++] = household->rows[i].member;
    }
    memory_sort(*members, *count, sizeof **members, member_id_compare);
    return true;
}

bool open_household(struct context *context, uint64_t **members, size_t *count, struct error *error)
{
    read_name(context);
    if (!inhabitants(context, context->household, members, count, error))
        return false;
    if (*count == 0)
        return fail_field(error, ERROR_UNKNOWN_HOUSEHOLD, "household",
                          _("there is no household \"%.*s\""), TEXT(context->request->household));
    context->member_id = (*members)[0];
    return load_member(context, error) && advance(context, error);
}

/* --- Entering ---------------------------------------------------------------------- */

static bool begin(struct context *context, bool *duplicate, struct error *error)
{
    bool enrol = false;
    if (!require(context, FIELD_REF, error) || !require(context, FIELD_MEMBER, error) ||
        !resolve_version(context, error) ||
        !resolve_member(context, context->request->member, &enrol, error))
        return false;
    return check_ref(context, context->request->ref, duplicate, error) &&
           (*duplicate || load_member(context, error));
}

static bool may_enter(struct context *context, struct error *error)
{
    if (context->version->programme->households.most == 0) {
        fail(error, ERROR_NOT_ALLOWED, _("the programme has no households"));
        return hint(error, _("\"households\": {} in the programme allows them"));
    }
    if (context->wallet->id != context->member_id) {
        fail_field(error, ERROR_IN_HOUSEHOLD, "member", _("the member is in a household already"));
        return hint(error, _("they must leave it first"));
    }
    return advance(context, error) && nothing_reserved(context, error);
}

/* A number that neither a household nor a member has. */
static bool draw_household(struct context *context, struct error *error)
{
    struct household *household = NULL;
    struct member *member = NULL;
    context->household = context->ledger->replay == NULL ? 0 : context->ledger->replay->wallet;
    while (context->household == 0) {
        uint64_t id = member_id_random();
        if (!state_household(context->state, id, &household, error) ||
            !state_member(context->state, id, &member, error))
            return false;
        if (household->count == 0 && !member->exists)
            context->household = id;
    }
    return true;
}

/* What the member has goes from their own wallet to the household's. */
static bool enter(struct context *context, enum record_kind kind, struct error *error)
{
    bool forfeits = context->version->programme->households.on_join == JOIN_FORFEIT;
    struct luggage luggage = {0};
    struct movements out = {0}, in = {0};
    struct context inside = *context;
    if (!state_wallet(context->state, context->household, &inside.wallet, error) ||
        !pack_lots(context, 0, &luggage, error))
        return false;
    pack_debts(context, &luggage);
    send_lots(context, &luggage, forfeits ? ACCOUNT_EXPIRED : ACCOUNT_MOVED, &out);
    send_debts(context, &luggage, &out);
    luggage.lot_count = forfeits ? 0 : luggage.lot_count;
    if (!room_for(&inside, &luggage, error))
        return false;
    /* From here on nothing is refused. */
    struct head *head = record_new(context, kind);
    set_keys(context, head);
    head->with = kind == RECORD_HOUSEHOLD_CREATE ? context->household : 0;
    if (!record_write_movements(context, head, &out, body_of(context, false, (struct text){0}),
                                error))
        return false;
    head = arrival(&inside, kind);
    receive_debts(&inside, &luggage, &in);
    receive_lots(&inside, head, &luggage, &in);
    return record_write_movements(&inside, head, &in, (struct text){0}, error);
}

bool household_create(struct context *context, struct error *error)
{
    bool duplicate = false;
    if (!begin(context, &duplicate, error))
        return false;
    if (duplicate)
        return true;
    return may_enter(context, error) && draw_household(context, error) &&
           enter(context, RECORD_HOUSEHOLD_CREATE, error);
}

bool household_join(struct context *context, struct error *error)
{
    struct context home;
    uint64_t *members = NULL;
    size_t count = 0;
    bool duplicate = false;
    if (!require(context, FIELD_HOUSEHOLD, error))
        return false;
    read_name(context);
    if (!begin(context, &duplicate, error))
        return false;
    if (duplicate)
        return true;
    if (!may_enter(context, error))
        return false;
    home = *context; /* its wallet is advanced by one of its own: nobody else has it yet */
    if (!open_household(&home, &members, &count, error))
        return false;
    int64_t most = context->version->programme->households.most;
    if ((int64_t)count >= most)
        return fail_field(error, ERROR_OVER_LIMIT, "household",
                          _("a household has at most %lld members"), (long long)most);
    return enter(context, RECORD_HOUSEHOLD_JOIN, error);
}

/* --- Leaving ------------------------------------------------------------------------- */

/* What goes along with a member, of whom `count` shared the wallet. */
static bool pack_for_leaving(struct context *context, size_t count, struct luggage *luggage,
                             struct error *error)
{
    bool takes = context->version->programme->households.on_leave == LEAVE_TAKE;
    if (count > 1)
        return !takes || pack_lots(context, context->member_id, luggage, error);
    pack_debts(context, luggage);
    return pack_lots(context, 0, luggage, error);
}

bool household_leave(struct context *context, struct error *error)
{
    struct luggage luggage = {0};
    struct movements out = {0}, in = {0};
    struct context outside;
    uint64_t *members = NULL;
    size_t count = 0;
    bool duplicate = false;
    if (!begin(context, &duplicate, error))
        return false;
    if (duplicate)
        return true;
    if (context->wallet->id == context->member_id)
        return fail_field(error, ERROR_NOT_IN_HOUSEHOLD, "member",
                          _("the member is in no household"));
    outside = *context;
    if (!advance(context, error) || !nothing_reserved(context, error) ||
        !inhabitants(context, context->wallet->id, &members, &count, error) ||
        !pack_for_leaving(context, count, &luggage, error) ||
        !state_wallet(context->state, context->member_id, &outside.wallet, error) ||
        !room_for(&outside, &luggage, error))
        return false;
    /* From here on nothing is refused. */
    struct head *head = record_new(context, RECORD_HOUSEHOLD_LEAVE);
    set_keys(context, head);
    send_lots(context, &luggage, ACCOUNT_MOVED, &out);
    send_debts(context, &luggage, &out);
    if (!record_write_movements(context, head, &out, body_of(context, false, (struct text){0}),
                                error))
        return false;
    head = arrival(&outside, RECORD_HOUSEHOLD_LEAVE);
    receive_debts(&outside, &luggage, &in);
    receive_lots(&outside, head, &luggage, &in);
    return record_write_movements(&outside, head, &in, (struct text){0}, error);
}
