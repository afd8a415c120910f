/* A working set made by hand, over which advance() runs as over any other. */
#include "foresee.h"

#include "context.h"
#include "state_private.h"

static bool add_pockets(struct state *state, struct wallet *wallet, const struct standing *standing,
                        struct error *error)
{
    for (size_t i = 0; i < standing->balance_count; i++) {
        const struct balance_row *row = &standing->balances[i];
        struct pocket *pocket = state_pocket(state, wallet, row->currency);
        if (pocket == NULL)
            return fail(error, ERROR_INVARIANT, _("a wallet has too many currencies"));
        struct text currency = pocket->currency;
        pocket->row = *row;
        pocket->row.wallet = wallet->id;
        pocket->row.currency = currency;
    }
    return true;
}

static void add_lots(struct state *state, struct wallet *wallet, const struct standing *standing)
{
    for (size_t i = 0; i < standing->lot_count; i++) {
        struct lot *lot = state_add_lot(state, &standing->lots[i]);
        lot->is_new = true; /* so nobody looks for it where the store lists it */
        lot->row.wallet = lot->stored.wallet = wallet->id;
        if (lot->row.left > 0)
            state_list_lot(state, state_pocket(state, wallet, lot->row.currency), lot);
    }
}

/* The store may know already how a reservation ended; here it is still open. */
static bool add_reservations(struct state *state, struct wallet *wallet,
                             const struct standing *standing, struct error *error)
{
    for (size_t i = 0; i < standing->reservation_count; i++) {
        struct reservation *reservation = NULL;
        if (!state_reservation(state, standing->reservations[i].seq, &reservation, error))
            return false;
        reservation->row = standing->reservations[i];
        reservation->row.wallet = wallet->id;
        reservation->row.by = -1;
        state_add_reservation(state, wallet, reservation);
    }
    wallet->reservations_loaded = true;
    return true;
}

static bool set_up(struct context *context, const struct standing *standing, struct error *error)
{
    struct state *state = context->state;
    context->wallet = state_add_wallet(state, standing->wallet);
    if (!state_member(state, standing->member, &context->member, error) ||
        !add_pockets(state, context->wallet, standing, error))
        return false;
    context->member->row.wallet = standing->wallet; /* they may have moved since */
    add_lots(state, context->wallet, standing);
    return add_reservations(state, context->wallet, standing, error);
}

bool foresee(struct ledger *ledger, struct arena *arena, const struct standing *standing,
             moment until, struct head ***heads, size_t *count, struct error *error)
{
    struct state state = {.store = ledger->store, .arena = arena};
    struct context context = {
        .ledger = ledger,
        .state = &state,
        .arena = arena,
        .time = until,
        .member_id = standing->member,
    };
    state.tip.size = standing->size;
    state.tip.time = INT64_MIN;
    bool ok = set_up(&context, standing, error) && advance(&context, error);
    *count = ok ? state.record_count : 0;
    *heads = arena_allocate(arena, (*count + 1) * sizeof **heads);
    for (size_t i = 0; i < *count; i++)
        (*heads)[i] = state.records[i].head;
    state_free(&state);
    return ok;
}
