/* A public log (c2sp.org/tlog-tiles): a folder that any static web server can serve.
 *
 * Tiles first, each whole or not there; then all of them are waited for; the checkpoint
 * last: a reader who has a checkpoint finds every tile that it needs. (A wait for each
 * of 39,000 tiles, of ten million records, took three minutes.) Only what is new is written: a full
 * tile never changes. What is there already must be an earlier state of this very
 * log; a folder that knows more than the ledger shows that the ledger is an old
 * copy, and one that knows otherwise that there are two histories. */
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "answer.h"
#include "evidence.h"
#include "hashes.h"
#include "limits.h"
#include "prove.h"
#include "tile.h"
#include "whole_file.h"

enum { TELL_EVERY = 4096, PUBLIC_FILE = 0644, PUBLIC_FOLDER = 0755 };

struct publishing {
    struct ledger *ledger;
    const struct publish_options *options;
    const struct watch *watch;
    struct arena *arena;
    struct proving proving;
    uint64_t size, published; /* records; published: those that the folder has already */
    uint64_t entries_from;    /* likewise of entries */
    int64_t tiles, bundles;
    struct buffer bundle; /* entries of one tile */
    uint64_t next;        /* the record that comes next */
};

/* --- Where it stands -------------------------------------------------------------------- */

static const char *inside(struct publishing *in, const char *name)
{
    return text_format(in->arena, "%s/%s", in->options->folder, name).bytes;
}

static bool keep_both(struct error *error)
{
    return hint(error, _("nothing was published; keep both, and find out which of them is right"));
}

static bool tell_contradiction(struct publishing *in, struct text note, struct error *error)
{
    struct checkpoint old;
    enum standing standing;
    if (!ledger_standing(in->ledger, note, &old, &standing, error))
        return false;
    if (standing == STANDING_CONTRADICTS)
        return ledger_fork(in->ledger, note, "path", error);
    fail(error, standing == STANDING_GIVEN_UP ? ERROR_LEDGER_RESTORED : ERROR_NOT_VERIFIED,
         _("the first %lld records are not those that were published"), (long long)old.size);
    if (standing != STANDING_GIVEN_UP)
        return keep_both(error);
    return hint(error, _("a recovery gave them up: publish what goes on in another folder, and say "
                         "so"));
}

static bool check_published(struct publishing *in, struct text note, struct error *error)
{
    struct checkpoint old;
    struct hash root;
    struct error why;
    struct hash_source source = ledger_hashes(in->ledger);
    if (!checkpoint_open(note, &in->proving.key, NULL, 0, &old, NULL, &why))
        return fail(error, why.code, _("the checkpoint published in '%s': %s"), in->options->folder,
                    why.message);
    if (old.size > in->size) {
        fail(error, ERROR_NOT_VERIFIED,
             _("%lld records are published, the ledger has %lld: it is an older copy, or its "
               "tail was cut"),
             (long long)old.size, (long long)in->size);
        return keep_both(error);
    }
    if (!merkle_root_read(&source, old.size, &root, error))
        return false;
    in->published = old.size;
    if (hash_equal(&root, &old.root))
        return true;
    return tell_contradiction(in, note, error);
}

static bool read_published(struct publishing *in, struct error *error)
{
    struct buffer note = {0};
    bool found = file_load(inside(in, "checkpoint"), LIMIT_NOTE_BYTES, &note, error);
    bool good =
        found ? check_published(in, buffer_view(&note), error) : error->code == ERROR_NO_FILE;
    buffer_free(&note);
    return good;
}

/* A folder has all entries, or none: a gap would be found by nobody but a reader. */
static bool read_entries(struct publishing *in, struct error *error)
{
    struct stat status;
    bool has = stat(inside(in, "tile/entries"), &status) == 0;
    in->entries_from = has ? in->published : 0;
    if (!has || in->options->entries)
        return true;
    fail_field(error, ERROR_USAGE, "entries",
               _("entries are published in '%s', and would fall behind"), in->options->folder);
    return hint(error, _("say --entries, or publish hashes alone into another folder"));
}

/* --- Tiles ---------------------------------------------------------------------------------- */

static bool write_tile(struct publishing *in, struct tile tile, struct text bytes,
                       struct error *error)
{
    struct buffer path = {0}, folder = {0};
    buffer_format(&path, "%s/", in->options->folder);
    tile_path_format(&path, tile);
    const char *whole = buffer_terminate(&path);
    buffer_add(&folder, whole, (size_t)(strrchr(whole, '/') - whole));
    bool good =
        file_make_folders(in->options->folder, buffer_terminate(&folder), PUBLIC_FOLDER, error) &&
        file_replace_soon(whole, bytes, PUBLIC_FILE, error);
    buffer_free(&path);
    buffer_free(&folder);
    return good;
}

