/* Redeeming points, taking a redemption back, and adjusting by hand. */
#include "context.h"

/* What the three have in common before their own refusals: key, member, clock. */
static bool begin(struct context *context, bool *duplicate, struct error *error)
{
    bool enrol = false;
    if (!require(context, FIELD_REF, error) || !require(context, FIELD_MEMBER, error) ||
        !require(context, FIELD_POINTS, error) || !resolve_version(context, error) ||
        !resolve_member(context, context->request->member, &enrol, error))
        return false;
    context->has_key = true;
    hash_ref(context, context->request->ref, context->key);
    if (!check_keys(context, duplicate, error))
        return false;
    if (*duplicate)
        return true;
    if (request_has(context->request, FIELD_AT))
        return fail_field(error, ERROR_BACKDATED, "at", _("%s takes no \"at\": it acts now"),
                          operation_name(context->request->op));
    return load_member(context, error) && advance(context, error);
}

static bool too_few(const struct points *points, int64_t wanted, int64_t there, struct error *error)
{
    struct buffer want = {0}, have = {0};
    decimal_format_short(&want, wanted, points->scale);
    decimal_format_short(&have, there, points->scale);
    fail_field(error, ERROR_INSUFFICIENT_POINTS, "points",
               _("%s %.*s are wanted, %s are available"), buffer_terminate(&want), TEXT(points->id),
               buffer_terminate(&have));
    buffer_free(&want);
    buffer_free(&have);
    return false;
}

/* Take `amount` points out in burn order, or refuse. */
static bool burn(struct context *context, struct movements *movements, const struct points *points,
                 enum account to, int64_t amount, struct error *error)
{
    struct pocket *pocket = state_pocket(context->state, context->wallet, points->id);
    int64_t there = pocket->row.available + pocket->row.debt, taken = 0;
    if (there < amount)
        return too_few(points, amount, there, error);
    if (!points_out(context, movements, points->id, to, amount, &taken, error))
        return false;
    return taken == amount ||
           fail(error, ERROR_INVARIANT, _("a wallet's lots do not add up to its balance"));
}

bool redeem(struct context *context, struct error *error)
{
    const struct points *points = NULL;
    struct movements movements = {0};
    bool duplicate = false;
    if (!begin(context, &duplicate, error))
        return false;
    if (duplicate)
        return true;
    if (!points_currency(context, &points, error))
        return false;
    if (!points->spendable)
        return fail_field(error, ERROR_NOT_SPENDABLE, "points_of",
                          _("\"%.*s\" only count, they cannot be spent"), TEXT(points->id));
    if (context->request->points <= 0)
        return fail_field(error, ERROR_INVALID_FIELD, "points", _("\"points\" must be above zero"));
    if (!burn(context, &movements, points, ACCOUNT_REDEEMED, context->request->points, error))
        return false;
    /* From here on nothing is refused. */
    struct head *head = record_new(context, RECORD_REDEEM);
    set_keys(context, head);
    return record_write_movements(context, head, &movements,
                                  body_of(context, false, (struct text){0}), error);
}

bool adjust(struct context *context, struct error *error)
{
    const struct points *points = NULL;
    struct movements movements = {0};
    bool duplicate = false;
    if (!require(context, FIELD_REASON, error) || !begin(context, &duplicate, error))
        return false;
    if (duplicate)
        return true;
    int64_t amount = context->request->points;
    if (!points_currency(context, &points, error))
        return false;
    if (amount == 0)
        return fail_field(error, ERROR_INVALID_FIELD, "points", _("\"points\" must not be 0"));
    struct head *head = record_new(context, RECORD_ADJUST);
    bool ok = amount > 0 ? points_in(context, head, &movements, points, ACCOUNT_ADJUSTED, amount,
                                     context->time, "goodwill", error)
                         : burn(context, &movements, points, ACCOUNT_ADJUSTED, -amount, error);
    if (!ok)
        return false;
    /* From here on nothing is refused. */
    set_keys(context, head);
    return record_write_movements(context, head, &movements,
                                  body_of(context, false, (struct text){0}), error);
}

/* --- Cancel ------------------------------------------------------------------ */

