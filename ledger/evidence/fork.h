/* A fork: two signed states of one log that contradict each other. Whoever signs two
 * histories cannot deny it, as long as both notes are kept; so they are, in the folder of
 * the user's state, and told. */
#ifndef LOYALTY_FORK_H
#define LOYALTY_FORK_H

#include <cjson/cJSON.h>

#include "checkpoint.h"
#include "error.h"
#include "note.h"

struct fork {
    struct text ours, theirs; /* signed notes */
    struct text file;         /* where both are kept; empty: nowhere */
};

/* The folder of the user's state: as named, by the environment, or by custom, in the arena; NULL:
 * none. A test ledger has one only where it is named. */
const char *state_folder(const char *named, bool test, struct arena *arena);
/* Of a file in it that is about the log of this key. */
struct text state_path(const char *folder, const struct verifier *key, const char *what,
                       struct arena *arena);
/* One that is named by a state, too: the same state has the same file. */
struct text state_path_of(const char *folder, const struct verifier *key, const char *what,
                          const struct checkpoint *state, struct arena *arena);

/* Keep both notes and fail with ERROR_FORK. `folder` may be NULL. What is kept already stays. */
bool fork_fail(struct fork *fork, const struct verifier *key, const char *folder, const char *field,
               struct arena *arena, struct error *error);
/* Both notes as "fork" in the report of a failure, which is made where it is NULL. */
cJSON *fork_report(const struct fork *fork, cJSON *report);

#endif
