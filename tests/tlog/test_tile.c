/* Names of tiles and the bytes in them. */
#include "tile.h"

#include <stdlib.h>

#include "support.h"

static void test_paths(void)
{
    static const struct {
        const char *path;
        struct tile tile;
    } cases[] = {
        {"tile/0/000", {0, 0, 256}},
        {"tile/0/000.p/1", {0, 0, 1}},
        {"tile/0/000.p/255", {0, 0, 255}},
        {"tile/0/x001/x234/067", {0, 1234067, 256}},
        {"tile/1/x001/000", {1, 1000, 256}},
        {"tile/2/999.p/17", {2, 999, 17}},
        {"tile/7/000.p/127", {7, 0, 127}},
        {"tile/entries/000.p/12", {TILE_ENTRIES, 0, 12}},
        {"tile/entries/x010/002", {TILE_ENTRIES, 10002, 256}},
        {"tile/0/x036/x028/x797/x018/x963/967", {0, UINT64_C(36028797018963967), 256}},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct buffer path = {0};
        struct tile tile;
        struct error error = {0};
        tile_path_format(&path, cases[i].tile);
        test_expect_text("path", cases[i].path, strlen(cases[i].path), path.bytes, path.length);
        CU_ASSERT(path.length <= TILE_PATH_MAX);
        CU_ASSERT_TRUE_FATAL(tile_path_parse(text_of(cases[i].path), &tile, &error));
        CU_ASSERT_EQUAL(tile.level, cases[i].tile.level);
        CU_ASSERT_EQUAL(tile.index, cases[i].tile.index);
        CU_ASSERT_EQUAL(tile.width, cases[i].tile.width);
        buffer_free(&path);
    }
}

static void test_other_spellings_are_refused(void)
{
    static const char *const paths[] = {
        "",
        "tile",
        "tile/",
        "tile/0",
        "tile/0/",
        "tile/0/0",
        "tile/0/0000",
        "tile/0/00a",
        "tile/0/000/",
        "tile/0/x000/000",
        "tile/0/x001",
        "tile/0/x001/",
        "tile/0/001/002",
        "tile/0/x001/x002",
        "tile/00/000",
        "tile/8/000",
        "tile/-1/000",
        "tile/10/000",
        "tile/0/000.p/0",
        "tile/0/000.p/01",
        "tile/0/000.p/256",
        "tile/0/000.p/",
        "tile/0/000.p/1/",
        "tile/7/001",
        "tile/entries/",
        "tile/entries",
        "tile/0/../000",
        "tile/0/x036/x028/x797/x018/x963/968",
        "tile/0/x999/x999/x999/x999/x999/x999/999",
        "/tile/0/000",
        NULL,
    };
    for (size_t i = 0; paths[i] != NULL; i++) {
        struct tile tile;
        struct error error = {0};
        CU_ASSERT_FALSE(tile_path_parse(text_of(paths[i]), &tile, &error));
        expect_error(paths[i], ERROR_INVALID_FIELD, &error);
    }
}

/* The example of the specification: a tree of 70,000. */
static void test_counts(void)
{
    test_expect_integer("level 0", 274, (long long)tile_count(70000, 0));
    test_expect_integer("entries", 274, (long long)tile_count(70000, TILE_ENTRIES));
    test_expect_integer("a full tile", 256, tile_width(70000, 0, 272));
    test_expect_integer("the partial tile", 112, tile_width(70000, 0, 273));
    test_expect_integer("no tile", 0, tile_width(70000, 0, 274));
    test_expect_integer("level 1", 2, (long long)tile_count(70000, 1));
    test_expect_integer("a full tile", 256, tile_width(70000, 1, 0));
    test_expect_integer("the partial tile", 17, tile_width(70000, 1, 1));
    test_expect_integer("level 2", 1, (long long)tile_count(70000, 2));
    test_expect_integer("the partial tile", 1, tile_width(70000, 2, 0));
    test_expect_integer("level 3", 0, (long long)tile_count(70000, 3));
    test_expect_integer("size 256, level 0", 256, tile_width(256, 0, 0));
    test_expect_integer("size 256, level 0, next", 0, tile_width(256, 0, 1));
    test_expect_integer("size 256, level 1", 1, tile_width(256, 1, 0));
    test_expect_integer("size 0", 0, (long long)tile_count(0, 0));
    test_expect_integer("the largest tree's top", 127, tile_width(MERKLE_SIZE_MAX, 7, 0));
}

