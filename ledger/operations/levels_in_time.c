/* What time alone does to levels: when it is due for those who share a wallet, and the elapse
 * record of each thing that happens. */
#include "tiering.h"

/* The first version that judges everybody anew, and has not judged this member. */
static moment next_requalify(const struct ledger *ledger, moment judged)
{
    for (size_t i = 1; i < ledger->version_count; i++) {
        const struct version *version = &ledger->versions[i];
        if (version->programme->tiers != NULL && version->programme->tiers->requalify &&
            version->from > judged)
            return version->from;
    }
    return MOMENT_NEVER;
}

moment level_due(const struct ledger *ledger, moment due, moment judged)
{
    moment anew = next_requalify(ledger, judged);
    /* Where a climb was undone, the level below may have been due before. */
    moment own = due < judged ? judged : due;
    return anew < own ? anew : own;
}

static bool member_due(struct context *context, uint64_t member, moment *due, struct error *error)
{
    struct tier *tier = NULL;
    *due = MOMENT_NEVER;
    if (!state_tier(context->state, member, &tier, error))
        return false;
    if (tier->row.level.length == 0)
        return true;
    *due = level_due(context->ledger, tier->row.due, tier->row.judged);
    return true;
}

/* Who shares the wallet: themselves, or a household, by their ids. */
static bool next_of_wallet(struct context *context, uint64_t after, uint64_t *member,
                           struct error *error)
{
    uint64_t wallet = context->wallet->id;
    struct household *household = NULL;
    *member = 0;
    if (wallet == context->member_id) {
        *member = after == 0 ? wallet : 0;
        return true;
    }
    if (!state_household(context->state, wallet, &household, error))
        return false;
    for (size_t i = 0; i < household->count; i++) {
        const struct household_row *row = &household->rows[i];
        if (row->active && row->member > after && (*member == 0 || row->member < *member))
            *member = row->member;
    }
    return true;
}

/* The first of them, by their ids, to whose level something happens first. */
static bool first_due(struct context *context, uint64_t *first, moment *due, struct error *error)
{
    *first = 0;
    *due = MOMENT_NEVER;
    for (uint64_t member = 0; ledger_has_tiers(context->ledger);) {
        moment one = MOMENT_NEVER;
        if (!next_of_wallet(context, member, &member, error))
            return false;
        if (member == 0)
            return true;
        if (!member_due(context, member, &one, error))
            return false;
        if (one >= *due)
            continue;
        *first = member;
        *due = one;
    }
    return true;
}

bool tiers_due(struct context *context, moment *due, struct error *error)
{
    uint64_t member = 0;
    return first_due(context, &member, due, error);
}

static bool elapse_member(struct context *context, uint64_t id, moment due, struct error *error)
{
    struct context own = *context;
    struct judging in;
    struct movements movements = {0};
    enum tier_change change = TIER_SAME;
    struct tier *tier = NULL;
    own.member_id = id;
    if (!state_member(own.state, id, &own.member, error) ||
        !state_tier(own.state, id, &tier, error))
        return false;
    moment anew = next_requalify(own.ledger, tier->row.judged);
    own.version = version_at(own.ledger, due);
    struct head *head = elapse_head(&own, due);
    head->programme = own.version->number;
    if (!judging_begin(&in, &own, head, due, error))
        return false;
    bool good = anew <= due ? tier_requalify(&in.member, &in.state, anew, &change, error)
                            : tier_elapse(&in.member, &in.state, tier->row.due, &change, error);
    return good && judging_end(&in, &movements, cause_of(change), error) &&
           record_write_movements(&own, head, &movements, (struct text){0}, error);
}

bool tiers_elapse(struct context *context, moment due, bool *done, struct error *error)
{
    uint64_t member = 0;
    moment first = MOMENT_NEVER;
    if (!first_due(context, &member, &first, error))
        return false;
    *done = member != 0 && first <= due;
    return !*done || elapse_member(context, member, due, error);
}
