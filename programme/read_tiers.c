/* "tiers": the levels that members go through, over what window they are judged, and when.
 *
 * What "tiers" says of reviews is what its levels say, unless one says otherwise; a fault that
 * all levels would repeat is told once, of "tiers". */
#include "read_tiers.h"

#include <assert.h>

/* --- the window -------------------------------------------------------------- */

static const struct span longest_window = {.months = 120};

static void read_window(struct walk *walk, const struct place *place, void *field,
                        const void *detail)
{
    (void)detail;
    static const char *const names[] = {"calendar_year", "calendar_quarter", "membership_year",
                                        "since_tier_start", "lifetime"};
    static_assert(sizeof names / sizeof names[0] == WINDOW_LIFETIME - WINDOW_ROLLING,
                  "a name per window that is no span");
    static const struct choice words = CHOICE(names);
    struct tiers_draft *draft = field;
    struct tiers *tiers = &draft->tiers;
    int word;
    draft->window_known = walk_span_or_word(walk, place, &words, &tiers->window.span, &word);
    if (!draft->window_known)
        return;
    tiers->window.kind = word == SPAN ? WINDOW_ROLLING : (enum window_kind)(WINDOW_YEAR + word);
    if (word == SPAN && span_compare(tiers->window.span, longest_window) > 0)
        fault(walk, place, _("is longer than 10 years: write a shorter span, or \"lifetime\""));
    if (tiers->window.kind == WINDOW_LIFETIME)
        draft->every.review.kind = REVIEW_NEVER;
    if (tiers->window.kind == WINDOW_TIER) {
        tiers->on_promotion = PROMOTION_RESET;
        draft->every.reset_at_review = true;
    }
}

/* --- the levels -------------------------------------------------------------- */

int walk_level_id(struct walk *walk, const struct place *place, bool of_name)
{
    const struct reading *reading = walk->context;
    const struct tiers *tiers = reading->programme->tiers;
    const char *names[LIMIT_LEVELS];
    if (tiers == NULL) {
        if (of_name)
            fault_name(walk, place, _("goes only with levels: add \"tiers\", or leave it out"));
        else
            fault(walk, place, _("goes only with levels: add \"tiers\", or leave it out"));
        return -1;
    }
    const struct choice ids = {names, tiers->level_count};
    for (size_t i = 0; i < tiers->level_count; i++)
        names[i] = tiers->levels[i].id.length > 0 ? tiers->levels[i].id.bytes : "";
    return reading->levels_known ? walk_reference(walk, place, of_name, &ids, "levels") : -1;
}

void read_level_id(struct walk *walk, const struct place *place, void *field, const void *detail)
{
    (void)detail;
    int index = walk_level_id(walk, place, false);
    if (index >= 0)
        *(int *)field = index;
}

static bool is_named_before(const struct tiers *tiers, size_t level, size_t place, struct text id)
{
    for (size_t l = 0; l <= level; l++)
        for (size_t w = 0; w < (l < level ? tiers->levels[l].was_count : place); w++)
            if (text_equal(tiers->levels[l].was[w], id))
                return true;
    return false;
}

/* A level of an older version becomes one of this: not two, and not itself. */
static void check_was(struct walk *walk, const struct place *levels, const struct tiers *tiers)
{
    for (struct place at = first_child(levels); at.value != NULL; next_child(&at)) {
        const struct tier_level *level = &tiers->levels[at.index];
        struct place was = inside(&at, "was");
        if (level->was_count == 0 || (size_t)cJSON_GetArraySize(was.value) != level->was_count)
            continue;
        for (struct place one = first_child(&was); one.value != NULL; next_child(&one)) {
            struct text id = level->was[one.index];
            bool present = false;
            for (size_t i = 0; i < tiers->level_count; i++)
                present = present || text_equal(tiers->levels[i].id, id);
            if (present)
                fault(walk, &one,
                      _("\"%.*s\" is a level of this version: \"was\" names those that are there "
                        "no more"),
                      TEXT(id));
            else if (is_named_before(tiers, at.index, one.index, id))
                fault(walk, &one, _("\"%.*s\" has become another level already: name it once"),
                      TEXT(id));
        }
    }
}

