/* Levels, actions and benefits as they are read, and from one version to the next. Their faults
 * are in faults/. */
#include "fixture.h"

#define TIERS(more)                                                                                \
    DOCUMENT("UTC", "EUR",                                                                         \
             "\"points\":{\"point\":{},\"star\":{\"spendable\":false,\"scale\":1}},"               \
             "\"actions\":{\"paid\":{\"name\":\"Membership\"},\"link\":{}}," more)
#define LEVELS(levels)                                                                             \
    "\"tiers\":{\"measure\":{\"spend\":true},\"window\":\"P12M\",\"review\":\"P12M\",\"levels\":"  \
    "[" levels "]}"

/* Whatever can be said, in another order than that of reading: rules and benefits name levels,
 * levels actions and points that stand behind them. */
static const char *const everything = DOCUMENT(
    "UTC", "EUR",
    "\"benefits\":[{\"id\":\"delivery\",\"text\":{\"en\":\"at home\"},\"min_tier\":\"jade\","
    "\"quota\":{\"every\":\"week\",\"times\":{\"jade\":1,\"top\":4}}},"
    "{\"id\":\"tasting\",\"seats\":30,\"from\":\"2026-02-28\",\"through\":\"2026-02-28\"},"
    "{\"id\":\"tea\",\"quota\":{\"times\":1000,\"every\":\"year\"}}],"
    "\"earn\":[{\"id\":\"a\",\"min_tier\":\"gold\",\"per\":\"1\",\"gives\":{\"point\":1}},"
    "{\"id\":\"b\",\"tier\":\"base\",\"per\":\"1\",\"gives\":{\"point\":1}},"
    "{\"id\":\"c\",\"per\":\"1\",\"gives\":{\"star\":1}}],"
    "\"tiers\":{\"levels\":["
    "{\"id\":\"base\",\"review\":\"anniversary\",\"on_review\":\"reset\","
    "\"multiply\":{\"star\":\"0\"}},"
    "{\"id\":\"jade\",\"name\":{\"en\":\"Jade\"},\"was\":[\"silver\",\"bronze\"],"
    "\"from\":{\"stars\":\"4.5\"},\"keep\":{\"stars\":2},\"on_review\":\"keep\","
    "\"at_review\":\"never\",\"entry\":{\"gives\":{\"star\":\"0.5\",\"point\":7},\"again\":true,"
    "\"on_return\":\"take_back\"}},"
    "{\"id\":\"gold\",\"from\":[{\"stars\":16,\"spent\":\"10\"},{\"often\":9}],"
    "\"review\":{\"at\":[\"06-30\"]},\"grace\":\"P2W\",\"forfeits\":[\"point\"],"
    "\"multiply\":{\"point\":\"1.25\"},\"by\":{\"paid\":{\"valid\":\"P1Y\"},\"link\":{}}},"
    "{\"id\":\"top\",\"by\":{\"link\":{\"valid\":\"P30D\"}},\"review\":\"never\"}],"
    "\"operators\":[\"zoe\",\"ann\"],\"on_change\":\"requalify\",\"crossing\":\"new\","
    "\"on_return\":\"at_once\",\"grace\":\"P1M\",\"on_review\":\"reset\","
    "\"at_review\":\"one_level_down\",\"review\":{\"after\":\"P1Y\",\"at\":\"end_of_month\"},"
    "\"on_promotion\":\"excess\",\"window\":\"P3M10D\","
    "\"measures\":{\"stars\":{\"earned\":\"star\"},\"spent\":{\"spend\":true},"
    "\"often\":{\"visits\":true,\"least\":\"5\"},\"days\":{\"days\":true},"
    "\"linked\":{\"action\":\"link\"}}},"
    "\"actions\":{\"paid\":{\"name\":\"Membership\"},\"link\":{}},"
    "\"points\":{\"point\":{},\"star\":{\"spendable\":false,\"scale\":1}}");

