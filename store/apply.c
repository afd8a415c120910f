/* Writing: everything that one commit changes, table by table, so that each
 * statement is fetched once and each page visited once. This is the hot path of
 * an import. What a row gives to which column stands in one table per kind of
 * row; feed.h tells how SQLite reads it from there.
 *
 * Two checks stay on in production. A key that is there already ends the commit:
 * the engine should have found it. And every new record is read back through
 * the tables and compared with what was meant before anything is committed; in
 * portions, so that its pages are still in the cache. */
#include "connection.h"

#include <stddef.h>
#include <stdio.h>

enum {
    PORTION = 1024 /* rows per statement: more gains nothing, and this bounds what SQLite
                    * keeps to undo a statement that fails */
};

#define ZERO                                                                                       \
    {                                                                                              \
        FEED_ZERO, 0                                                                               \
    }
#define NUMBER(row, member)                                                                        \
    {                                                                                              \
        FEED_NUMBER, offsetof(struct row, member)                                                  \
    }
#define TEXT_OF(row, member)                                                                       \
    {                                                                                              \
        FEED_TEXT, offsetof(struct row, member)                                                    \
    }
#define BYTES_OF(row, member)                                                                      \
    {                                                                                              \
        FEED_BYTES, offsetof(struct row, member)                                                   \
    }
#define KEY_OF(row, member)                                                                        \
    {                                                                                              \
        FEED_KEY, offsetof(struct row, member)                                                     \
    }
#define HASH_OF(row, member)                                                                       \
    {                                                                                              \
        FEED_HASH, offsetof(struct row, member)                                                    \
    }

/* clang-format off */
/* What is done where the key is there already. Appending refuses; "FAIL" because a
 * failed statement need not be undone by itself, for the whole transaction is, so
 * SQLite keeps no copies of the pages it changes. Replacing writes whole rows, and
 * looks for the place only once. */
#define APPENDED "FAIL"
#define REPLACED "REPLACE"

