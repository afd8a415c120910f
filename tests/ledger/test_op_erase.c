/* Erasing a member, keeping them by a hold, and what the programme keeps no longer. */
#include <glob.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "support.h"

#define NOON "2026-03-02T12:00:00Z"
#define BASE                                                                                       \
    "'loyalty':1,'id':'shop','timezone':'UTC','currency':'GBP','households':{},'claims':{},"       \
    "'members':{'unknown':'hold'},"
#define EARN "'earn':[{'id':'base','per':'1.00','gives':{'star':1}}]"
#define SHOP(more) "{" BASE "'points':{'star':{'value':'0.02','transfer':{}}}," more EARN "}"
#define KEEPS SHOP("'retention':{'bodies':'P60D'},")
#define ERASE(card, ref, more)                                                                     \
    "{'op':'member.erase','member':'card:" card "','ref':'" ref "','reason':'asked'" more "}"
#define FORFEIT ",'balance':'forfeit'"
#define BUY(card, receipt, amount)                                                                 \
    "{'op':'purchase','member':'card:" card "','receipt':'" receipt "','amount':'" amount          \
    "','lines':[{'sku':'" receipt "-sku','amount':'" amount "'}]}"

static void begin(struct trial *t, const char *programme)
{
    trial_begin(t, programme, NOON);
    say(t, "ok", "{'op':'member.add','identifiers':['card:ANNA-1','phone:+447700900123']}");
    say(t, "ok", "{'op':'member.add','identifiers':['card:BOB-1']}");
}

/* How often a text stands in the database or in what SQLite keeps beside it. */
static int found_in_files(const struct trial *t, const char *text)
{
    char pattern[320];
    glob_t files;
    int found = 0;
    snprintf(pattern, sizeof pattern, "%s*", t->path);
    CU_ASSERT_EQUAL_FATAL(glob(pattern, 0, NULL, &files), 0);
    for (size_t i = 0; i < files.gl_pathc; i++) {
        FILE *file = fopen(files.gl_pathv[i], "rb");
        CU_ASSERT_PTR_NOT_NULL_FATAL(file);
        size_t length = strlen(text), have = 0;
        char *bytes = malloc(64 << 20);
        CU_ASSERT_PTR_NOT_NULL_FATAL(bytes);
        have = fread(bytes, 1, 64 << 20, file);
        for (size_t at = 0; at + length <= have; at++)
            found += memcmp(bytes + at, text, length) == 0;
        free(bytes);
        fclose(file);
    }
    globfree(&files);
    return found;
}

static const cJSON *audited(struct trial *t)
{
    return run(t, "ok", "{'op':'audit'}");
}

static double size_of(struct trial *t)
{
    return (double)log_size(t);
}

/* A sweep by the trial's clock: it is the handle's, not the request's. */
static double swept(struct trial *t)
{
    struct loyalty_options options = {.size = sizeof options};
    struct error error;
    char *answer = NULL;
    trial_close(t);
    CU_ASSERT_TRUE_FATAL(moment_parse(text_of(t->now), NULL, &options.test_now, &error));
    CU_ASSERT_EQUAL_FATAL(loyalty_open(&t->ledger, t->path, &options, &answer), LOYALTY_OK);
    return cJSON_GetNumberValue(at_path(run(t, "ok", "{'op':'sweep'}"), "erased"));
}

/* --- Erasing ------------------------------------------------------------------------ */

static void nothing_stays_in_the_file(void)
{
    static const char *const said[] = {"ANNA-1",      "447700900123", "first-receipt",
                                       "a note here", "first-ref",    "gone-sku"};
    struct trial t;
    begin(&t, SHOP(""));
    for (int i = 0; i < 40; i++)
        say(&t, "ok", "{'op':'purchase','member':'card:BOB-1','receipt':'bob-%d','amount':'1'}", i);
    say(&t, "ok",
        "{'op':'purchase','member':'card:ANNA-1','receipt':'first-receipt','ref':'first-ref',"
        "'amount':'5','text':'a note here','lines':[{'sku':'gone-sku','amount':'5'}]}");
    for (int i = 0; i < 40; i++)
        say(&t, "ok", "{'op':'purchase','member':'card:ANNA-1','receipt':'anna-%d','amount':'1'}",
            i);
    for (size_t i = 0; i < sizeof said / sizeof *said; i++)
        CU_ASSERT_TRUE(found_in_files(&t, said[i]) > 0);
    const cJSON *erased = say(&t, "ok", ERASE("ANNA-1", "e", FORFEIT));
    expect_number(erased, "erased", 42);
    expect_number(erased, "forfeited/star", 45);
    CU_ASSERT_TRUE(cJSON_IsFalse(at_path(erased, "log_left")));
    for (size_t i = 0; i < sizeof said / sizeof *said; i++)
        CU_ASSERT_EQUAL(found_in_files(&t, said[i]), 0);
    CU_ASSERT_TRUE(found_in_files(&t, "bob-39") > 0);
    expect_number(audited(&t), "not_judged/records", 42);
    expect_number(audited(&t), "not_judged/points/star/gained", 45);
    expect_text(audited(&t), "not_judged/points/star/value", "0.90");
    expect_number(run(&t, "ok", "{'op':'verify'}"), "erased", 42);
    trial_end(&t);
}

