/* The strict reader: JSONTestSuite, the rules that go beyond it, where errors
 * point, and the walks over valid texts. */
#include "json.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>

#include "limits.h"
#include "suite.h"

/* -- JSONTestSuite ---------------------------------------------------------- */

/* All 95 y_ files are read as JSON. Four of them are then not acted upon, which is
 * another code than invalid_json: evidence cannot rest on a member that stands
 * twice, nor C strings on U+0000. */
static const struct {
    const char *file;
    enum error_code code;
} refused_by_rule[] = {
    {"y_object_duplicated_key.json", ERROR_DUPLICATE_MEMBER},
    {"y_object_duplicated_key_and_value.json", ERROR_DUPLICATE_MEMBER},
    {"y_object_escaped_null_in_key.json", ERROR_INVALID_TEXT},
    {"y_string_null_escape.json", ERROR_INVALID_TEXT},
};

static enum error_code rule_against(const char *file)
{
    for (size_t i = 0; i < sizeof refused_by_rule / sizeof refused_by_rule[0]; i++)
        if (strcmp(file, refused_by_rule[i].file) == 0)
            return refused_by_rule[i].code;
    return ERROR_NONE;
}

static void expect_verdict(const char *name, struct text text)
{
    struct error error = {0};
    enum error_code rule = rule_against(name);
    cJSON *tree = json_parse(text, &error);
    if (name[0] == 'y')
        CU_ASSERT_EQUAL(tree == NULL ? error.code : ERROR_NONE, rule);
    if (name[0] == 'n') {
        if (tree != NULL)
            printf("\n    %s: expected it to be refused\n", name);
        CU_ASSERT_PTR_NULL(tree);
        CU_ASSERT_TRUE(tree != NULL || error.code == ERROR_INVALID_JSON);
    }
    if (tree == NULL)
        CU_ASSERT_TRUE(error.line > 0 && error.column > 0 && error.message[0] != '\0');
    cJSON_Delete(tree);
}

static void json_test_suite(void)
{
    static const char folder[] = TEST_DATA "/vectors/json/test_parsing";
    int accepted = 0, refused = 0, open = 0;
    DIR *directory = opendir(folder);
    CU_ASSERT_PTR_NOT_NULL_FATAL(directory);
    for (struct dirent *entry; (entry = readdir(directory)) != NULL;) {
        if (entry->d_name[0] == '.')
            continue;
        char path[1024];
        size_t length;
        snprintf(path, sizeof path, "%s/%s", folder, entry->d_name);
        char *bytes = test_read_file(path, &length);
        CU_ASSERT_PTR_NOT_NULL_FATAL(bytes);
        /* A copy without the NUL, so that a sanitizer sees a read too far. */
        char *exact = memory_resize(NULL, length);
        memcpy(exact, bytes, length);
        expect_verdict(entry->d_name, (struct text){exact, length});
        accepted += entry->d_name[0] == 'y';
        refused += entry->d_name[0] == 'n';
        open += entry->d_name[0] == 'i';
        free(exact);
        free(bytes);
    }
    closedir(directory);
    test_expect_integer("y_ files", 95, accepted);
    test_expect_integer("n_ files", 188, refused);
    test_expect_integer("i_ files", 35, open);
}

/* -- Rules beyond it -------------------------------------------------------- */

static void expect_valid(const char *json)
{
    struct error error = {0};
    if (!json_check(text_of(json), &error))
        printf("\n    %s: expected valid, got: %s\n", json, error.message);
    CU_ASSERT_EQUAL(error.code, ERROR_NONE);
}

static void expect_refused(const char *json, unsigned line, unsigned column, const char *message)
{
    struct error error = {0};
    if (json_check(text_of(json), &error))
        printf("\n    %s: expected refused\n", json);
    bool rule = strstr(message, "appears twice") != NULL || strstr(message, "U+0000") != NULL;
    CU_ASSERT_EQUAL(error.code == ERROR_INVALID_JSON, !rule);
    test_expect_integer(json, line, error.line);
    test_expect_integer(json, column, error.column);
    test_expect_text(json, message, strlen(message), error.message, strlen(error.message));
}

