/* Two-phase redemption: held, then captured, released, or given back by time. */
#include <stdio.h>

#include "support.h"

#define NOON "2026-03-02T12:00:00Z"

/* Lots lapse after two days; a reservation holds for an hour, for a day at most. */
static const char HOUR[] =
    "{'loyalty':1,'id':'shop','timezone':'UTC','currency':'GBP','points':{'star':{'expires':"
    "{'after':'P2D'}},'seen':{'spendable':false},'mile':{}},'reservations':{'timeout':'PT1H',"
    "'longest':'P1D'},'earn':[{'id':'base','per':'1.00','gives':{'star':1}}]}";

static void begin(struct trial *t)
{
    trial_begin(t, HOUR, NOON);
    say(t, "ok", "{'op':'purchase','member':'card:1','receipt':'a','amount':'10','enrol':true}");
}

static void expect_held(struct trial *t, const char *now, double available, double reserved)
{
    const cJSON *shown = say(t, "ok", "{'op':'show','member':'card:1','now':'%s'}", now);
    expect_number(shown, "balances/star/available", available);
    expect_number(shown, "balances/star/reserved", reserved);
}

static void refusals_come_in_order(void)
{
    struct trial t;
    begin(&t);
    expect_text(say(&t, "missing_field", "{'op':'reserve'}"), "error/field", "ref");
    expect_text(say(&t, "missing_field", "{'op':'reserve','ref':'r'}"), "error/field", "member");
    expect_text(say(&t, "missing_field", "{'op':'reserve','ref':'r','member':'card:1'}"),
                "error/field", "points");
    say(&t, "backdated",
        "{'op':'reserve','ref':'r','member':'card:1','points':1,'at':'2026-03-01'}");
    say(&t, "unknown_member", "{'op':'reserve','ref':'r','member':'card:2','points':1}");
    say(&t, "not_spendable",
        "{'op':'reserve','ref':'r','member':'card:1','points':1,'points_of':'seen'}");
    say(&t, "invalid_field", "{'op':'reserve','ref':'r','member':'card:1','points':0}");
    say(&t, "invalid_field",
        "{'op':'reserve','ref':'r','member':'card:1','points':1,'timeout':'soon'}");
    say(&t, "insufficient_points",
        "{'op':'reserve','ref':'r','member':'card:1','points':11,'timeout':'P2D'}");
    say(&t, "over_limit",
        "{'op':'reserve','ref':'r','member':'card:1','points':1,'timeout':'P1DT1S'}");
    say(&t, "ok", "{'op':'reserve','ref':'r','member':'card:1','points':10,'timeout':'P1D'}");
    say(&t, "insufficient_points", "{'op':'redeem','ref':'x','member':'card:1','points':1}");
    static const char *const operations[] = {"reserve.extend", "capture"};
    for (size_t i = 0; i < 2; i++) {
        expect_text(say(&t, "missing_field", "{'op':'%s','ref':'x'}", operations[i]), "error/field",
                    "of");
        say(&t, "unknown_ref", "{'op':'%s','ref':'x','of':'nobody'}", operations[i]);
    }
    say(&t, "over_limit", "{'op':'reserve.extend','ref':'x','of':'r','timeout':'P2D'}");
    say(&t, "over_capture", "{'op':'capture','ref':'x','of':'r','points':11}");
    say(&t, "invalid_field", "{'op':'capture','ref':'x','of':'r','points':0}");
    say(&t, "invalid_field", "{'op':'capture','ref':'x','of':'r','points_of':'mile'}");
    say(&t, "ok", "{'op':'adjust','ref':'g','reason':'x','member':'card:1','points':3}");
    say(&t, "ok", "{'op':'redeem','ref':'d','member':'card:1','points':3}");
    static const char *const all[] = {"reserve.extend", "capture", "release"};
    for (size_t i = 0; i < 3; i++)
        say(&t, "not_a_reservation", "{'op':'%s','ref':'x','of':'d'}", all[i]);
    say(&t, "not_cancellable", "{'op':'cancel','ref':'x','of':'r'}");
    say(&t, "ok", "{'op':'release','ref':'y','of':'r'}");
    for (size_t i = 0; i < 3; i++)
        say(&t, "already_resolved", "{'op':'%s','ref':'x','of':'r'}", all[i]);
    trial_end(&t);
}

