/* Sums of what was believed. A sum that is beyond what can be said stays at the most. */
#include "unjudged.h"

#include <stdio.h>
#include <string.h>

#include "answer.h"

static struct unjudged_points *points_at(struct unjudged *unjudged, struct text currency)
{
    for (size_t i = 0; i < unjudged->count; i++) {
        if (text_equal(text_of(unjudged->points[i].currency), currency))
            return &unjudged->points[i];
    }
    if (unjudged->count == LIMIT_CURRENCIES)
        return NULL;
    struct unjudged_points *points = &unjudged->points[unjudged->count++];
    snprintf(points->currency, sizeof points->currency, "%.*s", TEXT(currency));
    return points;
}

static void add(int64_t *sum, int64_t amount)
{
    if (!units_add(*sum, amount, sum))
        *sum = LIMIT_UNITS;
}

void unjudged_add(struct unjudged *unjudged, const struct head *head)
{
    unjudged->records++;
    for (size_t i = 0; i < head->posting_count; i++) {
        const struct posting *posting = &head->postings[i];
        struct unjudged_points *points = points_at(unjudged, posting->currency);
        /* What the programme's accounts give, wallets gain: moves within a wallet are none. */
        if (points == NULL || account_is_wallets(posting->account))
            continue;
        if (posting->amount < 0)
            add(&points->gained, -posting->amount);
        else
            add(&points->lost, posting->amount);
    }
}

/* Null where the programme says no value, or it is beyond what can be said. */
static cJSON *value_of(const struct programme *programme, const struct points *points,
                       int64_t gained)
{
    struct fraction rate, exact;
    wide minor = 1, units = 1;
    int64_t money = 0;
    for (unsigned i = 0; i < programme->currency_digits; i++)
        minor *= 10;
    for (unsigned i = 0; i < points->scale; i++)
        units *= 10;
    bool said = points->value > 0 &&
                fraction_make(points->value * minor, VALUE_UNIT * units, &rate) &&
                fraction_multiply((struct fraction){gained, 1}, rate, &exact) &&
                fraction_round(exact, ROUND_EVEN, &money);
    return said ? json_money(money, programme) : cJSON_CreateNull();
}

cJSON *unjudged_answer(const struct unjudged *unjudged, const struct ledger *ledger)
{
    cJSON *answer = cJSON_CreateObject();
    cJSON_AddItemToObject(answer, "records", json_points(unjudged->records, 0));
    cJSON *currencies = cJSON_AddObjectToObject(answer, "points");
    const struct version *version = version_latest(ledger);
    for (size_t i = 0; version != NULL && i < unjudged->count; i++) {
        const struct unjudged_points *points = &unjudged->points[i];
        int index = programme_points_index(version->programme, text_of(points->currency));
        if (index < 0)
            continue;
        const struct points *known = &version->programme->points[index];
        cJSON *item = cJSON_AddObjectToObject(currencies, points->currency);
        cJSON_AddItemToObject(item, "gained", json_points(points->gained, known->scale));
        cJSON_AddItemToObject(item, "lost", json_points(points->lost, known->scale));
        cJSON_AddItemToObject(item, "value", value_of(version->programme, known, points->gained));
    }
    return answer;
}
