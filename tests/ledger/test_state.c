/* The working set: what is undone leaves nothing, and lots come in burn order from
 * wherever they are. */
#include <stdio.h>
#include <string.h>

#include "connection.h"
#include "pipeline.h"
#include "support.h"

#define NOON "2026-03-02T12:00:00Z"

static const char SHORT_LIVED[] =
    "{'loyalty':1,'id':'shop','timezone':'UTC','currency':'GBP',"
    "'points':{'star':{'expires':{'after':'P2D'}},'level':{'expires':{'after':'P5D'}},'own':{}},"
    "'earn':[{'id':'base','per':'1.00','gives':{'star':1,'level':2}},"
    "{'id':'slow','per':'7.00','gives':{'own':1},'rounding':'carry'}],"
    "'tiers':{'measures':{'spend':{'spend':true},'days':{'days':true}},'window':'P2D',"
    "'review':{'after':'P2D'},'levels':[{'id':'first'},{'id':'some','from':{'spend':'10.00'}},"
    "{'id':'gold','from':{'spend':'20.00'},'multiply':{'own':'2'}}]}}";

#define AT(day) ",'now':'2026-03-0" day "T12:00:00Z'}"
#define BUY(member, receipt, amount, day)                                                          \
    "{'op':'purchase','member':'" member "','receipt':'" receipt "','enrol':true,'amount':'" amount \
    "'" AT(day)

static const char *const operations[] = {
    "{'op':'member.add','identifiers':['card:1']" AT("2"),
    BUY("card:1", "a", "10.00", "2"),
    BUY("card:2", "b", "3.50", "2"),
    BUY("card:1", "c", "20.00", "3"),
    "{'op':'member.link','member':'card:2','identifiers':['card:3']" AT("3"),
    "{'op':'redeem','member':'card:1','ref':'r1','points':12" AT("3"),
    BUY("card:1", "d", "6.99", "4"),
    "{'op':'return','of':'c','ref':'t1','amount':'15.01'" AT("4"),
    "{'op':'cancel','of':'r1','ref':'x1'" AT("4"),
    "{'op':'redeem','member':'card:1','ref':'r2','points':2,'points_of':'level'" AT("4"),
    BUY("card:3", "e", "1.00", "5"),
    "{'op':'return','of':'a','ref':'t2','all':true" AT("5"),
    "{'op':'adjust','member':'card:1','ref':'j1','points':9,'points_of':'own','reason':'x'" AT("5"),
    "{'op':'cancel','of':'r2','ref':'x2'" AT("7"),
    "{'op':'member.unlink','member':'card:2','identifiers':['card:3']" AT("7"),
    "{'op':'return','of':'d','ref':'t3','all':true" AT("8"),
    BUY("card:1", "f", "30.00", "9")};
enum { OPERATIONS = sizeof operations / sizeof *operations };

static void parse(struct ledger *ledger, struct arena *arena, size_t which, struct request *request)
{
    struct error error = {0};
    CU_ASSERT_TRUE_FATAL(request_parse(text_of(quoted(operations[which])),
                                       version_latest(ledger)->programme, arena, request, &error));
}

/* Carried out, undone, carried out and undone again, then for good: `size` operations
 * to a commit. */
static void undo_between(struct trial *t, size_t size)
{
    struct ledger_options options = {0};
    struct ledger *ledger = NULL;
    struct error error = {0};
    struct arena arena = {0};
    CU_ASSERT_TRUE_FATAL(ledger_open(&ledger, t->path, &options, &error));
    for (size_t i = 0; i < OPERATIONS; i++) {
        struct request request;
        struct outcome outcome;
        if (i % size == 0)
            CU_ASSERT_TRUE_FATAL(pipeline_begin(ledger, true, &error));
        parse(ledger, &arena, i, &request);
        int64_t before = ledger->state.tip.size;
        struct merkle_edge edge = ledger->state.edge;
        for (int times = 0; times < 3; times++) {
            CU_ASSERT_TRUE_FATAL(pipeline_run(ledger, false, &request, &outcome, &error));
            if (!outcome.done)
                printf("\n    %s: %s\n", operations[i], outcome.error->message);
            CU_ASSERT_TRUE(outcome.done && !outcome.duplicate);
            if (times == 2)
                break;
            ledger->state.marking = true;
            state_undo(&ledger->state);
            test_expect_integer("size", before, ledger->state.tip.size);
            CU_ASSERT_EQUAL(memcmp(&edge, &ledger->state.edge, sizeof edge), 0);
        }
        if (i % size == size - 1 || i == OPERATIONS - 1)
            CU_ASSERT_TRUE(pipeline_commit(ledger, &error));
    }
    arena_free(&arena);
    ledger_close(ledger);
}

