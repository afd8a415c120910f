/* Levels within operations: what counts, what a record says of it, and that whatever is done
 * later leaves what was told. Each case ends with an audit and a rebuild. */
#include "support.h"

/* One star and one level point for each pound. */
#define SHOP(tiers)                                                                                \
    "{'loyalty':1,'id':'shop','timezone':'Europe/London','currency':'GBP',"                        \
    "'points':{'star':{},'level':{'spendable':false}},'claims':{'code':'optional'},"               \
    "'households':{},'receipts':{'late':'P1Y'},"                                                   \
    "'earn':[{'id':'base','per':'1.00','gives':{'star':1,'level':1}}],'tiers':{" tiers "}}"

static const char YEAR[] =
    SHOP("'measure':{'earned':'level'},'window':'P12M','review':'P12M','levels':["
         "{'id':'silver'},{'id':'jade','from':10,'multiply':{'star':'1.5'}},"
         "{'id':'gold','from':30,'multiply':{'star':'2'},'entry':{'gives':{'star':7}}}]");

static const char AT_ONCE[] =
    SHOP("'measure':{'earned':'level'},'window':'lifetime','on_return':'at_once','levels':["
         "{'id':'silver'},{'id':'jade','from':10,'entry':{'gives':{'star':3}}},"
         "{'id':'gold','from':30,'entry':{'gives':{'star':7},'on_return':'take_back'}}]");

static const char RESETS[] =
    SHOP("'measure':{'earned':'level'},'window':'since_tier_start','review':'P12M',"
         "'at_review':'one_level_down','on_return':'at_once','levels':["
         "{'id':'silver'},{'id':'jade','from':4},{'id':'gold','from':16,'forfeits':['star']}]");

static const char CROSSING[] =
    SHOP("'measure':{'earned':'level'},'window':'lifetime','crossing':'new','levels':["
         "{'id':'silver'},{'id':'jade','from':10,'multiply':{'star':'3'}}]");

static const char MIXED[] =
    SHOP("'measures':{'spend':{'spend':true},'visits':{'visits':true,'least':'5.00'},"
         "'days':{'days':true}},'window':'calendar_year','review':{'after':'P1Y','at':"
         "'end_of_year'},'levels':[{'id':'silver'},"
         "{'id':'jade','from':[{'spend':'100.00'},{'visits':3,'days':2}]}]");

static void begin(struct trial *t, const char *programme, const char *now)
{
    trial_begin(t, programme, now);
    say(t, "ok", "{'op':'member.add','identifiers':['card:1']}");
    say(t, "ok", "{'op':'member.add','identifiers':['card:2']}");
}

static const cJSON *buy(struct trial *t, const char *card, const char *receipt, const char *amount,
                        const char *now)
{
    return say(t, "ok",
               "{'op':'purchase','member':'card:%s','receipt':'%s','amount':'%s','now':'%s'}", card,
               receipt, amount, now);
}

static void expect_level(struct trial *t, const char *card, const char *now, const char *level)
{
    const cJSON *shown = say(t, "ok", "{'op':'show','member':'card:%s','now':'%s'}", card, now);
    expect_text(shown, "tier/level", level);
}

static void expect_stars(struct trial *t, const char *card, const char *now, double stars)
{
    const cJSON *shown = say(t, "ok", "{'op':'show','member':'card:%s','now':'%s'}", card, now);
    expect_number(shown, "balances/star/available", stars);
}

/* A sweep by a clock of its own: it is the handle's, not the request's. */
static int64_t swept(struct trial *t, const char *now)
{
    struct loyalty_options options = {.size = sizeof options};
    struct error error;
    char *answer = NULL;
    trial_close(t);
    CU_ASSERT_TRUE_FATAL(moment_parse(text_of(now), NULL, &options.test_now, &error));
    CU_ASSERT_EQUAL_FATAL(loyalty_open(&t->ledger, t->path, &options, &answer), LOYALTY_OK);
    int64_t before = log_size(t);
    run(t, "ok", "{'op':'sweep'}");
    return log_size(t) - before;
}

