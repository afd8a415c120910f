/* What the files that put answers into words share. */
#ifndef LOYALTY_CLI_ANSWER_PRIVATE_H
#define LOYALTY_CLI_ANSWER_PRIVATE_H

#include "answer.h"
#include "table.h"

/* "id:..." of the member, or what was asked for. */
const char *who(const cJSON *answer);
/* Which plural a number takes: 1 is "one point", 1.5 and 0 are "points". */
unsigned long plural(double amount);
/* "through 2027-11-30", "usable from ...", "lapsed at once", or two of them. */
void dates_of(const cJSON *answer, const cJSON *lot, char text[160]);

/* Tables of what an operation did have five columns: what, how many, of which
 * points, and two for whatever more there is to say. */
struct table *effects_new(void);
void add_effect(struct table *table, const char *what, double amount, const char *points,
                const char *more, const char *dates);
/* "has now  12  star" for each points currency. */
void add_balances(struct table *table, const cJSON *answer);

/* What was earned, taken back, and given back of what points had paid. */
void add_earned(struct table *table, const cJSON *answer, const char *label);
void add_collected(struct table *table, const cJSON *answer);
void add_restored(struct table *table, const cJSON *answer);
void put_refund(const cJSON *answer);
/* What an operation is called in the member's language; the names are those of requests. */
const char *operation_word(const char *op);

/* That it was recorded before, and what has become of it since. */
void put_duplicate(const cJSON *answer);
void put_balances(const cJSON *answer);
void put_record(const cJSON *answer);
/* All three. */
void put_after(const cJSON *answer);
/* What came back but had lapsed meanwhile. */
void put_lapsed(const cJSON *answer);
/* What it would have acted on has not come yet, and may not come any more. */
bool put_tombstone(const cJSON *answer);

/* --- answer_tier.c ------------------------------------------------------------------ */

/* The member's level in short, and what is missing: behind the table of effects. */
void put_tier(const cJSON *answer);
/* What entering a level gave. */
void add_granted(struct table *table, const cJSON *answer);
/* The level in full: every level, and the benefits. */
void put_standing(const cJSON *answer);

/* --- answer_mended.c ---------------------------------------------------------------- */

void put_claimed(const cJSON *answer);

/* --- answer_uses.c ------------------------------------------------------------------ */

/* What is left of a benefit. */
void put_left(const cJSON *answer);

#endif
