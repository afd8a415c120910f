/* Zones against an independent reading of the same files (offsets.txt, made with
 * Python's zoneinfo), against laws that hold in every zone, and against bytes that
 * are not a zone. */
#include "civil.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "suite.h"

#define FOLDER TEST_DATA "/vectors/zoneinfo/"
#define DAY INT64_C(86400000)

static const char *const names[] = {"Africa/Casablanca", "America/New_York",    "America/Nuuk",
                                    "America/Santiago",  "America/Sao_Paulo",   "Asia/Kathmandu",
                                    "Asia/Shanghai",     "Australia/Lord_Howe", "Europe/Dublin",
                                    "Europe/London",     "Pacific/Apia",        "UTC"};
enum { NAMES = sizeof names / sizeof names[0] };

static const struct zone *open_zone(struct arena *arena, const char *name)
{
    char path[512];
    size_t length = 0;
    struct error error = {0};
    snprintf(path, sizeof path, "%s%s", FOLDER, name);
    char *bytes = test_read_file(path, &length);
    CU_ASSERT_PTR_NOT_NULL_FATAL(bytes);
    const struct zone *zone = zone_read(arena, (struct text){bytes, length}, &error);
    if (zone == NULL)
        printf("\n    %s: %s\n", name, error.message);
    CU_ASSERT_PTR_NOT_NULL_FATAL(zone);
    free(bytes); /* the zone does not need them */
    return zone;
}

/* ---- the table of an independent reader --------------------------------------- */

struct table_walk {
    const struct zone *zone;
    const char *name;
    int64_t from, offset;
    long checked, wrong;
};

static void expect_offset(struct table_walk *walk, int64_t milliseconds, int64_t offset)
{
    int got = zone_offset_seconds(walk->zone, milliseconds);
    walk->checked++;
    if (got != offset && walk->wrong++ < 5)
        printf("\n    %s at %lld ms: expected %lld, got %d\n", walk->name, (long long)milliseconds,
               (long long)offset, got);
}

/* Local time and back gives the same moment, or the earlier one that shows it. */
static bool returns(const struct zone *zone, moment at)
{
    struct civil civil, again;
    moment back = 0;
    zone_to_civil(zone, at, &civil);
    if (!zone_from_civil(zone, civil, &back) || back > at)
        return false;
    zone_to_civil(zone, back, &again);
    return back == at || (at - back <= DAY && memcmp(&civil, &again, sizeof civil) == 0 &&
                          zone_offset_seconds(zone, back) > zone_offset_seconds(zone, at));
}

/* The whole stretch up to `until` has one offset; around both its ends local times
 * return. */
static void check_stretch(struct table_walk *walk, int64_t until)
{
    const int64_t parts = 7;
    const int64_t near[] = {walk->from * 1000, walk->from * 1000 + 1799999, until * 1000 - 1800000,
                            until * 1000 - 1};
    for (size_t i = 0; i < sizeof near / sizeof near[0]; i++)
        walk->wrong += !returns(walk->zone, near[i]);
    expect_offset(walk, walk->from * 1000, walk->offset);
    expect_offset(walk, until * 1000 - 1, walk->offset);
    for (int64_t i = 1; i < parts; i++)
        expect_offset(walk, (walk->from + (until - walk->from) / parts * i) * 1000, walk->offset);
}

static void check_table_line(struct table_walk *walk, struct arena *arena, char *line)
{
    long long at, offset;
    if (line[0] == '#')
        return;
    if (strncmp(line, "zone ", 5) == 0) {
        walk->name = line + 5;
        walk->zone = open_zone(arena, walk->name);
    } else if (sscanf(line, "from %lld %lld", &at, &offset) == 2) {
        walk->from = at;
        walk->offset = offset;
    } else if (sscanf(line, "until %lld", &at) == 1) {
        check_stretch(walk, at);
    } else if (sscanf(line, "%lld %lld", &at, &offset) == 2) {
        check_stretch(walk, at);
        walk->from = at;
        walk->offset = offset;
    } else {
        CU_FAIL_FATAL("a line of offsets.txt that is not known");
    }
}

