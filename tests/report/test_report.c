/* Reports, rule by rule, through loyalty.h: what counts when, and that what was
 * known then stays what it was. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "context.h"
#include "exceptions.h"
#include "pipeline.h"
#include "report_cases.h"
#include "trading.h"

/* A point a pound, two months to the end of the month; days of 3 days; worth a
 * penny, of which 15 in 100 are never redeemed. */
static const char SHOP[] =
    "{'loyalty':1,'id':'shop','timezone':'Asia/Shanghai','currency':'GBP',"
    "'receipts':{'late':'P60D'},"
    "'points':{'point':{'expires':{'after':'P2M','at':'end_of_month'},'value':'0.01',"
    "'breakage':'0.15'}},"
    "'earn':[{'id':'base','per':'1.00','gives':{'point':1}}]}";

void at(struct trial *trial, const char *now)
{
    snprintf(trial->now, sizeof trial->now, "%s", now);
}

static char *raw(struct trial *trial, const char *request)
{
    char *answer = NULL;
    loyalty_status status = loyalty_run(trial->ledger, quoted(request), NULL, &answer);
    (void)status;
    return answer;
}

const cJSON *ask(struct trial *trial, const char *request)
{
    char *text = raw(trial, request);
    cJSON *answer = cJSON_Parse(text);
    if (!cJSON_IsTrue(cJSON_GetObjectItemCaseSensitive(answer, "ok")))
        printf("\n    %s: %s\n", request, text);
    CU_ASSERT_TRUE(cJSON_IsTrue(cJSON_GetObjectItemCaseSensitive(answer, "ok")));
    loyalty_free(text);
    cJSON_AddItemToArray(trial->answers, answer);
    return answer;
}

static void refused(struct trial *trial, const char *code, const char *request)
{
    char *text = raw(trial, request);
    cJSON *answer = cJSON_Parse(text);
    expect_text(answer, "error/code", code);
    cJSON_Delete(answer);
    loyalty_free(text);
}

static void expect_total(struct trial *trial, const char *as_of, double expected)
{
    char request[128];
    snprintf(request, sizeof request, "{'op':'report','name':'liability','as_of':'%s'}", as_of);
    expect_number(ask(trial, request), "totals/0/total", expected);
}

static void buy(struct trial *trial, const char *now, const char *receipt, const char *amount)
{
    at(trial, now);
    say(trial, "ok",
        "{'op':'purchase','member':'card:1','enrol':true,'receipt':'%s','amount':'%s'}", receipt,
        amount);
}

/* --- What counts when -------------------------------------------------------------- */

/* 23:59 in Shanghai is the afternoon in UTC: the shop's day decides. */
static void counts_in_the_shops_day(void)
{
    struct trial trial;
    trial_begin(&trial, SHOP, "2026-01-01T00:00:00Z");
    buy(&trial, "2026-01-31T15:59:59Z", "1", "10");
    buy(&trial, "2026-01-31T16:00:00Z", "2", "5");
    expect_total(&trial, "2026-01-30", 0);
    expect_total(&trial, "2026-01-31", 10);
    expect_total(&trial, "2026-02-01", 15);
    const cJSON *answer = ask(&trial, "{'op':'report','name':'liability','as_of':'2026-02-01'}");
    expect_count(answer, "rows", 2);
    expect_text(answer, "rows/0/issued", "2026-01");
    expect_text(answer, "rows/0/expires", "2026-03");
    expect_text(answer, "rows/1/issued", "2026-02");
    expect_text(answer, "rows/1/expires", "2026-04");
    trial_end(&trial);
}

/* A lot lapses with its last day, whether a record says so or not. */
static void lapses_without_a_record(void)
{
    struct trial trial;
    trial_begin(&trial, SHOP, "2026-01-01T00:00:00Z");
    buy(&trial, "2026-01-10T10:00:00Z", "1", "10");
    int64_t size = log_size(&trial);
    expect_total(&trial, "2026-03-30", 10);
    expect_total(&trial, "2026-03-31", 0);
    const cJSON *trials =
        ask(&trial, "{'op':'report','name':'trial-balance','as_of':'2026-03-31'}");
    expect_number(trials, "rows/0/recorded", 10);
    expect_number(trials, "rows/0/as_of", 0);
    expect_text(trials, "rows/7/account", "expired");
    expect_number(trials, "rows/7/as_of", 10);
    CU_ASSERT_EQUAL(log_size(&trial), size);
    buy(&trial, "2026-06-10T10:00:00Z", "2", "1");
    expect_total(&trial, "2026-03-30", 10);
    expect_total(&trial, "2026-03-31", 0);
    const cJSON *roll = ask(&trial, "{'op':'report','name':'rollforward','as_of':'2026-07-31',"
                                    "'from':'2026-01','until':'2026-06'}");
    expect_number(roll, "rows/2/expired", -10); /* in March, not when the record was made */
    expect_number(roll, "rows/5/closing", 1);
    trial_end(&trial);
}

