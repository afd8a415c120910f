/* The yardstick of `verify`: bench_tree DATABASE
 *
 * Reads every head and body into memory, then computes what `verify` must compute
 * at the least: the Merkle tree over the heads and the digest of each body. Only
 * the hashing is timed: once with the SHA-256 that `verify` uses, once with
 * libsodium's, which is the same on every processor. */
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

static void leaf_by_sodium(struct text head, struct hash *out)
{
    crypto_hash_sha256_state state;
    crypto_hash_sha256_init(&state);
    crypto_hash_sha256_update(&state, (const unsigned char *)"", 1);
    crypto_hash_sha256_update(&state, (const unsigned char *)head.bytes, head.length);
    crypto_hash_sha256_final(&state, out->bytes);
}

static void digest_by_sodium(struct text salt, struct text body, unsigned char *out)
{
    crypto_hash_sha256_state state;
    crypto_hash_sha256_init(&state);
    crypto_hash_sha256_update(&state, (const unsigned char *)salt.bytes, salt.length);
    crypto_hash_sha256_update(&state, (const unsigned char *)body.bytes, body.length);
    crypto_hash_sha256_final(&state, out);
}

/* Seconds for leaves, tree and bodies. With `sodium` leaves and bodies are hashed by
 * libsodium; the nodes, a tenth of the bytes, never are. */
static double compute(const struct loaded *loaded, bool sodium, struct hash *root)
{
    struct merkle_edge edge = {0};
    struct hash leaf;
    unsigned char body[DIGEST_BYTES];
    double start = now();
    for (size_t i = 0; i < loaded->count; i++) {
        const struct record_row *row = &loaded->rows[i];
        if (sodium)
            leaf_by_sodium(row->head, &leaf);
        else
            merkle_leaf(row->head.bytes, row->head.length, &leaf);
        merkle_edge_append(&edge, &leaf);
        if (row->has_body && sodium)
            digest_by_sodium(row->salt, row->body, body);
        else if (row->has_body)
            digest(row->salt, row->body, body);
    }
    merkle_edge_root(&edge, root);
    return now() - start;
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
    struct hash root, same;
    double ours = compute(&loaded, false, &root);
    double sodium = compute(&loaded, true, &same);
    if (!hash_equal(&root, &same))
        return 1;
    printf("%zu records: %.6f s, by libsodium %.6f s\n", loaded.count, ours, sodium);
    store_close(store);
    arena_free(&loaded.arena);
    free(loaded.rows);
    return 0;
}
