/* The high-water mark: an older copy is noticed, at the first commit; two that grow apart are
 * told as a fork; a recovery is a record, and what it gives up is no news any more. */
#define _XOPEN_SOURCE 700
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "support.h"

#define NOON "2026-03-02T12:00:00Z"
#define BUY(receipt) "{'op':'purchase','member':'card:1','receipt':'" receipt "','amount':'5'}"
#define RECOVER "{'op':'recover','reason':'disk'}"

static void state_of(const struct trial *t, char path[512])
{
    snprintf(path, 512, "%s/state", t->folder);
}

/* Open again with a folder for the mark, which ledgers on trial have not. */
static void open_marked(struct trial *t, loyalty **ledger, const char *state)
{
    char *answer = NULL;
    struct loyalty_options options = {.size = sizeof options, .state_path = state};
    CU_ASSERT_EQUAL_FATAL(loyalty_open(ledger, t->path, &options, &answer), LOYALTY_OK);
}

static void reopen(struct trial *t)
{
    char state[512];
    state_of(t, state);
    trial_close(t);
    open_marked(t, &t->ledger, state);
}

static void begin(struct trial *t)
{
    trial_begin(t, ONE_PER_POUND, NOON);
    say(t, "ok", "{'op':'member.add','identifiers':['card:1']}");
    reopen(t);
    say(t, "ok", BUY("1"));
}

static void copy_file(const char *from, const char *to)
{
    size_t length = 0;
    char *bytes = test_read_file(from, &length);
    FILE *file = fopen(to, "wb");
    CU_ASSERT_PTR_NOT_NULL_FATAL(file);
    CU_ASSERT_EQUAL(fwrite(bytes, 1, length, file), length);
    fclose(file);
    free(bytes);
}

/* The database as it is, kept under a name; and back. */
static void keep(struct trial *t, const char *name)
{
    char path[512];
    snprintf(path, sizeof path, "%s/%s", t->folder, name);
    trial_close(t);
    copy_file(t->path, path);
    reopen(t);
}

static void put_back(struct trial *t, const char *name)
{
    char path[512];
    snprintf(path, sizeof path, "%s/%s", t->folder, name);
    trial_close(t);
    copy_file(path, t->path);
    reopen(t);
}

static void mark_path(const struct trial *t, char path[1024])
{
    char state[512];
    state_of(t, state);
    DIR *folder = opendir(state);
    path[0] = '\0';
    CU_ASSERT_PTR_NOT_NULL_FATAL(folder);
    for (const struct dirent *entry; (entry = readdir(folder)) != NULL;)
        if (strstr(entry->d_name, ".mark") != NULL)
            snprintf(path, 1024, "%s/%s", state, entry->d_name);
    closedir(folder);
}

static void expect_mark(struct trial *t, double size)
{
    expect_number(run(t, "ok", "{'op':'verify'}"), "mark", size);
}

/* --- Cases ---------------------------------------------------------------------------- */

static void it_follows_every_commit(void)
{
    struct trial t;
    struct stat status;
    char path[1024];
    begin(&t);
    expect_mark(&t, 4);
    say(&t, "ok", BUY("2"));
    expect_mark(&t, 5);
    say(&t, "ok", BUY("2"));
    say(&t, "unknown_member", "{'op':'purchase','member':'card:9','receipt':'3','amount':'5'}");
    run(&t, "ok", "{'op':'sweep'}");
    expect_mark(&t, 5);
    mark_path(&t, path);
    CU_ASSERT_EQUAL(stat(path, &status), 0);
    CU_ASSERT_EQUAL(status.st_size, 512);
    CU_ASSERT_EQUAL(status.st_mode & 0777, 0600);
    /* Deleted under a process that stays open, it is made again. */
    unlink(path);
    say(&t, "ok", BUY("4"));
    expect_mark(&t, 6);
    trial_end(&t);
}

