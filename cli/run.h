/* What commands share: opening the ledger they were pointed to. */
#ifndef LOYALTY_CLI_RUN_H
#define LOYALTY_CLI_RUN_H

#include "command.h"

/* How the call wants its ledger opened. */
struct loyalty_options run_options(const struct call *call);

/* Open it; where that fails, the failure has been told. */
loyalty_status run_open(const struct call *call, loyalty **ledger);

/* Tell the answer and give it back. */
loyalty_status run_tell(const struct call *call, char *answer, loyalty_status status);

/* Long work: make the request, open the ledger, run. The answer is handed out, also
 * that of a failed opening; it is NULL where the problem says why. */
loyalty_status run_ask(const struct call *call, const struct loyalty_io *io, char **answer,
                       struct problem *problem);

#endif
