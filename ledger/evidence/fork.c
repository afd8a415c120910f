/* See fork.h. The file's name is made of what it proves, so that finding the same fork a
 * hundred times keeps it once. */
#include "fork.h"

#include <stdlib.h>

#include "answer.h"
#include "checkpoint.h"
#include "json.h"
#include "whole_file.h"

enum { PRIVATE_FILE = 0600, PRIVATE_FOLDER = 0700, NAMED_BY = 4 };

/* --- Where ------------------------------------------------------------------------------ */

static const char *variable(const char *name)
{
    const char *value = getenv(name);
    return value == NULL || *value == '\0' ? NULL : value;
}

/* A folder that is not absolute would be another one in each place (so says the XDG's
 * specification, too). */
static const char *below(const char *name, const char *rest, struct arena *arena)
{
    const char *folder = variable(name);
    return folder == NULL || *folder != '/' ? NULL : text_format(arena, "%s%s", folder, rest).bytes;
}

const char *state_folder(const char *named, bool test, struct arena *arena)
{
    if (named == NULL)
        named = variable("LOYALTY_STATE");
    if (named != NULL)
        return strcmp(named, "none") == 0 ? NULL : text_format(arena, "%s", named).bytes;
    if (test)
        return NULL;
    const char *folder = below("XDG_STATE_HOME", "/loyalty", arena);
    return folder != NULL ? folder : below("HOME", "/.local/state/loyalty", arena);
}

struct text state_path(const char *folder, const struct verifier *key, const char *what,
                       struct arena *arena)
{
    return text_format(arena, "%s/%08x.%s", folder, key->id, what);
}

struct text state_path_of(const char *folder, const struct verifier *key, const char *what,
                          const struct checkpoint *state, struct arena *arena)
{
    struct buffer name = {0};
    buffer_format(&name, "%s-%llu-", what, (unsigned long long)state->size);
    buffer_hex(&name, state->root.bytes, NAMED_BY);
    struct text path = state_path(folder, key, buffer_terminate(&name), arena);
    buffer_free(&name);
    return path;
}

/* --- Keeping ------------------------------------------------------------------------------ */

static bool read_checkpoint(struct text text, struct checkpoint *checkpoint)
{
    struct note note;
    struct error why;
    return note_parse(text, &note, &why) && checkpoint_parse(note.text, checkpoint, &why);
}

/* Signed notes as JSON strings, one a line, as in a cosigner's memory. */
static bool keep(struct fork *fork, const struct verifier *key, const char *folder,
                 const struct checkpoint *theirs, struct arena *arena)
{
    struct buffer before = {0}, lines = {0};
    struct error why;
    struct text path = state_path_of(folder, key, "fork", theirs, arena);
    json_string(&lines, fork->ours);
    buffer_byte(&lines, '\n');
    json_string(&lines, fork->theirs);
    buffer_byte(&lines, '\n');
    bool kept = file_load(path.bytes, LIMIT_NOTE_BYTES, &before, &why) ||
                (file_make_folders("", folder, PRIVATE_FOLDER, &why) &&
                 file_replace(path.bytes, buffer_view(&lines), PRIVATE_FILE, &why));
    buffer_free(&before);
    buffer_free(&lines);
    if (kept)
        fork->file = path;
    return kept;
}

bool fork_fail(struct fork *fork, const struct verifier *key, const char *folder, const char *field,
               struct arena *arena, struct error *error)
{
    struct checkpoint ours = {0}, theirs = {0};
    fork->ours = text_copy(arena, fork->ours);
    fork->theirs = text_copy(arena, fork->theirs);
    fork->file = (struct text){0};
    read_checkpoint(fork->ours, &ours);
    bool kept = read_checkpoint(fork->theirs, &theirs) && folder != NULL &&
                keep(fork, key, folder, &theirs, arena);
    fail_field(error, ERROR_FORK, field,
               _("the key of %s has signed two histories: the state of %lld records and this one "
                 "of %lld contradict each other"),
               key->name, (long long)theirs.size, (long long)ours.size);
    return kept
               ? hint(error, _("both are kept in '%s': show them to the auditor"), fork->file.bytes)
               : hint(error, _("keep both notes, and show them to the auditor"));
}

cJSON *fork_report(const struct fork *fork, cJSON *report)
{
    cJSON *told = cJSON_CreateObject();
    if (report == NULL)
        report = cJSON_CreateObject();
    cJSON_AddItemToObject(told, "ours", json_text(fork->ours));
    cJSON_AddItemToObject(told, "theirs", json_text(fork->theirs));
    cJSON_AddItemToObject(told, "file",
                          fork->file.length == 0 ? cJSON_CreateNull() : json_text(fork->file));
    cJSON_AddItemToObject(report, "fork", told);
    return report;
}
