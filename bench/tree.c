/* The yardstick of `verify`: bench_tree DATABASE
 *
 * Reads every head and body into memory, then computes what `verify` must compute
 * at the least: the Merkle tree over the heads and the digest of each body. Only
 * the hashing is timed. Prints records, bytes, seconds and the root. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include <sodium.h>

#include "merkle.h"
#include "store.h"

struct loaded {
    struct arena arena;
    struct record_row *rows;
    size_t count, capacity;
};

static double now(void)
{
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (double)time.tv_sec + (double)time.tv_nsec / 1e9;
}

static bool keep(void *context, const struct record_row *row, struct error *error)
{
    struct loaded *loaded = context;
    (void)error;
    if (loaded->count == loaded->capacity) {
        loaded->capacity = loaded->capacity * 2 + 1024;
        loaded->rows = memory_resize(loaded->rows, loaded->capacity * sizeof *loaded->rows);
    }
    struct record_row *kept = &loaded->rows[loaded->count++];
    *kept = *row;
    kept->head = text_copy(&loaded->arena, row->head);
    kept->salt = text_copy(&loaded->arena, row->salt);
    kept->body = text_copy(&loaded->arena, row->body);
    return true;
}

int main(int argc, char **argv)
{
    struct error error = {0};
    struct store *store;
    struct loaded loaded = {0};
    if (argc != 2 || sodium_init() < 0)
        return 2;
    if (!store_open(&store, argv[1], STORE_READ, 1000, &error) ||
        !store_each_record(store, 0, INT64_MAX, keep, &loaded, &error)) {
        fprintf(stderr, "%s: %s\n", error_name(error.code), error.message);
        return 1;
    }
    struct merkle_edge edge = {0};
    struct hash leaf, root;
    unsigned char body[DIGEST_BYTES], all = 0;
    size_t bytes = 0;
    double start = now();
    for (size_t i = 0; i < loaded.count; i++) {
        const struct record_row *row = &loaded.rows[i];
        merkle_leaf(row->head.bytes, row->head.length, &leaf);
        merkle_edge_append(&edge, &leaf);
        if (row->has_body)
            digest(row->salt, row->body, body);
        all ^= body[0];
        bytes += row->head.length + row->salt.length + row->body.length;
    }
    merkle_edge_root(&edge, &root);
    double seconds = now() - start;
    printf("%zu %zu %.6f ", loaded.count, bytes, seconds);
    for (size_t i = 0; i < HASH_BYTES; i++)
        printf("%02x", root.bytes[i]);
    printf(" %u\n", all);
    store_close(store);
    arena_free(&loaded.arena);
    free(loaded.rows);
    return 0;
}
