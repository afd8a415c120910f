/* Feeding: rows of C become rows of SQL without a bind, step and reset for each.
 *
 * A virtual table named `given` shows an array of structs to SQLite, so that
 * INSERT ... SELECT ... FROM given runs once for many rows: cursors stay open,
 * and an append finds its page where the row before left it. Against binding row
 * by row it takes two thirds of the instructions. A few rows are bound all the
 * same: there, making the table known would cost more than it saves. */
#ifndef LOYALTY_STORE_FEED_H
#define LOYALTY_STORE_FEED_H

#include <stddef.h>

#include <sqlite3.h>

enum feed_kind {
    FEED_ZERO,   /* the key of a table of one row */
    FEED_NUMBER, /* int64_t or uint64_t below 2^63 */
    FEED_TEXT,   /* struct text, as TEXT */
    FEED_BYTES,  /* struct text, as BLOB */
    FEED_KEY,    /* KEY_HASH_BYTES in place, as BLOB */
    FEED_HASH    /* STORE_HASH bytes in place, as BLOB */
};
struct feed_column {
    enum feed_kind kind;
    size_t offset; /* within the row */
};
enum {
    FEED_COLUMNS = 11, /* given has the columns a to k */
    FEED_NOT = 16      /* up to here rows are bound one by one */
};

/* What `given` shows now; it lives in struct store, the rows are the caller's. */
struct feed {
    const struct feed_column *columns; /* as many as the statement asks for */
    const char *rows;
    size_t count, size;
};

/* Bind one column of one row to a parameter; the row's memory is lent. */
void feed_bind(sqlite3_stmt *statement, int parameter, const struct feed_column *column,
               const void *row);
/* Make `given` known to a connection. Returns an SQLite code. */
int feed_register(sqlite3 *db, struct feed *feed);

#endif
