/* The run: the journal first, then the ledger's sales of the same days.
 *
 * All of it is one reading transaction, so it is about one moment, and holds up no
 * till. Memory is that of 16 bytes for each receipt of the journal, and of tills x
 * days; what is found is written at once. */
#include "reconcile_private.h"

#include <stdlib.h>

enum { FORGET_BYTES = 1024 * 1024 /* of rows that were read and are done with */ };

/* --- The journal ------------------------------------------------------------------------ */

static void trouble(struct reconciling *in, const struct error *error)
{
    in->failed = true;
    in->trouble = *error;
}

/* Is the day asked about? */
static bool is_within(const struct reconciling *in, int64_t day)
{
    return (!in->has_first || day >= in->first) && (!in->has_last || day <= in->last);
}

static bool too_many_days(struct error *error)
{
    fail_field(error, ERROR_LIMIT, "until", _("these are more than %d days"), (int)RECONCILE_DAYS);
    return hint(error, _("name fewer of them with \"from\" and \"until\""));
}

static bool note_day(struct reconciling *in, int64_t day, struct error *error)
{
    if (!in->any || day < in->journal_first)
        in->journal_first = day;
    if (!in->any || day > in->journal_last)
        in->journal_last = day;
    in->any = true;
    if (in->journal_last - in->journal_first < RECONCILE_DAYS)
        return true;
    return too_many_days(error);
}

/* Seen is also what is not compared: the ledger's sale of that receipt is not too much. */
static void note_seen(struct reconciling *in, const struct receipt *receipt)
{
    unsigned char hash[KEY_HASH_BYTES];
    if (receipt->number.length == 0)
        return;
    receipt_hash(in, receipt_whole_identity(receipt, &in->sheet, &in->scratch), hash);
    journal_add_receipt(&in->journal, hash);
    journal_add_store(&in->journal, receipt->store);
}

/* Of the days that are asked about, as far as it can be known. */
static bool report_unreadable(struct reconciling *in, const struct receipt *receipt,
                              enum error_code code, const char *message, struct error *error)
{
    note_seen(in, receipt);
    if (receipt->at != 0 && !is_within(in, view_business_day(&in->view, receipt->at))) {
        in->counts.outside++;
        return true;
    }
    in->counts.receipts++;
    in->counts.unreadable++;
    finding_begin(in, "unreadable");
    finding_text(in, "receipt", receipt->number);
    finding_rows(in, receipt);
    finding_text(in, "code", text_of(error_name(code)));
    finding_text(in, "message", text_of(message));
    finding_send(in, (struct text){0});
    return finding_end(in, error);
}

static bool take_sale(struct reconciling *in, const struct receipt *receipt,
                      const struct request *request, struct error *error)
{
    int64_t day = view_business_day(&in->view, receipt->at);
    note_seen(in, receipt);
    if (in->members_only && receipt->member.length == 0)
        return true;
    if (!is_within(in, day)) {
        in->counts.outside++;
        return true;
    }
    if (!note_day(in, day, error))
        return false;
    in->counts.receipts++;
    journal_add_till(&in->journal, receipt->store, receipt->till, day);
    return compare_sale(in, receipt, request, error);
}

static void take_receipt(void *context, struct receipt *receipt)
{
    struct reconciling *in = context;
    struct error error = {0};
    struct request request = {0};
    bool ok = true;
    if (in->failed)
        return;
    arena_reset(&in->scratch);
    switch (receipt_close(receipt, &in->sheet, &in->scratch, &request)) {
    case RECEIPT_SALE:
        ok = take_sale(in, receipt, &request, &error);
        break;
    case RECEIPT_RETURN:
        in->counts.returns++;
        break;
    case RECEIPT_ANONYMOUS:
        break;
    case RECEIPT_FAULTY:
        ok = report_unreadable(in, receipt, receipt->fault.code, receipt->fault.message, &error);
        break;
    }
    if (!ok)
        trouble(in, &error);
}

