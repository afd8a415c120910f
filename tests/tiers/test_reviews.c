/* Downward: when a level is judged, what keeps it, where it falls to. */
#include "trial.h"

/* Two levels above the first, from 100 and 250 of this year of days. */
static void shop(struct trial *t, const char *zone)
{
    trial_begin(t, zone, "2020-02-29 12:00", 3);
    trial_window(t, WINDOW_ROLLING, "P12M");
    trial_from(t, 1, 100);
    trial_from(t, 2, 250);
}

/* --- When ----------------------------------------------------------------------------------------
 */

struct dates_row {
    const char *after;
    enum boundary at;
    const char *reached;
    const char *reviews[4];
};
static void dated(void)
{
    static const struct dates_row rows[] = {
        /* Always counted from the day on which it was reached: no drift. */
        {"P1M", END_OF_DAY, "2026-01-31", {"2026-03-01", "2026-04-01", "2026-05-01", "2026-06-01"}},
        {"P1M", END_OF_DAY, "2026-01-15", {"2026-02-16", "2026-03-16", "2026-04-16", "2026-05-16"}},
        {"P3M", END_OF_DAY, "2025-11-30", {"2026-03-01", "2026-05-31", "2026-08-31", "2026-12-01"}},
        {"P12M",
         END_OF_DAY,
         "2024-02-29",
         {"2025-03-01", "2026-03-01", "2027-03-01", "2028-03-01"}},
        {"P48M",
         END_OF_DAY,
         "2024-02-29",
         {"2028-03-01", "2032-03-01", "2036-03-01", "2040-03-01"}},
        {"P10D",
         END_OF_DAY,
         "2026-02-20",
         {"2026-03-03", "2026-03-13", "2026-03-23", "2026-04-02"}},
        {"P12M",
         END_OF_MONTH,
         "2026-01-05",
         {"2027-02-01", "2028-02-01", "2029-02-01", "2030-02-01"}},
        {"P12M",
         END_OF_YEAR,
         "2026-12-31",
         {"2028-01-01", "2029-01-01", "2030-01-01", "2031-01-01"}},
        {"P1M",
         END_OF_QUARTER,
         "2026-01-05",
         {"2026-04-01", "2026-07-01", "2026-10-01", "2027-01-01"}},
        {NULL, END_OF_YEAR, "2026-01-05", {"2027-01-01", "2028-01-01", "2029-01-01", "2030-01-01"}},
        {NULL,
         END_OF_QUARTER,
         "2026-03-31",
         {"2026-04-01", "2026-07-01", "2026-10-01", "2027-01-01"}},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct trial t;
        shop(&t, "America/New_York");
        trial_review(&t, REVIEW_DATED, rows[i].after);
        t.levels[1].review.dates.at = rows[i].at;
        t.levels[1].at_review = REVIEW_NO_FALL;
        trial_buy(&t, rows[i].reached, 100);
        for (size_t n = 0; n < 4; n++) {
            trial_expect(&t, rows[i].reached, 1, rows[i].reviews[n]);
            trial_advance(&t, t.state.review);
            test_expect_integer("kept", TIER_KEPT, t.change);
        }
    }
}

static void listed_days(void)
{
    static struct month_day days[] = {{2, 29}, {10, 1}};
    struct trial t;
    shop(&t, "Europe/London");
    trial_review(&t, REVIEW_DATED, NULL);
    t.levels[1].at_review = REVIEW_NO_FALL;
    t.levels[1].review.dates.days = days;
    t.levels[1].review.dates.day_count = 2;
    trial_buy(&t, "2027-02-28 23:59:59.999", 100);
    trial_expect(&t, "that day", 1, "2027-03-01");
    trial_advance(&t, t.state.review);
    trial_expect(&t, "then", 1, "2027-10-02");
    trial_advance(&t, t.state.review);
    trial_expect(&t, "then", 1, "2028-03-01");
}

