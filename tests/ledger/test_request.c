#include "support.h"
const struct test_case request_cases[] = {{NULL, NULL}};
