/* Undoing an operation as if it had not been. What hung on it goes back the way it
 * came; what is gone by now is collected as after a return. */
#include "clawback.h"
#include "json.h"
#include "tender.h"
#include "tiering.h"

/* The operation to undo. */
struct undoing {
    int64_t seq;
    struct record record;
    struct head *head; /* of the void */
};

static bool not_voidable(struct error *error, const char *why)
{
    return fail_field(error, ERROR_NOT_VOIDABLE, "of", "%s", why);
}

/* What it counted against a limit counts no more. A level that moved has moved, and whether
 * its entry reward goes back is judged with the level. */
static void uncount(struct context *context, const struct head *undone, struct head *head)
{
    for (size_t i = 0; i < undone->count_count; i++) {
        struct count count = undone->counts[i];
        count.by = -count.by;
        if (!text_starts(count.name, "tier:") && !text_starts(count.name, "entry:"))
            head_add_count(context, head, &count);
    }
}

/* What counted for tiers by itself; of a sale it follows from what is left of that. */
static void unmeasure(struct context *context, const struct head *undone, struct head *head)
{
    if (undone->kind != RECORD_ADJUST && undone->kind != RECORD_ACTION)
        return;
    head->measured_count = undone->measured_count;
    head->measured =
        arena_allocate(context->arena, (undone->measured_count + 1) * sizeof *head->measured);
    for (size_t i = 0; i < undone->measured_count; i++) {
        head->measured[i] = undone->measured[i];
        head->measured[i].by = -undone->measured[i].by;
    }
}

/* The head of the void, with all that is said of it whatever is undone. */
static struct head *void_head(struct context *context, const struct undoing *undoing)
{
    struct head *head = record_new(context, RECORD_VOID);
    set_keys(context, head);
    head->of = undoing->seq;
    uncount(context, undoing->record.head, head);
    unmeasure(context, undoing->record.head, head);
    return head;
}

static bool write_void(struct context *context, struct undoing *undoing,
                       struct movements *movements, struct text facts, struct error *error)
{
    return judge(context, undoing->head, movements, error) &&
           record_write_movements(context, undoing->head, movements, body_of(context, false, facts),
                                  error);
}

/* --- A purchase ------------------------------------------------------------------------ */

static bool void_purchase(struct context *context, struct undoing *undoing, struct error *error)
{
    struct sale sale;
    if (!sale_load(context, undoing->seq, &sale, error) ||
        !sale_member(context, &sale, &context->member_id, error))
        return false;
    struct returned_part all = {.seq = sale.seq, .how = RETURNED_ALL};
    struct matched_part left = {.sale = &sale, .part = &all};
    bool somebodys = context->member_id != 0;
    if (somebodys && (!load_member(context, error) || !advance(context, error) ||
                      !give_points_back(context, &left, 1, error)))
        return false;
    return take_sale_back(context, &sale, void_head(context, undoing), false, error);
}

/* --- A claim ---------------------------------------------------------------------------- */

static bool void_claim(struct context *context, struct undoing *undoing, struct error *error)
{
    struct sale sale;
    if (!sale_load(context, undoing->record.head->of, &sale, error) ||
        !sale_stands(&sale, FIELD_OF, error))
        return false;
    if (sale.given == NULL || sale.given->seq != undoing->seq)
        return not_voidable(error, _("the sale has another member by now"));
    return load_owner(context, undoing->record.head, error) &&
           take_sale_back(context, &sale, void_head(context, undoing), true, error);
}

/* --- A return ---------------------------------------------------------------------------- */

/* What had come back of the sale without this return. */
static bool returned_without(struct context *context, const struct sale *sale,
                             const struct returned_part *part, struct returned_part *left)
{
    const struct returned_part *sum = &sale->returned->part;
    *left = *sum;
    if (!sale->returned->exists || (sum->how == RETURNED_ALL && part->how != RETURNED_ALL))
        return false;
    left->amount -= part->amount;
    left->lines = arena_allocate(context->arena, (sum->line_count + 1) * sizeof *left->lines);
    left->line_count = 0;
    for (size_t i = 0, p = 0; i < sum->line_count; i++) {
        struct returned_line line = sum->lines[i];
        if (p < part->line_count && part->lines[p].line == line.line)
            line.quantity -= part->lines[p++].quantity;
        if (line.quantity > 0)
            left->lines[left->line_count++] = line;
    }
    left->how = left->amount > 0       ? RETURNED_AMOUNT
                : left->line_count > 0 ? RETURNED_LINES
                                       : RETURNED_NONE;
    return true;
}

