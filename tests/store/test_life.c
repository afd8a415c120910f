/* Making, opening, refusing, upgrading, copying, closing; and two at once. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "ground.h"
#include "migrations.h"

static void create_and_open(void)
{
    struct error error = {0};
    const char *path = ground_path("life.db");
    struct store *store = ground_new("life.db"), *other;
    struct stat status;
    CU_ASSERT_EQUAL(stat(path, &status), 0);
    test_expect_integer("mode of the file", 0600, status.st_mode & 0777);
    EXPECT_GOOD(ground_commit(store, 0, &error));
    EXPECT_CODE(ERROR_EXISTS, store_create(&other, path, 0, &error));
    CU_ASSERT_PTR_NULL(other);
    store_close(store);
    ground_expect_alone(path);
    EXPECT_CODE(ERROR_EXISTS, store_create(&other, path, 0, &error));

    int64_t value;
    store = ground_open(path, STORE_WRITE);
    store->migrating = true;
    EXPECT_GOOD(store_integer(store, "PRAGMA synchronous", &value, &error));
    test_expect_integer("synchronous", 2, value);
    EXPECT_GOOD(store_integer(store, "PRAGMA foreign_keys", &value, &error));
    test_expect_integer("foreign_keys", 1, value);
    EXPECT_GOOD(store_integer(store, "SELECT journal_mode = 'wal' FROM pragma_journal_mode", &value,
                              &error));
    test_expect_integer("WAL persists", 1, value);
    EXPECT_GOOD(store_integer(store, "PRAGMA application_id", &value, &error));
    test_expect_integer("application id", STORE_APPLICATION_ID, value);
    for (int bulk = 1; bulk >= 0; bulk--) {
        store_in_bulk(store, bulk);
        EXPECT_GOOD(store_integer(store, "PRAGMA wal_autocheckpoint", &value, &error));
        test_expect_integer("pages in the log", bulk ? 12000 : 1000, value);
    }
    store->migrating = false;
    EXPECT_GOOD(store_integrity_check(store, &error));
    EXPECT_GOOD(ground_commit(store, 1, &error));
    store_close(store);
    ground_expect_alone(path);
    store_close(NULL);
    EXPECT_CODE(ERROR_NO_FILE, store_create(&store, ground_path("no/folder.db"), 0, &error));
}

static void expect_not_opened(const char *what, const char *path, enum error_code code)
{
    struct error error = {0};
    struct store *store;
    bool opened = store_open(&store, path, STORE_WRITE, 0, &error);
    ground_expect_code(what, code, opened, &error);
    CU_ASSERT_PTR_NULL(store);
}

static void refusals(void)
{
    char zeros[8192] = {0};
    expect_not_opened("nothing", ground_path("nothing.db"), ERROR_NO_FILE);
    expect_not_opened("no name", "", ERROR_NO_FILE);
    expect_not_opened("folder", "/tmp", ERROR_NOT_A_LEDGER);
    expect_not_opened("device", "/dev/null", ERROR_NOT_A_LEDGER);
    ground_write(ground_path("empty.db"), "", 0);
    expect_not_opened("empty file", ground_path("empty.db"), ERROR_NOT_A_LEDGER);
    ground_write(ground_path("text.db"), "name,amount\n1,2\n", 16);
    expect_not_opened("text", ground_path("text.db"), ERROR_NOT_A_LEDGER);
    ground_write(ground_path("zeros.db"), zeros, sizeof zeros);
    expect_not_opened("zeros", ground_path("zeros.db"), ERROR_NOT_A_LEDGER);
    sqlite3 *plain;
    CU_ASSERT_EQUAL_FATAL(sqlite3_open(ground_path("other.db"), &plain), SQLITE_OK);
    CU_ASSERT_EQUAL(sqlite3_exec(plain, "CREATE TABLE t (a)", NULL, NULL, NULL), SQLITE_OK);
    sqlite3_close(plain);
    expect_not_opened("another program's", ground_path("other.db"), ERROR_NOT_A_LEDGER);
}

/* A file cut anywhere: refused at once, and never repaired. */
static void truncated(void)
{
    struct error error = {0};
    struct store *store = ground_new("whole.db");
    EXPECT_GOOD(ground_commit(store, 0, &error));
    store_close(store);
    size_t length;
    char *bytes = test_read_file(ground_path("whole.db"), &length);
    for (size_t cut = 16; cut < length; cut += cut < 4096 ? 500 : 4000) {
        ground_write(ground_path("cut.db"), bytes, cut);
        struct store *opened = NULL;
        bool good = store_open(&opened, ground_path("cut.db"), STORE_WRITE, 0, &error);
        if (good || (error.code != ERROR_CORRUPT && error.code != ERROR_NOT_A_LEDGER))
            printf("\n    cut at %zu: %s: %s\n", cut, error_name(error.code), error.message);
        CU_ASSERT_FALSE(good);
        CU_ASSERT_TRUE(error.code == ERROR_CORRUPT || error.code == ERROR_NOT_A_LEDGER);
        store_close(opened);
    }
    free(bytes);
}

