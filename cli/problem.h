/* What the command itself finds wrong, before or beside the library: a flag that
 * does not exist, a file that cannot be read. It becomes the same error object
 * as the library's, so that there is one way in which errors reach people. */
#ifndef LOYALTY_CLI_PROBLEM_H
#define LOYALTY_CLI_PROBLEM_H

#include "loyalty.h"

struct problem {
    loyalty_status status; /* LOYALTY_OK: no problem */
    const char *code;      /* of SPEC.md's table of codes: "usage", "io_error", ... */
    unsigned line, column; /* from 1; 0 where there is no text to point at */
    char message[512];
    char hint[256];
};

/* Fill *problem and return its status, so that `return problem_set(...)` reads as
 * one thing. */
loyalty_status problem_set(struct problem *problem, loyalty_status status, const char *code,
                           const char *format, ...) __attribute__((format(printf, 4, 5)));
/* Add what would be right to the problem just made. Returns its status. */
loyalty_status problem_hint(struct problem *problem, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* "cannot read 'x': No such file or directory", from errno. */
loyalty_status problem_file(struct problem *problem, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* The error object as one line of JSON. The caller frees it. */
char *problem_answer(const struct problem *problem);

#endif
