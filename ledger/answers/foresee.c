/* A working set over an empty store, folded and advanced like any other. */
#include "foresee.h"

#include "context.h"

enum { SCRATCH_BUSY = 5000 };

bool foresee_begin(struct foresight *foresight, struct ledger *ledger, int64_t size,
                   size_t version_count, struct error *error)
{
    *foresight = (struct foresight){.known = *ledger, .size = size};
    foresight->known.version_count = version_count;
    foresight->known.scratch = foresight->known.body = (struct buffer){0}; /* its own */
    if (!store_open(&foresight->store, NULL, STORE_SCRATCH, SCRATCH_BUSY, error) ||
        !store_begin_read(foresight->store, error) ||
        !state_begin(&foresight->state, foresight->store, &foresight->arena, error))
        return false;
    foresight->state.log = ledger->store;
    foresight->state.tip.time = INT64_MIN;
    return true;
}

void foresee_end(struct foresight *foresight)
{
    state_free(&foresight->state);
    if (foresight->store != NULL)
        store_rollback(foresight->store);
    store_close(foresight->store);
    buffer_free(&foresight->known.scratch);
    arena_free(&foresight->arena);
}

void foresee_clear(struct foresight *foresight)
{
    state_clear(&foresight->state);
    arena_reset(&foresight->arena);
    foresight->state.tip.time = INT64_MIN;
}

/* What has nothing to do with what becomes due is left out: the head's lists need not
 * outlive the call. */
bool foresee_fold(struct foresight *foresight, const struct head *head, struct error *error)
{
    struct head bare = *head;
    bare.has_key = bare.has_receipt = false;
    bare.returned_count = bare.carry_count = bare.count_count = bare.gift_count = 0;
    foresight->state.tip.size = head->seq; /* others' records are left out */
    return state_fold(&foresight->state, &bare, error);
}

bool foresee_advance(struct foresight *foresight, uint64_t wallet, uint64_t member, moment until,
                     struct head ***heads, size_t *count, struct error *error)
{
    struct state *state = &foresight->state;
    struct context context = {
        .ledger = &foresight->known,
        .state = state,
        .arena = &foresight->arena,
        .time = until,
        .member_id = member,
    };
    size_t before = state->record_count;
    moment time = state->tip.time;
    state->tip.size = foresight->size + (int64_t)before;
    state->tip.time = INT64_MIN; /* a day that is over may lie before the last record */
    if (!state_member(state, member, &context.member, error) ||
        !state_wallet(state, wallet, &context.wallet, error))
        return false;
    context.member->row.wallet = wallet; /* they may have left it: nobody is there then */
    if (!advance(&context, error))
        return false;
    state->tip.time = time;
    *count = state->record_count - before;
    *heads = arena_allocate(&foresight->arena, (*count + 1) * sizeof **heads);
    for (size_t i = 0; i < *count; i++)
        (*heads)[i] = state->records[before + i].head;
    return true;
}
