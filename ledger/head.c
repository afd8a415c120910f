/* The one encoder and the strict decoder of record heads (format).
 *
 * The decoder walks the bytes with a cursor in the encoder's own order and takes
 * exactly one spelling of everything, so that "decodes" and "would have been
 * written by us" are the same statement; the fuzzer holds encode(decode(x)) = x. */
#include "head.h"

#include <assert.h>
#include <stdlib.h>

#include "limits.h"

static const char *const record_names[] = {
#define X(code, name, origin) name,
    RECORD_TABLE(X)
#undef X
};
static const enum record_origin record_origins[] = {
#define X(code, name, origin) MADE_BY_##origin,
    RECORD_TABLE(X)
#undef X
};
static const char *const account_names[] = {
#define X(code, name) name,
    ACCOUNT_TABLE(X)
#undef X
};
static const char *const owner_names[] = {
    [COUNTS_MEMBER] = "member", [COUNTS_PROGRAMME] = "programme"};
static_assert(sizeof record_names / sizeof *record_names == RECORD_KIND_COUNT, "one name each");
static_assert(sizeof account_names / sizeof *account_names == ACCOUNT_COUNT, "one name each");

const char *record_name(enum record_kind kind)
{
    return record_names[kind];
}

enum record_origin record_origin(enum record_kind kind)
{
    return record_origins[kind];
}

const char *account_name(enum account account)
{
    return account_names[account];
}

/* --- Encoding ------------------------------------------------------------ */

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
        add_integer(out, head->idles[i].at);
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
    case RETURNED_ALL:
        ADD(out, ",\"all\"");
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
    encode_carries(head, out);
    encode_counts(head, out);
    encode_gifts(head, out);
    encode_paid(head, out);
    encode_setup(head, out);
    buffer_byte(out, '}');
}

/* --- Decoding ------------------------------------------------------------ */

/* One cursor; the first fault sticks in `expected` and everything after fails. */
struct cursor {
    const char *start, *at, *end;
    const char *expected; /* what should have stood at the fault; NULL while all is well */
    struct arena *arena;
};

static bool miss(struct cursor *cursor, const char *expected)
{
    if (cursor->expected == NULL)
        cursor->expected = expected;
    return false;
}

/* Take the literal if it stands here. */
static bool take(struct cursor *cursor, const char *literal, size_t length)
{
    if ((size_t)(cursor->end - cursor->at) < length || memcmp(cursor->at, literal, length) != 0)
        return false;
    cursor->at += length;
    return true;
}
#define TAKE(cursor, literal) take(cursor, literal, sizeof(literal) - 1)
#define EXPECT(cursor, literal) (TAKE(cursor, literal) || miss(cursor, literal))

/* An integer in its one spelling, low <= value <= LIMIT_UNITS. */
static bool read_integer(struct cursor *cursor, int64_t low, int64_t *value)
{
    const char *at = cursor->at;
    bool negative = at < cursor->end && *at == '-';
    at += negative;
    const char *digits = at;
    int64_t sum = 0;
    while (at < cursor->end && *at >= '0' && *at <= '9' && at - digits < 17)
        sum = sum * 10 + (*at++ - '0');
    bool canonical = at > digits && (digits[0] != '0' || (at - digits == 1 && !negative));
    if (!canonical || sum > LIMIT_UNITS)
        return miss(cursor, "an integer in its one spelling");
    *value = negative ? -sum : sum;
    if (*value < low)
        return miss(cursor, low > 0 ? "a positive integer" : "an integer that is not negative");
    cursor->at = at;
    return true;
}

/* A non-empty quoted string of printable ASCII without quote and backslash. */
static bool read_string(struct cursor *cursor, struct text *text)
{
    if (!EXPECT(cursor, "\""))
        return false;
    const char *from = cursor->at, *at = from;
    while (at < cursor->end && *at >= ' ' && *at <= '~' && *at != '"' && *at != '\\')
        at++;
    if (at == from || at == cursor->end || *at != '"')
        return miss(cursor, "a string of printable ASCII");
    *text = (struct text){from, (size_t)(at - from)};
    cursor->at = at + 1;
    return true;
}

/* The name of a currency, a rule, an origin: no longer than a programme's ids. */
static bool read_name(struct cursor *cursor, struct text *name)
{
    return read_string(cursor, name) &&
           (name->length <= LIMIT_ID || miss(cursor, "a name of at most 32 bytes"));
}

