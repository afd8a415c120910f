/* Reconciliation: the sets that are kept of a journal, and what is told where the
 * comparison does not come to its end. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "journal.h"
#include "support.h"

/* --- What the journal named ------------------------------------------------------------ */

static void number_hash(uint64_t number, unsigned char hash[KEY_HASH_BYTES])
{
    memset(hash, 0, KEY_HASH_BYTES);
    number *= UINT64_C(0x9e3779b97f4a7c15); /* in no order */
    memcpy(hash + 4, &number, sizeof number);
}

static void receipts_are_found_again(void)
{
    enum { MANY = 5000 };
    struct journal journal = {0};
    unsigned char hash[KEY_HASH_BYTES];
    number_hash(1, hash);
    journal_sort(&journal);
    CU_ASSERT_FALSE(journal_has_receipt(&journal, hash));
    for (uint64_t i = 0; i < MANY; i++) {
        number_hash(2 * i, hash);
        journal_add_receipt(&journal, hash);
    }
    journal_sort(&journal);
    for (uint64_t i = 0; i < MANY; i++) {
        number_hash(2 * i, hash);
        CU_ASSERT_TRUE(journal_has_receipt(&journal, hash));
        number_hash(2 * i + 1, hash);
        CU_ASSERT_FALSE(journal_has_receipt(&journal, hash));
    }
    journal_free(&journal);
}

static void tills_are_kept_once_in_order(void)
{
    static const unsigned char secret[SECRET_BYTES] = {1};
    struct keyed_hash keyed;
    keyed_hash_prepare(&keyed, secret);
    struct journal journal = {.keyed = &keyed};
    for (int turn = 0; turn < 2; turn++) {
        journal_add_till(&journal, text_of("21"), text_of("1"), 20000);
        journal_add_till(&journal, text_of("2"), text_of("11"), 20000); /* not the same */
        journal_add_till(&journal, text_of("21"), text_of("1"), 20001);
    }
    journal_add_store(&journal, text_of("21"));
    CU_ASSERT_EQUAL_FATAL(journal.tills.count, 3);
    const struct journal_till *second = journal.tills.entries[1].value;
    CU_ASSERT_TRUE(text_equal(second->store, text_of("2")));
    CU_ASSERT_TRUE(text_equal(second->till, text_of("11")));
    const struct journal_till *third = journal.tills.entries[2].value;
    CU_ASSERT_EQUAL(third->day, 20001);
    CU_ASSERT_TRUE(journal_has_store(&journal, text_of("21")));
    CU_ASSERT_FALSE(journal_has_store(&journal, text_of("2")));
    journal_free(&journal);
}

/* --- A comparison that does not come to its end -------------------------------------------- */

static const char SHOP[] =
    "{'loyalty':1,'id':'shop','timezone':'UTC','currency':'GBP','points':{'star':{}},"
    "'earn':[{'id':'base','per':'1.00','gives':{'star':1}}]}";
static const char REQUEST[] =
    "{'op':'reconcile','id':'x','mapping':{'encoding':'utf-8','columns':{'receipt':'r',"
    "'member':'m','time':'t','amount':'a'}}}";
static const char JOURNAL[] = "r,m,t,a\n"
                              "A,1,2026-03-02T10:00:00Z,5.00\n"
                              "B,1,2026-03-02T11:00:00Z,6.00\n";

/* The file; what fails of its reading and of the writing. */
struct world {
    size_t given, piece;
    int reads_left, writes_left, tells_left; /* -1: without end */
    char found[2000];
};

static bool spend(int *left)
{
    if (*left < 0)
        return true;
    return (*left)-- > 0;
}

static int64_t give(void *context, char *bytes, size_t capacity)
{
    struct world *world = context;
    size_t rest = strlen(JOURNAL) - world->given;
    size_t length = rest < world->piece ? rest : world->piece;
    if (!spend(&world->reads_left))
        return -1;
    length = length < capacity ? length : capacity;
    memcpy(bytes, JOURNAL + world->given, length);
    world->given += length;
    return (int64_t)length;
}

static int take(void *context, const char *bytes, size_t length)
{
    struct world *world = context;
    if (!spend(&world->writes_left))
        return -1;
    strncat(world->found, bytes, length);
    return 0;
}

static int tell(void *context, int64_t done, int64_t total)
{
    struct world *world = context;
    (void)done, (void)total;
    return spend(&world->tells_left) ? 0 : 1;
}

