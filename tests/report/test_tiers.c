/* Levels in reports: members of each add up to what each is shown, whether anybody recorded what
 * time did or not; and who is about to move. */
#include <stdio.h>
#include <string.h>

#include "chance.h"
#include "report_cases.h"

#define SHOP(tiers)                                                                                \
    "{'loyalty':1,'id':'shop','timezone':'Asia/Shanghai','currency':'CNY','points':{'star':{}},"   \
    "'earn':[{'id':'base','per':'10.00','gives':{'star':1}}],'tiers':{" tiers "}}"

static const char YEARLY[] =
    SHOP("'measure':{'spend':true},'window':'P6M','review':'P3M','levels':[{'id':'a'},"
         "{'id':'b','from':'50.00'},{'id':'c','from':'120.00','keep':'80.00'}]");

enum { MEMBERS = 30 };

static void buy_some(struct trial *t, uint64_t *state, const char *now, const char *month)
{
    at(t, now);
    for (int card = 1; card <= MEMBERS; card++) {
        if (chance(state) % 3 == 0)
            say(t, "ok",
                "{'op':'purchase','member':'card:%d','enrol':true,'receipt':'%s-%d',"
                "'amount':'%d'}",
                card, month, card, (int)(chance(state) % 150) + 1);
    }
}

static const cJSON *row_of(const cJSON *answer, const char *level)
{
    const cJSON *row;
    cJSON_ArrayForEach(row, at_path(answer, "rows"))
    {
        if (strcmp(cJSON_GetStringValue(at_path(row, "level")), level) == 0)
            return row;
    }
    return NULL;
}

/* How many `show` has of a level, at the end of a day. */
static int shown_of(struct trial *t, const char *day, const char *level)
{
    int count = 0;
    for (int card = 1; card <= MEMBERS; card++) {
        const cJSON *shown =
            say(t, "ok", "{'op':'show','member':'card:%d','at':'%sT15:59:59Z'}", card, day);
        count += strcmp(cJSON_GetStringValue(at_path(shown, "tier/level")), level) == 0;
    }
    return count;
}

static void add_all(struct trial *t)
{
    for (int card = 1; card <= MEMBERS; card++)
        say(t, "ok", "{'op':'member.add','identifiers':['card:%d']}", card);
}

static void adds_up_to_what_is_shown(void)
{
    static const char *const days[] = {"2026-03-20", "2026-05-31", "2026-07-01", "2027-01-01"};
    static const char *const levels[] = {"a", "b", "c"};
    struct trial t;
    uint64_t state = 5;
    trial_begin(&t, YEARLY, "2026-01-01T00:00:00Z");
    add_all(&t);
    buy_some(&t, &state, "2026-01-10T04:00:00Z", "1");
    buy_some(&t, &state, "2026-02-10T04:00:00Z", "2");
    buy_some(&t, &state, "2026-03-10T04:00:00Z", "3");
    for (size_t d = 0; d < sizeof days / sizeof *days; d++) {
        char request[96];
        snprintf(request, sizeof request, "{'op':'report','name':'tiers','as_of':'%s'}", days[d]);
        const cJSON *answer = ask(&t, request);
        for (size_t l = 0; l < 3; l++)
            expect_number(row_of(answer, levels[l]), "members", shown_of(&t, days[d], levels[l]));
        expect_number(answer, "totals/0/members", MEMBERS);
    }
    trial_end(&t);
}

/* From the first to the last month each level's members are what came in less what went. */
static void moves_explain_the_members(void)
{
    static const char question[] =
        "{'op':'report','name':'tiers','as_of':'2026-12-31','from':'2026-01','until':'2026-12'}";
    struct trial t;
    uint64_t state = 9;
    trial_begin(&t, YEARLY, "2026-01-01T00:00:00Z");
    add_all(&t);
    buy_some(&t, &state, "2026-01-10T04:00:00Z", "1");
    buy_some(&t, &state, "2026-04-20T04:00:00Z", "4");
    buy_some(&t, &state, "2026-06-20T04:00:00Z", "6");
    const cJSON *answer = ask(&t, question);
    const char *const to[] = {"to_a", "to_b", "to_c"};
    double net[3] = {MEMBERS, 0, 0}, falls = 0;
    for (int i = 0; i < 36; i++) {
        for (int l = 0; l < 3; l++) {
            char path[48];
            snprintf(path, sizeof path, "rows/%d/%s", i, to[l]);
            double moved = l == i % 3 ? 0 : cJSON_GetNumberValue(at_path(answer, path));
            net[i % 3] -= moved;
            net[l] += moved;
            falls += l < i % 3 ? moved : 0;
        }
    }
    for (int l = 0; l < 3; l++) {
        char path[48];
        snprintf(path, sizeof path, "rows/%d/members", 33 + l);
        expect_number(answer, path, net[l]);
    }
    CU_ASSERT_TRUE(falls > 5); /* and nobody has recorded the last of them */
    at(&t, "2026-12-31T05:00:00Z");
    for (int card = 1; card <= MEMBERS; card++)
        say(&t, "ok", "{'op':'adjust','member':'card:%d','points':1,'ref':'w%d','reason':'w'}",
            card, card);
    const cJSON *recorded = ask(&t, question);
    CU_ASSERT_TRUE(cJSON_Compare(at_path(answer, "rows"), at_path(recorded, "rows"), true));
    trial_end(&t);
}

