/* The strict reader, and the small things around cJSON.
 *
 * Why a reader of our own before cJSON's: cJSON accepts texts that are not
 * JSON, keeps duplicate members, rounds large numbers, ends strings at U+0000,
 * reads (unless a distribution patched it) at most 63 bytes of a number, and
 * cannot say where a fault is. So nothing reaches it that the reader below has
 * not passed.
 *
 * The reader is a recursive descent with a depth limit. It has one law: when a
 * function returns false, `at` stands on the fault. Line and column are counted
 * only then. Everything behind json_check (json_locate, json_minify) walks a
 * text that is known to be valid and therefore checks nothing. */
#include "json_private.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>

#include "decimal.h"
#include "limits.h"
#include "utf8.h"

enum {
    SIGNIFICANT_DIGITS = 15, /* what every double keeps */
    LARGEST_EXPONENT = 300,
    CJSON_NUMBER_BYTES = 63, /* cJSON cuts a longer number in two */
    FEW_MEMBERS = 8,         /* up to here comparing all pairs beats sorting */
    LONGEST_NEAR_NAME = 64
};

/* A member's name as the duplicate check wants it. */
struct name {
    struct text decoded;
    size_t offset; /* of its opening quote */
};

struct reader {
    struct text text;
    size_t at;
    unsigned depth;
    bool long_number;   /* one that cJSON cannot read as it stands */
    struct name *names; /* of all objects now open, the innermost last */
    size_t name_count, name_capacity;
    struct arena decoded; /* names that were written with escapes */
    struct error *error;
};

static bool read_value(struct reader *reader, const char *expected);

/* -- Bytes ------------------------------------------------------------------ */

/* The byte at `at`, or -1 at the end. */
static int peek(const struct reader *reader)
{
    return reader->at < reader->text.length ? (unsigned char)reader->text.bytes[reader->at] : -1;
}

static void skip_space(struct reader *reader)
{
    while (reader->at < reader->text.length && is_space(reader->text.bytes[reader->at]))
        reader->at++;
}

static bool accept(struct reader *reader, char byte)
{
    if (peek(reader) != byte)
        return false;
    reader->at++;
    return true;
}

/* Does the text go on with this? */
static bool starts_with(const struct reader *reader, const char *bytes)
{
    size_t length = strlen(bytes);
    return reader->text.length - reader->at >= length &&
           memcmp(reader->text.bytes + reader->at, bytes, length) == 0;
}

/* -- Faults ----------------------------------------------------------------- */

/* The fault is at `offset`. */
static bool refuse_at(struct reader *reader, size_t offset, const char *what)
{
    reader->at = offset;
    return fail(reader->error, ERROR_INVALID_JSON, "%s", what);
}

/* Well-formed, but against a rule of ours that RFC 8259 leaves open: another code. */
static bool break_rule(struct reader *reader, size_t offset, enum error_code code, const char *what)
{
    reader->at = offset;
    return fail(reader->error, code, "%s", what);
}

/* Something else was expected than what stands here: say both. */
static bool refuse_found(struct reader *reader, const char *expected)
{
    size_t behind = reader->at;
    if (behind == reader->text.length)
        return fail(reader->error, ERROR_INVALID_JSON, _("%s, but the text ends here"), expected);
    int32_t point = utf8_next(reader->text, &behind);
    if (point < 0)
        return fail(reader->error, ERROR_INVALID_JSON,
                    _("%s, but a byte that is not UTF-8 (0x%02x) stands here"), expected,
                    (unsigned)peek(reader));
    if (point < 0x20 || (point >= 0x7f && point < 0xa0))
        return fail(reader->error, ERROR_INVALID_JSON,
                    _("%s, but a control character (U+%04X) stands here"), expected,
                    (unsigned)point);
    struct text found = {reader->text.bytes + reader->at, behind - reader->at};
    if (!utf8_is_clean(found))
        return fail(reader->error, ERROR_INVALID_JSON, _("%s, but U+%04X stands here"), expected,
                    (unsigned)point);
    return fail(reader->error, ERROR_INVALID_JSON, _("%s, but '%.*s' stands here"), expected,
                TEXT(found));
}

