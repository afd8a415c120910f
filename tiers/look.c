/* What members are told: what counts, what is missing, and by when. */
#include "tiers_private.h"

#include <string.h>

/* --- What is missing ---------------------------------------------------------------------- */

static int64_t lacking(const struct demand *demand, const struct tally *tally)
{
    int64_t counted = tally->of[demand->measure];
    return counted < demand->units ? demand->units - counted : 0;
}

/* Units of what is demanded; shares are compared by multiplying crosswise. */
struct share {
    int64_t lacking, of;
};

static bool less_share(struct share a, struct share b)
{
    return (wide)a.lacking * b.of < (wide)b.lacking * a.of;
}

/* Of all that is demanded, what lacks the largest share. */
static struct share worst(const struct demands *demands, const struct tally *tally)
{
    struct share most = {0, 1};
    for (size_t i = 0; i < demands->count; i++) {
        const struct demand *demand = &demands->list[i];
        struct share share = {lacking(demand, tally), demand->units};
        if (less_share(most, share))
            most = share;
    }
    return most;
}

/* By the alternative that is nearest; of equals the first. */
static void look_missing(const struct requirement *requirement, const struct tally *tally,
                         struct tier_missing *missing)
{
    *missing = (struct tier_missing){.possible = requirement->count > 0};
    if (!missing->possible)
        return;
    const struct demands *nearest = &requirement->any[0];
    struct share least = worst(nearest, tally);
    for (size_t i = 1; i < requirement->count; i++) {
        struct share share = worst(&requirement->any[i], tally);
        if (less_share(share, least)) {
            nearest = &requirement->any[i];
            least = share;
        }
    }
    for (size_t i = 0; i < nearest->count; i++)
        missing->units[nearest->list[i].measure] = lacking(&nearest->list[i], tally);
}

/* --- The levels beside --------------------------------------------------------------------- */

/* Can what is reached be lost by its review? */
static bool can_fall(const struct tier_state *state, const struct tier_level *reached)
{
    return last_climb(state)->level > 0 && state->review != MOMENT_NEVER &&
           reached->at_review != REVIEW_NO_FALL;
}

static void look_until(const struct tier_state *state, const struct tier_level *reached,
                       struct tier_view *view)
{
    moment held = state->holds[state->level];
    moment review = can_fall(state, reached) ? state->review : MOMENT_NEVER;
    bool by_hold_alone = state->level > last_climb(state)->level;
    view->until = by_hold_alone || held > review ? held : review;
    view->can_lose = !by_hold_alone && review != MOMENT_NEVER && view->until == review;
}

static void look_next(const struct tier_member *member, const struct tier_state *state,
                      const struct tally *tally, moment now, struct tier_view *view)
{
    const struct tiers *tiers = member->programme->tiers;
    view->next = state->level + 1 < tiers->level_count ? (int)state->level + 1 : -1;
    view->next_by = INT64_MAX;
    if (view->next < 0)
        return;
    look_missing(&tiers->levels[view->next].from, tally, &view->to_next);
    moment reset = next_reset(member, state, now);
    int64_t last = reset == MOMENT_NEVER ? INT64_MAX : local_day(member, reset - 1);
    view->next_by = window_last(member, local_day(member, now));
    if (last < view->next_by)
        view->next_by = last;
}

/* As of the last day of the review: what will have left its window by then does not help. */
static bool look_keep(const struct tier_member *member, const struct tier_state *state,
                      const struct tier_level *reached, struct tier_view *view, struct error *error)
{
    const struct tier_climb *climb = last_climb(state);
    bool graced = state->graced != 0;
    bool as_of_itself = reached->review.kind == REVIEW_CONTINUOUS && !graced;
    struct tally tally;
    view->keep_by = INT64_MAX;
    if (!view->can_lose)
        return true;
    view->keep_by = local_day(member, state->review - 1);
    int64_t last = as_of_itself ? view->keep_by + 1 : view->keep_by;
    if (!tally_days(member, climb, window_first(member, climb, graced ? state->graced : last), last,
                    &tally, error))
        return false;
    look_missing(&reached->keep, &tally, &view->to_keep);
    return true;
}

bool tier_look(const struct tier_member *member, const struct tier_state *state, moment now,
               struct tier_view *view, struct error *error)
{
    const struct tiers *tiers = member->programme->tiers;
    const struct tier_climb *climb = last_climb(state);
    const struct tier_level *reached = &tiers->levels[climb->level];
    struct tally tally;
    *view = (struct tier_view){0};
    if (!tally_window(member, climb, local_day(member, now), &tally, error))
        return false;
    memcpy(view->values, tally.of, sizeof view->values);
    look_until(state, reached, view);
    look_next(member, state, &tally, now, view);
    return look_keep(member, state, reached, view, error);
}
