/* Programme versions. */
#include <stdio.h>

#include "support.h"

#define NOON "2026-03-02T12:00:00Z"
#define V(id, currency, receipts, points, star)                                                   \
    "{'loyalty':1,'id':'" id "','timezone':'Europe/London','currency':'" currency "'" receipts    \
    ",'points':{" points "},'earn':[{'id':'base','per':'1.00','gives':{'star':" star "}}]}"
#define APPLY(document) "{'op':'programme.apply','programme':" document "}"
#define APPLY_FROM(document, from)                                                                 \
    "{'op':'programme.apply','programme':" document ",'from':'" from "'}"

static void what_ledgers_depend_on_never_changes(void)
{
    struct trial t;
    trial_begin(&t, ONE_PER_POUND, NOON);
    say(&t, "ok", "{'op':'member.add','identifiers':['card:1']}");
    say(&t, "programme_change", APPLY(V("other", "GBP", "", "'star':{}", "1")));
    say(&t, "programme_change", APPLY(V("shop", "EUR", "", "'star':{}", "1")));
    say(&t, "programme_change", APPLY(V("shop", "GBP", ",'receipts':{'unique_by':['store']}",
                                        "'star':{}", "1")));
    say(&t, "programme_change", APPLY(V("shop", "GBP", "", "'star':{'spendable':false}", "1")));
    say(&t, "programme_change", APPLY(V("shop", "GBP", "", "'star':{'scale':2}", "'1'")));
    say(&t, "invalid_programme", APPLY(V("shop", "GBP", "", "'moon':{}", "1")));
    say(&t, "invalid_programme", APPLY("{}"));
    say(&t, "missing_field", "{'op':'programme.apply'}");
    expect_count(say(&t, "ok", "{'op':'programme.list'}"), "programmes", 1);
    trial_end(&t);
}

static void versions_ascend(void)
{
    struct trial t;
    trial_begin(&t, ONE_PER_POUND, NOON);
    /* The same document is in force already. */
    CU_ASSERT_TRUE(cJSON_IsTrue(at_path(say(&t, "ok", APPLY(V("shop", "GBP", "", "'star':{}", "1"))),
                                        "duplicate")));
    say(&t, "ok", "{'op':'member.add','identifiers':['card:1']}");
    say(&t, "programme_order", APPLY_FROM(V("shop", "GBP", "", "'star':{}", "2"),
                                          "2026-03-02T11:59:59Z"));
    expect_number(say(&t, "ok", APPLY_FROM(V("shop", "GBP", "", "'star':{}", "2"), "2026-03-04T00:00:00Z")),
                  "version", 2);
    say(&t, "programme_order", APPLY_FROM(V("shop", "GBP", "", "'star':{}", "3"),
                                          "2026-03-04T00:00:00Z"));
    say(&t, "programme_order", APPLY(V("shop", "GBP", "", "'star':{}", "3")));
    say(&t, "ok", APPLY_FROM(V("shop", "GBP", "", "'star':{},'level':{}", "3"), "2026-03-04T00:00:00.001Z"));
    say(&t, "programme_change", APPLY_FROM(V("shop", "GBP", "", "'star':{}", "1"), "2026-03-05T00:00:00Z"));
    /* Back to the old rule: a new version. */
    expect_number(say(&t, "ok", APPLY_FROM(V("shop", "GBP", "", "'star':{},'level':{}", "1"),
                                           "2026-03-06T00:00:00Z")), "version", 4);
    static const struct {
        const char *now;
        double stars;
    } days[] = {{"2026-03-03T23:59:59.999Z", 10}, {"2026-03-04T00:00:00Z", 20},
                {"2026-03-04T00:00:00.001Z", 30}, {"2026-03-06T00:00:00Z", 10}};
    for (size_t i = 0; i < 4; i++)
        expect_number(say(&t, "ok", "{'op':'purchase','member':'card:1','receipt':'r%zu',"
                                    "'amount':'10','now':'%s'}", i, days[i].now),
                      "earned/0/amount", days[i].stars);
    const cJSON *shown = say(&t, "ok", "{'op':'programme.show','version':2}");
    expect_text(shown, "from", "2026-03-04T00:00:00Z");
    expect_text(shown, "document/id", "shop");
    say(&t, "no_programme", "{'op':'programme.show','version':5}");
    trial_end(&t);
}

/* In one call with what comes before and after. */
static void a_version_within_a_batch_counts_from_there(void)
{
    struct trial t;
    trial_begin(&t, ONE_PER_POUND, NOON);
    const cJSON *all = say_all(
        &t, "ok", "{'op':'purchase','member':'card:1','receipt':'a','amount':'1','enrol':true}", "ok",
        APPLY(V("shop", "GBP", "", "'star':{}", "5")), "ok",
        "{'op':'purchase','member':'card:1','receipt':'b','amount':'1'}", "programme_order",
        APPLY(V("shop", "GBP", "", "'star':{}", "7")), "ok",
        "{'op':'purchase','member':'card:1','receipt':'c','amount':'1'}", NULL);
    expect_number(all, "0/earned/0/amount", 1);
    expect_number(all, "2/earned/0/amount", 5);
    expect_number(all, "4/earned/0/amount", 5);
    trial_end(&t);
}

const struct test_case programme_cases[] = {
    {"what ledgers depend on never changes", what_ledgers_depend_on_never_changes},
    {"versions ascend", versions_ascend},
    {"a version within a batch", a_version_within_a_batch_counts_from_there},
    {NULL, NULL},
};