/* Not by read_string: a third of a head is hex, and its length is known. */
static bool read_hex(struct cursor *cursor, unsigned char *out, size_t bytes)
{
    if (!EXPECT(cursor, "\""))
        return false;
    size_t left = (size_t)(cursor->end - cursor->at);
    if (left <= 2 * bytes || cursor->at[2 * bytes] != '"' ||
        !hex_parse((struct text){cursor->at, 2 * bytes}, out, bytes))
        return miss(cursor, "lower-case hex of the right length");
    cursor->at += 2 * bytes + 1;
    return true;
}

static bool read_comma_integer(struct cursor *cursor, int64_t low, int64_t *value)
{
    return EXPECT(cursor, ",") && read_integer(cursor, low, value);
}

/* Room for one more element of a list that grows in the arena. */
static void *grow(struct cursor *cursor, void *list, size_t count, size_t size)
{
    if (count > 0 && (count & (count - 1)) != 0)
        return list;
    void *larger = arena_allocate(cursor->arena, (count == 0 ? 1 : count * 2) * size);
    if (count > 0)
        memcpy(larger, list, count * size);
    return larger;
}

static bool read_account(struct cursor *cursor, enum account *account)
{
    struct text name;
    if (!read_string(cursor, &name))
        return false;
    for (unsigned i = 0; i < ACCOUNT_COUNT; i++) {
        if (text_equal(name, text_of(account_names[i]))) {
            *account = (enum account)i;
            return true;
        }
    }
    return miss(cursor, "the name of an account");
}

/* A lot's number as two integers, after a comma or at the start of its list. */
static bool read_lot_number(struct cursor *cursor, bool first, int64_t *lot)
{
    int64_t seq = 0, index = 0;
    if ((!first && !EXPECT(cursor, ",")) || !read_integer(cursor, 0, &seq) ||
        !read_comma_integer(cursor, 0, &index))
        return false;
    if (seq > LIMIT_UNITS / LOTS_PER_RECORD - 1 || index >= LOTS_PER_RECORD)
        return miss(cursor, "a lot's number");
    *lot = lot_number(seq, index);
    return true;
}

static bool read_posting(struct cursor *cursor, struct posting *posting)
{
    posting->lot = -1;
    if (!EXPECT(cursor, "[") || !read_name(cursor, &posting->currency) || !EXPECT(cursor, ",") ||
        !read_account(cursor, &posting->account) ||
        !read_comma_integer(cursor, -LIMIT_UNITS, &posting->amount))
        return false;
    if (posting->amount == 0)
        return miss(cursor, "a posting that is not 0");
    if (TAKE(cursor, "]"))
        return true;
    return read_lot_number(cursor, false, &posting->lot) && EXPECT(cursor, "]");
}

/* A moment of which 0 says never. */
static bool read_expires(struct cursor *cursor, moment *expires)
{
    if (!read_comma_integer(cursor, -LIMIT_UNITS, expires))
        return false;
    if (*expires == MOMENT_NEVER)
        return miss(cursor, "0 for a lot that never lapses");
    if (*expires == 0)
        *expires = MOMENT_NEVER;
    return true;
}

static bool read_lot(struct cursor *cursor, struct lot_birth *lot)
{
    if (!EXPECT(cursor, "[") || !read_name(cursor, &lot->currency) ||
        !read_comma_integer(cursor, 1, &lot->amount) ||
        !read_comma_integer(cursor, -1, &lot->available_from) ||
        !read_expires(cursor, &lot->expires) || !EXPECT(cursor, ",") ||
        !read_name(cursor, &lot->origin) || !EXPECT(cursor, "]"))
        return false;
    if (lot->available_from == MOMENT_NEVER)
        return miss(cursor, "-1 for a lot that waits for an operation");
    if (lot->available_from == -1)
        lot->available_from = MOMENT_NEVER;
    return true;
}

static bool read_date(struct cursor *cursor, struct redate *date)
{
    return EXPECT(cursor, "[") && read_lot_number(cursor, true, &date->lot) &&
           read_expires(cursor, &date->expires) && EXPECT(cursor, "]");
}

static bool read_idle(struct cursor *cursor, struct idle_value *idle)
{
    return EXPECT(cursor, "[") && read_name(cursor, &idle->currency) &&
           read_comma_integer(cursor, -LIMIT_UNITS, &idle->at) && EXPECT(cursor, "]");
}