/* A reader who stays keeps the write-ahead log from being emptied; the commit stands. */
static void a_reader_delays_the_last_trace(void)
{
    struct trial t;
    sqlite3 *reader = NULL;
    trial_begin(&t, SHOP(""), NOON);
    say(&t, "ok", "{'op':'member.add','identifiers':['card:ANNA-1']}");
    CU_ASSERT_EQUAL_FATAL(sqlite3_open(t.path, &reader), SQLITE_OK);
    CU_ASSERT_EQUAL(sqlite3_exec(reader, "BEGIN; SELECT * FROM tip", NULL, NULL, NULL), SQLITE_OK);
    CU_ASSERT_TRUE(cJSON_IsTrue(at_path(say(&t, "ok", ERASE("ANNA-1", "e", "")), "log_left")));
    CU_ASSERT_TRUE(found_in_files(&t, "ANNA-1") > 0);
    sqlite3_close(reader);
    say(&t, "ok", "{'op':'member.add','identifiers':['card:BOB-1']}");
    CU_ASSERT_EQUAL(found_in_files(&t, "ANNA-1"), 0);
    trial_end(&t);
}

static void open_points_need_a_word(void)
{
    struct trial t;
    begin(&t, SHOP(""));
    say(&t, "ok", BUY("ANNA-1", "a", "9"));
    say(&t, "open_balance", ERASE("ANNA-1", "e", ""));
    say(&t, "open_balance", ERASE("ANNA-1", "e", ",'balance':'refuse'"));
    say(&t, "ok", "{'op':'reserve','ref':'r','member':'card:ANNA-1','points':4}");
    say(&t, "open_reservation", ERASE("ANNA-1", "e", FORFEIT));
    say(&t, "ok", "{'op':'release','ref':'rr','of':'r'}");
    say(&t, "ok", "{'op':'household.create','ref':'h','member':'card:ANNA-1'}");
    say(&t, "in_household", ERASE("ANNA-1", "e", FORFEIT));
    say(&t, "ok", "{'op':'household.leave','ref':'hl','member':'card:ANNA-1'}");
    expect_number(say(&t, "ok", ERASE("ANNA-1", "e", FORFEIT)), "balances/star/available", 0);
    /* A debt is given up. */
    say(&t, "ok", BUY("BOB-1", "b", "9"));
    say(&t, "ok", "{'op':'redeem','ref':'d','member':'card:BOB-1','points':9}");
    say(&t, "ok", "{'op':'return','ref':'dd','of':'b','all':true}");
    say(&t, "open_balance", ERASE("BOB-1", "f", ""));
    expect_number(say(&t, "ok", ERASE("BOB-1", "f", FORFEIT)), "balances/star/available", 0);
    trial_end(&t);
}

/* Points, reservation and household go on without anybody. */
static void what_is_kept_is_nobodys(void)
{
    struct trial t;
    begin(&t, SHOP(""));
    say(&t, "ok", BUY("ANNA-1", "a", "9"));
    const cJSON *home = say(&t, "ok", "{'op':'household.create','ref':'h','member':'card:ANNA-1'}");
    char household[64];
    snprintf(household, sizeof household, "%s", cJSON_GetStringValue(at_path(home, "household")));
    say(&t, "ok", "{'op':'household.join','ref':'j','member':'card:BOB-1','household':'%s'}",
        household);
    say(&t, "ok", "{'op':'reserve','ref':'r','member':'card:ANNA-1','points':4}");
    say(&t, "ok", ERASE("ANNA-1", "e", ",'balance':'keep'"));
    say(&t, "erased", "{'op':'capture','ref':'c','of':'r'}");
    expect_number(say(&t, "ok", "{'op':'show','member':'card:BOB-1'}"), "balances/star/available",
                  5);
    say(&t, "ok", "{'op':'redeem','ref':'x','member':'card:BOB-1','points':5}");
    say(&t, "ok", "{'op':'household.show','household':'%s'}", household);
    swept(&t);
    trial_end(&t);
}

