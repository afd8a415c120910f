/* Using what a level allows: an oat drink a month, a place at a tasting.
 *
 * How often each member used it, and how many places are taken, is counted in the record
 * that uses it. So no two tills take the last one: they write one after the other, and
 * whoever comes second sees the counters of the first. */
#include "benefit.h"

#include "json.h"
#include "tiering.h"

/* --- What is left ------------------------------------------------------------------- */

/* The first day of the calendar unit that a day lies in. */
static struct date unit_begin(enum quota_every every, struct date day)
{
    switch (every) {
    case EVERY_WEEK:
        return date_from_days(date_to_days(day) - date_weekday(day) + 1);
    case EVERY_MONTH:
        return (struct date){day.year, day.month, 1};
    case EVERY_QUARTER:
        return (struct date){day.year, day.month - (day.month - 1) % 3, 1};
    case EVERY_YEAR:
        return (struct date){day.year, 1, 1};
    case EVERY_DAY:
    case EVERY_NEVER:
        break;
    }
    return day;
}

static struct text day_text(struct context *context, struct date day)
{
    struct buffer text = {0};
    date_format(&text, day);
    struct text copy = text_copy(context->arena, buffer_view(&text));
    buffer_free(&text);
    return copy;
}

static struct date today(const struct context *context)
{
    return zone_date(context->version->programme->zone, context->time);
}

/* One use by the loaded member, in the unit that a moment lies in. */
static struct count quota_use(struct context *context, const struct benefit *benefit, moment at)
{
    const struct version *version = version_at(context->ledger, at);
    struct date day = zone_date(version->programme->zone, at);
    return (struct count){
        .owner = COUNTS_MEMBER,
        .name = text_format(context->arena, "benefit:%.*s", TEXT(benefit->id)),
        .bucket = day_text(context, unit_begin(benefit->every, day)),
        .by = 1,
    };
}

/* One place, whoever has it and whenever it was taken. */
static struct count seat_use(struct context *context, const struct benefit *benefit)
{
    return (struct count){
        .owner = COUNTS_PROGRAMME,
        .name = text_format(context->arena, "seats:%.*s", TEXT(benefit->id)),
        .bucket = text_of("ever"),
        .by = 1,
    };
}

/* What a limit leaves; 0 where a version allows less than was used before it. */
static bool left_of(struct context *context, const struct count *use, int64_t limit, int64_t *left,
                    struct error *error)
{
    struct counter *counter = NULL;
    uint64_t owner = use->owner == COUNTS_MEMBER ? context->member_id : 0;
    if (!state_counter(context->state, owner, use->name, use->bucket, &counter, error))
        return false;
    *left = counter->row.value < limit ? limit - counter->row.value : 0;
    return true;
}

static int64_t times_of(const struct benefit *benefit, int level)
{
    return benefit->times[level < 0 ? 0 : level];
}

bool benefit_left(struct context *context, const struct benefit *benefit, int level, moment at,
                  int64_t *left, int64_t *seats, struct error *error)
{
    *left = *seats = LIMIT_UNITS;
    if (benefit->every != EVERY_NEVER) {
        struct count use = quota_use(context, benefit, at);
        if (!left_of(context, &use, times_of(benefit, level), left, error))
            return false;
    }
    if (benefit->seats != LIMIT_UNITS) {
        struct count use = seat_use(context, benefit);
        return left_of(context, &use, benefit->seats, seats, error);
    }
    return true;
}

/* --- The ladder --------------------------------------------------------------------- */

static bool begin(struct context *context, bool *duplicate, struct error *error)
{
    const struct request *request = context->request;
    bool enrol = false;
    return require(context, FIELD_REF, error) && require(context, FIELD_MEMBER, error) &&
           require(context, FIELD_BENEFIT, error) && resolve_version(context, error) &&
           resolve_member(context, request->member, &enrol, error) &&
           check_ref(context, request->ref, duplicate, error);
}

static bool find_benefit(struct context *context, const struct benefit **benefit,
                         struct error *error)
{
    const struct programme *programme = context->version->programme;
    struct text wanted = context->request->benefit;
    struct text names[LIMIT_BENEFITS];
    *benefit = programme_benefit(programme, wanted);
    if (*benefit != NULL)
        return true;
    fail_field(error, ERROR_UNKNOWN_BENEFIT, "benefit", _("the programme has no benefit \"%.*s\""),
               TEXT(wanted));
    for (size_t i = 0; i < programme->benefit_count; i++)
        names[i] = programme->benefits[i].id;
    return hint_nearest(context, wanted, names, programme->benefit_count, error);
}

static bool check_days(struct context *context, const struct benefit *benefit, struct error *error)
{
    int64_t day = date_to_days(today(context));
    if (benefit->from.year > 0 && day < date_to_days(benefit->from))
        return fail_field(error, ERROR_NOT_ALLOWED, "benefit",
                          _("\"%.*s\" can be used from %.*s on"), TEXT(benefit->id),
                          TEXT(day_text(context, benefit->from)));
    if (benefit->through.year > 0 && day > date_to_days(benefit->through))
        return fail_field(error, ERROR_NOT_ALLOWED, "benefit",
                          _("\"%.*s\" could be used through %.*s"), TEXT(benefit->id),
                          TEXT(day_text(context, benefit->through)));
    return true;
}

