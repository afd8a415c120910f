/* Heads: one spelling of everything, both ways. */
#include "head.h"

#include <stdlib.h>

#include "../base/chance.h"
#include "support.h"

#define K16 "00112233445566778899aabbccddeeff"
#define H32 K16 K16

/* Whole heads that the encoder writes; together they hold every member. */
static const char *const canonical[] = {
    "{'seq':0,'time':0,'op':'genesis','real':1,'genesis':['shop','shop+01234567+AAAA',1,1,'" H32 "']}",
    "{'seq':1,'time':0,'op':'programme','body':'" H32 "','real':-5,'version':[1,-7,1]}",
    "{'seq':2,'time':-5,'op':'history.open','real':9007199254740991}",
    "{'seq':3,'time':-5,'op':'member.add','member':'00000000000Z','key':'" K16 "','body':'" H32 "'}",
    "{'seq':4,'time':9,'op':'purchase','part':2,'member':'ZZZZZZZZZZZZ','prev':3,'key':'" K16
    "','receipt':'" K16 "','programme':1,'body':'" H32
    "','post':[['star','available',5,4,0],['star','issued',-5]],'lots':[['star',5,0,0,'purchase'],"
    "['level',9007199254740991,7,-8,'x']],'carry':[['star',1,2],['level',0,1]],"
    "'gave':[['base','star',5],['more','star',0],['less','star',-1]]}",
    "{'seq':5,'time':9,'op':'return','of':0,'post':[['star','debt',-1],['star','returned',1]],"
    "'returned':[[4,'all'],[3,'amount',0],[2,'lines',[[0,1],[4095,9007199254740991]]]]}",
    "{'seq':8796093022206,'time':9,'op':'elapse','post':[['star','pending',-1,8796093022206,1023],"
    "['star','reserved',1],['star','redeemed',1],['star','expired',1],['star','adjusted',1]]}",
    "{'seq':7,'time':9,'at':8,'op':'member.link'}",
    "{'seq':7,'time':9,'op':'member.unlink'}",
    "{'seq':7,'time':9,'op':'redeem'}",
    "{'seq':7,'time':9,'op':'cancel','of':6}",
    "{'seq':7,'time':9,'op':'adjust'}",
    "{'seq':7,'time':9,'op':'history.close','real':1}",
    "{'seq':7,'time':9,'op':'reserve','member':'00000000000Z','wallet':'ZZZZZZZZZZZZ','prev':3,"
    "'key':'" K16 "','until':8}",
    "{'seq':7,'time':9,'op':'cancel','key':'" K16 "','bars':'" K16 "'}",
    "{'seq':7,'time':9,'op':'return.held','key':'" K16 "','awaits':'" K16 "'}",
    "{'seq':7,'time':9,'op':'operator.link','member':'00000000000Z','key':'" K16 "','operator':'" K16
    "','body':'" H32 "'}",
    "{'seq':7,'time':9,'op':'operator.unlink','awaits':'" K16 "','operator':'" K16 "','programme':1}",
    "{'seq':7,'time':9,'op':'transfer','member':'00000000000Z','prev':3,'with':'ZZZZZZZZZZZZ',"
    "'post':[['star','moved',1]],'lots':[['star',1,-1,0,'x']],'count':[['member','a','b',-1],"
    "['programme','adjust:x','2026-11-21',5]]}",
    "{'seq':7,'time':9,'op':'activate','dates':[[6,0,5],[0,1023,0]],'idle':[['star',-5],['level',0]]}",
    "{'seq':7,'time':9,'op':'purchase','gave':[['a','star',0]],'paid':['star',5,250,6]}",
    "{'seq':7,'time':9,'op':'close','closed':-1}",
    "{'seq':7,'time':9,'op':'recover','key':'" K16 "','body':'" H32 "','lost':[9,'" H32 "']}",
    "{'seq':7,'time':0,'op':'recover','real':5,'lost':[9007199254740991,'" H32 "']}",
    "{'seq':7,'time':9,'op':'member.erase','member':'00000000000Z','prev':3,'key':'" K16
    "','body':'" H32 "','post':[['star','adjusted',-1],['star','debt',1]],'erased':[[0,0],[2,6]]}",
    "{'seq':7,'time':9,'op':'member.hold','member':'00000000000Z','prev':3,'until':8}",
    "{'seq':7,'time':9,'op':'purchase','member':'00000000000Z','prev':3,'count':[['member','a','b',1]],"
    "'level':'jade','measured':[['earned:level',20779,5],['spend',-719163,-1],"
    "['visits:1',2932897,9007199254740991]],'tier':['gold',9,'climbed',100,0,[['first',-5,-1,0,[],0,0],"
    "['gold',9,7,20779,[['spend',300],['days:1',-1]]]],[['jade',200],['gold',300]]],"
    "'gave':[['a','star',0]]}",
    "{'seq':7,'time':9,'at':8,'op':'elapse','member':'00000000000Z','prev':3,"
    "'tier':['first',-9,'grace',0,20779,[['jade',9,6,-719163,[]]],[]]}",
    "{'seq':7,'time':9,'op':'retention','programme':1,'erased':[[1,5]],'carry':[['star',1,2]]}",
};
enum { CANONICAL = sizeof canonical / sizeof *canonical };

