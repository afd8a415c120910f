/* See ground.h. */
#include "ground.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "buffer.h"

static char folder[64];

static void remove_folder(void)
{
    DIR *list = opendir(folder);
    struct dirent *entry;
    if (list == NULL)
        return;
    while ((entry = readdir(list)) != NULL) {
        char path[512];
        snprintf(path, sizeof path, "%s/%s", folder, entry->d_name);
        if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0)
            continue;
        if (unlink(path) != 0)
            rmdir(path);
    }
    closedir(list);
    rmdir(folder);
}

const char *ground_path(const char *name)
{
    static char paths[2][128];
    static int turn;
    if (folder[0] == '\0') {
        strcpy(folder, "/tmp/loyalty-store-XXXXXX");
        if (mkdtemp(folder) == NULL)
            abort();
        atexit(remove_folder);
    }
    turn = !turn;
    snprintf(paths[turn], sizeof paths[turn], "%s/%s", folder, name);
    return paths[turn];
}

bool ground_exists(const char *path)
{
    return access(path, F_OK) == 0;
}

void ground_write(const char *path, const void *bytes, size_t length)
{
    FILE *file = fopen(path, "wb");
    if (file == NULL || fwrite(bytes, 1, length, file) != length || fclose(file) != 0)
        abort();
}

void ground_copy(const char *from, const char *to)
{
    size_t length;
    char *bytes = test_read_file(from, &length);
    if (bytes == NULL)
        abort();
    store_remove_file(to);
    ground_write(to, bytes, length);
    free(bytes);
}

void ground_expect_alone(const char *path)
{
    static const char *const beside[] = {"-wal", "-shm", "-journal"};
    CU_ASSERT_TRUE(ground_exists(path));
    for (size_t i = 0; i < 3; i++) {
        char name[160];
        snprintf(name, sizeof name, "%s%s", path, beside[i]);
        if (ground_exists(name))
            printf("\n    %s was left behind\n", name);
        CU_ASSERT_FALSE(ground_exists(name));
    }
}

struct store *ground_new(const char *name)
{
    struct error error = {0};
    struct store *store = NULL;
    EXPECT_GOOD(store_create(&store, ground_path(name), 1000, &error));
    return store;
}

struct store *ground_open(const char *path, enum store_mode mode)
{
    struct error error = {0};
    struct store *store = NULL;
    EXPECT_GOOD(store_open(&store, path, mode, 1000, &error));
    return store;
}

static void sample_records(struct sample *s, int number)
{
    int64_t seq = 2 * number;
    snprintf(s->head[0], sizeof s->head[0], "{\"seq\":%lld}", (long long)seq);
    snprintf(s->head[1], sizeof s->head[1], "{\"seq\":%lld}", (long long)seq + 1);
    snprintf(s->body, sizeof s->body, "{\"amount\":%d}", number);
    s->records[0] = (struct record_row){
        seq, text_of(s->head[0]), {"0123456789abcdef", 16}, text_of(s->body), true};
    s->records[1] =
        (struct record_row){.seq = seq + 1, .head = text_of(s->head[1]), .has_body = false};
    snprintf(s->note, sizeof s->note, "note %d\n", number);
    s->checkpoint = (struct checkpoint_row){seq + 2, text_of(s->note)};
}

static void sample_rows(struct sample *s, int number)
{
    int64_t seq = 2 * number;
    uint64_t member = UINT64_C(0x0fffffffffff0000) + (uint64_t)number;
    struct text star = text_of("star");
    s->tile.level = 1;
    s->tile.n = number;
    memset(s->tile.root, number + 1, sizeof s->tile.root);
    memset(s->key.hash, number + 2, sizeof s->key.hash);
    s->key.seq = seq;
    snprintf(s->edge, sizeof s->edge, "edge %d", number);
    s->tip = (struct tip){seq + 2,    1000 + number, MODE_LIVE,       number % 2,
                          7 * number, number,        text_of(s->edge)};
    s->member = (struct member_row){member, member + 7, member + 9, 500 + number, seq, 0, 0};
    s->balance = (struct balance_row){member + 7, star, 10 + number, 20, 30, -number, 40, 45, 50};
    s->carry = (struct carry_row){member, star, 1, 3 + number};
    s->lot = (struct lot_row){.id = seq * 1024,
                              .wallet = member + 7,
                              .member = member,
                              .currency = star,
                              .amount = 10 + number,
                              .left = 9 + number,
                              .reserved = 1,
                              .expires = 2000 - number,
                              .origin = text_of("purchase"),
                              .earned = 900 + number};
    snprintf(s->state, sizeof s->state, "[%d]", number);
    s->returned = (struct returned_row){seq, text_of(s->state)};
    s->cancelled = (struct cancelled_row){seq, seq + 1};
    s->holder = (struct holder_row){seq, seq + 1};
    s->reservation = (struct reservation_row){seq, member + 7, star, 3000 + number, -1};
    s->household = (struct household_row){member + 7, member, 1};
    s->counter = (struct counter_row){member, star, text_of("2026-11"), 60 + number};
    s->measure =
        (struct measure_row){member, text_of("spend"), GRAIN_DAY, 20000 + number, 5, false};
    s->tier = (struct tier_row){member, star, 70 + number, 80, 90, text_of(s->state)};
    s->held.seq = seq;
    s->held.by = -1;
    memset(s->held.awaits, number + 5, sizeof s->held.awaits);
    memset(s->operator_row.hash, number + 6, sizeof s->operator_row.hash);
    s->operator_row.member = member;
    s->erased = (struct erased_row){seq, seq, seq + 1};
    s->programme = (struct programme_row){number + 1, seq, 100 * number};
    memset(s->identifier.hash, number + 3, sizeof s->identifier.hash);
    s->identifier.member = member;
    s->identifier.kind = text_of("card");
    s->identifier.shown = text_of("\xe2\x80\xa6"
                                  "7850");
}

