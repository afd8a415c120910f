/* Judging a member's level: every function takes the state that was and leaves the one
 * that is. */
#include "tiers.h"

#include <string.h>

void tier_begin(const struct tier_member *member, struct tier_state *state)
{
    memset(state, 0, sizeof *state);
    state->since = member->joined;
    state->review = MOMENT_NEVER;
    state->climb_count = 1;
    state->climbs[0] = (struct tier_climb){.since = member->joined, .seq = -1};
}
