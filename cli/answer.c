/* Answers in words. The rule of the house: the first line says what happened in
 * one sentence, then a table of what it did, then what the member has now. */
#include "answer.h"

#include "table.h"
#include "text.h"
#include "value.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* "id:..." of the member, or what was asked for. */
static const char *who(const cJSON *answer)
{
    const char *member = value_text(answer, "member");
    return *member != '\0' ? member : _("the member");
}

/* Which plural a number takes: 1 is "one point", 1.5 and 0 are "points". */
static unsigned long plural(double amount)
{
    return amount == 1 ? 1 : 2;
}

static void put_duplicate(const cJSON *answer)
{
    if (value_true(answer, "duplicate"))
        puts(_("This was recorded before; nothing was added."));
}

/* Tables of what an operation did have five columns: what, how many, of which
 * points, and two for whatever more there is to say. */
static struct table *effects_new(void)
{
    return table_new("lrlll");
}

static void add_effect(struct table *table, const char *what, double amount, const char *points,
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

/* "has now  12  star" for each points currency. */
static void add_balances(struct table *table, const cJSON *answer)
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

static void put_record(const cJSON *answer)
{
    const cJSON *seq = value_of(answer, "seq");
    if (seq != NULL)
        printf(_("record %s, %s\n"), shown_points(seq->valuedouble).text,
               value_when(answer, "time").text);
}

void show_init(const struct call *call, const cJSON *answer)
{
    printf(_("%s is ready: a ledger with the origin '%s'.\n"), call->database,
           value_text(answer, "origin"));
    const char *key = value_text(answer, "key");
    if (*key != '\0')
        printf(_("Public key for auditors: %s\n"), key);
    if (call->key != NULL)
        printf(_("The signing key is in %s: keep a copy of it elsewhere, and show it to nobody.\n"),
               call->key);
    else
        printf(_("The signing key is in %s.key: keep a copy of it elsewhere, and show it to "
                 "nobody.\n"),
               call->database);
    if (value_true(answer, "test"))
        puts(_("It is a ledger to try things on: --now sets its clock."));
    if (!value_true(answer, "programme"))
        puts(_("Next: 'loyalty programme apply FILE' says what purchases earn."));
}

void show_programme_check(const struct call *call, const cJSON *answer)
{
    (void)answer;
    printf(_("%s: no fault found.\n"), call_value(call, "file"));
}

/* The first version counts since ever: its "from" is null. */
static bool is_ever(const char *from)
{
    return *from == '\0';
}

void show_programme_apply(const struct call *call, const cJSON *answer)
{
    (void)call;
    put_duplicate(answer);
    const char *from = value_text(answer, "from");
    if (is_ever(from))
        printf(_("Programme version %s is in force since ever.\n"),
               shown_points(value_number(answer, "version")).text);
    else
        printf(_("Programme version %s is in force from %s on.\n"),
               shown_points(value_number(answer, "version")).text, shown_moment(from).text);
}

/* The document alone goes to standard output, so that it can be applied again. */
void show_programme(const struct call *call, const cJSON *answer)
{
    const char *from = value_text(answer, "from");
    (void)call;
    fprintf(stderr, _("version %s, in force from: %s\n"),
            shown_points(value_number(answer, "version")).text,
            is_ever(from) ? _("ever") : shown_moment(from).text);
    char *text = cJSON_Print(value_of(answer, "document"));
    if (text != NULL)
        puts(text);
    cJSON_free(text);
}

void show_programme_list(const struct call *call, const cJSON *answer)
{
    (void)call;
    struct table *table = table_new("rllr");
    table_cell(table, "%s", _("version"));
    table_cell(table, "%s", _("programme"));
    table_cell(table, "%s", _("in force from"));
    table_cell(table, "%s", _("record"));
    table_heading(table);
    const cJSON *item;
    cJSON_ArrayForEach(item, value_of(answer, "programmes"))
    {
        const char *from = value_text(item, "from");
        table_cell(table, "%s", shown_points(value_number(item, "version")).text);
        table_cell(table, "%s", value_text(item, "id"));
        table_cell(table, "%s", is_ever(from) ? _("ever") : shown_moment(from).text);
        table_cell(table, "%s", shown_points(value_number(item, "seq")).text);
    }
    table_print(table, 0, stdout);
}

/* "through 2027-11-30", "usable from ...", or both. */
static void dates_of(const cJSON *earned, char text[160])
{
    const char *last_day = value_text(earned, "last_day");
    const char *from = value_text(earned, "available_from");
    size_t used = 0;
    text[0] = '\0';
    if (strcmp(from, "activate") == 0)
        used = (size_t)snprintf(text, 160, "%s", _("pending"));
    else if (*from != '\0')
        used = (size_t)snprintf(text, 160, _("usable from %s"), shown_moment(from).text);
    if (*last_day != '\0' && used < 160)
        snprintf(text + used, 160 - used, _("%sthrough %s"), used > 0 ? ", " : "", last_day);
}

static void add_earned(struct table *table, const cJSON *answer, const char *label)
{
    const cJSON *item;
    size_t count = 0;
    cJSON_ArrayForEach(item, value_of(answer, "earned"))
    {
        char dates[160];
        if (value_number(item, "amount") == 0)
            continue;
        dates_of(item, dates);
        add_effect(table, count++ == 0 ? label : "", value_number(item, "amount"),
                   value_text(item, "points"), value_text(item, "rule"), dates);
    }
    if (count == 0)
        add_effect(table, label, 0, "", "", "");
}

static void put_balances(const cJSON *answer)
{
    struct table *table = effects_new();
    add_balances(table, answer);
    table_print(table, 2, stdout);
}

static void put_purchase_line(const cJSON *answer)
{
    const char *receipt = value_text(answer, "receipt"), *amount = value_text(answer, "amount");
    if (value_true(answer, "quote"))
        printf(_("A purchase of %s would earn %s this; nothing was recorded.\n"), amount,
               who(answer));
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
    add_earned(table, answer, value_true(answer, "quote") ? _("would earn") : _("earned"));
    const cJSON *item;
    cJSON_ArrayForEach(item, value_of(answer, "clipped"))
        add_effect(table, _("capped"), value_number(item, "amount"), value_text(item, "points"),
                   value_text(item, "rule"), "");
    cJSON_ArrayForEach(item, value_of(answer, "repaid"))
        add_effect(table, _("repaid"), item->valuedouble, item->string, _("of a debt"), "");
    add_balances(table, answer);
    table_print(table, 2, stdout);
    put_held(answer);
    put_record(answer);
}

static void add_collected(struct table *table, const cJSON *answer)
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
    if (assessed == 0 && !value_true(answer, "duplicate"))
        add_effect(table, _("taken back"), 0, "", "", "");
    add_collected(table, answer);
}

