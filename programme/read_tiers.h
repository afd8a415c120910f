/* What the readers of "tiers" share: what is counted (read_measures.c), one level
 * (read_level.c), and the whole (read_tiers.c). */
#ifndef LOYALTY_PROGRAMME_READ_TIERS_H
#define LOYALTY_PROGRAMME_READ_TIERS_H

#include "read.h"

/* As it is being read: levels that say nothing of reviews are reviewed as "tiers" says. */
struct tiers_draft {
    struct tiers tiers;
    struct tier_level every; /* what of reviews "tiers" says */
    bool by_measure;         /* some level is reached or kept by what is counted */
    bool window_known;
    bool single;             /* "measure": its values need no name */
    bool requirements_known; /* what is counted was read: values can be judged */
};

value_reader read_measure;     /* into a struct tiers_draft */
value_reader read_measures;    /* into a struct tiers_draft */
value_reader read_requirement; /* field: struct requirement; none where it is faulty */
value_reader read_review;      /* field: struct review */
/* The n-th level; those before it have been read. */
void read_level(struct walk *walk, const struct place *place, struct tiers_draft *draft,
                size_t index);
/* Of what `place`, a level or "tiers", says itself of reviews. */
void check_review(struct walk *walk, const struct place *place, const struct tiers_draft *draft,
                  const struct tier_level *level);
extern const struct choice at_review_choice, on_review_choice;

/* Does whoever reaches `more` reach `less` by that? */
bool demands_within(const struct demands *less, const struct demands *more);
/* The n-th alternative of a requirement, for faults. */
struct place alternative_place(const struct place *requirement, size_t n);

#endif