/* Who was erased, or became another, is not there. */
static void counts_who_is_there(void)
{
    struct trial t;
    trial_begin(&t, YEARLY, "2026-01-01T00:00:00Z");
    for (int card = 1; card <= 3; card++)
        say(&t, "ok",
            "{'op':'purchase','member':'card:%d','enrol':true,'receipt':'%d','amount':'60'}", card,
            card);
    say(&t, "ok", "{'op':'member.merge','ref':'M','member':'card:1','into':'card:2'}");
    say(&t, "ok",
        "{'op':'member.erase','ref':'E','member':'card:3','reason':'asked','balance':'forfeit'}");
    const cJSON *answer = ask(&t, "{'op':'report','name':'tiers','as_of':'2026-01-02'}");
    expect_number(row_of(answer, "a"), "members", 0);
    expect_number(row_of(answer, "b"), "members", 0);
    expect_number(row_of(answer, "c"), "members", 1);
    const cJSON *near =
        ask(&t, "{'op':'report','name':'tiers','as_of':'2026-01-02','within':'P9M'}");
    expect_count(near, "rows", 1);
    trial_end(&t);
}

/* Levels that are called otherwise since are counted as what they are now. */
static void levels_that_changed_their_names(void)
{
    struct trial t;
    trial_begin(&t, YEARLY, "2026-01-01T00:00:00Z");
    say(&t, "ok", "{'op':'purchase','member':'card:1','enrol':true,'receipt':'1','amount':'60'}");
    at(&t, "2026-01-02T00:00:00Z");
    say(&t, "ok", "{'op':'programme.apply','programme':%s}",
        SHOP("'measure':{'spend':true},'window':'P6M','review':'P3M','levels':[{'id':'a'},"
             "{'id':'jade','was':['b'],'from':'50.00'},{'id':'top','was':['c'],'from':'120.00'}]"));
    const cJSON *answer = ask(&t, "{'op':'report','name':'tiers','as_of':'2026-01-02'}");
    expect_number(row_of(answer, "jade"), "members", 1);
    expect_number(row_of(answer, "a"), "to_jade", 1);
    trial_end(&t);
}

/* --- Who is about to move ---------------------------------------------------------------- */

static void buy(struct trial *t, const char *now, int card, const char *amount)
{
    static int receipt;
    at(t, now);
    say(t, "ok", "{'op':'purchase','member':'card:%d','enrol':true,'receipt':'n%d','amount':'%s'}",
        card, ++receipt, amount);
}

/* Of what is asked for, whatever it is; who has nothing of it is not near. */
static void those_who_lack_least(void)
{
    struct trial t;
    trial_begin(&t, YEARLY, "2026-01-01T00:00:00Z");
    buy(&t, "2026-01-11T04:00:00Z", 2, "118.00");
    buy(&t, "2026-01-12T04:00:00Z", 3, "119.00");
    buy(&t, "2026-01-13T04:00:00Z", 4, "49.99");
    buy(&t, "2026-01-14T04:00:00Z", 5, "1.00");
    say(&t, "ok", "{'op':'member.add','identifiers':['card:6']}");
    const cJSON *soon =
        ask(&t, "{'op':'report','name':'tiers','as_of':'2026-01-20','within':'P30D'}");
    expect_number(soon, "totals/0/members", 0);
    expect_number(soon, "totals/1/members", 4); /* not who has bought nothing */
    expect_text(soon, "rows/0/what", "climb");
    expect_text(soon, "rows/0/level", "a");
    expect_text(soon, "rows/0/missing_spend", "0.01");
    expect_text(soon, "rows/0/missing_percent", "0.02");
    expect_text(soon, "rows/1/missing_spend", "1.00");
    expect_text(soon, "rows/1/missing_percent", "0.83");
    expect_text(soon, "rows/1/to", "c");
    expect_text(soon, "rows/2/missing_spend", "2.00");
    expect_text(soon, "rows/3/missing_spend", "49.00");
    const cJSON *two =
        ask(&t, "{'op':'report','name':'tiers','as_of':'2026-01-20','within':'P30D','most':2}");
    expect_count(two, "rows", 2);
    expect_number(two, "totals/1/members", 4);
    expect_text(two, "rows/1/missing_spend", "1.00");
    trial_end(&t);
}

