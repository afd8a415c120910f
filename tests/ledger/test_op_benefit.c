/* Benefits: so often in a calendar unit, so many places in all, for whom the level allows. */
#include <stdio.h>
#include <string.h>

#include "support.h"

#define NOON "2026-03-04T04:00:00Z" /* a Wednesday; noon in Shanghai */
#define SHOP(benefits)                                                                             \
    "{'loyalty':1,'id':'cafe','timezone':'Asia/Shanghai','currency':'CNY','points':{'star':{}},"   \
    "'benefits':[" benefits "]}"
#define OAT(every) "{'id':'oat','quota':{'times':2,'every':'" every "'}}"
#define LEVELS(benefits)                                                                           \
    "{'loyalty':1,'id':'cafe','timezone':'Asia/Shanghai','currency':'CNY','points':{'star':{}},"   \
    "'tiers':{'measure':{'spend':true},'window':'lifetime','levels':[{'id':'green'},"              \
    "{'id':'jade','from':'50.00'},{'id':'gold','from':'100.00'}]},'benefits':[" benefits "]}"

static void begin(struct trial *t, const char *programme, const char *now)
{
    trial_begin(t, programme, now);
    for (int card = 1; card <= 3; card++)
        say(t, "ok", "{'op':'member.add','identifiers':['card:%d']}", card);
}

#define USE(ref, card, benefit)                                                                    \
    "{'op':'benefit.use','ref':'" ref "','member':'card:" card "','benefit':'" benefit "'}"
#define UNDO(ref, of) "{'op':'void','ref':'" ref "','of':'" of "'}"
#define BUY(card, receipt, amount)                                                                 \
    "{'op':'purchase','member':'card:" card "','receipt':'" receipt "','amount':'" amount "'}"

static void set_clock(struct trial *t, const char *now)
{
    snprintf(t->now, sizeof t->now, "%s", now);
}

static void expect_null(const cJSON *answer, const char *path)
{
    CU_ASSERT_TRUE(cJSON_IsNull(at_path(answer, path)));
}

static const char *head_of(struct trial *t, const cJSON *answer)
{
    const cJSON *record =
        say(t, "ok", "{'op':'record','seq':%d}", (int)cJSON_GetNumberValue(at_path(answer, "seq")));
    return cJSON_GetStringValue(at_path(record, "head"));
}

/* --- Quotas --------------------------------------------------------------------------- */

/* Two uses; a third on the last moment of the unit, and again on the first of the next. */
static void expect_unit(const char *programme, const char *first, const char *last,
                        const char *next)
{
    struct trial t;
    begin(&t, programme, first);
    expect_number(say(&t, "ok", USE("a", "1", "oat")), "left", 1);
    set_clock(&t, last);
    expect_number(say(&t, "ok", USE("b", "1", "oat")), "left", 0);
    const cJSON *refused = say(&t, "quota_used", USE("c", "1", "oat"));
    expect_text(refused, "error/field", "benefit");
    expect_text(refused, "error/retry", "later");
    expect_number(say(&t, "ok", USE("d", "2", "oat")), "left", 1); /* everybody has their own */
    set_clock(&t, next);
    expect_number(say(&t, "ok", USE("c", "1", "oat")), "left", 1);
    trial_end(&t);
}

/* The clock on the wall is Shanghai's: its midnight is 16:00 in UTC. */
static void quotas_go_by_calendar_units(void)
{
    expect_unit(SHOP(OAT("day")), "2026-03-02T16:00:00Z", "2026-03-03T15:59:59.999Z",
                "2026-03-03T16:00:00Z");
    expect_unit(SHOP(OAT("week")), "2026-03-01T16:00:00Z", "2026-03-08T15:59:59.999Z",
                "2026-03-08T16:00:00Z");
    expect_unit(SHOP(OAT("month")), "2026-01-31T16:00:00Z", "2026-02-28T15:59:59.999Z",
                "2026-02-28T16:00:00Z");
    expect_unit(SHOP(OAT("quarter")), "2026-03-31T16:00:00Z", "2026-06-30T15:59:59.999Z",
                "2026-06-30T16:00:00Z");
    expect_unit(SHOP(OAT("year")), "2025-12-31T16:00:00Z", "2026-12-31T15:59:59.999Z",
                "2026-12-31T16:00:00Z");
}

