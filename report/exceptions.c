/* What counts as an exception, counted by operator and till. */
#include "exceptions.h"

#include <stdlib.h>

#include "id.h"
#include "json.h"
#include "map.h"
#include "trading.h"

enum { EARLY = 5 * 60 * 1000 /* how far "at" may lie after the record's time */ };

/* --- What counts as what --------------------------------------------------------------- */

typedef bool judge(const struct operation_seen *seen);

static bool is_any(const struct operation_seen *seen)
{
    (void)seen;
    return true;
}

static bool is_claim(const struct operation_seen *seen)
{
    return seen->head->kind == RECORD_CLAIM;
}

static bool is_reassign(const struct operation_seen *seen)
{
    return seen->head->kind == RECORD_REASSIGN;
}

static bool is_void(const struct operation_seen *seen)
{
    return seen->head->kind == RECORD_VOID;
}

static bool is_adjust(const struct operation_seen *seen)
{
    return seen->head->kind == RECORD_ADJUST;
}

static bool is_return(const struct operation_seen *seen)
{
    return seen->head->kind == RECORD_RETURN;
}

static bool has_no_receipt(const struct operation_seen *seen)
{
    return is_return(seen) && !request_has(&seen->request, FIELD_OF);
}

static bool names_member(const struct operation_seen *seen)
{
    return request_has(&seen->request, FIELD_MEMBER);
}

static bool is_keyed(const struct operation_seen *seen)
{
    return names_member(seen) && request_has(&seen->request, FIELD_ENTRY) &&
           seen->request.entry == ENTRY_KEYED;
}

static bool may_be_own(const struct operation_seen *seen)
{
    return seen->head->kind == RECORD_PURCHASE || is_claim(seen);
}

static bool is_own(const struct operation_seen *seen)
{
    struct text flag;
    return may_be_own(seen) && json_slice(seen->body, "/facts/own_card", &flag);
}

/* A capture was proved when its points were reserved. */
static bool takes_points(const struct operation_seen *seen)
{
    enum record_kind kind = seen->head->kind;
    return kind == RECORD_REDEEM || kind == RECORD_RESERVE ||
           (kind == RECORD_PURCHASE && request_has(&seen->request, FIELD_POINTS) &&
            !request_has(&seen->request, FIELD_CAPTURE));
}

static bool has_no_proof(const struct operation_seen *seen)
{
    return takes_points(seen) && !request_has(&seen->request, FIELD_PROOF);
}

static bool is_approved(const struct operation_seen *seen)
{
    return request_has(&seen->request, FIELD_APPROVED_BY);
}

/* Which points a row sums up: those that the wallet gained or lost, those that were asked
 * for, or, of a sale that changes hands, those that the new hands were given. */
enum points_of_row { MOVED, ASKED, PASSED_ON };

/* What it is called, what it is, and of which operations it is a part. */
static const struct exception {
    const char *name;
    judge *is, *among;
    enum points_of_row points;
} exceptions[] = {
    {"keyed", is_keyed, names_member, MOVED},
    {"claim", is_claim, is_any, MOVED},
    {"reassign", is_reassign, is_any, PASSED_ON},
    {"void", is_void, is_any, MOVED},
    {"adjust", is_adjust, is_any, MOVED},
    {"own_card", is_own, may_be_own, MOVED},
    {"no_proof", has_no_proof, takes_points, ASKED},
    {"no_receipt", has_no_receipt, is_return, MOVED},
    {"approved", is_approved, is_any, MOVED},
};
enum { EXCEPTIONS = sizeof exceptions / sizeof *exceptions };

/* --- Groups ------------------------------------------------------------------------------ */

/* What one operator did at one till. */
struct group {
    struct text operator_id, store, till;
    int64_t of[EXCEPTIONS];
    struct exception_sums sums[EXCEPTIONS];
};
struct counting {
    struct view *view;
    struct days days;
    struct arena arena;   /* of the groups */
    struct arena scratch; /* of one operation */
    struct map groups;
    struct velocity velocity;
    struct group *last;  /* of the operation that further parts belong to; NULL: none counts */
    struct head own;     /* its head, without lists */
    bool is[EXCEPTIONS]; /* what it was */
};

