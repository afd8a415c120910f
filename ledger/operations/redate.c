/* A rule of expiry that is for points earned before, too: when its version comes into
 * force, every lot of the currency gets the date that the rule gives to its `earned`. */
#include "context.h"

const struct version *next_rule(const struct context *context, const struct pocket *pocket,
                                moment until)
{
    const struct balance_row *row = &pocket->row;
    if (row->available == 0 && row->pending == 0 && row->reserved == 0)
        return NULL;
    return version_redating(context->ledger, pocket->currency, row->dated, until);
}

/* Lots on their way to new dates. */
struct lots {
    struct lot **list;
    size_t count, capacity;
};

static void add(struct context *context, struct lots *lots, struct lot *lot)
{
    if (lots->count == lots->capacity) {
        lots->capacity = lots->capacity == 0 ? 16 : 2 * lots->capacity;
        struct lot **larger = arena_allocate(context->arena, lots->capacity * sizeof *larger);
        if (lots->count > 0)
            memcpy(larger, lots->list, lots->count * sizeof *larger);
        lots->list = larger;
    }
    lots->list[lots->count++] = lot;
}

static bool is_listed(const struct lots *lots, const struct lot *lot)
{
    for (size_t i = 0; i < lots->count; i++) {
        if (lots->list[i] == lot)
            return true;
    }
    return false;
}

static bool add_open(struct context *context, struct pocket *pocket, enum lot_kind kind,
                     struct lots *lots, struct error *error)
{
    struct lot_cursor cursor = {.kind = kind};
    struct lot *lot = NULL;
    for (;;) {
        if (!state_next_lot(context->state, pocket, &cursor, &lot, error))
            return false;
        if (lot == NULL)
            return true;
        add(context, lots, lot);
    }
}

/* Lots of which nothing is left but what a reservation holds: it may come back. */
static bool add_reserved(struct context *context, const struct pocket *pocket, struct lots *lots,
                         struct error *error)
{
    struct wallet *wallet = context->wallet;
    if (pocket->row.reserved == 0)
        return true;
    if (!state_open_reservations(context->state, wallet, error))
        return false;
    for (size_t i = 0; i < wallet->reservation_count; i++) {
        const struct reservation_row *row = &wallet->reservations[i]->row;
        struct taken *held = NULL;
        size_t count = 0;
        if (row->seq < 0 || row->by >= 0 || !text_equal(row->currency, pocket->currency))
            continue;
        if (!reserved_lots(context, row->seq, &held, &count, error))
            return false;
        for (size_t k = 0; k < count; k++) {
            struct lot *lot = NULL;
            if (!state_lot(context->state, held[k].lot, &lot, error))
                return false;
            if (lot->row.left == 0 && !is_listed(lots, lot)) /* two may hold points of one lot */
                add(context, lots, lot);
        }
    }
    return true;
}

static moment new_date(const struct version *version, const struct lot_row *row)
{
    const struct programme *programme = version->programme;
    const struct points *points =
        &programme->points[programme_points_index(programme, row->currency)];
    if (row->available_from == MOMENT_NEVER)
        return MOMENT_NEVER; /* dated by the operation that releases it */
    moment expires = points_expiry_earned(programme, points, row->earned);
    return expires > row->available_from ? expires : row->available_from;
}

bool redate(struct context *context, struct pocket *pocket, const struct version *version,
            struct error *error)
{
    struct lots lots = {0};
    if (!add_open(context, pocket, LOT_AVAILABLE, &lots, error) ||
        !add_open(context, pocket, LOT_PENDING, &lots, error) ||
        !add_reserved(context, pocket, &lots, error))
        return false;
    int64_t part = 0;
    for (size_t done = 0; done < lots.count; part++) {
        size_t count = lots.count - done < LIMIT_MOVEMENTS ? lots.count - done : LIMIT_MOVEMENTS;
        struct head *head = elapse_head(context, version->from);
        head->part = part;
        head->programme = version->number;
        head->dates = arena_allocate(context->arena, count * sizeof *head->dates);
        head->date_count = count;
        for (size_t i = 0; i < count; i++) {
            const struct lot_row *row = &lots.list[done + i]->row;
            head->dates[i] = (struct redate){row->id, new_date(version, row)};
        }
        if (!record_write(context, head, (struct text){0}, error))
            return false;
        done += count;
    }
    return true;
}
