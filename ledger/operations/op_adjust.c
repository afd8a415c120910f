/* Giving and taking by hand, and how much of it one operator may do. */
#include "tiering.h"

/* A limit is in whole points, an amount in the smallest unit. */
static bool is_beyond(wide amount, int64_t limit, unsigned scale)
{
    wide units = limit;
    for (unsigned i = 0; i < scale; i++)
        units *= 10;
    return limit != LIMIT_UNITS && amount > units;
}

static bool over_limit(const struct points *points, int64_t limit, bool day, struct error *error)
{
    return fail_field(error, ERROR_OVER_LIMIT, "points",
                      day ? _("this operator may adjust by %lld %.*s a day")
                          : _("this operator may adjust by %lld %.*s at once"),
                      (long long)limit, TEXT(points->id));
}

/* Heads are pseudonymous: the operator stands there as a keyed hash. */
static struct text counter_name(struct context *context, const struct points *points)
{
    unsigned char hash[KEY_HASH_BYTES];
    struct buffer name = {0};
    keyed_hash_of(&context->ledger->keyed, "operator", context->request->operator_id, hash);
    buffer_string(&name, "adjust:");
    buffer_hex(&name, hash, KEY_HASH_BYTES);
    buffer_byte(&name, ':');
    buffer_text(&name, points->id);
    struct text text = text_copy(context->arena, buffer_view(&name));
    buffer_free(&name);
    return text;
}

static struct text today(struct context *context)
{
    struct buffer day = {0};
    date_format(&day, zone_date(context->version->programme->zone, context->time));
    struct text text = text_copy(context->arena, buffer_view(&day));
    buffer_free(&day);
    return text;
}

/* over_limit; what is counted by day goes into the head. */
static bool check_operator(struct context *context, struct head *head, const struct points *points,
                           struct error *error)
{
    const struct request *request = context->request;
    const struct adjust_limit *limit =
        programme_adjust_limit(context->version->programme, request->operator_id);
    int64_t amount = request->points < 0 ? -request->points : request->points;
    struct counter *counter = NULL;
    if (limit == NULL)
        return true;
    if (is_beyond(amount, limit->most, points->scale))
        return over_limit(points, limit->most, false, error);
    if (limit->per_day == LIMIT_UNITS)
        return true;
    struct count *count = arena_allocate(context->arena, sizeof *count);
    *count =
        (struct count){COUNTS_PROGRAMME, counter_name(context, points), today(context), amount};
    if (!state_counter(context->state, 0, count->name, count->bucket, &counter, error))
        return false;
    if (is_beyond((wide)counter->row.value + amount, limit->per_day, points->scale))
        return over_limit(points, limit->per_day, true, error);
    head->counts = count;
    head->count_count = 1;
    return true;
}

static bool check_amount(const struct context *context, struct error *error)
{
    const struct request *request = context->request;
    if (request->points == 0)
        return fail_field(error, ERROR_INVALID_FIELD, "points", _("\"points\" must not be 0"));
    return request->points > 0 || !request_has(request, FIELD_ORIGIN) ||
           fail_field(error, ERROR_INVALID_FIELD, "origin",
                      _("points that are taken have no \"origin\""));
}

bool adjust(struct context *context, struct error *error)
{
    const struct points *points = NULL;
    struct movements movements = {0};
    bool duplicate = false;
    if (!require(context, FIELD_REASON, error) || !begin_points(context, &duplicate, error))
        return false;
    if (duplicate)
        return true;
    int64_t amount = context->request->points;
    if (!points_currency(context, &points, error) || !check_amount(context, error) ||
        !check_approval(context, APPROVAL_ADJUST, amount < 0 ? -amount : amount, points->scale,
                        error))
        return false;
    struct head *head = record_new(context, RECORD_ADJUST);
    const struct incoming incoming = {.points = points,
                                      .from = ACCOUNT_ADJUSTED,
                                      .amount = amount,
                                      .at = context->time,
                                      .origin = origin_word(context->request->origin)};
    if ((amount < 0 &&
         !points_spend(context, &movements, points, ACCOUNT_ADJUSTED, -amount, error)) ||
        !check_operator(context, head, points, error) ||
        (amount > 0 && !points_in(context, head, &movements, &incoming, error)))
        return false;
    if (!points->spendable)
        head_count_one(context, head, context->version->programme, MEASURE_EARNED, points->id,
                       amount, context->time);
    if (!judge(context, head, &movements, error))
        return false;
    /* From here on nothing is refused. */
    set_keys(context, head);
    return record_write_movements(context, head, &movements,
                                  body_of(context, false, (struct text){0}), error);
}
