/* What the readers of the programme document share. */
#ifndef LOYALTY_PROGRAMME_READ_H
#define LOYALTY_PROGRAMME_READ_H

#include "walk.h"

struct reading {
    struct programme *programme; /* so far; the tables say what is read first */
    struct text zone_bytes;
    bool money_known; /* the currency was read: amounts can be judged */
    /* Of the points being read: */
    bool scale_known;
    unsigned decimals; /* that an amount may have: as many as any, where that is not known */
    /* Where these could not be read, that fault is enough for whoever names one. */
    bool actions_known, levels_known;
    const struct tiers_draft *tiers; /* read_tiers.h */
    /* Of each points currency: the common denominator of its carry rules. */
    int64_t carried[LIMIT_CURRENCIES];
};

extern const struct shape filter_shape; /* into a struct line_filter */
value_reader read_name;                 /* into a struct localized */
value_reader read_points;               /* into a struct programme */
value_reader read_actions;              /* into a struct programme */
value_reader read_tiers;                /* into a struct programme */
value_reader read_earn;                 /* into a struct programme */
value_reader read_benefits;             /* into a struct programme */
value_reader read_members;              /* into a struct programme */
value_reader read_claims;               /* into a struct programme */
value_reader read_voids;                /* into a struct programme */
value_reader read_retention;            /* into a struct programme */
/* Once the whole document is read: nothing is kept for less long than it is needed. */
void check_retention(struct walk *walk, const struct place *root,
                     const struct programme *programme);
extern const struct shape operators_shape, approvals_shape; /* into a struct programme */
value_reader read_no_receipt;                               /* into a struct programme */

/* A list of texts, each once; sorted by bytes, because searching is what it is for. */
void read_texts(struct walk *walk, const struct place *place, size_t limit, struct text **texts,
                size_t *count);
/* Money above 0 in a string, in minor units; *units stays where the currency is unknown. */
void walk_money(struct walk *walk, const struct place *place, int64_t *units);
/* Which of the programme's points, actions, levels the string names, or with `of_name` the name
 * of the member; -1 and a fault. */
int walk_points_id(struct walk *walk, const struct place *place, bool of_name);
int walk_action_id(struct walk *walk, const struct place *place, bool of_name);
int walk_level_id(struct walk *walk, const struct place *place, bool of_name);
value_reader read_level_id; /* field: int */
/* "after" and "at", into a struct expiry. */
extern const struct shape dates_shape;
/* Decimals in a string, to the millionth. */
bool walk_millionths(struct walk *walk, const struct place *place, int64_t least, int64_t most,
                     const char *expected, int64_t *field);
/* Two things of one id could not be told apart: a fault where an earlier one has it. */
void check_own_id(struct walk *walk, const struct place *place, struct text id, const void *list,
                  size_t count, size_t size);
/* So many points, above 0: a whole number, or a decimal in a string. */
bool walk_points(struct walk *walk, const struct place *place, unsigned decimals, int64_t *units);
int64_t power_of_ten(unsigned exponent);

/* Where an object bounds a thing and the sum of such things: a thing beyond the sum's bound
 * could never be, so one of the two was not meant. */
void check_bounds(struct walk *walk, const struct place *place, const char *one_name, int64_t one,
                  const char *sum_name, int64_t sum);

#endif
