/* The working set: snapshots on first use, one fold, one write.
 *
 * The idea to hold: nothing here decides what an operation is worth. Heads say
 * what happened; state_fold() is the only code that moves a balance. */
#include "state.h"

#include <assert.h>
#include <stdlib.h>

#include "limits.h"

/* --- Undo ---------------------------------------------------------------- */

/* The old bytes of a place, one behind the other in a stack that every mark
 * empties. What the log's end was is kept whole. */
struct undo {
    struct buffer stack;        /* [old bytes][place][length], read from the top */
    struct tip tip;
    struct merkle_edge edge;
    size_t record_count, tile_count, programme_count;
};
struct undo_entry {
    void *place;
    size_t length;
};

/* Call before changing `length` bytes at `place`. */
static void touch(struct state *state, void *place, size_t length)
{
    if (!state->marking)
        return;
    struct undo_entry entry = {place, length};
    buffer_add(&state->undo->stack, place, length);
    buffer_add(&state->undo->stack, &entry, sizeof entry);
}
#define TOUCH(state, object) touch(state, &(object), sizeof(object))

void state_mark(struct state *state)
{
    struct undo *undo = state->undo;
    buffer_clear(&undo->stack);
    undo->tip = state->tip;
    undo->edge = state->edge;
    undo->record_count = state->record_count;
    undo->tile_count = state->tile_count;
    undo->programme_count = state->programme_count;
    state->marking = true;
}

void state_release(struct state *state)
{
    state->marking = false;
}

void state_undo(struct state *state)
{
    struct undo *undo = state->undo;
    assert(state->marking);
    while (undo->stack.length > 0) {
        struct undo_entry entry;
        undo->stack.length -= sizeof entry;
        memcpy(&entry, undo->stack.bytes + undo->stack.length, sizeof entry);
        undo->stack.length -= entry.length;
        memcpy(entry.place, undo->stack.bytes + undo->stack.length, entry.length);
    }
    state->tip = undo->tip;
    state->edge = undo->edge;
    state->record_count = undo->record_count;
    state->tile_count = undo->tile_count;
    state->programme_count = undo->programme_count;
    state->marking = false;
}

/* --- Life ---------------------------------------------------------------- */

bool state_begin(struct state *state, struct store *store, struct arena *arena, struct error *error)
{
    state->store = store;
    state->arena = arena;
    if (state->undo == NULL)
        state->undo = memory_allocate(sizeof *state->undo);
    return store_tip(store, arena, &state->tip, error) &&
           merkle_edge_decode((uint64_t)state->tip.size, state->tip.edge, &state->edge, error);
}

static struct map *const *all_maps(struct state *state, struct map *out[7])
{
    struct map *maps[] = {&state->members,     &state->wallets,  &state->lots,     &state->keys,
                          &state->identifiers, &state->returned, &state->cancelled};
    memcpy(out, maps, sizeof maps);
    return out;
}

void state_clear(struct state *state)
{
    struct map *maps[7];
    all_maps(state, maps);
    for (size_t i = 0; i < 7; i++)
        map_clear(maps[i]);
    state->record_count = state->record_capacity = 0;
    state->tile_count = state->tile_capacity = 0;
    state->programme_count = 0;
    state->records = NULL;
    state->tiles = NULL;
    state->programmes = NULL;
    state->marking = false;
}

void state_free(struct state *state)
{
    struct map *maps[7];
    all_maps(state, maps);
    for (size_t i = 0; i < 7; i++)
        map_free(maps[i]);
    if (state->undo != NULL) {
        buffer_free(&state->undo->stack);
        free(state->undo);
    }
}

/* An arena array with room for one more; grows by doubling. */
static void *room(struct arena *arena, void *list, size_t count, size_t *capacity, size_t size)
{
    if (count < *capacity)
        return list;
    *capacity = *capacity == 0 ? 8 : *capacity * 2;
    void *larger = arena_allocate(arena, *capacity * size);
    if (count > 0)
        memcpy(larger, list, count * size);
    return larger;
}

/* --- Members and wallets ------------------------------------------------- */

