/* Dates, spans, and moments as text. Where a day of every year can be tried, every
 * day is. */
#include "civil.h"

#include <string.h>

#include "suite.h"

#define LAST_DAY INT64_C(2932896)  /* 9999-12-31 */
#define FIRST_DAY INT64_C(-719162) /* 0001-01-01 */

static struct date day(int year, int month, int day_of_month)
{
    return (struct date){year, month, day_of_month};
}

static void expect_date(const char *what, struct date expected, struct date got)
{
    struct buffer left = {0}, right = {0};
    date_format(&left, expected);
    date_format(&right, got);
    test_expect_text(what, left.bytes, left.length, right.bytes, right.length);
    buffer_free(&left);
    buffer_free(&right);
}

static int compare_dates(struct date a, struct date b)
{
    int64_t left = date_to_days(a), right = date_to_days(b);
    return (left > right) - (left < right);
}

/* Counts on from 0001-01-01 with nothing but the lengths of months. */
static void every_day_round_trips(void)
{
    struct date walked = day(1, 1, 1);
    long wrong = 0;
    for (int64_t days = FIRST_DAY; days <= LAST_DAY; days++) {
        struct date got = date_from_days(days);
        wrong += got.year != walked.year || got.month != walked.month || got.day != walked.day;
        wrong += date_to_days(walked) != days;
        wrong += !date_is_valid(walked);
        wrong += date_weekday(walked) != (int)((days - FIRST_DAY) % 7) + 1; /* a Monday */
        if (++walked.day > days_in_month(walked.year, walked.month)) {
            walked.day = 1;
            walked.month = walked.month % 12 + 1;
            walked.year += walked.month == 1;
        }
    }
    test_expect_integer("days that do not round trip", 0, wrong);
    expect_date("after the last", day(10000, 1, 1), walked);
}

static void known_days(void)
{
    test_expect_integer("epoch", 0, date_to_days(day(1970, 1, 1)));
    test_expect_integer("2000-03-01", 11017, date_to_days(day(2000, 3, 1)));
    test_expect_integer("2026-11-21 is a Saturday", 6, date_weekday(day(2026, 11, 21)));
    test_expect_integer("1900 is no leap year", 28, days_in_month(1900, 2));
    test_expect_integer("2000 is one", 29, days_in_month(2000, 2));
    test_expect_integer("first", MOMENT_FIRST, date_to_days(day(1, 1, 1)) * 86400000);
    test_expect_integer("last", MOMENT_LAST, (date_to_days(day(9999, 12, 31)) + 1) * 86400000 - 1);
}

static void dates_are_read_strictly(void)
{
    static const char *const refused[] = {
        "",           "2026-11-2",  "2026-11-211", "2026-1-21",   "2026/11/21", "2026-02-29",
        "0000-01-01", "2026-00-10", "2026-13-10",  "2026-04-31",  "2026-01-00", " 2026-01-01",
        "+026-01-01", "2026-01-1x", "20261121",    "2026-11-21T", "10000-01-01"};
    struct date got;
    CU_ASSERT_TRUE(date_parse(text_of("2024-02-29"), &got));
    expect_date("leap day", day(2024, 2, 29), got);
    CU_ASSERT_TRUE(date_parse(text_of("0001-01-01"), &got));
    CU_ASSERT_TRUE(date_parse(text_of("9999-12-31"), &got));
    for (size_t i = 0; i < sizeof refused / sizeof refused[0]; i++)
        test_expect_integer(refused[i], false, date_parse(text_of(refused[i]), &got));
}

