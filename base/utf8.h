/* UTF-8: validity, and how wide a text stands on a terminal. */
#ifndef LOYALTY_UTF8_H
#define LOYALTY_UTF8_H

#include <stdbool.h>
#include <stdint.h>

#include "memory.h"

/* Decode one code point at *position (which advances, and lies before the end);
 * -1 for bytes that are not well-formed UTF-8 (overlong, surrogate, beyond
 * U+10FFFF, cut short): then it advances by one byte. */
int32_t utf8_next(struct text text, size_t *position);

/* Well-formed and without control characters (U+0000-1F, U+007F-9F), line and
 * paragraph separators, noncharacters, or bidirectional embeddings, overrides and
 * isolates (U+202A-202E, U+2066-2069): what we accept wherever a caller gives a
 * string. */
bool utf8_is_clean(struct text text);

/* Columns on a terminal: 2 for East Asian wide and fullwidth, 0 for combining,
 * else 1 (Unicode 15 ranges, own table: no locale is consulted). */
unsigned utf8_width(struct text text);

/* The same on a printer that is fed GB18030: there whatever has more than one byte
 * fills two columns, also an ellipsis, a quotation mark or an accented letter. */
unsigned gb18030_width(struct text text);

/* How many bytes of the text fit into so many columns, never half a character;
 * `width` is one of the two above. */
size_t utf8_fit(struct text text, unsigned columns, unsigned (*width)(struct text text));

#endif
