/* The run: read, group, commit.
 *
 * Memory is bounded whatever the file: a batch ends at so many receipts or
 * bytes, and a receipt beyond RECEIPT_BYTES_MOST (some 50,000 lines: no till
 * prints it) is rejected row by row as it comes. */
#include "import.h"

#include <stdlib.h>

#include "batch.h"
#include "json.h"
#include "mapping.h"
#include "summary.h"

enum { READ_BYTES = 64 * 1024, RECEIPT_BYTES_MOST = 8 * 1024 * 1024 };

struct run {
    struct mapping mapping;
    struct sheet sheet;
    struct rows rows;
    struct rejects rejects;
    struct batch batch;
    struct receipt receipt;
    struct line_filter earns_nothing;
    struct import_summary *summary;
    struct arena arena;      /* of the mapping */
    struct arena spilling;   /* the identity of a receipt whose rows are gone */
    bool has_layout, spilled;
};

/* --- a receipt beyond all measure ------------------------------------------------- */

static void reject_row(struct run *run, kept_row *row)
{
    const struct amendment none = {0};
    struct text reason = text_of(_("the receipt has more lines than can be kept"));
    rejects_add(&run->rejects, row, &none, ERROR_LIMIT, reason);
    run->summary->rejected_lines++;
    run->summary->rejected_by[ERROR_LIMIT]++;
}

/* The rows so far go to the rejects; what follows of the receipt goes after them
 * until another begins. */
static bool spill(struct run *run, struct error *error)
{
    struct receipt *receipt = &run->receipt;
    if (!batch_commit(&run->batch, error))
        return false;
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
    receipt->count = 0;
    run->spilled = true;
    return rejects_flush(&run->rejects, error);
}

static bool take_spilled(struct run *run, const struct row *row, struct error *error)
{
    const struct layout *layout = &run->sheet.layout;
    if (run->receipt.member.length > 0 || layout_cell(layout, row, CELL_MEMBER).length > 0)
        reject_row(run, row->kept);
    else
        run->summary->lines_without_member++;
    rows_forget(&run->rows);
    return rejects_flush(&run->rejects, error);
}

/* --- receipts -------------------------------------------------------------------- */

static void count_earning_nothing(struct run *run)
{
    const struct receipt *receipt = &run->receipt;
    if (run->earns_nothing.sku_count == 0)
        return;
    for (size_t i = 0; i < receipt->count; i++)
        run->summary->lines_earning_nothing +=
            line_filter_names(&run->earns_nothing, receipt->lines[i].sku, text_of(""));
}

static void close_receipt(struct run *run)
{
    struct receipt *receipt = &run->receipt;
    if (!receipt->open)
        return;
    run->summary->receipts++;
    if (run->spilled) {
        run->spilled = false;
        arena_reset(&run->spilling);
        return;
    }
    enum receipt_kind kind = receipt_close(receipt, &run->sheet, &run->batch.arena,
                                           batch_next(&run->batch));
    switch (kind) {
    case RECEIPT_ANONYMOUS:
        run->summary->lines_without_member += (int64_t)receipt->count;
        run->summary->receipts_without_member++;
        return;
    case RECEIPT_SALE:
    case RECEIPT_RETURN:
        count_earning_nothing(run);
        batch_add(&run->batch, receipt, kind);
        return;
    case RECEIPT_FAULTY:
        batch_add(&run->batch, receipt, kind);
        return;
    }
}

/* The receipt before this row is complete. */
static bool next_receipt(struct run *run, struct error *error)
{
    close_receipt(run);
    receipt_begin(&run->receipt);
    if (!batch_is_full(&run->batch, run->rows.kept_bytes))
        return true;
    if (!batch_commit(&run->batch, error))
        return false;
    rows_forget(&run->rows);
    return true;
}

static bool take_line(struct run *run, const struct row *row, struct error *error)
{
    struct receipt *receipt = &run->receipt;
    run->summary->lines++;
    if (!receipt_continues(receipt, &run->sheet, row)) {
        if (!next_receipt(run, error))
            return false;
    } else if (run->spilled) {
        return take_spilled(run, row, error);
    }
    int64_t before = receipt->bytes;
    receipt->bytes += (int64_t)(run->rows.growing + sizeof(struct request_line) + sizeof(char *));
    if (before > 0 && receipt->bytes > RECEIPT_BYTES_MOST)
        return spill(run, error) && take_spilled(run, row, error);
    receipt_add(receipt, &run->sheet, row);
    return true;
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
    char bytes[READ_BYTES];
    int64_t done = 0;
    for (;;) {
        int64_t got = io->read(io->context, bytes, sizeof bytes);
        if (got < 0)
            return fail(error, ERROR_IO, _("the input cannot be read"));
        if (got == 0)
            break;
        done += got;
        if (!rows_feed(&run->rows, bytes, (size_t)got, error))
            return false;
        if (io->progress != NULL && io->progress(io->context, done, 0) != 0)
            return fail(error, ERROR_INTERRUPTED,
                        _("stopped; run the import again and it goes on from here"));
    }
    if (!rows_finish(&run->rows, error))
        return false;
    if (!run->has_layout)
        return fail(error, ERROR_INVALID_CSV, _("the file is empty"));
    close_receipt(run);
    return batch_commit(&run->batch, error);
}

/* --- the request ------------------------------------------------------------------ */

/* Members of the request; `op` and `id` are the business of whoever dispatched it. */
static bool check_members(const cJSON *request, struct error *error)
{
    static const char *const names[] = {"op", "id", "mapping", "history", "unmatched"};
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
           read_unmatched(run, member_named(tree, "unmatched"), error);
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
    if (!read_request(run, request, error) || !ledger_programme(ledger, &sheet->programme, error))
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
    receipt_free(&run->receipt);
    arena_free(&run->spilling);
}

bool import_run(struct ledger *ledger, struct text request, const struct import_io *io,
                struct import_summary *summary, struct error *error)
{
    struct run run = {.summary = summary};
    *summary = (struct import_summary){0};
    run.batch.ledger = ledger;
    run.batch.sheet = &run.sheet;
    run.batch.summary = summary;
    bool good = prepare(&run, ledger, request, error);
    if (good) {
        int64_t before = ledger_size(ledger);
        summary_name_points(summary, run.sheet.programme);
        good = open_files(&run, io, error) && read_all(&run, io, error) &&
               (run.batch.mode == LEDGER_LIVE || ledger_close_history(ledger, error));
        summary->records = ledger_size(ledger) - before;
        release(&run);
    }
    arena_free(&run.arena);
    return good;
}
