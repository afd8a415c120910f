/* Redeeming points, and taking a redemption back. */
#include "context.h"

bool begin_points(struct context *context, bool *duplicate, struct error *error)
{
    bool enrol = false;
    if (!require(context, FIELD_REF, error) || !require(context, FIELD_MEMBER, error) ||
        !require(context, FIELD_POINTS, error) || !resolve_version(context, error) ||
        !resolve_member(context, context->request->member, &enrol, error) ||
        !resolve_other(context, FIELD_TO, context->request->to, error))
        return false;
    if (!check_ref(context, context->request->ref, duplicate, error))
        return false;
    if (*duplicate)
        return true;
    if (request_has(context->request, FIELD_AT))
        return fail_field(error, ERROR_BACKDATED, "at", _("%s takes no \"at\": it acts now"),
                          operation_name(context->request->op));
    return load_member(context, error) && advance(context, error);
}

bool spendable_points(struct context *context, const struct points **points, struct error *error)
{
    if (!points_currency(context, points, error))
        return false;
    return (*points)->spendable ||
           fail_field(error, ERROR_NOT_SPENDABLE, "points_of",
                      _("\"%.*s\" only count, they cannot be spent"), TEXT((*points)->id));
}

bool points_above_zero(const struct context *context, struct error *error)
{
    return context->request->points > 0 ||
           fail_field(error, ERROR_INVALID_FIELD, "points", _("\"points\" must be above zero"));
}

bool check_proof(const struct context *context, const struct points *points, struct error *error)
{
    if (context->request->points <= points->proof_above ||
        request_has(context->request, FIELD_PROOF))
        return true;
    struct buffer most = {0};
    decimal_format_short(&most, points->proof_above, points->scale);
    fail_field(error, ERROR_PROOF_NEEDED, "proof",
               _("more than %s %.*s are taken only with a proof that they are the member's"),
               buffer_terminate(&most), TEXT(points->id));
    buffer_free(&most);
    return hint(error, _("ask for it, and send how it was given: \"proof\": \"pin\", \"app\" or "
                         "\"otp\""));
}

bool redeem(struct context *context, struct error *error)
{
    const struct points *points = NULL;
    struct movements movements = {0};
    bool duplicate = false;
    if (!begin_points(context, &duplicate, error))
        return false;
    if (duplicate)
        return true;
    if (!spendable_points(context, &points, error) || !points_above_zero(context, error) ||
        !check_proof(context, points, error) ||
        !check_approval(context, APPROVAL_REDEEM, context->request->points, points->scale, error) ||
        !points_spend(context, &movements, points, ACCOUNT_REDEEMED, context->request->points,
                      error))
        return false;
    /* From here on nothing is refused. */
    struct head *head = record_new(context, RECORD_REDEEM);
    note_all_activity(context, head, context->time);
    set_keys(context, head);
    return record_write_movements(context, head, &movements,
                                  body_of(context, false, (struct text){0}), error);
}

/* --- What a ref names, and what that took -------------------------------------- */

/* What a ref names; -1 where nobody has used it. */
bool find_by_ref(struct context *context, struct text ref, int64_t *seq, struct record *record,
                 struct error *error)
{
    unsigned char hash[KEY_HASH_BYTES];
    struct key *key = NULL;
    hash_ref(context, ref, hash);
    if (!state_key(context->state, hash, &key, error))
        return false;
    *seq = key->row.seq;
    return *seq < 0 || state_record(context->state, *seq, record, error);
}

bool is_tombstone(struct context *context, const struct head *head, struct text ref)
{
    unsigned char hash[KEY_HASH_BYTES];
    hash_ref(context, ref, hash);
    return head->has_bars && memcmp(head->bars, hash, KEY_HASH_BYTES) == 0;
}

bool begin_of(struct context *context, bool *duplicate, struct error *error)
{
    if (!require(context, FIELD_REF, error) || !require(context, FIELD_OF, error) ||
        !resolve_version(context, error))
        return false;
    if (text_equal(context->request->ref, context->request->of))
        return fail_field(error, ERROR_INVALID_FIELD, "ref",
                          _("\"ref\" is this operation's own key, not that of the one in \"of\""));
    return check_ref(context, context->request->ref, duplicate, error);
}

