/* Points that wait for an operation, closing the books, limits of operators. */
#include <stdio.h>
#include <string.h>

#include "support.h"

#define NOON "2026-03-02T12:00:00Z"
#define BUY "'op':'purchase','member':'card:1','enrol':true"
#define PROGRAMME(points, more)                                                                    \
    "{'loyalty':1,'id':'shop','timezone':'UTC','currency':'GBP','points':{'star':{" points         \
    "}}" more ",'earn':[{'id':'base','per':'1.00','gives':{'star':1}}]}"

static const char DELIVERED[] =
    PROGRAMME("'pending':{'until':'activate'},'expires':{'after':'P10D'}", "");
static const char DELIVERED_SHORTER[] =
    PROGRAMME("'pending':{'until':'activate'},'expires':{'after':'P1D'}", "");
static const char DELIVERED_ALL[] =
    PROGRAMME("'pending':{'until':'activate'},'expires':{'after':'P3D','applies_to':'all'}", "");
static const char DATED_EARLY[] =
    PROGRAMME("'pending':{'until':'activate'},'expires':{'after':'P2D','from':'earned'}", "");
static const char IDLE[] =
    PROGRAMME("'pending':{'until':'activate'},'expires':{'inactive':'P5D'}", "");
static const char WINDOW[] =
    PROGRAMME("'pending':{'until':'return_window'}", ",'returns':{'window':'P3D'}");
static const char NO_LATE[] = PROGRAMME("", ",'closing':{'late':'refuse'}");
static const char LIMITED[] =
    "{'loyalty':1,'id':'shop','timezone':'Asia/Shanghai','currency':'GBP',"
    "'points':{'star':{'scale':2},'level':{'spendable':false}},"
    "'adjust':{'limits':{'eva':{'most':50,'per_day':80},'*':{'most':5},"
    "'ann':{'most':1,'per_day':1}}}}";

/* --- activate ------------------------------------------------------------------------- */

static void points_wait_until_they_are_activated(void)
{
    struct trial t;
    trial_begin(&t, DELIVERED, NOON);
    const cJSON *bought = say(&t, "ok", "{" BUY ",'receipt':'A','amount':'5'}");
    CU_ASSERT_TRUE(cJSON_IsTrue(at_path(bought, "earned/0/pending")));
    expect_text(bought, "earned/0/available_from", "activate");
    CU_ASSERT_TRUE(cJSON_IsNull(at_path(bought, "earned/0/expires")));
    say(&t, "ok", "{" BUY ",'receipt':'B','amount':'7'}");
    say(&t, "ok", "{" BUY ",'receipt':'C','amount':'11'}");
    expect_available(&t, "card:1", "star", 0);
    /* A new version has another rule; these lots keep that of their birth. */
    snprintf(t.now, sizeof t.now, "2026-03-20T12:00:00Z");
    say(&t, "ok", "{'op':'programme.apply','programme':%s}", DELIVERED_SHORTER);
    const cJSON *one = say(&t, "ok", "{'op':'activate','ref':'a','of':'B'}");
    expect_count(one, "activated", 1);
    expect_number(one, "activated/0/amount", 7);
    expect_text(one, "activated/0/points", "star");
    expect_text(one, "activated/0/expires", "2026-03-31T00:00:00Z");
    expect_text(one, "activated/0/last_day", "2026-03-30");
    expect_number(one, "balances/star/available", 7);
    expect_number(one, "balances/star/pending", 16);
    say(&t, "nothing_pending", "{'op':'activate','ref':'b','of':'B'}");
    const cJSON *rest = say(&t, "ok", "{'op':'activate','ref':'b','member':'card:1'}");
    expect_count(rest, "activated", 2);
    expect_number(rest, "balances/star/available", 23);
    expect_number(rest, "balances/star/pending", 0);
    CU_ASSERT_TRUE(cJSON_IsNull(at_path(rest, "of")));
    const cJSON *again = say(&t, "ok", "{'op':'activate','ref':'b','member':'card:1'}");
    expect_count(again, "activated", 2);
    CU_ASSERT_TRUE(cJSON_IsTrue(at_path(again, "duplicate")));
    expect_number(say(&t, "ok", "{'op':'lookup','ref':'a'}"), "activated/0/amount", 7);
    say(&t, "nothing_pending", "{'op':'activate','ref':'c','member':'card:1'}");
    snprintf(t.now, sizeof t.now, "2026-03-30T23:59:59Z");
    expect_available(&t, "card:1", "star", 23);
    snprintf(t.now, sizeof t.now, "2026-03-31T00:00:00Z");
    expect_available(&t, "card:1", "star", 0);
    trial_end(&t);
}