/* A late purchase counts on its day; who knows less does not know of it. */
static void late_purchase_counts_on_its_day(void)
{
    struct trial trial;
    trial_begin(&trial, SHOP, "2026-01-01T00:00:00Z");
    buy(&trial, "2026-02-10T10:00:00Z", "1", "10");
    int64_t size = log_size(&trial);
    at(&trial, "2026-03-01T10:00:00Z");
    say(&trial, "ok",
        "{'op':'purchase','member':'card:1','receipt':'2','amount':'7',"
        "'at':'2026-02-15T10:00:00Z'}");
    expect_total(&trial, "2026-02-28", 17);
    char request[128];
    snprintf(request, sizeof request,
             "{'op':'report','name':'liability','as_of':'2026-02-28','known_at':%lld}",
             (long long)size);
    expect_number(ask(&trial, request), "totals/0/total", 10);
    trial_end(&trial);
}

/* A late return takes from a lot that was earned after its `at`: not before that. */
static void nothing_is_taken_before_it_was_earned(void)
{
    struct trial trial;
    trial_begin(&trial, SHOP, "2026-01-01T00:00:00Z");
    buy(&trial, "2026-02-01T10:00:00Z", "1", "10");
    at(&trial, "2026-02-02T10:00:00Z");
    say(&trial, "ok", "{'op':'redeem','member':'card:1','ref':'V','points':10}");
    buy(&trial, "2026-02-20T10:00:00Z", "2", "30");
    at(&trial, "2026-02-25T10:00:00Z");
    say(&trial, "ok", "{'op':'return','of':'1','ref':'R','all':true,'at':'2026-02-10T10:00:00Z'}");
    expect_total(&trial, "2026-02-15", 0);
    expect_total(&trial, "2026-02-20", 20);
    trial_end(&trial);
}

/* --- What became of it --------------------------------------------------------------- */

static void breakage_says_where_points_went(void)
{
    struct trial trial;
    trial_begin(&trial, SHOP, "2026-01-01T00:00:00Z");
    buy(&trial, "2026-01-10T10:00:00Z", "1", "100");
    at(&trial, "2026-01-11T10:00:00Z");
    say(&trial, "ok", "{'op':'redeem','member':'card:1','ref':'V','points':60}");
    say(&trial, "ok", "{'op':'return','of':'1','ref':'R','all':true}"); /* 40, and a debt of 60 */
    buy(&trial, "2026-02-10T10:00:00Z", "2", "75");
    const cJSON *answer = ask(&trial, "{'op':'report','name':'breakage','as_of':'2026-02-28'}");
    expect_text(answer, "rows/0/issued_in", "2026-01");
    expect_number(answer, "rows/0/redeemed", 60);
    expect_text(answer, "rows/0/redeemed_percent", "60.00");
    expect_number(answer, "rows/0/returned", 40);
    expect_number(answer, "rows/0/open", 0);
    expect_number(answer, "rows/1/settled", 60);
    expect_text(answer, "rows/1/settled_percent", "80.00");
    expect_number(answer, "rows/1/open", 15);
    answer = ask(&trial, "{'op':'report','name':'breakage','as_of':'2026-04-30'}");
    expect_number(answer, "rows/1/expired", 15);
    trial_end(&trial);
}

/* A cancelled redemption settles a debt first; the points are not open then. */
static void cancel_settles_a_debt(void)
{
    struct trial trial;
    trial_begin(&trial, SHOP, "2026-01-01T00:00:00Z");
    buy(&trial, "2026-01-10T10:00:00Z", "1", "100");
    at(&trial, "2026-01-11T10:00:00Z");
    say(&trial, "ok", "{'op':'redeem','member':'card:1','ref':'V','points':60}");
    say(&trial, "ok", "{'op':'return','of':'1','ref':'R','amount':'70.00'}"); /* a debt of 30 */
    const cJSON *answer = ask(&trial, "{'op':'report','name':'liability','as_of':'2026-01-31'}");
    expect_number(answer, "totals/0/debt", -30);
    expect_text(answer, "totals/0/value", "0.00");
    say(&trial, "ok", "{'op':'cancel','of':'V','ref':'C'}");
    expect_total(&trial, "2026-01-31", 30);
    answer = ask(&trial, "{'op':'report','name':'breakage','as_of':'2026-01-31'}");
    expect_number(answer, "rows/0/redeemed", 0);
    expect_number(answer, "rows/0/settled", 30);
    expect_number(answer, "rows/0/returned", 40);
    expect_number(answer, "rows/0/open", 30);
    trial_end(&trial);
}

