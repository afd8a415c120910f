/* What became of the points of each month of issue.
 *
 * Every point that was ever issued is in one place: redeemed, expired, returned
 * with goods, adjusted away, used up to settle a debt, given to another member, or
 * still open. Points given by hand, by another member, or given back by a return,
 * count as issued, too: they were born then. */
#include "book.h"
#include "kinds.h"
#include "limits.h"
#include "tally.h"

/* Places of a point in the sums of a tally's row: the programme's accounts are
 * their own; the three wallet accounts with lots are "open"; a debt swallows. */
static bool add_flow(void *context, const struct flow *flow, struct error *error)
{
    struct view *view = ((void **)context)[0];
    struct tally *tally = ((void **)context)[1];
    struct tally_key key = {.currency = flow->currency};
    enum account from = flow->against;
    bool bare = flow->lot == NULL;
    bool moved = from == ACCOUNT_MOVED && flow->head->kind != RECORD_TRANSFER;
    if (bare && (flow->account != ACCOUNT_DEBT || flow->amount < 0 || moved))
        return true; /* a new debt, or one that moves, is not points that were issued */
    key.first = view_month(view, bare ? flow->at : flow->lot->issued);
    if (flow->is_birth || bare)
        from = ACCOUNT_ISSUED;
    if (from == ACCOUNT_ISSUED && flow->is_late && !tally_add_late(tally, key, flow->amount, error))
        return false;
    return tally_add(tally, key, flow->account, flow->amount, error) &&
           tally_add(tally, key, from, -flow->amount, error);
}

static const unsigned fates[] = {ACCOUNT_REDEEMED, ACCOUNT_EXPIRED, ACCOUNT_RETURNED,
                                 ACCOUNT_ADJUSTED, ACCOUNT_DEBT,    ACCOUNT_MOVED};
enum { FATES = sizeof fates / sizeof *fates };

static void write_part(struct sheet *sheet, int64_t part, int64_t whole, unsigned scale)
{
    struct fraction exact;
    int64_t percent = 0;
    sheet_points(sheet, part, scale);
    if (whole > 0 && fraction_make((wide)part * 10000, whole, &exact) &&
        fraction_round(exact, ROUND_EVEN, &percent))
        sheet_decimal(sheet, percent, 2);
    else
        sheet_blank(sheet);
}

static void write_row(struct view *view, struct sheet *sheet, const struct tally_row *row,
                      bool total)
{
    const struct points *points = &view->points[row->key.currency];
    int64_t issued = -row->sums[ACCOUNT_ISSUED];
    int64_t open =
        row->sums[ACCOUNT_AVAILABLE] + row->sums[ACCOUNT_PENDING] + row->sums[ACCOUNT_RESERVED];
    sheet_row(sheet, total);
    sheet_text(sheet, points->id);
    if (total)
        sheet_word(sheet, text_of("total"));
    else
        sheet_text(sheet, month_text(&view->arena, row->key.first));
    sheet_points(sheet, issued, points->scale);
    for (size_t i = 0; i < FATES; i++)
        write_part(sheet, row->sums[fates[i]], issued, points->scale);
    write_part(sheet, open, issued, points->scale);
    if (view->closing_count > 0)
        sheet_points(sheet, row->late, points->scale);
    else
        sheet_blank(sheet);
}

static void name_columns(struct sheet *sheet)
{
    sheet_column(sheet, "currency", N_("points"), LEFT);
    sheet_column(sheet, "issued_in", N_("issued in"), LEFT);
    sheet_column(sheet, "issued", N_("issued"), RIGHT);
    sheet_column(sheet, "redeemed", N_("redeemed"), RIGHT);
    sheet_column(sheet, "redeemed_percent", "%", RIGHT);
    sheet_column(sheet, "expired", N_("expired"), RIGHT);
    sheet_column(sheet, "expired_percent", "%", RIGHT);
    sheet_column(sheet, "returned", N_("returned"), RIGHT);
    sheet_column(sheet, "returned_percent", "%", RIGHT);
    sheet_column(sheet, "adjusted", N_("adjusted"), RIGHT);
    sheet_column(sheet, "adjusted_percent", "%", RIGHT);
    sheet_column(sheet, "settled", N_("settled"), RIGHT);
    sheet_column(sheet, "settled_percent", "%", RIGHT);
    sheet_column(sheet, "given", N_("given away"), RIGHT);
    sheet_column(sheet, "given_percent", "%", RIGHT);
    sheet_column(sheet, "open", N_("open"), RIGHT);
    sheet_column(sheet, "open_percent", "%", RIGHT);
    sheet_column(sheet, "late", N_("issued late"), RIGHT);
}

bool breakage(struct view *view, struct sheet *sheet, struct error *error)
{
    struct tally tally = {0};
    void *context[] = {view, &tally};
    const struct book_readers readers = {add_flow, NULL, context};
    size_t count = 0;
    int64_t heads = 0;
    name_columns(sheet);
    bool ok = view_each_book(view, &readers, &heads, error);
    struct tally_row **rows = tally_rows(&tally, &count);
    for (unsigned c = 0; ok && c < view->points_count; c++) {
        struct tally_row total;
        for (size_t i = 0; i < count; i++) {
            if (rows[i]->key.currency == c)
                write_row(view, sheet, rows[i], false);
        }
        ok = tally_total(rows, count, c, &total, error);
        if (ok)
            write_row(view, sheet, &total, true);
    }
    tally_free(&tally);
    return ok;
}
