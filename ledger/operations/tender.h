/* Points as tender: they pay a purchase, or a share of it, and come back when the goods
 * do. */
#ifndef LOYALTY_TENDER_H
#define LOYALTY_TENDER_H

#include "match.h"

/* What points paid of a purchase. */
struct payment {
    struct text currency;
    int64_t points; /* point units; 0 none did */
    int64_t minor;  /* the money that they were worth */
    int64_t seq;    /* the record that took them */
};

/* Pay as the request says, with points or by a reservation: refusals, then the record
 * that takes them, which stands before the purchase's. */
bool pay_with_points(struct context *context, struct payment *payment, struct error *error);

/* Of each part that was paid with points, give back what its goods were paid with: a
 * record for each purchase, before that of the return. */
bool give_points_back(struct context *context, const struct matched_part parts[], size_t count,
                      struct error *error);
/* What of a part was paid in money, once its amount is known. */
int64_t refund_of(struct context *context, const struct matched_part *part);

#endif
