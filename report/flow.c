/* Heads into flows.
 *
 * A head lists postings, each of one account. Which account gave and which took is
 * found again from how postings are written (ledger/operations/write_record.c): the two sides of a
 * movement within a lot stand one behind the other; whatever else leaves a lot or
 * comes into it does so against an account without lots, of which a head has one sum
 * per currency; and a kind of record has few of these. */
#include "flow.h"

#include "book.h"
#include "limits.h"

/* One head on its way, in one currency. */
struct turning {
    struct book *book;
    const struct head *head;
    flow_reader *each;
    void *context;
    unsigned currency;
    bool leaving;                 /* a move: out of this wallet, not into it */
    bool arrived;                 /* some lot came in */
    int64_t pools[ACCOUNT_COUNT]; /* what is posted without a lot, as far as it is not used */
};

/* --- Which account against which ----------------------------------------------------- */

/* The one account of the programme against which a void undoes what was posted there. */
static enum account undone_account(const struct head *head)
{
    for (size_t i = 0; i < head->posting_count; i++) {
        enum account account = head->postings[i].account;
        if (!account_is_wallets(account) && account != ACCOUNT_EXPIRED)
            return account;
    }
    return ACCOUNT_RETURNED;
}

/* Where the points that a kind of record brings come from. */
static enum account source_of(const struct head *head, bool is_birth)
{
    switch (head->kind) {
    case RECORD_PURCHASE:
    case RECORD_CLAIM:
        return ACCOUNT_ISSUED;
    case RECORD_RETURN:
    case RECORD_REASSIGN:
        return ACCOUNT_RETURNED;
    case RECORD_VOID:
        return undone_account(head);
    case RECORD_ADJUST:
        return ACCOUNT_ADJUSTED;
    case RECORD_TRANSFER:
    case RECORD_HOUSEHOLD_CREATE:
    case RECORD_HOUSEHOLD_JOIN:
    case RECORD_HOUSEHOLD_LEAVE:
        return ACCOUNT_MOVED;
    case RECORD_MEMBER_MERGE:
        return is_birth ? ACCOUNT_ISSUED : ACCOUNT_MOVED; /* carried fractions made a whole */
    case RECORD_ACTION:
    case RECORD_TIER_SET:
        return is_birth ? ACCOUNT_ISSUED : ACCOUNT_EXPIRED; /* a level's reward, what it forfeits */
    case RECORD_CANCEL:
    case RECORD_RESTORE:
    case RECORD_REDEEM:
    case RECORD_CAPTURE:
        return ACCOUNT_REDEEMED;
    case RECORD_GENESIS:
    case RECORD_PROGRAMME:
    case RECORD_HISTORY_OPEN:
    case RECORD_HISTORY_CLOSE:
    case RECORD_MEMBER_ADD:
    case RECORD_MEMBER_LINK:
    case RECORD_MEMBER_UNLINK:
    case RECORD_ELAPSE:
    case RECORD_ACTIVATE:
    case RECORD_RESERVE:
    case RECORD_EXTEND:
    case RECORD_RELEASE:
    case RECORD_RETURN_HELD:
    case RECORD_CLOSE:
    case RECORD_OPERATOR_LINK:
    case RECORD_OPERATOR_UNLINK:
    case RECORD_TILL_CLOSE:
    case RECORD_RECOVER:
    case RECORD_MEMBER_ERASE:
    case RECORD_MEMBER_HOLD:
    case RECORD_RETENTION:
    case RECORD_BENEFIT_USE:
    case RECORD_KIND_COUNT:
        break;
    }
    return ACCOUNT_EXPIRED; /* what these take from a lot lapses; they bring nothing */
}

static bool is_move(enum record_kind kind)
{
    return kind == RECORD_HOUSEHOLD_CREATE || kind == RECORD_HOUSEHOLD_JOIN ||
           kind == RECORD_HOUSEHOLD_LEAVE || kind == RECORD_MEMBER_MERGE;
}

/* Of the two records of a move: the one in the wallet that is left? Of a merge the
 * member that goes has the other for ever as what they became. */
static bool is_leaving(struct view *view, const struct head *head, bool *leaving,
                       struct error *error)
{
    struct member_row row = {.id = head->member};
    *leaving = head->kind == RECORD_HOUSEHOLD_LEAVE ? head->wallet != 0
                                                    : is_move(head->kind) && head->wallet == 0;
    if (head->kind != RECORD_MEMBER_MERGE)
        return true;
    if (!store_members(view->ledger->store, &row, 1, error))
        return false;
    *leaving = row.merged == head->with;
    return true;
}

static moment idle_of(const struct turning *in)
{
    return in->book->here->pockets[in->currency].idle;
}

static bool has_lapsed(const struct turning *in, const struct book_lot *lot)
{
    return lot->expires <= in->book->at || idle_of(in) <= in->book->at;
}

