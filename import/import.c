/* The run: read, group, commit.
 *
 * Rows of one receipt should stand together, but tills that write into one
 * export get in between each other: the last OPEN_MOST receipts stay open, in a
 * ring, and are closed in the order in which they began. (Online Retail has one
 * such receipt. Closed too early, it would be recorded by half, and the other
 * half refused for ever.)
 *
 * Memory is bounded whatever the file: a batch ends at so many receipts or
 * bytes; open receipts together take at most OPEN_BYTES_MOST, and one that alone
 * takes more (some 25,000 lines: no till prints it) is rejected row by row as it
 * comes. */
#include "import.h"

#include <stdlib.h>

#include "batch.h"
#include "json.h"
#include "mapping.h"
#include "summary.h"

enum { READ_BYTES = 64 * 1024, OPEN_MOST = 32, OPEN_BYTES_MOST = 4 * 1024 * 1024 };

struct run {
    struct mapping mapping;
    struct sheet sheet;
    struct rows rows;
    struct rejects rejects;
    struct batch batch;
    struct receipt open[OPEN_MOST]; /* a ring */
    size_t first, count;            /* the oldest, and how many */
    struct receipt *latest;         /* whose row came last; NULL: none */
    size_t open_bytes;
    struct line_filter earns_nothing;
    struct import_summary *summary;
    struct arena arena;    /* of the mapping */
    struct arena spilling; /* identities of receipts whose rows are gone */
    bool has_layout;
    char bytes[READ_BYTES];
};

/* --- closing receipts ------------------------------------------------------------- */

static void count_earning_nothing(struct run *run, const struct receipt *receipt)
{
    if (run->earns_nothing.sku_count == 0)
        return;
    for (size_t i = 0; i < receipt->count; i++)
        run->summary->lines_earning_nothing +=
            line_filter_names(&run->earns_nothing, receipt->lines[i].sku, text_of(""));
}

static void close_receipt(struct run *run, struct receipt *receipt)
{
    enum receipt_kind kind =
        receipt_close(receipt, &run->sheet, &run->batch.arena, batch_next(&run->batch));
    switch (kind) {
    case RECEIPT_ANONYMOUS:
        run->summary->lines_without_member += (int64_t)receipt->count;
        run->summary->receipts_without_member++;
        return;
    case RECEIPT_SALE:
    case RECEIPT_RETURN:
        count_earning_nothing(run, receipt);
        batch_add(&run->batch, receipt, kind);
        return;
    case RECEIPT_FAULTY:
        batch_add(&run->batch, receipt, kind);
        return;
    }
}

/* What the oldest open receipt does not need, nor the row at hand, is forgotten.
 * All that is open began after the oldest. */
static bool commit(struct run *run, struct error *error)
{
    kept_row *needed = run->rows.row.kept;
    if (!batch_commit(&run->batch, error))
        return false;
    for (size_t i = run->count; i-- > 0;) {
        const struct receipt *receipt = &run->open[(run->first + i) % OPEN_MOST];
        if (receipt->count > 0)
            needed = receipt->rows[0];
    }
    rows_forget_before(&run->rows, needed);
    return true;
}

static bool close_oldest(struct run *run, struct error *error)
{
    struct receipt *receipt = &run->open[run->first];
    run->summary->receipts++;
    if (!receipt->spilled)
        close_receipt(run, receipt);
    run->open_bytes -= receipt->bytes;
    if (run->latest == receipt)
        run->latest = NULL;
    receipt_begin(receipt);
    run->first = (run->first + 1) % OPEN_MOST;
    run->count--;
    return !batch_is_full(&run->batch, run->rows.kept_bytes) || commit(run, error);
}

static bool close_all(struct run *run, struct error *error)
{
    while (run->count > 0)
        if (!close_oldest(run, error))
            return false;
    return true;
}

/* --- finding a row's receipt ------------------------------------------------------ */

/* The open receipt that the row belongs to, or NULL. One with too few or too many
 * cells may hide a line of any receipt: it is taken to belong to the one whose
 * row came before it, which is then rejected with it. */
