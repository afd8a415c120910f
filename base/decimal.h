/* Exact numbers. Money and points are integers in smallest units ("minor
 * units": pence, fen; points at their scale), at most LIMIT_UNITS in magnitude.
 * Rates are fractions of integers. Intermediates have 128 bits; what does not
 * fit is an error, never a wrap. */
#ifndef LOYALTY_DECIMAL_H
#define LOYALTY_DECIMAL_H

#include <stdbool.h>
#include <stdint.h>

#include "buffer.h"

__extension__ typedef __int128 wide;

enum decimal_result {
    DECIMAL_OK,
    DECIMAL_MALFORMED, /* not [-]digits[.digits]; "-0", "+1", "1e3", ".5", "01", "" */
    DECIMAL_TOO_FINE,  /* a non-zero digit beyond the scale */
    DECIMAL_TOO_LARGE  /* beyond LIMIT_UNITS */
};
/* "58", "58.0", "58.000" with scale 2 all give 5800. */
enum decimal_result decimal_parse(struct text text, unsigned scale, int64_t *units);
/* What was wrong with it, for people: "has more than 2 decimals" */
const char *decimal_problem(enum decimal_result result);
/* 5800, 2 -> "58.00": always all decimals. */
void decimal_format(struct buffer *buffer, int64_t units, unsigned scale);
/* 385000, 6 -> "0.385": no trailing zeros, the one canonical spelling. */
void decimal_format_short(struct buffer *buffer, int64_t units, unsigned scale);

/* Sums within LIMIT_UNITS; false, and *sum untouched, beyond. */
__attribute__((warn_unused_result)) bool units_add(int64_t a, int64_t b, int64_t *sum);
__attribute__((warn_unused_result)) bool units_subtract(int64_t a, int64_t b, int64_t *difference);
/* floor(value x numerator / denominator) for value, numerator >= 0, denominator > 0. */
__attribute__((warn_unused_result)) bool units_share(int64_t value, int64_t numerator,
                                                     int64_t denominator, int64_t *share);

/* A fraction in lowest terms, denominator > 0. The numerator may be wide. */
struct fraction {
    wide numerator;
    int64_t denominator;
};
enum rounding { ROUND_DOWN, ROUND_UP, ROUND_NEAREST /* halves up */, ROUND_EVEN /* halves to even */ };

struct fraction fraction_zero(void);
/* Reduce; false if the denominator is 0 or a term does not fit. */
__attribute__((warn_unused_result)) bool fraction_make(wide numerator, wide denominator,
                                                       struct fraction *out);
__attribute__((warn_unused_result)) bool fraction_add(struct fraction a, struct fraction b,
                                                      struct fraction *sum);
__attribute__((warn_unused_result)) bool fraction_subtract(struct fraction a, struct fraction b,
                                                           struct fraction *difference);
__attribute__((warn_unused_result)) bool fraction_multiply(struct fraction a, struct fraction b,
                                                           struct fraction *product);
int fraction_compare(struct fraction a, struct fraction b); /* <0, 0, >0 */
/* To a whole number; ROUND_DOWN is floor (towards minus infinity), ROUND_UP is
 * ceiling. False beyond LIMIT_UNITS. */
__attribute__((warn_unused_result)) bool fraction_round(struct fraction value, enum rounding rounding,
                                                        int64_t *whole);
int64_t greatest_common_divisor(int64_t a, int64_t b);

/* Split `total` over weights by largest remainder (ties: the earlier index).
 * shares[i] >= 0 and they add up to total exactly. All weights >= 0, and not all
 * zero unless total is 0. */
void largest_remainder(int64_t total, const int64_t weights[], size_t count, int64_t shares[]);

#endif
