/* Answers in words. The rule of the house: the first line says what happened in
 * one sentence, then a table of what it did, then what the member has now. Here is what
 * the answers share, and those that hold others; each story has its own file. */
#include "answer_private.h"

#include "text.h"
#include "value.h"

#include <stdio.h>
#include <string.h>

const char *who(const cJSON *answer)
{
    const char *member = value_text(answer, "member");
    return *member != '\0' ? member : _("the member");
}

unsigned long plural(double amount)
{
    return amount == 1 ? 1 : 2;
}

/* What has become of it since, where this is told again. */
static void put_since(const cJSON *answer)
{
    const char *status = value_text(answer, "status"), *holder = value_text(answer, "holder");
    if (strcmp(status, "void") == 0)
        puts(_("It was voided since: it counts as if it had not been."));
    else if (strcmp(status, "cancelled") == 0 && value_of(answer, "redeemed") != NULL)
        puts(_("It was cancelled since."));
    else if (*holder != '\0')
        printf(_("It is that of %s by now.\n"), holder);
}

void put_duplicate(const cJSON *answer)
{
    if (value_true(answer, "duplicate"))
        puts(_("This was recorded before; nothing was added."));
    put_since(answer);
}

struct table *effects_new(void)
{
    return table_new("lrlll");
}

void add_effect(struct table *table, const char *what, double amount, const char *points,
                const char *more, const char *dates)
{
    table_cell(table, "%s", what);
    table_cell(table, "%s", shown_points(amount).text);
    table_cell(table, "%s", points);
    table_cell(table, "%s", more);
    table_cell(table, "%s", dates);
}

/* What else there is to say of a balance: "(and 3 pending)". */
static void balance_note(const cJSON *balance, char *note, size_t size)
{
    double pending = value_number(balance, "pending");
    double reserved = value_number(balance, "reserved");
    *note = '\0';
    if (value_number(balance, "available") < 0)
        snprintf(note, size, "%s", _("(a debt)"));
    else if (value_false(balance, "spendable") && pending != 0)
        snprintf(note, size, _("(and %s pending; not to be spent)"), shown_points(pending).text);
    else if (value_false(balance, "spendable"))
        snprintf(note, size, "%s", _("(not to be spent)"));
    else if (pending != 0 && reserved != 0)
        snprintf(note, size, _("(and %s pending, %s reserved)"), shown_points(pending).text,
                 shown_points(reserved).text);
    else if (pending != 0)
        snprintf(note, size, _("(and %s pending)"), shown_points(pending).text);
    else if (reserved != 0)
        snprintf(note, size, _("(and %s reserved)"), shown_points(reserved).text);
}

void add_balances(struct table *table, const cJSON *answer)
{
    const char *label = value_true(answer, "quote") ? _("would have") : _("has now");
    const cJSON *balance;
    cJSON_ArrayForEach(balance, value_of(answer, "balances"))
    {
        char more[96];
        balance_note(balance, more, sizeof more);
        add_effect(table, label, value_number(balance, "available"), balance->string, more, "");
        label = "";
    }
}

void put_record(const cJSON *answer)
{
    const cJSON *seq = value_of(answer, "seq");
    if (seq != NULL)
        printf(_("record %s, %s\n"), shown_points(seq->valuedouble).text,
               value_when(answer, "time").text);
}

/* "through 2027-11-30"; of what came so late that nobody could spend it, that it lapsed. */
static void last_day_of(const cJSON *answer, const cJSON *lot, char text[80])
{
    const char *last_day = value_text(lot, "last_day");
    /* Both are UTC, so that the texts compare like the moments, by the second. */
    int late = strncmp(value_text(answer, "time"), value_text(lot, "expires"), 19);
    text[0] = '\0';
    if (*last_day == '\0')
        return;
    if (late == 0)
        snprintf(text, 80, "%s", _("lapsed at once"));
    else
        snprintf(text, 80, late > 0 ? _("lapsed after %s") : _("through %s"), last_day);
}

