/* Ids, hex and keyed hashes, against FIPS 180-4 and RFC 4231. */
#include "id.h"

#include <stdlib.h>

#include "buffer.h"
#include "chance.h"
#include "suite.h"

static void expect_id(const char *text, uint64_t expected)
{
    char written[MEMBER_ID_CHARS + 1];
    uint64_t id = 0;
    CU_ASSERT_TRUE(member_id_parse(text_of(text), &id));
    CU_ASSERT_EQUAL(id, expected);
    member_id_format(expected, written);
    test_expect_text("id", text, strlen(text), written, strlen(written));
}

static void ids_have_one_spelling(void)
{
    expect_id("000000000001", 1);
    expect_id("00000000000Z", 31);
    expect_id("000000000010", 32);
    expect_id("ZZZZZZZZZZZZ", (UINT64_C(1) << 60) - 1);
    expect_id("G00000000000", UINT64_C(1) << 59);
    static const char *const refused[] = {"",
                                          "000000000000",
                                          "00000000001",
                                          "0000000000001",
                                          "00000000000z",
                                          "00000000000I",
                                          "00000000000L",
                                          "00000000000O",
                                          "00000000000U",
                                          "00000000000-",
                                          "00000000000\x80"};
    uint64_t id = 7;
    for (size_t i = 0; i < sizeof refused / sizeof refused[0]; i++)
        CU_ASSERT_FALSE(member_id_parse(text_of(refused[i]), &id));
    CU_ASSERT_FALSE(member_id_parse((struct text){"00000000001\0", 12}, &id));
    CU_ASSERT_EQUAL(id, 7);
}

static void typed_ids_forgive(void)
{
    uint64_t id = 0, typed = 0;
    CU_ASSERT_TRUE(member_id_parse(text_of("0011ABCXYZ10"), &id));
    CU_ASSERT_TRUE(member_id_parse_typed(text_of("oOiLabcxyzI0"), &typed));
    CU_ASSERT_EQUAL(id, typed);
    CU_ASSERT_FALSE(member_id_parse_typed(text_of("00000000000u"), &typed));
    CU_ASSERT_FALSE(member_id_parse_typed(text_of("0000-0000-0001"), &typed));
    CU_ASSERT_FALSE(member_id_parse_typed(text_of("oooooooooooo"), &typed));
}

static void random_ids_round_trip(void)
{
    char written[MEMBER_ID_CHARS + 1];
    uint64_t all = 0;
    for (int i = 0; i < 1000; i++) {
        uint64_t id = member_id_random(), read = 0;
        CU_ASSERT_TRUE(id != 0 && id >> 60 == 0);
        member_id_format(id, written);
        CU_ASSERT_TRUE(member_id_parse(text_of(written), &read));
        CU_ASSERT_EQUAL(id, read);
        all |= id;
    }
    CU_ASSERT_EQUAL(all, (UINT64_C(1) << 60) - 1); /* every bit is used */
}

static void hex_is_exact(void)
{
    unsigned char bytes[3] = {9, 9, 9};
    CU_ASSERT_TRUE(hex_parse(text_of("00af19"), bytes, 3));
    CU_ASSERT_TRUE(bytes[0] == 0 && bytes[1] == 0xaf && bytes[2] == 0x19);
    static const char *const refused[] = {"",       "00af1",  "00af190", "00af1900",
                                          "00AF19", "00ag19", "0x0f19"};
    for (size_t i = 0; i < sizeof refused / sizeof refused[0]; i++)
        CU_ASSERT_FALSE(hex_parse(text_of(refused[i]), bytes, 3));
    CU_ASSERT_TRUE(hex_parse(text_of(""), bytes, 0));
}

static void expect_hex(const char *what, const char *expected, const unsigned char *bytes,
                       size_t length)
{
    struct buffer hex = {0};
    buffer_hex(&hex, bytes, length);
    test_expect_text(what, expected, strlen(expected), hex.bytes, hex.length);
    buffer_free(&hex);
}

static void digests_are_sha256(void)
{
    unsigned char out[DIGEST_BYTES];
    digest(text_of(""), text_of(NULL), out);
    expect_hex("SHA-256 of nothing",
               "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855", out,
               DIGEST_BYTES);
    static const char *const halves[][2] = {{"abc", ""}, {"", "abc"}, {"a", "bc"}};
    for (size_t i = 0; i < 3; i++) {
        digest(text_of(halves[i][0]), text_of(halves[i][1]), out);
        expect_hex("SHA-256 of abc",
                   "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad", out,
                   DIGEST_BYTES);
    }
    digest(text_of("abcdbcdecdefdefgefghfghighijhi"), text_of("jkijkljklmklmnlmnomnopnopq"), out);
    expect_hex("SHA-256 of two blocks",
               "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1", out,
               DIGEST_BYTES);
}

/* HMAC by its definition (RFC 2104), from digest() alone. */
static void plain_hmac(struct text key, struct text message, unsigned char out[DIGEST_BYTES])
{
    unsigned char inner[64] = {0}, outer[64] = {0}, middle[DIGEST_BYTES];
    memcpy(inner, key.bytes, key.length);
    memcpy(outer, key.bytes, key.length);
    for (size_t i = 0; i < 64; i++) {
        inner[i] ^= 0x36;
        outer[i] ^= 0x5c;
    }
    digest((struct text){(const char *)inner, 64}, message, middle);
    digest((struct text){(const char *)outer, 64}, (struct text){(const char *)middle, 32}, out);
}

static void keyed_hashes_are_hmac(void)
{
    unsigned char expected[DIGEST_BYTES], secret[SECRET_BYTES] = "Jefe", out[KEY_HASH_BYTES];
    /* The definition itself, against RFC 4231, cases 1 and 2. */
    char twenty[20];
    memset(twenty, 0x0b, 20);
    plain_hmac((struct text){twenty, 20}, text_of("Hi There"), expected);
    expect_hex("RFC 4231 case 1",
               "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7", expected, 32);
    plain_hmac(text_of("Jefe"), text_of("what do ya want for nothing?"), expected);
    expect_hex("RFC 4231 case 2",
               "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843", expected, 32);
    /* Then ours against the definition; a key is padded with zeros, so "Jefe"
     * may have 32 bytes. One preparation serves many texts. */
    struct keyed_hash keyed;
    keyed_hash_prepare(&keyed, secret);
    static const char *const texts[] = {"", "A-1", "what do ya want for nothing?"};
    for (size_t i = 0; i < 3; i++) {
        struct arena arena = {0};
        plain_hmac(text_of("Jefe"), text_format(&arena, "receipt\n%s", texts[i]), expected);
        keyed_hash_of(&keyed, "receipt", text_of(texts[i]), out);
        CU_ASSERT_EQUAL(memcmp(out, expected, KEY_HASH_BYTES), 0);
        keyed_hash_of(&keyed, "ref", text_of(texts[i]), out);
        CU_ASSERT_NOT_EQUAL(memcmp(out, expected, KEY_HASH_BYTES), 0);
        arena_free(&arena);
    }
}

extern const struct test_case id_cases[];
const struct test_case id_cases[] = {
    {"ids have one spelling", ids_have_one_spelling},
    {"typed ids forgive", typed_ids_forgive},
    {"random ids round trip", random_ids_round_trip},
    {"hex is exact", hex_is_exact},
    {"digests are SHA-256", digests_are_sha256},
    {"keyed hashes are HMAC", keyed_hashes_are_hmac},
    {NULL, NULL},
};
