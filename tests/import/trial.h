/* An import of a text, and everything that can be seen of it. */
#ifndef LOYALTY_TESTS_TRIAL_H
#define LOYALTY_TESTS_TRIAL_H

#include "fake_ledger.h"
#include "import.h"

struct trial {
    const char *mapping;   /* the document */
    const char *unmatched; /* NULL: not given */
    size_t piece;          /* bytes a read gives; 0: all it can */
    int stop_after;        /* calls of progress; 0: never */
    /* Results. */
    bool done;
    struct error error;
    struct import_summary summary;
    struct buffer rejects;
};

void trial_run(struct trial *trial, struct ledger *ledger, struct text csv);
void trial_free(struct trial *trial);

/* Run and compare what the ledger recorded, the rejects file, and how it ended
 * ("" or the error's code). */
void expect_import(const char *what, struct trial *trial, struct ledger *ledger, const char *csv,
                   const char *log, const char *rejects);

void expect_equal(const char *what, const char *expected, const struct buffer *actual);

#endif
