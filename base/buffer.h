/* One growable buffer of bytes, and the few ways to write into it. */
#ifndef LOYALTY_BUFFER_H
#define LOYALTY_BUFFER_H

#include <stdint.h>

#include "memory.h"

struct buffer {
    char *bytes; /* owned; not NUL-terminated unless buffer_string() was asked */
    size_t length, capacity;
};

void buffer_reserve(struct buffer *buffer, size_t more);
void buffer_add(struct buffer *buffer, const void *bytes, size_t length);
void buffer_text(struct buffer *buffer, struct text text);
void buffer_string(struct buffer *buffer, const char *string);
void buffer_byte(struct buffer *buffer, char byte);
void buffer_integer(struct buffer *buffer, int64_t value);    /* decimal, "-0" never */
void buffer_hex(struct buffer *buffer, const void *bytes, size_t length); /* lower case */
void buffer_format(struct buffer *buffer, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
const char *buffer_terminate(struct buffer *buffer);          /* NUL after the bytes, not counted */
struct text buffer_view(const struct buffer *buffer);
void buffer_clear(struct buffer *buffer);                     /* keeps the memory */
void buffer_free(struct buffer *buffer);

#endif
