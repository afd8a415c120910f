/* Requests: what each field takes, and one canonical form. */
#include "request.h"

#include <stdio.h>
#include <stdlib.h>

#include "programme.h"
#include "support.h"

static struct arena arena;

static const struct programme *programme(void)
{
    static const char document[] =
        "{'loyalty':1,'id':'shop','timezone':'Europe/London','currency':'GBP','points':"
        "{'level':{'spendable':false},'coin':{'scale':2},'star':{}},"
        "'earn':[{'id':'base','per':'1.00','gives':{'star':1}}]}";
    struct programme_faults faults = {0};
    struct error error = {0};
    const struct programme *read =
        programme_read(&arena, text_of(quoted(document)), (struct text){0}, &faults, &error);
    CU_ASSERT_PTR_NOT_NULL_FATAL(read);
    return read;
}

static void expect(const char *code, const char *field, const char *json)
{
    struct request request;
    struct error error = {0};
    bool read = request_parse(text_of(quoted(json)), programme(), &arena, &request, &error);
    const char *got = read ? "ok" : error_name(error.code);
    if (strcmp(got, code) != 0 || (field != NULL && strcmp(field, error.field) != 0))
        printf("\n    %s\n    expected %s at \"%s\", got %s at \"%s\": %s\n", json, code,
               field == NULL ? "" : field, got, error.field, error.message);
    CU_ASSERT_STRING_EQUAL(got, code);
    if (field != NULL)
        CU_ASSERT_STRING_EQUAL(error.field, field);
}

#define BUY "'op':'purchase','member':'card:1','receipt':'r','amount':'1'"

static void each_field_has_its_type(void)
{
    static const char *const texts[] = {"ref", "of", "receipt", "store", "till", "operator", "reason",
                                        "text", "id", "points_of"};
    static const char *const ops[] = {"redeem", "return", "purchase", "purchase", "purchase", "redeem",
                                      "adjust", "redeem", "redeem", "redeem"};
    static const unsigned limits[] = {128, 512, 128, 64, 64, 64, 64, 1024, 1024, 32};
    char json[2400];
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        static const char *const wrong[] = {"1", "true", "null", "[]", "{}", "''"};
        for (size_t w = 0; w < 6; w++) {
            snprintf(json, sizeof json, "{'op':'%s','%s':%s}", ops[i], texts[i], wrong[w]);
            expect("invalid_field", texts[i], json);
        }
        snprintf(json, sizeof json, "{'op':'%s','%s':'a\\u0001b'}", ops[i], texts[i]);
        expect("invalid_text", texts[i], json);
        snprintf(json, sizeof json, "{'op':'%s','%s':'a\\u202eb'}", ops[i], texts[i]);
        expect("invalid_text", texts[i], json);
        snprintf(json, sizeof json, "{'op':'%s','%s':'%0*d'}", ops[i], texts[i], (int)limits[i], 0);
        expect("ok", NULL, json);
        snprintf(json, sizeof json, "{'op':'%s','%s':'%0*d'}", ops[i], texts[i], (int)limits[i] + 1, 0);
        expect("limit_exceeded", texts[i], json);
        snprintf(json, sizeof json, "{'op':'%s','%s':'a','%s':'a'}", ops[i], texts[i], texts[i]);
        expect("duplicate_member", NULL, json);
    }
    expect("invalid_field", "store", "{'op':'purchase','store':'a/b'}");
    expect("invalid_field", "till", "{'op':'purchase','till':'/'}");
    expect("ok", NULL, "{'op':'purchase','receipt':'a/b'}");
}

