/* Books: which records they are made of, and what is looked up beside them. */
#include "book.h"

#include <stdlib.h>

#include "foresee.h"
#include "limits.h"

/* --- Lots ------------------------------------------------------------------------ */

struct book_lot *book_add_lot(struct book *book, int64_t id, unsigned currency,
                              const struct lot_birth *birth, moment earned)
{
    struct book_lot *lot = arena_allocate(&book->arena, sizeof *lot);
    *lot = (struct book_lot){
        .id = id,
        .wallet = book->here,
        .currency = currency,
        .origin = text_copy(&book->arena, birth->origin),
        .earned = earned,
        .issued = view_reported(book->view, id / LOTS_PER_RECORD, earned),
        .available_from = birth->available_from,
        .expires = birth->expires,
        .expires_as_of = birth->expires,
    };
    for (size_t i = 0; i < SIDES; i++)
        lot->since[i] = lot->issued;
    *map_put(&book->lots, map_key_of_number(0, (uint64_t)id)) = lot;
    return lot;
}

bool book_find_lot(const struct book *book, int64_t id, struct book_lot **lot, struct error *error)
{
    *lot = map_get(&book->lots, map_key_of_number(0, (uint64_t)id));
    return *lot != NULL ||
           fail(error, ERROR_INVARIANT, _("there is no lot %lld.%lld"),
                (long long)(id / LOTS_PER_RECORD), (long long)(id % LOTS_PER_RECORD));
}

moment book_last_moment(const struct book_lot *lot)
{
    moment idle = lot->wallet->pockets[lot->currency].idle_as_of, gone = lot->expires_as_of;
    if (lot->as_of[ACCOUNT_AVAILABLE] > 0 && idle < gone)
        gone = idle;
    if (gone == MOMENT_NEVER)
        return MOMENT_NEVER;
    return gone - 1 < lot->earned ? lot->earned : gone - 1; /* born lapsed */
}

/* --- What a redemption took ---------------------------------------------------------- */

void book_add_taken(struct book *book, struct book_lot *lot, int64_t amount)
{
    if (book->taken_count == book->taken_capacity) {
        book->taken_capacity = book->taken_capacity * 2 + 16;
        struct book_taken *larger =
            arena_allocate(&book->arena, book->taken_capacity * sizeof *larger);
        if (book->taken_count > 0)
            memcpy(larger, book->taken, book->taken_count * sizeof *larger);
        book->taken = larger;
    }
    book->taken[book->taken_count++] = (struct book_taken){lot, amount};
}

/* Of a capture the first so many points were redeemed; the rest went back. */
static bool add_redeemed(struct book *book, const struct head *head, struct error *error)
{
    int64_t redeemed = 0;
    for (size_t i = 0; i < head->posting_count; i++) {
        if (head->postings[i].account == ACCOUNT_REDEEMED)
            redeemed += head->postings[i].amount;
    }
    for (size_t i = 0; i < head->posting_count && redeemed > 0; i++) {
        const struct posting *posting = &head->postings[i];
        struct book_lot *lot = NULL;
        int64_t amount = -posting->amount < redeemed ? -posting->amount : redeemed;
        if (posting->lot < 0 || posting->amount > 0)
            continue;
        redeemed -= amount;
        if (!book_find_lot(book, posting->lot, &lot, error))
            return false;
        book_add_taken(book, lot, amount);
    }
    return true;
}

static bool read_redemption(struct book *book, int64_t seq, struct error *error)
{
    struct arena arena = {0};
    bool ok = true, more = true;
    for (int64_t part = 0; ok && more && seq + part < book->view->known_at; part++) {
        struct head head;
        arena_reset(&arena);
        ok = view_read_head(book->view, &arena, seq + part, &head, error);
        more =
            ok && head.part == part && (head.kind == RECORD_REDEEM || head.kind == RECORD_CAPTURE);
        if (more && head.at > book->at)
            book->at = head.at; /* nothing comes back before it was taken */
        if (more)
            ok = add_redeemed(book, &head, error);
    }
    arena_free(&arena);
    return ok;
}

/* Goods that come back bring back the last burnt first: the order is turned round, and
 * what earlier returns of them brought back is passed over. */
static void turn_round(struct book *book, const struct head *head)
{
    int64_t now = 0;
    int64_t **before =
        (int64_t **)(void *)map_put(&book->restored, map_key_of_number(0, (uint64_t)head->of));
    if (*before == NULL)
        *before = arena_allocate(&book->arena, sizeof **before);
    for (size_t i = 0; i < book->taken_count / 2; i++) {
        struct book_taken other = book->taken[i];
        book->taken[i] = book->taken[book->taken_count - 1 - i];
        book->taken[book->taken_count - 1 - i] = other;
    }
    int64_t passed = **before;
    for (size_t i = 0; i < book->taken_count && passed > 0; i++) {
        int64_t part = book->taken[i].amount < passed ? book->taken[i].amount : passed;
        book->taken[i].amount -= part;
        passed -= part;
    }
    for (size_t i = 0; i < head->posting_count; i++) {
        if (head->postings[i].account == ACCOUNT_REDEEMED)
            now -= head->postings[i].amount;
    }
    **before += now;
}

