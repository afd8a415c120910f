/* What members do besides buying, and levels by decision: what counts, who is led where,
 * who may set whom, and what a void takes back. */
#include <stdio.h>
#include <string.h>

#include "support.h"

#define NOON "2026-03-04T04:00:00Z" /* noon in Shanghai */
#define CAFE(more)                                                                                 \
    "{'loyalty':1,'id':'cafe','timezone':'Asia/"                                                   \
    "Shanghai','currency':'CNY','points':{'star':{}}" more "}"
#define ACTIONS ",'actions':{'cup':{},'course':{},'pass':{}}"
/* Three cups make jade; a course makes gold, a pass holds it for a month. */
#define LEVELS                                                                                     \
    "'levels':[{'id':'green'},{'id':'jade','from':3},{'id':'gold','from':9,'by':{'course':{},"     \
    "'pass':{'valid':'P1M'}}},{'id':'black','from':99}]"
#define SHOP                                                                                       \
    CAFE(ACTIONS ",'tiers':{'measure':{'action':'cup'},'window':'P12M','review':'P12M'," LEVELS "}")
#define STRICT                                                                                     \
    CAFE(ACTIONS ",'tiers':{'measure':{'action':'cup'},'window':'P12M','review':'P12M',"           \
                 "'operators':['ann','eva']," LEVELS "}")
#define AT_ONCE                                                                                    \
    CAFE(ACTIONS ",'tiers':{'measure':{'action':'cup'},'window':'P12M','review':'P12M',"           \
                 "'on_return':'at_once'," LEVELS "}")

#define ACT(ref, card, action)                                                                     \
    "{'op':'action','ref':'" ref "','member':'card:" card "','action':'" action "'}"
#define SET(ref, level, more)                                                                      \
    "{'op':'tier.set','ref':'" ref "','member':'card:1','level':'" level                           \
    "','operator':'eva','reason':'x'" more "}"
#define UNDO(ref, of) "{'op':'void','ref':'" ref "','of':'" of "'}"

static void begin(struct trial *t, const char *programme)
{
    trial_begin(t, programme, NOON);
    say(t, "ok", "{'op':'member.add','identifiers':['card:1']}");
    say(t, "ok", "{'op':'member.add','identifiers':['card:2']}");
}

static void set_clock(struct trial *t, const char *now)
{
    snprintf(t->now, sizeof t->now, "%s", now);
}

static cJSON *head_of(struct trial *t, const cJSON *answer)
{
    const cJSON *record =
        say(t, "ok", "{'op':'record','seq':%d}", (int)cJSON_GetNumberValue(at_path(answer, "seq")));
    cJSON *head = cJSON_Parse(cJSON_GetStringValue(at_path(record, "head")));
    cJSON_AddItemToArray(t->answers, head);
    return head;
}

/* The level, why, and what is held, as the head says; "": it says nothing of it. */
static void expect_level(struct trial *t, const cJSON *answer, const char *level, const char *cause,
                         int holds)
{
    const cJSON *tier = at_path(head_of(t, answer), "tier");
    if (*level == '\0') {
        CU_ASSERT_PTR_NULL(tier);
        return;
    }
    CU_ASSERT_PTR_NOT_NULL_FATAL(tier);
    expect_text(tier, "0", level);
    expect_text(tier, "2", cause);
    expect_count(tier, "6", holds);
}

/* --- Actions ------------------------------------------------------------------------------ */

static void an_action_counts_on_its_day(void)
{
    struct trial t;
    begin(&t, SHOP);
    const cJSON *today = say(&t, "ok", ACT("a", "1", "cup"));
    expect_text(today, "action", "cup");
    expect_text(today, "at", NOON);
    expect_text(head_of(&t, today), "measured/0/0", "action:cup");
    expect_number(head_of(&t, today), "measured/0/1", 20516);
    expect_number(head_of(&t, today), "measured/0/2", 1);
    expect_level(&t, today, "green", "counted", 0);
    /* Late, on the day before its midnight in Shanghai. */
    const cJSON *late = say(&t, "ok",
                            "{'op':'action','ref':'b','member':'card:1','action':'cup',"
                            "'at':'2026-03-02T23:59:59+08:00'}");
    expect_number(head_of(&t, late), "measured/0/1", 20514);
    expect_text(late, "local", "2026-03-02T23:59:59+08:00");
    trial_end(&t);
}

