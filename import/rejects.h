/* The rejects file: rows as they came, and why they were not recorded, in a form
 * that can be mended and imported again with the same mapping. */
#ifndef LOYALTY_IMPORT_REJECTS_H
#define LOYALTY_IMPORT_REJECTS_H

#include "buffer.h"
#include "import.h"
#include "receipt.h"

struct rejects {
    const struct sheet *sheet;
    const struct import_io *io;
    struct buffer out;    /* not yet handed to the writer */
    struct buffer header; /* the kept header row; empty: the file has none */
    iconv_t encoder;      /* from UTF-8, for what we write ourselves; (iconv_t)-1: none needed */
    bool has_mark;        /* the file began with a byte-order mark */
    bool begun;
};

/* What is written instead of the row's own cells; an empty text leaves the cell. */
struct amendment {
    struct text quantity, amount, part;
};

bool rejects_open(struct rejects *rejects, const struct sheet *sheet, const struct import_io *io,
                  struct error *error);
void rejects_keep_header(struct rejects *rejects, const struct row *header);
void rejects_add(struct rejects *rejects, kept_row *row, const struct amendment *amendment,
                 enum error_code code, struct text reason);
/* Hand what was added to the writer. */
bool rejects_flush(struct rejects *rejects, struct error *error);
void rejects_close(struct rejects *rejects);

#endif