static struct receipt *receipt_of(struct run *run, const struct row *row)
{
    if (run->latest == NULL)
        return NULL;
    if (row->count != run->sheet.layout.columns || receipt_is_of(run->latest, &run->sheet, row))
        return run->latest;
    for (size_t i = run->count; i-- > 0;) {
        struct receipt *receipt = &run->open[(run->first + i) % OPEN_MOST];
        if (receipt_is_of(receipt, &run->sheet, row))
            return receipt;
    }
    return NULL;
}

static struct receipt *begin_receipt(struct run *run, struct error *error)
{
    if (run->count == OPEN_MOST && !close_oldest(run, error))
        return NULL;
    return &run->open[(run->first + run->count++) % OPEN_MOST];
}

/* --- a receipt beyond all measure ------------------------------------------------- */

static void reject_row(struct run *run, kept_row *row)
{
    const struct amendment none = {0};
    struct text reason = text_of(_("the receipt has more lines than can be kept"));
    rejects_add(&run->rejects, row, &none, ERROR_LIMIT, reason);
    run->summary->rejected_lines++;
    run->summary->rejected_by[ERROR_LIMIT]++;
}

/* The receipt's rows so far go to the rejects, or are counted as nobody's; what
 * follows of it goes the same way. */
static void spill(struct run *run, struct receipt *receipt)
{
    if (receipt->member.length > 0) {
        for (size_t i = 0; i < receipt->count; i++)
            reject_row(run, receipt->rows[i]);
        run->summary->rejected_receipts++;
    } else {
        run->summary->lines_without_member += (int64_t)receipt->count;
        run->summary->receipts_without_member++;
    }
    receipt->number = text_copy(&run->spilling, receipt->number);
    receipt->store = text_copy(&run->spilling, receipt->store);
    receipt->till = text_copy(&run->spilling, receipt->till);
    receipt->part = text_copy(&run->spilling, receipt->part);
    receipt->member = text_copy(&run->spilling, receipt->member);
    run->open_bytes -= receipt->bytes;
    receipt->bytes = receipt->count = 0;
    receipt->spilled = true;
}

/* The rows of a spilled receipt pile up behind an open one: end all but it. */
static bool unpin(struct run *run, const struct receipt *spilled, struct error *error)
{
    struct receipt same = *spilled; /* its identity; its arrays stay in the ring */
    if (!close_all(run, error) || !commit(run, error))
        return false;
    struct receipt *again = begin_receipt(run, error);
    again->number = same.number;
    again->store = same.store;
    again->till = same.till;
    again->part = same.part;
    again->member = same.member;
    again->spilled = true;
    run->latest = again;
    run->summary->receipts--; /* it will be closed once more */
    return true;
}

static bool take_spilled(struct run *run, const struct receipt *receipt, const struct row *row,
                         struct error *error)
{
    if (receipt->member.length > 0 || layout_cell(&run->sheet.layout, row, CELL_MEMBER).length > 0)
        reject_row(run, row->kept);
    else
        run->summary->lines_without_member++;
    return run->rows.kept_bytes < 2 * (size_t)OPEN_BYTES_MOST || unpin(run, receipt, error);
}

/* Too much is open: end it, but for the receipt at hand; that one spills if it
 * is too much by itself. */
static bool make_room(struct run *run, struct receipt *at_hand, struct error *error)
{
    while (run->count > 1 && &run->open[run->first] != at_hand)
        if (!close_oldest(run, error))
            return false;
    if (at_hand->bytes <= OPEN_BYTES_MOST)
        return true;
    spill(run, at_hand);
    return commit(run, error);
}

/* --- rows ------------------------------------------------------------------------- */

