/* The one encoder of record heads (format): SPEC.md section 8. */
#include "head_private.h"

#define ADD(out, literal) buffer_add(out, literal, sizeof(literal) - 1)

static void add_string(struct buffer *out, struct text text)
{
    buffer_byte(out, '"');
    buffer_text(out, text);
    buffer_byte(out, '"');
}

static void add_hex(struct buffer *out, const void *bytes, size_t length)
{
    buffer_byte(out, '"');
    buffer_hex(out, bytes, length);
    buffer_byte(out, '"');
}

static void add_id(struct buffer *out, uint64_t id)
{
    char text[MEMBER_ID_CHARS + 1];
    member_id_format(id, text);
    add_string(out, (struct text){text, MEMBER_ID_CHARS});
}

static void add_integer(struct buffer *out, int64_t value)
{
    buffer_byte(out, ',');
    buffer_integer(out, value);
}

/* Lists open with a comma and their name; elements are parted by the separator
 * that this returns. */
static void separate(struct buffer *out, size_t index)
{
    if (index > 0)
        buffer_byte(out, ',');
    buffer_byte(out, '[');
}

static void encode_postings(const struct head *head, struct buffer *out)
{
    if (head->posting_count == 0)
        return;
    ADD(out, ",\"post\":[");
    for (size_t i = 0; i < head->posting_count; i++) {
        const struct posting *posting = &head->postings[i];
        separate(out, i);
        add_string(out, posting->currency);
        buffer_byte(out, ',');
        add_string(out, text_of(account_names[posting->account]));
        add_integer(out, posting->amount);
        if (posting->lot >= 0) {
            add_integer(out, posting->lot / LOTS_PER_RECORD);
            add_integer(out, posting->lot % LOTS_PER_RECORD);
        }
        buffer_byte(out, ']');
    }
    buffer_byte(out, ']');
}

static void encode_lots(const struct head *head, struct buffer *out)
{
    if (head->lot_count == 0)
        return;
    ADD(out, ",\"lots\":[");
    for (size_t i = 0; i < head->lot_count; i++) {
        const struct lot_birth *lot = &head->lots[i];
        separate(out, i);
        add_string(out, lot->currency);
        add_integer(out, lot->amount);
        add_integer(out, lot->available_from == MOMENT_NEVER ? -1 : lot->available_from);
        add_integer(out, lot->expires == MOMENT_NEVER ? 0 : lot->expires);
        buffer_byte(out, ',');
        add_string(out, lot->origin);
        buffer_byte(out, ']');
    }
    buffer_byte(out, ']');
}

static void encode_dates(const struct head *head, struct buffer *out)
{
    if (head->date_count == 0)
        return;
    ADD(out, ",\"dates\":[");
    for (size_t i = 0; i < head->date_count; i++) {
        const struct redate *date = &head->dates[i];
        separate(out, i);
        buffer_integer(out, date->lot / LOTS_PER_RECORD);
        add_integer(out, date->lot % LOTS_PER_RECORD);
        add_integer(out, date->expires == MOMENT_NEVER ? 0 : date->expires);
        buffer_byte(out, ']');
    }
    buffer_byte(out, ']');
}

static void encode_idles(const struct head *head, struct buffer *out)
{
    if (head->idle_count == 0)
        return;
    ADD(out, ",\"idle\":[");
    for (size_t i = 0; i < head->idle_count; i++) {
        separate(out, i);
        add_string(out, head->idles[i].currency);
        add_integer(out, head->idles[i].at == MOMENT_NEVER ? 0 : head->idles[i].at);
        buffer_byte(out, ']');
    }
    buffer_byte(out, ']');
}

static void encode_counts(const struct head *head, struct buffer *out)
{
    if (head->count_count == 0)
        return;
    ADD(out, ",\"count\":[");
    for (size_t i = 0; i < head->count_count; i++) {
        separate(out, i);
        add_string(out, text_of(owner_names[head->counts[i].owner]));
        buffer_byte(out, ',');
        add_string(out, head->counts[i].name);
        buffer_byte(out, ',');
        add_string(out, head->counts[i].bucket);
        add_integer(out, head->counts[i].by);
        buffer_byte(out, ']');
    }
    buffer_byte(out, ']');
}

static void encode_paid(const struct head *head, struct buffer *out)
{
    if (head->paid.seq < 0)
        return;
    ADD(out, ",\"paid\":[");
    add_string(out, head->paid.currency);
    add_integer(out, head->paid.points);
    add_integer(out, head->paid.minor);
    add_integer(out, head->paid.seq);
    buffer_byte(out, ']');
}

