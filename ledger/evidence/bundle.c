/* Writing the auditor's bundle (bundle.h): into a folder beside the one that was
 * asked for, renamed when it is whole, so that a bundle is there or it is not. */
#include "bundle.h"

#include <errno.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "answer.h"
#include "cosigned.h"
#include "evidence.h"
#include "hashes.h"
#include "json.h"
#include "prove.h"
#include "whole_file.h"

enum { TELL_EVERY = 4096, PRIVATE_FILE = 0600, PRIVATE_FOLDER = 0700 };

static const char *const names[] = BUNDLE_NAMES;
_Static_assert(sizeof names / sizeof *names == BUNDLE_FILES, "a name for each file");

struct bundling {
    struct ledger *ledger;
    const struct watch *watch;
    struct arena *arena;
    const char *part; /* the folder while it is made */
    struct proving proving;
    struct checkpoint start; /* size 0: from the first record */
    struct file_writer files[BUNDLE_FILES];
    bool open[BUNDLE_FILES];
    struct buffer line;
    int64_t records, bodies, checkpoints, programmes;
};

static bool create(struct bundling *in, enum bundle_file file, struct error *error)
{
    struct text path = text_format(in->arena, "%s/%s", in->part, names[file]);
    in->open[file] = file_create(&in->files[file], path, PRIVATE_FILE, error);
    return in->open[file];
}

/* What stands in in->line, and a newline. */
static bool put_line(struct bundling *in, enum bundle_file file, struct error *error)
{
    buffer_byte(&in->line, '\n');
    bool put = file_write_text(&in->files[file], buffer_view(&in->line), error);
    buffer_clear(&in->line);
    return put;
}

static bool put_record(void *context, const struct record_row *row, struct error *error)
{
    struct bundling *in = context;
    struct entry body = entry_of_row(row);
    body.head = (struct text){0};
    buffer_text(&in->line, row->head);
    if (!put_line(in, BUNDLE_HEADS, error))
        return false;
    if (row->has_body) {
        entry_format(&in->line, &body);
        in->bodies++;
        if (!put_line(in, BUNDLE_BODIES, error))
            return false;
    }
    in->records++;
    if (in->watch->tell != NULL && in->records % TELL_EVERY == 0 &&
        !in->watch->tell(in->watch->context, in->records,
                         (int64_t)(in->proving.checkpoint.size - in->start.size)))
        return fail(error, ERROR_INTERRUPTED, _("stopped before the end"));
    return true;
}

static bool put_checkpoint(void *context, const struct checkpoint_row *row, struct error *error)
{
    struct bundling *in = context;
    struct arena scratch = {0};
    struct text note;
    if (row->size <= (int64_t)in->start.size)
        return true;
    bool read = cosigned_note(in->ledger, &scratch, row, &note, error);
    if (read)
        json_string(&in->line, note);
    arena_free(&scratch);
    if (!read)
        return false;
    in->checkpoints++;
    return put_line(in, BUNDLE_CHECKPOINTS, error);
}

static bool put_programmes(struct bundling *in, struct error *error)
{
    struct programme_row *rows = NULL;
    size_t count = 0;
    if (!store_programmes(in->ledger->store, in->arena, &rows, &count, error))
        return false;
    for (size_t i = 0; i < count; i++) {
        struct buffer proof = {0};
        bool made = prove_record(&in->proving, rows[i].seq, &proof, error);
        if (made)
            json_string(&in->line, buffer_view(&proof));
        buffer_free(&proof);
        if (!made || !put_line(in, BUNDLE_PROGRAMMES, error))
            return false;
        in->programmes++;
    }
    return true;
}

static bool put_start(struct bundling *in, struct text note, struct error *error)
{
    struct merkle_edge edge;
    struct hash root;
    struct hash_source source = ledger_hashes(in->ledger);
    if (in->start.size == 0)
        return true;
    if (!merkle_edge_read(&source, in->start.size, &edge, error))
        return false;
    merkle_edge_root(&edge, &root);
    if (!hash_equal(&root, &in->start.root))
        return fail_field(error, ERROR_NOT_VERIFIED, "since",
                          _("the first %lld records are not those that the checkpoint vouches for"),
                          (long long)in->start.size);
    struct proof lines = {.count = (size_t)__builtin_popcountll(edge.size)};
    memcpy(lines.hashes, edge.nodes, lines.count * sizeof *lines.hashes);
    proof_lines_format(&in->line, &lines);
    bool put = create(in, BUNDLE_FROM, error) && create(in, BUNDLE_EDGE, error) &&
               file_write_text(&in->files[BUNDLE_FROM], note, error) &&
               file_write_text(&in->files[BUNDLE_EDGE], buffer_view(&in->line), error);
    buffer_clear(&in->line);
    return put;
}

