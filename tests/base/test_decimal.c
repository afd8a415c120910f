/* Decimals, fractions and splitting: boundaries by hand, laws by many
 * pseudo-random cases against the definition computed another way. */
#include "decimal.h"

#include <stdlib.h>

#include "chance.h"
#include "limits.h"
#include "suite.h"

/* -- Decimals --------------------------------------------------------------- */

static void expect_parse(const char *text, unsigned scale, enum decimal_result result,
                         int64_t units)
{
    int64_t parsed = 4711;
    test_expect_integer(text, result, decimal_parse(text_of(text), scale, &parsed));
    test_expect_integer(text, result == DECIMAL_OK ? units : 4711, parsed);
}

static void decimals_are_read(void)
{
    expect_parse("58", 2, DECIMAL_OK, 5800);
    expect_parse("58.0", 2, DECIMAL_OK, 5800);
    expect_parse("58.000", 2, DECIMAL_OK, 5800);
    expect_parse("58.000000000000000000000000000000", 2, DECIMAL_OK, 5800);
    expect_parse("0", 2, DECIMAL_OK, 0);
    expect_parse("0.00", 2, DECIMAL_OK, 0);
    expect_parse("0.01", 2, DECIMAL_OK, 1);
    expect_parse("-0.01", 2, DECIMAL_OK, -1);
    expect_parse("-12.5", 2, DECIMAL_OK, -1250);
    expect_parse("7", 0, DECIMAL_OK, 7);
    expect_parse("7.0", 0, DECIMAL_OK, 7);
    expect_parse("0.385", 6, DECIMAL_OK, 385000);
}

static void decimals_of_other_shapes_are_refused(void)
{
    static const char *const malformed[] = {
        "",    "-",  "-0", "-0.00", "+1",  "1e3",  ".5",   "5.",  "01",  "00",  "-01",     "1.2.3",
        "1,5", " 1", "1 ", "--1",   "0x1", "1.-5", "1.5x", "NaN", "-.5", "1.e", "\xd9\xa1"};
    for (size_t i = 0; i < sizeof malformed / sizeof malformed[0]; i++)
        expect_parse(malformed[i], 2, DECIMAL_MALFORMED, 0);
    int64_t units;
    CU_ASSERT_EQUAL(decimal_parse((struct text){"1\0", 2}, 2, &units), DECIMAL_MALFORMED);
    CU_ASSERT_EQUAL(decimal_parse((struct text){"123", 1}, 0, &units), DECIMAL_OK);
    CU_ASSERT_EQUAL(units, 1);
}

static void decimals_at_the_limits(void)
{
    expect_parse("12.345", 2, DECIMAL_TOO_FINE, 0);
    expect_parse("12.340", 2, DECIMAL_OK, 1234);
    expect_parse("1.5", 0, DECIMAL_TOO_FINE, 0);
    expect_parse("0.0000001", 6, DECIMAL_TOO_FINE, 0);
    expect_parse("-0.001", 2, DECIMAL_TOO_FINE, 0);
    expect_parse("9007199254740991", 0, DECIMAL_OK, LIMIT_UNITS);
    expect_parse("-9007199254740991", 0, DECIMAL_OK, -LIMIT_UNITS);
    expect_parse("9007199254740992", 0, DECIMAL_TOO_LARGE, 0);
    expect_parse("-9007199254740992", 0, DECIMAL_TOO_LARGE, 0);
    expect_parse("90071992547409.91", 2, DECIMAL_OK, LIMIT_UNITS);
    expect_parse("90071992547409.92", 2, DECIMAL_TOO_LARGE, 0);
    expect_parse("90071992547410", 2, DECIMAL_TOO_LARGE, 0);
    expect_parse("9007199254740991", 1, DECIMAL_TOO_LARGE, 0);
    expect_parse("12345678901234567890", 0, DECIMAL_TOO_LARGE, 0);
    expect_parse("18446744073709551617", 0, DECIMAL_TOO_LARGE, 0);
    expect_parse("9007199254740992.5", 0, DECIMAL_TOO_LARGE, 0);
}

static void expect_format(int64_t units, unsigned scale, const char *full, const char *brief)
{
    struct buffer buffer = {0};
    decimal_format(&buffer, units, scale);
    test_expect_text("all decimals", full, strlen(full), buffer.bytes, buffer.length);
    buffer_clear(&buffer);
    decimal_format_short(&buffer, units, scale);
    test_expect_text("canonical", brief, strlen(brief), buffer.bytes, buffer.length);
    buffer_free(&buffer);
}

