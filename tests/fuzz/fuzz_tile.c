/* Any bytes as a tile's path, an entry bundle, a hash tile and a tree's edge.
 * What is read, written again, is the same bytes. */
#include "tile.h"

#include <stdlib.h>

#define REQUIRE(condition)                                                                         \
    do {                                                                                           \
        if (!(condition))                                                                          \
            abort();                                                                               \
    } while (0)

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length);

static void try_path(struct text input)
{
    struct error error = {0};
    struct tile tile;
    struct buffer again = {0};
    if (tile_path_parse(input, &tile, &error)) {
        tile_path_format(&again, tile);
        REQUIRE(text_equal(buffer_view(&again), input));
    } else {
        REQUIRE(error.code == ERROR_INVALID_FIELD);
    }
    buffer_free(&again);
}

static void try_bundle(struct text input)
{
    struct error error = {0};
    struct text rest = input, entry;
    struct buffer again = {0};
    unsigned count = 0;
    while (entries_next(&rest, &entry, &error)) {
        REQUIRE(entries_add(&again, entry, &error));
        count++;
    }
    struct text taken = {input.bytes, input.length - rest.length};
    REQUIRE(text_equal(buffer_view(&again), taken));
    bool whole = error.code == ERROR_NONE;
    REQUIRE(whole == (rest.length == 0));
    struct hash leaves[TILE_WIDTH];
    if (count >= 1 && count <= TILE_WIDTH)
        REQUIRE(entries_hash(input, count, leaves, &error) == whole);
    REQUIRE(count == 7 || !entries_hash(input, 7, leaves, &error));
    buffer_free(&again);
}

static void try_hashes(struct text input)
{
    struct error error = {0};
    struct hash hashes[TILE_WIDTH];
    size_t width = input.length / HASH_BYTES;
    if (width >= 1 && width <= TILE_WIDTH)
        REQUIRE(tile_parse(input, (unsigned)width, hashes, &error) ==
                (input.length % HASH_BYTES == 0));
}

/* Eight bytes of size, then an edge. */
static void try_edge(struct text input)
{
    struct error error = {0};
    struct merkle_edge edge;
    uint64_t size;
    if (input.length < sizeof size)
        return;
    memcpy(&size, input.bytes, sizeof size);
    struct text bytes = {input.bytes + sizeof size, input.length - sizeof size};
    if (!merkle_edge_decode(size, bytes, &edge, &error))
        return;
    struct buffer again = {0};
    merkle_edge_encode(&edge, &again);
    REQUIRE(text_equal(buffer_view(&again), bytes));
    struct hash root;
    merkle_edge_root(&edge, &root);
    if (size < MERKLE_SIZE_MAX)
        merkle_edge_append(&edge, &root);
    buffer_free(&again);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
    struct text input = {(const char *)bytes, length};
    try_path(input);
    try_bundle(input);
    try_hashes(input);
    try_edge(input);
    return 0;
}
