/* The common main() of the CUnit programs. */
#include "suite.h"

#include <CUnit/Basic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

char *test_read_file(const char *path, size_t *length)
{
    FILE *file = fopen(path, "rb");
    if (file == NULL)
        return NULL;
    char *bytes = NULL;
    size_t used = 0, capacity = 0, got = 0;
    do {
        used += got;
        if (used + 1 >= capacity) {
            capacity = capacity * 2 + 4096;
            char *larger = realloc(bytes, capacity);
            if (larger == NULL)
                abort();
            bytes = larger;
        }
        got = fread(bytes + used, 1, capacity - used - 1, file);
    } while (got > 0);
    fclose(file);
    bytes[used] = '\0';
    if (length != NULL)
        *length = used;
    return bytes;
}

void test_expect_text(const char *what, const char *expected, size_t expected_length,
                      const char *actual, size_t actual_length)
{
    int same = expected_length == actual_length &&
               (expected_length == 0 || memcmp(expected, actual, expected_length) == 0);
    if (!same)
        printf("\n    %s: expected \"%.*s\", got \"%.*s\"\n", what, (int)expected_length, expected,
               (int)actual_length, actual);
    CU_ASSERT_TRUE(same);
}

void test_expect_integer(const char *what, long long expected, long long actual)
{
    if (expected != actual)
        printf("\n    %s: expected %lld, got %lld\n", what, expected, actual);
    CU_ASSERT_EQUAL(expected, actual);
}

int main(int argc, char **argv)
{
    /* Ledgers on trial leave nothing in the developer's home; who tests that names a folder. */
    setenv("LOYALTY_STATE", "none", 1);
    const char *only = argc > 1 ? argv[1] : "";
    if (CU_initialize_registry() != CUE_SUCCESS)
        return 1;
    unsigned added = 0;
    for (const struct test_suite *suite = test_suites; suite->name != NULL; suite++) {
        CU_pSuite registered = CU_add_suite(suite->name, NULL, NULL);
        for (const struct test_case *test = suite->cases; test->name != NULL; test++) {
            if (strstr(test->name, only) == NULL)
                continue;
            CU_add_test(registered, test->name, test->run);
            added++;
        }
    }
    if (added == 0) {
        fprintf(stderr, "no case is named like \"%s\"\n", only);
        return 2;
    }
    CU_basic_set_mode(CU_BRM_VERBOSE);
    CU_basic_run_tests();
    unsigned failures = CU_get_number_of_failures();
    CU_cleanup_registry();
    return failures == 0 ? 0 : 1;
}