static void a_purchase_climbs_at_once_and_earns_by_the_old_level(void)
{
    struct trial t;
    begin(&t, YEAR, "2026-01-01T12:00:00Z");
    buy(&t, "1", "A", "9.00", "2026-01-02T12:00:00Z");
    expect_level(&t, "1", "2026-01-02T12:00:00Z", "silver");
    const cJSON *crossing = buy(&t, "1", "B", "1.00", "2026-01-03T12:00:00Z");
    expect_text(crossing, "tier/level", "jade");
    expect_number(crossing, "balances/star/available", 10);
    expect_number(buy(&t, "1", "C", "3.00", "2026-01-04T12:00:00Z"), "balances/star/available", 14);
    /* Over two levels at once, and what gold gives who enters it. */
    const cJSON *jump = buy(&t, "2", "D", "30.00", "2026-01-05T12:00:00Z");
    expect_text(jump, "tier/level", "gold");
    expect_number(jump, "balances/star/available", 37);
    trial_end(&t);
}

static void what_comes_back_is_valued_by_the_level_of_its_sale(void)
{
    struct trial t;
    begin(&t, YEAR, "2026-01-01T12:00:00Z");
    buy(&t, "1", "A", "10.00", "2026-01-02T12:00:00Z");
    buy(&t, "1", "B", "2.00", "2026-01-03T12:00:00Z");
    expect_stars(&t, "1", "2026-01-03T12:00:00Z", 13);
    say(&t, "ok", "{'op':'return','ref':'b','of':'B','all':true,'now':'2026-01-04T12:00:00Z'}");
    expect_stars(&t, "1", "2026-01-04T12:00:00Z", 10);
    say(&t, "ok", "{'op':'return','ref':'a','of':'A','all':true,'now':'2026-01-05T12:00:00Z'}");
    expect_stars(&t, "1", "2026-01-05T12:00:00Z", 0);
    /* At its review only. */
    expect_level(&t, "1", "2027-01-02T23:59:59Z", "jade");
    expect_level(&t, "1", "2027-01-03T00:00:00Z", "silver");
    trial_end(&t);
}

static void a_late_purchase_earns_by_the_level_of_then(void)
{
    struct trial t;
    begin(&t, YEAR, "2026-01-01T12:00:00Z");
    buy(&t, "1", "A", "10.00", "2026-02-02T12:00:00Z");
    buy(&t, "1", "B", "20.00", "2026-03-02T12:00:00Z"); /* gold: 10 + 30 + 7 */
    expect_stars(&t, "1", "2026-03-02T12:00:00Z", 47);
    say(&t, "ok",
        "{'op':'purchase','member':'card:1','receipt':'C','amount':'2.00',"
        "'at':'2026-02-10T12:00:00Z','now':'2026-03-03T12:00:00Z'}"); /* jade */
    expect_stars(&t, "1", "2026-03-03T12:00:00Z", 50);
    say(&t, "ok",
        "{'op':'purchase','member':'card:1','receipt':'D','amount':'2.00',"
        "'at':'2026-01-10T12:00:00Z','now':'2026-03-04T12:00:00Z'}"); /* silver */
    expect_stars(&t, "1", "2026-03-04T12:00:00Z", 52);
    trial_end(&t);
}

/* The level of then is what a record said, also where a return has undone it since. */
static void a_late_purchase_earns_by_a_level_that_was_undone(void)
{
    static const char undone[] =
        SHOP("'measure':{'earned':'level'},'window':'lifetime','on_return':'at_once','levels':["
             "{'id':'silver'},{'id':'jade','from':10,'multiply':{'star':'2'}},"
             "{'id':'gold','from':30,'multiply':{'star':'10'}}]");
    struct trial t;
    begin(&t, undone, "2026-01-01T12:00:00Z");
    buy(&t, "1", "A", "12.00", "2026-01-02T12:00:00Z");
    buy(&t, "1", "B", "20.00", "2026-01-05T12:00:00Z"); /* gold until the 10th */
    say(&t, "ok", "{'op':'return','ref':'b','of':'B','all':true,'now':'2026-01-10T12:00:00Z'}");
    expect_stars(&t, "1", "2026-01-10T12:00:00Z", 12);
    say(&t, "ok",
        "{'op':'purchase','member':'card:1','receipt':'C','amount':'1.00',"
        "'at':'2026-01-06T12:00:00Z','now':'2026-01-11T12:00:00Z'}");
    expect_stars(&t, "1", "2026-01-11T12:00:00Z", 22);
    trial_end(&t);
}

