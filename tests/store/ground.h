/* What the tests of the store stand on: a folder of their own, a commit that
 * touches every table, and one hash of everything a ledger holds. */
#ifndef LOYALTY_TESTS_STORE_GROUND_H
#define LOYALTY_TESTS_STORE_GROUND_H

#include "connection.h"
#include "suite.h"

extern const struct test_case life_cases[], row_cases[], guard_cases[], fault_cases[];

/* An absolute path in this run's folder, which is removed at exit. Two live at a time. */
const char *ground_path(const char *name);
bool ground_exists(const char *path);
void ground_write(const char *path, const void *bytes, size_t length);
void ground_copy(const char *from, const char *to);
/* The database, with nothing left beside it. */
void ground_expect_alone(const char *path);

/* A new ledger at that name, without commits; the test ends if that fails. */
struct store *ground_new(const char *name);
struct store *ground_open(const char *path, enum store_mode mode);

/* Rows of every table, different for each number from 0, as one commit gives them. */
struct sample {
    char head[2][64], body[64], note[32], edge[32], state[32];
    struct record_row records[2];
    struct checkpoint_row checkpoint;
    struct tile_row tile;
    struct key_row key;
    struct tip tip;
    struct member_row member;
    struct balance_row balance;
    struct carry_row carry;
    struct lot_row lot;
    struct returned_row returned;
    struct cancelled_row cancelled;
    struct holder_row holder;
    struct erased_row erased;
    struct programme_row programme;
    struct reservation_row reservation;
    struct household_row household;
    struct counter_row counter;
    struct measure_row measure;
    struct tier_row tier;
    struct held_row held;
    struct operator_row operator_row;
    struct identifier_row identifier;
    struct changes changes;
};
void ground_sample(struct sample *sample, int number);
/* Begin, apply, commit. */
bool ground_commit(struct store *store, int number, struct error *error);

/* Of facts, bodies and all projections. */
void ground_digest(struct store *store, unsigned char out[DIGEST_BYTES]);

void ground_expect_code(const char *what, enum error_code expected, bool result,
                        const struct error *error);
#define EXPECT_GOOD(call)                                                                          \
    do {                                                                                           \
        struct error *expect_error = &error;                                                       \
        *expect_error = (struct error){0};                                                         \
        bool expect_result = (call);                                                               \
        if (!expect_result)                                                                        \
            printf("\n    %s: %s: %s\n", #call, error_name(error.code), error.message);            \
        CU_ASSERT_TRUE_FATAL(expect_result);                                                       \
    } while (0)
#define EXPECT_CODE(expected, call)                                                                \
    do {                                                                                           \
        error = (struct error){0};                                                                 \
        bool expect_result = (call);                                                               \
        ground_expect_code(#call, expected, expect_result, &error);                                \
    } while (0)

#endif