static int64_t asked_number(const struct trial *t, const char *text)
{
    struct error error = {0};
    struct store *store = NULL;
    int64_t number = -1;
    CU_ASSERT_TRUE_FATAL(store_open(&store, t->path, STORE_READ, 1000, &error));
    CU_ASSERT_TRUE(store_integer(store, text, &number, &error));
    store_close(store);
    return number;
}

/* What counts and the levels differ by nothing but who has them: ids are random. */
static void expect_same_tables(struct trial *plain, struct trial *undone)
{
    static const char *const sums[] = {
        "SELECT count(*) FROM measure", "SELECT sum(value * (period + 1)) FROM measure",
        "SELECT count(*) FROM tier WHERE level = 'gold'",
        "SELECT sum(since + due + judged) FROM tier"};
    for (size_t i = 0; i < sizeof sums / sizeof *sums; i++) {
        int64_t expected = asked_number(plain, sums[i]);
        test_expect_integer(sums[i], expected, asked_number(undone, sums[i]));
        CU_ASSERT_TRUE(expected > 0);
    }
}

static void what_is_undone_leaves_nothing(void)
{
    struct trial plain, undone;
    trial_begin(&plain, SHORT_LIVED, NOON);
    for (size_t i = 0; i < OPERATIONS; i++)
        say(&plain, "ok", "%s", operations[i]);
    int64_t size = log_size(&plain);
    snprintf(plain.now, sizeof plain.now, "2026-03-09T12:00:00Z");
    for (size_t batch = 1; batch <= OPERATIONS; batch += batch < 3 ? 1 : 7) {
        trial_begin(&undone, SHORT_LIVED, NOON);
        undo_between(&undone, batch);
        snprintf(undone.now, sizeof undone.now, "2026-03-09T12:00:00Z");
        test_expect_integer("records", size, log_size(&undone));
        const cJSON *a = say(&plain, "ok", "{'op':'show','member':'card:1'}");
        const cJSON *b = say(&undone, "ok", "{'op':'show','member':'card:1'}");
        CU_ASSERT_TRUE(cJSON_Compare(at_path(a, "balances"), at_path(b, "balances"), true));
        CU_ASSERT_TRUE(cJSON_Compare(at_path(a, "lots"), at_path(b, "lots"), true));
        expect_same_tables(&plain, &undone);
        trial_end(&undone);
    }
    trial_end(&plain);
}

/* One operation carried out in the middle of what is marked. */
static void carry_out(struct ledger *ledger, struct arena *arena, size_t which)
{
    struct error error = {0};
    struct outcome outcome = {0};
    struct context context;
    struct request *request = arena_allocate(arena, sizeof *request);
    parse(ledger, arena, which, request);
    bool ok = context_begin(&context, ledger, false, request, &outcome, &error) &&
              (request->op == OPERATION_PURCHASE ? purchase(&context, &error)
                                                 : redeem(&context, &error));
    if (!ok)
        printf("\n    %s: %s\n", operations[which], error.message);
    CU_ASSERT_TRUE(ok);
}

/* What came behind a place is taken back; what came before it stands, and the whole
 * can still be taken back. */
static void going_back_to_a_place_leaves_the_rest(void)
{
    struct trial t, plain;
    struct ledger_options options = {0};
    struct ledger *ledger = NULL;
    struct error error = {0};
    struct arena arena = {0};
    struct savepoint place;
    trial_begin(&t, SHORT_LIVED, NOON);
    trial_begin(&plain, SHORT_LIVED, NOON);
    say(&t, "ok", "%s", operations[0]);
    say(&plain, "ok", "%s", operations[0]);
    CU_ASSERT_TRUE_FATAL(ledger_open(&ledger, t.path, &options, &error));
    CU_ASSERT_TRUE_FATAL(pipeline_begin(ledger, true, &error));
    for (int times = 0; times < 3; times++) {
        int64_t before = ledger->state.tip.size;
        state_mark(&ledger->state);
        carry_out(ledger, &arena, 1);
        carry_out(ledger, &arena, 3);
        state_save(&ledger->state, &place);
        int64_t size = ledger->state.tip.size;
        carry_out(ledger, &arena, 5);
        carry_out(ledger, &arena, 6);
        state_go_back(&ledger->state, &place);
        test_expect_integer("to the place", size, ledger->state.tip.size);
        carry_out(ledger, &arena, 5);
        if (times == 2)
            break;
        state_undo(&ledger->state);
        test_expect_integer("to the mark", before, ledger->state.tip.size);
    }
    state_release(&ledger->state);
    CU_ASSERT_TRUE(pipeline_commit(ledger, &error));
    arena_free(&arena);
    ledger_close(ledger);
    say(&plain, "ok", "%s", operations[1]);
    say(&plain, "ok", "%s", operations[3]);
    say(&plain, "ok", "%s", operations[5]);
    test_expect_integer("records", log_size(&plain), log_size(&t));
    const cJSON *a = say(&plain, "ok", "{'op':'show','member':'card:1'" AT("4"));
    const cJSON *b = say(&t, "ok", "{'op':'show','member':'card:1'" AT("4"));
    CU_ASSERT_TRUE(cJSON_Compare(at_path(a, "balances"), at_path(b, "balances"), true));
    CU_ASSERT_TRUE(cJSON_Compare(at_path(a, "lots"), at_path(b, "lots"), true));
    trial_end(&plain);
    trial_end(&t);
}

