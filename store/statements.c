/* Statements: prepared at first use, kept, run; and what SQLite reports turned
 * into errors that say which file and what to do. Transactions live here too,
 * being four statements.
 *
 * Preparing costs 10 to 30 us, so a till that records one purchase prepares the
 * dozen statements it needs and not the fifty there are. */
#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

#include "connection.h"

static const char *const sql_of[] = {
#define X(name, sql) [STATEMENT_##name] = sql,
    STATEMENT_TABLE(X)
#undef X
};
static_assert(sizeof sql_of / sizeof *sql_of == STATEMENT_COUNT, "one text per statement");

static bool fault_of_system(int number, const char *path, const char *said, struct error *error)
{
    if (number == ENOENT && access(path, F_OK) == 0)
        number = EACCES; /* it is there: what SQLite keeps beside it cannot be made */
    switch (number) {
    case ENOSPC:
    case EDQUOT:
        fail(error, ERROR_DISK_FULL, _("no space left for '%s'"), path);
        return hint(error, _("nothing of this commit was written; free some space and try again"));
    case ENOENT:
        return fail(error, ERROR_NO_FILE, _("unable to open '%s': no such file"), path);
    case EACCES:
    case EPERM:
    case EROFS:
        fail(error, ERROR_READ_ONLY, _("unable to open or write '%s': permission denied"), path);
        return hint(error, _("the database and its folder must be writable, for readers too"));
    default:
        fail(error, ERROR_IO, _("unable to read or write '%s': %s"), path, said);
        return hint(error, _("nothing of this commit was written; check the disk"));
    }
}

bool store_fault_of(sqlite3 *db, const char *path, int code, struct error *error)
{
    const char *said = db != NULL ? sqlite3_errmsg(db) : sqlite3_errstr(code);
    int number = db != NULL ? sqlite3_system_errno(db) : 0;
    switch (code & 0xff) {
    case SQLITE_FULL:
        return fault_of_system(ENOSPC, path, said, error);
    case SQLITE_IOERR: /* by now errno may be that of another call; these two are believed */
        return fault_of_system(number == ENOSPC || number == EDQUOT ? number : EIO, path, said,
                               error);
    case SQLITE_CANTOPEN: /* the database is there: the log beside it cannot be made */
        if (number == ENOENT && access(path, F_OK) == 0)
            number = EROFS;
        return fault_of_system(number, path, said, error);
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
    case SQLITE_PROTOCOL:
        fail(error, ERROR_BUSY, _("'%s' is in use by another process"), path);
        return hint(error, _("nothing was written; try again"));
    case SQLITE_READONLY:
    case SQLITE_PERM:
        return fault_of_system(EACCES, path, said, error);
    case SQLITE_NOTADB:
        fail(error, ERROR_NOT_A_LEDGER, _("'%s' is not a ledger: it is no database"), path);
        return hint(error, _("name the file that `loyalty init` made"));
    case SQLITE_CORRUPT:
        fail(error, ERROR_CORRUPT, _("'%s' is damaged: %s"), path, said);
        return hint(error, _("keep the file, and restore the last backup beside it"));
    case SQLITE_CONSTRAINT:
        return fail(error, ERROR_INVARIANT, _("refused by the database '%s': %s"), path, said);
    case SQLITE_AUTH:
        return fail(error, ERROR_INVARIANT, _("facts and schema of '%s' are never changed: %s"),
                    path, said);
    case SQLITE_INTERRUPT:
        return fail(error, ERROR_INTERRUPTED, _("interrupted while using '%s'"), path);
    default:
        return fail(error, ERROR_DATABASE, _("fault in the database '%s': %s (%d)"), path, said,
                    code);
    }
}

bool store_fault(struct store *store, int code, struct error *error)
{
    return store_fault_of(store->db, store->path, code, error);
}

bool store_prepare(struct store *store, const char *sql, sqlite3_stmt **slot, struct error *error)
{
    if (*slot != NULL)
        return true;
    int code = sqlite3_prepare_v3(store->db, sql, -1, SQLITE_PREPARE_PERSISTENT, slot, NULL);
    return code == SQLITE_OK || store_fault(store, code, error);
}

