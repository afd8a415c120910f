/* One way in which answers and errors reach people. */
#include "output.h"

#include "memory.h"
#include "text.h"
#include "till.h"
#include "width.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const char *text_of(const cJSON *object, const char *name)
{
    return cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(object, name));
}

static unsigned count_of(const cJSON *object, const char *name)
{
    const cJSON *item = cJSON_GetObjectItemCaseSensitive(object, name);
    return cJSON_IsNumber(item) && item->valuedouble > 0 && item->valuedouble < 4e9
               ? (unsigned)item->valuedouble
               : 0;
}

static void put_safe(const char *text, FILE *out)
{
    char *copy = must_copy(text);
    width_make_safe(copy);
    fputs(copy, out);
    free(copy);
}

/* Where a text from a file was sent, positions in it help; in a request that was
 * made from flags they point at nothing that the user has seen. */
static const char *sent_file(const struct call *call)
{
    static const char *const flags[] = {"request", "programme", "file"};
    for (size_t i = 0; i < sizeof flags / sizeof *flags; i++) {
        const char *path = call_value(call, flags[i]);
        if (path != NULL)
            return path;
    }
    return NULL;
}

/* The way compilers say it, which editors can follow. */
static void put_fault(const char *file, const cJSON *fault)
{
    const char *path = text_of(fault, "path"), *message = text_of(fault, "message");
    const char *help = text_of(fault, "hint");
    fputs("  ", stderr);
    put_safe(file != NULL ? file : "-", stderr);
    fprintf(stderr, ":%u:%u: ", count_of(fault, "line"), count_of(fault, "column"));
    if (path != NULL && *path != '\0') {
        put_safe(path, stderr);
        fputs(": ", stderr);
    }
    put_safe(message != NULL ? message : "", stderr);
    putc('\n', stderr);
    if (help != NULL && *help != '\0') {
        fprintf(stderr, "    %s: ", _("hint"));
        put_safe(help, stderr);
        putc('\n', stderr);
    }
}

static void put_faults(const char *file, const cJSON *faults)
{
    int count = cJSON_GetArraySize(faults);
    const cJSON *fault;
    fprintf(stderr,
            _n("%d fault in the programme:\n", "%d faults in the programme:\n", (unsigned)count),
            count);
    cJSON_ArrayForEach(fault, faults) put_fault(file, fault);
}

/* Nothing is wrong, but the retailer may want to know. */
static void put_notes(const char *file, const cJSON *notes)
{
    int count = cJSON_GetArraySize(notes);
    const cJSON *note;
    if (count == 0)
        return;
    fflush(stdout);
    fprintf(stderr,
            _n("%d note on the programme:\n", "%d notes on the programme:\n", (unsigned)count),
            count);
    cJSON_ArrayForEach(note, notes) put_fault(file, note);
}

/* "--amount MONEY", "--all", or, of what stands in its place, "FILE". */
static void put_flag(const struct command *command, const struct flag *flag)
{
    const char *value = flag->value != NULL ? flag->value : "";
    if (command_places(command, flag->name))
        fputs(value, stderr);
    else
        fprintf(stderr, "--%s%s%s", flag->name, *value != '\0' ? " " : "", value);
}

/* A field that is missing has another name on the command line. */
static void put_flags_for(const struct call *call, const char *code, const char *field)
{
    const char *before = NULL;
    if (code == NULL || strcmp(code, "missing_field") != 0 || field == NULL ||
        call->command == NULL || call_value(call, "request") != NULL)
        return;
    for (const struct flag *flag = flag_table; flag->name != NULL; flag++) {
        if (flag->field == NULL || strcmp(flag->field, field) != 0 ||
            !command_takes(call->command, flag->name))
            continue;
        if (before == NULL)
            fprintf(stderr, "  %s: ", _("hint"));
        fputs(before == NULL ? "" : ", ", stderr);
        put_flag(call->command, flag);
        before = flag->name;
    }
    if (before != NULL)
        putc('\n', stderr);
}

static bool is_of_a_word(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
}

/* As a word of its own: "date" does not name the field "at". */
static bool names(const char *message, const char *field)
{
    size_t length = strlen(field);
    for (const char *at = strstr(message, field); at != NULL; at = strstr(at + 1, field)) {
        if ((at == message || !is_of_a_word(at[-1])) && !is_of_a_word(at[length]))
            return true;
    }
    return false;
}