static void a_climb_that_a_held_return_undoes_is_none(void)
{
    struct trial t;
    begin(&t, AT_ONCE, "2026-01-01T12:00:00Z");
    say(&t, "ok", "{'op':'return','ref':'a','of':'A','all':true,'now':'2026-01-02T12:00:00Z'}");
    const cJSON *bought = buy(&t, "1", "A", "12.00", "2026-01-03T12:00:00Z");
    expect_text(bought, "held/0/status", "done");
    expect_text(bought, "tier/level", "silver");
    CU_ASSERT_TRUE(cJSON_IsFalse(at_path(bought, "tier/changed")));
    CU_ASSERT_PTR_NULL(at_path(bought, "tier/from"));
    trial_end(&t);
}

static void a_return_undoes_a_climb_at_once_with_what_it_gave(void)
{
    struct trial t;
    begin(&t, AT_ONCE, "2026-01-01T12:00:00Z");
    buy(&t, "1", "A", "12.00", "2026-01-02T12:00:00Z"); /* jade: 12 + 3 */
    buy(&t, "1", "B", "20.00", "2026-01-03T12:00:00Z"); /* gold: 20 + 7 */
    expect_stars(&t, "1", "2026-01-03T12:00:00Z", 42);
    say(&t, "ok",
        "{'op':'return','ref':'b','of':'B','amount':'3.00',"
        "'now':'2026-01-04T12:00:00Z'}");
    expect_level(&t, "1", "2026-01-04T12:00:00Z", "jade");
    expect_stars(&t, "1", "2026-01-04T12:00:00Z", 32); /* less 3, and the 7 of gold */
    buy(&t, "1", "C", "1.00", "2026-01-05T12:00:00Z");
    expect_level(&t, "1", "2026-01-05T12:00:00Z", "gold");
    expect_stars(&t, "1", "2026-01-05T12:00:00Z", 40); /* 1, and 7 again */
    say(&t, "ok", "{'op':'return','ref':'a','of':'A','all':true,'now':'2026-01-06T12:00:00Z'}");
    expect_level(&t, "1", "2026-01-06T12:00:00Z", "jade");
    say(&t, "ok", "{'op':'return','ref':'b2','of':'B','all':true,'now':'2026-01-07T12:00:00Z'}");
    expect_level(&t, "1", "2026-01-07T12:00:00Z", "silver");
    expect_stars(&t, "1", "2026-01-07T12:00:00Z", 4); /* C, and jade's 3, which stay */
    trial_end(&t);
}

static void a_void_gives_back_what_a_return_took(void)
{
    struct trial t;
    begin(&t, AT_ONCE, "2026-01-01T12:00:00Z");
    buy(&t, "1", "A", "30.00", "2026-01-02T12:00:00Z");
    say(&t, "ok",
        "{'op':'return','ref':'r','of':'A','amount':'5.00',"
        "'now':'2026-01-03T12:00:00Z'}");
    expect_level(&t, "1", "2026-01-03T12:00:00Z", "jade");
    say(&t, "ok", "{'op':'void','ref':'v','of':'r','now':'2026-01-04T12:00:00Z'}");
    expect_level(&t, "1", "2026-01-04T12:00:00Z", "gold");
    say(&t, "ok", "{'op':'void','ref':'w','of':'A','now':'2026-01-05T12:00:00Z'}");
    expect_level(&t, "1", "2026-01-05T12:00:00Z", "silver");
    trial_end(&t);
}

