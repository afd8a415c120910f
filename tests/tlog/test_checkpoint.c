/* Checkpoints: the golden log of transparency-dev/tessera made again byte for
 * byte, cosigning, and what is refused. */
#include "checkpoint.h"

#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>

#include "support.h"
#include "tile.h"

#define GOLDEN TEST_DATA "/vectors/tlog-golden/log/"
#define GOLDEN_KEY                                                                                 \
    "PRIVATE+KEY+example.com/log/testdata+33d7b496+AeymY/SZAX0jZcJ8enZ5FY1Dz+wTML2yWSkK+9DSF3eg"
#define GOLDEN_VERIFIER                                                                            \
    "example.com/log/testdata+33d7b496+AeHTu4Q3hEIMHNqc6fASMsq3rKNx280NI+oO5xCFkkSx"
#define ORIGIN "example.com/log/testdata"

enum { GOLDEN_LEAVES = 15 };
static const char *const golden_leaves[GOLDEN_LEAVES] = {
    "one",  "two", "three",  "four",  "five",     "six",     "seven", "eit",
    "nain", "ten", "ileven", "twelf", "threeten", "fourten", "fivten"};

static void expect_file(const char *path, struct text actual)
{
    size_t length = 0;
    char *expected = test_read_file(path, &length);
    CU_ASSERT_PTR_NOT_NULL_FATAL(expected);
    test_expect_text(path, expected, length, actual.bytes, actual.length);
    free(expected);
}

static void golden_signer(struct signer *signer)
{
    struct error error = {0};
    CU_ASSERT_TRUE_FATAL(signer_parse(text_of(GOLDEN_KEY), signer, &error));
}

static void golden_checkpoint(const struct merkle_edge *edge, struct checkpoint *checkpoint)
{
    checkpoint->origin = text_of(ORIGIN);
    checkpoint->size = edge->size;
    merkle_edge_root(edge, &checkpoint->root);
}

static void expect_golden_checkpoint(const struct merkle_edge *edge, const struct signer *signer)
{
    struct checkpoint checkpoint, opened;
    struct buffer note = {0};
    struct error error = {0};
    char path[256];
    golden_checkpoint(edge, &checkpoint);
    CU_ASSERT_TRUE(checkpoint_sign(&note, &checkpoint, signer, &error));
    snprintf(path, sizeof path, GOLDEN "checkpoint.%u", (unsigned)edge->size);
    expect_file(path, buffer_view(&note));
    if (edge->size == GOLDEN_LEAVES)
        expect_file(GOLDEN "checkpoint", buffer_view(&note));
    CU_ASSERT_TRUE(
        checkpoint_open(buffer_view(&note), &signer->verifier, NULL, 0, &opened, NULL, &error));
    CU_ASSERT_EQUAL(opened.size, edge->size);
    CU_ASSERT_TRUE(hash_equal(&opened.root, &checkpoint.root));
    CU_ASSERT_TRUE(text_equal(opened.origin, text_of(ORIGIN)));
    buffer_free(&note);
}

static bool read_golden(void *context, unsigned level, uint64_t first, size_t count,
                        struct hash out[], struct error *error)
{
    (void)context, (void)error;
    CU_ASSERT_EQUAL(level, 0);
    for (size_t i = 0; i < count; i++)
        merkle_leaf(golden_leaves[first + i], strlen(golden_leaves[first + i]), &out[i]);
    return true;
}

static void expect_golden_tile(unsigned width, struct text bundle)
{
    struct hash_source source = {read_golden, NULL};
    struct error error = {0};
    struct buffer path = {0}, tile = {0};
    CU_ASSERT_TRUE(tile_write(&tile, &source, (struct tile){0, 0, width}, &error));
    buffer_string(&path, GOLDEN);
    tile_path_format(&path, (struct tile){0, 0, width});
    expect_file(buffer_terminate(&path), buffer_view(&tile));
    buffer_clear(&path);
    buffer_string(&path, GOLDEN);
    tile_path_format(&path, (struct tile){TILE_ENTRIES, 0, width});
    expect_file(buffer_terminate(&path), bundle);
    struct hash leaves[TILE_WIDTH];
    CU_ASSERT_TRUE(entries_hash(bundle, width, leaves, &error));
    CU_ASSERT_EQUAL(memcmp(leaves, tile.bytes, tile.length), 0);
    buffer_free(&path);
    buffer_free(&tile);
}

