/* A hash map that remembers the order of insertion: an array of entries, and a
 * table of 32-bit indexes into it. Growing rebuilds only the table. */
#include "map.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "memory.h"

enum { FIRST_SLOTS = 64 };

/* Keys may be hashes or two small counters; this spreads both (the finaliser of
 * MurmurHash3). The result never leaves the map. */
static uint64_t mix(struct map_key key)
{
    uint64_t bits = key.high * UINT64_C(0x9e3779b97f4a7c15) + key.low;
    bits ^= bits >> 33;
    bits *= UINT64_C(0xff51afd7ed558ccd);
    bits ^= bits >> 33;
    bits *= UINT64_C(0xc4ceb9fe1a85ec53);
    return bits ^ bits >> 33;
}

/* The slot that holds the key, or the empty one where it belongs. slot_count is
 * a power of two and never full. */
static size_t find_slot(const struct map *map, struct map_key key)
{
    size_t mask = map->slot_count - 1;
    size_t slot = (size_t)mix(key) & mask;
    while (map->slots[slot] != 0) {
        const struct map_entry *entry = &map->entries[map->slots[slot] - 1];
        if (entry->key.high == key.high && entry->key.low == key.low)
            break;
        slot = (slot + 1) & mask;
    }
    return slot;
}

void *map_get(const struct map *map, struct map_key key)
{
    if (map->count == 0)
        return NULL;
    uint32_t place = map->slots[find_slot(map, key)];
    return place != 0 ? map->entries[place - 1].value : NULL;
}

static void grow_slots(struct map *map)
{
    free(map->slots);
    map->slot_count = map->slot_count > 0 ? map->slot_count * 2 : FIRST_SLOTS;
    map->slots = memory_allocate(map->slot_count * sizeof *map->slots);
    for (size_t i = 0; i < map->count; i++)
        map->slots[find_slot(map, map->entries[i].key)] = (uint32_t)(i + 1);
}

static void grow_entries(struct map *map)
{
    if (map->count >= UINT32_MAX / 2)
        memory_exhausted(); /* an index would no longer fit its slot */
    map->entry_capacity = map->entry_capacity > 0 ? map->entry_capacity * 2 : FIRST_SLOTS / 2;
    map->entries = memory_resize(map->entries, map->entry_capacity * sizeof *map->entries);
}

void **map_put(struct map *map, struct map_key key)
{
    if (map->slot_count == 0 || (map->count + 1) * 4 > map->slot_count * 3)
        grow_slots(map);
    size_t slot = find_slot(map, key);
    if (map->slots[slot] == 0) {
        if (map->count == map->entry_capacity)
            grow_entries(map);
        map->entries[map->count] = (struct map_entry){key, NULL};
        map->slots[slot] = (uint32_t)++map->count;
    }
    return &map->entries[map->slots[slot] - 1].value;
}

void map_clear(struct map *map)
{
    map->count = 0;
    if (map->slot_count > 0)
        memset(map->slots, 0, map->slot_count * sizeof *map->slots);
}

void map_free(struct map *map)
{
    free(map->entries);
    free(map->slots);
    *map = (struct map){0};
}

struct map_key map_key_of_hash(const unsigned char hash[16])
{
    /* Big-endian, so that keys sort and print like the bytes they stand for. */
    struct map_key key = {0, 0};
    for (int i = 0; i < 8; i++) {
        key.high = key.high << 8 | hash[i];
        key.low = key.low << 8 | hash[8 + i];
    }
    return key;
}
