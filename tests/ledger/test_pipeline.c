/* The path of an operation: keys, clock, versions, batches, history, time. */
#include <stdio.h>

#include "pipeline.h"
#include "support.h"

#define NOON "2026-03-02T12:00:00Z"
#define BUY(member, receipt, amount)                                                               \
    "{'op':'purchase','member':'" member "','receipt':'" receipt "','amount':'" amount             \
    "','enrol':true}"

/* Two currencies that lapse after two days; their order is not that of the alphabet. */
static const char SHORT_LIVED[] =
    "{'loyalty':1,'id':'shop','timezone':'UTC','currency':'GBP',"
    "'points':{'star':{'expires':{'after':'P2D'}},'level':{'expires':{'after':'P2D'}}},"
    "'earn':[{'id':'base','per':'1.00','gives':{'star':1,'level':2}}],"
    "'returns':{'shortfall':'refuse'}}";

static void a_retry_makes_no_record(void)
{
    struct trial t;
    trial_begin(&t, ONE_PER_POUND, NOON);
    const cJSON *first = say(&t, "ok", BUY("card:1", "r1", "58.00"));
    int64_t size = log_size(&t);
    static const char *const same[] = {
        BUY("card:1", "r1", "58.00"), BUY("card:1", "r1", "58.0"), BUY("card:1", "r1", "58"),
        "{'op':'purchase','member':'1','receipt':'r1','amount':'58','id':'again'}",
        "{'op':'purchase','member':'card:1','receipt':'r1','amount':'58','accept_clock':true}",
        "{'amount':'58','receipt':'r1','member':'card:1','op':'purchase','now':'2027-01-01T00:00:00Z'}"};
    for (size_t i = 0; i < sizeof same / sizeof *same; i++) {
        const cJSON *again = say(&t, "ok", "%s", same[i]);
        CU_ASSERT_TRUE(cJSON_IsTrue(at_path(again, "duplicate")));
        expect_number(again, "seq", at_path(first, "seq")->valuedouble);
        expect_number(again, "balances/star/available", 58);
    }
    test_expect_integer("records", size, log_size(&t));
    CU_ASSERT_TRUE(cJSON_IsFalse(at_path(first, "duplicate")));
    trial_end(&t);
}

static void a_key_with_other_content_names_the_field(void)
{
    struct trial t;
    trial_begin(&t, ONE_PER_POUND, NOON);
    say(&t, "ok", BUY("card:1", "r1", "58.00"));
    say(&t, "ok", BUY("card:2", "r2", "1.00"));
    expect_text(say(&t, "key_reused", BUY("card:1", "r1", "58.01")), "error/field", "amount");
    expect_text(say(&t, "key_reused", BUY("card:2", "r1", "58.00")), "error/field", "member");
    expect_text(say(&t, "key_reused", "{'op':'purchase','member':'card:1','receipt':'r1',"
                                      "'amount':'58.00','store':'S'}"), "error/field", "store");
    expect_text(say(&t, "key_reused", "{'op':'purchase','member':'card:1','receipt':'r1',"
                                      "'amount':'58.00','at':'2026-03-02T12:00:00Z'}"),
                "error/field", "at");
    say(&t, "receipt_exists", "{'op':'purchase','member':'card:1','receipt':'r1','amount':'58.00',"
                              "'ref':'other'}");
    /* refs and receipts are two scopes */
    say(&t, "ok", "{'op':'redeem','member':'card:1','ref':'r1','points':1}");
    expect_text(say(&t, "key_reused", "{'op':'redeem','member':'card:1','ref':'r1','points':2}"),
                "error/field", "points");
    expect_text(say(&t, "key_reused", "{'op':'adjust','member':'card:1','ref':'r1','points':1,"
                                      "'reason':'x'}"), "error/field", "op");
    trial_end(&t);
}

static void a_refusal_is_not_recorded_and_frees_the_key(void)
{
    struct trial t;
    trial_begin(&t, ONE_PER_POUND, NOON);
    say(&t, "ok", BUY("card:1", "r1", "5.00"));
    int64_t size = log_size(&t);
    say(&t, "insufficient_points", "{'op':'redeem','member':'card:1','ref':'k','points':6}");
    say(&t, "unknown_member", "{'op':'purchase','member':'card:9','receipt':'r9','amount':'1'}");
    say(&t, "lines_mismatch", "{'op':'purchase','member':'card:9','receipt':'r9','amount':'1',"
                              "'lines':[['A','','','2']],'enrol':true}");
    test_expect_integer("records", size, log_size(&t));
    say(&t, "unknown_member", "{'op':'show','member':'card:9'}");
    say(&t, "unknown_ref", "{'op':'lookup','ref':'k'}");
    say(&t, "ok", "{'op':'redeem','member':'card:1','ref':'k','points':5}");
    say(&t, "ok", BUY("card:9", "r9", "1.00"));
    trial_end(&t);
}

