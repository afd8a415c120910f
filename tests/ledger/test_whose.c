/* Whose a sale is: nobody's, one that waits, claimed, moved, and undone. */
#include "support.h"

#define NOON "2026-03-02T12:00:00Z"
#define NOBODY "'op':'purchase'"
#define SHOP(more)                                                                                 \
    "{'loyalty':1,'id':'shop','timezone':'UTC','currency':'GBP','points':{'star':{}}," more        \
    "'earn':[{'id':'base','per':'1.00','gives':{'star':1}}]}"
static const char CLAIMS[] = SHOP("'claims':{'per_month':2},");
static const char OPEN_CLAIMS[] = SHOP("'claims':{'code':'optional','within':'P7D'},");
static const char HOLDS[] = SHOP("'members':{'unknown':'hold'},");
static const char ENROLS[] = SHOP("'members':{'unknown':'enrol'},");
static const char FORGIVES[] =
    SHOP("'claims':{'code':'optional'},'returns':{'shortfall':'forgive'},");
static const char NOT_ONESELF[] = SHOP("'operators':{'own_card':'refuse'},");
static const char VOIDS[] = SHOP("'voids':{'within':'P1D'},");
static const char STRICT[] = SHOP("'claims':{'code':'optional'},'returns':{'shortfall':'refuse'},");
static const char CARRIES[] =
    "{'loyalty':1,'id':'shop','timezone':'UTC','currency':'GBP','points':{'star':{'tender':"
    "{'value':'1.00'}}},'claims':{'code':'optional'},"
    "'earn':[{'id':'base','per':'25.00','gives':{'star':1},'rounding':'carry'}]}";

static const char BY_THE_PENNY[] =
    "{'loyalty':1,'id':'shop','timezone':'UTC','currency':'GBP','points':{'star':{}},"
    "'earn':[{'id':'c','per':'0.01','gives':{'star':1},'only':{'sku':['C']}}]}";

static void begin(struct trial *t, const char *programme)
{
    trial_begin(t, programme, NOON);
    say(t, "ok", "{'op':'member.add','identifiers':['card:1']}");
    say(t, "ok", "{'op':'member.add','identifiers':['card:2']}");
}

static void a_sale_without_a_member_is_recorded(void)
{
    struct trial t;
    begin(&t, CLAIMS);
    const cJSON *sold = say(&t, "ok", "{" NOBODY ",'receipt':'A','amount':'10.00'}");
    CU_ASSERT_TRUE(cJSON_IsNull(at_path(sold, "member")));
    CU_ASSERT_PTR_NULL(at_path(sold, "balances"));
    expect_text(sold, "status", "anonymous");
    expect_number(sold, "claimable/star", 10);
    expect_count(sold, "earned", 0);
    CU_ASSERT_EQUAL(strlen(cJSON_GetStringValue(at_path(sold, "claim_code"))), 8);
    const cJSON *again = say(&t, "ok", "{" NOBODY ",'receipt':'A','amount':'10.00'}");
    CU_ASSERT_TRUE(cJSON_IsTrue(at_path(again, "duplicate")));
    expect_text(again, "status", "anonymous");
    expect_text(say(&t, "key_reused", "{" NOBODY ",'member':'card:1','receipt':'A','amount':'10'}"),
                "error/field", "member");
    say(&t, "ok", "{" NOBODY ",'member':'card:1','receipt':'B','amount':'10'}");
    expect_text(say(&t, "key_reused", "{" NOBODY ",'receipt':'B','amount':'10'}"), "error/field",
                "member");
    expect_text(say(&t, "missing_field", "{" NOBODY ",'receipt':'C','amount':'10','points':1}"),
                "error/field", "member");
    trial_end(&t);
}

static void its_goods_come_back_without_points(void)
{
    struct trial t;
    begin(&t, ONE_PER_POUND);
    say(&t, "ok", "{" NOBODY ",'receipt':'A','amount':'10.00'}");
    const cJSON *back = say(&t, "ok", "{'op':'return','ref':'r','of':'A','amount':'4.00'}");
    expect_text(back, "amount", "4.00");
    expect_text(back, "refund", "4.00");
    CU_ASSERT_TRUE(cJSON_IsNull(at_path(back, "member")));
    say(&t, "over_return", "{'op':'return','ref':'s','of':'A','amount':'7.00'}");
    say(&t, "unknown_receipt", "{'op':'return','ref':'s','of':'A','all':true,'member':'card:1'}");
    say(&t, "not_allowed", "{'op':'claim','receipt':'A','member':'card:1'}");
    expect_text(say(&t, "ok", "{'op':'return','ref':'s','of':'A','all':true}"), "amount", "6.00");
    trial_end(&t);
}

