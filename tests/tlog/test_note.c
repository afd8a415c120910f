/* Keys and signed notes. */
#include "note.h"

#include <sodium.h>
#include <stdio.h>

#include "support.h"

#define DASH "\xE2\x80\x94"
#define TEXT_LINE "a text\nof two lines\n"

static void make(const char *name, uint8_t kind, unsigned char fill, struct signer *signer)
{
    unsigned char seed[KEY_SEED_BYTES];
    struct error error = {0};
    memset(seed, fill, sizeof seed);
    CU_ASSERT_TRUE_FATAL(signer_from_seed(text_of(name), kind, seed, signer, &error));
}

static bool opens(struct text bytes, const struct verifier *verifier, struct note *note,
                  struct error *error)
{
    const struct verifier *known[] = {verifier};
    error->code = ERROR_NONE;
    return note_open(bytes, known, 1, note, error);
}

static void test_key_round_trip(void)
{
    static const uint8_t kinds[] = {KEY_ED25519, KEY_COSIGNATURE};
    for (size_t i = 0; i < 2; i++) {
        struct signer signer, parsed;
        struct verifier verifier;
        struct buffer text = {0}, again = {0};
        struct error error = {0};
        CU_ASSERT_TRUE(signer_generate(text_of("k.example/\xC3\xA9"), kinds[i], &signer, &error));
        signer_format(&text, &signer);
        CU_ASSERT_TRUE(signer_parse(buffer_view(&text), &parsed, &error));
        CU_ASSERT_EQUAL(memcmp(&signer, &parsed, sizeof signer), 0);
        buffer_clear(&text);
        verifier_format(&text, &signer.verifier);
        CU_ASSERT_TRUE(verifier_parse(buffer_view(&text), &verifier, &error));
        CU_ASSERT_TRUE(verifier_is_usable(&verifier));
        verifier_format(&again, &verifier);
        test_expect_text("verifier", text.bytes, text.length, again.bytes, again.length);
        signer_wipe(&signer);
        static const struct signer zero = {0};
        CU_ASSERT_EQUAL(memcmp(&signer, &zero, sizeof zero), 0);
        buffer_free(&text);
        buffer_free(&again);
    }
    signer_wipe(NULL);
}

static void test_verifier_spellings(void)
{
#define KEY "AeHTu4Q3hEIMHNqc6fASMsq3rKNx280NI+oO5xCFkkSx"
    static const char *const bad[] = {
        "",
        "x",
        "+33d7b496+" KEY,
        "example.com/log/testdata+33d7b496+",
        "example.com/log/testdata+33d7b496",
        "example.com/log/testdata+33D7B496+" KEY,
        "example.com/log/testdata+33d7b49+" KEY,
        "example.com/log/testdata+33d7b4960+" KEY,
        "example.com/log/testdata+33d7b497+" KEY,
        "example.com/log/testdatb+33d7b496+" KEY,
        "example.com/log/test data+33d7b496+" KEY,
        "example.com/log/testdata+33d7b496+" KEY "\n",
        "example.com/log/testdata+33d7b496+" KEY "=",
        "example.com/log/testdata+33d7b496+ " KEY,
        "example.com/log/testdata+33d7b496+AeHTu4Q3hEIMHNqc6fASMsq3rKNx280NI+oO5xCFkkQ=",
        "example.com/log/testdata+33d7b496+BOHTu4Q3hEIMHNqc6fASMsq3rKNx280NI+oO5xCFkkSx",
        "example.com/log/testdata+33d7b496+AQ==",
        NULL};
    struct verifier verifier;
    struct error error = {0};
    CU_ASSERT_TRUE(
        verifier_parse(text_of("example.com/log/testdata+33d7b496+" KEY), &verifier, &error));
    for (size_t i = 0; bad[i] != NULL; i++) {
        error.code = ERROR_NONE;
        CU_ASSERT_FALSE(verifier_parse(text_of(bad[i]), &verifier, &error));
        expect_error(bad[i], ERROR_INVALID_NOTE, &error);
    }
#undef KEY
}

