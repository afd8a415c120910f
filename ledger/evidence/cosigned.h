/* Checkpoints that others have cosigned: judged by a policy, and stored beside the
 * ledger's own. */
#ifndef LOYALTY_COSIGNED_H
#define LOYALTY_COSIGNED_H

#include <cjson/cJSON.h>

#include "ledger_private.h"
#include "policy.h"

/* Open `note` as the policy demands. *witnesses gets a list of {name, time}, the caller's to
 * delete, where it succeeds. With `met` given, too few are no error. */
bool cosigned_open(const struct policy *policy, struct text note, const struct verifier *log,
                   struct checkpoint *checkpoint, bool *met, cJSON **witnesses,
                   struct error *error);

/* The ledger's checkpoint of this size with the lines that others have added to it. */
bool cosigned_note(struct ledger *ledger, struct arena *arena, const struct checkpoint_row *row,
                   struct text *note, struct error *error);
/* The newest of the ledger's checkpoints whose cosignatures meet the policy.
 * ERROR_NOT_VERIFIED where none do. */
bool cosigned_newest(struct ledger *ledger, struct arena *arena, const struct policy *policy,
                     const struct verifier *log, struct checkpoint *checkpoint, cJSON **witnesses,
                     struct error *error);

#endif