static void nobody_acts_for_them(void)
{
    struct trial t;
    char id[32];
    begin(&t, SHOP(""));
    snprintf(id, sizeof id, "%s",
             cJSON_GetStringValue(
                 at_path(say(&t, "ok", "{'op':'member.show','member':'card:ANNA-1'}"), "member")));
    say(&t, "ok", BUY("ANNA-1", "a", "9"));
    say(&t, "ok", "{'op':'redeem','ref':'spent','member':'card:ANNA-1','points':1}");
    say(&t, "ok",
        "{'op':'transfer','ref':'t','member':'card:ANNA-1','to':'card:BOB-1','points':1}");
    say(&t, "ok", ERASE("ANNA-1", "e", FORFEIT));
    say(&t, "ok",
        "{'op':'member.erase','member':'%s','ref':'e','reason':'asked',"
        "'balance':'forfeit'}",
        id);
    say(&t, "ok",
        ERASE("ANNA-1", "e", FORFEIT)); /* a retry that cannot know that the card is free */
    say(&t, "erased", "{'op':'member.erase','member':'%s','ref':'e2','reason':'asked'}", id);
    say(&t, "key_reused",
        "{'op':'member.erase','member':'%s','ref':'e','reason':'other',"
        "'balance':'forfeit'}",
        id);
    double size = size_of(&t);
    static const char *const refused[] = {
        "'op':'show'",
        "'op':'history'",
        "'op':'member.export'",
        "'op':'purchase','receipt':'z','amount':'1'",
        "'op':'member.link','identifiers':['card:NEW']",
        "'op':'member.hold','ref':'l','reason':'x','release':true"};
    for (size_t i = 0; i < sizeof refused / sizeof *refused; i++)
        say(&t, "erased", "{%s,'member':'%s'}", refused[i], id);
    say(&t, "erased", "{'op':'transfer','ref':'u','member':'card:BOB-1','points':1,'to':'%s'}", id);
    static const char *const gone[] = {
        "{'op':'lookup','ref':'a'}",
        "{'op':'lookup','ref':'spent'}",
        "{'op':'return','ref':'x','of':'a','all':true}",
        "{'op':'void','ref':'x','of':'a'}",
        "{'op':'cancel','ref':'x','of':'spent'}",
        "{'op':'redeem','ref':'spent','member':'card:BOB-1','points':1}",
        "{'op':'claim','receipt':'a','member':'card:BOB-1'}",
        "{'op':'reassign','ref':'x','of':'a','to':'card:BOB-1','reason':'x'}"};
    for (size_t i = 0; i < sizeof gone / sizeof *gone; i++)
        say(&t, "erased", "%s", gone[i]);
    say(&t, "unknown_member", "{'op':'show','member':'card:ANNA-1'}");
    CU_ASSERT_EQUAL(size, size_of(&t));
    expect_count(say(&t, "ok", "{'op':'member.list'}"), "members", 1);
    /* The card is free: whoever gets it is somebody else. */
    say(&t, "ok", "{'op':'member.add','identifiers':['card:ANNA-1']}");
    expect_available(&t, "card:ANNA-1", "star", 0);
    trial_end(&t);
}

/* --- What is about whom ------------------------------------------------------------- */

static double erased_with(struct trial *t, const char *request)
{
    return cJSON_GetNumberValue(at_path(say(t, "ok", "%s", request), "erased"));
}