/* encode(decode(bytes)) as text, or the empty text where they are refused. */
static struct text again(struct arena *arena, struct text bytes)
{
    struct head head;
    struct error error = {0};
    struct buffer out = {0};
    if (!head_decode(bytes, arena, &head, &error)) {
        CU_ASSERT_EQUAL(error.code, ERROR_INVALID_RECORD);
        return (struct text){0};
    }
    head_encode(&head, &out);
    struct text copy = text_copy(arena, buffer_view(&out));
    buffer_free(&out);
    return copy;
}

static void expect_taken(const char *bytes)
{
    struct arena arena = {0};
    struct text text = text_of(quoted(bytes)), got = again(&arena, text);
    test_expect_text("head", text.bytes, text.length, got.bytes == NULL ? "" : got.bytes, got.length);
    arena_free(&arena);
}

static void expect_refused(const char *bytes)
{
    struct arena arena = {0};
    struct text got = again(&arena, text_of(quoted(bytes)));
    if (got.length > 0)
        printf("\n    taken, and written again as %.*s: %s\n", TEXT(got), bytes);
    CU_ASSERT_EQUAL(got.length, 0);
    arena_free(&arena);
}

static void every_member_goes_round(void)
{
    for (size_t i = 0; i < CANONICAL; i++)
        expect_taken(canonical[i]);
}

#define START "{'seq':7,'time':9,'op':'purchase'"
#define TIER "['gold',9,'set',0,0,[['gold',9,7,0,[]]],[]]"

