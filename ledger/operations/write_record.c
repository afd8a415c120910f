/* Leaving a record: number, chain, hash, bytes, fold. */
#include <sodium.h>

#include "context.h"
#include "json.h"

/* What happens behind a purchase has no salt of its own in the caller's hands that an
 * audit could give back: it follows from the purchase's, by the distance from there. */
static struct text derived_salt(struct context *context, int64_t seq)
{
    unsigned char hash[DIGEST_BYTES];
    struct buffer distance = {0};
    buffer_integer(&distance, seq - context->follow_up->purchase);
    digest(context->follow_up->salt, buffer_view(&distance), hash);
    buffer_free(&distance);
    return text_copy(context->arena, (struct text){(const char *)hash, SALT_BYTES});
}

/* Random bytes are drawn many at a time: one system call for 16 salts. */
static struct text next_salt(struct context *context, int64_t seq)
{
    struct ledger *ledger = context->ledger;
    if (context->follow_up != NULL)
        return derived_salt(context, seq);
    if (ledger->replay != NULL)
        return ledger->replay->salt;
    if (ledger->salts_left == 0) {
        randombytes_buf(ledger->salts, sizeof ledger->salts);
        ledger->salts_left = sizeof ledger->salts;
    }
    ledger->salts_left -= SALT_BYTES;
    return text_copy(context->arena,
                     (struct text){(const char *)ledger->salts + ledger->salts_left, SALT_BYTES});
}

struct head *record_new(struct context *context, enum record_kind kind)
{
    struct head *head = arena_allocate(context->arena, sizeof *head);
    head_clear(head);
    head->kind = kind;
    head->time = head->at = context->time;
    head->real = context->real;
    head->member = context->member_id;
    if (context->wallet != NULL && context->wallet->id != context->member_id)
        head->wallet = context->wallet->id;
    head->programme = context->version == NULL ? 0 : context->version->number;
    return head;
}

bool open_history(struct context *context, struct error *error)
{
    struct head *head = arena_allocate(context->arena, sizeof *head);
    head_clear(head);
    head->kind = RECORD_HISTORY_OPEN;
    head->time = head->at = context->time;
    head->real = ledger_clock(context->ledger, NULL);
    return record_write(context, head, (struct text){0}, error);
}

static bool set_chain(struct context *context, struct head *head, struct error *error)
{
    struct member *member = NULL;
    if (head->member == 0)
        return true;
    if (!state_member(context->state, head->member, &member, error))
        return false;
    head->previous = member->row.last;
    return true;
}

void note_head(struct context *context, const struct head *head, const struct head ***list,
               size_t *count)
{
    const struct head **larger = arena_allocate(context->arena, (*count + 1) * sizeof *larger);
    if (*count > 0)
        memcpy(larger, *list, *count * sizeof *larger);
    larger[(*count)++] = head;
    *list = larger;
}

static void note_outcome(struct context *context, struct head *head, struct text body)
{
    struct outcome *outcome = context->outcome;
    if (outcome == NULL || head->kind == RECORD_ELAPSE || head->kind == RECORD_HISTORY_OPEN ||
        context->enrolling)
        return;
    if (context->paying) {
        note_head(context, head, &outcome->paying, &outcome->paying_count);
        return;
    }
    note_head(context, head, &outcome->heads, &outcome->head_count);
    if (outcome->head_count == 1)
        outcome->body = body;
}

