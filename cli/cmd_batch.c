/* loyalty batch: a till keeps one process open and talks to it in lines.
 *
 * Grouping needs no timer: whatever lines have already arrived (at most 100) are
 * carried out in one commit, answered and flushed; a line that comes alone is
 * committed at once. So a busy sender gets the price of a batch, a quiet one the
 * latency of a single purchase, and between groups nothing is locked. Every line
 * gets exactly one answer, also a broken one, so that both sides stay in step. */
#include "files.h"
#include "memory.h"
#include "request.h"
#include "run.h"
#include "signals.h"
#include "text.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { GROUP = 100, GROUP_BYTES = 2 * REQUEST_BYTES, READ_BYTES = 65536 };

/* A line that has arrived whole. */
struct line {
    size_t start;       /* in the buffer */
    bool answered_here; /* the library cannot see it: `problem` is the answer */
    struct problem problem;
};

struct batch {
    char *bytes;
    size_t used, capacity;
    size_t scanned;    /* up to here the lines are known */
    size_t line_start; /* of the line in the making */
    bool skipping;     /* that line is too long: its bytes are thrown away */
    bool ended;
    struct line lines[GROUP];
    size_t count;
};

static struct line *add_line(struct batch *batch)
{
    struct line *line = &batch->lines[batch->count++];
    memset(line, 0, sizeof *line);
    line->start = batch->line_start;
    return line;
}

static void too_long(struct problem *problem)
{
    problem_set(problem, LOYALTY_INVALID, "limit_exceeded", _("the line is longer than %d bytes"),
                (int)REQUEST_BYTES);
}

/* The line in the making ends at `end`. */
static void close_line(struct batch *batch, size_t end)
{
    struct line *line = add_line(batch);
    size_t length = end - line->start;
    batch->bytes[end] = '\0';
    if (batch->skipping || length > REQUEST_BYTES) {
        line->answered_here = true;
        too_long(&line->problem);
    } else if (!file_is_text(batch->bytes + line->start, length, &line->problem)) {
        line->answered_here = true;
    }
    batch->skipping = false;
    batch->line_start = batch->scanned = end + 1;
}

/* Find the lines in what has been read, until the group is full. */
static void scan(struct batch *batch)
{
    while (batch->count < GROUP) {
        size_t rest = batch->used - batch->scanned;
        char *feed = rest > 0 ? memchr(batch->bytes + batch->scanned, '\n', rest) : NULL;
        if (feed == NULL)
            break;
        close_line(batch, (size_t)(feed - batch->bytes));
    }
    if (batch->count == GROUP)
        return;
    batch->scanned = batch->used;
    if (batch->used - batch->line_start > REQUEST_BYTES) {
        batch->skipping = true;
        batch->used = batch->scanned = batch->line_start;
    }
    if (batch->ended && (batch->used > batch->line_start || batch->skipping)) {
        close_line(batch, batch->used);
        batch->line_start = batch->scanned = batch->used;
    }
}

static bool readable_now(void)
{
    struct pollfd input = {.fd = STDIN_FILENO, .events = POLLIN};
    return poll(&input, 1, 0) > 0;
}

/* One read, which waits where nothing is there. */
static loyalty_status read_more(struct batch *batch, struct problem *problem)
{
    if (batch->capacity - batch->used < READ_BYTES + 1) {
        batch->capacity = batch->used + READ_BYTES * 2;
        batch->bytes = must_grow(batch->bytes, batch->capacity, 1);
    }
    ssize_t got =
        signals_stop_wanted() ? -1 : read(STDIN_FILENO, batch->bytes + batch->used, READ_BYTES);
    if (signals_stop_wanted()) {
        batch->ended = true; /* and half a line is no line */
        batch->skipping = false;
        batch->used = batch->scanned = batch->line_start;
    } else if (got < 0 && errno == EINTR) {
        return LOYALTY_OK;
    } else if (got < 0) {
        return problem_file(problem, "%s", _("cannot read standard input"));
    } else if (got == 0) {
        batch->ended = true;
    } else {
        batch->used += (size_t)got;
    }
    return LOYALTY_OK;
}

