/* The ledger: an open database, its key, its programme versions, and the one
 * pipeline that carries out operations, whether one or twenty thousand. */
#ifndef LOYALTY_LEDGER_H
#define LOYALTY_LEDGER_H

#include "error.h"
#include "head.h"
#include "request.h"
struct balance_row; /* store.h, for those who may look */

struct ledger;

struct ledger_options {
    const char *key_path; /* NULL: path + ".key" */
    int busy_milliseconds;
    bool read_only;
    moment test_now; /* 0: the machine's clock */

    const char *state_path; /* fork.h; NULL: by the environment */
};
/* What a new ledger is called, in the arena that the caller sets. */
struct ledger_made {
    struct arena *arena;
    struct text origin, vkey, key_path;
    int64_t size;                   /* records */
    struct programme_faults faults; /* of the document, and its notes */
};
/* Make the database and, exclusively, its key. origin empty: the programme's id,
 * else "loyalty"; document empty: no programme yet. */
bool ledger_init(const char *path, const struct ledger_options *options, struct text origin,
                 bool test, struct text document, struct ledger_made *made, struct error *error);
bool ledger_open(struct ledger **out, const char *path, const struct ledger_options *options,
                 struct error *error);
void ledger_close(struct ledger *ledger);

/* The programme in force now (the request's "now" on a test ledger; request may be
 * NULL), NULL before the first. Valid while the
 * ledger is open. Reads it if another process applied one since. */
bool ledger_programme(struct ledger *ledger, const struct request *request,
                      const struct programme **programme, struct error *error);

/* A version by its number, NULL where there is none; 0: the latest that this handle
 * has seen. */
const struct programme *ledger_version(const struct ledger *ledger, int64_t number);

enum ledger_mode {
    LEDGER_LIVE,   /* the clock is the machine's (or the test's) */
    LEDGER_HISTORY /* the clock is the file's: time = max(last, at) */
};

/* A return that waited for a purchase, and what became of it. */
struct held_return {
    int64_t held; /* the record that held it */
    int64_t seq;  /* that of the return, once it is done; else as `held` */
    bool done;
    enum error_code refused; /* why it was not, where that was found out just now; else NONE */
    struct text ref;
    const struct head **heads; /* of a return that was done just now: its own records */
    size_t head_count;
};
/* Points of one currency that lapse next: all that have the same last day. */
struct lapse {
    struct text currency;
    moment expires;
    int64_t amount;
};

/* What a slip says further. */
struct printed {
    struct text identifier; /* the member's, masked; may be empty */
    struct lapse lapses[LIMIT_CURRENCIES];
    size_t lapse_count;
};

/* What became of one operation. Heads and texts live in the ledger's batch arena:
 * until the next ledger_execute(). */
/* What has become of a reservation. */
enum reserved_status {
    RESERVED_NONE, /* the operation is not about one */
    RESERVED_OPEN,
    RESERVED_CAPTURED,
    RESERVED_RELEASED,
    RESERVED_LAPSED
};

struct outcome {
    bool done; /* else `error` says why not */
    bool duplicate;
    const struct error *error; /* in the batch's memory */
    const struct head **heads; /* its own records (elapse and enrolment not among them) */
    size_t head_count;
    const struct head **paying; /* of points that paid, or went back, before these */
    size_t paying_count;
    struct text body;                   /* of the first */
    uint64_t member;                    /* whom it was about; 0 nobody */
    uint64_t enrolled;                  /* the new member's id; 0 if none */
    const struct balance_row *balances; /* of the member's wallet, right after the operation */
    size_t balance_count;
    const uint32_t *unmatched; /* return without receipt: indexes of the request's lines ... */
    const int64_t *unmatched_quantity; /* ... and how much of each, in millionths */
    size_t unmatched_count;
    const struct held_return *held; /* purchase: what waited for it, in the order of coming */
    size_t held_count;
    const char *status;          /* on a retry: what has become of it; NULL nothing */
    uint64_t holder;             /* ... and who has the sale now, where that is not `member` */
    const struct head **claimed; /* member.add, link: the sales that had waited for it */
    size_t claimed_count;
    bool called_off;               /* a held return that was cancelled since */
    int64_t came_all_the_same;     /* ... or still waits though this purchase came; 0 none */
    enum reserved_status reserved; /* reserve, reserve.extend: as it is now ... */
    moment reserved_until;         /* ... and how long it holds, or held */
    struct text benefit; /* benefit.use, and its void: which one; empty: another operation */
    int64_t left, seats; /* ... what is left of it now; LIMIT_UNITS: no limit */
    const struct printed *printed; /* NULL where no slip is asked for */
    const struct tier_told *tier;  /* answers/answer_tier.c; NULL: nobody, or there are no tiers */
    const struct programme_faults *faults; /* programme.apply: of the document that was sent */
};

/* Carry out writing operations in order, in one commit; those that are joined, all or
 * none. False only if the commit as a whole failed; then nothing was recorded. */
bool ledger_execute(struct ledger *ledger, enum ledger_mode mode, const struct request requests[],
                    size_t count, struct outcome outcomes[], struct error *error);

/* Records in the log, as of this handle's last commit or reading. */
int64_t ledger_size(const struct ledger *ledger);

/* End a history import: the closing record, if the history is open. */
bool ledger_close_history(struct ledger *ledger, struct error *error);

#endif
