/* Points coming in and going out: what earning, giving, taking back and redeeming
 * have in common. */
#include "context.h"

bool points_room(const struct pocket *pocket, int64_t amount, struct error *error)
{
    int64_t sum = 0;
    if (units_add(pocket->row.available, pocket->row.pending, &sum) &&
        units_add(sum, pocket->row.reserved, &sum) && units_add(sum, amount, &sum))
        return true;
    return fail_field(error, ERROR_OVERFLOW, "points", _("the balance would be beyond %lld"),
                      (long long)LIMIT_UNITS);
}

/* --- Activity --------------------------------------------------------------------- */

/* Forward only; a version without such a rule takes the date away. */
static bool moves_idle(moment old, moment new)
{
    return old == MOMENT_NEVER || new == MOMENT_NEVER ? old != new : new > old;
}

void note_activity(struct context *context, struct head *head, const struct points *points,
                   moment at)
{
    moment idle = points_idle(context->version->programme, points, at);
    struct pocket *pocket = state_pocket(context->state, context->wallet, points->id);
    /* What this record has said of it already counts, also where another version said it. */
    for (size_t i = 0; i < head->idle_count; i++) {
        if (text_equal(head->idles[i].currency, points->id)) {
            if (moves_idle(head->idles[i].at, idle))
                head->idles[i].at = idle;
            return;
        }
    }
    if (!moves_idle(pocket->row.idle, idle))
        return;
    struct idle_value *idles =
        arena_allocate(context->arena, (head->idle_count + 1) * sizeof *idles);
    if (head->idle_count > 0)
        memcpy(idles, head->idles, head->idle_count * sizeof *idles);
    idles[head->idle_count++] = (struct idle_value){points->id, idle};
    head->idles = idles;
}

void note_all_activity(struct context *context, struct head *head, moment at)
{
    const struct programme *programme = context->version->programme;
    for (size_t i = 0; i < context->wallet->pocket_count; i++) {
        const struct pocket *pocket = context->wallet->pockets[i];
        int index = programme_points_index(programme, pocket->currency);
        if (index >= 0 &&
            (pocket->row.available > 0 || pocket->row.pending > 0 || pocket->row.reserved > 0))
            note_activity(context, head, &programme->points[index], at);
    }
}

/* When all points of the currency lapse once this record is written. */
static moment idle_after(const struct head *head, const struct pocket *pocket)
{
    for (size_t i = 0; i < head->idle_count; i++) {
        if (text_equal(head->idles[i].currency, pocket->currency))
            return head->idles[i].at;
    }
    return pocket->row.idle;
}

/* --- Coming in ---------------------------------------------------------------------- */

static struct lot_birth *add_lot(struct context *context, struct head *head)
{
    struct lot_birth *lots = arena_allocate(context->arena, (head->lot_count + 1) * sizeof *lots);
    if (head->lot_count > 0)
        memcpy(lots, head->lots, head->lot_count * sizeof *lots);
    head->lots = lots;
    return &lots[head->lot_count++];
}

const struct version *dating_version(const struct context *context, const struct version *born,
                                     struct text currency)
{
    const struct version *rule = born, *next = rule;
    while (next != NULL) {
        rule = next;
        next = version_redating(context->ledger, currency, rule->from, context->time);
    }
    return rule;
}

/* From when the lot can be spent, and when it lapses. */
static void set_dates(struct context *context, const struct incoming *incoming,
                      struct lot_birth *lot)
{
    const struct programme *programme = context->version->programme;
    const struct points *points = incoming->points;
    const struct version *rule = dating_version(context, context->version, points->id);
    moment from = incoming->may_pend ? points_available(programme, points, incoming->at) : 0;
    moment counts = incoming->at;
    lot->available_from = from > context->time ? from : 0;
    lot->expires = incoming->expires;
    if (from == MOMENT_NEVER)
        lot->expires = MOMENT_NEVER; /* dated by the operation that releases it */
    if (lot->expires != 0)
        return;
    if (from != 0 && points->expires.from == FROM_AVAILABLE)
        counts = from;
    lot->expires = points_expiry(programme, points, counts);
    if (rule != context->version) { /* as if the lot had been there when the rule came */
        points = &rule->programme->points[programme_points_index(rule->programme, points->id)];
        lot->expires = points_expiry_earned(rule->programme, points, incoming->at);
    }
    if (lot->expires < lot->available_from)
        lot->expires = lot->available_from;
}

int64_t points_owed(struct context *context, const struct movements *movements,
                    struct text currency)
{
    int64_t owed = -state_pocket(context->state, context->wallet, currency)->row.debt;
    for (size_t i = 0; i < movements->count; i++) {
        const struct movement *movement = &movements->list[i];
        if (!text_equal(movement->currency, currency))
            continue;
        owed += movement->from == ACCOUNT_DEBT ? movement->amount : 0;
        owed -= movement->to == ACCOUNT_DEBT ? movement->amount : 0;
    }
    return owed;
}