static void a_retry_counts_nothing(void)
{
    struct trial t;
    begin(&t, SHOP);
    const cJSON *first =
        say(&t, "ok", "{'op':'action','ref':'a','member':'card:7','enrol':true,'action':'cup'}");
    CU_ASSERT_TRUE(cJSON_IsTrue(at_path(first, "enrolled")));
    int64_t size = log_size(&t);
    const cJSON *again = say(&t, "ok", ACT("a", "7", "cup"));
    CU_ASSERT_TRUE(cJSON_IsTrue(at_path(again, "duplicate")));
    expect_number(again, "seq", cJSON_GetNumberValue(at_path(first, "seq")));
    expect_text(again, "at", NOON);
    test_expect_integer("nothing is added", size, log_size(&t));
    expect_text(say(&t, "key_reused", ACT("a", "7", "course")), "error/field", "action");
    const cJSON *history = say(&t, "ok", "{'op':'history','member':'card:7'}");
    expect_text(history, "records/0/op", "action");
    expect_text(history, "records/0/action", "cup");
    trial_end(&t);
}

static void refusals_have_their_order(void)
{
    struct trial t;
    begin(&t, SHOP);
    say(&t, "in_future",
        "{'op':'action','ref':'a','member':'card:9','action':'x','at':'2026-03-04T04:05:00.001Z'}");
    say(&t, "too_late",
        "{'op':'action','ref':'a','member':'card:9','action':'x','at':'2026-02-20T04:00:00Z'}");
    say(&t, "unknown_member", ACT("a", "9", "x"));
    const cJSON *unknown = say(&t, "unknown_action", ACT("a", "1", "cours"));
    expect_text(unknown, "error/field", "action");
    expect_text(unknown, "error/hint", "did you mean \"course\"?");
    /* An enrolment on the way to a refusal has not been. */
    say(&t, "unknown_action",
        "{'op':'action','ref':'a','member':'card:9','enrol':true,"
        "'action':'x'}");
    say(&t, "unknown_member", "{'op':'show','member':'card:9'}");
    trial_end(&t);
}

/* A programme may have actions only to record them. */
static void without_tiers_nothing_counts(void)
{
    struct trial t;
    begin(&t, CAFE(ACTIONS));
    const cJSON *answer = say(&t, "ok", ACT("a", "1", "cup"));
    CU_ASSERT_PTR_NULL(at_path(head_of(&t, answer), "measured"));
    expect_level(&t, answer, "", "", 0);
    say(&t, "unknown_benefit", "{'op':'benefit.use','ref':'b','member':'card:1','benefit':'oat'}");
    expect_text(say(&t, "not_allowed", SET("c", "gold", "")), "error/message",
                "the programme has no tiers");
    trial_end(&t);
}

static void a_group_says_when(void)
{
    struct trial t;
    begin(&t, SHOP);
    const cJSON *both =
        say(&t, "ok", "{'op':'group','at':'2026-03-03T04:00:00Z','requests':[%s,%s]}",
            ACT("a", "1", "cup"), ACT("b", "2", "cup"));
    expect_text(both, "answers/0/at", "2026-03-03T04:00:00Z");
    expect_text(both, "answers/1/at", "2026-03-03T04:00:00Z");
    trial_end(&t);
}

/* --- What they lead to ---------------------------------------------------------------------- */

static void actions_climb_like_purchases(void)
{
    struct trial t;
    begin(&t, SHOP);
    say(&t, "ok", ACT("a", "1", "cup"));
    expect_level(&t, say(&t, "ok", ACT("b", "1", "cup")), "", "", 0);
    expect_level(&t, say(&t, "ok", ACT("c", "1", "cup")), "jade", "climbed", 0);
    trial_end(&t);
}

