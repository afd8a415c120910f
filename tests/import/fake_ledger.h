/* A ledger that remembers and judges just enough for import to be tested apart
 * from the real one: keys, enrolment, matching of returns, one point per unit of
 * money. */
#ifndef LOYALTY_TESTS_FAKE_LEDGER_H
#define LOYALTY_TESTS_FAKE_LEDGER_H

#include "buffer.h"
#include "ledger.h"

enum { FAKE_MOST = 4096 };

struct fake_operation {
    struct text key, content, member;
    bool purchase;
    struct request_line *lines; /* quantity: what is left of it */
    size_t line_count;
    uint32_t *unmatched;
    int64_t *unmatched_quantity;
    size_t unmatched_count;
};

struct ledger {
    const struct programme *programme;
    struct arena arena;
    struct buffer log; /* one line for each record, as a test compares it */
    struct fake_operation operations[FAKE_MOST];
    size_t count;
    struct text members[FAKE_MOST];
    size_t member_count;
    int64_t size;
    int commits, closings;
    int commits_left; /* then ledger_execute() fails; -1: never */
    size_t largest_batch;
    enum error_code refuses; /* everything, with this; ERROR_NONE: nothing */
};

struct ledger *fake_ledger(const char *programme); /* NULL: a pound is a point */
void fake_ledger_free(struct ledger *ledger);

#endif