static void amounts_points_times_and_words(void)
{
    static const char *const amounts[] = {"'12.345'", "'1e3'", "'-0'", "'+1'", "'01'", "'.5'", "'5.'",
                                          "''", "' 1'", "'1,00'", "'-1'", "'12345678901234567890'",
                                          "'90071992547409.92'"};
    char json[300];
    for (size_t i = 0; i < sizeof amounts / sizeof *amounts; i++) {
        snprintf(json, sizeof json, "{'op':'purchase','amount':%s}", amounts[i]);
        expect("invalid_amount", "amount", json);
    }
    expect("invalid_field", "amount", "{'op':'purchase','amount':58}");
    expect("ok", NULL, "{'op':'purchase','amount':'58.000'}");
    expect("ok", NULL, "{'op':'purchase','amount':'90071992547409.91'}");
    expect("invalid_field", "points", "{'op':'redeem','points':true}");
    expect("invalid_amount", "points", "{'op':'redeem','points':0.001}");
    expect("invalid_amount", "points", "{'op':'redeem','points':1.5,'points_of':'star'}");
    expect("invalid_amount", "points", "{'op':'redeem','points':-0}");
    expect("ok", NULL, "{'op':'redeem','points_of':'coin','points':1.25}");
    expect("ok", NULL, "{'op':'redeem','points':'1.25'}");
    static const char *const times[] = {"'2026-02-29'", "'2026-13-01'", "'25:00'", "'now'", "''",
                                        "'2026-03-29T01:30:00'"};
    for (size_t i = 0; i < sizeof times / sizeof *times; i++) {
        snprintf(json, sizeof json, "{'op':'purchase','at':%s}", times[i]);
        expect("invalid_time", "at", json);
    }
    expect("invalid_field", "at", "{'op':'purchase','at':5}");
    expect("invalid_field", "entry", "{'op':'purchase','entry':'typed'}");
    expect("invalid_field", "entry", "{'op':'purchase','entry':1}");
    expect("ok", NULL, "{'op':'purchase','entry':'app'}");
    expect("invalid_field", "unmatched", "{'op':'return','unmatched':'keep'}");
    expect("ok", NULL, "{'op':'return','unmatched':'skip'}");
    expect("invalid_field", "all", "{'op':'return','all':false}");
    expect("invalid_field", "all", "{'op':'return','all':'true'}");
    expect("invalid_field", "enrol", "{'op':'purchase','enrol':1}");
    expect("invalid_field", "limit", "{'op':'history','limit':-1}");
    expect("invalid_field", "limit", "{'op':'history','limit':1.5}");
    expect("invalid_field", "seq", "{'op':'record','seq':'1'}");
    expect("invalid_field", "identifiers", "{'op':'member.add','identifiers':[]}");
    expect("invalid_field", "identifiers", "{'op':'member.add','identifiers':'card:1'}");
    expect("invalid_field", "identifiers", "{'op':'member.add','identifiers':[1]}");
    expect("invalid_field", "programme", "{'op':'programme.apply','programme':1}");
}

static void lines_have_their_members(void)
{
#define LINE(line) "{'op':'purchase','lines':[" line "]}"
#define BACK(line) "{'op':'return','lines':[" line "]}"
    expect("ok", NULL, LINE("{'amount':'1'}"));
    expect("ok", NULL, LINE("{'sku':'A','category':'C','quantity':'0.000001','amount':'1',"
                            "'discount':'2','tax':'1'}"));
    expect("ok", NULL, LINE("['A','','','1'],['','','2','0','','']"));
    expect("missing_field", "lines/0", LINE("{}"));
    expect("missing_field", "lines/1", LINE("['','','','1'],['A']"));
    expect("invalid_field", "lines", LINE("1"));
    expect("invalid_field", "lines", "{'op':'purchase','lines':[]}");
    expect("invalid_field", "lines", "{'op':'purchase','lines':{}}");
    expect("unknown_field", "lines/0/price", LINE("{'price':'1'}"));
    expect("unknown_field", NULL, LINE("['A','','','1','','',1]"));
    expect("unknown_field", NULL, LINE("['A','','','1','','',1,1]"));
    expect("invalid_field", "lines/0/quantity", LINE("['A','','0','1']"));
    expect("invalid_field", "lines/0/quantity", LINE("['A','','-1','1']"));
    expect("invalid_field", "lines/0/quantity", LINE("['A','',2,'1']"));
    expect("invalid_amount", "lines/0/quantity", LINE("['A','','0.0000001','1']"));
    expect("invalid_amount", "lines/0/discount", LINE("['A','','1','1','-1']"));
    expect("invalid_amount", "lines/0", LINE("['A','','1','1','','2']"));
    expect("invalid_field", "lines/0/sku", LINE("{'sku':'','amount':'1'}"));
    expect("ok", NULL, BACK("{'line':3,'quantity':'2'}"));
    expect("ok", NULL, BACK("{'sku':'A'}"));
    expect("ok", NULL, BACK("['A']"));
    expect("missing_field", "lines/0", BACK("{'quantity':'2'}"));
    expect("invalid_field", "lines/0/line", BACK("{'line':0}"));
    expect("invalid_field", "lines/0/line", BACK("{'line':1.5}"));
    expect("invalid_field", "lines/0/line", BACK("{'line':'1'}"));
}

