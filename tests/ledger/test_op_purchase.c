/* Purchases: refusals in their order, what is earned, late ones, large ones. */
#include <stdio.h>
#include <stdlib.h>

#include "support.h"

#define NOON "2026-03-02T12:00:00Z"

static const char CARRY[] =
    "{'loyalty':1,'id':'cafe','timezone':'Asia/Shanghai','currency':'CNY',"
    "'points':{'star':{'expires':{'after':'P2D'}}},"
    "'earn':[{'id':'base','per':'25.00','gives':{'star':1},'rounding':'carry'}]}";

static void refusals_come_in_order(void)
{
    struct trial t;
    trial_begin(&t, NULL, NOON);
    say(&t, "missing_field", "{'op':'purchase'}");
    say(&t, "no_programme", "{'op':'purchase','member':'card:1','receipt':'r','amount':'1'}");
    trial_end(&t);
    trial_begin(&t, ONE_PER_POUND, NOON);
    expect_text(say(&t, "missing_field", "{'op':'purchase','receipt':'r','amount':'1','points':1}"),
                "error/field", "member");
    expect_text(say(&t, "missing_field", "{'op':'purchase','member':'card:1','receipt':'r'}"),
                "error/field", "amount");
    expect_text(say(&t, "missing_field", "{'op':'purchase','member':'card:1','amount':'1'}"),
                "error/field", "receipt");
    /* Everything is wrong; what is mended in turn shows the next. */
#define WRONG "'op':'purchase','receipt':'r','amount':'3','lines':[['A','','','2.00']]"
    say(&t, "lines_mismatch", "{" WRONG ",'member':'card:1','at':'2030-01-01T00:00:00Z'}");
#undef WRONG
#define WRONG "'op':'purchase','receipt':'r','amount':'2','lines':[['A','','','2.00']]"
    say(&t, "unknown_member", "{" WRONG ",'member':'card:1','at':'2030-01-01T00:00:00Z'}");
    say(&t, "ok", "{'op':'member.add','identifiers':['card:1']}");
    say(&t, "in_future", "{" WRONG ",'member':'card:1','at':'2030-01-01T00:00:00Z'}");
    say(&t, "too_late", "{" WRONG ",'member':'card:1','at':'2020-01-01T00:00:00Z'}");
    say(&t, "ok", "{'op':'purchase','receipt':'r','amount':'2','lines':[['A','','','2.00']],"
                  "'member':'card:1'}");
    trial_end(&t);
}

static void an_answer_holds_what_a_till_prints(void)
{
    struct trial t;
    trial_begin(&t, ONE_PER_POUND, NOON);
    const cJSON *answer = say(&t, "ok", "{'op':'purchase','member':'card:1','receipt':'r1',"
                                        "'amount':'58.5','enrol':true,'id':'x'}");
    expect_text(answer, "id", "x");
    expect_text(answer, "op", "purchase");
    expect_text(answer, "receipt", "r1");
    expect_text(answer, "amount", "58.50");
    expect_text(answer, "at", NOON);
    expect_text(answer, "time", NOON);
    expect_number(answer, "programme", 1);
    CU_ASSERT_TRUE(cJSON_IsTrue(at_path(answer, "enrolled")));
    expect_count(answer, "earned", 1);
    expect_text(answer, "earned/0/points", "star");
    expect_text(answer, "earned/0/rule", "base");
    expect_number(answer, "earned/0/amount", 58);
    CU_ASSERT_TRUE(cJSON_IsNull(at_path(answer, "earned/0/expires")));
    CU_ASSERT_TRUE(cJSON_IsFalse(at_path(answer, "earned/0/pending")));
    expect_number(answer, "balances/star/available", 58);
    expect_number(answer, "checkpoint/size", 4);
    expect_count(answer, "clipped", 0);
    expect_count(answer, "granted", 0);
    expect_count(answer, "repaid", 0);
    /* Enrolled on the way: once. */
    const cJSON *next = say(&t, "ok", "{'op':'purchase','member':'card:1','receipt':'r2',"
                                      "'amount':'0.00','enrol':true}");
    CU_ASSERT_TRUE(cJSON_IsFalse(at_path(next, "enrolled")));
    expect_text(next, "member", at_path(answer, "member")->valuestring);
    expect_count(next, "earned", 0);
    trial_end(&t);
}