bool book_read_taken(struct book *book, const struct head *head, struct error *error)
{
    struct arena arena = {0};
    struct head purchase;
    book->taken_count = 0;
    if (head->of < 0)
        return true;
    if (head->kind == RECORD_CANCEL)
        return read_redemption(book, head->of, error);
    bool ok = view_read_head(book->view, &arena, head->of, &purchase, error) &&
              (purchase.paid.seq < 0 || read_redemption(book, purchase.paid.seq, error));
    arena_free(&arena);
    if (ok)
        turn_round(book, head);
    return ok;
}

/* --- Which records --------------------------------------------------------------- */

static void add_link(struct links *links, struct link link)
{
    if (links->count == links->capacity) {
        links->capacity = links->capacity * 2 + 64;
        links->list = memory_resize(links->list, links->capacity * sizeof *links->list);
    }
    links->list[links->count++] = link;
}

static int compare_links(const void *left, const void *right)
{
    const struct link *a = left, *b = right;
    return (a->seq > b->seq) - (a->seq < b->seq);
}

static void sort_links(struct links *links)
{
    if (links->count > 0)
        memory_sort(links->list, links->count, sizeof *links->list, compare_links);
}

/* Everybody whose lots can have been in the same wallet: found in no particular order,
 * one through the other. */
struct circle {
    struct view *view;
    struct links links;
    struct map seen; /* members, and households whose members are known */
    uint64_t lowest;
};

static void add_member(struct circle *circle, uint64_t member)
{
    *map_put(&circle->seen, map_key_of_number(0, member)) = circle;
    circle->lowest = circle->lowest == 0 || member < circle->lowest ? member : circle->lowest;
}

static bool add_household(struct circle *circle, uint64_t wallet, struct error *error)
{
    struct arena arena = {0};
    struct household_row *rows = NULL;
    size_t count = 0;
    void **known = map_put(&circle->seen, map_key_of_number(1, wallet));
    if (*known != NULL)
        return true;
    *known = circle;
    bool ok = store_household(circle->view->ledger->store, &arena, wallet, &rows, &count, error);
    for (size_t i = 0; ok && i < count; i++)
        add_member(circle, rows[i].member);
    arena_free(&arena);
    return ok;
}

/* A head names the member's head before it. Also those that are not known yet lead to
 * others: so whoever begins finds the same circle. */
static bool follow_chain(struct circle *circle, uint64_t member, struct error *error)
{
    struct arena arena = {0};
    struct member_row row = {.id = member};
    bool ok = store_members(circle->view->ledger->store, &row, 1, error);
    int64_t seq = ok && row.wallet != 0 ? row.last : -1;
    while (ok && seq >= 0) {
        struct head head;
        arena_reset(&arena);
        ok = view_read_head(circle->view, &arena, seq, &head, error) &&
             (head.wallet == 0 || add_household(circle, head.wallet, error));
        if (!ok)
            break;
        if (head.kind == RECORD_MEMBER_MERGE)
            add_member(circle, head.with);
        if (seq < circle->view->known_at)
            add_link(&circle->links,
                     (struct link){seq, member, head.wallet == 0 ? member : head.wallet});
        seq = head.previous;
    }
    arena_free(&arena);
    return ok;
}

/* Ends early where there is a member lower than `stop`. */
static bool draw_circle(struct circle *circle, uint64_t member, uint64_t stop, struct error *error)
{
    add_member(circle, member);
    for (size_t i = 0; i < circle->seen.count && circle->lowest >= stop; i++) {
        struct map_key key = circle->seen.entries[i].key;
        if (key.high == 0 && !follow_chain(circle, key.low, error))
            return false;
    }
    sort_links(&circle->links);
    return true;
}

static void free_circle(struct circle *circle)
{
    free(circle->links.list);
    map_free(&circle->seen);
}

bool view_read_chain(struct view *view, uint64_t member, struct links *links, struct error *error)
{
    struct circle circle = {.view = view};
    bool ok = follow_chain(&circle, member, error);
    sort_links(&circle.links);
    *links = circle.links;
    circle.links.list = NULL;
    free_circle(&circle);
    return ok;
}

/* --- Reading them ------------------------------------------------------------------- */

