/* The language in use: chosen by tag, restored, and never the process's. */
#include <libintl.h>
#include <locale.h>
#include <stdlib.h>

#include "catalogues.h"
#include "language.h"
#include "suite.h"

static bool is_tag(const char *tag)
{
    return language_is_tag(text_of(tag));
}

static void tags(void)
{
    CU_ASSERT_TRUE(is_tag("en") && is_tag("zh-CN") && is_tag("zh-Hans-CN") && is_tag("es-419"));
    CU_ASSERT_FALSE(is_tag("") || is_tag("e") || is_tag("zh_CN") || is_tag("zh-"));
    CU_ASSERT_FALSE(is_tag("../../etc") || is_tag("english") || is_tag("4n"));
    CU_ASSERT_FALSE(is_tag("en-aaaaaaaa-aaaaaaaa-aaaaaaaa-aaaaaaaa"));
}

static int nearest(const char *wanted)
{
    const struct text known[] = {text_of(""),      text_of("de"),    text_of("zh-TW"),
                                 text_of("zh-CN"), text_of("pt-BR"), text_of("en")};
    return language_nearest(text_of(wanted), known, 6);
}

static void the_nearest(void)
{
    test_expect_integer("the same", 3, nearest("zh-CN"));
    test_expect_integer("in any case", 3, nearest("ZH-cn"));
    test_expect_integer("a wider one", 1, nearest("de-AT"));
    test_expect_integer("a wider one by two", 5, nearest("en-GB-oed"));
    test_expect_integer("a sister", 4, nearest("pt"));
    test_expect_integer("the first sister", 2, nearest("zh-Hans"));
    test_expect_integer("none", -1, nearest("fr"));
    test_expect_integer("not by its beginning alone", -1, nearest("d"));
    test_expect_integer("none wanted", -1, nearest(""));
}

static void expect(const char *what, const char *expected, const char *actual)
{
    test_expect_text(what, expected, strlen(expected), actual, strlen(actual));
}

static void use_and_restore(void)
{
    if (catalogues[0].tag == NULL)
        return; /* built without gettext's tools */
    expect("at first", "Amount", language_text("Amount"));
    struct language before = language_use(text_of("zh-CN"));
    expect("Chinese", "金额", language_text("Amount"));
    expect("its tag", "zh-CN", language_tag().bytes);
    expect("what nobody translated", "no such text", language_text("no such text"));
    expect("the empty text", "", language_text(""));
    struct language chinese = language_use(text_of("fr"));
    expect("a language without a catalogue", "Amount", language_text("Amount"));
    expect("has its tag", "fr", language_tag().bytes);
    language_restore(chinese);
    expect("Chinese again", "金额", language_text("Amount"));
    language_use((struct text){0});
    language_use(text_of("no tag at all"));
    expect("nothing changes nothing", "金额", language_text("Amount"));
    language_restore(before);
    expect("English again", "Amount", language_text("Amount"));
    expect("by default", "en", language_tag().bytes);
}

/* A host may have any locale, and catalogues of its own. */
static void the_process_has_no_say(void)
{
    setenv("LANGUAGE", "zh_CN", 1);
    setlocale(LC_ALL, "C.UTF-8");
    expect("English", "Amount", language_text("Amount"));
    language_use(text_of("zh"));
    expect("the host's own", "Amount", dgettext("loyalty", "Amount"));
    language_restore((struct language){0});
    setlocale(LC_ALL, "C");
    unsetenv("LANGUAGE");
}

extern const struct test_case language_cases[];
const struct test_case language_cases[] = {
    {"language_tags", tags},
    {"language_nearest", the_nearest},
    {"language_use_and_restore", use_and_restore},
    {"language_the_process_has_no_say", the_process_has_no_say},
    {NULL, NULL},
};
