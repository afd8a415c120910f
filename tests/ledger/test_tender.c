/* Paying with points, and what comes back when the goods do. */
#include <stdio.h>
#include <stdlib.h>

#include "support.h"

#define NOON "2026-03-02T12:00:00Z"

/* A star is worth 0.01; half of an amount may be paid; 10 at least. */
static const char HALF[] =
    "{'loyalty':1,'id':'shop','timezone':'UTC','currency':'GBP','points':{'star':{'expires':"
    "{'after':'P10D'},'tender':{'value':'0.01','least':10,'share':'0.5'}},'seen':{'spendable':"
    "false},'mile':{}},'earn':[{'id':'base','per':'1.00','gives':{'star':100}},"
    "{'id':'seen','per':'1.00','gives':{'seen':1}}]}";
/* All of it may be paid; what points paid earns as well. */
static const char EARNS[] =
    "{'loyalty':1,'id':'shop','timezone':'UTC','currency':'GBP','base':{'points':'ignore'},"
    "'points':{'star':{'tender':{'value':'0.01'}}},"
    "'earn':[{'id':'base','per':'1.00','gives':{'star':100}}]}";

static void begin(struct trial *t, const char *programme)
{
    trial_begin(t, programme, NOON);
    say(t, "ok",
        "{'op':'purchase','member':'card:1','receipt':'first','amount':'10','enrol':true}");
}

static void refusals_come_in_order(void)
{
    struct trial t;
    begin(&t, HALF);
#define BUY "{'op':'purchase','member':'card:1','receipt':'a','amount':'4'"
    expect_text(say(&t, "missing_field", BUY ",'points_of':'star'}"), "error/field", "points");
    say(&t, "unknown_points", BUY ",'points':10,'points_of':'moon'}");
    say(&t, "not_spendable", BUY ",'points':10,'points_of':'seen'}");
    say(&t, "invalid_field", BUY ",'points':0}");
    say(&t, "invalid_field", BUY ",'points':-10}");
    expect_text(say(&t, "not_allowed", BUY ",'points':10,'points_of':'mile'}"), "error/field",
                "points");
    say(&t, "over_limit", BUY ",'points':9}");
    say(&t, "over_limit", BUY ",'points':201}");
    say(&t, "over_limit", BUY ",'points':9007199254740991}");
    say(&t, "insufficient_points",
        "{'op':'purchase','member':'card:1','receipt':'a','amount':'400','points':1001}");
    say(&t, "insufficient_points",
        "{'op':'purchase','member':'card:2','receipt':'a','amount':'400',"
        "'points':100,'enrol':true}");
    expect_text(say(&t, "unknown_ref", BUY ",'capture':'r'}"), "error/field", "capture");
    say(&t, "ok", "{'op':'redeem','ref':'x','member':'card:1','points':1}");
    say(&t, "not_a_reservation", BUY ",'capture':'x'}");
    say(&t, "ok", "{'op':'purchase','member':'card:3','receipt':'3','amount':'4','enrol':true}");
    say(&t, "ok", "{'op':'reserve','ref':'other','member':'card:3','points':100}");
    say(&t, "unknown_ref", BUY ",'capture':'other'}");
    say(&t, "ok",
        "{'op':'adjust','ref':'m','reason':'x','member':'card:1','points':50,"
        "'points_of':'mile'}");
    say(&t, "ok", "{'op':'reserve','ref':'mile','member':'card:1','points':50,'points_of':'mile'}");
    say(&t, "not_allowed", BUY ",'capture':'mile'}");
    say(&t, "ok", "{'op':'reserve','ref':'r','member':'card:1','points':300}");
    say(&t, "invalid_field", BUY ",'capture':'r','points_of':'mile'}");
    say(&t, "over_capture", BUY ",'capture':'r','points':301}");
    say(&t, "over_limit", BUY ",'capture':'r'}");
    say(&t, "ok", BUY ",'capture':'r','points':200}");
    say(&t, "already_resolved",
        "{'op':'purchase','member':'card:1','receipt':'b','amount':'4','capture':'r'}");
    expect_available(&t, "card:1", "star", 999);
    trial_end(&t);
}

/* The paid money earns nothing, the points leave before those of the purchase come, and
 * a retry is answered the same. */
