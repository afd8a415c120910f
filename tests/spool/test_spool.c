/* The spool: what was written is read, what was cut short is cut off, what was changed
 * is told, and nobody else has the pen. */
#define _GNU_SOURCE
#include "file.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "suite.h"

static void expect_string(const char *what, const char *expected, struct text actual)
{
    test_expect_text(what, expected, strlen(expected), actual.bytes, actual.length);
}

/* --- A file to read --------------------------------------------------------------- */

static const char *const requests[] = {
    "{\"op\":\"purchase\",\"receipt\":\"1\",\"amount\":\"5.00\"}",
    "{ \"op\" : \"redeem\",\n\"ref\":\"V \\\" {}\" ,\"points\":5}",
    "{\"op\":\"return\",\"ref\":\"退\",\"all\":true}"};
enum { REQUESTS = sizeof requests / sizeof *requests, LINES = 4 };

static struct spool_entry entry_of(const char *request, const char *at)
{
    return (struct spool_entry){
        .spooled = INT64_C(1795507200123), .request = text_of(request), .at = text_of(at)};
}

/* Four lines: three requests, then the answers of two. */
static void write_spool(struct buffer *out)
{
    struct spool spool = {0};
    buffer_text(out, spool_first_line());
    for (size_t i = 0; i < REQUESTS; i++) {
        struct spool_entry entry = entry_of(requests[i], i == 0 ? "2026-11-24T08:00:00Z" : NULL);
        spool_write_entry(&spool, &entry, out);
        spool.count++;
        spool.lines++;
    }
    struct spool_entry answered[2] = {
        {.number = 1, .state = SPOOL_DONE, .seq = 17, .duplicate = true},
        {.number = 2,
         .state = SPOOL_REFUSED,
         .code = text_of("insufficient_points"),
         .message = text_of("too \"few\"\n")}};
    spool_write_answers(&spool, answered, 2, out);
}

static bool read_bytes(struct arena *arena, struct text bytes, struct spool *spool,
                       struct error *error)
{
    *error = (struct error){0};
    return spool_read(arena, bytes, spool, error);
}

static void what_was_written_is_read(void)
{
    struct buffer file = {0};
    struct arena arena = {0};
    struct spool spool;
    struct error error;
    write_spool(&file);
    CU_ASSERT_TRUE_FATAL(read_bytes(&arena, buffer_view(&file), &spool, &error));
    test_expect_integer("entries", REQUESTS, (long long)spool.count);
    test_expect_integer("lines", LINES, spool.lines);
    test_expect_integer("all of it", (long long)file.length, (long long)spool.good);
    test_expect_integer("waiting", 1, (long long)spool.waiting);
    test_expect_integer("done", 1, (long long)spool.done);
    test_expect_integer("refused", 1, (long long)spool.refused);
    const struct spool_entry *entry = spool.entries;
    test_expect_integer("record", 17, entry[0].seq);
    CU_ASSERT_TRUE(entry[0].duplicate);
    expect_string("at", "2026-11-24T08:00:00Z", entry[0].at);
    expect_string("code", "insufficient_points", entry[1].code);
    expect_string("message", "too \"few\"\n", entry[1].message);
    test_expect_integer("when", INT64_C(1795507200123), entry[2].spooled);
    expect_string("sent with the time",
                  "{\"op\":\"purchase\",\"receipt\":\"1\",\"amount\":\"5.00\",\"at\":\"2026-11-"
                  "24T08:00:00Z\"}",
                  spool_request(&arena, &entry[0], true));
    expect_string("sent without", requests[0], spool_request(&arena, &entry[0], false));
    expect_string("in one line", "{\"op\":\"redeem\",\"ref\":\"V \\\" {}\",\"points\":5}",
                  spool_request(&arena, &entry[1], true));
    expect_string("nothing is added", requests[2], spool_request(&arena, &entry[2], true));
    arena_free(&arena);
    buffer_free(&file);
}

