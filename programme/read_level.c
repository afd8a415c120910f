/* "tiers": one level. What contradicts itself, or the levels below, is told here. */
#include <assert.h>

#include "read_tiers.h"

/* --- reviews ----------------------------------------------------------------- */

static void read_review_dates(struct walk *walk, const struct place *place, struct review *review)
{
    struct expiry *dates = &review->dates;
    *review = (struct review){.kind = REVIEW_DATED, .dates = {.dated = true}};
    if (!walk_sound_object(walk, place, &dates_shape, dates))
        return;
    bool after = member_of(place->value, "after") != NULL;
    if (!after && member_of(place->value, "at") == NULL)
        fault(walk, place, _("does not say when: name \"after\" or \"at\", or write \"never\""));
    else if (!after && dates->day_count == 0 && dates->at == END_OF_DAY)
        fault(walk, place, _("would be every day: add \"after\", or write \"continuous\""));
}

void read_review(struct walk *walk, const struct place *place, void *field, const void *detail)
{
    (void)detail;
    static const char *const names[] = {"never", "anniversary", "continuous"};
    static const enum review_kind kinds[] = {REVIEW_NEVER, REVIEW_ANNIVERSARY, REVIEW_CONTINUOUS};
    static const struct choice words = CHOICE(names);
    struct review *review = field;
    if (cJSON_IsObject(place->value)) {
        read_review_dates(walk, place, review);
    } else if (!cJSON_IsString(place->value)) {
        fault_type(walk, place,
                   _("a span like \"P12M\", an object like {\"at\": \"end_of_year\"}, "
                     "or a word like \"anniversary\""));
    } else {
        int word = SPAN;
        *review = (struct review){.kind = REVIEW_DATED, .dates = {.dated = true}};
        if (walk_span_or_word(walk, place, &words, &review->dates.after, &word) && word != SPAN)
            *review = (struct review){.kind = kinds[word]};
    }
}

static const char *const at_review_names[] = {"qualified", "one_level_down", "never"};
static_assert(sizeof at_review_names / sizeof at_review_names[0] == REVIEW_NO_FALL + 1,
              "a name per policy");
const struct choice at_review_choice = CHOICE(at_review_names);
static const char *const on_review_names[] = {"keep", "reset"};
const struct choice on_review_choice = CHOICE(on_review_names);

/* --- what it gives and takes ------------------------------------------------- */

static void read_was(struct walk *walk, const struct place *place, void *field, const void *detail)
{
    (void)detail;
    struct tier_level *level = field;
    int count = walk_list(walk, place, LIMIT_WAS);
    if (count <= 0)
        return;
    level->was = arena_allocate(walk->arena, (size_t)count * sizeof level->was[0]);
    for (struct place at = first_child(place); at.value != NULL; next_child(&at)) {
        struct text id = {0};
        read_id(walk, &at, &id, NULL);
        if (id.length > 0)
            level->was[level->was_count++] = id;
    }
}

static void read_multiply(struct walk *walk, const struct place *place, void *field,
                          const void *detail)
{
    (void)detail;
    struct tier_level *level = field;
    if (!cJSON_IsObject(place->value)) {
        fault_type(walk, place, _("an object of points, like {\"point\": \"1.5\"}"));
        return;
    }
    for (struct place at = first_child(place); at.value != NULL; next_child(&at)) {
        int64_t factor;
        int index = walk_points_id(walk, &at, true);
        bool fits = walk_millionths(walk, &at, 0, LIMIT_MULTIPLY * (int64_t)VALUE_UNIT,
                                    _("a factor from \"0\" to \"1000\", like \"1.5\""), &factor);
        if (index < 0 || !fits)
            continue;
        fits = fraction_make(factor, VALUE_UNIT, &level->multiply[index]);
        assert(fits); /* both are small */
    }
}

static void read_entry_gives(struct walk *walk, const struct place *place, void *field,
                             const void *detail)
{
    (void)detail;
    const struct reading *reading = walk->context;
    struct tier_level *level = field;
    size_t count = 0;
    if (!walk_gives(walk, place, &count))
        return;
    level->entry.gives = arena_allocate(walk->arena, count * sizeof level->entry.gives[0]);
    for (struct place at = first_child(place); at.value != NULL; next_child(&at)) {
        int index = walk_points_id(walk, &at, true);
        if (index < 0)
            continue;
        struct level_gift *gift = &level->entry.gives[level->entry.count++];
        gift->currency = (unsigned)index;
        walk_points(walk, &at, reading->programme->points[index].scale, &gift->amount);
    }
}

