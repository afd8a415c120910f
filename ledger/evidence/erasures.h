/* Erasures as requests, in a file beside the ledger: what a restored backup must do again. */
#ifndef LOYALTY_ERASURES_H
#define LOYALTY_ERASURES_H

#include <cjson/cJSON.h>

#include "ledger_private.h"

/* Before the commit: note which members this batch erases. Nothing is committed that is not
 * noted; what is noted and was not committed was asked for all the same. */
bool erasures_note(struct ledger *ledger, struct error *error);

/* Carry out again what the file at `path` names, on a ledger that may know it already. The
 * answer says how many: {"applied", "known", "unknown"}; null where there is no such file. */
bool erasures_apply(struct ledger *ledger, const char *path, cJSON **answer, struct error *error);

#endif
