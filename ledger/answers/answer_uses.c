/* Answers of what members do besides buying, and of what their level lets them use. */
#include "answer_private.h"

void answer_action(struct answering *in)
{
    cJSON_AddBoolToObject(in->answer, "enrolled", in->outcome->enrolled != 0);
    answer_add(in, "action", json_text(in->input.action));
    answer_add(in, "at", json_moment(in->at));
    answer_tier(in);
}

/* The first moment behind the day that was said; 0 none was. */
static moment end_of(const struct answering *in)
{
    struct date last;
    if (!request_has(&in->input, FIELD_UNTIL) || !date_parse(in->input.until, &last))
        return 0;
    return zone_day_start(in->version->programme->zone, date_from_days(date_to_days(last) + 1));
}

void answer_tier_set(struct answering *in)
{
    answer_add(in, "level", json_text(in->input.level));
    moment until = end_of(in);
    json_add_moment(in->answer, in->version, "until", until);
    answer_add(in, "last_day", json_last_day(in->version, until == 0 ? MOMENT_NEVER : until));
    if (in->input.release)
        cJSON_AddBoolToObject(in->answer, "released", true);
    answer_tier(in);
}

static cJSON *json_left(int64_t left)
{
    return left == LIMIT_UNITS ? cJSON_CreateNull() : json_number(left);
}

void answer_benefit(struct answering *in)
{
    const struct outcome *outcome = in->outcome;
    if (outcome->benefit.length == 0)
        return;
    answer_add(in, "benefit", json_text(outcome->benefit));
    answer_add(in, "left", json_left(outcome->left));
    answer_add(in, "seats", json_left(outcome->seats));
}