static bool check_level(const struct context *context, const struct benefit *benefit, int level,
                        struct error *error)
{
    if (level >= benefit->least_level)
        return true;
    const struct tier_level *levels = context->version->programme->tiers->levels;
    fail_field(error, ERROR_TIER_TOO_LOW, "benefit",
               _("\"%.*s\" is for the level \"%.*s\" and above"), TEXT(benefit->id),
               TEXT(levels[benefit->least_level].id));
    return hint(error, _("the member is of the level \"%.*s\""), TEXT(levels[level].id));
}

/* None is left: because the level has none, or because they were used. */
static bool quota_used(struct context *context, const struct benefit *benefit, int level,
                       struct error *error)
{
    static const struct span units[] = {
        [EVERY_DAY] = {.days = 1},     [EVERY_WEEK] = {.days = 7},
        [EVERY_MONTH] = {.months = 1}, [EVERY_QUARTER] = {.months = 3},
        [EVERY_YEAR] = {.months = 12},
    };
    int64_t times = times_of(benefit, level);
    if (times == 0)
        return fail_field(
            error, ERROR_QUOTA_USED, "benefit", _("the level \"%.*s\" has nothing of \"%.*s\""),
            TEXT(context->version->programme->tiers->levels[level].id), TEXT(benefit->id));
    struct date begin = unit_begin(benefit->every, today(context));
    fail_field(error, ERROR_QUOTA_USED, "benefit",
               _("the quota of \"%.*s\" since %.*s is used: %lld"), TEXT(benefit->id),
               TEXT(day_text(context, begin)), (long long)times);
    return hint(error, _("it can be used again from %.*s on"),
                TEXT(day_text(context, date_add(begin, units[benefit->every]))));
}

static bool check_room(struct context *context, const struct benefit *benefit, int level,
                       struct error *error)
{
    int64_t left = 0, seats = 0;
    if (!benefit_left(context, benefit, level, context->time, &left, &seats, error))
        return false;
    if (left == 0)
        return quota_used(context, benefit, level, error);
    return seats > 0 || fail_field(error, ERROR_SEATS_GONE, "benefit",
                                   _("all %lld places of \"%.*s\" are taken"),
                                   (long long)benefit->seats, TEXT(benefit->id));
}

/* What has a limit is counted. */
static void count_use(struct context *context, struct head *head, const struct benefit *benefit)
{
    head->counts = arena_allocate(context->arena, 2 * sizeof *head->counts);
    if (benefit->every != EVERY_NEVER)
        head->counts[head->count_count++] = quota_use(context, benefit, context->time);
    if (benefit->seats != LIMIT_UNITS)
        head->counts[head->count_count++] = seat_use(context, benefit);
}

bool benefit_use(struct context *context, struct error *error)
{
    const struct benefit *benefit = NULL;
    bool duplicate = false;
    int level = -1;
    if (!begin(context, &duplicate, error))
        return false;
    if (duplicate)
        return true;
    if (!load_member(context, error) || !advance(context, error) ||
        !find_benefit(context, &benefit, error) || !check_days(context, benefit, error) ||
        !level_at(context, context->version, context->time, &level, error) ||
        !check_level(context, benefit, level, error) || !check_room(context, benefit, level, error))
        return false;
    /* From here on nothing is refused. */
    struct head *head = record_new(context, RECORD_BENEFIT_USE);
    set_keys(context, head);
    count_use(context, head, benefit);
    return record_write(context, head, body_of(context, false, (struct text){0}), error);
}

/* --- What the answer says ------------------------------------------------------------- */

/* The record of the use that the operation made, or undid. */
static bool used_in(struct context *context, struct text *body, struct error *error)
{
    const struct outcome *outcome = context->outcome;
    const struct head *head = outcome->heads[0];
    struct record undone;
    *body = head->kind == RECORD_BENEFIT_USE ? outcome->body : (struct text){0};
    if (head->kind != RECORD_VOID)
        return true;
    if (!state_record(context->state, head->of, &undone, error))
        return false;
    if (undone.head->kind == RECORD_BENEFIT_USE)
        *body = undone.body;
    return true;
}

bool outcome_note_benefit(struct context *context, struct error *error)
{
    struct outcome *outcome = context->outcome;
    struct text body, quoted;
    int level = -1;
    if (outcome->head_count == 0 || !used_in(context, &body, error))
        return outcome->head_count == 0;
    if (!json_slice(body, "/in/benefit", &quoted))
        return true; /* another kind of record, or its body was erased */
    outcome->benefit = (struct text){quoted.bytes + 1, quoted.length - 2};
    outcome->left = outcome->seats = LIMIT_UNITS;
    const struct version *version = version_at(context->ledger, context->time);
    const struct benefit *benefit = programme_benefit(version->programme, outcome->benefit);
    return benefit == NULL || (level_at(context, version, context->time, &level, error) &&
                               benefit_left(context, benefit, level, context->time, &outcome->left,
                                            &outcome->seats, error));
}