/* Lots of the store and lots of this batch are one order. */
static void lots_burn_in_one_order_wherever_they_are(void)
{
    struct trial t;
    struct ledger_options options = {0};
    struct ledger *ledger = NULL;
    struct error error = {0};
    trial_begin(&t, SHORT_LIVED, NOON);
    for (int i = 0; i < 40; i++)
        say(&t, "ok", "{'op':'purchase','member':'card:1','receipt':'s%d','amount':'1','enrol':true,"
                      "'at':'2026-03-0%dT1%d:00:00Z'}", i, i % 2 + 1, i % 2);
    const char *id = at_path(say(&t, "ok", "{'op':'show','member':'card:1'}"), "member")->valuestring;
    uint64_t member = 0;
    CU_ASSERT_TRUE(member_id_parse(text_of(id + 3), &member));
    CU_ASSERT_TRUE_FATAL(ledger_open(&ledger, t.path, &options, &error));
    CU_ASSERT_TRUE_FATAL(pipeline_begin(ledger, true, &error));
    for (int i = 0; i < 40; i++) {
        char text[200];
        struct request request;
        struct outcome outcome;
        struct arena arena = {0};
        snprintf(text, sizeof text, "{'op':'purchase','member':'card:1','receipt':'b%d','amount':'1',"
                                    "'at':'2026-03-0%dT11:30:00Z','now':'" NOON "'}", i, i % 2 + 1);
        CU_ASSERT_TRUE(request_parse(text_of(quoted(text)), version_latest(ledger)->programme, &arena,
                                     &request, &error));
        CU_ASSERT_TRUE(pipeline_run(ledger, false, &request, &outcome, &error) && outcome.done);
        arena_free(&arena);
    }
    struct wallet *wallet = NULL;
    CU_ASSERT_TRUE(state_wallet(&ledger->state, member, &wallet, &error));
    struct pocket *pocket = state_pocket(&ledger->state, wallet, text_of("star"));
    struct lot_cursor cursor = {0};
    struct lot *lot = NULL;
    int64_t count = 0, expires = INT64_MIN, last = -1;
    bool ordered = true;
    for (; state_next_lot(&ledger->state, pocket, &cursor, &lot, &error) && lot != NULL; count++) {
        ordered = ordered && (lot->row.expires > expires ||
                              (lot->row.expires == expires && lot->row.id > last));
        expires = lot->row.expires;
        last = lot->row.id;
    }
    test_expect_integer("lots", 80, count);
    CU_ASSERT_TRUE(ordered);
    pipeline_end(ledger);
    ledger_close(ledger);
    trial_end(&t);
}

/* A key that a record has cannot come again. */
static void a_used_key_is_refused(struct ledger *ledger)
{
    struct record record;
    struct error error = {0};
    CU_ASSERT_TRUE_FATAL(state_record(&ledger->state, 4, &record, &error));
    struct head again = *record.head;
    again.seq = 5;
    again.previous = 4;
    again.posting_count = 0;
    CU_ASSERT_TRUE(again.has_key);
    for (int i = 0; i < 2; i++) {
        state_mark(&ledger->state);
        CU_ASSERT_EQUAL(state_fold(&ledger->state, &again, &error), i == 1);
        state_undo(&ledger->state);
        again.key[0] ^= 1;
    }
}

