/* Returns that come before their purchase. */
#include <stdio.h>
#include <string.h>

#include "support.h"

#define NOON "2026-03-02T12:00:00Z"
#define BUY "'op':'purchase','member':'card:1','enrol':true"

static const char WHOLE_NAMES[] =
    "{'loyalty':1,'id':'shop','timezone':'UTC','currency':'GBP','points':{'star':{}},"
    "'receipts':{'unique_by':['store','date']},"
    "'earn':[{'id':'base','per':'1.00','gives':{'star':1}}]}";
static const char REFUSING[] =
    "{'loyalty':1,'id':'shop','timezone':'UTC','currency':'GBP','points':{'star':{}},"
    "'returns':{'unknown':'refuse'},'earn':[{'id':'base','per':'1.00','gives':{'star':1}}]}";
static const char NO_SHORTFALL[] =
    "{'loyalty':1,'id':'shop','timezone':'UTC','currency':'GBP','points':{'star':{}},"
    "'returns':{'shortfall':'refuse'},'earn':[{'id':'base','per':'1.00','gives':{'star':1}}]}";

#define TENDERED(returns)                                                                          \
    "{'loyalty':1,'id':'shop','timezone':'UTC','currency':'GBP','points':{'star':{'tender':"       \
    "{'value':'1.00'}}},'reservations':{'longest':'P2D'}," returns                                 \
    "'earn':[{'id':'base','per':'1.00','gives':{'star':1}}]}"
static const char PAYING[] = TENDERED("");
static const char PAYING_STRICTLY[] = TENDERED("'returns':{'shortfall':'refuse'},");

static const cJSON *head_of(struct trial *t, int seq)
{
    const cJSON *record = say(t, "ok", "{'op':'record','seq':%d}", seq);
    cJSON *head = cJSON_Parse(cJSON_GetStringValue(at_path(record, "head")));
    cJSON_AddItemToArray(t->answers, head);
    return head;
}

static void it_waits_and_then_happens_behind_its_purchase(void)
{
    struct trial t;
    trial_begin(&t, ONE_PER_POUND, NOON);
    const cJSON *held =
        say(&t, "ok", "{'op':'return','ref':'r','of':'A','all':true,'at':'2026-03-02T11:00:00Z'}");
    expect_text(held, "status", "held");
    expect_text(held, "op", "return");
    expect_text(held, "receipt", "A");
    expect_text(held, "at", "2026-03-02T11:00:00Z");
    CU_ASSERT_PTR_NULL(at_path(held, "member"));
    CU_ASSERT_PTR_NULL(at_path(held, "balances"));
    const cJSON *again =
        say(&t, "ok", "{'op':'return','ref':'r','of':'A','all':true,'at':'2026-03-02T11:00:00Z'}");
    expect_text(again, "status", "held");
    CU_ASSERT_TRUE(cJSON_IsTrue(at_path(again, "duplicate")));
    say(&t, "key_reused", "{'op':'return','ref':'r','of':'B','all':true}");
    trial_check(&t);
    const cJSON *bought = say(&t, "ok", "{" BUY ",'receipt':'A','amount':'5',"
                                        "'at':'2026-03-02T10:00:00Z','now':'2026-03-02T18:00:00Z'}");
    expect_count(bought, "held", 1);
    expect_text(bought, "held/0/ref", "r");
    expect_text(bought, "held/0/status", "done");
    expect_number(bought, "earned/0/amount", 5);
    expect_number(bought, "balances/star/available", 0);
    int seq = (int)cJSON_GetNumberValue(at_path(bought, "held/0/seq"));
    const cJSON *head = head_of(&t, seq);
    expect_text(head, "op", "return");
    expect_number(head, "of", cJSON_GetNumberValue(at_path(held, "seq")));
    expect_number(head, "at", 1772449200000.0); /* its own, not the purchase's */
    CU_ASSERT_PTR_NULL(at_path(head, "key"));
    /* A retry of either tells what became of it. */
    const cJSON *done =
        say(&t, "ok", "{'op':'return','ref':'r','of':'A','all':true,'at':'2026-03-02T11:00:00Z'}");
    expect_number(done, "seq", seq);
    expect_number(done, "assessed/star", 5);
    CU_ASSERT_TRUE(cJSON_IsTrue(at_path(done, "duplicate")));
    CU_ASSERT_PTR_NULL(at_path(done, "status"));
    expect_number(say(&t, "ok", "{'op':'lookup','ref':'r'}"), "seq", seq);
    expect_number(say(&t, "ok", "{" BUY ",'receipt':'A','amount':'5','at':'2026-03-02T10:00:00Z'}"),
                  "held/0/seq", seq);
    trial_end(&t);
}