static bool tell(struct publishing *in, uint64_t done, struct error *error)
{
    return in->watch->tell == NULL ||
           in->watch->tell(in->watch->context, (int64_t)done, (int64_t)in->size) ||
           fail(error, ERROR_INTERRUPTED, _("stopped before the end"));
}

static bool publish_level(struct publishing *in, int level, struct error *error)
{
    struct hash_source source = ledger_hashes(in->ledger);
    struct buffer bytes = {0};
    bool good = true;
    uint64_t known = in->published >> (level * TILE_HEIGHT) >> TILE_HEIGHT;
    for (uint64_t index = known; good && index < tile_count(in->size, level); index++) {
        struct tile tile = {level, index, tile_width(in->size, level, index)};
        if (tile.width == tile_width(in->published, level, index))
            continue;
        buffer_clear(&bytes);
        good = tile_write(&bytes, &source, tile, error) &&
               write_tile(in, tile, buffer_view(&bytes), error) &&
               (level > 0 || tell(in, index * TILE_WIDTH + tile.width, error));
        in->tiles++;
    }
    buffer_free(&bytes);
    return good;
}

static bool add_entry(void *context, const struct record_row *row, struct error *error)
{
    struct publishing *in = context;
    if (row->seq != (int64_t)in->next)
        return record_broken(error, (int64_t)in->next, _("it is missing"));
    if (!entries_add(&in->bundle, row->head, error))
        return false;
    in->next++;
    if (in->next % TILE_WIDTH != 0 && in->next != in->size)
        return true;
    uint64_t index = (in->next - 1) / TILE_WIDTH;
    struct tile tile = {TILE_ENTRIES, index, tile_width(in->next, TILE_ENTRIES, index)};
    bool good = write_tile(in, tile, buffer_view(&in->bundle), error) && tell(in, in->next, error);
    buffer_clear(&in->bundle);
    in->bundles++;
    return good;
}

static bool publish_entries(struct publishing *in, struct error *error)
{
    if (!in->options->entries || in->entries_from == in->size)
        return true;
    in->next = in->entries_from / TILE_WIDTH * TILE_WIDTH;
    return store_each_record(in->ledger->store, (int64_t)in->next, (int64_t)in->size, add_entry, in,
                             error);
}

static bool publish(struct publishing *in, struct error *error)
{
    if (!proving_begin(&in->proving, in->ledger, error))
        return false;
    in->size = in->proving.checkpoint.size;
    if (!read_published(in, error) || !read_entries(in, error))
        return false;
    for (int level = 0; level <= TILE_LEVEL_MAX && in->size >> (level * TILE_HEIGHT) > 0; level++)
        if (!publish_level(in, level, error))
            return false;
    if (!publish_entries(in, error))
        return false;
    if (in->tiles + in->bundles > 0)
        file_sync_all();
    return file_replace(inside(in, "checkpoint"), in->proving.note, PUBLIC_FILE, error);
}

/* --- The whole ----------------------------------------------------------------------------------
 */

static cJSON *answer_of(const struct publishing *in)
{
    const struct checkpoint_row row = {(int64_t)in->size, in->proving.note};
    cJSON *answer = cJSON_CreateObject();
    cJSON_AddBoolToObject(answer, "ok", true);
    cJSON_AddStringToObject(answer, "path", in->options->folder);
    cJSON_AddItemToObject(answer, "published", json_points((int64_t)in->published, 0));
    cJSON_AddItemToObject(answer, "records", json_points((int64_t)in->size, 0));
    cJSON_AddItemToObject(answer, "tiles", json_points(in->tiles, 0));
    cJSON_AddItemToObject(answer, "bundles", json_points(in->bundles, 0));
    cJSON_AddItemToObject(answer, "checkpoint", answer_checkpoint(&row));
    return answer;
}

/* The folder's lock comes first: two that publish at once could leave the older of
 * two checkpoints behind. */
bool ledger_publish(struct ledger *ledger, const struct publish_options *options,
                    const struct watch *watch, cJSON **answer, struct error *error)
{
    struct publishing in = {
        .ledger = ledger, .options = options, .watch = watch, .arena = &ledger->batch};
    int lock = -1;
    state_clear(&ledger->state);
    arena_reset(&ledger->batch);
    if (!file_make_folders("", options->folder, PUBLIC_FOLDER, error) ||
        !file_lock(inside(&in, ".lock"), PUBLIC_FILE, &lock, error))
        return false;
    bool ok = store_begin_read(ledger->store, error) && publish(&in, error);
    if (ok)
        *answer = answer_of(&in);
    store_rollback(ledger->store);
    file_unlock(lock);
    buffer_free(&in.bundle);
    return ok;
}
