/* The statement: one member's month, found along the chains of those whose wallet it is.
 *
 * The idea to hold: it is about the wallet that the member has. Who enters a household
 * has another from then on, and leaves it again for their own: then one movement says
 * what more, or less, there is to spend. In a shared wallet everybody's movements are
 * told. What lapses is added up by day. */
#include "statement.h"

#include <stdlib.h>

#include "answer.h"
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
        if (known->seq == line->seq && known->currency == line->currency && known->at == line->at &&
            known->dated == line->dated) {
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
static bool add_due(struct statement *in, struct statement_dues *dues, moment at, unsigned currency,
                    int64_t amount, struct error *error)
{
    for (size_t i = 0; i < dues->count; i++) {
        if (dues->list[i].at == at && dues->list[i].currency == currency) {
            dues->list[i].amount += amount;
            return true;
        }
    }
    if (dues->count == LIMIT_STATEMENT_DUES)
        return fail(error, ERROR_LIMIT, _("a statement has at most %d dates of expiry"),
                    LIMIT_STATEMENT_DUES);
    dues->list =
        room(&in->view->arena, dues->list, dues->count, &dues->capacity, sizeof *dues->list);
    dues->list[dues->count++] = (struct statement_due){at, currency, amount};
    return true;
}

static bool beyond(struct error *error)
{
    return fail(error, ERROR_OVERFLOW, _("the balance would be beyond %lld"),
                (long long)LIMIT_UNITS);
}

/* Of who makes a household the other side is the household. */
static bool names_member(enum record_kind kind)
{
    return kind == RECORD_TRANSFER || kind == RECORD_MEMBER_MERGE;
}

static bool add_flow(void *context, const struct flow *flow, struct error *error)
{
    struct statement *in = context;
    const struct head *head = flow->head;
    int64_t gain = flow_gain(flow), *before = &in->before[flow->currency];
    if (flow->wallet->id != in->stay.wallet)
        return true;
    if (flow->at < in->from || flow->at < in->stay.from)
        return units_add(*before, gain, before) || beyond(error);
    if (gain == 0 || flow->at >= in->until || flow->at >= in->stay.until)
        return true;
    struct statement_line line = {.at = flow->at,
                                  .dated = flow->dated,
                                  .seq = flow->is_lapse ? -1 : flow->book->first,
                                  .currency = flow->currency,
                                  .kind = head->kind,
                                  .member = flow->is_lapse ? in->member : head->member,
                                  .with = names_member(head->kind) ? head->with : 0,
                                  .amount = gain,
                                  .is_late = flow->is_late};
    return add_line(in, &line, error);
}

/* Where the wallet's points are as of the day, and what will become of them. */
static bool add_lot(struct statement *in, const struct book_lot *lot, struct error *error)
{
    int64_t sum = 0;
    for (unsigned side = 0; side < SIDES; side++) {
        in->sides[lot->currency][side] += lot->as_of[side];
        sum += lot->as_of[side];
    }
    moment last = book_last_moment(lot);
    int64_t pending = lot->as_of[ACCOUNT_PENDING];
    return (sum == 0 || last == MOMENT_NEVER ||
            add_due(in, &in->lapsing, last, lot->currency, sum, error)) &&
           (pending == 0 ||
            add_due(in, &in->coming, lot->available_from, lot->currency, pending, error));
}

/* Of the last wallet only, which is that of the day. */
static bool add_book(void *context, const struct book *book, struct error *error)
{
    struct statement *in = context;
    const struct book_wallet *wallet =
        map_get(&book->wallets, map_key_of_number(0, in->stay.wallet));
    in->lapsing.count = in->coming.count = 0;
    memset(in->sides, 0, sizeof in->sides);
    for (unsigned c = 0; c < in->view->points_count; c++)
        in->debt[c] = wallet == NULL ? 0 : wallet->pockets[c].debt_as_of;
    for (size_t i = 0; i < book->lots.count; i++) {
        const struct book_lot *lot = book->lots.entries[i].value;
        if (lot->wallet == wallet && !add_lot(in, lot, error))
            return false;
    }
    return true;
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

/* Of a restore, a claim and the like the purchase that it is about. */
static bool purchase_of(struct view *view, struct record_row *row, bool *found, struct error *error)
{
    struct head head;
    struct error ignored;
    *found = head_decode(row->head, &view->scratch, &head, &ignored) && head.of >= 0;
    return !*found || store_record(view->ledger->store, &view->scratch, head.of, row, found, error);
}

static bool name_receipts(struct statement *in, struct error *error)
{
    for (size_t i = 0; i < in->line_count; i++) {
        struct statement_line *line = &in->lines[i];
        struct record_row row;
        bool found = false, own = line->kind == RECORD_PURCHASE || line->kind == RECORD_RETURN;
        bool about = line->kind == RECORD_CLAIM || line->kind == RECORD_REASSIGN ||
                     line->kind == RECORD_VOID || line->kind == RECORD_RESTORE;
        if (line->seq < 0 || !(own || about))
            continue;
        arena_reset(&in->view->scratch);
        if (!store_record(in->view->ledger->store, &in->view->scratch, line->seq, &row, &found,
                          error) ||
            (found && about && !purchase_of(in->view, &row, &found, error)))
            return false;
        if (found)
            line->receipt = receipt_of(&in->view->arena, &row, own ? line->kind : RECORD_PURCHASE);
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

/* What the new wallet has more than the old had is one movement of the record that
 * changed them; what that record brought is part of it. */
static bool add_change(struct statement *in, const int64_t had[LIMIT_CURRENCIES],
                       struct error *error)
{
    for (unsigned c = 0; c < in->view->points_count; c++) {
        struct statement_line line = {.at = in->stay.from,
                                      .dated = in->stay.from,
                                      .seq = in->stay.seq,
                                      .currency = c,
                                      .kind = in->stay.kind,
                                      .member = in->member};
        if (!units_add(in->before[c], -had[c], &line.amount))
            return beyond(error);
        if (line.amount != 0 && !add_line(in, &line, error))
            return false;
    }
    return true;
}

/* The movements of one wallet, as long as the member had it. */
static bool read_stay(struct statement *in, const struct statement_stay *stay, bool first,
                      struct error *error)
{
    const struct book_readers readers = {add_flow, add_book, in};
    int64_t had[LIMIT_CURRENCIES];
    size_t known = in->line_count;
    in->stay = *stay;
    memcpy(had, in->closing, sizeof had);
    memset(in->before, 0, sizeof in->before);
    if (!view_book_of(in->view, in->member, &readers, error) ||
        (!first && !add_change(in, had, error)))
        return false;
    if (first) {
        memcpy(in->opening, in->before, sizeof in->opening);
        memcpy(in->closing, in->before, sizeof in->closing);
    }
    for (size_t i = known; i < in->line_count; i++) {
        int64_t *closing = &in->closing[in->lines[i].currency];
        if (!units_add(*closing, in->lines[i].amount, closing))
            return beyond(error);
    }
    return true;
}

/* The wallets that the member had in the month, one after the other. */
static bool read_stays(struct statement *in, const struct links *links, struct error *error)
{
    struct arena arena = {0};
    struct statement_stay stay = {in->member, INT64_MIN, MOMENT_NEVER, -1, RECORD_MEMBER_ADD};
    bool first = true, ok = true;
    for (size_t i = 0; ok && i <= links->count; i++) {
        bool end = i == links->count;
        struct head head;
        if (!end && links->list[i].wallet == stay.wallet)
            continue;
        arena_reset(&arena);
        ok = end || view_read_head(in->view, &arena, links->list[i].seq, &head, error);
        stay.until = end ? MOMENT_NEVER : ok ? head.at : stay.from;
        if (ok && stay.until > in->from && (first || stay.from < in->until) &&
            stay.from < in->view->end) {
            ok = read_stay(in, &stay, first, error);
            first = false;
        }
        if (end)
            break;
        stay = (struct statement_stay){links->list[i].wallet, stay.until, MOMENT_NEVER,
                                       links->list[i].seq, head.kind};
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
    return (a->at > b->at) - (a->at < b->at);
}

static void sort_dues(struct statement_dues *dues)
{
    size_t kept = 0;
    for (size_t i = 0; i < dues->count; i++) {
        if (dues->list[i].amount != 0)
            dues->list[kept++] = dues->list[i];
    }
    dues->count = kept;
    if (kept > 0)
        memory_sort(dues->list, kept, sizeof *dues->list, compare_dues);
}

/* What came to nothing is not said. */
static bool finish(struct statement *in, struct error *error)
{
    size_t kept = 0;
    for (size_t i = 0; i < in->line_count; i++) {
        if (in->lines[i].amount != 0)
            in->lines[kept++] = in->lines[i];
    }
    in->line_count = kept;
    if (in->line_count > 0)
        memory_sort(in->lines, in->line_count, sizeof *in->lines, compare_lines);
    sort_dues(&in->lapsing);
    sort_dues(&in->coming);
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
    add_date(in->view, item, "date", line->dated);
    cJSON_AddStringToObject(item, "op", line->seq < 0 ? "lapse" : record_name(line->kind));
    cJSON_AddItemToObject(item, "seq",
                          line->seq < 0 ? cJSON_CreateNull() : json_points(line->seq, 0));
    cJSON_AddItemToObject(item, "receipt",
                          line->receipt.length > 0 ? json_text(line->receipt) : cJSON_CreateNull());
    cJSON_AddItemToObject(item, "points",
                          json_points(line->amount, in->view->points[line->currency].scale));
    if (line->member != in->member)
        cJSON_AddItemToObject(item, "member", json_member(line->member));
    if (line->with != 0)
        cJSON_AddItemToObject(item, "with", json_member(line->with));
    if (line->is_late)
        cJSON_AddTrueToObject(item, "late");
    return item;
}

static cJSON *json_dues(const struct statement *in, const struct statement_dues *dues,
                        const char *day, unsigned currency)
{
    cJSON *list = cJSON_CreateArray();
    for (size_t i = 0; i < dues->count; i++) {
        if (dues->list[i].currency != currency)
            continue;
        cJSON *due = cJSON_CreateObject();
        if (dues->list[i].at == MOMENT_NEVER)
            cJSON_AddNullToObject(due, day);
        else
            add_date(in->view, due, day, dues->list[i].at);
        cJSON_AddItemToObject(due, "points",
                              json_points(dues->list[i].amount, in->view->points[currency].scale));
        cJSON_AddItemToArray(list, due);
    }
    return list;
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
    cJSON_AddItemToObject(
        item, "available",
        json_points(in->sides[currency][ACCOUNT_AVAILABLE] + in->debt[currency], points->scale));
    cJSON_AddItemToObject(item, "pending",
                          json_points(in->sides[currency][ACCOUNT_PENDING], points->scale));
    cJSON_AddItemToObject(item, "reserved",
                          json_points(in->sides[currency][ACCOUNT_RESERVED], points->scale));
    cJSON_AddItemToObject(item, "next", json_dues(in, &in->lapsing, "last_day", currency));
    cJSON_AddItemToObject(item, "coming", json_dues(in, &in->coming, "from_day", currency));
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
    if (options->width != 0 && options->width != 32 && options->width != 48 && options->width != 80)
        return fail_field(error, ERROR_INVALID_FIELD, "width", _("\"width\" must be 32, 48 or 80"));
    if (options->month.length == 0)
        return fail_field(error, ERROR_MISSING_FIELD, "month", _("a statement needs \"month\""));
    return month_parse(options->month, "month", month, error);
}

/* What is still to come would be told as if it had been. */
static bool has_begun(const struct statement *in, struct error *error)
{
    if (in->month <= month_of_date(in->view->as_of))
        return true;
    fail_field(error, ERROR_IN_FUTURE, "month", _("that month has not begun"));
    return hint(error, _("a statement of the month that runs says how things stand today"));
}

static bool write_text(struct statement *in, enum report_format format, int64_t width,
                       const struct report_writer *writer, struct error *error)
{
    struct buffer text = {0};
    struct sheet sheet = {.arena = &in->view->arena};
    if (format == FORMAT_TABLE) {
        statement_print(in, width == 0 ? 80 : (size_t)width, &text);
    } else {
        statement_fill_sheet(in, &sheet);
        sheet_write_csv(&sheet, &text);
    }
    bool ok = report_send(writer, &text, error);
    buffer_free(&text);
    return ok;
}

bool report_statement(struct ledger *ledger, const struct report_options *options,
                      const struct report_writer *writer, cJSON **answer, struct error *error)
{
    enum report_format format;
    struct view view;
    struct statement in = {.view = &view};
    struct links links = {0};
    if (!read_options(options, writer, &format, &in.month, error))
        return false;
    struct date end = month_last_day(in.month);
    if (!view_open(&view, ledger, options, &end, error))
        return false;
    in.from = view_day_end(&view, month_last_day(in.month - 1));
    in.until = view_day_end(&view, end);
    bool ok = has_begun(&in, error) && find_member(&in, options->member, error) &&
              view_read_chain(&view, in.member, &links, error) &&
              (links.count > 0 || fail_field(error, ERROR_UNKNOWN_MEMBER, "member",
                                             _("the member was not there yet"))) &&
              read_stays(&in, &links, error) && finish(&in, error);
    if (ok) {
        *answer = answer_of(&in, format == FORMAT_JSON);
        ok = format == FORMAT_JSON || write_text(&in, format, options->width, writer, error);
    }
    free(links.list);
    view_close(&view);
    return ok;
}
