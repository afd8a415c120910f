/* From records to answers. */
#include "answer_private.h"

#include <stdio.h>

#include "checkpoint.h"
#include "json.h"

/* --- Pieces ------------------------------------------------------------------- */

cJSON *json_text(struct text text)
{
    char small[256];
    if (text.length < sizeof small) {
        memcpy(small, text.bytes == NULL ? "" : text.bytes, text.length);
        small[text.length] = '\0';
        return cJSON_CreateString(small);
    }
    struct arena arena = {0};
    cJSON *string = cJSON_CreateString(text_copy(&arena, text).bytes);
    arena_free(&arena);
    return string;
}

static cJSON *json_raw(struct buffer *buffer)
{
    cJSON *raw = cJSON_CreateRaw(buffer_terminate(buffer));
    buffer_free(buffer);
    return raw;
}

static cJSON *json_string_of(struct buffer *buffer)
{
    cJSON *string = cJSON_CreateString(buffer_terminate(buffer));
    buffer_free(buffer);
    return string;
}

cJSON *json_number(int64_t value)
{
    struct buffer buffer = {0};
    buffer_integer(&buffer, value);
    return json_raw(&buffer);
}

cJSON *json_points(int64_t units, unsigned scale)
{
    struct buffer buffer = {0};
    decimal_format_short(&buffer, units, scale);
    return json_raw(&buffer);
}

cJSON *json_money(int64_t units, const struct programme *programme)
{
    struct buffer buffer = {0};
    decimal_format(&buffer, units, programme->currency_digits);
    return json_string_of(&buffer);
}

cJSON *json_quantity(int64_t quantity)
{
    struct buffer buffer = {0};
    decimal_format_short(&buffer, quantity, QUANTITY_SCALE);
    return json_string_of(&buffer);
}

cJSON *json_moment(moment at)
{
    struct buffer buffer = {0};
    if (at == MOMENT_NEVER)
        return cJSON_CreateNull();
    moment_format(&buffer, at);
    return json_string_of(&buffer);
}

cJSON *json_local(const struct version *version, moment at)
{
    struct buffer buffer = {0};
    if (version == NULL || at == MOMENT_NEVER)
        return cJSON_CreateNull();
    moment_format_local(&buffer, version->programme->zone, at);
    return json_string_of(&buffer);
}

cJSON *json_last_day(const struct version *version, moment expires)
{
    struct buffer buffer = {0};
    if (version == NULL || expires == MOMENT_NEVER)
        return cJSON_CreateNull();
    date_format(&buffer, zone_date(version->programme->zone, expires - 1));
    return json_string_of(&buffer);
}

cJSON *json_from(moment from)
{
    return from == 0 ? cJSON_CreateNull() : json_moment(from);
}

void json_add_moment(cJSON *object, const struct version *version, const char *name, moment at)
{
    char local[64];
    snprintf(local, sizeof local, "%s_local", name);
    cJSON_AddItemToObject(object, name, json_from(at));
    cJSON_AddItemToObject(object, local, at == 0 ? cJSON_CreateNull() : json_local(version, at));
}

void json_add_available(cJSON *object, const struct version *version, moment from)
{
    if (from == MOMENT_NEVER)
        cJSON_AddStringToObject(object, "available_from", "activate");
    else
        json_add_moment(object, version, "available_from", from);
}

moment lot_gone(moment idle, moment available_from, moment expires)
{
    if (available_from == MOMENT_NEVER)
        idle = MOMENT_NEVER;
    else if (idle < available_from)
        idle = available_from;
    return expires < idle ? expires : idle;
}

cJSON *json_member(uint64_t id)
{
    char text[MEMBER_ID_CHARS + 4] = "id:";
    if (id == 0)
        return cJSON_CreateNull();
    member_id_format(id, text + 3);
    return cJSON_CreateString(text);
}

cJSON *json_lot(int64_t lot)
{
    char text[48];
    snprintf(text, sizeof text, "%lld.%lld", (long long)(lot / LOTS_PER_RECORD),
             (long long)(lot % LOTS_PER_RECORD));
    return cJSON_CreateString(text);
}

