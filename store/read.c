/* Reading: keys in, rows out. A verb that takes many keys looks them up in the
 * caller's order; ascending keys find their page where the one before left it. Texts are copied
 * into the caller's arena, except in the walks, where SQLite's own memory is lent for one callback.
 */
#include "buffer.h"
#include "connection.h"

#include <stddef.h>
#include <string.h>

/* Few at first: most wallets have one or two of anything, and an import reads thousands of them. */
void *store_room(struct arena *arena, void *rows, size_t count, size_t *capacity, size_t size)
{
    if (count < *capacity)
        return rows;
    *capacity = *capacity == 0 ? 2 : *capacity * 2;
    void *larger = arena_allocate(arena, *capacity * size);
    if (count > 0)
        memcpy(larger, rows, count * size);
    return larger;
}

static struct text copied(struct arena *arena, sqlite3_stmt *statement, int column)
{
    return text_copy(arena, column_text(statement, column));
}

/* A hash, root or secret of fixed length; one of another length is damage. */
static bool fixed(struct store *store, sqlite3_stmt *statement, int column, void *out,
                  size_t length, struct error *error)
{
    struct text text = column_text(statement, column);
    if (text.length != length)
        return fail(error, ERROR_CORRUPT, _("'%s' is damaged: a hash or key of %zu bytes"),
                    store->path, text.length);
    memcpy(out, text.bytes, length);
    return true;
}

bool store_tip(struct store *store, struct arena *arena, struct tip *tip, struct error *error)
{
    bool found;
    memset(tip, 0, sizeof *tip);
    sqlite3_stmt *statement = store_statement(store, STATEMENT_TIP, error);
    if (statement == NULL || !store_step(store, statement, &found, error))
        return false;
    if (!found)
        return true;
    tip->size = sqlite3_column_int64(statement, 0);
    tip->time = sqlite3_column_int64(statement, 1);
    tip->mode = sqlite3_column_int64(statement, 2);
    tip->history_open = sqlite3_column_int64(statement, 3);
    tip->edge = copied(arena, statement, 4);
    tip->closed = sqlite3_column_int64(statement, 5);
    tip->held = sqlite3_column_int64(statement, 6);
    sqlite3_reset(statement);
    return true;
}

bool store_secret(struct store *store, unsigned char secret[SECRET_BYTES], struct error *error)
{
    bool found;
    sqlite3_stmt *statement = store_statement(store, STATEMENT_SECRET, error);
    if (statement == NULL || !store_step(store, statement, &found, error))
        return false;
    if (!found)
        return fail(error, ERROR_NOT_A_LEDGER, _("'%s' is not a whole ledger: it has no secret"),
                    store->path);
    bool good = fixed(store, statement, 0, secret, SECRET_BYTES, error);
    sqlite3_reset(statement);
    return good;
}

/* --- By key ------------------------------------------------------------------ */

/* What is asked of a table for each of many rows of the caller's: by one statement a key,
 * or, where they are many, by one statement for all of them (feed.h), which takes half of
 * the instructions. The second has the place of the row as a further, last column. */
struct question {
    enum statement one, many;
    size_t size;            /* of the caller's row */
    struct feed_column key; /* where the key stands in it */
    /* A row that was found; not called for a key that is not there. */
    bool (*take)(struct store *store, struct arena *arena, sqlite3_stmt *statement, void *row,
                 struct error *error);
};

static bool ask_one(struct store *store, struct arena *arena, const struct question *question,
                    void *row, struct error *error)
{
    bool found, good;
    sqlite3_stmt *statement = store_statement(store, question->one, error);
    if (statement == NULL)
        return false;
    feed_bind(statement, 1, &question->key, row);
    while ((good = store_step(store, statement, &found, error)) && found) {
        if (!question->take(store, arena, statement, row, error)) {
            sqlite3_reset(statement);
            return false;
        }
    }
    return good;
}

