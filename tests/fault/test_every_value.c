/* Every value of every table, altered; every row deleted, doubled, exchanged for its
 * neighbour: who promises to see it, sees it and says where, and who does not promise,
 * says that all is well.
 *
 * The promises stand in one table, below; a table of the database that it does not know
 * fails the test. Each fault is done to a fresh copy, with the triggers asleep, as an
 * attacker would who knows SQLite, and judged through a handle of its own.
 *
 * By itself the program takes a sample of long values' bytes and of the rows of long tables,
 * EVERY_BYTE=1 in the environment all of them (`make soak`). */
#include <cjson/cJSON.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "full_ledger.h"
#include "head.h"
#include "small_ledger.h"
#include "store.h"
#include "suite.h"

/* --- Who sees what -------------------------------------------------------------------------- */

enum witness {
    VERIFY,  /* verify, with every signature; it names the place */
    AUDIT,   /* audit; verify says that all is well */
    OPENING, /* whoever opens the ledger */
    POLICY,  /* verify with a policy: what is left meets it no more */
    NOBODY   /* and nothing is lost by it */
};

static const struct promise {
    const char *table;
    enum witness witness;
    const char *words; /* of the verdict; of facts see names_place() */
    /* NULL: any other; "*": the whole table, emptied; "-": a row deleted; "+": doubled */
    const char *column;
} promises[] = {
    {"record", VERIFY, NULL, NULL},
    {"checkpoint", VERIFY, NULL, NULL}, /* one that is deleted: see delete_row() */
    {"body", VERIFY, NULL, NULL},
    {"identifier", AUDIT, "the table \\\"identifier\\\"", NULL},
    {"secret", AUDIT, "secret", NULL},
    {"secret", OPENING, "no secret", "id"},
    {"secret", OPENING, "no secret", "*"},
    {"secret", OPENING, "no secret", "-"},
    {"secret", AUDIT, "CHECK constraint failed in secret", "+"},
    {"cosignature", POLICY, "osignatures", NULL},
    {"cosignature", NOBODY, NULL, "+"}, /* of a checkpoint that there is not */
    {"migration", AUDIT, "migrations are known", NULL},
    {"migration", NOBODY, NULL, "name"}, /* nobody asks for it */
    {"migration", NOBODY, NULL, "+"},
    {"tip", AUDIT, "the table \\\"tip\\\"", NULL},
    {"tip", VERIFY, "it is missing", "size"},
    {"tip", VERIFY, "it is missing", "id"},
    {"tip", VERIFY, "it is missing", "*"},
    {"tip", VERIFY, "it is missing", "-"},
    {"tile", AUDIT, "the table \\\"tile\\\"", NULL},
    {"key", AUDIT, "the table \\\"key\\\"", NULL},
    {"member", AUDIT, "the table \\\"member\\\"", NULL},
    {"balance", AUDIT, "the table \\\"balance\\\"", NULL},
    {"carry", AUDIT, "the table \\\"carry\\\"", NULL},
    {"lot", AUDIT, "the table \\\"lot\\\"", NULL},
    {"returned", AUDIT, "the table \\\"returned\\\"", NULL},
    {"cancelled", AUDIT, "the table \\\"cancelled\\\"", NULL},
    {"holder", AUDIT, "the table \\\"holder\\\"", NULL},
    {"reservation", AUDIT, "the table \\\"reservation\\\"", NULL},
    {"household", AUDIT, "the table \\\"household\\\"", NULL},
    {"counter", AUDIT, "the table \\\"counter\\\"", NULL},
    {"measure", AUDIT, "the table \\\"measure\\\"", NULL},
    {"tier", AUDIT, "the table \\\"tier\\\"", NULL},
    {"held", AUDIT, "the table \\\"held\\\"", NULL},
    {"operator", AUDIT, "the table \\\"operator\\\"", NULL},
    {"erased", AUDIT, "the table \\\"erased\\\"", NULL},
    {"programme", AUDIT, "the table \\\"programme\\\"", NULL},
};

/* Of a column; "*" the table emptied; NULL of a row. */
static const struct promise *promise_of(const char *table, const char *column)
{
    const struct promise *found = NULL;
    for (size_t i = 0; i < sizeof promises / sizeof *promises; i++) {
        const struct promise *promise = &promises[i];
        if (strcmp(promise->table, table) != 0)
            continue;
        if (promise->column == NULL)
            found = promise;
        else if (column != NULL && strcmp(promise->column, column) == 0)
            return promise;
    }
    return found;
}

