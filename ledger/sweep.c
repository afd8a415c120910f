/* The sweep: what time has made due, for all members, in bounded commits.
 *
 * It changes what is recorded, never what a balance says: every question advances
 * what it shows. Guided by `due` of the balances, which is a hint; whether anything
 * is due is judged by the wallet itself. */
#include "answer.h"
#include "evidence.h"
#include "pipeline.h"
#include "retention.h"
#include "tiering.h"

enum { WALLETS_PER_COMMIT = 500 };

struct sweeping {
    struct ledger *ledger;
    const struct watch *watch;
    const struct request *request;
    int64_t wallets, records, total;
    int64_t bodies; /* that had been kept for long enough */
};

/* In whose name: the wallet's own member, or of a household the one with the lowest
 * id. 0 where nobody is there. */
static bool speaker_of(struct context *context, uint64_t wallet, struct error *error)
{
    struct member *member = NULL;
    struct household *household = NULL;
    context->member_id = 0;
    if (!state_member(context->state, wallet, &member, error))
        return false;
    if (member->exists) {
        context->member_id = member->row.wallet == wallet ? wallet : 0;
        return true;
    }
    if (!state_household(context->state, wallet, &household, error))
        return false;
    for (size_t i = 0; i < household->count; i++) {
        const struct household_row *row = &household->rows[i];
        if (row->active && (context->member_id == 0 || row->member < context->member_id))
            context->member_id = row->member;
    }
    return true;
}

static bool sweep_wallets(struct sweeping *in, struct context *context, uint64_t *wallets,
                          size_t count, struct error *error)
{
    memory_sort(wallets, count, sizeof *wallets,
                member_id_compare); /* pages are visited in key order */
    for (size_t i = 0; i < count; i++) {
        int64_t before = context->state->tip.size;
        if (i > 0 && wallets[i] == wallets[i - 1])
            continue;
        if (!speaker_of(context, wallets[i], error))
            return false;
        if (context->member_id != 0 && (!load_member(context, error) || !advance(context, error)))
            return false;
        in->wallets += context->state->tip.size > before;
        in->records += context->state->tip.size - before;
    }
    return true;
}

static void add_wallets(struct context *context, const uint64_t found[], size_t some,
                        uint64_t **wallets, size_t *count)
{
    uint64_t *all = arena_allocate(context->arena, (*count + some + 1) * sizeof *all);
    if (*count > 0)
        memcpy(all, *wallets, *count * sizeof *all);
    if (some > 0)
        memcpy(all + *count, found, some * sizeof *all);
    *wallets = all;
    *count += some;
}

/* Wallets whose lots a new rule has not dated yet, where there is room for them: no
 * hint leads there, since a version touches no balance. */
static bool find_undated(struct context *context, uint64_t **wallets, size_t *count,
                         struct error *error)
{
    const struct ledger *ledger = context->ledger;
    for (size_t v = 1; v < ledger->version_count; v++) {
        const struct version *version = &ledger->versions[v];
        for (size_t p = 0; p < version->programme->points_count; p++) {
            const struct points *points = &version->programme->points[p];
            uint64_t *found = NULL;
            size_t some = 0;
            if (*count == WALLETS_PER_COMMIT || !points->expires.applies_to_all ||
                version->from > context->time)
                continue;
            if (!store_undated(ledger->store, context->arena, points->id, version->from,
                               WALLETS_PER_COMMIT - *count, &found, &some, error))
                return false;
            add_wallets(context, found, some, wallets, count);
        }
    }
    return true;
}

/* Of members: their own wallet, or their household's. */
static bool wallets_of(struct context *context, uint64_t members[], size_t count,
                       struct error *error)
{
    for (size_t i = 0; i < count; i++) {
        struct member *member = NULL;
        if (!state_member(context->state, members[i], &member, error))
            return false;
        members[i] = member->row.wallet;
    }
    return true;
}