static void spans_are_read(void)
{
    static const struct {
        const char *text;
        struct span span;
    } cases[] = {
        {"P1Y", {12, 0, 0}},           {"P6M", {6, 0, 0}},
        {"P2W", {0, 14, 0}},           {"P7D", {0, 7, 0}},
        {"P1Y6M", {18, 0, 0}},         {"PT36H", {0, 0, 129600000}},
        {"P1DT12H", {0, 1, 43200000}}, {"P1Y2M3DT4H5M6S", {14, 3, 14706000}},
        {"PT1M", {0, 0, 60000}},       {"P1M", {1, 0, 0}},
        {"P1MT1M", {1, 0, 60000}},     {"P100Y", {1200, 0, 0}},
        {"P36525D", {0, 36525, 0}},    {"P1200M", {1200, 0, 0}},
        {"P5217W", {0, 36519, 0}},     {"PT3155760000S", {0, 0, INT64_C(3155760000000)}},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct span got = {-1, -1, -1};
        test_expect_integer(cases[i].text, true, span_parse(text_of(cases[i].text), &got));
        test_expect_integer(cases[i].text, cases[i].span.months, got.months);
        test_expect_integer(cases[i].text, cases[i].span.days, got.days);
        test_expect_integer(cases[i].text, cases[i].span.milliseconds, got.milliseconds);
    }
}

/* By length alone: no span here is compared at a date. */
static void spans_are_compared(void)
{
    static const char *const ascending[] = {"PT1S", "PT1M",    "PT59M59S", "PT1H",  "PT23H",
                                            "P1D",  "PT24H1S", "P1W",      "P30D",  "P1M",
                                            "P31D", "P365D",   "P1Y",      "P366D", "P100Y"};
    static const char *const equal[][2] = {{"PT24H", "P1D"}, {"P7D", "P1W"}, {"P12M", "P1Y"}};
    struct span a, b;
    for (size_t i = 0; i < sizeof ascending / sizeof ascending[0]; i++) {
        for (size_t j = 0; j < sizeof ascending / sizeof ascending[0]; j++) {
            CU_ASSERT_TRUE(span_parse(text_of(ascending[i]), &a));
            CU_ASSERT_TRUE(span_parse(text_of(ascending[j]), &b));
            test_expect_integer(ascending[i], (i > j) - (i < j), span_compare(a, b));
        }
    }
    for (size_t i = 0; i < sizeof equal / sizeof equal[0]; i++) {
        CU_ASSERT_TRUE(span_parse(text_of(equal[i][0]), &a));
        CU_ASSERT_TRUE(span_parse(text_of(equal[i][1]), &b));
        test_expect_integer(equal[i][0], 0, span_compare(a, b));
    }
}

static void spans_are_refused(void)
{
    static const char *const refused[] = {"",
                                          "P",
                                          "PT",
                                          "P1",
                                          "1Y",
                                          "P0D",
                                          "P01D",
                                          "P1YT",
                                          "-P1D",
                                          "P-1D",
                                          "P+1D",
                                          "P1.5D",
                                          "P1D1Y",
                                          "P1M1Y",
                                          "P1Y1Y",
                                          "P1W1D",
                                          "P1Y1W",
                                          "P1WT1H",
                                          "P1H",
                                          "PT1D",
                                          "PT1Y",
                                          "p1y",
                                          "P1y",
                                          "PT1HT1M",
                                          "P1D ",
                                          " P1D",
                                          "P1DT",
                                          "PT1S1M",
                                          "P101Y",
                                          "P1201M",
                                          "P36526D",
                                          "P5218W",
                                          "P100Y1M",
                                          "P100YT1S",
                                          "P99Y12M1D",
                                          "P1YM",
                                          "PTH",
                                          "PT1H0M",
                                          "P1,5D",
                                          "P100YT0S",
                                          "PT3155760001S",
                                          "P99999999999999999999999999D",
                                          "P1D\n",
                                          "TP1D",
                                          "P1TY"};
    for (size_t i = 0; i < sizeof refused / sizeof refused[0]; i++) {
        struct span got;
        test_expect_integer(refused[i], false, span_parse(text_of(refused[i]), &got));
    }
}