static bool add_member(struct state *state, const struct member_row *row, struct member **out,
                       struct error *error)
{
    struct member *member = arena_allocate(state->arena, sizeof *member);
    member->row = *row;
    member->exists = row->wallet != 0;
    if (!member->exists)
        member->row.last = -1;
    *map_put(&state->members, map_key_of_number(0, row->id)) = member;
    *out = member;
    if (!member->exists)
        return true;
    struct carry_row *rows = NULL;
    size_t count = 0;
    if (!store_carries(state->store, state->arena, row->id, &rows, &count, error))
        return false;
    for (size_t i = 0; i < count && i < LIMIT_CURRENCIES; i++) {
        member->carries[i] = arena_allocate(state->arena, sizeof **member->carries);
        member->carries[i]->row = rows[i];
        member->carry_count++;
    }
    return true;
}

bool state_member(struct state *state, uint64_t id, struct member **out, struct error *error)
{
    *out = map_get(&state->members, map_key_of_number(0, id));
    if (*out != NULL)
        return true;
    struct member_row row = {.id = id};
    return store_members(state->store, &row, 1, error) && add_member(state, &row, out, error);
}

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
    for (size_t i = 0; i < wanted; i++) {
        struct member *member = NULL;
        struct wallet *wallet = NULL;
        if (!add_member(state, &rows[i], &member, error) ||
            (member->exists && !state_wallet(state, member->row.wallet, &wallet, error)))
            return false;
    }
    return true;
}

static struct pocket *add_pocket(struct state *state, struct wallet *wallet, struct text currency)
{
    assert(wallet->pocket_count < LIMIT_CURRENCIES);
    struct pocket *pocket = arena_allocate(state->arena, sizeof *pocket);
    pocket->currency = text_copy(state->arena, currency);
    pocket->row.wallet = wallet->id;
    pocket->row.currency = pocket->currency;
    wallet->pockets[wallet->pocket_count++] = pocket;
    return pocket;
}

static struct wallet *add_wallet(struct state *state, uint64_t id)
{
    struct wallet *wallet = arena_allocate(state->arena, sizeof *wallet);
    wallet->id = id;
    *map_put(&state->wallets, map_key_of_number(0, id)) = wallet;
    return wallet;
}

