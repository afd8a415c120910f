/* Answers of returns that wait for their purchase. */
#include "answer_private.h"

void answer_held(struct answering *in)
{
    struct context context = {.ledger = in->ledger,
                              .arena = &in->ledger->batch,
                              .request = &in->input,
                              .version = in->version,
                              .at = in->at};
    struct text identity = in->input.of;
    struct error ignored;
    cJSON_AddStringToObject(in->answer, "status", in->outcome->called_off ? "cancelled" : "held");
    answer_add(in, "at", json_moment(in->at));
    if (in->version != NULL)
        awaited_receipt(&context, &identity, &ignored);
    answer_add(in, "receipt", json_text(identity));
    int64_t purchase = in->outcome->came_all_the_same;
    answer_add(in, "purchase", purchase == 0 ? cJSON_CreateNull() : json_number(purchase));
}

void answer_waiting(struct answering *in)
{
    if (in->outcome->held_count == 0)
        return;
    cJSON *list = cJSON_CreateArray();
    for (size_t i = 0; i < in->outcome->held_count; i++) {
        const struct held_return *held = &in->outcome->held[i];
        cJSON *item = cJSON_CreateObject();
        cJSON_AddItemToObject(item, "ref", json_text(held->ref));
        cJSON_AddItemToObject(item, "seq", json_number(held->seq));
        cJSON_AddStringToObject(item, "status", held->done ? "done" : "held");
        if (held->refused != ERROR_NONE)
            cJSON_AddStringToObject(item, "code", error_name(held->refused));
        cJSON_AddItemToArray(list, item);
    }
    answer_add(in, "held", list);
}
