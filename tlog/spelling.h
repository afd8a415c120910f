/* The few spellings that all the formats of this room share: lines, base64,
 * decimals. Each value has one spelling and no other is read, so that what was
 * signed can be made again from what was parsed. */
#ifndef LOYALTY_SPELLING_H
#define LOYALTY_SPELLING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "buffer.h"

/* Take the next line off *rest, without its newline. False, with nothing taken,
 * if no newline is left. */
bool line_next(struct text *rest, struct text *line);
/* Take `prefix` off the front of *text, if it is there. */
bool prefix_take(struct text *text, const char *prefix);

/* Padded base64 (RFC 4648 section 4), canonical: no line breaks, no stray bits
 * in the last character. Parsing gives false also for more than `max` bytes. */
void base64_format(struct buffer *buffer, const void *bytes, size_t length);
bool base64_parse(struct text text, void *out, size_t max, size_t *length);

/* ASCII decimal, no sign, no leading zeros, at most `max`. */
void number_format(struct buffer *buffer, uint64_t value);
bool number_parse(struct text text, uint64_t max, uint64_t *value);

#endif
