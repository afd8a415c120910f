/* "earn": rules that say how much money gives how many points, turned into
 * exact rates. Here stand the bounds that let rules/ compute without asking:
 * every rate's terms, and the common denominator of what a member carries. */
#include "read.h"

#include <assert.h>

#include "json.h"

/* A rule as it is being read: "gives" needs "per". */
struct draft {
    struct earn_rule rule;
    int64_t per; /* minor units; 0 until it is known */
};
enum { ANY_LEVEL = -1 };

void walk_money(struct walk *walk, const struct place *place, int64_t *units)
{
    static const char *const examples[] = {"50", "5.0", "50.00", "50.000"};
    const struct reading *reading = walk->context;
    int64_t read;
    /* Where the money is not known, what no money has is still a fault. */
    unsigned digits = reading->money_known ? reading->programme->currency_digits : 3;
    if (!cJSON_IsString(place->value))
        fault_type(walk, place, _("an amount of money in a string, like \"50.00\""));
    else if (walk_decimal(walk, place, digits, examples[digits], &read) && reading->money_known)
        *units = read;
}

static void read_per(struct walk *walk, const struct place *place, void *field, const void *detail)
{
    (void)detail;
    walk_money(walk, place, field);
}

int walk_points_id(struct walk *walk, const struct place *place, bool of_name)
{
    const struct reading *reading = walk->context;
    const struct programme *programme = reading->programme;
    const char *names[LIMIT_CURRENCIES];
    const struct choice ids = {names, programme->points_count};
    for (size_t i = 0; i < programme->points_count; i++)
        names[i] = programme->points[i].id.bytes;
    /* Where "points" itself could not be read, that fault is enough. */
    return ids.count == 0 ? -1 : walk_reference(walk, place, of_name, &ids, "points");
}

/* What a level multiplies is a rate as well. */
static bool check_multiplied(struct walk *walk, const struct place *place,
                             const struct earn_gift *gift)
{
    const struct reading *reading = walk->context;
    const struct tiers *tiers = reading->programme->tiers;
    for (size_t i = 0; tiers != NULL && i < tiers->level_count; i++) {
        struct fraction rate;
        if (level_rate(tiers, (int)i, gift, &rate))
            continue;
        fault(walk, place,
              _("times the \"multiply\" of the level \"%.*s\", the rate of points to \"per\" in "
                "smallest units has a term beyond %lld once reduced: use rounder numbers"),
              TEXT(tiers->levels[i].id), (long long)LIMIT_RATE_TERM);
        return false;
    }
    return true;
}

static void read_gift(struct walk *walk, const struct place *place, struct draft *draft)
{
    const struct reading *reading = walk->context;
    int64_t millionths;
    int index = walk_points_id(walk, place, true);
    if (index < 0)
        return;
    struct earn_gift gift = {.currency = (unsigned)index};
    /* A rate may be finer than the points themselves: it is rounded, by the rule's
     * name, only at the end. */
    if (!walk_points(walk, place, LIMIT_SCALE, &millionths) || draft->per == 0)
        return;
    int64_t unit = power_of_ten(reading->programme->points[index].scale);
    if (!fraction_make((wide)millionths * unit, (wide)draft->per * power_of_ten(LIMIT_SCALE),
                       &gift.rate) ||
        gift.rate.numerator > LIMIT_RATE_TERM || gift.rate.denominator > LIMIT_RATE_TERM) {
        fault(walk, place,
              _("the rate of points to \"per\" in smallest units has a term beyond %lld once "
                "reduced: use rounder numbers"),
              (long long)LIMIT_RATE_TERM);
        return;
    }
    if (check_multiplied(walk, place, &gift))
        draft->rule.gives[draft->rule.gift_count++] = gift;
}

static void read_gives(struct walk *walk, const struct place *place, void *field,
                       const void *detail)
{
    (void)detail;
    struct draft *draft = field;
    size_t count = 0;
    if (!walk_gives(walk, place, &count))
        return;
    draft->rule.gives = arena_allocate(walk->arena, count * sizeof draft->rule.gives[0]);
    for (struct place at = first_child(place); at.value != NULL; next_child(&at))
        read_gift(walk, &at, draft);
}

/* A filter that lets nothing through would be a rule that never gives. */
static void read_only(struct walk *walk, const struct place *place, void *field, const void *detail)
{
    if (!walk_object(walk, place, detail, field))
        return;
    for (struct place at = first_child(place); at.value != NULL; next_child(&at))
        if (cJSON_IsArray(at.value) && at.value->child == NULL)
            fault(walk, &at, _("names nothing: list what the rule is for, or leave it out"));
    if (place->value->child == NULL)
        fault(walk, place, _("names nothing: list what the rule is for, or leave \"only\" out"));
}

static const char *const rounding_names[] = {"down", "up", "nearest", "even", "carry"};
static_assert(sizeof rounding_names / sizeof rounding_names[0] == EARN_CARRY + 1,
              "a name per rounding");
