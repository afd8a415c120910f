/* Writing a batch: what changed, each row once, in ascending key order, so that
 * every page of every table is visited once. */
#include <stdlib.h>

#include "state_private.h"

/* Rows of one table on their way to the store. */
#define GATHER(state, map, type, condition, field, out, length)                                    \
    do {                                                                                           \
        size_t wanted = 0;                                                                         \
        for (size_t i = 0; i < (map)->count; i++) {                                                \
            const type *item = (map)->entries[i].value;                                            \
            wanted += (condition);                                                                 \
        }                                                                                          \
        (out) = arena_allocate((state)->arena, (wanted + 1) * sizeof *(out));                      \
        for (size_t i = 0; i < (map)->count; i++) {                                                \
            const type *item = (map)->entries[i].value;                                            \
            if (condition)                                                                         \
                (out)[(length)++] = item->field;                                                   \
        }                                                                                          \
    } while (0)

static int by_number(uint64_t a, uint64_t b)
{
    return (a > b) - (a < b);
}

static int compare_keys(const void *a, const void *b)
{
    return memcmp(((const struct key_row *)a)->hash, ((const struct key_row *)b)->hash,
                  KEY_HASH_BYTES);
}

static int compare_identifiers(const void *a, const void *b)
{
    return memcmp(((const struct identifier_row *)a)->hash,
                  ((const struct identifier_row *)b)->hash, KEY_HASH_BYTES);
}

static int compare_members(const void *a, const void *b)
{
    return by_number(((const struct member_row *)a)->id, ((const struct member_row *)b)->id);
}

static int compare_balances(const void *a, const void *b)
{
    const struct balance_row *x = a, *y = b;
    int order = by_number(x->wallet, y->wallet);
    return order != 0 ? order : text_compare(x->currency, y->currency);
}

static int compare_carries(const void *a, const void *b)
{
    const struct carry_row *x = a, *y = b;
    int order = by_number(x->member, y->member);
    return order != 0 ? order : text_compare(x->currency, y->currency);
}

/* New lots by the index that is random, not by the key that grows anyway. */
static int compare_new_lots(const void *a, const void *b)
{
    const struct lot_row *x = a, *y = b;
    int order = by_number(x->wallet, y->wallet);
    if (order == 0)
        order = text_compare(x->currency, y->currency);
    if (order == 0)
        order = (x->expires > y->expires) - (x->expires < y->expires);
    return order != 0 ? order : by_number((uint64_t)x->id, (uint64_t)y->id);
}

static int compare_lots(const void *a, const void *b)
{
    return by_number((uint64_t)((const struct lot_row *)a)->id,
                     (uint64_t)((const struct lot_row *)b)->id);
}

static int compare_returned(const void *a, const void *b)
{
    return by_number((uint64_t)((const struct returned_row *)a)->seq,
                     (uint64_t)((const struct returned_row *)b)->seq);
}

static int compare_cancelled(const void *a, const void *b)
{
    return by_number((uint64_t)((const struct cancelled_row *)a)->seq,
                     (uint64_t)((const struct cancelled_row *)b)->seq);
}

/* Balances and carries hang below wallets and members. */
static void gather_pockets(struct state *state, struct changes *changes)
{
    size_t pockets = 0, carried = 0;
    for (size_t i = 0; i < state->wallets.count; i++)
        pockets += ((const struct wallet *)state->wallets.entries[i].value)->pocket_count;
    for (size_t i = 0; i < state->members.count; i++)
        carried += ((const struct member *)state->members.entries[i].value)->carry_count;
    struct balance_row *balances = arena_allocate(state->arena, (pockets + 1) * sizeof *balances);
    for (size_t i = 0; i < state->wallets.count; i++) {
        const struct wallet *wallet = state->wallets.entries[i].value;
        for (size_t p = 0; p < wallet->pocket_count; p++) {
            if (wallet->pockets[p]->changed)
                balances[changes->balance_count++] = wallet->pockets[p]->row;
        }
    }
    struct carry_row *carries = arena_allocate(state->arena, (carried + 1) * sizeof *carries);
    for (size_t i = 0; i < state->members.count; i++) {
        const struct member *member = state->members.entries[i].value;
        for (size_t c = 0; c < member->carry_count; c++) {
            if (member->carries[c]->changed)
                carries[changes->carry_count++] = member->carries[c]->row;
        }
    }
    memory_sort(balances, changes->balance_count, sizeof *balances, compare_balances);
    memory_sort(carries, changes->carry_count, sizeof *carries, compare_carries);
    changes->balances = balances;
    changes->carries = carries;
}

static void gather_lots(struct state *state, struct changes *changes)
{
    struct lot_row *born = NULL, *changed = NULL, *moved = NULL;
    GATHER(state, &state->lots, struct lot, item->is_new, row, born, changes->lot_count);
    GATHER(state, &state->lots, struct lot, item->changed && !item->moved && !item->is_new, row,
           changed, changes->lots_changed_count);
    GATHER(state, &state->lots, struct lot, item->changed && item->moved && !item->is_new, row,
           moved, changes->lots_moved_count);
    memory_sort(born, changes->lot_count, sizeof *born, compare_new_lots);
    memory_sort(changed, changes->lots_changed_count, sizeof *changed, compare_lots);
    memory_sort(moved, changes->lots_moved_count, sizeof *moved, compare_lots);
    changes->lots = born;
    changes->lots_changed = changed;
    changes->lots_moved = moved;
}

static int compare_counters(const void *a, const void *b)
{
    const struct counter_row *x = a, *y = b;
    int order = by_number(x->owner, y->owner);
    if (order == 0)
        order = text_compare(x->name, y->name);
    return order != 0 ? order : text_compare(x->bucket, y->bucket);
}

