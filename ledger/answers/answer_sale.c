/* Answers about sales: purchases, returns, whose a sale is, and what undoes it. */
#include <stdio.h>

#include "answer_private.h"
#include "basket.h"
#include "json.h"
#include "sale.h"

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

static void add_earned(struct answering *in)
{
    cJSON *earned = cJSON_CreateArray();
    for (size_t i = 0; i < in->head->gift_count; i++) {
        const struct gift *gift = &in->head->gifts[i];
        struct text level;
        if (gift_is_entry(gift, &level))
            continue; /* `granted` */
        cJSON *item = cJSON_CreateObject();
        moment expires = MOMENT_NEVER, from = 0;
        for (size_t l = 0; l < in->head->lot_count; l++) {
            if (text_equal(in->head->lots[l].currency, gift->currency) &&
                text_equal(in->head->lots[l].origin, text_of("purchase"))) {
                from = in->head->lots[l].available_from;
                expires =
                    lot_gone(answer_idle(in, 0, gift->currency), from, in->head->lots[l].expires);
            }
        }
        cJSON_AddItemToObject(item, "points", json_text(gift->currency));
        cJSON_AddItemToObject(item, "amount",
                              json_points(gift->amount, points_scale(in->ledger, gift->currency)));
        cJSON_AddItemToObject(item, "rule", json_text(gift->rule));
        cJSON_AddBoolToObject(item, "pending", from != 0);
        if (from != 0)
            json_add_available(item, in->version, from);
        answer_add_expiry(in, item, expires);
        cJSON_AddItemToArray(earned, item);
    }
    answer_add(in, "earned", earned);
}

/* What settled a debt of the member who earned. */
static void add_repaid(struct answering *in, const struct head *const heads[], size_t count)
{
    cJSON *repaid = cJSON_CreateObject();
    for (size_t p = 0; p < in->version->programme->points_count; p++) {
        const struct points *points = &in->version->programme->points[p];
        int64_t amount = 0;
        for (size_t h = 0; h < count; h++)
            amount += head_posted(heads[h], points->id, ACCOUNT_DEBT);
        if (amount > 0)
            add_text_key(repaid, points->id, json_points(amount, points->scale));
    }
    answer_add(in, "repaid", repaid);
}

/* Nobody's sale: what it would give its member, and the code that its slip says. */
static void add_claimable(struct answering *in)
{
    struct context context = {.ledger = in->ledger, .arena = &in->ledger->batch};
    const struct programme *programme = in->version->programme;
    struct earnings earnings;
    struct error ignored;
    size_t count = 0;
    struct basket_line *lines = basket_of(&context, &in->input, &count);
    cJSON *claimable = cJSON_CreateObject();
    basket_spread(&context, &in->input, programme, 0, lines, count);
    int first = programme->tiers == NULL ? -1 : 0; /* a new member's level */
    bool known = earn(programme, first, lines, count, context.arena, &earnings, &ignored);
    for (unsigned c = 0; known && c < programme->points_count; c++) {
        int64_t whole = 0, carried = 0;
        struct fraction fraction;
        if (earnings_total(&earnings, c, &whole, &fraction, &ignored) &&
            fraction_round(fraction, ROUND_DOWN, &carried) && whole + carried > 0)
            add_text_key(claimable, programme->points[c].id,
                         json_points(whole + carried, programme->points[c].scale));
    }
    if (!in->outcome->duplicate)
        cJSON_AddStringToObject(in->answer, "status", in->head->has_awaits ? "held" : "anonymous");
    answer_add(in, "claimable", claimable);
    if (!programme->claims.allowed || in->input.receipt.length == 0)
        return;
    char code[CLAIM_CODE_CHARS + 1];
    claim_code(in->ledger, identity_of(in), code);
    cJSON_AddStringToObject(in->answer, "claim_code", code);
}

