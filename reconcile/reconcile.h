/* Reconcile: the retailer's own journal of sales against the ledger.
 *
 * The idea to hold: the journal is read as an import reads it, but nothing is written;
 * each sale is looked up by its receipt, and then the ledger's sales of the same days
 * are looked up among those that were seen. What differs is told with the request that
 * mends it, where there is one. SPEC.md section 20 is normative. */
#ifndef LOYALTY_RECONCILE_H
#define LOYALTY_RECONCILE_H

#include <cjson/cJSON.h>

#include "error.h"
#include "ledger.h"

struct reconcile_io {
    void *context;
    int64_t (*read)(void *context, char *bytes, size_t capacity);  /* the journal */
    int (*write)(void *context, const char *bytes, size_t length); /* findings; may be NULL */
    int (*progress)(void *context, int64_t done, int64_t total);   /* may be NULL */
};
struct reconcile_options {
    struct text request;     /* the whole of it: its mapping is read where it stands */
    struct text from, until; /* business days; empty: those of the journal */
    bool members_only;       /* sales that name nobody are no business of this ledger */
};

/* The answer is made in either case: what was found until then. */
bool reconcile_run(struct ledger *ledger, const struct reconcile_options *options,
                   const struct reconcile_io *io, cJSON **answer, struct error *error);

#endif
