/* Questions to a programme: dates in its zone, names, filters, versions. */
#include "currency.h"
#include "fixture.h"

/* --- expiry ------------------------------------------------------------------ */

static void expiry_of(const char *zone, const char *expires, const char *earned,
                      const char *expected)
{
    struct arena arena = {0};
    char document[512];
    snprintf(document, sizeof document,
             DOCUMENT("%s", "EUR", "\"points\":{\"p\":{\"expires\":%s}}"), zone, expires);
    const struct programme *p = fixture_read(&arena, zone, document);
    expect_moment(earned, expected, points_expiry(p, &p->points[0], at(earned)));
    arena_free(&arena);
}

static void points_that_lapse(void)
{
    expiry_of("UTC", "\"never\"", "2026-01-31T10:00:00Z", NULL);
    /* The date is inclusive: they lapse with the midnight that ends it. */
    expiry_of("UTC", "{\"after\":\"P7D\"}", "2026-01-01T00:00:00Z", "2026-01-09T00:00:00Z");
    expiry_of("UTC", "{\"after\":\"P7D\"}", "2026-01-01T23:59:59Z", "2026-01-09T00:00:00Z");
    /* 31 January and a month is the last of February. */
    expiry_of("UTC", "{\"after\":\"P1M\"}", "2026-01-31T10:00:00Z", "2026-03-01T00:00:00Z");
    expiry_of("UTC", "{\"after\":\"P1M\"}", "2028-01-31T10:00:00Z", "2028-03-01T00:00:00Z");
    expiry_of("UTC", "{\"after\":\"P1Y\"}", "2028-02-29T10:00:00Z", "2029-03-01T00:00:00Z");
    expiry_of("UTC", "{\"after\":\"P1Y\",\"at\":\"end_of_month\"}", "2026-02-03T10:00:00Z",
              "2027-03-01T00:00:00Z");
    expiry_of("UTC", "{\"after\":\"P1D\",\"at\":\"end_of_quarter\"}", "2026-03-30T10:00:00Z",
              "2026-04-01T00:00:00Z");
    expiry_of("UTC", "{\"after\":\"P1D\",\"at\":\"end_of_quarter\"}", "2026-03-31T10:00:00Z",
              "2026-07-01T00:00:00Z");
    expiry_of("UTC", "{\"after\":\"P2Y\",\"at\":\"end_of_year\"}", "2026-05-01T10:00:00Z",
              "2029-01-01T00:00:00Z");
}

static void points_lapse_by_local_days(void)
{
    /* 17:00 UTC is already the next day in Shanghai. */
    expiry_of("Asia/Shanghai", "{\"after\":\"P1D\"}", "2026-01-01T15:59:59Z",
              "2026-01-02T16:00:00Z");
    expiry_of("Asia/Shanghai", "{\"after\":\"P1D\"}", "2026-01-01T16:00:00Z",
              "2026-01-03T16:00:00Z");
    /* Summer time begins in between. */
    expiry_of("Europe/London", "{\"after\":\"P1M\"}", "2026-03-01T12:00:00Z",
              "2026-04-01T23:00:00Z");
    /* The day after has no midnight: it begins at 01:00. */
    expiry_of("America/Sao_Paulo", "{\"after\":\"P1D\"}", "2018-11-02T12:00:00Z",
              "2018-11-04T03:00:00Z");
    /* Samoa left out 30 December 2011: what lapses with the 29th does so at the skip. */
    expiry_of("Pacific/Apia", "{\"after\":\"P1D\"}", "2011-12-28T22:00:00Z",
              "2011-12-30T10:00:00Z");
}

static void expiry_at_the_end_of_time(void)
{
    expiry_of("UTC", "{\"after\":\"P100Y\",\"at\":\"end_of_year\"}", "9897-01-01T00:00:00Z",
              "9998-01-01T00:00:00Z");
    expiry_of("UTC", "{\"after\":\"P100Y\"}", "9898-01-01T00:00:00Z", NULL);
    expiry_of("UTC", "{\"after\":\"P1D\"}", "9999-12-31T23:59:59Z", NULL);
}