static void measures(void)
{
    struct arena arena = {0};
    const struct tiers *tiers = fixture_read(&arena, "UTC", everything)->tiers;
    static const char *const keys[] = {"earned:star", "spend", "visits:500", "days:1",
                                       "action:link"};
    test_expect_integer("measures", 5, (long long)tiers->measure_count);
    for (unsigned i = 0; i < 5; i++) {
        expect_string("key", keys[i], tiers->measures[i].key);
        test_expect_integer(keys[i], (long long)MEASURE_EARNED + i, tiers->measures[i].kind);
    }
    expect_string("id", "often", tiers->measures[2].id);
    test_expect_integer("currency", 1, tiers->measures[0].currency);
    test_expect_integer("least", 500, tiers->measures[2].least);
    test_expect_integer("the smallest unit", 1, tiers->measures[3].least);
    expect_string("action", "link", tiers->measures[4].action);
    test_expect_integer("window", WINDOW_ROLLING, tiers->window.kind);
    test_expect_integer("months", 3, tiers->window.span.months);
    test_expect_integer("days", 10, tiers->window.span.days);
    test_expect_integer("excess", PROMOTION_EXCESS, tiers->on_promotion);
    CU_ASSERT_TRUE(tiers->at_once && tiers->crossing_new && tiers->requalify);
    test_expect_integer("operators", 2, (long long)tiers->operator_count);
    expect_string("sorted", "ann", tiers->operators[0]);
    arena_free(&arena);
}

static void levels(void)
{
    struct arena arena = {0};
    const struct programme *p = fixture_read(&arena, "UTC", everything);
    test_expect_integer("levels", 4, (long long)p->tiers->level_count);
    const struct tier_level *base = &p->tiers->levels[0], *jade = base + 1, *gold = base + 2;
    expect_string("name", "Jade", localized_text(&jade->name, text_of("en"), jade->id));
    expect_string("was", "bronze", jade->was[1]);
    test_expect_integer("4.5 stars", 45, jade->from.any[0].list[0].units);
    test_expect_integer("2 stars", 20, jade->keep.any[0].list[0].units);
    test_expect_integer("alternatives", 2, (long long)gold->from.count);
    test_expect_integer("both", 2, (long long)gold->from.any[0].count);
    test_expect_integer("spent", 1, gold->from.any[0].list[1].measure);
    test_expect_integer("10.00", 1000, gold->from.any[0].list[1].units);
    test_expect_integer("often", 9, gold->from.any[1].list[0].units);
    CU_ASSERT_PTR_EQUAL(gold->keep.any, gold->from.any);
    test_expect_integer("not by measure", 0, (long long)gold[1].from.count);
    test_expect_integer("a factor", 5, (long long)gold->multiply[0].numerator);
    test_expect_integer("in lowest terms", 4, gold->multiply[0].denominator);
    test_expect_integer("none", 1, (long long)gold->multiply[1].numerator);
    test_expect_integer("nothing", 0, (long long)base->multiply[1].numerator);
    test_expect_integer("gives", 2, (long long)jade->entry.count);
    test_expect_integer("0.5", 5, jade->entry.gives[0].amount);
    test_expect_integer("star", 1, jade->entry.gives[0].currency);
    CU_ASSERT_TRUE(jade->entry.again && jade->entry.take_back);
    test_expect_integer("forfeits", 1, (long long)gold->forfeit_count);
    test_expect_integer("ways", 2, (long long)gold->way_count);
    expect_string("way", "paid", gold->ways[0].action);
    CU_ASSERT_TRUE(gold->ways[0].ends && gold->ways[0].valid.months == 12);
    CU_ASSERT_FALSE(gold->ways[1].ends);
    arena_free(&arena);
}

/* What "tiers" says of reviews holds for every level above the first that says nothing. */
static void reviews(void)
{
    struct arena arena = {0};
    const struct programme *p = fixture_read(&arena, "UTC", everything);
    const struct tier_level *base = p->tiers->levels, *jade = base + 1, *gold = base + 2;
    test_expect_integer("base", REVIEW_ANNIVERSARY, base->review.kind);
    CU_ASSERT_TRUE(base->reset_at_review);
    test_expect_integer("base", 0, base->grace.months);
    test_expect_integer("of all", REVIEW_DATED, jade->review.kind);
    test_expect_integer("of all", 12, jade->review.dates.after.months);
    test_expect_integer("of all", END_OF_MONTH, jade->review.dates.at);
    test_expect_integer("of all", 1, jade->grace.months);
    test_expect_integer("its own", REVIEW_NO_FALL, jade->at_review);
    CU_ASSERT_FALSE(jade->reset_at_review);
    test_expect_integer("its own", 0, gold->review.dates.after.months);
    test_expect_integer("its own", 1, (long long)gold->review.dates.day_count);
    test_expect_integer("its own", 14, gold->grace.days);
    test_expect_integer("its own", 0, gold->grace.months);
    test_expect_integer("of all", REVIEW_ONE_DOWN, gold->at_review);
    CU_ASSERT_TRUE(gold->reset_at_review);
    test_expect_integer("never", REVIEW_NEVER, gold[1].review.kind);
    test_expect_integer("no grace without", 0, gold[1].grace.months);
    arena_free(&arena);
}

