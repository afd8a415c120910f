/* Whose card is an operator's own, what a second one must approve, and returns by amount
 * of what nobody has the receipt of. */
#include <stdio.h>
#include <string.h>

#include "support.h"

#define NOON "2026-03-02T12:00:00Z"
#define BASE "'loyalty':1,'id':'shop','timezone':'UTC','currency':'GBP','households':{},"
#define EARN "'earn':[{'id':'base','per':'1.00','gives':{'star':1}}]"
#define SHOP(more) "{" BASE "'points':{'star':{'transfer':{}}}," more EARN "}"
#define BUY(card, receipt, operator_id)                                                            \
    "{'op':'purchase','member':'card:" card "','receipt':'" receipt                                \
    "','amount':'5','operator':'" operator_id "'}"

static void begin(struct trial *t, const char *programme)
{
    trial_begin(t, programme, NOON);
    for (int card = 1; card <= 4; card++)
        say(t, "ok", "{'op':'member.add','identifiers':['card:%d']}", card);
}

static bool is_flagged(struct trial *t, const cJSON *answer)
{
    const cJSON *record =
        say(t, "ok", "{'op':'record','seq':%d}", (int)cJSON_GetNumberValue(at_path(answer, "seq")));
    return strstr(cJSON_GetStringValue(at_path(record, "body")), "\"own_card\":1") != NULL;
}

/* --- Own cards ------------------------------------------------------------------------- */

static void the_newest_link_counts(void)
{
    struct trial t;
    begin(&t, SHOP(""));
    CU_ASSERT_FALSE(is_flagged(&t, say(&t, "ok", BUY("1", "a", "eva"))));
    const cJSON *link =
        say(&t, "ok", "{'op':'operator.link','ref':'l1','of':'eva','member':'card:1'}");
    expect_text(link, "operator", "eva");
    expect_number(link, "balances/star/available", 5);
    CU_ASSERT_TRUE(is_flagged(&t, say(&t, "ok", BUY("1", "b", "eva"))));
    CU_ASSERT_FALSE(is_flagged(&t, say(&t, "ok", BUY("1", "c", "Eva"))));
    CU_ASSERT_FALSE(is_flagged(&t, say(&t, "ok", BUY("2", "d", "eva"))));
    say(&t, "ok", "{'op':'operator.link','ref':'l2','of':'eva','member':'card:2'}");
    CU_ASSERT_FALSE(is_flagged(&t, say(&t, "ok", BUY("1", "e", "eva"))));
    CU_ASSERT_TRUE(is_flagged(&t, say(&t, "ok", BUY("2", "f", "eva"))));
    /* A retry of the first link is answered, and links nothing again. */
    say(&t, "ok", "{'op':'operator.link','ref':'l1','of':'eva','member':'card:1'}");
    CU_ASSERT_TRUE(is_flagged(&t, say(&t, "ok", BUY("2", "g", "eva"))));
    const cJSON *unlink = say(&t, "ok", "{'op':'operator.unlink','ref':'u','of':'eva'}");
    CU_ASSERT_PTR_NULL(at_path(unlink, "member"));
    CU_ASSERT_PTR_NULL(at_path(unlink, "balances"));
    CU_ASSERT_FALSE(is_flagged(&t, say(&t, "ok", BUY("2", "h", "eva"))));
    say(&t, "unknown_ref", "{'op':'operator.unlink','ref':'v','of':'eva'}");
    say(&t, "key_reused", "{'op':'operator.unlink','ref':'u','of':'zoe'}");
    say(&t, "missing_field", "{'op':'operator.link','ref':'w','of':'eva'}");
    say(&t, "missing_field", "{'op':'operator.link','of':'eva','member':'card:1'}");
    say(&t, "unknown_member", "{'op':'operator.link','ref':'w','of':'eva','member':'card:9'}");
    trial_end(&t);
}

/* Several in one commit: the table is not written yet, what is known of it counts. */
static void links_count_within_a_commit(void)
{
    struct trial t;
    begin(&t, SHOP("'operators':{'own_card':'refuse'},"));
    say_all(&t, "ok", "{'op':'operator.link','ref':'l','of':'eva','member':'card:1'}", "own_card",
            BUY("1", "a", "eva"), "unknown_member",
            "{'op':'operator.link','ref':'m','of':'eva','member':'card:9'}", "own_card",
            BUY("1", "a", "eva"), "ok", "{'op':'operator.unlink','ref':'u','of':'eva'}", "ok",
            BUY("1", "a", "eva"), NULL);
    trial_end(&t);
}

