/* The statement: one member's month, found along the chain of their records.
 *
 * A head names the member's head before it, so nobody else's records are read. The
 * movements are those of all reports; what lapses is added up by day. */
#include "statement.h"

#include <stdlib.h>

#include "answer.h"
#include "chain.h"
#include "context.h"
#include "json.h"
#include "kinds.h"
#include "limits.h"
#include "pipeline.h"

/* --- Collecting ---------------------------------------------------------------------- */

/* Room for one more in an arena's list. */
static void *room(struct arena *arena, void *list, size_t count, size_t *capacity, size_t size)
{
    if (count < *capacity)
        return list;
    *capacity = *capacity * 2 + 32;
    void *larger = arena_allocate(arena, *capacity * size);
    if (count > 0)
        memcpy(larger, list, count * size);
    return larger;
}

static bool add_line(struct statement *in, const struct statement_line *line, struct error *error)
{
    for (size_t i = in->line_count; i > 0; i--) {
        struct statement_line *known = &in->lines[i - 1];
        if (known->seq == line->seq && known->currency == line->currency && known->at == line->at) {
            known->amount += line->amount;
            return true;
        }
        if (line->seq >= 0 && known->seq >= 0 && known->seq != line->seq)
            break; /* records come one after the other */
    }
    if (in->line_count == LIMIT_STATEMENT_LINES)
        return fail(error, ERROR_LIMIT, _("a statement has at most %d lines"),
                    LIMIT_STATEMENT_LINES);
    in->lines =
        room(&in->view->arena, in->lines, in->line_count, &in->line_capacity, sizeof *in->lines);
    in->lines[in->line_count++] = *line;
    return true;
}

/* The day's last moment stands for all lots that lapse that day. */
static bool add_due(struct statement *in, const struct flow *flow, struct error *error)
{
    moment last = lot_last_moment(flow->lot);
    for (size_t i = 0; i < in->due_count; i++) {
        if (in->dues[i].last == last && in->dues[i].currency == flow->currency) {
            in->dues[i].amount += flow->amount;
            return true;
        }
    }
    if (in->due_count == LIMIT_STATEMENT_DUES)
        return fail(error, ERROR_LIMIT, _("a statement has at most %d dates of expiry"),
                    LIMIT_STATEMENT_DUES);
    in->dues = room(&in->view->arena, in->dues, in->due_count, &in->due_capacity, sizeof *in->dues);
    in->dues[in->due_count++] = (struct statement_due){last, flow->currency, flow->amount};
    return true;
}

static bool add_flow(void *context, const struct flow *flow, struct error *error)
{
    struct statement *in = context;
    const struct head *head = flow->head;
    if (!account_is_wallets((enum account)flow->account))
        return true;
    if (flow->lot != NULL && flow->account != ACCOUNT_DEBT && !add_due(in, flow, error))
        return false;
    int month = view_month(in->view, flow->at);
    if (month > in->month)
        return true;
    if (month < in->month)
        return units_add(in->opening[flow->currency], flow->amount, &in->opening[flow->currency]) ||
               fail(error, ERROR_OVERFLOW, _("the balance would be beyond %lld"),
                    (long long)LIMIT_UNITS);
    struct statement_line line = {.at = flow->at,
                                  .seq = head->seq - head->part,
                                  .currency = flow->currency,
                                  .kind = head->kind,
                                  .amount = flow->amount};
    if (flow->is_lapse)
        line.seq = -1;
    return add_line(in, &line, error);
}

/* --- What a receipt was ------------------------------------------------------------------ */

static struct text receipt_of(struct arena *arena, const struct record_row *row,
                              enum record_kind kind)
{
    struct text value, none = {0};
    struct error ignored;
    const char *pointer = kind == RECORD_RETURN ? "/in/of" : "/in/receipt";
    if (!row->has_body || !json_slice(row->body, pointer, &value))
        return none;
    cJSON *item = json_parse(value, &ignored);
    struct text text = text_copy(arena, text_of(cJSON_GetStringValue(item)));
    cJSON_Delete(item);
    return text;
}

