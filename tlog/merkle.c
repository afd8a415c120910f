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
        if (level == TILE_HEIGHT) {
            edge->tile = root;
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

bool merkle_edge_tile(const struct merkle_edge *edge, struct hash *out)
{
    if (edge->size == 0 || edge->tile_size != edge->size)
        return false;
    *out = edge->tile;
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

/* Append `count` hashes of a stored row to a tree whose leaves they are. */
static bool append_row(const struct hash_source *source, unsigned row, uint64_t first,
                       uint64_t count, struct merkle_edge *edge, struct error *error)
{
    struct hash hashes[TILE_WIDTH];
    while (count > 0) {
        size_t take = count < TILE_WIDTH ? (size_t)count : TILE_WIDTH;
        if (!source->read(source->context, row, first, take, hashes, error))
            return false;
        for (size_t i = 0; i < take; i++)
            merkle_edge_append(edge, &hashes[i]);
        first += take;
        count -= take;
    }
    return true;
}

bool merkle_subtree(const struct hash_source *source, unsigned level, uint64_t index,
                    struct hash *out, struct error *error)
{
    assert(level < 63);
    unsigned row = level < TILE_HEIGHT ? 0 : TILE_HEIGHT;
    uint64_t count = UINT64_C(1) << (level - row);
    struct merkle_edge subtree;
    subtree.size = 0;
    subtree.tile_size = 0;
    if (!append_row(source, row, index * count, count, &subtree, error))
        return false;
    assert(subtree.size == count);
    *out = subtree.nodes[0];
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
