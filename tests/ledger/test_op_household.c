/* Households: one wallet, several members. */
#include <stdio.h>
#include <string.h>

#include "support.h"

#define NOON "2026-03-02T12:00:00Z"
#define POLICIES(join, leave)                                                                        \
    "{'loyalty':1,'id':'shop','timezone':'UTC','currency':'GBP','points':{'star':{'expires':"        \
    "{'after':'P10D'},'transfer':{}},'slow':{'pending':{'for':'P3D'}}},'households':{'most':3,"        \
    "'on_join':'" join "','on_leave':'" leave "'},"                                                  \
    "'earn':[{'id':'base','per':'1.00','gives':{'star':1}},"                                         \
    "{'id':'late','per':'10.00','gives':{'slow':1}}]}"

static const char TAKING[] = POLICIES("bring", "take");

#define BUY(member, receipt, amount)                                                                 \
    "{'op':'purchase','member':'" member "','receipt':'" receipt "','amount':'" amount "'}"
#define SHOW(member) "{'op':'show','member':'" member "'}"

static char home[64]; /* "household:..." */

static void add(struct trial *t, const char *programme)
{
    trial_begin(t, programme, NOON);
    for (int i = 1; i <= 4; i++)
        say(t, "ok", "{'op':'member.add','identifiers':['card:%d']}", i);
}

/* The first becomes a household, the second joins. */
static void together(struct trial *t)
{
    const cJSON *made = say(t, "ok", "{'op':'household.create','ref':'hc','member':'card:1'}");
    snprintf(home, sizeof home, "%s", at_path(made, "household")->valuestring);
    say(t, "ok", "{'op':'household.join','ref':'hj','member':'card:2','household':'%s'}", home);
}

static void refusals_come_in_order(void)
{
    struct trial t;
    add(&t, ONE_PER_POUND);
    say(&t, "unknown_member", "{'op':'household.create','ref':'a','member':'card:9'}");
    say(&t, "not_allowed", "{'op':'household.create','ref':'a','member':'card:1'}");
    say(&t, "not_allowed", "{'op':'household.join','ref':'a','member':'card:1','household':'x'}");
    say(&t, "not_in_household", "{'op':'household.leave','ref':'a','member':'card:1'}");
    trial_end(&t);
    add(&t, TAKING);
    expect_text(say(&t, "missing_field", "{'op':'household.join','ref':'a','member':'card:1'}"),
                "error/field", "household");
    expect_text(say(&t, "missing_field", "{'op':'household.create','member':'card:1'}"), "error/field",
                "ref");
    say(&t, "unknown_household", "{'op':'household.join','ref':'a','member':'card:1',"
                                 "'household':'household:000000000000'}");
    say(&t, "unknown_household", "{'op':'household.join','ref':'a','member':'card:1','household':'ours'}");
    say(&t, "unknown_household", "{'op':'household.show','household':'household:ZZZZZZZZZZZZ'}");
    together(&t);
    say(&t, "in_household", "{'op':'household.create','ref':'b','member':'card:1'}");
    say(&t, "in_household", "{'op':'household.join','ref':'b','member':'card:2','household':'x'}");
    say(&t, "ok", "{'op':'household.join','ref':'c','member':'card:3','household':'%s'}", home);
    say(&t, "over_limit", "{'op':'household.join','ref':'d','member':'card:4','household':'%s'}", home);
    say(&t, "to_oneself", "{'op':'transfer','ref':'t','member':'card:1','to':'card:2','points':1}");
    say(&t, "ok", "{'op':'household.leave','ref':'e','member':'card:3'}");
    say(&t, "not_in_household", "{'op':'household.leave','ref':'f','member':'card:3'}");
    say(&t, "ok", "{'op':'household.leave','ref':'g','member':'card:2'}");
    say(&t, "ok", "{'op':'household.leave','ref':'h','member':'card:1'}");
    /* Where nobody is any more, nobody can enter. */
    say(&t, "unknown_household", "{'op':'household.join','ref':'i','member':'card:1','household':'%s'}",
        home);
    say(&t, "unknown_household", "{'op':'household.show','household':'%s'}", home);
    trial_end(&t);
}