/* The redemption that a ref names. */
static bool find_redemption(struct context *context, int64_t *seq, struct error *error)
{
    unsigned char hash[KEY_HASH_BYTES];
    struct key *key = NULL;
    struct record record;
    hash_ref(context, context->request->of, hash);
    if (!state_key(context->state, hash, &key, error))
        return false;
    if (key->row.seq < 0)
        return fail_field(error, ERROR_UNKNOWN_REF, "of", _("no operation has the ref \"%.*s\""),
                          TEXT(context->request->of));
    *seq = key->row.seq;
    if (!state_record(context->state, *seq, &record, error))
        return false;
    context->member_id = record.head->member;
    if (record.head->kind == RECORD_REDEEM)
        return true;
    fail_field(error, ERROR_NOT_CANCELLABLE, "of",
               _("\"%.*s\" is a %s, only a redeem can be cancelled"), TEXT(context->request->of),
               record_name(record.head->kind));
    return hint(error,
                _("goods that come back are a return; points given by hand are adjusted back"));
}

/* Give one lot back what was taken: lapsed points stay lapsed, a debt is settled
 * first, the rest returns to the very lot with its own date. */
static bool restore(struct context *context, struct movements *movements,
                    const struct posting *taken, int64_t *settled, struct error *error)
{
    struct lot *lot = NULL;
    int64_t amount = -taken->amount;
    if (!state_lot(context->state, taken->lot, &lot, error))
        return false;
    if (lot->row.expires <= context->time) {
        move_points(context, movements, taken->currency, ACCOUNT_REDEEMED, ACCOUNT_EXPIRED, amount,
                    -1);
        return true;
    }
    struct pocket *pocket = state_pocket(context->state, context->wallet, taken->currency);
    int64_t owed = -pocket->row.debt - *settled;
    int64_t repaid = amount < owed ? amount : owed;
    *settled += repaid;
    move_points(context, movements, taken->currency, ACCOUNT_REDEEMED, ACCOUNT_DEBT, repaid, -1);
    move_points(context, movements, taken->currency, ACCOUNT_REDEEMED, ACCOUNT_AVAILABLE,
                amount - repaid, taken->lot);
    return true;
}

/* A redemption is of one currency; its record may continue in further parts. */
static bool restore_all(struct context *context, int64_t seq, struct movements *movements,
                        struct error *error)
{
    struct record record;
    int64_t part = 0, settled = 0;
    for (;; seq++, part++) {
        if (seq >= context->state->tip.size)
            return true;
        if (!state_record(context->state, seq, &record, error))
            return false;
        if (record.head->part != part || record.head->kind != RECORD_REDEEM)
            return true;
        for (size_t i = 0; i < record.head->posting_count; i++) {
            const struct posting *posting = &record.head->postings[i];
            if (posting->account == ACCOUNT_AVAILABLE &&
                !restore(context, movements, posting, &settled, error))
                return false;
        }
    }
}

bool cancel(struct context *context, struct error *error)
{
    struct cancelled *cancelled = NULL;
    struct movements movements = {0};
    bool duplicate = false;
    int64_t seq = -1;
    if (!require(context, FIELD_REF, error) || !require(context, FIELD_OF, error) ||
        !resolve_version(context, error))
        return false;
    context->has_key = true;
    hash_ref(context, context->request->ref, context->key);
    if (!check_keys(context, &duplicate, error))
        return false;
    if (duplicate)
        return true;
    if (!find_redemption(context, &seq, error) ||
        !state_cancelled(context->state, seq, &cancelled, error))
        return false;
    if (cancelled->row.by >= 0)
        return fail_field(error, ERROR_ALREADY_CANCELLED, "of",
                          _("\"%.*s\" was cancelled already, by record %lld"),
                          TEXT(context->request->of), (long long)cancelled->row.by);
    if (!load_member(context, error) || !advance(context, error) ||
        !restore_all(context, seq, &movements, error))
        return false;
    /* From here on nothing is refused. */
    struct head *head = record_new(context, RECORD_CANCEL);
    set_keys(context, head);
    head->of = seq;
    return record_write_movements(context, head, &movements,
                                  body_of(context, false, (struct text){0}), error);
}
