/* Assessing and collecting: what would the rest of the basket have earned, under the
 * programme of the purchase, and from where does the difference come? The purchase's
 * own lot first, then other lots in burn order, then by the shortfall policy. */
#include "clawback.h"

#include "chain.h"
#include "json.h"
#include "tender.h"

void clawbacks_begin(struct context *context, struct clawbacks *clawbacks)
{
    /* The newest version has every currency that any purchase can have earned: none
     * ever disappears. */
    const struct programme *programme = version_latest(context->ledger)->programme;
    clawbacks->count = programme->points_count;
    for (size_t i = 0; i < clawbacks->count; i++) {
        clawbacks->list[i].points = &programme->points[i];
        clawbacks->list[i].to = ACCOUNT_RETURNED;
        clawbacks->list[i].kept = state_carry(context->member, programme->points[i].id);
    }
}

struct clawback *clawback_of(struct clawbacks *clawbacks, struct text currency)
{
    for (size_t i = 0; i < clawbacks->count; i++) {
        if (text_equal(clawbacks->list[i].points->id, currency))
            return &clawbacks->list[i];
    }
    return NULL;
}

bool clawback_points(struct clawback *clawback, int64_t whole, struct fraction carried,
                     int64_t *assessed, struct error *error)
{
    int64_t passed = 0;
    if (carried.numerator != 0) {
        clawback->carried = true;
        if (!carry_step(&clawback->kept, carried, true, &passed, error))
            return false;
    }
    *assessed = whole - passed;
    if (!units_add(clawback->assessed, *assessed, &clawback->assessed) ||
        !units_add(clawback->open, *assessed, &clawback->open))
        return fail_field(error, ERROR_OVERFLOW, "points", _("the points are beyond %lld"),
                          (long long)LIMIT_UNITS);
    return true;
}

bool assess_basket(struct context *context, struct clawbacks *clawbacks,
                   const struct basket_line lines[], size_t count,
                   int64_t assessed[LIMIT_CURRENCIES], struct error *error)
{
    const struct programme *programme = context->version->programme;
    struct earnings earnings;
    int level = -1;
    if (!level_at(context, context->version, context->at, &level, error) ||
        !earn(programme, level, lines, count, context->arena, &earnings, error))
        return false;
    for (unsigned c = 0; c < programme->points_count; c++) {
        int64_t whole = 0;
        struct fraction carried;
        if (!earnings_total(&earnings, c, &whole, &carried, error) ||
            !clawback_points(clawback_of(clawbacks, programme->points[c].id), whole, carried,
                             &assessed[c], error))
            return false;
    }
    return true;
}

/* What two baskets earn apart in one currency. */
static bool difference(const struct earnings *before, const struct earnings *after,
                       unsigned currency, int64_t *whole, struct fraction *carried,
                       struct error *error)
{
    int64_t whole_after = 0;
    struct fraction carried_before, carried_after;
    if (!earnings_total(before, currency, whole, &carried_before, error) ||
        !earnings_total(after, currency, &whole_after, &carried_after, error))
        return false;
    *whole -= whole_after;
    return fraction_subtract(carried_before, carried_after, carried) ||
           fail_field(error, ERROR_OVERFLOW, "points", _("the points are beyond %lld"),
                      (long long)LIMIT_UNITS);
}

/* The next lot of a currency and origin (NULL: any) that a record gave the member, as far as it is
 * open; NULL there is none. */
static bool next_own_lot(struct context *context, const struct head *given, struct text currency,
                         const char *origin, size_t *next, struct lot **lot, struct error *error)
{
    *lot = NULL;
    while (*lot == NULL && given != NULL && *next < given->lot_count) {
        size_t i = (*next)++;
        if (!text_equal(given->lots[i].currency, currency) ||
            (origin != NULL && !text_equal(given->lots[i].origin, text_of(origin))))
            continue;
        if (!state_lot(context->state, lot_number(given->seq, (int64_t)i), lot, error))
            return false;
        if ((*lot)->row.wallet != context->wallet->id)
            *lot = NULL; /* left behind in a household, or gone there */
    }
    return true;
}

/* The account that holds what is left of a lot. */
static enum account account_of(const struct lot *lot)
{
    return lot->row.available_from == 0 ? ACCOUNT_AVAILABLE : ACCOUNT_PENDING;
}