static void decimals_are_written(void)
{
    expect_format(5800, 2, "58.00", "58");
    expect_format(385000, 6, "0.385000", "0.385");
    expect_format(0, 2, "0.00", "0");
    expect_format(0, 0, "0", "0");
    expect_format(-5, 2, "-0.05", "-0.05");
    expect_format(-1200, 2, "-12.00", "-12");
    expect_format(100, 0, "100", "100");
    expect_format(LIMIT_UNITS, 2, "90071992547409.91", "90071992547409.91");
    expect_format(INT64_MIN, 6, "-9223372036854.775808", "-9223372036854.775808");
}

static void decimals_round_trip(void)
{
    uint64_t state = 42;
    struct buffer buffer = {0};
    for (int i = 0; i < 100000; i++) {
        int64_t units = chance_between(&state, 0, LIMIT_UNITS), full, brief;
        unsigned scale = (unsigned)(chance(&state) % (LIMIT_SCALE + 1));
        units = chance(&state) % 2 != 0 ? -units : units;
        buffer_clear(&buffer);
        decimal_format(&buffer, units, scale);
        CU_ASSERT_EQUAL_FATAL(decimal_parse(buffer_view(&buffer), scale, &full), DECIMAL_OK);
        buffer_clear(&buffer);
        decimal_format_short(&buffer, units, scale);
        CU_ASSERT_EQUAL_FATAL(decimal_parse(buffer_view(&buffer), scale, &brief), DECIMAL_OK);
        CU_ASSERT_TRUE_FATAL(full == units && brief == units);
    }
    buffer_free(&buffer);
}

static void problems_are_said(void)
{
    CU_ASSERT_STRING_EQUAL(decimal_problem(DECIMAL_OK), "");
    CU_ASSERT_STRING_NOT_EQUAL(decimal_problem(DECIMAL_MALFORMED), "");
    CU_ASSERT_STRING_NOT_EQUAL(decimal_problem(DECIMAL_TOO_FINE), "");
    CU_ASSERT_STRING_NOT_EQUAL(decimal_problem(DECIMAL_TOO_LARGE), "");
}

/* -- Units ------------------------------------------------------------------ */

static void units_stay_within_the_limit(void)
{
    int64_t out = 5;
    CU_ASSERT_TRUE(units_add(LIMIT_UNITS - 1, 1, &out));
    CU_ASSERT_EQUAL(out, LIMIT_UNITS);
    CU_ASSERT_FALSE(units_add(LIMIT_UNITS, 1, &out));
    CU_ASSERT_FALSE(units_add(-LIMIT_UNITS, -1, &out));
    CU_ASSERT_FALSE(units_add(INT64_MAX, INT64_MAX, &out));
    CU_ASSERT_FALSE(units_subtract(INT64_MIN, 1, &out));
    CU_ASSERT_FALSE(units_subtract(-LIMIT_UNITS, 1, &out));
    CU_ASSERT_EQUAL(out, LIMIT_UNITS); /* untouched by the failures */
    CU_ASSERT_TRUE(units_subtract(3, 5, &out));
    CU_ASSERT_EQUAL(out, -2);
    CU_ASSERT_TRUE(units_share(LIMIT_UNITS, LIMIT_UNITS, LIMIT_UNITS, &out));
    CU_ASSERT_EQUAL(out, LIMIT_UNITS);
    CU_ASSERT_TRUE(units_share(100, 2, 3, &out));
    CU_ASSERT_EQUAL(out, 66);
    CU_ASSERT_FALSE(units_share(LIMIT_UNITS, 2, 1, &out));
    CU_ASSERT_EQUAL(out, 66);
}

/* -- Fractions -------------------------------------------------------------- */

static struct fraction make(int64_t numerator, int64_t denominator)
{
    struct fraction out;
    if (!fraction_make(numerator, denominator, &out))
        CU_FAIL_FATAL("a fraction that fits was refused");
    return out;
}

static struct fraction any_fraction(uint64_t *state)
{
    int64_t numerator = chance_between(state, 0, LIMIT_RATE_TERM);
    return make(chance(state) % 2 != 0 ? numerator : -numerator,
                chance_between(state, 1, LIMIT_RATE_TERM));
}