static void rules_and_benefits(void)
{
    struct arena arena = {0};
    const struct programme *p = fixture_read(&arena, "UTC", everything);
    test_expect_integer("least", 2, p->earn[0].least_level);
    test_expect_integer("only", -1, p->earn[0].only_level);
    test_expect_integer("least", -1, p->earn[1].least_level);
    test_expect_integer("only", 0, p->earn[1].only_level);
    test_expect_integer("any", -1, p->earn[2].least_level);
    const struct benefit *delivery = programme_benefit(p, text_of("delivery"));
    static const int64_t times[] = {0, 1, 1, 4};
    CU_ASSERT_PTR_EQUAL_FATAL(delivery, &p->benefits[0]);
    for (int i = 0; i < 4; i++)
        test_expect_integer("what the next lower has", times[i], delivery->times[i]);
    test_expect_integer("every", EVERY_WEEK, delivery->every);
    test_expect_integer("least", 1, delivery->least_level);
    test_expect_integer("seats", LIMIT_UNITS, delivery->seats);
    test_expect_integer("no bound", 0, delivery->from.year);
    const struct benefit *tasting = programme_benefit(p, text_of("tasting"));
    test_expect_integer("no quota", EVERY_NEVER, tasting->every);
    test_expect_integer("the first", 0, tasting->least_level);
    test_expect_integer("seats", 30, tasting->seats);
    CU_ASSERT_TRUE(tasting->from.day == 28 && tasting->through.month == 2);
    test_expect_integer("each", 1000, programme_benefit(p, text_of("tea"))->times[3]);
    CU_ASSERT_PTR_NULL(programme_benefit(p, text_of("Tea")));
    test_expect_integer("actions", 2, (long long)p->action_count);
    expect_string("sorted", "link", p->actions[0].id);
    const struct action *paid = programme_action(p, text_of("paid"));
    expect_string("name", "Membership", localized_text(&paid->name, text_of("en"), paid->id));
    CU_ASSERT_PTR_NULL(programme_action(p, text_of("pay")));
    test_expect_integer("level", 3, programme_level_index(p, text_of("top")));
    test_expect_integer("of an older version", -1, programme_level_index(p, text_of("silver")));
    arena_free(&arena);
}

static void nothing_said(void)
{
    struct arena arena = {0};
    const struct programme *none = fixture_read(
        &arena, "UTC",
        DOCUMENT("UTC", "EUR",
                 "\"points\":{\"p\":{}},\"benefits\":[{\"id\":\"tea\",\"quota\":{\"times\":2,"
                 "\"every\":\"day\"}}]"));
    CU_ASSERT_PTR_NULL(none->tiers);
    test_expect_integer("no levels", -1, none->benefits[0].least_level);
    test_expect_integer("no levels", 2, none->benefits[0].times[0]);
    test_expect_integer("no levels", -1, programme_level_index(none, text_of("base")));
    const struct tiers *small =
        fixture_read(&arena, "UTC",
                     TIERS(LEVELS("{\"id\":\"base\"},{\"id\":\"gold\",\"from\":\"9\"}")))
            ->tiers;
    test_expect_integer("keep", PROMOTION_KEEP, small->on_promotion);
    CU_ASSERT_FALSE(small->at_once || small->crossing_new || small->requalify);
    test_expect_integer("the first is not reviewed", REVIEW_NEVER, small->levels[0].review.kind);
    test_expect_integer("qualified", REVIEW_QUALIFIED, small->levels[1].at_review);
    CU_ASSERT_FALSE(small->levels[1].reset_at_review);
    test_expect_integer("9.00", 900, small->levels[1].from.any[0].list[0].units);
    test_expect_integer("whoever", 0, (long long)small->operator_count);
    arena_free(&arena);
}