/* What people write who think of another language. */
static void hint_at_value(struct reader *reader)
{
    switch (peek(reader)) {
    case '\'':
        hint(reader->error, _("a string stands in double quotes"));
        break;
    case '+':
    case '.':
        hint(reader->error, _("a number begins with a digit or a minus sign: 0.5, 12, -3"));
        break;
    case ']':
    case '}':
        hint(reader->error, _("no comma stands after the last one"));
        break;
    case '/':
    case '#':
        hint(reader->error, _("JSON has no comments"));
        break;
    default:
        hint(reader->error, _("a value is an object, an array, a string in double quotes, a "
                              "number, true, false or null"));
    }
}

void json_count_lines(struct text text, size_t at, unsigned *line, unsigned *column)
{
    *line = *column = 1;
    for (size_t i = 0; i < at; i++) {
        *column += 1;
        if (text.bytes[i] == '\n') {
            *line += 1;
            *column = 1;
        }
    }
}

/* -- Numbers ---------------------------------------------------------------- */

/* A number taken apart: digits x 10^exponent, without leading or trailing zeros
 * among the digits; zero has none. */
struct number {
    bool negative;
    char digits[SIGNIFICANT_DIGITS];
    unsigned count;
    long exponent, written_exponent;
};

static bool add_mantissa_digit(struct number *number, char digit, long *trailing_zeros)
{
    if (digit == '0') {
        *trailing_zeros += number->count > 0;
        return true;
    }
    if (*trailing_zeros >= SIGNIFICANT_DIGITS - (long)number->count)
        return false;
    for (; *trailing_zeros > 0; --*trailing_zeros)
        number->digits[number->count++] = '0';
    number->digits[number->count++] = digit;
    return true;
}

/* `text` is a number by the grammar. False if it has too many digits. */
static bool take_apart(struct text text, struct number *number)
{
    *number = (struct number){0};
    long trailing_zeros = 0, decimals = 0;
    bool fraction = false;
    size_t at = 0;
    for (; at < text.length && text.bytes[at] != 'e' && text.bytes[at] != 'E'; at++) {
        char byte = text.bytes[at];
        if (byte == '-')
            number->negative = true;
        else if (byte == '.')
            fraction = true;
        else if (!add_mantissa_digit(number, byte, &trailing_zeros))
            return false;
        else
            decimals += fraction;
    }
    bool negative_exponent = false;
    for (at++; at < text.length; at++) {
        char byte = text.bytes[at];
        if (byte == '-')
            negative_exponent = true;
        else if (is_digit(byte) && number->written_exponent < LARGEST_EXPONENT * 10)
            number->written_exponent = number->written_exponent * 10 + (byte - '0');
    }
    if (negative_exponent)
        number->written_exponent = -number->written_exponent;
    number->exponent = number->written_exponent - decimals + trailing_zeros;
    return true;
}

static bool is_beyond(long exponent)
{
    return exponent > LARGEST_EXPONENT || exponent < -LARGEST_EXPONENT;
}

/* The number by the grammar is from `start` to `at`: will a double keep it? */
static bool check_exactness(struct reader *reader, size_t start)
{
    struct text text = {reader->text.bytes + start, reader->at - start};
    struct number number;
    int64_t whole = 0;
    if (decimal_parse(text, 0, &whole) == DECIMAL_OK)
        return true; /* up to 2^53 - 1, as a body writes points and money */
    if (!take_apart(text, &number)) {
        refuse_at(reader, start, _("the number has more than 15 significant digits"));
        return hint(reader->error, _("as a string it keeps every digit"));
    }
    /* Both: 0e999 says nothing but is no number anybody meant, and a long row
     * of digits reaches far without any "e". */
    if (is_beyond(number.written_exponent) ||
        (number.count > 0 && is_beyond(number.exponent + (long)number.count - 1)))
        return refuse_at(reader, start, _("the number's exponent is beyond 300"));
    if (text.length > CJSON_NUMBER_BYTES)
        reader->long_number = true;
    return true;
}

static bool read_digits(struct reader *reader, const char *expected)
{
    if (!is_digit(peek(reader)))
        return refuse_found(reader, expected);
    while (is_digit(peek(reader)))
        reader->at++;
    return true;
}

