/* UTF-8: every code point there and back, every ill-formed shape refused. */
#include "utf8.h"

#include "suite.h"

static size_t encode(int32_t point, char out[4])
{
    static const int first[] = {0, 0, 0xc0, 0xe0, 0xf0};
    size_t length = point < 0x80 ? 1 : point < 0x800 ? 2 : point < 0x10000 ? 3 : 4;
    for (size_t i = length; i-- > 1;) {
        out[i] = (char)(0x80 | (point & 0x3f));
        point >>= 6;
    }
    out[0] = (char)(first[length] | point);
    return length;
}

static void every_code_point_is_read(void)
{
    bool right = true;
    for (int32_t point = 0; point < 0x110000; point++) {
        char bytes[4];
        size_t length = encode(point, bytes), at = 0;
        bool surrogate = point >= 0xd800 && point <= 0xdfff;
        int32_t read = utf8_next((struct text){bytes, length}, &at);
        right = right && (surrogate ? read == -1 && at == 1 : read == point && at == length);
        for (size_t cut = 1; cut < length; cut++) {
            at = 0;
            right = right && utf8_next((struct text){bytes, cut}, &at) == -1 && at == 1;
        }
    }
    CU_ASSERT_TRUE(right);
}

static void ill_formed_bytes_are_refused(void)
{
    static const char *const refused[] = {"\x80",
                                          "\xbf",
                                          "\xc0\x80",
                                          "\xc1\xbf",
                                          "\xe0\x80\x80",
                                          "\xe0\x9f\xbf",
                                          "\xf0\x80\x80\x80",
                                          "\xf0\x8f\xbf\xbf",
                                          "\xf4\x90\x80\x80",
                                          "\xf5\x80\x80\x80",
                                          "\xf8\x88\x80\x80\x80",
                                          "\xfe",
                                          "\xff",
                                          "\xed\xa0\x80",
                                          "\xed\xbf\xbf",
                                          "\xc3(",
                                          "\xe2\x82(",
                                          "\xf0\x9f\x98(",
                                          "\xe2(\xac"};
    for (size_t i = 0; i < sizeof refused / sizeof refused[0]; i++) {
        size_t at = 0;
        CU_ASSERT_EQUAL(utf8_next(text_of(refused[i]), &at), -1);
        CU_ASSERT_EQUAL(at, 1);
        CU_ASSERT_FALSE(utf8_is_clean(text_of(refused[i])));
    }
}

static void clean_texts(void)
{
    static const char *const clean[] = {"",
                                        "Star Club",
                                        "\xe6\x98\x9f\xe4\xba\xab",
                                        "e\xcc\x81",
                                        "\xf0\x9f\x98\x80",
                                        "\xc2\xa0",
                                        "a\xe2\x80\x8d-",
                                        "\xe2\x80\x8e",
                                        "\xef\xbf\xbc"};
    static const char *const unclean[] = {"a\nb",
                                          "\t",
                                          "\x1f",
                                          "\x7f",
                                          "\xc2\x80",
                                          "\xc2\x9f",
                                          "\xe2\x80\xa8",
                                          "\xe2\x80\xa9",
                                          "\xe2\x80\xaa",
                                          "\xe2\x80\xae",
                                          "\xe2\x81\xa6",
                                          "\xe2\x81\xa9",
                                          "\xef\xb7\x90",
                                          "\xef\xb7\xaf",
                                          "\xef\xbf\xbe",
                                          "\xef\xbf\xbf",
                                          "\xf0\x9f\xbf\xbe",
                                          "\xf4\x8f\xbf\xbf"};
    for (size_t i = 0; i < sizeof clean / sizeof clean[0]; i++)
        CU_ASSERT_TRUE(utf8_is_clean(text_of(clean[i])));
    for (size_t i = 0; i < sizeof unclean / sizeof unclean[0]; i++)
        CU_ASSERT_FALSE(utf8_is_clean(text_of(unclean[i])));
    CU_ASSERT_FALSE(utf8_is_clean((struct text){"a\0b", 3}));
}

