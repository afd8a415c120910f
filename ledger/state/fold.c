/* The fold: what a head does to the projections.
 *
 * The idea to hold: nothing here decides what an operation is worth. Heads say
 * what happened; this is the only code that moves a balance. A till's purchase, an
 * import, `rebuild` and `audit` all come through here. */
#include "state_private.h"

bool fold_misfit(struct error *error, const struct head *head, const char *why)
{
    return fail(error, ERROR_INVARIANT, _("record %lld does not follow from those before it: %s"),
                (long long)head->seq, why);
}

static bool fold_clock(struct state *state, const struct head *head, struct error *error)
{
    if (head->seq != state->tip.size)
        return fold_misfit(error, head, _("its number is not the next"));
    if (head->time < state->tip.time)
        return fold_misfit(error, head, _("its time lies before the last record's"));
    state->tip.size = head->seq + 1;
    state->tip.time = head->time;
    bool live = record_origin(head->kind) == MADE_BY_REQUEST && head->kind != RECORD_PROGRAMME &&
                head->kind != RECORD_RECOVER;
    if (head->kind == RECORD_HISTORY_OPEN)
        state->tip.mode = MODE_HISTORY;
    if (record_origin(head->kind) == MADE_BY_MARK)
        state->tip.history_open = head->kind == RECORD_HISTORY_OPEN;
    else if ((live || record_origin(head->kind) == MADE_BY_TIME) && state->tip.history_open == 0)
        state->tip.mode = MODE_LIVE;
    return true;
}

static bool fold_key(struct state *state, const struct head *head,
                     const unsigned char hash[KEY_HASH_BYTES], struct error *error)
{
    struct key *key = NULL;
    if (!state_key(state, hash, &key, error))
        return false;
    if (key->row.seq >= 0)
        return fold_misfit(error, head, _("its key is already used"));
    TOUCH(state, *key);
    key->row.seq = head->seq;
    key->is_new = true;
    return true;
}

/* A record that takes something over from one wallet to another. */
static bool moves_lots(enum record_kind kind)
{
    return kind == RECORD_HOUSEHOLD_CREATE || kind == RECORD_HOUSEHOLD_JOIN ||
           kind == RECORD_HOUSEHOLD_LEAVE || kind == RECORD_MEMBER_MERGE;
}

static void set_active(struct state *state, struct household *household, uint64_t member,
                       bool active)
{
    size_t i = 0;
    TOUCH(state, *household);
    while (i < household->count && household->rows[i].member != member)
        i++;
    if (i == household->count) {
        size_t capacity = household->capacity;
        household->rows = state_room(state->arena, household->rows, i, &household->capacity,
                                     sizeof *household->rows);
        household->changed = state_room(state->arena, household->changed, i, &capacity, 1);
        household->rows[i] = (struct household_row){household->wallet, member, 0};
        household->changed[i] = false;
        household->count++;
    }
    TOUCH(state, household->rows[i]);
    TOUCH(state, household->changed[i]);
    household->rows[i].active = active;
    household->changed[i] = true;
}

/* Whoever's record acts on another wallet than before has moved there. */
static bool fold_wallet(struct state *state, const struct head *head, struct member *member,
                        struct error *error)
{
    uint64_t to = head->wallet != 0 ? head->wallet : head->member, from = member->row.wallet;
    struct household *household = NULL;
    if (to == from)
        return true;
    if (!moves_lots(head->kind))
        return fold_misfit(error, head, _("it acts on a wallet that is not the member's"));
    if (from != head->member) {
        if (!state_household(state, from, &household, error))
            return false;
        set_active(state, household, head->member, false);
    }
    if (to != head->member) {
        if (!state_household(state, to, &household, error))
            return false;
        set_active(state, household, head->member, true);
    }
    member->row.wallet = to;
    return true;
}

/* Two memberships become one: first the records of the one that goes, then those of
 * the one that stays. */
static bool fold_merge(struct state *state, const struct head *head, struct member *member,
                       struct error *error)
{
    struct member *other = NULL;
    if (!state_member(state, head->with, &other, error))
        return false;
    if (!other->exists)
        return fold_misfit(error, head, _("it names a member that does not exist"));
    bool elsewhere = (member->row.merged != 0 && member->row.merged != head->with) ||
                     (other->row.merged != 0 && other->row.merged != head->member);
    if (elsewhere) /* or members could become each other in a circle */
        return fold_misfit(error, head, _("it merges a member that has been merged"));
    if (other->row.merged != head->member) {
        member->row.merged = head->with; /* a second part finds nothing to move */
        return fold_tiers_away(state, head->member, head->with, error);
    }
    if (other->row.joined < member->row.joined)
        member->row.joined = other->row.joined;
    return true;
}

