/* Opening a view: which records, which versions, which day. */
#include "view.h"

#include "answer.h"
#include "checkpoint.h"
#include "pipeline.h"

/* --- Months ---------------------------------------------------------------------- */

int month_of_date(struct date date)
{
    return date.year * 12 + date.month - 1;
}

struct date month_first_day(int month)
{
    return (struct date){month / 12, month % 12 + 1, 1};
}

struct date month_last_day(int month)
{
    return date_boundary(month_first_day(month), END_OF_MONTH);
}

struct text month_text(struct arena *arena, int month)
{
    if (month == MONTH_NONE)
        return (struct text){0};
    if (month == MONTH_NEVER)
        return text_of("never");
    return text_format(arena, "%04d-%02d", month / 12, month % 12 + 1);
}

bool month_parse(struct text text, const char *field, int *month, struct error *error)
{
    char day[16];
    struct date date;
    if (text.length == 7) {
        memcpy(day, text.bytes, 7);
        memcpy(day + 7, "-01", 4);
        if (date_parse(text_of(day), &date)) {
            *month = month_of_date(date);
            return true;
        }
    }
    return fail_field(error, ERROR_INVALID_TIME, field,
                      _("\"%.*s\" is not a month: write it like 2026-03"), TEXT(text));
}

/* --- Time as the known programme has it --------------------------------------------- */

const struct version *view_version(const struct view *view, moment at)
{
    size_t i = view->version_count;
    while (i > 1 && view->versions[i - 1].from > at)
        i--;
    return &view->versions[i - 1];
}

struct date view_date(const struct view *view, moment at)
{
    return zone_date(view_version(view, at)->programme->zone, at);
}

int view_month(const struct view *view, moment at)
{
    return at == MOMENT_NEVER ? MONTH_NEVER : month_of_date(view_date(view, at));
}

/* By the zone of the version in force when the day ends. A version that comes into
 * force on the very day may have another zone; then the later one decides. */
moment view_day_end(const struct view *view, struct date date)
{
    struct date next = date_from_days(date_to_days(date) + 1);
    for (size_t i = view->version_count; i > 1; i--) {
        moment end = zone_day_start(view->versions[i - 1].programme->zone, next);
        if (view->versions[i - 1].from < end)
            return end;
    }
    return zone_day_start(view->versions[0].programme->zone, next);
}

int view_currency(const struct view *view, struct text id)
{
    for (size_t i = 0; i < view->points_count; i++) {
        if (text_equal(view->points[i].id, id))
            return (int)i;
    }
    return -1;
}

/* --- What is known -------------------------------------------------------------------- */

/* A checkpoint vouches for a log: it must be one that this log signed. */
static bool size_of_note(struct view *view, struct text note, struct error *error)
{
    struct verifier key;
    struct checkpoint given, ours;
    struct checkpoint_row row;
    bool found = false;
    if (!verifier_parse(view->ledger->vkey, &key, error) ||
        !checkpoint_open(note, &key, NULL, 0, &given, NULL, error))
        return false;
    int64_t size = given.size > INT64_MAX ? INT64_MAX : (int64_t)given.size;
    if (!store_checkpoint(view->ledger->store, &view->arena, size, &row, &found, error))
        return false;
    if (!found || row.size != size ||
        !checkpoint_open(row.note, &key, NULL, 0, &ours, NULL, error) ||
        !hash_equal(&given.root, &ours.root))
        return fail_field(error, ERROR_NOT_VERIFIED, "known_at",
                          _("the log holds no such checkpoint of %lld records"), (long long)size);
    view->known_at = size;
    return true;
}

static bool find_known(struct view *view, const struct report_options *options, struct error *error)
{
    int64_t size = view->ledger->state.tip.size;
    view->known_at = options->known_size >= 0 ? options->known_size : size;
    if (options->known_note.length > 0 && !size_of_note(view, options->known_note, error))
        return false;
    if (view->known_at > size)
        return fail_field(error, ERROR_UNKNOWN_RECORD, "known_at",
                          _("the log has %lld records, not %lld"), (long long)size,
                          (long long)view->known_at);
    view->versions = view->ledger->versions;
    while (view->version_count < view->ledger->version_count &&
           view->versions[view->version_count].seq < view->known_at)
        view->version_count++;
    if (view->version_count == 0)
        return fail(error, ERROR_NO_PROGRAMME, _("the ledger has no programme yet"));
    const struct programme *programme = view->versions[view->version_count - 1].programme;
    view->points = programme->points;
    view->points_count = programme->points_count;
    view->currency_digits = programme->currency_digits;
    return true;
}

static bool find_day(struct view *view, const struct report_options *options,
                     const struct date *latest, struct error *error)
{
    static const struct date last = {9999, 12, 30};
    if (options->as_of.length > 0) {
        if (!date_parse(options->as_of, &view->as_of))
            return fail_field(error, ERROR_INVALID_TIME, "as_of",
                              _("\"%.*s\" is not a date: write it like 2026-03-31"),
                              TEXT(options->as_of));
    } else {
        view->as_of = view_date(view, ledger_clock(view->ledger, NULL));
        if (latest != NULL && date_to_days(*latest) < date_to_days(view->as_of))
            view->as_of = *latest;
    }
    if (date_to_days(view->as_of) > date_to_days(last))
        view->as_of = last; /* the day after must exist, too */
    view->end = view_day_end(view, view->as_of);
    return true;
}

