/* What must hold of any programme and any history, over many made from a seed. */
#include "trial.h"

enum { SEEDS = 3000, STEPS = 24, DAY_MS = 86400000 };

/* --- Programmes and histories by chance ------------------------------------------------------- */

static const char *const zones[] = {"UTC", "Asia/Shanghai", "Europe/London", "America/New_York",
                                    "America/Havana"};

static void any_window(struct trial *t, struct chance *chance)
{
    static const char *const spans[] = {"P1D", "P10D", "P1M", "P3M", "P12M", "P1M10D"};
    static const enum window_kind kinds[] = {WINDOW_ROLLING, WINDOW_ROLLING,    WINDOW_YEAR,
                                             WINDOW_QUARTER, WINDOW_MEMBERSHIP, WINDOW_LIFETIME};
    trial_window(t, kinds[chance_below(chance, 6)], spans[chance_below(chance, 6)]);
}

static void any_levels(struct trial *t, struct chance *chance)
{
    int64_t units = 0;
    for (unsigned level = 1; level < t->tiers.level_count; level++) {
        units += 1 + chance_below(chance, 60);
        trial_from(t, level, units);
    }
}

/* Below each `from`, and ascending as that is. */
static void any_keep(struct trial *t, struct chance *chance)
{
    int64_t less = chance_below(chance, 20);
    for (unsigned level = 1; level < t->tiers.level_count; level++) {
        int64_t units = t->levels[level].from.any[0].list[0].units - less;
        trial_keep(t, level, units > 1 ? units : 1);
    }
}

static void any_review(struct trial *t, struct chance *chance)
{
    static const char *const spans[] = {"P1D", "P14D", "P1M", "P3M", "P12M"};
    static const enum boundary ends[] = {END_OF_DAY, END_OF_MONTH, END_OF_QUARTER, END_OF_YEAR};
    static const enum at_review falls[] = {REVIEW_QUALIFIED, REVIEW_ONE_DOWN, REVIEW_NO_FALL};
    static const enum review_kind kinds[] = {REVIEW_NEVER, REVIEW_DATED, REVIEW_DATED,
                                             REVIEW_ANNIVERSARY, REVIEW_CONTINUOUS};
    for (unsigned level = 0; level < t->tiers.level_count; level++) {
        struct tier_level *one = &t->levels[level];
        one->review.kind = kinds[chance_below(chance, 5)];
        one->review.dates.at = ends[chance_below(chance, 4)];
        if (one->review.dates.at == END_OF_DAY || chance_below(chance, 2) == 0)
            one->review.dates.after = trial_span(spans[chance_below(chance, 5)]);
        one->at_review = falls[chance_below(chance, 3)];
        one->reset_at_review = chance_below(chance, 3) == 0;
        if (chance_below(chance, 3) == 0)
            one->grace = trial_span(spans[chance_below(chance, 4)]);
    }
}

static void begin(struct trial *t, struct chance *chance)
{
    trial_begin(t, zones[chance_below(chance, 5)], "2024-01-01 03:30",
                2 + (size_t)chance_below(chance, 4));
    t->member.joined += chance_below(chance, 366) * DAY_MS;
    tier_begin(&t->member, &t->state);
    any_window(t, chance);
    any_levels(t, chance);
}

static void any_programme(struct trial *t, struct chance *chance)
{
    begin(t, chance);
    any_keep(t, chance);
    any_review(t, chance);
    t->tiers.on_promotion = (enum on_promotion)chance_below(chance, 3);
    if (t->tiers.on_promotion != PROMOTION_KEEP && chance_below(chance, 4) == 0)
        t->tiers.window.kind = WINDOW_TIER;
}

static int64_t day_of(const struct trial *t, moment at)
{
    return date_to_days(zone_date(t->programme.zone, at));
}

static moment later(moment now, struct chance *chance)
{
    static const int64_t most[] = {1, 3, 40, 400};
    return now + chance_below(chance, most[chance_below(chance, 4)] * DAY_MS);
}

static void copy(struct trial *to, const struct trial *from)
{
    *to = *from; /* lists stay those of the first, which nobody changes */
    to->member.history.context = to;
}

/* --- Time
 * ------------------------------------------------------------------------------------------ */