static struct group *group_of(struct counting *in, const struct request *request)
{
    unsigned char hash[DIGEST_BYTES];
    struct buffer place = {0};
    buffer_text(&place, request->store);
    buffer_byte(&place, '/'); /* stores and tills have none */
    buffer_text(&place, request->till);
    buffer_byte(&place, '/');
    digest(buffer_view(&place), request->operator_id, hash);
    buffer_free(&place);
    void **found = map_put(&in->groups, map_key_of_hash(hash));
    if (*found == NULL) {
        struct group *group = arena_allocate(&in->arena, sizeof *group);
        group->operator_id = text_copy(&in->arena, request->operator_id);
        group->store = text_copy(&in->arena, request->store);
        group->till = text_copy(&in->arena, request->till);
        *found = group;
    }
    return *found;
}

static bool overflow(struct error *error)
{
    return fail(error, ERROR_OVERFLOW, _("a sum is beyond %lld"), (long long)LIMIT_UNITS);
}

bool sum_amount(struct exception_sums *sums, int64_t amount, struct error *error)
{
    return units_add(sums->amount, amount, &sums->amount) || overflow(error);
}

bool sum_points(struct exception_sums *sums, unsigned currency, int64_t units, struct error *error)
{
    int64_t *sum = &sums->points[currency];
    return units_add(*sum, units < 0 ? -units : units, sum) || overflow(error);
}

bool sum_moved(const struct view *view, struct exception_sums *sums, const struct head *head,
               struct error *error)
{
    for (unsigned c = 0; c < view->points_count; c++) {
        int64_t moved = 0;
        for (size_t i = 0; i < head->posting_count; i++) {
            const struct posting *posting = &head->postings[i];
            if (account_is_wallets(posting->account) &&
                text_equal(posting->currency, view->points[c].id) &&
                !units_add(moved, posting->amount, &moved))
                return overflow(error);
        }
        if (!sum_points(sums, c, moved, error))
            return false;
    }
    return true;
}

/* The points that the request names, in the currency that it means. */
static bool sum_asked(const struct view *view, struct exception_sums *sums,
                      const struct request *request, struct error *error)
{
    for (unsigned c = 0; c < view->points_count; c++) {
        bool meant = request_has(request, FIELD_POINTS_OF)
                         ? text_equal(view->points[c].id, request->points_of)
                         : view->points[c].spendable;
        if (meant)
            return sum_points(sums, c, request->points, error);
    }
    return true;
}

/* What it says itself, or what the goods of a return amount to. */
static int64_t amount_of(const struct operation_seen *seen)
{
    struct text list;
    struct error ignored;
    int64_t sum = 0;
    if (request_has(&seen->request, FIELD_AMOUNT))
        return seen->request.amount;
    if (!json_slice(seen->body, "/facts/amounts", &list))
        return 0;
    cJSON *amounts = json_parse(list, &ignored);
    const cJSON *item = NULL;
    cJSON_ArrayForEach(item, amounts)
    {
        int64_t one = 0;
        if (json_integer(item, &one) && !units_add(sum, one, &sum))
            break;
    }
    cJSON_Delete(amounts);
    return sum;
}

/* --- Reading ------------------------------------------------------------------------------- */

/* Sales and returns belong to the day on which they happened, whatever else is done to the
 * one on which it was. */
static moment dated(const struct head *head)
{
    bool goods = head->kind == RECORD_PURCHASE || head->kind == RECORD_RETURN;
    return goods ? head->at : head->time;
}

/* Did somebody ask for it, on one of the days? What is held counts once it is done. */
static bool see(struct counting *in, const struct head *head, struct text body,
                struct operation_seen *seen)
{
    struct text input;
    struct error ignored;
    int64_t day = view_business_day(in->view, dated(head));
    if (body.length == 0 || head->part > 0 || record_origin(head->kind) != MADE_BY_REQUEST ||
        head->kind == RECORD_PROGRAMME || head->kind == RECORD_RETURN_HELD ||
        day < in->days.first || day > in->days.last || !json_slice(body, "/in", &input))
        return false;
    const struct version *version = &in->view->versions[in->view->version_count - 1];
    if (head->programme > 0 && head->programme <= (int64_t)in->view->version_count)
        version = &in->view->versions[head->programme - 1];
    arena_reset(&in->scratch);
    *seen = (struct operation_seen){.head = head, .body = body, .day = day};
    return request_parse(input, version->programme, &in->scratch, &seen->request, &ignored);
}