sqlite3_stmt *store_statement(struct store *store, enum statement which, struct error *error)
{
    sqlite3_stmt **slot = &store->statements[which];
    return store_prepare(store, sql_of[which], slot, error) ? *slot : NULL;
}

bool store_step(struct store *store, sqlite3_stmt *statement, bool *row, struct error *error)
{
    int code = sqlite3_step(statement);
    *row = code == SQLITE_ROW;
    if (code == SQLITE_ROW)
        return true;
    if (code != SQLITE_DONE)
        store_fault(store, code, error); /* before the reset, which may change the message */
    sqlite3_reset(statement);
    return code == SQLITE_DONE;
}

bool store_run(struct store *store, sqlite3_stmt *statement, struct error *error)
{
    bool row;
    if (!store_step(store, statement, &row, error))
        return false;
    assert(!row);
    return true;
}

bool store_execute(struct store *store, const char *sql, struct error *error)
{
    int code = sqlite3_exec(store->db, sql, NULL, NULL, NULL);
    return code == SQLITE_OK || store_fault(store, code, error);
}

bool store_integer(struct store *store, const char *sql, int64_t *value, struct error *error)
{
    sqlite3_stmt *statement = NULL;
    int code = sqlite3_prepare_v3(store->db, sql, -1, 0, &statement, NULL);
    if (code != SQLITE_OK)
        return store_fault(store, code, error);
    bool row;
    bool good = store_step(store, statement, &row, error);
    *value = good && row ? sqlite3_column_int64(statement, 0) : 0;
    sqlite3_finalize(statement);
    return good;
}

struct text column_text(sqlite3_stmt *statement, int column)
{
    const void *bytes = sqlite3_column_blob(statement, column);
    struct text text = {bytes, (size_t)sqlite3_column_bytes(statement, column)};
    return text;
}

void bind_text(sqlite3_stmt *statement, int parameter, struct text text)
{
    int code = sqlite3_bind_text64(statement, parameter, text.length == 0 ? "" : text.bytes,
                                   text.length, SQLITE_STATIC, SQLITE_UTF8);
    assert(code == SQLITE_OK);
    (void)code;
}

void bind_blob(sqlite3_stmt *statement, int parameter, const void *bytes, size_t length)
{
    int code = sqlite3_bind_blob64(statement, parameter, bytes, length, SQLITE_STATIC);
    assert(code == SQLITE_OK);
    (void)code;
}

/* --- Transactions -------------------------------------------------------- */

static bool run(struct store *store, enum statement which, struct error *error)
{
    sqlite3_stmt *statement = store_statement(store, which, error);
    return statement != NULL && store_run(store, statement, error);
}

bool store_begin_write(struct store *store, struct error *error)
{
    if (store->mode == STORE_READ)
        return fail(error, ERROR_READ_ONLY, _("'%s' was opened for reading only"), store->path);
    return run(store, STATEMENT_BEGIN_WRITE, error);
}

bool store_begin_read(struct store *store, struct error *error)
{
    return run(store, STATEMENT_BEGIN_READ, error);
}

bool store_commit(struct store *store, struct error *error)
{
    if (run(store, STATEMENT_COMMIT, error))
        return true;
    store_rollback(store);
    return false;
}

/* Pages in the write-ahead log before they are moved to where they belong. */
enum { PAGES_USUALLY = 1000, PAGES_IN_BULK = 12000 };

void store_in_bulk(struct store *store, bool bulk)
{
    sqlite3_wal_autocheckpoint(store->db, bulk ? PAGES_IN_BULK : PAGES_USUALLY);
}

void store_rollback(struct store *store)
{
    struct error ignored = {0};
    /* SQLite itself rolls back after some faults, a full disk among them. */
    if (!sqlite3_get_autocommit(store->db))
        run(store, STATEMENT_ROLLBACK, &ignored);
}
