/* What the files that answer questions share. */
#ifndef LOYALTY_ASK_PRIVATE_H
#define LOYALTY_ASK_PRIVATE_H

#include <cjson/cJSON.h>

#include "context.h"

/* A record as a member's history tells it. */
cJSON *history_item(struct context *context, const struct record *record);

/* --- person.c ----------------------------------------------------------------------- */

/* `records`: every record that is about the context's member, oldest first, with its body. */
bool person_records(struct context *context, cJSON *answer, struct error *error);

/* --- dry_run.c ---------------------------------------------------------------------- */

/* What would become of members' levels under a document that nobody has applied. */
bool ask_dry_run(struct context *context, cJSON *answer, struct error *error);

#endif