static bool ask_each(struct store *store, struct arena *arena, const struct question *question,
                     void *rows, size_t count, struct error *error)
{
    char *first = rows;
    bool found, good = true;
    for (size_t i = 0; good && count <= FEED_NOT && i < count; i++)
        good = ask_one(store, arena, question, first + i * question->size, error);
    if (count <= FEED_NOT)
        return good;
    sqlite3_stmt *statement = store_statement(store, question->many, error);
    if (statement == NULL)
        return false;
    store->feed = (struct feed){&question->key, first, count, question->size};
    int last = sqlite3_column_count(statement) - 1;
    while ((good = store_step(store, statement, &found, error)) && found) {
        int64_t place = sqlite3_column_int64(statement, last);
        if (!question->take(store, arena, statement, first + (size_t)place * question->size,
                            error)) {
            sqlite3_reset(statement);
            return false;
        }
    }
    return good;
}

static bool take_key(struct store *store, struct arena *arena, sqlite3_stmt *statement, void *row,
                     struct error *error)
{
    (void)store, (void)arena, (void)error;
    ((struct key_row *)row)->seq = sqlite3_column_int64(statement, 0);
    return true;
}

bool store_keys(struct store *store, struct key_row rows[], size_t count, struct error *error)
{
    static const struct question question = {STATEMENT_KEY,
                                             STATEMENT_KEYS,
                                             sizeof *rows,
                                             {FEED_KEY, offsetof(struct key_row, hash)},
                                             take_key};
    for (size_t i = 0; i < count; i++)
        rows[i].seq = -1;
    return ask_each(store, NULL, &question, rows, count, error);
}

static bool take_identifier(struct store *store, struct arena *arena, sqlite3_stmt *statement,
                            void *place, struct error *error)
{
    struct identifier_row *row = place;
    (void)store, (void)error;
    row->member = (uint64_t)sqlite3_column_int64(statement, 0);
    row->kind = copied(arena, statement, 1);
    row->shown = copied(arena, statement, 2);
    return true;
}

bool store_identifiers(struct store *store, struct arena *arena, struct identifier_row rows[],
                       size_t count, struct error *error)
{
    static const struct question question = {STATEMENT_IDENTIFIER,
                                             STATEMENT_IDENTIFIERS,
                                             sizeof *rows,
                                             {FEED_KEY, offsetof(struct identifier_row, hash)},
                                             take_identifier};
    for (size_t i = 0; i < count; i++) {
        rows[i].member = 0;
        rows[i].removed = false;
        rows[i].kind = rows[i].shown = text_of(NULL);
    }
    return ask_each(store, arena, &question, rows, count, error);
}

static void read_member(sqlite3_stmt *statement, struct member_row *row)
{
    row->id = (uint64_t)sqlite3_column_int64(statement, 0);
    row->wallet = (uint64_t)sqlite3_column_int64(statement, 1);
    row->joined = sqlite3_column_int64(statement, 2);
    row->last = sqlite3_column_int64(statement, 3);
    row->merged = (uint64_t)sqlite3_column_int64(statement, 4);
    row->erased = sqlite3_column_int64(statement, 5);
    row->hold = sqlite3_column_int64(statement, 6);
}

static bool take_member(struct store *store, struct arena *arena, sqlite3_stmt *statement,
                        void *row, struct error *error)
{
    (void)store, (void)arena, (void)error;
    read_member(statement, row);
    return true;
}

bool store_members(struct store *store, struct member_row rows[], size_t count, struct error *error)
{
    static const struct question question = {STATEMENT_MEMBER,
                                             STATEMENT_MEMBERS,
                                             sizeof *rows,
                                             {FEED_NUMBER, offsetof(struct member_row, id)},
                                             take_member};
    for (size_t i = 0; i < count; i++)
        rows[i] = (struct member_row){.id = rows[i].id};
    return ask_each(store, NULL, &question, rows, count, error);
}

bool store_member_list(struct store *store, struct arena *arena, uint64_t after, size_t limit,
                       struct member_row **rows, size_t *count, struct error *error)
{
    size_t capacity = 0;
    bool row, good;
    *rows = NULL;
    *count = 0;
    sqlite3_stmt *statement = store_statement(store, STATEMENT_MEMBER_LIST, error);
    if (statement == NULL)
        return false;
    sqlite3_bind_int64(statement, 1, (int64_t)after);
    sqlite3_bind_int64(statement, 2, (int64_t)limit);
    while ((good = store_step(store, statement, &row, error)) && row) {
        *rows = store_room(arena, *rows, *count, &capacity, sizeof **rows);
        read_member(statement, &(*rows)[(*count)++]);
    }
    return good;
}

