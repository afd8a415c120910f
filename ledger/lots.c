/* Lots in burn order: what the store has open, loaded as far as somebody looks,
 * merged with what this batch has opened. */
#include "state_private.h"

static struct lot *find_lot(const struct state *state, int64_t id)
{
    return map_get(&state->lots, map_key_of_number(0, (uint64_t)id));
}

struct lot *state_add_lot(struct state *state, const struct lot_row *row)
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
    *out = state_add_lot(state, &row);
    (*out)->listed = row.left > 0; /* load_lots() has met it, or will */
    return true;
}

/* Burn order: earliest expiry first, never last, then the oldest. */
static bool burns_before(const struct lot *a, const struct lot *b)
{
    return a->row.expires != b->row.expires ? a->row.expires < b->row.expires
                                            : a->row.id < b->row.id;
}

void state_list_lot(struct state *state, struct pocket *pocket, struct lot *lot)
{
    pocket->born = state_room(state->arena, pocket->born, pocket->born_count,
                              &pocket->born_capacity, sizeof(struct lot *));
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
    const struct lot *last =
        pocket->stored_count == 0 ? NULL : pocket->stored[pocket->stored_count - 1];
    struct lot_row *rows = NULL;
    size_t count = 0;
    if (!store_open_lots(state->store, state->arena, pocket->row.wallet, pocket->currency,
                         last == NULL ? INT64_MIN : last->row.expires,
                         last == NULL ? -1 : last->row.id, limit, &rows, &count, error))
        return false;
    for (size_t i = 0; i < count; i++) {
        struct lot *lot = find_lot(state, rows[i].id);
        if (lot == NULL)
            lot = state_add_lot(state, &rows[i]);
        lot->listed = true;
        pocket->stored = state_room(state->arena, pocket->stored, pocket->stored_count,
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
        TOUCH(state, pocket->stored_skip); /* an undo may open lots at the front again */
        TOUCH(state, pocket->born_skip);
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
    struct lot *stored =
        cursor->stored < pocket->stored_count ? pocket->stored[cursor->stored] : NULL;
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
