/* Who is about to fall, and who is near to climb: whom a shop writes to.
 *
 * A fall is foreseen: what time would do to the level until the horizon if nothing more is
 * bought. A climb cannot be; told are those who lack least of what the next level asks for.
 * Least is meant of the whole: of the measure of which most is missing, how much. Memory is
 * that of those who are told. */
#include "levels.h"

#include <stdlib.h>

#include "answer.h"

/* --- The nearest ------------------------------------------------------------------------- */

/* Who lacks less; of two who lack the same, whose day comes first. */
static int compare_movers(const struct mover *a, const struct mover *b)
{
    int order = fraction_compare(a->share, b->share);
    if (order != 0)
        return order;
    if (a->day != b->day)
        return a->day < b->day ? -1 : 1;
    return (a->member > b->member) - (a->member < b->member);
}

/* At its place, if that is among the first. */
static void add_mover(struct movers *in, const struct mover *mover)
{
    size_t at = in->count;
    in->all++;
    while (at > 0 && compare_movers(mover, &in->list[at - 1]) < 0)
        at--;
    if (at == in->most)
        return;
    in->count += in->count < in->most;
    memmove(&in->list[at + 1], &in->list[at], (in->count - at - 1) * sizeof *in->list);
    in->list[at] = *mover;
}

/* --- How much is missing ----------------------------------------------------------------- */

/* Of one alternative, its worst measure; false where something is missing that it does not
 * ask for. */
static bool share_of(const struct demands *demands, const struct tier_missing *missing,
                     struct fraction *share)
{
    size_t asked = 0, lacking = 0;
    *share = fraction_zero();
    for (size_t m = 0; m < LIMIT_MEASURES; m++)
        lacking += missing->units[m] > 0;
    for (size_t i = 0; i < demands->count; i++) {
        const struct demand *demand = &demands->list[i];
        const struct fraction one = {missing->units[demand->measure], demand->units};
        asked += one.numerator > 0;
        if (fraction_compare(one, *share) > 0)
            *share = one;
    }
    return asked == lacking;
}

static struct fraction share_missing(const struct requirement *requirement,
                                     const struct tier_missing *missing)
{
    struct fraction least = {1, 1}, one;
    for (size_t i = 0; i < requirement->count; i++) {
        if (share_of(&requirement->any[i], missing, &one) && fraction_compare(one, least) < 0)
            least = one;
    }
    return least;
}

static struct mover mover_of(const struct census_member *member, const struct tier_state *state,
                             const struct tier_missing *missing, int64_t day)
{
    struct mover mover = {.member = member->id, .level = state->level, .day = day};
    memcpy(mover.missing, missing->units, sizeof mover.missing);
    return mover;
}

/* --- Falls and climbs -------------------------------------------------------------------- */

/* The level that is left at the horizon, if nothing more is bought; and when it is lost. */
static bool foresee(const struct nearing *in, const struct tier_member *who,
                    const struct tier_state *now, unsigned *level, moment *when,
                    struct error *error)
{
    struct tier_state state = *now;
    enum tier_change change;
    *when = MOMENT_NEVER;
    for (moment due = tier_due(&state); due <= in->horizon; due = tier_due(&state)) {
        if (!tier_elapse(who, &state, due, &change, error))
            return false;
        if (state.level < now->level && *when == MOMENT_NEVER)
            *when = due;
    }
    *level = state.level;
    return true;
}

static bool add_fall(struct nearing *in, const struct census_member *member,
                     const struct tier_member *who, const struct tier_state *state,
                     const struct tier_view *view, struct error *error)
{
    static const struct tier_missing nothing;
    const struct tier_level *own = &in->levels->tiers->levels[state->level];
    moment when = MOMENT_NEVER;
    unsigned to = 0;
    if (tier_due(state) > in->horizon)
        return true;
    if (!foresee(in, who, state, &to, &when, error))
        return false;
    if (to >= state->level)
        return true;
    bool helps = view->can_lose && view->to_keep.possible; /* else nothing that is bought does */
    int64_t last = date_to_days(zone_date(in->levels->programme->zone, when - 1));
    struct mover mover = mover_of(member, state, helps ? &view->to_keep : &nothing, last);
    mover.to = to;
    mover.share = helps ? share_missing(&own->keep, &view->to_keep) : (struct fraction){1, 1};
    add_mover(&in->falls, &mover);
    return true;
}

/* Whoever has nothing yet of what is asked for is not near. */
static void add_climb(struct nearing *in, const struct census_member *member,
                      const struct tier_state *state, const struct tier_view *view)
{
    static const struct fraction all = {1, 1};
    if (view->next < 0 || !view->to_next.possible)
        return;
    struct mover mover = mover_of(member, state, &view->to_next, view->next_by);
    mover.to = (unsigned)view->next;
    mover.share = share_missing(&in->levels->tiers->levels[view->next].from, &view->to_next);
    if (fraction_compare(mover.share, all) < 0)
        add_mover(&in->climbs, &mover);
}