static void an_action_may_reach_a_level(void)
{
    struct trial t;
    begin(&t, SHOP);
    const cJSON *course = say(&t, "ok", ACT("a", "1", "course"));
    CU_ASSERT_PTR_NULL(at_path(head_of(&t, course), "measured"));
    expect_level(&t, course, "gold", "set", 0);
    /* Once more leads nowhere. */
    expect_level(&t, say(&t, "ok", ACT("b", "1", "course")), "", "", 0);
    trial_end(&t);
}

/* For a month from today on, or from the day through which it is held. */
static void an_action_may_hold_a_level(void)
{
    struct trial t;
    begin(&t, SHOP);
    const cJSON *pass = say(&t, "ok", ACT("a", "1", "pass"));
    expect_level(&t, pass, "gold", "set", 1);
    expect_text(head_of(&t, pass), "tier/6/0/0", "gold");
    /* through 4 April, to midnight in Shanghai */
    expect_number(head_of(&t, pass), "tier/6/0/1", 1775318400000.);
    /* A second one, paid for early. */
    pass = say(&t, "ok", ACT("b", "1", "pass"));
    expect_number(head_of(&t, pass), "tier/6/0/1", 1777910400000.); /* through 4 May */
    /* One that is over begins anew. */
    set_clock(&t, "2026-05-04T16:00:00Z");
    pass = say(&t, "ok", ACT("c", "1", "pass"));
    expect_number(head_of(&t, pass), "tier/6/0/1", 1780675200000.); /* through 5 June */
    expect_level(&t, pass, "gold", "set", 1);
    trial_end(&t);
}

/* --- Decisions ---------------------------------------------------------------------------------
 */

static void who_may_set_what(void)
{
    struct trial t;
    begin(&t, STRICT);
    expect_text(say(&t, "invalid_field", SET("a", "gold", ",'until':'2026-04-01','release':true")),
                "error/field", "release");
    expect_text(say(&t, "not_allowed",
                    "{'op':'tier.set','ref':'a','member':'card:1','level':'x','operator':'joe',"
                    "'reason':'x'}"),
                "error/field", "operator");
    say(&t, "unknown_member",
        "{'op':'tier.set','ref':'a','member':'card:9','level':'x','operator':'joe','reason':'x'}");
    expect_text(say(&t, "unknown_level", SET("a", "golf", "")), "error/field", "level");
    expect_text(say(&t, "too_late", SET("a", "green", ",'until':'2026-03-03'")), "error/field",
                "until");
    say(&t, "not_allowed", SET("a", "green", ",'until':'2026-03-04'"));
    say(&t, "not_allowed", SET("a", "green", ""));
    say(&t, "not_allowed", SET("a", "gold", ",'release':true"));
    say(&t, "ok", SET("a", "gold", ""));
    expect_text(say(&t, "not_allowed", SET("b", "gold", "")), "error/message",
                "the member has reached \"gold\", and nobody sets a level that is not above it");
    say(&t, "not_allowed", SET("b", "jade", ""));
    say(&t, "ok", SET("b", "jade", ",'until':'2026-03-04'"));
    trial_end(&t);
}

static void a_level_is_held_through_its_day(void)
{
    struct trial t;
    begin(&t, SHOP);
    const cJSON *set = say(&t, "ok", SET("a", "gold", ",'until':'2026-03-31'"));
    expect_text(set, "level", "gold");
    expect_text(set, "until", "2026-03-31T16:00:00Z");
    expect_text(set, "last_day", "2026-03-31");
    CU_ASSERT_PTR_NULL(at_path(set, "released"));
    expect_level(&t, set, "gold", "set", 1);
    /* The newer decision counts, also where it is the shorter one. */
    set = say(&t, "ok", SET("b", "gold", ",'until':'2026-03-10'"));
    expect_number(head_of(&t, set), "tier/6/0/1", 1773158400000.);
    set_clock(&t, "2026-03-10T16:00:00Z");
    const cJSON *after = say(&t, "ok", ACT("c", "1", "cup"));
    expect_level(&t, after, "", "", 0); /* the fall stands before it, in a record of time */
    say(&t, "not_allowed", SET("d", "gold", ",'release':true"));
    trial_end(&t);
}

