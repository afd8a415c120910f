/* Answers of operations that take points, give them back, or hold them. */
#include "answer_private.h"
#include "json.h"

static struct text only_currency(const struct answering *in)
{
    return in->head->posting_count == 0 ? (struct text){0} : in->head->postings[0].currency;
}

static cJSON *amount_of(const struct answering *in, struct text currency, int64_t units)
{
    cJSON *item = cJSON_CreateObject();
    cJSON_AddItemToObject(item, "points", json_text(currency));
    cJSON_AddItemToObject(item, "amount", json_points(units, points_scale(in->ledger, currency)));
    return item;
}

static cJSON *points_amount(const struct answering *in, int64_t units)
{
    return amount_of(in, only_currency(in), units);
}

cJSON *answer_lot(const struct answering *in, const struct lot *lot, int64_t amount)
{
    unsigned scale = points_scale(in->ledger, lot->row.currency);
    cJSON *item = cJSON_CreateObject();
    cJSON_AddItemToObject(item, "lot", json_lot(lot->row.id));
    cJSON_AddItemToObject(item, "points", json_text(lot->row.currency));
    cJSON_AddItemToObject(item, "amount", json_points(amount, scale));
    answer_add_expiry(in, item,
                      lot_gone(answer_idle(in, lot->row.wallet, lot->row.currency),
                               lot->row.available_from, lot->row.expires));
    return item;
}

/* The lots that points were redeemed of. */
static cJSON *redeemed_from(const struct answering *in, const struct head *const heads[],
                            size_t head_count)
{
    cJSON *lots = cJSON_CreateArray();
    struct taken *list = NULL;
    size_t count = 0;
    lots_taken_by(&in->ledger->batch, heads, head_count, ACCOUNT_REDEEMED, (struct text){0}, &list,
                  &count);
    for (size_t i = 0; i < count; i++) {
        struct lot *lot = NULL;
        struct error ignored;
        if (state_lot(&in->ledger->state, list[i].lot, &lot, &ignored))
            cJSON_AddItemToArray(lots, answer_lot(in, lot, list[i].amount));
    }
    return lots;
}

/* The lots that the wallet's postings touched. */
static cJSON *touched_lots(struct answering *in)
{
    cJSON *lots = cJSON_CreateArray();
    for (size_t h = 0; h < in->outcome->head_count; h++) {
        const struct head *head = in->outcome->heads[h];
        for (size_t i = 0; i < head->posting_count; i++) {
            const struct posting *posting = &head->postings[i];
            struct lot *lot = NULL;
            struct error ignored;
            bool held = posting->account == ACCOUNT_RESERVED && posting->amount > 0;
            if (posting->lot < 0 || held ||
                !state_lot(&in->ledger->state, posting->lot, &lot, &ignored))
                continue;
            int64_t amount = posting->amount < 0 ? -posting->amount : posting->amount;
            cJSON_AddItemToArray(lots, answer_lot(in, lot, amount));
        }
    }
    return lots;
}

void answer_redeem(struct answering *in)
{
    answer_add(in, "redeemed",
               points_amount(in, answer_posted(in, only_currency(in), ACCOUNT_REDEEMED)));
    answer_add(in, "lots", touched_lots(in));
}

/* Points that went back: what came to the wallet again, and what had lapsed. */
static void add_given_back(struct answering *in, const char *name, int64_t total)
{
    int64_t lapsed = answer_posted(in, only_currency(in), ACCOUNT_EXPIRED);
    answer_add(in, name, points_amount(in, total - lapsed));
    answer_add(in, "lapsed", points_amount(in, lapsed));
}

static void add_status(struct answering *in)
{
    cJSON_AddStringToObject(in->answer, "status", in->head->has_bars ? "tombstone" : "done");
}

void answer_cancel(struct answering *in)
{
    add_status(in);
    if (in->head->of < 0)
        return;
    answer_add(in, "of", json_number(in->head->of));
    if (in->head->posting_count == 0)
        return;
    add_given_back(in, "restored", -answer_posted(in, only_currency(in), ACCOUNT_REDEEMED));
    answer_add(in, "lots", touched_lots(in));
}

