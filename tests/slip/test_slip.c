/* Slips, line for line: what each operation prints, in both widths, both languages
 * and both encodings; and, whatever stands in an answer, that no line is too wide. */
#include "slip.h"

#include "chance.h"
#include "fixture.h"
#include "layout.h"
#include "slip_cases.h"

enum { LINES_MOST = 64 };

static void make_raw(cJSON *item)
{
    for (; item != NULL; item = item->next) {
        if (cJSON_IsNumber(item)) {
            char digits[32];
            snprintf(digits, sizeof digits, "%.15g", item->valuedouble);
            item->type = cJSON_Raw | (item->type & cJSON_StringIsConst);
            item->valuestring = cJSON_malloc(strlen(digits) + 1);
            strcpy(item->valuestring, digits);
        }
        make_raw(item->child);
    }
}

cJSON *answer_of(const char *text)
{
    char *copy = cJSON_malloc(strlen(text) + 1);
    strcpy(copy, text);
    for (char *c = copy; *c != '\0'; c++) {
        if (*c == '\'')
            *c = '"';
    }
    cJSON *answer = cJSON_Parse(copy);
    CU_ASSERT_PTR_NOT_NULL_FATAL(answer);
    cJSON_free(copy);
    make_raw(answer->child);
    return answer;
}

static const char PROGRAMME[] = DOCUMENT(
    "Asia/Shanghai", "CNY",
    "\"name\":{\"en\":\"Star Club\",\"zh-CN\":\"星享俱乐部\"},"
    "\"points\":{\"star\":{\"name\":{\"en\":\"stars\",\"zh-CN\":\"星星\"}},"
    "\"level\":{\"spendable\":false},\"mile\":{\"scale\":2}},"
    "\"earn\":[{\"id\":\"base\",\"name\":{\"en\":\"Every 5 yuan\",\"zh-CN\":\"每满 5 元\"},"
    "\"per\":\"5.00\",\"gives\":{\"star\":1}},{\"id\":\"extra\",\"per\":\"5.00\",\"gives\":{"
    "\"star\":1}}]");

struct printed {
    struct arena arena;
    cJSON *answer, *lines;
};

static struct printed print(const char *answer, unsigned columns, bool gb18030)
{
    struct printed printed = {.answer = answer_of(answer)};
    const struct programme *programme = fixture_read(&printed.arena, "Asia/Shanghai", PROGRAMME);
    struct slip slip = {printed.answer, programme, programme, columns, gb18030};
    printed.lines = slip_lines(&slip);
    return printed;
}

static void forget(struct printed *printed)
{
    cJSON_Delete(printed->answer);
    cJSON_Delete(printed->lines);
    arena_free(&printed->arena);
}

/* All lines as one text, so that a difference shows as it would on paper. */
static void expect_slip(const char *what, const char *expected, const char *answer,
                        unsigned columns, bool gb18030)
{
    struct printed printed = print(answer, columns, gb18030);
    struct buffer all = {0};
    const cJSON *line;
    cJSON_ArrayForEach(line, printed.lines)
    {
        buffer_string(&all, line->valuestring);
        buffer_byte(&all, '\n');
    }
    test_expect_text(what, expected, strlen(expected), all.bytes, all.length);
    buffer_free(&all);
    forget(&printed);
}

static const char PURCHASE[] =
    "{'ok':true,'seq':17,'local':'2026-11-21T18:00:00+08:00','op':'purchase',"
    "'member':'id:0123456789AB','duplicate':false,'receipt':'S1/T2/4711','amount':'158.00',"
    "'earned':[{'points':'star','amount':31,'rule':'base','last_day':'2027-11-30'},"
    "{'points':'star','amount':15,'rule':'extra','last_day':'2027-11-30'},"
    "{'points':'star','amount':0,'rule':'none','last_day':'2027-11-30'},"
    "{'points':'mile','amount':1.25,'rule':'base','last_day':null}],"
    "'repaid':{},'balances':{'star':{'available':41,'pending':3,'reserved':7},"
    "'level':{'available':0,'pending':0,'reserved':0,'spendable':false},"
    "'mile':{'available':3.5,'pending':0,'reserved':0}},'identifier':'card:…8001',"
    "'lapses':{'star':{'amount':2,'last_day':'2026-12-31'}},"
    "'checkpoint':{'size':18,'root':'8e5f41160011'}}";