/* The one in the middle asks for more than there is: it stays, the others are done, and
 * the purchase stands. */
static void each_is_tried_by_itself(void)
{
    struct trial t;
    trial_begin(&t, ONE_PER_POUND, NOON);
    say(&t, "ok", "{'op':'return','ref':'a','of':'A','lines':[{'sku':'cup','quantity':'1'}]}");
    say(&t, "ok", "{'op':'return','ref':'b','of':'A','lines':[{'sku':'cup','quantity':'3'}]}");
    say(&t, "ok", "{'op':'return','ref':'c','of':'A','amount':'1.00'}");
    say(&t, "ok", "{'op':'return','ref':'d','of':'A','lines':[{'sku':'cup','quantity':'1'}]}");
    say(&t, "ok", "{'op':'return','ref':'e','of':'B','all':true}");
    const cJSON *bought = say(&t, "ok", "{" BUY ",'receipt':'A','amount':'9','lines':"
                                        "[{'sku':'cup','quantity':'3','amount':'9'}]}");
    expect_count(bought, "held", 4);
    expect_text(bought, "held/0/status", "done");
    expect_text(bought, "held/1/status", "held");
    expect_text(bought, "held/1/code", "over_return");
    expect_text(bought, "held/2/code", "mixed_return");
    expect_text(bought, "held/3/status", "done");
    expect_number(bought, "held/3/seq", cJSON_GetNumberValue(at_path(bought, "held/0/seq")) + 1);
    expect_number(bought, "balances/star/available", 3);
    const cJSON *again = say(&t, "ok", "{" BUY ",'receipt':'A','amount':'9','lines':"
                                       "[{'sku':'cup','quantity':'3','amount':'9'}]}");
    expect_count(again, "held", 4);
    expect_text(again, "held/1/ref", "b");
    expect_text(again, "held/1/status", "held");
    CU_ASSERT_PTR_NULL(at_path(again, "held/1/code"));
    expect_text(say(&t, "ok", "{'op':'lookup','ref':'b'}"), "status", "held");
    const cJSON *report = run(&t, "ok", "{'op':'report','name':'held'}");
    expect_count(report, "rows", 3);
    expect_text(report, "rows/0/ref", "b");
    expect_number(report, "rows/0/purchase", cJSON_GetNumberValue(at_path(bought, "seq")));
    expect_text(report, "rows/2/receipt", "B");
    CU_ASSERT_TRUE(cJSON_IsNull(at_path(report, "rows/2/purchase")));
    /* As it was known before the purchase. */
    expect_count(run(&t, "ok", "{'op':'report','name':'held','known_at':5}"), "rows", 3);
    trial_end(&t);
}

/* A refusal in the very last step, when the state has been looked at from all sides. */
static void a_refused_one_leaves_nothing_behind(void)
{
    struct trial t;
    trial_begin(&t, ONE_PER_POUND, NOON);
    say(&t, "ok", "{" BUY ",'receipt':'old','amount':'8'}");
    say(&t, "ok", "{'op':'redeem','ref':'v','member':'card:1','points':8}");
    say(&t, "ok", "{'op':'return','ref':'x','of':'old','all':true}");
    say(&t, "ok", "{'op':'programme.apply','programme':%s}", NO_SHORTFALL);
    t.now[0] = '\0';
    say(&t, "ok", "{'op':'return','ref':'r','of':'A','all':true,'now':'2026-03-02T13:00:00Z'}");
    const cJSON *bought = say(&t, "ok", "{" BUY ",'receipt':'A','amount':'5',"
                                        "'now':'2026-03-02T14:00:00Z'}");
    expect_text(bought, "held/0/code", "return_shortfall");
    expect_number(bought, "repaid/star", 5);
    expect_number(bought, "balances/star/available", -3);
    /* Another member's goods. */
    say(&t, "ok", "{'op':'member.add','identifiers':['card:2'],'now':'2026-03-02T14:00:00Z'}");
    say(&t, "ok", "{'op':'return','ref':'s','of':'C','member':'card:2','all':true,"
                  "'now':'2026-03-02T14:00:00Z'}");
    bought = say(&t, "ok", "{" BUY ",'receipt':'C','amount':'5','now':'2026-03-02T14:00:00Z'}");
    expect_text(bought, "held/0/code", "unknown_receipt");
    expect_number(bought, "balances/star/available", 2);
    trial_end(&t);
}