static void test_unknown_kinds_are_kept(void)
{
    struct verifier verifier, parsed;
    struct buffer text = {0}, again = {0};
    struct error error = {0};
    memset(&verifier, 0, sizeof verifier);
    memcpy(verifier.name, "pq.example", 10);
    verifier.id = 0x0a0b0c0d;
    verifier.kind = 0x06;
    verifier.length = KEY_PUBLIC_MAX;
    memset(verifier.key, 0x77, sizeof verifier.key);
    verifier_format(&text, &verifier);
    CU_ASSERT_TRUE(verifier_parse(buffer_view(&text), &parsed, &error));
    verifier_format(&again, &parsed);
    test_expect_text("verifier", text.bytes, text.length, again.bytes, again.length);
    CU_ASSERT_FALSE(verifier_is_usable(&parsed));
    struct signer signer;
    unsigned char seed[KEY_SEED_BYTES] = {0};
    CU_ASSERT_FALSE(signer_from_seed(text_of("pq.example"), 0x06, seed, &signer, &error));
    expect_error("signing with an unknown kind", ERROR_INVALID_NOTE, &error);
    buffer_free(&text);
    buffer_free(&again);
}

/* A private key that is refused leaves nothing behind, and no message quotes it. */
static void test_bad_private_keys(void)
{
#define SEED "AeymY/SZAX0jZcJ8enZ5FY1Dz+wTML2yWSkK+9DSF3eg"
    static const struct {
        const char *text;
        enum error_code code;
    } bad[] = {
        {"", ERROR_INVALID_NOTE},
        {"example.com/log/testdata+33d7b496+" SEED, ERROR_INVALID_NOTE},
        {"PRIVATE+KEY+example.com/log/testdata+33d7b496+" SEED "\n", ERROR_INVALID_NOTE},
        {"PRIVATE+KEY+example.com/log/testdata+33d7b496+AeymY/SZAX0j", ERROR_INVALID_NOTE},
        {"PRIVATE+KEY+example.com/log/testdata+33d7b496+" SEED "AAAA", ERROR_INVALID_NOTE},
        {"PRIVATE+KEY+example.com/log/testdata+33d7b496+BuymY/SZAX0jZcJ8enZ5FY1Dz+wTML2yWSkK"
         "+9DSF3eg",
         ERROR_INVALID_NOTE},
        {"PRIVATE+KEY+example.com/log/testdata+33d7b497+" SEED, ERROR_KEY_WRONG},
        {"PRIVATE+KEY+example.com/log/testdatb+33d7b496+" SEED, ERROR_KEY_WRONG},
    };
    static const struct signer zero = {0};
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        struct signer signer;
        struct error error = {0};
        CU_ASSERT_FALSE(signer_parse(text_of(bad[i].text), &signer, &error));
        expect_error(bad[i].text, bad[i].code, &error);
        CU_ASSERT_PTR_NULL(strstr(error.message, "AeymY"));
        CU_ASSERT_EQUAL(memcmp(&signer, &zero, sizeof zero), 0);
    }
#undef SEED
}

static void test_names(void)
{
    char longest[KEY_NAME_MAX + 2];
    memset(longest, 'n', sizeof longest);
    CU_ASSERT_TRUE(key_name_is_valid((struct text){longest, KEY_NAME_MAX}));
    CU_ASSERT_FALSE(key_name_is_valid((struct text){longest, KEY_NAME_MAX + 1}));
    static const char *const good[] = {"a", "example.com/log", "\xC3\xA9", "a=b", NULL};
    static const char *const bad[] = {"",          "a b",           " a",
                                      "a+b",       "a\n",           "a\t",
                                      "a\xC2\xA0", "a\xE2\x80\xA8", "a\xE3\x80\x80",
                                      "\xFF",      "a\xC2\x85",     "a\x01",
                                      NULL};
    for (size_t i = 0; good[i] != NULL; i++)
        CU_ASSERT_TRUE(key_name_is_valid(text_of(good[i])));
    for (size_t i = 0; bad[i] != NULL; i++)
        CU_ASSERT_FALSE(key_name_is_valid(text_of(bad[i])));
}