static void other_spellings_are_refused(void)
{
    static const char *const refused[] = {
        "", "{}", "null", "{'seq':7,'time':9,'op':'purchase'", START "}\n", START "} ", " " START "}",
        START "}}", "\xef\xbb\xbf" START "}",
        /* white space */
        "{ 'seq':7,'time':9,'op':'purchase'}", "{'seq': 7,'time':9,'op':'purchase'}",
        "{'seq':7, 'time':9,'op':'purchase'}", "{'seq':7,'time':9,'op':'purchase' }",
        START ",'post':[ ['star','debt',-1]]}",
        /* order, missing, double */
        "{'time':9,'seq':7,'op':'purchase'}", "{'seq':7,'op':'purchase','time':9}",
        "{'seq':7,'time':9}", "{'time':9,'op':'purchase'}", "{'seq':7,'op':'purchase'}",
        "{'seq':7,'seq':7,'time':9,'op':'purchase'}", START ",'op':'purchase'}",
        START ",'part':1,'part':1}", START ",'prev':1,'member':'00000000000Z'}",
        START ",'receipt':'" K16 "','key':'" K16 "'}", START ",'programme':1,'programme':1}",
        START ",'gave':[['a','b',1]],'post':[['star','debt',-1]]}",
        START ",'post':[['star','debt',-1]],'post':[['star','debt',-1]]}",
        /* numbers */
        "{'seq':07,'time':9,'op':'purchase'}", "{'seq':-0,'time':9,'op':'purchase'}",
        "{'seq':-1,'time':9,'op':'purchase'}", "{'seq':+7,'time':9,'op':'purchase'}",
        "{'seq':7.0,'time':9,'op':'purchase'}", "{'seq':7e0,'time':9,'op':'purchase'}",
        "{'seq':,'time':9,'op':'purchase'}", "{'seq':'7','time':9,'op':'purchase'}",
        "{'seq':9007199254740992,'time':9,'op':'purchase'}",
        "{'seq':10000000000000000,'time':9,'op':'purchase'}",
        "{'seq':100000000000000000000,'time':9,'op':'purchase'}",
        "{'seq':7,'time':-0,'op':'purchase'}", "{'seq':7,'time':9,'at':9,'op':'purchase'}",
        "{'seq':7,'at':8,'time':9,'op':'purchase'}", "{'seq':7,'time':00,'op':'purchase'}",
        "{'seq':7,'time':-09,'op':'purchase'}", "{'seq':7,'time':-,'op':'purchase'}",
        START ",'part':0}", START ",'part':-1}", START ",'prev':-1}", START ",'programme':0}",
        START ",'real':0}", START ",'of':-1}",
        /* what does not stand before it */
        START ",'prev':7}", START ",'of':7}", START ",'returned':[[7,'all']]}",
        START ",'post':[['star','available',1,8,0]]}",
        /* names */
        "{'seq':7,'time':9,'op':'buy'}", "{'seq':7,'time':9,'op':''}", "{'seq':7,'time':9,'op':'Purchase'}",
        "{'seq':7,'time':9,'op':purchase}", START ",'member':'000000000000'}",
        START ",'member':'00000000000z'}", START ",'member':'0000000000Z'}",
        START ",'member':'00000000000I'}", START ",'member':''}",
        START ",'key':'" H32 "'}", START ",'key':''}", START ",'key':'00112233445566778899AABBCCDDEEFF'}",
        START ",'key':'0011223344556677889 aabbccddeeff'}", START ",'body':'" K16 "'}",
        START ",'unknown':1}",
        /* postings */
        START ",'post':[]}", START ",'post':[[]]}", START ",'post':[['star','debt',0]]}",
        START ",'post':[['star','debt',-0]]}", START ",'post':[['star','savings',1]]}",
        START ",'post':[['','debt',1]]}", START ",'post':[['star','debt',1,2]]}",
        START ",'post':[['star','debt',1,2,1024]]}", START ",'post':[['star','debt',1,2,-1]]}",
        START ",'post':[['star','debt',1,2,0,0]]}", START ",'post':[['star','debt',1],]}",
        START ",'post':[['star','debt',1,8796093022207,0]]}", START ",'post':[,['star','debt',1]]}",
        START ",'post':[['star','debt',1]['star','debt',1]]}", START ",'post':['star','debt',1]}",
        START ",'post':[['st\\u0061r','debt',1]]}", START ",'post':[['st\xc3\xa4r','debt',1]]}",
        START ",'post':[['st\tr','debt',1]]}", START ",'post':[['st\x7fr','debt',1]]}",
        /* lots */
        START ",'lots':[]}", START ",'lots':[['star',0,0,0,'x']]}", START ",'lots':[['star',-1,0,0,'x']]}",
        START ",'lots':[['star',1,-2,0,'x']]}", START ",'lots':[['star',1,9007199254740991,0,'x']]}",
        START ",'lots':[['star',1,0,9007199254740991,'x']]}",
        START ",'lots':[['star',1,0,0,'']]}", START ",'lots':[['star',1,0,0]]}",
        /* returned */
        START ",'returned':[]}", START ",'returned':[[1]]}", START ",'returned':[[1,'some']]}",
        START ",'returned':[[1,'all',1]]}", START ",'returned':[[-1,'all']]}",
        START ",'returned':[[1,'amount']]}", START ",'returned':[[1,'amount',-1]]}",
        START ",'returned':[[1,'lines',[]]]}", START ",'returned':[[1,'lines',[[0,0]]]]}",
        START ",'returned':[[1,'lines',[[-1,1]]]]}", START ",'returned':[[1,'lines',[[0,1],]]]}",
        /* dates, idle, count, paid, references */
        START ",'dates':[]}", START ",'dates':[[7,0,5]]}", START ",'dates':[[6,1024,5]]}",
        START ",'dates':[[6,0,9007199254740991]]}", START ",'dates':[[6,0]]}",
        START ",'idle':[]}", START ",'idle':[['star']]}", START ",'idle':[['',1]]}", START ",'idle':[['star',9007199254740991]]}",
        START ",'count':[]}", START ",'count':[['nobody','a','b',1]]}",
        START ",'count':[['member','a','b',0]]}", START ",'count':[['member','','b',1]]}",
        START ",'paid':[]}", START ",'paid':['star',0,1,6]}", START ",'paid':['star',1,0,6]}",
        START ",'paid':['star',1,1,7]}", START ",'until':0}", START ",'closed':0}",
        START ",'wallet':'ZZZZZZZZZZZZ'}", START ",'with':''}", START ",'bars':'" H32 "'}",
        START ",'member':'ZZZZZZZZZZZZ','wallet':'ZZZZZZZZZZZZ'}", START ",'awaits':''}",
        START ",'awaits':'" K16 "','bars':'" K16 "'}", START ",'operator':'eva'}",
        START ",'operator':'" K16 "','awaits':'" K16 "'}",
        START ",'programme':1,'operator':'" K16 "'}",
        START ",'with':'ZZZZZZZZZZZZ','member':'00000000000Z'}",
        /* erased */
        START ",'erased':[]}", START ",'erased':[[1]]}", START ",'erased':[[2,1]]}",
        START ",'erased':[[1,7]]}", START ",'erased':[[-1,1]]}", START ",'erased':[[1,2,3]]}",
        START ",'erased':[[1,2],[2,3]]}", START ",'erased':[[3,4],[1,2]]}",
        START ",'carry':[['star',1,2]],'erased':[[1,5]]}",
        /* carry */
        START ",'carry':[]}", START ",'carry':[['star',2,4]]}", START ",'carry':[['star',1,1]]}",
        START ",'carry':[['star',0,2]]}", START ",'carry':[['star',-1,2]]}",
        START ",'carry':[['star',3,2]]}", START ",'carry':[['star',1,0]]}",
        /* level, measured, tier */
        START ",'level':''}", START ",'level':0}", START ",'measured':[['spend',1,1]],'level':'gold'}",
        START ",'level':'gold','count':[['member','a','b',1]]}",
        START ",'gave':[['a','star',0]],'level':'gold'}",
        START ",'measured':[]}", START ",'measured':[[]]}", START ",'measured':[['spend',1,0]]}",
        START ",'measured':[['spend',1]]}", START ",'measured':[['spend',1,1,1]]}",
        START ",'measured':[['',1,1]]}", START ",'measured':[['spend','1',1]]}",
        START ",'measured':[['spend',-719164,1]]}", START ",'measured':[['spend',2932898,1]]}",
        START ",'measured':[['spend',1,9007199254740992]]}", START ",'measured':[['spend',1,1],]}",
        START ",'measured':[['spend',1,1]],'count':[['member','a','b',1]]}",
        START ",'tier':" TIER ",'measured':[['spend',1,1]]}", START ",'gave':[['a','star',0]],'tier':" TIER "}",
        START ",'tier':" TIER ",'tier':" TIER "}", START ",'tier':[]}", START ",'tier':'gold'}",
        START ",'tier':['',9,'set',0,0,[['a',9,6,0,[]]],[]]}",
        START ",'tier':['gold','set',0,0,[['a',9,6,0,[]]],[]]}",
        START ",'tier':['gold',9,'bought',0,0,[['a',9,6,0,[]]],[]]}",
        START ",'tier':['gold',9,'',0,0,[['a',9,6,0,[]]],[]]}",
        START ",'tier':['gold',9,'set',9007199254740991,0,[['a',9,6,0,[]]],[]]}",
        START ",'tier':['gold',9,'set',0,2932898,[['a',9,6,0,[]]],[]]}",
        START ",'tier':['gold',9,'set',0,-719164,[['a',9,6,0,[]]],[]]}",
        START ",'tier':['gold',9,'set',0,[['a',9,6,0,[]]],[]]}",
        START ",'tier':['gold',9,'set',0,0,[],[]]}", START ",'tier':['gold',9,'set',0,0,[['a',9,6,0,[]]]]}",
        START ",'tier':['gold',9,'set',0,0,[['a',9,6,0,[]]],[],[]]}",
        START ",'tier':['gold',9,'set',0,0,[['a',9,6,0,[]],],[]]}",
        START ",'tier':['gold',9,'set',0,0,[['',9,6,0,[]]],[]]}",
        START ",'tier':['gold',9,'set',0,0,[['a',9,-2,0,[]]],[]]}",
        START ",'tier':['gold',9,'set',0,0,[['a',9,8,0,[]]],[]]}",
        START ",'tier':['gold',9,'set',0,0,[['a',9,6,2932898,[]]],[]]}",
        START ",'tier':['gold',9,'set',0,0,[['a',9,6,0]],[]]}",
        START ",'tier':['gold',9,'set',0,0,[['a',9,6,0,[],0,0]],[]]}",
        START ",'tier':['gold',9,'set',0,0,[['a',9,6,0,[]],['b',9,6,0,[]]],[]]}",
        START ",'tier':['gold',9,'set',0,0,[['a',9,6,0,[],0],['b',9,6,0,[]]],[]]}",
        START ",'tier':['gold',9,'set',0,0,[['a',9,6,0,[],9007199254740991,0],['b',9,6,0,[]]],[]]}",
        START ",'tier':['gold',9,'set',0,0,[['a',9,6,0,[['spend',0]]]],[]]}",
        START ",'tier':['gold',9,'set',0,0,[['a',9,6,0,[['',1]]]],[]]}",
        START ",'tier':['gold',9,'set',0,0,[['a',9,6,0,[['spend']]]],[]]}",
        START ",'tier':['gold',9,'set',0,0,[['a',9,6,0,[['spend',1],]]],[]]}",
        START ",'tier':['gold',9,'set',0,0,[['a',9,6,0,[]]],[[]]]}",
        START ",'tier':['gold',9,'set',0,0,[['a',9,6,0,[]]],[['',9]]]}",
        START ",'tier':['gold',9,'set',0,0,[['a',9,6,0,[]]],[['a']]]}",
        START ",'tier':['gold',9,'set',0,0,[['a',9,6,0,[]]],[['a',9],]]}",
        /* setup */
        START ",'gave':[]}", START ",'gave':[['','star',1]]}", START ",'version':[0,0,1]}",
        START ",'version':[1,0,0]}", START ",'version':[1,0]}",
        START ",'lost':[0,'" H32 "']}", START ",'lost':[1,'" K16 "']}",
        START ",'genesis':['a','b',1,2,'" H32 "']}", START ",'genesis':['a','b',0,1,'" H32 "']}",
        START ",'genesis':['','b',1,1,'" H32 "']}", START ",'genesis':['a','',1,1,'" H32 "']}",
        START ",'genesis':['a','b',1,1,'" K16 "']}",
    };
    expect_taken(START "}");
    expect_taken(START ",'tier':" TIER "}");
    for (size_t i = 0; i < sizeof refused / sizeof *refused; i++)
        expect_refused(refused[i]);
}

