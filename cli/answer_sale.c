/* Answers in words: what was sold, and what came back. */
#include "answer_private.h"

#include "text.h"
#include "value.h"

#include <stdio.h>
#include <string.h>

void add_earned(struct table *table, const cJSON *answer, const char *label)
{
    const cJSON *item;
    size_t count = 0;
    cJSON_ArrayForEach(item, value_of(answer, "earned"))
    {
        char dates[160];
        if (value_number(item, "amount") == 0)
            continue;
        dates_of(answer, item, dates);
        add_effect(table, count++ == 0 ? label : "", value_number(item, "amount"),
                   value_text(item, "points"), value_text(item, "rule"), dates);
    }
    if (count == 0)
        add_effect(table, label, 0, "", "", "");
}

static bool is_held(const cJSON *answer)
{
    return strcmp(value_text(answer, "status"), "held") == 0;
}

/* Nobody's sale: what it would give its member, and what they claim it with. */
static void add_claimable(struct table *table, const cJSON *answer)
{
    const cJSON *item;
    cJSON_ArrayForEach(item, value_of(answer, "claimable"))
        add_effect(table, _("would give"), item->valuedouble, item->string, _("its member"), "");
}

static void put_claim_code(const cJSON *answer)
{
    const char *code = value_text(answer, "claim_code"), *status = value_text(answer, "status");
    bool open = strcmp(status, "anonymous") == 0 || strcmp(status, "held") == 0;
    if (*code != '\0' && open)
        printf(_("Claim code: %.4s-%s\n"), code, code + 4);
}

static void put_purchase_line(const cJSON *answer)
{
    const char *receipt = value_text(answer, "receipt"), *amount = value_text(answer, "amount");
    if (value_true(answer, "quote"))
        printf(_("A purchase of %s would earn %s this; nothing was recorded.\n"), amount,
               who(answer));
    else if (value_of(answer, "claimable") != NULL && is_held(answer))
        printf(
            _("Receipt %s over %s is recorded. It waits until somebody has that card or phone.\n"),
            receipt, amount);
    else if (value_of(answer, "claimable") != NULL)
        printf(_("Receipt %s over %s is recorded without a member.\n"), receipt, amount);
    else
        printf(_("Receipt %s over %s is recorded for %s.\n"), receipt, amount, who(answer));
    if (value_true(answer, "enrolled"))
        puts(_("The member is new."));
}

/* What became of the returns that had come before this purchase. */
static void put_held(const cJSON *answer)
{
    const cJSON *item;
    cJSON_ArrayForEach(item, value_of(answer, "held"))
    {
        const char *ref = value_text(item, "ref"), *code = value_text(item, "code");
        if (strcmp(value_text(item, "status"), "done") == 0)
            printf(_("Return %s, which had come before, is done: record %s.\n"), ref,
                   shown_points(value_number(item, "seq")).text);
        else if (*code != '\0')
            printf(_("Return %s, which had come before, still waits: %s.\n"), ref, code);
        else
            printf(_("Return %s, which had come before, still waits.\n"), ref);
    }
}

/* What was taken off, and how it was paid. */
static void put_basket(const cJSON *answer)
{
    const char *discount = value_text(answer, "discount"),
               *rounding = value_text(answer, "rounding");
    const cJSON *item;
    const char *between = "";
    if (*discount != '\0')
        printf(_("The discount on the whole receipt was %s.\n"), discount);
    if (*rounding != '\0')
        printf(_("Rounding of cash: %s.\n"), rounding);
    if (value_of(answer, "tenders") == NULL)
        return;
    printf("%s", _("Paid with: "));
    cJSON_ArrayForEach(item, value_of(answer, "tenders"))
    {
        printf("%s%s %s", between, value_text(item, "type"), value_text(item, "amount"));
        between = ", ";
    }
    puts(".");
}

static void add_paid(struct table *table, const cJSON *answer)
{
    char worth[96];
    const cJSON *paid = value_of(answer, "paid");
    if (paid == NULL)
        return;
    snprintf(worth, sizeof worth, _("worth %s"), value_text(paid, "worth"));
    add_effect(table, value_true(answer, "quote") ? _("would pay") : _("paid"),
               value_number(paid, "amount"), value_text(paid, "points"), worth, "");
}

void show_purchase(const struct call *call, const cJSON *answer)
{
    (void)call;
    put_purchase_line(answer);
    put_basket(answer);
    put_duplicate(answer);
    struct table *table = effects_new();
    add_paid(table, answer);
    if (value_of(answer, "claimable") != NULL)
        add_claimable(table, answer);
    else
        add_earned(table, answer, value_true(answer, "quote") ? _("would earn") : _("earned"));
    const cJSON *item;
    cJSON_ArrayForEach(item, value_of(answer, "clipped"))
        add_effect(table, _("capped"), value_number(item, "amount"), value_text(item, "points"),
                   value_text(item, "rule"), "");
    add_granted(table, answer);
    cJSON_ArrayForEach(item, value_of(answer, "repaid"))
        add_effect(table, _("repaid"), item->valuedouble, item->string, _("of a debt"), "");
    add_balances(table, answer);
    table_print(table, 2, stdout);
    put_tier(answer);
    put_claim_code(answer);
    put_held(answer);
    put_record(answer);
}

