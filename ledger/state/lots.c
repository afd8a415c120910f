/* Lots in their order: what the store lists, loaded as far as somebody looks, merged
 * with what this batch has opened or moved.
 *
 * The idea to hold: whether an entry counts is asked of the lot itself each time, so an
 * undo, which brings back the lot's bytes, needs to know nothing of what was taken. What
 * was put in, or moved, it brings back: a lot stands in one place, by its own order. */
#include "state_private.h"

static struct lot *find_lot(const struct state *state, int64_t id)
{
    return map_get(&state->lots, map_key_of_number(0, (uint64_t)id));
}

struct lot *state_add_lot(struct state *state, const struct lot_row *row)
{
    struct lot *lot = arena_allocate(state->arena, sizeof *lot);
    lot->row = *row;
    lot->stored.wallet = row->wallet;
    lot->stored.available_from = row->available_from;
    lot->stored.expires = row->expires;
    lot->was_open = row->left > 0;
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
    return true;
}

/* --- The order ------------------------------------------------------------- */

static enum lot_kind kind_of(const struct lot_row *row)
{
    return row->available_from == 0 ? LOT_AVAILABLE : LOT_PENDING;
}

/* Available lots burn by their expiry, pending ones come by their moment; then the
 * older first. */
static moment order_of(const struct lot_row *row)
{
    return row->available_from == 0 ? row->expires : row->available_from;
}

static moment stored_order_of(const struct lot *lot)
{
    return lot->stored.available_from == 0 ? lot->stored.expires : lot->stored.available_from;
}

static bool stands_before(const struct lot *a, const struct lot *b)
{
    moment x = order_of(&a->row), y = order_of(&b->row);
    return x != y ? x < y : a->row.id < b->row.id;
}

static bool is_of(const struct lot_row *row, const struct pocket *pocket, enum lot_kind kind)
{
    return row->left > 0 && row->wallet == pocket->row.wallet && kind_of(row) == kind;
}

/* Does the store list it where it stands now? */
static bool in_store_order(const struct lot *lot)
{
    return !lot->is_new && lot->was_open && lot->stored.wallet == lot->row.wallet &&
           (lot->stored.available_from == 0) == (lot->row.available_from == 0) &&
           stored_order_of(lot) == order_of(&lot->row);
}

/* Does an entry among what this batch opened count, where it stands? */
static bool counts(const struct lot *lot, const struct pocket *pocket, enum lot_kind kind)
{
    return is_of(&lot->row, pocket, kind) && !in_store_order(lot);
}

static void touch_born(struct state *state, struct lot_list *list, size_t from)
{
    TOUCH(state, list->born);
    TOUCH(state, list->born_count);
    TOUCH(state, list->born_capacity);
    if (from < list->born_count)
        state_touch(state, &list->born[from], (list->born_count - from) * sizeof *list->born);
}

static void drop_from_born(struct state *state, struct lot_list *list, const struct lot *lot)
{
    size_t kept = 0;
    touch_born(state, list, 0);
    for (size_t i = 0; i < list->born_count; i++) {
        if (list->born[i] != lot)
            list->born[kept++] = list->born[i];
    }
    list->born_count = kept;
}

void state_list_lot(struct state *state, struct pocket *pocket, struct lot *lot)
{
    enum lot_kind kind = kind_of(&lot->row);
    struct lot_list *list = &pocket->lists[kind];
    if (in_store_order(lot)) {
        list->stored_skip = 0;
        return;
    }
    if (lot->listed)
        drop_from_born(state, list, lot);
    size_t at = list->born_count;
    /* Past what is listed no more: its keys have changed where it stood. */
    while (at > 0 &&
           (!counts(list->born[at - 1], pocket, kind) || stands_before(lot, list->born[at - 1])))
        at--;
    touch_born(state, list, at);
    list->born = state_room(state->arena, list->born, list->born_count, &list->born_capacity,
                            sizeof(struct lot *));
    for (size_t i = list->born_count++; i > at; i--)
        list->born[i] = list->born[i - 1];
    list->born[at] = lot;
    lot->listed = true;
    list->born_skip = 0;
}

/* --- Walking it -------------------------------------------------------------- */

/* The next lots from the store: one at first, since most operations only ask when
 * the first is due, then more and more. */
