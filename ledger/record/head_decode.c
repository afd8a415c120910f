/* The strict decoder of record heads (format).
 *
 * It walks the bytes with a cursor in the encoder's own order and takes exactly one
 * spelling of everything, so that "decodes" and "would have been written by us" are
 * the same statement; the fuzzer holds encode(decode(x)) = x. */
#include "head_private.h"

#include <stdlib.h>

#include "limits.h"

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
    const char *stop = cursor->end - at > 17 ? at + 17 : cursor->end;
    int64_t sum = 0;
    for (unsigned digit; at < stop && (digit = (unsigned char)*at - (unsigned)'0') <= 9; at++)
        sum = sum * 10 + digit;
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

/* Which of the names it is; `count` where it is none of them. */
static unsigned find_name(struct text name, const char *const names[], unsigned count)
{
    unsigned i = 0;
    while (i < count && (names[i][0] != name.bytes[0] || !text_equal(name, text_of(names[i]))))
        i++;
    return i;
}

static bool read_account(struct cursor *cursor, enum account *account)
{
    struct text name;
    if (!read_string(cursor, &name))
        return false;
    *account = (enum account)find_name(name, account_names, ACCOUNT_COUNT);
    return *account != ACCOUNT_COUNT || miss(cursor, "the name of an account");
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
        return miss(cursor, "0 for never");
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
           read_expires(cursor, &idle->at) && EXPECT(cursor, "]");
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
    } else if (TAKE(cursor, ",\"none\"")) {
        part->how = RETURNED_NONE;
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
    struct cursor before = cursor;
    memset(part, 0, sizeof *part);
    if (!EXPECT(&cursor, "[") || !read_integer(&cursor, 0, &part->seq))
        return false;
    if (!TAKE(&cursor, ",\"all\","))
        return read_returned(&before, part) && before.at == before.end;
    /* A sum keeps what had come back before the rest did: [17,"all","amount",500]. */
    part->how = RETURNED_ALL;
    if (TAKE(&cursor, "\"amount\"")
            ? !read_comma_integer(&cursor, 1, &part->amount)
            : !EXPECT(&cursor, "\"lines\",[") || !read_returned_lines(&cursor, part))
        return false;
    return EXPECT(&cursor, "]") && cursor.at == cursor.end;
}

