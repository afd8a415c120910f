/* Import: a retailer's CSV of receipt lines becomes purchases and returns.
 *
 * The room knows CSV, the mapping and requests, and nothing of points: it hands
 * batches to ledger_execute() and reads what became of them. Whether a receipt
 * is new, known, or to be refused is the ledger's word alone, so that an import
 * can be stopped anywhere and run again. SPEC.md "Import" is normative. */
#ifndef LOYALTY_IMPORT_H
#define LOYALTY_IMPORT_H

#include <cjson/cJSON.h>

#include "error.h"
#include "ledger.h"
#include "limits.h"
#include "memory.h"

/* Where bytes come from and go to: the members of struct loyalty_io that an
 * import uses. `read` must be there; the others may be NULL. */
struct import_io {
    void *context;
    /* Up to `capacity` bytes; 0 at the end, -1 on a fault. */
    int64_t (*read)(void *context, char *bytes, size_t capacity);
    /* The rejects file, as CSV; 0 is success. Never called if nothing is rejected. */
    int (*write_reject)(void *context, const char *bytes, size_t length);
    /* Bytes read so far; total is always 0, as only the caller can know it. Not 0
     * stops the import: ERROR_INTERRUPTED. */
    int (*progress)(void *context, int64_t done, int64_t total);
};

enum { IMPORT_ERROR_CODES = ERROR_BUSY + 1 }; /* BUSY is the table's last */

struct import_points { /* of one points currency, in its units */
    char currency[LIMIT_ID + 1];
    unsigned scale;
    int64_t issued, taken_back; /* by what this run added */
};

struct import_summary {
    /* The file. */
    int64_t lines, receipts;
    int64_t lines_without_member, receipts_without_member;
    int64_t lines_earning_nothing;  /* of members, with a SKU of "earns_nothing" */
    int64_t return_lines_matched;   /* with all of their quantity */
    int64_t return_lines_unmatched; /* wholly or in part: rejected */
    int64_t return_lines_deducted;  /* wholly or in part unmatched: deducted all the same */
    int64_t rejected_lines, rejected_receipts;
    int64_t rejected_by[IMPORT_ERROR_CODES]; /* lines by code */
    /* What this run added. */
    int64_t purchases, purchases_known; /* known: recorded before */
    int64_t returns, returns_known;
    int64_t returns_held_before; /* held until a purchase of this file came */
    int64_t members_enrolled;
    int64_t records;
    struct import_points points[LIMIT_CURRENCIES];
    size_t points_count;
};

/* Run an import. The request is the JSON object of SPEC.md "Import"; json_check
 * has passed it. On failure whole batches are recorded, others are not, and
 * running it again goes on from there. The summary is filled in either case. */
bool import_run(struct ledger *ledger, struct text request, const struct import_io *io,
                struct import_summary *summary, struct error *error);

/* The members of the answer, but "ok": an import that fails tells what it had done,
 * too. cJSON_Delete it. */
cJSON *import_answer(const struct import_summary *summary);

#endif
