/* The steps that ladders share: who, when, under which programme, and whether
 * this operation has been recorded before. */
#include <stdio.h>

#include "context.h"
#include "json.h"

enum { FUTURE_TOLERANCE = 5 * 60 * 1000 };

bool require(const struct context *context, enum field field, struct error *error)
{
    if (request_has(context->request, field))
        return true;
    return fail_field(error, ERROR_MISSING_FIELD, field_name(field), _("%s needs \"%s\""),
                      operation_name(context->request->op), field_name(field));
}

enum { NAMES_TOLD = 8 };

static bool hint_names(const char *const names[], size_t count, struct error *error)
{
    struct buffer list = {0};
    for (size_t i = 0; i < count && i < NAMES_TOLD; i++)
        buffer_format(&list, "%s\"%s\"", i == 0 ? "" : ", ", names[i]);
    if (count > NAMES_TOLD)
        buffer_string(&list, ", ...");
    struct text told = buffer_view(&list);
    hint(error, _("the programme has %.*s"), TEXT(told));
    buffer_free(&list);
    return false;
}

bool hint_nearest(struct context *context, struct text wanted, const struct text names[],
                  size_t count, struct error *error)
{
    const char **list = arena_allocate(context->arena, (count + 1) * sizeof *list);
    for (size_t i = 0; i < count; i++)
        list[i] = text_copy(context->arena, names[i]).bytes;
    const char *nearest = nearest_name(wanted, list, count);
    if (nearest != NULL)
        return hint(error, _("did you mean \"%s\"?"), nearest);
    return count == 0 ? false : hint_names(list, count, error);
}

/* --- Identifiers ------------------------------------------------------------ */

static bool has_prefix(struct text text, const char *prefix, struct text *rest)
{
    size_t length = strlen(prefix);
    if (text.length < length || memcmp(text.bytes, prefix, length) != 0)
        return false;
    *rest = (struct text){text.bytes + length, text.length - length};
    return true;
}

static bool card_is_valid(struct text card)
{
    for (size_t i = 0; i < card.length; i++) {
        if (card.bytes[i] <= ' ' || card.bytes[i] > '~')
            return false;
    }
    return card.length >= 1 && card.length <= 64;
}

/* By the programme in force now: how people write phones may change, what was kept does not. */
static bool phone_read(struct context *context, struct text written, struct text *phone)
{
    const struct version *version = version_at(context->ledger, context->time);
    return programme_phone(version == NULL ? NULL : version->programme, written, context->arena,
                           phone);
}

static bool no_phone(const struct context *context, struct text text, struct error *error)
{
    const struct version *version = version_at(context->ledger, context->time);
    fail_field(error, ERROR_INVALID_FIELD, "identifiers",
               _("\"%.*s\" is not a phone: + and 8 to 15 digits, such as +8613812345678"),
               TEXT(text));
    bool abroad = memchr(text.bytes, '+', text.length) != NULL;
    if (!abroad && (version == NULL || version->programme->members.phone_country.length == 0))
        return hint(error, _("phones can be written as at home once the programme has "
                             "\"members\": {\"phone_country\": \"...\"}"));
    return false;
}

bool is_identifier(struct text text)
{
    struct text rest;
    return has_prefix(text, "card:", &rest) || has_prefix(text, "phone:", &rest);
}

bool identifier_read(struct context *context, struct text text, struct typed *typed,
                     struct error *error)
{
    struct text rest;
    if (has_prefix(text, "card:", &rest)) {
        *typed = (struct typed){text_of("card"), rest};
        return card_is_valid(rest) ||
               fail_field(error, ERROR_INVALID_FIELD, "identifiers",
                          _("\"%.*s\" is not a card: 1 to 64 printable ASCII characters, no space"),
                          TEXT(text));
    }
    if (has_prefix(text, "phone:", &rest)) {
        typed->kind = text_of("phone");
        return phone_read(context, rest, &typed->value) || no_phone(context, text, error);
    }
    fail_field(error, ERROR_INVALID_FIELD, "identifiers", _("\"%.*s\" is not an identifier"),
               TEXT(text));
    return hint(error, _("write card:NUMBER or phone:+NUMBER"));
}

void identifier_hash(const struct ledger *ledger, const struct typed *typed,
                     unsigned char out[KEY_HASH_BYTES])
{
    keyed_hash_of(&ledger->keyed, typed->kind.bytes, typed->value, out);
}

