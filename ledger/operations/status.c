/* What has become of an operation since it was recorded: what a retry, or who looks it
 * up, is told beside the outcome of then. As of the retry itself, whatever its commit
 * does behind it. */
#include "sale.h"

/* Who has a sale by now, where that is not who its record says. */
static bool note_holder(struct context *context, const struct head *purchase, struct error *error)
{
    struct outcome *outcome = context->outcome;
    struct holder *holder = NULL;
    const struct head *given = NULL;
    bool was_nobodys = purchase->member == 0;
    if (!state_holder(context->state, purchase->seq, &holder, error) ||
        !sale_given(context, purchase->seq, &given, error))
        return false;
    if (holder->exists && given != NULL &&
        !current_member(context, given->member, &outcome->holder, error))
        return false;
    if (outcome->status != NULL)
        return true;
    if (given == NULL)
        outcome->status = purchase->has_awaits && !holder->exists ? "held" : "anonymous";
    else if (holder->exists)
        outcome->status = was_nobodys ? "claimed" : "reassigned";
    return true;
}

bool outcome_note_status(struct context *context, struct error *error)
{
    struct outcome *outcome = context->outcome;
    struct cancelled *cancelled = NULL;
    struct record by;
    if (outcome->head_count == 0)
        return true;
    const struct head *head = outcome->heads[0];
    if (!state_cancelled(context->state, head->seq, &cancelled, error))
        return false;
    if (cancelled->row.by >= 0) {
        if (!state_record(context->state, cancelled->row.by, &by, error))
            return false;
        outcome->status = by.head->kind == RECORD_VOID ? "void" : "cancelled";
    }
    return head->kind != RECORD_PURCHASE || note_holder(context, head, error);
}
