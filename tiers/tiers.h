/* Tiers: which level a member is of, what becomes of it by time, and what is missing.
 *
 * Pure: levels, what has counted on which day, and a moment. No store, no clock, no
 * JSON. What has counted is asked for through one function, so that whoever calls need
 * not gather years of it. SPEC.md section 22 is the normative description; names there
 * and here are the same.
 *
 * A state is a value. Every function takes the state that was and leaves the one that
 * is; none looks at how it came about. Computing step by step must give what computing
 * from scratch gives. Levels and measures are indexes into programme->tiers. */
#ifndef LOYALTY_TIERS_H
#define LOYALTY_TIERS_H

#include "programme.h"

/* What has counted, by measure and local day (days since 1970). */
struct tier_history {
    /* The sum over days first..last, both; INT64_MIN and INT64_MAX stand for ever. Of a measure
     * of days how many of them have any. */
    bool (*sum)(void *context, unsigned measure, int64_t first, int64_t last, int64_t *sum,
                struct error *error);
    void *context;
};

/* Who is judged, by which levels. */
struct tier_member {
    const struct programme *programme; /* in force at the moment of judgement; it has tiers */
    moment joined;
    struct tier_history history;
};

struct tier_climb {
    unsigned level;
    moment since;
    int64_t seq;                    /* the record that did it; -1 none */
    int64_t start;                  /* what counts from this day on; 0 from ever */
    int64_t offset[LIMIT_MEASURES]; /* ... less this, of that day */
    moment review;                  /* of one over which there is another: what was due of it */
    int64_t graced;                 /* ... likewise */
};

/* A member's level. */
struct tier_state {
    unsigned level; /* the higher of what is reached and what is held */
    moment since;
    moment review;  /* the next judgement; MOMENT_NEVER */
    int64_t graced; /* the last day that missed `keep`, while its grace runs; else 0 */
    struct tier_climb climbs[LIMIT_LEVELS + 1]; /* since the last review; the last is reached */
    size_t climb_count;                         /* at least 1 */
    moment holds[LIMIT_LEVELS];                 /* until when a level is held; 0 it is not */
};

/* What a step did. */
enum tier_change {
    TIER_SAME,    /* nothing to record */
    TIER_COUNTED, /* only a date */
    TIER_CLIMBED, /* the level reached is higher, perhaps below one that is held */
    TIER_KEPT,
    TIER_GRACE,
    TIER_FELL,
    TIER_ENDED,
    TIER_UNDONE,
    TIER_CHANGED
};

/* Of somebody for whom nothing has counted: the first level since they joined. */
void tier_begin(const struct tier_member *member, struct tier_state *state);

/* Something has counted (more or less than before) in record `seq`, or will: judged upward,
 * and whether a grace is over. The history has it already. */
bool tier_count(const struct tier_member *member, struct tier_state *state, moment now, int64_t seq,
                enum tier_change *change, struct error *error);
/* Something came back, and the programme judges that at once: climbs that it undoes,
 * the last one first; *undone[] are the climbs taken off, with their records, *count of them.
 * Then as tier_count(). */
bool tier_lower(const struct tier_member *member, struct tier_state *state, moment now, int64_t seq,
                struct tier_climb undone[LIMIT_LEVELS], size_t *count, enum tier_change *change,
                struct error *error);

/* When the next thing happens by time alone; MOMENT_NEVER. */
moment tier_due(const struct tier_state *state);
/* Let happen what is due by this moment, one thing: the end of a hold (the lowest level's
 * first), else the review or the end of a grace. TIER_SAME: nothing was. */
bool tier_elapse(const struct tier_member *member, struct tier_state *state, moment due,
                 enum tier_change *change, struct error *error);
/* A version with `requalify` comes into force. */
bool tier_requalify(const struct tier_member *member, struct tier_state *state, moment from,
                    enum tier_change *change, struct error *error);

/* A decision or an action. Reached anew, where the level is above the one reached (else
 * TIER_SAME); climbs before are settled. Held until a moment; 0 ends the hold. */
bool tier_reach(const struct tier_member *member, struct tier_state *state, unsigned level,
                moment now, int64_t seq, enum tier_change *change, struct error *error);
void tier_hold(const struct tier_member *member, struct tier_state *state, unsigned level,
               moment until, moment now);
/* Of two who become one: holds joined, the higher level reached; then tier_count(). */
void tier_join(struct tier_state *into, const struct tier_state *from);

/* The level a member would be of after a purchase that counts `more` of each measure on a
 * day, now: for `crossing`, before anything is recorded. */
bool tier_after(const struct tier_member *member, const struct tier_state *state, moment now,
                int64_t day, const int64_t more[LIMIT_MEASURES], unsigned *level,
                struct error *error);

/* --- What members are told ---------------------------------------------------- */

struct tier_missing {
    int64_t units[LIMIT_MEASURES]; /* 0: nothing is missing of it */
    bool possible;                 /* false: this level is not reached by measure */
};
struct tier_view {
    int64_t values[LIMIT_MEASURES]; /* what counts now */
    moment until;                   /* the level may be lost then; MOMENT_NEVER */
    int next;                       /* the next higher level; -1 at the top */
    struct tier_missing to_next, to_keep;
    bool can_lose;            /* to_keep and keep_by say something */
    int64_t next_by, keep_by; /* the last day on which it helps; INT64_MAX none */
};
bool tier_look(const struct tier_member *member, const struct tier_state *state, moment now,
               struct tier_view *view, struct error *error);
/* Whether what counts now reaches the `from` of a level. */
bool tier_reaches(const struct tier_member *member, const struct tier_state *state, unsigned level,
                  moment now, bool *reached, struct error *error);

/* What one basket counts for: 1 or 0 receipts, of what is left of it. */
int64_t tier_visits(const struct measure *measure, int64_t amount);

#endif