static void test_golden_log(void)
{
    struct signer signer;
    struct merkle_edge edge = {0};
    struct buffer bundle = {0};
    struct error error = {0};
    golden_signer(&signer);
    expect_golden_checkpoint(&edge, &signer);
    for (unsigned i = 0; i < GOLDEN_LEAVES; i++) {
        struct text entry = text_of(golden_leaves[i]);
        struct hash leaf;
        merkle_leaf(entry.bytes, entry.length, &leaf);
        merkle_edge_append(&edge, &leaf);
        CU_ASSERT_TRUE(entries_add(&bundle, entry, &error));
        expect_golden_checkpoint(&edge, &signer);
        expect_golden_tile(i + 1, buffer_view(&bundle));
    }
    buffer_free(&bundle);
    signer_wipe(&signer);
}

static void test_golden_keys(void)
{
    struct signer signer;
    struct buffer text = {0};
    golden_signer(&signer);
    verifier_format(&text, &signer.verifier);
    test_expect_text("verifier", GOLDEN_VERIFIER, strlen(GOLDEN_VERIFIER), text.bytes, text.length);
    buffer_clear(&text);
    signer_format(&text, &signer);
    test_expect_text("signer", GOLDEN_KEY, strlen(GOLDEN_KEY), text.bytes, text.length);
    buffer_free(&text);
    signer_wipe(&signer);
}

#define ROOT "rKbDipCvhuX1GZ7g5BBe8sA6BbJ7ja/1nk427v383cs="

static void test_bodies(void)
{
    static const char *const good[] = {"a\n0\n" ROOT "\n", "a b+c\n15\n" ROOT "\n",
                                       "\xC3\xA9\n9223372036854775807\n" ROOT "\n", NULL};
    static const char *const bad[] = {"",
                                      "\n",
                                      "a\n",
                                      "a\n15\n",
                                      "a\n15\n" ROOT,
                                      "\n15\n" ROOT "\n",
                                      "a\n\n" ROOT "\n",
                                      "a\n015\n" ROOT "\n",
                                      "a\n+15\n" ROOT "\n",
                                      "a\n-1\n" ROOT "\n",
                                      "a\n 15\n" ROOT "\n",
                                      "a\n15 \n" ROOT "\n",
                                      "a\n1e1\n" ROOT "\n",
                                      "a\n0x1\n" ROOT "\n",
                                      "a\n9223372036854775808\n" ROOT "\n",
                                      "a\n18446744073709551616\n" ROOT "\n",
                                      "a\n99999999999999999999999\n" ROOT "\n",
                                      "a\n15\n\n",
                                      "a\n15\nrKbDipCvhuX1GZ7g5BBe8sA6BbJ7ja/1nk427v383cs\n",
                                      "a\n15\nrKbDipCvhuX1GZ7g5BBe8sA6BbJ7ja/1nk427v383ct=\n",
                                      "a\n15\nrKbDipCvhuX1GZ7g5BBe8sA6BbJ7ja_1nk427v383cs=\n",
                                      "a\n15\nrKbDipCvhuX1GZ7g5BBe8sA6BbJ7ja/1nk427v383Q==\n",
                                      "a\n15\n " ROOT "\n",
                                      "a\n15\n" ROOT "\n\n",
                                      "a\n15\n" ROOT "\nextension\n",
                                      "a\r\n15\n" ROOT "\n",
                                      "a\t\n15\n" ROOT "\n",
                                      "\xFF\n15\n" ROOT "\n",
                                      NULL};
    struct checkpoint checkpoint;
    for (size_t i = 0; good[i] != NULL; i++) {
        struct error error = {0};
        struct buffer again = {0};
        CU_ASSERT_TRUE(checkpoint_parse(text_of(good[i]), &checkpoint, &error));
        checkpoint_format(&again, &checkpoint);
        test_expect_text("body", good[i], strlen(good[i]), again.bytes, again.length);
        buffer_free(&again);
    }
    for (size_t i = 0; bad[i] != NULL; i++) {
        struct error error = {0};
        CU_ASSERT_FALSE(checkpoint_parse(text_of(bad[i]), &checkpoint, &error));
        expect_error(bad[i], ERROR_INVALID_NOTE, &error);
    }
}