static void a_claim_earns_what_is_left(void)
{
    struct trial t;
    begin(&t, CLAIMS);
    const cJSON *sold = say(&t, "ok", "{" NOBODY ",'receipt':'A','amount':'10.00'}");
    const char *code = cJSON_GetStringValue(at_path(sold, "claim_code"));
    say(&t, "ok", "{'op':'return','ref':'r','of':'A','amount':'4.00'}");
    say(&t, "unknown_member", "{'op':'claim','receipt':'A','member':'card:9','code':'%s'}", code);
    say(&t, "unknown_receipt", "{'op':'claim','receipt':'Z','member':'card:1','code':'%s'}", code);
    expect_text(say(&t, "wrong_code", "{'op':'claim','receipt':'A','member':'card:1'}"),
                "error/field", "code");
    say(&t, "wrong_code", "{'op':'claim','receipt':'A','member':'card:1','code':'00000000'}");
    say(&t, "wrong_code", "{'op':'claim','receipt':'A','member':'card:1','approved_by':'eva'}");
    say(&t, "wrong_code",
        "{'op':'claim','receipt':'A','member':'card:1','operator':'eva','approved_by':'eva'}");
    const cJSON *claimed =
        say(&t, "ok", "{'op':'claim','receipt':'A','member':'card:1','code':'%.4s-%s'}", code,
            code + 4);
    expect_number(claimed, "earned/0/amount", 6);
    expect_number(claimed, "balances/star/available", 6);
    expect_text(claimed, "receipt", "A");
    expect_text(claimed, "at", NOON);
    expect_text(say(&t, "ok", "{" NOBODY ",'receipt':'A','amount':'10'}"), "status", "claimed");
    say(&t, "already_claimed",
        "{'op':'claim','ref':'x','receipt':'A','member':'card:2',"
        "'operator':'eva','approved_by':'boss'}");
    /* From now on the goods are the member's. */
    const cJSON *back = say(&t, "ok", "{'op':'return','ref':'s','of':'A','amount':'1.00'}");
    expect_number(back, "collected/star/from_receipt", 1);
    expect_number(back, "balances/star/available", 5);
    trial_end(&t);
}

static void a_claim_is_limited(void)
{
    struct trial t;
    begin(&t, CLAIMS);
    for (int i = 0; i < 4; i++)
        say(&t, "ok", "{" NOBODY ",'receipt':'A%d','amount':'10.00'}", i);
#define CLAIM(receipt)                                                                             \
    "{'op':'claim','receipt':'" receipt "','member':'card:1','operator':'a','approved_by':'b'"
    say(&t, "ok", CLAIM("A0") "}");
    say(&t, "ok", CLAIM("A1") "}");
    expect_text(say(&t, "over_limit", CLAIM("A2") "}"), "error/field", "member");
    say(&t, "ok", CLAIM("A2") ",'now':'2026-04-01T00:00:00Z'}");
    say(&t, "too_late", CLAIM("A3") ",'now':'2026-04-01T12:00:00.001Z'}");
    say(&t, "ok", CLAIM("A3") ",'now':'2026-04-01T12:00:00Z'}");
#undef CLAIM
    trial_end(&t);
}

static void a_held_sale_waits_for_its_card(void)
{
    struct trial t;
    begin(&t, HOLDS);
#define HELD "{" NOBODY ",'member':'card:9','receipt':'A','amount':'10.00'}"
    const cJSON *held = say(&t, "ok", HELD);
    expect_text(held, "status", "held");
    expect_text(say(&t, "ok", HELD), "status", "held");
    say(&t, "ok", "{" NOBODY ",'member':'card:9','receipt':'B','amount':'3.00'}");
    say(&t, "unknown_member", "{" NOBODY ",'member':'id:000000000001','receipt':'C','amount':'1'}");
    say(&t, "unknown_member",
        "{" NOBODY ",'member':'card:9','receipt':'C','amount':'1','points':1}");
    say(&t, "ok", "{'op':'void','of':'B','ref':'v'}");
    const cJSON *linked =
        say(&t, "ok", "{'op':'member.link','member':'card:1','identifiers':['card:9']}");
    expect_count(linked, "claimed", 1);
    expect_text(linked, "claimed/0/receipt", "A");
    expect_number(linked, "claimed/0/earned/0/amount", 10);
    expect_number(linked, "balances/star/available", 10);
    linked = say(&t, "ok", "{'op':'member.link','member':'card:1','identifiers':['card:9']}");
    expect_count(linked, "claimed", 1);
    const cJSON *again = say(&t, "ok", HELD);
    CU_ASSERT_TRUE(cJSON_IsTrue(at_path(again, "duplicate")));
    expect_text(again, "status", "claimed");
    expect_text(say(&t, "key_reused", "{" NOBODY ",'member':'card:1','receipt':'A','amount':'10'}"),
                "error/field", "member");
#undef HELD
    trial_end(&t);
}

