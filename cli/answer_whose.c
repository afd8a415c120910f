/* Whose a sale is, and what was undone: claim, reassign, void. */
#include "answer_private.h"
#include "text.h"
#include "value.h"

#include <stdio.h>
#include <string.h>

/* What has become of a sale since it was recorded, where this is told again. */
void put_sale_status(const cJSON *answer)
{
    const char *status = value_text(answer, "status"), *holder = value_text(answer, "holder");
    if (strcmp(status, "void") == 0)
        puts(_("It was voided since: it counts as if it had not been."));
    else if (strcmp(status, "claimed") == 0)
        printf(_("It was claimed since: it is %s's.\n"), holder);
    else if (strcmp(status, "reassigned") == 0 && *holder != '\0')
        printf(_("It was moved since: it is %s's.\n"), holder);
    else if (strcmp(status, "held") == 0)
        puts(
            _("Nobody has this card or phone yet; the points come when somebody is linked to it."));
    else if (strcmp(status, "anonymous") == 0)
        puts(_("It is nobody's; no points were given."));
}

/* What it would give whoever claims it, and the code that they need. */
void put_claimable(const cJSON *answer)
{
    const cJSON *item;
    const char *code = value_text(answer, "claim_code"), *status = value_text(answer, "status");
    if (strcmp(status, "anonymous") != 0 && strcmp(status, "held") != 0)
        return; /* it has found its member, or counts no more */
    struct table *table = effects_new();
    cJSON_ArrayForEach(item, value_of(answer, "claimable"))
        add_effect(table, _("would earn"), item->valuedouble, item->string, "", "");
    table_print(table, 2, stdout);
    if (*code != '\0')
        printf(_("It can be claimed with the code %.4s-%s.\n"), code, code + 4);
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
        table_print(table, 2, stdout);
    }
}

static void add_claim(struct table *table, const cJSON *answer)
{
    const cJSON *item;
    add_earned(table, answer, _("earned"));
    cJSON_ArrayForEach(item, value_of(answer, "repaid"))
        add_effect(table, _("repaid"), item->valuedouble, item->string, _("of a debt"), "");
}

void show_claim(const struct call *call, const cJSON *answer)
{
    (void)call;
    printf(_("Receipt %s over %s is %s's now.\n"), value_text(answer, "receipt"),
           value_text(answer, "amount"), who(answer));
    put_duplicate(answer);
    struct table *table = effects_new();
    add_claim(table, answer);
    add_balances(table, answer);
    table_print(table, 2, stdout);
    put_record(answer);
}

void show_reassign(const struct call *call, const cJSON *answer)
{
    const char *from = value_text(answer, "from");
    (void)call;
    printf(_("Receipt %s over %s is %s's now.\n"), value_text(answer, "receipt"),
           value_text(answer, "amount"), who(answer));
    put_duplicate(answer);
    struct table *table = effects_new();
    add_claim(table, answer);
    add_balances(table, answer);
    table_print(table, 2, stdout);
    if (*from != '\0') {
        printf(_("Of %s, who had it, this was taken back:\n"), from);
        table = effects_new();
        add_losses(table, answer);
        table_print(table, 2, stdout);
    }
    put_record(answer);
}

/* Of points given by hand, or spent: what went back, or was taken. */
static void add_undone(struct table *table, const cJSON *answer)
{
    const cJSON *restored = value_of(answer, "restored"), *taken = value_of(answer, "collected");
    if (cJSON_IsObject(restored))
        add_effect(table, _("given back"), value_number(restored, "amount"),
                   value_text(restored, "points"), "", "");
    if (cJSON_IsString(cJSON_GetObjectItem(taken, "points")))
        add_effect(table, _("taken back"), value_number(taken, "amount"),
                   value_text(taken, "points"), "", "");
}

void show_void(const struct call *call, const cJSON *answer)
{
    const char *receipt = value_text(answer, "receipt"), *what = value_text(answer, "voided");
    const cJSON *item;
    (void)call;
    if (*receipt != '\0')
        printf(_("Receipt %s counts as if it had not been.\n"), receipt);
    else
        printf(_("The %s, record %s, counts as if it had not been.\n"), operation_word(what),
               shown_points(value_number(answer, "of")).text);
    put_duplicate(answer);
    if (*value_text(answer, "refund") != '\0')
        printf(_("To be given back in money: %s.\n"), value_text(answer, "refund"));
    struct table *table = effects_new();
    if (cJSON_IsArray(value_of(answer, "restored")))
        add_restored(table, answer);
    if (value_of(answer, "assessed") != NULL)
        add_losses(table, answer);
    cJSON_ArrayForEach(item, value_of(answer, "given_back"))
        add_effect(table, _("given back"), item->valuedouble, item->string, "", "");
    add_undone(table, answer);
    add_balances(table, answer);
    table_print(table, 2, stdout);
    put_record(answer);
}