/* The moment a member joined is the business time of the adding record; heads of
 * history carry it in `time`, as everything live does. */
static bool fold_member(struct state *state, const struct head *head, struct member **out,
                        struct error *error)
{
    if (!state_member(state, head->member, out, error))
        return false;
    struct member *member = *out;
    if (member->exists == (head->kind == RECORD_MEMBER_ADD))
        return fold_misfit(error, head,
                           member->exists ? _("the member exists already")
                                          : _("the member does not exist"));
    if (member->row.last != head->previous)
        return fold_misfit(error, head, _("it does not continue its member's chain"));
    TOUCH(state, *member);
    if (head->kind == RECORD_MEMBER_ADD) {
        member->exists = true;
        member->row.wallet = head->member;
        member->row.joined = head->time;
        if (map_get(&state->wallets, map_key_of_number(0, head->member)) == NULL)
            state_add_wallet(state, head->member);
    }
    member->row.last = head->seq;
    member->changed = true;
    return fold_wallet(state, head, member, error) &&
           (head->kind != RECORD_MEMBER_MERGE || fold_merge(state, head, member, error));
}

static bool fold_lots(struct state *state, const struct head *head, const struct member *member,
                      struct error *error)
{
    for (size_t i = 0; i < head->lot_count; i++) {
        const struct lot_birth *birth = &head->lots[i];
        if (member == NULL || i >= LOTS_PER_RECORD)
            return fold_misfit(error, head, _("it makes lots that nobody can hold"));
        struct lot_row row = {.id = lot_number(head->seq, (int64_t)i),
                              .wallet = member->row.wallet,
                              .member = head->member,
                              .currency = text_copy(state->arena, birth->currency),
                              .amount = birth->amount,
                              .available_from = birth->available_from,
                              .earned = head->at,
                              .expires = birth->expires,
                              .origin = text_copy(state->arena, birth->origin)};
        struct lot *lot = state_add_lot(state, &row);
        TOUCH(state, *lot); /* undone, it was never born */
        lot->is_new = true;
    }
    return true;
}

static struct pocket *touch_pocket(struct state *state, struct wallet *wallet, struct text currency,
                                   const struct head *head)
{
    struct pocket *pocket = state_pocket(state, wallet, currency);
    if (pocket == NULL)
        return NULL;
    TOUCH(state, pocket->row);
    TOUCH(state, pocket->changed);
    pocket->changed = true;
    pocket->row.dated = fold_reached(head);
    return pocket;
}

/* A released lot gets its date, or a new rule gives all lots another. */
static bool fold_dates(struct state *state, const struct head *head, struct wallet *wallet,
                       struct error *error)
{
    for (size_t i = 0; i < head->date_count; i++) {
        struct lot *lot = NULL;
        if (!state_lot(state, head->dates[i].lot, &lot, error))
            return false;
        if (wallet == NULL || lot->row.wallet != wallet->id)
            return fold_misfit(error, head, _("it dates a lot of another wallet"));
        struct pocket *pocket = touch_pocket(state, wallet, lot->row.currency, head);
        TOUCH(state, *lot);
        lot->row.expires = head->dates[i].expires;
        lot->moved = lot->changed = true;
        if (lot->row.left > 0)
            state_list_lot(state, pocket, lot);
    }
    return true;
}

/* A record that gives back what was taken from lots, wherever these were then. */
static bool gives_back(enum record_kind kind)
{
    return kind == RECORD_CANCEL || kind == RECORD_RESTORE || kind == RECORD_VOID;
}

/* A lot that comes from another wallet comes whole, and from nowhere else. In a member's
 * own wallet it counts as earned by them. */
static bool adopt_lot(const struct head *head, const struct pocket *pocket, struct lot *lot,
                      const struct posting *posting, struct error *error)
{
    bool empty = lot->row.left == 0 && lot->row.reserved == 0;
    if (!(moves_lots(head->kind) || gives_back(head->kind)) || posting->amount < 0 || !empty)
        return fold_misfit(error, head, _("it touches a lot of another wallet"));
    lot->row.wallet = pocket->row.wallet;
    if (head->kind == RECORD_MEMBER_MERGE || gives_back(head->kind) || head->wallet == 0)
        lot->row.member = head->member;
    lot->moved = true;
    return true;
}

