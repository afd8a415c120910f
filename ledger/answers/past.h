/* What the ledger knew of a member at an earlier moment. */
#ifndef LOYALTY_PAST_H
#define LOYALTY_PAST_H

#include "context.h"

struct past {
    struct store *store; /* empty */
    struct state state;  /* the member's wallet, and those it was shared with */
};
/* Fold all records about the context's member whose time is not after `at`. End it
 * with past_end() also on failure. */
bool past_begin(struct past *past, struct context *context, moment at, struct error *error);
void past_end(struct past *past);

#endif
