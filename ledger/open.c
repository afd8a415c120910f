/* Making, opening and closing a ledger. */
#include <errno.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "checkpoint.h"
#include "ledger_private.h"
#include "pipeline.h"
#include "whole_file.h"

enum { DEFAULT_BUSY = 5000 };

static const char *key_path_of(const char *path, const struct ledger_options *options,
                               struct arena *arena)
{
    return options->key_path != NULL ? options->key_path : text_format(arena, "%s.key", path).bytes;
}

static int busy_of(const struct ledger_options *options)
{
    return options->busy_milliseconds > 0 ? options->busy_milliseconds : DEFAULT_BUSY;
}

static struct ledger *ledger_new(const struct ledger_options *options)
{
    struct ledger *ledger = memory_allocate(sizeof *ledger);
    ledger->options = *options;
    ledger->mark.file = -1;
    return ledger;
}

void ledger_close(struct ledger *ledger)
{
    if (ledger == NULL)
        return;
    highwater_end(&ledger->mark);
    store_close(ledger->store);
    signer_wipe(&ledger->signer);
    sodium_memzero(&ledger->keyed, sizeof ledger->keyed);
    state_free(&ledger->state);
    arena_free(&ledger->arena);
    arena_free(&ledger->batch);
    buffer_free(&ledger->scratch);
    buffer_free(&ledger->body);
    free(ledger->versions);
    free(ledger);
}

/* --- Opening ------------------------------------------------------------------ */

/* Record 0 says whose log this is. */
static bool read_genesis(struct ledger *ledger, struct error *error)
{
    struct record_row row;
    struct head head;
    bool found = false;
    if (!store_record(ledger->store, &ledger->arena, 0, &row, &found, error))
        return false;
    if (!found)
        return fail(error, ERROR_NOT_A_LEDGER, _("the ledger has no first record"));
    if (!head_decode(row.head, &ledger->arena, &head, error)) {
        struct error why = *error;
        fail(error, ERROR_CORRUPT, _("record %lld: %s"), 0LL, why.message);
        return hint(error, _("somebody changed the ledger; compare it with a backup"));
    }
    if (head.kind != RECORD_GENESIS || head.genesis.origin.length == 0)
        return fail(error, ERROR_CORRUPT, _("the first record is no genesis"));
    if (head.genesis.format != FORMAT)
        return fail(error, ERROR_NEWER_SCHEMA, _("the log has format %lld; this program knows %d"),
                    (long long)head.genesis.format, FORMAT);
    ledger->origin = head.genesis.origin;
    ledger->vkey = head.genesis.vkey;
    ledger->test = head.genesis.test;
    return true;
}

static bool prepare(struct ledger *ledger, struct error *error)
{
    unsigned char secret[SECRET_BYTES];
    if (!read_genesis(ledger, error) || !store_secret(ledger->store, secret, error))
        return false;
    keyed_hash_prepare(&ledger->keyed, secret);
    sodium_memzero(secret, sizeof secret);
    if (ledger->options.test_now == 0 || ledger->test)
        return true;
    return fail_field(error, ERROR_NOT_TEST, "now",
                      _("only a ledger made with --test takes a clock"));
}

bool ledger_open(struct ledger **out, const char *path, const struct ledger_options *options,
                 struct error *error)
{
    *out = NULL;
    if (sodium_init() < 0)
        return fail(error, ERROR_IO, _("no source of random numbers"));
    struct ledger *ledger = ledger_new(options);
    enum store_mode mode = options->read_only ? STORE_READ : STORE_WRITE;
    bool ok =
        store_open(&ledger->store, path, mode, busy_of(options), error) && prepare(ledger, error);
    if (ok && !options->read_only) {
        ok = key_file_read(key_path_of(path, options, &ledger->arena), ledger->vkey,
                           &ledger->signer, error);
        ledger->can_sign = ok;
    }
    ledger->path = text_copy(&ledger->arena, text_of(path));
    if (!ok) {
        ledger_close(ledger);
        return false;
    }
    highwater_begin(ledger);
    *out = ledger;
    return true;
}

