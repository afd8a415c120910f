/* Two memberships that become one. */
#include <stdio.h>
#include <string.h>

#include "support.h"

#define NOON "2026-03-02T12:00:00Z"

static const char SHOP[] =
    "{'loyalty':1,'id':'shop','timezone':'UTC','currency':'GBP','points':{'star':{'expires':"
    "{'after':'P10D'},'transfer':{'per_month':20}},'slow':{'pending':{'for':'P3D'}},'drop':{}},"
    "'households':{},'earn':[{'id':'base','per':'1.00','gives':{'star':1}},"
    "{'id':'late','per':'10.00','gives':{'slow':1}},"
    "{'id':'carried','per':'25.00','gives':{'drop':1},'rounding':'carry'}]}";

#define BUY(member, receipt, amount)                                                                 \
    "{'op':'purchase','member':'" member "','receipt':'" receipt "','amount':'" amount "'}"
#define SHOW(member) "{'op':'show','member':'" member "'}"
#define MERGE "{'op':'member.merge','ref':'m','member':'card:1','into':'card:2'}"

static char one[32], two[32]; /* "id:..." */

static void add(struct trial *t, const char *programme)
{
    trial_begin(t, programme, NOON);
    snprintf(one, sizeof one, "%s",
             at_path(say(t, "ok", "{'op':'member.add','identifiers':['card:1','phone:+441234567890']}"),
                     "member")->valuestring);
    snprintf(two, sizeof two, "%s",
             at_path(say(t, "ok", "{'op':'member.add','identifiers':['card:2'],"
                                  "'now':'2026-03-02T12:30:00Z'}"), "member")->valuestring);
    snprintf(t->now, sizeof t->now, "2026-03-02T13:00:00Z");
}

static bool is_duplicate(const cJSON *answer)
{
    return cJSON_IsTrue(at_path(answer, "duplicate"));
}

static void refusals_come_in_order(void)
{
    struct trial t;
    add(&t, SHOP);
    expect_text(say(&t, "missing_field", "{'op':'member.merge','ref':'m','member':'card:1'}"),
                "error/field", "into");
    expect_text(say(&t, "unknown_member", "{'op':'member.merge','ref':'m','member':'card:9',"
                                          "'into':'card:2'}"), "error/field", "member");
    expect_text(say(&t, "unknown_member", "{'op':'member.merge','ref':'m','member':'card:1',"
                                          "'into':'card:9'}"), "error/field", "into");
    say(&t, "to_oneself", "{'op':'member.merge','ref':'m','member':'card:1','into':'%s'}", one);
    say(&t, "ok", BUY("card:1", "a", "10"));
    say(&t, "ok", "{'op':'reserve','ref':'r','member':'card:1','points':4}");
    say(&t, "open_reservation", MERGE);
    say(&t, "ok", "{'op':'release','ref':'x','of':'r'}");
    say(&t, "ok", "{'op':'household.create','ref':'h','member':'card:1'}");
    say(&t, "in_household", MERGE);
    /* The one who stays may be in a household, and may hold points. */
    say(&t, "ok", BUY("card:2", "b", "10"));
    say(&t, "ok", "{'op':'reserve','ref':'s','member':'card:1','points':4}");
    const cJSON *merged = say(&t, "ok", "{'op':'member.merge','ref':'m','member':'card:2',"
                                        "'into':'card:1'}");
    expect_number(merged, "balances/star/available", 16);
    say(&t, "to_oneself", "{'op':'member.merge','ref':'n','member':'card:2','into':'card:1'}");
    say(&t, "ok", "{'op':'capture','ref':'c','of':'s'}");
    say(&t, "ok", "{'op':'household.leave','ref':'l','member':'%s'}", two);
    expect_available(&t, "card:1", "star", 16);
    trial_end(&t);
}

