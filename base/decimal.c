/* Exact numbers: decimals in, fractions between, whole units out.
 *
 * Two facts carry the proofs below. A denominator is below 2^63, so a product
 * of two of them, or of a remainder and one, is below 2^126 and cannot
 * overflow. A numerator may have all 127 bits, so whatever multiplies one is
 * checked. */
#include "decimal.h"

#include <assert.h>
#include <stdlib.h>

#include "error.h"
#include "limits.h"

__extension__ typedef unsigned __int128 unsigned_wide;

/* -- Decimals --------------------------------------------------------------- */

static bool is_digit(char byte)
{
    return byte >= '0' && byte <= '9';
}

/* The shape alone: [-]digits[.digits], no leading zeros. *point is where the
 * point stands, or the length. A minus before zero is judged by the caller,
 * who knows the value. */
static bool has_decimal_shape(struct text text, size_t start, size_t *point)
{
    size_t at = start;
    while (at < text.length && is_digit(text.bytes[at]))
        at++;
    if (at == start || (text.bytes[start] == '0' && at > start + 1))
        return false;
    *point = at;
    if (at == text.length)
        return true;
    if (text.bytes[at] != '.' || at + 1 == text.length)
        return false;
    while (++at < text.length)
        if (!is_digit(text.bytes[at]))
            return false;
    return true;
}

/* Append a digit to a magnitude, keeping it within LIMIT_UNITS. */
static bool append_digit(int64_t *magnitude, int digit)
{
    if (*magnitude > (LIMIT_UNITS - digit) / 10)
        return false;
    *magnitude = *magnitude * 10 + digit;
    return true;
}

enum decimal_result decimal_parse(struct text text, unsigned scale, int64_t *units)
{
    bool negative = text.length > 0 && text.bytes[0] == '-';
    size_t start = negative ? 1 : 0, point;
    if (!has_decimal_shape(text, start, &point))
        return DECIMAL_MALFORMED;
    bool too_large = false, too_fine = false;
    int64_t magnitude = 0;
    for (size_t i = start; i < point; i++)
        too_large |= !append_digit(&magnitude, text.bytes[i] - '0');
    for (size_t place = 1; place <= scale; place++) {
        bool given = point + place < text.length;
        too_large |= !append_digit(&magnitude, given ? text.bytes[point + place] - '0' : 0);
    }
    for (size_t i = point + scale + 1; i < text.length; i++)
        too_fine |= text.bytes[i] != '0';
    if (too_large)
        return DECIMAL_TOO_LARGE;
    if (too_fine)
        return DECIMAL_TOO_FINE;
    if (negative && magnitude == 0)
        return DECIMAL_MALFORMED;
    *units = negative ? -magnitude : magnitude;
    return DECIMAL_OK;
}

const char *decimal_problem(enum decimal_result result)
{
    switch (result) {
    case DECIMAL_OK:
        return "";
    case DECIMAL_MALFORMED:
        return _("is not a plain decimal number such as 12.50");
    case DECIMAL_TOO_FINE:
        return _("has more decimals than are kept");
    case DECIMAL_TOO_LARGE:
        return _("is too large");
    }
    abort(); /* not a value of the enum */
}

/* All `scale` decimals, or without trailing zeros; at least one digit stands
 * before the point. */
static void format_units(struct buffer *buffer, int64_t units, unsigned scale, bool drop_zeros)
{
    uint64_t left = units < 0 ? 0 - (uint64_t)units : (uint64_t)units;
    while (drop_zeros && scale > 0 && left % 10 == 0) {
        left /= 10;
        scale--;
    }
    char digits[64];
    size_t start = sizeof digits;
    assert(scale < 32);
    for (unsigned place = 0; place <= scale || left > 0; place++) {
        if (place == scale && scale > 0)
            digits[--start] = '.';
        digits[--start] = (char)('0' + left % 10);
        left /= 10;
    }
    if (units < 0)
        digits[--start] = '-';
    buffer_add(buffer, digits + start, sizeof digits - start);
}

void decimal_format(struct buffer *buffer, int64_t units, unsigned scale)
{
    format_units(buffer, units, scale, false);
}

void decimal_format_short(struct buffer *buffer, int64_t units, unsigned scale)
{
    format_units(buffer, units, scale, true);
}

/* -- Units ------------------------------------------------------------------ */

static bool keep_units(wide value, int64_t *out)
{
    if (value > LIMIT_UNITS || value < -LIMIT_UNITS)
        return false;
    *out = (int64_t)value;
    return true;
}

bool units_add(int64_t a, int64_t b, int64_t *sum)
{
    return keep_units((wide)a + b, sum);
}

bool units_subtract(int64_t a, int64_t b, int64_t *difference)
{
    return keep_units((wide)a - b, difference);
}

bool units_share(int64_t value, int64_t numerator, int64_t denominator, int64_t *share)
{
    assert(value >= 0 && numerator >= 0 && denominator > 0);
    return keep_units((wide)value * numerator / denominator, share);
}

/* -- Fractions -------------------------------------------------------------- */

static unsigned_wide magnitude_of(wide value)
{
    return value < 0 ? 0 - (unsigned_wide)value : (unsigned_wide)value;
}

static unsigned_wide wide_divisor(unsigned_wide a, unsigned_wide b)
{
    while (b != 0 && (a > UINT64_MAX || b > UINT64_MAX)) {
        unsigned_wide rest = a % b;
        a = b;
        b = rest;
    }
    /* From here on the machine's own division does. */
    if (b == 0)
        return a;
    uint64_t narrow_a = (uint64_t)a, narrow_b = (uint64_t)b;
    while (narrow_b != 0) {
        uint64_t rest = narrow_a % narrow_b;
        narrow_a = narrow_b;
        narrow_b = rest;
    }
    return narrow_a;
}

