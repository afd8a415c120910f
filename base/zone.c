/* Time zones from TZif bytes (RFC 8536), which a ledger carries with it.
 *
 * The one idea: a zone is one ascending table of moments at which the offset
 * from UTC changes. The file gives the changes up to some year and a rule for
 * ever after (the POSIX TZ footer). The calendar repeats every 400 years, a
 * whole number of weeks, so the rule is unrolled once over a little more than
 * that, and a moment beyond is folded back by whole cycles. Every question is
 * then one binary search, in any century.
 *
 * The bytes come out of ledgers that somebody else may have made: every count,
 * index and offset is checked before use, and nothing is kept that would be out
 * of range. Names and daylight-saving flags decide nothing here and are dropped.
 *
 *      header   "TZif", version, 15 unused bytes, six counts
 *      block    with 32-bit times, for readers of version 1: skipped
 *      header   the same again
 *      block    transitions (8 bytes each), their types (1), types (6),
 *               designations, leap seconds (12), two rows of flags
 *      footer   newline, TZ string or nothing, newline */
#include "civil.h"

#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

#define SECOND INT64_C(1000)
#define DAY INT64_C(86400000)
#define DAY_SECONDS INT64_C(86400)
#define CYCLE (146097 * DAY) /* 400 years */
/* RFC 8536 section 3.2: offsets lie strictly between -25:00 and +26:00. */
#define OFFSET_LEAST (-89999 * SECOND)
#define OFFSET_MOST (93599 * SECOND)

enum {
    YEAR_FIRST = 0, /* one year around what we accept, for local dates */
    YEAR_LAST = 10000,
    CYCLE_YEARS = 400,
    RULE_YEARS = CYCLE_YEARS + 4 /* unrolled: from the year before the last change */
};

struct zone {
    size_t count;           /* of changes */
    const moment *changes;  /* strictly ascending */
    const int32_t *offsets; /* milliseconds; [i] until changes[i], [count] after the last */
    bool repeats;           /* by a rule with daylight saving time: */
    moment fold_from;       /* from here on the table repeats every CYCLE */
};

static bool invalid(struct error *error, const char *why)
{
    return fail(error, ERROR_INVALID_ZONE, _("these are not the bytes of a time zone: %s"), why);
}

/* ---- the table being built -------------------------------------------------- */

struct table {
    moment *changes;
    int32_t *offsets;
    size_t count, capacity;
};

static moment year_start(int year)
{
    return date_to_days((struct date){year, 1, 1}) * DAY;
}

/* From `seconds` on the offset is this. Changes before the years we know only
 * say how things were at their beginning; those after them never matter. */
static void table_change(struct table *table, int64_t seconds, int64_t offset)
{
    if (seconds > year_start(YEAR_LAST + 1) / SECOND)
        return;
    if (seconds < year_start(YEAR_FIRST) / SECOND) {
        table->offsets[0] = (int32_t)offset;
        return;
    }
    if (table->offsets[table->count] == offset)
        return;
    assert(table->count < table->capacity);
    table->changes[table->count++] = seconds * SECOND;
    table->offsets[table->count] = (int32_t)offset;
}

/* ---- the footer -------------------------------------------------------------- */

enum day_kind { DAY_JULIAN, DAY_OF_YEAR, DAY_OF_WEEK };
struct rule {
    enum day_kind kind;
    int month, week; /* DAY_OF_WEEK: week 5 is the last */
    int day;         /* 1-365 without 29 February; 0-365; 0 Sunday ... 6 Saturday */
    int64_t time;    /* seconds after 00:00 */
};
struct footer {
    int64_t standard, daylight; /* offsets in milliseconds */
    bool has_daylight;
    struct rule start, end; /* start in standard time, end in daylight time */
};

static bool take_byte(struct text *rest, char wanted)
{
    if (rest->length == 0 || rest->bytes[0] != wanted)
        return false;
    rest->bytes++;
    rest->length--;
    return true;
}

/* One to `digits` digits, at most `most`. */
static bool take_number(struct text *rest, int digits, int most, int *value)
{
    int sum = 0, read = 0;
    while (read < digits && rest->length > 0 && rest->bytes[0] >= '0' && rest->bytes[0] <= '9') {
        sum = sum * 10 + (rest->bytes[0] - '0');
        rest->bytes++;
        rest->length--;
        read++;
    }
    *value = sum;
    return read > 0 && sum <= most;
}

