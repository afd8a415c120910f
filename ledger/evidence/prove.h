/* What proofs and bundles share: the newest checkpoint, and the way to it. */
#ifndef LOYALTY_PROVE_H
#define LOYALTY_PROVE_H

#include "checkpoint.h"
#include "ledger_private.h"
#include "proof.h"

struct proving {
    struct ledger *ledger;
    struct arena *arena; /* the ledger's batch */
    struct verifier key;
    struct text note; /* the newest checkpoint's */
    struct checkpoint checkpoint;
};
/* Within a transaction. */
bool proving_begin(struct proving *proving, struct ledger *ledger, struct error *error);
/* Append a proof file of the record; it was checked against the signed root. */
bool prove_record(struct proving *in, int64_t seq, struct buffer *out, struct error *error);

#endif
