/* What the store costs by itself: bench_store PATH [PURCHASES [BATCH [MEMBERS]]]
 *
 * Writes purchases as an import does (one record with body, one key, one lot, one
 * balance and one member each, sorted, in batches), then walks them as `verify`
 * does, against hashing the same bytes from memory. Prints microseconds a
 * purchase; compare within one run, for machines differ. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>

#include <sodium.h>

#include "limits.h"
#include "store.h"

enum { HEAD = 420, BODY = 330 };

static double now(void)
{
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (double)time.tv_sec * 1e6 + (double)time.tv_nsec / 1e3;
}

static void stop(const struct error *error)
{
    fprintf(stderr, "%s: %s (%s)\n", error_name(error->code), error->message, error->hint);
    exit(1);
}

static int by_hash(const void *a, const void *b)
{
    return memcmp(((const struct key_row *)a)->hash, ((const struct key_row *)b)->hash,
                  KEY_HASH_BYTES);
}

static int by_number(const void *a, const void *b)
{
    uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;
    return x < y ? -1 : x > y;
}

static char *filled(size_t count, size_t size)
{
    char *bytes = memory_allocate(count * size);
    for (size_t i = 0; i < count * size; i++)
        bytes[i] = (char)('a' + i % 23);
    return bytes;
}

struct batch {
    struct record_row *records;
    struct key_row *keys;
    struct lot_row *lots;
    struct balance_row *balances;
    struct member_row *members;
    size_t touched; /* members in this batch */
};

static void fill(struct batch *batch, const uint64_t *ids, size_t members, int64_t first,
                 size_t count, const char *heads, const char *bodies)
{
    uint64_t *chosen = memory_allocate(count * sizeof *chosen);
    for (size_t i = 0; i < count; i++)
        chosen[i] = ids[randombytes_uniform((uint32_t)members)];
    qsort(chosen, count, sizeof *chosen, by_number);
    batch->touched = 0;
    for (size_t i = 0; i < count; i++) {
        int64_t seq = first + (int64_t)i;
        batch->records[i] =
            (struct record_row){seq, {heads + i * HEAD, HEAD}, {heads, 16}, {bodies, BODY}, true};
        randombytes_buf(batch->keys[i].hash, KEY_HASH_BYTES);
        batch->keys[i].seq = seq;
        batch->lots[i] = (struct lot_row){.id = seq * 1024,
                                          .wallet = chosen[i],
                                          .member = chosen[i],
                                          .currency = text_of("star"),
                                          .amount = 5,
                                          .left = 5,
                                          .expires = INT64_C(1790000000000) + seq,
                                          .origin = text_of("purchase")};
        if (i > 0 && chosen[i] == chosen[i - 1])
            continue;
        batch->balances[batch->touched] = (struct balance_row){.wallet = chosen[i],
                                                               .currency = text_of("star"),
                                                               .available = 10 + seq % 1000,
                                                               .idle = LIMIT_UNITS,
                                                               .due = LIMIT_UNITS};
        batch->members[batch->touched++] =
            (struct member_row){chosen[i], chosen[i], 0, 1, seq, 0, 0};
    }
    qsort(batch->keys, count, sizeof *batch->keys, by_hash);
    free(chosen);
}

