/* See files.h. */
#include "files.h"

#include "memory.h"
#include "text.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static bool take_standard_input(struct problem *problem)
{
    static bool taken;
    if (taken) {
        problem_set(problem, LOYALTY_USAGE, "usage", "%s",
                    _("standard input can be read only once"));
        return false;
    }
    taken = true;
    return true;
}

int file_open(const char *path, int64_t *size, struct problem *problem)
{
    int descriptor = STDIN_FILENO;
    if (strcmp(path, "-") == 0) {
        if (!take_standard_input(problem))
            return -1;
    } else {
        descriptor = open(path, O_RDONLY | O_CLOEXEC);
    }
    struct stat status;
    if (descriptor < 0 || fstat(descriptor, &status) != 0) {
        problem_file(problem, _("cannot open '%s'"), path);
        return -1;
    }
    *size = S_ISREG(status.st_mode) ? (int64_t)status.st_size : 0;
    return descriptor;
}

static const char *shown(const char *path)
{
    return strcmp(path, "-") == 0 ? _("standard input") : path;
}

char *file_read(const char *path, size_t limit, size_t *length, struct problem *problem)
{
    int64_t size = 0;
    int descriptor = file_open(path, &size, problem);
    if (descriptor < 0)
        return NULL;
    size_t capacity = size > 0 && (size_t)size < limit ? (size_t)size + 2 : 4096;
    char *text = must_grow(NULL, capacity, 1);
    ssize_t got;
    *length = 0;
    while ((got = read(descriptor, text + *length, capacity - 1 - *length)) != 0) {
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            break;
        *length += (size_t)got;
        if (*length > limit)
            break;
        if (*length == capacity - 1) {
            capacity *= 2;
            text = must_grow(text, capacity, 1);
        }
    }
    if (got < 0)
        problem_file(problem, _("cannot read '%s'"), shown(path));
    else if (*length > limit)
        problem_set(problem, LOYALTY_INVALID, "limit_exceeded", _("'%s' is longer than %zu bytes"),
                    shown(path), limit);
    if (descriptor != STDIN_FILENO)
        close(descriptor);
    if (got < 0 || *length > limit) {
        free(text);
        return NULL;
    }
    text[*length] = '\0';
    return text;
}

bool file_is_text(const char *text, size_t length, struct problem *problem)
{
    const char *nul = memchr(text, '\0', length);
    if (nul == NULL)
        return true;
    problem_set(problem, LOYALTY_INVALID, "invalid_json", "%s",
                _("there is a NUL byte in the text"));
    const char *line = text;
    problem->line = 1;
    for (const char *next; (next = memchr(line, '\n', (size_t)(nul - line))) != NULL;) {
        line = next + 1;
        problem->line++;
    }
    problem->column = (unsigned)(nul - line) + 1;
    return false;
}

int file_write(int descriptor, const char *bytes, size_t length)
{
    while (length > 0) {
        ssize_t put = write(descriptor, bytes, length);
        if (put < 0 && errno == EINTR)
            continue;
        if (put < 0)
            return -1;
        bytes += put;
        length -= (size_t)put;
    }
    return 0;
}
