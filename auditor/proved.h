/* One record out of a proof file, and what must hold of it: for a proof that is
 * checked by itself, and for the programme versions of a bundle. */
#ifndef LOYALTY_PROVED_H
#define LOYALTY_PROVED_H

#include "checkpoint.h"
#include "entry.h"
#include "proof.h"

/* The record in the file's "extra", with its head. ERROR_INVALID_PROOF. */
bool proved_read(const struct proof_file *file, struct arena *arena, struct entry *entry,
                 struct error *error);
/* It leads to the checkpoint's root, and holds by itself. ERROR_NOT_VERIFIED. */
bool proved_check(const struct proof_file *file, const struct entry *entry, bool without_body,
                  const struct checkpoint *checkpoint, struct arena *arena, struct head *head,
                  struct error *error);

#endif
