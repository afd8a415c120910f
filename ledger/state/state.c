/* The working set: snapshots on first use, and the undo of one operation. fold.c
 * changes it, lots.c knows the order in which lots burn, flush.c writes it. */
#include <assert.h>
#include <stdlib.h>

#include "json.h"
#include "state_private.h"

/* --- Undo ---------------------------------------------------------------- */

/* The old bytes of a place, one behind the other in a stack that every mark
 * empties. What the log's end was is kept whole. */
struct undo {
    struct buffer stack; /* [old bytes][place][length], read from the top */
    struct savepoint mark;
};
struct undo_entry {
    void *place;
    size_t length;
};

void state_touch(struct state *state, void *place, size_t length)
{
    if (!state->marking)
        return;
    struct undo_entry entry = {place, length};
    buffer_add(&state->undo->stack, place, length);
    buffer_add(&state->undo->stack, &entry, sizeof entry);
}

void state_save(const struct state *state, struct savepoint *place)
{
    *place = (struct savepoint){.depth = state->undo->stack.length,
                                .tip = state->tip,
                                .edge = state->edge,
                                .record_count = state->record_count,
                                .tile_count = state->tile_count,
                                .programme_count = state->programme_count,
                                .erased_count = state->erased.count};
}

void state_go_back(struct state *state, const struct savepoint *place)
{
    struct buffer *stack = &state->undo->stack;
    assert(state->marking);
    while (stack->length > place->depth) {
        struct undo_entry entry;
        stack->length -= sizeof entry;
        memcpy(&entry, stack->bytes + stack->length, sizeof entry);
        stack->length -= entry.length;
        memcpy(entry.place, stack->bytes + stack->length, entry.length);
    }
    state->tip = place->tip;
    state->edge = place->edge;
    state->record_count = place->record_count;
    state->tile_count = place->tile_count;
    state->programme_count = place->programme_count;
    state->erased.count = place->erased_count;
}

void state_mark(struct state *state)
{
    buffer_clear(&state->undo->stack);
    state_save(state, &state->undo->mark);
    state->lacking = false;
    state->marking = true;
}

void state_release(struct state *state)
{
    state->marking = false;
}

void state_undo(struct state *state)
{
    state_go_back(state, &state->undo->mark);
    state->marking = false;
}

/* --- Life ---------------------------------------------------------------- */

bool state_begin(struct state *state, struct store *store, struct arena *arena, struct error *error)
{
    state->store = state->log = store;
    state->arena = arena;
    if (state->undo == NULL)
        state->undo = memory_allocate(sizeof *state->undo);
    return store_tip(store, arena, &state->tip, error) &&
           merkle_edge_decode((uint64_t)state->tip.size, state->tip.edge, &state->edge, error);
}

enum { MAPS = 15 };
static void all_maps(struct state *state, struct map *out[MAPS])
{
    struct map *maps[MAPS] = {&state->members,    &state->wallets,     &state->lots,
                              &state->keys,       &state->identifiers, &state->returned,
                              &state->cancelled,  &state->holders,     &state->reservations,
                              &state->households, &state->counters,    &state->held,
                              &state->operators,  &state->tallies,     &state->tiers};
    memcpy(out, maps, sizeof maps);
}

void state_clear(struct state *state)
{
    struct map *maps[MAPS];
    all_maps(state, maps);
    for (size_t i = 0; i < MAPS; i++)
        map_clear(maps[i]);
    state->record_count = state->record_capacity = 0;
    state->tile_count = state->tile_capacity = 0;
    state->programme_count = 0;
    state->erased = (struct erasures){0};
    state->records = NULL;
    state->tiles = NULL;
    state->programmes = NULL;
    state->marking = false;
}

void state_free(struct state *state)
{
    struct map *maps[MAPS];
    all_maps(state, maps);
    for (size_t i = 0; i < MAPS; i++)
        map_free(maps[i]);
    if (state->undo != NULL) {
        buffer_free(&state->undo->stack);
        free(state->undo);
    }
}

