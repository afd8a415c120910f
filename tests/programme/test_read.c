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

/* What a document that says nothing of the life of points means. */
static void small_shop_later(void)
{
    struct arena arena = {0};
    const struct programme *p =
        fixture_read(&arena, "UTC", DOCUMENT("UTC", "EUR", "\"points\":{\"p\":{\"scale\":2}}"));
    const struct points *points = &p->points[0];
    CU_ASSERT_FALSE(points->expires.dated);
    CU_ASSERT_FALSE(points->expires.idles);
    test_expect_integer("pending", PENDING_NOT, points->pending.kind);
    CU_ASSERT_FALSE(points->tender.allowed);
    test_expect_integer("least", 1, points->tender.least);
    test_expect_integer("share", VALUE_UNIT, points->tender.share);
    CU_ASSERT_FALSE(points->transfer.allowed);
    test_expect_integer("most", LIMIT_UNITS, points->transfer.most);
    test_expect_integer("per month", LIMIT_UNITS, points->transfer.per_month);
    test_expect_integer("keep", TRANSFER_KEEP, points->transfer.expires);
    test_expect_integer("no proof", LIMIT_UNITS, points->proof_above);
    CU_ASSERT_TRUE(p->base.points_deduct);
    CU_ASSERT_TRUE(programme_excludes_tender(p, text_of("voucher")));
    CU_ASSERT_FALSE(programme_excludes_tender(p, text_of("cash")));
    CU_ASSERT_FALSE(p->has_return_window);
    CU_ASSERT_TRUE(p->hold_unknown);
    CU_ASSERT_FALSE(p->refuse_closed);
    test_expect_integer("timeout", 15 * 60 * 1000, p->reservations.timeout.milliseconds);
    test_expect_integer("timeout", 0, p->reservations.timeout.days);
    test_expect_integer("longest", 1, p->reservations.longest.days);
    test_expect_integer("longest", 0, p->reservations.longest.milliseconds);
    test_expect_integer("no households", 0, p->households.most);
    test_expect_integer("no limits", 0, (long long)p->adjust_limit_count);
    test_expect_integer("unknown", UNKNOWN_REFUSE, p->members.unknown);
    expect_string("no country", "", p->members.phone_country);
    expect_string("trunk", "0", p->members.phone_trunk);
    CU_ASSERT_FALSE(p->claims.allowed);
    CU_ASSERT_FALSE(p->voids.has_window);
    p = fixture_read(
        &arena, "UTC",
        DOCUMENT("UTC", "EUR",
                 "\"points\":{\"p\":{\"transfer\":{},\"expires\":{\"at\":\"end_of_day\"}}},"
                 "\"households\":{},\"reservations\":{},\"claims\":{},\"voids\":{},"
                 "\"members\":{\"phone_country\":\"44\"}"));
    CU_ASSERT_TRUE(p->claims.allowed && p->claims.code_required);
    test_expect_integer("claims within", 30, p->claims.within.days);
    test_expect_integer("claims per month", LIMIT_UNITS, p->claims.per_month);
    CU_ASSERT_FALSE(p->voids.has_window);
    expect_string("country", "44", p->members.phone_country);
    expect_string("trunk", "0", p->members.phone_trunk);
    CU_ASSERT_TRUE(p->points[0].transfer.allowed);
    test_expect_integer("no limit", LIMIT_UNITS, p->points[0].transfer.most);
    CU_ASSERT_TRUE(p->points[0].expires.dated);
    test_expect_integer("from", FROM_AVAILABLE, p->points[0].expires.from);
    test_expect_integer("a family", 6, p->households.most);
    test_expect_integer("bring", JOIN_BRING, p->households.on_join);
    test_expect_integer("take", LEAVE_TAKE, p->households.on_leave);
    arena_free(&arena);
}

