/* What the two files about levels share: tiers.c, members and moves; nearing.c, who is about to
 * fall or near to climb. */
#ifndef LOYALTY_REPORT_LEVELS_H
#define LOYALTY_REPORT_LEVELS_H

#include "census.h"
#include "kinds.h"
#include "tiering.h"

enum { NEARING = 100, NEARING_MOST = 10000 }; /* members of each kind that are told */

/* The levels of the version in force at the end of the day. */
struct levels {
    struct view *view;
    const struct programme *programme;
    const struct tiers *tiers;
    const struct programme **versions; /* up to that one */
    size_t version_count;
};
/* Of an older version, by what has taken its place since; -1 nothing has. */
int level_place_of(const struct levels *levels, struct text id);

/* Somebody who may move. */
struct mover {
    uint64_t member;
    unsigned level, to;
    int64_t day;                     /* the last on which it helps; INT64_MAX none */
    int64_t missing[LIMIT_MEASURES]; /* 0 nothing is */
    struct fraction share;           /* missing of what is asked for, of its worst measure */
};
struct movers {
    struct mover *list; /* those that lack least, in that order */
    size_t count, most;
    int64_t all; /* how many there are */
};
struct nearing {
    const struct levels *levels;
    moment now, horizon;
    struct arena scratch; /* of one member */
    struct movers falls, climbs;
};
bool nearing_begin(struct nearing *nearing, const struct levels *levels,
                   const struct report_options *options, struct error *error);
bool nearing_add(struct nearing *nearing, const struct census_member *member, struct error *error);
void nearing_write(struct nearing *nearing, struct sheet *sheet);
void nearing_end(struct nearing *nearing);

#endif
