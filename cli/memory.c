/* See memory.h. */
#include "memory.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

void *must_have(void *pointer)
{
    if (pointer == NULL) {
        static const char line[] = "loyalty: out of memory\n";
        ssize_t written = write(STDERR_FILENO, line, sizeof line - 1);
        (void)written;
        abort();
    }
    return pointer;
}

void *must_grow(void *pointer, size_t count, size_t size)
{
    if (count == 0)
        count = 1;
    if (count > SIZE_MAX / size)
        must_have(NULL);
    return must_have(realloc(pointer, count * size));
}

char *must_copy(const char *text)
{
    return must_have(strdup(text));
}
