/* Returns by receipt: what is assessed depends on the sum only; what is collected
 * goes by policy. */
#include <stdio.h>

#include "support.h"

#define NOON "2026-03-02T12:00:00Z"
#define DOCUMENT(earn, returns)                                                                    \
    "{'loyalty':1,'id':'shop','timezone':'Europe/London','currency':'GBP','points':{'star':{}},"   \
    "'earn':[" earn "]" returns "}"
#define DOWN "{'id':'base','per':'3.00','gives':{'star':2}}"
#define PER_LINE "{'id':'base','per':'3.00','gives':{'star':2},'each':'line','rounding':'nearest'}"
#define CARRIED "{'id':'base','per':'7.00','gives':{'star':3},'rounding':'carry'}"
#define BASKET                                                                                     \
    "{'op':'purchase','member':'card:1','receipt':'a','amount':'41.17','enrol':true,"              \
    "'lines':[['A','','3','10.00'],['B','','0.5','20.01'],['A','','2','7.07'],['C','','','4.09']]}"

static void refusals_come_in_order(void)
{
    struct trial t;
    trial_begin(&t, ONE_PER_POUND, NOON);
    say(&t, "ok", BASKET);
    expect_text(say(&t, "missing_field", "{'op':'return','of':'a','all':true}"), "error/field", "ref");
    say(&t, "missing_field", "{'op':'return','of':'a','ref':'r'}");
    say(&t, "invalid_field", "{'op':'return','of':'a','ref':'r','all':true,'amount':'1'}");
    say(&t, "in_future", "{'op':'return','of':'b','ref':'r','all':true,"
                         "'at':'2030-01-01T00:00:00Z'}");
    say(&t, "in_future", "{'op':'return','of':'a','ref':'r','all':true,'at':'2030-01-01T00:00:00Z'}");
    say(&t, "too_late", "{'op':'return','of':'a','ref':'r','all':true,'at':'2020-01-01T00:00:00Z'}");
    say(&t, "over_return", "{'op':'return','of':'a','ref':'r','amount':'41.18'}");
    say(&t, "invalid_amount", "{'op':'return','of':'a','ref':'r','amount':'0.00'}");
    say(&t, "invalid_field", "{'op':'return','of':'a','ref':'r','lines':[{'line':5}]}");
    say(&t, "invalid_field", "{'op':'return','of':'a','ref':'r','lines':[{'sku':'Z'}]}");
    say(&t, "over_return", "{'op':'return','of':'a','ref':'r','lines':[{'sku':'A','quantity':'6'}]}");
    say(&t, "over_return", "{'op':'return','of':'a','ref':'r','lines':[{'line':1,'quantity':'2'},"
                           "{'line':1,'quantity':'2'}]}");
    say(&t, "over_return", "{'op':'return','of':'a','ref':'r','lines':[{'line':1},{'line':1}]}");
    say(&t, "unknown_member", "{'op':'return','of':'a','ref':'r','all':true,'member':'card:9'}");
    say(&t, "unknown_member", "{'op':'return','of':'a','ref':'r','all':true,'member':'card:9',"
                              "'enrol':true}");
    say(&t, "ok", "{'op':'member.add','identifiers':['card:2']}");
    say(&t, "unknown_receipt", "{'op':'return','of':'a','ref':'r','all':true,'member':'card:2'}");
    say(&t, "ok", "{'op':'return','of':'a','ref':'r','amount':'1'}");
    say(&t, "mixed_return", "{'op':'return','of':'a','ref':'s','lines':[{'line':1}]}");
    say(&t, "ok", "{'op':'return','of':'a','ref':'s','all':true,'member':'card:1'}");
    say(&t, "over_return", "{'op':'return','of':'a','ref':'t','all':true}");
    say(&t, "over_return", "{'op':'return','of':'a','ref':'t','amount':'0.01'}");
    say(&t, "over_return", "{'op':'return','of':'a','ref':'t','lines':[{'line':1}]}");
    CU_ASSERT_TRUE(cJSON_IsTrue(at_path(say(&t, "ok", "{'op':'return','of':'a','ref':'s',"
                                                      "'all':true,'member':'card:1'}"),
                                        "duplicate")));
    trial_end(&t);
}

