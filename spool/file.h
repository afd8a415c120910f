/* A spool on the disk: opened, locked, read whole, added to by one line at a time.
 *
 * Two locks, on bytes that the file need not have. The pen is held while the file is
 * read and a line added, which is short, so that a till can spool while a replay
 * goes on. The turn is held through a whole replay: two at once would send
 * everything twice, which no ledger minds, and mark it twice. */
#ifndef LOYALTY_SPOOL_FILE_H
#define LOYALTY_SPOOL_FILE_H

#include "format.h"

enum spool_use {
    SPOOL_LOOK, /* read; nothing is changed, not even a torn line */
    SPOOL_ADD,  /* made where it is not there */
    SPOOL_MARK  /* must be there */
};

struct spool_file {
    const char *path;
    int descriptor;
    struct arena arena;
    struct text bytes;
    struct spool spool; /* as it was read; after an append read it again */
};

/* Take the pen, read, cut off what is torn. ERROR_BUSY after so long. On ERROR_SPOOL_DAMAGED
 * the lines before the damage are in file->spool; close it in any case. */
bool spool_open(struct spool_file *file, const char *path, enum spool_use use,
                int busy_milliseconds, struct error *error);
/* One line behind all others, on the disk when this returns true; else the file is as
 * it was. */
bool spool_append(struct spool_file *file, struct text line, struct error *error);
void spool_close(struct spool_file *file);

/* The turn to replay, until the descriptor is closed; -1 with ERROR_BUSY where another
 * process has it. */
int spool_take_turn(const char *path, struct error *error);

#endif