static bool count_one(struct counting *in, const struct operation_seen *seen, size_t which,
                      struct error *error)
{
    struct exception_sums *sums = &in->last->sums[which];
    in->last->of[which] += exceptions[which].among(seen);
    in->is[which] = exceptions[which].is(seen);
    if (!in->is[which])
        return true;
    sums->count++;
    if (!sum_amount(sums, amount_of(seen), error))
        return false;
    switch (exceptions[which].points) {
    case MOVED:
        return sum_moved(in->view, sums, seen->head, error);
    case ASKED:
        return sum_asked(in->view, sums, &seen->request, error);
    case PASSED_ON:
        break;
    }
    return true;
}

/* Points of the operation that another record has. */
static bool count_more(struct counting *in, const struct head *head, enum points_of_row points,
                       struct error *error)
{
    for (size_t i = 0; i < EXCEPTIONS; i++) {
        if (in->is[i] && exceptions[i].points == points &&
            !sum_moved(in->view, &in->last->sums[i], head, error))
            return false;
    }
    return true;
}

/* A record that nobody asked for by itself: what did not fit into the operation's first
 * one, or what is passed on behind it. */
static bool count_behind(struct counting *in, const struct head *head, struct error *error)
{
    if (in->last == NULL)
        return true;
    if (head->part > 0)
        return head->kind != in->own.kind || head->member != in->own.member ||
               count_more(in, head, MOVED, error);
    bool passed_on = in->own.kind == RECORD_REASSIGN && head->kind == RECORD_CLAIM;
    bool ok = !passed_on || count_more(in, head, PASSED_ON, error);
    in->last = NULL;
    return ok;
}

static bool add_record(void *context, const struct head *head, struct text body,
                       struct error *error)
{
    struct counting *in = context;
    struct operation_seen seen;
    if (head->part > 0 || body.length == 0)
        return count_behind(in, head, error);
    in->last = NULL;
    if (!see(in, head, body, &seen))
        return true;
    in->last = group_of(in, &seen.request);
    in->own = (struct head){.kind = head->kind, .member = head->member};
    for (size_t i = 0; i < EXCEPTIONS; i++) {
        if (!count_one(in, &seen, i, error))
            return false;
    }
    if (head->kind == RECORD_PURCHASE && head->member != 0)
        velocity_count(&in->velocity, &seen);
    return true;
}

static bool add_suspected(void *context, const struct head *head, struct text body,
                          struct error *error)
{
    struct counting *in = context;
    struct operation_seen seen = {.head = head, .day = view_business_day(in->view, dated(head))};
    if (head->kind != RECORD_PURCHASE || head->member == 0 ||
        !velocity_is_suspected(&in->velocity, &seen) || !see(in, head, body, &seen))
        return true;
    return velocity_add(&in->velocity, &seen, error);
}

/* Nothing is recorded long before it happens, so earlier records cannot be of these days. */
static bool read_all(struct counting *in, struct error *error)
{
    int64_t from = 0;
    struct date first = date_from_days(in->days.first);
    moment begins = zone_day_start(in->view->versions[0].programme->zone, first) - EARLY;
    return view_first_since(in->view, begins, &from, error) &&
           view_each_record(in->view, from, add_record, in, error) &&
           (!velocity_any_suspected(&in->velocity) ||
            view_each_record(in->view, from, add_suspected, in, error));
}

/* --- Writing ------------------------------------------------------------------------------- */

void exception_columns(const struct view *view, struct sheet *sheet)
{
    sheet_column(sheet, "operator", N_("operator"), LEFT);
    sheet_column(sheet, "store", N_("store"), LEFT);
    sheet_column(sheet, "till", N_("till"), LEFT);
    sheet_column(sheet, "what", N_("what"), LEFT);
    sheet_column(sheet, "member", N_("member"), LEFT);
    sheet_column(sheet, "day", N_("day"), LEFT);
    sheet_column(sheet, "count", N_("count"), RIGHT);
    sheet_column(sheet, "of", N_("of"), RIGHT);
    sheet_column(sheet, "percent", "%", RIGHT);
    sheet_column(sheet, "amount", N_("amount"), RIGHT);
    for (size_t c = 0; c < view->points_count; c++)
        sheet_column(sheet,
                     text_format(sheet->arena, "points_%.*s", TEXT(view->points[c].id)).bytes,
                     text_copy(sheet->arena, view->points[c].id).bytes, RIGHT);
}

