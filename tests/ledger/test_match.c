/* Goods that come back without a receipt: which purchases they come from. */
#include "support.h"

#define NOON "2026-03-02T12:00:00Z"
#define BUY(receipt, at, line)                                                                     \
    "{'op':'purchase','member':'card:1','receipt':'" receipt "','enrol':true,'at':'2026-03-0" at   \
    "T10:00:00Z'," line "}"
#define BACK(ref, unmatched, line)                                                                 \
    "{'op':'return','ref':'" ref "','member':'card:1','unmatched':'" unmatched "','lines':[" line "]}"

static void begin(struct trial *t)
{
    trial_begin(t, ONE_PER_POUND, NOON);
    say(t, "ok", BUY("a", "1", "'amount':'20','lines':[['A','','4','20']]"));
    say(t, "ok", BUY("b", "1", "'amount':'13','lines':[['A','','2','10'],['B','','','3']]"));
    say(t, "ok", BUY("c", "2", "'amount':'6','lines':[['A','','1','6']]"));
}

static void the_latest_at_the_same_price_gives_first(void)
{
    struct trial t;
    begin(&t);
    const cJSON *back = say(&t, "ok", BACK("r", "refuse", "{'sku':'A','quantity':'3','amount':'15'}"));
    expect_count(back, "returned", 2);
    expect_text(back, "returned/0/receipt", "b");
    expect_text(back, "returned/0/lines/0/quantity", "2");
    expect_text(back, "returned/0/amount", "10.00");
    expect_text(back, "returned/1/receipt", "a");
    expect_text(back, "returned/1/lines/0/quantity", "1");
    expect_text(back, "amount", "15.00");
    expect_number(back, "assessed/star", 15);
    expect_count(back, "unmatched", 0);
    expect_number(back, "balances/star/available", 24);
    /* What is gone is gone: three are left of `a`, at another price one of `c`. */
    say(&t, "no_match", BACK("s", "refuse", "{'sku':'A','quantity':'4','amount':'20'}"));
    say(&t, "ok", BACK("s", "refuse", "{'sku':'A','quantity':'3','amount':'15'}"));
    say(&t, "ok", BACK("u", "refuse", "{'sku':'A','quantity':'1','amount':'6'}"));
    say(&t, "no_match", BACK("v", "skip", "{'sku':'A','quantity':'1','amount':'6'}"));
    say(&t, "ok", "{'op':'return','of':'b','ref':'w','all':true}");
    say(&t, "over_return", "{'op':'return','of':'a','ref':'x','all':true}");
    trial_end(&t);
}

static void what_does_not_match_goes_by_policy(void)
{
#define MIXED "{'sku':'A','quantity':'8','amount':'40'},{'sku':'Z','quantity':'1','amount':'7'}"
    struct trial t;
    begin(&t);
    say(&t, "no_match", BACK("r", "refuse", MIXED));
    const cJSON *back = say(&t, "ok", BACK("r", "skip", MIXED));
    expect_number(back, "assessed/star", 30);
    expect_count(back, "unmatched", 2);
    expect_number(back, "unmatched/0/line", 1);
    expect_text(back, "unmatched/0/quantity", "2");
    expect_number(back, "unmatched/1/line", 2);
    const cJSON *again = say(&t, "ok", BACK("r", "skip", MIXED));
    CU_ASSERT_TRUE(cJSON_IsTrue(at_path(again, "duplicate")));
    CU_ASSERT_TRUE(cJSON_Compare(at_path(back, "unmatched"), at_path(again, "unmatched"), true));
    expect_text(say(&t, "key_reused", BACK("r", "deduct", MIXED)), "error/field", "unmatched");
    trial_end(&t);
    begin(&t);
    back = say(&t, "ok", BACK("r", "deduct", MIXED));
    expect_number(back, "assessed/star", 47);
    expect_number(back, "balances/star/available", -8);
    expect_count(back, "unmatched", 2);
    trial_end(&t);
}

static void a_price_is_what_two_rounded_totals_can_tell(void)
{
    struct trial t;
    trial_begin(&t, ONE_PER_POUND, NOON);
    say(&t, "ok", BUY("a", "1", "'amount':'10','lines':[['A','','3','10']]"));
    say(&t, "no_match", BACK("r", "refuse", "{'sku':'A','quantity':'1','amount':'3.32'}"));
    say(&t, "no_match", BACK("r", "refuse", "{'sku':'A','quantity':'1','amount':'3.34'}"));
    say(&t, "ok", BACK("r", "refuse", "{'sku':'A','quantity':'1','amount':'3.33'}"));
    say(&t, "ok", BACK("s", "refuse", "{'sku':'A','quantity':'2','amount':'6.67'}"));
    trial_end(&t);
}

/* Not from a receipt of later, of somebody else, or returned by amount. */
static void some_receipts_are_passed_over(void)
{
    struct trial t;
    begin(&t);
    say(&t, "ok", "{'op':'member.add','identifiers':['card:2']}");
    say(&t, "no_match", "{'op':'return','ref':'r','member':'card:2','unmatched':'refuse',"
                        "'lines':[{'sku':'A','quantity':'1','amount':'5'}]}");
    say(&t, "no_match", "{'op':'return','ref':'r','member':'card:1','unmatched':'refuse',"
                        "'at':'2026-03-01T11:00:00Z','lines':[{'sku':'A','quantity':'1','amount':'6'}]}");
    say(&t, "ok", "{'op':'return','of':'b','ref':'q','amount':'1'}");
    const cJSON *back = say(&t, "ok", BACK("r", "refuse", "{'sku':'A','quantity':'1','amount':'5'}"));
    expect_text(back, "returned/0/receipt", "a");
    say(&t, "unknown_member", "{'op':'return','ref':'s','member':'card:9','unmatched':'skip',"
                              "'lines':[{'sku':'A','quantity':'1','amount':'5'}]}");
    say(&t, "missing_field", BACK("s", "skip", "{'sku':'A','amount':'5'}"));
    say(&t, "missing_field", BACK("s", "skip", "{'line':1,'quantity':'1','amount':'5'}"));
    const cJSON *stranger = say(&t, "ok", "{'op':'return','ref':'s','member':'card:9',"
                                          "'unmatched':'deduct','enrol':true,"
                                          "'lines':[{'sku':'A','quantity':'1','amount':'5'}]}");
    CU_ASSERT_TRUE(cJSON_IsTrue(at_path(stranger, "enrolled")));
    expect_number(stranger, "balances/star/available", -5);
    trial_end(&t);
}

const struct test_case match_cases[] = {
    {"the latest at the same price gives first", the_latest_at_the_same_price_gives_first},
    {"what does not match goes by policy", what_does_not_match_goes_by_policy},
    {"a price is what two rounded totals can tell", a_price_is_what_two_rounded_totals_can_tell},
    {"some receipts are passed over", some_receipts_are_passed_over},
    {NULL, NULL},
};