/* A new rule for points earned before is for those, too, that nobody has activated. */
static void a_rule_for_all_dates_what_waits(void)
{
    struct trial t;
    trial_begin(&t, DELIVERED, NOON);
    say(&t, "ok", "{" BUY ",'receipt':'A','amount':'5'}");
    snprintf(t.now, sizeof t.now, "2026-03-03T12:00:00Z");
    say(&t, "ok", "{'op':'programme.apply','programme':%s}", DELIVERED_ALL);
    say(&t, "ok", "{'op':'programme.apply','programme':%s,'from':'2026-03-04'}", DELIVERED);
    snprintf(t.now, sizeof t.now, "2026-03-05T12:00:00Z");
    expect_text(say(&t, "ok", "{'op':'activate','ref':'a','of':'A'}"), "activated/0/last_day",
                "2026-03-08");
    trial_end(&t);
}

/* Counted from the day of the purchase, they may be over before they begin. */
static void what_was_earned_too_long_ago_lapses_at_once(void)
{
    struct trial t;
    trial_begin(&t, DATED_EARLY, NOON);
    say(&t, "ok", "{" BUY ",'receipt':'A','amount':'5'}");
    snprintf(t.now, sizeof t.now, "2026-03-03T12:00:00Z");
    say(&t, "ok", "{" BUY ",'receipt':'B','amount':'7'}");
    snprintf(t.now, sizeof t.now, "2026-03-05T12:00:00Z");
    const cJSON *released = say(&t, "ok", "{'op':'activate','ref':'a','member':'card:1'}");
    expect_count(released, "activated", 2);
    expect_text(released, "activated/0/expires", "2026-03-05T12:00:00Z");
    expect_text(released, "activated/1/expires", "2026-03-06T00:00:00Z");
    expect_number(released, "balances/star/available", 7);
    expect_number(released, "balances/star/pending", 0);
    trial_end(&t);
}

static void activating_counts_as_activity(void)
{
    struct trial t;
    trial_begin(&t, IDLE, NOON);
    say(&t, "ok", "{" BUY ",'receipt':'A','amount':'5'}");
    snprintf(t.now, sizeof t.now, "2026-03-06T12:00:00Z");
    say(&t, "ok", "{'op':'activate','ref':'a','of':'A'}");
    snprintf(t.now, sizeof t.now, "2026-03-11T23:00:00Z");
    expect_available(&t, "card:1", "star", 5);
    snprintf(t.now, sizeof t.now, "2026-03-12T00:00:00Z");
    expect_available(&t, "card:1", "star", 0);
    /* Those that nobody activated do not lapse: they never became available. */
    say(&t, "ok", "{" BUY ",'receipt':'B','amount':'7'}");
    snprintf(t.now, sizeof t.now, "2026-05-01T12:00:00Z");
    expect_number(say(&t, "ok", "{'op':'activate','ref':'b','of':'B'}"), "balances/star/available",
                  7);
    trial_end(&t);
}

static void more_lots_than_one_record_holds(void)
{
    enum { LOTS = 400 };
    struct trial t;
    trial_begin(&t, DELIVERED, NOON);
    for (int i = 0; i < LOTS; i++)
        say(&t, "ok", "{" BUY ",'receipt':'r%d','amount':'1'}", i);
    int64_t size = log_size(&t);
    const cJSON *released = say(&t, "ok", "{'op':'activate','ref':'a','member':'card:1'}");
    test_expect_integer("parts", 2, log_size(&t) - size);
    expect_count(released, "activated", LOTS);
    expect_number(released, "balances/star/available", LOTS);
    for (int i = 0; i < 513; i++)
        say(&t, "ok", "{" BUY ",'receipt':'s%d','amount':'1'}", i);
    say(&t, "limit_exceeded", "{'op':'activate','ref':'b','member':'card:1'}");
    say(&t, "ok", "{'op':'activate','ref':'b','of':'s7'}");
    say(&t, "ok", "{'op':'activate','ref':'c','member':'card:1'}");
    trial_end(&t);
}