/* Of a file cut anywhere the whole lines are there, and never a part of one. */
static void cut_at_every_byte(void)
{
    struct buffer file = {0};
    write_spool(&file);
    for (size_t length = 0; length <= file.length; length++) {
        struct arena arena = {0};
        struct spool spool;
        struct error error;
        size_t whole = length;
        while (whole > 0 && file.bytes[whole - 1] != '\n')
            whole--;
        CU_ASSERT_TRUE(read_bytes(&arena, (struct text){file.bytes, length}, &spool, &error));
        CU_ASSERT_EQUAL(spool.good, whole);
        CU_ASSERT_EQUAL(spool.torn, length - whole);
        CU_ASSERT_EQUAL(spool.count, spool.waiting + spool.done + spool.refused);
        arena_free(&arena);
    }
    buffer_free(&file);
}

/* A byte that is not what was written never makes another spool. */
static void changed_at_every_byte(void)
{
    struct buffer file = {0};
    write_spool(&file);
    for (size_t i = 0; i < file.length; i++) {
        for (unsigned bit = 0; bit < 8; bit++) {
            struct arena arena = {0};
            struct spool spool;
            struct error error;
            file.bytes[i] = (char)(file.bytes[i] ^ (1 << bit));
            bool good = read_bytes(&arena, buffer_view(&file), &spool, &error);
            bool unended = i == file.length - 1 && spool.torn > 0 && spool.waiting == 3;
            CU_ASSERT_TRUE(good ? unended /* the last line feed */
                                : error.code == ERROR_SPOOL_DAMAGED ||
                                      error.code == ERROR_NOT_A_SPOOL);
            file.bytes[i] = (char)(file.bytes[i] ^ (1 << bit));
            arena_free(&arena);
        }
    }
    buffer_free(&file);
}

static struct text line_of(const struct buffer *file, size_t number)
{
    const char *from = file->bytes;
    for (; number > 0; number--)
        from = strchr(from, '\n') + 1;
    return (struct text){from, (size_t)(strchr(from, '\n') - from) + 1};
}

/* Lines left out, doubled or in another order: which line says it first. */
static void other_lines(void)
{
    static const struct {
        const char *order;
        unsigned line;
    } cases[] = {{"0134", 3}, {"0124", 4}, {"01134", 3}, {"0213", 2}, {"01243", 4}, {"012344", 6}};
    struct buffer file = {0};
    write_spool(&file);
    buffer_terminate(&file);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct buffer other = {0};
        struct arena arena = {0};
        struct spool spool;
        struct error error;
        for (const char *c = cases[i].order; *c != '\0'; c++)
            buffer_text(&other, line_of(&file, (size_t)(*c - '0')));
        CU_ASSERT_FALSE(read_bytes(&arena, buffer_view(&other), &spool, &error));
        test_expect_integer(cases[i].order, ERROR_SPOOL_DAMAGED, error.code);
        test_expect_integer(cases[i].order, cases[i].line, error.line);
        test_expect_integer("what stands before it is read", cases[i].line - 2, spool.lines);
        buffer_free(&other);
        arena_free(&arena);
    }
    buffer_free(&file);
}

static void other_files(void)
{
    static const char *const texts[] = {"SQLite format 3", "loyalty-spool 2\n", "\n", "x",
                                        "loyalty-spool 1\r\n"};
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        struct arena arena = {0};
        struct spool spool;
        struct error error;
        CU_ASSERT_FALSE(read_bytes(&arena, text_of(texts[i]), &spool, &error));
        test_expect_integer(texts[i], ERROR_NOT_A_SPOOL, error.code);
        test_expect_integer("nothing to cut off", 0, (long long)spool.torn);
        arena_free(&arena);
    }
}

/* --- On the disk ------------------------------------------------------------------- */

struct place {
    char folder[64], path[96];
};

static struct place new_place(void)
{
    struct place place;
    snprintf(place.folder, sizeof place.folder, "/tmp/test-spool-XXXXXX");
    CU_ASSERT_PTR_NOT_NULL_FATAL(mkdtemp(place.folder));
    snprintf(place.path, sizeof place.path, "%s/till.spool", place.folder);
    return place;
}

static void drop(const struct place *place)
{
    unlink(place->path);
    rmdir(place->folder);
}

