/* What the suites of tlog/ share: a tree kept in an array, the definition of
 * RFC 6962 written down naively as the oracle, and vectors read as JSON. */
#ifndef LOYALTY_TESTS_TLOG_SUPPORT_H
#define LOYALTY_TESTS_TLOG_SUPPORT_H

#include <cjson/cJSON.h>

#include "merkle.h"
#include "suite.h"

extern const struct test_case spelling_cases[], merkle_cases[], proof_cases[], proof_vector_cases[],
    ed25519_cases[], note_cases[], checkpoint_cases[], tile_cases[], policy_cases[];

enum { TEST_LEAVES = 3000 };
/* The leaf hashes of "leaf 0", "leaf 1", ... (TEST_LEAVES of them). */
const struct hash *test_leaves(void);
/* MTH of RFC 6962 section 2.1, straight from its recursive definition. */
struct hash naive_root(const struct hash leaves[], size_t count);
/* Leaf hashes and tile roots from test_leaves(); asserts on what it is asked. */
struct hash_source test_source(void);

cJSON *test_read_json(const char *path); /* NULL if it cannot be read */
const char *json_text(const cJSON *object, const char *name);
/* Hex of any length into `out`; returns the bytes. */
size_t test_hex(const char *hex, unsigned char *out, size_t max);

/* The error's code and words in one line, for failures. */
void expect_error(const char *what, enum error_code code, const struct error *error);

#endif
