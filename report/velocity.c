/* Members with many purchases on one day: a card that is passed on, or one that an
 * operator holds under the receipts of others. */
#include <stdlib.h>

#include "exceptions.h"
#include "map.h"

enum { CELLS = 1 << 21 };

struct spree {
    uint64_t member;
    int64_t day;
    struct text operator_id, store, till; /* of all of them; empty where they differ */
    struct exception_sums sums;
};

void velocity_begin(struct velocity *velocity, struct view *view, int64_t most)
{
    *velocity = (struct velocity){.view = view, .most = most, .cell_count = CELLS};
    velocity->cells = memory_allocate(CELLS * sizeof *velocity->cells);
}

void velocity_end(struct velocity *velocity)
{
    free(velocity->cells);
    map_free(&velocity->sprees);
    arena_free(&velocity->arena);
}

/* Ids are random bits: a day moves them on by an odd number of cells. */
static uint16_t *cell_of(const struct velocity *velocity, const struct operation_seen *seen)
{
    uint64_t mixed = seen->head->member ^ seen->head->member >> 21 ^ seen->head->member >> 42;
    return &velocity->cells[(mixed + (uint64_t)seen->day * 40503) % velocity->cell_count];
}

void velocity_count(struct velocity *velocity, const struct operation_seen *seen)
{
    uint16_t *cell = cell_of(velocity, seen);
    if (*cell < UINT16_MAX)
        ++*cell;
}

bool velocity_is_suspected(const struct velocity *velocity, const struct operation_seen *seen)
{
    return *cell_of(velocity, seen) > velocity->most;
}

bool velocity_any_suspected(const struct velocity *velocity)
{
    for (size_t i = 0; i < velocity->cell_count; i++) {
        if (velocity->cells[i] > velocity->most)
            return true;
    }
    return false;
}

static struct spree *spree_of(struct velocity *velocity, const struct operation_seen *seen)
{
    const struct request *request = &seen->request;
    void **place =
        map_put(&velocity->sprees, map_key_of_number(seen->head->member, (uint64_t)seen->day));
    if (*place != NULL)
        return *place;
    struct spree *spree = arena_allocate(&velocity->arena, sizeof *spree);
    spree->member = seen->head->member;
    spree->day = seen->day;
    spree->operator_id = text_copy(&velocity->arena, request->operator_id);
    spree->store = text_copy(&velocity->arena, request->store);
    spree->till = text_copy(&velocity->arena, request->till);
    *place = spree;
    return spree;
}

static void keep_common(struct text *common, struct text now)
{
    if (!text_equal(*common, now))
        *common = (struct text){0};
}

bool velocity_add(struct velocity *velocity, const struct operation_seen *seen, struct error *error)
{
    struct spree *spree = spree_of(velocity, seen);
    keep_common(&spree->operator_id, seen->request.operator_id);
    keep_common(&spree->store, seen->request.store);
    keep_common(&spree->till, seen->request.till);
    spree->sums.count++;
    return sum_amount(&spree->sums, seen->request.amount, error) &&
           sum_moved(velocity->view, &spree->sums, seen->head, error);
}

static int compare_sprees(const void *a, const void *b)
{
    const struct spree *x = *(struct spree *const *)a, *y = *(struct spree *const *)b;
    if (x->day != y->day)
        return x->day < y->day ? -1 : 1;
    return (x->member > y->member) - (x->member < y->member);
}

void velocity_write(struct velocity *velocity, struct sheet *sheet)
{
    size_t count = 0;
    struct spree **list =
        arena_allocate(&velocity->arena, (velocity->sprees.count + 1) * sizeof *list);
    for (size_t i = 0; i < velocity->sprees.count; i++) {
        struct spree *spree = velocity->sprees.entries[i].value;
        if (spree->sums.count > velocity->most)
            list[count++] = spree;
    }
    memory_sort(list, count, sizeof *list, compare_sprees);
    for (size_t i = 0; i < count; i++) {
        const struct exception_row row = {.operator_id = list[i]->operator_id,
                                          .store = list[i]->store,
                                          .till = list[i]->till,
                                          .what = text_of("velocity"),
                                          .member = list[i]->member,
                                          .day = list[i]->day};
        exception_write(velocity->view, sheet, &row, &list[i]->sums);
    }
}