static void adding_clamps_the_day(void)
{
    const struct span month = {.months = 1}, back = {.months = -1}, year = {.months = 12};
    expect_date("to February", day(2026, 2, 28), date_add(day(2026, 1, 31), month));
    expect_date("to a leap February", day(2028, 2, 29), date_add(day(2028, 1, 31), month));
    expect_date("from leap day", day(2025, 2, 28), date_add(day(2024, 2, 29), year));
    expect_date("over the year", day(2027, 1, 31), date_add(day(2026, 12, 31), month));
    expect_date("back over the year", day(2025, 12, 31), date_add(day(2026, 1, 31), back));
    expect_date("back to February", day(2024, 2, 29), date_add(day(2024, 3, 31), back));
    expect_date("months, then days", day(2026, 3, 1),
                date_add(day(2026, 1, 31), (struct span){.months = 1, .days = 1}));
    expect_date("stops at the end", day(9999, 12, 31), date_add(day(9999, 12, 1), month));
    expect_date("stops at the end by days", day(9999, 12, 31),
                date_add(day(9999, 12, 31), (struct span){.days = 1}));
    expect_date("stops at the beginning", day(1, 1, 1), date_add(day(1, 1, 31), back));
}

static void adding_is_monotonic(void)
{
    static const struct span spans[] = {{1, 0, 0}, {12, 0, 0}, {-1, 0, 0},  {7, 3, 0},
                                        {0, 1, 0}, {0, -9, 0}, {1200, 0, 0}};
    long wrong = 0;
    for (size_t i = 0; i < sizeof spans / sizeof spans[0]; i++) {
        struct date before = date_add(date_from_days(FIRST_DAY), spans[i]);
        for (int64_t days = FIRST_DAY + 1; days <= LAST_DAY; days += days % 5 == 0 ? 13 : 1) {
            struct date now = date_add(date_from_days(days), spans[i]);
            wrong += compare_dates(before, now) > 0 || !date_is_valid(now);
            before = now;
        }
    }
    test_expect_integer("sums out of order", 0, wrong);
}

static void boundaries(void)
{
    const struct date date = day(2024, 2, 10);
    expect_date("day", date, date_boundary(date, END_OF_DAY));
    expect_date("month", day(2024, 2, 29), date_boundary(date, END_OF_MONTH));
    expect_date("quarter", day(2024, 3, 31), date_boundary(date, END_OF_QUARTER));
    expect_date("year", day(2024, 12, 31), date_boundary(date, END_OF_YEAR));
    expect_date("second quarter", day(2026, 6, 30), date_boundary(day(2026, 4, 1), END_OF_QUARTER));
    expect_date("last quarter", day(2026, 12, 31),
                date_boundary(day(2026, 12, 31), END_OF_QUARTER));
}

static void moments_are_read(void)
{
    static const struct {
        const char *text;
        moment at;
    } cases[] = {
        {"1970-01-01T00:00:00Z", 0},
        {"2026-11-21T18:30:00+08:00", INT64_C(1795257000000)},
        {"2026-11-21T10:30:00Z", INT64_C(1795257000000)},
        {"2026-11-21 10:30Z", INT64_C(1795257000000)},
        {"2026-11-21T05:00:00-05:30", INT64_C(1795257000000)},
        {"2026-11-21T10:30:00.007Z", INT64_C(1795257000007)},
        {"2026-11-21T10:30:00.5Z", INT64_C(1795257000500)},
        {"1969-12-31T23:59:59.999Z", -1},
        {"1970-01-01T18:00:00+18:00", 0},
        {"1970-01-01T00:00:00-00:00", 0},
        {"0001-01-01T00:00:00Z", MOMENT_FIRST},
        {"9999-12-31T23:59:59.999Z", MOMENT_LAST},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        moment got = 42;
        struct error error = {0};
        test_expect_integer(cases[i].text, true,
                            moment_parse(text_of(cases[i].text), NULL, &got, &error));
        test_expect_integer(cases[i].text, cases[i].at, got);
    }
}

