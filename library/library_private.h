/* What the files of this room share: the handle, and answers as text. */
#ifndef LOYALTY_LIBRARY_PRIVATE_H
#define LOYALTY_LIBRARY_PRIVATE_H

#include <cjson/cJSON.h>

#include "error.h"
#include "ledger.h"
#include "loyalty.h"
#include "memory.h"
#include "programme.h"

struct loyalty {
    struct ledger *ledger;
    char *path;
};

/* The answer as text that the caller of the library owns; the tree is deleted. */
char *library_text(cJSON *answer);
/* {"ok":false,"error":…}; its status is returned. */
loyalty_status library_failed(const struct error *error, struct text id,
                              const struct programme_faults *faults, char **answer);
/* The same with what was found out until then as "report", which may be NULL and is
 * deleted. */
loyalty_status library_failed_with(const struct error *error, struct text id, cJSON *report,
                                   char **answer);

#endif
