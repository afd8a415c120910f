/* The manifest of a bundle: which files it has, and what they hash to. */
#ifndef LOYALTY_MANIFEST_H
#define LOYALTY_MANIFEST_H

#include <stdbool.h>

#include "bundle.h"
#include "error.h"
#include "memory.h"
#include "sha256.h"

struct manifest {
    bool has[BUNDLE_FILES];
    unsigned char hash[BUNDLE_FILES][SHA256_BYTES];
};
extern const char *const bundle_names[BUNDLE_FILES];

/* Lines of 64 hexadecimal digits, two spaces and a name, in the order of enum
 * bundle_file, each at most once; "from" and "edge" only together, all others always.
 * ERROR_INVALID_BUNDLE. */
bool manifest_parse(struct text bytes, struct manifest *manifest, struct error *error);

#endif
