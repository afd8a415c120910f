/* Upward, by measures and by decision; and climbs undone by what comes back. */
#include "trial.h"

static void stars(struct trial *t, enum on_promotion promotion)
{
    trial_begin(t, "Asia/Shanghai", "2025-06-01 12:00", 4);
    t->tiers.on_promotion = promotion;
    trial_from(t, 1, 100);
    trial_from(t, 2, 250);
    trial_from(t, 3, 1000);
}

/* --- Upward ----------------------------------------------------------------------------------- */

static void thresholds(void)
{
    static const struct {
        int64_t units;
        unsigned level;
    } rows[] = {{0, 0},   {1, 0},   {99, 0},  {100, 1},  {101, 1},  {249, 1},
                {250, 2}, {251, 2}, {999, 2}, {1000, 3}, {1001, 3}, {LIMIT_UNITS, 3}};
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct trial t;
        stars(&t, PROMOTION_KEEP);
        trial_buy(&t, "2026-01-05 10:00", rows[i].units);
        trial_expect(&t, "level", rows[i].level, NULL);
        test_expect_integer("change", rows[i].level > 0 ? TIER_CLIMBED : TIER_SAME, t.change);
        trial_expect_moment(&t, "since",
                            rows[i].level > 0 ? "2026-01-05 10:00" : "2025-06-01 12:00",
                            t.state.since);
        test_expect_integer("one climb, over however many levels", rows[i].level > 0 ? 2 : 1,
                            (long long)t.state.climb_count);
    }
}

static void kept_reset_or_excess(void)
{
    static const struct {
        enum on_promotion promotion;
        int64_t first, second, left;
        unsigned level;
    } rows[] = {
        {PROMOTION_KEEP, 60, 70, 130, 1},   {PROMOTION_RESET, 60, 70, 0, 1},
        {PROMOTION_EXCESS, 60, 70, 30, 1},  {PROMOTION_EXCESS, 60, 40, 0, 1},
        {PROMOTION_EXCESS, 60, 38, 98, 0},  {PROMOTION_EXCESS, 60, 1200, 260, 3},
        {PROMOTION_RESET, 60, 1200, 0, 3},  {PROMOTION_KEEP, 60, 1200, 1260, 3},
        {PROMOTION_EXCESS, 60, 200, 10, 2},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct trial t;
        stars(&t, rows[i].promotion);
        trial_buy(&t, "2026-01-05 10:00", rows[i].first);
        trial_buy(&t, "2026-01-06 10:00", rows[i].second);
        trial_expect(&t, "level", rows[i].level, NULL);
        test_expect_integer("what counts on", rows[i].left,
                            trial_value(&t, trial_moment(&t, "2026-01-06 10:00")));
        trial_buy(&t, "2026-01-06 11:00", 1);
        test_expect_integer("and the next", rows[i].left + 1,
                            trial_value(&t, trial_moment(&t, "2026-01-06 11:00")));
    }
}

/* What a late purchase brings beyond a level, counts from this day on: the offset is below 0. */
static void excess_of_a_late_purchase(void)
{
    struct trial t;
    stars(&t, PROMOTION_EXCESS);
    trial_buy(&t, "2026-01-09 10:00", 1);
    trial_buy_on(&t, trial_moment(&t, "2026-01-09 11:00"), 0, trial_day(&t, "2026-01-05"), 130);
    trial_expect(&t, "level", 1, NULL);
    test_expect_integer("offset", 1 - 31, t.state.climbs[1].offset[0]);
    test_expect_integer("excess", 31, trial_value(&t, trial_moment(&t, "2026-01-09 12:00")));
}