static void the_one_is_the_other_from_then_on(void)
{
    struct trial t;
    add(&t, SHOP);
    say(&t, "ok", BUY("card:1", "a", "10"));
    say(&t, "ok", BUY("card:2", "b", "20"));
    const cJSON *before = say(&t, "ok", SHOW("card:1"));
    int64_t size = log_size(&t);
    const cJSON *merged = say(&t, "ok", MERGE);
    test_expect_integer("two records", size + 2, log_size(&t));
    expect_text(merged, "member", one);
    expect_text(merged, "into", two);
    expect_number(merged, "balances/star/available", 30);
    const cJSON *shown = say(&t, "ok", SHOW("phone:+441234567890"));
    expect_text(shown, "member", two);
    expect_text(shown, "joined", at_path(before, "joined")->valuestring);
    expect_number(shown, "balances/slow/pending", 3);
    CU_ASSERT_TRUE(cJSON_Compare(at_path(shown, "lots/0"), at_path(before, "lots/0"), true));
    expect_text(say(&t, "ok", "{'op':'show','member':'%s'}", one), "member", two);
    expect_count(say(&t, "ok", "{'op':'member.show','member':'%s'}", one), "identifiers", 3);
    expect_count(say(&t, "ok", "{'op':'member.list'}"), "members", 1);
    /* History shows both, newest first, page by page. */
    const cJSON *history = say(&t, "ok", "{'op':'history','member':'card:1'}");
    expect_count(history, "records", 6);
    static const char *const ops[] = {"member.merge", "member.merge", "purchase",
                                      "purchase",     "member.add",   "member.add"};
    for (int i = 0; i < 6; i++) {
        char path[40];
        snprintf(path, sizeof path, "records/%d/op", i);
        expect_text(history, path, ops[i]);
    }
    expect_number(history, "records/0/points/star", 10);
    expect_number(history, "records/1/points/star", -10);
    const cJSON *page = say(&t, "ok", "{'op':'history','member':'card:1','limit':3}");
    CU_ASSERT_TRUE(cJSON_IsTrue(at_path(page, "more")));
    expect_text(page, "records/2/receipt", "b");
    page = say(&t, "ok", "{'op':'history','member':'card:1','limit':9,'before':%d}",
               (int)at_path(page, "records/2/seq")->valuedouble);
    CU_ASSERT_TRUE(cJSON_IsFalse(at_path(page, "more")));
    expect_text(page, "records/0/receipt", "a");
    trial_end(&t);
}

/* Whatever was sent before is still known, by its card and by its id. */
static void old_operations_stay_duplicates(void)
{
    struct trial t;
    add(&t, SHOP);
    say(&t, "ok", BUY("card:1", "a", "10"));
    say(&t, "ok", "{'op':'redeem','ref':'r','member':'card:1','points':2}");
    say(&t, "ok", "{'op':'transfer','ref':'t','member':'card:1','to':'card:2','points':3}");
    say(&t, "ok", "{'op':'member.link','member':'card:1','identifiers':['card:3']}");
    say(&t, "ok", MERGE);
    int64_t size = log_size(&t);
    const cJSON *again = say(&t, "ok", BUY("card:1", "a", "10"));
    CU_ASSERT_TRUE(is_duplicate(again));
    expect_text(again, "member", one);
    expect_number(again, "balances/star/available", 8);
    CU_ASSERT_TRUE(is_duplicate(say(&t, "ok", "{'op':'redeem','ref':'r','member':'%s','points':2}", one)));
    CU_ASSERT_TRUE(is_duplicate(say(&t, "ok", "{'op':'redeem','ref':'r','member':'%s','points':2}", two)));
    CU_ASSERT_TRUE(is_duplicate(
        say(&t, "ok", "{'op':'transfer','ref':'t','member':'card:1','to':'card:2','points':3}")));
    again = say(&t, "ok", MERGE);
    CU_ASSERT_TRUE(is_duplicate(again));
    expect_text(again, "member", one);
    expect_text(again, "into", two);
    again = say(&t, "ok", "{'op':'member.add','identifiers':['card:1','phone:+441234567890']}");
    CU_ASSERT_TRUE(is_duplicate(again));
    expect_text(again, "member", one);
    again = say(&t, "ok", "{'op':'member.add','identifiers':['card:2','card:1']}");
    CU_ASSERT_TRUE(is_duplicate(again));
    expect_text(again, "member", two);
    CU_ASSERT_TRUE(is_duplicate(
        say(&t, "ok", "{'op':'member.link','member':'card:1','identifiers':['card:3']}")));
    expect_text(say(&t, "key_reused", "{'op':'redeem','ref':'r','member':'card:1','points':3}"),
                "error/field", "points");
    test_expect_integer("records", size, log_size(&t));
    trial_end(&t);
}

