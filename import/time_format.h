/* Times as retailers write them: a small set of strptime's directives, read
 * without the C library, whose answer would depend on the locale. */
#ifndef LOYALTY_IMPORT_TIME_FORMAT_H
#define LOYALTY_IMPORT_TIME_FORMAT_H

#include "civil.h"

/* %Y four digits; %m %d %H %M %S one or two; %% a percent sign; everything else
 * stands for itself. Year, month and day are required; what is missing of the
 * time of day is 0. */
struct time_format {
    struct text pattern; /* empty: moment_parse() decides */
    bool has_hour;       /* without: the first moment of the day */
};

/* What is wrong with a pattern, for people; NULL if nothing. */
const char *time_format_read(struct text pattern, struct time_format *format);

/* ERROR_INVALID_TIME says what is wrong, also where the day does not exist or
 * the local time falls into a gap. */
bool time_format_parse(const struct time_format *format, struct text text, const struct zone *zone,
                       moment *at, struct error *error);

#endif
