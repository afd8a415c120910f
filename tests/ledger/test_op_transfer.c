/* Points given away. */
#include <stdio.h>

#include "support.h"

#define NOON "2026-03-02T12:00:00Z"

static const char GIVING[] =
    "{'loyalty':1,'id':'shop','timezone':'Asia/Shanghai','currency':'GBP','points':{'star':{"
    "'expires':{'after':'P10D','inactive':'P30D'},'transfer':{'most':50,'per_month':80}},'coin':{"
    "'scale':2},'level':{'spendable':false}},"
    "'earn':[{'id':'base','per':'1.00','gives':{'star':1,'level':1}}]}";

static void add(struct trial *t, const char *programme)
{
    trial_begin(t, programme, NOON);
    say(t, "ok", "{'op':'member.add','identifiers':['card:1']}");
    say(t, "ok", "{'op':'member.add','identifiers':['card:2']}");
}

static void refusals_come_in_order(void)
{
    struct trial t;
    add(&t, GIVING);
    expect_text(say(&t, "missing_field", "{'op':'transfer','ref':'a','member':'card:1','points':1}"),
                "error/field", "to");
    expect_text(say(&t, "missing_field", "{'op':'transfer','to':'card:2','member':'card:1','points':1}"),
                "error/field", "ref");
    say(&t, "backdated", "{'op':'transfer','ref':'a','member':'card:1','to':'card:2','points':1,"
                         "'at':'2026-03-01'}");
    expect_text(say(&t, "unknown_member", "{'op':'transfer','ref':'a','member':'card:9','to':'card:2',"
                                          "'points':1}"), "error/field", "member");
    expect_text(say(&t, "unknown_member", "{'op':'transfer','ref':'a','member':'card:1','to':'card:9',"
                                          "'points':1}"), "error/field", "to");
    say(&t, "to_oneself", "{'op':'transfer','ref':'a','member':'card:1','to':'card:1','points':1}");
    say(&t, "unknown_points", "{'op':'transfer','ref':'a','member':'card:1','to':'card:2','points':1,"
                              "'points_of':'moon'}");
    say(&t, "not_allowed", "{'op':'transfer','ref':'a','member':'card:1','to':'card:2','points':1,"
                           "'points_of':'coin'}");
    say(&t, "not_allowed", "{'op':'transfer','ref':'a','member':'card:1','to':'card:2','points':1,"
                           "'points_of':'level'}");
    say(&t, "over_limit", "{'op':'transfer','ref':'a','member':'card:1','to':'card:2','points':51}");
    say(&t, "insufficient_points", "{'op':'transfer','ref':'a','member':'card:1','to':'card:2',"
                                   "'points':50}");
    say(&t, "invalid_field", "{'op':'transfer','ref':'a','member':'card:1','to':'card:2','points':0}");
    /* A refusal leaves nothing behind, and the key free. */
    int64_t size = log_size(&t);
    say(&t, "ok", "{'op':'purchase','member':'card:1','receipt':'p','amount':'5'}");
    say(&t, "ok", "{'op':'transfer','ref':'a','member':'card:1','to':'card:2','points':5}");
    test_expect_integer("records", size + 3, log_size(&t));
    trial_end(&t);
}

/* Each lot keeps its date; equal ones become one lot. */
static void points_keep_their_dates(void)
{
    struct trial t;
    add(&t, GIVING);
    say(&t, "ok", "{'op':'purchase','member':'card:1','receipt':'a','amount':'10'}");
    say(&t, "ok", "{'op':'purchase','member':'card:1','receipt':'b','amount':'10',"
                  "'at':'2026-03-01T12:00:00Z'}");
    say(&t, "ok", "{'op':'purchase','member':'card:1','receipt':'c','amount':'10'}");
    const cJSON *given = say(&t, "ok", "{'op':'transfer','ref':'t','member':'card:1','to':'card:2',"
                                       "'points':25}");
    expect_number(given, "transferred/amount", 25);
    expect_text(given, "transferred/points", "star");
    expect_number(given, "balances/star/available", 5);
    expect_count(given, "lots", 2);
    expect_number(given, "lots/0/amount", 10);
    expect_text(given, "lots/0/last_day", "2026-03-11");
    expect_number(given, "lots/1/amount", 15);
    expect_text(given, "lots/1/last_day", "2026-03-12");
    const cJSON *shown = say(&t, "ok", "{'op':'show','member':'card:2'}");
    expect_text(given, "to", at_path(shown, "member")->valuestring);
    expect_number(shown, "balances/star/available", 25);
    expect_text(shown, "lots/0/origin", "transfer");
    /* A retry says the same. */
    int64_t size = log_size(&t);
    const cJSON *again = say(&t, "ok", "{'op':'transfer','ref':'t','member':'card:1','to':'card:2',"
                                       "'points':25}");
    CU_ASSERT_TRUE(cJSON_IsTrue(at_path(again, "duplicate")));
    CU_ASSERT_TRUE(cJSON_Compare(at_path(given, "lots"), at_path(again, "lots"), true));
    CU_ASSERT_TRUE(cJSON_Compare(at_path(given, "transferred"), at_path(again, "transferred"), true));
    CU_ASSERT_TRUE(cJSON_Compare(at_path(given, "to"), at_path(again, "to"), true));
    expect_text(say(&t, "key_reused", "{'op':'transfer','ref':'t','member':'card:1','to':'card:1',"
                                      "'points':25}"), "error/field", "to");
    test_expect_integer("records", size, log_size(&t));
    const cJSON *history = say(&t, "ok", "{'op':'history','member':'card:2'}");
    expect_text(history, "records/0/op", "transfer");
    expect_number(history, "records/0/points/star", 25);
    trial_end(&t);
}

