/* Every field of every request, wrong in every way in which a till gets it wrong: the
 * error names the field, says what was sent or what would be right, has the code that
 * docs/tills.md gives it, and nothing is recorded. */
#include <stdio.h>
#include <stdlib.h>

#include "request.h"
#include "support.h"

#define NOON "2026-03-02T12:00:00Z"

/* --- Sending ---------------------------------------------------------------------- */

/* As it stands, byte for byte, but with ' for ". */
static const cJSON *sent(struct trial *t, const char *request)
{
    char *answer = NULL;
    const char *const requests[] = {quoted(request)};
    loyalty_status status = loyalty_execute(t->ledger, requests, 1, &answer);
    cJSON *tree = cJSON_Parse(answer);
    CU_ASSERT_EQUAL(status == LOYALTY_OK, cJSON_IsTrue(at_path(tree, "ok")));
    loyalty_free(answer);
    CU_ASSERT_PTR_NOT_NULL_FATAL(tree);
    cJSON_AddItemToArray(t->answers, tree);
    return tree;
}

static const char *text_at(const cJSON *answer, const char *path)
{
    const cJSON *found = at_path(answer, path);
    return cJSON_IsString(found) ? found->valuestring : "";
}

static bool names_field(const char *named, const char *field)
{
    size_t length = strlen(field);
    return strncmp(named, field, length) == 0 && (named[length] == '\0' || named[length] == '/');
}

/* What was sent, without its quotes; or what would be right: in a hint, as a type, an
 * example or a limit. */
static bool helps(const cJSON *answer, const char *value)
{
    static const char *const right[] = {"must be", "at most", "needs", "such as", "takes no"};
    const char *message = text_at(answer, "error/message");
    char bare[64];
    size_t length = strcspn(value + (*value == '\''), "'");
    snprintf(bare, sizeof bare, "%.*s", (int)length, value + (*value == '\''));
    bool helped =
        *text_at(answer, "error/hint") != '\0' || (*bare != '\0' && strstr(message, bare) != NULL);
    for (size_t i = 0; i < sizeof right / sizeof *right; i++)
        helped = helped || strstr(message, right[i]) != NULL;
    return helped;
}

static void expect_wrong(struct trial *t, const char *code, const char *field, const char *value,
                         const char *request)
{
    const cJSON *answer = sent(t, request);
    bool good = strcmp(text_at(answer, "error/code"), code) == 0 &&
                names_field(text_at(answer, "error/field"), field) && helps(answer, value);
    if (!good) {
        char *told = cJSON_PrintUnformatted(answer);
        printf("\n    %.200s\n    expected %s at \"%s\", got %.600s\n", request, code, field, told);
        free(told);
    }
    CU_ASSERT_TRUE(good);
}

static void begin(struct trial *t)
{
    trial_begin(t, ONE_PER_POUND, NOON);
    say(t, "ok", "{'op':'purchase','member':'card:1','receipt':'known','amount':'1','enrol':true}");
}

/* --- What each type of field does not take ------------------------------------------- */

struct wrong {
    const char *value, *code;
};
#define TYPE(value)                                                                                \
    {                                                                                              \
        value, "invalid_field"                                                                     \
    }
#define NO_STRING TYPE("1"), TYPE("true"), TYPE("null"), TYPE("['x']"), TYPE("{'x':1}")
#define NO_TEXT                                                                                    \
    NO_STRING, TYPE("''"), {"'a\\u0007b'", "invalid_text"}, {"'a\\u202eb'", "invalid_text"},       \
    {                                                                                              \
        "'a\\uFFFEb'", "invalid_text"                                                              \
    }