static bool read_owner(struct cursor *cursor, enum counter_owner *owner)
{
    if (TAKE(cursor, "\"member\"")) {
        *owner = COUNTS_MEMBER;
        return true;
    }
    *owner = COUNTS_PROGRAMME;
    return EXPECT(cursor, "\"programme\"");
}

static bool read_count(struct cursor *cursor, struct count *count)
{
    if (!EXPECT(cursor, "[") || !read_owner(cursor, &count->owner) || !EXPECT(cursor, ",") ||
        !read_string(cursor, &count->name) || !EXPECT(cursor, ",") ||
        !read_string(cursor, &count->bucket) ||
        !read_comma_integer(cursor, -LIMIT_UNITS, &count->by) || !EXPECT(cursor, "]"))
        return false;
    if (count->name.length > LIMIT_COUNTER || count->bucket.length > LIMIT_ID)
        return miss(cursor, "a shorter counter");
    return count->by != 0 || miss(cursor, "a count that is not 0");
}

static bool read_returned_lines(struct cursor *cursor, struct returned_part *part)
{
    do {
        part->lines = grow(cursor, part->lines, part->line_count, sizeof *part->lines);
        struct returned_line *line = &part->lines[part->line_count++];
        if (!EXPECT(cursor, "[") || !read_integer(cursor, 0, &line->line) ||
            !read_comma_integer(cursor, 1, &line->quantity) || !EXPECT(cursor, "]"))
            return false;
    } while (TAKE(cursor, ","));
    return EXPECT(cursor, "]");
}

static bool read_returned(struct cursor *cursor, struct returned_part *part)
{
    if (!EXPECT(cursor, "[") || !read_integer(cursor, 0, &part->seq))
        return false;
    if (TAKE(cursor, ",\"all\"")) {
        part->how = RETURNED_ALL;
    } else if (TAKE(cursor, ",\"amount\"")) {
        part->how = RETURNED_AMOUNT;
        if (!read_comma_integer(cursor, 0, &part->amount))
            return false;
    } else {
        part->how = RETURNED_LINES;
        if (!EXPECT(cursor, ",\"lines\",[") || !read_returned_lines(cursor, part))
            return false;
    }
    return EXPECT(cursor, "]");
}

bool returned_part_decode(struct text bytes, struct arena *arena, struct returned_part *part)
{
    struct cursor cursor = {bytes.bytes, bytes.bytes, bytes.bytes + bytes.length, NULL, arena};
    memset(part, 0, sizeof *part);
    return read_returned(&cursor, part) && cursor.at == cursor.end;
}

static bool read_carry(struct cursor *cursor, struct carry_value *carry)
{
    if (!EXPECT(cursor, "[") || !read_name(cursor, &carry->currency) ||
        !read_comma_integer(cursor, 0, &carry->numerator) ||
        !read_comma_integer(cursor, 1, &carry->denominator) || !EXPECT(cursor, "]"))
        return false;
    if (carry->numerator >= carry->denominator ||
        greatest_common_divisor(carry->numerator, carry->denominator) != 1)
        return miss(cursor, "a fraction in [0,1) in lowest terms");
    return true;
}

static bool read_gift(struct cursor *cursor, struct gift *gift)
{
    return EXPECT(cursor, "[") && read_name(cursor, &gift->rule) && EXPECT(cursor, ",") &&
           read_name(cursor, &gift->currency) &&
           read_comma_integer(cursor, -LIMIT_UNITS, &gift->amount) && EXPECT(cursor, "]");
}

/* ,"name":[element,element] where it stands; elements are read by one function. */
#define READ_LIST(cursor, name, list, count, read)                                                 \
    do {                                                                                           \
        if (TAKE(cursor, ",\"" name "\":[")) {                                                     \
            do {                                                                                   \
                (list) = grow(cursor, list, count, sizeof *(list));                                \
                if (!read(cursor, &(list)[(count)++]))                                             \
                    return false;                                                                  \
            } while (TAKE(cursor, ","));                                                           \
            if (!EXPECT(cursor, "]"))                                                              \
                return false;                                                                      \
        }                                                                                          \
    } while (0)

static bool read_lists(struct cursor *cursor, struct head *head)
{
    READ_LIST(cursor, "post", head->postings, head->posting_count, read_posting);
    READ_LIST(cursor, "lots", head->lots, head->lot_count, read_lot);
    READ_LIST(cursor, "dates", head->dates, head->date_count, read_date);
    READ_LIST(cursor, "idle", head->idles, head->idle_count, read_idle);
    READ_LIST(cursor, "returned", head->returned, head->returned_count, read_returned);
    READ_LIST(cursor, "carry", head->carries, head->carry_count, read_carry);
    READ_LIST(cursor, "count", head->counts, head->count_count, read_count);
    READ_LIST(cursor, "gave", head->gifts, head->gift_count, read_gift);
    return true;
}