/* --- business days ----------------------------------------------------------- */

static void business_day_of(const char *zone, const char *starts, const char *moment_text,
                            const char *expected)
{
    struct arena arena = {0};
    struct buffer buffer = {0};
    char document[512];
    snprintf(document, sizeof document,
             DOCUMENT("%s", "EUR",
                      "\"points\":{\"p\":{}},\"receipts\":{\"business_day_starts\":\"%s\"}"),
             zone, starts);
    const struct programme *p = fixture_read(&arena, zone, document);
    date_format(&buffer, programme_business_day(p, at(moment_text)));
    expect_string(moment_text, expected, buffer_view(&buffer));
    buffer_free(&buffer);
    arena_free(&arena);
}

static void business_days(void)
{
    business_day_of("UTC", "00:00", "2026-01-01T00:00:00Z", "2026-01-01");
    business_day_of("UTC", "04:00", "2026-01-01T03:59:59Z", "2025-12-31");
    business_day_of("UTC", "04:00", "2026-01-01T04:00:00Z", "2026-01-01");
    business_day_of("Asia/Shanghai", "04:00", "2026-03-01T19:59:59Z", "2026-03-01");
    business_day_of("Asia/Shanghai", "04:00", "2026-03-01T20:00:00Z", "2026-03-02");
    /* By the clock on the wall, also when clocks went forward that night. */
    business_day_of("Europe/London", "04:00", "2026-03-29T02:59:59Z", "2026-03-28");
    business_day_of("Europe/London", "04:00", "2026-03-29T03:00:00Z", "2026-03-29");
}

/* --- names and filters ------------------------------------------------------- */

static void names_by_language(void)
{
    struct text languages[] = {text_of("de"), text_of("en")};
    struct text texts[] = {text_of("Punkte"), text_of("points")};
    struct localized both = {languages, texts, 2}, one = {languages, texts, 1}, none = {0};
    struct text id = text_of("point");
    expect_string("the language", "Punkte", localized_text(&both, text_of("de"), id));
    expect_string("else English", "points", localized_text(&both, text_of("fr"), id));
    expect_string("else the first", "Punkte", localized_text(&one, text_of("fr"), id));
    expect_string("else the id", "point", localized_text(&none, text_of("fr"), id));
}

/* Against plain search, over lists of every length. */
static void filter_search(void)
{
    enum { MOST = 20 };
    char names[2 * MOST + 1][16];
    struct text list[MOST];
    for (int i = 0; i <= 2 * MOST; i++)
        snprintf(names[i], sizeof names[i], "s%02d", i);
    for (size_t count = 0; count <= MOST; count++) {
        for (size_t i = 0; i < count; i++)
            list[i] = text_of(names[2 * i + 1]); /* the odd ones */
        struct line_filter by_sku = {.skus = list, .sku_count = count};
        struct line_filter by_category = {.categories = list, .category_count = count};
        for (size_t i = 0; i <= 2 * MOST; i++) {
            bool expected = i % 2 == 1 && i < 2 * count;
            struct text name = text_of(names[i]), empty = text_of("");
            CU_ASSERT_EQUAL(expected, line_filter_names(&by_sku, name, empty));
            CU_ASSERT_EQUAL(expected, line_filter_names(&by_category, empty, name));
            CU_ASSERT_FALSE(line_filter_names(&by_sku, empty, name));
        }
        CU_ASSERT_FALSE(line_filter_names(&by_sku, text_of(""), text_of("")));
    }
}

/* --- limits of adjustments --------------------------------------------------- */