static void make(const char *name, uint8_t kind, unsigned char fill, struct signer *signer)
{
    unsigned char seed[KEY_SEED_BYTES];
    struct error error = {0};
    memset(seed, fill, sizeof seed);
    CU_ASSERT_TRUE_FATAL(signer_from_seed(text_of(name), kind, seed, signer, &error));
}

/* A cosignature put together here, straight from the specification. */
static void expected_cosignature(struct buffer *line, struct text body, const struct signer *signer,
                                 uint64_t seconds)
{
    unsigned char payload[4 + 8 + 64], digest_[32];
    struct buffer text = {0};
    buffer_format(&text, "%s\n\004", signer->verifier.name);
    buffer_add(&text, signer->verifier.key, 32);
    crypto_hash_sha256(digest_, (const unsigned char *)text.bytes, text.length);
    memcpy(payload, digest_, 4);
    for (unsigned i = 0; i < 8; i++)
        payload[4 + i] = (unsigned char)(seconds >> (56 - 8 * i));
    buffer_clear(&text);
    buffer_format(&text, "cosignature/v1\ntime %llu\n", (unsigned long long)seconds);
    buffer_text(&text, body);
    crypto_sign_detached(payload + 12, NULL, (const unsigned char *)text.bytes, text.length,
                         signer->secret);
    buffer_format(line, "\xE2\x80\x94 %s ", signer->verifier.name);
    base64_format(line, payload, sizeof payload);
    buffer_byte(line, '\n');
    buffer_free(&text);
}

static void test_cosigning(void)
{
    struct signer log, cosigner;
    struct checkpoint checkpoint = {.origin = text_of("log.example"), .size = 7}, read;
    struct buffer body = {0}, note = {0}, line = {0}, expected = {0};
    struct note opened;
    struct error error = {0};
    const uint64_t seconds = 1679315147;
    make("log.example", KEY_ED25519, 1, &log);
    make("witness.example/w1", KEY_COSIGNATURE, 2, &cosigner);
    const struct verifier *cosigners[] = {&cosigner.verifier};
    checkpoint_format(&body, &checkpoint);
    CU_ASSERT_TRUE(checkpoint_sign(&note, &checkpoint, &log, &error));
    CU_ASSERT_TRUE(checkpoint_cosign(&line, buffer_view(&body), &cosigner, seconds, &error));
    expected_cosignature(&expected, buffer_view(&body), &cosigner, seconds);
    test_expect_text("cosignature", expected.bytes, expected.length, line.bytes, line.length);
    buffer_text(&note, buffer_view(&line));
    CU_ASSERT_TRUE(
        checkpoint_open(buffer_view(&note), &log.verifier, cosigners, 1, &read, &opened, &error));
    CU_ASSERT_EQUAL(opened.count, 2);
    CU_ASSERT_EQUAL(opened.verified, 2);
    CU_ASSERT_PTR_EQUAL(opened.signatures[1].by, &cosigner.verifier);
    CU_ASSERT_EQUAL(opened.signatures[1].seconds, seconds);
    CU_ASSERT_EQUAL(opened.signatures[0].seconds, 0);
    /* The time is signed too: change one bit of it. */
    char *last =
        note.bytes + note.length - line.length + strlen("\xE2\x80\x94 witness.example/w1 ");
    last[14] = last[14] == 'A' ? 'E' : 'A';
    CU_ASSERT_FALSE(
        checkpoint_open(buffer_view(&note), &log.verifier, cosigners, 1, &read, &opened, &error));
    expect_error("another time", ERROR_NOT_VERIFIED, &error);
    CU_ASSERT_FALSE(
        checkpoint_cosign(&line, buffer_view(&body), &cosigner, UINT64_C(1) << 63, &error));
    expect_error("a time of 64 bits", ERROR_INVALID_TIME, &error);
    /* Made elsewhere, and its Ed25519 holds: the specification ends time at 2^63 - 1. */
    buffer_clear(&note);
    CU_ASSERT_TRUE(checkpoint_sign(&note, &checkpoint, &log, &error));
    expected_cosignature(&note, buffer_view(&body), &cosigner, UINT64_C(1) << 63);
    CU_ASSERT_FALSE(
        checkpoint_open(buffer_view(&note), &log.verifier, cosigners, 1, &read, &opened, &error));
    expect_error("a time of 64 bits, signed", ERROR_NOT_VERIFIED, &error);
    buffer_free(&body);
    buffer_free(&note);
    buffer_free(&line);
    buffer_free(&expected);
}