static void offsets_agree_with_an_independent_reader(void)
{
    struct arena arena = {0};
    struct table_walk walk = {0};
    char *text = test_read_file(FOLDER "offsets.txt", NULL);
    CU_ASSERT_PTR_NOT_NULL_FATAL(text);
    for (char *line = text, *next; line[0] != '\0'; line = next) {
        char *end = strchr(line, '\n');
        CU_ASSERT_PTR_NOT_NULL_FATAL(end);
        *end = '\0';
        next = end + 1;
        check_table_line(&walk, &arena, line);
    }
    test_expect_integer("wrong offsets and returns", 0, walk.wrong);
    CU_ASSERT_TRUE(walk.checked > 50000);
    free(text);
    arena_free(&arena);
}

/* ---- laws ------------------------------------------------------------------- */

static void local_times_return(void)
{
    struct arena arena = {0};
    for (size_t i = 0; i < NAMES; i++) {
        const struct zone *zone = open_zone(&arena, names[i]);
        long wrong = 0;
        for (moment at = INT64_C(-5364662400000); at < INT64_C(16725225600000);
             at += INT64_C(25999999))
            wrong += !returns(zone, at);
        for (moment at = MOMENT_LAST - 1000 * DAY; at <= MOMENT_LAST - 2 * DAY; at += 5999999)
            wrong += !returns(zone, at);
        test_expect_integer(names[i], 0, wrong);
    }
    arena_free(&arena);
}

/* Days begin in order, each on its own date and not a moment later. */
static void days_begin_in_order(void)
{
    struct arena arena = {0};
    for (size_t i = 0; i < NAMES; i++) {
        const struct zone *zone = open_zone(&arena, names[i]);
        long wrong = 0, skipped = 0;
        moment before = MOMENT_FIRST - 3 * DAY;
        for (int64_t days = -62091; days < 193600; days++) {
            moment start = zone_day_start(zone, date_from_days(days));
            int64_t shown = date_to_days(zone_date(zone, start));
            int64_t earlier = date_to_days(zone_date(zone, start - 1));
            wrong += start < before || earlier >= days;
            skipped += shown != days;
            before = start;
        }
        test_expect_integer(names[i], 0, wrong);
        test_expect_integer(names[i], strcmp(names[i], "Pacific/Apia") == 0, skipped);
    }
    arena_free(&arena);
}

/* What is written with an offset is read back as the same moment, also before
 * standard time and at both ends of the calendar. */
static void written_moments_return(void)
{
    struct arena arena = {0};
    struct buffer buffer = {0};
    for (size_t i = 0; i < NAMES; i++) {
        const struct zone *zone = open_zone(&arena, names[i]);
        long wrong = 0;
        for (moment at = MOMENT_FIRST; at <= MOMENT_LAST; at += INT64_C(12345678901)) {
            moment again = 0;
            struct error error = {0};
            buffer_clear(&buffer);
            moment_format_local(&buffer, zone, at);
            wrong += !moment_parse(buffer_view(&buffer), NULL, &again, &error) || again != at;
        }
        test_expect_integer(names[i], 0, wrong);
    }
    buffer_free(&buffer);
    arena_free(&arena);
}

/* ---- what people meet --------------------------------------------------------- */

static moment at_utc(const char *text)
{
    moment at = 0;
    struct error error = {0};
    CU_ASSERT_TRUE(moment_parse(text_of(text), NULL, &at, &error));
    return at;
}

static void expect_shown(const struct zone *zone, const char *expected, moment at)
{
    struct buffer buffer = {0};
    moment_format_local(&buffer, zone, at);
    test_expect_text("shown", expected, strlen(expected), buffer.bytes, buffer.length);
    buffer_free(&buffer);
}

static void expect_parsed(const struct zone *zone, const char *text, const char *expected)
{
    moment at = 0;
    struct error error = {0};
    test_expect_integer(text, true, moment_parse(text_of(text), zone, &at, &error));
    test_expect_integer(text, at_utc(expected), at);
}

static void expect_refused(const struct zone *zone, const char *text)
{
    moment at = 0;
    struct error error = {0};
    test_expect_integer(text, false, moment_parse(text_of(text), zone, &at, &error));
    test_expect_integer(text, ERROR_INVALID_TIME, error.code);
    CU_ASSERT_PTR_NOT_NULL(strstr(error.message, "clocks were put forward"));
}

