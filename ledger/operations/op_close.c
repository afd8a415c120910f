/* Closing the books: all months up to one are reported as they are. What comes later
 * with a date in them is reported in the first open month, or refused. */
#include <stdio.h>

#include "context.h"

static bool read_period(struct text period, struct date *first, struct error *error)
{
    char day[16];
    int length = snprintf(day, sizeof day, "%.*s-01", TEXT(period));
    if (period.length == 7 && length == 10 && date_parse(text_of(day), first))
        return true;
    return fail_field(error, ERROR_INVALID_TIME, "period",
                      _("\"%.*s\" is not a month: write it like 2026-03"), TEXT(period));
}

/* The first moment behind the month, by the clocks of the programme's zone. */
static bool end_of(struct context *context, struct date first, moment *end, struct error *error)
{
    const struct zone *zone = context->version->programme->zone;
    struct date last = date_boundary(first, END_OF_MONTH);
    struct date today = zone_date(zone, context->time);
    if (today.year * 12 + today.month <= first.year * 12 + first.month) {
        fail_field(error, ERROR_PERIOD_OPEN, "period", _("the month \"%.*s\" is not over yet"),
                   TEXT(context->request->period));
        return hint(error, _("a month can be closed from its last midnight on"));
    }
    *end = zone_day_start(zone, date_from_days(date_to_days(last) + 1));
    return true;
}

/* Without a ref the month itself is the key: closing it again is a retry. */
static struct text own_ref(struct context *context)
{
    const struct request *request = context->request;
    return request_has(request, FIELD_REF)
               ? request->ref
               : text_format(context->arena, "close/%.*s", TEXT(request->period));
}

bool close_period(struct context *context, struct error *error)
{
    struct date first;
    moment end = 0;
    bool duplicate = false;
    if (!require(context, FIELD_PERIOD, error) ||
        !read_period(context->request->period, &first, error) || !resolve_version(context, error) ||
        !check_ref(context, own_ref(context), &duplicate, error))
        return false;
    if (duplicate)
        return true;
    if (!end_of(context, first, &end, error))
        return false;
    if (end <= context->state->tip.closed)
        return fail_field(error, ERROR_PERIOD_CLOSED, "period",
                          _("the month \"%.*s\" is closed already"),
                          TEXT(context->request->period));
    /* From here on nothing is refused. */
    struct head *head = record_new(context, RECORD_CLOSE);
    head->closed = end;
    set_keys(context, head);
    return record_write(context, head, body_of(context, false, (struct text){0}), error);
}