/* Of each currency, what the return was worth and what of it was really taken. */
static bool forgiven_of(struct context *context, const struct undoing *undoing,
                        struct text currency, int64_t *forgiven, struct error *error)
{
    struct text facts;
    const cJSON *pair = NULL;
    int64_t assessed = 0, taken = 0;
    if (!json_slice(undoing->record.body, "/facts/assessed", &facts))
        return fail(error, ERROR_CORRUPT, _("the body of record %lld cannot be read"),
                    (long long)undoing->seq);
    cJSON *root = json_parse(facts, error);
    cJSON_ArrayForEach(pair, root)
    {
        const char *name = cJSON_GetStringValue(cJSON_GetArrayItem(pair, 0));
        if (name != NULL && text_equal(text_of(name), currency))
            json_integer(cJSON_GetArrayItem(pair, 1), &assessed);
    }
    cJSON_Delete(root);
    if (!posted_by(context, undoing->seq, currency, ACCOUNT_RETURNED, &taken, error))
        return false;
    /* Also where all that it gave settled a debt. */
    if (taken < 0)
        return not_voidable(error, _("the return gave points; give or take them by hand: adjust"));
    *forgiven = assessed - taken;
    return true;
}

/* The points of one currency that are due again: to their lots, then as they come. */
static bool give_again(struct context *context, struct undoing *undoing, const struct sale *sale,
                       struct clawback *clawback, struct movements *movements, struct error *error)
{
    struct taken *lots = NULL;
    size_t count = 0;
    int64_t forgiven = 0;
    struct text currency = clawback->points->id;
    if (!forgiven_of(context, undoing, currency, &forgiven, error))
        return false;
    int64_t due = -clawback->assessed - forgiven;
    if (!taken_lots(context, undoing->seq, ACCOUNT_RETURNED, currency, &lots, &count, error))
        return false;
    for (size_t i = 0; i < count && due > 0; i++) {
        const struct going_back back = {ACCOUNT_RETURNED, lots[i].lot,
                                        lots[i].amount < due ? lots[i].amount : due, context->time};
        due -= back.amount;
        if (!points_back(context, undoing->head, movements, &back, error))
            return false;
    }
    const struct incoming rest = {.points = clawback->points,
                                  .from = ACCOUNT_RETURNED,
                                  .amount = due > 0 ? due : 0,
                                  .at = sale->at,
                                  .comes_back = true,
                                  .origin = "purchase"};
    return points_in(context, undoing->head, movements, &rest, error);
}

static bool check_return(struct context *context, const struct undoing *undoing,
                         const struct sale *sale, struct error *error)
{
    const struct head *head = undoing->record.head;
    uint64_t owner = 0, then = 0;
    if (!sale_stands(sale, FIELD_OF, error) || !sale_member(context, sale, &owner, error) ||
        (head->member != 0 && !current_member(context, head->member, &then, error)))
        return false;
    if (owner != then || (sale->given != NULL && sale->given->seq > undoing->seq))
        return not_voidable(error, _("the sale has another member by now"));
    if (sale->head->paid.seq < 0)
        return true;
    not_voidable(error, _("points had paid for these goods, and went back"));
    return hint(error, _("sell them again: a new purchase"));
}

/* What the basket earns more once only `left` has been returned, and the fractions of it. */
static bool earn_again(struct context *context, struct undoing *undoing, const struct sale *sale,
                       const struct returned_part *left, struct movements *movements,
                       struct error *error)
{
    const struct programme *programme = sale->version->programme;
    const struct basket_line *was = sale_rest(context, sale, &sale->returned->part);
    const struct basket_line *rest = sale_rest(context, sale, left);
    int64_t assessed[LIMIT_CURRENCIES];
    struct counted counted;
    struct clawbacks clawbacks = {0};
    clawbacks_begin(context, &clawbacks);
    if (!assess_between(context, &clawbacks, sale, was, rest, assessed, error) ||
        !count_between(programme, was, rest, sale->line_count, assessed, &counted, error))
        return false;
    head_count(context, undoing->head, programme, &counted, sale->at, -1);
    for (size_t i = 0; i < clawbacks.count; i++) {
        if (!give_again(context, undoing, sale, &clawbacks.list[i], movements, error))
            return false;
    }
    clawbacks_carry(context, undoing->head, &clawbacks);
    return true;
}