static bool is_projection(const char *table)
{
    size_t i = 0;
    while (store_projection_names[i] != NULL && strcmp(store_projection_names[i], table) != 0)
        i++;
    return store_projection_names[i] != NULL;
}

/* --- Tables ------------------------------------------------------------------------------------
 */

enum { COLUMNS = 16, LONG_TABLE = 12, LONG_VALUE = 3 };

struct table {
    char name[32], key[128]; /* the columns of its key, as SQL */
    char columns[COLUMNS][32];
    size_t column_count;
    int64_t rows;
};

static bool everything(void)
{
    return getenv("EVERY_BYTE") != NULL;
}

static void read_columns(sqlite3 *db, struct table *table)
{
    char text[160];
    sqlite3_stmt *statement = NULL;
    snprintf(text, sizeof text, "SELECT name, pk FROM pragma_table_info('%s') ORDER BY pk",
             table->name);
    sqlite3_prepare_v2(db, text, -1, &statement, NULL);
    while (sqlite3_step(statement) == SQLITE_ROW && table->column_count < COLUMNS) {
        const char *name = (const char *)sqlite3_column_text(statement, 0);
        size_t used = strlen(table->key);
        snprintf(table->columns[table->column_count++], sizeof *table->columns, "%s", name);
        if (sqlite3_column_int(statement, 1) > 0)
            snprintf(table->key + used, sizeof table->key - used, "%s\"%s\"", used > 0 ? ", " : "",
                     name);
    }
    sqlite3_finalize(statement);
}

static size_t read_tables(struct table tables[], size_t capacity)
{
    sqlite3 *db = NULL;
    sqlite3_stmt *statement = NULL;
    size_t count = 0;
    if (sqlite3_open(full_ledger()->path, &db) != SQLITE_OK)
        abort();
    sqlite3_prepare_v2(db, "SELECT name FROM sqlite_schema WHERE type = 'table' ORDER BY name", -1,
                       &statement, NULL);
    while (sqlite3_step(statement) == SQLITE_ROW && count < capacity) {
        struct table *table = &tables[count++];
        char text[80];
        memset(table, 0, sizeof *table);
        snprintf(table->name, sizeof table->name, "%s", sqlite3_column_text(statement, 0));
        if (promise_of(table->name, NULL) == NULL) {
            printf("\n    nobody has promised anything of the table \"%s\"\n", table->name);
            CU_FAIL("an unknown table");
            count--;
            continue;
        }
        read_columns(db, table);
        snprintf(text, sizeof text, "SELECT count(*) FROM \"%s\"", table->name);
        table->rows = sql_number(db, text);
        if (table->rows == 0)
            printf("\n    the table \"%s\" is empty\n", table->name);
        CU_ASSERT_TRUE(table->rows > 0);
    }
    sqlite3_finalize(statement);
    sqlite3_close(db);
    return count;
}

/* A number from the whole ledger. */
static int64_t asked_number(const char *text)
{
    static sqlite3 *db;
    if (db == NULL && sqlite3_open(full_ledger()->path, &db) != SQLITE_OK)
        abort();
    return sql_number(db, text);
}

/* What a row's key starts with, where that is a number. */
static int64_t number_of(const struct table *table, int64_t row)
{
    char text[256];
    snprintf(text, sizeof text, "SELECT * FROM \"%s\" ORDER BY %s LIMIT 1 OFFSET %lld", table->name,
             table->key, (long long)row);
    return asked_number(text);
}

/* The smallest checkpoint that covers a record. */
static int64_t covering(int64_t seq)
{
    char text[80];
    snprintf(text, sizeof text, "SELECT ifnull(min(size), 0) FROM checkpoint WHERE size > %lld",
             (long long)seq);
    return asked_number(text);
}

/* --- Doing it ------------------------------------------------------------------------------------
 */

/* wrong(value, n): another value, in its byte n. */
static void wrong(sqlite3_context *context, int count, sqlite3_value **values)
{
    int at = sqlite3_value_int(values[1]), length;
    unsigned char bytes[65536];
    (void)count;
    if (sqlite3_value_type(values[0]) == SQLITE_INTEGER) {
        sqlite3_result_int64(context, sqlite3_value_int64(values[0]) + 1 + at);
        return;
    }
    const void *value = sqlite3_value_blob(values[0]);
    length = sqlite3_value_bytes(values[0]);
    if (length == 0 || length > (int)sizeof bytes) {
        sqlite3_result_text(context, "x", 1, SQLITE_STATIC);
        return;
    }
    memcpy(bytes, value, (size_t)length);
    bytes[at % length] ^= 1;
    if (sqlite3_value_type(values[0]) == SQLITE_BLOB)
        sqlite3_result_blob(context, bytes, length, SQLITE_TRANSIENT);
    else
        sqlite3_result_text(context, (const char *)bytes, length, SQLITE_TRANSIENT);
}

