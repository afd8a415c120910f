/* Signing keys lie in files of their own: one line in Go's note form, mode 0600. A
 * ledger's beside its database, a cosigner's wherever its owner keeps it. */
#ifndef LOYALTY_KEY_H
#define LOYALTY_KEY_H

#include "error.h"
#include "note.h"

/* Exclusively create the key file, mode 0600. */
bool key_file_create(const char *path, const struct signer *signer, struct error *error);
/* Read one: ERROR_KEY_MISSING, ERROR_KEY_EXPOSED (others may read), ERROR_KEY_WRONG (no
 * key at all). */
bool key_file_load(const char *path, struct signer *signer, struct error *error);
/* Read a ledger's: also ERROR_KEY_WRONG where it is another's. */
bool key_file_read(const char *path, struct text vkey, struct signer *signer, struct error *error);

#endif