void dates_of(const cJSON *answer, const cJSON *lot, char text[160])
{
    const char *from = value_text(lot, "available_from");
    char waits[76] = "", last[80]; /* with what stands between them 160 */
    if (strcmp(from, "activate") == 0)
        snprintf(waits, sizeof waits, "%s", _("pending"));
    else if (*from != '\0')
        snprintf(waits, sizeof waits, _("usable from %s"),
                 value_moment(lot, "available_from").text);
    last_day_of(answer, lot, last);
    snprintf(text, 160, "%s%s%s", waits, *waits != '\0' && *last != '\0' ? ", " : "", last);
}

void put_balances(const cJSON *answer)
{
    struct table *table = effects_new();
    add_balances(table, answer);
    table_print(table, 2, stdout);
}

void put_after(const cJSON *answer)
{
    put_duplicate(answer);
    put_balances(answer);
    put_record(answer);
}

bool put_tombstone(const cJSON *answer)
{
    if (strcmp(value_text(answer, "status"), "tombstone") != 0)
        return false;
    puts(_("Nothing has that key; should an operation still come with it, it is refused."));
    put_duplicate(answer);
    put_record(answer);
    return true;
}

void put_lapsed(const cJSON *answer)
{
    double gone = value_number(value_of(answer, "lapsed"), "amount");
    if (gone != 0)
        printf(_n("%s more does not come back: it has lapsed meanwhile.\n",
                  "%s more do not come back: they have lapsed meanwhile.\n", plural(gone)),
               shown_points(gone).text);
}

/* Any operation, as the command of its name would show it. */
static void show_operation(const struct call *call, const cJSON *answer)
{
    static const struct {
        const char *op;
        void (*show)(const struct call *call, const cJSON *answer);
    } shows[] = {{"purchase", show_purchase},
                 {"return", show_return},
                 {"redeem", show_redeem},
                 {"cancel", show_cancel},
                 {"reserve", show_reserve},
                 {"reserve.extend", show_extend},
                 {"capture", show_capture},
                 {"release", show_release},
                 {"adjust", show_adjust},
                 {"activate", show_activate},
                 {"close", show_close},
                 {"till.close", show_till_close},
                 {"claim", show_claim},
                 {"reassign", show_reassign},
                 {"void", show_void},
                 {"transfer", show_transfer},
                 {"household.create", show_household_change},
                 {"household.join", show_household_change},
                 {"household.leave", show_household_change},
                 {"member.merge", show_merge},
                 {"member.add", show_member_change},
                 {"member.link", show_member_change},
                 {"member.unlink", show_member_change},
                 {"operator.link", show_operator_change},
                 {"operator.unlink", show_operator_change},
                 {"member.erase", show_erase},
                 {"member.hold", show_hold},
                 {"action", show_action},
                 {"tier.set", show_tier_set},
                 {"benefit.use", show_benefit_use},
                 {"programme.apply", show_programme_apply}};
    for (size_t i = 0; i < sizeof shows / sizeof *shows; i++)
        if (strcmp(value_text(answer, "op"), shows[i].op) == 0)
            shows[i].show(call, answer);
}

void show_lookup(const struct call *call, const cJSON *answer)
{
    /* It was looked for, so that it is there already is no news. */
    cJSON *found = cJSON_Duplicate(answer, true);
    cJSON_DeleteItemFromObjectCaseSensitive(found, "duplicate");
    show_operation(call, found);
    cJSON_Delete(found);
}

void show_group(const struct call *call, const cJSON *answer)
{
    const cJSON *one;
    cJSON_ArrayForEach(one, value_of(answer, "answers")) show_operation(call, one);
}

void show_exchange(const struct call *call, const cJSON *answer)
{
    const char *difference = value_text(answer, "difference");
    show_return(call, value_of(answer, "return"));
    show_purchase(call, value_of(answer, "purchase"));
    if (*difference == '-')
        printf(_("To hand out: %s.\n"), difference + 1);
    else
        printf(_("To pay: %s.\n"), difference);
}
