/* Checkpoints (c2sp.org/tlog-checkpoint): a signed tree head as a note whose
 * text is exactly three lines.
 *
 *   origin                  the log's name, which is also its key's name
 *   tree size               decimal, no leading zeros
 *   root                    base64 of 32 bytes
 *
 * We neither write nor accept extension lines: times and totals belong in
 * records. A log must never sign two heads that are not consistent, so sign
 * inside the transaction that stores the checkpoint. */
#ifndef LOYALTY_CHECKPOINT_H
#define LOYALTY_CHECKPOINT_H

#include "merkle.h"
#include "note.h"

struct checkpoint {
    struct text origin; /* not empty, UTF-8, one line; a view into what was parsed */
    uint64_t size;      /* leaves, at most MERKLE_SIZE_MAX */
    struct hash root;
};

/* The three lines, unsigned. Parsing is strict: formatting what it accepts gives
 * the same bytes. ERROR_INVALID_NOTE names the line at fault. */
void checkpoint_format(struct buffer *body, const struct checkpoint *checkpoint);
bool checkpoint_parse(struct text body, struct checkpoint *checkpoint, struct error *error);

/* Append the signed note. The signer's name must be the origin and its kind
 * KEY_ED25519: a log's key is never a cosigner's. Nothing is appended on
 * failure. */
bool checkpoint_sign(struct buffer *note, const struct checkpoint *checkpoint,
                     const struct signer *signer, struct error *error);

/* Append the line that a cosigner adds to a checkpoint's note; `body` is the
 * note's text. seconds: since 1970, UTC. The signer's kind is KEY_COSIGNATURE. */
bool checkpoint_cosign(struct buffer *lines, struct text body, const struct signer *cosigner,
                       uint64_t seconds, struct error *error);

/* Open a signed checkpoint: the log's own signature must be there and hold, its
 * origin must be the log's name, and every cosignature by one of `cosigners`
 * must hold (how many are enough is the caller's policy: count opened->signatures
 * with by != NULL and by != log). `opened` may be NULL. Everything points
 * into `bytes` and at the verifiers given. */
bool checkpoint_open(struct text bytes, const struct verifier *log,
                     const struct verifier *const cosigners[], size_t cosigner_count,
                     struct checkpoint *checkpoint, struct note *opened, struct error *error);

#endif
