/* See highwater.h. The idea to hold: the mark may be older than the log, never newer. So it
 * is written after the commit, and neither waits for the disk nor for anybody: a mark that a
 * power cut, a kill or another process kept from being written notices a little less. And when it
 * is read within a write transaction, where everybody's commits are visible, one that has
 * more records than the log is no race but proof that the database is an old copy.
 *
 * The file has a fixed size, one sector: it is overwritten in place by one call, and
 * holds the signed note itself, so that who finds it needs no other evidence. */
#include "highwater.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "context.h"
#include "evidence.h"
#include "fork.h"
#include "hashes.h"
#include "ledger_private.h"
#include "whole_file.h"

enum { PRIVATE_FILE = 0600, PRIVATE_FOLDER = 0700 };

/* --- Standing -------------------------------------------------------------------------- */

/* Whether a recover record gives this state up: it names it, or, of a state of another history,
 * one that came after it. (Of one that is only ahead nobody can say which history it is of: it may
 * be that of after the recovery, lost again.) */
static bool was_given_up(struct ledger *ledger, const struct checkpoint *state, bool contradicts,
                         bool *given_up, struct error *error)
{
    struct key_row row;
    struct record_row record;
    struct head head;
    bool found = false;
    *given_up = false;
    for (int64_t number = 1; !*given_up; number++) {
        row = (struct key_row){.seq = -1};
        recover_key(ledger, number, row.hash);
        if (!store_keys(ledger->store, &row, 1, error))
            return false;
        if (row.seq < 0)
            return true;
        if (!store_record(ledger->store, &ledger->batch, row.seq, &record, &found, error) ||
            !head_decode(record.head, &ledger->batch, &head, error))
            return false;
        bool named = (int64_t)state->size == head.lost.size &&
                     memcmp(state->root.bytes, head.lost.root, HASH_BYTES) == 0;
        *given_up = named || (contradicts && (int64_t)state->size > head.seq &&
                              (int64_t)state->size <= head.lost.size);
    }
    return true;
}

static bool compare(struct ledger *ledger, const struct checkpoint *state, enum standing *standing,
                    struct error *error)
{
    struct tip tip;
    struct hash root;
    struct hash_source source = ledger_hashes(ledger);
    bool given_up = false;
    if (!store_tip(ledger->store, &ledger->batch, &tip, error))
        return false;
    *standing = STANDING_AHEAD;
    if ((int64_t)state->size <= tip.size) {
        if (!merkle_root_read(&source, state->size, &root, error))
            return false;
        *standing = hash_equal(&root, &state->root) ? STANDING_HELD : STANDING_CONTRADICTS;
    }
    if (*standing == STANDING_HELD)
        return true;
    if (!was_given_up(ledger, state, *standing == STANDING_CONTRADICTS, &given_up, error))
        return false;
    *standing = given_up ? STANDING_GIVEN_UP : *standing;
    return true;
}

bool ledger_standing(struct ledger *ledger, struct text note, struct checkpoint *checkpoint,
                     enum standing *standing, struct error *error)
{
    struct verifier key;
    struct error why;
    *standing = STANDING_UNSIGNED;
    if (!verifier_parse(ledger->vkey, &key, error))
        return false;
    return !checkpoint_open(note, &key, NULL, 0, checkpoint, NULL, &why) ||
           compare(ledger, checkpoint, standing, error);
}

/* --- A fork ------------------------------------------------------------------------------- */

/* The newest of our checkpoints that has no more records than these, if the log fits it. */
static bool own_note(struct ledger *ledger, const struct verifier *key, int64_t at_most,
                     struct text *note, struct checkpoint *own, struct error *error)
{
    struct checkpoint_row row;
    struct hash root;
    struct hash_source source = ledger_hashes(ledger);
    bool found = false;
    if (!store_checkpoint(ledger->store, &ledger->batch, at_most, &row, &found, error) || !found)
        return false;
    *note = row.note;
    return checkpoint_open(row.note, key, NULL, 0, own, NULL, error) &&
           merkle_root_read(&source, own->size, &root, error) && hash_equal(&root, &own->root);
}

