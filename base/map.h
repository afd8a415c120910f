/* A hash map from 16-byte keys (hashes, or two integers) to a pointer. Open
 * addressing, linear probing, grows at 3/4; no removal: a map lives as long as
 * its batch and is cleared whole. Iteration is in order of insertion, so that
 * nothing depends on addresses or hash seeds. */
#ifndef LOYALTY_MAP_H
#define LOYALTY_MAP_H

#include <stddef.h>
#include <stdint.h>

struct map_key {
    uint64_t high, low;
};
struct map_entry {
    struct map_key key;
    void *value;
};
struct map {
    struct map_entry *entries; /* in order of insertion */
    uint32_t *slots;           /* index into entries + 1; 0 is empty */
    size_t count, entry_capacity, slot_count;
};

void *map_get(const struct map *map, struct map_key key);   /* NULL if absent */
/* The place for a key's value, made (holding NULL) if absent. Valid until the
 * next map_put. */
void **map_put(struct map *map, struct map_key key);
void map_clear(struct map *map);                             /* keeps the memory */
void map_free(struct map *map);
struct map_key map_key_of_hash(const unsigned char hash[16]);
static inline struct map_key map_key_of_number(uint64_t high, uint64_t low)
{
    struct map_key key = {high, low};
    return key;
}

#endif
