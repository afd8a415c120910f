#include "support.h"
const struct test_case state_cases[] = {{NULL, NULL}};
