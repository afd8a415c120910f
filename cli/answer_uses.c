/* Answers in words: what members did besides buying, the level that somebody set, and what
 * a level lets them use. */
#include "answer_private.h"

#include "text.h"
#include "value.h"

#include <stdio.h>

/* What came of it: entry rewards, balances, the level. */
static void put_changed(const cJSON *answer)
{
    struct table *table = effects_new();
    put_duplicate(answer);
    add_granted(table, answer);
    add_balances(table, answer);
    table_print(table, 2, stdout);
    put_tier(answer);
    put_record(answer);
}

void show_action(const struct call *call, const cJSON *answer)
{
    (void)call;
    printf(_("The action '%s' of %s is recorded.\n"), value_text(answer, "action"), who(answer));
    put_changed(answer);
}

void show_tier_set(const struct call *call, const cJSON *answer)
{
    const char *level = value_text(answer, "level"), *last_day = value_text(answer, "last_day");
    (void)call;
    if (value_true(answer, "released"))
        printf(_("%s holds the level '%s' no more.\n"), who(answer), level);
    else if (*last_day != '\0')
        printf(_("%s holds the level '%s' through %s.\n"), who(answer), level, last_day);
    else
        printf(_("%s has the level '%s'.\n"), who(answer), level);
    put_changed(answer);
}

void put_left(const cJSON *answer)
{
    double left = value_number(answer, "left"), seats = value_number(answer, "seats");
    if (cJSON_IsNumber(value_of(answer, "left")) && left < 1)
        puts(_("It was the last one in this period."));
    else if (cJSON_IsNumber(value_of(answer, "left")))
        printf(_n("It can be used %s time more in this period.\n",
                  "It can be used %s times more in this period.\n", plural(left)),
               shown_points(left).text);
    if (cJSON_IsNumber(value_of(answer, "seats")) && seats < 1)
        puts(_("No place is left."));
    else if (cJSON_IsNumber(value_of(answer, "seats")))
        printf(_n("%s place is left.\n", "%s places are left.\n", plural(seats)),
               shown_points(seats).text);
}

void show_benefit_use(const struct call *call, const cJSON *answer)
{
    (void)call;
    printf(_("%s uses the benefit '%s'.\n"), who(answer), value_text(answer, "benefit"));
    put_duplicate(answer);
    put_left(answer);
    put_record(answer);
}
