/* Comparing: one hash per projection, so that a rebuild, an audit and a restore
 * can be told to have made equal rows; and the checks of the file itself. */
#include <string.h>

#include "buffer.h"
#include "connection.h"
#include "sha256.h"

/* --- Projections --------------------------------------------------------- */

static const struct projection {
    const char *name, *key, *read, *clear;
} projections[] = {
#define PROJECTION(name, key)                                                                      \
    {                                                                                              \
        name, key, "SELECT * FROM \"" name "\" ORDER BY " key, "DELETE FROM \"" name "\""          \
    }
    PROJECTION("tip", "id"),
    PROJECTION("tile", "level, n"),
    PROJECTION("key", "hash"),
    PROJECTION("member", "id"),
    PROJECTION("balance", "wallet, currency"),
    PROJECTION("carry", "member, currency"),
    PROJECTION("lot", "id"),
    PROJECTION("returned", "seq"),
    PROJECTION("cancelled", "seq"),
    PROJECTION("holder", "seq"),
    PROJECTION("reservation", "seq"),
    PROJECTION("household", "wallet, member"),
    PROJECTION("counter", "owner, name, bucket"),
    PROJECTION("measure", "member, measure, grain, period"),
    PROJECTION("tier", "member"),
    PROJECTION("held", "seq"),
    PROJECTION("operator", "hash"),
    PROJECTION("erased", "first"),
    PROJECTION("programme", "version"),
};
/* No projection: heads do not tell whose a card is. But re-execution does. */
static const struct projection identifiers = PROJECTION("identifier", "hash");
#undef PROJECTION
enum { PROJECTION_COUNT = sizeof projections / sizeof *projections };

const char *const store_projection_names[] = {
    "tip",      "tile",      "key",      "member",      "balance",   "carry",   "lot",
    "returned", "cancelled", "holder",   "reservation", "household", "counter", "measure",
    "tier",     "held",      "operator", "erased",      "programme", NULL};
_Static_assert(sizeof store_projection_names / sizeof *store_projection_names ==
                   PROJECTION_COUNT + 1,
               "one name per projection");

bool store_clear_projections(struct store *store, struct error *error)
{
    for (size_t i = 0; i < PROJECTION_COUNT; i++)
        if (!store_execute(store, projections[i].clear, error))
            return false;
    return true;
}

/* A row: its number of columns, then each value as type, length, bytes. */
static void add_number(struct buffer *out, uint64_t value)
{
    unsigned char bytes[8];
    for (int i = 0; i < 8; i++)
        bytes[i] = (unsigned char)(value >> (56 - 8 * i));
    buffer_add(out, bytes, sizeof bytes);
}

static void add_value(struct buffer *out, sqlite3_stmt *statement, int column)
{
    int type = sqlite3_column_type(statement, column);
    buffer_byte(out, (char)type);
    if (type == SQLITE_INTEGER) {
        add_number(out, (uint64_t)sqlite3_column_int64(statement, column));
        return;
    }
    struct text text = column_text(statement, column); /* STRICT: no other type, no NULL */
    add_number(out, text.length);
    buffer_add(out, text.bytes, text.length);
}

static bool hash_rows(struct store *store, sqlite3_stmt *statement, unsigned char *out,
                      int64_t *rows, struct error *error)
{
    enum { CHUNK = 32768 };
    struct sha256 hash;
    struct buffer pending = {0};
    bool row, good;
    *rows = 0;
    sha256_start(&hash);
    while ((good = store_step(store, statement, &row, error)) && row) {
        int columns = sqlite3_column_count(statement);
        add_number(&pending, (uint64_t)columns);
        for (int i = 0; i < columns; i++)
            add_value(&pending, statement, i);
        ++*rows;
        if (pending.length < CHUNK)
            continue;
        sha256_add(&hash, pending.bytes, pending.length);
        buffer_clear(&pending);
    }
    if (pending.length > 0)
        sha256_add(&hash, pending.bytes, pending.length);
    sha256_finish(&hash, out);
    buffer_free(&pending);
    return good;
}

static const struct projection *projection_named(const char *name)
{
    for (size_t i = 0; i < PROJECTION_COUNT; i++)
        if (strcmp(projections[i].name, name) == 0)
            return &projections[i];
    return strcmp(identifiers.name, name) == 0 ? &identifiers : NULL;
}

bool store_projection_digest(struct store *store, const char *name, unsigned char out[DIGEST_BYTES],
                             int64_t *rows, struct error *error)
{
    _Static_assert((int)DIGEST_BYTES == (int)SHA256_BYTES, "a digest is SHA-256");
    const struct projection *projection = projection_named(name);
    if (projection == NULL)
        return fail(error, ERROR_INVALID_FIELD, _("there is no projection named '%s'"), name);
    sqlite3_stmt *statement = NULL;
    int code = sqlite3_prepare_v3(store->db, projection->read, -1, 0, &statement, NULL);
    if (code != SQLITE_OK)
        return store_fault(store, code, error);
    bool good = hash_rows(store, statement, out, rows, error);
    sqlite3_finalize(statement);
    return good;
}

