/* Exceptions: what operators did that somebody should look at, and how often.
 *
 * The idea to hold: one pass over the records of some business days, and a small table
 * of what counts as what. Memory is operators x tills, never operations. */
#ifndef LOYALTY_REPORT_EXCEPTIONS_H
#define LOYALTY_REPORT_EXCEPTIONS_H

#include "kinds.h"

enum {
    EXCEPTION_DAYS = 366,    /* at most, at once */
    EXCEPTION_PURCHASES = 5, /* on one day; more are told, unless the request says so */
    EXCEPTION_PURCHASES_MOST = 10000
};

/* One operation as its body has it; it lives until the next. */
struct operation_seen {
    const struct head *head;
    struct text body;
    struct request request;
    int64_t day; /* of business, since 1970 */
};

/* What a row sums up, beside how many. */
struct exception_sums {
    int64_t count, amount;            /* minor units */
    int64_t points[LIMIT_CURRENCIES]; /* without their sign */
};
bool sum_amount(struct exception_sums *sums, int64_t amount, struct error *error);
bool sum_points(struct exception_sums *sums, unsigned currency, int64_t units, struct error *error);
/* Add what the record's wallet gained or lost. */
bool sum_moved(const struct view *view, struct exception_sums *sums, const struct head *head,
               struct error *error);

/* One row; empty texts and an `of` of 0 leave their columns blank. */
struct exception_row {
    struct text operator_id, store, till, what;
    int64_t of;
    uint64_t member; /* velocity: whose purchases ... */
    int64_t day;     /* ... on which day */
};
void exception_columns(const struct view *view, struct sheet *sheet);
void exception_write(const struct view *view, struct sheet *sheet, const struct exception_row *row,
                     const struct exception_sums *sums);

/* --- velocity.c: members with many purchases on one day ----------------------------- */

/* Purchases by member and day. Hardly any member buys often, so these are counted twice:
 * first in so many cells that each may stand for several, then exactly, but only those
 * whose cell counted more than `most`. Memory is the cells, and whom they point to. */
struct velocity {
    struct view *view;
    int64_t most;
    uint16_t *cells;
    size_t cell_count;
    struct arena arena;
    struct map sprees; /* by member and day */
};
void velocity_begin(struct velocity *velocity, struct view *view, int64_t most);
/* The first time, of every purchase. */
void velocity_count(struct velocity *velocity, const struct operation_seen *seen);
/* Is it worth a second time? */
bool velocity_is_suspected(const struct velocity *velocity, const struct operation_seen *seen);
bool velocity_any_suspected(const struct velocity *velocity);
/* The second time, of those. */
bool velocity_add(struct velocity *velocity, const struct operation_seen *seen,
                  struct error *error);
void velocity_write(struct velocity *velocity, struct sheet *sheet);
void velocity_end(struct velocity *velocity);

#endif