static bool load_lots(struct state *state, struct pocket *pocket, enum lot_kind kind,
                      struct error *error)
{
    struct lot_list *list = &pocket->lists[kind];
    size_t limit = list->stored_count == 0 ? 1 : list->stored_count < 16 ? 16 : 256;
    const struct lot *last = list->stored_count == 0 ? NULL : list->stored[list->stored_count - 1];
    struct lot_row *rows = NULL;
    size_t count = 0;
    bool (*read)(struct store *, struct arena *, uint64_t, struct text, int64_t, int64_t, size_t,
                 struct lot_row **, size_t *, struct error *) =
        kind == LOT_AVAILABLE ? store_open_lots : store_pending_lots;
    if (!read(state->store, state->arena, pocket->row.wallet, pocket->currency,
              last == NULL ? INT64_MIN : stored_order_of(last), last == NULL ? -1 : last->row.id,
              limit, &rows, &count, error))
        return false;
    for (size_t i = 0; i < count; i++) {
        struct lot *lot = find_lot(state, rows[i].id);
        if (lot == NULL)
            lot = state_add_lot(state, &rows[i]);
        list->stored = state_room(state->arena, list->stored, list->stored_count,
                                  &list->stored_capacity, sizeof(struct lot *));
        list->stored[list->stored_count++] = lot;
    }
    list->stored_all = count < limit;
    return true;
}

static size_t next_stored(const struct pocket *pocket, enum lot_kind kind, size_t from)
{
    const struct lot_list *list = &pocket->lists[kind];
    while (from < list->stored_count &&
           !(is_of(&list->stored[from]->row, pocket, kind) && in_store_order(list->stored[from])))
        from++;
    return from;
}

static size_t next_born(const struct pocket *pocket, enum lot_kind kind, size_t from)
{
    const struct lot_list *list = &pocket->lists[kind];
    while (from < list->born_count && !counts(list->born[from], pocket, kind))
        from++;
    return from;
}

bool state_next_lot(struct state *state, struct pocket *pocket, struct lot_cursor *cursor,
                    struct lot **lot, struct error *error)
{
    enum lot_kind kind = cursor->kind;
    struct lot_list *list = &pocket->lists[kind];
    if (!cursor->started) {
        TOUCH(state, list->stored_skip); /* an undo may open lots at the front again */
        TOUCH(state, list->born_skip);
        list->stored_skip = next_stored(pocket, kind, list->stored_skip);
        list->born_skip = next_born(pocket, kind, list->born_skip);
        *cursor = (struct lot_cursor){kind, list->stored_skip, list->born_skip, true};
    }
    cursor->stored = next_stored(pocket, kind, cursor->stored);
    while (cursor->stored == list->stored_count && !list->stored_all) {
        if (!load_lots(state, pocket, kind, error))
            return false;
        cursor->stored = next_stored(pocket, kind, cursor->stored);
    }
    cursor->born = next_born(pocket, kind, cursor->born);
    struct lot *stored = cursor->stored < list->stored_count ? list->stored[cursor->stored] : NULL;
    struct lot *born = cursor->born < list->born_count ? list->born[cursor->born] : NULL;
    if (stored != NULL && (born == NULL || stands_before(stored, born))) {
        cursor->stored++;
        *lot = stored;
    } else {
        cursor->born += born != NULL;
        *lot = born;
    }
    return true;
}

/* --- What is due --------------------------------------------------------------- */

static bool first_of(struct state *state, struct pocket *pocket, enum lot_kind kind, moment *due,
                     struct error *error)
{
    struct lot_cursor cursor = {.kind = kind};
    struct lot *lot = NULL;
    if (!state_next_lot(state, pocket, &cursor, &lot, error))
        return false;
    if (lot != NULL && order_of(&lot->row) < *due)
        *due = order_of(&lot->row);
    return true;
}

bool state_pocket_due(struct state *state, struct wallet *wallet, struct pocket *pocket,
                      moment *due, struct error *error)
{
    *due = MOMENT_NEVER;
    if (pocket->row.available > 0) {
        *due = pocket->row.idle;
        if (!first_of(state, pocket, LOT_AVAILABLE, due, error))
            return false;
    }
    if (pocket->row.pending > 0 && !first_of(state, pocket, LOT_PENDING, due, error))
        return false;
    if (pocket->row.reserved == 0)
        return true;
    if (!state_open_reservations(state, wallet, error))
        return false;
    for (size_t i = 0; i < wallet->reservation_count; i++) {
        const struct reservation_row *row = &wallet->reservations[i]->row;
        if (row->seq >= 0 && row->by < 0 && text_equal(row->currency, pocket->currency) &&
            row->until < *due)
            *due = row->until;
    }
    return true;
}
