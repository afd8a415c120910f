/* loyalty spool: what a till keeps while the ledger cannot be reached. `add` and
 * `show` open no ledger; `replay` does, and is the one that may fail for it. */
#include "answer.h"
#include "files.h"
#include "lines.h"
#include "memory.h"
#include "output.h"
#include "progress.h"
#include "request.h"
#include "run.h"
#include "signals.h"
#include "table.h"
#include "text.h"
#include "value.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* The spool that the call names, or NULL with the problem. */
static const char *spool_path(const struct call *call, struct problem *problem)
{
    const char *path = call_value(call, "file");
    if (path != NULL)
        return path;
    problem_set(problem, LOYALTY_USAGE, "usage", "%s", _("no spool was named"));
    problem_hint(problem, "%s", _("name its file with --file"));
    return NULL;
}

/* --- add ------------------------------------------------------------------------- */

static loyalty_status add_request(const struct call *call, struct problem *problem)
{
    size_t length = 0;
    char *text = file_read(call_value(call, "request"), REQUEST_BYTES, &length, problem);
    if (text != NULL && file_is_text(text, length, problem)) {
        struct loyalty_options options = run_options(call);
        const char *const requests[] = {text};
        char *answers[] = {NULL};
        loyalty_status status =
            loyalty_spool_add(call_value(call, "file"), &options, requests, 1, answers);
        free(text);
        return run_tell(call, answers[0], status);
    }
    free(text);
    return problem->status;
}

/* Which line of the file is at fault; as JSON there is an answer a line. */
static void name_line(const struct call *call, const struct lines *lines, size_t i,
                      const char *answer)
{
    static const char refusal[] = "{\"ok\":false";
    if (call->json || (answer != NULL && strncmp(answer, refusal, sizeof refusal - 1) != 0))
        return;
    fflush(stdout);
    fprintf(stderr, _("line %zu of the input:\n"), lines->forgotten + i + 1);
}

/* One answer a line, in order; the till on the other end of a pipe waits for them. The
 * group goes to the library as one, which then reads the file once. */
static loyalty_status add_group(const struct call *call, const struct lines *lines)
{
    struct loyalty_options options = run_options(call);
    const char *requests[LINES_GROUP];
    char *answers[LINES_GROUP] = {NULL};
    size_t count = 0, next = 0;
    loyalty_status status = LOYALTY_OK, added = LOYALTY_OK;
    for (size_t i = 0; i < lines->count; i++) {
        if (!lines->list[i].answered_here)
            requests[count++] = lines->bytes + lines->list[i].start;
    }
    if (count > 0)
        added = loyalty_spool_add(call_value(call, "file"), &options, requests, count, answers);
    for (size_t i = 0; i < lines->count; i++) {
        const char *answer = lines->list[i].answered_here ? NULL : answers[next];
        name_line(call, lines, i, answer);
        if (lines->list[i].answered_here)
            status = output_problem(call, &lines->list[i].problem);
        else
            run_tell(call, answers[next++], added);
    }
    fflush(stdout);
    return added != LOYALTY_OK ? added : status;
}

loyalty_status run_spool_add(const struct call *call, struct problem *problem)
{
    if (spool_path(call, problem) == NULL)
        return problem->status;
    if (call_value(call, "request") != NULL)
        return add_request(call, problem);
    signals_catch();
    struct lines *lines = lines_new();
    loyalty_status first = LOYALTY_OK;
    while (lines_gather(lines, problem) == LOYALTY_OK && lines->count > 0) {
        loyalty_status status = add_group(call, lines);
        first = first != LOYALTY_OK ? first : status;
        lines_forget(lines);
    }
    lines_free(lines);
    return problem->status != LOYALTY_OK ? problem->status : first;
}

void show_spool_add(const struct call *call, const cJSON *answer)
{
    (void)call;
    const char *at = value_text(answer, "at");
    printf(_("Entry %s is spooled: %s"), shown_points(value_number(answer, "entry")).text,
           value_text(answer, "op"));
    if (*at != '\0')
        printf(", %s", shown_moment(at).text);
    putchar('\n');
    if (value_true(answer, "duplicate"))
        puts(_("It was there already; nothing was added."));
}

/* --- show ------------------------------------------------------------------------- */

loyalty_status run_spool_show(const struct call *call, struct problem *problem)
{
    const char *path = spool_path(call, problem);
    if (path == NULL)
        return problem->status;
    struct loyalty_options options = run_options(call);
    char *answer = NULL;
    loyalty_status status = loyalty_spool_show(path, &options, &answer);
    return run_tell(call, answer, status);
}

static const char *key_of(const cJSON *request)
{
    const char *ref = value_text(request, "ref");
    return *ref != '\0' ? ref : value_text(request, "receipt");
}

