/* Files the command reads whole, and files it makes. */
#ifndef LOYALTY_CLI_FILES_H
#define LOYALTY_CLI_FILES_H

#include "problem.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* A whole file ("-": standard input, once) of at most `limit` bytes, with a NUL
 * behind it. NULL with a problem otherwise. The caller frees it. */
char *file_read(const char *path, size_t limit, size_t *length, struct problem *problem);

/* Say invalid_json where the text holds a NUL byte, which C strings would hide. */
bool file_is_text(const char *text, size_t length, struct problem *problem);

/* Open for reading ("-": standard input); -1 with a problem. *size is 0 where the
 * size is not known. */
int file_open(const char *path, int64_t *size, struct problem *problem);

/* All bytes to a descriptor, through interruptions. 0, or -1 with errno. */
int file_write(int descriptor, const char *bytes, size_t length);

#endif