/* What had lapsed before a cancel stays lapsed, counted when it was cancelled: a
 * month that is over does not change. */
static void cancel_of_what_has_lapsed(void)
{
    struct trial trial;
    trial_begin(&trial, SHOP, "2026-01-01T00:00:00Z");
    buy(&trial, "2026-01-10T10:00:00Z", "1", "100");
    at(&trial, "2026-01-11T10:00:00Z");
    say(&trial, "ok", "{'op':'redeem','member':'card:1','ref':'V','points':60}");
    at(&trial, "2026-05-11T10:00:00Z");
    say(&trial, "ok", "{'op':'cancel','of':'V','ref':'C'}");
    const cJSON *roll = ask(&trial, "{'op':'report','name':'rollforward','as_of':'2026-05-31',"
                                    "'from':'2026-01','until':'2026-05'}");
    expect_number(roll, "rows/0/redeemed", -60);
    expect_number(roll, "rows/2/expired", -40);
    expect_number(roll, "rows/4/redeemed", 60);
    expect_number(roll, "rows/4/expired", -60);
    expect_number(roll, "rows/4/closing", 0);
    const cJSON *answer = ask(&trial, "{'op':'report','name':'breakage','as_of':'2026-05-31'}");
    expect_number(answer, "rows/0/redeemed", 0);
    expect_number(answer, "rows/0/expired", 100);
    trial_end(&trial);
}

/* --- Value ------------------------------------------------------------------------------ */

/* 101 + 2 points of 0.01: 0.8755 expected is 0.88 in all, and the rows say so. */
static void value_is_rounded_once(void)
{
    struct trial trial;
    trial_begin(&trial, SHOP, "2026-01-01T00:00:00Z");
    buy(&trial, "2026-01-10T10:00:00Z", "1", "101");
    buy(&trial, "2026-02-10T10:00:00Z", "2", "2");
    const cJSON *answer = ask(&trial, "{'op':'report','name':'liability','as_of':'2026-02-28'}");
    expect_text(answer, "totals/0/value", "1.03");
    expect_text(answer, "totals/0/expected", "0.88");
    expect_text(answer, "rows/0/expected", "0.86");
    expect_text(answer, "rows/1/expected", "0.02");
    trial_end(&trial);
}

/* --- For ever the same --------------------------------------------------------------------- */

static const char *const questions[] = {
    "{'op':'report','name':'liability','as_of':'2026-02-28','known_at':4}",
    "{'op':'report','name':'breakage','as_of':'2026-02-28','known_at':4}",
    "{'op':'report','name':'trial-balance','as_of':'2026-02-28','known_at':4}",
    "{'op':'report','name':'rollforward','period':'2026-02','as_of':'2026-02-28','known_at':4}",
    "{'op':'statement','member':'card:1','month':'2026-01','as_of':'2026-02-28','known_at':4}"};
enum { QUESTIONS = sizeof questions / sizeof *questions };

static void known_then_is_known_for_ever(void)
{
    struct trial trial;
    char *before[QUESTIONS];
    trial_begin(&trial, SHOP, "2026-01-01T00:00:00Z");
    buy(&trial, "2026-01-10T10:00:00Z", "1", "101");
    CU_ASSERT_EQUAL(log_size(&trial), 4);
    for (size_t i = 0; i < QUESTIONS; i++)
        before[i] = raw(&trial, questions[i]);
    at(&trial, "2026-02-11T10:00:00Z");
    say(&trial, "ok",
        "{'op':'purchase','member':'card:1','receipt':'2','amount':'7',"
        "'at':'2026-01-11T10:00:00Z'}");
    say(&trial, "ok", "{'op':'redeem','member':'card:1','ref':'V','points':10}");
    char *second = quoted(SHOP);
    memcpy(strstr(second, "0.15"), "0.95", 4);
    cJSON *apply = cJSON_CreateObject();
    cJSON_AddStringToObject(apply, "op", "programme.apply");
    cJSON_AddStringToObject(apply, "programme", second);
    char *request = cJSON_PrintUnformatted(apply);
    say(&trial, "ok", "%s", request);
    cJSON_free(request);
    cJSON_Delete(apply);
    buy(&trial, "2026-06-10T10:00:00Z", "3", "1");
    for (size_t i = 0; i < QUESTIONS; i++) {
        char *after = raw(&trial, questions[i]);
        test_expect_text(questions[i], before[i], strlen(before[i]), after, strlen(after));
        CU_ASSERT_PTR_NOT_NULL(strstr(after, "\"ok\":true"));
        loyalty_free(after);
        loyalty_free(before[i]);
    }
    trial_end(&trial);
}