/* Record that an operation must not come any more: a cancel or release of nothing. */
static bool write_tombstone(struct context *context, enum record_kind kind, struct error *error)
{
    struct head *head = record_new(context, kind);
    head->has_bars = true;
    hash_ref(context, context->request->of, head->bars);
    set_keys(context, head);
    return record_write(context, head, body_of(context, false, (struct text){0}), error);
}

/* Whose the operation was: they may have become another by merging. */
bool load_owner(struct context *context, const struct head *head, struct error *error)
{
    return current_member(context, head->member, &context->member_id, error) &&
           check_present(context, context->member_id, FIELD_OF, error) &&
           load_member(context, error) && advance(context, error);
}

/* All parts of an operation's record, one after the other. */
static bool next_part(struct context *context, int64_t first, int64_t *part, struct record *record,
                      bool *more, struct error *error)
{
    int64_t seq = first + ++*part;
    *more = false;
    if (seq >= context->state->tip.size)
        return true;
    if (!state_record(context->state, seq, record, error))
        return false;
    *more = record->head->part == *part;
    return true;
}

/* Postings of one head, and of one currency unless that is empty. */
static void add_taken(struct arena *arena, const struct head *head, enum account account,
                      struct text currency, int64_t *redeemed, struct taken **list, size_t *count)
{
    struct taken *larger =
        arena_allocate(arena, (*count + head->posting_count + 1) * sizeof *larger);
    if (*count > 0)
        memcpy(larger, *list, *count * sizeof *larger);
    *list = larger;
    for (size_t i = 0; i < head->posting_count; i++) {
        const struct posting *posting = &head->postings[i];
        if (currency.length > 0 && !text_equal(posting->currency, currency))
            continue;
        if (posting->account == account)
            *redeemed += posting->amount;
        else if (posting->lot >= 0 && posting->amount < 0)
            larger[(*count)++] = (struct taken){posting->lot, -posting->amount};
    }
}

/* A capture takes from all lots that were reserved; the first so many were redeemed. */
static void keep_taken(struct taken *list, size_t *count, int64_t redeemed)
{
    size_t kept = 0;
    for (size_t i = 0; i < *count && redeemed > 0; i++) {
        list[kept] = list[i];
        if (list[kept].amount > redeemed)
            list[kept].amount = redeemed;
        redeemed -= list[kept++].amount;
    }
    *count = kept;
}

void lots_taken_by(struct arena *arena, const struct head *const heads[], size_t head_count,
                   enum account account, struct text currency, struct taken **list, size_t *count)
{
    int64_t taken = 0;
    *list = NULL;
    *count = 0;
    for (size_t i = 0; i < head_count; i++)
        add_taken(arena, heads[i], account, currency, &taken, list, count);
    keep_taken(*list, count, taken);
}

/* All parts of an operation. */
static bool heads_of(struct context *context, int64_t seq, const struct head ***heads,
                     size_t *head_count, struct error *error)
{
    struct record record;
    int64_t part = 0;
    bool more = true;
    *heads = NULL;
    *head_count = 0;
    if (!state_record(context->state, seq, &record, error))
        return false;
    while (more) {
        note_head(context, record.head, heads, head_count);
        if (!next_part(context, seq, &part, &record, &more, error))
            return false;
    }
    return true;
}

bool taken_lots(struct context *context, int64_t seq, enum account account, struct text currency,
                struct taken **list, size_t *count, struct error *error)
{
    const struct head **heads = NULL;
    size_t head_count = 0;
    if (!heads_of(context, seq, &heads, &head_count, error))
        return false;
    lots_taken_by(context->arena, heads, head_count, account, currency, list, count);
    return true;
}

bool posted_by(struct context *context, int64_t seq, struct text currency, enum account account,
               int64_t *sum, struct error *error)
{
    const struct head **heads = NULL;
    size_t head_count = 0;
    *sum = 0;
    if (!heads_of(context, seq, &heads, &head_count, error))
        return false;
    for (size_t h = 0; h < head_count; h++) {
        for (size_t i = 0; i < heads[h]->posting_count; i++) {
            const struct posting *posting = &heads[h]->postings[i];
            if (posting->account == account && text_equal(posting->currency, currency))
                *sum += posting->amount;
        }
    }
    return true;
}