static bool name_receipts(struct statement *in, struct error *error)
{
    for (size_t i = 0; i < in->line_count; i++) {
        struct statement_line *line = &in->lines[i];
        struct record_row row;
        bool found = false;
        if (line->seq < 0 || (line->kind != RECORD_PURCHASE && line->kind != RECORD_RETURN))
            continue;
        arena_reset(&in->view->scratch);
        if (!store_record(in->view->ledger->store, &in->view->scratch, line->seq, &row, &found,
                          error))
            return false;
        if (found)
            line->receipt = receipt_of(&in->view->arena, &row, line->kind);
    }
    return true;
}

/* --- The member's chain --------------------------------------------------------------------- */

/* An id that had not become another's yet, as far as is known, is still its own: the
 * record of who goes is their last. */
static bool as_known(struct statement *in, struct state *state, struct text typed,
                     struct error *error)
{
    struct member *member = NULL;
    struct text id = typed;
    uint64_t number = 0;
    if (id.length > 3 && memcmp(id.bytes, "id:", 3) == 0)
        id = (struct text){id.bytes + 3, id.length - 3};
    if (!member_id_parse_typed(id, &number))
        return true;
    if (!state_member(state, number, &member, error))
        return false;
    if (!member->exists)
        return true;
    while (member->row.merged != 0 && member->row.last < in->view->known_at) {
        if (!state_member(state, member->row.merged, &member, error))
            return false;
    }
    in->member = member->row.id;
    return true;
}

static bool find_member(struct statement *in, struct text typed, struct error *error)
{
    struct context context;
    struct request request = {.op = OPERATION_SHOW, .member = typed};
    struct outcome outcome = {0};
    bool enrol = false;
    if (typed.length == 0)
        return fail_field(error, ERROR_MISSING_FIELD, "member", _("a statement needs \"member\""));
    if (!context_begin(&context, in->view->ledger, false, &request, &outcome, error) ||
        !resolve_member(&context, typed, &enrol, error) || !load_member(&context, error))
        return false;
    in->member = context.member_id;
    return as_known(in, context.state, typed, error);
}

static bool follow_chain(struct statement *in, struct error *error)
{
    struct arena arena = {0};
    struct chain chain;
    struct record record;
    bool ok = chain_begin(&chain, &in->view->ledger->state, in->member, error);
    chain.known = in->view->known_at;
    while (ok && chain_goes_on(&chain)) {
        arena_reset(&arena);
        ok = chain_next(&chain, &arena, &record, error) &&
             (record.head->seq >= in->view->known_at ||
              flows_of(in->view, record.head, add_flow, in, error));
    }
    arena_free(&arena);
    return ok;
}

/* --- In order ------------------------------------------------------------------------------- */

static int compare_lines(const void *left, const void *right)
{
    const struct statement_line *a = left, *b = right;
    if (a->currency != b->currency)
        return a->currency < b->currency ? -1 : 1;
    if (a->at != b->at)
        return a->at < b->at ? -1 : 1;
    if ((a->seq < 0) != (b->seq < 0))
        return a->seq < 0 ? 1 : -1;
    return (a->seq > b->seq) - (a->seq < b->seq);
}

static int compare_dues(const void *left, const void *right)
{
    const struct statement_due *a = left, *b = right;
    if (a->currency != b->currency)
        return a->currency < b->currency ? -1 : 1;
    return (a->last > b->last) - (a->last < b->last);
}

/* What came to nothing is not said; the rest adds up to the closing balance. */
static bool finish(struct statement *in, struct error *error)
{
    size_t kept = 0;
    memcpy(in->closing, in->opening, sizeof in->closing);
    for (size_t i = 0; i < in->line_count; i++) {
        int64_t *closing = &in->closing[in->lines[i].currency];
        if (!units_add(*closing, in->lines[i].amount, closing))
            return fail(error, ERROR_OVERFLOW, _("the balance would be beyond %lld"),
                        (long long)LIMIT_UNITS);
        if (in->lines[i].amount != 0)
            in->lines[kept++] = in->lines[i];
    }
    in->line_count = kept;
    kept = 0;
    for (size_t i = 0; i < in->due_count; i++) {
        if (in->dues[i].amount != 0 && in->dues[i].last != MOMENT_NEVER)
            in->dues[kept++] = in->dues[i];
    }
    in->due_count = kept;
    if (in->line_count > 0)
        qsort(in->lines, in->line_count, sizeof *in->lines, compare_lines);
    if (in->due_count > 0)
        qsort(in->dues, in->due_count, sizeof *in->dues, compare_dues);
    return name_receipts(in, error);
}

/* --- JSON ------------------------------------------------------------ */

