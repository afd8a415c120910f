/* Civil time without TZ, tzset or localtime: dates and spans on the proleptic
 * Gregorian calendar, zones from TZif bytes (RFC 8536) that the ledger itself
 * carries. A moment is UTC milliseconds since 1970. */
#ifndef LOYALTY_CIVIL_H
#define LOYALTY_CIVIL_H

#include <stdbool.h>
#include <stdint.h>

#include "buffer.h"
#include "error.h"
#include "limits.h"

typedef int64_t moment;
#define MOMENT_NEVER LIMIT_UNITS
/* Moments we accept and produce: years 1 to 9999. */
#define MOMENT_FIRST INT64_C(-62135596800000)
#define MOMENT_LAST INT64_C(253402300799999)
/* Days since 1970 that one of these is by some clock on the wall: a day further. */
#define LOCAL_DAY_FIRST INT64_C(-719163)
#define LOCAL_DAY_LAST INT64_C(2932897)

struct date {
    int year, month, day; /* month and day from 1 */
};
struct civil {
    struct date date;
    int hour, minute, second, millisecond;
};

bool date_is_valid(struct date date);             /* 1 <= year <= 9999, the day exists */
int64_t date_to_days(struct date date);           /* days since 1970-01-01 */
struct date date_from_days(int64_t days);
/* Milliseconds since 1970-01-01T00:00 by the same clock: for UTC, the moment. */
int64_t civil_to_milliseconds(struct civil civil);
struct civil civil_from_milliseconds(int64_t milliseconds);
int date_weekday(struct date date);               /* 1 Monday ... 7 Sunday */
int days_in_month(int year, int month);
bool date_parse(struct text text, struct date *date);  /* "2026-11-21" */
void date_format(struct buffer *buffer, struct date date);

/* A span: ISO 8601 durations "P1Y", "P6M", "P2W", "P7D", "P1Y6M", "PT36H", "P1DT12H".
 * Months and days are calendar units; the rest is exact. At most 100 years of
 * 365.25 days in all, a month being a twelfth of one. Weeks stand alone. */
struct span {
    int months, days;
    int64_t milliseconds;
};
bool span_parse(struct text text, struct span *span);
/* <0, 0, >0 by length, where a day has 24 hours and a month is that twelfth: what a
 * span comes to at one moment may differ by days from what it does at another. */
int span_compare(struct span a, struct span b); /* positive, canonical units, not empty */
/* Months first, the day clamped (31 January + 1 month = 28 or 29 February),
 * then days; the milliseconds do not move a date. A span with its fields negated
 * goes back. The result stops at the first and last date we accept. */
struct date date_add(struct date date, struct span span);

enum boundary { END_OF_DAY, END_OF_MONTH, END_OF_QUARTER, END_OF_YEAR };
struct date date_boundary(struct date date, enum boundary boundary); /* the last day of its ... */

struct zone; /* immutable; lives in the arena it was read into */
/* Parse TZif bytes of version 2 to 4, the POSIX footer included. NULL with
 * ERROR_INVALID_ZONE for anything else, leap seconds ("right/...") among it. The
 * bytes are not needed afterwards. */
const struct zone *zone_read(struct arena *arena, struct text bytes, struct error *error);
/* Append the TZif bytes of an IANA name from the system's database; the name is
 * checked ("..", leading "/", odd characters are refused). ERROR_INVALID_ZONE. */
bool zone_load_system(const char *name, struct buffer *bytes, struct error *error);

void zone_to_civil(const struct zone *zone, moment at, struct civil *civil);
int zone_offset_seconds(const struct zone *zone, moment at);
/* An ambiguous local time is the earlier one; one that does not exist gives
 * false. */
bool zone_from_civil(const struct zone *zone, struct civil civil, moment *at);
struct date zone_date(const struct zone *zone, moment at);
/* The first moment that belongs to the date (00:00, or the first moment after a
 * gap; a date that a zone skipped whole gives the moment of the skip). */
moment zone_day_start(const struct zone *zone, struct date date);
/* `at` moved by a span: months and days on the local calendar keeping the local
 * time of day (a time that does not exist moves to the end of the gap), then
 * milliseconds. Stops at MOMENT_FIRST and MOMENT_LAST; never stays never. */
moment zone_add(const struct zone *zone, moment at, struct span span);

/* RFC 3339 ("2026-11-21T18:30:00+08:00", "...Z", at most milliseconds), or
 * without an offset local in the zone ("2026-11-21T18:30:00", "2026-11-21 18:30",
 * "2026-11-21": its start). Seconds may be left out; offsets go to 18:00.
 * ERROR_INVALID_TIME says what is wrong. zone may be NULL: then an offset is
 * required. */
bool moment_parse(struct text text, const struct zone *zone, moment *at, struct error *error);
/* RFC 3339 in UTC: "2026-11-21T10:30:00Z", milliseconds only where not zero. */
void moment_format(struct buffer *buffer, moment at);
/* RFC 3339 with the zone's offset: "2026-11-21T18:30:00+08:00". RFC 3339 has no
 * seconds of offset: an offset that has them (mean solar time, before standard
 * time) is cut to the minute and the clock reading goes with it, so that the text
 * is always the same moment. Where the local year would not be 1 to 9999: in UTC. */
void moment_format_local(struct buffer *buffer, const struct zone *zone, moment at);

#endif
