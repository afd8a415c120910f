/* Trading: what each till sold on each business day, by the ledger and by its own word.
 *
 * The idea to hold: time never runs back in the log, and no sale is recorded before it
 * happened, so the records of some days begin where the first of them begins; what comes
 * late, a void or a correction among it, comes after that. The start is found by
 * halving, and the rest of the log is read once. Memory is tills x days. */
#ifndef LOYALTY_REPORT_TRADING_H
#define LOYALTY_REPORT_TRADING_H

#include "view.h"

enum {
    TRADING_HEARD = 28, /* a till that was heard of so many days before is expected */
    TRADING_DAYS = 366  /* at most, at once */
};

struct trading_day {
    int64_t count, sum; /* sales that stand, in minor units */
    int64_t late;       /* of them, those recorded after the close */
    int64_t closed_by;  /* the newest till.close; -1 none */
    int64_t said_count, said_sum;
    bool sold; /* there was a sale, if only one that was voided since */
};
struct trading_till {
    struct text store, till;  /* both may be empty: the request did not say */
    struct trading_day *days; /* from TRADING_HEARD days before the first */
};
/* A sale as it was recorded; its texts live until the next. */
struct trading_sale {
    const struct head *head;
    struct text store, till;
    struct text body;
    int64_t amount, day; /* minor units; the business day, since 1970 */
};
typedef bool trading_reader(void *context, const struct trading_sale *sale, struct error *error);

struct trading {
    struct view *view;
    int64_t first, last; /* days since 1970-01-01 */
    int64_t from;        /* the record that was read first */
    struct arena arena;  /* lives with it */
    struct arena scratch;
    struct trading_till *tills; /* by store and till */
    size_t count, capacity;
    trading_reader *each_sale; /* of the days from first to last, voided or not; may be NULL */
    void *context;
};

/* Days from first to last, after what was set by the caller: view, first, last and the
 * reader. Release it in any case. */
bool trading_read(struct trading *trading, struct error *error);
void trading_free(struct trading *trading);

/* Was anything heard of the till, a sale or a close, in the TRADING_HEARD days before? */
bool trading_heard(const struct trading *trading, const struct trading_till *till, int64_t day);
const struct trading_day *trading_of(const struct trading *trading, const struct trading_till *till,
                                     int64_t day);

/* Was nothing sold on that day, nor a close said, though the till was heard of before? */
bool trading_is_silent(const struct trading *trading, struct text store, struct text till,
                       int64_t day);

/* What the record of a purchase says. */
struct trading_sale trading_sale_of(const struct view *view, struct arena *arena,
                                    const struct head *head, struct text body);
/* A string of a body, by its place; empty where it is not there. */
struct text trading_text(struct arena *arena, struct text body, const char *pointer);

/* Business days are the same under all versions: neither their start nor the zone may
 * change. */
int64_t view_business_day(const struct view *view, moment at);

#endif