/* The number of the entry, or 0 with the error. */
static int64_t add(const char *path, const char *request, struct error *error)
{
    struct spool_file file;
    struct buffer line = {0};
    struct spool_entry entry = entry_of(request, NULL);
    int64_t number = 0;
    if (spool_open(&file, path, SPOOL_ADD, 0, error)) {
        number = (int64_t)file.spool.count + 1;
        spool_write_entry(&file.spool, &entry, &line);
        if (!spool_append(&file, buffer_view(&line), error))
            number = 0;
    }
    spool_close(&file);
    buffer_free(&line);
    return number;
}

static void put(const char *path, const char *bytes, size_t length)
{
    FILE *file = fopen(path, "wb");
    CU_ASSERT_PTR_NOT_NULL_FATAL(file);
    CU_ASSERT_EQUAL(fwrite(bytes, 1, length, file), length);
    CU_ASSERT_EQUAL(fclose(file), 0);
}

/* Whatever a kill left behind: the next line stands behind the last whole one. */
static void added_after_a_cut_at_every_byte(void)
{
    struct place place = new_place();
    struct buffer whole = {0};
    write_spool(&whole);
    for (size_t length = 0; length <= whole.length; length++) {
        struct spool_file file;
        struct error error = {0};
        struct spool spool;
        struct arena arena = {0};
        put(place.path, whole.bytes, length);
        CU_ASSERT_TRUE(read_bytes(&arena, (struct text){whole.bytes, length}, &spool, &error));
        test_expect_integer("its number", (long long)spool.count + 1,
                            add(place.path, requests[0], &error));
        CU_ASSERT_TRUE_FATAL(spool_open(&file, place.path, SPOOL_LOOK, 0, &error));
        test_expect_integer("entries", (long long)spool.count + 1, (long long)file.spool.count);
        test_expect_integer("answered", (long long)spool.done, (long long)file.spool.done);
        test_expect_integer("torn", 0, (long long)file.spool.torn);
        expect_string("whole", requests[0], file.spool.entries[spool.count].request);
        spool_close(&file);
        arena_free(&arena);
    }
    buffer_free(&whole);
    drop(&place);
}

static void looking_changes_nothing(void)
{
    struct place place = new_place();
    struct spool_file file;
    struct error error = {0};
    struct stat status;
    CU_ASSERT_FALSE(spool_open(&file, place.path, SPOOL_LOOK, 0, &error));
    test_expect_integer("no file", ERROR_NO_FILE, error.code);
    CU_ASSERT_FALSE(spool_open(&file, place.path, SPOOL_MARK, 0, &error));
    test_expect_integer("no file to mark", ERROR_NO_FILE, error.code);
    spool_close(&file);
    test_expect_integer("the first", 1, add(place.path, requests[0], &error));
    CU_ASSERT_EQUAL(stat(place.path, &status), 0);
    test_expect_integer("nobody else may read it", 0600, status.st_mode & 0777);
    FILE *more = fopen(place.path, "ab");
    CU_ASSERT_PTR_NOT_NULL_FATAL(more);
    fputs("2 abc", more);
    fclose(more);
    CU_ASSERT_TRUE(spool_open(&file, place.path, SPOOL_LOOK, 0, &error));
    test_expect_integer("torn", 5, (long long)file.spool.torn);
    spool_close(&file);
    CU_ASSERT_EQUAL(truncate(place.path, 0) == 0 && stat(place.path, &status) == 0, 1);
    test_expect_integer("an empty file is a spool to be", 1, add(place.path, requests[0], &error));
    drop(&place);
}

