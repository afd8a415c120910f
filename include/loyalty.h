/* loyalty.h - the public interface of libloyalty.
 *
 * One opaque handle, and JSON text in and out: a request is the object that
 * SPEC.md "Requests" describes (the command's flags are another spelling of the
 * same names), an answer is the object of SPEC.md "Answers". Text is UTF-8.
 *
 * Units. Money is a decimal string in the programme's currency ("58.00"), points
 * are numbers, times are RFC 3339. Nothing here is a float.
 *
 * Ownership. What a function hands out through a `char **` is yours: give it back
 * with loyalty_free(). What you hand in stays yours and is not kept.
 *
 * Language. Messages are English, and names the programme's in English, unless a
 * request says otherwise ("lang": "zh-CN") or loyalty_use_language() did. The
 * translations are within the library: it neither reads nor sets the locale of the
 * process.
 *
 * Threads. One handle belongs to one thread at a time; different handles, also on
 * one ledger, and different processes, run side by side.
 *
 * Failing. Every function returns a loyalty_status, which is also the command's
 * exit status. Where it is not LOYALTY_OK, the answer is
 * {"ok":false,"error":{"code","message","hint","retry", ...}}. The library never
 * prints and never ends the process, with one exception: when memory is exhausted
 * it writes one line to standard error and calls abort(). The open transaction is
 * then rolled back by whoever opens the ledger next: nothing is half done.
 */
#ifndef LOYALTY_H
#define LOYALTY_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#if defined(__GNUC__)
#define LOYALTY_API __attribute__((visibility("default")))
#define LOYALTY_MUST_CHECK __attribute__((warn_unused_result))
#else
#define LOYALTY_API
#define LOYALTY_MUST_CHECK
#endif

#define LOYALTY_VERSION "0.1.0"

typedef enum loyalty_status {
    LOYALTY_OK = 0,
    LOYALTY_FAULT = 1,   /* of the system: disk, key, database */
    LOYALTY_USAGE = 2,   /* called wrongly */
    LOYALTY_INVALID = 3, /* input that cannot be */
    LOYALTY_NOT_FOUND = 4,
    LOYALTY_REFUSED = 5,  /* by a rule: too few points, too late, ... */
    LOYALTY_CONFLICT = 6, /* a key reused with other content */
    LOYALTY_NOT_VERIFIED = 7,
    LOYALTY_BUSY = 8, /* another process holds the lock: try again */
    LOYALTY_FORK = 9  /* two signed histories of one log: both are kept as a proof */
} loyalty_status;

typedef struct loyalty loyalty;

/* How to open. Set `size` to sizeof(struct loyalty_options) and the rest to 0 for
 * the defaults; NULL for all defaults. */
struct loyalty_options {
    size_t size;
    const char *key_path;  /* NULL: the database's path with ".key" behind it */
    int busy_milliseconds; /* how long to wait for another writer; 0: 5000 */
    int read_only;         /* 1: no key is needed, and nothing can be written */
    int64_t test_now;      /* UTC milliseconds; not 0: the clock, on test ledgers only */
    /* The folder outside of the database in which the newest checkpoint is remembered, so that a
     * ledger that was put back is noticed. NULL: $LOYALTY_STATE, else (not of test ledgers)
     * $XDG_STATE_HOME/loyalty, else $HOME/.local/state/loyalty; "none": nothing is remembered.
     * Where it cannot be written to, nothing is, and nothing else is different. */
    const char *state_path;
};

/* What long work needs besides its request. Every member may be NULL. */
struct loyalty_io {
    void *context;
    /* Up to `capacity` bytes of input; 0 at the end, -1 on a fault. */
    int64_t (*read)(void *context, char *bytes, size_t capacity);
    /* Output (export; report, statement as text; findings of reconcile) and rejected lines
     * (import); 0 is success. */
    int (*write)(void *context, const char *bytes, size_t length);
    int (*write_reject)(void *context, const char *bytes, size_t length);
    /* Called now and then with what is done of what is known of the total (total 0:
     * unknown). Not 0 stops the work at the next commit: ERROR interrupted. */
    int (*progress)(void *context, int64_t done, int64_t total);
};

/* The library's version, "0.1.0". */
LOYALTY_API const char *loyalty_version(void);

/* The language of this thread's calls from now on, where a request names none:
 * "zh-CN". NULL, or what is no language tag, is the default, English. */
LOYALTY_API void loyalty_use_language(const char *tag);

/* Make a ledger: the database at `path` and, beside it, the signing key (mode
 * 0600). Neither may exist. The request is {"op":"init"} with "origin" (default:
 * the programme's id, else "loyalty"), "test", and "programme" (the document's
 * text as a JSON string). */