void *state_room(struct arena *arena, void *list, size_t count, size_t *capacity, size_t size)
{
    if (count < *capacity)
        return list;
    *capacity = *capacity == 0 ? 2 : *capacity * 2;
    void *larger = arena_allocate(arena, *capacity * size);
    if (count > 0)
        memcpy(larger, list, count * size);
    return larger;
}

/* --- Members and wallets ------------------------------------------------- */

static struct member *add_member(struct state *state, const struct member_row *row,
                                 const struct carry_list *carries)
{
    struct member *member = arena_allocate(state->arena, sizeof *member);
    member->row = *row;
    member->exists = row->wallet != 0;
    if (!member->exists)
        member->row.last = -1;
    *map_put(&state->members, map_key_of_number(0, row->id)) = member;
    for (size_t i = 0; i < carries->count && i < LIMIT_CURRENCIES; i++) {
        member->carries[i] = arena_allocate(state->arena, sizeof **member->carries);
        member->carries[i]->row = carries->rows[i];
        member->carry_count++;
    }
    return member;
}

bool state_member(struct state *state, uint64_t id, struct member **out, struct error *error)
{
    *out = map_get(&state->members, map_key_of_number(0, id));
    if (*out != NULL)
        return true;
    struct member_row row = {.id = id};
    struct carry_list carries = {.member = id};
    if (!store_members(state->store, &row, 1, error) ||
        (row.wallet != 0 && !store_carries(state->store, state->arena, &carries, 1, error)))
        return false;
    *out = add_member(state, &row, &carries);
    return true;
}

static struct pocket *add_pocket(struct state *state, struct wallet *wallet, struct text currency)
{
    if (wallet->pocket_count == LIMIT_CURRENCIES)
        return NULL;
    struct pocket *pocket = arena_allocate(state->arena, sizeof *pocket);
    pocket->currency = text_copy(state->arena, currency);
    pocket->row.wallet = wallet->id;
    pocket->row.currency = pocket->currency;
    pocket->row.idle = pocket->row.due = MOMENT_NEVER;
    /* In order of id, however they come: what time makes due is recorded in this
     * order, and audit must find it again. */
    size_t at = wallet->pocket_count++;
    for (; at > 0 && text_compare(wallet->pockets[at - 1]->currency, currency) > 0; at--)
        wallet->pockets[at] = wallet->pockets[at - 1];
    wallet->pockets[at] = pocket;
    return pocket;
}

struct wallet *state_add_wallet(struct state *state, uint64_t id)
{
    struct wallet *wallet = arena_allocate(state->arena, sizeof *wallet);
    wallet->id = id;
    *map_put(&state->wallets, map_key_of_number(0, id)) = wallet;
    return wallet;
}

static struct wallet *add_stored_wallet(struct state *state, const struct balance_list *balances)
{
    struct wallet *wallet = state_add_wallet(state, balances->wallet);
    for (size_t i = 0; i < balances->count && i < LIMIT_CURRENCIES; i++) {
        struct pocket *pocket = add_pocket(state, wallet, balances->rows[i].currency);
        pocket->row = balances->rows[i];
        pocket->row.currency = pocket->currency;
    }
    return wallet;
}

bool state_wallet(struct state *state, uint64_t id, struct wallet **out, struct error *error)
{
    *out = map_get(&state->wallets, map_key_of_number(0, id));
    if (*out != NULL)
        return true;
    struct balance_list balances = {.wallet = id};
    if (!store_balances(state->store, state->arena, &balances, 1, error))
        return false;
    *out = add_stored_wallet(state, &balances);
    return true;
}

