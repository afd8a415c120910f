/* loyalty import: a file goes in by pieces, rejected lines come out beside it. The
 * rejects file is made at the first reject and not before; a directory without one
 * means that nothing was rejected. */
#include "files.h"
#include "memory.h"
#include "output.h"
#include "progress.h"
#include "run.h"
#include "signals.h"
#include "text.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

struct import {
    struct progress progress;
    int input, rejects; /* rejects: -1 until the first one */
    const char *input_path;
    char *rejects_path;
    int64_t rejected_bytes;
    struct problem problem;
};

static int64_t read_input(void *context, char *bytes, size_t capacity)
{
    struct import *import = context;
    for (;;) {
        ssize_t got = read(import->input, bytes, capacity);
        if (got < 0 && errno == EINTR && !signals_stop_wanted())
            continue;
        if (got < 0)
            problem_file(&import->problem, _("cannot read '%s'"), import->input_path);
        else
            import->progress.read += got;
        return got;
    }
}

static bool same_file(int descriptor, const char *path)
{
    struct stat one, other;
    return fstat(descriptor, &one) == 0 && stat(path, &other) == 0 && one.st_dev == other.st_dev &&
           one.st_ino == other.st_ino;
}

static int write_reject(void *context, const char *bytes, size_t length)
{
    struct import *import = context;
    if (import->rejects < 0)
        import->rejects =
            open(import->rejects_path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    if (import->rejects < 0 || file_write(import->rejects, bytes, length) != 0) {
        problem_file(&import->problem, _("cannot write '%s'"), import->rejects_path);
        return -1;
    }
    import->rejected_bytes += (int64_t)length;
    return 0;
}

static int tell_progress(void *context, int64_t done, int64_t total)
{
    struct import *import = context;
    progress_tell(&import->progress, done, total);
    return signals_stop_wanted() ? 1 : 0;
}

static char *rejects_path(const struct call *call, const char *input)
{
    const char *wanted = call_value(call, "rejects");
    if (wanted != NULL)
        return must_copy(wanted);
    if (strcmp(input, "-") == 0)
        return must_copy("rejects.csv");
    static const char suffix[] = ".rejects.csv";
    size_t size = strlen(input) + sizeof suffix;
    char *path = must_grow(NULL, size, 1);
    snprintf(path, size, "%s%s", input, suffix);
    return path;
}

static void put_rejects(const struct call *call, const struct import *import)
{
    if (import->rejected_bytes > 0 && !call->json)
        printf(_("Rejected lines, each with its reason, are in %s:\n"
                 "mend them there and import that file.\n"),
               import->rejects_path);
}

/* Tell how it went; a file of our own that failed is the reason, not what the
 * library then made of it. */
static loyalty_status finish(const struct call *call, struct import *import, char *answer,
                             loyalty_status status, struct problem *problem)
{
    if (import->rejects >= 0 && close(import->rejects) != 0)
        problem_file(&import->problem, _("cannot write '%s'"), import->rejects_path);
    if (import->problem.status != LOYALTY_OK)
        *problem = import->problem;
    if (problem->status != LOYALTY_OK) {
        loyalty_free(answer);
        return problem->status;
    }
    run_tell(call, answer, status);
    if (signals_stop_wanted() && status != LOYALTY_OK && !call->json)
        fprintf(stderr, "  %s\n",
                _("what was committed stays; the same command again goes on from there"));
    put_rejects(call, import);
    return status;
}

loyalty_status run_import(const struct call *call, struct problem *problem)
{
    struct import import = {.rejects = -1};
    const char *path = call_value(call, "file");
    import.input_path = path != NULL ? path : "-";
    progress_start(&import.progress);
    import.input = file_open(import.input_path, &import.progress.size, problem);
    if (import.input < 0)
        return problem->status;
    import.rejects_path = rejects_path(call, import.input_path);
    if (same_file(import.input, import.rejects_path)) {
        problem_set(problem, LOYALTY_USAGE, "usage",
                    _("rejected lines cannot go into the file that is read, '%s'"),
                    import.rejects_path);
        free(import.rejects_path);
        return problem->status;
    }
    signals_catch();
    struct loyalty_io io = {.context = &import,
                            .read = read_input,
                            .write_reject = write_reject,
                            .progress = tell_progress};
    char *answer = NULL;
    loyalty_status status = run_ask(call, &io, &answer, problem);
    progress_end(&import.progress);
    status = finish(call, &import, answer, status, problem);
    if (import.input > STDIN_FILENO)
        close(import.input);
    free(import.rejects_path);
    return status;
}
