/* loyalty export, report and statement: text to standard output, or whole into a
 * new file. A file that is there is never overwritten, and one that did not become
 * whole is taken away again. */
#include "files.h"
#include "memory.h"
#include "output.h"
#include "progress.h"
#include "run.h"
#include "signals.h"
#include "text.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct export_file {
    struct progress progress;
    int output;
    const char *path;
    bool keeps_answer; /* the answer itself is what is wanted: a report as JSON */
    struct problem problem;
};

static int write_output(void *context, const char *bytes, size_t length)
{
    struct export_file *file = context;
    if (file_write(file->output, bytes, length) == 0)
        return 0;
    problem_file(&file->problem, _("cannot write '%s'"), file->path);
    return -1;
}

static int tell_progress(void *context, int64_t done, int64_t total)
{
    struct export_file *file = context;
    progress_tell(&file->progress, done, total);
    return signals_stop_wanted() ? 1 : 0;
}

static loyalty_status run_to(const struct call *call, struct export_file *file,
                             struct problem *problem)
{
    struct loyalty_io io = {.context = file, .write = write_output, .progress = tell_progress};
    char *answer = NULL;
    loyalty_status status = run_ask(call, &io, &answer, problem);
    if (file->keeps_answer && status == LOYALTY_OK && answer != NULL) {
        write_output(file, answer, strlen(answer));
        write_output(file, "\n", 1);
    }
    progress_end(&file->progress);
    if (file->problem.status != LOYALTY_OK)
        *problem = file->problem;
    if (problem->status != LOYALTY_OK)
        status = problem->status;
    else if (status != LOYALTY_OK || file->output != STDOUT_FILENO)
        output_answer(call, answer != NULL ? answer : "{\"ok\":true}", status);
    loyalty_free(answer);
    return status;
}

static loyalty_status export_as(const struct call *call, bool keeps_answer, struct problem *problem)
{
    struct export_file file = {
        .output = STDOUT_FILENO, .path = call_value(call, "output"), .keeps_answer = keeps_answer};
    progress_start(&file.progress);
    signals_catch();
    if (file.path == NULL) {
        file.path = _("standard output");
        return run_to(call, &file, problem);
    }
    file.output = open(file.path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (file.output < 0)
        return problem_file(problem, _("cannot make '%s'"), file.path);
    loyalty_status status = run_to(call, &file, problem);
    if (status == LOYALTY_OK && fsync(file.output) != 0)
        status = problem_file(problem, _("cannot write '%s'"), file.path);
    close(file.output);
    if (status != LOYALTY_OK)
        unlink(file.path);
    return status;
}

loyalty_status run_export(const struct call *call, struct problem *problem)
{
    if (call_value(call, "audit") != NULL)
        return run_long(call, problem);
    return export_as(call, false, problem);
}

/* All that is held on a person: one document, for them to take away. */
static loyalty_status write_person(const struct call *call, const char *request, int output,
                                   const char *path, struct problem *problem)
{
    loyalty *ledger = NULL;
    loyalty_status status = run_open(call, &ledger);
    if (status != LOYALTY_OK)
        return status;
    const char *const requests[] = {request};
    char *answers[] = {NULL};
    status = loyalty_execute(ledger, requests, 1, answers);
    loyalty_close(ledger);
    if (status != LOYALTY_OK)
        return run_tell(call, answers[0], status);
    if (file_write(output, answers[0], strlen(answers[0])) != 0 || file_write(output, "\n", 1) != 0)
        status = problem_file(problem, _("cannot write '%s'"), path);
    loyalty_free(answers[0]);
    return status;
}

loyalty_status run_member_export(const struct call *call, struct problem *problem)
{
    const char *path = call_value(call, "file");
    int output = STDOUT_FILENO;
    char *request = run_make_request(call, problem);
    if (request == NULL)
        return problem->status;
    if (path != NULL)
        output = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    loyalty_status status = output < 0
                                ? problem_file(problem, _("cannot make '%s'"), path)
                                : write_person(call, request, output,
                                               path == NULL ? _("standard output") : path, problem);
    free(request);
    if (path == NULL || output < 0)
        return status;
    if (status == LOYALTY_OK && fsync(output) != 0)
        status = problem_file(problem, _("cannot write '%s'"), path);
    close(output);
    if (status != LOYALTY_OK)
        unlink(path);
    return status;
}

/* A report is a table for people unless something else is asked for. */
loyalty_status run_report(const struct call *call, struct problem *problem)
{
    static const struct value table = {.text = "table"};
    struct call whole = *call;
    const char *format = call_value(call, "format");
    bool json = format != NULL ? strcmp(format, "json") == 0
                               : call->json || call_value(call, "request") != NULL;
    if (format != NULL || json)
        return export_as(call, json, problem);
    whole.values = must_grow(NULL, call->count + 1, sizeof *whole.values);
    if (call->count > 0)
        memcpy(whole.values, call->values, call->count * sizeof *whole.values);
    whole.values[whole.count] = table;
    whole.values[whole.count++].flag = flag_find(flag_table, "format", strlen("format"));
    loyalty_status status = export_as(&whole, false, problem);
    free(whole.values);
    return status;
}