/* The fold takes nothing that does not follow. */
static void a_head_that_does_not_follow_is_refused(void)
{
    static const char *const heads[] = {
        "{'seq':6,'time':1772452800000,'op':'elapse'}",
        "{'seq':4,'time':1772452800000,'op':'elapse'}",
        "{'seq':5,'time':1772452799999,'op':'elapse'}",
        "{'seq':5,'time':1772452800000,'op':'elapse','member':'00000000000Z','prev':3}",
        "{'seq':5,'time':1772452800000,'op':'elapse','member':'%s'}",
        "{'seq':5,'time':1772452800000,'op':'elapse','member':'%s','prev':3}",
        "{'seq':5,'time':1772452800000,'op':'member.add','member':'%s','prev':4}",
        "{'seq':5,'time':1772452800000,'op':'elapse','post':[['star','available',-1,3,0],"
        "['star','expired',1]]}",
        "{'seq':5,'time':1772452800000,'op':'elapse','member':'%s','prev':4,"
        "'post':[['star','available',-8,3,0],['star','expired',8]]}",
        "{'seq':5,'time':1772452800000,'op':'elapse','member':'%s','prev':4,"
        "'post':[['star','available',4,3,0],['star','expired',-4]]}",
        "{'seq':5,'time':1772452800000,'op':'elapse','member':'%s','prev':4,"
        "'post':[['star','available',-1,3,2],['star','expired',1]]}",
        "{'seq':5,'time':1772452800000,'op':'elapse','member':'%s','prev':4,"
        "'post':[['level','available',-1,3,0],['level','expired',1]]}",
        "{'seq':5,'time':1772452800000,'op':'elapse','member':'%s','prev':4,"
        "'post':[['star','available',-1],['star','expired',1]]}",
        "{'seq':5,'time':1772452800000,'op':'elapse','member':'%s','prev':4,"
        "'post':[['star','debt',1],['star','expired',-1]]}",
        "{'seq':5,'time':1772452800000,'op':'elapse','member':'%s','prev':4,"
        "'post':[['star','debt',-1],['star','returned',1]]}",
        "{'seq':5,'time':1772452800000,'op':'elapse','lots':[['star',1,0,0,'x']]}",
        "{'seq':5,'time':1772452800000,'op':'elapse','carry':[['star',1,2]]}",
        "{'seq':5,'time':1772452800000,'op':'cancel','member':'%s','prev':4}"};
    struct trial t;
    struct ledger_options options = {0};
    struct ledger *ledger = NULL;
    struct error error = {0};
    struct arena arena = {0};
    trial_begin(&t, ONE_PER_POUND, NOON);
    const cJSON *bought = say(&t, "ok", "{'op':'purchase','member':'card:1','receipt':'a',"
                                        "'amount':'10','enrol':true}");
    const char *id = at_path(bought, "member")->valuestring + 3;
    say(&t, "ok", "{'op':'redeem','member':'card:1','ref':'k','points':3}");
    CU_ASSERT_TRUE_FATAL(ledger_open(&ledger, t.path, &options, &error));
    CU_ASSERT_TRUE_FATAL(pipeline_begin(ledger, true, &error));
    for (size_t i = 0; i < sizeof heads / sizeof *heads; i++) {
        struct buffer text = {0};
        const char *mark = strstr(heads[i], "%s");
        buffer_add(&text, heads[i], mark == NULL ? strlen(heads[i]) : (size_t)(mark - heads[i]));
        if (mark != NULL) {
            buffer_string(&text, id);
            buffer_string(&text, mark + 2);
        }
        struct head *head = arena_allocate(&arena, sizeof *head);
        struct text bytes = text_copy(&arena, text_of(quoted(buffer_terminate(&text))));
        CU_ASSERT_TRUE_FATAL(head_decode(bytes, &arena, head, &error));
        state_mark(&ledger->state);
        error.code = ERROR_NONE;
        if (state_fold(&ledger->state, head, &error))
            printf("\n    taken: %.*s\n", TEXT(bytes));
        CU_ASSERT_EQUAL(error.code, ERROR_INVARIANT);
        state_undo(&ledger->state);
        buffer_free(&text);
    }
    a_used_key_is_refused(ledger);
    arena_free(&arena);
    pipeline_end(ledger);
    ledger_close(ledger);
    trial_end(&t);
}

const struct test_case state_cases[] = {
    {"what is undone leaves nothing", what_is_undone_leaves_nothing},
    {"lots burn in one order", lots_burn_in_one_order_wherever_they_are},
    {"a head that does not follow is refused", a_head_that_does_not_follow_is_refused},
    {"going back to a place leaves the rest", going_back_to_a_place_leaves_the_rest},
    {NULL, NULL},
};
