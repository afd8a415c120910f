/* One error path. A function that can fail takes a `struct error *` last and
 * returns false through fail(); the caller passes it up untouched. Operational
 * faults, refusals by a rule and invalid input are different codes of one
 * table; programming errors are assertions.
 *
 * Codes and field names never change; messages are for people and are translated
 * (language.h): write fail(err, ERROR_X, _("...")). */
#ifndef LOYALTY_ERROR_H
#define LOYALTY_ERROR_H

#include <stdbool.h>
#include <stddef.h>

#include "language.h"

/* code, its name in answers, exit status, when a retry can help */
#define ERROR_TABLE(X)                                                                             \
    X(NONE, "ok", 0, "never")                                                                      \
    X(IO, "io_error", 1, "same_ref")                                                               \
    X(DISK_FULL, "disk_full", 1, "same_ref")                                                       \
    X(DATABASE, "database_error", 1, "same_ref")                                                   \
    X(CORRUPT, "database_corrupt", 1, "never")                                                     \
    X(NOT_A_LEDGER, "not_a_ledger", 1, "never")                                                    \
    X(NEWER_SCHEMA, "newer_schema", 1, "never")                                                    \
    X(OLDER_SCHEMA, "older_schema", 1, "never")                                                    \
    X(READ_ONLY, "read_only", 1, "same_ref")                                                       \
    X(KEY_MISSING, "key_missing", 1, "same_ref")                                                   \
    X(KEY_WRONG, "key_wrong", 1, "same_ref")                                                       \
    X(KEY_EXPOSED, "key_exposed", 1, "same_ref")                                                   \
    X(NOT_A_SPOOL, "not_a_spool", 1, "never")                                                      \
    X(SPOOL_DAMAGED, "spool_damaged", 1, "never")                                                  \
    X(INVARIANT, "invariant_broken", 1, "never")                                                   \
    X(INTERRUPTED, "interrupted", 1, "same_ref")                                                   \
    X(USAGE, "usage", 2, "never")                                                                  \
    X(EXISTS, "already_exists", 2, "never")                                                        \
    X(INVALID_JSON, "invalid_json", 3, "never")                                                    \
    X(DUPLICATE_MEMBER, "duplicate_member", 3, "never")                                            \
    X(INVALID_CSV, "invalid_csv", 3, "never")                                                      \
    X(INVALID_TEXT, "invalid_text", 3, "never")                                                    \
    X(INVALID_FIELD, "invalid_field", 3, "never")                                                  \
    X(UNKNOWN_FIELD, "unknown_field", 3, "never")                                                  \
    X(MISSING_FIELD, "missing_field", 3, "never")                                                  \
    X(INVALID_AMOUNT, "invalid_amount", 3, "never")                                                \
    X(INVALID_TIME, "invalid_time", 3, "never")                                                    \
    X(INVALID_ZONE, "invalid_zone", 3, "never")                                                    \
    X(INVALID_PROGRAMME, "invalid_programme", 3, "never")                                          \
    X(INVALID_RECORD, "invalid_record", 3, "never")                                                \
    X(INVALID_NOTE, "invalid_note", 3, "never")                                                    \
    X(INVALID_PROOF, "invalid_proof", 3, "never")                                                  \
    X(INVALID_POLICY, "invalid_policy", 3, "never")                                                \
    X(INVALID_BUNDLE, "invalid_bundle", 3, "never")                                                \
    X(LINES_MISMATCH, "lines_mismatch", 3, "never")                                                \
    X(TENDERS_MISMATCH, "tenders_mismatch", 3, "never")                                            \
    X(LIMIT, "limit_exceeded", 3, "never")                                                         \
    X(OVERFLOW, "overflow", 3, "never")                                                            \
    X(UNKNOWN_MEMBER, "unknown_member", 4, "never")                                                \
    X(UNKNOWN_RECEIPT, "unknown_receipt", 4, "never")                                              \
    X(UNKNOWN_HOUSEHOLD, "unknown_household", 4, "never")                                          \
    X(UNKNOWN_REF, "unknown_ref", 4, "never")                                                      \
    X(UNKNOWN_RECORD, "unknown_record", 4, "never")                                                \
    X(ERASED, "erased", 4, "never")                                                                \
    X(UNKNOWN_POINTS, "unknown_points", 4, "never")                                                \
    X(UNKNOWN_LEVEL, "unknown_level", 4, "never")                                                  \
    X(UNKNOWN_ACTION, "unknown_action", 4, "never")                                                \
    X(UNKNOWN_BENEFIT, "unknown_benefit", 4, "never")                                              \
    X(NO_PROGRAMME, "no_programme", 4, "never")                                                    \
    X(NO_FILE, "no_such_file", 4, "never")                                                         \
    X(INSUFFICIENT_POINTS, "insufficient_points", 5, "never")                                      \
    X(NOT_SPENDABLE, "not_spendable", 5, "never")                                                  \
    X(TOO_LATE, "too_late", 5, "never")                                                            \
    X(IN_FUTURE, "in_future", 5, "later")                                                          \
    X(CLOCK_JUMP, "clock_jump", 5, "never")                                                        \
    X(NOT_TEST, "not_a_test_ledger", 5, "never")                                                   \
    X(BACKDATED, "backdated", 5, "never")                                                          \
    X(OVER_RETURN, "over_return", 5, "never")                                                      \
    X(MIXED_RETURN, "mixed_return", 5, "never")                                                    \
    X(SHORTFALL, "return_shortfall", 5, "never")                                                   \
    X(NO_MATCH, "no_match", 5, "never")                                                            \
    X(NOT_CANCELLABLE, "not_cancellable", 5, "never")                                              \
    X(ALREADY_CANCELLED, "already_cancelled", 5, "never")                                          \
    X(BARRED, "cancelled_before", 5, "never")                                                      \
    X(VOIDED, "voided", 5, "never")                                                                \
    X(NOT_VOIDABLE, "not_voidable", 5, "never")                                                    \
    X(ALREADY_CLAIMED, "already_claimed", 5, "never")                                              \
    X(WRONG_CODE, "wrong_code", 5, "never")                                                        \
    X(NOT_A_RESERVATION, "not_a_reservation", 5, "never")                                          \
    X(ALREADY_RESOLVED, "already_resolved", 5, "never")                                            \
    X(RESERVATION_LAPSED, "reservation_lapsed", 5, "never")                                        \
    X(OVER_CAPTURE, "over_capture", 5, "never")                                                    \
    X(OPEN_RESERVATION, "open_reservation", 5, "later")                                            \
    X(NOTHING_PENDING, "nothing_pending", 5, "never")                                              \
    X(NOT_ALLOWED, "not_allowed", 5, "never")                                                      \
    X(TIER_TOO_LOW, "tier_too_low", 5, "never")                                                    \
    X(QUOTA_USED, "quota_used", 5, "later")                                                        \
    X(SEATS_GONE, "seats_gone", 5, "never")                                                        \
    X(OVER_LIMIT, "over_limit", 5, "never")                                                        \
    X(PROOF_NEEDED, "proof_needed", 5, "never")                                                    \
    X(APPROVAL_NEEDED, "approval_needed", 5, "never")                                              \
    X(OWN_CARD, "own_card", 5, "never")                                                            \
    X(TO_ONESELF, "to_oneself", 5, "never")                                                        \
    X(IN_HOUSEHOLD, "in_household", 5, "never")                                                    \
    X(NOT_IN_HOUSEHOLD, "not_in_household", 5, "never")                                            \
    X(OPEN_BALANCE, "open_balance", 5, "never")                                                    \
    X(ON_HOLD, "on_hold", 5, "later")                                                              \
    X(PERIOD_CLOSED, "period_closed", 5, "never")                                                  \
    X(PERIOD_OPEN, "period_open", 5, "later")                                                      \
    X(NOT_RESTORED, "not_restored", 5, "never")                                                    \
    X(HISTORY_CLOSED, "history_closed", 5, "never")                                                \
    X(HISTORY_OPEN, "history_open", 5, "later")                                                    \
    X(PROGRAMME_ORDER, "programme_order", 5, "never")                                              \
    X(PROGRAMME_CHANGE, "programme_change", 5, "never")                                            \
    X(AMBIGUOUS_MEMBER, "ambiguous_member", 6, "never")                                            \
    X(KEY_REUSED, "key_reused", 6, "never")                                                        \
    X(RECEIPT_EXISTS, "receipt_exists", 6, "never")                                                \
    X(IDENTIFIER_TAKEN, "identifier_taken", 6, "never")                                            \
    X(NOT_VERIFIED, "not_verified", 7, "never")                                                    \
    X(LEDGER_RESTORED, "ledger_restored", 7, "never")                                              \
    X(BUSY, "busy", 8, "later")                                                                    \
    X(FORK, "fork", 9, "never")

enum error_code {
#define X(code, name, status, retry) ERROR_##code,
    ERROR_TABLE(X)
#undef X
};

struct error {
    enum error_code code;
    unsigned line, column; /* from 1; 0 where there is no text to point at */
    char field[96];        /* the field or document path at fault, or "" */
    char message[512];     /* what is wrong: no capital, no full stop */
    char hint[256];        /* what would be right, or "" */
};

/* Fill *error and return false, so that `return fail(...)` reads as one thing. */
bool fail(struct error *error, enum error_code code, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
/* The same, naming the field at fault. */
bool fail_field(struct error *error, enum error_code code, const char *field, const char *format,
                ...) __attribute__((format(printf, 4, 5)));
/* Add what would be right to the error just made. Returns false. */
bool hint(struct error *error, const char *format, ...) __attribute__((format(printf, 2, 3)));

const char *error_name(enum error_code code);  /* "insufficient_points" */
int error_exit_status(enum error_code code);   /* 0 to 9, SPEC.md "Exit status" */
const char *error_retry(enum error_code code); /* "same_ref", "later", "never" */

#endif