static void who_comes_again_is_told_when(void)
{
    static const struct {
        const char *programme, *again;
    } cases[] = {{SHOP(OAT("day")), "2026-03-05"},
                 {SHOP(OAT("week")), "2026-03-09"},
                 {SHOP(OAT("month")), "2026-04-01"},
                 {SHOP(OAT("quarter")), "2026-04-01"},
                 {SHOP(OAT("year")), "2027-01-01"}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct trial t;
        char hint[64];
        begin(&t, cases[i].programme, NOON);
        say(&t, "ok", USE("a", "1", "oat"));
        say(&t, "ok", USE("b", "1", "oat"));
        snprintf(hint, sizeof hint, "it can be used again from %s on", cases[i].again);
        expect_text(say(&t, "quota_used", USE("c", "1", "oat")), "error/hint", hint);
        trial_end(&t);
    }
}

/* --- What is recorded --------------------------------------------------------------------- */

static void what_has_a_limit_is_counted(void)
{
    struct trial t;
    begin(&t, SHOP("{'id':'oat','seats':9,'quota':{'times':1,'every':'week'}},{'id':'free'}"),
          NOON);
    const cJSON *used = say(&t, "ok", USE("a", "1", "oat"));
    expect_text(used, "benefit", "oat");
    expect_number(used, "left", 0);
    expect_number(used, "seats", 8);
    expect_number(used, "balances/star/available", 0);
    CU_ASSERT_PTR_NOT_NULL(strstr(head_of(&t, used),
                                  "\"count\":[[\"member\",\"benefit:oat\",\"2026-03-02\",1],"
                                  "[\"programme\",\"seats:oat\",\"ever\",1]]"));
    used = say(&t, "ok", USE("b", "1", "free"));
    expect_null(used, "left");
    expect_null(used, "seats");
    CU_ASSERT_PTR_NULL(strstr(head_of(&t, used), "\"count\""));
    const cJSON *history = say(&t, "ok", "{'op':'history','member':'card:1'}");
    expect_text(history, "records/0/op", "benefit.use");
    expect_text(history, "records/0/benefit", "free");
    trial_end(&t);
}

static void a_retry_uses_nothing(void)
{
    struct trial t;
    begin(&t, SHOP("{'id':'oat','seats':9,'quota':{'times':3,'every':'month'}}"), NOON);
    const cJSON *first = say(&t, "ok", USE("a", "1", "oat"));
    say(&t, "ok", USE("b", "1", "oat"));
    const cJSON *again = say(&t, "ok", USE("a", "1", "oat"));
    CU_ASSERT_TRUE(cJSON_IsTrue(at_path(again, "duplicate")));
    expect_number(again, "seq", cJSON_GetNumberValue(at_path(first, "seq")));
    expect_number(again, "left", 1); /* of now */
    expect_number(again, "seats", 7);
    expect_number(say(&t, "ok", "{'op':'lookup','ref':'a'}"), "left", 1);
    expect_text(say(&t, "key_reused", USE("a", "2", "oat")), "error/field", "member");
    expect_text(say(&t, "key_reused", USE("a", "1", "free")), "error/field", "benefit");
    /* A retry after the period was over: what the next one has. */
    set_clock(&t, "2026-04-04T04:00:00Z");
    expect_number(say(&t, "ok", USE("a", "1", "oat")), "left", 3);
    trial_end(&t);
}

static void refusals_have_their_order(void)
{
    struct trial t;
    begin(&t,
          LEVELS("{'id':'oat','min_tier':'jade','seats':1,'quota':{'times':1,'every':'day'}},"
                 "{'id':'spring','min_tier':'jade','from':'2026-03-05','through':'2026-03-06'}"),
          NOON);
    say(&t, "unknown_member", USE("a", "9", "nothing"));
    const cJSON *unknown = say(&t, "unknown_benefit", USE("a", "1", "sprin"));
    expect_text(unknown, "error/field", "benefit");
    expect_text(unknown, "error/hint", "did you mean \"spring\"?");
    expect_text(say(&t, "unknown_benefit", USE("a", "1", "x")), "error/hint",
                "the programme has \"oat\", \"spring\"");
    expect_text(say(&t, "not_allowed", USE("a", "1", "spring")), "error/message",
                "\"spring\" can be used from 2026-03-05 on");
    expect_text(say(&t, "tier_too_low", USE("a", "1", "oat")), "error/hint",
                "the member is of the level \"green\"");
    say(&t, "ok", BUY("1", "r1", "60.00"));
    say(&t, "ok", BUY("2", "r2", "60.00"));
    say(&t, "ok", USE("a", "1", "oat"));
    say(&t, "quota_used", USE("b", "1", "oat"));
    expect_text(say(&t, "seats_gone", USE("b", "2", "oat")), "error/message",
                "all 1 places of \"oat\" are taken");
    set_clock(&t, "2026-03-04T16:00:00Z"); /* 5 March, in Shanghai */
    say(&t, "ok", USE("c", "1", "spring"));
    say(&t, "tier_too_low", USE("d", "3", "spring"));
    set_clock(&t, "2026-03-06T15:59:59.999Z");
    say(&t, "ok", USE("d", "2", "spring"));
    set_clock(&t, "2026-03-06T16:00:00Z");
    expect_text(say(&t, "not_allowed", USE("e", "3", "spring")), "error/message",
                "\"spring\" could be used through 2026-03-06");
    trial_end(&t);
}