static bool is_letter(char c)
{
    return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
}

/* "BST" or "<+03>": at least three characters. What it is does not matter. */
static bool take_name(struct text *rest)
{
    bool quoted = take_byte(rest, '<');
    size_t length = 0;
    while (length < rest->length) {
        char c = rest->bytes[length];
        if (!is_letter(c) && !(quoted && ((c >= '0' && c <= '9') || c == '+' || c == '-')))
            break;
        length++;
    }
    rest->bytes += length;
    rest->length -= length;
    return length >= 3 && (!quoted || take_byte(rest, '>'));
}

/* [+-]h[h[h]][:mm[:ss]] in seconds */
static bool take_time(struct text *rest, int digits, int most_hours, int64_t *seconds)
{
    int hour, minute = 0, second = 0;
    bool negative = take_byte(rest, '-');
    if (!negative)
        take_byte(rest, '+');
    if (!take_number(rest, digits, most_hours, &hour))
        return false;
    if (take_byte(rest, ':')) {
        if (!take_number(rest, 2, 59, &minute))
            return false;
        if (take_byte(rest, ':') && !take_number(rest, 2, 59, &second))
            return false;
    }
    *seconds = hour * INT64_C(3600) + minute * INT64_C(60) + second;
    if (negative)
        *seconds = -*seconds;
    return true;
}

/* POSIX counts offsets westwards. */
static bool take_offset(struct text *rest, int64_t *offset)
{
    int64_t west;
    if (!take_time(rest, 2, 24, &west))
        return false;
    *offset = -west * SECOND;
    return true;
}

/* ",M3.5.0/1", ",J60", ",59/-1:30" */
static bool take_rule(struct text *rest, struct rule *rule)
{
    *rule = (struct rule){.time = 2 * 3600};
    if (!take_byte(rest, ','))
        return false;
    if (take_byte(rest, 'M')) {
        rule->kind = DAY_OF_WEEK;
        if (!take_number(rest, 2, 12, &rule->month) || rule->month < 1 || !take_byte(rest, '.') ||
            !take_number(rest, 1, 5, &rule->week) || rule->week < 1 || !take_byte(rest, '.') ||
            !take_number(rest, 1, 6, &rule->day))
            return false;
    } else if (take_byte(rest, 'J')) {
        rule->kind = DAY_JULIAN;
        if (!take_number(rest, 3, 365, &rule->day) || rule->day < 1)
            return false;
    } else {
        rule->kind = DAY_OF_YEAR;
        if (!take_number(rest, 3, 365, &rule->day))
            return false;
    }
    return !take_byte(rest, '/') || take_time(rest, 3, 167, &rule->time);
}

/* RFC 8536 section 3.3. Daylight saving time without rules, which POSIX leaves
 * to the implementation, is not allowed there. */
static bool footer_read(struct text text, struct footer *footer)
{
    *footer = (struct footer){0};
    if (!take_name(&text) || !take_offset(&text, &footer->standard))
        return false;
    if (text.length == 0)
        return true;
    footer->has_daylight = true;
    footer->daylight = footer->standard + 3600 * SECOND;
    if (!take_name(&text))
        return false;
    if (text.length > 0 && text.bytes[0] != ',' && !take_offset(&text, &footer->daylight))
        return false;
    return take_rule(&text, &footer->start) && take_rule(&text, &footer->end) && text.length == 0;
}

/* Local seconds since 1970 at which the rule applies in the year. */
static int64_t rule_in_year(const struct rule *rule, int year)
{
    int64_t days = 0;
    struct date first = {year, 1, 1};
    switch (rule->kind) {
    case DAY_OF_YEAR:
        days = date_to_days(first) + rule->day;
        break;
    case DAY_JULIAN: {
        bool after_february = rule->day >= 60;
        days = date_to_days(first) + rule->day - 1;
        if (after_february && days_in_month(year, 2) == 29)
            days++;
        break;
    }
    case DAY_OF_WEEK: {
        first.month = rule->month;
        int ahead = (rule->day - date_weekday(first) + 7) % 7;
        int day = 1 + ahead + (rule->week - 1) * 7;
        if (day > days_in_month(year, rule->month))
            day -= 7;
        days = date_to_days(first) + day - 1;
        break;
    }
    }
    return days * DAY_SECONDS + rule->time;
}