bool take_own_lots(struct context *context, struct clawback *clawback, const struct head *given,
                   const char *origin, int64_t most, struct movements *movements,
                   struct error *error)
{
    struct lot *lot = NULL;
    size_t next = 0;
    while (most > 0) {
        if (!next_own_lot(context, given, clawback->points->id, origin, &next, &lot, error))
            return false;
        if (lot == NULL)
            return true;
        int64_t left = lot->row.left - moved_from(movements, lot->row.id);
        int64_t own = left < most ? left : most;
        if (own <= 0)
            continue;
        move_points(context, movements, clawback->points->id, account_of(lot), clawback->to, own,
                    lot->row.id);
        clawback->open -= own;
        most -= own;
    }
    return true;
}

bool assess_between(struct context *context, struct clawbacks *clawbacks, const struct sale *sale,
                    const struct basket_line was[], const struct basket_line rest[],
                    int64_t assessed[LIMIT_CURRENCIES], struct error *error)
{
    struct earnings before, after;
    const struct programme *programme = sale->version->programme;
    if (!earn(programme, sale->level, was, sale->line_count, context->arena, &before, error) ||
        !earn(programme, sale->level, rest, sale->line_count, context->arena, &after, error))
        return false;
    for (unsigned c = 0; c < programme->points_count; c++) {
        int64_t whole = 0;
        struct fraction carried;
        struct clawback *clawback = clawback_of(clawbacks, programme->points[c].id);
        if (clawback == NULL || !difference(&before, &after, c, &whole, &carried, error) ||
            !clawback_points(clawback, whole, carried, &assessed[c], error))
            return false;
        clawback->earned = sale->at;
    }
    return true;
}

bool assess_sale(struct context *context, struct clawbacks *clawbacks, struct movements *movements,
                 struct matched_part *matched, struct error *error)
{
    const struct sale *sale = matched->sale;
    const struct programme *programme = sale->version->programme;
    int64_t assessed[LIMIT_CURRENCIES];
    struct returned_part sum = returned_with(context->arena, sale->returned, matched->part);
    struct basket_line *rest = sale_rest(context, sale, &sum);
    struct basket_line *was =
        sale_rest(context, sale, sale->returned->exists ? &sale->returned->part : NULL);
    matched->amount = basket_amount(was, sale->line_count) - basket_amount(rest, sale->line_count);
    if (!assess_between(context, clawbacks, sale, was, rest, assessed, error) ||
        !count_between(programme, was, rest, sale->line_count, assessed, &matched->counted, error))
        return false;
    for (unsigned c = 0; c < programme->points_count; c++) {
        struct clawback *clawback = clawback_of(clawbacks, programme->points[c].id);
        if (!take_own_lots(context, clawback, sale->given, "purchase", assessed[c], movements,
                           error))
            return false;
    }
    return true;
}

/* --- Collecting ---------------------------------------------------------- */

int64_t moved_from(const struct movements *movements, int64_t lot)
{
    int64_t taken = 0;
    for (size_t i = 0; i < movements->count; i++) {
        if (movements->list[i].lot == lot)
            taken += movements->list[i].amount;
    }
    return taken;
}

/* Lots that the member earned, of one kind in their order. */
static bool collect_from_lots(struct context *context, struct clawback *clawback,
                              enum lot_kind kind, struct movements *movements, struct error *error)
{
    struct pocket *pocket = state_pocket(context->state, context->wallet, clawback->points->id);
    struct lot_cursor cursor = {.kind = kind};
    struct lot *lot = NULL;
    while (clawback->open > 0) {
        if (!state_next_lot(context->state, pocket, &cursor, &lot, error))
            return false;
        if (lot == NULL)
            return true;
        uint64_t earner = 0;
        if (!current_member(context, lot->row.member, &earner, error))
            return false;
        if (earner != context->member_id)
            continue;
        int64_t left = lot->row.left - moved_from(movements, lot->row.id);
        int64_t part = clawback->open < left ? clawback->open : left;
        move_points(context, movements, clawback->points->id, account_of(lot), clawback->to, part,
                    lot->row.id);
        clawback->open -= part;
    }
    return true;
}