static void test_sign_and_open(void)
{
    static const char *const texts[] = {"\n",
                                        "a\n",
                                        "a\n\nb\n",
                                        "a\n\n",
                                        "\n\n\n",
                                        TEXT_LINE,
                                        "caf\xC3\xA9 \xE2\x80\x94 not a signature\n",
                                        NULL};
    struct signer signer;
    make("signer.example", KEY_ED25519, 7, &signer);
    for (size_t i = 0; texts[i] != NULL; i++) {
        struct buffer bytes = {0};
        struct note note;
        struct error error = {0};
        CU_ASSERT_TRUE(note_sign(&bytes, text_of(texts[i]), &signer, 0, &error));
        CU_ASSERT_TRUE(opens(buffer_view(&bytes), &signer.verifier, &note, &error));
        test_expect_text("text", texts[i], strlen(texts[i]), note.text.bytes, note.text.length);
        CU_ASSERT_EQUAL(note.verified, 1);
        CU_ASSERT_PTR_EQUAL(note.signatures[0].by, &signer.verifier);
        buffer_free(&bytes);
    }
    static const char *const bad[] = {"",        "a",          "a\r\n",          "a\0b\n",
                                      "a\tb\n",  "\xC0\x80\n", "\xED\xA0\x80\n", "\xFF\n",
                                      "a\x1B\n", NULL};
    for (size_t i = 0; bad[i] != NULL; i++) {
        struct buffer bytes = {0};
        struct error error = {0};
        CU_ASSERT_FALSE(note_sign(&bytes, text_of(bad[i]), &signer, 0, &error));
        expect_error(bad[i], ERROR_INVALID_NOTE, &error);
        CU_ASSERT_EQUAL(bytes.length, 0);
        buffer_free(&bytes);
    }
}

static void test_a_wiped_signer_cannot_sign(void)
{
    struct signer signer;
    struct buffer bytes = {0};
    struct error error = {0};
    make("signer.example", KEY_ED25519, 7, &signer);
    signer_wipe(&signer);
    CU_ASSERT_FALSE(note_sign(&bytes, text_of(TEXT_LINE), &signer, 0, &error));
    expect_error("a wiped signer", ERROR_KEY_MISSING, &error);
    /* A key whose halves do not belong together: nothing may leave. */
    make("signer.example", KEY_ED25519, 7, &signer);
    signer.secret[0] ^= 1;
    CU_ASSERT_FALSE(note_sign(&bytes, text_of(TEXT_LINE), &signer, 0, &error));
    expect_error("a broken signer", ERROR_INVARIANT, &error);
    CU_ASSERT_EQUAL(bytes.length, 0);
}

static void test_malformed_notes(void)
{
    /* 4 bytes of id and one of signature, by nobody we know. */
#define SIGNATURE DASH " n AAAAAAA="
    static const char *const bad[] = {"",
                                      "\n",
                                      "text\n",
                                      "text\n\n",
                                      "text\n" SIGNATURE "\n",
                                      "text\n\n" SIGNATURE,
                                      "text\n\n" SIGNATURE "\n\n",
                                      "text\n\n" SIGNATURE "\nx\n",
                                      "text\n\n" SIGNATURE " \n",
                                      "text\n\n" SIGNATURE "\r\n",
                                      "text\r\n\n" SIGNATURE "\n",
                                      "te\txt\n\n" SIGNATURE "\n",
                                      "te\xFFxt\n\n" SIGNATURE "\n",
                                      "text\n\n- n AAAAAAA=\n",
                                      "text\n\n" DASH "n AAAAAAA=\n",
                                      "text\n\n" DASH " AAAAAAA=\n",
                                      "text\n\n" DASH "  AAAAAAA=\n",
                                      "text\n\n" DASH " n  AAAAAAA=\n",
                                      "text\n\n" DASH " n \n",
                                      "text\n\n" DASH " n\n",
                                      "text\n\n" DASH " n AAAAAA==\n",
                                      "text\n\n" DASH " n AAAAAAA\n",
                                      "text\n\n" DASH " n AAAAAAB=\n",
                                      "text\n\n" DASH " n AAAA\n",
                                      "text\n\n" DASH " n AAA_AAA=\n",
                                      "text\n\n" DASH " a+b AAAAAAA=\n",
                                      NULL};
    struct signer signer;
    struct note note;
    make("signer.example", KEY_ED25519, 7, &signer);
    for (size_t i = 0; bad[i] != NULL; i++) {
        struct error error = {0};
        CU_ASSERT_FALSE(opens(text_of(bad[i]), &signer.verifier, &note, &error));
        expect_error(bad[i], ERROR_INVALID_NOTE, &error);
    }
    struct error error = {0};
    CU_ASSERT_FALSE(opens(text_of("text\n\n" SIGNATURE "\n"), &signer.verifier, &note, &error));
    expect_error("well-formed, by an unknown key", ERROR_NOT_VERIFIED, &error);
#undef SIGNATURE
}