struct text identifier_text(struct arena *arena, const struct typed *typed)
{
    return text_format(arena, "%.*s:%.*s", TEXT(typed->kind), TEXT(typed->value));
}

struct text identifier_shown(struct arena *arena, const struct typed *typed)
{
    size_t shown = typed->value.length > 4 ? 4 : typed->value.length / 2;
    return text_format(arena, "%.*s:\xe2\x80\xa6%.*s", TEXT(typed->kind), (int)shown,
                       typed->value.bytes + typed->value.length - shown);
}

/* --- Members ---------------------------------------------------------------- */

static bool find_identified(struct context *context, const struct typed *typed, uint64_t *member,
                            struct error *error)
{
    unsigned char hash[KEY_HASH_BYTES];
    struct identifier *identifier = NULL;
    identifier_hash(context->ledger, typed, hash);
    if (!state_identifier(context->state, hash, &identifier, error))
        return false;
    *member = identifier->row.member;
    return true;
}

bool current_member(struct context *context, uint64_t id, uint64_t *current, struct error *error)
{
    struct member *member = NULL;
    int64_t steps = 0;
    for (*current = id; steps <= context->state->tip.size; *current = member->row.merged) {
        if (!state_member(context->state, *current, &member, error))
            return false;
        if (member->row.merged == 0)
            return true;
        steps++;
    }
    return fail(error, ERROR_CORRUPT, _("members have become each other in a circle"));
}

static bool find_by_id(struct context *context, struct text text, uint64_t *member,
                       struct error *error)
{
    struct member *found = NULL;
    uint64_t id = 0;
    *member = 0;
    if (!member_id_parse_typed(text, &id))
        return true;
    if (!state_member(context->state, id, &found, error))
        return false;
    return !found->exists || current_member(context, id, member, error);
}

/* Without a prefix a text may be an id, a card or a phone: it must name one member
 * however it is read. */
static bool find_untyped(struct context *context, struct text text, uint64_t *member,
                         struct error *error)
{
    struct typed card = {text_of("card"), text}, phone = {text_of("phone"), text};
    uint64_t found[3] = {0};
    if (!find_by_id(context, text, &found[0], error) ||
        (card_is_valid(text) && !find_identified(context, &card, &found[1], error)) ||
        (phone_read(context, text, &phone.value) &&
         !find_identified(context, &phone, &found[2], error)))
        return false;
    *member = 0;
    for (size_t i = 0; i < 3; i++) {
        if (found[i] == 0 || found[i] == *member)
            continue;
        if (*member != 0) {
            fail_field(error, ERROR_AMBIGUOUS_MEMBER, "member", _("\"%.*s\" names several members"),
                       TEXT(text));
            return hint(error, _("say which with id:, card: or phone:"));
        }
        *member = found[i];
    }
    return true;
}

/* *identified: it is a card or phone, so that an unknown one can be enrolled. */
static bool find_typed(struct context *context, enum field field, struct text typed,
                       uint64_t *member, bool *identified, struct error *error)
{
    struct text rest;
    struct typed identifier;
    *identified = is_identifier(typed);
    if (has_prefix(typed, "id:", &rest))
        return find_by_id(context, rest, member, error);
    if (!*identified)
        return find_untyped(context, typed, member, error);
    if (!identifier_read(context, typed, &identifier, error)) {
        snprintf(error->field, sizeof error->field, "%s", field_name(field));
        return false;
    }
    return find_identified(context, &identifier, member, error);
}

bool check_present(struct context *context, uint64_t id, enum field field, struct error *error)
{
    struct member *member = NULL;
    if (id == 0)
        return true;
    if (!state_member(context->state, id, &member, error))
        return false;
    if (member->row.erased == 0 || context->request->op == OPERATION_MEMBER_ERASE)
        return true;
    fail_field(error, ERROR_ERASED, field_name(field), _("the member was erased, by record %lld"),
               (long long)member->row.erased);
    return hint(error, _("whoever comes back is a new member: their card or phone is free"));
}

bool resolve_member(struct context *context, struct text typed, bool *enrol, struct error *error)
{
    bool identified = false;
    if (!find_typed(context, FIELD_MEMBER, typed, &context->member_id, &identified, error) ||
        !check_present(context, context->member_id, FIELD_MEMBER, error))
        return false;
    *enrol = identified && context->member_id == 0 && context->request->enrol;
    return true;
}

