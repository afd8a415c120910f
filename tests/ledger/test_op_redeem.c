/* Redeeming, cancelling, adjusting. */
#include <stdio.h>

#include "support.h"

#define NOON "2026-03-02T12:00:00Z"

static const char TWO_DAYS[] =
    "{'loyalty':1,'id':'shop','timezone':'UTC','currency':'GBP','points':{'star':{'expires':"
    "{'after':'P2D'}}},'earn':[{'id':'base','per':'1.00','gives':{'star':1}}]}";

static void refusals_come_in_order(void)
{
    struct trial t;
    trial_begin(&t, ONE_PER_POUND, NOON);
    expect_text(say(&t, "missing_field", "{'op':'redeem'}"), "error/field", "ref");
    expect_text(say(&t, "missing_field", "{'op':'redeem','ref':'a'}"), "error/field", "member");
    expect_text(say(&t, "missing_field", "{'op':'redeem','ref':'a','member':'card:1'}"),
                "error/field", "points");
    expect_text(say(&t, "missing_field", "{'op':'adjust','ref':'a','member':'card:1','points':1}"),
                "error/field", "reason");
    expect_text(say(&t, "missing_field", "{'op':'cancel','ref':'a'}"), "error/field", "of");
    say(&t, "unknown_member", "{'op':'redeem','ref':'a','member':'card:1','points':1}");
    say(&t, "unknown_member", "{'op':'adjust','ref':'a','member':'card:1','points':1,'reason':'x'}");
    say(&t, "ok", "{'op':'purchase','member':'card:1','receipt':'p','amount':'5','enrol':true}");
    say(&t, "backdated", "{'op':'redeem','ref':'a','member':'card:1','points':1,'at':'2026-03-01'}");
    say(&t, "backdated", "{'op':'adjust','ref':'a','member':'card:1','points':1,'reason':'x',"
                         "'at':'2026-03-01'}");
    say(&t, "invalid_field", "{'op':'redeem','ref':'a','member':'card:1','points':0}");
    say(&t, "invalid_field", "{'op':'redeem','ref':'a','member':'card:1','points':-1}");
    say(&t, "invalid_field", "{'op':'adjust','ref':'a','member':'card:1','points':0,'reason':'x'}");
    say(&t, "insufficient_points", "{'op':'redeem','ref':'a','member':'card:1','points':6}");
    say(&t, "insufficient_points", "{'op':'adjust','ref':'a','member':'card:1','points':-6,"
                                   "'reason':'x'}");
    say(&t, "ok", "{'op':'adjust','ref':'b','member':'card:1','points':-1,'reason':'x'}");
    say(&t, "not_cancellable", "{'op':'cancel','ref':'a','of':'b'}");
    say(&t, "ok", "{'op':'redeem','ref':'c','member':'card:1','points':4}");
    say(&t, "ok", "{'op':'cancel','ref':'a','of':'c'}");
    say(&t, "already_cancelled", "{'op':'cancel','ref':'d','of':'c'}");
    say(&t, "not_cancellable", "{'op':'cancel','ref':'d','of':'a'}");
    expect_text(say(&t, "key_reused", "{'op':'cancel','ref':'a','of':'b'}"), "error/field", "of");
    CU_ASSERT_TRUE(cJSON_IsTrue(at_path(say(&t, "ok", "{'op':'cancel','ref':'a','of':'c'}"),
                                        "duplicate")));
    expect_available(&t, "card:1", "star", 4);
    trial_end(&t);
}

/* Whatever lapses first goes first; what never lapses, last. */
static void points_burn_in_order_of_expiry(void)
{
    struct trial t;
    trial_begin(&t, TWO_DAYS, NOON);
    say(&t, "ok", "{'op':'purchase','member':'card:1','receipt':'late','amount':'1','enrol':true}");
    say(&t, "ok", "{'op':'purchase','member':'card:1','receipt':'soon','amount':'2',"
                  "'at':'2026-03-01T12:00:00Z'}");
    say(&t, "ok", "{'op':'purchase','member':'card:1','receipt':'late2','amount':'4'}");
    const cJSON *redeemed = say(&t, "ok", "{'op':'redeem','member':'card:1','ref':'a','points':4}");
    expect_count(redeemed, "lots", 3);
    expect_number(redeemed, "lots/0/amount", 2);
    expect_number(redeemed, "lots/1/amount", 1);
    expect_number(redeemed, "lots/2/amount", 1);
    expect_number(redeemed, "redeemed/amount", 4);
    /* Given back to the very lots: the order stays. */
    const cJSON *cancelled = say(&t, "ok", "{'op':'cancel','of':'a','ref':'b'}");
    expect_number(cancelled, "restored/amount", 4);
    expect_number(cancelled, "lapsed/amount", 0);
    const cJSON *shown = say(&t, "ok", "{'op':'show','member':'card:1'}");
    expect_count(shown, "lots", 3);
    expect_number(shown, "lots/0/left", 2);
    expect_number(shown, "lots/1/left", 1);
    expect_number(shown, "lots/2/left", 4);
    trial_end(&t);
}

