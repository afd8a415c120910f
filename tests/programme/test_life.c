/* The life of points: when they lapse, when they can be spent, what they pay.
 * First dates that people have looked up, then many random ones against a
 * calendar that knows nothing but "the day after". */
#include "fixture.h"

typedef moment question(const struct programme *programme, const struct points *points, moment at);

/* What the question says of points that are described so. */
static void ask(question *asked, const char *zone, const char *members, const char *earned,
                const char *expected)
{
    struct arena arena = {0};
    char document[512];
    snprintf(document, sizeof document,
             DOCUMENT("%s", "EUR", "\"returns\":{\"window\":\"P1M\"},\"points\":{\"p\":{%s}}"),
             zone, members);
    const struct programme *programme = fixture_read(&arena, zone, document);
    expect_moment(earned, expected, asked(programme, &programme->points[0], at(earned)));
    arena_free(&arena);
}

/* --- expiry on listed days --------------------------------------------------- */

static void lapse(const char *zone, const char *expires, const char *earned, const char *expected)
{
    char members[256];
    snprintf(members, sizeof members, "\"expires\":{%s}", expires);
    ask(points_expiry, zone, members, earned, expected);
}

static void listed_days(void)
{
    const char *halves = "\"at\":[\"12-31\",\"06-30\"]";
    lapse("UTC", halves, "2026-01-01T00:00:00Z", "2026-07-01T00:00:00Z");
    /* The day itself included. */
    lapse("UTC", halves, "2026-06-30T23:59:59Z", "2026-07-01T00:00:00Z");
    lapse("UTC", halves, "2026-07-01T00:00:00Z", "2027-01-01T00:00:00Z");
    lapse("UTC", halves, "2026-12-31T12:00:00Z", "2027-01-01T00:00:00Z");
    lapse("UTC", "\"after\":\"P1Y\",\"at\":[\"03-31\"]", "2026-03-31T12:00:00Z",
          "2027-04-01T00:00:00Z");
    lapse("UTC", "\"after\":\"P1Y\",\"at\":[\"03-31\"]", "2026-04-01T12:00:00Z",
          "2028-04-01T00:00:00Z");
    lapse("UTC", "\"at\":[\"01-01\"]", "2026-01-02T00:00:00Z", "2027-01-02T00:00:00Z");
    lapse("UTC", "\"at\":\"end_of_year\"", "2026-05-01T00:00:00Z", "2027-01-01T00:00:00Z");
}

static void the_29th_of_february(void)
{
    lapse("UTC", "\"at\":[\"02-29\"]", "2026-01-01T00:00:00Z", "2026-03-01T00:00:00Z");
    lapse("UTC", "\"at\":[\"02-29\"]", "2026-02-28T12:00:00Z", "2026-03-01T00:00:00Z");
    lapse("UTC", "\"at\":[\"02-29\"]", "2026-03-01T00:00:00Z", "2027-03-01T00:00:00Z");
    lapse("UTC", "\"at\":[\"02-29\"]", "2028-02-28T12:00:00Z", "2028-03-01T00:00:00Z");
    lapse("UTC", "\"at\":[\"02-29\"]", "2028-02-29T12:00:00Z", "2028-03-01T00:00:00Z");
    lapse("UTC", "\"at\":[\"02-28\"]", "2028-02-29T12:00:00Z", "2029-03-01T00:00:00Z");
    lapse("UTC", "\"at\":[\"02-28\",\"02-29\"]", "2028-02-28T12:00:00Z", "2028-02-29T00:00:00Z");
    lapse("UTC", "\"at\":[\"02-28\",\"02-29\"]", "2027-02-28T12:00:00Z", "2027-03-01T00:00:00Z");
    /* 2100 is no leap year. */
    lapse("UTC", "\"at\":[\"02-29\"]", "2099-03-01T00:00:00Z", "2100-03-01T00:00:00Z");
}

