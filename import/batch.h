/* A batch: receipts that go to the ledger in one commit, and what becomes of
 * them. */
#ifndef LOYALTY_IMPORT_BATCH_H
#define LOYALTY_IMPORT_BATCH_H

#include "rejects.h"

/* A receipt that waits for its commit; one with a fault waits only to be written
 * in its turn, so that the rejects stand in the order of the file. */
struct waiting {
    kept_row **rows;
    size_t count;
    int64_t request;      /* index; -1: it has a fault */
    enum error_code code; /* of the fault */
    size_t fault_row;
    struct text reason, part;
};

struct batch {
    struct ledger *ledger;
    enum ledger_mode mode;
    const struct sheet *sheet;
    struct rejects *rejects;
    struct import_summary *summary;
    struct arena arena; /* of everything below, and of the requests' lines */
    struct waiting *waiting;
    size_t waiting_count, waiting_capacity;
    struct request *requests;
    struct outcome *outcomes;
    size_t request_count, request_capacity;
};

/* The place for the next request: receipt_close() fills it. */
struct request *batch_next(struct batch *batch);
void batch_add(struct batch *batch, const struct receipt *receipt, enum receipt_kind kind);
bool batch_is_full(const struct batch *batch, size_t kept_bytes);
/* Commit, write the rejects, count, and forget. */
bool batch_commit(struct batch *batch, struct error *error);
void batch_free(struct batch *batch);

#endif
