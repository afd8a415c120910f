/* A member's records, newest first: their own chain, merged by number with those of
 * whoever has become part of them. */
#ifndef LOYALTY_CHAIN_H
#define LOYALTY_CHAIN_H

#include "state.h"

struct chain_end {
    uint64_t member;
    int64_t next; /* -1: no more */
};
struct chain {
    struct state *state;
    int64_t known; /* what was merged from this record on is not followed */
    struct chain_end *ends;
    size_t count, capacity;
};

bool chain_begin(struct chain *chain, struct state *state, uint64_t member, struct error *error);
/* The next one, read into an arena; record->head is NULL at the end. */
bool chain_next(struct chain *chain, struct arena *arena, struct record *record,
                struct error *error);
/* Is there one more? */
bool chain_goes_on(const struct chain *chain);

#endif