static void a_share_is_paid(void)
{
    struct trial t;
    begin(&t, HALF);
    const char *request = "{'op':'purchase','member':'card:1','receipt':'a','amount':'4',"
                          "'points':150}";
    int64_t size = log_size(&t);
    const cJSON *quote =
        say(&t, "ok", "{'op':'quote','member':'card:1','amount':'4','points':150}");
    expect_number(quote, "paid/lots/0/amount", 150);
    expect_number(quote, "balances/star/available", 1100);
    test_expect_integer("a quote writes nothing", size, log_size(&t));
    for (int again = 0; again < 2; again++) {
        const cJSON *answer = say(&t, "ok", "%s", request);
        expect_text(answer, "paid/points", "star");
        expect_number(answer, "paid/amount", 150);
        expect_text(answer, "paid/worth", "1.50");
        expect_count(answer, "paid/lots", 1);
        expect_number(answer, "paid/lots/0/amount", 150);
        expect_text(answer, "amount", "4.00");
        expect_number(answer, "earned/0/amount", 250);
        expect_number(answer, "earned/1/amount", 2);
        expect_number(answer, "balances/star/available", 1000 - 150 + 250);
        CU_ASSERT_EQUAL(cJSON_IsTrue(at_path(answer, "duplicate")), again);
    }
    test_expect_integer("redeem and purchase", size + 2, log_size(&t));
    expect_text(say(&t, "key_reused",
                    "{'op':'purchase','member':'card:1','receipt':'a','amount':"
                    "'4','points':149}"),
                "error/field", "points");
    trial_end(&t);
}

static void a_reservation_pays(void)
{
    struct trial t;
    begin(&t, HALF);
    say(&t, "ok", "{'op':'purchase','member':'card:1','receipt':'b','amount':'2'}");
    say(&t, "ok", "{'op':'reserve','ref':'r','member':'card:1','points':1150}");
    const cJSON *answer = say(&t, "ok",
                              "{'op':'purchase','member':'card:1','receipt':'a','amount':"
                              "'20.40','capture':'r','points':1020}");
    expect_number(answer, "paid/amount", 1020);
    expect_text(answer, "paid/worth", "10.20");
    expect_count(answer, "paid/lots", 2);
    expect_number(answer, "paid/lots/1/amount", 20);
    expect_number(answer, "balances/star/reserved", 0);
    expect_number(answer, "balances/star/available", 180 + 1020);
    trial_check(&t);
    /* Half of the goods: half of the points, those that burnt last. */
    answer = say(&t, "ok", "{'op':'return','ref':'1','of':'a','amount':'10.20'}");
    expect_number(answer, "restored/0/amount", 510);
    expect_text(answer, "refund", "5.10");
    expect_number(answer, "assessed/star", 510);
    const cJSON *shown = say(&t, "ok", "{'op':'show','member':'card:1'}");
    expect_number(shown, "lots/0/left", 490);
    expect_number(shown, "lots/1/left", 200);
    expect_number(shown, "lots/2/left", 510);
    trial_end(&t);
}

/* Points that pay to the last penny, by lines, step by step, come back to the last. */
static void parts_come_back_like_the_whole(void)
{
    struct trial t;
    begin(&t, EARNS);
    const cJSON *answer =
        say(&t, "ok",
            "{'op':'purchase','member':'card:1','receipt':'a','amount':'10','points':"
            "999,'lines':[['x','','3','5'],['y','','7','5']]}");
    expect_text(answer, "paid/worth", "9.99");
    expect_number(answer, "earned/0/amount", 1000);
    expect_number(answer, "balances/star/available", 1001);
    double points = 0;
    int pence = 0;
    char text[16];
    for (int i = 0; i < 10; i++) {
        answer = say(&t, "ok",
                     "{'op':'return','ref':'r%d','of':'a','lines':[{'sku':'%s',"
                     "'quantity':'1'}]}",
                     i, i < 3 ? "x" : "y");
        const cJSON *back = at_path(answer, "restored/0/amount");
        CU_ASSERT_PTR_NOT_NULL_FATAL(back);
        points += back->valuedouble;
        pence += (int)(atof(at_path(answer, "refund")->valuestring) * 100 + 0.5);
    }
    CU_ASSERT_EQUAL(points, 999);
    snprintf(text, sizeof text, "%d", pence);
    CU_ASSERT_STRING_EQUAL(text, "1");
    expect_available(&t, "card:1", "star", 1000);
    say(&t, "over_return", "{'op':'return','ref':'more','of':'a','all':true}");
    trial_end(&t);
}