static void a_fault_says_where(void)
{
    struct arena arena = {0};
    struct head head;
    struct error error = {0};
    CU_ASSERT_FALSE(head_decode(text_of(quoted("{'seq':7,'time':09,'op':'purchase'}")), &arena, &head,
                                &error));
    CU_ASSERT_PTR_NOT_NULL(strstr(error.message, "an integer in its one spelling at byte 16"));
    arena_free(&arena);
}

static void a_head_ends_at_65535_bytes(void)
{
    struct arena arena = {0};
    struct head head;
    struct error error = {0};
    struct buffer out = {0};
    head_clear(&head);
    head.kind = RECORD_PURCHASE;

    struct gift gifts[6000];
    for (size_t i = 0; i < 6000; i++)
        gifts[i] = (struct gift){text_of("a"), text_of("b"), 1};
    head.gifts = gifts;
    head.gift_count = 5000;
    head_encode(&head, &out);
    size_t each = 12, missing = 65535 - out.length;
    head.gift_count += missing / each;
    for (size_t i = 0; i < missing % each; i++)
        gifts[i].amount = 11;
    buffer_clear(&out);
    head_encode(&head, &out);
    test_expect_integer("longest head", 65535, (long long)out.length);
    struct text longest = text_copy(&arena, buffer_view(&out)), got = again(&arena, longest);
    CU_ASSERT_TRUE(text_equal(got, longest));
    gifts[11].amount = 11;
    buffer_clear(&out);
    head_encode(&head, &out);
    test_expect_integer("too long", 65536, (long long)out.length);
    CU_ASSERT_FALSE(head_decode(buffer_view(&out), &arena, &head, &error));
    CU_ASSERT_EQUAL(error.code, ERROR_INVALID_RECORD);
    buffer_free(&out);
    arena_free(&arena);
}