/* What the posting makes of the lot; false where it does not fit. */
static bool post_to_lot(struct lot_row *row, const struct posting *posting)
{
    int64_t *side = posting->account == ACCOUNT_RESERVED ? &row->reserved : &row->left;
    if (posting->account == ACCOUNT_AVAILABLE && posting->amount > 0)
        row->available_from = 0; /* a pending lot becomes available */
    if (posting->account != ACCOUNT_RESERVED &&
        (posting->account == ACCOUNT_PENDING) != (row->available_from != 0))
        return false;
    return units_add(*side, posting->amount, side) && *side >= 0 &&
           row->left + row->reserved <= row->amount;
}

static bool fold_lot_posting(struct state *state, const struct head *head, struct pocket *pocket,
                             const struct posting *posting, struct error *error)
{
    struct lot *lot = NULL;
    if (!state_lot(state, posting->lot, &lot, error))
        return false;
    if (!text_equal(lot->row.currency, pocket->currency))
        return fold_misfit(error, head, _("it touches a lot of another currency"));
    TOUCH(state, *lot);
    moment pending = lot->row.available_from;
    if (lot->row.wallet != pocket->row.wallet && !adopt_lot(head, pocket, lot, posting, error))
        return false;
    if (!post_to_lot(&lot->row, posting))
        return fold_misfit(error, head,
                           _("it takes more from a lot than is left, or gives back too much"));
    lot->changed = true;
    lot->moved = lot->moved || lot->row.available_from != pending;
    if (posting->amount > 0 && lot->row.left > 0)
        state_list_lot(state, pocket, lot);
    return true;
}

static int64_t *pocket_account(struct pocket *pocket, enum account account)
{
    return account == ACCOUNT_AVAILABLE  ? &pocket->row.available
           : account == ACCOUNT_PENDING  ? &pocket->row.pending
           : account == ACCOUNT_RESERVED ? &pocket->row.reserved
                                         : &pocket->row.debt;
}

static bool fold_posting(struct state *state, const struct head *head, struct wallet *wallet,
                         const struct posting *posting, struct error *error)
{
    if (!account_is_wallets(posting->account))
        return true;
    if (wallet == NULL)
        return fold_misfit(error, head, _("it posts to a wallet without naming a member"));
    struct pocket *pocket = touch_pocket(state, wallet, posting->currency, head);
    if (pocket == NULL)
        return fold_misfit(error, head, _("it posts in too many currencies"));
    int64_t *balance = pocket_account(pocket, posting->account);
    if (!units_add(*balance, posting->amount, balance))
        return fail_field(error, ERROR_OVERFLOW, "points", _("the balance would be beyond %lld"),
                          (long long)LIMIT_UNITS);
    bool has_lot = posting->account != ACCOUNT_DEBT;
    if (has_lot != (posting->lot >= 0))
        return fold_misfit(error, head, _("a wallet posting and its lot do not fit"));
    return !has_lot || fold_lot_posting(state, head, pocket, posting, error);
}

/* After all postings: no account on its wrong side, and never debt beside points but
 * in a household, where one member's return does not touch another's points. */
static bool check_wallet(const struct head *head, const struct wallet *wallet, struct error *error)
{
    for (size_t i = 0; wallet != NULL && i < wallet->pocket_count; i++) {
        const struct balance_row *row = &wallet->pockets[i]->row;
        bool beside = row->debt < 0 && (row->available > 0 || row->pending > 0);
        if (row->available < 0 || row->pending < 0 || row->reserved < 0 || row->debt > 0 ||
            (beside && head->wallet == 0))
            return fold_misfit(error, head, _("a balance would be impossible"));
        int64_t sum = 0; /* all of it may become available one day */
        if (!units_add(row->available, row->pending, &sum) || !units_add(sum, row->reserved, &sum))
            return fail_field(error, ERROR_OVERFLOW, "points",
                              _("the balance would be beyond %lld"), (long long)LIMIT_UNITS);
    }
    return true;
}

static bool fold_carry(struct state *state, const struct head *head, struct member *member,
                       const struct carry_value *value, struct error *error)
{
    if (member == NULL)
        return fold_misfit(error, head, _("it carries for nobody"));
    struct carry *carry = state_find_carry(member, value->currency);
    if (carry == NULL) {
        if (member->carry_count == LIMIT_CURRENCIES)
            return fold_misfit(error, head, _("it carries in too many currencies"));
        carry = arena_allocate(state->arena, sizeof *carry);
        carry->row.member = member->row.id;
        carry->row.currency = text_copy(state->arena, value->currency);
        carry->row.denominator = 1;
        /* In order of id, as the store has them: a merge lists them in this order, and
         * audit must find it again. Undone by the touch of *member. */
        size_t at = member->carry_count++;
        for (; at > 0 && text_compare(member->carries[at - 1]->row.currency, value->currency) > 0;
             at--)
            member->carries[at] = member->carries[at - 1];
        member->carries[at] = carry;
    }
    TOUCH(state, *carry);
    carry->row.numerator = value->numerator;
    carry->row.denominator = value->denominator;
    carry->changed = true;
    return true;
}

