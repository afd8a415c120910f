/* What members are told of their level: by kind of measure, as of any day, and on a retry; and
 * that a programme on trial says what then happens. */
#include <stdio.h>
#include <string.h>

#include "chance.h"
#include "support.h"

#define SHOP(tiers)                                                                                \
    "{'loyalty':1,'id':'shop','timezone':'Asia/Shanghai','currency':'CNY',"                        \
    "'receipts':{'late':'P90D'},'points':{'star':{'scale':2},'sun':{}},"                           \
    "'earn':[{'id':'base','per':'10.00','gives':{'star':1}}],'actions':{'survey':{}},"             \
    "'tiers':{" tiers "}}"

static const char EVERYTHING[] =
    SHOP("'measures':{'stars':{'earned':'star'},'money':{'spend':true},"
         "'visits':{'visits':true,'least':'5.00'},'days':{'days':true},"
         "'asked':{'action':'survey'}},'window':'P12M','review':'P1Y','levels':[{'id':'silver'},"
         "{'id':'gold','from':{'stars':10,'money':'80.00','visits':3,'days':2,'asked':1}},"
         "{'id':'black','by':{'survey':{'valid':'P3D'}}}]");

static void set_clock(struct trial *t, const char *now)
{
    snprintf(t->now, sizeof t->now, "%s", now);
}

static void expect_null(const cJSON *answer, const char *path)
{
    const cJSON *item = at_path(answer, path);
    if (!cJSON_IsNull(item))
        printf("\n    %s is not null\n", path);
    CU_ASSERT_TRUE(cJSON_IsNull(item));
}

static void expect_true(const cJSON *answer, const char *path, bool expected)
{
    CU_ASSERT_EQUAL(cJSON_IsTrue(at_path(answer, path)), expected);
}

/* --- One answer -------------------------------------------------------------------------- */

static void measures_by_kind(void)
{
    struct trial t;
    trial_begin(&t, EVERYTHING, "2026-03-04T04:00:00Z");
    say(&t, "ok",
        "{'op':'purchase','member':'card:1','enrol':true,'receipt':'1','amount':'25.00'}");
    const cJSON *bought =
        say(&t, "ok", "{'op':'purchase','member':'card:1','receipt':'2','amount':'4.90'}");
    expect_number(bought, "tier/measures/stars", 2.99);
    expect_text(bought, "tier/measures/money", "29.90");
    expect_number(bought, "tier/measures/visits", 1);
    expect_number(bought, "tier/measures/days", 1);
    expect_number(bought, "tier/measures/asked", 0);
    expect_number(bought, "tier/next/missing/stars", 7.01);
    expect_text(bought, "tier/next/missing/money", "50.10");
    expect_number(bought, "tier/next/missing/visits", 2);
    expect_number(bought, "tier/next/missing/days", 1);
    expect_number(bought, "tier/next/missing/asked", 1);
    expect_null(bought, "tier/next/by");
    expect_null(bought, "tier/keep");
    expect_null(bought, "tier/until");
    expect_null(bought, "tier/last_day");
    expect_true(bought, "tier/changed", false);
    CU_ASSERT_PTR_NULL(at_path(bought, "tier/from"));
    trial_end(&t);
}

/* A level that no purchase leads to; held for three days more, through the last of them. */
static void by_action(void)
{
    struct trial t;
    trial_begin(&t, EVERYTHING, "2026-03-04T04:00:00Z");
    const cJSON *told =
        say(&t, "ok", "{'op':'action','member':'card:1','enrol':true,'ref':'A','action':'survey'}");
    expect_text(told, "tier/level", "black");
    expect_text(told, "tier/from", "silver");
    expect_text(told, "tier/last_day", "2026-03-07");
    expect_text(told, "tier/until", "2026-03-07T16:00:00Z");
    expect_null(told, "tier/next");
    set_clock(&t, "2026-03-08T04:00:00Z");
    const cJSON *shown = say(&t, "ok", "{'op':'show','member':'card:1'}");
    expect_text(shown, "tier/level", "silver");
    expect_text(shown, "progress/1/from/money", "80.00");
    expect_null(shown, "progress/2/from");
    expect_true(shown, "progress/0/reached", true);
    expect_true(shown, "progress/1/reached", false);
    trial_end(&t);
}

