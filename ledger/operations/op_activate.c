/* Releasing points that wait for it: a service that has been rendered, a delivery that
 * has arrived. Of a receipt, or all that a member has waiting.
 *
 * Until then the lots have no date; they get it by the rule under which they were born,
 * whatever the programme says by now. */
#include "sale.h"

struct release {
    struct lot *lots[LIMIT_RELEASED];
    size_t count;
};

static bool add(struct context *context, struct release *release, struct lot *lot,
                struct error *error)
{
    bool waits = lot->row.left > 0 && lot->row.available_from == MOMENT_NEVER &&
                 lot->row.wallet == context->wallet->id;
    if (!waits)
        return true;
    if (release->count == LIMIT_RELEASED) {
        fail_field(error, ERROR_LIMIT, "member", _("more than %d lots wait"), LIMIT_RELEASED);
        return hint(error, _("activate them receipt by receipt"));
    }
    release->lots[release->count++] = lot;
    return true;
}

static bool add_of_receipt(struct context *context, int64_t seq, struct release *release,
                           struct error *error)
{
    const struct head *given = NULL;
    struct lot *lot = NULL;
    if (!sale_given(context, seq, &given, error))
        return false;
    if (given == NULL)
        return true; /* nobody has it, and it has earned nothing */
    if (!load_owner(context, given, error))
        return false;
    for (size_t i = 0; i < given->lot_count; i++) {
        if (!state_lot(context->state, lot_number(given->seq, (int64_t)i), &lot, error) ||
            !add(context, release, lot, error))
            return false;
    }
    return true;
}

static bool add_of_member(struct context *context, struct release *release, struct error *error)
{
    if (!load_member(context, error) || !advance(context, error))
        return false;
    for (size_t i = 0; i < context->wallet->pocket_count; i++) {
        struct lot_cursor cursor = {.kind = LOT_PENDING};
        struct lot *lot = NULL;
        for (;;) {
            if (!state_next_lot(context->state, context->wallet->pockets[i], &cursor, &lot, error))
                return false;
            if (lot == NULL)
                break;
            if (!add(context, release, lot, error))
                return false;
        }
    }
    return true;
}

/* The date that the lot would have been born with, had its moment been known. */
static bool date_of(struct context *context, const struct lot *lot, moment *expires,
                    struct error *error)
{
    struct arena scratch = {0};
    struct record born;
    int64_t seq = lot->row.id / LOTS_PER_RECORD;
    bool ok = state_read_record(context->state, &scratch, seq, &born, error);
    const struct version *version =
        ok ? version_numbered(context->ledger, born.head->programme) : NULL;
    arena_free(&scratch);
    if (!ok)
        return false;
    int index =
        version == NULL ? -1 : programme_points_index(version->programme, lot->row.currency);
    if (index < 0)
        return fail(error, ERROR_CORRUPT, _("record %lld made points that its programme lacks"),
                    (long long)seq);
    version = dating_version(context, version, lot->row.currency);
    index = programme_points_index(version->programme, lot->row.currency);
    const struct points *points = &version->programme->points[index];
    moment counts = points->expires.from == FROM_AVAILABLE ? context->time : lot->row.earned;
    *expires = points_expiry(version->programme, points, counts);
    if (*expires < context->time)
        *expires = context->time; /* never before it is available: it lapses at once */
    return true;
}

static bool nothing_pending(const struct context *context, struct error *error)
{
    const char *field = request_has(context->request, FIELD_OF) ? "of" : "member";
    return fail_field(error, ERROR_NOTHING_PENDING, field, _("no points wait to be activated"));
}

static bool write_release(struct context *context, struct head *head, const struct release *release,
                          struct error *error)
{
    const struct programme *programme = context->version->programme;
    struct movements movements = {0};
    head->dates = arena_allocate(context->arena, release->count * sizeof *head->dates);
    for (size_t i = 0; i < release->count; i++) {
        const struct lot *lot = release->lots[i];
        struct redate *date = &head->dates[head->date_count++];
        int index = programme_points_index(programme, lot->row.currency);
        date->lot = lot->row.id;
        if (!date_of(context, lot, &date->expires, error))
            return false;
        if (index >= 0)
            note_activity(context, head, &programme->points[index], context->time);
        points_release(context, head, &movements, lot, date->expires);
    }
    set_keys(context, head);
    return record_write_movements(context, head, &movements,
                                  body_of(context, false, (struct text){0}), error);
}

static bool check_shape(const struct context *context, struct error *error)
{
    bool of = request_has(context->request, FIELD_OF);
    bool member = request_has(context->request, FIELD_MEMBER);
    if (!require(context, FIELD_REF, error))
        return false;
    return of != member || fail_field(error, of ? ERROR_INVALID_FIELD : ERROR_MISSING_FIELD, "of",
                                      _("activate says exactly one of \"of\" and \"member\""));
}

bool activate(struct context *context, struct error *error)
{
    const struct request *request = context->request;
    struct release release = {0};
    bool duplicate = false, enrol = false, of = request_has(request, FIELD_OF);
    int64_t seq = -1;
    if (!check_shape(context, error) || !resolve_version(context, error) ||
        (!of && !resolve_member(context, request->member, &enrol, error)))
        return false;
    if (!check_ref(context, request->ref, &duplicate, error))
        return false;
    if (duplicate)
        return true;
    if (of && !find_receipt(context, &seq, error))
        return false;
    if (of && seq < 0)
        return unknown_receipt(context, FIELD_OF, context->request->of, error);
    if (!(of ? add_of_receipt(context, seq, &release, error)
             : add_of_member(context, &release, error)))
        return false;
    if (release.count == 0)
        return nothing_pending(context, error);
    /* From here on nothing is refused. */
    struct head *head = record_new(context, RECORD_ACTIVATE);
    head->of = seq;
    return write_release(context, head, &release, error);
}
