/* Proofs as properties: every proof that we make is accepted, and no change of
 * one is. One exception is in the nature of proofs and is pinned here: a proof
 * says nothing about a tree size that would have the same shape of path; the
 * signed checkpoint binds the size. */
#include "proof.h"

#include <stdio.h>

#include "support.h"

enum { SIZES = 70 };

static struct hash roots[SIZES + 2];

static void make_roots(void)
{
    for (size_t size = 0; size < SIZES + 2; size++)
        roots[size] = naive_root(test_leaves(), size);
}

struct claim {
    bool is_growth;          /* else inclusion */
    uint64_t small, size;    /* index or old size; size or new size */
    struct hash start, root; /* leaf hash or old root; (new) root */
};

static bool holds(const struct claim *claim, const struct proof *proof, struct error *error)
{
    error->code = ERROR_NONE;
    return claim->is_growth ? proof_consistency_verify(claim->small, claim->size, &claim->start,
                                                       &claim->root, proof, error)
                            : proof_inclusion_verify(claim->small, claim->size, &claim->start,
                                                     proof, &claim->root, error);
}

static void expect_refused(const char *change, const struct claim *claim, const struct proof *proof)
{
    struct error error = {0};
    bool accepted = holds(claim, proof, &error);
    if (accepted)
        printf("\n    %s %llu of %llu is accepted with %s\n", claim->is_growth ? "growth" : "leaf",
               (unsigned long long)claim->small, (unsigned long long)claim->size, change);
    CU_ASSERT_FALSE(accepted);
    CU_ASSERT(accepted || error.code == ERROR_NOT_VERIFIED || error.code == ERROR_INVALID_PROOF);
}

static void insert_hash(struct proof *proof, size_t at, struct hash hash)
{
    memmove(&proof->hashes[at + 1], &proof->hashes[at], (proof->count - at) * sizeof hash);
    proof->hashes[at] = hash;
    proof->count++;
}

static void drop_hash(struct proof *proof, size_t at)
{
    proof->count--;
    memmove(&proof->hashes[at], &proof->hashes[at + 1],
            (proof->count - at) * sizeof proof->hashes[0]);
}

static void change_hashes(const struct claim *claim, const struct proof *proof)
{
    for (size_t i = 0; i < proof->count; i++) {
        struct proof changed = *proof;
        size_t bit = (claim->small * 31 + claim->size * 7 + i * 13) % (8 * HASH_BYTES);
        changed.hashes[i].bytes[bit / 8] ^= (unsigned char)(1u << bit % 8);
        expect_refused("a flipped bit", claim, &changed);
        changed = *proof;
        drop_hash(&changed, i);
        expect_refused("a hash dropped", claim, &changed);
    }
    for (size_t i = 0; i <= proof->count; i++) {
        struct proof changed = *proof;
        insert_hash(&changed, i, i % 2 == 0 ? claim->root : claim->start);
        expect_refused("a hash added", claim, &changed);
    }
    for (size_t i = 0; i + 1 < proof->count; i++) {
        struct proof changed = *proof;
        changed.hashes[i] = proof->hashes[i + 1];
        changed.hashes[i + 1] = proof->hashes[i];
        expect_refused("two hashes swapped", claim, &changed);
    }
}

static void change_ends(const struct claim *claim, const struct proof *proof)
{
    struct claim changed = *claim;
    changed.start.bytes[claim->size % HASH_BYTES] ^= 1;
    expect_refused("another start", &changed, proof);
    /* From nothing, any tree has grown: there is no new root to check. */
    if (!claim->is_growth || claim->small > 0) {
        changed = *claim;
        changed.root.bytes[claim->small % HASH_BYTES] ^= 0x80;
        expect_refused("another root", &changed, proof);
    }
    changed = *claim;
    for (changed.small = 0; changed.small <= claim->size + 1; changed.small++)
        if (changed.small != claim->small)
            expect_refused("another index", &changed, proof);
}

static void test_every_inclusion(void)
{
    struct hash_source source = test_source();
    make_roots();
    for (uint64_t size = 1; size <= SIZES; size++)
        for (uint64_t index = 0; index < size; index++) {
            struct claim claim = {false, index, size, test_leaves()[index], roots[size]};
            struct proof proof;
            struct error error = {0};
            CU_ASSERT_TRUE_FATAL(proof_inclusion_make(&source, index, size, &proof, &error));
            CU_ASSERT_TRUE(holds(&claim, &proof, &error));
            change_hashes(&claim, &proof);
            change_ends(&claim, &proof);
        }
}

