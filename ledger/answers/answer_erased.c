/* Answers about what is erased, and what must be kept. */
#include "answer_private.h"

static int64_t bodies_erased(const struct answering *in)
{
    int64_t sum = 0;
    for (size_t h = 0; h < in->outcome->head_count; h++) {
        const struct head *head = in->outcome->heads[h];
        for (size_t i = 0; i < head->erased_count; i++)
            sum += head->erased[i].last - head->erased[i].first + 1;
    }
    return sum;
}

/* What lapsed of each currency; one of which there was nothing is left out. */
void answer_erase(struct answering *in)
{
    const struct version *latest = version_latest(in->ledger);
    cJSON *forfeited = cJSON_CreateObject();
    for (size_t i = 0; latest != NULL && i < latest->programme->points_count; i++) {
        const struct points *points = &latest->programme->points[i];
        int64_t lapsed = answer_posted(in, points->id, ACCOUNT_EXPIRED);
        if (lapsed != 0)
            add_text_key(forfeited, points->id, json_points(lapsed, points->scale));
    }
    answer_add(in, "erased", json_number(bodies_erased(in)));
    answer_add(in, "forfeited", forfeited);
    cJSON_AddBoolToObject(in->answer, "log_left", in->ledger->log_left);
}

void answer_hold(struct answering *in)
{
    json_add_moment(in->answer, in->version, "until", in->head->until);
}
