/* Audit finds what verify cannot: outcomes that do not follow, though the whole log
 * was hashed and signed again with the stolen key. And rebuild mends projections. */
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>

#include "checkpoint.h"
#include "merkle.h"
#include "support.h"

#define NOON "2026-03-02T12:00:00Z"

static void begin(struct trial *t)
{
    trial_begin(t, ONE_PER_POUND, NOON);
    say(t, "ok", "{'op':'purchase','member':'card:1','receipt':'a','amount':'10','enrol':true}");
    say(t, "ok", "{'op':'redeem','member':'card:1','ref':'k','points':3}");
    say(t, "ok", "{'op':'return','of':'a','ref':'r','amount':'2'}");
}

/* A thief's tool: the database without the engine. */
static sqlite3 *break_in(struct trial *t)
{
    sqlite3 *db = NULL;
    trial_close(t);
    CU_ASSERT_EQUAL_FATAL(sqlite3_open(t->path, &db), SQLITE_OK);
    CU_ASSERT_EQUAL_FATAL(sqlite3_exec(db, "DROP TRIGGER record_update; DROP TRIGGER record_delete;"
                                           "DROP TRIGGER checkpoint_update;"
                                           "DROP TRIGGER checkpoint_delete;"
                                           "DROP TRIGGER body_update; DROP TRIGGER body_delete;"
                                           "DROP TRIGGER secret_update", NULL, NULL, NULL),
                          SQLITE_OK);
    return db;
}

static void execute(sqlite3 *db, const char *sql)
{
    int status = sqlite3_exec(db, sql, NULL, NULL, NULL);
    if (status != SQLITE_OK)
        printf("\n    %s: %s\n", sql, sqlite3_errmsg(db));
    CU_ASSERT_EQUAL(status, SQLITE_OK);
}

/* One checkpoint over all records, signed with the ledger's own key. */
static void sign_again(struct trial *t, sqlite3 *db)
{
    char path[320];
    struct signer signer;
    struct error error = {0};
    snprintf(path, sizeof path, "%s.key", t->path);
    size_t length = 0;
    char *key = test_read_file(path, &length);
    CU_ASSERT_TRUE_FATAL(signer_parse((struct text){key, length - 1}, &signer, &error));
    free(key);
    struct merkle_edge edge;
    memset(&edge, 0, sizeof edge);
    sqlite3_stmt *rows = NULL;
    sqlite3_prepare_v2(db, "SELECT head FROM record ORDER BY seq", -1, &rows, NULL);
    while (sqlite3_step(rows) == SQLITE_ROW) {
        struct hash leaf;
        merkle_leaf(sqlite3_column_text(rows, 0), (size_t)sqlite3_column_bytes(rows, 0), &leaf);
        merkle_edge_append(&edge, &leaf);
    }
    sqlite3_finalize(rows);
    struct checkpoint checkpoint = {.origin = text_of(signer.verifier.name), .size = edge.size};
    struct buffer note = {0};
    merkle_edge_root(&edge, &checkpoint.root);
    CU_ASSERT_TRUE(checkpoint_sign(&note, &checkpoint, &signer, &error));
    execute(db, "DELETE FROM checkpoint");
    sqlite3_stmt *insert = NULL;
    sqlite3_prepare_v2(db, "INSERT INTO checkpoint VALUES (?, ?)", -1, &insert, NULL);
    sqlite3_bind_int64(insert, 1, (sqlite3_int64)edge.size);
    sqlite3_bind_text(insert, 2, note.bytes, (int)note.length, SQLITE_STATIC);
    CU_ASSERT_EQUAL(sqlite3_step(insert), SQLITE_DONE);
    sqlite3_finalize(insert);
    buffer_free(&note);
    signer_wipe(&signer);
}