/* --- Levels ------------------------------------------------------------------------------- */

static void a_higher_level_has_more(void)
{
    struct trial t;
    begin(&t, LEVELS("{'id':'oat','quota':{'times':{'jade':1,'gold':3},'every':'month'}}"), NOON);
    expect_text(say(&t, "quota_used", USE("a", "1", "oat")), "error/message",
                "the level \"green\" has nothing of \"oat\"");
    say(&t, "ok", BUY("1", "r1", "60.00"));
    expect_number(say(&t, "ok", USE("a", "1", "oat")), "left", 0);
    say(&t, "quota_used", USE("b", "1", "oat"));
    /* What was used as jade counts for gold. */
    say(&t, "ok", BUY("1", "r2", "60.00"));
    expect_number(say(&t, "ok", USE("b", "1", "oat")), "left", 1);
    trial_end(&t);
}

static void a_new_version_may_allow_less(void)
{
    struct trial t;
    begin(&t, SHOP("{'id':'oat','seats':5,'quota':{'times':3,'every':'month'}}"), NOON);
    say(&t, "ok", USE("a", "1", "oat"));
    say(&t, "ok", USE("b", "1", "oat"));
    say(&t, "ok", USE("c", "2", "oat"));
    set_clock(&t, "2026-03-05T04:00:00Z");
    say(&t, "ok", "{'op':'programme.apply','programme':%s}",
        SHOP("{'id':'oat','seats':2,'quota':{'times':1,'every':'month'}}"));
    say(&t, "quota_used", USE("d", "1", "oat"));
    say(&t, "seats_gone", USE("d", "3", "oat"));
    const cJSON *again = say(&t, "ok", USE("a", "1", "oat"));
    expect_number(again, "left", 0);
    expect_number(again, "seats", 0);
    set_clock(&t, "2026-03-06T04:00:00Z");
    say(&t, "ok", "{'op':'programme.apply','programme':%s}", SHOP("{'id':'tea'}"));
    say(&t, "unknown_benefit", USE("d", "3", "oat"));
    expect_null(say(&t, "ok", USE("a", "1", "oat")), "left");
    trial_end(&t);
}

/* --- Void --------------------------------------------------------------------------------- */

static void a_void_gives_both_back(void)
{
    struct trial t;
    begin(&t, SHOP("{'id':'oat','seats':1,'quota':{'times':1,'every':'month'}}"), NOON);
    say(&t, "ok", USE("a", "1", "oat"));
    say(&t, "seats_gone", USE("b", "2", "oat"));
    const cJSON *undone = say(&t, "ok", UNDO("v", "a"));
    expect_text(undone, "voided", "benefit.use");
    expect_text(undone, "benefit", "oat");
    expect_number(undone, "left", 1);
    expect_number(undone, "seats", 1);
    CU_ASSERT_PTR_NULL(at_path(undone, "restored"));
    say(&t, "already_cancelled", UNDO("w", "a"));
    expect_text(say(&t, "ok", USE("a", "1", "oat")), "status", "void");
    expect_number(say(&t, "ok", USE("b", "2", "oat")), "seats", 0);
    expect_number(say(&t, "ok", UNDO("v", "a")), "seats", 0); /* a retry: of now */
    trial_end(&t);
}

/* What was used last month is given back to last month. */
static void a_void_goes_back_to_its_period(void)
{
    struct trial t;
    begin(&t, SHOP(OAT("month")), NOON);
    say(&t, "ok", USE("a", "1", "oat"));
    set_clock(&t, "2026-04-04T04:00:00Z");
    expect_number(say(&t, "ok", USE("b", "1", "oat")), "left", 1);
    expect_number(say(&t, "ok", UNDO("v", "a")), "left", 1);
    trial_end(&t);
}