static void activate_refuses_in_order(void)
{
    struct trial t;
    trial_begin(&t, NULL, NOON);
    say(&t, "no_programme", "{'op':'activate','ref':'a','of':'A'}");
    trial_end(&t);
    trial_begin(&t, DELIVERED, NOON);
    expect_text(say(&t, "missing_field", "{'op':'activate','of':'A'}"), "error/field", "ref");
    say(&t, "missing_field", "{'op':'activate','ref':'a'}");
    say(&t, "invalid_field", "{'op':'activate','ref':'a','of':'A','member':'card:1'}");
    say(&t, "unknown_field", "{'op':'activate','ref':'a','of':'A','at':'2026-03-02'}");
    say(&t, "unknown_receipt", "{'op':'activate','ref':'a','of':'A'}");
    say(&t, "unknown_member", "{'op':'activate','ref':'a','member':'card:1'}");
    say(&t, "ok", "{" BUY ",'receipt':'A','amount':'5'}");
    say(&t, "ok", "{'op':'return','ref':'r','of':'A','all':true}");
    say(&t, "nothing_pending", "{'op':'activate','ref':'a','of':'A'}");
    say(&t, "key_reused", "{'op':'activate','ref':'r','of':'A'}");
    trial_end(&t);
}

/* Goods that come back while their points wait take them from there: they never become
 * available, and nothing is owed. */
static void returned_meanwhile_never_becomes_available(void)
{
    struct trial t;
    trial_begin(&t, WINDOW, NOON);
    const cJSON *bought = say(&t, "ok", "{" BUY ",'receipt':'A','amount':'5'}");
    CU_ASSERT_TRUE(cJSON_IsTrue(at_path(bought, "earned/0/pending")));
    expect_text(bought, "earned/0/available_from", "2026-03-06T00:00:00Z");
    const cJSON *back = say(&t, "ok", "{'op':'return','ref':'r','of':'A','amount':'2'}");
    expect_number(back, "collected/star/from_receipt", 2);
    expect_number(back, "collected/star/forgiven", 0);
    expect_number(back, "balances/star/pending", 3);
    snprintf(t.now, sizeof t.now, "2026-03-06T00:00:00Z");
    expect_available(&t, "card:1", "star", 3);
    trial_end(&t);
    /* The same where the return was there before. */
    trial_begin(&t, WINDOW, NOON);
    say(&t, "ok", "{'op':'return','ref':'r','of':'A','amount':'2'}");
    bought = say(&t, "ok", "{" BUY ",'receipt':'A','amount':'5'}");
    expect_number(bought, "balances/star/pending", 3);
    expect_number(say(&t, "ok", "{'op':'lookup','ref':'r'}"), "collected/star/from_receipt", 2);
    snprintf(t.now, sizeof t.now, "2026-03-06T00:00:00Z");
    expect_available(&t, "card:1", "star", 3);
    trial_end(&t);
}

/* --- close ------------------------------------------------------------------------------- */