/* Far from where it began: found without counting every one in between. */
static void after_a_long_time(void)
{
    struct trial t;
    shop(&t, "UTC");
    trial_review(&t, REVIEW_DATED, "P1D");
    trial_window(&t, WINDOW_LIFETIME, NULL);
    trial_buy(&t, "2026-01-31", 100);
    t.state.review = trial_moment(&t, "2126-01-31");
    trial_advance(&t, t.state.review);
    trial_expect(&t, "days", 1, "2126-02-01");
    trial_review(&t, REVIEW_DATED, "P1M");
    t.state.review = trial_moment(&t, "2126-02-28");
    trial_advance(&t, t.state.review);
    trial_expect(&t, "months", 1, "2126-03-01");
}

static void anniversaries(void)
{
    struct trial t;
    shop(&t, "Asia/Shanghai"); /* joined on 29 February */
    trial_review(&t, REVIEW_ANNIVERSARY, NULL);
    t.levels[1].at_review = REVIEW_NO_FALL;
    trial_buy(&t, "2026-02-27 23:59:59.999", 100);
    trial_expect(&t, "counts through 27 February", 1, "2026-02-28");
    trial_advance(&t, t.state.review);
    trial_expect(&t, "a year later", 1, "2027-02-28");
    trial_advance(&t, t.state.review);
    trial_expect(&t, "a leap year", 1, "2028-02-29");
    trial_advance(&t, t.state.review);
    trial_expect(&t, "and then", 1, "2029-02-28");
}

/* The review is the first moment of a local day, whatever the clocks do. */
static void at_the_change_of_clocks(void)
{
    static const struct {
        const char *zone, *reached, *review;
    } rows[] = {
        {"Europe/London", "2026-02-28", "2026-03-29T00:00:00Z"},
        {"Europe/London", "2026-03-01", "2026-04-01T23:00:00Z"},
        {"Europe/London", "2026-09-24", "2026-10-24T23:00:00Z"},
        {"Europe/London", "2026-09-25", "2026-10-26T00:00:00Z"},
        {"America/New_York", "2026-02-08", "2026-03-09T04:00:00Z"},
        {"America/New_York", "2026-09-30", "2026-10-31T04:00:00Z"},
        {"America/New_York", "2026-10-01", "2026-11-02T05:00:00Z"},
        {"Asia/Shanghai", "2026-02-08", "2026-03-08T16:00:00Z"},
        {"America/Havana", "2026-02-07", "2026-03-08T05:00:00Z"}, /* begins at 01:00 */
        {"Pacific/Apia", "2011-11-29", "2011-12-30T10:00:00Z"},   /* 30 December never was */
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct trial t;
        shop(&t, rows[i].zone);
        trial_review(&t, REVIEW_DATED, "P1M");
        trial_window(&t, WINDOW_LIFETIME, NULL);
        trial_buy(&t, rows[i].reached, 100);
        if (i == 1)
            trial_expect_moment(&t, "P1M", "2026-04-02", t.state.review);
        trial_expect_moment(&t, rows[i].reached, rows[i].review, t.state.review);
        moment due = t.state.review;
        trial_advance(&t, due - 1);
        test_expect_integer("not before", TIER_SAME, t.change);
        trial_advance(&t, due);
        test_expect_integer("then", TIER_KEPT, t.change);
        CU_ASSERT_TRUE(t.state.review > due);
    }
}

/* --- What keeps it
 * -------------------------------------------------------------------------------- */

/* Bought on a day of the year after gold was reached: one below, at, above; and on the days
 * around the ends of the window that is judged. */
static void kept_or_fallen(void)
{
    static const struct {
        const char *bought;
        int64_t units;
        unsigned level;
    } rows[] = {
        {"2026-06-01", 249, 1}, {"2026-06-01", 250, 2},
        {"2026-06-01", 99, 0},  {"2026-06-01", 100, 1},
        {"2026-01-15", 250, 0}, /* the day on which it was reached is not of the year after */
        {"2026-01-16", 250, 2}, {"2027-01-15 23:59:59.999", 250, 2},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct trial t;
        shop(&t, "Asia/Shanghai");
        trial_review(&t, REVIEW_DATED, "P12M");
        trial_buy(&t, "2026-01-15 00:00", 1000);
        trial_buy(&t, rows[i].bought, rows[i].units);
        trial_expect(&t, "until then", 2, "2027-01-16");
        trial_advance(&t, trial_moment(&t, "2027-01-15 23:59:59.999"));
        test_expect_integer("still", 2, t.state.level);
        trial_advance(&t, trial_moment(&t, "2027-01-16"));
        test_expect_integer(rows[i].bought, rows[i].level, t.state.level);
        test_expect_integer("change", rows[i].level == 2 ? TIER_KEPT : TIER_FELL, t.change);
        trial_expect_moment(&t, "since", rows[i].level == 2 ? "2026-01-15" : "2027-01-16",
                            t.state.since);
        trial_expect_moment(&t, "next",
                            rows[i].level == 2   ? "2028-01-16"
                            : rows[i].level == 1 ? "2028-01-17"
                                                 : NULL,
                            t.state.review);
        test_expect_integer("settled", 1, (long long)t.state.climb_count);
    }
}

