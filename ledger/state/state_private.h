/* What the files of the working set share among themselves. */
#ifndef LOYALTY_STATE_PRIVATE_H
#define LOYALTY_STATE_PRIVATE_H

#include "limits.h"
#include "state.h"

/* Call before changing `length` bytes at `place`: state_undo() brings them back. */
void state_touch(struct state *state, void *place, size_t length);
#define TOUCH(state, object) state_touch(state, &(object), sizeof(object))

/* An arena array with room for one more; grows by doubling. */
void *state_room(struct arena *arena, void *list, size_t count, size_t *capacity, size_t size);

struct wallet *state_add_wallet(struct state *state, uint64_t id);
struct carry *state_find_carry(const struct member *member, struct text currency);
struct lot *state_add_lot(struct state *state, const struct lot_row *row);
/* A lot that may stand in another place of its pocket's lists than before: it was
 * opened, made available, dated or moved. */
void state_list_lot(struct state *state, struct pocket *pocket, struct lot *lot);
/* A reservation that this batch makes. */
void state_add_reservation(struct state *state, struct wallet *wallet,
                           struct reservation *reservation);

/* --- tallies.c ------------------------------------------------------------------------ */

/* What counts in the record, and the level that it leaves. */
bool fold_tiers(struct state *state, const struct head *head, struct error *error);
/* A member's level goes, and what has counted for them: to another one, or nowhere (0). */
bool fold_tiers_away(struct state *state, uint64_t member, uint64_t into, struct error *error);
/* What of it has changed. */
void gather_tiers(struct state *state, struct changes *changes);

/* --- fold.c and fold_about.c --------------------------------------------------------- */

/* ERROR_INVARIANT: the record does not follow from those before it. */
bool fold_misfit(struct error *error, const struct head *head, const char *why);
/* The moment that a record brings its member and wallet to: what was due by then has happened. */
static inline moment fold_reached(const struct head *head)
{
    return head->kind == RECORD_ELAPSE ? head->at : head->time;
}
/* What the record says of the operation that it is about; wallet: its member's, or NULL. */
bool fold_about(struct state *state, const struct head *head, struct wallet *wallet,
                struct error *error);

#endif
