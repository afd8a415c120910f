/* Rows of C into SQL, see feed.h: bound to parameters, or shown as the virtual
 * table `given`, which knows only full scans from first to last. */
#include "feed.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "connection.h"

struct given {
    sqlite3_vtab base; /* first: SQLite sees only this */
    const struct feed *feed;
};
struct cursor {
    sqlite3_vtab_cursor base; /* first */
    const struct feed *feed;
    size_t next;
};

static int given_connect(sqlite3 *db, void *feed, int argc, const char *const *argv,
                         sqlite3_vtab **out, char **message)
{
    (void)argc, (void)argv, (void)message;
    int code = sqlite3_declare_vtab(db, "CREATE TABLE given (a, b, c, d, e, f, g, h, i, j, k)");
    if (code != SQLITE_OK)
        return code;
    struct given *given = memory_allocate(sizeof *given);
    given->feed = feed;
    *out = &given->base;
    return SQLITE_OK;
}

static int given_disconnect(sqlite3_vtab *table)
{
    free(table);
    return SQLITE_OK;
}

static int given_plan(sqlite3_vtab *table, sqlite3_index_info *info)
{
    (void)table;
    info->estimatedCost = 1000;
    info->estimatedRows = 1000;
    return SQLITE_OK;
}

static int given_open(sqlite3_vtab *table, sqlite3_vtab_cursor **out)
{
    struct cursor *cursor = memory_allocate(sizeof *cursor);
    cursor->feed = ((struct given *)table)->feed;
    *out = &cursor->base;
    return SQLITE_OK;
}

static int given_close(sqlite3_vtab_cursor *base)
{
    free(base);
    return SQLITE_OK;
}

static int given_first(sqlite3_vtab_cursor *base, int plan, const char *text, int argc,
                       sqlite3_value **argv)
{
    (void)plan, (void)text, (void)argc, (void)argv;
    ((struct cursor *)base)->next = 0;
    return SQLITE_OK;
}

static int given_next(sqlite3_vtab_cursor *base)
{
    ((struct cursor *)base)->next++;
    return SQLITE_OK;
}

static int given_end(sqlite3_vtab_cursor *base)
{
    const struct cursor *cursor = (const struct cursor *)base;
    return cursor->next >= cursor->feed->count;
}

static int given_column(sqlite3_vtab_cursor *base, sqlite3_context *context, int index)
{
    const struct cursor *cursor = (const struct cursor *)base;
    const struct feed *feed = cursor->feed;
    const struct feed_column *column = &feed->columns[index];
    const char *value = feed->rows + cursor->next * feed->size + column->offset;
    int64_t number;
    struct text text;
    switch (column->kind) {
    case FEED_ZERO:
        sqlite3_result_int64(context, 0);
        break;
    case FEED_NUMBER:
        memcpy(&number, value, sizeof number);
        sqlite3_result_int64(context, number);
        break;
    case FEED_TEXT:
        memcpy(&text, value, sizeof text);
        sqlite3_result_text64(context, text.length > 0 ? text.bytes : "", text.length,
                              SQLITE_STATIC, SQLITE_UTF8);
        break;
    case FEED_BYTES:
        memcpy(&text, value, sizeof text);
        sqlite3_result_blob64(context, text.length > 0 ? text.bytes : "", text.length,
                              SQLITE_STATIC);
        break;
    case FEED_KEY:
        sqlite3_result_blob64(context, value, KEY_HASH_BYTES, SQLITE_STATIC);
        break;
    case FEED_HASH:
        sqlite3_result_blob64(context, value, STORE_HASH, SQLITE_STATIC);
        break;
    }
    return SQLITE_OK;
}

void feed_bind(sqlite3_stmt *statement, int parameter, const struct feed_column *column,
               const void *row)
{
    const char *value = (const char *)row + column->offset;
    int64_t number;
    struct text text;
    switch (column->kind) {
    case FEED_ZERO:
        sqlite3_bind_int64(statement, parameter, 0);
        break;
    case FEED_NUMBER:
        memcpy(&number, value, sizeof number);
        sqlite3_bind_int64(statement, parameter, number);
        break;
    case FEED_TEXT:
        memcpy(&text, value, sizeof text);
        bind_text(statement, parameter, text);
        break;
    case FEED_BYTES:
        memcpy(&text, value, sizeof text);
        bind_blob(statement, parameter, text.length > 0 ? text.bytes : "", text.length);
        break;
    case FEED_KEY:
        bind_blob(statement, parameter, value, KEY_HASH_BYTES);
        break;
    case FEED_HASH:
        bind_blob(statement, parameter, value, STORE_HASH);
        break;
    }
}

static int given_rowid(sqlite3_vtab_cursor *base, sqlite3_int64 *rowid)
{
    *rowid = (sqlite3_int64)((struct cursor *)base)->next;
    return SQLITE_OK;
}

int feed_register(sqlite3 *db, struct feed *feed)
{
    static const sqlite3_module module = {
        .xConnect = given_connect, /* and no xCreate: the table is simply there */
        .xDisconnect = given_disconnect,
        .xBestIndex = given_plan,
        .xOpen = given_open,
        .xClose = given_close,
        .xFilter = given_first,
        .xNext = given_next,
        .xEof = given_end,
        .xColumn = given_column,
        .xRowid = given_rowid,
    };
    return sqlite3_create_module(db, "given", &module, feed);
}
