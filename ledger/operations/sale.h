/* A recorded purchase, read back to be judged again: what would the rest of the
 * basket have earned? */
#ifndef LOYALTY_SALE_H
#define LOYALTY_SALE_H

#include "basket.h"

struct sale {
    int64_t seq;
    const struct head *head;
    moment at;
    const struct version *version; /* of the purchase */
    struct request request;        /* lines, amount as recorded */
    struct basket_line *basket;    /* one line of the amount where it had none */
    size_t line_count;
    struct returned *returned; /* so far, this batch included */
};

bool sale_load(struct context *context, int64_t seq, struct sale *sale, struct error *error);
/* Quantity of a line, in millionths; 1 where the receipt said none. */
int64_t sale_quantity(const struct sale *sale, size_t line);
/* How much of the line has been returned so far. */
int64_t sale_returned_quantity(const struct sale *sale, size_t line);
/* The basket that is left after what `part` says in sum. */
struct basket_line *sale_rest(struct context *context, const struct sale *sale,
                              const struct returned_part *part);
int64_t basket_amount(const struct basket_line lines[], size_t count);

#endif
