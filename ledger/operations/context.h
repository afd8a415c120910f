/* One operation on its way through: what it may look at, and how it leaves
 * records. Every op_*.c is a ladder of named refusals in a fixed order, then a
 * line after which it must succeed. */
#ifndef LOYALTY_CONTEXT_H
#define LOYALTY_CONTEXT_H

#include "ledger_private.h"

/* A held return that happens behind its purchase, without a request of its own. */
struct follow_up {
    int64_t held;     /* the record that held it */
    int64_t purchase; /* the record behind which it stands ... */
    struct text salt; /* ... and the salt there: that of the follow-up's body follows from it */
};

struct context {
    struct ledger *ledger;
    struct state *state;
    struct arena *arena; /* the batch's */
    const struct request *request;
    struct outcome *outcome;
    moment time;    /* the log's clock for this operation */
    moment real;    /* wall clock to record beside it; 0 where time is it */
    bool enrolling; /* the record being written is an enrolment on the way */
    bool paying;    /* ... or of the points that pay, or go back */
    bool history;   /* history import: lateness does not apply */
    bool own_card;  /* the operator serves themselves, and the facts say so */
    /* Filled by the steps of the ladder: */
    const struct version *version; /* in force at `at` */
    moment at;                     /* business time */
    uint64_t member_id, other_id;  /* `member`, and `to` or `into` */
    uint64_t household;            /* the wallet of `household`; 0 there can be none such */
    struct member *member;
    struct wallet *wallet;
    struct text input;                 /* the canonical `in` */
    const struct follow_up *follow_up; /* NULL: somebody asks for it now */
    bool has_key, has_receipt;
    unsigned char key[KEY_HASH_BYTES], receipt[KEY_HASH_BYTES];
};

/* A movement of points between two accounts; a lot where one of them is the
 * wallet's available, pending or reserved. */
struct movement {
    struct text currency;
    enum account from, to;
    int64_t amount; /* > 0 */
    int64_t lot;    /* -1 none */
};
struct movements {
    struct movement *list;
    size_t count, capacity;
};
void move_points(struct context *context, struct movements *movements, struct text currency,
                 enum account from, enum account to, int64_t amount, int64_t lot);

/* A refusal is about this operation; a fault of the system or of the engine is
 * about the whole batch. */
bool is_refusal(const struct error *error);

/* --- write_record.c ------------------------------------------------------------ */

/* A head of this operation: clock, member, key, programme, all lists empty. */
struct head *record_new(struct context *context, enum record_kind kind);
/* The record that stands before the first of a history import. */
bool open_history(struct context *context, struct error *error);
/* Write it with its body (empty: none): number, chain, hash, bytes, fold. Errors
 * here are faults of the engine or limits, never refusals: the batch fails. */
bool record_write(struct context *context, struct head *head, struct text body,
                  struct error *error);
/* The same with postings made of movements, continued in further records where
 * one cannot hold them. */
bool record_write_movements(struct context *context, struct head *head,
                            const struct movements *movements, struct text body,
                            struct error *error);
/* Append to a list of heads. */
void note_head(struct context *context, const struct head *head, const struct head ***list,
               size_t *count);
/* {"in":...,"at":...,"facts":{...}} in the batch arena; facts empty: left out. */
struct text body_of(struct context *context, bool with_at, struct text facts);

/* --- resolve.c: the steps that ladders share -------------------------------- */

bool require(const struct context *context, enum field field, struct error *error);
/* MEMBER as typed -> an existing member, or a new one where the request says
 * "enrol". Fills member_id; does not load. *new_identifier: to be enrolled. */
bool resolve_member(struct context *context, struct text typed, bool *enrol, struct error *error);
/* Nobody acts for a member who was erased: ERROR_ERASED. 0 is nobody. */
bool check_present(struct context *context, uint64_t id, enum field field, struct error *error);
/* The same of `to` or `into`; other_id is 0 where there is nobody, which
 * unknown_other() then refuses, and where none was sent. */
bool resolve_other(struct context *context, enum field field, struct text typed,
                   struct error *error);
