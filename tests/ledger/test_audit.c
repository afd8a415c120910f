#include "support.h"
const struct test_case audit_cases[] = {{NULL, NULL}};