/* Points that had paid for the goods. */
static void add_restored(struct table *table, const cJSON *answer)
{
    const cJSON *item;
    cJSON_ArrayForEach(item, value_of(answer, "restored"))
        add_effect(table, _("given back"), value_number(item, "amount"), value_text(item, "points"),
                   _("that had paid"), "");
    cJSON_ArrayForEach(item, value_of(answer, "lapsed"))
        add_effect(table, _("lapsed"), value_number(item, "amount"), value_text(item, "points"),
                   _("that had paid"), "");
}

static void put_refund(const cJSON *answer)
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
    if (*status == '\0')
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
    put_record(answer);
}

static void put_after(const cJSON *answer)
{
    put_duplicate(answer);
    put_balances(answer);
    put_record(answer);
}

void show_redeem(const struct call *call, const cJSON *answer)
{
    (void)call;
    const cJSON *redeemed = value_of(answer, "redeemed");
    double amount = value_number(redeemed, "amount");
    printf(_n("%s %s is redeemed for %s.\n", "%s %s are redeemed for %s.\n", plural(amount)),
           shown_points(amount).text, value_text(redeemed, "points"), who(answer));
    put_after(answer);
}

/* What it would have acted on has not come yet, and may not come any more. */
static bool put_tombstone(const cJSON *answer)
{
    if (strcmp(value_text(answer, "status"), "tombstone") != 0)
        return false;
    puts(_("Nothing has that key; should an operation still come with it, it is refused."));
    put_duplicate(answer);
    put_record(answer);
    return true;
}

static void put_lapsed(const cJSON *answer)
{
    double gone = value_number(value_of(answer, "lapsed"), "amount");
    if (gone != 0)
        printf(_n("%s more does not come back: it has lapsed meanwhile.\n",
                  "%s more do not come back: they have lapsed meanwhile.\n", plural(gone)),
               shown_points(gone).text);
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

void show_reserve(const struct call *call, const cJSON *answer)
{
    (void)call;
    const cJSON *reserved = value_of(answer, "reserved");
    double amount = value_number(reserved, "amount");
    printf(_n("%s %s is reserved for %s, until %s.\n", "%s %s are reserved for %s, until %s.\n",
              plural(amount)),
           shown_points(amount).text, value_text(reserved, "points"), who(answer),
           shown_moment(value_text(answer, "until")).text);
    put_after(answer);
}

void show_extend(const struct call *call, const cJSON *answer)
{
    (void)call;
    printf(_("The points of %s are reserved until %s.\n"), who(answer),
           shown_moment(value_text(answer, "until")).text);
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
        dates_of(item, dates);
        add_effect(table, _("released"), value_number(item, "amount"), value_text(item, "points"),
                   value_text(item, "lot"), dates);
    }
    add_balances(table, answer);
    table_print(table, 2, stdout);
    put_record(answer);
}

