/* A request: what a caller asks for, in typed form.
 *
 * One table names every field; from it come the reader of requests, the strict
 * refusal of unknown ones, the canonical `in` object of a body (a body's `in` is
 * a request in normal form, read back by the same reader), and the comparison
 * that names the field in which a retry differs. */
#ifndef LOYALTY_REQUEST_H
#define LOYALTY_REQUEST_H

#include "civil.h"
#include "decimal.h"
#include "error.h"
#include "memory.h"
#include "programme.h"

/* operation, name in requests and heads, what it is */
#define OPERATION_TABLE(X)                                                                         \
    X(MEMBER_ADD, "member.add", WRITES)                                                            \
    X(MEMBER_LINK, "member.link", WRITES)                                                          \
    X(MEMBER_UNLINK, "member.unlink", WRITES)                                                      \
    X(PURCHASE, "purchase", WRITES)                                                                \
    X(RETURN, "return", WRITES)                                                                    \
    X(REDEEM, "redeem", WRITES)                                                                    \
    X(CANCEL, "cancel", WRITES)                                                                    \
    X(ADJUST, "adjust", WRITES)                                                                    \
    X(ACTIVATE, "activate", WRITES)                                                                \
    X(RESERVE, "reserve", WRITES)                                                                  \
    X(EXTEND, "reserve.extend", WRITES)                                                            \
    X(CAPTURE, "capture", WRITES)                                                                  \
    X(RELEASE, "release", WRITES)                                                                  \
    X(TRANSFER, "transfer", WRITES)                                                                \
    X(HOUSEHOLD_CREATE, "household.create", WRITES)                                                \
    X(HOUSEHOLD_JOIN, "household.join", WRITES)                                                    \
    X(HOUSEHOLD_LEAVE, "household.leave", WRITES)                                                  \
    X(MEMBER_MERGE, "member.merge", WRITES)                                                        \
    X(CLOSE, "close", WRITES)                                                                      \
    X(CLAIM, "claim", WRITES)                                                                      \
    X(REASSIGN, "reassign", WRITES)                                                                \
    X(VOID, "void", WRITES)                                                                        \
    X(OPERATOR_LINK, "operator.link", WRITES)                                                      \
    X(OPERATOR_UNLINK, "operator.unlink", WRITES)                                                  \
    X(TILL_CLOSE, "till.close", WRITES)                                                            \
    X(RECOVER, "recover", WRITES)                                                                  \
    X(MEMBER_ERASE, "member.erase", WRITES)                                                        \
    X(MEMBER_HOLD, "member.hold", WRITES)                                                          \
    X(ACTION, "action", WRITES)                                                                    \
    X(TIER_SET, "tier.set", WRITES)                                                                \
    X(BENEFIT_USE, "benefit.use", WRITES)                                                          \
    X(PROGRAMME_APPLY, "programme.apply", WRITES)                                                  \
    X(QUOTE, "quote", ASKS)                                                                        \
    X(SHOW, "show", ASKS)                                                                          \
    X(HISTORY, "history", ASKS)                                                                    \
    X(LOOKUP, "lookup", ASKS)                                                                      \
    X(MEMBER_SHOW, "member.show", ASKS)                                                            \
    X(MEMBER_LIST, "member.list", ASKS)                                                            \
    X(HOUSEHOLD_SHOW, "household.show", ASKS)                                                      \
    X(OPERATOR_SHOW, "operator.show", ASKS)                                                        \
    X(MEMBER_EXPORT, "member.export", ASKS)                                                        \
    X(PROGRAMME_SHOW, "programme.show", ASKS)                                                      \
    X(PROGRAMME_LIST, "programme.list", ASKS)                                                      \
    X(CHECKPOINT, "checkpoint", ASKS)                                                              \
    X(RECORD, "record", ASKS)                                                                      \
    X(INIT, "init", RUNS)                                                                          \
    X(IMPORT, "import", RUNS)                                                                      \
    X(EXPORT, "export", RUNS)                                                                      \
    X(VERIFY, "verify", RUNS)                                                                      \
    X(AUDIT, "audit", RUNS)                                                                        \
    X(REBUILD, "rebuild", RUNS)                                                                    \
    X(SWEEP, "sweep", RUNS)                                                                        \
    X(BACKUP, "backup", RUNS)                                                                      \
    X(REPORT, "report", RUNS)                                                                      \
    X(STATEMENT, "statement", RUNS)                                                                \
    X(PROVE, "prove", RUNS)                                                                        \
    X(PUBLISH, "publish", RUNS)                                                                    \
    X(COSIGNATURE_ADD, "cosignature.add", RUNS)                                                    \
    X(COSIGN, "cosign", RUNS)                                                                      \
    X(VERIFY_PROOF, "verify.proof", RUNS)                                                          \
    X(RESTORE, "restore", RUNS)                                                                    \
    X(GROUP, "group", JOINS)                                                                       \
    X(EXCHANGE, "exchange", JOINS)                                                                 \
    X(RECONCILE, "reconcile", RUNS)

