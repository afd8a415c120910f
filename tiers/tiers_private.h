/* What the files of this room share: what counts as of a day, which levels that reaches,
 * and how a state is kept whole. */
#ifndef LOYALTY_TIERS_PRIVATE_H
#define LOYALTY_TIERS_PRIVATE_H

#include "tiers.h"

/* What counts, by measure. */
struct tally {
    int64_t of[LIMIT_MEASURES];
};

/* The local day of a moment, in days since 1970. */
int64_t local_day(const struct tier_member *member, moment at);
/* The first moment after it; MOMENT_NEVER at the end of the calendar. */
moment day_end(const struct tier_member *member, int64_t day);
/* The anniversary of `joined` in a year: 29 February is the 28th in years without. */
int64_t anniversary(const struct tier_member *member, int year);
/* The anniversary after a day. */
int64_t next_anniversary(const struct tier_member *member, int64_t day);

/* The window of a day: its first, INT64_MIN all; and where it is one of the calendar or of the
 * membership the last for which it is the same, else INT64_MAX. */
int64_t window_first(const struct tier_member *member, const struct tier_climb *climb, int64_t day);
int64_t window_last(const struct tier_member *member, int64_t day);

/* What counts of the days first..last for somebody who has climbed so: never before its start,
 * and of the start less its offset. */
bool tally_days(const struct tier_member *member, const struct tier_climb *climb, int64_t first,
                int64_t last, struct tally *tally, struct error *error);
/* The same of the window of a day. */
bool tally_window(const struct tier_member *member, const struct tier_climb *climb, int64_t day,
                  struct tally *tally, struct error *error);

/* A sum does not fit. Returns false. */
bool beyond_units(const struct tier_member *member, unsigned measure, struct error *error);

/* The first alternative that is reached; NULL none is. */
const struct demands *alternative_reached(const struct requirement *requirement,
                                          const struct tally *tally);
/* The highest level above `floor` and below `ceiling` whose `from` is reached; else `floor`. */
unsigned highest_from(const struct tiers *tiers, const struct tally *tally, unsigned floor,
                      unsigned ceiling);

/* What is reached. */
const struct tier_climb *last_climb(const struct tier_state *state);
/* The level is the higher of what is reached and what is held; where it moves, since then. */
void settle(struct tier_state *state, moment now);
/* Counting anew from a day: nothing of before. */
void count_anew(struct tier_climb *climb, int64_t day);

/* Date the next review of what is reached: the first that is not over. */
bool date_review(const struct tier_member *member, struct tier_state *state, moment now,
                 struct error *error);
/* When what counts now will be reset by time; of the first level also while nothing is due,
 * since nothing counts. */
moment next_reset(const struct tier_member *member, const struct tier_state *state, moment now);
/* Something has counted: a date of the first level, or of one that is reviewed continuously. */
bool renew_review(const struct tier_member *member, struct tier_state *state,
                  const struct tally *tally, moment now, enum tier_change *change,
                  struct error *error);
/* While a grace runs: is it over because `keep` is reached? */
bool try_grace(const struct tier_member *member, struct tier_state *state, moment now,
               enum tier_change *change, struct error *error);

#endif
