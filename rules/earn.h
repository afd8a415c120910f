/* Earning: what a basket is worth. Pure: a programme and lines in, exact
 * numbers out. No clock, no store, no JSON, no floating point. */
#ifndef LOYALTY_EARN_H
#define LOYALTY_EARN_H

#include "decimal.h"
#include "memory.h"
#include "programme.h"

/* A line as it earns. All in minor units, >= 0. */
struct basket_line {
    struct text sku, category; /* empty where unknown */
    int64_t amount;            /* what the customer paid for the line */
    int64_t discount;          /* what was taken off before `amount` */
    int64_t tax;               /* what of `amount` is tax; 0 <= tax <= amount */
    int64_t paid;              /* what of `amount` was paid with points; 0 <= paid <= amount */
    int64_t excluded;          /* what of it other tenders paid that earn nothing, likewise */
};

/* What one rule gave in one currency. */
struct earning {
    unsigned rule, currency; /* indexes into the programme */
    int64_t base;            /* minor units that the rule looked at, after exclusions */
    int64_t whole;           /* point units after the rule's own rounding; 0 for carry */
    struct fraction carried; /* the exact contribution of a carry rule; else zero */
};

struct earnings {
    struct earning *list; /* in order of rule, then of its gifts; base > 0 only */
    size_t count;
};

/* What the lines earn a member of that level (index into the tiers' levels; -1 nobody, or there
 * are none). In the arena. False (ERROR_OVERFLOW) beyond the limits.
 * A receipt without lines is one line without SKU and category. */
bool earn(const struct programme *programme, int level, const struct basket_line lines[],
          size_t count, struct arena *arena, struct earnings *out, struct error *error);

/* What all lines count for, whatever rules look at: minor units. */
bool earning_base(const struct programme *programme, const struct basket_line lines[], size_t count,
                  int64_t *base, struct error *error);

/* Of one currency, over all rules: the sum of `whole`, and of `carried`. */
bool earnings_total(const struct earnings *earnings, unsigned currency, int64_t *whole,
                    struct fraction *carried, struct error *error);

/* A line with a part of it taken back: `returned` of `of` (quantity units, or
 * minor units of its amount), 0 <= returned <= of, of > 0. What remains depends
 * only on the total returned so far, never on the steps. */
struct basket_line line_remainder(struct basket_line line, int64_t returned, int64_t of);

#endif