static void faults_are_named_where_they_are(void)
{
    expect_refused("", 1, 1, "a value expected, but the text ends here");
    expect_refused(" \n ", 2, 2, "a value expected, but the text ends here");
    expect_refused("{\"a\":1 \"b\":2}", 1, 8,
                   "a comma or '}' expected after the member, but '\"' stands here");
    expect_refused("[1\n, 2 3]", 2, 5,
                   "a comma or ']' expected after the value, but '3' stands here");
    expect_refused("[1,]", 1, 4, "a value expected after the comma, but ']' stands here");
    expect_refused("{\"a\":1,}", 1, 8,
                   "a member's name expected after the comma, but '}' stands here");
    expect_refused("{a:1}", 1, 2, "a member's name or '}' expected, but 'a' stands here");
    expect_refused("{\"a\" 1}", 1, 6,
                   "a colon expected after the member's name, but '1' stands here");
    expect_refused("{\"a\":}", 1, 6, "a value expected after the colon, but '}' stands here");
    expect_refused("[", 1, 2, "a value or ']' expected, but the text ends here");
    expect_refused("[\xe6\x98\x9f]", 1, 2,
                   "a value or ']' expected, but '\xe6\x98\x9f' stands here");
    expect_refused("[\xff]", 1, 2,
                   "a value or ']' expected, but a byte that is not UTF-8 (0xff) stands here");
    expect_refused("[\f]", 1, 2,
                   "a value or ']' expected, but a control character (U+000C) stands here");
    expect_refused("1 2", 1, 3, "nothing expected after the value, but '2' stands here");
    expect_refused("truex", 1, 5, "nothing expected after the value, but 'x' stands here");
    expect_refused("[True]", 1, 2, "a value or ']' expected, but 'T' stands here");
    expect_refused("\xef\xbb\xbf{}", 1, 1, "a byte-order mark stands before the text");
}

static void strings_are_strict(void)
{
    expect_valid("\"\\\"\\\\\\/\\b\\f\\n\\r\\t\\u00e9\\ud83d\\ude00 \xf0\x9f\x98\x80\x7f\"");
    expect_refused("[\"ab", 1, 2, "the string that begins here has no closing quote");
    expect_refused("[\"ab\\", 1, 5, "a backslash begins no such escape");
    expect_refused("[\"a\nb\"]", 1, 4, "a control character (U+000A) stands in a string");
    expect_refused("\"\\x\"", 1, 2, "a backslash begins no such escape");
    expect_refused("\"\\u12g4\"", 1, 2, "four hexadecimal digits expected after \\u");
    expect_refused("\"\\u12", 1, 2, "four hexadecimal digits expected after \\u");
    expect_refused("\"a\\ud800\"", 1, 3, "half of a surrogate pair stands alone");
    expect_refused("\"a\\ud800\\u0041\"", 1, 3, "half of a surrogate pair stands alone");
    expect_refused("\"\\ud800\\ud800\"", 1, 2, "half of a surrogate pair stands alone");
    expect_refused("\"\\udc00\"", 1, 2, "half of a surrogate pair stands alone");
    expect_refused("\"\\ud800\\u12", 1, 2, "half of a surrogate pair stands alone");
    expect_refused("\"a\\u0000\"", 1, 3, "a string may not hold U+0000");
    expect_refused("\"\xc3\"", 1, 2, "these bytes are not well-formed UTF-8");
    struct error error;
    CU_ASSERT_FALSE(json_check((struct text){"\"\0\"", 3}, &error));
}

static void numbers_are_exact(void)
{
    static const char *const valid[] = {
        "0",
        "-0",
        "-0.0e-0",
        "123456789012345",
        "-123456789.012345",
        "0.000000123456789012345",
        "12345678901234500000000",
        "1e300",
        "1e-300",
        "1.5E+300",
        "9.99999999999999e300",
        "0e300",
        "100000000000000000000",
        "0.1000000000000000000000000000000000000000000000000000000000000000000000000000000000"};
    for (size_t i = 0; i < sizeof valid / sizeof valid[0]; i++)
        expect_valid(valid[i]);
    static const char digits[] = "the number has more than 15 significant digits";
    expect_valid("9007199254740991");
    expect_valid("-9007199254740991");
    expect_refused("12345678901234567", 1, 1, digits);
    expect_refused("[9007199254740993]", 1, 2, digits);
    expect_refused("0.1000000000000001", 1, 1, digits);
    expect_refused("10000000000000001", 1, 1, digits);
    expect_refused("123456789012345.6", 1, 1, digits);
    static const char exponent[] = "the number's exponent is beyond 300";
    expect_refused("1e301", 1, 1, exponent);
    expect_refused("1e-301", 1, 1, exponent);
    expect_refused("[ 0e301]", 1, 3, exponent);
    expect_refused("10e300", 1, 1, exponent);
    expect_refused("0.1e-300", 1, 1, exponent);
    expect_refused("1e99999999999999999999", 1, 1, exponent);
    expect_refused("-1e-99999999999999999999", 1, 1, exponent);
    /* The exponent of the number, wherever its point was put. */
    expect_refused("123456789012345e290", 1, 1, exponent);
    expect_refused("0.00001e-298", 1, 1, exponent);
    expect_valid("0.00001e300");
    expect_valid("1.23456789012345e-300");
    expect_refused("01", 1, 1, "a number does not begin with needless zeros");
    expect_refused("-", 1, 2, "a digit expected after '-', but the text ends here");
    expect_refused("-x", 1, 2, "a digit expected after '-', but 'x' stands here");
    expect_refused("1.", 1, 3, "a digit expected after the decimal point, but the text ends here");
    expect_refused("1.e5", 1, 3, "a digit expected after the decimal point, but 'e' stands here");
    expect_refused("1e+", 1, 4, "a digit expected in the exponent, but the text ends here");
}

