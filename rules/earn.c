/* Earning. For each rule: which money of the basket it looks at, then what that
 * money is worth at the rule's exact rates, rounded once, as the rule says.
 *
 * The money is added up before it is multiplied, so how a till splits a receipt
 * into lines does not matter unless a rule asks for it ("each": "line"). Nothing
 * here is remembered and nothing is allocated per line: one block holds what
 * each line counts for, and one the answer. */
#include "earn.h"

#include <assert.h>
#include <stdlib.h>

/* --- money ------------------------------------------------------------------- */

/* What of a line counts for any rule: "base" of the programme. */
static bool line_base(const struct programme *programme, const struct basket_line *line,
                      int64_t *base)
{
    assert(line->amount >= 0 && line->discount >= 0);
    assert(line->tax >= 0 && line->tax <= line->amount);
    assert(line->paid >= 0 && line->paid <= line->amount);
    assert(line->excluded >= 0 && line->excluded <= line->amount);
    *base = 0;
    if (line_filter_names(&programme->base.excluding, line->sku, line->category))
        return true;
    int64_t amount = line->amount;
    if (!programme->base.discounts_deduct && !units_add(amount, line->discount, &amount))
        return false;
    if (!programme->base.tax_included)
        amount -= line->tax;
    if (programme->base.points_deduct)
        amount -= line->paid;
    amount -= line->excluded;
    *base = amount > 0 ? amount : 0; /* they may have paid the tax as well */
    return true;
}

static bool is_empty(const struct line_filter *filter)
{
    return filter->sku_count == 0 && filter->category_count == 0;
}

static bool looks_at(const struct earn_rule *rule, const struct basket_line *line)
{
    if (!is_empty(&rule->only) && !line_filter_names(&rule->only, line->sku, line->category))
        return false;
    return !line_filter_names(&rule->excluding, line->sku, line->category);
}

/* The basket as every rule sees it. */
struct basket {
    const struct basket_line *lines;
    const int64_t *bases; /* what each line counts for */
    size_t count;
    int64_t total; /* of all bases */
};

static bool basket_make(const struct programme *programme, const struct basket_line lines[],
                        size_t count, struct arena *arena, struct basket *basket)
{
    int64_t *bases = arena_allocate(arena, count * sizeof bases[0]);
    *basket = (struct basket){.lines = lines, .bases = bases, .count = count};
    for (size_t i = 0; i < count; i++)
        if (!line_base(programme, &lines[i], &bases[i]) ||
            !units_add(basket->total, bases[i], &basket->total))
            return false;
    return true;
}

/* Cannot overflow: it is a part of the total. */
static int64_t rule_base(const struct earn_rule *rule, const struct basket *basket)
{
    if (is_empty(&rule->only) && is_empty(&rule->excluding))
        return basket->total;
    int64_t base = 0;
    for (size_t i = 0; i < basket->count; i++)
        if (basket->bases[i] > 0 && looks_at(rule, &basket->lines[i]))
            base += basket->bases[i];
    return base;
}

/* --- points ------------------------------------------------------------------ */

/* Not in lowest terms: rounding does not ask for it, and a carry rule reduces.
 * Below 2^53 x 10^9, so it cannot overflow. */
static struct fraction worth(struct fraction rate, int64_t base)
{
    return (struct fraction){rate.numerator * base, rate.denominator};
}

static enum rounding rounding_of(enum earn_rounding rounding)
{
    switch (rounding) {
    case EARN_DOWN:
        return ROUND_DOWN;
    case EARN_UP:
        return ROUND_UP;
    case EARN_NEAREST:
        return ROUND_NEAREST;
    case EARN_EVEN:
        return ROUND_EVEN;
    case EARN_CARRY:
        break;
    }
    abort(); /* carry does not round: gift_value never asks */
}

static bool whole_by_line(const struct earn_rule *rule, struct fraction rate,
                          const struct basket *basket, int64_t *whole)
{
    for (size_t i = 0; i < basket->count; i++) {
        int64_t part;
        if (basket->bases[i] == 0 || !looks_at(rule, &basket->lines[i]))
            continue;
        if (!fraction_round(worth(rate, basket->bases[i]), rounding_of(rule->rounding), &part) ||
            !units_add(*whole, part, whole))
            return false;
    }
    return true;
}

