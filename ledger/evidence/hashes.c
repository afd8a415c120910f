/* See hashes.h. */
#include "hashes.h"

struct entry entry_of_row(const struct record_row *row)
{
    return (struct entry){row->seq, row->head, row->salt, row->body, row->has_body, NULL};
}

struct leaves {
    struct hash *out;
    size_t count;
};

static bool hash_record(void *context, const struct record_row *row, struct error *error)
{
    struct leaves *leaves = context;
    (void)error;
    merkle_leaf(row->head.bytes, row->head.length, &leaves->out[leaves->count++]);
    return true;
}

static bool read_leaves(struct ledger *ledger, uint64_t first, size_t count, struct hash out[],
                        struct error *error)
{
    struct leaves leaves = {.out = out};
    if (!store_each_record(ledger->store, (int64_t)first, (int64_t)(first + count), hash_record,
                           &leaves, error))
        return false;
    return leaves.count == count ||
           fail(error, ERROR_CORRUPT, _("records from %lld on are missing"), (long long)first);
}

static bool read_tiles(struct ledger *ledger, unsigned level, uint64_t first, size_t count,
                       struct hash out[], struct error *error)
{
    struct tile_row rows[TILE_WIDTH];
    size_t found = 0;
    if (!store_tiles(ledger->store, level, (int64_t)first, count, rows, &found, error))
        return false;
    for (size_t i = 0; i < found && rows[i].n == (int64_t)(first + i); i++)
        memcpy(out[i].bytes, rows[i].root, HASH_BYTES);
    if (found == count && rows[count - 1].n == (int64_t)(first + count - 1))
        return true;
    fail(error, ERROR_CORRUPT, _("roots of tiles from %lld on are missing"), (long long)first);
    return hint(error, _("`loyalty rebuild` makes them again from the log"));
}

static bool read_hashes(void *context, unsigned level, uint64_t first, size_t count,
                        struct hash out[], struct error *error)
{
    return level == 0 ? read_leaves(context, first, count, out, error)
                      : read_tiles(context, level / TILE_HEIGHT, first, count, out, error);
}

struct hash_source ledger_hashes(struct ledger *ledger)
{
    return (struct hash_source){read_hashes, ledger};
}