/* Which columns, from where in the row. */
static const struct writing_of {
    const char *into;
    size_t row, count;
    struct feed_column columns[FEED_COLUMNS];
    const char *known; /* what if the key is there already */
} writings[] = {
    [WRITE_RECORD] = {"record (seq, head)", sizeof(struct record_row), 2,
        {NUMBER(record_row, seq), TEXT_OF(record_row, head)}, APPENDED},
    [WRITE_BODY] = {"body (seq, salt, body)", sizeof(struct record_row), 3,
        {NUMBER(record_row, seq), BYTES_OF(record_row, salt), TEXT_OF(record_row, body)}, APPENDED},
    [WRITE_CHECKPOINT] = {"checkpoint (size, note)", sizeof(struct checkpoint_row), 2,
        {NUMBER(checkpoint_row, size), TEXT_OF(checkpoint_row, note)}, APPENDED},
    [WRITE_IDENTIFIER] = {"identifier (hash, member, kind, shown)", sizeof(struct identifier_row),
        4, {KEY_OF(identifier_row, hash), NUMBER(identifier_row, member),
            TEXT_OF(identifier_row, kind), TEXT_OF(identifier_row, shown)},
        REPLACED},
    [WRITE_TILE] = {"tile (level, n, root)", sizeof(struct tile_row), 3,
        {NUMBER(tile_row, level), NUMBER(tile_row, n), HASH_OF(tile_row, root)}, APPENDED},
    [WRITE_KEY] = {"\"key\" (hash, seq)", sizeof(struct key_row), 2,
        {KEY_OF(key_row, hash), NUMBER(key_row, seq)}, APPENDED},
    [WRITE_MEMBER] = {"member (id, wallet, merged, joined, last, erased, hold)", sizeof(struct member_row), 7,
        {NUMBER(member_row, id), NUMBER(member_row, wallet), NUMBER(member_row, merged),
         NUMBER(member_row, joined), NUMBER(member_row, last), NUMBER(member_row, erased),
         NUMBER(member_row, hold)},
        REPLACED},
    [WRITE_BALANCE] = {"balance (wallet, currency, available, pending, reserved, debt, idle, dated, due)",
        sizeof(struct balance_row), 9,
        {NUMBER(balance_row, wallet), TEXT_OF(balance_row, currency),
         NUMBER(balance_row, available), NUMBER(balance_row, pending),
         NUMBER(balance_row, reserved), NUMBER(balance_row, debt), NUMBER(balance_row, idle),
         NUMBER(balance_row, dated), NUMBER(balance_row, due)},
        REPLACED},
    [WRITE_CARRY] = {"carry (member, currency, numerator, denominator)", sizeof(struct carry_row),
        4, {NUMBER(carry_row, member), TEXT_OF(carry_row, currency), NUMBER(carry_row, numerator),
            NUMBER(carry_row, denominator)},
        REPLACED},
    [WRITE_LOT] = {"lot (" LOT_COLUMNS ")", sizeof(struct lot_row), 11,
        {NUMBER(lot_row, id), NUMBER(lot_row, wallet), NUMBER(lot_row, member),
         TEXT_OF(lot_row, currency), NUMBER(lot_row, amount), NUMBER(lot_row, left),
         NUMBER(lot_row, reserved), NUMBER(lot_row, available_from), NUMBER(lot_row, expires), TEXT_OF(lot_row, origin),
         NUMBER(lot_row, earned)},
        APPENDED},
    [WRITE_RETURNED] = {"returned (seq, state)", sizeof(struct returned_row), 2,
        {NUMBER(returned_row, seq), TEXT_OF(returned_row, state)},
        REPLACED},
    [WRITE_CANCELLED] = {"cancelled (seq, by_seq)", sizeof(struct cancelled_row), 2,
        {NUMBER(cancelled_row, seq), NUMBER(cancelled_row, by)}, APPENDED},
    [WRITE_HOLDER] = {"holder (seq, by_seq)", sizeof(struct holder_row), 2,
        {NUMBER(holder_row, seq), NUMBER(holder_row, by)}, REPLACED},
    [WRITE_RESERVATION] = {"reservation (seq, wallet, currency, until, by_seq)",
        sizeof(struct reservation_row), 5,
        {NUMBER(reservation_row, seq), NUMBER(reservation_row, wallet),
         TEXT_OF(reservation_row, currency), NUMBER(reservation_row, until),
         NUMBER(reservation_row, by)},
        REPLACED},
    [WRITE_HOUSEHOLD] = {"household (wallet, member, active)", sizeof(struct household_row), 3,
        {NUMBER(household_row, wallet), NUMBER(household_row, member),
         NUMBER(household_row, active)},
        REPLACED},
    [WRITE_COUNTER] = {"counter (owner, name, bucket, value)", sizeof(struct counter_row), 4,
        {NUMBER(counter_row, owner), TEXT_OF(counter_row, name), TEXT_OF(counter_row, bucket),
         NUMBER(counter_row, value)},
        REPLACED},
    [WRITE_MEASURE] = {"measure (member, measure, grain, period, value)", sizeof(struct measure_row), 5,
        {NUMBER(measure_row, member), TEXT_OF(measure_row, measure), NUMBER(measure_row, grain),
         NUMBER(measure_row, period), NUMBER(measure_row, value)},
        REPLACED},
    [WRITE_TIER] = {"tier (member, level, since, due, judged, state)", sizeof(struct tier_row), 6,
        {NUMBER(tier_row, member), TEXT_OF(tier_row, level), NUMBER(tier_row, since),
         NUMBER(tier_row, due), NUMBER(tier_row, judged), TEXT_OF(tier_row, state)},
        REPLACED},
    [WRITE_HELD] = {"held (seq, awaits, by_seq)", sizeof(struct held_row), 3,
        {NUMBER(held_row, seq), KEY_OF(held_row, awaits), NUMBER(held_row, by)},
        REPLACED},
    [WRITE_OPERATOR] = {"operator (hash, member)", sizeof(struct operator_row), 2,
        {KEY_OF(operator_row, hash), NUMBER(operator_row, member)},
        REPLACED},
    [WRITE_ERASED] = {"erased (first, last, by_seq)", sizeof(struct erased_row), 3,
        {NUMBER(erased_row, first), NUMBER(erased_row, last), NUMBER(erased_row, by)}, APPENDED},
    [WRITE_PROGRAMME] = {"programme (version, seq, starts)", sizeof(struct programme_row), 3,
        {NUMBER(programme_row, version), NUMBER(programme_row, seq), NUMBER(programme_row, from)},
        APPENDED},
    [WRITE_TIP] = {"tip (id, size, time, mode, history_open, closed, held, edge)", sizeof(struct tip),
        8, {ZERO, NUMBER(tip, size), NUMBER(tip, time), NUMBER(tip, mode),
            NUMBER(tip, history_open), NUMBER(tip, closed), NUMBER(tip, held), TEXT_OF(tip, edge)},
        REPLACED},
};
/* clang-format on */
_Static_assert(sizeof writings / sizeof *writings == WRITE_COUNT, "one line per table");