static bool gift_value(const struct earn_rule *rule, struct fraction rate,
                       const struct basket *basket, struct earning *earning)
{
    struct fraction exact = worth(rate, earning->base);
    earning->carried = fraction_zero();
    if (rule->rounding == EARN_CARRY)
        return fraction_make(exact.numerator, exact.denominator, &earning->carried);
    switch (rule->each) {
    case EACH_RECEIPT:
        return fraction_round(exact, rounding_of(rule->rounding), &earning->whole);
    case EACH_LINE:
        return whole_by_line(rule, rate, basket, &earning->whole);
    }
    abort(); /* not a value of the enum */
}

static bool too_much(struct error *error)
{
    return fail(error, ERROR_OVERFLOW,
                _("the receipt is worth more than can be counted exactly (%lld smallest units)"),
                (long long)LIMIT_UNITS);
}

bool earning_base(const struct programme *programme, const struct basket_line lines[], size_t count,
                  int64_t *base, struct error *error)
{
    *base = 0;
    for (size_t i = 0; i < count; i++) {
        int64_t counts;
        if (!line_base(programme, &lines[i], &counts) || !units_add(*base, counts, base))
            return too_much(error);
    }
    return true;
}

static bool is_for(const struct earn_rule *rule, int level)
{
    return level >= rule->least_level && (rule->only_level < 0 || level == rule->only_level);
}

/* All that one rule gives. */
static bool rule_gives(const struct programme *programme, unsigned r, int level,
                       const struct basket *basket, struct earnings *out)
{
    const struct earn_rule *rule = &programme->earn[r];
    int64_t base = is_for(rule, level) ? rule_base(rule, basket) : 0;
    for (size_t g = 0; base > 0 && g < rule->gift_count; g++) {
        const struct earn_gift *gift = &rule->gives[g];
        struct earning *earning = &out->list[out->count++];
        struct fraction rate;
        *earning = (struct earning){.rule = r, .currency = gift->currency, .base = base};
        if (!level_rate(programme->tiers, level, gift, &rate) ||
            !gift_value(rule, rate, basket, earning))
            return false;
    }
    return true;
}

bool earn(const struct programme *programme, int level, const struct basket_line lines[],
          size_t count, struct arena *arena, struct earnings *out, struct error *error)
{
    struct basket basket;
    size_t most = 0;
    *out = (struct earnings){0};
    if (!basket_make(programme, lines, count, arena, &basket))
        return too_much(error);
    for (size_t r = 0; r < programme->earn_count; r++)
        most += programme->earn[r].gift_count;
    out->list = arena_allocate(arena, most * sizeof out->list[0]);
    for (unsigned r = 0; r < programme->earn_count; r++)
        if (!rule_gives(programme, r, level, &basket, out))
            return too_much(error);
    return true;
}

bool earnings_total(const struct earnings *earnings, unsigned currency, int64_t *whole,
                    struct fraction *carried, struct error *error)
{
    *whole = 0;
    *carried = fraction_zero();
    for (size_t i = 0; i < earnings->count; i++) {
        const struct earning *earning = &earnings->list[i];
        if (earning->currency != currency)
            continue;
        if (!units_add(*whole, earning->whole, whole) ||
            !fraction_add(*carried, earning->carried, carried))
            return too_much(error);
    }
    return true;
}

/* --- what a return leaves ---------------------------------------------------- */

static int64_t remaining(int64_t units, int64_t returned, int64_t of)
{
    int64_t gone;
    bool fits = units_share(units, returned, of, &gone);
    assert(fits && gone <= units); /* returned <= of */
    (void)fits;
    return units - gone;
}

struct basket_line line_remainder(struct basket_line line, int64_t returned, int64_t of)
{
    assert(of > 0 && returned >= 0 && returned <= of);
    /* Each is rounded up, in the member's favour; what is larger stays larger,
     * so tax, paid and excluded <= amount hold without a word. */
    line.amount = remaining(line.amount, returned, of);
    line.discount = remaining(line.discount, returned, of);
    line.tax = remaining(line.tax, returned, of);
    line.paid = remaining(line.paid, returned, of);
    line.excluded = remaining(line.excluded, returned, of);
    return line;
}
