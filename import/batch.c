/* One commit, and the reading of its outcomes.
 *
 * The idea to hold: rejects and counts follow from the outcomes alone, and a
 * receipt that the ledger knows already has the outcome that it had. So the
 * second import of a file rejects what the first one rejected, and adds
 * nothing. */
#include "batch.h"

#include <stdlib.h>

#include "decimal.h"

/* The larger a batch, the fewer times the pages of random keys are written: with
 * 2,000 receipts an import writes 1.8 times the bytes. But the ledger needs some
 * five kilobytes for each operation of a batch, and more where receipts have a few
 * lines: 6,000 of four lines take 64 MiB, which is what an import may take. */
enum { BATCH_RECEIPTS = 5000, BATCH_BYTES = 4 * 1024 * 1024, REJECT_BYTES = 256 * 1024 };
_Static_assert((int)BATCH_RECEIPTS <= (int)LIMIT_BATCH, "a batch is one call of ledger_execute()");

/* --- filling --------------------------------------------------------------------- */

struct request *batch_next(struct batch *batch)
{
    if (batch->request_count == batch->request_capacity) {
        size_t capacity = batch->request_capacity == 0 ? 64 : batch->request_capacity * 2;
        if (capacity > LIMIT_BATCH)
            capacity = LIMIT_BATCH;
        batch->requests = memory_resize(batch->requests, capacity * sizeof batch->requests[0]);
        batch->outcomes = memory_resize(batch->outcomes, capacity * sizeof batch->outcomes[0]);
        batch->request_capacity = capacity;
    }
    return &batch->requests[batch->request_count];
}

void batch_add(struct batch *batch, const struct receipt *receipt, enum receipt_kind kind)
{
    if (batch->waiting_count == batch->waiting_capacity) {
        batch->waiting_capacity = batch->waiting_capacity == 0 ? 64 : batch->waiting_capacity * 2;
        batch->waiting =
            memory_resize(batch->waiting, batch->waiting_capacity * sizeof batch->waiting[0]);
    }
    struct waiting *waiting = &batch->waiting[batch->waiting_count++];
    size_t bytes = receipt->count * sizeof receipt->rows[0];
    *waiting = (struct waiting){.count = receipt->count, .request = -1, .part = receipt->part};
    waiting->rows = memcpy(arena_allocate(&batch->arena, bytes), receipt->rows, bytes);
    if (kind != RECEIPT_FAULTY) {
        waiting->request = (int64_t)batch->request_count++;
        return;
    }
    waiting->code = receipt->fault.code;
    waiting->fault_row = receipt->fault_row;
    waiting->reason = text_copy(&batch->arena, text_of(receipt->fault.message));
}

bool batch_is_full(const struct batch *batch, size_t kept_bytes)
{
    return batch->waiting_count >= BATCH_RECEIPTS || batch->arena.used + kept_bytes >= BATCH_BYTES;
}

/* --- rejecting ------------------------------------------------------------------- */

static void count_rejected(struct batch *batch, enum error_code code, size_t lines)
{
    batch->summary->rejected_lines += (int64_t)lines;
    batch->summary->rejected_by[code] += (int64_t)lines;
}

/* Every row with the reason; where one of them is at fault, the others say so. */
static void reject_faulty(struct batch *batch, const struct waiting *waiting)
{
    const struct amendment none = {0};
    struct text others = waiting->reason;
    if (waiting->count > 1)
        others = text_format(&batch->arena, _("row %zu of this receipt's %zu: %.*s"),
                             waiting->fault_row + 1, waiting->count, TEXT(waiting->reason));
    for (size_t i = 0; i < waiting->count; i++)
        rejects_add(batch->rejects, waiting->rows[i], &none, waiting->code,
                    i == waiting->fault_row ? waiting->reason : others);
    count_rejected(batch, waiting->code, waiting->count);
    batch->summary->rejected_receipts++;
}

