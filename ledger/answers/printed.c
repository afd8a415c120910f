/* What a slip tells the customer beyond the answer: which card of theirs this is,
 * masked, and what lapses next. Both are read only where a request asks for a slip,
 * because a purchase that is not printed should not pay for them. */
#include <stdio.h>

#include "answer.h"

/* The identifier as the till sent it; else the first that the vault has. */
static bool note_identifier(struct context *context, struct printed *printed, struct error *error)
{
    struct typed typed;
    struct error ignored;
    struct identifier_row *rows = NULL;
    size_t count = 0;
    if (identifier_read(context, context->request->member, &typed, &ignored)) {
        printed->identifier = identifier_shown(context->arena, &typed);
        return true;
    }
    if (!store_identifiers_of(context->ledger->store, context->arena, context->member_id, &rows,
                              &count, error))
        return false;
    if (count > 0)
        printed->identifier = rows[0].shown;
    return true;
}

/* Available lots come in burn order, so those that lapse on the next last day stand in
 * front; where inactivity comes first, all of them lapse together. */
static bool next_lapse(struct context *context, const struct points *points, struct lapse *lapse,
                       struct error *error)
{
    const struct zone *zone = version_latest(context->ledger)->programme->zone;
    struct pocket *pocket = state_pocket(context->state, context->wallet, points->id);
    struct lot_cursor cursor = {.kind = LOT_AVAILABLE};
    struct lot *lot = NULL;
    moment idle = pocket->row.idle;
    int64_t day = 0;
    *lapse = (struct lapse){.currency = points->id, .expires = MOMENT_NEVER};
    while (state_next_lot(context->state, pocket, &cursor, &lot, error)) {
        moment expires = lot == NULL || lot->row.expires > idle ? idle : lot->row.expires;
        if (lot == NULL || expires == MOMENT_NEVER)
            return true;
        int64_t its = date_to_days(zone_date(zone, expires - 1));
        if (lapse->expires != MOMENT_NEVER && its != day)
            return true;
        if (lapse->expires == MOMENT_NEVER)
            lapse->expires = expires;
        day = its;
        lapse->amount += lot->row.left;
        if (expires == idle) {
            lapse->amount = pocket->row.available;
            return true;
        }
    }
    return false;
}

bool outcome_note_printed(struct context *context, struct error *error)
{
    const struct version *latest = version_latest(context->ledger);
    if (context->request->columns == 0 || context->member_id == 0 || latest == NULL)
        return true;
    struct printed *printed = arena_allocate(context->arena, sizeof *printed);
    for (size_t i = 0; i < latest->programme->points_count; i++) {
        struct lapse *lapse = &printed->lapses[printed->lapse_count];
        if (!next_lapse(context, &latest->programme->points[i], lapse, error))
            return false;
        printed->lapse_count += lapse->expires != MOMENT_NEVER;
    }
    context->outcome->printed = printed;
    return note_identifier(context, printed, error);
}

void answer_printed(const struct ledger *ledger, const struct outcome *outcome, cJSON *answer)
{
    const struct printed *printed = outcome->printed;
    if (printed == NULL)
        return;
    cJSON *lapses = cJSON_CreateObject();
    for (size_t i = 0; i < printed->lapse_count; i++) {
        const struct lapse *lapse = &printed->lapses[i];
        char name[LIMIT_ID + 1];
        cJSON *item = cJSON_CreateObject();
        snprintf(name, sizeof name, "%.*s", TEXT(lapse->currency));
        cJSON_AddItemToObject(item, "amount",
                              json_points(lapse->amount, points_scale(ledger, lapse->currency)));
        cJSON_AddItemToObject(item, "expires", json_moment(lapse->expires));
        cJSON_AddItemToObject(item, "last_day",
                              json_last_day(version_latest(ledger), lapse->expires));
        cJSON_AddItemToObject(lapses, name, item);
    }
    cJSON_AddItemToObject(answer, "identifier",
                          printed->identifier.length > 0 ? json_text(printed->identifier)
                                                         : cJSON_CreateNull());
    cJSON_AddItemToObject(answer, "lapses", lapses);
}