/* A refused neighbour takes back what it had folded: no member, no lapsed points. */
static void a_refusal_in_a_batch_touches_no_other(void)
{
    struct trial t;
    trial_begin(&t, ONE_PER_POUND, NOON);
    say_all(&t, "ok", BUY("card:1", "r1", "5.00"), "insufficient_points",
            "{'op':'redeem','member':'card:1','ref':'k','points':6}", "lines_mismatch",
            "{'op':'purchase','member':'card:7','receipt':'r2','amount':'1','enrol':true,"
            "'lines':[['A','','','2']]}",
            "ok", "{'op':'redeem','member':'card:1','ref':'k','points':5}", "invalid_json", "{",
            "ok", BUY("card:1", "r2", "2.00"), "unknown_field", "{'op':'redeem','colour':'red'}",
            "ok", "{'op':'show','member':'card:1'}", NULL);
    expect_available(&t, "card:1", "star", 2);
    trial_end(&t);
}

/* What time has made due is one order, whether the wallet was just filled or read
 * back from the store. */
static void currencies_lapse_in_one_order(void)
{
    struct trial t;
    trial_begin(&t, SHORT_LIVED, NOON);
    say(&t, "ok", BUY("card:1", "r1", "5.00"));
    const cJSON *later = say(&t, "ok", "{'op':'purchase','member':'card:1','receipt':'r2',"
                                       "'amount':'1.00','now':'2026-03-09T12:00:00Z'}");
    expect_number(later, "balances/star/available", 1);
    expect_number(later, "balances/level/available", 2);
    trial_end(&t);
}

static void a_refusal_after_lapsing_leaves_the_lots_in_sight(void)
{
    struct trial t;
    trial_begin(&t, SHORT_LIVED, NOON);
    say(&t, "ok", BUY("card:1", "r1", "10.00"));
    say(&t, "ok", "{'op':'redeem','member':'card:1','ref':'k1','points':10}");
    say(&t, "ok", BUY("card:1", "r2", "5.00"));
    snprintf(t.now, sizeof t.now, "2026-03-09T12:00:00Z");
    const cJSON *all = say_all(
        &t, "return_shortfall", "{'op':'return','of':'r1','ref':'k2','all':true}", "ok",
        BUY("card:1", "r3", "1.00"), "return_shortfall",
        "{'op':'return','of':'r1','ref':'k2','all':true}", "ok",
        "{'op':'redeem','member':'card:1','ref':'k3','points':1}", NULL);
    expect_number(all, "1/balances/star/available", 1);
    expect_number(all, "3/balances/star/available", 0);
    trial_end(&t);
}

/* A lot that a return touches by its number is met once in burn order. */
static void a_lot_touched_by_number_is_listed_once(void)
{
    struct trial t;
    trial_begin(&t, ONE_PER_POUND, NOON);
    say(&t, "ok", BUY("card:1", "r1", "10.00"));
    say(&t, "ok", BUY("card:1", "r2", "10.00"));
    say(&t, "ok", BUY("card:1", "r3", "10.00"));
    say(&t, "ok", BUY("card:1", "r4", "10.00"));
    const cJSON *all = say_all(&t, "ok", "{'op':'return','of':'r3','ref':'a','amount':'4.00'}", "ok",
                               "{'op':'redeem','member':'card:1','ref':'b','points':30}", NULL);
    expect_number(all, "1/balances/star/available", 6);
    expect_count(all, "1/lots", 4);
    expect_count(say(&t, "ok", "{'op':'show','member':'card:1'}"), "lots", 1);
    trial_end(&t);
}

static void expect_same(const cJSON *a, const cJSON *b, const char *path)
{
    const cJSON *x = at_path(a, path), *y = at_path(b, path);
    CU_ASSERT_TRUE((x == NULL && y == NULL) || cJSON_Compare(x, y, true));
}

