/* What members are told of their level: where they stand, until when, and what is missing.
 *
 * It is looked at within the operation, while the state is as the operation leaves it, and
 * told behind the commit. What changed is not compared but read: the record that moves a level
 * counts from where to where, so a retry, days later, says the same. */
#include <stdio.h>

#include "answer_private.h"
#include "benefit.h"
#include "json.h"
#include "tiering.h"

/* Where the member stands at a moment. */
struct tier_told {
    struct version version; /* in force then; a copy, since the list of versions may grow before
                             * the answer is made */
    struct tier_state state;
    struct tier_view view;
    bool reached[LIMIT_LEVELS]; /* of `show`: whether what counts reaches the level */
};

/* --- Looking ----------------------------------------------------------------------------- */

/* Only a show tells of every level. */
static bool look_at_levels(const struct judging *in, moment now, struct tier_told *told,
                           struct error *error)
{
    const struct tiers *tiers = in->version->programme->tiers;
    told->reached[0] = true;
    for (unsigned l = 1; l < tiers->level_count; l++) {
        if (!tier_reaches(&in->member, &in->state, l, now, &told->reached[l], error))
            return false;
    }
    return true;
}

/* Does the answer tell of it? Not where nobody reads one: of a history, and in an audit. */
static bool is_told(const struct context *context)
{
    static const bool kinds[RECORD_KIND_COUNT] = {[RECORD_PURCHASE] = true,
                                                  [RECORD_RETURN] = true,
                                                  [RECORD_CLAIM] = true,
                                                  [RECORD_ACTION] = true,
                                                  [RECORD_TIER_SET] = true};
    const struct outcome *outcome = context->outcome;
    if (context->history || context->ledger->replay != NULL || context->member == NULL)
        return false;
    return context->request->op == OPERATION_SHOW ||
           (outcome->head_count > 0 && kinds[outcome->heads[0]->kind]);
}

bool outcome_note_tier(struct context *context, struct error *error)
{
    struct judging in;
    context->outcome->tier = NULL;
    if (!is_told(context))
        return true;
    if (!judging_begin(&in, context, NULL, context->time, error))
        return false;
    if (in.version == NULL)
        return true;
    struct tier_told *told = arena_allocate(context->arena, sizeof *told);
    *told = (struct tier_told){.version = *in.version, .state = in.state};
    context->outcome->tier = told;
    return tier_look(&in.member, &in.state, context->time, &told->view, error) &&
           (context->request->op != OPERATION_SHOW ||
            look_at_levels(&in, context->time, told, error));
}

/* --- Measures ---------------------------------------------------------------------------- */

static cJSON *json_measured(const struct programme *programme, unsigned m, int64_t units)
{
    const struct measure *measure = &programme->tiers->measures[m];
    switch (measure->kind) {
    case MEASURE_EARNED:
        return json_points(units, programme->points[measure->currency].scale);
    case MEASURE_SPEND:
        return json_money(units, programme);
    case MEASURE_VISITS:
    case MEASURE_DAYS:
    case MEASURE_ACTION:
        break;
    }
    return json_number(units);
}

static void add_measured(cJSON *object, const struct programme *programme, unsigned m,
                         int64_t units)
{
    add_text_key(object, programme->tiers->measures[m].id, json_measured(programme, m, units));
}

static cJSON *json_values(const struct tier_told *told)
{
    const struct programme *programme = told->version.programme;
    cJSON *values = cJSON_CreateObject();
    for (unsigned m = 0; m < programme->tiers->measure_count; m++)
        add_measured(values, programme, m, told->view.values[m]);
    return values;
}

/* Empty where it is reached, null where no measure leads there. */
static cJSON *json_missing(const struct tier_told *told, const struct tier_missing *missing)
{
    const struct programme *programme = told->version.programme;
    if (!missing->possible)
        return cJSON_CreateNull();
    cJSON *object = cJSON_CreateObject();
    for (unsigned m = 0; m < programme->tiers->measure_count; m++) {
        if (missing->units[m] > 0)
            add_measured(object, programme, m, missing->units[m]);
    }
    return object;
}