/* All of one kind before the next: each table is asked once. */
bool state_load_members(struct state *state, uint64_t ids[], size_t count, struct error *error)
{
    struct member_row *rows = arena_allocate(state->arena, (count + 1) * sizeof *rows);
    size_t wanted = 0;
    for (size_t i = 0; i < count; i++) {
        if (map_get(&state->members, map_key_of_number(0, ids[i])) == NULL &&
            (wanted == 0 || rows[wanted - 1].id != ids[i]))
            rows[wanted++].id = ids[i];
    }
    if (!store_members(state->store, rows, wanted, error))
        return false;
    struct carry_list *carries = arena_allocate(state->arena, (wanted + 1) * sizeof *carries);
    struct balance_list *balances = arena_allocate(state->arena, (wanted + 1) * sizeof *balances);
    for (size_t i = 0; i < wanted; i++) {
        carries[i].member = rows[i].id;
        balances[i].wallet = rows[i].wallet;
    }
    if (!store_carries(state->store, state->arena, carries, wanted, error) ||
        !store_balances(state->store, state->arena, balances, wanted, error))
        return false;
    for (size_t i = 0; i < wanted; i++) {
        add_member(state, &rows[i], &carries[i]);
        if (rows[i].wallet != 0 &&
            map_get(&state->wallets, map_key_of_number(0, rows[i].wallet)) == NULL)
            add_stored_wallet(state, &balances[i]);
    }
    return true;
}

struct pocket *state_pocket(struct state *state, struct wallet *wallet, struct text currency)
{
    for (size_t i = 0; i < wallet->pocket_count; i++) {
        if (text_equal(wallet->pockets[i]->currency, currency))
            return wallet->pockets[i];
    }
    /* A pocket that the store has never seen has no lots there. */
    struct pocket *pocket = add_pocket(state, wallet, currency);
    for (unsigned kind = 0; pocket != NULL && kind < LOT_KINDS; kind++)
        pocket->lists[kind].stored_all = true;
    return pocket;
}

struct carry *state_find_carry(const struct member *member, struct text currency)
{
    for (size_t i = 0; i < member->carry_count; i++) {
        if (text_equal(member->carries[i]->row.currency, currency))
            return member->carries[i];
    }
    return NULL;
}

struct fraction state_carry(const struct member *member, struct text currency)
{
    const struct carry *carry = state_find_carry(member, currency);
    struct fraction fraction = fraction_zero();
    if (carry != NULL) {
        fraction.numerator = carry->row.numerator;
        fraction.denominator = carry->row.denominator;
    }
    return fraction;
}

/* --- Keys and identifiers ------------------------------------------------ */

static struct key *add_key(struct state *state, const struct key_row *row)
{
    struct key *key = arena_allocate(state->arena, sizeof *key);
    key->row = *row;
    *map_put(&state->keys, map_key_of_hash(row->hash)) = key;
    return key;
}

bool state_key(struct state *state, const unsigned char hash[KEY_HASH_BYTES], struct key **out,
               struct error *error)
{
    *out = map_get(&state->keys, map_key_of_hash(hash));
    if (*out != NULL)
        return true;
    struct key_row row = {.seq = -1};
    memcpy(row.hash, hash, KEY_HASH_BYTES);
    if (!store_keys(state->store, &row, 1, error))
        return false;
    *out = add_key(state, &row);
    return true;
}

bool state_load_keys(struct state *state, struct key_row rows[], size_t count, struct error *error)
{
    if (!store_keys(state->store, rows, count, error))
        return false;
    for (size_t i = 0; i < count; i++) {
        if (map_get(&state->keys, map_key_of_hash(rows[i].hash)) == NULL)
            add_key(state, &rows[i]);
    }
    return true;
}

static struct identifier *add_identifier(struct state *state, const struct identifier_row *row)
{
    struct identifier *identifier = arena_allocate(state->arena, sizeof *identifier);
    identifier->row = *row;
    identifier->in_store = row->member != 0;
    *map_put(&state->identifiers, map_key_of_hash(row->hash)) = identifier;
    return identifier;
}

bool state_identifier(struct state *state, const unsigned char hash[KEY_HASH_BYTES],
                      struct identifier **out, struct error *error)
{
    *out = map_get(&state->identifiers, map_key_of_hash(hash));
    if (*out != NULL)
        return true;
    struct identifier_row row = {0};
    memcpy(row.hash, hash, KEY_HASH_BYTES);
    if (!store_identifiers(state->store, state->arena, &row, 1, error))
        return false;
    *out = add_identifier(state, &row);
    return true;
}