static void keep_apart_from_entry(void)
{
    for (int64_t units = 149; units <= 151; units++) {
        struct trial t;
        shop(&t, "UTC");
        trial_keep(&t, 2, 150);
        trial_review(&t, REVIEW_DATED, "P12M");
        trial_buy(&t, "2026-01-15", 250);
        trial_buy(&t, "2026-02-15", units);
        trial_advance(&t, trial_moment(&t, "2027-01-16"));
        test_expect_integer("keep", units < 150 ? 1 : 2, t.state.level);
    }
}

static void where_it_falls_to(void)
{
    static const struct {
        enum at_review at_review;
        int64_t units;
        unsigned level;
    } rows[] = {{REVIEW_QUALIFIED, 0, 0},  {REVIEW_QUALIFIED, 100, 1}, {REVIEW_ONE_DOWN, 0, 2},
                {REVIEW_ONE_DOWN, 250, 2}, {REVIEW_NO_FALL, 0, 3},     {REVIEW_QUALIFIED, 250, 2}};
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct trial t;
        trial_begin(&t, "UTC", "2025-01-01", 4);
        trial_window(&t, WINDOW_ROLLING, "P12M");
        trial_from(&t, 1, 100);
        trial_from(&t, 2, 250);
        trial_from(&t, 3, 1000);
        trial_review(&t, REVIEW_DATED, "P12M");
        t.levels[3].at_review = rows[i].at_review;
        trial_buy(&t, "2026-01-15", 1000);
        trial_buy(&t, "2026-01-16", rows[i].units);
        trial_advance(&t, trial_moment(&t, "2027-01-16"));
        test_expect_integer("level", rows[i].level, t.state.level);
    }
    /* A level that no measure keeps is not one to fall to. */
    struct trial t;
    shop(&t, "UTC");
    t.levels[1].from = t.levels[1].keep = (struct requirement){0};
    trial_review(&t, REVIEW_DATED, "P12M");
    trial_buy(&t, "2026-01-15", 250);
    trial_buy(&t, "2026-01-16", 249);
    trial_advance(&t, trial_moment(&t, "2027-01-16"));
    test_expect_integer("level", 0, t.state.level);
}

/* From level to level as the years go by, without anybody asking in between. */
static void a_soft_landing(void)
{
    struct trial t;
    trial_begin(&t, "Europe/London", "2025-01-01", 4);
    trial_window(&t, WINDOW_YEAR, NULL);
    trial_from(&t, 1, 100);
    trial_from(&t, 2, 250);
    trial_from(&t, 3, 1000);
    trial_review(&t, REVIEW_DATED, NULL);
    for (unsigned level = 1; level < 4; level++) {
        t.levels[level].at_review = REVIEW_ONE_DOWN;
        t.levels[level].review.dates.at = END_OF_YEAR;
    }
    trial_buy(&t, "2026-06-01", 1000);
    trial_expect(&t, "2026", 3, "2027-01-01");
    trial_advance(&t, trial_moment(&t, "2027-01-01"));
    trial_expect(&t, "kept by 2026", 3, "2028-01-01");
    trial_advance(&t, trial_moment(&t, "2029-06-01"));
    trial_expect(&t, "fallen twice", 1, "2030-01-01");
    trial_expect_moment(&t, "since", "2029-01-01", t.state.since);
    trial_advance(&t, trial_moment(&t, "2040-06-01"));
    trial_expect(&t, "everybody's", 0, NULL);
    trial_expect_moment(&t, "since", "2030-01-01", t.state.since);
}

