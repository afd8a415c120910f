/* Tiles: names of files and the bytes in them. */
#include "tile.h"

#include <assert.h>
#include <inttypes.h>

#include "spelling.h"

#define HASH_PREFIX "tile/"
#define ENTRIES_PREFIX "tile/entries/"

/* Levels of the tree below a tile's hashes. */
static unsigned tile_base(int level)
{
    assert(level >= TILE_ENTRIES && level <= TILE_LEVEL_MAX);
    return level == TILE_ENTRIES ? 0 : (unsigned)level * TILE_HEIGHT;
}

uint64_t tile_count(uint64_t size, int level)
{
    uint64_t hashes = size >> tile_base(level);
    return hashes / TILE_WIDTH + (hashes % TILE_WIDTH != 0);
}

unsigned tile_width(uint64_t size, int level, uint64_t index)
{
    uint64_t hashes = size >> tile_base(level);
    if (index < hashes / TILE_WIDTH)
        return TILE_WIDTH;
    return index == hashes / TILE_WIDTH ? (unsigned)(hashes % TILE_WIDTH) : 0;
}

void tile_path_format(struct buffer *buffer, struct tile tile)
{
    assert(tile.width >= 1 && tile.width <= TILE_WIDTH && tile.level <= TILE_LEVEL_MAX);
    if (tile.level == TILE_ENTRIES)
        buffer_string(buffer, ENTRIES_PREFIX);
    else
        buffer_format(buffer, HASH_PREFIX "%d/", tile.level);
    uint64_t scale = 1;
    while (tile.index / scale >= 1000)
        scale *= 1000;
    for (; scale > 1; scale /= 1000)
        buffer_format(buffer, "x%03" PRIu64 "/", tile.index / scale % 1000);
    buffer_format(buffer, "%03" PRIu64, tile.index % 1000);
    if (tile.width < TILE_WIDTH)
        buffer_format(buffer, ".p/%u", tile.width);
}

/* Three digits off the front of *path. */
static bool take_group(struct text *path, unsigned *group)
{
    if (path->length < 3)
        return false;
    *group = 0;
    for (size_t i = 0; i < 3; i++) {
        if (path->bytes[i] < '0' || path->bytes[i] > '9')
            return false;
        *group = *group * 10 + (unsigned)(path->bytes[i] - '0');
    }
    path->bytes += 3;
    path->length -= 3;
    return true;
}

/* x001/x234/067; at most `max`. */
static bool take_index(struct text *path, uint64_t max, uint64_t *index)
{
    unsigned group;
    bool more = prefix_take(path, "x"), first = true;
    *index = 0;
    do {
        if (!take_group(path, &group) || (first && more && group == 0))
            return false;
        if (group > max || *index > (max - group) / 1000)
            return false;
        *index = *index * 1000 + group;
        first = false;
        if (!more)
            return true;
        if (!prefix_take(path, "/"))
            return false;
        more = prefix_take(path, "x");
    } while (true);
}

static bool take_level(struct text *path, int *level)
{
    *level = TILE_ENTRIES;
    if (prefix_take(path, ENTRIES_PREFIX))
        return true;
    if (!prefix_take(path, HASH_PREFIX) || path->length == 0)
        return false;
    *level = path->bytes[0] - '0';
    path->bytes++;
    path->length--;
    return *level >= 0 && *level <= TILE_LEVEL_MAX && prefix_take(path, "/");
}

static bool parse_path(struct text path, struct tile *tile)
{
    if (!take_level(&path, &tile->level))
        return false;
    /* The last tile of the largest tree; on the top level a tile ends early. */
    unsigned below = tile_base(tile->level) + TILE_HEIGHT;
    uint64_t last = below < 63 ? MERKLE_SIZE_MAX >> below : 0;
    if (!take_index(&path, last, &tile->index))
        return false;
    uint64_t width = TILE_WIDTH;
    if (prefix_take(&path, ".p/")) {
        if (!number_parse(path, TILE_WIDTH - 1, &width) || width == 0)
            return false;
        path.length = 0;
    }
    tile->width = (unsigned)width;
    return path.length == 0;
}

bool tile_path_parse(struct text path, struct tile *tile, struct error *error)
{
    if (path.length <= TILE_PATH_MAX && parse_path(path, tile))
        return true;
    fail(error, ERROR_INVALID_FIELD, _("not a tile's path"));
    return hint(error, _("like tile/0/x001/x234/067 or tile/entries/000.p/12"));
}

bool tile_write(struct buffer *buffer, const struct hash_source *source, struct tile tile,
                struct error *error)
{
    assert(tile.level >= 0 && tile.width >= 1 && tile.width <= TILE_WIDTH);
    struct hash hashes[TILE_WIDTH];
    if (!source->read(source->context, tile_base(tile.level), tile.index * TILE_WIDTH, tile.width,
                      hashes, error))
        return false;
    buffer_add(buffer, hashes, tile.width * sizeof hashes[0]);
    return true;
}

bool tile_parse(struct text bytes, unsigned width, struct hash hashes[TILE_WIDTH],
                struct error *error)
{
    assert(width >= 1 && width <= TILE_WIDTH);
    if (bytes.length != (size_t)width * HASH_BYTES)
        return fail(error, ERROR_INVALID_RECORD, _("a tile of %u hashes has %zu bytes, not %zu"),
                    width, (size_t)width * HASH_BYTES, bytes.length);
    memcpy(hashes, bytes.bytes, bytes.length);
    return true;
}

bool entries_add(struct buffer *bundle, struct text entry, struct error *error)
{
    if (entry.length > TILE_ENTRY_MAX)
        return fail(error, ERROR_LIMIT, _("an entry of a tile has at most %d bytes, not %zu"),
                    TILE_ENTRY_MAX, entry.length);
    const unsigned char length[2] = {(unsigned char)(entry.length >> 8),
                                     (unsigned char)(entry.length & 0xFF)};
    buffer_add(bundle, length, sizeof length);
    buffer_text(bundle, entry);
    return true;
}

bool entries_next(struct text *rest, struct text *entry, struct error *error)
{
    if (rest->length == 0) {
        error->code = ERROR_NONE;
        return false;
    }
    if (rest->length < 2)
        return fail(error, ERROR_INVALID_RECORD, _("the entry bundle ends inside a length"));
    size_t length = (size_t)(unsigned char)rest->bytes[0] << 8 | (unsigned char)rest->bytes[1];
    if (rest->length - 2 < length)
        return fail(error, ERROR_INVALID_RECORD,
                    _("the entry bundle ends inside an entry: %zu bytes of %zu"), rest->length - 2,
                    length);
    *entry = (struct text){rest->bytes + 2, length};
    rest->bytes += 2 + length;
    rest->length -= 2 + length;
    return true;
}

bool entries_hash(struct text bundle, unsigned width, struct hash leaves[TILE_WIDTH],
                  struct error *error)
{
    assert(width >= 1 && width <= TILE_WIDTH);
    struct text entry;
    unsigned count = 0;
    while (entries_next(&bundle, &entry, error)) {
        if (count < width)
            merkle_leaf(entry.bytes, entry.length, &leaves[count]);
        count++;
    }
    if (error->code != ERROR_NONE)
        return false;
    if (count != width)
        return fail(error, ERROR_INVALID_RECORD, _("the entry bundle has %u entries, not %u"),
                    count, width);
    return true;
}
