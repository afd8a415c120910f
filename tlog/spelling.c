/* Lines, base64 and decimals, each with one spelling. */
#include "spelling.h"

#include <assert.h>
#include <inttypes.h>
#include <sodium.h>

bool line_next(struct text *rest, struct text *line)
{
    const char *newline = rest->length == 0 ? NULL : memchr(rest->bytes, '\n', rest->length);
    if (newline == NULL)
        return false;
    line->bytes = rest->bytes;
    line->length = (size_t)(newline - rest->bytes);
    rest->bytes = newline + 1;
    rest->length -= line->length + 1;
    return true;
}

bool prefix_take(struct text *text, const char *prefix)
{
    size_t length = strlen(prefix);
    if (text->length < length || memcmp(text->bytes, prefix, length) != 0)
        return false;
    text->bytes += length;
    text->length -= length;
    return true;
}

void base64_format(struct buffer *buffer, const void *bytes, size_t length)
{
    /* Room for libsodium's NUL too, which does not count. */
    size_t room = sodium_base64_encoded_len(length, sodium_base64_VARIANT_ORIGINAL);
    buffer_reserve(buffer, room);
    sodium_bin2base64(buffer->bytes + buffer->length, room, bytes, length,
                      sodium_base64_VARIANT_ORIGINAL);
    buffer->length += room - 1;
}

bool base64_parse(struct text text, void *out, size_t max, size_t *length)
{
    *length = 0;
    /* libsodium checks the padding and the unused bits, and with no end pointer
     * that the whole text was read. But it compares signed chars: on most
     * machines it takes bytes from 0x80 on for letters (seen in 1.0.18). */
    for (size_t i = 0; i < text.length; i++)
        if ((unsigned char)text.bytes[i] > 0x7F)
            return false;
    return text.length == 0 || sodium_base642bin(out, max, text.bytes, text.length, NULL, length,
                                                 NULL, sodium_base64_VARIANT_ORIGINAL) == 0;
}

void number_format(struct buffer *buffer, uint64_t value)
{
    buffer_format(buffer, "%" PRIu64, value);
}

bool number_parse(struct text text, uint64_t max, uint64_t *value)
{
    if (text.length == 0 || (text.length > 1 && text.bytes[0] == '0'))
        return false;
    uint64_t sum = 0;
    for (size_t i = 0; i < text.length; i++) {
        if (text.bytes[i] < '0' || text.bytes[i] > '9')
            return false;
        unsigned digit = (unsigned)(text.bytes[i] - '0');
        if (sum > max / 10 || digit > max - sum * 10)
            return false;
        sum = sum * 10 + digit;
    }
    *value = sum;
    return true;
}
