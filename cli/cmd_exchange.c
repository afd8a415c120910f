/* loyalty exchange: two baskets on one command line. What is given with flags belongs to
 * the goods that come back or to those that are bought; a flag's name says to which. */
#include "memory.h"
#include "output.h"
#include "request.h"
#include "run.h"
#include "text.h"
#include "value.h"

#include <stdlib.h>
#include <string.h>

/* Members as the flags make them, and where they belong. */
static const struct place {
    const char *given, *member;
    bool returned;
} places[] = {{"of", "of", true},
              {"ref", "ref", true},
              {"all", "all", true},
              {"back", "amount", true},
              {"back_lines", "lines", true},
              {"reason", "reason", true},
              {"receipt", "receipt", false},
              {"amount", "amount", false},
              {"lines", "lines", false},
              {"member", "member", false},
              {"discount", "discount", false},
              {"tenders", "tenders", false},
              {"rounding", "rounding", false},
              {"coupons", "coupons", false},
              {"proof", "proof", false},
              {"points", "points", false},
              {"points_of", "points_of", false},
              {"capture", "capture", false},
              {"enrol", "enrol", false}};

/* The rest, of both, stays where it is. */
static char *in_two(const char *request)
{
    cJSON *object = must_have(cJSON_Parse(request));
    cJSON *returned = must_have(cJSON_CreateObject()), *bought = must_have(cJSON_CreateObject());
    for (size_t i = 0; i < sizeof places / sizeof *places; i++) {
        cJSON *item = cJSON_DetachItemFromObjectCaseSensitive(object, places[i].given);
        if (item != NULL)
            cJSON_AddItemToObject(places[i].returned ? returned : bought, places[i].member, item);
    }
    cJSON_AddItemToObject(object, "return", returned);
    cJSON_AddItemToObject(object, "purchase", bought);
    char *text = must_have(cJSON_PrintUnformatted(object));
    cJSON_Delete(object);
    return text;
}

loyalty_status run_exchange(const struct call *call, struct problem *problem)
{
    char *request = run_make_request(call, problem);
    if (request == NULL)
        return problem->status;
    if (call_value(call, "request") == NULL) {
        char *flat = request;
        request = in_two(flat);
        free(flat);
    }
    loyalty_status status = run_request(call, request);
    free(request);
    return status;
}
