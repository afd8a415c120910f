/* Returns that come before their purchase.
 *
 * Two tills work offline, and the one that took the goods back is heard first. The
 * return is recorded and waits, without a member and without points, because whose it
 * is and what it takes only the purchase can say. When that comes, each happens right
 * behind its record, in the order in which they came.
 *
 * The idea to hold: a sale that was paid stands, whatever waited for it. So each is
 * tried from a place of its own to which the state goes back where it is refused; and
 * all that is recorded of one follows from the log, so that audit makes it again. */
#include "json.h"
#include "sale.h"

/* --- Holding ------------------------------------------------------------------------ */

/* Does it read like a whole identity: a part and a slash for each scope, a date where
 * one belongs? Nobody can look it up yet. */
static bool is_whole(const struct programme *programme, struct text of)
{
    const char *at = of.bytes, *end = of.bytes + of.length;
    for (size_t i = 0; i < programme->receipts.unique_count; i++) {
        const char *slash = memchr(at, '/', (size_t)(end - at));
        struct date date;
        if (slash == NULL || slash == at)
            return false;
        struct text part = {at, (size_t)(slash - at)};
        if (programme->receipts.unique_by[i] == SCOPE_DATE && !date_parse(part, &date))
            return false;
        at = slash + 1;
    }
    return at < end;
}

bool name_in_whole(const struct context *context, struct text named, struct error *error)
{
    static const char *const examples[SCOPE_COUNT] = {"S1/", "T2/", "2026-11-21/"};
    const struct programme *programme = context->version->programme;
    char example[64] = "";
    if (programme->receipts.unique_count == 0 || is_whole(programme, named))
        return false;
    for (size_t i = 0; i < programme->receipts.unique_count; i++)
        strcat(example, examples[programme->receipts.unique_by[i]]);
    return hint(error, _("receipt numbers repeat here: name it in whole, as %s4711"), example);
}

bool unknown_receipt(const struct context *context, enum field field, struct text named,
                     struct error *error)
{
    fail_field(error, ERROR_UNKNOWN_RECEIPT, field_name(field), _("there is no receipt \"%.*s\""),
               TEXT(named));
    return name_in_whole(context, named, error);
}

bool awaited_receipt(struct context *context, struct text *identity, struct error *error)
{
    struct text of = context->request->of;
    struct error ignored;
    *identity = of;
    return is_whole(context->version->programme, of) ||
           (may_be_number(context) && receipt_identity(context, of, identity, &ignored)) ||
           unknown_receipt(context, FIELD_OF, of, error);
}

bool hold_return(struct context *context, struct error *error)
{
    struct text identity;
    struct held **waiting = NULL;
    unsigned char awaits[KEY_HASH_BYTES];
    size_t count = 0;
    /* What all of it, or its lines, amount to nobody can say yet. */
    int64_t amount =
        request_has(context->request, FIELD_AMOUNT) ? context->request->amount : LIMIT_UNITS;
    if (!context->version->programme->hold_unknown)
        return unknown_receipt(context, FIELD_OF, context->request->of, error);
    if (!awaited_receipt(context, &identity, error) || !check_at(context, error) ||
        !check_approval(context, APPROVAL_RETURN, amount, 0, error))
        return false;
    hash_receipt(context, identity, awaits);
    if (!state_held_for(context->state, awaits, &waiting, &count, error))
        return false;
    if (count >= LIMIT_HELD)
        return fail_field(error, ERROR_LIMIT, "of", _("%d returns wait for this receipt already"),
                          LIMIT_HELD);
    /* From here on nothing is refused. */
    context->member_id = 0; /* whose it is, the purchase says */
    struct head *head = record_new(context, RECORD_RETURN_HELD);
    head->at = context->at;
    head->has_awaits = true;
    memcpy(head->awaits, awaits, KEY_HASH_BYTES);
    set_keys(context, head);
    return record_write(context, head, body_of(context, true, (struct text){0}), error);
}

/* --- Carrying out -------------------------------------------------------------------- */

static bool unreadable(int64_t seq, struct error *error)
{
    return fail(error, ERROR_CORRUPT, _("the body of record %lld cannot be read"), (long long)seq);
}

/* The held request as its body has it, and the member that it names, if it names one. */
static bool read_held(struct context *context, int64_t seq, struct request *request,
                      struct error *error)
{
    struct record record;
    struct text at;
    bool enrol = false;
    if (!state_record(context->state, seq, &record, error) ||
        !state_need_body(context->state, &record, error))
        return false;
    const struct version *version = version_numbered(context->ledger, record.head->programme);
    if (version == NULL || !json_slice(record.body, "/in", &context->input) ||
        !json_slice(record.body, "/at", &at) || decimal_parse(at, 0, &context->at) != DECIMAL_OK ||
        !request_parse(context->input, version->programme, context->arena, request, error))
        return unreadable(seq, error);
    context->request = request;
    context->version = version_at(context->ledger, context->at);
    context->member_id = 0;
    return !request_has(request, FIELD_MEMBER) ||
           resolve_member(context, request->member, &enrol, error);
}

