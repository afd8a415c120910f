/* Writing: everything that one commit changes, table by table, so that each
 * statement is fetched once and each page visited once. This is the hot path of
 * an import: per row only bind, step and reset, and the caller's memory is lent
 * to SQLite, never copied.
 *
 * Two checks stay on in production. A key that is there already ends the commit:
 * the engine should have found it. And every new record is read back through
 * the tables and compared with what was meant before anything is committed. */
#include "connection.h"

#include <stdio.h>
#include <string.h>

/* What a table's row puts into its statement. */
typedef void bind_row(sqlite3_stmt *statement, const void *row);

static bool write_rows(struct store *store, enum statement which, bind_row *bind, const void *rows,
                       size_t count, size_t size, struct error *error)
{
    if (count == 0)
        return true;
    sqlite3_stmt *statement = store_statement(store, which, error);
    if (statement == NULL)
        return false;
    const char *row = rows;
    for (size_t i = 0; i < count; i++, row += size) {
        bind(statement, row);
        if (!store_run(store, statement, error))
            return false;
    }
    return true;
}

static void bind_record(sqlite3_stmt *statement, const void *rows)
{
    const struct record_row *row = rows;
    sqlite3_bind_int64(statement, 1, row->seq);
    bind_text(statement, 2, row->head);
}

static void bind_body(sqlite3_stmt *statement, const void *rows)
{
    const struct record_row *row = rows;
    sqlite3_bind_int64(statement, 1, row->seq);
    bind_blob(statement, 2, row->salt.bytes, row->salt.length);
    bind_text(statement, 3, row->body);
}

static void bind_checkpoint(sqlite3_stmt *statement, const void *rows)
{
    const struct checkpoint_row *row = rows;
    sqlite3_bind_int64(statement, 1, row->size);
    bind_text(statement, 2, row->note);
}

static void bind_tile(sqlite3_stmt *statement, const void *rows)
{
    const struct tile_row *row = rows;
    sqlite3_bind_int64(statement, 1, row->n);
    bind_blob(statement, 2, row->root, sizeof row->root);
}

static void bind_key(sqlite3_stmt *statement, const void *rows)
{
    const struct key_row *row = rows;
    bind_blob(statement, 1, row->hash, sizeof row->hash);
    sqlite3_bind_int64(statement, 2, row->seq);
}

static void bind_tip(sqlite3_stmt *statement, const void *rows)
{
    const struct tip *row = rows;
    sqlite3_bind_int64(statement, 1, row->size);
    sqlite3_bind_int64(statement, 2, row->time);
    sqlite3_bind_int64(statement, 3, row->mode);
    sqlite3_bind_int64(statement, 4, row->history_open);
    bind_text(statement, 5, row->edge);
}

static void bind_member(sqlite3_stmt *statement, const void *rows)
{
    const struct member_row *row = rows;
    sqlite3_bind_int64(statement, 1, (int64_t)row->id);
    sqlite3_bind_int64(statement, 2, (int64_t)row->wallet);
    sqlite3_bind_int64(statement, 3, row->joined);
    sqlite3_bind_int64(statement, 4, row->last);
}

static void bind_balance(sqlite3_stmt *statement, const void *rows)
{
    const struct balance_row *row = rows;
    sqlite3_bind_int64(statement, 1, (int64_t)row->wallet);
    bind_text(statement, 2, row->currency);
    sqlite3_bind_int64(statement, 3, row->available);
    sqlite3_bind_int64(statement, 4, row->pending);
    sqlite3_bind_int64(statement, 5, row->reserved);
    sqlite3_bind_int64(statement, 6, row->debt);
}

static void bind_carry(sqlite3_stmt *statement, const void *rows)
{
    const struct carry_row *row = rows;
    sqlite3_bind_int64(statement, 1, (int64_t)row->member);
    bind_text(statement, 2, row->currency);
    sqlite3_bind_int64(statement, 3, row->numerator);
    sqlite3_bind_int64(statement, 4, row->denominator);
}