/* The wallets of members to whose levels time does something, where there is room for them. */
static bool find_levels(struct context *context, uint64_t **wallets, size_t *count,
                        struct error *error)
{
    const struct ledger *ledger = context->ledger;
    uint64_t *due = NULL, *unjudged = NULL;
    size_t due_count = 0, unjudged_count = 0, room = WALLETS_PER_COMMIT - *count;
    if (!ledger_has_tiers(ledger))
        return true;
    if (!store_tiers_due(ledger->store, context->arena, context->time, room, &due, &due_count,
                         error) ||
        !store_tiers_unjudged(ledger->store, context->arena,
                              version_requalifying(ledger, context->time), room - due_count,
                              &unjudged, &unjudged_count, error) ||
        !wallets_of(context, due, due_count, error) ||
        !wallets_of(context, unjudged, unjudged_count, error))
        return false;
    add_wallets(context, due, due_count, wallets, count);
    add_wallets(context, unjudged, unjudged_count, wallets, count);
    return true;
}

/* One commit; *more tells whether there may be something left to do. */
static bool sweep_some(struct sweeping *in, bool *more, struct error *error)
{
    struct ledger *ledger = in->ledger;
    struct context context;
    uint64_t *wallets = NULL;
    size_t count = 0;
    int64_t before = in->records;
    if (!pipeline_begin(ledger, true, error))
        return false;
    bool ok = context_begin(&context, ledger, false, in->request, NULL, error) &&
              (ledger->state.tip.history_open == 0 ||
               fail(error, ERROR_HISTORY_OPEN, _("a history import has not been finished"))) &&
              (in->total > 0 || store_due_count(ledger->store, context.time, &in->total, error)) &&
              store_due(ledger->store, &ledger->batch, context.time, WALLETS_PER_COMMIT, &wallets,
                        &count, error) &&
              find_undated(&context, &wallets, &count, error) &&
              find_levels(&context, &wallets, &count, error) &&
              sweep_wallets(in, &context, wallets, count, error) && pipeline_commit(ledger, error);
    if (!ok)
        pipeline_end(ledger);
    *more = count == WALLETS_PER_COMMIT && in->records > before;
    return ok;
}

/* One commit of what the programme keeps no longer. */
static bool retain_some(struct sweeping *in, int64_t *next, bool *more, struct error *error)
{
    struct ledger *ledger = in->ledger;
    struct context context;
    int64_t bodies = 0;
    if (!pipeline_begin(ledger, true, error))
        return false;
    int64_t before = ledger->state.tip.size;
    bool ok = context_begin(&context, ledger, false, in->request, NULL, error) &&
              retention_step(&context, next, &bodies, more, error);
    int64_t records = ledger->state.tip.size - before;
    ok = ok && pipeline_commit(ledger, error);
    if (!ok)
        pipeline_end(ledger);
    in->bodies += ok ? bodies : 0;
    in->records += ok ? records : 0;
    return ok;
}

static bool goes_on(const struct sweeping *in, struct error *error)
{
    return in->watch->tell == NULL || in->watch->tell(in->watch->context, in->wallets, in->total) ||
           fail(error, ERROR_INTERRUPTED, _("stopped; what was swept is kept"));
}

bool ledger_sweep(struct ledger *ledger, bool accept_clock, const struct watch *watch,
                  cJSON **answer, struct error *error)
{
    const struct request request = {.op = OPERATION_SWEEP, .accept_clock = accept_clock};
    struct sweeping in = {.ledger = ledger, .watch = watch, .request = &request};
    bool more = true, ok = true;
    if (!ledger->can_sign)
        return fail(error, ERROR_READ_ONLY, _("the ledger was opened to be read only"));
    while (ok && more) {
        ok = sweep_some(&in, &more, error);
        ok = ok && (!more || goes_on(&in, error));
    }
    int64_t next = 0;
    for (more = true; ok && more;) {
        ok = retain_some(&in, &next, &more, error);
        ok = ok && (!more || goes_on(&in, error));
    }
    *answer = cJSON_CreateObject();
    cJSON_AddBoolToObject(*answer, "ok", ok);
    cJSON_AddItemToObject(*answer, "wallets", json_number(in.wallets));
    cJSON_AddItemToObject(*answer, "records", json_number(in.records));
    cJSON_AddItemToObject(*answer, "erased", json_number(in.bodies));
    return ok;
}