/* The ref of a return, as the caller wrote it. */
static struct text ref_in(struct context *context, struct text body)
{
    struct text slice, ref = {0};
    struct error ignored;
    if (!json_slice(body, "/in/ref", &slice))
        return ref;
    cJSON *string = json_parse(slice, &ignored);
    if (cJSON_IsString(string))
        ref = text_copy(context->arena, text_of(string->valuestring));
    cJSON_Delete(string);
    return ref;
}

/* One more of the purchase's list, in the order in which they were held. */
static void note(struct context *context, const struct held_return *held)
{
    struct outcome *outcome = context->outcome;
    struct held_return *list =
        arena_allocate(context->arena, (outcome->held_count + 1) * sizeof *list);
    size_t at = outcome->held_count++;
    for (size_t i = 0; i < at; i++)
        list[i] = outcome->held[i];
    for (; at > 0 && list[at - 1].held > held->held; at--)
        list[at] = list[at - 1];
    list[at] = *held;
    outcome->held = list;
}

static bool carry_out(struct context *context, const struct follow_up *follow_up,
                      struct error *error)
{
    struct savepoint place;
    struct request request;
    struct outcome outcome = {0};
    struct held_return held = {.held = follow_up->held, .seq = follow_up->held};
    struct context own = *context;
    own.follow_up = follow_up;
    own.outcome = &outcome;
    own.enrolling = own.has_key = own.has_receipt = false;
    state_save(context->state, &place);
    bool read = read_held(&own, held.held, &request, error);
    if (read)
        held.ref = text_copy(context->arena, request.ref);
    held.done = read && return_of_receipt(&own, follow_up->purchase, error);
    if (!held.done && !is_refusal(error))
        return false;
    if (!held.done) {
        state_go_back(context->state, &place);
        held.refused = error->code;
    } else {
        held.heads = outcome.heads;
        held.head_count = outcome.head_count;
        held.seq = outcome.heads[0]->seq;
    }
    note(context, &held);
    return true;
}

bool carry_out_held(struct context *context, const struct head *purchase, struct error *error)
{
    struct held **waiting = NULL;
    struct record record;
    size_t count = 0;
    /* Nearly always nothing waits anywhere: then a purchase pays nothing for it. */
    if (context->state->tip.held == 0 || !purchase->has_receipt)
        return true;
    if (!state_held_for(context->state, purchase->receipt, &waiting, &count, error) ||
        (count > 0 && !state_record(context->state, purchase->seq, &record, error)))
        return false;
    for (size_t i = 0; i < count; i++) {
        const struct follow_up follow_up = {waiting[i]->row.seq, purchase->seq, record.salt};
        if (!carry_out(context, &follow_up, error))
            return false;
    }
    return true;
}

/* --- Answering again -------------------------------------------------------------------- */

bool held_answers(struct context *context, struct record *record, struct error *error)
{
    struct held *held = NULL;
    struct key *purchase = NULL;
    struct record by;
    if (record->head->kind != RECORD_RETURN_HELD)
        return true;
    if (!state_held(context->state, record->head->seq, &held, error) ||
        !state_key(context->state, record->head->awaits, &purchase, error))
        return false;
    if (held->row.by < 0) {
        context->outcome->came_all_the_same = purchase->row.seq < 0 ? 0 : purchase->row.seq;
        return true;
    }
    if (!state_record(context->state, held->row.by, &by, error))
        return false;
    context->outcome->called_off = by.head->kind == RECORD_CANCEL;
    if (!context->outcome->called_off)
        *record = by;
    return true;
}

/* Those that were done stand behind the purchase: returns that name what held them, each
 * in all its parts, and what goes before it. */
static bool note_done(struct context *context, const struct head *purchase, int64_t next,
                      struct error *error)
{
    struct record record;
    for (; next < context->state->tip.size; next++) {
        if (!state_record(context->state, next, &record, error))
            return false;
        const struct head *head = record.head;
        if (head->part > 0 || head->kind == RECORD_RESTORE)
            continue;
        if (head->kind != RECORD_RETURN || head->of < 0 || head->returned_count != 1 ||
            head->returned[0].seq != purchase->seq)
            return true;
        const struct held_return held = {
            .held = head->of, .seq = next, .done = true, .ref = ref_in(context, record.body)};
        note(context, &held);
    }
    return true;
}

bool outcome_note_held(struct context *context, const struct head *purchase, int64_t next,
                       struct error *error)
{
    struct held **waiting = NULL;
    struct record record;
    size_t count = 0;
    if (purchase->kind != RECORD_PURCHASE)
        return true;
    if (!note_done(context, purchase, next, error))
        return false;
    if (context->state->tip.held > 0 &&
        !state_held_for(context->state, purchase->receipt, &waiting, &count, error))
        return false;
    for (size_t i = 0; i < count; i++) {
        int64_t seq = waiting[i]->row.seq;
        if (!state_record(context->state, seq, &record, error))
            return false;
        const struct held_return held = {
            .held = seq, .seq = seq, .ref = ref_in(context, record.body)};
        note(context, &held);
    }
    return true;
}