/* Names that are too long for any programme would only serve to break readers. */
static void names_have_their_limit(void)
{
#define N32 "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
    expect_taken(START ",'post':[['" N32 "','debt',1]]}");
    expect_refused(START ",'post':[['" N32 "a','debt',1]]}");
    expect_refused(START ",'lots':[['" N32 "a',1,0,0,'x']]}");
    expect_refused(START ",'lots':[['star',1,0,0,'" N32 "a']]}");
    expect_refused(START ",'carry':[['" N32 "a',1,2]]}");
    expect_refused(START ",'gave':[['" N32 "a','star',1]]}");
    expect_refused(START ",'gave':[['a','" N32 "a',1]]}");
    expect_taken(START ",'level':'" N32 "'}");
    expect_refused(START ",'level':'" N32 "a'}");
    expect_taken(START ",'measured':[['" N32 N32 "aaaaaaaaaaaaaaaa',1,1]]}");
    expect_refused(START ",'measured':[['" N32 N32 "aaaaaaaaaaaaaaaaa',1,1]]}");
    expect_refused(START ",'tier':['" N32 "a',9,'set',0,0,[['a',9,7,0,[]]],[]]}");
    expect_refused(START ",'tier':['a',9,'set',0,0,[['" N32 "a',9,7,0,[]]],[]]}");
    expect_refused(START ",'tier':['a',9,'set',0,0,[['a',9,7,0,[]]],[['" N32 "a',9]]]}");
}

/* --- By chance ------------------------------------------------------------- */

static int64_t any(uint64_t *seed, int64_t low)
{
    return chance_between(seed, low, LIMIT_UNITS);
}

static struct text any_name(struct arena *arena, uint64_t *seed)
{
    char bytes[8];
    size_t length = 1 + chance(seed) % sizeof bytes;
    for (size_t i = 0; i < length; i++) {
        do
            bytes[i] = (char)(' ' + chance(seed) % 95);
        while (bytes[i] == '"' || bytes[i] == '\\' || bytes[i] == '\'');
    }
    return text_copy(arena, (struct text){bytes, length});
}

/* A head names only what stands before it; -1 where nothing does. */
static int64_t earlier(uint64_t *seed, int64_t seq)
{
    return seq == 0 ? -1 : any(seed, 0) % seq;
}

static int64_t earlier_lot(uint64_t *seed, int64_t seq)
{
    int64_t last = seq < LIMIT_UNITS / LOTS_PER_RECORD - 1 ? seq : LIMIT_UNITS / LOTS_PER_RECORD - 1;
    return lot_number(any(seed, 0) % (last + 1), any(seed, 0) % LOTS_PER_RECORD);
}

static void fill_lists(struct arena *arena, uint64_t *seed, struct head *head)
{
    head->posting_count = chance(seed) % 4;
    head->postings = arena_allocate(arena, 4 * sizeof *head->postings);
    for (size_t i = 0; i < head->posting_count; i++) {
        int64_t amount = any(seed, 1), lot = chance(seed) % 2 ? -1 : earlier_lot(seed, head->seq);
        head->postings[i] = (struct posting){any_name(arena, seed),
                                             (enum account)(chance(seed) % ACCOUNT_COUNT),
                                             chance(seed) % 2 ? amount : -amount, lot};
    }
    head->lot_count = chance(seed) % 3;
    head->lots = arena_allocate(arena, 3 * sizeof *head->lots);
    for (size_t i = 0; i < head->lot_count; i++) {
        int64_t expires = any(seed, -LIMIT_UNITS);
        head->lots[i] = (struct lot_birth){any_name(arena, seed), any(seed, 1), any(seed, 0),
                                           expires == 0 ? MOMENT_NEVER : expires,
                                           any_name(arena, seed)};
    }
    head->returned_count = head->seq == 0 ? 0 : chance(seed) % 3;
    head->returned = arena_allocate(arena, 3 * sizeof *head->returned);
    for (size_t i = 0; i < head->returned_count; i++) {
        struct returned_part *part = &head->returned[i];
        part->seq = earlier(seed, head->seq);
        part->how = (enum returned_how)(chance(seed) % 3);
        part->amount = part->how == RETURNED_AMOUNT ? any(seed, 0) : 0;
        part->line_count = part->how == RETURNED_LINES ? 1 + chance(seed) % 3 : 0;
        part->lines = arena_allocate(arena, 4 * sizeof *part->lines);
        for (size_t l = 0; l < part->line_count; l++)
            part->lines[l] = (struct returned_line){any(seed, 0), any(seed, 1)};
    }
    head->carry_count = chance(seed) % 3;
    head->carries = arena_allocate(arena, 3 * sizeof *head->carries);
    for (size_t i = 0; i < head->carry_count; i++) {
        int64_t denominator = any(seed, 1), numerator = any(seed, 0) % denominator;
        int64_t divisor = greatest_common_divisor(numerator, denominator);
        head->carries[i] = (struct carry_value){any_name(arena, seed), numerator / divisor,
                                                denominator / divisor};
    }
    head->gift_count = chance(seed) % 3;
    head->gifts = arena_allocate(arena, 3 * sizeof *head->gifts);
    for (size_t i = 0; i < head->gift_count; i++)
        head->gifts[i] = (struct gift){any_name(arena, seed), any_name(arena, seed),
                                       any(seed, -LIMIT_UNITS)};
}