/* Where points go that leave a lot: mostly where the record's others come from. */
static enum account sink_of(const struct turning *in, const struct posting *posting,
                            const struct book_lot *lot)
{
    enum record_kind kind = in->head->kind;
    bool born_here = lot->id / LOTS_PER_RECORD >= in->book->first;
    bool brings = kind == RECORD_PURCHASE || kind == RECORD_CLAIM || kind == RECORD_CANCEL ||
                  kind == RECORD_RESTORE ||
                  (kind == RECORD_VOID && in->pools[undone_account(in->head)] < 0);
    if (born_here || brings)
        return ACCOUNT_EXPIRED; /* born lapsed */
    if (is_move(kind) && !in->leaving)
        return ACCOUNT_DEBT; /* what arrives settles it */
    if (is_move(kind))
        return in->pools[ACCOUNT_EXPIRED] > 0 ? ACCOUNT_EXPIRED : ACCOUNT_MOVED;
    if (kind == RECORD_CAPTURE && in->pools[ACCOUNT_REDEEMED] > 0)
        return ACCOUNT_REDEEMED;
    if (posting->account == ACCOUNT_RESERVED)
        return in->pools[ACCOUNT_EXPIRED] > 0 && has_lapsed(in, lot) ? ACCOUNT_EXPIRED
                                                                     : ACCOUNT_DEBT;
    return source_of(in->head, false);
}

/* --- When ------------------------------------------------------------------------------ */

/* What leaves an account of a lot, or moves within it. */
static moment date_leaving(const struct turning *in, const struct book_lot *lot,
                           enum account account, enum account to)
{
    moment at = in->book->at, since = lot->since[account];
    moment gone = lot->expires < idle_of(in) ? lot->expires : idle_of(in);
    moment last = gone == MOMENT_NEVER ? MOMENT_NEVER : gone - 1;
    bool born_here = lot->id / LOTS_PER_RECORD >= in->book->first;
    if (to == ACCOUNT_MOVED)
        return at; /* as it arrives in the other wallet */
    if (to == ACCOUNT_EXPIRED && account == ACCOUNT_AVAILABLE && in->head->kind == RECORD_ELAPSE)
        at--;
    else if (to == ACCOUNT_EXPIRED && born_here)
        at = last;
    else if (account == ACCOUNT_AVAILABLE && at > last)
        at = last;
    return at > since ? at : since;
}

/* --- Entering ---------------------------------------------------------------------------- */

static void enter_side(struct book *book, const struct flow *flow, struct book_lot *lot,
                       enum account account, int64_t amount)
{
    bool counts = flow->at < book->view->end;
    struct book_pocket *pocket = &book->here->pockets[flow->currency];
    if (account == ACCOUNT_DEBT) {
        pocket->debt += amount;
        pocket->debt_as_of += counts ? amount : 0;
        if (amount < 0 && flow->at > pocket->owed_since)
            pocket->owed_since = flow->at;
    } else if (account_is_wallets(account)) {
        book->here->open += amount;
        if (counts)
            lot->wallet = book->here; /* it may have come from another */
        lot->left[account] += amount;
        lot->as_of[account] += counts ? amount : 0;
        if (amount > 0 && flow->at > lot->since[account])
            lot->since[account] = flow->at;
    }
}

/* Points pay a debt; never before it was made. */
static bool settles(const struct flow *flow)
{
    bool moves = flow->account == ACCOUNT_MOVED || flow->against == ACCOUNT_MOVED;
    return !moves && ((flow->account == ACCOUNT_DEBT && flow->amount > 0) ||
                      (flow->against == ACCOUNT_DEBT && flow->amount < 0));
}

static bool enter(const struct turning *in, struct flow *flow, struct book_lot *lot, moment dated,
                  struct error *error)
{
    struct book *book = in->book;
    flow->book = book;
    flow->wallet = book->here;
    flow->head = in->head;
    flow->currency = in->currency;
    flow->lot = lot;
    if (settles(flow) && dated < book->here->pockets[in->currency].owed_since)
        dated = book->here->pockets[in->currency].owed_since;
    flow->dated = flow->at = dated;
    if (in->head->kind != RECORD_ELAPSE) /* a lapse counted before anybody recorded it */
        flow->at = view_reported(book->view, in->head->seq, dated);
    flow->is_late = flow->at != dated;
    if (flow->amount == 0)
        return true;
    enter_side(book, flow, lot, flow->account, flow->amount);
    enter_side(book, flow, lot, flow->against, -flow->amount);
    return flow->at >= book->view->end || in->each == NULL || in->each(in->context, flow, error);
}

/* --- Lots ---------------------------------------------------------------------------------- */

