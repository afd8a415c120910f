/* One spelling for lines, base64 and decimals. */
#include "spelling.h"

#include "support.h"

/* Every byte in every place of a group: only the 64 letters are read. (A decoder
 * that compares signed chars reads some bytes from 0x80 on as letters; fuzzing
 * found that, in a key.) */
static void test_base64_letters(void)
{
    static const char letters[] =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    unsigned char out[3];
    size_t length;
    for (unsigned byte = 0; byte < 256; byte++)
        for (size_t place = 0; place < 4; place++) {
            char group[4] = {'A', 'A', 'A', 'A'};
            group[place] = (char)byte;
            bool letter = byte != 0 && strchr(letters, (int)byte) != NULL;
            /* "AAA=" is two bytes. */
            bool padding = byte == '=' && place == 3;
            test_expect_integer("read", letter || padding,
                                base64_parse((struct text){group, 4}, out, 3, &length));
        }
}

static void test_base64_has_one_spelling(void)
{
    static const char *const bad[] = {"A",    "AA",     "AAA",   "AAAAA",     "AA=",  "AA==A",
                                      "AB==", "AAB=",   "A===",  "====",      "=",    "AAAA=",
                                      "AA=A", "AAAA\n", " AAAA", "AAAA AAAA", "AA-_", NULL};
    unsigned char out[16];
    size_t length;
    for (size_t i = 0; bad[i] != NULL; i++)
        if (base64_parse(text_of(bad[i]), out, sizeof out, &length))
            test_expect_text("refused", "", 0, bad[i], strlen(bad[i]));
    CU_ASSERT_TRUE(base64_parse((struct text){0}, out, 0, &length));
    CU_ASSERT_EQUAL(length, 0);
    CU_ASSERT_TRUE(base64_parse(text_of("AAAA"), out, 3, &length));
    CU_ASSERT_FALSE(base64_parse(text_of("AAAA"), out, 2, &length));
    for (size_t bytes = 0; bytes <= sizeof out; bytes++) {
        static const unsigned char data[16] = {255, 254, 253, 0, 1, 2, 128, 127};
        struct buffer text = {0};
        base64_format(&text, data, bytes);
        CU_ASSERT_TRUE(base64_parse(buffer_view(&text), out, sizeof out, &length));
        CU_ASSERT(length == bytes && memcmp(out, data, bytes) == 0);
        buffer_free(&text);
    }
}

static void test_numbers(void)
{
    static const char *const bad[] = {"",
                                      "00",
                                      "01",
                                      "+1",
                                      "-0",
                                      "-1",
                                      "1 ",
                                      " 1",
                                      "1.",
                                      "1x",
                                      "0x",
                                      "18446744073709551616",
                                      "99999999999999999999",
                                      "1000000000000000000000",
                                      NULL};
    uint64_t value;
    for (size_t i = 0; bad[i] != NULL; i++)
        CU_ASSERT_FALSE(number_parse(text_of(bad[i]), UINT64_MAX, &value));
    CU_ASSERT_TRUE(number_parse(text_of("0"), 0, &value) && value == 0);
    CU_ASSERT_TRUE(number_parse(text_of("18446744073709551615"), UINT64_MAX, &value));
    CU_ASSERT_EQUAL(value, UINT64_MAX);
    CU_ASSERT_TRUE(number_parse(text_of("255"), 255, &value) && value == 255);
    CU_ASSERT_FALSE(number_parse(text_of("256"), 255, &value));
    CU_ASSERT_FALSE(number_parse(text_of("1"), 0, &value));
}

static void test_lines(void)
{
    struct text rest = text_of("one\n\nthree"), line;
    CU_ASSERT_TRUE(line_next(&rest, &line) && text_equal(line, text_of("one")));
    CU_ASSERT_TRUE(line_next(&rest, &line) && line.length == 0);
    CU_ASSERT_FALSE(line_next(&rest, &line));
    CU_ASSERT_TRUE(text_equal(rest, text_of("three")));
    CU_ASSERT_FALSE(prefix_take(&rest, "threes"));
    CU_ASSERT_TRUE(prefix_take(&rest, "th") && text_equal(rest, text_of("ree")));
}

const struct test_case spelling_cases[] = {
    {"the letters of base64", test_base64_letters},
    {"base64 has one spelling", test_base64_has_one_spelling},
    {"numbers", test_numbers},
    {"lines", test_lines},
    {NULL, NULL},
};
