/* What a return takes: by currency, the points that the goods were worth, and how
 * they are collected. */
#ifndef LOYALTY_CLAWBACK_H
#define LOYALTY_CLAWBACK_H

#include "match.h"

/* What one return takes in one currency. */
struct clawback {
    const struct points *points;
    int64_t assessed;     /* point units that the goods were worth */
    int64_t open;         /* of it not collected yet */
    struct fraction kept; /* the member's carried fraction, changed on the way */
    bool carried;
    enum account to; /* where what is collected goes */
    bool is_owed;    /* what cannot be collected is never forgiven */
    moment earned;   /* business time of the last purchase in it */
};
struct clawbacks {
    struct clawback list[LIMIT_CURRENCIES];
    size_t count;
};

/* One claw-back for each points currency that there is, all empty. */
void clawbacks_begin(struct context *context, struct clawbacks *clawbacks);
struct clawback *clawback_of(struct clawbacks *clawbacks, struct text currency);
/* Add to a claw-back what `whole` and `carried` are worth now. */
bool clawback_points(struct clawback *clawback, int64_t whole, struct fraction carried,
                     int64_t *assessed, struct error *error);
/* What lines would earn as a purchase of the operation's `at`; by currency of its version. */
bool assess_basket(struct context *context, struct clawbacks *clawbacks,
                   const struct basket_line lines[], size_t count,
                   int64_t assessed[LIMIT_CURRENCIES], struct error *error);
/* Assess one purchase's part and collect what its own lots still hold. */
bool assess_sale(struct context *context, struct clawbacks *clawbacks, struct movements *movements,
                 struct matched_part *matched, struct error *error);
/* The same of two states of a basket, without collecting: what the one is worth more than
 * the other, by currency of the sale's programme. */
bool assess_between(struct context *context, struct clawbacks *clawbacks, const struct sale *sale,
                    const struct basket_line was[], const struct basket_line rest[],
                    int64_t assessed[LIMIT_CURRENCIES], struct error *error);
/* What is open, out of the lots that a record gave the member; of an origin (NULL: of any). */
bool take_own_lots(struct context *context, struct clawback *clawback, const struct head *given,
                   const char *origin, int64_t most, struct movements *movements,
                   struct error *error);
/* How much of a lot these movements take. */
int64_t moved_from(const struct movements *movements, int64_t lot);
/* What a record gave beside the purchase is taken back as by a return. */
bool collect_gift(struct context *context, const struct head *giver, const struct gift *gift,
                  struct movements *movements, struct error *error);
/* Collect what is open after all purchases were assessed, or give back. */
bool collect(struct context *context, struct head *head, struct clawbacks *clawbacks,
             const struct matched_part parts[], size_t count, struct movements *movements,
             struct error *error);

/* The carried fractions as they are now. */
void clawbacks_carry(struct context *context, struct head *head, const struct clawbacks *clawbacks);
/* Why: what the goods were worth, their amounts, the money to hand out, what matched nothing. */
struct text clawback_facts(struct context *context, const struct clawbacks *clawbacks,
                           const struct matched_part parts[], size_t count,
                           const struct match *match);
/* All that a sale still earns is taken back from who has it, who is loaded; without its
 * being returned. The record is the caller's. Of a sale that nobody has, nothing. Where it
 * changes hands nothing is forgiven: what one has spent the next one would be given again. */
bool take_sale_back(struct context *context, struct sale *sale, struct head *head,
                    bool changes_hands, struct error *error);
/* --- op_return.c: the record of a return ------------------------------------------- */

struct head *return_head(struct context *context);
/* parts: what came back of which purchase; match: NULL where none was looked for. */
bool write_return(struct context *context, struct head *head, struct clawbacks *clawbacks,
                  const struct matched_part parts[], size_t count, struct movements *movements,
                  const struct match *match, struct error *error);

#endif