static void next_not_by_measure(void)
{
    struct trial t;
    trial_begin(&t,
                SHOP("'measure':{'spend':true},'window':'P12M','review':'P1Y','levels':"
                     "[{'id':'silver'},{'id':'paid','by':{'survey':{'valid':'P1Y'}}}]"),
                "2026-03-04T04:00:00Z");
    const cJSON *bought =
        say(&t, "ok",
            "{'op':'purchase','member':'card:1','enrol':true,'receipt':'1','amount':'25.00'}");
    expect_text(bought, "tier/measures/spend", "25.00");
    expect_text(bought, "tier/next/level", "paid");
    expect_null(bought, "tier/next/missing");
    trial_end(&t);
}

/* Its own record says what it changed, whatever has become of the member since. */
static void a_retry_tells_both(void)
{
    static const char buy[] =
        "{'op':'purchase','member':'card:1','enrol':true,'receipt':'1','amount':'60.00'}";
    struct trial t;
    trial_begin(&t,
                SHOP("'measure':{'spend':true},'window':'P12M','review':'P1Y','levels':"
                     "[{'id':'silver'},{'id':'gold','from':'50.00','entry':{'gives':{'sun':7}}}]"),
                "2026-03-04T04:00:00Z");
    const cJSON *first = say(&t, "ok", "%s", buy);
    expect_text(first, "tier/level", "gold");
    expect_number(first, "granted/0/amount", 7);
    expect_text(first, "granted/0/points", "sun");
    expect_text(first, "granted/0/level", "gold");
    expect_count(first, "earned", 1);
    expect_number(first, "balances/sun/available", 7);
    set_clock(&t, "2028-03-04T04:00:00Z");
    const cJSON *again = say(&t, "ok", "%s", buy);
    expect_true(again, "duplicate", true);
    expect_text(again, "tier/level", "silver");
    expect_true(again, "tier/changed", true);
    expect_text(again, "tier/from", "silver");
    expect_number(again, "granted/0/amount", 7);
    const cJSON *found = say(&t, "ok", "{'op':'lookup','ref':'1'}");
    expect_text(found, "tier/level", "silver");
    trial_end(&t);
}

/* What was collected is what goods were worth and what their level had given, in whatever
 * currency, and what was forgiven of it. */
static void what_a_level_gave_goes_back(void)
{
    struct trial t;
    trial_begin(
        &t,
        SHOP("'measure':{'spend':true},'window':'P12M','review':'P1Y','on_return':'at_once',"
             "'levels':[{'id':'silver'},{'id':'gold','from':'50.00','entry':"
             "{'gives':{'star':20,'sun':3},'on_return':'take_back'}}]"),
        "2026-03-04T04:00:00Z");
    say(&t, "ok",
        "{'op':'purchase','member':'card:1','enrol':true,'receipt':'1','amount':'60.00'}");
    say(&t, "ok", "{'op':'redeem','member':'card:1','ref':'V','points':22}");
    const cJSON *back = say(&t, "ok", "{'op':'return','ref':'R','of':'1','all':true}");
    expect_text(back, "tier/from", "gold");
    expect_number(back, "assessed/star", 6);
    expect_number(back, "withdrawn/star", 20);
    expect_number(back, "withdrawn/sun", 3);
    expect_number(back, "collected/star/from_receipt", 4);
    expect_number(back, "collected/star/debt", 22);
    expect_number(back, "collected/star/forgiven", 0);
    expect_number(back, "collected/sun/from_receipt", 3);
    CU_ASSERT_PTR_NULL(at_path(back, "forfeited"));
    trial_end(&t);
}

static void nobodys_sale_has_no_level(void)
{
    struct trial t;
    trial_begin(&t, EVERYTHING, "2026-03-04T04:00:00Z");
    const cJSON *bought = say(&t, "ok", "{'op':'purchase','receipt':'1','amount':'60.00'}");
    expect_null(bought, "tier");
    expect_count(bought, "granted", 0);
    trial_end(&t);
}