static bool take_balance(struct store *store, struct arena *arena, sqlite3_stmt *statement,
                         void *place, struct error *error)
{
    struct balance_list *list = place;
    (void)store, (void)error;
    list->rows = store_room(arena, list->rows, list->count, &list->capacity, sizeof *list->rows);
    list->rows[list->count++] = (struct balance_row){
        .wallet = list->wallet,
        .currency = copied(arena, statement, 0),
        .available = sqlite3_column_int64(statement, 1),
        .pending = sqlite3_column_int64(statement, 2),
        .reserved = sqlite3_column_int64(statement, 3),
        .debt = sqlite3_column_int64(statement, 4),
        .idle = sqlite3_column_int64(statement, 5),
        .dated = sqlite3_column_int64(statement, 6),
        .due = sqlite3_column_int64(statement, 7),
    };
    return true;
}

bool store_balances(struct store *store, struct arena *arena, struct balance_list lists[],
                    size_t count, struct error *error)
{
    static const struct question question = {STATEMENT_BALANCES,
                                             STATEMENT_BALANCES_OF,
                                             sizeof *lists,
                                             {FEED_NUMBER, offsetof(struct balance_list, wallet)},
                                             take_balance};
    for (size_t i = 0; i < count; i++)
        lists[i] = (struct balance_list){.wallet = lists[i].wallet};
    return ask_each(store, arena, &question, lists, count, error);
}

static bool take_carry(struct store *store, struct arena *arena, sqlite3_stmt *statement,
                       void *place, struct error *error)
{
    struct carry_list *list = place;
    (void)store, (void)error;
    list->rows = store_room(arena, list->rows, list->count, &list->capacity, sizeof *list->rows);
    list->rows[list->count++] = (struct carry_row){
        .member = list->member,
        .currency = copied(arena, statement, 0),
        .numerator = sqlite3_column_int64(statement, 1),
        .denominator = sqlite3_column_int64(statement, 2),
    };
    return true;
}

bool store_carries(struct store *store, struct arena *arena, struct carry_list lists[],
                   size_t count, struct error *error)
{
    static const struct question question = {STATEMENT_CARRIES,
                                             STATEMENT_CARRIES_OF,
                                             sizeof *lists,
                                             {FEED_NUMBER, offsetof(struct carry_list, member)},
                                             take_carry};
    for (size_t i = 0; i < count; i++)
        lists[i] = (struct carry_list){.member = lists[i].member};
    return ask_each(store, arena, &question, lists, count, error);
}

bool store_identifiers_of(struct store *store, struct arena *arena, uint64_t member,
                          struct identifier_row **rows, size_t *count, struct error *error)
{
    size_t capacity = 0;
    bool row, good;
    *rows = NULL;
    *count = 0;
    sqlite3_stmt *statement = store_statement(store, STATEMENT_IDENTIFIERS_OF, error);
    if (statement == NULL)
        return false;
    sqlite3_bind_int64(statement, 1, (int64_t)member);
    while ((good = store_step(store, statement, &row, error)) && row) {
        *rows = store_room(arena, *rows, *count, &capacity, sizeof **rows);
        struct identifier_row *next = &(*rows)[*count];
        *next = (struct identifier_row){
            .member = member,
            .kind = copied(arena, statement, 1),
            .shown = copied(arena, statement, 2),
        };
        if (!fixed(store, statement, 3, next->hash, sizeof next->hash, error)) {
            sqlite3_reset(statement);
            return false;
        }
        ++*count;
    }
    return good;
}

static void read_lot(sqlite3_stmt *statement, struct arena *arena, struct lot_row *row)
{
    row->id = sqlite3_column_int64(statement, 0);
    row->wallet = (uint64_t)sqlite3_column_int64(statement, 1);
    row->member = (uint64_t)sqlite3_column_int64(statement, 2);
    row->currency = copied(arena, statement, 3);
    row->amount = sqlite3_column_int64(statement, 4);
    row->left = sqlite3_column_int64(statement, 5);
    row->reserved = sqlite3_column_int64(statement, 6);
    row->available_from = sqlite3_column_int64(statement, 7);
    row->expires = sqlite3_column_int64(statement, 8);
    row->origin = copied(arena, statement, 9);
    row->earned = sqlite3_column_int64(statement, 10);
}