static bool is_lowest(struct fraction value)
{
    wide a = value.numerator < 0 ? -value.numerator : value.numerator, b = value.denominator;
    while (b != 0) {
        wide rest = a % b;
        a = b;
        b = rest;
    }
    return value.denominator > 0 && a == 1;
}

static bool is_ratio(struct fraction value, wide numerator, wide denominator)
{
    return is_lowest(value) && value.numerator * denominator == numerator * value.denominator;
}

static void fractions_are_lowest(void)
{
    struct fraction out;
    CU_ASSERT_TRUE(is_ratio(make(6, -4), -3, 2) && make(6, -4).numerator == -3);
    CU_ASSERT_TRUE(make(0, -7).numerator == 0 && make(0, -7).denominator == 1);
    CU_ASSERT_FALSE(fraction_make(1, 0, &out));
    CU_ASSERT_FALSE(fraction_make(1, (wide)INT64_MAX + 1, &out));
    CU_ASSERT_TRUE(fraction_make(2, ((wide)INT64_MAX) * 2, &out));
    CU_ASSERT_TRUE(out.numerator == 1 && out.denominator == INT64_MAX);
    wide most = (wide)(((__extension__(unsigned __int128) 1) << 127) - 1), least = -most - 1;
    CU_ASSERT_TRUE(fraction_make(most, 1, &out) && out.numerator == most);
    CU_ASSERT_FALSE(fraction_make(least, 1, &out));
    CU_ASSERT_FALSE(fraction_make(least, -1, &out));
    CU_ASSERT_TRUE(fraction_make(least, 2, &out) && out.numerator == least / 2);
    CU_ASSERT_TRUE(fraction_make(least, least, &out) && out.numerator == 1 && out.denominator == 1);
    CU_ASSERT_TRUE(fraction_zero().numerator == 0 && fraction_zero().denominator == 1);
}

static void fractions_do_not_wrap(void)
{
    struct fraction most, out = fraction_zero();
    wide largest = (wide)(((__extension__(unsigned __int128) 1) << 127) - 1);
    CU_ASSERT_TRUE(fraction_make(largest, 1, &most));
    CU_ASSERT_FALSE(fraction_add(most, make(1, 1), &out));
    CU_ASSERT_FALSE(fraction_add(most, make(1, 2), &out));
    CU_ASSERT_FALSE(fraction_multiply(most, make(2, 1), &out));
    CU_ASSERT_FALSE(fraction_multiply(make(1, INT64_MAX), make(1, 2), &out));
    CU_ASSERT_FALSE(fraction_add(make(1, INT64_MAX), make(1, 2), &out));
    CU_ASSERT_TRUE(fraction_subtract(most, most, &out) && out.numerator == 0);
    CU_ASSERT_TRUE(fraction_subtract(out, most, &out) && out.numerator == -largest);
    CU_ASSERT_TRUE(fraction_multiply(most, make(7, 7), &out) && out.numerator == largest);
    /* Where the product fits, no step on the way may overflow. */
    CU_ASSERT_TRUE(fraction_make((wide)1 << 126, 1, &most));
    CU_ASSERT_TRUE(fraction_multiply(most, make(3, 4), &out));
    CU_ASSERT_TRUE(out.numerator == (wide)3 << 124 && out.denominator == 1);
    CU_ASSERT_TRUE(fraction_multiply(make(3, 4), most, &out));
    CU_ASSERT_TRUE(out.numerator == (wide)3 << 124 && out.denominator == 1);
    CU_ASSERT_TRUE(fraction_compare(most, make(INT64_MAX, 1)) > 0);
    int64_t whole;
    CU_ASSERT_FALSE(fraction_round(most, ROUND_UP, &whole));
}

