/* Programmes and members for the tests of tiers, without a document or a ledger. */
#include "trial.h"

/* --- The programme ------------------------------------------------------------------------ */

/* Zones are read once: there are few, and thousands of trials. */
static const struct zone *zone_of(const char *name)
{
    static struct {
        const char *name;
        const struct zone *zone;
        struct arena arena;
    } known[16];
    size_t i = 0;
    while (known[i].name != NULL && strcmp(known[i].name, name) != 0)
        i++;
    if (known[i].name == NULL) {
        struct buffer bytes = {0};
        struct error error = {0};
        CU_ASSERT_TRUE_FATAL(zone_load_system(name, &bytes, &error));
        known[i].zone = zone_read(&known[i].arena, buffer_view(&bytes), &error);
        CU_ASSERT_PTR_NOT_NULL_FATAL(known[i].zone);
        known[i].name = name;
        buffer_free(&bytes);
    }
    return known[i].zone;
}

static bool sum_entries(void *context, unsigned measure, int64_t first, int64_t last, int64_t *sum,
                        struct error *error)
{
    const struct trial *trial = context;
    bool days = trial->measures[measure].kind == MEASURE_DAYS;
    (void)error;
    *sum = 0;
    for (size_t i = 0; i < trial->entry_count; i++) {
        int64_t day = trial->entries[i].day, of_day = 0;
        bool counted = false;
        if (trial->entries[i].measure != measure || day < first || day > last)
            continue;
        if (!days) {
            *sum += trial->entries[i].by;
            continue;
        }
        for (size_t j = 0; j < trial->entry_count; j++) {
            if (trial->entries[j].measure != measure || trial->entries[j].day != day)
                continue;
            counted = counted || j < i;
            of_day += trial->entries[j].by;
        }
        *sum += !counted && of_day > 0 ? 1 : 0;
    }
    return true;
}

void trial_begin(struct trial *trial, const char *zone, const char *joined, size_t levels)
{
    memset(trial, 0, sizeof *trial);
    trial->programme.zone = zone_of(zone);
    trial->programme.tiers = &trial->tiers;
    trial->tiers.measures = trial->measures;
    trial->tiers.measure_count = 1;
    trial->tiers.window.kind = WINDOW_LIFETIME;
    trial->tiers.levels = trial->levels;
    trial->tiers.level_count = levels;
    trial->measures[0] = (struct measure){.key = text_of("spend"), .kind = MEASURE_SPEND};
    trial->member.programme = &trial->programme;
    trial->member.joined = trial_moment(trial, joined);
    trial->member.history = (struct tier_history){sum_entries, trial};
    tier_begin(&trial->member, &trial->state);
}

struct span trial_span(const char *text)
{
    struct span span = {0};
    CU_ASSERT_TRUE_FATAL(span_parse(text_of(text), &span));
    return span;
}

void trial_or(struct trial *trial, struct requirement *requirement,
              const int64_t units[LIMIT_MEASURES])
{
    struct demands *made = &trial->alternatives[trial->alternative_count++];
    CU_ASSERT_FATAL(trial->alternative_count <= TRIAL_DEMANDS);
    if (requirement->count == 0)
        requirement->any = made;
    CU_ASSERT_PTR_EQUAL_FATAL(requirement->any + requirement->count, made);
    requirement->count++;
    made->list = &trial->demands[trial->demand_count];
    for (unsigned m = 0; m < LIMIT_MEASURES; m++) {
        if (units[m] == 0)
            continue;
        CU_ASSERT_FATAL(trial->demand_count < TRIAL_DEMANDS);
        trial->demands[trial->demand_count++] = (struct demand){m, units[m]};
        made->count++;
    }
}

void trial_from(struct trial *trial, unsigned level, int64_t units)
{
    const int64_t only[LIMIT_MEASURES] = {units};
    trial->levels[level].from = (struct requirement){0};
    trial_or(trial, &trial->levels[level].from, only);
    trial->levels[level].keep = trial->levels[level].from;
}

void trial_keep(struct trial *trial, unsigned level, int64_t units)
{
    const int64_t only[LIMIT_MEASURES] = {units};
    trial->levels[level].keep = (struct requirement){0};
    trial_or(trial, &trial->levels[level].keep, only);
}

void trial_window(struct trial *trial, enum window_kind kind, const char *span)
{
    trial->tiers.window.kind = kind;
    if (span != NULL)
        trial->tiers.window.span = trial_span(span);
}

void trial_review(struct trial *trial, enum review_kind kind, const char *after)
{
    for (unsigned level = 1; level < trial->tiers.level_count; level++) {
        trial->levels[level].review.kind = kind;
        if (after != NULL)
            trial->levels[level].review.dates.after = trial_span(after);
    }
}

void trial_grace(struct trial *trial, const char *span)
{
    for (unsigned level = 1; level < trial->tiers.level_count; level++)
        trial->levels[level].grace = trial_span(span);
}