/* Jade of 2026-01-02 is judged on 2027-01-03; gold of the day before is given back after. */
static void a_review_is_not_skipped_by_buying_and_giving_back(void)
{
    static const char at_once[] =
        SHOP("'measure':{'earned':'level'},'window':'P12M','review':'P12M','on_return':'at_once',"
             "'levels':[{'id':'silver'},{'id':'jade','from':10},{'id':'gold','from':30}]");
    struct trial t;
    begin(&t, at_once, "2026-01-01T12:00:00Z");
    buy(&t, "1", "A", "10.00", "2026-01-02T12:00:00Z");
    buy(&t, "1", "B", "30.00", "2027-01-02T12:00:00Z");
    expect_level(&t, "1", "2027-01-04T12:00:00Z", "gold");
    say(&t, "ok", "{'op':'return','ref':'b','of':'B','all':true,'now':'2027-01-05T12:00:00Z'}");
    expect_level(&t, "1", "2027-01-05T12:00:00Z", "silver");
    trial_end(&t);
}

static void nothing_is_reached_by_buying_and_giving_back(void)
{
    struct trial t;
    begin(&t, RESETS, "2026-01-01T12:00:00Z");
    buy(&t, "1", "A", "4.00", "2026-01-02T12:00:00Z");
    buy(&t, "1", "B", "16.00", "2026-01-03T12:00:00Z");
    expect_level(&t, "1", "2026-01-03T12:00:00Z", "gold");
    say(&t, "ok", "{'op':'return','ref':'b','of':'B','all':true,'now':'2026-01-04T12:00:00Z'}");
    expect_level(&t, "1", "2026-01-04T12:00:00Z", "jade");
    say(&t, "ok", "{'op':'return','ref':'a','of':'A','all':true,'now':'2026-01-05T12:00:00Z'}");
    expect_level(&t, "1", "2026-01-05T12:00:00Z", "silver");
    trial_end(&t);
}

static void a_fraction_is_no_way_to_a_level(void)
{
    static const char carried[] =
        "{'loyalty':1,'id':'shop','timezone':'UTC','currency':'GBP','points':{'star':{}},"
        "'earn':[{'id':'base','per':'25.00','gives':{'star':1},'rounding':'carry'}],"
        "'tiers':{'measure':{'earned':'star'},'window':'lifetime','on_return':'at_once',"
        "'levels':[{'id':'silver'},{'id':'jade','from':1}]}}";
    struct trial t;
    begin(&t, carried, "2026-01-01T12:00:00Z");
    buy(&t, "1", "A", "24.99", "2026-01-02T12:00:00Z");
    buy(&t, "1", "B", "0.01", "2026-01-03T12:00:00Z");
    expect_level(&t, "1", "2026-01-03T12:00:00Z", "jade");
    say(&t, "ok", "{'op':'return','ref':'a','of':'A','all':true,'now':'2026-01-04T12:00:00Z'}");
    expect_level(&t, "1", "2026-01-04T12:00:00Z", "silver");
    trial_end(&t);
}

static void a_fall_happens_at_its_hour_before_another_spends(void)
{
    struct trial t;
    begin(&t, RESETS, "2026-01-01T12:00:00Z");
    const cJSON *made = say(&t, "ok", "{'op':'household.create','ref':'h','member':'card:1'}");
    say(&t, "ok", "{'op':'household.join','ref':'j','member':'card:2','household':'%s'}",
        cJSON_GetStringValue(at_path(made, "household")));
    buy(&t, "1", "A", "16.00", "2026-01-02T12:00:00Z");
    buy(&t, "2", "B", "2.00", "2026-01-02T13:00:00Z");
    expect_stars(&t, "2", "2027-01-02T23:59:59.999Z", 18);
    /* What the first member of the two forfeits is gone before the second spends. */
    say(&t, "insufficient_points",
        "{'op':'redeem','ref':'r','member':'card:2','points':3,"
        "'now':'2027-01-03T00:00:00Z'}");
    expect_stars(&t, "2", "2027-01-03T00:00:00Z", 2);
    expect_level(&t, "1", "2027-01-03T00:00:00Z", "jade");
    trial_end(&t);
}

