/* Answers in words: points that are spent, held, given back, released or set by hand. */
#include "answer_private.h"

#include "text.h"
#include "value.h"

#include <stdio.h>
#include <string.h>

void show_redeem(const struct call *call, const cJSON *answer)
{
    (void)call;
    const cJSON *redeemed = value_of(answer, "redeemed");
    double amount = value_number(redeemed, "amount");
    printf(_n("%s %s is redeemed for %s.\n", "%s %s are redeemed for %s.\n", plural(amount)),
           shown_points(amount).text, value_text(redeemed, "points"), who(answer));
    put_after(answer);
}

void show_cancel(const struct call *call, const cJSON *answer)
{
    (void)call;
    const cJSON *restored = value_of(answer, "restored");
    if (put_tombstone(answer))
        return;
    double back = value_number(restored, "amount");
    if (restored != NULL)
        printf(_n("The redeem is undone: %s %s is back with %s.\n",
                  "The redeem is undone: %s %s are back with %s.\n", plural(back)),
               shown_points(back).text, value_text(restored, "points"), who(answer));
    else
        puts(_("The return is called off."));
    put_lapsed(answer);
    put_after(answer);
}

/* What became of it since, where this is told again. */
static void put_reserved_status(const cJSON *answer)
{
    const char *status = value_text(answer, "status");
    if (strcmp(status, "captured") == 0)
        puts(_("It has been captured since."));
    else if (strcmp(status, "released") == 0)
        puts(_("It has been released since."));
    else if (strcmp(status, "lapsed") == 0)
        puts(_("It has lapsed since."));
}

void show_reserve(const struct call *call, const cJSON *answer)
{
    (void)call;
    const cJSON *reserved = value_of(answer, "reserved");
    double amount = value_number(reserved, "amount");
    printf(strcmp(value_text(answer, "status"), "open") == 0
               ? _n("%s %s is reserved for %s, until %s.\n",
                    "%s %s are reserved for %s, until %s.\n", plural(amount))
               : _n("%s %s was reserved for %s, until %s.\n",
                    "%s %s were reserved for %s, until %s.\n", plural(amount)),
           shown_points(amount).text, value_text(reserved, "points"), who(answer),
           value_moment(answer, "until").text);
    put_reserved_status(answer);
    put_after(answer);
}

void show_extend(const struct call *call, const cJSON *answer)
{
    (void)call;
    printf(strcmp(value_text(answer, "status"), "open") == 0
               ? _("The points of %s are reserved until %s.\n")
               : _("The points of %s were reserved until %s.\n"),
           who(answer), value_moment(answer, "until").text);
    put_reserved_status(answer);
    put_after(answer);
}

static void put_released(const cJSON *answer)
{
    const cJSON *released = value_of(answer, "released");
    double back = value_number(released, "amount");
    if (back != 0)
        printf(_n("%s %s is free again.\n", "%s %s are free again.\n", plural(back)),
               shown_points(back).text, value_text(released, "points"));
    put_lapsed(answer);
}

void show_capture(const struct call *call, const cJSON *answer)
{
    (void)call;
    const cJSON *redeemed = value_of(answer, "redeemed");
    double amount = value_number(redeemed, "amount");
    printf(_n("%s %s is redeemed for %s.\n", "%s %s are redeemed for %s.\n", plural(amount)),
           shown_points(amount).text, value_text(redeemed, "points"), who(answer));
    put_released(answer);
    put_after(answer);
}

void show_release(const struct call *call, const cJSON *answer)
{
    (void)call;
    if (put_tombstone(answer))
        return;
    printf(_("The reservation of %s is released.\n"), who(answer));
    put_released(answer);
    put_after(answer);
}

void show_adjust(const struct call *call, const cJSON *answer)
{
    (void)call;
    const cJSON *adjusted = value_of(answer, "adjusted");
    printf(_("The points of %s are adjusted by %s %s.\n"), who(answer),
           shown_change(value_number(adjusted, "amount")).text, value_text(adjusted, "points"));
    put_after(answer);
}

void show_activate(const struct call *call, const cJSON *answer)
{
    (void)call;
    printf(_("Points that waited are released for %s.\n"), who(answer));
    put_duplicate(answer);
    struct table *table = effects_new();
    const cJSON *item;
    cJSON_ArrayForEach(item, value_of(answer, "activated"))
    {
        char dates[160];
        dates_of(answer, item, dates);
        add_effect(table, _("released"), value_number(item, "amount"), value_text(item, "points"),
                   value_text(item, "lot"), dates);
    }
    add_balances(table, answer);
    table_print(table, 2, stdout);
    put_record(answer);
}
