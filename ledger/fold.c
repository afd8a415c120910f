/* The fold: what a head does to the projections.
 *
 * The idea to hold: nothing here decides what an operation is worth. Heads say
 * what happened; this is the only code that moves a balance. A till's purchase, an
 * import, `rebuild` and `audit` all come through here. */
#include "state_private.h"

static bool misfit(struct error *error, const struct head *head, const char *why)
{
    return fail(error, ERROR_INVARIANT, _("record %lld does not follow from those before it: %s"),
                (long long)head->seq, why);
}

static bool fold_clock(struct state *state, const struct head *head, struct error *error)
{
    if (head->seq != state->tip.size)
        return misfit(error, head, _("its number is not the next"));
    if (head->time < state->tip.time)
        return misfit(error, head, _("its time lies before the last record's"));
    state->tip.size = head->seq + 1;
    state->tip.time = head->time;
    switch (head->kind) {
    case RECORD_GENESIS:
    case RECORD_PROGRAMME:
        break;
    case RECORD_HISTORY_OPEN:
        state->tip.mode = MODE_HISTORY;
        state->tip.history_open = 1;
        break;
    case RECORD_HISTORY_CLOSE:
        state->tip.history_open = 0;
        break;
    case RECORD_MEMBER_ADD:
    case RECORD_MEMBER_LINK:
    case RECORD_MEMBER_UNLINK:
    case RECORD_ELAPSE:
    case RECORD_PURCHASE:
    case RECORD_RETURN:
    case RECORD_REDEEM:
    case RECORD_CANCEL:
    case RECORD_ADJUST:
        if (state->tip.history_open == 0)
            state->tip.mode = MODE_LIVE;
        break;
    case RECORD_KIND_COUNT:
        break;
    }
    return true;
}

static bool fold_key(struct state *state, const struct head *head,
                     const unsigned char hash[KEY_HASH_BYTES], struct error *error)
{
    struct key *key = NULL;
    if (!state_key(state, hash, &key, error))
        return false;
    if (key->row.seq >= 0)
        return misfit(error, head, _("its key is already used"));
    TOUCH(state, *key);
    key->row.seq = head->seq;
    key->is_new = true;
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
        return misfit(error, head,
                      member->exists ? _("the member exists already")
                                     : _("the member does not exist"));
    if (member->row.last != head->previous)
        return misfit(error, head, _("it does not continue its member's chain"));
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
    return true;
}