/* A tile is a tree over its hashes: its root is the hash one level up. */
static void test_hash_tiles(void)
{
    struct hash_source source = test_source();
    struct buffer bytes = {0};
    struct error error = {0};
    struct hash hashes[TILE_WIDTH];
    for (uint64_t index = 0; index < tile_count(TEST_LEAVES, 0); index++) {
        struct tile tile = {0, index, tile_width(TEST_LEAVES, 0, index)};
        buffer_clear(&bytes);
        CU_ASSERT_TRUE(tile_write(&bytes, &source, tile, &error));
        CU_ASSERT_TRUE(tile_parse(buffer_view(&bytes), tile.width, hashes, &error));
        CU_ASSERT_EQUAL(
            memcmp(hashes, test_leaves() + index * TILE_WIDTH, tile.width * sizeof hashes[0]), 0);
    }
    struct tile above = {1, 0, tile_width(TEST_LEAVES, 1, 0)};
    buffer_clear(&bytes);
    CU_ASSERT_TRUE(tile_write(&bytes, &source, above, &error));
    CU_ASSERT_TRUE(tile_parse(buffer_view(&bytes), above.width, hashes, &error));
    for (unsigned i = 0; i < above.width; i++) {
        struct hash expected = naive_root(test_leaves() + i * TILE_WIDTH, TILE_WIDTH);
        CU_ASSERT_TRUE(hash_equal(&expected, &hashes[i]));
    }
    CU_ASSERT_FALSE(tile_parse(buffer_view(&bytes), above.width + 1, hashes, &error));
    expect_error("a tile cut short", ERROR_INVALID_RECORD, &error);
    buffer_free(&bytes);
}

static bool read_one_hash(void *context, unsigned level, uint64_t first, size_t count,
                          struct hash out[], struct error *error)
{
    (void)context, (void)error;
    CU_ASSERT_EQUAL(level, 2 * TILE_HEIGHT);
    CU_ASSERT_EQUAL(first, 3 * TILE_WIDTH);
    for (size_t i = 0; i < count; i++)
        memset(out[i].bytes, 0x5A + (int)i, HASH_BYTES);
    return true;
}

/* Level 2 holds the roots of 65,536 leaves, as they are kept. */
static void test_a_tile_of_level_2(void)
{
    struct hash_source source = {read_one_hash, NULL};
    struct hash hashes[TILE_WIDTH];
    struct error error = {0};
    struct buffer bytes = {0};
    CU_ASSERT_TRUE(tile_write(&bytes, &source, (struct tile){2, 3, 2}, &error));
    CU_ASSERT_TRUE(tile_parse(buffer_view(&bytes), 2, hashes, &error));
    CU_ASSERT_EQUAL(hashes[0].bytes[31], 0x5A);
    CU_ASSERT_EQUAL(hashes[1].bytes[31], 0x5B);
    buffer_free(&bytes);
}

static void test_entries(void)
{
    struct buffer bundle = {0};
    struct error error = {0};
    char *large = calloc(1, TILE_ENTRY_MAX + 1);
    struct text entry, rest;
    struct hash leaves[TILE_WIDTH], expected;
    CU_ASSERT_TRUE(entries_add(&bundle, text_of("one"), &error));
    CU_ASSERT_TRUE(entries_add(&bundle, (struct text){0}, &error));
    CU_ASSERT_TRUE(entries_add(&bundle, (struct text){large, TILE_ENTRY_MAX}, &error));
    size_t length = bundle.length;
    CU_ASSERT_FALSE(entries_add(&bundle, (struct text){large, TILE_ENTRY_MAX + 1}, &error));
    expect_error("an entry too long", ERROR_LIMIT, &error);
    CU_ASSERT_EQUAL(bundle.length, length);
    test_expect_text("bytes", "\0\3one\0\0\377\377", 9, bundle.bytes, 9);

    rest = buffer_view(&bundle);
    static const size_t lengths[] = {3, 0, TILE_ENTRY_MAX};
    for (size_t i = 0; i < 3; i++) {
        CU_ASSERT_TRUE(entries_next(&rest, &entry, &error));
        CU_ASSERT_EQUAL(entry.length, lengths[i]);
    }
    CU_ASSERT_FALSE(entries_next(&rest, &entry, &error));
    expect_error("the end", ERROR_NONE, &error);
    CU_ASSERT_TRUE(entries_hash(buffer_view(&bundle), 3, leaves, &error));
    merkle_leaf("one", 3, &expected);
    CU_ASSERT_TRUE(hash_equal(&expected, &leaves[0]));
    for (unsigned width = 1; width <= 4; width++)
        CU_ASSERT_EQUAL(entries_hash(buffer_view(&bundle), width, leaves, &error), width == 3);
    for (size_t cut = 1; cut < 12; cut++) {
        struct text part = {bundle.bytes, bundle.length - cut};
        CU_ASSERT_FALSE(entries_hash(part, 3, leaves, &error));
        expect_error("a bundle cut short", ERROR_INVALID_RECORD, &error);
    }
    free(large);
    buffer_free(&bundle);
}

const struct test_case tile_cases[] = {
    {"paths of tiles", test_paths},
    {"other spellings are refused", test_other_spellings_are_refused},
    {"how many tiles, how wide", test_counts},
    {"hash tiles", test_hash_tiles},
    {"a tile of level 2", test_a_tile_of_level_2},
    {"entry bundles", test_entries},
    {NULL, NULL},
};
