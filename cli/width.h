/* How many columns text takes on a terminal or a till's printer. */
#ifndef LOYALTY_CLI_WIDTH_H
#define LOYALTY_CLI_WIDTH_H

#include <stddef.h>

/* Columns of the first `length` bytes of UTF-8: 2 for a Chinese character, 0 for
 * a combining mark, 1 for a byte that is no character. */
size_t width_of(const char *text, size_t length);

/* How many bytes of text fit into `columns`, never cutting a character. */
size_t width_fit(const char *text, size_t length, size_t columns);

/* Replace, in place, what a terminal would obey instead of show (control
 * characters), for text that may come from a broken file. Line feeds stay. */
void width_make_safe(char *text);

#endif