/* Lots in the order of one of the two indexes, strictly after a place in it. */
static bool lots_after(struct store *store, enum statement which, struct arena *arena,
                       uint64_t wallet, struct text currency, int64_t after_moment,
                       int64_t after_id, size_t limit, struct lot_row **rows, size_t *count,
                       struct error *error)
{
    size_t capacity = 0;
    bool row, good;
    *rows = NULL;
    *count = 0;
    sqlite3_stmt *statement = store_statement(store, which, error);
    if (statement == NULL)
        return false;
    sqlite3_bind_int64(statement, 1, (int64_t)wallet);
    bind_text(statement, 2, currency);
    sqlite3_bind_int64(statement, 3, after_moment);
    sqlite3_bind_int64(statement, 4, after_id);
    sqlite3_bind_int64(statement, 5, (int64_t)limit);
    while ((good = store_step(store, statement, &row, error)) && row) {
        *rows = store_room(arena, *rows, *count, &capacity, sizeof **rows);
        read_lot(statement, arena, &(*rows)[(*count)++]);
    }
    return good;
}

bool store_open_lots(struct store *store, struct arena *arena, uint64_t wallet,
                     struct text currency, int64_t after_expires, int64_t after_id, size_t limit,
                     struct lot_row **rows, size_t *count, struct error *error)
{
    return lots_after(store, STATEMENT_OPEN_LOTS, arena, wallet, currency, after_expires, after_id,
                      limit, rows, count, error);
}

bool store_pending_lots(struct store *store, struct arena *arena, uint64_t wallet,
                        struct text currency, int64_t after_available, int64_t after_id,
                        size_t limit, struct lot_row **rows, size_t *count, struct error *error)
{
    return lots_after(store, STATEMENT_PENDING_LOTS, arena, wallet, currency, after_available,
                      after_id, limit, rows, count, error);
}

bool store_lot(struct store *store, struct arena *arena, int64_t id, struct lot_row *row,
               bool *found, struct error *error)
{
    memset(row, 0, sizeof *row);
    sqlite3_stmt *statement = store_statement(store, STATEMENT_LOT, error);
    if (statement == NULL)
        return false;
    sqlite3_bind_int64(statement, 1, id);
    if (!store_step(store, statement, found, error))
        return false;
    if (*found)
        read_lot(statement, arena, row);
    sqlite3_reset(statement);
    return true;
}

bool store_returned(struct store *store, struct arena *arena, int64_t seq, struct returned_row *row,
                    bool *found, struct error *error)
{
    memset(row, 0, sizeof *row);
    row->seq = seq;
    sqlite3_stmt *statement = store_statement(store, STATEMENT_RETURNED, error);
    if (statement == NULL)
        return false;
    sqlite3_bind_int64(statement, 1, seq);
    if (!store_step(store, statement, found, error))
        return false;
    if (*found)
        row->state = copied(arena, statement, 0);
    sqlite3_reset(statement);
    return true;
}

bool store_cancelled(struct store *store, int64_t seq, int64_t *by, struct error *error)
{
    bool found;
    sqlite3_stmt *statement = store_statement(store, STATEMENT_CANCELLED, error);
    if (statement == NULL)
        return false;
    sqlite3_bind_int64(statement, 1, seq);
    if (!store_step(store, statement, &found, error))
        return false;
    *by = found ? sqlite3_column_int64(statement, 0) : -1;
    sqlite3_reset(statement);
    return true;
}

bool store_holder(struct store *store, int64_t seq, struct holder_row *row, bool *found,
                  struct error *error)
{
    sqlite3_stmt *statement = store_statement(store, STATEMENT_HOLDER, error);
    if (statement == NULL)
        return false;
    sqlite3_bind_int64(statement, 1, seq);
    if (!store_step(store, statement, found, error))
        return false;
    *row = (struct holder_row){seq, *found ? sqlite3_column_int64(statement, 0) : -1};
    sqlite3_reset(statement);
    return true;
}

/* --- Reservations, households, counters, what waits, what is due ------------ */

