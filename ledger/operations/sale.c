/* A recorded purchase and what is left of it. What remains depends only on the
 * sum of what was returned, never on the steps, so that many small refunds take
 * back exactly what one would. */
#include "sale.h"

#include "json.h"

enum { ONE = 1000000 };

/* The lines with all that falls on them. A falsified log may have sold for another amount
 * than its lines make, or paid what was never to pay. */
static bool make_basket(struct context *context, struct sale *sale, struct error *error)
{
    const struct head *head = sale->head;
    const struct request *request = &sale->request;
    int64_t minor = head->paid.seq < 0 ? 0 : head->paid.minor;
    sale->basket = basket_of(context, request, &sale->line_count);
    if (!basket_adds_up(sale->basket, sale->line_count, request->amount))
        return fail(error, ERROR_CORRUPT, _("the lines of record %lld do not add up to its amount"),
                    (long long)head->seq);
    if (minor > request->amount)
        return fail(error, ERROR_CORRUPT, _("points paid more of record %lld than it cost"),
                    (long long)head->seq);
    basket_spread(context, request, sale->version->programme, minor, sale->basket,
                  sale->line_count);
    return true;
}

/* The purchase itself, or the newest claim of it. */
bool sale_given(struct context *context, int64_t seq, const struct head **given,
                struct error *error)
{
    struct holder *holder = NULL;
    struct record record;
    *given = NULL;
    if (!state_holder(context->state, seq, &holder, error))
        return false;
    if (holder->exists && holder->row.by < 0)
        return true;
    if (!state_read_record(context->state, context->arena, holder->exists ? holder->row.by : seq,
                           &record, error))
        return false;
    *given = record.head->member == 0 ? NULL : record.head;
    return true;
}

static bool find_holder(struct context *context, struct sale *sale, struct error *error)
{
    struct cancelled *cancelled = NULL;
    if (!sale_given(context, sale->seq, &sale->given, error) ||
        !state_cancelled(context->state, sale->seq, &cancelled, error))
        return false;
    sale->voided = cancelled->row.by >= 0;
    sale->level = level_of_head(sale->version->programme, sale->given);
    return true;
}

bool sale_member(struct context *context, const struct sale *sale, uint64_t *member,
                 struct error *error)
{
    *member = 0;
    return sale->given == NULL || current_member(context, sale->given->member, member, error);
}

bool sale_stands(const struct sale *sale, enum field field, struct error *error)
{
    return !sale->voided ||
           fail_field(error, ERROR_VOIDED, field_name(field),
                      _("the sale, record %lld, was voided"), (long long)sale->seq);
}

bool sale_load(struct context *context, int64_t seq, struct sale *sale, struct error *error)
{
    struct record record;
    struct text input, at;
    memset(sale, 0, sizeof *sale);
    if (!state_read_record(context->state, context->arena, seq, &record, error) ||
        !state_need_body(context->state, &record, error))
        return false;
    sale->seq = seq;
    sale->head = record.head;
    sale->version = version_numbered(context->ledger, record.head->programme);
    if (sale->version == NULL || !json_slice(record.body, "/in", &input) ||
        !json_slice(record.body, "/at", &at))
        return fail(error, ERROR_CORRUPT, _("the body of record %lld cannot be read"),
                    (long long)seq);
    enum decimal_result ok = decimal_parse(at, 0, &sale->at);
    if (ok != DECIMAL_OK ||
        !request_parse(input, sale->version->programme, context->arena, &sale->request, error))
        return fail(error, ERROR_CORRUPT, _("the body of record %lld cannot be read"),
                    (long long)seq);
    if (!make_basket(context, sale, error) || !find_holder(context, sale, error) ||
        !state_returned(context->state, seq, &sale->returned, error))
        return false;
    /* A falsified log may have returned what was never sold. */
    const struct returned_part *part = &sale->returned->part;
    for (size_t i = 0; i < part->line_count; i++) {
        int64_t line = part->lines[i].line;
        if (line >= (int64_t)sale->request.lines_count ||
            part->lines[i].quantity > sale_quantity(sale, (size_t)line))
            return fail(error, ERROR_CORRUPT, _("more was returned of record %lld than it sold"),
                        (long long)seq);
    }
    return part->amount <= sale->request.amount ||
           fail(error, ERROR_CORRUPT, _("more was returned of record %lld than it sold"),
                (long long)seq);
}

int64_t sale_quantity(const struct sale *sale, size_t line)
{
    int64_t quantity = sale->request.lines_count == 0 ? 0 : sale->request.lines[line].quantity;
    return quantity == 0 ? ONE : quantity;
}

int64_t sale_returned_quantity(const struct sale *sale, size_t line)
{
    const struct returned_part *part = &sale->returned->part;
    if (!sale->returned->exists)
        return 0;
    if (part->how == RETURNED_ALL)
        return sale_quantity(sale, line);
    for (size_t i = 0; i < part->line_count; i++) {
        if (part->lines[i].line == (int64_t)line)
            return part->lines[i].quantity;
    }
    return 0;
}

int64_t basket_amount(const struct basket_line lines[], size_t count)
{
    int64_t sum = 0;
    for (size_t i = 0; i < count; i++)
        sum += lines[i].amount; /* the purchase's own check bounds it */
    return sum;
}

static void take_all(const struct sale *sale, struct basket_line *rest)
{
    for (size_t i = 0; i < sale->line_count; i++)
        rest[i] = line_remainder(rest[i], 1, 1);
}

/* An amount without lines falls on all lines in proportion, the units that do not
 * divide by largest remainder. */
static void rest_by_amount(struct context *context, const struct sale *sale, int64_t amount,
                           struct basket_line *rest)
{
    if (amount == sale->request.amount) {
        take_all(sale, rest);
        return;
    }
    int64_t *weights = arena_allocate(context->arena, sale->line_count * sizeof *weights);
    int64_t *shares = arena_allocate(context->arena, sale->line_count * sizeof *shares);
    for (size_t i = 0; i < sale->line_count; i++)
        weights[i] = sale->basket[i].amount;
    largest_remainder(amount, weights, sale->line_count, shares);
    for (size_t i = 0; i < sale->line_count; i++) {
        if (weights[i] > 0)
            rest[i] = line_remainder(sale->basket[i], shares[i], weights[i]);
    }
}

struct basket_line *sale_rest(struct context *context, const struct sale *sale,
                              const struct returned_part *part)
{
    struct basket_line *rest = arena_allocate(context->arena, sale->line_count * sizeof *rest);
    memcpy(rest, sale->basket, sale->line_count * sizeof *rest);
    if (part == NULL)
        return rest;
    switch (part->how) {
    case RETURNED_NONE:
        break;
    case RETURNED_ALL:
        take_all(sale, rest);
        break;
    case RETURNED_AMOUNT:
        rest_by_amount(context, sale, part->amount, rest);
        break;
    case RETURNED_LINES:
        for (size_t i = 0; i < part->line_count; i++) {
            size_t line = (size_t)part->lines[i].line;
            rest[line] =
                line_remainder(rest[line], part->lines[i].quantity, sale_quantity(sale, line));
        }
        break;
    }
    return rest;
}

int64_t sale_left(struct context *context, const struct sale *sale)
{
    const struct returned *returned = sale->returned;
    return basket_amount(sale_rest(context, sale, returned->exists ? &returned->part : NULL),
                         sale->line_count);
}

int64_t sale_given_by(const struct head *head)
{
    return head->kind == RECORD_PURCHASE ? head->seq : head->kind == RECORD_CLAIM ? head->of : -1;
}
