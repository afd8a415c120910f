/* What the suites of ledger/ share: a real ledger in a temporary folder, requests
 * written with ' for ", and the three checks that close every case: verify, audit,
 * and a rebuild that changes nothing. */
#ifndef LOYALTY_TESTS_LEDGER_SUPPORT_H
#define LOYALTY_TESTS_LEDGER_SUPPORT_H

#include <cjson/cJSON.h>
#include <stdint.h>

#include "ledger_private.h"
#include "loyalty.h"
#include "suite.h"

extern const struct test_case head_cases[], request_cases[], state_cases[], pipeline_cases[],
    member_cases[], purchase_cases[], return_cases[], match_cases[], redeem_cases[],
    held_cases[], whose_cases[], books_cases[],
    reserve_cases[], tender_cases[], transfer_cases[], household_cases[], merge_cases[],
    programme_cases[], audit_cases[], golden_cases[],
    evidence_cases[], ahead_cases[], basket_cases[], proof_cases[], wrong_cases[], operator_cases[],
    erase_cases[], highwater_cases[], tiers_cases[], action_cases[], benefit_cases[],
    tally_cases[], tier_told_cases[];

struct trial {
    char folder[256], path[300];
    loyalty *ledger;
    char now[40];           /* put into every request that has no "now" */
    cJSON *answers;         /* everything answered so far, freed at the end */
};

/* One star for each pound; nothing lapses. */
extern const char ONE_PER_POUND[];

/* A new test ledger; programme (with ' for ") may be NULL. The clock stands at `now`. */
void trial_begin(struct trial *trial, const char *programme, const char *now);
/* verify, audit, rebuild without a difference; then all of it is removed. */
void trial_end(struct trial *trial);
/* Only the checks. */
void trial_check(struct trial *trial);
/* Only the removing: for ledgers that were damaged on purpose. */
void trial_remove(struct trial *trial);
void trial_close(struct trial *trial);
void trial_open(struct trial *trial);

/* Carry out one request; `code` is "ok" or the error's. */
const cJSON *say(struct trial *trial, const char *code, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
/* Several in one commit, each with its expected code: code, request, code, request,
 * ..., NULL. The answers as a list. */
const cJSON *say_all(struct trial *trial, ...);
/* Long work: verify, audit, ... */
const cJSON *run(struct trial *trial, const char *code, const char *request);

/* By path: "balances/star/available", "lots/0/left". */
const cJSON *at_path(const cJSON *answer, const char *path);
void expect_number(const cJSON *answer, const char *path, double expected);
void expect_text(const cJSON *answer, const char *path, const char *expected);
void expect_count(const cJSON *answer, const char *path, int expected);
int64_t log_size(struct trial *trial);
/* Available points of the member, as `show` has them now. */
void expect_available(struct trial *trial, const char *member, const char *points, double expected);

/* ' for ", into memory that lives until the program ends. */
char *quoted(const char *text);

#endif
