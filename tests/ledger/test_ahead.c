/* Reading ahead: nobody can tell it from a walk, however long, wherever it stops. */
#include <stdio.h>
#include <stdlib.h>

#include "ahead.h"
#include "connection.h"
#include "hashes.h"
#include "support.h"

enum { RECORDS = 1000, AT_ONCE = 100 };

/* A log of RECORDS records and some, most of them with a body. */
static struct store *begin(struct trial *t)
{
    struct store *store = NULL;
    struct error error = {0};
    trial_begin(t, ONE_PER_POUND, "2026-03-02T12:00:00Z");
    for (int done = 0; done < RECORDS; done += AT_ONCE) {
        char texts[AT_ONCE][200], *answers[AT_ONCE];
        const char *requests[AT_ONCE];
        for (int i = 0; i < AT_ONCE; i++) {
            snprintf(
                texts[i], sizeof texts[i],
                "{\"op\":\"purchase\",\"member\":\"card:1\",\"receipt\":\"%d\",\"amount\":\"1\","
                "\"enrol\":true,\"now\":\"2026-03-02T12:00:00Z\"}",
                done + i);
            requests[i] = texts[i];
        }
        CU_ASSERT_EQUAL(loyalty_execute(t->ledger, requests, AT_ONCE, answers), LOYALTY_OK);
        for (int i = 0; i < AT_ONCE; i++)
            loyalty_free(answers[i]);
    }
    CU_ASSERT_TRUE_FATAL(store_open(&store, t->path, STORE_READ, 1000, &error));
    return store;
}

static void end(struct trial *t, struct store *store)
{
    store_close(store);
    trial_end(t);
}

/* What was given, in one hash; and where to stop. */
struct taking {
    unsigned char sum[DIGEST_BYTES];
    int64_t count, stop;
    struct store *interrupt;
};

static void add(struct taking *taking, struct text text)
{
    digest((struct text){(const char *)taking->sum, sizeof taking->sum}, text, taking->sum);
}

static bool take(void *context, const struct entry *entry, struct error *error)
{
    struct taking *taking = context;
    unsigned char found[DIGEST_BYTES];
    char numbers[40];
    snprintf(numbers, sizeof numbers, "%lld %d", (long long)entry->seq, entry->has_body);
    add(taking, text_of(numbers));
    add(taking, entry->head);
    add(taking, entry->salt);
    add(taking, entry->body);
    digest(entry->salt, entry->body, found);
    if (entry->digest != NULL && memcmp(found, entry->digest, sizeof found) != 0)
        return fail(error, ERROR_INVARIANT, "another digest");
    if (++taking->count != taking->stop)
        return true;
    if (taking->interrupt == NULL)
        return fail(error, ERROR_USAGE, "enough");
    sqlite3_interrupt(taking->interrupt->db);
    return true;
}

static bool take_row(void *context, const struct record_row *row, struct error *error)
{
    const struct entry entry = entry_of_row(row);
    return take(context, &entry, error);
}

static void it_is_a_walk(void)
{
    struct trial t;
    struct store *store = begin(&t);
    for (int64_t from = 0; from < RECORDS; from += 333) {
        struct taking walked = {.stop = 0}, ahead = {.stop = 0};
        struct error error = {0};
        CU_ASSERT_TRUE(store_each_record(store, from, INT64_MAX, take_row, &walked, &error));
        CU_ASSERT_TRUE(entries_ahead(store, from, RECORDS, take, &ahead, &error));
        test_expect_integer("records", (long long)walked.count, (long long)ahead.count);
        CU_ASSERT_EQUAL(memcmp(walked.sum, ahead.sum, sizeof ahead.sum), 0);
    }
    end(&t, store);
}

static void it_stops_where_the_caller_does(void)
{
    struct trial t;
    struct store *store = begin(&t);
    for (int64_t stop = 1; stop < RECORDS; stop += 37) {
        struct taking ahead = {.stop = stop};
        struct error error = {0};
        CU_ASSERT_FALSE(entries_ahead(store, 0, RECORDS, take, &ahead, &error));
        CU_ASSERT_EQUAL(error.code, ERROR_USAGE);
        test_expect_integer("records", (long long)stop, (long long)ahead.count);
    }
    end(&t, store);
}

/* Whatever was read before the fault is taken before it is told. */
static void a_fault_of_the_reader_is_told(void)
{
    struct trial t;
    struct store *store = begin(&t);
    struct taking ahead = {.stop = 100, .interrupt = store};
    struct error error = {0};
    CU_ASSERT_FALSE(entries_ahead(store, 0, RECORDS, take, &ahead, &error));
    CU_ASSERT_EQUAL(error.code, ERROR_INTERRUPTED);
    CU_ASSERT(ahead.count >= 100 && ahead.count < RECORDS);
    end(&t, store);
}

static void the_first_fault_is_named(void)
{
    static const int at[] = {3, 255, 256, 257, 700};
    for (size_t i = 0; i < sizeof at / sizeof *at; i++) {
        struct trial t;
        char sql[200], record[40];
        sqlite3 *db = NULL;
        store_close(begin(&t));
        trial_close(&t);
        sqlite3_open(t.path, &db);
        snprintf(sql, sizeof sql,
                 "DROP TRIGGER body_update; UPDATE body SET body = replace(body, '1', '2') WHERE "
                 "seq IN (%d, %d, 900)",
                 at[i], at[i] + 2);
        CU_ASSERT_EQUAL(sqlite3_exec(db, sql, NULL, NULL, NULL), SQLITE_OK);
        CU_ASSERT_EQUAL(sqlite3_changes(db), 3);
        sqlite3_close(db);
        trial_open(&t);
        const cJSON *answer = run(&t, "not_verified", "{'op':'verify'}");
        snprintf(record, sizeof record, "record %d: its body was altered", at[i]);
        expect_text(answer, "error/message", record);
        expect_number(answer, "report/records", at[i]);
        trial_remove(&t);
    }
}

const struct test_case ahead_cases[] = {
    {"it is a walk", it_is_a_walk},
    {"it stops where the caller does", it_stops_where_the_caller_does},
    {"a fault of the reader is told", a_fault_of_the_reader_is_told},
    {"the first fault is named", the_first_fault_is_named},
    {NULL, NULL},
};
