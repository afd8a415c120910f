/* Which days count: the first and the last of each window, and the moments around them. */
#include "trial.h"

struct window_row {
    enum window_kind kind;
    const char *span;
    const char *joined, *day, *first;
};
static const struct window_row window_rows[] = {
    {WINDOW_ROLLING, "P30D", "2020-01-01", "2026-03-31", "2026-03-02"},
    {WINDOW_ROLLING, "P1D", "2020-01-01", "2026-03-31", "2026-03-31"},
    {WINDOW_ROLLING, "P12M", "2020-01-01", "2026-06-15", "2025-06-16"},
    {WINDOW_ROLLING, "P12M", "2020-01-01", "2026-12-31", "2026-01-01"},
    {WINDOW_ROLLING, "P12M", "2020-01-01", "2025-02-28", "2024-03-01"},
    {WINDOW_ROLLING, "P12M", "2020-01-01", "2025-02-27", "2024-02-28"},
    {WINDOW_ROLLING, "P12M", "2020-01-01", "2024-02-28", "2023-02-28"},
    {WINDOW_ROLLING, "P12M", "2020-01-01", "2024-02-29", "2023-03-01"},
    {WINDOW_ROLLING, "P1M", "2020-01-01", "2026-02-28", "2026-02-01"},
    {WINDOW_ROLLING, "P1M", "2020-01-01", "2026-04-30", "2026-04-01"},
    {WINDOW_ROLLING, "P1M", "2020-01-01", "2026-03-30", "2026-02-28"},
    {WINDOW_ROLLING, "P1M10D", "2020-01-01", "2026-03-30", "2026-02-18"},
    {WINDOW_YEAR, NULL, "2020-01-01", "2026-01-01", "2026-01-01"},
    {WINDOW_YEAR, NULL, "2020-01-01", "2026-12-31", "2026-01-01"},
    {WINDOW_QUARTER, NULL, "2020-01-01", "2026-03-31", "2026-01-01"},
    {WINDOW_QUARTER, NULL, "2020-01-01", "2026-04-01", "2026-04-01"},
    {WINDOW_QUARTER, NULL, "2020-01-01", "2026-09-30", "2026-07-01"},
    {WINDOW_QUARTER, NULL, "2020-01-01", "2026-12-31", "2026-10-01"},
    {WINDOW_MEMBERSHIP, NULL, "2020-05-17", "2026-05-16", "2025-05-17"},
    {WINDOW_MEMBERSHIP, NULL, "2020-05-17", "2026-05-17", "2026-05-17"},
    {WINDOW_MEMBERSHIP, NULL, "2020-05-17", "2020-05-17", "2020-05-17"},
    {WINDOW_MEMBERSHIP, NULL, "2020-02-29", "2026-02-27", "2025-02-28"},
    {WINDOW_MEMBERSHIP, NULL, "2020-02-29", "2026-02-28", "2026-02-28"},
    {WINDOW_MEMBERSHIP, NULL, "2020-02-29", "2028-02-28", "2027-02-28"},
    {WINDOW_MEMBERSHIP, NULL, "2020-02-29", "2028-02-29", "2028-02-29"},
    {WINDOW_MEMBERSHIP, NULL, "2020-02-29", "2100-02-28", "2100-02-28"},
};

static void first_days(void)
{
    for (size_t i = 0; i < sizeof window_rows / sizeof window_rows[0]; i++) {
        const struct window_row *row = &window_rows[i];
        struct trial t;
        char what[64];
        trial_begin(&t, "Asia/Shanghai", row->joined, 2);
        trial_window(&t, row->kind, row->span);
        int64_t first = trial_day(&t, row->first), day = trial_day(&t, row->day);
        trial_enter(&t, 0, first - 1, 1);
        trial_enter(&t, 0, first, 10);
        trial_enter(&t, 0, day, 100);
        trial_enter(&t, 0, day + 1, 1000);
        snprintf(what, sizeof what, "window %zu of %s", i, row->day);
        test_expect_integer(what, 110, trial_value(&t, trial_moment(&t, row->day)));
    }
}

