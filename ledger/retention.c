/* Retention: what is older than the programme keeps it is erased, oldest first, in bounded
 * steps of a record each. Heads stay, and with them points and proofs.
 *
 * The idea to hold: which bodies go follows from heads, the programme and the clock alone,
 * so that an audit makes the same record again. Kept are bodies that something still needs:
 * programme versions, what waits, what links a card to a member as long as they are one,
 * and whatever is on legal hold. */
#include "retention.h"

#include "sale.h"
#include "state_private.h"

enum {
    MOST_BODIES = 20000, /* that one record erases */
    MOST_LOOKS = 100000  /* records that a step passes over before it finds any */
};

struct step {
    struct context *context;
    struct arena scratch; /* one record's */
    moment before;        /* what was recorded before is old */
    struct erased_range *ranges;
    size_t count;
    int64_t bodies, looks;
    bool open; /* the last range may go on */
};

/* --- What is kept ------------------------------------------------------------------- */

static bool on_hold(struct step *in, uint64_t member, bool *hold, struct error *error)
{
    struct context *context = in->context;
    struct member *row = NULL;
    *hold = false;
    if (member == 0)
        return true;
    if (!current_member(context, member, &member, error) ||
        !state_member(context->state, member, &row, error))
        return false;
    *hold = row->row.hold > context->time;
    return true;
}

static bool is_waiting(struct step *in, const struct head *head, bool *waits, struct error *error)
{
    struct held *held = NULL;
    *waits = false;
    if (!head->has_awaits)
        return true;
    if (!state_held(in->context->state, head->seq, &held, error))
        return false;
    *waits = held->row.seq >= 0 && held->row.by < 0;
    return true;
}

/* A sale that came to somebody is theirs. */
static bool whose(struct step *in, const struct head *head, uint64_t *member, struct error *error)
{
    const struct head *given = NULL;
    struct context step = *in->context;
    step.arena = &in->scratch;
    *member = head->member;
    if (head->kind != RECORD_PURCHASE)
        return true;
    if (!sale_given(&step, head->seq, &given, error))
        return false;
    *member = given == NULL ? head->member : given->member;
    return true;
}

static bool is_kept(struct step *in, const struct head *head, bool *kept, struct error *error)
{
    static const bool keeps[RECORD_KIND_COUNT] = {
        [RECORD_PROGRAMME] = true,     [RECORD_MEMBER_ADD] = true,  [RECORD_MEMBER_LINK] = true,
        [RECORD_MEMBER_UNLINK] = true, [RECORD_MEMBER_HOLD] = true, [RECORD_MEMBER_ERASE] = true,
        [RECORD_RECOVER] = true, /* who gave up what was signed is asked for years later */
    };
    uint64_t member = 0;
    *kept = keeps[head->kind];
    if (*kept)
        return true;
    if (!is_waiting(in, head, kept, error))
        return false;
    return *kept || (whose(in, head, &member, error) && on_hold(in, member, kept, error));
}

/* --- The walk ------------------------------------------------------------------------- */

/* A body that goes; records without one may lie between. */
static void take(struct step *in, int64_t seq)
{
    if (!in->open)
        in->ranges[in->count++] = (struct erased_range){seq, seq};
    in->ranges[in->count - 1].last = seq;
    in->open = true;
    in->bodies++;
}

static bool is_full(const struct step *in)
{
    return in->bodies == MOST_BODIES || (in->count == LIMIT_ERASED && !in->open) ||
           (in->count == 0 && in->looks == MOST_LOOKS);
}

/* Behind what was erased before. */
static bool pass_erased(struct step *in, int64_t *seq, bool *passed, struct error *error)
{
    struct erased_row row;
    if (!state_erased_range(in->context->state, *seq, &row, passed, error))
        return false;
    if (*passed) {
        *seq = row.last + 1;
        in->open = false;
    }
    return true;
}

static bool look(struct step *in, int64_t seq, bool *young, struct error *error)
{
    struct record record;
    bool kept = false;
    arena_reset(&in->scratch);
    if (!state_read_record(in->context->state, &in->scratch, seq, &record, error))
        return false;
    in->looks++;
    *young = record.head->time >= in->before;
    if (*young || !record.head->has_body)
        return true;
    if (!is_kept(in, record.head, &kept, error))
        return false;
    if (kept)
        in->open = false;
    else
        take(in, seq);
    return true;
}

static bool walk(struct step *in, int64_t *next, bool *more, struct error *error)
{
    bool young = false, passed = false;
    while (*next < in->context->state->tip.size && !is_full(in)) {
        if (!pass_erased(in, next, &passed, error))
            return false;
        if (passed)
            continue;
        if (!look(in, *next, &young, error))
            return false;
        if (young)
            return true;
        ++*next;
    }
    *more = *next < in->context->state->tip.size;
    return true;
}

/* --- The step ------------------------------------------------------------------------- */

static moment cut(const struct context *context)
{
    const struct programme *programme = context->version->programme;
    struct span back = programme->retention.bodies;
    back.months = -back.months;
    back.days = -back.days;
    back.milliseconds = -back.milliseconds;
    return zone_add(programme->zone, context->time, back);
}

bool retention_step(struct context *context, int64_t *next, int64_t *bodies, bool *more,
                    struct error *error)
{
    *bodies = 0;
    *more = false;
    context->version = version_at(context->ledger, context->time);
    if (context->version == NULL || !context->version->programme->retention.has)
        return true;
    struct step in = {.context = context, .before = cut(context)};
    in.ranges = arena_allocate(context->arena, (LIMIT_ERASED + 1) * sizeof *in.ranges);
    bool good = walk(&in, next, more, error);
    arena_free(&in.scratch);
    if (!good || in.count == 0)
        return good;
    context->member_id = 0;
    context->wallet = NULL;
    struct head *head = record_new(context, RECORD_RETENTION);
    head->erased = in.ranges;
    head->erased_count = in.count;
    *bodies = in.bodies;
    return record_write(context, head, (struct text){0}, error);
}
