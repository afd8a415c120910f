/* Proofs that a leaf is in a tree, and that one tree extends another, exactly
 * as RFC 9162 sections 2.1.3 and 2.1.4 make and check them; and the two ways
 * they are written down (lines of base64, and the tlog-proof file of C2SP).
 *
 * A malformed proof is ERROR_INVALID_PROOF; a well-formed one that does not
 * prove what it should is ERROR_NOT_VERIFIED. Nothing here allocates except
 * into the buffer given. */
#ifndef LOYALTY_PROOF_H
#define LOYALTY_PROOF_H

#include "merkle.h"

enum { PROOF_HASHES_MAX = 64 };

/* Hashes from the leaf's end to the root's. */
struct proof {
    size_t count;
    struct hash hashes[PROOF_HASHES_MAX];
};

/* Does `proof` lead from leaf hash `leaf` at `index` (from 0) to `root` of a
 * tree of `size` leaves? */
bool proof_inclusion_verify(uint64_t index, uint64_t size, const struct hash *leaf,
                            const struct proof *proof, const struct hash *root,
                            struct error *error);
/* Is the tree (new_size, new_root) the tree (old_size, old_root) with leaves
 * appended? Equal sizes need equal roots and an empty proof. From size 0, which
 * the RFC leaves open, the empty proof is accepted if old_root is the empty
 * tree's root, because a witness that knows nothing yet says `old 0`. */
bool proof_consistency_verify(uint64_t old_size, uint64_t new_size, const struct hash *old_root,
                              const struct hash *new_root, const struct proof *proof,
                              struct error *error);

/* Make them from a source that holds at least `size` (`new_size`) leaves. Needs
 * index < size, old_size <= new_size; otherwise ERROR_INVALID_PROOF. A source's
 * error is passed on. */
bool proof_inclusion_make(const struct hash_source *source, uint64_t index, uint64_t size,
                          struct proof *proof, struct error *error);
bool proof_consistency_make(const struct hash_source *source, uint64_t old_size, uint64_t new_size,
                            struct proof *proof, struct error *error);

/* One hash per line in base64, a newline after each; no lines for an empty
 * proof. Parsing is strict: canonical base64 of 32 bytes, at most
 * PROOF_HASHES_MAX lines, each ended by a newline. */
void proof_lines_format(struct buffer *buffer, const struct proof *proof);
bool proof_lines_parse(struct text lines, struct proof *proof, struct error *error);

/* A tlog-proof file (c2sp.org/tlog-proof@v1): everything that a member needs to
 * check one record offline.
 *
 *   c2sp.org/tlog-proof@v1
 *   extra BASE64            (only if has_extra)
 *   index N
 *   hash, leaf to root, one per line
 *                           (empty line)
 *   the checkpoint, a signed note, verbatim to the end of the file
 */
struct proof_file {
    bool has_extra;
    struct text extra; /* in base64 (spelling.h), both ways; nothing vouches for it */
    uint64_t index;
    struct proof proof;
    struct text checkpoint; /* a view; not opened */
};
void proof_file_format(struct buffer *buffer, const struct proof_file *file);
/* The views point into `text`. The checkpoint is not looked at. */
bool proof_file_parse(struct text text, struct proof_file *file, struct error *error);

/* That a log has grown out of an earlier state, as a log sends it to a witness
 * (c2sp.org/tlog-witness, add-checkpoint) and a person carries it to a cosigner.
 *
 *   old N                   the earlier size
 *   hash, one per line      the consistency proof; none where N is 0
 *                           (empty line)
 *   the checkpoint, a signed note, verbatim to the end
 */
struct growth_file {
    uint64_t old;
    struct proof proof;
    struct text checkpoint; /* a view; not opened */
};
void growth_file_format(struct buffer *buffer, const struct growth_file *file);
/* The view points into `text`. ERROR_INVALID_PROOF. */
bool growth_file_parse(struct text text, struct growth_file *file, struct error *error);

#endif
