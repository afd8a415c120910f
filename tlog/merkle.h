/* The Merkle tree of RFC 6962 / RFC 9162 over SHA-256: hashing, the right edge
 * that is enough to append, and reading any subtree from stored rows.
 *
 *   leaf = SHA-256(00 || data)   node = SHA-256(01 || left || right)
 *   root of no leaves = SHA-256("")
 *
 * Nothing here knows what a leaf means. Nothing allocates; every structure is
 * plain bytes and may be copied by assignment. Functions that cannot fail give
 * void; the others fill `error` and return false. */
#ifndef LOYALTY_MERKLE_H
#define LOYALTY_MERKLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "buffer.h"
#include "error.h"

enum {
    HASH_BYTES = 32,
    TILE_HEIGHT = 8,               /* levels of the tree in a tile */
    TILE_WIDTH = 1 << TILE_HEIGHT, /* hashes in a full tile */
    TILE_LEVEL_MAX = 7,            /* 8 x 8 levels hold every tree */
    MERKLE_EDGE_MAX = 64
};
/* A tree has at most this many leaves: what a signed 64-bit integer holds. */
#define MERKLE_SIZE_MAX ((uint64_t)INT64_MAX)

struct hash {
    unsigned char bytes[HASH_BYTES];
};
_Static_assert(sizeof(struct hash) == HASH_BYTES, "hashes lie in files and rows without padding");

bool hash_equal(const struct hash *a, const struct hash *b);

void merkle_empty(struct hash *out);
/* `data` may be NULL when length is 0. */
void merkle_leaf(const void *data, size_t length, struct hash *out);
/* `out` may be `left` or `right`. */
void merkle_node(const struct hash *left, const struct hash *right, struct hash *out);

/* The right edge of a tree: the roots of its complete subtrees, largest (and
 * leftmost) first, as many as `size` has bits set. {0} is the empty tree. */
struct merkle_edge {
    uint64_t size; /* leaves, at most MERKLE_SIZE_MAX */
    struct hash nodes[MERKLE_EDGE_MAX];
    struct hash tiles[TILE_LEVEL_MAX]; /* from level 1 on, see merkle_edge_tile */
    uint64_t tile_size;                /* the size at which the latest was completed; 0 never */
};

/* One leaf more. The tree must be smaller than MERKLE_SIZE_MAX. */
void merkle_edge_append(struct merkle_edge *edge, const struct hash *leaf);
void merkle_edge_root(const struct merkle_edge *edge, struct hash *out);
/* The root of the 256^level leaves that end at the tree's size, level 1 to
 * TILE_LEVEL_MAX: true if the latest append completed them (size is a multiple of
 * their number, not 0), else false with *out untouched. The index of such a run is
 * size / 256^level - 1. A decoded edge has lost it: take it right after the append. */
bool merkle_edge_tile(const struct merkle_edge *edge, unsigned level, struct hash *out);

/* To a row and back: the hashes one after another, without the size. Decoding
 * checks the length against the size: ERROR_CORRUPT, for what a store kept. */
void merkle_edge_encode(const struct merkle_edge *edge, struct buffer *buffer);
bool merkle_edge_decode(uint64_t size, struct text bytes, struct merkle_edge *edge,
                        struct error *error);

/* Where a tree is kept: leaf hashes, the roots of complete runs of 256 leaves, those
 * of 256 such runs, and so on. Everything else is computed from these rows, and no
 * node needs more than one read of at most 256 hashes.
 *
 * `read` gives `count` (1 to 256) consecutive hashes from `first` on, of a level of the
 * tree that is a multiple of TILE_HEIGHT: 0 is leaf hashes, 8 the roots of 256, 16
 * those of 65,536. A source answers from bytes it hashed itself or trusts. */
struct hash_source {
    bool (*read)(void *context, unsigned level, uint64_t first, size_t count, struct hash out[],
                 struct error *error);
    void *context;
};

/* The root of the complete subtree of 2^level leaves that starts at leaf
 * index x 2^level. Reads at most 128 hashes of the row below. */
bool merkle_subtree(const struct hash_source *source, unsigned level, uint64_t index,
                    struct hash *out, struct error *error);
/* The edge, or the root, of the first `size` leaves (at most MERKLE_SIZE_MAX):
 * any earlier state of the log. The edge's `tiles` are not filled. */
bool merkle_edge_read(const struct hash_source *source, uint64_t size, struct merkle_edge *edge,
                      struct error *error);
bool merkle_root_read(const struct hash_source *source, uint64_t size, struct hash *out,
                      struct error *error);
/* The root of the leaves `begin` to `begin + size` as a tree of their own. `begin`
 * is a multiple of the smallest power of two that is not below `size`: only such
 * ranges are nodes of a tree. */
bool merkle_range_read(const struct hash_source *source, uint64_t begin, uint64_t size,
                       struct hash *out, struct error *error);

#endif