static void put_error(const struct call *call, const cJSON *error)
{
    const char *message = text_of(error, "message"), *help = text_of(error, "hint");
    const char *field = text_of(error, "field"), *file = sent_file(call);
    const cJSON *faults = cJSON_GetObjectItemCaseSensitive(error, "faults");
    fputs("loyalty: ", stderr);
    if (cJSON_GetArraySize(faults) > 0) {
        put_faults(file, faults);
        return;
    }
    if (field != NULL && *field != '\0' && (message == NULL || !names(message, field))) {
        put_safe(field, stderr);
        fputs(": ", stderr);
    }
    put_safe(message != NULL ? message : _("something went wrong"), stderr);
    if (file != NULL && count_of(error, "line") != 0)
        fprintf(stderr, _(" (line %u, column %u)"), count_of(error, "line"),
                count_of(error, "column"));
    if (count_of(error, "entry") != 0)
        fprintf(stderr, _(" (entry %u)"), count_of(error, "entry"));
    putc('\n', stderr);
    if (help != NULL && *help != '\0') {
        fprintf(stderr, "  %s: ", _("hint"));
        put_safe(help, stderr);
        putc('\n', stderr);
    } else {
        put_flags_for(call, text_of(error, "code"), field);
    }
}

/* A verification that failed is an answer, not an accident: its report tells the
 * verdict and the reason, on standard output. */
static void hand_over(cJSON *report, const cJSON *error, const char *from, const char *to)
{
    const char *text = text_of(error, from);
    if (text != NULL)
        cJSON_AddStringToObject(report, to, text);
}

/* Both notes, as they are: whoever sees them needs nothing else. */
static void put_fork(const cJSON *fork)
{
    const char *ours = text_of(fork, "ours"), *theirs = text_of(fork, "theirs");
    if (ours != NULL && theirs != NULL)
        printf("%s\n\n%s\n%s\n\n%s", _("Signed here:"), ours, _("Signed there:"), theirs);
}

loyalty_status output_answer(const struct call *call, const char *answer, loyalty_status status)
{
    if (call->json) {
        puts(answer);
        return status;
    }
    cJSON *object = cJSON_Parse(answer);
    const cJSON *error = cJSON_GetObjectItemCaseSensitive(object, "error");
    cJSON *report = cJSON_GetObjectItemCaseSensitive(object, "report");
    if (status == LOYALTY_FORK) {
        fflush(stdout);
        put_error(call, error);
        put_fork(cJSON_GetObjectItemCaseSensitive(report, "fork"));
        cJSON_Delete(object);
        return status;
    }
    if (report != NULL && status == LOYALTY_NOT_VERIFIED) {
        hand_over(report, error, "message", "failure");
        hand_over(report, error, "hint", "hint");
    } else if (error != NULL || object == NULL) {
        fflush(stdout);
        put_error(call, error);
    }
    const cJSON *told = error != NULL ? report : object;
    if (told != NULL && !till_print(told) && call->command != NULL && call->command->show != NULL)
        call->command->show(call, told);
    if (error == NULL)
        put_notes(sent_file(call), cJSON_GetObjectItemCaseSensitive(object, "notes"));
    cJSON_Delete(object);
    return status;
}

loyalty_status output_problem(const struct call *call, const struct problem *problem)
{
    char *answer = problem_answer(problem);
    output_answer(call, answer, problem->status);
    free(answer);
    return problem->status;
}

/* Asked of the pipe, because what failed may have done so long ago: of a text that is
 * longer than the buffer the reason is forgotten by the end. */
static bool reader_is_gone(void)
{
    struct pollfd output = {.fd = STDOUT_FILENO};
    return poll(&output, 1, 0) > 0 && (output.revents & POLLERR) != 0;
}

loyalty_status output_finish(loyalty_status status)
{
    bool failed = ferror(stdout) != 0, gone = reader_is_gone();
    errno = 0;
    if (fclose(stdout) != 0)
        failed = true;
    if (!failed)
        return status;
    if (errno != EPIPE && !gone) {
        fprintf(stderr, "loyalty: %s%s%s\n", _("cannot write to standard output"),
                errno != 0 ? ": " : "", errno != 0 ? strerror(errno) : "");
        fprintf(stderr, "  %s: %s\n", _("hint"),
                _("what was recorded stays recorded; the same key asked again shows the answer"));
    }
    return status != LOYALTY_OK ? status : LOYALTY_FAULT;
}