/* To t1 and then to t2 is to t2; nor does looking on the way change anything. */
static void advancing_in_steps(void)
{
    for (uint64_t seed = 1; seed <= SEEDS; seed++) {
        struct chance chance = {seed};
        struct trial at_once, in_steps;
        any_programme(&at_once, &chance);
        moment now = at_once.member.joined;
        for (int i = 0; i < 6; i++) {
            now = later(now, &chance);
            trial_buy_on(&at_once, now, 0, day_of(&at_once, now), chance_below(&chance, 60));
        }
        if (chance_below(&chance, 3) == 0)
            tier_hold(&at_once.member, &at_once.state, 1, later(now, &chance) + 1, now);
        copy(&in_steps, &at_once);
        for (int i = 0; i < 8; i++) {
            now = later(now, &chance);
            trial_advance(&in_steps, now);
            CU_ASSERT_TRUE(tier_due(&in_steps.state) > now);
            trial_value(&in_steps, now);
        }
        trial_advance(&at_once, now);
        char what[32];
        snprintf(what, sizeof what, "seed %llu", (unsigned long long)seed);
        trial_expect_same(&at_once, &in_steps, what);
    }
}

/* --- Step by step, and from scratch
 * ------------------------------------------------------------------ */

/* The level that what counts says, knowing nothing of how it came about. */
static unsigned level_from_scratch(const struct trial *t, moment now)
{
    struct tier_state none;
    struct error error = {0};
    unsigned level = 0;
    tier_begin(&t->member, &none);
    for (unsigned l = 1; l < t->tiers.level_count; l++) {
        bool reached = false;
        CU_ASSERT_TRUE(tier_reaches(&t->member, &none, l, now, &reached, &error));
        level = reached ? l : level;
    }
    return level;
}

/* Reviewed continuously, nobody's level depends on how they came by it: it is what counts
 * that day, on every day, also after what came back. */
static void continuous_is_from_scratch(void)
{
    for (uint64_t seed = 1; seed <= SEEDS; seed++) {
        struct chance chance = {seed};
        struct trial t;
        begin(&t, &chance);
        trial_review(&t, REVIEW_CONTINUOUS, NULL);
        bool less = chance_below(&chance, 2) == 0;
        moment now = t.member.joined;
        for (int i = 0; i < STEPS; i++) {
            now = later(now, &chance);
            trial_advance(&t, now);
            test_expect_integer("on a day", level_from_scratch(&t, now), t.state.level);
            int64_t late = chance_below(&chance, 4) == 0 ? chance_below(&chance, 20) : 0;
            trial_buy_on(&t, now, 0, day_of(&t, now) - late, chance_below(&chance, 60));
            if (!less)
                test_expect_integer("bought", level_from_scratch(&t, now), t.state.level);
            if (less && chance_below(&chance, 3) == 0) {
                size_t which = (size_t)chance_below(&chance, (int64_t)t.entry_count);
                trial_buy_on(&t, now, 0, t.entries[which].day, -t.entries[which].by);
                t.entries[which].by = 0; /* whatever it was, it is not there any more */
                t.entries[t.entry_count - 1].by = 0;
                now = zone_day_start(t.programme.zone, date_from_days(day_of(&t, now) + 1));
            }
        }
    }
}

/* The first day that will miss is found by halving, between today and the first day whose
 * window does not go back to it: days of which more came back than was bought make it
 * matter how. */
static int64_t halved(const struct trial *t, int64_t today)
{
    const struct span span = t->tiers.window.span,
                      back = {.months = -span.months, .days = -span.days};
    int64_t kept = today, missed = today + 1;
    while (date_to_days(date_add(date_from_days(missed + 1), back)) <= today)
        missed++;
    while (missed - kept > 1) {
        int64_t sum = 0, middle = (kept + missed) / 2;
        struct error error = {0};
        CU_ASSERT_TRUE(t->member.history.sum(
            t->member.history.context, 0, date_to_days(date_add(date_from_days(middle + 1), back)),
            middle, &sum, &error));
        *(sum >= t->levels[1].keep.any[0].list[0].units ? &kept : &missed) = middle;
    }
    return missed;
}