/* Of two who become one: what both have used counts, and a void finds who it is now. */
static void who_is_merged_has_used_for_both(void)
{
    struct trial t;
    begin(&t, SHOP("{'id':'oat','quota':{'times':3,'every':'month'}}"), NOON);
    say(&t, "ok", USE("a", "1", "oat"));
    say(&t, "ok", USE("b", "2", "oat"));
    say(&t, "ok", "{'op':'member.merge','ref':'m','member':'card:1','into':'card:2'}");
    expect_number(say(&t, "ok", USE("c", "2", "oat")), "left", 0);
    say(&t, "quota_used", USE("d", "1", "oat"));
    expect_number(say(&t, "ok", UNDO("v", "a")), "left", 1);
    trial_end(&t);
}

/* By the trial's clock: it is the handle's, not the request's. */
static void sweep(struct trial *t)
{
    struct loyalty_options options = {.size = sizeof options};
    struct error error;
    char *answer = NULL;
    trial_close(t);
    CU_ASSERT_TRUE_FATAL(moment_parse(text_of(t->now), NULL, &options.test_now, &error));
    CU_ASSERT_EQUAL_FATAL(loyalty_open(&t->ledger, t->path, &options, &answer), LOYALTY_OK);
    expect_number(run(t, "ok", "{'op':'sweep'}"), "erased", 1);
}

/* What was said is gone, what was counted stands: it can be given back. */
static void a_use_without_its_body_can_be_voided(void)
{
    struct trial t;
    begin(&t,
          "{'loyalty':1,'id':'cafe','timezone':'Asia/Shanghai','currency':'CNY','points':{'star':"
          "{}},'retention':{'bodies':'P7D'},'benefits':[{'id':'oat','seats':3,"
          "'quota':{'times':2,'every':'month'}}]}",
          NOON);
    say(&t, "ok", USE("a", "1", "oat"));
    set_clock(&t, "2026-03-14T04:00:00Z");
    sweep(&t);
    say(&t, "erased", USE("a", "1", "oat"));
    CU_ASSERT_PTR_NULL(at_path(say(&t, "ok", UNDO("v", "a")), "benefit"));
    const cJSON *next = say(&t, "ok", USE("b", "1", "oat"));
    expect_number(next, "left", 1);
    expect_number(next, "seats", 2);
    trial_end(&t);
}

/* --- Groups ---------------------------------------------------------------------------------- */

static void a_group_uses_all_or_none(void)
{
    struct trial t;
    begin(&t, SHOP("{'id':'oat','seats':2}"), NOON);
    expect_number(say(&t, "seats_gone", "{'op':'group','requests':[%s,%s,%s]}",
                      USE("a", "1", "oat"), USE("b", "2", "oat"), USE("c", "3", "oat")),
                  "error/entry", 3);
    const cJSON *both = say(&t, "ok", "{'op':'group','requests':[%s,%s]}", USE("a", "1", "oat"),
                            USE("b", "2", "oat"));
    expect_number(both, "answers/0/seats", 1);
    expect_number(both, "answers/1/seats", 0);
    /* In one commit, but each for itself: the first has taken nothing that is left. */
    say_all(&t, "ok", UNDO("v", "a"), "ok", USE("c", "3", "oat"), "seats_gone",
            USE("d", "1", "oat"), NULL);
    trial_end(&t);
}

const struct test_case benefit_cases[] = {
    {"quotas go by calendar units", quotas_go_by_calendar_units},
    {"who comes again is told when", who_comes_again_is_told_when},
    {"what has a limit is counted", what_has_a_limit_is_counted},
    {"a retry uses nothing", a_retry_uses_nothing},
    {"refusals have their order", refusals_have_their_order},
    {"a higher level has more", a_higher_level_has_more},
    {"a new version may allow less", a_new_version_may_allow_less},
    {"a void gives both back", a_void_gives_both_back},
    {"a void goes back to its period", a_void_goes_back_to_its_period},
    {"who is merged has used for both", who_is_merged_has_used_for_both},
    {"a use without its body can be voided", a_use_without_its_body_can_be_voided},
    {"a group uses all or none", a_group_uses_all_or_none},
    {NULL, NULL},
};
