/* What every CUnit program here shares: cases are a table, the main() runs all
 * or those whose name contains the argument, and exits non-zero on failure. */
#ifndef LOYALTY_TESTS_SUITE_H
#define LOYALTY_TESTS_SUITE_H

#include <CUnit/CUnit.h>
#include <stddef.h>

struct test_case {
    const char *name;
    void (*run)(void);
};
struct test_suite {
    const char *name;
    const struct test_case *cases; /* ends with a NULL name */
};
/* Each program defines this: a list that ends with a NULL name. */
extern const struct test_suite test_suites[];

/* A whole file, NUL after it; the caller frees it. NULL if it cannot be read. */
char *test_read_file(const char *path, size_t *length);

/* Print what was expected, what came, and fail the case. */
void test_expect_text(const char *what, const char *expected, size_t expected_length,
                      const char *actual, size_t actual_length);
void test_expect_integer(const char *what, long long expected, long long actual);

#endif
