/* Slips: what a customer takes home from the till, as lines for its printer.
 *
 * A slip is made of an answer and of the names that the programme gives; it asks
 * no ledger. So a retry, days later, prints what the first answer would have. */
#ifndef LOYALTY_SLIP_H
#define LOYALTY_SLIP_H

#include <cjson/cJSON.h>

#include "programme.h"

struct slip {
    /* Of a purchase, quote, return, redeem, cancel, exchange or show, with what was added for
     * printing (SPEC.md section 6); its numbers are raw digits, as the ledger makes
     * them, so that no double ever holds points. */
    const cJSON *answer;
    const struct programme *latest;  /* the names of points and shop; NULL: ids */
    const struct programme *applied; /* the names of the rules that gave */
    unsigned columns;
    bool gb18030; /* what the printer is fed with, which decides what is wide */
};

/* A list of strings, none wider than the columns, in the language in use. */
cJSON *slip_lines(const struct slip *slip);

#endif