/* Held points keep the wallet together, until they are captured, released or lapse. */
static void an_open_reservation_forbids_it(void)
{
    struct trial t;
    add(&t, TAKING);
    say(&t, "ok", BUY("card:1", "a", "10"));
    say(&t, "ok", "{'op':'reserve','ref':'r','member':'card:1','points':4}");
    say(&t, "open_reservation", "{'op':'household.create','ref':'hc','member':'card:1'}");
    say(&t, "ok", "{'op':'release','ref':'x','of':'r'}");
    together(&t);
    say(&t, "ok", "{'op':'reserve','ref':'s','member':'card:2','points':4}");
    say(&t, "open_reservation", "{'op':'household.leave','ref':'l','member':'card:1'}");
    say(&t, "open_reservation", "{'op':'household.leave','ref':'l','member':'card:2'}");
    say(&t, "ok", "{'op':'household.leave','ref':'l','member':'card:1','now':'2026-03-02T13:00:00Z'}");
    expect_available(&t, "card:1", "star", 10);
    trial_end(&t);
}

/* Lots keep their numbers and dates, pending ones as well, and all spend from them. */
static void who_joins_brings_what_they_have(void)
{
    struct trial t;
    add(&t, TAKING);
    say(&t, "ok", BUY("card:1", "a", "10"));
    say(&t, "ok", BUY("card:2", "b", "20"));
    const cJSON *before = say(&t, "ok", SHOW("card:2"));
    int64_t size = log_size(&t);
    together(&t);
    test_expect_integer("two records each", size + 4, log_size(&t));
    const cJSON *shown = say(&t, "ok", SHOW("card:1"));
    expect_number(shown, "balances/star/available", 30);
    expect_number(shown, "balances/slow/pending", 3);
    expect_count(shown, "lots", 4);
    CU_ASSERT_TRUE(cJSON_Compare(at_path(shown, "lots/1"), at_path(before, "lots/0"), true));
    CU_ASSERT_TRUE(cJSON_Compare(at_path(shown, "lots/3"), at_path(before, "lots/1"), true));
    const cJSON *house = say(&t, "ok", "{'op':'household.show','household':'%s'}", home);
    expect_text(house, "household", home);
    expect_count(house, "members", 2);
    expect_number(house, "balances/star/available", 30);
    say(&t, "ok", "{'op':'redeem','member':'card:2','ref':'r','points':12}");
    expect_available(&t, "card:1", "star", 18);
    say(&t, "ok", BUY("card:2", "c", "5"));
    expect_available(&t, "card:1", "star", 23);
    /* A retry, the name spelled as people do. */
    for (char *c = home + sizeof "household"; *c != '\0'; c++)
        *c = (char)(*c >= 'A' && *c <= 'Z' ? *c + ('a' - 'A') : *c);
    const cJSON *again = say(&t, "ok", "{'op':'household.join','ref':'hj','member':'card:2',"
                                       "'household':'%s'}", home);
    CU_ASSERT_TRUE(cJSON_IsTrue(at_path(again, "duplicate")));
    expect_text(again, "household", at_path(house, "household")->valuestring);
    expect_number(again, "balances/star/available", 23);
    trial_end(&t);
}

/* What a member earned and is left of it goes along; what they owe stays. */
static void who_leaves_takes_what_they_earned(void)
{
    struct trial t;
    add(&t, TAKING);
    say(&t, "ok", BUY("card:1", "a", "10"));
    say(&t, "ok", BUY("card:2", "b", "20"));
    together(&t);
    say(&t, "ok", BUY("card:2", "c", "40"));
    say(&t, "ok", "{'op':'redeem','member':'card:1','ref':'r','points':15}");
    const cJSON *left = say(&t, "ok", "{'op':'household.leave','ref':'hl','member':'card:2'}");
    expect_text(left, "household", home);
    expect_number(left, "balances/star/available", 55);
    expect_number(left, "balances/slow/pending", 6);
    expect_available(&t, "card:1", "star", 0);
    expect_count(say(&t, "ok", "{'op':'household.show','household':'%s'}", home), "members", 1);
    CU_ASSERT_TRUE(cJSON_IsTrue(
        at_path(say(&t, "ok", "{'op':'household.leave','ref':'hl','member':'card:2'}"), "duplicate")));
    /* And can come again. */
    say(&t, "ok", "{'op':'household.join','ref':'hj2','member':'card:2','household':'%s'}", home);
    expect_available(&t, "card:1", "star", 55);
    trial_end(&t);
}

