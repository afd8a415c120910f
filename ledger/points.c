/* Points coming in and going out: what earning, giving, taking back and redeeming
 * have in common. */
#include "context.h"

/* Beyond what a wallet can hold? Checked before anything is written. */
static bool check_room(const struct pocket *pocket, int64_t amount, struct error *error)
{
    int64_t sum = 0;
    if (units_add(pocket->row.available, amount, &sum))
        return true;
    return fail_field(error, ERROR_OVERFLOW, "points", _("the balance would be beyond %lld"),
                      (long long)LIMIT_UNITS);
}

bool points_in(struct context *context, struct head *head, struct movements *movements,
               const struct points *points, enum account from, int64_t amount, moment at,
               const char *origin, struct error *error)
{
    if (amount == 0)
        return true;
    struct pocket *pocket = state_pocket(context->state, context->wallet, points->id);
    if (!check_room(pocket, amount, error))
        return false;
    int64_t owed = -pocket->row.debt;
    int64_t repaid = amount < owed ? amount : owed;
    move_points(context, movements, points->id, from, ACCOUNT_DEBT, repaid, -1);
    amount -= repaid;
    if (amount == 0)
        return true;
    moment expires = points_expiry(context->version->programme, points, at);
    int64_t lot = lot_number(context->state->tip.size, (int64_t)head->lot_count);
    struct lot_birth *lots = arena_allocate(context->arena, (head->lot_count + 1) * sizeof *lots);
    if (head->lot_count > 0)
        memcpy(lots, head->lots, head->lot_count * sizeof *lots);
    lots[head->lot_count++] = (struct lot_birth){points->id, amount, 0, expires, text_of(origin)};
    head->lots = lots;
    move_points(context, movements, points->id, from, ACCOUNT_AVAILABLE, amount, lot);
    if (expires <= context->time) /* late: born lapsed */
        move_points(context, movements, points->id, ACCOUNT_AVAILABLE, ACCOUNT_EXPIRED, amount,
                    lot);
    return true;
}

bool points_out(struct context *context, struct movements *movements, struct text currency,
                enum account to, int64_t amount, int64_t *taken, struct error *error)
{
    struct pocket *pocket = state_pocket(context->state, context->wallet, currency);
    struct lot_cursor cursor = {0};
    struct lot *lot = NULL;
    *taken = 0;
    while (*taken < amount) {
        if (!state_next_lot(context->state, pocket, &cursor, &lot, error))
            return false;
        if (lot == NULL)
            return true;
        int64_t part = amount - *taken < lot->row.left ? amount - *taken : lot->row.left;
        move_points(context, movements, currency, ACCOUNT_AVAILABLE, to, part, lot->row.id);
        *taken += part;
    }
    return true;
}
