/* What the files of this room share, and nobody else sees: the handle, its
 * statement cache, and the few ways to run a statement.
 *
 * A statement is prepared at its first use and kept; it is reset as soon as its
 * rows are read, so that no read lock outlives a verb. */
#ifndef LOYALTY_STORE_CONNECTION_H
#define LOYALTY_STORE_CONNECTION_H

#include <sqlite3.h>

#include "feed.h"
#include "store.h"

#define LOT_COLUMNS                                                                                \
    "id, wallet, member, currency, amount, left, reserved, available_from, expires, origin, earned"

#define BALANCE_COLUMNS "currency, available, pending, reserved, debt, idle, dated, due"

/* Name, SQL. Parameters are bound in the order of the text. */
#define STATEMENT_TABLE(X)                                                                         \
    X(BEGIN_READ, "BEGIN")                                                                         \
    X(BEGIN_WRITE, "BEGIN IMMEDIATE")                                                              \
    X(COMMIT, "COMMIT")                                                                            \
    X(ROLLBACK, "ROLLBACK")                                                                        \
                                                                                                   \
    X(USER_VERSION, "PRAGMA user_version")                                                         \
    X(TIP, "SELECT size, time, mode, history_open, edge, closed, held FROM tip WHERE id = 0")      \
    X(SECRET, "SELECT bytes FROM secret WHERE id = 0")                                             \
    X(KEY, "SELECT seq FROM \"key\" WHERE hash = ?")                                               \
    X(KEYS, "SELECT seq, given.rowid FROM given CROSS JOIN \"key\" ON hash = a")                   \
    X(IDENTIFIER, "SELECT member, kind, shown FROM identifier WHERE hash = ?")                     \
    X(IDENTIFIERS, "SELECT member, kind, shown, given.rowid FROM given"                            \
                   " CROSS JOIN identifier ON hash = a")                                           \
    X(IDENTIFIERS_OF,                                                                              \
      "SELECT member, kind, shown, hash FROM identifier WHERE member = ? ORDER BY hash")           \
    X(MEMBER, "SELECT id, wallet, joined, last, merged, erased, hold FROM member WHERE id = ?")                  \
    X(MEMBERS, "SELECT id, wallet, joined, last, merged, erased, hold, given.rowid FROM given"                   \
               " CROSS JOIN member ON id = a")                                                     \
    X(MEMBER_LIST,                                                                                 \
      "SELECT id, wallet, joined, last, merged, erased, hold FROM member WHERE id > ? ORDER BY id LIMIT ?")              \
    X(BALANCES, "SELECT " BALANCE_COLUMNS " FROM balance WHERE wallet = ? ORDER BY currency")      \
    X(BALANCES_OF, "SELECT " BALANCE_COLUMNS ", given.rowid FROM given"                            \
                   " CROSS JOIN balance ON wallet = a")                                            \
    X(CARRIES, "SELECT currency, numerator, denominator FROM carry"                                \
               " WHERE member = ? ORDER BY currency")                                              \
    X(CARRIES_OF, "SELECT currency, numerator, denominator, given.rowid FROM given"                \
                  " CROSS JOIN carry ON member = a")                                               \
    X(LOT, "SELECT " LOT_COLUMNS " FROM lot WHERE id = ?")                                         \
    X(OPEN_LOTS, "SELECT " LOT_COLUMNS " FROM lot WHERE wallet = ? AND currency = ? AND left > 0"  \
                 " AND available_from = 0 AND (expires, id) > (?, ?) ORDER BY expires, id LIMIT ?") \
    X(PENDING_LOTS, "SELECT " LOT_COLUMNS " FROM lot WHERE wallet = ? AND currency = ?"            \
                    " AND left > 0 AND available_from <> 0 AND (available_from, id) > (?, ?)"      \
                    " ORDER BY available_from, id LIMIT ?")                                        \
    X(RESERVATION, "SELECT seq, wallet, currency, until, by_seq FROM reservation WHERE seq = ?")   \
    X(RESERVATIONS, "SELECT seq, wallet, currency, until, by_seq FROM reservation"                 \
                    " WHERE wallet = ? AND by_seq < 0 ORDER BY seq")                               \
    X(HOUSEHOLD, "SELECT wallet, member, active FROM household WHERE wallet = ? ORDER BY member")  \
    X(COUNTER, "SELECT value FROM counter WHERE owner = ? AND name = ? AND bucket = ?")            \
    X(COUNTERS_OF, "SELECT name, bucket, value FROM counter WHERE owner = ? ORDER BY name, bucket") \
    X(MEASURES, "SELECT period, value FROM measure WHERE member = ? AND measure = ? AND grain = ?" \
                " AND period BETWEEN ? AND ? ORDER BY period")                                     \
    X(MEASURES_OF, "SELECT DISTINCT measure FROM measure WHERE member = ? ORDER BY measure")       \
    X(REMOVE_MEASURE, "DELETE FROM measure WHERE member = ? AND measure = ? AND grain = ?"         \
                      " AND period = ?")                                                           \
    X(TIER, "SELECT level, since, due, judged, state FROM tier WHERE member = ?")                  \
    X(TIERS_DUE, "SELECT member FROM tier WHERE due < 9007199254740991 AND due <= ?"               \
                 " ORDER BY due LIMIT ?")                                                          \
    X(TIERS_UNJUDGED, "SELECT member FROM tier WHERE judged < ? ORDER BY judged LIMIT ?")          \
    X(EACH_TIER, "SELECT m.id, m.joined, t.level, t.since, t.due, t.judged, t.state FROM member m" \
                 " LEFT JOIN tier t ON t.member = m.id WHERE m.merged = 0 AND m.erased = 0"        \
                 " ORDER BY m.id")                                                                 \
    X(EACH_MEASURE, "SELECT member, measure, period, value FROM measure WHERE grain = 0"           \
                    " ORDER BY member, measure, period")                                           \
    X(REMOVE_TIER, "DELETE FROM tier WHERE member = ?")                                            \
    X(HELD, "SELECT seq, awaits, by_seq FROM held WHERE seq = ?")                                 \
    X(HELD_FOR, "SELECT seq, awaits, by_seq FROM held WHERE awaits = ? AND by_seq < 0"           \
                " AND seq > ? ORDER BY seq LIMIT ?")                                               \
    X(HELD_ALL, "SELECT seq, awaits, by_seq FROM held WHERE by_seq < 0 AND seq > ?"               \
                " ORDER BY seq LIMIT ?")                                                           \
    X(OPERATOR, "SELECT member FROM operator WHERE hash = ?")                                      \
    X(UNDATED, "SELECT wallet FROM balance WHERE currency = ? AND dated < ?"                       \
               " AND available + pending + reserved > 0 LIMIT ?")                                  \
    X(DUE_COUNT, "SELECT count(*) FROM balance WHERE due < 9007199254740991 AND due <= ?")         \
    X(DUE, "SELECT wallet FROM balance WHERE due < 9007199254740991 AND due <= ?"                  \
           " ORDER BY due LIMIT ?")                                                                \
    X(RETURNED, "SELECT state FROM returned WHERE seq = ?")                                        \
    X(CANCELLED, "SELECT by_seq FROM cancelled WHERE seq = ?")                                     \
    X(HOLDER, "SELECT by_seq FROM holder WHERE seq = ?")                                           \
    X(ERASED, "SELECT first, last, by_seq FROM erased WHERE first <= ?"                            \
              " ORDER BY first DESC LIMIT 1")                                                      \
    X(ERASE_BODIES, "UPDATE body SET salt = zeroblob(length(salt)), body ="                        \
                    " printf('%*s', length(CAST(body AS BLOB)), '') WHERE seq BETWEEN ? AND ?")    \
    X(PROGRAMMES, "SELECT version, seq, starts FROM programme ORDER BY version")                   \
    X(RECORD, "SELECT r.seq, r.head, b.salt, b.body FROM record r"                                 \
              " LEFT JOIN body b ON b.seq = r.seq WHERE r.seq = ?")                                \
    X(TILES, "SELECT n, root FROM tile WHERE level = ? AND n >= ? ORDER BY n LIMIT ?")             \
    X(CHECKPOINT, "SELECT size, note FROM checkpoint WHERE size <= ? ORDER BY size DESC LIMIT 1")  \
                                                                                                   \
    X(COSIGNATURES, "SELECT line FROM cosignature WHERE size = ? ORDER BY line")                   \
    X(COSIGNED, "SELECT size FROM cosignature WHERE size <= ? ORDER BY size DESC LIMIT 1")         \
    X(ADD_COSIGNATURE, "INSERT OR IGNORE INTO cosignature (size, line) VALUES (?, ?)")             \
    X(ADD_SECRET, "INSERT INTO secret (id, bytes) VALUES (0, ?)")                                  \
    X(PUT_LOT_LEFT, "UPDATE lot SET left = ?, reserved = ? WHERE id = ?")                          \
    X(PUT_LOT, "UPDATE lot SET left = ?, reserved = ?, wallet = ?, member = ?,"                    \
               " available_from = ?, expires = ? WHERE id = ?")                                    \
    X(REMOVE_IDENTIFIER, "DELETE FROM identifier WHERE hash = ?")                                  \
    X(STRAY_BODY, "SELECT seq FROM body WHERE seq < 0 OR seq >= ? ORDER BY seq LIMIT 1")