static sqlite3_stmt *writer(struct store *store, enum writing which, bool fed, struct error *error)
{
    const struct writing_of *writing = &writings[which];
    sqlite3_stmt **slot = fed ? &store->many[which] : &store->one[which];
    char sql[512];
    static const char names[] = "a,b,c,d,e,f,g,h,i,j,k", marks[] = "?,?,?,?,?,?,?,?,?,?,?";
    _Static_assert(sizeof names == 2 * FEED_COLUMNS && sizeof marks == 2 * FEED_COLUMNS,
                   "one for each column that a table may have");
    int columns = (int)writing->count;
    if (*slot != NULL)
        return *slot;
    if (fed)
        snprintf(sql, sizeof sql, "INSERT OR %s INTO %s SELECT %.*s FROM given", writing->known,
                 writing->into, 2 * columns - 1, names);
    else
        snprintf(sql, sizeof sql, "INSERT OR %s INTO %s VALUES (%.*s)", writing->known,
                 writing->into, 2 * columns - 1, marks);
    return store_prepare(store, sql, slot, error) ? *slot : NULL;
}

static bool write_few(struct store *store, enum writing which, const char *row, size_t count,
                      struct error *error)
{
    const struct writing_of *writing = &writings[which];
    sqlite3_stmt *statement = writer(store, which, false, error);
    if (statement == NULL)
        return false;
    for (size_t i = 0; i < count; i++, row += writing->row) {
        for (size_t column = 0; column < writing->count; column++)
            feed_bind(statement, (int)column + 1, &writing->columns[column], row);
        if (!store_run(store, statement, error))
            return false;
    }
    return true;
}

static bool write_rows(struct store *store, enum writing which, const void *rows, size_t count,
                       struct error *error)
{
    const struct writing_of *writing = &writings[which];
    const char *next = rows;
    if (count <= FEED_NOT)
        return count == 0 || write_few(store, which, next, count, error);
    sqlite3_stmt *statement = writer(store, which, true, error);
    if (statement == NULL)
        return false;
    while (count > 0) {
        size_t portion = count < PORTION ? count : PORTION;
        store->feed = (struct feed){writing->columns, next, portion, writing->row};
        if (!store_run(store, statement, error))
            return false;
        next += portion * writing->row;
        count -= portion;
    }
    return true;
}

/* --- Records ------------------------------------------------------------- */

static bool write_bodies(struct store *store, const struct record_row *rows, size_t count,
                         struct error *error)
{
    for (size_t i = 0; i < count; i++) {
        size_t first = i;
        while (i < count && rows[i].has_body)
            i++;
        if (!write_rows(store, WRITE_BODY, rows + first, i - first, error))
            return false;
    }
    return true;
}

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
    if (expected->next < expected->count && same_record(row, &expected->rows[expected->next++]))
        return true;
    return fail(error, ERROR_INVARIANT, _("record %lld was not stored as it was meant"),
                (long long)row->seq);
}

static bool read_back(struct store *store, const struct record_row *rows, size_t count,
                      struct error *error)
{
    struct expected expected = {rows, count, 0};
    bool good = true;
    if (count > FEED_NOT)
        good = store_each_record(store, rows[0].seq, rows[count - 1].seq + 1, compare, &expected,
                                 error);
    for (size_t i = 0; good && count <= FEED_NOT && i < count; i++)
        good = store_lend_record(store, rows[i].seq, compare, &expected, error);
    if (!good)
        return false;
    return expected.next == count || fail(error, ERROR_INVARIANT, _("record %lld was not stored"),
                                          (long long)rows[expected.next].seq);
}

static bool write_records(struct store *store, const struct record_row *rows, size_t count,
                          struct error *error)
{
    while (count > 0) {
        size_t portion = count < PORTION ? count : PORTION;
        if (!write_rows(store, WRITE_RECORD, rows, portion, error) ||
            !write_bodies(store, rows, portion, error) || !read_back(store, rows, portion, error))
            return false;
        rows += portion;
        count -= portion;
    }
    return true;
}