static void who_leaves_may_have_to_leave_it(void)
{
    struct trial t;
    add(&t, POLICIES("bring", "leave"));
    say(&t, "ok", BUY("card:1", "a", "10"));
    say(&t, "ok", BUY("card:2", "b", "20"));
    together(&t);
    int64_t size = log_size(&t);
    const cJSON *left = say(&t, "ok", "{'op':'household.leave','ref':'hl','member':'card:2'}");
    test_expect_integer("two records", size + 2, log_size(&t));
    expect_number(left, "balances/star/available", 0);
    expect_available(&t, "card:1", "star", 30);
    /* Goods come back whose points stayed behind: a debt of the member's own. */
    say(&t, "ok", "{'op':'return','of':'b','ref':'g','amount':'3'}");
    expect_available(&t, "card:2", "star", -3);
    expect_available(&t, "card:1", "star", 30);
    /* Who goes last takes everything, also what others earned: theirs from then on. */
    left = say(&t, "ok", "{'op':'household.leave','ref':'hl1','member':'card:1'}");
    expect_number(left, "balances/star/available", 30);
    expect_number(left, "balances/slow/pending", 3);
    say(&t, "ok", "{'op':'household.create','ref':'hc2','member':'card:1'}");
    say(&t, "ok", "{'op':'return','of':'a','ref':'g1','all':true}");
    expect_available(&t, "card:1", "star", 20);
    trial_end(&t);
}

static void who_joins_may_have_to_forfeit_it(void)
{
    struct trial t;
    add(&t, POLICIES("forfeit", "take"));
    say(&t, "ok", BUY("card:1", "a", "10"));
    say(&t, "ok", BUY("card:2", "b", "20"));
    together(&t);
    const cJSON *shown = say(&t, "ok", SHOW("card:2"));
    expect_number(shown, "balances/star/available", 0);
    expect_number(shown, "balances/slow/pending", 0);
    say(&t, "ok", BUY("card:2", "c", "5"));
    expect_available(&t, "card:1", "star", 5);
    /* A debt is brought along all the same. */
    say(&t, "ok", BUY("card:3", "d", "7"));
    say(&t, "ok", "{'op':'redeem','member':'card:3','ref':'r','points':7}");
    say(&t, "ok", "{'op':'return','of':'d','ref':'g','all':true}");
    say(&t, "ok", "{'op':'household.join','ref':'h3','member':'card:3','household':'%s'}", home);
    expect_available(&t, "card:1", "star", -2);
    trial_end(&t);
}

/* One member's return does not touch what another earned. */
static void returns_touch_only_what_the_member_earned(void)
{
    struct trial t;
    add(&t, TAKING);
    say(&t, "ok", BUY("card:1", "a", "10"));
    say(&t, "ok", BUY("card:2", "b", "20"));
    together(&t);
    say(&t, "ok", "{'op':'redeem','member':'card:2','ref':'r','points':12}");
    /* Card 1's ten are gone, and two of card 2's. */
    const cJSON *back = say(&t, "ok", "{'op':'return','of':'a','ref':'g','all':true}");
    expect_number(back, "collected/star/debt", 10);
    expect_number(back, "collected/star/from_other", 0);
    const cJSON *shown = say(&t, "ok", SHOW("card:2"));
    expect_number(shown, "balances/star/available", 8);
    expect_number(shown, "lots/0/left", 18);
    say(&t, "insufficient_points", "{'op':'redeem','member':'card:2','ref':'s','points':9}");
    say(&t, "ok", "{'op':'redeem','member':'card:2','ref':'s','points':8}");
    /* Whatever comes in pays. */
    say(&t, "ok", BUY("card:2", "c", "4"));
    shown = say(&t, "ok", SHOW("card:1"));
    expect_number(shown, "balances/star/available", 4);
    expect_number(shown, "lots/0/left", 10);
    /* Whoever leaves first leaves the debt; the last takes it, and their own points pay. */
    say(&t, "ok", "{'op':'household.leave','ref':'l1','member':'card:1'}");
    expect_available(&t, "card:1", "star", 0);
    const cJSON *left = say(&t, "ok", "{'op':'household.leave','ref':'l2','member':'card:2'}");
    expect_number(left, "balances/star/available", 4);
    expect_number(say(&t, "ok", SHOW("card:2")), "lots/0/left", 4);
    trial_end(&t);
}