static bool collect_shortfall(struct context *context, struct clawback *clawback,
                              struct movements *movements, struct error *error)
{
    int64_t debt = 0;
    if (clawback->open <= 0)
        return true;
    enum shortfall policy = context->version->programme->shortfall;
    switch (policy == SHORTFALL_FORGIVE && clawback->is_owed ? SHORTFALL_DEBT : policy) {
    case SHORTFALL_DEBT: {
        struct pocket *pocket = state_pocket(context->state, context->wallet, clawback->points->id);
        if (!units_subtract(pocket->row.debt, clawback->open, &debt))
            return fail_field(error, ERROR_OVERFLOW, "points", _("the debt would be beyond %lld"),
                              (long long)LIMIT_UNITS);
        move_points(context, movements, clawback->points->id, ACCOUNT_DEBT, clawback->to,
                    clawback->open, -1);
        return true;
    }
    case SHORTFALL_FORGIVE:
        return true;
    case SHORTFALL_REFUSE:
        break;
    }
    fail_field(error, ERROR_SHORTFALL, "of",
               _("the goods earned points that have been spent, and the programme refuses that"));
    return hint(error, _("returns.shortfall may be \"debt\" or \"forgive\""));
}

static bool names_sale(const struct head *head, int64_t sale)
{
    for (size_t i = 0; i < head->returned_count; i++) {
        if (head->returned[i].seq == sale)
            return true;
    }
    return false;
}

/* What earlier returns of a purchase really took: what they forgave was never taken and
 * must not come back. Walked only on the rare path where something is to be given. */
static bool collected_before(struct context *context, const struct sale *sale, struct text currency,
                             int64_t *collected, struct error *error)
{
    struct arena scratch = {0};
    struct record record;
    struct chain chain;
    bool more = true, good = chain_begin(&chain, context->state, context->member_id, error);
    while (good && more) {
        good = chain_next(&chain, &scratch, &record, error);
        more = good && record.head != NULL && record.head->seq > sale->given->seq;
        for (size_t i = 0;
             more && names_sale(record.head, sale->seq) && i < record.head->posting_count; i++) {
            const struct posting *posting = &record.head->postings[i];
            if (posting->account == ACCOUNT_RETURNED && text_equal(posting->currency, currency))
                *collected += posting->amount;
        }
        arena_reset(&scratch);
    }
    arena_free(&scratch);
    return good;
}

/* Shares by largest remainder may jump back, and the rest of a basket be worth more
 * than before: then points come back, like an earning. */
static bool give_back(struct context *context, struct head *head, struct clawback *clawback,
                      const struct matched_part parts[], size_t count, struct movements *movements,
                      struct error *error)
{
    int64_t collected = 0;
    if (clawback->open >= 0)
        return true;
    for (size_t i = 0; i < count; i++) {
        if (!collected_before(context, parts[i].sale, clawback->points->id, &collected, error))
            return false;
    }
    int64_t amount = -clawback->open < collected ? -clawback->open : collected;
    const struct incoming incoming = {.points = clawback->points,
                                      .from = ACCOUNT_RETURNED,
                                      .amount = amount,
                                      .at = clawback->earned,
                                      .comes_back = true,
                                      .origin = "purchase"};
    return points_in(context, head, movements, &incoming, error);
}

bool collect(struct context *context, struct head *head, struct clawbacks *clawbacks,
             const struct matched_part parts[], size_t count, struct movements *movements,
             struct error *error)
{
    for (size_t i = 0; i < clawbacks->count; i++) {
        if (!give_back(context, head, &clawbacks->list[i], parts, count, movements, error) ||
            !collect_from_lots(context, &clawbacks->list[i], LOT_AVAILABLE, movements, error) ||
            !collect_from_lots(context, &clawbacks->list[i], LOT_PENDING, movements, error) ||
            !collect_shortfall(context, &clawbacks->list[i], movements, error))
            return false;
    }
    return true;
}

