/* The map against a plain array. */
#include "map.h"

#include <stdbool.h>

#include "chance.h"
#include "suite.h"

static int cells[20000];

static void fill_and_find(struct map *map, uint64_t high_step, uint64_t low_step, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        void **place = map_put(map, map_key_of_number(i * high_step, i * low_step));
        CU_ASSERT_PTR_NULL_FATAL(*place);
        *place = &cells[i];
    }
    test_expect_integer("count", (long long)count, (long long)map->count);
    bool found = true, ordered = true, absent = true;
    for (size_t i = 0; i < count; i++) {
        struct map_key key = map_key_of_number(i * high_step, i * low_step);
        found = found && map_get(map, key) == &cells[i] && *map_put(map, key) == &cells[i];
        ordered = ordered && map->entries[i].value == &cells[i];
        absent = absent && map_get(map, map_key_of_number(key.high, key.low ^ 1)) == NULL;
    }
    CU_ASSERT_TRUE(found);
    CU_ASSERT_TRUE(ordered);
    CU_ASSERT_TRUE(absent);
    test_expect_integer("count after", (long long)count, (long long)map->count);
}

static void keys_of_every_shape_are_found(void)
{
    static const uint64_t steps[][2] = {{0, 2},          {2, 0},
                                        {1, 2},          {0, UINT64_C(1) << 32},
                                        {1ULL << 40, 0}, {1, UINT64_C(0x9e3779b97f4a7c14)}};
    struct map map = {0};
    CU_ASSERT_PTR_NULL(map_get(&map, map_key_of_number(1, 1)));
    for (size_t i = 0; i < sizeof steps / sizeof steps[0]; i++) {
        fill_and_find(&map, steps[i][0], steps[i][1], 20000);
        map_clear(&map);
        CU_ASSERT_PTR_NULL(map_get(&map, map_key_of_number(0, 0)));
    }
    map_free(&map);
    map_free(&map);
}

static void probes_stay_short(void)
{
    /* Sequential keys: the average distance from a key's first slot is what the
     * load allows (about 1.5 at 3/4), not what a bad mixer makes of it. */
    struct map map = {0};
    for (uint64_t i = 0; i < 40000; i++)
        *map_put(&map, map_key_of_number(7, i)) = cells;
    size_t longest = 0, run = 0;
    for (size_t i = 0; i < map.slot_count; i++) {
        run = map.slots[i] != 0 ? run + 1 : 0;
        longest = run > longest ? run : longest;
    }
    CU_ASSERT_TRUE(longest < 500);
    map_free(&map);
}

static void a_hash_becomes_a_key_in_its_order(void)
{
    static const unsigned char hash[16] = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16};
    struct map_key key = map_key_of_hash(hash);
    CU_ASSERT_EQUAL(key.high, UINT64_C(0x0102030405060708));
    CU_ASSERT_EQUAL(key.low, UINT64_C(0x090a0b0c0d0e0f10));
}

extern const struct test_case map_cases[];
const struct test_case map_cases[] = {
    {"keys of every shape are found", keys_of_every_shape_are_found},
    {"probes stay short", probes_stay_short},
    {"a hash becomes a key in its order", a_hash_becomes_a_key_in_its_order},
    {NULL, NULL},
};