static void a_sweep_finds_the_fall_of_who_never_comes(void)
{
    struct trial t;
    begin(&t, RESETS, "2026-01-01T12:00:00Z");
    buy(&t, "1", "A", "16.00", "2026-01-02T12:00:00Z");
    CU_ASSERT_EQUAL(swept(&t, "2026-12-31T12:00:00Z"), 0);
    CU_ASSERT_EQUAL(swept(&t, "2029-01-04T12:00:00Z"), 2); /* gold to jade, jade to silver */
    trial_end(&t);
}

static void a_crossing_purchase_may_earn_by_the_new_level(void)
{
    struct trial t;
    begin(&t, CROSSING, "2026-01-01T12:00:00Z");
    buy(&t, "1", "A", "9.00", "2026-01-02T12:00:00Z");
    const cJSON *quoted = say(&t, "ok",
                              "{'op':'quote','member':'card:1','amount':'2.00',"
                              "'now':'2026-01-03T12:00:00Z'}");
    expect_number(quoted, "balances/star/available", 15);
    const cJSON *crossing = buy(&t, "1", "B", "2.00", "2026-01-03T12:00:00Z");
    expect_number(crossing, "balances/star/available", 15);
    say(&t, "ok", "{'op':'return','ref':'b','of':'B','all':true,'now':'2026-01-04T12:00:00Z'}");
    expect_stars(&t, "1", "2026-01-04T12:00:00Z", 9);
    trial_end(&t);
}

static void visits_and_days_or_money(void)
{
    struct trial t;
    begin(&t, MIXED, "2026-01-01T12:00:00Z");
    buy(&t, "1", "A", "5.00", "2026-01-02T12:00:00Z");
    buy(&t, "1", "B", "5.00", "2026-01-02T13:00:00Z");
    buy(&t, "1", "C", "4.99", "2026-01-03T12:00:00Z"); /* a day, but no visit */
    expect_level(&t, "1", "2026-01-03T13:00:00Z", "silver");
    buy(&t, "1", "D", "5.00", "2026-01-03T14:00:00Z");
    expect_level(&t, "1", "2026-01-03T14:00:00Z", "jade");
    buy(&t, "2", "E", "99.99", "2026-01-03T14:00:00Z");
    expect_level(&t, "2", "2026-01-03T14:00:00Z", "silver");
    buy(&t, "2", "F", "0.01", "2026-01-03T15:00:00Z");
    expect_level(&t, "2", "2026-01-03T15:00:00Z", "jade");
    expect_level(&t, "2", "2027-12-31T23:59:59.999Z", "jade");
    expect_level(&t, "2", "2028-01-01T00:00:00Z", "silver");
    trial_end(&t);
}

static void a_claim_counts_on_the_day_of_the_sale(void)
{
    struct trial t;
    begin(&t, YEAR, "2026-01-01T12:00:00Z");
    say(&t, "ok", "{'op':'purchase','receipt':'A','amount':'10.00','now':'2026-01-02T12:00:00Z'}");
    const cJSON *claimed = say(&t, "ok",
                               "{'op':'claim','receipt':'A','member':'card:1',"
                               "'now':'2026-01-03T12:00:00Z'}");
    expect_text(claimed, "tier/level", "jade");
    say(&t, "ok",
        "{'op':'reassign','ref':'r','of':'A','to':'card:2','reason':'x',"
        "'now':'2026-01-04T12:00:00Z'}");
    expect_level(&t, "2", "2026-01-04T12:00:00Z", "jade");
    expect_level(&t, "1", "2026-01-04T12:00:00Z", "jade"); /* until its review */
    expect_level(&t, "1", "2027-01-05T12:00:00Z", "silver");
    trial_end(&t);
}

static void two_who_become_one_have_counted_together(void)
{
    struct trial t;
    begin(&t, YEAR, "2026-01-01T12:00:00Z");
    buy(&t, "1", "A", "9.00", "2026-01-02T12:00:00Z");
    buy(&t, "2", "B", "21.00", "2026-01-02T12:00:00Z");
    say(&t, "ok",
        "{'op':'member.merge','ref':'m','member':'card:1','into':'card:2',"
        "'now':'2026-01-03T12:00:00Z'}");
    expect_level(&t, "2", "2026-01-03T12:00:00Z", "gold");
    expect_stars(&t, "2", "2026-01-03T12:00:00Z", 30);
    say(&t, "ok", "{'op':'return','ref':'a','of':'A','all':true,'now':'2026-01-04T12:00:00Z'}");
    expect_level(&t, "2", "2027-01-03T12:00:00Z", "gold");
    expect_level(&t, "2", "2027-01-04T00:00:00Z", "silver"); /* nothing counts any more */
    trial_end(&t);
}

