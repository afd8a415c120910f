/* "tiers": what is counted, and what must be reached of it.
 *
 * Values of a measure are written as what it counts is: points, money or a number.
 * Where the measure itself could not be read they are not judged. */
#include <stdlib.h>

#include "json.h"
#include "read_tiers.h"

/* --- what is counted --------------------------------------------------------- */

int walk_action_id(struct walk *walk, const struct place *place, bool of_name)
{
    const struct reading *reading = walk->context;
    const struct programme *programme = reading->programme;
    const char *names[LIMIT_ACTIONS];
    const struct choice ids = {names, programme->action_count};
    for (size_t i = 0; i < programme->action_count; i++)
        names[i] = programme->actions[i].id.bytes;
    return reading->actions_known ? walk_reference(walk, place, of_name, &ids, "actions") : -1;
}

static void read_earned(struct walk *walk, const struct place *place, void *field,
                        const void *detail)
{
    (void)detail;
    struct measure *measure = field;
    int index = walk_points_id(walk, place, false);
    measure->kind = MEASURE_EARNED;
    if (index >= 0)
        measure->currency = (unsigned)index;
}

static void read_action(struct walk *walk, const struct place *place, void *field,
                        const void *detail)
{
    (void)detail;
    const struct reading *reading = walk->context;
    struct measure *measure = field;
    int index = walk_action_id(walk, place, false);
    measure->kind = MEASURE_ACTION;
    if (index >= 0)
        measure->action = reading->programme->actions[index].id;
}

/* {"spend": true}: the name says it all, and false would say nothing. */
static void read_counted(struct walk *walk, const struct place *place, void *field,
                         const void *detail)
{
    struct measure *measure = field;
    measure->kind = *(const enum measure_kind *)detail;
    if (!cJSON_IsTrue(place->value))
        fault(walk, place, _("must be true: name only what is counted"));
}

static void read_least(struct walk *walk, const struct place *place, void *field,
                       const void *detail)
{
    (void)detail;
    walk_money(walk, place, field);
}

static const enum measure_kind of_spend = MEASURE_SPEND, of_visits = MEASURE_VISITS,
                               of_days = MEASURE_DAYS;
enum { MEASURE_KINDS = MEASURE_ACTION + 1 }; /* the first rows, in the order of the enum */
static const struct member measure_members[] = {
    {"earned", OPTIONAL, 0, read_earned, NULL},
    {"spend", OPTIONAL, 0, read_counted, &of_spend},
    {"visits", OPTIONAL, 0, read_counted, &of_visits},
    {"days", OPTIONAL, 0, read_counted, &of_days},
    {"action", OPTIONAL, 0, read_action, NULL},
    {"least", OPTIONAL, offsetof(struct measure, least), read_least, NULL},
};
static const struct shape measure_shape = SHAPE(measure_members);

static struct text measure_key(struct arena *arena, const struct programme *programme,
                               const struct measure *measure)
{
    switch (measure->kind) {
    case MEASURE_EARNED:
        return text_format(arena, "earned:%.*s", TEXT(programme->points[measure->currency].id));
    case MEASURE_SPEND:
        return text_of("spend");
    case MEASURE_VISITS:
        return text_format(arena, "visits:%lld", (long long)measure->least);
    case MEASURE_DAYS:
        return text_format(arena, "days:%lld", (long long)measure->least);
    case MEASURE_ACTION:
        return text_format(arena, "action:%.*s", TEXT(measure->action));
    }
    abort(); /* not a value of the enum */
}

static void check_kind(struct walk *walk, const struct place *place, const struct measure *measure)
{
    int named = 0;
    for (int i = 0; i < MEASURE_KINDS; i++)
        named += member_of(place->value, measure_members[i].name) != NULL;
    struct place least = inside(place, "least");
    if (named != 1)
        fault(
            walk, place,
            _("must name just one of \"earned\", \"spend\", \"visits\", \"days\" and \"action\""));
    else if (least.value != NULL && measure->kind != MEASURE_VISITS &&
             measure->kind != MEASURE_DAYS)
        fault_name(walk, &least, _("goes only with \"visits\" and \"days\": leave it out"));
}

