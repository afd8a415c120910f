/* What is owed in points: by currency, origin, month of issue and month of
 * expiry, and what that is worth.
 *
 * A points currency with a value is worth value x points, and expected to cost
 * that times (1 - breakage), by the programme version in force at the end of the
 * day. Both are rounded once, half to even, for the currency as a whole, and
 * shared out over the rows by largest remainder: so rows add up to their total. */
#include "book.h"
#include "kinds.h"
#include "limits.h"
#include "tally.h"

struct worth {
    bool known;
    struct fraction value, expected; /* minor units of money per point unit */
};

static bool add_lot(struct tally *tally, const struct view *view, const struct book_lot *lot,
                    struct error *error)
{
    struct tally_key key = {.currency = lot->currency, .origin = lot->origin};
    bool empty = true;
    for (unsigned side = 0; side < SIDES; side++)
        empty = empty && lot->as_of[side] == 0;
    if (empty)
        return true;
    key.first = view_month(view, lot->issued);
    key.second = view_month(view, book_last_moment(lot));
    for (unsigned side = 0; side < SIDES; side++) {
        if (!tally_add(tally, key, side, lot->as_of[side], error))
            return false;
    }
    return true;
}

static bool add_debts(struct tally *tally, const struct view *view,
                      const struct book_wallet *wallet, struct error *error)
{
    for (unsigned c = 0; c < view->points_count; c++) {
        struct tally_key key = {.currency = c, .origin = text_of("debt")};
        if (!tally_add(tally, key, ACCOUNT_DEBT, wallet->pockets[c].debt_as_of, error))
            return false;
    }
    return true;
}

static bool add_book(void *context, const struct book *book, struct error *error)
{
    for (size_t i = 0; i < book->wallets.count; i++) {
        if (!add_debts(context, book->view, book->wallets.entries[i].value, error))
            return false;
    }
    for (size_t i = 0; i < book->lots.count; i++) {
        if (!add_lot(context, book->view, book->lots.entries[i].value, error))
            return false;
    }
    return true;
}

static int64_t outstanding(const struct tally_row *row)
{
    return row->sums[ACCOUNT_AVAILABLE] + row->sums[ACCOUNT_PENDING] + row->sums[ACCOUNT_RESERVED];
}

/* The value of points.X as the document says it: millionths of the main unit. */
static bool worth_of(const struct view *view, const struct points *known, struct worth *worth,
                     struct error *error)
{
    const struct programme *programme = view_version(view, view->end - 1)->programme;
    int index = programme_points_index(programme, known->id);
    *worth = (struct worth){.known = false};
    if (index < 0 || programme->points[index].value == 0)
        return true;
    const struct points *points = &programme->points[index];
    wide minor = 1, units = 1;
    for (unsigned i = 0; i < programme->currency_digits; i++)
        minor *= 10;
    for (unsigned i = 0; i < points->scale; i++)
        units *= 10;
    struct fraction kept = {0, 1};
    worth->known = true;
    return (fraction_make(points->value * minor, VALUE_UNIT * units, &worth->value) &&
            fraction_make(VALUE_UNIT - points->breakage, VALUE_UNIT, &kept) &&
            fraction_multiply(worth->value, kept, &worth->expected)) ||
           fail(error, ERROR_OVERFLOW, _("the value of \"%.*s\" is too fine"), TEXT(known->id));
}

static bool money_of(int64_t points, struct fraction rate, int64_t *money, struct error *error)
{
    struct fraction exact;
    return (fraction_multiply((struct fraction){points, 1}, rate, &exact) &&
            fraction_round(exact, ROUND_EVEN, money)) ||
           fail(error, ERROR_OVERFLOW, _("the points are worth more than %lld"),
                (long long)LIMIT_UNITS);
}

/* --- One currency ------------------------------------------------------------------- */

struct block {
    struct view *view;
    struct sheet *sheet;
    struct tally_row *const *rows;
    size_t count;
    unsigned currency;
    struct worth worth;
    int64_t *value, *expected; /* of each row, in minor units */
};

static bool share_out(struct block *in, int64_t points, struct error *error)
{
    int64_t value = 0, expected = 0;
    int64_t *weights = arena_allocate(&in->view->arena, (in->count + 1) * sizeof *weights);
    in->value = arena_allocate(&in->view->arena, (in->count + 1) * sizeof *in->value);
    in->expected = arena_allocate(&in->view->arena, (in->count + 1) * sizeof *in->expected);
    if (!money_of(points, in->worth.value, &value, error) ||
        !money_of(points, in->worth.expected, &expected, error))
        return false;
    for (size_t i = 0; i < in->count; i++)
        weights[i] = outstanding(in->rows[i]) < 0 ? 0 : outstanding(in->rows[i]);
    largest_remainder(value, weights, in->count, in->value);
    largest_remainder(expected, weights, in->count, in->expected);
    in->value[in->count] = value;
    in->expected[in->count] = expected;
    return true;
}

