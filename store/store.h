/* The store: typed verbs over SQLite, and the only room that speaks SQL.
 *
 * It knows rows, not meaning. Reading verbs take many keys at once and fill
 * rows; one verb, store_apply(), writes everything that one commit changes. The
 * engine gives keys in ascending order, so that each page is touched once.
 *
 * Three kinds of tables (SPEC.md "Storage"): facts (record, checkpoint): only
 * ever appended, guarded by triggers and by an authorizer; vault (body,
 * identifier, secret): erasable, not rebuildable; projections: recreated from
 * the facts by folding heads.
 *
 * One handle belongs to one thread. Every function returns false with *error
 * filled; ERROR_BUSY where another process kept the lock beyond the time-out. */
#ifndef LOYALTY_STORE_H
#define LOYALTY_STORE_H

#include <stdbool.h>
#include <stdint.h>

#include "buffer.h"
#include "error.h"
#include "id.h"
#include "memory.h"

enum { STORE_APPLICATION_ID = 0x4c6f796c /* "Loyl" */, STORE_HASH = 32 };

struct store;

/* --- Life ---------------------------------------------------------------- */

enum store_mode {
    STORE_READ,     /* refuses to write */
    STORE_WRITE,
    STORE_SCRATCH   /* a private, non-durable database for audit: path NULL; deleted at close.
                     * It has no journal: after a rollback it is good only for closing */
};

/* Make a new database, mode 0600; ERROR_EXISTS if the file is there. On failure
 * there is no file. A process killed within may leave an empty one, which
 * store_open() calls by its name. */
bool store_create(struct store **out, const char *path, int busy_milliseconds, struct error *error);
/* Open one: ERROR_NO_FILE, ERROR_NOT_A_LEDGER (other application id, or no
 * database at all), ERROR_CORRUPT (cut off), ERROR_NEWER_SCHEMA,
 * ERROR_OLDER_SCHEMA (upgrade first), ERROR_READ_ONLY. Readers need to write in
 * the folder, too (WAL), unless the file system as a whole is read-only. Only the
 * schema's number is looked at; its hashes by store_integrity_check() and
 * store_upgrade(). On failure *out is NULL. */
bool store_open(struct store **out, const char *path, enum store_mode mode, int busy_milliseconds,
                struct error *error);
/* Is it still the file that was opened, and of our schema? Asked within each transaction of
 * a process that may be open for weeks: ERROR_IO where it was moved away, ERROR_NEWER_SCHEMA
 * where somebody upgraded it; then nothing is read or written any more. */
bool store_still_fits(struct store *store, struct error *error);
/* The last connection to close leaves no WAL behind. NULL is fine. */
void store_close(struct store *store);

/* Remove a database and what SQLite keeps beside it; nothing where there is none. */
void store_remove_file(const char *path);

/* The schema this program writes, and the one of a file. */
unsigned store_schema_current(void);
/* Bring an older database up to date in one transaction, after an online backup
 * to backup_path (which must not exist). *from: the version it had; where that is
 * the current one nothing happens and no backup is made. ERROR_CORRUPT where its
 * migrations are not the ones this program knows. */
bool store_upgrade(const char *path, const char *backup_path, unsigned *from, struct error *error);
/* An online copy of one moment while others write: one whole file, which needs
 * nothing beside it, mode 0600; to_path must not exist. On failure, and where
 * progress (may be NULL; pages) returns false, ERROR_INTERRUPTED, there is no
 * file. Not within a write transaction. Never contains the signing key. */
bool store_backup(struct store *store, const char *to_path,
                  bool (*progress)(void *context, int64_t done, int64_t total), void *context,
                  struct error *error);

/* --- Transactions -------------------------------------------------------- */

bool store_begin_write(struct store *store, struct error *error);  /* BEGIN IMMEDIATE */
bool store_begin_read(struct store *store, struct error *error);
bool store_commit(struct store *store, struct error *error);       /* failed: rolled back */
void store_rollback(struct store *store);   /* harmless outside a transaction */
/* From now on commits are large and follow each other, as an import's, or are not: then
 * pages wait longer in the write-ahead log, for the next commit writes most of them again. */
void store_in_bulk(struct store *store, bool bulk);

/* --- Rows ---------------------------------------------------------------- */

enum { MODE_NEW = 0 /* not started: log clock at 0 */, MODE_HISTORY = 1, MODE_LIVE = 2 };