/* A day counts once, however often somebody comes on it. */
static void days_that_are_missing(void)
{
    struct trial t;
    trial_begin(&t,
                SHOP("'measure':{'days':true},'window':'P6M','review':'P3M','levels':[{'id':'a'},"
                     "{'id':'b','from':3}]"),
                "2026-01-01T00:00:00Z");
    buy(&t, "2026-01-10T04:00:00Z", 1, "5.00");
    buy(&t, "2026-01-10T05:00:00Z", 1, "5.00");
    buy(&t, "2026-01-10T16:00:00Z", 1, "5.00"); /* midnight in Shanghai */
    const cJSON *near =
        ask(&t, "{'op':'report','name':'tiers','as_of':'2026-01-20','within':'P30D'}");
    expect_number(near, "rows/0/missing_days", 1);
    expect_text(near, "rows/0/missing_percent", "33.33");
    trial_end(&t);
}

/* A day before the horizon, and on it. The last day of c is 10 April, when all counts, and 10
 * July, when nothing does. */
static void falls_until_the_horizon(void)
{
    struct trial t;
    trial_begin(&t, YEARLY, "2026-01-01T00:00:00Z");
    buy(&t, "2026-01-10T04:00:00Z", 1, "130.00");
    buy(&t, "2026-02-10T04:00:00Z", 2, "60.00");
    /* Both are reviewed in spring, and keep what they have. */
    const cJSON *kept =
        ask(&t, "{'op':'report','name':'tiers','as_of':'2026-04-01','within':'P60D'}");
    expect_number(kept, "totals/0/members", 0);
    const cJSON *before =
        ask(&t, "{'op':'report','name':'tiers','as_of':'2026-06-30','within':'P10D'}");
    expect_number(before, "totals/0/members", 0);
    const cJSON *after =
        ask(&t, "{'op':'report','name':'tiers','as_of':'2026-06-30','within':'P11D'}");
    expect_number(after, "totals/0/members", 1);
    expect_text(after, "rows/0/what", "fall");
    expect_text(after, "rows/0/level", "c");
    expect_text(after, "rows/0/to", "a");
    expect_text(after, "rows/0/day", "2026-07-10");
    expect_text(after, "rows/0/missing_spend", "80.00");
    expect_text(after, "rows/0/missing_percent", "100.00");
    trial_end(&t);
}

/* Who holds a level has no way of keeping it by buying; what they have reached is theirs. */
static void the_end_of_a_hold(void)
{
    struct trial t;
    trial_begin(&t, YEARLY, "2026-01-01T00:00:00Z");
    buy(&t, "2026-01-10T04:00:00Z", 1, "60.00");
    say(&t, "ok",
        "{'op':'tier.set','member':'card:1','level':'c','until':'2026-01-31','operator':'ann',"
        "'reason':'sorry','ref':'T'}");
    const cJSON *near =
        ask(&t, "{'op':'report','name':'tiers','as_of':'2026-01-20','within':'P30D'}");
    expect_text(near, "rows/0/what", "fall");
    expect_text(near, "rows/0/level", "c");
    expect_text(near, "rows/0/to", "b");
    expect_text(near, "rows/0/day", "2026-01-31");
    CU_ASSERT_TRUE(cJSON_IsNull(at_path(near, "rows/0/missing_spend")));
    trial_end(&t);
}

const struct test_case tiers_cases[] = {
    {"adds up to what is shown", adds_up_to_what_is_shown},
    {"moves explain the members", moves_explain_the_members},
    {"counts who is there", counts_who_is_there},
    {"levels that changed their names", levels_that_changed_their_names},
    {"those who lack least", those_who_lack_least},
    {"days that are missing", days_that_are_missing},
    {"falls until the horizon", falls_until_the_horizon},
    {"the end of a hold", the_end_of_a_hold},
    {NULL, NULL},
};
