/* A record as it travels: one line of JSON in exports, proof files and bundles.
 *
 *   {"seq":3,"head":"...","salt":"<hex>","body":"..."}
 *
 * Head and body are the very strings that are stored, so that their hashes can be
 * taken from what was read. A part that is not there is left out; salt and body
 * come together. One spelling only: what is read is what would be written. */
#ifndef LOYALTY_ENTRY_H
#define LOYALTY_ENTRY_H

#include "absent.h"
#include "buffer.h"
#include "error.h"
#include "head.h"
#include "merkle.h"

struct entry {
    int64_t seq;
    struct text head;       /* empty: not there */
    struct text salt, body; /* salt as bytes */
    bool has_body;
    const unsigned char *digest; /* of salt and body, if somebody has computed it; else NULL */
};

/* Without a newline. */
void entry_format(struct buffer *out, const struct entry *entry);
/* Texts in the arena. ERROR_INVALID_RECORD for whatever entry_format would not
 * have written. */
bool entry_parse(struct text line, struct arena *arena, struct entry *entry, struct error *error);

/* A string off the front of *rest, in the spelling of json_string and no other. */
bool entry_string(struct text *rest, struct arena *arena, struct text *string);

/* What must hold of a record by itself: its head is one that the encoder writes and
 * bears its number, its postings sum to zero, its body is the one that the head
 * names. ERROR_NOT_VERIFIED names the record, and how it is at fault. Where
 * `without_body` is true, a body that is not there is no fault. */
bool entry_check(const struct entry *entry, bool without_body, struct arena *arena,
                 struct head *head, struct error *error);

/* Records one after another, from any size whose edge is known: numbers without a
 * gap, time that does not go back, and the tree that they make. */
struct walk {
    struct arena arena; /* one record's; free it */
    struct merkle_edge edge;
    moment time;
    int64_t bodies;
    struct absences absences;
};
/* *head lives until the next. A body may be missing: a later record has to say that it erased
 * it, which walk_end() asks. */
bool walk_record(struct walk *walk, const struct entry *entry, struct head *head,
                 struct error *error);
bool walk_end(const struct walk *walk, struct error *error);
void walk_free(struct walk *walk);
/* "record N: how". */
bool record_broken(struct error *error, int64_t seq, const char *how);

#endif
