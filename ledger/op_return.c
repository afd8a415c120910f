/* A return: what would the rest of the basket have earned, under the programme of
 * the purchase? The difference is assessed; how it is collected is policy.
 *
 * assessed depends only on what has been returned in sum. Collected from the
 * purchase's own lot first, then from other lots in burn order, then by the
 * programme's shortfall policy. */
#include "json.h"
#include "match.h"

/* What one return takes in one currency. */
struct claim {
    const struct points *points;
    int64_t assessed;     /* point units that the goods were worth */
    int64_t open;         /* of it not collected yet */
    struct fraction kept; /* the member's carried fraction, changed on the way */
    bool carried;
    moment earned; /* business time of the last purchase in it */
};
struct claims {
    struct claim list[LIMIT_CURRENCIES];
    size_t count;
};

static void claims_begin(struct context *context, struct claims *claims)
{
    /* The newest version has every currency that any purchase can have earned: none
     * ever disappears. */
    const struct programme *programme = version_latest(context->ledger)->programme;
    claims->count = programme->points_count;
    for (size_t i = 0; i < claims->count; i++) {
        claims->list[i].points = &programme->points[i];
        claims->list[i].kept = state_carry(context->member, programme->points[i].id);
    }
}

static struct claim *claim_of(struct claims *claims, struct text currency)
{
    for (size_t i = 0; i < claims->count; i++) {
        if (text_equal(claims->list[i].points->id, currency))
            return &claims->list[i];
    }
    return NULL;
}

