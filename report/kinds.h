/* The reports by name: each fills a sheet from a view. */
#ifndef LOYALTY_REPORT_KINDS_H
#define LOYALTY_REPORT_KINDS_H

#include "sheet.h"
#include "view.h"

enum { LIMIT_PERIODS = 1200 /* months of one roll-forward */ };

/* The months that a request names, if it names any. */
struct months {
    int first, last;
};
bool months_read(const struct report_options *options, struct months *months, bool *given,
                 struct error *error);
/* The days that a request names, since 1970-01-01: from its `from` to its `until`. */
struct days {
    int64_t first, last;
};
/* `until` is at most as_of; without it, the day before as_of, or `from` if that is later. Without
 * `from` it is `length` days up to then. More than `most` days are ERROR_LIMIT. */
bool days_read(const struct view *view, const struct report_options *options, int64_t length,
               int64_t most, struct days *days, struct error *error);
bool format_read(const struct report_options *options, const struct report_writer *writer,
                 enum report_format *format, struct error *error);
/* "ok" and what is said of every view. */
cJSON *answer_begin(const char *name, const struct view *view);
bool report_send(const struct report_writer *writer, struct buffer *text, struct error *error);

bool liability(struct view *view, struct sheet *sheet, struct error *error);
bool rollforward(struct view *view, struct months months, struct sheet *sheet, struct error *error);
bool breakage(struct view *view, struct sheet *sheet, struct error *error);
bool trial_balance(struct view *view, struct sheet *sheet, struct error *error);
bool held_returns(struct view *view, struct sheet *sheet, struct error *error);
bool report_exceptions(struct view *view, struct days days, int64_t most, struct sheet *sheet,
                       struct error *error);
/* `verified`: the answer of a verification that held. */
bool integrity(struct view *view, const cJSON *verified, struct sheet *sheet, struct error *error);
bool period(struct view *view, struct months months, struct sheet *sheet, struct error *error);
/* Of the months; with "within" who is about to move instead. */
bool tier_levels(struct view *view, struct months months, const struct report_options *options,
                 struct sheet *sheet, struct error *error);
bool tills(struct view *view, struct days days, struct sheet *sheet, struct error *error);

#endif