/* What is not judged at once is not known to be undone. */
static void read_entry_return(struct walk *walk, const struct place *place, void *field,
                              const void *detail)
{
    (void)detail;
    static const char *const names[] = {"keep", "take_back"};
    static const struct choice choice = CHOICE(names);
    const struct reading *reading = walk->context;
    bool *take_back = field;
    read_flag(walk, place, take_back, &choice);
    if (*take_back && !reading->programme->tiers->at_once)
        fault(walk, place,
              _("goes only with \"on_return\": \"at_once\" of \"tiers\", which undoes levels: add "
                "it, or leave this out"));
}

static const struct member entry_members[] = {
    {"gives", REQUIRED, 0, read_entry_gives, NULL},
    {"again", OPTIONAL, offsetof(struct tier_level, entry.again), read_bool, NULL},
    {"on_return", OPTIONAL, offsetof(struct tier_level, entry.take_back), read_entry_return, NULL},
};
static const struct shape entry_shape = SHAPE(entry_members);

static bool forfeits(const struct tier_level *level, unsigned currency)
{
    for (size_t i = 0; i < level->forfeit_count; i++)
        if (level->forfeits[i] == currency)
            return true;
    return false;
}

static void read_forfeits(struct walk *walk, const struct place *place, void *field,
                          const void *detail)
{
    (void)detail;
    const struct reading *reading = walk->context;
    struct tier_level *level = field;
    int count = walk_list(walk, place, LIMIT_LIST);
    if (count <= 0)
        return;
    level->forfeits = arena_allocate(walk->arena, (size_t)count * sizeof level->forfeits[0]);
    for (struct place at = first_child(place); at.value != NULL; next_child(&at)) {
        int index = walk_points_id(walk, &at, false);
        if (index < 0)
            continue;
        const struct points *points = &reading->programme->points[index];
        if (forfeits(level, (unsigned)index))
            fault(walk, &at, _("\"%.*s\" stands in the list twice: name it once"),
                  TEXT(points->id));
        else if (!points->spendable)
            fault(walk, &at,
                  _("\"%.*s\" cannot be spent, only count: nothing of it lapses; leave it out"),
                  TEXT(points->id));
        else
            level->forfeits[level->forfeit_count++] = (unsigned)index;
    }
}

static void read_valid(struct walk *walk, const struct place *place, void *field,
                       const void *detail)
{
    struct level_way *way = field;
    way->ends = true;
    read_calendar_span(walk, place, &way->valid, detail);
}

static const struct member way_members[] = {
    {"valid", OPTIONAL, 0, read_valid, NULL},
};
static const struct shape way_shape = SHAPE(way_members);

static void read_by(struct walk *walk, const struct place *place, void *field, const void *detail)
{
    (void)detail;
    const struct reading *reading = walk->context;
    struct tier_level *level = field;
    if (!cJSON_IsObject(place->value)) {
        fault_type(walk, place,
                   _("an object of actions, like {\"upgrade\": {\"valid\": \"P1Y\"}}"));
        return;
    }
    size_t count = (size_t)cJSON_GetArraySize(place->value);
    if (count == 0)
        fault(walk, place,
              _("names nothing: name at least one of the \"actions\", or leave it "
                "out"));
    level->ways = arena_allocate(walk->arena, count * sizeof level->ways[0]);
    for (struct place at = first_child(place); at.value != NULL; next_child(&at)) {
        struct level_way *way = &level->ways[level->way_count];
        int index = walk_action_id(walk, &at, true);
        walk_object(walk, &at, &way_shape, way);
        if (index < 0)
            continue;
        way->action = reading->programme->actions[index].id;
        level->way_count++;
    }
}

/* --- the level --------------------------------------------------------------- */

