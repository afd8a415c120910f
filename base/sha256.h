/* SHA-256. One place decides which library computes it: Merkle leaves, body
 * digests and keyed hashes are what import and verify do most of all. */
#ifndef LOYALTY_SHA256_H
#define LOYALTY_SHA256_H

#include <stddef.h>

enum { SHA256_BYTES = 32 };

struct sha256 {
    unsigned char state[128] __attribute__((aligned(16)));
};
void sha256_start(struct sha256 *hash);
void sha256_add(struct sha256 *hash, const void *bytes, size_t length);
void sha256_finish(struct sha256 *hash, unsigned char out[SHA256_BYTES]);

/* HMAC-SHA-256 with a key schedule that is prepared once and copied for each use:
 * a plain struct without pointers. */
struct hmac_sha256 {
    unsigned char state[384] __attribute__((aligned(16)));
};
void hmac_sha256_prepare(struct hmac_sha256 *hmac, const void *key, size_t length);
void hmac_sha256_add(struct hmac_sha256 *hmac, const void *bytes, size_t length);
void hmac_sha256_finish(struct hmac_sha256 *hmac, unsigned char out[SHA256_BYTES]);

#endif
