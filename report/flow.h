/* Flows: what the heads say, dated as the books see it.
 *
 * Reports never read postings. A head is turned into flows of points between two
 * accounts, each with the moment at which it counts, and each report is nothing
 * but a sum of flows. The rules of dating are here and nowhere else (SPEC.md
 * "What counts when"):
 *
 * - A flow counts at its record's business time, `at`.
 * - What leaves a lot's account counts never before what came in there: so at no
 *   moment is there less than nothing of a lot.
 * - Points lapse at the last moment before their date.
 * - What is recorded after a month was closed counts in the first open one.
 *
 * What no record says yet, because nobody has touched the wallet since, is said by
 * the records that advancing would write: see book.h. */
#ifndef LOYALTY_REPORT_FLOW_H
#define LOYALTY_REPORT_FLOW_H

#include "view.h"

struct book;
struct book_lot;
struct book_wallet;

struct flow {
    const struct book *book;
    const struct book_wallet *wallet;
    const struct head *head;
    unsigned currency;          /* index into view.points */
    const struct book_lot *lot; /* NULL: a debt, and what settles one at once */
    bool is_birth;              /* the lot was made by this */
    bool is_lapse;              /* what time alone does */
    bool is_late;               /* dated in a month that was closed when it was recorded */
    enum account account, against;
    int64_t amount; /* what `account` gains and `against` loses; point units */
    moment at;      /* when it counts */
    moment dated;   /* when it was; `at` unless late */
};
typedef bool flow_reader(void *context, const struct flow *flow, struct error *error);

/* What the wallet as a whole gains by it. */
static inline int64_t flow_gain(const struct flow *flow)
{
    return (account_is_wallets(flow->account) ? flow->amount : 0) -
           (account_is_wallets(flow->against) ? flow->amount : 0);
}

/* Enter the flows of one head; those that count by the view's day are handed on. */
bool flows_of(struct book *book, const struct head *head, flow_reader *each, void *context,
              struct error *error);

#endif