static void take_first(void *context, const struct row *row)
{
    (void)context, (void)row;
}

static void take_too_large(void *context, const struct receipt *receipt)
{
    struct reconciling *in = context;
    struct error error = {0};
    arena_reset(&in->scratch);
    if (!in->failed && !report_unreadable(in, receipt, ERROR_LIMIT,
                                          _("the receipt has more lines than can be kept"), &error))
        trouble(in, &error);
}

static void take_too_large_row(void *context, const struct row *row, bool named)
{
    (void)context, (void)row, (void)named; /* told once for all of them */
}

/* Nothing waits: a receipt is done with when it was compared. */
static bool settle(void *context, bool must, size_t kept_bytes, bool *settled, struct error *error)
{
    struct reconciling *in = context;
    *settled = must || kept_bytes >= FORGET_BYTES;
    if (in->failed)
        *error = in->trouble;
    return !in->failed;
}

static bool read_journal(struct reconciling *in, struct error *error)
{
    const struct import_io io = {in->io->context, in->io->read, NULL, in->io->progress};
    const struct reader reader = {take_first,         take_receipt, take_too_large,
                                  take_too_large_row, settle,       in};
    in->reading.reader = &reader;
    in->reading.sheet = &in->sheet;
    return reading_open(&in->reading, error) &&
           reading_run(&in->reading, &io, _("stopped before the end"), error);
}

/* --- The ledger ------------------------------------------------------------------------- */

static bool take_recorded(void *context, const struct trading_sale *sale, struct error *error)
{
    struct reconciling *in = context;
    bool has_stores = in->sheet.layout.at[CELL_STORE] >= 0;
    if (journal_has_receipt(&in->journal, sale->head->receipt) ||
        (in->members_only && sale->head->member == 0))
        return true;
    if (has_stores && !journal_has_store(&in->journal, sale->store)) {
        in->counts.elsewhere++;
        return true;
    }
    arena_reset(&in->scratch);
    return report_extra(in, sale, error);
}

static bool report_silent(struct reconciling *in, const struct journal_till *till,
                          struct error *error)
{
    struct buffer day = {0};
    date_format(&day, date_from_days(till->day));
    in->counts.silent++;
    finding_begin(in, "silent");
    finding_text(in, "store", till->store);
    finding_text(in, "till", till->till);
    finding_text(in, "day", buffer_view(&day));
    buffer_free(&day);
    return finding_end(in, error);
}

/* Tills that sold by the journal's word, and are not heard of any more. */
static bool find_silent(struct reconciling *in, const struct trading *trading, struct error *error)
{
    for (size_t i = 0; i < in->journal.tills.count; i++) {
        const struct journal_till *till = in->journal.tills.entries[i].value;
        bool named = till->store.length > 0 || till->till.length > 0;
        if (named && trading_is_silent(trading, till->store, till->till, till->day) &&
            !report_silent(in, till, error))
            return false;
    }
    return true;
}

static bool read_ledger(struct reconciling *in, struct error *error)
{
    struct trading trading = {.view = &in->view,
                              .first = in->has_first ? in->first : in->journal_first,
                              .last = in->has_last ? in->last : in->journal_last,
                              .each_sale = take_recorded,
                              .context = in};
    if (!in->any && !(in->has_first && in->has_last))
        return true; /* nothing was asked about */
    if (trading.last < trading.first)
        return true;
    if (trading.last - trading.first >= RECONCILE_DAYS)
        return too_many_days(error);
    in->first = trading.first;
    in->last = trading.last;
    in->has_first = in->has_last = true;
    journal_sort(&in->journal);
    bool ok = trading_read(&trading, error) && find_silent(in, &trading, error);
    trading_free(&trading);
    return ok;
}

/* --- Request and answer ---------------------------------------------------------------------- */

