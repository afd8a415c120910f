/* The run: receipts come from the reading of the file, wait in a batch, and are
 * committed. Memory is bounded whatever the file: a batch ends at so many receipts or
 * bytes. */
#include "import.h"

#include <stdlib.h>

#include "batch.h"
#include "json.h"
#include "reading.h"
#include "summary.h"

struct run {
    struct mapping mapping;
    struct sheet sheet;
    struct reading reading;
    struct rejects rejects;
    struct batch batch;
    struct line_filter earns_nothing;
    struct import_summary *summary;
    struct arena arena; /* of the mapping */
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

static void take_receipt(void *context, struct receipt *receipt)
{
    struct run *run = context;
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

/* --- what the reading hands over ----------------------------------------------------- */

static void take_first(void *context, const struct row *row)
{
    struct run *run = context;
    run->rejects.has_mark = run->reading.rows.has_mark;
    if (run->mapping.header)
        rejects_keep_header(&run->rejects, row);
}

static void reject_row(struct run *run, kept_row *row)
{
    const struct amendment none = {0};
    struct text reason = text_of(_("the receipt has more lines than can be kept"));
    rejects_add(&run->rejects, row, &none, ERROR_LIMIT, reason);
    run->summary->rejected_lines++;
    run->summary->rejected_by[ERROR_LIMIT]++;
}

/* A receipt beyond all measure goes to the rejects, or is counted as nobody's. */
static void take_too_large(void *context, const struct receipt *receipt)
{
    struct run *run = context;
    if (receipt->member.length == 0) {
        run->summary->lines_without_member += (int64_t)receipt->count;
        run->summary->receipts_without_member++;
        return;
    }
    for (size_t i = 0; i < receipt->count; i++)
        reject_row(run, receipt->rows[i]);
    run->summary->rejected_receipts++;
}

static void take_too_large_row(void *context, const struct row *row, bool named)
{
    struct run *run = context;
    if (named)
        reject_row(run, row->kept);
    else
        run->summary->lines_without_member++;
}

static bool settle(void *context, bool must, size_t kept_bytes, bool *settled, struct error *error)
{
    struct run *run = context;
    *settled = must || batch_is_full(&run->batch, kept_bytes);
    return !*settled || batch_commit(&run->batch, error);
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
    return good;
}

/* Everything that can be wrong before the first row. */
static bool prepare(struct run *run, struct ledger *ledger, struct text request,
                    struct error *error)
{
    if (!read_request(run, request, error) ||
        !sheet_prepare(&run->sheet, &run->mapping, &run->arena, ledger, request, error))
        return false;
    run->earns_nothing = (struct line_filter){.skus = run->mapping.earns_nothing,
                                              .sku_count = run->mapping.earns_nothing_count};
    return true;
}

static bool read_file(struct run *run, const struct import_io *io, struct error *error)
{
    const struct reader reader = {take_first,         take_receipt, take_too_large,
                                  take_too_large_row, settle,       run};
    run->batch.rejects = &run->rejects;
    run->reading.reader = &reader;
    run->reading.sheet = &run->sheet;
    bool good = reading_open(&run->reading, error) &&
                rejects_open(&run->rejects, &run->sheet, io, error) &&
                reading_run(&run->reading, io,
                            _("stopped; run the import again and it goes on from here"), error);
    run->summary->lines = run->reading.lines;
    run->summary->receipts = run->reading.receipts;
    reading_close(&run->reading);
    rejects_close(&run->rejects);
    batch_free(&run->batch);
    return good;
}

static bool carry_out(struct run *run, struct ledger *ledger, const struct import_io *io,
                      struct error *error)
{
    int64_t before = ledger_size(ledger);
    summary_name_points(run->summary, run->sheet.programme);
    bool good = read_file(run, io, error) &&
                (run->batch.mode == LEDGER_LIVE || ledger_close_history(ledger, error));
    run->summary->records = ledger_size(ledger) - before;
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