static void a_new_version_judges_anew_where_it_says_so(void)
{
    static const char anew[] =
        SHOP("'measure':{'earned':'level'},'window':'P12M','review':'P12M',"
             "'on_change':'requalify','levels':[{'id':'silver'},"
             "{'id':'emerald','was':['jade'],'from':20},{'id':'gold','from':30}]");
    struct trial t;
    begin(&t, YEAR, "2026-01-01T12:00:00Z");
    buy(&t, "1", "A", "15.00", "2026-01-02T12:00:00Z");
    buy(&t, "2", "B", "25.00", "2026-01-02T12:00:00Z");
    say(&t, "ok", "{'op':'programme.apply','programme':%s,'from':'2026-02-01T00:00:00Z'}", anew);
    expect_level(&t, "1", "2026-01-31T23:59:59.999Z", "jade");
    expect_level(&t, "1", "2026-02-01T00:00:00Z", "silver");
    expect_level(&t, "2", "2026-02-01T00:00:00Z", "emerald");
    CU_ASSERT_EQUAL(swept(&t, "2026-02-02T12:00:00Z"), 2);
    CU_ASSERT_EQUAL(swept(&t, "2026-02-03T12:00:00Z"), 0);
    trial_end(&t);
}

/* One record gave two lots of one currency: each goes back, and no other. */
static void what_two_levels_gave_comes_out_of_their_own_lots(void)
{
    static const char both[] =
        SHOP("'measure':{'earned':'level'},'window':'lifetime','on_return':'at_once','levels':["
             "{'id':'silver'},{'id':'jade','from':20,'entry':{'gives':{'star':3},'on_return':"
             "'take_back'}},{'id':'gold','from':30,'entry':{'gives':{'star':7},'on_return':"
             "'take_back'}}]");
    struct trial t;
    begin(&t, both, "2026-01-01T12:00:00Z");
    buy(&t, "1", "A", "12.00", "2026-01-02T12:00:00Z");
    buy(&t, "1", "B", "20.00", "2026-01-03T12:00:00Z");
    say(&t, "ok", "{'op':'return','ref':'b','of':'B','all':true,'now':'2026-01-04T12:00:00Z'}");
    const cJSON *left = say(&t, "ok",
                            "{'op':'redeem','ref':'r','member':'card:1','points':12,"
                            "'now':'2026-01-05T12:00:00Z'}");
    expect_number(left, "lots/0/amount", 12);
    trial_end(&t);
}

static void an_entry_reward_knows_what_its_level_was_called(void)
{
    static const char renamed[] =
        SHOP("'measure':{'earned':'level'},'window':'lifetime','on_return':'at_once','levels':["
             "{'id':'silver'},{'id':'emerald','was':['jade'],'from':10,"
             "'entry':{'gives':{'star':3}}},{'id':'platin','was':['gold'],'from':30,"
             "'entry':{'gives':{'star':7},'on_return':'take_back'}}]");
    struct trial t;
    begin(&t, AT_ONCE, "2026-01-01T12:00:00Z");
    buy(&t, "1", "A", "30.00", "2026-01-02T12:00:00Z"); /* 30 + 3 + 7 */
    say(&t, "ok", "{'op':'programme.apply','programme':%s,'from':'2026-02-01T00:00:00Z'}", renamed);
    expect_level(&t, "1", "2026-02-02T12:00:00Z", "platin");
    say(&t, "ok", "{'op':'return','ref':'a','of':'A','all':true,'now':'2026-02-02T12:00:00Z'}");
    expect_stars(&t, "1", "2026-02-02T12:00:00Z", 3); /* gold's 7 are taken back */
    buy(&t, "1", "B", "30.00", "2026-02-03T12:00:00Z");
    expect_level(&t, "1", "2026-02-03T12:00:00Z", "platin");
    expect_stars(&t, "1", "2026-02-03T12:00:00Z", 40); /* 30, 7 again, jade's 3 only once */
    trial_end(&t);
}

