/* Returns that wait for their purchase: who looks after the tills wants to know which
 * receipts never came.
 *
 * What waits is what the known records held and none of them did or called off; the
 * day leaves out what is dated later. A return that was refused when its purchase came
 * goes on waiting, and shows that purchase: somebody must look at it. */
#include <stdlib.h>

#include "json.h"
#include "kinds.h"

struct waiting {
    int64_t seq;
    moment time, at;
    unsigned char awaits[KEY_HASH_BYTES];
};
struct waiting_list {
    struct waiting *list; /* by seq */
    size_t count, capacity;
};

static void add(struct waiting_list *in, const struct head *head)
{
    if (in->count == in->capacity) {
        in->capacity = in->capacity == 0 ? 16 : in->capacity * 2;
        in->list = memory_resize(in->list, in->capacity * sizeof *in->list);
    }
    struct waiting *waiting = &in->list[in->count++];
    *waiting = (struct waiting){.seq = head->seq, .time = head->time, .at = head->at};
    memcpy(waiting->awaits, head->awaits, KEY_HASH_BYTES);
}

static void take_out(struct waiting_list *in, int64_t seq)
{
    size_t kept = 0;
    for (size_t i = 0; i < in->count; i++) {
        if (in->list[i].seq != seq)
            in->list[kept++] = in->list[i];
    }
    in->count = kept;
}

static bool add_head(void *context, const struct head *head, struct error *error)
{
    (void)error;
    struct waiting_list *in = context;
    if (head->kind == RECORD_RETURN_HELD)
        add(in, head);
    else if (head->of >= 0 && (head->kind == RECORD_RETURN || head->kind == RECORD_CANCEL))
        take_out(in, head->of);
    return true;
}

/* A text of the request, or nothing. */
static void write_text(struct view *view, struct sheet *sheet, const cJSON *input, const char *name)
{
    const char *text = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(input, name));
    if (text == NULL)
        sheet_blank(sheet);
    else
        sheet_text(sheet, text_copy(&view->arena, text_of(text)));
}

static void write_day(struct view *view, struct sheet *sheet, moment at)
{
    struct buffer day = {0};
    date_format(&day, view_date(view, at));
    sheet_text(sheet, text_copy(&view->arena, buffer_view(&day)));
    buffer_free(&day);
}

/* "all", the money, or the number of lines. */
static void write_goods(struct view *view, struct sheet *sheet, const cJSON *input)
{
    const cJSON *lines = cJSON_GetObjectItemCaseSensitive(input, "lines");
    if (lines != NULL)
        sheet_text(sheet, text_format(&view->arena, "lines:%d", cJSON_GetArraySize(lines)));
    else if (cJSON_HasObjectItem(input, "amount"))
        write_text(view, sheet, input, "amount");
    else
        sheet_word(sheet, text_of("all"));
}

/* The purchase that came all the same. */
static bool write_purchase(struct view *view, struct sheet *sheet, const struct waiting *waiting,
                           struct error *error)
{
    struct key_row key = {.seq = -1};
    memcpy(key.hash, waiting->awaits, KEY_HASH_BYTES);
    if (!store_keys(view->ledger->store, &key, 1, error))
        return false;
    if (key.seq >= 0 && key.seq < view->known_at)
        sheet_points(sheet, key.seq, 0);
    else
        sheet_blank(sheet);
    return true;
}

static bool write_row(struct view *view, struct sheet *sheet, const struct waiting *waiting,
                      struct error *error)
{
    struct record record;
    struct text slice;
    struct error ignored;
    arena_reset(&view->scratch);
    if (!state_read_record(&view->ledger->state, &view->scratch, waiting->seq, &record, error))
        return false;
    cJSON *input =
        json_slice(record.body, "/in", &slice) ? json_parse(slice, &ignored) : NULL; /* erased */
    sheet_row(sheet, false);
    sheet_points(sheet, waiting->seq, 0);
    write_day(view, sheet, waiting->time);
    write_day(view, sheet, waiting->at);
    write_text(view, sheet, input, "ref");
    write_text(view, sheet, input, "of");
    write_goods(view, sheet, input);
    write_text(view, sheet, input, "store");
    write_text(view, sheet, input, "till");
    write_text(view, sheet, input, "operator");
    cJSON_Delete(input);
    return write_purchase(view, sheet, waiting, error);
}

bool held_returns(struct view *view, struct sheet *sheet, struct error *error)
{
    struct waiting_list waiting = {0};
    sheet_column(sheet, "seq", N_("record"), RIGHT);
    sheet_column(sheet, "recorded", N_("recorded"), LEFT);
    sheet_column(sheet, "day", N_("returned on"), LEFT);
    sheet_column(sheet, "ref", N_("key"), LEFT);
    sheet_column(sheet, "receipt", N_("waits for"), LEFT);
    sheet_column(sheet, "goods", N_("goods"), LEFT);
    sheet_column(sheet, "store", N_("store"), LEFT);
    sheet_column(sheet, "till", N_("till"), LEFT);
    sheet_column(sheet, "operator", N_("operator"), LEFT);
    sheet_column(sheet, "purchase", N_("refused behind record"), RIGHT);
    bool ok = view_each_head(view, add_head, &waiting, error);
    for (size_t i = 0; ok && i < waiting.count; i++) {
        if (waiting.list[i].at < view->end)
            ok = write_row(view, sheet, &waiting.list[i], error);
    }
    free(waiting.list);
    return ok;
}