/* Where the log ends: one row. */
struct tip {
    int64_t size;         /* records */
    int64_t time;         /* of the last record; UTC milliseconds */
    int64_t mode;         /* MODE_... */
    int64_t history_open; /* 1 between a history's opening and closing record */
    int64_t closed;       /* the first moment that no closed period covers; 0 none is closed */
    int64_t held;         /* returns that wait for their purchase, sales for their member */
    struct text edge;     /* right edge of the Merkle tree, see tlog/merkle.h */
};
struct record_row {       /* facts: record; vault: body */
    int64_t seq;
    struct text head;
    struct text salt, body; /* both empty where the record has no body, or it was erased */
    bool has_body;
};
struct checkpoint_row {   /* facts */
    int64_t size;
    struct text note;
};
struct tile_row {         /* key (level, n): root of the n-th run of 256^level records */
    int64_t level, n;     /* level from 1, n from 0 */
    unsigned char root[STORE_HASH];
};
struct key_row {          /* refs and receipt identities, hashed */
    unsigned char hash[KEY_HASH_BYTES];
    int64_t seq;          /* the operation's (first) record; reading: -1 where absent */
};
struct member_row {
    uint64_t id, wallet;
    uint64_t merged;      /* the member that they have become; 0 none */
    int64_t joined;       /* business time of member.add; UTC milliseconds */
    int64_t last;         /* newest record about this member */
    int64_t erased;       /* record that erased them; 0 none */
    int64_t hold;         /* nothing about them is erased before this moment; 0 whenever */
};
struct balance_row {      /* key (wallet, currency) */
    uint64_t wallet;
    struct text currency;
    int64_t available, pending, reserved; /* point units, >= 0 */
    int64_t debt;                         /* <= 0 */
    int64_t idle;         /* all available points lapse at this moment; LIMIT_UNITS never */
    int64_t dated;        /* rules in force until this moment have dated its lots */
    int64_t due;          /* when something of it is due next, a hint; LIMIT_UNITS nothing is */
};
struct carry_row {        /* key (member, currency): the fraction of a point kept, in [0, 1) */
    uint64_t member;
    struct text currency;
    int64_t numerator, denominator;
};
struct lot_row {          /* key id = seq * 1024 + index within the record */
    int64_t id;
    uint64_t wallet, member; /* member: who earned it */
    struct text currency;
    int64_t amount, left;    /* born with; pending or available */
    int64_t reserved;        /* held for redemptions */
    int64_t available_from;  /* pending until; 0 available; LIMIT_UNITS until an operation */
    int64_t expires;         /* lapses at this moment; LIMIT_UNITS never */
    struct text origin;      /* "purchase", "goodwill", ... */
    int64_t earned;          /* business time of the record that made it; UTC milliseconds */
};
struct returned_row {     /* key seq of the purchase: what has been returned of it */
    int64_t seq;
    struct text state;    /* canonical JSON that ledger/ writes and reads */
};
struct cancelled_row {    /* key seq of the operation that was cancelled */
    int64_t seq, by;
};
struct holder_row {       /* key seq of a purchase that is not (any more) its record's member's */
    int64_t seq, by;      /* record that gave it to its member; -1 nobody has it */
};
struct reservation_row {  /* key seq of the record that reserved the points */
    int64_t seq;
    uint64_t wallet;
    struct text currency;
    int64_t until;        /* lapses at this moment */
    int64_t by;           /* record that resolved it; -1 while it is open */
};
struct household_row {    /* key (wallet, member) */
    uint64_t wallet, member;
    int64_t active;       /* 1 while the member shares the wallet */
};
struct counter_row {      /* key (owner, name, bucket) */
    uint64_t owner;       /* a member; 0 the programme */
    struct text name, bucket;
    int64_t value;        /* 0 where absent */
};
struct measure_row {      /* key (member, measure, grain, period): what counts for tiers */
    uint64_t member;
    struct text measure;  /* "spend", "earned:level", ... */
    int64_t grain;        /* GRAIN_... */
    int64_t period;       /* days since 1970; months since January 1970 */
    int64_t value;        /* of "days:...": receipts of the day; days of the month with any */
    bool removed;         /* apply: take the row out. A day that is 0, a month without days */
};
enum { GRAIN_DAY = 0, GRAIN_MONTH = 1 };
struct tier_row {         /* key member */
    uint64_t member;
    struct text level;    /* their level; empty where there is no row */
    int64_t since;        /* from when on records say so, UTC milliseconds */
    int64_t due;          /* when something becomes of it by time; LIMIT_UNITS never */
    int64_t judged;       /* versions in force until this moment have judged it */
    struct text state;    /* the head's "tier" */
};
struct held_row {         /* key seq of the record of a return, or sale, that waits */
    int64_t seq;
    unsigned char awaits[KEY_HASH_BYTES];
    int64_t by;           /* record that did it or called it off; -1 while it waits */
};
struct operator_row {     /* key hash: whose card is an operator's own */
    unsigned char hash[KEY_HASH_BYTES];
    uint64_t member;      /* 0: nobody's */
};
struct erased_row {       /* key first: bodies that are gone */
    int64_t first, last;  /* records, both */
    int64_t by;           /* record that says so */
};
struct programme_row {    /* key version, from 1 */
    int64_t version;
    int64_t seq;          /* its record; the document is in that body */
    int64_t from;         /* in force from; UTC milliseconds */
};
struct identifier_row {   /* vault; key hash */
    unsigned char hash[KEY_HASH_BYTES];
    uint64_t member;      /* reading: 0 where absent */
    struct text kind;     /* "card", "phone" */
    struct text shown;    /* masked: "…7850" */
    bool removed;         /* apply: take the row out */
};

