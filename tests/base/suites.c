/* The suites of base/, one per source file, in alphabetical order. */
#include "suite.h"

extern const struct test_case civil_cases[], decimal_cases[], error_cases[], id_cases[],
    json_cases[], language_cases[], map_cases[], memory_cases[], utf8_cases[], zone_cases[];

const struct test_suite test_suites[] = {
    {"civil", civil_cases}, {"decimal", decimal_cases},
    {"error", error_cases}, {"id", id_cases},
    {"json", json_cases},   {"language", language_cases},
    {"map", map_cases},     {"memory", memory_cases},
    {"utf8", utf8_cases},   {"zone", zone_cases},
    {NULL, NULL},
};