int64_t greatest_common_divisor(int64_t a, int64_t b)
{
    unsigned_wide divisor = wide_divisor(magnitude_of(a), magnitude_of(b));
    assert(divisor <= INT64_MAX); /* 2^63 only from INT64_MIN with itself or zero */
    return (int64_t)divisor;
}

struct fraction fraction_zero(void)
{
    return (struct fraction){0, 1};
}

bool fraction_make(wide numerator, wide denominator, struct fraction *out)
{
    if (denominator == 0)
        return false;
    bool negative = (numerator < 0) != (denominator < 0);
    unsigned_wide above = magnitude_of(numerator), below = magnitude_of(denominator);
    unsigned_wide divisor = wide_divisor(above, below);
    above /= divisor;
    below /= divisor;
    if (below > INT64_MAX || above > (unsigned_wide)-1 >> 1)
        return false;
    out->numerator = negative ? -(wide)above : (wide)above;
    out->denominator = (int64_t)below;
    return true;
}

bool fraction_add(struct fraction a, struct fraction b, struct fraction *sum)
{
    int64_t shared = greatest_common_divisor(a.denominator, b.denominator);
    wide left, right, numerator;
    if (__builtin_mul_overflow(a.numerator, (wide)(b.denominator / shared), &left) ||
        __builtin_mul_overflow(b.numerator, (wide)(a.denominator / shared), &right) ||
        __builtin_add_overflow(left, right, &numerator))
        return false;
    return fraction_make(numerator, (wide)(a.denominator / shared) * b.denominator, sum);
}

bool fraction_subtract(struct fraction a, struct fraction b, struct fraction *difference)
{
    /* No numerator is -2^127 (fraction_make), so it can be negated. */
    return fraction_add(a, (struct fraction){-b.numerator, b.denominator}, difference);
}

/* Reduced crosswise first, so that it fails only if the product itself does
 * not fit. */
bool fraction_multiply(struct fraction a, struct fraction b, struct fraction *product)
{
    wide first = (wide)wide_divisor(magnitude_of(a.numerator), (unsigned_wide)b.denominator);
    wide second = (wide)wide_divisor(magnitude_of(b.numerator), (unsigned_wide)a.denominator);
    wide numerator;
    if (__builtin_mul_overflow(a.numerator / first, b.numerator / second, &numerator))
        return false;
    return fraction_make(numerator, (a.denominator / second) * (b.denominator / first), product);
}

/* floor(numerator / denominator), and the remainder in [0, denominator). */
static wide floor_divide(struct fraction value, int64_t *remainder)
{
    assert(value.denominator > 0);
    wide quotient = value.numerator / value.denominator;
    wide rest = value.numerator % value.denominator;
    if (rest < 0) {
        rest += value.denominator;
        quotient--;
    }
    *remainder = (int64_t)rest;
    return quotient;
}

int fraction_compare(struct fraction a, struct fraction b)
{
    int64_t rest_a, rest_b;
    wide whole_a = floor_divide(a, &rest_a), whole_b = floor_divide(b, &rest_b);
    if (whole_a == whole_b) {
        whole_a = (wide)rest_a * b.denominator;
        whole_b = (wide)rest_b * a.denominator;
    }
    return (whole_a > whole_b) - (whole_a < whole_b);
}

bool fraction_round(struct fraction value, enum rounding rounding, int64_t *whole)
{
    int64_t rest;
    wide floor = floor_divide(value, &rest);
    int half = ((wide)rest * 2 > value.denominator) - ((wide)rest * 2 < value.denominator);
    bool up = false;
    switch (rounding) {
    case ROUND_DOWN:
        break;
    case ROUND_UP:
        up = rest > 0;
        break;
    case ROUND_NEAREST:
        up = half >= 0;
        break;
    case ROUND_EVEN:
        up = half > 0 || (half == 0 && floor % 2 != 0);
        break;
    }
    /* No overflow: a floor of 2^127 - 1 has denominator 1 and rest 0. */
    return keep_units(up ? floor + 1 : floor, whole);
}

/* -- Splitting -------------------------------------------------------------- */

struct remainder {
    wide rest;
    size_t index;
};

static int larger_first_then_earlier(const void *left, const void *right)
{
    const struct remainder *a = left, *b = right;
    if (a->rest != b->rest)
        return a->rest > b->rest ? -1 : 1;
    return (a->index > b->index) - (a->index < b->index);
}

void largest_remainder(int64_t total, const int64_t weights[], size_t count, int64_t shares[])
{
    assert(total >= 0);
    wide sum = 0;
    for (size_t i = 0; i < count; i++) {
        assert(weights[i] >= 0);
        sum += weights[i];
        shares[i] = 0;
    }
    if (total == 0)
        return;
    assert(sum > 0);
    struct remainder *remainders = memory_allocate(count * sizeof *remainders);
    int64_t left = total;
    for (size_t i = 0; i < count; i++) {
        wide exact = (wide)total * weights[i];
        shares[i] = (int64_t)(exact / sum);
        left -= shares[i];
        remainders[i] = (struct remainder){exact % sum, i};
    }
    qsort(remainders, count, sizeof *remainders, larger_first_then_earlier);
    /* The remainders add up to left x sum and each is below sum, so the first
     * `left` of them are not zero: a weight of zero gets nothing. */
    for (size_t i = 0; i < (size_t)left; i++)
        shares[remainders[i].index]++;
    free(remainders);
}
