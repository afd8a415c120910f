/* Questions. Nothing here writes: a wallet is advanced in the working set only, so
 * a balance is right at the moment it is read. */
#include "ask.h"

#include "answer.h"
#include "ask_private.h"
#include "chain.h"
#include "json.h"
#include "past.h"
#include "pipeline.h"

enum { DEFAULT_PAGE = 20, LARGEST_PAGE = 1000 };

static cJSON *begin_answer(const struct request *request)
{
    cJSON *answer = cJSON_CreateObject();
    cJSON_AddBoolToObject(answer, "ok", true);
    if (request->id.length > 0)
        cJSON_AddItemToObject(answer, "id", json_text(request->id));
    return answer;
}

static size_t page_of(const struct request *request)
{
    if (!request_has(request, FIELD_LIMIT) || request->limit == 0)
        return DEFAULT_PAGE;
    return request->limit > LARGEST_PAGE ? LARGEST_PAGE : (size_t)request->limit;
}

static void add_number(cJSON *object, const char *name, int64_t value)
{
    cJSON_AddItemToObject(object, name, json_points(value, 0));
}

/* --- show ------------------------------------------------------------------------ */

static bool find_member(struct context *context, struct error *error)
{
    bool enrol = false;
    return require(context, FIELD_MEMBER, error) &&
           resolve_member(context, context->request->member, &enrol, error) &&
           load_member(context, error);
}

static bool add_lots(struct context *context, const struct points *points, enum lot_kind kind,
                     cJSON *lots, struct error *error)
{
    struct pocket *pocket = state_pocket(context->state, context->wallet, points->id);
    const struct version *latest = version_latest(context->ledger);
    struct lot_cursor cursor = {.kind = kind};
    struct lot *lot = NULL;
    for (;;) {
        if (!state_next_lot(context->state, pocket, &cursor, &lot, error))
            return false;
        if (lot == NULL)
            return true;
        moment expires = lot_gone(pocket->row.idle, lot->row.available_from, lot->row.expires);
        cJSON *item = cJSON_CreateObject();
        cJSON_AddItemToObject(item, "lot", json_lot(lot->row.id));
        cJSON_AddItemToObject(item, "points", json_text(points->id));
        cJSON_AddItemToObject(item, "amount", json_points(lot->row.amount, points->scale));
        cJSON_AddItemToObject(item, "left", json_points(lot->row.left, points->scale));
        cJSON_AddItemToObject(item, "origin", json_text(lot->row.origin));
        json_add_moment(item, latest, "earned", lot->row.earned);
        cJSON_AddItemToObject(item, "expires", json_moment(expires));
        cJSON_AddItemToObject(item, "last_day", json_last_day(latest, expires));
        json_add_available(item, latest, lot->row.available_from);
        cJSON_AddItemToArray(lots, item);
    }
}

static cJSON *wallet_balances(struct context *context)
{
    struct balance_row rows[LIMIT_CURRENCIES];
    for (size_t i = 0; i < context->wallet->pocket_count; i++)
        rows[i] = context->wallet->pockets[i]->row;
    return json_balances(context->ledger, rows, context->wallet->pocket_count);
}

/* `lots`, as the wallet stands now. */
static bool add_all_lots(struct context *context, cJSON *answer, struct error *error)
{
    const struct version *latest = version_latest(context->ledger);
    cJSON *lots = cJSON_AddArrayToObject(answer, "lots");
    if (!load_member(context, error) || !advance(context, error))
        return false;
    for (size_t i = 0; latest != NULL && i < latest->programme->points_count; i++) {
        const struct points *points = &latest->programme->points[i];
        if (!add_lots(context, points, LOT_AVAILABLE, lots, error) ||
            !add_lots(context, points, LOT_PENDING, lots, error))
            return false;
    }
    return true;
}