bool state_load_identifiers(struct state *state, struct identifier_row rows[], size_t count,
                            struct error *error)
{
    if (!store_identifiers(state->store, state->arena, rows, count, error))
        return false;
    for (size_t i = 0; i < count; i++) {
        if (map_get(&state->identifiers, map_key_of_hash(rows[i].hash)) == NULL)
            add_identifier(state, &rows[i]);
    }
    return true;
}

bool state_set_identifier(struct state *state, struct identifier *identifier, uint64_t member,
                          struct error *error)
{
    (void)error;
    TOUCH(state, *identifier);
    identifier->row.member = member;
    identifier->changed = true;
    return true;
}

bool state_identifiers_of(struct state *state, uint64_t member, struct identifier ***list,
                          size_t *count, struct error *error)
{
    struct identifier_row *rows = NULL;
    struct identifier *identifier = NULL;
    size_t stored = 0;
    *count = 0;
    if (!store_identifiers_of(state->store, state->arena, member, &rows, &stored, error))
        return false;
    for (size_t i = 0; i < stored; i++) {
        if (!state_identifier(state, rows[i].hash, &identifier, error))
            return false;
    }
    *list = arena_allocate(state->arena, (state->identifiers.count + 1) * sizeof **list);
    for (size_t i = 0; i < state->identifiers.count; i++) {
        identifier = state->identifiers.entries[i].value;
        if (identifier->row.member == member)
            (*list)[(*count)++] = identifier;
    }
    return true;
}

/* --- Returned and cancelled ---------------------------------------------- */

bool state_returned(struct state *state, int64_t seq, struct returned **out, struct error *error)
{
    *out = map_get(&state->returned, map_key_of_number(0, (uint64_t)seq));
    if (*out != NULL)
        return true;
    struct returned_row row;
    struct returned *returned = arena_allocate(state->arena, sizeof *returned);
    if (!store_returned(state->store, state->arena, seq, &row, &returned->exists, error))
        return false;
    if (returned->exists && !returned_part_decode(row.state, state->arena, &returned->part))
        return fail(error, ERROR_CORRUPT, _("what was returned of record %lld cannot be read"),
                    (long long)seq);
    returned->seq = returned->part.seq = seq;
    returned->exists = returned->exists && returned->part.how != RETURNED_NONE;
    *map_put(&state->returned, map_key_of_number(0, (uint64_t)seq)) = returned;
    *out = returned;
    return true;
}

bool state_cancelled(struct state *state, int64_t seq, struct cancelled **out, struct error *error)
{
    *out = map_get(&state->cancelled, map_key_of_number(0, (uint64_t)seq));
    if (*out != NULL)
        return true;
    struct cancelled *cancelled = arena_allocate(state->arena, sizeof *cancelled);
    cancelled->row.seq = seq;
    if (!store_cancelled(state->store, seq, &cancelled->row.by, error))
        return false;
    *map_put(&state->cancelled, map_key_of_number(0, (uint64_t)seq)) = cancelled;
    *out = cancelled;
    return true;
}

bool state_holder(struct state *state, int64_t seq, struct holder **out, struct error *error)
{
    *out = map_get(&state->holders, map_key_of_number(0, (uint64_t)seq));
    if (*out != NULL)
        return true;
    struct holder *holder = arena_allocate(state->arena, sizeof *holder);
    if (!store_holder(state->store, seq, &holder->row, &holder->exists, error))
        return false;
    *map_put(&state->holders, map_key_of_number(0, (uint64_t)seq)) = holder;
    *out = holder;
    return true;
}

/* --- Reservations -------------------------------------------------------- */