static void limit_of(const struct programme *programme, const char *operator_id, long long most,
                     long long per_day)
{
    const struct adjust_limit *limit = programme_adjust_limit(programme, text_of(operator_id));
    CU_ASSERT_PTR_NOT_NULL_FATAL(limit);
    test_expect_integer(operator_id, most, limit->most);
    test_expect_integer(operator_id, per_day, limit->per_day);
}

static void limits_by_hand(void)
{
    struct arena arena = {0};
    const struct programme *p = fixture_read(
        &arena, "UTC",
        DOCUMENT("UTC", "EUR",
                 "\"points\":{\"p\":{}},\"adjust\":{\"limits\":{\"zoe\":{\"most\":\"7\"},"
                 "\"*\":{\"most\":1,\"per_day\":3},\"!\":{\"per_day\":2},\"boss\":{}}}"));
    limit_of(p, "zoe", 7, LIMIT_UNITS);
    limit_of(p, "boss", LIMIT_UNITS, LIMIT_UNITS);
    limit_of(p, "!", LIMIT_UNITS, 2); /* sorts before the star */
    limit_of(p, "eva", 1, 3);
    limit_of(p, "", 1, 3);
    p = fixture_read(
        &arena, "UTC",
        DOCUMENT("UTC", "EUR", "\"points\":{\"p\":{}},\"adjust\":{\"limits\":{\"zoe\":{}}}"));
    CU_ASSERT_PTR_NULL(programme_adjust_limit(p, text_of("eva")));
    CU_ASSERT_PTR_NULL(programme_adjust_limit(p, text_of("")));
    CU_ASSERT_PTR_NOT_NULL(programme_adjust_limit(p, text_of("zoe")));
    p = fixture_read(&arena, "UTC",
                     DOCUMENT("UTC", "EUR", "\"points\":{\"p\":{}},\"adjust\":{\"limits\":{}}"));
    CU_ASSERT_PTR_NULL(programme_adjust_limit(p, text_of("zoe")));
    arena_free(&arena);
}

/* --- currencies -------------------------------------------------------------- */

/* Of all codes there could be, those in the schema are those we know. */
static void currencies_of_the_schema(void)
{
    char *schema = test_read_file(SOURCE_DIR "/programme/schema.json", NULL);
    CU_ASSERT_PTR_NOT_NULL_FATAL(schema);
    for (int i = 0; i < 26 * 26 * 26; i++) {
        char quoted[] = {
            '"', (char)('A' + i / 676), (char)('A' + i / 26 % 26), (char)('A' + i % 26), '"', '\0'};
        unsigned digits;
        bool known = currency_find((struct text){quoted + 1, 3}, &digits) == CURRENCY_OK;
        bool in_schema = strstr(schema, quoted) != NULL;
        if (known != in_schema)
            printf("\n    %s: known %d, in the schema %d\n", quoted, known, in_schema);
        CU_ASSERT_EQUAL(known, in_schema);
    }
    free(schema);
}

static void currency_decimals(void)
{
    static const struct {
        const char *code;
        unsigned digits;
    } known[] = {{"JPY", 0}, {"KRW", 0}, {"CLP", 0}, {"EUR", 2},
                 {"CNY", 2}, {"HUF", 2}, {"KWD", 3}, {"TND", 3}};
    unsigned digits = 9;
    for (size_t i = 0; i < sizeof known / sizeof known[0]; i++) {
        CU_ASSERT_EQUAL(currency_find(text_of(known[i].code), &digits), CURRENCY_OK);
        test_expect_integer(known[i].code, known[i].digits, digits);
    }
    CU_ASSERT_EQUAL(currency_find(text_of("UYW"), &digits), CURRENCY_TOO_FINE);
    CU_ASSERT_EQUAL(currency_find(text_of("XAU"), &digits), CURRENCY_UNKNOWN);
    CU_ASSERT_EQUAL(currency_find(text_of("eur"), &digits), CURRENCY_UNKNOWN);
    CU_ASSERT_EQUAL(currency_find(text_of(""), &digits), CURRENCY_UNKNOWN);
}