/* --- Reading. Texts are copied into the arena. ---------------------------- */

/* All zero before the first commit. */
bool store_tip(struct store *store, struct arena *arena, struct tip *tip, struct error *error);
bool store_secret(struct store *store, unsigned char secret[SECRET_BYTES], struct error *error);

/* Fill rows whose key is set by the caller; absent rows keep their other fields
 * zero (seq -1 for keys, id 0 -> see each). */
bool store_keys(struct store *store, struct key_row rows[], size_t count, struct error *error);
bool store_identifiers(struct store *store, struct arena *arena, struct identifier_row rows[],
                       size_t count, struct error *error);
/* rows[i].id set by the caller; absent: wallet 0. */
bool store_members(struct store *store, struct member_row rows[], size_t count, struct error *error);
/* Everything that each wallet / member has; the caller sets the key, the rows are in the
 * arena, in key order. */
struct balance_list {
    uint64_t wallet;
    struct balance_row *rows;
    size_t count, capacity;
};
struct carry_list {
    uint64_t member;
    struct carry_row *rows;
    size_t count, capacity;
};
bool store_balances(struct store *store, struct arena *arena, struct balance_list lists[],
                    size_t count, struct error *error);
bool store_carries(struct store *store, struct arena *arena, struct carry_list lists[],
                   size_t count, struct error *error);
bool store_identifiers_of(struct store *store, struct arena *arena, uint64_t member,
                          struct identifier_row **rows, size_t *count, struct error *error);
/* Open lots (left > 0) of a wallet and currency in burn order (expires, id),
 * strictly after (after_expires, after_id); at most `limit` (from the first:
 * -1, -1). *count < limit means there are no more. */
bool store_open_lots(struct store *store, struct arena *arena, uint64_t wallet,
                     struct text currency, int64_t after_expires, int64_t after_id, size_t limit,
                     struct lot_row **rows, size_t *count, struct error *error);
/* The same of pending lots, by (available_from, id). */
bool store_pending_lots(struct store *store, struct arena *arena, uint64_t wallet,
                        struct text currency, int64_t after_available, int64_t after_id,
                        size_t limit, struct lot_row **rows, size_t *count, struct error *error);
/* One lot by id; *found false where absent. */
bool store_lot(struct store *store, struct arena *arena, int64_t id, struct lot_row *row,
               bool *found, struct error *error);
bool store_returned(struct store *store, struct arena *arena, int64_t seq,
                    struct returned_row *row, bool *found, struct error *error);
bool store_cancelled(struct store *store, int64_t seq, int64_t *by /* -1 where not */,
                     struct error *error);
bool store_holder(struct store *store, int64_t seq, struct holder_row *row, bool *found,
                  struct error *error);
/* One by its seq; *found false where absent. */
bool store_reservation(struct store *store, struct arena *arena, int64_t seq,
                       struct reservation_row *row, bool *found, struct error *error);
/* The open ones of a wallet, by seq. */
bool store_reservations(struct store *store, struct arena *arena, uint64_t wallet,
                        struct reservation_row **rows, size_t *count, struct error *error);
/* Everybody who is or was in a household, by id. */
bool store_household(struct store *store, struct arena *arena, uint64_t wallet,
                     struct household_row **rows, size_t *count, struct error *error);
