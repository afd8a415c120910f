/* A return without a receipt: which of the member's earlier purchases do these
 * goods come from? The latest with the same item at the same price, as far as its
 * quantity goes, then the one before. */
#include "match.h"

#include "chain.h"
#include "json.h"
#include "state_private.h"

/* The same unit price, as far as two rounded totals can tell: |A/Q - a/q| < half a
 * minor unit over Q plus half over q. Where a discount of the whole receipt fell on the
 * line, its share was rounded as well, here and by the till: twice as much. */
static bool same_price(const struct sale *sale, size_t line, const struct request_line *back)
{
    int64_t quantity = sale_quantity(sale, line);
    wide difference =
        (wide)sale->basket[line].amount * back->quantity - (wide)back->amount * quantity;
    wide allowed = (wide)quantity + back->quantity;
    if (difference < 0)
        difference = -difference;
    return sale->request.discount > 0 ? difference < allowed : 2 * difference < allowed;
}

static bool find_bytes(struct text in, struct text wanted)
{
    const char *at = in.bytes, *end = in.bytes + in.length;
    while ((size_t)(end - at) >= wanted.length) {
        at = memchr(at, wanted.bytes[0], (size_t)(end - at) - wanted.length + 1);
        if (at == NULL)
            return false;
        if (memcmp(at, wanted.bytes, wanted.length) == 0)
            return true;
        at++;
    }
    return false;
}

/* Could this body hold any of the items still looked for? Cheaper than reading it. */
static bool mentions(struct context *context, struct text body, const struct match *match)
{
    struct buffer quoted = {0};
    bool found = false;
    for (size_t i = 0; i < context->request->lines_count && !found; i++) {
        if (match->left[i] == 0)
            continue;
        buffer_clear(&quoted);
        buffer_byte(&quoted, '[');
        json_string(&quoted, context->request->lines[i].sku);
        found = find_bytes(body, buffer_view(&quoted));
    }
    buffer_free(&quoted);
    return found;
}

/* Take what this sale can give back; the part, or NULL where it has nothing. */
static struct returned_part *take_from(struct context *context, const struct sale *sale,
                                       struct match *match)
{
    int64_t *take = arena_allocate(context->arena, sale->line_count * sizeof *take);
    size_t taken = 0;
    for (size_t i = 0; i < context->request->lines_count; i++) {
        const struct request_line *back = &context->request->lines[i];
        for (size_t l = 0; match->left[i] > 0 && l < sale->request.lines_count; l++) {
            const struct request_line *sold = &sale->request.lines[l];
            int64_t quantity = sale_quantity(sale, l);
            if (!text_equal(sold->sku, back->sku) || !same_price(sale, l, back))
                continue;
            int64_t left = quantity - sale_returned_quantity(sale, l) - take[l];
            int64_t part = left < match->left[i] ? left : match->left[i];
            taken += take[l] == 0 && part > 0;
            take[l] += part;
            match->left[i] -= part;
        }
    }
    return taken == 0 ? NULL : part_of_quantities(context, sale, take);
}

struct returned_part *part_of_quantities(struct context *context, const struct sale *sale,
                                         const int64_t quantities[])
{
    struct returned_part *part = arena_allocate(context->arena, sizeof *part);
    part->seq = sale->seq;
    part->how = RETURNED_LINES;
    part->lines = arena_allocate(context->arena, sale->line_count * sizeof *part->lines);
    for (size_t l = 0; l < sale->line_count; l++) {
        if (quantities[l] > 0)
            part->lines[part->line_count++] = (struct returned_line){(int64_t)l, quantities[l]};
    }
    return part;
}

/* Can it give anything back? `context` has the memory of the walk, not the batch's. */
static bool is_candidate(struct context *context, const struct record *record,
                         const struct match *match, bool *candidate, struct error *error)
{
    struct sale sale;
    struct record purchase = *record;
    *candidate = false;
    if (sale_given_by(record->head) < 0 || record->head->at > context->at)
        return true;
    if (record->head->kind == RECORD_CLAIM &&
        !state_read_record(context->state, context->arena, record->head->of, &purchase, error))
        return false;
    bool erased = false;
    if (!state_may_skip(context->state, &purchase, &erased, error))
        return false;
    if (erased || !mentions(context, purchase.body, match))
        return true;
    if (!sale_load(context, purchase.head->seq, &sale, error))
        return false;
    if (sale.voided || sale.given == NULL || sale.given->seq != record->head->seq)
        return true; /* it counts no more, or is somebody else's */
    bool by_lines = !sale.returned->exists || sale.returned->part.how == RETURNED_LINES;
    for (size_t l = 0; by_lines && !*candidate && l < sale.request.lines_count; l++)
        *candidate = sale_returned_quantity(&sale, l) < sale_quantity(&sale, l);
    return true;
}

static bool consider(struct context *context, int64_t seq, struct match *match, struct error *error)
{
    struct sale *sale = arena_allocate(context->arena, sizeof *sale);
    if (!sale_load(context, seq, sale, error))
        return false;
    struct returned_part *part = take_from(context, sale, match);
    if (part == NULL)
        return true;
    if (match->pairs + part->line_count > LIMIT_RETURNED_PAIRS)
        return fail_field(error, ERROR_LIMIT, "lines",
                          _("these lines match too many lines of earlier receipts"));
    match->parts = state_room(context->arena, match->parts, match->count, &match->capacity,
                              sizeof *match->parts);
    match->parts[match->count++] = (struct matched_part){.sale = sale, .part = part};
    match->pairs += part->line_count;
    return true;
}

static bool all_found(const struct context *context, const struct match *match)
{
    for (size_t i = 0; i < context->request->lines_count; i++) {
        if (match->left[i] > 0)
            return false;
    }
    return true;
}

/* A member's chain may be long: it is walked in memory that each step gives back. */
static bool walk(struct context *context, struct match *match, struct error *error)
{
    struct arena scratch = {0};
    struct context step = *context;
    struct chain chain;
    bool candidate = false, good = chain_begin(&chain, context->state, context->member_id, error);
    step.arena = &scratch;
    while (good && chain_goes_on(&chain) && !all_found(context, match)) {
        struct record record;
        good = chain_next(&chain, &scratch, &record, error) &&
               is_candidate(&step, &record, match, &candidate, error) &&
               (!candidate || consider(context, sale_given_by(record.head), match, error));
        arena_reset(&scratch);
    }
    arena_free(&scratch);
    return good;
}

bool match_returned_goods(struct context *context, struct match *match, struct error *error)
{
    const struct request *request = context->request;
    match->left = arena_allocate(context->arena, request->lines_count * sizeof *match->left);
    for (size_t i = 0; i < request->lines_count; i++)
        match->left[i] = request->lines[i].quantity;
    return walk(context, match, error);
}
