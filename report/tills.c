/* Till by till and day by day: what the till says that it sold, and what the ledger has.
 *
 * A difference is a sale that never arrived, one that came twice into the till's own
 * sum, or one that was voided here and not there. A till that says nothing at all is
 * the one to look at first: it has a row, too. */
#include "kinds.h"
#include "trading.h"

static void add_columns(struct sheet *sheet)
{
    sheet_column(sheet, "store", N_("store"), LEFT);
    sheet_column(sheet, "till", N_("till"), LEFT);
    sheet_column(sheet, "day", N_("day"), LEFT);
    sheet_column(sheet, "said_count", N_("sales told"), RIGHT);
    sheet_column(sheet, "said_sum", N_("sum told"), RIGHT);
    sheet_column(sheet, "count", N_("sales"), RIGHT);
    sheet_column(sheet, "sum", N_("sum"), RIGHT);
    sheet_column(sheet, "difference_count", N_("sales +/-"), RIGHT);
    sheet_column(sheet, "difference_sum", N_("sum +/-"), RIGHT);
    sheet_column(sheet, "late", N_("late"), RIGHT);
    sheet_column(sheet, "silent", N_("silent"), LEFT);
}

static void write_day(struct sheet *sheet, int64_t day)
{
    struct buffer text = {0};
    date_format(&text, date_from_days(day));
    sheet_text(sheet, buffer_view(&text));
    buffer_free(&text);
}

/* What the till said and how the ledger differs: nothing where it was not closed. */
static void write_figures(const struct view *view, struct sheet *sheet,
                          const struct trading_day *day)
{
    bool closed = day->closed_by >= 0;
    unsigned digits = view->currency_digits;
    int64_t difference = day->sum - day->said_sum;
    if (closed) {
        sheet_points(sheet, day->said_count, 0);
        sheet_decimal(sheet, day->said_sum, digits);
    } else {
        sheet_blank(sheet);
        sheet_blank(sheet);
    }
    sheet_points(sheet, day->count, 0);
    sheet_decimal(sheet, day->sum, digits);
    if (closed) {
        sheet_points(sheet, day->count - day->said_count, 0);
        sheet_decimal(sheet, difference, digits);
        sheet_points(sheet, day->late, 0);
    } else {
        sheet_blank(sheet);
        sheet_blank(sheet);
        sheet_blank(sheet);
    }
}

static void write_till(const struct trading *trading, struct sheet *sheet,
                       const struct trading_till *till, int64_t day)
{
    const struct trading_day *sold = trading_of(trading, till, day);
    bool told = sold->sold || sold->closed_by >= 0;
    bool named = till->store.length > 0 || till->till.length > 0;
    if (!told && !(named && trading_is_silent(trading, till->store, till->till, day)))
        return;
    sheet_row(sheet, false);
    sheet_text(sheet, till->store);
    sheet_text(sheet, till->till);
    write_day(sheet, day);
    write_figures(trading->view, sheet, sold);
    sheet_flag(sheet, !told);
}

bool tills(struct view *view, struct days days, struct sheet *sheet, struct error *error)
{
    struct trading trading = {.view = view, .first = days.first, .last = days.last};
    add_columns(sheet);
    bool ok = trading_read(&trading, error);
    for (size_t i = 0; ok && i < trading.count; i++) {
        for (int64_t day = days.first; day <= days.last; day++)
            write_till(&trading, sheet, &trading.tills[i], day);
    }
    trading_free(&trading);
    return ok;
}
