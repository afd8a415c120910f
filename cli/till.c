/* The slip a customer takes home: what it was for, points before, what changed,
 * points after. Before is computed from after, because a till prints from one
 * answer; a duplicate's balances are those of now, so its slip says so instead of
 * showing a before that never was. Points that are pending count in both. */
#include "till.h"

#include "text.h"
#include "value.h"
#include "width.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static unsigned till_width(const struct call *call)
{
    const char *text = call_value(call, "print");
    if (text == NULL)
        return 0;
    return strcmp(text, "32") == 0 ? 32 : strcmp(text, "48") == 0 ? 48 : 1;
}

loyalty_status till_check(const struct call *call, struct problem *problem)
{
    if (till_width(call) != 1)
        return LOYALTY_OK;
    problem_set(problem, LOYALTY_USAGE, "usage", _("--print cannot print '%s' columns"),
                call_value(call, "print"));
    return problem_hint(problem, "%s", _("it is 32 or 48"));
}

static void fill(size_t count, char c)
{
    for (size_t i = 0; i < count; i++)
        putchar(c);
}

static void rule(size_t width)
{
    fill(width, '-');
    putchar('\n');
}

/* Left and right on one line, or, where they do not fit, on lines of their own. */
static void pair(size_t width, const char *left, const char *right)
{
    size_t left_length = strlen(left), right_length = strlen(right);
    size_t left_width = width_of(left, left_length), right_width = width_of(right, right_length);
    while (left_width + right_width + (right_width > 0 ? 1 : 0) > width && left_length > 0) {
        size_t bytes = width_fit(left, left_length, width);
        if (bytes == 0)
            break;
        printf("%.*s\n", (int)bytes, left);
        left += bytes;
        left_length -= bytes;
        left_width = width_of(left, left_length);
        if (left_length == 0)
            break;
    }
    if (left_length == 0 && right_length == 0)
        return;
    printf("%s", left);
    if (right_length > 0) {
        if (right_width + left_width < width)
            fill(width - left_width - right_width, ' ');
        printf("%s", right);
    }
    putchar('\n');
}

static void centre(size_t width, const char *text)
{
    size_t wide = width_of(text, strlen(text));
    fill(wide < width ? (width - wide) / 2 : 0, ' ');
    puts(text);
}

/* What this operation changed of one points currency, in total. */
static double changed(const cJSON *answer, const char *points)
{
    double sum = 0;
    const cJSON *item;
    cJSON_ArrayForEach(
        item, value_of(answer, "earned")) if (strcmp(value_text(item, "points"), points) == 0)
        sum += value_number(item, "amount");
    const cJSON *collected = value_of(value_of(answer, "collected"), points);
    sum -= value_number(collected, "from_receipt") + value_number(collected, "from_other") +
           value_number(collected, "debt");
    const cJSON *redeemed = value_of(answer, "redeemed");
    if (strcmp(value_text(redeemed, "points"), points) == 0)
        sum -= value_number(redeemed, "amount");
    return sum;
}

static void print_earned(size_t width, const cJSON *answer, const char *points)
{
    const cJSON *item;
    cJSON_ArrayForEach(item, value_of(answer, "earned"))
    {
        if (strcmp(value_text(item, "points"), points) != 0 || value_number(item, "amount") == 0)
            continue;
        char left[160];
        snprintf(left, sizeof left, " %s", value_text(item, "rule"));
        pair(width, left, shown_change(value_number(item, "amount")).text);
        const char *last_day = value_text(item, "last_day");
        if (*last_day != '\0')
            pair(width, _("  valid through"), last_day);
    }
}

static void print_taken(size_t width, const cJSON *answer, const char *points)
{
    const cJSON *collected = value_of(value_of(answer, "collected"), points);
    double taken = value_number(collected, "from_receipt") + value_number(collected, "from_other");
    double debt = value_number(collected, "debt");
    if (taken != 0)
        pair(width, _(" taken back"), shown_change(-taken).text);
    if (debt != 0)
        pair(width, _(" owed"), shown_change(-debt).text);
    const cJSON *redeemed = value_of(answer, "redeemed");
    if (strcmp(value_text(redeemed, "points"), points) == 0)
        pair(width, _(" redeemed"), shown_change(-value_number(redeemed, "amount")).text);
}