/* The i-th row, or the total, which stands behind the last. */
static void write_row(struct block *in, size_t i, const struct tally_row *row)
{
    const struct points *points = &in->view->points[in->currency];
    static const enum account accounts[] = {ACCOUNT_AVAILABLE, ACCOUNT_PENDING, ACCOUNT_RESERVED,
                                            ACCOUNT_DEBT};
    bool total = i == in->count;
    sheet_row(in->sheet, total);
    sheet_text(in->sheet, points->id);
    sheet_word(in->sheet, total ? text_of("total") : row->key.origin);
    sheet_text(in->sheet, month_text(&in->view->arena, total ? MONTH_NONE : row->key.first));
    sheet_text(in->sheet, month_text(&in->view->arena, total ? MONTH_NONE : row->key.second));
    for (size_t a = 0; a < sizeof accounts / sizeof *accounts; a++)
        sheet_points(in->sheet, row->sums[accounts[a]], points->scale);
    sheet_points(in->sheet, outstanding(row) + row->sums[ACCOUNT_DEBT], points->scale);
    bool valued = in->worth.known && (total || row->key.first != MONTH_NONE);
    if (!valued) {
        sheet_blank(in->sheet);
        sheet_blank(in->sheet);
        return;
    }
    sheet_decimal(in->sheet, in->value[i], in->view->currency_digits);
    sheet_decimal(in->sheet, in->expected[i], in->view->currency_digits);
}

static bool is_empty(const struct tally_row *row)
{
    return row->sums[ACCOUNT_AVAILABLE] == 0 && row->sums[ACCOUNT_PENDING] == 0 &&
           row->sums[ACCOUNT_RESERVED] == 0 && row->sums[ACCOUNT_DEBT] == 0;
}

static bool write_currency(struct view *view, struct sheet *sheet, struct tally_row **rows,
                           size_t count, unsigned currency, struct tally_row *total,
                           struct error *error)
{
    struct tally_row **own = arena_allocate(&view->arena, (count + 1) * sizeof *rows);
    struct block in = {.view = view, .sheet = sheet, .rows = own, .currency = currency};
    for (size_t i = 0; i < count; i++) {
        if (rows[i]->key.currency == currency && !is_empty(rows[i]))
            own[in.count++] = rows[i];
    }
    if (!tally_total(own, in.count, currency, total, error) ||
        !worth_of(view, &view->points[currency], &in.worth, error) ||
        (in.worth.known && !share_out(&in, outstanding(total), error)))
        return false;
    for (size_t i = 0; i < in.count; i++)
        write_row(&in, i, own[i]);
    write_row(&in, in.count, total);
    return true;
}

static void name_columns(struct sheet *sheet)
{
    sheet_column(sheet, "currency", N_("points"), LEFT);
    sheet_column(sheet, "origin", N_("origin"), LEFT);
    sheet_column(sheet, "issued", N_("issued"), LEFT);
    sheet_column(sheet, "expires", N_("expires"), LEFT);
    sheet_column(sheet, "available", N_("available"), RIGHT);
    sheet_column(sheet, "pending", N_("pending"), RIGHT);
    sheet_column(sheet, "reserved", N_("reserved"), RIGHT);
    sheet_column(sheet, "debt", N_("debt"), RIGHT);
    sheet_column(sheet, "total", N_("total"), RIGHT);
    sheet_column(sheet, "value", N_("value"), RIGHT);
    sheet_column(sheet, "expected", N_("expected"), RIGHT);
}

bool liability(struct view *view, struct sheet *sheet, struct error *error)
{
    struct tally tally = {0};
    const struct book_readers readers = {NULL, add_book, &tally};
    size_t count = 0;
    int64_t heads = 0;
    name_columns(sheet);
    bool ok = view_each_book(view, &readers, &heads, error);
    struct tally_row **rows = tally_rows(&tally, &count);
    for (unsigned c = 0; ok && c < view->points_count; c++) {
        struct tally_row total;
        ok = write_currency(view, sheet, rows, count, c, &total, error);
    }
    tally_free(&tally);
    return ok;
}