static bool read_paid(struct cursor *cursor, struct head *head)
{
    return !TAKE(cursor, ",\"paid\":[") ||
           (read_name(cursor, &head->paid.currency) &&
            read_comma_integer(cursor, 1, &head->paid.points) &&
            read_comma_integer(cursor, 1, &head->paid.minor) &&
            read_comma_integer(cursor, 0, &head->paid.seq) && EXPECT(cursor, "]"));
}

static bool read_setup(struct cursor *cursor, struct head *head)
{
    int64_t test = 0;
    if (TAKE(cursor, ",\"version\":[")) {
        if (!read_integer(cursor, 1, &head->version.number) ||
            !read_comma_integer(cursor, -LIMIT_UNITS, &head->version.from) ||
            !read_comma_integer(cursor, 1, &head->version.semantics) || !EXPECT(cursor, "]"))
            return false;
    }
    if (TAKE(cursor, ",\"genesis\":[")) {
        if (!read_string(cursor, &head->genesis.origin) || !EXPECT(cursor, ",") ||
            !read_string(cursor, &head->genesis.vkey) ||
            !read_comma_integer(cursor, 1, &head->genesis.format) ||
            !read_comma_integer(cursor, 0, &test) || !EXPECT(cursor, ",") ||
            !read_hex(cursor, head->genesis.secret, DIGEST_BYTES) || !EXPECT(cursor, "]"))
            return false;
        if (test > 1)
            return miss(cursor, "0 or 1");
        head->genesis.test = test == 1;
    }
    return EXPECT(cursor, "}");
}

static bool read_kind(struct cursor *cursor, enum record_kind *kind)
{
    struct text name;
    if (!read_string(cursor, &name))
        return false;
    for (unsigned i = 0; i < RECORD_KIND_COUNT; i++) {
        if (text_equal(name, text_of(record_names[i]))) {
            *kind = (enum record_kind)i;
            return true;
        }
    }
    return miss(cursor, "the name of an operation");
}

static bool read_id(struct cursor *cursor, uint64_t *id)
{
    struct text text;
    if (!read_string(cursor, &text))
        return false;
    return member_id_parse(text, id) || miss(cursor, "a member id");
}

static bool read_at(struct cursor *cursor, struct head *head)
{
    head->at = head->time;
    if (!TAKE(cursor, ",\"at\":"))
        return true;
    if (!read_integer(cursor, -LIMIT_UNITS, &head->at))
        return false;
    return head->at != head->time || miss(cursor, "a business time that is not the log's");
}

static bool read_identity(struct cursor *cursor, struct head *head)
{
    if (!EXPECT(cursor, "{\"seq\":") || !read_integer(cursor, 0, &head->seq) ||
        !EXPECT(cursor, ",\"time\":") || !read_integer(cursor, -LIMIT_UNITS, &head->time) ||
        !read_at(cursor, head) || !EXPECT(cursor, ",\"op\":") || !read_kind(cursor, &head->kind))
        return false;
    if (TAKE(cursor, ",\"part\":") && !read_integer(cursor, 1, &head->part))
        return false;
    if ((TAKE(cursor, ",\"member\":") && !read_id(cursor, &head->member)) ||
        (TAKE(cursor, ",\"wallet\":") && !read_id(cursor, &head->wallet)) ||
        (TAKE(cursor, ",\"prev\":") && !read_integer(cursor, 0, &head->previous)))
        return false;
    if (head->wallet != 0 && (head->member == 0 || head->wallet == head->member))
        return miss(cursor, "a wallet that is not the member's own");
    return !TAKE(cursor, ",\"with\":") || read_id(cursor, &head->with);
}

static bool read_keys(struct cursor *cursor, struct head *head)
{
    head->has_key = TAKE(cursor, ",\"key\":");
    if (head->has_key && !read_hex(cursor, head->key, KEY_HASH_BYTES))
        return false;
    head->has_receipt = TAKE(cursor, ",\"receipt\":");
    if (head->has_receipt && !read_hex(cursor, head->receipt, KEY_HASH_BYTES))
        return false;
    head->has_bars = TAKE(cursor, ",\"bars\":");
    if (head->has_bars && !read_hex(cursor, head->bars, KEY_HASH_BYTES))
        return false;
    head->has_awaits = TAKE(cursor, ",\"awaits\":");
    return !head->has_awaits || read_hex(cursor, head->awaits, KEY_HASH_BYTES);
}

