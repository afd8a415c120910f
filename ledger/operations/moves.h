/* What goes whole from one wallet to another when a member enters a household, leaves
 * it, or becomes part of another member: lots, which keep their numbers and dates, and
 * debts. Two records of one commit, with `moved` between them. */
#ifndef LOYALTY_MOVES_H
#define LOYALTY_MOVES_H

#include "context.h"

struct moved_lot {
    int64_t id, amount;
    struct text currency;
    bool pending;
};
struct moved_debt {
    struct text currency;
    int64_t amount; /* > 0 */
};
struct luggage {
    struct moved_lot
        *lots; /* by currency: available ones as they burn, then pending ones as they come */
    size_t lot_count, lot_capacity;
    struct moved_debt debts[LIMIT_CURRENCIES];
    size_t debt_count;
};

/* Open lots of the context's wallet; of one who earned them, or all (0). */
bool pack_lots(struct context *context, uint64_t earner, struct luggage *luggage,
               struct error *error);
void pack_debts(struct context *context, struct luggage *luggage);
/* Nothing of the wallet may be held for a redemption: open_reservation. */
bool nothing_reserved(const struct context *context, struct error *error);
/* Can the context's wallet hold it all? overflow. */
bool room_for(struct context *context, const struct luggage *luggage, struct error *error);

/* The account that holds what is left of it. */
enum account side_of(const struct moved_lot *lot);
/* Out of the wallet: to `moved`, or gone (ACCOUNT_EXPIRED). */
void send_lots(struct context *context, const struct luggage *luggage, enum account to,
               struct movements *movements);
void send_debts(struct context *context, const struct luggage *luggage,
                struct movements *movements);
/* Into the wallet, where they settle a debt. */
void receive_lots(struct context *context, struct head *head, const struct luggage *luggage,
                  struct movements *movements);
void receive_debts(struct context *context, const struct luggage *luggage,
                   struct movements *movements);
/* The record of what arrives: a further part of the operation. */
struct head *arrival(struct context *context, enum record_kind kind);

#endif
