/* Whose sale it is: claiming one that nobody has, and moving one to another member.
 *
 * The idea to hold: a claim is a late purchase whose receipt the ledger knows already.
 * What is left of the basket earns what it would have, under the version of the
 * purchase and dated from its day. Taking a sale away is a return of all that is left,
 * without the goods coming back. */
#include "clawback.h"

/* --- The claim code --------------------------------------------------------------------- */

void claim_code(const struct ledger *ledger, struct text identity, char code[CLAIM_CODE_CHARS + 1])
{
    unsigned char hash[KEY_HASH_BYTES];
    uint64_t bits = 0;
    keyed_hash_of(&ledger->keyed, "claim", identity, hash);
    for (size_t i = 0; i < 5; i++)
        bits = bits << 8 | hash[i];
    code_format(bits, CLAIM_CODE_CHARS, code);
}

/* --- Giving ------------------------------------------------------------------------------ */

/* What is left of the sale earns for the context's member. The record's keys and counts
 * are the caller's; without `told` it has no body: another record says why. */
static bool give_sale(struct context *context, const struct sale *sale, struct head *head,
                      bool told, struct error *error)
{
    const struct returned *returned = sale->returned;
    struct basket_line *rest = sale_rest(context, sale, returned->exists ? &returned->part : NULL);
    struct movements movements = {0};
    struct earnings earnings = {0};
    head->of = sale->seq;
    head->at = context->at;
    note_all_activity(context, head, context->at);
    return sell(context, head, &movements, rest, sale->line_count, &earnings, error) &&
           record_write_movements(context, head, &movements,
                                  told ? body_of(context, false, earning_facts(context, &earnings))
                                       : (struct text){0},
                                  error);
}

/* From here on the context judges as on the day of the sale: period_closed. */
static bool as_of_sale(struct context *context, const struct sale *sale, struct error *error)
{
    context->version = sale->version;
    context->at = sale->at;
    return check_period(context, error);
}

/* --- Claim --------------------------------------------------------------------------------- */

static bool claim_keys(struct context *context, struct text identity, bool *duplicate,
                       struct error *error)
{
    const struct request *request = context->request;
    struct text ref = request_has(request, FIELD_REF)
                          ? request->ref
                          : text_format(context->arena, "claim/%.*s", TEXT(identity));
    return check_ref(context, ref, duplicate, error);
}

static bool check_code(struct context *context, const struct programme *now, struct text identity,
                       struct error *error)
{
    const struct request *request = context->request;
    char code[CLAIM_CODE_CHARS + 1];
    if (!request_has(request, FIELD_CODE) && (!now->claims.code_required || is_approved(context)))
        return true;
    claim_code(context->ledger, identity, code);
    if (code_matches(code, request->code))
        return true;
    if (request_has(request, FIELD_CODE))
        fail_field(error, ERROR_WRONG_CODE, "code", _("the code is not that of this receipt"));
    else
        fail_field(error, ERROR_WRONG_CODE, "code", _("the code of the receipt is missing"));
    return hint(
        error,
        _("it stands on the receipt: %d characters; without it a second operator must approve"),
        CLAIM_CODE_CHARS);
}

/* over_limit. Counted is always: a limit may come within the month. */
static bool count_claim(struct context *context, const struct programme *now, struct count **out,
                        struct error *error)
{
    struct date today = zone_date(now->zone, context->time);
    struct count *count = arena_allocate(context->arena, sizeof *count);
    struct counter *counter = NULL;
    *count = (struct count){
        .owner = COUNTS_MEMBER,
        .name = text_of("claim"),
        .bucket = text_format(context->arena, "%04d-%02d", today.year, today.month),
        .by = 1,
    };
    if (!state_counter(context->state, context->member_id, count->name, count->bucket, &counter,
                       error))
        return false;
    if (counter->row.value >= now->claims.per_month)
        return fail_field(error, ERROR_OVER_LIMIT, "member",
                          _("a member claims at most %lld sales in a month"),
                          (long long)now->claims.per_month);
    *out = count;
    return true;
}

