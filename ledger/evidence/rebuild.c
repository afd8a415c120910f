/* Rebuild: fold every head again into emptied projections, in one transaction, and
 * say which of them had differed. The fold is the engine's own. */
#include "answer.h"
#include "evidence.h"
#include "pipeline.h"

/* Records, or bytes, after which what was folded is written: memory is bounded by both. */
enum { FOLD_EVERY = 4096, FOLD_BYTES = 16 * 1024 * 1024 };

struct rebuilding {
    struct ledger *ledger;
    const struct watch *watch;
    int64_t total;
};

/* Write what was folded so far and start the next stretch. */
static bool next_stretch(struct ledger *ledger, struct error *error)
{
    if (!state_flush(&ledger->state, NULL, false, error))
        return false;
    state_clear(&ledger->state);
    arena_reset(&ledger->batch);
    return state_begin(&ledger->state, ledger->store, &ledger->batch, error);
}

static bool fold_row(void *context, const struct record_row *row, struct error *error)
{
    struct rebuilding *in = context;
    struct ledger *ledger = in->ledger;
    struct text bytes = text_copy(&ledger->batch, row->head);
    struct head *head = arena_allocate(&ledger->batch, sizeof *head);
    if (!head_decode(bytes, &ledger->batch, head, error) || !head_balances(head, error) ||
        !state_append(&ledger->state, head, bytes, (struct text){0}, (struct text){0}, error))
        return false;
    if (ledger->state.record_count < FOLD_EVERY && ledger->batch.used < FOLD_BYTES)
        return true;
    if (in->watch->tell != NULL && !in->watch->tell(in->watch->context, row->seq, in->total))
        return fail(error, ERROR_INTERRUPTED, _("stopped; nothing was changed"));
    return next_stretch(ledger, error);
}

static bool fold_all(struct ledger *ledger, const struct watch *watch, int64_t total,
                     struct error *error)
{
    struct rebuilding in = {ledger, watch, total};
    state_clear(&ledger->state);
    arena_reset(&ledger->batch);
    return store_clear_projections(ledger->store, error) &&
           state_begin(&ledger->state, ledger->store, &ledger->batch, error) &&
           store_each_record(ledger->store, 0, INT64_MAX, fold_row, &in, error) &&
           next_stretch(ledger, error);
}

enum { MOST_PROJECTIONS = 32 };
struct digests {
    unsigned char of[MOST_PROJECTIONS][DIGEST_BYTES];
    int64_t rows[MOST_PROJECTIONS];
};

static bool take_digests(struct store *store, struct digests *digests, struct error *error)
{
    for (size_t i = 0; store_projection_names[i] != NULL; i++) {
        if (!store_projection_digest(store, store_projection_names[i], digests->of[i],
                                     &digests->rows[i], error))
            return false;
    }
    return true;
}

static cJSON *compare_digests(const struct digests *before, const struct digests *after,
                              int64_t records)
{
    cJSON *answer = cJSON_CreateObject();
    cJSON_AddBoolToObject(answer, "ok", true);
    cJSON_AddItemToObject(answer, "records", json_points(records, 0));
    cJSON *tables = cJSON_AddArrayToObject(answer, "projections");
    bool same = true;
    for (size_t i = 0; store_projection_names[i] != NULL; i++) {
        bool equal = memcmp(before->of[i], after->of[i], DIGEST_BYTES) == 0;
        cJSON *table = cJSON_CreateObject();
        cJSON_AddStringToObject(table, "name", store_projection_names[i]);
        cJSON_AddItemToObject(table, "rows", json_points(after->rows[i], 0));
        cJSON_AddBoolToObject(table, "equal", equal);
        cJSON_AddItemToArray(tables, table);
        same = same && equal;
    }
    cJSON_AddBoolToObject(answer, "equal", same);
    return answer;
}

bool ledger_rebuild(struct ledger *ledger, const struct watch *watch, cJSON **answer,
                    struct error *error)
{
    struct digests before, after;
    struct tip tip;
    if (!ledger->can_sign)
        return fail(error, ERROR_READ_ONLY, _("the ledger was opened to be read only"));
    arena_reset(&ledger->batch);
    if (!store_begin_write(ledger->store, error))
        return false;
    bool ok = store_tip(ledger->store, &ledger->batch, &tip, error);
    int64_t total = tip.size;
    ok = ok && take_digests(ledger->store, &before, error) &&
         fold_all(ledger, watch, total, error) && take_digests(ledger->store, &after, error) &&
         store_commit(ledger->store, error);
    if (!ok) {
        store_rollback(ledger->store);
        return false;
    }
    *answer = compare_digests(&before, &after, ledger->state.tip.size);
    return true;
}