static void moved_lots_settle_a_debt_where_they_arrive(void)
{
    struct trial t;
    add(&t, TAKING);
    say(&t, "ok", BUY("card:1", "a", "10"));
    say(&t, "ok", "{'op':'redeem','member':'card:1','ref':'r','points':10}");
    say(&t, "ok", "{'op':'return','of':'a','ref':'g','all':true}");
    say(&t, "ok", BUY("card:2", "late", "6"));
    say(&t, "ok", "{'op':'purchase','member':'card:2','receipt':'soon','amount':'7',"
                  "'at':'2026-03-01T12:00:00Z'}");
    together(&t);
    /* The one that burns first pays first. */
    const cJSON *shown = say(&t, "ok", SHOW("card:1"));
    expect_number(shown, "balances/star/available", 3);
    expect_count(shown, "lots", 1);
    expect_number(shown, "lots/0/amount", 6);
    expect_number(shown, "lots/0/left", 3);
    trial_end(&t);
}

/* What time has made due happens before: to both wallets, each in its own name. */
static void both_wallets_are_brought_up_to_date(void)
{
    struct trial t;
    add(&t, TAKING);
    say(&t, "ok", BUY("card:1", "a", "10"));
    say(&t, "ok", BUY("card:2", "b", "20"));
    say(&t, "ok", "{'op':'household.create','ref':'hc','member':'card:1'}");
    const cJSON *made = say(&t, "ok", "{'op':'lookup','ref':'hc'}");
    snprintf(home, sizeof home, "%s", at_path(made, "household")->valuestring);
    snprintf(t.now, sizeof t.now, "2026-03-20T12:00:00Z");
    int64_t size = log_size(&t);
    const cJSON *joined = say(&t, "ok", "{'op':'household.join','ref':'hj','member':'card:2',"
                                        "'household':'%s'}", home);
    test_expect_integer("two elapse records each", size + 6, log_size(&t));
    expect_number(joined, "balances/star/available", 0);
    expect_number(joined, "balances/slow/available", 3);
    trial_end(&t);
}

/* A redemption is undone after its member has left: to the very lot while nothing is
 * left of it for others, else to one like it. */
static void what_is_given_back_finds_its_member(void)
{
    struct trial t;
    add(&t, TAKING);
    say(&t, "ok", BUY("card:1", "a", "10"));
    say(&t, "ok", BUY("card:2", "b", "20"));
    together(&t);
    say(&t, "ok", "{'op':'redeem','member':'card:1','ref':'r','points':25}");
    say(&t, "ok", "{'op':'household.leave','ref':'l','member':'card:1'}");
    const cJSON *undone = say(&t, "ok", "{'op':'cancel','of':'r','ref':'x'}");
    expect_number(undone, "balances/star/available", 25);
    const cJSON *shown = say(&t, "ok", SHOW("card:1"));
    expect_count(shown, "lots", 3);
    expect_number(shown, "lots/0/left", 10);
    expect_text(shown, "lots/0/lot", "6.0");
    expect_number(shown, "lots/1/left", 15);
    expect_text(shown, "lots/1/last_day", "2026-03-12");
    expect_available(&t, "card:2", "star", 5);
    trial_end(&t);
}

