/* Rows first, and a working set for the few of whom something is due. */
#include "census.h"

#include "context.h"
#include "tiering.h"

struct counting_up {
    struct ledger known; /* with buffers of its own */
    struct arena arena;  /* of one member */
    struct state state;
    moment at;
    census_reader *each;
    void *context;
};

/* The heads about one member alone: who shares a wallet is advanced with them, and comes in
 * their own turn. */
static void add_heads(struct counting_up *in, struct census_member *member)
{
    const struct head **heads =
        arena_allocate(&in->arena, (in->state.record_count + 1) * sizeof *heads);
    for (size_t i = 0; i < in->state.record_count; i++) {
        if (in->state.records[i].head->member == member->id)
            heads[member->head_count++] = in->state.records[i].head;
    }
    member->heads = heads;
}

static bool bring_up(struct counting_up *in, struct census_member *member, struct error *error)
{
    const struct request none = {.op = OPERATION_SHOW};
    struct outcome outcome = {0};
    struct tier *tier = NULL;
    struct context context = {.ledger = &in->known,
                              .state = &in->state,
                              .arena = &in->arena,
                              .request = &none,
                              .outcome = &outcome,
                              .time = in->at,
                              .member_id = member->id};
    if (!state_begin(&in->state, in->known.store, &in->arena, error))
        return false;
    in->state.tip.time = INT64_MIN; /* the moment may be the last one before a version's */
    if (!load_member(&context, error) || !advance(&context, error) ||
        !state_tier(&in->state, member->id, &tier, error))
        return false;
    member->level = tier->row.level;
    member->state = tier->row.state;
    add_heads(in, member);
    return true;
}

static bool read_row(void *context, const struct tier_member_row *row, struct error *error)
{
    struct counting_up *in = context;
    struct census_member member = {.id = row->member,
                                   .joined = row->joined,
                                   .level = row->tier.level,
                                   .state = row->tier.state,
                                   .measures = row->measures,
                                   .measure_count = row->measure_count};
    bool due = row->tier.level.length > 0 &&
               level_due(&in->known, row->tier.due, row->tier.judged) <= in->at;
    bool good = (!due || bring_up(in, &member, error)) && in->each(in->context, &member, error);
    if (due) {
        state_clear(&in->state);
        arena_reset(&in->arena);
    }
    return good;
}

bool census(struct ledger *ledger, moment at, bool with_measures, census_reader *each,
            void *context, struct error *error)
{
    struct counting_up in = {.known = *ledger, .at = at, .each = each, .context = context};
    in.known.scratch = in.known.body = (struct buffer){0};
    bool good = store_each_tier(ledger->store, with_measures, read_row, &in, error);
    state_free(&in.state);
    buffer_free(&in.known.scratch);
    buffer_free(&in.known.body);
    arena_free(&in.arena);
    return good;
}

/* --- What has counted ---------------------------------------------------------------------- */

static bool sum_of(void *context, unsigned measure, int64_t first, int64_t last, int64_t *sum,
                   struct error *error)
{
    const struct census_counted *in = context;
    const struct measure *wanted = &in->tiers->measures[measure];
    *sum = 0;
    for (size_t i = 0; i < in->member->measure_count; i++) {
        const struct measure_row *row = &in->member->measures[i];
        if (row->period < first || row->period > last || !text_equal(row->measure, wanted->key))
            continue;
        int64_t value = wanted->kind == MEASURE_DAYS ? row->value > 0 : row->value;
        if (!units_add(*sum, value, sum))
            return fail(error, ERROR_OVERFLOW, _("what counts for tiers is beyond %lld"),
                        (long long)LIMIT_UNITS);
    }
    return true;
}

struct tier_member census_judged(const struct census_member *member,
                                 const struct programme *programme, struct census_counted *counted)
{
    *counted = (struct census_counted){member, programme->tiers};
    return (struct tier_member){programme, member->joined, {sum_of, counted}};
}
