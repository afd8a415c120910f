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

/* --- Everybody --------------------------------------------------------------------------- */

/* Two statements in the same order, stepped side by side: no member is looked up. */
struct walk {
    struct store *store;
    sqlite3_stmt *members, *measures; /* measures NULL: not asked for */
    bool any;                         /* the statement of measures stands on a row */
    struct arena arena;               /* of one member's days */
};

/* The days of one member; what belongs to those before is of nobody who is there. */
static bool walk_measures(struct walk *in, struct tier_member_row *row, struct error *error)
{
    struct measure_row *rows = NULL;
    size_t capacity = 0;
    struct text measure = {0};
    arena_reset(&in->arena);
    while (in->any && (uint64_t)sqlite3_column_int64(in->measures, 0) <= row->member) {
        if ((uint64_t)sqlite3_column_int64(in->measures, 0) == row->member) {
            struct text name = column_text(in->measures, 1);
            if (!text_equal(name, measure))
                measure = text_copy(&in->arena, name);
            rows = store_room(&in->arena, rows, row->measure_count, &capacity, sizeof *rows);
            rows[row->measure_count++] =
                (struct measure_row){.member = row->member,
                                     .measure = measure,
                                     .grain = GRAIN_DAY,
                                     .period = sqlite3_column_int64(in->measures, 2),
                                     .value = sqlite3_column_int64(in->measures, 3)};
        }
        if (!store_step(in->store, in->measures, &in->any, error))
            return false;
    }
    row->measures = rows;
    return true;
}

static struct tier_member_row member_row(sqlite3_stmt *statement)
{
    struct tier_member_row row = {.member = (uint64_t)sqlite3_column_int64(statement, 0),
                                  .joined = sqlite3_column_int64(statement, 1)};
    row.tier = (struct tier_row){.member = row.member,
                                 .level = column_text(statement, 2),
                                 .since = sqlite3_column_int64(statement, 3),
                                 .due = sqlite3_column_int64(statement, 4),
                                 .judged = sqlite3_column_int64(statement, 5),
                                 .state = column_text(statement, 6)};
    return row;
}

bool store_each_tier(struct store *store, bool with_measures,
                     bool (*each)(void *context, const struct tier_member_row *row,
                                  struct error *error),
                     void *context, struct error *error)
{
    struct walk in = {.store = store,
                      .members = store_statement(store, STATEMENT_EACH_TIER, error)};
    if (with_measures)
        in.measures = store_statement(store, STATEMENT_EACH_MEASURE, error);
    if (in.members == NULL || (with_measures && in.measures == NULL))
        return false;
    bool more = false, good = !with_measures || store_step(store, in.measures, &in.any, error);
    while (good && (good = store_step(store, in.members, &more, error)) && more) {
        struct tier_member_row row = member_row(in.members);
        good = walk_measures(&in, &row, error) && each(context, &row, error);
    }
    sqlite3_reset(in.members);
    sqlite3_reset(in.measures);
    arena_free(&in.arena);
    return good;
}
