/* Policies: what is read, what is refused by which name, and who is enough. */
#include "policy.h"

#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>

#include "support.h"

enum { KEYS = 4 };

/* "log"'s key is 0, witnesses' are 1 to 3. */
static struct signer signers[KEYS];

static void make_keys(void)
{
    struct error error = {0};
    for (unsigned i = 0; i < KEYS; i++) {
        unsigned char seed[KEY_SEED_BYTES] = {(unsigned char)(i + 1)};
        char name[16];
        snprintf(name, sizeof name, "key%u", i);
        CU_ASSERT_TRUE_FATAL(signer_from_seed(text_of(name), i == 0 ? KEY_ED25519 : KEY_COSIGNATURE,
                                              seed, &signers[i], &error));
    }
}

/* "@1" becomes the key of signer 1. */
static void expand(struct buffer *out, const char *text)
{
    for (; *text != '\0'; text++) {
        if (*text == '@')
            verifier_format(out, &signers[*++text - '0'].verifier);
        else
            buffer_byte(out, *text);
    }
}

static bool parse(const char *text, struct buffer *whole, struct arena *arena,
                  struct policy *policy, struct error *error)
{
    buffer_clear(whole);
    expand(whole, text);
    return policy_parse(buffer_view(whole), arena, policy, error);
}

#define THREE "witness a @1\nwitness b @2 https://b.example/\nwitness c @3\n"

static void reads_what_the_format_allows(void)
{
    static const char *const texts[] = {"quorum none\n",
                                        "# nothing\n\n \t\nquorum none\n",
                                        "log @0\nquorum none\n",
                                        " log\t@0  https://log.example/ \nquorum none \n",
                                        "witness a @1\nquorum a\n",
                                        THREE "group g any a b c\nquorum g\n",
                                        THREE "group g all a b\ngroup h 2 g c\nquorum h\n",
                                        THREE "group g 2 a b c\nquorum g\n# the end\n",
                                        "witness \xC3\xA4 @1\nquorum \xC3\xA4\n"};
    struct buffer whole = {0};
    make_keys();
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        struct arena arena = {0};
        struct policy policy;
        struct error error = {0};
        if (!parse(texts[i], &whole, &arena, &policy, &error))
            printf("\n    %s\n    %s\n", texts[i], error.message);
        CU_ASSERT_EQUAL(error.code, ERROR_NONE);
        arena_free(&arena);
    }
    buffer_free(&whole);
}

static void refuses_by_name(void)
{
    static const struct {
        const char *text, *message;
    } cases[] = {
        {"", "the policy has no quorum"},
        {"quorum none", "the policy does not end in a newline"},
        {"quorum none\nquorum none\n", "line 2 of the policy: there is a quorum already"},
        {"quorum a\n", "line 1 of the policy: it names what no line above defines"},
        {"quorum\n", "line 1 of the policy: a quorum is one name, or none"},
        {"quorum none none\n", "line 1 of the policy: a quorum is one name, or none"},
        {"log\nquorum none\n", "line 1 of the policy: a key is missing"},
        {"log xyz\n", "line 1 of the policy: not a verifier key"},
        {"log @1\n", "line 1 of the policy: a log's key is of kind 0x01; others cannot be checked"},
        {"witness a @0\n",
         "line 1 of the policy: a witness's key is of kind 0x04; others cannot be checked"},
        {"log @0 url more\n", "line 1 of the policy: it has more than a key and a URL"},
        {"log @0\nlog @0\n", "line 2 of the policy: this key is there already"},
        {"witness a @1\nwitness b @1\n", "line 2 of the policy: this key is there already"},
        {"witness\n", "line 1 of the policy: a name is missing"},
        {"witness none @1\n", "line 1 of the policy: this name is taken"},
        {"witness a @1\nwitness a @2\n", "line 2 of the policy: this name is taken"},
        {"witness a @1\ngroup a any a\n", "line 2 of the policy: this name is taken"},
        {"group g any\n", "line 1 of the policy: a group needs members"},
        {"group g\n", "line 1 of the policy: a threshold is missing"},
        {"group g any g\n", "line 1 of the policy: it names what no line above defines"},
        {THREE "group g 4 a b c\n", "line 4 of the policy: its threshold can never be met"},
        {THREE "group g 0 a b c\n", "line 4 of the policy: its threshold can never be met"},
        {THREE "group g 01 a b c\n", "line 4 of the policy: a threshold is a number, any or all"},
        {THREE "group g some a b c\n", "line 4 of the policy: a threshold is a number, any or all"},
        {THREE "group g any a a\n",
         "line 4 of the policy: it names a member that is in a group already"},
        {THREE "group g any a\ngroup h any a b\n",
         "line 5 of the policy: it names a member that is in a group already"},
        {"witnesses a @1\n",
         "line 1 of the policy: a line starts with log, witness, group or quorum"},
        {"quorum none\r\n", "line 1 of the policy: it has a control character"},
    };
    struct buffer whole = {0};
    make_keys();
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct arena arena = {0};
        struct policy policy;
        struct error error = {0};
        CU_ASSERT_FALSE(parse(cases[i].text, &whole, &arena, &policy, &error));
        CU_ASSERT_EQUAL(error.code, ERROR_INVALID_POLICY);
        if (strcmp(error.message, cases[i].message) != 0)
            printf("\n    expected %s\n    came     %s\n", cases[i].message, error.message);
        CU_ASSERT_STRING_EQUAL(error.message, cases[i].message);
        arena_free(&arena);
    }
    buffer_free(&whole);
}