static void halving(void)
{
    for (uint64_t seed = 1; seed <= SEEDS; seed++) {
        struct chance chance = {seed};
        struct trial t;
        begin(&t, &chance);
        t.tiers.level_count = 2;
        t.tiers.window.kind = WINDOW_ROLLING;
        trial_review(&t, REVIEW_CONTINUOUS, NULL);
        moment now = t.member.joined + 500 * (moment)DAY_MS;
        int64_t today = day_of(&t, now);
        for (int i = 0; i < 12; i++)
            trial_enter(&t, 0, today - chance_below(&chance, 40), chance_below(&chance, 60) - 25);
        trial_buy_on(&t, now, 0, today - 50, 0);
        if (t.state.level == 1)
            test_expect_integer("the day", halved(&t, today), day_of(&t, t.state.review));
    }
}

/* Where nothing is reviewed the level is the highest that any day reached: in one go, or bit
 * by bit. */
static void in_one_go(void)
{
    for (uint64_t seed = 1; seed <= SEEDS; seed++) {
        struct chance chance = {seed};
        struct trial bits, go;
        begin(&bits, &chance);
        trial_window(&bits, WINDOW_LIFETIME, NULL);
        copy(&go, &bits);
        moment now = bits.member.joined;
        for (int i = 0; i < 10; i++) {
            now = later(now, &chance);
            int64_t by = chance_below(&chance, 40);
            trial_buy_on(&bits, now, 0, day_of(&bits, now), by);
            trial_enter(&go, 0, day_of(&go, now), by);
        }
        trial_buy_on(&go, now, 0, day_of(&go, now), 0);
        test_expect_integer("level", bits.state.level, go.state.level);
        test_expect_integer("review", bits.state.review, go.state.review);
    }
}

/* --- More is never less
 * -------------------------------------------------------------------------------- */

/* Who buys all that another buys, and more, is never below them; where measures are kept, and
 * reviews fall on days that do not depend on when the level was reached. */
static void more_is_never_less(void)
{
    for (uint64_t seed = 1; seed <= SEEDS; seed++) {
        struct chance chance = {seed};
        struct trial less, more;
        begin(&less, &chance);
        any_keep(&less, &chance);
        static const enum review_kind kinds[] = {REVIEW_NEVER, REVIEW_DATED, REVIEW_ANNIVERSARY,
                                                 REVIEW_CONTINUOUS};
        trial_review(&less, kinds[chance_below(&chance, 4)], NULL);
        enum at_review fall = (enum at_review)chance_below(&chance, 3);
        if (chance_below(&chance, 2) == 0)
            trial_grace(&less, "P40D");
        for (unsigned level = 1; level < less.tiers.level_count; level++) {
            less.levels[level].review.dates.at = END_OF_QUARTER;
            less.levels[level].at_review = fall;
        }
        copy(&more, &less);
        moment now = less.member.joined;
        for (int i = 0; i < STEPS; i++) {
            now = later(now, &chance);
            int64_t by = chance_below(&chance, 30);
            if (chance_below(&chance, 3) > 0)
                trial_buy_on(&less, now, 0, day_of(&less, now), by);
            else
                trial_advance(&less, now);
            trial_buy_on(&more, now, 0, day_of(&more, now), by);
            CU_ASSERT_TRUE(more.state.level >= less.state.level);
        }
    }
}

/* The day of a review that depends on when the level was reached: then they can. */
static void unless_reviews_depend_on_it(void)
{
    struct trial t;
    for (int more = 0; more <= 1; more++) {
        trial_begin(&t, "UTC", "2025-01-01", 2);
        trial_window(&t, WINDOW_ROLLING, "P12M");
        trial_from(&t, 1, 100);
        trial_review(&t, REVIEW_DATED, "P12M");
        trial_buy(&t, "2026-01-05", 50);
        if (more == 1)
            trial_buy(&t, "2026-01-20", 100);
        trial_buy(&t, "2026-10-28", 50);
        trial_advance(&t, trial_moment(&t, "2027-01-21"));
        test_expect_integer("on 21 January", more == 1 ? 0 : 1, t.state.level);
    }
}

