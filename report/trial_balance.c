/* Every account of every currency, summed from the records: zero.
 *
 * Two sums side by side. `recorded` is what the known records post, whatever their
 * date: with all records known these are the very balances that the ledger keeps.
 * `as_of` is what counts by the end of the day. They differ by lapses that no
 * record has confirmed yet and by what is dated later.
 *
 * The one is read straight through the log, the other along the members' chains, as
 * all reports are: so that nothing is missed by them, the records are counted. */
#include "book.h"
#include "kinds.h"
#include "limits.h"
#include "tally.h"

struct balancing {
    struct view *view;
    struct tally recorded, dated;
    int64_t heads; /* with postings */
};

static bool add_flow(void *context, const struct flow *flow, struct error *error)
{
    struct balancing *in = context;
    struct tally_key key = {.currency = flow->currency};
    return tally_add(&in->dated, key, flow->account, flow->amount, error) &&
           tally_add(&in->dated, key, flow->against, -flow->amount, error);
}

static bool add_head(void *context, const struct head *head, struct error *error)
{
    struct balancing *in = context;
    for (size_t i = 0; i < head->posting_count; i++) {
        int currency = view_currency(in->view, head->postings[i].currency);
        if (currency < 0)
            return fail(error, ERROR_INVARIANT, _("record %lld names unknown points"),
                        (long long)head->seq);
        if (!tally_add(&in->recorded, (struct tally_key){.currency = (unsigned)currency},
                       head->postings[i].account, head->postings[i].amount, error))
            return false;
    }
    in->heads += head->posting_count > 0;
    return true;
}

static bool write_currency(const struct balancing *in, struct sheet *sheet,
                           const struct tally_row *recorded, const struct tally_row *dated,
                           struct error *error)
{
    const struct points *points = &in->view->points[recorded->key.currency];
    int64_t recorded_sum = 0, dated_sum = 0;
    for (unsigned a = 0; a < ACCOUNT_COUNT; a++) {
        sheet_row(sheet, false);
        sheet_text(sheet, points->id);
        sheet_word(sheet, text_of(account_name((enum account)a)));
        sheet_points(sheet, recorded->sums[a], points->scale);
        sheet_points(sheet, dated->sums[a], points->scale);
        recorded_sum += recorded->sums[a];
        dated_sum += dated->sums[a];
    }
    sheet_row(sheet, true);
    sheet_text(sheet, points->id);
    sheet_word(sheet, text_of("total"));
    sheet_points(sheet, recorded_sum, points->scale);
    sheet_points(sheet, dated_sum, points->scale);
    return (recorded_sum == 0 && dated_sum == 0) ||
           fail(error, ERROR_INVARIANT, _("the accounts of \"%.*s\" do not sum to zero"),
                TEXT(points->id));
}

bool trial_balance(struct view *view, struct sheet *sheet, struct error *error)
{
    struct balancing in = {.view = view};
    size_t recorded_count = 0, dated_count = 0;
    sheet_column(sheet, "currency", N_("points"), LEFT);
    sheet_column(sheet, "account", N_("account"), LEFT);
    sheet_column(sheet, "recorded", N_("recorded"), RIGHT);
    sheet_column(sheet, "as_of", N_("as of the day"), RIGHT);
    const struct book_readers readers = {add_flow, NULL, &in};
    int64_t heads = 0;
    bool ok =
        view_each_head(view, add_head, &in, error) && view_each_book(view, &readers, &heads, error);
    if (ok && heads != in.heads)
        ok = fail(error, ERROR_INVARIANT,
                  _("%lld records move points, but the members' chains lead to %lld"),
                  (long long)in.heads, (long long)heads);
    struct tally_row **recorded = tally_rows(&in.recorded, &recorded_count);
    struct tally_row **dated = tally_rows(&in.dated, &dated_count);
    for (unsigned c = 0; ok && c < view->points_count; c++) {
        struct tally_row a, b;
        ok = tally_total(recorded, recorded_count, c, &a, error) &&
             tally_total(dated, dated_count, c, &b, error) &&
             write_currency(&in, sheet, &a, &b, error);
    }
    tally_free(&in.recorded);
    tally_free(&in.dated);
    return ok;
}