static void listed_days_are_local(void)
{
    lapse("Asia/Shanghai", "\"at\":[\"06-30\"]", "2026-06-30T15:59:59Z", "2026-06-30T16:00:00Z");
    lapse("Asia/Shanghai", "\"at\":[\"06-30\"]", "2026-06-30T16:00:00Z", "2027-06-30T16:00:00Z");
    /* Days of 23 and of 25 hours. */
    lapse("Europe/London", "\"at\":[\"03-29\"]", "2026-03-29T00:00:00Z", "2026-03-29T23:00:00Z");
    lapse("Europe/London", "\"at\":[\"10-25\"]", "2026-10-25T00:30:00Z", "2026-10-26T00:00:00Z");
    /* Samoa had no 30 December 2011: it lapses with the skip, and so does the 29th. */
    lapse("Pacific/Apia", "\"at\":[\"12-29\"]", "2011-12-29T12:00:00Z", "2011-12-30T10:00:00Z");
    lapse("Pacific/Apia", "\"at\":[\"12-30\"]", "2011-12-29T12:00:00Z", "2011-12-30T10:00:00Z");
    lapse("Pacific/Apia", "\"at\":[\"12-30\"]", "2011-12-30T10:00:00Z", "2012-12-30T10:00:00Z");
    lapse("Pacific/Apia", "\"at\":[\"12-31\"]", "2011-12-29T12:00:00Z", "2011-12-31T10:00:00Z");
}

static void listed_days_at_the_end_of_time(void)
{
    /* 36525 days are at times more than 100 years: the latest date there can be. */
    lapse("UTC", "\"after\":\"P36525D\",\"at\":[\"12-31\"]", "9897-12-31T00:00:00Z",
          "9999-01-01T00:00:00Z");
    lapse("UTC", "\"after\":\"P100Y\",\"at\":[\"12-30\"]", "9897-12-31T00:00:00Z",
          "9998-12-31T00:00:00Z");
    lapse("UTC", "\"at\":[\"12-31\"]", "9898-01-01T00:00:00Z", NULL);
}

/* --- pending, and doing nothing ---------------------------------------------- */

static void pend(const char *zone, const char *pending, const char *earned, const char *expected)
{
    char members[256];
    snprintf(members, sizeof members, "\"pending\":{%s}", pending);
    ask(points_available, zone, members, earned, expected);
}

static void points_that_are_pending(void)
{
    ask(points_available, "UTC", "", "2026-01-01T00:00:00Z", "1970-01-01T00:00:00Z");
    pend("UTC", "\"until\":\"activate\"", "2026-01-01T00:00:00Z", NULL);
    pend("UTC", "\"for\":\"P14D\"", "2026-01-01T00:00:00Z", "2026-01-16T00:00:00Z");
    pend("UTC", "\"for\":\"P14D\"", "2026-01-01T23:59:59Z", "2026-01-16T00:00:00Z");
    /* A month is what the document says of returns. */
    pend("UTC", "\"until\":\"return_window\"", "2026-01-31T12:00:00Z", "2026-03-01T00:00:00Z");
    pend("Asia/Shanghai", "\"for\":\"P1D\"", "2026-01-01T16:00:00Z", "2026-01-03T16:00:00Z");
    pend("Europe/London", "\"for\":\"P1D\"", "2026-03-28T12:00:00Z", "2026-03-29T23:00:00Z");
    pend("Pacific/Apia", "\"for\":\"P1D\"", "2011-12-29T12:00:00Z", "2011-12-30T10:00:00Z");
    /* Hours are hours, also on days of 23 and 25. */
    pend("Europe/London", "\"for\":\"PT24H\"", "2026-03-28T12:00:00Z", "2026-03-29T12:00:00Z");
    pend("Europe/London", "\"for\":\"PT24H\"", "2026-10-24T12:00:00Z", "2026-10-25T12:00:00Z");
    pend("Pacific/Apia", "\"for\":\"PT1S\"", "2011-12-30T09:59:59Z", "2011-12-30T10:00:00Z");
    pend("UTC", "\"for\":\"P1D\"", "9898-01-01T00:00:00Z", NULL);
}

