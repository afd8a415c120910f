/* Levels: how many members are of each, and how many moved from which to which in a month; or
 * who is about to fall, or near to climb (nearing.c).
 *
 * One pass over the members (ledger/answers/census.h). Moves are counted by the records that
 * make them; those that time has made, and nobody has recorded yet, come with the census. So a
 * sweep changes nothing that is said. It is about the ledger as it is: the rows do not know how
 * members stood when the log was shorter. */
#include "levels.h"

#include "answer.h"
#include "pipeline.h"

enum { TELL_EVERY = 4096 }; /* members */

struct level_count {
    struct levels levels;
    struct months months;
    int64_t members[LIMIT_LEVELS];
    int64_t (*moves)[LIMIT_LEVELS][LIMIT_LEVELS]; /* by month: from, to */
    struct nearing *nearing;                      /* NULL: nobody asks for it */
    int64_t seen;
};

int level_place_of(const struct levels *levels, struct text id)
{
    int place = programme_level_index(levels->programme, id);
    return place >= 0 ? place : programme_level_now(levels->versions, levels->version_count, id);
}

/* --- Counting ---------------------------------------------------------------------------- */

/* A counter of the programme, or what a head adds to one. */
static void add_move(struct level_count *in, struct text name, struct text bucket, int64_t by)
{
    struct text from, to;
    struct error ignored;
    int month = 0;
    if (!tier_move_parse(name, &from, &to) || !month_parse(bucket, "bucket", &month, &ignored) ||
        month < in->months.first || month > in->months.last)
        return;
    int before = level_place_of(&in->levels, from), after = level_place_of(&in->levels, to);
    if (before >= 0 && after >= 0)
        in->moves[month - in->months.first][before][after] += by;
}

/* Whoever watches is told now and then, and may have had enough. */
static bool goes_on(struct level_count *in, struct error *error)
{
    const struct watch *watch = &in->levels.view->watch;
    return in->seen++ % TELL_EVERY != 0 || watch->tell == NULL ||
           watch->tell(watch->context, in->seen, 0) ||
           fail(error, ERROR_INTERRUPTED, _("stopped before the end"));
}

static bool count_member(void *context, const struct census_member *member, struct error *error)
{
    struct level_count *in = context;
    if (!goes_on(in, error))
        return false;
    int level = member->level.length == 0 ? 0 : level_place_of(&in->levels, member->level);
    in->members[level < 0 ? 0 : level]++;
    for (size_t h = 0; h < member->head_count; h++) {
        const struct head *head = member->heads[h];
        for (size_t i = 0; i < head->count_count; i++)
            add_move(in, head->counts[i].name, head->counts[i].bucket, head->counts[i].by);
    }
    return in->nearing == NULL || nearing_add(in->nearing, member, error);
}

static bool count_recorded(struct level_count *in, struct error *error)
{
    struct counter_row *rows = NULL;
    size_t count = 0;
    struct view *view = in->levels.view;
    if (!store_counters_of(view->ledger->store, &view->arena, 0, &rows, &count, error))
        return false;
    for (size_t i = 0; i < count; i++)
        add_move(in, rows[i].name, rows[i].bucket, rows[i].value);
    return true;
}

/* --- The sheet --------------------------------------------------------------------------- */

static struct text name_of(const struct levels *levels, size_t l)
{
    const struct tier_level *level = &levels->tiers->levels[l];
    return localized_text(&level->name, language_tag(), level->id);
}

static void add_columns(const struct level_count *in, struct sheet *sheet)
{
    struct arena *arena = sheet->arena;
    sheet_column(sheet, "period", N_("month"), LEFT);
    sheet_column(sheet, "level", N_("level"), LEFT);
    sheet_column(sheet, "name", N_("name"), LEFT);
    sheet_column(sheet, "members", N_("members"), RIGHT);
    for (size_t l = 0; l < in->levels.tiers->level_count; l++) {
        struct text id = in->levels.tiers->levels[l].id, name = name_of(&in->levels, l);
        sheet_column(sheet, text_format(arena, "to_%.*s", TEXT(id)).bytes,
                     text_format(arena, _("to %.*s"), TEXT(name)).bytes, RIGHT);
    }
}

