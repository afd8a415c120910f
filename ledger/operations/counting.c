/* What counts for tiers: baskets by measure, entered under the local day of their moment,
 * and the sum of what has been entered. */
#include "tiering.h"

/* --- A basket ------------------------------------------------------------------------- */

static int64_t paid_for(const struct basket_line lines[], size_t count)
{
    int64_t sum = 0;
    for (size_t i = 0; i < count; i++)
        sum += lines[i].amount; /* the purchase's own check bounds it */
    return sum;
}

bool count_basket(const struct programme *programme, const struct basket_line lines[], size_t count,
                  const int64_t earned[LIMIT_CURRENCIES], struct counted *counted,
                  struct error *error)
{
    const struct tiers *tiers = programme->tiers;
    memset(counted, 0, sizeof *counted);
    for (size_t m = 0; tiers != NULL && m < tiers->measure_count; m++) {
        const struct measure *measure = &tiers->measures[m];
        switch (measure->kind) {
        case MEASURE_EARNED:
            counted->of[m] = earned[measure->currency];
            break;
        case MEASURE_SPEND:
            if (!earning_base(programme, lines, count, &counted->of[m], error))
                return false;
            break;
        case MEASURE_VISITS:
        case MEASURE_DAYS:
            counted->of[m] = tier_visits(measure, paid_for(lines, count));
            break;
        case MEASURE_ACTION:
            break;
        }
    }
    return true;
}

bool count_between(const struct programme *programme, const struct basket_line was[],
                   const struct basket_line rest[], size_t count,
                   const int64_t assessed[LIMIT_CURRENCIES], struct counted *counted,
                   struct error *error)
{
    static const int64_t nothing[LIMIT_CURRENCIES];
    struct counted less;
    if (!count_basket(programme, was, count, assessed, counted, error) ||
        !count_basket(programme, rest, count, nothing, &less, error))
        return false;
    for (size_t m = 0; m < LIMIT_MEASURES; m++)
        counted->of[m] -= less.of[m];
    return true;
}

/* --- Entries ---------------------------------------------------------------------------- */

/* The days of one head are few: what two sales of a day count is one entry. */
static void enter(struct context *context, struct head *head, struct text key, int64_t day,
                  int64_t by)
{
    for (size_t i = 0; i < head->measured_count; i++) {
        struct measured *entry = &head->measured[i];
        if (entry->day != day || !text_equal(entry->key, key))
            continue;
        entry->by += by;
        if (entry->by == 0) {
            head->measured_count--;
            memmove(entry, entry + 1, (head->measured_count - i) * sizeof *entry);
        }
        return;
    }
    if (by == 0)
        return;
    struct measured *entries =
        arena_allocate(context->arena, (head->measured_count + 1) * sizeof *entries);
    if (head->measured_count > 0)
        memcpy(entries, head->measured, head->measured_count * sizeof *entries);
    entries[head->measured_count++] = (struct measured){key, day, by};
    head->measured = entries;
}

static int64_t local_day(const struct programme *programme, moment at)
{
    return date_to_days(zone_date(programme->zone, at));
}

void head_count(struct context *context, struct head *head, const struct programme *programme,
                const struct counted *counted, moment at, int sign)
{
    const struct tiers *tiers = programme->tiers;
    for (size_t m = 0; tiers != NULL && m < tiers->measure_count; m++)
        enter(context, head, tiers->measures[m].key, local_day(programme, at),
              sign * counted->of[m]);
}

void head_count_one(struct context *context, struct head *head, const struct programme *programme,
                    enum measure_kind kind, struct text of, int64_t amount, moment at)
{
    const struct tiers *tiers = programme->tiers;
    for (size_t m = 0; tiers != NULL && m < tiers->measure_count; m++) {
        const struct measure *measure = &tiers->measures[m];
        struct text name = kind == MEASURE_ACTION   ? measure->action
                           : kind == MEASURE_EARNED ? programme->points[measure->currency].id
                                                    : (struct text){0};
        if (measure->kind == kind && text_equal(name, of))
            enter(context, head, measure->key, local_day(programme, at), amount);
    }
}

void head_add_count(struct context *context, struct head *head, const struct count *count)
{
    struct count *counts = arena_allocate(context->arena, (head->count_count + 1) * sizeof *counts);
    if (head->count_count > 0)
        memcpy(counts, head->counts, head->count_count * sizeof *counts);
    counts[head->count_count++] = *count;
    head->counts = counts;
}

/* --- Sums -------------------------------------------------------------------------------- */

/* Of days, an entry counts where it is the first of its day, or takes the last away. */
static bool contribution(struct counting *in, const struct measure *measure,
                         const struct measured *entry, int64_t *by, struct error *error)
{
    int64_t there = 0;
    *by = entry->by;
    if (measure->kind != MEASURE_DAYS)
        return true;
    if (!state_measured_on(in->context->state, in->member, measure->key, entry->day, &there, error))
        return false;
    *by = (there + entry->by > 0) - (there > 0);
    return true;
}

static bool sum_of(void *context, unsigned measure, int64_t first, int64_t last, int64_t *sum,
                   struct error *error)
{
    struct counting *in = context;
    const struct measure *what = &in->tiers->measures[measure];
    if (!state_measured(in->context->state, in->member, what->key, first, last, sum, error))
        return false;
    for (size_t i = 0; in->head != NULL && i < in->head->measured_count; i++) {
        const struct measured *entry = &in->head->measured[i];
        int64_t by = 0;
        if (entry->day < first || entry->day > last || !text_equal(entry->key, what->key))
            continue;
        if (!contribution(in, what, entry, &by, error))
            return false;
        if (!units_add(*sum, by, sum))
            return fail(error, ERROR_OVERFLOW, _("what counts for tiers is beyond %lld"),
                        (long long)LIMIT_UNITS);
    }
    return true;
}

struct tier_history counting_history(struct counting *counting)
{
    return (struct tier_history){sum_of, counting};
}