/* The daylight saving time that begins in the year, in UTC seconds. It may end in
 * the next year (the southern half of the world); false if a strange rule leaves
 * nothing of it. */
static bool daylight_of_year(const struct footer *footer, int year, int64_t *from, int64_t *until)
{
    *from = rule_in_year(&footer->start, year) - footer->standard / SECOND;
    *until = rule_in_year(&footer->end, year) - footer->daylight / SECOND;
    if (*until <= *from)
        *until = rule_in_year(&footer->end, year + 1) - footer->daylight / SECOND;
    return *until > *from;
}

static int year_of(int64_t seconds)
{
    if (seconds <= year_start(YEAR_FIRST) / SECOND)
        return YEAR_FIRST;
    if (seconds >= year_start(YEAR_LAST) / SECOND)
        return YEAR_LAST;
    return civil_from_milliseconds(seconds * SECOND).date.year;
}

static int64_t footer_offset(const struct footer *footer, int64_t seconds)
{
    int year = year_of(seconds);
    int64_t from, until;
    for (int y = year - 2; footer->has_daylight && y <= year + 1; y++)
        if (daylight_of_year(footer, y, &from, &until) && seconds >= from && seconds < until)
            return footer->daylight;
    return footer->standard;
}

/* Append what the rule says after the file's last change. Where one year's
 * daylight saving time runs into the next's (it may last all year) nothing
 * changes in between. */
static void footer_unroll(const struct footer *footer, int64_t after, struct table *table)
{
    int first_year = year_of(after) - 1;
    int64_t from, until, next_from, next_until;
    bool has = daylight_of_year(footer, first_year, &from, &until);
    for (int year = first_year; year < first_year + RULE_YEARS; year++) {
        bool next_has = daylight_of_year(footer, year + 1, &next_from, &next_until);
        if (has && from > after)
            table_change(table, from, footer->daylight);
        if (has && until > after && !(next_has && next_from <= until))
            table_change(table, until, footer->standard);
        has = next_has;
        from = next_from;
        until = next_until;
    }
}

/* ---- the file ---------------------------------------------------------------- */

enum { HEADER_BYTES = 44, TYPE_BYTES = 6 };
struct header {
    char version;
    size_t ut_flags, standard_flags, leaps, transitions, types, characters;
};

static size_t count_at(const char *bytes)
{
    const unsigned char *b = (const unsigned char *)bytes;
    return (size_t)b[0] << 24 | (size_t)b[1] << 16 | (size_t)b[2] << 8 | (size_t)b[3];
}

/* Two's complement, most significant byte first. */
static int64_t signed_at(const char *bytes, size_t length)
{
    uint64_t value = (unsigned char)bytes[0] & 0x80 ? UINT64_MAX : 0;
    for (size_t i = 0; i < length; i++)
        value = value << 8 | (unsigned char)bytes[i];
    return value > INT64_MAX ? -(int64_t)~value - 1 : (int64_t)value;
}

static const char *take_bytes(struct text *rest, size_t length)
{
    if (rest->length < length)
        return NULL;
    const char *bytes = rest->bytes;
    rest->bytes += length;
    rest->length -= length;
    return bytes;
}

static bool take_header(struct text *rest, struct header *header, struct error *error)
{
    const char *bytes = take_bytes(rest, HEADER_BYTES);
    if (bytes == NULL || memcmp(bytes, "TZif", 4) != 0)
        return invalid(error, _("they do not begin with a TZif header"));
    if (bytes[4] == '\0') {
        invalid(error, _("TZif version 1 ends in 2038"));
        return hint(error, _("compile the zone for version 2 or later"));
    }
    if (bytes[4] < '2' || bytes[4] > '4')
        return invalid(error, _("their TZif version is not known"));
    header->version = bytes[4];
    size_t *counts[] = {&header->ut_flags,    &header->standard_flags, &header->leaps,
                        &header->transitions, &header->types,          &header->characters};
    for (size_t i = 0; i < sizeof counts / sizeof counts[0]; i++) {
        *counts[i] = count_at(bytes + 20 + 4 * i);
        if (*counts[i] > LIMIT_ZONE_BYTES) /* so that no sum or product overflows */
            return invalid(error, _("they are cut short"));
    }
    return true;
}

