#include "support.h"
const struct test_case match_cases[] = {{NULL, NULL}};