static void test_every_growth(void)
{
    struct hash_source source = test_source();
    make_roots();
    for (uint64_t size = 0; size <= SIZES; size++)
        for (uint64_t old = 0; old <= size; old++) {
            struct claim claim = {true, old, size, roots[old], roots[size]};
            struct proof proof;
            struct error error = {0};
            CU_ASSERT_TRUE_FATAL(proof_consistency_make(&source, old, size, &proof, &error));
            CU_ASSERT_TRUE(holds(&claim, &proof, &error));
            change_hashes(&claim, &proof);
            change_ends(&claim, &proof);
        }
}

/* The turns of the way from leaf to root, bottom up: 'l' or 'r' is where the
 * sibling stands. Two sizes with equal turns for an index cannot be told apart
 * by an inclusion proof. */
static void turns(uint64_t index, uint64_t size, char out[65])
{
    size_t length = 0;
    char down[65];
    while (size > 1) {
        uint64_t left = 1;
        while (left * 2 < size)
            left *= 2;
        bool in_left = index < left;
        down[length++] = in_left ? 'r' : 'l';
        index -= in_left ? 0 : left;
        size = in_left ? left : size - left;
    }
    for (size_t i = 0; i < length; i++)
        out[i] = down[length - 1 - i];
    out[length] = '\0';
}

static void test_a_size_of_another_shape_is_refused(void)
{
    struct hash_source source = test_source();
    make_roots();
    unsigned told_apart = 0;
    for (uint64_t size = 1; size <= SIZES; size++)
        for (uint64_t index = 0; index < size; index++) {
            struct claim claim = {false, index, size, test_leaves()[index], roots[size]};
            struct proof proof;
            struct error error = {0};
            char right[65], wrong[65];
            CU_ASSERT_TRUE_FATAL(proof_inclusion_make(&source, index, size, &proof, &error));
            turns(index, size, right);
            for (claim.size = index; claim.size <= SIZES + 1; claim.size++) {
                turns(index, claim.size, wrong);
                bool same = claim.size > index && strcmp(right, wrong) == 0;
                told_apart += !same;
                CU_ASSERT_EQUAL(same, holds(&claim, &proof, &error));
            }
        }
    CU_ASSERT(told_apart > 50000);
}

static void test_proofs_across_tiles(void)
{
    struct hash_source source = test_source();
    static const uint64_t marks[] = {1,   255, 256, 257,  511,  512,  513,
                                     767, 768, 900, 1024, 1025, 2047, 2048};
    struct hash root = naive_root(test_leaves(), TEST_LEAVES);
    for (size_t i = 0; i < sizeof marks / sizeof marks[0]; i++) {
        struct proof proof;
        struct error error = {0};
        struct hash old = naive_root(test_leaves(), marks[i]);
        CU_ASSERT_TRUE(proof_consistency_make(&source, marks[i], TEST_LEAVES, &proof, &error));
        CU_ASSERT_TRUE(
            proof_consistency_verify(marks[i], TEST_LEAVES, &old, &root, &proof, &error));
        CU_ASSERT_TRUE(proof_inclusion_make(&source, marks[i], TEST_LEAVES, &proof, &error));
        CU_ASSERT_TRUE(proof_inclusion_verify(marks[i], TEST_LEAVES, &test_leaves()[marks[i]],
                                              &proof, &root, &error));
    }
}

static void test_what_cannot_be_proven(void)
{
    struct hash_source source = test_source();
    struct proof proof;
    struct error error = {0};
    CU_ASSERT_FALSE(proof_inclusion_make(&source, 5, 5, &proof, &error));
    expect_error("a leaf beyond the tree", ERROR_INVALID_PROOF, &error);
    CU_ASSERT_FALSE(proof_inclusion_make(&source, 0, 0, &proof, &error));
    expect_error("a leaf of no tree", ERROR_INVALID_PROOF, &error);
    CU_ASSERT_FALSE(proof_consistency_make(&source, 6, 5, &proof, &error));
    expect_error("shrinking", ERROR_INVALID_PROOF, &error);
}