static void local_times_are_read(void)
{
    struct arena arena = {0};
    const struct zone *london = open_zone(&arena, "Europe/London");
    const struct zone *apia = open_zone(&arena, "Pacific/Apia");
    const struct zone *sao_paulo = open_zone(&arena, "America/Sao_Paulo");
    expect_parsed(london, "2026-07-01 12:00", "2026-07-01T11:00:00Z");
    expect_parsed(london, "2026-07-01", "2026-06-30T23:00:00Z");
    expect_parsed(london, "2026-07-01T12:00:00+08:00", "2026-07-01T04:00:00Z");
    expect_refused(london, "2026-03-29T01:00:00");
    expect_refused(london, "2026-03-29T01:59:59.999");
    expect_parsed(london, "2026-03-29T02:00", "2026-03-29T01:00:00Z");
    expect_parsed(london, "2026-10-25T01:30", "2026-10-25T00:30:00Z"); /* the earlier */
    expect_parsed(london, "2026-10-25T02:00", "2026-10-25T02:00:00Z");
    expect_parsed(apia, "2011-12-29T23:59:59", "2011-12-30T09:59:59Z");
    expect_refused(apia, "2011-12-30");
    expect_refused(apia, "2011-12-30T12:00");
    expect_parsed(apia, "2011-12-31", "2011-12-30T10:00:00Z");
    expect_refused(sao_paulo, "2018-11-04T00:30");
    expect_parsed(sao_paulo, "2018-11-04", "2018-11-04T03:00:00Z"); /* begins at 01:00 */
    arena_free(&arena);
}

static void moments_are_shown(void)
{
    struct arena arena = {0};
    const struct zone *shanghai = open_zone(&arena, "Asia/Shanghai");
    expect_shown(shanghai, "2026-11-21T18:30:00+08:00", at_utc("2026-11-21T10:30:00Z"));
    expect_shown(shanghai, "1890-01-01T08:05:00+08:05", at_utc("1890-01-01T00:00:00Z"));
    expect_shown(shanghai, "9999-12-31T23:59:59.999Z", MOMENT_LAST); /* year 10000 there */
    expect_shown(open_zone(&arena, "Australia/Lord_Howe"), "2026-06-01T10:30:00+10:30",
                 at_utc("2026-06-01T00:00:00Z"));
    expect_shown(open_zone(&arena, "America/New_York"), "2026-12-31T19:00:00-05:00",
                 at_utc("2027-01-01T00:00:00Z"));
    expect_shown(open_zone(&arena, "America/Nuuk"), "2026-03-29T00:00:00-01:00",
                 at_utc("2026-03-29T01:00:00Z"));
    arena_free(&arena);
}

static void spans_keep_the_local_clock(void)
{
    struct arena arena = {0};
    const struct zone *london = open_zone(&arena, "Europe/London");
    const struct span day = {.days = 1}, month = {.months = 1}, hours = {.milliseconds = DAY};
    moment before = at_utc("2026-03-28T12:00:00Z");
    expect_shown(london, "2026-03-29T12:00:00+01:00", zone_add(london, before, day));
    expect_shown(london, "2026-03-29T13:00:00+01:00", zone_add(london, before, hours));
    expect_shown(london, "2026-02-28T10:00:00+00:00",
                 zone_add(london, at_utc("2026-01-31T10:00:00Z"), month));
    /* 01:30 is left out that night: the end of the gap */
    expect_shown(london, "2026-03-29T02:00:00+01:00",
                 zone_add(london, at_utc("2026-03-28T01:30:00Z"), day));
    /* no months or days: a moment in the second 01:30 stays where it is */
    moment second = at_utc("2026-10-25T01:30:00Z");
    test_expect_integer("empty span", second, zone_add(london, second, (struct span){0}));
    test_expect_integer("never", MOMENT_NEVER, zone_add(london, MOMENT_NEVER, month));
    test_expect_integer("last", MOMENT_LAST, zone_add(london, MOMENT_LAST - 5, hours));
    arena_free(&arena);
}

/* ---- made bytes ----------------------------------------------------------------- */

struct made {
    char version;
    unsigned counts[6]; /* UT flags, standard flags, leaps, transitions, types, characters */
    int64_t times[3];
    unsigned char indexes[3];
    int32_t offsets[2];
    const char *footer;
};
static const struct made plain = {'2', {0, 0, 0, 0, 1, 4}, {0}, {0}, {0, 3600}, "UTC0"};

