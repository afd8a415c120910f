/* The high-water mark: the newest checkpoint that was written here, kept outside of the
 * database. A database that was put back to an earlier state lacks what the mark has. */
#ifndef LOYALTY_HIGHWATER_H
#define LOYALTY_HIGHWATER_H

#include "checkpoint.h"
#include "error.h"

struct ledger;

/* A note of ours is shorter: an origin of 128 bytes twice, a size, a root, a signature. */
enum { HIGHWATER_BYTES = 512 };

struct highwater {
    const char *folder;         /* of the user's state; NULL: no mark is kept */
    const char *path;           /* the mark's file */
    int file;                   /* -1 while it is not open */
    char seen[HIGHWATER_BYTES]; /* what stood there when it was judged, or written, last */
};

/* What a signed state from outside is to this log. */
enum standing {
    STANDING_UNSIGNED,   /* not one that our key has signed: it says nothing */
    STANDING_HELD,       /* the log grew out of it */
    STANDING_AHEAD,      /* it has more records than the log */
    STANDING_GIVEN_UP,   /* it is lost, and a recover record says so */
    STANDING_CONTRADICTS /* as many records, but others */
};
/* Within a transaction. */
bool ledger_standing(struct ledger *ledger, struct text note, struct checkpoint *checkpoint,
                     enum standing *standing, struct error *error);
/* Fail with ERROR_FORK for a note that contradicts, or with ERROR_NOT_VERIFIED where it is the
 * database that does not fit what it signed itself. */
bool ledger_fork(struct ledger *ledger, struct text note, const char *field, struct error *error);

void highwater_begin(struct ledger *ledger);
void highwater_end(struct highwater *mark);
/* Within a write transaction: ERROR_LEDGER_RESTORED, ERROR_FORK. */
bool highwater_check(struct ledger *ledger, struct error *error);
/* After a commit. It never fails: a mark that is too old only notices less. */
void highwater_raise(struct ledger *ledger);
/* As it stands in its file, in the arena; empty where there is none. */
struct text highwater_note(struct ledger *ledger, struct arena *arena);
/* For a restore: a checkpoint that a till brought becomes the mark, if it is ahead of it. */
void highwater_put(struct ledger *ledger, struct text note);

#endif
