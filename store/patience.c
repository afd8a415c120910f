/* Waiting for another writer. SQLite's own way is to sleep longer the longer one has
 * waited, up to a tenth of a second: at a busy till server whoever has just come wins,
 * and now and then a customer stands there for a second.
 *
 * Here it is the other way round. A commit takes well under a millisecond, so who has
 * waited for some of them looks often, and so comes next; who has just come looks
 * seldom. Only where somebody holds the ledger for long, as an import does, it is not
 * asked more than every few milliseconds. Times are drawn, so that two who wait do not
 * look in step. */
#include <time.h>
#include <unistd.h>

#include "connection.h"

/* Microseconds. */
enum {
    NEWCOMER = 3000, /* how often one looks who has just come ... */
    WAITED_LONG = 20000,
    EAGER = 300,        /* ... and who has waited for some thirty commits of others */
    HELD_LONG = 200000, /* this is no till */
    RELAXED = 4000
};

static int64_t microseconds(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

static int64_t interval(int64_t waited)
{
    if (waited >= HELD_LONG)
        return RELAXED;
    if (waited >= WAITED_LONG)
        return EAGER;
    return NEWCOMER - (NEWCOMER - EAGER) * waited / WAITED_LONG;
}

/* Nothing but a nap depends on this. */
static int64_t drawn(struct patience *patience, int64_t most)
{
    patience->dice = patience->dice * UINT64_C(6364136223846793005) + 1442695040888963407;
    return most / 2 + (int64_t)((patience->dice >> 33) % (uint64_t)most);
}

static int wait_a_little(void *context, int asked_before)
{
    struct patience *patience = context;
    int64_t now = microseconds();
    if (asked_before == 0)
        patience->since = now;
    if (now - patience->since >= patience->limit)
        return 0;
    int64_t nap = drawn(patience, interval(now - patience->since));
    const struct timespec time = {nap / 1000000, nap % 1000000 * 1000};
    nanosleep(&time, NULL);
    return 1;
}

void patience_begin(struct patience *patience, sqlite3 *db, int milliseconds)
{
    patience->limit = (int64_t)milliseconds * 1000;
    patience->dice = (uint64_t)microseconds() ^ (uint64_t)getpid() << 32;
    sqlite3_busy_handler(db, wait_a_little, patience);
}