static void falsified_outcomes_are_named(void)
{
    static const struct {
        const char *sql;
        const char *record;
    } falsified[] = {
        {"UPDATE record SET head = replace(replace(head, '10,3,0]', '11,3,0]'), ',-10]', ',-11]') "
         "WHERE seq = 3", "record 3:"},
        {"UPDATE record SET head = replace(head, '[[\"star\",10,0,0,', '[[\"star\",10,0,99,') "
         "WHERE seq = 3", "record 3:"},
        {"UPDATE record SET head = replace(head, '\"base\",\"star\",10', '\"base\",\"star\",11') "
         "WHERE seq = 3", "record 3:"},
        {"UPDATE record SET head = replace(replace(head, ',-3,', ',-2,'), ',3]', ',2]') "
         "WHERE seq = 4", "record 4:"},
        {"UPDATE record SET head = replace(head, '[3,\"amount\",200]', '[3,\"amount\",100]') "
         "WHERE seq = 5", "record 5:"},
        {"UPDATE record SET head = replace(head, '\"programme\":1', '\"programme\":2') WHERE seq = 3",
         "record 3:"},
        {"UPDATE record SET head = replace(head, '\"key\":', '\"receipt\":') WHERE seq = 4",
         "record 4:"},
    };
    for (size_t i = 0; i < sizeof falsified / sizeof *falsified; i++) {
        struct trial t;
        begin(&t);
        sqlite3 *db = break_in(&t);
        execute(db, falsified[i].sql);
        CU_ASSERT_EQUAL(sqlite3_changes(db), 1);
        sign_again(&t, db);
        sqlite3_close(db);
        trial_open(&t);
        run(&t, "ok", "{'op':'verify','all_signatures':true}");
        const cJSON *audit = run(&t, "not_verified", "{'op':'audit'}");
        const char *message = at_path(audit, "error/message")->valuestring;
        if (strstr(message, falsified[i].record) == NULL)
            printf("\n    expected %s, got %s\n", falsified[i].record, message);
        CU_ASSERT_PTR_NOT_NULL(strstr(message, falsified[i].record));
        trial_remove(&t);
    }
}

/* A return of lines that the receipt does not have: questions and rebuild must live
 * with it, and say that something is wrong. */
static void lines_that_do_not_exist_break_no_reader(void)
{
    struct trial t;
    trial_begin(&t, ONE_PER_POUND, NOON);
    say(&t, "ok", "{'op':'purchase','member':'card:1','receipt':'a','amount':'10','enrol':true,"
                  "'lines':[['A','','2','10']]}");
    say(&t, "ok", "{'op':'return','of':'a','ref':'r','lines':[{'line':1,'quantity':'1'}]}");
    sqlite3 *db = break_in(&t);
    execute(db, "UPDATE record SET head = replace(head, '[[0,1000000]]', '[[7777,1000000]]') "
                "WHERE seq = 4");
    CU_ASSERT_EQUAL(sqlite3_changes(db), 1);
    sign_again(&t, db);
    sqlite3_close(db);
    trial_open(&t);
    run(&t, "ok", "{'op':'verify'}");
    run(&t, "not_verified", "{'op':'audit'}");
    run(&t, "ok", "{'op':'rebuild'}");
    say(&t, "ok", "{'op':'lookup','ref':'r'}");
    say(&t, "database_corrupt", "{'op':'return','of':'a','ref':'s','all':true}");
    say(&t, "database_corrupt", "{'op':'return','of':'a','ref':'s','lines':[{'line':1}]}");
    trial_remove(&t);
}

/* Record 2 is the enrolment: without it nothing that follows can be judged. */
static void an_insertion_and_a_deletion_are_named(void)
{
    struct trial t;
    begin(&t);
    sqlite3 *db = break_in(&t);
    execute(db, "DELETE FROM body WHERE seq = 5; DELETE FROM record WHERE seq = 5");
    sign_again(&t, db);
    sqlite3_close(db);
    trial_open(&t);
    run(&t, "not_verified", "{'op':'verify'}");
    trial_remove(&t);
    begin(&t);
    db = break_in(&t);
    execute(db, "INSERT INTO record VALUES (6, '{\"seq\":6,\"time\":1772452800000,\"op\":\"adjust\"}');"
                "UPDATE tip SET size = 7");
    sign_again(&t, db);
    sqlite3_close(db);
    trial_open(&t);
    run(&t, "ok", "{'op':'verify'}");
    const cJSON *audit = run(&t, "not_verified", "{'op':'audit'}");
    CU_ASSERT_PTR_NOT_NULL(strstr(at_path(audit, "error/message")->valuestring, "record 6:"));
    trial_remove(&t);
}

