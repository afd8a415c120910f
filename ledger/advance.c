/* Advancing a wallet to a moment: whatever has become due by then happens, in a
 * fixed order (pockets by the id of their currency, lots in burn
 * order), as one elapse record before the operation's own.
 *
 * Only facts and the moment decide, so advancing to t1 and then to t2 leaves what
 * advancing to t2 leaves. */
#include "context.h"

/* Lots whose last day is over: expires <= time. */
static bool lapse(struct context *context, struct pocket *pocket, struct movements *movements,
                  struct error *error)
{
    struct lot_cursor cursor = {0};
    struct lot *lot = NULL;
    for (;;) {
        if (!state_next_lot(context->state, pocket, &cursor, &lot, error))
            return false;
        if (lot == NULL || lot->row.expires > context->time)
            return true;
        move_points(context, movements, pocket->currency, ACCOUNT_AVAILABLE, ACCOUNT_EXPIRED,
                    lot->row.left, lot->row.id);
    }
}

bool advance(struct context *context, struct error *error)
{
    struct movements movements = {0};
    for (size_t i = 0; i < context->wallet->pocket_count; i++) {
        struct pocket *pocket = context->wallet->pockets[i];
        if (pocket->row.available > 0 && !lapse(context, pocket, &movements, error))
            return false;
    }
    if (movements.count == 0)
        return true;
    struct head *head = record_new(context, RECORD_ELAPSE);
    head->programme = 0; /* a lot's date was fixed when it was born */
    return record_write_movements(context, head, &movements, (struct text){0}, error);
}
