/* An action: something that a member did besides buying, and that the retailer wants to
 * count: a cup brought along, a course attended, a membership paid for. It counts on its
 * day like a purchase, and levels may name it as a way in. */
#include "tiering.h"

/* --- The ladder --------------------------------------------------------------------- */

static bool begin(struct context *context, bool *duplicate, bool *enrol, struct error *error)
{
    const struct request *request = context->request;
    return require(context, FIELD_REF, error) && require(context, FIELD_MEMBER, error) &&
           require(context, FIELD_ACTION, error) && resolve_version(context, error) &&
           resolve_member(context, request->member, enrol, error) &&
           check_ref(context, request->ref, duplicate, error);
}

static bool find_action(struct context *context, struct error *error)
{
    const struct programme *programme = context->version->programme;
    struct text wanted = context->request->action, names[LIMIT_ACTIONS];
    if (programme_action(programme, wanted) != NULL)
        return true;
    fail_field(error, ERROR_UNKNOWN_ACTION, "action", _("the programme has no action \"%.*s\""),
               TEXT(wanted));
    for (size_t i = 0; i < programme->action_count; i++)
        names[i] = programme->actions[i].id;
    return hint_nearest(context, wanted, names, programme->action_count, error);
}

/* --- Levels that it leads to ---------------------------------------------------------- */

static const struct level_way *way_by(const struct tier_level *level, struct text action)
{
    for (size_t i = 0; i < level->way_count; i++) {
        if (text_equal(level->ways[i].action, action))
            return &level->ways[i];
    }
    return NULL;
}

/* From today on, or from the day through which the level is held already. */
static moment held_until(const struct judging *in, moment held, struct span valid)
{
    const struct zone *zone = in->version->programme->zone;
    struct date day = zone_date(zone, held > in->now ? held - 1 : in->now);
    return zone_day_start(zone, date_from_days(date_to_days(date_add(day, valid)) + 1));
}

/* Held, or reached; *led: it does anything. */
static bool lead_to(struct judging *in, unsigned level, const struct level_way *way, int64_t seq,
                    bool *led, struct error *error)
{
    enum tier_change change = TIER_SAME;
    if (way->ends) {
        tier_hold(&in->member, &in->state, level,
                  held_until(in, in->state.holds[level], way->valid), in->now);
        *led = true;
        return true;
    }
    if (level <= in->state.climbs[in->state.climb_count - 1].level)
        return true;
    *led = true;
    return tier_reach(&in->member, &in->state, level, in->now, seq, &change, error);
}

/* By the programme of now, lowest level first; then what has counted is judged. */
static bool judge_ways(struct context *context, struct head *head, struct movements *movements,
                       struct error *error)
{
    struct judging in;
    bool led = false;
    if (!judging_begin(&in, context, head, context->time, error))
        return false;
    const struct tiers *tiers = in.version == NULL ? NULL : in.version->programme->tiers;
    for (unsigned l = 1; tiers != NULL && l < tiers->level_count; l++) {
        const struct level_way *way = way_by(&tiers->levels[l], context->request->action);
        if (way != NULL && !lead_to(&in, l, way, context->state->tip.size, &led, error))
            return false;
    }
    return judging_rest(&in, movements, led ? CAUSE_SET : CAUSE_COUNTED, error);
}

/* --- Taking it back --------------------------------------------------------------------- */

static bool state_in(struct judging *in, const struct tier_value *value, struct tier_state *state,
                     struct error *error)
{
    const struct context *context = in->context;
    struct buffer written = {0};
    if (value->level.length > 0)
        tier_value_encode(value, &written);
    bool good = tier_read(context->ledger, in->version->programme, buffer_view(&written),
                          in->member.joined, context->arena, state, error);
    buffer_free(&written);
    return good;
}

/* The member's records that say something of the level, oldest first: from the last one on after
 * which nothing was held, or an operator had decided. *decided: they did since the action, and that
 * stands. */
