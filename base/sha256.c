/* SHA-256 by Nettle, which uses the processor's own instructions where there are
 * any and starts in no time. Rejected: libsodium, whose portable code takes seven
 * times as long; OpenSSL, which is no faster on short messages and costs each
 * process more to load than a purchase takes to compute. */
#include "sha256.h"

#include <nettle/hmac.h>
#include <nettle/sha2.h>

_Static_assert((int)SHA256_BYTES == SHA256_DIGEST_SIZE, "SHA-256");
_Static_assert(sizeof(struct sha256_ctx) <= sizeof((struct sha256 *)0)->state,
               "Nettle's state outgrew struct sha256");
_Static_assert(sizeof(struct hmac_sha256_ctx) <= sizeof((struct hmac_sha256 *)0)->state,
               "Nettle's state outgrew struct hmac_sha256");

static struct sha256_ctx *context_of(struct sha256 *hash)
{
    return (struct sha256_ctx *)(void *)hash->state;
}

void sha256_start(struct sha256 *hash)
{
    sha256_init(context_of(hash));
}

void sha256_add(struct sha256 *hash, const void *bytes, size_t length)
{
    if (length > 0)
        sha256_update(context_of(hash), length, bytes);
}

void sha256_finish(struct sha256 *hash, unsigned char out[SHA256_BYTES])
{
    sha256_digest(context_of(hash), SHA256_BYTES, out);
}

static struct hmac_sha256_ctx *keyed_context_of(struct hmac_sha256 *hmac)
{
    return (struct hmac_sha256_ctx *)(void *)hmac->state;
}

void hmac_sha256_prepare(struct hmac_sha256 *hmac, const void *key, size_t length)
{
    hmac_sha256_set_key(keyed_context_of(hmac), length, key);
}

void hmac_sha256_add(struct hmac_sha256 *hmac, const void *bytes, size_t length)
{
    if (length > 0)
        hmac_sha256_update(keyed_context_of(hmac), length, bytes);
}

void hmac_sha256_finish(struct hmac_sha256 *hmac, unsigned char out[SHA256_BYTES])
{
    hmac_sha256_digest(keyed_context_of(hmac), SHA256_BYTES, out);
}