/* Buy 24.99, buy 0.01 and get the star, return the 24.99: the star goes. */
static void a_carried_fraction_is_no_pump(void)
{
    struct trial t;
    trial_begin(&t, CARRY, NOON);
    expect_number(say(&t, "ok", "{'op':'purchase','member':'card:1','receipt':'a',"
                                "'amount':'24.99','enrol':true}"), "earned/0/amount", 0);
    expect_number(say(&t, "ok", "{'op':'purchase','member':'card:1','receipt':'b',"
                                "'amount':'0.01'}"), "earned/0/amount", 1);
    const cJSON *returned = say(&t, "ok", "{'op':'return','of':'a','ref':'r','all':true}");
    expect_number(returned, "assessed/star", 1);
    expect_number(returned, "collected/star/from_other", 1);
    expect_number(returned, "balances/star/available", 0);
    expect_number(say(&t, "ok", "{'op':'purchase','member':'card:1','receipt':'c',"
                                "'amount':'24.99'}"), "earned/0/amount", 1);
    trial_end(&t);
    /* Whatever the order, floor of the exact sum. */
    trial_begin(&t, CARRY, NOON);
    for (int i = 0; i < 30; i++)
        say(&t, "ok", "{'op':'purchase','member':'card:1','receipt':'p%d','amount':'%d.37',"
                      "'enrol':true}", i, i % 7);
    for (int i = 0; i < 30; i += 2)
        say(&t, "ok", "{'op':'return','of':'p%d','ref':'q%d','all':true}", i, i);
    int64_t fen = 0;
    for (int i = 1; i < 30; i += 2)
        fen += i % 7 * 100 + 37;
    expect_available(&t, "card:1", "star", (double)(fen / 2500));
    trial_end(&t);
}

static void a_late_purchase_may_be_born_lapsed(void)
{
    struct trial t;
    trial_begin(&t, CARRY, NOON);
    const cJSON *late = say(&t, "ok", "{'op':'purchase','member':'card:1','receipt':'a',"
                                      "'amount':'50','enrol':true,'at':'2026-02-27T12:00:00Z'}");
    expect_number(late, "earned/0/amount", 2);
    expect_number(late, "balances/star/available", 0);
    const cJSON *later = say(&t, "ok", "{'op':'purchase','member':'card:1','receipt':'b',"
                                       "'amount':'50','at':'2026-03-01T12:00:00Z'}");
    expect_number(later, "balances/star/available", 2);
    expect_text(later, "earned/0/expires", "2026-03-03T16:00:00Z");
    /* Lapsing at this very moment is lapsed. */
    const cJSON *now = say(&t, "ok", "{'op':'purchase','member':'card:1','receipt':'c','amount':'50',"
                                     "'at':'2026-03-01T13:00:00Z','now':'2026-03-03T16:00:00Z'}");
    expect_text(now, "earned/0/expires", "2026-03-03T16:00:00Z");
    expect_number(now, "balances/star/available", 0);
    trial_end(&t);
}

/* 5,000 lines: recorded by what the programme tells apart, earning the same. */
static void a_receipt_of_5000_lines_is_condensed(void)
{
    static const char programme[] =
        "{'loyalty':1,'id':'shop','timezone':'Europe/London','currency':'GBP',"
        "'base':{'excluding':{'category':['gift']}},'points':{'star':{}},"
        "'earn':[{'id':'base','per':'0.50','gives':{'star':1}},"
        "{'id':'more','per':'1.00','gives':{'star':1},'only':{'sku':['A7','A8']}}]}";
    enum { LINES = 5000, MOST = LINES * 48 + 400 };
    struct trial t;
    trial_begin(&t, programme, NOON);
    char *request = malloc(MOST);
    if (request == NULL)
        abort();
    int64_t total = 0, base = 0, more = 0;
    int length = snprintf(request, MOST, "{'op':'purchase','member':'card:1','receipt':'big',"
                                         "'enrol':true,'lines':[");
    for (int i = 0; i < LINES; i++) {
        int amount = 10 + i % 13, sku = i % 100;
        bool gift = i % 10 == 3;
        length += snprintf(request + length, (size_t)(MOST - length),
                           "%s['A%d','%s','','0.%02d']", i == 0 ? "" : ",", sku,
                           gift ? "gift" : i % 3 ? "food" : "", amount);
        total += amount;
        base += gift ? 0 : amount;
        more += !gift && (sku == 7 || sku == 8) ? amount : 0;
    }
    snprintf(request + length, (size_t)(MOST - length), "],'amount':'%lld.%02lld'}",
             (long long)total / 100, (long long)total % 100);
    const cJSON *bought = say(&t, "ok", "%s", request);
    expect_number(bought, "earned/0/amount", (double)(base / 50));
    expect_number(bought, "earned/1/amount", (double)(more / 100));
    const cJSON *record = say(&t, "ok", "{'op':'record','seq':%d}",
                              (int)at_path(bought, "seq")->valuedouble);
    CU_ASSERT_PTR_NOT_NULL(strstr(at_path(record, "body")->valuestring, "\"condensed\":5000"));
    CU_ASSERT_TRUE(strlen(at_path(record, "body")->valuestring) < 2000);
    CU_ASSERT_TRUE(cJSON_IsTrue(at_path(say(&t, "ok", "%s", request), "duplicate")));
    /* Only the engine says so. */
    say(&t, "unknown_field", "{'op':'purchase','member':'card:1','receipt':'c','amount':'1',"
                             "'condensed':7}");
    free(request);
    trial_end(&t);
}