/* The same set, in pieces and at once: the same balance and the same sum assessed. */
static void pieces_are_worth_the_whole(void)
{
    static const char *const rules[] = {DOCUMENT(DOWN, ""), DOCUMENT(PER_LINE, ""),
                                        DOCUMENT(CARRIED, "")};
    static const char *const by_lines[][8] = {
        {"'lines':[{'line':1},{'line':2},{'line':3,'quantity':'1'}]"},
        {"'lines':[{'line':3,'quantity':'1'}]", "'lines':[{'line':1,'quantity':'0.333333'}]",
         "'lines':[{'line':2,'quantity':'0.25'},{'line':1,'quantity':'2'}]",
         "'lines':[{'line':2}]", "'lines':[{'line':1}]"},
        {"'lines':[{'sku':'A','quantity':'3.5'}]", "'lines':[{'sku':'B'}]",
         "'lines':[{'sku':'A','quantity':'0.5'}]"}};
    static const char *const by_amount[][8] = {
        {"'amount':'23.45'"},
        {"'amount':'0.01'", "'amount':'11.11'", "'amount':'12.33'"},
        {"'amount':'20.00'", "'amount':'3.45'"}};
    static const char *const all[][8] = {
        {"'all':true"},
        {"'amount':'40.00'", "'all':true"},
        {"'lines':[{'sku':'A'}]", "'lines':[{'line':2,'quantity':'0.1'}]", "'all':true"}};
    for (size_t rule = 0; rule < 3; rule++) {
        for (size_t set = 0; set < 3; set++) {
            double whole_assessed = 0, whole_balance = 0;
            for (size_t way = 0; way < 3; way++) {
                const char *const *pieces = set == 0 ? by_lines[way] : set == 1 ? by_amount[way] : all[way];
                struct trial t;
                double assessed = 0, balance = 0;
                trial_begin(&t, rules[rule], NOON);
                say(&t, "ok", "{'op':'purchase','member':'card:1','receipt':'z','amount':'9.99',"
                              "'enrol':true}");
                say(&t, "ok", BASKET);
                for (int i = 0; pieces[i] != NULL; i++) {
                    const cJSON *answer = say(&t, "ok", "{'op':'return','of':'a','ref':'r%d',%s}", i,
                                              pieces[i]);
                    const cJSON *worth = at_path(answer, "assessed/star");
                    assessed += worth == NULL ? 0 : worth->valuedouble;
                    balance = at_path(answer, "balances/star/available")->valuedouble;
                }
                if (way == 0) {
                    whole_assessed = assessed;
                    whole_balance = balance;
                }
                test_expect_integer("assessed", (long long)whole_assessed, (long long)assessed);
                test_expect_integer("balance", (long long)whole_balance, (long long)balance);
                trial_end(&t);
            }
        }
    }
}

static void what_is_short_goes_by_policy(void)
{
    static const struct {
        const char *document, *code;
        double debt, forgiven, after;
    } policies[] = {
        {DOCUMENT("{'id':'base','per':'1.00','gives':{'star':1}}", ",'returns':{'shortfall':'debt'}"),
         "ok", 6, 0, -6},
        {DOCUMENT("{'id':'base','per':'1.00','gives':{'star':1}}", ",'returns':{'shortfall':'forgive'}"),
         "ok", 0, 6, 0},
        {DOCUMENT("{'id':'base','per':'1.00','gives':{'star':1}}", ",'returns':{'shortfall':'refuse'}"),
         "return_shortfall", 0, 0, 4}};
    for (size_t i = 0; i < 3; i++) {
        struct trial t;
        trial_begin(&t, policies[i].document, NOON);
        say(&t, "ok", "{'op':'purchase','member':'card:1','receipt':'a','amount':'10','enrol':true}");
        say(&t, "ok", "{'op':'redeem','member':'card:1','ref':'k','points':9}");
        say(&t, "ok", "{'op':'purchase','member':'card:1','receipt':'b','amount':'3'}");
        const cJSON *answer = say(&t, policies[i].code, "{'op':'return','of':'a','ref':'r','all':true}");
        if (i < 2) {
            expect_number(answer, "assessed/star", 10);
            expect_number(answer, "collected/star/from_receipt", 1);
            expect_number(answer, "collected/star/from_other", 3);
            expect_number(answer, "collected/star/debt", policies[i].debt);
            expect_number(answer, "collected/star/forgiven", policies[i].forgiven);
            expect_text(answer, "amount", "10.00");
        }
        expect_available(&t, "card:1", "star", policies[i].after);
        trial_end(&t);
    }
}