static struct reservation *add_reservation(struct state *state, const struct reservation_row *row)
{
    struct map_key key = map_key_of_number(0, (uint64_t)row->seq);
    struct reservation *reservation = map_get(&state->reservations, key);
    if (reservation != NULL)
        return reservation;
    reservation = arena_allocate(state->arena, sizeof *reservation);
    reservation->row = *row;
    *map_put(&state->reservations, key) = reservation;
    return reservation;
}

bool state_reservation(struct state *state, int64_t seq, struct reservation **out,
                       struct error *error)
{
    struct reservation_row row = {.seq = seq};
    bool found = false;
    *out = map_get(&state->reservations, map_key_of_number(0, (uint64_t)seq));
    if (*out != NULL)
        return true;
    if (!store_reservation(state->store, state->arena, seq, &row, &found, error))
        return false;
    *out = add_reservation(state, &row);
    if (!found)
        (*out)->row.seq = -1;
    return true;
}

void state_add_reservation(struct state *state, struct wallet *wallet,
                           struct reservation *reservation)
{
    for (size_t i = 0; i < wallet->reservation_count; i++) {
        if (wallet->reservations[i] == reservation)
            return;
    }
    wallet->reservations = state_room(state->arena, wallet->reservations, wallet->reservation_count,
                                      &wallet->reservation_capacity, sizeof(struct reservation *));
    wallet->reservations[wallet->reservation_count++] = reservation;
}

bool state_open_reservations(struct state *state, struct wallet *wallet, struct error *error)
{
    struct reservation_row *rows = NULL;
    struct reservation **born = wallet->reservations;
    size_t count = 0, born_count = wallet->reservation_count;
    if (wallet->reservations_loaded)
        return true;
    if (!store_reservations(state->store, state->arena, wallet->id, &rows, &count, error))
        return false;
    wallet->reservations = NULL; /* the stored ones are older: they come first */
    wallet->reservation_count = wallet->reservation_capacity = 0;
    for (size_t i = 0; i < count; i++)
        state_add_reservation(state, wallet, add_reservation(state, &rows[i]));
    for (size_t i = 0; i < born_count; i++)
        state_add_reservation(state, wallet, born[i]);
    wallet->reservations_loaded = true;
    return true;
}

/* --- Households, counters, held returns ------------------------------------- */

bool state_household(struct state *state, uint64_t wallet, struct household **out,
                     struct error *error)
{
    struct map_key key = map_key_of_number(0, wallet);
    *out = map_get(&state->households, key);
    if (*out != NULL)
        return true;
    struct household *household = arena_allocate(state->arena, sizeof *household);
    household->wallet = wallet;
    if (!store_household(state->store, state->arena, wallet, &household->rows, &household->count,
                         error))
        return false;
    household->capacity = household->count;
    household->changed = arena_allocate(state->arena, household->count + 1);
    *map_put(&state->households, key) = household;
    *out = household;
    return true;
}

bool state_counter(struct state *state, uint64_t owner, struct text name, struct text bucket,
                   struct counter **out, struct error *error)
{
    struct buffer key = {0};
    unsigned char hash[DIGEST_BYTES];
    buffer_text(&key, name);
    buffer_byte(&key, '\n');
    buffer_integer(&key, (int64_t)owner);
    digest(buffer_view(&key), bucket, hash);
    buffer_free(&key);
    *out = map_get(&state->counters, map_key_of_hash(hash));
    if (*out != NULL)
        return true;
    struct counter *counter = arena_allocate(state->arena, sizeof *counter);
    counter->row = (struct counter_row){owner, text_copy(state->arena, name),
                                        text_copy(state->arena, bucket), 0};
    if (!store_counter(state->store, &counter->row, error))
        return false;
    *map_put(&state->counters, map_key_of_hash(hash)) = counter;
    *out = counter;
    return true;
}

static int compare_counters(const void *a, const void *b)
{
    const struct counter *x = *(struct counter *const *)a, *y = *(struct counter *const *)b;
    int order = text_compare(x->row.name, y->row.name);
    return order != 0 ? order : text_compare(x->row.bucket, y->row.bucket);
}

