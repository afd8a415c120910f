/* Opening: a path becomes a connection that is known to be a ledger, guarded,
 * durable and small; or an error that says what the file is instead.
 *
 * Every command pays for this, so there is as little of it as can be: one
 * sqlite3_open, two numbers from the header, one line of pragmas. What the file
 * keeps by itself (WAL, page size, application id) is set only at creation.
 *
 * The guard is SQLite's authorizer: asked while a statement is prepared, never
 * while it runs, it lets no statement of this process change a fact or the
 * schema, whoever wrote that statement. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "connection.h"
#include "migrations.h"
#include "whole_file.h"

unsigned store_schema_current(void)
{
    return migration_count;
}

/* --- Files --------------------------------------------------------------- */

bool store_create_file(const char *path, struct error *error)
{
    int descriptor = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (descriptor >= 0) {
        close(descriptor);
        return true;
    }
    int number = errno;
    switch (number) {
    case EEXIST:
        fail(error, ERROR_EXISTS, _("'%s' exists already"), path);
        return hint(error, _("name another file; an existing one is never overwritten"));
    case ENOENT:
    case ENOTDIR:
        return fail(error, ERROR_NO_FILE, _("unable to create '%s': no such folder"), path);
    case EACCES:
    case EPERM:
    case EROFS:
        return fail(error, ERROR_READ_ONLY, _("unable to create '%s': the folder is not writable"),
                    path);
    case ENOSPC:
    case EDQUOT:
        return fail(error, ERROR_DISK_FULL, _("unable to create '%s': no space left"), path);
    default:
        return fail(error, ERROR_IO, _("unable to create '%s': %s"), path, strerror(number));
    }
}

static char *joined(const char *first, const char *second)
{
    size_t a = strlen(first), b = strlen(second);
    char *whole = memory_allocate(a + b + 1);
    memcpy(whole, first, a);
    memcpy(whole + a, second, b);
    return whole;
}

void store_remove_file(const char *path)
{
    static const char *const beside[] = {"-wal", "-shm", "-journal", ""};
    for (size_t i = 0; i < sizeof beside / sizeof *beside; i++) {
        char *name = joined(path, beside[i]);
        unlink(name);
        free(name);
    }
}

static bool check_file(const char *path, struct error *error)
{
    struct stat status;
    if (stat(path, &status) != 0) {
        int number = errno;
        if (number == ENOENT || number == ENOTDIR) {
            fail(error, ERROR_NO_FILE, _("unable to open '%s': no such file"), path);
            return hint(error, _("make a ledger with `loyalty init`, or name one with --db"));
        }
        return fail(error, number == EACCES ? ERROR_READ_ONLY : ERROR_IO,
                    _("unable to open '%s': %s"), path, strerror(number));
    }
    if (S_ISDIR(status.st_mode))
        return fail(error, ERROR_NOT_A_LEDGER, _("'%s' is not a ledger: it is a folder"), path);
    if (!S_ISREG(status.st_mode))
        return fail(error, ERROR_NOT_A_LEDGER, _("'%s' is not a ledger: it is no file"), path);
    if (status.st_size == 0)
        return fail(error, ERROR_NOT_A_LEDGER, _("'%s' is not a ledger: it is empty"), path);
    return true;
}

/* --- The guard ----------------------------------------------------------- */

static bool is_fact(const char *table)
{
    return strcmp(table, "record") == 0 || strcmp(table, "checkpoint") == 0 ||
           strcmp(table, "cosignature") == 0 || strcmp(table, "migration") == 0;
}

/* What is erased is overwritten by one verb, and the secret by none. */
static bool is_kept(const char *table)
{
    return strcmp(table, "body") == 0 || strcmp(table, "secret") == 0;
}

static bool may_overwrite(const struct store *store, const char *table)
{
    return !is_fact(table) && strcmp(table, "secret") != 0 && strcmp(table, "identifier") != 0 &&
           (store->erasing || strcmp(table, "body") != 0);
}

static bool may_ask(const char *pragma, const char *argument)
{
    return argument == NULL &&
           (strcmp(pragma, "integrity_check") == 0 || strcmp(pragma, "foreign_key_check") == 0 ||
            strcmp(pragma, "user_version") == 0 || strcmp(pragma, "page_count") == 0);
}