/* What is counted twice would be recorded under one key, and reached at once. */
static void check_key(struct walk *walk, const struct place *place, const struct tiers *tiers)
{
    const struct measure *last = &tiers->measures[tiers->measure_count - 1];
    for (const struct measure *one = tiers->measures; one < last; one++) {
        if (text_equal(one->key, last->key)) {
            fault(walk, place, _("counts the same as \"%.*s\": name it once"), TEXT(one->id));
            return;
        }
    }
}

static void add_measure(struct walk *walk, const struct place *place, struct tiers_draft *draft,
                        struct text id)
{
    const struct reading *reading = walk->context;
    size_t before = walk->fault_count;
    struct measure *measure = &draft->tiers.measures[draft->tiers.measure_count++];
    *measure = (struct measure){.id = id, .least = 1};
    if (!cJSON_IsObject(place->value))
        fault_type(walk, place, _("an object, like {\"spend\": true}"));
    else if (walk_sound_object(walk, place, &measure_shape, measure))
        check_kind(walk, place, measure);
    /* Also where only what it names is missing. */
    if (walk->fault_count > before || reading->programme->points_count == 0 ||
        (measure->kind == MEASURE_ACTION && measure->action.length == 0)) {
        draft->requirements_known = false;
        return;
    }
    measure->key = measure_key(walk->arena, reading->programme, measure);
    check_key(walk, place, &draft->tiers);
}

void read_measure(struct walk *walk, const struct place *place, void *field, const void *detail)
{
    (void)detail;
    struct tiers_draft *draft = field;
    draft->single = draft->requirements_known = true;
    draft->tiers.measures = arena_allocate(walk->arena, sizeof draft->tiers.measures[0]);
    add_measure(walk, place, draft, text_of(""));
    draft->tiers.measures[0].id =
        text_of(measure_members[draft->tiers.measures[0].kind].name); /* as answers call it */
}

void read_measures(struct walk *walk, const struct place *place, void *field, const void *detail)
{
    (void)detail;
    struct tiers_draft *draft = field;
    if (!cJSON_IsObject(place->value)) {
        fault_type(walk, place, _("an object of measures, like {\"spent\": {\"spend\": true}}"));
        return;
    }
    size_t count = (size_t)cJSON_GetArraySize(place->value);
    if (count == 0 || count > LIMIT_MEASURES) {
        fault(walk, place, _("has %zu measures; accepted are 1 to %d"), count, LIMIT_MEASURES);
        return;
    }
    draft->requirements_known = true;
    draft->single = false;
    draft->tiers.measures = arena_allocate(walk->arena, count * sizeof draft->tiers.measures[0]);
    draft->tiers.measure_count = 0;
    for (struct place at = first_child(place); at.value != NULL; next_child(&at)) {
        struct text id;
        walk_id_name(walk, &at, &id);
        add_measure(walk, &at, draft, id);
    }
}

/* --- what must be reached ---------------------------------------------------- */

static void read_value(struct walk *walk, const struct place *place, unsigned index,
                       struct demands *demands)
{
    static const struct range count = {1, LIMIT_UNITS};
    const struct reading *reading = walk->context;
    const struct measure *measure = &reading->tiers->tiers.measures[index];
    struct demand *demand = &demands->list[demands->count++];
    *demand = (struct demand){.measure = index};
    switch (measure->kind) {
    case MEASURE_EARNED:
        walk_points(walk, place, reading->programme->points[measure->currency].scale,
                    &demand->units);
        return;
    case MEASURE_SPEND:
        walk_money(walk, place, &demand->units);
        return;
    case MEASURE_VISITS:
    case MEASURE_DAYS:
    case MEASURE_ACTION:
        read_whole(walk, place, &demand->units, &count);
        return;
    }
}

static int walk_measure_id(struct walk *walk, const struct place *place)
{
    const struct reading *reading = walk->context;
    const struct tiers *tiers = &reading->tiers->tiers;
    const char *names[LIMIT_MEASURES];
    const struct choice ids = {names, tiers->measure_count};
    for (size_t i = 0; i < tiers->measure_count; i++)
        names[i] = tiers->measures[i].id.bytes;
    return walk_reference(walk, place, true, &ids, "measures");
}