/* The first record again, from what the log says; the secret must be the one that
 * it committed to. */
static bool copy_genesis(struct ledger *scratch, struct ledger *like, struct error *error)
{
    struct record_row row;
    struct head *head = arena_allocate(&scratch->arena, sizeof *head);
    unsigned char secret[SECRET_BYTES], committed[DIGEST_BYTES];
    bool found = false;
    if (!store_record(like->store, &scratch->arena, 0, &row, &found, error) ||
        !head_decode(row.head, &scratch->arena, head, error) ||
        !store_secret(like->store, secret, error))
        return false;
    digest((struct text){(const char *)secret, SECRET_BYTES}, (struct text){0}, committed);
    bool same = memcmp(committed, head->genesis.secret, DIGEST_BYTES) == 0;
    bool ok = same ? store_begin_write(scratch->store, error) &&
                         store_set_secret(scratch->store, secret, error) &&
                         pipeline_write_first(scratch, head, error) &&
                         store_commit(scratch->store, error)
                   : fail_field(error, ERROR_NOT_VERIFIED, "secret",
                                _("the ledger's secret is not the one that record 0 commits to"));
    sodium_memzero(secret, sizeof secret);
    return ok;
}

bool ledger_open_scratch(struct ledger **out, struct ledger *like, const struct replay *replay,
                         struct error *error)
{
    struct ledger *scratch = ledger_new(&like->options);
    *out = scratch;
    scratch->replay = replay;
    scratch->test = like->test;
    scratch->origin = like->origin;
    scratch->vkey = like->vkey;
    scratch->keyed = like->keyed;
    return store_open(&scratch->store, NULL, STORE_SCRATCH, DEFAULT_BUSY, error) &&
           copy_genesis(scratch, like, error);
}

bool ledger_programme(struct ledger *ledger, const struct request *request,
                      const struct programme **programme, struct error *error)
{
    if (!pipeline_begin(ledger, false, error))
        return false;
    pipeline_end(ledger);
    const struct version *version = version_at(ledger, ledger_clock(ledger, request));
    *programme = version == NULL ? NULL : version->programme;
    return true;
}

/* --- Making --------------------------------------------------------------------- */

/* Nothing may stand where the new ledger will. */
static bool check_vacant(const char *path, const char *key_path, struct error *error)
{
    if (access(path, F_OK) == 0)
        return fail(error, ERROR_EXISTS, _("there is a file already: %s"), path);
    if (access(key_path, F_OK) == 0) {
        fail(error, ERROR_EXISTS, _("there is a key already: %s"), key_path);
        return hint(error, _("a key is never overwritten; choose another path for the new ledger"));
    }
    return true;
}

static bool write_genesis(struct ledger *ledger, const unsigned char secret[SECRET_BYTES],
                          struct error *error)
{
    struct head *head = arena_allocate(&ledger->arena, sizeof *head);
    head_clear(head);
    head->kind = RECORD_GENESIS;
    head->real = ledger_clock(ledger, NULL);
    head->genesis.origin = ledger->origin;
    head->genesis.vkey = ledger->vkey;
    head->genesis.format = FORMAT;
    head->genesis.test = ledger->test;
    digest((struct text){(const char *)secret, SECRET_BYTES}, (struct text){0},
           head->genesis.secret);
    if (!store_begin_write(ledger->store, error))
        return false;
    bool ok =
        store_set_secret(ledger->store, secret, error) && pipeline_write_first(ledger, head, error);
    if (ok && store_commit(ledger->store, error))
        return true;
    store_rollback(ledger->store);
    return false;
}

static bool apply_first(struct ledger *ledger, struct text document, struct error *error)
{
    struct request request = {.op = OPERATION_PROGRAMME_APPLY, .document = document};
    struct outcome outcome;
    if (document.length == 0)
        return true;
    request_mark(&request, FIELD_PROGRAMME);
    if (!ledger_execute(ledger, LEDGER_LIVE, &request, 1, &outcome, error))
        return false;
    if (!outcome.done)
        *error = *outcome.error;
    return outcome.done;
}

