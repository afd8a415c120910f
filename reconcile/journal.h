/* What the journal has named: its receipts, 16 bytes each, and on which days its tills
 * sold anything. */
#ifndef LOYALTY_RECONCILE_JOURNAL_H
#define LOYALTY_RECONCILE_JOURNAL_H

#include "id.h"
#include "map.h"

struct journal_till {
    struct text store, till;
    int64_t day;
};
struct journal {
    const struct keyed_hash *keyed;
    unsigned char (*receipts)[KEY_HASH_BYTES];
    size_t count, capacity;
    struct map tills;  /* struct journal_till, in the order of the file */
    struct map stores; /* which there are */
    struct arena arena;
};

void journal_add_receipt(struct journal *journal, const unsigned char receipt[KEY_HASH_BYTES]);
void journal_add_store(struct journal *journal, struct text store);
void journal_add_till(struct journal *journal, struct text store, struct text till, int64_t day);
/* All receipts are there: from now on they can be looked up. */
void journal_sort(struct journal *journal);
bool journal_has_receipt(const struct journal *journal,
                         const unsigned char receipt[KEY_HASH_BYTES]);
bool journal_has_store(const struct journal *journal, struct text store);
void journal_free(struct journal *journal);

#endif