/* A window says what is usual with it. */
static void windows(void)
{
    static const struct {
        const char *window, *more;
        enum window_kind kind;
        enum on_promotion promotion;
        enum review_kind review;
        bool reset;
    } cases[] = {
        {"calendar_year", ",\"review\":{\"at\":\"end_of_year\"}", WINDOW_YEAR, PROMOTION_KEEP,
         REVIEW_DATED, false},
        {"calendar_quarter", ",\"review\":\"continuous\"", WINDOW_QUARTER, PROMOTION_KEEP,
         REVIEW_CONTINUOUS, false},
        {"membership_year", ",\"review\":\"anniversary\"", WINDOW_MEMBERSHIP, PROMOTION_KEEP,
         REVIEW_ANNIVERSARY, false},
        {"since_tier_start", ",\"review\":\"P1Y\"", WINDOW_TIER, PROMOTION_RESET, REVIEW_DATED,
         true},
        {"since_tier_start",
         ",\"on_review\":\"keep\",\"on_promotion\":\"excess\",\"review\":\"P1Y\"", WINDOW_TIER,
         PROMOTION_EXCESS, REVIEW_DATED, false},
        {"lifetime", "", WINDOW_LIFETIME, PROMOTION_KEEP, REVIEW_NEVER, false},
        {"lifetime", ",\"review\":\"never\"", WINDOW_LIFETIME, PROMOTION_KEEP, REVIEW_NEVER, false},
        {"lifetime", ",\"review\":\"P1Y\",\"on_review\":\"reset\"", WINDOW_LIFETIME, PROMOTION_KEEP,
         REVIEW_DATED, true},
        {"P10Y", ",\"review\":\"P1M\"", WINDOW_ROLLING, PROMOTION_KEEP, REVIEW_DATED, false},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct arena arena = {0};
        char document[1024];
        snprintf(document, sizeof document,
                 DOCUMENT("UTC", "EUR",
                          "\"points\":{\"p\":{}},\"tiers\":{\"measure\":{\"earned\":\"p\"},"
                          "\"window\":\"%s\"%s,\"levels\":[{\"id\":\"base\"},"
                          "{\"id\":\"gold\",\"from\":5}]}"),
                 cases[i].window, cases[i].more);
        const struct tiers *tiers = fixture_read(&arena, "UTC", document)->tiers;
        test_expect_integer(cases[i].window, cases[i].kind, tiers->window.kind);
        test_expect_integer(cases[i].window, cases[i].promotion, tiers->on_promotion);
        test_expect_integer(cases[i].window, cases[i].review, tiers->levels[1].review.kind);
        test_expect_integer(cases[i].window, cases[i].reset, tiers->levels[1].reset_at_review);
        arena_free(&arena);
    }
}

/* The only measure is called what it counts. */
static void single_measures(void)
{
    static const char *const names[] = {"earned", "spend", "visits", "days", "action"};
    static const char *const values[] = {"\"star\"", "true", "true", "true", "\"link\""};
    for (unsigned i = 0; i < 5; i++) {
        struct arena arena = {0};
        char document[1024];
        snprintf(document, sizeof document,
                 TIERS("\"tiers\":{\"measure\":{\"%s\":%s},\"window\":\"lifetime\",\"levels\":["
                       "{\"id\":\"base\"},{\"id\":\"gold\",\"from\":%s}]}"),
                 names[i], values[i], i == MEASURE_SPEND ? "\"2.00\"" : "2");
        const struct tiers *tiers = fixture_read(&arena, "UTC", document)->tiers;
        expect_string("id", names[i], tiers->measures[0].id);
        test_expect_integer(names[i], (long long)MEASURE_EARNED + i, tiers->measures[0].kind);
        CU_ASSERT_TRUE(tiers->levels[1].from.any[0].list[0].units > 0);
        arena_free(&arena);
    }
}