static void test_keys_in_the_wrong_hands(void)
{
    struct signer log, other, cosigner, posing;
    struct checkpoint checkpoint = {.origin = text_of("log.example"), .size = 7}, read;
    struct buffer body = {0}, note = {0};
    struct error error = {0};
    make("log.example", KEY_ED25519, 1, &log);
    make("other.example", KEY_ED25519, 3, &other);
    make("log.example", KEY_COSIGNATURE, 2, &cosigner);
    make("witness.example", KEY_COSIGNATURE, 1, &posing);
    checkpoint_format(&body, &checkpoint);
    CU_ASSERT_FALSE(checkpoint_sign(&note, &checkpoint, &other, &error));
    expect_error("another log's key", ERROR_KEY_WRONG, &error);
    CU_ASSERT_FALSE(checkpoint_sign(&note, &checkpoint, &cosigner, &error));
    expect_error("a cosigner's key signs", ERROR_KEY_WRONG, &error);
    CU_ASSERT_FALSE(checkpoint_cosign(&note, buffer_view(&body), &log, 1, &error));
    expect_error("a log's key cosigns", ERROR_KEY_WRONG, &error);
    CU_ASSERT_EQUAL(note.length, 0);

    /* A key that signs another log's checkpoint, as a note. */
    CU_ASSERT_TRUE(note_sign(&note, buffer_view(&body), &other, 0, &error));
    CU_ASSERT_FALSE(
        checkpoint_open(buffer_view(&note), &other.verifier, NULL, 0, &read, NULL, &error));
    expect_error("another origin", ERROR_NOT_VERIFIED, &error);
    /* Only a cosigner vouches. */
    const struct verifier *cosigners[] = {&other.verifier}, *posers[] = {&posing.verifier};
    CU_ASSERT_FALSE(
        checkpoint_open(buffer_view(&note), &log.verifier, cosigners, 1, &read, NULL, &error));
    expect_error("no signature by the log", ERROR_NOT_VERIFIED, &error);
    /* The log's own key under another name. */
    buffer_clear(&note);
    CU_ASSERT_TRUE(checkpoint_sign(&note, &checkpoint, &log, &error));
    CU_ASSERT_FALSE(
        checkpoint_open(buffer_view(&note), &log.verifier, posers, 1, &read, NULL, &error));
    expect_error("the log as its own cosigner", ERROR_INVALID_NOTE, &error);
    CU_ASSERT_FALSE(
        checkpoint_open(buffer_view(&note), &cosigner.verifier, NULL, 0, &read, NULL, &error));
    expect_error("a cosigner's key as the log's", ERROR_INVALID_NOTE, &error);
    buffer_free(&body);
    buffer_free(&note);
}

static void test_every_bit_matters(void)
{
    struct signer signer;
    size_t length;
    struct checkpoint checkpoint;
    golden_signer(&signer);
    char *bytes = test_read_file(GOLDEN "checkpoint.15", &length);
    CU_ASSERT_PTR_NOT_NULL_FATAL(bytes);
    struct text note = {bytes, length};
    for (size_t bit = 0; bit < 8 * length; bit++) {
        struct error error = {0};
        char *byte = bytes + bit / 8;
        *byte = (char)((unsigned char)*byte ^ (1u << bit % 8));
        CU_ASSERT_FALSE(
            checkpoint_open(note, &signer.verifier, NULL, 0, &checkpoint, NULL, &error));
        CU_ASSERT(error.code == ERROR_INVALID_NOTE || error.code == ERROR_NOT_VERIFIED);
        *byte = (char)((unsigned char)*byte ^ (1u << bit % 8));
    }
    for (note.length = 0; note.length < length; note.length++) {
        struct error error = {0};
        CU_ASSERT_FALSE(
            checkpoint_open(note, &signer.verifier, NULL, 0, &checkpoint, NULL, &error));
    }
    free(bytes);
}

const struct test_case checkpoint_cases[] = {
    {"the golden log, byte for byte", test_golden_log},
    {"the golden keys", test_golden_keys},
    {"bodies of checkpoints", test_bodies},
    {"cosigning", test_cosigning},
    {"keys in the wrong hands", test_keys_in_the_wrong_hands},
    {"every bit of a checkpoint matters", test_every_bit_matters},
    {NULL, NULL},
};
