/* One receipt in the making: its rows become one request. */
#ifndef LOYALTY_IMPORT_RECEIPT_H
#define LOYALTY_IMPORT_RECEIPT_H

#include "layout.h"
#include "request.h"

/* What every receipt of a file is read by. */
struct sheet {
    const struct mapping *mapping;
    const struct programme *programme;
    struct layout layout;
    enum unmatched_policy unmatched;
    bool accept_clock;
    bool keeps_lines;   /* purchases carry their lines: something may ask for them */
    bool keeps_nobodys; /* a receipt that names no member is a sale like others */
};

enum receipt_kind {
    RECEIPT_SALE,
    RECEIPT_RETURN,
    RECEIPT_ANONYMOUS, /* no row names a member: counted, nothing else */
    RECEIPT_FAULTY     /* `fault` says why: no row of it is recorded */
};

struct receipt {
    struct text number, store, till, part, time, member; /* as in the rows */
    kept_row **rows;
    struct request_line *lines; /* beside rows; magnitudes */
    size_t count, capacity;
    int64_t amount; /* of all lines */
    size_t bytes;   /* that its rows take */
    moment at;
    int64_t first_row, last_row; /* in the file, from 1 */
    bool spilled;                /* beyond all measure: its rows went to the rejects */
    bool marked;                 /* as a return, by prefix or column */
    bool positive, negative;     /* it has such lines */
    bool broken; /* a row has another number of cells: nothing in it can be trusted */
    bool has_fault;
    size_t fault_row; /* index into rows */
    struct error fault;
};

/* Forget the receipt, keep the memory. */
void receipt_begin(struct receipt *receipt);
void receipt_free(struct receipt *receipt);

/* Does the row name this receipt? */
bool receipt_is_of(const struct receipt *receipt, const struct sheet *sheet, const struct row *row);
void receipt_add(struct receipt *receipt, const struct sheet *sheet, const struct row *row);

/* The receipt is complete. Of a sale or a return, fill the request; its texts and
 * lines lie in the arena, and in the kept rows. */
enum receipt_kind receipt_close(struct receipt *receipt, const struct sheet *sheet,
                                struct arena *arena, struct request *request);

/* What identifies it in the ledger: RECEIPT of SPEC.md section 4. */
struct text receipt_whole_identity(const struct receipt *receipt, const struct sheet *sheet,
                                   struct arena *arena);

/* The number of the rows' next part: "" is the first, then "2", "3", ... */
struct text receipt_next_part(struct text part, struct arena *arena);

#endif