static void later_points_repay_a_debt_first(void)
{
    struct trial t;
    trial_begin(&t, ONE_PER_POUND, NOON);
    say(&t, "ok", "{'op':'purchase','member':'card:1','receipt':'a','amount':'10','enrol':true}");
    say(&t, "ok", "{'op':'redeem','member':'card:1','ref':'k','points':10}");
    say(&t, "ok", "{'op':'return','of':'a','ref':'r','all':true}");
    expect_available(&t, "card:1", "star", -10);
    say(&t, "insufficient_points", "{'op':'redeem','member':'card:1','ref':'l','points':1}");
    const cJSON *part = say(&t, "ok", "{'op':'purchase','member':'card:1','receipt':'b','amount':'4'}");
    expect_number(part, "repaid/star", 4);
    expect_number(part, "balances/star/available", -6);
    expect_count(say(&t, "ok", "{'op':'show','member':'card:1'}"), "lots", 0);
    const cJSON *rest = say(&t, "ok", "{'op':'adjust','member':'card:1','ref':'m','points':8,"
                                      "'reason':'x'}");
    expect_number(rest, "balances/star/available", 2);
    expect_number(rest, "adjusted/amount", 8);
    /* A cancelled redemption settles it as well. */
    say(&t, "ok", "{'op':'return','of':'b','ref':'s','all':true}");
    expect_available(&t, "card:1", "star", -2);
    const cJSON *cancelled = say(&t, "ok", "{'op':'cancel','of':'k','ref':'n'}");
    expect_number(cancelled, "balances/star/available", 8);
    expect_number(cancelled, "restored/amount", 10);
    trial_end(&t);
}

/* Largest remainder gives line C two units of ten and one of eleven: a second, smaller
 * return leaves more of C than the first. What the first forgave must not come back. */
static void what_was_forgiven_does_not_come_back(void)
{
    struct trial t;
    trial_begin(&t,
                DOCUMENT("{'id':'base','per':'0.01','gives':{'star':100},'only':{'sku':['C']}}",
                         ",'returns':{'shortfall':'forgive'}"),
                NOON);
    say(&t, "ok", "{'op':'purchase','member':'card:1','receipt':'a','amount':'0.14','enrol':true,"
                  "'lines':[['A','','','0.06'],['B','','','0.06'],['C','','','0.02']]}");
    say(&t, "ok", "{'op':'redeem','member':'card:1','ref':'k','points':200}");
    const cJSON *first = say(&t, "ok", "{'op':'return','of':'a','ref':'r','amount':'0.10'}");
    expect_number(first, "collected/star/forgiven", 200);
    const cJSON *second = say(&t, "ok", "{'op':'return','of':'a','ref':'s','amount':'0.01'}");
    expect_number(second, "assessed/star", -100);
    expect_available(&t, "card:1", "star", 0);
    /* Where it was taken, it does. */
    say(&t, "ok", "{'op':'purchase','member':'card:2','receipt':'b','amount':'0.14','enrol':true,"
                  "'lines':[['A','','','0.06'],['B','','','0.06'],['C','','','0.02']]}");
    say(&t, "ok", "{'op':'return','of':'b','ref':'u','amount':'0.10'}");
    expect_available(&t, "card:2", "star", 0);
    say(&t, "ok", "{'op':'return','of':'b','ref':'v','amount':'0.01'}");
    expect_available(&t, "card:2", "star", 100);
    trial_end(&t);
}

const struct test_case return_cases[] = {
    {"refusals come in order", refusals_come_in_order},
    {"pieces are worth the whole", pieces_are_worth_the_whole},
    {"what is short goes by policy", what_is_short_goes_by_policy},
    {"later points repay a debt first", later_points_repay_a_debt_first},
    {"what was forgiven does not come back", what_was_forgiven_does_not_come_back},
    {NULL, NULL},
};