static void a_quote_is_the_purchase_and_changes_nothing(void)
{
    struct trial t;
    trial_begin(&t, CARRY, NOON);
    say(&t, "ok", "{'op':'purchase','member':'card:1','receipt':'a','amount':'60','enrol':true}");
    snprintf(t.now, sizeof t.now, "2026-03-06T12:00:00Z"); /* those two have lapsed */
    int64_t size = log_size(&t);
    const cJSON *quoted_one = say(&t, "ok", "{'op':'quote','member':'card:1','receipt':'b',"
                                            "'amount':'65'}");
    const cJSON *nameless = say(&t, "ok", "{'op':'quote','member':'card:1','amount':'65'}");
    const cJSON *stranger = say(&t, "ok", "{'op':'quote','member':'card:7','amount':'65',"
                                          "'enrol':true}");
    test_expect_integer("records", size, log_size(&t));
    say(&t, "unknown_member", "{'op':'show','member':'card:7'}");
    expect_number(stranger, "balances/star/available", 2);
    const cJSON *bought = say(&t, "ok", "{'op':'purchase','member':'card:1','receipt':'b',"
                                        "'amount':'65'}");
    static const char *const same[] = {"earned", "balances", "amount", "programme", "receipt", "at"};
    for (size_t i = 0; i < sizeof same / sizeof *same; i++)
        CU_ASSERT_TRUE(cJSON_Compare(at_path(quoted_one, same[i]), at_path(bought, same[i]), true));
    CU_ASSERT_TRUE(cJSON_Compare(at_path(nameless, "earned"), at_path(bought, "earned"), true));
    expect_number(bought, "earned/0/amount", 3);
    CU_ASSERT_TRUE(cJSON_IsTrue(at_path(quoted_one, "quote")));
    CU_ASSERT_PTR_NULL(at_path(quoted_one, "seq"));
    CU_ASSERT_PTR_NULL(at_path(quoted_one, "checkpoint"));
    trial_end(&t);
}

static void receipts_are_unique_within_their_scope(void)
{
    static const char programme[] =
        "{'loyalty':1,'id':'shop','timezone':'Europe/London','currency':'GBP',"
        "'receipts':{'unique_by':['store','till','date'],'business_day_starts':'04:00'},"
        "'points':{'star':{}},'earn':[{'id':'base','per':'1.00','gives':{'star':1}}]}";
    struct trial t;
    trial_begin(&t, programme, NOON);
#define SCOPED "'op':'purchase','member':'card:1','receipt':'7','enrol':true"
    expect_text(say(&t, "missing_field", "{" SCOPED ",'amount':'1'}"), "error/field", "store");
    expect_text(say(&t, "missing_field", "{" SCOPED ",'amount':'1','store':'S'}"), "error/field", "till");
    expect_text(say(&t, "missing_field", "{" SCOPED ",'amount':'1','store':'S','till':'T'}"),
                "error/field", "at");
#define AT "{" SCOPED ",'amount':'%s','store':'S','till':'T','at':'%s'}"
    expect_text(say(&t, "ok", AT, "1", "2026-03-02T03:59:00Z"), "receipt", "S/T/2026-03-01/7");
    expect_text(say(&t, "ok", AT, "2", "2026-03-02T04:00:00Z"), "receipt", "S/T/2026-03-02/7");
    expect_text(say(&t, "key_reused", AT, "3", "2026-03-02T04:00:00Z"), "error/field", "amount");
    say(&t, "ok", "{'op':'return','of':'S/T/2026-03-01/7','ref':'a','all':true}");
    /* Goods that come back today are mostly of another day's number 7. */
    say(&t, "unknown_receipt", "{'op':'return','of':'7','ref':'b','all':true,'store':'S',"
                               "'till':'T','at':'2026-03-02T05:00:00Z'}");
    say(&t, "ok", "{'op':'return','of':'S/T/2026-03-02/7','ref':'b','all':true}");
    say(&t, "unknown_receipt", "{'op':'return','of':'7','ref':'c','all':true}");
    trial_end(&t);
}