static void long_rows_of_zeros(void)
{
    char number[1000];
    memset(number, '0', sizeof number);
    number[0] = '1';
    struct error error;
    CU_ASSERT_TRUE(json_check((struct text){number, 301}, &error));
    CU_ASSERT_FALSE(json_check((struct text){number, 302}, &error));
    cJSON *tree = json_parse((struct text){number, 301}, &error);
    CU_ASSERT_TRUE(tree != NULL && tree->valuedouble == 1e300);
    cJSON_Delete(tree);
    memcpy(number, "-0.0", 4);
    memcpy(number + 200, "1234567890123450000", 19);
    tree = json_parse((struct text){number, sizeof number}, &error);
    CU_ASSERT_TRUE(tree != NULL && tree->valuedouble == -1.23456789012345e-198);
    cJSON_Delete(tree);
    memcpy(number, "0.00", 4);
    memset(number + 200, '0', 19);
    tree = json_parse((struct text){number, sizeof number}, &error);
    CU_ASSERT_TRUE(tree != NULL && tree->valuedouble == 0);
    cJSON_Delete(tree);
}

static void names_are_distinct_once_decoded(void)
{
    expect_refused("{\"sku\":1,\n \"sku\":2}", 2, 2, "member \"sku\" appears twice");
    expect_refused("{\"a\":1,\"\\u0061\":2}", 1, 8, "member \"a\" appears twice");
    expect_refused("{\"\\/\":1,\"/\":2}", 1, 9, "member \"/\" appears twice");
    expect_refused("{\"\\ud83d\\ude00\":1,\"\xf0\x9f\x98\x80\":2}", 1, 19,
                   "member \"\xf0\x9f\x98\x80\" appears twice");
    expect_refused("[{\"b\":{\"a\":1,\"b\":[{}]},\"b\":1}]", 1, 24, "member \"b\" appears twice");
    expect_refused("{\"\":1,\"\":1}", 1, 7, "member \"\" appears twice");
    expect_valid("{\"a\":{\"a\":{\"a\":1}},\"A\":[{\"a\":1},{\"a\":1}],\"\":0}");
}

/* An object of `count` members m0, m1, ...; the last one named `last` if given. */
static void write_members(struct buffer *buffer, int count, const char *last)
{
    buffer_byte(buffer, '{');
    for (int i = 0; i < count; i++) {
        if (i > 0)
            buffer_byte(buffer, ',');
        if (last != NULL && i == count - 1)
            buffer_format(buffer, "\"%s\":0", last);
        else
            buffer_format(buffer, "\"m%d\":0", i);
    }
    buffer_byte(buffer, '}');
}

static void large_objects_find_their_twins(void)
{
    struct error error = {0};
    struct buffer buffer = {0};
    for (int count = 2; count <= 40; count++) {
        buffer_clear(&buffer);
        write_members(&buffer, count, NULL);
        CU_ASSERT_TRUE(json_check(buffer_view(&buffer), &error));
        size_t start = buffer.length;
        buffer_clear(&buffer);
        write_members(&buffer, count, "\\u006d0");
        CU_ASSERT_FALSE(json_check(buffer_view(&buffer), &error));
        CU_ASSERT_STRING_EQUAL(error.message, "member \"m0\" appears twice");
        CU_ASSERT_TRUE(error.column > start / 2); /* the later one, not the first */
    }
    buffer_free(&buffer);
}