/* By amounts, where a share may ask for less than before: never more than was paid. */
static void amounts_never_bring_back_more(void)
{
    struct trial t;
    begin(&t, EARNS);
    say(&t, "ok",
        "{'op':'purchase','member':'card:1','receipt':'a','amount':'0.41','points':37,"
        "'lines':[['x','','1','0.05'],['y','','1','0.13'],['z','','1','0.23']]}");
    double points = 0;
    for (int i = 0; i < 41; i++) {
        const cJSON *answer =
            say(&t, "ok", "{'op':'return','ref':'r%d','of':'a','amount':'0.01'}", i);
        const cJSON *back = at_path(answer, "restored/0/amount");
        points += back == NULL ? 0 : back->valuedouble;
    }
    CU_ASSERT_EQUAL(points, 37);
    expect_available(&t, "card:1", "star", 1000);
    trial_end(&t);
}

static void what_lapsed_stays_lapsed(void)
{
    struct trial t;
    begin(&t, HALF);
    say(&t, "ok",
        "{'op':'purchase','member':'card:1','receipt':'b','amount':'5','now':"
        "'2026-03-10T12:00:00Z'}");
    say(&t, "ok",
        "{'op':'purchase','member':'card:1','receipt':'a','amount':'24','points':1200,"
        "'now':'2026-03-11T12:00:00Z'}");
    const char *request = "{'op':'return','ref':'r','of':'a','all':true,'now':"
                          "'2026-03-15T12:00:00Z'}";
    for (int again = 0; again < 2; again++) {
        const cJSON *answer = say(&t, "ok", "%s", request);
        expect_number(answer, "restored/0/amount", 200);
        expect_number(answer, "lapsed/0/amount", 1000);
        expect_text(answer, "amount", "24.00");
        expect_text(answer, "refund", "12.00");
        expect_number(answer, "collected/star/from_receipt", 1200);
        expect_number(answer, "balances/star/available", 500);
    }
    const cJSON *shown =
        say(&t, "ok", "{'op':'show','member':'card:1','now':'2026-03-15T12:00:00Z'}");
    expect_number(shown, "lots/0/left", 500);
    expect_text(shown, "lots/0/expires", "2026-03-21T00:00:00Z");
    trial_end(&t);
}

/* Points that come back pay a debt first; then the goods' own points are taken. */
static void a_debt_is_settled_first(void)
{
    struct trial t;
    begin(&t, EARNS);
    say(&t, "ok", "{'op':'purchase','member':'card:1','receipt':'a','amount':'5','points':500}");
    say(&t, "ok", "{'op':'redeem','ref':'all','member':'card:1','points':1000}");
    say(&t, "ok", "{'op':'return','ref':'1','of':'first','all':true}");
    expect_available(&t, "card:1", "star", -1000);
    const cJSON *answer = say(&t, "ok", "{'op':'return','ref':'2','of':'a','all':true}");
    expect_number(answer, "restored/0/amount", 500);
    expect_text(answer, "refund", "0.00");
    expect_number(answer, "collected/star/debt", 500);
    expect_number(answer, "balances/star/available", -1000);
    trial_end(&t);
}

static void goods_without_a_receipt_bring_points_back(void)
{
    struct trial t;
    begin(&t, HALF);
    say(&t, "ok",
        "{'op':'purchase','member':'card:1','receipt':'a','amount':'4','points':100,"
        "'lines':[['x','','1','3'],['y','','1','1']]}");
    say(&t, "ok",
        "{'op':'purchase','member':'card:1','receipt':'b','amount':'3','points':50,"
        "'lines':[['x','','1','3']]}");
    say(&t, "ok",
        "{'op':'purchase','member':'card:1','receipt':'c','amount':'3',"
        "'lines':[['x','','1','3']]}");
    const char *request =
        "{'op':'return','ref':'r','member':'card:1','unmatched':'skip','lines':"
        "[{'sku':'x','quantity':'4','amount':'12'},{'sku':'y','quantity':'1','amount':'1'}]}";
    int64_t size = log_size(&t);
    for (int again = 0; again < 2; again++) {
        const cJSON *answer = say(&t, "ok", "%s", request);
        expect_count(answer, "returned", 3);
        expect_text(answer, "amount", "10.00");
        expect_text(answer, "refund", "8.50");
        expect_count(answer, "restored", 1);
        expect_number(answer, "restored/0/amount", 150);
        expect_count(answer, "unmatched", 1);
    }
    test_expect_integer("two purchases were paid with points", size + 3, log_size(&t));
    expect_available(&t, "card:1", "star", 1000);
    trial_end(&t);
}