static void operations_take_their_fields_only(void)
{
    expect("missing_field", "op", "{}");
    expect("invalid_field", "op", "{'op':'buy'}");
    expect("invalid_field", "op", "{'op':1}");
    expect("invalid_json", NULL, "[]");
    expect("invalid_json", NULL, "{'op':'show'");
    expect("invalid_json", NULL, "");
    expect("unknown_field", "colour", "{" BUY ",'colour':1}");
    expect("unknown_field", "period", "{" BUY ",'period':'2026-01'}");
    expect("unknown_field", "all", "{" BUY ",'all':true}");
    expect("unknown_field", "amount", "{'op':'redeem','amount':'1'}");
    expect("unknown_field", "enrol", "{'op':'redeem','enrol':true}");
    expect("unknown_field", "ref", "{'op':'show','ref':'x'}");
    expect("unknown_field", "receipt", "{'op':'cancel','receipt':'x'}");
    expect("unknown_field", "seq", "{'op':'checkpoint','seq':1}");
    expect("unknown_field", "condensed", "{'op':'redeem','condensed':1}");
    expect("ok", NULL, "{'op':'checkpoint','id':'x','now':'2026-03-01','accept_clock':true}");
}

/* --- The canonical form ----------------------------------------------------- */

static struct text canonical(struct text json)
{
    struct request request;
    struct error error = {0};
    struct buffer out = {0};
    if (!request_parse(json, programme(), &arena, &request, &error)) {
        printf("\n    %.*s: %s\n", TEXT(json), error.message);
        CU_FAIL_FATAL("not read");
    }
    request_encode(&request, 77, 78, programme(), &out);
    struct text text = text_copy(&arena, buffer_view(&out));
    buffer_free(&out);
    return text;
}