/* Who climbs over all levels at once is given all of it in one head, which has a size. */
static void check_entries(struct walk *walk, const struct place *levels, const struct tiers *tiers)
{
    size_t entries = 0;
    for (size_t l = 0; l < tiers->level_count; l++)
        entries += tiers->levels[l].entry.count;
    if (entries > LIMIT_ENTRIES)
        fault(walk, levels,
              _("all levels together give %zu times to whoever enters; at most %d are "
                "accepted"),
              entries, LIMIT_ENTRIES);
}

static void read_levels(struct walk *walk, const struct place *place, void *field,
                        const void *detail)
{
    (void)detail;
    struct reading *reading = walk->context;
    struct tiers_draft *draft = field;
    int count = walk_list(walk, place, LIMIT_LEVELS);
    if (count == 0)
        fault(walk, place, _("must list at least one level, the lowest first"));
    if (count <= 0)
        return;
    reading->levels_known = true;
    draft->tiers.levels =
        arena_allocate(walk->arena, (size_t)count * sizeof draft->tiers.levels[0]);
    for (struct place at = first_child(place); at.value != NULL; next_child(&at)) {
        read_level(walk, &at, draft, at.index);
        draft->tiers.level_count++;
        reading->levels_known =
            reading->levels_known && draft->tiers.levels[at.index].id.length > 0;
    }
    check_was(walk, place, &draft->tiers);
    check_entries(walk, place, &draft->tiers);
}

/* --- tiers ------------------------------------------------------------------- */

static void read_operators(struct walk *walk, const struct place *place, void *field,
                           const void *detail)
{
    (void)detail;
    struct tiers *tiers = field;
    read_texts(walk, place, LIMIT_NAME, &tiers->operators, &tiers->operator_count);
    if (cJSON_IsArray(place->value) && place->value->child == NULL)
        fault(walk, place,
              _("names nobody, so that no level could be set: name who may, or leave "
                "\"operators\" out"));
}

static const char *const promotion_names[] = {"keep", "reset", "excess"};
static_assert(sizeof promotion_names / sizeof promotion_names[0] == PROMOTION_EXCESS + 1,
              "a name per policy");
static const struct choice promotions = CHOICE(promotion_names);
static const char *const return_names[] = {"at_review", "at_once"};
static const struct choice return_choice = CHOICE(return_names);
static const char *const crossing_names[] = {"old", "new"};
static const struct choice crossing_choice = CHOICE(crossing_names);
static const char *const change_names[] = {"next_review", "requalify"};
static const struct choice change_choice = CHOICE(change_names);

#define OF(member) offsetof(struct tiers_draft, member)
static const struct member tiers_members[] = {
    {"measure", OPTIONAL, 0, read_measure, NULL},
    {"measures", OPTIONAL, 0, read_measures, NULL},
    {"window", OPTIONAL, 0, read_window, NULL},
    {"on_promotion", OPTIONAL, OF(tiers.on_promotion), read_choice, &promotions},
    {"review", OPTIONAL, OF(every.review), read_review, NULL},
    {"at_review", OPTIONAL, OF(every.at_review), read_choice, &at_review_choice},
    {"on_review", OPTIONAL, OF(every.reset_at_review), read_flag, &on_review_choice},
    {"grace", OPTIONAL, OF(every.grace), read_calendar_span, NULL},
    {"on_return", OPTIONAL, OF(tiers.at_once), read_flag, &return_choice},
    {"crossing", OPTIONAL, OF(tiers.crossing_new), read_flag, &crossing_choice},
    {"on_change", OPTIONAL, OF(tiers.requalify), read_flag, &change_choice},
    {"operators", OPTIONAL, OF(tiers), read_operators, NULL},
    {"levels", REQUIRED, 0, read_levels, NULL},
};
static const struct shape tiers_shape = SHAPE(tiers_members);