static const struct member level_members[] = {
    {"id", REQUIRED, offsetof(struct tier_level, id), read_id, NULL},
    {"name", OPTIONAL, offsetof(struct tier_level, name), read_name, NULL},
    {"was", OPTIONAL, 0, read_was, NULL},
    {"from", OPTIONAL, offsetof(struct tier_level, from), read_requirement, NULL},
    {"keep", OPTIONAL, offsetof(struct tier_level, keep), read_requirement, NULL},
    {"review", OPTIONAL, offsetof(struct tier_level, review), read_review, NULL},
    {"at_review", OPTIONAL, offsetof(struct tier_level, at_review), read_choice, &at_review_choice},
    {"on_review", OPTIONAL, offsetof(struct tier_level, reset_at_review), read_flag,
     &on_review_choice},
    {"grace", OPTIONAL, offsetof(struct tier_level, grace), read_calendar_span, NULL},
    {"multiply", OPTIONAL, 0, read_multiply, NULL},
    {"entry", OPTIONAL, 0, read_object, &entry_shape},
    {"forfeits", OPTIONAL, 0, read_forfeits, NULL},
    {"by", OPTIONAL, 0, read_by, NULL},
};
static const struct shape level_shape = SHAPE(level_members);

static bool says(const struct place *level, const char *name)
{
    return member_of(level->value, name) != NULL;
}

/* Whoever reaches a level by some alternative must not have reached a higher one by it. */
static void check_ascending(struct walk *walk, const struct place *place, const struct tiers *tiers,
                            const struct tier_level *level)
{
    struct place from = inside(place, "from");
    for (size_t a = 0; a < level->from.count; a++) {
        for (const struct tier_level *lower = level; lower-- > tiers->levels;) {
            bool less = false;
            for (size_t b = 0; b < lower->from.count; b++)
                less = less || demands_within(&level->from.any[a], &lower->from.any[b]);
            if (!less)
                continue;
            struct place at = alternative_place(&from, a);
            fault(walk, &at,
                  _("is reached by no more than the lower level \"%.*s\": levels ascend, so write "
                    "more"),
                  TEXT(lower->id));
            break;
        }
    }
}

static void check_keep(struct walk *walk, const struct place *place, const struct tier_level *level)
{
    struct place keep = inside(place, "keep");
    for (size_t k = 0; level->from.count > 0 && k < level->keep.count; k++) {
        bool within = false;
        for (size_t f = 0; f < level->from.count; f++)
            within = within || demands_within(&level->keep.any[k], &level->from.any[f]);
        struct place at = alternative_place(&keep, k);
        if (!within)
            fault(walk, &at,
                  _("is more than \"from\", so that who has just reached the level would not keep "
                    "it: write at most as much as an alternative of \"from\""));
    }
}

static bool is_zero(struct span span)
{
    return span.months == 0 && span.days == 0;
}

/* How long it is from one review to the next, at least about; zero where that says nothing. */
static struct span review_period(const struct review *review)
{
    static const struct span periods[] = {[END_OF_DAY] = {0},
                                          [END_OF_MONTH] = {1, 0, 0},
                                          [END_OF_QUARTER] = {3, 0, 0},
                                          [END_OF_YEAR] = {12, 0, 0}};
    if (review->kind == REVIEW_ANNIVERSARY)
        return (struct span){.months = 12};
    if (review->kind != REVIEW_DATED || !is_zero(review->dates.after))
        return review->dates.after;
    return periods[review->dates.at];
}

void check_review(struct walk *walk, const struct place *place, const struct tiers_draft *draft,
                  const struct tier_level *level)
{
    struct place review = inside(place, "review"), reset = inside(place, "on_review");
    struct place grace = inside(place, "grace");
    struct span period = review_period(&level->review);
    bool lifetime = draft->window_known && draft->tiers.window.kind == WINDOW_LIFETIME;
    bool said = review.value != NULL || reset.value != NULL;
    const struct place *saying = reset.value != NULL ? &reset : &review;
    if (said && lifetime && level->review.kind != REVIEW_NEVER && !level->reset_at_review)
        fault(
            walk, saying,
            _("over the window \"lifetime\" nothing is lost, and a review only counts anew: write "
              "\"on_review\": \"reset\", or \"review\": \"never\""));
    if (said && level->review.kind == REVIEW_CONTINUOUS && level->reset_at_review)
        fault(walk, saying,
              _("a \"continuous\" review would count anew every day: write \"on_review\": "
                "\"keep\", or another review"));
    if (grace.value != NULL && level->review.kind == REVIEW_NEVER)
        fault_name(walk, &grace, _("goes only with a review, and there is none: leave it out"));
    if ((review.value != NULL || grace.value != NULL) && !is_zero(level->grace) &&
        !is_zero(period) && span_compare(level->grace, period) >= 0)
        fault(walk, grace.value != NULL ? &grace : &review,
              _("\"grace\" must be over before the next review: write a shorter one"));
}

