/* From argv to a call. Pure: reads nothing, prints nothing. */
#ifndef LOYALTY_CLI_ARGUMENTS_H
#define LOYALTY_CLI_ARGUMENTS_H

#include "command.h"

/* Before all else: the language of messages and --json, which decide how even a
 * fault in the arguments is told. */
void arguments_peek(int argc, char *const argv[], struct call *call);

/* Read all arguments. On failure the problem says which and what would be right.
 * call->values is to be freed either way. */
loyalty_status arguments_read(int argc, char *const argv[], struct call *call,
                              struct problem *problem);

/* "2026-11-21T10:00:00Z" or with an offset, as UTC milliseconds. */
bool arguments_moment(const char *text, int64_t *milliseconds);

/* The candidate nearest to `word`, or NULL where none is near. Distance counts
 * letters changed, added, left out or swapped. */
const char *nearest(const char *word, const char *const candidates[], size_t count);

#endif