static void add_big_endian(struct buffer *buffer, uint64_t value, int bytes)
{
    while (bytes-- > 0)
        buffer_byte(buffer, (char)(value >> (8 * bytes) & 0xff));
}

static void add_header(struct buffer *buffer, char version, const unsigned counts[6])
{
    buffer_add(buffer, "TZif", 4);
    buffer_byte(buffer, version);
    for (int i = 0; i < 15; i++)
        buffer_byte(buffer, '\0');
    for (int i = 0; i < 6; i++)
        add_big_endian(buffer, counts[i], 4);
}

static void make_bytes(const struct made *made, struct buffer *buffer)
{
    static const unsigned none[6] = {0};
    add_header(buffer, made->version, none);
    add_header(buffer, made->version, made->counts);
    for (unsigned i = 0; i < made->counts[3]; i++)
        add_big_endian(buffer, (uint64_t)made->times[i], 8);
    buffer_add(buffer, made->indexes, made->counts[3]);
    for (unsigned i = 0; i < made->counts[4]; i++) {
        add_big_endian(buffer, (uint32_t)made->offsets[i], 4);
        buffer_add(buffer, "\0\0", 2);
    }
    buffer_add(buffer, "ABC", made->counts[5] < 4 ? made->counts[5] : 4);
    for (unsigned i = 0; i < made->counts[2] * 12 + made->counts[0] + made->counts[1]; i++)
        buffer_byte(buffer, '\0');
    buffer_byte(buffer, '\n');
    buffer_string(buffer, made->footer);
    buffer_byte(buffer, '\n');
}

static const struct zone *read_made(struct arena *arena, const struct made *made,
                                    struct error *error)
{
    struct buffer buffer = {0};
    make_bytes(made, &buffer);
    const struct zone *zone = zone_read(arena, buffer_view(&buffer), error);
    buffer_free(&buffer);
    return zone;
}

static void footers_are_understood(void)
{
    static const struct {
        const char *footer, *moment;
        int offset;
    } cases[] = {
        {"UTC0", "2026-01-01T00:00:00Z", 0},
        {"<+0330>-3:30", "2026-01-01T00:00:00Z", 12600},
        {"AAA-1:02:03", "2026-01-01T00:00:00Z", 3723},
        {"<-03>3", "9999-01-01T00:00:00Z", -10800},
        {"EST5EDT,M3.2.0,M11.1.0", "2026-03-08T06:59:59Z", -18000},
        {"EST5EDT,M3.2.0,M11.1.0", "2026-03-08T07:00:00Z", -14400},
        {"EST5EDT,M3.2.0,M11.1.0", "2026-11-01T05:59:59Z", -14400},
        {"EST5EDT,M3.2.0,M11.1.0", "2026-11-01T06:00:00Z", -18000},
        {"AEST-10AEDT,M10.1.0,M4.1.0/3", "2026-01-01T00:00:00Z", 39600}, /* over new year */
        {"IST-1GMT0,M10.5.0,M3.5.0/1", "2026-01-01T00:00:00Z", 0},       /* negative saving */
        {"IST-1GMT0,M10.5.0,M3.5.0/1", "2026-07-01T00:00:00Z", 3600},
        {"EET-2EEST,M3.4.4/50,M10.4.4/50", "2026-03-27T23:59:59Z", 7200},
        {"EET-2EEST,M3.4.4/50,M10.4.4/50", "2026-03-28T00:00:00Z", 10800},
        {"<-02>2<-01>,M3.5.0/-1,M10.5.0/0", "2026-03-29T00:59:59Z", -7200},
        {"<-02>2<-01>,M3.5.0/-1,M10.5.0/0", "2026-03-29T01:00:00Z", -3600},
        /* J60 is 1 March in every year, 60 is 29 February or 1 March */
        {"AAA0BBB,J60/0,J300/0", "2024-02-29T23:59:59Z", 0},
        {"AAA0BBB,J60/0,J300/0", "2024-03-01T00:00:00Z", 3600},
        {"AAA0BBB,J60/0,J300/0", "2025-03-01T00:00:00Z", 3600},
        {"AAA0BBB,J59/0,J300/0", "2024-02-28T00:00:00Z", 3600},
        {"AAA0BBB,59/0,300/0", "2024-02-28T23:59:59Z", 0},
        {"AAA0BBB,59/0,300/0", "2024-02-29T00:00:00Z", 3600},
        {"AAA0BBB,59/0,300/0", "2025-03-01T00:00:00Z", 3600},
        {"AAA0BBB,59/0,300/0", "2025-02-28T23:59:59Z", 0},
        /* all year (RFC 8536 section 3.3.1) */
        {"XXX3EDT4,0/0,J365/23", "2026-01-01T00:00:00Z", -14400},
        {"XXX3EDT4,0/0,J365/23", "2026-12-31T23:59:59Z", -14400},
        {"XXX3EDT4,0/0,J365/23", "2026-12-31T03:00:00Z", -14400},
        {"AAA0BBB,J1/-167,J365/167", "2026-06-01T00:00:00Z", 3600},
        {"AAA0BBB,J100,J100", "2026-01-01T00:00:00Z", 3600}, /* ends before it begins: */
        {"AAA0BBB,J100,J100", "2026-04-10T01:30:00Z", 0},    /* an hour of standard time */
    };
    struct arena arena = {0};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct error error = {0};
        struct made made = plain;
        made.footer = cases[i].footer;
        const struct zone *zone = read_made(&arena, &made, &error);
        if (zone == NULL)
            printf("\n    %s: %s\n", cases[i].footer, error.message);
        CU_ASSERT_PTR_NOT_NULL_FATAL(zone);
        test_expect_integer(cases[i].footer, cases[i].offset,
                            zone_offset_seconds(zone, at_utc(cases[i].moment)));
    }
    arena_free(&arena);
}