bool state_counters_of(struct state *state, uint64_t owner, struct counter ***list, size_t *count,
                       struct error *error)
{
    struct counter_row *rows = NULL;
    struct counter *counter = NULL;
    size_t stored = 0;
    *count = 0;
    if (!store_counters_of(state->store, state->arena, owner, &rows, &stored, error))
        return false;
    for (size_t i = 0; i < stored; i++) {
        if (!state_counter(state, owner, rows[i].name, rows[i].bucket, &counter, error))
            return false;
    }
    *list = arena_allocate(state->arena, (state->counters.count + 1) * sizeof **list);
    for (size_t i = 0; i < state->counters.count; i++) {
        counter = state->counters.entries[i].value;
        if (counter->row.owner == owner && counter->row.value != 0)
            (*list)[(*count)++] = counter;
    }
    memory_sort(*list, *count, sizeof **list, compare_counters);
    return true;
}

static struct held *add_held(struct state *state, const struct held_row *row, int64_t seq)
{
    struct map_key key = map_key_of_number(0, (uint64_t)seq);
    struct held *held = map_get(&state->held, key);
    if (held != NULL)
        return held;
    held = arena_allocate(state->arena, sizeof *held);
    held->row = *row;
    *map_put(&state->held, key) = held;
    return held;
}

bool state_held(struct state *state, int64_t seq, struct held **out, struct error *error)
{
    struct held_row row = {.seq = seq};
    bool found = false;
    *out = map_get(&state->held, map_key_of_number(0, (uint64_t)seq));
    if (*out != NULL)
        return true;
    if (!store_held(state->store, seq, &row, &found, error))
        return false;
    if (!found)
        row.seq = -1;
    *out = add_held(state, &row, seq);
    return true;
}

bool state_held_for(struct state *state, const unsigned char awaits[KEY_HASH_BYTES],
                    struct held ***list, size_t *count, struct error *error)
{
    struct held_row *rows = NULL;
    size_t stored = 0;
    *count = 0;
    if (!store_held_waiting(state->store, state->arena, awaits, -1, SIZE_MAX >> 1, &rows, &stored,
                            error))
        return false;
    for (size_t i = 0; i < stored; i++)
        add_held(state, &rows[i], rows[i].seq);
    *list = arena_allocate(state->arena, (state->held.count + 1) * sizeof **list);
    for (size_t i = 0; i < state->held.count; i++) {
        struct held *held = state->held.entries[i].value;
        if (held->row.seq < 0 || held->row.by >= 0 ||
            memcmp(held->row.awaits, awaits, KEY_HASH_BYTES) != 0)
            continue;
        size_t at = (*count)++;
        for (; at > 0 && (*list)[at - 1]->row.seq > held->row.seq; at--)
            (*list)[at] = (*list)[at - 1];
        (*list)[at] = held;
    }
    return true;
}

bool state_operator(struct state *state, const unsigned char hash[KEY_HASH_BYTES],
                    struct operator_link **out, struct error *error)
{
    struct operator_row row = {.member = 0};
    *out = map_get(&state->operators, map_key_of_hash(hash));
    if (*out != NULL)
        return true;
    memcpy(row.hash, hash, KEY_HASH_BYTES);
    if (!store_operator(state->store, &row, error))
        return false;
    *out = arena_allocate(state->arena, sizeof **out);
    (*out)->row = row;
    *map_put(&state->operators, map_key_of_hash(hash)) = *out;
    return true;
}

/* --- What was erased --------------------------------------------------------- */

static const struct erased_row *erased_in_batch(const struct state *state, int64_t seq)
{
    for (size_t i = 0; i < state->erased.count; i++) {
        const struct erased_row *row = &state->erased.rows[i];
        if (row->first <= seq && seq <= row->last)
            return row;
    }
    return NULL;
}

bool state_erased_range(struct state *state, int64_t seq, struct erased_row *row, bool *found,
                        struct error *error)
{
    const struct erased_row *pending = erased_in_batch(state, seq);
    *found = pending != NULL;
    if (*found) {
        *row = *pending;
        return true;
    }
    if (!store_erased(state->store, seq, row, found, error))
        return false;
    *found = *found && row->last >= seq;
    return true;
}

