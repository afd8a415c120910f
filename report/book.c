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
        .currency = currency,
        .origin = text_copy(&book->arena, birth->origin),
        .amount = birth->amount,
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

/* A lot that waited for an operation got its date by it, once. */
static bool find_date(struct book *book, struct book_lot *lot, struct error *error)
{
    struct arena arena = {0};
    struct lot_row row;
    bool found = false;
    bool ok = store_lot(book->view->ledger->store, &arena, lot->id, &row, &found, error);
    if (ok && found)
        lot->expires = lot->expires_as_of = row.expires;
    arena_free(&arena);
    return ok;
}

static bool read_lot(struct book *book, int64_t id, enum account side, struct book_lot **lot,
                     struct error *error)
{
    struct arena arena = {0};
    struct head head;
    size_t index = (size_t)(id % LOTS_PER_RECORD);
    bool ok = view_read_head(book->view, &arena, id / LOTS_PER_RECORD, &head, error);
    int currency = ok && index < head.lot_count
                       ? view_currency(book->view, head.lots[index].currency)
                       : -1;
    if (ok && currency < 0)
        ok = fail(error, ERROR_INVARIANT, _("there is no lot %lld.%lld"),
                  (long long)(id / LOTS_PER_RECORD), (long long)index);
    if (ok)
        *lot = book_add_lot(book, id, (unsigned)currency, &head.lots[index], head.at);
    if (ok && (*lot)->available_from == MOMENT_NEVER && side != ACCOUNT_PENDING)
        ok = find_date(book, *lot, error);
    arena_free(&arena);
    return ok;
}

bool book_find_lot(struct book *book, int64_t id, enum account side, struct book_lot **lot,
                   struct error *error)
{
    *lot = map_get(&book->lots, map_key_of_number(0, (uint64_t)id));
    return *lot != NULL || read_lot(book, id, side, lot, error);
}

moment book_last_moment(const struct book *book, const struct book_lot *lot)
{
    moment idle = book->pockets[lot->currency].idle_as_of, gone = lot->expires_as_of;
    if (lot->as_of[ACCOUNT_AVAILABLE] > 0 && idle < gone)
        gone = idle;
    if (gone == MOMENT_NEVER)
        return MOMENT_NEVER;
    return gone - 1 < lot->earned ? lot->earned : gone - 1; /* born lapsed */
}

/* --- What a redemption took ---------------------------------------------------------- */

