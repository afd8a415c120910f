/* From the opening to the closing balance, month by month.
 *
 * Every movement between a wallet and the programme is counted in its month under
 * the programme's account: so opening + movements = closing holds by
 * construction, and is checked all the same, and each opening is the closing of
 * the month before. A debt counts as points below zero. What was recorded after its
 * month was closed stands in the first open one; `late` says how much of the change
 * that is. */
#include "book.h"
#include "kinds.h"
#include "limits.h"
#include "tally.h"

struct rolling {
    struct view *view;
    struct months months;
    struct tally tally; /* first: the month, or MONTH_NONE for all that was before */
    struct sheet *sheet;
    struct text origins[TALLY_ORIGINS];
    size_t origin_count;
};

static bool add_side(struct rolling *in, struct tally_key key, enum account account, int64_t amount,
                     struct error *error)
{
    return account_is_wallets(account) || tally_add(&in->tally, key, account, amount, error);
}

/* By the programme's account that it is against; issues also by origin. Moves between
 * wallets come to nothing and have no column. */
static bool add_flow(void *context, const struct flow *flow, struct error *error)
{
    struct rolling *in = context;
    int month = view_month(in->view, flow->at);
    if (month > in->months.last)
        return true;
    struct tally_key key = {.currency = flow->currency};
    key.first = month < in->months.first ? MONTH_NONE : month;
    if (flow->is_late && !tally_add_late(&in->tally, key, flow_gain(flow), error))
        return false;
    if (flow->against == ACCOUNT_ISSUED)
        key.origin = flow->lot != NULL ? flow->lot->origin : text_of("purchase");
    return add_side(in, key, flow->account, -flow->amount, error) &&
           add_side(in, key, flow->against, flow->amount, error);
}

/* --- Reading the tally --------------------------------------------------------------- */

static int64_t sum_of(struct tally_row *const rows[], size_t count, struct tally_key key,
                      enum account account, bool any_origin)
{
    int64_t sum = 0;
    for (size_t i = 0; i < count; i++) {
        if (rows[i]->key.currency == key.currency && rows[i]->key.first == key.first &&
            (any_origin || text_equal(rows[i]->key.origin, key.origin)))
            sum += rows[i]->sums[account];
    }
    return sum;
}

static bool add_up(int64_t *sum, int64_t more, struct error *error)
{
    return units_add(*sum, more, sum) ||
           fail(error, ERROR_OVERFLOW, _("the points of all members are beyond %lld"),
                (long long)LIMIT_UNITS);
}

static const enum account taken_by[] = {ACCOUNT_REDEEMED, ACCOUNT_EXPIRED, ACCOUNT_RETURNED,
                                        ACCOUNT_ADJUSTED};
enum { TAKERS = sizeof taken_by / sizeof *taken_by, LARGEST_LINE = TALLY_ORIGINS + TAKERS };

/* Issued by origin, then what took points away: as signed changes of the balance. */
struct line {
    int64_t opening, closing, late;
    int64_t change[LARGEST_LINE];
};

static bool read_line(const struct rolling *in, struct tally_row *const rows[], size_t count,
                      struct tally_key key, struct line *line, struct error *error)
{
    line->closing = line->opening;
    line->late = 0;
    for (size_t i = 0; i < count; i++) {
        if (rows[i]->key.currency == key.currency && rows[i]->key.first == key.first)
            line->late += rows[i]->late;
    }
    for (size_t i = 0; i < in->origin_count + TAKERS; i++) {
        bool issue = i < in->origin_count;
        key.origin = issue ? in->origins[i] : (struct text){0};
        line->change[i] = sum_of(rows, count, key,
                                 issue ? ACCOUNT_ISSUED : taken_by[i - in->origin_count], !issue);
        if (!add_up(&line->closing, line->change[i], error))
            return false;
    }
    return true;
}