enum operation {
#define X(code, name, kind) OPERATION_##code,
    OPERATION_TABLE(X)
#undef X
        OPERATION_COUNT
};
enum operation_kind {
    OPERATION_WRITES,
    OPERATION_ASKS,
    OPERATION_RUNS, /* alone */
    OPERATION_JOINS /* several that write, all or none of them: request_group.c */
};
const char *operation_name(enum operation operation);
enum operation_kind operation_kind(enum operation operation);

/* A line of a receipt, or of a return. */
struct request_line {
    struct text sku, category;
    int64_t quantity;              /* millionths; 0 where not sent */
    int64_t amount, discount, tax; /* minor units */
    int64_t line;                  /* return: the receipt's line, from 1; 0 where named by sku */
};

struct request_span {
    struct span span;
    struct text text; /* as it was sent */
};

/* field, name, type, what it is for: KEEPS is part of the body and of the
 * comparison of retries; STEERS only says how to carry the request out. The
 * order is the canonical order of a body's `in`. */
#define FIELD_TABLE(X)                                                                             \
    X(ID, "id", TEXT, id, LIMIT_TEXT, STEERS)                                                      \
    X(REF, "ref", TEXT, ref, LIMIT_REF, KEEPS)                                                     \
    X(OF, "of", TEXT, of, LIMIT_REF * 4, KEEPS)                                                    \
    X(MEMBER, "member", MEMBER, member, LIMIT_TEXT, KEEPS)                                         \
    X(IDENTIFIERS, "identifiers", LIST, identifiers, LIMIT_IDENTIFIERS, KEEPS)                     \
    X(RECEIPT, "receipt", TEXT, receipt, LIMIT_REF, KEEPS)                                         \
    X(STORE, "store", PLACE, store, LIMIT_NAME, KEEPS)                                             \
    X(TILL, "till", PLACE, till, LIMIT_NAME, KEEPS)                                                \
    X(AT, "at", MOMENT, at, 0, KEEPS)                                                              \
    X(AMOUNT, "amount", MONEY, amount, 0, KEEPS)                                                   \
    X(LINES, "lines", LINES, lines, LIMIT_LINES, KEEPS)                                            \
    X(ALL, "all", FLAG, all, 0, KEEPS)                                                             \
    X(UNMATCHED, "unmatched", UNMATCHED, unmatched, 0, KEEPS)                                      \
    X(POINTS, "points", POINTS, points, 0, KEEPS)                                                  \
    X(POINTS_OF, "points_of", TEXT, points_of, LIMIT_ID, KEEPS)                                    \
    X(OPERATOR, "operator", TEXT, operator_id, LIMIT_NAME, KEEPS)                                  \
    X(ENTRY, "entry", ENTRY, entry, 0, KEEPS)                                                      \
    X(REASON, "reason", TEXT, reason, LIMIT_NAME, KEEPS)                                           \
    X(NOTE, "text", TEXT, note, LIMIT_TEXT, KEEPS)                                                 \
    X(FROM, "from", MOMENT, from, 0, KEEPS)                                                        \
    X(PROGRAMME, "programme", DOCUMENT, document, LIMIT_DOCUMENT_BYTES, KEEPS)                     \
    X(TO, "to", OTHER, to, LIMIT_TEXT, KEEPS)                                                      \
    X(INTO, "into", OTHER, into, LIMIT_TEXT, KEEPS)                                                \
    X(HOUSEHOLD, "household", TEXT, household, LIMIT_NAME, KEEPS)                                  \
    X(CAPTURE, "capture", TEXT, capture, LIMIT_REF, KEEPS)                                         \
    X(TIMEOUT, "timeout", SPAN, timeout, LIMIT_NAME, KEEPS)                                        \
    X(ORIGIN, "origin", ORIGIN, origin, 0, KEEPS)                                                  \
    X(PERIOD, "period", TEXT, period, LIMIT_NAME, KEEPS)                                           \
    X(DISCOUNT, "discount", MONEY, discount, 0, KEEPS)                                             \
    X(TENDERS, "tenders", TENDERS, tenders, LIMIT_TENDERS, KEEPS)                                  \
    X(ROUNDING, "rounding", SIGNED_MONEY, rounding, 0, KEEPS)                                      \
    X(COUPONS, "coupons", COUPONS, coupons, LIMIT_COUPONS, KEEPS)                                  \
    X(PROOF, "proof", PROOF, proof, 0, KEEPS)                                                      \
    X(APPROVED_BY, "approved_by", TEXT, approved_by, LIMIT_NAME, KEEPS)                            \
    X(NO_RECEIPT, "no_receipt", FLAG, no_receipt, 0, KEEPS)                                        \
    X(CODE, "code", TEXT, code, LIMIT_ID, KEEPS)                                                   \
    X(DATE, "date", DAY, date, LIMIT_NAME, KEEPS)                                                  \
    X(SALES, "count", COUNT, count, 0, KEEPS)                                                      \
    X(SUM, "sum", MONEY, sum, 0, KEEPS)                                                            \
    X(BALANCE, "balance", BALANCE, balance, 0, KEEPS)                                              \
    X(UNTIL, "until", DAY, until, LIMIT_NAME, KEEPS)                                               \
    X(RELEASE, "release", FLAG, release, 0, KEEPS)                                                 \
    X(LEVEL, "level", TEXT, level, LIMIT_ID, KEEPS)                                                \
    X(ACTION, "action", TEXT, action, LIMIT_ID, KEEPS)                                             \
    X(BENEFIT, "benefit", TEXT, benefit, LIMIT_ID, KEEPS)                                          \
    X(NOW, "now", MOMENT, now, 0, STEERS)                                                          \
    X(ENROL, "enrol", FLAG, enrol, 0, STEERS)                                                      \
    X(DRY_RUN, "dry_run", FLAG, dry_run, 0, STEERS)                                                \
    X(ACCEPT_CLOCK, "accept_clock", FLAG, accept_clock, 0, STEERS)                                 \
    X(LIMIT, "limit", COUNT, limit, 0, STEERS)                                                     \
    X(BEFORE, "before", COUNT, before, 0, STEERS)                                                  \
    X(AFTER, "after", MEMBER, after, LIMIT_TEXT, STEERS)                                           \
    X(VERSION, "version", COUNT, version, 0, STEERS)                                               \
    X(SEQ, "seq", COUNT, seq, 0, STEERS)                                                           \
    X(LANG, "lang", LANGUAGE, lang, LIMIT_ID, STEERS)                                              \
    X(PRINT, "print", COLUMNS, columns, 0, STEERS)                                                 \
    X(ENCODING, "encoding", CODING, encoding, 0, STEERS)                                           \
    X(ANCHOR, "anchor", FILE_TEXT, anchor, LIMIT_NOTE_BYTES, STEERS)                               \
    X(REQUESTS, "requests", REQUESTS, requests, LIMIT_GROUP, STEERS)                               \
    X(RETURNED, "return", RETURNED, requests, LIMIT_GROUP, STEERS)                                 \
    X(BOUGHT, "purchase", BOUGHT, requests, LIMIT_GROUP, STEERS)