/* A paid membership counts nothing, and says nothing of windows and reviews. */
static void levels_by_actions_alone(void)
{
    struct arena arena = {0};
    const struct tiers *tiers =
        fixture_read(&arena, "UTC",
                     TIERS("\"tiers\":{\"levels\":[{\"id\":\"base\"},"
                           "{\"id\":\"gold\",\"by\":{\"paid\":{\"valid\":\"P1Y\"}}}]}"))
            ->tiers;
    test_expect_integer("measures", 0, (long long)tiers->measure_count);
    test_expect_integer("lifetime", WINDOW_LIFETIME, tiers->window.kind);
    test_expect_integer("never", REVIEW_NEVER, tiers->levels[1].review.kind);
    test_expect_integer("not by measure", 0, (long long)tiers->levels[1].from.count);
    arena_free(&arena);
}

/* --- notes --------------------------------------------------------------------- */

static void expect_note(const char *document, const char *path)
{
    struct arena arena = {0};
    struct programme_faults faults;
    struct error error = {0};
    CU_ASSERT_PTR_NOT_NULL(
        programme_read(&arena, text_of(document), fixture_zone(&arena, "UTC"), &faults, &error));
    test_expect_integer(document, path != NULL, (long long)faults.note_count);
    if (path != NULL && faults.note_count == 1) {
        expect_string(document, path, faults.notes[0].path);
        CU_ASSERT_TRUE(faults.notes[0].line == 1 && faults.notes[0].column > 100);
        CU_ASSERT_PTR_NOT_NULL(strstr(faults.notes[0].message.bytes, "more purchases can lower"));
    }
    arena_free(&arena);
}

#define PROMOTION(window, more, levels)                                                            \
    TIERS("\"tiers\":{\"measure\":{\"earned\":\"star\"},\"window\":\"" window "\"" more            \
          ",\"levels\":[{\"id\":\"a\"},{\"id\":\"b\",\"from\":1}" levels "]}")
#define THIRD ",{\"id\":\"c\",\"from\":2}"

static void notes(void)
{
    expect_note(PROMOTION("P1Y", ",\"review\":\"P1Y\",\"on_promotion\":\"reset\"", THIRD),
                "/tiers/on_promotion");
    expect_note(PROMOTION("P1Y", ",\"review\":\"P1Y\",\"on_promotion\":\"excess\"", THIRD),
                "/tiers/on_promotion");
    expect_note(PROMOTION("since_tier_start", ",\"review\":\"P1Y\"", THIRD), "/tiers/window");
    expect_note(PROMOTION("P1Y", ",\"review\":\"P1Y\",\"on_promotion\":\"keep\"", THIRD), NULL);
    /* Below the only level that can be lost is none that a climb would have lost. */
    expect_note(PROMOTION("P1Y", ",\"review\":\"P1Y\",\"on_promotion\":\"reset\"", ""), NULL);
    expect_note(PROMOTION("lifetime", ",\"on_promotion\":\"reset\"", THIRD), NULL);
}

/* --- from version to version ----------------------------------------------------- */

static void follows(const char *first, const char *next, const char *missing)
{
    struct arena arena = {0};
    struct error error = {0};
    bool may = programme_may_follow(fixture_read(&arena, "UTC", first),
                                    fixture_read(&arena, "UTC", next), &error);
    CU_ASSERT_EQUAL(may, missing == NULL);
    if (missing != NULL) {
        test_expect_integer(next, ERROR_PROGRAMME_CHANGE, error.code);
        expect_string(next, "/tiers/levels", text_of(error.field));
        CU_ASSERT_PTR_NOT_NULL(strstr(error.message, missing));
        CU_ASSERT_PTR_NOT_NULL(strstr(error.hint, "was"));
    }
    arena_free(&arena);
}

#define BASE "{\"id\":\"base\"}"
#define LEVEL(id, from) ",{\"id\":\"" id "\",\"from\":\"" from "\"}"
#define LEVEL_WAS(id, from, was) ",{\"id\":\"" id "\",\"from\":\"" from "\",\"was\":[" was "]}"
static const char *const without =
    DOCUMENT("UTC", "EUR", "\"points\":{\"point\":{},\"star\":{\"spendable\":false,\"scale\":1}}");
static const char *const three = TIERS(LEVELS(BASE LEVEL("jade", "5") LEVEL("gold", "9")));