/* What few operations touch: as it came, for these tables are small. */
static void gather_rare(struct state *state, struct changes *changes)
{
    struct reservation_row *reservations = NULL;
    struct counter_row *counters = NULL;
    struct held_row *held = NULL;
    struct holder_row *holders = NULL;
    struct operator_row *operators = NULL;
    GATHER(state, &state->reservations, struct reservation, item->changed, row, reservations,
           changes->reservation_count);
    GATHER(state, &state->counters, struct counter, item->changed, row, counters,
           changes->counter_count);
    GATHER(state, &state->held, struct held, item->changed, row, held, changes->held_count);
    GATHER(state, &state->operators, struct operator_link, item->changed, row, operators,
           changes->operator_count);
    memory_sort(counters, changes->counter_count, sizeof *counters, compare_counters);
    changes->reservations = reservations;
    changes->counters = counters;
    GATHER(state, &state->holders, struct holder, item->changed, row, holders,
           changes->holder_count);
    changes->held = held;
    changes->holders = holders;
    changes->operators = operators;
}

static void gather_households(struct state *state, struct changes *changes)
{
    size_t room = 0;
    for (size_t i = 0; i < state->households.count; i++)
        room += ((const struct household *)state->households.entries[i].value)->count;
    struct household_row *rows = arena_allocate(state->arena, (room + 1) * sizeof *rows);
    for (size_t i = 0; i < state->households.count; i++) {
        const struct household *household = state->households.entries[i].value;
        for (size_t k = 0; k < household->count; k++) {
            if (household->changed[k])
                rows[changes->household_count++] = household->rows[k];
        }
    }
    changes->households = rows;
}

/* When something of a wallet is due next: a function of what it holds now, so that
 * it does not depend on how commits were cut. */
static bool set_due(struct state *state, struct error *error)
{
    for (size_t i = 0; i < state->wallets.count; i++) {
        struct wallet *wallet = state->wallets.entries[i].value;
        for (size_t p = 0; p < wallet->pocket_count; p++) {
            struct pocket *pocket = wallet->pockets[p];
            if (pocket->changed &&
                !state_pocket_due(state, wallet, pocket, &pocket->row.due, error))
                return false;
        }
    }
    return true;
}

static void gather_returned(struct state *state, struct changes *changes)
{
    struct returned_row *rows =
        arena_allocate(state->arena, (state->returned.count + 1) * sizeof *rows);
    struct buffer text = {0};
    for (size_t i = 0; i < state->returned.count; i++) {
        const struct returned *item = state->returned.entries[i].value;
        if (!item->changed)
            continue;
        buffer_clear(&text);
        returned_part_encode(&item->part, &text);
        rows[changes->returned_count++] =
            (struct returned_row){item->seq, text_copy(state->arena, buffer_view(&text))};
    }
    buffer_free(&text);
    memory_sort(rows, changes->returned_count, sizeof *rows, compare_returned);
    changes->returned = rows;
}

static void gather_identifiers(struct state *state, struct changes *changes)
{
    struct identifier_row *rows =
        arena_allocate(state->arena, (state->identifiers.count + 1) * sizeof *rows);
    for (size_t i = 0; i < state->identifiers.count; i++) {
        const struct identifier *item = state->identifiers.entries[i].value;
        bool gone = item->row.member == 0;
        if (!item->changed || (gone && !item->in_store))
            continue;
        rows[changes->identifier_count] = item->row;
        rows[changes->identifier_count++].removed = gone;
    }
    memory_sort(rows, changes->identifier_count, sizeof *rows, compare_identifiers);
    changes->identifiers = rows;
}

static void gather_records(struct state *state, struct changes *changes)
{
    struct record_row *rows =
        arena_allocate(state->arena, (state->record_count + 1) * sizeof *rows);
    for (size_t i = 0; i < state->record_count; i++)
        rows[i] = state->records[i].row;
    changes->records = rows;
    changes->record_count = state->record_count;
}

bool state_flush(struct state *state, const struct checkpoint_row *checkpoint, bool with_records,
                 struct error *error)
{
    struct changes changes = {.checkpoint = checkpoint,
                              .tiles = state->tiles,
                              .tile_count = state->tile_count,
                              .tip = &state->tip,
                              .with_records = with_records,
                              .erased = state->erased.rows,
                              .erased_count = state->erased.count,
                              .programmes = state->programmes,
                              .programme_count = state->programme_count};
    struct buffer edge = {0};
    merkle_edge_encode(&state->edge, &edge);
    state->tip.edge = text_copy(state->arena, buffer_view(&edge));
    buffer_free(&edge);

    struct key_row *keys = NULL;
    struct member_row *members = NULL;
    struct cancelled_row *cancelled = NULL;
    GATHER(state, &state->keys, struct key, item->is_new, row, keys, changes.key_count);
    GATHER(state, &state->members, struct member, item->changed && item->exists, row, members,
           changes.member_count);
    GATHER(state, &state->cancelled, struct cancelled, item->changed && item->row.by >= 0, row,
           cancelled, changes.cancelled_count);
    memory_sort(keys, changes.key_count, sizeof *keys, compare_keys);
    memory_sort(members, changes.member_count, sizeof *members, compare_members);
    memory_sort(cancelled, changes.cancelled_count, sizeof *cancelled, compare_cancelled);
    changes.keys = keys;
    changes.members = members;
    changes.cancelled = cancelled;
    if (!set_due(state, error))
        return false;
    gather_pockets(state, &changes);
    gather_rare(state, &changes);
    gather_households(state, &changes);
    gather_tiers(state, &changes);
    gather_lots(state, &changes);
    gather_returned(state, &changes);
    if (with_records) {
        gather_records(state, &changes);
        gather_identifiers(state, &changes);
    }
    return store_apply(state->store, &changes, error);
}