static void who_enrols_gets_what_waited(void)
{
    struct trial t;
    begin(&t, HOLDS);
    say(&t, "ok", "{" NOBODY ",'member':'card:9','receipt':'A','amount':'10.00'}");
    const cJSON *sold =
        say(&t, "ok", "{" NOBODY ",'member':'card:9','enrol':true,'receipt':'B','amount':'5'}");
    expect_number(sold, "earned/0/amount", 5);
    expect_number(sold, "balances/star/available", 15);
    trial_end(&t);
    begin(&t, ENROLS);
    sold = say(&t, "ok", "{" NOBODY ",'member':'card:9','receipt':'B','amount':'5'}");
    CU_ASSERT_TRUE(cJSON_IsTrue(at_path(sold, "enrolled")));
    trial_end(&t);
}

static void a_sale_moves_to_another_member(void)
{
    struct trial t;
    begin(&t, CARRIES);
    /* 0.96 of a star each: together one. */
    say(&t, "ok", "{" NOBODY ",'member':'card:1','receipt':'A','amount':'24.00'}");
    say(&t, "ok", "{" NOBODY ",'member':'card:1','receipt':'B','amount':'24.00'}");
    expect_available(&t, "card:1", "star", 1);
    say(&t, "missing_field", "{'op':'reassign','ref':'r','of':'A','to':'card:2'}");
#define MOVE(to) "{'op':'reassign','ref':'r" to "','of':'A','to':'card:" to "','reason':'mixup'}"
    say(&t, "unknown_member", MOVE("9"));
    say(&t, "to_oneself", MOVE("1"));
    const cJSON *moved = say(&t, "ok", MOVE("2"));
    expect_number(moved, "assessed/star", 1);
    expect_number(moved, "balances/star/available", 0);
    expect_available(&t, "card:1", "star", 0);
    CU_ASSERT_TRUE(cJSON_IsTrue(at_path(say(&t, "ok", MOVE("2")), "duplicate")));
    say(&t, "ok", "{" NOBODY ",'member':'card:2','receipt':'C','amount':'1.00'}");
    expect_available(&t, "card:2", "star", 1); /* 0.96 came with the sale */
    say(&t, "ok", "{'op':'return','ref':'x','of':'A','all':true}");
    expect_available(&t, "card:2", "star", 0);
    expect_text(say(&t, "ok", "{'op':'lookup','ref':'A'}"), "status", "reassigned");
    /* Nobody's sale becomes somebody's in the same way. */
    say(&t, "ok", "{" NOBODY ",'receipt':'N','amount':'25.00'}");
    moved = say(&t, "ok", "{'op':'reassign','ref':'n','of':'N','to':'card:1','reason':'card'}");
    CU_ASSERT_TRUE(cJSON_IsNull(at_path(moved, "from")));
    expect_number(moved, "earned/0/amount", 1);
    say(&t, "ok", "{" NOBODY ",'member':'card:1','receipt':'P','amount':'3','points':1}");
    say(&t, "not_allowed", "{'op':'reassign','ref':'p','of':'P','to':'card:2','reason':'x'}");
#undef MOVE
    trial_end(&t);
}