bool unknown_other(const struct context *context, enum field field, struct text typed,
                   struct error *error);
/* Whom a member has become by merging; mostly themselves. */
bool current_member(struct context *context, uint64_t id, uint64_t *current, struct error *error);
/* Beside a refusal of a name: the one of these that was probably meant. Always false. */
bool hint_nearest(struct context *context, struct text wanted, const struct text names[],
                  size_t count, struct error *error);
/* Load member and wallet of member_id. */
bool load_member(struct context *context, struct error *error);
/* The version at `at`, ERROR_NO_PROGRAMME. */
bool resolve_version(struct context *context, struct error *error);
/* in_future, too_late, period_closed. */
bool check_at(struct context *context, struct error *error);
/* period_closed, of the context's `at`. */
bool check_period(struct context *context, struct error *error);
bool points_currency(struct context *context, const struct points **points, struct error *error);
/* A currency of the newest version: none that a lot has ever had is missing there. */
const struct points *points_named(struct context *context, struct text currency);
/* The same of the operation's version, where that one has it. */
const struct points *points_now(struct context *context, struct text currency);

/* Is the key known? `key_reused`, `receipt_exists`; on a duplicate the outcome is
 * filled. Where it is new: whether the log takes this kind of operation now
 * (history_closed, history_open). */
bool check_keys(struct context *context, bool *duplicate, struct error *error);
/* The same where the ref, or what stands for one, is the only key. */
bool check_ref(struct context *context, struct text ref, bool *duplicate, struct error *error);
/* The canonical `in`. */
void encode_input(struct context *context);
/* The recorded operation as this one's outcome, all its parts. */
bool outcome_of_record(struct context *context, const struct record *first, struct error *error);
/* Give the head of the operation's own record the keys that were checked. */
void set_keys(const struct context *context, struct head *head);
void hash_ref(struct context *context, struct text ref, unsigned char out[KEY_HASH_BYTES]);
void hash_receipt(struct context *context, struct text identity, unsigned char out[KEY_HASH_BYTES]);
/* The identity of a receipt number under the programme's unique_by. */
bool receipt_identity(struct context *context, struct text number, struct text *identity,
                      struct error *error);
/* One typed identifier, normalised: kind "card" or "phone", and its value. */
struct typed {
    struct text kind, value;
};
/* Is it written as one, `card:` or `phone:`? */
bool is_identifier(struct text text);
bool identifier_read(struct context *context, struct text text, struct typed *typed,
                     struct error *error);
void identifier_hash(const struct ledger *ledger, const struct typed *typed,
                     unsigned char out[KEY_HASH_BYTES]);
/* In its one spelling; and masked, as a person may see it. */
struct text identifier_text(struct arena *arena, const struct typed *typed);
struct text identifier_shown(struct arena *arena, const struct typed *typed);

/* --- approval.c --------------------------------------------------------------- */

/* approval_needed: of so many units of points (scale: their decimals), or so much money
 * (scale 0), or of what has neither (amount 0: where the programme demands it always). */
bool check_approval(const struct context *context, enum approval_of what, wide amount,
                    unsigned scale, struct error *error);

/* Has somebody else approved it, who may? */
bool is_approved(const struct context *context);

/* --- op_operator.c ------------------------------------------------------------- */

/* own_card, or context->own_card, for the member that is loaded: the facts of what is
 * recorded then have "own_card":1. Free without an operator, one look-up with one. */
bool check_own_card(struct context *context, struct error *error);
/* Whose card is the operator's own by now; 0 nobody's. */
bool member_of_operator(struct context *context, struct text name, uint64_t *member,
                        struct error *error);

/* --- status.c ------------------------------------------------------------------ */

/* outcome->status and holder, of a retry. */
bool outcome_note_status(struct context *context, struct error *error);

/* --- printed.c --------------------------------------------------------------- */

/* outcome->printed, where the request asks for a slip. */
bool outcome_note_printed(struct context *context, struct error *error);

/* --- answer_tier.c ----------------------------------------------------------- */

/* outcome->tier, of the context's member as they are now. */
bool outcome_note_tier(struct context *context, struct error *error);

