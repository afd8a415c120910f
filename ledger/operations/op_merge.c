/* Two memberships become one: somebody had a card too many. What the one has goes to
 * the other, and whoever names the one means the other from then on. */
#include "moves.h"
#include "tiering.h"

/* The member who goes is the context's; the one who stays has a context of their own. */
struct merging {
    struct context *context, into;
    struct luggage luggage;
    struct luggage there; /* what the wallet that stays can pay a debt with */
    struct carry_value left[LIMIT_CURRENCIES], kept[LIMIT_CURRENCIES];
    int64_t whole[LIMIT_CURRENCIES]; /* what both fractions together issue */
    size_t carry_count;
    struct count *counts;
    size_t count_count;
    struct text level; /* of the member who goes, as it is recorded */
};

/* --- The ladder ----------------------------------------------------------------- */

static bool begin(struct context *context, bool *duplicate, struct error *error)
{
    bool enrol = false;
    if (!require(context, FIELD_REF, error) || !require(context, FIELD_MEMBER, error) ||
        !require(context, FIELD_INTO, error) || !resolve_version(context, error) ||
        !resolve_member(context, context->request->member, &enrol, error) ||
        !resolve_other(context, FIELD_INTO, context->request->into, error))
        return false;
    return check_ref(context, context->request->ref, duplicate, error);
}

static bool may_merge(struct merging *in, struct error *error)
{
    struct context *context = in->context;
    if (!load_member(context, error) ||
        !unknown_other(context, FIELD_INTO, context->request->into, error))
        return false;
    if (context->member_id == context->other_id)
        return fail_field(error, ERROR_TO_ONESELF, "into", _("the two are one member already"));
    if (context->wallet->id != context->member_id) {
        fail_field(error, ERROR_IN_HOUSEHOLD, "member", _("the member is in a household"));
        return hint(error, _("they must leave it first"));
    }
    in->into = *context;
    in->into.member_id = context->other_id;
    return advance(context, error) && nothing_reserved(context, error) &&
           load_member(&in->into, error) && advance(&in->into, error);
}

/* Both fractions added: less than a whole is kept, a whole is issued. */
static bool add_carries(struct merging *in, struct error *error)
{
    const struct member *gone = in->context->member;
    for (size_t i = 0; i < gone->carry_count; i++) {
        struct text currency = gone->carries[i]->row.currency;
        struct fraction left = state_carry(gone, currency);
        struct fraction kept = state_carry(in->into.member, currency);
        if (left.numerator == 0)
            continue;
        if (!carry_step(&kept, left, false, &in->whole[in->carry_count], error))
            return false;
        in->left[in->carry_count] = (struct carry_value){currency, 0, 1};
        in->kept[in->carry_count++] =
            (struct carry_value){currency, (int64_t)kept.numerator, kept.denominator};
    }
    return true;
}

static bool add_counters(struct merging *in, struct error *error)
{
    struct context *context = in->context;
    struct counter **counters = NULL;
    size_t count = 0;
    if (!state_counters_of(context->state, context->member_id, &counters, &count, error))
        return false;
    in->counts = arena_allocate(context->arena, (count + 1) * sizeof *in->counts);
    for (size_t i = 0; i < count; i++) {
        const struct counter_row *row = &counters[i]->row;
        in->counts[in->count_count++] =
            (struct count){COUNTS_MEMBER, row->name, row->bucket, row->value};
    }
    return true;
}

/* Their row goes with the first record. */
static bool remember_level(struct merging *in, struct error *error)
{
    struct tier *tier = NULL;
    if (!state_tier(in->context->state, in->context->member_id, &tier, error))
        return false;
    in->level = text_copy(in->context->arena, tier->row.state);
    return true;
}

/* --- The records ------------------------------------------------------------------ */

static bool write_gone(struct merging *in, struct error *error)
{
    struct context *context = in->context;
    struct movements movements = {0};
    struct head *head = record_new(context, RECORD_MEMBER_MERGE);
    set_keys(context, head);
    head->with = context->other_id;
    head->carries = in->left;
    head->carry_count = in->carry_count;
    send_lots(context, &in->luggage, ACCOUNT_MOVED, &movements);
    send_debts(context, &in->luggage, &movements);
    return record_write_movements(context, head, &movements,
                                  body_of(context, false, (struct text){0}), error);
}