static void a_changed_byte_fails_verify(void)
{
    static const char *const changes[] = {
        "UPDATE record SET head = replace(head, '\"star\",10', '\"star\",11') WHERE seq = 3",
        "UPDATE body SET body = replace(body, '10.00', '10.01') WHERE seq = 3",
        "UPDATE body SET salt = zeroblob(16) WHERE seq = 3",
        "DELETE FROM body WHERE seq = 3",
        "INSERT INTO body VALUES (0, zeroblob(16), '{}')"};
    for (size_t i = 0; i < sizeof changes / sizeof *changes; i++) {
        struct trial t;
        begin(&t);
        sqlite3 *db = break_in(&t);
        execute(db, changes[i]);
        CU_ASSERT_EQUAL(sqlite3_changes(db), 1);
        sqlite3_close(db);
        trial_open(&t);
        const cJSON *verified = run(&t, "not_verified", "{'op':'verify'}");
        expect_text(verified, "report/integrity", "failed");
        trial_remove(&t);
    }
}

static void projections_are_compared_and_rebuilt(void)
{
    static const struct {
        const char *table, *sql;
    } changes[] = {
        {"balance", "UPDATE balance SET available = available + 1"},
        {"lot", "UPDATE lot SET left = left - 1 WHERE left > 0"},
        {"key", "DELETE FROM \"key\" WHERE seq = 4"},
        {"member", "UPDATE member SET joined = 5"},
        {"returned", "DELETE FROM returned"},
        {"cancelled", "INSERT INTO cancelled VALUES (4, 5)"},
        {"programme", "UPDATE programme SET starts = 7"},
        {"tip", "UPDATE tip SET time = time + 1"},
        {"carry", "INSERT INTO carry SELECT id, 'star', 1, 2 FROM member"},
        {"tile", "INSERT INTO tile VALUES (1, 0, zeroblob(32))"}};
    for (size_t i = 0; i < sizeof changes / sizeof *changes; i++) {
        struct trial t;
        begin(&t);
        sqlite3 *db = NULL;
        trial_close(&t);
        sqlite3_open(t.path, &db);
        execute(db, changes[i].sql);
        CU_ASSERT_EQUAL(sqlite3_changes(db), 1);
        sqlite3_close(db);
        trial_open(&t);
        run(&t, "ok", "{'op':'verify'}");
        char named[40];
        snprintf(named, sizeof named, "\"%s\"", changes[i].table);
        const cJSON *audit = run(&t, "not_verified", "{'op':'audit'}");
        const char *message = at_path(audit, "error/message")->valuestring;
        if (strstr(message, named) == NULL)
            printf("\n    expected %s, got %s\n", named, message);
        CU_ASSERT_PTR_NOT_NULL(strstr(message, named));
        const cJSON *rebuilt = run(&t, "ok", "{'op':'rebuild'}");
        CU_ASSERT_TRUE(cJSON_IsFalse(at_path(rebuilt, "equal")));
        say(&t, "ok", "{'op':'purchase','member':'card:1','receipt':'b','amount':'1'}");
        trial_end(&t);
    }
}

static void an_anchor_vouches_for_the_tail(void)
{
    struct trial t;
    begin(&t);
    const cJSON *anchor = say(&t, "ok", "{'op':'checkpoint'}");
    cJSON *request = cJSON_CreateObject();
    cJSON_AddStringToObject(request, "op", "verify");
    cJSON_AddStringToObject(request, "anchor", at_path(anchor, "note")->valuestring);
    char *text = cJSON_PrintUnformatted(request);
    say(&t, "ok", "{'op':'purchase','member':'card:1','receipt':'b','amount':'1'}");
    const cJSON *verified = run(&t, "ok", text);
    expect_text(verified, "completeness", "anchored");
    expect_text(run(&t, "ok", "{'op':'verify'}"), "completeness", "unanchored");
    sqlite3 *db = break_in(&t);
    execute(db, "DELETE FROM body WHERE seq >= 5; DELETE FROM record WHERE seq >= 5;"
                "UPDATE tip SET size = 5");
    sign_again(&t, db);
    sqlite3_close(db);
    trial_open(&t);
    run(&t, "ok", "{'op':'verify'}");
    const cJSON *cut = run(&t, "not_verified", text);
    expect_text(cut, "error/field", "anchor");
    cJSON_free(text);
    cJSON_Delete(request);
    trial_remove(&t);
}

const struct test_case audit_cases[] = {
    {"falsified outcomes are named", falsified_outcomes_are_named},
    {"lines that do not exist", lines_that_do_not_exist_break_no_reader},
    {"an insertion and a deletion are named", an_insertion_and_a_deletion_are_named},
    {"a changed byte fails verify", a_changed_byte_fails_verify},
    {"projections are compared and rebuilt", projections_are_compared_and_rebuilt},
    {"an anchor vouches for the tail", an_anchor_vouches_for_the_tail},
    {NULL, NULL},
};
