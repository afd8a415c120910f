/* A legal hold: what is held on a member is kept, whoever asks for its erasure and
 * whatever the programme says about its age. */
#include "context.h"

static bool begin(struct context *context, bool *duplicate, struct error *error)
{
    static const enum field needed[] = {FIELD_REF, FIELD_MEMBER, FIELD_REASON};
    bool enrol = false;
    for (size_t i = 0; i < sizeof needed / sizeof *needed; i++) {
        if (!require(context, needed[i], error))
            return false;
    }
    const struct request *request = context->request;
    if (request_has(request, FIELD_UNTIL) == request_has(request, FIELD_RELEASE)) {
        fail_field(error, ERROR_MISSING_FIELD, "until",
                   _("member.hold needs either \"until\" or \"release\""));
        return hint(error, _("\"until\" is the last day on which nothing may be erased"));
    }
    if (!resolve_version(context, error) ||
        !resolve_member(context, request->member, &enrol, error))
        return false;
    context->has_key = true;
    hash_ref(context, request->ref, context->key);
    return check_keys(context, duplicate, error);
}

/* The first moment behind the day; 0 where the hold ends now. */
static moment end_of(const struct context *context)
{
    struct date last;
    if (context->request->release || !date_parse(context->request->until, &last))
        return 0; /* the reader of requests let only dates pass */
    return zone_day_start(context->version->programme->zone,
                          date_from_days(date_to_days(last) + 1));
}

bool member_hold(struct context *context, struct error *error)
{
    bool duplicate = false;
    if (!begin(context, &duplicate, error))
        return false;
    if (duplicate)
        return true;
    moment until = end_of(context);
    if (!load_member(context, error) || !advance(context, error))
        return false;
    if (until != 0 && until <= context->time)
        return fail_field(error, ERROR_TOO_LATE, "until", _("the day \"%.*s\" is over"),
                          TEXT(context->request->until));
    /* From here on nothing is refused. */
    struct head *head = record_new(context, RECORD_MEMBER_HOLD);
    set_keys(context, head);
    head->until = until;
    return record_write(context, head, body_of(context, false, (struct text){0}), error);
}