/* Answers are made behind the commit, when its apply may have moved the versions. */
static void an_answer_outlives_the_version_applied_with_it(void)
{
    static const char apply[] = "{'op':'programme.apply','programme':%s,'from':'2026-%02d-01'}";
    char last[2048];
    struct trial t;
    begin(&t, YEAR, "2026-01-01T12:00:00Z");
    for (int month = 2; month <= 4; month++)
        say(&t, "ok", apply, YEAR, month);
    snprintf(last, sizeof last, apply, YEAR, 5);
    const cJSON *both =
        say_all(&t, "ok", "{'op':'purchase','member':'card:1','receipt':'A','amount':'12.00'}",
                "ok", last, (const char *)NULL);
    expect_text(both, "0/tier/level", "jade");
    expect_text(both, "0/tier/next/level", "gold");
    trial_end(&t);
}

/* Audit and rebuild read again what was written: "tier:" and an id as long as one may be. */
static void the_longest_ids_can_be_read_again(void)
{
    static const char longest[] =
        SHOP("'measures':{'levels':{'earned':'level'}},'window':'lifetime','on_promotion':'excess',"
             "'levels':[{'id':'silver-of-two-and-thirty-letters'},"
             "{'id':'jade-of-two-and-thirty-letters-x','from':{'levels':10},"
             "'entry':{'gives':{'star':3}}}]");
    struct trial t;
    begin(&t, longest, "2026-01-01T12:00:00Z");
    buy(&t, "1", "A", "12.00", "2026-01-02T12:00:00Z");
    expect_level(&t, "1", "2026-01-02T12:00:00Z", "jade-of-two-and-thirty-letters-x");
    expect_stars(&t, "1", "2026-01-02T12:00:00Z", 15);
    trial_end(&t);
}

/* The answer is made after the commit, when there are more versions. */
static void an_answer_outlives_new_versions(void)
{
    struct trial t;
    begin(&t, YEAR, "2026-01-01T12:00:00Z");
    for (int i = 0; i < 3; i++) {
        char bought[160], applied[2000];
        snprintf(bought, sizeof bought,
                 "{'op':'purchase','member':'card:1','receipt':'R%d','amount':'10.00'}", i);
        snprintf(
            applied, sizeof applied,
            "{'op':'programme.apply','programme':%s,'ref':'v%d','from':'2026-02-0%dT00:00:00Z'}",
            YEAR, i, i + 1);
        const cJSON *told = say_all(&t, "ok", bought, "ok", applied, NULL);
        expect_text(cJSON_GetArrayItem(told, 0), "tier/level", i < 2 ? "jade" : "gold");
    }
    trial_end(&t);
}

static void an_id_comes_back_only_for_what_took_its_place(void)
{
    static const char renamed[] =
        SHOP("'measure':{'earned':'level'},'window':'lifetime','levels':["
             "{'id':'silver'},{'id':'emerald','was':['jade'],'from':10},{'id':'gold','from':30}]");
    static const char another[] =
        SHOP("'measure':{'earned':'level'},'window':'lifetime','levels':["
             "{'id':'silver'},{'id':'emerald','from':10},{'id':'jade','from':20},"
             "{'id':'gold','from':30}]");
    static const char back[] =
        SHOP("'measure':{'earned':'level'},'window':'lifetime','levels':["
             "{'id':'silver'},{'id':'jade','was':['emerald'],'from':10},{'id':'gold','from':30}]");
    struct trial t;
    begin(&t, YEAR, "2026-01-01T12:00:00Z");
    buy(&t, "1", "A", "15.00", "2026-01-02T12:00:00Z");
    say(&t, "ok", "{'op':'programme.apply','programme':%s,'now':'2026-01-03T12:00:00Z'}", renamed);
    expect_level(&t, "1", "2026-01-03T12:00:01Z", "emerald");
    expect_text(say(&t, "programme_change",
                    "{'op':'programme.apply','programme':%s,'now':'2026-01-04T12:00:00Z'}",
                    another),
                "error/field", "/tiers/levels");
    say(&t, "ok", "{'op':'programme.apply','programme':%s,'now':'2026-01-04T12:00:00Z'}", back);
    expect_level(&t, "1", "2026-01-04T12:00:01Z", "jade");
    trial_end(&t);
}

