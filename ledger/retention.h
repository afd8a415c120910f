/* Retention: bodies that are older than the programme keeps them. */
#ifndef LOYALTY_RETENTION_H
#define LOYALTY_RETENTION_H

#include "context.h"

/* One step: erase bodies from the record *next on, as one record, and move *next on to where
 * to continue. *more is false where what is young begins, or the programme keeps everything;
 * *bodies are those that were erased. */
bool retention_step(struct context *context, int64_t *next, int64_t *bodies, bool *more,
                    struct error *error);

#endif
