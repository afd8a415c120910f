/* Answers in words: what a member has, and how it came about. */
#include "answer_private.h"

#include "text.h"
#include "value.h"

#include <stdio.h>
#include <string.h>

static bool any_pending(const cJSON *lots)
{
    const cJSON *lot;
    cJSON_ArrayForEach(lot, lots)
    {
        if (*value_text(lot, "available_from") != '\0')
            return true;
    }
    return false;
}

/* What keeps a lot from being spent. */
static void add_waiting(struct table *table, const cJSON *lot)
{
    const char *from = value_text(lot, "available_from");
    if (strcmp(from, "activate") == 0)
        table_cell(table, "%s", _("pending"));
    else if (*from != '\0')
        table_cell(table, _("usable from %s"), value_moment(lot, "available_from").text);
    else
        table_cell(table, "%s", "");
}

static void put_lots(const cJSON *lots)
{
    static const char *const headings[] = {N_("left"), "", N_("earned"), N_("through"), N_("lot")};
    bool pending = any_pending(lots);
    if (cJSON_GetArraySize(lots) == 0)
        return;
    struct table *table = table_new(pending ? "rlllll" : "rllll");
    for (size_t i = 0; i < sizeof headings / sizeof *headings; i++)
        table_cell(table, "%s", *headings[i] == '\0' ? "" : _(headings[i]));
    if (pending)
        table_cell(table, "%s", "");
    table_heading(table);
    const cJSON *lot;
    cJSON_ArrayForEach(lot, lots)
    {
        const char *last_day = value_text(lot, "last_day");
        table_cell(table, "%s", shown_points(value_number(lot, "left")).text);
        table_cell(table, "%s", value_text(lot, "points"));
        table_cell(table, "%s", value_moment(lot, "earned").text);
        table_cell(table, "%s", *last_day != '\0' ? last_day : _("for ever"));
        table_cell(table, "%s", value_text(lot, "lot"));
        if (pending)
            add_waiting(table, lot);
    }
    putchar('\n');
    table_print(table, 2, stdout);
}

void show_balance(const struct call *call, const cJSON *answer)
{
    if (call_value(call, "at") != NULL)
        printf(value_true(answer, "foreseen") ? _("As of %s, if nothing more happens:\n")
                                              : _("As of %s:\n"),
               value_when(answer, "at").text);
    printf(_("%s, member since %s\n"), who(answer), value_moment(answer, "joined").text);
    put_balances(answer);
    put_standing(answer);
    put_lots(value_of(answer, "lots"));
}

/* "+5 star, -1 level" */
static void add_changes(struct table *table, const cJSON *points)
{
    char text[512] = "";
    size_t used = 0;
    const cJSON *item;
    cJSON_ArrayForEach(item, points)
    {
        int put = snprintf(text + used, sizeof text - used, "%s%s %s", used > 0 ? ", " : "",
                           shown_change(item->valuedouble).text, item->string);
        if (put < 0 || (size_t)put >= sizeof text - used)
            break;
        used += (size_t)put;
    }
    table_cell(table, "%s", text);
}

const char *operation_word(const char *op)
{
    static const char *const words[] = {
        N_("purchase"),       N_("return"),          N_("redeem"),
        N_("cancel"),         N_("adjust"),          N_("reserve"),
        N_("reserve.extend"), N_("capture"),         N_("release"),
        N_("activate"),       N_("transfer"),        N_("restore"),
        N_("elapse"),         N_("member.add"),      N_("member.link"),
        N_("member.unlink"),  N_("member.merge"),    N_("household.create"),
        N_("household.join"), N_("household.leave"), N_("return.held"),
        N_("claim"),          N_("reassign"),        N_("void"),
        N_("operator.link"),  N_("operator.unlink"), N_("member.erase"),
        N_("member.hold"),    N_("action"),          N_("tier.set"),
        N_("benefit.use"),
    };
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (strcmp(words[i], op) == 0)
            return _(words[i]);
    return op;
}

/* "benefit.use oat-milk": the operation, and of what the programme names which. */
static void add_what(struct table *table, const cJSON *item)
{
    static const char *const names[] = {"action", "level", "benefit"};
    const char *word = operation_word(value_text(item, "op"));
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        const char *name = value_text(item, names[i]);
        if (*name != '\0') {
            table_cell(table, "%s %s", word, name);
            return;
        }
    }
    table_cell(table, "%s", word);
}

/* "Silver > Jade" */
static void add_move(struct table *table, const cJSON *tier)
{
    if (cJSON_IsObject(tier))
        table_cell(table, "%s > %s", value_text(tier, "from_name"), value_text(tier, "name"));
    else
        table_cell(table, "%s", "");
}

static bool any_moves(const cJSON *records)
{
    const cJSON *item;
    cJSON_ArrayForEach(item, records)
    {
        if (value_of(item, "tier") != NULL)
            return true;
    }
    return false;
}

void show_history(const struct call *call, const cJSON *answer)
{
    (void)call;
    const bool moves = any_moves(value_of(answer, "records"));
    struct table *table = table_new(moves ? "rllrlll" : "rllrll");
    static const char *const headings[] = {N_("record"), N_("when"),   N_("what"),
                                           N_("amount"), N_("points"), N_("receipt or key")};
    for (size_t i = 0; i < sizeof headings / sizeof *headings; i++)
        table_cell(table, "%s", _(headings[i]));
    if (moves)
        table_cell(table, "%s", _("level"));
    table_heading(table);
    double oldest = 0;
    const cJSON *item;
    cJSON_ArrayForEach(item, value_of(answer, "records"))
    {
        const char *receipt = value_text(item, "receipt");
        oldest = value_number(item, "seq");
        table_cell(table, "%s", shown_points(oldest).text);
        table_cell(table, "%s", value_when(item, "time").text);
        add_what(table, item);
        table_cell(table, "%s", value_text(item, "amount"));
        add_changes(table, value_of(item, "points"));
        table_cell(table, "%s", *receipt != '\0' ? receipt : value_text(item, "ref"));
        if (moves)
            add_move(table, value_of(item, "tier"));
    }
    table_print(table, 0, stdout);
    if (value_true(answer, "more"))
        printf(_("There are older ones: --before %s\n"), shown_points(oldest).text);
}
