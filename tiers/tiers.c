/* A member's level as a value: how it begins, what is held, and of two who become one. */
#include "tiers_private.h"

#include <assert.h>
#include <string.h>

void tier_begin(const struct tier_member *member, struct tier_state *state)
{
    memset(state, 0, sizeof *state);
    state->since = member->joined;
    state->review = MOMENT_NEVER;
    state->climb_count = 1;
    state->climbs[0] = (struct tier_climb){.since = member->joined, .seq = -1};
}

const struct tier_climb *last_climb(const struct tier_state *state)
{
    assert(state->climb_count >= 1 && state->climb_count <= LIMIT_LEVELS + 1);
    return &state->climbs[state->climb_count - 1];
}

static unsigned level_of(const struct tier_state *state)
{
    unsigned level = last_climb(state)->level;
    for (unsigned held = level + 1; held < LIMIT_LEVELS; held++) {
        if (state->holds[held] != 0)
            level = held;
    }
    return level;
}

void settle(struct tier_state *state, moment now)
{
    unsigned level = level_of(state);
    if (level == state->level)
        return;
    state->level = level;
    state->since = now;
}

void count_anew(struct tier_climb *climb, int64_t day)
{
    climb->start = day;
    memset(climb->offset, 0, sizeof climb->offset);
}

void tier_hold(const struct tier_member *member, struct tier_state *state, unsigned level,
               moment until, moment now)
{
    assert(level < member->programme->tiers->level_count);
    state->holds[level] = until;
    settle(state, now);
}

void tier_join(struct tier_state *into, const struct tier_state *from)
{
    if (from->level > into->level)
        into->since = from->since;
    if (last_climb(from)->level > last_climb(into)->level) {
        memcpy(into->climbs, from->climbs, sizeof into->climbs);
        into->climb_count = from->climb_count;
        into->review = from->review;
        into->graced = from->graced;
    }
    for (unsigned level = 0; level < LIMIT_LEVELS; level++) {
        if (from->holds[level] > into->holds[level])
            into->holds[level] = from->holds[level];
    }
    into->level = level_of(into);
}