/* A fresh copy, open for an attacker: no trigger, no check, no foreign key stops it. */
static sqlite3 *break_in(const char *path)
{
    sqlite3 *db = NULL;
    remove_database(path);
    copy_file(full_ledger()->path, path);
    if (sqlite3_open(path, &db) != SQLITE_OK)
        abort();
    sqlite3_db_config(db, SQLITE_DBCONFIG_ENABLE_TRIGGER, 0, NULL);
    sqlite3_create_function(db, "wrong", 2, SQLITE_UTF8, NULL, wrong, NULL, NULL);
    sql(db, "PRAGMA synchronous = OFF; PRAGMA foreign_keys = OFF;"
            "PRAGMA ignore_check_constraints = ON");
    return db;
}

/* Whether it could be done (a key that is taken cannot) and changed anything. */
static bool do_it(const char *path, const char *table, const char *text)
{
    char compare[256];
    sqlite3 *db = break_in(path);
    bool done = sqlite3_exec(db, text, NULL, NULL, NULL) == SQLITE_OK;
    if (!done && sqlite3_errcode(db) != SQLITE_CONSTRAINT)
        sql(db, text); /* says why */
    snprintf(compare, sizeof compare, "ATTACH '%s' AS whole", full_ledger()->path);
    sql(db, compare);
    snprintf(compare, sizeof compare,
             "SELECT (SELECT count(*) FROM main.\"%s\") <> (SELECT count(*) FROM whole.\"%s\")"
             " OR EXISTS (SELECT * FROM main.\"%s\" EXCEPT SELECT * FROM whole.\"%s\")",
             table, table, table, table);
    done = done && sql_number(db, compare) != 0;
    sqlite3_close(db);
    return done;
}

/* --- Judging it ----------------------------------------------------------------------------- */

struct fault {
    const struct promise *promise;
    char what[160];
    char first[80]; /* how audit names the row; empty where it may be another one */
    bool harmless;
    int64_t key; /* of a fact: its number; the row's own, or the one that it was given */
};

static const char *target(void)
{
    static char path[512];
    if (path[0] == '\0')
        snprintf(path, sizeof path, "%s", folder_path("value.db"));
    return path;
}

static char *asked_of(const char *request, loyalty_status *status, bool *opened)
{
    const struct loyalty_options options = {.size = sizeof options, .read_only = 1};
    char *answer = NULL;
    loyalty *ledger = NULL;
    *status = loyalty_open(&ledger, target(), &options, &answer);
    *opened = *status == LOYALTY_OK;
    if (*opened)
        *status = run_on(ledger, request, &answer);
    loyalty_close(ledger);
    return answer;
}

static bool says(const char *answer, const char *before, int64_t number, const char *after)
{
    char words[80];
    snprintf(words, sizeof words, "%s%lld%s", before, (long long)number, after);
    return answer_has(answer, words);
}

/* A record by its number, or by the checkpoint that covers it where its head is still
 * well formed, or as the one before; a checkpoint by its size. */
static bool names_place(const struct fault *fault, const char *answer)
{
    if (strcmp(fault->promise->table, "checkpoint") == 0)
        return says(answer, "the checkpoint of size ", fault->key, ":") ||
               says(answer, "the checkpoint of size ", fault->key + 1, ":") ||
               answer_has(answer, "newest checkpoint") || answer_has(answer, "no checkpoint");
    if (fault->key == 0 && answer_has(answer, "first record"))
        return true; /* by whoever opens it */
    return says(answer, "record ", fault->key, ":") ||
           says(answer, "record ", fault->key + 1, ": it has a body that its head does not name") ||
           says(answer, "that of record ", fault->key, "") ||
           says(answer, "the checkpoint of size ", covering(fault->key), ":");
}

static enum witness witness_of(const struct fault *fault)
{
    return fault->harmless ? NOBODY : fault->promise->witness;
}

