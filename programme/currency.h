/* The money a programme can be in. */
#ifndef LOYALTY_CURRENCY_H
#define LOYALTY_CURRENCY_H

#include <stdbool.h>

#include "memory.h"

enum currency_result {
    CURRENCY_OK,
    CURRENCY_UNKNOWN,
    CURRENCY_TOO_FINE /* it exists, but has four decimals: CLF, UYW */
};
/* Of an ISO 4217 alphabetic code: the decimals of its minor unit, 0, 2 or 3. */
enum currency_result currency_find(struct text code, unsigned *digits);

/* The code that was probably meant, or NULL. */
const char *currency_nearest(struct text wrong);

#endif
