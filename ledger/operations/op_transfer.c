/* Points that one member gives another: out of the sender's lots in burn order, to the
 * receiver as new lots, by way of the account `moved`. Two records of one commit. */
#include "context.h"

/* Dates that one record of the receiver's can bring: each may settle a debt as well. */
enum { DATES_AT_ONCE = LIMIT_MOVEMENTS / 2 };

/* So many points with this date; 0: by the rule of now. */
struct portion {
    int64_t amount;
    moment expires;
};
struct portions {
    struct portion *list;
    size_t count;
};

/* --- The ladder ----------------------------------------------------------------- */

/* The receiver, loaded and advanced in a context of their own. */
static bool find_receiver(struct context *context, struct context *receiver, struct error *error)
{
    if (!unknown_other(context, FIELD_TO, context->request->to, error))
        return false;
    *receiver = *context;
    receiver->member_id = context->other_id;
    if (!load_member(receiver, error))
        return false;
    if (receiver->wallet == context->wallet) {
        fail_field(error, ERROR_TO_ONESELF, "to", _("the points would stay where they are"));
        return hint(error, _("members of a household share their points already"));
    }
    return advance(receiver, error);
}

static bool over_limit(const struct points *points, bool of_month, struct error *error)
{
    struct buffer text = {0};
    decimal_format_short(&text, of_month ? points->transfer.per_month : points->transfer.most,
                         points->scale);
    if (of_month)
        fail_field(error, ERROR_OVER_LIMIT, "points",
                   _("a member gives at most %s %.*s in a month"), buffer_terminate(&text),
                   TEXT(points->id));
    else
        fail_field(error, ERROR_OVER_LIMIT, "points", _("at most %s %.*s can be given at once"),
                   buffer_terminate(&text), TEXT(points->id));
    buffer_free(&text);
    return false;
}

/* What the sender has given in this month; its counter's name and bucket. */
static bool given_so_far(struct context *context, const struct points *points, struct count *count,
                         int64_t *given, struct error *error)
{
    struct date today = zone_date(context->version->programme->zone, context->time);
    struct counter *counter = NULL;
    *count = (struct count){
        .owner = COUNTS_MEMBER,
        .name = text_format(context->arena, "transfer:%.*s", TEXT(points->id)),
        .bucket = text_format(context->arena, "%04d-%02d", today.year, today.month),
        .by = context->request->points,
    };
    if (!state_counter(context->state, context->member_id, count->name, count->bucket, &counter,
                       error))
        return false;
    *given = counter->row.value;
    return true;
}

static bool may_be_given(const struct points *points, struct error *error)
{
    if (points->transfer.allowed)
        return true;
    fail_field(error, ERROR_NOT_ALLOWED, "points_of", _("\"%.*s\" cannot be given away"),
               TEXT(points->id));
    return hint(error, _("points.*.transfer of the programme allows it"));
}

static bool within_limits(struct context *context, const struct points *points, struct count *count,
                          struct error *error)
{
    int64_t amount = context->request->points, sum = 0;
    if (!check_approval(context, APPROVAL_TRANSFER, amount, points->scale, error) ||
        !given_so_far(context, points, count, &sum, error))
        return false;
    if (amount > points->transfer.most)
        return over_limit(points, false, error);
    return (units_add(sum, amount, &sum) && sum <= points->transfer.per_month) ||
           over_limit(points, true, error);
}

/* --- What arrives ---------------------------------------------------------------- */

/* One portion for each date of the lots that were taken, which come in burn order. */
static bool split_by_date(struct context *context, const struct points *points,
                          const struct movements *taken, struct portions *portions,
                          struct error *error)
{
    portions->list = arena_allocate(context->arena, (taken->count + 1) * sizeof *portions->list);
    if (points->transfer.expires == TRANSFER_ANEW) {
        portions->list[portions->count++] = (struct portion){context->request->points, 0};
        return true;
    }
    for (size_t i = 0; i < taken->count; i++) {
        struct lot *lot = NULL;
        if (!state_lot(context->state, taken->list[i].lot, &lot, error))
            return false;
        struct portion *last = &portions->list[portions->count];
        if (portions->count > 0 && last[-1].expires == lot->row.expires)
            last[-1].amount += taken->list[i].amount;
        else
            portions->list[portions->count++] =
                (struct portion){taken->list[i].amount, lot->row.expires};
    }
    return true;
}

/* The receiver's record, or as many as the dates need: further parts of the operation. */
static bool receive(struct context *receiver, const struct points *points, uint64_t sender,
                    const struct portions *portions, struct error *error)
{
    for (size_t done = 0; done < portions->count;) {
        struct movements movements = {0};
        struct head *head = record_new(receiver, RECORD_TRANSFER);
        head->part = (int64_t)receiver->outcome->head_count;
        head->with = sender;
        for (size_t i = 0; i < DATES_AT_ONCE && done < portions->count; i++, done++) {
            const struct incoming incoming = {.points = points,
                                              .from = ACCOUNT_MOVED,
                                              .amount = portions->list[done].amount,
                                              .at = receiver->time,
                                              .expires = portions->list[done].expires,
                                              .origin = "transfer"};
            if (!points_in(receiver, head, &movements, &incoming, error))
                return false;
        }
        if (!record_write_movements(receiver, head, &movements, (struct text){0}, error))
            return false;
    }
    return true;
}

bool transfer(struct context *context, struct error *error)
{
    const struct points *points = NULL;
    struct movements movements = {0};
    struct portions portions = {0};
    struct context receiver;
    struct count *count = arena_allocate(context->arena, sizeof *count);
    bool duplicate = false;
    if (!require(context, FIELD_TO, error) || !begin_points(context, &duplicate, error))
        return false;
    if (duplicate)
        return true;
    int64_t amount = context->request->points;
    if (!find_receiver(context, &receiver, error) || !points_currency(context, &points, error) ||
        !points_above_zero(context, error) || !may_be_given(points, error) ||
        !check_proof(context, points, error) || !within_limits(context, points, count, error) ||
        !points_spend(context, &movements, points, ACCOUNT_MOVED, amount, error) ||
        !split_by_date(context, points, &movements, &portions, error) ||
        !points_room(state_pocket(context->state, receiver.wallet, points->id), amount, error))
        return false;
    /* From here on nothing is refused. */
    struct head *head = record_new(context, RECORD_TRANSFER);
    set_keys(context, head);
    head->with = receiver.member_id;
    head->counts = count;
    head->count_count = 1;
    note_activity(context, head, points, context->time);
    return record_write_movements(context, head, &movements,
                                  body_of(context, false, (struct text){0}), error) &&
           receive(&receiver, points, context->member_id, &portions, error);
}
