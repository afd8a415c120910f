/* Heads into flows. */
#include "flow.h"

#include "limits.h"

/* One head on its way. */
struct turning {
    struct view *view;
    const struct head *head;
    flow_reader *each;
    void *context;
    unsigned own; /* the programme's account that this kind of record posts to */
};

/* Which of the programme's accounts a kind of record posts to, lapses apart. */
static unsigned own_account(enum record_kind kind)
{
    switch (kind) {
    case RECORD_PURCHASE:
        return ACCOUNT_ISSUED;
    case RECORD_RETURN:
        return ACCOUNT_RETURNED;
    case RECORD_REDEEM:
    case RECORD_CANCEL:
    case RECORD_CAPTURE:
    case RECORD_RESTORE:
        return ACCOUNT_REDEEMED;
    case RECORD_TRANSFER:
    case RECORD_HOUSEHOLD_CREATE:
    case RECORD_HOUSEHOLD_JOIN:
    case RECORD_HOUSEHOLD_LEAVE:
    case RECORD_MEMBER_MERGE:
        return ACCOUNT_MOVED;
    case RECORD_ADJUST:
        return ACCOUNT_ADJUSTED;
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
    case RECORD_KIND_COUNT:
        break;
    }
    return ACCOUNT_WITHIN;
}

moment lot_last_moment(const struct lot_row *lot)
{
    if (lot->expires == MOMENT_NEVER)
        return MOMENT_NEVER;
    return lot->expires - 1 < lot->earned ? lot->earned : lot->expires - 1; /* born lapsed */
}

/* The record's business time, within the life of the lot. */
static moment dated(const struct turning *in, const struct lot_row *lot)
{
    moment at = in->head->at, last = lot_last_moment(lot);
    return at < lot->earned ? lot->earned : at > last ? last : at;
}

static bool emit(const struct turning *in, const struct flow *flow, struct error *error)
{
    return flow->amount == 0 || flow->at >= in->view->end || in->each(in->context, flow, error);
}

static bool currency_of(const struct turning *in, struct text id, unsigned *currency,
                        struct error *error)
{
    int index = view_currency(in->view, id);
    if (index < 0)
        return fail(error, ERROR_INVARIANT, _("record %lld names unknown points"),
                    (long long)in->head->seq);
    *currency = (unsigned)index;
    return true;
}

/* The lot with what never changes about it: from this very head, or from its row. */
static bool find_lot(const struct turning *in, struct arena *arena, int64_t id, struct lot_row *lot,
                     struct error *error)
{
    int64_t index = id % LOTS_PER_RECORD;
    if (id / LOTS_PER_RECORD == in->head->seq && (size_t)index < in->head->lot_count) {
        const struct lot_birth *birth = &in->head->lots[index];
        *lot = (struct lot_row){.id = id,
                                .member = in->head->member,
                                .currency = birth->currency,
                                .amount = birth->amount,
                                .expires = birth->expires,
                                .origin = birth->origin,
                                .earned = in->head->at};
        return true;
    }
    bool found = false;
    if (!store_lot(in->view->ledger->store, arena, id, lot, &found, error))
        return false;
    return found || fail(error, ERROR_INVARIANT, _("there is no lot %lld.%lld"),
                         (long long)(id / LOTS_PER_RECORD), (long long)index);
}

/* A cancelled redemption brings a lot's points back: they do not settle a debt
 * then, as cancel_original() has assumed. */
static bool unsettle(const struct turning *in, struct flow flow, struct error *error)
{
    if (in->head->kind != RECORD_CANCEL)
        return true;
    flow.account = ACCOUNT_DEBT;
    flow.amount = -flow.amount;
    return emit(in, &flow, error);
}

