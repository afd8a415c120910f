/* Memory that never fails its caller, and arenas.
 *
 * An arena is a list of blocks, the newest first; only the newest is handed
 * out from. Each block is twice the one before (within bounds), so that a batch
 * of any size costs few calls of malloc, and the block that a reset keeps is
 * the one that the next batch of that size needs. */
#include "memory.h"

#include <stdalign.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

/* Blocks stop doubling early: the unused rest of a large one, and the hole that it
 * leaves in the heap, count against what an import may take. */
enum { FIRST_BLOCK = 64 * 1024, LARGEST_DOUBLED_BLOCK = 2 * 1024 * 1024 };

struct arena_block {
    struct arena_block *older;
    size_t capacity, used;
    alignas(max_align_t) unsigned char bytes[];
};

_Noreturn void memory_exhausted(void)
{
    fputs("loyalty: out of memory\n", stderr);
    abort();
}

void *memory_allocate(size_t bytes)
{
    void *block = calloc(1, bytes > 0 ? bytes : 1);
    if (block == NULL)
        memory_exhausted();
    return block;
}

void *memory_resize(void *block, size_t bytes)
{
    void *resized = realloc(block, bytes > 0 ? bytes : 1);
    if (resized == NULL)
        memory_exhausted();
    return resized;
}

static void add_block(struct arena *arena, size_t least)
{
    size_t capacity = FIRST_BLOCK;
    if (arena->blocks != NULL && arena->blocks->capacity >= FIRST_BLOCK)
        capacity = arena->blocks->capacity * 2;
    if (capacity > LARGEST_DOUBLED_BLOCK)
        capacity = LARGEST_DOUBLED_BLOCK;
    if (capacity < least)
        capacity = least;
    /* Not calloc: arena_allocate clears what it hands out, once. */
    struct arena_block *block = memory_resize(NULL, sizeof *block + capacity);
    block->older = arena->blocks;
    block->capacity = capacity;
    block->used = 0;
    arena->blocks = block;
}

void *arena_allocate(struct arena *arena, size_t bytes)
{
    const size_t unit = alignof(max_align_t);
    if (bytes > SIZE_MAX / 2)
        memory_exhausted(); /* before the rounding below can wrap */
    size_t size = bytes > 0 ? (bytes + unit - 1) / unit * unit : unit;
    if (arena->blocks == NULL || arena->blocks->capacity - arena->blocks->used < size)
        add_block(arena, size);
    unsigned char *place = arena->blocks->bytes + arena->blocks->used;
    arena->blocks->used += size;
    arena->used += size;
    memset(place, 0, size);
    return place;
}

static void free_blocks(struct arena_block *block)
{
    while (block != NULL) {
        struct arena_block *older = block->older;
        free(block);
        block = older;
    }
}

void arena_reset(struct arena *arena)
{
    arena->used = 0;
    if (arena->blocks == NULL)
        return;
    free_blocks(arena->blocks->older);
    arena->blocks->older = NULL;
    arena->blocks->used = 0;
}

void arena_free(struct arena *arena)
{
    free_blocks(arena->blocks);
    arena->blocks = NULL;
    arena->used = 0;
}

struct text text_of(const char *string)
{
    if (string == NULL)
        string = "";
    return (struct text){string, strlen(string)};
}

struct text text_copy(struct arena *arena, struct text text)
{
    char *copy = arena_allocate(arena, text.length + 1);
    if (text.length > 0)
        memcpy(copy, text.bytes, text.length);
    return (struct text){copy, text.length};
}

struct text text_format(struct arena *arena, const char *format, ...)
{
    va_list arguments, again;
    va_start(arguments, format);
    va_copy(again, arguments);
    int length = vsnprintf(NULL, 0, format, arguments);
    va_end(arguments);
    size_t size = length > 0 ? (size_t)length : 0;
    char *bytes = arena_allocate(arena, size + 1);
    if (size > 0)
        vsnprintf(bytes, size + 1, format, again);
    va_end(again);
    return (struct text){bytes, size};
}

int text_compare(struct text a, struct text b)
{
    size_t shared = a.length < b.length ? a.length : b.length;
    int order = shared > 0 ? memcmp(a.bytes, b.bytes, shared) : 0;
    return order != 0 ? order : (a.length > b.length) - (a.length < b.length);
}

/* --- Sorting ------------------------------------------------------------------- */

void memory_sort(void *list, size_t count, size_t size, int (*compare)(const void *, const void *))
{
    if (count > 1)
        qsort(list, count, size, compare);
}