/* Fill value of one counter whose key is set. */
bool store_counter(struct store *store, struct counter_row *row, struct error *error);
/* All counters of an owner, in key order. */
bool store_counters_of(struct store *store, struct arena *arena, uint64_t owner,
                       struct counter_row **rows, size_t *count, struct error *error);
/* What has counted of one measure: its days, or its months, from `first` on to `last`, both, in
 * order. */
bool store_measures(struct store *store, struct arena *arena, uint64_t member,
                    struct text measure, int64_t grain, int64_t first, int64_t last,
                    struct measure_row **rows, size_t *count, struct error *error);
/* All that anything has counted of for a member, by name. */
bool store_measures_of(struct store *store, struct arena *arena, uint64_t member,
                       struct text **measures, size_t *count, struct error *error);
/* Fill the level of one member whose id is set. */
bool store_tier(struct store *store, struct arena *arena, struct tier_row *row,
                struct error *error);
/* Members to whose levels time does something at or before `until`, the longest due first. */
bool store_tiers_due(struct store *store, struct arena *arena, int64_t until, size_t limit,
                     uint64_t **members, size_t *count, struct error *error);
/* Members whose level no version in force at `since` has judged. */
bool store_tiers_unjudged(struct store *store, struct arena *arena, int64_t since, size_t limit,
                          uint64_t **members, size_t *count, struct error *error);
/* Somebody who is there, with their level (tier.level empty: no row) and, where they are asked
 * for, the days on which anything has counted for them, in key order. */
struct tier_member_row {
    uint64_t member;
    int64_t joined;
    struct tier_row tier;
    const struct measure_row *measures;
    size_t measure_count;
};
/* All of them by id, in one pass; who was erased or has become another is left out. A row lives
 * until the callback returns, which may use other verbs of the store, but not this one. */
bool store_each_tier(struct store *store, bool with_measures,
                     bool (*each)(void *context, const struct tier_member_row *row,
                                  struct error *error),
                     void *context, struct error *error);
/* One by its seq; *found false where absent. */
bool store_held(struct store *store, int64_t seq, struct held_row *row, bool *found,
                struct error *error);
/* Those that wait for a receipt, card or phone (NULL: for any), by seq, after `after`. */
bool store_held_waiting(struct store *store, struct arena *arena,
                        const unsigned char awaits[KEY_HASH_BYTES], int64_t after, size_t limit,
                        struct held_row **rows, size_t *count, struct error *error);
/* Fill member of one operator whose hash is set; 0 where absent. */
bool store_operator(struct store *store, struct operator_row *row, struct error *error);
/* Wallets of which something is due at or before `until`, the longest due first; a
 * wallet may come more than once. */
bool store_due(struct store *store, struct arena *arena, int64_t until, size_t limit,
               uint64_t **wallets, size_t *count, struct error *error);
/* Wallets that have points of a currency which no rule in force at `since` has dated. */
bool store_undated(struct store *store, struct arena *arena, struct text currency, int64_t since,
                   size_t limit, uint64_t **wallets, size_t *count, struct error *error);
/* How many balances have something due. */
bool store_due_count(struct store *store, int64_t until, int64_t *count, struct error *error);
/* The last range that begins at or before a record; *found false where there is none. */
bool store_erased(struct store *store, int64_t seq, struct erased_row *row, bool *found,
                  struct error *error);
bool store_programmes(struct store *store, struct arena *arena, struct programme_row **rows,
                      size_t *count, struct error *error);
bool store_record(struct store *store, struct arena *arena, int64_t seq, struct record_row *row,
                  bool *found, struct error *error);
/* Members in ascending id, strictly after `after`, at most `limit`. */
bool store_member_list(struct store *store, struct arena *arena, uint64_t after, size_t limit,
                       struct member_row **rows, size_t *count, struct error *error);
/* Of one level in order from `first` on. */
bool store_tiles(struct store *store, int64_t level, int64_t first, size_t limit,
                 struct tile_row rows[], size_t *count, struct error *error);
/* The newest checkpoint at or below a size. */
bool store_checkpoint(struct store *store, struct arena *arena, int64_t at_most,
                      struct checkpoint_row *row, bool *found, struct error *error);

/* The signature lines that others have added to the checkpoint of this size, one after
 * another; empty where there are none. And the newest size at or below that has any,
 * -1 where none has. */
bool store_cosignatures(struct store *store, struct arena *arena, int64_t size,
                        struct text *lines, struct error *error);