static bool read_number(struct reader *reader)
{
    size_t start = reader->at;
    accept(reader, '-');
    if (accept(reader, '0')) {
        if (is_digit(peek(reader)))
            return refuse_at(reader, start, _("a number does not begin with needless zeros"));
    } else if (!read_digits(reader, _("a digit expected after '-'"))) {
        return false;
    }
    if (accept(reader, '.') && !read_digits(reader, _("a digit expected after the decimal point")))
        return false;
    if (accept(reader, 'e') || accept(reader, 'E')) {
        if (!accept(reader, '+'))
            accept(reader, '-');
        if (!read_digits(reader, _("a digit expected in the exponent")))
            return false;
    }
    return check_exactness(reader, start);
}

/* -- Strings ---------------------------------------------------------------- */

static int hex_value(int byte)
{
    if (is_digit(byte))
        return byte - '0';
    if (byte >= 'a' && byte <= 'f')
        return byte - 'a' + 10;
    return byte >= 'A' && byte <= 'F' ? byte - 'A' + 10 : -1;
}

/* The four digits of \uXXXX at `at`, or -1. */
static int32_t hex_unit(struct text text, size_t at)
{
    int32_t unit = 0;
    for (size_t i = at; i < at + 4; i++) {
        int value = i < text.length ? hex_value(text.bytes[i]) : -1;
        if (value < 0)
            return -1;
        unit = unit << 4 | value;
    }
    return unit;
}

static bool is_high_surrogate(int32_t unit)
{
    return unit >= 0xd800 && unit <= 0xdbff;
}

static bool is_low_surrogate(int32_t unit)
{
    return unit >= 0xdc00 && unit <= 0xdfff;
}

/* The code point of the \uXXXX (or the pair of them) whose backslash is at
 * *at, which moves behind it; -1 if it is none. */
static int32_t unicode_escape(struct text text, size_t *at)
{
    int32_t unit = hex_unit(text, *at + 2);
    if (unit < 0 || is_low_surrogate(unit))
        return -1;
    size_t behind = *at + 6;
    if (is_high_surrogate(unit)) {
        bool escape = text.length - behind >= 2 && memcmp(text.bytes + behind, "\\u", 2) == 0;
        int32_t low = escape ? hex_unit(text, behind + 2) : -1;
        if (!is_low_surrogate(low))
            return -1;
        unit = 0x10000 + ((unit - 0xd800) << 10) + (low - 0xdc00);
        behind += 6;
    }
    *at = behind;
    return unit;
}

static bool read_escape(struct reader *reader)
{
    size_t start = reader->at;
    char letter = reader->at + 1 < reader->text.length ? reader->text.bytes[start + 1] : '\0';
    if (letter != '\0' && strchr("\"\\/bfnrt", letter) != NULL) {
        reader->at += 2;
        return true;
    }
    if (letter != 'u') {
        refuse_at(reader, start, _("a backslash begins no such escape"));
        return hint(reader->error, "\\\" \\\\ \\/ \\b \\f \\n \\r \\t \\uXXXX");
    }
    if (hex_unit(reader->text, start + 2) < 0)
        return refuse_at(reader, start, _("four hexadecimal digits expected after \\u"));
    int32_t point = unicode_escape(reader->text, &reader->at);
    if (point < 0)
        return refuse_at(reader, start, _("half of a surrogate pair stands alone"));
    if (point == 0)
        return break_rule(reader, start, ERROR_INVALID_TEXT, _("a string may not hold U+0000"));
    return true;
}

/* Everything that is neither a quote, nor an escape, nor plain ASCII. */
static bool read_other_character(struct reader *reader)
{
    size_t start = reader->at;
    int32_t point = utf8_next(reader->text, &reader->at);
    if (point < 0) {
        refuse_at(reader, start, _("these bytes are not well-formed UTF-8"));
        return hint(reader->error, _("is the text in another encoding, such as GB18030 or "
                                     "Windows-1252? send it as UTF-8"));
    }
    if (point >= 0x20)
        return true;
    reader->at = start;
    fail(reader->error, ERROR_INVALID_JSON, _("a control character (U+%04X) stands in a string"),
         (unsigned)point);
    if (point == '\n')
        return hint(reader->error, _("the closing quote is missing, or write \\n"));
    return hint(reader->error, _("write \\u%04x"), (unsigned)point);
}

