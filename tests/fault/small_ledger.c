/* See small_ledger.h. */
#include "small_ledger.h"

#include <cjson/cJSON.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "suite.h"

/* --- Files ------------------------------------------------------------------------ */

static char folder[256];

static void remove_folder(void)
{
    char command[300];
    snprintf(command, sizeof command, "rm -rf '%s'", folder);
    if (system(command) != 0)
        fprintf(stderr, "'%s' is left behind\n", folder);
}

const char *folder_path(const char *name)
{
    static char paths[16][512];
    static unsigned next;
    if (folder[0] == '\0') {
        const char *base = getenv("TMPDIR");
        snprintf(folder, sizeof folder, "%s/loyalty-fault-XXXXXX", base != NULL ? base : "/tmp");
        if (mkdtemp(folder) == NULL)
            abort();
        atexit(remove_folder);
    }
    char *path = paths[next++ % 16];
    snprintf(path, 512, "%s/%s", folder, name);
    return path;
}

void copy_file(const char *from, const char *to)
{
    size_t length = 0;
    char *bytes = test_read_file(from, &length);
    FILE *file = fopen(to, "wb");
    if (bytes == NULL || file == NULL || fwrite(bytes, 1, length, file) != length ||
        fclose(file) != 0)
        abort();
    free(bytes);
}

void remove_database(const char *path)
{
    static const char *const endings[] = {"", "-wal", "-shm", "-journal"};
    char name[600];
    for (size_t i = 0; i < sizeof endings / sizeof *endings; i++) {
        snprintf(name, sizeof name, "%s%s", path, endings[i]);
        unlink(name);
    }
}

/* --- Asking ------------------------------------------------------------------------ */

loyalty_status send(const char *path, const char *request, char **answer)
{
    loyalty *ledger = NULL;
    loyalty_status status = loyalty_open(&ledger, path, NULL, answer);
    if (status == LOYALTY_OK)
        status = loyalty_execute(ledger, &request, 1, answer);
    loyalty_close(ledger);
    return status;
}

loyalty_status run_on(loyalty *ledger, const char *request, char **answer)
{
    const struct loyalty_io nothing = {0};
    return loyalty_run(ledger, request, &nothing, answer);
}

loyalty_status verify_file(const char *path, const char *more, char **answer)
{
    const struct loyalty_options options = {.size = sizeof options, .read_only = 1};
    char request[2048];
    loyalty *ledger = NULL;
    snprintf(request, sizeof request, "{\"op\":\"verify\"%s}", more);
    loyalty_status status = loyalty_open(&ledger, path, &options, answer);
    if (status == LOYALTY_OK)
        status = run_on(ledger, request, answer);
    loyalty_close(ledger);
    return status;
}

bool answer_has(const char *answer, const char *words)
{
    return answer != NULL && strstr(answer, words) != NULL;
}

struct growing {
    char *bytes;
    size_t length, capacity;
};

static int grow(void *context, const char *bytes, size_t length)
{
    struct growing *text = context;
    if (text->length + length + 1 > text->capacity) {
        text->capacity = 2 * (text->length + length) + 65536;
        text->bytes = realloc(text->bytes, text->capacity);
        if (text->bytes == NULL)
            abort();
    }
    memcpy(text->bytes + text->length, bytes, length);
    text->length += length;
    text->bytes[text->length] = '\0';
    return 0;
}

char *export_of(const char *path)
{
    const struct loyalty_options options = {.size = sizeof options, .read_only = 1};
    struct growing text = {0};
    struct loyalty_io io = {.context = &text, .write = grow};
    loyalty *ledger = NULL;
    char *answer = NULL;
    loyalty_status status = loyalty_open(&ledger, path, &options, &answer);
    if (status == LOYALTY_OK)
        status = loyalty_run(ledger, "{\"op\":\"export\"}", &io, &answer);
    loyalty_close(ledger);
    loyalty_free(answer);
    if (status == LOYALTY_OK)
        return text.bytes;
    free(text.bytes);
    return NULL;
}

/* --- Making it ----------------------------------------------------------------------- */

#define PROGRAMME                                                                                  \
    "{\"loyalty\":1,\"id\":\"shop\",\"timezone\":\"Etc/UTC\",\"currency\":\"GBP\","                \
    "\"receipts\":{\"late\":\"P30D\"},"                                                            \
    "\"points\":{\"point\":{\"expires\":{\"after\":\"P1Y\",\"at\":\"end_of_month\"}}},"            \
    "\"earn\":[{\"id\":\"base\",\"per\":\"%s\",\"gives\":{\"point\":1},\"rounding\":\"carry\"}]}"