static void widths(void)
{
    static const struct {
        const char *text;
        unsigned width;
    } known[] = {
        {"", 0},
        {"abc", 3},
        {"\xc3\xa9", 1},                 /* e acute */
        {"e\xcc\x81", 1},                /* e, combining acute */
        {"\xe6\x98\x9f\xe4\xba\xab", 4}, /* two Han characters */
        {"\xea\xb0\x80", 2},             /* Hangul syllable GA */
        {"\xe1\x84\x80\xe1\x85\xa1", 2}, /* the same as two jamo */
        {"\xef\xbc\xa1", 2},             /* fullwidth A */
        {"\xef\xbd\xb1", 1},             /* halfwidth katakana A */
        {"\xe3\x82\xac", 2},             /* katakana GA */
        {"\xe3\x82\x99", 0},             /* combining voiced sound mark */
        {"\xf0\x9f\x98\x80", 2},         /* grinning face */
        {"\xf0\x9f\xab\xa8", 2},         /* shaking face, Unicode 15 */
        {"\xf0\xa0\x80\x80", 2},         /* first of extension B */
        {"\xf0\xb0\x80\x80", 2},         /* first of extension G */
        {"\xe2\x80\x8b", 0},             /* zero width space */
        {"\xc2\xad", 1},                 /* soft hyphen */
        {"\xe2\x82\xac"
         "5",
         2},                             /* euro sign, 5 */
        {"\xe0\xb8\x81\xe0\xb8\xb4", 1}, /* Thai KO KAI, SARA I */
        {"\xe0\xa4\x95\xe0\xa5\x8d", 1}, /* Devanagari KA, virama */
        {"\xff\xfe", 2},                 /* not UTF-8: one each */
        {"\xe4\xb7\x80", 1},             /* hexagram */
    };
    for (size_t i = 0; i < sizeof known / sizeof known[0]; i++)
        test_expect_integer(known[i].text, known[i].width, utf8_width(text_of(known[i].text)));
}

/* A printer fed with GB18030 has one column for each ASCII character, else two. */
static void widths_of_gb18030(void)
{
    test_expect_integer("ASCII", 3, gb18030_width(text_of("abc")));
    test_expect_integer("Han", 4, gb18030_width(text_of("\xe6\x98\x9f\xe4\xba\xab")));
    test_expect_integer("an ellipsis", 2, gb18030_width(text_of("\xe2\x80\xa6")));
    test_expect_integer("e acute", 2, gb18030_width(text_of("\xc3\xa9")));
    test_expect_integer("a face", 2, gb18030_width(text_of("\xf0\x9f\x98\x80")));
}

static void what_fits(void)
{
    struct text stars = text_of("a\xe6\x98\x9f\xe4\xba\xab");
    test_expect_integer("nothing", 0, (long long)utf8_fit(stars, 0, utf8_width));
    test_expect_integer("half a character", 1, (long long)utf8_fit(stars, 2, utf8_width));
    test_expect_integer("one whole", 4, (long long)utf8_fit(stars, 3, utf8_width));
    test_expect_integer("all", 7, (long long)utf8_fit(stars, 5, utf8_width));
    test_expect_integer("its marks go with it", 3,
                        (long long)utf8_fit(text_of("e\xcc\x81x"), 1, utf8_width));
    test_expect_integer("by the other count", 0,
                        (long long)utf8_fit(text_of("\xc3\xa9"), 1, gb18030_width));
}

extern const struct test_case utf8_cases[];
const struct test_case utf8_cases[] = {
    {"every code point is read", every_code_point_is_read},
    {"ill-formed bytes are refused", ill_formed_bytes_are_refused},
    {"clean texts", clean_texts},
    {"widths", widths},
    {"widths of GB18030", widths_of_gb18030},
    {"what fits", what_fits},
    {NULL, NULL},
};