static void test_unknown_and_false_signatures(void)
{
    struct signer known, unknown, namesake;
    struct buffer note_bytes = {0}, line = {0}, bad = {0};
    struct note note;
    struct error error = {0};
    make("known.example", KEY_ED25519, 7, &known);
    make("unknown.example", KEY_ED25519, 8, &unknown);
    make("known.example", KEY_ED25519, 9, &namesake);
    CU_ASSERT_TRUE(note_sign(&note_bytes, text_of(TEXT_LINE), &unknown, 0, &error));
    CU_ASSERT_FALSE(opens(buffer_view(&note_bytes), &known.verifier, &note, &error));
    expect_error("only an unknown key", ERROR_NOT_VERIFIED, &error);
    CU_ASSERT_TRUE(note_sign_line(&note_bytes, text_of(TEXT_LINE), &namesake, 0, &error));
    CU_ASSERT_FALSE(opens(buffer_view(&note_bytes), &known.verifier, &note, &error));
    expect_error("the name of a known key, another id", ERROR_NOT_VERIFIED, &error);
    CU_ASSERT_TRUE(note_sign_line(&note_bytes, text_of(TEXT_LINE), &known, 0, &error));
    CU_ASSERT_TRUE(opens(buffer_view(&note_bytes), &known.verifier, &note, &error));
    CU_ASSERT_EQUAL(note.count, 3);
    CU_ASSERT_EQUAL(note.verified, 1);
    CU_ASSERT_PTR_NULL(note.signatures[0].by);
    CU_ASSERT_PTR_NULL(note.signatures[1].by);
    CU_ASSERT_PTR_EQUAL(note.signatures[2].by, &known.verifier);
    /* The same note, with a signature of another text by a second known key. */
    CU_ASSERT_TRUE(note_sign_line(&line, text_of("another text\n"), &namesake, 0, &error));
    buffer_string(&bad, TEXT_LINE "\n");
    CU_ASSERT_TRUE(note_sign_line(&bad, text_of(TEXT_LINE), &known, 0, &error));
    buffer_text(&bad, buffer_view(&line));
    const struct verifier *both[] = {&known.verifier, &namesake.verifier};
    CU_ASSERT_TRUE(note_open(buffer_view(&bad), both, 1, &note, &error));
    CU_ASSERT_FALSE(note_open(buffer_view(&bad), both, 2, &note, &error));
    expect_error("one known key fails", ERROR_NOT_VERIFIED, &error);
    buffer_free(&note_bytes);
    buffer_free(&line);
    buffer_free(&bad);
}

/* As Go does: the first signature of a key counts, later ones are not read. */
static void test_repeated_signatures(void)
{
    struct signer known, unknown;
    struct buffer bytes = {0}, line = {0};
    struct note note;
    struct error error = {0};
    make("known.example", KEY_ED25519, 7, &known);
    make("unknown.example", KEY_ED25519, 8, &unknown);
    CU_ASSERT_TRUE(note_sign(&bytes, text_of(TEXT_LINE), &known, 0, &error));
    CU_ASSERT_TRUE(note_sign_line(&line, text_of("another text\n"), &known, 0, &error));
    buffer_text(&bytes, buffer_view(&line));
    for (int i = 0; i < 2; i++)
        CU_ASSERT_TRUE(note_sign_line(&bytes, text_of(TEXT_LINE), &unknown, 0, &error));
    CU_ASSERT_TRUE(opens(buffer_view(&bytes), &known.verifier, &note, &error));
    CU_ASSERT_EQUAL(note.verified, 1);
    CU_ASSERT_EQUAL(note.count, 2);
    /* The false one first: it is read, and rejects the note. */
    buffer_clear(&bytes);
    buffer_string(&bytes, TEXT_LINE "\n");
    buffer_text(&bytes, buffer_view(&line));
    CU_ASSERT_TRUE(note_sign_line(&bytes, text_of(TEXT_LINE), &known, 0, &error));
    CU_ASSERT_FALSE(opens(buffer_view(&bytes), &known.verifier, &note, &error));
    expect_error("the false one first", ERROR_NOT_VERIFIED, &error);
    buffer_free(&bytes);
    buffer_free(&line);
}