/* Money and visits, or a day of actions; excess is of the alternative that is reached first. */
static void all_of_and_any_of(void)
{
    static const struct {
        int64_t spend, visits, actions;
        unsigned level;
        int64_t left[3];
    } rows[] = {
        {100, 2, 0, 0, {100, 2, 0}}, {99, 3, 0, 0, {99, 3, 0}}, {100, 3, 0, 1, {0, 0, 0}},
        {105, 4, 1, 1, {5, 1, 1}},   {0, 0, 2, 1, {0, 0, 0}},   {50, 1, 3, 1, {50, 1, 1}},
        {100, 3, 2, 1, {0, 0, 2}},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct trial t;
        struct error error = {0};
        struct tier_view view;
        trial_begin(&t, "UTC", "2025-01-01", 2);
        t.tiers.measure_count = 3;
        t.tiers.on_promotion = PROMOTION_EXCESS;
        t.measures[1] = (struct measure){.key = text_of("visits:1"), .kind = MEASURE_VISITS};
        t.measures[2] = (struct measure){.key = text_of("action:x"), .kind = MEASURE_ACTION};
        trial_or(&t, &t.levels[1].from, (const int64_t[LIMIT_MEASURES]){100, 3});
        trial_or(&t, &t.levels[1].from, (const int64_t[LIMIT_MEASURES]){0, 0, 2});
        moment now = trial_moment(&t, "2026-01-01");
        int64_t day = trial_day(&t, "2026-01-01");
        trial_enter(&t, 1, day, rows[i].visits);
        trial_enter(&t, 2, day, rows[i].actions);
        trial_buy_on(&t, now, 0, day, rows[i].spend);
        trial_expect(&t, "level", rows[i].level, NULL);
        CU_ASSERT_TRUE(tier_look(&t.member, &t.state, now, &view, &error));
        for (unsigned m = 0; m < 3; m++)
            test_expect_integer("left", rows[i].left[m], view.values[m]);
    }
}

/* A level that no measure reaches is passed over by those that one does. */
static void levels_without_from(void)
{
    struct trial t;
    stars(&t, PROMOTION_KEEP);
    t.levels[2].from = t.levels[2].keep = (struct requirement){0};
    trial_buy(&t, "2026-01-05 10:00", 999);
    trial_expect(&t, "below", 1, NULL);
    trial_buy(&t, "2026-01-05 11:00", 1);
    trial_expect(&t, "above", 3, NULL);
}

static void nothing_measured_at_all(void)
{
    struct trial t;
    struct error error = {0};
    struct tier_view view;
    trial_begin(&t, "UTC", "2025-01-01", 2);
    t.tiers.measure_count = 0;
    CU_ASSERT_TRUE(tier_count(&t.member, &t.state, t.member.joined, 1, &t.change, &error));
    test_expect_integer("change", TIER_SAME, t.change);
    tier_hold(&t.member, &t.state, 1, trial_moment(&t, "2026-01-01"), t.member.joined);
    trial_expect(&t, "paid", 1, NULL);
    CU_ASSERT_TRUE(tier_look(&t.member, &t.state, t.member.joined, &view, &error));
    trial_expect_moment(&t, "until", "2026-01-01", view.until);
    trial_advance(&t, trial_moment(&t, "2026-01-01"));
    trial_expect(&t, "over", 0, NULL);
}

static void visits_and_days(void)
{
    const struct measure measure = {.kind = MEASURE_VISITS, .least = 1000};
    test_expect_integer("below", 0, tier_visits(&measure, 999));
    test_expect_integer("at", 1, tier_visits(&measure, 1000));
    test_expect_integer("nothing left", 0, tier_visits(&measure, 0));
    /* Two receipts of one day are one day, also of the day on which counting begins. */
    struct trial t;
    trial_begin(&t, "UTC", "2025-01-01", 3);
    t.tiers.on_promotion = PROMOTION_RESET;
    t.measures[0].kind = MEASURE_DAYS;
    trial_from(&t, 1, 2);
    trial_from(&t, 2, 5);
    trial_buy(&t, "2026-01-01 10:00", 1);
    trial_buy(&t, "2026-01-01 11:00", 1);
    trial_expect(&t, "one day", 0, NULL);
    trial_buy(&t, "2026-01-02 10:00", 1);
    trial_expect(&t, "two days", 1, NULL);
    trial_buy(&t, "2026-01-02 11:00", 1);
    test_expect_integer("again that day", 0, trial_value(&t, trial_moment(&t, "2026-01-02 12:00")));
    trial_buy(&t, "2026-01-03 11:00", 1);
    test_expect_integer("the next", 1, trial_value(&t, trial_moment(&t, "2026-01-03 12:00")));
}

