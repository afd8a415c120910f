/* The tree against RFC 6962's known answers and against its own definition. */
#include <stdlib.h>

#include "support.h"

static void expect_hash(const char *what, const char *hex, const struct hash *hash)
{
    struct buffer actual = {0};
    buffer_hex(&actual, hash->bytes, HASH_BYTES);
    test_expect_text(what, hex, strlen(hex), actual.bytes, actual.length);
    buffer_free(&actual);
}

/* The leaves and roots that Certificate Transparency implementations share. */
static void test_eight_classic_leaves(void)
{
    static const char *const leaves[8] = {"",
                                          "00",
                                          "10",
                                          "2021",
                                          "3031",
                                          "40414243",
                                          "5051525354555657",
                                          "606162636465666768696a6b6c6d6e6f"};
    static const char *const roots[9] = {
        "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
        "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
        "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
        "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
        "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
        "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
        "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
        "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
        "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328"};
    struct merkle_edge edge = {0};
    struct hash root, leaf;
    for (size_t i = 0; i <= 8; i++) {
        merkle_edge_root(&edge, &root);
        expect_hash("root", roots[i], &root);
        if (i == 8)
            break;
        unsigned char data[16];
        size_t length = test_hex(leaves[i], data, sizeof data);
        merkle_leaf(data, length, &leaf);
        merkle_edge_append(&edge, &leaf);
    }
    merkle_leaf(NULL, 0, &leaf);
    expect_hash("a leaf of no bytes", roots[1], &leaf);
}

static void test_edge_is_the_definition(void)
{
    const struct hash *leaves = test_leaves();
    struct merkle_edge edge = {0};
    for (size_t size = 0; size <= 600; size++) {
        struct hash expected = naive_root(leaves, size), actual;
        merkle_edge_root(&edge, &actual);
        test_expect_integer("size", (long long)size, (long long)edge.size);
        if (!hash_equal(&expected, &actual)) {
            test_expect_integer("the first size whose root differs", -1, (long long)size);
            return;
        }
        merkle_edge_append(&edge, &leaves[size]);
    }
}

static void test_tile_roots_fall_out_of_appending(void)
{
    const struct hash *leaves = test_leaves();
    struct merkle_edge edge = {0};
    struct hash tile;
    CU_ASSERT_FALSE(merkle_edge_tile(&edge, 1, &tile));
    for (size_t i = 0; i < TEST_LEAVES; i++) {
        merkle_edge_append(&edge, &leaves[i]);
        bool complete = (i + 1) % TILE_WIDTH == 0;
        test_expect_integer("a tile is complete", complete, merkle_edge_tile(&edge, 1, &tile));
        if (!complete)
            continue;
        struct hash expected = naive_root(leaves + i + 1 - TILE_WIDTH, TILE_WIDTH);
        CU_ASSERT_TRUE(hash_equal(&expected, &tile));
    }
}

/* The 131,072nd leaf completes a run of 256 and one of 65,536. */
static void test_roots_of_65536_fall_out_of_appending(void)
{
    enum { RUN = TILE_WIDTH * TILE_WIDTH };
    struct hash *leaves = calloc(2 * RUN, sizeof *leaves);
    struct merkle_edge edge = {0};
    struct hash root, expected;
    for (size_t i = 0; i < 2 * RUN; i++) {
        memcpy(leaves[i].bytes, &i, sizeof i);
        merkle_edge_append(&edge, &leaves[i]);
        bool complete = (i + 1) % RUN == 0;
        if (complete != merkle_edge_tile(&edge, 2, &root))
            test_expect_integer("a run is complete at", -1, (long long)i);
        if (!complete)
            continue;
        expected = naive_root(leaves + i + 1 - RUN, RUN);
        CU_ASSERT_TRUE(hash_equal(&expected, &root));
        CU_ASSERT_TRUE(merkle_edge_tile(&edge, 1, &root));
        expected = naive_root(leaves + i + 1 - TILE_WIDTH, TILE_WIDTH);
        CU_ASSERT_TRUE(hash_equal(&expected, &root));
        CU_ASSERT_FALSE(merkle_edge_tile(&edge, 3, &root));
    }
    free(leaves);
}

static void test_edge_round_trip(void)
{
    const struct hash *leaves = test_leaves();
    struct merkle_edge edge = {0}, decoded;
    struct buffer bytes = {0};
    struct error error = {0};
    for (uint64_t size = 0; size < 300; size++) {
        buffer_clear(&bytes);
        merkle_edge_encode(&edge, &bytes);
        CU_ASSERT_TRUE_FATAL(merkle_edge_decode(size, buffer_view(&bytes), &decoded, &error));
        struct hash expected, actual;
        merkle_edge_append(&edge, &leaves[size]);
        merkle_edge_append(&decoded, &leaves[size]);
        merkle_edge_root(&edge, &expected);
        merkle_edge_root(&decoded, &actual);
        CU_ASSERT_TRUE(hash_equal(&expected, &actual));
    }
    buffer_free(&bytes);
}