static void points_of_the_idle(void)
{
    ask(points_idle, "UTC", "", "2026-01-01T00:00:00Z", NULL);
    ask(points_idle, "UTC", "\"expires\":{\"after\":\"P1Y\"}", "2026-01-01T00:00:00Z", NULL);
    ask(points_idle, "UTC", "\"expires\":{\"inactive\":\"P1M\"}", "2026-01-31T12:00:00Z",
        "2026-03-01T00:00:00Z");
    /* The ends of months are for dates of lots. */
    ask(points_idle, "UTC", "\"expires\":{\"inactive\":\"P1D\",\"after\":\"P1D\",\"at\":\"end_of_year\"}",
        "2026-01-31T12:00:00Z", "2026-02-02T00:00:00Z");
    ask(points_idle, "Europe/London", "\"expires\":{\"inactive\":\"P1D\"}", "2026-03-28T12:00:00Z",
        "2026-03-29T23:00:00Z");
    ask(points_idle, "UTC", "\"expires\":{\"inactive\":\"P1D\"}", "9898-01-01T00:00:00Z", NULL);
    /* And doing nothing gives a lot no date. */
    ask(points_expiry, "UTC", "\"expires\":{\"inactive\":\"P1Y\"}", "2026-01-01T00:00:00Z", NULL);
}

/* --- against a calendar day by day ------------------------------------------- */

static uint64_t random_state;

static int random_below(int bound)
{
    /* Knuth's MMIX generator: the same cases on every machine. */
    random_state = random_state * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return (int)((random_state >> 33) % (uint64_t)bound);
}

static bool is_leap(int year)
{
    return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
}