static bool take_line(struct run *run, const struct row *row, struct error *error)
{
    struct receipt *receipt = receipt_of(run, row);
    run->summary->lines++;
    if (receipt == NULL && (receipt = begin_receipt(run, error)) == NULL)
        return false;
    run->latest = receipt;
    if (receipt->spilled)
        return take_spilled(run, receipt, row, error);
    size_t bytes = run->rows.growing + sizeof(struct request_line) + sizeof(kept_row *);
    receipt_add(receipt, &run->sheet, row);
    receipt->bytes += bytes;
    run->open_bytes += bytes;
    return run->open_bytes <= OPEN_BYTES_MOST || make_room(run, receipt, error);
}

static bool take_first(struct run *run, const struct row *row, struct error *error)
{
    const struct mapping *mapping = &run->mapping;
    run->has_layout = true;
    run->rejects.has_mark = run->rows.has_mark;
    if (!layout_read(mapping, row, &run->sheet.layout, error))
        return false;
    if (!mapping->header)
        return take_line(run, row, error);
    rejects_keep_header(&run->rejects, row);
    return true;
}

static bool take_row(void *context, const struct row *row, struct error *error)
{
    struct run *run = context;
    return run->has_layout ? take_line(run, row, error) : take_first(run, row, error);
}

/* --- the file -------------------------------------------------------------------- */

static bool read_all(struct run *run, const struct import_io *io, struct error *error)
{
    int64_t done = 0;
    for (;;) {
        int64_t got = io->read(io->context, run->bytes, sizeof run->bytes);
        if (got < 0)
            return fail(error, ERROR_IO, _("the input cannot be read"));
        if (got == 0)
            break;
        done += got;
        if (!rows_feed(&run->rows, run->bytes, (size_t)got, error))
            return false;
        if (io->progress != NULL && io->progress(io->context, done, 0) != 0)
            return fail(error, ERROR_INTERRUPTED,
                        _("stopped; run the import again and it goes on from here"));
    }
    if (!rows_finish(&run->rows, error))
        return false;
    if (!run->has_layout)
        return fail(error, ERROR_INVALID_CSV, _("the file is empty"));
    return close_all(run, error) && batch_commit(&run->batch, error);
}

/* --- the request ------------------------------------------------------------------ */

/* Members of the request; `op` and `id` are the business of whoever dispatched it. */
static bool check_members(const cJSON *request, struct error *error)
{
    static const char *const names[] = {"op",      "id",        "mapping",
                                        "history", "unmatched", "accept_clock"};
    enum { COUNT = sizeof names / sizeof names[0] };
    for (const cJSON *item = request->child; item != NULL; item = item->next) {
        bool known = false;
        for (size_t i = 0; i < COUNT; i++)
            known = known || strcmp(item->string, names[i]) == 0;
        if (known)
            continue;
        const char *nearest = nearest_name(text_of(item->string), names, COUNT);
        fail_field(error, ERROR_UNKNOWN_FIELD, item->string, _("import knows no field \"%s\""),
                   item->string);
        return nearest == NULL ? false : hint(error, _("did you mean \"%s\"?"), nearest);
    }
    return true;
}

static const cJSON *member_named(const cJSON *request, const char *name)
{
    return cJSON_GetObjectItemCaseSensitive(request, name);
}

static bool read_history(struct run *run, const cJSON *history, struct error *error)
{
    if (history != NULL && !cJSON_IsBool(history))
        return fail_field(error, ERROR_INVALID_FIELD, "history", _("must be true or false"));
    run->batch.mode = cJSON_IsTrue(history) ? LEDGER_HISTORY : LEDGER_LIVE;
    return true;
}

static bool read_unmatched(struct run *run, const cJSON *policy, struct error *error)
{
    const char *word = cJSON_GetStringValue(policy);
    if (policy == NULL || (word != NULL && strcmp(word, "reject") == 0))
        run->sheet.unmatched = UNMATCHED_SKIP;
    else if (word != NULL && strcmp(word, "deduct") == 0)
        run->sheet.unmatched = UNMATCHED_DEDUCT;
    else
        return fail_field(error, ERROR_INVALID_FIELD, "unmatched",
                          _("must be \"reject\" or \"deduct\""));
    return true;
}