/* --- advance.c ------------------------------------------------------------ */

/* Whatever time has made due for the member's wallet up to the operation's time,
 * as an elapse record before the operation's own. */
bool advance(struct context *context, struct error *error);
/* Only what is due first, not before `reached`, which is when it is after that; *done: there was
 * something. */
bool advance_once(struct context *context, moment *reached, bool *done, struct error *error);

/* The head of an elapse record, of what is due at a moment. */
struct head *elapse_head(struct context *context, moment due);

/* So many points of a lot. */
struct taken {
    int64_t lot, amount;
};

/* --- redate.c --------------------------------------------------------------- */

/* The next version, in force by `until`, whose rule dates the pocket's lots anew; NULL. */
const struct version *next_rule(const struct context *context, const struct pocket *pocket,
                                moment until);
/* Date them, as an elapse record of the moment at which it came into force. */
bool redate(struct context *context, struct pocket *pocket, const struct version *version,
            struct error *error);

/* --- points.c: movements that several operations share -------------------------- */

/* Points coming in: debt first, then a lot (its index in the head's lots). */
struct incoming {
    const struct points *points;
    enum account from;
    int64_t amount;
    moment at;       /* the moment that the lot is dated from */
    bool may_pend;   /* of a purchase */
    bool comes_back; /* was there before: no activity of the wallet */
    moment expires;  /* a date that comes with the points; 0: by the currency's rule */
    const char *origin;
};
bool points_in(struct context *context, struct head *head, struct movements *movements,
               const struct incoming *incoming, struct error *error);
/* Can the wallet hold so many more? overflow; asked before anything is written. */
bool points_room(const struct pocket *pocket, int64_t amount, struct error *error);
/* What the wallet owes of a currency once these movements are made. */
int64_t points_owed(struct context *context, const struct movements *movements,
                    struct text currency);
/* Available points going out in burn order, at most `amount`; *taken says how many
 * there were. */
bool points_out(struct context *context, struct movements *movements, struct text currency,
                enum account to, int64_t amount, int64_t *taken, struct error *error);
/* The same, or insufficient_points: what a debt has eaten cannot be spent. */
bool points_spend(struct context *context, struct movements *movements, const struct points *points,
                  enum account to, int64_t amount, struct error *error);
/* Points that were taken from a lot go back to it at a moment: those of a lot that has
 * lapsed by then stay lapsed, a debt is settled first. A lot of which nothing is left
 * follows the member; where the rest of it is in another wallet now, a new one takes
 * its place. */
struct going_back {
    enum account from;
    int64_t lot, amount;
    moment when;
};
bool points_back(struct context *context, struct head *head, struct movements *movements,
                 const struct going_back *back, struct error *error);
/* Whose rule dates a lot that is born under a version: that one's, unless one that came
 * into force since is for points earned before, too. */
const struct version *dating_version(const struct context *context, const struct version *born,
                                     struct text currency);
/* A pending lot becomes available with this date; late, it lapses at once. */
void points_release(struct context *context, struct head *head, struct movements *movements,
                    const struct lot *lot, moment expires);
/* The wallet was active: its points of the currency lapse later. */
void note_activity(struct context *context, struct head *head, const struct points *points,
                   moment at);
/* The same for all currencies of which it has points. */
void note_all_activity(struct context *context, struct head *head, moment at);

/* --- op_reserve.c ---------------------------------------------------------------- */

/* The open reservation that a ref names, its owner loaded and advanced:
 * unknown_ref, not_a_reservation, already_resolved, reservation_lapsed. */
bool find_reservation(struct context *context, enum field field, struct text ref, int64_t *seq,
                      struct error *error);
/* What has become of the reservation that the answered operation made or extended; its wallet is
 * advanced, so that none holds beyond its time. */
bool outcome_note_reserved(struct context *context, struct error *error);
/* The lots that a reservation holds, in the order in which they burn. */
bool reserved_lots(struct context *context, int64_t seq, struct taken **list, size_t *count,
                   struct error *error);
