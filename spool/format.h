/* A spool: what a till could not tell the ledger yet, as lines of text.
 *
 *     loyalty-spool 1
 *     1 3f0c… {"entry":1,"spooled":"2026-11-24T08:00:00Z","request":{…}}
 *     2 91aa… {"answered":[{"entry":1,"seq":17,"duplicate":false}]}
 *
 * Each line has its number, a checksum over number and text, and one JSON object. A
 * file only ever grows, by one line at a time that is on the disk before the next is
 * begun. So a line that was cut short can only be the last, and has no line feed:
 * that one is cut off. Any other line that does not hold was whole once and has been
 * changed since: then nothing is guessed. Here are only bytes; file.h has the disk. */
#ifndef LOYALTY_SPOOL_FORMAT_H
#define LOYALTY_SPOOL_FORMAT_H

#include "buffer.h"
#include "civil.h"
#include "error.h"

enum spool_state { SPOOL_WAITING, SPOOL_DONE, SPOOL_REFUSED };

struct spool_entry {
    int64_t number;      /* from 1, no gaps */
    moment spooled;      /* by the till's clock */
    struct text at;      /* "at" that the spool adds to the request; empty: it has its own */
    struct text request; /* one JSON object, as it was sent */
    enum spool_state state;
    int64_t seq;               /* done: the record */
    bool duplicate;            /* done: the ledger knew it already */
    struct text code, message; /* refused: why */
};

struct spool {
    struct spool_entry *entries;
    size_t count, capacity;
    size_t waiting, done, refused; /* of the entries */
    int64_t lines;                 /* that hold, without the first */
    size_t good;                   /* so many bytes hold */
    size_t torn;                   /* so many behind them are a line cut short */
};

/* Read a file's bytes, which must outlive what is read. ERROR_NOT_A_SPOOL where they
 * begin otherwise, ERROR_SPOOL_DAMAGED (line says which) where a line does not hold:
 * the lines before it have been read. */
bool spool_read(struct arena *arena, struct text bytes, struct spool *spool, struct error *error);

/* The first line of a file. */
struct text spool_first_line(void);

/* The entry with these very bytes (white space aside) that was not refused: a till that
 * was not told asks again. NULL where there is none. */
const struct spool_entry *spool_find(const struct spool *spool, struct text request);

/* The next line, to be appended behind spool->good. An entry gets the next number. */
void spool_write_entry(const struct spool *spool, const struct spool_entry *entry,
                       struct buffer *line);
/* That line is on the disk now: count it in. */
void spool_entry_written(struct arena *arena, struct spool *spool, const struct spool_entry *entry,
                         size_t line_length);
/* The answers of some entries, in their order, as their state, seq, duplicate, code and message
 * say. */
void spool_write_answers(const struct spool *spool, const struct spool_entry entries[],
                         size_t count, struct buffer *line);

/* The request as it is to be sent: with the "at" that the spool adds, or without. */
struct text spool_request(struct arena *arena, const struct spool_entry *entry, bool with_at);

#endif
