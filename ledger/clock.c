/* The one place where time comes in: it is data from here on. */
#include <time.h>

#include "ledger_private.h"

moment ledger_clock(const struct ledger *ledger, const struct request *request)
{
    if (ledger->replay != NULL)
        return ledger->replay->real != 0 ? ledger->replay->real : ledger->replay->time;
    if (request != NULL && request_has(request, FIELD_NOW))
        return request->now;
    if (ledger->options.test_now != 0)
        return ledger->options.test_now;
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    return (moment)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}
