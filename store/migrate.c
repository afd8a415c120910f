/* Migrations: how a schema comes to be, the same steps for a new file and for
 * an old one, so that both end equal. Each is applied once, in order, inside one
 * transaction, and leaves its number and hash in the table `migration`.
 *
 * The hashes are compared where time does not matter (upgrading, the integrity
 * check); opening looks only at the number. */
#include <string.h>

#include "connection.h"
#include "migrations.h"

static bool remember(struct store *store, const struct migration *migration, struct error *error)
{
    sqlite3_stmt *statement = NULL;
    int code = sqlite3_prepare_v3(store->db,
                                  "INSERT INTO migration (version, name, sha256) VALUES (?, ?, ?)",
                                  -1, 0, &statement, NULL);
    if (code != SQLITE_OK)
        return store_fault(store, code, error);
    sqlite3_bind_int64(statement, 1, migration->version);
    bind_text(statement, 2, text_of(migration->name));
    bind_text(statement, 3, text_of(migration->sha256));
    bool good = store_run(store, statement, error);
    sqlite3_finalize(statement);
    return good;
}

bool store_migrate(struct store *store, unsigned from, unsigned to, struct error *error)
{
    for (unsigned version = from + 1; version <= to; version++) {
        const struct migration *migration = &migrations[version - 1];
        if (!store_execute(store, (const char *)migration->sql, error) ||
            !remember(store, migration, error))
            return false;
    }
    char number[48];
    sqlite3_snprintf(sizeof number, number, "PRAGMA user_version=%u", to);
    return store_execute(store, number, error);
}

/* Rows of `migration` against what this program has; *known counts the equal ones. */
static bool compare(struct store *store, unsigned version, unsigned *known, struct error *error)
{
    sqlite3_stmt *statement = NULL;
    int code = sqlite3_prepare_v3(store->db, "SELECT version, sha256 FROM migration", -1, 0,
                                  &statement, NULL);
    if (code != SQLITE_OK)
        return store_fault(store, code, error);
    bool row, good;
    while ((good = store_step(store, statement, &row, error)) && row) {
        int64_t number = sqlite3_column_int64(statement, 0);
        if (number >= 1 && number <= version && number <= migration_count &&
            text_equal(column_text(statement, 1), text_of(migrations[number - 1].sha256)))
            ++*known;
    }
    sqlite3_finalize(statement);
    return good;
}

bool store_check_migrations(struct store *store, unsigned version, struct error *error)
{
    unsigned known = 0;
    if (!compare(store, version, &known, error))
        return false;
    if (known == version)
        return true;
    fail(error, ERROR_CORRUPT,
         _("the schema of '%s' was not made by this program: %u of its %u migrations are known"),
         store->path, known, version);
    return hint(error, _("use the version of the program that made it, or restore a backup"));
}

/* Foreign keys rest while tables may be rebuilt, so look at all of them after. */
static bool check_references(struct store *store, struct error *error)
{
    int64_t orphans = 0;
    if (!store_integer(store, "SELECT count(*) FROM pragma_foreign_key_check", &orphans, error))
        return false;
    return orphans == 0 || fail(error, ERROR_CORRUPT, _("'%s' has %lld rows without their record"),
                                store->path, (long long)orphans);
}

/* The version is read again under the lock: another process may have been first. */
static bool upgrade_locked(struct store *store, struct error *error)
{
    int64_t version = 0;
    return store_integer(store, "PRAGMA user_version", &version, error) &&
           (version >= store_schema_current() ||
            (store_migrate(store, (unsigned)version, store_schema_current(), error) &&
             check_references(store, error)));
}

static bool upgrade(struct store *store, struct error *error)
{
    store->migrating = true;
    sqlite3_db_config(store->db, SQLITE_DBCONFIG_ENABLE_FKEY, 0, NULL);
    bool good = store_begin_write(store, error) && upgrade_locked(store, error) &&
                store_commit(store, error);
    store_rollback(store);
    return good;
}

bool store_upgrade(const char *path, const char *backup_path, unsigned *from, struct error *error)
{
    struct store *store;
    enum { PATIENCE = 10000 }; /* milliseconds: nobody waits at a till for this */
    if (!store_open_any(&store, path, STORE_WRITE, PATIENCE, from, error))
        return false;
    bool good;
    if (*from > store_schema_current())
        good = store_check_version(store, *from, error);
    else
        good = store_check_migrations(store, *from, error) &&
               (*from == store_schema_current() ||
                (store_backup(store, backup_path, NULL, NULL, error) && upgrade(store, error)));
    store_close(store);
    return good;
}
