/* Receipts for the printer of a till: the library lays them out, here they are
 * written in what the printer is fed with. */
#ifndef LOYALTY_CLI_TILL_H
#define LOYALTY_CLI_TILL_H

#include "command.h"

#include <stdbool.h>

/* Print the lines of the answer where it has any, and say whether it did. */
bool till_print(const cJSON *answer);

/* Refuse an --encoding that this system cannot write, before anything is recorded. */
loyalty_status till_check(const struct call *call, struct problem *problem);

#endif