#define NO_MONEY                                                                                   \
    TYPE("58"), TYPE("58.5"), TYPE("true"), TYPE("null"), TYPE("['1']"), TYPE("{'x':1}"),          \
        {"''", "invalid_amount"}, {"'58,00'", "invalid_amount"}, {"'1.058,00'", "invalid_amount"}, \
        {"'1,058.00'", "invalid_amount"}, {"'1.234'", "invalid_amount"},                           \
        {"' 58'", "invalid_amount"}, {"'+58'", "invalid_amount"}, {"'058'", "invalid_amount"},     \
        {"'.5'", "invalid_amount"}, {"'5.'", "invalid_amount"}, {"'1e3'", "invalid_amount"},       \
        {"'-0'", "invalid_amount"}, {"'GBP 5'", "invalid_amount"},                                 \
        {"'90071992547409.92'", "invalid_amount"},                                                 \
    {                                                                                              \
        "'\xef\xbc\x95'", "invalid_amount"                                                         \
    }
#define NO_COUNT                                                                                   \
    TYPE("-1"), TYPE("1.5"), TYPE("'1'"), TYPE("true"), TYPE("null"), TYPE("[1]"), TYPE("{'x':1}")
#define NO_LIST TYPE("1"), TYPE("true"), TYPE("null"), TYPE("'x'"), TYPE("[]"), TYPE("{'x':1}")
#define NO_WORD NO_STRING, TYPE("''"), TYPE("'SCAN'"), TYPE("'other'")

static const struct wrong wrong_TEXT[] = {NO_TEXT};
static const struct wrong wrong_MEMBER[] = {NO_TEXT};
static const struct wrong wrong_OTHER[] = {NO_TEXT};
static const struct wrong wrong_PLACE[] = {NO_TEXT, TYPE("'S/1'")};
static const struct wrong wrong_LIST[] = {
    NO_LIST, TYPE("[1]"), TYPE("['']"), TYPE("[['card:1']]"), {"['a\\u0007b']", "invalid_text"}};
static const struct wrong wrong_COUPONS[] = {
    NO_LIST, TYPE("[1]"), TYPE("['']"), TYPE("['A','A']"), {"['a\\u0007b']", "invalid_text"}};
static const struct wrong wrong_MOMENT[] = {TYPE("1"),
                                            TYPE("true"),
                                            TYPE("null"),
                                            TYPE("[]"),
                                            TYPE("{'x':1}"),
                                            {"''", "invalid_time"},
                                            {"'21/11/2026'", "invalid_time"},
                                            {"'2026-02-30'", "invalid_time"},
                                            {"'2026-11-21T25:00:00'", "invalid_time"},
                                            {"'now'", "invalid_time"},
                                            {"'2026-11-21T18:30:00+0800'", "invalid_time"},
                                            {"'1792000000'", "invalid_time"}};
static const struct wrong wrong_MONEY[] = {NO_MONEY, {"'-1.00'", "invalid_amount"}};
static const struct wrong wrong_SIGNED_MONEY[] = {NO_MONEY};
static const struct wrong wrong_LINES[] = {NO_LIST, TYPE("[1]"), TYPE("['x']")};
static const struct wrong wrong_TENDERS[] = {
    NO_LIST,
    TYPE("[1]"),
    TYPE("['cash']"),
    TYPE("[[1,'1']]"),
    TYPE("[['cash',1]]"),
    TYPE("[['','1']]"),
    TYPE("[['cash','1'],['cash','1']]"),
    {"[['cash']]", "missing_field"},
    {"[{'amount':'1'}]", "missing_field"},
    {"[['cash','1','x']]", "unknown_field"},
    {"[{'type':'cash','amount':'1','change':'2'}]", "unknown_field"},
    {"[['cash','1,00']]", "invalid_amount"},
    {"[['cash','-1']]", "invalid_amount"}};
static const struct wrong wrong_FLAG[] = {TYPE("false"), TYPE("'true'"), TYPE("1"), TYPE("null"),
                                          TYPE("[]")};
