#include "support.h"
const struct test_case pipeline_cases[] = {{NULL, NULL}};
