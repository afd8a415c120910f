/* Two-phase redemption: points are held for a time, then captured, released, or given
 * back by time. Each reservation is resolved exactly once. */
#include "context.h"

/* --- Finding -------------------------------------------------------------------- */

static bool resolved(struct context *context, const struct reservation *reservation,
                     struct text ref, enum field field, struct error *error)
{
    struct record record;
    if (!state_record(context->state, reservation->row.by, &record, error))
        return false;
    if (record.head->kind == RECORD_ELAPSE)
        return fail_field(error, ERROR_RESERVATION_LAPSED, field_name(field),
                          _("the reservation \"%.*s\" has lapsed: its time was over"), TEXT(ref));
    return fail_field(error, ERROR_ALREADY_RESOLVED, field_name(field),
                      _("the reservation \"%.*s\" was resolved already, by record %lld"), TEXT(ref),
                      (long long)reservation->row.by);
}

bool find_reservation(struct context *context, enum field field, struct text ref, int64_t *seq,
                      struct error *error)
{
    struct record record;
    struct reservation *reservation = NULL;
    if (!find_by_ref(context, ref, seq, &record, error))
        return false;
    if (*seq < 0 || is_tombstone(context, record.head, ref))
        return fail_field(error, ERROR_UNKNOWN_REF, field_name(field),
                          _("no operation has the ref \"%.*s\""), TEXT(ref));
    if (record.head->kind != RECORD_RESERVE)
        return fail_field(error, ERROR_NOT_A_RESERVATION, field_name(field),
                          _("\"%.*s\" is a %s, not a reservation"), TEXT(ref),
                          record_name(record.head->kind));
    if (!load_owner(context, record.head, error) ||
        !state_reservation(context->state, *seq, &reservation, error))
        return false;
    return reservation->row.by < 0 || resolved(context, reservation, ref, field, error);
}

bool reserved_lots(struct context *context, int64_t seq, struct taken **list, size_t *count,
                   struct error *error)
{
    struct record record;
    *list = NULL;
    *count = 0;
    for (int64_t part = 0; seq + part < context->state->tip.size; part++) {
        if (!state_record(context->state, seq + part, &record, error))
            return false;
        if (record.head->part != part)
            break;
        struct taken *larger = arena_allocate(
            context->arena, (*count + record.head->posting_count + 1) * sizeof *larger);
        if (*count > 0)
            memcpy(larger, *list, *count * sizeof *larger);
        *list = larger;
        for (size_t i = 0; i < record.head->posting_count; i++) {
            const struct posting *posting = &record.head->postings[i];
            if (posting->account == ACCOUNT_RESERVED)
                larger[(*count)++] = (struct taken){posting->lot, posting->amount};
        }
    }
    return true;
}

/* --- Resolving ------------------------------------------------------------------ */

/* What the request says, in units of the reservation's points: without `points_of` it
 * was read as the default's, which may have another scale. */
static bool wanted_points(const struct context *context, const struct points *reserved,
                          int64_t *wanted, struct error *error)
{
    const struct programme *programme = version_latest(context->ledger)->programme;
    unsigned scale = reserved->scale;
    for (size_t i = 0; i < programme->points_count; i++) {
        if (request_has(context->request, FIELD_POINTS_OF) || !programme->points[i].spendable)
            continue;
        scale = programme->points[i].scale;
        break;
    }
    *wanted = context->request->points;
    for (; scale < reserved->scale; scale++)
        *wanted = *wanted > LIMIT_UNITS ? *wanted : *wanted * 10; /* too many in any case */
    for (; scale > reserved->scale && *wanted % 10 == 0; scale--)
        *wanted /= 10;
    return scale == reserved->scale ||
           fail_field(error, ERROR_INVALID_FIELD, "points", _("\"%.*s\" have at most %u decimals"),
                      TEXT(reserved->id), reserved->scale);
}

bool captured_points(struct context *context, int64_t seq, int64_t *captured, struct error *error)
{
    struct reservation *reservation = NULL;
    struct taken *list = NULL;
    size_t count = 0;
    int64_t held = 0;
    if (!state_reservation(context->state, seq, &reservation, error) ||
        !reserved_lots(context, seq, &list, &count, error))
        return false;
    for (size_t i = 0; i < count; i++)
        held += list[i].amount;
    *captured = held;
    if (request_has(context->request, FIELD_POINTS_OF) &&
        !text_equal(context->request->points_of, reservation->row.currency))
        return fail_field(error, ERROR_INVALID_FIELD, "points_of",
                          _("the reservation is of \"%.*s\""), TEXT(reservation->row.currency));
    if (!request_has(context->request, FIELD_POINTS))
        return true;
    if (!points_above_zero(context, error) ||
        !wanted_points(context, points_named(context, reservation->row.currency), captured, error))
        return false;
    return *captured <= held || fail_field(error, ERROR_OVER_CAPTURE, "points",
                                           _("more points than the reservation holds"));
}

bool reservation_back(struct context *context, struct head *head, int64_t seq, int64_t captured,
                      moment when, struct movements *movements, struct error *error)
{
    struct taken *list = NULL;
    size_t count = 0;
    struct reservation *reservation = NULL;
    if (!state_reservation(context->state, seq, &reservation, error) ||
        !reserved_lots(context, seq, &list, &count, error))
        return false;
    for (size_t i = 0; i < count; i++) {
        int64_t taken = list[i].amount < captured ? list[i].amount : captured;
        const struct going_back back = {ACCOUNT_RESERVED, list[i].lot, list[i].amount - taken,
                                        when};
        captured -= taken;
        move_points(context, movements, reservation->row.currency, ACCOUNT_RESERVED,
                    ACCOUNT_REDEEMED, taken, list[i].lot);
        if (back.amount > 0 && !points_back(context, head, movements, &back, error))
            return false;
    }
    return true;
}