/* What was taken off, and how it was paid, as far as the till said so. */
static void add_basket(struct answering *in)
{
    const struct programme *programme = in->version->programme;
    const struct request *input = &in->input;
    cJSON *tenders = cJSON_CreateArray();
    for (size_t i = 0; i < input->tenders_count; i++) {
        cJSON *tender = cJSON_CreateObject();
        cJSON_AddItemToObject(tender, "type", json_text(input->tenders[i].type));
        cJSON_AddItemToObject(tender, "amount", json_money(input->tenders[i].amount, programme));
        cJSON_AddItemToArray(tenders, tender);
    }
    if (input->discount != 0)
        answer_add(in, "discount", json_money(input->discount, programme));
    if (input->rounding != 0)
        answer_add(in, "rounding", json_money(input->rounding, programme));
    if (input->tenders_count > 0)
        answer_add(in, "tenders", tenders);
    else
        cJSON_Delete(tenders);
}

void answer_purchase(struct answering *in)
{
    answer_add(in, "receipt",
               in->input.receipt.length > 0 ? json_text(identity_of(in)) : cJSON_CreateNull());
    answer_add(in, "amount", json_money(in->input.amount, in->version->programme));
    add_basket(in);
    answer_add(in, "at", json_moment(in->at));
    answer_add(in, "programme", json_number(in->version->number));
    answer_paid(in);
    add_earned(in);
    answer_add(in, "clipped", cJSON_CreateArray());
    answer_tier(in);
    add_repaid(in, in->outcome->heads, in->outcome->head_count);
    if (in->head->member == 0)
        add_claimable(in);
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

/* Is the lot the sale's own, whoever was given it? */
static bool is_own(const struct answering *in, int64_t lot)
{
    struct record record;
    struct error ignored;
    int64_t seq = lot / LOTS_PER_RECORD;
    if (seq == in->head->of || is_returned_receipt(in->head, seq))
        return true;
    if (!state_record(&in->ledger->state, seq, &record, &ignored))
        return false;
    int64_t sale = sale_given_by(record.head);
    return sale >= 0 && (sale == in->head->of || is_returned_receipt(in->head, sale));
}

/* Entry rewards of levels that the record takes back: they were given, and are not any more. */
static int64_t withdrawn(const struct answering *in, struct text currency)
{
    int64_t sum = 0;
    for (size_t h = 0; h < in->outcome->head_count; h++) {
        if (in->outcome->heads[h]->kind == in->head->kind)
            sum += head_posted(in->outcome->heads[h], currency, ACCOUNT_ISSUED);
    }
    return sum > 0 ? sum : 0;
}

/* What a fall let lapse is not collected. It went last: so the receipt's own lots have given what
 * was collected first, and only then what lapsed. */
static void leave_forfeited(const struct answering *in, struct text currency, int64_t *own,
                            int64_t *other)
{
    int64_t lapsed = 0;
    for (size_t h = 0; h < in->outcome->head_count; h++) {
        const struct head *head = in->outcome->heads[h];
        if (head->kind == in->head->kind && head->tier.level.length > 0)
            lapsed += head_posted(head, currency, ACCOUNT_EXPIRED);
    }
    int64_t collected = *own + *other - lapsed;
    if (lapsed <= 0)
        return;
    *own = *own < collected ? *own : collected;
    *other = collected - *own;
}

/* From which lots a currency was collected, for goods and for levels. */
static cJSON *collected(const struct answering *in, struct text currency, int64_t assessed,
                        unsigned scale)
{
    int64_t own = 0, other = 0, debt = 0;
    for (size_t h = 0; h < in->outcome->head_count; h++) {
        const struct head *head = in->outcome->heads[h];
        if (head->kind != in->head->kind)
            continue; /* what the new member of a sale is given */
        debt -= head_posted(head, currency, ACCOUNT_DEBT);
        for (size_t i = 0; i < head->posting_count; i++) {
            const struct posting *posting = &head->postings[i];
            bool open =
                posting->account == ACCOUNT_AVAILABLE || posting->account == ACCOUNT_PENDING;
            if (!open || !text_equal(posting->currency, currency))
                continue;
            if (is_own(in, posting->lot))
                own -= posting->amount;
            else
                other -= posting->amount;
        }
    }
    leave_forfeited(in, currency, &own, &other);
    cJSON *item = cJSON_CreateObject();
    cJSON_AddItemToObject(item, "from_receipt", json_points(own, scale));
    cJSON_AddItemToObject(item, "from_other", json_points(other, scale));
    cJSON_AddItemToObject(item, "debt", json_points(debt, scale));
    int64_t owed = assessed + withdrawn(in, currency);
    cJSON_AddItemToObject(item, "forgiven", json_points(owed - own - other - debt, scale));
    return item;
}

/* What levels had given goes back, too; left out where nothing does. */
static void add_withdrawn(struct answering *in, cJSON *taken)
{
    const struct version *latest = version_latest(in->ledger);
    cJSON *back = cJSON_CreateObject();
    for (size_t i = 0; i < latest->programme->points_count; i++) {
        const struct points *points = &latest->programme->points[i];
        char name[LIMIT_ID + 1];
        int64_t amount = withdrawn(in, points->id);
        if (amount == 0)
            continue;
        snprintf(name, sizeof name, "%.*s", TEXT(points->id));
        add_text_key(back, points->id, json_points(amount, points->scale));
        if (!cJSON_HasObjectItem(taken, name))
            add_text_key(taken, points->id, collected(in, points->id, 0, points->scale));
    }
    if (back->child != NULL)
        answer_add(in, "withdrawn", back);
    else
        cJSON_Delete(back);
}

/* What goods, or points given by hand, were worth, and how that was collected. */
static void add_assessed(struct answering *in)
{
    cJSON *worth = cJSON_CreateObject(), *taken = cJSON_CreateObject(), *root = NULL;
    const cJSON *pair = NULL;
    struct text facts;
    struct error ignored;
    if (json_slice(in->outcome->body, "/facts/assessed", &facts))
        root = json_parse(facts, &ignored);
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
    add_withdrawn(in, taken);
    answer_add(in, "collected", taken);
}

/* The amounts of a body's facts, one for each receipt. */
static cJSON *amounts_of(const struct answering *in)
{
    struct text facts;
    struct error ignored;
    return json_slice(in->outcome->body, "/facts/amounts", &facts) ? json_parse(facts, &ignored)
                                                                   : NULL;
}

void answer_return(struct answering *in)
{
    cJSON *parts = cJSON_CreateArray(), *root = amounts_of(in);
    int64_t total = 0;
    for (size_t i = 0; i < in->head->returned_count; i++) {
        int64_t amount = 0;
        json_integer(cJSON_GetArrayItem(root, (int)i), &amount);
        total += amount;
        cJSON_AddItemToArray(parts, returned_part(in, &in->head->returned[i], amount));
    }
    cJSON_Delete(root);
    if (in->input.no_receipt) {
        total = in->input.amount;
        cJSON_AddBoolToObject(in->answer, "no_receipt", true);
    }
    answer_add(in, "at", json_moment(in->at));
    answer_add(in, "amount", json_money(total, in->version->programme));
    answer_refund(in, total);
    answer_add(in, "returned", parts);
    add_assessed(in);
    cJSON *unmatched = cJSON_CreateArray();
    for (size_t i = 0; i < in->outcome->unmatched_count; i++) {
        cJSON *item = cJSON_CreateObject();
        cJSON_AddItemToObject(item, "line", json_number((int64_t)in->outcome->unmatched[i] + 1));
        cJSON_AddItemToObject(item, "quantity", json_quantity(in->outcome->unmatched_quantity[i]));
        cJSON_AddItemToArray(unmatched, item);
    }
    answer_add(in, "unmatched", unmatched);
    answer_tier(in);
}

/* --- Whose sale it is ---------------------------------------------------------------------- */

/* The purchase that a record is about, read back; false only of a falsified log. */
static bool read_sale(const struct answering *in, int64_t seq, struct sale *sale)
{
    struct context context = {
        .ledger = in->ledger, .state = &in->ledger->state, .arena = &in->ledger->batch};
    struct error ignored;
    return sale_load(&context, seq, sale, &ignored);
}

static void add_receipt(struct answering *in, const struct sale *sale)
{
    struct answering purchase = {
        .ledger = in->ledger, .version = sale->version, .input = sale->request, .at = sale->at};
    answer_add(in, "receipt", json_text(identity_of(&purchase)));
}

/* What a claim gave its member; also behind a reassign, or the link of a card. */
static void add_claim(struct answering *in, const struct head *claim)
{
    struct answering given = *in;
    struct sale sale;
    given.head = claim;
    given.version = version_numbered(in->ledger, claim->programme);
    answer_add(in, "of", json_number(claim->of));
    if (given.version == NULL || !read_sale(in, claim->of, &sale))
        return;
    add_receipt(in, &sale);
    answer_add(in, "amount", json_money(sale.request.amount, given.version->programme));
    answer_add(in, "at", json_moment(claim->at));
    answer_add(in, "programme", json_number(claim->programme));
    add_earned(&given);
    add_repaid(&given, &claim, 1);
}

void answer_claim(struct answering *in)
{
    add_claim(in, in->head);
    answer_tier(in);
}

void answer_reassign(struct answering *in)
{
    const struct head *last = in->outcome->heads[in->outcome->head_count - 1];
    answer_add(in, "from", json_member(in->head->member));
    if (last->kind == RECORD_CLAIM)
        add_claim(in, last);
    add_assessed(in);
}

void answer_claimed(struct answering *in)
{
    if (in->outcome->claimed_count == 0)
        return;
    cJSON *list = cJSON_CreateArray();
    for (size_t i = 0; i < in->outcome->claimed_count; i++) {
        struct answering one = *in;
        one.answer = cJSON_CreateObject();
        answer_add(&one, "seq", json_number(in->outcome->claimed[i]->seq));
        add_claim(&one, in->outcome->claimed[i]);
        cJSON_AddItemToArray(list, one.answer);
    }
    answer_add(in, "claimed", list);
}

/* --- Voids --------------------------------------------------------------------------------- */

static void add_given_again(struct answering *in)
{
    cJSON *given = cJSON_CreateObject();
    const struct version *latest = version_latest(in->ledger);
    for (size_t i = 0; i < latest->programme->points_count; i++) {
        const struct points *points = &latest->programme->points[i];
        int64_t amount = -answer_posted(in, points->id, ACCOUNT_RETURNED);
        if (amount > 0)
            add_text_key(given, points->id, json_points(amount, points->scale));
    }
    answer_add(in, "given_back", given);
}

static void add_void_of_purchase(struct answering *in)
{
    struct sale sale;
    int64_t left = 0;
    cJSON *amounts = amounts_of(in);
    json_integer(cJSON_GetArrayItem(amounts, 0), &left);
    cJSON_Delete(amounts);
    if (read_sale(in, in->head->of, &sale))
        add_receipt(in, &sale);
    add_assessed(in);
    answer_refund(in, left);
}

void answer_void(struct answering *in)
{
    struct record undone;
    struct error ignored;
    answer_add(in, "of", json_number(in->head->of));
    if (!state_record(&in->ledger->state, in->head->of, &undone, &ignored))
        return;
    enum record_kind kind = undone.head->kind;
    cJSON_AddStringToObject(in->answer, "voided", record_name(kind));
    if (kind == RECORD_PURCHASE)
        add_void_of_purchase(in);
    else if (kind == RECORD_RETURN)
        add_given_again(in);
    else if (kind == RECORD_CLAIM)
        add_assessed(in);
    else if (kind == RECORD_BENEFIT_USE)
        answer_benefit(in);
    else if (kind != RECORD_ACTION)
        answer_undone(in, kind == RECORD_ADJUST ? ACCOUNT_ADJUSTED : ACCOUNT_REDEEMED);
}

/* --- What has become of it ------------------------------------------------------------------- */

void answer_status(struct answering *in)
{
    if (in->outcome->holder != 0)
        answer_add(in, "holder", json_member(in->outcome->holder));
    if (in->outcome->status != NULL && !cJSON_HasObjectItem(in->answer, "status"))
        cJSON_AddStringToObject(in->answer, "status", in->outcome->status);
}