static bool void_return(struct context *context, struct undoing *undoing, struct error *error)
{
    const struct head *head = undoing->record.head;
    struct returned_part *left = arena_allocate(context->arena, sizeof *left);
    struct movements movements = {0};
    struct text of;
    struct sale sale;
    if (!state_need_body(context->state, &undoing->record, error))
        return false;
    if (head->returned_count != 1 || !json_slice(undoing->record.body, "/in/of", &of)) {
        not_voidable(error, _("a return without a receipt cannot be voided"));
        return hint(error, _("give the points by hand: adjust"));
    }
    if (!sale_load(context, head->returned[0].seq, &sale, error) ||
        !check_return(context, undoing, &sale, error))
        return false;
    if (!returned_without(context, &sale, &head->returned[0], left)) {
        not_voidable(error, _("the rest of the receipt has come back since"));
        return hint(error, _("void that return first"));
    }
    if (head->member != 0 && !load_owner(context, head, error))
        return false;
    undoing->head = void_head(context, undoing);
    undoing->head->returned = left;
    undoing->head->returned_count = 1;
    if (head->member != 0 && !earn_again(context, undoing, &sale, left, &movements, error))
        return false;
    return write_void(context, undoing, &movements, (struct text){0}, error);
}

/* --- Points given, taken, spent ------------------------------------------------------------- */

/* To the lots that they came from. */
static bool give_back_taken(struct context *context, struct undoing *undoing, enum account from,
                            struct error *error)
{
    struct movements movements = {0};
    struct taken *lots = NULL;
    size_t count = 0;
    if (!load_owner(context, undoing->record.head, error) ||
        !taken_lots(context, undoing->seq, from, (struct text){0}, &lots, &count, error))
        return false;
    undoing->head = void_head(context, undoing);
    for (size_t i = 0; i < count; i++) {
        const struct going_back back = {from, lots[i].lot, lots[i].amount, context->time};
        if (!points_back(context, undoing->head, &movements, &back, error))
            return false;
    }
    return write_void(context, undoing, &movements, (struct text){0}, error);
}

static bool void_redemption(struct context *context, struct undoing *undoing, struct error *error)
{
    return give_back_taken(context, undoing, ACCOUNT_REDEEMED, error);
}

static bool take_given(struct context *context, struct undoing *undoing, struct text currency,
                       int64_t given, struct error *error)
{
    struct clawbacks clawbacks = {0};
    struct movements movements = {0};
    if (!load_owner(context, undoing->record.head, error))
        return false;
    undoing->head = void_head(context, undoing);
    clawbacks_begin(context, &clawbacks);
    struct clawback *clawback = clawback_of(&clawbacks, currency);
    if (clawback == NULL)
        return fail(error, ERROR_CORRUPT, _("record %lld adjusted no points that there are"),
                    (long long)undoing->seq);
    clawback->assessed = clawback->open = given;
    clawback->to = ACCOUNT_ADJUSTED;
    return take_own_lots(context, clawback, undoing->record.head, NULL, given, &movements, error) &&
           collect(context, undoing->head, &clawbacks, NULL, 0, &movements, error) &&
           write_void(context, undoing, &movements, (struct text){0}, error);
}

static bool void_adjust(struct context *context, struct undoing *undoing, struct error *error)
{
    const struct head *head = undoing->record.head;
    struct text currency = head->posting_count == 0 ? (struct text){0} : head->postings[0].currency;
    int64_t adjusted = 0;
    if (!posted_by(context, undoing->seq, currency, ACCOUNT_ADJUSTED, &adjusted, error))
        return false;
    return adjusted > 0 ? give_back_taken(context, undoing, ACCOUNT_ADJUSTED, error)
                        : take_given(context, undoing, currency, -adjusted, error);
}

/* --- What was done, or used ---------------------------------------------------------------- */

/* What it counted is taken off its day, and what it let the member hold is over. A level that it
 * let them reach stays until its review, like any that was reached. */
static bool void_action(struct context *context, struct undoing *undoing, struct error *error)
{
    struct movements movements = {0};
    struct judging in;
    bool back = false;
    if (!load_owner(context, undoing->record.head, error))
        return false;
    undoing->head = void_head(context, undoing);
    if (!judging_begin(&in, context, undoing->head, context->time, error) ||
        !take_ways_back(&in, undoing->record.head, &back, error))
        return false;
    in.voided = undoing->record.head;
    return judging_rest(&in, &movements, back ? CAUSE_RELEASED : CAUSE_COUNTED, error) &&
           record_write_movements(context, undoing->head, &movements,
                                  body_of(context, false, (struct text){0}), error);
}