static void an_older_copy_is_read_only(void)
{
    struct trial t;
    begin(&t);
    keep(&t, "old");
    say(&t, "ok", BUY("2"));
    put_back(&t, "old");
    expect_text(say(&t, "ledger_restored", BUY("3")), "error/field", "mark");
    say(&t, "ok", "{'op':'show','member':'card:1'}");
    say(&t, "ok", "{'op':'quote','amount':'5'}");
    run(&t, "ledger_restored", "{'op':'sweep'}");
    expect_text(run(&t, "ok", "{'op':'verify'}"), "completeness", "older");
    run(&t, "ok", "{'op':'rebuild'}");
    CU_ASSERT_EQUAL(log_size(&t), 4);
    say(&t, "missing_field", "{'op':'recover'}");
    const cJSON *answer = say(&t, "ok", "{'op':'recover','reason':'disk','operator':'ann'}");
    expect_number(answer, "seq", 4);
    expect_number(answer, "lost/size", 5);
    expect_text(answer, "reason", "disk");
    CU_ASSERT_PTR_NULL(at_path(answer, "member"));
    say(&t, "not_restored", RECOVER);
    say(&t, "ok", BUY("3"));
    expect_mark(&t, 6);
    trial_end(&t);
}

/* What comes after a recovery can be lost again, though it has no more records than what
 * was given up. */
static void it_can_be_lost_again(void)
{
    struct trial t;
    begin(&t);
    keep(&t, "old");
    for (int i = 10; i < 20; i++)
        say(&t, "ok", "{'op':'purchase','member':'card:1','receipt':'%d','amount':'5'}", i);
    put_back(&t, "old");
    say(&t, "ok", RECOVER);
    keep(&t, "recovered");
    say(&t, "ok", BUY("a"));
    put_back(&t, "recovered");
    say(&t, "ledger_restored", BUY("b"));
    expect_number(say(&t, "ok", RECOVER), "lost/size", 6);
    say(&t, "ok", BUY("b"));
    /* The backup that is older than both knows neither recovery. */
    put_back(&t, "old");
    say(&t, "ledger_restored", BUY("c"));
    expect_number(say(&t, "ok", RECOVER), "lost/size", 7);
    say(&t, "ok", BUY("c"));
    trial_end(&t);
}

/* Two copies that are open at once: the second commit of the later one is told. */
static void two_that_grow_apart_are_a_fork(void)
{
    struct trial t;
    loyalty *ours = NULL;
    char path[512], state[512];
    begin(&t);
    state_of(&t, state);
    keep(&t, "copy.db");
    snprintf(path, sizeof path, "%s/copy.db", t.folder);
    ours = t.ledger;
    say(&t, "ok", BUY("2"));
    struct loyalty_options options = {.size = sizeof options, .state_path = "none"};
    char *answer = NULL, key[600];
    snprintf(key, sizeof key, "%s.key", t.path);
    options.key_path = key;
    CU_ASSERT_EQUAL_FATAL(loyalty_open(&t.ledger, path, &options, &answer), LOYALTY_OK);
    say(&t, "ok", BUY("3"));
    loyalty_close(t.ledger);
    options.state_path = state;
    CU_ASSERT_EQUAL_FATAL(loyalty_open(&t.ledger, path, &options, &answer), LOYALTY_OK);
    const cJSON *told = say(&t, "fork", BUY("4"));
    expect_text(told, "error/field", "mark");
    CU_ASSERT_PTR_NOT_NULL_FATAL(at_path(told, "report/fork/file"));
    CU_ASSERT_EQUAL(access(at_path(told, "report/fork/file")->valuestring, R_OK), 0);
    say(&t, "ok", "{'op':'show','member':'card:1'}");
    run(&t, "fork", "{'op':'verify'}");
    expect_number(say(&t, "ok", RECOVER), "lost/size", 5);
    say(&t, "ok", BUY("4"));
    loyalty_close(t.ledger);
    t.ledger = ours;
    /* Now it is the other that is behind: the mark went on with the copy. */
    say(&t, "ledger_restored", BUY("5"));
    trial_end(&t);
}

static void what_says_nothing_is_overwritten(void)
{
    static const char *const nothings[] = {"", "nonsense", "shop\n5\n", "shop\n99999\nAAAA\n\n"};
    struct trial t;
    char path[1024];
    begin(&t);
    mark_path(&t, path);
    for (size_t i = 0; i < sizeof nothings / sizeof *nothings; i++) {
        FILE *file = fopen(path, "wb");
        CU_ASSERT_PTR_NOT_NULL_FATAL(file);
        fputs(nothings[i], file);
        fclose(file);
        say(&t, "ok", "{'op':'purchase','member':'card:1','receipt':'n%zu','amount':'5'}", i);
        expect_mark(&t, 5 + (double)i);
    }
    trial_end(&t);
}

