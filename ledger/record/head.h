/* A record's head: the outcome of an operation, and the leaf of the tree.
 *
 * Format (SPEC.md section 8): one line of JSON, UTF-8, no white space, members in
 * the order of struct head, each left out where it has nothing to say, integers
 * only, one spelling for every value. head_encode() is the one encoder;
 * head_decode() accepts exactly what the encoder writes. */
#ifndef LOYALTY_HEAD_H
#define LOYALTY_HEAD_H

#include "buffer.h"
#include "civil.h"
#include "decimal.h"
#include "error.h"
#include "id.h"

/* What a record is, and what makes it: the ledger's own start, a mark around history,
 * time, or somebody's request. The names are part of the format. */
#define RECORD_TABLE(X)                                                                            \
    X(GENESIS, "genesis", SETUP)                                                                   \
    X(PROGRAMME, "programme", REQUEST)                                                             \
    X(HISTORY_OPEN, "history.open", MARK)                                                          \
    X(HISTORY_CLOSE, "history.close", MARK)                                                        \
    X(MEMBER_ADD, "member.add", REQUEST)                                                           \
    X(MEMBER_LINK, "member.link", REQUEST)                                                         \
    X(MEMBER_UNLINK, "member.unlink", REQUEST)                                                     \
    X(ELAPSE, "elapse", TIME)                                                                      \
    X(PURCHASE, "purchase", REQUEST)                                                               \
    X(RETURN, "return", REQUEST)                                                                   \
    X(REDEEM, "redeem", REQUEST)                                                                   \
    X(CANCEL, "cancel", REQUEST)                                                                   \
    X(ADJUST, "adjust", REQUEST)                                                                   \
    X(ACTIVATE, "activate", REQUEST)                                                               \
    X(RESERVE, "reserve", REQUEST)                                                                 \
    X(EXTEND, "reserve.extend", REQUEST)                                                           \
    X(CAPTURE, "capture", REQUEST)                                                                 \
    X(RELEASE, "release", REQUEST)                                                                 \
    X(RESTORE, "restore", REQUEST)                                                                 \
    X(TRANSFER, "transfer", REQUEST)                                                               \
    X(HOUSEHOLD_CREATE, "household.create", REQUEST)                                               \
    X(HOUSEHOLD_JOIN, "household.join", REQUEST)                                                   \
    X(HOUSEHOLD_LEAVE, "household.leave", REQUEST)                                                 \
    X(MEMBER_MERGE, "member.merge", REQUEST)                                                       \
    X(RETURN_HELD, "return.held", REQUEST)                                                         \
    X(CLOSE, "close", REQUEST)                                                                     \
    X(CLAIM, "claim", REQUEST)                                                                     \
    X(REASSIGN, "reassign", REQUEST)                                                               \
    X(VOID, "void", REQUEST)                                                                       \
    X(OPERATOR_LINK, "operator.link", REQUEST)                                                     \
    X(OPERATOR_UNLINK, "operator.unlink", REQUEST)                                                 \
    X(TILL_CLOSE, "till.close", REQUEST)                                                           \
    X(MEMBER_ERASE, "member.erase", REQUEST)                                                       \
    X(MEMBER_HOLD, "member.hold", REQUEST)                                                         \
    X(RETENTION, "retention", TIME)                                                                \
    X(RECOVER, "recover", REQUEST)                                                                 \
    X(ACTION, "action", REQUEST)                                                                   \
    X(TIER_SET, "tier.set", REQUEST)                                                               \
    X(BENEFIT_USE, "benefit.use", REQUEST)
enum record_kind {
#define X(code, name, origin) RECORD_##code,
    RECORD_TABLE(X)
#undef X
        RECORD_KIND_COUNT
};
const char *record_name(enum record_kind kind);
enum record_origin { MADE_BY_SETUP, MADE_BY_MARK, MADE_BY_TIME, MADE_BY_REQUEST };
enum record_origin record_origin(enum record_kind kind);

/* Accounts. Of the wallet: available, pending, reserved, debt. Of the programme:
 * the rest. A record's postings sum to zero in each currency. */
#define ACCOUNT_TABLE(X)                                                                           \
    X(AVAILABLE, "available")                                                                      \
    X(PENDING, "pending")                                                                          \
    X(RESERVED, "reserved")                                                                        \
    X(DEBT, "debt")                                                                                \
    X(ISSUED, "issued")                                                                            \
    X(RETURNED, "returned")                                                                        \
    X(REDEEMED, "redeemed")                                                                        \
    X(EXPIRED, "expired")                                                                          \
    X(ADJUSTED, "adjusted")                                                                        \
    X(MOVED, "moved")
