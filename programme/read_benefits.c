/* "actions" and "benefits": what members do beside buying, and what they may use. */
#include "read.h"

#include <stdlib.h>

#include "json.h"

/* --- actions ----------------------------------------------------------------- */

static const struct member action_members[] = {
    {"name", OPTIONAL, offsetof(struct action, name), read_name, NULL},
};
static const struct shape action_shape = SHAPE(action_members);

static int compare_actions(const void *left, const void *right)
{
    const struct action *a = left, *b = right;
    return text_compare(a->id, b->id);
}

void read_actions(struct walk *walk, const struct place *place, void *field, const void *detail)
{
    (void)detail;
    struct reading *reading = walk->context;
    struct programme *programme = field;
    reading->actions_known = false;
    if (!cJSON_IsObject(place->value)) {
        fault_type(walk, place, _("an object of actions, like {\"review\": {}}"));
        return;
    }
    size_t count = (size_t)cJSON_GetArraySize(place->value);
    if (count > LIMIT_ACTIONS) {
        fault(walk, place, _("has %zu actions; at most %d are accepted"), count, LIMIT_ACTIONS);
        return;
    }
    programme->actions = arena_allocate(walk->arena, count * sizeof programme->actions[0]);
    for (struct place at = first_child(place); at.value != NULL; next_child(&at)) {
        struct action *action = &programme->actions[programme->action_count++];
        walk_id_name(walk, &at, &action->id);
        walk_object(walk, &at, &action_shape, action);
    }
    if (count > 0)
        qsort(programme->actions, count, sizeof programme->actions[0], compare_actions);
    reading->actions_known = true;
}

/* --- the quota of a benefit -------------------------------------------------- */

enum { NOT_NAMED = -1 };

/* A level that is not named has what the next lower one has. */
static void fill_levels(struct benefit *benefit, size_t level_count)
{
    int64_t lower = 0;
    for (size_t i = 0; i < level_count; i++) {
        if (benefit->times[i] == NOT_NAMED)
            benefit->times[i] = lower;
        lower = benefit->times[i];
    }
}

static void read_times_of_levels(struct walk *walk, const struct place *place,
                                 struct benefit *benefit)
{
    static const struct range range = {0, LIMIT_TIMES};
    const struct reading *reading = walk->context;
    const struct tiers *tiers = reading->programme->tiers;
    bool any = false;
    for (size_t i = 0; i < LIMIT_LEVELS; i++)
        benefit->times[i] = NOT_NAMED;
    for (struct place at = first_child(place); at.value != NULL; next_child(&at)) {
        int64_t times = 1; /* as good as any where it cannot be read */
        int index = walk_level_id(walk, &at, true);
        read_whole(walk, &at, &times, &range);
        any = any || times > 0;
        if (index < 0)
            continue;
        benefit->times[index] = times;
        if (index < benefit->least_level && times > 0)
            fault_name(walk, &at, _("is below \"min_tier\" and can never use it: leave it out"));
    }
    if (!any)
        fault(walk, place, _("lets nobody use it: name a level and a number above 0"));
    fill_levels(benefit, tiers == NULL ? 0 : tiers->level_count);
}

static void read_times(struct walk *walk, const struct place *place, void *field,
                       const void *detail)
{
    static const struct range range = {1, LIMIT_TIMES};
    (void)detail;
    struct benefit *benefit = field;
    int64_t times = 0;
    if (cJSON_IsObject(place->value)) {
        read_times_of_levels(walk, place, benefit);
        return;
    }
    if (!cJSON_IsNumber(place->value)) {
        fault_type(walk, place, _("a number, or an object of levels, like {\"gold\": 2}"));
        return;
    }
    read_whole(walk, place, &times, &range);
    for (size_t i = 0; i < LIMIT_LEVELS; i++)
        benefit->times[i] = times;
}

static void read_every(struct walk *walk, const struct place *place, void *field,
                       const void *detail)
{
    static const char *const names[] = {"day", "week", "month", "quarter", "year"};
    static const struct choice choice = CHOICE(names);
    static const enum quota_every each[] = {EVERY_DAY, EVERY_WEEK, EVERY_MONTH, EVERY_QUARTER,
                                            EVERY_YEAR};
    (void)detail;
    enum quota_every *every = field;
    int chosen = walk_choice(walk, place, &choice);
    if (chosen >= 0)
        *every = each[chosen];
}

static const struct member quota_members[] = {
    {"times", REQUIRED, 0, read_times, NULL},
    {"every", REQUIRED, offsetof(struct benefit, every), read_every, NULL},
};
static const struct shape quota_shape = SHAPE(quota_members);

static void read_quota(struct walk *walk, const struct place *place, void *field,
                       const void *detail)
{
    (void)detail;
    if (cJSON_IsObject(place->value))
        walk_object(walk, place, &quota_shape, field);
    else
        fault_type(walk, place, _("an object, like {\"times\": 2, \"every\": \"month\"}"));
}

/* --- benefits ---------------------------------------------------------------- */

static void read_date(struct walk *walk, const struct place *place, void *field, const void *detail)
{
    (void)detail;
    struct text text;
    if (!walk_string(walk, place, LIMIT_NAME, &text) || date_parse(text, field))
        return;
    struct text wrong = shown(walk, text);
    fault(walk, place, _("%.*s is not a day: write year, month and day, like \"2026-11-21\""),
          TEXT(wrong));
}

static const struct range seats_range = {1, LIMIT_SEATS};
static const struct member benefit_members[] = {
    {"id", REQUIRED, offsetof(struct benefit, id), read_id, NULL},
    {"name", OPTIONAL, offsetof(struct benefit, name), read_name, NULL},
    {"text", OPTIONAL, offsetof(struct benefit, explanation), read_name, NULL},
    {"min_tier", OPTIONAL, offsetof(struct benefit, least_level), read_level_id, NULL},
    {"quota", OPTIONAL, 0, read_quota, NULL},
    {"seats", OPTIONAL, offsetof(struct benefit, seats), read_whole, &seats_range},
    {"from", OPTIONAL, offsetof(struct benefit, from), read_date, NULL},
    {"through", OPTIONAL, offsetof(struct benefit, through), read_date, NULL},
};
static const struct shape benefit_shape = SHAPE(benefit_members);

static void check_days(struct walk *walk, const struct place *place, const struct benefit *benefit)
{
    struct place through = inside(place, "through");
    if (benefit->from.year != 0 && benefit->through.year != 0 &&
        date_to_days(benefit->through) < date_to_days(benefit->from))
        fault(walk, &through,
              _("is before \"from\", so that it could never be used: write a later "
                "day"));
}

void read_benefits(struct walk *walk, const struct place *place, void *field, const void *detail)
{
    (void)detail;
    struct programme *programme = field;
    int count = walk_list(walk, place, LIMIT_BENEFITS);
    if (count <= 0)
        return;
    programme->benefits =
        arena_allocate(walk->arena, (size_t)count * sizeof programme->benefits[0]);
    for (struct place at = first_child(place); at.value != NULL; next_child(&at)) {
        struct benefit *benefit = &programme->benefits[programme->benefit_count];
        *benefit = (struct benefit){.least_level = programme->tiers == NULL ? -1 : 0,
                                    .seats = LIMIT_UNITS};
        if (walk_object(walk, &at, &benefit_shape, benefit)) {
            check_own_id(walk, &at, benefit->id, programme->benefits, programme->benefit_count,
                         sizeof *benefit);
            check_days(walk, &at, benefit);
        }
        programme->benefit_count++;
    }
}