static const cJSON *reconcile(struct trial *trial, struct world *world)
{
    struct loyalty_io io = {.context = world, .read = give, .write = take, .progress = tell};
    char *text = NULL;
    loyalty_status status = loyalty_run(trial->ledger, quoted(REQUEST), &io, &text);
    (void)status;
    cJSON *answer = cJSON_Parse(text);
    loyalty_free(text);
    cJSON_AddItemToArray(trial->answers, answer);
    return answer;
}

static void stopped_it_tells_what_it_found(void)
{
    struct trial trial;
    trial_begin(&trial, SHOP, "2026-03-02T12:00:00Z");
    say(&trial, "ok",
        "{'op':'purchase','receipt':'A','member':'card:1','enrol':true,'amount':'5',"
        "'at':'2026-03-02T10:00:00Z'}");
    int64_t size = log_size(&trial);
    struct world whole = {.piece = 1000, .reads_left = -1, .writes_left = -1, .tells_left = -1};
    const cJSON *answer = reconcile(&trial, &whole);
    expect_number(answer, "equal", 1);
    expect_number(answer, "missing", 1);
    expect_text(answer, "id", "x");
    CU_ASSERT_PTR_NOT_NULL(strstr(whole.found, "\"receipt\":\"B\""));

    struct world stopped = {.piece = 45, .reads_left = -1, .writes_left = -1, .tells_left = 1};
    answer = reconcile(&trial, &stopped);
    expect_text(answer, "error/code", "interrupted");
    expect_number(answer, "report/missing", 0);

    struct world torn = {.piece = 45, .reads_left = 1, .writes_left = -1, .tells_left = -1};
    expect_text(reconcile(&trial, &torn), "error/code", "io_error");

    struct world full = {.piece = 1000, .reads_left = -1, .writes_left = 0, .tells_left = -1};
    answer = reconcile(&trial, &full);
    expect_text(answer, "error/code", "io_error");
    expect_number(answer, "report/missing", 1);
    CU_ASSERT_EQUAL(log_size(&trial), size);
    trial_end(&trial);
}

/* Tills go on while it reads: what they record then is not of its moment. */
struct selling {
    struct world world;
    struct trial *trial;
};

static int sell_meanwhile(void *context, int64_t done, int64_t total)
{
    struct selling *selling = context;
    (void)done, (void)total;
    if (selling->trial == NULL)
        return 0;
    loyalty *other = NULL;
    char *answer = NULL;
    struct trial *trial = selling->trial;
    selling->trial = NULL;
    CU_ASSERT_EQUAL_FATAL(loyalty_open(&other, trial->path, NULL, &answer), LOYALTY_OK);
    const char *request = quoted("{'op':'purchase','receipt':'B','member':'card:1','amount':'6',"
                                 "'at':'2026-03-02T11:00:00Z','now':'2026-03-02T12:00:00Z'}");
    CU_ASSERT_EQUAL(loyalty_execute(other, &request, 1, &answer), LOYALTY_OK);
    loyalty_free(answer);
    loyalty_close(other);
    return 0;
}

static void it_holds_up_no_till(void)
{
    struct trial trial;
    trial_begin(&trial, SHOP, "2026-03-02T12:00:00Z");
    say(&trial, "ok",
        "{'op':'purchase','receipt':'A','member':'card:1','enrol':true,'amount':'5',"
        "'at':'2026-03-02T10:00:00Z'}");
    struct selling selling = {{.piece = 45, .reads_left = -1, .writes_left = -1, .tells_left = -1},
                              &trial};
    struct loyalty_io io = {
        .context = &selling, .read = give, .write = take, .progress = sell_meanwhile};
    char *text = NULL;
    CU_ASSERT_EQUAL(loyalty_run(trial.ledger, quoted(REQUEST), &io, &text), LOYALTY_OK);
    cJSON *answer = cJSON_Parse(text);
    loyalty_free(text);
    expect_number(answer, "missing", 1);
    expect_number(answer, "known_at", (double)log_size(&trial) - 1);
    cJSON_Delete(answer);
    struct world again = {.piece = 1000, .reads_left = -1, .writes_left = -1, .tells_left = -1};
    expect_number(reconcile(&trial, &again), "equal", 2);
    trial_end(&trial);
}

static const struct test_case reconcile_cases[] = {
    {"receipts are found again", receipts_are_found_again},
    {"tills are kept once, in order", tills_are_kept_once_in_order},
    {"stopped, it tells what it found", stopped_it_tells_what_it_found},
    {"it holds up no till", it_holds_up_no_till},
    {NULL, NULL},
};
const struct test_suite test_suites[] = {{"reconcile", reconcile_cases}, {NULL, NULL}};