/* --- The life of points ---------------------------------------------------------------- */

/* Points wait three days; sun lapse after ten days without anything. */
static const char LIFE[] =
    "{'loyalty':1,'id':'shop','timezone':'Asia/Shanghai','currency':'GBP',"
    "'receipts':{'late':'P60D'},'reservations':{'timeout':'P2D','longest':'P9D'},"
    "'points':{'point':{'pending':{'for':'P3D'}},'sun':{'expires':{'inactive':'P10D'}}},"
    "'earn':[{'id':'base','per':'1.00','gives':{'point':1,'sun':1}}]}";

static void expect_sides(struct trial *trial, const char *as_of, int currency, double available,
                         double pending, double reserved)
{
    char request[128], path[64];
    snprintf(request, sizeof request, "{'op':'report','name':'liability','as_of':'%s'}", as_of);
    const cJSON *answer = ask(trial, request);
    snprintf(path, sizeof path, "totals/%d/available", currency);
    expect_number(answer, path, available);
    snprintf(path, sizeof path, "totals/%d/pending", currency);
    expect_number(answer, path, pending);
    snprintf(path, sizeof path, "totals/%d/reserved", currency);
    expect_number(answer, path, reserved);
}

/* The 13th is the last day of waiting, whether anybody records that it is over or not. */
static void pending_until_its_moment(void)
{
    struct trial trial;
    trial_begin(&trial, LIFE, "2026-01-01T00:00:00Z");
    buy(&trial, "2026-01-10T10:00:00Z", "1", "10");
    for (int swept = 0; swept < 2; swept++) {
        expect_sides(&trial, "2026-01-13", 0, 0, 10, 0);
        expect_sides(&trial, "2026-01-14", 0, 10, 0, 0);
        buy(&trial, "2026-02-01T10:00:00Z", "2", "0");
    }
    const cJSON *answer = ask(&trial, "{'op':'statement','member':'card:1','month':'2026-01',"
                                      "'as_of':'2026-01-12'}");
    expect_number(answer, "balances/0/closing", 10);
    expect_number(answer, "balances/0/available", 0);
    expect_number(answer, "balances/0/pending", 10);
    expect_text(answer, "balances/0/coming/0/from_day", "2026-01-14");
    trial_end(&trial);
}

/* Reserved points are owed; at the reservation's end they are available again. */
static void reserved_until_its_end(void)
{
    struct trial trial;
    trial_begin(&trial, LIFE, "2026-01-01T00:00:00Z");
    buy(&trial, "2026-01-10T10:00:00Z", "1", "10");
    at(&trial, "2026-01-12T10:00:00Z");
    say(&trial, "ok", "{'op':'reserve','member':'card:1','ref':'H','points':4,'points_of':'sun'}");
    for (int later = 0; later < 2; later++) {
        expect_sides(&trial, "2026-01-11", 1, 10, 0, 0);
        expect_sides(&trial, "2026-01-13", 1, 6, 0, 4);
        expect_sides(&trial, "2026-01-14", 1, 10, 0, 0);
        at(&trial, "2026-01-15T10:00:00Z");
        say(&trial, "ok",
            "{'op':'redeem','member':'card:1','ref':'V%d','points':1,'points_of':'sun'}", later);
    }
    trial_end(&trial);
}

/* Ten days after the last thing that happened, the 20th, all of it lapses: within that
 * day, and not where something happened in time. */
static void lapses_of_idleness(void)
{
    struct trial trial;
    trial_begin(&trial, LIFE, "2026-01-01T00:00:00Z");
    buy(&trial, "2026-01-10T10:00:00Z", "1", "10");
    expect_sides(&trial, "2026-01-19", 1, 10, 0, 0);
    expect_sides(&trial, "2026-01-20", 1, 0, 0, 0);
    int64_t size = log_size(&trial);
    at(&trial, "2026-01-15T10:00:00Z");
    say(&trial, "ok", "{'op':'redeem','member':'card:1','ref':'V','points':1,'points_of':'sun'}");
    expect_sides(&trial, "2026-01-20", 1, 9, 0, 0);
    expect_sides(&trial, "2026-01-25", 1, 0, 0, 0);
    char request[128];
    snprintf(request, sizeof request,
             "{'op':'report','name':'liability','as_of':'2026-01-20','known_at':%lld}",
             (long long)size);
    expect_number(ask(&trial, request), "totals/1/total", 0);
    trial_end(&trial);
}

