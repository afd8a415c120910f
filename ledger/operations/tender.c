/* Points as tender: they pay a purchase, or a share of it, and come back when the goods
 * do.
 *
 * The points move in a record of their own, before that of the operation that caused
 * it: so a report counts them as redeemed, and their lots are named where every other
 * redemption names them. What of them has come back depends only on what is left of
 * the basket, never on the steps. */
#include "tender.h"

#include <assert.h>

#include "chain.h"

/* --- Paying --------------------------------------------------------------------------- */

static bool over_limit(struct error *error, const char *why)
{
    return fail_field(error, ERROR_OVER_LIMIT, "points", "%s", why);
}

/* May so many points pay this amount? *minor: what they are worth. */
static bool check_tender(const struct context *context, const struct points *points, int64_t amount,
                         int64_t *minor, struct error *error)
{
    int64_t most = 0;
    if (points == NULL || !points->tender.allowed) {
        fail_field(error, ERROR_NOT_ALLOWED, "points",
                   _("the programme does not take these points as payment"));
        return hint(error, _("points.*.tender says which points pay, and how much"));
    }
    if (amount < points->tender.least)
        return over_limit(error, _("these are fewer points than the programme takes"));
    if (!points_worth(points, amount, minor) ||
        !units_share(context->request->amount, points->tender.share, VALUE_UNIT, &most) ||
        *minor > most)
        return over_limit(error, _("the points are worth more than they may pay of the amount"));
    return *minor > 0 || over_limit(error, _("so few points are worth nothing"));
}

/* The record of the points, which has neither key nor body: those are the purchase's. */
static bool write_points(struct context *context, struct head *head,
                         const struct movements *movements, struct error *error)
{
    context->paying = true;
    bool ok = record_write_movements(context, head, movements, (struct text){0}, error);
    context->paying = false;
    return ok;
}

static bool pay_by_redeeming(struct context *context, struct payment *payment, struct error *error)
{
    const struct points *points = NULL;
    struct movements movements = {0};
    if (!spendable_points(context, &points, error) || !points_above_zero(context, error) ||
        !check_proof(context, points, error))
        return false;
    payment->currency = points->id;
    payment->points = context->request->points;
    if (!check_tender(context, points, payment->points, &payment->minor, error) ||
        !points_spend(context, &movements, points, ACCOUNT_REDEEMED, payment->points, error))
        return false;
    struct head *head = record_new(context, RECORD_REDEEM);
    note_all_activity(context, head, context->time);
    payment->seq = context->state->tip.size;
    return write_points(context, head, &movements, error);
}

/* The reservation that pays, of the buyer's own wallet: whoever of a household made it. */
static bool find_own_reservation(struct context *context, int64_t *seq,
                                 struct reservation **reservation, struct error *error)
{
    struct text ref = context->request->capture;
    uint64_t buyer = context->member_id;
    struct record record;
    if (!find_by_ref(context, ref, seq, &record, error))
        return false;
    /* Another's is unknown here, whatever has become of it. */
    if (*seq >= 0 && record.head->kind == RECORD_RESERVE) {
        if (!state_reservation(context->state, *seq, reservation, error))
            return false;
        if ((*reservation)->row.wallet != context->wallet->id)
            return fail_field(error, ERROR_UNKNOWN_REF, "capture",
                              _("the reservation \"%.*s\" is another member's"), TEXT(ref));
    }
    if (!find_reservation(context, FIELD_CAPTURE, ref, seq, error))
        return false;
    context->member_id = buyer;
    return load_member(context, error) &&
           state_reservation(context->state, *seq, reservation, error);
}

static bool pay_by_capture(struct context *context, struct payment *payment, struct error *error)
{
    const struct programme *programme = context->version->programme;
    struct reservation *reservation = NULL;
    struct movements movements = {0};
    int64_t seq = -1;
    if (!find_own_reservation(context, &seq, &reservation, error) ||
        !captured_points(context, seq, &payment->points, error))
        return false;
    int index = programme_points_index(programme, reservation->row.currency);
    const struct points *points = index < 0 ? NULL : &programme->points[index];
    payment->currency = reservation->row.currency;
    if (!check_tender(context, points, payment->points, &payment->minor, error))
        return false;
    struct head *head = record_new(context, RECORD_CAPTURE);
    if (!reservation_back(context, head, seq, payment->points, context->time, &movements, error))
        return false;
    head->of = seq;
    note_all_activity(context, head, context->time);
    payment->seq = context->state->tip.size;
    return write_points(context, head, &movements, error);
}

bool pay_with_points(struct context *context, struct payment *payment, struct error *error)
{
    const struct request *request = context->request;
    *payment = (struct payment){.seq = -1};
    if (request_has(request, FIELD_CAPTURE))
        return pay_by_capture(context, payment, error);
    if (request_has(request, FIELD_POINTS))
        return pay_by_redeeming(context, payment, error);
    return !request_has(request, FIELD_POINTS_OF) || require(context, FIELD_POINTS, error);
}

/* --- Coming back ---------------------------------------------------------------------- */

