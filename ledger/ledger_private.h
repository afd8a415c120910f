/* What the files of this room share about an open ledger. */
#ifndef LOYALTY_LEDGER_PRIVATE_H
#define LOYALTY_LEDGER_PRIVATE_H

#include "fork.h"
#include "highwater.h"
#include "key.h"
#include "ledger.h"
#include "note.h"
#include "state.h"

/* A programme version as read from its record, with everything it needs. */
struct version {
    int64_t number, seq;
    moment from;
    int64_t semantics;
    const struct programme *programme;
    struct text document; /* minified; in the ledger's arena */
};

struct ledger {
    struct ledger_options options;
    struct store *store;
    struct signer signer; /* wiped at close; empty when read-only or scratch */
    bool can_sign;
    struct text path; /* of the database; empty: it is nobody's but ours */
    struct text origin, vkey;
    bool test;
    struct keyed_hash keyed;  /* under the ledger's secret */
    struct arena arena;       /* lives with the ledger: programme versions, names */
    struct version *versions; /* in order of number */
    size_t version_count, version_capacity;
    struct arena batch; /* lives until the next batch */
    struct state state;
    struct checkpoint_row checkpoint; /* newest, after a batch; in the batch arena */
    struct buffer scratch, body;      /* for encoding one record */
    unsigned char salts[256];         /* random bytes drawn ahead: one system call */
    size_t salts_left;
    struct highwater mark;
    bool recovering;             /* this commit is to say that an older copy goes on */
    struct fork fork;            /* the last that was found, in the batch arena */
    bool log_left;               /* what was erased last stands in the write-ahead log still */
    const struct replay *replay; /* audit: what the log says instead of chance */
};

/* In audit the engine takes from the log what it would else draw by chance. */
struct replay {
    struct text salt;
    struct text zone;                  /* TZif bytes of a programme version */
    uint64_t member;                   /* the id that member.add drew */
    uint64_t wallet;                   /* the one that household.create drew */
    moment time;                       /* the record's */
    const struct erased_range *erased; /* what a member.erase names, over all its parts */
    size_t erased_count;
    moment real;
    int64_t lost_size; /* what a recover gives up */
    unsigned char lost_root[DIGEST_BYTES];
};

/* --- open.c -------------------------------------------------------------- */

/* An unsigned scratch ledger with another's genesis and secret, that takes from
 * `replay` what would else be drawn by chance. Its first record is written. */
bool ledger_open_scratch(struct ledger **out, struct ledger *like, const struct replay *replay,
                         struct error *error);

/* --- clock.c ---------------------------------------------------------------- */

/* The machine's clock; on a test ledger the request's "now" or the options'. */
moment ledger_clock(const struct ledger *ledger, const struct request *request);

/* --- versions.c ---------------------------------------------------------- */

/* Load versions that other processes have applied since. */
bool versions_refresh(struct ledger *ledger, struct error *error);
/* The version in force at a moment; the first counts since ever; NULL if none. */
const struct version *version_at(const struct ledger *ledger, moment at);
const struct version *version_numbered(const struct ledger *ledger, int64_t number);
/* The first version in force after `after`, and not later than `until`, whose rule of
 * expiry for a currency is for points earned before, too; NULL if none. */
const struct version *version_redating(const struct ledger *ledger, struct text currency,
                                       moment after, moment until);
/* When the last version that judges all levels anew has come into force; MOMENT_FIRST: none has. */
moment version_requalifying(const struct ledger *ledger, moment until);
const struct version *version_latest(const struct ledger *ledger);
/* Read a programme record's body and add it. */
bool version_add(struct ledger *ledger, const struct head *head, struct text body,
                 struct error *error);
/* The TZif bytes that such a body carries; empty where it has none. */
struct text zone_from_body(struct arena *arena, struct text body);
/* Drop versions beyond `count` (an operation was undone). */
void versions_truncate(struct ledger *ledger, size_t count);

#endif
