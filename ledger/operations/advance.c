/* Advancing a wallet to a moment: whatever has become due by then happens, each thing
 * at its own moment, as elapse records before the operation's own.
 *
 * Only facts and moments decide, so advancing to t1 and then to t2 leaves what
 * advancing to t2 leaves. At one moment the order is fixed: a new rule dates the lots,
 * pending points become available, reservations lapse, levels change, lots lapse. */
#include "tiering.h"

struct head *elapse_head(struct context *context, moment due)
{
    struct head *head = record_new(context, RECORD_ELAPSE);
    head->at = due;
    head->programme = 0; /* dates were fixed when they were made */
    return head;
}

/* Pending lots whose moment has come. */
static bool become_available(struct context *context, moment due, struct movements *movements,
                             struct error *error)
{
    for (size_t i = 0; i < context->wallet->pocket_count; i++) {
        struct pocket *pocket = context->wallet->pockets[i];
        struct lot_cursor cursor = {.kind = LOT_PENDING};
        struct lot *lot = NULL;
        while (pocket->row.pending > 0) {
            if (!state_next_lot(context->state, pocket, &cursor, &lot, error))
                return false;
            if (lot == NULL || lot->row.available_from > due)
                break;
            move_points(context, movements, pocket->currency, ACCOUNT_PENDING, ACCOUNT_AVAILABLE,
                        lot->row.left, lot->row.id);
        }
    }
    return true;
}

/* The oldest reservation whose time is over; NULL. */
static bool overdue(struct context *context, moment due, struct reservation **out,
                    struct error *error)
{
    struct wallet *wallet = context->wallet;
    *out = NULL;
    if (!state_open_reservations(context->state, wallet, error))
        return false;
    for (size_t i = 0; *out == NULL && i < wallet->reservation_count; i++) {
        struct reservation *reservation = wallet->reservations[i];
        if (reservation->row.seq >= 0 && reservation->row.by < 0 && reservation->row.until <= due)
            *out = reservation;
    }
    return true;
}

static bool has_reserved(const struct wallet *wallet)
{
    for (size_t i = 0; i < wallet->pocket_count; i++) {
        if (wallet->pockets[i]->row.reserved > 0)
            return true;
    }
    return false;
}

/* Lots whose last day is over, or the whole wallet's after too long without anything. */
static bool lapse(struct context *context, moment due, struct movements *movements,
                  struct error *error)
{
    for (size_t i = 0; i < context->wallet->pocket_count; i++) {
        struct pocket *pocket = context->wallet->pockets[i];
        struct lot_cursor cursor = {.kind = LOT_AVAILABLE};
        struct lot *lot = NULL;
        bool idle = pocket->row.idle <= due;
        while (pocket->row.available > 0) {
            if (!state_next_lot(context->state, pocket, &cursor, &lot, error))
                return false;
            if (lot == NULL || (lot->row.expires > due && !idle))
                break;
            move_points(context, movements, pocket->currency, ACCOUNT_AVAILABLE, ACCOUNT_EXPIRED,
                        lot->row.left, lot->row.id);
        }
    }
    return true;
}

/* A rule that came into force for points earned before. */
static bool apply_rule(struct context *context, moment due, bool *applied, struct error *error)
{
    *applied = false;
    for (size_t i = 0; i < context->wallet->pocket_count; i++) {
        struct pocket *pocket = context->wallet->pockets[i];
        const struct version *version = next_rule(context, pocket, due);
        if (version == NULL)
            continue;
        *applied = true;
        return redate(context, pocket, version, error);
    }
    return true;
}

/* What is due first, as one record. */
static bool step(struct context *context, moment due, struct error *error)
{
    bool applied = false;
    struct movements movements = {0};
    struct reservation *reservation = NULL;
    struct head *head = elapse_head(context, due);
    if (!apply_rule(context, due, &applied, error))
        return false;
    if (applied)
        return true;
    if (!become_available(context, due, &movements, error))
        return false;
    if (movements.count == 0 && has_reserved(context->wallet)) {
        if (!overdue(context, due, &reservation, error))
            return false;
        if (reservation != NULL)
            head->of = reservation->row.seq;
        if (reservation != NULL &&
            !reservation_back(context, head, head->of, 0, due, &movements, error))
            return false;
    }
    if (movements.count == 0 && !tiers_elapse(context, due, &applied, error))
        return false;
    if (applied)
        return true;
    if (movements.count == 0 && !lapse(context, due, &movements, error))
        return false;
    return record_write_movements(context, head, &movements, (struct text){0}, error);
}

static bool next_due(struct context *context, moment *due, struct error *error)
{
    if (!tiers_due(context, due, error))
        return false;
    for (size_t i = 0; i < context->wallet->pocket_count; i++) {
        struct pocket *pocket = context->wallet->pockets[i];
        const struct version *rule = next_rule(context, pocket, context->time);
        moment one = MOMENT_NEVER;
        if (!state_pocket_due(context->state, context->wallet, pocket, &one, error))
            return false;
        if (rule != NULL && rule->from < one)
            one = rule->from;
        *due = one < *due ? one : *due;
    }
    return true;
}

bool advance_once(struct context *context, moment *reached, bool *done, struct error *error)
{
    moment due = MOMENT_NEVER;
    *done = false;
    if (!next_due(context, &due, error))
        return false;
    if (due > context->time)
        return true;
    /* A new rule may say that a lot should be gone already, and so may a wallet that
     * was idle of what comes to be available: that is due now, not back then. */
    *reached = due > *reached ? due : *reached;
    *done = true;
    return step(context, *reached, error);
}

bool advance(struct context *context, struct error *error)
{
    moment reached = INT64_MIN;
    for (bool more = true; more;) {
        if (!advance_once(context, &reached, &more, error))
            return false;
    }
    return true;
}