static const char history[] = "receipt,member,time,sku,quantity,amount\n"
                              "1,1,2024-01-05T10:00:00Z,tea,1,12.34\n"
                              "2,2,2024-02-05T10:00:00Z,tea,2,20.50\n"
                              "R3,2,2024-02-09T10:00:00Z,tea,-1,-10.25\n";
static const char mapping[] =
    "{\"encoding\":\"utf-8\",\"columns\":{\"receipt\":\"receipt\",\"member\":\"member\","
    "\"time\":\"time\",\"sku\":\"sku\",\"quantity\":\"quantity\",\"amount\":\"amount\"},"
    "\"time_format\":\"%Y-%m-%dT%H:%M:%SZ\",\"returns\":{\"receipt_prefix\":\"R\"}}";

/* Commits, each a list of requests; "" ends a commit. */
#define AT(time) "\"now\":\"" time "T12:00:00Z\""
static const char *const commits[] = {
    "{\"op\":\"member.add\",\"identifiers\":[\"card:9\",\"phone:+447700900123\"],"
    "\"text\":\"at the counter\"," AT("2024-03-01") "}",
    "{\"op\":\"member.link\",\"member\":\"card:9\",\"identifiers\":[\"card:10\"]," AT(
        "2024-03-01") "}",
    "{\"op\":\"member.unlink\",\"member\":\"card:9\",\"identifiers\":[\"card:10\"]," AT(
        "2024-03-01") "}",
    "",
    "{\"op\":\"purchase\",\"member\":\"card:9\",\"receipt\":\"L1\",\"amount\":\"58.10\",\"lines\":"
    "[{\"sku\":\"a\",\"amount\":\"50.00\"},{\"sku\":\"b\",\"quantity\":\"2\",\"amount\":\"8.10\"}],"
    "\"store\":\"S1\",\"till\":\"T1\"," AT("2024-03-02") "}",
    "",
    "{\"op\":\"return\",\"of\":\"L1\",\"ref\":\"r1\",\"lines\":[{\"line\":2,\"quantity\":\"1\"}]"
    "," AT("2024-03-03") "}",
    "{\"op\":\"redeem\",\"member\":\"card:9\",\"ref\":\"x1\",\"points\":7," AT("2024-03-03") "}",
    "",
    "{\"op\":\"cancel\",\"of\":\"x1\",\"ref\":\"x2\"," AT("2024-03-04") "}",
    "",
    "{\"op\":\"adjust\",\"member\":\"card:1\",\"ref\":\"j1\",\"points\":5,\"reason\":\"sorry\"," AT(
        "2024-03-05") "}",
    "",
    "2.00",
    "{\"op\":\"purchase\",\"member\":\"card:9\",\"receipt\":\"L2\",\"amount\":\"9.99\"," AT(
        "2026-01-02") "}",
    "",
};

struct source {
    const char *text;
    size_t length, next;
};

static int64_t give(void *context, char *bytes, size_t capacity)
{
    struct source *source = context;
    size_t count = source->length - source->next;
    if (count > capacity)
        count = capacity;
    memcpy(bytes, source->text + source->next, count);
    source->next += count;
    return (int64_t)count;
}

void must(loyalty_status status, char **answer)
{
    if (status != LOYALTY_OK) {
        printf("\n    making a ledger: %s\n", *answer);
        abort();
    }
    loyalty_free(*answer);
    *answer = NULL;
}

char *with_string(const char *op, const char *name, const char *text, const char *now)
{
    cJSON *object = cJSON_CreateObject();
    cJSON_AddStringToObject(object, "op", op);
    cJSON_AddStringToObject(object, name, text);
    if (strcmp(op, "init") == 0)
        cJSON_AddTrueToObject(object, "test");
    if (now != NULL)
        cJSON_AddStringToObject(object, "now", now);
    char *request = cJSON_PrintUnformatted(object);
    cJSON_Delete(object);
    return request;
}

static void make_first(const char *path)
{
    /* 2024-01-01 */
    const struct loyalty_options options = {.size = sizeof options, .test_now = 1704067200000};
    char document[1024], *answer = NULL;
    snprintf(document, sizeof document, PROGRAMME, "1.00");
    char *request = with_string("init", "programme", document, NULL);
    must(loyalty_init(path, &options, request, &answer), &answer);
    free(request);
}

void import_history(loyalty *ledger, const char *csv)
{
    struct source source = {csv, strlen(csv), 0};
    const struct loyalty_io io = {.context = &source, .read = give};
    char request[1024], *answer = NULL;
    snprintf(request, sizeof request, "{\"op\":\"import\",\"history\":true,\"mapping\":%s}",
             mapping);
    must(loyalty_run(ledger, request, &io, &answer), &answer);
}