/* Each set of the three witnesses as bits, and whether it is enough. */
static void counts_who_is_enough(void)
{
    static const struct {
        const char *text;
        const char *enough; /* for 000, a, b, ab, c, ac, bc, abc */
    } cases[] = {{THREE "quorum none\n", "11111111"},
                 {THREE "quorum b\n", "00110011"},
                 {THREE "group g any a b c\nquorum g\n", "01111111"},
                 {THREE "group g 2 a b c\nquorum g\n", "00010111"},
                 {THREE "group g all a b c\nquorum g\n", "00000001"},
                 {THREE "group g any a b\ngroup h all g c\nquorum h\n", "00000111"},
                 {THREE "group g all a b\ngroup h any g c\nquorum h\n", "00011111"},
                 {THREE "group g all a b\ngroup h any g c\nquorum g\n", "00010001"}};
    struct buffer whole = {0};
    make_keys();
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct arena arena = {0};
        struct policy policy;
        struct error error = {0};
        CU_ASSERT_TRUE_FATAL(parse(cases[i].text, &whole, &arena, &policy, &error));
        for (unsigned set = 0; set < 8; set++) {
            bool cosigned[POLICY_WITNESSES_MAX] = {set & 1, set & 2, set & 4};
            CU_ASSERT_EQUAL(policy_is_met(&policy, cosigned), cases[i].enough[set] == '1');
        }
        arena_free(&arena);
    }
    buffer_free(&whole);
}

/* A checkpoint of the log, cosigned by witnesses 1 to `count`. */
static void make_note(struct buffer *note, int count)
{
    struct error error = {0};
    struct checkpoint checkpoint = {.origin = text_of("key0"), .size = 0};
    struct buffer body = {0};
    merkle_empty(&checkpoint.root);
    checkpoint_format(&body, &checkpoint);
    CU_ASSERT_TRUE_FATAL(checkpoint_sign(note, &checkpoint, &signers[0], &error));
    for (int i = 1; i <= count; i++)
        CU_ASSERT_TRUE_FATAL(
            checkpoint_cosign(note, buffer_view(&body), &signers[i], 1700000000, &error));
    buffer_free(&body);
}

static void opens_what_is_cosigned_enough(void)
{
    struct buffer whole = {0};
    struct arena arena = {0};
    struct policy policy;
    struct error error = {0};
    make_keys();
    CU_ASSERT_TRUE_FATAL(
        parse("log @0\n" THREE "group g 2 a b c\nquorum g\n", &whole, &arena, &policy, &error));
    for (int count = 0; count < KEYS; count++) {
        struct buffer note = {0};
        struct note opened;
        struct checkpoint checkpoint;
        make_note(&note, count);
        bool good = policy_open(&policy, buffer_view(&note), &signers[0].verifier, &checkpoint,
                                &opened, NULL, &error);
        CU_ASSERT_EQUAL(good, count >= 2);
        CU_ASSERT_TRUE(good || error.code == ERROR_NOT_VERIFIED);
        buffer_free(&note);
    }
    struct buffer note = {0};
    struct note opened;
    struct checkpoint checkpoint;
    make_note(&note, 3);
    CU_ASSERT_FALSE(policy_open(&policy, buffer_view(&note), &signers[1].verifier, &checkpoint,
                                &opened, NULL, &error));
    note.bytes[note.length - 6] = note.bytes[note.length - 6] == 'A' ? 'B' : 'A';
    CU_ASSERT_FALSE(policy_open(&policy, buffer_view(&note), &signers[0].verifier, &checkpoint,
                                &opened, NULL, &error));
    CU_ASSERT_EQUAL(error.code, ERROR_NOT_VERIFIED);
    buffer_free(&note);
    buffer_free(&whole);
    arena_free(&arena);
}

const struct test_case policy_cases[] = {
    {"reads_what_the_format_allows", reads_what_the_format_allows},
    {"refuses_by_name", refuses_by_name},
    {"counts_who_is_enough", counts_who_is_enough},
    {"opens_what_is_cosigned_enough", opens_what_is_cosigned_enough},
    {NULL, NULL},
};