static void read_demands(struct walk *walk, const struct place *place, struct demands *demands)
{
    if (!cJSON_IsObject(place->value)) {
        fault_type(walk, place, _("an object of values of the \"measures\""));
        return;
    }
    size_t count = (size_t)cJSON_GetArraySize(place->value);
    if (count == 0)
        fault(walk, place, _("demands nothing: name at least one of the \"measures\""));
    demands->list = arena_allocate(walk->arena, count * sizeof demands->list[0]);
    for (struct place at = first_child(place); at.value != NULL; next_child(&at)) {
        int index = walk_measure_id(walk, &at);
        if (index >= 0)
            read_value(walk, &at, (unsigned)index, demands);
    }
}

static int64_t demanded(const struct demands *demands, unsigned measure)
{
    for (size_t i = 0; i < demands->count; i++)
        if (demands->list[i].measure == measure)
            return demands->list[i].units;
    return 0;
}

bool demands_within(const struct demands *less, const struct demands *more)
{
    for (size_t i = 0; i < less->count; i++)
        if (less->list[i].units > demanded(more, less->list[i].measure))
            return false;
    return true;
}

struct place alternative_place(const struct place *requirement, size_t n)
{
    if (!cJSON_IsArray(requirement->value))
        return *requirement;
    struct place at = first_child(requirement);
    while (at.index < n)
        next_child(&at);
    return at;
}

/* Who reaches an alternative that another one is within has reached that one, too. */
static void check_alternatives(struct walk *walk, const struct place *place,
                               const struct requirement *requirement)
{
    for (size_t more = 0; more < requirement->count; more++) {
        for (size_t less = 0; less < requirement->count; less++) {
            const struct demands *a = &requirement->any[less], *b = &requirement->any[more];
            bool same = demands_within(b, a);
            if (less == more || !demands_within(a, b) || (same && less > more))
                continue;
            struct place at = alternative_place(place, more);
            fault(walk, &at,
                  _("is needed by nobody: alternative %zu demands no more than this; leave one of "
                    "them out"),
                  less + 1);
            break;
        }
    }
}

static void read_alternatives(struct walk *walk, const struct place *place,
                              struct requirement *requirement)
{
    int count = walk_list(walk, place, LIMIT_ALTERNATIVES);
    if (count == 0)
        fault(walk, place, _("demands nothing: list at least one alternative"));
    if (count <= 0)
        return;
    requirement->any = arena_allocate(walk->arena, (size_t)count * sizeof requirement->any[0]);
    for (struct place at = first_child(place); at.value != NULL; next_child(&at))
        read_demands(walk, &at, &requirement->any[requirement->count++]);
}

/* A value of the only measure, which need not be named. */
static void read_single(struct walk *walk, const struct place *place,
                        struct requirement *requirement)
{
    requirement->any[0].list = arena_allocate(walk->arena, sizeof(struct demand));
    read_value(walk, place, 0, &requirement->any[0]);
}

void read_requirement(struct walk *walk, const struct place *place, void *field, const void *detail)
{
    (void)detail;
    const struct reading *reading = walk->context;
    const struct tiers_draft *draft = reading->tiers;
    struct requirement *requirement = field;
    bool is_list = cJSON_IsArray(place->value), is_object = cJSON_IsObject(place->value);
    size_t before = walk->fault_count;
    if (!draft->requirements_known)
        return;
    requirement->any = arena_allocate(walk->arena, sizeof requirement->any[0]);
    if (draft->single && (is_list || is_object)) {
        fault_type(walk, place, _("one value, as there is a single \"measure\""));
    } else if (is_list) {
        read_alternatives(walk, place, requirement);
    } else {
        requirement->count = 1;
        if (is_object || draft->tiers.measure_count > 1)
            read_demands(walk, place, &requirement->any[0]);
        else
            read_single(walk, place, requirement);
    }
    if (walk->fault_count == before)
        check_alternatives(walk, place, requirement);
    /* What is not known, as money may not be, cannot be compared. */
    if (walk->fault_count > before || !reading->money_known)
        requirement->count = 0;
}
