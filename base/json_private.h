/* What the strict reader and the walk over what it passed share. */
#ifndef LOYALTY_JSON_PRIVATE_H
#define LOYALTY_JSON_PRIVATE_H

#include "json.h"

static inline bool is_space(char byte)
{
    return byte == ' ' || byte == '\t' || byte == '\n' || byte == '\r';
}

static inline bool is_digit(int byte)
{
    return byte >= '0' && byte <= '9';
}

/* Line and column, from 1, of the byte at `at`. */
void json_count_lines(struct text text, size_t at, unsigned *line, unsigned *column);
/* Append what the inside of a valid string literal stands for. */
void json_decode_string(struct buffer *buffer, struct text inside);
/* In a valid text: behind the token at `at`; the first token from `at` on. */
size_t json_skip_token(struct text text, size_t at);
size_t json_next_token(struct text text, size_t at);

#endif