static void a_purchase_is_undone_with_all_that_hung_on_it(void)
{
    struct trial t;
    begin(&t, VOIDS);
    say(&t, "ok", "{" NOBODY ",'member':'card:1','receipt':'A','amount':'10.00'}");
    say(&t, "ok", "{'op':'return','ref':'r','of':'A','amount':'4.00'}");
    say(&t, "ok", "{'op':'redeem','ref':'d','member':'card:1','points':5}");
    say(&t, "unknown_ref", "{'op':'void','ref':'v','of':'Z'}");
    say(&t, "too_late", "{'op':'void','ref':'v','of':'A','now':'2026-03-03T12:00:00.001Z'}");
    const cJSON *undone = say(&t, "ok", "{'op':'void','ref':'v','of':'A'}");
    expect_text(undone, "voided", "purchase");
    expect_text(undone, "refund", "6.00");
    expect_number(undone, "assessed/star", 6);
    expect_number(undone, "collected/star/from_receipt", 1);
    expect_number(undone, "collected/star/debt", 5);
    say(&t, "already_cancelled", "{'op':'void','ref':'w','of':'A'}");
    const cJSON *again =
        say(&t, "ok", "{" NOBODY ",'member':'card:1','receipt':'A','amount':'10'}");
    expect_text(again, "status", "void");
    say(&t, "voided", "{'op':'return','ref':'s','of':'A','all':true}");
    say(&t, "voided", "{'op':'reassign','ref':'s','of':'A','to':'card:2','reason':'x'}");
    say(&t, "voided", "{'op':'void','ref':'s','of':'r'}");
    say(&t, "not_voidable", "{'op':'void','ref':'s','of':'v'}");
    trial_end(&t);
}

static void points_that_paid_go_back(void)
{
    struct trial t;
    begin(&t, CARRIES);
    say(&t, "ok", "{'op':'adjust','ref':'a','member':'card:1','points':10,'reason':'x'}");
    say(&t, "ok", "{" NOBODY ",'member':'card:1','receipt':'A','amount':'8.00','points':3}");
    expect_available(&t, "card:1", "star", 7);
    const cJSON *undone = say(&t, "ok", "{'op':'void','ref':'v','of':'A'}");
    expect_text(undone, "refund", "5.00");
    expect_number(undone, "restored/0/amount", 3);
    expect_available(&t, "card:1", "star", 10);
    trial_check(&t);
    CU_ASSERT_TRUE(
        cJSON_IsTrue(at_path(say(&t, "ok", "{'op':'void','ref':'v','of':'A'}"), "duplicate")));
    trial_end(&t);
}

static void a_return_is_undone(void)
{
    struct trial t;
    begin(&t, CARRIES);
    say(&t, "ok", "{" NOBODY ",'member':'card:1','receipt':'A','amount':'50.00'}");
    say(&t, "ok", "{'op':'return','ref':'r1','of':'A','amount':'10.00'}");
    expect_available(&t, "card:1", "star", 1);
    say(&t, "ok", "{'op':'return','ref':'r2','of':'A','amount':'10.00'}");
    say(&t, "ok", "{'op':'return','ref':'r3','of':'A','all':true}");
    expect_available(&t, "card:1", "star", 0);
    say(&t, "not_voidable", "{'op':'void','ref':'v1','of':'r1'}");
    const cJSON *undone = say(&t, "ok", "{'op':'void','ref':'v3','of':'r3'}");
    expect_number(undone, "given_back/star", 1);
    expect_available(&t, "card:1", "star", 1);
    trial_check(&t);
    say(&t, "ok", "{'op':'void','ref':'v1','of':'r1'}");
    say(&t, "ok", "{'op':'void','ref':'v2','of':'r2'}");
    expect_available(&t, "card:1", "star", 2);
    say(&t, "over_return", "{'op':'return','ref':'r4','of':'A','amount':'50.01'}");
    expect_text(say(&t, "ok", "{'op':'return','ref':'r4','of':'A','all':true}"), "amount", "50.00");
    expect_text(say(&t, "ok", "{'op':'lookup','ref':'r1'}"), "status", "void");
    trial_end(&t);
}

/* What waited has the key, what it did is a record of its own. */
static void a_return_that_had_waited_is_undone(void)
{
    struct trial t;
    begin(&t, HOLDS);
    say(&t, "ok", "{'op':'return','ref':'r','of':'A','amount':'4.00'}");
    say(&t, "not_voidable", "{'op':'void','ref':'v','of':'r'}");
    say(&t, "ok", "{" NOBODY ",'member':'card:1','receipt':'A','amount':'10.00'}");
    expect_available(&t, "card:1", "star", 6);
    expect_text(say(&t, "ok", "{'op':'void','ref':'v','of':'r'}"), "voided", "return");
    expect_available(&t, "card:1", "star", 10);
    say(&t, "already_cancelled", "{'op':'void','ref':'w','of':'r'}");
    expect_text(say(&t, "ok", "{'op':'return','ref':'r','of':'A','amount':'4.00'}"), "status",
                "void");
    say(&t, "ok", "{'op':'return','ref':'s','of':'B','all':true}");
    say(&t, "ok", "{'op':'cancel','ref':'c','of':'s'}");
    say(&t, "not_voidable", "{'op':'void','ref':'x','of':'s'}");
    trial_end(&t);
}

