/* The book of one wallet: its known records in order, then what time makes of it.
 *
 * The idea to hold: `known_at` cuts the log, `as_of` does not. All known records are
 * entered, then those that advancing the wallet to the end of the day would write;
 * each flow has its own moment, and those before the end of the day count. So a
 * sweep, which writes just these records, changes nothing that is said.
 *
 * Memory is that of one wallet: of its lots, and a number for each of its records. */
#ifndef LOYALTY_REPORT_BOOK_H
#define LOYALTY_REPORT_BOOK_H

#include "flow.h"
#include "map.h"

enum { SIDES = ACCOUNT_RESERVED + 1 }; /* available, pending, reserved: where a lot's points are */

struct book_lot {
    int64_t id;
    unsigned currency;
    struct text origin;
    int64_t amount;
    moment earned;         /* business time of the record that made it */
    moment issued;         /* the same as reported: in an open month */
    moment available_from; /* of a pending lot; MOMENT_NEVER: until an operation */
    moment expires;        /* by its own date; MOMENT_NEVER */
    moment expires_as_of;
    int64_t left[SIDES], as_of[SIDES]; /* by all that was entered; of it, by the day */
    moment since[SIDES];               /* the last that came in there */
};
struct book_pocket {
    int64_t debt, debt_as_of;
    moment idle, idle_as_of; /* all available points lapse then; MOMENT_NEVER */
};
struct book_reservation {
    int64_t seq;
    unsigned currency;
    moment until;
    bool open;
};
/* What a redemption took of a lot and its cancellation has not yet brought back. */
struct book_taken {
    struct book_lot *lot;
    int64_t amount;
};
struct book {
    struct view *view;
    uint64_t wallet, member; /* member: one of those whose wallet it is */
    struct arena arena;
    struct map lots; /* struct book_lot by id; in the order of their first mention */
    struct book_pocket pockets[LIMIT_CURRENCIES];
    struct book_reservation *reservations;
    size_t reservation_count, reservation_capacity;
    struct book_taken *taken; /* of the cancellation that is being entered */
    size_t taken_count, taken_capacity;
    struct map restored; /* points that returns of a purchase have brought back, by its seq */
    int64_t first;       /* the record that the parts being entered belong to */
    moment at;           /* its business time, which further parts do not repeat */
};
typedef bool book_reader(void *context, const struct book *book, struct error *error);

/* When the lot's points go if nobody takes them, as of the view's day: MOMENT_NEVER or
 * the last moment at which they are there. */
moment book_last_moment(const struct book *book, const struct book_lot *lot);
/* The lot; what is not in the book yet, since it came from another wallet, is read. */
bool book_find_lot(struct book *book, int64_t id, enum account side, struct book_lot **lot,
                   struct error *error);
struct book_lot *book_add_lot(struct book *book, int64_t id, unsigned currency,
                              const struct lot_birth *birth, moment earned);

/* What a redemption took lot by lot, in the order in which it burnt, into book->taken. */
bool book_read_taken(struct book *book, const struct head *head, struct error *error);

/* The flows of one wallet, one head after the other, then of time. The book lives until
 * `each_book` returns. */
struct book_readers {
    flow_reader *each_flow; /* may be NULL */
    book_reader *each_book; /* may be NULL */
    void *context;
};
bool view_read_book(struct view *view, uint64_t wallet, uint64_t member,
                    const struct book_readers *readers, struct error *error);
/* Of all wallets; *heads: how many records with postings were entered. */
bool view_each_book(struct view *view, const struct book_readers *readers, int64_t *heads,
                    struct error *error);

/* One record of a member, oldest first. */
struct link {
    int64_t seq;
    uint64_t wallet; /* that it acts on */
};
struct links {
    struct link *list; /* release with free() */
    size_t count, capacity;
};
bool view_read_chain(struct view *view, uint64_t member, struct links *links, struct error *error);

#endif
