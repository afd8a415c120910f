/* Lots and debts on their way from one wallet to another.
 *
 * The idea to hold: whatever arrives is posted in an order in which no part of the
 * record leaves points beside a debt that they pay. So a record may go on in parts
 * anywhere. */
#include "moves.h"

#include "state_private.h"

/* --- Packing ----------------------------------------------------------------------- */

static bool belongs(struct context *context, const struct lot *lot, uint64_t earner, bool *does,
                    struct error *error)
{
    uint64_t current = 0;
    if (earner != 0 && !current_member(context, lot->row.member, &current, error))
        return false;
    *does = current == earner;
    return true;
}

static bool pack_kind(struct context *context, struct pocket *pocket, enum lot_kind kind,
                      uint64_t earner, struct luggage *luggage, struct error *error)
{
    struct lot_cursor cursor = {.kind = kind};
    struct lot *lot = NULL;
    for (;;) {
        bool does = false;
        if (!state_next_lot(context->state, pocket, &cursor, &lot, error) ||
            (lot != NULL && !belongs(context, lot, earner, &does, error)))
            return false;
        if (lot == NULL)
            return true;
        if (!does)
            continue;
        luggage->lots = state_room(context->arena, luggage->lots, luggage->lot_count,
                                   &luggage->lot_capacity, sizeof *luggage->lots);
        luggage->lots[luggage->lot_count++] =
            (struct moved_lot){lot->row.id, lot->row.left, pocket->currency, kind == LOT_PENDING};
    }
}

bool pack_lots(struct context *context, uint64_t earner, struct luggage *luggage,
               struct error *error)
{
    for (size_t i = 0; i < context->wallet->pocket_count; i++) {
        struct pocket *pocket = context->wallet->pockets[i];
        if (!pack_kind(context, pocket, LOT_AVAILABLE, earner, luggage, error) ||
            !pack_kind(context, pocket, LOT_PENDING, earner, luggage, error))
            return false;
    }
    return true;
}

void pack_debts(struct context *context, struct luggage *luggage)
{
    for (size_t i = 0; i < context->wallet->pocket_count; i++) {
        const struct balance_row *row = &context->wallet->pockets[i]->row;
        if (row->debt < 0)
            luggage->debts[luggage->debt_count++] = (struct moved_debt){row->currency, -row->debt};
    }
}

bool nothing_reserved(const struct context *context, struct error *error)
{
    for (size_t i = 0; i < context->wallet->pocket_count; i++) {
        if (context->wallet->pockets[i]->row.reserved > 0) {
            fail_field(error, ERROR_OPEN_RESERVATION, "member",
                       _("points are held for a redemption"));
            return hint(error, _("capture or release the reservation first, or wait for its end"));
        }
    }
    return true;
}

static int64_t packed(const struct luggage *luggage, struct text currency)
{
    int64_t sum = 0;
    for (size_t i = 0; i < luggage->lot_count; i++) {
        if (text_equal(luggage->lots[i].currency, currency))
            sum += luggage->lots[i].amount; /* one wallet has held them */
    }
    return sum;
}

bool room_for(struct context *context, const struct luggage *luggage, struct error *error)
{
    const struct programme *programme = version_latest(context->ledger)->programme;
    int64_t debt = 0;
    for (size_t i = 0; i < programme->points_count; i++) {
        struct text currency = programme->points[i].id;
        struct pocket *pocket = state_pocket(context->state, context->wallet, currency);
        if (!points_room(pocket, packed(luggage, currency), error))
            return false;
    }
    for (size_t i = 0; i < luggage->debt_count; i++) {
        struct text currency = luggage->debts[i].currency;
        struct pocket *pocket = state_pocket(context->state, context->wallet, currency);
        if (!units_subtract(pocket->row.debt, luggage->debts[i].amount, &debt))
            return fail_field(error, ERROR_OVERFLOW, "points", _("the debt would be beyond %lld"),
                              (long long)LIMIT_UNITS);
    }
    return true;
}

/* --- Going --------------------------------------------------------------------------- */

enum account side_of(const struct moved_lot *lot)
{
    return lot->pending ? ACCOUNT_PENDING : ACCOUNT_AVAILABLE;
}

void send_lots(struct context *context, const struct luggage *luggage, enum account to,
               struct movements *movements)
{
    for (size_t i = 0; i < luggage->lot_count; i++) {
        const struct moved_lot *lot = &luggage->lots[i];
        move_points(context, movements, lot->currency, side_of(lot), to, lot->amount, lot->id);
    }
}

void send_debts(struct context *context, const struct luggage *luggage, struct movements *movements)
{
    for (size_t i = 0; i < luggage->debt_count; i++)
        move_points(context, movements, luggage->debts[i].currency, ACCOUNT_MOVED, ACCOUNT_DEBT,
                    luggage->debts[i].amount, -1);
}

/* --- Coming -------------------------------------------------------------------------- */

void receive_lots(struct context *context, struct head *head, const struct luggage *luggage,
                  struct movements *movements)
{
    const struct programme *programme = context->version->programme;
    int64_t owed = 0;
    /* Also where nothing arrives: what the member spent before may come back to here, and
     * must not lapse by what this wallet did not do. */
    for (size_t i = 0; i < programme->points_count; i++)
        note_activity(context, head, &programme->points[i], context->time);
    for (size_t i = 0; i < luggage->lot_count; i++) {
        const struct moved_lot *lot = &luggage->lots[i];
        if (i == 0 || !text_equal(lot[-1].currency, lot->currency))
            owed = points_owed(context, movements, lot->currency);
        int64_t repaid = lot->amount < owed ? lot->amount : owed;
        owed -= repaid;
        move_points(context, movements, lot->currency, ACCOUNT_MOVED, ACCOUNT_DEBT, repaid,
                    lot->id);
        move_points(context, movements, lot->currency, ACCOUNT_MOVED, side_of(lot),
                    lot->amount - repaid, lot->id);
    }
}

void receive_debts(struct context *context, const struct luggage *luggage,
                   struct movements *movements)
{
    for (size_t i = 0; i < luggage->debt_count; i++)
        move_points(context, movements, luggage->debts[i].currency, ACCOUNT_DEBT, ACCOUNT_MOVED,
                    luggage->debts[i].amount, -1);
}

struct head *arrival(struct context *context, enum record_kind kind)
{
    struct head *head = record_new(context, kind);
    head->part = (int64_t)context->outcome->head_count;
    return head;
}