bool resolve_other(struct context *context, enum field field, struct text typed,
                   struct error *error)
{
    bool identified = false;
    context->other_id = 0;
    return typed.length == 0 ||
           (find_typed(context, field, typed, &context->other_id, &identified, error) &&
            check_present(context, context->other_id, field, error));
}

bool unknown_other(const struct context *context, enum field field, struct text typed,
                   struct error *error)
{
    return context->other_id != 0 || fail_field(error, ERROR_UNKNOWN_MEMBER, field_name(field),
                                                _("there is no member \"%.*s\""), TEXT(typed));
}

bool load_member(struct context *context, struct error *error)
{
    struct text rest;
    if (context->member != NULL && context->member->row.id == context->member_id &&
        context->wallet->id == context->member->row.wallet)
        return true;
    if (context->member_id == 0) {
        fail_field(error, ERROR_UNKNOWN_MEMBER, "member", _("there is no member \"%.*s\""),
                   TEXT(context->request->member));
        return has_prefix(context->request->member, "id:", &rest) ? false
               : is_identifier(context->request->member)
                   ? hint(error, _("enrol them with \"member add\", or send \"enrol\": true"))
                   : hint(error, _("to enrol them, or to let the sale wait, say what it is: "
                                   "\"card:2001\" or \"phone:+447700900123\""));
    }
    return state_member(context->state, context->member_id, &context->member, error) &&
           state_wallet(context->state, context->member->row.wallet, &context->wallet, error);
}

/* --- When, and under which programme ------------------------------------------ */

bool resolve_version(struct context *context, struct error *error)
{
    context->at = request_has(context->request, FIELD_AT) ? context->request->at : context->time;
    context->version = version_at(context->ledger, context->at);
    if (context->version != NULL)
        return true;
    fail(error, ERROR_NO_PROGRAMME, _("the ledger has no programme yet"));
    return hint(error, _("apply one: loyalty programme apply FILE"));
}

/* An operator whom the programme lets go further back than others. */
static bool may_be_late(const struct programme *programme, const struct request *request)
{
    for (size_t i = 0; i < programme->receipts.late_operator_count; i++) {
        if (text_equal(programme->receipts.late_operators[i], request->operator_id))
            return true;
    }
    return false;
}

/* What a closed period refuses is today's rule, too. */
bool check_period(struct context *context, struct error *error)
{
    const struct version *now = version_at(context->ledger, context->time);
    if (context->at >= context->state->tip.closed || !now->programme->refuse_closed)
        return true;
    fail_field(error, ERROR_PERIOD_CLOSED, "at", _("the books are closed for the month of \"at\""));
    return hint(error, _("closing.late may be \"report\": then it is reported in the first open "
                         "month"));
}

bool check_at(struct context *context, struct error *error)
{
    /* How late is late is today's rule, whatever held on the day of the purchase. */
    const struct programme *programme = version_at(context->ledger, context->time)->programme;
    /* History's clock is the file's, but no file knows what is to come: one wrong year
     * would hold the log's clock until then. */
    moment now = context->history ? ledger_clock(context->ledger, context->request) : context->time;
    if (context->at > now + FUTURE_TOLERANCE) {
        fail_field(error, ERROR_IN_FUTURE, "at", _("\"at\" lies in the future"));
        return hint(error, _("send the time of the purchase; 5 minutes ahead of the ledger's clock "
                             "are allowed"));
    }
    moment latest = zone_add(programme->zone, context->at, programme->receipts.late);
    if (context->history || context->time <= latest || may_be_late(programme, context->request))
        return check_period(context, error);
    fail_field(error, ERROR_TOO_LATE, "at",
               _("\"at\" lies further back than the programme allows"));
    return hint(error, _("an operator named in receipts.late_operators may go further"));
}

bool points_currency(struct context *context, const struct points **points, struct error *error)
{
    const struct programme *programme = context->version->programme;
    const struct request *request = context->request;
    for (size_t i = 0; i < programme->points_count; i++) {
        bool wanted = request_has(request, FIELD_POINTS_OF)
                          ? text_equal(programme->points[i].id, request->points_of)
                          : programme->points[i].spendable;
        if (wanted) {
            *points = &programme->points[i];
            return true;
        }
    }
    if (!request_has(request, FIELD_POINTS_OF))
        return fail_field(error, ERROR_UNKNOWN_POINTS, "points_of",
                          _("the programme has no points that can be spent"));
    return fail_field(error, ERROR_UNKNOWN_POINTS, "points_of",
                      _("the programme has no points currency \"%.*s\""), TEXT(request->points_of));
}