static bool fold_lots(struct state *state, const struct head *head, const struct member *member,
                      struct error *error)
{
    for (size_t i = 0; i < head->lot_count; i++) {
        const struct lot_birth *birth = &head->lots[i];
        if (member == NULL || i >= LOTS_PER_RECORD)
            return misfit(error, head, _("it makes lots that nobody can hold"));
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

static bool fold_lot_posting(struct state *state, const struct head *head, struct pocket *pocket,
                             const struct posting *posting, struct error *error)
{
    struct lot *lot = NULL;
    if (!state_lot(state, posting->lot, &lot, error))
        return false;
    if (lot->row.wallet != pocket->row.wallet || !text_equal(lot->row.currency, pocket->currency))
        return misfit(error, head, _("it touches a lot of another wallet or currency"));
    int64_t left = 0;
    if (!units_add(lot->row.left, posting->amount, &left) || left < 0 || left > lot->row.amount)
        return misfit(error, head,
                      _("it takes more from a lot than is left, or gives back too much"));
    bool to_list = left > 0 && !lot->listed;
    if (to_list) /* for good: an undo empties the lot, it does not take it off the list */
        state_list_lot(state, pocket, lot);
    TOUCH(state, *lot);
    lot->row.left = left;
    lot->changed = true;
    if (!to_list && posting->amount > 0)
        pocket->stored_skip = pocket->born_skip = 0; /* a lot at the front may be open again */
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
        return misfit(error, head, _("it posts to a wallet without naming a member"));
    struct pocket *pocket = state_pocket(state, wallet, posting->currency);
    if (pocket == NULL)
        return misfit(error, head, _("it posts in too many currencies"));
    TOUCH(state, pocket->row);
    TOUCH(state, pocket->changed);
    pocket->changed = true;
    int64_t *balance = pocket_account(pocket, posting->account);
    if (!units_add(*balance, posting->amount, balance))
        return fail_field(error, ERROR_OVERFLOW, "points", _("the balance would be beyond %lld"),
                          (long long)LIMIT_UNITS);
    bool has_lot = posting->account != ACCOUNT_DEBT;
    if (has_lot != (posting->lot >= 0))
        return misfit(error, head, _("a wallet posting and its lot do not fit"));
    return !has_lot || fold_lot_posting(state, head, pocket, posting, error);
}

/* After all postings: no account on its wrong side, and never debt beside points. */
static bool check_wallet(const struct head *head, const struct wallet *wallet, struct error *error)
{
    for (size_t i = 0; wallet != NULL && i < wallet->pocket_count; i++) {
        const struct balance_row *row = &wallet->pockets[i]->row;
        if (row->available < 0 || row->pending < 0 || row->reserved < 0 || row->debt > 0 ||
            (row->debt < 0 && row->available > 0))
            return misfit(error, head, _("a balance would be impossible"));
    }
    return true;
}

static bool fold_carry(struct state *state, const struct head *head, struct member *member,
                       const struct carry_value *value, struct error *error)
{
    if (member == NULL)
        return misfit(error, head, _("it carries for nobody"));
    struct carry *carry = state_find_carry(member, value->currency);
    if (carry == NULL) {
        if (member->carry_count == LIMIT_CURRENCIES)
            return misfit(error, head, _("it carries in too many currencies"));
        carry = arena_allocate(state->arena, sizeof *carry);
        carry->row.member = member->row.id;
        carry->row.currency = text_copy(state->arena, value->currency);
        carry->row.denominator = 1;
        member->carries[member->carry_count++] = carry; /* undone by the touch of *member */
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

static bool fold_returned(struct state *state, const struct head *head,
                          const struct returned_part *part, struct error *error)
{
    struct returned *returned = NULL;
    if (part->seq >= head->seq)
        return misfit(error, head, _("it returns a later record"));
    if (!state_returned(state, part->seq, &returned, error))
        return false;
    if (returned->exists && returned->part.how != part->how && part->how != RETURNED_ALL)
        return misfit(error, head, _("it returns what has been returned otherwise"));
    if (part->amount > LIMIT_UNITS - returned->part.amount)
        return misfit(error, head, _("it returns too much"));
    TOUCH(state, *returned);
    returned->part = returned_with(state->arena, returned, part);
    returned->exists = returned->changed = true;
    return true;
}

static bool fold_cancel(struct state *state, const struct head *head, struct error *error)
{
    struct cancelled *cancelled = NULL;
    if (head->of < 0 || head->of >= head->seq)
        return misfit(error, head, _("it cancels nothing"));
    if (!state_cancelled(state, head->of, &cancelled, error))
        return false;
    if (cancelled->row.by >= 0)
        return misfit(error, head, _("what it cancels has been cancelled"));
    TOUCH(state, *cancelled);
    cancelled->row.by = head->seq;
    cancelled->changed = true;
    return true;
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
    for (size_t i = 0; i < head->carry_count; i++) {
        if (!fold_carry(state, head, member, &head->carries[i], error))
            return false;
    }
    return check_wallet(head, wallet, error);
}

bool state_fold(struct state *state, const struct head *head, struct error *error)
{
    struct member *member = NULL;
    struct wallet *wallet = NULL;
    if (!fold_clock(state, head, error))
        return false;
    if (head->has_key && !fold_key(state, head, head->key, error))
        return false;
    if (head->has_receipt && !fold_key(state, head, head->receipt, error))
        return false;
    if (head->member != 0 && (!fold_member(state, head, &member, error) ||
                              !state_wallet(state, member->row.wallet, &wallet, error)))
        return false;
    if (!fold_lots(state, head, member, error) || !fold_lists(state, head, member, wallet, error))
        return false;
    if (head->kind == RECORD_CANCEL && head->part == 0 && !fold_cancel(state, head, error))
        return false;
    return head->version.number == 0 || fold_version(state, head, error);
}

bool state_append(struct state *state, struct head *head, struct text head_bytes, struct text salt,
                  struct text body, struct error *error)
{
    if (!state_fold(state, head, error))
        return false;
    struct hash leaf;
    merkle_leaf(head_bytes.bytes, head_bytes.length, &leaf);
    merkle_edge_append(&state->edge, &leaf);
    struct hash tile;
    if (merkle_edge_tile(&state->edge, &tile)) {
        state->tiles = state_room(state->arena, state->tiles, state->tile_count,
                                  &state->tile_capacity, sizeof *state->tiles);
        struct tile_row *row = &state->tiles[state->tile_count++];
        row->n = (head->seq + 1) / TILE_WIDTH - 1;
        memcpy(row->root, tile.bytes, STORE_HASH);
    }
    state->records = state_room(state->arena, state->records, state->record_count,
                                &state->record_capacity, sizeof *state->records);
    state->records[state->record_count++] = (struct pending_record){{.seq = head->seq,
                                                                     .head = head_bytes,
                                                                     .salt = salt,
                                                                     .body = body,
                                                                     .has_body = head->has_body},
                                                                    head};
    return true;
}