static bool read_accept_clock(struct run *run, const cJSON *item, struct error *error)
{
    run->sheet.accept_clock = cJSON_IsTrue(item);
    return item == NULL || cJSON_IsTrue(item) ||
           fail_field(error, ERROR_INVALID_FIELD, "accept_clock", _("must be true, or left out"));
}

static bool read_request(struct run *run, struct text request, struct error *error)
{
    struct text document;
    cJSON *tree = json_parse(request, error);
    if (tree == NULL)
        return false;
    bool good = cJSON_IsObject(tree)
                    ? check_members(tree, error)
                    : fail(error, ERROR_INVALID_FIELD, _("an import request must be an object"));
    good = good && read_history(run, member_named(tree, "history"), error) &&
           read_unmatched(run, member_named(tree, "unmatched"), error) &&
           read_accept_clock(run, member_named(tree, "accept_clock"), error);
    cJSON_Delete(tree);
    if (!good)
        return false;
    if (!json_slice(request, "/mapping", &document))
        return fail_field(error, ERROR_MISSING_FIELD, "mapping", _("import needs a mapping"));
    return mapping_read(&run->arena, document, &run->mapping, error);
}

static int compare_texts(const void *left, const void *right)
{
    return text_compare(*(const struct text *)left, *(const struct text *)right);
}

/* Everything that can be wrong before the first row. */
static bool prepare(struct run *run, struct ledger *ledger, struct text request,
                    struct error *error)
{
    struct sheet *sheet = &run->sheet;
    const struct mapping *mapping = &run->mapping;
    if (!read_request(run, request, error) ||
        !ledger_programme(ledger, NULL, &sheet->programme, error))
        return false;
    if (sheet->programme == NULL)
        return fail(error, ERROR_NO_PROGRAMME, _("this ledger has no programme yet"));
    if (!mapping_fits(mapping, sheet->programme, error))
        return false;
    if (mapping->earns_nothing_count > 0)
        qsort(mapping->earns_nothing, mapping->earns_nothing_count, sizeof(struct text),
              compare_texts);
    run->earns_nothing = (struct line_filter){.skus = mapping->earns_nothing,
                                              .sku_count = mapping->earns_nothing_count};
    sheet->mapping = mapping;
    sheet->keeps_lines = mapping->returns != RETURNS_NONE ||
                         column_is_mapped(&mapping->columns[CELL_SKU]) ||
                         column_is_mapped(&mapping->columns[CELL_CATEGORY]);
    return true;
}

static bool open_files(struct run *run, const struct import_io *io, struct error *error)
{
    run->batch.rejects = &run->rejects;
    return rows_open(&run->rows, &run->mapping, take_row, run, error) &&
           rejects_open(&run->rejects, &run->sheet, io, error);
}

static void release(struct run *run)
{
    rows_close(&run->rows);
    rejects_close(&run->rejects);
    batch_free(&run->batch);
    for (size_t i = 0; i < OPEN_MOST; i++)
        receipt_free(&run->open[i]);
    arena_free(&run->spilling);
}

static bool carry_out(struct run *run, struct ledger *ledger, const struct import_io *io,
                      struct error *error)
{
    int64_t before = ledger_size(ledger);
    summary_name_points(run->summary, run->sheet.programme);
    bool good = open_files(run, io, error) && read_all(run, io, error) &&
                (run->batch.mode == LEDGER_LIVE || ledger_close_history(ledger, error));
    run->summary->records = ledger_size(ledger) - before;
    release(run);
    return good;
}

bool import_run(struct ledger *ledger, struct text request, const struct import_io *io,
                struct import_summary *summary, struct error *error)
{
    /* Too large for the stack of a thread that somebody else made. */
    struct run *run = memory_allocate(sizeof *run);
    *summary = (struct import_summary){0};
    run->summary = summary;
    run->batch.ledger = ledger;
    run->batch.sheet = &run->sheet;
    run->batch.summary = summary;
    bool good = prepare(run, ledger, request, error) && carry_out(run, ledger, io, error);
    arena_free(&run->arena);
    free(run);
    return good;
}
