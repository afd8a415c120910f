/* A purchase: what the basket is worth under the programme of its day, posted
 * into the wallet of now. */
#include "basket.h"
#include "json.h"
#include "tender.h"
#include "tiering.h"

struct text earning_facts(struct context *context, const struct earnings *earnings)
{
    const struct programme *programme = context->version->programme;
    struct buffer facts = {0};
    buffer_string(&facts, "{\"base\":[");
    unsigned last = UINT32_MAX;
    for (size_t i = 0; i < earnings->count; i++) {
        if (earnings->list[i].rule == last)
            continue;
        if (last != UINT32_MAX)
            buffer_byte(&facts, ',');
        last = earnings->list[i].rule;
        buffer_byte(&facts, '[');
        json_string(&facts, programme->earn[last].id);
        buffer_byte(&facts, ',');
        buffer_integer(&facts, earnings->list[i].base);
        buffer_byte(&facts, ']');
    }
    buffer_string(&facts, context->own_card ? "],\"own_card\":1}" : "]}");
    struct text text = text_copy(context->arena, buffer_view(&facts));
    buffer_free(&facts);
    return text;
}

/* --- The record ------------------------------------------------------------------------- */

static void set_paid(struct head *head, const struct payment *payment)
{
    if (payment->points == 0)
        return;
    head->paid.currency = payment->currency;
    head->paid.points = payment->points;
    head->paid.minor = payment->minor;
    head->paid.seq = payment->seq;
}

/* The keys: the ref if there is one, and the receipt's identity. */
static bool purchase_keys(struct context *context, struct error *error)
{
    const struct request *request = context->request;
    struct text identity;
    if (request->op == OPERATION_QUOTE && !request_has(request, FIELD_RECEIPT))
        return true;
    if (!require(context, FIELD_RECEIPT, error) ||
        !receipt_identity(context, request->receipt, &identity, error))
        return false;
    context->has_receipt = true;
    hash_receipt(context, identity, context->receipt);
    context->has_key = request_has(request, FIELD_REF);
    if (context->has_key)
        hash_ref(context, request->ref, context->key);
    return true;
}

/* A sale without a member is recorded, too; but points that pay are somebody's. */
static bool resolve_buyer(struct context *context, bool *enrol, struct error *error)
{
    const struct request *request = context->request;
    bool pays = request_has(request, FIELD_POINTS) || request_has(request, FIELD_CAPTURE);
    if (!request_has(request, FIELD_MEMBER))
        return !pays || require(context, FIELD_MEMBER, error);
    return resolve_member(context, request->member, enrol, error);
}

/* The ladder up to the member: known before anything is loaded? */
static bool identify(struct context *context, bool *duplicate, bool *enrol, struct error *error)
{
    return require(context, FIELD_AMOUNT, error) && resolve_version(context, error) &&
           condense(context, error) && resolve_buyer(context, enrol, error) &&
           purchase_keys(context, error) && check_keys(context, duplicate, error);
}

/* What an unknown card or phone means, where nobody said "enrol": the programme of now. */
static bool unknown_card(struct context *context, bool *enrol, bool *hold, struct error *error)
{
    const struct request *request = context->request;
    const struct programme *programme = version_at(context->ledger, context->time)->programme;
    bool pays = request_has(request, FIELD_POINTS) || request_has(request, FIELD_CAPTURE);
    if (!request_has(request, FIELD_MEMBER) || *enrol || context->member_id != 0)
        return true;
    if (is_identifier(request->member) && !pays) {
        *enrol = programme->members.unknown == UNKNOWN_ENROL;
        *hold = programme->members.unknown == UNKNOWN_HOLD;
    }
    return *enrol || *hold || load_member(context, error); /* unknown_member */
}

/* --- A sale that is nobody's (yet) ------------------------------------------------- */

/* It waits for its card or phone, unless too many do. */
static bool await_member(struct context *context, struct head *head, struct error *error)
{
    struct held **waiting = NULL;
    struct typed typed;
    size_t count = 0;
    if (!identifier_read(context, context->request->member, &typed, error))
        return false;
    identifier_hash(context->ledger, &typed, head->awaits);
    if (!state_held_for(context->state, head->awaits, &waiting, &count, error))
        return false;
    head->has_awaits = count < LIMIT_HELD;
    return true;
}

static bool sell_to_nobody(struct context *context, bool hold, struct error *error)
{
    size_t count = 0;
    struct basket_line *lines = basket_of(context, context->request, &count);
    struct earnings earnings = {0};
    if (!check_tenders(context, 0, error))
        return false;
    basket_spread(context, context->request, context->version->programme, 0, lines, count);
    if (!earn(context->version->programme, -1, lines, count, context->arena, &earnings, error))
        return false;
    struct head *head = record_new(context, RECORD_PURCHASE);
    head->at = context->at;
    if (hold && !await_member(context, head, error))
        return false;
    /* From here on nothing is refused. */
    set_keys(context, head);
    return record_write(context, head, body_of(context, true, earning_facts(context, &earnings)),
                        error) &&
           carry_out_held(context, head, error);
}

/* --- The ladder ------------------------------------------------------------------------ */

bool purchase(struct context *context, struct error *error)
{
    bool duplicate = false, enrol = false, hold = false;
    if (!identify(context, &duplicate, &enrol, error))
        return false;
    if (duplicate)
        return true;
    if (!check_lines(context, error) || !unknown_card(context, &enrol, &hold, error) ||
        !check_at(context, error))
        return false;
    if (context->member_id != 0 &&
        (!load_member(context, error) || !check_own_card(context, error)))
        return false;
    if (context->member_id == 0 && !enrol)
        return sell_to_nobody(context, hold, error);
    if (enrol && !enrol_new(context, error))
        return false;
    struct payment payment;
    if (!load_member(context, error) || !advance(context, error) ||
        !pay_with_points(context, &payment, error) || !check_tenders(context, payment.minor, error))
        return false;

    size_t count = 0;
    struct basket_line *lines = basket_of(context, context->request, &count);
    basket_spread(context, context->request, context->version->programme, payment.minor, lines,
                  count);
    struct earnings earnings = {0};
    struct head *head = record_new(context, RECORD_PURCHASE);
    head->at = context->at;
    set_paid(head, &payment);
    struct movements movements = {0};
    note_all_activity(context, head, context->at);
    if (!sell(context, head, &movements, lines, count, &earnings, error))
        return false;
    /* From here on nothing is refused. */
    set_keys(context, head);
    return record_write_movements(context, head, &movements,
                                  body_of(context, true, earning_facts(context, &earnings)),
                                  error) &&
           carry_out_held(context, head, error);
}