static bool permits(const struct store *store, int action, const char *first, const char *second)
{
    switch (action) {
    case SQLITE_SELECT:
    case SQLITE_READ:
    case SQLITE_FUNCTION:
    case SQLITE_TRANSACTION:
        return true;
    case SQLITE_INSERT: /* into sqlite_schema: SQLite refuses by itself, being defensive */
        return store->mode != STORE_READ;
    case SQLITE_UPDATE:
        return store->mode != STORE_READ && may_overwrite(store, first);
    case SQLITE_DELETE:
        return store->mode != STORE_READ && !is_fact(first) && !is_kept(first);
    case SQLITE_PRAGMA:
        return may_ask(first, second);
    default: /* the codes are SQLite's: what it adds is refused, as DROP, ALTER, ATTACH are */
        return false;
    }
}

static int authorize(void *context, int action, const char *first, const char *second,
                     const char *database, const char *trigger)
{
    (void)database, (void)trigger;
    const struct store *store = context;
    return store->migrating || permits(store, action, first, second) ? SQLITE_OK : SQLITE_DENY;
}

/* --- Connections --------------------------------------------------------- */

char *store_plain_name(const char *path)
{
    return path[0] == '/' ? joined(path, "") : joined("./", path);
}

static struct store *new_store(const char *path, enum store_mode mode)
{
    struct store *store = memory_allocate(sizeof *store);
    store->path = joined(path, "");
    store->mode = mode;
    return store;
}

static bool connect(struct store *store, const char *name, int flags, int busy_milliseconds,
                    struct error *error)
{
    flags |= SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_PRIVATECACHE | SQLITE_OPEN_EXRESCODE;
    int code = sqlite3_open_v2(name, &store->db, flags, NULL);
    if (code != SQLITE_OK)
        return store_fault(store, code, error);
    patience_begin(&store->patience, store->db, busy_milliseconds);
    sqlite3_db_config(store->db, SQLITE_DBCONFIG_ENABLE_FKEY, 1, NULL);
    sqlite3_db_config(store->db, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, NULL);
    sqlite3_db_config(store->db, SQLITE_DBCONFIG_DQS_DML, 0, NULL);
    sqlite3_db_config(store->db, SQLITE_DBCONFIG_DQS_DDL, 0, NULL);
    code = feed_register(store->db, &store->feed);
    return code == SQLITE_OK || store_fault(store, code, error);
}