/* How many there are is known of today alone. */
static void write_members(const struct level_count *in, struct sheet *sheet, int month,
                          int64_t count)
{
    if (month == month_of_date(in->levels.view->as_of))
        sheet_points(sheet, count, 0);
    else
        sheet_blank(sheet);
}

static void write_level(const struct level_count *in, struct sheet *sheet, int month, size_t level)
{
    const struct tiers *tiers = in->levels.tiers;
    const int64_t *to = in->moves[month - in->months.first][level];
    sheet_row(sheet, false);
    sheet_text(sheet, month_text(sheet->arena, month));
    sheet_text(sheet, tiers->levels[level].id);
    sheet_text(sheet, name_of(&in->levels, level));
    write_members(in, sheet, month, in->members[level]);
    for (size_t l = 0; l < tiers->level_count; l++) {
        if (l == level && to[l] == 0)
            sheet_blank(sheet); /* only of levels that have become one since */
        else
            sheet_points(sheet, to[l], 0);
    }
}

static void write_total(const struct level_count *in, struct sheet *sheet)
{
    const struct tiers *tiers = in->levels.tiers;
    int64_t members = 0;
    for (size_t l = 0; l < tiers->level_count; l++)
        members += in->members[l];
    sheet_row(sheet, true);
    sheet_word(sheet, text_of("total"));
    sheet_blank(sheet);
    sheet_blank(sheet);
    write_members(in, sheet, in->months.last, members);
    for (size_t to = 0; to < tiers->level_count; to++) {
        int64_t sum = 0;
        for (int month = in->months.first; month <= in->months.last; month++) {
            for (size_t from = 0; from < tiers->level_count; from++)
                sum += in->moves[month - in->months.first][from][to];
        }
        sheet_points(sheet, sum, 0);
    }
}

static void write_levels(const struct level_count *in, struct sheet *sheet)
{
    add_columns(in, sheet);
    for (int month = in->months.first; month <= in->months.last; month++) {
        for (size_t l = 0; l < in->levels.tiers->level_count; l++)
            write_level(in, sheet, month, l);
    }
    write_total(in, sheet);
}

/* --- The report -------------------------------------------------------------------------- */

/* The rows are those of now: days that are over by the log are not to be had back. */
static bool find_levels(struct view *view, struct levels *levels, struct error *error)
{
    const struct version *version = view_version(view, view->end - 1);
    if (view->end - 1 < view->ledger->state.tip.time)
        return fail_field(error, ERROR_INVALID_FIELD, "as_of",
                          _("the levels of a day before the newest record are not known any more"));
    if (version->programme->tiers == NULL) {
        fail_field(error, ERROR_NOT_ALLOWED, "name", _("the programme has no tiers"));
        return hint(error, _("levels are what \"tiers\" of the programme says"));
    }
    *levels = (struct levels){.view = view,
                              .programme = version->programme,
                              .tiers = version->programme->tiers,
                              .version_count = (size_t)version->number};
    levels->versions =
        arena_allocate(&view->arena, levels->version_count * sizeof *levels->versions);
    for (size_t i = 0; i < levels->version_count; i++)
        levels->versions[i] = view->versions[i].programme;
    return true;
}

bool tier_levels(struct view *view, struct months months, const struct report_options *options,
                 struct sheet *sheet, struct error *error)
{
    struct level_count in = {.months = months};
    struct nearing nearing = {0};
    bool within = options->within.length > 0;
    size_t count = (size_t)(months.last - months.first + 1);
    if (!find_levels(view, &in.levels, error) ||
        (within && !nearing_begin(&nearing, &in.levels, options, error)))
        return false;
    in.nearing = within ? &nearing : NULL;
    in.moves = arena_allocate(&view->arena, count * sizeof *in.moves);
    bool good = (within || count_recorded(&in, error)) &&
                census(view->ledger, view->end - 1, within, count_member, &in, error);
    if (good && within)
        nearing_write(&nearing, sheet);
    else if (good)
        write_levels(&in, sheet);
    nearing_end(&nearing);
    return good;
}