bool nearing_add(struct nearing *in, const struct census_member *member, struct error *error)
{
    const struct programme *programme = in->levels->programme;
    struct census_counted counted;
    struct tier_state state;
    struct tier_view view;
    if (member->state.length == 0)
        return true; /* nothing has counted: neither near to anything nor with a level to lose */
    arena_reset(&in->scratch);
    const struct tier_member who = census_judged(member, programme, &counted);
    if (!tier_read(in->levels->view->ledger, programme, member->state, member->joined, &in->scratch,
                   &state, error) ||
        !tier_look(&who, &state, in->now, &view, error) ||
        !add_fall(in, member, &who, &state, &view, error))
        return false;
    add_climb(in, member, &state, &view);
    return true;
}

/* --- The report -------------------------------------------------------------------------- */

bool nearing_begin(struct nearing *in, const struct levels *levels,
                   const struct report_options *options, struct error *error)
{
    const struct zone *zone = levels->programme->zone;
    struct span span;
    if (!span_parse(options->within, &span))
        return fail_field(error, ERROR_INVALID_FIELD, "within",
                          _("\"within\" must be a duration above zero, like \"P30D\""));
    if (options->most == 0 || options->most > NEARING_MOST)
        return fail_field(error, ERROR_LIMIT, "most",
                          _("\"most\" is from 1 to %d members of each kind"), NEARING_MOST);
    size_t most = options->most < 0 ? NEARING : (size_t)options->most;
    *in = (struct nearing){.levels = levels, .now = levels->view->end - 1};
    in->horizon = zone_add(zone, in->now, span);
    in->falls.most = in->climbs.most = most;
    in->falls.list = memory_allocate(most * sizeof *in->falls.list);
    in->climbs.list = memory_allocate(most * sizeof *in->climbs.list);
    return true;
}

void nearing_end(struct nearing *in)
{
    free(in->falls.list);
    free(in->climbs.list);
    arena_free(&in->scratch);
}

static void add_columns(const struct levels *levels, struct sheet *sheet)
{
    struct arena *arena = sheet->arena;
    sheet_column(sheet, "what", N_("what"), LEFT);
    sheet_column(sheet, "member", N_("member"), LEFT);
    sheet_column(sheet, "level", N_("level"), LEFT);
    sheet_column(sheet, "to", N_("to"), LEFT);
    sheet_column(sheet, "day", N_("until"), LEFT);
    for (size_t m = 0; m < levels->tiers->measure_count; m++) {
        struct text id = levels->tiers->measures[m].id;
        sheet_column(sheet, text_format(arena, "missing_%.*s", TEXT(id)).bytes,
                     text_format(arena, _("missing %.*s"), TEXT(id)).bytes, RIGHT);
    }
    sheet_column(sheet, "missing_percent", N_("missing %"), RIGHT);
    sheet_column(sheet, "members", N_("members"), RIGHT);
}

static void write_missing(const struct levels *levels, struct sheet *sheet, unsigned m,
                          int64_t units)
{
    const struct measure *measure = &levels->tiers->measures[m];
    if (units == 0)
        sheet_blank(sheet);
    else if (measure->kind == MEASURE_SPEND)
        sheet_decimal(sheet, units, levels->programme->currency_digits);
    else if (measure->kind == MEASURE_EARNED)
        sheet_points(sheet, units, levels->programme->points[measure->currency].scale);
    else
        sheet_points(sheet, units, 0);
}

/* In hundredths of a percent; a share is at most one. */
static void write_share(struct sheet *sheet, struct fraction share)
{
    int64_t hundredths = 0;
    share.numerator *= 10000;
    if (fraction_round(share, ROUND_EVEN, &hundredths))
        sheet_decimal(sheet, hundredths, 2);
    else
        sheet_blank(sheet);
}

static void write_mover(const struct levels *levels, struct sheet *sheet, const char *what,
                        const struct mover *mover)
{
    char id[MEMBER_ID_CHARS + 1];
    struct buffer day = {0};
    member_id_format(mover->member, id);
    if (mover->day != INT64_MAX)
        date_format(&day, date_from_days(mover->day));
    sheet_row(sheet, false);
    sheet_word(sheet, text_of(what));
    sheet_text(sheet, text_format(sheet->arena, "id:%s", id));
    sheet_text(sheet, levels->tiers->levels[mover->level].id);
    sheet_text(sheet, levels->tiers->levels[mover->to].id);
    sheet_text(sheet, buffer_view(&day));
    for (unsigned m = 0; m < levels->tiers->measure_count; m++)
        write_missing(levels, sheet, m, mover->missing[m]);
    write_share(sheet, mover->share);
    sheet_blank(sheet);
    buffer_free(&day);
}

static void write_all(const struct levels *levels, struct sheet *sheet, const char *what,
                      int64_t all)
{
    sheet_row(sheet, true);
    sheet_word(sheet, text_of(what));
    for (size_t blank = levels->tiers->measure_count + 5; blank > 0; blank--)
        sheet_blank(sheet);
    sheet_points(sheet, all, 0);
}

void nearing_write(struct nearing *in, struct sheet *sheet)
{
    add_columns(in->levels, sheet);
    for (size_t i = 0; i < in->falls.count; i++)
        write_mover(in->levels, sheet, "fall", &in->falls.list[i]);
    for (size_t i = 0; i < in->climbs.count; i++)
        write_mover(in->levels, sheet, "climb", &in->climbs.list[i]);
    write_all(in->levels, sheet, "fall", in->falls.all);
    write_all(in->levels, sheet, "climb", in->climbs.all);
}