static void write_all(struct store *store, size_t purchases, size_t size, size_t members)
{
    struct error error = {0};
    struct batch batch = {memory_allocate(size * sizeof *batch.records),
                          memory_allocate(size * sizeof *batch.keys),
                          memory_allocate(size * sizeof *batch.lots),
                          memory_allocate(size * sizeof *batch.balances),
                          memory_allocate(size * sizeof *batch.members),
                          0};
    uint64_t *ids = memory_allocate(members * sizeof *ids);
    for (size_t i = 0; i < members; i++)
        ids[i] = member_id_random();
    char *heads = filled(size, HEAD), *bodies = filled(1, BODY);
    double applied = 0, committed = 0;
    for (size_t done = 0; done < purchases; done += size) {
        fill(&batch, ids, members, (int64_t)done, size, heads, bodies);
        struct checkpoint_row checkpoint = {(int64_t)(done + size), {heads, 200}};
        struct tip tip = {
            .size = (int64_t)(done + size), .time = 1, .mode = MODE_LIVE, .edge = {heads, 300}};
        struct changes changes = {.records = batch.records,
                                  .record_count = size,
                                  .checkpoint = &checkpoint,
                                  .keys = batch.keys,
                                  .key_count = size,
                                  .tip = &tip,
                                  .members = batch.members,
                                  .member_count = batch.touched,
                                  .balances = batch.balances,
                                  .balance_count = batch.touched,
                                  .lots = batch.lots,
                                  .lot_count = size};
        double start = now();
        if (!store_begin_write(store, &error) || !store_apply(store, &changes, &error))
            stop(&error);
        double middle = now();
        if (!store_commit(store, &error))
            stop(&error);
        applied += middle - start;
        committed += now() - middle;
    }
    printf("apply  %6.2f us a purchase\ncommit %6.2f us a purchase\n", applied / (double)purchases,
           committed / (double)purchases);
    free(batch.records), free(batch.keys), free(batch.lots), free(batch.balances);
    free(batch.members), free(ids), free(heads), free(bodies);
}

static bool hash_row(void *context, const struct record_row *row, struct error *error)
{
    (void)error;
    unsigned char out[32];
    unsigned char *sum = context;
    digest(text_of(NULL), row->head, out);
    sum[0] ^= out[0];
    digest(row->salt, row->body, out);
    sum[0] ^= out[0];
    return true;
}

static bool touch_row(void *context, const struct record_row *row, struct error *error)
{
    (void)error;
    *(size_t *)context += row->head.length + row->body.length;
    return true;
}

static void read_all(struct store *store, size_t purchases)
{
    struct error error = {0};
    unsigned char sum = 0;
    char *memory = filled(1, HEAD + BODY);
    struct record_row row = {0, {memory, HEAD}, {memory, 16}, {memory + HEAD, BODY}, true};
    double start = now();
    for (size_t i = 0; i < purchases; i++)
        hash_row(&sum, &row, &error);
    double hashed = now();
    size_t bytes = 0;
    if (!store_each_record(store, 0, INT64_MAX, touch_row, &bytes, &error))
        stop(&error);
    double walked = now();
    if (!store_each_record(store, 0, INT64_MAX, hash_row, &sum, &error))
        stop(&error);
    double both = now();
    printf("hash   %6.2f us a record, from memory\nwalk   %6.2f us\nboth   %6.2f us\n",
           (hashed - start) / (double)purchases, (walked - hashed) / (double)purchases,
           (both - walked) / (double)purchases);
    free(memory);
}

int main(int argc, char **argv)
{
    struct error error = {0};
    struct store *store;
    size_t purchases = argc > 2 ? strtoul(argv[2], NULL, 10) : 200000;
    size_t size = argc > 3 ? strtoul(argv[3], NULL, 10) : 20000;
    size_t members = argc > 4 ? strtoul(argv[4], NULL, 10) : 20000;
    if (argc < 2 || sodium_init() < 0 || size == 0 || members == 0)
        return 2;
    if (!store_create(&store, argv[1], 1000, &error))
        stop(&error);
    write_all(store, purchases / size * size, size, members);
    double start = now();
    store_close(store);
    printf("close  %6.2f ms\n", (now() - start) / 1e3);
    start = now();
    if (!store_open(&store, argv[1], STORE_READ, 1000, &error))
        stop(&error);
    printf("open   %6.2f ms\n", (now() - start) / 1e3);
    read_all(store, purchases / size * size);
    store_close(store);
    struct rusage usage;
    getrusage(RUSAGE_SELF, &usage);
    printf("peak   %6ld KiB resident\n", usage.ru_maxrss);
    return 0;
}