enum account {
#define X(code, name) ACCOUNT_##code,
    ACCOUNT_TABLE(X)
#undef X
        ACCOUNT_COUNT
};
const char *account_name(enum account account);
static inline bool account_is_wallets(enum account account)
{
    return account <= ACCOUNT_DEBT;
}

/* A lot's number: the record that made it and its index there. */
enum { LOTS_PER_RECORD = 1024 };
static inline int64_t lot_number(int64_t seq, int64_t index)
{
    return seq * LOTS_PER_RECORD + index;
}

struct posting { /* ["star","available",5,17,0] or, without a lot, ["star","issued",-5] */
    struct text currency;
    enum account account;
    int64_t amount; /* point units, not 0 */
    int64_t lot;    /* lot_number(), or -1 */
};
struct lot_birth { /* ["star",5,0,1322697600000,"purchase"]; its index is its place in the list */
    struct text currency;
    int64_t amount;        /* point units, > 0 */
    moment available_from; /* 0: at once; MOMENT_NEVER, until an operation, is written as -1 */
    moment expires;        /* MOMENT_NEVER is written as 0 */
    struct text origin;
};
struct redate { /* [17,0,1322697600000]: the date of a lot that an operation makes available */
    int64_t lot;
    moment expires; /* MOMENT_NEVER is written as 0 */
};
struct idle_value { /* ["star",1322697600000]: when the wallet's points lapse if nothing happens */
    struct text currency;
    moment at; /* MOMENT_NEVER, no rule any more, is written as 0 */
};
enum counter_owner { COUNTS_MEMBER, COUNTS_PROGRAMME };
struct count { /* ["member","transfer:star","2026-11",50] */
    enum counter_owner owner;
    struct text name, bucket;
    int64_t by; /* not 0 */
};
enum returned_how { RETURNED_ALL, RETURNED_AMOUNT, RETURNED_LINES, RETURNED_NONE };
struct returned_line {
    int64_t line;     /* from 0 */
    int64_t quantity; /* millionths, > 0 */
};
struct returned_part { /* [17,"all"], [17,"amount",500], [17,"lines",[[0,1000000]]], [17,"none"] */
    int64_t seq;       /* the purchase */
    enum returned_how how; /* in a store's sum, ALL keeps what came back before it */
    int64_t amount;
    struct returned_line *lines;
    size_t line_count;
};
struct erased_range { /* [17,19]: from and to, both erased */
    int64_t first, last;
};
struct carry_value { /* ["star",1,2]: the fraction of a point now kept, in [0,1), lowest terms */
    struct text currency;
    int64_t numerator, denominator;
};
struct gift { /* ["base","star",5]: what a rule gave */
    struct text rule, currency;
    int64_t amount;
};

struct measured { /* ["earned:level",20779,5]: what counts for tiers */
    struct text key;
    int64_t day; /* since 1970, of the local calendar */
    int64_t by;  /* not 0 */
};
struct offset { /* ["earned:level",3]: what of a measure does not count any more */
    struct text key;
    int64_t amount; /* not 0 */
};
/* The causes, as heads have them; part of the format. */
#define TIER_CAUSE_TABLE(X)                                                                        \
    X(COUNTED, "counted")                                                                          \
    X(CLIMBED, "climbed")                                                                          \
    X(SET, "set")                                                                                  \
    X(KEPT, "kept")                                                                                \
    X(GRACE, "grace")                                                                              \
    X(FELL, "fell")                                                                                \
    X(ENDED, "ended")                                                                              \
    X(UNDONE, "undone")                                                                            \
    X(CHANGED, "changed")                                                                          \
    X(MERGED, "merged")                                                                            \
    X(RELEASED, "released")
enum tier_cause {
#define X(code, name) CAUSE_##code,
    TIER_CAUSE_TABLE(X)
#undef X
        CAUSE_COUNT
};
const char *tier_cause_name(enum tier_cause cause);

struct climb_value { /* ["jade",1767139200000,17,20779,[["spend",300]],1798675200000,0] */
    struct text level;
    moment since;
    int64_t seq;   /* the record that did it; -1 none: the first level */
    int64_t start; /* counted is from this day on; 0 from ever */
    struct offset *offsets;
    size_t offset_count;
    /* Of one over which there is another, and only of such: what was due of it then. */
    moment review; /* MOMENT_NEVER is written as 0 */
    int64_t graced;
};
struct hold_value { /* ["gold",1798675200000] */
    struct text level;
    moment until;
};
/* A member's level after the record: ["gold",since,"climbed",review,graced,[climbs],[holds]] */
struct tier_value {
    struct text level; /* empty: the record does not touch it */
    moment since;
    enum tier_cause cause;
    moment review;              /* the next judgement; MOMENT_NEVER is written as 0 */
    int64_t graced;             /* the last day that missed `keep`; 0 no grace runs */
    struct climb_value *climbs; /* not empty; the last is what is reached */
    size_t climb_count;
    struct hold_value *holds;
    size_t hold_count;
};

