/* Whose card is an operator's own: operator.link, operator.unlink, and what follows for
 * those who serve themselves. In heads the operator is a keyed hash. */
#include "context.h"

static bool find_operator(struct context *context, struct text name, struct operator_link **link,
                          struct error *error)
{
    unsigned char hash[KEY_HASH_BYTES];
    keyed_hash_of(&context->ledger->keyed, "operator", name, hash);
    return state_operator(context->state, hash, link, error);
}

/* --- Linking -------------------------------------------------------------------- */

static bool begin(struct context *context, bool *duplicate, struct error *error)
{
    bool enrol = false;
    const struct request *request = context->request;
    if (!require(context, FIELD_REF, error) || !require(context, FIELD_OF, error))
        return false;
    if (request->of.length > LIMIT_NAME)
        return fail_field(error, ERROR_LIMIT, "of", _("an operator has at most %d bytes"),
                          LIMIT_NAME);
    if (request_has(request, FIELD_MEMBER) &&
        !resolve_member(context, request->member, &enrol, error))
        return false;
    return check_ref(context, request->ref, duplicate, error);
}

static bool write_link(struct context *context, enum record_kind kind,
                       const struct operator_link *link, struct error *error)
{
    struct head *head = record_new(context, kind);
    head->has_operator = true;
    memcpy(head->operator_hash, link->row.hash, KEY_HASH_BYTES);
    set_keys(context, head);
    return record_write(context, head, body_of(context, false, (struct text){0}), error);
}

bool operator_link(struct context *context, struct error *error)
{
    struct operator_link *link = NULL;
    bool duplicate = false;
    if (!require(context, FIELD_MEMBER, error) || !begin(context, &duplicate, error))
        return false;
    if (duplicate)
        return true;
    if (!load_member(context, error) || !advance(context, error) ||
        !find_operator(context, context->request->of, &link, error))
        return false;
    /* From here on nothing is refused. */
    return write_link(context, RECORD_OPERATOR_LINK, link, error);
}

bool operator_unlink(struct context *context, struct error *error)
{
    struct operator_link *link = NULL;
    bool duplicate = false;
    if (!begin(context, &duplicate, error))
        return false;
    if (duplicate)
        return true;
    if (!find_operator(context, context->request->of, &link, error))
        return false;
    if (link->row.member == 0)
        return fail_field(error, ERROR_UNKNOWN_REF, "of",
                          _("no card is linked to the operator \"%.*s\""),
                          TEXT(context->request->of));
    /* From here on nothing is refused. */
    return write_link(context, RECORD_OPERATOR_UNLINK, link, error);
}

bool member_of_operator(struct context *context, struct text name, uint64_t *member,
                        struct error *error)
{
    struct operator_link *link = NULL;
    *member = 0;
    return find_operator(context, name, &link, error) &&
           (link->row.member == 0 || current_member(context, link->row.member, member, error));
}

/* --- Serving oneself -------------------------------------------------------------- */

bool check_own_card(struct context *context, struct error *error)
{
    uint64_t own = 0;
    struct member *member = NULL;
    const struct request *request = context->request;
    if (!request_has(request, FIELD_OPERATOR) || context->member_id == 0)
        return true;
    enum own_card policy = version_at(context->ledger, context->time)->programme->own_card;
    if (policy == OWN_CARD_ALLOW)
        return true;
    if (!member_of_operator(context, request->operator_id, &own, error))
        return false;
    if (own == 0)
        return true;
    /* Whoever shares a household shares its wallet; else everybody has their own. */
    if (!load_member(context, error) || !state_member(context->state, own, &member, error))
        return false;
    if (member->row.wallet != context->wallet->id)
        return true;
    context->own_card = true;
    if (policy == OWN_CARD_FLAG)
        return true;
    fail_field(error, ERROR_OWN_CARD, "operator",
               _("the operator \"%.*s\" would serve their own card"), TEXT(request->operator_id));
    return hint(error, _("somebody else must serve them; operators.own_card of the programme says "
                         "what is done"));
}
