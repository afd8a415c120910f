/* Commands that are nothing but their row: make the request, open, ask, tell. The
 * request is complete before the ledger is opened, so that a slow standard input
 * never holds a lock. */
#include "run.h"

#include "files.h"
#include "memory.h"
#include "output.h"
#include "progress.h"
#include "request.h"
#include "signals.h"
#include "text.h"
#include "till.h"

#include <stdlib.h>
#include <string.h>

struct loyalty_options run_options(const struct call *call)
{
    struct loyalty_options options;
    memset(&options, 0, sizeof options);
    options.size = sizeof options;
    options.key_path = call->key;
    options.busy_milliseconds = call->busy_milliseconds;
    options.read_only = call->command->needs == NEEDS_READING;
    options.test_now = call->now;
    return options;
}

loyalty_status run_tell(const struct call *call, char *answer, loyalty_status status)
{
    output_answer(call, answer != NULL ? answer : "{\"ok\":true}", status);
    loyalty_free(answer);
    return status;
}

static loyalty_status open_ledger(const struct call *call, loyalty **ledger, char **answer)
{
    struct loyalty_options options = run_options(call);
    return loyalty_open(ledger, call->database, &options, answer);
}

loyalty_status run_open(const struct call *call, loyalty **ledger)
{
    char *answer = NULL;
    loyalty_status status = open_ledger(call, ledger, &answer);
    return status == LOYALTY_OK ? status : run_tell(call, answer, status);
}

char *run_make_request(const struct call *call, struct problem *problem)
{
    return till_check(call, problem) == LOYALTY_OK ? request_make(call, problem) : NULL;
}

loyalty_status run_request(const struct call *call, const char *request)
{
    loyalty *ledger = NULL;
    loyalty_status status = run_open(call, &ledger);
    if (status == LOYALTY_OK) {
        const char *const requests[] = {request};
        char *answers[] = {NULL};
        status = loyalty_execute(ledger, requests, 1, answers);
        run_tell(call, answers[0], status);
    }
    loyalty_close(ledger);
    return status;
}

loyalty_status run_operation(const struct call *call, struct problem *problem)
{
    char *request = run_make_request(call, problem);
    if (request == NULL)
        return problem->status;
    loyalty_status status = run_request(call, request);
    free(request);
    return status;
}

loyalty_status run_check_anchor(const struct call *call, loyalty *ledger, struct problem *problem)
{
    const char *path = call_value(call, "anchor");
    size_t length = 0;
    if (path == NULL)
        return LOYALTY_OK;
    char *note = file_read(path, REQUEST_BYTES, &length, problem);
    if (note == NULL || !file_is_text(note, length, problem)) {
        free(note);
        return problem->status;
    }
    cJSON *object = must_have(cJSON_CreateObject());
    must_have(cJSON_AddStringToObject(object, "op", "checkpoint"));
    must_have(cJSON_AddStringToObject(object, "anchor", note));
    char *request = must_have(cJSON_PrintUnformatted(object)), *answers[] = {NULL};
    const char *const requests[] = {request};
    loyalty_status status = loyalty_execute(ledger, requests, 1, answers);
    if (status != LOYALTY_OK)
        output_answer(call, answers[0], status);
    loyalty_free(answers[0]);
    cJSON_Delete(object);
    free(request);
    free(note);
    return status;
}

static loyalty_status ask(const struct call *call, const char *request, const struct loyalty_io *io,
                          char **answer)
{
    loyalty *ledger = NULL;
    *answer = NULL;
    loyalty_status status = open_ledger(call, &ledger, answer);
    if (status == LOYALTY_OK)
        status = loyalty_run(ledger, request, io, answer);
    loyalty_close(ledger);
    return status;
}

loyalty_status run_ask(const struct call *call, const struct loyalty_io *io, char **answer,
                       struct problem *problem)
{
    *answer = NULL;
    char *request = request_make(call, problem);
    if (request == NULL)
        return problem->status;
    loyalty_status status = ask(call, request, io, answer);
    free(request);
    return status;
}