/* The ledger's refusal in the words of somebody who looks at a file. */
static struct text reason_of(struct batch *batch, const struct error *error)
{
    if (error->code == ERROR_NO_MATCH)
        return text_of(_("no earlier purchase of this member has this item at this price"));
    if (error->code != ERROR_KEY_REUSED && error->code != ERROR_RECEIPT_EXISTS)
        return text_copy(&batch->arena, text_of(error->message));
    bool lines = error->field[0] == '\0' || strcmp(error->field, "lines") == 0 ||
                 strcmp(error->field, "amount") == 0;
    if (lines)
        return text_of(_("receipt appears again, with other lines: sort the file by receipt"));
    return text_format(&batch->arena,
                       _("receipt appears again, with another \"%s\": sort the file by receipt"),
                       error->field);
}

static void reject_refused(struct batch *batch, const struct waiting *waiting,
                           const struct request *request, const struct error *error)
{
    const struct amendment none = {0};
    struct text reason = reason_of(batch, error);
    for (size_t i = 0; i < waiting->count; i++)
        rejects_add(batch->rejects, waiting->rows[i], &none, error->code, reason);
    count_rejected(batch, error->code, waiting->count);
    batch->summary->rejected_receipts++;
    if (request->op == OPERATION_RETURN && error->code == ERROR_NO_MATCH)
        batch->summary->return_lines_unmatched += (int64_t)waiting->count;
}

/* --- what a return left over ----------------------------------------------------- */

static struct text raw_cell(kept_row *row, int index)
{
    const char *at = NULL;
    struct text cell = {"", 0};
    for (int i = 0; i <= index; i++)
        cell = kept_row_next(row, &at);
    return cell;
}

/* A number as the retailer would write it: with the sign that stood there. */
static struct text retail_number(struct batch *batch, kept_row *row, int column, int64_t units,
                                 unsigned scale)
{
    struct buffer number = {0};
    struct text before = raw_cell(row, column);
    if (before.length > 0 && before.bytes[0] == '-')
        units = -units;
    if (column == batch->sheet->layout.at[CELL_QUANTITY])
        decimal_format_short(&number, units, scale);
    else
        decimal_format(&number, units, scale);
    for (size_t i = 0; i < number.length; i++)
        if (number.bytes[i] == '.' && batch->sheet->mapping->decimal == DECIMAL_COMMA)
            number.bytes[i] = ',';
    struct text text = text_copy(&batch->arena, buffer_view(&number));
    buffer_free(&number);
    return text;
}

/* The row of a line of which only `left` found no purchase; the rest is recorded,
 * so what is mended later is another part of this return. */
static void reject_rest(struct batch *batch, const struct waiting *waiting,
                        const struct request *request, size_t line, int64_t left)
{
    const int *at = batch->sheet->layout.at;
    const struct request_line *returned = &request->lines[line];
    kept_row *row = waiting->rows[line];
    struct amendment amendment = {.part = receipt_next_part(waiting->part, &batch->arena)};
    if (left < returned->quantity) {
        wide share = (wide)returned->amount * left + returned->quantity / 2;
        if (at[CELL_QUANTITY] >= 0)
            amendment.quantity = retail_number(batch, row, at[CELL_QUANTITY], left, QUANTITY_SCALE);
        if (at[CELL_AMOUNT] >= 0)
            amendment.amount =
                retail_number(batch, row, at[CELL_AMOUNT], (int64_t)(share / returned->quantity),
                              batch->sheet->programme->currency_digits);
    }
    struct error no_match = {.code = ERROR_NO_MATCH};
    rejects_add(batch->rejects, row, &amendment, ERROR_NO_MATCH, reason_of(batch, &no_match));
    count_rejected(batch, ERROR_NO_MATCH, 1);
}

static void read_return(struct batch *batch, const struct waiting *waiting,
                        const struct request *request, const struct outcome *outcome)
{
    struct import_summary *summary = batch->summary;
    int64_t unmatched = (int64_t)outcome->unmatched_count;
    summary->return_lines_matched += (int64_t)request->lines_count - unmatched;
    if (request->unmatched == UNMATCHED_DEDUCT) {
        summary->return_lines_deducted += unmatched;
        return;
    }
    summary->return_lines_unmatched += unmatched;
    summary->rejected_receipts += unmatched > 0;
    for (size_t i = 0; i < outcome->unmatched_count; i++)
        reject_rest(batch, waiting, request, outcome->unmatched[i], outcome->unmatched_quantity[i]);
}