static bool lot_posting(const struct turning *in, struct arena *arena,
                        const struct posting *posting, struct error *error)
{
    struct lot_row lot;
    struct flow flow = {.head = in->head,
                        .lot = &lot,
                        .account = posting->account,
                        .against = in->own,
                        .amount = posting->amount};
    if (!currency_of(in, posting->currency, &flow.currency, error) ||
        !find_lot(in, arena, posting->lot, &lot, error))
        return false;
    if (posting->amount < 0 && lot.expires <= in->head->time)
        return true; /* the record confirms a lapse, which counted at its own moment */
    flow.at = dated(in, &lot);
    flow.is_birth = posting->lot / LOTS_PER_RECORD == in->head->seq && posting->amount > 0;
    if (!emit(in, &flow, error) || !unsettle(in, flow, error))
        return false;
    flow.at = lot_last_moment(&lot);
    flow.amount = -posting->amount;
    flow.against = ACCOUNT_EXPIRED;
    flow.is_birth = false;
    flow.is_lapse = true;
    return flow.at == MOMENT_NEVER || emit(in, &flow, error);
}

static bool debt_posting(const struct turning *in, const struct posting *posting,
                         struct error *error)
{
    struct flow flow = {.head = in->head,
                        .account = ACCOUNT_DEBT,
                        .against = in->own,
                        .amount = posting->amount,
                        .at = in->head->at};
    return in->head->kind == RECORD_CANCEL ||
           (currency_of(in, posting->currency, &flow.currency, error) && emit(in, &flow, error));
}

/* --- Cancelling a redemption ------------------------------------------------------- */

/* What one lot gave comes back: it stays lapsed if the lot has lapsed meanwhile, else
 * it settles a debt as far as it does not return to the lot (see unsettle). */
static bool give_back(const struct turning *in, struct arena *arena, const struct posting *taken,
                      struct error *error)
{
    struct lot_row lot;
    struct flow flow = {.head = in->head,
                        .lot = &lot,
                        .against = ACCOUNT_REDEEMED,
                        .amount = -taken->amount,
                        .at = in->head->at};
    if (!currency_of(in, taken->currency, &flow.currency, error) ||
        !find_lot(in, arena, taken->lot, &lot, error))
        return false;
    bool lapsed = lot.expires <= in->head->time;
    flow.account = lapsed ? ACCOUNT_EXPIRED : ACCOUNT_DEBT;
    if (!lapsed)
        flow.at = dated(in, &lot);
    return emit(in, &flow, error);
}

/* The head of a record of the redemption; *found false after its last part. */
static bool read_part(const struct turning *in, struct arena *arena, int64_t part,
                      struct head *head, bool *found, struct error *error)
{
    struct record_row row;
    if (!store_record(in->view->ledger->store, arena, in->head->of + part, &row, found, error) ||
        (*found && !head_decode(row.head, arena, head, error)))
        return false;
    *found = *found && head->kind == RECORD_REDEEM && head->part == part;
    return true;
}

static bool cancel_original(const struct turning *in, struct error *error)
{
    struct arena arena = {0};
    struct head head;
    bool found = true, ok = true;
    for (int64_t part = 0; ok && found; part++) {
        arena_reset(&arena);
        ok = read_part(in, &arena, part, &head, &found, error);
        for (size_t i = 0; ok && found && i < head.posting_count; i++) {
            if (head.postings[i].lot >= 0)
                ok = give_back(in, &arena, &head.postings[i], error);
        }
    }
    arena_free(&arena);
    return ok;
}

/* --- All ------------------------------------------------------------------------------- */

bool flows_of(struct view *view, const struct head *head, flow_reader *each, void *context,
              struct error *error)
{
    struct turning in = {view, head, each, context, own_account(head->kind)};
    arena_reset(&view->scratch);
    bool ok = head->kind != RECORD_CANCEL || head->part != 0 || cancel_original(&in, error);
    for (size_t i = 0; ok && i < head->posting_count; i++) {
        const struct posting *posting = &head->postings[i];
        if (posting->lot >= 0)
            ok = lot_posting(&in, &view->scratch, posting, error);
        else if (posting->account == ACCOUNT_DEBT)
            ok = debt_posting(&in, posting, error);
    }
    return ok;
}

struct moving {
    struct view *view;
    flow_reader *each;
    void *context;
};

static bool move_head(void *context, const struct head *head, struct error *error)
{
    const struct moving *in = context;
    return head->posting_count == 0 || flows_of(in->view, head, in->each, in->context, error);
}

bool view_each_flow(struct view *view, flow_reader *each, void *context, struct error *error)
{
    struct moving in = {view, each, context};
    return view_each_head(view, move_head, &in, error);
}