/* n operations in one commit make the outcomes of n commits. */
static void a_batch_is_its_operations_one_by_one(void)
{
    static const char *const operations[] = {
        BUY("card:1", "r1", "10.50"), BUY("card:2", "r2", "3.00"), BUY("card:1", "r3", "7.25"),
        "{'op':'return','of':'r1','ref':'a','amount':'4.00'}",
        "{'op':'redeem','member':'card:1','ref':'b','points':9}",
        "{'op':'cancel','of':'b','ref':'c'}",
        "{'op':'redeem','member':'card:1','ref':'d','points':12}",
        "{'op':'return','of':'r3','ref':'e','all':true}",
        "{'op':'adjust','member':'card:2','ref':'f','points':-2,'reason':'x'}",
        "{'op':'cancel','of':'d','ref':'g'}", BUY("card:1", "r4", "1.00")};
    struct trial one, many;
    trial_begin(&one, SHORT_LIVED, NOON);
    trial_begin(&many, SHORT_LIVED, NOON);
    const cJSON *all = say_all(
        &many, "ok", operations[0], "ok", operations[1], "ok", operations[2], "ok", operations[3],
        "ok", operations[4], "ok", operations[5], "ok", operations[6], "return_shortfall",
        operations[7], "ok", operations[8], "ok", operations[9], "ok", operations[10], NULL);
    for (size_t i = 0; i < sizeof operations / sizeof *operations; i++) {
        const cJSON *alone = say(&one, i == 7 ? "return_shortfall" : "ok", "%s", operations[i]);
        const cJSON *among = cJSON_GetArrayItem(all, (int)i);
        expect_same(alone, among, "balances");
        expect_same(alone, among, "lots");
        expect_same(alone, among, "collected");
        expect_same(alone, among, "seq");
    }
    test_expect_integer("records", log_size(&one), log_size(&many));
    trial_end(&one);
    trial_end(&many);
}

/* --- Time -------------------------------------------------------------------- */

#define SHOW_AT "{'op':'show','member':'%s','now':'%s'}"

static void points_lapse_at_local_midnight(void)
{
    /* Until the end of 2026-03-29, the day on which London's clocks go forward. */
    static const char programme[] =
        "{'loyalty':1,'id':'shop','timezone':'Europe/London','currency':'GBP',"
        "'points':{'star':{'expires':{'after':'P1M'}}},"
        "'earn':[{'id':'base','per':'1.00','gives':{'star':1}}]}";
    struct trial t;
    trial_begin(&t, programme, "2026-02-28T12:00:00Z");
    say(&t, "ok", BUY("card:1", "r1", "5.00"));               /* through 28 March */
    snprintf(t.now, sizeof t.now, "2026-03-29T12:00:00Z");
    say(&t, "ok", BUY("card:2", "r2", "5.00"));               /* through 29 April */
    expect_available(&t, "card:1", "star", 0);
    expect_number(say(&t, "ok", SHOW_AT, "card:2", "2026-04-29T22:59:59.999Z"),
                  "balances/star/available", 5);
    expect_number(say(&t, "ok", SHOW_AT, "card:2", "2026-04-29T23:00:00Z"),
                  "balances/star/available", 0);
    trial_end(&t);
    trial_begin(&t, programme, "2026-02-28T12:00:00Z");
    say(&t, "ok", BUY("card:1", "r1", "5.00"));
    expect_number(say(&t, "ok", SHOW_AT, "card:1", "2026-03-28T23:59:59.999Z"),
                  "balances/star/available", 5);
    expect_number(say(&t, "ok", SHOW_AT, "card:1", "2026-03-29T00:00:00Z"),
                  "balances/star/available", 0);
    trial_end(&t);
}

static void the_29th_of_february_is_clamped(void)
{
    static const char programme[] =
        "{'loyalty':1,'id':'shop','timezone':'Asia/Shanghai','currency':'CNY',"
        "'points':{'star':{'expires':{'after':'P1Y'}}},"
        "'earn':[{'id':'base','per':'1.00','gives':{'star':1}}]}";
    struct trial t;
    trial_begin(&t, programme, "2028-02-29T04:00:00Z");
    const cJSON *bought = say(&t, "ok", BUY("card:1", "r1", "5.00"));
    expect_text(bought, "earned/0/expires", "2029-02-28T16:00:00Z");
    expect_number(say(&t, "ok", "{'op':'redeem','member':'card:1','ref':'a','points':1,"
                                "'now':'2029-02-28T15:59:59.999Z'}"),
                  "balances/star/available", 4);
    say(&t, "insufficient_points", "{'op':'redeem','member':'card:1','ref':'b','points':1,"
                                   "'now':'2029-02-28T16:00:00Z'}");
    expect_number(say(&t, "ok", "{'op':'purchase','member':'card:1','receipt':'r2','amount':'1',"
                                "'now':'2029-03-01T00:00:00Z'}"),
                  "balances/star/available", 1);
    trial_end(&t);
}