/* Points that paid come back in a record of their own before the return's. Where that
 * return is refused after all, they do not. */
static void points_that_paid_come_back_with_it(void)
{
    struct trial t;
    trial_begin(&t, PAYING, NOON);
    say(&t, "ok", "{" BUY ",'receipt':'old','amount':'10'}");
    say(&t, "ok", "{'op':'return','ref':'r','of':'A','amount':'4.00'}");
    const cJSON *bought = say(&t, "ok", "{" BUY ",'receipt':'A','amount':'8','points':4}");
    expect_text(bought, "held/0/status", "done");
    expect_number(bought, "held/0/seq", cJSON_GetNumberValue(at_path(bought, "seq")) + 2);
    const cJSON *back = say(&t, "ok", "{'op':'lookup','ref':'r'}");
    expect_text(back, "refund", "2.00");
    expect_number(back, "restored/0/amount", 2);
    expect_number(bought, "balances/star/available", 10 - 4 + 4 + 2 - 2);
    trial_end(&t);
    /* A debt swallows what the purchase earns, so that the return finds nothing. */
    trial_begin(&t, PAYING, NOON);
    say(&t, "ok", "{" BUY ",'receipt':'old','amount':'10'}");
    say(&t, "ok", "{'op':'reserve','ref':'q','member':'card:1','points':4,'timeout':'P1D'}");
    say(&t, "ok", "{'op':'redeem','ref':'v','member':'card:1','points':6}");
    say(&t, "ok", "{'op':'return','ref':'s','of':'old','all':true}");
    say(&t, "ok", "{'op':'programme.apply','programme':%s}", PAYING_STRICTLY);
    snprintf(t.now, sizeof t.now, "2026-03-02T13:00:00Z");
    say(&t, "ok", "{'op':'return','ref':'u','of':'B','all':true}");
    int64_t size = log_size(&t);
    bought = say(&t, "ok", "{" BUY ",'receipt':'B','amount':'8','capture':'q'}");
    expect_text(bought, "held/0/code", "return_shortfall");
    expect_number(bought, "balances/star/available", -10 + 4);
    test_expect_integer("capture and purchase", 2, log_size(&t) - size);
    trial_end(&t);
}

static void all_within_one_commit(void)
{
    struct trial t;
    trial_begin(&t, ONE_PER_POUND, NOON);
    const cJSON *all = say_all(&t, "ok", "{'op':'return','ref':'a','of':'A','amount':'1.00'}", "ok",
                               "{'op':'return','ref':'b','of':'A','amount':'9.00'}", "ok",
                               "{'op':'return','ref':'c','of':'A','amount':'2.00'}", "ok",
                               "{" BUY ",'receipt':'A','amount':'5'}", "ok",
                               "{'op':'return','ref':'d','of':'A','all':true}", "ok",
                               "{'op':'return','ref':'a','of':'A','amount':'1.00'}", NULL);
    expect_text(all, "0/status", "held");
    expect_text(all, "3/held/1/code", "over_return");
    expect_number(all, "3/balances/star/available", 2);
    expect_number(all, "4/balances/star/available", 0);
    expect_number(all, "5/assessed/star", 1);
    trial_end(&t);
}

static void a_quote_shows_it_and_does_nothing(void)
{
    struct trial t;
    trial_begin(&t, ONE_PER_POUND, NOON);
    say(&t, "ok", "{'op':'member.add','identifiers':['card:1']}");
    say(&t, "ok", "{'op':'return','ref':'a','of':'A','amount':'1.00'}");
    int64_t size = log_size(&t);
    const cJSON *quote = say(&t, "ok", "{'op':'quote','member':'card:1','receipt':'A','amount':'5'}");
    expect_text(quote, "held/0/status", "done");
    expect_number(quote, "balances/star/available", 4);
    test_expect_integer("records", size, log_size(&t));
    expect_text(say(&t, "ok", "{'op':'lookup','ref':'a'}"), "status", "held");
    trial_end(&t);
}

