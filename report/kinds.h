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

#endif