static bool show_wallet(struct context *context, cJSON *answer, struct error *error)
{
    const struct version *latest = version_latest(context->ledger);
    if (!add_all_lots(context, answer, error))
        return false;
    cJSON_AddItemToObject(answer, "member", json_member(context->member_id));
    json_add_moment(answer, latest, "joined", context->member->row.joined);
    cJSON_AddItemToObject(answer, "at", json_moment(context->time));
    cJSON_AddItemToObject(answer, "local", json_local(latest, context->time));
    cJSON_AddItemToObject(answer, "balances", wallet_balances(context));
    if (!answer_show_tier(context, answer, error))
        return false;
    cJSON_AddArrayToObject(answer, "vouchers");
    if (context->request->columns == 0)
        return true;
    if (!outcome_note_printed(context, error))
        return false;
    answer_printed(context->ledger, context->outcome, answer);
    return true;
}

/* The member as the ledger knew them then. */
static bool show_past(struct context *context, cJSON *answer, struct error *error)
{
    struct past past;
    struct context then = *context;
    struct member *member = NULL;
    bool ok = past_begin(&past, context, context->request->at, error);
    then.state = &past.state;
    then.time = context->request->at;
    then.member = NULL;
    then.wallet = NULL;
    ok = ok && state_member(&past.state, then.member_id, &member, error) &&
         (member->exists ||
          fail_field(error, ERROR_UNKNOWN_MEMBER, "at", _("the member had not joined by then"))) &&
         show_wallet(&then, answer, error);
    past_end(&past);
    return ok;
}

static bool ask_show(struct context *context, cJSON *answer, struct error *error)
{
    if (!find_member(context, error))
        return false;
    if (!request_has(context->request, FIELD_AT))
        return show_wallet(context, answer, error);
    if (context->request->at < context->state->tip.time)
        return show_past(context, answer, error);
    if (context->request->at > context->time)
        cJSON_AddTrueToObject(answer, "foreseen");
    context->time = context->request->at;
    return show_wallet(context, answer, error);
}

/* --- history ------------------------------------------------------------------------ */

/* What the record did to the wallet, by currency. */
static cJSON *record_points(struct context *context, const struct head *head)
{
    cJSON *points = cJSON_CreateObject();
    for (size_t i = 0; i < head->posting_count; i++) {
        struct text currency = head->postings[i].currency;
        char name[LIMIT_ID + 1];
        memcpy(name, currency.bytes, currency.length);
        name[currency.length] = '\0';
        size_t first = 0;
        while (!text_equal(head->postings[first].currency, currency))
            first++;
        if (first < i)
            continue;
        int64_t sum = 0;
        for (size_t k = i; k < head->posting_count; k++) {
            if (account_is_wallets(head->postings[k].account) &&
                text_equal(head->postings[k].currency, currency))
                sum += head->postings[k].amount;
        }
        if (sum != 0) /* what only became available, or is held, is still the wallet's */
            cJSON_AddItemToObject(points, name,
                                  json_points(sum, points_scale(context->ledger, currency)));
    }
    return points;
}

static void copy_input(cJSON *item, struct text body, const char *pointer, const char *name)
{
    struct text value;
    struct error ignored;
    if (body.length > 0 && json_slice(body, pointer, &value)) {
        cJSON *copy = json_parse(value, &ignored);
        if (copy != NULL)
            cJSON_AddItemToObject(item, name, copy);
    }
}

/* A text of the request, as it was; empty where it was not sent. */
static struct text input_text(struct arena *arena, struct text body, const char *pointer)
{
    struct text value = {0}, text = {0};
    struct error ignored;
    if (!json_slice(body, pointer, &value))
        return text;
    cJSON *string = json_parse(value, &ignored);
    if (cJSON_GetStringValue(string) != NULL)
        text = text_copy(arena, text_of(string->valuestring));
    cJSON_Delete(string);
    return text;
}

