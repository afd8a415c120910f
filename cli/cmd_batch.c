/* loyalty batch: a till keeps one process open and talks to it in lines.
 *
 * The lines of a group (lines.h) are carried out in one commit, answered and flushed;
 * between groups nothing is locked. Every line gets exactly one answer, also a
 * broken one, so that both sides stay in step. */
#include "files.h"
#include "lines.h"
#include "memory.h"
#include "run.h"
#include "signals.h"
#include "text.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static void put_answer(const char *answer, char **out, size_t *length)
{
    size_t more = strlen(answer);
    *out = must_grow(*out, *length + more + 1, 1);
    memcpy(*out + *length, answer, more);
    (*out)[*length + more] = '\n';
    *length += more + 1;
}

/* All answers in the order of the lines, in one write. */
static loyalty_status answer_all(struct lines *lines, char *answers[], struct problem *problem)
{
    char *out = NULL;
    size_t length = 0, next = 0;
    for (size_t i = 0; i < lines->count; i++) {
        if (lines->list[i].answered_here) {
            char *answer = problem_answer(&lines->list[i].problem);
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
        lines->ended = true;
    }
    free(out);
    return written != 0 ? LOYALTY_FAULT : LOYALTY_OK;
}

/* Carry out the group. The status is the first that is not LOYALTY_OK. */
static loyalty_status carry_out(loyalty *ledger, struct lines *lines, struct problem *problem)
{
    const char *requests[LINES_GROUP];
    char *answers[LINES_GROUP] = {NULL};
    size_t count = 0;
    loyalty_status status = LOYALTY_OK, executed = LOYALTY_OK;
    for (size_t i = 0; i < lines->count; i++) {
        if (lines->list[i].answered_here)
            status = lines->list[i].problem.status;
        else
            requests[count++] = lines->bytes + lines->list[i].start;
    }
    if (count > 0)
        executed = loyalty_execute(ledger, requests, count, answers);
    loyalty_status told = answer_all(lines, answers, problem);
    for (size_t i = 0; i < count; i++)
        loyalty_free(answers[i]);
    if (told != LOYALTY_OK)
        return told;
    return executed != LOYALTY_OK ? executed : status;
}

loyalty_status run_batch(const struct call *call, struct problem *problem)
{
    struct call in_json = *call;
    in_json.json = true; /* also what goes wrong at the opening is a line */
    loyalty *ledger = NULL;
    loyalty_status first = run_open(&in_json, &ledger);
    if (first != LOYALTY_OK)
        return first;
    first = run_check_anchor(&in_json, ledger, problem);
    if (first != LOYALTY_OK) {
        loyalty_close(ledger);
        return first;
    }
    signals_catch();
    struct lines *lines = lines_new();
    while (lines_gather(lines, problem) == LOYALTY_OK && lines->count > 0) {
        bool ended = lines->ended;
        loyalty_status status = carry_out(ledger, lines, problem);
        first = first != LOYALTY_OK ? first : status;
        if (problem->status != LOYALTY_OK || (lines->ended && !ended))
            break;
        lines_forget(lines);
    }
    loyalty_close(ledger);
    lines_free(lines);
    return first;
}