enum statement {
#define X(name, sql) STATEMENT_##name,
    STATEMENT_TABLE(X)
#undef X
    STATEMENT_COUNT
};

/* What store_apply() writes, see the table in apply.c. */
enum writing {
    WRITE_RECORD,
    WRITE_BODY,
    WRITE_CHECKPOINT,
    WRITE_IDENTIFIER,
    WRITE_TILE,
    WRITE_KEY,
    WRITE_MEMBER,
    WRITE_BALANCE,
    WRITE_CARRY,
    WRITE_LOT,
    WRITE_RETURNED,
    WRITE_CANCELLED,
    WRITE_HOLDER,
    WRITE_RESERVATION,
    WRITE_HOUSEHOLD,
    WRITE_COUNTER,
    WRITE_MEASURE,
    WRITE_TIER,
    WRITE_HELD,
    WRITE_OPERATOR,
    WRITE_ERASED,
    WRITE_PROGRAMME,
    WRITE_TIP,
    WRITE_COUNT
};

/* How long to wait for another writer, and since when: patience.c. Microseconds. */
struct patience {
    int64_t limit, since;
    uint64_t dice;
};

struct store {
    sqlite3 *db;
    char *path;              /* owned; as the caller gave it, for messages */
    enum store_mode mode;
    bool erasing;            /* ... and bodies be overwritten */
    bool migrating;          /* the authorizer lets the schema and facts be changed */
    struct patience patience;
    struct feed feed;        /* the rows that store_apply() is writing */
    sqlite3_stmt *statements[STATEMENT_COUNT];
    sqlite3_stmt *one[WRITE_COUNT], *many[WRITE_COUNT]; /* one row bound; many rows fed */
};

