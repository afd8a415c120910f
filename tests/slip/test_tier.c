/* The level on a slip: one sentence, whatever is counted and however long its names are. */
#include "chance.h"
#include "fixture.h"
#include "slip.h"
#include "slip_cases.h"
#include "tier.h"
#include "utf8.h"

static const char PROGRAMME[] = DOCUMENT(
    "Asia/Shanghai", "CNY",
    "\"points\":{\"star\":{\"name\":{\"en\":\"stars\",\"zh-CN\":\"星星\"}},"
    "\"level\":{\"spendable\":false}},"
    "\"actions\":{\"survey\":{\"name\":{\"en\":\"Survey\",\"zh-CN\":\"问卷\"}}},"
    "\"tiers\":{\"measures\":{\"stars\":{\"earned\":\"star\"},\"level\":{\"earned\":\"level\"},"
    "\"money\":{\"spend\":true},\"visits\":{\"visits\":true},\"days\":{\"days\":true},"
    "\"asked\":{\"action\":\"survey\"}},\"window\":\"P12M\",\"review\":\"P1Y\","
    "\"levels\":[{\"id\":\"silver\"},{\"id\":\"gold\",\"from\":{\"stars\":4}}]}");

static void expect(const char *expected, const char *text, bool named)
{
    struct arena arena = {0};
    struct buffer sentence = {0};
    cJSON *tier = answer_of(text);
    const struct programme *programme = fixture_read(&arena, "Asia/Shanghai", PROGRAMME);
    tier_sentence(tier, named ? programme : NULL, &sentence);
    test_expect_text(text, expected, strlen(expected), sentence.bytes, sentence.length);
    buffer_free(&sentence);
    cJSON_Delete(tier);
    arena_free(&arena);
}

#define TO_GOLD(missing) "'next':{'name':'Gold','missing':" missing "}"
#define TO_KEEP(missing) "'keep':{'missing':" missing "}"