/* Quota and place are free again: the counters say it all. */
static bool void_use(struct context *context, struct undoing *undoing, struct error *error)
{
    struct movements movements = {0};
    if (!load_owner(context, undoing->record.head, error))
        return false;
    undoing->head = void_head(context, undoing);
    return write_void(context, undoing, &movements, (struct text){0}, error);
}

/* --- The ladder -------------------------------------------------------------------------- */

/* A return that waited has the key; what it did once its purchase came is a record of its
 * own, and that is what can be undone. */
static bool what_was_held(struct context *context, struct undoing *undoing, struct error *error)
{
    struct held *held = NULL;
    if (undoing->record.head->kind != RECORD_RETURN_HELD)
        return true;
    if (!state_held(context->state, undoing->seq, &held, error))
        return false;
    if (held->row.by < 0)
        return true;
    undoing->seq = held->row.by;
    return state_record(context->state, undoing->seq, &undoing->record, error);
}

/* By its ref, else as a receipt. */
static bool find_operation(struct context *context, struct undoing *undoing, struct error *error)
{
    struct text of = context->request->of;
    if (!find_by_ref(context, of, &undoing->seq, &undoing->record, error))
        return false;
    bool barred = undoing->seq >= 0 && is_tombstone(context, undoing->record.head, of);
    if (undoing->seq < 0 && !find_receipt(context, &undoing->seq, error))
        return false;
    if (undoing->seq < 0 || barred) {
        fail_field(error, ERROR_UNKNOWN_REF, "of", _("nothing has the ref or receipt \"%.*s\""),
                   TEXT(of));
        return name_in_whole(context, of, error);
    }
    return state_record(context->state, undoing->seq, &undoing->record, error) &&
           what_was_held(context, undoing, error);
}

/* Of a purchase, by the money that is left of it. */
static bool approved(struct context *context, const struct undoing *undoing, struct error *error)
{
    struct sale sale;
    wide amount = 0;
    if (undoing->record.head->kind == RECORD_PURCHASE) {
        if (!sale_load(context, undoing->seq, &sale, error))
            return false;
        amount = sale_left(context, &sale);
    }
    return check_approval(context, APPROVAL_VOID, amount, 0, error);
}

static bool in_time(struct context *context, const struct undoing *undoing, struct error *error)
{
    const struct programme *now = context->version->programme;
    if (!now->voids.has_window ||
        context->time <= zone_add(now->zone, undoing->record.head->time, now->voids.within))
        return true;
    fail_field(error, ERROR_TOO_LATE, "of", _("the operation is too old to be voided"));
    return hint(error, _("voids.within of the programme says how long; goods that come back are a "
                         "return"));
}

static bool another_way(const struct head *head, struct error *error)
{
    fail_field(error, ERROR_NOT_VOIDABLE, "of", _("a %s cannot be voided"),
               record_name(head->kind));
    switch ((int)head->kind) {
    case RECORD_RESERVE:
        return hint(error, _("release it"));
    case RECORD_RETURN_HELD:
        return hint(error, _("cancel it"));
    case RECORD_REASSIGN:
        return hint(error, _("reassign the sale back"));
    case RECORD_TRANSFER:
        return hint(error, _("transfer the points back"));
    case RECORD_TIER_SET:
        return hint(error, _("end the level that is held: tier.set with \"release\""));
    default:
        return false;
    }
}

bool void_operation(struct context *context, struct error *error)
{
    static bool (*const voids[RECORD_KIND_COUNT])(struct context *, struct undoing *,
                                                  struct error *) = {
        [RECORD_PURCHASE] = void_purchase,  [RECORD_RETURN] = void_return,
        [RECORD_ADJUST] = void_adjust,      [RECORD_REDEEM] = void_redemption,
        [RECORD_CAPTURE] = void_redemption, [RECORD_CLAIM] = void_claim,
        [RECORD_ACTION] = void_action,      [RECORD_BENEFIT_USE] = void_use,
    };
    struct undoing undoing = {0};
    struct cancelled *cancelled = NULL;
    bool duplicate = false;
    if (!begin_of(context, &duplicate, error))
        return false;
    if (duplicate)
        return true;
    if (!find_operation(context, &undoing, error))
        return false;
    if (voids[undoing.record.head->kind] == NULL)
        return another_way(undoing.record.head, error);
    if (!state_cancelled(context->state, undoing.seq, &cancelled, error))
        return false;
    if (cancelled->row.by >= 0)
        return already_cancelled(context, cancelled->row.by, error);
    return in_time(context, &undoing, error) && approved(context, &undoing, error) &&
           voids[undoing.record.head->kind](context, &undoing, error);
}