static void sales_go_with_who_has_them(void)
{
    struct trial t;
    begin(&t, SHOP(""));
    say(&t, "ok", "{'op':'purchase','receipt':'nobodys','amount':'5','text':'anonymous'}");
    say(&t, "ok",
        "{'op':'return','ref':'early','of':'nobodys','amount':'1','text':'early-return'}");
    say(&t, "ok",
        "{'op':'claim','ref':'c','receipt':'nobodys','member':'card:ANNA-1',"
        "'operator':'a','approved_by':'b'}");
    say(&t, "ok", BUY("ANNA-1", "moved", "3"));
    say(&t, "ok", "{'op':'reassign','ref':'m','of':'moved','to':'card:BOB-1','reason':'x'}");
    /* member.add, claim, the sale, its early return, reassign; not the sale that moved. */
    CU_ASSERT_EQUAL(erased_with(&t, ERASE("ANNA-1", "e", FORFEIT)), 5);
    CU_ASSERT_EQUAL(found_in_files(&t, "anonymous"), 0);
    CU_ASSERT_EQUAL(found_in_files(&t, "early-return"), 0);
    say(&t, "ok", "{'op':'return','ref':'r','of':'moved','all':true}");
    CU_ASSERT_EQUAL(erased_with(&t, ERASE("BOB-1", "f", FORFEIT)), 3);
    CU_ASSERT_EQUAL(found_in_files(&t, "moved-sku"), 0);
    trial_end(&t);
}

static void what_waited_goes_too(void)
{
    struct trial t;
    trial_begin(&t, SHOP(""), NOON);
    say(&t, "ok", BUY("ANNA-1", "waited", "2"));
    say(&t, "ok", "{'op':'member.add','identifiers':['card:ANNA-1']}");
    say(&t, "ok",
        "{'op':'return','ref':'held','of':'to-come','all':true,'member':'card:ANNA-1',"
        "'text':'held-note'}");
    say(&t, "ok", BUY("ANNA-1", "to-come", "2"));
    say(&t, "ok",
        "{'op':'return','ref':'waits','of':'never','all':true,'member':'card:ANNA-1',"
        "'text':'waiting-note'}");
    say(&t, "ok", "{'op':'member.add','identifiers':['card:BOB-1']}");
    /* moved on to somebody else, it names Anna's card still */
    say(&t, "ok", "{'op':'reassign','ref':'m','of':'waited','to':'card:BOB-1','reason':'x'}");
    CU_ASSERT_EQUAL(erased_with(&t, ERASE("ANNA-1", "e", FORFEIT)), 7);
    CU_ASSERT_EQUAL(found_in_files(&t, "ANNA-1"), 0);
    CU_ASSERT_EQUAL(found_in_files(&t, "held-note"), 0);
    CU_ASSERT_EQUAL(found_in_files(&t, "waiting-note"), 0);
    say(&t, "ok", BUY("BOB-1", "never", "2")); /* what waited for it stays held */
    trial_end(&t);
}

static void memberships_that_became_one(void)
{
    struct trial t;
    begin(&t, SHOP(""));
    say(&t, "ok", BUY("BOB-1", "b", "4"));
    say(&t, "ok", "{'op':'member.merge','ref':'m','member':'card:BOB-1','into':'card:ANNA-1'}");
    CU_ASSERT_EQUAL(erased_with(&t, ERASE("BOB-1", "e", FORFEIT)), 4);
    CU_ASSERT_EQUAL(found_in_files(&t, "BOB-1"), 0);
    trial_end(&t);
}

static void everything_in_one_commit(void)
{
    struct trial t;
    begin(&t, SHOP(""));
    say_all(&t, "ok", BUY("ANNA-1", "a", "4"), "ok", ERASE("ANNA-1", "e", FORFEIT), "erased",
            "{'op':'return','ref':'r','of':'a','all':true}", "ok",
            "{'op':'member.add','identifiers':['card:ANNA-1']}", "ok", BUY("ANNA-1", "b", "2"),
            NULL);
    CU_ASSERT_EQUAL(found_in_files(&t, "a-sku"), 0);
    expect_available(&t, "card:ANNA-1", "star", 2);
    trial_end(&t);
}

/* More ranges than one record holds. */
static void a_long_history_is_erased_in_parts(void)
{
    struct trial t;
    begin(&t, SHOP(""));
    for (int i = 0; i < 1100; i++) {
        say(&t, "ok", "{'op':'purchase','member':'card:ANNA-1','receipt':'a%d','amount':'1'}", i);
        say(&t, "ok", "{'op':'purchase','member':'card:BOB-1','receipt':'b%d','amount':'1'}", i);
    }
    double before = size_of(&t);
    CU_ASSERT_EQUAL(erased_with(&t, ERASE("ANNA-1", "e", FORFEIT)), 1101);
    CU_ASSERT_TRUE(size_of(&t) >= before + 2);
    expect_number(audited(&t), "not_judged/records", 1101);
    trial_end(&t);
}