static void a_month_is_closed_once_it_is_over(void)
{
    struct trial t;
    trial_begin(&t, NULL, NOON);
    say(&t, "no_programme", "{'op':'close','period':'2026-02'}");
    trial_end(&t);
    trial_begin(&t, ONE_PER_POUND, "2026-03-31T22:59:59Z"); /* an hour later in London */
    say(&t, "missing_field", "{'op':'close'}");
    say(&t, "invalid_time", "{'op':'close','period':'2026-13'}");
    say(&t, "invalid_time", "{'op':'close','period':'2026-3'}");
    say(&t, "period_open", "{'op':'close','period':'2026-03'}");
    say(&t, "period_open", "{'op':'close','period':'9999-12'}");
    snprintf(t.now, sizeof t.now, "2026-03-31T23:00:00Z");
    const cJSON *closed = say(&t, "ok", "{'op':'close','period':'2026-03'}");
    expect_text(closed, "period", "2026-03");
    expect_text(closed, "open_from", "2026-04-01");
    CU_ASSERT_PTR_NULL(at_path(closed, "member"));
    CU_ASSERT_PTR_NULL(at_path(closed, "balances"));
    CU_ASSERT_TRUE(
        cJSON_IsTrue(at_path(say(&t, "ok", "{'op':'close','period':'2026-03'}"), "duplicate")));
    say(&t, "period_closed", "{'op':'close','period':'2026-03','ref':'x'}");
    say(&t, "period_closed", "{'op':'close','period':'2025-12'}");
    expect_text(say(&t, "ok", "{'op':'lookup','ref':'close/2026-03'}"), "period", "2026-03");
    /* By default what comes late is taken, and reported later. */
    say(&t, "ok", "{" BUY ",'receipt':'A','amount':'5','at':'2026-03-31T12:00:00Z'}");
    snprintf(t.now, sizeof t.now, "2026-07-01T00:00:00Z");
    expect_text(say(&t, "ok", "{'op':'close','period':'2026-05','ref':'x'}"), "open_from",
                "2026-06-01");
    trial_end(&t);
}

static void what_lies_in_a_closed_month_may_be_refused(void)
{
    struct trial t;
    trial_begin(&t, NO_LATE, "2026-04-01T12:00:00Z");
    say(&t, "ok", "{" BUY ",'receipt':'A','amount':'5','at':'2026-03-31T12:00:00Z'}");
    say(&t, "ok", "{'op':'close','period':'2026-03'}");
    say(&t, "period_closed", "{" BUY ",'receipt':'B','amount':'5','at':'2026-03-31T23:59:59Z'}");
    say(&t, "period_closed",
        "{'op':'return','ref':'r','of':'A','all':true,"
        "'at':'2026-03-31T23:59:59Z'}");
    say(&t, "period_closed",
        "{'op':'return','ref':'r','of':'Z','all':true,"
        "'at':'2026-03-31T23:59:59Z'}");
    say(&t, "period_closed",
        "{'op':'return','ref':'r','member':'card:1','unmatched':'skip',"
        "'lines':[{'sku':'a','quantity':'1'}],'at':'2026-03-31T23:59:59Z'}");
    /* What is known is answered all the same. */
    say(&t, "ok", "{" BUY ",'receipt':'A','amount':'5','at':'2026-03-31T12:00:00Z'}");
    say(&t, "ok", "{" BUY ",'receipt':'B','amount':'5','at':'2026-04-01T00:00:00Z'}");
    say(&t, "ok", "{'op':'return','ref':'r','of':'A','all':true}");
    trial_end(&t);
}

/* --- adjust ------------------------------------------------------------------------------- */

#define ADJUST(ref, points, more)                                                                  \
    "{'op':'adjust','member':'card:1','reason':'x','ref':'" ref "','points':" points more "}"

static void an_operator_is_limited(void)
{
    struct trial t;
    trial_begin(&t, LIMITED, "2026-03-02T15:00:00Z"); /* 23:00 there */
    say(&t, "ok", "{'op':'member.add','identifiers':['card:1']}");
    say(&t, "over_limit", ADJUST("a", "50.01", ",'operator':'eva'"));
    say(&t, "ok", ADJUST("a", "50", ",'operator':'eva'"));
    say(&t, "ok", ADJUST("b", "-20.5", ",'operator':'eva'"));
    say(&t, "over_limit", ADJUST("c", "9.51", ",'operator':'eva'"));
    say(&t, "over_limit", ADJUST("c", "-9.51", ",'operator':'eva'"));
    say(&t, "insufficient_points", ADJUST("c", "-30", ",'operator':'eva'"));
    say(&t, "ok", ADJUST("c", "9.5", ",'operator':'eva'"));
    say(&t, "over_limit", ADJUST("d", "0.01", ",'operator':'eva'"));
    /* A retry is no second time; another currency, another person, another day is. */
    say(&t, "ok", ADJUST("c", "9.5", ",'operator':'eva'"));
    say(&t, "ok", ADJUST("d", "7", ",'operator':'eva','points_of':'level'"));
    say(&t, "ok", ADJUST("e", "1", ",'operator':'ann'"));
    say(&t, "over_limit", ADJUST("f", "0.01", ",'operator':'ann'"));
    snprintf(t.now, sizeof t.now, "2026-03-02T16:00:00Z");
    say(&t, "ok", ADJUST("g", "1", ",'operator':'ann'"));
    /* Whoever is not named, also who gives no name. */
    say(&t, "over_limit", ADJUST("h", "6", ",'operator':'bob'"));
    say(&t, "over_limit", ADJUST("h", "6", ""));
    say(&t, "ok", ADJUST("h", "5", ""));
    say(&t, "ok", ADJUST("i", "5", ",'operator':'bob'"));
    say(&t, "ok", ADJUST("j", "5", ",'operator':'bob'"));
    const cJSON *all = say_all(&t, "ok", ADJUST("k", "50", ",'operator':'eva'"), "over_limit",
                               ADJUST("l", "31", ",'operator':'eva'"), "ok",
                               ADJUST("m", "30", ",'operator':'eva'"), NULL);
    expect_number(all, "2/adjusted/amount", 30);
    trial_end(&t);
}

