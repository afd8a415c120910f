/* A new programme version: the whole document with the zone's bytes and the
 * semantics number, as a record that can never be erased. */
#include "context.h"
#include "json.h"
#include "spelling.h"

/* In force from when? Strictly after the version before, and never before the log's
 * clock: what has been recorded was judged without it. The first since ever. */
static bool choose_from(const struct context *context, moment *from, struct error *error)
{
    const struct version *latest = version_latest(context->ledger);
    bool given = request_has(context->request, FIELD_FROM);
    moment clock = context->real != 0 ? context->real : context->time;
    *from = given ? context->request->from : latest == NULL ? 0 : clock;
    if (latest != NULL && *from <= latest->from) {
        fail_field(error, ERROR_PROGRAMME_ORDER, "from",
                   _("versions ascend: this one must come into force after version %lld"),
                   (long long)latest->number);
        return hint(error, _("a roll-back is a new version with an old document"));
    }
    if (latest != NULL && *from < context->time)
        return fail_field(error, ERROR_PROGRAMME_ORDER, "from",
                          _("a version comes into force now or later, never in the past"));
    return true;
}

static bool may_follow(struct context *context, const struct programme *next, struct error *error)
{
    const struct ledger *ledger = context->ledger;
    size_t count = ledger->version_count;
    const struct programme **all = arena_allocate(context->arena, (count + 1) * sizeof *all);
    for (size_t i = 0; i < count; i++)
        all[i] = ledger->versions[i].programme;
    all[count] = next;
    return (count == 0 || programme_may_follow(all[count - 1], next, error)) &&
           programme_levels_mean(all, count + 1, error) &&
           programme_carry_bound(all, count + 1, error);
}

/* {"in":{...,"programme":{...}},"zone":"..."} */
static struct text version_body(struct context *context, struct text zone)
{
    struct buffer body = {0};
    buffer_string(&body, "{\"in\":");
    buffer_text(&body, context->input);
    buffer_string(&body, ",\"zone\":\"");
    base64_format(&body, zone.bytes, zone.length);
    buffer_string(&body, "\"}");
    struct text text = text_copy(context->arena, buffer_view(&body));
    buffer_free(&body);
    return text;
}

/* The zone's bytes: from the system, or in audit those of the record. */
static bool zone_of(struct context *context, const struct programme *programme, struct text *zone,
                    struct error *error)
{
    if (context->ledger->replay != NULL) {
        *zone = context->ledger->replay->zone;
        return true;
    }
    struct buffer bytes = {0};
    bool ok = zone_load_system(text_copy(context->arena, programme->timezone).bytes, &bytes, error);
    *zone = text_copy(context->arena, buffer_view(&bytes));
    buffer_free(&bytes);
    return ok;
}

static bool is_in_force(const struct context *context)
{
    const struct version *latest = version_latest(context->ledger);
    struct buffer minified = {0};
    if (latest == NULL || request_has(context->request, FIELD_FROM))
        return false;
    json_minify(&minified, context->request->document);
    bool same = text_equal(buffer_view(&minified), latest->document);
    buffer_free(&minified);
    return same;
}

static bool write_version(struct context *context, const struct programme *programme, moment from,
                          struct error *error)
{
    struct text zone;
    if (!zone_of(context, programme, &zone, error))
        return false;
    struct head *head = record_new(context, RECORD_PROGRAMME);
    set_keys(context, head);
    head->version.number = (int64_t)context->ledger->version_count + 1;
    head->version.from = from;
    head->version.semantics = SEMANTICS;
    struct text body = version_body(context, zone);
    return record_write(context, head, body, error) &&
           version_add(context->ledger, head, body, error);
}

static const struct programme *read_document(struct context *context, struct error *error)
{
    struct programme_faults *faults = arena_allocate(context->arena, sizeof *faults);
    struct text zone =
        context->ledger->replay != NULL ? context->ledger->replay->zone : (struct text){0};
    context->outcome->faults = faults;
    return programme_read(context->arena, context->request->document, zone, faults, error);
}

bool programme_next(struct context *context, const struct programme **programme, moment *from,
                    struct error *error)
{
    if (!require(context, FIELD_PROGRAMME, error))
        return false;
    *programme = read_document(context, error);
    return *programme != NULL && may_follow(context, *programme, error) &&
           choose_from(context, from, error);
}

bool programme_apply(struct context *context, struct error *error)
{
    bool duplicate = false;
    moment from = 0;
    struct record record;
    if (!require(context, FIELD_PROGRAMME, error))
        return false;
    const struct programme *programme = read_document(context, error);
    if (programme == NULL)
        return false;
    context->has_key = request_has(context->request, FIELD_REF);
    if (context->has_key)
        hash_ref(context, context->request->ref, context->key);
    if (!check_keys(context, &duplicate, error))
        return false;
    if (duplicate)
        return true;
    if (!context->has_key && is_in_force(context))
        return state_record(context->state, version_latest(context->ledger)->seq, &record, error) &&
               outcome_of_record(context, &record, error);
    if (!may_follow(context, programme, error) || !choose_from(context, &from, error))
        return false;
    /* From here on nothing is refused. */
    return write_version(context, programme, from, error);
}