static void what_lapsed_meanwhile_stays_lapsed(void)
{
    struct trial t;
    trial_begin(&t, TWO_DAYS, NOON);
    say(&t, "ok", "{'op':'purchase','member':'card:1','receipt':'a','amount':'3','enrol':true,"
                  "'at':'2026-03-01T12:00:00Z'}");
    say(&t, "ok", "{'op':'purchase','member':'card:1','receipt':'b','amount':'4'}");
    say(&t, "ok", "{'op':'redeem','member':'card:1','ref':'r','points':6}");
    const cJSON *cancelled = say(&t, "ok", "{'op':'cancel','of':'r','ref':'c',"
                                           "'now':'2026-03-04T00:00:00Z'}");
    expect_number(cancelled, "restored/amount", 3);
    expect_number(cancelled, "lapsed/amount", 3);
    expect_number(cancelled, "balances/star/available", 4);
    trial_end(&t);
}

/* A redemption across 1,000 lots takes several records; so does its cancelling. */
static void a_redemption_of_1000_lots_goes_on_in_parts(void)
{
    enum { LOTS = 1000 };
    struct trial t;
    trial_begin(&t, ONE_PER_POUND, NOON);
    say(&t, "ok", "{'op':'member.add','identifiers':['card:1']}");
    for (int i = 0; i < LOTS; i += 50) {
        char texts[50][120];
        const char *requests[50];
        char *answers[50];
        for (int k = 0; k < 50; k++) {
            snprintf(texts[k], sizeof texts[k], "{\"op\":\"purchase\",\"member\":\"card:1\","
                     "\"receipt\":\"r%d\",\"amount\":\"2\",\"now\":\"" NOON "\"}", i + k);
            requests[k] = texts[k];
        }
        CU_ASSERT_EQUAL(loyalty_execute(t.ledger, requests, 50, answers), LOYALTY_OK);
        for (int k = 0; k < 50; k++)
            loyalty_free(answers[k]);
    }
    int64_t size = log_size(&t);
    const cJSON *redeemed = say(&t, "ok", "{'op':'redeem','member':'card:1','ref':'a',"
                                          "'points':1999}");
    test_expect_integer("parts", 4, log_size(&t) - size);
    expect_count(redeemed, "lots", LOTS);
    expect_number(redeemed, "redeemed/amount", 1999);
    expect_number(redeemed, "balances/star/available", 1);
    const cJSON *again = say(&t, "ok", "{'op':'redeem','member':'card:1','ref':'a','points':1999}");
    expect_count(again, "lots", LOTS);
    const cJSON *looked = say(&t, "ok", "{'op':'lookup','ref':'a'}");
    expect_number(looked, "redeemed/amount", 1999);
    trial_check(&t);
    const cJSON *cancelled = say(&t, "ok", "{'op':'cancel','of':'a','ref':'b'}");
    test_expect_integer("parts", 8, log_size(&t) - size);
    expect_number(cancelled, "restored/amount", 1999);
    expect_number(cancelled, "balances/star/available", 2000);
    expect_count(say(&t, "ok", "{'op':'show','member':'card:1'}"), "lots", LOTS);
    /* The same within one commit. */
    const cJSON *all = say_all(&t, "ok", "{'op':'redeem','member':'card:1','ref':'c','points':1500}",
                               "ok", "{'op':'cancel','of':'c','ref':'d'}", "ok",
                               "{'op':'redeem','member':'card:1','ref':'e','points':2000}", NULL);
    expect_number(all, "2/balances/star/available", 0);
    expect_number(all, "1/restored/amount", 1500);
    trial_end(&t);
}

/* More lots than one record can name lapse at once: the elapse record continues in
 * parts, and audit makes every one of them again. */
static void three_hundred_lots_lapse_at_once(void)
{
    struct trial t;
    trial_begin(&t, "{'loyalty':1,'id':'shop','timezone':'UTC','currency':'GBP','points':{'star':"
                    "{'expires':{'after':'P1D'}}},'earn':[{'id':'base','per':'1.00','gives':{'star':1}}]}",
                "2026-03-02T12:00:00Z");
    say(&t, "ok", "{'op':'member.add','identifiers':['card:1']}");
    for (int i = 0; i < 300; i++)
        say(&t, "ok", "{'op':'purchase','member':'card:1','receipt':'r%d','amount':'1'}", i);
    expect_available(&t, "card:1", "star", 300);
    int64_t before = log_size(&t);
    say(&t, "ok", "{'op':'purchase','member':'card:1','receipt':'late','amount':'2',"
                  "'now':'2026-04-02T12:00:00Z'}");
    test_expect_integer("two parts and the purchase", before + 3, log_size(&t));
    trial_end(&t);
}

const struct test_case redeem_cases[] = {
    {"refusals come in order", refusals_come_in_order},
    {"points burn in order of expiry", points_burn_in_order_of_expiry},
    {"what lapsed meanwhile stays lapsed", what_lapsed_meanwhile_stays_lapsed},
    {"a redemption of 1,000 lots", a_redemption_of_1000_lots_goes_on_in_parts},
    {"three hundred lots lapse at once", three_hundred_lots_lapse_at_once},
    {NULL, NULL},
};