/* --- Tables that need more than one statement ---------------------------- */

/* Two statements: what leaves the keys of the indexes alone is cheaper. */
static void bind_lot(sqlite3_stmt *statement, enum statement which, const struct lot_row *row)
{
    int next = 1;
    sqlite3_bind_int64(statement, next++, row->left);
    sqlite3_bind_int64(statement, next++, row->reserved);
    if (which == STATEMENT_PUT_LOT) {
        sqlite3_bind_int64(statement, next++, (int64_t)row->wallet);
        sqlite3_bind_int64(statement, next++, (int64_t)row->member);
        sqlite3_bind_int64(statement, next++, row->available_from);
        sqlite3_bind_int64(statement, next++, row->expires);
    }
    sqlite3_bind_int64(statement, next, row->id);
}

static bool change_lots(struct store *store, enum statement which, const struct lot_row *rows,
                        size_t count, struct error *error)
{
    if (count == 0)
        return true;
    sqlite3_stmt *statement = store_statement(store, which, error);
    if (statement == NULL)
        return false;
    for (size_t i = 0; i < count; i++) {
        bind_lot(statement, which, &rows[i]);
        if (!store_run(store, statement, error))
            return false;
        if (sqlite3_changes(store->db) != 1)
            return fail(error, ERROR_INVARIANT, _("lot %lld is not in '%s'"), (long long)rows[i].id,
                        store->path);
    }
    return true;
}

static bool remove_identifier(struct store *store, const struct identifier_row *row,
                              struct error *error)
{
    sqlite3_stmt *statement = store_statement(store, STATEMENT_REMOVE_IDENTIFIER, error);
    if (statement == NULL)
        return false;
    bind_blob(statement, 1, row->hash, sizeof row->hash);
    return store_run(store, statement, error);
}

static bool write_identifiers(struct store *store, const struct identifier_row *rows, size_t count,
                              struct error *error)
{
    for (size_t i = 0; i < count; i++) {
        size_t first = i;
        while (i < count && !rows[i].removed)
            i++;
        if (!write_rows(store, WRITE_IDENTIFIER, rows + first, i - first, error) ||
            (i < count && !remove_identifier(store, &rows[i], error)))
            return false;
    }
    return true;
}

static bool remove_measure(struct store *store, const struct measure_row *row, struct error *error)
{
    sqlite3_stmt *statement = store_statement(store, STATEMENT_REMOVE_MEASURE, error);
    if (statement == NULL)
        return false;
    sqlite3_bind_int64(statement, 1, (int64_t)row->member);
    bind_text(statement, 2, row->measure);
    sqlite3_bind_int64(statement, 3, row->grain);
    sqlite3_bind_int64(statement, 4, row->period);
    return store_run(store, statement, error);
}

static bool write_measures(struct store *store, const struct measure_row *rows, size_t count,
                           struct error *error)
{
    for (size_t i = 0; i < count; i++) {
        size_t first = i;
        while (i < count && !rows[i].removed)
            i++;
        if (!write_rows(store, WRITE_MEASURE, rows + first, i - first, error) ||
            (i < count && !remove_measure(store, &rows[i], error)))
            return false;
    }
    return true;
}

static bool remove_tier(struct store *store, const struct tier_row *row, struct error *error)
{
    sqlite3_stmt *statement = store_statement(store, STATEMENT_REMOVE_TIER, error);
    if (statement == NULL)
        return false;
    sqlite3_bind_int64(statement, 1, (int64_t)row->member);
    return store_run(store, statement, error);
}

static bool write_tiers(struct store *store, const struct tier_row *rows, size_t count,
                        struct error *error)
{
    for (size_t i = 0; i < count; i++) {
        size_t first = i;
        while (i < count && rows[i].level.length > 0)
            i++;
        if (!write_rows(store, WRITE_TIER, rows + first, i - first, error) ||
            (i < count && !remove_tier(store, &rows[i], error)))
            return false;
    }
    return true;
}

/* Over bodies where they stand: what is as long as it was moves nothing, and leaves no copy in
 * a page that SQLite would else arrange anew. The only statement that may; it is not kept. */