static void one_pen_and_one_turn(void)
{
    struct place place = new_place();
    struct spool_file held, other;
    struct error error = {0};
    CU_ASSERT_TRUE_FATAL(spool_open(&held, place.path, SPOOL_ADD, 0, &error));
    test_expect_integer("no second pen", 0, add(place.path, requests[0], &error));
    test_expect_integer("busy", ERROR_BUSY, error.code);
    CU_ASSERT_FALSE(spool_open(&other, place.path, SPOOL_LOOK, 20, &error));
    test_expect_integer("nor a look", ERROR_BUSY, error.code);
    spool_close(&other);
    int turn = spool_take_turn(place.path, &error);
    CU_ASSERT_TRUE(turn >= 0);
    test_expect_integer("no second turn", -1, spool_take_turn(place.path, &error));
    test_expect_integer("busy", ERROR_BUSY, error.code);
    spool_close(&held);
    test_expect_integer("a turn leaves the pen", 1, add(place.path, requests[0], &error));
    CU_ASSERT_TRUE(spool_open(&held, place.path, SPOOL_LOOK, 0, &error));
    CU_ASSERT_TRUE(spool_open(&other, place.path, SPOOL_LOOK, 0, &error));
    spool_close(&held);
    spool_close(&other);
    close(turn);
    turn = spool_take_turn(place.path, &error);
    CU_ASSERT_TRUE(turn >= 0);
    close(turn);
    drop(&place);
}

/* A file that was moved away takes nothing along that comes after. */
static void moved_away(void)
{
    struct place place = new_place();
    char moved[128];
    struct error error = {0};
    struct spool_file held;
    snprintf(moved, sizeof moved, "%s.1", place.path);
    test_expect_integer("the first", 1, add(place.path, requests[0], &error));
    CU_ASSERT_TRUE_FATAL(spool_open(&held, place.path, SPOOL_ADD, 0, &error));
    CU_ASSERT_EQUAL(rename(place.path, moved), 0);
    test_expect_integer("a new one", 1, add(place.path, requests[1], &error));
    spool_close(&held);
    test_expect_integer("the old one", 2, add(moved, requests[1], &error));
    unlink(moved);
    drop(&place);
}

/* A disk that is full within the line: it is as if nothing had been written. */
static void no_room_for_the_line(void)
{
    struct place place = new_place();
    struct rlimit before, small;
    struct error error = {0};
    struct stat status;
    test_expect_integer("the first", 1, add(place.path, requests[0], &error));
    CU_ASSERT_EQUAL(stat(place.path, &status), 0);
    CU_ASSERT_EQUAL(getrlimit(RLIMIT_FSIZE, &before), 0);
    void (*handler)(int) = signal(SIGXFSZ, SIG_IGN);
    small = (struct rlimit){(rlim_t)status.st_size + 10, before.rlim_max};
    CU_ASSERT_EQUAL(setrlimit(RLIMIT_FSIZE, &small), 0);
    test_expect_integer("not told", 0, add(place.path, requests[1], &error));
    CU_ASSERT_EQUAL(setrlimit(RLIMIT_FSIZE, &before), 0);
    signal(SIGXFSZ, handler);
    test_expect_integer("a fault of the system", ERROR_IO, error.code);
    off_t size = status.st_size;
    CU_ASSERT_EQUAL(stat(place.path, &status), 0);
    test_expect_integer("nothing is left of it", size, status.st_size);
    test_expect_integer("the second", 2, add(place.path, requests[1], &error));
    drop(&place);
}

/* What is no spool of ours is never written to. */
static void other_files_stay(void)
{
    static const char text[] = "SQLite format 3 and no line feed";
    struct place place = new_place();
    struct error error = {0};
    size_t length = 0;
    put(place.path, text, sizeof text - 1);
    test_expect_integer("refused", 0, add(place.path, requests[0], &error));
    test_expect_integer("said", ERROR_NOT_A_SPOOL, error.code);
    test_expect_integer("a folder", 0, add(place.folder, requests[0], &error));
    char *now = test_read_file(place.path, &length);
    test_expect_text("untouched", text, sizeof text - 1, now, length);
    free(now);
    drop(&place);
}

static const struct test_case spool_cases[] = {
    {"what was written is read", what_was_written_is_read},
    {"cut at every byte", cut_at_every_byte},
    {"changed at every byte", changed_at_every_byte},
    {"other lines", other_lines},
    {"other files", other_files},
    {"added after a cut at every byte", added_after_a_cut_at_every_byte},
    {"looking changes nothing", looking_changes_nothing},
    {"one pen and one turn", one_pen_and_one_turn},
    {"moved away", moved_away},
    {"no room for the line", no_room_for_the_line},
    {"other files stay", other_files_stay},
    {NULL, NULL},
};
const struct test_suite test_suites[] = {{"spool", spool_cases}, {NULL, NULL}};