/* Levels that are reached and kept by actions and decisions alone need none of these. */
static void check_counted(struct walk *walk, const struct place *place,
                          const struct tiers_draft *draft)
{
    struct place measures = inside(place, "measures"), review = inside(place, "review");
    bool single = member_of(place->value, "measure") != NULL;
    if (single && measures.value != NULL)
        fault_name(walk, &measures,
                   _("does not go beside \"measure\": write all that is counted here, and leave "
                     "that out"));
    if (!draft->by_measure)
        return;
    if (!single && measures.value == NULL)
        fault(walk, place,
              _("does not say what is counted: add \"measure\", like {\"spend\": true}, or "
                "\"measures\""));
    if (member_of(place->value, "window") == NULL)
        fault(walk, place,
              _("does not say over what is counted: add \"window\", like \"P12M\" or "
                "\"lifetime\""));
    else if (draft->window_known && draft->tiers.window.kind != WINDOW_LIFETIME &&
             review.value == NULL)
        fault(walk, place,
              _("lacks \"review\", so that a level would be kept for ever: say \"review\": "
                "\"never\" if that is meant"));
}

static void check_tiers(struct walk *walk, const struct place *place,
                        const struct tiers_draft *draft)
{
    struct place promotion = inside(place, "on_promotion");
    check_counted(walk, place, draft);
    if (draft->tiers.window.kind == WINDOW_TIER && draft->tiers.on_promotion == PROMOTION_KEEP)
        fault(
            walk, &promotion,
            _("does not go with the window \"since_tier_start\", which counts from the promotion: "
              "write \"reset\" or \"excess\""));
    check_review(walk, place, draft, &draft->every);
}

/* Who climbs from a level that they would have kept may lose what they would keep it by. */
static void note_promotion(struct walk *walk, const struct place *place, const struct tiers *tiers)
{
    struct place promotion = inside(place, "on_promotion"), window = inside(place, "window");
    if (tiers->on_promotion == PROMOTION_KEEP)
        return;
    for (size_t i = 2; i < tiers->level_count; i++) {
        if (tiers->levels[i].review.kind == REVIEW_NEVER)
            continue;
        note(walk, promotion.value != NULL ? &promotion : &window,
             _("more purchases can lower a level: a climb shortly before a review makes counting "
               "start anew, and at the next review the member may fall below the level that they "
               "would have kept without it; with \"on_promotion\": \"keep\" this never happens"));
        return;
    }
}

static bool is_by_measure(const struct place *tiers)
{
    struct place levels = {0};
    if (cJSON_IsObject(tiers->value))
        levels = inside(tiers, "levels");
    if (!cJSON_IsArray(levels.value))
        return false;
    for (struct place at = first_child(&levels); at.value != NULL; next_child(&at))
        if (cJSON_IsObject(at.value) &&
            (member_of(at.value, "from") != NULL || member_of(at.value, "keep") != NULL))
            return true;
    return false;
}

void read_tiers(struct walk *walk, const struct place *place, void *field, const void *detail)
{
    (void)detail;
    struct reading *reading = walk->context;
    struct programme *programme = field;
    struct tiers_draft *draft = arena_allocate(walk->arena, sizeof *draft);
    draft->by_measure = is_by_measure(place);
    draft->tiers.window.kind = WINDOW_LIFETIME;
    /* Where one is missing that must be there, no level is at fault. */
    if (draft->by_measure)
        draft->every.review = (struct review){.kind = REVIEW_DATED, .dates = {.dated = true}};
    reading->tiers = draft;
    programme->tiers = &draft->tiers;
    if (!walk_object(walk, place, &tiers_shape, draft))
        return;
    check_tiers(walk, place, draft);
    note_promotion(walk, place, &draft->tiers);
}
