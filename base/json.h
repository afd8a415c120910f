/* JSON in and out.
 *
 * One strict reader decides what is valid: RFC 8259, UTF-8, no byte-order mark,
 * no duplicate member names (compared decoded), no lone surrogates, no U+0000,
 * depth and member limits of limits.h, numbers that a double keeps exactly
 * (integers up to 2^53 - 1; else at most 15 significant digits; no exponent beyond +-300). It gives line and
 * column. cJSON then serves as the tree (and as the writer of answers): it
 * never sees a text that the strict reader has not passed. */
#ifndef LOYALTY_JSON_H
#define LOYALTY_JSON_H

#include <cjson/cJSON.h>
#include <stdbool.h>
#include <stdint.h>

#include "buffer.h"
#include "error.h"

/* Validate only. On failure, with line and column (columns count bytes from 1):
 * ERROR_INVALID_JSON for what is no JSON or beyond a limit; ERROR_DUPLICATE_MEMBER
 * and ERROR_INVALID_TEXT (U+0000) for what is JSON but not safe to act upon. */
bool json_check(struct text text, struct error *error);

/* Validate and build the tree; cJSON_Delete it. NULL on failure. */
cJSON *json_parse(struct text text, struct error *error);

/* Where the value at a JSON Pointer ("/earn/0/per") begins in a text that
 * json_check has passed; with of_name, where the last member's NAME begins.
 * False if there is none. */
bool json_locate(struct text text, const char *pointer, bool of_name, unsigned *line,
                 unsigned *column);

/* The bytes of the value at a JSON Pointer, as they stand in a text that
 * json_check has passed. False if there is none. */
bool json_slice(struct text text, const char *pointer, struct text *value);

/* Append the text without white space between tokens; the bytes of every token
 * stay as they are. The text has passed json_check. */
void json_minify(struct buffer *buffer, struct text text);

/* Append the one canonical spelling of a string: quotes; \" and \\; U+0000-1F
 * as \u00xx in lower case; everything else as UTF-8. */
void json_string(struct buffer *buffer, struct text text);

/* The exact integer of a cJSON number, or false if it has a fraction or lies
 * beyond LIMIT_UNITS. */
bool json_integer(const cJSON *item, int64_t *value);

/* The name in names[] that is nearest to `wrong` by edit distance, or NULL if
 * none is near enough to be worth naming. */
const char *nearest_name(struct text wrong, const char *const names[], size_t count);

#endif