static void read_reservation(sqlite3_stmt *statement, struct arena *arena,
                             struct reservation_row *row)
{
    row->seq = sqlite3_column_int64(statement, 0);
    row->wallet = (uint64_t)sqlite3_column_int64(statement, 1);
    row->currency = copied(arena, statement, 2);
    row->until = sqlite3_column_int64(statement, 3);
    row->by = sqlite3_column_int64(statement, 4);
}

bool store_reservation(struct store *store, struct arena *arena, int64_t seq,
                       struct reservation_row *row, bool *found, struct error *error)
{
    sqlite3_stmt *statement = store_statement(store, STATEMENT_RESERVATION, error);
    if (statement == NULL)
        return false;
    sqlite3_bind_int64(statement, 1, seq);
    if (!store_step(store, statement, found, error))
        return false;
    if (*found)
        read_reservation(statement, arena, row);
    sqlite3_reset(statement);
    return true;
}

bool store_reservations(struct store *store, struct arena *arena, uint64_t wallet,
                        struct reservation_row **rows, size_t *count, struct error *error)
{
    size_t capacity = 0;
    bool row, good;
    *rows = NULL;
    *count = 0;
    sqlite3_stmt *statement = store_statement(store, STATEMENT_RESERVATIONS, error);
    if (statement == NULL)
        return false;
    sqlite3_bind_int64(statement, 1, (int64_t)wallet);
    while ((good = store_step(store, statement, &row, error)) && row) {
        *rows = store_room(arena, *rows, *count, &capacity, sizeof **rows);
        read_reservation(statement, arena, &(*rows)[(*count)++]);
    }
    return good;
}

bool store_household(struct store *store, struct arena *arena, uint64_t wallet,
                     struct household_row **rows, size_t *count, struct error *error)
{
    size_t capacity = 0;
    bool row, good;
    *rows = NULL;
    *count = 0;
    sqlite3_stmt *statement = store_statement(store, STATEMENT_HOUSEHOLD, error);
    if (statement == NULL)
        return false;
    sqlite3_bind_int64(statement, 1, (int64_t)wallet);
    while ((good = store_step(store, statement, &row, error)) && row) {
        *rows = store_room(arena, *rows, *count, &capacity, sizeof **rows);
        (*rows)[(*count)++] = (struct household_row){(uint64_t)sqlite3_column_int64(statement, 0),
                                                     (uint64_t)sqlite3_column_int64(statement, 1),
                                                     sqlite3_column_int64(statement, 2)};
    }
    return good;
}

bool store_counter(struct store *store, struct counter_row *row, struct error *error)
{
    bool found;
    sqlite3_stmt *statement = store_statement(store, STATEMENT_COUNTER, error);
    if (statement == NULL)
        return false;
    sqlite3_bind_int64(statement, 1, (int64_t)row->owner);
    bind_text(statement, 2, row->name);
    bind_text(statement, 3, row->bucket);
    if (!store_step(store, statement, &found, error))
        return false;
    row->value = found ? sqlite3_column_int64(statement, 0) : 0;
    sqlite3_reset(statement);
    return true;
}

bool store_counters_of(struct store *store, struct arena *arena, uint64_t owner,
                       struct counter_row **rows, size_t *count, struct error *error)
{
    size_t capacity = 0;
    bool row, good;
    *rows = NULL;
    *count = 0;
    sqlite3_stmt *statement = store_statement(store, STATEMENT_COUNTERS_OF, error);
    if (statement == NULL)
        return false;
    sqlite3_bind_int64(statement, 1, (int64_t)owner);
    while ((good = store_step(store, statement, &row, error)) && row) {
        *rows = store_room(arena, *rows, *count, &capacity, sizeof **rows);
        (*rows)[(*count)++] =
            (struct counter_row){owner, copied(arena, statement, 0), copied(arena, statement, 1),
                                 sqlite3_column_int64(statement, 2)};
    }
    return good;
}

static bool read_held(struct store *store, sqlite3_stmt *statement, struct held_row *row,
                      struct error *error)
{
    row->seq = sqlite3_column_int64(statement, 0);
    row->by = sqlite3_column_int64(statement, 2);
    return fixed(store, statement, 1, row->awaits, sizeof row->awaits, error);
}

