/* What a return takes: by currency, the points that the goods were worth, and how
 * they are collected. */
#ifndef LOYALTY_CLAIM_H
#define LOYALTY_CLAIM_H

#include "match.h"

/* What one return takes in one currency. */
struct claim {
    const struct points *points;
    int64_t assessed;     /* point units that the goods were worth */
    int64_t open;         /* of it not collected yet */
    struct fraction kept; /* the member's carried fraction, changed on the way */
    bool carried;
    moment earned; /* business time of the last purchase in it */
};
struct claims {
    struct claim list[LIMIT_CURRENCIES];
    size_t count;
};

/* One claim for each points currency that there is, all empty. */
void claims_begin(struct context *context, struct claims *claims);
struct claim *claim_of(struct claims *claims, struct text currency);
/* Add to a claim what `whole` and `carried` are worth now. */
bool claim_points(struct claim *claim, int64_t whole, struct fraction carried, int64_t *assessed,
                  struct error *error);
/* Assess one purchase's part and collect what its own lots still hold. */
bool assess_sale(struct context *context, struct claims *claims, struct movements *movements,
                 struct matched_part *matched, struct error *error);
/* Collect what is open after all purchases were assessed, or give back. */
bool collect(struct context *context, struct head *head, struct claims *claims,
             const struct matched_part parts[], size_t count, struct movements *movements,
             struct error *error);

#endif
