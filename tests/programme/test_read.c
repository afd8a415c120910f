/* programme_read: what a document becomes. Its faults, one small file each, are
 * in faults/ and checked by check_schema.py. */
#include "fixture.h"

static void expect_rate(const char *what, long long numerator, long long denominator,
                        struct fraction rate)
{
    test_expect_integer(what, numerator, (long long)rate.numerator);
    test_expect_integer(what, denominator, rate.denominator);
}

static void small_shop(void)
{
    struct arena arena = {0};
    const struct programme *p = fixture_read(
        &arena, "Europe/London",
        "{\"loyalty\":1,\"id\":\"shop\",\"timezone\":\"Europe/London\",\"currency\":\"GBP\","
        "\"points\":{\"point\":{}},"
        "\"earn\":[{\"id\":\"base\",\"per\":\"1.00\",\"gives\":{\"point\":1}}]}");
    expect_string("id", "shop", p->id);
    expect_string("name", "shop", localized_text(&p->name, text_of("en"), p->id));
    expect_string("zone", "Europe/London", p->timezone);
    expect_string("money", "GBP", p->currency);
    test_expect_integer("digits", 2, p->currency_digits);
    test_expect_integer("unique by", 0, (long long)p->receipts.unique_count);
    test_expect_integer("day starts", 0, p->receipts.business_day_minutes);
    test_expect_integer("late", 7, p->receipts.late.days);
    CU_ASSERT_TRUE(p->base.tax_included);
    CU_ASSERT_TRUE(p->base.discounts_deduct);
    test_expect_integer("points", 1, (long long)p->points_count);
    CU_ASSERT_TRUE(p->points[0].spendable);
    test_expect_integer("scale", 0, p->points[0].scale);
    test_expect_integer("expires", false, p->points[0].expires.dated);
    test_expect_integer("rules", 1, (long long)p->earn_count);
    expect_string("rule", "base", p->earn[0].id);
    test_expect_integer("gifts", 1, (long long)p->earn[0].gift_count);
    expect_rate("1 per 1.00", 1, 100, p->earn[0].gives[0].rate);
    test_expect_integer("rounding", EARN_DOWN, p->earn[0].rounding);
    test_expect_integer("each", EACH_RECEIPT, p->earn[0].each);
    test_expect_integer("shortfall", SHORTFALL_DEBT, p->shortfall);
    arena_free(&arena);
}

/* Every member away from its default, in the opposite order of the tables. */
static void everything(void)
{
    struct arena arena = {0};
    const struct programme *p = fixture_read(
        &arena, "Asia/Shanghai",
        "{\"returns\":{\"shortfall\":\"refuse\"},"
        "\"earn\":[{\"excluding\":{\"category\":[\"z\",\"a\"]},\"only\":{\"sku\":[\"9\",\"10\"]},"
        "\"each\":\"line\",\"rounding\":\"even\",\"gives\":{\"level\":\"2.5\",\"star\":3},"
        "\"per\":\"0.040\",\"id\":\"b-1\"}],"
        "\"points\":{\"star\":{\"expires\":{\"at\":\"end_of_quarter\",\"after\":\"P1Y6M3D\"}},"
        "\"level\":{\"scale\":2,\"spendable\":false,\"name\":\"L\",\"expires\":\"never\"}},"
        "\"base\":{\"excluding\":{\"sku\":[\"B\",\"A\"]},\"discounts\":\"ignore\","
        "\"tax\":\"excluded\"},"
        "\"receipts\":{\"late_operators\":[\"zoe\",\"ann\"],\"late\":\"PT36H\","
        "\"business_day_starts\":\"04:30\",\"unique_by\":[\"date\",\"store\"]},"
        "\"currency\":\"KWD\",\"timezone\":\"Asia/Shanghai\","
        "\"name\":{\"zh-CN\":\"店\",\"en\":\"Shop\"},\"id\":\"s-1\",\"loyalty\":1}");
    test_expect_integer("digits", 3, p->currency_digits);
    expect_string("zh-CN", "店", localized_text(&p->name, text_of("zh-CN"), p->id));
    expect_string("de", "Shop", localized_text(&p->name, text_of("de"), p->id));
    test_expect_integer("scopes", 2, (long long)p->receipts.unique_count);
    test_expect_integer("first scope", SCOPE_STORE, p->receipts.unique_by[0]);
    test_expect_integer("second scope", SCOPE_DATE, p->receipts.unique_by[1]);
    test_expect_integer("04:30", 270, p->receipts.business_day_minutes);
    test_expect_integer("late", 36 * 3600 * 1000, p->receipts.late.milliseconds);
    test_expect_integer("late days", 0, p->receipts.late.days);
    expect_string("operators are sorted", "ann", p->receipts.late_operators[0]);
    CU_ASSERT_FALSE(p->base.tax_included);
    CU_ASSERT_FALSE(p->base.discounts_deduct);
    expect_string("SKUs are sorted", "A", p->base.excluding.skus[0]);
    expect_string("order of points", "star", p->points[0].id);
    test_expect_integer("months", 18, p->points[0].expires.after.months);
    test_expect_integer("days", 3, p->points[0].expires.after.days);
    test_expect_integer("quarter", END_OF_QUARTER, p->points[0].expires.at);
    CU_ASSERT_FALSE(p->points[1].spendable);
    expect_string("a plain name", "L", localized_text(&p->points[1].name, text_of("fr"), p->id));
    const struct earn_rule *rule = &p->earn[0];
    test_expect_integer("even", EARN_EVEN, rule->rounding);
    test_expect_integer("line", EACH_LINE, rule->each);
    test_expect_integer("level", 1, rule->gives[0].currency);
    expect_rate("2.50 per 0.040", 25, 4, rule->gives[0].rate);
    expect_rate("3 per 0.040", 3, 40, rule->gives[1].rate);
    expect_string("by bytes", "10", rule->only.skus[0]);
    test_expect_integer("categories", 2, (long long)rule->excluding.category_count);
    test_expect_integer("refuse", SHORTFALL_REFUSE, p->shortfall);
    arena_free(&arena);
}