/* Who joined two cards has what both had, and the past of both. */
static void a_merged_past(void)
{
    struct trial t;
    trial_begin(&t,
                SHOP("'measure':{'spend':true},'window':'P12M','review':'P1Y','levels':"
                     "[{'id':'silver'},{'id':'gold','from':'50.00'}]"),
                "2026-03-04T04:00:00Z");
    say(&t, "ok",
        "{'op':'purchase','member':'card:1','enrol':true,'receipt':'1','amount':'30.00'}");
    say(&t, "ok",
        "{'op':'purchase','member':'card:2','enrol':true,'receipt':'2','amount':'40.00'}");
    set_clock(&t, "2026-03-05T04:00:00Z");
    say(&t, "ok", "{'op':'member.merge','ref':'M','member':'card:1','into':'card:2'}");
    const cJSON *now = say(&t, "ok", "{'op':'show','member':'card:2'}");
    expect_text(now, "tier/level", "gold");
    expect_text(now, "tier/measures/spend", "70.00");
    set_clock(&t, "2026-03-06T04:00:00Z");
    const cJSON *then =
        say(&t, "ok", "{'op':'show','member':'card:2','at':'2026-03-05T04:00:00Z'}");
    expect_text(then, "tier/level", "gold");
    expect_text(then, "tier/measures/spend", "70.00");
    const cJSON *before =
        say(&t, "ok", "{'op':'show','member':'card:2','at':'2026-03-04T05:00:00Z'}");
    expect_text(before, "tier/level", "silver");
    expect_text(before, "tier/measures/spend", "40.00");
    trial_end(&t);
}

/* --- The same whenever it is asked ------------------------------------------------------- */

static const char *const WAYS[] = {
    SHOP(
        "'measure':{'spend':true},'window':'P6M','review':'P4M','grace':'P9D','levels':[{'id':'a'},"
        "{'id':'b','from':'50.00'},{'id':'c','from':'120.00','keep':'80.00'},"
        "{'id':'d','from':'300.00','at_review':'one_level_down'}]"),
    SHOP("'measures':{'money':{'spend':true},'days':{'days':true}},'window':'calendar_quarter',"
         "'review':{'at':'end_of_month'},'on_return':'at_once','levels':[{'id':'a'},"
         "{'id':'b','from':[{'money':'60.00'},{'days':4}]},{'id':'c','from':{'money':'150.00'}}]"),
    SHOP("'measure':{'visits':true},'window':'P40D','review':'continuous','levels':[{'id':'a'},"
         "{'id':'b','from':2},{'id':'c','from':5,'keep':3}]"),
    SHOP("'measure':{'earned':'star'},'window':'since_tier_start','on_promotion':'excess',"
         "'review':'P60D','levels':[{'id':'a'},{'id':'b','from':4},{'id':'c','from':9}]"),
};
enum { DAYS = 240 };

static void moment_of(int day, char text[40])
{
    struct date date = date_from_days(date_to_days((struct date){2026, 1, 1}) + day);
    snprintf(text, 40, "%04d-%02d-%02dT04:00:00Z", date.year, date.month, date.day);
}

/* The level and all that is said beside it; what the record changed is not of the day. */
static char *told_of(const cJSON *answer)
{
    cJSON *copy = cJSON_Duplicate(at_path(answer, "tier"), true);
    char *text = cJSON_PrintUnformatted(copy);
    cJSON_Delete(copy);
    return text;
}

static void expect_same(const char *when, char *expected, const cJSON *answer)
{
    char *told = told_of(answer);
    test_expect_text(when, expected, strlen(expected), told, strlen(told));
    cJSON_free(told);
    cJSON_free(expected);
}