/* --- What it does to measures
 * ------------------------------------------------------------------------ */

static void reset_at_review(void)
{
    for (int reset = 0; reset <= 1; reset++) {
        for (int64_t more = 99; more <= 100; more++) {
            struct trial t;
            shop(&t, "UTC");
            trial_window(&t, WINDOW_LIFETIME, NULL);
            trial_review(&t, REVIEW_DATED, "P12M");
            t.tiers.on_promotion = PROMOTION_RESET;
            t.levels[1].reset_at_review = reset == 1;
            trial_buy(&t, "2026-01-15", 100);
            trial_buy(&t, "2026-02-15", more);
            /* Of the day of the judgement, but told before it. */
            trial_enter(&t, 0, trial_day(&t, "2027-01-16"), 7);
            trial_advance(&t, trial_moment(&t, "2027-01-16"));
            test_expect_integer("level", more == 100 ? 1 : 0, t.state.level);
            test_expect_integer("counts", reset == 1 ? 7 : more + 7,
                                trial_value(&t, trial_moment(&t, "2027-01-16")));
        }
    }
}

/* Starbucks China until 2024: level stars of silver fall to 0 after three months in a row. */
static void the_first_level(void)
{
    struct trial t;
    trial_begin(&t, "Asia/Shanghai", "2026-01-31 12:00", 2);
    trial_from(&t, 1, 4);
    t.levels[0].review.kind = REVIEW_DATED;
    t.levels[0].review.dates.after = trial_span("P3M");
    t.levels[0].reset_at_review = true;
    trial_expect(&t, "nothing counts, nothing is due", 0, NULL);
    trial_buy(&t, "2026-05-02", 0);
    test_expect_integer("nothing", TIER_SAME, t.change);
    trial_buy(&t, "2026-05-02", 3);
    test_expect_integer("a date", TIER_COUNTED, t.change);
    trial_expect(&t, "the second three months", 0, "2026-08-01");
    trial_buy(&t, "2026-05-03", -1);
    test_expect_integer("the same date", TIER_SAME, t.change);
    trial_return(&t, "2026-05-04", "2026-05-02", 2);
    test_expect_integer("nothing left", TIER_COUNTED, t.change);
    trial_expect(&t, "and nothing is due", 0, NULL);
    trial_buy(&t, "2026-07-31 23:59", 3);
    trial_expect(&t, "the last day", 0, "2026-08-01");
    trial_advance(&t, trial_moment(&t, "2026-08-01"));
    test_expect_integer("reset", TIER_KEPT, t.change);
    trial_expect(&t, "nothing counts", 0, NULL);
    trial_expect_moment(&t, "since", "2026-01-31 12:00", t.state.since);
    trial_buy(&t, "2026-08-01 10:00", 3);
    trial_expect(&t, "again", 0, "2026-11-01");
    trial_buy(&t, "2026-08-01 11:00", 1);
    trial_expect(&t, "silver no more", 1, NULL);
    /* Without anything to reset it is not reviewed at all. */
    trial_begin(&t, "UTC", "2026-01-31", 2);
    trial_from(&t, 1, 4);
    t.levels[0].review.kind = REVIEW_ANNIVERSARY;
    trial_buy(&t, "2026-05-02", 3);
    trial_expect(&t, "no reset", 0, NULL);
    t.levels[0].reset_at_review = true;
    trial_buy(&t, "2026-05-03", -1);
    trial_expect(&t, "anniversary", 0, "2027-01-31");
}

/* --- Grace
 * ---------------------------------------------------------------------------------------------- */

static void graceful(struct trial *t, bool reset)
{
    shop(t, "Europe/London");
    trial_review(t, REVIEW_DATED, "P12M");
    trial_grace(t, "P2M");
    t->levels[2].reset_at_review = reset;
    trial_buy(t, "2026-01-15", 1000);
    trial_buy(t, "2026-06-15", 200);
    trial_advance(t, trial_moment(t, "2027-01-16"));
}