static int month_length(int year, int month)
{
    static const int lengths[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    return month == 2 && is_leap(year) ? 29 : lengths[month - 1];
}

static struct date tomorrow(struct date date)
{
    if (date.day < month_length(date.year, date.month))
        return (struct date){date.year, date.month, date.day + 1};
    return date.month < 12 ? (struct date){date.year, date.month + 1, 1}
                           : (struct date){date.year + 1, 1, 1};
}

static struct date slowly_add(struct date date, struct span span)
{
    for (int i = 0; i < span.months; i++)
        date = date.month < 12 ? (struct date){date.year, date.month + 1, date.day}
                               : (struct date){date.year + 1, 1, date.day};
    if (date.day > month_length(date.year, date.month))
        date.day = month_length(date.year, date.month);
    for (int i = 0; i < span.days; i++)
        date = tomorrow(date);
    return date;
}

static bool is_listed(const struct expiry *expiry, struct date date)
{
    for (size_t i = 0; i < expiry->day_count; i++) {
        struct month_day day = expiry->days[i];
        bool feigned = day.month == 2 && day.day == 29 && !is_leap(date.year);
        if (date.month == day.month && date.day == (feigned ? 28 : day.day))
            return true;
    }
    return false;
}

/* Is the date the last of what "at" says? */
static bool is_end(const struct expiry *expiry, struct date date)
{
    struct date next = tomorrow(date);
    if (expiry->day_count > 0)
        return is_listed(expiry, date);
    switch (expiry->at) {
    case END_OF_DAY:
        return true;
    case END_OF_MONTH:
        return next.day == 1;
    case END_OF_QUARTER:
        return next.day == 1 && next.month % 3 == 1;
    case END_OF_YEAR:
        return next.day == 1 && next.month == 1;
    }
    return false;
}

static bool is_after(struct date a, struct date b)
{
    return a.year != b.year     ? a.year > b.year
           : a.month != b.month ? a.month > b.month
                                : a.day > b.day;
}

/* `end` is the first moment of a later day than the last one. */
static void expect_ends_with(const struct zone *zone, moment from, struct date last, moment end)
{
    bool right = end > from && is_after(zone_date(zone, end), last) &&
                 !is_after(zone_date(zone, end - 1), last);
    if (!right)
        printf("\n    from %lld: ends %lld, not with %04d-%02d-%02d\n", (long long)from,
               (long long)end, last.year, last.month, last.day);
    CU_ASSERT_TRUE(right);
}

static struct span random_span(void)
{
    struct span span = {random_below(3) > 0 ? random_below(40) : 0, random_below(70), 0};
    return span;
}

static void random_expiry(struct expiry *expiry, struct month_day days[LIMIT_EXPIRY_DAYS])
{
    static const struct month_day edges[] = {{1, 1}, {2, 28}, {2, 29}, {3, 1}, {12, 30}, {12, 31}};
    *expiry = (struct expiry){.dated = true,
                              .idles = true,
                              .after = random_span(),
                              .inactive = random_span(),
                              .at = (enum boundary)random_below(END_OF_YEAR + 1)};
    if (random_below(2) == 0)
        return;
    /* Ascending, as the reader leaves them. */
    expiry->days = days;
    int month = 0;
    for (int i = 0; i < LIMIT_EXPIRY_DAYS && (month += 1 + random_below(4)) <= 12; i++)
        days[expiry->day_count++] =
            (struct month_day){month, 1 + random_below(month_length(2000, month))};
    if (expiry->day_count == 0 || random_below(3) == 0) {
        days[0] = edges[random_below(sizeof edges / sizeof edges[0])];
        expiry->day_count = 1;
    }
}

/* Anywhere from 1970 to 2050, often near a change of clocks. */
static moment random_moment(const struct zone *zone)
{
    const moment day = 86400000;
    moment found = random_below(29220) * day + random_below(86400) * INT64_C(1000);
    if (random_below(2) == 0)
        return found;
    for (int i = 0; i < 400; i++, found += day)
        if (zone_offset_seconds(zone, found) != zone_offset_seconds(zone, found + day))
            return found + random_below(172800) * INT64_C(1000);
    return found;
}

static const char *const zones[] = {
    "UTC",           "Europe/London",     "Europe/Dublin",       "Pacific/Apia",
    "Asia/Shanghai", "Asia/Kathmandu",    "Australia/Lord_Howe", "America/New_York",
    "America/Nuuk",  "America/Sao_Paulo", "America/Santiago",    "Africa/Casablanca"};

static void dates_of_any_points(void)
{
    struct arena arena = {0};
    struct error error = {0};
    random_state = 20260131;
    for (size_t z = 0; z < sizeof zones / sizeof zones[0]; z++) {
        const struct zone *zone = zone_read(&arena, fixture_zone(&arena, zones[z]), &error);
        CU_ASSERT_PTR_NOT_NULL_FATAL(zone);
        const struct programme programme = {.zone = zone};
        for (int i = 0; i < 1000; i++) {
            struct month_day days[LIMIT_EXPIRY_DAYS];
            struct points points = {.pending = {PENDING_RETURN_WINDOW, random_span()}};
            random_expiry(&points.expires, days);
            moment from = random_moment(zone);
            struct date date = zone_date(zone, from);
            struct date last = slowly_add(date, points.expires.after);
            while (!is_end(&points.expires, last))
                last = tomorrow(last);
            expect_ends_with(zone, from, last, points_expiry(&programme, &points, from));
            expect_ends_with(zone, from, slowly_add(date, points.expires.inactive),
                             points_idle(&programme, &points, from));
            expect_ends_with(zone, from, slowly_add(date, points.pending.span),
                             points_available(&programme, &points, from));
        }
    }
    arena_free(&arena);
}

/* Who earns later loses later: else a purchase could shorten what another gave. */
static void later_is_not_sooner(void)
{
    struct arena arena = {0};
    struct error error = {0};
    random_state = 29022028;
    for (size_t z = 0; z < sizeof zones / sizeof zones[0]; z++) {
        const struct programme programme = {
            .zone = zone_read(&arena, fixture_zone(&arena, zones[z]), &error)};
        CU_ASSERT_PTR_NOT_NULL_FATAL(programme.zone);
        for (int i = 0; i < 1000; i++) {
            struct month_day days[LIMIT_EXPIRY_DAYS];
            struct points points = {.pending = {PENDING_FOR, random_span()}};
            random_expiry(&points.expires, days);
            moment from = random_moment(programme.zone);
            moment later = from + random_below(400000) * INT64_C(1000);
            CU_ASSERT_TRUE(points_expiry(&programme, &points, from) <=
                           points_expiry(&programme, &points, later));
            CU_ASSERT_TRUE(points_available(&programme, &points, from) <=
                           points_available(&programme, &points, later));
        }
    }
    arena_free(&arena);
}

/* --- what points pay --------------------------------------------------------- */

static const struct points *paying(struct arena *arena, const char *currency, unsigned scale,
                                   const char *value)
{
    char document[512];
    snprintf(
        document, sizeof document,
        DOCUMENT("UTC", "%s", "\"points\":{\"p\":{\"tender\":{\"value\":\"%s\"},\"scale\":%u}}"),
        currency, value, scale);
    return &fixture_read(arena, "UTC", document)->points[0];
}

static void worth(const char *currency, unsigned scale, const char *value, int64_t units,
                  int64_t expected)
{
    struct arena arena = {0};
    int64_t minor = -1;
    CU_ASSERT_TRUE(points_worth(paying(&arena, currency, scale, value), units, &minor));
    test_expect_integer(value, expected, minor);
    arena_free(&arena);
}

static void worth_of_points(void)
{
    worth("JPY", 0, "1", 250, 250);
    worth("JPY", 0, "0.5", 1, 0); /* rounded down, always */
    worth("JPY", 0, "0.5", 3, 1);
    worth("JPY", 0, "0.999999", 1000000, 999999);
    worth("EUR", 0, "0.01", 99, 99);
    worth("EUR", 0, "0.0025", 399, 99);
    worth("EUR", 0, "0.0025", 400, 100);
    worth("EUR", 2, "0.01", 99, 0); /* 0.99 points */
    worth("EUR", 2, "0.01", 199, 1);
    worth("EUR", 0, "0.333333", 3, 99);
    worth("KWD", 0, "0.001", 7, 7);
    worth("KWD", 2, "0.005", 1999, 99); /* 19.99 points are 0.09995 */
    worth("KWD", 6, "1.5", 1, 0);
    worth("KWD", 6, "1.5", 667, 1);
    worth("KWD", 6, "1.5", 666, 0);
    worth("EUR", 0, "0.01", 0, 0);
}

static void worth_of_too_many(void)
{
    struct arena arena = {0};
    int64_t minor = -1;
    const struct points *dear = paying(&arena, "KWD", 0, "1000000");
    CU_ASSERT_TRUE(points_worth(dear, 9007199, &minor));
    test_expect_integer("the most", INT64_C(9007199000000000), minor);
    CU_ASSERT_FALSE(points_worth(dear, 9007200, &minor));
    CU_ASSERT_FALSE(points_worth(dear, LIMIT_UNITS, &minor));
    test_expect_integer("and not a wrap", INT64_C(9007199000000000), minor);
    arena_free(&arena);
}

static wide slowly_power(unsigned exponent)
{
    return exponent == 0 ? 1 : 10 * slowly_power(exponent - 1);
}

/* floor(points x value), unreduced; and more points are never worth less. */
static void worth_of_any_points(void)
{
    static const char *const currencies[] = {"JPY", "EUR", "KWD"};
    static const unsigned digits[] = {0, 2, 3}, scales[] = {0, 2, 3};
    struct arena arena = {0};
    random_state = 5;
    for (int i = 0; i < 300; i++) {
        char value[32];
        int c = random_below(3), millionths = 1 + random_below(2000000);
        unsigned scale = scales[random_below(3)];
        snprintf(value, sizeof value, "%d.%06d", millionths / 1000000, millionths % 1000000);
        const struct points *points = paying(&arena, currencies[c], scale, value);
        int64_t before = 0;
        for (int64_t units = 1; units < INT64_C(1000000000000);
             units = units * 3 + random_below(3)) {
            int64_t minor = -1;
            wide exact =
                (wide)units * millionths * slowly_power(digits[c]) / slowly_power(6 + scale);
            CU_ASSERT_TRUE(points_worth(points, units, &minor));
            test_expect_integer(value, (long long)exact, minor);
            CU_ASSERT_TRUE(minor >= before);
            before = minor;
        }
    }
    arena_free(&arena);
}

const struct test_case life_cases[] = {
    {"listed_days", listed_days},
    {"the_29th_of_february", the_29th_of_february},
    {"listed_days_are_local", listed_days_are_local},
    {"listed_days_at_the_end_of_time", listed_days_at_the_end_of_time},
    {"points_that_are_pending", points_that_are_pending},
    {"points_of_the_idle", points_of_the_idle},
    {"dates_of_any_points", dates_of_any_points},
    {"later_is_not_sooner", later_is_not_sooner},
    {"worth_of_points", worth_of_points},
    {"worth_of_too_many", worth_of_too_many},
    {"worth_of_any_points", worth_of_any_points},
    {NULL, NULL},
};