static void add_date(const struct view *view, cJSON *object, const char *name, moment at)
{
    struct buffer text = {0};
    date_format(&text, view_date(view, at));
    cJSON_AddStringToObject(object, name, buffer_terminate(&text));
    buffer_free(&text);
}

static cJSON *json_line(const struct statement *in, const struct statement_line *line)
{
    cJSON *item = cJSON_CreateObject();
    add_date(in->view, item, "date", line->at);
    cJSON_AddStringToObject(item, "op", line->seq < 0 ? "lapse" : record_name(line->kind));
    cJSON_AddItemToObject(item, "seq",
                          line->seq < 0 ? cJSON_CreateNull() : json_points(line->seq, 0));
    cJSON_AddItemToObject(item, "receipt",
                          line->receipt.length > 0 ? json_text(line->receipt) : cJSON_CreateNull());
    cJSON_AddItemToObject(item, "points",
                          json_points(line->amount, in->view->points[line->currency].scale));
    return item;
}

static cJSON *json_currency(const struct statement *in, unsigned currency)
{
    const struct points *points = &in->view->points[currency];
    cJSON *item = cJSON_CreateObject();
    cJSON_AddItemToObject(item, "currency", json_text(points->id));
    cJSON_AddItemToObject(item, "opening", json_points(in->opening[currency], points->scale));
    cJSON *list = cJSON_AddArrayToObject(item, "movements");
    for (size_t i = 0; i < in->line_count; i++) {
        if (in->lines[i].currency == currency)
            cJSON_AddItemToArray(list, json_line(in, &in->lines[i]));
    }
    cJSON_AddItemToObject(item, "closing", json_points(in->closing[currency], points->scale));
    list = cJSON_AddArrayToObject(item, "next");
    for (size_t i = 0; i < in->due_count; i++) {
        if (in->dues[i].currency != currency)
            continue;
        cJSON *due = cJSON_CreateObject();
        add_date(in->view, due, "last_day", in->dues[i].last);
        cJSON_AddItemToObject(due, "points", json_points(in->dues[i].amount, points->scale));
        cJSON_AddItemToArray(list, due);
    }
    return item;
}

static cJSON *answer_of(const struct statement *in, bool whole)
{
    cJSON *answer = answer_begin("statement", in->view);
    cJSON_AddItemToObject(answer, "member", json_member(in->member));
    cJSON_AddStringToObject(answer, "month", month_text(&in->view->arena, in->month).bytes);
    cJSON *list = whole ? cJSON_AddArrayToObject(answer, "balances") : NULL;
    for (unsigned c = 0; whole && c < in->view->points_count; c++)
        cJSON_AddItemToArray(list, json_currency(in, c));
    return answer;
}

/* --- All ------------------------------------------------------------ */

static bool read_options(const struct report_options *options, const struct report_writer *writer,
                         enum report_format *format, int *month, struct error *error)
{
    if (!format_read(options, writer, format, error))
        return false;
    if (*format == FORMAT_CSV)
        return fail_field(error, ERROR_INVALID_FIELD, "format",
                          _("a statement is written as table or json"));
    if (options->width != 0 && options->width != 32 && options->width != 48 && options->width != 80)
        return fail_field(error, ERROR_INVALID_FIELD, "width", _("\"width\" must be 32, 48 or 80"));
    if (options->month.length == 0)
        return fail_field(error, ERROR_MISSING_FIELD, "month", _("a statement needs \"month\""));
    return month_parse(options->month, "month", month, error);
}

bool report_statement(struct ledger *ledger, const struct report_options *options,
                      const struct report_writer *writer, cJSON **answer, struct error *error)
{
    enum report_format format;
    struct view view;
    struct statement in = {.view = &view};
    struct buffer text = {0};
    if (!read_options(options, writer, &format, &in.month, error))
        return false;
    struct date end = month_last_day(in.month);
    if (!view_open(&view, ledger, options, &end, error))
        return false;
    bool ok =
        find_member(&in, options->member, error) && follow_chain(&in, error) && finish(&in, error);
    if (ok) {
        *answer = answer_of(&in, format == FORMAT_JSON);
        if (format == FORMAT_TABLE) {
            statement_print(&in, options->width == 0 ? 80 : (size_t)options->width, &text);
            ok = report_send(writer, &text, error);
        }
    }
    buffer_free(&text);
    view_close(&view);
    return ok;
}
