/* Sums by key: a map to find the row, a sort to say them in order. */
#include "tally.h"

#include <stdlib.h>

#include "limits.h"

static bool origin_index(struct tally *tally, struct text origin, size_t *index,
                         struct error *error)
{
    size_t i = 0;
    while (i < tally->origin_count && !text_equal(tally->origins[i], origin))
        i++;
    if (i == TALLY_ORIGINS)
        return fail(error, ERROR_LIMIT, _("a report has at most %d origins of points"),
                    TALLY_ORIGINS);
    if (i == tally->origin_count)
        tally->origins[tally->origin_count++] = text_copy(&tally->arena, origin);
    *index = i;
    return true;
}

static bool too_many(struct error *error)
{
    return fail(error, ERROR_OVERFLOW, _("the points of all members are beyond %lld"),
                (long long)LIMIT_UNITS);
}

static bool find_row(struct tally *tally, struct tally_key key, struct tally_row **out,
                     struct error *error)
{
    size_t origin = 0;
    if (!origin_index(tally, key.origin, &origin, error))
        return false;
    uint64_t high = (uint64_t)key.currency << 32 | origin;
    uint64_t low = (uint64_t)(uint32_t)key.first << 32 | (uint32_t)key.second;
    struct tally_row **row =
        (struct tally_row **)(void *)map_put(&tally->map, map_key_of_number(high, low));
    if (*row == NULL) {
        *row = arena_allocate(&tally->arena, sizeof **row);
        (*row)->key = key;
        (*row)->key.origin = tally->origins[origin];
    }
    *out = *row;
    return true;
}

bool tally_add(struct tally *tally, struct tally_key key, unsigned account, int64_t amount,
               struct error *error)
{
    struct tally_row *row = NULL;
    return find_row(tally, key, &row, error) &&
           (units_add(row->sums[account], amount, &row->sums[account]) || too_many(error));
}

bool tally_add_late(struct tally *tally, struct tally_key key, int64_t amount, struct error *error)
{
    struct tally_row *row = NULL;
    return find_row(tally, key, &row, error) &&
           (units_add(row->late, amount, &row->late) || too_many(error));
}

static int compare_rows(const void *left, const void *right)
{
    const struct tally_key *a = &(*(struct tally_row *const *)left)->key;
    const struct tally_key *b = &(*(struct tally_row *const *)right)->key;
    if (a->currency != b->currency)
        return a->currency < b->currency ? -1 : 1;
    int order = text_compare(a->origin, b->origin);
    if (order != 0)
        return order;
    if (a->first != b->first)
        return a->first < b->first ? -1 : 1;
    return (a->second > b->second) - (a->second < b->second);
}

struct tally_row **tally_rows(struct tally *tally, size_t *count)
{
    struct tally_row **rows =
        arena_allocate(&tally->arena, (tally->map.count + 1) * sizeof(struct tally_row *));
    for (size_t i = 0; i < tally->map.count; i++)
        rows[i] = tally->map.entries[i].value;
    *count = tally->map.count;
    memory_sort(rows, *count, sizeof(struct tally_row *), compare_rows);
    return rows;
}

bool tally_total(struct tally_row *const rows[], size_t count, unsigned currency,
                 struct tally_row *total, struct error *error)
{
    *total = (struct tally_row){.key = {.currency = currency}};
    for (size_t i = 0; i < count; i++) {
        if (rows[i]->key.currency != currency)
            continue;
        for (size_t a = 0; a < ACCOUNT_COUNT; a++) {
            if (!units_add(total->sums[a], rows[i]->sums[a], &total->sums[a]))
                return too_many(error);
        }
        if (!units_add(total->late, rows[i]->late, &total->late))
            return too_many(error);
    }
    return true;
}

void tally_free(struct tally *tally)
{
    map_free(&tally->map);
    arena_free(&tally->arena);
}
