/* From a file's bytes to its receipts.
 *
 * Rows of one receipt should stand together, but tills that write into one
 * export get in between each other: the last OPEN_MOST receipts stay open, in a
 * ring, and are closed in the order in which they began. (Online Retail has one
 * such receipt. Closed too early, it would be read by half.)
 *
 * Memory is bounded whatever the file: open receipts together take at most
 * OPEN_BYTES_MOST, and one that alone takes more (some 25,000 lines: no till prints
 * it) goes to the reader row by row as it comes; the rest is the reader's to settle. */
#include "reading.h"

#include <stdlib.h>

#include "json.h"

enum { OPEN_BYTES_MOST = 4 * 1024 * 1024 };

/* --- before the first row ---------------------------------------------------------- */

static int compare_texts(const void *left, const void *right)
{
    return text_compare(*(const struct text *)left, *(const struct text *)right);
}

bool sheet_prepare(struct sheet *sheet, struct mapping *mapping, struct arena *arena,
                   struct ledger *ledger, struct text request, struct error *error)
{
    struct text document;
    if (!json_slice(request, "/mapping", &document))
        return fail_field(error, ERROR_MISSING_FIELD, "mapping",
                          _("there is no mapping: which column is what?"));
    if (!mapping_read(arena, document, mapping, error) ||
        !ledger_programme(ledger, NULL, &sheet->programme, error))
        return false;
    if (sheet->programme == NULL)
        return fail(error, ERROR_NO_PROGRAMME, _("this ledger has no programme yet"));
    if (!mapping_fits(mapping, sheet->programme, error))
        return false;
    if (mapping->earns_nothing_count > 0)
        qsort(mapping->earns_nothing, mapping->earns_nothing_count, sizeof(struct text),
              compare_texts);
    sheet->mapping = mapping;
    sheet->keeps_lines = mapping->returns != RETURNS_NONE ||
                         column_is_mapped(&mapping->columns[CELL_SKU]) ||
                         column_is_mapped(&mapping->columns[CELL_CATEGORY]);
    return true;
}

/* --- closing receipts ------------------------------------------------------------- */

/* What the oldest open receipt does not need, nor the row at hand, is forgotten.
 * All that is open began after the oldest. */
static void forget(struct reading *reading)
{
    kept_row *needed = reading->rows.row.kept;
    for (size_t i = reading->count; i-- > 0;) {
        const struct receipt *receipt = &reading->open[(reading->first + i) % OPEN_MOST];
        if (receipt->count > 0)
            needed = receipt->rows[0];
    }
    rows_forget_before(&reading->rows, needed);
}

static bool settle(struct reading *reading, bool must, struct error *error)
{
    const struct reader *reader = reading->reader;
    bool settled = false;
    if (!reader->settle(reader->context, must, reading->rows.kept_bytes, &settled, error))
        return false;
    if (settled)
        forget(reading);
    return true;
}

static bool close_oldest(struct reading *reading, struct error *error)
{
    struct receipt *receipt = &reading->open[reading->first];
    reading->receipts++;
    if (!receipt->spilled)
        reading->reader->receipt(reading->reader->context, receipt);
    reading->open_bytes -= receipt->bytes;
    if (reading->latest == receipt)
        reading->latest = NULL;
    receipt_begin(receipt);
    reading->first = (reading->first + 1) % OPEN_MOST;
    reading->count--;
    return settle(reading, false, error);
}

static bool close_all(struct reading *reading, struct error *error)
{
    while (reading->count > 0)
        if (!close_oldest(reading, error))
            return false;
    return true;
}

/* --- finding a row's receipt ------------------------------------------------------ */

/* The open receipt that the row belongs to, or NULL. One with too few or too many
 * cells may hide a line of any receipt: it is taken to belong to the one whose
 * row came before it, which is then at fault with it. */
static struct receipt *receipt_of(struct reading *reading, const struct row *row)
{
    if (reading->latest == NULL)
        return NULL;
    if (row->count != reading->sheet->layout.columns ||
        receipt_is_of(reading->latest, reading->sheet, row))
        return reading->latest;
    for (size_t i = reading->count; i-- > 0;) {
        struct receipt *receipt = &reading->open[(reading->first + i) % OPEN_MOST];
        if (receipt_is_of(receipt, reading->sheet, row))
            return receipt;
    }
    return NULL;
}

static struct receipt *begin_receipt(struct reading *reading, struct error *error)
{
    if (reading->count == OPEN_MOST && !close_oldest(reading, error))
        return NULL;
    return &reading->open[(reading->first + reading->count++) % OPEN_MOST];
}

/* --- a receipt beyond all measure ------------------------------------------------- */

