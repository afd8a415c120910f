/* Over which days something counts, what counts of them, and which levels that reaches. */
#include "tiers_private.h"

#include <assert.h>

/* The calendar ends with the year 9999, and a span has at most 100 years: what would be due
 * near its end never is. */
enum { LAST_YEAR = 9999 - 102 };

/* --- Days ------------------------------------------------------------------------------- */

int64_t local_day(const struct tier_member *member, moment at)
{
    return date_to_days(zone_date(member->programme->zone, at));
}

moment day_end(const struct tier_member *member, int64_t day)
{
    struct date next = date_from_days(day + 1);
    return next.year > LAST_YEAR ? MOMENT_NEVER : zone_day_start(member->programme->zone, next);
}

int64_t anniversary(const struct tier_member *member, int year)
{
    struct date date = zone_date(member->programme->zone, member->joined);
    int last = days_in_month(year, date.month);
    date.day = date.day < last ? date.day : last;
    date.year = year;
    return date_to_days(date);
}

int64_t next_anniversary(const struct tier_member *member, int64_t day)
{
    int year = date_from_days(day).year;
    int64_t next = anniversary(member, year);
    return next > day ? next : anniversary(member, year + 1);
}

/* --- Windows ------------------------------------------------------------------------------ */

/* The day after, less the span: so the window of the last day of a month is whole months. */
static int64_t rolling_first(struct span span, int64_t day)
{
    const struct span back = {.months = -span.months, .days = -span.days};
    return date_to_days(date_add(date_from_days(day + 1), back));
}

static int64_t year_first(int64_t day)
{
    return date_to_days((struct date){date_from_days(day).year, 1, 1});
}

static int64_t quarter_first(int64_t day)
{
    struct date date = date_from_days(day);
    return date_to_days((struct date){date.year, (date.month - 1) / 3 * 3 + 1, 1});
}

static int64_t membership_first(const struct tier_member *member, int64_t day)
{
    int year = date_from_days(day).year;
    int64_t first = anniversary(member, year);
    return first <= day ? first : anniversary(member, year - 1);
}

int64_t window_first(const struct tier_member *member, const struct tier_climb *climb, int64_t day)
{
    const struct tiers *tiers = member->programme->tiers;
    switch (tiers->window.kind) {
    case WINDOW_ROLLING:
        return rolling_first(tiers->window.span, day);
    case WINDOW_YEAR:
        return year_first(day);
    case WINDOW_QUARTER:
        return quarter_first(day);
    case WINDOW_MEMBERSHIP:
        return membership_first(member, day);
    case WINDOW_TIER:
        return climb->level == 0 ? INT64_MIN : local_day(member, climb->since);
    case WINDOW_LIFETIME:
        break;
    }
    return INT64_MIN;
}

int64_t window_last(const struct tier_member *member, int64_t day)
{
    struct date date = date_from_days(day);
    switch (member->programme->tiers->window.kind) {
    case WINDOW_YEAR:
        return date_to_days(date_boundary(date, END_OF_YEAR));
    case WINDOW_QUARTER:
        return date_to_days(date_boundary(date, END_OF_QUARTER));
    case WINDOW_MEMBERSHIP:
        return next_anniversary(member, day) - 1;
    case WINDOW_ROLLING:
    case WINDOW_TIER:
    case WINDOW_LIFETIME:
        break;
    }
    return INT64_MAX;
}

/* --- What counts -------------------------------------------------------------------------- */

bool beyond_units(const struct tier_member *member, unsigned measure, struct error *error)
{
    return fail(error, ERROR_OVERFLOW, _("what counts of \"%.*s\" is beyond %lld"),
                TEXT(member->programme->tiers->measures[measure].key), (long long)LIMIT_UNITS);
}

bool tally_days(const struct tier_member *member, const struct tier_climb *climb, int64_t first,
                int64_t last, struct tally *tally, struct error *error)
{
    const struct tiers *tiers = member->programme->tiers;
    const struct tier_history *history = &member->history;
    assert(tiers->measure_count <= LIMIT_MEASURES);
    *tally = (struct tally){0};
    if (climb->start != 0 && first < climb->start)
        first = climb->start;
    for (unsigned m = 0; m < tiers->measure_count && first <= last; m++) {
        int64_t sum = 0, less = climb->start != 0 && first == climb->start ? climb->offset[m] : 0;
        if (!history->sum(history->context, m, first, last, &sum, error))
            return false;
        if (!units_subtract(sum, less, &tally->of[m]))
            return beyond_units(member, m, error);
    }
    return true;
}

bool tally_window(const struct tier_member *member, const struct tier_climb *climb, int64_t day,
                  struct tally *tally, struct error *error)
{
    return tally_days(member, climb, window_first(member, climb, day), day, tally, error);
}

int64_t tier_visits(const struct measure *measure, int64_t amount)
{
    return amount >= measure->least ? 1 : 0;
}

/* --- What that reaches ---------------------------------------------------------------------- */

static bool all_reached(const struct demands *demands, const struct tally *tally)
{
    for (size_t i = 0; i < demands->count; i++) {
        if (tally->of[demands->list[i].measure] < demands->list[i].units)
            return false;
    }
    return true;
}

const struct demands *alternative_reached(const struct requirement *requirement,
                                          const struct tally *tally)
{
    for (size_t i = 0; i < requirement->count; i++) {
        if (all_reached(&requirement->any[i], tally))
            return &requirement->any[i];
    }
    return NULL;
}

unsigned highest_from(const struct tiers *tiers, const struct tally *tally, unsigned floor,
                      unsigned ceiling)
{
    for (unsigned level = ceiling; level-- > floor + 1;) {
        if (alternative_reached(&tiers->levels[level].from, tally) != NULL)
            return level;
    }
    return floor;
}

bool tier_reaches(const struct tier_member *member, const struct tier_state *state, unsigned level,
                  moment now, bool *reached, struct error *error)
{
    const struct tier_level *wanted = &member->programme->tiers->levels[level];
    struct tally tally;
    if (!tally_window(member, last_climb(state), local_day(member, now), &tally, error))
        return false;
    *reached = level == 0 || alternative_reached(&wanted->from, &tally) != NULL;
    return true;
}
