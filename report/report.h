/* Reports: questions about the books, answered from the facts alone.
 *
 * The idea to hold: every report is a pure function of two arguments. `known_at`
 * says which records are known (the first so many of the log), `as_of` up to which
 * day they count. The same two give the same bytes for ever, whatever is recorded
 * later; SPEC.md "Reports" says how each record is dated. Nothing here writes. */
#ifndef LOYALTY_REPORT_H
#define LOYALTY_REPORT_H

#include <cjson/cJSON.h>

#include "evidence.h"

enum report_format { FORMAT_JSON, FORMAT_TABLE, FORMAT_CSV };

/* What a request may say; an empty text says nothing. */
struct report_options {
    struct text name;           /* liability, rollforward, breakage, ...: report.c */
    struct text as_of;          /* YYYY-MM-DD; default: today */
    struct text known_note;     /* a signed checkpoint of this log ... */
    int64_t known_size;         /* ... or a number of records; -1: all */
    struct text period;         /* YYYY-MM */
    struct text from, until;    /* first and last month, YYYY-MM; of tills and exceptions: day */
    struct text member;         /* statement: whose */
    struct text month;          /* statement: YYYY-MM */
    struct text format;         /* "json" (default), "table", "csv" */
    int64_t most;               /* exceptions: purchases of a day; tiers: members; -1: not said */
    struct text within;         /* tiers: a span; who is about to fall, or near to climb */
    struct text anchor, policy; /* integrity: as for verify */
    int64_t width;              /* statement as a table: columns of text; 0: 80 */
    struct watch watch;         /* may stop the walk over the records */
};
struct report_writer {
    int (*write)(void *context, const char *bytes, size_t length); /* 0 is success */
    void *context;
};

/* A table or CSV goes to the writer; *answer then only says what was asked. */
bool report_run(struct ledger *ledger, const struct report_options *options,
                const struct report_writer *writer, cJSON **answer, struct error *error);
bool report_statement(struct ledger *ledger, const struct report_options *options,
                      const struct report_writer *writer, cJSON **answer, struct error *error);
/* A journal of plain-text accounting, one transaction per record. */
bool report_hledger(struct ledger *ledger, const struct report_options *options,
                    const struct report_writer *writer, cJSON **answer, struct error *error);

#endif