void ground_sample(struct sample *s, int number)
{
    memset(s, 0, sizeof *s);
    sample_records(s, number);
    sample_rows(s, number);
    s->changes = (struct changes){.records = s->records,
                                  .record_count = 2,
                                  .checkpoint = &s->checkpoint,
                                  .tiles = &s->tile,
                                  .tile_count = 1,
                                  .keys = &s->key,
                                  .key_count = 1,
                                  .tip = &s->tip,
                                  .members = &s->member,
                                  .member_count = 1,
                                  .balances = &s->balance,
                                  .balance_count = 1,
                                  .carries = &s->carry,
                                  .carry_count = 1,
                                  .lots = &s->lot,
                                  .lot_count = 1,
                                  .returned = &s->returned,
                                  .returned_count = 1,
                                  .cancelled = &s->cancelled,
                                  .cancelled_count = 1,
                                  .holders = &s->holder,
                                  .holder_count = 1,
                                  .reservations = &s->reservation,
                                  .reservation_count = 1,
                                  .households = &s->household,
                                  .household_count = 1,
                                  .counters = &s->counter,
                                  .counter_count = 1,
                                  .measures = &s->measure,
                                  .measure_count = 1,
                                  .tiers = &s->tier,
                                  .tier_count = 1,
                                  .held = &s->held,
                                  .held_count = 1,
                                  .operators = &s->operator_row,
                                  .operator_count = 1,
                                  .erased = &s->erased,
                                  .erased_count = 1,
                                  .programmes = &s->programme,
                                  .programme_count = 1,
                                  .identifiers = &s->identifier,
                                  .identifier_count = 1};
}

bool ground_commit(struct store *store, int number, struct error *error)
{
    struct sample sample;
    ground_sample(&sample, number);
    if (store_begin_write(store, error) && store_apply(store, &sample.changes, error) &&
        store_commit(store, error))
        return true;
    store_rollback(store);
    return false;
}

static bool add_record(void *context, const struct record_row *row, struct error *error)
{
    (void)error;
    buffer_integer(context, row->seq);
    buffer_text(context, row->head);
    buffer_byte(context, row->has_body ? 'b' : '-');
    buffer_text(context, row->salt);
    buffer_text(context, row->body);
    return true;
}

static bool add_checkpoint(void *context, const struct checkpoint_row *row, struct error *error)
{
    (void)error;
    buffer_integer(context, row->size);
    buffer_text(context, row->note);
    return true;
}

void ground_digest(struct store *store, unsigned char out[DIGEST_BYTES])
{
    struct error error = {0};
    struct buffer all = {0};
    int64_t rows;
    for (size_t i = 0; store_projection_names[i] != NULL; i++) {
        EXPECT_GOOD(store_projection_digest(store, store_projection_names[i], out, &rows, &error));
        buffer_add(&all, out, DIGEST_BYTES);
    }
    EXPECT_GOOD(store_each_record(store, 0, INT64_MAX, add_record, &all, &error));
    EXPECT_GOOD(store_each_checkpoint(store, add_checkpoint, &all, &error));
    digest(buffer_view(&all), text_of(NULL), out);
    buffer_free(&all);
}

void ground_expect_code(const char *what, enum error_code expected, bool result,
                        const struct error *error)
{
    bool good = !result && error->code == expected && error->message[0] != '\0';
    if (!good)
        printf("\n    %s: expected %s, got %s: %s\n", what, error_name(expected),
               result ? "success" : error_name(error->code), error->message);
    CU_ASSERT_TRUE(good);
}