static void test_proof_lines(void)
{
    struct hash_source source = test_source();
    struct proof proof, parsed;
    struct error error = {0};
    struct buffer lines = {0};
    CU_ASSERT_TRUE(proof_inclusion_make(&source, 77, 300, &proof, &error));
    proof_lines_format(&lines, &proof);
    CU_ASSERT_TRUE(proof_lines_parse(buffer_view(&lines), &parsed, &error));
    CU_ASSERT_EQUAL(proof.count, parsed.count);
    CU_ASSERT_EQUAL(memcmp(proof.hashes, parsed.hashes, proof.count * HASH_BYTES), 0);
    CU_ASSERT_TRUE(proof_lines_parse((struct text){0}, &parsed, &error));
    CU_ASSERT_EQUAL(parsed.count, 0);
    for (size_t cut = 1; cut < 45; cut++) {
        struct text text = {lines.bytes, lines.length - cut};
        CU_ASSERT_EQUAL(proof_lines_parse(text, &parsed, &error), cut == 45);
        expect_error("a proof cut short", ERROR_INVALID_PROOF, &error);
    }
    buffer_clear(&lines);
    for (proof.count = 1; proof.count < PROOF_HASHES_MAX; proof.count++)
        proof.hashes[proof.count] = proof.hashes[0];
    proof_lines_format(&lines, &proof);
    CU_ASSERT_TRUE(proof_lines_parse(buffer_view(&lines), &parsed, &error));
    buffer_string(&lines, "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=\n");
    CU_ASSERT_FALSE(proof_lines_parse(buffer_view(&lines), &parsed, &error));
    buffer_free(&lines);
}

#define HASH_LINE "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=\n"

static void test_proof_file(void)
{
    static const char *const good[] = {
        "c2sp.org/tlog-proof@v1\nindex 0\n\ncheckpoint\n",
        "c2sp.org/tlog-proof@v1\nindex 73894\n" HASH_LINE HASH_LINE "\na\n1\nroot\n\nsigned\n",
        "c2sp.org/tlog-proof@v1\nextra YWdl\nindex 1\n" HASH_LINE "\ncheckpoint\n", NULL};
    for (size_t i = 0; good[i] != NULL; i++) {
        struct proof_file file;
        struct error error = {0};
        struct buffer again = {0};
        CU_ASSERT_TRUE(proof_file_parse(text_of(good[i]), &file, &error));
        proof_file_format(&again, &file);
        test_expect_text("the file again", good[i], strlen(good[i]), again.bytes, again.length);
        buffer_free(&again);
    }
    static const char *const bad[] = {
        "",
        "c2sp.org/tlog-proof@v2\nindex 0\n\ncheckpoint\n",
        "c2sp.org/tlog-proof@v1",
        "c2sp.org/tlog-proof@v1\n",
        "c2sp.org/tlog-proof@v1\nindex 00\n\ncheckpoint\n",
        "c2sp.org/tlog-proof@v1\nindex -1\n\ncheckpoint\n",
        "c2sp.org/tlog-proof@v1\nindex 9223372036854775808\n\ncheckpoint\n",
        "c2sp.org/tlog-proof@v1\nextra YWdl=\nindex 0\n\ncheckpoint\n",
        "c2sp.org/tlog-proof@v1\nextra YWdl\nextra YWdl\nindex 0\n\ncheckpoint\n",
        "c2sp.org/tlog-proof@v1\nindex 0\nextra YWdl\n\ncheckpoint\n",
        "c2sp.org/tlog-proof@v1\nindex 0\nAAAA\n\ncheckpoint\n",
        "c2sp.org/tlog-proof@v1\nindex 0\n" HASH_LINE,
        "c2sp.org/tlog-proof@v1\nindex 0\n" HASH_LINE "\n",
        NULL};
    for (size_t i = 0; bad[i] != NULL; i++) {
        struct proof_file file;
        struct error error = {0};
        CU_ASSERT_FALSE(proof_file_parse(text_of(bad[i]), &file, &error));
        expect_error(bad[i], ERROR_INVALID_PROOF, &error);
    }
}

const struct test_case proof_cases[] = {
    {"every inclusion to size 70, and every change of it", test_every_inclusion},
    {"every growth to size 70, and every change of it", test_every_growth},
    {"a size of another shape is refused", test_a_size_of_another_shape_is_refused},
    {"proofs across tiles", test_proofs_across_tiles},
    {"what cannot be proven", test_what_cannot_be_proven},
    {"lines of a proof", test_proof_lines},
    {"the proof file", test_proof_file},
    {NULL, NULL},
};