/* --- Before it is recorded -----------------------------------------------------------------------
 */

static unsigned after(struct trial *t, const char *now, const char *day, int64_t more)
{
    struct error error = {0};
    unsigned level = 99;
    CU_ASSERT_TRUE(tier_after(&t->member, &t->state, trial_moment(t, now), trial_day(t, day),
                              (const int64_t[LIMIT_MEASURES]){more}, &level, &error));
    return level;
}

static void the_level_after_a_purchase(void)
{
    struct trial t;
    stars(&t, PROMOTION_KEEP);
    trial_window(&t, WINDOW_YEAR, NULL);
    trial_buy(&t, "2026-01-05 10:00", 60);
    test_expect_integer("below", 0, after(&t, "2026-02-01", "2026-02-01", 39));
    test_expect_integer("at", 1, after(&t, "2026-02-01", "2026-02-01", 40));
    test_expect_integer("two levels", 2, after(&t, "2026-02-01", "2026-02-01", 190));
    test_expect_integer("late", 1, after(&t, "2026-02-01", "2026-01-01", 40));
    test_expect_integer("of last year", 0, after(&t, "2026-02-01", "2025-12-31", 40));
    test_expect_integer("not yet", 0, after(&t, "2026-02-01", "2026-02-02", 40));
    tier_hold(&t.member, &t.state, 2, trial_moment(&t, "2027-01-01"),
              trial_moment(&t, "2026-02-01"));
    test_expect_integer("held", 2, after(&t, "2026-02-01", "2026-02-01", 40));
    test_expect_integer("nothing is changed", 1, (long long)t.state.climb_count);
    t.measures[0].kind = MEASURE_DAYS;
    trial_from(&t, 3, 2);
    test_expect_integer("a day that counts already", 2, after(&t, "2026-02-01", "2026-01-05", 1));
    test_expect_integer("another", 3, after(&t, "2026-02-01", "2026-01-06", 1));
    test_expect_integer("no visit", 2, after(&t, "2026-02-01", "2026-01-06", 0));
}

/* --- What comes back
 * -------------------------------------------------------------------------------- */

static void undone_at_once(void)
{
    struct trial t;
    stars(&t, PROMOTION_KEEP);
    trial_review(&t, REVIEW_DATED, "P12M");
    trial_buy(&t, "2026-01-05 10:00", 100);
    trial_buy(&t, "2026-02-05 10:00", 150);
    trial_expect(&t, "gold", 2, "2027-02-06");
    trial_return(&t, "2026-02-06 10:00", "2026-02-05", 0);
    test_expect_integer("stands", 0, (long long)t.undone_count);
    trial_return(&t, "2026-02-06 10:00", "2026-02-05", 1);
    trial_expect(&t, "silver as it was", 1, "2027-01-06");
    trial_expect_moment(&t, "since", "2026-01-05 10:00", t.state.since);
    test_expect_integer("change", TIER_UNDONE, t.change);
    test_expect_integer("undone", 1, (long long)t.undone_count);
    test_expect_integer("its record", 1, t.undone[0].seq);
    test_expect_integer("its level", 2, t.undone[0].level);
    trial_return(&t, "2026-02-07 10:00", "2026-02-05", 149);
    test_expect_integer("stands", 0, (long long)t.undone_count);
    trial_return(&t, "2026-02-07 10:00", "2026-01-05", 1);
    trial_expect(&t, "nothing", 0, NULL);
    trial_expect_moment(&t, "since", "2025-06-01 12:00", t.state.since);
}

static void several_undone(void)
{
    struct trial t;
    stars(&t, PROMOTION_KEEP);
    trial_buy(&t, "2026-01-05 10:00", 100);
    trial_buy(&t, "2026-02-05 10:00", 150);
    trial_buy(&t, "2026-03-05 10:00", 750);
    trial_expect(&t, "top", 3, NULL);
    trial_return(&t, "2026-03-06", "2026-03-05", 750);
    trial_expect(&t, "one", 2, NULL);
    trial_buy(&t, "2026-03-07 10:00", 750);
    trial_expect(&t, "again", 3, NULL);
    trial_return(&t, "2026-03-08", "2026-03-07", 901);
    trial_expect(&t, "all", 0, NULL);
    test_expect_integer("undone", 3, (long long)t.undone_count);
    test_expect_integer("the last first", 3, t.undone[0].level);
    test_expect_integer("then", 2, t.undone[1].level);
    test_expect_integer("then", 1, t.undone[2].level);
}