static void footers_are_refused(void)
{
    static const char *const refused[] = {"U0",
                                          "UTC",
                                          "UTC25",
                                          "UTC0 ",
                                          " UTC0",
                                          "UTC0:60",
                                          "UTC0:00:60",
                                          "UTC+",
                                          "UT1C0",
                                          "<UTC0",
                                          "<+3>-3",
                                          "<+_3>-3",
                                          "UTC0UTD",
                                          "UTC0UTD,",
                                          "UTC0UTD,J1",
                                          "UTC0UTD,J0,J2",
                                          "UTC0UTD,J366,J2",
                                          "UTC0UTD,366,2",
                                          "UTC0UTD,M0.1.0,J2",
                                          "UTC0UTD,M13.1.0,J2",
                                          "UTC0UTD,M1.0.0,J2",
                                          "UTC0UTD,M1.6.0,J2",
                                          "UTC0UTD,M1.1.7,J2",
                                          "UTC0UTD,M1.1,J2",
                                          "UTC0UTD,J1/168,J2",
                                          "UTC0UTD,J1/-168,J2",
                                          "UTC0UTD,J1/,J2",
                                          "UTC0UTD,J1,J2,",
                                          "UTC0UTD,J1,J2/1:",
                                          ":Europe/London",
                                          "UTC0\nUTC0",
                                          "UTC0UTD25,J1,J2",
                                          "UTC000"};
    struct arena arena = {0};
    for (size_t i = 0; i < sizeof refused / sizeof refused[0]; i++) {
        struct error error = {0};
        struct made made = plain;
        made.footer = refused[i];
        test_expect_integer(refused[i], false, read_made(&arena, &made, &error) != NULL);
        test_expect_integer(refused[i], ERROR_INVALID_ZONE, error.code);
    }
    arena_free(&arena);
}

static void expect_made(const char *what, bool accepted, struct made made)
{
    struct arena arena = {0};
    struct error error = {0};
    bool got = read_made(&arena, &made, &error) != NULL;
    test_expect_integer(what, accepted, got);
    if (!got)
        test_expect_integer(what, ERROR_INVALID_ZONE, error.code);
    arena_free(&arena);
}