static void a_hold_is_released(void)
{
    struct trial t;
    begin(&t, SHOP);
    say(&t, "ok", SET("a", "gold", ",'until':'2026-03-31'"));
    say(&t, "ok", SET("b", "black", ",'until':'2026-03-31'"));
    const cJSON *released = say(&t, "ok", SET("c", "black", ",'release':true"));
    CU_ASSERT_TRUE(cJSON_IsTrue(at_path(released, "released")));
    CU_ASSERT_TRUE(cJSON_IsNull(at_path(released, "until")));
    CU_ASSERT_TRUE(cJSON_IsNull(at_path(released, "last_day")));
    expect_level(&t, released, "gold", "released", 1);
    expect_level(&t, say(&t, "ok", SET("d", "gold", ",'release':true")), "green", "released", 0);
    CU_ASSERT_TRUE(
        cJSON_IsTrue(at_path(say(&t, "ok", SET("c", "black", ",'release':true")), "duplicate")));
    trial_end(&t);
}

/* --- Void
 * ------------------------------------------------------------------------------------------ */

static void a_void_takes_off_what_counted(void)
{
    struct trial t;
    begin(&t, SHOP);
    for (int i = 0; i < 3; i++)
        say(&t, "ok",
            "{'op':'action','ref':'c%d','member':'card:1','action':'cup',"
            "'at':'2026-03-03T04:00:00Z'}",
            i);
    const cJSON *undone = say(&t, "ok", UNDO("v", "c0"));
    expect_text(undone, "voided", "action");
    CU_ASSERT_PTR_NULL(at_path(undone, "restored"));
    expect_text(head_of(&t, undone), "measured/0/0", "action:cup");
    expect_number(head_of(&t, undone), "measured/0/1", 20515);
    expect_number(head_of(&t, undone), "measured/0/2", -1);
    expect_level(&t, undone, "", "", 0); /* it stays until its review */
    say(&t, "already_cancelled", UNDO("w", "c0"));
    expect_text(say(&t, "ok",
                    "{'op':'action','ref':'c0','member':'card:1','action':'cup',"
                    "'at':'2026-03-03T04:00:00Z'}"),
                "status", "void");
    trial_end(&t);
}

static void a_void_may_undo_a_climb_at_once(void)
{
    struct trial t;
    begin(&t, AT_ONCE);
    say(&t, "ok", ACT("a", "1", "cup"));
    say(&t, "ok", ACT("b", "1", "cup"));
    say(&t, "ok", ACT("c", "1", "cup"));
    expect_level(&t, say(&t, "ok", UNDO("v", "a")), "green", "undone", 0);
    /* A level that was given is not undone by what counts. */
    say(&t, "ok", ACT("d", "1", "course"));
    expect_level(&t, say(&t, "ok", UNDO("w", "b")), "", "", 0);
    trial_end(&t);
}

/* To where it ended before, unless something has moved it since. */
static void a_void_ends_what_was_held(void)
{
    struct trial t;
    begin(&t, SHOP);
    say(&t, "ok", ACT("a", "1", "pass"));
    say(&t, "ok", ACT("cup", "1", "cup")); /* a record between, which says nothing of levels */
    say(&t, "ok", ACT("b", "1", "pass"));
    const cJSON *undone = say(&t, "ok", UNDO("v", "a")); /* b alone: 30 days */
    expect_level(&t, undone, "gold", "released", 1);
    expect_number(head_of(&t, undone), "tier/6/0/1", 1775232000000.);
    expect_level(&t, say(&t, "ok", UNDO("w", "b")), "green", "released", 0);
    /* What an operator has decided since stands. */
    say(&t, "ok", ACT("p", "1", "pass"));
    say(&t, "ok", SET("q", "gold", ",'until':'2026-12-31'"));
    expect_level(&t, say(&t, "ok", UNDO("r", "p")), "", "", 0);
    say(&t, "ok", SET("s", "gold", ",'release':true"));
    say(&t, "ok", ACT("c", "1", "pass"));
    expect_level(&t, say(&t, "ok", UNDO("x", "c")), "green", "released", 0);
    /* What was reached stays. */
    say(&t, "ok", ACT("d", "1", "course"));
    expect_level(&t, say(&t, "ok", UNDO("y", "d")), "", "", 0);
    /* Of a hold that has ended meanwhile nothing is left to end. */
    say(&t, "ok", ACT("e", "1", "pass"));
    set_clock(&t, "2026-05-04T16:00:00Z");
    expect_level(&t, say(&t, "ok", UNDO("z", "e")), "", "", 0);
    trial_end(&t);
}

