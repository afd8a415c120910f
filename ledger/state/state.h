/* The state: what the log's fold amounts to, as far as a batch touches it.
 *
 * A working set over the store. Snapshots are loaded on first use, heads are
 * folded into them, and everything that changed is written in one store_apply(),
 * each row once, in key order. The same fold serves a till, an import of 20,000,
 * `rebuild` and `audit`: projections are the fold of the facts, by construction.
 *
 * An operation may be taken back whole (state_mark, state_undo): then a refusal
 * leaves nothing behind, not even the points that had lapsed before it. */
#ifndef LOYALTY_STATE_H
#define LOYALTY_STATE_H

#include "head.h"
#include "map.h"
#include "merkle.h"
#include "store.h"

struct lot {
    struct lot_row row;
    struct { /* where the store lists it */
        uint64_t wallet;
        moment available_from, expires;
    } stored;
    bool is_new;   /* not in the store yet */
    bool was_open; /* the store lists it */
    bool changed;  /* differs from the store */
    bool moved;    /* in more than `left` and `reserved` */
    bool listed;   /* stands, or stood, in some list of this batch */
};

/* A pocket's lots of one kind in their order: available ones as they burn, pending
 * ones as they become available. */
enum lot_kind { LOT_AVAILABLE, LOT_PENDING, LOT_KINDS };
struct lot_list {
    struct lot **stored;                               /* from the store, as far as loaded */
    size_t stored_count, stored_capacity, stored_skip; /* before skip none is open */
    bool stored_all;                                   /* the store has no further one */
    struct lot **born; /* that this batch has opened, or moved in the order */
    size_t born_count, born_capacity, born_skip;
};

/* One wallet's points of one currency. */
struct pocket {
    struct text currency;
    struct balance_row row;
    bool changed;
    struct lot_list lists[LOT_KINDS];
};
struct reservation {
    struct reservation_row row; /* seq -1: there is none */
    bool changed;
};
struct wallet {
    uint64_t id;
    struct pocket *pockets[LIMIT_CURRENCIES];
    size_t pocket_count;
    struct reservation **reservations; /* open ones, and what this batch resolved; by seq */
    size_t reservation_count, reservation_capacity;
    bool reservations_loaded;
};
/* Who shares a wallet, or did. */
struct household {
    uint64_t wallet;
    struct household_row *rows;
    bool *changed;
    size_t count, capacity;
};
struct counter {
    struct counter_row row;
    bool changed;
};
/* A member's level as the newest record says. */
struct tier {
    struct tier_row row; /* level empty: none does */
    bool changed;
};
struct held {
    struct held_row row; /* seq -1: there is none */
    bool changed;
};
/* Whose card is an operator's own. */
struct operator_link {
    struct operator_row row; /* member 0: nobody's */
    bool changed;
};
/* Bodies that this batch erases. */
struct erasures {
    struct erased_row *rows; /* in the order in which records name them */
    size_t count, capacity;
};
struct carry {
    struct carry_row row;
    bool changed;
};
struct member {
    struct member_row row;
    bool exists, changed;
    struct carry *carries[LIMIT_CURRENCIES];
    size_t carry_count;
};
struct key {
    struct key_row row; /* seq -1: free */
    bool is_new;
};
struct identifier {
    struct identifier_row row; /* member 0: free */
    bool changed, in_store;
};
struct returned {
    int64_t seq;
    struct returned_part part; /* what has been returned so far; ALL keeps what was before it */
    bool exists, changed;
};
struct holder {
    struct holder_row row;
    bool exists; /* else the sale is whose its record says */
    bool changed;
};
struct cancelled {
    struct cancelled_row row; /* by -1: not cancelled */
    bool changed;
};
/* A place within a marked operation: what comes behind it can be taken back by itself. */
struct savepoint {
    size_t depth; /* of the old bytes kept so far */
    struct tip tip;
    struct merkle_edge edge;
    size_t record_count, tile_count, programme_count, erased_count;
};
/* A record of this batch, not stored yet. */
struct pending_record {
    struct record_row row;
    struct head *head;
};