/* A late return, and what it takes from points that were not yet to be spent: nothing
 * is ever less than nothing. */
static void never_less_than_nothing(void)
{
    struct trial trial;
    trial_begin(&trial, LIFE, "2026-01-01T00:00:00Z");
    buy(&trial, "2026-01-10T10:00:00Z", "1", "10");
    at(&trial, "2026-01-20T10:00:00Z");
    say(&trial, "ok", "{'op':'return','of':'1','ref':'R','all':true,'at':'2026-01-11T10:00:00Z'}");
    expect_sides(&trial, "2026-01-13", 0, 0, 10, 0);
    expect_sides(&trial, "2026-01-14", 0, 0, 0, 0);
    trial_end(&trial);
}

/* --- Closing --------------------------------------------------------------------------- */

/* A record that closes all months before a moment, as the operation writes it. */
static void close_until(struct trial *trial, const char *time, const char *closed)
{
    const struct ledger_options options = {0};
    struct ledger *ledger = NULL;
    struct error error;
    struct head head;
    trial_close(trial);
    CU_ASSERT_TRUE_FATAL(ledger_open(&ledger, trial->path, &options, &error));
    CU_ASSERT_TRUE_FATAL(pipeline_begin(ledger, true, &error));
    head_clear(&head);
    head.kind = RECORD_CLOSE;
    CU_ASSERT_TRUE(moment_parse(text_of(time), NULL, &head.time, &error));
    CU_ASSERT_TRUE(moment_parse(text_of(closed), NULL, &head.closed, &error));
    head.at = head.time;
    struct context context = {.ledger = ledger, .state = &ledger->state, .arena = &ledger->batch};
    CU_ASSERT_TRUE(record_write(&context, &head, (struct text){0}, &error));
    CU_ASSERT_TRUE(pipeline_commit(ledger, &error));
    ledger_close(ledger);
    trial_open(trial);
}

/* What comes late stands in the first open month and says so; the closed one stays. */
static void closed_months_stay(void)
{
    struct trial trial;
    trial_begin(&trial, SHOP, "2026-01-01T00:00:00Z");
    buy(&trial, "2026-01-10T10:00:00Z", "1", "10");
    const cJSON *roll = ask(&trial, "{'op':'report','name':'rollforward','period':'2026-01'}");
    CU_ASSERT_TRUE(cJSON_IsNull(at_path(roll, "rows/0/late")));
    close_until(&trial, "2026-02-03T00:00:00Z", "2026-01-31T16:00:00Z");
    at(&trial, "2026-02-10T10:00:00Z");
    say(&trial, "ok",
        "{'op':'purchase','member':'card:1','receipt':'2','amount':'7',"
        "'at':'2026-01-20T10:00:00Z'}");
    buy(&trial, "2026-02-11T10:00:00Z", "3", "2");
    roll = ask(&trial, "{'op':'report','name':'rollforward','from':'2026-01','until':'2026-02',"
                       "'as_of':'2026-02-28'}");
    expect_number(roll, "rows/0/closing", 10);
    expect_number(roll, "rows/0/late", 0);
    expect_number(roll, "rows/1/issued_purchase", 9);
    expect_number(roll, "rows/1/late", 7);
    expect_total(&trial, "2026-01-31", 10);
    const cJSON *breakage = ask(&trial, "{'op':'report','name':'breakage','as_of':'2026-02-28'}");
    expect_number(breakage, "rows/1/issued", 9);
    expect_number(breakage, "rows/1/late", 7);
    const cJSON *said = ask(&trial, "{'op':'statement','member':'card:1','month':'2026-02',"
                                    "'as_of':'2026-02-28'}");
    expect_number(said, "balances/0/opening", 10);
    expect_text(said, "balances/0/movements/0/date", "2026-01-20");
    CU_ASSERT_TRUE(cJSON_IsTrue(at_path(said, "balances/0/movements/0/late")));
    CU_ASSERT_PTR_NULL(at_path(said, "balances/0/movements/1/late"));
    trial_remove(&trial); /* no audit: nobody asked for that record */
}

