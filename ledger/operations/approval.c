/* What a second operator must approve: that one is named, is somebody else, and may. */
#include "context.h"

static const char *const names[] = {"adjust",   "claim",  "reassign",
                                    "redeem",   "return", "return_without_receipt",
                                    "transfer", "void"};
_Static_assert(sizeof names / sizeof *names == APPROVAL_COUNT, "one name each");

static bool may_approve(const struct programme *programme, struct text operator_id)
{
    for (size_t i = 0; i < programme->approver_count; i++) {
        if (text_equal(programme->approvers[i], operator_id))
            return true;
    }
    return programme->approver_count == 0;
}

static bool is_demanded(const struct approval *approval, wide amount, unsigned scale)
{
    wide above = approval->above;
    for (unsigned i = 0; above > 0 && i < scale; i++)
        above *= 10;
    return approval->demanded && amount > above;
}

static bool needed(enum approval_of what, struct error *error)
{
    return hint(error,
                _("approvals.%s of the programme demands it: send \"operator\", and whoever "
                  "approves as \"approved_by\""),
                names[what]);
}

bool is_approved(const struct context *context)
{
    const struct request *request = context->request;
    return request_has(request, FIELD_OPERATOR) && request_has(request, FIELD_APPROVED_BY) &&
           !text_equal(request->operator_id, request->approved_by) &&
           may_approve(version_at(context->ledger, context->time)->programme, request->approved_by);
}

bool check_approval(const struct context *context, enum approval_of what, wide amount,
                    unsigned scale, struct error *error)
{
    const struct programme *programme = version_at(context->ledger, context->time)->programme;
    const struct request *request = context->request;
    /* What has happened already nobody can approve; what waited was approved when it came. */
    if (context->history || context->follow_up != NULL ||
        !is_demanded(&programme->approvals[what], amount, scale))
        return true;
    if (!request_has(request, FIELD_OPERATOR))
        fail_field(error, ERROR_APPROVAL_NEEDED, "operator",
                   _("this needs a second operator's approval, and names no first one"));
    else if (!request_has(request, FIELD_APPROVED_BY))
        fail_field(error, ERROR_APPROVAL_NEEDED, "approved_by",
                   _("this needs a second operator's approval"));
    else if (text_equal(request->operator_id, request->approved_by))
        fail_field(error, ERROR_APPROVAL_NEEDED, "approved_by",
                   _("\"%.*s\" cannot approve what they do themselves"),
                   TEXT(request->approved_by));
    else if (!may_approve(programme, request->approved_by))
        fail_field(error, ERROR_APPROVAL_NEEDED, "approved_by",
                   _("\"%.*s\" is not one of those who may approve"), TEXT(request->approved_by));
    else
        return true;
    return needed(what, error);
}