/* What a connection needs that the file does not keep. */
static bool configure(struct store *store, struct error *error)
{
    _Static_assert(STORE_CACHE_KIB == 16384, "the pragma below says the same");
    if (!store_execute(store,
                       "PRAGMA synchronous=FULL;PRAGMA temp_store=MEMORY;PRAGMA cache_size=-16384;"
                       "PRAGMA cell_size_check=ON;PRAGMA secure_delete=ON",
                       error))
        return false;
    sqlite3_db_config(store->db, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
    sqlite3_set_authorizer(store->db, authorize, store);
    return true;
}

void store_close(struct store *store)
{
    if (store == NULL)
        return;
    if (store->db != NULL)
        store_rollback(store);
    for (size_t i = 0; i < STATEMENT_COUNT; i++)
        sqlite3_finalize(store->statements[i]);
    for (size_t i = 0; i < WRITE_COUNT; i++) {
        sqlite3_finalize(store->one[i]);
        sqlite3_finalize(store->many[i]);
    }
    sqlite3_close(store->db);
    free(store->path);
    free(store);
}

static bool read_header(struct store *store, int64_t *application, int64_t *version,
                        struct error *error)
{
    return store_integer(store, "PRAGMA application_id", application, error) &&
           store_integer(store, "PRAGMA user_version", version, error);
}

static bool has_wal(const char *path)
{
    char *name = joined(path, "-wal");
    bool has = access(name, F_OK) == 0;
    free(name);
    return has;
}

/* A WAL database needs a writable folder even for reading, unless nobody can
 * write it: on a read-only file system SQLite may be told that it stands still.
 * Not with a WAL beside it, which SQLite would then leave out. */
static bool on_read_only_medium(const char *path)
{
    struct statvfs status;
    return statvfs(path, &status) == 0 && (status.f_flag & ST_RDONLY) != 0;
}

/* "file:" URI of a path; the caller frees it. */
static char *immutable_name(const char *path)
{
    static const char digits[] = "0123456789ABCDEF", suffix[] = "?immutable=1";
    char *plain = store_plain_name(path);
    char *name = memory_allocate(5 + 3 * strlen(plain) + sizeof suffix);
    char *out = name + 5;
    memcpy(name, "file:", 5);
    for (const char *in = plain; *in != '\0'; in++) {
        if (*in == '%' || *in == '?' || *in == '#') {
            *out++ = '%';
            *out++ = digits[(unsigned char)*in >> 4];
            *out++ = digits[(unsigned char)*in & 15];
        } else {
            *out++ = *in;
        }
    }
    memcpy(out, suffix, sizeof suffix);
    free(plain);
    return name;
}

static bool connect_file(struct store *store, const char *path, int busy_milliseconds,
                         struct error *error)
{
    bool still = store->mode == STORE_READ && on_read_only_medium(path) && !has_wal(path);
    char *name = still ? immutable_name(path) : store_plain_name(path);
    bool good =
        connect(store, name, still ? SQLITE_OPEN_READONLY | SQLITE_OPEN_URI : SQLITE_OPEN_READWRITE,
                busy_milliseconds, error);
    free(name);
    return good;
}

static bool check_ledger(struct store *store, int64_t application, struct error *error)
{
    if (application != STORE_APPLICATION_ID) {
        fail(error, ERROR_NOT_A_LEDGER, _("'%s' is not a ledger: another program's database"),
             store->path);
        return hint(error, _("name the file that `loyalty init` made"));
    }
    if (store->mode == STORE_WRITE && sqlite3_db_readonly(store->db, "main") == 1) {
        fail(error, ERROR_READ_ONLY, _("'%s' is read-only"), store->path);
        return hint(error, _("the database and its folder must be writable"));
    }
    return true;
}

/* SQLite sees by itself when whole pages are missing. A part of one it takes for
 * a write that a crash cut short, which it is only where a WAL can mend it. */
enum { SMALLEST_PAGE = 512 };

static bool is_cut_off(const char *path)
{
    struct stat status;
    return stat(path, &status) == 0 && status.st_size % SMALLEST_PAGE != 0 && !has_wal(path);
}

static bool check_end(const char *path, bool cut_off, struct error *error)
{
    if (!cut_off)
        return true;
    fail(error, ERROR_CORRUPT, _("'%s' is damaged: its end is cut off"), path);
    return hint(error, _("keep the file, and restore the last backup beside it"));
}

static unsigned schema_of(int64_t number)
{
    return number < 0 || number > UINT32_MAX ? UINT32_MAX : (unsigned)number;
}

bool store_open_any(struct store **out, const char *path, enum store_mode mode,
                    int busy_milliseconds, unsigned *version, struct error *error)
{
    *out = NULL;
    if (!check_file(path, error))
        return false;
    bool cut_off = is_cut_off(path); /* asked now: opening makes a WAL */
    struct store *store = new_store(path, mode);
    int64_t application = 0, number = 0;
    if (!connect_file(store, path, busy_milliseconds, error) ||
        !read_header(store, &application, &number, error) ||
        !check_ledger(store, application, error) || !check_end(path, cut_off, error) ||
        !configure(store, error)) {
        store_close(store);
        return false;
    }
    *version = schema_of(number);
    *out = store;
    return true;
}

bool store_check_version(const struct store *store, unsigned version, struct error *error)
{
    unsigned current = store_schema_current();
    if (version > current) {
        fail(error, ERROR_NEWER_SCHEMA,
             _("'%s' has schema %u, which a newer version of this program made; this one knows %u"),
             store->path, version, current);
        return hint(error, _("use a newer version of the program"));
    }
    if (version < current) {
        fail(error, ERROR_OLDER_SCHEMA, _("'%s' has schema %u, this program needs %u"), store->path,
             version, current);
        return hint(error, _("run `loyalty upgrade`, which makes a backup first"));
    }
    return true;
}

/* A file that was moved away goes on being written to by who has it open: by a till, of
 * whose sales the ledger that takes its place then knows nothing. */
static bool check_in_place(struct store *store, struct error *error)
{
    int moved = 0;
    if (store->mode == STORE_SCRATCH ||
        sqlite3_file_control(store->db, "main", SQLITE_FCNTL_HAS_MOVED, &moved) != SQLITE_OK ||
        moved == 0)
        return true;
    fail(error, ERROR_IO, _("'%s' was moved away or replaced since it was opened"), store->path);
    return hint(error, _("nothing was written; open it again"));
}

bool store_still_fits(struct store *store, struct error *error)
{
    bool row;
    if (!check_in_place(store, error))
        return false;
    sqlite3_stmt *statement = store_statement(store, STATEMENT_USER_VERSION, error);
    if (statement == NULL || !store_step(store, statement, &row, error))
        return false;
    int64_t number = sqlite3_column_int64(statement, 0);
    sqlite3_reset(statement);
    return store_check_version(store, schema_of(number), error);
}

/* A private database in a temporary file that has no name. Nobody recovers it,
 * so it has no journal and waits for no disk. */
static bool open_scratch(struct store **out, struct error *error)
{
    struct store *store = new_store("", STORE_SCRATCH);
    store->migrating = true;
    bool good = connect(store, "", SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE, 0, error) &&
                store_execute(store,
                              "PRAGMA journal_mode=OFF;PRAGMA cache_size=-8192;"
                              "PRAGMA synchronous=OFF;BEGIN",
                              error) &&
                store_migrate(store, 0, store_schema_current(), error) &&
                store_execute(store, "COMMIT", error);
    store->migrating = false;
    if (!good) {
        store_close(store);
        return false;
    }
    sqlite3_set_authorizer(store->db, authorize, store);
    *out = store;
    return true;
}

bool store_open(struct store **out, const char *path, enum store_mode mode, int busy_milliseconds,
                struct error *error)
{
    unsigned version;
    *out = NULL;
    if (mode == STORE_SCRATCH)
        return open_scratch(out, error);
    if (!store_open_any(out, path, mode, busy_milliseconds, &version, error))
        return false;
    if (store_check_version(*out, version, error))
        return true;
    store_close(*out);
    *out = NULL;
    return false;
}

/* --- Creation ------------------------------------------------------------ */

/* SQLite may keep the old mode and call that success. */
static bool turn_to_wal(struct store *store, struct error *error)
{
    sqlite3_stmt *statement = NULL;
    if (!store_prepare(store, "PRAGMA journal_mode=WAL", &statement, error))
        return false;
    bool row;
    bool good = store_step(store, statement, &row, error);
    if (good && !(row && text_equal(column_text(statement, 0), text_of("wal"))))
        good = fail(error, ERROR_IO, _("'%s' cannot have a write-ahead log on this file system"),
                    store->path);
    sqlite3_finalize(statement);
    return good;
}

/* What the file keeps: page size and WAL first, for neither can be set within a
 * transaction; then schema and identity at once. */
static bool lay_out(struct store *store, unsigned version, struct error *error)
{
    char identity[64];
    snprintf(identity, sizeof identity, "PRAGMA application_id=%d", STORE_APPLICATION_ID);
    store->migrating = true;
    bool good = store_execute(store, "PRAGMA page_size=4096", error) && turn_to_wal(store, error) &&
                store_execute(store, "BEGIN IMMEDIATE", error) &&
                store_execute(store, identity, error) && store_migrate(store, 0, version, error) &&
                store_commit(store, error);
    store->migrating = false;
    return good;
}

bool store_create_version(struct store **out, const char *path, unsigned version,
                          int busy_milliseconds, struct error *error)
{
    *out = NULL;
    if (!store_create_file(path, error))
        return false;
    struct store *store = new_store(path, STORE_WRITE);
    if (connect_file(store, path, busy_milliseconds, error) && lay_out(store, version, error) &&
        configure(store, error) && file_sync_folder(path, error)) {
        *out = store;
        return true;
    }
    store_close(store);
    store_remove_file(path);
    return false;
}

bool store_create(struct store **out, const char *path, int busy_milliseconds, struct error *error)
{
    return store_create_version(out, path, store_schema_current(), busy_milliseconds, error);
}
