/* The view: what is known (the first records of the log) and up to which day it
 * counts. Every report looks through one; it is open for the length of a reading
 * transaction. Programme versions beyond what is known do not exist for it. */
#ifndef LOYALTY_REPORT_VIEW_H
#define LOYALTY_REPORT_VIEW_H

#include "ledger_private.h"
#include "report.h"

enum { MONTH_NONE = 0, MONTH_NEVER = (1 << 17) - 1 /* what never expires */ };

/* A record that closes all months before a moment. */
struct closing {
    int64_t seq;
    moment closed;
};
struct view {
    struct ledger *ledger;
    struct arena arena;   /* lives with the view */
    struct arena scratch; /* of one head */
    struct watch watch;
    int64_t known_at; /* records [0, known_at) */
    const struct version *versions;
    size_t version_count;        /* of them, those that are known */
    const struct points *points; /* all points currencies: none ever disappears */
    size_t points_count;
    unsigned currency_digits; /* of money */
    struct date as_of;
    moment end;               /* the first moment after as_of: what counts lies before it */
    struct closing *closings; /* those that are known, in order */
    size_t closing_count;
    bool closings_found;
};

/* latest: as_of, where nothing is said, is at most this day; NULL: today. On
 * failure nothing is open. */
bool view_open(struct view *view, struct ledger *ledger, const struct report_options *options,
               const struct date *latest, struct error *error);
void view_close(struct view *view);

/* The known version in force at a moment; the first counts since ever. */
const struct version *view_version(const struct view *view, moment at);
/* Civil time in the zone of the version in force at that moment. */
struct date view_date(const struct view *view, moment at);
/* The first moment after a day. */
moment view_day_end(const struct view *view, struct date date);
/* Of a points currency by id, -1 where it is unknown. */
int view_currency(const struct view *view, struct text id);

/* When something counts that record `seq` dates so: at the first moment that was not
 * closed when it was recorded, if not later. */
moment view_reported(const struct view *view, int64_t seq, moment dated);
/* Find what was closed, once; before view_reported() is asked. The whole log is read for
 * it, where anything was closed. */
bool view_find_closings(struct view *view, struct error *error);

/* Months as numbers that can be counted: year * 12 + month - 1. */
int view_month(const struct view *view, moment at); /* MOMENT_NEVER: MONTH_NEVER */
int month_of_date(struct date date);
struct date month_first_day(int month);
struct date month_last_day(int month);
/* "2026-03"; "never"; the empty text for MONTH_NONE. */
struct text month_text(struct arena *arena, int month);
bool month_parse(struct text text, const char *field, int *month, struct error *error);

/* One head, its lists and texts in the arena. */
bool view_read_head(struct view *view, struct arena *arena, int64_t seq, struct head *head,
                    struct error *error);
/* Tell whoever watches; ERROR_INTERRUPTED where they have had enough. */
bool view_tell(const struct view *view, int64_t done, struct error *error);
/* Walk the known heads in order. The head lives until the callback returns. */
bool view_each_head(struct view *view,
                    bool (*each)(void *context, const struct head *head, struct error *error),
                    void *context, struct error *error);

/* The first known record of a moment or later; known_at where there is none. Time never
 * runs back in the log. */
bool view_first_since(struct view *view, moment since, int64_t *seq, struct error *error);
/* The same from a record on, each with its body (empty: it has none). */
bool view_each_record(struct view *view, int64_t from,
                      bool (*each)(void *context, const struct head *head, struct text body,
                                   struct error *error),
                      void *context, struct error *error);

/* What an answer says of the view it came from. */
void view_describe(const struct view *view, cJSON *answer);

#endif
