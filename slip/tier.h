/* A member's level in one sentence. */
#ifndef LOYALTY_SLIP_TIER_H
#define LOYALTY_SLIP_TIER_H

#include <cjson/cJSON.h>

#include "programme.h"

/* "Jade until 2027-03-31, 12 stars to Gold", of an answer's "tier", in the language in use; names
 * of measures by the programme (NULL: ids). */
void tier_sentence(const cJSON *tier, const struct programme *programme, struct buffer *out);

#endif
