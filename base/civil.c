/* The calendar: dates, spans, and moments as text.
 *
 * The one idea: a date is a count of days and a moment is a count of
 * milliseconds; everything else is a way of writing them. The count of days
 * comes from arithmetic on 400-year eras that begin on 1 March, so that the leap
 * day is the last day of a year and needs no special case (Howard Hinnant,
 * "chrono-compatible low-level date algorithms").
 *
 * What a zone is stands in zone.c; here it is only asked. The C library's time
 * functions are not used: they read TZ and belong to the whole process. */
#include "civil.h"

#include <assert.h>

#define DAYS_PER_ERA INT64_C(146097)     /* 400 years */
#define DAYS_TO_1970 INT64_C(719468)     /* from 0000-03-01 */
#define DAYS_IN_100_YEARS INT64_C(36525) /* as spans count */
#define SECOND INT64_C(1000)             /* milliseconds */
#define MINUTE (60 * SECOND)
#define HOUR (60 * MINUTE)
#define DAY (24 * HOUR)
#define OFFSET_MOST (18 * HOUR)

/* ---- dates ---------------------------------------------------------------- */

static bool is_leap(int year)
{
    return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
}

int days_in_month(int year, int month)
{
    static const int days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    assert(month >= 1 && month <= 12);
    return month == 2 && is_leap(year) ? 29 : days[month - 1];
}

bool date_is_valid(struct date date)
{
    return date.year >= 1 && date.year <= 9999 && date.month >= 1 && date.month <= 12 &&
           date.day >= 1 && date.day <= days_in_month(date.year, date.month);
}

static int64_t floor_divide(int64_t a, int64_t b)
{
    return a / b - (a % b < 0);
}

int64_t date_to_days(struct date date)
{
    int64_t year = (int64_t)date.year - (date.month <= 2); /* years begin in March */
    int64_t era = floor_divide(year, 400);
    int64_t year_of_era = year - era * 400;
    int64_t month_from_march = date.month > 2 ? date.month - 3 : date.month + 9;
    int64_t day_of_year = (153 * month_from_march + 2) / 5 + date.day - 1;
    int64_t day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    return era * DAYS_PER_ERA + day_of_era - DAYS_TO_1970;
}

struct date date_from_days(int64_t days)
{
    /* Any moment up to "never" has a date; beyond that the caller is wrong. */
    assert(days >= -LIMIT_UNITS / DAY - 1 && days <= LIMIT_UNITS / DAY + 1);
    int64_t shifted = days + DAYS_TO_1970;
    int64_t era = floor_divide(shifted, DAYS_PER_ERA);
    unsigned day_of_era = (unsigned)(shifted - era * DAYS_PER_ERA);
    unsigned year_of_era =
        (day_of_era - day_of_era / 1460 + day_of_era / 36524 - day_of_era / 146096) / 365;
    unsigned day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    unsigned month_from_march = (5 * day_of_year + 2) / 153;
    unsigned day = day_of_year - (153 * month_from_march + 2) / 5 + 1;
    unsigned month = month_from_march < 10 ? month_from_march + 3 : month_from_march - 9;
    int year = (int)(era * 400 + year_of_era) + (month <= 2);
    return (struct date){.year = year, .month = (int)month, .day = (int)day};
}

int date_weekday(struct date date)
{
    int64_t days = date_to_days(date) + 3; /* 1970-01-01 was a Thursday */
    return (int)(days - floor_divide(days, 7) * 7) + 1;
}

int64_t civil_to_milliseconds(struct civil civil)
{
    return date_to_days(civil.date) * DAY + civil.hour * HOUR + civil.minute * MINUTE +
           civil.second * SECOND + civil.millisecond;
}

struct civil civil_from_milliseconds(int64_t milliseconds)
{
    int64_t days = floor_divide(milliseconds, DAY);
    unsigned rest = (unsigned)(milliseconds - days * DAY);
    struct civil civil = {.date = date_from_days(days)};
    civil.millisecond = (int)(rest % 1000);
    rest /= 1000;
    civil.second = (int)(rest % 60);
    rest /= 60;
    civil.minute = (int)(rest % 60);
    civil.hour = (int)(rest / 60);
    return civil;
}

struct date date_boundary(struct date date, enum boundary boundary)
{
    switch (boundary) {
    case END_OF_DAY:
        return date;
    case END_OF_MONTH:
        break;
    case END_OF_QUARTER:
        date.month = (date.month + 2) / 3 * 3;
        break;
    case END_OF_YEAR:
        date.month = 12;
        break;
    }
    date.day = days_in_month(date.year, date.month);
    return date;
}

/* ---- reading digits -------------------------------------------------------- */

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

