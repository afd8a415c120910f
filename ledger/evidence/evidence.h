/* Checking: verify (was the log altered?), audit (does every point follow from
 * the programme?), rebuild (recreate the projections), export. */
#ifndef LOYALTY_EVIDENCE_H
#define LOYALTY_EVIDENCE_H

#include <cjson/cJSON.h>

#include "ledger.h"

/* Called now and then; false stops the work with ERROR_INTERRUPTED. */
struct watch {
    bool (*tell)(void *context, int64_t done, int64_t total);
    void *context;
};

struct verify_options {
    struct text anchor;  /* a signed checkpoint kept outside; empty none */
    struct text key;     /* the public key that the caller trusts; empty: the ledger's own */
    struct text policy;  /* what cosignatures the anchor must have; empty: none */
    bool since;          /* read only the records after the anchor, and say what they add */
    bool all_signatures; /* every checkpoint, not only the newest */
    bool without_mark;   /* of a backup: it is older than the mark, and may be */
};
/* The answer is made also when verification fails (ERROR_NOT_VERIFIED). */
bool ledger_verify(struct ledger *ledger, const struct verify_options *options,
                   const struct watch *watch, cJSON **answer, struct error *error);

/* Exactly one of three: a .tlog-proof file of one record, by its number or by the ref or
 * receipt of its operation; or a proof that the log has grown from an earlier state. */
struct prove_options {
    int64_t seq;            /* -1: not by number */
    struct text ref;        /* empty: not by ref */
    struct text since_note; /* a signed checkpoint; empty: none */
    int64_t since;          /* or a size alone; -1: none */
};
bool ledger_prove(struct ledger *ledger, const struct prove_options *options, cJSON **answer,
                  struct error *error);

/* The auditor's bundle (bundle.h), a new folder at `path`: from the first record, or from
 * the checkpoint `since` (a note's text). */
bool ledger_bundle(struct ledger *ledger, const char *path, struct text since,
                   const struct watch *watch, cJSON **answer, struct error *error);

struct publish_options {
    const char *folder; /* made where it is missing */
    bool entries;       /* heads, too, not only hashes */
};
/* A public log as C2SP tiles; only what is new since it was last done. */
bool ledger_publish(struct ledger *ledger, const struct publish_options *options,
                    const struct watch *watch, cJSON **answer, struct error *error);

/* Keep beside our own checkpoint the cosignatures of `note` by witnesses of the policy, each
 * once; the others are left out. */
bool ledger_add_cosignatures(struct ledger *ledger, struct text note, struct text policy,
                             cJSON **answer, struct error *error);

/* Re-execute every body in a scratch ledger; compare each head byte for byte,
 * then every projection. ERROR_NOT_VERIFIED names the first difference. */
bool ledger_audit(struct ledger *ledger, const struct watch *watch, cJSON **answer,
                  struct error *error);

/* Recreate the projections from the heads; the answer says which had differed. */
bool ledger_rebuild(struct ledger *ledger, const struct watch *watch, cJSON **answer,
                    struct error *error);

/* Do what time has made due for all members, in bounded commits; the answer is made
 * also where it was stopped or failed. */
bool ledger_sweep(struct ledger *ledger, bool accept_clock, const struct watch *watch,
                  cJSON **answer, struct error *error);

/* Records [from, until) as lines of JSON, with the checkpoint that covers them. */
bool ledger_export(struct ledger *ledger, int64_t from, int64_t until,
                   int (*write)(void *context, const char *bytes, size_t length), void *context,
                   cJSON **answer, struct error *error);

/* Does this ledger hold a checkpoint that somebody was given (a note's text)? One look at
 * the stored one of that size: ERROR_LEDGER_RESTORED, ERROR_INVALID_NOTE. */
bool ledger_check_anchor(struct ledger *ledger, struct text anchor, struct error *error);

/* The fork that was found last, as fork_report(). */
cJSON *ledger_fork_report(const struct ledger *ledger, cJSON *report);

struct restore_options {
    const char *backup, *path; /* from where, and where nothing may be */
    struct text anchor;        /* a checkpoint that somebody was given; empty: none */
    bool accept_loss;          /* also where the backup is older than the anchor */
};
/* Verify a backup, copy it to `path`, and say what it holds. The key must be in its place
 * already. The answer is made also when verification fails. */
bool ledger_restore(const struct ledger_options *options, const struct restore_options *restore,
                    const struct watch *watch, cJSON **answer, struct error *error);

bool ledger_backup(struct ledger *ledger, const char *path, const struct watch *watch,
                   cJSON **answer, struct error *error);

#endif
