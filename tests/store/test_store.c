/* The suites of the store. */
#include "ground.h"

const struct test_suite test_suites[] = {
    {"life", life_cases},   {"rows", row_cases}, {"guard", guard_cases},
    {"fault", fault_cases}, {NULL, NULL},
};