/* Nothing of the answer points into the caller's document or the JSON tree. */
static void keeps_nothing_of_the_caller(void)
{
    struct arena arena = {0};
    struct programme_faults faults;
    struct error error = {0};
    const char *document = DOCUMENT("UTC", "EUR", "\"points\":{\"p\":{\"name\":\"Points\"}}");
    char *copy = malloc(strlen(document));
    memcpy(copy, document, strlen(document)); /* without the NUL */
    const struct programme *p = programme_read(&arena, (struct text){copy, strlen(document)},
                                               fixture_zone(&arena, "UTC"), &faults, &error);
    CU_ASSERT_PTR_NOT_NULL_FATAL(p);
    memset(copy, 'x', strlen(document));
    free(copy);
    expect_string("id", "shop", p->id);
    expect_string("name", "Points", localized_text(&p->points[0].name, text_of("en"), p->id));
    arena_free(&arena);
}

static void first_fault_is_the_error(void)
{
    struct arena arena = {0};
    struct programme_faults faults;
    struct error error = {0};
    const char *document =
        "{\"loyalty\":1,\"id\":\"shop\",\n\"timezone\":\"UTC\",\"currency\":\"EUR\","
        "\n\"returns\":{\"shortfall\":1},\n\"points\":{}}";
    CU_ASSERT_PTR_NULL(
        programme_read(&arena, text_of(document), fixture_zone(&arena, "UTC"), &faults, &error));
    test_expect_integer("code", ERROR_INVALID_PROGRAMME, error.code);
    test_expect_integer("faults", 2, (long long)faults.count);
    test_expect_integer("line", 3, error.line);
    test_expect_integer("column", 24, error.column);
    expect_string("field", "/returns/shortfall", text_of(error.field));
    expect_string("message", "must be a string, not a number", text_of(error.message));
    expect_string("second", "/points", faults.faults[1].path);
    arena_free(&arena);
}

static void zone_bytes_that_are_none(void)
{
    struct arena arena = {0};
    struct programme_faults faults;
    struct error error = {0};
    const char *document = DOCUMENT("UTC", "EUR", "\"points\":{\"p\":{}}");
    CU_ASSERT_PTR_NULL(
        programme_read(&arena, text_of(document), text_of("TZif?"), &faults, &error));
    test_expect_integer("faults", 1, (long long)faults.count);
    expect_string("field", "/timezone", text_of(error.field));
    arena_free(&arena);
}

/* A pointer's own characters are escaped, and what would disturb a terminal or
 * fill it is not echoed. */
static void paths(void)
{
    struct arena arena = {0};
    struct programme_faults faults;
    struct error error = {0};
    char document[1024], name[201] = "";
    memset(name, 'n', 200);
    snprintf(document, sizeof document,
             DOCUMENT("UTC", "EUR", "\"points\":{\"p\":{}},\"a/b~c\":1,\"\\u001b\":1,\"%s\":1"),
             name);
    programme_read(&arena, text_of(document), fixture_zone(&arena, "UTC"), &faults, &error);
    test_expect_integer("faults", 3, (long long)faults.count);
    expect_string("escaped", "/a~1b~0c", faults.faults[0].path);
    expect_string("unclean", "", faults.faults[1].path);
    expect_string("long", "", faults.faults[2].path);
    for (size_t i = 0; i < faults.count; i++)
        CU_ASSERT_TRUE(faults.faults[i].message.length < 300);
    arena_free(&arena);
}

/* A hopeless document costs no more than LIMIT_FAULTS reports. */
static void many_faults(void)
{
    struct arena arena = {0};
    struct buffer document = {0};
    struct programme_faults faults;
    struct error error = {0};
    buffer_string(&document, "{\"x\":1");
    for (int i = 0; i < 4000; i++)
        buffer_format(&document, ",\"x%d\":1", i);
    buffer_byte(&document, '}');
    programme_read(&arena, buffer_view(&document), text_of(""), &faults, &error);
    test_expect_integer("faults", LIMIT_FAULTS, (long long)faults.count);
    buffer_clear(&document);
    for (int i = 0; i <= LIMIT_DOCUMENT_BYTES; i++)
        buffer_byte(&document, ' ');
    programme_read(&arena, buffer_view(&document), text_of(""), &faults, &error);
    expect_string("too long", "the document has 262145 bytes; at most 262144 are accepted",
                  text_of(error.message));
    buffer_free(&document);
    arena_free(&arena);
}

const struct test_case read_cases[] = {
    {"small_shop", small_shop},
    {"everything", everything},
    {"keeps_nothing_of_the_caller", keeps_nothing_of_the_caller},
    {"first_fault_is_the_error", first_fault_is_the_error},
    {"zone_bytes_that_are_none", zone_bytes_that_are_none},
    {"paths", paths},
    {"many_faults", many_faults},
    {NULL, NULL},
};