/* Going there in one step or in many leaves the same wallet. */
static void two_steps_in_time_are_one(void)
{
    struct trial one, two;
    struct trial *const both[] = {&one, &two};
    for (size_t i = 0; i < 2; i++) {
        trial_begin(both[i], SHORT_LIVED, NOON);
        for (int day = 2; day < 6; day++)
            say(both[i], "ok", "{'op':'purchase','member':'card:1','receipt':'r%d','amount':'%d',"
                               "'now':'2026-03-0%dT10:00:00Z','enrol':true}", day, day, day);
    }
    say(&two, "ok", "{'op':'adjust','member':'card:1','ref':'x','points':1,'reason':'x',"
                    "'now':'2026-03-06T10:00:00Z'}");
    say(&two, "ok", "{'op':'adjust','member':'card:1','ref':'y','points':-1,'reason':'x',"
                    "'now':'2026-03-07T10:00:00Z'}");
    for (size_t i = 0; i < 2; i++) {
        snprintf(both[i]->now, sizeof both[i]->now, "2026-03-07T11:00:00Z");
        const cJSON *shown = say(both[i], "ok", "{'op':'show','member':'card:1'}");
        expect_number(shown, "balances/star/available", i == 0 ? 5 : 5);
        expect_number(shown, "balances/level/available", 10);
        trial_end(both[i]);
    }
}

static void the_clock_never_goes_back(void)
{
    struct trial t;
    trial_begin(&t, ONE_PER_POUND, NOON);
    say(&t, "ok", BUY("card:1", "r1", "1.00"));
    const cJSON *back = say(&t, "ok", "{'op':'purchase','member':'card:1','receipt':'r2',"
                                      "'amount':'1','now':'2026-03-02T11:00:00Z'}");
    expect_text(back, "time", "2026-03-02T12:00:00Z");
    say(&t, "ok", "{'op':'purchase','member':'card:1','receipt':'r3','amount':'1',"
                  "'at':'2026-03-02T12:05:00Z'}");
    say(&t, "in_future", "{'op':'purchase','member':'card:1','receipt':'r4','amount':'1',"
                         "'at':'2026-03-02T12:05:00.001Z'}");
    say(&t, "ok", "{'op':'purchase','member':'card:1','receipt':'r4','amount':'1',"
                  "'at':'2026-02-23T12:00:00Z'}");
    say(&t, "too_late", "{'op':'purchase','member':'card:1','receipt':'r5','amount':'1',"
                        "'at':'2026-02-23T11:59:59.999Z'}");
    trial_end(&t);
}

/* The first live record meets no jump check; a real ledger takes no clock. */
static void a_ledger_that_is_no_test_takes_no_clock(void)
{
    struct trial t;
    trial_begin(&t, ONE_PER_POUND, NOON);
    char path[400];
    char *answer = NULL;
    snprintf(path, sizeof path, "%s/real.db", t.folder);
    CU_ASSERT_EQUAL_FATAL(loyalty_init(path, NULL, "{}", &answer), LOYALTY_OK);
    loyalty_free(answer);
    trial_close(&t);
    CU_ASSERT_EQUAL_FATAL(loyalty_open(&t.ledger, path, NULL, &answer), LOYALTY_OK);
    say(&t, "not_a_test_ledger", "{'op':'member.add','identifiers':['card:1']}");
    const char *request = "{\"op\":\"member.add\",\"identifiers\":[\"card:1\"]}";
    CU_ASSERT_EQUAL(loyalty_execute(t.ledger, &request, 1, &answer), LOYALTY_OK);
    loyalty_free(answer);
    trial_end(&t);
}

/* --- Versions ------------------------------------------------------------------ */

#define DOUBLE_STARS                                                                               \
    "{'loyalty':1,'id':'shop','timezone':'Europe/London','currency':'GBP','points':{'star':{}%s}," \
    "'earn':[{'id':'base','per':'1.00','gives':{'star':2%s}}]}"

