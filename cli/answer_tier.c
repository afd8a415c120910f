/* Answers in words: the member's level, and what is missing to the next one. */
#include "answer_private.h"

#include "text.h"
#include "value.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

enum { SENTENCE = 512 };

/* --- What is counted --------------------------------------------------------------------- */

static void append(char text[SENTENCE], const char *format, ...)
    __attribute__((format(printf, 2, 3)));

static void append(char text[SENTENCE], const char *format, ...)
{
    size_t used = strlen(text);
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(text + used, SENTENCE - used, format, arguments);
    va_end(arguments);
}

/* "12 points": a single measure is called by what it counts; others by the programme's own
 * names. Amount and word are one text, as languages put them in different orders. */
static void append_measure(char text[SENTENCE], const cJSON *value, const char *name)
{
    const struct shown count = shown_points(value->valuedouble);
    const char *amount = cJSON_IsString(value) ? value->valuestring : count.text;
    unsigned long many = plural(value->valuedouble);
    if (strcmp(name, "earned") == 0)
        append(text, _n("%s point", "%s points", many), amount);
    else if (strcmp(name, "visits") == 0)
        append(text, _n("%s visit", "%s visits", many), amount);
    else if (strcmp(name, "days") == 0)
        append(text, _n("%s day", "%s days", many), amount);
    else if (strcmp(name, "action") == 0)
        append(text, _n("%s action", "%s actions", many), amount);
    else if (strcmp(name, "spend") == 0)
        append(text, _("%s of purchases"), amount);
    else
        append(text, "%s %s", amount, name);
}

/* "2 visits and 58.00 of purchases" of an object. */
static void append_measures(char text[SENTENCE], const cJSON *values)
{
    const cJSON *one;
    cJSON_ArrayForEach(one, values)
    {
        if (one != values->child)
            append(text, "%s", _(" and "));
        append_measure(text, one, one->string);
    }
}

/* --- In short ---------------------------------------------------------------------------- */

static void put_missing(const cJSON *goal, const char *level, bool to_keep)
{
    char missing[SENTENCE] = "";
    const char *by = value_text(goal, "by");
    append_measures(missing, value_of(goal, "missing"));
    if (*missing == '\0')
        return;
    if (to_keep && *by != '\0')
        printf(_("Missing to keep %s: %s, by %s.\n"), level, missing, by);
    else if (to_keep)
        printf(_("Missing to keep %s: %s.\n"), level, missing);
    else if (*by != '\0')
        printf(_("Missing to %s: %s, by %s.\n"), level, missing, by);
    else
        printf(_("Missing to %s: %s.\n"), level, missing);
}

/* The level, and its last day. */
static void put_level(const cJSON *tier)
{
    const char *name = value_text(tier, "name"), *last_day = value_text(tier, "last_day");
    if (value_true(tier, "grace"))
        printf(_("Level: %s, in grace through %s.\n"), name, last_day);
    else if (*last_day != '\0')
        printf(_("Level: %s, through %s.\n"), name, last_day);
    else
        printf(_("Level: %s.\n"), name);
}

void put_tier(const cJSON *answer)
{
    const cJSON *tier = value_of(answer, "tier");
    const cJSON *item;
    if (!cJSON_IsObject(tier))
        return;
    /* A retry tells the level of now, which may be the one before again. */
    if (value_true(tier, "changed") &&
        strcmp(value_text(tier, "from"), value_text(tier, "level")) != 0)
        printf(_("The level changed: it was %s.\n"), value_text(tier, "from_name"));
    put_level(tier);
    cJSON_ArrayForEach(item, value_of(answer, "forfeited")) printf(
        _("Lost with the level: %s %s.\n"), shown_points(item->valuedouble).text, item->string);
    put_missing(value_of(tier, "next"), value_text(value_of(tier, "next"), "name"), false);
    put_missing(value_of(tier, "keep"), value_text(tier, "name"), true);
}

