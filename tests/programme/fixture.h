/* Programmes for tests: read from a string, in a zone of tests/vectors. */
#ifndef LOYALTY_TESTS_FIXTURE_H
#define LOYALTY_TESTS_FIXTURE_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "programme.h"
#include "suite.h"

static inline void expect_string(const char *what, const char *expected, struct text actual)
{
    test_expect_text(what, expected, strlen(expected), actual.bytes, actual.length);
}

static inline moment at(const char *text)
{
    struct error error = {0};
    moment result = 0;
    CU_ASSERT_TRUE(moment_parse(text_of(text), NULL, &result, &error));
    return result;
}

/* NULL is never. */
static inline void expect_moment(const char *what, const char *expected, moment actual)
{
    struct buffer buffer = {0};
    if (actual == MOMENT_NEVER)
        buffer_string(&buffer, "never");
    else
        moment_format(&buffer, actual);
    expect_string(what, expected == NULL ? "never" : expected, buffer_view(&buffer));
    buffer_free(&buffer);
}

/* A document with the members that must be there, and more of them. */
#define DOCUMENT(zone, currency, more)                                                             \
    "{\"loyalty\":1,\"id\":\"shop\",\"timezone\":\"" zone "\",\"currency\":\"" currency "\"," more \
    "}"

static inline struct text fixture_zone(struct arena *arena, const char *name)
{
    char path[512];
    size_t length;
    snprintf(path, sizeof path, "%s/vectors/zoneinfo/%s", TEST_DATA, name);
    char *bytes = test_read_file(path, &length);
    CU_ASSERT_PTR_NOT_NULL_FATAL(bytes);
    struct text text = text_copy(arena, (struct text){bytes, length});
    free(bytes);
    return text;
}

static inline const struct programme *fixture_read(struct arena *arena, const char *zone,
                                                   const char *document)
{
    struct programme_faults faults;
    struct error error = {0};
    const struct programme *programme =
        programme_read(arena, text_of(document), fixture_zone(arena, zone), &faults, &error);
    if (programme == NULL)
        printf("\n    %u:%u %s: %s\n", error.line, error.column, error.field, error.message);
    CU_ASSERT_PTR_NOT_NULL_FATAL(programme);
    return programme;
}

extern const struct test_case read_cases[]; /* test_read.c */
extern const struct test_case life_cases[]; /* test_life.c */
extern const struct test_case phone_cases[]; /* test_phone.c */
extern const struct test_case tiers_cases[]; /* test_tiers.c */

#endif