static void test_edge_of_a_wrong_length_is_corrupt(void)
{
    static const char bytes[3 * HASH_BYTES] = {0};
    struct merkle_edge edge;
    static const struct {
        uint64_t size;
        size_t length;
    } wrong[] = {{0, 32}, {1, 0}, {1, 31}, {1, 33}, {2, 64}, {7, 64}, {UINT64_MAX, 64}};
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        struct error error = {0};
        struct text text = {bytes, wrong[i].length};
        CU_ASSERT_FALSE(merkle_edge_decode(wrong[i].size, text, &edge, &error));
        expect_error("decoding", ERROR_CORRUPT, &error);
    }
}

static void test_any_subtree_comes_from_rows(void)
{
    const struct hash *leaves = test_leaves();
    struct hash_source source = test_source();
    struct error error = {0};
    struct hash actual;
    for (unsigned level = 0; level <= 11; level++)
        for (uint64_t index = 0; (index + 1) << level <= TEST_LEAVES; index++) {
            struct hash expected = naive_root(leaves + (index << level), (size_t)1 << level);
            CU_ASSERT_TRUE(merkle_subtree(&source, level, index, &actual, &error));
            CU_ASSERT_TRUE(hash_equal(&expected, &actual));
        }
}

static void test_earlier_roots_come_from_rows(void)
{
    struct hash_source source = test_source();
    struct error error = {0};
    for (uint64_t size = 0; size <= TEST_LEAVES; size += size < 520 ? 1 : 97) {
        struct hash expected = naive_root(test_leaves(), size), actual;
        CU_ASSERT_TRUE(merkle_root_read(&source, size, &actual, &error));
        CU_ASSERT_TRUE(hash_equal(&expected, &actual));
        struct merkle_edge edge;
        CU_ASSERT_TRUE(merkle_edge_read(&source, size, &edge, &error));
        merkle_edge_root(&edge, &actual);
        CU_ASSERT_TRUE(hash_equal(&expected, &actual));
    }
}

/* Hashes that tell where they stand, and a count of how many were read. */
static bool read_counted(void *context, unsigned level, uint64_t first, size_t count,
                         struct hash out[], struct error *error)
{
    size_t *most = context;
    (void)error;
    CU_ASSERT_EQUAL(level % TILE_HEIGHT, 0);
    *most = count > *most ? count : *most;
    for (size_t i = 0; i < count; i++, first++) {
        memset(out[i].bytes, (int)level, HASH_BYTES);
        memcpy(out[i].bytes, &first, sizeof first);
    }
    return true;
}

static void test_no_node_needs_many_hashes(void)
{
    size_t most = 0;
    struct hash_source source = {read_counted, &most};
    struct hash parts[2], expected, actual;
    struct error error = {0};
    for (unsigned level = 1; level < 40; level++) {
        CU_ASSERT_TRUE(merkle_subtree(&source, level, 3, &actual, &error));
        if (level % TILE_HEIGHT == 0) {
            read_counted(&most, level, 3, 1, &expected, &error);
        } else {
            CU_ASSERT_TRUE(merkle_subtree(&source, level - 1, 6, &parts[0], &error));
            CU_ASSERT_TRUE(merkle_subtree(&source, level - 1, 7, &parts[1], &error));
            merkle_node(&parts[0], &parts[1], &expected);
        }
        CU_ASSERT_TRUE(hash_equal(&expected, &actual));
    }
    test_expect_integer("hashes read at once", TILE_WIDTH / 2, (long long)most);
}

static bool read_nothing(void *context, unsigned level, uint64_t first, size_t count,
                         struct hash out[], struct error *error)
{
    (void)context, (void)level, (void)first, (void)count, (void)out;
    return fail(error, ERROR_IO, "no such row");
}

static void test_a_source_that_fails_is_heard(void)
{
    struct hash_source source = {read_nothing, NULL};
    struct error error = {0};
    struct hash root;
    CU_ASSERT_FALSE(merkle_root_read(&source, 5, &root, &error));
    expect_error("reading", ERROR_IO, &error);
}

const struct test_case merkle_cases[] = {
    {"the eight classic leaves", test_eight_classic_leaves},
    {"the edge is the definition, sizes 0 to 600", test_edge_is_the_definition},
    {"tile roots fall out of appending", test_tile_roots_fall_out_of_appending},
    {"and the roots of 65,536", test_roots_of_65536_fall_out_of_appending},
    {"an edge goes to bytes and back", test_edge_round_trip},
    {"an edge of a wrong length is corrupt", test_edge_of_a_wrong_length_is_corrupt},
    {"any subtree comes from stored rows", test_any_subtree_comes_from_rows},
    {"earlier roots come from stored rows", test_earlier_roots_come_from_rows},
    {"no node needs more than 128 hashes", test_no_node_needs_many_hashes},
    {"a source that fails is heard", test_a_source_that_fails_is_heard},
    {NULL, NULL},
};