static size_t block_bytes(const struct header *header, size_t time_bytes)
{
    return header->transitions * (time_bytes + 1) + header->types * TYPE_BYTES +
           header->characters + header->leaps * (time_bytes + 4) + header->standard_flags +
           header->ut_flags;
}

struct block {
    struct header header;
    const char *times, *indexes, *types, *characters, *flags;
};

static int64_t type_offset(const struct block *block, size_t type)
{
    return signed_at(block->types + type * TYPE_BYTES, 4) * SECOND;
}

static int64_t transition_seconds(const struct block *block, size_t i)
{
    return signed_at(block->times + i * 8, 8);
}

static size_t transition_type(const struct block *block, size_t i)
{
    return (unsigned char)block->indexes[i];
}

/* The second block, whole, and its counts as RFC 8536 section 3.1 wants them. */
static bool take_block(struct text *rest, struct block *block, struct error *error)
{
    const struct header *header = &block->header;
    if (!take_header(rest, &block->header, error))
        return false;
    if (header->leaps != 0) {
        invalid(error, _("they count leap seconds"));
        return hint(error, _("take the zone without \"right/\" before its name"));
    }
    if (header->types == 0 || header->types > 256 || header->characters == 0 ||
        (header->standard_flags != 0 && header->standard_flags != header->types) ||
        (header->ut_flags != 0 && header->ut_flags != header->types))
        return invalid(error, _("their counts contradict each other"));
    const char *bytes = take_bytes(rest, block_bytes(header, 8));
    if (bytes == NULL)
        return invalid(error, _("they are cut short"));
    block->times = bytes;
    block->indexes = block->times + header->transitions * 8;
    block->types = block->indexes + header->transitions;
    block->characters = block->types + header->types * TYPE_BYTES;
    block->flags = block->characters + header->characters;
    return true;
}

static bool check_types(const struct block *block, struct error *error)
{
    const struct header *header = &block->header;
    for (size_t i = 0; i < header->types; i++) {
        const unsigned char *type = (const unsigned char *)block->types + i * TYPE_BYTES;
        int64_t offset = type_offset(block, i);
        if (offset < OFFSET_LEAST || offset > OFFSET_MOST)
            return invalid(error, _("an offset from UTC is beyond 25 hours"));
        if (type[4] > 1 || type[5] >= header->characters)
            return invalid(error, _("a type of local time is out of range"));
    }
    if (block->characters[header->characters - 1] != '\0')
        return invalid(error, _("a designation does not end"));
    for (size_t i = 0; i < header->standard_flags + header->ut_flags; i++)
        if ((unsigned char)block->flags[i] > 1)
            return invalid(error, _("a flag is neither 0 nor 1"));
    return true;
}

static bool check_transitions(const struct block *block, struct error *error)
{
    /* RFC 8536 section 3.2: none lies before -2^59. With the same bound after,
     * no arithmetic on seconds can overflow. */
    const int64_t most = INT64_C(1) << 59;
    for (size_t i = 0; i < block->header.transitions; i++) {
        int64_t seconds = transition_seconds(block, i);
        if (seconds < -most || seconds > most)
            return invalid(error, _("a transition is out of range"));
        if (i > 0 && seconds <= transition_seconds(block, i - 1))
            return invalid(error, _("the transitions do not ascend"));
        if (transition_type(block, i) >= block->header.types)
            return invalid(error, _("a transition has an unknown type"));
    }
    return true;
}

/* Newline, TZ string, newline, end. An empty string says that nothing is known
 * of the time after: the last offset stays. */