void answer_adjust(struct answering *in)
{
    answer_add(in, "adjusted",
               points_amount(in, -answer_posted(in, only_currency(in), ACCOUNT_ADJUSTED)));
    answer_add(in, "lots", touched_lots(in));
}

void answer_undone(struct answering *in, enum account account)
{
    int64_t back = -answer_posted(in, only_currency(in), account);
    if (in->head->posting_count == 0)
        return;
    if (back >= 0)
        add_given_back(in, "restored", back);
    else
        answer_add(in, "collected", points_amount(in, -back));
    answer_add(in, "lots", touched_lots(in));
}

/* --- Reservations ------------------------------------------------------------------ */

static void add_reserved_status(struct answering *in)
{
    static const char *const names[] = {[RESERVED_NONE] = "",
                                        [RESERVED_OPEN] = "open",
                                        [RESERVED_CAPTURED] = "captured",
                                        [RESERVED_RELEASED] = "released",
                                        [RESERVED_LAPSED] = "lapsed"};
    cJSON_AddStringToObject(in->answer, "status", names[in->outcome->reserved]);
    json_add_moment(in->answer, in->version, "until", in->outcome->reserved_until);
}

void answer_reserve(struct answering *in)
{
    add_reserved_status(in);
    answer_add(in, "reserved",
               points_amount(in, answer_posted(in, only_currency(in), ACCOUNT_RESERVED)));
    answer_add(in, "lots", touched_lots(in));
}

void answer_extend(struct answering *in)
{
    answer_add(in, "of", json_number(in->head->of));
    add_reserved_status(in);
}

void answer_capture(struct answering *in)
{
    int64_t redeemed = answer_posted(in, only_currency(in), ACCOUNT_REDEEMED);
    answer_add(in, "of", json_number(in->head->of));
    answer_add(in, "redeemed", points_amount(in, redeemed));
    add_given_back(in, "released",
                   -answer_posted(in, only_currency(in), ACCOUNT_RESERVED) - redeemed);
    answer_add(in, "lots", redeemed_from(in, in->outcome->heads, in->outcome->head_count));
}

void answer_release(struct answering *in)
{
    add_status(in);
    if (in->head->of < 0)
        return;
    answer_add(in, "of", json_number(in->head->of));
    add_given_back(in, "released", -answer_posted(in, only_currency(in), ACCOUNT_RESERVED));
}

/* --- Points that waited, and the books ---------------------------------------------- */

/* What the operation took out of `pending` of a lot. */
static int64_t released_of(const struct answering *in, int64_t lot, struct text *currency)
{
    int64_t sum = 0;
    for (size_t h = 0; h < in->outcome->head_count; h++) {
        const struct head *head = in->outcome->heads[h];
        for (size_t i = 0; i < head->posting_count; i++) {
            if (head->postings[i].account != ACCOUNT_PENDING || head->postings[i].lot != lot)
                continue;
            *currency = head->postings[i].currency;
            sum -= head->postings[i].amount;
        }
    }
    return sum;
}

void answer_activate(struct answering *in)
{
    cJSON *list = cJSON_CreateArray();
    for (size_t i = 0; i < in->head->date_count; i++) {
        const struct redate *date = &in->head->dates[i];
        struct text currency = {0};
        int64_t amount = released_of(in, date->lot, &currency);
        cJSON *item = cJSON_CreateObject();
        cJSON_AddItemToObject(item, "points", json_text(currency));
        cJSON_AddItemToObject(item, "amount",
                              json_points(amount, points_scale(in->ledger, currency)));
        cJSON_AddItemToObject(item, "lot", json_lot(date->lot));
        answer_add_expiry(in, item, lot_gone(answer_idle(in, 0, currency), 0, date->expires));
        cJSON_AddItemToArray(list, item);
    }
    answer_add(in, "of", in->head->of < 0 ? cJSON_CreateNull() : json_number(in->head->of));
    answer_add(in, "activated", list);
}

