/* Restore: a backup becomes the ledger again, somewhere where nothing is.
 *
 * A backup that does not hold is worth less than none, so it is verified first; and its
 * key must be there, since a ledger that cannot sign serves no till. The copy is made
 * under another name and given its own when it is on the disk: who is stopped has the
 * backup as before, and at most a copy whose name says what it is.
 *
 * What was recorded after the backup is not in it. Tills know: they hold checkpoints
 * (anchor.c), and `since` says from when on they have to send again. */
#include <errno.h>
#include <stdio.h>
#include <unistd.h>

#include "answer.h"
#include "checkpoint.h"
#include "erasures.h"
#include "evidence.h"
#include "pipeline.h"
#include "whole_file.h"

struct restoring {
    const struct ledger_options *options;
    const struct restore_options *asked;
    const struct watch *watch;
    struct ledger *backup;
    const char *unfinished; /* the copy until it is whole */
    int64_t records;
    moment last; /* of the last record */
    struct checkpoint_row checkpoint;
    bool holds_anchor;
    cJSON *erasures; /* what was erased since, and is again */
};

/* A write-ahead log that is left of another ledger would be taken for this one's. */
static bool check_vacant(struct restoring *in, struct error *error)
{
    static const char *const beside[] = {"", "-wal", "-shm", "-journal"};
    for (size_t i = 0; i < sizeof beside / sizeof *beside; i++) {
        const char *path =
            text_format(&in->backup->arena, "%s%s", in->asked->path, beside[i]).bytes;
        if (access(path, F_OK) != 0)
            continue;
        fail_field(error, ERROR_EXISTS, "path", _("there is a file already: %s"), path);
        return hint(error, _("a restore never overwrites: move away what is left of the old "
                             "ledger, with its -wal and -shm, and keep it"));
    }
    return true;
}

static bool check_key(struct restoring *in, struct error *error)
{
    struct signer signer = {0};
    const char *path = in->options->key_path != NULL
                           ? in->options->key_path
                           : text_format(&in->backup->arena, "%s.key", in->asked->path).bytes;
    bool good = key_file_read(path, in->backup->vkey, &signer, error);
    signer_wipe(&signer);
    return good;
}

static bool check_anchor(struct restoring *in, struct error *error)
{
    const struct restore_options *asked = in->asked;
    if (asked->anchor.length == 0)
        return true;
    in->holds_anchor = ledger_check_anchor(in->backup, asked->anchor, error);
    if (in->holds_anchor)
        return true;
    if (error->code != ERROR_LEDGER_RESTORED)
        return false;
    return asked->accept_loss ||
           hint(error, _("look for a newer backup; if there is none: --accept-loss"));
}

/* What the file holds, by its newest checkpoint. */
static bool look(struct ledger *ledger, int64_t *records, moment *last, struct error *error)
{
    bool found = false;
    if (!pipeline_begin(ledger, false, error))
        return false;
    *records = ledger->state.tip.size;
    *last = ledger->state.tip.time;
    bool ok = store_checkpoint(ledger->store, &ledger->batch, *records, &ledger->checkpoint, &found,
                               error);
    pipeline_end(ledger);
    return ok;
}

/* What was copied is what was verified: a backup is nobody's to write to meanwhile. */
static bool check_copy(struct restoring *in, struct error *error)
{
    const struct ledger_options reading = {.read_only = true};
    struct ledger *copy = NULL;
    int64_t records = 0;
    moment last = 0;
    bool ok = ledger_open(&copy, in->unfinished, &reading, error) &&
              look(copy, &records, &last, error) &&
              (records == in->records ||
               fail(error, ERROR_BUSY, _("'%s' is being written to"), in->asked->backup));
    ledger_close(copy);
    return ok;
}

/* Whom the ledger has erased since: before anybody comes, and before the copy has its name. */
static bool erase_again(struct restoring *in, struct error *error)
{
    struct arena *arena = &in->backup->arena;
    struct ledger_options writing = *in->options;
    struct ledger *copy = NULL;
    moment ignored = 0; /* tills send again from the backup's end on */
    writing.read_only = false;
    if (writing.key_path == NULL)
        writing.key_path = text_format(arena, "%s.key", in->asked->path).bytes;
    bool ok = ledger_open(&copy, in->unfinished, &writing, error);
    if (ok) {
        copy->path = (struct text){0}; /* it stands in the file already */
        ok = erasures_apply(copy, text_format(arena, "%s.erased", in->asked->path).bytes,
                            &in->erasures, error) &&
             look(copy, &in->records, &ignored, error);
        in->checkpoint = copy->checkpoint;
        in->checkpoint.note = text_copy(arena, copy->checkpoint.note);
    }
    ledger_close(copy);
    return ok;
}

/* The name is given by a link, which never takes the place of another file. */
static bool give_name(const struct restoring *in, struct error *error)
{
    const char *path = in->asked->path;
    if (link(in->unfinished, path) == 0 && unlink(in->unfinished) == 0)
        return file_sync_folder(path, error);
    return fail(error, errno == EEXIST ? ERROR_EXISTS : ERROR_IO, _("unable to create '%s': %s"),
                path, strerror(errno));
}

static bool copy(struct restoring *in, struct error *error)
{
    const char *path = text_format(&in->backup->arena, "%s.restoring", in->asked->path).bytes;
    in->unfinished = path;
    if (access(path, F_OK) == 0) {
        fail(error, ERROR_EXISTS, _("there is a file already: %s"), path);
        return hint(error,
                    _("a restore was stopped there, or is under way; if none is, remove it"));
    }
    if (!store_backup(in->backup->store, path, in->watch->tell, in->watch->context, error))
        return false;
    if (check_copy(in, error) && erase_again(in, error) && give_name(in, error))
        return true;
    store_remove_file(path);
    return false;
}

static cJSON *answer_of(const struct restoring *in)
{
    cJSON *answer = cJSON_CreateObject();
    bool asked = in->asked->anchor.length > 0;
    cJSON_AddBoolToObject(answer, "ok", true);
    cJSON_AddStringToObject(answer, "path", in->asked->path);
    cJSON_AddItemToObject(answer, "records", json_points(in->records, 0));
    cJSON_AddItemToObject(answer, "anchor_held",
                          asked ? cJSON_CreateBool(in->holds_anchor) : cJSON_CreateNull());
    json_add_moment(answer, version_latest(in->backup), "since", in->last);
    cJSON_AddItemToObject(answer, "erasures", in->erasures);
    cJSON_AddItemToObject(answer, "checkpoint", answer_checkpoint(&in->checkpoint));
    return answer;
}

bool ledger_restore(const struct ledger_options *options, const struct restore_options *restore,
                    const struct watch *watch, cJSON **answer, struct error *error)
{
    const struct verify_options verify = {0};
    const struct ledger_options reading = {.read_only = true};
    struct restoring in = {.options = options, .asked = restore, .watch = watch};
    *answer = NULL;
    if (!ledger_open(&in.backup, restore->backup, &reading, error))
        return false;
    bool ok = check_vacant(&in, error) && check_key(&in, error) &&
              ledger_verify(in.backup, &verify, watch, answer, error);
    if (ok) {
        cJSON_Delete(*answer);
        *answer = NULL;
        ok = check_anchor(&in, error) && look(in.backup, &in.records, &in.last, error) &&
             copy(&in, error);
    }
    if (ok)
        *answer = answer_of(&in);
    else
        cJSON_Delete(in.erasures);
    ledger_close(in.backup);
    return ok;
}