static void a_purchase(void)
{
    expect_slip("32 columns, English",
                "           Star Club\n"
                "            PURCHASE\n"
                "--------------------------------\n"
                "Receipt               S1/T2/4711\n"
                "Amount                    158.00\n"
                "Date            2026-11-21 18:00\n"
                "Card                       …8001\n"
                "--------------------------------\n"
                "stars before                   5\n"
                " Every 5 yuan                +31\n"
                " extra                       +15\n"
                "  valid through       2027-11-30\n"
                "stars now                     51\n"
                " of these not yet usable       3\n"
                " of these reserved             7\n"
                " 2 lapse after        2026-12-31\n"
                "level now                      0\n"
                " not to be spent\n"
                "mile before                 2.25\n"
                " Every 5 yuan              +1.25\n"
                "mile now                     3.5\n"
                "--------------------------------\n"
                "Record                        17\n"
                "Checkpoint           18 8e5f4116\n"
                "--------------------------------\n",
                PURCHASE, 32, false);
}

static void in_chinese(void)
{
    struct language before = language_use(text_of("zh-CN"));
    if (before.catalogue == NULL && strcmp(language_text("Amount"), "Amount") == 0)
        return; /* built without gettext's tools */
    expect_slip("48 columns, Chinese, GB18030: an ellipsis takes two",
                "                   星享俱乐部\n"
                "                      消费\n"
                "------------------------------------------------\n"
                "小票                                  S1/T2/4711\n"
                "金额                                      158.00\n"
                "日期                            2026-11-21 18:00\n"
                "会员卡                                    …8001\n"
                "------------------------------------------------\n"
                "星星 此前                                      5\n"
                " 每满 5 元                                   +31\n"
                " extra                                       +15\n"
                "  有效期至                            2027-11-30\n"
                "星星 现在                                     51\n"
                " 其中尚不可用                                  3\n"
                " 其中已预留                                    7\n"
                " 其中 2 有效期至                      2026-12-31\n"
                "level 现在                                     0\n"
                " 不可使用\n"
                "mile 此前                                   2.25\n"
                " 每满 5 元                                 +1.25\n"
                "mile 现在                                    3.5\n"
                "------------------------------------------------\n"
                "记录                                          17\n"
                "检查点                               18 8e5f4116\n"
                "------------------------------------------------\n",
                PURCHASE, 48, true);
    language_restore(before);
}

static void a_return_into_debt(void)
{
    expect_slip("the debt in words, the goods by line",
                "           Star Club\n"
                "             RETURN\n"
                "--------------------------------\n"
                "Of receipt                  4711\n"
                " MUG                           1\n"
                " line 2                    0.385\n"
                "Of no receipt\n"
                " line 3                        2\n"
                "Amount                     58.00\n"
                "Date            2026-11-21 18:00\n"
                "Phone                      …0123\n"
                "--------------------------------\n"
                "stars before                   6\n"
                " taken back                   -6\n"
                " owed                        -12\n"
                "stars now                    -12\n"
                "The next 12 stars settle a\n"
                "return.\n"
                "--------------------------------\n"
                "Record                        18\n"
                "--------------------------------\n",
                "{'seq':18,'local':'2026-11-21T18:00:00+08:00','op':'return','amount':'58.00',"
                "'member':'id:0123456789AB','identifier':'phone:…0123',"
                "'returned':[{'receipt':'4711','lines':[{'line':1,'sku':'MUG','quantity':'1'},"
                "{'line':2,'sku':'','quantity':'0.385'}]}],'unmatched':[{'line':3,'quantity':'2'}],"
                "'collected':{'star':{'from_receipt':4,'from_other':2,'debt':12,'forgiven':0}},"
                "'balances':{'star':{'available':-12,'pending':0}}}",
                32, false);
}

