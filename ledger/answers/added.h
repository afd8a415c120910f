/* What records added: how many of each operation, and the points of each currency
 * by the programme's account. For whoever asks what happened since a checkpoint. */
#ifndef LOYALTY_ADDED_H
#define LOYALTY_ADDED_H

#include <cjson/cJSON.h>

#include "head.h"
#include "ledger.h"
#include "limits.h"

struct added {
    int64_t operations[RECORD_KIND_COUNT];
    struct added_points {
        char currency[LIMIT_ID + 1];
        int64_t sums[ACCOUNT_COUNT];
    } points[LIMIT_CURRENCIES];
    size_t points_count;
    int64_t records;
    moment first, last; /* of the log's clock */
};

/* ERROR_OVERFLOW, and ERROR_LIMIT for more currencies than a programme can have. */
bool added_note(struct added *added, const struct head *head, struct error *error);
cJSON *added_answer(const struct added *added, const struct ledger *ledger);

#endif
