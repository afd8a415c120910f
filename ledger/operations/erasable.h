/* Which bodies are about a member: what erasing them takes, and an export of all that is
 * held on them shows. */
#ifndef LOYALTY_ERASABLE_H
#define LOYALTY_ERASABLE_H

#include "context.h"

/* Records, each once, ascending. */
struct erasable {
    int64_t *list;
    size_t count, capacity;
};
/* Those of the context's member that have not been erased yet. */
bool erasable_of(struct context *context, struct erasable *erasable, struct error *error);
/* As ranges of records that stand beside each other. */
void erasable_ranges(struct context *context, const struct erasable *erasable,
                     struct erased_range **ranges, size_t *count);

#endif
