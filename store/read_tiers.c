/* Reading what tiers stand on: what has counted for a member, and their level. */
#include "connection.h"

bool store_measures(struct store *store, struct arena *arena, uint64_t member, struct text measure,
                    int64_t grain, int64_t first, int64_t last, struct measure_row **rows,
                    size_t *count, struct error *error)
{
    size_t capacity = 0;
    bool row, good;
    *rows = NULL;
    *count = 0;
    sqlite3_stmt *statement = store_statement(store, STATEMENT_MEASURES, error);
    if (statement == NULL)
        return false;
    sqlite3_bind_int64(statement, 1, (int64_t)member);
    bind_text(statement, 2, measure);
    sqlite3_bind_int64(statement, 3, grain);
    sqlite3_bind_int64(statement, 4, first);
    sqlite3_bind_int64(statement, 5, last);
    while ((good = store_step(store, statement, &row, error)) && row) {
        *rows = store_room(arena, *rows, *count, &capacity, sizeof **rows);
        (*rows)[(*count)++] = (struct measure_row){.member = member,
                                                   .measure = measure,
                                                   .grain = grain,
                                                   .period = sqlite3_column_int64(statement, 0),
                                                   .value = sqlite3_column_int64(statement, 1)};
    }
    return good;
}

bool store_measures_of(struct store *store, struct arena *arena, uint64_t member,
                       struct text **measures, size_t *count, struct error *error)
{
    size_t capacity = 0;
    bool row, good;
    *measures = NULL;
    *count = 0;
    sqlite3_stmt *statement = store_statement(store, STATEMENT_MEASURES_OF, error);
    if (statement == NULL)
        return false;
    sqlite3_bind_int64(statement, 1, (int64_t)member);
    while ((good = store_step(store, statement, &row, error)) && row) {
        *measures = store_room(arena, *measures, *count, &capacity, sizeof **measures);
        (*measures)[(*count)++] = text_copy(arena, column_text(statement, 0));
    }
    return good;
}

bool store_tier(struct store *store, struct arena *arena, struct tier_row *row, struct error *error)
{
    bool found;
    *row = (struct tier_row){.member = row->member};
    sqlite3_stmt *statement = store_statement(store, STATEMENT_TIER, error);
    if (statement == NULL)
        return false;
    sqlite3_bind_int64(statement, 1, (int64_t)row->member);
    if (!store_step(store, statement, &found, error))
        return false;
    if (!found)
        return true;
    row->level = text_copy(arena, column_text(statement, 0));
    row->since = sqlite3_column_int64(statement, 1);
    row->due = sqlite3_column_int64(statement, 2);
    row->judged = sqlite3_column_int64(statement, 3);
    row->state = text_copy(arena, column_text(statement, 4));
    sqlite3_reset(statement);
    return true;
}

/* Those up to a moment, as two statements ask for them. */
static bool members_until(struct store *store, enum statement which, struct arena *arena,
                          int64_t until, size_t limit, uint64_t **members, size_t *count,
                          struct error *error)
{
    sqlite3_stmt *statement = store_statement(store, which, error);
    if (statement == NULL)
        return false;
    sqlite3_bind_int64(statement, 1, until);
    sqlite3_bind_int64(statement, 2, (int64_t)limit);
    return store_read_ids(store, statement, arena, members, count, error);
}

bool store_tiers_due(struct store *store, struct arena *arena, int64_t until, size_t limit,
                     uint64_t **members, size_t *count, struct error *error)
{
    return members_until(store, STATEMENT_TIERS_DUE, arena, until, limit, members, count, error);
}

bool store_tiers_unjudged(struct store *store, struct arena *arena, int64_t since, size_t limit,
                          uint64_t **members, size_t *count, struct error *error)
{
    return members_until(store, STATEMENT_TIERS_UNJUDGED, arena, since, limit, members, count,
                         error);
}
