/* A member's month: what the statement says, before it is spelled. */
#ifndef LOYALTY_REPORT_STATEMENT_H
#define LOYALTY_REPORT_STATEMENT_H

#include "flow.h"

enum { LIMIT_STATEMENT_LINES = 10000, LIMIT_STATEMENT_DUES = 1000 };

struct statement_line {
    moment at;
    int64_t seq; /* of the operation's first record; -1: points lapsed */
    unsigned currency;
    enum record_kind kind;
    int64_t amount;      /* signed change, point units */
    struct text receipt; /* empty where there is none, or it was erased */
};
struct statement_due { /* open points that lapse together */
    moment last;       /* the last moment at which they are there; never: not listed */
    unsigned currency;
    int64_t amount;
};
struct statement {
    struct view *view;
    uint64_t member;
    int month;
    int64_t opening[LIMIT_CURRENCIES], closing[LIMIT_CURRENCIES];
    struct statement_line *lines;
    size_t line_count, line_capacity;
    struct statement_due *dues;
    size_t due_count, due_capacity;
};

/* Point by point, ordered by currency, then time. */
void statement_print(const struct statement *statement, size_t width, struct buffer *out);

#endif