/* Receipts of the one come back to the other, by number and by goods. */
static void goods_of_the_one_come_back_to_the_other(void)
{
    struct trial t;
    add(&t, SHOP);
    say(&t, "ok", BUY("card:1", "a", "10"));
    say(&t, "ok", "{'op':'purchase','member':'card:1','receipt':'b','amount':'6','lines':"
                  "[['X','','2','6.00']]}");
    say(&t, "ok", BUY("card:2", "c", "20"));
    say(&t, "ok", MERGE);
    const cJSON *back = say(&t, "ok", "{'op':'return','of':'a','ref':'g','member':'card:1','all':true}");
    expect_text(back, "member", two);
    expect_number(back, "collected/star/from_receipt", 10);
    back = say(&t, "ok", "{'op':'return','ref':'g2','member':'card:2','unmatched':'refuse','lines':"
                         "[{'sku':'X','quantity':'1','amount':'3.00'}]}");
    expect_text(back, "returned/0/receipt", "b");
    expect_number(back, "collected/star/from_receipt", 3);
    /* More than is left of its lot: from what the other earned. */
    say(&t, "ok", "{'op':'redeem','ref':'r','member':'card:2','points':3}");
    back = say(&t, "ok", "{'op':'return','of':'b','ref':'g3','all':true}");
    expect_number(back, "collected/star/from_other", 3);
    expect_available(&t, "card:1", "star", 17);
    trial_end(&t);
}

/* A redemption of the one is undone for the other. */
static void redemptions_of_the_one_are_undone_for_the_other(void)
{
    struct trial t;
    add(&t, SHOP);
    say(&t, "ok", BUY("card:1", "a", "10"));
    say(&t, "ok", BUY("card:1", "b", "10"));
    say(&t, "ok", "{'op':'redeem','ref':'r','member':'card:1','points':14}");
    say(&t, "ok", MERGE);
    const cJSON *undone = say(&t, "ok", "{'op':'cancel','ref':'x','of':'r'}");
    expect_text(undone, "member", two);
    const cJSON *shown = say(&t, "ok", SHOW("card:2"));
    expect_number(shown, "lots/0/left", 10);
    expect_number(shown, "lots/1/left", 10);
    expect_number(shown, "balances/star/available", 20);
    trial_end(&t);
}

/* Available points pay it first, then pending ones; what remains is owed. */
static void a_debt_and_points_meet(void)
{
    struct trial t;
    add(&t, SHOP);
    /* The one owes 50 star, and 5 slow that were spent when they had come. */
    say(&t, "ok", BUY("card:1", "a", "50"));
    snprintf(t.now, sizeof t.now, "2026-03-06T12:00:00Z");
    say(&t, "ok", "{'op':'redeem','ref':'r','member':'card:1','points':50}");
    say(&t, "ok", "{'op':'redeem','ref':'s','member':'card:1','points':5,'points_of':'slow'}");
    say(&t, "ok", "{'op':'return','of':'a','ref':'g','all':true}");
    expect_available(&t, "card:1", "slow", -5);
    /* The other has 30 star, and 1 and 2 slow that are pending, the younger one first. */
    say(&t, "ok", BUY("card:2", "b", "10"));
    say(&t, "ok", "{'op':'purchase','member':'card:2','receipt':'c','amount':'20','at':"
                  "'2026-03-05T12:00:00Z'}");
    const cJSON *merged = say(&t, "ok", MERGE);
    expect_number(merged, "balances/star/available", -20);
    expect_number(merged, "balances/slow/available", -2);
    expect_number(merged, "balances/slow/pending", 0);
    expect_count(say(&t, "ok", SHOW("card:2")), "lots", 1);
    trial_end(&t);
    /* And the other way: the other's debt is paid by the lots that come. */
    add(&t, SHOP);
    say(&t, "ok", BUY("card:2", "a", "50"));
    say(&t, "ok", "{'op':'redeem','ref':'r','member':'card:2','points':50}");
    say(&t, "ok", "{'op':'return','of':'a','ref':'g','all':true}");
    say(&t, "ok", BUY("card:1", "b", "45"));
    say(&t, "ok", BUY("card:1", "c", "30"));
    merged = say(&t, "ok", MERGE);
    expect_number(merged, "balances/star/available", 25);
    expect_number(merged, "balances/slow/pending", 7);
    trial_end(&t);
}