/* The receipt of a purchase by the name under which a return finds it. */
static void add_receipt(struct context *context, cJSON *item, const struct record *record,
                        moment when)
{
    struct request request = {.op = OPERATION_PURCHASE};
    struct context then = *context;
    struct error ignored;
    then.request = &request;
    then.version = version_numbered(context->ledger, record->head->programme);
    then.at = when;
    if (record->head->kind != RECORD_PURCHASE || then.version == NULL) {
        copy_input(item, record->body, "/in/receipt", "receipt");
        return;
    }
    request.store = input_text(context->arena, record->body, "/in/store");
    request.till = input_text(context->arena, record->body, "/in/till");
    request.receipt = input_text(context->arena, record->body, "/in/receipt");
    request_mark(&request, FIELD_STORE);
    request_mark(&request, FIELD_TILL);
    request_mark(&request, FIELD_AT);
    struct text identity = request.receipt;
    if (identity.length == 0 || !receipt_identity(&then, request.receipt, &identity, &ignored))
        return; /* without a body, or with one that is not the till's */
    cJSON_AddItemToObject(item, "receipt", json_text(identity));
}

cJSON *history_item(struct context *context, const struct record *record)
{
    cJSON *item = cJSON_CreateObject();
    struct text at;
    moment when = record->head->time;
    add_number(item, "seq", record->head->seq);
    cJSON_AddItemToObject(item, "time", json_moment(record->head->time));
    cJSON_AddStringToObject(item, "op", record_name(record->head->kind));
    if (json_slice(record->body, "/at", &at) && decimal_parse(at, 0, &when) == DECIMAL_OK)
        cJSON_AddItemToObject(item, "at", json_moment(when));
    else if (record->head->kind == RECORD_ELAPSE) /* has no body; when it was due, not noticed */
        cJSON_AddItemToObject(item, "at", json_moment(when = record->head->at));
    cJSON_AddItemToObject(item, "local", json_local(version_latest(context->ledger), when));
    cJSON_AddItemToObject(item, "points", record_points(context, record->head));
    cJSON *tier = json_moved(context->ledger, record->head);
    if (tier != NULL)
        cJSON_AddItemToObject(item, "tier", tier);
    add_receipt(context, item, record, when);
    copy_input(item, record->body, "/in/amount", "amount");
    copy_input(item, record->body, "/in/ref", "ref");
    copy_input(item, record->body, "/in/action", "action");
    copy_input(item, record->body, "/in/level", "level");
    copy_input(item, record->body, "/in/benefit", "benefit");
    copy_input(item, record->body, "/in/reason", "reason");
    copy_input(item, record->body, "/in/text", "text");
    return item;
}

static bool ask_history(struct context *context, cJSON *answer, struct error *error)
{
    if (!find_member(context, error))
        return false;
    const struct request *request = context->request;
    struct arena scratch = {0}; /* a chain may be long: each step gives its memory back */
    struct chain chain;
    size_t page = page_of(request), count = 0;
    bool good = chain_begin(&chain, context->state, context->member_id, error);
    cJSON_AddItemToObject(answer, "member", json_member(context->member_id));
    cJSON *records = cJSON_AddArrayToObject(answer, "records");
    while (good && chain_goes_on(&chain) && count < page) {
        struct record record;
        good = chain_next(&chain, &scratch, &record, error);
        if (good && (!request_has(request, FIELD_BEFORE) || record.head->seq < request->before)) {
            cJSON_AddItemToArray(records, history_item(context, &record));
            count++;
        }
        arena_reset(&scratch);
    }
    arena_free(&scratch);
    cJSON_AddBoolToObject(answer, "more", good && chain_goes_on(&chain));
    return good;
}

/* --- lookup --------------------------------------------------------------------------- */

/* A ref, else a receipt. What a tombstone bars has not been used: who asks whether
 * their redemption arrived must not read another operation's answer. */