static void expect(const struct fault *fault, const char *request, bool seen)
{
    loyalty_status status;
    bool opened, named;
    const char *words = fault->promise->words;
    char *answer = asked_of(request, &status, &opened);
    named = words == NULL ? names_place(fault, answer) : answer_has(answer, words);
    named = named && (status == LOYALTY_NOT_VERIFIED || status == LOYALTY_FAULT) &&
            (opened || witness_of(fault) != AUDIT);
    if (witness_of(fault) == AUDIT)
        named = named && answer_has(answer, fault->first);
    bool good = seen ? named : status == LOYALTY_OK;
    if (!good)
        printf("\n    %s: %.22s says %d: %.300s\n", fault->what, request, status, answer);
    CU_ASSERT_TRUE(good);
    loyalty_free(answer);
}

static void judge(const struct fault *fault)
{
    enum witness witness = witness_of(fault);
    expect(fault, "{\"op\":\"verify\",\"all_signatures\":true}",
           witness == VERIFY || witness == OPENING);
    if (witness == AUDIT)
        expect(fault, "{\"op\":\"audit\"}", true);
    if (witness == POLICY) {
        char *request = with_string("verify", "policy", full_ledger()->policy, NULL);
        expect(fault, request, true);
        free(request);
    }
}

/* --- Values --------------------------------------------------------------------------------------
 */

static int64_t bytes_of(const struct table *table, const char *column, int64_t row)
{
    char text[1024];
    snprintf(text, sizeof text,
             "SELECT CASE typeof(\"%s\") WHEN 'integer' THEN 1"
             " ELSE max(1, length(CAST(\"%s\" AS BLOB))) END FROM \"%s\" ORDER BY %s LIMIT 1"
             " OFFSET %lld",
             column, column, table->name, table->key, (long long)row);
    return asked_number(text);
}

static bool is_key(const struct table *table, const char *column)
{
    char quoted[40];
    snprintf(quoted, sizeof quoted, "\"%.31s\"", column);
    return strstr(table->key, quoted) != NULL;
}

static const char *first_key(const struct table *table)
{
    static char name[32];
    snprintf(name, sizeof name, "%.*s", (int)strcspn(table->key + 1, "\""), table->key + 1);
    return name;
}

/* The key starts with a number, and not with a hash. */
static bool has_number(const struct table *table)
{
    char text[128];
    snprintf(text, sizeof text, "SELECT typeof(\"%.31s\") = 'integer' FROM \"%.31s\"",
             first_key(table), table->name);
    return asked_number(text) == 1;
}

static unsigned alter_value(const struct table *table, const char *column, int64_t row, int64_t at)
{
    char text[1024];
    struct fault fault = {.promise = promise_of(table->name, column), .key = number_of(table, row)};
    snprintf(text, sizeof text,
             "UPDATE \"%s\" SET \"%s\" = wrong(\"%s\", %lld) WHERE (%s) ="
             " (SELECT %s FROM \"%s\" ORDER BY %s LIMIT 1 OFFSET %lld)",
             table->name, column, column, (long long)at, table->key, table->key, table->name,
             table->key, (long long)row);
    snprintf(fault.what, sizeof fault.what, "%s.%s of row %lld, byte %lld", table->name, column,
             (long long)row, (long long)at);
    if (is_projection(table->name) && !is_key(table, column) && has_number(table))
        snprintf(fault.first, sizeof fault.first, "first at %.31s %lld", first_key(table),
                 (long long)fault.key);
    if (!do_it(target(), table->name, text))
        return 0;
    judge(&fault);
    return 1;
}

static unsigned alter_row(const struct table *table, int64_t row)
{
    unsigned count = 0;
    for (size_t i = 0; i < table->column_count; i++) {
        int64_t length = bytes_of(table, table->columns[i], row);
        int64_t step = everything() || length <= LONG_VALUE ? 1 : length / LONG_VALUE;
        for (int64_t at = length > LONG_VALUE ? row % step : 0; at < length; at += step)
            count += alter_value(table, table->columns[i], row, at);
    }
    return count;
}

/* --- Rows
 * ----------------------------------------------------------------------------------------- */

static unsigned delete_row(const struct table *table, int64_t row)
{
    char text[1024];
    struct fault fault = {.promise = promise_of(table->name, "-"), .key = number_of(table, row)};
    snprintf(text, sizeof text,
             "DELETE FROM \"%s\" WHERE (%s) ="
             " (SELECT %s FROM \"%s\" ORDER BY %s LIMIT 1 OFFSET %lld)",
             table->name, table->key, table->key, table->name, table->key, (long long)row);
    snprintf(fault.what, sizeof fault.what, "%s: row %lld deleted", table->name, (long long)row);
    /* What an older checkpoint vouched for, the newest vouches for. */
    if (strcmp(table->name, "checkpoint") == 0 && row + 1 < table->rows)
        fault.harmless = true;
    if (!do_it(target(), table->name, text))
        return 0;
    judge(&fault);
    return 1;
}