void show_close(const struct call *call, const cJSON *answer)
{
    (void)call;
    printf(_("The books are closed up to the end of %s; open from %s on.\n"),
           value_text(answer, "period"), value_text(answer, "open_from"));
    put_duplicate(answer);
    put_record(answer);
}

void show_till_close(const struct call *call, const cJSON *answer)
{
    (void)call;
    printf(_("Till %s of store %s is closed for %s: sales %s, sum %s.\n"),
           value_text(answer, "till"), value_text(answer, "store"), value_text(answer, "date"),
           shown_points(value_number(answer, "count")).text, value_text(answer, "sum"));
    put_duplicate(answer);
    put_record(answer);
}

/* --- Between members ------------------------------------------------------------ */

/* What arrived, by the day through which it can be spent. */
static void add_arrived(struct table *table, const cJSON *answer)
{
    const char *label = _("arrived");
    const cJSON *lot;
    cJSON_ArrayForEach(lot, value_of(answer, "lots"))
    {
        char dates[160];
        dates_of(lot, dates);
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
    printf(_("%s, member since %s\n"), who(answer),
           shown_moment(value_text(answer, "joined")).text);
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
        table_cell(table, "%s", shown_moment(value_text(item, "joined")).text);
        add_holdings(table, value_of(item, "balances"));
    }
    table_print(table, 0, stdout);
    const char *next = value_text(answer, "next");
    if (*next != '\0')
        printf(_("There are more: --after %s\n"), next);
}

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
        table_cell(table, _("usable from %s"), shown_moment(from).text);
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
        table_cell(table, "%s", shown_moment(value_text(lot, "earned")).text);
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
    (void)call;
    printf(_("%s, member since %s\n"), who(answer),
           shown_moment(value_text(answer, "joined")).text);
    put_balances(answer);
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

void show_history(const struct call *call, const cJSON *answer)
{
    (void)call;
    struct table *table = table_new("rllrll");
    static const char *const headings[] = {N_("record"), N_("when"),   N_("what"),
                                           N_("amount"), N_("points"), N_("receipt or key")};
    for (size_t i = 0; i < sizeof headings / sizeof *headings; i++)
        table_cell(table, "%s", _(headings[i]));
    table_heading(table);
    double oldest = 0;
    const cJSON *item;
    cJSON_ArrayForEach(item, value_of(answer, "records"))
    {
        const char *receipt = value_text(item, "receipt");
        oldest = value_number(item, "seq");
        table_cell(table, "%s", shown_points(oldest).text);
        table_cell(table, "%s", value_when(item, "time").text);
        table_cell(table, "%s", value_text(item, "op"));
        table_cell(table, "%s", value_text(item, "amount"));
        add_changes(table, value_of(item, "points"));
        table_cell(table, "%s", *receipt != '\0' ? receipt : value_text(item, "ref"));
    }
    table_print(table, 0, stdout);
    if (value_true(answer, "more"))
        printf(_("There are older ones: --before %s\n"), shown_points(oldest).text);
}

void show_lookup(const struct call *call, const cJSON *answer)
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
                 {"programme.apply", show_programme_apply}};
    /* It was looked for, so that it is there already is no news. */
    cJSON *found = cJSON_Duplicate(answer, true);
    cJSON_DeleteItemFromObjectCaseSensitive(found, "duplicate");
    for (size_t i = 0; i < sizeof shows / sizeof *shows; i++)
        if (strcmp(value_text(answer, "op"), shows[i].op) == 0)
            shows[i].show(call, found);
    cJSON_Delete(found);
}

void show_record(const struct call *call, const cJSON *answer)
{
    (void)call;
    puts(value_text(answer, "head"));
    if (cJSON_IsString(value_of(answer, "body")))
        puts(value_text(answer, "body"));
}

/* The file alone, so that its output is what verify-proof reads. */
void show_proof(const struct call *call, const cJSON *answer)
{
    (void)call;
    fputs(value_text(answer, "proof"), stdout);
}

void show_cosign(const struct call *call, const cJSON *answer)
{
    (void)call;
    if (value_of(answer, "note") != NULL) {
        fputs(value_text(answer, "note"), stdout);
        return;
    }
    printf(_("Public key of the cosigner: %s\n"), value_text(answer, "cosigner"));
    printf(_("Its key is in %s, and in %s.signed what it signs: keep copies of both.\n"),
           value_text(answer, "key_file"), value_text(answer, "key_file"));
}

/* The note alone, so that its output is the file that --anchor reads. */
void show_checkpoint(const struct call *call, const cJSON *answer)
{
    (void)call;
    fputs(value_text(answer, "note"), stdout);
}