/* A climb over two levels becomes one over one: with its own since and record. */
static void undone_in_part(void)
{
    static const struct {
        enum on_promotion promotion;
        int64_t counts;
    } rows[] = {{PROMOTION_KEEP, 130}, {PROMOTION_RESET, -130}, {PROMOTION_EXCESS, 30}};
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct trial t;
        stars(&t, rows[i].promotion);
        trial_buy(&t, "2026-01-05 10:00", 10);
        trial_buy(&t, "2026-01-06 10:00", 250);
        trial_expect(&t, "gold", 2, NULL);
        trial_return(&t, "2026-01-07", "2026-01-06", 130);
        trial_expect(&t, "silver", 1, NULL);
        trial_expect_moment(&t, "since", "2026-01-06 10:00", t.state.since);
        test_expect_integer("undone", 1, (long long)t.undone_count);
        test_expect_integer("from", 2, t.undone[0].level);
        test_expect_integer("the same record", 1, t.state.climbs[1].seq);
        test_expect_integer("counts", rows[i].counts,
                            trial_value(&t, trial_moment(&t, "2026-01-07")));
        trial_return(&t, "2026-01-07", "2026-01-06", 31);
        trial_expect(&t, "nothing", 0, NULL);
    }
}

/* By the window of the climb, until now: what left it by time since then does not undo it. */
static void the_window_of_the_climb(void)
{
    struct trial t;
    stars(&t, PROMOTION_KEEP);
    trial_window(&t, WINDOW_YEAR, NULL);
    trial_buy(&t, "2025-12-30 10:00", 100);
    trial_buy(&t, "2025-12-31 10:00", 5);
    trial_return(&t, "2026-01-10", "2025-12-31", 5);
    trial_expect(&t, "stands by last year", 1, NULL);
    trial_buy(&t, "2026-01-11", 1);
    trial_return(&t, "2026-01-12", "2025-12-30", 1);
    trial_expect(&t, "and by what was bought since", 1, NULL);
    trial_return(&t, "2026-01-13", "2025-12-30", 1);
    trial_expect(&t, "undone", 0, NULL);
}

/* An earlier start is restored; without what it had taken off. */
static void undone_after_a_reset(void)
{
    struct trial t;
    stars(&t, PROMOTION_RESET);
    trial_buy(&t, "2026-01-05 10:00", 120);
    trial_buy(&t, "2026-01-05 11:00", 200);
    trial_buy(&t, "2026-01-07 10:00", 50);
    trial_expect(&t, "gold", 2, NULL);
    trial_return(&t, "2026-01-08", "2026-01-07", 1);
    trial_expect(&t, "silver", 1, NULL);
    test_expect_integer("counts", 249, trial_value(&t, trial_moment(&t, "2026-01-08")));
    trial_buy(&t, "2026-01-08 10:00", 1);
    trial_expect(&t, "gold again", 2, NULL);
}

/* A review settles what was before it; so does a decision. */
static void settled(void)
{
    struct trial t;
    struct error error = {0};
    stars(&t, PROMOTION_KEEP);
    trial_review(&t, REVIEW_DATED, "P1M");
    trial_buy(&t, "2026-01-05 10:00", 100);
    trial_return(&t, "2026-02-06 10:00", "2026-01-05", 50);
    test_expect_integer("change", 0, (long long)t.undone_count);
    trial_expect(&t, "judged on 6 February", 1, "2026-03-06");

    stars(&t, PROMOTION_KEEP);
    trial_buy(&t, "2026-01-05 10:00", 100);
    CU_ASSERT_TRUE(
        tier_reach(&t.member, &t.state, 2, trial_moment(&t, "2026-01-06"), 7, &t.change, &error));
    test_expect_integer("change", TIER_CLIMBED, t.change);
    trial_return(&t, "2026-02-06 10:00", "2026-01-05", 100);
    trial_expect(&t, "a decision", 2, NULL);
    trial_buy(&t, "2026-03-01", 1000);
    trial_return(&t, "2026-03-02", "2026-03-01", 1000);
    trial_expect(&t, "down to it", 2, NULL);
    trial_expect_moment(&t, "since", "2026-01-06", t.state.since);
}

