/* What commands share: opening the ledger they were pointed to. */
#ifndef LOYALTY_CLI_RUN_H
#define LOYALTY_CLI_RUN_H

#include "command.h"

/* How the call wants its ledger opened. */
struct loyalty_options run_options(const struct call *call);

/* Open it; where that fails, the failure has been told. */
loyalty_status run_open(const struct call *call, loyalty **ledger);

/* The request, once it is known that its slip could be printed; NULL with a problem. */
char *run_make_request(const struct call *call, struct problem *problem);

/* One operation or question, from the opening of the ledger to its answer. */
loyalty_status run_request(const struct call *call, const char *request);

/* Does the ledger hold the checkpoint that --anchor names? Where it does not, that has
 * been told; where the file cannot be read, the problem says so. */
loyalty_status run_check_anchor(const struct call *call, loyalty *ledger, struct problem *problem);

/* Tell the answer and give it back. */
loyalty_status run_tell(const struct call *call, char *answer, loyalty_status status);

/* Long work: make the request, open the ledger, run. The answer is handed out, also
 * that of a failed opening; it is NULL where the problem says why. */
loyalty_status run_ask(const struct call *call, const struct loyalty_io *io, char **answer,
                       struct problem *problem);

#endif
