/* Facts are never changed: not by another tool, which meets the triggers, and
 * not by any statement of this process, which meets the authorizer. */
#include <stdio.h>
#include <string.h>

#include "ground.h"

static const char *const changes_of_facts[] = {
    "UPDATE record SET head = '{}' WHERE seq = 0",
    "UPDATE record SET seq = 9 WHERE seq = 0",
    "DELETE FROM record",
    "DELETE FROM record WHERE seq = 1",
    "UPDATE checkpoint SET note = ''",
    "DELETE FROM checkpoint",
    "DELETE FROM body",
    NULL,
};
static const char *const changes_of_schema[] = {
    "DROP TABLE record",
    "DROP TRIGGER record_update",
    "DROP INDEX lot_open",
    "ALTER TABLE record RENAME TO x",
    "ALTER TABLE lot ADD COLUMN x",
    "CREATE TABLE x (y)",
    "CREATE TEMP TABLE x (y)",
    "CREATE TRIGGER x AFTER INSERT ON record BEGIN SELECT 1; END",
    "CREATE VIEW x AS SELECT 1",
    "CREATE INDEX x ON record (head)",
    "ATTACH ':memory:' AS x",
    "PRAGMA writable_schema=ON",
    "PRAGMA journal_mode=OFF",
    "PRAGMA synchronous=OFF",
    "PRAGMA user_version=0",
    "UPDATE sqlite_schema SET sql = ''",
    "DELETE FROM sqlite_schema",
    "DELETE FROM migration",
    "UPDATE cosignature SET line = ''",
    "DELETE FROM cosignature",
    "UPDATE body SET body = '{}'",
    "UPDATE body SET body = '  '", /* also blanks: only the verb that erases may */
    "UPDATE identifier SET member = 1",
    "UPDATE secret SET bytes = x'00'",
    "DELETE FROM secret",
    "REINDEX",
    "VACUUM",
    "SAVEPOINT x",
    NULL,
};

static void triggers(void)
{
    struct error error = {0};
    struct store *store = ground_new("triggers.db");
    EXPECT_GOOD(ground_commit(store, 0, &error));
    store_close(store);
    sqlite3 *plain;
    CU_ASSERT_EQUAL_FATAL(sqlite3_open(ground_path("triggers.db"), &plain), SQLITE_OK);
    for (size_t i = 0; changes_of_facts[i] != NULL; i++) {
        int code = sqlite3_exec(plain, changes_of_facts[i], NULL, NULL, NULL);
        if (code != SQLITE_CONSTRAINT || strstr(sqlite3_errmsg(plain), "never") == NULL)
            printf("\n    %s: %s\n", changes_of_facts[i], sqlite3_errmsg(plain));
        CU_ASSERT_EQUAL(code, SQLITE_CONSTRAINT);
    }
    sqlite3_close(plain);
}

static void expect_refused(struct store *store, const char *const *statements)
{
    struct error error = {0};
    for (size_t i = 0; statements[i] != NULL; i++) {
        bool done = store_execute(store, statements[i], &error);
        if (done)
            printf("\n    not refused: %s\n", statements[i]);
        CU_ASSERT_FALSE(done);
    }
}

static void authorizer(void)
{
    struct error error = {0};
    struct store *store = ground_new("authorizer.db");
    unsigned char before[DIGEST_BYTES], after[DIGEST_BYTES];
    EXPECT_GOOD(ground_commit(store, 0, &error));
    ground_digest(store, before);
    expect_refused(store, changes_of_facts);
    expect_refused(store, changes_of_schema);
    EXPECT_CODE(ERROR_INVARIANT, store_execute(store, changes_of_facts[0], &error));
    store_close(store);
    store = ground_open(ground_path("authorizer.db"), STORE_WRITE);
    expect_refused(store, changes_of_facts);
    expect_refused(store, changes_of_schema);
    ground_digest(store, after);
    CU_ASSERT_EQUAL(memcmp(before, after, DIGEST_BYTES), 0);
    EXPECT_GOOD(store_integrity_check(store, &error));
    store_close(store);
}

static void reader(void)
{
    static const char *const writes[] = {"INSERT INTO record VALUES (9, '{}')",
                                         "UPDATE tip SET size = 9", "DELETE FROM lot", NULL};
    struct error error = {0};
    struct store *store = ground_new("reader.db");
    EXPECT_GOOD(ground_commit(store, 0, &error));
    store_close(store);
    store = ground_open(ground_path("reader.db"), STORE_READ);
    EXPECT_CODE(ERROR_READ_ONLY, store_begin_write(store, &error));
    expect_refused(store, writes);
    store_close(store);
    ground_expect_alone(ground_path("reader.db"));
}

/* A body belongs to a record. */
static void references(void)
{
    struct error error = {0};
    struct store *store = ground_new("references.db");
    EXPECT_CODE(ERROR_INVARIANT,
                store_execute(store, "INSERT INTO body VALUES (5, x'00', '')", &error));
    store_close(store);
}

/* What no page check sees: a trigger, an index or a migration that is not ours. */
static void changed_schema(void)
{
    static const char *const tampering[] = {
        "DROP TRIGGER record_update",
        "DROP INDEX lot_open",
        "CREATE TRIGGER x AFTER INSERT ON record BEGIN SELECT 1; END",
        "UPDATE migration SET sha256 = '00' WHERE version = 2",
        "DELETE FROM migration",
        "PRAGMA foreign_keys=OFF; INSERT INTO body VALUES (5, x'00', '')"};
    struct error error = {0};
    for (size_t i = 0; i < sizeof tampering / sizeof *tampering; i++) {
        struct store *store = ground_new("changed.db");
        store_close(store);
        sqlite3 *plain;
        CU_ASSERT_EQUAL_FATAL(sqlite3_open(ground_path("changed.db"), &plain), SQLITE_OK);
        CU_ASSERT_EQUAL(sqlite3_exec(plain, tampering[i], NULL, NULL, NULL), SQLITE_OK);
        sqlite3_close(plain);
        store = ground_open(ground_path("changed.db"), STORE_READ);
        EXPECT_CODE(ERROR_CORRUPT, store_integrity_check(store, &error));
        store_close(store);
        store_remove_file(ground_path("changed.db"));
    }
}

const struct test_case guard_cases[] = {
    {"triggers", triggers},     {"authorizer", authorizer},         {"reader", reader},
    {"references", references}, {"changed schema", changed_schema}, {NULL, NULL},
};
