/* Evidence in an auditor's hands: checked with a public key that the auditor was
 * given, without a database, a network or a clock.
 *
 * An answer is made also when something does not hold (ERROR_NOT_VERIFIED); where
 * what was given is no evidence at all, the error says what it is not, and there is
 * no answer. */
#ifndef LOYALTY_AUDITOR_H
#define LOYALTY_AUDITOR_H

#include <cjson/cJSON.h>

#include "buffer.h"
#include "error.h"

/* A .tlog-proof file as `loyalty prove` writes it: the checkpoint's signature by
 * `key`, the way from the record to its root, the head's form, the body's hash. */
/* policy: what cosignatures its checkpoint must have; empty: none. */
bool auditor_verify_proof(struct text file, struct text key, struct text policy, cJSON **answer,
                          struct error *error);

struct bundle_options {
    const char *folder;
    struct text key;     /* the public key that the auditor trusts */
    struct text anchor;  /* a signed checkpoint of the auditor's own; empty none */
    struct text policy;  /* what cosignatures the anchor must have; empty: none */
    bool all_signatures; /* of every checkpoint in the bundle, not only of the newest */
    bool (*tell)(void *context, int64_t done, int64_t total); /* may be NULL; false stops */
    void *context;
};
/* An auditor's bundle (ledger/evidence/bundle.h), read once, a line at a time. What is no bundle is
 * ERROR_INVALID_BUNDLE. */
bool auditor_verify_bundle(const struct bundle_options *options, cJSON **answer,
                           struct error *error);

/* A cosigner's key of its own, in a new file; beside it the memory of what it signed
 * last. The answer has the public key. */
bool auditor_new_cosigner(struct text name, const char *key_file, cJSON **answer,
                          struct error *error);

struct cosign_options {
    struct text growth;   /* what `loyalty prove --since` wrote */
    struct text log;      /* the public key of the log */
    const char *key_file; /* the cosigner's */
};
/* Cosign a checkpoint that extends the last one that this cosigner signed of the log; it is
 * remembered before it is signed. The answer has the checkpoint with the new line. */
bool auditor_cosign(const struct cosign_options *options, cJSON **answer, struct error *error);

#endif
