/* Upward, and climbs undone.
 *
 * A climb changes from what on is counted, so the state remembers those since the last
 * review: what comes back can undo them, the last one first. A decision begins that list
 * anew, since no measure can say that it was wrong. */
#include "tiers_private.h"

#include <assert.h>
#include <string.h>

/* --- Where counting goes on ------------------------------------------------------------- */

/* What is beyond a level's `from`, of the measures that it does not name all. */
static void beyond(const struct requirement *from, const struct tally *tally, struct tally *excess)
{
    const struct demands *reached = alternative_reached(from, tally);
    *excess = *tally;
    for (size_t i = 0; reached != NULL && i < reached->count; i++)
        excess->of[reached->list[i].measure] -= reached->list[i].units;
}

/* Of the days from its start to `today` nothing but the excess counts. */
static bool count_from_start(const struct tier_member *member, struct tier_climb *climb,
                             int64_t today, const struct tally *excess, struct error *error)
{
    const struct tiers *tiers = member->programme->tiers;
    const struct tier_climb plain = {.start = climb->start};
    struct tally counted;
    if (!tally_days(member, &plain, climb->start, today, &counted, error))
        return false;
    for (unsigned m = 0; m < tiers->measure_count; m++) {
        if (!units_subtract(counted.of[m], excess->of[m], &climb->offset[m]))
            return beyond_units(member, m, error);
    }
    return true;
}

/* A climb from what was reached before, as of today; the tally is of the day by which it is. */
static bool make_climb(const struct tier_member *member, const struct tier_climb *before,
                       struct tier_climb climb, enum on_promotion promotion,
                       const struct tally *tally, int64_t today, struct tier_climb *made,
                       struct error *error)
{
    const struct tiers *tiers = member->programme->tiers;
    struct tally excess = {0};
    *made = climb;
    made->start = before->start;
    memcpy(made->offset, before->offset, sizeof made->offset);
    if (promotion == PROMOTION_KEEP)
        return true;
    if (promotion == PROMOTION_EXCESS)
        beyond(&tiers->levels[climb.level].from, tally, &excess);
    count_anew(made, local_day(member, climb.since));
    return count_from_start(member, made, today, &excess, error);
}

/* --- Upward ------------------------------------------------------------------------------- */

/* Levels of several versions can be one by now, so that there are more climbs than levels:
 * then the oldest cannot be undone any more. */
static void push(struct tier_state *state, const struct tier_climb *climb)
{
    if (state->climb_count == LIMIT_LEVELS + 1) {
        memmove(state->climbs, state->climbs + 1, LIMIT_LEVELS * sizeof state->climbs[0]);
        state->climb_count--;
    }
    struct tier_climb *below = &state->climbs[state->climb_count - 1];
    below->review = state->review;
    below->graced = state->graced;
    state->climbs[state->climb_count++] = *climb;
}

/* What is reached has changed for another reason than its review. */
static bool begin_level(const struct tier_member *member, struct tier_state *state, moment now,
                        struct error *error)
{
    state->graced = 0;
    settle(state, now);
    return date_review(member, state, now, error);
}

bool tier_count(const struct tier_member *member, struct tier_state *state, moment now, int64_t seq,
                enum tier_change *change, struct error *error)
{
    const struct tiers *tiers = member->programme->tiers;
    const struct tier_climb *reached = last_climb(state);
    int64_t today = local_day(member, now);
    struct tier_climb climb = {.since = now, .seq = seq};
    struct tally tally;
    *change = TIER_SAME;
    if (!tally_window(member, reached, today, &tally, error))
        return false;
    climb.level = highest_from(tiers, &tally, reached->level, (unsigned)tiers->level_count);
    if (climb.level > reached->level) {
        if (!make_climb(member, reached, climb, tiers->on_promotion, &tally, today, &climb, error))
            return false;
        push(state, &climb);
        *change = TIER_CLIMBED;
        return begin_level(member, state, now, error);
    }
    return state->graced != 0 ? try_grace(member, state, now, change, error)
                              : renew_review(member, state, &tally, now, change, error);
}

bool tier_reach(const struct tier_member *member, struct tier_state *state, unsigned level,
                moment now, int64_t seq, enum tier_change *change, struct error *error)
{
    const struct tiers *tiers = member->programme->tiers;
    const struct tier_climb climb = {.level = level, .since = now, .seq = seq};
    enum on_promotion promotion =
        tiers->on_promotion == PROMOTION_KEEP ? PROMOTION_KEEP : PROMOTION_RESET;
    struct tier_climb made;
    assert(level < tiers->level_count);
    *change = TIER_SAME;
    if (level <= last_climb(state)->level)
        return true;
    if (!make_climb(member, last_climb(state), climb, promotion, NULL, local_day(member, now),
                    &made, error))
        return false;
    state->climbs[0] = made;
    state->climb_count = 1;
    *change = TIER_CLIMBED;
    return begin_level(member, state, now, error);
}

/* --- What comes back ------------------------------------------------------------------------ */

/* The level below goes on with what was due of it, which may be over by now: then it is
 * due at once. */
static void take_off(struct tier_state *state)
{
    state->climb_count--;
    state->review = last_climb(state)->review;
    state->graced = last_climb(state)->graced;
}

