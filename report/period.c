/* A period between two signed states: what the records between two checkpoints post.
 *
 * Other reports say what was so on a day, by the moment at which things happened. This one
 * says what the log says: its opening and its closing are the sums of the records that a
 * checkpoint signs, so that whoever has the heads (a bundle, a published log) can add them
 * up, without our rules of dating. What is dated earlier and came later stands in the
 * period in which it was recorded, and points lapse in the period whose record says so.
 *
 * A period ends with the newest checkpoint of which every record was written before its
 * end: a commit is never cut. */
#include "checkpoint.h"
#include "kinds.h"
#include "limits.h"
#include "spelling.h"

struct end {
    int64_t size; /* 0: nothing was signed yet */
    moment time;  /* of its last record */
    struct text root;
};
struct period {
    struct view *view;
    struct months months;
    struct sheet *sheet;
    struct end *ends; /* of the month before the first, of the first, ... */
    size_t count, next;
    int64_t opening[LIMIT_CURRENCIES], sums[LIMIT_CURRENCIES][ACCOUNT_COUNT];
};

/* --- The ends ------------------------------------------------------------------------ */

static bool read_end(struct view *view, const struct checkpoint_row *row, struct end *end,
                     struct error *error)
{
    struct head head;
    struct note note;
    struct checkpoint checkpoint;
    struct buffer root = {0};
    arena_reset(&view->scratch);
    if (!note_parse(row->note, &note, error) || !checkpoint_parse(note.text, &checkpoint, error) ||
        !view_read_head(view, &view->scratch, row->size - 1, &head, error))
        return false;
    base64_format(&root, checkpoint.root.bytes, HASH_BYTES);
    *end = (struct end){row->size, head.time, text_copy(&view->arena, buffer_view(&root))};
    buffer_free(&root);
    return true;
}

static bool find_end(struct view *view, int month, struct end *end, struct error *error)
{
    moment after = view_day_end(view, month_last_day(month));
    struct checkpoint_row row;
    int64_t seq;
    bool found = false;
    *end = (struct end){0};
    if (!view_first_since(view, after < view->end ? after : view->end, &seq, error) ||
        !store_checkpoint(view->ledger->store, &view->arena, seq, &row, &found, error))
        return false;
    return !found || read_end(view, &row, end, error);
}

/* --- One period ------------------------------------------------------------------------ */

static void write_line(struct period *in, struct text month, unsigned currency, const char *line,
                       int64_t units, const struct end *end)
{
    struct buffer time = {0};
    const struct points *points = &in->view->points[currency];
    sheet_row(in->sheet, false);
    sheet_text(in->sheet, points->id);
    sheet_text(in->sheet, month);
    sheet_word(in->sheet, text_of(line));
    sheet_points(in->sheet, units, points->scale);
    if (end == NULL)
        sheet_blank(in->sheet);
    else
        sheet_points(in->sheet, end->size, 0);
    if (end != NULL && end->time != 0) /* a history's first records have no time */
        moment_format(&time, end->time);
    sheet_text(in->sheet, buffer_view(&time));
    sheet_text(in->sheet, end == NULL ? (struct text){0} : end->root);
    buffer_free(&time);
}

static bool write_currency(struct period *in, struct text month, unsigned currency,
                           struct error *error)
{
    static const enum account changes[] = {ACCOUNT_ISSUED, ACCOUNT_REDEEMED, ACCOUNT_EXPIRED,
                                           ACCOUNT_RETURNED, ACCOUNT_ADJUSTED};
    int64_t *sums = in->sums[currency], closing = in->opening[currency], held = closing;
    write_line(in, month, currency, "opening", in->opening[currency], &in->ends[in->next - 1]);
    for (size_t i = 0; i < sizeof changes / sizeof *changes; i++) {
        write_line(in, month, currency, account_name(changes[i]), -sums[changes[i]], NULL);
        closing -= sums[changes[i]];
    }
    for (unsigned a = 0; a < ACCOUNT_COUNT; a++)
        held += account_is_wallets((enum account)a) ? sums[a] : 0;
    write_line(in, month, currency, "closing", closing, &in->ends[in->next]);
    return closing == held ||
           fail(error, ERROR_INVARIANT,
                _("\"%.*s\": members have %lld of %s, the programme's accounts say %lld"),
                TEXT(in->view->points[currency].id), (long long)held, month.bytes,
                (long long)closing);
}

/* The records up to the next end are read: before the first end, they are the opening. */
static bool close_period(struct period *in, struct error *error)
{
    struct text month = month_text(&in->view->arena, in->months.first + (int)in->next - 1);
    for (unsigned c = 0; c < in->view->points_count; c++) {
        if (in->next > 0 && !write_currency(in, month, c, error))
            return false;
        for (unsigned a = 0; a < ACCOUNT_COUNT; a++)
            in->opening[c] += account_is_wallets((enum account)a) ? in->sums[c][a] : 0;
    }
    memset(in->sums, 0, sizeof in->sums);
    in->next++;
    return true;
}

static bool add_head(void *context, const struct head *head, struct error *error)
{
    struct period *in = context;
    while (in->next < in->count && head->seq >= in->ends[in->next].size) {
        if (!close_period(in, error))
            return false;
    }
    for (size_t i = 0; in->next < in->count && i < head->posting_count; i++) {
        const struct posting *posting = &head->postings[i];
        int currency = view_currency(in->view, posting->currency);
        if (currency < 0)
            return fail(error, ERROR_INVARIANT, _("record %lld names unknown points"),
                        (long long)head->seq);
        int64_t *sum = &in->sums[currency][posting->account];
        if (!units_add(*sum, posting->amount, sum))
            return fail(error, ERROR_OVERFLOW, _("the points of all members are beyond %lld"),
                        (long long)LIMIT_UNITS);
    }
    return true;
}

static void name_columns(struct sheet *sheet)
{
    sheet_column(sheet, "currency", N_("points"), LEFT);
    sheet_column(sheet, "period", N_("period"), LEFT);
    sheet_column(sheet, "line", N_("line"), LEFT);
    sheet_column(sheet, "amount", N_("amount"), RIGHT);
    sheet_column(sheet, "records", N_("records"), RIGHT);
    sheet_column(sheet, "time", N_("signed up to"), LEFT);
    sheet_column(sheet, "root", N_("root"), LEFT);
}

bool period(struct view *view, struct months months, struct sheet *sheet, struct error *error)
{
    struct period in = {.view = view, .months = months, .sheet = sheet};
    in.count = (size_t)(months.last - months.first) + 2;
    in.ends = arena_allocate(&view->arena, in.count * sizeof *in.ends);
    for (size_t i = 0; i < in.count; i++) {
        if (!find_end(view, months.first + (int)i - 1, &in.ends[i], error))
            return false;
    }
    name_columns(sheet);
    bool ok = view_each_head(view, add_head, &in, error);
    while (ok && in.next < in.count)
        ok = close_period(&in, error);
    return ok;
}