bool collect_gift(struct context *context, const struct head *giver, const struct gift *gift,
                  struct movements *movements, struct error *error)
{
    struct clawback clawback = {
        .points = points_named(context, gift->currency),
        .open = gift->amount,
        .to = ACCOUNT_ISSUED, /* it was never earned, so nothing is returned */
    };
    return take_own_lots(context, &clawback, giver, "marketing", gift->amount, movements, error) &&
           collect_from_lots(context, &clawback, LOT_AVAILABLE, movements, error) &&
           collect_from_lots(context, &clawback, LOT_PENDING, movements, error) &&
           collect_shortfall(context, &clawback, movements, error);
}

/* --- The explanation -------------------------------------------------------------- */

/* What of the amounts is handed out in money; nothing where points paid none of the
 * purchases. */
static void add_refund(struct context *context, struct buffer *facts,
                       const struct matched_part parts[], size_t count)
{
    bool any = false;
    for (size_t i = 0; i < count; i++)
        any = any || parts[i].sale->head->paid.seq >= 0;
    for (size_t i = 0; any && i < count; i++) {
        buffer_string(facts, i == 0 ? ",\"refund\":[" : ",");
        buffer_integer(facts, refund_of(context, &parts[i]));
    }
    if (any)
        buffer_byte(facts, ']');
}

struct text clawback_facts(struct context *context, const struct clawbacks *clawbacks,
                           const struct matched_part parts[], size_t count,
                           const struct match *match)
{
    struct buffer facts = {0};
    bool first = true;
    buffer_string(&facts, "{\"assessed\":[");
    for (size_t i = 0; i < clawbacks->count; i++) {
        if (clawbacks->list[i].assessed == 0)
            continue;
        if (!first)
            buffer_byte(&facts, ',');
        first = false;
        buffer_byte(&facts, '[');
        json_string(&facts, clawbacks->list[i].points->id);
        buffer_byte(&facts, ',');
        buffer_integer(&facts, clawbacks->list[i].assessed);
        buffer_byte(&facts, ']');
    }
    buffer_string(&facts, "],\"amounts\":[");
    for (size_t i = 0; i < count; i++) {
        if (i > 0)
            buffer_byte(&facts, ',');
        buffer_integer(&facts, parts[i].amount);
    }
    buffer_byte(&facts, ']');
    add_refund(context, &facts, parts, count);
    first = true;
    for (size_t i = 0; match != NULL && i < context->request->lines_count; i++) {
        if (match->left[i] == 0)
            continue;
        buffer_string(&facts, first ? ",\"unmatched\":[[" : ",[");
        first = false;
        buffer_integer(&facts, (int64_t)i);
        buffer_byte(&facts, ',');
        buffer_integer(&facts, match->left[i]);
        buffer_byte(&facts, ']');
    }
    buffer_string(&facts, first ? "}" : "]}");
    struct text text = text_copy(context->arena, buffer_view(&facts));
    buffer_free(&facts);
    return text;
}

/* --- A whole sale ------------------------------------------------------------------------ */

void clawbacks_carry(struct context *context, struct head *head, const struct clawbacks *clawbacks)
{
    for (size_t i = 0; i < clawbacks->count; i++) {
        if (clawbacks->list[i].carried)
            head_add_carry(context, head, clawbacks->list[i].points->id, clawbacks->list[i].kept);
    }
}

bool take_sale_back(struct context *context, struct sale *sale, struct head *head,
                    bool changes_hands, struct error *error)
{
    struct clawbacks clawbacks = {0};
    struct movements movements = {0};
    struct returned_part all = {.seq = sale->seq, .how = RETURNED_ALL};
    struct matched_part left = {.sale = sale, .part = &all, .amount = sale_left(context, sale)};
    if (context->member_id != 0) {
        clawbacks_begin(context, &clawbacks);
        for (size_t i = 0; i < clawbacks.count; i++)
            clawbacks.list[i].is_owed = changes_hands;
        if (!assess_sale(context, &clawbacks, &movements, &left, error) ||
            !collect(context, head, &clawbacks, &left, 1, &movements, error))
            return false;
        clawbacks_carry(context, head, &clawbacks);
        head_count(context, head, sale->version->programme, &left.counted, sale->at, -1);
        if (!judge(context, head, &movements, error))
            return false;
    }
    return record_write_movements(
        context, head, &movements,
        body_of(context, false, clawback_facts(context, &clawbacks, &left, 1, NULL)), error);
}