/* Does the last climb still stand? If not it is taken off, or becomes one to a lower level. */
static bool try_last(const struct tier_member *member, struct tier_state *state, int64_t today,
                     bool *stands, struct error *error)
{
    const struct tiers *tiers = member->programme->tiers;
    const struct tier_climb *before = &state->climbs[state->climb_count - 2];
    struct tier_climb *last = &state->climbs[state->climb_count - 1];
    struct tier_climb lower = *last;
    struct tally tally;
    int64_t first = window_first(member, before, local_day(member, last->since));
    if (!tally_days(member, before, first, today, &tally, error))
        return false;
    *stands = alternative_reached(&tiers->levels[last->level].from, &tally) != NULL;
    if (*stands)
        return true;
    lower.level = highest_from(tiers, &tally, before->level, last->level);
    if (lower.level == before->level) {
        take_off(state);
        return true;
    }
    if (tiers->on_promotion == PROMOTION_EXCESS &&
        !make_climb(member, before, lower, PROMOTION_EXCESS, &tally, today, &lower, error))
        return false;
    *last = lower;
    state->graced = 0;
    return date_review(member, state, last->since, error);
}

static bool undo(const struct tier_member *member, struct tier_state *state, int64_t today,
                 struct tier_climb undone[LIMIT_LEVELS], size_t *count, struct error *error)
{
    *count = 0;
    while (state->climb_count > 1 && *count < LIMIT_LEVELS) {
        const struct tier_climb last = *last_climb(state);
        bool stands = false;
        if (!try_last(member, state, today, &stands, error))
            return false;
        if (stands)
            break;
        undone[(*count)++] = last;
    }
    return true;
}

bool tier_lower(const struct tier_member *member, struct tier_state *state, moment now, int64_t seq,
                struct tier_climb undone[LIMIT_LEVELS], size_t *count, enum tier_change *change,
                struct error *error)
{
    unsigned before = state->level;
    if (!undo(member, state, local_day(member, now), undone, count, error))
        return false;
    if (*count == 0)
        return tier_count(member, state, now, seq, change, error);
    settle(state, now);
    if (state->level != before && state->level == last_climb(state)->level)
        state->since = last_climb(state)->since;
    if (!tier_count(member, state, now, seq, change, error))
        return false;
    *change = TIER_UNDONE;
    return true;
}

/* --- Another version -------------------------------------------------------------------------- */

bool tier_requalify(const struct tier_member *member, struct tier_state *state, moment from,
                    enum tier_change *change, struct error *error)
{
    const struct tiers *tiers = member->programme->tiers;
    struct tier_climb anew = *last_climb(state);
    struct tally tally;
    if (!tally_window(member, &anew, local_day(member, from), &tally, error))
        return false;
    unsigned level = highest_from(tiers, &tally, 0, (unsigned)tiers->level_count);
    bool stays_first = level == 0 && anew.level == 0;
    if (!stays_first) {
        anew.level = level;
        anew.since = from;
        anew.seq = -1;
    }
    state->climbs[0] = anew;
    state->climb_count = 1;
    *change = TIER_CHANGED;
    if (!begin_level(member, state, from, error))
        return false;
    if (state->level == level && !stays_first)
        state->since = from;
    return true;
}

/* --- Before anything is recorded ----------------------------------------------------------------
 */

/* A history with what a purchase would add. */
struct added {
    const struct tier_member *member;
    int64_t day;
    const int64_t *more;
};

/* A day counts as one, however many receipts it has. */
static bool added_on_day(const struct added *added, unsigned measure, int64_t *more,
                         struct error *error)
{
    const struct tier_history *history = &added->member->history;
    int64_t already = 0;
    *more = added->more[measure];
    if (added->member->programme->tiers->measures[measure].kind != MEASURE_DAYS || *more == 0)
        return true;
    if (!history->sum(history->context, measure, added->day, added->day, &already, error))
        return false;
    *more = already > 0 ? 0 : 1;
    return true;
}

static bool sum_added(void *context, unsigned measure, int64_t first, int64_t last, int64_t *sum,
                      struct error *error)
{
    const struct added *added = context;
    const struct tier_history *history = &added->member->history;
    int64_t more = 0;
    if (!history->sum(history->context, measure, first, last, sum, error))
        return false;
    if (added->day < first || added->day > last)
        return true;
    if (!added_on_day(added, measure, &more, error))
        return false;
    return units_add(*sum, more, sum) || beyond_units(added->member, measure, error);
}

bool tier_after(const struct tier_member *member, const struct tier_state *state, moment now,
                int64_t day, const int64_t more[LIMIT_MEASURES], unsigned *level,
                struct error *error)
{
    struct added added = {member, day, more};
    struct tier_member then = *member;
    then.history = (struct tier_history){sum_added, &added};
    const struct tiers *tiers = member->programme->tiers;
    const struct tier_climb *reached = last_climb(state);
    struct tally tally;
    if (!tally_window(&then, reached, local_day(member, now), &tally, error))
        return false;
    *level = highest_from(tiers, &tally, reached->level, (unsigned)tiers->level_count);
    if (*level < state->level)
        *level = state->level;
    return true;
}