/* Exactly `count` digits at the front of *rest, which moves on. */
static bool take_digits(struct text *rest, size_t count, int *value)
{
    if (rest->length < count)
        return false;
    int sum = 0;
    for (size_t i = 0; i < count; i++) {
        if (!is_digit(rest->bytes[i]))
            return false;
        sum = sum * 10 + (rest->bytes[i] - '0');
    }
    rest->bytes += count;
    rest->length -= count;
    *value = sum;
    return true;
}

static bool take_byte(struct text *rest, char wanted)
{
    if (rest->length == 0 || rest->bytes[0] != wanted)
        return false;
    rest->bytes++;
    rest->length--;
    return true;
}

/* The shape "dddd-dd-dd"; whether such a day exists is another question. */
static bool take_date(struct text *rest, struct date *date)
{
    return take_digits(rest, 4, &date->year) && take_byte(rest, '-') &&
           take_digits(rest, 2, &date->month) && take_byte(rest, '-') &&
           take_digits(rest, 2, &date->day);
}

bool date_parse(struct text text, struct date *date)
{
    struct date read;
    if (!take_date(&text, &read) || text.length != 0 || !date_is_valid(read))
        return false;
    *date = read;
    return true;
}

/* ---- spans ------------------------------------------------------------------ */

/* A positive number in its one spelling. The bound, 10^12, is beyond any span we
 * accept and keeps every product below inside 64 bits. */
static bool take_count(struct text *rest, int64_t *count)
{
    int64_t sum = 0;
    while (rest->length > 0 && is_digit(rest->bytes[0])) {
        sum = sum * 10 + (rest->bytes[0] - '0');
        if (sum == 0 || sum > INT64_C(1000000000000))
            return false;
        rest->bytes++;
        rest->length--;
    }
    *count = sum;
    return sum > 0;
}

/* 100 years of 365.25 days; a month is a twelfth of one. Adds to *used what
 * `count` units of `unit` milliseconds take of it. */
static bool span_has_room(int64_t *used, int64_t count, int64_t unit)
{
    const int64_t most = DAYS_IN_100_YEARS * DAY;
    if (count > (most - *used) / unit)
        return false;
    *used += count * unit;
    return true;
}

/* The units in the order they must come; 'T' stands between days and hours. */
enum { YEARS, MONTHS, WEEKS, DAYS, HOURS, MINUTES, SECONDS, UNITS };
static const struct {
    char letter;
    int64_t length;
} span_units[UNITS] = {
    [YEARS] = {'Y', DAYS_IN_100_YEARS *DAY / 100},
    [MONTHS] = {'M', DAYS_IN_100_YEARS *DAY / 1200},
    [WEEKS] = {'W', 7 * DAY},
    [DAYS] = {'D', DAY},
    [HOURS] = {'H', HOUR},
    [MINUTES] = {'M', MINUTE},
    [SECONDS] = {'S', SECOND},
};

struct span_reading {
    int64_t counts[UNITS];
    int64_t used; /* milliseconds of the 100 years */
    int read;     /* how many units were given */
};

/* The units of one half, each at most once and in order, at least one. */
static bool take_units(struct text *rest, int first, int end, struct span_reading *reading)
{
    do {
        int64_t count;
        if (!take_count(rest, &count) || rest->length == 0)
            return false;
        while (first < end && span_units[first].letter != rest->bytes[0])
            first++;
        if (first == end || !span_has_room(&reading->used, count, span_units[first].length))
            return false;
        take_byte(rest, span_units[first].letter);
        reading->counts[first++] = count;
        reading->read++;
    } while (rest->length > 0 && rest->bytes[0] != 'T');
    return true;
}

bool span_parse(struct text text, struct span *span)
{
    struct span_reading reading = {0};
    if (!take_byte(&text, 'P') || text.length == 0)
        return false;
    if (text.bytes[0] != 'T' && !take_units(&text, YEARS, HOURS, &reading))
        return false;
    if (take_byte(&text, 'T') && !take_units(&text, HOURS, UNITS, &reading))
        return false;
    const int64_t *counts = reading.counts;
    if (text.length != 0 || (counts[WEEKS] > 0 && reading.read > 1))
        return false;
    span->months = (int)(counts[YEARS] * 12 + counts[MONTHS]);
    span->days = (int)(counts[WEEKS] * 7 + counts[DAYS]);
    span->milliseconds = counts[HOURS] * HOUR + counts[MINUTES] * MINUTE + counts[SECONDS] * SECOND;
    return true;
}

static int64_t span_length(struct span span)
{
    return span.months * span_units[MONTHS].length + span.days * DAY + span.milliseconds;
}

int span_compare(struct span a, struct span b)
{
    int64_t left = span_length(a), right = span_length(b);
    return (left > right) - (left < right);
}

