/* The level, its last day, and the one thing to tell beside it: what is missing to the next
 * level; at the top, or while a grace runs, what is missing to keep this one. */
#include "tier.h"

#include "language.h"

static const cJSON *member(const cJSON *object, const char *name)
{
    return cJSON_GetObjectItemCaseSensitive(object, name);
}

static const char *string(const cJSON *object, const char *name)
{
    const char *text = cJSON_GetStringValue(member(object, name));
    return text == NULL ? "" : text;
}

/* --- What is missing --------------------------------------------------------------------- */

static const struct measure *find_measure(const struct programme *programme, struct text name)
{
    for (size_t m = 0; m < programme->tiers->measure_count; m++) {
        const struct measure *measure = &programme->tiers->measures[m];
        if (text_equal(measure->id, name))
            return measure;
    }
    return NULL;
}

/* "12 stars", "2 × Survey" */
static void put_named(struct buffer *out, const char *amount, const char *between,
                      const struct localized *name, struct text otherwise)
{
    struct text shown = localized_text(name, language_tag(), otherwise);
    buffer_format(out, "%s%s%.*s", amount, between, TEXT(shown));
}

static void put_measure(const struct programme *programme, const cJSON *missing, struct buffer *out)
{
    static const struct localized nameless = {0};
    struct text name = text_of(missing->string);
    const char *amount = missing->valuestring == NULL ? "" : missing->valuestring;
    bool is_one = strcmp(amount, "1") == 0;
    const struct measure *measure =
        programme == NULL || programme->tiers == NULL ? NULL : find_measure(programme, name);
    if (measure == NULL) {
        put_named(out, amount, " ", &nameless, name);
        return;
    }
    switch (measure->kind) {
    case MEASURE_EARNED: {
        const struct points *points = &programme->points[measure->currency];
        put_named(out, amount, " ", &points->name, points->id);
        return;
    }
    case MEASURE_SPEND:
        buffer_string(out, amount);
        return;
    case MEASURE_VISITS:
        if (is_one)
            buffer_string(out, _("one visit"));
        else
            buffer_format(out, _("%s visits"), amount);
        return;
    case MEASURE_DAYS:
        if (is_one)
            buffer_string(out, _("one day with a purchase"));
        else
            buffer_format(out, _("%s days with a purchase"), amount);
        return;
    case MEASURE_ACTION: {
        const struct action *action = programme_action(programme, measure->action);
        put_named(out, amount, " \xc3\x97 ", action == NULL ? &nameless : &action->name,
                  measure->action);
        return;
    }
    }
}

/* All that is missing, as one text; empty where nothing is, or no measure leads there. */
static void put_missing(const struct programme *programme, const cJSON *goal, struct buffer *out)
{
    const cJSON *one;
    cJSON_ArrayForEach(one, member(goal, "missing"))
    {
        if (out->length > 0)
            buffer_string(out, _(" and "));
        put_measure(programme, one, out);
    }
}

/* --- The sentence ------------------------------------------------------------------------ */

/* Its parts, one format after the other, so that a translation may turn them around. */
void tier_sentence(const cJSON *tier, const struct programme *programme, struct buffer *out)
{
    struct buffer level = {0}, missing = {0};
    const cJSON *next = member(tier, "next");
    const char *last_day = string(tier, "last_day"), *to = string(next, "name");
    bool grace = cJSON_IsTrue(member(tier, "grace"));
    if (*last_day != '\0')
        buffer_format(&level, _("%s until %s"), string(tier, "name"), last_day);
    else
        buffer_string(&level, string(tier, "name"));
    if (!grace)
        put_missing(programme, next, &missing);
    if (missing.length == 0) {
        to = "";
        put_missing(programme, member(tier, "keep"), &missing);
    }
    const char *stands = buffer_terminate(&level), *lacks = buffer_terminate(&missing);
    if (*lacks == '\0')
        buffer_string(out, stands);
    else if (*to == '\0')
        buffer_format(out, _("%s, %s to keep it"), stands, lacks);
    else
        buffer_format(out, _("%s, %s to %s"), stands, lacks, to);
    buffer_free(&level);
    buffer_free(&missing);
}