/* `at` is on the opening quote; afterwards behind the closing one. */
static bool read_string(struct reader *reader, bool *escaped)
{
    size_t start = reader->at++;
    *escaped = false;
    for (;;) {
        int byte = peek(reader);
        if (byte < 0)
            return refuse_at(reader, start, _("the string that begins here has no closing quote"));
        if (byte == '"')
            break;
        if (byte == '\\') {
            *escaped = true;
            if (!read_escape(reader))
                return false;
        } else if (byte >= 0x20 && byte < 0x80) {
            reader->at++;
        } else if (!read_other_character(reader)) {
            return false;
        }
    }
    reader->at++;
    return true;
}

static void add_point(struct buffer *buffer, int32_t point)
{
    if (point < 0x80) {
        buffer_byte(buffer, (char)point);
        return;
    }
    int more = point < 0x800 ? 1 : point < 0x10000 ? 2 : 3;
    buffer_byte(buffer, (char)((0xf0 << (3 - more) & 0xff) | point >> (6 * more)));
    while (more-- > 0)
        buffer_byte(buffer, (char)(0x80 | (point >> (6 * more) & 0x3f)));
}

void json_decode_string(struct buffer *buffer, struct text inside)
{
    static const char letters[] = "\"\\/bfnrt", meanings[] = "\"\\/\b\f\n\r\t";
    for (size_t at = 0; at < inside.length;) {
        if (inside.bytes[at] != '\\') {
            buffer_byte(buffer, inside.bytes[at++]);
        } else if (inside.bytes[at + 1] == 'u') {
            add_point(buffer, unicode_escape(inside, &at));
        } else {
            buffer_byte(buffer, meanings[strchr(letters, inside.bytes[at + 1]) - letters]);
            at += 2;
        }
    }
}

/* -- Objects and arrays ----------------------------------------------------- */

static int by_name_then_offset(const void *left, const void *right)
{
    const struct name *a = left, *b = right;
    int order = text_compare(a->decoded, b->decoded);
    return order != 0 ? order : (a->offset > b->offset) - (a->offset < b->offset);
}

/* The earliest name that an earlier one already had, or NULL. May sort. */
static const struct name *find_repeated(struct name *names, size_t count)
{
    const struct name *repeated = NULL;
    if (count <= FEW_MEMBERS) {
        for (size_t i = 1; i < count; i++)
            for (size_t j = 0; j < i; j++)
                if (text_equal(names[i].decoded, names[j].decoded))
                    return &names[i];
        return NULL;
    }
    qsort(names, count, sizeof *names, by_name_then_offset);
    for (size_t i = 1; i < count; i++)
        if (text_equal(names[i].decoded, names[i - 1].decoded) &&
            (repeated == NULL || names[i].offset < repeated->offset))
            repeated = &names[i];
    return repeated;
}

static bool check_names(struct reader *reader, size_t first)
{
    const struct name *repeated = find_repeated(reader->names + first, reader->name_count - first);
    if (repeated == NULL)
        return true;
    if (!utf8_is_clean(repeated->decoded)) /* an answer must not steer a terminal */
        return break_rule(reader, repeated->offset, ERROR_DUPLICATE_MEMBER,
                          _("the member named here appears twice"));
    reader->at = repeated->offset;
    char field[sizeof reader->error->field + 1]; /* fail_field cuts it between characters */
    snprintf(field, sizeof field, "%.*s", TEXT(repeated->decoded));
    return fail_field(reader->error, ERROR_DUPLICATE_MEMBER, field,
                      _("member \"%.*s\" appears twice"), TEXT(repeated->decoded));
}

static void keep_name(struct reader *reader, size_t offset, bool escaped)
{
    struct text inside = {reader->text.bytes + offset + 1, reader->at - offset - 2};
    if (escaped) {
        struct buffer decoded = {0};
        json_decode_string(&decoded, inside);
        inside = text_copy(&reader->decoded, buffer_view(&decoded));
        buffer_free(&decoded);
    }
    if (reader->name_count == reader->name_capacity) {
        reader->name_capacity = reader->name_capacity * 2 + 32;
        reader->names = memory_resize(reader->names, reader->name_capacity * sizeof *reader->names);
    }
    reader->names[reader->name_count++] = (struct name){inside, offset};
}