/* 10 of 14 pence take both of C's; 11 give one of them back, and its point with it. That
 * one settles a debt, of which nothing may vanish. */
static void a_return_that_settled_a_debt_gave_points(void)
{
    struct trial t;
    begin(&t, BY_THE_PENNY);
    say(&t, "ok",
        "{" NOBODY ",'member':'card:1','receipt':'A','amount':'0.14','lines':[['A','','1','0.06'],"
        "['B','','1','0.06'],['C','','1','0.02']]}");
    say(&t, "ok", "{'op':'redeem','ref':'d','member':'card:1','points':2}");
    say(&t, "ok", "{'op':'return','ref':'r1','of':'A','amount':'0.10'}");
    expect_available(&t, "card:1", "star", -2);
    say(&t, "ok", "{'op':'return','ref':'r2','of':'A','amount':'0.01'}");
    expect_available(&t, "card:1", "star", -1);
    say(&t, "not_voidable", "{'op':'void','ref':'v','of':'r2'}");
    expect_available(&t, "card:1", "star", -1);
    trial_end(&t);
}

/* The goods of an exchange waited for their purchase, so nobody knew whose it was. */
static void an_exchange_is_known_when_its_return_has_come(void)
{
    struct trial t;
    begin(&t, HOLDS);
#define EXCHANGE                                                                                   \
    "{'op':'exchange','return':{'ref':'r','of':'A','all':true},"                                   \
    "'purchase':{'receipt':'B','amount':'12.00'%s}}"
    say(&t, "ok", EXCHANGE, "");
    say(&t, "ok", "{" NOBODY ",'member':'card:1','receipt':'A','amount':'10.00'}");
    const cJSON *again = say(&t, "ok", EXCHANGE, "");
    CU_ASSERT_TRUE(cJSON_IsTrue(at_path(again, "purchase/duplicate")));
    CU_ASSERT_TRUE(cJSON_IsNull(at_path(again, "purchase/member")));
    expect_text(say(&t, "key_reused", EXCHANGE, ",'member':'card:1'"), "error/field", "member");
#undef EXCHANGE
    trial_end(&t);
}

/* From nobody: the record names whom it went to in its body alone. */
static void a_reassign_is_known_after_a_merge(void)
{
    struct trial t;
    begin(&t, HOLDS);
#define MOVE "{'op':'reassign','ref':'m','of':'A','to':'card:1','reason':'x'}"
    say(&t, "ok", "{" NOBODY ",'receipt':'A','amount':'10.00'}");
    say(&t, "ok", MOVE);
    say(&t, "ok", "{'op':'member.merge','ref':'g','member':'card:1','into':'card:2'}");
    CU_ASSERT_TRUE(cJSON_IsTrue(at_path(say(&t, "ok", MOVE), "duplicate")));
    say(&t, "ok", "{'op':'member.add','identifiers':['card:3']}");
    expect_text(
        say(&t, "key_reused", "{'op':'reassign','ref':'m','of':'A','to':'card:3','reason':'x'}"),
        "error/field", "to");
#undef MOVE
    trial_end(&t);
}

