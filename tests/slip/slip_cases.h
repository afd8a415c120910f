/* The suites of slip/, one program. */
#ifndef LOYALTY_TESTS_SLIP_CASES_H
#define LOYALTY_TESTS_SLIP_CASES_H

#include <cjson/cJSON.h>

#include "suite.h"

/* Answers are written with ' for ", as tests are read more often than written; their numbers
 * become raw digits, as the ledger makes them. */
cJSON *answer_of(const char *text);

extern const struct test_case tier_cases[];

#endif