/* A moment of which 0 says that there is none. */
static bool read_moment(struct cursor *cursor, moment *at)
{
    if (!read_integer(cursor, -LIMIT_UNITS, at))
        return false;
    return *at != 0 || miss(cursor, "a moment that is not 0");
}

static bool read_reference(struct cursor *cursor, struct head *head)
{
    if (TAKE(cursor, ",\"real\":") && !read_moment(cursor, &head->real))
        return false;
    if (TAKE(cursor, ",\"of\":") && !read_integer(cursor, 0, &head->of))
        return false;
    if (TAKE(cursor, ",\"until\":") && !read_moment(cursor, &head->until))
        return false;
    return !TAKE(cursor, ",\"closed\":") || read_moment(cursor, &head->closed);
}

static bool read_head(struct cursor *cursor, struct head *head)
{
    if (!read_identity(cursor, head) || !read_keys(cursor, head))
        return false;
    if (TAKE(cursor, ",\"programme\":") && !read_integer(cursor, 1, &head->programme))
        return false;
    head->has_body = TAKE(cursor, ",\"body\":");
    if (head->has_body && !read_hex(cursor, head->body, DIGEST_BYTES))
        return false;
    if (!read_reference(cursor, head) || !read_lists(cursor, head) || !read_paid(cursor, head) ||
        !read_setup(cursor, head))
        return false;
    return cursor->at == cursor->end || miss(cursor, "the end of the head");
}

/* A head names only what stands before it, and lots of its own. */
static bool points_back(struct cursor *cursor, const struct head *head)
{
    bool back = head->previous < head->seq && head->of < head->seq && head->paid.seq < head->seq;
    for (size_t i = 0; i < head->date_count; i++)
        back = back && head->dates[i].lot / LOTS_PER_RECORD < head->seq;
    for (size_t i = 0; i < head->posting_count; i++)
        back = back && head->postings[i].lot / LOTS_PER_RECORD <= head->seq;
    for (size_t i = 0; i < head->returned_count; i++)
        back = back && head->returned[i].seq < head->seq;
    return back || miss(cursor, "earlier records only");
}

void head_clear(struct head *head)
{
    memset(head, 0, sizeof *head);
    head->previous = head->of = head->paid.seq = -1;
}

bool head_decode(struct text bytes, struct arena *arena, struct head *head, struct error *error)
{
    struct cursor cursor = {bytes.bytes, bytes.bytes, bytes.bytes + bytes.length, NULL, arena};
    head_clear(head);
    if (bytes.length > LIMIT_HEAD_BYTES)
        return fail(error, ERROR_INVALID_RECORD, _("a head has at most %d bytes, this has %zu"),
                    LIMIT_HEAD_BYTES, bytes.length);
    if (read_head(&cursor, head) && points_back(&cursor, head))
        return true;
    return fail(error, ERROR_INVALID_RECORD,
                _("not a head that this engine writes: expected %s at byte %zu"), cursor.expected,
                (size_t)(cursor.at - cursor.start));
}

/* --- Balance ------------------------------------------------------------- */

bool head_balances(const struct head *head, struct error *error)
{
    struct text currency[LIMIT_CURRENCIES];
    wide sum[LIMIT_CURRENCIES];
    size_t count = 0;
    for (size_t i = 0; i < head->posting_count; i++) {
        const struct posting *posting = &head->postings[i];
        size_t c = 0;
        while (c < count && !text_equal(currency[c], posting->currency))
            c++;
        if (c == count) {
            if (count == LIMIT_CURRENCIES)
                return fail(error, ERROR_INVARIANT,
                            _("record %lld posts in more than %d currencies"), (long long)head->seq,
                            LIMIT_CURRENCIES);
            currency[count] = posting->currency;
            sum[count++] = 0;
        }
        sum[c] += posting->amount;
    }
    for (size_t c = 0; c < count; c++) {
        if (sum[c] != 0)
            return fail(error, ERROR_INVARIANT,
                        _("the postings of record %lld do not sum to zero in %.*s"),
                        (long long)head->seq, TEXT(currency[c]));
    }
    return true;
}