static void currency_meant(void)
{
    static const char *const pairs[][2] = {
        {"eur", "EUR"}, {"CYN", "CNY"}, {"GPB", "GBP"}, {"EURO", "EUR"}, {"US", "USD"}};
    for (size_t i = 0; i < sizeof pairs / sizeof pairs[0]; i++) {
        const char *meant = currency_nearest(text_of(pairs[i][0]));
        expect_string(pairs[i][0], pairs[i][1], text_of(meant));
    }
    CU_ASSERT_PTR_NULL(currency_nearest(text_of("")));
    CU_ASSERT_PTR_NULL(currency_nearest(text_of("dollars")));
}

/* --- versions ---------------------------------------------------------------- */

#define VERSION(id, currency, unique, points)                                                      \
    "{\"loyalty\":1,\"id\":\"" id "\",\"timezone\":\"UTC\",\"currency\":\"" currency               \
    "\",\"receipts\":{\"unique_by\":" unique "},\"points\":" points "}"

static void follows(const char *next_document, const char *expected_path)
{
    static const char *const first = VERSION("shop", "EUR", "[\"store\",\"date\"]",
                                             "{\"a\":{},\"b\":{\"scale\":2,\"spendable\":false}}");
    struct arena arena = {0};
    struct error error = {0};
    bool may = programme_may_follow(fixture_read(&arena, "UTC", first),
                                    fixture_read(&arena, "UTC", next_document), &error);
    CU_ASSERT_EQUAL(may, expected_path == NULL);
    expect_string(next_document, expected_path == NULL ? "" : expected_path, text_of(error.field));
    test_expect_integer(next_document, may ? ERROR_NONE : ERROR_PROGRAMME_CHANGE, error.code);
    arena_free(&arena);
}

static void versions(void)
{
    const char *same = VERSION("shop", "EUR", "[\"date\",\"store\"]",
                               "{\"b\":{\"scale\":2,\"spendable\":false},\"a\":{},\"c\":{}}");
    follows(same, NULL);
    /* "points": 5 without "points_of" would mean other points from one day to the next. */
    follows(VERSION("shop", "EUR", "[\"store\",\"date\"]",
                    "{\"c\":{},\"b\":{\"scale\":2,\"spendable\":false},\"a\":{}}"),
            "/points");
    follows(VERSION("shops", "EUR", "[\"store\",\"date\"]", "{\"a\":{}}"), "/id");
    follows(VERSION("shop", "USD", "[\"store\",\"date\"]", "{\"a\":{}}"), "/currency");
    follows(VERSION("shop", "EUR", "[\"store\"]", "{\"a\":{}}"), "/receipts/unique_by");
    follows(VERSION("shop", "EUR", "[\"store\",\"till\"]", "{\"a\":{}}"), "/receipts/unique_by");
    follows(VERSION("shop", "EUR", "[\"store\",\"date\"]", "{\"a\":{}}"), "/points");
    follows(VERSION("shop", "EUR", "[\"store\",\"date\"]",
                    "{\"a\":{},\"b\":{\"scale\":3,\"spendable\":false}}"),
            "/points/b/scale");
    follows(VERSION("shop", "EUR", "[\"store\",\"date\"]", "{\"a\":{},\"b\":{\"scale\":2}}"),
            "/points/b/spendable");
}