/* A path is a path, whatever SQLite would make of it. */
static void odd_names(void)
{
    static const char *const names[] = {":memory:", "file:x?mode=memory", "a b%20#?.db"};
    struct error error = {0};
    char before[4096];
    CU_ASSERT_PTR_NOT_NULL_FATAL(getcwd(before, sizeof before));
    CU_ASSERT_EQUAL_FATAL(chdir(ground_path("")), 0);
    for (size_t i = 0; i < 3; i++) {
        struct store *store = NULL;
        EXPECT_GOOD(store_create(&store, names[i], 0, &error));
        EXPECT_GOOD(ground_commit(store, 0, &error));
        store_close(store);
        CU_ASSERT_TRUE(ground_exists(names[i]));
        store_close(ground_open(names[i], STORE_READ));
    }
    CU_ASSERT_EQUAL(chdir(before), 0);
}

static void versions(void)
{
    struct error error = {0};
    struct store *store = ground_new("newer.db");
    store->migrating = true;
    EXPECT_GOOD(store_execute(store, "PRAGMA user_version=999", &error));
    store_close(store);
    expect_not_opened("newer", ground_path("newer.db"), ERROR_NEWER_SCHEMA);
    unsigned from;
    EXPECT_CODE(ERROR_NEWER_SCHEMA,
                store_upgrade(ground_path("newer.db"), ground_path("newer.bak"), &from, &error));
    CU_ASSERT_PTR_NOT_NULL(strstr(error.message, "999"));
    CU_ASSERT_FALSE(ground_exists(ground_path("newer.bak")));
    EXPECT_GOOD(store_create_version(&store, ground_path("older.db"), 1, 0, &error));
    store_close(store);
    expect_not_opened("older", ground_path("older.db"), ERROR_OLDER_SCHEMA);
}

static int64_t schema_rows(struct store *store)
{
    struct error error = {0};
    int64_t rows = 0;
    EXPECT_GOOD(store_integer(store, "SELECT count(*) FROM sqlite_schema", &rows, &error));
    return rows;
}

/* From each earlier version: the backup has the old schema, and the result is
 * what one made fresh has (store_integrity_check compares sqlite_schema). */
static void upgrades(void)
{
    struct error error = {0};
    char path[160], backup[192];
    for (unsigned version = 1; version < migration_count; version++) {
        snprintf(path, sizeof path, "%s-%u.db", ground_path("old"), version);
        snprintf(backup, sizeof backup, "%s.bak", path);
        struct store *store;
        EXPECT_GOOD(store_create_version(&store, path, version, 0, &error));
        EXPECT_GOOD(store_execute(store, "INSERT INTO record VALUES (0, '{}')", &error));
        int64_t tables = schema_rows(store);
        store_close(store);

        unsigned from = 0;
        EXPECT_GOOD(store_upgrade(path, backup, &from, &error));
        test_expect_integer("version it had", version, from);
        ground_expect_alone(path);
        ground_expect_alone(backup);
        store = ground_open(path, STORE_WRITE);
        EXPECT_GOOD(store_integrity_check(store, &error));
        int64_t records;
        EXPECT_GOOD(store_integer(store, "SELECT count(*) FROM record", &records, &error));
        test_expect_integer("records kept", 1, records);
        store_close(store);
        unsigned backup_version;
        EXPECT_GOOD(store_open_any(&store, backup, STORE_READ, 0, &backup_version, &error));
        test_expect_integer("version of the backup", version, backup_version);
        test_expect_integer("schema of the backup", tables, schema_rows(store));
        store_close(store);

        EXPECT_GOOD(store_upgrade(path, backup, &from, &error)); /* nothing left to do */
        test_expect_integer("version now", migration_count, from);
    }
}

static void upgrade_refused(void)
{
    struct error error = {0};
    struct store *store;
    unsigned from;
    EXPECT_GOOD(store_create_version(&store, ground_path("strange.db"), 1, 0, &error));
    store->migrating = true;
    EXPECT_GOOD(store_execute(store, "UPDATE migration SET sha256 = '00'", &error));
    store_close(store);
    EXPECT_CODE(ERROR_CORRUPT, store_upgrade(ground_path("strange.db"), ground_path("strange.bak"),
                                             &from, &error));
    EXPECT_GOOD(store_create_version(&store, ground_path("blocked.db"), 1, 0, &error));
    store_close(store);
    ground_write(ground_path("blocked.bak"), "mine", 4);
    EXPECT_CODE(ERROR_EXISTS, store_upgrade(ground_path("blocked.db"), ground_path("blocked.bak"),
                                            &from, &error));
    expect_not_opened("not upgraded without backup", ground_path("blocked.db"), ERROR_OLDER_SCHEMA);
}