static bool add_taken(struct book *book, const struct posting *posting, int64_t amount,
                      struct error *error)
{
    struct book_lot *lot = NULL;
    if (!book_find_lot(book, posting->lot, posting->account, &lot, error))
        return false;
    if (book->taken_count == book->taken_capacity) {
        book->taken_capacity = book->taken_capacity * 2 + 16;
        struct book_taken *larger =
            arena_allocate(&book->arena, book->taken_capacity * sizeof *larger);
        if (book->taken_count > 0)
            memcpy(larger, book->taken, book->taken_count * sizeof *larger);
        book->taken = larger;
    }
    book->taken[book->taken_count++] = (struct book_taken){lot, amount};
    return true;
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
        int64_t amount = -posting->amount < redeemed ? -posting->amount : redeemed;
        if (posting->lot < 0 || posting->amount > 0)
            continue;
        redeemed -= amount;
        if (!add_taken(book, posting, amount, error))
            return false;
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
        more = ok && head.part == part &&
               (head.kind == RECORD_REDEEM || head.kind == RECORD_CAPTURE);
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

/* --- What time makes of it ------------------------------------------------------------- */

static struct lot_row row_of(const struct book *book, const struct book_lot *lot)
{
    return (struct lot_row){
        .id = lot->id,
        .wallet = book->wallet,
        .member = book->member,
        .currency = book->view->points[lot->currency].id,
        .amount = lot->amount,
        .left = lot->left[ACCOUNT_AVAILABLE] + lot->left[ACCOUNT_PENDING],
        .reserved = lot->left[ACCOUNT_RESERVED],
        .available_from = lot->left[ACCOUNT_PENDING] > 0 ? lot->available_from : 0,
        .expires = lot->expires,
        .origin = lot->origin,
        .earned = lot->earned,
    };
}

static void put_balances(const struct book *book, struct balance_row *rows)
{
    for (size_t i = 0; i < book->view->points_count; i++)
        rows[i] = (struct balance_row){.wallet = book->wallet,
                                       .currency = book->view->points[i].id,
                                       .debt = book->pockets[i].debt,
                                       .idle = book->pockets[i].idle,
                                       .due = MOMENT_NEVER};
    for (size_t i = 0; i < book->lots.count; i++) {
        const struct book_lot *lot = book->lots.entries[i].value;
        struct balance_row *row = &rows[lot->currency];
        row->available += lot->left[ACCOUNT_AVAILABLE];
        row->pending += lot->left[ACCOUNT_PENDING];
        row->reserved += lot->left[ACCOUNT_RESERVED];
    }
}

/* The wallet as the known records leave it, in the terms of the ledger. */
static void put_standing(struct book *book, struct standing *standing)
{
    struct balance_row *balances =
        arena_allocate(&book->arena, LIMIT_CURRENCIES * sizeof *balances);
    struct lot_row *lots = arena_allocate(&book->arena, (book->lots.count + 1) * sizeof *lots);
    struct reservation_row *reservations =
        arena_allocate(&book->arena, (book->reservation_count + 1) * sizeof *reservations);
    *standing = (struct standing){.wallet = book->wallet,
                                  .member = book->member,
                                  .size = book->view->known_at,
                                  .balances = balances,
                                  .balance_count = book->view->points_count,
                                  .lots = lots,
                                  .reservations = reservations};
    put_balances(book, balances);
    for (size_t i = 0; i < book->lots.count; i++) {
        struct lot_row row = row_of(book, book->lots.entries[i].value);
        if (row.left > 0 || row.reserved > 0)
            lots[standing->lot_count++] = row;
    }
    for (size_t i = 0; i < book->reservation_count; i++) {
        const struct book_reservation *open = &book->reservations[i];
        if (open->open)
            reservations[standing->reservation_count++] =
                (struct reservation_row){open->seq, book->wallet,
                                         book->view->points[open->currency].id, open->until, -1};
    }
}

/* At the end of the day inclusive: what has its last moment within the day is due then. */
static bool enter_time(struct book *book, const struct book_readers *readers, struct error *error)
{
    struct standing standing;
    struct head **heads = NULL;
    size_t count = 0;
    put_standing(book, &standing);
    if (standing.lot_count == 0)
        return true;
    if (!foresee(book->view->ledger, &book->arena, &standing, book->view->end, &heads, &count,
                 error))
        return false;
    for (size_t i = 0; i < count; i++) {
        if (!flows_of(book, heads[i], readers->each_flow, readers->context, error))
            return false;
    }
    return true;
}

/* --- The records of a wallet -------------------------------------------------------------- */

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
        qsort(links->list, links->count, sizeof *links->list, compare_links);
}

/* A head names the member's head before it. */
static bool follow_chain(struct view *view, uint64_t member, struct links *links,
                         struct error *error)
{
    struct arena arena = {0};
    struct member_row row = {.id = member};
    bool ok = store_members(view->ledger->store, &row, 1, error);
    int64_t seq = ok && row.wallet != 0 ? row.last : -1;
    while (ok && seq >= 0) {
        struct head head;
        arena_reset(&arena);
        ok = view_read_head(view, &arena, seq, &head, error);
        if (ok)
            add_link(links, (struct link){seq, head.wallet == 0 ? member : head.wallet});
        seq = ok ? head.previous : -1;
    }
    arena_free(&arena);
    return ok;
}

bool view_read_chain(struct view *view, uint64_t member, struct links *links, struct error *error)
{
    bool ok = follow_chain(view, member, links, error);
    sort_links(links);
    return ok;
}