bool ledger_fork(struct ledger *ledger, struct text note, const char *field, struct error *error)
{
    struct verifier key;
    struct note parsed;
    struct checkpoint theirs, own;
    struct text newest, same;
    if (!verifier_parse(ledger->vkey, &key, error) || !note_parse(note, &parsed, error) ||
        !checkpoint_parse(parsed.text, &theirs, error))
        return false;
    if (!own_note(ledger, &key, INT64_MAX, &newest, &own, error)) {
        fail_field(error, ERROR_NOT_VERIFIED, "checkpoint",
                   _("what is stored does not give the root that is signed"));
        return hint(error, _("`loyalty verify` names the record at fault"));
    }
    struct error why;
    /* Two of one size contradict each other by themselves, without the log. */
    bool as_many =
        own_note(ledger, &key, (int64_t)theirs.size, &same, &own, &why) && own.size == theirs.size;
    ledger->fork = (struct fork){.ours = as_many ? same : newest, .theirs = note};
    return fork_fail(&ledger->fork, &key, ledger->mark.folder, field, &ledger->batch, error);
}

cJSON *ledger_fork_report(const struct ledger *ledger, cJSON *report)
{
    return fork_report(&ledger->fork, report);
}

/* --- The file -------------------------------------------------------------------------------- */

void highwater_begin(struct ledger *ledger)
{
    struct verifier key;
    struct error why;
    struct highwater *mark = &ledger->mark;
    mark->folder = state_folder(ledger->options.state_path, ledger->test, &ledger->arena);
    if (mark->folder != NULL && verifier_parse(ledger->vkey, &key, &why))
        mark->path = state_path(mark->folder, &key, "mark", &ledger->arena).bytes;
}

static void shut(struct highwater *mark)
{
    if (mark->file >= 0)
        close(mark->file);
    mark->file = -1;
}

void highwater_end(struct highwater *mark)
{
    shut(mark);
    mark->path = NULL;
}

/* A file that somebody deleted meanwhile is none. */
static bool is_open(struct highwater *mark)
{
    struct stat status;
    if (mark->path == NULL)
        return false;
    if (mark->file >= 0 && (fstat(mark->file, &status) != 0 || status.st_nlink == 0))
        shut(mark);
    if (mark->file < 0)
        mark->file = open(mark->path, O_RDWR | O_CLOEXEC);
    return mark->file >= 0;
}

/* Where it cannot be made none is kept from now on: a home that is read-only, or none. */
static bool make(struct highwater *mark)
{
    struct error why;
    if (mark->path == NULL)
        return false;
    mark->file = open(mark->path, O_RDWR | O_CREAT | O_CLOEXEC, PRIVATE_FILE);
    if (mark->file < 0 && file_make_folders("", mark->folder, PRIVATE_FOLDER, &why))
        mark->file = open(mark->path, O_RDWR | O_CREAT | O_CLOEXEC, PRIVATE_FILE);
    if (mark->file < 0)
        mark->path = NULL;
    return mark->file >= 0;
}

static void take(int file, char bytes[HIGHWATER_BYTES])
{
    memset(bytes, 0, HIGHWATER_BYTES);
    ssize_t got = pread(file, bytes, HIGHWATER_BYTES, 0);
    if (got != HIGHWATER_BYTES)
        memset(bytes, 0, HIGHWATER_BYTES);
}

/* The note, without the zeros that fill the file up. */
static struct text note_in(const char bytes[HIGHWATER_BYTES])
{
    return (struct text){bytes, strnlen(bytes, HIGHWATER_BYTES)};
}

/* What is no checkpoint, after a power cut perhaps, says nothing: 0. */
static int64_t size_in(const char bytes[HIGHWATER_BYTES])
{
    struct note note;
    struct checkpoint checkpoint;
    struct error why;
    bool good =
        note_parse(note_in(bytes), &note, &why) && checkpoint_parse(note.text, &checkpoint, &why);
    return good ? (int64_t)checkpoint.size : 0;
}

/* --- Checking ----------------------------------------------------------------------------------
 */

static bool is_behind(const struct ledger *ledger, const struct checkpoint *high,
                      struct error *error)
{
    fail_field(error, ERROR_LEDGER_RESTORED, "mark",
               _("the high-water mark of this key has %lld records, this ledger has %lld: it is an "
                 "older copy"),
               (long long)high->size, (long long)ledger->state.tip.size);
    return hint(error, _("look for the newer one; if it is lost: `loyalty recover --reason CODE`, "
                         "until then it can only be read"));
}

