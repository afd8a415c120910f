/* Tiers within an operation: what counts, what comes of it, and what the record says. The
 * judgement itself is tiers/; here is what it looks at, and how it is recorded. */
#ifndef LOYALTY_TIERING_H
#define LOYALTY_TIERING_H

#include "basket.h"
#include "tiers.h"

/* --- counting.c: what counts ---------------------------------------------------- */

/* What a basket counts for, by measure of a programme. */
struct counted {
    int64_t of[LIMIT_MEASURES];
};

/* With what it earned, by currency of the programme. Nothing without tiers. */
bool count_basket(const struct programme *programme, const struct basket_line lines[], size_t count,
                  const int64_t earned[LIMIT_CURRENCIES], struct counted *counted,
                  struct error *error);
/* What one state of a basket counts more than another, of which `assessed` was the difference
 * in points. */
bool count_between(const struct programme *programme, const struct basket_line was[],
                   const struct basket_line rest[], size_t count,
                   const int64_t assessed[LIMIT_CURRENCIES], struct counted *counted,
                   struct error *error);
/* Enter it into a head, for the local day of a moment, by the measures of a programme; times
 * `sign`, 1 or -1. */
void head_count(struct context *context, struct head *head, const struct programme *programme,
                const struct counted *counted, moment at, int sign);
/* The same of one measure by its key, where the programme counts it. */
void head_count_one(struct context *context, struct head *head, const struct programme *programme,
                    enum measure_kind kind, struct text of, int64_t amount, moment at);
/* A further entry of "count". */
void head_add_count(struct context *context, struct head *head, const struct count *count);

/* What has counted for a member: by the folded records and by a head that is not yet. */
struct counting {
    struct context *context;
    const struct head *head;
    const struct tiers *tiers;
    uint64_t member;
};
struct tier_history counting_history(struct counting *counting);

/* --- levels.c: the level as it is recorded -------------------------------------------- */

/* Has any version tiers? */
bool ledger_has_tiers(const struct ledger *ledger);
/* Where a level of any version stands in this one: it, what takes its place, or what it takes the
 * place of; the first level where nothing does. */
unsigned level_place(const struct ledger *ledger, struct arena *arena,
                     const struct programme *programme, struct text id);
/* A level as it is recorded ("tier" of a head, or of a row), read for the levels of a programme;
 * empty: the first level since they joined. */
bool tier_read(const struct ledger *ledger, const struct programme *programme, struct text written,
               moment joined, struct arena *arena, struct tier_state *state, struct error *error);
void tier_write(struct context *context, const struct programme *programme,
                const struct tier_state *state, enum tier_cause cause, struct tier_value *value);
/* The level that the context's member held at a moment: index into the levels of a version;
 * -1 where that has no tiers, or nobody is meant. */
bool level_at(struct context *context, const struct version *version, moment at, int *level,
              struct error *error);
/* The level by which a head valued a sale, for its version. */
int level_of_head(const struct programme *programme, const struct head *head);

/* --- judging.c: a member's level within one record -------------------------------------- */

struct judging {
    struct context *context;
    struct head *head;
    const struct version *version; /* by whose levels; NULL: it has none, there is nothing to do */
    moment now;
    struct counting counting;
    struct tier_member member;
    struct tier_state before, state;
    bool recorded; /* the member had a level recorded */
    struct tier_climb undone[LIMIT_LEVELS];
    size_t undone_count;
    const struct head *voided; /* an action whose entry reward goes, too; NULL: none */
};
/* The context's member, by the version in force at `now`; what the head counts is counted. */
bool judging_begin(struct judging *in, struct context *context, struct head *head, moment now,
                   struct error *error);
/* What came of it goes into the head: the level, entry rewards, what a fall lets lapse. A
 * refusal (return_shortfall, overflow) is possible; after it only the head is to be written. */
bool judging_end(struct judging *in, struct movements *movements, enum tier_cause cause,
                 struct error *error);

/* What has counted is judged after what was decided about the level, with its cause (CAUSE_COUNTED:
 * nothing was); then as above, where anything came of it. */
bool judging_rest(struct judging *in, struct movements *movements, enum tier_cause decided,
                  struct error *error);

/* All of it, after something has counted: an operation that counts calls it last. */
bool judge(struct context *context, struct head *head, struct movements *movements,
           struct error *error);

/* What a record says of a change. */
enum tier_cause cause_of(enum tier_change change);

/* --- levels_in_time.c --------------------------------------------------------------------- */

/* When something becomes of a level by time, by what a row says of it: versions that judge anew
 * considered. */
moment level_due(const struct ledger *ledger, moment due, moment judged);
/* When the next thing happens to the levels of those who share the wallet; MOMENT_NEVER. */
bool tiers_due(struct context *context, moment *due, struct error *error);
/* Let what is due by a moment happen to one of them, as an elapse record; *done: there was
 * something. */
bool tiers_elapse(struct context *context, moment due, bool *done, struct error *error);

/* --- op_action.c ------------------------------------------------------------------------ */

/* What an action let its member hold is held as if it had not been, unless an operator has
 * decided since; *back: that moves anything. */
bool take_ways_back(struct judging *in, const struct head *action, bool *back, struct error *error);

#endif