/* What waits is told as pending, and taken back from there. */
static void pending_points_are_taken_back(void)
{
    struct trial t;
    trial_begin(&t,
                "{'loyalty':1,'id':'shop','timezone':'UTC','currency':'GBP','points':{'star':"
                "{'pending':{'for':'P20D'},'tender':{'value':"
                "'0.01'}}},'earn':[{'id':'base','per':'1.00','gives':{'star':100}}]}",
                NOON);
    say(&t, "ok", "{'op':'member.add','identifiers':['card:1']}");
    say(&t, "ok", "{'op':'adjust','ref':'g','reason':'x','member':'card:1','points':200}");
    const cJSON *answer =
        say(&t, "ok", "{'op':'purchase','member':'card:1','receipt':'a','amount':'2','points':50}");
    CU_ASSERT_TRUE(cJSON_IsTrue(at_path(answer, "earned/0/pending")));
    answer = say(&t, "ok",
                 "{'op':'return','ref':'1','of':'a','amount':'1','now':"
                 "'2026-03-06T12:00:00Z'}");
    expect_number(answer, "restored/0/amount", 25);
    expect_number(answer, "collected/star/from_receipt", 75);
    const cJSON *shown =
        say(&t, "ok", "{'op':'show','member':'card:1','now':'2026-03-13T12:00:00Z'}");
    expect_number(shown, "balances/star/available", 175);
    expect_number(shown, "balances/star/pending", 75);
    trial_end(&t);
}

/* One of a household holds points, another pays with them; the goods come back when the
 * buyer has become somebody else. */
static void others_may_hold_and_become_the_buyer(void)
{
    struct trial t;
    trial_begin(&t,
                "{'loyalty':1,'id':'shop','timezone':'UTC','currency':'GBP','households':{},"
                "'points':{'star':{'tender':{'value':'0.01'}}},"
                "'earn':[{'id':'base','per':'1.00','gives':{'star':100}}]}",
                NOON);
    for (int i = 1; i <= 3; i++)
        say(&t, "ok",
            "{'op':'purchase','member':'card:%d','receipt':'%d','amount':'5',"
            "'enrol':true}",
            i, i);
    const cJSON *made = say(&t, "ok", "{'op':'household.create','ref':'h','member':'card:1'}");
    say(&t, "ok", "{'op':'household.join','ref':'j','member':'card:2','household':'%s'}",
        at_path(made, "household")->valuestring);
    say(&t, "ok", "{'op':'reserve','ref':'r','member':'card:1','points':600}");
    say(&t, "unknown_ref",
        "{'op':'purchase','member':'card:3','receipt':'a','amount':'9',"
        "'capture':'r'}");
    const cJSON *answer = say(&t, "ok",
                              "{'op':'purchase','member':'card:2','receipt':'a','amount':"
                              "'9','capture':'r'}");
    expect_count(answer, "paid/lots", 2);
    expect_number(answer, "balances/star/available", 400 + 300);
    answer = say(&t, "ok", "{'op':'return','ref':'1','of':'a','amount':'3'}");
    expect_number(answer, "restored/0/amount", 200);
    say(&t, "ok", "{'op':'household.leave','ref':'l','member':'card:2'}");
    say(&t, "ok", "{'op':'member.merge','ref':'m','member':'card:2','into':'card:3'}");
    trial_check(&t);
    answer = say(&t, "ok", "{'op':'return','ref':'2','of':'a','amount':'3'}");
    expect_number(answer, "restored/0/amount", 200);
    answer = say(&t, "ok", "{'op':'return','ref':'3','of':'a','all':true}");
    expect_number(answer, "restored/0/amount", 200);
    expect_text(answer, "refund", "1.00");
    trial_end(&t);
}