void answer_close(struct answering *in)
{
    struct buffer day = {0};
    if (in->version != NULL)
        date_format(&day, zone_date(in->version->programme->zone, in->head->closed));
    answer_add(in, "period", json_text(in->input.period));
    answer_add(in, "open_from", json_text(buffer_view(&day)));
    buffer_free(&day);
}

void answer_till_close(struct answering *in)
{
    answer_add(in, "store", json_text(in->input.store));
    answer_add(in, "till", json_text(in->input.till));
    answer_add(in, "date", json_text(in->input.date));
    answer_add(in, "count", json_number(in->input.count));
    answer_add(in, "sum",
               in->version == NULL ? cJSON_CreateNull()
                                   : json_money(in->input.sum, in->version->programme));
}

void answer_recover(struct answering *in)
{
    struct buffer root = {0};
    cJSON *lost = cJSON_CreateObject();
    answer_add(in, "reason", json_text(in->input.reason));
    cJSON_AddItemToObject(lost, "size", json_number(in->head->lost.size));
    buffer_hex(&root, in->head->lost.root, DIGEST_BYTES);
    cJSON_AddItemToObject(lost, "root", json_text(buffer_view(&root)));
    buffer_free(&root);
    answer_add(in, "lost", lost);
}

/* --- Points as tender ---------------------------------------------------------------- */

void answer_paid(struct answering *in)
{
    const struct head *head = in->head;
    if (head->paid.seq < 0)
        return;
    cJSON *paid = cJSON_CreateObject();
    unsigned scale = points_scale(in->ledger, head->paid.currency);
    cJSON_AddItemToObject(paid, "points", json_text(head->paid.currency));
    cJSON_AddItemToObject(paid, "amount", json_points(head->paid.points, scale));
    cJSON_AddItemToObject(paid, "worth", json_money(head->paid.minor, in->version->programme));
    cJSON_AddItemToObject(paid, "lots",
                          redeemed_from(in, in->outcome->paying, in->outcome->paying_count));
    answer_add(in, "paid", paid);
}

/* What went back of one currency: to the wallet, and what had lapsed. */
static void add_went_back(struct answering *in, struct text currency, cJSON *restored,
                          cJSON *lapsed)
{
    int64_t back = 0, gone = 0;
    for (size_t h = 0; h < in->outcome->paying_count; h++) {
        const struct head *head = in->outcome->paying[h];
        for (size_t i = 0; i < head->posting_count; i++) {
            const struct posting *posting = &head->postings[i];
            if (!text_equal(posting->currency, currency))
                continue;
            back -= posting->account == ACCOUNT_REDEEMED ? posting->amount : 0;
            gone += posting->account == ACCOUNT_EXPIRED ? posting->amount : 0;
        }
    }
    if (back > gone)
        cJSON_AddItemToArray(restored, amount_of(in, currency, back - gone));
    if (gone > 0)
        cJSON_AddItemToArray(lapsed, amount_of(in, currency, gone));
}

void answer_refund(struct answering *in, int64_t amount)
{
    struct text facts;
    struct error ignored;
    int64_t refund = amount;
    if (json_slice(in->outcome->body, "/facts/refund", &facts)) {
        cJSON *list = json_parse(facts, &ignored), *restored = cJSON_CreateArray(),
              *lapsed = cJSON_CreateArray();
        const cJSON *item = NULL;
        refund = 0;
        cJSON_ArrayForEach(item, list)
        {
            int64_t part = 0;
            if (json_integer(item, &part))
                refund += part;
        }
        cJSON_Delete(list);
        const struct version *latest = version_latest(in->ledger);
        for (size_t i = 0; i < latest->programme->points_count; i++)
            add_went_back(in, latest->programme->points[i].id, restored, lapsed);
        answer_add(in, "restored", restored);
        answer_add(in, "lapsed", lapsed);
    }
    answer_add(in, "refund", json_money(refund, in->version->programme));
}