static void one_that_is_cancelled_is_not_done(void)
{
    struct trial t;
    trial_begin(&t, ONE_PER_POUND, NOON);
    say(&t, "ok", "{'op':'return','ref':'a','of':'A','all':true}");
    say(&t, "ok", "{'op':'return','ref':'b','of':'A','amount':'1.00'}");
    const cJSON *cancelled = say(&t, "ok", "{'op':'cancel','ref':'x','of':'a'}");
    expect_text(cancelled, "status", "done");
    say(&t, "already_cancelled", "{'op':'cancel','ref':'y','of':'a'}");
    expect_text(say(&t, "ok", "{'op':'return','ref':'a','of':'A','all':true}"), "status",
                "cancelled");
    const cJSON *bought = say(&t, "ok", "{" BUY ",'receipt':'A','amount':'5'}");
    expect_count(bought, "held", 1);
    expect_number(bought, "balances/star/available", 4);
    say(&t, "not_cancellable", "{'op':'cancel','ref':'y','of':'b'}");
    expect_text(say(&t, "ok", "{'op':'lookup','ref':'a'}"), "status", "cancelled");
    trial_end(&t);
}

/* Nothing else can be looked up yet, so the name itself must say which receipt it is. */
static void it_waits_for_a_whole_name(void)
{
    struct trial t;
    trial_begin(&t, WHOLE_NAMES, NOON);
    say(&t, "unknown_receipt", "{'op':'return','ref':'a','of':'A','all':true}");
    say(&t, "unknown_receipt", "{'op':'return','ref':'a','of':'S1/A/4','all':true}");
    say(&t, "unknown_receipt", "{'op':'return','ref':'a','of':'S1/2026-03-02/','all':true}");
    expect_text(say(&t, "ok", "{'op':'return','ref':'a','of':'S1/2026-03-02/A/7','amount':'1',"
                              "'store':'S2','at':'2026-03-02T11:00:00Z'}"),
                "receipt", "S1/2026-03-02/A/7");
    /* `at` is when the goods came back: which day's number that is, it cannot say. */
    say(&t, "unknown_receipt", "{'op':'return','ref':'b','of':'A/7','amount':'1','store':'S1',"
                               "'at':'2026-03-02T11:30:00Z'}");
    const cJSON *bought = say(&t, "ok", "{" BUY ",'receipt':'A/7','store':'S1','amount':'5',"
                                        "'at':'2026-03-02T10:00:00Z'}");
    expect_count(bought, "held", 1);
    expect_number(bought, "balances/star/available", 4);
    trial_end(&t);
}

static void refusals_come_in_order(void)
{
    struct trial t;
    trial_begin(&t, REFUSING, NOON);
    say(&t, "unknown_receipt", "{'op':'return','ref':'a','of':'A','all':true,'at':'2027-01-01'}");
    trial_end(&t);
    trial_begin(&t, ONE_PER_POUND, NOON);
    say(&t, "unknown_member", "{'op':'return','ref':'a','of':'A','member':'card:9','all':true}");
    say(&t, "in_future", "{'op':'return','ref':'a','of':'A','all':true,'at':'2026-03-03'}");
    say(&t, "too_late", "{'op':'return','ref':'a','of':'A','all':true,'at':'2026-01-03'}");
    /* What is too late for a return by now was in time when it came. */
    say(&t, "ok", "{'op':'return','ref':'a','of':'A','all':true}");
    const cJSON *bought = say(&t, "ok", "{" BUY ",'receipt':'A','amount':'5',"
                                        "'now':'2026-03-25T12:00:00Z'}");
    expect_text(bought, "held/0/status", "done");
    trial_end(&t);
}

const struct test_case held_cases[] = {
    {"held: it waits and then happens behind its purchase", it_waits_and_then_happens_behind_its_purchase},
    {"held: each is tried by itself", each_is_tried_by_itself},
    {"held: a refused one leaves nothing behind", a_refused_one_leaves_nothing_behind},
    {"held: points that paid", points_that_paid_come_back_with_it},
    {"held: all within one commit", all_within_one_commit},
    {"held: a quote shows it and does nothing", a_quote_shows_it_and_does_nothing},
    {"held: one that is cancelled is not done", one_that_is_cancelled_is_not_done},
    {"held: it waits for a whole name", it_waits_for_a_whole_name},
    {"held: refusals come in order", refusals_come_in_order},
    {NULL, NULL},
};