static const struct wrong wrong_UNMATCHED[] = {NO_WORD};
static const struct wrong wrong_ENTRY[] = {NO_WORD};
static const struct wrong wrong_ORIGIN[] = {NO_WORD};
static const struct wrong wrong_PROOF[] = {NO_WORD};
static const struct wrong wrong_BALANCE[] = {NO_WORD};
static const struct wrong wrong_CODING[] = {NO_WORD, TYPE("'UTF-8'"), TYPE("'gbk'")};
static const struct wrong wrong_POINTS[] = {TYPE("true"),
                                            TYPE("null"),
                                            TYPE("['1']"),
                                            TYPE("{'x':1}"),
                                            {"''", "invalid_amount"},
                                            {"'1,5'", "invalid_amount"},
                                            {"1.5", "invalid_amount"},
                                            {"'many'", "invalid_amount"},
                                            {"'9007199254740992'", "invalid_amount"}};
static const struct wrong wrong_SPAN[] = {NO_TEXT, TYPE("'15 minutes'"), TYPE("'PT0S'"),
                                          TYPE("'15'"), TYPE("'-PT5M'")};
static const struct wrong wrong_DAY[] = {NO_TEXT, TYPE("'21.11.2026'"), TYPE("'2026-02-30'"),
                                         TYPE("'2026-11'"), TYPE("'2026-11-21T00:00:00'")};
static const struct wrong wrong_COUNT[] = {NO_COUNT};
static const struct wrong wrong_COLUMNS[] = {NO_COUNT, TYPE("40"), TYPE("0")};
static const struct wrong wrong_LANGUAGE[] = {NO_TEXT, TYPE("'english language'"), TYPE("'zh_CN'")};
static const struct wrong wrong_FILE_TEXT[] = {NO_STRING, TYPE("''")};
static const struct wrong wrong_REQUESTS[] = {NO_LIST, TYPE("[1]"), TYPE("['show']"), TYPE("[[]]")};
static const struct wrong wrong_RETURNED[] = {TYPE("1"), TYPE("true"), TYPE("null"), TYPE("'x'"),
                                              TYPE("[]")};
static const struct wrong wrong_BOUGHT[] = {TYPE("1"), TYPE("true"), TYPE("null"), TYPE("'x'"),
                                            TYPE("[]")};
static const struct wrong wrong_DOCUMENT[] = {TYPE("1"), TYPE("true"), TYPE("null"), TYPE("[]")};

/* A text of one byte more than the field holds, where that is not the size of a file. */
enum { LONGEST = LIMIT_TEXT + 2 };
static bool is_short_text(const char *type, size_t limit)
{
    static const char *const types[] = {"TEXT",     "MEMBER", "OTHER", "PLACE",
                                        "LANGUAGE", "SPAN",   "DAY"};
    bool is = false;
    for (size_t i = 0; i < sizeof types / sizeof *types; i++)
        is = is || strcmp(type, types[i]) == 0;
    return is && limit < LONGEST;
}