static void members_and_depth_have_limits(void)
{
    struct error error = {0};
    struct buffer buffer = {0};
    write_members(&buffer, LIMIT_JSON_MEMBERS, NULL);
    CU_ASSERT_TRUE(json_check(buffer_view(&buffer), &error));
    buffer_clear(&buffer);
    write_members(&buffer, LIMIT_JSON_MEMBERS + 1, NULL);
    CU_ASSERT_FALSE(json_check(buffer_view(&buffer), &error));
    CU_ASSERT_STRING_EQUAL(error.message, "an object has more than 4096 members");
    for (int depth = LIMIT_JSON_DEPTH - 1; depth <= LIMIT_JSON_DEPTH + 1; depth++) {
        buffer_clear(&buffer);
        for (int i = 0; i < depth; i++)
            buffer_byte(&buffer, '[');
        for (int i = 0; i < depth; i++)
            buffer_byte(&buffer, ']');
        CU_ASSERT_EQUAL(json_check(buffer_view(&buffer), &error), depth <= LIMIT_JSON_DEPTH);
    }
    CU_ASSERT_STRING_EQUAL(error.message, "nested deeper than 64 levels");
    test_expect_integer("column", LIMIT_JSON_DEPTH + 1, error.column);
    buffer_free(&buffer);
}

/* -- Trees ------------------------------------------------------------------ */

static void trees_are_built(void)
{
    struct error error;
    cJSON *tree =
        json_parse(text_of("{\"n\":-12.50,\"s\":\"a\\u00e9\",\"l\":[true,null]}"), &error);
    CU_ASSERT_PTR_NOT_NULL_FATAL(tree);
    CU_ASSERT_EQUAL(cJSON_GetObjectItemCaseSensitive(tree, "n")->valuedouble, -12.5);
    CU_ASSERT_STRING_EQUAL(cJSON_GetObjectItemCaseSensitive(tree, "s")->valuestring, "a\xc3\xa9");
    CU_ASSERT_TRUE(cJSON_IsNull(cJSON_GetObjectItemCaseSensitive(tree, "l")->child->next));
    cJSON_Delete(tree);
    CU_ASSERT_PTR_NULL(json_parse(text_of("{} x"), &error));
}

static void expect_whole(const char *json, bool whole, int64_t expected)
{
    struct error error;
    int64_t value = 4711;
    cJSON *item = json_parse(text_of(json), &error);
    CU_ASSERT_EQUAL(json_integer(item, &value), whole);
    test_expect_integer(json, whole ? expected : 4711, value);
    cJSON_Delete(item);
}

static void integers_are_exact(void)
{
    expect_whole("0", true, 0);
    expect_whole("-0", true, 0);
    expect_whole("-17", true, -17);
    expect_whole("1.0", true, 1);
    expect_whole("15e2", true, 1500);
    expect_whole("999999999999999", true, INT64_C(999999999999999));
    expect_whole("1e16", false, 0);
    expect_whole("-1e300", false, 0);
    expect_whole("0.5", false, 0);
    expect_whole("1e-300", false, 0);
    expect_whole("\"1\"", false, 0);
    expect_whole("true", false, 0);
    cJSON limit = {.type = cJSON_Number, .valuedouble = (double)LIMIT_UNITS};
    int64_t value = 0;
    CU_ASSERT_TRUE(json_integer(&limit, &value) && value == LIMIT_UNITS);
    limit.valuedouble += 1;
    CU_ASSERT_FALSE(json_integer(&limit, &value));
    CU_ASSERT_FALSE(json_integer(NULL, &value));
}

/* -- Walks ------------------------------------------------------------------ */

static void expect_place(const char *json, const char *pointer, bool of_name, unsigned line,
                         unsigned column)
{
    unsigned got_line = 0, got_column = 0;
    bool found = json_locate(text_of(json), pointer, of_name, &got_line, &got_column);
    CU_ASSERT_EQUAL(found, line > 0);
    test_expect_integer(pointer, line, got_line);
    test_expect_integer(pointer, column, got_column);
}

