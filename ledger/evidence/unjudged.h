/* What an audit could not judge because bodies were erased: how much, and of what worth. */
#ifndef LOYALTY_UNJUDGED_H
#define LOYALTY_UNJUDGED_H

#include "ledger_private.h"

#include <cjson/cJSON.h>

/* Points of one currency that wallets gained, and lost, by these records. */
struct unjudged_points {
    char currency[LIMIT_ID + 1];
    int64_t gained, lost; /* each >= 0; LIMIT_UNITS where there are more */
};
struct unjudged {
    int64_t records;
    struct unjudged_points points[LIMIT_CURRENCIES];
    size_t count;
};
void unjudged_add(struct unjudged *unjudged, const struct head *head);
/* {"records", "points": {"star": {"gained", "lost", "value"}}}: the value of what was gained,
 * by the newest version that the ledger has read; null where it says none. */
cJSON *unjudged_answer(const struct unjudged *unjudged, const struct ledger *ledger);

#endif