static void fraction_laws(void)
{
    uint64_t state = 2026;
    for (int i = 0; i < 100000; i++) {
        struct fraction a = any_fraction(&state), b = any_fraction(&state), sum, less, product,
                        back;
        wide below = (wide)a.denominator * b.denominator;
        CU_ASSERT_TRUE_FATAL(fraction_add(a, b, &sum));
        CU_ASSERT_TRUE_FATAL(fraction_subtract(a, b, &less));
        CU_ASSERT_TRUE_FATAL(fraction_multiply(a, b, &product));
        wide left = a.numerator * b.denominator, right = b.numerator * a.denominator;
        CU_ASSERT_TRUE_FATAL(is_lowest(sum) && is_lowest(less) && is_lowest(product));
        /* sum = left + right over below: compare as floor and remainder. */
        struct fraction expected;
        CU_ASSERT_TRUE_FATAL(fraction_make(left + right, below, &expected));
        CU_ASSERT_EQUAL_FATAL(fraction_compare(sum, expected), 0);
        CU_ASSERT_TRUE_FATAL(fraction_make(a.numerator * b.numerator, below, &expected));
        CU_ASSERT_EQUAL_FATAL(fraction_compare(product, expected), 0);
        int order = (left > right) - (left < right);
        CU_ASSERT_EQUAL_FATAL(fraction_compare(a, b), order);
        CU_ASSERT_EQUAL_FATAL(fraction_compare(less, fraction_zero()), order);
        CU_ASSERT_TRUE_FATAL(fraction_add(less, b, &back));
        CU_ASSERT_TRUE_FATAL(back.numerator == a.numerator && back.denominator == a.denominator);
    }
}

static void small_fractions_by_brute_force(void)
{
    struct fraction out;
    bool right = true;
    for (int a = -9; a <= 9; a++)
        for (int b = 1; b <= 9; b++)
            for (int c = -9; c <= 9; c++)
                for (int d = 1; d <= 9; d++) {
                    right = right && fraction_add(make(a, b), make(c, d), &out) &&
                            is_ratio(out, a * d + c * b, b * d);
                    right = right && fraction_subtract(make(a, b), make(c, d), &out) &&
                            is_ratio(out, a * d - c * b, b * d);
                    right = right && fraction_multiply(make(a, b), make(c, d), &out) &&
                            is_ratio(out, a * c, b * d);
                    right = right && fraction_compare(make(a, b), make(c, d)) ==
                                         (a * d > c * b) - (a * d < c * b);
                }
    CU_ASSERT_TRUE(right);
}

static void expect_round(int64_t numerator, int64_t denominator, int down, int up, int nearest,
                         int even)
{
    const int expected[] = {
        [ROUND_DOWN] = down, [ROUND_UP] = up, [ROUND_NEAREST] = nearest, [ROUND_EVEN] = even};
    static const enum rounding all[] = {ROUND_DOWN, ROUND_UP, ROUND_NEAREST, ROUND_EVEN};
    for (size_t i = 0; i < 4; i++) {
        int64_t whole = 4711;
        CU_ASSERT_TRUE(fraction_round(make(numerator, denominator), all[i], &whole));
        test_expect_integer("rounded", expected[all[i]], whole);
    }
}

static void rounding_has_four_names(void)
{
    expect_round(5, 2, 2, 3, 3, 2);
    expect_round(7, 2, 3, 4, 4, 4);
    expect_round(-5, 2, -3, -2, -2, -2);
    expect_round(-7, 2, -4, -3, -3, -4);
    expect_round(1, 2, 0, 1, 1, 0);
    expect_round(-1, 2, -1, 0, 0, 0);
    expect_round(7, 3, 2, 3, 2, 2);
    expect_round(8, 3, 2, 3, 3, 3);
    expect_round(-7, 3, -3, -2, -2, -2);
    expect_round(6, 3, 2, 2, 2, 2);
    expect_round(0, 1, 0, 0, 0, 0);
    int64_t whole = 3;
    CU_ASSERT_TRUE(fraction_round(make(LIMIT_UNITS, 1), ROUND_UP, &whole));
    CU_ASSERT_EQUAL(whole, LIMIT_UNITS);
    CU_ASSERT_FALSE(fraction_round(make(LIMIT_UNITS * 2 + 1, 2), ROUND_UP, &whole));
    CU_ASSERT_TRUE(fraction_round(make(LIMIT_UNITS * 2 + 1, 2), ROUND_DOWN, &whole));
    CU_ASSERT_FALSE(fraction_round(make(-LIMIT_UNITS * 2 - 1, 2), ROUND_DOWN, &whole));
}

static void greatest_common_divisors(void)
{
    CU_ASSERT_EQUAL(greatest_common_divisor(0, 0), 0);
    CU_ASSERT_EQUAL(greatest_common_divisor(0, -5), 5);
    CU_ASSERT_EQUAL(greatest_common_divisor(12, -18), 6);
    CU_ASSERT_EQUAL(greatest_common_divisor(INT64_MIN, 6), 2);
    CU_ASSERT_EQUAL(greatest_common_divisor(INT64_MAX, INT64_MAX), INT64_MAX);
}