unsigned points_scale(const struct ledger *ledger, struct text currency)
{
    const struct version *latest = version_latest(ledger);
    int index = latest == NULL ? -1 : programme_points_index(latest->programme, currency);
    return index < 0 ? 0 : latest->programme->points[index].scale;
}

void add_text_key(cJSON *object, struct text key, cJSON *value)
{
    char name[LIMIT_ID + 1];
    snprintf(name, sizeof name, "%.*s", TEXT(key));
    cJSON_AddItemToObject(object, name, value);
}

cJSON *json_balances(const struct ledger *ledger, const struct balance_row rows[], size_t count)
{
    cJSON *balances = cJSON_CreateObject();
    const struct version *latest = version_latest(ledger);
    for (size_t i = 0; latest != NULL && i < latest->programme->points_count; i++) {
        const struct points *points = &latest->programme->points[i];
        struct balance_row row = {0};
        for (size_t r = 0; r < count; r++) {
            if (text_equal(rows[r].currency, points->id))
                row = rows[r];
        }
        cJSON *balance = cJSON_CreateObject();
        cJSON_AddItemToObject(balance, "available",
                              json_points(row.available + row.debt, points->scale));
        cJSON_AddItemToObject(balance, "pending", json_points(row.pending, points->scale));
        cJSON_AddItemToObject(balance, "reserved", json_points(row.reserved, points->scale));
        if (!points->spendable)
            cJSON_AddBoolToObject(balance, "spendable", false);
        add_text_key(balances, points->id, balance);
    }
    return balances;
}

cJSON *answer_checkpoint(const struct checkpoint_row *row)
{
    struct note note;
    struct checkpoint checkpoint;
    struct error ignored;
    if (row->note.length == 0 || !note_parse(row->note, &note, &ignored) ||
        !checkpoint_parse(note.text, &checkpoint, &ignored))
        return cJSON_CreateNull();
    struct buffer root = {0};
    buffer_hex(&root, checkpoint.root.bytes, HASH_BYTES);
    cJSON *answer = cJSON_CreateObject();
    cJSON_AddItemToObject(answer, "size", json_number(row->size));
    cJSON_AddItemToObject(answer, "root", json_string_of(&root));
    cJSON_AddItemToObject(answer, "note", json_text(row->note));
    return answer;
}

/* --- Errors ---------------------------------------------------------------------- */

cJSON *answer_faults(const struct programme_fault list[], size_t count)
{
    cJSON *answer = cJSON_CreateArray();
    for (size_t i = 0; i < count; i++) {
        const struct programme_fault *fault = &list[i];
        cJSON *item = cJSON_CreateObject();
        cJSON_AddItemToObject(item, "line", json_number(fault->line));
        cJSON_AddItemToObject(item, "column", json_number(fault->column));
        cJSON_AddItemToObject(item, "path", json_text(fault->path));
        cJSON_AddItemToObject(item, "message", json_text(fault->message));
        cJSON_AddItemToArray(answer, item);
    }
    return answer;
}

cJSON *answer_error(const struct error *error, struct text id,
                    const struct programme_faults *faults)
{
    cJSON *answer = cJSON_CreateObject(), *inner = cJSON_CreateObject();
    cJSON_AddBoolToObject(answer, "ok", false);
    if (id.length > 0)
        cJSON_AddItemToObject(answer, "id", json_text(id));
    cJSON_AddStringToObject(inner, "code", error_name(error->code));
    cJSON_AddStringToObject(inner, "message", error->message);
    if (error->hint[0] != '\0')
        cJSON_AddStringToObject(inner, "hint", error->hint);
    cJSON_AddStringToObject(inner, "retry", error_retry(error->code));
    if (error->field[0] != '\0')
        cJSON_AddStringToObject(inner, "field", error->field);
    if (error->line > 0) {
        cJSON_AddItemToObject(inner, "line", json_number(error->line));
        cJSON_AddItemToObject(inner, "column", json_number(error->column));
    }
    if (faults != NULL && faults->count > 0)
        cJSON_AddItemToObject(inner, "faults", answer_faults(faults->faults, faults->count));
    cJSON_AddItemToObject(answer, "error", inner);
    return answer;
}

/* --- What each kind of record says ---------------------------------------------------- */

