/* From a call to the request that the library gets. */
#ifndef LOYALTY_CLI_REQUEST_H
#define LOYALTY_CLI_REQUEST_H

#include "command.h"

enum { REQUEST_BYTES = 8388608 }; /* SPEC.md section 17; the library holds it too */

/* The request's text, from flags or from --request. NULL with a problem
 * otherwise. The caller frees it. */
char *request_make(const struct call *call, struct problem *problem);

/* Put "op" into an object that came without; its text stays as it is, so that the
 * library's strict reader sees what was sent and its positions are the sender's.
 * A text that is no object is left for the library to refuse. NULL with a problem
 * where it names another op. The caller frees it. */
char *request_with_op(const char *text, const char *op, struct problem *problem);

/* Does the text look like 12, -5 or 1.25? Only then it may stand in JSON bare. */
bool request_is_number(const char *text);

#endif