static void encode_returned_lines(const struct returned_part *part, struct buffer *out)
{
    ADD(out, ",\"lines\",[");
    for (size_t i = 0; i < part->line_count; i++) {
        separate(out, i);
        buffer_integer(out, part->lines[i].line);
        add_integer(out, part->lines[i].quantity);
        buffer_byte(out, ']');
    }
    buffer_byte(out, ']');
}

void returned_part_encode(const struct returned_part *part, struct buffer *out)
{
    buffer_byte(out, '[');
    buffer_integer(out, part->seq);
    switch (part->how) {
    case RETURNED_NONE:
        ADD(out, ",\"none\"");
        break;
    case RETURNED_ALL:
        ADD(out, ",\"all\"");
        if (part->amount > 0) {
            ADD(out, ",\"amount\"");
            add_integer(out, part->amount);
        }
        if (part->line_count > 0)
            encode_returned_lines(part, out);
        break;
    case RETURNED_AMOUNT:
        ADD(out, ",\"amount\"");
        add_integer(out, part->amount);
        break;
    case RETURNED_LINES:
        encode_returned_lines(part, out);
        break;
    }
    buffer_byte(out, ']');
}

static void encode_returned(const struct head *head, struct buffer *out)
{
    if (head->returned_count == 0)
        return;
    ADD(out, ",\"returned\":[");
    for (size_t i = 0; i < head->returned_count; i++) {
        if (i > 0)
            buffer_byte(out, ',');
        returned_part_encode(&head->returned[i], out);
    }
    buffer_byte(out, ']');
}

static void encode_erased(const struct head *head, struct buffer *out)
{
    if (head->erased_count == 0)
        return;
    ADD(out, ",\"erased\":[");
    for (size_t i = 0; i < head->erased_count; i++) {
        separate(out, i);
        buffer_integer(out, head->erased[i].first);
        add_integer(out, head->erased[i].last);
        buffer_byte(out, ']');
    }
    buffer_byte(out, ']');
}

static void encode_carries(const struct head *head, struct buffer *out)
{
    if (head->carry_count == 0)
        return;
    ADD(out, ",\"carry\":[");
    for (size_t i = 0; i < head->carry_count; i++) {
        separate(out, i);
        add_string(out, head->carries[i].currency);
        add_integer(out, head->carries[i].numerator);
        add_integer(out, head->carries[i].denominator);
        buffer_byte(out, ']');
    }
    buffer_byte(out, ']');
}

static void encode_measured(const struct head *head, struct buffer *out)
{
    if (head->measured_count == 0)
        return;
    ADD(out, ",\"measured\":[");
    for (size_t i = 0; i < head->measured_count; i++) {
        separate(out, i);
        add_string(out, head->measured[i].key);
        add_integer(out, head->measured[i].day);
        add_integer(out, head->measured[i].by);
        buffer_byte(out, ']');
    }
    buffer_byte(out, ']');
}

static void encode_climb(const struct climb_value *climb, bool is_last, struct buffer *out)
{
    add_string(out, climb->level);
    add_integer(out, climb->since);
    add_integer(out, climb->seq);
    add_integer(out, climb->start);
    ADD(out, ",[");
    for (size_t i = 0; i < climb->offset_count; i++) {
        separate(out, i);
        add_string(out, climb->offsets[i].key);
        add_integer(out, climb->offsets[i].amount);
        buffer_byte(out, ']');
    }
    buffer_byte(out, ']');
    if (!is_last) {
        add_integer(out, climb->review == MOMENT_NEVER ? 0 : climb->review);
        add_integer(out, climb->graced);
    }
    buffer_byte(out, ']');
}

void tier_value_encode(const struct tier_value *value, struct buffer *out)
{
    buffer_byte(out, '[');
    add_string(out, value->level);
    add_integer(out, value->since);
    buffer_byte(out, ',');
    add_string(out, text_of(cause_names[value->cause]));
    add_integer(out, value->review == MOMENT_NEVER ? 0 : value->review);
    add_integer(out, value->graced);
    ADD(out, ",[");
    for (size_t i = 0; i < value->climb_count; i++) {
        separate(out, i);
        encode_climb(&value->climbs[i], i + 1 == value->climb_count, out);
    }
    ADD(out, "],[");
    for (size_t i = 0; i < value->hold_count; i++) {
        separate(out, i);
        add_string(out, value->holds[i].level);
        add_integer(out, value->holds[i].until);
        buffer_byte(out, ']');
    }
    ADD(out, "]]");
}

/* What counts for tiers, and what comes of it. */
static void encode_tiers(const struct head *head, struct buffer *out)
{
    if (head->level.length > 0) {
        ADD(out, ",\"level\":");
        add_string(out, head->level);
    }
    encode_measured(head, out);
    if (head->tier.level.length > 0) {
        ADD(out, ",\"tier\":");
        tier_value_encode(&head->tier, out);
    }
}