static void one_form_and_it_stands_still(void)
{
    static const struct {
        const char *request, *form;
    } pairs[] = {
        {"{'till':'T','amount':'58.0','receipt':'r','member':'card:1','op':'purchase','store':'S',"
         "'id':'x','now':'2026-03-01T00:00:00Z','enrol':true,'at':'2026-07-01 09:30'}",
         "{'op':'purchase','member':'id:00000000002D','receipt':'r','store':'S','till':'T',"
         "'at':'2026-07-01T08:30:00Z','amount':'58.00'}"},
        {"{'op':'quote','amount':'58.000','ref':'a'}", "{'op':'purchase','ref':'a','amount':'58.00'}"},
        {"{'op':'purchase','lines':[{'amount':'1','sku':'A'},{'amount':'0'},"
         "['B','C','2.50','3','0.0','0.1'],['B','','','3','1']]}",
         "{'op':'purchase','lines':[['A','','','1.00'],['','','','0.00'],"
         "['B','C','2.5','3.00','','0.10'],['B','','','3.00','1.00']]}"},
        {"{'op':'return','of':'r','lines':[{'line':2},{'quantity':'1.0','sku':'A'},{'sku':'A',"
         "'amount':'2','quantity':'1'},{'sku':'B'}]}",
         "{'op':'return','of':'r','lines':[['','','','','','',2],['A','','1'],['A','','1','2.00'],"
         "['B']]}"},
        {"{'op':'redeem','points':'1.50','ref':'\\u00e9\\n'}", NULL},
        {"{'op':'redeem','points':1.5,'ref':'\\u00e9\\/\\u0022\\\\'}",
         "{'op':'redeem','ref':'\xc3\xa9/\\'\\\\','points':1.5}"},
        {"{'op':'adjust','points':'9007199254740991','points_of':'star','reason':'x'}",
         "{'op':'adjust','points':9007199254740991,'points_of':'star','reason':'x'}"},
        {"{'op':'return','unmatched':'deduct','entry':'scan','text':'t','operator':'o'}",
         "{'op':'return','unmatched':'deduct','operator':'o','entry':'scan','text':'t'}"},
        {"{'op':'member.add','identifiers':['card:1','phone:+1']}",
         "{'op':'member.add','identifiers':['card:1','phone:+1']}"},
        {"{'op':'programme.apply','programme':{ 'a' : 1 },'from':'2026-03-01T00:00:00.5Z'}",
         "{'op':'programme.apply','from':'2026-03-01T00:00:00.500Z','programme':{'a':1}}"}};
    for (size_t i = 0; i < sizeof pairs / sizeof *pairs; i++) {
        if (pairs[i].form == NULL) {
            expect("invalid_text", "ref", pairs[i].request);
            continue;
        }
        struct text form = text_of(quoted(pairs[i].form)), got = canonical(text_of(quoted(pairs[i].request)));
        test_expect_text("form", form.bytes, form.length, got.bytes, got.length);
        got = canonical(form);
        test_expect_text("again", form.bytes, form.length, got.bytes, got.length);
    }
}

static void a_difference_names_the_first_field(void)
{
    static const struct {
        const char *a, *b, *field;
    } cases[] = {
        {"{'op':'purchase','amount':'1'}", "{'op':'purchase','amount':'1.00'}", NULL},
        {"{'op':'purchase','amount':'1'}", "{'op':'purchase','amount':'1.01'}", "amount"},
        {"{'op':'purchase','amount':'1'}", "{'op':'return','amount':'1'}", "op"},
        {"{'op':'purchase','amount':'1','store':'a'}", "{'op':'purchase','amount':'2','store':'b'}",
         "store"},
        {"{'op':'purchase','amount':'1','text':'x'}", "{'op':'purchase','amount':'1'}", "text"},
        {"{'op':'purchase','amount':'1'}", "{'op':'purchase','amount':'1','at':'2026-01-01'}", "at"},
        {"{'op':'purchase','lines':[['','','','1']]}", "{'op':'purchase','lines':[['','','1','1']]}",
         "lines"}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        const char *got = request_difference(canonical(text_of(quoted(cases[i].a))),
                                             canonical(text_of(quoted(cases[i].b))));
        const char *expected = cases[i].field == NULL ? "(none)" : cases[i].field;
        got = got == NULL ? "(none)" : got;
        test_expect_text(cases[i].a, expected, strlen(expected), got, strlen(got));
    }
    arena_free(&arena);
}

const struct test_case request_cases[] = {
    {"each field has its type", each_field_has_its_type},
    {"amounts, points, times and words", amounts_points_times_and_words},
    {"lines have their members", lines_have_their_members},
    {"operations take their fields only", operations_take_their_fields_only},
    {"one form and it stands still", one_form_and_it_stands_still},
    {"a difference names the first field", a_difference_names_the_first_field},
    {NULL, NULL},
};
