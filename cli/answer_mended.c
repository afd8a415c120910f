/* Answers in words: sales that get another member, and operations that are undone. */
#include "answer_private.h"

#include "text.h"
#include "value.h"

#include <stdio.h>
#include <string.h>

static void add_repaid(struct table *table, const cJSON *answer)
{
    const cJSON *item;
    cJSON_ArrayForEach(item, value_of(answer, "repaid"))
        add_effect(table, _("repaid"), item->valuedouble, item->string, _("of a debt"), "");
}

/* The sales that had waited for a card that was linked just now. */
void put_claimed(const cJSON *answer)
{
    const cJSON *sale;
    cJSON_ArrayForEach(sale, value_of(answer, "claimed"))
    {
        printf(_("Receipt %s over %s, which had waited, is theirs now.\n"),
               value_text(sale, "receipt"), value_text(sale, "amount"));
        struct table *table = effects_new();
        add_earned(table, sale, _("earned"));
        add_repaid(table, sale);
        table_print(table, 2, stdout);
    }
}

void show_claim(const struct call *call, const cJSON *answer)
{
    (void)call;
    printf(_("Receipt %s over %s is now that of %s.\n"), value_text(answer, "receipt"),
           value_text(answer, "amount"), who(answer));
    put_duplicate(answer);
    struct table *table = effects_new();
    add_earned(table, answer, _("earned"));
    add_granted(table, answer);
    add_repaid(table, answer);
    add_balances(table, answer);
    table_print(table, 2, stdout);
    put_tier(answer);
    put_record(answer);
}

void show_reassign(const struct call *call, const cJSON *answer)
{
    (void)call;
    const char *from = value_text(answer, "from");
    if (*from != '\0')
        printf(_("Receipt %s goes from %s to %s.\n"), value_text(answer, "receipt"), from,
               who(answer));
    else
        printf(_("Receipt %s, which nobody had, goes to %s.\n"), value_text(answer, "receipt"),
               who(answer));
    put_duplicate(answer);
    struct table *table = effects_new();
    add_collected(table, answer);
    add_earned(table, answer, _("earned"));
    add_repaid(table, answer);
    add_balances(table, answer);
    table_print(table, 2, stdout);
    put_record(answer);
}

/* What the void of a return, or of what took points, gave back to the member. */
static void add_given_back(struct table *table, const cJSON *answer)
{
    const cJSON *item, *restored = value_of(answer, "restored");
    cJSON_ArrayForEach(item, value_of(answer, "given_back"))
        add_effect(table, _("given back"), item->valuedouble, item->string, "", "");
    if (cJSON_IsObject(restored) && value_number(restored, "amount") != 0)
        add_effect(table, _("given back"), value_number(restored, "amount"),
                   value_text(restored, "points"), "", "");
}

void show_void(const struct call *call, const cJSON *answer)
{
    (void)call;
    const char *receipt = value_text(answer, "receipt");
    if (*receipt != '\0')
        printf(_("Receipt %s is void: it counts as if it had not been.\n"), receipt);
    else
        printf(_("Record %s (%s) is void: it counts as if it had not been.\n"),
               shown_points(value_number(answer, "of")).text,
               operation_word(value_text(answer, "voided")));
    put_duplicate(answer);
    if (*receipt != '\0')
        put_refund(answer);
    put_left(answer);
    struct table *table = effects_new();
    if (cJSON_IsArray(value_of(answer, "restored")))
        add_restored(table, answer);
    add_given_back(table, answer);
    add_collected(table, answer);
    add_balances(table, answer);
    table_print(table, 2, stdout);
    put_record(answer);
}