bool state_wallet(struct state *state, uint64_t id, struct wallet **out, struct error *error)
{
    *out = map_get(&state->wallets, map_key_of_number(0, id));
    if (*out != NULL)
        return true;
    struct balance_row *rows = NULL;
    size_t count = 0;
    if (!store_balances(state->store, state->arena, id, &rows, &count, error))
        return false;
    *out = add_wallet(state, id);
    for (size_t i = 0; i < count && i < LIMIT_CURRENCIES; i++) {
        struct pocket *pocket = add_pocket(state, *out, rows[i].currency);
        pocket->row = rows[i];
        pocket->row.currency = pocket->currency;
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
    pocket->stored_all = true;
    return pocket;
}

static struct carry *find_carry(const struct member *member, struct text currency)
{
    for (size_t i = 0; i < member->carry_count; i++) {
        if (text_equal(member->carries[i]->row.currency, currency))
            return member->carries[i];
    }
    return NULL;
}

struct fraction state_carry(const struct member *member, struct text currency)
{
    const struct carry *carry = find_carry(member, currency);
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

/* --- Lots ---------------------------------------------------------------- */

static struct lot *find_lot(const struct state *state, int64_t id)
{
    return map_get(&state->lots, map_key_of_number(0, (uint64_t)id));
}

static struct lot *add_lot(struct state *state, const struct lot_row *row)
{
    struct lot *lot = arena_allocate(state->arena, sizeof *lot);
    lot->row = *row;
    *map_put(&state->lots, map_key_of_number(0, (uint64_t)row->id)) = lot;
    return lot;
}

bool state_lot(struct state *state, int64_t id, struct lot **out, struct error *error)
{
    *out = find_lot(state, id);
    if (*out != NULL)
        return true;
    struct lot_row row;
    bool found = false;
    if (!store_lot(state->store, state->arena, id, &row, &found, error))
        return false;
    if (!found)
        return fail(error, ERROR_INVARIANT, _("there is no lot %lld.%lld"),
                    (long long)(id / LOTS_PER_RECORD), (long long)(id % LOTS_PER_RECORD));
    *out = add_lot(state, &row);
    return true;
}

/* Burn order: earliest expiry first, never last, then the oldest. */
static bool burns_before(const struct lot *a, const struct lot *b)
{
    return a->row.expires != b->row.expires ? a->row.expires < b->row.expires
                                            : a->row.id < b->row.id;
}

/* Put a lot that has points now, and that the store does not list as open, into
 * the pocket's own list. */
static void list_born(struct state *state, struct pocket *pocket, struct lot *lot)
{
    pocket->born = room(state->arena, pocket->born, pocket->born_count, &pocket->born_capacity,
                        sizeof(struct lot *));
    size_t at = pocket->born_count++;
    while (at > 0 && burns_before(lot, pocket->born[at - 1])) {
        pocket->born[at] = pocket->born[at - 1];
        at--;
    }
    pocket->born[at] = lot;
    lot->listed = true;
    if (pocket->born_skip > at)
        pocket->born_skip = at;
}

/* The next open lots from the store: one at first, since most operations only
 * ask when the first lapses, then more and more. */
static bool load_lots(struct state *state, struct pocket *pocket, struct error *error)
{
    size_t limit = pocket->stored_count == 0 ? 1 : pocket->stored_count < 16 ? 16 : 256;
    const struct lot *last = pocket->stored_count == 0 ? NULL
                                                       : pocket->stored[pocket->stored_count - 1];
    struct lot_row *rows = NULL;
    size_t count = 0;
    if (!store_open_lots(state->store, state->arena, pocket->row.wallet, pocket->currency,
                         last == NULL ? INT64_MIN : last->row.expires,
                         last == NULL ? -1 : last->row.id, limit, &rows, &count, error))
        return false;
    for (size_t i = 0; i < count; i++) {
        struct lot *lot = find_lot(state, rows[i].id);
        if (lot == NULL)
            lot = add_lot(state, &rows[i]);
        lot->listed = true;
        pocket->stored = room(state->arena, pocket->stored, pocket->stored_count,
                              &pocket->stored_capacity, sizeof(struct lot *));
        pocket->stored[pocket->stored_count++] = lot;
    }
    pocket->stored_all = count < limit;
    return true;
}

/* Skip what is empty at the front of a list. */
static size_t first_open(struct lot **list, size_t from, size_t count)
{
    while (from < count && list[from]->row.left == 0)
        from++;
    return from;
}

bool state_next_lot(struct state *state, struct pocket *pocket, struct lot_cursor *cursor,
                    struct lot **lot, struct error *error)
{
    if (!cursor->started) {
        pocket->stored_skip = first_open(pocket->stored, pocket->stored_skip, pocket->stored_count);
        pocket->born_skip = first_open(pocket->born, pocket->born_skip, pocket->born_count);
        *cursor = (struct lot_cursor){pocket->stored_skip, pocket->born_skip, true};
    }
    cursor->stored = first_open(pocket->stored, cursor->stored, pocket->stored_count);
    while (cursor->stored == pocket->stored_count && !pocket->stored_all) {
        if (!load_lots(state, pocket, error))
            return false;
        cursor->stored = first_open(pocket->stored, cursor->stored, pocket->stored_count);
    }
    cursor->born = first_open(pocket->born, cursor->born, pocket->born_count);
    struct lot *stored = cursor->stored < pocket->stored_count ? pocket->stored[cursor->stored] : NULL;
    struct lot *born = cursor->born < pocket->born_count ? pocket->born[cursor->born] : NULL;
    if (stored != NULL && (born == NULL || burns_before(stored, born))) {
        cursor->stored++;
        *lot = stored;
    } else {
        cursor->born += born != NULL;
        *lot = born;
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

bool state_record(struct state *state, int64_t seq, struct record *out, struct error *error)
{
    int64_t first_pending = state->tip.size - (int64_t)state->record_count;
    if (seq >= first_pending && seq < state->tip.size) {
        const struct pending_record *pending = &state->records[seq - first_pending];
        *out = (struct record){pending->head, pending->row.head, pending->row.body,
                               pending->row.salt};
        return true;
    }
    struct record_row row;
    bool found = false;
    if (!store_record(state->store, state->arena, seq, &row, &found, error))
        return false;
    if (!found)
        return fail(error, ERROR_UNKNOWN_RECORD, _("there is no record %lld"), (long long)seq);
    *out = (struct record){arena_allocate(state->arena, sizeof *out->head), row.head, row.body,
                           row.salt};
    return head_decode(row.head, state->arena, out->head, error);
}

/* --- The fold ------------------------------------------------------------ */

static bool misfit(struct error *error, const struct head *head, const char *why)
{
    return fail(error, ERROR_INVARIANT, _("record %lld does not follow from those before it: %s"),
                (long long)head->seq, why);
}

static bool fold_clock(struct state *state, const struct head *head, struct error *error)
{
    if (head->seq != state->tip.size)
        return misfit(error, head, _("its number is not the next"));
    if (head->time < state->tip.time)
        return misfit(error, head, _("its time lies before the last record's"));
    state->tip.size = head->seq + 1;
    state->tip.time = head->time;
    switch (head->kind) {
    case RECORD_GENESIS:
    case RECORD_PROGRAMME:
        break;
    case RECORD_HISTORY_OPEN:
        state->tip.mode = MODE_HISTORY;
        state->tip.history_open = 1;
        break;
    case RECORD_HISTORY_CLOSE:
        state->tip.history_open = 0;
        break;
    case RECORD_MEMBER_ADD:
    case RECORD_MEMBER_LINK:
    case RECORD_MEMBER_UNLINK:
    case RECORD_ELAPSE:
    case RECORD_PURCHASE:
    case RECORD_RETURN:
    case RECORD_REDEEM:
    case RECORD_CANCEL:
    case RECORD_ADJUST:
        if (state->tip.history_open == 0)
            state->tip.mode = MODE_LIVE;
        break;
    case RECORD_KIND_COUNT:
        break;
    }
    return true;
}

static bool fold_key(struct state *state, const struct head *head,
                     const unsigned char hash[KEY_HASH_BYTES], struct error *error)
{
    struct key *key = NULL;
    if (!state_key(state, hash, &key, error))
        return false;
    if (key->row.seq >= 0)
        return misfit(error, head, _("its key is already used"));
    TOUCH(state, *key);
    key->row.seq = head->seq;
    key->is_new = true;
    return true;
}

/* The moment a member joined is the business time of the adding record; heads of
 * history carry it in `time`, as everything live does. */
static bool fold_member(struct state *state, const struct head *head, struct member **out,
                        struct error *error)
{
    if (!state_member(state, head->member, out, error))
        return false;
    struct member *member = *out;
    if (member->exists == (head->kind == RECORD_MEMBER_ADD))
        return misfit(error, head, member->exists ? _("the member exists already")
                                                  : _("the member does not exist"));
    if (member->row.last != head->previous)
        return misfit(error, head, _("it does not continue its member's chain"));
    TOUCH(state, *member);
    if (head->kind == RECORD_MEMBER_ADD) {
        member->exists = true;
        member->row.wallet = head->member;
        member->row.joined = head->time;
        if (map_get(&state->wallets, map_key_of_number(0, head->member)) == NULL)
            add_wallet(state, head->member);
    }
    member->row.last = head->seq;
    member->changed = true;
    return true;
}

static bool fold_lots(struct state *state, const struct head *head, const struct member *member,
                      struct error *error)
{
    for (size_t i = 0; i < head->lot_count; i++) {
        const struct lot_birth *birth = &head->lots[i];
        if (member == NULL || i >= LOTS_PER_RECORD)
            return misfit(error, head, _("it makes lots that nobody can hold"));
        struct lot_row row = {.id = lot_number(head->seq, (int64_t)i),
                              .wallet = member->row.wallet,
                              .member = head->member,
                              .currency = text_copy(state->arena, birth->currency),
                              .amount = birth->amount,
                              .available_from = birth->available_from,
                              .expires = birth->expires,
                              .origin = text_copy(state->arena, birth->origin)};
        struct lot *lot = add_lot(state, &row);
        lot->is_new = true;
    }
    return true;
}

static bool fold_lot_posting(struct state *state, const struct head *head, struct pocket *pocket,
                             const struct posting *posting, struct error *error)
{
    struct lot *lot = NULL;
    if (!state_lot(state, posting->lot, &lot, error))
        return false;
    if (lot->row.wallet != pocket->row.wallet || !text_equal(lot->row.currency, pocket->currency))
        return misfit(error, head, _("it touches a lot of another wallet or currency"));
    int64_t left = 0;
    if (!units_add(lot->row.left, posting->amount, &left) || left < 0 || left > lot->row.amount)
        return misfit(error, head, _("it takes more from a lot than is left, or gives back too much"));
    TOUCH(state, *lot);
    lot->row.left = left;
    lot->changed = true;
    if (left > 0 && !lot->listed)
        list_born(state, pocket, lot);
    else if (posting->amount > 0)
        pocket->stored_skip = pocket->born_skip = 0; /* a lot at the front may be open again */
    return true;
}

static int64_t *pocket_account(struct pocket *pocket, enum account account)
{
    return account == ACCOUNT_AVAILABLE ? &pocket->row.available
           : account == ACCOUNT_PENDING ? &pocket->row.pending
           : account == ACCOUNT_RESERVED ? &pocket->row.reserved
                                         : &pocket->row.debt;
}

static bool fold_posting(struct state *state, const struct head *head, struct wallet *wallet,
                         const struct posting *posting, struct error *error)
{
    if (!account_is_wallets(posting->account))
        return true;
    if (wallet == NULL)
        return misfit(error, head, _("it posts to a wallet without naming a member"));
    struct pocket *pocket = state_pocket(state, wallet, posting->currency);
    TOUCH(state, pocket->row);
    TOUCH(state, pocket->changed);
    pocket->changed = true;
    int64_t *balance = pocket_account(pocket, posting->account);
    if (!units_add(*balance, posting->amount, balance))
        return fail_field(error, ERROR_OVERFLOW, "points", _("the balance would be beyond %lld"),
                          (long long)LIMIT_UNITS);
    bool has_lot = posting->account != ACCOUNT_DEBT;
    if (has_lot != (posting->lot >= 0))
        return misfit(error, head, _("a wallet posting and its lot do not fit"));
    return !has_lot || fold_lot_posting(state, head, pocket, posting, error);
}

/* After all postings: no account on its wrong side, and never debt beside points. */
static bool check_wallet(const struct head *head, const struct wallet *wallet, struct error *error)
{
    for (size_t i = 0; wallet != NULL && i < wallet->pocket_count; i++) {
        const struct balance_row *row = &wallet->pockets[i]->row;
        if (row->available < 0 || row->pending < 0 || row->reserved < 0 || row->debt > 0 ||
            (row->debt < 0 && row->available > 0))
            return misfit(error, head, _("a balance would be impossible"));
    }
    return true;
}

static bool fold_carry(struct state *state, const struct head *head, struct member *member,
                       const struct carry_value *value, struct error *error)
{
    if (member == NULL)
        return misfit(error, head, _("it carries for nobody"));
    struct carry *carry = find_carry(member, value->currency);
    if (carry == NULL) {
        if (member->carry_count == LIMIT_CURRENCIES)
            return misfit(error, head, _("it carries in too many currencies"));
        carry = arena_allocate(state->arena, sizeof *carry);
        carry->row.member = member->row.id;
        carry->row.currency = text_copy(state->arena, value->currency);
        carry->row.denominator = 1;
        member->carries[member->carry_count++] = carry; /* undone by the touch of *member */
    }
    TOUCH(state, *carry);
    carry->row.numerator = value->numerator;
    carry->row.denominator = value->denominator;
    carry->changed = true;
    return true;
}

/* Add quantities of one return to those before, lines ascending. */
static void merge_lines(struct state *state, struct returned_part *into,
                        const struct returned_part *part)
{
    struct returned_line *lines =
        arena_allocate(state->arena, (into->line_count + part->line_count) * sizeof *lines);
    size_t count = 0, a = 0, b = 0;
    while (a < into->line_count || b < part->line_count) {
        bool left = b == part->line_count ||
                    (a < into->line_count && into->lines[a].line <= part->lines[b].line);
        struct returned_line line = left ? into->lines[a++] : part->lines[b++];
        if (count > 0 && lines[count - 1].line == line.line)
            lines[count - 1].quantity += line.quantity;
        else
            lines[count++] = line;
    }
    into->lines = lines;
    into->line_count = count;
}

static bool fold_returned(struct state *state, const struct head *head,
                          const struct returned_part *part, struct error *error)
{
    struct returned *returned = NULL;
    if (part->seq >= head->seq)
        return misfit(error, head, _("it returns a later record"));
    if (!state_returned(state, part->seq, &returned, error))
        return false;
    if (returned->exists && returned->part.how != part->how && part->how != RETURNED_ALL)
        return misfit(error, head, _("it returns what has been returned otherwise"));
    TOUCH(state, *returned);
    if (part->how == RETURNED_AMOUNT && !units_add(returned->part.amount, part->amount,
                                                   &returned->part.amount))
        return misfit(error, head, _("it returns too much"));
    returned->part.how = part->how;
    if (part->how == RETURNED_LINES)
        merge_lines(state, &returned->part, part);
    returned->exists = returned->changed = true;
    return true;
}

static bool fold_cancel(struct state *state, const struct head *head, struct error *error)
{
    struct cancelled *cancelled = NULL;
    if (head->of < 0 || head->of >= head->seq)
        return misfit(error, head, _("it cancels nothing"));
    if (!state_cancelled(state, head->of, &cancelled, error))
        return false;
    if (cancelled->row.by >= 0)
        return misfit(error, head, _("what it cancels has been cancelled"));
    TOUCH(state, *cancelled);
    cancelled->row.by = head->seq;
    cancelled->changed = true;
    return true;
}

static bool fold_version(struct state *state, const struct head *head, struct error *error)
{
    (void)error;
    struct programme_row *rows =
        arena_allocate(state->arena, (state->programme_count + 1) * sizeof *rows);
    if (state->programme_count > 0)
        memcpy(rows, state->programmes, state->programme_count * sizeof *rows);
    rows[state->programme_count++] =
        (struct programme_row){head->version.number, head->seq, head->version.from};
    state->programmes = rows;
    return true;
}

static bool fold_lists(struct state *state, const struct head *head, struct member *member,
                       struct wallet *wallet, struct error *error)
{
    for (size_t i = 0; i < head->posting_count; i++) {
        if (!fold_posting(state, head, wallet, &head->postings[i], error))
            return false;
    }
    for (size_t i = 0; i < head->returned_count; i++) {
        if (!fold_returned(state, head, &head->returned[i], error))
            return false;
    }
    for (size_t i = 0; i < head->carry_count; i++) {
        if (!fold_carry(state, head, member, &head->carries[i], error))
            return false;
    }
    return check_wallet(head, wallet, error);
}

bool state_fold(struct state *state, const struct head *head, struct error *error)
{
    struct member *member = NULL;
    struct wallet *wallet = NULL;
    if (!fold_clock(state, head, error))
        return false;
    if (head->has_key && !fold_key(state, head, head->key, error))
        return false;
    if (head->has_receipt && !fold_key(state, head, head->receipt, error))
        return false;
    if (head->member != 0 && (!fold_member(state, head, &member, error) ||
                              !state_wallet(state, member->row.wallet, &wallet, error)))
        return false;
    if (!fold_lots(state, head, member, error) || !fold_lists(state, head, member, wallet, error))
        return false;
    if (head->kind == RECORD_CANCEL && head->part == 0 && !fold_cancel(state, head, error))
        return false;
    return head->version.number == 0 || fold_version(state, head, error);
}

bool state_append(struct state *state, struct head *head, struct text head_bytes, struct text salt,
                  struct text body, struct error *error)
{
    if (!state_fold(state, head, error))
        return false;
    struct hash leaf;
    merkle_leaf(head_bytes.bytes, head_bytes.length, &leaf);
    merkle_edge_append(&state->edge, &leaf);
    struct hash tile;
    if (merkle_edge_tile(&state->edge, &tile)) {
        state->tiles = room(state->arena, state->tiles, state->tile_count, &state->tile_capacity,
                            sizeof *state->tiles);
        struct tile_row *row = &state->tiles[state->tile_count++];
        row->n = (head->seq + 1) / TILE_WIDTH - 1;
        memcpy(row->root, tile.bytes, STORE_HASH);
    }
    state->records = room(state->arena, state->records, state->record_count,
                          &state->record_capacity, sizeof *state->records);
    state->records[state->record_count++] = (struct pending_record){
        {.seq = head->seq, .head = head_bytes, .salt = salt, .body = body,
         .has_body = head->has_body},
        head};
    return true;
}