static cJSON *json_day(int64_t day)
{
    struct buffer text = {0};
    if (day == INT64_MAX)
        return cJSON_CreateNull();
    date_format(&text, date_from_days(day));
    cJSON *item = json_text(buffer_view(&text));
    buffer_free(&text);
    return item;
}

/* --- The level --------------------------------------------------------------------------- */

/* "level" and "name", in the language in use. */
static void add_level(cJSON *object, const struct tier_level *level)
{
    cJSON_AddItemToObject(object, "level", json_text(level->id));
    cJSON_AddItemToObject(object, "name",
                          json_text(localized_text(&level->name, language_tag(), level->id)));
}

static cJSON *json_next(const struct tier_told *told)
{
    if (told->view.next < 0)
        return cJSON_CreateNull();
    cJSON *next = cJSON_CreateObject();
    add_level(next, &told->version.programme->tiers->levels[told->view.next]);
    cJSON_AddItemToObject(next, "missing", json_missing(told, &told->view.to_next));
    cJSON_AddItemToObject(next, "by", json_day(told->view.next_by));
    return next;
}

static cJSON *json_keep(const struct tier_told *told)
{
    if (!told->view.can_lose)
        return cJSON_CreateNull();
    cJSON *keep = cJSON_CreateObject();
    cJSON_AddItemToObject(keep, "missing", json_missing(told, &told->view.to_keep));
    cJSON_AddItemToObject(keep, "by", json_day(told->view.keep_by));
    return keep;
}

bool tier_move_parse(struct text counter, struct text *from, struct text *to)
{
    static const char prefix[] = "tier:";
    size_t length = sizeof prefix - 1;
    if (counter.length <= length || memcmp(counter.bytes, prefix, length) != 0)
        return false;
    const char *levels = counter.bytes + length;
    const char *between = memchr(levels, '>', counter.length - length);
    if (between == NULL)
        return false;
    *from = (struct text){levels, (size_t)(between - levels)};
    *to = (struct text){between + 1, (size_t)(counter.bytes + counter.length - between - 1)};
    return true;
}

static bool moves_level(const struct head *head, struct text *from, struct text *to)
{
    for (size_t i = 0; i < head->count_count; i++) {
        if (head->counts[i].owner == COUNTS_PROGRAMME &&
            tier_move_parse(head->counts[i].name, from, to))
            return true;
    }
    return false;
}

/* The level before, by the operation's own records; empty where it did not change. */
static struct text moved_from(const struct outcome *outcome)
{
    struct text from, to;
    for (size_t h = 0; h < outcome->head_count; h++) {
        if (moves_level(outcome->heads[h], &from, &to))
            return from;
    }
    return (struct text){0};
}

/* In the language in use; a level that this version does not have is called by its id. */
static struct text level_name(const struct programme *programme, struct text id)
{
    int level = programme->tiers == NULL ? -1 : programme_level_index(programme, id);
    return level < 0 ? id
                     : localized_text(&programme->tiers->levels[level].name, language_tag(), id);
}

cJSON *json_moved(const struct ledger *ledger, const struct head *head)
{
    const struct programme *programme = version_latest(ledger)->programme;
    struct text from, to;
    if (!moves_level(head, &from, &to))
        return NULL;
    cJSON *tier = cJSON_CreateObject();
    cJSON_AddItemToObject(tier, "level", json_text(to));
    cJSON_AddItemToObject(tier, "name", json_text(level_name(programme, to)));
    cJSON_AddItemToObject(tier, "from", json_text(from));
    cJSON_AddItemToObject(tier, "from_name", json_text(level_name(programme, from)));
    if (head->tier.level.length > 0)
        cJSON_AddStringToObject(tier, "cause", tier_cause_name(head->tier.cause));
    return tier;
}