/* --- Decisions
 * --------------------------------------------------------------------------------------- */

static void reached_by_decision(void)
{
    static const struct {
        enum on_promotion promotion;
        int64_t counts;
    } rows[] = {{PROMOTION_KEEP, 90}, {PROMOTION_RESET, 0}, {PROMOTION_EXCESS, 0}};
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct trial t;
        struct error error = {0};
        stars(&t, rows[i].promotion);
        trial_review(&t, REVIEW_DATED, "P1M");
        trial_buy(&t, "2026-01-05 10:00", 90);
        moment now = trial_moment(&t, "2026-01-05 11:00");
        CU_ASSERT_TRUE(tier_reach(&t.member, &t.state, 2, now, 7, &t.change, &error));
        trial_expect(&t, "gold", 2, "2026-02-06");
        test_expect_integer("counts", rows[i].counts, trial_value(&t, now));
        test_expect_integer("record", 7, t.state.climbs[0].seq);
        CU_ASSERT_TRUE(tier_reach(&t.member, &t.state, 2, now, 8, &t.change, &error));
        test_expect_integer("not above", TIER_SAME, t.change);
        test_expect_integer("nothing changed", 7, t.state.climbs[0].seq);
    }
}

static void holds(void)
{
    struct trial t;
    stars(&t, PROMOTION_KEEP);
    trial_review(&t, REVIEW_DATED, "P12M");
    trial_buy(&t, "2026-01-05 10:00", 100);
    moment until = trial_moment(&t, "2026-04-01"), longer = trial_moment(&t, "2026-05-01");
    tier_hold(&t.member, &t.state, 3, until, trial_moment(&t, "2026-02-01"));
    tier_hold(&t.member, &t.state, 2, longer, trial_moment(&t, "2026-02-01"));
    trial_expect(&t, "held", 3, "2027-01-06");
    trial_expect_moment(&t, "since", "2026-02-01", t.state.since);
    trial_expect_moment(&t, "due", "2026-04-01", tier_due(&t.state));
    trial_buy(&t, "2026-03-31 23:59:59.999", 150);
    test_expect_integer("reached below", TIER_CLIMBED, t.change);
    trial_expect(&t, "still held", 3, "2027-04-01");
    trial_advance(&t, until);
    test_expect_integer("ended", TIER_ENDED, t.change);
    trial_expect(&t, "the other hold", 2, "2027-04-01");
    trial_expect_moment(&t, "since", "2026-04-01", t.state.since);
    trial_advance(&t, longer);
    test_expect_integer("ended", TIER_ENDED, t.change);
    trial_expect(&t, "and reached besides", 2, "2027-04-01");
    trial_expect_moment(&t, "since", "2026-04-01", t.state.since);
    tier_hold(&t.member, &t.state, 3, longer, longer - 1);
    tier_hold(&t.member, &t.state, 3, 0, longer - 1);
    trial_expect(&t, "released", 2, "2027-04-01");
    test_expect_integer("nothing is due before", t.state.review, tier_due(&t.state));
}

/* At one moment: holds one by one, the lowest first, then the review. */
static void the_order_of_one_moment(void)
{
    struct trial t;
    struct error error = {0};
    stars(&t, PROMOTION_KEEP);
    trial_window(&t, WINDOW_ROLLING, "P1M");
    trial_review(&t, REVIEW_DATED, "P1M");
    trial_buy(&t, "2026-01-05 10:00", 100);
    moment due = trial_moment(&t, "2026-02-06");
    tier_hold(&t.member, &t.state, 3, due, trial_moment(&t, "2026-01-06"));
    tier_hold(&t.member, &t.state, 2, due, trial_moment(&t, "2026-01-06"));
    static const struct {
        enum tier_change change;
        unsigned level;
    } steps[] = {{TIER_ENDED, 3}, {TIER_ENDED, 1}, {TIER_FELL, 0}, {TIER_SAME, 0}};
    for (size_t i = 0; i < sizeof steps / sizeof steps[0]; i++) {
        CU_ASSERT_TRUE(tier_elapse(&t.member, &t.state, due, &t.change, &error));
        test_expect_integer("step", steps[i].change, t.change);
        test_expect_integer("level", steps[i].level, t.state.level);
    }
    trial_expect_moment(&t, "never", NULL, tier_due(&t.state));
}

