/* Memory that is there or the process is not: nothing the command holds at that
 * moment is worth a half-told answer. The library keeps its own promise. */
#ifndef LOYALTY_CLI_MEMORY_H
#define LOYALTY_CLI_MEMORY_H

#include <stddef.h>

/* The pointer, unless it is NULL: then one line on standard error and abort(). */
void *must_have(void *pointer);
/* realloc() for `count` things of `size` bytes, checked. */
void *must_grow(void *pointer, size_t count, size_t size);
char *must_copy(const char *text);

#endif