/* --- Cancel ------------------------------------------------------------------ */

bool already_cancelled(const struct context *context, int64_t by, struct error *error)
{
    return fail_field(error, ERROR_ALREADY_CANCELLED, "of",
                      _("\"%.*s\" was cancelled already, by record %lld"),
                      TEXT(context->request->of), (long long)by);
}

/* A return that waits for its purchase is called off. */
static bool cancel_held(struct context *context, int64_t seq, struct error *error)
{
    struct held *held = NULL;
    struct record by;
    if (!state_held(context->state, seq, &held, error) ||
        (held->row.by >= 0 && !state_record(context->state, held->row.by, &by, error)))
        return false;
    if (held->row.by >= 0 && by.head->kind == RECORD_CANCEL)
        return already_cancelled(context, held->row.by, error);
    if (held->row.by >= 0)
        return fail_field(error, ERROR_NOT_CANCELLABLE, "of",
                          _("the return is not held any more: it was done by record %lld"),
                          (long long)held->row.by);
    struct head *head = record_new(context, RECORD_CANCEL);
    set_keys(context, head);
    head->of = seq;
    return record_write(context, head, body_of(context, false, (struct text){0}), error);
}

static bool not_cancellable(const struct context *context, const struct head *head,
                            struct error *error)
{
    fail_field(error, ERROR_NOT_CANCELLABLE, "of",
               _("\"%.*s\" is a %s, only a redeem, a capture or a held return can be cancelled"),
               TEXT(context->request->of), record_name(head->kind));
    return hint(error, _("goods that come back are a return; points given by hand are adjusted "
                         "back; a reservation is released"));
}

static bool cancel_redemption(struct context *context, const struct record *record, int64_t seq,
                              struct error *error)
{
    struct cancelled *cancelled = NULL;
    struct movements movements = {0};
    struct taken *list = NULL;
    size_t count = 0;
    if (!state_cancelled(context->state, seq, &cancelled, error))
        return false;
    if (cancelled->row.by >= 0)
        return already_cancelled(context, cancelled->row.by, error);
    if (!load_owner(context, record->head, error) ||
        !taken_lots(context, seq, ACCOUNT_REDEEMED, (struct text){0}, &list, &count, error))
        return false;
    struct head *head = record_new(context, RECORD_CANCEL);
    for (size_t i = 0; i < count; i++) {
        const struct going_back back = {ACCOUNT_REDEEMED, list[i].lot, list[i].amount,
                                        context->time};
        if (!points_back(context, head, &movements, &back, error))
            return false;
    }
    /* From here on nothing is refused. */
    set_keys(context, head);
    head->of = seq;
    return record_write_movements(context, head, &movements,
                                  body_of(context, false, (struct text){0}), error);
}

bool find_to_undo(struct context *context, enum record_kind kind, bool *answered, int64_t *seq,
                  struct record *record, struct error *error)
{
    if (!begin_of(context, answered, error))
        return false;
    if (*answered)
        return true;
    if (!find_by_ref(context, context->request->of, seq, record, error))
        return false;
    *answered = *seq < 0;
    if (*answered)
        return write_tombstone(context, kind, error);
    return !is_tombstone(context, record->head, context->request->of) ||
           already_cancelled(context, *seq, error);
}

bool cancel(struct context *context, struct error *error)
{
    struct record record;
    bool answered = false;
    int64_t seq = -1;
    if (!find_to_undo(context, RECORD_CANCEL, &answered, &seq, &record, error))
        return false;
    if (answered)
        return true;
    if (record.head->kind == RECORD_RETURN_HELD)
        return cancel_held(context, seq, error);
    if (record.head->kind == RECORD_REDEEM || record.head->kind == RECORD_CAPTURE)
        return cancel_redemption(context, &record, seq, error);
    return not_cancellable(context, record.head, error);
}
