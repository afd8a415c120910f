/* What writing and reading a head share: the names that are part of the format. */
#ifndef LOYALTY_HEAD_PRIVATE_H
#define LOYALTY_HEAD_PRIVATE_H

#include "head.h"

extern const char *const record_names[];  /* by enum record_kind */
extern const char *const account_names[]; /* by enum account */
extern const char *const owner_names[];   /* by enum counter_owner */
extern const char *const cause_names[];   /* by enum tier_cause */

#endif