/* Fill the group: wait for the first line, take what is there beside it. */
static loyalty_status gather(struct batch *batch, struct problem *problem)
{
    scan(batch);
    while (!batch->ended && batch->count < GROUP && batch->line_start < GROUP_BYTES &&
           (batch->count == 0 || readable_now())) {
        if (read_more(batch, problem) != LOYALTY_OK)
            return problem->status;
        scan(batch);
    }
    return LOYALTY_OK;
}

static void put_answer(const char *answer, char **out, size_t *length)
{
    size_t more = strlen(answer);
    *out = must_grow(*out, *length + more + 1, 1);
    memcpy(*out + *length, answer, more);
    (*out)[*length + more] = '\n';
    *length += more + 1;
}

/* All answers in the order of the lines, in one write. */
static loyalty_status answer_all(struct batch *batch, char *answers[], struct problem *problem)
{
    char *out = NULL;
    size_t length = 0, next = 0;
    for (size_t i = 0; i < batch->count; i++) {
        if (batch->lines[i].answered_here) {
            char *answer = problem_answer(&batch->lines[i].problem);
            put_answer(answer, &out, &length);
            free(answer);
        } else {
            put_answer(answers[next++], &out, &length);
        }
    }
    int written = file_write(STDOUT_FILENO, out, length);
    bool gone = written != 0 && errno == EPIPE;
    if (written != 0)
        problem_file(problem, "%s", _("cannot write to standard output"));
    if (gone) {
        problem->status = LOYALTY_OK; /* nobody is there to be told */
        batch->ended = true;
    }
    free(out);
    return written != 0 ? LOYALTY_FAULT : LOYALTY_OK;
}

/* Carry out the group. The status is the first that is not LOYALTY_OK. */
static loyalty_status carry_out(loyalty *ledger, struct batch *batch, struct problem *problem)
{
    const char *requests[GROUP];
    char *answers[GROUP] = {NULL};
    size_t count = 0;
    loyalty_status status = LOYALTY_OK, executed = LOYALTY_OK;
    for (size_t i = 0; i < batch->count; i++) {
        if (batch->lines[i].answered_here)
            status = batch->lines[i].problem.status;
        else
            requests[count++] = batch->bytes + batch->lines[i].start;
    }
    if (count > 0)
        executed = loyalty_execute(ledger, requests, count, answers);
    loyalty_status told = answer_all(batch, answers, problem);
    for (size_t i = 0; i < count; i++)
        loyalty_free(answers[i]);
    if (told != LOYALTY_OK)
        return told;
    return executed != LOYALTY_OK ? executed : status;
}

/* Forget the lines that were answered. */
static void forget(struct batch *batch)
{
    memmove(batch->bytes, batch->bytes + batch->line_start, batch->used - batch->line_start);
    batch->used -= batch->line_start;
    batch->scanned -= batch->line_start;
    batch->line_start = 0;
    batch->count = 0;
}

loyalty_status run_batch(const struct call *call, struct problem *problem)
{
    struct call lines = *call;
    lines.json = true; /* also what goes wrong at the opening is a line */
    loyalty *ledger = NULL;
    loyalty_status first = run_open(&lines, &ledger);
    if (first != LOYALTY_OK)
        return first;
    signals_catch();
    struct batch *batch = must_grow(NULL, 1, sizeof *batch);
    memset(batch, 0, sizeof *batch);
    while (gather(batch, problem) == LOYALTY_OK && batch->count > 0) {
        bool ended = batch->ended;
        loyalty_status status = carry_out(ledger, batch, problem);
        first = first != LOYALTY_OK ? first : status;
        if (problem->status != LOYALTY_OK || (batch->ended && !ended))
            break;
        forget(batch);
    }
    loyalty_close(ledger);
    free(batch->bytes);
    free(batch);
    return first;
}
