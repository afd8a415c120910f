/* Answers of operations that take points, give them back, or hold them. */
#include "answer_private.h"

static struct text only_currency(const struct answering *in)
{
    return in->head->posting_count == 0 ? (struct text){0} : in->head->postings[0].currency;
}

static cJSON *points_amount(const struct answering *in, int64_t units)
{
    struct text currency = only_currency(in);
    cJSON *item = cJSON_CreateObject();
    cJSON_AddItemToObject(item, "points", json_text(currency));
    cJSON_AddItemToObject(item, "amount", json_points(units, points_scale(in->ledger, currency)));
    return item;
}

/* The lots that the wallet's postings touched. */
static cJSON *touched_lots(struct answering *in)
{
    cJSON *lots = cJSON_CreateArray();
    unsigned scale = points_scale(in->ledger, only_currency(in));
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
            cJSON *item = cJSON_CreateObject();
            cJSON_AddItemToObject(item, "lot", json_lot(posting->lot));
            cJSON_AddItemToObject(item, "points", json_text(posting->currency));
            cJSON_AddItemToObject(
                item, "amount",
                json_points(posting->amount < 0 ? -posting->amount : posting->amount, scale));
            cJSON_AddItemToObject(item, "expires", json_moment(lot->row.expires));
            cJSON_AddItemToObject(item, "last_day", json_last_day(in->version, lot->row.expires));
            cJSON_AddItemToArray(lots, item);
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

/* --- Reservations ------------------------------------------------------------------ */

void answer_reserve(struct answering *in)
{
    answer_add(in, "reserved",
               points_amount(in, answer_posted(in, only_currency(in), ACCOUNT_RESERVED)));
    answer_add(in, "until", json_moment(in->head->until));
    answer_add(in, "lots", touched_lots(in));
}

void answer_extend(struct answering *in)
{
    answer_add(in, "of", json_number(in->head->of));
    answer_add(in, "until", json_moment(in->head->until));
}

void answer_capture(struct answering *in)
{
    int64_t redeemed = answer_posted(in, only_currency(in), ACCOUNT_REDEEMED);
    answer_add(in, "of", json_number(in->head->of));
    answer_add(in, "redeemed", points_amount(in, redeemed));
    add_given_back(in, "released",
                   -answer_posted(in, only_currency(in), ACCOUNT_RESERVED) - redeemed);
    answer_add(in, "lots", touched_lots(in));
}

void answer_release(struct answering *in)
{
    add_status(in);
    if (in->head->of < 0)
        return;
    answer_add(in, "of", json_number(in->head->of));
    add_given_back(in, "released", -answer_posted(in, only_currency(in), ACCOUNT_RESERVED));
}