/* A scratch ledger is whole, private, and leaves nothing. */
static void scratch(void)
{
    struct error error = {0};
    struct store *store;
    EXPECT_GOOD(store_open(&store, NULL, STORE_SCRATCH, 0, &error));
    EXPECT_GOOD(ground_commit(store, 0, &error));
    EXPECT_GOOD(ground_commit(store, 1, &error));
    EXPECT_GOOD(store_integrity_check(store, &error));
    store_close(store);
}

struct copying {
    struct store *writer;
    int steps, number;
};

static bool write_between(void *context, int64_t done, int64_t total)
{
    struct copying *copying = context;
    struct error error = {0};
    CU_ASSERT_TRUE(done <= total);
    copying->steps++;
    EXPECT_GOOD(ground_commit(copying->writer, copying->number++, &error));
    return true;
}

static bool stop_at_once(void *context, int64_t done, int64_t total)
{
    (void)context, (void)done, (void)total;
    return false;
}

/* A ledger of several thousand pages, so that the copy takes several steps. */
static void make_long(struct store *store)
{
    enum { COUNT = 4000, LENGTH = 3000 };
    struct error error = {0};
    char *head = memory_allocate(LENGTH);
    memset(head, 'x', LENGTH);
    struct record_row *rows = memory_allocate(COUNT * sizeof *rows);
    for (int64_t i = 0; i < COUNT; i++)
        rows[i] = (struct record_row){.seq = 1000000 + i, .head = {head, LENGTH}};
    struct changes changes = {.records = rows, .record_count = COUNT};
    EXPECT_GOOD(store_begin_write(store, &error));
    EXPECT_GOOD(store_apply(store, &changes, &error));
    EXPECT_GOOD(store_commit(store, &error));
    free(rows), free(head);
}

static void backup(void)
{
    struct error error = {0};
    struct store *store = ground_new("source.db");
    EXPECT_GOOD(ground_commit(store, 0, &error));
    make_long(store);
    struct copying copying = {ground_open(ground_path("source.db"), STORE_WRITE), 0, 1};
    unsigned char before[DIGEST_BYTES], after[DIGEST_BYTES];
    ground_digest(store, before);
    EXPECT_GOOD(store_backup(store, ground_path("copy.db"), write_between, &copying, &error));
    CU_ASSERT_TRUE(copying.steps > 1);
    ground_expect_alone(ground_path("copy.db"));
    EXPECT_CODE(ERROR_EXISTS, store_backup(store, ground_path("copy.db"), NULL, NULL, &error));
    EXPECT_CODE(ERROR_INTERRUPTED,
                store_backup(store, ground_path("stopped.db"), stop_at_once, NULL, &error));
    CU_ASSERT_FALSE(ground_exists(ground_path("stopped.db")));
    EXPECT_CODE(ERROR_NO_FILE, store_backup(store, ground_path("no/copy.db"), NULL, NULL, &error));
    EXPECT_GOOD(ground_commit(store, 200, &error)); /* the pin is gone */
    store_close(copying.writer);
    store_close(store);

    store = ground_open(ground_path("copy.db"), STORE_WRITE);
    ground_digest(store, after);
    CU_ASSERT_EQUAL(memcmp(before, after, DIGEST_BYTES), 0);
    EXPECT_GOOD(store_integrity_check(store, &error));
    EXPECT_GOOD(ground_commit(store, 1, &error));
    store_close(store);
    ground_expect_alone(ground_path("copy.db"));
}

static double seconds(void)
{
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (double)time.tv_sec + (double)time.tv_nsec / 1e9;
}

static void busy(void)
{
    struct error error = {0};
    struct store *first = ground_new("busy.db"), *second;
    EXPECT_GOOD(store_open(&second, ground_path("busy.db"), STORE_WRITE, 100, &error));
    EXPECT_GOOD(store_begin_write(first, &error));
    double start = seconds();
    EXPECT_CODE(ERROR_BUSY, store_begin_write(second, &error));
    double waited = seconds() - start;
    CU_ASSERT_TRUE(waited > 0.05 && waited < 2.0);
    store_rollback(first);
    store_rollback(first);
    EXPECT_GOOD(ground_commit(second, 0, &error));
    store_close(first);
    store_close(second);
    ground_expect_alone(ground_path("busy.db"));
}

