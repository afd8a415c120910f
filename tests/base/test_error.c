/* The error table, and that an error can be made out of itself. */
#include "error.h"

#include <string.h>

#include "memory.h"
#include "suite.h"
#include "utf8.h"

static const enum error_code codes[] = {
#define X(code, name, status, retry) ERROR_##code,
    ERROR_TABLE(X)
#undef X
};
enum { CODES = sizeof codes / sizeof codes[0] };

static void expect_string(const char *what, const char *expected, const char *actual)
{
    test_expect_text(what, expected, strlen(expected), actual, strlen(actual));
}

static void names_are_unique_and_plain(void)
{
    for (size_t i = 0; i < CODES; i++) {
        const char *name = error_name(codes[i]);
        CU_ASSERT_EQUAL(strspn(name, "abcdefghijklmnopqrstuvwxyz_"), strlen(name));
        for (size_t j = 0; j < i; j++)
            CU_ASSERT_STRING_NOT_EQUAL(name, error_name(codes[j]));
    }
    expect_string("name", "insufficient_points", error_name(ERROR_INSUFFICIENT_POINTS));
}

static void statuses_and_retries_are_known(void)
{
    for (size_t i = 0; i < CODES; i++) {
        const char *retry = error_retry(codes[i]);
        int status = error_exit_status(codes[i]);
        CU_ASSERT_TRUE(status >= (codes[i] != ERROR_NONE) && status <= 9);
        CU_ASSERT_TRUE(strcmp(retry, "never") == 0 || strcmp(retry, "later") == 0 ||
                       strcmp(retry, "same_ref") == 0);
    }
    test_expect_integer("status of busy", 8, error_exit_status(ERROR_BUSY));
    test_expect_integer("status of fork", 9, error_exit_status(ERROR_FORK));
}

static void fail_forgets_the_error_before(void)
{
    struct error error;
    memset(&error, 'x', sizeof error);
    CU_ASSERT_FALSE(fail_field(&error, ERROR_INVALID_FIELD, "lines[2].sku", "is %s", "empty"));
    CU_ASSERT_FALSE(hint(&error, "leave it out"));
    error.line = error.column = 7;
    expect_string("field", "lines[2].sku", error.field);
    expect_string("hint", "leave it out", error.hint);
    CU_ASSERT_FALSE(fail(&error, ERROR_IO, "unable to open '%s'", "x.db"));
    test_expect_integer("code", ERROR_IO, error.code);
    test_expect_integer("line and column", 0, error.line + error.column);
    expect_string("message", "unable to open 'x.db'", error.message);
    expect_string("field", "", error.field);
    expect_string("hint", "", error.hint);
}

static void an_error_may_be_made_of_itself(void)
{
    struct error error;
    fail_field(&error, ERROR_INVALID_FIELD, "till", "too long");
    hint(&error, "at most 64 bytes");
    hint(&error, "%s, please", error.hint);
    expect_string("hint", "at most 64 bytes, please", error.hint);
    fail_field(&error, ERROR_INVALID_FIELD, error.field, "line 7: %s is %s (%s)", error.field,
               error.message, error.hint);
    expect_string("field", "till", error.field);
    expect_string("message", "line 7: till is too long (at most 64 bytes, please)", error.message);
    fail(&error, ERROR_IO, "%s: %s", error.field, error.message);
    expect_string("message", "till: line 7: till is too long (at most 64 bytes, please)",
                  error.message);
}

static void long_texts_end_between_characters(void)
{
    static const char *const characters[] = {"a", "\xc3\xa9", "\xe4\xba\xab", "\xf0\x9f\x98\x80"};
    char text[700];
    for (size_t c = 0; c < 4; c++) {
        for (size_t lead = 0; lead < 4; lead++) {
            size_t size = strlen(characters[c]), length = lead;
            memset(text, '-', lead);
            for (; length + size < sizeof text; length += size)
                memcpy(text + length, characters[c], size);
            text[length] = '\0';
            struct error error;
            fail_field(&error, ERROR_IO, text, "%s", text);
            hint(&error, "%s", text);
            CU_ASSERT_TRUE(utf8_is_clean(text_of(error.message)));
            CU_ASSERT_TRUE(utf8_is_clean(text_of(error.field)));
            CU_ASSERT_TRUE(utf8_is_clean(text_of(error.hint)));
            CU_ASSERT_TRUE(strlen(error.message) + size >= sizeof error.message);
            CU_ASSERT_TRUE(strlen(error.field) + size >= sizeof error.field);
            CU_ASSERT_TRUE(strlen(error.hint) + size >= sizeof error.hint);
        }
    }
}

extern const struct test_case error_cases[];
const struct test_case error_cases[] = {
    {"names are unique and plain", names_are_unique_and_plain},
    {"statuses and retries are known", statuses_and_retries_are_known},
    {"fail forgets the error before", fail_forgets_the_error_before},
    {"an error may be made of itself", an_error_may_be_made_of_itself},
    {"long texts end between characters", long_texts_end_between_characters},
    {NULL, NULL},
};
