/* Reading ahead: a thread of its own reads the records while the caller checks those
 * before; while it is well ahead, it hashes their bodies, too, so that both have half.
 *
 * The caller cannot tell it from a walk: the same records in the same order, in its own
 * thread, and the first fault is the first. There is one connection, hence one moment of
 * the ledger; the caller leaves it alone until the walk ends. */
#ifndef LOYALTY_AHEAD_H
#define LOYALTY_AHEAD_H

#include "entry.h"
#include "store.h"

typedef bool entry_taker(void *context, const struct entry *entry, struct error *error);

/* As store_each_record, from `from` to the end; of some `expected` records, and few are
 * not worth a thread. Memory does not grow with the length. */
bool entries_ahead(struct store *store, int64_t from, int64_t expected, entry_taker *take,
                   void *context, struct error *error);

#endif