void answer_add(const struct answering *in, const char *name, cJSON *value)
{
    cJSON_AddItemToObject(in->answer, name, value);
}

int64_t head_posted(const struct head *head, struct text currency, enum account account)
{
    int64_t sum = 0;
    for (size_t i = 0; i < head->posting_count; i++) {
        if (head->postings[i].account == account &&
            text_equal(head->postings[i].currency, currency))
            sum += head->postings[i].amount;
    }
    return sum;
}

int64_t answer_posted(const struct answering *in, struct text currency, enum account account)
{
    int64_t sum = 0;
    for (size_t h = 0; h < in->outcome->head_count; h++)
        sum += head_posted(in->outcome->heads[h], currency, account);
    return sum;
}

static moment idle_among(const struct balance_row rows[], size_t count, struct text currency)
{
    for (size_t i = 0; i < count; i++) {
        if (text_equal(rows[i].currency, currency))
            return rows[i].idle;
    }
    return MOMENT_NEVER;
}

moment answer_idle(const struct answering *in, uint64_t wallet, struct text currency)
{
    const struct outcome *outcome = in->outcome;
    struct wallet *other = NULL;
    struct error ignored;
    if (wallet == 0 || (outcome->balance_count > 0 && outcome->balances[0].wallet == wallet))
        return idle_among(outcome->balances, outcome->balance_count, currency);
    return state_wallet(&in->ledger->state, wallet, &other, &ignored)
               ? state_pocket(&in->ledger->state, other, currency)->row.idle
               : MOMENT_NEVER;
}

void answer_add_expiry(const struct answering *in, cJSON *item, moment expires)
{
    cJSON_AddItemToObject(item, "expires", json_moment(expires));
    cJSON_AddItemToObject(item, "last_day", json_last_day(in->version, expires));
}

/* --- Members and versions ------------------------------------------------------------------- */

static void answer_member(struct answering *in)
{
    cJSON *shown = cJSON_CreateArray();
    struct context context = {.ledger = in->ledger, .arena = &in->ledger->batch};
    for (size_t i = 0; i < in->input.identifiers_count; i++) {
        struct typed typed;
        struct error ignored;
        if (identifier_read(&context, in->input.identifiers[i], &typed, &ignored))
            cJSON_AddItemToArray(shown, json_text(identifier_shown(&in->ledger->batch, &typed)));
    }
    answer_add(in, "identifiers", shown);
    answer_claimed(in);
}

static void answer_operator(struct answering *in)
{
    answer_add(in, "operator", json_text(in->input.of));
}

static void answer_version(struct answering *in)
{
    answer_add(in, "version", json_number(in->head->version.number));
    json_add_moment(in->answer, in->version, "from", in->head->version.from);
    answer_add(in, "semantics", json_number(in->head->version.semantics));
    const struct programme_faults *read = in->outcome->faults;
    answer_add(in, "notes", answer_faults(read->notes, read->note_count));
}

static void (*const answers[RECORD_KIND_COUNT])(struct answering *) = {
    [RECORD_PURCHASE] = answer_purchase,
    [RECORD_RETURN] = answer_return,
    [RECORD_REDEEM] = answer_redeem,
    [RECORD_CANCEL] = answer_cancel,
    [RECORD_ADJUST] = answer_adjust,
    [RECORD_RESERVE] = answer_reserve,
    [RECORD_EXTEND] = answer_extend,
    [RECORD_CAPTURE] = answer_capture,
    [RECORD_RELEASE] = answer_release,
    [RECORD_MEMBER_ADD] = answer_member,
    [RECORD_MEMBER_LINK] = answer_member,
    [RECORD_MEMBER_UNLINK] = answer_member,
    [RECORD_PROGRAMME] = answer_version,
    [RECORD_TRANSFER] = answer_transfer,
    [RECORD_HOUSEHOLD_CREATE] = answer_household,
    [RECORD_HOUSEHOLD_JOIN] = answer_household,
    [RECORD_HOUSEHOLD_LEAVE] = answer_household,
    [RECORD_MEMBER_MERGE] = answer_merge,
    [RECORD_RETURN_HELD] = answer_held,
    [RECORD_ACTIVATE] = answer_activate,
    [RECORD_CLOSE] = answer_close,
    [RECORD_CLAIM] = answer_claim,
    [RECORD_REASSIGN] = answer_reassign,
    [RECORD_VOID] = answer_void,
    [RECORD_OPERATOR_LINK] = answer_operator,
    [RECORD_OPERATOR_UNLINK] = answer_operator,
    [RECORD_TILL_CLOSE] = answer_till_close,
    [RECORD_RECOVER] = answer_recover,
    [RECORD_MEMBER_ERASE] = answer_erase,
    [RECORD_MEMBER_HOLD] = answer_hold,
    [RECORD_ACTION] = answer_action,
    [RECORD_TIER_SET] = answer_tier_set,
    [RECORD_BENEFIT_USE] = answer_benefit,
};

