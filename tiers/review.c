/* Downward: when a level is judged, and what comes of it.
 *
 * A level counts through a last day, and is judged at the first moment of the next, as of
 * the last day. A continuous review judges each day as of itself; its moment is that of
 * the first day that will miss, found ahead, so that nothing is due in between. */
#include "tiers_private.h"

/* --- When --------------------------------------------------------------------------------- */

/* Always from the day on which the level was reached: 31 January plus two months is 31 March. */
static int64_t dated_last_day(const struct expiry *dates, struct date since, int times)
{
    struct expiry multiple = *dates;
    multiple.after.months *= times;
    multiple.after.days *= times;
    return date_to_days(expiry_last_day(&multiple, since));
}

static moment next_dated(const struct tier_member *member, moment reached,
                         const struct expiry *dates, moment now)
{
    struct date since = zone_date(member->programme->zone, reached);
    struct date today = zone_date(member->programme->zone, now);
    int span = dates->after.months * 31 + dates->after.days; /* not shorter than it is */
    int64_t passed = date_to_days(today) - date_to_days(since);
    if (span == 0)
        return day_end(member, date_to_days(expiry_last_day(dates, today)));
    int times = passed > span ? (int)(passed / span) : 1;
    for (;; times++) {
        moment due = day_end(member, dated_last_day(dates, since, times));
        if (due > now)
            return due;
    }
}

/* The first day whose window does not go back to this one; INT64_MAX there is none. */
static int64_t nothing_left(const struct tier_member *member, const struct tier_climb *climb,
                            int64_t day)
{
    const struct tiers *tiers = member->programme->tiers;
    int64_t last = window_last(member, day);
    if (tiers->window.kind != WINDOW_ROLLING)
        return last == INT64_MAX ? last : last + 1;
    /* Months are not of one length: from a little before where it must be. */
    struct date about = date_add(date_from_days(day), tiers->window.span);
    int64_t left = date_to_days(about) - 8 > day ? date_to_days(about) - 8 : day + 1;
    while (window_first(member, climb, left) <= day)
        left++;
    return left;
}

static bool kept_as_of(const struct tier_member *member, const struct tier_climb *climb,
                       int64_t day, bool *kept, struct error *error)
{
    struct tally tally;
    if (!tally_window(member, climb, day, &tally, error))
        return false;
    const struct tier_level *level = &member->programme->tiers->levels[climb->level];
    *kept = alternative_reached(&level->keep, &tally) != NULL;
    return true;
}

/* By halving; tomorrow at the earliest. */
static bool next_missed(const struct tier_member *member, const struct tier_climb *climb,
                        int64_t today, moment *due, struct error *error)
{
    int64_t kept_on = today, missed_on = nothing_left(member, climb, today);
    bool kept = false;
    if (missed_on == INT64_MAX) { /* what counts does not become less by time */
        if (!kept_as_of(member, climb, today + 1, &kept, error))
            return false;
        *due = kept ? MOMENT_NEVER : day_end(member, today);
        return true;
    }
    while (missed_on - kept_on > 1) {
        int64_t middle = kept_on + (missed_on - kept_on) / 2;
        if (!kept_as_of(member, climb, middle, &kept, error))
            return false;
        *(kept ? &kept_on : &missed_on) = middle;
    }
    *due = day_end(member, missed_on - 1);
    return true;
}

static bool counts_nothing(const struct tally *tally)
{
    for (unsigned m = 0; m < LIMIT_MEASURES; m++) {
        if (tally->of[m] != 0)
            return false;
    }
    return true;
}

/* The first level falls nowhere: its review can only reset. */
static bool first_can_be_reviewed(const struct tier_level *level)
{
    return level->reset_at_review && level->review.kind != REVIEW_CONTINUOUS;
}

/* The first that is not over, of reviews whose days the calendar says. */
static moment next_by_calendar(const struct tier_member *member, const struct tier_climb *climb,
                               const struct review *review, moment now)
{
    switch (review->kind) {
    case REVIEW_DATED:
        return next_dated(member, climb->since, &review->dates, now);
    case REVIEW_ANNIVERSARY:
        return day_end(member, next_anniversary(member, local_day(member, now)) - 1);
    case REVIEW_NEVER:
    case REVIEW_CONTINUOUS:
        break;
    }
    return MOMENT_NEVER;
}

moment next_reset(const struct tier_member *member, const struct tier_state *state, moment now)
{
    const struct tier_climb *climb = last_climb(state);
    const struct tier_level *level = &member->programme->tiers->levels[climb->level];
    if (!level->reset_at_review)
        return MOMENT_NEVER;
    if (climb->level == 0 && state->review == MOMENT_NEVER)
        return next_by_calendar(member, climb, &level->review, now);
    return state->review;
}