static bool find_recorded(struct context *context, int64_t *seq, struct error *error)
{
    struct text ref = context->request->ref;
    struct key *key = NULL;
    struct record record;
    if (!find_by_ref(context, ref, seq, &record, error))
        return false;
    if (*seq >= 0 && !is_tombstone(context, record.head, ref))
        return true;
    hash_receipt(context, ref, context->receipt);
    if (!state_key(context->state, context->receipt, &key, error))
        return false;
    *seq = key->row.seq;
    return true;
}

static bool ask_lookup(struct context *context, cJSON **answer, struct error *error)
{
    struct record record;
    int64_t seq = -1;
    if (!require(context, FIELD_REF, error))
        return false;
    hash_ref(context, context->request->ref, context->key);
    if (!find_recorded(context, &seq, error))
        return false;
    if (seq < 0)
        return fail_field(error, ERROR_UNKNOWN_REF, "ref",
                          _("no operation has the ref or receipt \"%.*s\""),
                          TEXT(context->request->ref));
    bool found = false;
    if (!state_record(context->state, seq, &record, error) ||
        !outcome_of_record(context, &record, error) || !outcome_complete(context, error) ||
        !outcome_note_unmatched(context, error) ||
        !store_checkpoint(context->ledger->store, context->arena, context->state->tip.size,
                          &context->ledger->checkpoint, &found, error))
        return false;
    cJSON_Delete(*answer);
    *answer = answer_outcome(context->ledger, context->request, context->outcome);
    return true;
}

/* --- members ----------------------------------------------------------------------------- */

static bool ask_member(struct context *context, cJSON *answer, struct error *error)
{
    struct identifier_row *rows = NULL;
    size_t count = 0;
    if (!find_member(context, error) ||
        !store_identifiers_of(context->ledger->store, context->arena, context->member_id, &rows,
                              &count, error))
        return false;
    cJSON_AddItemToObject(answer, "member", json_member(context->member_id));
    json_add_moment(answer, version_latest(context->ledger), "joined", context->member->row.joined);
    cJSON *identifiers = cJSON_AddArrayToObject(answer, "identifiers");
    for (size_t i = 0; i < count; i++)
        cJSON_AddItemToArray(identifiers, json_text(rows[i].shown));
    add_number(answer, "last", context->member->row.last);
    return true;
}

static bool ask_members(struct context *context, cJSON *answer, struct error *error)
{
    const struct request *request = context->request;
    struct member_row *rows = NULL;
    size_t count = 0, page = page_of(request);
    uint64_t after = 0;
    struct text typed = request->after;
    if (typed.length > 3 && memcmp(typed.bytes, "id:", 3) == 0)
        typed = (struct text){typed.bytes + 3, typed.length - 3};
    if (request_has(request, FIELD_AFTER) && !member_id_parse_typed(typed, &after))
        return fail_field(error, ERROR_INVALID_FIELD, "after",
                          _("\"after\" must be a member's id"));
    if (!store_member_list(context->ledger->store, context->arena, after, page + 1, &rows, &count,
                           error))
        return false;
    bool more = count > page; /* one more than asked for tells whether there is a next page */
    count = more ? page : count;
    cJSON *members = cJSON_AddArrayToObject(answer, "members");
    for (size_t i = 0; i < count; i++) {
        if (rows[i].merged != 0 || rows[i].erased != 0)
            continue; /* listed as whom they have become, or gone */
        context->member_id = rows[i].id;
        if (!load_member(context, error) || !advance(context, error))
            return false;
        cJSON *item = cJSON_CreateObject();
        cJSON_AddItemToObject(item, "member", json_member(rows[i].id));
        json_add_moment(item, version_latest(context->ledger), "joined", rows[i].joined);
        cJSON_AddItemToObject(item, "balances", wallet_balances(context));
        cJSON_AddItemToArray(members, item);
    }
    cJSON_AddItemToObject(answer, "next", json_member(more ? rows[count - 1].id : 0));
    return true;
}

/* --- all that is held on somebody -------------------------------------------------------- */

