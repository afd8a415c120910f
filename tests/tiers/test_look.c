/* What members are told: what counts, until when, what is missing and by when. */
#include "trial.h"

static struct tier_view look(const struct trial *t, const char *now)
{
    struct error error = {0};
    struct tier_view view;
    CU_ASSERT_TRUE(tier_look(&t->member, &t->state, trial_moment(t, now), &view, &error));
    return view;
}

static void expect_day(const struct trial *t, const char *what, const char *day, int64_t actual)
{
    test_expect_integer(what, day == NULL ? INT64_MAX : trial_day(t, day), actual);
}

static void shop(struct trial *t)
{
    trial_begin(t, "Asia/Shanghai", "2020-05-17", 3);
    trial_window(t, WINDOW_ROLLING, "P12M");
    trial_from(t, 1, 100);
    trial_from(t, 2, 250);
    trial_keep(t, 2, 200);
    trial_review(t, REVIEW_DATED, "P12M");
}

static void from_the_first_to_the_top(void)
{
    struct trial t;
    shop(&t);
    struct tier_view view = look(&t, "2026-01-01");
    test_expect_integer("next", 1, view.next);
    test_expect_integer("missing", 100, view.to_next.units[0]);
    CU_ASSERT_TRUE(view.to_next.possible);
    CU_ASSERT_FALSE(view.can_lose);
    trial_expect_moment(&t, "until", NULL, view.until);
    expect_day(&t, "a rolling window has no end", NULL, view.next_by);
    expect_day(&t, "nothing to keep", NULL, view.keep_by);

    trial_buy(&t, "2026-01-15", 101);
    view = look(&t, "2026-01-15 23:00");
    test_expect_integer("value", 101, view.values[0]);
    test_expect_integer("missing", 149, view.to_next.units[0]);
    trial_expect_moment(&t, "until", "2027-01-16", view.until);
    CU_ASSERT_TRUE(view.can_lose);
    expect_day(&t, "by", "2027-01-15", view.keep_by);
    test_expect_integer("what was bought today will have left the window", 100,
                        view.to_keep.units[0]);
    trial_buy(&t, "2026-01-16", 99);
    test_expect_integer("tomorrow's will not", 1, look(&t, "2026-01-16").to_keep.units[0]);
    trial_buy(&t, "2026-01-16", 1);
    view = look(&t, "2026-01-16");
    test_expect_integer("kept", 0, view.to_keep.units[0]);
    CU_ASSERT_TRUE(view.can_lose);

    trial_buy(&t, "2026-01-17", 49);
    view = look(&t, "2026-01-17");
    test_expect_integer("top", -1, view.next);
    expect_day(&t, "no next", NULL, view.next_by);
    CU_ASSERT_FALSE(view.to_next.possible);
    test_expect_integer("the last days count", 200, view.to_keep.units[0]);
}

static void in_a_grace(void)
{
    struct trial t;
    shop(&t);
    trial_grace(&t, "P2M");
    trial_buy(&t, "2026-01-15", 250);
    trial_buy(&t, "2026-01-16", 150);
    trial_advance(&t, trial_moment(&t, "2027-01-16"));
    struct tier_view view = look(&t, "2027-02-20");
    trial_expect_moment(&t, "until", "2027-03-16", view.until);
    expect_day(&t, "by", "2027-03-15", view.keep_by);
    test_expect_integer("value", 0, view.values[0]);
    test_expect_integer("from the window that was missed", 50, view.to_keep.units[0]);
}