bool points_in(struct context *context, struct head *head, struct movements *movements,
               const struct incoming *incoming, struct error *error)
{
    struct text currency = incoming->points->id;
    int64_t amount = incoming->amount;
    if (amount == 0)
        return true;
    struct pocket *pocket = state_pocket(context->state, context->wallet, currency);
    if (!points_room(pocket, amount, error))
        return false;
    int64_t owed = points_owed(context, movements, currency);
    int64_t repaid = amount < owed ? amount : owed;
    move_points(context, movements, currency, incoming->from, ACCOUNT_DEBT, repaid, -1);
    amount -= repaid;
    if (!incoming->comes_back)
        note_activity(context, head, incoming->points, incoming->at);
    if (amount == 0)
        return true;
    int64_t number = lot_number(context->state->tip.size, (int64_t)head->lot_count);
    struct lot_birth *lot = add_lot(context, head);
    *lot = (struct lot_birth){currency, amount, 0, 0, text_of(incoming->origin)};
    set_dates(context, incoming, lot);
    bool pending = lot->available_from != 0;
    if (pending && lot->available_from != MOMENT_NEVER)
        note_activity(context, head, incoming->points, lot->available_from);
    move_points(context, movements, currency, incoming->from,
                pending ? ACCOUNT_PENDING : ACCOUNT_AVAILABLE, amount, number);
    bool lapsed = lot->expires <= context->time || idle_after(head, pocket) <= context->time;
    if (!pending && lapsed) /* late: born lapsed */
        move_points(context, movements, currency, ACCOUNT_AVAILABLE, ACCOUNT_EXPIRED, amount,
                    number);
    return true;
}

void points_release(struct context *context, struct head *head, struct movements *movements,
                    const struct lot *lot, moment expires)
{
    struct text currency = lot->row.currency;
    const struct pocket *pocket = state_pocket(context->state, context->wallet, currency);
    move_points(context, movements, currency, ACCOUNT_PENDING, ACCOUNT_AVAILABLE, lot->row.left,
                lot->row.id);
    if (expires <= context->time || idle_after(head, pocket) <= context->time)
        move_points(context, movements, currency, ACCOUNT_AVAILABLE, ACCOUNT_EXPIRED, lot->row.left,
                    lot->row.id);
}

/* --- Going out ------------------------------------------------------------------------ */

bool points_out(struct context *context, struct movements *movements, struct text currency,
                enum account to, int64_t amount, int64_t *taken, struct error *error)
{
    struct pocket *pocket = state_pocket(context->state, context->wallet, currency);
    struct lot_cursor cursor = {.kind = LOT_AVAILABLE};
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

static bool too_few(const struct points *points, int64_t wanted, int64_t there, struct error *error)
{
    struct buffer want = {0}, have = {0};
    decimal_format_short(&want, wanted, points->scale);
    decimal_format_short(&have, there, points->scale);
    fail_field(error, ERROR_INSUFFICIENT_POINTS, "points",
               _("%s %.*s are wanted, %s are available"), buffer_terminate(&want), TEXT(points->id),
               buffer_terminate(&have));
    buffer_free(&want);
    buffer_free(&have);
    return false;
}

bool points_spend(struct context *context, struct movements *movements, const struct points *points,
                  enum account to, int64_t amount, struct error *error)
{
    struct pocket *pocket = state_pocket(context->state, context->wallet, points->id);
    int64_t there = pocket->row.available + pocket->row.debt, taken = 0;
    if (there < amount)
        return too_few(points, amount, there, error);
    if (!points_out(context, movements, points->id, to, amount, &taken, error))
        return false;
    return taken == amount ||
           fail(error, ERROR_INVARIANT, _("a wallet's lots do not add up to its balance"));
}

/* --- Going back ------------------------------------------------------------------------ */

/* What is left of the lot has gone with its member, or stayed with a household: a new
 * one here. */
static bool back_anew(struct context *context, struct head *head, struct movements *movements,
                      const struct going_back *back, const struct lot_row *row, struct error *error)
{
    const struct incoming incoming = {
        .points = points_named(context, row->currency),
        .from = back->from,
        .amount = back->amount,
        .at = context->time,
        .comes_back = true,
        .expires = row->expires,
        .origin = text_copy(context->arena, row->origin).bytes,
    };
    return points_in(context, head, movements, &incoming, error);
}

bool points_back(struct context *context, struct head *head, struct movements *movements,
                 const struct going_back *back, struct error *error)
{
    struct lot *lot = NULL;
    if (!state_lot(context->state, back->lot, &lot, error))
        return false;
    struct text currency = lot->row.currency;
    struct pocket *pocket = state_pocket(context->state, context->wallet, currency);
    bool waits = lot->row.available_from != 0 && lot->row.available_from > back->when;
    if (!waits && (lot->row.expires <= back->when || pocket->row.idle <= back->when)) {
        move_points(context, movements, currency, back->from, ACCOUNT_EXPIRED, back->amount,
                    back->lot);
        return true;
    }
    bool spent = lot->row.left == 0 && lot->row.reserved == 0;
    if (lot->row.wallet != context->wallet->id && !spent)
        return back_anew(context, head, movements, back, &lot->row, error);
    int64_t owed = points_owed(context, movements, currency);
    int64_t repaid = back->amount < owed ? back->amount : owed;
    move_points(context, movements, currency, back->from, ACCOUNT_DEBT, repaid, back->lot);
    move_points(context, movements, currency, back->from,
                waits ? ACCOUNT_PENDING : ACCOUNT_AVAILABLE, back->amount - repaid, back->lot);
    return true;
}