/* Every member of the life of points away from its default, before what it depends on. */
static void everything_later(void)
{
    struct arena arena = {0};
    const struct programme *p = fixture_read(
        &arena, "UTC",
        DOCUMENT(
            "UTC", "EUR",
            "\"voids\":{\"within\":\"PT36H\"},"
            "\"claims\":{\"code\":\"optional\",\"per_month\":1000,\"within\":\"P3M\"},"
            "\"members\":{\"phone_trunk\":\"\",\"phone_country\":\"39\",\"unknown\":\"hold\"},"
            "\"closing\":{\"late\":\"refuse\"},"
            "\"adjust\":{\"limits\":{\"zoe\":{\"per_day\":9,\"most\":8},\"ann\":{},\"*\":{\"most\":"
            "1}}},"
            "\"households\":{\"on_leave\":\"leave\",\"on_join\":\"forfeit\",\"most\":100},"
            "\"reservations\":{\"longest\":\"PT5M\",\"timeout\":\"PT300S\"},"
            "\"points\":{\"a\":{\"transfer\":{\"expires\":\"anew\",\"per_month\":\"12.5\",\"most\":"
            "12},"
            "\"tender\":{\"share\":\"0.25\",\"least\":\"0.5\",\"value\":\"0.03\"},"
            "\"pending\":{\"until\":\"return_window\"},\"proof_above\":\"50.5\",\"scale\":1,"
            "\"expires\":{\"inactive\":\"P18M\",\"from\":\"earned\",\"at\":[\"12-31\",\"02-29\"],"
            "\"after\":\"P1W\"}},"
            "\"b\":{\"transfer\":{\"most\":3},\"pending\":{\"for\":\"PT36H\"},\"expires\":{"
            "\"inactive\":\"P1Y\"}},"
            "\"c\":{\"pending\":{\"for\":\"P1M2D\"}},\"d\":{\"pending\":{\"until\":\"activate\"}}},"
            "\"base\":{\"points\":\"ignore\",\"excluding_tenders\":[\"staff\",\"gift\"]},"
            "\"returns\":{\"unknown\":\"refuse\",\"window\":\"P1M14D\"}"));
    const struct points *points = &p->points[0];
    const struct expiry *expires = &points->expires;
    CU_ASSERT_TRUE(expires->dated && expires->idles);
    test_expect_integer("after", 7, expires->after.days);
    test_expect_integer("days", 2, (long long)expires->day_count);
    CU_ASSERT_TRUE(expires->days[0].month == 2 && expires->days[0].day == 29);
    CU_ASSERT_TRUE(expires->days[1].month == 12 && expires->days[1].day == 31);
    test_expect_integer("from", FROM_EARNED, expires->from);
    test_expect_integer("inactive", 18, expires->inactive.months);
    test_expect_integer("pending", PENDING_RETURN_WINDOW, points->pending.kind);
    test_expect_integer("window", 1, points->pending.span.months);
    test_expect_integer("window", 14, points->pending.span.days);
    CU_ASSERT_TRUE(points->tender.allowed && points->transfer.allowed);
    expect_rate("0.03 for 1.0", 3, 10, points->tender.rate);
    test_expect_integer("least", 5, points->tender.least);
    test_expect_integer("share", VALUE_UNIT / 4, points->tender.share);
    test_expect_integer("most", 120, points->transfer.most);
    test_expect_integer("per month", 125, points->transfer.per_month);
    test_expect_integer("anew", TRANSFER_ANEW, points->transfer.expires);
    test_expect_integer("proof above", 505, points->proof_above);
    CU_ASSERT_TRUE(programme_excludes_tender(p, text_of("staff")));
    CU_ASSERT_TRUE(programme_excludes_tender(p, text_of("gift")));
    CU_ASSERT_FALSE(programme_excludes_tender(p, text_of("voucher")));
    test_expect_integer("the next has its own scale", 3, p->points[1].transfer.most);
    CU_ASSERT_TRUE(!p->points[1].expires.dated && p->points[1].expires.idles);
    test_expect_integer("for hours", PENDING_FOR, p->points[1].pending.kind);
    test_expect_integer("for hours", 36 * 3600 * 1000, p->points[1].pending.span.milliseconds);
    test_expect_integer("for days", 2, p->points[2].pending.span.days);
    test_expect_integer("activate", PENDING_ACTIVATE, p->points[3].pending.kind);
    CU_ASSERT_TRUE(p->has_return_window && p->refuse_closed);
    CU_ASSERT_FALSE(p->hold_unknown || p->base.points_deduct);
    test_expect_integer("timeout", 300000, p->reservations.timeout.milliseconds);
    test_expect_integer("longest", 300000, p->reservations.longest.milliseconds);
    test_expect_integer("longest", 0, p->reservations.longest.days);
    test_expect_integer("households", 100, p->households.most);
    test_expect_integer("forfeit", JOIN_FORFEIT, p->households.on_join);
    test_expect_integer("leave", LEAVE_LEAVE, p->households.on_leave);
    test_expect_integer("limits", 3, (long long)p->adjust_limit_count);
    expect_string("sorted", "*", p->adjust_limits[0].operator_id);
    expect_string("sorted", "ann", p->adjust_limits[1].operator_id);
    test_expect_integer("zoe", 8, p->adjust_limits[2].most);
    test_expect_integer("zoe", 9, p->adjust_limits[2].per_day);
    test_expect_integer("unknown", UNKNOWN_HOLD, p->members.unknown);
    expect_string("country", "39", p->members.phone_country);
    expect_string("trunk", "", p->members.phone_trunk);
    CU_ASSERT_TRUE(p->claims.allowed && !p->claims.code_required);
    test_expect_integer("claims within", 3, p->claims.within.months);
    test_expect_integer("claims within", 0, p->claims.within.days);
    test_expect_integer("claims per month", 1000, p->claims.per_month);
    CU_ASSERT_TRUE(p->voids.has_window);
    test_expect_integer("voids within", 36 * 3600 * 1000, p->voids.within.milliseconds);
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
        CU_ASSERT_TRUE(faults.faults[i].message.length < 350);
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
    {"small_shop_later", small_shop_later},
    {"everything", everything},
    {"everything_later", everything_later},
    {"keeps_nothing_of_the_caller", keeps_nothing_of_the_caller},
    {"first_fault_is_the_error", first_fault_is_the_error},
    {"zone_bytes_that_are_none", zone_bytes_that_are_none},
    {"paths", paths},
    {"many_faults", many_faults},
    {NULL, NULL},
};