static void print_points(size_t width, const cJSON *answer, const cJSON *balance)
{
    const char *points = balance->string;
    bool before_known = !value_true(answer, "duplicate") && value_of(answer, "seq") != NULL &&
                        value_of(answer, "held") == NULL;
    double pending = value_number(balance, "pending");
    double after = value_number(balance, "available") + pending;
    double change = changed(answer, points);
    char left[160];
    if (before_known && change != 0) {
        snprintf(left, sizeof left, _("%s before"), points);
        pair(width, left, shown_points(after - change).text);
    }
    print_earned(width, answer, points);
    print_taken(width, answer, points);
    snprintf(left, sizeof left, _("%s now"), points);
    pair(width, left, shown_points(after).text);
    if (pending != 0)
        pair(width, _(" of these not yet usable"), shown_points(pending).text);
    if (value_false(balance, "spendable"))
        pair(width, _(" not to be spent"), "");
}

static void print_returned(size_t width, const cJSON *part)
{
    const cJSON *line;
    pair(width, _("Of receipt"), value_text(part, "receipt"));
    cJSON_ArrayForEach(line, value_of(part, "lines"))
    {
        char left[160];
        if (*value_text(line, "sku") != '\0')
            snprintf(left, sizeof left, " %s", value_text(line, "sku"));
        else
            snprintf(left, sizeof left, _(" line %s"),
                     shown_points(value_number(line, "line")).text);
        pair(width, left, value_text(line, "quantity"));
    }
}

/* Goods that match no purchase: the request's lines, which have no amount here. */
static void print_unmatched(size_t width, const cJSON *answer)
{
    const cJSON *unmatched = value_of(answer, "unmatched"), *line;
    if (cJSON_GetArraySize(unmatched) > 0)
        pair(width, _("Of no receipt"), "");
    cJSON_ArrayForEach(line, unmatched)
    {
        char left[160];
        snprintf(left, sizeof left, _(" line %s"), shown_points(value_number(line, "line")).text);
        pair(width, left, value_text(line, "quantity"));
    }
}

/* A return of nothing but unmatched goods gives back no amount that is known. */
static bool amount_known(const cJSON *answer)
{
    const cJSON *returned = value_of(answer, "returned");
    return *value_text(answer, "amount") != '\0' &&
           (returned == NULL || cJSON_GetArraySize(returned) > 0);
}

static const char *title(const cJSON *answer)
{
    const char *op = value_text(answer, "op");
    if (strcmp(op, "purchase") == 0)
        return _("PURCHASE");
    if (strcmp(op, "return") == 0)
        return _("RETURN");
    if (strcmp(op, "redeem") == 0)
        return _("POINTS REDEEMED");
    return _("YOUR POINTS");
}

bool till_print(const struct call *call, const cJSON *answer)
{
    size_t width = till_width(call);
    if (width == 0)
        return false;
    rule(width);
    centre(width, title(answer));
    if (value_true(answer, "duplicate"))
        centre(width, _("(copy)"));
    rule(width);
    const char *receipt = value_text(answer, "receipt");
    const cJSON *item;
    if (*receipt != '\0')
        pair(width, _("Receipt"), receipt);
    cJSON_ArrayForEach(item, value_of(answer, "returned")) print_returned(width, item);
    print_unmatched(width, answer);
    if (amount_known(answer))
        pair(width, _("Amount"), value_text(answer, "amount"));
    pair(width, _("Date"), value_when(answer, "time").text);
    if (*value_text(answer, "member") != '\0')
        pair(width, _("Member"), value_text(answer, "member"));
    rule(width);
    if (strcmp(value_text(answer, "status"), "held") == 0)
        pair(width, _("Waits for its purchase"), "");
    cJSON_ArrayForEach(item, value_of(answer, "balances")) print_points(width, answer, item);
    const cJSON *seq = value_of(answer, "seq");
    if (seq != NULL) {
        rule(width);
        pair(width, _("Record"), shown_points(seq->valuedouble).text);
    }
    rule(width);
    return true;
}