/* -- Splitting -------------------------------------------------------------- */

/* The definition, slowly: floors first, then one unit to whoever lacks most. */
static void slow_remainder(int64_t total, const int64_t weights[], size_t count, int64_t shares[])
{
    wide sum = 0;
    int64_t left = total;
    for (size_t i = 0; i < count; i++)
        sum += weights[i];
    for (size_t i = 0; i < count; i++) {
        shares[i] = total == 0 ? 0 : (int64_t)((wide)total * weights[i] / sum);
        left -= shares[i];
    }
    bool given[16] = {false};
    for (; left > 0; left--) {
        size_t best = count;
        for (size_t i = 0; i < count; i++)
            if (!given[i] && (best == count ||
                              (wide)total * weights[i] % sum > (wide)total * weights[best] % sum))
                best = i;
        given[best] = true;
        shares[best]++;
    }
}

static void splits_by_hand(void)
{
    int64_t shares[3];
    largest_remainder(100, (const int64_t[]){1, 1, 1}, 3, shares);
    CU_ASSERT_TRUE(shares[0] == 34 && shares[1] == 33 && shares[2] == 33);
    largest_remainder(2, (const int64_t[]){1, 1, 1}, 3, shares);
    CU_ASSERT_TRUE(shares[0] == 1 && shares[1] == 1 && shares[2] == 0);
    largest_remainder(1, (const int64_t[]){0, 1, 2}, 3, shares);
    CU_ASSERT_TRUE(shares[0] == 0 && shares[1] == 0 && shares[2] == 1);
    largest_remainder(0, (const int64_t[]){0, 0, 0}, 3, shares);
    CU_ASSERT_TRUE(shares[0] == 0 && shares[1] == 0 && shares[2] == 0);
    largest_remainder(LIMIT_UNITS, (const int64_t[]){INT64_MAX, INT64_MAX, INT64_MAX}, 3, shares);
    CU_ASSERT_EQUAL(shares[0] + shares[1] + shares[2], LIMIT_UNITS);
    largest_remainder(0, NULL, 0, NULL);
}

static void splits_follow_the_definition(void)
{
    uint64_t state = 7;
    for (int i = 0; i < 50000; i++) {
        int64_t weights[16], shares[16], expected[16], sum = 0;
        size_t count = 1 + chance(&state) % 16;
        bool small = chance(&state) % 2 != 0; /* many ties */
        for (size_t j = 0; j < count; j++)
            weights[j] = chance_between(&state, 0, small ? 3 : LIMIT_UNITS);
        weights[chance(&state) % count] = 1;
        int64_t total = chance_between(&state, 0, small ? 20 : LIMIT_UNITS);
        largest_remainder(total, weights, count, shares);
        slow_remainder(total, weights, count, expected);
        for (size_t j = 0; j < count; j++) {
            CU_ASSERT_TRUE_FATAL(shares[j] >= 0 && shares[j] == expected[j]);
            CU_ASSERT_TRUE_FATAL(weights[j] > 0 || shares[j] == 0);
            sum += shares[j];
        }
        CU_ASSERT_EQUAL_FATAL(sum, total);
    }
}

extern const struct test_case decimal_cases[];
const struct test_case decimal_cases[] = {
    {"decimals are read", decimals_are_read},
    {"decimals of other shapes are refused", decimals_of_other_shapes_are_refused},
    {"decimals at the limits", decimals_at_the_limits},
    {"decimals are written", decimals_are_written},
    {"decimals round trip", decimals_round_trip},
    {"problems are said", problems_are_said},
    {"units stay within the limit", units_stay_within_the_limit},
    {"fractions are lowest", fractions_are_lowest},
    {"fractions do not wrap", fractions_do_not_wrap},
    {"fraction laws", fraction_laws},
    {"small fractions by brute force", small_fractions_by_brute_force},
    {"rounding has four names", rounding_has_four_names},
    {"greatest common divisors", greatest_common_divisors},
    {"splits by hand", splits_by_hand},
    {"splits follow the definition", splits_follow_the_definition},
    {NULL, NULL},
};