/* Quantities of one return added to those before, lines ascending. */
static void merge_lines(struct arena *arena, struct returned_part *into,
                        const struct returned_part *part)
{
    struct returned_line *lines =
        arena_allocate(arena, (into->line_count + part->line_count + 1) * sizeof *lines);
    size_t count = 0, a = 0, b = 0;
    while (a < into->line_count || b < part->line_count) {
        bool left = b == part->line_count ||
                    (a < into->line_count && into->lines[a].line <= part->lines[b].line);
        struct returned_line line = left ? into->lines[a++] : part->lines[b++];
        if (count > 0 && lines[count - 1].line == line.line)
            lines[count - 1].quantity += line.quantity;
        else
            lines[count++] = line;
    }
    into->lines = lines;
    into->line_count = count;
}

struct returned_part returned_with(struct arena *arena, const struct returned *returned,
                                   const struct returned_part *part)
{
    struct returned_part sum = returned->part;
    if (!returned->exists)
        sum = (struct returned_part){.seq = part->seq};
    sum.how = part->how;
    sum.amount += part->amount;
    if (part->how == RETURNED_LINES)
        merge_lines(arena, &sum, part);
    return sum;
}

/* A void says what is returned now; the sum forgets the return that it undid. */
static bool fold_unreturned(struct state *state, const struct head *head,
                            const struct returned_part *part, struct error *error)
{
    struct returned *returned = NULL;
    if (!state_returned(state, part->seq, &returned, error))
        return false;
    if (!returned->exists || part->how == RETURNED_ALL)
        return fold_misfit(error, head, _("it undoes a return that is not there"));
    TOUCH(state, *returned);
    returned->part = *part;
    returned->exists = part->how != RETURNED_NONE;
    returned->changed = true;
    return true;
}

static bool fold_returned(struct state *state, const struct head *head,
                          const struct returned_part *part, struct error *error)
{
    if (head->kind == RECORD_VOID)
        return fold_unreturned(state, head, part, error);
    struct returned *returned = NULL;
    if (part->seq >= head->seq)
        return fold_misfit(error, head, _("it returns a later record"));
    if (!state_returned(state, part->seq, &returned, error))
        return false;
    if (returned->exists && returned->part.how != part->how && part->how != RETURNED_ALL)
        return fold_misfit(error, head, _("it returns what has been returned otherwise"));
    if (part->amount > LIMIT_UNITS - returned->part.amount)
        return fold_misfit(error, head, _("it returns too much"));
    TOUCH(state, *returned);
    returned->part = returned_with(state->arena, returned, part);
    returned->exists = returned->changed = true;
    return true;
}

/* No body is erased twice: what another record has erased is not named again. */
static bool fold_erased(struct state *state, const struct head *head,
                        const struct erased_range *range, struct error *error)
{
    struct erased_row stored;
    bool found = false;
    if (!store_erased(state->store, range->last, &stored, &found, error))
        return false;
    bool again = found && stored.last >= range->first;
    for (size_t i = 0; i < state->erased.count; i++)
        again = again || (state->erased.rows[i].first <= range->last &&
                          state->erased.rows[i].last >= range->first);
    if (again)
        return fold_misfit(error, head, _("it erases what was erased before"));
    state->erased.rows = state_room(state->arena, state->erased.rows, state->erased.count,
                                    &state->erased.capacity, sizeof *state->erased.rows);
    state->erased.rows[state->erased.count++] =
        (struct erased_row){range->first, range->last, head->seq};
    return true;
}

static bool fold_idle(struct state *state, const struct head *head, struct wallet *wallet,
                      const struct idle_value *value, struct error *error)
{
    struct pocket *pocket = wallet == NULL ? NULL : state_pocket(state, wallet, value->currency);
    if (pocket == NULL)
        return fold_misfit(error, head, _("it is the activity of nobody"));
    TOUCH(state, pocket->row);
    TOUCH(state, pocket->changed);
    pocket->row.idle = value->at;
    pocket->changed = true;
    return true;
}