struct lost_state { /* [17,"root in hex"]: a signed state that is given up */
    int64_t size;   /* 0 none */
    unsigned char root[DIGEST_BYTES];
};

struct head {
    int64_t seq;           /* "seq" from 0 */
    moment time;           /* "time" UTC milliseconds; the log's clock */
    moment at;             /* "at" business time; left out where it is `time` */
    enum record_kind kind; /* "op" */
    int64_t part;          /* "part" 1, 2, ... of an operation that needs several records; else 0 */
    uint64_t member;       /* "member"; 0 none */
    uint64_t wallet;       /* "wallet": a household's; 0 the member's own */
    int64_t previous;      /* "prev": the member's record before this; -1 none */
    uint64_t with;         /* "with": the other member; 0 none */
    bool has_key, has_receipt, has_bars, has_awaits, has_operator, has_body;
    unsigned char key[KEY_HASH_BYTES];     /* "key": keyed hash of the ref */
    unsigned char receipt[KEY_HASH_BYTES]; /* "receipt": keyed hash of the receipt identity */
    unsigned char bars[KEY_HASH_BYTES];    /* "bars": the key of what must not come any more */
    unsigned char awaits[KEY_HASH_BYTES];  /* "awaits": the receipt, or the card, it waits for */
    unsigned char operator_hash[KEY_HASH_BYTES]; /* "operator": whose own card it is about */
    int64_t programme;                           /* "programme": the version that applied; 0 none */
    unsigned char body[DIGEST_BYTES];            /* "body": SHA-256(salt || body) */
    moment real;              /* "real": the wall clock where `time` is not it; 0 none */
    int64_t of;               /* "of": the operation acted on; -1 none */
    moment until;             /* "until": the end of a reservation; 0 none */
    moment closed;            /* "closed": the first moment that is not; 0 none */
    struct lost_state lost;   /* "lost" */
    struct posting *postings; /* "post" */
    size_t posting_count;
    struct lot_birth *lots; /* "lots" */
    size_t lot_count;
    struct redate *dates; /* "dates" */
    size_t date_count;
    struct idle_value *idles; /* "idle" */
    size_t idle_count;
    struct returned_part *returned; /* "returned" */
    size_t returned_count;
    struct erased_range *erased; /* "erased": records that have lost their bodies by this one */
    size_t erased_count;
    struct carry_value *carries; /* "carry" */
    size_t carry_count;
    struct count *counts; /* "count" */
    size_t count_count;
    struct text level;         /* "level": by which a sale was valued; empty: the first */
    struct measured *measured; /* "measured" */
    size_t measured_count;
    struct tier_value tier; /* "tier" */
    struct gift *gifts;     /* "gave" */
    size_t gift_count;
    struct { /* "paid": ["star",500,250,17]: what points paid of a purchase */
        struct text currency;
        int64_t points, minor;
        int64_t seq; /* the record that took them; -1 none */
    } paid;
    struct {            /* "version": [1,0,1] */
        int64_t number; /* 0 none */
        moment from;
        int64_t semantics;
    } version;
    struct { /* "genesis": ["origin","vkey",format,test,"sha256 of the secret"] */
        struct text origin, vkey; /* empty none */
        int64_t format;
        bool test;
        unsigned char secret[DIGEST_BYTES];
    } genesis;
};

enum { FORMAT = 1 };

void head_encode(const struct head *head, struct buffer *out);
/* The value of "tier" by itself, which is also how the store keeps a member's level. */
void tier_value_encode(const struct tier_value *value, struct buffer *out);
bool tier_value_decode(struct text bytes, struct arena *arena, struct tier_value *value);
/* Lists and texts in the arena; texts may point into `bytes`. ERROR_INVALID_RECORD
 * says what was expected and at which byte. */
bool head_decode(struct text bytes, struct arena *arena, struct head *head, struct error *error);
/* One entry of "returned", which is also how the store keeps what has been
 * returned of a purchase in sum. */
void returned_part_encode(const struct returned_part *part, struct buffer *out);
bool returned_part_decode(struct text bytes, struct arena *arena, struct returned_part *part);

/* A head that says nothing yet: all zero but what zero would say something of. */
void head_clear(struct head *head);
/* The postings of each currency sum to zero, within limits. */
bool head_balances(const struct head *head, struct error *error);

#endif