static void a_part_is_captured_the_rest_released(void)
{
    struct trial t;
    begin(&t);
    say(&t, "ok", "{'op':'purchase','member':'card:1','receipt':'b','amount':'5'}");
    for (int again = 0; again < 2; again++) {
        const cJSON *answer =
            say(&t, "ok", "{'op':'reserve','ref':'r','member':'card:1','points':13}");
        expect_number(answer, "reserved/amount", 13);
        expect_text(answer, "until", "2026-03-02T13:00:00Z");
        expect_count(answer, "lots", 2);
    }
    expect_held(&t, NOON, 2, 13);
    for (int again = 0; again < 2; again++) {
        const cJSON *answer = say(&t, "ok", "{'op':'capture','ref':'c','of':'r','points':11}");
        expect_number(answer, "redeemed/amount", 11);
        expect_number(answer, "released/amount", 2);
        expect_number(answer, "lapsed/amount", 0);
        expect_count(answer, "lots", 2);
        expect_number(answer, "lots/0/amount", 10);
        expect_number(answer, "lots/1/amount", 1);
        expect_number(answer, "balances/star/available", 4);
        expect_number(answer, "balances/star/reserved", 0);
    }
    say(&t, "already_resolved", "{'op':'release','ref':'x','of':'r'}");
    const cJSON *answer = say(&t, "ok", "{'op':'cancel','ref':'k','of':'c'}");
    expect_number(answer, "restored/amount", 11);
    expect_held(&t, NOON, 15, 0);
    say(&t, "already_cancelled", "{'op':'cancel','ref':'k2','of':'c'}");
    trial_end(&t);
}

static void a_reservation_lapses_at_its_time(void)
{
    struct trial t;
    begin(&t);
    say(&t, "ok", "{'op':'reserve','ref':'r','member':'card:1','points':4}");
    expect_held(&t, "2026-03-02T12:59:59.999Z", 6, 4);
    expect_held(&t, "2026-03-02T13:00:00Z", 10, 0); /* and nothing has run */
    say(&t, "reservation_lapsed",
        "{'op':'capture','ref':'c','of':'r','now':'2026-03-02T13:00:00Z'}");
    say(&t, "reservation_lapsed",
        "{'op':'release','ref':'c','of':'r','now':'2026-03-02T13:00:00Z'}");
    say(&t, "reservation_lapsed",
        "{'op':'reserve.extend','ref':'c','of':'r','now':'2026-03-02T13:00:00Z'}");
    say(&t, "reservation_lapsed",
        "{'op':'purchase','member':'card:1','receipt':'z','amount':'9',"
        "'capture':'r','now':'2026-03-02T13:00:00Z'}");
    trial_end(&t);
}

static void extended_it_holds_longer_and_never_shorter(void)
{
    struct trial t;
    begin(&t);
    say(&t, "ok", "{'op':'reserve','ref':'r','member':'card:1','points':4}");
    const cJSON *answer =
        say(&t, "ok", "{'op':'reserve.extend','ref':'e','of':'r','timeout':'PT5H'}");
    expect_text(answer, "until", "2026-03-02T17:00:00Z");
    answer = say(&t, "ok", "{'op':'reserve.extend','ref':'f','of':'r','timeout':'PT1M'}");
    expect_text(answer, "until", "2026-03-02T17:00:00Z");
    expect_held(&t, "2026-03-02T16:59:59Z", 6, 4);
    answer = say(&t, "ok", "{'op':'capture','ref':'c','of':'r','now':'2026-03-02T16:59:59Z'}");
    expect_number(answer, "redeemed/amount", 4);
    trial_end(&t);
}

/* Points whose day is over while they are held: captured they count, released they lapse. */
static void held_points_outlive_their_day_until_they_go_back(void)
{
    struct trial t;
    trial_begin(&t, HOUR, NOON);
    say(&t, "ok",
        "{'op':'purchase','member':'card:1','receipt':'a','amount':'10','enrol':true,"
        "'at':'2026-03-01T12:00:00Z'}"); /* through 3 March */
    say(&t, "ok",
        "{'op':'reserve','ref':'r','member':'card:1','points':6,'timeout':'P1D',"
        "'now':'2026-03-03T20:00:00Z'}");
    expect_held(&t, "2026-03-04T08:00:00Z", 0, 6);
    const cJSON *answer = say(&t, "ok",
                              "{'op':'capture','ref':'c','of':'r','points':5,"
                              "'now':'2026-03-04T08:00:00Z'}");
    expect_number(answer, "redeemed/amount", 5);
    expect_number(answer, "released/amount", 0);
    expect_number(answer, "lapsed/amount", 1);
    answer = say(&t, "ok", "{'op':'cancel','ref':'k','of':'c','now':'2026-03-04T08:00:00Z'}");
    expect_number(answer, "restored/amount", 0);
    expect_number(answer, "lapsed/amount", 5);
    trial_end(&t);
}

