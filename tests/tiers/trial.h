/* One member on trial: a programme made by hand, what has counted, and their level.
 *
 * Times are local in the programme's zone ("2026-01-31 10:00"). Whatever is bought goes
 * the way of an operation: what is due happens first, then it counts, then it is judged. */
#ifndef LOYALTY_TESTS_TRIAL_H
#define LOYALTY_TESTS_TRIAL_H

#include <stdio.h>
#include <string.h>

#include "suite.h"
#include "tiers.h"

enum { TRIAL_ENTRIES = 1024, TRIAL_DEMANDS = 128 };

struct trial {
    struct programme programme;
    struct tiers tiers;
    struct measure measures[LIMIT_MEASURES];
    struct tier_level levels[LIMIT_LEVELS];
    struct demand demands[TRIAL_DEMANDS];
    struct demands alternatives[TRIAL_DEMANDS];
    size_t demand_count, alternative_count;
    struct {
        unsigned measure;
        int64_t day, by;
    } entries[TRIAL_ENTRIES];
    size_t entry_count;
    struct tier_member member;
    struct tier_state state;
    int64_t seq;
    enum tier_change change; /* of the last step */
    struct tier_climb undone[LIMIT_LEVELS];
    size_t undone_count;
};

/* So many levels, one measure (money), `lifetime`, nothing ever reviewed. */
void trial_begin(struct trial *trial, const char *zone, const char *joined, size_t levels);
/* A level's `from` is so much of the first measure; `keep` too, until it is said otherwise. */
void trial_from(struct trial *trial, unsigned level, int64_t units);
void trial_keep(struct trial *trial, unsigned level, int64_t units);
/* One more alternative, which demands of each measure so much (0 nothing). */
void trial_or(struct trial *trial, struct requirement *requirement,
              const int64_t units[LIMIT_MEASURES]);
/* The same for all levels. */
void trial_window(struct trial *trial, enum window_kind kind, const char *span);
void trial_review(struct trial *trial, enum review_kind kind, const char *after);
void trial_grace(struct trial *trial, const char *span);
struct span trial_span(const char *text);

moment trial_moment(const struct trial *trial, const char *local);
int64_t trial_day(const struct trial *trial, const char *local);

/* What has counted, without being judged. */
void trial_enter(struct trial *trial, unsigned measure, int64_t day, int64_t by);
/* All that is due by then. */
void trial_advance(struct trial *trial, moment now);
/* Counts now, or on another day, in the first measure; then tier_count(). */
void trial_buy(struct trial *trial, const char *local, int64_t by);
void trial_buy_on(struct trial *trial, moment now, unsigned measure, int64_t day, int64_t by);
/* The opposite of what was bought on a day; then tier_lower(). */
void trial_return(struct trial *trial, const char *local, const char *bought, int64_t by);
void trial_return_on(struct trial *trial, moment now, unsigned measure, int64_t day, int64_t by);

/* The level, and the local start of the day of the next judgement: NULL never. */
void trial_expect(const struct trial *trial, const char *what, unsigned level, const char *review);
void trial_expect_moment(const struct trial *trial, const char *what, const char *local,
                         moment actual);
void trial_expect_same(const struct trial *a, const struct trial *b, const char *what);
/* What counts of the first measure. */
int64_t trial_value(const struct trial *trial, moment now);

/* The cases of each file. */
extern const struct test_case window_cases[], climb_cases[], review_cases[], look_cases[];

/* splitmix64 */
struct chance {
    uint64_t state;
};
uint64_t chance_next(struct chance *chance);
int64_t chance_below(struct chance *chance, int64_t bound);

#endif