/* More lots than a record can name; and all of it within one commit. */
static void three_hundred_lots_move_in_parts(void)
{
    struct trial t;
    add(&t, TAKING);
    for (int i = 0; i < 300; i++)
        say(&t, "ok", "{'op':'purchase','member':'card:1','receipt':'r%d','amount':'2'}", i);
    say(&t, "ok", "{'op':'adjust','ref':'j','member':'card:2','points':1,'reason':'x'}");
    int64_t size = log_size(&t);
    together(&t);
    test_expect_integer("two parts out, two in; one out, one in", size + 6, log_size(&t));
    expect_available(&t, "card:2", "star", 601);
    const cJSON *all = say_all(&t, "ok", "{'op':'household.leave','ref':'a','member':'card:2'}", "ok",
                               "{'op':'household.leave','ref':'b','member':'card:1'}", "ok",
                               "{'op':'household.create','ref':'c','member':'card:1'}", "in_household",
                               "{'op':'household.create','ref':'d','member':'card:1'}", "ok",
                               "{'op':'redeem','ref':'e','member':'card:1','points':600}", "ok",
                               "{'op':'household.create','ref':'c','member':'card:1'}", NULL);
    expect_number(all, "0/balances/star/available", 1);
    expect_number(all, "1/balances/star/available", 600);
    expect_number(all, "2/balances/star/available", 600);
    expect_number(all, "4/balances/star/available", 0);
    CU_ASSERT_TRUE(cJSON_Compare(at_path(all, "2/household"), at_path(all, "5/household"), true));
    trial_end(&t);
}

/* Who comes along with points gives the household's new life. */
static void bringing_points_is_activity(void)
{
    struct trial t;
    add(&t, "{'loyalty':1,'id':'shop','timezone':'UTC','currency':'GBP','points':{'star':{'expires':"
            "{'inactive':'P10D'}}},'households':{},"
            "'earn':[{'id':'base','per':'1.00','gives':{'star':1}}]}");
    say(&t, "ok", BUY("card:1", "a", "10"));
    say(&t, "ok", BUY("card:2", "b", "20"));
    say(&t, "ok", "{'op':'household.create','ref':'hc','member':'card:1'}");
    const cJSON *made = say(&t, "ok", "{'op':'lookup','ref':'hc'}");
    snprintf(t.now, sizeof t.now, "2026-03-10T12:00:00Z");
    say(&t, "ok", "{'op':'household.join','ref':'hj','member':'card:2','household':'%s'}",
        at_path(made, "household")->valuestring);
    snprintf(t.now, sizeof t.now, "2026-03-20T12:00:00Z");
    expect_available(&t, "card:1", "star", 30);
    say(&t, "ok", "{'op':'household.leave','ref':'l','member':'card:2'}");
    snprintf(t.now, sizeof t.now, "2026-03-21T12:00:00Z");
    expect_available(&t, "card:1", "star", 0);
    expect_available(&t, "card:2", "star", 20);
    trial_end(&t);
}

const struct test_case household_cases[] = {
    {"refusals come in order", refusals_come_in_order},
    {"an open reservation forbids it", an_open_reservation_forbids_it},
    {"who joins brings what they have", who_joins_brings_what_they_have},
    {"who leaves takes what they earned", who_leaves_takes_what_they_earned},
    {"who leaves may have to leave it", who_leaves_may_have_to_leave_it},
    {"who joins may have to forfeit it", who_joins_may_have_to_forfeit_it},
    {"returns touch only what the member earned", returns_touch_only_what_the_member_earned},
    {"moved lots settle a debt where they arrive", moved_lots_settle_a_debt_where_they_arrive},
    {"both wallets are brought up to date", both_wallets_are_brought_up_to_date},
    {"what is given back finds its member", what_is_given_back_finds_its_member},
    {"three hundred lots move in parts", three_hundred_lots_move_in_parts},
    {"bringing points is activity", bringing_points_is_activity},
    {NULL, NULL},
};