bool state_erased(struct state *state, int64_t seq, int64_t *by, struct error *error)
{
    struct erased_row row;
    bool found = false;
    if (!state_erased_range(state, seq, &row, &found, error))
        return false;
    *by = found ? row.by : -1;
    return true;
}

bool state_may_skip(struct state *state, const struct record *record, bool *skip,
                    struct error *error)
{
    int64_t by = -1, seq = record->head->seq;
    *skip = record->bodiless;
    if (!record->bodiless)
        return true;
    if (!state_erased(state, seq, &by, error))
        return false;
    if (by >= 0)
        return true;
    state->lacking = true;
    if (state->lenient)
        return fail_field(error, ERROR_ERASED, "record",
                          _("the body of record %lld was erased later"), (long long)seq);
    fail(error, ERROR_CORRUPT, _("the body of record %lld is missing"), (long long)seq);
    return hint(error, _("no record says that it was erased: restore a backup that has it"));
}

bool state_need_body(struct state *state, const struct record *record, struct error *error)
{
    int64_t by = -1, seq = record->head->seq;
    bool erased = false;
    if (!state_may_skip(state, record, &erased, error))
        return false;
    if (!erased)
        return true;
    if (!state_erased(state, seq, &by, error))
        return false;
    fail_field(error, ERROR_ERASED, "record", _("what record %lld said was erased, by record %lld"),
               (long long)seq, (long long)by);
    return hint(error, _("its points and its number stay; what was asked for and sold is gone"));
}

/* What this batch erases is stored still. */
static void drop_erased(const struct state *state, int64_t seq, struct record *record)
{
    if (record->body.length > 0 && erased_in_batch(state, seq) != NULL)
        record->body = record->salt = (struct text){0};
    record->bodiless = record->head->has_body && record->body.length == 0;
}

/* A stored body is believed only as far as its head vouches for it. */
static bool check_body(const struct record_row *row, const struct head *head, struct error *error)
{
    unsigned char found[DIGEST_BYTES];
    if (!row->has_body)
        return true; /* none, or erased */
    digest(row->salt, row->body, found);
    if (head->has_body && memcmp(found, head->body, DIGEST_BYTES) == 0 &&
        json_check(row->body, error))
        return true;
    fail(error, ERROR_CORRUPT, _("the body of record %lld was altered"), (long long)row->seq);
    return hint(error, _("`loyalty verify` tells what else was"));
}

bool state_record(struct state *state, int64_t seq, struct record *out, struct error *error)
{
    return state_read_record(state, state->arena, seq, out, error);
}

bool state_read_record(struct state *state, struct arena *arena, int64_t seq, struct record *out,
                       struct error *error)
{
    /* Counted from the first, as the fold asks while the log's end counts one already that
     * is not here yet. */
    int64_t behind = state->record_count == 0 ? -1 : seq - state->records[0].row.seq;
    if (behind >= 0 && behind < (int64_t)state->record_count) {
        const struct pending_record *pending = &state->records[behind];
        *out = (struct record){.head = pending->head,
                               .head_bytes = pending->row.head,
                               .body = pending->row.body,
                               .salt = pending->row.salt};
        drop_erased(state, seq, out);
        return true;
    }
    struct record_row row;
    bool found = false;
    if (!store_record(state->log, arena, seq, &row, &found, error))
        return false;
    if (!found)
        return fail(error, ERROR_UNKNOWN_RECORD, _("there is no record %lld"), (long long)seq);
    *out = (struct record){.head = arena_allocate(arena, sizeof *out->head),
                           .head_bytes = row.head,
                           .body = row.body,
                           .salt = row.salt};
    if (!head_decode(row.head, arena, out->head, error) || !check_body(&row, out->head, error))
        return false;
    drop_erased(state, seq, out);
    return true;
}