static int till(int till_number, int rounds)
{
    for (int i = 0; i < rounds; i++) {
        struct error error = {0};
        struct store *store;
        if (!store_open(&store, ground_path("tills.db"), STORE_WRITE, 20000, &error) ||
            !ground_commit(store, till_number * rounds + i, &error)) {
            fprintf(stderr, "%s: %s\n", error_name(error.code), error.message);
            return 1;
        }
        store_close(store);
    }
    return 0;
}

/* Several processes that open, write one commit and close, all at once. */
static void tills(void)
{
    enum { TILLS = 4, ROUNDS = 10 };
    struct error error = {0};
    store_close(ground_new("tills.db"));
    pid_t children[TILLS];
    for (int i = 0; i < TILLS; i++) {
        children[i] = fork();
        if (children[i] == 0)
            _exit(till(i, ROUNDS));
    }
    for (int i = 0; i < TILLS; i++) {
        int status;
        waitpid(children[i], &status, 0);
        CU_ASSERT_TRUE(WIFEXITED(status) && WEXITSTATUS(status) == 0);
    }
    ground_expect_alone(ground_path("tills.db"));
    struct store *store = ground_open(ground_path("tills.db"), STORE_READ);
    int64_t records;
    EXPECT_GOOD(store_integer(store, "SELECT count(*) FROM record", &records, &error));
    test_expect_integer("records", 2 * TILLS * ROUNDS, records);
    EXPECT_GOOD(store_integrity_check(store, &error));
    store_close(store);
}

/* A process that dies between commits leaves a WAL; the next one recovers it. */
static void killed(void)
{
    struct error error = {0};
    store_close(ground_new("killed.db"));
    pid_t child = fork();
    if (child == 0) {
        struct store *store = ground_open(ground_path("killed.db"), STORE_WRITE);
        struct sample sample;
        ground_sample(&sample, 1);
        bool good = ground_commit(store, 0, &error) && store_begin_write(store, &error) &&
                    store_apply(store, &sample.changes, &error);
        _exit(good ? 0 : 1); /* neither commit nor close */
    }
    int status;
    waitpid(child, &status, 0);
    CU_ASSERT_TRUE(WIFEXITED(status) && WEXITSTATUS(status) == 0);
    struct arena arena = {0};
    struct tip tip;
    struct store *store = ground_open(ground_path("killed.db"), STORE_READ);
    EXPECT_GOOD(store_tip(store, &arena, &tip, &error));
    test_expect_integer("size", 2, tip.size);
    store_close(store);
    arena_free(&arena);
    ground_expect_alone(ground_path("killed.db"));
}

static int without_rights(void)
{
    struct error error = {0};
    struct store *store;
    if (geteuid() == 0 && setuid(65534) != 0)
        return 2;
    if (store_create(&store, ground_path("folder/new.db"), 0, &error) ||
        error.code != ERROR_READ_ONLY)
        return 3;
    if (store_open(&store, ground_path("folder/ledger.db"), STORE_WRITE, 0, &error) ||
        error.code != ERROR_READ_ONLY)
        return 4;
    if (store_open(&store, ground_path("folder/ledger.db"), STORE_READ, 0, &error) ||
        error.code != ERROR_READ_ONLY || error.hint[0] == '\0')
        return 5;
    return 0;
}

static void read_only_folder(void)
{
    struct error error = {0};
    struct store *store;
    CU_ASSERT_EQUAL_FATAL(mkdir(ground_path("folder"), 0755), 0);
    EXPECT_GOOD(store_create(&store, ground_path("folder/ledger.db"), 0, &error));
    store_close(store);
    CU_ASSERT_EQUAL(chmod(ground_path("folder/ledger.db"), 0444), 0);
    CU_ASSERT_EQUAL(chmod(ground_path("folder"), 0555), 0);
    CU_ASSERT_EQUAL(chmod(ground_path(""), 0755), 0);
    pid_t child = fork();
    if (child == 0)
        _exit(without_rights());
    int status;
    waitpid(child, &status, 0);
    test_expect_integer("exit status of the one without rights", 0, WEXITSTATUS(status));
    CU_ASSERT_EQUAL(chmod(ground_path("folder"), 0755), 0);
    store_remove_file(ground_path("folder/ledger.db"));
}

const struct test_case life_cases[] = {
    {"create and open", create_and_open},
    {"refusals", refusals},
    {"truncated", truncated},
    {"odd names", odd_names},
    {"versions", versions},
    {"upgrades", upgrades},
    {"upgrade refused", upgrade_refused},
    {"scratch", scratch},
    {"backup while others write", backup},
    {"busy", busy},
    {"tills at once", tills},
    {"killed", killed},
    {"read-only folder", read_only_folder},
    {NULL, NULL},
};
