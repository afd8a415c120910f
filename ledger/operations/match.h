/* Finding the purchases that returned goods come from. */
#ifndef LOYALTY_MATCH_H
#define LOYALTY_MATCH_H

#include "sale.h"

struct matched_part {
    struct sale *sale;
    struct returned_part *part;
    int64_t amount;         /* minor units that this part gives back */
    struct counted counted; /* what counts for tiers no more */
};
struct match {
    struct matched_part *parts; /* latest purchase first */
    size_t count, capacity, pairs;
    int64_t *left; /* by line of the request: millionths that matched nothing */
};

/* For the request's lines {sku, quantity, amount} among the member's purchases
 * whose time is not after the return's. */
bool match_returned_goods(struct context *context, struct match *match, struct error *error);

/* Quantities by receipt line as a part of a return. */
struct returned_part *part_of_quantities(struct context *context, const struct sale *sale,
                                         const int64_t quantities[]);

#endif