static void add_wallets(struct book *book, const struct links *links)
{
    for (size_t i = 0; i < links->count; i++) {
        const struct link *link = &links->list[i];
        if (i > 0 && link->wallet == links->list[i - 1].wallet)
            continue;
        struct book_wallet **place = (struct book_wallet **)(void *)map_put(
            &book->wallets, map_key_of_number(0, link->wallet));
        if (*place != NULL)
            continue;
        *place = arena_allocate(&book->arena, sizeof **place);
        (*place)->id = link->wallet;
        (*place)->member = link->member;
        for (size_t c = 0; c < LIMIT_CURRENCIES; c++)
            (*place)->pockets[c] = (struct book_pocket){
                .owed_since = INT64_MIN, .idle = MOMENT_NEVER, .idle_as_of = MOMENT_NEVER};
    }
}

/* At the end of the day inclusive: what has its last moment within the day is due then. */
static bool enter_time(struct book *book, struct foresight *foresight,
                       const struct book_readers *readers, struct error *error)
{
    for (size_t i = 0; i < book->wallets.count; i++) {
        const struct book_wallet *wallet = book->wallets.entries[i].value;
        struct head **heads = NULL;
        size_t count = 0;
        if (wallet->open == 0)
            continue;
        if (!foresee_advance(foresight, wallet->id, wallet->member, book->view->end, &heads, &count,
                             error))
            return false;
        for (size_t k = 0; k < count; k++) {
            if (!flows_of(book, heads[k], readers->each_flow, readers->context, error))
                return false;
        }
    }
    return true;
}

static bool enter_records(struct book *book, struct foresight *foresight, const struct links *links,
                          const struct book_readers *readers, int64_t *heads, struct error *error)
{
    struct arena arena = {0};
    bool ok = true;
    for (size_t i = 0; ok && i < links->count; i++) {
        struct head head;
        arena_reset(&arena);
        ok = view_read_head(book->view, &arena, links->list[i].seq, &head, error) &&
             foresee_fold(foresight, &head, error) &&
             flows_of(book, &head, readers->each_flow, readers->context, error);
        *heads += ok && head.posting_count > 0;
    }
    arena_free(&arena);
    return ok;
}

static bool read_book(struct view *view, struct foresight *foresight, const struct links *links,
                      const struct book_readers *readers, int64_t *heads, struct error *error)
{
    struct book book = {.view = view, .first = -1};
    foresee_clear(foresight);
    add_wallets(&book, links);
    bool ok = enter_records(&book, foresight, links, readers, heads, error) &&
              enter_time(&book, foresight, readers, error) &&
              (readers->each_book == NULL || readers->each_book(readers->context, &book, error));
    map_free(&book.wallets);
    map_free(&book.lots);
    map_free(&book.restored);
    arena_free(&book.arena);
    return ok;
}

/* A circle is read once, with its lowest member; or, for a statement, with whomever. */
static bool read_circle(struct view *view, struct foresight *foresight, uint64_t member,
                        uint64_t stop, const struct book_readers *readers, int64_t *heads,
                        struct error *error)
{
    struct circle circle = {.view = view};
    bool ok = draw_circle(&circle, member, stop, error) &&
              (circle.lowest < stop || circle.links.count == 0 ||
               read_book(view, foresight, &circle.links, readers, heads, error));
    free_circle(&circle);
    return ok;
}

bool view_book_of(struct view *view, uint64_t member, const struct book_readers *readers,
                  struct error *error)
{
    struct foresight foresight;
    int64_t heads = 0;
    if (!view_find_closings(view, error))
        return false;
    bool ok = foresee_begin(&foresight, view->ledger, view->known_at, view->version_count, error) &&
              read_circle(view, &foresight, member, 0, readers, &heads, error);
    foresee_end(&foresight);
    return ok;
}

/* --- All ------------------------------------------------------------------------------- */

enum { MEMBERS_AT_ONCE = 1000, TELL_EVERY = 256 };

static bool read_all(struct view *view, struct foresight *foresight,
                     const struct book_readers *readers, int64_t *heads, struct error *error)
{
    struct arena arena = {0};
    struct member_row *rows = NULL;
    size_t count = MEMBERS_AT_ONCE;
    uint64_t after = 0;
    int64_t done = 0;
    bool ok = true;
    while (ok && count == MEMBERS_AT_ONCE) {
        arena_reset(&arena);
        ok = store_member_list(view->ledger->store, &arena, after, MEMBERS_AT_ONCE, &rows, &count,
                               error);
        for (size_t i = 0; ok && i < count; i++) {
            after = rows[i].id;
            ok = (++done % TELL_EVERY != 0 || view_tell(view, *heads, error)) &&
                 read_circle(view, foresight, rows[i].id, rows[i].id, readers, heads, error);
        }
    }
    arena_free(&arena);
    return ok;
}

bool view_each_book(struct view *view, const struct book_readers *readers, int64_t *heads,
                    struct error *error)
{
    struct foresight foresight;
    *heads = 0;
    if (!view_find_closings(view, error))
        return false;
    bool ok = foresee_begin(&foresight, view->ledger, view->known_at, view->version_count, error) &&
              read_all(view, &foresight, readers, heads, error);
    foresee_end(&foresight);
    return ok;
}
