/* Answers in words: members, what they are known by, and what goes from one to the other. */
#include "answer_private.h"

#include "text.h"
#include "value.h"

#include <stdio.h>
#include <string.h>

/* What arrived, by the day through which it can be spent. */
static void add_arrived(struct table *table, const cJSON *answer)
{
    const char *label = _("arrived");
    const cJSON *lot;
    cJSON_ArrayForEach(lot, value_of(answer, "lots"))
    {
        char dates[160];
        dates_of(answer, lot, dates);
        add_effect(table, label, value_number(lot, "amount"), value_text(lot, "points"), "", dates);
        label = "";
    }
}

void show_transfer(const struct call *call, const cJSON *answer)
{
    (void)call;
    const cJSON *given = value_of(answer, "transferred");
    double amount = value_number(given, "amount");
    printf(_n("%s %s of %s goes to %s.\n", "%s %s of %s go to %s.\n", plural(amount)),
           shown_points(amount).text, value_text(given, "points"), who(answer),
           value_text(answer, "to"));
    put_duplicate(answer);
    struct table *table = effects_new();
    add_arrived(table, answer);
    add_balances(table, answer);
    table_print(table, 2, stdout);
    put_record(answer);
}

void show_household_change(const struct call *call, const cJSON *answer)
{
    const char *op = value_text(answer, "op"), *household = value_text(answer, "household");
    (void)call;
    if (strcmp(op, "household.create") == 0)
        printf(_("%s is made; its first member is %s.\n"), household, who(answer));
    else if (strcmp(op, "household.join") == 0)
        printf(_("%s is now in %s.\n"), who(answer), household);
    else
        printf(_("%s has left %s.\n"), who(answer), household);
    put_after(answer);
}

void show_household(const struct call *call, const cJSON *answer)
{
    double count = cJSON_GetArraySize(value_of(answer, "members"));
    const cJSON *item;
    (void)call;
    printf(_n("%s, %s member\n", "%s, %s members\n", plural(count)),
           value_text(answer, "household"), shown_points(count).text);
    cJSON_ArrayForEach(item, value_of(answer, "members"))
        printf("  %s\n", cJSON_GetStringValue(item) != NULL ? cJSON_GetStringValue(item) : "");
    put_balances(answer);
}

void show_merge(const struct call *call, const cJSON *answer)
{
    (void)call;
    printf(_("%s is %s from now on.\n"), who(answer), value_text(answer, "into"));
    put_after(answer);
}

static void put_identifiers(const cJSON *answer)
{
    const cJSON *item;
    cJSON_ArrayForEach(item, value_of(answer, "identifiers"))
        printf("  %s\n", cJSON_GetStringValue(item) != NULL ? cJSON_GetStringValue(item) : "");
}

void show_member_change(const struct call *call, const cJSON *answer)
{
    const char *op = value_text(answer, "op");
    (void)call;
    if (strcmp(op, "member.add") == 0 && value_true(answer, "duplicate"))
        printf(_("%s is the member.\n"), who(answer));
    else if (strcmp(op, "member.add") == 0)
        printf(_("%s is a new member.\n"), who(answer));
    else if (strcmp(op, "member.unlink") == 0)
        printf(_("%s is no longer known by:\n"), who(answer));
    else
        printf(_("%s is now also known by:\n"), who(answer));
    put_duplicate(answer);
    put_identifiers(answer);
    put_claimed(answer);
    put_record(answer);
}

void show_operator_change(const struct call *call, const cJSON *answer)
{
    (void)call;
    if (strcmp(value_text(answer, "op"), "operator.link") == 0)
        printf(_("The card of the operator '%s' is that of %s.\n"), value_text(answer, "operator"),
               who(answer));
    else
        printf(_("No card is that of the operator '%s' any more.\n"),
               value_text(answer, "operator"));
    put_duplicate(answer);
    put_record(answer);
}

void show_erase(const struct call *call, const cJSON *answer)
{
    const cJSON *points;
    (void)call;
    printf(_("%s is erased: what %s records said of them is gone.\n"), who(answer),
           shown_points(value_number(answer, "erased")).text);
    put_duplicate(answer);
    cJSON_ArrayForEach(points, value_of(answer, "forfeited"))
        printf(_("  %s %s lapsed\n"), shown_points(points->valuedouble).text, points->string);
    if (value_true(answer, "log_left"))
        puts(
            _("Others were reading: the write-ahead log beside the ledger holds it until the last\n"
              "of them closes it."));
    puts(_("Exports, bundles and backups that were made before have it still."));
    put_record(answer);
}

void show_hold(const struct call *call, const cJSON *answer)
{
    (void)call;
    if (cJSON_IsString(value_of(answer, "until")))
        printf(_("What is held on %s is kept until %s.\n"), who(answer),
               value_moment(answer, "until").text);
    else
        printf(_("What is held on %s may be erased.\n"), who(answer));
    put_duplicate(answer);
    put_record(answer);
}

void show_operator(const struct call *call, const cJSON *answer)
{
    (void)call;
    if (cJSON_IsString(value_of(answer, "member")))
        printf(_("The card of the operator '%s' is that of %s.\n"), value_text(answer, "operator"),
               who(answer));
    else
        printf(_("No card is linked to the operator '%s'.\n"), value_text(answer, "operator"));
}

void show_member(const struct call *call, const cJSON *answer)
{
    (void)call;
    printf(_("%s, member since %s\n"), who(answer), value_moment(answer, "joined").text);
    put_identifiers(answer);
    const cJSON *last = value_of(answer, "last");
    if (cJSON_IsNumber(last))
        printf(_("last record: %s\n"), shown_points(last->valuedouble).text);
}

/* "12 star, 3 level" */
static void add_holdings(struct table *table, const cJSON *balances)
{
    char text[512] = "";
    size_t used = 0;
    const cJSON *balance;
    cJSON_ArrayForEach(balance, balances)
    {
        int put = snprintf(text + used, sizeof text - used, "%s%s %s", used > 0 ? ", " : "",
                           shown_points(value_number(balance, "available")).text, balance->string);
        if (put < 0 || (size_t)put >= sizeof text - used)
            break;
        used += (size_t)put;
    }
    table_cell(table, "%s", text);
}

void show_member_list(const struct call *call, const cJSON *answer)
{
    (void)call;
    struct table *table = table_new("lll");
    table_cell(table, "%s", _("member"));
    table_cell(table, "%s", _("since"));
    table_cell(table, "%s", _("has"));
    table_heading(table);
    const cJSON *item;
    cJSON_ArrayForEach(item, value_of(answer, "members"))
    {
        table_cell(table, "%s", value_text(item, "member"));
        table_cell(table, "%s", value_moment(item, "joined").text);
        add_holdings(table, value_of(item, "balances"));
    }
    table_print(table, 0, stdout);
    const char *next = value_text(answer, "next");
    if (*next != '\0')
        printf(_("There are more: --after %s\n"), next);
}
