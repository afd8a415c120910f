/* See added.h. A continuation of an operation in further records is not a second
 * operation; points issued are shown as people count them, not as they are posted. */
#include "added.h"

#include <stdio.h>

#include "answer.h"

static struct added_points *points_of(struct added *added, struct text currency)
{
    for (size_t i = 0; i < added->points_count; i++)
        if (text_equal(text_of(added->points[i].currency), currency))
            return &added->points[i];
    if (added->points_count == LIMIT_CURRENCIES || currency.length > LIMIT_ID)
        return NULL;
    struct added_points *points = &added->points[added->points_count++];
    memcpy(points->currency, currency.bytes, currency.length);
    return points;
}

bool added_note(struct added *added, const struct head *head, struct error *error)
{
    if (added->records++ == 0)
        added->first = head->time;
    added->last = head->time;
    if (head->part == 0)
        added->operations[head->kind]++;
    for (size_t i = 0; i < head->posting_count; i++) {
        const struct posting *posting = &head->postings[i];
        struct added_points *points = points_of(added, posting->currency);
        if (points == NULL)
            return fail(error, ERROR_LIMIT, _("a log has at most %d points currencies"),
                        LIMIT_CURRENCIES);
        if (__builtin_sub_overflow(points->sums[posting->account], posting->amount,
                                   &points->sums[posting->account]))
            return fail(error, ERROR_OVERFLOW, _("the points of %s do not fit into 64 bits"),
                        points->currency);
    }
    return true;
}

static cJSON *points_answer(const struct added_points *points, unsigned scale)
{
    cJSON *answer = cJSON_CreateObject();
    for (int i = 0; i < ACCOUNT_COUNT; i++) {
        enum account account = (enum account)i;
        if (!account_is_wallets(account) && points->sums[i] != 0)
            cJSON_AddItemToObject(answer, account_name(account),
                                  json_points(points->sums[i], scale));
    }
    return answer;
}

cJSON *added_answer(const struct added *added, const struct ledger *ledger)
{
    cJSON *answer = cJSON_CreateObject();
    cJSON_AddItemToObject(answer, "records", json_points(added->records, 0));
    if (added->records > 0) {
        cJSON_AddItemToObject(answer, "from", json_from(added->first));
        cJSON_AddItemToObject(answer, "until", json_from(added->last));
    }
    cJSON *operations = cJSON_AddObjectToObject(answer, "operations");
    for (int i = 0; i < RECORD_KIND_COUNT; i++)
        if (added->operations[i] > 0)
            cJSON_AddItemToObject(operations, record_name((enum record_kind)i),
                                  json_points(added->operations[i], 0));
    cJSON *points = cJSON_AddObjectToObject(answer, "points");
    for (size_t i = 0; i < added->points_count; i++)
        cJSON_AddItemToObject(
            points, added->points[i].currency,
            points_answer(&added->points[i],
                          points_scale(ledger, text_of(added->points[i].currency))));
    return answer;
}