static int tell_progress(void *context, int64_t done, int64_t total)
{
    progress_tell(context, done, total);
    return signals_stop_wanted() ? 1 : 0;
}

static loyalty_status run_long_request(const struct call *call, const char *request)
{
    struct progress progress;
    progress_start(&progress);
    signals_catch();
    struct loyalty_io io = {.context = &progress, .progress = tell_progress};
    char *answer = NULL;
    loyalty_status status = ask(call, request, &io, &answer);
    progress_end(&progress);
    return run_tell(call, answer, status);
}

loyalty_status run_long(const struct call *call, struct problem *problem)
{
    char *request = request_make(call, problem);
    if (request == NULL)
        return problem->status;
    loyalty_status status = run_long_request(call, request);
    free(request);
    return status;
}

static loyalty_status judge(const struct call *call, const char *request)
{
    struct progress progress;
    progress_start(&progress);
    signals_catch();
    struct loyalty_io io = {.context = &progress, .progress = tell_progress};
    char *answer = NULL;
    loyalty_status status = loyalty_evidence(request, &io, &answer);
    progress_end(&progress);
    return run_tell(call, answer, status);
}

loyalty_status run_evidence(const struct call *call, struct problem *problem)
{
    char *request = request_make(call, problem);
    if (request == NULL)
        return problem->status;
    loyalty_status status = judge(call, request);
    free(request);
    return status;
}

/* --key names the cosigner's key: to the library a member of the request. */
loyalty_status run_cosign(const struct call *call, struct problem *problem)
{
    char *request = request_make(call, problem);
    if (request == NULL)
        return problem->status;
    cJSON *object = cJSON_Parse(request);
    if (cJSON_IsObject(object) && call->key != NULL && !cJSON_HasObjectItem(object, "key_file")) {
        must_have(cJSON_AddStringToObject(object, "key_file", call->key));
        free(request);
        request = must_have(cJSON_PrintUnformatted(object));
    }
    cJSON_Delete(object);
    loyalty_status status = judge(call, request);
    free(request);
    return status;
}

/* Of a ledger, or of a bundle: then no ledger is opened. */
loyalty_status run_verify(const struct call *call, struct problem *problem)
{
    char *request = request_make(call, problem);
    if (request == NULL)
        return problem->status;
    cJSON *object = cJSON_Parse(request);
    bool bundle = cJSON_HasObjectItem(object, "bundle");
    cJSON_Delete(object);
    loyalty_status status = bundle ? judge(call, request) : run_long_request(call, request);
    free(request);
    return status;
}

loyalty_status run_init(const struct call *call, struct problem *problem)
{
    char *request = request_make(call, problem);
    if (request == NULL)
        return problem->status;
    struct loyalty_options options = run_options(call);
    char *answer = NULL;
    loyalty_status status = loyalty_init(call->database, &options, request, &answer);
    free(request);
    return run_tell(call, answer, status);
}

/* --key names where the ledger's key lies, as in init. */
loyalty_status run_restore(const struct call *call, struct problem *problem)
{
    char *request = request_make(call, problem);
    if (request == NULL)
        return problem->status;
    struct progress progress;
    struct loyalty_options options = run_options(call);
    progress_start(&progress);
    signals_catch();
    struct loyalty_io io = {.context = &progress, .progress = tell_progress};
    char *answer = NULL;
    loyalty_status status = loyalty_restore(call->database, &options, request, &io, &answer);
    progress_end(&progress);
    free(request);
    return run_tell(call, answer, status);
}

loyalty_status run_programme_check(const struct call *call, struct problem *problem)
{
    size_t length = 0;
    char *document = file_read(call_value(call, "file"), REQUEST_BYTES, &length, problem);
    if (document == NULL)
        return problem->status;
    char *answer = NULL;
    loyalty_status status = loyalty_check_programme(document, length, &answer);
    free(document);
    return run_tell(call, answer, status);
}

loyalty_status run_upgrade(const struct call *call, struct problem *problem)
{
    (void)problem;
    char *answer = NULL;
    loyalty_status status = loyalty_upgrade(call->database, call_value(call, "backup"), &answer);
    return run_tell(call, answer, status);
}