static const struct field_wrongs {
    const char *name, *type;
    const struct wrong *wrongs;
    size_t count, limit;
} table[] = {
#define X(code, name, type, member, limit, use)                                                    \
    {name, #type, wrong_##type, sizeof wrong_##type / sizeof *wrong_##type, limit},
    FIELD_TABLE(X)
#undef X
};

static bool takes(struct trial *t, const char *op, const char *field)
{
    char request[128];
    snprintf(request, sizeof request, "{'op':'%s','%s':{}}", op, field);
    const cJSON *answer = sent(t, request);
    bool taken = strcmp(text_at(answer, "error/code"), "unknown_field") != 0;
    if (!taken)
        expect_wrong(t, "unknown_field", field, "{}", request);
    return taken;
}

static void send_each_wrong(struct trial *t, const char *op, const struct field_wrongs *field)
{
    char request[LONGEST + 128];
    for (size_t i = 0; i < field->count; i++) {
        const struct wrong *wrong = &field->wrongs[i];
        snprintf(request, sizeof request, "{'op':'%s','%s':%s}", op, field->name, wrong->value);
        expect_wrong(t, wrong->code, field->name, wrong->value, request);
    }
    snprintf(request, sizeof request, "{'op':'%s','%s':'a','%s':'a'}", op, field->name,
             field->name);
    expect_wrong(t, "duplicate_member", field->name, field->name, request);
    snprintf(request, sizeof request, "{'op':'%s','%sx':'a'}", op, field->name);
    char misspelt[64];
    snprintf(misspelt, sizeof misspelt, "%sx", field->name);
    expect_wrong(t, "unknown_field", misspelt, misspelt, request);
    if (!is_short_text(field->type, field->limit))
        return;
    snprintf(request, sizeof request, "{'op':'%s','%s':'%0*d'}", op, field->name,
             (int)field->limit + 1, 0);
    expect_wrong(t, "limit_exceeded", field->name, field->name, request);
}

static void each_field_of_each_operation(void)
{
    struct trial t;
    bool taken[FIELD_COUNT] = {false};
    begin(&t);
    int64_t size = log_size(&t);
    for (unsigned op = 0; op < OPERATION_COUNT; op++) {
        if (operation_kind((enum operation)op) == OPERATION_RUNS)
            continue;
        const char *name = operation_name((enum operation)op);
        for (unsigned field = 0; field < FIELD_COUNT; field++) {
            if (!takes(&t, name, table[field].name))
                continue;
            send_each_wrong(&t, name, &table[field]);
            taken[field] = true;
        }
    }
    for (unsigned field = 0; field < FIELD_COUNT; field++)
        test_expect_integer(table[field].name, true, taken[field]);
    test_expect_integer("nothing was recorded", size, log_size(&t));
    trial_end(&t);
}

/* --- What an operation cannot do without ----------------------------------------------- */

/* A request with nothing but what it needs, and what is missed by name where it is not
 * there. */
static const struct {
    const char *request, *needs;
} complete[] = {
    {"{'op':'member.add','identifiers':['card:9']}", "op identifiers"},
    {"{'op':'member.link','member':'card:1','identifiers':['card:9']}", "op member identifiers"},
    {"{'op':'member.unlink','member':'card:1','identifiers':['card:1']}", "op member identifiers"},
    {"{'op':'purchase','member':'card:1','amount':'1','receipt':'r'}", "op amount receipt"},
    {"{'op':'quote','member':'card:1','amount':'1'}", "op amount"},
    {"{'op':'return','ref':'r','of':'known','all':true}", "op ref all"},
    {"{'op':'return','ref':'r','of':'known','amount':'1'}", "op ref amount"},
    {"{'op':'return','ref':'r','of':'known','lines':[['A']]}", "op ref lines"},
    {"{'op':'return','ref':'r','member':'card:1','unmatched':'skip','lines':[['A','','1','1']]}",
     "op ref unmatched lines"}, /* without a member it asks for the receipt */
    {"{'op':'redeem','ref':'r','member':'card:1','points':1}", "op ref member points"},
    {"{'op':'cancel','ref':'r','of':'x'}", "op ref of"},
    {"{'op':'adjust','ref':'r','member':'card:1','points':1,'reason':'x'}",
     "op ref member points reason"},
    {"{'op':'activate','ref':'r','of':'known'}", "op ref of"},
    {"{'op':'activate','ref':'r','member':'card:1'}", "op ref member"},
    {"{'op':'reserve','ref':'r','member':'card:1','points':1}", "op ref member points"},
    {"{'op':'reserve.extend','ref':'r','of':'x'}", "op ref of"},
    {"{'op':'capture','ref':'r','of':'x'}", "op ref of"},
    {"{'op':'release','ref':'r','of':'x'}", "op ref of"},
    {"{'op':'transfer','ref':'r','member':'card:1','to':'card:2','points':1}",
     "op ref member to points"},
    {"{'op':'household.create','ref':'r','member':'card:1'}", "op ref member"},
    {"{'op':'household.join','ref':'r','member':'card:1','household':'household:1'}",
     "op ref member household"},
    {"{'op':'household.leave','ref':'r','member':'card:1'}", "op ref member"},
    {"{'op':'member.merge','ref':'r','member':'card:1','into':'card:2'}", "op ref member into"},
    {"{'op':'close','period':'2026-01'}", "op period"},
    {"{'op':'programme.apply','programme':{}}", "op programme"},
    {"{'op':'show','member':'card:1'}", "op member"},
    {"{'op':'member.show','member':'card:1'}", "op member"},
    {"{'op':'history','member':'card:1'}", "op member"},
    {"{'op':'household.show','household':'household:1'}", "op household"},
    {"{'op':'lookup','ref':'r'}", "op ref"},
    {"{'op':'record','seq':1}", "op seq"},
    {"{'op':'operator.link','ref':'r','of':'kim','member':'card:1'}", "op ref of member"},
    {"{'op':'operator.unlink','ref':'r','of':'kim'}", "op ref of"},
    {"{'op':'return','ref':'r','member':'card:1','amount':'1','no_receipt':true}",
     "op ref member amount"},
    {"{'op':'claim','receipt':'known','member':'card:1'}", "op receipt member"},
    {"{'op':'reassign','ref':'r','of':'known','to':'card:2','reason':'x'}", "op ref of to reason"},
    {"{'op':'void','ref':'r','of':'known'}", "op ref of"},
    {"{'op':'till.close','store':'S','till':'T','date':'2026-03-01','count':0,'sum':'0'}",
     "op store till date count sum"},
    {"{'op':'recover','reason':'x'}", "op reason"},
    {"{'op':'operator.show','of':'kim'}", "op of"},
    {"{'op':'member.erase','ref':'r','member':'card:1','reason':'x'}", "op ref member reason"},
    {"{'op':'member.hold','ref':'r','member':'card:1','reason':'x','until':'2030-01-01'}",
     "op ref member reason until"},
    {"{'op':'action','ref':'r','member':'card:1','action':'cup'}", "op ref member action"},
    {"{'op':'tier.set','ref':'r','member':'card:1','level':'gold','operator':'eva','reason':'x'}",
     "op ref member level operator reason"},
    {"{'op':'benefit.use','ref':'r','member':'card:1','benefit':'oat'}", "op ref member benefit"},
    {"{'op':'member.export','member':'card:1'}", "op member"},
    {"{'op':'group','requests':[{'op':'close','period':'2026-01'}]}", "op requests"},
    {"{'op':'exchange','return':{'ref':'r','of':'known','all':true},"
     "'purchase':{'receipt':'r','amount':'1'}}",
     "op return purchase"},
    {"{'op':'member.list'}", "op"},
    {"{'op':'programme.show'}", "op"},
    {"{'op':'programme.list'}", "op"},
    {"{'op':'checkpoint'}", "op"},
};

/* By the field, or, where several ways lead on, among those that the message names. */
static void expect_missed(struct trial *t, const char *request, const char *name)
{
    char named[32];
    cJSON *left = cJSON_Parse(quoted(request));
    snprintf(named, sizeof named, "\"%s\"", name);
    CU_ASSERT_PTR_NOT_NULL_FATAL(cJSON_GetObjectItemCaseSensitive(left, name));
    cJSON_DeleteItemFromObjectCaseSensitive(left, name);
    char *text = cJSON_PrintUnformatted(left);
    const cJSON *answer = sent(t, text);
    bool good = strcmp(text_at(answer, "error/code"), "missing_field") == 0 &&
                *text_at(answer, "error/field") != '\0' &&
                strstr(text_at(answer, "error/message"), named) != NULL;
    if (!good)
        printf("\n    %s\n    expected that %s is missed, got %s at %s: %s\n", text, name,
               text_at(answer, "error/code"), text_at(answer, "error/field"),
               text_at(answer, "error/message"));
    CU_ASSERT_TRUE(good);
    free(text);
    cJSON_Delete(left);
}

/* A new operation has its row above. */
static void expect_row(enum operation op)
{
    char start[64];
    bool found = operation_kind(op) == OPERATION_RUNS;
    snprintf(start, sizeof start, "{'op':'%s'", operation_name(op));
    for (size_t i = 0; i < sizeof complete / sizeof *complete; i++)
        found = found || strncmp(complete[i].request, start, strlen(start)) == 0;
    if (!found)
        printf("\n    %s has no complete request here\n", operation_name(op));
    CU_ASSERT_TRUE(found);
}

static void what_is_missing_is_named(void)
{
    struct trial t;
    begin(&t);
    int64_t size = log_size(&t);
    for (size_t i = 0; i < sizeof complete / sizeof *complete; i++) {
        char names[64], *rest = NULL;
        snprintf(names, sizeof names, "%s", complete[i].needs);
        for (char *name = strtok_r(names, " ", &rest); name != NULL;
             name = strtok_r(NULL, " ", &rest))
            expect_missed(&t, complete[i].request, name);
    }
    for (unsigned op = 0; op < OPERATION_COUNT; op++)
        expect_row((enum operation)op);
    test_expect_integer("nothing was recorded", size, log_size(&t));
    trial_end(&t);
}

/* --- The request as a whole ------------------------------------------------------------ */

#define QUOTE(more) "{'op':'quote','member':'card:1','amount':'1'" more "}"

static void bytes_around_and_within(void)
{
    static const struct {
        const char *request, *code, *shows;
    } cases[] = {
        {"\xef\xbb\xbf" QUOTE(""), "invalid_json", "byte-order mark"},
        {QUOTE("") ",", "invalid_json", ","},
        {QUOTE("") QUOTE(""), "invalid_json", "{"},
        {QUOTE(","), "invalid_json", "}"},
        {QUOTE(",'text':'\xc4\xe3\xba\xc3'"), "invalid_json", "UTF-8"},
        {QUOTE(",'text':'\xed\xa0\x80'"), "invalid_json", "UTF-8"},
        {QUOTE(",'text':'a\nb'"), "invalid_json", "U+000A"},
        {QUOTE(",'text':'\\u0000'"), "invalid_text", "U+0000"},
        {QUOTE(",'points':NaN"), "invalid_json", "N"},
        {QUOTE(",'points':1,5"), "invalid_json", "point, not a comma"},
        {QUOTE(",'points':01"), "invalid_json", "zeros"},
        {QUOTE(",'enrol':True"), "invalid_json", "true"},
        {QUOTE(" /* by card */"), "invalid_json", "/"},
        {"[" QUOTE("") "]", "invalid_json", "\"op\""},
        {"op=quote&member=card:1", "invalid_json", "o"},
        {"", "invalid_json", "ends"},
    };
    struct trial t;
    begin(&t);
    int64_t size = log_size(&t);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        const cJSON *answer = sent(&t, cases[i].request);
        const char *message = text_at(answer, "error/message"),
                   *told = text_at(answer, "error/hint");
        bool good =
            strcmp(text_at(answer, "error/code"), cases[i].code) == 0 &&
            (strstr(message, cases[i].shows) != NULL || strstr(told, cases[i].shows) != NULL);
        if (!good)
            printf("\n    %s\n    %s: %s (%s)\n", cases[i].request, text_at(answer, "error/code"),
                   message, told);
        CU_ASSERT_TRUE(good);
    }
    test_expect_integer("nothing was recorded", size, log_size(&t));
    /* A line's end is white space, whichever. */
    expect_text(sent(&t, QUOTE("") "\r\n"), "amount", "1.00");
    expect_text(sent(&t, "\r\n\t " QUOTE("") "\n"), "amount", "1.00");
    trial_end(&t);
}

