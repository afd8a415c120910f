/* One growable buffer. It doubles, so that n bytes cost O(n) however they come;
 * it never shrinks, because a batch clears it and fills it again. */
#include "buffer.h"

#include <assert.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

void buffer_reserve(struct buffer *buffer, size_t more)
{
    if (buffer->capacity - buffer->length >= more)
        return;
    if (more > SIZE_MAX / 4 || buffer->capacity > SIZE_MAX / 4)
        memory_exhausted();
    size_t capacity = buffer->capacity > 0 ? buffer->capacity * 2 : 256;
    if (capacity < buffer->length + more)
        capacity = buffer->length + more;
    buffer->bytes = memory_resize(buffer->bytes, capacity);
    buffer->capacity = capacity;
}

void buffer_add(struct buffer *buffer, const void *bytes, size_t length)
{
    if (length == 0)
        return;
    buffer_reserve(buffer, length);
    memcpy(buffer->bytes + buffer->length, bytes, length);
    buffer->length += length;
}

void buffer_text(struct buffer *buffer, struct text text)
{
    buffer_add(buffer, text.bytes, text.length);
}

void buffer_string(struct buffer *buffer, const char *string)
{
    buffer_add(buffer, string, strlen(string));
}

void buffer_byte(struct buffer *buffer, char byte)
{
    buffer_add(buffer, &byte, 1);
}

void buffer_integer(struct buffer *buffer, int64_t value)
{
    char digits[20]; /* 19 digits of INT64_MIN and its sign */
    size_t start = sizeof digits;
    uint64_t left = value < 0 ? 0 - (uint64_t)value : (uint64_t)value;
    do {
        digits[--start] = (char)('0' + left % 10);
        left /= 10;
    } while (left > 0);
    if (value < 0)
        digits[--start] = '-';
    buffer_add(buffer, digits + start, sizeof digits - start);
}

void buffer_hex(struct buffer *buffer, const void *bytes, size_t length)
{
    static const char digits[] = "0123456789abcdef";
    const unsigned char *from = bytes;
    if (length > SIZE_MAX / 8)
        memory_exhausted();
    buffer_reserve(buffer, length * 2);
    for (size_t i = 0; i < length; i++) {
        buffer->bytes[buffer->length++] = digits[from[i] >> 4];
        buffer->bytes[buffer->length++] = digits[from[i] & 15];
    }
}

void buffer_format(struct buffer *buffer, const char *format, ...)
{
    va_list arguments, again;
    va_start(arguments, format);
    va_copy(again, arguments);
    int length = vsnprintf(NULL, 0, format, arguments);
    va_end(arguments);
    assert(length >= 0);
    buffer_reserve(buffer, (size_t)length + 1);
    vsnprintf(buffer->bytes + buffer->length, (size_t)length + 1, format, again);
    va_end(again);
    buffer->length += (size_t)length;
}

const char *buffer_terminate(struct buffer *buffer)
{
    buffer_reserve(buffer, 1);
    buffer->bytes[buffer->length] = '\0';
    return buffer->bytes;
}

struct text buffer_view(const struct buffer *buffer)
{
    /* Never NULL, so that a view goes through printf and memcpy as it is. */
    return (struct text){buffer->bytes != NULL ? buffer->bytes : "", buffer->length};
}

void buffer_clear(struct buffer *buffer)
{
    buffer->length = 0;
}

void buffer_free(struct buffer *buffer)
{
    free(buffer->bytes);
    *buffer = (struct buffer){0};
}