LOYALTY_API LOYALTY_MUST_CHECK loyalty_status loyalty_init(const char *path,
                                                           const struct loyalty_options *options,
                                                           const char *request, char **answer);

/* Make a backup a ledger again, at `path`, where nothing may be; its key must be beside it
 * already, or where options->key_path says. The request is {"op":"restore","backup":PATH}
 * with "anchor" (a checkpoint that the backup must hold) and "accept_loss". The backup is
 * verified first. Of `io` only progress counts; it may be NULL. */
LOYALTY_API LOYALTY_MUST_CHECK loyalty_status loyalty_restore(const char *path,
                                                              const struct loyalty_options *options,
                                                              const char *request,
                                                              const struct loyalty_io *io,
                                                              char **answer);

/* Open a ledger. On failure *ledger is NULL and *answer says why; on success
 * *answer is NULL. */
LOYALTY_API LOYALTY_MUST_CHECK loyalty_status loyalty_open(loyalty **ledger, const char *path,
                                                           const struct loyalty_options *options,
                                                           char **answer);
/* NULL is fine. */
LOYALTY_API void loyalty_close(loyalty *ledger);

/* Carry out `count` requests in order and answer each: answers[i] belongs to
 * requests[i]. Consecutive writing ones share one durable, signed commit; a
 * question, and the end of a programme.apply, ends the commit. One request's
 * refusal touches no other; of a "group" and an "exchange", which are one request of
 * several operations, all are recorded or none. Returns the first status that is not LOYALTY_OK,
 * after all were tried; where a commit itself fails, every answer of it says so and nothing of it
 * was recorded. At most 20,000 requests of 8 MiB each. */
LOYALTY_API LOYALTY_MUST_CHECK loyalty_status loyalty_execute(loyalty *ledger,
                                                              const char *const requests[],
                                                              size_t count, char *answers[]);

/* Long work on an open ledger: one request whose "op" is import, export, verify,
 * prove, publish, cosignature.add, audit, rebuild, backup, report, statement or reconcile. */
LOYALTY_API LOYALTY_MUST_CHECK loyalty_status loyalty_run(loyalty *ledger, const char *request,
                                                          const struct loyalty_io *io,
                                                          char **answer);

/* Evidence, checked without a ledger: one request whose "op" is verify (with "bundle",
 * the folder that an export for an audit made), verify.proof or cosign. The
 * database, the machine and the person it came from need not be trusted; the public
 * key in the request is. */
LOYALTY_API LOYALTY_MUST_CHECK loyalty_status loyalty_evidence(const char *request,
                                                               const struct loyalty_io *io,
                                                               char **answer);

/* Check a programme document without a ledger. The answer lists every fault with
 * line, column and path. */
LOYALTY_API LOYALTY_MUST_CHECK loyalty_status loyalty_check_programme(const char *document,
                                                                      size_t length, char **answer);

/* Bring a ledger of an older version up to date; a backup is made first, at
 * backup_path (NULL: the path with ".before-N" behind it, N the new schema). */
LOYALTY_API LOYALTY_MUST_CHECK loyalty_status loyalty_upgrade(const char *path,
                                                              const char *backup_path,
                                                              char **answer);

/* A spool: a file on the till that keeps requests while the ledger cannot be
 * reached. It needs no ledger, and is made where it is not there. Each request must
 * have a key ("ref", or a purchase's "receipt"); a purchase or return without "at" gets
 * that of now, by the clock of this machine (of the options, test_now and
 * busy_milliseconds count). When a request is answered it is on the disk.
 * answers[i] belongs to requests[i]; the first status that is not LOYALTY_OK. */
LOYALTY_API LOYALTY_MUST_CHECK loyalty_status
loyalty_spool_add(const char *path, const struct loyalty_options *options,
                  const char *const requests[], size_t count, char *answers[]);

/* Send what waits, in order, and remember what was answered; io->write gets a line
 * {"entry":N,"answer":{...}} of each. It stops, with that error, where the ledger fails
 * or is busy, or where time will cure a refusal; what is refused for good is
 * remembered as such and told in "refusals". May be repeated as often as you like. */
LOYALTY_API LOYALTY_MUST_CHECK loyalty_status loyalty_spool_replay(loyalty *ledger,
                                                                   const char *path,
                                                                   const struct loyalty_io *io,
                                                                   char **answer);

/* How much was spooled, and all that is not done. Changes nothing. */
LOYALTY_API LOYALTY_MUST_CHECK loyalty_status
loyalty_spool_show(const char *path, const struct loyalty_options *options, char **answer);

/* Give back an answer. NULL is fine. */
LOYALTY_API void loyalty_free(char *answer);

#ifdef __cplusplus
}
#endif

#endif