/* A purchase, or one of those before comes back. */
static void any_operation(struct trial *t, uint64_t *state, int number, bool returned[DAYS])
{
    int back = number > 1 ? (int)(chance(state) % (unsigned)(number - 1)) + 1 : 0;
    if (back > 0 && chance(state) % 5 == 0 && !returned[back]) {
        returned[back] = returned[number] = true;
        say(t, "ok", "{'op':'return','ref':'R%d','of':'%d','all':true}", number, back);
    } else {
        say(t, "ok",
            "{'op':'purchase','member':'card:1','enrol':true,'receipt':'%d','amount':'%d'}", number,
            (int)(chance(state) % 90) + 1);
    }
}

static const cJSON *shown_at(struct trial *t, int day)
{
    char when[40];
    moment_of(day, when);
    return say(t, "ok", "{'op':'show','member':'card:1','at':'%s'}", when);
}

/* What was shown of a day is shown of it later; what is shown of a day to come is shown when it
 * has come. Returns and reviews lie between. */
static void as_of_any_day(void)
{
    for (uint64_t seed = 0; seed < 4 * 2; seed++) {
        struct trial t;
        char *told[DAYS] = {NULL};
        bool returned[DAYS] = {false};
        uint64_t state = seed;
        int day = 0, number = 0, asked;
        trial_begin(&t, WAYS[seed % 4], "2026-01-01T04:00:00Z");
        while (day < DAYS / 2) {
            moment_of(day, t.now);
            any_operation(&t, &state, ++number, returned);
            told[day] = told_of(say(&t, "ok", "{'op':'show','member':'card:1'}"));
            day += (int)(chance(&state) % 12) + 1;
        }
        for (asked = 0; asked < day; asked++) {
            if (told[asked] != NULL)
                expect_same("as of a day before", told[asked], shown_at(&t, asked));
        }
        for (asked = day; asked < DAYS; asked += 7)
            told[asked] = told_of(shown_at(&t, asked));
        for (asked = day; asked < DAYS; asked += 7) {
            moment_of(asked, t.now);
            expect_same(t.now, told[asked], say(&t, "ok", "{'op':'show','member':'card:1'}"));
        }
        trial_end(&t);
    }
}

/* --- A programme on trial ---------------------------------------------------------------- */

enum { MEMBERS = 24 };
static const char BEFORE[] =
    SHOP("'measure':{'spend':true},'window':'P12M','review':'P6M','levels':[{'id':'a'},"
         "{'id':'b','from':'50.00'},{'id':'c','from':'120.00'}]");
/* b and c are dearer, or kept by more; a new one stands between, and c is called top. */
#define AFTER(on_change)                                                                           \
    SHOP("'measure':{'spend':true},'window':'P12M','review':'P6M','on_change':'" on_change         \
         "','levels':[{'id':'a'},{'id':'b','from':'60.00'},{'id':'m','from':'110.00'},"            \
         "{'id':'top','was':['c'],'from':'150.00'}]")

static void buy_all(struct trial *t, uint64_t *state)
{
    for (int card = 1; card <= MEMBERS; card++)
        say(t, "ok",
            "{'op':'purchase','member':'card:%d','enrol':true,'receipt':'%d-%d','amount':'%d'}",
            card, card, (int)(*state % 1000), (int)(chance(state) % 200) + 1);
}

static void levels_of(struct trial *t, const char *at, char levels[MEMBERS + 1][8])
{
    for (int card = 1; card <= MEMBERS; card++) {
        const cJSON *shown = say(t, "ok", "{'op':'show','member':'card:%d','at':'%s'}", card, at);
        snprintf(levels[card], 8, "%s", cJSON_GetStringValue(at_path(shown, "tier/level")));
    }
}

static int moves_between(char before[][8], char after[][8], const char *from, const char *to)
{
    int count = 0;
    for (int card = 1; card <= MEMBERS; card++) {
        const char *was = strcmp(before[card], "c") == 0 ? "top" : before[card];
        count += strcmp(was, from) == 0 && strcmp(after[card], to) == 0;
    }
    return count;
}