moment trial_moment(const struct trial *trial, const char *local)
{
    struct error error = {0};
    moment at = 0;
    CU_ASSERT_TRUE_FATAL(moment_parse(text_of(local), trial->programme.zone, &at, &error));
    return at;
}

int64_t trial_day(const struct trial *trial, const char *local)
{
    return date_to_days(zone_date(trial->programme.zone, trial_moment(trial, local)));
}

/* --- What happens ---------------------------------------------------------------------------- */

void trial_enter(struct trial *trial, unsigned measure, int64_t day, int64_t by)
{
    CU_ASSERT_FATAL(trial->entry_count < TRIAL_ENTRIES);
    trial->entries[trial->entry_count].measure = measure;
    trial->entries[trial->entry_count].day = day;
    trial->entries[trial->entry_count++].by = by;
}

void trial_advance(struct trial *trial, moment now)
{
    struct error error = {0};
    trial->change = TIER_SAME;
    for (moment due = tier_due(&trial->state); due <= now; due = tier_due(&trial->state)) {
        CU_ASSERT_TRUE_FATAL(
            tier_elapse(&trial->member, &trial->state, due, &trial->change, &error));
        CU_ASSERT_TRUE_FATAL(tier_due(&trial->state) >= due);
        CU_ASSERT_TRUE_FATAL(trial->change != TIER_SAME);
    }
}

void trial_buy_on(struct trial *trial, moment now, unsigned measure, int64_t day, int64_t by)
{
    struct error error = {0};
    trial_advance(trial, now);
    trial_enter(trial, measure, day, by);
    CU_ASSERT_TRUE(
        tier_count(&trial->member, &trial->state, now, trial->seq++, &trial->change, &error));
}

void trial_buy(struct trial *trial, const char *local, int64_t by)
{
    trial_buy_on(trial, trial_moment(trial, local), 0, trial_day(trial, local), by);
}

void trial_return_on(struct trial *trial, moment now, unsigned measure, int64_t day, int64_t by)
{
    struct error error = {0};
    trial_advance(trial, now);
    trial_enter(trial, measure, day, -by);
    CU_ASSERT_TRUE(tier_lower(&trial->member, &trial->state, now, trial->seq++, trial->undone,
                              &trial->undone_count, &trial->change, &error));
}

void trial_return(struct trial *trial, const char *local, const char *bought, int64_t by)
{
    trial_return_on(trial, trial_moment(trial, local), 0, trial_day(trial, bought), by);
}

/* --- What is expected ------------------------------------------------------------------------- */

void trial_expect_moment(const struct trial *trial, const char *what, const char *local,
                         moment actual)
{
    struct buffer expected = {0}, got = {0};
    if (local == NULL)
        buffer_string(&expected, "never");
    else
        moment_format_local(&expected, trial->programme.zone, trial_moment(trial, local));
    if (actual == MOMENT_NEVER)
        buffer_string(&got, "never");
    else
        moment_format_local(&got, trial->programme.zone, actual);
    test_expect_text(what, expected.bytes, expected.length, got.bytes, got.length);
    buffer_free(&expected);
    buffer_free(&got);
}

void trial_expect(const struct trial *trial, const char *what, unsigned level, const char *review)
{
    test_expect_integer(what, level, trial->state.level);
    trial_expect_moment(trial, what, review, trial->state.review);
}

void trial_expect_same(const struct trial *a, const struct trial *b, const char *what)
{
    test_expect_integer(what, a->state.level, b->state.level);
    test_expect_integer(what, a->state.since, b->state.since);
    test_expect_integer(what, a->state.review, b->state.review);
    test_expect_integer(what, a->state.graced, b->state.graced);
    test_expect_integer(what, (long long)a->state.climb_count, (long long)b->state.climb_count);
    for (size_t i = 0; i < a->state.climb_count; i++) {
        const struct tier_climb *x = &a->state.climbs[i], *y = &b->state.climbs[i];
        test_expect_integer(what, x->level, y->level);
        test_expect_integer(what, x->since, y->since);
        test_expect_integer(what, x->start, y->start);
        test_expect_integer(what, x->offset[0], y->offset[0]);
    }
    for (unsigned level = 0; level < LIMIT_LEVELS; level++)
        test_expect_integer(what, a->state.holds[level], b->state.holds[level]);
}

int64_t trial_value(const struct trial *trial, moment now)
{
    struct error error = {0};
    struct tier_view view;
    CU_ASSERT_TRUE(tier_look(&trial->member, &trial->state, now, &view, &error));
    return view.values[0];
}

uint64_t chance_next(struct chance *chance)
{
    chance->state += UINT64_C(0x9e3779b97f4a7c15);
    uint64_t z = chance->state;
    z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
    return z ^ (z >> 31);
}

int64_t chance_below(struct chance *chance, int64_t bound)
{
    return (int64_t)(chance_next(chance) % (uint64_t)bound);
}