static void write_line(const struct rolling *in, const struct line *line, unsigned currency,
                       struct text period, bool total)
{
    const struct points *points = &in->view->points[currency];
    sheet_row(in->sheet, total);
    sheet_text(in->sheet, points->id);
    sheet_word(in->sheet, period);
    sheet_points(in->sheet, line->opening, points->scale);
    for (size_t i = 0; i < in->origin_count + TAKERS; i++)
        sheet_points(in->sheet, line->change[i], points->scale);
    sheet_points(in->sheet, line->closing, points->scale);
    if (in->view->closing_count > 0)
        sheet_points(in->sheet, line->late, points->scale);
    else
        sheet_blank(in->sheet);
}

/* All months of one currency; over several there is a total line, too. */
static bool write_currency(const struct rolling *in, struct tally_row *const rows[], size_t count,
                           unsigned currency, struct error *error)
{
    struct line line = {0}, whole = {0};
    struct tally_key key = {.currency = currency, .first = MONTH_NONE};
    if (!read_line(in, rows, count, key, &line, error))
        return false;
    whole.opening = line.closing;
    for (int month = in->months.first; month <= in->months.last; month++) {
        key.first = month;
        line.opening = line.closing;
        if (!read_line(in, rows, count, key, &line, error))
            return false;
        write_line(in, &line, currency, month_text(&in->view->arena, month), false);
        for (size_t i = 0; i < LARGEST_LINE; i++) {
            if (!add_up(&whole.change[i], line.change[i], error))
                return false;
        }
        if (!add_up(&whole.late, line.late, error))
            return false;
    }
    whole.closing = line.closing;
    if (in->months.first < in->months.last)
        write_line(in, &whole, currency, text_of("total"), true);
    return true;
}

/* --- Columns --------------------------------------------------------------------------- */

/* The origins that were ever issued, by name. */
static void find_origins(struct rolling *in)
{
    for (size_t i = 0; i < in->tally.origin_count; i++) {
        struct text origin = in->tally.origins[i];
        size_t at = in->origin_count;
        if (origin.length == 0)
            continue;
        for (; at > 0 && text_compare(in->origins[at - 1], origin) > 0; at--)
            in->origins[at] = in->origins[at - 1];
        in->origins[at] = origin;
        in->origin_count++;
    }
    if (in->origin_count == 0)
        in->origins[in->origin_count++] = text_of("purchase");
}

static void name_columns(struct rolling *in)
{
    static const char *const names[] = {"redeemed", "expired", "returned", "adjusted"};
    static const char *const titles[] = {N_("redeemed"), N_("expired"), N_("returned"),
                                         N_("adjusted")};
    sheet_column(in->sheet, "currency", N_("points"), LEFT);
    sheet_column(in->sheet, "period", N_("period"), LEFT);
    sheet_column(in->sheet, "opening", N_("opening"), RIGHT);
    for (size_t i = 0; i < in->origin_count; i++) {
        struct text name = text_format(&in->view->arena, "issued_%.*s", TEXT(in->origins[i]));
        struct text title = text_format(&in->view->arena, "%s %s", _("issued"),
                                        _(text_copy(&in->view->arena, in->origins[i]).bytes));
        sheet_column(in->sheet, name.bytes, title.bytes, RIGHT);
    }
    for (size_t i = 0; i < TAKERS; i++)
        sheet_column(in->sheet, names[i], titles[i], RIGHT);
    sheet_column(in->sheet, "closing", N_("closing"), RIGHT);
    sheet_column(in->sheet, "late", N_("of it late"), RIGHT);
}

bool rollforward(struct view *view, struct months months, struct sheet *sheet, struct error *error)
{
    struct rolling in = {.view = view, .months = months, .sheet = sheet};
    const struct book_readers readers = {add_flow, NULL, &in};
    size_t count = 0;
    int64_t heads = 0;
    bool ok = view_each_book(view, &readers, &heads, error);
    struct tally_row **rows = tally_rows(&in.tally, &count);
    find_origins(&in);
    name_columns(&in);
    for (unsigned c = 0; ok && c < view->points_count; c++)
        ok = write_currency(&in, rows, count, c, error);
    tally_free(&in.tally);
    return ok;
}