/* Each move that it tells has happened, and no other. */
static void expect_moves(const cJSON *tried, const char *which, char before[][8], char after[][8])
{
    const cJSON *move;
    int told = 0, happened = 0;
    cJSON_ArrayForEach(move, at_path(tried, "moves"))
    {
        const char *from = cJSON_GetStringValue(at_path(move, "from"));
        const char *to = cJSON_GetStringValue(at_path(move, "to"));
        expect_number(move, which, moves_between(before, after, from, to));
        told += (int)cJSON_GetNumberValue(at_path(move, which));
    }
    for (int card = 1; card <= MEMBERS; card++)
        happened += strcmp(strcmp(before[card], "c") == 0 ? "top" : before[card], after[card]) != 0;
    CU_ASSERT_EQUAL(told, happened);
    CU_ASSERT_TRUE(happened > 2);
}

static void what_is_tried_happens(const char *which, const char *document, const char *when)
{
    struct trial t;
    uint64_t state = 11;
    char before[MEMBERS + 1][8], after[MEMBERS + 1][8];
    trial_begin(&t, BEFORE, "2026-01-10T04:00:00Z");
    buy_all(&t, &state);
    set_clock(&t, "2026-02-20T04:00:00Z");
    buy_all(&t, &state);
    int64_t size = log_size(&t);
    const cJSON *tried =
        say(&t, "ok", "{'op':'programme.apply','dry_run':true,'from':'2026-03-01','programme':%s}",
            document);
    expect_number(tried, "members", MEMBERS);
    expect_number(tried, "version", 2);
    expect_text(tried, "from", "2026-02-28T16:00:00Z");
    CU_ASSERT_EQUAL(log_size(&t), size);
    CU_ASSERT_EQUAL(
        cJSON_GetArraySize(at_path(say(&t, "ok", "{'op':'programme.list'}"), "programmes")), 1);
    levels_of(&t, "2026-02-28T15:59:59Z", before);
    say(&t, "ok", "{'op':'programme.apply','from':'2026-03-01','programme':%s}", document);
    levels_of(&t, when, after);
    expect_moves(tried, which, before, after);
    trial_end(&t);
}

static void tried_and_requalified(void)
{
    what_is_tried_happens("requalify", AFTER("requalify"), "2026-02-28T16:00:00Z");
}

/* Reviews are due half a year after the level was reached, at the latest on 21 August. */
static void tried_and_reviewed(void)
{
    what_is_tried_happens("next_review", AFTER("next_review"), "2026-08-22T16:00:00Z");
}

static void what_cannot_be_tried(void)
{
    struct trial t;
    trial_begin(&t, BEFORE, "2026-01-10T04:00:00Z");
    say(&t, "ok", "{'op':'member.add','identifiers':['card:1']}");
    const cJSON *refused = say(&t, "invalid_programme",
                               "{'op':'programme.apply','dry_run':true,'programme':{'loyalty':1}}");
    CU_ASSERT_TRUE(cJSON_GetArraySize(at_path(refused, "error/faults")) > 1);
    say(&t, "programme_order",
        "{'op':'programme.apply','dry_run':true,'from':'2025-01-01','programme':%s}",
        AFTER("requalify"));
    say(&t, "programme_change", "{'op':'programme.apply','dry_run':true,'programme':%s}",
        SHOP("'measure':{'spend':true},'window':'lifetime','levels':[{'id':'a'}]"));
    say(&t, "unknown_field", "{'op':'show','dry_run':true,'member':'card:1'}");
    say(&t, "invalid_field", "{'op':'programme.apply','dry_run':'yes','programme':%s}", BEFORE);
    trial_end(&t);
}

const struct test_case tier_told_cases[] = {
    {"measures by kind", measures_by_kind},
    {"by action", by_action},
    {"next not by measure", next_not_by_measure},
    {"a retry tells both", a_retry_tells_both},
    {"what a level gave goes back", what_a_level_gave_goes_back},
    {"nobody's sale has no level", nobodys_sale_has_no_level},
    {"a merged past", a_merged_past},
    {"as of any day", as_of_any_day},
    {"tried and requalified", tried_and_requalified},
    {"tried and reviewed", tried_and_reviewed},
    {"what cannot be tried", what_cannot_be_tried},
    {NULL, NULL},
};
