/* The tree. One idea carries everything here: a tree of n leaves is a row of
 * complete subtrees, one for each bit of n, and appending is binary counting
 * with a carry: two subtrees of one size become one of the next.
 *
 * Hashing a leaf is the hot path of import and verify: the data go straight into
 * SHA-256, only nodes are copied together (65 bytes in one update). */
#include "merkle.h"

#include <assert.h>
#include <inttypes.h>

#include "sha256.h"

_Static_assert((int)HASH_BYTES == (int)SHA256_BYTES, "the tree is over SHA-256");

bool hash_equal(const struct hash *a, const struct hash *b)
{
    return memcmp(a->bytes, b->bytes, HASH_BYTES) == 0;
}

void merkle_empty(struct hash *out)
{
    struct sha256 hash;
    sha256_start(&hash);
    sha256_finish(&hash, out->bytes);
}

void merkle_leaf(const void *data, size_t length, struct hash *out)
{
    static const unsigned char leaf_prefix = 0x00;
    struct sha256 hash;
    sha256_start(&hash);
    sha256_add(&hash, &leaf_prefix, 1);
    sha256_add(&hash, data, length);
    sha256_finish(&hash, out->bytes);
}

void merkle_node(const struct hash *left, const struct hash *right, struct hash *out)
{
    unsigned char input[1 + 2 * HASH_BYTES];
    struct sha256 hash;
    input[0] = 0x01;
    memcpy(input + 1, left->bytes, HASH_BYTES);
    memcpy(input + 1 + HASH_BYTES, right->bytes, HASH_BYTES);
    sha256_start(&hash);
    sha256_add(&hash, input, sizeof input);
    sha256_finish(&hash, out->bytes);
}

static unsigned subtree_count(uint64_t size)
{
    return (unsigned)__builtin_popcountll(size);
}

void merkle_edge_append(struct merkle_edge *edge, const struct hash *leaf)
{
    assert(edge->size < MERKLE_SIZE_MAX);
    unsigned count = subtree_count(edge->size);
    struct hash root = *leaf;
    for (unsigned level = 0; (edge->size >> level & 1) != 0;) {
        count--;
        merkle_node(&edge->nodes[count], &root, &root);
        level++;
        if (level % TILE_HEIGHT == 0) {
            edge->tiles[level / TILE_HEIGHT - 1] = root;
            edge->tile_size = edge->size + 1;
        }
    }
    edge->nodes[count] = root;
    edge->size++;
}

void merkle_edge_root(const struct merkle_edge *edge, struct hash *out)
{
    unsigned count = subtree_count(edge->size);
    if (count == 0) {
        merkle_empty(out);
        return;
    }
    struct hash root = edge->nodes[count - 1];
    for (unsigned i = count - 1; i > 0; i--)
        merkle_node(&edge->nodes[i - 1], &root, &root);
    *out = root;
}

bool merkle_edge_tile(const struct merkle_edge *edge, unsigned level, struct hash *out)
{
    assert(level >= 1 && level <= TILE_LEVEL_MAX);
    uint64_t leaves = UINT64_C(1) << (level * TILE_HEIGHT);
    if (edge->size == 0 || edge->tile_size != edge->size || edge->size % leaves != 0)
        return false;
    *out = edge->tiles[level - 1];
    return true;
}

void merkle_edge_encode(const struct merkle_edge *edge, struct buffer *buffer)
{
    buffer_add(buffer, edge->nodes, subtree_count(edge->size) * sizeof edge->nodes[0]);
}

bool merkle_edge_decode(uint64_t size, struct text bytes, struct merkle_edge *edge,
                        struct error *error)
{
    if (size > MERKLE_SIZE_MAX)
        return fail(error, ERROR_CORRUPT, _("a tree cannot have %" PRIu64 " leaves"), size);
    size_t expected = subtree_count(size) * sizeof edge->nodes[0];
    if (bytes.length != expected)
        return fail(error, ERROR_CORRUPT,
                    _("the edge of a tree of %" PRIu64 " leaves has %zu bytes, not %zu"), size,
                    expected, bytes.length);
    edge->size = size;
    edge->tile_size = 0;
    if (expected > 0)
        memcpy(edge->nodes, bytes.bytes, expected);
    return true;
}

bool merkle_subtree(const struct hash_source *source, unsigned level, uint64_t index,
                    struct hash *out, struct error *error)
{
    assert(level < 63);
    unsigned row = level - level % TILE_HEIGHT;
    size_t count = (size_t)1 << (level - row);
    struct hash hashes[TILE_WIDTH];
    if (!source->read(source->context, row, index * count, count, hashes, error))
        return false;
    for (; count > 1; count /= 2)
        for (size_t i = 0; i < count / 2; i++)
            merkle_node(&hashes[2 * i], &hashes[2 * i + 1], &hashes[i]);
    *out = hashes[0];
    return true;
}

/* The complete subtrees of a range, largest first, as the edge of a tree. */
static bool read_range(const struct hash_source *source, uint64_t begin, uint64_t size,
                       struct merkle_edge *edge, struct error *error)
{
    assert(size <= MERKLE_SIZE_MAX && begin <= MERKLE_SIZE_MAX - size);
    unsigned count = 0;
    uint64_t at = begin;
    for (unsigned level = 63; level-- > 0;) {
        uint64_t width = UINT64_C(1) << level;
        if ((size & width) == 0)
            continue;
        assert(at % width == 0);
        if (!merkle_subtree(source, level, at / width, &edge->nodes[count], error))
            return false;
        count++;
        at += width;
    }
    edge->size = size;
    edge->tile_size = 0;
    return true;
}

bool merkle_edge_read(const struct hash_source *source, uint64_t size, struct merkle_edge *edge,
                      struct error *error)
{
    return read_range(source, 0, size, edge, error);
}

bool merkle_range_read(const struct hash_source *source, uint64_t begin, uint64_t size,
                       struct hash *out, struct error *error)
{
    struct merkle_edge edge;
    if (!read_range(source, begin, size, &edge, error))
        return false;
    merkle_edge_root(&edge, out);
    return true;
}

bool merkle_root_read(const struct hash_source *source, uint64_t size, struct hash *out,
                      struct error *error)
{
    return merkle_range_read(source, 0, size, out, error);
}