static bool erase_bodies(struct store *store, const struct erased_row *rows, size_t count,
                         struct error *error)
{
    if (count == 0)
        return true;
    store->erasing = true;
    sqlite3_stmt *statement = store_statement(store, STATEMENT_ERASE_BODIES, error);
    bool good = statement != NULL;
    for (size_t i = 0; good && i < count; i++) {
        sqlite3_bind_int64(statement, 1, rows[i].first);
        sqlite3_bind_int64(statement, 2, rows[i].last);
        good = store_run(store, statement, error);
    }
    sqlite3_finalize(statement);
    store->statements[STATEMENT_ERASE_BODIES] = NULL;
    store->erasing = false;
    return good;
}

/* --- The verb ------------------------------------------------------------ */

static bool write_facts(struct store *store, const struct changes *c, struct error *error)
{
    return write_records(store, c->records, c->record_count, error) &&
           write_rows(store, WRITE_CHECKPOINT, c->checkpoint, c->checkpoint != NULL, error) &&
           write_identifiers(store, c->identifiers, c->identifier_count, error);
}

static bool write_projections(struct store *store, const struct changes *c, struct error *error)
{
    return write_rows(store, WRITE_TILE, c->tiles, c->tile_count, error) &&
           write_rows(store, WRITE_KEY, c->keys, c->key_count, error) &&
           write_rows(store, WRITE_MEMBER, c->members, c->member_count, error) &&
           write_rows(store, WRITE_BALANCE, c->balances, c->balance_count, error) &&
           write_rows(store, WRITE_CARRY, c->carries, c->carry_count, error) &&
           write_rows(store, WRITE_LOT, c->lots, c->lot_count, error) &&
           change_lots(store, STATEMENT_PUT_LOT_LEFT, c->lots_changed, c->lots_changed_count,
                       error) &&
           change_lots(store, STATEMENT_PUT_LOT, c->lots_moved, c->lots_moved_count, error) &&
           write_rows(store, WRITE_RETURNED, c->returned, c->returned_count, error) &&
           write_rows(store, WRITE_CANCELLED, c->cancelled, c->cancelled_count, error) &&
           write_rows(store, WRITE_HOLDER, c->holders, c->holder_count, error) &&
           write_rows(store, WRITE_RESERVATION, c->reservations, c->reservation_count, error) &&
           write_rows(store, WRITE_HOUSEHOLD, c->households, c->household_count, error) &&
           write_rows(store, WRITE_COUNTER, c->counters, c->counter_count, error) &&
           write_measures(store, c->measures, c->measure_count, error) &&
           write_tiers(store, c->tiers, c->tier_count, error) &&
           write_rows(store, WRITE_HELD, c->held, c->held_count, error) &&
           write_rows(store, WRITE_OPERATOR, c->operators, c->operator_count, error) &&
           write_rows(store, WRITE_ERASED, c->erased, c->erased_count, error) &&
           write_rows(store, WRITE_PROGRAMME, c->programmes, c->programme_count, error) &&
           write_rows(store, WRITE_TIP, c->tip, c->tip != NULL, error);
}

bool store_apply(struct store *store, const struct changes *changes, struct error *error)
{
    if (sqlite3_get_autocommit(store->db))
        return fail(error, ERROR_INVARIANT, _("a change outside a transaction"));
    return write_facts(store, changes, error) && write_projections(store, changes, error) &&
           erase_bodies(store, changes->erased, changes->with_records ? changes->erased_count : 0,
                        error);
}

bool store_empty_log(struct store *store, bool *emptied, struct error *error)
{
    int code = sqlite3_wal_checkpoint_v2(store->db, NULL, SQLITE_CHECKPOINT_TRUNCATE, NULL, NULL);
    *emptied = code == SQLITE_OK;
    bool others = (code & 0xff) == SQLITE_BUSY || (code & 0xff) == SQLITE_LOCKED;
    return *emptied || others || store_fault(store, code, error);
}

bool store_add_cosignature(struct store *store, int64_t size, struct text line, bool *added,
                           struct error *error)
{
    sqlite3_stmt *statement = store_statement(store, STATEMENT_ADD_COSIGNATURE, error);
    if (statement == NULL)
        return false;
    sqlite3_bind_int64(statement, 1, size);
    bind_text(statement, 2, line);
    if (!store_run(store, statement, error))
        return false;
    *added = sqlite3_changes(store->db) > 0;
    return true;
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
