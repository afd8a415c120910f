/* What was taken off a receipt as a whole, what points paid of it, and what was paid in ways
 * that earn nothing: none of it belongs to a line, all of it must go back with the lines. So
 * each falls on the lines at once, by largest remainder, and whoever looks at a line later
 * (rules, returns, matching) sees its share and asks no further. */
#include "basket.h"

/* --- Shares --------------------------------------------------------------------- */

/* Of each line so much of `total` as its weight says. */
static int64_t *shares_of(struct context *context, int64_t total, const int64_t weights[],
                          size_t count)
{
    int64_t *shares = arena_allocate(context->arena, count * sizeof *shares);
    largest_remainder(total, weights, count, shares);
    return shares;
}

static int64_t *amounts_of(struct context *context, const struct basket_line lines[], size_t count)
{
    int64_t *amounts = arena_allocate(context->arena, count * sizeof *amounts);
    for (size_t i = 0; i < count; i++)
        amounts[i] = lines[i].amount;
    return amounts;
}

/* More than the lines amount to is refused; in a falsified log it is left alone. */
static bool covers(const struct basket_line lines[], size_t count, int64_t discount)
{
    wide sum = 0;
    for (size_t i = 0; i < count; i++)
        sum += lines[i].amount;
    return sum >= discount;
}

/* A line's tax is a part of its price, so it becomes less as the price does. */
static void take_discount(struct basket_line *line, int64_t share)
{
    if (share == 0)
        return;
    int64_t discount = line->discount;
    *line = line_remainder(*line, share, line->amount);
    line->discount = discount + share;
}

static void spread_discount(struct context *context, int64_t discount, struct basket_line lines[],
                            size_t count)
{
    if (discount == 0 || !covers(lines, count, discount))
        return;
    const int64_t *shares = shares_of(context, discount, amounts_of(context, lines, count), count);
    for (size_t i = 0; i < count; i++)
        take_discount(&lines[i], shares[i]);
}

/* --- The lines ------------------------------------------------------------------- */

struct basket_line basket_line_of(const struct request_line *line)
{
    return (struct basket_line){.sku = line->sku,
                                .category = line->category,
                                .amount = line->amount,
                                .discount = line->discount,
                                .tax = line->tax};
}

struct basket_line *basket_of(struct context *context, const struct request *request, size_t *count)
{
    *count = request->lines_count == 0 ? 1 : request->lines_count;
    struct basket_line *lines = arena_allocate(context->arena, *count * sizeof *lines);
    if (request->lines_count == 0) {
        lines[0].amount = request->amount;
        lines[0].discount = request->discount;
        return lines;
    }
    for (size_t i = 0; i < request->lines_count; i++)
        lines[i] = basket_line_of(&request->lines[i]);
    spread_discount(context, request->discount, lines, *count);
    return lines;
}

bool basket_adds_up(const struct basket_line lines[], size_t count, int64_t amount)
{
    int64_t sum = 0;
    for (size_t i = 0; i < count; i++) {
        if (lines[i].discount > LIMIT_UNITS || !units_add(sum, lines[i].amount, &sum))
            return false;
    }
    return sum == amount;
}

/* --- What paid for them ------------------------------------------------------------ */

/* What earns nothing of the money that was paid. */
static int64_t excluded_amount(const struct request *request, const struct programme *programme,
                               int64_t minor)
{
    int64_t sum = 0, money = request->amount - minor; /* at most 16 tenders: no overflow */
    for (size_t i = 0; i < request->tenders_count; i++) {
        if (programme_excludes_tender(programme, request->tenders[i].type))
            sum += request->tenders[i].amount;
    }
    return sum < money ? sum : money;
}

void basket_spread(struct context *context, const struct request *request,
                   const struct programme *programme, int64_t minor, struct basket_line lines[],
                   size_t count)
{
    int64_t excluded = excluded_amount(request, programme, minor);
    if (minor == 0 && excluded == 0)
        return;
    int64_t *weights = amounts_of(context, lines, count);
    const int64_t *paid = shares_of(context, minor, weights, count);
    for (size_t i = 0; i < count; i++) {
        lines[i].paid = paid[i];
        weights[i] -= paid[i];
    }
    const int64_t *shares = shares_of(context, excluded, weights, count);
    for (size_t i = 0; i < count; i++)
        lines[i].excluded = shares[i];
}

/* --- Refusals ---------------------------------------------------------------------- */

/* Money as people read it. */
static const char *shown(struct context *context, int64_t units)
{
    struct buffer out = {0};
    decimal_format(&out, units, context->version->programme->currency_digits);
    struct text text = text_copy(context->arena, buffer_view(&out));
    buffer_free(&out);
    return text.bytes;
}

bool check_lines(struct context *context, struct error *error)
{
    const struct request *request = context->request;
    int64_t sum = 0, ignored;
    for (size_t i = 0; i < request->lines_count; i++) {
        const struct request_line *line = &request->lines[i];
        if (!units_add(sum, line->amount, &sum) ||
            !units_add(line->discount, request->discount, &ignored))
            return fail_field(error, ERROR_OVERFLOW, "lines", _("the lines add up to too much"));
    }
    if (request->lines_count == 0 || sum - request->discount == request->amount)
        return true;
    if (request->discount == 0) {
        fail_field(error, ERROR_LINES_MISMATCH, "lines",
                   _("the lines add up to %s, the amount is %s"), shown(context, sum),
                   shown(context, request->amount));
        return hint(error, _("a line's amount is what was paid for it, after its discount; what "
                             "was taken off the whole receipt is its \"discount\""));
    }
    fail_field(error, ERROR_LINES_MISMATCH, "lines",
               _("the lines add up to %s, less the discount of %s; the amount is %s"),
               shown(context, sum), shown(context, request->discount),
               shown(context, request->amount));
    return hint(error, _("the amounts of the lines are before the discount of the whole receipt, "
                         "its amount is after it"));
}

bool check_tenders(struct context *context, int64_t minor, struct error *error)
{
    const struct request *request = context->request;
    int64_t sum = minor, due = request->amount + request->rounding;
    for (size_t i = 0; i < request->tenders_count; i++)
        sum += request->tenders[i].amount; /* at most 16: no overflow */
    if (request->tenders_count == 0 || sum == due)
        return true;
    if (minor > 0)
        fail_field(error, ERROR_TENDERS_MISMATCH, "tenders",
                   _("with the %s that points paid the tenders add up to %s, to pay was %s"),
                   shown(context, minor), shown(context, sum), shown(context, due));
    else
        fail_field(error, ERROR_TENDERS_MISMATCH, "tenders",
                   _("the tenders add up to %s, to pay was %s"), shown(context, sum),
                   shown(context, due));
    return hint(error, _("to pay was the amount with the rounding; cash counts without the "
                         "change that was given"));
}