enum field {
#define X(code, name, type, member, limit, use) FIELD_##code,
    FIELD_TABLE(X)
#undef X
        FIELD_COUNT
};
const char *field_name(enum field field);

enum entry_mode { ENTRY_SCAN, ENTRY_KEYED, ENTRY_APP };
enum slip_encoding { SLIP_UTF8, SLIP_GB18030 };
enum unmatched_policy { UNMATCHED_REFUSE, UNMATCHED_SKIP, UNMATCHED_DEDUCT };
enum origin { ORIGIN_GOODWILL, ORIGIN_MARKETING, ORIGIN_PARTNER };
/* How the member showed, as the till declares, that the points are theirs. */
enum proof_mode { PROOF_PIN, PROOF_APP, PROOF_OTP };
/* What becomes of the points of somebody who is erased. */
enum balance_mode { BALANCE_REFUSE, BALANCE_FORFEIT, BALANCE_KEEP };

/* What paid a part of a receipt. */
struct request_tender {
    struct text type; /* "cash", "card", ... */
    int64_t amount;   /* minor units */
};

struct request {
    enum operation op;
    uint64_t sent; /* bit FIELD_x: the caller sent it */
    struct text id, ref, of, member, receipt, store, till, points_of, operator_id, reason, note,
        document, after, lang, to, into, household, capture, period, approved_by, code, date,
        anchor, until, level, action, benefit;
    struct text *identifiers;
    size_t identifiers_count;
    struct request_line *lines;
    size_t lines_count;
    struct request_tender *tenders;
    struct text *coupons;
    size_t tenders_count, coupons_count;
    moment at, from, now;
    int64_t amount, discount, sum; /* minor units */
    int64_t rounding;              /* minor units, of either sign */
    int64_t count;
    int64_t points; /* units of the points currency */
    int64_t limit, before, version, seq;
    enum entry_mode entry;
    enum unmatched_policy unmatched;
    enum origin origin;
    enum proof_mode proof;
    enum balance_mode balance;
    struct request_span timeout;
    bool all, no_receipt, enrol, accept_clock, release, dry_run;
    unsigned char columns; /* of the slip to print: 32 or 48; 0 none */
    unsigned char
        encoding;          /* enum slip_encoding; small, as 20,000 requests are in memory at once */
    int64_t condensed;     /* lines of a receipt beyond LIMIT_LINES, recorded by totals; else 0 */
    struct text *requests; /* of a group; of an exchange: return and purchase */
    size_t requests_count;
    /* Not of the request, but of the group that it stands in: */
    unsigned char joined; /* so many behind it are recorded with it, or none; 0: it stands alone */
    bool same_member;     /* it is about whom the one before it was, unless it names somebody */
};

