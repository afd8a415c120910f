/* What goes to standard output and standard error, and whether it arrived. */
#ifndef LOYALTY_CLI_OUTPUT_H
#define LOYALTY_CLI_OUTPUT_H

#include "command.h"

/* Tell an answer of the library (or of problem_answer()): with --json as it is,
 * one line on standard output; else in words, errors on standard error. Returns
 * `status`. */
loyalty_status output_answer(const struct call *call, const char *answer, loyalty_status status);

loyalty_status output_problem(const struct call *call, const struct problem *problem);

/* Flush standard output; a status that says whether all of it arrived. A reader
 * that went away is not worth a message. */
loyalty_status output_finish(loyalty_status status);

#endif