bool store_held(struct store *store, int64_t seq, struct held_row *row, bool *found,
                struct error *error)
{
    sqlite3_stmt *statement = store_statement(store, STATEMENT_HELD, error);
    if (statement == NULL)
        return false;
    sqlite3_bind_int64(statement, 1, seq);
    if (!store_step(store, statement, found, error))
        return false;
    bool good = !*found || read_held(store, statement, row, error);
    sqlite3_reset(statement);
    return good;
}

bool store_held_waiting(struct store *store, struct arena *arena,
                        const unsigned char awaits[KEY_HASH_BYTES], int64_t after, size_t limit,
                        struct held_row **rows, size_t *count, struct error *error)
{
    size_t capacity = 0;
    bool row, good;
    int next = 1;
    *rows = NULL;
    *count = 0;
    sqlite3_stmt *statement =
        store_statement(store, awaits == NULL ? STATEMENT_HELD_ALL : STATEMENT_HELD_FOR, error);
    if (statement == NULL)
        return false;
    if (awaits != NULL)
        bind_blob(statement, next++, awaits, KEY_HASH_BYTES);
    sqlite3_bind_int64(statement, next++, after);
    sqlite3_bind_int64(statement, next, (int64_t)limit);
    while ((good = store_step(store, statement, &row, error)) && row) {
        *rows = store_room(arena, *rows, *count, &capacity, sizeof **rows);
        if (!read_held(store, statement, &(*rows)[(*count)++], error)) {
            sqlite3_reset(statement);
            return false;
        }
    }
    return good;
}

bool store_operator(struct store *store, struct operator_row *row, struct error *error)
{
    bool found;
    sqlite3_stmt *statement = store_statement(store, STATEMENT_OPERATOR, error);
    if (statement == NULL)
        return false;
    bind_blob(statement, 1, row->hash, sizeof row->hash);
    if (!store_step(store, statement, &found, error))
        return false;
    row->member = found ? (uint64_t)sqlite3_column_int64(statement, 0) : 0;
    sqlite3_reset(statement);
    return true;
}

bool store_read_ids(struct store *store, sqlite3_stmt *statement, struct arena *arena,
                    uint64_t **ids, size_t *count, struct error *error)
{
    size_t capacity = 0;
    bool row, good;
    *ids = NULL;
    *count = 0;
    while ((good = store_step(store, statement, &row, error)) && row) {
        *ids = store_room(arena, *ids, *count, &capacity, sizeof **ids);
        (*ids)[(*count)++] = (uint64_t)sqlite3_column_int64(statement, 0);
    }
    return good;
}

bool store_due(struct store *store, struct arena *arena, int64_t until, size_t limit,
               uint64_t **wallets, size_t *count, struct error *error)
{
    sqlite3_stmt *statement = store_statement(store, STATEMENT_DUE, error);
    if (statement == NULL)
        return false;
    sqlite3_bind_int64(statement, 1, until);
    sqlite3_bind_int64(statement, 2, (int64_t)limit);
    return store_read_ids(store, statement, arena, wallets, count, error);
}

bool store_undated(struct store *store, struct arena *arena, struct text currency, int64_t since,
                   size_t limit, uint64_t **wallets, size_t *count, struct error *error)
{
    sqlite3_stmt *statement = store_statement(store, STATEMENT_UNDATED, error);
    if (statement == NULL)
        return false;
    bind_text(statement, 1, currency);
    sqlite3_bind_int64(statement, 2, since);
    sqlite3_bind_int64(statement, 3, (int64_t)limit);
    return store_read_ids(store, statement, arena, wallets, count, error);
}

bool store_due_count(struct store *store, int64_t until, int64_t *count, struct error *error)
{
    bool found;
    sqlite3_stmt *statement = store_statement(store, STATEMENT_DUE_COUNT, error);
    if (statement == NULL)
        return false;
    sqlite3_bind_int64(statement, 1, until);
    if (!store_step(store, statement, &found, error))
        return false;
    *count = sqlite3_column_int64(statement, 0);
    sqlite3_reset(statement);
    return true;
}

/* --- Programmes, records, checkpoints --------------------------------------- */