static const cJSON *apply(struct trial *t, const char *code, const char *document, const char *from)
{
    char request[4096], clause[80] = "";
    if (from != NULL)
        snprintf(clause, sizeof clause, ",'from':'%s'", from);
    snprintf(request, sizeof request, "{'op':'programme.apply','programme':%s%s}", document, clause);
    return say(t, code, "%s", request);
}

static void at_chooses_the_version(void)
{
    struct trial t;
    char twice[512], three[512];
    snprintf(twice, sizeof twice, DOUBLE_STARS, "", "");
    snprintf(three, sizeof three, DOUBLE_STARS, ",'level':{}", ",'level':3");
    trial_begin(&t, ONE_PER_POUND, NOON);
    say(&t, "ok", BUY("card:1", "r1", "10.00"));
    expect_number(apply(&t, "ok", twice, "2026-03-03T00:00:00Z"), "version", 2);
    expect_number(say(&t, "ok", BUY("card:1", "r2", "10.00")), "earned/0/amount", 10);
    snprintf(t.now, sizeof t.now, "2026-03-03T00:00:00Z");
    expect_number(say(&t, "ok", BUY("card:1", "r3", "10.00")), "earned/0/amount", 20);
    const cJSON *late = say(&t, "ok", "{'op':'purchase','member':'card:1','receipt':'r4',"
                                      "'amount':'10','at':'2026-03-02T23:59:59Z'}");
    expect_number(late, "earned/0/amount", 10);
    expect_number(late, "programme", 1);
    /* A return goes by the version of its purchase. */
    expect_number(say(&t, "ok", "{'op':'return','of':'r1','ref':'a','all':true}"), "assessed/star", 10);
    expect_number(say(&t, "ok", "{'op':'return','of':'r3','ref':'b','all':true}"), "assessed/star", 20);
    /* Also where the return's own day lay before a currency that the purchase earned. */
    snprintf(t.now, sizeof t.now, "2026-03-04T12:00:00Z");
    apply(&t, "ok", three, NULL);
    say(&t, "ok", BUY("card:1", "r5", "10.00"));
    const cJSON *returned = say(&t, "ok", "{'op':'return','of':'r5','ref':'c','all':true,"
                                          "'at':'2026-03-03T12:00:00Z'}");
    expect_number(returned, "assessed/level", 30);
    expect_number(returned, "balances/level/available", 0);
    trial_end(&t);
}

/* --- History ------------------------------------------------------------------- */

/* One request of a history import; its error is copied out of the batch. */
static struct error last_error;
static struct outcome in_history(struct ledger *ledger, const char *request_text)
{
    struct arena arena = {0};
    struct request request;
    struct outcome outcome = {0};
    struct error error = {0};
    const struct programme *programme = NULL;
    CU_ASSERT_TRUE(ledger_programme(ledger, NULL, &programme, &error));
    CU_ASSERT_TRUE(request_parse(text_of(quoted(request_text)), programme, &arena, &request, &error));
    if (!ledger_execute(ledger, LEDGER_HISTORY, &request, 1, &outcome, &error)) {
        printf("\n    %s: %s\n", request_text, error.message);
        CU_FAIL("the batch failed");
        last_error = error;
    } else if (!outcome.done) {
        last_error = *outcome.error;
    }
    arena_free(&arena);
    return outcome;
}

static struct outcome history_purchase(struct ledger *ledger, const char *receipt, const char *at,
                                       const char *amount)
{
    char text[400];
    snprintf(text, sizeof text, "{'op':'purchase','member':'card:1','receipt':'%s','amount':'%s',"
                                "'at':'%s','enrol':true}", receipt, amount, at);
    return in_history(ledger, text);
}

