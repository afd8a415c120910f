/* One sale, twice: as the journal has it, and as the ledger recorded it.
 *
 * What can be mended is mended by a request: what is missing by the purchase that an
 * import would have made of it, what is too much by a void, another member by a
 * reassign. What a record says of itself stays: another amount, time or place has no
 * request, for the receipt's number is taken for ever. */
#include "json.h"
#include "reconcile_private.h"

void receipt_hash(const struct reconciling *in, struct text identity,
                  unsigned char out[KEY_HASH_BYTES])
{
    keyed_hash_of(&in->view.ledger->keyed, "receipt", identity, out);
}

/* --- The ledger's side -------------------------------------------------------------- */

struct recorded {
    struct record record;
    struct trading_sale sale;
    bool voided;
    int64_t given;   /* the record that gave it to who has it; -1 it was taken back */
    uint64_t member; /* who has it now; 0 nobody */
};

/* The operation that has a key: *seq is -1 where nobody has used it. */
static bool find_key(struct reconciling *in, const unsigned char hash[KEY_HASH_BYTES], int64_t *seq,
                     struct error *error)
{
    struct key_row key = {.seq = -1};
    memcpy(key.hash, hash, KEY_HASH_BYTES);
    bool ok = store_keys(in->view.ledger->store, &key, 1, error);
    *seq = key.seq;
    return ok;
}

/* Whom a member has become by merging; 0 is nobody. In a falsified file members may have
 * become each other: each merge is a record, so that there are not more steps than these. */
static bool current_id(struct reconciling *in, uint64_t *id, struct error *error)
{
    int64_t most = in->view.ledger->state.tip.size;
    for (int64_t step = 0; *id != 0 && step <= most; step++) {
        struct member_row row = {.id = *id};
        if (!store_members(in->view.ledger->store, &row, 1, error))
            return false;
        if (row.merged == 0)
            return true;
        *id = row.merged;
    }
    return *id == 0 || fail(error, ERROR_CORRUPT, _("members have become each other in a circle"));
}

static bool is_voided(struct reconciling *in, int64_t seq, bool *voided, struct error *error)
{
    int64_t by = -1;
    bool ok = store_cancelled(in->view.ledger->store, seq, &by, error);
    *voided = by >= 0;
    return ok;
}

/* A sale can be given to somebody, or to somebody else, after it was recorded. */
static bool find_holder(struct reconciling *in, struct recorded *recorded, struct error *error)
{
    struct holder_row row = {0};
    struct record given;
    bool found = false;
    const struct head *head = recorded->record.head;
    recorded->given = head->seq;
    recorded->member = head->member;
    if (!store_holder(in->view.ledger->store, head->seq, &row, &found, error))
        return false;
    if (found) {
        recorded->given = row.by;
        recorded->member = 0;
    }
    if (found && row.by >= 0) {
        if (!state_read_record(&in->view.ledger->state, &in->scratch, row.by, &given, error))
            return false;
        recorded->member = given.head->member;
    }
    return current_id(in, &recorded->member, error);
}

static bool read_recorded(struct reconciling *in, int64_t seq, struct recorded *recorded,
                          struct error *error)
{
    struct record *record = &recorded->record;
    if (!state_read_record(&in->view.ledger->state, &in->scratch, seq, record, error) ||
        !is_voided(in, seq, &recorded->voided, error))
        return false;
    recorded->sale = trading_sale_of(&in->view, &in->scratch, record->head, record->body);
    return find_holder(in, recorded, error);
}

/* A request about a sale that is recorded; `to` may be empty. */
static struct text mending_request(struct reconciling *in, const char *op, struct text ref,
                                   struct text of, struct text to)
{
    struct buffer request = {0};
    buffer_format(&request, "{\"op\":\"%s\",\"ref\":", op);
    json_string(&request, ref);
    buffer_string(&request, ",\"of\":");
    json_string(&request, of);
    if (to.length > 0) {
        buffer_string(&request, ",\"to\":");
        json_string(&request, to);
    }
    buffer_string(&request, ",\"reason\":\"reconcile\"}");
    struct text kept = text_copy(&in->scratch, buffer_view(&request));
    buffer_free(&request);
    return kept;
}

/* --- Differences ---------------------------------------------------------------------- */

static const char *hint_of(const char *field)
{
    if (strcmp(field, "status") == 0)
        return _("it was voided: its number is taken; record the sale under another one, and "
                 "change the journal");
    if (strcmp(field, "member") == 0)
        return _("nobody has this card or phone: link it to its member first");
    return _("a record cannot be changed and its number is taken: void it, record the sale under "
             "another number, and change the journal");
}

/* All findings of one receipt share their beginning. */
static void begin_different(struct reconciling *in, const struct recorded *recorded,
                            struct text identity, const char *field)
{
    finding_begin(in, "different");
    finding_text(in, "receipt", identity);
    finding_number(in, "seq", recorded->record.head->seq);
    finding_text(in, "field", text_of(field));
}