static bool read_links(struct book *book, const struct links *links,
                       const struct book_readers *readers, int64_t *heads, struct error *error)
{
    struct arena arena = {0};
    bool ok = true;
    for (size_t i = 0; i < LIMIT_CURRENCIES; i++)
        book->pockets[i].idle = book->pockets[i].idle_as_of = MOMENT_NEVER;
    for (size_t i = 0; ok && i < links->count; i++) {
        struct head head;
        if (links->list[i].wallet != book->wallet || links->list[i].seq >= book->view->known_at)
            continue;
        arena_reset(&arena);
        ok = view_read_head(book->view, &arena, links->list[i].seq, &head, error) &&
             flows_of(book, &head, readers->each_flow, readers->context, error);
        *heads += ok && head.posting_count > 0;
    }
    arena_free(&arena);
    ok = ok && enter_time(book, readers, error) &&
         (readers->each_book == NULL || readers->each_book(readers->context, book, error));
    map_free(&book->lots);
    map_free(&book->restored);
    arena_free(&book->arena);
    return ok;
}

/* Everybody who ever shared a wallet has records of it. */
static bool read_household(struct view *view, uint64_t wallet, const struct household_row *rows,
                           size_t count, const struct book_readers *readers, int64_t *heads,
                           struct error *error)
{
    struct links links = {0};
    struct book book = {.view = view, .wallet = wallet, .member = rows[0].member};
    bool ok = true;
    for (size_t i = 0; ok && i < count; i++)
        ok = follow_chain(view, rows[i].member, &links, error);
    sort_links(&links);
    ok = ok && read_links(&book, &links, readers, heads, error);
    free(links.list);
    return ok;
}

bool view_read_book(struct view *view, uint64_t wallet, uint64_t member,
                    const struct book_readers *readers, struct error *error)
{
    struct arena arena = {0};
    struct household_row own = {wallet, member, 1}, *rows = &own;
    size_t count = 1;
    int64_t heads = 0;
    bool ok = (wallet == member ||
               store_household(view->ledger->store, &arena, wallet, &rows, &count, error)) &&
              (count > 0 || fail(error, ERROR_INVARIANT, _("nobody shares a household"))) &&
              read_household(view, wallet, rows, count, readers, &heads, error);
    arena_free(&arena);
    return ok;
}

/* --- All wallets ------------------------------------------------------------------------------ */

enum { MEMBERS_AT_ONCE = 1000, TELL_EVERY = 256 };

/* Those in the chain that are not the member's own, each with the first of those who
 * share it: so each is read once, and nothing need be remembered. */
static bool read_shared(struct view *view, uint64_t member, const struct links *links,
                        const struct book_readers *readers, int64_t *heads, struct error *error)
{
    for (size_t i = 0; i < links->count; i++) {
        uint64_t wallet = links->list[i].wallet;
        bool seen = wallet == member || (i > 0 && wallet == links->list[i - 1].wallet);
        for (size_t k = 0; k < i && !seen; k++)
            seen = links->list[k].wallet == wallet;
        if (seen)
            continue;
        struct arena arena = {0};
        struct household_row *rows = NULL;
        size_t count = 0;
        bool ok = store_household(view->ledger->store, &arena, wallet, &rows, &count, error) &&
                  (count == 0 || rows[0].member != member ||
                   read_household(view, wallet, rows, count, readers, heads, error));
        arena_free(&arena);
        if (!ok)
            return false;
    }
    return true;
}

static bool read_member(struct view *view, uint64_t member, const struct book_readers *readers,
                        int64_t *heads, struct error *error)
{
    struct links links = {0};
    struct book book = {.view = view, .wallet = member, .member = member};
    bool ok = view_read_chain(view, member, &links, error) &&
              read_links(&book, &links, readers, heads, error) &&
              read_shared(view, member, &links, readers, heads, error);
    free(links.list);
    return ok;
}

bool view_each_book(struct view *view, const struct book_readers *readers, int64_t *heads,
                    struct error *error)
{
    struct arena arena = {0};
    struct member_row *rows = NULL;
    size_t count = MEMBERS_AT_ONCE;
    uint64_t after = 0;
    int64_t done = 0;
    bool ok = true;
    *heads = 0;
    while (ok && count == MEMBERS_AT_ONCE) {
        arena_reset(&arena);
        ok = store_member_list(view->ledger->store, &arena, after, MEMBERS_AT_ONCE, &rows, &count,
                               error);
        for (size_t i = 0; ok && i < count; i++) {
            after = rows[i].id;
            ok = (++done % TELL_EVERY != 0 || view_tell(view, *heads, error)) &&
                 read_member(view, rows[i].id, readers, heads, error);
        }
    }
    arena_free(&arena);
    return ok;
}