static bool read_footer(struct text rest, const struct block *block, struct footer *footer,
                        bool *present, struct error *error)
{
    if (!take_byte(&rest, '\n') || rest.length == 0 || rest.bytes[rest.length - 1] != '\n')
        return invalid(error, _("the footer is missing"));
    rest.length--;
    *present = rest.length > 0;
    if (!*present)
        return true;
    if (!footer_read(rest, footer))
        return invalid(error, _("the footer is not a TZ string"));
    size_t count = block->header.transitions;
    if (count > 0 && footer_offset(footer, transition_seconds(block, count - 1)) !=
                         type_offset(block, transition_type(block, count - 1)))
        return invalid(error, _("the footer contradicts the last transition"));
    return true;
}

/* From here on nothing can fail: everything was checked. */
static const struct zone *build(struct arena *arena, const struct block *block,
                                const struct footer *footer)
{
    const size_t count = block->header.transitions;
    const bool repeats = footer != NULL && footer->has_daylight;
    struct table table = {.capacity = count + (repeats ? 2 * RULE_YEARS : 0)};
    table.changes = arena_allocate(arena, (table.capacity + 1) * sizeof *table.changes);
    table.offsets = arena_allocate(arena, (table.capacity + 1) * sizeof *table.offsets);
    /* Before the first transition type 0 holds; without any, the footer. */
    table.offsets[0] = (int32_t)type_offset(block, 0);
    if (count == 0 && footer != NULL)
        table.offsets[0] = (int32_t)footer->standard;
    for (size_t i = 0; i < count; i++)
        table_change(&table, transition_seconds(block, i),
                     type_offset(block, transition_type(block, i)));
    int64_t after = count > 0 ? transition_seconds(block, count - 1) : INT64_MIN;
    struct zone *zone = arena_allocate(arena, sizeof *zone);
    if (repeats) {
        footer_unroll(footer, after, &table);
        zone->repeats = true;
        zone->fold_from = year_start(year_of(after) + 2);
    }
    zone->count = table.count;
    zone->changes = table.changes;
    zone->offsets = table.offsets;
    return zone;
}

const struct zone *zone_read(struct arena *arena, struct text bytes, struct error *error)
{
    struct header old;
    struct block block;
    struct footer footer;
    bool has_footer;
    if (bytes.length > LIMIT_ZONE_BYTES) {
        invalid(error, _("there are too many"));
        return NULL;
    }
    if (!take_header(&bytes, &old, error))
        return NULL;
    if (take_bytes(&bytes, block_bytes(&old, 4)) == NULL) {
        invalid(error, _("they are cut short"));
        return NULL;
    }
    if (!take_block(&bytes, &block, error) || !check_types(&block, error) ||
        !check_transitions(&block, error) ||
        !read_footer(bytes, &block, &footer, &has_footer, error))
        return NULL;
    if (block.header.version != old.version) {
        invalid(error, _("their two headers differ in version"));
        return NULL;
    }
    return build(arena, &block, has_footer ? &footer : NULL);
}

/* ---- questions ---------------------------------------------------------------- */

/* How far to move a moment or local time, by whole cycles, to where the table
 * tells it. */
static int64_t fold(const struct zone *zone, int64_t at)
{
    if (!zone->repeats || at < zone->fold_from + CYCLE)
        return 0;
    return (at - zone->fold_from) / CYCLE * CYCLE;
}

/* How many changes have happened by `at`: the index of the offset then. */
static size_t period_at(const struct zone *zone, moment at)
{
    const moment *from = zone->changes;
    size_t left = zone->count;
    while (left > 0) {
        size_t half = left / 2;
        if (from[half] <= at) {
            from += half + 1;
            left -= half + 1;
        } else {
            left = half;
        }
    }
    return (size_t)(from - zone->changes);
}

static int64_t offset_at(const struct zone *zone, moment at)
{
    assert(at >= -LIMIT_UNITS && at <= LIMIT_UNITS);
    return zone->offsets[period_at(zone, at - fold(zone, at))];
}

int zone_offset_seconds(const struct zone *zone, moment at)
{
    return (int)(offset_at(zone, at) / SECOND);
}

void zone_to_civil(const struct zone *zone, moment at, struct civil *civil)
{
    *civil = civil_from_milliseconds(at + offset_at(zone, at));
}

struct date zone_date(const struct zone *zone, moment at)
{
    int64_t local = at + offset_at(zone, at);
    return date_from_days(local / DAY - (local % DAY < 0));
}