/* --- Lines -------------------------------------------------------------------------- */

#define NO_LINE_MONEY                                                                              \
    NO_MONEY,                                                                                      \
    {                                                                                              \
        "'-1.00'", "invalid_amount"                                                                \
    }
static const struct wrong wrong_sku[] = {NO_TEXT};
static const struct wrong wrong_line_amount[] = {NO_LINE_MONEY};
static const struct wrong wrong_quantity[] = {TYPE("2"),
                                              TYPE("true"),
                                              TYPE("null"),
                                              TYPE("[]"),
                                              TYPE("'0'"),
                                              TYPE("'-1'"),
                                              {"'1,5'", "invalid_amount"},
                                              {"'0.0000001'", "invalid_amount"},
                                              {"'2 kg'", "invalid_amount"}};
static const struct wrong wrong_number[] = {NO_COUNT, TYPE("0")};

static const struct {
    const char *op, *name;
    const struct wrong *wrongs;
    size_t count;
} line_members[] = {
#define MEMBER(op, name, wrongs)                                                                   \
    {                                                                                              \
        op, name, wrongs, sizeof wrongs / sizeof *wrongs                                           \
    }
    MEMBER("purchase", "sku", wrong_sku),
    MEMBER("purchase", "category", wrong_sku),
    MEMBER("purchase", "quantity", wrong_quantity),
    MEMBER("purchase", "amount", wrong_line_amount),
    MEMBER("purchase", "discount", wrong_line_amount),
    MEMBER("purchase", "tax", wrong_line_amount),
    MEMBER("quote", "amount", wrong_line_amount),
    MEMBER("return", "sku", wrong_sku),
    MEMBER("return", "quantity", wrong_quantity),
    MEMBER("return", "amount", wrong_line_amount),
    MEMBER("return", "line", wrong_number),
};