static const struct choice roundings = CHOICE(rounding_names);
static const char *const each_names[] = {"receipt", "line"};
static_assert(sizeof each_names / sizeof each_names[0] == EACH_LINE + 1, "a name per each");
static const struct choice each_choice = CHOICE(each_names);

static const struct member rule_members[] = {
    {"id", REQUIRED, offsetof(struct draft, rule.id), read_id, NULL},
    {"name", OPTIONAL, offsetof(struct draft, rule.name), read_name, NULL},
    {"per", REQUIRED, offsetof(struct draft, per), read_per, NULL},
    {"gives", REQUIRED, 0, read_gives, NULL},
    {"rounding", OPTIONAL, offsetof(struct draft, rule.rounding), read_choice, &roundings},
    {"each", OPTIONAL, offsetof(struct draft, rule.each), read_choice, &each_choice},
    {"min_tier", OPTIONAL, offsetof(struct draft, rule.least_level), read_level_id, NULL},
    {"tier", OPTIONAL, offsetof(struct draft, rule.only_level), read_level_id, NULL},
    {"only", OPTIONAL, offsetof(struct draft, rule.only), read_only, &filter_shape},
    {"excluding", OPTIONAL, offsetof(struct draft, rule.excluding), read_object, &filter_shape},
};
static const struct shape rule_shape = SHAPE(rule_members);

void check_own_id(struct walk *walk, const struct place *place, struct text id, const void *list,
                  size_t count, size_t size)
{
    for (const char *one = list, *end = one + count * size; one < end; one += size) {
        struct text earlier = *(const struct text *)(const void *)one;
        if (id.length > 0 && text_equal(earlier, id)) {
            struct place at = inside(place, "id");
            fault(walk, &at, _("\"%.*s\" is the id of an earlier one: each needs its own"),
                  TEXT(id));
            return;
        }
    }
}

static void check_levels(struct walk *walk, const struct place *place)
{
    struct place tier = inside(place, "tier");
    if (tier.value != NULL && member_of(place->value, "min_tier") != NULL)
        fault_name(walk, &tier,
                   _("does not go beside \"min_tier\": name just one level, or the lowest"));
}

static void check_carry(struct walk *walk, const struct place *place, const struct earn_rule *rule)
{
    struct reading *reading = walk->context;
    if (rule->rounding != EARN_CARRY)
        return;
    if (rule->each == EACH_LINE) {
        struct place at = inside(place, "each");
        fault(walk, &at,
              _("\"line\" does not go with \"carry\", which keeps everything and so has no line "
                "to round: leave \"each\" out, or round \"down\""));
    }
    for (size_t i = 0; i < rule->gift_count; i++) {
        int64_t *common = &reading->carried[rule->gives[i].currency];
        if (carry_common(reading->programme->tiers, &rule->gives[i], common))
            continue;
        struct text id = reading->programme->points[rule->gives[i].currency].id;
        struct place at = inside(place, "gives");
        fault(walk, &at,
              _("with this rule, what a member carries of \"%.*s\" needs a denominator beyond "
                "%lld: give the carry rules of these points \"per\" amounts that divide one "
                "another, and levels a rounder \"multiply\""),
              TEXT(id), (long long)LIMIT_CARRY_DENOMINATOR);
    }
}

/* One purchase's head lists what every rule gave, and has a size. */
static void check_gifts(struct walk *walk, const struct place *place,
                        const struct programme *programme)
{
    size_t gifts = 0;
    for (size_t r = 0; r < programme->earn_count; r++)
        gifts += programme->earn[r].gift_count;
    if (gifts > LIMIT_GIFTS)
        fault(walk, place, _("all rules together give %zu times; at most %d are accepted"), gifts,
              LIMIT_GIFTS);
}

void read_earn(struct walk *walk, const struct place *place, void *field, const void *detail)
{
    (void)detail;
    struct programme *programme = field;
    int count = walk_list(walk, place, LIMIT_EARN_RULES);
    if (count <= 0)
        return;
    programme->earn = arena_allocate(walk->arena, (size_t)count * sizeof programme->earn[0]);
    for (struct place at = first_child(place); at.value != NULL; next_child(&at)) {
        struct draft draft = {.rule = {.rounding = EARN_DOWN,
                                       .each = EACH_RECEIPT,
                                       .least_level = ANY_LEVEL,
                                       .only_level = ANY_LEVEL}};
        if (walk_object(walk, &at, &rule_shape, &draft)) {
            check_own_id(walk, &at, draft.rule.id, programme->earn, programme->earn_count,
                         sizeof programme->earn[0]);
            check_levels(walk, &at);
            check_carry(walk, &at, &draft.rule);
        }
        programme->earn[programme->earn_count++] = draft.rule;
    }
    check_gifts(walk, place, programme);
}
