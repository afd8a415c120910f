/* The suites of ledger/, one program. */
#include "support.h"

const struct test_suite test_suites[] = {
    {"head", head_cases},
    {"request", request_cases},
    {"state", state_cases},
    {"pipeline", pipeline_cases},
    {"member", member_cases},
    {"purchase", purchase_cases},
    {"return", return_cases},
    {"match", match_cases},
    {"redeem", redeem_cases},
    {"reserve", reserve_cases},
    {"tender", tender_cases},
    {"held", held_cases},
    {"whose", whose_cases},
    {"books", books_cases},
    {"transfer", transfer_cases},
    {"household", household_cases},
    {"merge", merge_cases},
    {"programme", programme_cases},
    {"audit", audit_cases},
    {"golden", golden_cases},
    {"evidence", evidence_cases},
    {"basket", basket_cases},
    {"proof_needed", proof_cases},
    {NULL, NULL},
};
