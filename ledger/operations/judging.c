/* A member's level within one record: what comes of a judgement goes into its head. Levels
 * rise with entry rewards, and fall with what they forfeit. */
#include "tiering.h"

#include "clawback.h"

bool judging_begin(struct judging *in, struct context *context, struct head *head, moment now,
                   struct error *error)
{
    memset(in, 0, sizeof *in);
    in->context = context;
    in->head = head;
    in->now = now;
    const struct version *version = version_at(context->ledger, now);
    if (version == NULL || version->programme->tiers == NULL || context->member == NULL)
        return true;
    in->version = version;
    in->counting =
        (struct counting){context, head, version->programme->tiers, context->member->row.id};
    in->member = (struct tier_member){version->programme, context->member->row.joined,
                                      counting_history(&in->counting)};
    struct tier *tier = NULL;
    if (!state_tier(context->state, context->member->row.id, &tier, error) ||
        !tier_read(context->ledger, version->programme, tier->row.state,
                   context->member->row.joined, context->arena, &in->before, error))
        return false;
    in->recorded = tier->row.level.length > 0;
    in->state = in->before;
    return true;
}

/* --- Upwards ---------------------------------------------------------------------------- */

/* Entry rewards go by what the level was called when it gave them, as a gift's rule "tier:LEVEL"
 * and in the counter "entry:LEVEL". */
static const char RULE[] = "tier:", COUNTER[] = "entry:";

static struct text name_with(struct context *context, const char *prefix, struct text level)
{
    return text_format(context->arena, "%s%.*s", prefix, TEXT(level));
}

/* Which level such a name means by now; 0 it is none. */
static unsigned level_named(const struct judging *in, const char *prefix, struct text name,
                            struct text *id)
{
    size_t length = strlen(prefix);
    if (!text_starts(name, prefix))
        return 0;
    *id = (struct text){name.bytes + length, name.length - length};
    return level_place(in->context->ledger, in->context->arena, in->version->programme, *id);
}

/* Has a member been rewarded for a level already, whatever it was called? */
static bool was_rewarded(const struct judging *in, unsigned level, bool *was, struct error *error)
{
    struct context *context = in->context;
    struct counter **counters = NULL;
    struct text id;
    size_t count = 0;
    *was = false;
    if (!state_counters_of(context->state, context->member_id, &counters, &count, error))
        return false;
    for (size_t i = 0; i < count; i++)
        *was = *was || (counters[i]->row.value > 0 &&
                        level_named(in, COUNTER, counters[i]->row.name, &id) == level);
    return true;
}

static void add_gift(struct context *context, struct head *head, const struct gift *gift)
{
    struct gift *gifts = arena_allocate(context->arena, (head->gift_count + 1) * sizeof *gifts);
    if (head->gift_count > 0)
        memcpy(gifts, head->gifts, head->gift_count * sizeof *gifts);
    gifts[head->gift_count++] = *gift;
    head->gifts = gifts;
}

static void count_entry(struct judging *in, struct text level, int64_t by)
{
    head_add_count(in->context, in->head,
                   &(struct count){COUNTS_MEMBER, name_with(in->context, COUNTER, level),
                                   text_of("ever"), by});
}

/* Dated and named by the programme of now, whatever the operation's own version is. */
static bool give_entry(struct judging *in, unsigned place, struct movements *movements,
                       struct error *error)
{
    struct context *context = in->context;
    const struct programme *programme = in->version->programme;
    const struct tier_level *level = &programme->tiers->levels[place];
    const struct version *own = context->version;
    bool was = false;
    if (level->entry.count == 0)
        return true;
    if (!level->entry.again && !was_rewarded(in, place, &was, error))
        return false;
    if (was)
        return true;
    context->version = in->version;
    bool good = true;
    for (size_t i = 0; good && i < level->entry.count; i++) {
        const struct level_gift *gives = &level->entry.gives[i];
        const struct incoming incoming = {.points = &programme->points[gives->currency],
                                          .from = ACCOUNT_ISSUED,
                                          .amount = gives->amount,
                                          .at = context->time,
                                          .origin = "marketing"};
        const struct gift gift = {name_with(context, RULE, level->id), incoming.points->id,
                                  gives->amount};
        good = points_in(context, in->head, movements, &incoming, error);
        add_gift(context, in->head, &gift);
    }
    context->version = own;
    count_entry(in, level->id, 1);
    return good;
}

/* --- Downwards ---------------------------------------------------------------------------- */

static bool forfeit(struct judging *in, const struct points *points, enum lot_kind kind,
                    struct movements *movements, struct error *error)
{
    struct context *context = in->context;
    struct pocket *pocket = state_pocket(context->state, context->wallet, points->id);
    struct lot_cursor cursor = {.kind = kind};
    struct lot *lot = NULL;
    for (;;) {
        uint64_t earner = 0;
        if (!state_next_lot(context->state, pocket, &cursor, &lot, error))
            return false;
        if (lot == NULL)
            return true;
        if (!current_member(context, lot->row.member, &earner, error))
            return false;
        if (earner == context->member_id)
            move_points(context, movements, points->id,
                        kind == LOT_PENDING ? ACCOUNT_PENDING : ACCOUNT_AVAILABLE, ACCOUNT_EXPIRED,
                        lot->row.left - moved_from(movements, lot->row.id), lot->row.id);
    }
}

