/* The fold, second half: what a record does to the operation that it is about. A cancel
 * undoes a redeem, a claim gives a sale to somebody, a capture resolves a reservation, a
 * return that waited is done. fold.c moves the balances. */
#include "state_private.h"

static bool fold_cancel(struct state *state, const struct head *head, struct error *error)
{
    struct cancelled *cancelled = NULL;
    if (!state_cancelled(state, head->of, &cancelled, error))
        return false;
    if (cancelled->row.by >= 0)
        return fold_misfit(error, head, _("what it cancels has been cancelled"));
    TOUCH(state, *cancelled);
    cancelled->row.by = head->seq;
    cancelled->changed = true;
    return true;
}

/* A held return is done now, or called off: *was tells whether it was one. */
static bool fold_done(struct state *state, const struct head *head, bool *was, struct error *error)
{
    struct held *held = NULL;
    if (!state_held(state, head->of, &held, error))
        return false;
    *was = held->row.seq >= 0;
    if (!*was)
        return true;
    if (held->row.by >= 0)
        return fold_misfit(error, head, _("the held return was done before"));
    TOUCH(state, *held);
    held->row.by = head->seq;
    held->changed = true;
    state->tip.held--;
    return true;
}

static bool about_cancelled(struct state *state, const struct head *head, struct wallet *wallet,
                            struct error *error)
{
    (void)wallet;
    bool was_held = false;
    if (head->of < 0)
        return head->has_bars || fold_misfit(error, head, _("it cancels nothing"));
    return fold_done(state, head, &was_held, error) &&
           (was_held || fold_cancel(state, head, error));
}

static bool about_returned(struct state *state, const struct head *head, struct wallet *wallet,
                           struct error *error)
{
    (void)wallet;
    bool was_held = false;
    return head->of < 0 || fold_done(state, head, &was_held, error);
}

/* It waits: a return for its purchase, a sale for its member. */
static bool about_held(struct state *state, const struct head *head, struct wallet *wallet,
                       struct error *error)
{
    (void)wallet;
    struct held *held = NULL;
    if (!head->has_awaits)
        return true;
    if (!state_held(state, head->seq, &held, error))
        return false;
    TOUCH(state, *held);
    held->row.seq = head->seq;
    held->row.by = -1;
    memcpy(held->row.awaits, head->awaits, KEY_HASH_BYTES);
    held->changed = true;
    state->tip.held++;
    return true;
}

/* Who has a sale now: the member of the record that gave it to them, or nobody. */
static bool fold_holder(struct state *state, const struct head *head, int64_t sale, int64_t by,
                        struct error *error)
{
    struct holder *holder = NULL;
    if (sale < 0)
        return fold_misfit(error, head, _("it names no sale"));
    if (!state_holder(state, sale, &holder, error))
        return false;
    TOUCH(state, *holder);
    holder->row.by = by;
    holder->exists = holder->changed = true;
    return true;
}

/* A sale that waited for its card has found its member, or is no more. */
static bool stop_waiting(struct state *state, const struct head *head, struct error *error)
{
    struct held *held = NULL;
    bool was_held = false;
    if (!state_held(state, head->of, &held, error))
        return false;
    return held->row.seq < 0 || held->row.by >= 0 || fold_done(state, head, &was_held, error);
}

static bool about_claimed(struct state *state, const struct head *head, struct wallet *wallet,
                          struct error *error)
{
    (void)wallet;
    /* Its first claim ends the waiting; later ones only move it. */
    return fold_holder(state, head, head->of, head->seq, error) && stop_waiting(state, head, error);
}

static bool about_reassigned(struct state *state, const struct head *head, struct wallet *wallet,
                             struct error *error)
{
    (void)wallet;
    return fold_holder(state, head, head->of, -1, error);
}

/* What it undoes is undone once. A claim that is undone leaves the sale to nobody. */
static bool about_voided(struct state *state, const struct head *head, struct wallet *wallet,
                         struct error *error)
{
    (void)wallet;
    struct record record;
    if (head->of < 0)
        return fold_misfit(error, head, _("it undoes nothing"));
    if (!fold_cancel(state, head, error) || !state_record(state, head->of, &record, error) ||
        !stop_waiting(state, head, error))
        return false;
    return record.head->kind != RECORD_CLAIM ||
           fold_holder(state, head, record.head->of, -1, error);
}