static void what_settles_a_debt(void)
{
    expect_slip("a purchase that settles a part",
                "           Star Club\n"
                "            PURCHASE\n"
                "--------------------------------\n"
                "Member                     …89AB\n"
                "--------------------------------\n"
                "stars before                 -12\n"
                " Every 5 yuan                 +5\n"
                " of these settling a return    5\n"
                "stars now                     -7\n"
                "The next 7 stars settle a\n"
                "return.\n"
                "--------------------------------\n"
                "Record                         1\n"
                "--------------------------------\n",
                "{'seq':1,'op':'purchase','member':'id:0123456789AB','identifier':null,"
                "'earned':[{'points':'star','amount':5,'rule':'base','last_day':null}],"
                "'repaid':{'star':5},'balances':{'star':{'available':-7,'pending':0}}}",
                32, false);
}

static void redeemed_and_given_back(void)
{
    expect_slip("points spent",
                "           Star Club\n"
                "        POINTS REDEEMED\n"
                "--------------------------------\n"
                "Member                     …89AB\n"
                "--------------------------------\n"
                "stars before                  20\n"
                " redeemed                     -9\n"
                "stars now                     11\n"
                "--------------------------------\n"
                "Record                         1\n"
                "--------------------------------\n",
                "{'seq':1,'op':'redeem','member':'id:0123456789AB',"
                "'redeemed':{'points':'star','amount':9},"
                "'balances':{'star':{'available':11,'pending':0}}}",
                32, false);
    expect_slip("and back",
                "           Star Club\n"
                "       POINTS GIVEN BACK\n"
                "--------------------------------\n"
                "Member                     …89AB\n"
                "--------------------------------\n"
                "stars before                  11\n"
                " given back                   +9\n"
                "stars now                     20\n"
                "--------------------------------\n"
                "Record                         2\n"
                "--------------------------------\n",
                "{'seq':2,'op':'cancel','member':'id:0123456789AB',"
                "'restored':{'points':'star','amount':9},"
                "'balances':{'star':{'available':20,'pending':0}}}",
                32, false);
}

/* Points that pay, and that come back with the goods that they paid. */
static void paid_with_points(void)
{
    expect_slip("a purchase",
                "           Star Club\n"
                "            PURCHASE\n"
                "--------------------------------\n"
                "Amount                     20.00\n"
                " paid with points           9.00\n"
                "Member                     …89AB\n"
                "--------------------------------\n"
                "stars before                  20\n"
                " Every 5 yuan                 +2\n"
                " paid with points             -9\n"
                "stars now                     13\n"
                "--------------------------------\n"
                "Record                         1\n"
                "--------------------------------\n",
                "{'seq':1,'op':'purchase','member':'id:0123456789AB','amount':'20.00',"
                "'paid':{'points':'star','amount':9,'worth':'9.00'},"
                "'earned':[{'points':'star','amount':2,'rule':'base','last_day':null}],"
                "'balances':{'star':{'available':13,'pending':0}}}",
                32, false);
    expect_slip("a return",
                "           Star Club\n"
                "             RETURN\n"
                "--------------------------------\n"
                "Of receipt                     1\n"
                "Amount                     20.00\n"
                " refund in money           11.00\n"
                "Member                     …89AB\n"
                "--------------------------------\n"
                "stars before                  13\n"
                " taken back                   -2\n"
                " given back                   +9\n"
                "stars now                     20\n"
                "--------------------------------\n"
                "Record                         2\n"
                "--------------------------------\n",
                "{'seq':2,'op':'return','member':'id:0123456789AB','amount':'20.00',"
                "'refund':'11.00','returned':[{'receipt':'1'}],"
                "'restored':[{'points':'mile','amount':1},{'points':'star','amount':9}],"
                "'collected':{'star':{'from_receipt':2,'from_other':0,'debt':0,'forgiven':0}},"
                "'balances':{'star':{'available':20,'pending':0}}}",
                32, false);
}