static void any_bytes(uint64_t *seed, unsigned char *out, size_t length)
{
    for (size_t i = 0; i < length; i++)
        out[i] = (unsigned char)chance(seed);
}

static int64_t not_zero(uint64_t *seed)
{
    int64_t value = any(seed, -LIMIT_UNITS);
    return value == 0 ? 1 : value;
}

/* What is about another operation, another member, another wallet, a counter. */
static void any_reference(struct arena *arena, uint64_t *seed, struct head *head)
{
    if (head->member != 0 && chance(seed) % 3 == 0)
        head->wallet = head->member == 1 ? 2 : head->member - 1;
    head->with = chance(seed) % 3 == 0 ? 1 + chance(seed) % 1000 : 0;
    head->until = chance(seed) % 3 == 0 ? not_zero(seed) : 0;
    head->closed = chance(seed) % 3 == 0 ? not_zero(seed) : 0;
    if ((head->has_bars = chance(seed) % 3 == 0))
        any_bytes(seed, head->bars, sizeof head->bars);
    if ((head->has_awaits = chance(seed) % 3 == 0))
        any_bytes(seed, head->awaits, sizeof head->awaits);
    if ((head->has_operator = chance(seed) % 3 == 0))
        any_bytes(seed, head->operator_hash, sizeof head->operator_hash);
    head->idle_count = chance(seed) % 3;
    head->idles = arena_allocate(arena, 3 * sizeof *head->idles);
    for (size_t i = 0; i < head->idle_count; i++)
        head->idles[i] = (struct idle_value){any_name(arena, seed), not_zero(seed)};
    head->count_count = chance(seed) % 3;
    head->counts = arena_allocate(arena, 3 * sizeof *head->counts);
    for (size_t i = 0; i < head->count_count; i++)
        head->counts[i] = (struct count){chance(seed) % 2 ? COUNTS_MEMBER : COUNTS_PROGRAMME,
                                         any_name(arena, seed), any_name(arena, seed),
                                         not_zero(seed)};
    if (head->seq == 0 || chance(seed) % 3 != 0)
        return;
    head->paid.currency = any_name(arena, seed);
    head->paid.points = any(seed, 1);
    head->paid.minor = any(seed, 1);
    head->paid.seq = earlier(seed, head->seq);
    head->date_count = 1;
    head->dates = arena_allocate(arena, sizeof *head->dates);
    head->dates[0] = (struct redate){0, chance(seed) % 2 ? MOMENT_NEVER : 7};
}

static int64_t any_day(uint64_t *seed)
{
    return chance_between(seed, LOCAL_DAY_FIRST, LOCAL_DAY_LAST);
}

static void any_climbs(struct arena *arena, uint64_t *seed, int64_t seq, struct tier_value *tier)
{
    tier->climb_count = 1 + chance(seed) % 3;
    tier->climbs = arena_allocate(arena, tier->climb_count * sizeof *tier->climbs);
    for (size_t i = 0; i < tier->climb_count; i++) {
        struct climb_value *climb = &tier->climbs[i];
        *climb = (struct climb_value){.level = any_name(arena, seed),
                                      .since = any(seed, -LIMIT_UNITS),
                                      .seq = chance(seed) % 2 ? seq : earlier(seed, seq),
                                      .start = any_day(seed)};
        climb->offset_count = chance(seed) % 3;
        climb->offsets = arena_allocate(arena, 3 * sizeof *climb->offsets);
        for (size_t k = 0; k < climb->offset_count; k++)
            climb->offsets[k] = (struct offset){any_name(arena, seed), not_zero(seed)};
        climb->review = MOMENT_NEVER;
        if (i + 1 < tier->climb_count) {
            climb->review = chance(seed) % 2 ? MOMENT_NEVER : not_zero(seed);
            climb->graced = any_day(seed);
        }
    }
}