static bool fold_count(struct state *state, const struct head *head, const struct count *count,
                       struct error *error)
{
    struct counter *counter = NULL;
    uint64_t owner = count->owner == COUNTS_MEMBER ? head->member : 0;
    if (!state_counter(state, owner, count->name, count->bucket, &counter, error))
        return false;
    TOUCH(state, *counter);
    counter->changed = true;
    return units_add(counter->row.value, count->by, &counter->row.value) ||
           fail_field(error, ERROR_OVERFLOW, "points", _("the points are beyond %lld"),
                      (long long)LIMIT_UNITS);
}

static bool fold_version(struct state *state, const struct head *head, struct error *error)
{
    (void)error;
    struct programme_row *rows =
        arena_allocate(state->arena, (state->programme_count + 1) * sizeof *rows);
    if (state->programme_count > 0)
        memcpy(rows, state->programmes, state->programme_count * sizeof *rows);
    rows[state->programme_count++] =
        (struct programme_row){head->version.number, head->seq, head->version.from};
    state->programmes = rows;
    return true;
}

static bool fold_lists(struct state *state, const struct head *head, struct member *member,
                       struct wallet *wallet, struct error *error)
{
    for (size_t i = 0; i < head->posting_count; i++) {
        if (!fold_posting(state, head, wallet, &head->postings[i], error))
            return false;
    }
    for (size_t i = 0; i < head->returned_count; i++) {
        if (!fold_returned(state, head, &head->returned[i], error))
            return false;
    }
    for (size_t i = 0; i < head->erased_count; i++) {
        if (!fold_erased(state, head, &head->erased[i], error))
            return false;
    }
    for (size_t i = 0; i < head->carry_count; i++) {
        if (!fold_carry(state, head, member, &head->carries[i], error))
            return false;
    }
    for (size_t i = 0; i < head->idle_count; i++) {
        if (!fold_idle(state, head, wallet, &head->idles[i], error))
            return false;
    }
    for (size_t i = 0; i < head->count_count; i++) {
        if (!fold_count(state, head, &head->counts[i], error))
            return false;
    }
    return fold_tiers(state, head, error) && check_wallet(head, wallet, error);
}

static bool fold_keys(struct state *state, const struct head *head, struct error *error)
{
    return (!head->has_key || fold_key(state, head, head->key, error)) &&
           (!head->has_receipt || fold_key(state, head, head->receipt, error)) &&
           (!head->has_bars || fold_key(state, head, head->bars, error));
}

bool state_fold(struct state *state, const struct head *head, struct error *error)
{
    struct member *member = NULL;
    struct wallet *wallet = NULL;
    if (!fold_clock(state, head, error) || !fold_keys(state, head, error))
        return false;
    if (head->member != 0 && (!fold_member(state, head, &member, error) ||
                              !state_wallet(state, member->row.wallet, &wallet, error)))
        return false;
    if (!fold_lots(state, head, member, error) || !fold_dates(state, head, wallet, error) ||
        !fold_lists(state, head, member, wallet, error))
        return false;
    if (head->part == 0 && !fold_about(state, head, wallet, error))
        return false;
    return head->version.number == 0 || fold_version(state, head, error);
}

/* The runs that the latest record completes: one of 256 records, perhaps one of 65,536. */
static void keep_tiles(struct state *state)
{
    struct hash root;
    for (unsigned level = 1;
         level <= TILE_LEVEL_MAX && merkle_edge_tile(&state->edge, level, &root); level++) {
        state->tiles = state_room(state->arena, state->tiles, state->tile_count,
                                  &state->tile_capacity, sizeof *state->tiles);
        struct tile_row *row = &state->tiles[state->tile_count++];
        row->level = level;
        row->n = (int64_t)(state->edge.size >> (level * TILE_HEIGHT)) - 1;
        memcpy(row->root, root.bytes, STORE_HASH);
    }
}

bool state_append(struct state *state, struct head *head, struct text head_bytes, struct text salt,
                  struct text body, struct error *error)
{
    if (!state_fold(state, head, error))
        return false;
    struct hash leaf;
    merkle_leaf(head_bytes.bytes, head_bytes.length, &leaf);
    merkle_edge_append(&state->edge, &leaf);
    keep_tiles(state);
    state->records = state_room(state->arena, state->records, state->record_count,
                                &state->record_capacity, sizeof *state->records);
    state->records[state->record_count++] = (struct pending_record){{.seq = head->seq,
                                                                     .head = head_bytes,
                                                                     .salt = salt,
                                                                     .body = body,
                                                                     .has_body = body.length > 0},
                                                                    head};
    return true;
}