/* What was taken off, and what it was paid with: the words of a till for what every till
 * knows, the till's own for the rest. */
static void how_it_was_paid(void)
{
    expect_slip("a discount, rounding, four tenders",
                "           Star Club\n"
                "            PURCHASE\n"
                "--------------------------------\n"
                "Receipt                     4711\n"
                "Amount                     53.00\n"
                " after a discount of        5.00\n"
                " rounding                  -0.02\n"
                " paid by voucher           20.00\n"
                " paid in cash              12.98\n"
                " paid by card              10.00\n"
                " paid: staff               10.00\n"
                "Date            2026-11-21 18:00\n"
                "--------------------------------\n",
                "{'ok':true,'local':'2026-11-21T18:00:00+08:00','op':'purchase','receipt':'4711',"
                "'amount':'53.00','discount':'5.00','rounding':'-0.02','tenders':["
                "{'type':'voucher','amount':'20.00'},{'type':'cash','amount':'12.98'},"
                "{'type':'card','amount':'10.00'},{'type':'staff','amount':'10.00'}]}",
                32, false);
    expect_slip("rounded up",
                "           Star Club\n"
                "            PURCHASE\n"
                "--------------------------------\n"
                "Amount                       2.0\n"
                " rounding                  +0.02\n"
                "--------------------------------\n",
                "{'ok':true,'op':'purchase','amount':'2.0','rounding':'0.02'}", 32, false);
}

/* Balances of a copy are those of now: a before would be made up. */
static void copies_and_quotes_have_no_before(void)
{
    expect_slip("a copy",
                "           Star Club\n"
                "            PURCHASE\n"
                "             (copy)\n"
                "--------------------------------\n"
                "Member                     …89AB\n"
                "--------------------------------\n"
                "stars\n"
                " extra                        +5\n"
                "stars now                      2\n"
                "--------------------------------\n"
                "Record                         1\n"
                "--------------------------------\n",
                "{'seq':1,'op':'purchase','member':'id:0123456789AB','duplicate':true,"
                "'earned':[{'points':'star','amount':5,'rule':'extra','last_day':null}],"
                "'balances':{'star':{'available':2,'pending':0}}}",
                32, false);
    expect_slip("a quote",
                "           Star Club\n"
                "             QUOTE\n"
                "     (nothing was recorded)\n"
                "--------------------------------\n"
                "Amount                      5.00\n"
                "Member                     …89AB\n"
                "--------------------------------\n"
                "stars now                      2\n"
                "--------------------------------\n",
                "{'quote':true,'op':'purchase','member':'id:0123456789AB','amount':'5.00',"
                "'receipt':null,'earned':[],'balances':{'star':{'available':2,'pending':0}}}",
                32, false);
}

/* Points and rules that the programme at hand does not know have their ids. */
static void unknown_names(void)
{
    expect_slip("ids",
                "           Star Club\n"
                "          YOUR POINTS\n"
                "--------------------------------\n"
                "Member                     …89AB\n"
                "--------------------------------\n"
                "coin now                       2\n"
                "--------------------------------\n",
                "{'member':'id:0123456789AB','balances':{'coin':{'available':2,'pending':0}}}", 32,
                false);
}

/* --- Layout ------------------------------------------------------------------------------ */

static struct layout layout_of(unsigned columns)
{
    return (struct layout){.columns = columns, .width = utf8_width, .lines = cJSON_CreateArray()};
}