static void points_begin_anew_where_the_programme_says_so(void)
{
    struct trial t;
    add(&t, "{'loyalty':1,'id':'shop','timezone':'UTC','currency':'GBP','points':{'star':{'expires':"
            "{'after':'P10D'},'transfer':{'expires':'anew'}}},"
            "'earn':[{'id':'base','per':'1.00','gives':{'star':1}}]}");
    say(&t, "ok", "{'op':'purchase','member':'card:1','receipt':'a','amount':'10',"
                  "'at':'2026-02-25T12:00:00Z'}");
    say(&t, "ok", "{'op':'purchase','member':'card:1','receipt':'b','amount':'10'}");
    const cJSON *given = say(&t, "ok", "{'op':'transfer','ref':'t','member':'card:1','to':'card:2',"
                                       "'points':15,'now':'2026-03-04T12:00:00Z'}");
    expect_count(given, "lots", 1);
    expect_number(given, "lots/0/amount", 15);
    expect_text(given, "lots/0/last_day", "2026-03-14");
    trial_end(&t);
}

/* The month is that of the programme's zone, where March begins eight hours early. */
static void a_month_has_its_limit(void)
{
    struct trial t;
    add(&t, GIVING);
    for (int i = 0; i < 4; i++)
        say(&t, "ok", "{'op':'adjust','member':'card:1','ref':'j%d','points':50,'reason':'x',"
                      "'now':'2026-03-25T12:00:00Z'}", i);
    say(&t, "ok", "{'op':'transfer','ref':'a','member':'card:1','to':'card:2','points':50,"
                  "'now':'2026-03-31T15:00:00Z'}");
    say(&t, "over_limit", "{'op':'transfer','ref':'b','member':'card:1','to':'card:2','points':31,"
                          "'now':'2026-03-31T15:59:59Z'}");
    say(&t, "ok", "{'op':'transfer','ref':'b','member':'card:1','to':'card:2','points':30,"
                  "'now':'2026-03-31T15:59:59Z'}");
    /* What is received does not count, nor does what the other gave. */
    say(&t, "ok", "{'op':'transfer','ref':'c','member':'card:2','to':'card:1','points':50,"
                  "'now':'2026-03-31T15:59:59Z'}");
    say(&t, "ok", "{'op':'transfer','ref':'d','member':'card:1','to':'card:2','points':50,"
                  "'now':'2026-03-31T16:00:00Z'}");
    trial_end(&t);
}

/* What has lapsed at the receiver lapses before, and a debt is paid first. */
static void the_receivers_wallet_is_brought_up_to_date(void)
{
    struct trial t;
    add(&t, GIVING);
    say(&t, "ok", "{'op':'purchase','member':'card:2','receipt':'old','amount':'7'}");
    say(&t, "ok", "{'op':'purchase','member':'card:2','receipt':'spent','amount':'20'}");
    say(&t, "ok", "{'op':'redeem','member':'card:2','ref':'r','points':27}");
    say(&t, "ok", "{'op':'return','of':'spent','ref':'g','all':true}");
    expect_available(&t, "card:2", "star", -20);
    say(&t, "ok", "{'op':'purchase','member':'card:1','receipt':'a','amount':'8'}");
    say(&t, "ok", "{'op':'purchase','member':'card:1','receipt':'b','amount':'9',"
                  "'at':'2026-03-01T12:00:00Z'}");
    say(&t, "ok", "{'op':'purchase','member':'card:1','receipt':'c','amount':'10',"
                  "'at':'2026-02-28T12:00:00Z'}");
    /* Three dates: two go to the debt whole, the third in part. */
    const cJSON *given = say(&t, "ok", "{'op':'transfer','ref':'t','member':'card:1','to':'card:2',"
                                       "'points':27}");
    expect_number(given, "balances/star/available", 0);
    expect_count(given, "lots", 1);
    expect_number(given, "lots/0/amount", 7);
    expect_available(&t, "card:2", "star", 7);
    snprintf(t.now, sizeof t.now, "2026-03-20T12:00:00Z");
    say(&t, "ok", "{'op':'adjust','member':'card:1','ref':'j','points':3,'reason':'x'}");
    int64_t size = log_size(&t);
    say(&t, "ok", "{'op':'transfer','ref':'u','member':'card:1','to':'card:2','points':3}");
    test_expect_integer("what lapsed, and two records", size + 3, log_size(&t));
    expect_available(&t, "card:2", "star", 3);
    trial_end(&t);
}