static void what_is_missing(void)
{
    static const char *const cases[][2] = {
        {"Jade until 2027-03-31, 12 stars to Gold",
         "{'name':'Jade','last_day':'2027-03-31'," TO_GOLD("{'stars':12}") "}"},
        {"Silver, 12.5 level to Gold",
         "{'name':'Silver','last_day':null," TO_GOLD("{'level':12.5}") "}"},
        {"Silver, 58.00 to Gold", "{'name':'Silver'," TO_GOLD("{'money':'58.00'}") "}"},
        {"Silver, one visit to Gold", "{'name':'Silver'," TO_GOLD("{'visits':1}") "}"},
        {"Silver, 2 visits and 58.00 to Gold",
         "{'name':'Silver'," TO_GOLD("{'visits':2,'money':'58.00'}") "}"},
        {"Silver, one day with a purchase to Gold", "{'name':'Silver'," TO_GOLD("{'days':1}") "}"},
        {"Silver, 7 days with a purchase to Gold", "{'name':'Silver'," TO_GOLD("{'days':7}") "}"},
        {"Silver, 2 \xc3\x97 Survey to Gold", "{'name':'Silver'," TO_GOLD("{'asked':2}") "}"},
        {"Silver, 3 unknown to Gold", "{'name':'Silver'," TO_GOLD("{'unknown':3}") "}"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        expect(cases[i][0], cases[i][1], true);
    expect("Silver, 12 stars to Gold", "{'name':'Silver'," TO_GOLD("{'stars':12}") "}", false);
}

/* At the top, in grace, and where no measure leads higher, it is this level that counts. */
static void what_keeps_it(void)
{
    expect("Gold until 2027-03-31, 8 stars to keep it",
           "{'name':'Gold','last_day':'2027-03-31','next':null," TO_KEEP("{'stars':8}") "}", true);
    expect("Gold until 2027-03-31",
           "{'name':'Gold','last_day':'2027-03-31','next':null," TO_KEEP("{}") "}", true);
    expect("Jade until 2027-04-10, 8 stars to keep it",
           "{'name':'Jade','last_day':'2027-04-10','grace':true," TO_GOLD(
               "{'stars':12}") "," TO_KEEP("{'stars':8}") "}",
           true);
    expect("Jade until 2027-03-31, 8 stars to keep it",
           "{'name':'Jade','last_day':'2027-03-31'," TO_GOLD("null") "," TO_KEEP("{'stars':8}") "}",
           true);
    expect("Black", "{'name':'Black','last_day':null,'next':null,'keep':null}", true);
}

static void expect_lines(const char *expected, const char *text, unsigned columns, bool gb18030)
{
    struct arena arena = {0};
    struct buffer all = {0};
    cJSON *answer = answer_of(text);
    const struct programme *programme = fixture_read(&arena, "Asia/Shanghai", PROGRAMME);
    const struct slip slip = {answer, programme, programme, columns, gb18030};
    cJSON *lines = slip_lines(&slip);
    const cJSON *line;
    cJSON_ArrayForEach(line, lines) buffer_format(&all, "%s\n", line->valuestring);
    test_expect_text(text, expected, strlen(expected), all.bytes, all.length);
    buffer_free(&all);
    cJSON_Delete(lines);
    cJSON_Delete(answer);
    arena_free(&arena);
}

/* Between the points and the log; what a level gave and a fall took belongs to its currency. */
static void on_the_slip(void)
{
    expect_lines("              shop\n"
                 "            PURCHASE\n"
                 "--------------------------------\n"
                 "--------------------------------\n"
                 "stars before                   5\n"
                 " base                         +3\n"
                 " for reaching gold            +2\n"
                 "  valid through       2028-11-22\n"
                 "stars now                     10\n"
                 "--------------------------------\n"
                 "New level: Gold until\n"
                 "2027-12-31, 58.00 and 12 stars\n"
                 "to keep it\n"
                 "--------------------------------\n"
                 "Record                         4\n"
                 "--------------------------------\n",
                 "{'op':'purchase','seq':4,'earned':[{'points':'star','amount':3,'rule':'base'}],"
                 "'granted':[{'level':'gold','points':'star','amount':2,'last_day':'2028-11-22'}],"
                 "'balances':{'star':{'available':10}},'tier':{'name':'Gold','changed':true,"
                 "'last_day':'2027-12-31'," TO_KEEP("{'money':'58.00','stars':12}") "}}",
                 32, false);
    expect_lines("                      shop\n"
                 "                     RETURN\n"
                 "------------------------------------------------\n"
                 "------------------------------------------------\n"
                 "stars before                                  10\n"
                 " lost with the level                          -4\n"
                 " taken back                                   -3\n"
                 "stars now                                      3\n"
                 "------------------------------------------------\n"
                 "New level: 银星会员, 12 stars to 玉星会员\n"
                 "------------------------------------------------\n"
                 "Record                                         5\n"
                 "------------------------------------------------\n",
                 "{'op':'return','seq':5,'collected':{'star':{'from_receipt':3,'from_other':0,"
                 "'debt':0}},'forfeited':{'star':4},'balances':{'star':{'available':3}},"
                 "'tier':{'name':'银星会员','changed':true,'next':{'name':'玉星会员','missing':"
                 "{'stars':12}}}}",
                 48, true);
}

/* Whatever names say: no line is wider than the paper. */
static void no_line_is_too_wide(void)
{
    static const char *const names[] = {"Gold", "金星会员", "a",
                                        "Very Important Person of the House", "\xf0\x9f\x98\x80"};
    uint64_t state = 3;
    for (unsigned round = 0; round < 300; round++) {
        char text[512];
        snprintf(text, sizeof text,
                 "{'op':'show','tier':{'name':'%s','last_day':'2027-12-31','next':{'name':'%s',"
                 "'missing':{'money':'%d.00','asked':%d,'stars':%d}}}}",
                 names[chance(&state) % 5], names[chance(&state) % 5],
                 (int)(chance(&state) % 100000000), (int)(chance(&state) % 9000),
                 (int)(chance(&state) % 9000));
        cJSON *answer = answer_of(text);
        struct arena arena = {0};
        const struct programme *programme = fixture_read(&arena, "Asia/Shanghai", PROGRAMME);
        const struct slip slip = {answer, programme, programme, round % 2 == 0 ? 32 : 48,
                                  round % 3 == 0};
        unsigned (*width)(struct text) = slip.gb18030 ? gb18030_width : utf8_width;
        cJSON *lines = slip_lines(&slip);
        const cJSON *line;
        bool fits = true;
        cJSON_ArrayForEach(line, lines) fits =
            fits && width(text_of(line->valuestring)) <= slip.columns;
        CU_ASSERT_TRUE(fits);
        cJSON_Delete(lines);
        cJSON_Delete(answer);
        arena_free(&arena);
    }
}

const struct test_case tier_cases[] = {
    {"what is missing", what_is_missing},
    {"what keeps it", what_keeps_it},
    {"on the slip", on_the_slip},
    {"no line is too wide", no_line_is_too_wide},
    {NULL, NULL},
};