/* 24.99 and 0.01 are one drop, as if one member had bought both. */
static void carried_fractions_make_a_whole(void)
{
    struct trial t;
    add(&t, SHOP);
    say(&t, "ok", BUY("card:1", "a", "24.99"));
    say(&t, "ok", BUY("card:2", "b", "0.01"));
    const cJSON *merged = say(&t, "ok", MERGE);
    expect_number(merged, "balances/drop/available", 1);
    const cJSON *shown = say(&t, "ok", SHOW("card:2"));
    expect_text(shown, "lots/2/points", "drop");
    expect_text(shown, "lots/2/origin", "purchase");
    say(&t, "ok", "{'op':'return','of':'a','ref':'g','all':true}");
    expect_available(&t, "card:2", "drop", 0);
    say(&t, "ok", BUY("card:2", "c", "24.98"));
    expect_available(&t, "card:2", "drop", 0);
    say(&t, "ok", BUY("card:2", "d", "0.01"));
    expect_available(&t, "card:2", "drop", 1);
    trial_end(&t);
}

static void counters_add_up(void)
{
    struct trial t;
    add(&t, SHOP);
    say(&t, "ok", "{'op':'member.add','identifiers':['card:4']}");
    say(&t, "ok", BUY("card:1", "a", "50"));
    say(&t, "ok", BUY("card:2", "b", "50"));
    const cJSON *all =
        say_all(&t, "ok", "{'op':'transfer','ref':'t1','member':'card:1','to':'card:4','points':12}",
                "ok", "{'op':'transfer','ref':'t2','member':'card:2','to':'card:4','points':7}", "ok",
                MERGE, "over_limit",
                "{'op':'transfer','ref':'t3','member':'card:1','to':'card:4','points':2}", "ok",
                "{'op':'transfer','ref':'t4','member':'card:2','to':'card:4','points':1}", NULL);
    CU_ASSERT_PTR_NOT_NULL(all);
    say(&t, "over_limit", "{'op':'transfer','ref':'t5','member':'card:2','to':'card:4','points':1}");
    trial_end(&t);
}

/* One after the other, in a row and in one commit: all of them mean the last. */
static void merges_follow_one_another(void)
{
    struct trial t;
    add(&t, SHOP);
    for (int i = 3; i <= 5; i++)
        say(&t, "ok", "{'op':'member.add','identifiers':['card:%d']}", i);
    say(&t, "ok", BUY("card:1", "a", "1"));
    say(&t, "ok", BUY("card:2", "b", "2"));
    say(&t, "ok", BUY("card:3", "c", "4"));
    say(&t, "ok", BUY("card:4", "d", "8"));
    say_all(&t, "ok", MERGE, "ok",
            "{'op':'member.merge','ref':'m3','member':'card:3','into':'card:4'}", "ok",
            "{'op':'member.merge','ref':'m4','member':'card:2','into':'card:3'}", "ok",
            "{'op':'purchase','member':'card:1','receipt':'e','amount':'16'}", "to_oneself",
            "{'op':'member.merge','ref':'m5','member':'card:4','into':'card:1'}", "ok",
            "{'op':'member.merge','ref':'m6','member':'card:4','into':'card:5'}", NULL);
    const cJSON *shown = say(&t, "ok", "{'op':'show','member':'%s'}", one);
    expect_number(shown, "balances/star/available", 31);
    expect_text(shown, "member", at_path(say(&t, "ok", SHOW("card:5")), "member")->valuestring);
    expect_text(shown, "joined", NOON);
    expect_count(say(&t, "ok", "{'op':'history','member':'card:5'}"), "records", 18);
    say(&t, "ok", "{'op':'return','of':'a','ref':'g','all':true}");
    expect_available(&t, "card:5", "star", 30);
    trial_end(&t);
}