/* One star more, where measures are reset: the example of SPEC.md. */
static void unless_they_are_reset(void)
{
    for (int64_t star = 0; star <= 1; star++) {
        struct trial t;
        trial_begin(&t, "Asia/Shanghai", "2025-01-01", 3);
        t.tiers.on_promotion = PROMOTION_RESET;
        trial_window(&t, WINDOW_TIER, NULL);
        trial_from(&t, 1, 4);
        trial_from(&t, 2, 16);
        trial_review(&t, REVIEW_DATED, "P12M");
        trial_buy(&t, "2026-01-15", 4);
        trial_buy(&t, "2026-06-15", 15);
        trial_buy(&t, "2027-01-15", star);
        trial_expect(&t, "jade or gold", star == 1 ? 2 : 1,
                     star == 1 ? "2028-01-16" : "2027-01-16");
        trial_advance(&t, trial_moment(&t, "2028-01-16"));
        test_expect_integer("a year later", star == 1 ? 0 : 1, t.state.level);
    }
}

/* --- The order of one day
 * --------------------------------------------------------------------------------- */

static void the_order_of_a_day(void)
{
    for (uint64_t seed = 1; seed <= SEEDS; seed++) {
        struct chance chance = {seed};
        struct trial one, other;
        any_programme(&one, &chance);
        one.tiers.on_promotion = PROMOTION_KEEP;
        one.tiers.window.kind =
            one.tiers.window.kind == WINDOW_TIER ? WINDOW_YEAR : one.tiers.window.kind;
        copy(&other, &one);
        moment now = one.member.joined;
        for (int i = 0; i < 8; i++) {
            now = later(now, &chance);
            int64_t by[5], day = day_of(&one, now);
            int first = (int)chance_below(&chance, 5);
            for (int n = 0; n < 5; n++)
                by[n] = chance_below(&chance, 30);
            for (int n = 0; n < 5; n++) {
                trial_buy_on(&one, now, 0, day, by[n]);
                trial_buy_on(&other, now, 0, day, by[(n * 2 + first) % 5]);
            }
            test_expect_integer("level", one.state.level, other.state.level);
            test_expect_integer("review", one.state.review, other.state.review);
            test_expect_integer("since", one.state.since, other.state.since);
            test_expect_integer("grace", one.state.graced, other.state.graced);
        }
    }
}

/* --- All comes back
 * ------------------------------------------------------------------------------------------ */

/* Judged at once, who brings everything back is of the first level, in whatever order. */
static void all_comes_back(void)
{
    for (uint64_t seed = 1; seed <= SEEDS; seed++) {
        struct chance chance = {seed};
        struct trial t;
        begin(&t, &chance);
        t.tiers.on_promotion = (enum on_promotion)chance_below(&chance, 3);
        moment now = t.member.joined;
        size_t bought = 1 + (size_t)chance_below(&chance, 8);
        for (size_t i = 0; i < bought; i++) {
            now = later(now, &chance);
            trial_buy_on(&t, now, 0, day_of(&t, now), chance_below(&chance, 90));
        }
        unsigned level = t.state.level;
        for (size_t left = bought; left > 0; left--) {
            size_t which = (size_t)chance_below(&chance, (int64_t)left);
            int64_t day = t.entries[which].day, by = t.entries[which].by;
            trial_return_on(&t, now, 0, day, by);
            t.entry_count--; /* the return cancels the sale: both go */
            memmove(&t.entries[which], &t.entries[which + 1],
                    (t.entry_count - which) * sizeof t.entries[0]);
            t.entry_count--;
            CU_ASSERT_TRUE(t.state.level <= level);
            level = t.state.level;
        }
        test_expect_integer("level", 0, t.state.level);
        test_expect_integer("climbs", 1, (long long)t.state.climb_count);
        test_expect_integer("start", 0, t.state.climbs[0].start);
    }
}

static const struct test_case property_cases[] = {
    {"advancing_in_steps", advancing_in_steps},
    {"continuous_is_from_scratch", continuous_is_from_scratch},
    {"halving", halving},
    {"in_one_go", in_one_go},
    {"more_is_never_less", more_is_never_less},
    {"unless_reviews_depend_on_it", unless_reviews_depend_on_it},
    {"unless_they_are_reset", unless_they_are_reset},
    {"the_order_of_a_day", the_order_of_a_day},
    {"all_comes_back", all_comes_back},
    {NULL, NULL}};

const struct test_suite test_suites[] = {{"windows", window_cases},      {"climbs", climb_cases},
                                         {"reviews", review_cases},      {"told", look_cases},
                                         {"properties", property_cases}, {NULL, NULL}};
