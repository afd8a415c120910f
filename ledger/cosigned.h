/* A checkpoint that others have cosigned, judged by a policy, and who they were. */
#ifndef LOYALTY_COSIGNED_H
#define LOYALTY_COSIGNED_H

#include <cjson/cJSON.h>

#include "checkpoint.h"

/* Open `note` as the policy (its text) demands. *witnesses gets a list of {name, time}, the
 * caller's to delete, where it succeeds. The log's key is no cosigner's. */
bool cosigned_open(struct text policy, struct text note, const struct verifier *log,
                   struct checkpoint *checkpoint, cJSON **witnesses, struct error *error);

#endif