/* The return was there before its purchase: the points leave and come back at once. */
static void a_held_return_brings_points_back(void)
{
    struct trial t;
    begin(&t, EARNS);
    say(&t, "ok", "{'op':'return','ref':'early','of':'a','amount':'2'}");
    const cJSON *answer = say(&t, "ok",
                              "{'op':'purchase','member':'card:1','receipt':'a','amount':"
                              "'4','points':100}");
    expect_number(answer, "paid/amount", 100);
    expect_count(answer, "paid/lots", 1);
    expect_text(answer, "held/0/status", "done");
    expect_number(answer, "balances/star/available", 1000 - 100 + 400 + 50 - 200);
    answer = say(&t, "ok", "{'op':'lookup','ref':'early'}");
    expect_number(answer, "restored/0/amount", 50);
    expect_text(answer, "refund", "1.50");
    answer = say(&t, "ok", "{'op':'return','ref':'rest','of':'a','all':true}");
    expect_number(answer, "restored/0/amount", 50);
    trial_end(&t);
}

/* A shortfall that refuses the return leaves the points where they were. */
static void a_refused_return_gives_nothing_back(void)
{
    struct trial t;
    trial_begin(&t,
                "{'loyalty':1,'id':'shop','timezone':'UTC','currency':'GBP','points':{'star':"
                "{'tender':{'value':'0.01'}}},'returns':{'shortfall':'refuse'},"
                "'earn':[{'id':'base','per':'1.00','gives':{'star':100}}]}",
                NOON);
    say(&t, "ok",
        "{'op':'purchase','member':'card:1','receipt':'first','amount':'1','enrol':true}");
    say(&t, "ok", "{'op':'purchase','member':'card:1','receipt':'a','amount':'4','points':100}");
    say(&t, "ok", "{'op':'redeem','ref':'all','member':'card:1','points':300}");
    int64_t size = log_size(&t);
    say(&t, "return_shortfall", "{'op':'return','ref':'r','of':'a','all':true}");
    test_expect_integer("nothing", size, log_size(&t));
    expect_available(&t, "card:1", "star", 0);
    trial_end(&t);
}

/* A payment of 600 lots, taken and given back in parts, all in one commit and audited. */
static void a_payment_of_600_lots_goes_on_in_parts(void)
{
    struct trial t;
    trial_begin(&t, EARNS, NOON);
    say(&t, "ok", "{'op':'member.add','identifiers':['card:1']}");
    for (int i = 0; i < 600; i++)
        say(&t, "ok", "{'op':'purchase','member':'card:1','receipt':'%d','amount':'0.02'}", i);
    int64_t size = log_size(&t);
    const cJSON *all = say_all(
        &t, "ok", "{'op':'purchase','member':'card:1','receipt':'a','amount':'12','points':1200}",
        "ok", "{'op':'return','ref':'1','of':'a','amount':'6'}", "ok",
        "{'op':'return','ref':'2','of':'a','all':true}", "ok",
        "{'op':'return','ref':'2','of':'a','all':true}", NULL);
    expect_count(all, "0/paid/lots", 600);
    expect_number(all, "1/restored/0/amount", 600);
    expect_number(all, "2/restored/0/amount", 600);
    expect_number(all, "3/restored/0/amount", 600);
    test_expect_integer("records", 3 + 1 + 2 + 1 + 2 + 1, log_size(&t) - size);
    const cJSON *again = say(&t, "ok", "{'op':'lookup','ref':'2'}");
    expect_number(again, "restored/0/amount", 600);
    expect_available(&t, "card:1", "star", 1200);
    trial_end(&t);
}

const struct test_case tender_cases[] = {
    {"refusals come in order", refusals_come_in_order},
    {"a share is paid", a_share_is_paid},
    {"a reservation pays", a_reservation_pays},
    {"parts come back like the whole", parts_come_back_like_the_whole},
    {"amounts never bring back more", amounts_never_bring_back_more},
    {"what lapsed stays lapsed", what_lapsed_stays_lapsed},
    {"a debt is settled first", a_debt_is_settled_first},
    {"goods without a receipt bring points back", goods_without_a_receipt_bring_points_back},
    {"pending points are taken back", pending_points_are_taken_back},
    {"others may hold and become the buyer", others_may_hold_and_become_the_buyer},
    {"a held return brings points back", a_held_return_brings_points_back},
    {"a refused return gives nothing back", a_refused_return_gives_nothing_back},
    {"a payment of 600 lots", a_payment_of_600_lots_goes_on_in_parts},
    {NULL, NULL},
};