static void encode_gifts(const struct head *head, struct buffer *out)
{
    if (head->gift_count == 0)
        return;
    ADD(out, ",\"gave\":[");
    for (size_t i = 0; i < head->gift_count; i++) {
        separate(out, i);
        add_string(out, head->gifts[i].rule);
        buffer_byte(out, ',');
        add_string(out, head->gifts[i].currency);
        add_integer(out, head->gifts[i].amount);
        buffer_byte(out, ']');
    }
    buffer_byte(out, ']');
}

static void encode_setup(const struct head *head, struct buffer *out)
{
    if (head->version.number > 0) {
        ADD(out, ",\"version\":[");
        buffer_integer(out, head->version.number);
        add_integer(out, head->version.from);
        add_integer(out, head->version.semantics);
        buffer_byte(out, ']');
    }
    if (head->genesis.origin.length > 0) {
        ADD(out, ",\"genesis\":[");
        add_string(out, head->genesis.origin);
        buffer_byte(out, ',');
        add_string(out, head->genesis.vkey);
        add_integer(out, head->genesis.format);
        add_integer(out, head->genesis.test ? 1 : 0);
        buffer_byte(out, ',');
        add_hex(out, head->genesis.secret, DIGEST_BYTES);
        buffer_byte(out, ']');
    }
}

static void encode_identity(const struct head *head, struct buffer *out)
{
    ADD(out, "{\"seq\":");
    buffer_integer(out, head->seq);
    ADD(out, ",\"time\":");
    buffer_integer(out, head->time);
    if (head->at != head->time) {
        ADD(out, ",\"at\":");
        buffer_integer(out, head->at);
    }
    ADD(out, ",\"op\":");
    add_string(out, text_of(record_names[head->kind]));
    if (head->part > 0) {
        ADD(out, ",\"part\":");
        buffer_integer(out, head->part);
    }
    if (head->member != 0) {
        ADD(out, ",\"member\":");
        add_id(out, head->member);
    }
    if (head->wallet != 0) {
        ADD(out, ",\"wallet\":");
        add_id(out, head->wallet);
    }
    if (head->previous >= 0) {
        ADD(out, ",\"prev\":");
        buffer_integer(out, head->previous);
    }
    if (head->with != 0) {
        ADD(out, ",\"with\":");
        add_id(out, head->with);
    }
}

static void encode_keys(const struct head *head, struct buffer *out)
{
    if (head->has_key) {
        ADD(out, ",\"key\":");
        add_hex(out, head->key, KEY_HASH_BYTES);
    }
    if (head->has_receipt) {
        ADD(out, ",\"receipt\":");
        add_hex(out, head->receipt, KEY_HASH_BYTES);
    }
    if (head->has_bars) {
        ADD(out, ",\"bars\":");
        add_hex(out, head->bars, KEY_HASH_BYTES);
    }
    if (head->has_awaits) {
        ADD(out, ",\"awaits\":");
        add_hex(out, head->awaits, KEY_HASH_BYTES);
    }
    if (head->has_operator) {
        ADD(out, ",\"operator\":");
        add_hex(out, head->operator_hash, KEY_HASH_BYTES);
    }
}

static void encode_reference(const struct head *head, struct buffer *out)
{
    if (head->real != 0) {
        ADD(out, ",\"real\":");
        buffer_integer(out, head->real);
    }
    if (head->of >= 0) {
        ADD(out, ",\"of\":");
        buffer_integer(out, head->of);
    }
    if (head->until != 0) {
        ADD(out, ",\"until\":");
        buffer_integer(out, head->until);
    }
    if (head->closed != 0) {
        ADD(out, ",\"closed\":");
        buffer_integer(out, head->closed);
    }
    if (head->lost.size != 0) {
        ADD(out, ",\"lost\":[");
        buffer_integer(out, head->lost.size);
        ADD(out, ",");
        add_hex(out, head->lost.root, DIGEST_BYTES);
        ADD(out, "]");
    }
}

void head_encode(const struct head *head, struct buffer *out)
{
    encode_identity(head, out);
    encode_keys(head, out);
    if (head->programme > 0) {
        ADD(out, ",\"programme\":");
        buffer_integer(out, head->programme);
    }
    if (head->has_body) {
        ADD(out, ",\"body\":");
        add_hex(out, head->body, DIGEST_BYTES);
    }
    encode_reference(head, out);
    encode_postings(head, out);
    encode_lots(head, out);
    encode_dates(head, out);
    encode_idles(head, out);
    encode_returned(head, out);
    encode_erased(head, out);
    encode_carries(head, out);
    encode_counts(head, out);
    encode_tiers(head, out);
    encode_gifts(head, out);
    encode_paid(head, out);
    encode_setup(head, out);
    buffer_byte(out, '}');
}