static bool ask_export(struct context *context, cJSON *answer, struct error *error)
{
    if (!ask_member(context, answer, error))
        return false;
    uint64_t wallet = context->member->row.wallet;
    cJSON_AddItemToObject(answer, "household",
                          wallet == context->member_id ? cJSON_CreateNull()
                                                       : json_household(wallet));
    json_add_moment(answer, version_latest(context->ledger), "hold", context->member->row.hold);
    /* The records before the wallet is advanced: what time has made due is not recorded yet. */
    if (!person_records(context, answer, error) || !add_all_lots(context, answer, error))
        return false;
    cJSON_AddItemToObject(answer, "balances", wallet_balances(context));
    return true;
}

/* --- households -------------------------------------------------------------------------- */

static bool ask_household(struct context *context, cJSON *answer, struct error *error)
{
    uint64_t *members = NULL;
    size_t count = 0;
    if (!require(context, FIELD_HOUSEHOLD, error) ||
        !open_household(context, &members, &count, error))
        return false;
    cJSON_AddItemToObject(answer, "household", json_household(context->household));
    cJSON *list = cJSON_AddArrayToObject(answer, "members");
    for (size_t i = 0; i < count; i++)
        cJSON_AddItemToArray(list, json_member(members[i]));
    cJSON_AddItemToObject(answer, "balances", wallet_balances(context));
    return true;
}

/* --- operator.show ------------------------------------------------------------------------- */

static bool ask_operator(struct context *context, cJSON *answer, struct error *error)
{
    uint64_t member = 0;
    if (!require(context, FIELD_OF, error) ||
        !member_of_operator(context, context->request->of, &member, error))
        return false;
    cJSON_AddItemToObject(answer, "operator", json_text(context->request->of));
    cJSON_AddItemToObject(answer, "member", json_member(member));
    return true;
}

/* --- programme, checkpoint, record ----------------------------------------------------------- */

static bool ask_programme(struct context *context, cJSON *answer, struct error *error)
{
    const struct version *version =
        request_has(context->request, FIELD_VERSION)
            ? version_numbered(context->ledger, context->request->version)
            : version_latest(context->ledger);
    if (version == NULL)
        return fail_field(error, ERROR_NO_PROGRAMME, "version",
                          _("there is no such programme version"));
    add_number(answer, "version", version->number);
    json_add_moment(answer, version, "from", version->from);
    add_number(answer, "seq", version->seq);
    add_number(answer, "semantics", version->semantics);
    cJSON_AddItemToObject(answer, "document", cJSON_CreateRaw(version->document.bytes));
    return true;
}

static bool ask_programmes(struct context *context, cJSON *answer, struct error *error)
{
    (void)error;
    cJSON *list = cJSON_AddArrayToObject(answer, "programmes");
    for (size_t i = 0; i < context->ledger->version_count; i++) {
        const struct version *version = &context->ledger->versions[i];
        cJSON *item = cJSON_CreateObject();
        add_number(item, "version", version->number);
        cJSON_AddItemToObject(item, "id", json_text(version->programme->id));
        json_add_moment(item, version, "from", version->from);
        add_number(item, "seq", version->seq);
        cJSON_AddItemToArray(list, item);
    }
    return true;
}

static bool ask_checkpoint(struct context *context, cJSON **answer, struct error *error)
{
    struct checkpoint_row row;
    bool found = false;
    struct ledger *ledger = context->ledger;
    if (!store_checkpoint(ledger->store, context->arena, context->state->tip.size, &row, &found,
                          error))
        return false;
    if (!found)
        return fail(error, ERROR_CORRUPT, _("the ledger has no checkpoint"));
    cJSON *checkpoint = answer_checkpoint(&row);
    for (cJSON *item = checkpoint->child; item != NULL; item = checkpoint->child)
        cJSON_AddItemToObject(*answer, item->string, cJSON_DetachItemViaPointer(checkpoint, item));
    cJSON_Delete(checkpoint);
    cJSON_AddItemToObject(*answer, "origin", json_text(ledger->origin));
    cJSON_AddItemToObject(*answer, "key", json_text(ledger->vkey));
    return true;
}

