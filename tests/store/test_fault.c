/* Fail the n-th write, for every n until none is left: once and for good, as a
 * broken disk and as a full one. Whatever fails, the ledger is afterwards as
 * before the commit or as after it, and a commit that was reported is there. */
#include <stdio.h>
#include <string.h>

#include "fault_vfs.h"
#include "ground.h"

static const struct kind {
    int code;
    bool for_good;
    enum error_code expected;
} kinds[] = {
    {SQLITE_IOERR_WRITE, false, ERROR_IO},
    {SQLITE_IOERR_WRITE, true, ERROR_IO},
    {SQLITE_FULL, false, ERROR_DISK_FULL},
    {SQLITE_FULL, true, ERROR_DISK_FULL},
};
enum { KINDS = sizeof kinds / sizeof *kinds, ENOUGH = 500 };

static void digest_of(const char *path, unsigned char out[DIGEST_BYTES])
{
    struct error error = {0};
    struct store *store = ground_open(path, STORE_WRITE);
    ground_digest(store, out);
    EXPECT_GOOD(store_integrity_check(store, &error));
    store_close(store);
}

struct states {
    unsigned char before[DIGEST_BYTES], after[DIGEST_BYTES];
};

/* Open, commit and close under the n-th fault; false when there was none left. */
static bool commit_with_fault(const struct states *states, const struct kind *kind, int n)
{
    struct error error = {0};
    struct store *store = NULL;
    unsigned char now[DIGEST_BYTES];
    ground_copy(ground_path("before.db"), ground_path("fault.db"));
    fault_arm(n, kind->for_good, kind->code);
    bool committed = store_open(&store, ground_path("fault.db"), STORE_WRITE, 0, &error) &&
                     ground_commit(store, 1, &error);
    store_close(store);
    bool failed = fault_disarm();
    if (!committed && error.code != kind->expected)
        printf("\n    write %d: %s: %s\n", n, error_name(error.code), error.message);
    CU_ASSERT_TRUE(committed || error.code == kind->expected);

    digest_of(ground_path("fault.db"), now);
    bool is_before = memcmp(now, states->before, DIGEST_BYTES) == 0;
    bool is_after = memcmp(now, states->after, DIGEST_BYTES) == 0;
    if (!is_after && (committed || !is_before))
        printf("\n    write %d, code %d, %s: %s, but found %s\n", n, kind->code,
               kind->for_good ? "for good" : "once", committed ? "committed" : "refused",
               is_before ? "the state before" : "something between");
    CU_ASSERT_TRUE(is_after || (is_before && !committed));
    return failed;
}

static void commits(void)
{
    struct error error = {0};
    struct states states;
    struct store *store = ground_new("before.db");
    EXPECT_GOOD(ground_commit(store, 0, &error));
    store_close(store);
    ground_copy(ground_path("before.db"), ground_path("after.db"));
    store = ground_open(ground_path("after.db"), STORE_WRITE);
    EXPECT_GOOD(ground_commit(store, 1, &error));
    store_close(store);
    digest_of(ground_path("before.db"), states.before);
    digest_of(ground_path("after.db"), states.after);
    fault_install();
    for (size_t i = 0; i < KINDS; i++) {
        int n = 1;
        while (n < ENOUGH && commit_with_fault(&states, &kinds[i], n))
            n++;
        CU_ASSERT_TRUE(n > 5 && n < ENOUGH);
    }
    fault_uninstall();
}

/* Creation leaves a whole ledger or nothing. */
static void creation(void)
{
    fault_install();
    for (size_t i = 0; i < KINDS; i++) {
        bool failed = true;
        for (int n = 1; failed && n < ENOUGH; n++) {
            struct error error = {0};
            struct store *store = NULL;
            fault_arm(n, kinds[i].for_good, kinds[i].code);
            bool created = store_create(&store, ground_path("made.db"), 0, &error);
            store_close(store);
            failed = fault_disarm();
            if (!created && error.code != kinds[i].expected)
                printf("\n    write %d: %s: %s\n", n, error_name(error.code), error.message);
            CU_ASSERT_TRUE(created || error.code == kinds[i].expected);
            CU_ASSERT_EQUAL(ground_exists(ground_path("made.db")), created);
            if (created)
                store_close(ground_open(ground_path("made.db"), STORE_WRITE));
            store_remove_file(ground_path("made.db"));
        }
        CU_ASSERT_FALSE(failed);
    }
    fault_uninstall();
}

/* A backup is whole or not there; an upgrade happened or did not. */
static void upgrade(void)
{
    struct error error = {0};
    struct store *store;
    EXPECT_GOOD(store_create_version(&store, ground_path("version1.db"), 1, 0, &error));
    store_close(store);
    fault_install();
    for (size_t i = 0; i < KINDS; i++) {
        bool failed = true;
        for (int n = 1; failed && n < ENOUGH; n++) {
            unsigned from, version;
            error = (struct error){0};
            ground_copy(ground_path("version1.db"), ground_path("upgraded.db"));
            fault_arm(n, kinds[i].for_good, kinds[i].code);
            bool upgraded = store_upgrade(ground_path("upgraded.db"), ground_path("upgraded.bak"),
                                          &from, &error);
            failed = fault_disarm();
            EXPECT_GOOD(store_open_any(&store, ground_path("upgraded.db"), STORE_WRITE, 0, &version,
                                       &error));
            CU_ASSERT_TRUE(version == store_schema_current() || (version == 1 && !upgraded));
            EXPECT_GOOD(store_check_migrations(store, version, &error));
            store_close(store);
            if (ground_exists(ground_path("upgraded.bak"))) {
                EXPECT_GOOD(store_open_any(&store, ground_path("upgraded.bak"), STORE_READ, 0,
                                           &version, &error));
                test_expect_integer("version of the backup", 1, version);
                EXPECT_GOOD(store_check_migrations(store, 1, &error));
                store_close(store);
            } else {
                CU_ASSERT_FALSE(upgraded);
            }
            store_remove_file(ground_path("upgraded.bak"));
        }
        CU_ASSERT_FALSE(failed);
    }
    fault_uninstall();
}

const struct test_case fault_cases[] = {
    {"commits", commits},
    {"creation", creation},
    {"upgrade", upgrade},
    {NULL, NULL},
};