/* Of another key, or of ours and altered: nobody has signed it, so it says nothing. */
static void what_is_not_signed_says_nothing(void)
{
    struct trial t;
    char path[1024];
    size_t length = 0;
    begin(&t);
    mark_path(&t, path);
    char *bytes = test_read_file(path, &length);
    char *size = strstr(bytes, "\n4\n");
    CU_ASSERT_PTR_NOT_NULL_FATAL(size);
    size[1] = '9';
    FILE *file = fopen(path, "wb");
    CU_ASSERT_PTR_NOT_NULL_FATAL(file);
    fwrite(bytes, 1, length, file);
    fclose(file);
    free(bytes);
    say(&t, "not_restored", RECOVER);
    say(&t, "ok", BUY("2"));
    expect_mark(&t, 5);
    trial_end(&t);
}

static void it_can_be_switched_off(void)
{
    struct trial t;
    char path[512];
    begin(&t);
    keep(&t, "old");
    say(&t, "ok", BUY("2"));
    put_back(&t, "old");
    loyalty_close(t.ledger);
    open_marked(&t, &t.ledger, "none");
    say(&t, "ok", BUY("3"));
    CU_ASSERT_PTR_NULL(at_path(run(&t, "ok", "{'op':'verify'}"), "mark"));
    /* A folder that cannot be made hinders nothing. */
    loyalty_close(t.ledger);
    snprintf(path, sizeof path, "%s/below", t.path);
    open_marked(&t, &t.ledger, path);
    say(&t, "ok", BUY("4"));
    trial_end(&t);
}

/* Versions of the programme and recoveries leave a ledger before its first live operation. */
static void a_recovery_is_no_live_operation(void)
{
    struct trial t;
    trial_begin(&t, ONE_PER_POUND, NOON);
    reopen(&t);
    keep(&t, "old");
    say(&t, "ok",
        "{'op':'programme.apply','ref':'again','from':'2026-04-01T00:00:00Z',"
        "'programme':%s}",
        ONE_PER_POUND);
    put_back(&t, "old");
    say(&t, "ledger_restored", "{'op':'member.add','identifiers':['card:1']}");
    const cJSON *answer = say(&t, "ok", RECOVER);
    expect_text(answer, "time", "1970-01-01T00:00:00Z");
    const cJSON *record = say(&t, "ok", "{'op':'record','seq':2}");
    CU_ASSERT_PTR_NOT_NULL(strstr(at_path(record, "head")->valuestring, "\"time\":0,"));
    CU_ASSERT_PTR_NOT_NULL(strstr(at_path(record, "head")->valuestring, "\"real\":"));
    say(&t, "ok", "{'op':'member.add','identifiers':['card:1']}");
    trial_end(&t);
}

/* What a till was answered with in the history that was lost is told as that, for good. */
static void anchors_of_what_was_given_up(void)
{
    struct trial t;
    char notes[3][1024];
    begin(&t);
    keep(&t, "old");
    for (int i = 0; i < 3; i++) {
        const cJSON *sold = say(
            &t, "ok", "{'op':'purchase','member':'card:1','receipt':'%d','amount':'9'}", i + 10);
        char *text = cJSON_PrintUnformatted(at_path(sold, "checkpoint/note"));
        snprintf(notes[i], sizeof notes[i], "%s", text);
        cJSON_free(text);
    }
    put_back(&t, "old");
    say(&t, "ok", RECOVER);
    for (int i = 0; i < 3; i++)
        say(&t, "ledger_restored", "{'op':'show','member':'card:1','anchor':%s}", notes[i]);
    for (int i = 0; i < 3; i++)
        say(&t, "ok", "{'op':'purchase','member':'card:1','receipt':'%d','amount':'5'}", i + 20);
    for (int i = 0; i < 3; i++) {
        say(&t, "ledger_restored", "{'op':'show','member':'card:1','anchor':%s}", notes[i]);
        say(&t, "not_restored", "{'op':'recover','reason':'x','anchor':%s}", notes[i]);
    }
    trial_end(&t);
}

const struct test_case highwater_cases[] = {
    {"it follows every commit", it_follows_every_commit},
    {"an older copy is read-only", an_older_copy_is_read_only},
    {"it can be lost again", it_can_be_lost_again},
    {"two that grow apart are a fork", two_that_grow_apart_are_a_fork},
    {"what says nothing is overwritten", what_says_nothing_is_overwritten},
    {"what is not signed says nothing", what_is_not_signed_says_nothing},
    {"it can be switched off", it_can_be_switched_off},
    {"a recovery is no live operation", a_recovery_is_no_live_operation},
    {"anchors of what was given up", anchors_of_what_was_given_up},
    {NULL, NULL},
};