/* The columns' names, but not those of the key where it is left out. */
static void list_columns(const struct table *table, bool with_key, char text[512])
{
    text[0] = '\0';
    for (size_t i = 0; i < table->column_count; i++) {
        char name[40];
        size_t used = strlen(text);
        snprintf(name, sizeof name, "\"%s\"", table->columns[i]);
        if (with_key || strstr(table->key, name) == NULL)
            snprintf(text + used, 512 - used, "%s%s", used > 0 ? ", " : "", name);
    }
}

static unsigned exchange_rows(const struct table *table, int64_t row)
{
    char text[8192], columns[512];
    struct fault fault = {.promise = promise_of(table->name, NULL), .key = number_of(table, row)};
    list_columns(table, false, columns);
    if (columns[0] == '\0' || row + 1 == table->rows)
        return 0;
    snprintf(text, sizeof text,
             "CREATE TEMP TABLE a AS SELECT * FROM \"%s\" ORDER BY %s LIMIT 1 OFFSET %lld;"
             "CREATE TEMP TABLE b AS SELECT * FROM \"%s\" ORDER BY %s LIMIT 1 OFFSET %lld;"
             "UPDATE \"%s\" SET (%s) = (SELECT %s FROM b) WHERE (%s) = (SELECT %s FROM a);"
             "UPDATE \"%s\" SET (%s) = (SELECT %s FROM a) WHERE (%s) = (SELECT %s FROM b)",
             table->name, table->key, (long long)row, table->name, table->key, (long long)row + 1,
             table->name, columns, columns, table->key, table->key, table->name, columns, columns,
             table->key, table->key);
    snprintf(fault.what, sizeof fault.what, "%s: rows %lld and the next exchanged", table->name,
             (long long)row);
    if (!do_it(target(), table->name, text))
        return 0;
    judge(&fault);
    return 1;
}

/* Under another key: one that is free. */
static unsigned double_row(const struct table *table, int64_t row)
{
    char text[4096], columns[512], key[40];
    struct fault fault = {.promise = promise_of(table->name, "+")};
    snprintf(key, sizeof key, "%.*s", (int)strcspn(table->key, ","), table->key);
    list_columns(table, true, columns);
    snprintf(text, sizeof text,
             "CREATE TEMP TABLE a AS SELECT * FROM \"%s\" ORDER BY %s LIMIT 1 OFFSET %lld;"
             "UPDATE a SET %s = CASE typeof(%s) WHEN 'integer' THEN"
             " (SELECT max(%s) + 1 FROM \"%s\") ELSE wrong(%s, 0) END;"
             "INSERT INTO \"%s\" (%s) SELECT %s FROM a",
             table->name, table->key, (long long)row, key, key, key, table->name, key, table->name,
             columns, columns);
    snprintf(fault.what, sizeof fault.what, "%s: row %lld doubled", table->name, (long long)row);
    fault.key = number_of(table, table->rows - 1) + 1;
    if (!do_it(target(), table->name, text))
        return 0;
    judge(&fault);
    return 1;
}

static unsigned empty_table(const struct table *table)
{
    char text[80];
    struct fault fault = {.promise = promise_of(table->name, "*"), .key = number_of(table, 0)};
    snprintf(text, sizeof text, "DELETE FROM \"%s\"", table->name);
    snprintf(fault.what, sizeof fault.what, "%s: emptied", table->name);
    do_it(target(), table->name, text);
    judge(&fault);
    return 1;
}

/* --- Everything
 * ------------------------------------------------------------------------------------- */

static unsigned alter_table(const struct table *table)
{
    unsigned count = empty_table(table);
    int64_t step = everything() || table->rows <= LONG_TABLE ? 1 : table->rows / LONG_TABLE;
    for (int64_t row = 0; row < table->rows; row += step)
        count += alter_row(table, row) + delete_row(table, row) + exchange_rows(table, row) +
                 double_row(table, row);
    return count + delete_row(table, table->rows - 1);
}

static void every_value_and_row(void)
{
    struct table tables[40];
    size_t count = read_tables(tables, 40);
    unsigned faults = 0;
    for (size_t i = 0; i < count; i++)
        faults += alter_table(&tables[i]);
    printf(" (%zu tables, %u faults) ", count, faults);
}

