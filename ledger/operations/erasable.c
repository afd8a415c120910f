/* Which bodies are about a member.
 *
 * The idea to hold: a member's chain leads to nearly everything, and heads say the rest:
 * what a return was held as, which sale a claim is of. Only what waits still can be found
 * by nothing but what it says; that is looked up in the vault, and in an audit, where the
 * vault is empty by now, taken from the record that erased it. */
#include "erasable.h"

#include "chain.h"
#include "json.h"
#include "sale.h"
#include "state_private.h"

static bool add(struct context *context, struct erasable *erasable, int64_t seq,
                struct error *error)
{
    int64_t by = -1;
    if (!state_erased(context->state, seq, &by, error))
        return false;
    if (by >= 0)
        return true;
    erasable->list = state_room(context->arena, erasable->list, erasable->count,
                                &erasable->capacity, sizeof *erasable->list);
    erasable->list[erasable->count++] = seq;
    return true;
}

/* --- Sales -------------------------------------------------------------------------- */

/* Does the member have this sale now? Where nobody has it, it is whose record it is. */
static bool has_sale(struct context *context, const struct head *sale, bool *has,
                     struct error *error)
{
    const struct head *given = NULL;
    uint64_t member = sale->member;
    if (!sale_given(context, sale->seq, &given, error) ||
        (given != NULL && !current_member(context, given->member, &member, error)) ||
        (given == NULL && member != 0 && !current_member(context, member, &member, error)))
        return false;
    *has = member == context->member_id;
    return true;
}

static bool is_about(const struct head *head, int64_t sale)
{
    if (head->of == sale)
        return true;
    for (size_t i = 0; i < head->returned_count; i++) {
        if (head->returned[i].seq == sale)
            return true;
    }
    return false;
}

/* What was returned of a sale while it was nobody's: between the sale and its claim. */
static bool add_between(struct context *context, struct erasable *erasable, int64_t sale,
                        int64_t claim, struct error *error)
{
    struct arena scratch = {0};
    struct record record;
    bool good = true;
    for (int64_t seq = sale + 1; good && seq < claim; seq++) {
        good = state_read_record(context->state, &scratch, seq, &record, error);
        if (good && record.head->member == 0 && record.head->has_body &&
            is_about(record.head, sale))
            good = add(context, erasable, seq, error);
        arena_reset(&scratch);
    }
    arena_free(&scratch);
    return good;
}

/* A sale that was recorded without a member. One that had waited names a card of theirs,
 * whoever has it by now. */
static bool add_claimed(struct context *context, struct erasable *erasable,
                        const struct head *claim, struct error *error)
{
    struct record sale;
    bool has = false;
    if (!state_record(context->state, claim->of, &sale, error) ||
        !has_sale(context, sale.head, &has, error))
        return false;
    if (!has && !sale.head->has_awaits)
        return true;
    return add(context, erasable, claim->of, error) &&
           (sale.head->member != 0 || add_between(context, erasable, claim->of, claim->seq, error));
}

/* --- The chain ---------------------------------------------------------------------- */

static bool add_record(struct context *context, struct erasable *erasable, const struct head *head,
                       struct error *error)
{
    bool theirs = true;
    if (head->kind == RECORD_CLAIM && !add_claimed(context, erasable, head, error))
        return false;
    if (head->kind == RECORD_RETURN && head->of >= 0 && !add(context, erasable, head->of, error))
        return false; /* it was held, and says the same there */
    if (head->kind == RECORD_PURCHASE && !has_sale(context, head, &theirs, error))
        return false;
    return !head->has_body || !theirs || add(context, erasable, head->seq, error);
}

static bool add_chain(struct context *context, struct erasable *erasable, struct error *error)
{
    struct arena scratch = {0};
    struct chain chain;
    bool good = chain_begin(&chain, context->state, context->member_id, error);
    while (good && chain_goes_on(&chain)) {
        struct record record;
        good = chain_next(&chain, &scratch, &record, error) &&
               add_record(context, erasable, record.head, error);
        arena_reset(&scratch);
    }
    arena_free(&scratch);
    return good;
}