static void history_opens_closes_and_opens_again(void)
{
    struct trial t;
    struct ledger_options options = {0};
    struct ledger *ledger = NULL;
    struct error error = {0};
    trial_begin(&t, ONE_PER_POUND, NOON);
    CU_ASSERT_TRUE_FATAL(ledger_open(&ledger, t.path, &options, &error));
    CU_ASSERT_TRUE(history_purchase(ledger, "h1", "2010-12-01T08:26:00Z", "10.00").done);
    CU_ASSERT_TRUE(history_purchase(ledger, "h2", "2010-12-03T08:26:00Z", "10.00").done);
    say(&t, "history_open", BUY("card:1", "r1", "1.00"));
    say(&t, "history_open", "{'op':'member.add','identifiers':['card:5']}");
    CU_ASSERT_TRUE(ledger_close_history(ledger, &error));
    CU_ASSERT_TRUE(ledger_close_history(ledger, &error)); /* nothing to close */
    test_expect_integer("closed", 7, log_size(&t));
    /* Again, and the first record is a purchase of a member who exists. */
    CU_ASSERT_TRUE(history_purchase(ledger, "h3", "2010-12-02T08:26:00Z", "5.00").done);
    struct outcome again = history_purchase(ledger, "h1", "2010-12-01T08:26:00Z", "10.00");
    CU_ASSERT_TRUE(again.done && again.duplicate);
    CU_ASSERT_TRUE(ledger_close_history(ledger, &error));
    test_expect_integer("closed again", 10, log_size(&t));
    say(&t, "ok", BUY("card:1", "r1", "1.00"));
    expect_available(&t, "card:1", "star", 26);
    struct outcome closed = history_purchase(ledger, "h4", "2010-12-05T08:26:00Z", "5.00");
    CU_ASSERT_FALSE(closed.done);
    CU_ASSERT_EQUAL(last_error.code, ERROR_HISTORY_CLOSED);
    ledger_close(ledger);
    trial_end(&t);
}

/* One wrong year in a file would else hold the log's clock for ever. */
static void history_does_not_reach_into_the_future(void)
{
    struct trial t;
    struct ledger_options options = {0};
    struct ledger *ledger = NULL;
    struct error error = {0};
    trial_begin(&t, ONE_PER_POUND, NOON);
    CU_ASSERT_TRUE_FATAL(ledger_open(&ledger, t.path, &options, &error));
    CU_ASSERT_TRUE(history_purchase(ledger, "h1", "2010-12-01T08:26:00Z", "10.00").done);
    struct outcome wrong = history_purchase(ledger, "h2", "2910-12-01T08:26:00Z", "10.00");
    CU_ASSERT_FALSE(wrong.done);
    CU_ASSERT_EQUAL(last_error.code, ERROR_IN_FUTURE);
    CU_ASSERT_TRUE(ledger_close_history(ledger, &error));
    ledger_close(ledger);
    trial_end(&t);
}

/* The first receipt of a file may be goods that come back from somebody unknown. */
static void history_may_begin_with_a_return(void)
{
    struct trial t;
    struct ledger_options options = {0};
    struct ledger *ledger = NULL;
    struct error error = {0};
    trial_begin(&t, ONE_PER_POUND, NOON);
    CU_ASSERT_TRUE_FATAL(ledger_open(&ledger, t.path, &options, &error));
    struct outcome first = in_history(
        ledger, "{'op':'return','ref':'c1','member':'card:9','unmatched':'deduct','enrol':true,"
                "'at':'2010-12-01T08:26:00Z','lines':[{'sku':'A','quantity':'1','amount':'5.00'}]}");
    CU_ASSERT_TRUE(first.done);
    CU_ASSERT_TRUE(history_purchase(ledger, "h2", "2010-12-02T08:26:00Z", "10.00").done);
    CU_ASSERT_TRUE(ledger_close_history(ledger, &error));
    ledger_close(ledger);
    expect_available(&t, "card:9", "star", -5);
    trial_end(&t);
}

const struct test_case pipeline_cases[] = {
    {"a retry makes no record", a_retry_makes_no_record},
    {"a key with other content names the field", a_key_with_other_content_names_the_field},
    {"a refusal is not recorded", a_refusal_is_not_recorded_and_frees_the_key},
    {"a refusal in a batch touches no other", a_refusal_in_a_batch_touches_no_other},
    {"currencies lapse in one order", currencies_lapse_in_one_order},
    {"a refusal after lapsing", a_refusal_after_lapsing_leaves_the_lots_in_sight},
    {"a lot touched by number", a_lot_touched_by_number_is_listed_once},
    {"a batch is its operations one by one", a_batch_is_its_operations_one_by_one},
    {"points lapse at local midnight", points_lapse_at_local_midnight},
    {"the 29th of February is clamped", the_29th_of_february_is_clamped},
    {"two steps in time are one", two_steps_in_time_are_one},
    {"the clock never goes back", the_clock_never_goes_back},
    {"a ledger that is no test takes no clock", a_ledger_that_is_no_test_takes_no_clock},
    {"at chooses the version", at_chooses_the_version},
    {"history opens, closes and opens again", history_opens_closes_and_opens_again},
    {"history may begin with a return", history_may_begin_with_a_return},
    {"history does not reach into the future", history_does_not_reach_into_the_future},
    {NULL, NULL},
};