/* A lapse in the closed month that is recorded later was there before. */
static void time_is_never_late(void)
{
    struct trial trial;
    trial_begin(&trial, SHOP, "2026-01-01T00:00:00Z");
    buy(&trial, "2026-01-10T10:00:00Z", "1", "10");
    close_until(&trial, "2026-04-03T00:00:00Z", "2026-03-31T16:00:00Z");
    for (int recorded = 0; recorded < 2; recorded++) {
        const cJSON *roll =
            ask(&trial, "{'op':'report','name':'rollforward','from':'2026-03','until':'2026-04',"
                        "'as_of':'2026-04-30'}");
        expect_number(roll, "rows/0/expired", -10);
        expect_number(roll, "rows/1/expired", 0);
        expect_number(roll, "rows/1/late", 0);
        buy(&trial, "2026-05-01T10:00:00Z", "2", "1");
    }
    trial_remove(&trial);
}

/* --- Exceptions --------------------------------------------------------------------------------
 */

enum { OPERATORS = 3, CARDS = 4, DAYS = 3, SALES = 150 };

/* A simple count beside the report's. */
struct counted {
    int by[OPERATORS], keyed[OPERATORS], bought[CARDS][DAYS];
};

static unsigned chance(unsigned *seed, unsigned of)
{
    *seed = *seed * 1103515245u + 12345u;
    return (*seed >> 16) % of;
}

static void sell_at_random(struct trial *trial, struct counted *counted)
{
    unsigned seed = 7;
    for (int i = 0; i < SALES; i++) {
        unsigned who = chance(&seed, OPERATORS), card = chance(&seed, CARDS);
        unsigned keyed = chance(&seed, 3), day = (unsigned)i * DAYS / SALES;
        char now[40];
        snprintf(now, sizeof now, "2026-01-%02uT10:00:00Z", 10 + day);
        at(trial, now);
        say(trial, "ok",
            "{'op':'purchase','member':'card:%u','enrol':true,'receipt':'%d','amount':'1',"
            "'operator':'o%u','entry':'%s'}",
            card, i, who, keyed == 0 ? "keyed" : "scan");
        counted->by[who]++;
        counted->keyed[who] += keyed == 0;
        counted->bought[card][day]++;
    }
}

static int rows_of(const cJSON *report, const char *what, const char *operator_id, double *count,
                   double *of)
{
    int rows = 0;
    const cJSON *row = NULL;
    cJSON_ArrayForEach(row, at_path(report, "rows"))
    {
        const char *name = cJSON_GetStringValue(at_path(row, "operator"));
        if (strcmp(cJSON_GetStringValue(at_path(row, "what")), what) != 0 ||
            (operator_id != NULL && (name == NULL || strcmp(name, operator_id) != 0)))
            continue;
        rows++;
        *count += cJSON_GetNumberValue(at_path(row, "count"));
        *of = cJSON_GetNumberValue(at_path(row, "of"));
    }
    return rows;
}

static void exceptions_are_counted(void)
{
    struct trial trial;
    struct counted counted = {0};
    trial_begin(&trial, SHOP, "2026-01-01T00:00:00Z");
    sell_at_random(&trial, &counted);
    for (int most = 1; most < 25; most++) {
        char request[200];
        int sprees = 0;
        double bought = 0, found = 0, of = 0;
        for (int i = 0; i < CARDS * DAYS; i++) {
            int purchases = counted.bought[i / DAYS][i % DAYS];
            sprees += purchases > most;
            bought += purchases > most ? purchases : 0;
        }
        snprintf(request, sizeof request,
                 "{'op':'report','name':'exceptions','from':'2026-01-01','until':'2026-01-12','"
                 "most':%d}",
                 most);
        const cJSON *report = ask(&trial, request);
        test_expect_integer("sprees", sprees, rows_of(report, "velocity", NULL, &found, &of));
        test_expect_integer("purchases", (int)bought, (int)found);
        for (int i = 0; i < OPERATORS; i++) {
            char name[16];
            double keyed = 0;
            snprintf(name, sizeof name, "o%d", i);
            rows_of(report, "keyed", name, &keyed, &of);
            test_expect_integer("keyed", counted.keyed[i], (int)keyed);
            test_expect_integer("of", counted.by[i], (int)of);
        }
    }
    expect_count(
        ask(&trial, "{'op':'report','name':'exceptions','from':'2026-01-01','until':'2026-01-09'}"),
        "rows", 0);
    trial_end(&trial);
}