static void bytes_are_checked(void)
{
    struct made made = plain;
    expect_made("plain", true, made);
    made.footer = "";
    expect_made("no footer text", true, made);
    static const char versions[] = {'\0', '1', '5', 'x'};
    for (size_t i = 0; i < sizeof versions; i++) {
        made = plain;
        made.version = versions[i];
        expect_made("version", false, made);
    }
    made = (struct made){'3', {1, 1, 0, 2, 2, 4}, {5, 9}, {1, 0}, {0, 3600}, "UTC0"};
    made.counts[0] = made.counts[1] = 2;
    expect_made("two transitions", true, made);
    made.footer = "ABC-1";
    expect_made("contradicting footer", false, made);
    made.footer = "UTC0";
    made.indexes[0] = 2;
    expect_made("index", false, made);
    made.indexes[0] = 1;
    made.times[1] = 5;
    expect_made("not ascending", false, made);
    made.times[1] = INT64_MAX;
    expect_made("far future", false, made);
    made.times[1] = 9;
    made.times[0] = INT64_MIN;
    expect_made("far past", false, made);
    made.times[0] = 5;
    made.offsets[1] = 93600;
    expect_made("offset", false, made);
    made.offsets[1] = INT32_MIN;
    expect_made("least offset", false, made);
    made.offsets[1] = -89999;
    expect_made("offset at the bound", true, made);
    /* each count wrong in turn */
    static const unsigned counts[][6] = {{1, 2, 0, 2, 2, 4}, {2, 1, 0, 2, 2, 4},
                                         {0, 0, 1, 0, 1, 4}, {0, 0, 0, 0, 0, 4},
                                         {0, 0, 0, 0, 1, 0}, {0, 0, 0, 0, 1, 3}};
    for (size_t i = 0; i < sizeof counts / sizeof counts[0]; i++) {
        made = (struct made){'2', {0}, {5, 9}, {1, 0}, {0, 3600}, "UTC0"};
        memcpy(made.counts, counts[i], sizeof made.counts);
        expect_made("counts", false, made);
    }
}

/* No file is accepted when cut, lengthened, or given enormous counts. */
static void every_cut_is_refused(void)
{
    struct arena arena = {0};
    size_t length = 0;
    char *bytes = test_read_file(FOLDER "Australia/Lord_Howe", &length);
    CU_ASSERT_PTR_NOT_NULL_FATAL(bytes);
    long accepted = 0;
    for (size_t cut = 0; cut < length; cut++) {
        struct error error = {0};
        char *exact = memory_allocate(cut + 1); /* so that a sanitizer sees one byte too far */
        exact = memory_resize(exact, cut > 0 ? cut : 1);
        memcpy(exact, bytes, cut);
        accepted += zone_read(&arena, (struct text){exact, cut}, &error) != NULL;
        free(exact);
    }
    for (size_t i = 20; i < 44; i++) {
        struct error error = {0};
        char kept = bytes[i];
        bytes[i] = (char)0xff;
        accepted += zone_read(&arena, (struct text){bytes, length}, &error) != NULL;
        bytes[i] = kept;
    }
    test_expect_integer("accepted", 0, accepted);
    free(bytes);
    arena_free(&arena);
}

static void names_are_checked(void)
{
    static const char *const refused[] = {
        "",
        "/etc/passwd",
        "../zoneinfo/UTC",
        "Europe/../UTC",
        "Europe//London",
        "Europe/",
        "./UTC",
        "Europe/London ",
        "Europe/Lond\xc3\xb6n",
        "Europe",
        "Nowhere/Atall",
        "zone.tab",
        "+1",
        "A23456789012345678901234567890123456789012345678901234567890123456789"};
    struct buffer bytes = {0};
    for (size_t i = 0; i < sizeof refused / sizeof refused[0]; i++) {
        struct error error = {0};
        test_expect_integer(refused[i], false, zone_load_system(refused[i], &bytes, &error));
        test_expect_integer(refused[i], ERROR_INVALID_ZONE, error.code);
    }
    test_expect_integer("nothing was added", 0, (long long)bytes.length);
    buffer_free(&bytes);
}

const struct test_case zone_cases[] = {
    {"offsets_agree_with_an_independent_reader", offsets_agree_with_an_independent_reader},
    {"local_times_return", local_times_return},
    {"days_begin_in_order", days_begin_in_order},
    {"written_moments_return", written_moments_return},
    {"local_times_are_read", local_times_are_read},
    {"moments_are_shown", moments_are_shown},
    {"spans_keep_the_local_clock", spans_keep_the_local_clock},
    {"footers_are_understood", footers_are_understood},
    {"footers_are_refused", footers_are_refused},
    {"bytes_are_checked", bytes_are_checked},
    {"every_cut_is_refused", every_cut_is_refused},
    {"names_are_checked", names_are_checked},
    {NULL, NULL},
};