static void points_by_hand_and_claims_are_undone(void)
{
    struct trial t;
    begin(&t, STRICT);
    say(&t, "ok", "{'op':'adjust','ref':'a','member':'card:1','points':10,'reason':'x'}");
    say(&t, "ok", "{'op':'redeem','ref':'d','member':'card:1','points':4}");
    say(&t, "return_shortfall", "{'op':'void','ref':'v','of':'a'}");
    say(&t, "ok", "{'op':'void','ref':'w','of':'d'}");
    say(&t, "ok", "{'op':'adjust','ref':'b','member':'card:1','points':-3,'reason':'x'}");
    expect_number(say(&t, "ok", "{'op':'void','ref':'x','of':'b'}"), "restored/amount", 3);
    expect_number(say(&t, "ok", "{'op':'void','ref':'v','of':'a'}"), "collected/amount", 10);
    expect_available(&t, "card:1", "star", 0);
    say(&t, "ok", "{" NOBODY ",'receipt':'A','amount':'10.00'}");
    say(&t, "ok", "{'op':'claim','ref':'c','receipt':'A','member':'card:1'}");
    say(&t, "ok", "{'op':'void','ref':'y','of':'c'}");
    expect_available(&t, "card:1", "star", 0);
    say(&t, "ok", "{'op':'claim','ref':'e','receipt':'A','member':'card:2'}");
    expect_available(&t, "card:2", "star", 10);
    say(&t, "already_cancelled", "{'op':'void','ref':'z','of':'c'}");
    trial_end(&t);
}

static void goods_without_a_receipt_match_what_was_claimed(void)
{
    struct trial t;
    begin(&t, OPEN_CLAIMS);
    say(&t, "ok", "{" NOBODY ",'receipt':'A','amount':'6','lines':[['S','','2','6.00']]}");
    say(&t, "ok",
        "{" NOBODY ",'member':'card:2','receipt':'B','amount':'6','lines':[['S','','2','6.00']]}");
#define BACK(card, ref)                                                                            \
    "{'op':'return','ref':'" ref "','member':'card:" card "','unmatched':'refuse',"                \
    "'lines':[['S','','1','3.00']]}"
    say(&t, "no_match", BACK("1", "r"));
    say(&t, "ok", "{'op':'claim','receipt':'A','member':'card:1'}");
    expect_text(say(&t, "ok", BACK("1", "r")), "returned/0/receipt", "A");
    say(&t, "ok", "{'op':'reassign','ref':'m','of':'A','to':'card:2','reason':'x'}");
    say(&t, "no_match", BACK("1", "s"));
    expect_text(say(&t, "ok", BACK("2", "s")), "returned/0/receipt", "A");
    say(&t, "ok", "{'op':'void','ref':'v','of':'B'}");
    say(&t, "no_match", BACK("2", "t"));
#undef BACK
    trial_end(&t);
}

static void one_commit_moves_a_sale_twice(void)
{
    struct trial t;
    begin(&t, HOLDS);
#define MOVE(ref, to) "{'op':'reassign','ref':'" ref "','of':'A','to':'card:" to "','reason':'x'}"
    say_all(&t, "ok", "{" NOBODY ",'member':'card:9','receipt':'A','amount':'10'}", "ok",
            MOVE("a", "1"), "ok", MOVE("b", "2"), "ok", MOVE("c", "1"), "ok",
            "{" NOBODY ",'member':'card:9','receipt':'A','amount':'10'}", NULL);
#undef MOVE
    expect_available(&t, "card:1", "star", 10);
    expect_available(&t, "card:2", "star", 0);
    trial_end(&t);
}

static void a_retry_tells_what_was_then(void)
{
    struct trial t;
    begin(&t, HOLDS);
#define HELD "{" NOBODY ",'member':'card:9','receipt':'A','amount':'10'}"
    const cJSON *answers = say_all(
        &t, "ok", HELD, "ok", HELD, "ok",
        "{'op':'member.link','member':'card:1','identifiers':['card:9']}", "ok", HELD, NULL);
    expect_text(answers, "1/status", "held");
    expect_text(answers, "3/status", "claimed");
#undef HELD
    trial_end(&t);
}

static void what_a_void_undoes_counts_no_more(void)
{
    struct trial t;
    begin(&t, CLAIMS);
    for (int i = 0; i < 3; i++) {
        say(&t, "ok", "{" NOBODY ",'receipt':'A%d','amount':'10.00'}", i);
        say(&t, i == 2 ? "over_limit" : "ok",
            "{'op':'claim','ref':'c%d','receipt':'A%d','member':'card:1','operator':'a','approved_"
            "by':'b'}",
            i, i);
    }
    say(&t, "ok", "{'op':'void','ref':'v','of':'c0'}");
    say(&t, "ok",
        "{'op':'claim','ref':'d','receipt':'A2','member':'card:1','operator':'a','approved_by':'b'"
        "}");
    expect_available(&t, "card:1", "star", 20);
    trial_end(&t);
}

