/* What the files of this room share. */
#ifndef LOYALTY_RECONCILE_PRIVATE_H
#define LOYALTY_RECONCILE_PRIVATE_H

#include "journal.h"
#include "reading.h"
#include "reconcile.h"
#include "trading.h"

enum { RECONCILE_DAYS = 1100 /* at most, at once: three years of tills */ };

struct reconcile_counts {
    int64_t receipts, equal, erased, missing, different, extra, silent;
    int64_t unreadable; /* receipts of the journal */
    int64_t returns;    /* of the journal: not compared */
    int64_t outside;    /* sales of the journal on other days */
    int64_t elsewhere;  /* the ledger's, of stores that the journal does not name */
};

struct reconciling {
    struct view view;
    struct mapping mapping;
    struct sheet sheet;
    struct reading reading;
    struct journal journal;
    struct arena arena;   /* of the mapping */
    struct arena scratch; /* of one receipt */
    int64_t first, last;  /* business days: as asked for, else as the journal goes */
    bool has_first, has_last;
    int64_t journal_first, journal_last; /* of the sales that were compared */
    bool any;
    bool members_only;
    struct reconcile_counts counts;
    const struct reconcile_io *io;
    struct buffer line; /* the finding in the making */
    bool failed;        /* while a receipt was looked at: `trouble` says why */
    struct error trouble;
};

/* --- finding.c: a line each, `send` the last of its members -------------------------- */

void finding_begin(struct reconciling *in, const char *finding);
void finding_text(struct reconciling *in, const char *name, struct text value);
void finding_number(struct reconciling *in, const char *name, int64_t value);
void finding_money(struct reconciling *in, const char *name, int64_t units);
void finding_moment(struct reconciling *in, const char *name, moment at);
/* "local": the same on the clocks of the programme's zone, for people. */
void finding_local(struct reconciling *in, moment at);
void finding_rows(struct reconciling *in, const struct receipt *receipt);
/* The request that mends it, as JSON; empty: there is none. */
void finding_send(struct reconciling *in, struct text request);
/* Hand it over. */
bool finding_end(struct reconciling *in, struct error *error);

/* --- compare.c ------------------------------------------------------------------------ */

/* A sale of the journal against the ledger's record of its receipt, if there is one. */
bool compare_sale(struct reconciling *in, const struct receipt *receipt,
                  const struct request *request, struct error *error);
/* A sale of the ledger that the journal does not have. */
bool report_extra(struct reconciling *in, const struct trading_sale *sale, struct error *error);
/* The hash of a receipt's identity, as heads have it. */
void receipt_hash(const struct reconciling *in, struct text identity,
                  unsigned char out[KEY_HASH_BYTES]);

#endif