/* Where two share a cell, both are suspected, and only one is told. */
static void shared_cells_tell_nobody_else(void)
{
    static const uint64_t buyers[] = {5, 9, 5, 9, 5};
    struct view view = {0};
    struct velocity velocity;
    struct error error = {0};
    struct arena arena = {0};
    struct sheet sheet = {.arena = &arena};
    velocity_begin(&velocity, &view, 2);
    velocity.cell_count = 1;
    exception_columns(&view, &sheet);
    CU_ASSERT_FALSE(velocity_any_suspected(&velocity));
    for (int pass = 0; pass < 2; pass++) {
        for (size_t i = 0; i < sizeof buyers / sizeof *buyers; i++) {
            struct head head = {.kind = RECORD_PURCHASE, .member = buyers[i]};
            struct operation_seen seen = {.head = &head, .day = 7};
            if (pass == 0)
                velocity_count(&velocity, &seen);
            else
                CU_ASSERT_TRUE(velocity_is_suspected(&velocity, &seen) &&
                               velocity_add(&velocity, &seen, &error));
        }
    }
    CU_ASSERT_TRUE(velocity_any_suspected(&velocity));
    velocity_write(&velocity, &sheet);
    test_expect_integer("rows", 1, (int64_t)(sheet.count / sheet.column_count));
    velocity_end(&velocity);
    arena_free(&arena);
}

/* --- Refusals -------------------------------------------------------------------------------- */

static void what_cannot_be_asked(void)
{
    struct trial trial;
    trial_begin(&trial, SHOP, "2026-01-01T00:00:00Z");
    buy(&trial, "2026-01-10T10:00:00Z", "1", "101");
    refused(&trial, "missing_field", "{'op':'report'}");
    refused(&trial, "invalid_field", "{'op':'report','name':'liabilty'}");
    refused(&trial, "unknown_field", "{'op':'report','name':'liability','asof':'2026-01-01'}");
    refused(&trial, "invalid_time", "{'op':'report','name':'liability','as_of':'2026-02-30'}");
    refused(&trial, "unknown_record", "{'op':'report','name':'liability','known_at':99}");
    refused(&trial, "no_programme", "{'op':'report','name':'liability','known_at':1}");
    refused(&trial, "invalid_note", "{'op':'report','name':'liability','known_at':'x'}");
    refused(&trial, "invalid_field", "{'op':'report','name':'liability','known_at':1.5}");
    refused(&trial, "invalid_field", "{'op':'report','name':'liability','period':'2026-01'}");
    refused(&trial, "invalid_time", "{'op':'report','name':'rollforward','period':'2026-13'}");
    refused(&trial, "missing_field", "{'op':'report','name':'rollforward','from':'2026-01'}");
    refused(&trial, "invalid_field",
            "{'op':'report','name':'rollforward','from':'2026-02','until':'2026-01'}");
    refused(&trial, "limit_exceeded",
            "{'op':'report','name':'rollforward','from':'1026-02','until':'2026-01'}");
    refused(&trial, "invalid_field", "{'op':'report','name':'liability','format':'xml'}");
    refused(&trial, "usage", "{'op':'report','name':'liability','format':'csv'}");
    refused(&trial, "missing_field", "{'op':'statement','month':'2026-01'}");
    refused(&trial, "missing_field", "{'op':'statement','member':'card:1'}");
    refused(&trial, "unknown_member", "{'op':'statement','member':'card:9','month':'2026-01'}");
    refused(&trial, "invalid_field",
            "{'op':'statement','member':'card:1','month':'2026-01','width':33}");
    trial_end(&trial);
}

/* --- Tills ------------------------------------------------------------------------- */

static const char TILLS[] = "{'loyalty':1,'id':'shop','timezone':'Asia/Shanghai','currency':'GBP',"
                            "'receipts':{'late':'P60D'},'points':{'point':{}}}";

static void sell(struct trial *trial, const char *now, const char *at_time, const char *receipt)
{
    at(trial, now);
    say(trial, "ok",
        "{'op':'purchase','store':'S','till':'1','receipt':'%s','amount':'5','at':'%s'}", receipt,
        at_time);
}

