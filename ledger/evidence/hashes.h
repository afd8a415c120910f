/* The log as a tree: leaf hashes made of stored heads, and the stored roots of
 * complete tiles. The latter are a projection and may have been tampered with, so
 * whatever is made of them is checked against a signed root before it is used. */
#ifndef LOYALTY_HASHES_H
#define LOYALTY_HASHES_H

#include "entry.h"
#include "ledger_private.h"
#include "merkle.h"

/* Valid within the ledger's transaction. */
struct hash_source ledger_hashes(struct ledger *ledger);

/* A view of a stored row. */
struct entry entry_of_row(const struct record_row *row);

#endif
