/* Arenas and the buffer. */
#include "buffer.h"
#include "memory.h"

#include <stdalign.h>
#include <stdint.h>

#include "chance.h"
#include "suite.h"

static bool is_zero(const unsigned char *bytes, size_t length)
{
    for (size_t i = 0; i < length; i++)
        if (bytes[i] != 0)
            return false;
    return true;
}

static void an_arena_gives_zeroed_aligned_pieces(void)
{
    struct arena arena = {0};
    uint64_t state = 1;
    for (int round = 0; round < 3; round++) {
        for (int i = 0; i < 3000; i++) {
            size_t size = (size_t)chance_between(&state, 0, 3000);
            unsigned char *piece = arena_allocate(&arena, size);
            CU_ASSERT_EQUAL_FATAL((uintptr_t)piece % alignof(max_align_t), 0);
            CU_ASSERT_TRUE_FATAL(is_zero(piece, size));
            memset(piece, 0xa5, size); /* shows overlaps, and what a reset leaves */
        }
        CU_ASSERT_TRUE(arena.used > 0);
        arena_reset(&arena);
        CU_ASSERT_EQUAL(arena.used, 0);
        CU_ASSERT_PTR_NOT_NULL(arena.blocks);
    }
    arena_free(&arena);
    CU_ASSERT_PTR_NULL(arena.blocks);
}

static void pieces_do_not_overlap(void)
{
    enum { PIECES = 500 };
    struct arena arena = {0};
    unsigned char *pieces[PIECES];
    for (size_t i = 0; i < PIECES; i++) {
        pieces[i] = arena_allocate(&arena, i * 7);
        memset(pieces[i], (int)(i % 256), i * 7);
    }
    for (size_t i = 0; i < PIECES; i++)
        for (size_t j = 0; j < i * 7; j++)
            CU_ASSERT_EQUAL_FATAL(pieces[i][j], i % 256);
    arena_free(&arena);
}

static void an_arena_takes_a_huge_piece(void)
{
    struct arena arena = {0};
    arena_allocate(&arena, 10);
    unsigned char *piece = arena_allocate(&arena, 20 * 1024 * 1024);
    CU_ASSERT_TRUE(is_zero(piece, 20 * 1024 * 1024));
    arena_allocate(&arena, 10);
    arena_free(&arena);
}

static void texts(void)
{
    struct arena arena = {0};
    CU_ASSERT_EQUAL(text_of(NULL).length, 0);
    struct text copy = text_copy(&arena, (struct text){"abcdef", 3});
    test_expect_text("copy", "abc", 3, copy.bytes, strlen(copy.bytes));
    copy = text_copy(&arena, (struct text){NULL, 0});
    CU_ASSERT_EQUAL(copy.bytes[0], '\0');
    copy = text_format(&arena, "%s-%d", "x", 12);
    test_expect_text("format", "x-12", 4, copy.bytes, copy.length);
    CU_ASSERT_EQUAL(text_format(&arena, "%s", "").length, 0);
    CU_ASSERT_TRUE(text_compare(text_of("ab"), text_of("abc")) < 0);
    CU_ASSERT_TRUE(text_compare(text_of("b"), text_of("abc")) > 0);
    CU_ASSERT_TRUE(text_compare(text_of("\x80"), text_of("z")) > 0);
    CU_ASSERT_TRUE(text_compare((struct text){NULL, 0}, text_of("")) == 0);
    CU_ASSERT_TRUE(text_equal((struct text){NULL, 0}, text_of("")));
    arena_free(&arena);
}

static void expect_buffer(const char *expected, struct buffer *buffer)
{
    test_expect_text("buffer", expected, strlen(expected), buffer_view(buffer).bytes,
                     buffer->length);
    buffer_clear(buffer);
}

static void a_buffer_writes(void)
{
    struct buffer buffer = {0};
    expect_buffer("", &buffer);
    buffer_integer(&buffer, 0);
    buffer_byte(&buffer, ' ');
    buffer_integer(&buffer, INT64_MIN);
    buffer_byte(&buffer, ' ');
    buffer_integer(&buffer, INT64_MAX);
    expect_buffer("0 -9223372036854775808 9223372036854775807", &buffer);
    buffer_hex(&buffer, "\x00\x1f\xab", 3);
    buffer_text(&buffer, text_of("/"));
    buffer_string(&buffer, "x");
    expect_buffer("001fab/x", &buffer);
    buffer_format(&buffer, "%s=%d", "key", 5);
    CU_ASSERT_STRING_EQUAL(buffer_terminate(&buffer), "key=5");
    test_expect_integer("length", 5, (long long)buffer.length);
    buffer_free(&buffer);
    CU_ASSERT_STRING_EQUAL(buffer_terminate(&buffer), "");
    buffer_free(&buffer);
}

static void a_buffer_grows(void)
{
    struct buffer buffer = {0};
    for (int i = 0; i < 100000; i++)
        buffer_format(&buffer, "%c", 'a' + i % 26);
    test_expect_integer("length", 100000, (long long)buffer.length);
    bool same = true;
    for (int i = 0; i < 100000; i++)
        same = same && buffer.bytes[i] == 'a' + i % 26;
    CU_ASSERT_TRUE(same);
    buffer_free(&buffer);
}

extern const struct test_case memory_cases[];
const struct test_case memory_cases[] = {
    {"an arena gives zeroed, aligned pieces", an_arena_gives_zeroed_aligned_pieces},
    {"pieces do not overlap", pieces_do_not_overlap},
    {"an arena takes a huge piece", an_arena_takes_a_huge_piece},
    {"texts", texts},
    {"a buffer writes", a_buffer_writes},
    {"a buffer grows", a_buffer_grows},
    {NULL, NULL},
};