static void by_when_it_helps(void)
{
    static const struct {
        enum window_kind window;
        bool reset;
        const char *now, *by;
    } rows[] = {
        {WINDOW_YEAR, false, "2026-03-01", "2026-12-31"},
        {WINDOW_QUARTER, false, "2026-03-31 23:59", "2026-03-31"},
        {WINDOW_QUARTER, false, "2026-04-01", "2026-06-30"},
        {WINDOW_MEMBERSHIP, false, "2026-05-16", "2026-05-16"},
        {WINDOW_MEMBERSHIP, false, "2026-05-17", "2027-05-16"},
        {WINDOW_LIFETIME, false, "2026-03-01", NULL},
        {WINDOW_LIFETIME, true, "2026-03-01", "2026-07-15"},
        {WINDOW_YEAR, true, "2026-03-01", "2026-07-15"},
        {WINDOW_QUARTER, true, "2026-03-01", "2026-03-31"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct trial t;
        shop(&t);
        trial_window(&t, rows[i].window, NULL);
        trial_review(&t, REVIEW_DATED, "P6M");
        t.levels[1].reset_at_review = rows[i].reset;
        trial_buy(&t, "2026-01-15", 100);
        expect_day(&t, rows[i].now, rows[i].by, look(&t, rows[i].now).next_by);
    }
}

/* Also before anything counts: what is bought today counts until then. */
static void by_when_at_the_first_level(void)
{
    struct trial t;
    shop(&t);
    trial_window(&t, WINDOW_LIFETIME, NULL);
    expect_day(&t, "no review", NULL, look(&t, "2026-03-01").next_by);
    t.levels[0].review.kind = REVIEW_DATED;
    t.levels[0].review.dates.after = trial_span("P3M");
    expect_day(&t, "it does not reset", NULL, look(&t, "2026-03-01").next_by);
    t.levels[0].reset_at_review = true;
    expect_day(&t, "nothing counts", "2026-05-17", look(&t, "2026-03-01").next_by);
    expect_day(&t, "the last day", "2026-05-17", look(&t, "2026-05-17").next_by);
    expect_day(&t, "the next", "2026-08-17", look(&t, "2026-05-18").next_by);
    trial_buy(&t, "2026-05-17", 1);
    expect_day(&t, "something counts", "2026-05-17", look(&t, "2026-05-17").next_by);
    t.levels[0].review.kind = REVIEW_ANNIVERSARY;
    tier_begin(&t.member, &t.state);
    expect_day(&t, "anniversary", "2026-05-16", look(&t, "2026-03-01").next_by);
}

static void until_when_it_is_held(void)
{
    struct trial t;
    shop(&t);
    trial_buy(&t, "2026-01-15", 100);
    moment now = trial_moment(&t, "2026-01-20");
    tier_hold(&t.member, &t.state, 1, trial_moment(&t, "2026-06-01"), now);
    trial_expect_moment(&t, "the review is later", "2027-01-16", look(&t, "2026-01-20").until);
    CU_ASSERT_TRUE(look(&t, "2026-01-20").can_lose);
    tier_hold(&t.member, &t.state, 1, trial_moment(&t, "2027-06-01"), now);
    trial_expect_moment(&t, "the hold is later", "2027-06-01", look(&t, "2026-01-20").until);
    CU_ASSERT_FALSE(look(&t, "2026-01-20").can_lose);
    tier_hold(&t.member, &t.state, 2, trial_moment(&t, "2026-03-01"), now);
    struct tier_view view = look(&t, "2026-01-20");
    trial_expect_moment(&t, "a higher one", "2026-03-01", view.until);
    test_expect_integer("next", -1, view.next);
    CU_ASSERT_FALSE(view.can_lose);
    /* What is never lost has no end, whatever hold there is. */
    tier_hold(&t.member, &t.state, 2, 0, now);
    t.levels[1].at_review = REVIEW_NO_FALL;
    trial_expect_moment(&t, "never", NULL, look(&t, "2026-01-20").until);
    CU_ASSERT_FALSE(look(&t, "2026-01-20").can_lose);
}

static void told_continuously(void)
{
    struct trial t;
    shop(&t);
    trial_window(&t, WINDOW_ROLLING, "P30D");
    trial_review(&t, REVIEW_CONTINUOUS, NULL);
    trial_buy(&t, "2026-01-01", 60);
    trial_buy(&t, "2026-01-02", 60);
    struct tier_view view = look(&t, "2026-01-02");
    trial_expect_moment(&t, "until", "2026-01-31", view.until);
    expect_day(&t, "by", "2026-01-30", view.keep_by);
    test_expect_integer("missing as of the day that would miss", 40, view.to_keep.units[0]);
    trial_buy(&t, "2026-01-30", 40);
    trial_expect_moment(&t, "bought", "2026-02-01", look(&t, "2026-01-30").until);
}

/* The alternative that lacks the least share of its worst measure; exactly. */
static void the_nearest_alternative(void)
{
    static const int64_t huge = LIMIT_UNITS;
    static const struct {
        int64_t a[2], b[2], has[2], missing[2];
    } rows[] = {
        {{100, 0}, {0, 10}, {50, 6}, {0, 4}},
        {{100, 0}, {0, 10}, {61, 6}, {39, 0}},
        {{100, 0}, {0, 10}, {60, 6}, {40, 0}}, /* equal: the first */
        {{0, 10}, {100, 0}, {60, 6}, {0, 4}},
        {{100, 10}, {300, 0}, {90, 0}, {210, 0}}, /* its worst lacks all */
        {{100, 10}, {300, 0}, {90, 4}, {10, 6}},
        {{100, 0}, {0, 10}, {99, 10}, {0, 0}},  /* reached by the second */
        {{100, 0}, {0, 10}, {-50, 0}, {0, 10}}, /* below nothing */
        {{8169834208283420, 0},
         {0, huge},
         {4943139567293393, 6750051082416208},
         {0, huge - 6750051082416208}}, /* beyond 64 bits */
        {{huge, 0}, {0, huge - 1}, {1, 1}, {0, huge - 2}},
        {{huge - 1, 0}, {0, huge}, {1, 1}, {huge - 2, 0}},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct trial t;
        trial_begin(&t, "UTC", "2025-01-01", 2);
        t.tiers.measure_count = 2;
        t.measures[1] = (struct measure){.key = text_of("visits:1"), .kind = MEASURE_VISITS};
        trial_or(&t, &t.levels[1].from,
                 (const int64_t[LIMIT_MEASURES]){rows[i].a[0], rows[i].a[1]});
        trial_or(&t, &t.levels[1].from,
                 (const int64_t[LIMIT_MEASURES]){rows[i].b[0], rows[i].b[1]});
        trial_enter(&t, 0, trial_day(&t, "2026-01-01"), rows[i].has[0]);
        trial_enter(&t, 1, trial_day(&t, "2026-01-01"), rows[i].has[1]);
        struct tier_view view = look(&t, "2026-01-01");
        char what[32];
        snprintf(what, sizeof what, "row %zu", i);
        test_expect_integer(what, rows[i].missing[0], view.to_next.units[0]);
        test_expect_integer(what, rows[i].missing[1], view.to_next.units[1]);
    }
}

static void levels_reached_by_measure(void)
{
    struct trial t;
    struct error error = {0};
    bool reached[3];
    shop(&t);
    trial_buy(&t, "2026-01-15", 100);
    for (unsigned level = 0; level < 3; level++)
        CU_ASSERT_TRUE(tier_reaches(&t.member, &t.state, level, trial_moment(&t, "2026-01-15"),
                                    &reached[level], &error));
    CU_ASSERT_TRUE(reached[0] && reached[1] && !reached[2]);
    CU_ASSERT_TRUE(
        tier_reaches(&t.member, &t.state, 1, trial_moment(&t, "2027-01-15"), &reached[1], &error));
    CU_ASSERT_FALSE(reached[1]);
    t.levels[1].from = (struct requirement){0};
    tier_begin(&t.member, &t.state);
    CU_ASSERT_FALSE(look(&t, "2026-01-15").to_next.possible);
}

const struct test_case look_cases[] = {{"from_the_first_to_the_top", from_the_first_to_the_top},
                                       {"in_a_grace", in_a_grace},
                                       {"by_when_it_helps", by_when_it_helps},
                                       {"by_when_at_the_first_level", by_when_at_the_first_level},
                                       {"until_when_it_is_held", until_when_it_is_held},
                                       {"told_continuously", told_continuously},
                                       {"the_nearest_alternative", the_nearest_alternative},
                                       {"levels_reached_by_measure", levels_reached_by_measure},
                                       {NULL, NULL}};