/* What of a reservation is captured: `points` of the request, by default all. */
bool captured_points(struct context *context, int64_t seq, int64_t *captured, struct error *error);
/* Resolve a reservation: `captured` of its points are redeemed, first lots first, the
 * rest goes back as of a moment. */
bool reservation_back(struct context *context, struct head *head, int64_t seq, int64_t captured,
                      moment when, struct movements *movements, struct error *error);

/* --- One function per operation ------------------------------------------------ */

bool member_add(struct context *context, struct error *error);
/* In the vault, and nowhere else: the request's identifiers are this member's, or nobody's (0). */
bool identifiers_relink(struct context *context, uint64_t member, struct error *error);
bool member_link(struct context *context, struct error *error);
bool member_unlink(struct context *context, struct error *error);
bool purchase(struct context *context, struct error *error);
bool return_goods(struct context *context, struct error *error);
/* The same of a purchase that is found, from the refusals about its goods on. */
bool return_of_receipt(struct context *context, int64_t seq, struct error *error);
/* A return by amount, of what nobody has the receipt of. */
bool return_by_amount(struct context *context, struct error *error);
/* outcome->unmatched of a return, from its body. */
bool outcome_note_unmatched(struct context *context, struct error *error);
/* The ladder up to the wallet of what takes points: redeem, adjust, reserve, transfer. */
bool begin_points(struct context *context, bool *duplicate, struct error *error);
/* The points currency, if it can be spent. */
bool spendable_points(struct context *context, const struct points **points, struct error *error);
bool redeem(struct context *context, struct error *error);
bool points_above_zero(const struct context *context, struct error *error);
/* Where the programme wants one for so many points: the request says how it was given. */
bool check_proof(const struct context *context, const struct points *points, struct error *error);
/* The ladder up to the key of what is about another operation: ref and of. */
bool begin_of(struct context *context, bool *duplicate, struct error *error);
/* The operation that has a ref; *seq is -1 where nobody has used it. */
bool find_by_ref(struct context *context, struct text ref, int64_t *seq, struct record *record,
                 struct error *error);
/* Is the record a tombstone of this ref? Then no operation has it, and none will. */
bool is_tombstone(struct context *context, const struct head *head, struct text ref);
bool already_cancelled(const struct context *context, int64_t by, struct error *error);
/* What a cancel or release is about. *answered: it was recorded before, or nobody has used
 * that ref and a tombstone of this kind bars it. */
bool find_to_undo(struct context *context, enum record_kind kind, bool *answered, int64_t *seq,
                  struct record *record, struct error *error);
/* Load and advance the member that a record is about. */
bool load_owner(struct context *context, const struct head *head, struct error *error);
/* What an operation took into an account (of one currency; empty: of any), lot by lot in
 * the order in which they burnt. */
void lots_taken_by(struct arena *arena, const struct head *const heads[], size_t head_count,
                   enum account account, struct text currency, struct taken **list, size_t *count);
bool taken_lots(struct context *context, int64_t seq, enum account account, struct text currency,
                struct taken **list, size_t *count, struct error *error);
/* What it posted to an account, over all its parts. */
bool posted_by(struct context *context, int64_t seq, struct text currency, enum account account,
               int64_t *sum, struct error *error);
bool cancel(struct context *context, struct error *error);
bool adjust(struct context *context, struct error *error);
bool reserve(struct context *context, struct error *error);
bool reserve_extend(struct context *context, struct error *error);
bool capture(struct context *context, struct error *error);
bool release(struct context *context, struct error *error);
bool activate(struct context *context, struct error *error);
bool close_period(struct context *context, struct error *error);
bool claim(struct context *context, struct error *error);
bool reassign(struct context *context, struct error *error);
bool void_operation(struct context *context, struct error *error);
bool operator_link(struct context *context, struct error *error);
bool operator_unlink(struct context *context, struct error *error);
bool till_close(struct context *context, struct error *error);
bool recover(struct context *context, struct error *error);
/* The key of the first recovery, the second, ... */
void recover_key(const struct ledger *ledger, int64_t number, unsigned char out[KEY_HASH_BYTES]);
bool member_erase(struct context *context, struct error *error);
bool member_hold(struct context *context, struct error *error);
bool action(struct context *context, struct error *error);
bool tier_set(struct context *context, struct error *error);
bool benefit_use(struct context *context, struct error *error);
/* outcome->benefit, and what is left of it, of a use or of its void. */
bool outcome_note_benefit(struct context *context, struct error *error);
bool transfer(struct context *context, struct error *error);
bool household_create(struct context *context, struct error *error);
bool household_join(struct context *context, struct error *error);
bool household_leave(struct context *context, struct error *error);
bool member_merge(struct context *context, struct error *error);
/* Who shares the household that the request names, by id; the first of them loaded and
 * advanced: unknown_household where there is nobody. */