/* --- What waits --------------------------------------------------------------------- */

/* Sales that wait for a card or phone of the member, which they name. */
static bool add_waiting_sales(struct context *context, struct erasable *erasable,
                              struct error *error)
{
    struct identifier **identifiers = NULL;
    struct held **waiting = NULL;
    size_t count = 0, held = 0;
    if (!state_identifiers_of(context->state, context->member_id, &identifiers, &count, error))
        return false;
    for (size_t i = 0; i < count; i++) {
        if (!state_held_for(context->state, identifiers[i]->row.hash, &waiting, &held, error))
            return false;
        for (size_t k = 0; k < held; k++) {
            if (!add(context, erasable, waiting[k]->row.seq, error))
                return false;
        }
    }
    return true;
}

/* Returns that wait for their purchase and say whose they are. */
static bool add_waiting_returns(struct context *context, struct erasable *erasable,
                                struct error *error)
{
    struct held_row *rows = NULL;
    struct text named;
    size_t count = 0;
    uint64_t member = 0;
    if (!store_held_waiting(context->state->store, context->arena, NULL, -1, SIZE_MAX >> 1, &rows,
                            &count, error))
        return false;
    for (size_t i = 0; i < count; i++) {
        struct record record;
        if (!state_record(context->state, rows[i].seq, &record, error))
            return false;
        bool names = record.head->kind == RECORD_RETURN_HELD &&
                     json_slice(record.body, "/in/member", &named) &&
                     named.length == MEMBER_ID_CHARS + 5 && /* "id:...", the quotes included */
                     member_id_parse((struct text){named.bytes + 4, MEMBER_ID_CHARS}, &member) &&
                     current_member(context, member, &member, error) &&
                     member == context->member_id;
        if (names && !add(context, erasable, rows[i].seq, error))
            return false;
    }
    return true;
}

/* In an audit: of what the record names, what may have waited. */
static bool add_as_recorded(struct context *context, struct erasable *erasable, struct error *error)
{
    const struct replay *replay = context->ledger->replay;
    for (size_t i = 0; i < replay->erased_count; i++) {
        for (int64_t seq = replay->erased[i].first; seq <= replay->erased[i].last; seq++) {
            struct record record;
            if (!state_record(context->state, seq, &record, error))
                return false;
            bool waited = record.head->kind == RECORD_RETURN_HELD ||
                          (record.head->kind == RECORD_PURCHASE && record.head->has_awaits);
            if (waited && !add(context, erasable, seq, error))
                return false;
        }
    }
    return true;
}

/* --- The whole ---------------------------------------------------------------------- */

static int compare_numbers(const void *a, const void *b)
{
    int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
    return (x > y) - (x < y);
}

static void drop_repeated(struct erasable *erasable)
{
    size_t kept = 0;
    memory_sort(erasable->list, erasable->count, sizeof *erasable->list, compare_numbers);
    for (size_t i = 0; i < erasable->count; i++) {
        if (kept == 0 || erasable->list[kept - 1] != erasable->list[i])
            erasable->list[kept++] = erasable->list[i];
    }
    erasable->count = kept;
}

bool erasable_of(struct context *context, struct erasable *erasable, struct error *error)
{
    bool good = add_chain(context, erasable, error);
    if (good && context->ledger->replay != NULL)
        good = add_as_recorded(context, erasable, error);
    else if (good)
        good = add_waiting_sales(context, erasable, error) &&
               add_waiting_returns(context, erasable, error);
    if (good && erasable->count > 0)
        drop_repeated(erasable);
    return good;
}

void erasable_ranges(struct context *context, const struct erasable *erasable,
                     struct erased_range **ranges, size_t *count)
{
    *ranges = arena_allocate(context->arena, (erasable->count + 1) * sizeof **ranges);
    *count = 0;
    for (size_t i = 0; i < erasable->count; i++) {
        int64_t seq = erasable->list[i];
        if (*count > 0 && (*ranges)[*count - 1].last + 1 == seq)
            (*ranges)[*count - 1].last = seq;
        else
            (*ranges)[(*count)++] = (struct erased_range){seq, seq};
    }
}