static bool read_erased(struct cursor *cursor, struct erased_range *range)
{
    return EXPECT(cursor, "[") && read_integer(cursor, 0, &range->first) &&
           read_comma_integer(cursor, range->first, &range->last) && EXPECT(cursor, "]");
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

static bool read_comma_day(struct cursor *cursor, int64_t *day)
{
    return read_comma_integer(cursor, -LIMIT_UNITS, day) &&
           ((*day >= LOCAL_DAY_FIRST && *day <= LOCAL_DAY_LAST) ||
            miss(cursor, "a day of the years 1 to 9999"));
}

/* The key of a measure, ["earned:level", is longer than the id in it. */
static bool read_measure(struct cursor *cursor, struct text *key)
{
    return EXPECT(cursor, "[") && read_string(cursor, key) &&
           (key->length <= LIMIT_COUNTER || miss(cursor, "a shorter measure"));
}

static bool read_measured(struct cursor *cursor, struct measured *measured)
{
    return read_measure(cursor, &measured->key) && read_comma_day(cursor, &measured->day) &&
           read_comma_integer(cursor, -LIMIT_UNITS, &measured->by) && EXPECT(cursor, "]") &&
           (measured->by != 0 || miss(cursor, "an amount that is not 0"));
}

static bool read_offset(struct cursor *cursor, struct offset *offset)
{
    return read_measure(cursor, &offset->key) &&
           read_comma_integer(cursor, -LIMIT_UNITS, &offset->amount) && EXPECT(cursor, "]") &&
           (offset->amount != 0 || miss(cursor, "an offset that is not 0"));
}

static bool read_hold(struct cursor *cursor, struct hold_value *hold)
{
    return EXPECT(cursor, "[") && read_name(cursor, &hold->level) &&
           read_comma_integer(cursor, -LIMIT_UNITS, &hold->until) && EXPECT(cursor, "]");
}

/* A rule's id; of an entry reward "tier:" and the level's. */
static bool read_giver(struct cursor *cursor, struct text *rule)
{
    static const char prefix[] = "tier:";
    return read_string(cursor, rule) &&
           (rule->length <= LIMIT_ID + (text_starts(*rule, prefix) ? sizeof prefix - 1 : 0) ||
            miss(cursor, "a shorter name of a rule or level"));
}

static bool read_gift(struct cursor *cursor, struct gift *gift)
{
    return EXPECT(cursor, "[") && read_giver(cursor, &gift->rule) && EXPECT(cursor, ",") &&
           read_name(cursor, &gift->currency) &&
           read_comma_integer(cursor, -LIMIT_UNITS, &gift->amount) && EXPECT(cursor, "]");
}

/* element,element] after what opened the list; elements are read by one function. */
#define READ_ELEMENTS(cursor, list, count, read)                                                   \
    do {                                                                                           \
        do {                                                                                       \
            (list) = grow(cursor, list, count, sizeof *(list));                                    \
            if (!read(cursor, &(list)[(count)++]))                                                 \
                return false;                                                                      \
        } while (TAKE(cursor, ","));                                                               \
        if (!EXPECT(cursor, "]"))                                                                  \
            return false;                                                                          \
    } while (0)

/* ,"name":[element,element] where it stands. */
#define READ_LIST(cursor, name, list, count, read)                                                 \
    do {                                                                                           \
        if (TAKE(cursor, ",\"" name "\":["))                                                       \
            READ_ELEMENTS(cursor, list, count, read);                                              \
    } while (0)

static bool read_climb(struct cursor *cursor, struct climb_value *climb)
{
    if (!EXPECT(cursor, "[") || !read_name(cursor, &climb->level) ||
        !read_comma_integer(cursor, -LIMIT_UNITS, &climb->since) ||
        !read_comma_integer(cursor, -1, &climb->seq) || !read_comma_day(cursor, &climb->start) ||
        !EXPECT(cursor, ",["))
        return false;
    if (!TAKE(cursor, "]"))
        READ_ELEMENTS(cursor, climb->offsets, climb->offset_count, read_offset);
    climb->review = MOMENT_NEVER;
    if (TAKE(cursor, "]"))
        return true; /* the last one */
    return read_expires(cursor, &climb->review) && read_comma_day(cursor, &climb->graced) &&
           EXPECT(cursor, "],");
}

/* Each but the last has what was due of it, and the comma behind it. */
static bool read_climbs(struct cursor *cursor, struct tier_value *tier)
{
    do {
        tier->climbs = grow(cursor, tier->climbs, tier->climb_count, sizeof *tier->climbs);
        if (!read_climb(cursor, &tier->climbs[tier->climb_count++]))
            return false;
    } while (cursor->at[-1] == ',');
    return EXPECT(cursor, "]");
}

static bool read_cause(struct cursor *cursor, enum tier_cause *cause)
{
    struct text name;
    if (!read_string(cursor, &name))
        return false;
    *cause = (enum tier_cause)find_name(name, cause_names, CAUSE_COUNT);
    return *cause != CAUSE_COUNT || miss(cursor, "the cause of a level");
}

static bool read_tier(struct cursor *cursor, struct tier_value *tier)
{
    if (!EXPECT(cursor, "[") || !read_name(cursor, &tier->level) ||
        !read_comma_integer(cursor, -LIMIT_UNITS, &tier->since) || !EXPECT(cursor, ",") ||
        !read_cause(cursor, &tier->cause) || !read_expires(cursor, &tier->review) ||
        !read_comma_day(cursor, &tier->graced) || !EXPECT(cursor, ",["))
        return false;
    if (!read_climbs(cursor, tier))
        return false;
    if (!EXPECT(cursor, ",["))
        return false;
    if (!TAKE(cursor, "]"))
        READ_ELEMENTS(cursor, tier->holds, tier->hold_count, read_hold);
    return EXPECT(cursor, "]");
}

bool tier_value_decode(struct text bytes, struct arena *arena, struct tier_value *value)
{
    struct cursor cursor = {bytes.bytes, bytes.bytes, bytes.bytes + bytes.length, NULL, arena};
    memset(value, 0, sizeof *value);
    return read_tier(&cursor, value) && cursor.at == cursor.end;
}

static bool read_lists(struct cursor *cursor, struct head *head)
{
    READ_LIST(cursor, "post", head->postings, head->posting_count, read_posting);
    READ_LIST(cursor, "lots", head->lots, head->lot_count, read_lot);
    READ_LIST(cursor, "dates", head->dates, head->date_count, read_date);
    READ_LIST(cursor, "idle", head->idles, head->idle_count, read_idle);
    READ_LIST(cursor, "returned", head->returned, head->returned_count, read_returned);
    READ_LIST(cursor, "erased", head->erased, head->erased_count, read_erased);
    READ_LIST(cursor, "carry", head->carries, head->carry_count, read_carry);
    READ_LIST(cursor, "count", head->counts, head->count_count, read_count);
    if (TAKE(cursor, ",\"level\":") && !read_name(cursor, &head->level))
        return false;
    READ_LIST(cursor, "measured", head->measured, head->measured_count, read_measured);
    if (TAKE(cursor, ",\"tier\":") && !read_tier(cursor, &head->tier))
        return false;
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
    *kind = (enum record_kind)find_name(name, record_names, RECORD_KIND_COUNT);
    return *kind != RECORD_KIND_COUNT || miss(cursor, "the name of an operation");
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
    if (head->has_awaits && !read_hex(cursor, head->awaits, KEY_HASH_BYTES))
        return false;
    head->has_operator = TAKE(cursor, ",\"operator\":");
    return !head->has_operator || read_hex(cursor, head->operator_hash, KEY_HASH_BYTES);
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
    if (TAKE(cursor, ",\"closed\":") && !read_moment(cursor, &head->closed))
        return false;
    return !TAKE(cursor, ",\"lost\":[") ||
           (read_integer(cursor, 1, &head->lost.size) && EXPECT(cursor, ",") &&
            read_hex(cursor, head->lost.root, DIGEST_BYTES) && EXPECT(cursor, "]"));
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
    for (size_t i = 0; i < head->erased_count; i++)
        back = back && head->erased[i].last < head->seq &&
               (i == 0 || head->erased[i - 1].last < head->erased[i].first);
    for (size_t i = 0; i < head->tier.climb_count; i++)
        back = back && head->tier.climbs[i].seq <= head->seq;
    return back || miss(cursor, "earlier records only");
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
