/* Reading of arguments, and the small pure parts of the command. */
#include "suite.h"

#include "arguments.h"
#include "progress.h"
#include "request.h"
#include "value.h"
#include "width.h"

#include <stdlib.h>
#include <string.h>

enum { MOST = 16 };

/* Split at spaces, read, and hand out what came of it. */
static loyalty_status read_line(const char *line, struct call *call, struct problem *problem)
{
    static char copy[512];
    static char *argv[MOST + 1];
    int argc = 1;
    snprintf(copy, sizeof copy, "%s", line);
    argv[0] = copy + sizeof copy - 1;
    for (char *rest = NULL, *word = strtok_r(copy, " ", &rest); word != NULL && argc < MOST;
         word = strtok_r(NULL, " ", &rest))
        argv[argc++] = word;
    argv[argc] = NULL;
    memset(call, 0, sizeof *call);
    memset(problem, 0, sizeof *problem);
    return arguments_read(argc, argv, call, problem);
}

static void expect_text(const char *what, const char *expected, const char *actual)
{
    actual = actual != NULL ? actual : "(none)";
    test_expect_text(what, expected, strlen(expected), actual, strlen(actual));
}

static void expect_refused(const char *line, const char *message, const char *help)
{
    struct call call;
    struct problem problem;
    test_expect_integer(line, LOYALTY_USAGE, read_line(line, &call, &problem));
    expect_text(line, message, problem.message);
    expect_text(line, help, problem.hint);
    free(call.values);
}

static void command_and_values(void)
{
    struct call call;
    struct problem problem;
    CU_ASSERT_EQUAL(read_line("--db x.db adjust --points -5 --json --ref=a=b", &call, &problem),
                    LOYALTY_OK);
    expect_text("command", "adjust", call.command->name);
    expect_text("database", "x.db", call.database);
    expect_text("points", "-5", call_value(&call, "points"));
    expect_text("ref", "a=b", call_value(&call, "ref"));
    CU_ASSERT_TRUE(call.json);
    CU_ASSERT_PTR_NULL(call_value(&call, "member"));
    free(call.values);
}

static void two_words_and_places(void)
{
    struct call call;
    struct problem problem;
    CU_ASSERT_EQUAL(read_line("member link card:1 --card 2 --card 3", &call, &problem), LOYALTY_OK);
    expect_text("command", "member link", call.command->name);
    expect_text("member", "card:1", call_value(&call, "member"));
    CU_ASSERT_EQUAL(call.count, 3);
    free(call.values);
    CU_ASSERT_EQUAL(read_line("programme show --version 2", &call, &problem), LOYALTY_OK);
    expect_text("version", "2", call_value(&call, "version"));
    CU_ASSERT_FALSE(call.version);
    free(call.values);
    CU_ASSERT_EQUAL(read_line("import - -- --odd", &call, &problem), LOYALTY_USAGE);
    free(call.values);
    CU_ASSERT_EQUAL(read_line("show -- --odd", &call, &problem), LOYALTY_OK);
    expect_text("member", "--odd", call_value(&call, "member"));
    free(call.values);
}

static void refusals(void)
{
    expect_refused("purchsae", "there is no command 'purchsae'", "did you mean 'purchase'?");
    expect_refused("member lnik x", "there is no command 'member lnik'",
                   "did you mean 'member link'?");
    expect_refused("xyzzy", "there is no command 'xyzzy'", "'loyalty help' lists what there is");
    expect_refused("member", "'member' needs a second word", "'loyalty member --help' lists them");
    expect_refused("purchase --recipt 1", "there is no flag '--recipt'",
                   "did you mean '--receipt'?");
    expect_refused("redeem --amount 1", "there is no flag '--amount'",
                   "'loyalty redeem --help' lists its flags");
    expect_refused("purchase --member --receipt 1", "--member needs a value", "");
    expect_refused("purchase --enrol=yes", "--enrol takes no value", "");
    expect_refused("redeem --ref a --ref b", "'ref' is given twice", "");
    expect_refused("show", "'show' needs MEMBER", "'loyalty show --help' shows how it is called");
    expect_refused("show a b", "there is no place for 'b'",
                   "'loyalty show --help' shows how it is called");
    expect_refused("redeem --request x --points 5",
                   "--request and 'points' say the same thing in two ways", "");
    expect_refused("--busy 5s show x", "--busy needs milliseconds from 1 to 3600000, not '5s'", "");
    expect_refused("--now yesterday show x", "--now cannot read 'yesterday' as a time",
                   "write it as 2026-11-21T10:00:00Z, or with an offset");
}

static void moments(void)
{
    static const struct {
        const char *text;
        int64_t milliseconds;
    } good[] = {{"1970-01-01T00:00:00Z", 0},
                {"2026-11-21T10:00:00.5Z", 1795255200500},
                {"2026-11-21T18:00:00+08:00", 1795255200000},
                {"2024-02-29T00:00:00Z", 1709164800000}};
    static const char *const bad[] = {"",
                                      "2026-11-21",
                                      "2026-11-21T10:00:00",
                                      "2026-02-29T10:00:00Z",
                                      "2026-11-21T24:00:00Z",
                                      "2026-11-21T10:00:00Zx",
                                      "2026-11-21T10:00:00+8:00",
                                      "2026-11-21T10:00:00.1234Z"};
    int64_t milliseconds = 0;
    for (size_t i = 0; i < sizeof good / sizeof *good; i++) {
        CU_ASSERT_TRUE(arguments_moment(good[i].text, &milliseconds));
        test_expect_integer(good[i].text, good[i].milliseconds, milliseconds);
    }
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        test_expect_integer(bad[i], 0, arguments_moment(bad[i], &milliseconds));
}