/* Of a share it cannot be false: numerator <= denominator. */
static int64_t share(int64_t units, int64_t numerator, int64_t denominator)
{
    int64_t part = 0;
    bool fits = units_share(units, numerator, denominator, &part);
    assert(fits);
    (void)fits;
    return part;
}

static int64_t basket_paid(const struct basket_line lines[], size_t count)
{
    int64_t sum = 0;
    for (size_t i = 0; i < count; i++)
        sum += lines[i].paid;
    return sum;
}

static int64_t redeemed_by(const struct head *head)
{
    int64_t sum = 0;
    for (size_t i = 0; i < head->posting_count; i++) {
        if (head->postings[i].account == ACCOUNT_REDEEMED)
            sum += head->postings[i].amount;
    }
    return sum;
}

/* What has really come back of a purchase so far. An amount split over lines anew may
 * ask for a unit less than before; then nothing comes back, and this must know. Further
 * parts of a record do not name the purchase: on the way back they come before the part
 * that does. */
static bool restored_before(struct context *context, const struct sale *sale, int64_t *restored,
                            struct error *error)
{
    struct arena scratch = {0};
    struct record record;
    struct chain chain;
    int64_t parts = 0;
    bool more = sale->returned->exists, good = true;
    *restored = 0;
    if (more)
        good = chain_begin(&chain, context->state, context->member_id, error);
    while (good && more) {
        good = chain_next(&chain, &scratch, &record, error);
        more = good && record.head != NULL && record.head->seq > sale->seq;
        if (more && record.head->kind == RECORD_RESTORE) {
            parts -= redeemed_by(record.head);
            *restored += record.head->of == sale->seq ? parts : 0;
            parts = record.head->part == 0 ? 0 : parts;
        }
        arena_reset(&scratch);
    }
    arena_free(&scratch);
    return good;
}

/* The last `amount` points of those that burnt before the last `done` ones go back to
 * their lots, the last burnt first. */
static bool unburn(struct context *context, struct head *head, struct movements *movements,
                   int64_t done, int64_t amount, int64_t redemption, struct error *error)
{
    struct taken *list = NULL;
    size_t count = 0;
    if (!taken_lots(context, redemption, ACCOUNT_REDEEMED, (struct text){0}, &list, &count, error))
        return false;
    for (size_t i = count; i-- > 0 && amount > 0;) {
        int64_t passed = list[i].amount < done ? list[i].amount : done;
        int64_t open = list[i].amount - passed;
        done -= passed;
        const struct going_back back = {ACCOUNT_REDEEMED, list[i].lot,
                                        open < amount ? open : amount, context->time};
        amount -= back.amount;
        if (back.amount > 0 && !points_back(context, head, movements, &back, error))
            return false;
    }
    return true;
}

/* The points that have come back in sum once this part has. */
static int64_t points_of_part(struct context *context, const struct matched_part *part)
{
    const struct sale *sale = part->sale;
    struct returned_part sum = returned_with(context->arena, sale->returned, part->part);
    struct basket_line *rest = sale_rest(context, sale, &sum);
    int64_t left = basket_paid(rest, sale->line_count);
    return sale->head->paid.points - share(sale->head->paid.points, left, sale->head->paid.minor);
}

bool give_points_back(struct context *context, const struct matched_part parts[], size_t count,
                      struct error *error)
{
    for (size_t i = 0; i < count; i++) {
        const struct sale *sale = parts[i].sale;
        struct movements movements = {0};
        int64_t restored = 0;
        if (sale->head->paid.seq < 0)
            continue;
        if (!restored_before(context, sale, &restored, error))
            return false;
        int64_t points = points_of_part(context, &parts[i]);
        struct head *head = record_new(context, RECORD_RESTORE);
        head->of = sale->seq;
        if (!unburn(context, head, &movements, restored, points - restored, sale->head->paid.seq,
                    error))
            return false;
        if (movements.count > 0 && !write_points(context, head, &movements, error))
            return false;
    }
    return true;
}

/* The money, as against points, that has been handed out in sum for what came back.
 * Neither the amounts nor the points that come back tell: each is rounded by itself. */
static int64_t handed_out(const struct sale *sale, const struct returned_part *part)
{
    int64_t money = sale->request.amount - sale->head->paid.minor, sum = 0;
    switch (part->how) {
    case RETURNED_NONE:
        return 0;
    case RETURNED_ALL:
        return money;
    case RETURNED_AMOUNT:
        return share(money, part->amount, sale->request.amount);
    case RETURNED_LINES:
        break;
    }
    for (size_t i = 0; i < part->line_count; i++) {
        size_t line = (size_t)part->lines[i].line;
        sum += share(sale->basket[line].amount - sale->basket[line].paid, part->lines[i].quantity,
                     sale_quantity(sale, line));
    }
    return sum;
}

int64_t refund_of(struct context *context, const struct matched_part *part)
{
    const struct sale *sale = part->sale;
    if (sale->head->paid.seq < 0)
        return part->amount;
    struct returned_part sum = returned_with(context->arena, sale->returned, part->part);
    return handed_out(sale, &sum) -
           (sale->returned->exists ? handed_out(sale, &sale->returned->part) : 0);
}
