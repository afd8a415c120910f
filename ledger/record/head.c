/* Heads: their names, and the rule that a record's postings sum to zero. */
#include "head.h"

#include <assert.h>

#include "head_private.h"
#include "limits.h"

const char *const record_names[] = {
#define X(code, name, origin) name,
    RECORD_TABLE(X)
#undef X
};
static const enum record_origin record_origins[] = {
#define X(code, name, origin) MADE_BY_##origin,
    RECORD_TABLE(X)
#undef X
};
const char *const account_names[] = {
#define X(code, name) name,
    ACCOUNT_TABLE(X)
#undef X
};
const char *const owner_names[] = {[COUNTS_MEMBER] = "member", [COUNTS_PROGRAMME] = "programme"};
const char *const cause_names[] = {
#define X(code, name) name,
    TIER_CAUSE_TABLE(X)
#undef X
};
static_assert(sizeof record_names / sizeof *record_names == RECORD_KIND_COUNT, "one name each");
static_assert(sizeof account_names / sizeof *account_names == ACCOUNT_COUNT, "one name each");
static_assert(sizeof cause_names / sizeof *cause_names == CAUSE_COUNT, "one name each");

const char *record_name(enum record_kind kind)
{
    return record_names[kind];
}

enum record_origin record_origin(enum record_kind kind)
{
    return record_origins[kind];
}

const char *account_name(enum account account)
{
    return account_names[account];
}

const char *tier_cause_name(enum tier_cause cause)
{
    return cause_names[cause];
}

void head_clear(struct head *head)
{
    memset(head, 0, sizeof *head);
    head->previous = head->of = head->paid.seq = -1;
}

/* --- Balance ------------------------------------------------------------- */

bool head_balances(const struct head *head, struct error *error)
{
    struct text currency[LIMIT_CURRENCIES];
    wide sum[LIMIT_CURRENCIES];
    size_t count = 0;
    for (size_t i = 0; i < head->posting_count; i++) {
        const struct posting *posting = &head->postings[i];
        size_t c = 0;
        while (c < count && !text_equal(currency[c], posting->currency))
            c++;
        if (c == count) {
            if (count == LIMIT_CURRENCIES)
                return fail(error, ERROR_INVARIANT,
                            _("record %lld posts in more than %d currencies"), (long long)head->seq,
                            LIMIT_CURRENCIES);
            currency[count] = posting->currency;
            sum[count++] = 0;
        }
        sum[c] += posting->amount;
    }
    for (size_t c = 0; c < count; c++) {
        if (sum[c] != 0)
            return fail(error, ERROR_INVARIANT,
                        _("the postings of record %lld do not sum to zero in %.*s"),
                        (long long)head->seq, TEXT(currency[c]));
    }
    return true;
}
