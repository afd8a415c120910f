/* Books: the known records of some wallets in order, then what time makes of them.
 *
 * The idea to hold: `known_at` cuts the log, `as_of` does not. All known records are
 * entered, then those that advancing the wallets to the end of the day would write;
 * each flow has its own moment, and those before the end of the day count. So a
 * sweep, which writes just these records, changes nothing that is said.
 *
 * One book is of all wallets between which lots can have moved: mostly a member's own;
 * a household's with those of everybody who ever shared it; of two memberships that
 * became one. Memory is that of one book: of its lots, and a number for each record. */
#ifndef LOYALTY_REPORT_BOOK_H
#define LOYALTY_REPORT_BOOK_H

#include "flow.h"
#include "map.h"

enum { SIDES = ACCOUNT_RESERVED + 1 }; /* available, pending, reserved: where a lot's points are */

struct book_pocket {
    int64_t debt, debt_as_of;
    moment owed_since;       /* the last debt that was made */
    moment idle, idle_as_of; /* all available points lapse then; MOMENT_NEVER */
};
struct book_wallet {
    uint64_t id, member; /* member: one of those whose wallet it is */
    int64_t open;        /* what all its lots hold, of whatever currency */
    struct book_pocket pockets[LIMIT_CURRENCIES];
};
struct book_lot {
    int64_t id;
    struct book_wallet *wallet; /* where it is as of the day */
    unsigned currency;
    struct text origin;
    moment earned;                     /* business time of the record that made it */
    moment issued;                     /* the same as reported: in an open month */
    moment available_from;             /* of a pending lot; MOMENT_NEVER: until an operation */
    moment expires, expires_as_of;     /* by its own date; MOMENT_NEVER */
    int64_t left[SIDES], as_of[SIDES]; /* by all that was entered; of it, by the day */
    moment since[SIDES];               /* the last that came in there */
};
/* What a redemption took of a lot and its cancellation has not yet brought back; what
 * has left one wallet and not arrived in the other. */
struct book_taken {
    struct book_lot *lot;
    int64_t amount;
};
struct book {
    struct view *view;
    struct arena arena;
    struct map wallets;       /* struct book_wallet by id */
    struct map lots;          /* struct book_lot by id */
    struct book_taken *taken; /* of the operation that is being entered */
    size_t taken_count, taken_capacity;
    struct map restored;      /* points that returns of a purchase have brought back, by its seq */
    struct book_wallet *here; /* that the head being entered acts on */
    int64_t first;            /* the record that its parts belong to */
    moment at;                /* its business time, which further parts do not repeat */
};
typedef bool book_reader(void *context, const struct book *book, struct error *error);

/* When the lot's points go if nobody takes them, as of the view's day: MOMENT_NEVER or
 * the last moment at which they are there. */
moment book_last_moment(const struct book_lot *lot);
bool book_find_lot(const struct book *book, int64_t id, struct book_lot **lot, struct error *error);
struct book_lot *book_add_lot(struct book *book, int64_t id, unsigned currency,
                              const struct lot_birth *birth, moment earned);
void book_add_taken(struct book *book, struct book_lot *lot, int64_t amount);
/* What a redemption took lot by lot, in the order in which it burnt, into book->taken. */
bool book_read_taken(struct book *book, const struct head *head, struct error *error);

/* The flows of a book, one head after the other, then of time. The book lives until
 * `each_book` returns. */
struct book_readers {
    flow_reader *each_flow; /* may be NULL */
    book_reader *each_book; /* may be NULL */
    void *context;
};
/* All books; *heads: how many records with postings were entered. */
bool view_each_book(struct view *view, const struct book_readers *readers, int64_t *heads,
                    struct error *error);
/* The one that has a member's wallets. */
bool view_book_of(struct view *view, uint64_t member, const struct book_readers *readers,
                  struct error *error);

/* One record of a member. */
struct link {
    int64_t seq;
    uint64_t member, wallet; /* whose; that it acts on */
};
struct links {
    struct link *list; /* release with free() */
    size_t count, capacity;
};
/* A member's, oldest first. */
bool view_read_chain(struct view *view, uint64_t member, struct links *links, struct error *error);

#endif
