#include "support.h"
const struct test_case redeem_cases[] = {{NULL, NULL}};