static bool ask_record(struct context *context, cJSON *answer, struct error *error)
{
    struct record record;
    struct buffer salt = {0};
    int64_t erased = -1;
    if (!require(context, FIELD_SEQ, error) ||
        !state_record(context->state, context->request->seq, &record, error) ||
        (record.bodiless && !state_erased(context->state, context->request->seq, &erased, error)))
        return false;
    add_number(answer, "seq", context->request->seq);
    cJSON_AddItemToObject(answer, "head", json_text(record.head_bytes));
    cJSON_AddItemToObject(answer, "body",
                          record.body.length > 0 ? json_text(record.body) : cJSON_CreateNull());
    buffer_hex(&salt, record.salt.bytes, record.salt.length);
    cJSON_AddItemToObject(answer, "salt",
                          record.salt.length > 0 ? cJSON_CreateString(buffer_terminate(&salt))
                                                 : cJSON_CreateNull());
    buffer_free(&salt);
    if (erased >= 0)
        add_number(answer, "erased", erased);
    return true;
}

static bool ask_quote(struct context *context, cJSON **answer, struct error *error)
{
    if (!pipeline_run(context->ledger, false, context->request, context->outcome, error))
        return false;
    if (!context->outcome->done) {
        *error = *context->outcome->error;
        return false;
    }
    cJSON_Delete(*answer);
    *answer = answer_outcome(context->ledger, context->request, context->outcome);
    return true;
}

/* A question either fills the answer that was begun, or is answered like an operation
 * and puts another in its place. */
struct question {
    bool (*fill)(struct context *context, cJSON *answer, struct error *error);
    bool (*replace)(struct context *context, cJSON **answer, struct error *error);
};
static const struct question questions[OPERATION_COUNT] = {
    [OPERATION_QUOTE] = {NULL, ask_quote},
    [OPERATION_SHOW] = {ask_show, NULL},
    [OPERATION_HISTORY] = {ask_history, NULL},
    [OPERATION_LOOKUP] = {NULL, ask_lookup},
    [OPERATION_MEMBER_SHOW] = {ask_member, NULL},
    [OPERATION_MEMBER_LIST] = {ask_members, NULL},
    [OPERATION_HOUSEHOLD_SHOW] = {ask_household, NULL},
    [OPERATION_OPERATOR_SHOW] = {ask_operator, NULL},
    [OPERATION_MEMBER_EXPORT] = {ask_export, NULL},
    [OPERATION_PROGRAMME_SHOW] = {ask_programme, NULL},
    [OPERATION_PROGRAMME_LIST] = {ask_programmes, NULL},
    [OPERATION_CHECKPOINT] = {NULL, ask_checkpoint},
    [OPERATION_RECORD] = {ask_record, NULL},
    [OPERATION_PROGRAMME_APPLY] = {ask_dry_run, NULL},
};

static bool ask(struct context *context, cJSON **answer, struct error *error)
{
    const struct question *question = &questions[context->request->op];
    if (question->fill != NULL)
        return question->fill(context, *answer, error);
    if (question->replace != NULL)
        return question->replace(context, answer, error);
    return fail(error, ERROR_USAGE, _("%s is not a question"),
                operation_name(context->request->op));
}

bool ledger_ask(struct ledger *ledger, const struct request *request, cJSON **answer,
                const struct programme_faults **faults, struct error *error)
{
    struct context context;
    struct outcome outcome = {0};
    if (!pipeline_begin(ledger, false, error))
        return false;
    cJSON *made = begin_answer(request);
    bool ok = context_begin(&context, ledger, false, request, &outcome, error) &&
              ask(&context, &made, error);
    pipeline_end(ledger);
    if (!ok) {
        cJSON_Delete(made);
        *faults = outcome.faults;
        return false;
    }
    *answer = made;
    return true;
}
