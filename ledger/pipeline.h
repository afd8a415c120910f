/* The path that every operation takes, alone or in a batch of thousands. */
#ifndef LOYALTY_PIPELINE_H
#define LOYALTY_PIPELINE_H

#include "context.h"

/* Begin a transaction (to write: BEGIN IMMEDIATE) with an empty working set over
 * the log's end and all programme versions known. On success end it with
 * pipeline_commit() or pipeline_end(). */
bool pipeline_begin(struct ledger *ledger, bool to_write, struct error *error);
/* Sign, write and commit what the working set holds; nothing if nothing changed. */
bool pipeline_commit(struct ledger *ledger, struct error *error);
/* Roll back. The working set stays readable until the next begin. */
void pipeline_end(struct ledger *ledger);

/* Carry out one writing operation against the working set. False only for what
 * fails the batch; a refusal is outcome->error with everything undone. */
bool pipeline_run(struct ledger *ledger, bool history, const struct request *request,
                  struct outcome *outcome, struct error *error);

/* The context of one operation: clock and state. Refuses clock_jump and a test
 * clock on a real ledger. */
bool context_begin(struct context *context, struct ledger *ledger, bool history,
                   const struct request *request, struct outcome *outcome, struct error *error);

/* The member and the wallet as it stands after the operation; of now, advanced, for
 * one that was recorded before. */
bool outcome_complete(struct context *context, struct error *error);

/* The first record of a new ledger, inside the caller's transaction. */
bool pipeline_write_first(struct ledger *ledger, struct head *head, struct error *error);

#endif
