/* A programme on trial: which members would be of another level, before anybody applies it.
 *
 * Told twice, since a version either judges everybody anew when it comes into force
 * ("on_change": "requalify") or leaves that to their next review; whatever the document says,
 * so that a retailer can choose. Both as things stand: nothing more is bought. */
#include "answer.h"
#include "ask_private.h"
#include "census.h"
#include "tiering.h"

struct trying {
    struct ledger known; /* as if the version were there */
    const struct programme *next;
    moment from;
    struct arena scratch; /* of one member */
    int64_t members;
    int64_t at_once[LIMIT_LEVELS][LIMIT_LEVELS], at_review[LIMIT_LEVELS][LIMIT_LEVELS];
};

/* What the next judgement leaves: where a grace runs, its end. What is never judged stays. */
static bool review(const struct tier_member *who, struct tier_state *state, struct error *error)
{
    unsigned level = state->level;
    enum tier_change change = TIER_SAME;
    bool judged = false;
    while (!judged && state->level == level && tier_due(state) != MOMENT_NEVER) {
        if (!tier_elapse(who, state, tier_due(state), &change, error))
            return false;
        judged = change != TIER_GRACE && change != TIER_ENDED;
    }
    return true;
}

static bool try_member(void *context, const struct census_member *member, struct error *error)
{
    struct trying *in = context;
    struct census_counted counted;
    struct tier_state state, judged;
    enum tier_change change = TIER_SAME;
    in->members++;
    if (in->next->tiers == NULL || member->level.length == 0)
        return true; /* nothing has counted: of the first level before and after */
    arena_reset(&in->scratch);
    const struct tier_member who = census_judged(member, in->next, &counted);
    if (!tier_read(&in->known, in->next, member->state, member->joined, &in->scratch, &state,
                   error))
        return false;
    judged = state;
    if (!tier_requalify(&who, &judged, in->from, &change, error))
        return false;
    in->at_once[state.level][judged.level]++;
    judged = state;
    if (!review(&who, &judged, error))
        return false;
    in->at_review[state.level][judged.level]++;
    return true;
}

/* The versions, and behind them the one that is tried. */
static void add_version(struct trying *in, struct context *context)
{
    const struct ledger *ledger = context->ledger;
    size_t count = ledger->version_count;
    struct version *versions = arena_allocate(context->arena, (count + 1) * sizeof *versions);
    if (count > 0)
        memcpy(versions, ledger->versions, count * sizeof *versions);
    versions[count] = (struct version){.number = (int64_t)count + 1,
                                       .seq = -1,
                                       .from = in->from,
                                       .semantics = SEMANTICS,
                                       .programme = in->next};
    in->known = *ledger;
    in->known.versions = versions;
    in->known.version_count = count + 1;
}

static void add_moves(const struct trying *in, cJSON *answer)
{
    cJSON *moves = cJSON_AddArrayToObject(answer, "moves");
    size_t count = in->next->tiers == NULL ? 0 : in->next->tiers->level_count;
    for (size_t from = 0; from < count; from++) {
        for (size_t to = 0; to < count; to++) {
            int64_t at_once = in->at_once[from][to], at_review = in->at_review[from][to];
            if (from == to || at_once + at_review == 0)
                continue;
            cJSON *move = cJSON_CreateObject();
            cJSON_AddItemToObject(move, "from", json_text(in->next->tiers->levels[from].id));
            cJSON_AddItemToObject(move, "to", json_text(in->next->tiers->levels[to].id));
            cJSON_AddItemToObject(move, "requalify", json_number(at_once));
            cJSON_AddItemToObject(move, "next_review", json_number(at_review));
            cJSON_AddItemToArray(moves, move);
        }
    }
}

bool ask_dry_run(struct context *context, cJSON *answer, struct error *error)
{
    struct trying in = {.members = 0};
    const struct version *latest = version_latest(context->ledger);
    if (!programme_next(context, &in.next, &in.from, error))
        return false;
    add_version(&in, context);
    bool good =
        latest == NULL || census(context->ledger, in.from - 1, true, try_member, &in, error);
    arena_free(&in.scratch);
    cJSON_AddStringToObject(answer, "op", operation_name(OPERATION_PROGRAMME_APPLY));
    cJSON_AddBoolToObject(answer, "dry_run", true);
    cJSON_AddItemToObject(answer, "version",
                          json_number((int64_t)context->ledger->version_count + 1));
    json_add_moment(answer, latest, "from", in.from);
    if (in.next->tiers != NULL)
        cJSON_AddStringToObject(answer, "on_change",
                                in.next->tiers->requalify ? "requalify" : "next_review");
    else
        cJSON_AddNullToObject(answer, "on_change");
    cJSON_AddItemToObject(answer, "members", json_number(in.members));
    add_moves(&in, answer);
    return good;
}