static void two_become_one(void)
{
    struct trial a, b;
    stars(&a, PROMOTION_KEEP);
    stars(&b, PROMOTION_KEEP);
    trial_review(&a, REVIEW_DATED, "P12M");
    trial_review(&b, REVIEW_DATED, "P12M");
    trial_buy(&a, "2026-01-05 10:00", 100);
    trial_buy(&b, "2026-02-05 10:00", 250);
    tier_hold(&a.member, &a.state, 3, trial_moment(&a, "2026-03-01"),
              trial_moment(&a, "2026-02-01"));
    tier_hold(&b.member, &b.state, 3, trial_moment(&a, "2026-03-02"),
              trial_moment(&a, "2026-02-07"));
    struct tier_state into = a.state;
    tier_join(&into, &b.state);
    trial_expect_moment(&a, "the later hold", "2026-03-02", into.holds[3]);
    test_expect_integer("level", 3, into.level);
    trial_expect_moment(&a, "the one since before", "2026-02-01", into.since);
    trial_expect_moment(&a, "review", "2027-02-06", into.review);
    test_expect_integer("reached", 2, into.climbs[into.climb_count - 1].level);
    tier_join(&b.state, &a.state);
    test_expect_integer("reached", 2, b.state.climbs[b.state.climb_count - 1].level);
    trial_expect_moment(&a, "review", "2027-02-06", b.state.review);
    trial_buy(&b, "2026-03-05 10:00", 0);
    trial_expect(&b, "when holds are over", 2, "2027-02-06");
}

/* --- Another version
 * -------------------------------------------------------------------------------- */

static void requalified(void)
{
    static const struct {
        int64_t first, second;
        unsigned level;
        const char *since, *review;
    } rows[] = {{100, 250, 1, "2026-03-01", "2027-03-02"},
                {60, 100, 2, "2026-03-01", "2027-03-02"},
                {200, 300, 0, "2026-03-01", NULL}};
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct trial t;
        struct error error = {0};
        stars(&t, PROMOTION_KEEP);
        trial_review(&t, REVIEW_DATED, "P12M");
        trial_buy(&t, "2026-01-05 10:00", 120);
        trial_from(&t, 1, rows[i].first);
        trial_from(&t, 2, rows[i].second);
        CU_ASSERT_TRUE(
            tier_requalify(&t.member, &t.state, trial_moment(&t, "2026-03-01"), &t.change, &error));
        test_expect_integer("change", TIER_CHANGED, t.change);
        trial_expect(&t, "level", rows[i].level, rows[i].review);
        trial_expect_moment(&t, "since", rows[i].since, t.state.since);
        test_expect_integer("climbs", 1, (long long)t.state.climb_count);
        trial_return(&t, "2026-03-02", "2026-01-05", 120);
        trial_expect(&t, "settled", rows[i].level, rows[i].review);
    }
    struct trial t;
    struct error error = {0};
    stars(&t, PROMOTION_KEEP);
    trial_buy(&t, "2026-01-05 10:00", 1);
    CU_ASSERT_TRUE(
        tier_requalify(&t.member, &t.state, trial_moment(&t, "2026-03-01"), &t.change, &error));
    trial_expect_moment(&t, "the first level", "2025-06-01 12:00", t.state.since);
    tier_hold(&t.member, &t.state, 2, trial_moment(&t, "2027-03-01"),
              trial_moment(&t, "2026-02-01"));
    CU_ASSERT_TRUE(
        tier_requalify(&t.member, &t.state, trial_moment(&t, "2026-03-01"), &t.change, &error));
    trial_expect(&t, "who holds one keeps it", 2, NULL);
    trial_expect_moment(&t, "since", "2026-02-01", t.state.since);
}