/* --- Falsified ------------------------------------------------------------------------ */

static void a_body_is_only_gone_by_a_record(void)
{
    static const char *const changes[] = {
        "UPDATE body SET body = '   ' WHERE seq = 4", /* of Bob */
        "UPDATE body SET body = '{}' WHERE seq = 3",  /* of Anna, and back again */
    };
    for (size_t i = 0; i < sizeof changes / sizeof *changes; i++) {
        struct trial t;
        sqlite3 *db = NULL;
        begin(&t, SHOP(""));
        say(&t, "ok", BUY("BOB-1", "b", "4"));
        say(&t, "ok", BUY("ANNA-1", "a", "4"));
        say(&t, "ok", ERASE("ANNA-1", "e", FORFEIT));
        trial_close(&t);
        CU_ASSERT_EQUAL_FATAL(sqlite3_open(t.path, &db), SQLITE_OK);
        CU_ASSERT_NOT_EQUAL(
            sqlite3_exec(db, "UPDATE body SET body = '  ' WHERE seq = 4", NULL, NULL, NULL),
            SQLITE_OK);
        CU_ASSERT_NOT_EQUAL(sqlite3_exec(db, "DELETE FROM body", NULL, NULL, NULL), SQLITE_OK);
        CU_ASSERT_EQUAL(sqlite3_exec(db, "DROP TRIGGER body_update", NULL, NULL, NULL), SQLITE_OK);
        CU_ASSERT_EQUAL(sqlite3_exec(db, changes[i == 0 ? 0 : 1], NULL, NULL, NULL), SQLITE_OK);
        sqlite3_close(db);
        trial_open(&t);
        run(&t, "not_verified", "{'op':'verify'}");
        if (i == 0)
            say(&t, "database_corrupt", "{'op':'return','ref':'r','of':'b','all':true}");
        if (i == 0)
            run(&t, "not_verified", "{'op':'audit'}");
        trial_remove(&t);
    }
}

/* --- Holds ----------------------------------------------------------------------------- */

static void a_hold_keeps(void)
{
    struct trial t;
    begin(&t, SHOP(""));
    say(&t, "missing_field", "{'op':'member.hold','ref':'h','member':'card:ANNA-1','reason':'x'}");
    say(&t, "too_late",
        "{'op':'member.hold','ref':'h','member':'card:ANNA-1','reason':'x','until':'2026-03-01'}");
    const cJSON *hold = say(&t, "ok",
                            "{'op':'member.hold','ref':'h','member':'card:ANNA-1',"
                            "'reason':'x','until':'2026-03-02'}");
    expect_text(hold, "until", "2026-03-03T00:00:00Z");
    say(&t, "on_hold", ERASE("ANNA-1", "e", ""));
    expect_text(say(&t, "ok", "{'op':'member.export','member':'card:ANNA-1'}"), "hold",
                "2026-03-03T00:00:00Z");
    say(&t, "ok",
        "{'op':'member.hold','ref':'h2','member':'card:ANNA-1','reason':'x',"
        "'release':true}");
    say(&t, "ok",
        "{'op':'member.hold','ref':'h3','member':'card:BOB-1','reason':'x',"
        "'until':'2026-03-02'}");
    say(&t, "ok", ERASE("ANNA-1", "e", ""));
    snprintf(t.now, sizeof t.now, "2026-03-02T23:59:59Z");
    say(&t, "on_hold", ERASE("BOB-1", "f", ""));
    snprintf(t.now, sizeof t.now, "2026-03-03T00:00:00Z");
    say(&t, "ok", ERASE("BOB-1", "f", ""));
    trial_end(&t);
}

/* --- Retention --------------------------------------------------------------------------- */