static bool about_reserved(struct state *state, const struct head *head, struct wallet *wallet,
                           struct error *error)
{
    struct reservation *reservation = NULL;
    if (wallet == NULL || head->posting_count == 0)
        return fold_misfit(error, head, _("it reserves nothing"));
    if (!state_reservation(state, head->seq, &reservation, error))
        return false;
    struct text currency = text_copy(state->arena, head->postings[0].currency);
    TOUCH(state, *reservation);
    reservation->row = (struct reservation_row){head->seq, wallet->id, currency, head->until, -1};
    reservation->changed = true;
    state_add_reservation(state, wallet, reservation);
    return true;
}

/* A new end, or the one record that resolves it: capture, release, or time. */
static bool about_reservation(struct state *state, const struct head *head, struct wallet *wallet,
                              struct error *error)
{
    struct reservation *reservation = NULL;
    if (head->of < 0)
        return true;
    if (wallet == NULL || !state_open_reservations(state, wallet, error) ||
        !state_reservation(state, head->of, &reservation, error))
        return false;
    if (reservation->row.seq < 0 || reservation->row.by >= 0)
        return fold_misfit(error, head, _("there is no such open reservation"));
    struct pocket *pocket = state_pocket(state, wallet, reservation->row.currency);
    TOUCH(state, *reservation);
    TOUCH(state, pocket->changed);
    pocket->changed = true; /* what is due next has changed */
    if (head->kind == RECORD_EXTEND)
        reservation->row.until = head->until;
    else
        reservation->row.by = head->seq;
    reservation->changed = true;
    return true;
}

static bool about_closed(struct state *state, const struct head *head, struct wallet *wallet,
                         struct error *error)
{
    (void)wallet, (void)error;
    state->tip.closed = head->closed;
    return true;
}

/* The newest link counts; an unlink names nobody. */
static bool about_operator(struct state *state, const struct head *head, struct wallet *wallet,
                           struct error *error)
{
    (void)wallet;
    struct operator_link *link = NULL;
    if (!head->has_operator)
        return fold_misfit(error, head, _("it names no operator"));
    if (!state_operator(state, head->operator_hash, &link, error))
        return false;
    TOUCH(state, *link);
    link->row.member = head->member;
    link->changed = true;
    return true;
}

/* They are gone: nobody acts in their name any more. */
static bool about_gone(struct state *state, const struct head *head, struct wallet *wallet,
                       struct error *error)
{
    (void)wallet;
    struct member *member = NULL;
    if (head->member == 0 || !state_member(state, head->member, &member, error))
        return head->member == 0 ? fold_misfit(error, head, _("it erases nobody")) : false;
    if (member->row.erased != 0)
        return fold_misfit(error, head, _("it erases a member who was erased before"));
    member->row.erased = head->seq;
    return fold_tiers_away(state, head->member, 0, error);
}

static bool about_hold(struct state *state, const struct head *head, struct wallet *wallet,
                       struct error *error)
{
    (void)wallet;
    struct member *member = NULL;
    if (head->member == 0 || !state_member(state, head->member, &member, error))
        return head->member == 0 ? fold_misfit(error, head, _("it holds nobody")) : false;
    member->row.hold = head->until;
    return true;
}

bool fold_about(struct state *state, const struct head *head, struct wallet *wallet,
                struct error *error)
{
    static bool (*const about[RECORD_KIND_COUNT])(struct state *, const struct head *,
                                                  struct wallet *, struct error *) = {
        [RECORD_CANCEL] = about_cancelled,
        [RECORD_RETURN] = about_returned,
        [RECORD_RETURN_HELD] = about_held,
        [RECORD_RESERVE] = about_reserved,
        [RECORD_EXTEND] = about_reservation,
        [RECORD_CAPTURE] = about_reservation,
        [RECORD_RELEASE] = about_reservation,
        [RECORD_ELAPSE] = about_reservation,
        [RECORD_CLOSE] = about_closed,
        [RECORD_OPERATOR_LINK] = about_operator,
        [RECORD_OPERATOR_UNLINK] = about_operator,
        [RECORD_PURCHASE] = about_held,
        [RECORD_CLAIM] = about_claimed,
        [RECORD_REASSIGN] = about_reassigned,
        [RECORD_VOID] = about_voided,
        [RECORD_MEMBER_ERASE] = about_gone,
        [RECORD_MEMBER_HOLD] = about_hold,
    };
    return about[head->kind] == NULL || about[head->kind](state, head, wallet, error);
}