/* Nobody falls below it, so a review can only count anew. */
static void check_first_review(struct walk *walk, const struct place *place,
                               const struct tiers_draft *draft, const struct tier_level *level)
{
    struct place review = inside(place, "review"), reset = inside(place, "on_review");
    if (reset.value != NULL && level->review.kind == REVIEW_NEVER)
        fault_name(walk, &reset,
                   _("goes only with a \"review\" of this level: add it, or leave this out"));
    else if (review.value != NULL && level->review.kind == REVIEW_CONTINUOUS)
        fault(walk, &review,
              _("\"continuous\" does not go with the first level, below which nobody falls: write "
                "when to count anew, or leave it out"));
    else if (review.value != NULL && level->review.kind != REVIEW_NEVER && !level->reset_at_review)
        fault(walk, &review,
              _("of the first level, below which nobody falls, is only for counting anew: add "
                "\"on_review\": \"reset\", or leave it out"));
    else if (!says(place, "grace"))
        check_review(walk, place, draft, level);
}

static void check_first(struct walk *walk, const struct place *place,
                        const struct tiers_draft *draft, const struct tier_level *level)
{
    static const char *const others[] = {"from",  "keep",     "at_review", "grace",
                                         "entry", "forfeits", "by"};
    for (size_t i = 0; i < sizeof others / sizeof *others; i++) {
        struct place at = inside(place, others[i]);
        if (at.value != NULL)
            fault_name(walk, &at,
                       _("does not go with the first level, which everybody has: leave it out, and "
                         "list the "
                         "levels from the lowest up"));
    }
    check_first_review(walk, place, draft, level);
}

static void check_higher(struct walk *walk, const struct place *place,
                         const struct tiers_draft *draft, const struct tier_level *level)
{
    if (!says(place, "from") && !says(place, "by"))
        fault(walk, place,
              _("says no way to this level: add \"from\", what must be reached, or \"by\", an "
                "action"));
    check_ascending(walk, place, &draft->tiers, level);
    check_keep(walk, place, level);
    struct place keep = inside(place, "keep");
    if (keep.value != NULL && level->review.kind == REVIEW_NEVER)
        fault_name(walk, &keep, _("goes only with a review, and there is none: leave it out"));
    check_review(walk, place, draft, level);
}

static struct tier_level level_defaults(struct walk *walk, const struct tiers_draft *draft,
                                        size_t index)
{
    const struct reading *reading = walk->context;
    size_t count = reading->programme->points_count;
    struct tier_level level = {.reset_at_review = draft->tiers.window.kind == WINDOW_TIER};
    if (index > 0)
        level = draft->every;
    level.multiply = arena_allocate(walk->arena, count * sizeof level.multiply[0]);
    for (size_t i = 0; i < count; i++)
        level.multiply[i] = (struct fraction){1, 1};
    return level;
}

void read_level(struct walk *walk, const struct place *place, struct tiers_draft *draft,
                size_t index)
{
    struct tier_level *level = &draft->tiers.levels[index];
    *level = level_defaults(walk, draft, index);
    if (!walk_object(walk, place, &level_shape, level))
        return;
    check_own_id(walk, place, level->id, draft->tiers.levels, index, sizeof *level);
    if (index == 0)
        check_first(walk, place, draft, level);
    else
        check_higher(walk, place, draft, level);
    if (level->review.kind == REVIEW_NEVER)
        level->grace = (struct span){0}; /* that of "tiers" has nothing to go with */
    if (!says(place, "keep"))
        level->keep = level->from;
}