/* The usual case costs one look at a stored checkpoint and no signature. */
static bool is_stored(struct ledger *ledger, struct text note, bool *stored, struct error *error)
{
    struct checkpoint_row row;
    bool found = false;
    int64_t size = size_in(note.bytes);
    *stored = false;
    if (!store_checkpoint(ledger->store, &ledger->batch, size, &row, &found, error))
        return false;
    *stored = found && row.size == size && text_equal(row.note, note);
    return true;
}

static bool judge(struct ledger *ledger, const char bytes[HIGHWATER_BYTES], struct error *error)
{
    struct checkpoint high;
    enum standing standing = STANDING_HELD;
    struct text note = note_in(bytes);
    bool stored = false;
    if (note.length == 0)
        return true;
    if (!is_stored(ledger, note, &stored, error) ||
        (!stored && !ledger_standing(ledger, note, &high, &standing, error)))
        return false;
    if (standing == STANDING_AHEAD)
        return is_behind(ledger, &high, error);
    return standing != STANDING_CONTRADICTS || ledger_fork(ledger, note, "mark", error);
}

bool highwater_check(struct ledger *ledger, struct error *error)
{
    char bytes[HIGHWATER_BYTES];
    struct highwater *mark = &ledger->mark;
    if (!is_open(mark))
        return true;
    take(mark->file, bytes);
    if (memcmp(bytes, mark->seen, HIGHWATER_BYTES) == 0)
        return true;
    /* A recovery is there to pass a judgement of its own. */
    if (!ledger->recovering && !judge(ledger, bytes, error))
        return false;
    memcpy(mark->seen, bytes, HIGHWATER_BYTES);
    return true;
}

struct text highwater_note(struct ledger *ledger, struct arena *arena)
{
    char bytes[HIGHWATER_BYTES] = "";
    if (is_open(&ledger->mark))
        take(ledger->mark.file, bytes);
    return text_copy(arena, note_in(bytes));
}

/* --- Writing -------------------------------------------------------------------------------------
 */

/* A mark that was given up is replaced by one with fewer records; its note is all that is
 * left of what was lost, and stays. */
static void keep_lost(struct ledger *ledger, const char bytes[HIGHWATER_BYTES])
{
    struct verifier key;
    struct note note;
    struct checkpoint lost;
    struct error why;
    if (!verifier_parse(ledger->vkey, &key, &why) || !note_parse(note_in(bytes), &note, &why) ||
        !checkpoint_parse(note.text, &lost, &why))
        return;
    struct text path = state_path_of(ledger->mark.folder, &key, "lost", &lost, &ledger->batch);
    file_replace(path.bytes, note_in(bytes), PRIVATE_FILE, &why);
}

/* Only forwards: who was quicker after a later commit is left alone. What was judged before our
 * commit may be replaced whatever it says. */
static void replace(struct ledger *ledger, const char next[HIGHWATER_BYTES], int64_t size)
{
    char now[HIGHWATER_BYTES];
    struct highwater *mark = &ledger->mark;
    take(mark->file, now);
    bool judged = memcmp(now, mark->seen, HIGHWATER_BYTES) == 0;
    int64_t there = size_in(now);
    if (!judged && there >= size)
        return;
    if (there >= size)
        keep_lost(ledger, now);
    if (pwrite(mark->file, next, HIGHWATER_BYTES, 0) == HIGHWATER_BYTES)
        memcpy(mark->seen, next, HIGHWATER_BYTES);
}

static void raise_to(struct ledger *ledger, struct text note, int64_t size)
{
    char next[HIGHWATER_BYTES] = "";
    struct highwater *mark = &ledger->mark;
    if (note.length >= sizeof next || (!is_open(mark) && !make(mark)))
        return;
    memcpy(next, note.bytes, note.length);
    /* Whoever holds it writes a mark that is as good: nobody waits. */
    if (flock(mark->file, LOCK_EX | LOCK_NB) != 0)
        return;
    replace(ledger, next, size);
    flock(mark->file, LOCK_UN);
}

void highwater_raise(struct ledger *ledger)
{
    raise_to(ledger, ledger->checkpoint.note, ledger->checkpoint.size);
}

void highwater_put(struct ledger *ledger, struct text note)
{
    char bytes[HIGHWATER_BYTES] = "";
    if (note.length < sizeof bytes)
        memcpy(bytes, note.bytes, note.length);
    memset(ledger->mark.seen, 0, HIGHWATER_BYTES); /* nothing was judged */
    raise_to(ledger, note, size_in(bytes));
}
