/* Is this the ledger that a till has talked to before? Whoever was given a checkpoint
 * holds the ledger to it: a log that only grows still has the one of that size, with that
 * root. One that was restored from an older backup, or is another's, has not.
 *
 * Of one that is held no signature is looked at: ours stands below the stored one, and a
 * checkpoint that nobody signed fools only who sends it. Of one that contradicts the log it is:
 * that would be a proof of two histories. */
#include "checkpoint.h"
#include "evidence.h"
#include "ledger_private.h"

static bool read_anchor(struct text text, struct checkpoint *checkpoint, struct error *error)
{
    struct note note;
    struct error why;
    if (note_parse(text, &note, &why) && checkpoint_parse(note.text, checkpoint, &why))
        return true;
    return fail_field(error, ERROR_INVALID_NOTE, "anchor", _("the anchor is no checkpoint: %s"),
                      why.message);
}

static bool find_stored(struct ledger *ledger, int64_t size, struct checkpoint *stored, bool *found,
                        struct error *error)
{
    struct checkpoint_row row;
    struct note note;
    if (!store_checkpoint(ledger->store, &ledger->batch, size, &row, found, error))
        return false;
    *found = *found && row.size == size;
    return !*found ||
           (note_parse(row.note, &note, error) && checkpoint_parse(note.text, stored, error));
}

/* Why it is not held. */
static bool tell_standing(struct ledger *ledger, struct text anchor, struct error *error)
{
    struct checkpoint given;
    enum standing standing;
    if (!ledger_standing(ledger, anchor, &given, &standing, error))
        return false;
    if (standing == STANDING_CONTRADICTS)
        return ledger_fork(ledger, anchor, "anchor", error);
    if (standing == STANDING_GIVEN_UP)
        return hint(error, _("a recovery gave it up, and is recorded: forget this checkpoint, and "
                             "send again what was sold; nothing was done"));
    return hint(error, _("it was restored from an older backup, or is another; nothing was done"));
}

static bool is_not_held(struct ledger *ledger, struct text anchor, int64_t size,
                        struct error *error)
{
    struct error why;
    fail_field(error, ERROR_LEDGER_RESTORED, "anchor",
               _("this ledger does not hold the checkpoint of %lld records that the anchor is"),
               (long long)size);
    if (!store_begin_read(ledger->store, &why))
        return false;
    tell_standing(ledger, anchor, error);
    store_rollback(ledger->store);
    return false;
}

bool ledger_check_anchor(struct ledger *ledger, struct text anchor, struct error *error)
{
    struct checkpoint given, stored = {0};
    bool found = false;
    if (!read_anchor(anchor, &given, error))
        return false;
    if (!text_equal(given.origin, ledger->origin)) {
        fail_field(error, ERROR_LEDGER_RESTORED, "anchor",
                   _("the anchor is of the log \"%.*s\", this is \"%.*s\""), TEXT(given.origin),
                   TEXT(ledger->origin));
        return hint(error, _("is this the right ledger? nothing was done"));
    }
    if (!find_stored(ledger, (int64_t)given.size, &stored, &found, error))
        return false;
    if (found && hash_equal(&given.root, &stored.root))
        return true;
    return is_not_held(ledger, anchor, (int64_t)given.size, error);
}