static void the_largest_numbers_are_exact(void)
{
    struct trial t;
    trial_begin(&t, ONE_PER_POUND, NOON);
    const cJSON *bought = say(&t, "ok", "{'op':'purchase','member':'card:1','receipt':'a',"
                                        "'amount':'90071992547409.91','enrol':true}");
    expect_number(bought, "earned/0/amount", 90071992547409.0);
    say(&t, "invalid_amount", "{'op':'purchase','member':'card:1','receipt':'b',"
                              "'amount':'90071992547409.92'}");
    say(&t, "ok", "{'op':'return','of':'a','ref':'r','amount':'90071992547409.90'}");
    say(&t, "ok", "{'op':'adjust','member':'card:1','ref':'x','points':'9007199254740990',"
                  "'reason':'x'}");
    expect_text(say(&t, "overflow", "{'op':'adjust','member':'card:1','ref':'y','points':2,"
                                    "'reason':'x'}"), "error/field", "points");
    say(&t, "ok", "{'op':'redeem','member':'card:1','ref':'z','points':'9007199254740990'}");
    trial_end(&t);
}

static void several_currencies_and_decimals(void)
{
    static const char programme[] =
        "{'loyalty':1,'id':'shop','timezone':'Europe/London','currency':'GBP',"
        "'points':{'level':{'spendable':false},'coin':{'scale':2},'star':{}},"
        "'earn':[{'id':'base','per':'1.00','gives':{'coin':'0.25','level':2}},"
        "{'id':'round','per':'3.00','gives':{'star':1},'rounding':'nearest'}]}";
    struct trial t;
    trial_begin(&t, programme, NOON);
    const cJSON *bought = say(&t, "ok", "{'op':'purchase','member':'card:1','receipt':'a',"
                                        "'amount':'5.05','enrol':true}");
    expect_number(bought, "balances/coin/available", 1.26);
    expect_number(bought, "balances/level/available", 10);
    expect_number(bought, "balances/star/available", 2);
    expect_count(bought, "earned", 3);
    expect_number(say(&t, "ok", "{'op':'redeem','member':'card:1','ref':'r','points':0.06}"),
                  "balances/coin/available", 1.2);
    say(&t, "invalid_amount", "{'op':'redeem','member':'card:1','ref':'s','points':0.001}");
    say(&t, "not_spendable", "{'op':'redeem','member':'card:1','ref':'s','points':1,"
                             "'points_of':'level'}");
    say(&t, "unknown_points", "{'op':'redeem','member':'card:1','ref':'s','points':1,"
                              "'points_of':'moon'}");
    say(&t, "ok", "{'op':'adjust','member':'card:1','ref':'t','points':-1,'points_of':'level',"
                  "'reason':'x'}");
    trial_end(&t);
}

const struct test_case purchase_cases[] = {
    {"refusals come in order", refusals_come_in_order},
    {"an answer holds what a till prints", an_answer_holds_what_a_till_prints},
    {"a carried fraction is no pump", a_carried_fraction_is_no_pump},
    {"a late purchase may be born lapsed", a_late_purchase_may_be_born_lapsed},
    {"a receipt of 5,000 lines is condensed", a_receipt_of_5000_lines_is_condensed},
    {"a quote is the purchase", a_quote_is_the_purchase_and_changes_nothing},
    {"receipts are unique within their scope", receipts_are_unique_within_their_scope},
    {"the largest numbers are exact", the_largest_numbers_are_exact},
    {"several currencies and decimals", several_currencies_and_decimals},
    {NULL, NULL},
};