static void near_words(void)
{
    static const char *const words[] = {"redeem", "return", "record", "rebuild"};
    expect_text("swap", "redeem", nearest("rdeeem", words, 4));
    expect_text("one letter", "return", nearest("retrn", words, 4));
    expect_text("none", "(none)", nearest("quote", words, 4));
}

/* What may stand bare in JSON; all else is a string there. */
static void numbers(void)
{
    static const char *const good[] = {"0", "-5", "12.50", "99999999999999999999"};
    static const char *const bad[] = {"", "-", "+1", "01", "1e3", "1.", ".5", "0x1", "1}", " 1"};
    for (size_t i = 0; i < sizeof good / sizeof *good; i++)
        test_expect_integer(good[i], 1, request_is_number(good[i]));
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        test_expect_integer(bad[i], 0, request_is_number(bad[i]));
}

static void expect_with_op(const char *text, const char *expected)
{
    struct problem problem = {.status = LOYALTY_OK};
    char *whole = request_with_op(text, "show", &problem);
    expect_text(text, expected, whole);
    free(whole);
}

/* The sender's bytes stay; what is no object is for the library to refuse. */
static void op_is_added(void)
{
    expect_with_op("{}", "{\"op\":\"show\"}");
    expect_with_op("{ \"a\":1e400 }\n", "{ \"a\":1e400 ,\"op\":\"show\"}\n");
    expect_with_op("{\"op\":\"show\"}", "{\"op\":\"show\"}");
    expect_with_op("{\"op\":5}", "{\"op\":5}");
    expect_with_op("{\"op\":\"redeem\"}", "(none)");
    expect_with_op("[1]", "[1]");
    expect_with_op("{\"a\":1} }", "{\"a\":1} }");
    expect_with_op("{\"a\":}", "{\"a\":}");
    expect_with_op("", "");
}

static void widths(void)
{
    const char *text = "a\xe6\x98\x9f"
                       "e\xcc\x81"
                       "\xff";
    test_expect_integer("a, star, e with accent, a broken byte", 5,
                        (long long)width_of(text, strlen(text)));
    test_expect_integer("no half character", 1, (long long)width_fit(text, strlen(text), 2));
    test_expect_integer("all", (long long)strlen(text),
                        (long long)width_fit(text, strlen(text), 5));
    char unsafe[] = "a\x1b[1m\xc2\x9b"
                    "b\n";
    width_make_safe(unsafe);
    expect_text("made safe", "a?[1m??b\n", unsafe);
}

static void points(void)
{
    expect_text("whole", "9007199254740991", shown_points(9007199254740991.0).text);
    expect_text("below zero", "-5", shown_points(-5).text);
    expect_text("decimals", "9999999999999.37", shown_points(9999999999999.37).text);
    expect_text("small", "0.000001", shown_points(0.000001).text);
    expect_text("sum", "0.3", shown_points(0.1 + 0.2).text);
    expect_text("change", "+1.25", shown_change(1.25).text);
    expect_text("no change", "0", shown_change(0).text);
    expect_text("moment", "2026-11-21 10:00 UTC", shown_moment("2026-11-21T10:00:00.000Z").text);
    expect_text("no moment", "", shown_moment("").text);
}

static void durations(void)
{
    char text[24];
    progress_duration(59, text);
    expect_text("seconds", "0:59", text);
    progress_duration(3723, text);
    expect_text("hours", "1:02:03", text);
}

/* The tables name only what exists, and no name twice. */
static void tables(void)
{
    for (const struct command *command = command_table; command->name != NULL; command++) {
        const char *const lists[] = {command->positional, command->flags};
        for (size_t i = 0; i < 2; i++) {
            const char *list = lists[i], *name;
            size_t length = 0;
            char mark = 0;
            while ((name = command_next_name(&list, &length, &mark)) != NULL)
                test_expect_integer(name, 1, flag_find(flag_table, name, length) != NULL);
        }
        CU_ASSERT_PTR_NOT_NULL(command->run);
        CU_ASSERT_TRUE(strlen(command->examples) > 0);
        for (const struct command *other = command_table; other != command; other++)
            CU_ASSERT_STRING_NOT_EQUAL(command->name, other->name);
    }
    for (const struct flag *flag = flag_table; flag->name != NULL; flag++) {
        CU_ASSERT_PTR_EQUAL(flag_find(flag_table, flag->name, strlen(flag->name)), flag);
        bool is_switch = flag->kind == FLAG_SWITCH || flag->kind == FLAG_OWN_SWITCH;
        CU_ASSERT_EQUAL(flag->value == NULL, is_switch);
    }
}

static const struct test_case cases[] = {
    {"command_and_values", command_and_values},
    {"two_words_and_places", two_words_and_places},
    {"refusals", refusals},
    {"moments", moments},
    {"near_words", near_words},
    {"numbers", numbers},
    {"op_is_added", op_is_added},
    {"widths", widths},
    {"points", points},
    {"durations", durations},
    {"tables", tables},
    {NULL, NULL},
};
const struct test_suite test_suites[] = {{"cli", cases}, {NULL, NULL}};