cJSON *json_tier(const struct outcome *outcome)
{
    const struct tier_told *told = outcome->tier;
    if (told == NULL)
        return cJSON_CreateNull();
    const struct version *version = &told->version;
    const struct tier_level *level = &version->programme->tiers->levels[told->state.level];
    struct text from = moved_from(outcome);
    /* Not where a return that had waited for the purchase put it back in the same operation. */
    bool changed = from.length > 0 && (outcome->duplicate || !text_equal(from, level->id));
    cJSON *tier = cJSON_CreateObject();
    add_level(tier, level);
    cJSON_AddBoolToObject(tier, "changed", changed);
    if (changed) {
        cJSON_AddItemToObject(tier, "from", json_text(from));
        cJSON_AddItemToObject(tier, "from_name", json_text(level_name(version->programme, from)));
    }
    json_add_moment(tier, version, "since", told->state.since);
    cJSON_AddItemToObject(tier, "until", json_moment(told->view.until));
    cJSON_AddItemToObject(tier, "until_local", json_local(version, told->view.until));
    cJSON_AddItemToObject(tier, "last_day", json_last_day(version, told->view.until));
    cJSON_AddBoolToObject(tier, "grace", told->state.graced != 0);
    cJSON_AddItemToObject(tier, "measures", json_values(told));
    cJSON_AddItemToObject(tier, "next", json_next(told));
    cJSON_AddItemToObject(tier, "keep", json_keep(told));
    return tier;
}

/* --- What a change gave, and took -------------------------------------------------------- */

bool gift_is_entry(const struct gift *gift, struct text *level)
{
    static const char prefix[] = "tier:";
    size_t length = sizeof prefix - 1;
    if (gift->rule.length <= length || memcmp(gift->rule.bytes, prefix, length) != 0)
        return false;
    *level = (struct text){gift->rule.bytes + length, gift->rule.length - length};
    return true;
}

/* Entry rewards of one record are all dated from the same moment: those of one currency lapse
 * together. None is left where all went to a debt. */
static moment entry_expires(const struct answering *in, const struct head *head,
                            struct text currency)
{
    for (size_t l = 0; l < head->lot_count; l++) {
        const struct lot_birth *lot = &head->lots[l];
        if (text_equal(lot->currency, currency) && text_equal(lot->origin, text_of("marketing")))
            return lot_gone(answer_idle(in, 0, currency), lot->available_from, lot->expires);
    }
    return MOMENT_NEVER;
}

static void add_granted(struct answering *in)
{
    const struct programme *programme = version_latest(in->ledger)->programme;
    cJSON *granted = cJSON_CreateArray();
    for (size_t h = 0; h < in->outcome->head_count; h++) {
        const struct head *head = in->outcome->heads[h];
        for (size_t i = 0; i < head->gift_count; i++) {
            const struct gift *gift = &head->gifts[i];
            struct text level;
            if (!gift_is_entry(gift, &level))
                continue;
            cJSON *item = cJSON_CreateObject();
            cJSON_AddItemToObject(item, "level", json_text(level));
            cJSON_AddItemToObject(item, "name", json_text(level_name(programme, level)));
            cJSON_AddItemToObject(item, "points", json_text(gift->currency));
            cJSON_AddItemToObject(
                item, "amount",
                json_points(gift->amount, points_scale(in->ledger, gift->currency)));
            answer_add_expiry(in, item, entry_expires(in, head, gift->currency));
            cJSON_AddItemToArray(granted, item);
        }
    }
    answer_add(in, "granted", granted);
}

/* What a fall let lapse; left out where nothing did. */
static void add_forfeited(struct answering *in)
{
    const struct version *latest = version_latest(in->ledger);
    cJSON *forfeited = cJSON_CreateObject();
    for (size_t i = 0; i < latest->programme->points_count; i++) {
        const struct points *points = &latest->programme->points[i];
        int64_t amount = 0;
        for (size_t h = 0; h < in->outcome->head_count; h++)
            amount += head_posted(in->outcome->heads[h], points->id, ACCOUNT_EXPIRED);
        if (amount > 0)
            add_text_key(forfeited, points->id, json_points(amount, points->scale));
    }
    if (forfeited->child != NULL)
        answer_add(in, "forfeited", forfeited);
    else
        cJSON_Delete(forfeited);
}

void answer_tier(struct answering *in)
{
    answer_add(in, "tier", json_tier(in->outcome));
    if (in->head->kind != RECORD_RETURN)
        add_granted(in); /* what comes back gives nothing */
    if (moved_from(in->outcome).length > 0)
        add_forfeited(in);
}

/* --- show -------------------------------------------------------------------------------- */