/* To give is to be active, and so is to receive; nobody else's points live longer. */
static void both_were_active(void)
{
    struct trial t;
    add(&t, "{'loyalty':1,'id':'shop','timezone':'UTC','currency':'GBP','points':{'star':{'expires':"
            "{'inactive':'P10D'},'transfer':{}},'coin':{'expires':{'inactive':'P10D'}}},"
            "'earn':[{'id':'base','per':'1.00','gives':{'star':1,'coin':1}}]}");
    say(&t, "ok", "{'op':'purchase','member':'card:1','receipt':'a','amount':'10'}");
    snprintf(t.now, sizeof t.now, "2026-03-08T12:00:00Z");
    const cJSON *given = say(&t, "ok", "{'op':'transfer','ref':'t','member':'card:1','to':'card:2',"
                                       "'points':4}");
    expect_text(given, "lots/0/points", "star");
    /* Nothing dates them but that nobody does anything. */
    expect_text(given, "lots/0/last_day", "2026-03-18");
    snprintf(t.now, sizeof t.now, "2026-03-15T12:00:00Z");
    expect_available(&t, "card:1", "star", 6);
    expect_available(&t, "card:1", "coin", 0);
    expect_available(&t, "card:2", "star", 4);
    snprintf(t.now, sizeof t.now, "2026-03-19T12:00:00Z");
    expect_available(&t, "card:1", "star", 0);
    expect_available(&t, "card:2", "star", 0);
    trial_end(&t);
}

/* 300 dates: the sender's record goes on in a part, the receiver's in three. */
static void many_dates_go_on_in_parts(void)
{
    enum { DATES = 300 };
    struct trial t;
    trial_begin(&t, "{'loyalty':1,'id':'shop','timezone':'UTC','currency':'GBP','receipts':{'late':"
                    "'P2Y'},'points':{'star':{'expires':{'after':'P2Y'},'transfer':{}}},"
                    "'earn':[{'id':'base','per':'1.00','gives':{'star':1}}]}", NOON);
    say(&t, "ok", "{'op':'member.add','identifiers':['card:1']}");
    say(&t, "ok", "{'op':'member.add','identifiers':['card:2']}");
    for (int i = 0; i < DATES; i++) {
        struct date date = date_from_days(date_to_days((struct date){2025, 4, 1}) + i);
        say(&t, "ok", "{'op':'purchase','member':'card:1','receipt':'r%d','amount':'2','at':"
                      "'%04d-%02d-%02d'}", i, date.year, date.month, date.day);
    }
    int64_t size = log_size(&t);
    const cJSON *given = say(&t, "ok", "{'op':'transfer','ref':'t','member':'card:1','to':'card:2',"
                                       "'points':599}");
    test_expect_integer("parts", size + 5, log_size(&t));
    expect_number(given, "transferred/amount", 599);
    expect_count(given, "lots", DATES);
    const cJSON *again = say(&t, "ok", "{'op':'lookup','ref':'t'}");
    CU_ASSERT_TRUE(cJSON_Compare(at_path(given, "lots"), at_path(again, "lots"), true));
    expect_number(again, "transferred/amount", 599);
    expect_available(&t, "card:2", "star", 599);
    trial_end(&t);
}

/* There and back within one commit, and a refusal between that leaves nothing. */
static void there_and_back_in_one_commit(void)
{
    struct trial t;
    add(&t, GIVING);
    const cJSON *all =
        say_all(&t, "ok", "{'op':'purchase','member':'card:1','receipt':'a','amount':'30'}", "ok",
                "{'op':'transfer','ref':'a','member':'card:1','to':'card:2','points':20}",
                "insufficient_points",
                "{'op':'transfer','ref':'b','member':'card:1','to':'card:2','points':11}", "ok",
                "{'op':'transfer','ref':'c','member':'card:2','to':'card:1','points':15}", "ok",
                "{'op':'transfer','ref':'a','member':'card:1','to':'card:2','points':20}", NULL);
    expect_number(all, "3/balances/star/available", 5);
    expect_number(all, "4/balances/star/available", 25);
    CU_ASSERT_TRUE(cJSON_IsTrue(at_path(all, "4/duplicate")));
    trial_end(&t);
}

const struct test_case transfer_cases[] = {
    {"refusals come in order", refusals_come_in_order},
    {"points keep their dates", points_keep_their_dates},
    {"points begin anew", points_begin_anew_where_the_programme_says_so},
    {"a month has its limit", a_month_has_its_limit},
    {"the receiver's wallet is brought up to date", the_receivers_wallet_is_brought_up_to_date},
    {"both were active", both_were_active},
    {"many dates go on in parts", many_dates_go_on_in_parts},
    {"there and back in one commit", there_and_back_in_one_commit},
    {NULL, NULL},
};
