/* Signed notes (c2sp.org/signed-note) and the keys that sign them.
 *
 *   text, which ends in a newline
 *                                   (empty line)
 *   — NAME BASE64(key id || signature)
 *
 * Key kinds: 0x01 is Ed25519 over the text. 0x04 is a cosignature
 * (c2sp.org/tlog-cosignature): a time, big-endian seconds since 1970 in UTC,
 * then Ed25519 over "cosignature/v1\ntime N\n" || text. Other kinds are carried
 * but neither made nor checked.
 *
 * Ed25519 is what libsodium accepts (the vectors pin it). The caller has called
 * sodium_init(). Malformed notes and keys are ERROR_INVALID_NOTE; a signature
 * that does not hold, or none by a known key, is ERROR_NOT_VERIFIED. */
#ifndef LOYALTY_NOTE_H
#define LOYALTY_NOTE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "buffer.h"
#include "error.h"
#include "spelling.h"

/* Kinds of keys. A kind is one byte of other people's format, and kinds that we
 * do not know exist: so it is a number, not an enum to switch over. */
#define KEY_ED25519 UINT8_C(0x01)
#define KEY_COSIGNATURE UINT8_C(0x04)

enum {
    KEY_NAME_MAX = 255, /* bytes of a key's name */
    KEY_SEED_BYTES = 32,
    KEY_ED25519_BYTES = 32,   /* a public key that we can use */
    KEY_PUBLIC_MAX = 1312,    /* bytes of any public key (ML-DSA-44) */
    NOTE_BYTES_MAX = 1000000, /* a whole note, as in Go's implementation */
    NOTE_SIGNATURES_MAX = 100 /* signature lines of one note, as in Go's */
};

/* A public key: `name+hex(id)+base64(kind || key)`. Plain bytes; copy freely. */
struct verifier {
    char name[KEY_NAME_MAX + 1]; /* UTF-8 without spaces and '+'; NUL-terminated */
    uint32_t id;                 /* first 4 bytes of SHA-256(name || 0A || kind || key) */
    uint8_t kind;
    size_t length; /* of key: 32 for the kinds that we can use */
    unsigned char key[KEY_PUBLIC_MAX];
};
/* A private key: `PRIVATE+KEY+name+hex(id)+base64(kind || seed)`. Wipe it. */
struct signer {
    struct verifier verifier;
    unsigned char secret[64]; /* libsodium's form: seed || public key */
    unsigned char sum[32];    /* of it, as it was made: a key that has rotted signs nothing */
};

/* Whether this can be a note's text: not empty, ends in a newline, UTF-8, and no
 * control character below U+0020 but newline. */
bool note_text_is_valid(struct text text);

/* Whether name can name a key: 1 to 255 bytes, UTF-8, no white space, no '+',
 * no control character below U+0020. */
bool key_name_is_valid(struct text name);

/* Strict: one spelling only, without a newline. For the two kinds above the id is
 * checked against the key. A verifier of another kind (its id may be made in
 * another way) is read and formatted; it verifies nothing. */
bool verifier_parse(struct text text, struct verifier *verifier, struct error *error);
void verifier_format(struct buffer *buffer, const struct verifier *verifier);
/* Whether this is a kind whose signatures we can check. */
bool verifier_is_usable(const struct verifier *verifier);

/* Kinds KEY_ED25519 and KEY_COSIGNATURE. On failure *signer is wiped. A seed
 * that does not belong to the id in the text is ERROR_KEY_WRONG. */
bool signer_parse(struct text text, struct signer *signer, struct error *error);
/* Writes the secret: clear the buffer with sodium_memzero after use. */
void signer_format(struct buffer *buffer, const struct signer *signer);
/* A fresh key, or the one that a seed gives. ERROR_INVALID_NOTE for a name or kind that
 * cannot be. */
bool signer_generate(struct text name, uint8_t kind, struct signer *signer, struct error *error);
bool signer_from_seed(struct text name, uint8_t kind, const unsigned char seed[KEY_SEED_BYTES],
                      struct signer *signer, struct error *error);
void signer_wipe(struct signer *signer); /* NULL is fine */

/* Append a whole note of `text` with one signature. `seconds` is the time of a
 * cosignature (since 1970, UTC); an Ed25519 key does not use it. Every signature
 * is confirmed before it is appended; on failure the buffer is as it was. `text`
 * must satisfy note_text_is_valid. */
bool note_sign(struct buffer *note, struct text text, const struct signer *signer, uint64_t seconds,
               struct error *error);
/* Append only the signature line: what a further signer or a cosigner of the
 * same text adds at the end of its note. */
bool note_sign_line(struct buffer *lines, struct text text, const struct signer *signer,
                    uint64_t seconds, struct error *error);

struct note_signature {
    struct text name, base64; /* views into the note: who; key id || signature */
    struct text line;         /* the whole line with its newline; a view */
    uint32_t id;
    const struct verifier *by; /* the known key that it holds under, or NULL: unknown */
    uint64_t seconds;          /* of a cosignature that holds; else 0 */
};
/* An opened note: views into the bytes that were opened and pointers to the
 * verifiers given; it owns nothing. */
struct note {
    struct text text;       /* with its last newline, without the empty line */
    size_t count, verified; /* signatures, and how many of them hold */
    struct note_signature signatures[NOTE_SIGNATURES_MAX];
};
/* Only the form: the text and its signatures, none verified. */
bool note_parse(struct text bytes, struct note *note, struct error *error);
/* The form, and every signature by a known key. Signatures of unknown keys (name
 * and id both count) are kept with by = NULL; one by a known key that fails rejects
 * the whole note; so does no signature by any known key. A second signature
 * by the same known key is dropped unread, and so is a repeated unknown line, as
 * in Go's implementation. Two known verifiers of one name and id that differ are an
 * error. */
bool note_open(struct text bytes, const struct verifier *const known[], size_t known_count,
               struct note *note, struct error *error);
/* Does this signature hold for `text` under `verifier`? *seconds (may be NULL) gets
 * a cosignature's time, or 0. Only the signature is looked at: that name and id
 * are the verifier's is note_open's work. */
bool note_signature_verify(struct text text, const struct note_signature *signature,
                           const struct verifier *verifier, uint64_t *seconds, struct error *error);

#endif