bool store_programmes(struct store *store, struct arena *arena, struct programme_row **rows,
                      size_t *count, struct error *error)
{
    size_t capacity = 0;
    bool row, good;
    *rows = NULL;
    *count = 0;
    sqlite3_stmt *statement = store_statement(store, STATEMENT_PROGRAMMES, error);
    if (statement == NULL)
        return false;
    while ((good = store_step(store, statement, &row, error)) && row) {
        *rows = store_room(arena, *rows, *count, &capacity, sizeof **rows);
        (*rows)[(*count)++] = (struct programme_row){
            .version = sqlite3_column_int64(statement, 0),
            .seq = sqlite3_column_int64(statement, 1),
            .from = sqlite3_column_int64(statement, 2),
        };
    }
    return good;
}

bool store_tiles(struct store *store, int64_t level, int64_t first, size_t limit,
                 struct tile_row rows[], size_t *count, struct error *error)
{
    bool row, good;
    *count = 0;
    sqlite3_stmt *statement = store_statement(store, STATEMENT_TILES, error);
    if (statement == NULL)
        return false;
    sqlite3_bind_int64(statement, 1, level);
    sqlite3_bind_int64(statement, 2, first);
    sqlite3_bind_int64(statement, 3, (int64_t)limit);
    while ((good = store_step(store, statement, &row, error)) && row) {
        rows[*count].level = level;
        rows[*count].n = sqlite3_column_int64(statement, 0);
        if (!fixed(store, statement, 1, rows[*count].root, STORE_HASH, error)) {
            sqlite3_reset(statement);
            return false;
        }
        ++*count;
    }
    return good;
}

bool store_checkpoint(struct store *store, struct arena *arena, int64_t at_most,
                      struct checkpoint_row *row, bool *found, struct error *error)
{
    memset(row, 0, sizeof *row);
    sqlite3_stmt *statement = store_statement(store, STATEMENT_CHECKPOINT, error);
    if (statement == NULL)
        return false;
    sqlite3_bind_int64(statement, 1, at_most);
    if (!store_step(store, statement, found, error))
        return false;
    if (*found) {
        row->size = sqlite3_column_int64(statement, 0);
        row->note = copied(arena, statement, 1);
    }
    sqlite3_reset(statement);
    return true;
}

bool store_cosignatures(struct store *store, struct arena *arena, int64_t size, struct text *lines,
                        struct error *error)
{
    struct buffer all = {0};
    bool row, good;
    sqlite3_stmt *statement = store_statement(store, STATEMENT_COSIGNATURES, error);
    if (statement == NULL)
        return false;
    sqlite3_bind_int64(statement, 1, size);
    while ((good = store_step(store, statement, &row, error)) && row)
        buffer_text(&all, column_text(statement, 0));
    *lines = text_copy(arena, buffer_view(&all));
    buffer_free(&all);
    return good;
}

bool store_cosigned(struct store *store, int64_t at_most, int64_t *size, struct error *error)
{
    bool row;
    *size = -1;
    sqlite3_stmt *statement = store_statement(store, STATEMENT_COSIGNED, error);
    if (statement == NULL)
        return false;
    sqlite3_bind_int64(statement, 1, at_most);
    if (!store_step(store, statement, &row, error))
        return false;
    if (row)
        *size = sqlite3_column_int64(statement, 0);
    sqlite3_reset(statement);
    return true;
}

bool store_stray_body(struct store *store, int64_t records, int64_t *seq, bool *found,
                      struct error *error)
{
    sqlite3_stmt *statement = store_statement(store, STATEMENT_STRAY_BODY, error);
    if (statement == NULL)
        return false;
    sqlite3_bind_int64(statement, 1, records);
    if (!store_step(store, statement, found, error))
        return false;
    *seq = *found ? sqlite3_column_int64(statement, 0) : -1;
    sqlite3_reset(statement);
    return true;
}

/* --- What was erased ----------------------------------------------------- */

bool store_erased(struct store *store, int64_t seq, struct erased_row *row, bool *found,
                  struct error *error)
{
    sqlite3_stmt *statement = store_statement(store, STATEMENT_ERASED, error);
    if (statement == NULL)
        return false;
    sqlite3_bind_int64(statement, 1, seq);
    if (!store_step(store, statement, found, error))
        return false;
    if (*found)
        *row = (struct erased_row){sqlite3_column_int64(statement, 0),
                                   sqlite3_column_int64(statement, 1),
                                   sqlite3_column_int64(statement, 2)};
    sqlite3_reset(statement);
    return true;
}

