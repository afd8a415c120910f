/* Requests from standard input, one a line, in groups.
 *
 * Grouping needs no timer: whatever lines have already arrived, at most 100, are a
 * group; a line that comes alone is a group at once. So a busy sender gets the price
 * of a batch, a quiet one the latency of a single request. And a sender that never
 * pauses within a line holds up the lines before it for 20 ms at most. */
#ifndef LOYALTY_CLI_LINES_H
#define LOYALTY_CLI_LINES_H

#include "problem.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { LINES_GROUP = 100 };

/* A line that has arrived whole. */
struct line {
    size_t start;       /* in the buffer */
    bool answered_here; /* the library cannot see it: `problem` is the answer */
    struct problem problem;
};

struct lines {
    char *bytes;
    size_t used, capacity;
    size_t scanned;    /* up to here the lines are known */
    size_t line_start; /* of the line in the making */
    bool skipping;     /* that line is too long: its bytes are thrown away */
    bool ended;
    int64_t since; /* the first line of the group had not come yet */
    struct line list[LINES_GROUP];
    size_t count;
    size_t forgotten; /* lines before these */
};

struct lines *lines_new(void);
/* Fill the group: wait for the first line, take what is there beside it. No lines: the
 * input has ended. */
loyalty_status lines_gather(struct lines *lines, struct problem *problem);
/* Forget the lines that were answered. */
void lines_forget(struct lines *lines);
void lines_free(struct lines *lines);

#endif
