/* A return by amount, of what nobody has the receipt of: no purchase is looked for, and
 * what the amount would earn today is taken back. */
#include "clawback.h"
#include "earn.h"

/* Today's rule, however far back the return lies. */
static bool check_amount(const struct context *context, struct error *error)
{
    const struct programme *programme = version_at(context->ledger, context->time)->programme;
    int64_t amount = context->request->amount;
    if (!programme->no_receipt.allowed) {
        fail_field(error, ERROR_NOT_ALLOWED, "no_receipt",
                   _("the programme has no returns by amount without a receipt"));
        return hint(error, _("returns.no_receipt of the programme allows them; else name the "
                             "receipt in \"of\", or send the \"lines\""));
    }
    if (amount <= programme->no_receipt.most)
        return true;
    struct buffer most = {0};
    decimal_format(&most, programme->no_receipt.most, programme->currency_digits);
    fail_field(error, ERROR_OVER_LIMIT, "amount",
               _("at most %s can be returned without a receipt at once"), buffer_terminate(&most));
    buffer_free(&most);
    return false;
}

bool return_by_amount(struct context *context, struct error *error)
{
    struct clawbacks clawbacks = {0};
    struct movements movements = {0};
    const struct basket_line goods = {.amount = context->request->amount};
    int64_t assessed[LIMIT_CURRENCIES];
    if (!check_at(context, error) || !load_member(context, error) ||
        !check_amount(context, error) ||
        !check_approval(context, APPROVAL_NO_RECEIPT, context->request->amount, 0, error) ||
        !advance(context, error))
        return false;
    struct head *head = return_head(context);
    clawbacks_begin(context, &clawbacks);
    if (!assess_basket(context, &clawbacks, &goods, 1, assessed, error) ||
        !collect(context, head, &clawbacks, NULL, 0, &movements, error))
        return false;
    return write_return(context, head, &clawbacks, NULL, 0, &movements, NULL, error);
}