bool open_household(struct context *context, uint64_t **members, size_t *count,
                    struct error *error);
bool programme_apply(struct context *context, struct error *error);
/* The request's document as the version that would come next, and when into force: the
 * refusals of an apply, but of its key. */
bool programme_next(struct context *context, const struct programme **programme, moment *from,
                    struct error *error);

/* --- held.c: returns that come before their purchase ------------------------------- */

/* The purchase of a RECEIPT: its whole identity, or the number alone with the other
 * parts beside it. *seq is -1 where there is none (yet); *identity as it was found, or
 * would be. */
bool find_sale(struct context *context, struct text named, struct text *identity, int64_t *seq,
               struct error *error);
/* May a number alone name a receipt? Where numbers repeat each day, not in a return: its
 * `at` is the day on which goods came back, and on that day the number is another's. */
bool may_be_number(const struct context *context);
/* The same of `of`. */
bool find_receipt(struct context *context, int64_t *seq, struct error *error);
/* Beside an error: how a receipt is named here, where `named` is not. */
bool name_in_whole(const struct context *context, struct text named, struct error *error);
bool unknown_receipt(const struct context *context, enum field field, struct text named,
                     struct error *error);
/* The whole identity of the receipt that a return waits for. */
bool awaited_receipt(struct context *context, struct text *identity, struct error *error);
/* Nobody has this receipt (yet): the return waits for it, or unknown_receipt. */
bool hold_return(struct context *context, struct error *error);
/* The purchase has come: what waited for it happens right behind its record. One that
 * is refused goes on waiting, and touches neither the purchase nor the others. */
bool carry_out_held(struct context *context, const struct head *purchase, struct error *error);
/* The record that answers for a held return by now: that of the return itself, once it
 * is done. */
bool held_answers(struct context *context, struct record *record, struct error *error);
/* outcome->held of a purchase recorded before; its own records end before `next`. */
bool outcome_note_held(struct context *context, const struct head *purchase, int64_t next,
                       struct error *error);

/* --- op_claim.c: whose sale it is ------------------------------------------------------ */

/* What an identifier that is linked to a member from now on has bought before: each
 * sale that waits for it is theirs, right behind the record. */
bool claim_waiting(struct context *context, const unsigned char hash[KEY_HASH_BYTES],
                   struct error *error);
/* What the code on the slip of a receipt says, as 8 characters. */
enum { CLAIM_CODE_CHARS = 8 };
void claim_code(const struct ledger *ledger, struct text identity, char code[CLAIM_CODE_CHARS + 1]);

/* Make a new member of the request's unknown identifier, as a record before the
 * operation's own. */
bool enrol_new(struct context *context, struct error *error);

/* --- Shared by purchase and return ------------------------------------------------ */

struct earnings;
/* What each rule read: the explanation of an earning. */
struct text earning_facts(struct context *context, const struct earnings *earnings);
/* Merge the lines of a receipt that is larger than a body can be. */
bool condense(struct context *context, struct error *error);
/* Add a contribution to (or take it from) a carried fraction; *whole is what the
 * member is issued by it, negative where something is taken back. */
bool carry_step(struct fraction *kept, struct fraction contribution, bool take_back, int64_t *whole,
                struct error *error);
void head_add_carry(struct context *context, struct head *head, struct text currency,
                    struct fraction kept);

#endif
