/* What a basket gives its member: by which level it is valued, the points that follow from that,
 * what it counts for tiers, and what comes of it. A purchase and a claim alike. */
#include "tiering.h"

/* --- Points ------------------------------------------------------------------------------ */

/* Whole points of a carried sum: the fraction grows by the contribution, and what
 * passes a whole is issued. X itself needs no keeping: floor(X') - floor(X) depends
 * only on its fraction. */
bool carry_step(struct fraction *kept, struct fraction contribution, bool take_back, int64_t *whole,
                struct error *error)
{
    struct fraction sum, rest;
    bool fits = take_back ? fraction_subtract(*kept, contribution, &sum)
                          : fraction_add(*kept, contribution, &sum);
    if (!fits || !fraction_round(sum, ROUND_DOWN, whole) ||
        !fraction_subtract(sum, (struct fraction){*whole, 1}, &rest))
        return fail_field(error, ERROR_OVERFLOW, "points", _("the points are beyond %lld"),
                          (long long)LIMIT_UNITS);
    *kept = rest;
    return true;
}

void head_add_carry(struct context *context, struct head *head, struct text currency,
                    struct fraction kept)
{
    struct carry_value *carries =
        arena_allocate(context->arena, (head->carry_count + 1) * sizeof *carries);
    if (head->carry_count > 0)
        memcpy(carries, head->carries, head->carry_count * sizeof *carries);
    head->carries = carries;
    carries[head->carry_count++] =
        (struct carry_value){currency, (int64_t)kept.numerator, kept.denominator};
}

/* Rule by rule what each gave, and the sum of one currency. A carry rule is given
 * what the running sum passes while its contribution is added. */
static bool give(struct context *context, struct head *head, const struct earnings *earnings,
                 unsigned currency, int64_t *total, struct error *error)
{
    const struct programme *programme = context->version->programme;
    struct text id = programme->points[currency].id;
    struct fraction kept = state_carry(context->member, id);
    bool carried = false;
    *total = 0;
    for (size_t i = 0; i < earnings->count; i++) {
        const struct earning *earning = &earnings->list[i];
        if (earning->currency != currency)
            continue;
        int64_t whole = earning->whole;
        if (programme->earn[earning->rule].rounding == EARN_CARRY) {
            carried = true;
            if (!carry_step(&kept, earning->carried, false, &whole, error))
                return false;
        }
        if (!units_add(*total, whole, total))
            return fail_field(error, ERROR_OVERFLOW, "points", _("the points are beyond %lld"),
                              (long long)LIMIT_UNITS);
        head->gifts[i] = (struct gift){programme->earn[earning->rule].id, id, whole};
    }
    if (carried)
        head_add_carry(context, head, id, kept);
    return true;
}

static bool earn_into(struct context *context, struct head *head, struct movements *movements,
                      const struct earnings *earnings, int64_t earned[LIMIT_CURRENCIES],
                      struct error *error)
{
    const struct programme *programme = context->version->programme;
    head->gifts = arena_allocate(context->arena, (earnings->count + 1) * sizeof *head->gifts);
    head->gift_count = earnings->count;
    for (unsigned c = 0; c < programme->points_count; c++) {
        struct incoming incoming = {.points = &programme->points[c],
                                    .from = ACCOUNT_ISSUED,
                                    .at = context->at,
                                    .may_pend = true,
                                    .origin = "purchase"};
        if (!give(context, head, earnings, c, &incoming.amount, error) ||
            !points_in(context, head, movements, &incoming, error))
            return false;
        earned[c] = incoming.amount;
    }
    return true;
}

/* --- By which level ------------------------------------------------------------------ */

/* What it would earn, without being posted. */
static bool earned_by(struct context *context, int level, const struct basket_line lines[],
                      size_t count, int64_t earned[LIMIT_CURRENCIES], struct error *error)
{
    const struct programme *programme = context->version->programme;
    struct earnings earnings = {0};
    if (!earn(programme, level, lines, count, context->arena, &earnings, error))
        return false;
    for (unsigned c = 0; c < programme->points_count; c++) {
        struct fraction kept = state_carry(context->member, programme->points[c].id), carried;
        int64_t passed = 0;
        if (!earnings_total(&earnings, c, &earned[c], &carried, error) ||
            !carry_step(&kept, carried, false, &passed, error))
            return false;
        if (!units_add(earned[c], passed, &earned[c]))
            return fail_field(error, ERROR_OVERFLOW, "points", _("the points are beyond %lld"),
                              (long long)LIMIT_UNITS);
    }
    return true;
}

/* The level that the basket leads to, if it earns by a level. */
static bool leads_to(struct judging *in, int level, const struct basket_line lines[], size_t count,
                     int *to, struct error *error)
{
    struct context *context = in->context;
    const struct programme *programme = in->version->programme;
    int64_t earned[LIMIT_CURRENCIES], day = date_to_days(zone_date(programme->zone, context->at));
    struct counted counted;
    unsigned after = 0;
    if (!earned_by(context, level, lines, count, earned, error) ||
        !count_basket(programme, lines, count, earned, &counted, error) ||
        !tier_after(&in->member, &in->state, in->now, day, counted.of, &after, error))
        return false;
    *to = (int)after;
    return true;
}

/* The level held when it happened; with "crossing": "new" the one to which it climbs, if it
 * does so, too, once it is valued by that. */
static bool choose_level(struct context *context, struct head *head,
                         const struct basket_line lines[], size_t count, int *level,
                         struct error *error)
{
    struct judging in;
    int first = 0, second = 0;
    if (!level_at(context, context->version, context->at, level, error))
        return false;
    if (*level < 0 || !context->version->programme->tiers->crossing_new)
        return true;
    if (!judging_begin(&in, context, head, context->time, error))
        return false;
    if (in.version != context->version)
        return true; /* the levels of its day are not those of now */
    if (!leads_to(&in, *level, lines, count, &first, error))
        return false;
    if (first <= (int)in.state.level)
        return true;
    if (!leads_to(&in, first, lines, count, &second, error))
        return false;
    *level = second >= first ? first : *level;
    return true;
}

bool sell(struct context *context, struct head *head, struct movements *movements,
          const struct basket_line lines[], size_t count, struct earnings *earnings,
          struct error *error)
{
    const struct programme *programme = context->version->programme;
    int64_t earned[LIMIT_CURRENCIES];
    struct counted counted;
    int level = -1;
    if (!choose_level(context, head, lines, count, &level, error) ||
        !earn(programme, level, lines, count, context->arena, earnings, error) ||
        !earn_into(context, head, movements, earnings, earned, error) ||
        !count_basket(programme, lines, count, earned, &counted, error))
        return false;
    if (level > 0)
        head->level = programme->tiers->levels[level].id;
    head_count(context, head, programme, &counted, context->at, 1);
    return judge(context, head, movements, error);
}