/* The last millisecond of a window, and the first of the next, in several zones; also
 * where that day has 23 or 25 hours, or begins at 01:00. */
static void moments(void)
{
    static const struct {
        const char *zone;
        enum window_kind kind;
        const char *span, *bought, *last, *next;
    } rows[] = {
        {"Asia/Shanghai", WINDOW_YEAR, NULL, "2026-12-31", "2026-12-31T15:59:59.999Z",
         "2026-12-31T16:00:00Z"},
        {"Europe/London", WINDOW_YEAR, NULL, "2026-12-31", "2026-12-31T23:59:59.999Z",
         "2027-01-01T00:00:00Z"},
        {"America/New_York", WINDOW_YEAR, NULL, "2026-12-31", "2027-01-01T04:59:59.999Z",
         "2027-01-01T05:00:00Z"},
        {"Europe/London", WINDOW_QUARTER, NULL, "2026-06-30", "2026-06-30T22:59:59.999Z",
         "2026-06-30T23:00:00Z"},
        /* 29 March has 23 hours in London, 25 October 25. */
        {"Europe/London", WINDOW_ROLLING, "P1D", "2026-03-29", "2026-03-29T22:59:59.999Z",
         "2026-03-29T23:00:00Z"},
        {"Europe/London", WINDOW_ROLLING, "P1D", "2026-10-25", "2026-10-25T23:59:59.999Z",
         "2026-10-26T00:00:00Z"},
        {"America/New_York", WINDOW_ROLLING, "P1D", "2026-03-08", "2026-03-09T03:59:59.999Z",
         "2026-03-09T04:00:00Z"},
        {"America/New_York", WINDOW_ROLLING, "P1D", "2026-11-01", "2026-11-02T04:59:59.999Z",
         "2026-11-02T05:00:00Z"},
        /* In Havana 8 March begins at 01:00. */
        {"America/Havana", WINDOW_ROLLING, "P1D", "2026-03-07", "2026-03-08T04:59:59.999Z",
         "2026-03-08T05:00:00Z"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct trial t;
        trial_begin(&t, rows[i].zone, "2020-01-01", 2);
        trial_window(&t, rows[i].kind, rows[i].span);
        trial_enter(&t, 0, trial_day(&t, rows[i].bought), 1);
        test_expect_integer(rows[i].last, 1, trial_value(&t, trial_moment(&t, rows[i].last)));
        test_expect_integer(rows[i].next, 0, trial_value(&t, trial_moment(&t, rows[i].next)));
    }
}

/* A joining just after midnight is of that local day, whatever UTC says. */
static void joined_in_the_zone(void)
{
    struct trial t;
    trial_begin(&t, "Asia/Shanghai", "2025-05-16T16:00:00Z", 2); /* 17 May there */
    trial_window(&t, WINDOW_MEMBERSHIP, NULL);
    trial_enter(&t, 0, trial_day(&t, "2026-05-16"), 1);
    test_expect_integer("16 May", 1, trial_value(&t, trial_moment(&t, "2026-05-16 23:59:59")));
    test_expect_integer("17 May", 0, trial_value(&t, trial_moment(&t, "2026-05-17")));
}

static void since_tier_start(void)
{
    struct trial t;
    trial_begin(&t, "UTC", "2020-01-01", 3);
    trial_window(&t, WINDOW_TIER, NULL);
    t.tiers.on_promotion = PROMOTION_RESET;
    trial_from(&t, 1, 4);
    trial_from(&t, 2, 16);
    trial_enter(&t, 0, trial_day(&t, "2019-12-31"), 1); /* claimed: bought before they joined */
    trial_buy(&t, "2026-01-01 10:00", 2);
    test_expect_integer("all", 3, trial_value(&t, trial_moment(&t, "2026-01-01 11:00")));
    trial_buy(&t, "2026-01-02 10:00", 5);
    trial_expect(&t, "climbed", 1, NULL);
    test_expect_integer("nothing yet", 0, trial_value(&t, trial_moment(&t, "2026-01-02 11:00")));
    trial_buy(&t, "2026-01-02 12:00", 7);
    test_expect_integer("later that day", 7, trial_value(&t, trial_moment(&t, "2026-01-03")));
    /* A late one counts on its day, before the start: not any more. */
    trial_buy_on(&t, trial_moment(&t, "2026-01-03"), 0, trial_day(&t, "2026-01-01"), 100);
    trial_expect(&t, "late", 1, NULL);
    test_expect_integer("late", 7, trial_value(&t, trial_moment(&t, "2026-01-03")));
    trial_buy(&t, "2026-01-04 12:00", 9);
    trial_expect(&t, "gold", 2, NULL);
    /* A fall is a new start of a level, though nothing is reset. */
    trial_review(&t, REVIEW_DATED, "P12M");
    t.levels[2].at_review = REVIEW_ONE_DOWN;
    trial_buy(&t, "2026-02-01", 10);
    t.state.review = trial_moment(&t, "2027-01-05");
    trial_buy(&t, "2027-01-05", 1);
    trial_expect(&t, "fallen", 1, "2028-01-06");
    test_expect_integer("anew", 1, trial_value(&t, trial_moment(&t, "2027-01-05")));
    trial_advance(&t, trial_moment(&t, "2028-01-06"));
    trial_expect(&t, "everybody's", 0, NULL);
    test_expect_integer("all since the start", 11, trial_value(&t, trial_moment(&t, "2028-01-06")));
}

/* The offset is of the start's day alone: once that is out of the window, so is it. */
static void offsets_leave_with_their_day(void)
{
    struct trial t;
    trial_begin(&t, "UTC", "2020-01-01", 2);
    trial_window(&t, WINDOW_ROLLING, "P3D");
    t.tiers.on_promotion = PROMOTION_EXCESS;
    trial_from(&t, 1, 100);
    trial_enter(&t, 0, trial_day(&t, "2026-01-01"), 90);
    trial_buy(&t, "2026-01-02 10:00", 50);
    trial_expect(&t, "climbed", 1, NULL);
    test_expect_integer("offset", 10, t.state.climbs[1].offset[0]);
    test_expect_integer("2", 40, trial_value(&t, trial_moment(&t, "2026-01-02 11:00")));
    test_expect_integer("4", 40, trial_value(&t, trial_moment(&t, "2026-01-04 11:00")));
    test_expect_integer("5", 0, trial_value(&t, trial_moment(&t, "2026-01-05")));
}

/* At the first and last years that we know, nothing is beyond the calendar. */
static void the_ends_of_the_calendar(void)
{
    struct trial t;
    trial_begin(&t, "UTC", "0001-01-01", 2);
    trial_from(&t, 1, 1);
    trial_window(&t, WINDOW_ROLLING, "P100Y");
    trial_review(&t, REVIEW_DATED, "P1M");
    trial_buy(&t, "0001-01-02", 1);
    trial_expect(&t, "the first year", 1, "0001-02-03");
    trial_begin(&t, "UTC", "9990-02-01", 2);
    trial_from(&t, 1, 1);
    trial_window(&t, WINDOW_MEMBERSHIP, NULL);
    trial_review(&t, REVIEW_ANNIVERSARY, NULL);
    trial_buy(&t, "9999-12-31", 1);
    trial_expect(&t, "the last day", 1, NULL);
    trial_review(&t, REVIEW_CONTINUOUS, NULL);
    trial_buy(&t, "9999-12-31", 1);
    trial_expect(&t, "the last day, continuously", 1, NULL);
}

const struct test_case window_cases[] = {
    {"first_days", first_days},
    {"moments", moments},
    {"joined_in_the_zone", joined_in_the_zone},
    {"since_tier_start", since_tier_start},
    {"offsets_leave_with_their_day", offsets_leave_with_their_day},
    {"the_ends_of_the_calendar", the_ends_of_the_calendar},
    {NULL, NULL}};