static void points_that_only_count_are_adjusted_with_the_level(void)
{
    struct trial t;
    begin(&t, AT_ONCE, "2026-01-01T12:00:00Z");
    const cJSON *given =
        say(&t, "ok",
            "{'op':'adjust','ref':'a','member':'card:1','points':10,'points_of':'level',"
            "'reason':'x','now':'2026-01-02T12:00:00Z'}");
    CU_ASSERT_PTR_NOT_NULL(given);
    expect_level(&t, "1", "2026-01-02T12:00:00Z", "jade");
    say(&t, "ok",
        "{'op':'adjust','ref':'b','member':'card:1','points':30,'points_of':'star',"
        "'reason':'x','now':'2026-01-02T13:00:00Z'}");
    expect_level(&t, "1", "2026-01-02T13:00:00Z", "jade");
    say(&t, "ok", "{'op':'void','ref':'c','of':'a','now':'2026-01-03T12:00:00Z'}");
    expect_level(&t, "1", "2026-01-03T12:00:00Z", "silver");
    trial_end(&t);
}

const struct test_case tiers_cases[] = {
    {"tiers: a purchase climbs at once and earns by the old level",
     a_purchase_climbs_at_once_and_earns_by_the_old_level},
    {"tiers: what comes back is valued by the level of its sale",
     what_comes_back_is_valued_by_the_level_of_its_sale},
    {"tiers: a late purchase earns by the level of then",
     a_late_purchase_earns_by_the_level_of_then},
    {"tiers: a late purchase earns by a level that was undone",
     a_late_purchase_earns_by_a_level_that_was_undone},
    {"tiers: a climb that a held return undoes is none", a_climb_that_a_held_return_undoes_is_none},
    {"tiers: a return undoes a climb at once with what it gave",
     a_return_undoes_a_climb_at_once_with_what_it_gave},
    {"tiers: a void gives back what a return took", a_void_gives_back_what_a_return_took},
    {"tiers: a review is not skipped by buying and giving back",
     a_review_is_not_skipped_by_buying_and_giving_back},
    {"tiers: nothing is reached by buying and giving back",
     nothing_is_reached_by_buying_and_giving_back},
    {"tiers: a fraction is no way to a level", a_fraction_is_no_way_to_a_level},
    {"tiers: a fall happens at its hour before another spends",
     a_fall_happens_at_its_hour_before_another_spends},
    {"tiers: a sweep finds the fall of who never comes", a_sweep_finds_the_fall_of_who_never_comes},
    {"tiers: a crossing purchase may earn by the new level",
     a_crossing_purchase_may_earn_by_the_new_level},
    {"tiers: visits and days or money", visits_and_days_or_money},
    {"tiers: a claim counts on the day of the sale", a_claim_counts_on_the_day_of_the_sale},
    {"tiers: two who become one have counted together", two_who_become_one_have_counted_together},
    {"tiers: a new version judges anew where it says so",
     a_new_version_judges_anew_where_it_says_so},
    {"tiers: what two levels gave comes out of their own lots",
     what_two_levels_gave_comes_out_of_their_own_lots},
    {"tiers: an entry reward knows what its level was called",
     an_entry_reward_knows_what_its_level_was_called},
    {"tiers: an answer outlives the version applied with it",
     an_answer_outlives_the_version_applied_with_it},
    {"tiers: the longest ids can be read again", the_longest_ids_can_be_read_again},
    {"tiers: an answer outlives new versions", an_answer_outlives_new_versions},
    {"tiers: an id comes back only for what took its place",
     an_id_comes_back_only_for_what_took_its_place},
    {"tiers: points that only count are adjusted with the level",
     points_that_only_count_are_adjusted_with_the_level},
    {NULL, NULL},
};
