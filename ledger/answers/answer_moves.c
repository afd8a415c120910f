/* Answers of what goes from one wallet to another: transfers, households, merges. */
#include "answer_private.h"

/* --- Households --------------------------------------------------------------------- */

cJSON *json_household(uint64_t wallet)
{
    char text[MEMBER_ID_CHARS + 16] = "household:";
    member_id_format(wallet, text + strlen(text));
    return cJSON_CreateString(text);
}

/* The shared wallet: who enters arrives in it, who leaves goes out of it. */
void answer_household(struct answering *in)
{
    uint64_t wallet = 0;
    for (size_t h = 0; h < in->outcome->head_count; h++)
        wallet = in->outcome->heads[h]->wallet != 0 ? in->outcome->heads[h]->wallet : wallet;
    answer_add(in, "household", json_household(wallet));
}

/* --- Merge --------------------------------------------------------------------------- */

void answer_merge(struct answering *in)
{
    answer_add(in, "into", json_member(in->head->with));
}

/* --- Transfer --------------------------------------------------------------------- */

/* What the sender parted with, and of which points. */
static cJSON *transferred(const struct answering *in)
{
    struct text currency = in->head->postings[0].currency;
    int64_t sum = 0;
    for (size_t h = 0; h < in->outcome->head_count; h++) {
        const struct head *head = in->outcome->heads[h];
        for (size_t i = 0; head->member == in->head->member && i < head->posting_count; i++)
            sum += head->postings[i].account == ACCOUNT_MOVED ? head->postings[i].amount : 0;
    }
    cJSON *item = cJSON_CreateObject();
    cJSON_AddItemToObject(item, "points", json_text(currency));
    cJSON_AddItemToObject(item, "amount", json_points(sum, points_scale(in->ledger, currency)));
    return item;
}

/* What the receiver has of it, with the dates of now. */
static void add_births(const struct answering *in, const struct head *head, cJSON *lots)
{
    for (size_t i = 0; i < head->lot_count; i++) {
        struct lot *lot = NULL;
        struct error ignored;
        if (state_lot(&in->ledger->state, lot_number(head->seq, (int64_t)i), &lot, &ignored))
            cJSON_AddItemToArray(lots, answer_lot(in, lot, head->lots[i].amount));
    }
}

void answer_transfer(struct answering *in)
{
    cJSON *lots = cJSON_CreateArray();
    for (size_t h = 0; h < in->outcome->head_count; h++)
        add_births(in, in->outcome->heads[h], lots);
    answer_add(in, "to", json_member(in->head->with));
    answer_add(in, "transferred", transferred(in));
    answer_add(in, "lots", lots);
}