void add_collected(struct table *table, const cJSON *answer)
{
    static const struct {
        const char *name, *label;
    } parts[] = {{"from_receipt", N_("from the receipt's own points")},
                 {"from_other", N_("from other points")},
                 {"debt", N_("kept as a debt")},
                 {"forgiven", N_("forgiven")}};
    const cJSON *points;
    cJSON_ArrayForEach(points, value_of(answer, "collected"))
    {
        for (size_t i = 0; i < sizeof parts / sizeof *parts; i++) {
            double amount = value_number(points, parts[i].name);
            if (amount != 0)
                add_effect(table, _("taken back"), amount, points->string, _(parts[i].label), "");
        }
    }
    cJSON_ArrayForEach(points, value_of(answer, "withdrawn"))
        add_effect(table, _("of these"), points->valuedouble, points->string,
                   _("that reaching a level had given"), "");
}

/* "  of receipt A: 12.00" and, below it, each thing that came back. */
static void put_returned(const cJSON *part)
{
    bool all = strcmp(value_text(part, "how"), "all") == 0;
    const cJSON *line;
    printf(all ? _("  of receipt %s: %s, all that was left\n") : _("  of receipt %s: %s\n"),
           value_text(part, "receipt"), value_text(part, "amount"));
    cJSON_ArrayForEach(line, value_of(part, "lines"))
    {
        struct shown number = shown_points(value_number(line, "line"));
        const char *sku = value_text(line, "sku"), *quantity = value_text(line, "quantity");
        if (*sku != '\0')
            printf(_("    %s of %s (line %s)\n"), quantity, sku, number.text);
        else
            printf(_("    %s of line %s\n"), quantity, number.text);
    }
}

/* What each points currency loses, and from where; where nothing was earned that
 * is said, too, because a cashier will be asked. */
static void add_losses(struct table *table, const cJSON *answer)
{
    const cJSON *item;
    double assessed = 0;
    cJSON_ArrayForEach(item, value_of(answer, "assessed")) assessed += item->valuedouble;
    if (assessed == 0 && value_of(answer, "withdrawn") == NULL && !value_true(answer, "duplicate"))
        add_effect(table, _("taken back"), 0, "", "", "");
    add_collected(table, answer);
}

void add_restored(struct table *table, const cJSON *answer)
{
    const cJSON *item;
    cJSON_ArrayForEach(item, value_of(answer, "restored"))
        add_effect(table, _("given back"), value_number(item, "amount"), value_text(item, "points"),
                   _("that had paid"), "");
    cJSON_ArrayForEach(item, value_of(answer, "lapsed"))
        add_effect(table, _("lapsed"), value_number(item, "amount"), value_text(item, "points"),
                   _("that had paid"), "");
}

void put_refund(const cJSON *answer)
{
    if (value_of(answer, "restored") != NULL)
        printf(_("To be given back in money: %s.\n"), value_text(answer, "refund"));
}

static void put_unmatched(const cJSON *answer)
{
    const cJSON *item;
    cJSON_ArrayForEach(item, value_of(answer, "unmatched"))
    {
        double line = cJSON_IsNumber(item) ? item->valuedouble : value_number(item, "line");
        const char *quantity = value_text(item, "quantity");
        if (*quantity != '\0')
            printf(_("No purchase matches line %s (%s of it).\n"), shown_points(line).text,
                   quantity);
        else
            printf(_("No purchase matches line %s.\n"), shown_points(line).text);
    }
}

/* A return that waits for its purchase, or did until it was cancelled. */
static bool put_waiting(const cJSON *answer)
{
    const char *status = value_text(answer, "status"), *receipt = value_text(answer, "receipt");
    if (strcmp(status, "held") != 0 && strcmp(status, "cancelled") != 0)
        return false;
    if (strcmp(status, "cancelled") == 0)
        printf(_("The return of receipt %s was cancelled before it could happen.\n"), receipt);
    else if (cJSON_IsNumber(value_of(answer, "purchase")))
        printf(_("The return is still held: it was refused when receipt %s came, record %s.\n"),
               receipt, shown_points(value_number(answer, "purchase")).text);
    else
        printf(_("The return is held: receipt %s is not recorded yet. It happens by itself when\n"
                 "that purchase comes.\n"),
               receipt);
    put_duplicate(answer);
    put_record(answer);
    return true;
}

void show_return(const struct call *call, const cJSON *answer)
{
    (void)call;
    if (put_waiting(answer))
        return;
    if (value_true(answer, "no_receipt"))
        printf(_("A return of %s, of which nobody has the receipt, is recorded for %s.\n"),
               value_text(answer, "amount"), who(answer));
    else if (cJSON_GetArraySize(value_of(answer, "returned")) > 0)
        printf(_("A return of %s is recorded for %s.\n"), value_text(answer, "amount"),
               who(answer));
    else
        printf(_("A return of goods that match no purchase is recorded for %s.\n"), who(answer));
    put_duplicate(answer);
    const cJSON *item;
    cJSON_ArrayForEach(item, value_of(answer, "returned")) put_returned(item);
    put_unmatched(answer);
    put_refund(answer);
    struct table *table = effects_new();
    add_restored(table, answer);
    add_losses(table, answer);
    add_balances(table, answer);
    table_print(table, 2, stdout);
    put_tier(answer);
    put_record(answer);
}
