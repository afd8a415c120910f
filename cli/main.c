/* loyalty: the command. It speaks only loyalty.h; what there is to say stands in
 * the tables of commands.c. The exit status is the library's status, unless what
 * was to be told could not be told. */
#include "arguments.h"
#include "output.h"
#include "signals.h"
#include "text.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *default_database(void)
{
    const char *named = getenv("LOYALTY_DB");
    return named != NULL && *named != '\0' ? named : "loyalty.db";
}

static loyalty_status carry_out(const struct call *call, struct problem *problem)
{
    if (call->version && call->command == NULL)
        printf("loyalty %s\n", loyalty_version());
    else if (call->command != NULL && call->help)
        help_command(call->command);
    else if (call->command != NULL)
        return call->command->run(call, problem);
    else if (call->group != NULL)
        help_group(call->group);
    else if (call->help)
        help_overview();
    else {
        problem_set(problem, LOYALTY_USAGE, "usage", "%s", _("there is no command to carry out"));
        return problem_hint(problem, "%s", _("'loyalty help' lists what there is"));
    }
    return LOYALTY_OK;
}

int main(int argc, char **argv)
{
    struct call call;
    struct problem problem;
    memset(&call, 0, sizeof call);
    memset(&problem, 0, sizeof problem);
    signals_ignore_pipe();
    arguments_peek(argc, argv, &call);
    const char *language = text_choose_language(call.language);
    loyalty_use_language(language);

    loyalty_status status = arguments_read(argc, argv, &call, &problem);
    call.language = language;
    if (call.database == NULL)
        call.database = default_database();
    if (status == LOYALTY_OK)
        status = carry_out(&call, &problem);
    if (problem.status != LOYALTY_OK)
        status = output_problem(&call, &problem);
    free(call.values);
    return (int)output_finish(status);
}
