/* Policies (c2sp.org/tlog-policy): which logs and witnesses are known, and whose
 * cosignatures are enough.
 *
 *   log VKEY [URL]
 *   witness NAME VKEY [URL]
 *   group NAME K|any|all NAME...     K of these, each defined above, each in one group
 *   quorum NAME|none                 exactly once; a witness or group defined above
 *
 * Lines end in a newline; words are kept apart by spaces and tabs; empty lines and
 * those that start with # say nothing. Names are bytes. */
#ifndef LOYALTY_POLICY_H
#define LOYALTY_POLICY_H

#include "checkpoint.h"
#include "memory.h"

enum {
    POLICY_BYTES_MAX = 262144,
    POLICY_LOGS_MAX = 32,
    POLICY_WITNESSES_MAX = 64,
    POLICY_NAMES_MAX = 128 /* witnesses and groups */
};

struct policy_name {
    struct text name;
    int witness; /* index of a witness; -1: a group */
    int group;   /* the group that it is a member of; -1 none */
    int members; /* of a group */
    int needed;  /* of them */
};
struct policy {
    struct verifier *logs, *witnesses; /* in the arena */
    size_t log_count, witness_count, name_count;
    struct policy_name names[POLICY_NAMES_MAX];
    int quorum; /* index of a name; -1: none is needed */
};

/* Names point into `text`; keys are in the arena. ERROR_INVALID_POLICY with the line:
 * also for keys that cannot be checked here, and for what can never be met. */
bool policy_parse(struct text text, struct arena *arena, struct policy *policy,
                  struct error *error);

/* Are these witnesses (a flag for each) enough? */
bool policy_is_met(const struct policy *policy, const bool cosigned[]);

/* Open a checkpoint of `log` as the policy demands: the log is one of those that it
 * names (where it names any), each cosignature by one of its witnesses holds, and they
 * are enough. `opened` points to the policy's witnesses; may not be NULL. */
/* With `met` given, too few are no error: it says whether they are enough. */
bool policy_open(const struct policy *policy, struct text note, const struct verifier *log,
                 struct checkpoint *checkpoint, struct note *opened, bool *met,
                 struct error *error);

#endif