static bool read_member(struct reader *reader, const char *expected)
{
    size_t start = reader->at;
    bool escaped;
    if (peek(reader) != '"') {
        refuse_found(reader, expected);
        if (peek(reader) >= '0' && peek(reader) <= '9')
            return hint(reader->error, _("a decimal number has a point, not a comma"));
        return hint(reader->error, _("a name stands in double quotes; no comma stands after the "
                                     "last member"));
    }
    if (!read_string(reader, &escaped))
        return false;
    keep_name(reader, start, escaped);
    skip_space(reader);
    if (!accept(reader, ':'))
        return refuse_found(reader, _("a colon expected after the member's name"));
    skip_space(reader);
    return read_value(reader, _("a value expected after the colon"));
}

static bool read_members(struct reader *reader)
{
    size_t first = reader->name_count;
    const char *expected = _("a member's name or '}' expected");
    for (;;) {
        skip_space(reader);
        if (reader->name_count - first == LIMIT_JSON_MEMBERS && peek(reader) == '"')
            return fail(reader->error, ERROR_INVALID_JSON, _("an object has more than %d members"),
                        LIMIT_JSON_MEMBERS);
        if (!read_member(reader, expected))
            return false;
        skip_space(reader);
        if (accept(reader, '}'))
            break;
        if (!accept(reader, ','))
            return refuse_found(reader, _("a comma or '}' expected after the member"));
        expected = _("a member's name expected after the comma");
    }
    bool distinct = check_names(reader, first);
    reader->name_count = first;
    return distinct;
}

static bool read_elements(struct reader *reader)
{
    const char *expected = _("a value or ']' expected");
    for (;;) {
        skip_space(reader);
        if (!read_value(reader, expected))
            return false;
        skip_space(reader);
        if (accept(reader, ']'))
            return true;
        if (!accept(reader, ','))
            return refuse_found(reader, _("a comma or ']' expected after the value"));
        expected = _("a value expected after the comma");
    }
}

static bool read_nested(struct reader *reader, char close, bool (*read_inside)(struct reader *))
{
    if (reader->depth == LIMIT_JSON_DEPTH)
        return fail(reader->error, ERROR_INVALID_JSON, _("nested deeper than %d levels"),
                    LIMIT_JSON_DEPTH);
    reader->at++;
    skip_space(reader);
    if (accept(reader, close))
        return true;
    reader->depth++;
    bool valid = read_inside(reader);
    reader->depth--;
    return valid;
}

static bool read_value(struct reader *reader, const char *expected)
{
    bool escaped;
    int byte = peek(reader);
    if (byte == '{')
        return read_nested(reader, '}', read_members);
    if (byte == '[')
        return read_nested(reader, ']', read_elements);
    if (byte == '"')
        return read_string(reader, &escaped);
    if (byte == '-' || is_digit(byte))
        return read_number(reader);
    if (starts_with(reader, "true") || starts_with(reader, "null")) {
        reader->at += 4;
        return true;
    }
    if (starts_with(reader, "false")) {
        reader->at += 5;
        return true;
    }
    refuse_found(reader, expected);
    hint_at_value(reader);
    return false;
}

static bool read_document(struct reader *reader)
{
    if (starts_with(reader, "\xef\xbb\xbf")) {
        refuse_at(reader, 0, _("a byte-order mark stands before the text"));
        return hint(reader->error, _("send UTF-8 without one"));
    }
    skip_space(reader);
    if (!read_value(reader, _("a value expected")))
        return false;
    skip_space(reader);
    if (reader->at < reader->text.length)
        return refuse_found(reader, _("nothing expected after the value"));
    return true;
}

static bool check(struct text text, bool *long_number, struct error *error)
{
    struct reader reader = {.text = text, .error = error};
    bool valid = read_document(&reader);
    if (!valid)
        json_count_lines(text, reader.at, &error->line, &error->column);
    *long_number = reader.long_number;
    free(reader.names);
    arena_free(&reader.decoded);
    return valid;
}

bool json_check(struct text text, struct error *error)
{
    bool long_number;
    return check(text, &long_number, error);
}

/* -- To and from cJSON ------------------------------------------------------ */

/* The same number in as few bytes as it needs. */
static void add_short_number(struct buffer *buffer, struct text text)
{
    struct number number;
    bool exact = take_apart(text, &number);
    assert(exact);
    if (number.negative)
        buffer_byte(buffer, '-');
    if (number.count == 0) {
        buffer_byte(buffer, '0');
        return;
    }
    buffer_add(buffer, number.digits, number.count);
    buffer_byte(buffer, 'e');
    buffer_integer(buffer, number.exponent);
}