/* What counts, and the level that comes of it. */
static void any_tiers(struct arena *arena, uint64_t *seed, struct head *head)
{
    struct tier_value *tier = &head->tier;
    if (chance(seed) % 3 == 0)
        head->level = any_name(arena, seed);
    head->measured_count = chance(seed) % 3;
    head->measured = arena_allocate(arena, 3 * sizeof *head->measured);
    for (size_t i = 0; i < head->measured_count; i++)
        head->measured[i] = (struct measured){any_name(arena, seed), any_day(seed), not_zero(seed)};
    if (chance(seed) % 2 == 0)
        return;
    tier->level = any_name(arena, seed);
    tier->since = any(seed, -LIMIT_UNITS);
    tier->cause = (enum tier_cause)(chance(seed) % CAUSE_COUNT);
    tier->review = chance(seed) % 2 ? MOMENT_NEVER : not_zero(seed);
    tier->graced = any_day(seed);
    any_climbs(arena, seed, head->seq, tier);
    tier->hold_count = chance(seed) % 3;
    tier->holds = arena_allocate(arena, 3 * sizeof *tier->holds);
    for (size_t i = 0; i < tier->hold_count; i++)
        tier->holds[i] = (struct hold_value){any_name(arena, seed), any(seed, -LIMIT_UNITS)};
}

static void any_head(struct arena *arena, uint64_t *seed, struct head *head)
{
    head_clear(head);
    head->seq = any(seed, 0);
    head->time = any(seed, -LIMIT_UNITS);
    head->at = chance(seed) % 2 ? any(seed, -LIMIT_UNITS) : head->time;
    head->kind = (enum record_kind)(chance(seed) % RECORD_KIND_COUNT);
    head->part = chance(seed) % 2 ? any(seed, 1) : 0;
    head->member = chance(seed) % 2 ? 1 + chance(seed) % ((UINT64_C(1) << 60) - 1) : 0;
    head->previous = chance(seed) % 2 ? earlier(seed, head->seq) : -1;
    head->of = chance(seed) % 2 ? earlier(seed, head->seq) : -1;
    head->programme = chance(seed) % 2 ? any(seed, 1) : 0;
    any_reference(arena, seed, head);
    head->real = chance(seed) % 2 ? any(seed, -LIMIT_UNITS) : 0;
    head->lost.size = chance(seed) % 3 == 0 ? any(seed, 1) : 0;
    if (head->lost.size != 0)
        any_bytes(seed, head->lost.root, sizeof head->lost.root);
    if ((head->has_key = chance(seed) % 2))
        any_bytes(seed, head->key, sizeof head->key);
    if ((head->has_receipt = chance(seed) % 2))
        any_bytes(seed, head->receipt, sizeof head->receipt);
    if ((head->has_body = chance(seed) % 2))
        any_bytes(seed, head->body, sizeof head->body);
    fill_lists(arena, seed, head);
    any_tiers(arena, seed, head);
    if (chance(seed) % 3 == 0) {
        head->version.number = any(seed, 1);
        head->version.from = any(seed, -LIMIT_UNITS);
        head->version.semantics = any(seed, 1);
    }
    if (chance(seed) % 3 == 0) {
        head->genesis.origin = any_name(arena, seed);
        head->genesis.vkey = any_name(arena, seed);
        head->genesis.format = any(seed, 1);
        head->genesis.test = chance(seed) % 2;
        any_bytes(seed, head->genesis.secret, sizeof head->genesis.secret);
    }
}

static void random_heads_go_round(void)
{
    uint64_t seed = 20261121;
    struct arena arena = {0};
    for (int i = 0; i < 20000; i++) {
        struct head head;
        struct buffer out = {0};
        arena_reset(&arena);
        any_head(&arena, &seed, &head);
        head_encode(&head, &out);
        struct text got = again(&arena, buffer_view(&out));
        if (!text_equal(got, buffer_view(&out))) {
            test_expect_text("head", out.bytes, out.length, got.bytes, got.length);
            i = 20000;
        }
        buffer_free(&out);
    }
    arena_free(&arena);
}

/* Every byte of every canonical head, changed to every other value: refused, or a
 * head whose one spelling this is. */
static void a_changed_byte_is_never_read_as_another_spelling(void)
{
    struct arena arena = {0};
    bool all = true;
    for (size_t h = 0; h < CANONICAL; h++) {
        char *bytes = quoted(canonical[h]);
        size_t length = strlen(bytes);
        for (size_t i = 0; i < length; i++) {
            char was = bytes[i];
            for (unsigned value = 0; value < 256; value++) {
                bytes[i] = (char)value;
                struct text text = {bytes, length}, got = again(&arena, text);
                all = all && (got.length == 0 || text_equal(got, text));
                arena_reset(&arena);
            }
            bytes[i] = was;
        }
    }
    CU_ASSERT_TRUE(all);
    arena_free(&arena);
}

static void a_cut_or_doubled_byte_is_never_read_as_another_spelling(void)
{
    struct arena arena = {0};
    bool all = true;
    for (size_t h = 0; h < CANONICAL; h++) {
        const char *bytes = quoted(canonical[h]);
        size_t length = strlen(bytes);
        char other[1024];
        for (size_t i = 0; i < length; i++) {
            memcpy(other, bytes, i);
            memcpy(other + i, bytes + i + 1, length - i - 1);
            struct text cut = {other, length - 1}, got = again(&arena, cut);
            all = all && (got.length == 0 || text_equal(got, cut));
            memcpy(other, bytes, i + 1);
            memcpy(other + i + 1, bytes + i, length - i);
            struct text doubled = {other, length + 1};
            got = again(&arena, doubled);
            all = all && (got.length == 0 || text_equal(got, doubled));
            CU_ASSERT_EQUAL(again(&arena, (struct text){bytes, i}).length, 0);
            arena_reset(&arena);
        }
    }
    CU_ASSERT_TRUE(all);
    arena_free(&arena);
}