/* When the clocks of the zone show the local time. */
struct showing {
    bool exists;
    moment first;   /* if it exists: the first moment that shows it */
    moment reached; /* the first moment that shows it or, over a gap, a later time */
};

/* Walk the periods from the first that could show it, which has begun when the
 * clock of the easternmost offset would. */
static struct showing find_local(const struct zone *zone, int64_t local)
{
    const int64_t folded = fold(zone, local);
    local -= folded;
    struct showing showing = {.exists = false};
    bool reached = false;
    for (size_t i = period_at(zone, local - OFFSET_MOST);; i++) {
        moment at = local - zone->offsets[i];
        bool begun = i == 0 || at >= zone->changes[i - 1];
        bool ended = i < zone->count && at >= zone->changes[i];
        if (!ended && !reached) {
            reached = true;
            showing.reached = (begun ? at : zone->changes[i - 1]) + folded;
        }
        if (begun && !ended) {
            showing.exists = true;
            showing.first = at + folded;
            return showing;
        }
        if (i == zone->count || zone->changes[i] > local - OFFSET_LEAST)
            return showing;
    }
}

bool zone_from_civil(const struct zone *zone, struct civil civil, moment *at)
{
    struct showing showing = find_local(zone, civil_to_milliseconds(civil));
    if (showing.exists)
        *at = showing.first;
    return showing.exists;
}

moment zone_day_start(const struct zone *zone, struct date date)
{
    return find_local(zone, date_to_days(date) * DAY).reached;
}

moment zone_add(const struct zone *zone, moment at, struct span span)
{
    if (at == MOMENT_NEVER)
        return at;
    if (span.months != 0 || span.days != 0) {
        struct civil civil;
        zone_to_civil(zone, at, &civil);
        civil.date = date_add(civil.date, span);
        struct showing showing = find_local(zone, civil_to_milliseconds(civil));
        at = showing.exists ? showing.first : showing.reached;
    }
    at += span.milliseconds;
    if (at < MOMENT_FIRST)
        return MOMENT_FIRST;
    return at > MOMENT_LAST ? MOMENT_LAST : at;
}

/* ---- the system's database ---------------------------------------------------- */

/* "Europe/London", "America/Argentina/Buenos_Aires", "Etc/GMT+5": parts of
 * letters, digits, '_', '-', '+' that begin with a letter. */
static bool is_zone_name(const char *name)
{
    size_t length = strlen(name);
    if (length == 0 || length > LIMIT_NAME)
        return false;
    for (size_t i = 0; i < length; i++) {
        char c = name[i];
        bool begins = i == 0 || name[i - 1] == '/';
        if (is_letter(c))
            continue;
        if (begins || !((c >= '0' && c <= '9') || c == '_' || c == '-' || c == '+' || c == '/'))
            return false;
    }
    return name[length - 1] != '/';
}

bool zone_load_system(const char *name, struct buffer *bytes, struct error *error)
{
    static const char folder[] = "/usr/share/zoneinfo";
    char path[sizeof folder + 1 + LIMIT_NAME];
    char content[LIMIT_ZONE_BYTES + 1];
    if (!is_zone_name(name)) {
        fail(error, ERROR_INVALID_ZONE, _("this is not the name of a time zone"));
        return hint(error, _("write it like Europe/London or Asia/Shanghai"));
    }
    snprintf(path, sizeof path, "%s/%s", folder, name);
    FILE *file = fopen(path, "rb");
    if (file == NULL && (errno == ENOENT || errno == ENOTDIR)) {
        fail(error, ERROR_INVALID_ZONE, _("there is no time zone \"%s\" on this system"), name);
        return hint(error, _("the zones are the files below %s"), folder);
    }
    if (file == NULL)
        return fail(error, ERROR_IO, _("unable to open '%s': %s"), path, strerror(errno));
    size_t length = fread(content, 1, sizeof content, file);
    bool broken = ferror(file) != 0;
    fclose(file);
    if (broken || length < HEADER_BYTES || length > LIMIT_ZONE_BYTES ||
        memcmp(content, "TZif", 4) != 0)
        return fail(error, ERROR_INVALID_ZONE, _("'%s' is not a time zone"), path);
    buffer_add(bytes, content, length);
    return true;
}
