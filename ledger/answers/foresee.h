/* What time alone would do to wallets as they were known at some record: the records
 * that advance() would write.
 *
 * Reports look at a log that is cut somewhere, which is not how the store has it. They
 * must not know the rules of advancing a second time: a report that lets points lapse
 * otherwise than the ledger is wrong, whichever is right. So the known records of a
 * few wallets are folded again, over an empty store, and the wallets advanced. */
#ifndef LOYALTY_FORESEE_H
#define LOYALTY_FORESEE_H

#include "ledger_private.h"

struct foresight {
    struct ledger known; /* as far as it is known: no later versions */
    struct store *store; /* empty */
    struct state state;
    struct arena arena;
    int64_t size; /* records that are known */
};

/* End it with foresee_end() also on failure. */
bool foresee_begin(struct foresight *foresight, struct ledger *ledger, int64_t size,
                   size_t version_count, struct error *error);
void foresee_end(struct foresight *foresight);
/* Forget all wallets. */
void foresee_clear(struct foresight *foresight);
/* One known record after the other, of all that the wallets have. */
bool foresee_fold(struct foresight *foresight, const struct head *head, struct error *error);
/* The elapse records of one wallet up to and with a moment, in the name of a member.
 * They live until foresee_clear(). */
bool foresee_advance(struct foresight *foresight, uint64_t wallet, uint64_t member, moment until,
                     struct head ***heads, size_t *count, struct error *error);

#endif