static bool said_of_holds(struct judging *in, const struct head *action, const struct head ***said,
                          size_t *count, bool *decided, struct error *error)
{
    struct context *context = in->context;
    struct record record;
    bool more = true;
    *count = 0;
    *decided = false;
    for (int64_t seq = context->member->row.last; more && seq >= 0; seq = record.head->previous) {
        if (!state_read_record(context->state, context->arena, seq, &record, error))
            return false;
        const struct head *head = record.head;
        if (head->tier.level.length == 0)
            continue;
        note_head(context, head, said, count);
        more = head->kind != RECORD_TIER_SET && (head->tier.hold_count > 0 || seq >= action->seq);
        *decided = *decided || (head->kind == RECORD_TIER_SET && seq > action->seq);
    }
    for (size_t i = 0; i < *count / 2; i++) {
        const struct head *other = (*said)[i];
        (*said)[i] = (*said)[*count - 1 - i];
        (*said)[*count - 1 - i] = other;
    }
    return true;
}

/* The last day of a hold, from which more days are added; without one the day itself. */
static int64_t held_through(const struct judging *in, moment held, moment at)
{
    return date_to_days(zone_date(in->version->programme->zone, held > at ? held - 1 : at));
}

/* How long each level would be held if the action had not been: the others add again what they
 * added, but for those that were voided. */
static bool hold_again(struct judging *in, const struct head *action, const struct head *said[],
                       size_t count, moment holds[LIMIT_LEVELS], struct error *error)
{
    const struct zone *zone = in->version->programme->zone;
    struct tier_state before = {0}, after;
    for (size_t i = 0; i < count; i++, before = after) {
        const struct head *head = said[i];
        struct cancelled *cancelled = NULL;
        if (!state_in(in, &head->tier, &after, error) ||
            !state_cancelled(in->context->state, head->seq, &cancelled, error))
            return false;
        if (i == 0 && head->kind != RECORD_ACTION)
            memcpy(holds, after.holds, sizeof after.holds);
        bool counts =
            head->kind == RECORD_ACTION && head->seq != action->seq && cancelled->row.by < 0;
        for (unsigned l = 0; counts && l < LIMIT_LEVELS; l++) {
            if (after.holds[l] == before.holds[l])
                continue;
            int64_t added = held_through(in, after.holds[l], head->time) -
                            held_through(in, before.holds[l], head->time);
            int64_t last = held_through(in, holds[l], head->time) + added;
            holds[l] = zone_day_start(zone, date_from_days(last + 1));
        }
    }
    return true;
}

bool take_ways_back(struct judging *in, const struct head *action, bool *back, struct error *error)
{
    moment holds[LIMIT_LEVELS] = {0};
    const struct head **said = NULL;
    size_t count = 0;
    bool decided = false;
    *back = false;
    if (in->version == NULL || action->tier.level.length == 0)
        return true;
    if (!said_of_holds(in, action, &said, &count, &decided, error) ||
        !hold_again(in, action, said, count, holds, error))
        return false;
    for (unsigned l = 0; !decided && l < in->version->programme->tiers->level_count; l++) {
        moment until = holds[l] > in->now ? holds[l] : 0;
        if (in->state.holds[l] == until || in->state.holds[l] == 0)
            continue;
        tier_hold(&in->member, &in->state, l, until, in->now);
        *back = true;
    }
    return true;
}

/* --- The whole ------------------------------------------------------------------------------ */

bool action(struct context *context, struct error *error)
{
    struct movements movements = {0};
    bool duplicate = false, enrol = false;
    if (!begin(context, &duplicate, &enrol, error))
        return false;
    if (duplicate)
        return true;
    if (!check_at(context, error) || (enrol && !enrol_new(context, error)) ||
        !load_member(context, error) || !find_action(context, error) || !advance(context, error))
        return false;
    struct head *head = record_new(context, RECORD_ACTION);
    head->at = context->at;
    set_keys(context, head);
    head_count_one(context, head, context->version->programme, MEASURE_ACTION,
                   context->request->action, 1, context->at);
    if (!judge_ways(context, head, &movements, error))
        return false;
    /* From here on nothing is refused. */
    return record_write_movements(context, head, &movements,
                                  body_of(context, true, (struct text){0}), error);
}