/* Give the finished database its name, unless somebody has been there meanwhile. */
static bool publish(const char *made, const char *path, struct error *error)
{
    if (link(made, path) == 0 && unlink(made) == 0)
        return file_sync_folder(path, error);
    return fail(error, errno == EEXIST ? ERROR_EXISTS : ERROR_IO, _("unable to create '%s': %s"),
                path, strerror(errno));
}

/* The key first, then the database under another name until it is whole: whoever is
 * killed here leaves at most a key that signs nothing. */
static bool make(struct ledger *ledger, const char *path, const char *key_path,
                 struct text document, struct error *error)
{
    unsigned char secret[SECRET_BYTES];
    struct buffer vkey = {0};
    randombytes_buf(secret, sizeof secret);
    if (!signer_generate(ledger->origin, KEY_ED25519, &ledger->signer, error) ||
        !key_file_create(key_path, &ledger->signer, error))
        return false;
    ledger->can_sign = true;
    verifier_format(&vkey, &ledger->signer.verifier);
    ledger->vkey = text_copy(&ledger->arena, buffer_view(&vkey));
    buffer_free(&vkey);
    keyed_hash_prepare(&ledger->keyed, secret);
    const char *unfinished = text_format(&ledger->arena, "%s.new", path).bytes;
    store_remove_file(unfinished); /* of somebody who was killed */
    bool ok = store_create(&ledger->store, unfinished, busy_of(&ledger->options), error) &&
              write_genesis(ledger, secret, error) && apply_first(ledger, document, error);
    sodium_memzero(secret, sizeof secret);
    store_close(ledger->store);
    ledger->store = NULL;
    if (ok && publish(unfinished, path, error))
        return true;
    store_remove_file(unfinished);
    unlink(key_path);
    return false;
}

static bool origin_is_valid(struct text origin)
{
    for (size_t i = 0; i < origin.length; i++) {
        if (origin.bytes[i] <= ' ' || origin.bytes[i] > '~' || origin.bytes[i] == '"' ||
            origin.bytes[i] == '\\' || origin.bytes[i] == '+')
            return false;
    }
    return origin.length >= 1 && origin.length <= 128;
}

bool ledger_init(const char *path, const struct ledger_options *options, struct text origin,
                 bool test, struct text document, struct ledger_made *made, struct error *error)
{
    if (sodium_init() < 0)
        return fail(error, ERROR_IO, _("no source of random numbers"));
    struct ledger *ledger = ledger_new(options);
    const char *key_path = key_path_of(path, options, &ledger->arena);
    const struct programme *programme = NULL;
    bool ok =
        document.length == 0 || (programme = programme_read(made->arena, document, (struct text){0},
                                                            &made->faults, error)) != NULL;
    if (ok && origin.length == 0)
        origin = programme != NULL ? programme->id : text_of("loyalty");
    ok = ok && (origin_is_valid(origin) ||
                fail_field(error, ERROR_INVALID_FIELD, "origin",
                           _("an origin is printable ASCII without spaces, quotes and +")));
    ledger->origin = text_copy(&ledger->arena, origin);
    ledger->test = test;
    ok = ok &&
         (options->test_now == 0 || test ||
          fail_field(error, ERROR_NOT_TEST, "now",
                     _("only a ledger made with --test takes a clock"))) &&
         check_vacant(path, key_path, error) && make(ledger, path, key_path, document, error);
    if (ok) {
        made->origin = text_copy(made->arena, ledger->origin);
        made->vkey = text_copy(made->arena, ledger->vkey);
        made->key_path = text_copy(made->arena, text_of(key_path));
        made->size = ledger->state.tip.size;
    }
    ledger_close(ledger);
    return ok;
}

int64_t ledger_size(const struct ledger *ledger)
{
    return ledger->state.tip.size;
}