/* --- counting -------------------------------------------------------------------- */

static struct import_points *points_of(struct batch *batch, struct text currency)
{
    struct import_summary *summary = batch->summary;
    for (size_t i = 0; i < summary->points_count; i++)
        if (text_equal(text_of(summary->points[i].currency), currency))
            return &summary->points[i];
    return NULL; /* a currency that another process added meanwhile */
}

static void count_points(struct batch *batch, const struct head *head)
{
    for (size_t i = 0; i < head->posting_count; i++) {
        const struct posting *posting = &head->postings[i];
        if (account_is_wallets(posting->account))
            continue;
        struct import_points *points = points_of(batch, posting->currency);
        if (points == NULL)
            continue;
        if (posting->account == ACCOUNT_ISSUED)
            points->issued -= posting->amount;
        else if (posting->account == ACCOUNT_RETURNED)
            points->taken_back += posting->amount;
    }
}

static void count_done(struct batch *batch, const struct request *request,
                       const struct outcome *outcome)
{
    struct import_summary *summary = batch->summary;
    bool returned = request->op == OPERATION_RETURN;
    if (outcome->duplicate) {
        *(returned ? &summary->returns_known : &summary->purchases_known) += 1;
        return;
    }
    *(returned ? &summary->returns : &summary->purchases) += 1;
    summary->members_enrolled += outcome->enrolled != 0;
    for (size_t i = 0; i < outcome->head_count; i++)
        count_points(batch, outcome->heads[i]);
    for (size_t i = 0; i < outcome->held_count; i++) {
        summary->returns_held_before += outcome->held[i].done;
        for (size_t k = 0; k < outcome->held[i].head_count; k++)
            count_points(batch, outcome->held[i].heads[k]);
    }
}

/* --- the commit ------------------------------------------------------------------ */

static void settle(struct batch *batch, const struct waiting *waiting)
{
    if (waiting->request < 0) {
        reject_faulty(batch, waiting);
        return;
    }
    const struct request *request = &batch->requests[waiting->request];
    const struct outcome *outcome = &batch->outcomes[waiting->request];
    if (!outcome->done) {
        reject_refused(batch, waiting, request, outcome->error);
        return;
    }
    count_done(batch, request, outcome);
    if (request->op == OPERATION_RETURN)
        read_return(batch, waiting, request, outcome);
}

/* Does the refusal lie in the ledger, and not in the receipt? */
static bool is_of_the_ledger(enum error_code code)
{
    return code == ERROR_HISTORY_CLOSED || code == ERROR_HISTORY_OPEN || code == ERROR_CLOCK_JUMP ||
           code == ERROR_NO_PROGRAMME;
}

/* Where a whole batch is refused for one such reason, the file is not to blame:
 * the import stops, instead of rejecting every row of it. */
static bool is_welcome(const struct batch *batch, struct error *error)
{
    if (batch->request_count == 0)
        return true;
    const struct outcome *first = &batch->outcomes[0];
    if (first->done || !is_of_the_ledger(first->error->code))
        return true;
    for (size_t i = 1; i < batch->request_count; i++)
        if (batch->outcomes[i].done || batch->outcomes[i].error->code != first->error->code)
            return true;
    *error = *first->error;
    return false;
}

bool batch_commit(struct batch *batch, struct error *error)
{
    if (batch->request_count > 0 && !ledger_execute(batch->ledger, batch->mode, batch->requests,
                                                    batch->request_count, batch->outcomes, error))
        return false;
    if (!is_welcome(batch, error))
        return false;
    for (size_t i = 0; i < batch->waiting_count; i++) {
        settle(batch, &batch->waiting[i]);
        if (batch->rejects->out.length >= REJECT_BYTES && !rejects_flush(batch->rejects, error))
            return false;
    }
    batch->waiting_count = batch->request_count = 0;
    arena_reset(&batch->arena);
    return rejects_flush(batch->rejects, error);
}

void batch_free(struct batch *batch)
{
    free(batch->waiting);
    free(batch->requests);
    free(batch->outcomes);
    arena_free(&batch->arena);
}
