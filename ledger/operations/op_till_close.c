/* Closing a till: what it says that it sold on a business day, kept beside what the
 * ledger has. Nothing moves and nobody's points change; a report compares the two, and
 * the newest word of a till counts. */
#include "context.h"

/* Without a ref the till's day is the key: saying it again is a retry, and another
 * figure needs a ref of its own. */
static struct text own_ref(struct context *context)
{
    const struct request *request = context->request;
    return request_has(request, FIELD_REF)
               ? request->ref
               : text_format(context->arena, "till.close/%.*s/%.*s/%.*s", TEXT(request->store),
                             TEXT(request->till), TEXT(request->date));
}

static bool has_begun(const struct context *context, struct error *error)
{
    struct date day;
    struct date today = programme_business_day(context->version->programme, context->time);
    if (!date_parse(context->request->date, &day) || date_to_days(day) <= date_to_days(today))
        return true; /* the reader of requests let only dates pass */
    fail_field(error, ERROR_IN_FUTURE, "date", _("the business day %.*s has not begun yet"),
               TEXT(context->request->date));
    return hint(error, _("it is %04d-%02d-%02d; is the till's clock right?"), today.year,
                today.month, today.day);
}

bool till_close(struct context *context, struct error *error)
{
    static const enum field needed[] = {FIELD_STORE, FIELD_TILL, FIELD_DATE, FIELD_SALES,
                                        FIELD_SUM};
    bool duplicate = false;
    for (size_t i = 0; i < sizeof needed / sizeof *needed; i++) {
        if (!require(context, needed[i], error))
            return false;
    }
    if (!resolve_version(context, error) ||
        !check_ref(context, own_ref(context), &duplicate, error))
        return false;
    if (duplicate)
        return true;
    if (!has_begun(context, error))
        return false;
    /* From here on nothing is refused. */
    struct head *head = record_new(context, RECORD_TILL_CLOSE);
    set_keys(context, head);
    return record_write(context, head, body_of(context, false, (struct text){0}), error);
}