static void commit(loyalty *ledger, const char *const requests[], size_t count)
{
    char *answers[8] = {NULL};
    loyalty_status status = loyalty_execute(ledger, requests, count, answers);
    for (size_t i = 0; i < count; i++)
        must(answer_has(answers[i], "\"ok\":true") ? LOYALTY_OK : status, &answers[i]);
}

static void make_commits(loyalty *ledger)
{
    const char *waiting[8];
    size_t count = 0;
    for (size_t i = 0; i < sizeof commits / sizeof *commits; i++) {
        if (commits[i][0] == '{') {
            waiting[count++] = commits[i];
        } else if (commits[i][0] == '\0') {
            commit(ledger, waiting, count);
            count = 0;
        } else {
            char document[1024];
            snprintf(document, sizeof document, PROGRAMME, commits[i]);
            char *request =
                with_string("programme.apply", "programme", document, "2026-01-01T12:00:00Z");
            commit(ledger, (const char *const[]){request}, 1);
            free(request);
        }
    }
}

static struct {
    const char *path;
    char anchor[1024];
    int records, anchor_size;
} made;

static void keep_anchor(loyalty *ledger)
{
    const char *request = "{\"op\":\"checkpoint\"}";
    char *answer = NULL;
    if (loyalty_execute(ledger, &request, 1, &answer) != LOYALTY_OK)
        must(LOYALTY_FAULT, &answer);
    cJSON *object = cJSON_Parse(answer);
    const char *note = cJSON_GetObjectItem(object, "note")->valuestring;
    snprintf(made.anchor, sizeof made.anchor, "%s", note);
    made.anchor_size = cJSON_GetObjectItem(object, "size")->valueint;
    cJSON_Delete(object);
    loyalty_free(answer);
}

static void make(void)
{
    static char path[512];
    loyalty *ledger = NULL;
    char *answer = NULL;
    snprintf(path, sizeof path, "%s", folder_path("small.db"));
    make_first(path);
    must(loyalty_open(&ledger, path, NULL, &answer), &answer);
    import_history(ledger, history);
    keep_anchor(ledger);
    make_commits(ledger);
    loyalty_close(ledger);
    made.path = path;
    sqlite3 *db = NULL;
    if (sqlite3_open(path, &db) != SQLITE_OK)
        abort();
    made.records = (int)sql_number(db, "SELECT count(*) FROM record");
    sqlite3_close(db);
}

const char *small_ledger(void)
{
    if (made.path == NULL)
        make();
    return made.path;
}

int small_ledger_records(void)
{
    small_ledger();
    return made.records;
}

const char *small_ledger_anchor(void)
{
    small_ledger();
    return made.anchor;
}

int small_ledger_anchor_size(void)
{
    small_ledger();
    return made.anchor_size;
}

/* --- Breaking it ---------------------------------------------------------------------- */

void sql(sqlite3 *db, const char *text)
{
    char *message = NULL;
    if (sqlite3_exec(db, text, NULL, NULL, &message) != SQLITE_OK) {
        printf("\n    %s: %s\n", text, message);
        CU_FAIL("SQL");
    }
    sqlite3_free(message);
}

int64_t sql_number(sqlite3 *db, const char *text)
{
    sqlite3_stmt *statement = NULL;
    if (sqlite3_prepare_v2(db, text, -1, &statement, NULL) != SQLITE_OK ||
        sqlite3_step(statement) != SQLITE_ROW) {
        printf("\n    %s: %s\n", text, sqlite3_errmsg(db));
        abort();
    }
    int64_t number = sqlite3_column_int64(statement, 0);
    sqlite3_finalize(statement);
    return number;
}

struct broken broken_open(const char *name)
{
    const struct loyalty_options options = {.size = sizeof options, .read_only = 1};
    struct broken broken = {.path = folder_path(name)};
    char *answer = NULL;
    small_ledger();
    remove_database(broken.path);
    copy_file(made.path, broken.path);
    if (sqlite3_open(broken.path, &broken.db) != SQLITE_OK)
        abort();
    sql(broken.db, "PRAGMA synchronous=OFF; PRAGMA foreign_keys=OFF;"
                   "DROP TRIGGER record_update; DROP TRIGGER record_delete;"
                   "DROP TRIGGER checkpoint_update; DROP TRIGGER checkpoint_delete;"
                   "DROP TRIGGER body_update; DROP TRIGGER body_delete;"
                   "DROP TRIGGER secret_update; DROP TRIGGER secret_delete;");
    must(loyalty_open(&broken.reader, broken.path, &options, &answer), &answer);
    return broken;
}

void broken_close(struct broken *broken)
{
    loyalty_close(broken->reader);
    sqlite3_close(broken->db);
    remove_database(broken->path);
}

uint32_t chance(uint32_t *state)
{
    *state ^= *state << 13;
    *state ^= *state >> 17;
    *state ^= *state << 5;
    return *state;
}
