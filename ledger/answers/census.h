/* A census: everybody who is there, with their level as of a moment, in one pass.
 *
 * Most rows are as time left them. Those for whom something is due by then are advanced in a
 * working set, as `show` does it, and forgotten: so who asks for a million need not know the
 * rules of advancing, nor write anything. */
#ifndef LOYALTY_CENSUS_H
#define LOYALTY_CENSUS_H

#include "ledger_private.h"
#include "tiers.h"

struct census_member {
    uint64_t id;
    moment joined;
    struct text level, state; /* as of the moment; both empty: nothing has counted for them */
    const struct measure_row *measures; /* by day, where they were asked for */
    size_t measure_count;
    const struct head *const *heads; /* what time has done to their level, and nobody recorded */
    size_t head_count;
};
typedef bool census_reader(void *context, const struct census_member *member, struct error *error);

/* In the order of their ids; what a member has lives until the reader returns. Within a
 * transaction; `at` is not before the log's end. */
bool census(struct ledger *ledger, moment at, bool with_measures, census_reader *each,
            void *context, struct error *error);

/* What has counted for somebody, as tiers/ asks for it. */
struct census_counted {
    const struct census_member *member;
    const struct tiers *tiers;
};
struct tier_member census_judged(const struct census_member *member,
                                 const struct programme *programme, struct census_counted *counted);

#endif
