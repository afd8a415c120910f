#include "support.h"
const struct test_case purchase_cases[] = {{NULL, NULL}};
