/* See cosigned.h. */
#include "cosigned.h"

#include "answer.h"
#include "policy.h"

#define LAST_SECOND UINT64_C(253402300799) /* of the year 9999: beyond it no moment is written */

static cJSON *witnesses_of(const struct note *opened, const struct verifier *log)
{
    cJSON *list = cJSON_CreateArray();
    for (size_t i = 0; i < opened->count; i++) {
        const struct note_signature *signature = &opened->signatures[i];
        if (signature->by == NULL || signature->by == log)
            continue;
        cJSON *witness = cJSON_CreateObject();
        cJSON_AddStringToObject(witness, "name", signature->by->name);
        cJSON_AddItemToObject(witness, "time",
                              signature->seconds > LAST_SECOND
                                  ? cJSON_CreateNull()
                                  : json_moment((moment)signature->seconds * 1000));
        cJSON_AddItemToArray(list, witness);
    }
    return list;
}

bool cosigned_open(struct text policy, struct text note, const struct verifier *log,
                   struct checkpoint *checkpoint, cJSON **witnesses, struct error *error)
{
    struct policy parsed;
    struct note opened;
    struct arena arena = {0};
    bool ok = policy_parse(policy, &arena, &parsed, error) &&
              policy_open(&parsed, note, log, checkpoint, &opened, error);
    if (ok)
        *witnesses = witnesses_of(&opened, log);
    arena_free(&arena);
    return ok;
}
