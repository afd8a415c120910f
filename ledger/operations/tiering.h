/* Tiers within an operation: what counts, what comes of it, and what the record says. The
 * judgement itself is tiers/; here is what it looks at, and how it is recorded. */
#ifndef LOYALTY_TIERING_H
#define LOYALTY_TIERING_H

#include "basket.h"
#include "tiers.h"

/* What a basket counts for, by measure of a programme. */
struct counted {
    int64_t of[LIMIT_MEASURES];
};

/* A member's level as it is recorded, read for the levels of a version; of somebody without one
 * the first since they joined. False only on a fault. */
bool tier_load(struct context *context, const struct programme *programme, struct member *member,
               struct tier_state *state, struct error *error);
/* The level that the loaded member held at a moment: index into the levels of a version; -1
 * where that has no tiers, or nobody is loaded. */
bool level_at(struct context *context, const struct version *version, moment at, int *level,
              struct error *error);

/* What a basket counts for, with what it earned by currency. */
bool count_basket(const struct programme *programme, const struct basket_line lines[], size_t count,
                  const int64_t earned[LIMIT_CURRENCIES], struct arena *arena,
                  struct counted *counted, struct error *error);
/* Enter it into a head, for a day of that programme's zone; take_back: with the opposite sign,
 * and only what `given` (NULL: all) had counted. */
void head_count(struct context *context, struct head *head, const struct programme *programme,
                const struct counted *counted, moment at, bool take_back, const struct head *given);

/* What has counted in this head, and all before, is judged as of now; what comes of it is put
 * into the head: the level, entry rewards, what falls lapse. Nothing where there are no tiers.
 * An operation that counts calls it last. */
bool judge(struct context *context, struct head *head, struct movements *movements,
           struct error *error);

/* When the next thing happens to the levels of those who share the wallet; MOMENT_NEVER. */
bool tiers_due(struct context *context, moment *due, struct error *error);
/* Let it happen, as an elapse record of its member; *done: there was something. */
bool tiers_elapse(struct context *context, moment due, bool *done, struct error *error);

#endif
