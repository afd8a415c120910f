/* All that is held on a person: their own records and those of others that speak of them,
 * which an erasure would take. */
#include "answer.h"
#include "ask_private.h"
#include "chain.h"
#include "erasable.h"
#include "state_private.h"

static void add(struct context *context, struct erasable *all, int64_t seq)
{
    all->list =
        state_room(context->arena, all->list, all->count, &all->capacity, sizeof *all->list);
    all->list[all->count++] = seq;
}

/* Records of the chain without a body say something, too: what lapsed, what came in. */
static bool add_chain(struct context *context, struct erasable *all, struct error *error)
{
    struct arena scratch = {0};
    struct chain chain;
    bool good = chain_begin(&chain, context->state, context->member_id, error);
    while (good && chain_goes_on(&chain)) {
        struct record record;
        good = chain_next(&chain, &scratch, &record, error);
        if (good)
            add(context, all, record.head->seq);
        arena_reset(&scratch);
    }
    arena_free(&scratch);
    return good;
}

static bool add_item(struct context *context, int64_t seq, cJSON *records, struct error *error)
{
    struct record record;
    if (!state_record(context->state, seq, &record, error))
        return false;
    cJSON *item = history_item(context, &record);
    cJSON_AddItemToObject(item, "head", json_text(record.head_bytes));
    cJSON_AddItemToObject(item, "body",
                          record.body.length > 0
                              ? cJSON_CreateRaw(text_copy(context->arena, record.body).bytes)
                              : cJSON_CreateNull());
    cJSON_AddItemToArray(records, item);
    return true;
}

static int compare_numbers(const void *a, const void *b)
{
    int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
    return (x > y) - (x < y);
}

bool person_records(struct context *context, cJSON *answer, struct error *error)
{
    struct erasable all = {0};
    if (!erasable_of(context, &all, error) || !add_chain(context, &all, error))
        return false;
    memory_sort(all.list, all.count, sizeof *all.list, compare_numbers);
    cJSON *records = cJSON_AddArrayToObject(answer, "records");
    for (size_t i = 0; i < all.count; i++) {
        if ((i == 0 || all.list[i] != all.list[i - 1]) &&
            !add_item(context, all.list[i], records, error))
            return false;
    }
    return true;
}