const struct points *points_named(struct context *context, struct text currency)
{
    const struct programme *programme = version_latest(context->ledger)->programme;
    int index = programme_points_index(programme, currency);
    return index < 0 ? NULL : &programme->points[index];
}

const struct points *points_now(struct context *context, struct text currency)
{
    const struct programme *programme = context->version->programme;
    int index = programme_points_index(programme, currency);
    return index < 0 ? points_named(context, currency) : &programme->points[index];
}

/* --- Receipts and keys --------------------------------------------------------- */

void hash_ref(struct context *context, struct text ref, unsigned char out[KEY_HASH_BYTES])
{
    keyed_hash_of(&context->ledger->keyed, "ref", ref, out);
}

void hash_receipt(struct context *context, struct text identity, unsigned char out[KEY_HASH_BYTES])
{
    keyed_hash_of(&context->ledger->keyed, "receipt", identity, out);
}

/* One part of the identity and a slash. */
static bool add_scope(struct context *context, enum receipt_scope scope, struct buffer *out,
                      struct error *error)
{
    const struct request *request = context->request;
    switch (scope) {
    case SCOPE_STORE:
        if (!require(context, FIELD_STORE, error))
            return hint(error, _("receipt numbers are unique within a store"));
        buffer_text(out, request->store);
        break;
    case SCOPE_TILL:
        if (!require(context, FIELD_TILL, error))
            return hint(error, _("receipt numbers are unique within a till"));
        buffer_text(out, request->till);
        break;
    case SCOPE_DATE:
        if (!require(context, FIELD_AT, error))
            return hint(error,
                        _("receipt numbers repeat each day: a retry must carry the same time"));
        date_format(out, programme_business_day(context->version->programme, context->at));
        break;
    case SCOPE_COUNT:
        break;
    }
    buffer_byte(out, '/');
    return true;
}

bool receipt_identity(struct context *context, struct text number, struct text *identity,
                      struct error *error)
{
    const struct programme *programme = context->version->programme;
    if (programme->receipts.unique_count == 0) {
        *identity = number;
        return true;
    }
    struct buffer out = {0};
    bool ok = true;
    for (size_t i = 0; ok && i < programme->receipts.unique_count; i++)
        ok = add_scope(context, programme->receipts.unique_by[i], &out, error);
    buffer_text(&out, number);
    *identity = ok ? text_copy(context->arena, buffer_view(&out)) : number;
    buffer_free(&out);
    return ok;
}

/* --- Retries -------------------------------------------------------------------- */

/* Whom the record names, where that is whom the request means: the one it finds, or,
 * where they are no longer found, anybody. Two memberships may have become one since. */
static bool recorded_member(struct context *context, uint64_t recorded, uint64_t found,
                            uint64_t *member, struct error *error)
{
    uint64_t current = 0;
    *member = found;
    if (recorded == 0 || recorded == found)
        return true;
    if (found != 0 && !current_member(context, recorded, &current, error))
        return false;
    if (found == current)
        *member = recorded;
    return true;
}

static void encode_members(struct context *context, uint64_t member, uint64_t other)
{
    const struct version *version =
        context->version != NULL ? context->version : version_latest(context->ledger);
    struct buffer *out = &context->ledger->body;
    struct request request = *context->request;
    struct typed typed;
    struct error ignored;
    /* Nobody has this card: it is kept as it was said, in the one spelling. */
    if (member == 0 && is_identifier(request.member) &&
        identifier_read(context, request.member, &typed, &ignored))
        request.member = identifier_text(context->arena, &typed);
    buffer_clear(out);
    request_encode(&request, member, other, version == NULL ? NULL : version->programme, out);
    context->input = text_copy(context->arena, buffer_view(out));
}

void encode_input(struct context *context)
{
    encode_members(context, context->member_id, context->other_id);
}

/* The same without the member, whom an exchange does not name either. */
static void encode_unnamed(struct context *context)
{
    const struct request *asked = context->request;
    struct request unnamed = *asked;
    request_unmark(&unnamed, FIELD_MEMBER);
    context->request = &unnamed;
    encode_members(context, 0, 0);
    context->request = asked;
}