static void test_how_many_signatures(void)
{
    struct signer known;
    struct buffer bytes = {0};
    struct note note;
    struct error error = {0};
    make("known.example", KEY_ED25519, 7, &known);
    CU_ASSERT_TRUE(note_sign(&bytes, text_of(TEXT_LINE), &known, 0, &error));
    for (int count = 1; count <= NOTE_SIGNATURES_MAX; count++) {
        CU_ASSERT_TRUE(opens(buffer_view(&bytes), &known.verifier, &note, &error));
        test_expect_integer("signatures", count, (long long)note.count);
        struct signer other;
        char name[32];
        snprintf(name, sizeof name, "other-%d", count);
        make(name, KEY_ED25519, 8, &other);
        CU_ASSERT_TRUE(note_sign_line(&bytes, text_of(TEXT_LINE), &other, 0, &error));
    }
    CU_ASSERT_FALSE(opens(buffer_view(&bytes), &known.verifier, &note, &error));
    expect_error("too many signatures", ERROR_INVALID_NOTE, &error);
    buffer_free(&bytes);
}

static void test_verifiers_that_cannot_be_told_apart(void)
{
    struct signer known;
    struct verifier other;
    struct buffer bytes = {0};
    struct note note;
    struct error error = {0};
    make("known.example", KEY_ED25519, 7, &known);
    other = known.verifier;
    const struct verifier *both[] = {&known.verifier, &other};
    CU_ASSERT_TRUE(note_sign(&bytes, text_of(TEXT_LINE), &known, 0, &error));
    CU_ASSERT_TRUE(note_open(buffer_view(&bytes), both, 2, &note, &error));
    other.key[0] ^= 1;
    CU_ASSERT_FALSE(note_open(buffer_view(&bytes), both, 2, &note, &error));
    expect_error("two keys of one id", ERROR_INVALID_NOTE, &error);
    CU_ASSERT_FALSE(note_open(buffer_view(&bytes), NULL, 0, &note, &error));
    expect_error("no keys", ERROR_NOT_VERIFIED, &error);
    buffer_free(&bytes);
}

/* A long signature of a kind that we do not know is carried, not choked on. */
static void test_a_post_quantum_signature_is_ignored(void)
{
    struct signer known;
    struct buffer bytes = {0};
    struct note note;
    struct error error = {0};
    static const unsigned char payload[4 + 49856] = {1, 2, 3, 4};
    make("known.example", KEY_ED25519, 7, &known);
    CU_ASSERT_TRUE(note_sign(&bytes, text_of(TEXT_LINE), &known, 0, &error));
    buffer_string(&bytes, DASH " pq.example ");
    base64_format(&bytes, payload, sizeof payload);
    buffer_byte(&bytes, '\n');
    CU_ASSERT_TRUE(opens(buffer_view(&bytes), &known.verifier, &note, &error));
    CU_ASSERT_EQUAL(note.count, 2);
    CU_ASSERT_EQUAL(note.signatures[1].id, 0x01020304);
    buffer_free(&bytes);
}

const struct test_case note_cases[] = {
    {"keys go to text and back", test_key_round_trip},
    {"spellings of a verifier key", test_verifier_spellings},
    {"unknown kinds of keys are kept", test_unknown_kinds_are_kept},
    {"bad private keys", test_bad_private_keys},
    {"names of keys", test_names},
    {"sign and open", test_sign_and_open},
    {"a wiped signer cannot sign", test_a_wiped_signer_cannot_sign},
    {"malformed notes", test_malformed_notes},
    {"unknown and false signatures", test_unknown_and_false_signatures},
    {"repeated signatures", test_repeated_signatures},
    {"how many signatures", test_how_many_signatures},
    {"verifiers that cannot be told apart", test_verifiers_that_cannot_be_told_apart},
    {"a post-quantum signature is ignored", test_a_post_quantum_signature_is_ignored},
    {NULL, NULL},
};