static bool end_different(struct reconciling *in, const char *field, struct text send,
                          struct error *error)
{
    if (send.length == 0)
        finding_text(in, "hint", text_of(hint_of(field)));
    finding_send(in, send);
    return finding_end(in, error);
}

static bool differ(struct reconciling *in, const struct recorded *recorded, struct text identity,
                   const char *field, struct text ledger, struct text journal, struct error *error)
{
    begin_different(in, recorded, identity, field);
    finding_text(in, "ledger", ledger);
    finding_text(in, "journal", journal);
    return end_different(in, field, (struct text){0}, error);
}

/* A place that the journal has a column for. */
static bool compare_place(struct reconciling *in, const struct recorded *recorded,
                          struct text identity, enum cell cell, struct text ledger,
                          struct text journal, bool *equal, struct error *error)
{
    const char *field = cell == CELL_STORE ? "store" : "till";
    if (in->sheet.layout.at[cell] < 0 || text_equal(ledger, journal))
        return true;
    *equal = false;
    return differ(in, recorded, identity, field, ledger, journal, error);
}

/* To the minute; to the day where the journal has no more. */
static bool same_time(const struct reconciling *in, moment ledger, moment journal)
{
    const struct time_format *format = &in->mapping.time_format;
    const struct zone *zone = in->sheet.programme->zone;
    if (format->pattern.length > 0 && !format->has_hour)
        return date_to_days(zone_date(zone, ledger)) == date_to_days(zone_date(zone, journal));
    return ledger / 60000 == journal / 60000;
}

static bool compare_time(struct reconciling *in, const struct recorded *recorded,
                         struct text identity, moment journal, bool *equal, struct error *error)
{
    moment ledger = recorded->record.head->at;
    if (same_time(in, ledger, journal))
        return true;
    *equal = false;
    begin_different(in, recorded, identity, "at");
    finding_moment(in, "ledger", ledger);
    finding_moment(in, "journal", journal);
    return end_different(in, "at", (struct text){0}, error);
}

static bool compare_amount(struct reconciling *in, const struct recorded *recorded,
                           struct text identity, int64_t journal, bool *equal, struct error *error)
{
    int64_t ledger = recorded->sale.amount;
    if (ledger == journal)
        return true;
    *equal = false;
    begin_different(in, recorded, identity, "amount");
    finding_money(in, "ledger", ledger);
    finding_money(in, "journal", journal);
    return end_different(in, "amount", (struct text){0}, error);
}

/* --- The member ------------------------------------------------------------------------- */

/* Who the journal's card, phone or id is now; 0 nobody. `hash` is that of a card or
 * phone. */
static bool find_member(struct reconciling *in, struct text typed, uint64_t *id,
                        unsigned char hash[KEY_HASH_BYTES], struct error *error)
{
    const char *colon = memchr(typed.bytes, ':', typed.length);
    struct text value = {colon + 1, typed.length - (size_t)(colon + 1 - typed.bytes)};
    const char *kind = typed.bytes[0] == 'c' ? "card" : "phone";
    struct identifier_row row = {0};
    *id = 0;
    if (typed.bytes[0] == 'i') {
        struct member_row member = {0};
        if (!member_id_parse_typed(value, &member.id))
            return true;
        if (!store_members(in->view.ledger->store, &member, 1, error))
            return false;
        *id = member.wallet != 0 ? member.id : 0;
        return current_id(in, id, error);
    }
    keyed_hash_of(&in->view.ledger->keyed, kind, value, hash);
    memcpy(row.hash, hash, KEY_HASH_BYTES);
    if (!store_identifiers(in->view.ledger->store, &in->scratch, &row, 1, error))
        return false;
    *id = row.member;
    return current_id(in, id, error);
}

static struct text member_name(struct reconciling *in, uint64_t id)
{
    char text[MEMBER_ID_CHARS + 1];
    if (id == 0)
        return (struct text){0};
    member_id_format(id, text);
    return text_format(&in->scratch, "id:%s", text);
}

/* A receipt that was given away again has another record that gave it: so the key is
 * new each time that there is something to mend. */
static struct text reassign_request(struct reconciling *in, const struct recorded *recorded,
                                    struct text identity, struct text to)
{
    struct text ref =
        text_format(&in->scratch, "reconcile/reassign/%lld/%lld",
                    (long long)recorded->record.head->seq, (long long)recorded->given);
    return mending_request(in, "reassign", ref, identity, to);
}

static bool compare_member(struct reconciling *in, const struct recorded *recorded,
                           struct text identity, struct text journal, bool *equal,
                           struct error *error)
{
    uint64_t id = 0;
    unsigned char hash[KEY_HASH_BYTES] = {0};
    const struct head *head = recorded->record.head;
    if (journal.length == 0)
        return true;
    if (!find_member(in, journal, &id, hash, error))
        return false;
    bool waits = recorded->member == 0 && head->has_awaits &&
                 memcmp(head->awaits, hash, KEY_HASH_BYTES) == 0;
    if (waits || (id != 0 && id == recorded->member))
        return true;
    *equal = false;
    struct text send = {0};
    if (id != 0)
        send = reassign_request(in, recorded, identity, journal);
    begin_different(in, recorded, identity, "member");
    finding_text(in, "ledger", member_name(in, recorded->member));
    finding_text(in, "journal", journal);
    return end_different(in, "member", send, error);
}

