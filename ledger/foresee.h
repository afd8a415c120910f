/* What time alone would do to a wallet that stands so: the records that advance()
 * would write, without any store being asked what it holds now.
 *
 * Reports look at a wallet as it was known at some record, which is not how the
 * store has it. They must not know the rules of advancing a second time: a report
 * that lets points lapse otherwise than the ledger is wrong, whichever is right. */
#ifndef LOYALTY_FORESEE_H
#define LOYALTY_FORESEE_H

#include "ledger_private.h"

struct standing {
    uint64_t wallet;
    uint64_t member;                     /* in whose name: who owns it, or shares it */
    int64_t size;                        /* records that are known */
    const struct balance_row *balances;  /* one per currency */
    size_t balance_count;
    const struct lot_row *lots; /* open ones, also those that are wholly reserved */
    size_t lot_count;
    const struct reservation_row *reservations; /* open ones, by seq */
    size_t reservation_count;
};

/* The elapse records up to and with a moment, in order. They live in the arena. */
bool foresee(struct ledger *ledger, struct arena *arena, const struct standing *standing,
             moment until, struct head ***heads, size_t *count, struct error *error);

#endif