void add_granted(struct table *table, const cJSON *answer)
{
    const cJSON *item;
    cJSON_ArrayForEach(item, value_of(answer, "granted"))
    {
        char dates[160], why[96];
        dates_of(answer, item, dates);
        snprintf(why, sizeof why, _("for reaching %s"), value_text(item, "name"));
        add_effect(table, _("granted"), value_number(item, "amount"), value_text(item, "points"),
                   why, dates);
    }
}

/* --- In full ----------------------------------------------------------------------------- */

/* What a level asks for: a value, an object of values, or a list of such objects. */
static void append_from(char text[SENTENCE], const cJSON *from, const char *measure)
{
    const cJSON *one;
    if (cJSON_IsObject(from))
        append_measures(text, from);
    else if (cJSON_IsNumber(from) || cJSON_IsString(from))
        append_measure(text, from, measure);
    if (!cJSON_IsArray(from))
        return;
    cJSON_ArrayForEach(one, from)
    {
        if (one != from->child)
            append(text, "%s", _(", or "));
        append_measures(text, one);
    }
}

static void put_progress(const cJSON *tier, const cJSON *progress)
{
    const cJSON *measure = value_of(tier, "measures"), *level;
    const char *single = measure->child == NULL ? "" : measure->child->string;
    struct table *table = table_new("lll");
    table_cell(table, "%s", _("level"));
    table_cell(table, "%s", _("asks for"));
    table_cell(table, "%s", _("reached"));
    table_heading(table);
    cJSON_ArrayForEach(level, progress)
    {
        char from[SENTENCE] = "";
        append_from(from, value_of(level, "from"), single);
        table_cell(table, "%s", value_text(level, "name"));
        table_cell(table, "%s", from);
        table_cell(table, "%s", value_true(level, "reached") ? _("yes") : "");
    }
    table_print(table, 2, stdout);
}

/* "1 left this month" */
static void add_left(struct table *table, const cJSON *benefit)
{
    const char *every = value_text(benefit, "every");
    const struct shown left = shown_points(value_number(benefit, "left"));
    if (!cJSON_IsNumber(value_of(benefit, "left")))
        table_cell(table, "%s", "");
    else if (strcmp(every, "day") == 0)
        table_cell(table, _("%s left today"), left.text);
    else if (strcmp(every, "week") == 0)
        table_cell(table, _("%s left this week"), left.text);
    else if (strcmp(every, "month") == 0)
        table_cell(table, _("%s left this month"), left.text);
    else if (strcmp(every, "quarter") == 0)
        table_cell(table, _("%s left this quarter"), left.text);
    else
        table_cell(table, _("%s left this year"), left.text);
}

static void put_benefits(const cJSON *benefits)
{
    const cJSON *benefit;
    if (cJSON_GetArraySize(benefits) == 0)
        return;
    putchar('\n');
    puts(_("Benefits:"));
    struct table *table = table_new("llll");
    cJSON_ArrayForEach(benefit, benefits)
    {
        table_cell(table, "%s", value_text(benefit, "name"));
        add_left(table, benefit);
        if (cJSON_IsNumber(value_of(benefit, "seats")))
            table_cell(table, _("%s places free"),
                       shown_points(value_number(benefit, "seats")).text);
        else
            table_cell(table, "%s", "");
        table_cell(table, "%s", value_text(benefit, "text"));
    }
    table_print(table, 2, stdout);
}

void put_standing(const cJSON *answer)
{
    const cJSON *tier = value_of(answer, "tier");
    char counted[SENTENCE] = "";
    if (cJSON_IsObject(tier)) {
        putchar('\n');
        put_tier(answer);
        printf(_("Of this level since %s.\n"), value_moment(tier, "since").text);
        append_measures(counted, value_of(tier, "measures"));
        if (*counted != '\0')
            printf(_("Counted: %s.\n"), counted);
        put_progress(tier, value_of(answer, "progress"));
    }
    put_benefits(value_of(answer, "benefits"));
}
