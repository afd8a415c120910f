/* See lines.h. */
#include "lines.h"

#include "files.h"
#include "memory.h"
#include "request.h"
#include "signals.h"
#include "text.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum { GROUP_BYTES = 2 * REQUEST_BYTES, READ_BYTES = 65536, GATHER_MILLISECONDS = 20 };

static struct line *add_line(struct lines *lines)
{
    struct line *line = &lines->list[lines->count++];
    memset(line, 0, sizeof *line);
    line->start = lines->line_start;
    return line;
}

static void too_long(struct problem *problem)
{
    problem_set(problem, LOYALTY_INVALID, "limit_exceeded", _("the line is longer than %d bytes"),
                (int)REQUEST_BYTES);
}

/* The line in the making ends at `end`. */
static void close_line(struct lines *lines, size_t end)
{
    struct line *line = add_line(lines);
    size_t length = end - line->start;
    lines->bytes[end] = '\0';
    if (lines->skipping || length > REQUEST_BYTES) {
        line->answered_here = true;
        too_long(&line->problem);
    } else if (!file_is_text(lines->bytes + line->start, length, &line->problem)) {
        line->answered_here = true;
    }
    lines->skipping = false;
    lines->line_start = lines->scanned = end + 1;
}

/* Find the lines in what has been read, until the group is full. */
static void scan(struct lines *lines)
{
    while (lines->count < LINES_GROUP) {
        size_t rest = lines->used - lines->scanned;
        char *feed = rest > 0 ? memchr(lines->bytes + lines->scanned, '\n', rest) : NULL;
        if (feed == NULL)
            break;
        close_line(lines, (size_t)(feed - lines->bytes));
    }
    if (lines->count == LINES_GROUP)
        return;
    lines->scanned = lines->used;
    if (lines->used - lines->line_start > REQUEST_BYTES) {
        lines->skipping = true;
        lines->used = lines->scanned = lines->line_start;
    }
    if (lines->ended && (lines->used > lines->line_start || lines->skipping)) {
        close_line(lines, lines->used);
        lines->line_start = lines->scanned = lines->used;
    }
}

static int64_t milliseconds(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/* Nobody waits for the end of a long line behind them. */
static bool may_wait(struct lines *lines)
{
    int64_t now = milliseconds();
    if (lines->count == 0)
        lines->since = now;
    return now - lines->since < GATHER_MILLISECONDS;
}

static bool readable_now(void)
{
    struct pollfd input = {.fd = STDIN_FILENO, .events = POLLIN};
    return poll(&input, 1, 0) > 0;
}

/* One read, which waits where nothing is there. */
static loyalty_status read_more(struct lines *lines, struct problem *problem)
{
    if (lines->capacity - lines->used < READ_BYTES + 1) {
        lines->capacity = lines->used + READ_BYTES * 2;
        lines->bytes = must_grow(lines->bytes, lines->capacity, 1);
    }
    ssize_t got =
        signals_stop_wanted() ? -1 : read(STDIN_FILENO, lines->bytes + lines->used, READ_BYTES);
    if (signals_stop_wanted()) {
        lines->ended = true; /* and half a line is no line */
        lines->skipping = false;
        lines->used = lines->scanned = lines->line_start;
    } else if (got < 0 && errno == EINTR) {
        return LOYALTY_OK;
    } else if (got < 0) {
        return problem_file(problem, "%s", _("cannot read standard input"));
    } else if (got == 0) {
        lines->ended = true;
    } else {
        lines->used += (size_t)got;
    }
    return LOYALTY_OK;
}

loyalty_status lines_gather(struct lines *lines, struct problem *problem)
{
    scan(lines);
    while (!lines->ended && lines->count < LINES_GROUP && lines->line_start < GROUP_BYTES &&
           may_wait(lines) && (lines->count == 0 || readable_now())) {
        if (read_more(lines, problem) != LOYALTY_OK)
            return problem->status;
        scan(lines);
    }
    return LOYALTY_OK;
}

void lines_forget(struct lines *lines)
{
    memmove(lines->bytes, lines->bytes + lines->line_start, lines->used - lines->line_start);
    lines->used -= lines->line_start;
    lines->scanned -= lines->line_start;
    lines->line_start = 0;
    lines->forgotten += lines->count;
    lines->count = 0;
}

struct lines *lines_new(void)
{
    struct lines *lines = must_grow(NULL, 1, sizeof *lines);
    memset(lines, 0, sizeof *lines);
    return lines;
}

void lines_free(struct lines *lines)
{
    free(lines->bytes);
    free(lines);
}