static void versions(void)
{
    follows(without, three, NULL);
    follows(three, three, NULL);
    follows(three, without, "\"base\"");
    follows(three, TIERS(LEVELS(BASE LEVEL("gold", "5") LEVEL("jade", "9"))), NULL);
    follows(three, TIERS(LEVELS(BASE LEVEL("gold", "5"))), "\"jade\"");
    follows(three, TIERS(LEVELS(BASE LEVEL_WAS("gold", "5", "\"jade\""))), NULL);
    follows(three, TIERS(LEVELS("{\"id\":\"all\",\"was\":[\"base\",\"gold\",\"jade\"]}")), NULL);
    /* "was" may name what older versions had, but that is no other level's. */
    follows(three, TIERS(LEVELS(BASE LEVEL_WAS("gold", "5", "\"silver\""))), "\"jade\"");
}

static void levels_by_their_old_names(void)
{
    struct arena arena = {0};
    const struct programme *v[] = {
        fixture_read(&arena, "UTC", three),
        fixture_read(&arena, "UTC",
                     TIERS(LEVELS(BASE LEVEL_WAS("silver", "5", "\"jade\"") LEVEL("gold", "9")))),
        fixture_read(&arena, "UTC",
                     TIERS(LEVELS(BASE LEVEL_WAS("first", "4", "\"silver\",\"gold\"")))),
        /* A level that is there again is another one. */
        fixture_read(&arena, "UTC", TIERS(LEVELS(BASE LEVEL("first", "4") LEVEL("gold", "8")))),
    };
    test_expect_integer("there", 1, programme_level_now(v, 1, text_of("jade")));
    test_expect_integer("one hop", 1, programme_level_now(v, 2, text_of("jade")));
    test_expect_integer("unmoved", 2, programme_level_now(v, 2, text_of("gold")));
    test_expect_integer("two hops", 1, programme_level_now(v, 3, text_of("jade")));
    test_expect_integer("three", 1, programme_level_now(v, 4, text_of("jade")));
    test_expect_integer("the old gold", 1, programme_level_now(v, 4, text_of("gold")));
    test_expect_integer("the new gold", 2, programme_level_now(v + 3, 1, text_of("gold")));
    test_expect_integer("of a later one", 1, programme_level_now(v, 4, text_of("silver")));
    test_expect_integer("unknown", -1, programme_level_now(v, 4, text_of("top")));
    test_expect_integer("no version", -1, programme_level_now(v, 0, text_of("jade")));
    arena_free(&arena);
}

/* 999983 and 999979 are primes: each alone fits beside a multiplied one, both do not. */
static void carry_of_levels(void)
{
    struct arena arena = {0};
    struct error error = {0};
#define CARRY(per, multiply)                                                                       \
    TIERS("\"earn\":[{\"id\":\"c\",\"per\":\"" per "\",\"gives\":{\"point\":1},"                   \
          "\"rounding\":\"carry\"}]," LEVELS(                                                      \
              BASE ",{\"id\":\"gold\",\"from\":\"9\",\"multiply\":{\"point\":\"" multiply "\"}}"))
    const struct programme *v[] = {fixture_read(&arena, "UTC", CARRY("9999.83", "1")),
                                   fixture_read(&arena, "UTC", CARRY("9999.79", "2")),
                                   fixture_read(&arena, "UTC", CARRY("9999.79", "1.5"))};
    const struct programme *multiplied[] = {v[0], v[2]};
    CU_ASSERT_TRUE(programme_carry_bound(v, 2, &error));
    CU_ASSERT_FALSE(programme_carry_bound(multiplied, 2, &error));
    test_expect_integer("code", ERROR_PROGRAMME_CHANGE, error.code);
    arena_free(&arena);
}

const struct test_case tiers_cases[] = {
    {"measures", measures},
    {"levels", levels},
    {"reviews", reviews},
    {"rules_and_benefits", rules_and_benefits},
    {"nothing_said", nothing_said},
    {"windows", windows},
    {"single_measures", single_measures},
    {"levels_by_actions_alone", levels_by_actions_alone},
    {"notes", notes},
    {"versions", versions},
    {"levels_by_their_old_names", levels_by_their_old_names},
    {"carry_of_levels", carry_of_levels},
    {NULL, NULL},
};