bool date_review(const struct tier_member *member, struct tier_state *state, moment now,
                 struct error *error)
{
    const struct tier_climb *climb = last_climb(state);
    const struct tier_level *level = &member->programme->tiers->levels[climb->level];
    int64_t today = local_day(member, now);
    struct tally tally;
    state->review = MOMENT_NEVER;
    if (climb->level == 0) {
        if (!first_can_be_reviewed(level))
            return true;
        if (!tally_window(member, climb, today, &tally, error))
            return false;
        if (counts_nothing(&tally))
            return true;
    }
    if (level->review.kind == REVIEW_CONTINUOUS)
        return level->at_review == REVIEW_NO_FALL ||
               next_missed(member, climb, today, &state->review, error);
    state->review = next_by_calendar(member, climb, &level->review, now);
    return true;
}

bool renew_review(const struct tier_member *member, struct tier_state *state,
                  const struct tally *tally, moment now, enum tier_change *change,
                  struct error *error)
{
    const struct tier_climb *climb = last_climb(state);
    const struct tier_level *level = &member->programme->tiers->levels[climb->level];
    moment before = state->review;
    bool first = climb->level == 0 && (before == MOMENT_NEVER || counts_nothing(tally));
    if (!first && level->review.kind != REVIEW_CONTINUOUS)
        return true; /* a date that is set stays */
    if (!date_review(member, state, now, error))
        return false;
    if (state->review != before)
        *change = TIER_COUNTED;
    return true;
}

/* --- What comes of it --------------------------------------------------------------------------
 */

/* The day from which what counts anew after a judgement: that after the last day, also where
 * a grace ran since. */
static int64_t day_judged(const struct tier_member *member, const struct tier_state *state,
                          const struct tier_level *level, moment now)
{
    if (state->graced == 0)
        return local_day(member, now);
    return level->review.kind == REVIEW_CONTINUOUS ? state->graced : state->graced + 1;
}

/* The level goes on, or another begins: climbs before it are settled. */
static bool conclude(const struct tier_member *member, struct tier_state *state,
                     struct tier_climb climb, moment now, struct error *error)
{
    const struct tier_level *judged = &member->programme->tiers->levels[last_climb(state)->level];
    if (judged->reset_at_review)
        count_anew(&climb, day_judged(member, state, judged, now));
    state->climbs[0] = climb;
    state->climb_count = 1;
    state->graced = 0;
    settle(state, now);
    return date_review(member, state, now, error);
}

static unsigned level_below(const struct tiers *tiers, unsigned level, const struct tally *tally)
{
    if (tiers->levels[level].at_review == REVIEW_ONE_DOWN)
        return level - 1;
    while (--level > 0 && alternative_reached(&tiers->levels[level].keep, tally) == NULL)
        ;
    return level;
}

static bool judge_level(const struct tier_member *member, struct tier_state *state, moment due,
                        enum tier_change *change, struct error *error)
{
    const struct tiers *tiers = member->programme->tiers;
    struct tier_climb climb = *last_climb(state);
    const struct tier_level *level = &tiers->levels[climb.level];
    bool graced = state->graced != 0;
    bool as_of_itself = level->review.kind == REVIEW_CONTINUOUS && !graced;
    int64_t last = local_day(member, as_of_itself ? due : due - 1);
    struct tally tally;
    if (!tally_days(member, &climb, window_first(member, &climb, graced ? state->graced : last),
                    last, &tally, error))
        return false;
    if (climb.level == 0 || level->at_review == REVIEW_NO_FALL ||
        alternative_reached(&level->keep, &tally) != NULL) {
        *change = TIER_KEPT;
        return conclude(member, state, climb, due, error);
    }
    if (!graced && level->grace.months + level->grace.days > 0) {
        state->graced = last;
        state->review = day_end(member, date_to_days(date_add(date_from_days(last), level->grace)));
        *change = TIER_GRACE;
        return true;
    }
    climb.level = level_below(tiers, climb.level, &tally);
    climb.since = due;
    climb.seq = -1;
    *change = TIER_FELL;
    return conclude(member, state, climb, due, error);
}

bool try_grace(const struct tier_member *member, struct tier_state *state, moment now,
               enum tier_change *change, struct error *error)
{
    const struct tier_climb climb = *last_climb(state);
    const struct tier_level *level = &member->programme->tiers->levels[climb.level];
    struct tally tally;
    if (!tally_days(member, &climb, window_first(member, &climb, state->graced),
                    local_day(member, now), &tally, error))
        return false;
    if (alternative_reached(&level->keep, &tally) == NULL)
        return true;
    *change = TIER_KEPT;
    return conclude(member, state, climb, now, error);
}

/* --- Time alone --------------------------------------------------------------------------------
 */

moment tier_due(const struct tier_state *state)
{
    moment due = state->review;
    for (unsigned level = 0; level < LIMIT_LEVELS; level++) {
        if (state->holds[level] != 0 && state->holds[level] < due)
            due = state->holds[level];
    }
    return due;
}

bool tier_elapse(const struct tier_member *member, struct tier_state *state, moment due,
                 enum tier_change *change, struct error *error)
{
    *change = TIER_SAME;
    for (unsigned level = 0; level < LIMIT_LEVELS; level++) {
        if (state->holds[level] == 0 || state->holds[level] > due)
            continue;
        state->holds[level] = 0;
        settle(state, due);
        *change = TIER_ENDED;
        return true;
    }
    return state->review > due || judge_level(member, state, due, change, error);
}
