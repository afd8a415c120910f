/* Flows: what the heads say, dated as the books see it.
 *
 * Reports never read postings. A head is turned into flows of points between two
 * accounts, each with the moment at which it counts, and each report is nothing
 * but a sum of flows. The rules of dating are here and nowhere else:
 *
 * - A flow counts at the record's business time, `at`; one that touches a lot
 *   counts within the life of the lot, so never before it was earned nor after
 *   its last moment.
 * - A lot lapses at the last moment before its `expires`, whether or not a record
 *   says so yet. This needs no memory of lots: each flow of n points into a lot is
 *   followed by one of n points out of it, into `expired`, at the lot's last
 *   moment. What is left over of these is what lapses. The postings by which
 *   records confirm a lapse are therefore passed over. */
#ifndef LOYALTY_REPORT_FLOW_H
#define LOYALTY_REPORT_FLOW_H

#include "view.h"

/* In a record that only moves points about within wallets. */
#define ACCOUNT_WITHIN ACCOUNT_COUNT
enum { TALLY_ACCOUNTS = ACCOUNT_COUNT + 1 };

struct flow {
    const struct head *head;
    unsigned currency;         /* index into view.points */
    const struct lot_row *lot; /* NULL: a debt, and what settles one at once */
    bool is_birth;             /* the lot was made by this */
    bool is_lapse;             /* what time alone does */
    unsigned account, against; /* enum account, or ACCOUNT_WITHIN */
    int64_t amount;            /* what `account` gains and `against` loses; point units */
    moment at;                 /* when it counts */
};
typedef bool flow_reader(void *context, const struct flow *flow, struct error *error);

/* The flows of one head that count within the view. */
bool flows_of(struct view *view, const struct head *head, flow_reader *each, void *context,
              struct error *error);
/* Those of all known heads, in their order. */
bool view_each_flow(struct view *view, flow_reader *each, void *context, struct error *error);

/* When the lot's points go if nobody takes them: MOMENT_NEVER or its last moment. */
moment lot_last_moment(const struct lot_row *lot);

#endif