bool store_cosigned(struct store *store, int64_t at_most, int64_t *size, struct error *error);
/* The first body that belongs to no record of a log of this size. */
bool store_stray_body(struct store *store, int64_t records, int64_t *seq, bool *found,
                      struct error *error);

/* Walk records [from, until) with their bodies, or all checkpoints, in order.
 * The row's texts live until the callback returns. The callback returns false
 * (with *error filled) to stop. Memory does not grow with the length. */
bool store_each_record(struct store *store, int64_t from, int64_t until,
                       bool (*each)(void *context, const struct record_row *row,
                                    struct error *error),
                       void *context, struct error *error);
bool store_each_checkpoint(struct store *store,
                           bool (*each)(void *context, const struct checkpoint_row *row,
                                        struct error *error),
                           void *context, struct error *error);

/* --- Writing: one commit ------------------------------------------------- */

struct changes {
    bool with_records; /* else projections only, which says nothing about bodies */
    /* appended */
    const struct record_row *records;         size_t record_count;
    const struct checkpoint_row *checkpoint;  /* NULL: none (scratch) */
    const struct tile_row *tiles;             size_t tile_count;
    const struct key_row *keys;               size_t key_count;       /* ascending hash */
    /* inserted or replaced, ascending key */
    const struct tip *tip;
    const struct member_row *members;         size_t member_count;
    const struct balance_row *balances;       size_t balance_count;
    const struct carry_row *carries;          size_t carry_count;
    const struct lot_row *lots;               size_t lot_count;       /* new ones; by (wallet, ...) */
    const struct lot_row *lots_changed;       size_t lots_changed_count; /* `left`, `reserved` */
    const struct lot_row *lots_moved;         size_t lots_moved_count;   /* whatever may change */
    const struct returned_row *returned;      size_t returned_count;
    const struct cancelled_row *cancelled;    size_t cancelled_count;
    const struct holder_row *holders;         size_t holder_count;
    const struct reservation_row *reservations; size_t reservation_count;
    const struct household_row *households;   size_t household_count;
    const struct counter_row *counters;       size_t counter_count;
    const struct measure_row *measures;       size_t measure_count;
    const struct tier_row *tiers;             size_t tier_count;      /* level empty: goes */
    const struct held_row *held;              size_t held_count;
    const struct operator_row *operators;     size_t operator_count;
    const struct erased_row *erased;          size_t erased_count;    /* their bodies go, too */
    const struct programme_row *programmes;   size_t programme_count;
    const struct identifier_row *identifiers; size_t identifier_count;
};
/* Within a write transaction; after a failure the caller rolls back, for a part
 * may be written. A unique key written twice is ERROR_INVARIANT: the engine must
 * have found it; so is a changed lot that is not there. Every new record is read
 * back through the tables, body and all, and compared (a tenth of the cost). The
 * rows are lent for the call. */
bool store_apply(struct store *store, const struct changes *changes, struct error *error);
/* What was erased may stand in the write-ahead log as well: bring that into the database,
 * and empty it. *emptied false where somebody else reads, beyond the time-out. Not within a
 * transaction. */
bool store_empty_log(struct store *store, bool *emptied, struct error *error);
/* Once; ERROR_INVARIANT the second time. */
bool store_set_secret(struct store *store, const unsigned char secret[SECRET_BYTES],
                      struct error *error);

/* Within a write transaction; a line that is there already is no fault, and not *added. */
bool store_add_cosignature(struct store *store, int64_t size, struct text line, bool *added,
                           struct error *error);

/* --- Rebuild and audit --------------------------------------------------- */

/* Empty every projection (within a write transaction). Vault and facts stay. */
bool store_clear_projections(struct store *store, struct error *error);

/* The projections by name, and a digest of one: SHA-256 over its rows in key
 * order, each value with its type and length, so equal digests mean equal rows. */
extern const char *const store_projection_names[]; /* ends with NULL */
bool store_projection_digest(struct store *store, const char *name,
                             unsigned char out[DIGEST_BYTES], int64_t *rows, struct error *error);
/* The key, as words, of the first row in which two ledgers' tables of this name differ. */
bool store_projection_difference(struct store *ours, struct store *theirs, const char *name,
                                 struct buffer *where, struct error *error);
/* SQLite's own check of pages, indexes and references; and that tables, indexes
 * and triggers are those that this program makes. ERROR_CORRUPT. */
bool store_integrity_check(struct store *store, struct error *error);

#endif