/* --- Records and walks --------------------------------------------------- */

/* Of a body that was erased blanks are left; JSON begins otherwise. */
static bool is_body(struct text stored)
{
    return stored.length == 0 || stored.bytes[0] != ' ';
}

/* Lends the texts of the current row. */
static void read_record(sqlite3_stmt *statement, struct record_row *row)
{
    row->seq = sqlite3_column_int64(statement, 0);
    row->head = column_text(statement, 1);
    row->has_body =
        sqlite3_column_type(statement, 3) != SQLITE_NULL && is_body(column_text(statement, 3));
    row->salt = row->body = text_of(NULL);
    if (row->has_body) {
        row->salt = column_text(statement, 2);
        row->body = column_text(statement, 3);
    }
}

bool store_lend_record(struct store *store, int64_t seq,
                       bool (*each)(void *context, const struct record_row *row,
                                    struct error *error),
                       void *context, struct error *error)
{
    bool found;
    struct record_row row;
    sqlite3_stmt *statement = store_statement(store, STATEMENT_RECORD, error);
    if (statement == NULL)
        return false;
    sqlite3_bind_int64(statement, 1, seq);
    if (!store_step(store, statement, &found, error))
        return false;
    if (!found)
        return true;
    read_record(statement, &row);
    bool good = each(context, &row, error);
    sqlite3_reset(statement);
    return good;
}

struct keeping {
    struct arena *arena;
    struct record_row *row;
    bool *found;
};

static bool keep(void *context, const struct record_row *row, struct error *error)
{
    (void)error;
    const struct keeping *keeping = context;
    *keeping->found = true;
    *keeping->row = (struct record_row){.seq = row->seq,
                                        .head = text_copy(keeping->arena, row->head),
                                        .salt = text_copy(keeping->arena, row->salt),
                                        .body = text_copy(keeping->arena, row->body),
                                        .has_body = row->has_body};
    return true;
}

bool store_record(struct store *store, struct arena *arena, int64_t seq, struct record_row *row,
                  bool *found, struct error *error)
{
    struct keeping keeping = {arena, row, found};
    memset(row, 0, sizeof *row);
    *found = false;
    return store_lend_record(store, seq, keep, &keeping, error);
}

/* A statement of its own, so that a callback may walk again. */
static sqlite3_stmt *prepared(struct store *store, const char *sql, struct error *error)
{
    sqlite3_stmt *statement = NULL;
    int code = sqlite3_prepare_v3(store->db, sql, -1, SQLITE_PREPARE_NO_VTAB, &statement, NULL);
    if (code != SQLITE_OK)
        store_fault(store, code, error);
    return statement;
}

bool store_each_record(struct store *store, int64_t from, int64_t until,
                       bool (*each)(void *context, const struct record_row *row,
                                    struct error *error),
                       void *context, struct error *error)
{
    sqlite3_stmt *statement = prepared(store,
                                       "SELECT r.seq, r.head, b.salt, b.body FROM record r"
                                       " LEFT JOIN body b ON b.seq = r.seq"
                                       " WHERE r.seq >= ? AND r.seq < ? ORDER BY r.seq",
                                       error);
    if (statement == NULL)
        return false;
    sqlite3_bind_int64(statement, 1, from);
    sqlite3_bind_int64(statement, 2, until);
    bool more, good;
    while ((good = store_step(store, statement, &more, error)) && more) {
        struct record_row row;
        read_record(statement, &row);
        if (!(good = each(context, &row, error)))
            break;
    }
    sqlite3_finalize(statement);
    return good;
}

bool store_each_checkpoint(struct store *store,
                           bool (*each)(void *context, const struct checkpoint_row *row,
                                        struct error *error),
                           void *context, struct error *error)
{
    sqlite3_stmt *statement =
        prepared(store, "SELECT size, note FROM checkpoint ORDER BY size", error);
    if (statement == NULL)
        return false;
    bool more, good;
    while ((good = store_step(store, statement, &more, error)) && more) {
        struct checkpoint_row row = {sqlite3_column_int64(statement, 0), column_text(statement, 1)};
        if (!(good = each(context, &row, error)))
            break;
    }
    sqlite3_finalize(statement);
    return good;
}