static void households_and_merges_are_oneself(void)
{
    struct trial t;
    begin(&t, SHOP("'operators':{'own_card':'refuse'},"));
    say(&t, "ok", "{'op':'operator.link','ref':'l','of':'eva','member':'card:1'}");
    say(&t, "ok", BUY("2", "a", "eva"));
    const cJSON *home = say(&t, "ok", "{'op':'household.create','ref':'h1','member':'card:1'}");
    const char *household = cJSON_GetStringValue(at_path(home, "household"));
    say(&t, "own_card", BUY("1", "b", "eva"));
    say(&t, "ok", "{'op':'household.join','ref':'h2','member':'card:2','household':'%s'}",
        household);
    say(&t, "own_card", BUY("2", "b", "eva"));
    say(&t, "ok", BUY("2", "b", "zoe"));
    say(&t, "ok", "{'op':'household.leave','ref':'h3','member':'card:2'}");
    say(&t, "ok", BUY("2", "c", "eva"));
    say(&t, "ok", "{'op':'operator.link','ref':'m','of':'joe','member':'card:3'}");
    say(&t, "ok", "{'op':'member.merge','ref':'g','member':'card:3','into':'card:4'}");
    say(&t, "own_card", BUY("4", "d", "joe"));
    say(&t, "own_card", BUY("3", "d", "joe"));
    say(&t, "own_card", "{'op':'quote','member':'card:4','amount':'5','operator':'joe'}");
    trial_end(&t);
}

/* The period and the member come first; the points that would pay come behind. */
static void own_card_has_its_place(void)
{
    struct trial t;
    begin(&t, "{" BASE "'points':{'star':{'tender':{'value':'0.1','least':5}}},"
              "'operators':{'own_card':'refuse'}," EARN "}");
    say(&t, "ok", "{'op':'operator.link','ref':'l','of':'eva','member':'card:1'}");
#define OWN ",'member':'card:1','receipt':'a','operator':'eva'"
    say(&t, "lines_mismatch", "{'op':'purchase'" OWN ",'amount':'5','lines':[['A','','1','4']]}");
    say(&t, "in_future", "{'op':'purchase'" OWN ",'amount':'5','at':'2026-03-02T12:05:00.001Z'}");
    say(&t, "too_late", "{'op':'purchase'" OWN ",'amount':'5','at':'2026-02-20T12:00:00Z'}");
    say(&t, "own_card", "{'op':'purchase'" OWN ",'amount':'5','points':1}");
    say(&t, "over_limit",
        "{'op':'purchase','member':'card:1','receipt':'a','amount':'5','points':1}");
    say(&t, "ok", "{'op':'purchase','receipt':'n','amount':'5','operator':'eva'}");
    say(&t, "ok",
        "{'op':'purchase','member':'card:8','enrol':true,'receipt':'o','amount':'5','operator':'"
        "eva'}");
    trial_end(&t);
}

static void no_head_names_an_operator(void)
{
    struct trial t;
    begin(&t, SHOP("'approvals':{'adjust':{}},'adjust':{'limits':{'*':{'per_day':100}}},"));
    say(&t, "ok",
        "{'op':'operator.link','ref':'l','of':'evaxx','member':'card:1','operator':'zoexx'}");
    say(&t, "ok", BUY("1", "a", "evaxx"));
    say(&t, "ok",
        "{'op':'adjust','ref':'d','member':'card:1','points':5,'reason':'x','operator':'evaxx',"
        "'approved_by':'zoexx'}");
    say(&t, "ok", "{'op':'operator.unlink','ref':'u','of':'evaxx','operator':'zoexx'}");
    for (int64_t seq = 0; seq < log_size(&t); seq++) {
        const cJSON *record = say(&t, "ok", "{'op':'record','seq':%d}", (int)seq);
        CU_ASSERT_PTR_NULL(strstr(cJSON_GetStringValue(at_path(record, "head")), "xx"));
    }
    trial_end(&t);
}

/* --- Approvals ---------------------------------------------------------------------------- */

#define STRICT                                                                                     \
    SHOP("'returns':{'no_receipt':{'most':'20.00'}},'approvals':{'adjust':{'above':10},"           \
         "'redeem':{'above':5},'return':{'above':'2.00'},'return_without_receipt':{'above':"       \
         "'3.00'},'transfer':{'above':4},'by':['ann','bob']},")
