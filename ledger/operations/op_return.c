/* A return: which goods come back, of a named receipt or of the member's earlier
 * purchases, and the record of it. What they are worth and how that is collected is
 * clawback.c's; which purchases goods without a receipt come from is match.c's. */
#include "clawback.h"
#include "json.h"
#include "tender.h"

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

static bool fewer_left(const struct request_line *line, int64_t left, struct error *error)
{
    struct buffer text = {0};
    decimal_format_short(&text, left, QUANTITY_SCALE);
    struct text count = buffer_view(&text);
    if (line->line > 0)
        fail_field(error, ERROR_OVER_RETURN, "lines",
                   _("more is returned than is left: of line %lld there are %.*s left"),
                   (long long)line->line, TEXT(count));
    else
        fail_field(error, ERROR_OVER_RETURN, "lines",
                   _("more is returned than is left: of \"%.*s\" there are %.*s left"),
                   TEXT(line->sku), TEXT(count));
    buffer_free(&text);
    return false;
}

/* Spread one line of the request over the receipt's lines that it names. */
static bool take_line(const struct sale *sale, const struct request_line *line, int64_t take[],
                      struct error *error)
{
    int64_t wanted = line->quantity, rest = 0;
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
        rest += left;
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
        return fewer_left(line, rest, error);
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

/* --- The record ------------------------------------------------------------------------ */

struct head *return_head(struct context *context)
{
    struct head *head = record_new(context, RECORD_RETURN);
    head->at = context->at;
    if (context->follow_up != NULL)
        head->of = context->follow_up->held;
    set_keys(context, head);
    return head;
}

bool write_return(struct context *context, struct head *head, struct clawbacks *clawbacks,
                  const struct matched_part parts[], size_t count, struct movements *movements,
                  const struct match *match, struct error *error)
{
    head->returned = arena_allocate(context->arena, (count + 1) * sizeof *head->returned);
    head->returned_count = count;
    for (size_t i = 0; i < count; i++)
        head->returned[i] = *parts[i].part;
    clawbacks_carry(context, head, clawbacks);
    for (size_t i = 0; i < count; i++)
        head_count(context, head, parts[i].sale->version->programme, &parts[i].counted,
                   parts[i].sale->at, -1);
    if (!judge(context, head, movements, error))
        return false;
    /* From here on nothing is refused. */
    return record_write_movements(
        context, head, movements,
        body_of(context, true, clawback_facts(context, clawbacks, parts, count, match)), error);
}

/* --- With a receipt ------------------------------------------------------------------ */

bool may_be_number(const struct context *context)
{
    const struct programme *programme = context->version->programme;
    bool dated = false;
    for (size_t i = 0; i < programme->receipts.unique_count; i++)
        dated = dated || programme->receipts.unique_by[i] == SCOPE_DATE;
    return !dated || context->request->op != OPERATION_RETURN;
}

bool find_sale(struct context *context, struct text named, struct text *identity, int64_t *seq,
               struct error *error)
{
    unsigned char hash[KEY_HASH_BYTES];
    struct key *key = NULL;
    struct error ignored;
    *identity = named;
    hash_receipt(context, named, hash);
    if (!state_key(context->state, hash, &key, error))
        return false;
    if (key->row.seq < 0 && may_be_number(context) &&
        receipt_identity(context, named, identity, &ignored)) {
        hash_receipt(context, *identity, hash);
        if (!state_key(context->state, hash, &key, error))
            return false;
    }
    *seq = key->row.seq;
    return true;
}

bool find_receipt(struct context *context, int64_t *seq, struct error *error)
{
    struct text identity;
    return find_sale(context, context->request->of, &identity, seq, error);
}

/* Goods of a sale that nobody has: they come back, and no points move. */
static bool return_to_nobody(struct context *context, const struct sale *sale,
                             const struct matched_part *matched, struct error *error)
{
    struct matched_part part = *matched;
    struct clawbacks none = {0};
    struct movements movements = {0};
    struct returned_part sum = returned_with(context->arena, sale->returned, part.part);
    struct basket_line *was =
        sale_rest(context, sale, sale->returned->exists ? &sale->returned->part : NULL);
    struct basket_line *rest = sale_rest(context, sale, &sum);
    part.amount = basket_amount(was, sale->line_count) - basket_amount(rest, sale->line_count);
    return check_approval(context, APPROVAL_RETURN, part.amount, 0, error) &&
           write_return(context, return_head(context), &none, &part, 1, &movements, NULL, error);
}

bool return_of_receipt(struct context *context, int64_t seq, struct error *error)
{
    struct clawbacks clawbacks = {0};
    struct movements movements = {0};
    struct sale sale;
    struct returned_part part = {0};
    struct matched_part matched = {.sale = &sale, .part = &part};
    uint64_t owner = 0;
    if (!sale_load(context, seq, &sale, error))
        return false;
    if (!sale_member(context, &sale, &owner, error))
        return false;
    if (context->member_id != 0 && context->member_id != owner)
        return fail_field(error, ERROR_UNKNOWN_RECEIPT, "member",
                          _("the receipt belongs to another member"));
    context->member_id = owner;
    /* One that was held has passed the calendar when it came. */
    if ((context->follow_up == NULL && !check_at(context, error)) ||
        !sale_stands(&sale, FIELD_OF, error))
        return false;
    if (owner == 0)
        return choose_part(context, &sale, &part, error) &&
               return_to_nobody(context, &sale, &matched, error);
    if (!load_member(context, error) || !choose_part(context, &sale, &part, error) ||
        !advance(context, error) || !give_points_back(context, &matched, 1, error))
        return false;
    struct head *head = return_head(context);
    clawbacks_begin(context, &clawbacks);
    if (!assess_sale(context, &clawbacks, &movements, &matched, error) ||
        !check_approval(context, APPROVAL_RETURN, matched.amount, 0, error) ||
        !collect(context, head, &clawbacks, &matched, 1, &movements, error))
        return false;
    return write_return(context, head, &clawbacks, &matched, 1, &movements, NULL, error);
}

/* --- Without a receipt ----------------------------------------------------------------- */

/* No receipt comes back with them, so no visit does. */
static bool uncount_goods(struct context *context, struct head *head,
                          const struct basket_line lines[],
                          const int64_t assessed[LIMIT_CURRENCIES], struct error *error)
{
    const struct programme *programme = context->version->programme;
    struct counted counted;
    if (!count_basket(programme, lines, context->request->lines_count, assessed, &counted, error))
        return false;
    for (size_t m = 0; programme->tiers != NULL && m < programme->tiers->measure_count; m++) {
        enum measure_kind kind = programme->tiers->measures[m].kind;
        if (kind == MEASURE_VISITS || kind == MEASURE_DAYS)
            counted.of[m] = 0;
    }
    head_count(context, head, programme, &counted, context->at, -1);
    return true;
}

/* What the unmatched goods would earn today: the stand-alone deduction. Their money is
 * added to *amount. */
static bool deduct_unmatched(struct context *context, struct head *head,
                             struct clawbacks *clawbacks, const struct match *match, wide *amount,
                             struct error *error)
{
    const struct request *request = context->request;
    int64_t assessed[LIMIT_CURRENCIES] = {0};
    struct basket_line *lines =
        arena_allocate(context->arena, request->lines_count * sizeof *lines);
    for (size_t i = 0; i < request->lines_count; i++) {
        const struct request_line *line = &request->lines[i];
        lines[i] =
            line_remainder(basket_line_of(line), line->quantity - match->left[i], line->quantity);
        *amount += lines[i].amount;
    }
    return assess_basket(context, clawbacks, lines, request->lines_count, assessed, error) &&
           uncount_goods(context, head, lines, assessed, error);
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
    struct clawbacks clawbacks = {0};
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
    if (!advance(context, error) || !give_points_back(context, match.parts, match.count, error))
        return false;
    struct head *head = return_head(context);
    clawbacks_begin(context, &clawbacks);
    wide amount = 0;
    for (size_t i = 0; i < match.count; i++) {
        if (!assess_sale(context, &clawbacks, &movements, &match.parts[i], error))
            return false;
        amount += match.parts[i].amount;
    }
    if ((deduct && !deduct_unmatched(context, head, &clawbacks, &match, &amount, error)) ||
        !check_approval(context, APPROVAL_NO_RECEIPT, amount, 0, error) ||
        !collect(context, head, &clawbacks, match.parts, match.count, &movements, error))
        return false;
    return write_return(context, head, &clawbacks, match.parts, match.count, &movements, &match,
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

/* By amount, and of no receipt: nothing else says what comes back. */
static bool check_no_receipt(const struct context *context, struct error *error)
{
    static const enum field others[] = {FIELD_OF, FIELD_ALL, FIELD_LINES, FIELD_UNMATCHED};
    const struct request *request = context->request;
    for (size_t i = 0; i < sizeof others / sizeof *others; i++) {
        if (request_has(request, others[i]))
            return fail_field(error, ERROR_INVALID_FIELD, field_name(others[i]),
                              _("a return with \"no_receipt\" takes no \"%s\": it is by amount"),
                              field_name(others[i]));
    }
    if (!require(context, FIELD_MEMBER, error) || !require(context, FIELD_AMOUNT, error))
        return false;
    return request->amount > 0 ||
           fail_field(error, ERROR_INVALID_AMOUNT, "amount", _("an amount of 0 returns nothing"));
}

static bool check_shape(const struct context *context, struct error *error)
{
    const struct request *request = context->request;
    int ways =
        request->all + request_has(request, FIELD_AMOUNT) + request_has(request, FIELD_LINES);
    if (!require(context, FIELD_REF, error))
        return false;
    if (request->no_receipt)
        return check_no_receipt(context, error);
    if (!request_has(request, FIELD_OF) && !request_has(request, FIELD_MEMBER))
        return require(context, FIELD_OF, error); /* what most returns forgot */
    if (!request_has(request, FIELD_OF))
        return require(context, FIELD_LINES, error) && require(context, FIELD_UNMATCHED, error);
    if (ways == 1)
        return true;
    return fail_field(error, ways == 0 ? ERROR_MISSING_FIELD : ERROR_INVALID_FIELD, "all",
                      _("a return says exactly one of \"all\", \"amount\" and \"lines\""));
}

bool return_goods(struct context *context, struct error *error)
{
    const struct request *request = context->request;
    bool duplicate = false, enrol = false;
    int64_t seq = -1;
    if (!check_shape(context, error) || !resolve_version(context, error))
        return false;
    if (request_has(request, FIELD_MEMBER) &&
        !resolve_member(context, request->member, &enrol, error))
        return false;
    if (!check_ref(context, request->ref, &duplicate, error))
        return false;
    if (duplicate)
        return true;
    if (request_has(request, FIELD_OF)) {
        if (request_has(request, FIELD_MEMBER) && context->member_id == 0)
            return load_member(context, error); /* unknown_member */
        if (!find_receipt(context, &seq, error))
            return false;
        return seq < 0 ? hold_return(context, error) : return_of_receipt(context, seq, error);
    }
    return request->no_receipt ? return_by_amount(context, error)
                               : return_of_goods(context, enrol, error);
}