static void add_row(struct table *table, const cJSON *entry)
{
    const cJSON *request = value_of(entry, "request");
    const char *code = value_text(entry, "code");
    table_cell(table, "%s", shown_points(value_number(entry, "entry")).text);
    table_cell(table, "%s", shown_moment(value_text(entry, "spooled")).text);
    table_cell(table, "%s", value_text(request, "op"));
    table_cell(table, "%s", key_of(request));
    if (*code != '\0')
        table_cell(table, "%s: %s", code, value_text(entry, "message"));
    else
        table_cell(table, "%s", _("waiting"));
}

void show_spool(const struct call *call, const cJSON *answer)
{
    (void)call;
    const cJSON *entry;
    printf(_("%s spooled: %s done, %s refused, %s waiting.\n"),
           shown_points(value_number(answer, "spooled")).text,
           shown_points(value_number(answer, "done")).text,
           shown_points(value_number(answer, "refused")).text,
           shown_points(value_number(answer, "waiting")).text);
    if (value_number(answer, "torn") > 0)
        puts(_(
            "The last line was cut short and will be cut off; nobody was told that it is there."));
    if (cJSON_GetArraySize(value_of(answer, "entries")) == 0)
        return;
    struct table *table = table_new("rllll");
    table_cell(table, "%s", _("entry"));
    table_cell(table, "%s", _("spooled"));
    table_cell(table, "%s", _("what"));
    table_cell(table, "%s", _("receipt or key"));
    table_cell(table, "%s", _("state"));
    table_heading(table);
    cJSON_ArrayForEach(entry, value_of(answer, "entries")) add_row(table, entry);
    table_print(table, 0, stdout);
}

/* --- replay ------------------------------------------------------------------------- */

struct replay {
    struct progress progress;
    int output; /* -1: nobody wants the answers */
    const char *path;
    struct problem problem;
};

static int write_answer(void *context, const char *bytes, size_t length)
{
    struct replay *replay = context;
    if (replay->output < 0 || file_write(replay->output, bytes, length) == 0)
        return 0;
    problem_file(&replay->problem, _("cannot write '%s'"), replay->path);
    return -1;
}

static int tell_progress(void *context, int64_t done, int64_t total)
{
    struct replay *replay = context;
    progress_tell(&replay->progress, done, total);
    return signals_stop_wanted() ? 1 : 0;
}

/* Answers go behind those of earlier replays, which a till keeps for the whole day. */
static bool open_output(const struct call *call, struct replay *replay, struct problem *problem)
{
    replay->path = call_value(call, "output");
    replay->output = call->json ? STDOUT_FILENO : -1;
    if (replay->path == NULL) {
        replay->path = _("standard output");
        return true;
    }
    replay->output = open(replay->path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
    if (replay->output >= 0)
        return true;
    problem_file(problem, _("cannot make '%s'"), replay->path);
    return false;
}

/* The library has done what it was asked to where the ledger refused some; but
 * somebody has to look, and who starts this by a timer sees only the status. */
static loyalty_status status_of(loyalty_status status, const char *answer)
{
    cJSON *object = cJSON_Parse(answer);
    bool refused = value_number(object, "refused") > 0;
    cJSON_Delete(object);
    return status == LOYALTY_OK && refused ? LOYALTY_REFUSED : status;
}

loyalty_status run_spool_replay(const struct call *call, struct problem *problem)
{
    struct replay replay = {.output = -1};
    struct loyalty_io io = {.context = &replay, .write = write_answer, .progress = tell_progress};
    const char *path = spool_path(call, problem);
    if (path == NULL || !open_output(call, &replay, problem))
        return problem->status;
    loyalty *ledger = NULL;
    loyalty_status status = run_open(call, &ledger);
    if (status == LOYALTY_OK)
        status = run_check_anchor(call, ledger, problem);
    if (status == LOYALTY_OK) {
        char *answer = NULL;
        progress_start(&replay.progress);
        signals_catch();
        status = loyalty_spool_replay(ledger, path, &io, &answer);
        progress_end(&replay.progress);
        status = status_of(status, answer);
        if (replay.problem.status != LOYALTY_OK)
            *problem = replay.problem;
        run_tell(call, answer, status);
    }
    loyalty_close(ledger);
    if (replay.output > STDOUT_FILENO)
        close(replay.output);
    return status;
}

void show_spool_replay(const struct call *call, const cJSON *answer)
{
    (void)call;
    const cJSON *refusal;
    printf(_("%s sent: %s recorded, %s known already, %s refused. %s waiting.\n"),
           shown_points(value_number(answer, "sent")).text,
           shown_points(value_number(answer, "recorded")).text,
           shown_points(value_number(answer, "known")).text,
           shown_points(value_number(answer, "refused")).text,
           shown_points(value_number(answer, "waiting")).text);
    cJSON_ArrayForEach(refusal, value_of(answer, "refusals")) printf(
        _("  entry %s is refused, %s: %s\n"), shown_points(value_number(refusal, "entry")).text,
        value_text(refusal, "code"), value_text(refusal, "message"));
}