/* --- A sale of the journal ---------------------------------------------------------------- */

static bool compare_all(struct reconciling *in, const struct receipt *receipt,
                        const struct request *request, const struct recorded *recorded,
                        struct text identity, bool *equal, struct error *error)
{
    *equal = true;
    if (recorded->voided) {
        *equal = false;
        return differ(in, recorded, identity, "status", text_of("void"), text_of("sold"), error);
    }
    return compare_place(in, recorded, identity, CELL_STORE, recorded->sale.store, receipt->store,
                         equal, error) &&
           compare_place(in, recorded, identity, CELL_TILL, recorded->sale.till, receipt->till,
                         equal, error) &&
           compare_time(in, recorded, identity, receipt->at, equal, error) &&
           compare_amount(in, recorded, identity, receipt->amount, equal, error) &&
           compare_member(in, recorded, identity, request->member, equal, error);
}

/* The purchase that an import would make of it. */
static bool report_missing(struct reconciling *in, const struct receipt *receipt,
                           const struct request *request, struct text identity, struct error *error)
{
    struct buffer send = {0};
    request_encode(request, 0, 0, in->sheet.programme, &send);
    if (request->enrol) {
        send.length--;
        buffer_string(&send, ",\"enrol\":true}");
    }
    in->counts.missing++;
    finding_begin(in, "missing");
    finding_text(in, "receipt", identity);
    finding_rows(in, receipt);
    finding_local(in, receipt->at);
    finding_send(in, buffer_view(&send));
    buffer_free(&send);
    return finding_end(in, error);
}

bool compare_sale(struct reconciling *in, const struct receipt *receipt,
                  const struct request *request, struct error *error)
{
    unsigned char hash[KEY_HASH_BYTES];
    struct recorded recorded = {0};
    int64_t seq = -1;
    bool equal = false;
    struct text identity = receipt_whole_identity(receipt, &in->sheet, &in->scratch);
    receipt_hash(in, identity, hash);
    if (!find_key(in, hash, &seq, error))
        return false;
    if (seq < 0)
        return report_missing(in, receipt, request, identity, error);
    if (!read_recorded(in, seq, &recorded, error))
        return false;
    if (recorded.record.bodiless) { /* it is there, and nothing more can be said of it */
        in->counts.erased++;
        return true;
    }
    if (!compare_all(in, receipt, request, &recorded, identity, &equal, error))
        return false;
    in->counts.equal += equal;
    in->counts.different += !equal;
    return true;
}

/* --- A sale of the ledger ----------------------------------------------------------------- */

/* A void names a ref before it names a receipt: where another operation has the number
 * as its ref, only the purchase's own ref will do. */
static bool name_of(struct reconciling *in, const struct trading_sale *sale, struct text identity,
                    struct text *of, struct error *error)
{
    unsigned char hash[KEY_HASH_BYTES];
    int64_t seq = -1;
    keyed_hash_of(&in->view.ledger->keyed, "ref", identity, hash);
    *of = identity;
    if (!find_key(in, hash, &seq, error))
        return false;
    if (seq >= 0 && seq != sale->head->seq)
        *of = trading_text(&in->scratch, sale->body, "/in/ref");
    return true;
}

static struct text void_request(struct reconciling *in, int64_t seq, struct text of)
{
    struct text ref = text_format(&in->scratch, "reconcile/void/%lld", (long long)seq),
                nobody = {0};
    return of.length == 0 ? of : mending_request(in, "void", ref, of, nobody);
}

bool report_extra(struct reconciling *in, const struct trading_sale *sale, struct error *error)
{
    struct receipt receipt = {.number = trading_text(&in->scratch, sale->body, "/in/receipt"),
                              .store = sale->store,
                              .till = sale->till,
                              .at = sale->head->at};
    struct text of;
    bool voided = false;
    if (!is_voided(in, sale->head->seq, &voided, error) || voided)
        return voided;
    struct text identity = receipt_whole_identity(&receipt, &in->sheet, &in->scratch);
    if (!name_of(in, sale, identity, &of, error))
        return false;
    in->counts.extra++;
    finding_begin(in, "extra");
    finding_text(in, "receipt", identity);
    finding_number(in, "seq", sale->head->seq);
    finding_moment(in, "at", sale->head->at);
    finding_local(in, sale->head->at);
    finding_moment(in, "time", sale->head->time);
    finding_money(in, "amount", sale->amount);
    finding_send(in, void_request(in, sale->head->seq, of));
    return finding_end(in, error);
}
