/* Receipts for the printer of a till, 32 or 48 columns wide. */
#ifndef LOYALTY_CLI_TILL_H
#define LOYALTY_CLI_TILL_H

#include "command.h"

#include <stdbool.h>

/* Print the answer as a receipt where --print asks for it, and say whether it did. */
bool till_print(const struct call *call, const cJSON *answer);

/* Refuse a --print that no printer has. */
loyalty_status till_check(const struct call *call, struct problem *problem);

#endif
