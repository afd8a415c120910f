/* A tally: sums of points by key and account. Its size is the number of keys
 * (currencies, origins, months), never that of members or lots. */
#ifndef LOYALTY_REPORT_TALLY_H
#define LOYALTY_REPORT_TALLY_H

#include "flow.h"
#include "map.h"

enum { TALLY_ORIGINS = 64 };

struct tally_key {
    unsigned currency;
    struct text origin; /* empty where the report does not ask */
    int first, second;  /* months, or what the report makes of them */
};
struct tally_row {
    struct tally_key key;
    int64_t sums[ACCOUNT_COUNT];
    int64_t late; /* of `issued`, or of all changes: see the report */
};
struct tally {
    struct arena arena;
    struct map map;
    struct text origins[TALLY_ORIGINS];
    size_t origin_count;
};

/* ERROR_OVERFLOW beyond what an answer can say. */
bool tally_add(struct tally *tally, struct tally_key key, unsigned account, int64_t amount,
               struct error *error);
/* The same of what is late. */
bool tally_add_late(struct tally *tally, struct tally_key key, int64_t amount, struct error *error);
/* The rows by currency, origin, first, second; they live with the tally. */
struct tally_row **tally_rows(struct tally *tally, size_t *count);
/* The rows' sum for one currency. */
bool tally_total(struct tally_row *const rows[], size_t count, unsigned currency,
                 struct tally_row *total, struct error *error);
void tally_free(struct tally *tally);

#endif