static void expect_lines(const char *what, const char *expected, struct layout *layout)
{
    struct buffer all = {0};
    const cJSON *line;
    cJSON_ArrayForEach(line, layout->lines)
    {
        buffer_string(&all, line->valuestring);
        buffer_byte(&all, '|');
    }
    test_expect_text(what, expected, strlen(expected), all.bytes, all.length);
    buffer_free(&all);
    cJSON_Delete(layout->lines);
    layout_free(layout);
}

static void lines_are_broken(void)
{
    struct layout layout = layout_of(10);
    layout_pair(&layout, text_of("four"), text_of("fifth"));
    layout_pair(&layout, text_of("fourt"), text_of("fifth"));
    layout_pair(&layout, text_of("a long name here"), text_of("12"));
    layout_pair(&layout, text_of("x"), text_of("12345678901"));
    layout_pair(&layout, text_of(""), text_of(""));
    expect_lines(
        "pairs",
        "four fifth|fourt|     fifth|a long|name here|        12|x|1234567890|1|          |",
        &layout);
    layout = layout_of(10);
    layout_words(&layout, text_of("words that go on"));
    layout_words(&layout, text_of("unbreakableword"));
    layout_words(&layout, text_of("中文没有空格断行"));
    layout_words(&layout, text_of("中文 and more"));
    layout_words(&layout, text_of(""));
    layout_words(&layout, text_of("            "));
    expect_lines("words",
                 "words that|go on|unbreakabl|eword|中文没有空|格断行|中文 and|more|          |",
                 &layout);
    layout = layout_of(10);
    layout_centre(&layout, text_of("even"));
    layout_centre(&layout, text_of("odd"));
    layout_centre(&layout, text_of("星星"));
    layout_centre(&layout, text_of("wider than that"));
    layout_rule(&layout);
    expect_lines("centred", "   even|   odd|   星星|wider than|that|----------|", &layout);
}

static void add_any(uint64_t *state, struct buffer *out)
{
    static const char *const pieces[] = {"a", " ",         "word", "星", "é",
                                         "…", "e\xcc\x81", "😀",    "-",  "  "};
    for (uint64_t i = chance(state) % 40; i > 0; i--)
        buffer_string(out, pieces[chance(state) % (sizeof pieces / sizeof *pieces)]);
}

/* Whatever is printed, and however it is counted. */
static void no_line_is_too_wide(void)
{
    uint64_t state = 1;
    for (unsigned round = 0; round < 3000; round++) {
        struct buffer left = {0}, right = {0};
        struct layout layout = layout_of(round % 2 == 0 ? 32 : 48);
        layout.width = round % 3 == 0 ? gb18030_width : utf8_width;
        add_any(&state, &left);
        add_any(&state, &right);
        layout_pair(&layout, buffer_view(&left), buffer_view(&right));
        layout_words(&layout, buffer_view(&left));
        layout_centre(&layout, buffer_view(&right));
        bool fits = cJSON_GetArraySize(layout.lines) <= LINES_MOST;
        const cJSON *line;
        cJSON_ArrayForEach(line, layout.lines) fits =
            fits && layout.width(text_of(line->valuestring)) <= layout.columns;
        CU_ASSERT_TRUE(fits);
        cJSON_Delete(layout.lines);
        layout_free(&layout);
        buffer_free(&left);
        buffer_free(&right);
    }
}

static const struct test_case slip_cases[] = {
    {"a purchase", a_purchase},
    {"in Chinese", in_chinese},
    {"a return into debt", a_return_into_debt},
    {"what settles a debt", what_settles_a_debt},
    {"redeemed and given back", redeemed_and_given_back},
    {"paid with points", paid_with_points},
    {"how it was paid", how_it_was_paid},
    {"copies and quotes have no before", copies_and_quotes_have_no_before},
    {"unknown names", unknown_names},
    {"lines are broken", lines_are_broken},
    {"no line is too wide", no_line_is_too_wide},
    {NULL, NULL},
};
const struct test_suite test_suites[] = {{"slip", slip_cases}, {"tier", tier_cases}, {NULL, NULL}};