static void points_by_hand_have_an_origin(void)
{
    struct trial t;
    trial_begin(&t, ONE_PER_POUND, NOON);
    say(&t, "ok", "{'op':'member.add','identifiers':['card:1']}");
    say(&t, "invalid_field", ADJUST("a", "5", ",'origin':'purchase'"));
    say(&t, "ok", ADJUST("a", "5", ",'origin':'partner'"));
    say(&t, "ok", ADJUST("b", "3", ""));
    expect_text(say(&t, "invalid_field", ADJUST("c", "-3", ",'origin':'partner'")), "error/field",
                "origin");
    const cJSON *shown = say(&t, "ok", "{'op':'show','member':'card:1'}");
    expect_text(shown, "lots/0/origin", "partner");
    expect_text(shown, "lots/1/origin", "goodwill");
    trial_end(&t);
}

/* A late purchase dates inactivity back: what the wallet had is gone, and its answer says so
 * though nobody has recorded it yet. */
static void a_late_purchase_may_end_what_was_there(void)
{
    struct trial t;
    trial_begin(&t, PROGRAMME("'expires':{'inactive':'P5D'}", ""), "2026-03-01T12:00:00Z");
    say(&t, "ok",
        "{'op':'programme.apply','from':'2026-03-02T00:00:00Z','programme':" PROGRAMME(
            "'expires':{'after':'P1M'}", "") "}");
    say(&t, "ok", "{" BUY ",'receipt':'A','amount':'10','now':'2026-03-07T12:00:00Z'}");
    const cJSON *late = say(&t, "ok",
                            "{" BUY ",'receipt':'B','amount':'3','at':'2026-03-01T12:00:00Z',"
                            "'now':'2026-03-07T13:00:00Z'}");
    const cJSON *shown =
        say(&t, "ok", "{'op':'show','member':'card:1','now':'2026-03-07T13:00:00Z'}");
    expect_number(shown, "balances/star/available", 0);
    expect_number(late, "balances/star/available", 0);
    trial_end(&t);
}

const struct test_case books_cases[] = {
    {"books: a late purchase may end what was there", a_late_purchase_may_end_what_was_there},
    {"activate: points wait until then", points_wait_until_they_are_activated},
    {"activate: a rule for all", a_rule_for_all_dates_what_waits},
    {"activate: earned too long ago", what_was_earned_too_long_ago_lapses_at_once},
    {"activate: counts as activity", activating_counts_as_activity},
    {"activate: 400 lots", more_lots_than_one_record_holds},
    {"activate: refusals come in order", activate_refuses_in_order},
    {"pending: returned meanwhile", returned_meanwhile_never_becomes_available},
    {"close: once a month is over", a_month_is_closed_once_it_is_over},
    {"close: late is refused", what_lies_in_a_closed_month_may_be_refused},
    {"adjust: an operator is limited", an_operator_is_limited},
    {"adjust: points have an origin", points_by_hand_have_an_origin},
    {NULL, NULL},
};