static void returned_parts_go_round(void)
{
    static const char *const parts[] = {"[4,\"all\"]", "[0,\"amount\",5]",
                                        "[1,\"lines\",[[0,1],[7,2000000]]]"};
    struct arena arena = {0};
    struct returned_part part;
    for (size_t i = 0; i < 3; i++) {
        struct buffer out = {0};
        CU_ASSERT_TRUE_FATAL(returned_part_decode(text_of(parts[i]), &arena, &part));
        returned_part_encode(&part, &out);
        CU_ASSERT_TRUE(text_equal(buffer_view(&out), text_of(parts[i])));
        buffer_free(&out);
    }
    CU_ASSERT_FALSE(returned_part_decode(text_of("[4,\"all\"] "), &arena, &part));
    CU_ASSERT_FALSE(returned_part_decode(text_of("[4,\"all\""), &arena, &part));
    CU_ASSERT_FALSE(returned_part_decode(text_of(""), &arena, &part));
    arena_free(&arena);
}

/* As the store keeps it: the value alone, and nothing behind it. */
static void levels_go_round(void)
{
    static const char level[] = "['gold',9,'%s',0,20779,[['first',-5,-1,0,[],77,20779],"
                                "['gold',9,7,20779,[['spend',300]]]],[['jade',200]]]";
    struct arena arena = {0};
    struct tier_value value;
    for (unsigned cause = 0; cause < CAUSE_COUNT; cause++) {
        struct buffer out = {0};
        struct text text = text_of(
            quoted(text_format(&arena, level, tier_cause_name((enum tier_cause)cause)).bytes));
        CU_ASSERT_TRUE_FATAL(tier_value_decode(text, &arena, &value));
        CU_ASSERT_EQUAL(value.cause, cause);
        CU_ASSERT_EQUAL(value.review, MOMENT_NEVER);
        test_expect_integer("climbs", 2, (long long)value.climb_count);
        test_expect_integer("offset", 300, value.climbs[1].offsets[0].amount);
        test_expect_integer("held until", 200, value.holds[0].until);
        tier_value_encode(&value, &out);
        CU_ASSERT_TRUE(text_equal(buffer_view(&out), text));
        CU_ASSERT_FALSE(tier_value_decode((struct text){text.bytes, text.length - 1}, &arena, &value));
        buffer_byte(&out, ' ');
        CU_ASSERT_FALSE(tier_value_decode(buffer_view(&out), &arena, &value));
        buffer_free(&out);
    }
    arena_free(&arena);
}

static void postings_balance_by_currency(void)
{
    struct head head = {0};
    struct error error = {0};
    struct posting postings[40] = {{text_of("a"), ACCOUNT_ISSUED, -LIMIT_UNITS, -1},
                                   {text_of("b"), ACCOUNT_ISSUED, 1, -1},
                                   {text_of("a"), ACCOUNT_AVAILABLE, LIMIT_UNITS, 0},
                                   {text_of("b"), ACCOUNT_REDEEMED, -1, -1}};
    head.postings = postings;
    for (head.posting_count = 0; head.posting_count < 4; head.posting_count++)
        CU_ASSERT_EQUAL(head_balances(&head, &error), head.posting_count == 0);
    CU_ASSERT_TRUE(head_balances(&head, &error));
    postings[3].currency = text_of("c");
    CU_ASSERT_FALSE(head_balances(&head, &error));
    CU_ASSERT_EQUAL(error.code, ERROR_INVARIANT);
    static const char names[] = "abcdefghijklmnopqrst";
    for (head.posting_count = 0; head.posting_count < 34; head.posting_count++)
        postings[head.posting_count] =
            (struct posting){{names + head.posting_count / 2, 1}, ACCOUNT_ISSUED,
                             head.posting_count % 2 ? 1 : -1, -1};
    CU_ASSERT_FALSE(head_balances(&head, &error)); /* 17 currencies */
    head.posting_count = 32;
    CU_ASSERT_TRUE(head_balances(&head, &error));
}

const struct test_case head_cases[] = {
    {"every member goes round", every_member_goes_round},
    {"other spellings are refused", other_spellings_are_refused},
    {"a fault says where", a_fault_says_where},
    {"a head ends at 65,535 bytes", a_head_ends_at_65535_bytes},
    {"names have their limit", names_have_their_limit},
    {"random heads go round", random_heads_go_round},
    {"a changed byte is never another spelling", a_changed_byte_is_never_read_as_another_spelling},
    {"a cut or doubled byte is never another spelling",
     a_cut_or_doubled_byte_is_never_read_as_another_spelling},
    {"returned parts go round", returned_parts_go_round},
    {"levels go round", levels_go_round},
    {"postings balance by currency", postings_balance_by_currency},
    {NULL, NULL},
};