struct date date_add(struct date date, struct span span)
{
    const struct date first = {1, 1, 1}, last = {9999, 12, 31};
    int64_t month = (int64_t)date.year * 12 + (date.month - 1) + span.months;
    if (month < 12)
        date = first;
    else if (month >= INT64_C(10000) * 12)
        date = last;
    else {
        date.year = (int)(month / 12);
        date.month = (int)(month % 12) + 1;
        int days = days_in_month(date.year, date.month);
        date.day = date.day < days ? date.day : days;
    }
    int64_t days = date_to_days(date) + span.days;
    if (days < date_to_days(first))
        return first;
    return days > date_to_days(last) ? last : date_from_days(days);
}

/* ---- moments as text -------------------------------------------------------- */

static bool malformed(struct error *error)
{
    fail(error, ERROR_INVALID_TIME, _("this is not a date and time"));
    return hint(error, _("write it like 2026-11-21T18:30:00+08:00"));
}

/* What stands in the text, before it is asked whether such a time exists. */
struct reading {
    struct civil civil;
    bool has_clock; /* not the date alone */
    bool has_offset;
    int64_t offset; /* milliseconds east of UTC */
};

static bool take_fraction(struct text *rest, int *millisecond, struct error *error)
{
    static const int scale[] = {100, 10, 1};
    size_t digits = 0;
    *millisecond = 0;
    while (rest->length > 0 && is_digit(rest->bytes[0])) {
        if (digits == 3)
            return fail(error, ERROR_INVALID_TIME,
                        _("a time has at most three digits after the second"));
        *millisecond += (rest->bytes[0] - '0') * scale[digits++];
        rest->bytes++;
        rest->length--;
    }
    return digits > 0 || malformed(error);
}

/* "HH:MM", "HH:MM:SS" or "HH:MM:SS.mmm" */
static bool take_clock(struct text *rest, struct civil *civil, struct error *error)
{
    if (!take_digits(rest, 2, &civil->hour) || !take_byte(rest, ':') ||
        !take_digits(rest, 2, &civil->minute))
        return malformed(error);
    if (take_byte(rest, ':')) {
        if (!take_digits(rest, 2, &civil->second))
            return malformed(error);
        if (take_byte(rest, '.') && !take_fraction(rest, &civil->millisecond, error))
            return false;
    }
    if (civil->hour == 24)
        return fail(error, ERROR_INVALID_TIME,
                    _("hour 24 does not exist: midnight is 00:00 of the next day"));
    if (civil->hour > 24 || civil->minute > 59 || civil->second > 60)
        return fail(error, ERROR_INVALID_TIME, _("%02d:%02d:%02d is not a time of day"),
                    civil->hour, civil->minute, civil->second);
    if (civil->second == 60)
        return fail(error, ERROR_INVALID_TIME,
                    _("leap seconds cannot be kept: write second 59 or the next minute"));
    return true;
}

/* "Z", "+HH:MM", "-HH:MM" or nothing, and then the end */
static bool take_offset(struct text *rest, struct reading *reading, struct error *error)
{
    if (rest->length == 0)
        return true;
    reading->has_offset = true;
    if (rest->bytes[0] == 'z') {
        fail(error, ERROR_INVALID_TIME, _("UTC is written with a capital Z"));
        return hint(error, _("write it like 2026-11-21T10:30:00Z"));
    }
    if (take_byte(rest, 'Z'))
        return rest->length == 0 || malformed(error);
    int hours, minutes;
    bool west = rest->bytes[0] == '-';
    if ((!take_byte(rest, '+') && !take_byte(rest, '-')) || !take_digits(rest, 2, &hours) ||
        !take_byte(rest, ':') || !take_digits(rest, 2, &minutes) || rest->length != 0)
        return malformed(error);
    reading->offset = hours * HOUR + minutes * MINUTE;
    if (minutes > 59 || reading->offset > OFFSET_MOST)
        return fail(error, ERROR_INVALID_TIME, _("the offset from UTC must lie within 18:00"));
    if (west)
        reading->offset = -reading->offset;
    return true;
}

static bool check_date(struct date date, struct error *error)
{
    if (date_is_valid(date))
        return true;
    fail(error, ERROR_INVALID_TIME, _("the date %04d-%02d-%02d does not exist"), date.year,
         date.month, date.day);
    if (date.year < 1)
        return hint(error, _("years run from 0001 to 9999"));
    if (date.month < 1 || date.month > 12)
        return hint(error, _("months run from 01 to 12"));
    return hint(error, _("that month has %d days"), days_in_month(date.year, date.month));
}