static void moments_are_refused_with_the_reason(void)
{
    static const struct {
        const char *text, *says;
    } cases[] = {
        {"", "not a date and time"},
        {"yesterday", "not a date and time"},
        {"2026-11-21T10:30:00", "needs an offset"},
        {"2026-11-21 10:30", "needs an offset"},
        {"2026-11-21", "needs an offset"},
        {"2026-11-21t10:30:00Z", "capital T"},
        {"2026-11-21T10:30:00z", "capital Z"},
        {"2026-11-21T23:59:60Z", "leap seconds"},
        {"2026-02-30T10:00:00Z", "2026-02-30 does not exist"},
        {"2026-13-01T10:00:00Z", "2026-13-01 does not exist"},
        {"0000-01-01T10:00:00Z", "0000-01-01 does not exist"},
        {"2026-11-21T24:00:00Z", "hour 24"},
        {"2026-11-21T25:00:00Z", "not a time of day"},
        {"2026-11-21T10:60:00Z", "not a time of day"},
        {"2026-11-21T10:30:61Z", "not a time of day"},
        {"2026-11-21T10:30:00.1234Z", "three digits"},
        {"2026-11-21T10:30:00.Z", "not a date and time"},
        {"2026-11-21T10:30:00,5Z", "not a date and time"},
        {"2026-11-21T10:30:00+18:01", "within 18:00"},
        {"2026-11-21T10:30:00+08:60", "within 18:00"},
        {"2026-11-21T10:30:00+0800", "not a date and time"},
        {"2026-11-21T10:30:00+08", "not a date and time"},
        {"2026-11-21T10:30:00 +08:00", "not a date and time"},
        {"2026-11-21  10:30Z", "not a date and time"},
        {"2026-11-21T10:30:00Z ", "not a date and time"},
        {" 2026-11-21T10:30:00Z", "not a date and time"},
        {"2026-11-21Z", "not a date and time"},
        {"2026-11-21T", "not a date and time"},
        {"2026-11-21T10", "not a date and time"},
        {"2026-11-21T10:30:0Z", "not a date and time"},
        {"0001-01-01T00:00:00+00:01", "outside years 1 to 9999"},
        {"9999-12-31T23:59:59-00:01", "outside years 1 to 9999"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        moment got = 42;
        struct error error = {0};
        test_expect_integer(cases[i].text, false,
                            moment_parse(text_of(cases[i].text), NULL, &got, &error));
        test_expect_integer(cases[i].text, ERROR_INVALID_TIME, error.code);
        if (strstr(error.message, cases[i].says) == NULL)
            test_expect_text(cases[i].text, cases[i].says, strlen(cases[i].says), error.message,
                             strlen(error.message));
        test_expect_integer("untouched", 42, got);
    }
}

static void expect_moment(moment at, const char *expected)
{
    struct buffer buffer = {0};
    moment again = 0;
    struct error error = {0};
    moment_format(&buffer, at);
    test_expect_text("written", expected, strlen(expected), buffer.bytes, buffer.length);
    CU_ASSERT_TRUE(moment_parse(buffer_view(&buffer), NULL, &again, &error));
    test_expect_integer(expected, at, again);
    buffer_free(&buffer);
}

static void moments_are_written(void)
{
    expect_moment(0, "1970-01-01T00:00:00Z");
    expect_moment(-1, "1969-12-31T23:59:59.999Z");
    expect_moment(INT64_C(1795257000000), "2026-11-21T10:30:00Z");
    expect_moment(INT64_C(1795257000050), "2026-11-21T10:30:00.050Z");
    expect_moment(MOMENT_FIRST, "0001-01-01T00:00:00Z");
    expect_moment(MOMENT_LAST, "9999-12-31T23:59:59.999Z");
}

const struct test_case civil_cases[] = {
    {"every_day_round_trips", every_day_round_trips},
    {"known_days", known_days},
    {"dates_are_read_strictly", dates_are_read_strictly},
    {"spans_are_read", spans_are_read},
    {"spans_are_compared", spans_are_compared},
    {"spans_are_refused", spans_are_refused},
    {"adding_clamps_the_day", adding_clamps_the_day},
    {"adding_is_monotonic", adding_is_monotonic},
    {"boundaries", boundaries},
    {"moments_are_read", moments_are_read},
    {"moments_are_refused_with_the_reason", moments_are_refused_with_the_reason},
    {"moments_are_written", moments_are_written},
    {NULL, NULL},
};