/* What the programme of now says of claims. */
static bool check_terms(struct context *context, const struct programme *now,
                        const struct sale *sale, struct text identity, struct error *error)
{
    if (sale->given != NULL) {
        fail_field(error, ERROR_ALREADY_CLAIMED, "receipt", _("the sale has a member already"));
        return hint(error, _("\"reassign\" moves a sale from one member to another"));
    }
    if (!now->claims.allowed) {
        fail_field(error, ERROR_NOT_ALLOWED, "receipt",
                   _("the programme lets nobody claim a sale afterwards"));
        return hint(error, _("\"claims\" of the programme allows it"));
    }
    if (context->time > zone_add(now->zone, sale->at, now->claims.within))
        return fail_field(error, ERROR_TOO_LATE, "receipt", _("the sale is too old to be claimed"));
    return check_code(context, now, identity, error);
}

bool claim(struct context *context, struct error *error)
{
    const struct request *request = context->request;
    struct text identity;
    struct sale sale;
    struct count *count = NULL;
    bool duplicate = false, enrol = false;
    int64_t seq = -1;
    if (!require(context, FIELD_RECEIPT, error) || !require(context, FIELD_MEMBER, error) ||
        !resolve_version(context, error) ||
        !resolve_member(context, request->member, &enrol, error) ||
        !find_sale(context, request->receipt, &identity, &seq, error) ||
        !claim_keys(context, identity, &duplicate, error))
        return false;
    if (duplicate)
        return true;
    if (!load_member(context, error))
        return false;
    if (seq < 0)
        return unknown_receipt(context, FIELD_RECEIPT, identity, error);
    const struct programme *now = version_at(context->ledger, context->time)->programme;
    if (!sale_load(context, seq, &sale, error) || !sale_stands(&sale, FIELD_RECEIPT, error) ||
        !check_terms(context, now, &sale, identity, error) || !check_own_card(context, error) ||
        !check_approval(context, APPROVAL_CLAIM, 0, 0, error) ||
        !count_claim(context, now, &count, error) || !as_of_sale(context, &sale, error) ||
        !advance(context, error))
        return false;
    struct head *head = record_new(context, RECORD_CLAIM);
    set_keys(context, head);
    head->counts = count;
    head->count_count = 1;
    return give_sale(context, &sale, head, true, error);
}

/* --- What waited for its member --------------------------------------------------------- */

static bool claim_one(struct context *context, int64_t seq, struct error *error)
{
    struct context own = *context;
    struct savepoint place;
    struct outcome outcome = {0};
    struct sale sale;
    own.outcome = &outcome;
    own.enrolling = own.has_key = own.has_receipt = false;
    state_save(context->state, &place);
    bool done = sale_load(&own, seq, &sale, error) && sale_stands(&sale, FIELD_RECEIPT, error) &&
                as_of_sale(&own, &sale, error) && load_member(&own, error) &&
                advance(&own, error) &&
                give_sale(&own, &sale, record_new(&own, RECORD_CLAIM), false, error);
    if (!done && !is_refusal(error))
        return false;
    if (!done)
        state_go_back(context->state, &place);
    else
        note_head(context, outcome.heads[0], &context->outcome->claimed,
                  &context->outcome->claimed_count);
    return true;
}

bool claim_waiting(struct context *context, const unsigned char hash[KEY_HASH_BYTES],
                   struct error *error)
{
    struct held **waiting = NULL;
    size_t count = 0;
    /* Nearly always nothing waits anywhere. */
    if (context->state->tip.held == 0)
        return true;
    if (!state_held_for(context->state, hash, &waiting, &count, error))
        return false;
    for (size_t i = 0; i < count; i++) {
        if (!claim_one(context, waiting[i]->row.seq, error))
            return false;
    }
    return true;
}