static void grace(void)
{
    struct trial t;
    graceful(&t, false);
    test_expect_integer("grace", TIER_GRACE, t.change);
    trial_expect(&t, "through 15 March", 2, "2027-03-16");
    test_expect_integer("missed", trial_day(&t, "2027-01-15"), t.state.graced);
    trial_buy(&t, "2027-03-15 23:59:59.999", 49);
    test_expect_integer("one is missing", TIER_SAME, t.change);
    trial_advance(&t, trial_moment(&t, "2027-03-15 23:59:59.999"));
    test_expect_integer("still", 2, t.state.level);
    trial_advance(&t, trial_moment(&t, "2027-03-16"));
    test_expect_integer("fell", TIER_FELL, t.change);
    trial_expect(&t, "silver", 1, "2028-03-17");
    trial_expect_moment(&t, "since", "2027-03-16", t.state.since);
    test_expect_integer("over", 0, t.state.graced);

    graceful(&t, false);
    trial_buy(&t, "2027-03-15 23:59:59.999", 50);
    test_expect_integer("kept", TIER_KEPT, t.change);
    trial_expect(&t, "as if at the review", 2, "2028-01-16");
    trial_expect_moment(&t, "since", "2026-01-15", t.state.since);
    test_expect_integer("over", 0, t.state.graced);

    graceful(&t, false);
    trial_buy(&t, "2027-03-16", 49);
    trial_expect(&t, "too late", 1, "2028-03-17");
    trial_buy(&t, "2027-03-16", 1);
    trial_expect(&t, "a climb of its own", 2, "2028-03-17");
    trial_expect_moment(&t, "since", "2027-03-16", t.state.since);
}

/* Counting anew begins after the last day of the review, not when the grace is over. */
static void grace_and_reset(void)
{
    struct trial t;
    graceful(&t, true);
    trial_enter(&t, 0, trial_day(&t, "2027-01-15"), 5); /* told late, still of the old year */
    trial_enter(&t, 0, trial_day(&t, "2026-06-15"), -5);
    trial_buy(&t, "2027-02-01", 30);
    trial_buy(&t, "2027-02-02", 20);
    test_expect_integer("kept", TIER_KEPT, t.change);
    test_expect_integer("both count for the next", 50,
                        trial_value(&t, trial_moment(&t, "2027-02-02")));
    graceful(&t, true);
    trial_buy(&t, "2027-02-01", 49);
    trial_advance(&t, trial_moment(&t, "2027-03-16"));
    trial_expect(&t, "fallen", 1, "2028-03-17");
    test_expect_integer("counts", 49, trial_value(&t, trial_moment(&t, "2027-03-16")));
}

/* Who climbs in a grace has a level of their own, and its review. */
static void a_climb_in_a_grace(void)
{
    struct trial t;
    trial_begin(&t, "UTC", "2025-01-01", 3);
    trial_window(&t, WINDOW_ROLLING, "P12M");
    trial_from(&t, 1, 100);
    trial_from(&t, 2, 250);
    trial_review(&t, REVIEW_DATED, "P12M");
    trial_grace(&t, "P2M");
    trial_buy(&t, "2026-01-15", 100);
    trial_advance(&t, trial_moment(&t, "2027-01-16"));
    test_expect_integer("grace", TIER_GRACE, t.change);
    trial_buy(&t, "2027-02-01", 250);
    test_expect_integer("climbed", TIER_CLIMBED, t.change);
    trial_expect(&t, "gold", 2, "2028-02-02");
    test_expect_integer("over", 0, t.state.graced);
}

/* A grace longer than until the next review: that is then the one after. */
static void a_long_grace(void)
{
    struct trial t;
    shop(&t, "UTC");
    trial_review(&t, REVIEW_DATED, "P1M");
    trial_window(&t, WINDOW_ROLLING, "P1M");
    trial_grace(&t, "P3M");
    trial_buy(&t, "2026-01-15", 100);
    trial_buy(&t, "2026-04-20", 100);
    trial_expect(&t, "kept", 1, "2026-05-16");
}

/* --- Continuous
 * -------------------------------------------------------------------------------------------- */