/* The page cache of one connection: what bounds the memory of an import. */
enum { STORE_CACHE_KIB = 16 * 1024 };

/* --- patience.c ---------------------------------------------------------- */

/* Wait on this connection so long for another; `patience` lives as long as it. */
void patience_begin(struct patience *patience, sqlite3 *db, int milliseconds);

/* --- statements.c -------------------------------------------------------- */

/* Turn what SQLite last reported on this connection into an error. */
bool store_fault(struct store *store, int code, struct error *error);
bool store_fault_of(sqlite3 *db, const char *path, int code, struct error *error);
/* Prepare `sql` into *slot unless it is there. */
bool store_prepare(struct store *store, const char *sql, sqlite3_stmt **slot,
                   struct error *error);
/* The statement, reset and ready to bind; NULL on failure. */
sqlite3_stmt *store_statement(struct store *store, enum statement which, struct error *error);
/* Another row? *row tells; at the end and on failure the statement is reset. */
bool store_step(struct store *store, sqlite3_stmt *statement, bool *row, struct error *error);
/* Run one that gives no rows, and reset it. */
bool store_run(struct store *store, sqlite3_stmt *statement, struct error *error);
/* Several statements of text without parameters. */
bool store_execute(struct store *store, const char *sql, struct error *error);
/* The first column of the first row of an uncached statement. */
bool store_integer(struct store *store, const char *sql, int64_t *value, struct error *error);

/* Columns. A text lives until the statement moves. */
struct text column_text(sqlite3_stmt *statement, int column);
void bind_text(sqlite3_stmt *statement, int parameter, struct text text);
void bind_blob(sqlite3_stmt *statement, int parameter, const void *bytes, size_t length);

/* --- open.c -------------------------------------------------------------- */

/* Make an empty file that nobody else has, mode 0600. */
bool store_create_file(const char *path, struct error *error);
/* What SQLite is to be told: never a name that it would take for a URI or for
 * ":memory:". The caller frees it. */
char *store_plain_name(const char *path);
/* store_create() with the schema of an earlier version: for the tests of upgrading. */
bool store_create_version(struct store **out, const char *path, unsigned version,
                          int busy_milliseconds, struct error *error);
/* store_open() whatever the version, which *version tells. */
bool store_open_any(struct store **out, const char *path, enum store_mode mode,
                    int busy_milliseconds, unsigned *version, struct error *error);
/* Neither newer nor older than this program. */
bool store_check_version(const struct store *store, unsigned version, struct error *error);

/* --- read.c -------------------------------------------------------------- */

/* Room for one more row in an array of the arena; *capacity from 0. */
void *store_room(struct arena *arena, void *rows, size_t count, size_t *capacity, size_t size);
/* The first column of every row: ids of wallets or members. */
bool store_read_ids(struct store *store, sqlite3_stmt *statement, struct arena *arena,
                    uint64_t **ids, size_t *count, struct error *error);
/* One record as store_each_record() gives it, through the statement that
 * store_record() has; not called where it is absent. */
bool store_lend_record(struct store *store, int64_t seq,
                       bool (*each)(void *context, const struct record_row *row,
                                    struct error *error),
                       void *context, struct error *error);

/* --- migrate.c ----------------------------------------------------------- */

/* Apply migrations `from` + 1 to `to`, within a write transaction. */
bool store_migrate(struct store *store, unsigned from, unsigned to, struct error *error);
/* The migrations that were applied are the ones this program knows. */
bool store_check_migrations(struct store *store, unsigned version, struct error *error);

#endif