#define MEMBER ",'member':'card:1'"

/* One unit below the limit, at it, above it; then with an approval. */
static void expect_edge(struct trial *t, const char *below, const char *at, const char *above)
{
    say(t, "ok", "{%s}", below);
    say(t, "ok", "{%s}", at);
    const cJSON *refused = say(t, "approval_needed", "{%s}", above);
    expect_text(refused, "error/field", "operator");
    CU_ASSERT_PTR_NOT_NULL(at_path(refused, "error/hint"));
    expect_text(say(t, "approval_needed", "{%s,'operator':'eva'}", above), "error/field",
                "approved_by");
    say(t, "approval_needed", "{%s,'approved_by':'ann'}", above);
    say(t, "approval_needed", "{%s,'operator':'eva','approved_by':'eva'}", above);
    say(t, "approval_needed", "{%s,'operator':'ann','approved_by':'ann'}", above);
    say(t, "approval_needed", "{%s,'operator':'eva','approved_by':'joe'}", above);
    say(t, "ok", "{%s,'operator':'eva','approved_by':'bob'}", above);
}

static void each_limit_has_its_edge(void)
{
    struct trial t;
    begin(&t, STRICT);
    say(&t, "ok", "{'op':'purchase'" MEMBER ",'receipt':'a','amount':'100'}");
    say(&t, "ok",
        "{'op':'purchase'" MEMBER ",'receipt':'b','amount':'10','lines':[['A','','10','10']]}");
#define ADJUST(ref, points) "'op':'adjust','reason':'x'" MEMBER ",'ref':'" ref "','points':" points
    expect_edge(&t, ADJUST("a1", "9"), ADJUST("a2", "10"), ADJUST("a3", "11"));
    expect_edge(&t, ADJUST("b1", "-9"), ADJUST("b2", "-10"), ADJUST("b3", "-11"));
#define REDEEM(ref, points) "'op':'redeem'" MEMBER ",'ref':'" ref "','points':" points
    expect_edge(&t, REDEEM("c1", "4"), REDEEM("c2", "5"), REDEEM("c3", "6"));
#define GIVE(ref, points) "'op':'transfer','to':'card:2'" MEMBER ",'ref':'" ref "','points':" points
    expect_edge(&t, GIVE("d1", "3"), GIVE("d2", "4"), GIVE("d3", "5"));
#define BACK(ref, amount) "'op':'return','of':'a','ref':'" ref "','amount':'" amount "'"
    expect_edge(&t, BACK("e1", "1.99"), BACK("e2", "2.00"), BACK("e3", "2.01"));
#define LINE(ref, n)                                                                               \
    "'op':'return','of':'b','ref':'" ref "','lines':[{'line':1,'quantity':'" n "'}]"
    expect_edge(&t, LINE("f1", "1"), LINE("f2", "2"), LINE("f3", "2.01"));
#define GOODS(ref, amount)                                                                         \
    "'op':'return'" MEMBER ",'unmatched':'deduct','ref':'" ref                                     \
    "','lines':[{'sku':'B','quantity':'1','amount':'" amount "'}]"
    expect_edge(&t, GOODS("g1", "2.99"), GOODS("g2", "3.00"), GOODS("g3", "3.01"));
#define AMOUNT(ref, amount)                                                                        \
    "'op':'return'" MEMBER ",'no_receipt':true,'ref':'" ref "','amount':'" amount "'"
    expect_edge(&t, AMOUNT("h1", "2.99"), AMOUNT("h2", "3.00"), AMOUNT("h3", "3.01"));
    trial_end(&t);
}

/* The same without a word about who approves: anybody but oneself. */
static void anybody_else_may(void)
{
    struct trial t;
    begin(&t, SHOP("'approvals':{'adjust':{}},"));
    say(&t, "approval_needed", "{" ADJUST("a", "1") "}");
    say(&t, "approval_needed", "{" ADJUST("a", "1") ",'operator':'eva','approved_by':'eva'}");
    say(&t, "ok", "{" ADJUST("a", "1") ",'operator':'eva','approved_by':'joe'}");
    trial_end(&t);
}

