/* The disk fails at the n-th write, for every n, under one request: the answer is
 * an error or the outcome, and the same request again is recorded exactly once. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "fault_vfs.h"
#include "small_ledger.h"
#include "suite.h"

enum { ENOUGH = 300 };

static const char *const requests[] = {
    "{\"op\":\"purchase\",\"member\":\"card:9\",\"receipt\":\"P\",\"amount\":\"5.00\","
    "\"now\":\"2026-02-01T00:00:00Z\"}",
    "{\"op\":\"return\",\"of\":\"L2\",\"ref\":\"r9\",\"all\":true,\"now\":\"2026-02-01T00:00:"
    "00Z\"}",
    "{\"op\":\"redeem\",\"member\":\"card:9\",\"ref\":\"x9\",\"points\":3,"
    "\"now\":\"2026-02-01T00:00:00Z\"}",
    "{\"op\":\"member.add\",\"identifiers\":[\"card:77\"],\"now\":\"2026-02-01T00:00:00Z\"}",
};

static const struct fault {
    int code;
    bool for_good;
    const char *name;
} faults[] = {
    {SQLITE_IOERR_WRITE, false, "io_error"},
    {SQLITE_IOERR_FSYNC, true, "io_error"},
    {SQLITE_FULL, false, "disk_full"},
    {SQLITE_FULL, true, "disk_full"},
};

static const char *path;
static const char *key;

static loyalty_status execute(const char *request, char **answer)
{
    const struct loyalty_options options = {.size = sizeof options, .key_path = key};
    loyalty *ledger = NULL;
    loyalty_status status = loyalty_open(&ledger, path, &options, answer);
    if (status == LOYALTY_OK)
        status = loyalty_execute(ledger, &request, 1, answer);
    loyalty_close(ledger);
    return status;
}

static int64_t records(void)
{
    sqlite3 *db = NULL;
    if (sqlite3_open(path, &db) != SQLITE_OK)
        abort();
    int64_t count = sql_number(db, "SELECT count(*) FROM record");
    sqlite3_close(db);
    return count;
}

static void complain(const char *request, const struct fault *fault, int n, const char *what,
                     const char *answer)
{
    printf("\n    %s: %s %s at write %d: %s: %s\n", request, fault->name,
           fault->for_good ? "for good" : "once", n, what, answer);
    CU_FAIL("fault");
}

static void audit(const char *request, const struct fault *fault, int n)
{
    const struct loyalty_options options = {.size = sizeof options, .read_only = 1};
    loyalty *ledger = NULL;
    char *answer = NULL;
    if (loyalty_open(&ledger, path, &options, &answer) != LOYALTY_OK ||
        run_on(ledger, "{\"op\":\"verify\",\"all_signatures\":true}", &answer) != LOYALTY_OK)
        complain(request, fault, n, "verify", answer);
    loyalty_free(answer);
    answer = NULL;
    if (ledger != NULL && run_on(ledger, "{\"op\":\"audit\"}", &answer) != LOYALTY_OK)
        complain(request, fault, n, "audit", answer);
    loyalty_free(answer);
    loyalty_close(ledger);
}

/* False when nothing was left to fail. */
static bool once(const char *request, const struct fault *fault, int n)
{
    char *answer = NULL, *again = NULL;
    remove_database(path);
    copy_file(small_ledger(), path);
    fault_arm(n, fault->for_good, fault->code);
    loyalty_status status = execute(request, &answer);
    bool failed = fault_disarm();
    char wanted[64];
    snprintf(wanted, sizeof wanted, "\"code\":\"%s\"", fault->name);
    if (status != LOYALTY_OK && (status != LOYALTY_FAULT || !answer_has(answer, wanted)))
        complain(request, fault, n, "another error", answer);
    if (status != LOYALTY_OK && !failed)
        complain(request, fault, n, "an error without a fault", answer);

    int64_t between = records();
    loyalty_status retried = execute(request, &again);
    if (retried != LOYALTY_OK || records() != small_ledger_records() + 1)
        complain(request, fault, n, "the retry", again);
    bool was_there = between == small_ledger_records() + 1;
    if (answer_has(again, "\"duplicate\":true") != was_there ||
        (status == LOYALTY_OK && !was_there))
        complain(request, fault, n, "recorded twice, or answered and lost", again);
    if (n % 4 == 1)
        audit(request, fault, n);
    loyalty_free(answer);
    loyalty_free(again);
    return failed;
}

static void every_write(void)
{
    static char place[600], key_place[600];
    snprintf(place, sizeof place, "%s", folder_path("disk.db"));
    snprintf(key_place, sizeof key_place, "%s.key", small_ledger());
    path = place;
    key = key_place;
    fault_install();
    for (size_t r = 0; r < sizeof requests / sizeof *requests; r++) {
        for (size_t f = 0; f < sizeof faults / sizeof *faults; f++) {
            int n = 1;
            while (n < ENOUGH && once(requests[r], &faults[f], n))
                n++;
            CU_ASSERT_TRUE(n > 5 && n < ENOUGH);
        }
    }
    fault_uninstall();
    remove_database(path);
}

static const struct test_case disk[] = {
    {"every write of a request fails", every_write},
    {NULL, NULL},
};
const struct test_suite test_suites[] = {{"disk", disk}, {NULL, NULL}};