/* --- Sums that do not fit
 * ---------------------------------------------------------------------------- */

static void overflow(void)
{
    struct trial t;
    struct error error = {0};
    unsigned level = 0;
    stars(&t, PROMOTION_EXCESS);
    t.state.climbs[0].start = trial_day(&t, "2026-01-05");
    t.state.climbs[0].offset[0] = -1;
    trial_enter(&t, 0, trial_day(&t, "2026-01-05"), LIMIT_UNITS);
    moment now = trial_moment(&t, "2026-01-05");
    CU_ASSERT_FALSE(tier_count(&t.member, &t.state, now, 1, &t.change, &error));
    test_expect_integer("code", ERROR_OVERFLOW, error.code);
    stars(&t, PROMOTION_KEEP);
    trial_enter(&t, 0, trial_day(&t, "2026-01-05"), LIMIT_UNITS);
    error = (struct error){0};
    CU_ASSERT_FALSE(tier_after(&t.member, &t.state, now, trial_day(&t, "2026-01-05"),
                               (const int64_t[LIMIT_MEASURES]){1}, &level, &error));
    test_expect_integer("code", ERROR_OVERFLOW, error.code);
    /* What is beyond, less what is taken off the day: below what fits. */
    stars(&t, PROMOTION_EXCESS);
    trial_enter(&t, 0, trial_day(&t, "2026-01-01"), LIMIT_UNITS);
    trial_enter(&t, 0, trial_day(&t, "2026-01-05"), -2000);
    trial_enter(&t, 0, trial_day(&t, "2026-01-01"), 2000);
    error = (struct error){0};
    CU_ASSERT_FALSE(tier_count(&t.member, &t.state, now, 1, &t.change, &error));
    test_expect_integer("code", ERROR_OVERFLOW, error.code);
}

/* More climbs than levels, as levels of older versions that are one by now make them. */
static void the_oldest_climb_is_settled(void)
{
    struct trial t;
    trial_begin(&t, "UTC", "2025-01-01", LIMIT_LEVELS);
    for (unsigned level = 1; level < LIMIT_LEVELS; level++)
        trial_from(&t, level, level);
    for (size_t i = 1; i <= LIMIT_LEVELS - 2; i++)
        t.state.climbs[i] = (struct tier_climb){.level = 0, .since = t.member.joined, .seq = -1};
    t.state.climb_count = LIMIT_LEVELS - 1;
    for (int day = 1; day < LIMIT_LEVELS; day++) {
        char local[32];
        snprintf(local, sizeof local, "2026-01-%02d", day);
        trial_buy(&t, local, 1);
        trial_expect(&t, local, (unsigned)day, NULL);
    }
    test_expect_integer("climbs", LIMIT_LEVELS + 1, (long long)t.state.climb_count);
    test_expect_integer("the last", LIMIT_LEVELS - 1, t.state.climbs[LIMIT_LEVELS].level);
}

const struct test_case climb_cases[] = {
    {"thresholds", thresholds},
    {"kept_reset_or_excess", kept_reset_or_excess},
    {"excess_of_a_late_purchase", excess_of_a_late_purchase},
    {"all_of_and_any_of", all_of_and_any_of},
    {"levels_without_from", levels_without_from},
    {"nothing_measured_at_all", nothing_measured_at_all},
    {"visits_and_days", visits_and_days},
    {"the_level_after_a_purchase", the_level_after_a_purchase},
    {"undone_at_once", undone_at_once},
    {"several_undone", several_undone},
    {"undone_in_part", undone_in_part},
    {"the_window_of_the_climb", the_window_of_the_climb},
    {"undone_after_a_reset", undone_after_a_reset},
    {"settled", settled},
    {"reached_by_decision", reached_by_decision},
    {"holds", holds},
    {"the_order_of_one_moment", the_order_of_one_moment},
    {"two_become_one", two_become_one},
    {"requalified", requalified},
    {"overflow", overflow},
    {"the_oldest_climb_is_settled", the_oldest_climb_is_settled},
    {NULL, NULL}};