static void approvals_have_their_place(void)
{
    struct trial t;
    begin(&t, STRICT);
    say(&t, "ok", "{'op':'purchase'" MEMBER ",'receipt':'a','amount':'10'}");
    say(&t, "backdated", "{" REDEEM("r", "6") ",'at':'2026-03-01T00:00:00Z'}");
    say(&t, "unknown_points", "{" REDEEM("r", "6") ",'points_of':'moon'}");
    say(&t, "approval_needed", "{" REDEEM("r", "999") "}");
    say(&t, "insufficient_points", "{" REDEEM("r", "999") ",'operator':'e','approved_by':'ann'}");
    say(&t, "to_oneself", "{'op':'transfer','ref':'t'" MEMBER ",'to':'card:1','points':999}");
    say(&t, "approval_needed", "{" GIVE("t", "999") "}");
    say(&t, "over_return", "{" BACK("b", "10.01") "}");
    say(&t, "approval_needed", "{'op':'return','of':'a','ref':'b','all':true}");
    say(&t, "ok", "{" BACK("c", "1") "}");
    say(&t, "mixed_return", "{'op':'return','of':'a','ref':'b','lines':[{'line':1}]}");
    say(&t, "no_match",
        "{'op':'return','ref':'b'" MEMBER
        ",'unmatched':'refuse','lines':[{'sku':'Z','quantity':'1',"
        "'amount':'9'}]}");
    trial_end(&t);
}

/* The programme of now says, whatever held on the day of the goods. */
static void the_programme_of_now_demands(void)
{
    struct trial t;
    begin(&t, SHOP(""));
    say(&t, "ok", "{'op':'purchase'" MEMBER ",'receipt':'a','amount':'10'}");
    strcpy(t.now, "2026-03-03T12:00:00Z");
    say(&t, "ok", "{'op':'programme.apply','programme':%s}", STRICT);
    strcpy(t.now, "2026-03-03T13:00:00Z");
    say(&t, "approval_needed",
        "{'op':'return','of':'a','ref':'b','all':true,'at':'2026-03-02T13:00:00Z'}");
    say(&t, "over_limit", "{" AMOUNT("c", "20.01") ",'at':'2026-03-02T13:00:00Z'}");
    trial_end(&t);
}

static void held_returns_are_approved_when_they_come(void)
{
    struct trial t;
    begin(&t, STRICT);
    say(&t, "approval_needed", "{'op':'return','of':'z','ref':'a','all':true}");
    say(&t, "approval_needed", "{'op':'return','of':'z','ref':'a','lines':[{'line':1}]}");
    say(&t, "approval_needed", "{'op':'return','of':'z','ref':'a','amount':'2.01'}");
    say(&t, "ok", "{'op':'return','of':'z','ref':'a','amount':'2.00'}");
    say(&t, "ok",
        "{'op':'return','of':'z','ref':'b','amount':'7','operator':'eva','approved_by':'ann'}");
    const cJSON *bought = say(&t, "ok", "{'op':'purchase'" MEMBER ",'receipt':'z','amount':'10'}");
    expect_text(bought, "held/0/status", "done");
    expect_text(bought, "held/1/status", "done");
    trial_end(&t);
}

/* One that came before anybody asked for approval is done all the same. */
static void what_is_held_is_not_asked_again(void)
{
    struct trial t;
    begin(&t, SHOP(""));
    say(&t, "ok", "{'op':'return','of':'z','ref':'a','all':true}");
    strcpy(t.now, "2026-03-03T12:00:00Z");
    say(&t, "ok", "{'op':'programme.apply','programme':%s}", STRICT);
    const cJSON *bought = say(&t, "ok", "{'op':'purchase'" MEMBER ",'receipt':'z','amount':'10'}");
    expect_text(bought, "held/0/status", "done");
    trial_end(&t);
}

static void goods_of_nobody_are_approved(void)
{
    struct trial t;
    begin(&t, STRICT);
    say(&t, "ok", "{'op':'purchase','receipt':'n','amount':'10'}");
    say(&t, "ok", "{'op':'return','of':'n','ref':'a','amount':'2.00'}");
    say(&t, "approval_needed", "{'op':'return','of':'n','ref':'b','amount':'2.01'}");
    say(&t, "ok",
        "{'op':'return','of':'n','ref':'b','all':true,'operator':'eva','approved_by':'ann'}");
    trial_end(&t);
}

/* --- Returns by amount ----------------------------------------------------------------------- */

