/* Rows of a CSV file: bytes in, in pieces of any size; rows of cells out.
 *
 * Every cell is copied once, out of the parser into the store of rows, where it
 * stays until nobody needs it: the lines of a request point into it, and a row
 * that is rejected is written from it, byte for byte as it came (encodings are
 * decoded beside it, never instead of it). */
#ifndef LOYALTY_IMPORT_ROWS_H
#define LOYALTY_IMPORT_ROWS_H

#include <csv.h>
#include <iconv.h>

#include "mapping.h"

/* A row as the store keeps it: the number of cells (32 bits), then each cell's
 * length (32 bits) and bytes. */
typedef const char kept_row;
size_t kept_row_count(kept_row *row);
/* The cell at *at, which starts at NULL and moves to the next one. */
struct text kept_row_next(kept_row *row, const char **at);

struct row {
    kept_row *kept;
    const struct text *cells; /* in UTF-8 where `readable`, else as they came */
    size_t count;
    int64_t number; /* in the file, from 1, the header included */
    bool plain;     /* nothing but ASCII */
    bool readable;  /* well-formed in the encoding that the mapping names */
};

struct rows;
/* False stops the reading; *error says why. */
typedef bool row_taker(void *context, const struct row *row, struct error *error);

struct row_chunk;
struct rows {
    struct csv_parser parser;
    enum encoding encoding;
    iconv_t decoder; /* (iconv_t)-1 for UTF-8 */
    row_taker *take;
    void *context;
    struct row_chunk *chunks; /* the newest first; rows are added to it */
    size_t kept_bytes;        /* in all chunks */
    size_t growing;           /* bytes of the row in the making */
    uint32_t *lengths;        /* of the cells of that row */
    struct text *raw, *decoded;
    size_t count, capacity;
    struct row row;        /* the one that `take` sees */
    unsigned char mark[3]; /* the first bytes, until they are known to be no BOM */
    size_t mark_length;
    bool started, has_mark, failed;
    struct error *error; /* of the call in progress */
};

bool rows_open(struct rows *rows, const struct mapping *mapping, row_taker *take, void *context,
               struct error *error);
bool rows_feed(struct rows *rows, const char *bytes, size_t length, struct error *error);
/* The end of the file: what is still open is a row, or a fault. */
bool rows_finish(struct rows *rows, struct error *error);
/* Forget the rows before this one. Memory goes in large pieces: what is in the
 * piece that holds the row, and after it, stays where it is. */
void rows_forget_before(struct rows *rows, kept_row *row);
void rows_close(struct rows *rows);

#endif