/* A debt that comes along is paid from what is there, only the rest is owed. */
static void pay_debts(struct merging *in, struct movements *movements)
{
    for (size_t d = 0; d < in->luggage.debt_count; d++) {
        struct moved_debt *debt = &in->luggage.debts[d];
        for (size_t i = 0; i < in->there.lot_count && debt->amount > 0; i++) {
            const struct moved_lot *lot = &in->there.lots[i];
            if (!text_equal(lot->currency, debt->currency))
                continue;
            int64_t part = lot->amount < debt->amount ? lot->amount : debt->amount;
            move_points(&in->into, movements, debt->currency, side_of(lot), ACCOUNT_MOVED, part,
                        lot->id);
            debt->amount -= part;
        }
    }
    receive_debts(&in->into, &in->luggage, movements);
}

static bool issue_whole(struct merging *in, struct head *head, struct movements *movements,
                        struct error *error)
{
    for (size_t i = 0; i < in->carry_count; i++) {
        const struct incoming incoming = {.points = points_now(&in->into, in->kept[i].currency),
                                          .from = ACCOUNT_ISSUED,
                                          .amount = in->whole[i],
                                          .at = in->into.time,
                                          .origin = "purchase"};
        if (!points_in(&in->into, head, movements, &incoming, error))
            return false;
    }
    return true;
}

/* Who was there first is how long both have been there. */
static moment joined_first(const struct merging *in)
{
    moment gone = in->context->member->row.joined, stays = in->into.member->row.joined;
    return gone < stays ? gone : stays;
}

/* The higher level, all holds, and what both have counted together: the fold of the first record
 * has added that. */
static bool join_levels(struct merging *in, struct head *head, struct movements *movements,
                        struct error *error)
{
    struct context *context = &in->into;
    struct judging judging;
    struct tier_state gone;
    enum tier_change change = TIER_SAME;
    if (!judging_begin(&judging, context, head, context->time, error))
        return false;
    if (judging.version == NULL || (in->level.length == 0 && !judging.recorded))
        return true;
    judging.member.joined = joined_first(in);
    if (!judging.recorded)
        tier_begin(&judging.member, &judging.state);
    if (!tier_read(context->ledger, judging.version->programme, in->level,
                   in->context->member->row.joined, context->arena, &gone, error))
        return false;
    tier_join(&judging.state, &gone);
    return tier_count(&judging.member, &judging.state, context->time, context->state->tip.size,
                      &change, error) &&
           judging_end(&judging, movements, CAUSE_MERGED, error);
}

static bool write_stays(struct merging *in, struct error *error)
{
    struct movements movements = {0};
    struct head *head = arrival(&in->into, RECORD_MEMBER_MERGE);
    head->with = in->context->member_id;
    head->carries = in->kept;
    head->carry_count = in->carry_count;
    head->counts = in->counts;
    head->count_count = in->count_count;
    pay_debts(in, &movements);
    receive_lots(&in->into, head, &in->luggage, &movements);
    return issue_whole(in, head, &movements, error) && join_levels(in, head, &movements, error) &&
           record_write_movements(&in->into, head, &movements, (struct text){0}, error);
}

/* In the vault: every card and phone of the one is the other's. */
static bool relink(struct merging *in, struct error *error)
{
    struct state *state = in->context->state;
    struct identifier **list = NULL;
    size_t count = 0;
    if (!state_identifiers_of(state, in->context->member_id, &list, &count, error))
        return false;
    for (size_t i = 0; i < count; i++) {
        if (!state_set_identifier(state, list[i], in->into.member_id, error))
            return false;
    }
    return true;
}

bool member_merge(struct context *context, struct error *error)
{
    struct merging *in = arena_allocate(context->arena, sizeof *in); /* heads point into it */
    bool duplicate = false;
    in->context = context;
    if (!begin(context, &duplicate, error))
        return false;
    if (duplicate)
        return true;
    if (!may_merge(in, error) || !pack_lots(context, 0, &in->luggage, error))
        return false;
    pack_debts(context, &in->luggage);
    if (!room_for(&in->into, &in->luggage, error) || !add_carries(in, error) ||
        !add_counters(in, error) || !remember_level(in, error) ||
        (in->luggage.debt_count > 0 && !pack_lots(&in->into, 0, &in->there, error)))
        return false;
    /* From here on nothing is refused. */
    return write_gone(in, error) && write_stays(in, error) && relink(in, error);
}