/* What the operation is called; a record may have a name of its own. */
static const char *operation_of(enum record_kind kind)
{
    return kind == RECORD_PROGRAMME     ? "programme.apply"
           : kind == RECORD_RETURN_HELD ? "return"
                                        : record_name(kind);
}

/* Whom the operation was about, unless it never is about anybody. */
static bool has_member(enum record_kind kind)
{
    return kind != RECORD_PROGRAMME && kind != RECORD_RETURN_HELD && kind != RECORD_CLOSE &&
           kind != RECORD_OPERATOR_UNLINK && kind != RECORD_TILL_CLOSE && kind != RECORD_RECOVER;
}

/* A sale that changes hands is about who has it then: the record that stands last. */
static uint64_t about(const struct outcome *outcome)
{
    const struct head *first = outcome->heads[0];
    return first->kind == RECORD_REASSIGN ? outcome->heads[outcome->head_count - 1]->member
                                          : first->member;
}

/* --- The whole answer ---------------------------------------------------------------------- */

/* Read the input back from the body. */
static void read_input(struct answering *in)
{
    struct text input = {0}, at = {0};
    struct error ignored;
    const struct version *latest = version_latest(in->ledger);
    in->version = version_numbered(in->ledger, in->head->programme);
    if (in->version == NULL)
        in->version = latest;
    in->at = in->head->time;
    if (json_slice(in->outcome->body, "/in", &input))
        request_parse(input, in->version == NULL ? NULL : in->version->programme,
                      &in->ledger->batch, &in->input, &ignored);
    if (json_slice(in->outcome->body, "/at", &at) && decimal_parse(at, 0, &in->at) != DECIMAL_OK)
        in->at = in->head->time;
}

cJSON *answer_outcome(struct ledger *ledger, const struct request *request,
                      const struct outcome *outcome)
{
    struct answering in = {.ledger = ledger,
                           .outcome = outcome,
                           .head = outcome->heads[0],
                           .answer = cJSON_CreateObject()};
    bool quote = request->op == OPERATION_QUOTE;
    read_input(&in);
    cJSON_AddBoolToObject(in.answer, "ok", true);
    if (request->id.length > 0)
        answer_add(&in, "id", json_text(request->id));
    if (quote)
        cJSON_AddBoolToObject(in.answer, "quote", true);
    else
        answer_add(&in, "seq", json_number(in.head->seq));
    answer_add(&in, "time", json_moment(in.head->time));
    answer_add(&in, "local", json_local(in.version, in.at));
    cJSON_AddStringToObject(in.answer, "op", operation_of(in.head->kind));
    if (has_member(in.head->kind))
        answer_add(&in, "member", json_member(about(outcome)));
    cJSON_AddBoolToObject(in.answer, "duplicate", outcome->duplicate);
    if (in.head->kind == RECORD_PURCHASE || in.head->kind == RECORD_RETURN)
        cJSON_AddBoolToObject(in.answer, "enrolled", outcome->enrolled != 0);
    if (answers[in.head->kind] != NULL)
        answers[in.head->kind](&in);
    if (outcome->duplicate)
        answer_status(&in);
    if (outcome->member != 0)
        answer_add(&in, "balances",
                   json_balances(ledger, outcome->balances, outcome->balance_count));
    if (outcome->member != 0 || in.head->kind == RECORD_PURCHASE)
        answer_printed(ledger, outcome, in.answer);
    if (!quote)
        answer_add(&in, "checkpoint", answer_checkpoint(&ledger->checkpoint));
    return in.answer;
}
