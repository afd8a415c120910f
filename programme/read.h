/* What the readers of the programme document share. */
#ifndef LOYALTY_PROGRAMME_READ_H
#define LOYALTY_PROGRAMME_READ_H

#include "walk.h"

struct reading {
    struct programme *programme; /* so far; the tables say what is read first */
    struct text zone_bytes;
    bool money_known; /* the currency was read: amounts can be judged */
    /* Of each points currency: the common denominator of its carry rules. */
    int64_t carried[LIMIT_CURRENCIES];
};

extern const struct shape filter_shape; /* into a struct line_filter */
value_reader read_earn;                 /* into a struct programme */
value_reader read_name;                 /* into a struct localized */

#endif