bool record_write(struct context *context, struct head *head, struct text body, struct error *error)
{
    struct ledger *ledger = context->ledger;
    struct text salt = {0};
    if (!set_chain(context, head, error))
        return false;
    head->seq = context->state->tip.size;
    if (body.length > LIMIT_BODY_BYTES)
        return fail(error, ERROR_LIMIT, _("a body has at most %d bytes, this would have %zu"),
                    LIMIT_BODY_BYTES, body.length);
    if (body.length > 0) {
        salt = next_salt(context, head->seq);
        head->has_body = true;
        digest(salt, body, head->body);
    }
    if (!head_balances(head, error))
        return false;
    buffer_clear(&ledger->scratch);
    head_encode(head, &ledger->scratch);
    if (ledger->scratch.length > LIMIT_HEAD_BYTES)
        return fail(error, ERROR_LIMIT, _("a head has at most %d bytes, this would have %zu"),
                    LIMIT_HEAD_BYTES, ledger->scratch.length);
    struct text bytes = text_copy(context->arena, buffer_view(&ledger->scratch));
    if (!state_append(context->state, head, bytes, salt, body, error))
        return false;
    note_outcome(context, head, body);
    return true;
}

/* --- Movements to postings ------------------------------------------------ */

void move_points(struct context *context, struct movements *movements, struct text currency,
                 enum account from, enum account to, int64_t amount, int64_t lot)
{
    if (amount == 0)
        return;
    if (movements->count == movements->capacity) {
        movements->capacity = movements->capacity == 0 ? 2 : movements->capacity * 2;
        struct movement *larger =
            arena_allocate(context->arena, movements->capacity * sizeof *larger);
        if (movements->count > 0)
            memcpy(larger, movements->list, movements->count * sizeof *larger);
        movements->list = larger;
    }
    movements->list[movements->count++] = (struct movement){currency, from, to, amount, lot};
}

/* One side of a movement. The wallet's accounts post each lot by itself; the
 * programme's post one sum per currency and record. */
static void post(struct head *head, const struct movement *movement, enum account account,
                 int64_t amount)
{
    bool has_lot = account_is_wallets(account) && account != ACCOUNT_DEBT;
    for (size_t i = 0; !has_lot && i < head->posting_count; i++) {
        struct posting *posting = &head->postings[i];
        if (posting->account == account && text_equal(posting->currency, movement->currency)) {
            posting->amount += amount;
            return;
        }
    }
    head->postings[head->posting_count++] =
        (struct posting){movement->currency, account, amount, has_lot ? movement->lot : -1};
}

/* Postings that cancelled out within the record say nothing. */
static void drop_zeros(struct head *head)
{
    size_t kept = 0;
    for (size_t i = 0; i < head->posting_count; i++) {
        if (head->postings[i].amount != 0)
            head->postings[kept++] = head->postings[i];
    }
    head->posting_count = kept;
}

bool record_write_movements(struct context *context, struct head *head,
                            const struct movements *movements, struct text body,
                            struct error *error)
{
    size_t done = 0;
    int64_t part = head->part, programme = head->programme;
    uint64_t with = head->with;
    do {
        size_t count = movements->count - done;
        if (count > LIMIT_MOVEMENTS)
            count = LIMIT_MOVEMENTS;
        head->part = part;
        head->postings = arena_allocate(context->arena, (2 * count + 1) * sizeof *head->postings);
        for (size_t i = done; i < done + count; i++) {
            post(head, &movements->list[i], movements->list[i].from, -movements->list[i].amount);
            post(head, &movements->list[i], movements->list[i].to, movements->list[i].amount);
        }
        drop_zeros(head);
        if (!record_write(context, head, part == 0 ? body : (struct text){0}, error))
            return false;
        done += count;
        part++;
        if (done < movements->count) {
            enum record_kind kind = head->kind;
            head = record_new(context, kind);
            head->programme = programme;
            head->with = with;
        }
    } while (done < movements->count);
    return true;
}

/* --- Bodies ---------------------------------------------------------------- */

struct text body_of(struct context *context, bool with_at, struct text facts)
{
    struct buffer *body = &context->ledger->body;
    buffer_clear(body);
    buffer_string(body, "{\"in\":");
    buffer_text(body, context->input);
    if (with_at) {
        buffer_string(body, ",\"at\":");
        buffer_integer(body, context->at);
    }
    if (facts.length > 0) {
        buffer_string(body, ",\"facts\":");
        buffer_text(body, facts);
    }
    buffer_byte(body, '}');
    return text_copy(context->arena, buffer_view(body));
}