static bool read_moment(struct text text, struct reading *reading, struct error *error)
{
    *reading = (struct reading){0};
    if (!take_date(&text, &reading->civil.date))
        return malformed(error);
    if (!check_date(reading->civil.date, error))
        return false;
    if (text.length == 0)
        return true;
    if (text.bytes[0] == 't') {
        fail(error, ERROR_INVALID_TIME, _("date and time are joined by a capital T"));
        return hint(error, _("write it like 2026-11-21T18:30:00+08:00"));
    }
    if (!take_byte(&text, 'T') && !take_byte(&text, ' '))
        return malformed(error);
    reading->has_clock = true;
    return take_clock(&text, &reading->civil, error) && take_offset(&text, reading, error);
}

/* A local time, or the start of a date, by the clocks of the zone. */
static bool place_in_zone(const struct reading *reading, const struct zone *zone, moment *at,
                          struct error *error)
{
    const struct civil *civil = &reading->civil;
    const struct date date = civil->date;
    if (reading->has_clock) {
        if (zone_from_civil(zone, *civil, at))
            return true;
        return fail(error, ERROR_INVALID_TIME,
                    _("the local time %04d-%02d-%02d %02d:%02d:%02d does not exist: "
                      "clocks were put forward over it"),
                    date.year, date.month, date.day, civil->hour, civil->minute, civil->second);
    }
    *at = zone_day_start(zone, date);
    if (date_to_days(zone_date(zone, *at)) == date_to_days(date))
        return true;
    return fail(error, ERROR_INVALID_TIME,
                _("the date %04d-%02d-%02d does not exist there: clocks were put forward over it"),
                date.year, date.month, date.day);
}

bool moment_parse(struct text text, const struct zone *zone, moment *at, struct error *error)
{
    struct reading reading;
    moment placed;
    if (!read_moment(text, &reading, error))
        return false;
    if (reading.has_offset) {
        placed = civil_to_milliseconds(reading.civil) - reading.offset;
    } else if (zone == NULL) {
        fail(error, ERROR_INVALID_TIME, _("this time needs an offset from UTC"));
        return hint(error, _("write it like 2026-11-21T18:30:00+08:00"));
    } else if (!place_in_zone(&reading, zone, &placed, error)) {
        return false;
    }
    if (placed < MOMENT_FIRST || placed > MOMENT_LAST)
        return fail(error, ERROR_INVALID_TIME, _("in UTC this time lies outside years 1 to 9999"));
    *at = placed;
    return true;
}

/* At least `width` digits of a number that is not negative. */
static char *put_digits(char *to, int value, int width)
{
    assert(value >= 0);
    int divisor = 1;
    while (--width > 0 || value / divisor > 9) {
        divisor *= 10;
    }
    for (; divisor > 0; divisor /= 10)
        *to++ = (char)('0' + value / divisor % 10);
    return to;
}

static char *put_date(char *to, struct date date)
{
    if (date.year < 0) /* nothing we accept; but never a wrong sign in an error text */
        *to++ = '-';
    to = put_digits(to, date.year < 0 ? -date.year : date.year, 4);
    *to++ = '-';
    to = put_digits(to, date.month, 2);
    *to++ = '-';
    return put_digits(to, date.day, 2);
}

static char *put_civil(char *to, struct civil civil)
{
    to = put_date(to, civil.date);
    *to++ = 'T';
    to = put_digits(to, civil.hour, 2);
    *to++ = ':';
    to = put_digits(to, civil.minute, 2);
    *to++ = ':';
    to = put_digits(to, civil.second, 2);
    if (civil.millisecond == 0)
        return to;
    *to++ = '.';
    return put_digits(to, civil.millisecond, 3);
}

void date_format(struct buffer *buffer, struct date date)
{
    char out[32];
    buffer_add(buffer, out, (size_t)(put_date(out, date) - out));
}

void moment_format(struct buffer *buffer, moment at)
{
    char out[48];
    char *end = put_civil(out, civil_from_milliseconds(at));
    *end++ = 'Z';
    buffer_add(buffer, out, (size_t)(end - out));
}

void moment_format_local(struct buffer *buffer, const struct zone *zone, moment at)
{
    /* Whole minutes, and within what moment_parse reads back. */
    int64_t offset = zone_offset_seconds(zone, at) * SECOND / MINUTE * MINUTE;
    if (offset > OFFSET_MOST)
        offset = OFFSET_MOST;
    if (offset < -OFFSET_MOST)
        offset = -OFFSET_MOST;
    struct civil local = civil_from_milliseconds(at + offset);
    if (!date_is_valid(local.date)) {
        moment_format(buffer, at);
        return;
    }
    char out[48];
    char *end = put_civil(out, local);
    int minutes = (int)((offset < 0 ? -offset : offset) / MINUTE);
    *end++ = offset < 0 ? '-' : '+';
    end = put_digits(end, minutes / 60, 2);
    *end++ = ':';
    end = put_digits(end, minutes % 60, 2);
    buffer_add(buffer, out, (size_t)(end - out));
}