static void what_comes_too_early_bars_the_original(void)
{
    struct trial t;
    begin(&t);
    for (int again = 0; again < 2; again++)
        expect_text(say(&t, "ok", "{'op':'release','ref':'x','of':'r'}"), "status", "tombstone");
    say(&t, "cancelled_before", "{'op':'reserve','ref':'r','member':'card:1','points':4}");
    expect_text(say(&t, "ok", "{'op':'cancel','ref':'y','of':'d'}"), "status", "tombstone");
    say(&t, "cancelled_before", "{'op':'redeem','ref':'d','member':'card:1','points':4}");
    say(&t, "cancelled_before",
        "{'op':'purchase','ref':'d','member':'card:1','receipt':'z',"
        "'amount':'4'}");
    say(&t, "unknown_ref", "{'op':'capture','ref':'z','of':'r'}");
    expect_available(&t, "card:1", "star", 10);
    trial_end(&t);
}

/* Points come back into a debt that a return made meanwhile. */
static void released_points_settle_a_debt(void)
{
    struct trial t;
    begin(&t);
    say(&t, "ok", "{'op':'reserve','ref':'r','member':'card:1','points':10}");
    say(&t, "ok", "{'op':'return','ref':'b','of':'a','amount':'7'}");
    expect_available(&t, "card:1", "star", -7);
    const cJSON *answer = say(&t, "ok", "{'op':'release','ref':'x','of':'r'}");
    expect_number(answer, "released/amount", 10);
    expect_number(answer, "balances/star/available", 3);
    trial_end(&t);
}

/* Points of a capture are the reservation's, whatever the default is. */
static void a_capture_counts_in_the_reservation_s_points(void)
{
    struct trial t;
    trial_begin(&t,
                "{'loyalty':1,'id':'shop','timezone':'UTC','currency':'GBP','points':{'star':"
                "{'scale':1},'mile':{'tender':{'value':'1'}},'cent':{'scale':2}}}",
                NOON);
    say(&t, "ok", "{'op':'member.add','identifiers':['card:1']}");
    static const char *const names[] = {"mile", "cent"};
    for (int i = 0; i < 2; i++) {
        say(&t, "ok",
            "{'op':'adjust','ref':'a%d','reason':'x','member':'card:1','points':9,"
            "'points_of':'%s'}",
            i, names[i]);
        say(&t, "ok", "{'op':'reserve','ref':'%s','member':'card:1','points':5,'points_of':'%s'}",
            names[i], names[i]);
    }
    say(&t, "invalid_field", "{'op':'capture','ref':'c','of':'mile','points':1.5}");
    say(&t, "over_capture", "{'op':'capture','ref':'c','of':'cent','points':5.1}");
    say(&t, "over_capture", "{'op':'capture','ref':'c','of':'cent','points':'900719925474099.1'}");
    const cJSON *answer = say(&t, "ok", "{'op':'capture','ref':'c','of':'cent','points':1.5}");
    expect_number(answer, "redeemed/amount", 1.5);
    expect_number(answer, "balances/cent/available", 7.5);
    answer = say(&t, "ok",
                 "{'op':'purchase','member':'card:1','receipt':'p','amount':'8',"
                 "'capture':'mile','points':3}");
    expect_number(answer, "paid/amount", 3);
    expect_number(answer, "balances/mile/available", 6);
    trial_end(&t);
}

/* A refused operation has advanced the wallet, and is undone: the next of the same commit
 * must find each lot once. */
static void what_a_refusal_advanced_is_undone(void)
{
    struct trial t;
    begin(&t);
    say(&t, "ok", "{'op':'reserve','ref':'r','member':'card:1','points':10}");
#define LATE ",'now':'2026-03-20T12:00:00Z'}"
    const cJSON *all =
        say_all(&t, "reservation_lapsed", "{'op':'release','ref':'x','of':'r'" LATE, "ok",
                "{'op':'adjust','ref':'g','reason':'x','member':'card:1','points':3" LATE, "ok",
                "{'op':'redeem','ref':'y','member':'card:1','points':3" LATE, NULL);
    expect_number(all, "2/balances/star/available", 0);
    trial_end(&t);
}

const struct test_case reserve_cases[] = {
    {"refusals come in order", refusals_come_in_order},
    {"a part is captured, the rest released", a_part_is_captured_the_rest_released},
    {"a reservation lapses at its time", a_reservation_lapses_at_its_time},
    {"extended it holds longer", extended_it_holds_longer_and_never_shorter},
    {"held points outlive their day", held_points_outlive_their_day_until_they_go_back},
    {"what comes too early bars the original", what_comes_too_early_bars_the_original},
    {"a capture counts in the reservation's points", a_capture_counts_in_the_reservation_s_points},
    {"what a refusal advanced is undone", what_a_refusal_advanced_is_undone},
    {"released points settle a debt", released_points_settle_a_debt},
    {NULL, NULL},
};
