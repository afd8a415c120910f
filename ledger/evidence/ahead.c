/* See ahead.h. A ring of chunks: the reader fills one after another and waits where all
 * are full, the caller empties them in the same order. */
#include "ahead.h"

#include <pthread.h>
#include <signal.h>
#include <stdlib.h>

#include "hashes.h"
#include "language.h"

enum { CHUNKS = 8, CHUNK_RECORDS = 64, CHUNK_BYTES = 64 * 1024, FEW = CHUNKS * CHUNK_RECORDS };

struct chunk {
    struct arena arena;
    struct entry entries[CHUNK_RECORDS];
    unsigned char digests[CHUNK_RECORDS][DIGEST_BYTES];
    size_t count;
};

struct ahead {
    struct store *store;
    int64_t from;
    struct text language; /* what the reader says, it says in the caller's */
    pthread_mutex_t lock; /* of what follows, but for the chunks: each is one side's at a time */
    pthread_cond_t moved;
    size_t filled, emptied; /* chunks so far; what lies between is the caller's */
    bool ended, stopped;    /* nothing comes any more; the caller wants nothing any more */
    bool leads;             /* the reader, so far that it has time to hash bodies, too */
    bool good;              /* how the reading ended */
    struct error error;
    struct chunk chunks[CHUNKS];
};

/* --- The reader ---------------------------------------------------------------------- */

/* Give the chunk away; false where nobody wants another. */
static bool hand_over(struct ahead *in, bool last)
{
    pthread_mutex_lock(&in->lock);
    in->filled++;
    in->ended = last;
    pthread_cond_signal(&in->moved);
    while (!last && !in->stopped && in->filled - in->emptied == CHUNKS)
        pthread_cond_wait(&in->moved, &in->lock);
    bool wanted = !in->stopped;
    in->leads = in->filled - in->emptied > CHUNKS / 2;
    pthread_mutex_unlock(&in->lock);
    return wanted;
}

static bool keep(void *context, const struct record_row *row, struct error *error)
{
    struct ahead *in = context;
    struct chunk *chunk = &in->chunks[in->filled % CHUNKS];
    struct entry *entry = &chunk->entries[chunk->count];
    *entry = entry_of_row(row);
    entry->head = text_copy(&chunk->arena, row->head);
    if (row->has_body) {
        entry->salt = text_copy(&chunk->arena, row->salt);
        entry->body = text_copy(&chunk->arena, row->body);
    }
    if (row->has_body && in->leads) {
        digest(row->salt, row->body, chunk->digests[chunk->count]);
        entry->digest = chunk->digests[chunk->count];
    }
    chunk->count++;
    return (chunk->count < CHUNK_RECORDS && chunk->arena.used < CHUNK_BYTES) ||
           hand_over(in, false) || fail(error, ERROR_INTERRUPTED, _("stopped before the end"));
}

static void *read_all(void *context)
{
    struct ahead *in = context;
    language_use(in->language);
    in->good = store_each_record(in->store, in->from, INT64_MAX, keep, in, &in->error);
    hand_over(in, true);
    return NULL;
}

/* The host's signals are the caller's. */
static bool start_reader(struct ahead *in, pthread_t *reader)
{
    sigset_t all, before;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    bool started = pthread_create(reader, NULL, read_all, in) == 0;
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    return started;
}

/* --- The caller ---------------------------------------------------------------------- */

/* The next chunk, when it is there; NULL at the end. */
static struct chunk *next_chunk(struct ahead *in)
{
    pthread_mutex_lock(&in->lock);
    while (in->filled == in->emptied && !in->ended)
        pthread_cond_wait(&in->moved, &in->lock);
    bool is_there = in->filled > in->emptied;
    pthread_mutex_unlock(&in->lock);
    return is_there ? &in->chunks[in->emptied % CHUNKS] : NULL;
}

static void give_back(struct ahead *in, struct chunk *chunk, bool stop)
{
    chunk->count = 0;
    arena_reset(&chunk->arena);
    pthread_mutex_lock(&in->lock);
    in->emptied++;
    in->stopped = stop;
    pthread_cond_signal(&in->moved);
    pthread_mutex_unlock(&in->lock);
}

static bool take_all(struct ahead *in, entry_taker *take, void *context, struct error *error)
{
    struct chunk *chunk;
    bool good = true;
    while (good && (chunk = next_chunk(in)) != NULL) {
        for (size_t i = 0; good && i < chunk->count; i++)
            good = take(context, &chunk->entries[i], error);
        give_back(in, chunk, !good);
    }
    return good;
}

/* --- Without a thread ---------------------------------------------------------------- */

struct passing {
    entry_taker *take;
    void *context;
};

static bool pass_on(void *context, const struct record_row *row, struct error *error)
{
    const struct passing *passing = context;
    const struct entry entry = entry_of_row(row);
    return passing->take(passing->context, &entry, error);
}

bool entries_ahead(struct store *store, int64_t from, int64_t expected, entry_taker *take,
                   void *context, struct error *error)
{
    struct passing passing = {take, context};
    struct ahead *in = memory_allocate(sizeof *in);
    pthread_t reader;
    in->store = store;
    in->from = from;
    in->language = language_tag();
    pthread_mutex_init(&in->lock, NULL);
    pthread_cond_init(&in->moved, NULL);
    bool good, apart = expected > FEW && start_reader(in, &reader);
    if (apart) {
        good = take_all(in, take, context, error);
        pthread_join(reader, NULL);
        if (good && !in->good) {
            *error = in->error;
            good = false;
        }
    } else {
        good = store_each_record(store, from, INT64_MAX, pass_on, &passing, error);
    }
    pthread_cond_destroy(&in->moved);
    pthread_mutex_destroy(&in->lock);
    for (size_t i = 0; i < CHUNKS; i++)
        arena_free(&in->chunks[i].arena);
    free(in);
    return good;
}