struct state {
    struct store *store;
    struct store *log;   /* where records are read from; mostly the same */
    struct arena *arena; /* everything below lives here until state_clear() */
    struct map members, wallets, lots, keys, identifiers, returned, cancelled, holders,
        reservations, households, counters, held, operators, tallies, tiers;
    struct tip tip; /* size, time, mode as of the last folded head */
    struct merkle_edge edge;
    struct pending_record *records;
    size_t record_count, record_capacity;
    struct tile_row *tiles;
    size_t tile_count, tile_capacity;
    struct programme_row *programmes; /* new ones of this batch */
    size_t programme_count;
    struct erasures erased;
    bool lenient;      /* audit: a body that is erased later is not there, and no damage ... */
    bool lacking;      /* ... but somebody needed one since the mark */
    struct undo *undo; /* old bytes, newest first, while a mark is set */
    bool marking;
};

/* Load the log's end. The store is inside a transaction. */
bool state_begin(struct state *state, struct store *store, struct arena *arena,
                 struct error *error);
/* Forget everything (the arena is the caller's to reset). */
void state_clear(struct state *state);
void state_free(struct state *state);

/* --- Snapshots ----------------------------------------------------------- */

bool state_member(struct state *state, uint64_t id, struct member **out, struct error *error);
bool state_wallet(struct state *state, uint64_t id, struct wallet **out, struct error *error);
/* The pocket, made empty where the wallet has none yet. NULL only for a currency
 * beyond LIMIT_CURRENCIES, which no programme can have. */
struct pocket *state_pocket(struct state *state, struct wallet *wallet, struct text currency);
/* The carried fraction; 0/1 where there is none. */
struct fraction state_carry(const struct member *member, struct text currency);
bool state_key(struct state *state, const unsigned char hash[KEY_HASH_BYTES], struct key **out,
               struct error *error);
bool state_identifier(struct state *state, const unsigned char hash[KEY_HASH_BYTES],
                      struct identifier **out, struct error *error);
/* Those that are linked to a member, in no order. */
bool state_identifiers_of(struct state *state, uint64_t member, struct identifier ***list,
                          size_t *count, struct error *error);
bool state_lot(struct state *state, int64_t id, struct lot **out, struct error *error);
bool state_returned(struct state *state, int64_t seq, struct returned **out, struct error *error);
bool state_cancelled(struct state *state, int64_t seq, struct cancelled **out, struct error *error);
bool state_holder(struct state *state, int64_t seq, struct holder **out, struct error *error);
/* What has been returned in sum once `part` is added. */
struct returned_part returned_with(struct arena *arena, const struct returned *returned,
                                   const struct returned_part *part);
/* A record with its head decoded, whether stored or of this batch. */
struct record {
    struct head *head;
    struct text head_bytes, body, salt;
    bool bodiless; /* the body that its head names is not there */
};
bool state_record(struct state *state, int64_t seq, struct record *out, struct error *error);
/* The same, read into another arena: for walking a long chain. */
bool state_read_record(struct state *state, struct arena *arena, int64_t seq, struct record *out,
                       struct error *error);

/* The range of erased bodies in which a record lies; *found false where in none. */
bool state_erased_range(struct state *state, int64_t seq, struct erased_row *row, bool *found,
                        struct error *error);
/* Which record has erased the body of another; -1 none has. */
bool state_erased(struct state *state, int64_t seq, int64_t *by, struct error *error);
/* For whoever cannot do without its body: ERROR_ERASED names the record that erased it. One
 * that nobody erased is missing, ERROR_CORRUPT; or, in an audit, erased later. */
bool state_need_body(struct state *state, const struct record *record, struct error *error);
/* For whoever passes over what was erased: the same, but that it is no error. */
bool state_may_skip(struct state *state, const struct record *record, bool *skip,
                    struct error *error);