/* --- What became of it ---------------------------------------------------------- */

static enum reserved_status status_by(enum record_kind kind)
{
    return kind == RECORD_CAPTURE   ? RESERVED_CAPTURED
           : kind == RECORD_RELEASE ? RESERVED_RELEASED
                                    : RESERVED_LAPSED;
}

bool outcome_note_reserved(struct context *context, struct error *error)
{
    struct outcome *outcome = context->outcome;
    const struct head *head = outcome->heads[0];
    struct reservation *reservation = NULL;
    struct record record;
    if (head->kind != RECORD_RESERVE && head->kind != RECORD_EXTEND)
        return true;
    int64_t seq = head->kind == RECORD_RESERVE ? head->seq : head->of;
    if (!state_reservation(context->state, seq, &reservation, error))
        return false;
    outcome->reserved = RESERVED_OPEN;
    outcome->reserved_until = reservation->row.until;
    if (reservation->row.by < 0)
        return true;
    if (!state_record(context->state, reservation->row.by, &record, error))
        return false;
    outcome->reserved = status_by(record.head->kind);
    return true;
}

/* --- The operations ------------------------------------------------------------- */

/* How long it holds: what the call says, within what the programme allows. */
static bool end_of_reservation(struct context *context, moment *until, struct error *error)
{
    const struct programme *programme = context->version->programme;
    struct span span = programme->reservations.timeout;
    if (request_has(context->request, FIELD_TIMEOUT))
        span = context->request->timeout.span;
    *until = zone_add(programme->zone, context->time, span);
    /* By the spans themselves: P1D is not longer than P1D on a day of 25 hours. */
    if (span_compare(span, programme->reservations.longest) <= 0)
        return true;
    fail_field(error, ERROR_OVER_LIMIT, "timeout",
               _("longer than the programme lets points be held"));
    return hint(error, _("reservations.longest says how long"));
}

bool reserve(struct context *context, struct error *error)
{
    const struct points *points = NULL;
    struct movements movements = {0};
    bool duplicate = false;
    moment until = 0;
    if (!begin_points(context, &duplicate, error))
        return false;
    if (duplicate)
        return true;
    if (!spendable_points(context, &points, error) || !points_above_zero(context, error) ||
        !check_proof(context, points, error) ||
        !points_spend(context, &movements, points, ACCOUNT_RESERVED, context->request->points,
                      error) ||
        !end_of_reservation(context, &until, error))
        return false;
    /* From here on nothing is refused. */
    struct head *head = record_new(context, RECORD_RESERVE);
    set_keys(context, head);
    head->until = until;
    return record_write_movements(context, head, &movements,
                                  body_of(context, false, (struct text){0}), error);
}

bool reserve_extend(struct context *context, struct error *error)
{
    struct reservation *reservation = NULL;
    bool duplicate = false;
    int64_t seq = -1;
    moment until = 0;
    if (!begin_of(context, &duplicate, error))
        return false;
    if (duplicate)
        return true;
    if (!find_reservation(context, FIELD_OF, context->request->of, &seq, error) ||
        !end_of_reservation(context, &until, error) ||
        !state_reservation(context->state, seq, &reservation, error))
        return false;
    /* From here on nothing is refused. */
    struct head *head = record_new(context, RECORD_EXTEND);
    set_keys(context, head);
    head->of = seq;
    head->until = until > reservation->row.until ? until : reservation->row.until;
    return record_write(context, head, body_of(context, false, (struct text){0}), error);
}

bool capture(struct context *context, struct error *error)
{
    struct movements movements = {0};
    bool duplicate = false;
    int64_t seq = -1, captured = 0;
    if (!begin_of(context, &duplicate, error))
        return false;
    if (duplicate)
        return true;
    if (!find_reservation(context, FIELD_OF, context->request->of, &seq, error) ||
        !captured_points(context, seq, &captured, error))
        return false;
    struct head *head = record_new(context, RECORD_CAPTURE);
    if (!reservation_back(context, head, seq, captured, context->time, &movements, error))
        return false;
    /* From here on nothing is refused. */
    set_keys(context, head);
    head->of = seq;
    note_all_activity(context, head, context->time);
    return record_write_movements(context, head, &movements,
                                  body_of(context, false, (struct text){0}), error);
}

bool release(struct context *context, struct error *error)
{
    struct movements movements = {0};
    struct record record;
    bool answered = false;
    int64_t seq = -1;
    if (!find_to_undo(context, RECORD_RELEASE, &answered, &seq, &record, error))
        return false;
    if (answered)
        return true;
    if (!find_reservation(context, FIELD_OF, context->request->of, &seq, error))
        return false;
    struct head *head = record_new(context, RECORD_RELEASE);
    if (!reservation_back(context, head, seq, 0, context->time, &movements, error))
        return false;
    /* From here on nothing is refused. */
    set_keys(context, head);
    head->of = seq;
    return record_write_movements(context, head, &movements,
                                  body_of(context, false, (struct text){0}), error);
}
