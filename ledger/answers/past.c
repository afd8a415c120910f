/* The past: what the ledger knew of a member at a moment. The records that concern
 * their wallet are folded again, up to that moment, into a working set over an empty
 * store; then it is advanced like any other. */
#include "past.h"

#include <stdlib.h>

#include "state_private.h"

enum { SCRATCH_BUSY = 5000 };

/* Whose records matter: the member, who was merged into them, and everybody who has
 * shared a wallet with one of these. */
struct gathering {
    struct context *context;
    moment at;
    struct map seen;
    uint64_t *members;
    size_t member_count, member_capacity;
    struct head **heads;
    size_t head_count, head_capacity;
};

static void add_member(struct gathering *in, uint64_t member)
{
    void **place = map_put(&in->seen, map_key_of_number(0, member));
    if (member == 0 || *place != NULL)
        return;
    *place = in;
    in->members = state_room(in->context->arena, in->members, in->member_count,
                             &in->member_capacity, sizeof *in->members);
    in->members[in->member_count++] = member;
}

static bool add_household(struct gathering *in, uint64_t wallet, struct error *error)
{
    struct household *household = NULL;
    if (!state_household(in->context->state, wallet, &household, error))
        return false;
    for (size_t i = 0; i < household->count; i++)
        add_member(in, household->rows[i].member);
    return true;
}

/* One member's chain, newest first. */
static bool gather_chain(struct gathering *in, uint64_t id, struct error *error)
{
    struct member *member = NULL;
    struct record record;
    if (!state_member(in->context->state, id, &member, error))
        return false;
    for (int64_t seq = member->row.last; seq >= 0; seq = record.head->previous) {
        if (!state_record(in->context->state, seq, &record, error))
            return false;
        if (record.head->time > in->at)
            continue;
        if (record.head->kind == RECORD_MEMBER_MERGE)
            add_member(in, record.head->with);
        if (record.head->wallet != 0 && !add_household(in, record.head->wallet, error))
            return false;
        in->heads = state_room(in->context->arena, in->heads, in->head_count, &in->head_capacity,
                               sizeof(struct head *));
        in->heads[in->head_count++] = record.head;
    }
    return true;
}

static int compare_heads(const void *a, const void *b)
{
    const struct head *const *x = a, *const *y = b;
    return ((*x)->seq > (*y)->seq) - ((*x)->seq < (*y)->seq);
}

static bool fold_heads(struct gathering *in, struct state *past, struct error *error)
{
    memory_sort(in->heads, in->head_count, sizeof *in->heads, compare_heads);
    for (size_t i = 0; i < in->head_count; i++) {
        past->tip.size = in->heads[i]->seq; /* others' records are left out */
        if (!state_fold(past, in->heads[i], error))
            return false;
    }
    return true;
}

bool past_begin(struct past *past, struct context *context, moment at, struct error *error)
{
    struct gathering in = {.context = context, .at = at};
    memset(past, 0, sizeof *past);
    add_member(&in, context->member_id);
    bool ok = true;
    for (size_t i = 0; ok && i < in.member_count; i++)
        ok = gather_chain(&in, in.members[i], error);
    ok = ok && store_open(&past->store, NULL, STORE_SCRATCH, SCRATCH_BUSY, error) &&
         store_begin_read(past->store, error) &&
         state_begin(&past->state, past->store, context->arena, error);
    past->state.log = context->state->log;
    past->state.tip.time = INT64_MIN;
    ok = ok && fold_heads(&in, &past->state, error);
    map_free(&in.seen);
    return ok;
}

void past_end(struct past *past)
{
    state_free(&past->state);
    if (past->store != NULL)
        store_rollback(past->store);
    store_close(past->store);
}