static void pointers_find_values_and_names(void)
{
    static const char json[] =
        "\n{ \"earn\" : [ 1 , {\"per\":\n \"5\"} ],\n\"a/b\":{\"~\":true,\"\":[[],{}]},"
        "\"\\u0065s\" : -1.5e2 , \"last\":null}";
    expect_place(json, "", false, 2, 1);
    expect_place(json, "/earn", false, 2, 12);
    expect_place(json, "/earn", true, 2, 3);
    expect_place(json, "/earn/0", false, 2, 14);
    expect_place(json, "/earn/1", false, 2, 18);
    expect_place(json, "/earn/1/per", false, 3, 2);
    expect_place(json, "/earn/1/per", true, 2, 19);
    expect_place(json, "/a~1b", false, 4, 7);
    expect_place(json, "/a~1b/~0", false, 4, 12);
    expect_place(json, "/a~1b/~0", true, 4, 8);
    expect_place(json, "/a~1b//0", false, 4, 21);
    expect_place(json, "/a~1b//1", false, 4, 24);
    expect_place(json, "/es", false, 4, 41);
    expect_place(json, "/last", false, 4, 57);
    static const char *const absent[] = {"/none",
                                         "/earn/2",
                                         "/earn/01",
                                         "/earn/-",
                                         "/earn/",
                                         "/earn/1/per/0",
                                         "/earn/x",
                                         "earn",
                                         "/a~1b//0/0",
                                         "/a~1b//1/x",
                                         "/earn/99999999999999999999"};
    for (size_t i = 0; i < sizeof absent / sizeof absent[0]; i++)
        expect_place(json, absent[i], false, 0, 0);
    expect_place(json, "", true, 0, 0);
    expect_place(json, "/earn/0", true, 0, 0);
    expect_place("[]", "/0", false, 0, 0);
    expect_place(" 7", "", false, 1, 2);
}

static void minify_takes_space_only(void)
{
    struct buffer buffer = {0};
    json_minify(
        &buffer,
        text_of(" { \"a b\\\" \\\\\" : [ 1.50 , -2E+3,true ,\tnull,false ] \r\n, \"\" : { } } "));
    static const char expected[] = "{\"a b\\\" \\\\\":[1.50,-2E+3,true,null,false],\"\":{}}";
    test_expect_text("minified", expected, strlen(expected), buffer.bytes, buffer.length);
    buffer_free(&buffer);
}

static void strings_have_one_spelling(void)
{
    struct buffer buffer = {0};
    json_string(&buffer, (struct text){"a\"b\\c/\n\x1f\0\x7f\xc3\xa9", 12});
    static const char expected[] = "\"a\\\"b\\\\c/\\u000a\\u001f\\u0000\x7f\xc3\xa9\"";
    test_expect_text("string", expected, strlen(expected), buffer.bytes, buffer.length);
    buffer_clear(&buffer);
    json_string(&buffer, (struct text){NULL, 0});
    test_expect_text("empty", "\"\"", 2, buffer.bytes, buffer.length);
    buffer_free(&buffer);
}

/* -- What was meant --------------------------------------------------------- */

static void expect_nearest(const char *wrong, const char *expected)
{
    static const char *const names[] = {"amount",   "member",       "receipt", "per", "id",
                                        "min_tier", "on_promotion", "when",    "n"};
    const char *nearest = nearest_name(text_of(wrong), names, sizeof names / sizeof names[0]);
    if ((nearest == NULL) != (expected == NULL) ||
        (nearest != NULL && strcmp(nearest, expected) != 0))
        printf("\n    %s: expected %s, got %s\n", wrong, expected != NULL ? expected : "none",
               nearest != NULL ? nearest : "none");
    CU_ASSERT_TRUE(nearest == NULL ? expected == NULL
                                   : expected != NULL && strcmp(nearest, expected) == 0);
}

static void misspelt_names_are_guessed(void)
{
    expect_nearest("amuont", "amount");
    expect_nearest("Amount", "amount");
    expect_nearest("amounts", "amount");
    expect_nearest("amout", "amount");
    expect_nearest("reciept", "receipt");
    expect_nearest("mintier", "min_tier");
    expect_nearest("on_promote", "on_promotion");
    expect_nearest("pre", "per");
    expect_nearest("whne", "when");
    expect_nearest("ix", "id");
    expect_nearest("x", NULL);
    expect_nearest("", NULL);
    expect_nearest("storefront", NULL);
    expect_nearest("mmemberr_____", NULL);
    expect_nearest("aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
                   NULL);
}

extern const struct test_case json_cases[];
const struct test_case json_cases[] = {
    {"JSONTestSuite", json_test_suite},
    {"faults are named where they are", faults_are_named_where_they_are},
    {"strings are strict", strings_are_strict},
    {"numbers are exact", numbers_are_exact},
    {"long rows of zeros", long_rows_of_zeros},
    {"names are distinct once decoded", names_are_distinct_once_decoded},
    {"large objects find their twins", large_objects_find_their_twins},
    {"members and depth have limits", members_and_depth_have_limits},
    {"trees are built", trees_are_built},
    {"integers are exact", integers_are_exact},
    {"pointers find values and names", pointers_find_values_and_names},
    {"minify takes space only", minify_takes_space_only},
    {"strings have one spelling", strings_have_one_spelling},
    {"misspelt names are guessed", misspelt_names_are_guessed},
    {NULL, NULL},
};