/* Add to a claim what `whole` and `carried` are worth now. */
static bool claim_points(struct claim *claim, int64_t whole, struct fraction carried,
                         int64_t *assessed, struct error *error)
{
    int64_t passed = 0;
    if (carried.numerator != 0) {
        claim->carried = true;
        if (!carry_step(&claim->kept, carried, true, &passed, error))
            return false;
    }
    *assessed = whole - passed;
    if (!units_add(claim->assessed, *assessed, &claim->assessed) ||
        !units_add(claim->open, *assessed, &claim->open))
        return fail_field(error, ERROR_OVERFLOW, "points", _("the points are beyond %lld"),
                          (long long)LIMIT_UNITS);
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

/* The purchase's own lot of a currency, as far as it is open. */
static bool own_lot(struct context *context, const struct sale *sale, struct text currency,
                    struct lot **lot, struct error *error)
{
    *lot = NULL;
    for (size_t i = 0; i < sale->head->lot_count; i++) {
        if (text_equal(sale->head->lots[i].currency, currency))
            return state_lot(context->state, lot_number(sale->seq, (int64_t)i), lot, error);
    }
    return true;
}

/* Assess one purchase's part and collect what its own lots still hold. */
static bool assess_sale(struct context *context, struct claims *claims, struct movements *movements,
                        struct matched_part *matched, struct error *error)
{
    struct earnings before, after;
    const struct sale *sale = matched->sale;
    const struct programme *programme = sale->version->programme;
    struct returned_part sum = returned_with(context->arena, sale->returned, matched->part);
    struct basket_line *rest = sale_rest(context, sale, &sum);
    struct basket_line *was =
        sale_rest(context, sale, sale->returned->exists ? &sale->returned->part : NULL);
    matched->amount = basket_amount(was, sale->line_count) - basket_amount(rest, sale->line_count);
    if (!earn(programme, was, sale->line_count, context->arena, &before, error) ||
        !earn(programme, rest, sale->line_count, context->arena, &after, error))
        return false;
    for (unsigned c = 0; c < programme->points_count; c++) {
        int64_t whole = 0, assessed = 0;
        struct fraction carried;
        struct lot *lot = NULL;
        struct claim *claim = claim_of(claims, programme->points[c].id);
        if (claim == NULL || !difference(&before, &after, c, &whole, &carried, error) ||
            !claim_points(claim, whole, carried, &assessed, error) ||
            !own_lot(context, sale, programme->points[c].id, &lot, error))
            return false;
        claim->earned = sale->at;
        int64_t own = lot == NULL || assessed < 0 ? 0
                      : lot->row.left < assessed  ? lot->row.left
                                                  : assessed;
        if (own > 0) {
            move_points(context, movements, claim->points->id, ACCOUNT_AVAILABLE, ACCOUNT_RETURNED,
                        own, lot->row.id);
            claim->open -= own;
        }
    }
    return true;
}

/* --- Collecting ---------------------------------------------------------------- */

/* How much of a lot this very return has taken already. */
static int64_t taken_from(const struct movements *movements, int64_t lot)
{
    int64_t taken = 0;
    for (size_t i = 0; i < movements->count; i++) {
        if (movements->list[i].lot == lot)
            taken += movements->list[i].amount;
    }
    return taken;
}

static bool collect_from_lots(struct context *context, struct claim *claim,
                              struct movements *movements, struct error *error)
{
    struct pocket *pocket = state_pocket(context->state, context->wallet, claim->points->id);
    struct lot_cursor cursor = {0};
    struct lot *lot = NULL;
    while (claim->open > 0) {
        if (!state_next_lot(context->state, pocket, &cursor, &lot, error))
            return false;
        if (lot == NULL)
            return true;
        int64_t left = lot->row.left - taken_from(movements, lot->row.id);
        int64_t part = claim->open < left ? claim->open : left;
        move_points(context, movements, claim->points->id, ACCOUNT_AVAILABLE, ACCOUNT_RETURNED,
                    part, lot->row.id);
        claim->open -= part;
    }
    return true;
}

static bool collect_shortfall(struct context *context, struct claim *claim,
                              struct movements *movements, struct error *error)
{
    int64_t debt = 0;
    if (claim->open <= 0)
        return true;
    switch (context->version->programme->shortfall) {
    case SHORTFALL_DEBT: {
        struct pocket *pocket = state_pocket(context->state, context->wallet, claim->points->id);
        if (!units_subtract(pocket->row.debt, claim->open, &debt))
            return fail_field(error, ERROR_OVERFLOW, "points", _("the debt would be beyond %lld"),
                              (long long)LIMIT_UNITS);
        move_points(context, movements, claim->points->id, ACCOUNT_DEBT, ACCOUNT_RETURNED,
                    claim->open, -1);
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
static bool collected_before(struct context *context, int64_t sale, struct text currency,
                             int64_t *collected, struct error *error)
{
    struct arena scratch = {0};
    struct record record;
    int64_t seq = context->member->row.last;
    bool good = true;
    while (good && seq > sale) {
        good = state_read_record(context->state, &scratch, seq, &record, error);
        for (size_t i = 0; good && names_sale(record.head, sale) && i < record.head->posting_count;
             i++) {
            const struct posting *posting = &record.head->postings[i];
            if (posting->account == ACCOUNT_RETURNED && text_equal(posting->currency, currency))
                *collected += posting->amount;
        }
        if (good)
            seq = record.head->previous;
        arena_reset(&scratch);
    }
    arena_free(&scratch);
    return good;
}

/* Shares by largest remainder may jump back, and the rest of a basket be worth more
 * than before: then points come back, like an earning. */
static bool give_back(struct context *context, struct head *head, struct claim *claim,
                      const struct matched_part parts[], size_t count, struct movements *movements,
                      struct error *error)
{
    int64_t collected = 0;
    if (claim->open >= 0)
        return true;
    for (size_t i = 0; i < count; i++) {
        if (!collected_before(context, parts[i].sale->seq, claim->points->id, &collected, error))
            return false;
    }
    int64_t amount = -claim->open < collected ? -claim->open : collected;
    return points_in(context, head, movements, claim->points, ACCOUNT_RETURNED, amount,
                     claim->earned, "purchase", error);
}

static bool collect(struct context *context, struct head *head, struct claims *claims,
                    const struct matched_part parts[], size_t count, struct movements *movements,
                    struct error *error)
{
    for (size_t i = 0; i < claims->count; i++) {
        if (!give_back(context, head, &claims->list[i], parts, count, movements, error) ||
            !collect_from_lots(context, &claims->list[i], movements, error) ||
            !collect_shortfall(context, &claims->list[i], movements, error))
            return false;
    }
    return true;
}

/* --- Which goods ----------------------------------------------------------------- */

static bool over(struct error *error, const char *what)
{
    return fail_field(error, ERROR_OVER_RETURN, "of", _("more is returned than is left: %s"), what);
}

static bool nothing_left(const struct sale *sale, const struct basket_line rest[])
{
    if (!sale->returned->exists)
        return false;
    bool whole =
        sale->returned->part.how == RETURNED_ALL ||
        (sale->returned->part.how == RETURNED_AMOUNT && basket_amount(rest, sale->line_count) == 0);
    if (whole || sale->returned->part.how == RETURNED_AMOUNT)
        return whole;
    for (size_t l = 0; l < sale->line_count; l++) {
        if (sale_returned_quantity(sale, l) < sale_quantity(sale, l))
            return false;
    }
    return true;
}

static bool part_by_amount(const struct context *context, const struct sale *sale,
                           const struct basket_line rest[], struct returned_part *part,
                           struct error *error)
{
    part->how = RETURNED_AMOUNT;
    part->amount = context->request->amount;
    if (part->amount == 0)
        return fail_field(error, ERROR_INVALID_AMOUNT, "amount",
                          _("an amount of 0 returns nothing"));
    return part->amount <= basket_amount(rest, sale->line_count) ||
           over(error, _("the amount is beyond what was paid"));
}

/* Spread one line of the request over the receipt's lines that it names. */
static bool take_line(const struct sale *sale, const struct request_line *line, int64_t take[],
                      struct error *error)
{
    int64_t wanted = line->quantity;
    bool named = false, any = false;
    for (size_t l = 0; l < sale->request.lines_count; l++) {
        bool is = line->line > 0 ? line->line == (int64_t)l + 1
                                 : text_equal(sale->request.lines[l].sku, line->sku);
        if (!is)
            continue;
        named = true;
        int64_t left = sale_quantity(sale, l) - sale_returned_quantity(sale, l) - take[l];
        int64_t part = line->quantity == 0 || left < wanted ? left : wanted;
        take[l] += part;
        wanted -= part;
        any = any || part > 0;
    }
    if (!named && line->line > 0)
        return fail_field(error, ERROR_INVALID_FIELD, "lines",
                          _("the receipt has %zu lines, there is no line %lld"),
                          sale->request.lines_count, (long long)line->line);
    if (!named)
        return fail_field(error, ERROR_INVALID_FIELD, "lines",
                          _("the receipt has no line of \"%.*s\""), TEXT(line->sku));
    if (!any || (line->quantity > 0 && wanted > 0))
        return over(error, _("of a line, fewer are left"));
    return true;
}

static bool part_by_lines(struct context *context, const struct sale *sale,
                          struct returned_part *part, struct error *error)
{
    int64_t *take = arena_allocate(context->arena, sale->line_count * sizeof *take);
    for (size_t i = 0; i < context->request->lines_count; i++) {
        if (!take_line(sale, &context->request->lines[i], take, error))
            return false;
    }
    *part = *part_of_quantities(context, sale, take);
    return part->line_count <= LIMIT_RETURNED_PAIRS ||
           fail_field(error, ERROR_LIMIT, "lines", _("one return names at most %d lines"),
                      LIMIT_RETURNED_PAIRS);
}

/* What of the named receipt comes back. */
static bool choose_part(struct context *context, const struct sale *sale,
                        struct returned_part *part, struct error *error)
{
    const struct request *request = context->request;
    struct basket_line *rest =
        sale_rest(context, sale, sale->returned->exists ? &sale->returned->part : NULL);
    part->seq = sale->seq;
    part->how = request->all                         ? RETURNED_ALL
                : request_has(request, FIELD_AMOUNT) ? RETURNED_AMOUNT
                                                     : RETURNED_LINES;
    if (nothing_left(sale, rest))
        return over(error, _("all of the receipt has been returned"));
    if (part->how != RETURNED_ALL && sale->returned->exists &&
        sale->returned->part.how != part->how) {
        fail_field(error, ERROR_MIXED_RETURN, part->how == RETURNED_AMOUNT ? "amount" : "lines",
                   _("parts of this receipt were returned %s before"),
                   part->how == RETURNED_AMOUNT ? _("by lines") : _("by amount"));
        return hint(error, _("go on in the same way, or return the rest with \"all\""));
    }
    return part->how == RETURNED_ALL      ? true
           : part->how == RETURNED_AMOUNT ? part_by_amount(context, sale, rest, part, error)
                                          : part_by_lines(context, sale, part, error);
}

/* --- The explanation -------------------------------------------------------------- */

static struct text facts_of(struct context *context, const struct claims *claims,
                            const struct matched_part parts[], size_t count,
                            const struct match *match)
{
    struct buffer facts = {0};
    bool first = true;
    buffer_string(&facts, "{\"assessed\":[");
    for (size_t i = 0; i < claims->count; i++) {
        if (claims->list[i].assessed == 0)
            continue;
        if (!first)
            buffer_byte(&facts, ',');
        first = false;
        buffer_byte(&facts, '[');
        json_string(&facts, claims->list[i].points->id);
        buffer_byte(&facts, ',');
        buffer_integer(&facts, claims->list[i].assessed);
        buffer_byte(&facts, ']');
    }
    buffer_string(&facts, "],\"amounts\":[");
    for (size_t i = 0; i < count; i++) {
        if (i > 0)
            buffer_byte(&facts, ',');
        buffer_integer(&facts, parts[i].amount);
    }
    buffer_byte(&facts, ']');
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

static struct head *return_head(struct context *context)
{
    struct head *head = record_new(context, RECORD_RETURN);
    head->at = context->at;
    set_keys(context, head);
    return head;
}

static bool write_return(struct context *context, struct head *head, struct claims *claims,
                         const struct matched_part parts[], size_t count,
                         struct movements *movements, const struct match *match,
                         struct error *error)
{
    head->returned = arena_allocate(context->arena, (count + 1) * sizeof *head->returned);
    head->returned_count = count;
    for (size_t i = 0; i < count; i++)
        head->returned[i] = *parts[i].part;
    for (size_t i = 0; i < claims->count; i++) {
        if (claims->list[i].carried)
            head_add_carry(context, head, claims->list[i].points->id, claims->list[i].kept);
    }
    return record_write_movements(
        context, head, movements,
        body_of(context, true, facts_of(context, claims, parts, count, match)), error);
}

/* --- With a receipt ------------------------------------------------------------------ */

/* The purchase that `of` names: its whole identity, or the number alone with the
 * other parts beside it. */
static bool find_sale(struct context *context, int64_t *seq, struct error *error)
{
    unsigned char hash[KEY_HASH_BYTES];
    struct key *key = NULL;
    struct error ignored;
    struct text identity = context->request->of;
    hash_receipt(context, identity, hash);
    if (!state_key(context->state, hash, &key, error))
        return false;
    if (key->row.seq < 0 && receipt_identity(context, context->request->of, &identity, &ignored)) {
        hash_receipt(context, identity, hash);
        if (!state_key(context->state, hash, &key, error))
            return false;
    }
    *seq = key->row.seq;
    return *seq >= 0 || fail_field(error, ERROR_UNKNOWN_RECEIPT, "of",
                                   _("there is no receipt \"%.*s\""), TEXT(context->request->of));
}

static bool return_of_receipt(struct context *context, struct error *error)
{
    struct claims claims = {0};
    struct movements movements = {0};
    struct sale sale;
    struct returned_part part = {0};
    struct matched_part matched = {&sale, &part, 0};
    int64_t seq = -1;
    if (!find_sale(context, &seq, error) || !sale_load(context, seq, &sale, error))
        return false;
    if (context->member_id != 0 && context->member_id != sale.head->member)
        return fail_field(error, ERROR_UNKNOWN_RECEIPT, "member",
                          _("the receipt belongs to another member"));
    context->member_id = sale.head->member;
    if (!check_at(context, error) || !load_member(context, error) ||
        !choose_part(context, &sale, &part, error) || !advance(context, error))
        return false;
    struct head *head = return_head(context);
    claims_begin(context, &claims);
    if (!assess_sale(context, &claims, &movements, &matched, error) ||
        !collect(context, head, &claims, &matched, 1, &movements, error))
        return false;
    /* From here on nothing is refused. */
    return write_return(context, head, &claims, &matched, 1, &movements, NULL, error);
}

/* --- Without a receipt ----------------------------------------------------------------- */

/* What the unmatched goods would earn today: the stand-alone deduction. */
static bool deduct_unmatched(struct context *context, struct claims *claims,
                             const struct match *match, struct error *error)
{
    const struct request *request = context->request;
    const struct programme *programme = context->version->programme;
    struct earnings earnings;
    struct basket_line *lines =
        arena_allocate(context->arena, request->lines_count * sizeof *lines);
    for (size_t i = 0; i < request->lines_count; i++) {
        const struct request_line *line = &request->lines[i];
        lines[i] = (struct basket_line){line->sku, line->category, line->amount, line->discount,
                                        line->tax};
        lines[i] = line_remainder(lines[i], line->quantity - match->left[i], line->quantity);
    }
    if (!earn(programme, lines, request->lines_count, context->arena, &earnings, error))
        return false;
    for (unsigned c = 0; c < programme->points_count; c++) {
        int64_t whole = 0, assessed = 0;
        struct fraction carried;
        if (!earnings_total(&earnings, c, &whole, &carried, error) ||
            !claim_points(claim_of(claims, programme->points[c].id), whole, carried, &assessed,
                          error))
            return false;
    }
    return true;
}

static size_t count_unmatched(struct context *context, const struct match *match)
{
    size_t count = 0;
    for (size_t i = 0; i < context->request->lines_count; i++)
        count += match->left[i] > 0;
    return count;
}

static bool check_goods(const struct context *context, struct error *error)
{
    for (size_t i = 0; i < context->request->lines_count; i++) {
        const struct request_line *line = &context->request->lines[i];
        if (line->sku.length == 0 || line->quantity == 0)
            return fail_field(error, ERROR_MISSING_FIELD, "lines",
                              _("without a receipt each line needs sku, quantity and amount"));
    }
    return true;
}

static bool return_of_goods(struct context *context, bool enrol, struct error *error)
{
    struct claims claims = {0};
    struct movements movements = {0};
    struct match match = {0};
    if ((!enrol && !load_member(context, error)) || !check_at(context, error) ||
        !check_goods(context, error) || (enrol && !enrol_new(context, error)) ||
        !load_member(context, error) || !match_returned_goods(context, &match, error))
        return false;
    bool deduct = context->request->unmatched == UNMATCHED_DEDUCT;
    if (count_unmatched(context, &match) > 0 && !deduct &&
        (match.count == 0 || context->request->unmatched == UNMATCHED_REFUSE))
        return fail_field(error, ERROR_NO_MATCH, "lines",
                          _("no earlier purchase of this member has the same item at this price"));
    if (!advance(context, error))
        return false;
    struct head *head = return_head(context);
    claims_begin(context, &claims);
    for (size_t i = 0; i < match.count; i++) {
        if (!assess_sale(context, &claims, &movements, &match.parts[i], error))
            return false;
    }
    if ((deduct && !deduct_unmatched(context, &claims, &match, error)) ||
        !collect(context, head, &claims, match.parts, match.count, &movements, error))
        return false;
    /* From here on nothing is refused. */
    return write_return(context, head, &claims, match.parts, match.count, &movements, &match,
                        error);
}

/* --- What was left over, read back from the body: the same on a retry ------------------------ */

bool outcome_note_unmatched(struct context *context, struct error *error)
{
    struct outcome *outcome = context->outcome;
    struct text list;
    if (outcome->head_count == 0 || outcome->heads[0]->kind != RECORD_RETURN ||
        !json_slice(outcome->body, "/facts/unmatched", &list))
        return true;
    cJSON *root = json_parse(list, error);
    size_t count = (size_t)cJSON_GetArraySize(root), i = 0;
    uint32_t *lines = arena_allocate(context->arena, (count + 1) * sizeof *lines);
    int64_t *quantities = arena_allocate(context->arena, (count + 1) * sizeof *quantities);
    const cJSON *pair = NULL;
    cJSON_ArrayForEach(pair, root)
    {
        int64_t line = 0;
        if (!json_integer(cJSON_GetArrayItem(pair, 0), &line) || line < 0 ||
            line > LIMIT_RETURN_LINES || !json_integer(cJSON_GetArrayItem(pair, 1), &quantities[i]))
            continue; /* only in a falsified log */
        lines[i++] = (uint32_t)line;
    }
    cJSON_Delete(root);
    outcome->unmatched = lines;
    outcome->unmatched_quantity = quantities;
    outcome->unmatched_count = i;
    return true;
}

/* --- The ladder ---------------------------------------------------------------------------- */

static bool check_shape(const struct context *context, struct error *error)
{
    const struct request *request = context->request;
    int ways =
        request->all + request_has(request, FIELD_AMOUNT) + request_has(request, FIELD_LINES);
    if (!require(context, FIELD_REF, error))
        return false;
    if (!request_has(request, FIELD_OF))
        return require(context, FIELD_MEMBER, error) && require(context, FIELD_LINES, error) &&
               require(context, FIELD_UNMATCHED, error);
    if (ways == 1)
        return true;
    return fail_field(error, ways == 0 ? ERROR_MISSING_FIELD : ERROR_INVALID_FIELD, "all",
                      _("a return says exactly one of \"all\", \"amount\" and \"lines\""));
}

bool return_goods(struct context *context, struct error *error)
{
    const struct request *request = context->request;
    bool duplicate = false, enrol = false;
    if (!check_shape(context, error) || !resolve_version(context, error))
        return false;
    if (request_has(request, FIELD_MEMBER) &&
        !resolve_member(context, request->member, &enrol, error))
        return false;
    context->has_key = true;
    hash_ref(context, request->ref, context->key);
    if (!check_keys(context, &duplicate, error))
        return false;
    if (duplicate)
        return true;
    if (request_has(request, FIELD_OF)) {
        bool unknown = request_has(request, FIELD_MEMBER) && context->member_id == 0;
        return unknown ? load_member(context, error) : return_of_receipt(context, error);
    }
    return return_of_goods(context, enrol, error);
}
