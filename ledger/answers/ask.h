/* Questions: show, history, lookup, quote and the like. They read, in a read
 * transaction; what time has made due is computed and thrown away. */
#ifndef LOYALTY_ASK_H
#define LOYALTY_ASK_H

#include <cjson/cJSON.h>

#include "ledger.h"

/* *answer is the success object; false with *error for anything else. *faults: those of a
 * document that was asked about; else untouched. */
bool ledger_ask(struct ledger *ledger, const struct request *request, cJSON **answer,
                const struct programme_faults **faults, struct error *error);

#endif
