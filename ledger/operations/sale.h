/* A recorded purchase, read back to be judged again: what would the rest of the
 * basket have earned? */
#ifndef LOYALTY_SALE_H
#define LOYALTY_SALE_H

#include "tiering.h"

struct sale {
    int64_t seq;
    const struct head *head;
    const struct head *given; /* the record that gave it to who has it; NULL: nobody has it */
    bool voided;              /* it counts as if it had not been */
    moment at;
    const struct version *version; /* of the purchase */
    struct request request;        /* lines, amount as recorded */
    int level;                     /* by which it was valued; -1 by none */
    struct basket_line *basket;    /* one line of the amount where it had none */
    size_t line_count;
    struct returned *returned; /* so far, this batch included */
};

bool sale_load(struct context *context, int64_t seq, struct sale *sale, struct error *error);
/* The record that gave a purchase to who has it now; NULL where nobody has. */
bool sale_given(struct context *context, int64_t seq, const struct head **given,
                struct error *error);
/* Who has it by now; 0 nobody. */
bool sale_member(struct context *context, const struct sale *sale, uint64_t *member,
                 struct error *error);
/* voided, where it was. */
bool sale_stands(const struct sale *sale, enum field field, struct error *error);
/* Quantity of a line, in millionths; 1 where the receipt said none. */
int64_t sale_quantity(const struct sale *sale, size_t line);
/* How much of the line has been returned so far. */
int64_t sale_returned_quantity(const struct sale *sale, size_t line);
/* The basket that is left after what `part` says in sum. */
struct basket_line *sale_rest(struct context *context, const struct sale *sale,
                              const struct returned_part *part);
/* What it cost, less what has come back. */
int64_t sale_left(struct context *context, const struct sale *sale);
/* The sale that a record gave to its member; -1 none. */
int64_t sale_given_by(const struct head *head);
int64_t basket_amount(const struct basket_line lines[], size_t count);

#endif