static void bind_lot(sqlite3_stmt *statement, const void *rows)
{
    const struct lot_row *row = rows;
    sqlite3_bind_int64(statement, 1, row->id);
    sqlite3_bind_int64(statement, 2, (int64_t)row->wallet);
    sqlite3_bind_int64(statement, 3, (int64_t)row->member);
    bind_text(statement, 4, row->currency);
    sqlite3_bind_int64(statement, 5, row->amount);
    sqlite3_bind_int64(statement, 6, row->left);
    sqlite3_bind_int64(statement, 7, row->available_from);
    sqlite3_bind_int64(statement, 8, row->expires);
    bind_text(statement, 9, row->origin);
}

static void bind_returned(sqlite3_stmt *statement, const void *rows)
{
    const struct returned_row *row = rows;
    sqlite3_bind_int64(statement, 1, row->seq);
    bind_text(statement, 2, row->state);
}

static void bind_cancelled(sqlite3_stmt *statement, const void *rows)
{
    const struct cancelled_row *row = rows;
    sqlite3_bind_int64(statement, 1, row->seq);
    sqlite3_bind_int64(statement, 2, row->by);
}

static void bind_programme(sqlite3_stmt *statement, const void *rows)
{
    const struct programme_row *row = rows;
    sqlite3_bind_int64(statement, 1, row->version);
    sqlite3_bind_int64(statement, 2, row->seq);
    sqlite3_bind_int64(statement, 3, row->from);
}

/* --- Tables that need more than one statement ---------------------------- */

static bool write_bodies(struct store *store, const struct record_row *rows, size_t count,
                         struct error *error)
{
    for (size_t i = 0; i < count; i++) {
        size_t first = i;
        while (i < count && rows[i].has_body)
            i++;
        if (!write_rows(store, STATEMENT_ADD_BODY, bind_body, rows + first, i - first, sizeof *rows,
                        error))
            return false;
    }
    return true;
}

static bool write_lots_left(struct store *store, const struct lot_row *rows, size_t count,
                            struct error *error)
{
    if (count == 0)
        return true;
    sqlite3_stmt *statement = store_statement(store, STATEMENT_PUT_LOT_LEFT, error);
    if (statement == NULL)
        return false;
    for (size_t i = 0; i < count; i++) {
        sqlite3_bind_int64(statement, 1, rows[i].left);
        sqlite3_bind_int64(statement, 2, rows[i].id);
        if (!store_run(store, statement, error))
            return false;
        if (sqlite3_changes(store->db) != 1)
            return fail(error, ERROR_INVARIANT, _("lot %lld is not in '%s'"),
                        (long long)rows[i].id, store->path);
    }
    return true;
}

static bool write_identifier(struct store *store, const struct identifier_row *row,
                             struct error *error)
{
    sqlite3_stmt *statement = store_statement(
        store, row->removed ? STATEMENT_DROP_IDENTIFIER : STATEMENT_PUT_IDENTIFIER, error);
    if (statement == NULL)
        return false;
    bind_blob(statement, 1, row->hash, sizeof row->hash);
    if (!row->removed) {
        sqlite3_bind_int64(statement, 2, (int64_t)row->member);
        bind_text(statement, 3, row->kind);
        bind_text(statement, 4, row->shown);
    }
    return store_run(store, statement, error);
}

static bool write_identifiers(struct store *store, const struct identifier_row *rows, size_t count,
                              struct error *error)
{
    for (size_t i = 0; i < count; i++)
        if (!write_identifier(store, &rows[i], error))
            return false;
    return true;
}

/* --- Read back ----------------------------------------------------------- */

struct expected {
    const struct record_row *rows;
    size_t count, next;
};

