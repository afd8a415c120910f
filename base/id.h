/* Names of things: random member ids, hex, keyed hashes. */
#ifndef LOYALTY_ID_H
#define LOYALTY_ID_H

#include <stdbool.h>
#include <stdint.h>

#include "memory.h"
#include "sha256.h"

/* A member id is 60 random bits, never 0, written as 12 characters of
 * Crockford's base 32 (0-9 A-Z without I L O U; read in either case, with i, l
 * read as 1 and o as 0 only where a person may have typed it). */
enum { MEMBER_ID_CHARS = 12, DIGEST_BYTES = 32, KEY_HASH_BYTES = 16, SECRET_BYTES = 32,
       SALT_BYTES = 16 };
void member_id_format(uint64_t id, char out[MEMBER_ID_CHARS + 1]);
bool member_id_parse(struct text text, uint64_t *id);         /* canonical spelling only */
bool member_id_parse_typed(struct text text, uint64_t *id);   /* as a person may type it */
uint64_t member_id_random(void);

/* A code that people read from paper: the last 5 x count bits in the letters of ids; out
 * has room for one character more. Typed in either case, in groups apart. */
void code_format(uint64_t bits, size_t count, char *out);
bool code_matches(const char *code, struct text typed);

bool hex_parse(struct text text, unsigned char *out, size_t bytes); /* lower case, exactly 2 x bytes */

/* The order of ids, for memory_sort(). */
int member_id_compare(const void *a, const void *b);

/* SHA-256 of the concatenation of two pieces (either may be empty). */
void digest(struct text first, struct text second, unsigned char out[DIGEST_BYTES]);

/* HMAC-SHA-256 under the ledger's secret, cut to 16 bytes: how a head names a
 * ref or receipt, and how the vault finds a card, without saying it. `kind`
 * ("ref", "receipt", "card", ...) and a newline go before the text. The key
 * schedule is prepared once per ledger. */
struct keyed_hash {
    struct hmac_sha256 hmac;
};
void keyed_hash_prepare(struct keyed_hash *keyed, const unsigned char secret[SECRET_BYTES]);
void keyed_hash_of(const struct keyed_hash *keyed, const char *kind, struct text text,
                   unsigned char out[KEY_HASH_BYTES]);

#endif
