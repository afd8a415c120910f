#include "support.h"
const struct test_case return_cases[] = {{NULL, NULL}};