static bool read_day(struct text text, const char *field, bool *given, int64_t *day,
                     struct error *error)
{
    struct date date;
    *given = text.length > 0;
    if (!*given)
        return true;
    if (!date_parse(text, &date))
        return fail_field(error, ERROR_INVALID_TIME, field,
                          _("\"%.*s\" is not a date: write it like 2026-03-31"), TEXT(text));
    *day = date_to_days(date);
    return true;
}

static bool read_days(struct reconciling *in, const struct reconcile_options *options,
                      struct error *error)
{
    if (!read_day(options->from, "from", &in->has_first, &in->first, error) ||
        !read_day(options->until, "until", &in->has_last, &in->last, error))
        return false;
    if (!in->has_first || !in->has_last)
        return true;
    if (in->last < in->first)
        return fail_field(error, ERROR_INVALID_FIELD, "until", _("\"until\" lies before \"from\""));
    return in->last - in->first < RECONCILE_DAYS || too_many_days(error);
}

static void add_day(cJSON *answer, const char *name, bool known, int64_t day)
{
    struct buffer text = {0};
    if (known)
        date_format(&text, date_from_days(day));
    cJSON_AddItemToObject(answer, name,
                          known ? cJSON_CreateString(buffer_terminate(&text)) : cJSON_CreateNull());
    buffer_free(&text);
}

static cJSON *make_answer(const struct reconciling *in, bool ok)
{
    const struct reconcile_counts *counts = &in->counts;
    const struct {
        const char *name;
        int64_t count;
    } told[] = {{"receipts", counts->receipts},   {"equal", counts->equal},
                {"erased", counts->erased},       {"missing", counts->missing},
                {"different", counts->different}, {"extra", counts->extra},
                {"silent", counts->silent},       {"unreadable", counts->unreadable},
                {"returns", counts->returns},     {"outside", counts->outside},
                {"elsewhere", counts->elsewhere}};
    cJSON *answer = cJSON_CreateObject();
    cJSON_AddBoolToObject(answer, "ok", ok);
    cJSON_AddStringToObject(answer, "op", "reconcile");
    for (size_t i = 0; i < sizeof told / sizeof *told; i++)
        cJSON_AddNumberToObject(answer, told[i].name, (double)told[i].count);
    add_day(answer, "from", in->has_first, in->first);
    add_day(answer, "until", in->has_last, in->last);
    cJSON_AddNumberToObject(answer, "known_at", (double)in->view.known_at);
    return answer;
}

static bool watch_progress(void *context, int64_t done, int64_t total)
{
    const struct reconcile_io *io = context;
    return io->progress == NULL || io->progress(io->context, done, total) == 0;
}

static bool compare_both(struct reconciling *in, struct ledger *ledger, cJSON **answer,
                         struct error *error)
{
    const struct report_options options = {.known_size = -1,
                                           .watch = {watch_progress, (void *)(uintptr_t)in->io}};
    if (!view_open(&in->view, ledger, &options, NULL, error))
        return false;
    in->journal.keyed = &ledger->keyed;
    bool ok = read_journal(in, error) && read_ledger(in, error);
    *answer = make_answer(in, ok);
    reading_close(&in->reading);
    view_close(&in->view);
    return ok;
}

bool reconcile_run(struct ledger *ledger, const struct reconcile_options *options,
                   const struct reconcile_io *io, cJSON **answer, struct error *error)
{
    struct reconciling *in = memory_allocate(sizeof *in); /* too large for a stack */
    in->io = io;
    in->members_only = options->members_only;
    in->sheet.keeps_nobodys = true;
    bool ok =
        read_days(in, options, error) &&
        sheet_prepare(&in->sheet, &in->mapping, &in->arena, ledger, options->request, error) &&
        compare_both(in, ledger, answer, error);
    journal_free(&in->journal);
    buffer_free(&in->line);
    arena_free(&in->arena);
    arena_free(&in->scratch);
    free(in);
    return ok;
}
