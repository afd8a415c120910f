/* The suites of report/, one program. */
#ifndef LOYALTY_TESTS_REPORT_CASES_H
#define LOYALTY_TESTS_REPORT_CASES_H

#include "support.h"

/* Set the clock of what follows. */
void at(struct trial *trial, const char *now);
/* A report, which succeeds. Long work takes no clock: what is asked says the day. */
const cJSON *ask(struct trial *trial, const char *request);

extern const struct test_case tiers_cases[];

#endif