/* Whatever is forgiven of returns: a sale that goes round is no gift to each in turn. */
static void what_changes_hands_is_owed(void)
{
    struct trial t;
    begin(&t, FORGIVES);
#define MOVE(ref, to) "{'op':'reassign','ref':'" ref "','of':'A','to':'card:" to "','reason':'x'}"
    say(&t, "ok", "{" NOBODY ",'member':'card:1','receipt':'A','amount':'10'}");
    say(&t, "ok", "{'op':'redeem','ref':'d','member':'card:1','points':10}");
    const cJSON *moved = say(&t, "ok", MOVE("a", "2"));
    expect_number(moved, "collected/star/debt", 10);
    expect_available(&t, "card:1", "star", -10);
    say(&t, "ok", "{" NOBODY ",'receipt':'B','amount':'10'}");
    say(&t, "ok", "{'op':'claim','ref':'c','receipt':'B','member':'card:2'}");
    say(&t, "ok", "{'op':'redeem','ref':'e','member':'card:2','points':20}");
    say(&t, "ok", "{'op':'void','ref':'v','of':'c'}");
    expect_available(&t, "card:2", "star", -10);
    /* Goods that come back are another matter. */
    say(&t, "ok", "{'op':'return','ref':'r','of':'A','all':true}");
    expect_available(&t, "card:2", "star", -10);
#undef MOVE
    trial_end(&t);
}

static void operators_do_not_move_sales_to_themselves(void)
{
    struct trial t;
    begin(&t, NOT_ONESELF);
    say(&t, "ok", "{'op':'operator.link','ref':'o','of':'eva','member':'card:1'}");
    say(&t, "ok", "{" NOBODY ",'receipt':'A','amount':'10'}");
    say(&t, "own_card",
        "{'op':'reassign','ref':'a','of':'A','to':'card:1','reason':'x','operator':'eva'}");
    say(&t, "ok",
        "{'op':'reassign','ref':'a','of':'A','to':'card:2','reason':'x','operator':'eva'}");
    trial_end(&t);
}

static void a_voided_sale_waits_no_more(void)
{
    struct trial t;
    begin(&t, HOLDS);
    for (int i = 0; i < 65; i++) {
        const cJSON *sold =
            say(&t, "ok", "{" NOBODY ",'member':'card:9','receipt':'A%d','amount':'1'}", i);
        expect_text(sold, "status", i < 64 ? "held" : "anonymous");
    }
    say(&t, "ok", "{'op':'void','ref':'v','of':'A0'}");
    expect_text(say(&t, "ok", "{" NOBODY ",'member':'card:9','receipt':'B','amount':'1'}"),
                "status", "held");
    trial_end(&t);
}

const struct test_case whose_cases[] = {
    {"whose: a sale without a member is recorded", a_sale_without_a_member_is_recorded},
    {"whose: its goods come back without points", its_goods_come_back_without_points},
    {"whose: a claim earns what is left", a_claim_earns_what_is_left},
    {"whose: a claim is limited", a_claim_is_limited},
    {"whose: a held sale waits for its card", a_held_sale_waits_for_its_card},
    {"whose: who enrols gets what waited", who_enrols_gets_what_waited},
    {"whose: a sale moves to another member", a_sale_moves_to_another_member},
    {"void: a purchase, with all that hung on it", a_purchase_is_undone_with_all_that_hung_on_it},
    {"void: points that paid go back", points_that_paid_go_back},
    {"void: a return", a_return_is_undone},
    {"void: a return that had waited", a_return_that_had_waited_is_undone},
    {"void: a return that settled a debt", a_return_that_settled_a_debt_gave_points},
    {"whose: an exchange whose return has come", an_exchange_is_known_when_its_return_has_come},
    {"whose: a reassign is known after a merge", a_reassign_is_known_after_a_merge},
    {"void: points by hand, redemptions, claims", points_by_hand_and_claims_are_undone},
    {"whose: goods without a receipt match", goods_without_a_receipt_match_what_was_claimed},
    {"whose: one commit moves a sale twice", one_commit_moves_a_sale_twice},
    {"whose: a retry tells what was then", a_retry_tells_what_was_then},
    {"void: what it undoes counts no more", what_a_void_undoes_counts_no_more},
    {"whose: what changes hands is owed", what_changes_hands_is_owed},
    {"whose: operators do not move sales to themselves", operators_do_not_move_sales_to_themselves},
    {"whose: a voided sale waits no more", a_voided_sale_waits_no_more},
    {NULL, NULL},
};