/* Whatever else a document says may be said from one version to the next, and left out again. */
static void versions_of_the_life_of_points(void)
{
    static const char *const nothing = DOCUMENT("UTC", "EUR", "\"points\":{\"p\":{}}");
    static const char *const everything = DOCUMENT(
        "UTC", "EUR",
        "\"points\":{\"p\":{\"expires\":{\"at\":[\"06-30\"],\"inactive\":\"P1Y\",\"from\":"
        "\"earned\"},"
        "\"pending\":{\"until\":\"return_window\"},\"tender\":{\"value\":\"0.01\"},"
        "\"transfer\":{\"most\":5}}},\"returns\":{\"window\":\"P14D\",\"unknown\":\"refuse\"},"
        "\"base\":{\"points\":\"ignore\"},\"reservations\":{\"timeout\":\"PT1M\"},\"households\":{}"
        ","
        "\"adjust\":{\"limits\":{\"*\":{\"most\":5}}},\"closing\":{\"late\":\"refuse\"},"
        "\"members\":{\"unknown\":\"enrol\",\"phone_country\":\"1\",\"phone_trunk\":\"1\"},"
        "\"claims\":{\"code\":\"optional\"},\"voids\":{\"within\":\"P1D\"}");
    struct arena arena = {0};
    struct error error = {0};
    const struct programme *less = fixture_read(&arena, "UTC", nothing);
    const struct programme *more = fixture_read(&arena, "UTC", everything);
    CU_ASSERT_TRUE(programme_may_follow(less, more, &error));
    CU_ASSERT_TRUE(programme_may_follow(more, less, &error));
    arena_free(&arena);
}

static const struct programme *carrying(struct arena *arena, const char *points, const char *per)
{
    char document[512];
    snprintf(document, sizeof document,
             DOCUMENT("UTC", "EUR",
                      "\"points\":%s,\"earn\":[{\"id\":\"b\",\"per\":\"%s\",\"gives\":{\"p\":1},"
                      "\"rounding\":\"carry\"}]"),
             points, per);
    return fixture_read(arena, "UTC", document);
}

static void carry_over_versions(void)
{
    struct arena arena = {0};
    struct error error = {0};
    /* 999983 and 999979 are primes; q stands first so that the index of p differs. */
    const struct programme *versions[] = {
        carrying(&arena, "{\"p\":{}}", "9999.83"),
        carrying(&arena, "{\"q\":{},\"p\":{}}", "9999.79"),
        carrying(&arena, "{\"p\":{}}", "0.03"),
    };
    CU_ASSERT_TRUE(programme_carry_bound(versions, 1, &error));
    CU_ASSERT_TRUE(programme_carry_bound(versions, 2, &error));
    CU_ASSERT_FALSE(programme_carry_bound(versions, 3, &error));
    test_expect_integer("code", ERROR_PROGRAMME_CHANGE, error.code);
    CU_ASSERT_PTR_NOT_NULL(strstr(error.message, "\"p\""));
    CU_ASSERT_TRUE(programme_carry_bound(versions + 1, 2, &error));
    /* Where no version names it first. */
    versions[0] = carrying(&arena, "{\"q\":{},\"p\":{}}", "9999.83");
    versions[2] = carrying(&arena, "{\"q\":{},\"p\":{}}", "0.03");
    CU_ASSERT_FALSE(programme_carry_bound(versions, 3, &error));
    arena_free(&arena);
}

static const struct test_case cases[] = {
    {"points_that_lapse", points_that_lapse},
    {"points_lapse_by_local_days", points_lapse_by_local_days},
    {"expiry_at_the_end_of_time", expiry_at_the_end_of_time},
    {"business_days", business_days},
    {"names_by_language", names_by_language},
    {"filter_search", filter_search},
    {"currencies_of_the_schema", currencies_of_the_schema},
    {"currency_decimals", currency_decimals},
    {"currency_meant", currency_meant},
    {"versions", versions},
    {"versions_of_the_life_of_points", versions_of_the_life_of_points},
    {"limits_by_hand", limits_by_hand},
    {"carry_over_versions", carry_over_versions},
    {NULL, NULL},
};
const struct test_suite test_suites[] = {{"reading", read_cases},
                                         {"life", life_cases},
                                         {"phones", phone_cases},
                                         {"tiers", tiers_cases},
                                         {"programme", cases},
                                         {NULL, NULL}};