static bool put_all(struct bundling *in, struct text note, struct error *error)
{
    for (enum bundle_file file = BUNDLE_HEADS; file < BUNDLE_FROM; file++)
        if (!create(in, file, error))
            return false;
    buffer_text(&in->line, in->ledger->vkey);
    return put_line(in, BUNDLE_KEYS, error) &&
           file_write_text(&in->files[BUNDLE_CHECKPOINT], in->proving.note, error) &&
           put_start(in, note, error) && put_programmes(in, error) &&
           store_each_record(in->ledger->store, (int64_t)in->start.size,
                             (int64_t)in->proving.checkpoint.size, put_record, in, error) &&
           store_each_checkpoint(in->ledger->store, put_checkpoint, in, error);
}

static bool finish_all(struct bundling *in, struct error *error)
{
    struct buffer manifest = {0};
    unsigned char hash[SHA256_BYTES];
    bool good = true;
    for (int file = 0; good && file < BUNDLE_FILES; file++) {
        if (!in->open[file])
            continue;
        in->open[file] = false;
        good = file_finish(&in->files[file], hash, error);
        buffer_hex(&manifest, hash, good ? sizeof hash : 0);
        buffer_format(&manifest, "  %s\n", names[file]);
    }
    struct text path = text_format(in->arena, "%s/" BUNDLE_MANIFEST, in->part);
    good = good && file_replace(path.bytes, buffer_view(&manifest), PRIVATE_FILE, error);
    buffer_free(&manifest);
    return good;
}

/* Nothing half made stays behind. */
static void take_away(struct bundling *in)
{
    for (int file = 0; file < BUNDLE_FILES; file++) {
        if (in->open[file])
            file_abandon(&in->files[file]);
        unlink(text_format(in->arena, "%s/%s", in->part, names[file]).bytes);
    }
    unlink(text_format(in->arena, "%s/" BUNDLE_MANIFEST, in->part).bytes);
    rmdir(in->part);
}

static bool make_folder(struct bundling *in, const char *path, struct error *error)
{
    struct stat status;
    if (stat(path, &status) == 0) {
        fail_field(error, ERROR_EXISTS, "audit", _("'%s' exists already"), path);
        return hint(error, _("name another folder; an existing one is never overwritten"));
    }
    in->part = text_format(in->arena, "%s.part", path).bytes;
    if (mkdir(in->part, PRIVATE_FOLDER) == 0)
        return true;
    return fail(error,
                errno == ENOENT   ? ERROR_NO_FILE
                : errno == EEXIST ? ERROR_EXISTS
                                  : ERROR_IO,
                _("unable to make the folder '%s': %s"), in->part, strerror(errno));
}

static bool begin(struct bundling *in, struct text since, struct error *error)
{
    if (!proving_begin(&in->proving, in->ledger, error))
        return false;
    if (since.length == 0)
        return true;
    struct error why;
    if (!checkpoint_open(since, &in->proving.key, NULL, 0, &in->start, NULL, &why))
        return fail_field(error, why.code, "since", "%s", why.message);
    return in->start.size <= in->proving.checkpoint.size ||
           fail_field(error, ERROR_NOT_VERIFIED, "since",
                      _("the checkpoint vouches for %lld records, the log has %lld: its tail was "
                        "cut"),
                      (long long)in->start.size, (long long)in->proving.checkpoint.size);
}

static cJSON *answer_of(const struct bundling *in, const char *path)
{
    const struct checkpoint_row row = {(int64_t)in->proving.checkpoint.size, in->proving.note};
    cJSON *answer = cJSON_CreateObject();
    cJSON_AddBoolToObject(answer, "ok", true);
    cJSON_AddStringToObject(answer, "audit", path);
    cJSON_AddItemToObject(answer, "from", json_points((int64_t)in->start.size, 0));
    cJSON_AddItemToObject(answer, "records", json_points(in->records, 0));
    cJSON_AddItemToObject(answer, "bodies", json_points(in->bodies, 0));
    cJSON_AddItemToObject(answer, "checkpoints", json_points(in->checkpoints, 0));
    cJSON_AddItemToObject(answer, "programmes", json_points(in->programmes, 0));
    cJSON_AddItemToObject(answer, "checkpoint", answer_checkpoint(&row));
    return answer;
}

static bool bundle(struct bundling *in, const char *path, struct text since, struct error *error)
{
    if (!begin(in, since, error) || !make_folder(in, path, error))
        return false;
    bool good = put_all(in, since, error) && finish_all(in, error);
    if (good && rename(in->part, path) != 0)
        good =
            fail(error, ERROR_IO, _("unable to make the folder '%s': %s"), path, strerror(errno));
    if (!good)
        take_away(in);
    return good && file_sync_folder(path, error);
}

bool ledger_bundle(struct ledger *ledger, const char *path, struct text since,
                   const struct watch *watch, cJSON **answer, struct error *error)
{
    struct bundling in = {.ledger = ledger, .watch = watch, .arena = &ledger->batch};
    state_clear(&ledger->state);
    arena_reset(&ledger->batch);
    if (!store_begin_read(ledger->store, error))
        return false;
    bool ok = bundle(&in, path, since, error);
    if (ok)
        *answer = answer_of(&in, path);
    store_rollback(ledger->store);
    buffer_free(&in.line);
    return ok;
}