/* The member whom a record names only in its body. */
static uint64_t named_in(const struct record *record, const char *pointer)
{
    struct text text;
    uint64_t id = 0;
    /* "id:...", the quotes included */
    if (json_slice(record->body, pointer, &text) && text.length == MEMBER_ID_CHARS + 5)
        member_id_parse_typed((struct text){text.bytes + 4, MEMBER_ID_CHARS}, &id);
    return id;
}

/* A return that is held is nobody's yet. */
static uint64_t named_member(const struct record *record)
{
    return record->head->kind == RECORD_RETURN_HELD ? named_in(record, "/in/member")
                                                    : record->head->member;
}

/* A sale that nobody had was taken from nobody. */
static uint64_t named_other(const struct record *record)
{
    bool from_nobody = record->head->kind == RECORD_REASSIGN && record->head->member == 0;
    return from_nobody ? named_in(record, "/in/to") : record->head->with;
}

static bool encode_as_recorded(struct context *context, const struct record *record,
                               struct error *error)
{
    const struct head *head = record->head;
    uint64_t member = 0, other = 0;
    bool nobodys = head->kind == RECORD_PURCHASE && head->member == 0;
    if (nobodys && is_identifier(context->request->member)) {
        encode_members(context, 0, 0); /* it named a card, and whoever had it was not known */
        return true;
    }
    if (nobodys && context->request->same_member) {
        encode_unnamed(context); /* the goods of the exchange waited, and nobody knew whose */
        return true;
    }
    if (!recorded_member(context, named_member(record), context->member_id, &member, error) ||
        !recorded_member(context, named_other(record), context->other_id, &other, error))
        return false;
    encode_members(context, member, other);
    return true;
}

static bool take_recorded(struct context *context, int64_t seq,
                          const unsigned char hash[KEY_HASH_BYTES], struct error *error)
{
    struct record record;
    if (!state_record(context->state, seq, &record, error))
        return false;
    if (record.head->has_bars && memcmp(record.head->bars, hash, KEY_HASH_BYTES) == 0)
        return fail_field(error, ERROR_BARRED, "ref",
                          _("this ref was cancelled before it arrived, by record %lld"),
                          (long long)seq);
    if (!state_need_body(context->state, &record, error) ||
        !encode_as_recorded(context, &record, error))
        return false;
    struct text input = {0};
    if (record.body.length > 0 && !json_slice(record.body, "/in", &input))
        return fail(error, ERROR_CORRUPT, _("the body of record %lld cannot be read"),
                    (long long)seq);
    const char *field = request_difference(input, context->input);
    if (field != NULL) {
        fail_field(error, ERROR_KEY_REUSED, field,
                   _("this key was used before, by record %lld, with another \"%s\""),
                   (long long)seq, field);
        return hint(error,
                    _("a retry must send what was sent first; a new operation needs a new key"));
    }
    return outcome_of_record(context, &record, error);
}

/* Where the records of points that paid, or went back, begin before an operation's own. */
static bool first_paying(struct context *context, const struct record *record, int64_t *from,
                         struct error *error)
{
    struct text facts;
    struct record before;
    *from = record->head->paid.seq >= 0 ? record->head->paid.seq : record->head->seq;
    bool gives_back = record->head->kind == RECORD_RETURN || record->head->kind == RECORD_VOID;
    if (!gives_back || !json_slice(record->body, "/facts/refund", &facts))
        return true;
    while (*from > 0) {
        if (!state_record(context->state, *from - 1, &before, error))
            return false;
        if (before.head->kind != RECORD_RESTORE)
            return true;
        (*from)--;
    }
    return true;
}

static bool note_paying(struct context *context, const struct record *record, struct error *error)
{
    struct outcome *outcome = context->outcome;
    struct record before;
    int64_t seq = 0;
    outcome->paying_count = 0;
    if (!first_paying(context, record, &seq, error))
        return false;
    for (; seq < record->head->seq; seq++) {
        if (!state_record(context->state, seq, &before, error))
            return false;
        note_head(context, before.head, &outcome->paying, &outcome->paying_count);
    }
    return true;
}

/* The claims that a record brought about stand behind it, without a key of their own: of
 * a reassign its second half, of a card that was linked the sales that waited for it. */
