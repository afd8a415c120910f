#include "support.h"
const struct test_case member_cases[] = {{NULL, NULL}};