/* The lots that the one left behind in a household count as the other's, too. */
static void what_the_one_left_behind_is_the_others(void)
{
    struct trial t;
    add(&t, "{'loyalty':1,'id':'shop','timezone':'UTC','currency':'GBP','points':{'star':{}},"
            "'households':{'on_leave':'leave'},'earn':[{'id':'base','per':'1.00','gives':{'star':1}}]}");
    say(&t, "ok", BUY("card:1", "a", "10"));
    const cJSON *made = say(&t, "ok", "{'op':'household.create','ref':'h','member':'card:1'}");
    say(&t, "ok", "{'op':'household.join','ref':'j','member':'card:2','household':'%s'}",
        at_path(made, "household")->valuestring);
    say(&t, "ok", BUY("card:2", "b", "20"));
    say(&t, "ok", "{'op':'household.leave','ref':'l','member':'card:1'}");
    say(&t, "ok", MERGE);
    const cJSON *back = say(&t, "ok", "{'op':'return','of':'a','ref':'g','all':true}");
    expect_number(back, "collected/star/from_receipt", 10);
    say(&t, "ok", "{'op':'redeem','ref':'r','member':'card:2','points':2}");
    trial_end(&t);
}

static void three_hundred_lots_move_in_parts(void)
{
    struct trial t;
    add(&t, SHOP);
    for (int i = 0; i < 300; i++)
        say(&t, "ok", "{'op':'purchase','member':'card:1','receipt':'r%d','amount':'2'}", i);
    say(&t, "ok", BUY("card:2", "a", "301"));
    say(&t, "ok", "{'op':'redeem','ref':'r','member':'card:2','points':301}");
    say(&t, "ok", "{'op':'return','of':'a','ref':'g','all':true}");
    int64_t size = log_size(&t);
    const cJSON *merged = say(&t, "ok", MERGE);
    test_expect_integer("two parts out, two in", size + 4, log_size(&t));
    expect_number(merged, "balances/star/available", 299);
    expect_number(merged, "balances/drop/available", 24);
    expect_number(say(&t, "ok", MERGE), "balances/star/available", 299);
    trial_end(&t);
}

/* A statement of before says the same for ever; one of now has both. */
static void statements_know_when_it_was_merged(void)
{
    struct trial t;
    char request[256];
    add(&t, SHOP);
    say(&t, "ok", BUY("card:1", "a", "10"));
    say(&t, "ok", BUY("card:2", "b", "20"));
    int known = (int)log_size(&t);
    say(&t, "ok", MERGE);
    snprintf(request, sizeof request, "{'op':'statement','member':'%s','month':'2026-03',"
                                      "'as_of':'2026-03-02','known_at':%d}", one, known);
    const cJSON *before = run(&t, "ok", request);
    expect_text(before, "member", one);
    expect_number(before, "balances/0/closing", 10);
    snprintf(request, sizeof request, "{'op':'statement','member':'%s','month':'2026-03',"
                                      "'as_of':'2026-03-02'}", one);
    const cJSON *now = run(&t, "ok", request);
    expect_text(now, "member", two);
    expect_number(now, "balances/0/closing", 30);
    trial_end(&t);
}

const struct test_case merge_cases[] = {
    {"refusals come in order", refusals_come_in_order},
    {"the one is the other from then on", the_one_is_the_other_from_then_on},
    {"old operations stay duplicates", old_operations_stay_duplicates},
    {"goods of the one come back to the other", goods_of_the_one_come_back_to_the_other},
    {"redemptions of the one are undone", redemptions_of_the_one_are_undone_for_the_other},
    {"a debt and points meet", a_debt_and_points_meet},
    {"carried fractions make a whole", carried_fractions_make_a_whole},
    {"counters add up", counters_add_up},
    {"merges follow one another", merges_follow_one_another},
    {"what the one left behind is the other's", what_the_one_left_behind_is_the_others},
    {"three hundred lots are merged in parts", three_hundred_lots_move_in_parts},
    {"statements know when it was merged", statements_know_when_it_was_merged},
    {NULL, NULL},
};