static void an_amount_takes_what_it_would_earn(void)
{
    struct trial t;
    begin(&t, SHOP("'returns':{'no_receipt':{}},"));
    say(&t, "ok", "{'op':'purchase'" MEMBER ",'receipt':'a','amount':'10'}");
    const cJSON *back = say(&t, "ok", "{" AMOUNT("r", "4.99") "}");
    expect_text(back, "amount", "4.99");
    expect_text(back, "refund", "4.99");
    expect_count(back, "returned", 0);
    expect_number(back, "assessed/star", 4);
    expect_number(back, "collected/star/from_other", 4);
    CU_ASSERT_TRUE(cJSON_IsTrue(at_path(back, "no_receipt")));
    CU_ASSERT_TRUE(cJSON_IsTrue(at_path(say(&t, "ok", "{" AMOUNT("r", "4.99") "}"), "duplicate")));
    expect_text(say(&t, "key_reused", "{" AMOUNT("r", "4.98") "}"), "error/field", "amount");
    /* It is no return of the receipt, all of which can still come back. */
    expect_number(say(&t, "ok", "{'op':'return','of':'a','ref':'s','all':true}"),
                  "collected/star/debt", 4);
    trial_end(&t);
}

static void a_shortfall_can_be_refused(void)
{
    struct trial t;
    begin(&t, SHOP("'returns':{'no_receipt':{},'shortfall':'refuse'},"));
    say(&t, "ok", "{'op':'purchase'" MEMBER ",'receipt':'a','amount':'5'}");
    say(&t, "return_shortfall", "{" AMOUNT("r", "6.00") "}");
    say(&t, "ok", "{" AMOUNT("r", "5.99") "}");
    trial_end(&t);
}

static void what_an_amount_is_refused_with(void)
{
    struct trial t;
    begin(&t, SHOP("'returns':{'no_receipt':{'most':'20.00'}},"));
    say(&t, "missing_field", "{'op':'return'" MEMBER ",'no_receipt':true,'amount':'1'}");
    say(&t, "missing_field", "{'op':'return','ref':'r','no_receipt':true,'amount':'1'}");
    say(&t, "missing_field", "{'op':'return','ref':'r'" MEMBER ",'no_receipt':true}");
    say(&t, "invalid_amount", "{" AMOUNT("r", "0") "}");
    say(&t, "invalid_field", "{" AMOUNT("r", "1") ",'of':'a'}");
    say(&t, "invalid_field", "{" AMOUNT("r", "1") ",'all':true}");
    say(&t, "invalid_field", "{" AMOUNT("r", "1") ",'unmatched':'skip'}");
    say(&t, "invalid_field", "{" AMOUNT("r", "1") ",'lines':[{'sku':'A'}]}");
    say(&t, "in_future", "{" AMOUNT("r", "99") ",'at':'2026-03-03T12:00:00Z'}");
    say(&t, "unknown_member",
        "{'op':'return','ref':'r','member':'card:9','enrol':true,'no_receipt':true,'amount':'99'}");
    say(&t, "ok", "{" AMOUNT("r", "20.00") "}");
    say(&t, "over_limit", "{" AMOUNT("s", "20.01") "}");
    trial_end(&t);
    begin(&t, SHOP(""));
    say(&t, "not_allowed", "{" AMOUNT("r", "0.01") "}");
    trial_end(&t);
}

const struct test_case operator_cases[] = {
    {"operator: the newest link counts", the_newest_link_counts},
    {"operator: links count within a commit", links_count_within_a_commit},
    {"operator: households and merges are oneself", households_and_merges_are_oneself},
    {"operator: own card has its place", own_card_has_its_place},
    {"operator: no head names an operator", no_head_names_an_operator},
    {"operator: each limit has its edge", each_limit_has_its_edge},
    {"operator: anybody else may approve", anybody_else_may},
    {"operator: approvals have their place", approvals_have_their_place},
    {"operator: the programme of now demands", the_programme_of_now_demands},
    {"operator: held returns", held_returns_are_approved_when_they_come},
    {"operator: what is held is not asked again", what_is_held_is_not_asked_again},
    {"operator: goods of nobody", goods_of_nobody_are_approved},
    {"operator: an amount takes what it would earn", an_amount_takes_what_it_would_earn},
    {"operator: a shortfall can be refused", a_shortfall_can_be_refused},
    {"operator: what an amount is refused with", what_an_amount_is_refused_with},
    {NULL, NULL},
};