static void continuous(void)
{
    struct trial t;
    shop(&t, "America/New_York");
    trial_window(&t, WINDOW_ROLLING, "P30D");
    trial_review(&t, REVIEW_CONTINUOUS, NULL);
    trial_buy(&t, "2026-10-10", 250);
    trial_expect(&t, "thirty days with it", 2, "2026-11-09");
    trial_buy(&t, "2026-10-20", 150);
    test_expect_integer("no new date", TIER_SAME, t.change);
    trial_buy(&t, "2026-10-25", 100);
    test_expect_integer("a new date", TIER_COUNTED, t.change);
    trial_expect(&t, "until the 20th leaves", 2, "2026-11-19");
    trial_return(&t, "2026-10-26", "2026-10-25", 1);
    trial_expect(&t, "one less", 2, "2026-11-09");
    trial_advance(&t, trial_moment(&t, "2026-11-08 23:59:59.999"));
    trial_expect(&t, "still", 2, "2026-11-09");
    trial_advance(&t, trial_moment(&t, "2026-11-09"));
    trial_expect(&t, "silver", 1, "2026-11-19");
    trial_advance(&t, trial_moment(&t, "2026-12-09"));
    trial_expect(&t, "everybody's", 0, NULL);
    trial_expect_moment(&t, "since", "2026-11-19", t.state.since);
}

static void continuous_and_less(void)
{
    struct trial t;
    /* What came back is judged tomorrow, where nothing is judged at once. */
    shop(&t, "UTC");
    trial_window(&t, WINDOW_LIFETIME, NULL);
    trial_review(&t, REVIEW_CONTINUOUS, NULL);
    trial_buy(&t, "2026-10-10", 250);
    trial_expect(&t, "for ever", 2, NULL);
    trial_buy_on(&t, trial_moment(&t, "2026-10-20 10:00"), 0, trial_day(&t, "2026-10-10"), -1);
    test_expect_integer("change", TIER_COUNTED, t.change);
    trial_expect(&t, "until tomorrow", 2, "2026-10-21");
    trial_buy(&t, "2026-10-20 11:00", 1);
    trial_expect(&t, "mended", 2, NULL);
    /* By the calendar the year ends. */
    trial_window(&t, WINDOW_YEAR, NULL);
    trial_buy(&t, "2026-10-21", 1);
    trial_expect(&t, "the year", 2, "2027-01-01");
    trial_window(&t, WINDOW_QUARTER, NULL);
    trial_buy(&t, "2026-10-21", 1);
    trial_expect(&t, "the quarter", 2, "2027-01-01");
    /* Where nobody can fall nothing is due. */
    t.levels[2].at_review = REVIEW_NO_FALL;
    trial_buy(&t, "2026-10-21", 1);
    trial_expect(&t, "never", 2, NULL);
}

static void continuous_one_by_one(void)
{
    struct trial t;
    shop(&t, "UTC");
    trial_window(&t, WINDOW_ROLLING, "P30D");
    trial_review(&t, REVIEW_CONTINUOUS, NULL);
    t.levels[2].at_review = t.levels[1].at_review = REVIEW_ONE_DOWN;
    trial_buy(&t, "2026-10-10", 250);
    trial_advance(&t, trial_moment(&t, "2026-11-09"));
    trial_expect(&t, "one a day", 1, "2026-11-10");
    trial_advance(&t, trial_moment(&t, "2026-11-10"));
    trial_expect(&t, "one a day", 0, NULL);
}