/* A cancelled redemption brings a lot's points back: they do not settle a debt. */
static void note_back(struct book *book, const struct book_lot *lot, int64_t amount)
{
    for (size_t i = 0; i < book->taken_count && amount > 0; i++) {
        struct book_taken *taken = &book->taken[i];
        int64_t part = taken->amount < amount ? taken->amount : amount;
        if (taken->lot != lot)
            continue;
        taken->amount -= part;
        amount -= part;
    }
}

/* From one account of the lot to another: the posting and the one behind it. */
static bool enter_within(const struct turning *in, struct book_lot *lot,
                         const struct posting *posting, struct error *error)
{
    struct flow flow = {
        .account = posting[1].account, .against = posting->account, .amount = posting[1].amount};
    return enter(in, &flow, lot, date_leaving(in, lot, flow.against, flow.account), error);
}

/* Of a lot that has left the other wallet and does not arrive whole: the rest pays the
 * debt that it finds here. */
static bool settle(struct turning *in, struct book_taken *taken, struct error *error)
{
    struct flow flow = {.account = ACCOUNT_DEBT, .against = ACCOUNT_MOVED, .amount = taken->amount};
    in->pools[ACCOUNT_MOVED] += taken->amount;
    in->pools[ACCOUNT_DEBT] -= taken->amount;
    taken->amount = 0;
    return enter(in, &flow, taken->lot, in->book->at, error);
}

/* Lots arrive in the order in which they left: those before this one, and what of it
 * is missing, or where none arrives all of them. */
static bool settle_before(struct turning *in, const struct book_lot *lot, struct error *error)
{
    bool reached = false;
    for (size_t i = 0; i < in->book->taken_count && !reached; i++) {
        struct book_taken *taken = &in->book->taken[i];
        reached = taken->lot == lot;
        if (taken->lot->currency == in->currency && !settle(in, taken, error))
            return false;
    }
    return true;
}

static bool enter_coming(struct turning *in, struct book_lot *lot, const struct posting *posting,
                         struct error *error)
{
    bool is_birth = lot->id / LOTS_PER_RECORD == in->head->seq;
    struct flow flow = {.account = posting->account,
                        .against = source_of(in->head, is_birth),
                        .amount = posting->amount,
                        .is_birth = is_birth};
    in->pools[flow.against] += posting->amount;
    in->arrived = true;
    note_back(in->book, lot, posting->amount);
    return enter(in, &flow, lot, in->book->at, error) &&
           (!is_move(in->head->kind) || is_birth || settle_before(in, lot, error));
}

static bool enter_going(struct turning *in, struct book_lot *lot, const struct posting *posting,
                        struct error *error)
{
    struct flow flow = {.account = posting->account,
                        .against = sink_of(in, posting, lot),
                        .amount = posting->amount};
    flow.is_lapse = flow.against == ACCOUNT_EXPIRED && !in->leaving;
    in->pools[flow.against] += posting->amount;
    if (flow.against == ACCOUNT_MOVED && is_move(in->head->kind))
        book_add_taken(in->book, lot, -posting->amount); /* on its way */
    return enter(in, &flow, lot, date_leaving(in, lot, flow.account, flow.against), error);
}

/* Is it followed by its other side, in the same lot? */
static bool stays_in_lot(const struct head *head, size_t i)
{
    const struct posting *posting = &head->postings[i];
    return posting->amount < 0 && i + 1 < head->posting_count && posting[1].lot == posting->lot &&
           posting[1].amount == -posting->amount && posting[1].account != posting->account;
}

static bool enter_lots(struct turning *in, struct error *error)
{
    for (size_t i = 0; i < in->head->posting_count; i++) {
        const struct posting *posting = &in->head->postings[i];
        struct book_lot *lot = NULL;
        if (posting->lot < 0 ||
            view_currency(in->book->view, posting->currency) != (int)in->currency)
            continue;
        if (!book_find_lot(in->book, posting->lot, &lot, error))
            return false;
        bool within = stays_in_lot(in->head, i);
        bool ok = within                ? enter_within(in, lot, posting, error)
                  : posting->amount > 0 ? enter_coming(in, lot, posting, error)
                                        : enter_going(in, lot, posting, error);
        if (!ok)
            return false;
        i += within;
    }
    return true;
}

/* --- What is left without a lot -------------------------------------------------------------- */

/* Between the programme's accounts and a debt. Of a cancellation it is known which lots
 * had given the points: those that have lapsed lapse, the others settle a debt. */
