/* More points than the programme lets go without a proof that they are the member's. */
#include <stdio.h>

#include "support.h"

#define NOON "2026-03-02T12:00:00Z"

/* Above 100 a proof; a star pays a penny, half of an amount. Miles need none. */
#define SHOP(proof)                                                                                \
    "{'loyalty':1,'id':'shop','timezone':'UTC','currency':'GBP','points':{'star':{'tender':"       \
    "{'value':'0.01','share':'0.5'},'transfer':{'most':300}," proof "},'mile':{},'seen':"          \
    "{'spendable':false},'coin':{'scale':2,'proof_above':'2.5'}},"                                 \
    "'earn':[{'id':'base','per':'1.00','gives':{'star':100}}]}"

static void begin(struct trial *t)
{
    trial_begin(t, SHOP("'proof_above':100"), NOON);
    say(t, "ok", "{'op':'purchase','member':'card:1','receipt':'a','amount':'10','enrol':true}");
    say(t, "ok", "{'op':'member.add','identifiers':['card:2']}");
    for (int i = 0; i < 2; i++)
        say(t, "ok",
            "{'op':'adjust','ref':'%s','reason':'x','member':'card:1','points':300,'points_of':"
            "'%s'}",
            i == 0 ? "m" : "c", i == 0 ? "mile" : "coin");
}

static void expect_needed(struct trial *t, const char *request)
{
    int64_t size = log_size(t);
    const cJSON *refused = say(t, "proof_needed", "%s", request);
    expect_text(refused, "error/field", "proof");
    expect_text(refused, "error/message",
                "more than 100 star are taken only with a proof that they are the member's");
    CU_ASSERT_PTR_NOT_NULL(at_path(refused, "error/hint"));
    test_expect_integer("nothing was recorded", size, log_size(t));
}

static void each_way_to_take_needs_it(void)
{
    struct trial t;
    begin(&t);
#define TAKE(op, ref, more) "{'op':'" op "','ref':'" ref "','member':'card:1'," more "}"
    expect_needed(&t, TAKE("redeem", "1", "'points':101"));
    expect_needed(&t, TAKE("reserve", "2", "'points':101"));
    expect_needed(&t, TAKE("transfer", "3", "'to':'card:2','points':101"));
    expect_needed(&t, "{'op':'purchase','member':'card:1','receipt':'b','amount':'10','points':"
                      "101}");
    expect_needed(&t, "{'op':'quote','member':'card:1','amount':'10','points':101}");
    say(&t, "ok", TAKE("redeem", "1", "'points':100"));
    say(&t, "ok", TAKE("redeem", "4", "'points':101,'proof':'pin'"));
    say(&t, "ok", TAKE("reserve", "2", "'points':101,'proof':'app'"));
    say(&t, "ok", TAKE("transfer", "3", "'to':'card:2','points':101,'proof':'otp'"));
    say(&t, "ok",
        "{'op':'purchase','member':'card:1','receipt':'b','amount':'10','points':101,'proof':"
        "'pin'}");
    /* How it was proved is part of what was asked. */
    expect_text(say(&t, "key_reused", TAKE("redeem", "4", "'points':101,'proof':'app'")),
                "error/field", "proof");
    trial_end(&t);
}

/* A reservation had it; to give by hand takes none, nor do other points. */
static void what_needs_none(void)
{
    struct trial t;
    begin(&t);
    say(&t, "ok", TAKE("reserve", "r", "'points':300,'proof':'pin'"));
    say(&t, "ok", "{'op':'capture','ref':'c1','of':'r'}");
    say(&t, "ok", TAKE("reserve", "s", "'points':300,'proof':'pin'"));
    say(&t, "ok", "{'op':'purchase','member':'card:1','receipt':'b','amount':'10','capture':'s'}");
    say(&t, "ok", TAKE("adjust", "d", "'points':-200,'reason':'x'"));
    say(&t, "ok", TAKE("redeem", "m1", "'points':300,'points_of':'mile'"));
    /* Decimals count: 2.5 is not above 2.5. */
    say(&t, "ok", TAKE("redeem", "k1", "'points':'2.5','points_of':'coin'"));
    say(&t, "proof_needed", TAKE("redeem", "k2", "'points':'2.51','points_of':'coin'"));
    trial_end(&t);
}

static void refusals_come_in_order(void)
{
    struct trial t;
    begin(&t);
    say(&t, "unknown_points", TAKE("redeem", "1", "'points':5000,'points_of':'moon'"));
    say(&t, "not_spendable", TAKE("redeem", "1", "'points':5000,'points_of':'seen'"));
    say(&t, "proof_needed", TAKE("redeem", "1", "'points':5000"));
    say(&t, "insufficient_points", TAKE("redeem", "1", "'points':5000,'proof':'pin'"));
    say(&t, "proof_needed", TAKE("reserve", "1", "'points':500,'timeout':'P9D'"));
    say(&t, "over_limit", TAKE("reserve", "1", "'points':500,'timeout':'P9D','proof':'pin'"));
    say(&t, "to_oneself", TAKE("transfer", "1", "'points':500,'to':'card:1'"));
    say(&t, "not_allowed", TAKE("transfer", "1", "'points':50,'to':'card:2','points_of':'coin'"));
    say(&t, "proof_needed", TAKE("transfer", "1", "'points':500,'to':'card:2'"));
    say(&t, "over_limit", TAKE("transfer", "1", "'points':500,'to':'card:2','proof':'pin'"));
    say(&t, "proof_needed",
        "{'op':'purchase','member':'card:1','receipt':'b','amount':'10','points':501}");
    say(&t, "over_limit",
        "{'op':'purchase','member':'card:1','receipt':'b','amount':'10','points':501,'proof':"
        "'app'}");
    expect_text(say(&t, "invalid_field", TAKE("redeem", "1", "'points':5,'proof':'yes'")),
                "error/field", "proof");
    say(&t, "unknown_field", TAKE("adjust", "1", "'points':5,'reason':'x','proof':'pin'"));
    trial_end(&t);
}

/* What a programme demands from now on it did not demand before. */
static void a_new_version_may_ask_for_it(void)
{
    struct trial t;
    trial_begin(&t, SHOP("'value':'1'"), NOON);
    say(&t, "ok", "{'op':'purchase','member':'card:1','receipt':'a','amount':'10','enrol':true}");
    say(&t, "ok", TAKE("redeem", "1", "'points':200"));
    say(&t, "ok", "{'op':'programme.apply','programme':%s}", quoted(SHOP("'proof_above':100")));
    snprintf(t.now, sizeof t.now, "2026-03-02T13:00:00Z");
    expect_needed(&t, TAKE("redeem", "2", "'points':200"));
    CU_ASSERT_TRUE(
        cJSON_IsTrue(at_path(say(&t, "ok", TAKE("redeem", "1", "'points':200")), "duplicate")));
    trial_end(&t);
}

const struct test_case proof_cases[] = {
    {"each way to take needs it", each_way_to_take_needs_it},
    {"what needs none", what_needs_none},
    {"refusals come in order", refusals_come_in_order},
    {"a new version may ask for it", a_new_version_may_ask_for_it},
    {NULL, NULL},
};