static void write_whose(struct sheet *sheet, const struct exception_row *row)
{
    char member[MEMBER_ID_CHARS + 4] = "id:";
    struct buffer day = {0};
    if (row->member == 0) {
        sheet_blank(sheet);
        sheet_blank(sheet);
        return;
    }
    member_id_format(row->member, member + 3);
    date_format(&day, date_from_days(row->day));
    sheet_text(sheet, text_of(member));
    sheet_text(sheet, buffer_view(&day));
    buffer_free(&day);
}

static void write_share(struct sheet *sheet, int64_t count, int64_t of)
{
    struct fraction exact;
    int64_t percent = 0;
    sheet_points(sheet, count, 0);
    if (of == 0) {
        sheet_blank(sheet);
        sheet_blank(sheet);
        return;
    }
    sheet_points(sheet, of, 0);
    if (fraction_make((wide)count * 10000, of, &exact) &&
        fraction_round(exact, ROUND_EVEN, &percent))
        sheet_decimal(sheet, percent, 2);
    else
        sheet_blank(sheet);
}

void exception_write(const struct view *view, struct sheet *sheet, const struct exception_row *row,
                     const struct exception_sums *sums)
{
    sheet_row(sheet, false);
    sheet_text(sheet, row->operator_id);
    sheet_text(sheet, row->store);
    sheet_text(sheet, row->till);
    sheet_word(sheet, row->what);
    write_whose(sheet, row);
    write_share(sheet, sums->count, row->of);
    if (sums->amount != 0)
        sheet_decimal(sheet, sums->amount, view->currency_digits);
    else
        sheet_blank(sheet);
    for (size_t c = 0; c < view->points_count; c++) {
        if (sums->points[c] != 0)
            sheet_points(sheet, sums->points[c], view->points[c].scale);
        else
            sheet_blank(sheet);
    }
}

static int compare_groups(const void *a, const void *b)
{
    const struct group *x = *(struct group *const *)a, *y = *(struct group *const *)b;
    int order = text_compare(x->operator_id, y->operator_id);
    if (order == 0)
        order = text_compare(x->store, y->store);
    return order != 0 ? order : text_compare(x->till, y->till);
}

static void write_groups(struct counting *in, struct sheet *sheet)
{
    struct group **list = arena_allocate(&in->arena, (in->groups.count + 1) * sizeof *list);
    for (size_t i = 0; i < in->groups.count; i++)
        list[i] = in->groups.entries[i].value;
    memory_sort(list, in->groups.count, sizeof *list, compare_groups);
    for (size_t i = 0; i < in->groups.count; i++) {
        for (size_t k = 0; k < EXCEPTIONS; k++) {
            const struct exception_row row = {.operator_id = list[i]->operator_id,
                                              .store = list[i]->store,
                                              .till = list[i]->till,
                                              .what = text_of(exceptions[k].name),
                                              .of = list[i]->of[k]};
            if (list[i]->sums[k].count > 0)
                exception_write(in->view, sheet, &row, &list[i]->sums[k]);
        }
    }
}

bool report_exceptions(struct view *view, struct days days, int64_t most, struct sheet *sheet,
                       struct error *error)
{
    struct counting in = {.view = view, .days = days};
    if (most < 0)
        most = EXCEPTION_PURCHASES;
    if (most < 1 || most > EXCEPTION_PURCHASES_MOST)
        return fail_field(error, ERROR_INVALID_FIELD, "most",
                          _("\"most\" must be a whole number from 1 to %d"),
                          EXCEPTION_PURCHASES_MOST);
    velocity_begin(&in.velocity, view, most);
    exception_columns(view, sheet);
    bool ok = read_all(&in, error);
    if (ok) {
        write_groups(&in, sheet);
        velocity_write(&in.velocity, sheet);
    }
    velocity_end(&in.velocity);
    map_free(&in.groups);
    arena_free(&in.arena);
    arena_free(&in.scratch);
    return ok;
}
