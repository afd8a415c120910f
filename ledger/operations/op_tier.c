/* A level by decision: an operator lets a member hold one through a day, reach one for as
 * long as reviews let them, or ends what they hold. */
#include "tiering.h"

/* --- The ladder up to the key ---------------------------------------------------------- */

static bool begin(struct context *context, bool *duplicate, struct error *error)
{
    static const enum field needed[] = {FIELD_REF, FIELD_MEMBER, FIELD_LEVEL, FIELD_OPERATOR,
                                        FIELD_REASON};
    const struct request *request = context->request;
    bool enrol = false;
    for (size_t i = 0; i < sizeof needed / sizeof *needed; i++) {
        if (!require(context, needed[i], error))
            return false;
    }
    if (request_has(request, FIELD_UNTIL) && request_has(request, FIELD_RELEASE))
        return fail_field(error, ERROR_INVALID_FIELD, "release",
                          _("tier.set takes \"until\" or \"release\", not both"));
    return resolve_version(context, error) &&
           resolve_member(context, request->member, &enrol, error) &&
           check_ref(context, request->ref, duplicate, error);
}

/* --- Who, and what ---------------------------------------------------------------------- */

static bool may_set(const struct context *context, struct error *error)
{
    const struct tiers *tiers = context->version->programme->tiers;
    struct text name = context->request->operator_id;
    if (tiers == NULL)
        return fail_field(error, ERROR_NOT_ALLOWED, "level", _("the programme has no tiers"));
    for (size_t i = 0; i < tiers->operator_count; i++) {
        if (text_equal(tiers->operators[i], name))
            return true;
    }
    if (tiers->operator_count == 0)
        return true;
    fail_field(error, ERROR_NOT_ALLOWED, "operator", _("the operator \"%.*s\" may not set levels"),
               TEXT(name));
    return hint(error, _("tiers.operators of the programme says who may"));
}

static bool find_level(struct context *context, unsigned *level, struct error *error)
{
    const struct programme *programme = context->version->programme;
    const struct tiers *tiers = programme->tiers;
    struct text wanted = context->request->level, names[LIMIT_LEVELS];
    int index = programme_level_index(programme, wanted);
    *level = (unsigned)index;
    if (index >= 0)
        return true;
    fail_field(error, ERROR_UNKNOWN_LEVEL, "level", _("the programme has no level \"%.*s\""),
               TEXT(wanted));
    for (size_t i = 0; i < tiers->level_count; i++)
        names[i] = tiers->levels[i].id;
    return hint_nearest(context, wanted, names, tiers->level_count, error);
}

/* The first moment behind the day; 0 where none was sent. */
static moment end_of(const struct context *context)
{
    struct date last;
    if (!request_has(context->request, FIELD_UNTIL) || !date_parse(context->request->until, &last))
        return 0; /* the reader of requests let only dates pass */
    return zone_day_start(context->version->programme->zone,
                          date_from_days(date_to_days(last) + 1));
}

static bool check_end(const struct context *context, moment until, struct error *error)
{
    return until == 0 || until > context->time ||
           fail_field(error, ERROR_TOO_LATE, "until", _("the day \"%.*s\" is over"),
                      TEXT(context->request->until));
}

/* --- The decision -------------------------------------------------------------------------- */

static bool not_above(const struct context *context, unsigned reached, struct error *error)
{
    const struct tier_level *levels = context->version->programme->tiers->levels;
    fail_field(error, ERROR_NOT_ALLOWED, "level",
               _("the member has reached \"%.*s\", and nobody sets a level that is not above it"),
               TEXT(levels[reached].id));
    return hint(error, _("with \"until\" a level is held through a day, whatever was reached"));
}

/* Of a level that is held, or is to be; else it must be above what was reached. */
static bool decide(struct judging *in, unsigned level, moment until, int64_t seq,
                   struct error *error)
{
    const struct context *context = in->context;
    const struct request *request = context->request;
    unsigned reached = in->state.climbs[in->state.climb_count - 1].level;
    enum tier_change change = TIER_SAME;
    if (level == 0)
        return fail_field(error, ERROR_NOT_ALLOWED, "level", _("\"%.*s\" is everybody's level"),
                          TEXT(request->level));
    if (request->release && in->state.holds[level] == 0)
        return fail_field(error, ERROR_NOT_ALLOWED, "level", _("the member does not hold \"%.*s\""),
                          TEXT(request->level));
    if (request->release || until != 0) {
        tier_hold(&in->member, &in->state, level, until, in->now);
        return true;
    }
    return level > reached
               ? tier_reach(&in->member, &in->state, level, in->now, seq, &change, error)
               : not_above(context, reached, error);
}

bool tier_set(struct context *context, struct error *error)
{
    struct movements movements = {0};
    struct judging in;
    unsigned level = 0;
    bool duplicate = false;
    if (!begin(context, &duplicate, error))
        return false;
    if (duplicate)
        return true;
    if (!load_member(context, error) || !may_set(context, error) ||
        !find_level(context, &level, error))
        return false;
    moment until = end_of(context);
    enum tier_cause cause = context->request->release ? CAUSE_RELEASED : CAUSE_SET;
    if (!check_end(context, until, error) || !advance(context, error))
        return false;
    struct head *head = record_new(context, RECORD_TIER_SET);
    set_keys(context, head);
    if (!judging_begin(&in, context, head, context->time, error) ||
        !decide(&in, level, until, context->state->tip.size, error) ||
        !judging_end(&in, &movements, cause, error))
        return false;
    /* From here on nothing is refused. */
    return record_write_movements(context, head, &movements,
                                  body_of(context, false, (struct text){0}), error);
}