/* --- Where two of them differ -------------------------------------------- */

/* "wallet 7, currency star" */
static void describe_key(struct buffer *out, sqlite3_stmt *row, const char *key)
{
    for (int i = 0; i < sqlite3_column_count(row); i++) {
        const char *name = sqlite3_column_name(row, i);
        if (strstr(key, name) == NULL)
            continue;
        buffer_format(out, "%s%s ", out->length > 0 ? ", " : "", name);
        struct text value = column_text(row, i);
        if (sqlite3_column_type(row, i) == SQLITE_BLOB)
            buffer_hex(out, value.bytes, value.length);
        else
            buffer_format(out, "%.*s", TEXT(value));
    }
}

struct side {
    struct store *store;
    sqlite3_stmt *statement;
    struct buffer row;
    bool there;
};

static bool side_begin(struct side *side, struct store *store, const char *sql, struct error *error)
{
    side->store = store;
    int code = sqlite3_prepare_v3(store->db, sql, -1, 0, &side->statement, NULL);
    return code == SQLITE_OK || store_fault(store, code, error);
}

static bool side_next(struct side *side, struct error *error)
{
    buffer_clear(&side->row);
    if (!store_step(side->store, side->statement, &side->there, error))
        return false;
    for (int i = 0; side->there && i < sqlite3_column_count(side->statement); i++)
        add_value(&side->row, side->statement, i);
    return true;
}

bool store_projection_difference(struct store *ours, struct store *theirs, const char *name,
                                 struct buffer *where, struct error *error)
{
    const struct projection *projection = projection_named(name);
    struct side a = {0}, b = {0};
    bool good = side_begin(&a, ours, projection->read, error) &&
                side_begin(&b, theirs, projection->read, error);
    do {
        good = good && side_next(&a, error) && side_next(&b, error);
    } while (good && a.there && b.there && text_equal(buffer_view(&a.row), buffer_view(&b.row)));
    if (good && (a.there || b.there))
        describe_key(where, a.there ? a.statement : b.statement, projection->key);
    sqlite3_finalize(a.statement);
    sqlite3_finalize(b.statement);
    buffer_free(&a.row);
    buffer_free(&b.row);
    return good;
}

/* --- The file ------------------------------------------------------------ */

static bool schema_digest(struct store *store, unsigned char out[DIGEST_BYTES], struct error *error)
{
    sqlite3_stmt *statement = NULL;
    int code = sqlite3_prepare_v3(store->db,
                                  "SELECT type, name, tbl_name, coalesce(sql, '')"
                                  " FROM sqlite_schema WHERE name NOT LIKE 'sqlite_stat%'"
                                  " ORDER BY type, name",
                                  -1, 0, &statement, NULL);
    if (code != SQLITE_OK)
        return store_fault(store, code, error);
    int64_t rows;
    bool good = hash_rows(store, statement, out, &rows, error);
    sqlite3_finalize(statement);
    return good;
}

/* Against one made fresh: a trigger or index that is gone makes no page wrong. */
static bool check_schema(struct store *store, struct error *error)
{
    struct store *fresh;
    if (!store_open(&fresh, NULL, STORE_SCRATCH, 0, error))
        return false;
    unsigned char mine[DIGEST_BYTES], theirs[DIGEST_BYTES];
    bool good = schema_digest(fresh, mine, error) && schema_digest(store, theirs, error);
    store_close(fresh);
    if (!good)
        return false;
    if (memcmp(mine, theirs, DIGEST_BYTES) == 0)
        return true;
    fail(error, ERROR_CORRUPT,
         _("the tables, indexes or triggers of '%s' are not those of this program"), store->path);
    return hint(error, _("somebody changed the schema; compare it with a backup"));
}

/* The first line that a pragma answers, other than "ok". */
static bool check_pragma(struct store *store, const char *sql, struct error *error)
{
    sqlite3_stmt *statement = NULL;
    int code = sqlite3_prepare_v3(store->db, sql, -1, 0, &statement, NULL);
    if (code != SQLITE_OK)
        return store_fault(store, code, error);
    bool row;
    bool good = store_step(store, statement, &row, error);
    if (good && row) {
        struct text said = column_text(statement, 0);
        if (!text_equal(said, text_of("ok"))) {
            fail(error, ERROR_CORRUPT, _("'%s' is damaged: %.*s"), store->path, TEXT(said));
            good = hint(error, _("keep the file, and restore the last backup beside it"));
        }
    }
    sqlite3_finalize(statement);
    return good;
}

bool store_integrity_check(struct store *store, struct error *error)
{
    return check_schema(store, error) &&
           store_check_migrations(store, store_schema_current(), error) &&
           check_pragma(store, "PRAGMA integrity_check", error) &&
           check_pragma(store, "PRAGMA foreign_key_check", error);
}