static bool lose_level(struct judging *in, const struct tier_level *level,
                       struct movements *movements, struct error *error)
{
    const struct programme *programme = in->version->programme;
    for (size_t i = 0; i < level->forfeit_count; i++) {
        const struct points *points = &programme->points[level->forfeits[i]];
        if (!forfeit(in, points, LOT_AVAILABLE, movements, error) ||
            !forfeit(in, points, LOT_PENDING, movements, error))
            return false;
    }
    return true;
}

/* What a climb that was undone had given, for the levels that the member is not of any more. */
static bool take_entry(struct judging *in, const struct head *climbed, struct movements *movements,
                       struct error *error)
{
    const struct tiers *tiers = in->version->programme->tiers;
    struct text last = {0}, id;
    for (size_t i = 0; i < climbed->gift_count; i++) {
        const struct gift *gift = &climbed->gifts[i];
        unsigned level = level_named(in, RULE, gift->rule, &id);
        if (level <= in->state.level || !tiers->levels[level].entry.take_back)
            continue;
        if (!collect_gift(in->context, climbed, gift, movements, error))
            return false;
        if (!text_equal(id, last)) /* once for all that the level gave */
            count_entry(in, id, -1);
        last = id;
    }
    return true;
}

static bool take_entries(struct judging *in, struct movements *movements, struct error *error)
{
    if (in->voided != NULL && !take_entry(in, in->voided, movements, error))
        return false;
    for (size_t i = 0; i < in->undone_count; i++) {
        struct record record;
        if (in->undone[i].seq < 0 || (in->voided != NULL && in->undone[i].seq == in->voided->seq))
            continue;
        if (!state_read_record(in->context->state, in->context->arena, in->undone[i].seq, &record,
                               error) ||
            !take_entry(in, record.head, movements, error))
            return false;
    }
    return true;
}

/* --- The record ---------------------------------------------------------------------------- */

static void count_move(struct judging *in, const struct tiers *tiers)
{
    struct context *context = in->context;
    struct date day = zone_date(in->version->programme->zone,
                                in->head->kind == RECORD_ELAPSE ? in->head->at : in->head->time);
    const struct count count = {
        .owner = COUNTS_PROGRAMME,
        .name =
            text_format(context->arena, "tier:%.*s>%.*s", TEXT(tiers->levels[in->before.level].id),
                        TEXT(tiers->levels[in->state.level].id)),
        .bucket = text_format(context->arena, "%04d-%02d", day.year, day.month),
        .by = 1,
    };
    head_add_count(context, in->head, &count);
}

bool judging_end(struct judging *in, struct movements *movements, enum tier_cause cause,
                 struct error *error)
{
    const struct tiers *tiers = in->version->programme->tiers;
    bool rewarded = cause != CAUSE_CHANGED && cause != CAUSE_MERGED;
    if (!take_entries(in, movements, error))
        return false;
    for (unsigned l = in->before.level; l > in->state.level; l--) {
        if (!lose_level(in, &tiers->levels[l], movements, error))
            return false;
    }
    for (unsigned l = in->before.level + 1; rewarded && l <= in->state.level; l++) {
        if (!give_entry(in, l, movements, error))
            return false;
    }
    if (in->before.level != in->state.level)
        count_move(in, tiers);
    tier_write(in->context, in->version->programme, &in->state, cause, &in->head->tier);
    return true;
}

enum tier_cause cause_of(enum tier_change change)
{
    switch (change) {
    case TIER_SAME:
    case TIER_COUNTED:
        return CAUSE_COUNTED;
    case TIER_CLIMBED:
        return CAUSE_CLIMBED;
    case TIER_KEPT:
        return CAUSE_KEPT;
    case TIER_GRACE:
        return CAUSE_GRACE;
    case TIER_FELL:
        return CAUSE_FELL;
    case TIER_ENDED:
        return CAUSE_ENDED;
    case TIER_UNDONE:
        return CAUSE_UNDONE;
    case TIER_CHANGED:
        return CAUSE_CHANGED;
    }
    return CAUSE_COUNTED;
}

/* --- After something has counted ------------------------------------------------------------ */

static bool is_less(const struct head *head)
{
    for (size_t i = 0; i < head->measured_count; i++) {
        if (head->measured[i].by < 0)
            return true;
    }
    return false;
}

static bool judge_counted(struct judging *in, enum tier_change *change, struct error *error)
{
    int64_t seq = in->context->state->tip.size;
    *change = TIER_SAME;
    if (in->head->measured_count == 0)
        return true;
    return in->version->programme->tiers->at_once && is_less(in->head)
               ? tier_lower(&in->member, &in->state, in->now, seq, in->undone, &in->undone_count,
                            change, error)
               : tier_count(&in->member, &in->state, in->now, seq, change, error);
}

bool judging_rest(struct judging *in, struct movements *movements, enum tier_cause decided,
                  struct error *error)
{
    enum tier_change change = TIER_SAME;
    if (in->version == NULL || !judge_counted(in, &change, error))
        return in->version == NULL;
    if (decided != CAUSE_COUNTED)
        return judging_end(in, movements, decided, error);
    bool first = !in->recorded && in->head->measured_count > 0;
    return (change == TIER_SAME && !first) || judging_end(in, movements, cause_of(change), error);
}

bool judge(struct context *context, struct head *head, struct movements *movements,
           struct error *error)
{
    struct judging in;
    return head->measured_count == 0 || (judging_begin(&in, context, head, context->time, error) &&
                                         judging_rest(&in, movements, CAUSE_COUNTED, error));
}
