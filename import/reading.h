/* Reading a journal: bytes of CSV become rows, rows become receipts, and each receipt
 * goes, complete, to whoever reads it: an import, or a reconciliation. */
#ifndef LOYALTY_IMPORT_READING_H
#define LOYALTY_IMPORT_READING_H

#include "import.h"
#include "receipt.h"

enum { READ_BYTES = 64 * 1024, OPEN_MOST = 32 };

struct reader {
    /* The first row of the file, once it is known where its cells stand. */
    void (*first)(void *context, const struct row *row);
    /* A receipt is complete. Its rows live until `settle` lets them go. */
    void (*receipt)(void *context, struct receipt *receipt);
    /* One that is too large to be kept: with its rows so far, then row by row. `named`: it,
     * or the row, names a member. */
    void (*too_large)(void *context, const struct receipt *receipt);
    void (*too_large_row)(void *context, const struct row *row, bool named);
    /* After each receipt: is the reader done with the rows that it was given? With `must` it
     * has to be. */
    bool (*settle)(void *context, bool must, size_t kept_bytes, bool *settled, struct error *error);
    void *context;
};

struct reading {
    const struct reader *reader;
    struct sheet *sheet;
    struct rows rows;
    struct receipt open[OPEN_MOST]; /* a ring */
    size_t first, count;            /* the oldest, and how many */
    struct receipt *latest;         /* whose row came last; NULL: none */
    size_t open_bytes;
    struct arena spilling; /* identities of receipts whose rows are gone */
    bool has_layout;
    int64_t lines, receipts; /* read */
    char bytes[READ_BYTES];  /* too many for a stack */
};

/* The mapping of a request, and whether it fits the programme in force: everything that
 * can be wrong before the first row. The mapping's texts lie in the arena. */
bool sheet_prepare(struct sheet *sheet, struct mapping *mapping, struct arena *arena,
                   struct ledger *ledger, struct text request, struct error *error);

/* The caller has set reader and sheet; reading_close() in any case. */
bool reading_open(struct reading *reading, struct error *error);
/* Read the file to its end. `stopped` is what to say where `progress` wants no more. */
bool reading_run(struct reading *reading, const struct import_io *io, const char *stopped,
                 struct error *error);
void reading_close(struct reading *reading);

#endif