static void continuous_with_grace(void)
{
    struct trial t;
    shop(&t, "UTC");
    trial_window(&t, WINDOW_ROLLING, "P30D");
    trial_review(&t, REVIEW_CONTINUOUS, NULL);
    trial_grace(&t, "P5D");
    trial_buy(&t, "2026-10-10", 100);
    trial_buy(&t, "2026-10-11", 60);
    trial_advance(&t, trial_moment(&t, "2026-11-09"));
    trial_expect(&t, "grace through the 14th", 1, "2026-11-15");
    test_expect_integer("the day that missed", trial_day(&t, "2026-11-09"), t.state.graced);
    /* The 11th has left the window of today, but not the one that was missed. */
    trial_buy(&t, "2026-11-13", 40);
    test_expect_integer("kept", TIER_KEPT, t.change);
    trial_expect(&t, "and misses again", 1, "2026-11-14");
    trial_advance(&t, trial_moment(&t, "2026-12-01"));
    trial_expect(&t, "fell", 0, NULL);
    trial_expect_moment(&t, "since", "2026-11-20", t.state.since);

    for (int64_t last = 40; last <= 41; last++) {
        shop(&t, "UTC");
        trial_window(&t, WINDOW_ROLLING, "P30D");
        trial_review(&t, REVIEW_CONTINUOUS, NULL);
        trial_grace(&t, "P5D");
        t.levels[1].reset_at_review = true;
        trial_buy(&t, "2026-10-10", 100);
        trial_advance(&t, trial_moment(&t, "2026-11-09"));
        trial_buy(&t, "2026-11-09", 59);
        trial_buy(&t, "2026-11-14", last);
        if (last == 41) {
            test_expect_integer("kept", TIER_KEPT, t.change);
            test_expect_integer("from the day that missed", 100,
                                trial_value(&t, trial_moment(&t, "2026-11-14")));
            continue;
        }
        /* Told on the last evening, of the day after. */
        trial_enter(&t, 0, trial_day(&t, "2026-11-15"), 1);
        trial_advance(&t, trial_moment(&t, "2026-11-15"));
        test_expect_integer("as of the last day of the grace", TIER_FELL, t.change);
    }
}

/* --- Under what is held
 * --------------------------------------------------------------------------------------- */

static void a_fall_below_a_hold(void)
{
    struct trial t;
    shop(&t, "UTC");
    trial_review(&t, REVIEW_DATED, "P12M");
    trial_buy(&t, "2026-01-15", 250);
    tier_hold(&t.member, &t.state, 2, trial_moment(&t, "2027-06-01"),
              trial_moment(&t, "2026-02-01"));
    trial_advance(&t, trial_moment(&t, "2027-01-16"));
    test_expect_integer("what is reached fell", TIER_FELL, t.change);
    trial_expect(&t, "the level not", 2, NULL);
    trial_expect_moment(&t, "since", "2026-01-15", t.state.since);
    trial_advance(&t, trial_moment(&t, "2027-06-01"));
    trial_expect(&t, "then", 0, NULL);
    trial_expect_moment(&t, "since", "2027-06-01", t.state.since);
}

/* The next judgement goes by the version of then; the date was set before. */
static void another_version(void)
{
    struct trial t;
    shop(&t, "UTC");
    trial_review(&t, REVIEW_DATED, "P12M");
    trial_buy(&t, "2026-01-15", 250);
    trial_buy(&t, "2026-06-15", 130);
    trial_review(&t, REVIEW_DATED, "P6M");
    trial_keep(&t, 2, 120);
    trial_buy(&t, "2026-06-16", 1);
    trial_expect(&t, "the date stays", 2, "2027-01-16");
    trial_advance(&t, trial_moment(&t, "2027-01-16"));
    trial_expect(&t, "kept by the new rule", 2, "2027-07-16");
    trial_review(&t, REVIEW_NEVER, NULL);
    trial_advance(&t, trial_moment(&t, "2027-07-16"));
    trial_expect(&t, "judged a last time", 0, NULL);
}

const struct test_case review_cases[] = {{"dated", dated},
                                         {"listed_days", listed_days},
                                         {"after_a_long_time", after_a_long_time},
                                         {"anniversaries", anniversaries},
                                         {"at_the_change_of_clocks", at_the_change_of_clocks},
                                         {"kept_or_fallen", kept_or_fallen},
                                         {"keep_apart_from_entry", keep_apart_from_entry},
                                         {"where_it_falls_to", where_it_falls_to},
                                         {"a_soft_landing", a_soft_landing},
                                         {"reset_at_review", reset_at_review},
                                         {"the_first_level", the_first_level},
                                         {"grace", grace},
                                         {"grace_and_reset", grace_and_reset},
                                         {"a_climb_in_a_grace", a_climb_in_a_grace},
                                         {"a_long_grace", a_long_grace},
                                         {"continuous", continuous},
                                         {"continuous_and_less", continuous_and_less},
                                         {"continuous_one_by_one", continuous_one_by_one},
                                         {"continuous_with_grace", continuous_with_grace},
                                         {"a_fall_below_a_hold", a_fall_below_a_hold},
                                         {"another_version", another_version},
                                         {NULL, NULL}};