/* The first record that was read for one day. */
static int64_t read_from(struct trial *trial, const char *day, int64_t *count)
{
    struct ledger *ledger = NULL;
    struct error error;
    struct view view;
    struct date date;
    const struct ledger_options opening = {.read_only = true};
    const struct report_options options = {.as_of = text_of(day), .known_size = -1};
    CU_ASSERT_TRUE_FATAL(ledger_open(&ledger, trial->path, &opening, &error));
    CU_ASSERT_TRUE_FATAL(view_open(&view, ledger, &options, NULL, &error));
    CU_ASSERT_TRUE_FATAL(date_parse(text_of(day), &date));
    struct trading trading = {
        .view = &view, .first = date_to_days(date), .last = date_to_days(date)};
    CU_ASSERT_TRUE(trading_read(&trading, &error));
    *count = trading.count == 0 ? 0 : trading_of(&trading, &trading.tills[0], trading.first)->count;
    int64_t from = trading.from;
    trading_free(&trading);
    view_close(&view);
    ledger_close(ledger);
    return from;
}

/* A day is read from four weeks before it on, and what came late for it, too. */
static void tills_are_read_from_their_days_on(void)
{
    struct trial trial;
    int64_t count = 0;
    trial_begin(&trial, TILLS, "2026-01-01T00:00:00Z"); /* records 0 and 1 */
    sell(&trial, "2026-01-01T04:00:00Z", "2026-01-01T04:00:00Z", "A");
    sell(&trial, "2026-02-01T15:54:59Z", "2026-02-01T15:54:59Z", "B");
    sell(&trial, "2026-02-01T15:55:00Z", "2026-02-01T16:00:00Z", "C"); /* its clock is fast */
    sell(&trial, "2026-03-02T04:00:00Z", "2026-03-02T04:00:00Z", "D");
    sell(&trial, "2026-04-20T04:00:00Z", "2026-03-02T05:00:00Z", "E");
    CU_ASSERT_EQUAL(read_from(&trial, "2026-03-02", &count), 4);
    CU_ASSERT_EQUAL(count, 2);
    CU_ASSERT_EQUAL(read_from(&trial, "2026-01-01", &count), 2);
    CU_ASSERT_EQUAL(count, 1);
    CU_ASSERT_EQUAL(read_from(&trial, "2026-06-01", &count), log_size(&trial));
    CU_ASSERT_EQUAL(count, 0);
    trial_end(&trial);
}

/* Without a name it is nobody's silence. */
static void nameless_tills_are_never_silent(void)
{
    struct trial trial;
    trial_begin(&trial, TILLS, "2026-01-01T00:00:00Z");
    sell(&trial, "2026-03-02T04:00:00Z", "2026-03-02T04:00:00Z", "A");
    say(&trial, "ok", "{'op':'purchase','receipt':'B','amount':'7'}");
    const cJSON *on = ask(&trial, "{'op':'report','name':'tills','as_of':'2026-03-03'}");
    expect_count(on, "rows", 2);
    CU_ASSERT_TRUE(cJSON_IsNull(at_path(on, "rows/0/store")));
    expect_text(on, "rows/0/sum", "7.00");
    const cJSON *after = ask(&trial, "{'op':'report','name':'tills','as_of':'2026-03-04'}");
    expect_count(after, "rows", 1);
    expect_text(after, "rows/0/store", "S");
    CU_ASSERT_TRUE(cJSON_IsTrue(at_path(after, "rows/0/silent")));
    trial_end(&trial);
}

static const struct test_case report_cases[] = {
    {"counts in the shop's day", counts_in_the_shops_day},
    {"lapses without a record", lapses_without_a_record},
    {"late purchase counts on its day", late_purchase_counts_on_its_day},
    {"nothing is taken before it was earned", nothing_is_taken_before_it_was_earned},
    {"breakage says where points went", breakage_says_where_points_went},
    {"cancel settles a debt", cancel_settles_a_debt},
    {"cancel of what has lapsed", cancel_of_what_has_lapsed},
    {"value is rounded once", value_is_rounded_once},
    {"known then is known for ever", known_then_is_known_for_ever},
    {"pending until its moment", pending_until_its_moment},
    {"reserved until its end", reserved_until_its_end},
    {"lapses of idleness", lapses_of_idleness},
    {"never less than nothing", never_less_than_nothing},
    {"closed months stay", closed_months_stay},
    {"time is never late", time_is_never_late},
    {"exceptions are counted", exceptions_are_counted},
    {"shared cells tell nobody else", shared_cells_tell_nobody_else},
    {"what cannot be asked", what_cannot_be_asked},
    {"tills are read from their days on", tills_are_read_from_their_days_on},
    {"nameless tills are never silent", nameless_tills_are_never_silent},
    {NULL, NULL},
};
const struct test_suite test_suites[] = {
    {"report", report_cases}, {"tiers", tiers_cases}, {NULL, NULL}};
