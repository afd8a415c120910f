/* Every verb, there and back. */
#include "ground.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static struct arena arena;

static struct store *with_commits(int count)
{
    struct error error = {0};
    struct store *store;
    EXPECT_GOOD(store_open(&store, NULL, STORE_SCRATCH, 0, &error));
    for (int i = 0; i < count; i++)
        EXPECT_GOOD(ground_commit(store, i, &error));
    return store;
}

static void done(struct store *store)
{
    store_close(store);
    arena_free(&arena);
}

#define EXPECT_TEXT(expected, actual)                                                              \
    test_expect_text(#actual, (expected).bytes, (expected).length, (actual).bytes, (actual).length)

static void tip_and_secret(void)
{
    struct error error = {0};
    struct store *store = with_commits(0);
    struct tip tip;
    unsigned char secret[SECRET_BYTES], read[SECRET_BYTES];
    EXPECT_GOOD(store_tip(store, &arena, &tip, &error));
    test_expect_integer("size of an empty ledger", 0, tip.size);
    EXPECT_CODE(ERROR_NOT_A_LEDGER, store_secret(store, read, &error));
    memset(secret, 7, sizeof secret);
    EXPECT_GOOD(store_set_secret(store, secret, &error));
    EXPECT_GOOD(store_secret(store, read, &error));
    CU_ASSERT_EQUAL(memcmp(secret, read, sizeof read), 0);
    EXPECT_CODE(ERROR_INVARIANT, store_set_secret(store, secret, &error));
    EXPECT_GOOD(ground_commit(store, 0, &error));
    EXPECT_GOOD(ground_commit(store, 1, &error));
    EXPECT_GOOD(store_tip(store, &arena, &tip, &error));
    struct sample sample;
    ground_sample(&sample, 1);
    test_expect_integer("size", sample.tip.size, tip.size);
    test_expect_integer("time", sample.tip.time, tip.time);
    test_expect_integer("mode", sample.tip.mode, tip.mode);
    test_expect_integer("history_open", sample.tip.history_open, tip.history_open);
    EXPECT_TEXT(sample.tip.edge, tip.edge);
    done(store);
}

static void keys_and_identifiers(void)
{
    struct error error = {0};
    struct store *store = with_commits(2);
    struct sample sample;
    ground_sample(&sample, 1);
    struct key_row keys[2] = {{.seq = 5}, sample.key};
    keys[1].seq = 9;
    EXPECT_GOOD(store_keys(store, keys, 2, &error));
    test_expect_integer("absent key", -1, keys[0].seq);
    test_expect_integer("key", sample.key.seq, keys[1].seq);

    struct identifier_row rows[2] = {{.member = 3}, sample.identifier};
    rows[1].kind = rows[1].shown = text_of(NULL);
    EXPECT_GOOD(store_identifiers(store, &arena, rows, 2, &error));
    CU_ASSERT_EQUAL(rows[0].member, 0);
    CU_ASSERT_EQUAL(rows[1].member, sample.identifier.member);
    EXPECT_TEXT(sample.identifier.kind, rows[1].kind);
    EXPECT_TEXT(sample.identifier.shown, rows[1].shown);

    struct identifier_row *all;
    size_t count;
    EXPECT_GOOD(store_identifiers_of(store, &arena, sample.member.id, &all, &count, &error));
    test_expect_integer("identifiers", 1, (long long)count);
    CU_ASSERT_EQUAL(memcmp(all[0].hash, sample.identifier.hash, KEY_HASH_BYTES), 0);
    EXPECT_TEXT(sample.identifier.shown, all[0].shown);

    sample.identifier.removed = true;
    struct changes changes = {.identifiers = &sample.identifier, .identifier_count = 1};
    EXPECT_GOOD(store_begin_write(store, &error));
    EXPECT_GOOD(store_apply(store, &changes, &error));
    EXPECT_GOOD(store_commit(store, &error));
    EXPECT_GOOD(store_identifiers_of(store, &arena, sample.member.id, &all, &count, &error));
    test_expect_integer("identifiers after removal", 0, (long long)count);
    done(store);
}

static void members(void)
{
    struct error error = {0};
    struct store *store = with_commits(3);
    struct sample sample;
    ground_sample(&sample, 1);
    struct member_row rows[2] = {{.id = 5, .wallet = 6}, {.id = sample.member.id}};
    EXPECT_GOOD(store_members(store, rows, 2, &error));
    CU_ASSERT_EQUAL(rows[0].wallet, 0);
    CU_ASSERT_EQUAL(rows[0].id, 5);
    CU_ASSERT_EQUAL(memcmp(&rows[1], &sample.member, sizeof *rows), 0);
    struct member_row *list;
    size_t count;
    EXPECT_GOOD(store_member_list(store, &arena, 0, 2, &list, &count, &error));
    test_expect_integer("members", 2, (long long)count);
    CU_ASSERT_EQUAL(list[1].id, sample.member.id);
    EXPECT_GOOD(store_member_list(store, &arena, list[1].id, 2, &list, &count, &error));
    test_expect_integer("members after the second", 1, (long long)count);
    done(store);
}

/* Many at once are what they are one by one: in any order, twice, and not there. */
static void many_at_once(void)
{
    enum { MANY = 60 };
    struct error error = {0};
    struct store *store = with_commits(20);
    struct key_row keys[MANY], key;
    struct identifier_row identifiers[MANY], identifier;
    struct member_row members[MANY], member;
    struct balance_list balances[MANY], balance;
    struct carry_list carries[MANY], carry;
    for (int i = 0; i < MANY; i++) {
        struct sample sample;
        ground_sample(&sample, i * 7 % 30); /* from 20 on there is none */
        keys[i] = sample.key;
        identifiers[i] = sample.identifier;
        members[i] = sample.member;
        balances[i].wallet = sample.balance.wallet;
        carries[i].member = sample.carry.member;
    }
    EXPECT_GOOD(store_keys(store, keys, MANY, &error));
    EXPECT_GOOD(store_identifiers(store, &arena, identifiers, MANY, &error));
    EXPECT_GOOD(store_members(store, members, MANY, &error));
    EXPECT_GOOD(store_balances(store, &arena, balances, MANY, &error));
    EXPECT_GOOD(store_carries(store, &arena, carries, MANY, &error));
    for (int i = 0; i < MANY; i++) {
        bool there = i * 7 % 30 < 20;
        key = keys[i], identifier = identifiers[i], member = members[i];
        balance.wallet = balances[i].wallet, carry.member = carries[i].member;
        EXPECT_GOOD(store_keys(store, &key, 1, &error));
        EXPECT_GOOD(store_identifiers(store, &arena, &identifier, 1, &error));
        EXPECT_GOOD(store_members(store, &member, 1, &error));
        EXPECT_GOOD(store_balances(store, &arena, &balance, 1, &error));
        EXPECT_GOOD(store_carries(store, &arena, &carry, 1, &error));
        test_expect_integer("key", key.seq, keys[i].seq);
        CU_ASSERT_EQUAL(key.seq >= 0, there);
        CU_ASSERT_EQUAL(identifier.member, identifiers[i].member);
        CU_ASSERT_EQUAL(identifier.member != 0, there);
        CU_ASSERT_TRUE(text_equal(identifier.shown, identifiers[i].shown));
        CU_ASSERT_EQUAL(memcmp(&member, &members[i], sizeof member), 0);
        CU_ASSERT_EQUAL(member.wallet != 0, there);
        test_expect_integer("balances", there, (long long)balances[i].count);
        test_expect_integer("carries", there, (long long)carries[i].count);
        if (!there)
            continue;
        CU_ASSERT_EQUAL(balances[i].rows->available, balance.rows->available);
        CU_ASSERT_EQUAL(balances[i].rows->wallet, balance.rows->wallet);
        CU_ASSERT_EQUAL(carries[i].rows->denominator, carry.rows->denominator);
    }
    done(store);
}

static void balances_and_carries(void)
{
    struct error error = {0};
    struct store *store = with_commits(2);
    struct sample sample;
    ground_sample(&sample, 1);
    struct balance_list balances = {.wallet = sample.member.wallet};
    struct carry_list carries = {.member = sample.member.id};
    EXPECT_GOOD(store_balances(store, &arena, &balances, 1, &error));
    test_expect_integer("balances", 1, (long long)balances.count);
    test_expect_integer("available", sample.balance.available, balances.rows->available);
    test_expect_integer("pending", sample.balance.pending, balances.rows->pending);
    test_expect_integer("reserved", sample.balance.reserved, balances.rows->reserved);
    test_expect_integer("debt", sample.balance.debt, balances.rows->debt);
    EXPECT_TEXT(sample.balance.currency, balances.rows->currency);
    EXPECT_GOOD(store_carries(store, &arena, &carries, 1, &error));
    test_expect_integer("carries", 1, (long long)carries.count);
    test_expect_integer("numerator", 1, carries.rows->numerator);
    test_expect_integer("denominator", sample.carry.denominator, carries.rows->denominator);
    balances.wallet = 1;
    EXPECT_GOOD(store_balances(store, &arena, &balances, 1, &error));
    test_expect_integer("balances of nobody", 0, (long long)balances.count);
    CU_ASSERT_PTR_NULL(balances.rows);

    /* A balance below zero is refused by the table itself. */
    sample.balance.available = -1;
    struct changes changes = {.balances = &sample.balance, .balance_count = 1};
    EXPECT_GOOD(store_begin_write(store, &error));
    EXPECT_CODE(ERROR_INVARIANT, store_apply(store, &changes, &error));
    store_rollback(store);
    done(store);
}

/* Lots of one wallet: expiry 30, 10, 20, 10, never; burn order is by expiry, then id. */
static void open_lots(void)
{
    static const int64_t expires[] = {30, 10, 20, 10, INT64_C(9007199254740991)};
    static const int64_t order[] = {1, 3, 2, 0, 4};
    struct error error = {0};
    struct store *store = with_commits(0);
    struct lot_row lots[5];
    for (int i = 0; i < 5; i++)
        lots[i] =
            (struct lot_row){i, 8, 9, text_of("star"), 5, 5, 0, 0, expires[i], text_of("x"), 0};
    struct changes changes = {.lots = lots, .lot_count = 5};
    EXPECT_GOOD(store_begin_write(store, &error));
    EXPECT_GOOD(store_apply(store, &changes, &error));
    struct lot_row *rows;
    size_t count, seen = 0;
    int64_t after = -1, id = -1;
    do {
        EXPECT_GOOD(store_open_lots(store, &arena, 8, text_of("star"), after, id, 2, &rows, &count,
                                    &error));
        for (size_t i = 0; i < count; i++)
            test_expect_integer("lot", order[seen++], rows[i].id);
        if (count > 0) {
            after = rows[count - 1].expires;
            id = rows[count - 1].id;
        }
    } while (count == 2);
    test_expect_integer("lots", 5, (long long)seen);

    lots[1].left = 0;
    lots[3].left = 2;
    changes = (struct changes){.lots_changed = lots, .lots_changed_count = 5};
    EXPECT_GOOD(store_apply(store, &changes, &error));
    EXPECT_GOOD(
        store_open_lots(store, &arena, 8, text_of("star"), -1, -1, 9, &rows, &count, &error));
    test_expect_integer("open lots", 4, (long long)count);
    test_expect_integer("first", 3, rows[0].id);
    test_expect_integer("left", 2, rows[0].left);
    bool found;
    EXPECT_GOOD(store_lot(store, &arena, 1, rows, &found, &error));
    CU_ASSERT_TRUE(found);
    test_expect_integer("spent lot", 0, rows->left);
    test_expect_integer("amount", 5, rows->amount);
    EXPECT_GOOD(store_lot(store, &arena, 77, rows, &found, &error));
    CU_ASSERT_FALSE(found);

    lots[0].id = 77;
    EXPECT_CODE(ERROR_INVARIANT, store_apply(store, &changes, &error));
    store_rollback(store);
    done(store);
}

static void returned_cancelled_programmes(void)
{
    struct error error = {0};
    struct store *store = with_commits(2);
    struct sample sample;
    ground_sample(&sample, 1);
    struct returned_row row;
    struct programme_row *programmes;
    bool found;
    int64_t by;
    size_t count;
    EXPECT_GOOD(store_returned(store, &arena, 2, &row, &found, &error));
    CU_ASSERT_TRUE(found);
    EXPECT_TEXT(sample.returned.state, row.state);
    EXPECT_GOOD(store_returned(store, &arena, 1, &row, &found, &error));
    CU_ASSERT_FALSE(found);
    EXPECT_GOOD(store_cancelled(store, 2, &by, &error));
    test_expect_integer("cancelled by", 3, by);
    EXPECT_GOOD(store_cancelled(store, 1, &by, &error));
    test_expect_integer("not cancelled", -1, by);
    EXPECT_GOOD(store_programmes(store, &arena, &programmes, &count, &error));
    test_expect_integer("programmes", 2, (long long)count);
    test_expect_integer("version", 2, programmes[1].version);
    test_expect_integer("seq", 2, programmes[1].seq);
    test_expect_integer("from", 100, programmes[1].from);
    done(store);
}

static void apply(struct store *store, const struct changes *changes)
{
    struct error error = {0};
    EXPECT_GOOD(store_begin_write(store, &error));
    EXPECT_GOOD(store_apply(store, changes, &error));
    EXPECT_GOOD(store_commit(store, &error));
}

static void expect_measures(struct store *store, uint64_t member, int64_t grain, int64_t first,
                            int64_t last, const int64_t expected[], size_t count)
{
    struct error error = {0};
    struct measure_row *rows;
    size_t found;
    EXPECT_GOOD(store_measures(store, &arena, member, text_of("spend"), grain, first, last, &rows,
                               &found, &error));
    test_expect_integer("rows", (long long)count, (long long)found);
    for (size_t i = 0; i < count && i < found; i++) {
        test_expect_integer("period", expected[2 * i], rows[i].period);
        test_expect_integer("value", expected[2 * i + 1], rows[i].value);
        CU_ASSERT_TRUE(rows[i].member == member && rows[i].grain == grain && !rows[i].removed);
    }
}

/* By range, and what is removed between what stays. */
static void measures(void)
{
    enum { MANY = 40 };
    struct error error = {0};
    struct store *store = with_commits(0);
    struct measure_row rows[MANY + 3];
    struct text *names, spend = text_of("spend");
    size_t count;
    for (int i = 0; i < MANY; i++)
        rows[i] = (struct measure_row){7, spend, GRAIN_DAY, i - 5, i + 1, false};
    rows[MANY] = (struct measure_row){7, spend, GRAIN_MONTH, 3, 900, false};
    rows[MANY + 1] = (struct measure_row){7, text_of("visits:1"), GRAIN_DAY, 3, 1, false};
    rows[MANY + 2] = (struct measure_row){8, text_of("action:x"), GRAIN_DAY, 3, 2, false};
    apply(store, &(struct changes){.measures = rows, .measure_count = MANY + 3});
    expect_measures(store, 7, GRAIN_DAY, 2, 4, (const int64_t[]){2, 8, 3, 9, 4, 10}, 3);
    expect_measures(store, 7, GRAIN_DAY, INT64_MIN, -4, (const int64_t[]){-5, 1, -4, 2}, 2);
    expect_measures(store, 7, GRAIN_MONTH, INT64_MIN, INT64_MAX, (const int64_t[]){3, 900}, 1);
    expect_measures(store, 8, GRAIN_DAY, INT64_MIN, INT64_MAX, NULL, 0);
    EXPECT_GOOD(store_measures_of(store, &arena, 7, &names, &count, &error));
    test_expect_integer("measures", 2, (long long)count);
    EXPECT_TEXT(spend, names[0]);
    EXPECT_TEXT(text_of("visits:1"), names[1]);
    rows[7].value = -70; /* another value, and two that go */
    rows[8].removed = rows[MANY + 1].removed = true;
    apply(store, &(struct changes){.measures = rows, .measure_count = MANY + 3});
    expect_measures(store, 7, GRAIN_DAY, 2, 4, (const int64_t[]){2, -70, 4, 10}, 2);
    EXPECT_GOOD(store_measures_of(store, &arena, 7, &names, &count, &error));
    test_expect_integer("measures left", 1, (long long)count);
    done(store);
}

static void tiers(void)
{
    struct error error = {0};
    struct store *store = with_commits(0);
    struct text gold = text_of("gold"), state = text_of("[1]");
    struct tier_row row, rows[] = {{5, gold, -7, 300, 900, state},
                                   {6, text_of("jade"), 8, 100, 700, state},
                                   {7, gold, 9, 200, 800, state},
                                   {8, gold, 9, LIMIT_UNITS, 900, state}};
    uint64_t *members;
    size_t count;
    apply(store, &(struct changes){.tiers = rows, .tier_count = 4});
    row.member = 5;
    EXPECT_GOOD(store_tier(store, &arena, &row, &error));
    EXPECT_TEXT(gold, row.level);
    EXPECT_TEXT(state, row.state);
    CU_ASSERT_TRUE(row.since == -7 && row.due == 300 && row.judged == 900);
    EXPECT_GOOD(store_tiers_due(store, &arena, 299, 9, &members, &count, &error));
    test_expect_integer("due", 2, (long long)count);
    CU_ASSERT_TRUE(members[0] == 6 && members[1] == 7);
    EXPECT_GOOD(store_tiers_due(store, &arena, 300, 1, &members, &count, &error));
    test_expect_integer("no more than asked for", 1, (long long)count);
    EXPECT_GOOD(store_tiers_due(store, &arena, INT64_MAX, 9, &members, &count, &error));
    test_expect_integer("never is not due", 3, (long long)count);
    EXPECT_GOOD(store_tiers_unjudged(store, &arena, 900, 9, &members, &count, &error));
    test_expect_integer("not judged", 2, (long long)count);
    CU_ASSERT_TRUE(members[0] == 6 && members[1] == 7);
    rows[0].level = (struct text){0};
    rows[1].due = 400;
    apply(store, &(struct changes){.tiers = rows, .tier_count = 2});
    EXPECT_GOOD(store_tier(store, &arena, &row, &error));
    CU_ASSERT_TRUE(row.member == 5 && row.level.length == 0 && row.since == 0);
    EXPECT_GOOD(store_tiers_due(store, &arena, 400, 9, &members, &count, &error));
    test_expect_integer("due then", 2, (long long)count);
    CU_ASSERT_TRUE(members[0] == 7 && members[1] == 6);
    done(store);
}

static void records_and_checkpoints(void)
{
    struct error error = {0};
    struct store *store = with_commits(2);
    struct sample sample;
    ground_sample(&sample, 1);
    struct record_row row;
    struct checkpoint_row checkpoint;
    bool found;
    EXPECT_GOOD(store_record(store, &arena, 2, &row, &found, &error));
    CU_ASSERT_TRUE_FATAL(found && row.has_body);
    EXPECT_TEXT(sample.records[0].head, row.head);
    EXPECT_TEXT(sample.records[0].salt, row.salt);
    EXPECT_TEXT(sample.records[0].body, row.body);
    EXPECT_GOOD(store_record(store, &arena, 3, &row, &found, &error));
    CU_ASSERT_TRUE(found && !row.has_body);
    EXPECT_GOOD(store_record(store, &arena, 4, &row, &found, &error));
    CU_ASSERT_FALSE(found);

    EXPECT_GOOD(store_checkpoint(store, &arena, 3, &checkpoint, &found, &error));
    CU_ASSERT_TRUE(found);
    test_expect_integer("newest at or below 3", 2, checkpoint.size);
    EXPECT_GOOD(store_checkpoint(store, &arena, INT64_MAX, &checkpoint, &found, &error));
    test_expect_integer("newest", 4, checkpoint.size);
    EXPECT_TEXT(sample.checkpoint.note, checkpoint.note);
    EXPECT_GOOD(store_checkpoint(store, &arena, 1, &checkpoint, &found, &error));
    CU_ASSERT_FALSE(found);

    struct tile_row tiles[3];
    size_t count;
    EXPECT_GOOD(store_tiles(store, 2, 1, 3, tiles, &count, &error));
    test_expect_integer("tiles of another level", 0, (long long)count);
    EXPECT_GOOD(store_tiles(store, 1, 1, 3, tiles, &count, &error));
    test_expect_integer("tiles", 1, (long long)count);
    CU_ASSERT_EQUAL(memcmp(&tiles[0], &sample.tile, sizeof sample.tile), 0);
    done(store);
}

struct walk {
    int64_t next, stop;
};

static bool step(void *context, const struct record_row *row, struct error *error)
{
    struct walk *walk = context;
    test_expect_integer("seq", walk->next++, row->seq);
    CU_ASSERT_EQUAL(row->has_body, row->seq % 2 == 0);
    return walk->next != walk->stop || fail(error, ERROR_INTERRUPTED, "enough");
}

static void walks(void)
{
    struct error error = {0};
    struct store *store = with_commits(4);
    struct walk walk = {3, -1};
    EXPECT_GOOD(store_each_record(store, 3, 7, step, &walk, &error));
    test_expect_integer("where it ended", 7, walk.next);
    walk = (struct walk){0, 2};
    EXPECT_CODE(ERROR_INTERRUPTED, store_each_record(store, 0, 8, step, &walk, &error));
    test_expect_integer("where it was stopped", 2, walk.next);
    done(store);
}

/* More rows than are bound one by one, and more than one portion of the feed. */
static void many_rows(void)
{
    enum { COUNT = 2500 };
    struct error error = {0};
    struct store *store = with_commits(0);
    struct record_row *records = memory_allocate(COUNT * sizeof *records);
    struct member_row *list, *rows = memory_allocate(COUNT * sizeof *rows);
    for (int64_t i = 0; i < COUNT; i++) {
        records[i] = (struct record_row){.seq = i, .head = text_of("{}"), .has_body = i % 2 == 0};
        if (records[i].has_body) {
            records[i].salt = (struct text){"0123456789abcdef", 16};
            records[i].body = text_of("");
        }
        rows[i] = (struct member_row){(uint64_t)i + 1, (uint64_t)i + 1, 0, i, i, 0, 0};
    }
    struct changes changes = {
        .records = records, .record_count = COUNT, .members = rows, .member_count = COUNT};
    EXPECT_GOOD(store_begin_write(store, &error));
    EXPECT_GOOD(store_apply(store, &changes, &error));
    for (int64_t i = 0; i < COUNT; i++)
        rows[i].last = -i;
    changes.record_count = 0;
    EXPECT_GOOD(store_apply(store, &changes, &error));
    EXPECT_GOOD(store_commit(store, &error));
    struct walk walk = {0, -1};
    EXPECT_GOOD(store_each_record(store, 0, COUNT, step, &walk, &error));
    test_expect_integer("records", COUNT, walk.next);
    size_t count;
    EXPECT_GOOD(store_member_list(store, &arena, 0, COUNT + 1, &list, &count, &error));
    test_expect_integer("members", COUNT, (long long)count);
    CU_ASSERT_EQUAL(memcmp(rows, list, COUNT * sizeof *rows), 0);
    free(records), free(rows);
    done(store);
}

static void unique(void)
{
    struct error error = {0};
    struct store *store = ground_new("unique.db");
    EXPECT_GOOD(ground_commit(store, 0, &error));
    EXPECT_CODE(ERROR_INVARIANT, ground_commit(store, 0, &error));
    struct sample sample;
    ground_sample(&sample, 0);
    struct changes once[] = {
        {.records = sample.records, .record_count = 1},
        {.checkpoint = &sample.checkpoint},
        {.tiles = &sample.tile, .tile_count = 1},
        {.keys = &sample.key, .key_count = 1},
        {.lots = &sample.lot, .lot_count = 1},
        {.cancelled = &sample.cancelled, .cancelled_count = 1},
        {.programmes = &sample.programme, .programme_count = 1},
    };
    for (size_t i = 0; i < sizeof once / sizeof *once; i++) {
        EXPECT_GOOD(store_begin_write(store, &error));
        EXPECT_CODE(ERROR_INVARIANT, store_apply(store, &once[i], &error));
        store_rollback(store);
    }
    EXPECT_CODE(ERROR_INVARIANT, store_apply(store, &once[0], &error)); /* no transaction */
    EXPECT_GOOD(ground_commit(store, 1, &error));
    store_close(store);
}

static void expect_digests_differ(struct store *store, unsigned char (*before)[DIGEST_BYTES],
                                  const char *changed, const char *sql)
{
    struct error error = {0};
    for (size_t i = 0; store_projection_names[i] != NULL; i++) {
        unsigned char now[DIGEST_BYTES];
        int64_t rows;
        EXPECT_GOOD(store_projection_digest(store, store_projection_names[i], now, &rows, &error));
        bool same = memcmp(now, before[i], DIGEST_BYTES) == 0;
        if (same == (strcmp(store_projection_names[i], changed) == 0))
            printf("\n    digest of %s after %s\n", store_projection_names[i], sql);
        CU_ASSERT_EQUAL(same, strcmp(store_projection_names[i], changed) != 0);
    }
}

/* Change each column of each projection: its digest, and only its, differs. */
static void digests(void)
{
    struct error error = {0};
    struct store *store = ground_new("digests.db");
    unsigned char before[24][DIGEST_BYTES];
    EXPECT_GOOD(ground_commit(store, 0, &error));
    EXPECT_GOOD(ground_commit(store, 1, &error));
    for (size_t i = 0; store_projection_names[i] != NULL; i++) {
        int64_t rows;
        EXPECT_GOOD(
            store_projection_digest(store, store_projection_names[i], before[i], &rows, &error));
        test_expect_integer(store_projection_names[i], i == 0 ? 1 : 2, rows);
    }
    EXPECT_CODE(ERROR_INVALID_FIELD,
                store_projection_digest(store, "record", before[23], &(int64_t){0}, &error));
    store->migrating =
        true; /* checks and keys stay out of the way: a digest must not rely on them */
    EXPECT_GOOD(store_execute(store, "PRAGMA ignore_check_constraints=ON", &error));
    sqlite3_stmt *columns = NULL;
    CU_ASSERT_EQUAL_FATAL(
        sqlite3_prepare_v2(store->db,
                           "SELECT t.name, c.name, c.type FROM sqlite_schema t,"
                           " pragma_table_info(t.name) c WHERE t.type = 'table' AND t.name NOT IN"
                           " ('record', 'checkpoint', 'body', 'identifier', 'secret', 'migration',"
                           " 'cosignature')",
                           -1, &columns, NULL),
        SQLITE_OK);
    int changed = 0;
    while (sqlite3_step(columns) == SQLITE_ROW) {
        char sql[256];
        const char *table = (const char *)sqlite3_column_text(columns, 0);
        const char *column = (const char *)sqlite3_column_text(columns, 1);
        bool number = strcmp((const char *)sqlite3_column_text(columns, 2), "INTEGER") == 0;
        snprintf(sql, sizeof sql,
                 "UPDATE \"%s\" SET \"%s\" = %s WHERE \"%s\" = (SELECT max(\"%s\") FROM \"%s\")",
                 table, column,
                 number ? "-1 - abs(random() >> 20)"
                 : strcmp(column, "hash") == 0 || strcmp(column, "root") == 0 ||
                         strcmp(column, "awaits") == 0
                     ? "randomblob(32)"
                     : "hex(randomblob(4))",
                 column, column, table);
        EXPECT_GOOD(store_execute(store, "BEGIN", &error));
        EXPECT_GOOD(store_execute(store, sql, &error));
        expect_digests_differ(store, before, table, sql);
        EXPECT_GOOD(store_execute(store, "ROLLBACK", &error));
        changed++;
    }
    sqlite3_finalize(columns);
    CU_ASSERT_TRUE(changed > 30);
    store_close(store);
}

static void cleared(void)
{
    struct error error = {0};
    struct store *store = with_commits(2);
    unsigned char hash[DIGEST_BYTES];
    struct record_row row;
    bool found;
    int64_t rows;
    EXPECT_GOOD(store_begin_write(store, &error));
    EXPECT_GOOD(store_clear_projections(store, &error));
    for (size_t i = 0; store_projection_names[i] != NULL; i++) {
        EXPECT_GOOD(store_projection_digest(store, store_projection_names[i], hash, &rows, &error));
        test_expect_integer(store_projection_names[i], 0, rows);
    }
    EXPECT_GOOD(store_record(store, &arena, 2, &row, &found, &error));
    CU_ASSERT_TRUE(found && row.has_body);
    EXPECT_GOOD(store_commit(store, &error));
    done(store);
}

const struct test_case row_cases[] = {
    {"tip and secret", tip_and_secret},
    {"keys and identifiers", keys_and_identifiers},
    {"members", members},
    {"many at once", many_at_once},
    {"balances and carries", balances_and_carries},
    {"open lots in burn order", open_lots},
    {"returned, cancelled, programmes", returned_cancelled_programmes},
    {"measures", measures},
    {"tiers", tiers},
    {"records, checkpoints, tiles", records_and_checkpoints},
    {"walks", walks},
    {"many rows", many_rows},
    {"a key twice", unique},
    {"digests", digests},
    {"cleared projections", cleared},
    {NULL, NULL},
};
