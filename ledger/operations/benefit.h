/* What is left of a benefit: of its quota for one member, of its places for all. */
#ifndef LOYALTY_BENEFIT_H
#define LOYALTY_BENEFIT_H

#include "context.h"

/* For the loaded member, of that level (index; -1 without tiers): uses in the calendar unit
 * that a moment lies in, and free places. LIMIT_UNITS where there is no limit. */
bool benefit_left(struct context *context, const struct benefit *benefit, int level, moment at,
                  int64_t *left, int64_t *seats, struct error *error);

#endif