/* The path names the line, from 0, and the member; the line before it is good. */
static void each_member_of_a_line(void)
{
    struct trial t;
    begin(&t);
    int64_t size = log_size(&t);
    for (size_t m = 0; m < sizeof line_members / sizeof *line_members; m++) {
        for (size_t i = 0; i < line_members[m].count; i++) {
            const struct wrong *wrong = &line_members[m].wrongs[i];
            char request[256], path[32];
            snprintf(path, sizeof path, "lines/1/%s", line_members[m].name);
            snprintf(request, sizeof request, "{'op':'%s','lines':[['A','','1','1'],{'%s':%s}]}",
                     line_members[m].op, line_members[m].name, wrong->value);
            expect_wrong(&t, wrong->code, path, wrong->value, request);
        }
    }
#define LINES(op, line) "{'op':'" op "','lines':[['A','','1','1']," line "]}"
    expect_wrong(&t, "missing_field", "lines/1", "amount", LINES("purchase", "{'sku':'B'}"));
    expect_wrong(&t, "missing_field", "lines/1", "amount", LINES("purchase", "['B','','2']"));
    expect_wrong(&t, "missing_field", "lines/1", "sku", LINES("return", "{'quantity':'2'}"));
    expect_wrong(&t, "unknown_field", "lines/1/price", "price",
                 LINES("purchase", "{'sku':'B','price':'1'}"));
    expect_wrong(&t, "unknown_field", "lines/1", "line",
                 LINES("purchase", "{'line':1,'amount':'1'}"));
    /* In whole characters, where it is too long to be shown. */
    expect_wrong(&t, "unknown_field", "lines/1/价格不含税金", "价格不含税金",
                 LINES("purchase", "{'sku':'B','价格不含税金额':'1'}"));
    expect_wrong(&t, "invalid_amount", "lines/1", "tax",
                 LINES("purchase", "{'amount':'1','tax':'1.01'}"));
    expect_wrong(&t, "duplicate_member", "sku", "sku",
                 LINES("purchase", "{'sku':'B','sku':'B','amount':'1'}"));
    test_expect_integer("nothing was recorded", size, log_size(&t));
    trial_end(&t);
}

