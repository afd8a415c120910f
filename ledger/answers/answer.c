/* From records to answers. */
#include "answer_private.h"

#include <stdio.h>

#include "checkpoint.h"
#include "json.h"
#include "sale.h"

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

static cJSON *json_quantity(int64_t quantity)
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

cJSON *json_available_from(moment from)
{
    return from == MOMENT_NEVER ? cJSON_CreateString("activate") : json_from(from);
}

cJSON *json_from(moment from)
{
    return from == 0 ? cJSON_CreateNull() : json_moment(from);
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

static void add_text_key(cJSON *object, struct text key, cJSON *value)
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

cJSON *answer_faults(const struct programme_faults *faults)
{
    cJSON *list = cJSON_CreateArray();
    for (size_t i = 0; i < faults->count; i++) {
        const struct programme_fault *fault = &faults->faults[i];
        cJSON *item = cJSON_CreateObject();
        cJSON_AddItemToObject(item, "line", json_number(fault->line));
        cJSON_AddItemToObject(item, "column", json_number(fault->column));
        cJSON_AddItemToObject(item, "path", json_text(fault->path));
        cJSON_AddItemToObject(item, "message", json_text(fault->message));
        cJSON_AddItemToArray(list, item);
    }
    return list;
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
        cJSON_AddItemToObject(inner, "faults", answer_faults(faults));
    cJSON_AddItemToObject(answer, "error", inner);
    return answer;
}

/* --- What each kind of record says ---------------------------------------------------- */

void answer_add(const struct answering *in, const char *name, cJSON *value)
{
    cJSON_AddItemToObject(in->answer, name, value);
}

static struct text identity_of(struct answering *in)
{
    struct context context = {.ledger = in->ledger,
                              .arena = &in->ledger->batch,
                              .request = &in->input,
                              .version = in->version,
                              .at = in->at};
    struct text identity = in->input.receipt;
    struct error ignored;
    receipt_identity(&context, in->input.receipt, &identity, &ignored);
    return identity;
}

int64_t answer_posted(const struct answering *in, struct text currency, enum account account)
{
    int64_t sum = 0;
    for (size_t h = 0; h < in->outcome->head_count; h++) {
        const struct head *head = in->outcome->heads[h];
        for (size_t i = 0; i < head->posting_count; i++) {
            if (head->postings[i].account == account &&
                text_equal(head->postings[i].currency, currency))
                sum += head->postings[i].amount;
        }
    }
    return sum;
}

static void add_earned(struct answering *in)
{
    cJSON *earned = cJSON_CreateArray();
    for (size_t i = 0; i < in->head->gift_count; i++) {
        const struct gift *gift = &in->head->gifts[i];
        cJSON *item = cJSON_CreateObject();
        moment expires = MOMENT_NEVER, from = 0;
        for (size_t l = 0; l < in->head->lot_count; l++) {
            if (text_equal(in->head->lots[l].currency, gift->currency)) {
                expires = in->head->lots[l].expires;
                from = in->head->lots[l].available_from;
            }
        }
        cJSON_AddItemToObject(item, "points", json_text(gift->currency));
        cJSON_AddItemToObject(item, "amount",
                              json_points(gift->amount, points_scale(in->ledger, gift->currency)));
        cJSON_AddItemToObject(item, "rule", json_text(gift->rule));
        cJSON_AddBoolToObject(item, "pending", from != 0);
        if (from != 0)
            cJSON_AddItemToObject(item, "available_from", json_available_from(from));
        cJSON_AddItemToObject(item, "expires", json_moment(expires));
        cJSON_AddItemToObject(item, "last_day", json_last_day(in->version, expires));
        cJSON_AddItemToArray(earned, item);
    }
    answer_add(in, "earned", earned);
}

static void answer_purchase(struct answering *in)
{
    answer_add(in, "receipt",
               in->input.receipt.length > 0 ? json_text(identity_of(in)) : cJSON_CreateNull());
    answer_add(in, "amount", json_money(in->input.amount, in->version->programme));
    answer_add(in, "at", json_moment(in->at));
    answer_add(in, "programme", json_number(in->version->number));
    answer_paid(in);
    add_earned(in);
    answer_add(in, "clipped", cJSON_CreateArray());
    answer_add(in, "tier", cJSON_CreateNull());
    answer_add(in, "granted", cJSON_CreateArray());
    cJSON *repaid = cJSON_CreateObject();
    for (size_t i = 0; i < in->version->programme->points_count; i++) {
        const struct points *points = &in->version->programme->points[i];
        int64_t amount = answer_posted(in, points->id, ACCOUNT_DEBT);
        if (amount > 0)
            add_text_key(repaid, points->id, json_points(amount, points->scale));
    }
    answer_add(in, "repaid", repaid);
    answer_waiting(in);
}

/* --- Returns --------------------------------------------------------------------------- */

/* What one part returned: the receipt, and line by line what came back. */
static cJSON *returned_lines(const struct sale *sale, const struct returned_part *part)
{
    cJSON *lines = cJSON_CreateArray();
    for (size_t i = 0; i < part->line_count; i++) {
        if (part->lines[i].line >= (int64_t)sale->request.lines_count)
            continue; /* only in a falsified log */
        const struct request_line *sold = &sale->request.lines[part->lines[i].line];
        cJSON *line = cJSON_CreateObject();
        cJSON_AddItemToObject(line, "line", json_number(part->lines[i].line + 1));
        cJSON_AddItemToObject(line, "sku", json_text(sold->sku));
        cJSON_AddItemToObject(line, "quantity", json_quantity(part->lines[i].quantity));
        cJSON_AddItemToArray(lines, line);
    }
    return lines;
}

static cJSON *returned_part(struct answering *in, const struct returned_part *part, int64_t amount)
{
    struct context context = {
        .ledger = in->ledger, .state = &in->ledger->state, .arena = &in->ledger->batch};
    struct sale sale;
    struct error ignored;
    cJSON *item = cJSON_CreateObject();
    if (!sale_load(&context, part->seq, &sale, &ignored)) {
        cJSON_AddItemToObject(item, "seq", json_number(part->seq));
        return item;
    }
    struct answering purchase = {
        .ledger = in->ledger, .version = sale.version, .input = sale.request, .at = sale.at};
    cJSON_AddItemToObject(item, "seq", json_number(part->seq));
    cJSON_AddItemToObject(item, "receipt", json_text(identity_of(&purchase)));
    cJSON_AddStringToObject(item, "how",
                            part->how == RETURNED_ALL      ? "all"
                            : part->how == RETURNED_AMOUNT ? "amount"
                                                           : "lines");
    cJSON_AddItemToObject(item, "amount", json_money(amount, sale.version->programme));
    cJSON_AddItemToObject(item, "lines", returned_lines(&sale, part));
    return item;
}

static bool is_returned_receipt(const struct head *head, int64_t seq)
{
    for (size_t i = 0; i < head->returned_count; i++) {
        if (head->returned[i].seq == seq)
            return true;
    }
    return false;
}

/* From which lots a currency was collected. */
static cJSON *collected(const struct answering *in, struct text currency, int64_t assessed,
                        unsigned scale)
{
    int64_t own = 0, other = 0, debt = -answer_posted(in, currency, ACCOUNT_DEBT);
    for (size_t h = 0; h < in->outcome->head_count; h++) {
        const struct head *head = in->outcome->heads[h];
        for (size_t i = 0; i < head->posting_count; i++) {
            const struct posting *posting = &head->postings[i];
            bool open =
                posting->account == ACCOUNT_AVAILABLE || posting->account == ACCOUNT_PENDING;
            if (!open || !text_equal(posting->currency, currency))
                continue;
            if (is_returned_receipt(in->head, posting->lot / LOTS_PER_RECORD))
                own -= posting->amount;
            else
                other -= posting->amount;
        }
    }
    cJSON *item = cJSON_CreateObject();
    cJSON_AddItemToObject(item, "from_receipt", json_points(own, scale));
    cJSON_AddItemToObject(item, "from_other", json_points(other, scale));
    cJSON_AddItemToObject(item, "debt", json_points(debt, scale));
    cJSON_AddItemToObject(item, "forgiven", json_points(assessed - own - other - debt, scale));
    return item;
}

static void answer_return(struct answering *in)
{
    cJSON *parts = cJSON_CreateArray(), *worth = cJSON_CreateObject(),
          *taken = cJSON_CreateObject();
    struct text facts = {0};
    cJSON *root = NULL;
    struct error ignored;
    int64_t total = 0;
    if (json_slice(in->outcome->body, "/facts/amounts", &facts))
        root = json_parse(facts, &ignored);
    for (size_t i = 0; i < in->head->returned_count; i++) {
        int64_t amount = 0;
        json_integer(cJSON_GetArrayItem(root, (int)i), &amount);
        total += amount;
        cJSON_AddItemToArray(parts, returned_part(in, &in->head->returned[i], amount));
    }
    cJSON_Delete(root);
    root = NULL;
    if (in->input.no_receipt) {
        total = in->input.amount;
        cJSON_AddBoolToObject(in->answer, "no_receipt", true);
    }
    answer_add(in, "at", json_moment(in->at));
    answer_add(in, "amount", json_money(total, in->version->programme));
    answer_refund(in, total);
    answer_add(in, "returned", parts);
    if (json_slice(in->outcome->body, "/facts/assessed", &facts))
        root = json_parse(facts, &ignored);
    const cJSON *pair = NULL;
    cJSON_ArrayForEach(pair, root)
    {
        struct text currency = text_of(cJSON_GetStringValue(cJSON_GetArrayItem(pair, 0)));
        int64_t assessed = 0;
        if (currency.length == 0 || currency.length > LIMIT_ID)
            continue; /* only in a falsified log */
        unsigned scale = points_scale(in->ledger, currency);
        json_integer(cJSON_GetArrayItem(pair, 1), &assessed);
        add_text_key(worth, currency, json_points(assessed, scale));
        add_text_key(taken, currency, collected(in, currency, assessed, scale));
    }
    cJSON_Delete(root);
    answer_add(in, "assessed", worth);
    answer_add(in, "collected", taken);
    cJSON *unmatched = cJSON_CreateArray();
    for (size_t i = 0; i < in->outcome->unmatched_count; i++) {
        cJSON *item = cJSON_CreateObject();
        cJSON_AddItemToObject(item, "line", json_number((int64_t)in->outcome->unmatched[i] + 1));
        cJSON_AddItemToObject(item, "quantity", json_quantity(in->outcome->unmatched_quantity[i]));
        cJSON_AddItemToArray(unmatched, item);
    }
    answer_add(in, "unmatched", unmatched);
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
}

static void answer_operator(struct answering *in)
{
    answer_add(in, "operator", json_text(in->input.of));
}

static void answer_version(struct answering *in)
{
    answer_add(in, "version", json_number(in->head->version.number));
    answer_add(in, "from", json_from(in->head->version.from));
    answer_add(in, "semantics", json_number(in->head->version.semantics));
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
    [RECORD_OPERATOR_LINK] = answer_operator,
    [RECORD_OPERATOR_UNLINK] = answer_operator,
    [RECORD_TILL_CLOSE] = answer_till_close,
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
           kind != RECORD_OPERATOR_UNLINK && kind != RECORD_TILL_CLOSE;
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
        answer_add(&in, "member", json_member(in.head->member));
    cJSON_AddBoolToObject(in.answer, "duplicate", outcome->duplicate);
    if (in.head->kind == RECORD_PURCHASE || in.head->kind == RECORD_RETURN)
        cJSON_AddBoolToObject(in.answer, "enrolled", outcome->enrolled != 0);
    if (answers[in.head->kind] != NULL)
        answers[in.head->kind](&in);
    if (in.head->member != 0)
        answer_add(&in, "balances",
                   json_balances(ledger, outcome->balances, outcome->balance_count));
    if (in.head->member != 0)
        answer_printed(ledger, outcome, in.answer);
    if (!quote)
        answer_add(&in, "checkpoint", answer_checkpoint(&ledger->checkpoint));
    return in.answer;
}