/* The records that close months are few, and no index names them. */
static bool add_closing(void *context, const struct head *head, struct error *error)
{
    struct view *view = context;
    (void)error;
    if (head->kind != RECORD_CLOSE)
        return true;
    struct closing *larger =
        arena_allocate(&view->arena, (view->closing_count + 1) * sizeof *larger);
    if (view->closing_count > 0)
        memcpy(larger, view->closings, view->closing_count * sizeof *larger);
    larger[view->closing_count++] = (struct closing){head->seq, head->closed};
    view->closings = larger;
    return true;
}

bool view_find_closings(struct view *view, struct error *error)
{
    bool any = view->ledger->state.tip.closed != 0 && !view->closings_found;
    view->closings_found = true;
    return !any || view_each_head(view, add_closing, view, error);
}

moment view_reported(const struct view *view, int64_t seq, moment dated)
{
    size_t i = view->closing_count;
    while (i > 0 && view->closings[i - 1].seq >= seq)
        i--;
    return i > 0 && dated < view->closings[i - 1].closed ? view->closings[i - 1].closed : dated;
}

bool view_open(struct view *view, struct ledger *ledger, const struct report_options *options,
               const struct date *latest, struct error *error)
{
    *view = (struct view){.ledger = ledger, .watch = options->watch};
    if (!pipeline_begin(ledger, false, error))
        return false;
    if (find_known(view, options, error) && find_day(view, options, latest, error))
        return true;
    view_close(view);
    return false;
}

void view_close(struct view *view)
{
    pipeline_end(view->ledger);
    arena_free(&view->arena);
    arena_free(&view->scratch);
}

void view_describe(const struct view *view, cJSON *answer)
{
    struct buffer date = {0};
    date_format(&date, view->as_of);
    cJSON_AddItemToObject(answer, "as_of", cJSON_CreateString(buffer_terminate(&date)));
    buffer_free(&date);
    cJSON_AddItemToObject(answer, "known_at", json_points(view->known_at, 0));
}

/* --- Walking ------------------------------------------------------------------------------ */

enum { TELL_EVERY = 4096 };

struct walking {
    const struct view *view;
    struct arena arena; /* of one head */
    bool (*each)(void *context, const struct head *head, struct error *error);
    bool (*each_record)(void *context, const struct head *head, struct text body,
                        struct error *error);
    void *context;
};

bool view_tell(const struct view *view, int64_t done, struct error *error)
{
    const struct watch *watch = &view->watch;
    return watch->tell == NULL || watch->tell(watch->context, done, view->known_at) ||
           fail(error, ERROR_INTERRUPTED, _("stopped before the end"));
}

bool view_read_head(struct view *view, struct arena *arena, int64_t seq, struct head *head,
                    struct error *error)
{
    struct record_row row;
    bool found = false;
    return store_record(view->ledger->store, arena, seq, &row, &found, error) &&
           (found || fail(error, ERROR_CORRUPT, _("record %lld is missing"), (long long)seq)) &&
           head_decode(row.head, arena, head, error);
}

static bool walk_row(void *context, const struct record_row *row, struct error *error)
{
    struct walking *in = context;
    struct head head;
    if (row->seq % TELL_EVERY == 0 && !view_tell(in->view, row->seq, error))
        return false;
    arena_reset(&in->arena);
    if (!head_decode(row->head, &in->arena, &head, error))
        return false;
    return in->each != NULL ? in->each(in->context, &head, error)
                            : in->each_record(in->context, &head, row->body, error);
}

bool view_each_head(struct view *view,
                    bool (*each)(void *context, const struct head *head, struct error *error),
                    void *context, struct error *error)
{
    struct walking in = {.view = view, .each = each, .context = context};
    bool ok = store_each_record(view->ledger->store, 0, view->known_at, walk_row, &in, error);
    arena_free(&in.arena);
    return ok;
}

bool view_each_record(struct view *view, int64_t from,
                      bool (*each)(void *context, const struct head *head, struct text body,
                                   struct error *error),
                      void *context, struct error *error)
{
    struct walking in = {.view = view, .each_record = each, .context = context};
    bool ok = store_each_record(view->ledger->store, from, view->known_at, walk_row, &in, error);
    arena_free(&in.arena);
    return ok;
}

bool view_first_since(struct view *view, moment since, int64_t *seq, struct error *error)
{
    int64_t low = 0, high = view->known_at;
    while (low < high) {
        int64_t middle = low + (high - low) / 2;
        struct head head;
        arena_reset(&view->scratch);
        if (!view_read_head(view, &view->scratch, middle, &head, error))
            return false;
        if (head.time < since)
            low = middle + 1;
        else
            high = middle;
    }
    *seq = low;
    return true;
}
