/* A member's level as records say it, and as tiers/ judges it: ids of levels and keys of
 * measures there, places in the programme's lists here. What a programme does not know (any
 * more) is the first level, and does not count. */
#include "chain.h"
#include "tiering.h"

bool ledger_has_tiers(const struct ledger *ledger)
{
    for (size_t i = 0; i < ledger->version_count; i++) {
        if (ledger->versions[i].programme->tiers != NULL)
            return true;
    }
    return false;
}

/* --- Ids and places ------------------------------------------------------------------ */

/* A level of an older version, by what has taken its place since; -1 unknown. */
static int level_since(const struct ledger *ledger, struct arena *arena,
                       const struct programme *programme, struct text id)
{
    const struct programme **versions =
        arena_allocate(arena, (ledger->version_count + 1) * sizeof(struct programme *));
    size_t count = 0;
    while (count < ledger->version_count) {
        versions[count] = ledger->versions[count].programme;
        if (versions[count++] == programme)
            break;
    }
    return programme_level_now(versions, count, id);
}

/* For a version from before the level had its name: what it takes the place of. */
static int level_before(const struct ledger *ledger, struct arena *arena,
                        const struct programme *programme, struct text id)
{
    const struct programme *now = version_latest(ledger)->programme;
    int place = level_since(ledger, arena, now, id);
    for (size_t l = programme->tiers->level_count; place >= 0 && l-- > 0;) {
        if (level_since(ledger, arena, now, programme->tiers->levels[l].id) == place)
            return (int)l;
    }
    return -1;
}

unsigned level_place(const struct ledger *ledger, struct arena *arena,
                     const struct programme *programme, struct text id)
{
    int place = programme_level_index(programme, id);
    if (place < 0)
        place = level_since(ledger, arena, programme, id);
    if (place < 0)
        place = level_before(ledger, arena, programme, id);
    return place < 0 ? 0 : (unsigned)place;
}

static int measure_place(const struct tiers *tiers, struct text key)
{
    for (size_t m = 0; m < tiers->measure_count; m++) {
        if (text_equal(tiers->measures[m].key, key))
            return (int)m;
    }
    return -1;
}

/* --- Reading and writing -------------------------------------------------------------- */

static struct tier_climb read_climb(const struct ledger *ledger, struct arena *arena,
                                    const struct programme *programme,
                                    const struct climb_value *value)
{
    struct tier_climb climb = {.level = level_place(ledger, arena, programme, value->level),
                               .since = value->since,
                               .seq = value->seq,
                               .start = value->start,
                               .review = value->review,
                               .graced = value->graced};
    for (size_t i = 0; i < value->offset_count; i++) {
        int measure = measure_place(programme->tiers, value->offsets[i].key);
        if (measure >= 0)
            climb.offset[measure] = value->offsets[i].amount;
    }
    return climb;
}

static void read_value(const struct ledger *ledger, struct arena *arena,
                       const struct programme *programme, const struct tier_value *value,
                       struct tier_state *state)
{
    size_t most = sizeof state->climbs / sizeof *state->climbs;
    memset(state, 0, sizeof *state);
    state->level = level_place(ledger, arena, programme, value->level);
    state->since = value->since;
    state->review = value->review;
    state->graced = value->graced;
    /* Only a falsified log has more. */
    for (size_t i = 0; i < value->climb_count && i < most; i++)
        state->climbs[state->climb_count++] =
            read_climb(ledger, arena, programme, &value->climbs[i]);
    for (size_t i = 0; i < value->hold_count; i++) {
        moment *hold = &state->holds[level_place(ledger, arena, programme, value->holds[i].level)];
        *hold = *hold > value->holds[i].until ? *hold : value->holds[i].until;
    }
}

bool tier_read(const struct ledger *ledger, const struct programme *programme, struct text written,
               moment joined, struct arena *arena, struct tier_state *state, struct error *error)
{
    const struct tier_member first = {.programme = programme, .joined = joined};
    struct tier_value value = {0};
    tier_begin(&first, state);
    if (written.length == 0)
        return true;
    if (!tier_value_decode(written, arena, &value) || value.climb_count == 0)
        return fail(error, ERROR_CORRUPT, _("the level of a member cannot be read"));
    read_value(ledger, arena, programme, &value, state);
    return true;
}

static struct climb_value write_climb(struct context *context, const struct tiers *tiers,
                                      const struct tier_climb *climb)
{
    struct climb_value value = {.level = tiers->levels[climb->level].id,
                                .since = climb->since,
                                .seq = climb->seq,
                                .start = climb->start,
                                .review = climb->review,
                                .graced = climb->graced};
    value.offsets =
        arena_allocate(context->arena, (tiers->measure_count + 1) * sizeof *value.offsets);
    for (size_t m = 0; m < tiers->measure_count; m++) {
        if (climb->offset[m] != 0)
            value.offsets[value.offset_count++] =
                (struct offset){tiers->measures[m].key, climb->offset[m]};
    }
    return value;
}

void tier_write(struct context *context, const struct programme *programme,
                const struct tier_state *state, enum tier_cause cause, struct tier_value *value)
{
    const struct tiers *tiers = programme->tiers;
    *value = (struct tier_value){.level = tiers->levels[state->level].id,
                                 .since = state->since,
                                 .cause = cause,
                                 .review = state->review,
                                 .graced = state->graced};
    value->climbs = arena_allocate(context->arena, state->climb_count * sizeof *value->climbs);
    for (size_t i = 0; i < state->climb_count; i++)
        value->climbs[value->climb_count++] = write_climb(context, tiers, &state->climbs[i]);
    value->holds = arena_allocate(context->arena, (tiers->level_count + 1) * sizeof *value->holds);
    for (size_t l = 0; l < tiers->level_count; l++) {
        if (state->holds[l] != 0)
            value->holds[value->hold_count++] =
                (struct hold_value){tiers->levels[l].id, state->holds[l]};
    }
}

/* --- The level of a moment --------------------------------------------------------------- */

static moment said_of(const struct head *head)
{
    return head->kind == RECORD_ELAPSE ? head->at : head->time;
}

/* What the newest record from up to then says; empty: none does. */
static bool level_then(struct context *context, moment at, struct text *level, struct error *error)
{
    struct arena scratch = {0};
    struct record record;
    struct chain chain;
    *level = (struct text){0};
    bool more = true, good = chain_begin(&chain, context->state, context->member_id, error);
    while (good && more) {
        good = chain_next(&chain, &scratch, &record, error);
        more = good && record.head != NULL;
        if (more && record.head->member == context->member_id &&
            record.head->tier.level.length > 0 && said_of(record.head) <= at) {
            *level = text_copy(context->arena, record.head->tier.level);
            more = false;
        }
        arena_reset(&scratch);
    }
    arena_free(&scratch);
    return good;
}

bool level_at(struct context *context, const struct version *version, moment at, int *level,
              struct error *error)
{
    struct tier *tier = NULL;
    *level = -1;
    if (version->programme->tiers == NULL || context->member_id == 0)
        return true;
    if (!state_tier(context->state, context->member_id, &tier, error))
        return false;
    struct text id = tier->row.level;
    if (id.length > 0 && at < tier->row.since && !level_then(context, at, &id, error))
        return false;
    *level = id.length == 0
                 ? 0
                 : (int)level_place(context->ledger, context->arena, version->programme, id);
    return true;
}

int level_of_head(const struct programme *programme, const struct head *head)
{
    if (programme->tiers == NULL || head == NULL)
        return -1;
    int level = head->level.length == 0 ? 0 : programme_level_index(programme, head->level);
    return level < 0 ? 0 : level;
}