static bool same_record(const struct record_row *a, const struct record_row *b)
{
    return a->seq == b->seq && text_equal(a->head, b->head) && a->has_body == b->has_body &&
           (!a->has_body || (text_equal(a->salt, b->salt) && text_equal(a->body, b->body)));
}

static bool compare(void *context, const struct record_row *row, struct error *error)
{
    struct expected *expected = context;
    if (expected->next < expected->count &&
        same_record(row, &expected->rows[expected->next++]))
        return true;
    return fail(error, ERROR_INVARIANT, _("record %lld was not stored as it was meant"),
                (long long)row->seq);
}

static bool read_back(struct store *store, const struct record_row *rows, size_t count,
                      struct error *error)
{
    struct expected expected = {rows, count, 0};
    if (count == 0)
        return true;
    if (!store_each_record(store, rows[0].seq, rows[count - 1].seq + 1, compare, &expected, error))
        return false;
    return expected.next == count ||
           fail(error, ERROR_INVARIANT, _("record %lld was not stored"),
                (long long)rows[expected.next].seq);
}

/* --- The verb ------------------------------------------------------------ */

static bool write_facts(struct store *store, const struct changes *c, struct error *error)
{
    return write_rows(store, STATEMENT_ADD_RECORD, bind_record, c->records, c->record_count,
                      sizeof *c->records, error) &&
           write_bodies(store, c->records, c->record_count, error) &&
           write_rows(store, STATEMENT_ADD_CHECKPOINT, bind_checkpoint, c->checkpoint,
                      c->checkpoint != NULL ? 1 : 0, sizeof *c->checkpoint, error) &&
           write_identifiers(store, c->identifiers, c->identifier_count, error);
}

static bool write_projections(struct store *store, const struct changes *c, struct error *error)
{
#define ROWS(rows, count) c->rows, c->count, sizeof *c->rows, error
    return write_rows(store, STATEMENT_ADD_TILE, bind_tile, ROWS(tiles, tile_count)) &&
           write_rows(store, STATEMENT_ADD_KEY, bind_key, ROWS(keys, key_count)) &&
           write_rows(store, STATEMENT_PUT_MEMBER, bind_member, ROWS(members, member_count)) &&
           write_rows(store, STATEMENT_PUT_BALANCE, bind_balance, ROWS(balances, balance_count)) &&
           write_rows(store, STATEMENT_PUT_CARRY, bind_carry, ROWS(carries, carry_count)) &&
           write_rows(store, STATEMENT_ADD_LOT, bind_lot, ROWS(lots, lot_count)) &&
           write_lots_left(store, c->lots_changed, c->lots_changed_count, error) &&
           write_rows(store, STATEMENT_PUT_RETURNED, bind_returned,
                      ROWS(returned, returned_count)) &&
           write_rows(store, STATEMENT_ADD_CANCELLED, bind_cancelled,
                      ROWS(cancelled, cancelled_count)) &&
           write_rows(store, STATEMENT_ADD_PROGRAMME, bind_programme,
                      ROWS(programmes, programme_count)) &&
           write_rows(store, STATEMENT_PUT_TIP, bind_tip, c->tip, c->tip != NULL ? 1 : 0,
                      sizeof *c->tip, error);
#undef ROWS
}

bool store_apply(struct store *store, const struct changes *changes, struct error *error)
{
    if (sqlite3_get_autocommit(store->db))
        return fail(error, ERROR_INVARIANT, _("a change outside a transaction"));
    return write_facts(store, changes, error) && write_projections(store, changes, error) &&
           read_back(store, changes->records, changes->record_count, error);
}

bool store_set_secret(struct store *store, const unsigned char secret[SECRET_BYTES],
                      struct error *error)
{
    sqlite3_stmt *statement = store_statement(store, STATEMENT_ADD_SECRET, error);
    if (statement == NULL)
        return false;
    bind_blob(statement, 1, secret, SECRET_BYTES);
    return store_run(store, statement, error);
}
