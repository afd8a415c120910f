/* Walking a member's records.
 *
 * The idea to hold: whoever became part of a member did so by a record of that
 * member's, which is newer than all of theirs. So their chain is met on the way, in
 * time, and nobody keeps a list of who has become whom. */
#include "chain.h"

#include "state_private.h"

static bool add_end(struct chain *chain, uint64_t id, struct error *error)
{
    struct member *member = NULL;
    for (size_t i = 0; i < chain->count; i++) {
        if (chain->ends[i].member == id)
            return true; /* a merge that went on in parts */
    }
    if (!state_member(chain->state, id, &member, error))
        return false;
    chain->ends = state_room(chain->state->arena, chain->ends, chain->count, &chain->capacity,
                             sizeof *chain->ends);
    chain->ends[chain->count++] = (struct chain_end){id, member->row.last};
    return true;
}

bool chain_begin(struct chain *chain, struct state *state, uint64_t member, struct error *error)
{
    *chain = (struct chain){.state = state, .known = INT64_MAX};
    return add_end(chain, member, error);
}

static struct chain_end *newest(const struct chain *chain)
{
    struct chain_end *found = &chain->ends[0];
    for (size_t i = 1; i < chain->count; i++) {
        if (chain->ends[i].next > found->next)
            found = &chain->ends[i];
    }
    return found;
}

bool chain_goes_on(const struct chain *chain)
{
    return newest(chain)->next >= 0;
}

/* Somebody became part of the member by this record: theirs come from here on. */
static bool follow(struct chain *chain, const struct head *head, struct error *error)
{
    struct member *other = NULL;
    if (head->kind != RECORD_MEMBER_MERGE || head->seq >= chain->known)
        return true;
    if (!state_member(chain->state, head->with, &other, error))
        return false;
    return other->row.merged != head->member || add_end(chain, head->with, error);
}

bool chain_next(struct chain *chain, struct arena *arena, struct record *record,
                struct error *error)
{
    struct chain_end *end = newest(chain);
    *record = (struct record){0};
    if (end->next < 0)
        return true;
    if (!state_read_record(chain->state, arena, end->next, record, error))
        return false;
    end->next = record->head->previous;
    return follow(chain, record->head, error);
}