/* An audit believes what it cannot carry out again; levels stay what they were. */
static void a_void_takes_back_what_the_entry_gave(void)
{
    static const char again[] =
        CAFE(",'actions':{'cup':{},'pass':{}},'tiers':{'measure':{'action':'cup'},'window':'P12M',"
             "'review':'P12M','on_return':'at_once','levels':[{'id':'green'},{'id':'jade','from':1,"
             "'entry':{'gives':{'star':3},'again':true,'on_return':'take_back'}},{'id':'gold','by':"
             "{'pass':{'valid':'P1M'}},'entry':{'gives':{'star':7},'again':true,'on_return':"
             "'take_back'}}]}");
    struct trial t;
    begin(&t, again);
    say(&t, "ok", ACT("a", "1", "pass"));
    expect_available(&t, "card:1", "star", 10);
    say(&t, "ok", UNDO("v", "a"));
    expect_available(&t, "card:1", "star", 0);
    say(&t, "ok", ACT("b", "1", "cup"));
    expect_available(&t, "card:1", "star", 3);
    say(&t, "ok", UNDO("w", "b")); /* once, though a climb is undone as well */
    expect_available(&t, "card:1", "star", 0);
    trial_end(&t);
}

static void who_is_erased_leaves_levels_that_hold(void)
{
    struct trial t;
    begin(&t, SHOP);
    say(&t, "ok", ACT("a", "1", "pass"));
    say(&t, "ok", SET("b", "black", ",'until':'2026-04-01'"));
    say(&t, "ok", ACT("c", "2", "cup"));
    say(&t, "ok", "{'op':'member.erase','ref':'e','member':'card:1','reason':'asked'}");
    say(&t, "erased", ACT("a", "1", "pass"));
    say(&t, "erased", UNDO("v", "a"));
    say(&t, "ok", ACT("d", "2", "cup"));
    expect_level(&t, say(&t, "ok", ACT("f", "2", "cup")), "jade", "climbed", 0);
    trial_end(&t);
}

static void a_decision_is_not_voided(void)
{
    struct trial t;
    begin(&t, SHOP);
    say(&t, "ok", SET("a", "gold", ",'until':'2026-03-31'"));
    expect_text(say(&t, "not_voidable", UNDO("v", "a")), "error/hint",
                "end the level that is held: tier.set with \"release\"");
    trial_end(&t);
}

const struct test_case action_cases[] = {
    {"an action counts on its day", an_action_counts_on_its_day},
    {"a retry counts nothing", a_retry_counts_nothing},
    {"refusals have their order", refusals_have_their_order},
    {"without tiers nothing counts", without_tiers_nothing_counts},
    {"a group says when", a_group_says_when},
    {"actions climb like purchases", actions_climb_like_purchases},
    {"an action may reach a level", an_action_may_reach_a_level},
    {"an action may hold a level", an_action_may_hold_a_level},
    {"who may set what", who_may_set_what},
    {"a level is held through its day", a_level_is_held_through_its_day},
    {"a hold is released", a_hold_is_released},
    {"a void takes off what counted", a_void_takes_off_what_counted},
    {"a void may undo a climb at once", a_void_may_undo_a_climb_at_once},
    {"a void ends what was held", a_void_ends_what_was_held},
    {"a void takes back what the entry gave", a_void_takes_back_what_the_entry_gave},
    {"who is erased leaves levels that hold", who_is_erased_leaves_levels_that_hold},
    {"a decision is not voided", a_decision_is_not_voided},
    {NULL, NULL},
};