/* What a level asks for, as the document has it. */
static cJSON *json_from_of(const struct version *version, unsigned level)
{
    char pointer[48];
    struct text from;
    snprintf(pointer, sizeof pointer, "/tiers/levels/%u/from", level);
    if (!json_slice(version->document, pointer, &from))
        return cJSON_CreateNull();
    struct buffer raw = {0};
    buffer_text(&raw, from);
    cJSON *item = cJSON_CreateRaw(buffer_terminate(&raw));
    buffer_free(&raw);
    return item;
}

static cJSON *json_progress(const struct tier_told *told)
{
    cJSON *progress = cJSON_CreateArray();
    for (unsigned l = 0; told != NULL && l < told->version.programme->tiers->level_count; l++) {
        cJSON *item = cJSON_CreateObject();
        add_level(item, &told->version.programme->tiers->levels[l]);
        cJSON_AddItemToObject(item, "from", json_from_of(&told->version, l));
        cJSON_AddBoolToObject(item, "reached", told->reached[l]);
        cJSON_AddItemToArray(progress, item);
    }
    return progress;
}

/* May the member use it on that day, be it that nothing is left of it? */
static bool is_open(const struct benefit *benefit, int level, int64_t day)
{
    int64_t times = benefit->times[level < 0 ? 0 : level];
    return level >= benefit->least_level && (benefit->every == EVERY_NEVER || times > 0) &&
           (benefit->from.year == 0 || date_to_days(benefit->from) <= day) &&
           (benefit->through.year == 0 || day <= date_to_days(benefit->through));
}

static const char *every_word(enum quota_every every)
{
    static const char *const words[] = {
        [EVERY_NEVER] = "",      [EVERY_DAY] = "day",         [EVERY_WEEK] = "week",
        [EVERY_MONTH] = "month", [EVERY_QUARTER] = "quarter", [EVERY_YEAR] = "year"};
    return words[every];
}

static cJSON *json_limit(int64_t left)
{
    return left == LIMIT_UNITS ? cJSON_CreateNull() : json_number(left);
}

static cJSON *json_benefit(const struct benefit *benefit, int64_t left, int64_t seats)
{
    struct text text = localized_text(&benefit->explanation, language_tag(), (struct text){0});
    cJSON *item = cJSON_CreateObject();
    cJSON_AddItemToObject(item, "benefit", json_text(benefit->id));
    cJSON_AddItemToObject(item, "name",
                          json_text(localized_text(&benefit->name, language_tag(), benefit->id)));
    cJSON_AddItemToObject(item, "text", text.length > 0 ? json_text(text) : cJSON_CreateNull());
    cJSON_AddItemToObject(item, "left", json_limit(left));
    cJSON_AddItemToObject(item, "every",
                          benefit->every == EVERY_NEVER
                              ? cJSON_CreateNull()
                              : json_text(text_of(every_word(benefit->every))));
    cJSON_AddItemToObject(item, "seats", json_limit(seats));
    return item;
}

static bool add_benefits(struct context *context, cJSON *answer, struct error *error)
{
    const struct tier_told *told = context->outcome->tier;
    const struct version *version = version_at(context->ledger, context->time);
    cJSON *list = cJSON_AddArrayToObject(answer, "benefits");
    int level = told == NULL ? -1 : (int)told->state.level;
    if (version == NULL)
        return true;
    int64_t day = date_to_days(zone_date(version->programme->zone, context->time));
    for (size_t i = 0; i < version->programme->benefit_count; i++) {
        const struct benefit *benefit = &version->programme->benefits[i];
        int64_t left = 0, seats = 0;
        if (!is_open(benefit, level, day))
            continue;
        if (!benefit_left(context, benefit, level, context->time, &left, &seats, error))
            return false;
        if (context->state != &context->ledger->state)
            seats = LIMIT_UNITS; /* what others had taken by then is not looked up */
        cJSON_AddItemToArray(list, json_benefit(benefit, left, seats));
    }
    return true;
}

bool answer_show_tier(struct context *context, cJSON *answer, struct error *error)
{
    if (!outcome_note_tier(context, error))
        return false;
    cJSON_AddItemToObject(answer, "tier", json_tier(context->outcome));
    cJSON_AddItemToObject(answer, "progress", json_progress(context->outcome->tier));
    return add_benefits(context, answer, error);
}