/* Warm the working set for a batch: ascending keys, each loaded once. */
bool state_load_keys(struct state *state, struct key_row rows[], size_t count, struct error *error);
bool state_load_identifiers(struct state *state, struct identifier_row rows[], size_t count,
                            struct error *error);
bool state_load_members(struct state *state, uint64_t ids[], size_t count, struct error *error);

/* Available lots of a pocket in burn order, or its pending ones in the order in which
 * they become available. Start with {.kind = ...}; *lot is NULL at the end. */
struct lot_cursor {
    enum lot_kind kind;
    size_t stored, born;
    bool started;
};
bool state_next_lot(struct state *state, struct pocket *pocket, struct lot_cursor *cursor,
                    struct lot **lot, struct error *error);

/* The reservation that a record made; row.seq is -1 where it made none. */
bool state_reservation(struct state *state, int64_t seq, struct reservation **out,
                       struct error *error);
/* Fill wallet->reservations. */
bool state_open_reservations(struct state *state, struct wallet *wallet, struct error *error);
bool state_household(struct state *state, uint64_t wallet, struct household **out,
                     struct error *error);
bool state_counter(struct state *state, uint64_t owner, struct text name, struct text bucket,
                   struct counter **out, struct error *error);
/* All counters of a member that are not 0, by name and bucket. */
bool state_counters_of(struct state *state, uint64_t owner, struct counter ***list, size_t *count,
                       struct error *error);
/* The member's level; row.level is empty where no record has said one. */
bool state_tier(struct state *state, uint64_t member, struct tier **out, struct error *error);
/* What has counted of a measure on the days from first to last, both; INT64_MIN and INT64_MAX
 * for ever. */
bool state_measured(struct state *state, uint64_t member, struct text measure, int64_t first,
                    int64_t last, int64_t *sum, struct error *error);
/* What stands on one day; of "days:..." how many receipts. */
bool state_measured_on(struct state *state, uint64_t member, struct text measure, int64_t day,
                       int64_t *value, struct error *error);
/* The return, or sale, that a record holds; row.seq is -1 where it holds none. */
bool state_held(struct state *state, int64_t seq, struct held **out, struct error *error);
/* Those that wait for a receipt, card or phone, by seq. */
bool state_held_for(struct state *state, const unsigned char awaits[KEY_HASH_BYTES],
                    struct held ***list, size_t *count, struct error *error);

/* The operator whose keyed hash this is. */
bool state_operator(struct state *state, const unsigned char hash[KEY_HASH_BYTES],
                    struct operator_link **out, struct error *error);

/* The first moment at which something of it becomes due; MOMENT_NEVER. */
bool state_pocket_due(struct state *state, struct wallet *wallet, struct pocket *pocket,
                      moment *due, struct error *error);

/* --- Change -------------------------------------------------------------- */

/* Everything from the mark on can be undone until the next mark or release. */
void state_mark(struct state *state);
void state_undo(struct state *state);
void state_release(struct state *state);
/* Within what is marked: take back only what came behind a place; the mark stays. */
void state_save(const struct state *state, struct savepoint *place);
void state_go_back(struct state *state, const struct savepoint *place);

/* Fold one head into the projections. ERROR_INVARIANT where it does not fit. */
bool state_fold(struct state *state, const struct head *head, struct error *error);
/* Append a record: its leaf, its row, its fold. The texts live as long as the
 * batch. */
bool state_append(struct state *state, struct head *head, struct text head_bytes, struct text salt,
                  struct text body, struct error *error);
/* Vault: link (member) or unlink (0) an identifier. */
bool state_set_identifier(struct state *state, struct identifier *identifier, uint64_t member,
                          struct error *error);

/* Write all that changed, with the checkpoint that signs it (NULL: unsigned
 * scratch). With with_records false only projections are written (rebuild). */
bool state_flush(struct state *state, const struct checkpoint_row *checkpoint, bool with_records,
                 struct error *error);

#endif
