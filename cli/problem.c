/* Problems of the command's own, and their JSON. */
#include "problem.h"

#include "memory.h"
#include "text.h"

#include <cjson/cJSON.h>
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

loyalty_status problem_set(struct problem *problem, loyalty_status status, const char *code,
                           const char *format, ...)
{
    memset(problem, 0, sizeof *problem);
    problem->status = status;
    problem->code = code;
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(problem->message, sizeof problem->message, format, arguments);
    va_end(arguments);
    return status;
}

loyalty_status problem_hint(struct problem *problem, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(problem->hint, sizeof problem->hint, format, arguments);
    va_end(arguments);
    return problem->status;
}

loyalty_status problem_file(struct problem *problem, const char *format, ...)
{
    int error = errno;
    memset(problem, 0, sizeof *problem);
    problem->status = error == ENOENT ? LOYALTY_NOT_FOUND : LOYALTY_FAULT;
    problem->code = error == ENOENT ? "no_such_file" : error == ENOSPC ? "disk_full" : "io_error";
    if (error == EEXIST) {
        problem->status = LOYALTY_USAGE;
        problem->code = "already_exists";
    }
    va_list arguments;
    va_start(arguments, format);
    int used = vsnprintf(problem->message, sizeof problem->message, format, arguments);
    va_end(arguments);
    if (used >= 0 && (size_t)used < sizeof problem->message)
        snprintf(problem->message + used, sizeof problem->message - (size_t)used, ": %s",
                 strerror(error));
    if (error == EEXIST)
        problem_hint(problem, _("name another file; an existing one is never overwritten"));
    return problem->status;
}

char *problem_answer(const struct problem *problem)
{
    cJSON *answer = must_have(cJSON_CreateObject());
    must_have(cJSON_AddFalseToObject(answer, "ok"));
    cJSON *error = must_have(cJSON_AddObjectToObject(answer, "error"));
    must_have(cJSON_AddStringToObject(error, "code", problem->code));
    must_have(cJSON_AddStringToObject(error, "message", problem->message));
    if (problem->hint[0] != '\0')
        must_have(cJSON_AddStringToObject(error, "hint", problem->hint));
    const char *retry = problem->status == LOYALTY_FAULT ? "same_ref" : "never";
    must_have(cJSON_AddStringToObject(error, "retry", retry));
    if (problem->line != 0) {
        must_have(cJSON_AddNumberToObject(error, "line", problem->line));
        must_have(cJSON_AddNumberToObject(error, "column", problem->column));
    }
    char *text = must_have(cJSON_PrintUnformatted(answer));
    cJSON_Delete(answer);
    return text;
}