/* What is derived is made anew, and told apart. */
static void rebuild_mends_projections(void)
{
    const struct loyalty_options options = {.size = sizeof options,
                                            .key_path = full_ledger()->key_path};
    struct table tables[40];
    size_t count = read_tables(tables, 40);
    for (size_t i = 0; i < count; i++) {
        char text[128], words[128];
        char *answer = NULL;
        loyalty *ledger = NULL;
        const struct promise *promise = promise_of(tables[i].name, NULL);
        if (promise->witness != AUDIT || !is_projection(tables[i].name))
            continue;
        snprintf(text, sizeof text, "DELETE FROM \"%.31s\"", tables[i].name);
        do_it(target(), tables[i].name, text);
        snprintf(words, sizeof words, "{\"name\":\"%.31s\",\"rows\":%lld,\"equal\":false}",
                 tables[i].name, (long long)tables[i].rows);
        must(loyalty_open(&ledger, target(), &options, &answer), &answer);
        CU_ASSERT_EQUAL(run_on(ledger, "{\"op\":\"rebuild\"}", &answer), LOYALTY_OK);
        if (!answer_has(answer, words))
            printf("\n    %s, rebuilt: %s\n", tables[i].name, answer);
        CU_ASSERT_TRUE(answer_has(answer, words));
        loyalty_free(answer);
        CU_ASSERT_EQUAL(run_on(ledger, "{\"op\":\"audit\"}", &answer), LOYALTY_OK);
        loyalty_free(answer);
        loyalty_close(ledger);
    }
}

static void expect_since(const char *what, bool holds)
{
    loyalty_status status;
    bool opened;
    char *request = with_string("verify", "since", full_ledger()->anchor, NULL);
    char *answer = asked_of(request, &status, &opened);
    bool good = holds ? status == LOYALTY_OK
                      : status == LOYALTY_NOT_VERIFIED &&
                            answer_has(answer, "are not those that the checkpoint vouches for");
    if (!good)
        printf("\n    %s, since: %d: %s\n", what, status, answer);
    CU_ASSERT_TRUE(good);
    loyalty_free(answer);
    free(request);
}

/* Since a checkpoint the stored root stands for a tile's old records, as promised: it
 * must be the one that was signed, and they are not read. */
static void since_trusts_no_tile(void)
{
    CU_ASSERT_TRUE(do_it(target(), "tile", "UPDATE tile SET root = wrong(root, 7)"));
    expect_since("a tile altered", false);
    CU_ASSERT_TRUE(do_it(target(), "record",
                         "UPDATE record SET head = wrong(head, 9)"
                         " WHERE seq = (SELECT size - 1 FROM tip)"));
    loyalty_status status;
    bool opened;
    char *request = with_string("verify", "since", full_ledger()->anchor, NULL);
    char *answer = asked_of(request, &status, &opened);
    CU_ASSERT_EQUAL(status, LOYALTY_NOT_VERIFIED);
    loyalty_free(answer);
    free(request);
    CU_ASSERT_TRUE(
        do_it(target(), "record", "UPDATE record SET head = wrong(head, 9) WHERE seq = 7"));
    expect_since("an old record altered", true);
    request = with_string("verify", "anchor", full_ledger()->anchor, NULL);
    answer = asked_of(request, &status, &opened);
    CU_ASSERT_TRUE(status == LOYALTY_NOT_VERIFIED && answer_has(answer, "record 7:"));
    loyalty_free(answer);
    free(request);
}

static void every_kind_is_there(void)
{
    sqlite3 *db = NULL;
    if (sqlite3_open(full_ledger()->path, &db) != SQLITE_OK)
        abort();
#define X(code, name, origin)                                                                      \
    /* No list of requests makes a copy that has lost records: a recovery is fork.scn's. */        \
    if (RECORD_##code != RECORD_RECOVER &&                                                         \
        sql_number(db, "SELECT count(*) FROM record WHERE head->>'op' = '" name "'") == 0) {       \
        printf("\n    no %s: add a request that makes one to every_kind.jsonl\n", name);           \
        CU_FAIL("a kind of record is not there");                                                  \
    }
    RECORD_TABLE(X)
#undef X
    sqlite3_close(db);
}

static const struct test_case cases[] = {
    {"every kind is there", every_kind_is_there},
    {"every value and row", every_value_and_row},
    {"rebuild mends projections", rebuild_mends_projections},
    {"since trusts no tile", since_trusts_no_tile},
    {NULL, NULL},
};
const struct test_suite test_suites[] = {{"every value", cases}, {NULL, NULL}};
