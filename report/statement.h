/* A member's month: what the statement says, before it is spelled. */
#ifndef LOYALTY_REPORT_STATEMENT_H
#define LOYALTY_REPORT_STATEMENT_H

#include "book.h"
#include "sheet.h"

enum { LIMIT_STATEMENT_LINES = 10000, LIMIT_STATEMENT_DUES = 1000 };

struct statement_line {
    moment at, dated; /* when it counts; when it was */
    int64_t seq;      /* of the operation's first record; -1: points lapsed */
    unsigned currency;
    enum record_kind kind;
    uint64_t member; /* whose operation it was */
    uint64_t with;   /* the other member of a transfer or merge; 0 none */
    int64_t amount;  /* signed change, point units */
    bool is_late;
    struct text receipt; /* empty where there is none, or it was erased */
};
struct statement_due { /* open points that lapse, or can be spent, from the same moment on */
    moment at;
    unsigned currency;
    int64_t amount;
};
struct statement_dues {
    struct statement_due *list;
    size_t count, capacity;
};
/* The wallet that the member had from a moment on, and since which record. */
struct statement_stay {
    uint64_t wallet;
    moment from, until;
    int64_t seq;
    enum record_kind kind;
};
struct statement {
    struct view *view;
    uint64_t member;
    int month;
    moment from, until;               /* of the month */
    struct statement_stay stay;       /* that is being read */
    int64_t before[LIMIT_CURRENCIES]; /* what its wallet had when it, or the month, began */
    int64_t opening[LIMIT_CURRENCIES], closing[LIMIT_CURRENCIES];
    int64_t sides[LIMIT_CURRENCIES][SIDES], debt[LIMIT_CURRENCIES]; /* of the closing */
    struct statement_line *lines;
    size_t line_count, line_capacity;
    struct statement_dues lapsing, coming; /* coming: pending points; never: by an operation */
};

/* Point by point, ordered by currency, then time. */
void statement_print(const struct statement *statement, size_t width, struct buffer *out);
/* A row for each movement, between the opening and the closing balance. */
void statement_fill_sheet(const struct statement *statement, struct sheet *sheet);

#endif