static void old_bodies_go(void)
{
    struct trial t;
    begin(&t, KEEPS);
    say(&t, "ok", BUY("ANNA-1", "old", "5"));
    say(&t, "ok", BUY("BOB-1", "kept", "5"));
    say(&t, "ok", BUY("NOBODY", "waits", "5"));
    say(&t, "ok", "{'op':'redeem','ref':'spent','member':'card:ANNA-1','points':2}");
    say(&t, "ok",
        "{'op':'member.hold','ref':'h','member':'card:BOB-1','reason':'x',"
        "'until':'2027-01-01'}");
    snprintf(t.now, sizeof t.now, "2026-03-20T12:00:00Z");
    say(&t, "ok", "{'op':'return','ref':'r1','of':'old','amount':'1'}");
    say(&t, "ok",
        "{'op':'return','ref':'r2','member':'card:ANNA-1','unmatched':'deduct',"
        "'lines':[{'sku':'other','quantity':'1','amount':'1'}]}");
    snprintf(t.now, sizeof t.now, "2026-05-01T12:00:00Z");
    CU_ASSERT_EQUAL(swept(&t), 0);
    snprintf(t.now, sizeof t.now, "2026-05-01T12:00:01Z");
    CU_ASSERT_EQUAL(swept(&t), 2); /* the old sale and the redemption */
    CU_ASSERT_EQUAL(found_in_files(&t, "old-sku"), 0);
    CU_ASSERT_TRUE(found_in_files(&t, "kept-sku") > 0 && found_in_files(&t, "waits-sku") > 0);
    /* The returns needed what is gone since: they are believed as well. */
    expect_number(audited(&t), "not_judged/records", 4);
    say(&t, "erased", "{'op':'return','ref':'r3','of':'old','all':true}");
    say(&t, "ok", "{'op':'cancel','ref':'c','of':'spent'}");
    say(&t, "no_match",
        "{'op':'return','ref':'r4','member':'card:ANNA-1','unmatched':'refuse',"
        "'lines':[{'sku':'old-sku','quantity':'1','amount':'5'}]}");
    say(&t, "ok",
        "{'op':'return','ref':'r5','member':'card:ANNA-1','unmatched':'deduct',"
        "'lines':[{'sku':'old-sku','quantity':'1','amount':'5'}]}");
    expect_number(audited(&t), "not_judged/records", 4);
    CU_ASSERT_EQUAL(swept(&t), 0);
    say(&t, "ok", "{'op':'member.add','identifiers':['card:NOBODY']}"); /* it had waited */
    expect_available(&t, "card:NOBODY", "star", 5);
    say(&t, "ok",
        "{'op':'member.hold','ref':'h2','member':'card:BOB-1','reason':'x',"
        "'release':true}");
    CU_ASSERT_EQUAL(swept(&t), 2); /* Bob's, and what had waited */
    say(&t, "ok", ERASE("ANNA-1", "e", FORFEIT));
    trial_end(&t);
}

/* A link that gave somebody a sale whose body is gone since: whose card it is, is known still. */
static void what_waited_grows_old(void)
{
    struct trial t;
    trial_begin(&t, KEEPS, NOON);
    say(&t, "ok", BUY("ANNA-1", "waited", "5"));
    say(&t, "ok", "{'op':'return','ref':'held','of':'late','all':true}");
    snprintf(t.now, sizeof t.now, "2026-03-12T12:00:00Z");
    say(&t, "ok", "{'op':'member.add','identifiers':['card:ANNA-1']}");
    say(&t, "ok", BUY("ANNA-1", "late", "5"));
    snprintf(t.now, sizeof t.now, "2026-05-03T12:00:00Z");
    CU_ASSERT_EQUAL(swept(&t), 2);
    say(&t, "ok", "{'op':'member.unlink','member':'card:ANNA-1','identifiers':['card:ANNA-1']}");
    /* member.add, claim; the late sale and its return */
    expect_number(audited(&t), "not_judged/records", 6);
    trial_end(&t);
}

const struct test_case erase_cases[] = {
    {"erase: nothing stays in the file", nothing_stays_in_the_file},
    {"erase: a reader delays the last trace", a_reader_delays_the_last_trace},
    {"erase: open points need a word", open_points_need_a_word},
    {"erase: what is kept is nobody's", what_is_kept_is_nobodys},
    {"erase: nobody acts for them", nobody_acts_for_them},
    {"erase: sales go with who has them", sales_go_with_who_has_them},
    {"erase: what waited goes, too", what_waited_goes_too},
    {"erase: memberships that became one", memberships_that_became_one},
    {"erase: everything in one commit", everything_in_one_commit},
    {"erase: a long history is erased in parts", a_long_history_is_erased_in_parts},
    {"erase: a body is only gone by a record", a_body_is_only_gone_by_a_record},
    {"erase: a hold keeps", a_hold_keeps},
    {"erase: old bodies go", old_bodies_go},
    {"erase: what waited grows old", what_waited_grows_old},
    {NULL, NULL},
};
