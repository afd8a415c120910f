#include "support.h"
const struct test_case programme_cases[] = {{NULL, NULL}};