/* The receipt's rows so far are handed over; what follows of it goes the same way. */
static void spill(struct reading *reading, struct receipt *receipt)
{
    reading->reader->too_large(reading->reader->context, receipt);
    receipt->number = text_copy(&reading->spilling, receipt->number);
    receipt->store = text_copy(&reading->spilling, receipt->store);
    receipt->till = text_copy(&reading->spilling, receipt->till);
    receipt->part = text_copy(&reading->spilling, receipt->part);
    receipt->member = text_copy(&reading->spilling, receipt->member);
    reading->open_bytes -= receipt->bytes;
    receipt->bytes = receipt->count = 0;
    receipt->spilled = true;
}

/* The rows of a spilled receipt pile up behind an open one: end all but it. */
static bool unpin(struct reading *reading, const struct receipt *spilled, struct error *error)
{
    struct receipt same = *spilled; /* its identity; its arrays stay in the ring */
    if (!close_all(reading, error) || !settle(reading, true, error))
        return false;
    struct receipt *again = begin_receipt(reading, error);
    again->number = same.number;
    again->store = same.store;
    again->till = same.till;
    again->part = same.part;
    again->member = same.member;
    again->spilled = true;
    reading->latest = again;
    reading->receipts--; /* it will be closed once more */
    return true;
}

static bool take_spilled(struct reading *reading, const struct receipt *receipt,
                         const struct row *row, struct error *error)
{
    bool named = receipt->member.length > 0 ||
                 layout_cell(&reading->sheet->layout, row, CELL_MEMBER).length > 0;
    reading->reader->too_large_row(reading->reader->context, row, named);
    return reading->rows.kept_bytes < 2 * (size_t)OPEN_BYTES_MOST || unpin(reading, receipt, error);
}

/* Too much is open: end it, but for the receipt at hand; that one spills if it
 * is too much by itself. */
static bool make_room(struct reading *reading, struct receipt *at_hand, struct error *error)
{
    while (reading->count > 1 && &reading->open[reading->first] != at_hand)
        if (!close_oldest(reading, error))
            return false;
    if (at_hand->bytes <= OPEN_BYTES_MOST)
        return true;
    spill(reading, at_hand);
    return settle(reading, true, error);
}

/* --- rows ------------------------------------------------------------------------- */

static bool take_line(struct reading *reading, const struct row *row, struct error *error)
{
    struct receipt *receipt = receipt_of(reading, row);
    reading->lines++;
    if (receipt == NULL && (receipt = begin_receipt(reading, error)) == NULL)
        return false;
    reading->latest = receipt;
    if (receipt->spilled)
        return take_spilled(reading, receipt, row, error);
    size_t bytes = reading->rows.growing + sizeof(struct request_line) + sizeof(kept_row *);
    receipt_add(receipt, reading->sheet, row);
    receipt->bytes += bytes;
    reading->open_bytes += bytes;
    return reading->open_bytes <= OPEN_BYTES_MOST || make_room(reading, receipt, error);
}

static bool take_first(struct reading *reading, const struct row *row, struct error *error)
{
    const struct mapping *mapping = reading->sheet->mapping;
    reading->has_layout = true;
    if (!layout_read(mapping, row, &reading->sheet->layout, error))
        return false;
    reading->reader->first(reading->reader->context, row);
    return mapping->header || take_line(reading, row, error);
}

static bool take_row(void *context, const struct row *row, struct error *error)
{
    struct reading *reading = context;
    return reading->has_layout ? take_line(reading, row, error) : take_first(reading, row, error);
}

/* --- the file -------------------------------------------------------------------- */

bool reading_open(struct reading *reading, struct error *error)
{
    return rows_open(&reading->rows, reading->sheet->mapping, take_row, reading, error);
}

bool reading_run(struct reading *reading, const struct import_io *io, const char *stopped,
                 struct error *error)
{
    int64_t done = 0;
    for (;;) {
        int64_t got = io->read(io->context, reading->bytes, sizeof reading->bytes);
        if (got < 0)
            return fail(error, ERROR_IO, _("the input cannot be read"));
        if (got == 0)
            break;
        done += got;
        if (!rows_feed(&reading->rows, reading->bytes, (size_t)got, error))
            return false;
        if (io->progress != NULL && io->progress(io->context, done, 0) != 0)
            return fail(error, ERROR_INTERRUPTED, "%s", stopped);
    }
    if (!rows_finish(&reading->rows, error))
        return false;
    if (!reading->has_layout)
        return fail(error, ERROR_INVALID_CSV, _("the file is empty"));
    return close_all(reading, error) && settle(reading, true, error);
}

void reading_close(struct reading *reading)
{
    rows_close(&reading->rows);
    for (size_t i = 0; i < OPEN_MOST; i++)
        receipt_free(&reading->open[i]);
    arena_free(&reading->spilling);
}