static bool enter_bare(struct turning *in, enum account from, enum account to, int64_t amount,
                       struct error *error)
{
    struct book *book = in->book;
    bool debt = from == ACCOUNT_DEBT;
    struct flow whole = {.account = debt ? from : to, .against = debt ? to : from};
    whole.is_lapse = to == ACCOUNT_EXPIRED;
    for (size_t i = 0; from == ACCOUNT_REDEEMED && i < book->taken_count && amount > 0; i++) {
        struct book_taken *taken = &book->taken[i];
        struct flow flow = whole;
        flow.amount = taken->amount < amount ? taken->amount : amount;
        if (taken->lot->currency != in->currency ||
            has_lapsed(in, taken->lot) != (to == ACCOUNT_EXPIRED))
            continue;
        taken->amount -= flow.amount;
        amount -= flow.amount;
        if (!enter(in, &flow, taken->lot, book->at, error))
            return false;
    }
    whole.amount = debt ? -amount : amount;
    return enter(in, &whole, NULL, book->at, error);
}

static bool enter_rest(struct turning *in, struct error *error)
{
    unsigned from = 0, to = 0;
    if (is_move(in->head->kind) && !in->leaving && !in->arrived && !settle_before(in, NULL, error))
        return false;
    while (from < ACCOUNT_COUNT && to < ACCOUNT_COUNT) {
        int64_t there = -in->pools[from], wanted = in->pools[to];
        int64_t amount = there < wanted ? there : wanted;
        if (there <= 0) {
            from++;
        } else if (wanted <= 0) {
            to++;
        } else {
            in->pools[from] += amount;
            in->pools[to] -= amount;
            if (!enter_bare(in, (enum account)from, (enum account)to, amount, error))
                return false;
        }
    }
    return true;
}

/* --- One head ------------------------------------------------------------------------------ */

static bool enter_currency(struct turning *in, struct error *error)
{
    bool any = false;
    in->arrived = false;
    memset(in->pools, 0, sizeof in->pools);
    for (size_t i = 0; i < in->head->posting_count; i++) {
        const struct posting *posting = &in->head->postings[i];
        if (view_currency(in->book->view, posting->currency) != (int)in->currency)
            continue;
        any = true;
        if (posting->lot < 0)
            in->pools[posting->account] += posting->amount;
    }
    return !any || (enter_lots(in, error) && enter_rest(in, error));
}

static bool unknown_points(const struct head *head, struct error *error)
{
    return fail(error, ERROR_INVARIANT, _("record %lld names unknown points"),
                (long long)head->seq);
}

/* New lots, new dates, and what moves the wallet's. */
static bool enter_terms(struct book *book, const struct head *head, struct error *error)
{
    bool counts = book->at < book->view->end;
    for (size_t i = 0; i < head->lot_count; i++) {
        int currency = view_currency(book->view, head->lots[i].currency);
        if (currency < 0)
            return unknown_points(head, error);
        book_add_lot(book, lot_number(head->seq, (int64_t)i), (unsigned)currency, &head->lots[i],
                     head->at);
    }
    for (size_t i = 0; i < head->date_count; i++) {
        struct book_lot *lot = NULL;
        if (!book_find_lot(book, head->dates[i].lot, &lot, error))
            return false;
        lot->expires = head->dates[i].expires;
        if (counts)
            lot->expires_as_of = lot->expires;
    }
    for (size_t i = 0; i < head->idle_count; i++) {
        int currency = view_currency(book->view, head->idles[i].currency);
        if (currency < 0)
            return unknown_points(head, error);
        book->here->pockets[currency].idle = head->idles[i].at;
        if (counts)
            book->here->pockets[currency].idle_as_of = head->idles[i].at;
    }
    return true;
}

/* The head's wallet, and what holds for all parts of its operation. */
static bool begin_head(struct book *book, const struct head *head, struct error *error)
{
    uint64_t wallet = head->wallet != 0 ? head->wallet : head->member;
    book->here = map_get(&book->wallets, map_key_of_number(0, wallet));
    if (book->here == NULL)
        return fail(error, ERROR_INVARIANT, _("record %lld acts on a wallet of others"),
                    (long long)head->seq);
    if (head->seq - head->part == book->first)
        return true;
    book->first = head->seq - head->part; /* of a transfer, perhaps in another book */
    book->at = head->at;
    book->taken_count = 0;
    return head->posting_count == 0 ||
           (head->kind != RECORD_CANCEL && head->kind != RECORD_RESTORE) ||
           book_read_taken(book, head, error);
}

bool flows_of(struct book *book, const struct head *head, flow_reader *each, void *context,
              struct error *error)
{
    struct turning in = {.book = book, .head = head, .each = each, .context = context};
    for (size_t i = 0; i < head->posting_count; i++) {
        if (view_currency(book->view, head->postings[i].currency) < 0)
            return unknown_points(head, error);
    }
    if (!begin_head(book, head, error) || !enter_terms(book, head, error) ||
        (head->posting_count > 0 && !is_leaving(book->view, head, &in.leaving, error)))
        return false;
    for (in.currency = 0; in.currency < book->view->points_count; in.currency++) {
        if (head->posting_count > 0 && !enter_currency(&in, error))
            return false;
    }
    return true;
}