/* --- Reassign --------------------------------------------------------------------------- */

/* Nobody had it: the record says who gave it to whom, and takes nothing. */
static bool take_from_nobody(struct context *context, const struct sale *sale, struct error *error)
{
    context->member_id = 0;
    context->member = NULL;
    context->wallet = NULL;
    struct head *head = record_new(context, RECORD_REASSIGN);
    set_keys(context, head);
    head->of = sale->seq;
    return record_write(context, head, body_of(context, false, (struct text){0}), error);
}

static bool take_away(struct context *context, struct sale *sale, struct error *error)
{
    struct head *head = record_new(context, RECORD_REASSIGN);
    set_keys(context, head);
    head->of = sale->seq;
    head->with = context->other_id;
    return take_sale_back(context, sale, head, true, error);
}

/* The new member, loaded and advanced in a context of their own, which judges as on the
 * day of the sale. */
static bool find_receiver(struct context *context, const struct sale *sale,
                          struct context *receiver, struct error *error)
{
    *receiver = *context;
    receiver->member_id = context->other_id;
    receiver->has_key = receiver->has_receipt = false;
    return as_of_sale(receiver, sale, error) && load_member(receiver, error) &&
           advance(receiver, error);
}

/* Who has it loses it today: an `at` of the request only says which receipt is meant. */
static void as_of_now(struct context *context)
{
    context->at = context->time;
    context->version = version_at(context->ledger, context->time);
}

static bool check_reassign(const struct sale *sale, uint64_t owner, uint64_t to,
                           struct error *error)
{
    if (owner == to)
        return fail_field(error, ERROR_TO_ONESELF, "to", _("the sale is this member's already"));
    if (sale->head->paid.seq < 0)
        return true;
    fail_field(error, ERROR_NOT_ALLOWED, "of",
               _("points paid for this sale: it stays whose it is"));
    return hint(error, _("return it, or void it, and sell it again"));
}

/* An operator does not move a sale to themselves, either. */
static bool check_receivers_card(const struct context *context, struct error *error)
{
    struct context receiver = *context;
    receiver.member_id = context->other_id;
    return load_member(&receiver, error) && check_own_card(&receiver, error);
}

bool reassign(struct context *context, struct error *error)
{
    const struct request *request = context->request;
    struct context receiver;
    struct sale sale;
    uint64_t owner = 0;
    int64_t seq = -1;
    bool duplicate = false;
    if (!require(context, FIELD_REF, error) || !require(context, FIELD_OF, error) ||
        !require(context, FIELD_TO, error) || !require(context, FIELD_REASON, error) ||
        !resolve_version(context, error) || !resolve_other(context, FIELD_TO, request->to, error))
        return false;
    if (!check_ref(context, request->ref, &duplicate, error))
        return false;
    if (duplicate)
        return true;
    if (!unknown_other(context, FIELD_TO, request->to, error) ||
        !find_receipt(context, &seq, error))
        return false;
    if (seq < 0)
        return unknown_receipt(context, FIELD_OF, context->request->of, error);
    if (!sale_load(context, seq, &sale, error) || !sale_stands(&sale, FIELD_OF, error) ||
        !sale_member(context, &sale, &owner, error) ||
        !check_reassign(&sale, owner, context->other_id, error) ||
        !check_receivers_card(context, error) ||
        !check_approval(context, APPROVAL_REASSIGN, 0, 0, error) ||
        !find_receiver(context, &sale, &receiver, error))
        return false;
    as_of_now(context);
    context->member_id = owner;
    if (owner == 0 ? !take_from_nobody(context, &sale, error)
                   : !load_member(context, error) || !advance(context, error) ||
                         !take_away(context, &sale, error))
        return false;
    if (!give_sale(&receiver, &sale, record_new(&receiver, RECORD_CLAIM), false, error))
        return false;
    context->member_id = context->other_id; /* the answer is about who has it now */
    return true;
}
