/* Memory: an arena per batch, so that ownership is one sentence: whatever an
 * arena gave lives until the arena is reset or freed.
 *
 * Running out of memory ends the process by abort() after a line on standard
 * error (loyalty.h says so): the open transaction is rolled back by the next
 * process, so nothing is half done, and no code path exists that nobody ran. */
#ifndef LOYALTY_MEMORY_H
#define LOYALTY_MEMORY_H

#include <stdbool.h>
#include <stddef.h>
#include <string.h>

void *memory_allocate(size_t bytes);            /* zeroed; never NULL */
void *memory_resize(void *block, size_t bytes); /* never NULL; what was added is not zeroed */
/* For the one who allocates by other means and got nothing. */
_Noreturn void memory_exhausted(void);

/* qsort() that takes an empty list, which may be NULL. */
void memory_sort(void *list, size_t count, size_t size, int (*compare)(const void *, const void *));

struct arena {
    struct arena_block *blocks;
    size_t used; /* bytes handed out since the last reset */
};
void *arena_allocate(struct arena *arena,
                     size_t bytes);    /* zeroed, aligned for anything; never NULL */
void arena_reset(struct arena *arena); /* keeps one block for reuse */
void arena_free(struct arena *arena);

/* A slice of bytes that somebody else owns; not NUL-terminated. */
struct text {
    const char *bytes;
    size_t length;
};
struct text text_of(const char *string);                      /* NULL gives the empty text */
struct text text_copy(struct arena *arena, struct text text); /* a NUL follows the copy */
struct text text_format(struct arena *arena, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
static inline bool text_starts(struct text text, const char *prefix)
{
    size_t length = strlen(prefix);
    return text.length >= length && memcmp(text.bytes, prefix, length) == 0;
}
static inline bool text_equal(struct text a, struct text b)
{
    return a.length == b.length && (a.length == 0 || memcmp(a.bytes, b.bytes, a.length) == 0);
}
int text_compare(struct text a, struct text b); /* by bytes */

/* printf helpers: printf("%.*s", TEXT(t)) */
#define TEXT(t) (int)(t).length, (t).bytes

#endif