static bool note_claims(struct context *context, const struct head *own, int64_t next,
                        struct error *error)
{
    struct outcome *outcome = context->outcome;
    bool linked = own->kind == RECORD_MEMBER_ADD || own->kind == RECORD_MEMBER_LINK;
    struct record record;
    for (; (linked || own->kind == RECORD_REASSIGN) && next < context->state->tip.size; next++) {
        if (!state_record(context->state, next, &record, error))
            return false;
        const struct head *head = record.head;
        if (head->kind == RECORD_ELAPSE || head->part > 0)
            continue;
        if (head->kind != RECORD_CLAIM || head->has_key)
            return true;
        if (linked) {
            note_head(context, head, &outcome->claimed, &outcome->claimed_count);
            continue;
        }
        note_head(context, head, &outcome->heads, &outcome->head_count);
        context->member_id = head->member;
        return true;
    }
    return true;
}

/* What was brought about behind the operation's own records. */
static bool note_followers(struct context *context, const struct head *own, int64_t next,
                           struct error *error)
{
    return outcome_note_held(context, own, next, error) && note_claims(context, own, next, error);
}

bool outcome_of_record(struct context *context, const struct record *first, struct error *error)
{
    struct outcome *outcome = context->outcome;
    struct record record = *first;
    if (!held_answers(context, &record, error) || !state_need_body(context->state, &record, error))
        return false;
    const struct head *own = record.head;
    outcome->duplicate = true;
    outcome->body = record.body;
    outcome->head_count = 0;
    context->member_id = record.head->member;
    if (!note_paying(context, &record, error))
        return false;
    for (;;) {
        note_head(context, record.head, &outcome->heads, &outcome->head_count);
        int64_t next = record.head->seq + 1;
        if (next >= context->state->tip.size)
            return note_followers(context, own, next, error);
        int64_t part = record.head->part;
        if (!state_record(context->state, next, &record, error))
            return false;
        if (record.head->part != part + 1)
            return note_followers(context, own, next, error);
    }
}

/* Whether the log takes this kind of operation now. Opens the history where this is
 * its first record: that must stand before anything is numbered after it. */
static bool admit(struct context *context, struct error *error)
{
    const struct tip *tip = &context->state->tip;
    if (context->request->op == OPERATION_PROGRAMME_APPLY ||
        context->request->op == OPERATION_RECOVER)
        return true; /* these may come between histories */
    if (context->history && tip->mode == MODE_LIVE) {
        fail(error, ERROR_HISTORY_CLOSED,
             _("the ledger has live operations: history can no longer be imported"));
        return hint(error, _("import without --history: the receipts arrive late"));
    }
    if (!context->history && tip->history_open != 0) {
        fail(error, ERROR_HISTORY_OPEN, _("a history import has not been finished"));
        return hint(error, _("run the same import again: it goes on where it stopped"));
    }
    return !context->history || tip->history_open != 0 || open_history(context, error);
}

bool check_keys(struct context *context, bool *duplicate, struct error *error)
{
    struct key *key = NULL;
    *duplicate = false;
    if (context->has_key) {
        if (!state_key(context->state, context->key, &key, error))
            return false;
        *duplicate = key->row.seq >= 0;
        if (*duplicate)
            return take_recorded(context, key->row.seq, context->key, error);
    }
    if (context->has_receipt) {
        if (!state_key(context->state, context->receipt, &key, error))
            return false;
        *duplicate = key->row.seq >= 0;
        if (*duplicate && !context->has_key)
            return take_recorded(context, key->row.seq, context->receipt, error);
        if (*duplicate)
            return fail_field(
                error, ERROR_RECEIPT_EXISTS, "receipt",
                _("this receipt is recorded already, by record %lld under another ref"),
                (long long)key->row.seq);
    }
    encode_input(context);
    return admit(context, error);
}

bool check_ref(struct context *context, struct text ref, bool *duplicate, struct error *error)
{
    context->has_key = true;
    hash_ref(context, ref, context->key);
    return check_keys(context, duplicate, error);
}

void set_keys(const struct context *context, struct head *head)
{
    head->has_key = context->has_key;
    head->has_receipt = context->has_receipt;
    memcpy(head->key, context->key, KEY_HASH_BYTES);
    memcpy(head->receipt, context->receipt, KEY_HASH_BYTES);
}
