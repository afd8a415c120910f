/* Reading what the tills sold. */
#include "trading.h"

#include <stdlib.h>

#include "json.h"

enum { EARLY = 5 * 60 * 1000 /* how far "at" may lie after the record's time */ };

int64_t view_business_day(const struct view *view, moment at)
{
    return date_to_days(programme_business_day(view->versions[0].programme, at));
}

/* --- Tills, by store and till ---------------------------------------------------------- */

static int compare_till(const struct trading_till *till, struct text store, struct text name)
{
    int order = text_compare(till->store, store);
    return order != 0 ? order : text_compare(till->till, name);
}

/* Where the till is, or would be. */
static size_t place_of(const struct trading *in, struct text store, struct text till)
{
    size_t low = 0, high = in->count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (compare_till(&in->tills[middle], store, till) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

static struct trading_till *find_till(const struct trading *in, struct text store, struct text till)
{
    size_t place = place_of(in, store, till);
    bool found = place < in->count && compare_till(&in->tills[place], store, till) == 0;
    return found ? &in->tills[place] : NULL;
}

static size_t days_kept(const struct trading *in)
{
    return (size_t)(in->last - in->first + 1 + TRADING_HEARD);
}

static struct trading_till *till_of(struct trading *in, struct text store, struct text till)
{
    struct trading_till *known = find_till(in, store, till);
    if (known != NULL)
        return known;
    size_t place = place_of(in, store, till);
    if (in->count == in->capacity) {
        in->capacity = in->capacity == 0 ? 16 : in->capacity * 2;
        in->tills = memory_resize(in->tills, in->capacity * sizeof *in->tills);
    }
    memmove(in->tills + place + 1, in->tills + place, (in->count - place) * sizeof *in->tills);
    in->count++;
    struct trading_till *made = &in->tills[place];
    *made = (struct trading_till){text_copy(&in->arena, store), text_copy(&in->arena, till), NULL};
    made->days = arena_allocate(&in->arena, days_kept(in) * sizeof *made->days);
    for (size_t i = 0; i < days_kept(in); i++)
        made->days[i] = (struct trading_day){.closed_by = -1};
    return made;
}

static bool is_kept(const struct trading *in, int64_t day)
{
    return day >= in->first - TRADING_HEARD && day <= in->last;
}

static struct trading_day *day_at(const struct trading *in, const struct trading_till *till,
                                  int64_t day)
{
    return &till->days[day - in->first + TRADING_HEARD];
}

const struct trading_day *trading_of(const struct trading *in, const struct trading_till *till,
                                     int64_t day)
{
    return day_at(in, till, day);
}

bool trading_heard(const struct trading *in, const struct trading_till *till, int64_t day)
{
    for (int64_t before = day - TRADING_HEARD; before < day; before++) {
        const struct trading_day *then = day_at(in, till, before);
        if (then->sold || then->closed_by >= 0)
            return true;
    }
    return false;
}

bool trading_is_silent(const struct trading *in, struct text store, struct text till, int64_t day)
{
    const struct trading_till *known = find_till(in, store, till);
    if (known == NULL)
        return false;
    const struct trading_day *then = day_at(in, known, day);
    return !then->sold && then->closed_by < 0 && trading_heard(in, known, day);
}

/* --- Records --------------------------------------------------------------------------- */

/* A string of the body's `in`; mostly it stands there as it is. */
struct text trading_text(struct arena *arena, struct text body, const char *pointer)
{
    struct text slice;
    struct error ignored;
    if (!json_slice(body, pointer, &slice) || slice.length < 2)
        return text_of("");
    if (memchr(slice.bytes, '\\', slice.length) == NULL)
        return (struct text){slice.bytes + 1, slice.length - 2};
    cJSON *string = json_parse(slice, &ignored);
    struct text text = text_copy(arena, text_of(cJSON_GetStringValue(string)));
    cJSON_Delete(string);
    return text;
}

static int64_t input_money(const struct view *view, struct text body, const char *pointer)
{
    struct text slice;
    int64_t units = 0;
    if (json_slice(body, pointer, &slice) && slice.length >= 2)
        decimal_parse((struct text){slice.bytes + 1, slice.length - 2}, view->currency_digits,
                      &units);
    return units;
}

struct trading_sale trading_sale_of(const struct view *view, struct arena *arena,
                                    const struct head *head, struct text body)
{
    return (struct trading_sale){.head = head,
                                 .store = trading_text(arena, body, "/in/store"),
                                 .till = trading_text(arena, body, "/in/till"),
                                 .body = body,
                                 .amount = input_money(view, body, "/in/amount"),
                                 .day = view_business_day(view, head->at)};
}

/* A sale comes in, or goes out again by its void. */
static bool count_sale(struct trading *in, const struct trading_sale *sale, int by,
                       struct error *error)
{
    struct trading_day *day = day_at(in, till_of(in, sale->store, sale->till), sale->day);
    day->sold = true;
    day->count += by;
    if (day->closed_by >= 0 && sale->head->seq > day->closed_by)
        day->late += by;
    return units_add(day->sum, by * sale->amount, &day->sum) ||
           fail(error, ERROR_OVERFLOW, _("the sum of a till is beyond what can be said"));
}

static bool add_purchase(struct trading *in, const struct head *head, struct text body,
                         struct error *error)
{
    if (body.length == 0 || !is_kept(in, view_business_day(in->view, head->at)))
        return true; /* erased: nobody knows any more which till it was */
    struct trading_sale sale = trading_sale_of(in->view, &in->scratch, head, body);
    return count_sale(in, &sale, 1, error) && (in->each_sale == NULL || sale.day < in->first ||
                                               in->each_sale(in->context, &sale, error));
}

/* The newest word of a till counts; what was recorded before it is not late. */
static bool add_close(struct trading *in, const struct head *head, struct text body)
{
    struct date date;
    if (!date_parse(trading_text(&in->scratch, body, "/in/date"), &date) ||
        !is_kept(in, date_to_days(date)))
        return true;
    struct trading_till *till = till_of(in, trading_text(&in->scratch, body, "/in/store"),
                                        trading_text(&in->scratch, body, "/in/till"));
    struct trading_day *day = day_at(in, till, date_to_days(date));
    struct text count;
    day->closed_by = head->seq;
    day->late = day->said_count = 0;
    day->said_sum = input_money(in->view, body, "/in/sum");
    if (json_slice(body, "/in/count", &count))
        (void)decimal_parse(count, 0, &day->said_count);
    return true;
}

/* What is undone may be of any kind, and of any day. */
static bool add_void(struct trading *in, const struct head *head, struct error *error)
{
    struct record record;
    if (head->of < in->from)
        return true;
    if (!state_read_record(&in->view->ledger->state, &in->scratch, head->of, &record, error))
        return false;
    if (record.head->kind != RECORD_PURCHASE || record.bodiless ||
        !is_kept(in, view_business_day(in->view, record.head->at)))
        return true;
    struct trading_sale sale = trading_sale_of(in->view, &in->scratch, record.head, record.body);
    return count_sale(in, &sale, -1, error);
}

static bool add_record(void *context, const struct head *head, struct text body,
                       struct error *error)
{
    struct trading *in = context;
    arena_reset(&in->scratch);
    if (head->part > 0)
        return true;
    if (head->kind == RECORD_PURCHASE)
        return add_purchase(in, head, body, error);
    if (head->kind == RECORD_TILL_CLOSE)
        return add_close(in, head, body);
    return head->kind != RECORD_VOID || add_void(in, head, error);
}

/* --- The walk --------------------------------------------------------------------------- */

/* Before midnight at the earliest: a business day begins on its date, whenever that is. */
static moment beginning(const struct trading *in)
{
    struct date date = date_from_days(in->first - TRADING_HEARD);
    return zone_day_start(in->view->versions[0].programme->zone, date) - EARLY;
}

bool trading_read(struct trading *in, struct error *error)
{
    return view_first_since(in->view, beginning(in), &in->from, error) &&
           view_each_record(in->view, in->from, add_record, in, error);
}

void trading_free(struct trading *in)
{
    free(in->tills);
    arena_free(&in->arena);
    arena_free(&in->scratch);
}