/* A purchase or return of so many lines of a penny, the last but one as said. */
static char *long_request(const char *start, int count, const char *last_but_one)
{
    size_t used = 0, size = (size_t)count * 24 + 256;
    char *text = malloc(size);
    if (text == NULL)
        abort();
    used = (size_t)snprintf(text, size, "{%s,'lines':[", start);
    for (int i = 0; i < count; i++)
        used += (size_t)snprintf(text + used, size - used, "%s%s", i == 0 ? "" : ",",
                                 i == count - 2 ? last_but_one : "['A','','1','0.01']");
    snprintf(text + used, size - used, "]}");
    return text;
}

static void receipts_of_5000_lines(void)
{
#define LONG                                                                                       \
    "'op':'purchase','member':'card:1','receipt':'long','at':'2026-03-02T11:00:00Z','now':'" NOON  \
    "'"
    struct trial t;
    begin(&t);
    int64_t size = log_size(&t);
    static const struct {
        const char *start, *line, *code, *field;
    } cases[] = {
        {LONG ",'amount':'50'", "['A','','1','0,01']", "invalid_amount", "lines/4998/amount"},
        {LONG ",'amount':'50'", "['A','','1','-0.01']", "invalid_amount", "lines/4998/amount"},
        {LONG ",'amount':'50'", "['A','','1']", "missing_field", "lines/4998"},
        {LONG ",'amount':'50'", "['A','','1','0.02']", "lines_mismatch", "lines"},
        {LONG ",'amount':'-50'", "['A','','1','0.01']", "invalid_amount", "amount"},
        {"'op':'return','ref':'r','of':'known'", "['A','','1']", "limit_exceeded", "lines"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char *request = long_request(cases[i].start, 5000, cases[i].line);
        expect_wrong(&t, cases[i].code, cases[i].field, "amount", request);
        free(request);
    }
    test_expect_integer("nothing was recorded", size, log_size(&t));
    char *request = long_request(LONG ",'amount':'50'", 5000, "['A','','1','0.01']");
    expect_text(sent(&t, request), "amount", "50.00");
    CU_ASSERT_TRUE(cJSON_IsTrue(at_path(sent(&t, request), "duplicate")));
    test_expect_integer("a paid sale is recorded, once", size + 1, log_size(&t));
    free(request);
    trial_end(&t);
}

/* --- Whom it names ------------------------------------------------------------------- */

static void members_are_named_in_full(void)
{
    static const struct {
        const char *value, *code;
    } cases[] = {{"'card:'", "invalid_field"},
                 {"'card:a b'", "invalid_field"},
                 {"'card:9'", "unknown_member"},
                 {"'phone:+'", "invalid_field"},
                 {"'phone:+44'", "invalid_field"},
                 {"'phone:+4477009001234567'", "invalid_field"},
                 {"'id:'", "unknown_member"},
                 {"'id:00000000000U'", "unknown_member"},
                 {"'id:000000000000'", "unknown_member"}};
    static const char *const requests[] = {
        "{'op':'show','member':%s}",
        "{'op':'purchase','receipt':'r','amount':'1','member':%s}",
        "{'op':'redeem','ref':'r','points':1,'member':%s}",
        "{'op':'return','ref':'r','of':'known','all':true,'member':%s}",
        "{'op':'transfer','ref':'r','points':1,'member':'card:1','to':%s}",
        "{'op':'member.merge','ref':'r','member':'card:1','into':%s}"};
    struct trial t;
    begin(&t);
    int64_t size = log_size(&t);
    for (size_t r = 0; r < sizeof requests / sizeof *requests; r++) {
        for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
            char request[256];
            char before[160];
            size_t length = (size_t)(strstr(requests[r], "%s") - requests[r]);
            snprintf(before, sizeof before, "%.*s", (int)length, requests[r]);
            snprintf(request, sizeof request, "%s%s}", before, cases[i].value);
            expect_wrong(&t, cases[i].code,
                         r == 4   ? "to"
                         : r == 5 ? "into"
                                  : "member",
                         cases[i].value, request);
        }
    }
    test_expect_integer("nothing was recorded", size, log_size(&t));
    trial_end(&t);
}

const struct test_case wrong_cases[] = {
    {"each field of each operation", each_field_of_each_operation},
    {"what is missing is named", what_is_missing_is_named},
    {"bytes around and within", bytes_around_and_within},
    {"each member of a line", each_member_of_a_line},
    {"receipts of 5,000 lines", receipts_of_5000_lines},
    {"members are named in full", members_are_named_in_full},
    {NULL, NULL},
};
