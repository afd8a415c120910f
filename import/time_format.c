/* A pattern is interpreted as it stands: a receipt has one time, so nothing is
 * gained by compiling it. A number takes as many digits as it can (up to its
 * width), so that "%Y%m%d" reads 20101201 and "%m/%d/%Y" reads 1/9/2010. */
#include "time_format.h"

static bool is_digit(char byte)
{
    return byte >= '0' && byte <= '9';
}

/* --- the pattern ----------------------------------------------------------------- */

const char *time_format_read(struct text pattern, struct time_format *format)
{
    static const char directives[] = "YmdHMS";
    unsigned seen = 0; /* bit i: directives[i] */
    *format = (struct time_format){.pattern = pattern};
    for (size_t i = 0; i < pattern.length; i++) {
        if (pattern.bytes[i] != '%')
            continue;
        if (++i == pattern.length)
            return _("ends in a single %");
        char directive = pattern.bytes[i];
        if (directive == '%')
            continue;
        const char *known = memchr(directives, directive, sizeof directives - 1);
        if (known == NULL)
            return _("has a directive other than %Y %m %d %H %M %S and %%");
        unsigned bit = 1u << (known - directives);
        if ((seen & bit) != 0)
            return _("has a directive twice");
        seen |= bit;
    }
    if ((seen & 7u) != 7u)
        return _("needs %Y, %m and %d");
    format->has_hour = (seen & 8u) != 0;
    return NULL;
}

/* --- a time ---------------------------------------------------------------------- */

/* A number of `least` to `most` digits. */
static bool read_number(struct text text, size_t *at, int least, int most, int *value)
{
    int digits = 0, number = 0;
    while (digits < most && *at < text.length && is_digit(text.bytes[*at])) {
        number = number * 10 + (text.bytes[(*at)++] - '0');
        digits++;
    }
    *value = number;
    return digits >= least;
}

static int *field_of(struct civil *civil, char directive)
{
    switch (directive) {
    case 'Y':
        return &civil->date.year;
    case 'm':
        return &civil->date.month;
    case 'd':
        return &civil->date.day;
    case 'H':
        return &civil->hour;
    case 'M':
        return &civil->minute;
    default: /* 'S': time_format_read() let no other pass */
        return &civil->second;
    }
}

static bool read_by_pattern(struct text pattern, struct text text, struct civil *civil)
{
    size_t at = 0;
    for (size_t i = 0; i < pattern.length; i++) {
        bool literal = pattern.bytes[i] != '%' || pattern.bytes[++i] == '%';
        if (literal) {
            if (at == text.length || text.bytes[at++] != pattern.bytes[i])
                return false;
            continue;
        }
        int width = pattern.bytes[i] == 'Y' ? 4 : 2;
        if (!read_number(text, &at, width == 4 ? 4 : 1, width, field_of(civil, pattern.bytes[i])))
            return false;
    }
    return at == text.length;
}

bool time_format_parse(const struct time_format *format, struct text text, const struct zone *zone,
                       moment *at, struct error *error)
{
    struct civil civil = {0};
    if (format->pattern.length == 0)
        return moment_parse(text, zone, at, error);
    if (!read_by_pattern(format->pattern, text, &civil))
        return fail(error, ERROR_INVALID_TIME, _("the time does not read as \"%.*s\""),
                    TEXT(format->pattern));
    if (!date_is_valid(civil.date))
        return fail(error, ERROR_INVALID_TIME, _("the date does not exist"));
    if (civil.hour > 23 || civil.minute > 59 || civil.second > 59)
        return fail(error, ERROR_INVALID_TIME, _("the time of day does not exist"));
    if (!format->has_hour)
        *at = zone_day_start(zone, civil.date);
    else if (!zone_from_civil(zone, civil, at))
        return fail(error, ERROR_INVALID_TIME,
                    _("the clocks were put forward over this local time: it does not exist"));
    if (*at < MOMENT_FIRST || *at > MOMENT_LAST)
        return fail(error, ERROR_INVALID_TIME, _("in UTC this time lies outside years 1 to 9999"));
    return true;
}