/* The text for cJSON, its long numbers rewritten. */
static void shorten_numbers(struct buffer *buffer, struct text text)
{
    for (size_t at = json_next_token(text, 0); at < text.length; at = json_next_token(text, at)) {
        size_t behind = json_skip_token(text, at);
        struct text token = {text.bytes + at, behind - at};
        if (token.length > CJSON_NUMBER_BYTES && token.bytes[0] != '"')
            add_short_number(buffer, token);
        else
            buffer_text(buffer, token);
        at = behind;
    }
}

cJSON *json_parse(struct text text, struct error *error)
{
    bool long_number;
    if (!check(text, &long_number, error))
        return NULL;
    struct buffer shortened = {0};
    if (long_number) {
        shorten_numbers(&shortened, text);
        text = buffer_view(&shortened);
    }
    cJSON *tree = cJSON_ParseWithLength(text.bytes, text.length);
    buffer_free(&shortened);
    if (tree == NULL)
        memory_exhausted(); /* the text is valid: nothing else is left */
    return tree;
}

bool json_integer(const cJSON *item, int64_t *value)
{
    if (!cJSON_IsNumber(item) || !(item->valuedouble >= (double)-LIMIT_UNITS) ||
        !(item->valuedouble <= (double)LIMIT_UNITS))
        return false;
    int64_t whole = (int64_t)item->valuedouble;
    if ((double)whole != item->valuedouble)
        return false;
    *value = whole;
    return true;
}

void json_string(struct buffer *buffer, struct text text)
{
    size_t written = 0;
    buffer_byte(buffer, '"');
    for (size_t i = 0; i < text.length; i++) {
        unsigned char byte = (unsigned char)text.bytes[i];
        if (byte >= 0x20 && byte != '"' && byte != '\\')
            continue;
        buffer_add(buffer, text.bytes + written, i - written);
        written = i + 1;
        if (byte < 0x20) {
            buffer_string(buffer, "\\u00");
            buffer_hex(buffer, &byte, 1);
        } else {
            buffer_byte(buffer, '\\');
            buffer_byte(buffer, (char)byte);
        }
    }
    if (written < text.length)
        buffer_add(buffer, text.bytes + written, text.length - written);
    buffer_byte(buffer, '"');
}

/* -- What was meant --------------------------------------------------------- */

static unsigned least(unsigned a, unsigned b)
{
    return a < b ? a : b;
}

/* Edits from a to b: insert, delete, replace a byte, or swap two neighbours
 * (optimal string alignment). Both at most LONGEST_NEAR_NAME long. */
static unsigned edit_distance(struct text a, struct text b)
{
    unsigned rows[3][LONGEST_NEAR_NAME + 1];
    for (unsigned j = 0; j <= b.length; j++)
        rows[0][j] = j;
    for (unsigned i = 1; i <= a.length; i++) {
        unsigned *row = rows[i % 3], *above = rows[(i + 2) % 3], *above_that = rows[(i + 1) % 3];
        row[0] = i;
        for (unsigned j = 1; j <= b.length; j++) {
            unsigned differs = a.bytes[i - 1] != b.bytes[j - 1];
            row[j] = least(least(above[j], row[j - 1]) + 1, above[j - 1] + differs);
            if (i > 1 && j > 1 && a.bytes[i - 1] == b.bytes[j - 2] &&
                a.bytes[i - 2] == b.bytes[j - 1])
                row[j] = least(row[j], above_that[j - 2] + 1);
        }
    }
    return rows[a.length % 3][b.length];
}

const char *nearest_name(struct text wrong, const char *const names[], size_t count)
{
    if (wrong.length == 0 || wrong.length > LONGEST_NEAR_NAME)
        return NULL;
    unsigned bound = wrong.length < 6 ? 1 : (unsigned)wrong.length / 3;
    /* A name of one letter is not a misspelling of every other letter. */
    unsigned best = least(bound, (unsigned)wrong.length - 1) + 1;
    const char *nearest = NULL;
    for (size_t i = 0; i < count; i++) {
        struct text name = text_of(names[i]);
        unsigned distance = name.length > LONGEST_NEAR_NAME ? best : edit_distance(wrong, name);
        if (distance < best) {
            best = distance;
            nearest = names[i];
        }
    }
    return nearest;
}