static inline bool request_has(const struct request *request, enum field field)
{
    return (request->sent >> field & 1) != 0;
}
static inline void request_mark(struct request *request, enum field field)
{
    request->sent |= UINT64_C(1) << field;
}

static inline void request_unmark(struct request *request, enum field field)
{
    request->sent &= ~(UINT64_C(1) << field);
}

/* What it is to do: as its operation, but that a dry run asks what would come of it. */
enum operation_kind request_kind(const struct request *request);

/* What a reader must know to turn decimals and local times into numbers: the
 * programme in force (NULL before the first). */
bool request_parse(struct text json, const struct programme *programme, struct arena *arena,
                   struct request *request, struct error *error);

/* The operations of a group or an exchange, of which there are requests_count, read
 * under the programme that the group was read under, and joined. Where one cannot be
 * read, *entry is its place, from 1. */
bool request_parse_group(const struct request *group, const struct programme *programme,
                         struct arena *arena, struct request operations[], size_t *entry,
                         struct error *error);

/* The canonical `in` object: fields sent and kept, in table order; the member as
 * member_id, the other one (`to`, `into`) as other_id; as typed where the id is 0, so
 * that it is a request to be sent. Appends to the buffer. */
void request_encode(const struct request *request, uint64_t member_id, uint64_t other_id,
                    const struct programme *programme, struct buffer *out);

/* "goodwill", "marketing", "partner". */
const char *origin_word(enum origin origin);

/* The first field in which two canonical `in` objects differ, or NULL. */
const char *request_difference(struct text recorded, struct text sent);

#endif
