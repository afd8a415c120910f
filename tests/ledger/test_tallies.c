/* What counts for tiers, and the levels, by heads made by hand: a naive table of days says what
 * every sum must be, however batches were cut and whatever was undone. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../base/chance.h"
#include "connection.h"
#include "support.h"

/* --- A working set over an empty store ------------------------------------------------------ */

struct ground {
    struct store *store;
    struct state state;
    struct arena arena, heads; /* of the batch; of the heads, for the whole test */
    int64_t time;
};

static void good(bool result, const struct error *error)
{
    if (!result)
        printf("\n    %s\n", error->message);
    CU_ASSERT_TRUE_FATAL(result);
}

static void begin(struct ground *ground)
{
    struct error error = {0};
    *ground = (struct ground){.time = 1000};
    good(store_open(&ground->store, NULL, STORE_SCRATCH, 0, &error), &error);
    good(store_begin_write(ground->store, &error), &error);
    good(state_begin(&ground->state, ground->store, &ground->arena, &error), &error);
}

/* The end of a batch: what is asked for from now on comes out of the store. */
static void write_batch(struct ground *ground)
{
    struct error error = {0};
    good(state_flush(&ground->state, NULL, false, &error), &error);
    state_clear(&ground->state);
    arena_reset(&ground->arena);
    good(state_begin(&ground->state, ground->store, &ground->arena, &error), &error);
}

static void end(struct ground *ground)
{
    state_free(&ground->state);
    store_close(ground->store);
    arena_free(&ground->arena);
    arena_free(&ground->heads);
}

/* A record of a member, at the end of their chain. */
static struct head *head_of(struct ground *ground, enum record_kind kind, uint64_t id)
{
    struct error error = {0};
    struct member *member = NULL;
    struct head *head = arena_allocate(&ground->heads, sizeof *head);
    good(state_member(&ground->state, id, &member, &error), &error);
    head_clear(head);
    head->seq = ground->state.tip.size;
    head->time = head->at = ground->time++;
    head->kind = kind;
    head->member = id;
    head->previous = member->row.last;
    return head;
}

static bool fold(struct ground *ground, struct head *head, struct error *error)
{
    struct buffer bytes = {0};
    head_encode(head, &bytes);
    struct text text = text_copy(&ground->heads, buffer_view(&bytes));
    buffer_free(&bytes);
    return state_append(&ground->state, head, text, (struct text){0}, (struct text){0}, error);
}

static void fold_well(struct ground *ground, struct head *head)
{
    struct error error = {0};
    good(fold(ground, head, &error), &error);
}

static void add_members(struct ground *ground, uint64_t count)
{
    for (uint64_t id = 1; id <= count; id++)
        fold_well(ground, head_of(ground, RECORD_MEMBER_ADD, id));
}

static void count_in(struct ground *ground, struct head *head, const char *key, int64_t day,
                     int64_t by)
{
    struct measured *list =
        arena_allocate(&ground->heads, (head->measured_count + 1) * sizeof *list);
    if (head->measured_count > 0)
        memcpy(list, head->measured, head->measured_count * sizeof *list);
    list[head->measured_count++] = (struct measured){text_of(key), day, by};
    head->measured = list;
}

static void buy(struct ground *ground, uint64_t member, const char *key, int64_t day, int64_t by)
{
    struct head *head = head_of(ground, RECORD_PURCHASE, member);
    count_in(ground, head, key, day, by);
    fold_well(ground, head);
}

static int64_t sum_of(struct ground *ground, uint64_t member, const char *key, int64_t first,
                      int64_t last)
{
    struct error error = {0};
    int64_t sum = -1;
    good(state_measured(&ground->state, member, text_of(key), first, last, &sum, &error), &error);
    return sum;
}

static void expect_sum(struct ground *ground, uint64_t member, const char *key, int64_t first,
                       int64_t last, int64_t expected)
{
    test_expect_integer(key, expected, sum_of(ground, member, key, first, last));
}

/* --- Against a naive table ------------------------------------------------------------------ */

enum { MEMBERS = 3, MEASURES = 3, FIRST_DAY = -40, DAYS = 430 }; /* 1969-11-22 to 1971-01-25 */
static const char *const keys[MEASURES] = {"spend", "days:1", "earned:star"};

struct naive {
    int64_t value[MEMBERS][MEASURES][DAYS];
};

static int64_t naive_sum(const struct naive *naive, uint64_t member, unsigned key, int64_t first,
                         int64_t last)
{
    int64_t sum = 0;
    for (int64_t i = 0; i < DAYS; i++) {
        int64_t value = naive->value[member - 1][key][i];
        if (FIRST_DAY + i >= first && FIRST_DAY + i <= last)
            sum += key == 1 ? value > 0 : value;
    }
    return sum;
}

static void something_counts(struct ground *ground, struct naive *naive, uint64_t *seed)
{
    uint64_t member = 1 + chance(seed) % MEMBERS;
    struct head *head = head_of(ground, RECORD_PURCHASE, member);
    for (unsigned i = 0; i < 1 + chance(seed) % 3; i++) {
        unsigned key = (unsigned)(chance(seed) % MEASURES);
        int64_t place = chance_between(seed, 0, DAYS - 1);
        int64_t *value = &naive->value[member - 1][key][place];
        int64_t by = chance(seed) % 3 == 0 && *value != 0 ? -*value : chance_between(seed, -1, 4);
        if (by == 0)
            continue;
        count_in(ground, head, keys[key], FIRST_DAY + place, by);
        *value += by;
    }
    fold_well(ground, head);
}

static void expect_sums(struct ground *ground, const struct naive *naive, uint64_t *seed)
{
    for (unsigned i = 0; i < 4; i++) {
        uint64_t member = 1 + chance(seed) % MEMBERS;
        unsigned key = (unsigned)(chance(seed) % MEASURES);
        int64_t first = chance_between(seed, FIRST_DAY, FIRST_DAY + DAYS);
        int64_t last = first + chance_between(seed, -1, 200);
        if (chance(seed) % 8 == 0)
            first = INT64_MIN;
        if (chance(seed) % 8 == 0)
            last = INT64_MAX;
        expect_sum(ground, member, keys[key], first, last,
                   naive_sum(naive, member, key, first, last));
    }
}

/* What is taken back, by a place or as a whole, leaves nothing. */
static void count_for_nothing(struct ground *ground, const struct naive *naive, uint64_t *seed)
{
    struct naive kept = *naive, more = *naive;
    struct savepoint place;
    int64_t time = ground->time;
    state_mark(&ground->state);
    something_counts(ground, &more, seed);
    kept = more;
    state_save(&ground->state, &place);
    something_counts(ground, &more, seed);
    something_counts(ground, &more, seed);
    expect_sums(ground, &more, seed);
    state_go_back(&ground->state, &place);
    expect_sums(ground, &kept, seed);
    state_undo(&ground->state);
    ground->time = time;
    expect_sums(ground, naive, seed);
}

/* In the store stand the days that are not 0, and the months that have one. */
static void expect_rows(struct ground *ground, const struct naive *naive)
{
    struct error error = {0};
    for (uint64_t member = 1; member <= MEMBERS; member++) {
        for (unsigned key = 0; key < MEASURES; key++) {
            struct measure_row *rows;
            size_t count, next = 0;
            good(store_measures(ground->store, &ground->heads, member, text_of(keys[key]),
                                GRAIN_DAY, INT64_MIN, INT64_MAX, &rows, &count, &error),
                 &error);
            for (int64_t i = 0; i < DAYS; i++) {
                int64_t value = naive->value[member - 1][key][i];
                if (value == 0)
                    continue;
                CU_ASSERT_TRUE_FATAL(next < count);
                CU_ASSERT_TRUE(rows[next].period == FIRST_DAY + i && rows[next].value == value);
                next++;
            }
            CU_ASSERT_EQUAL(next, count);
        }
    }
}

static void expect_months(struct ground *ground, const struct naive *naive)
{
    struct error error = {0};
    int64_t first = FIRST_DAY, month = -2; /* November 1969 */
    for (; first < FIRST_DAY + DAYS; month++) {
        struct date date = date_from_days(first);
        date.day = days_in_month(date.year, date.month);
        int64_t last = date_to_days(date);
        for (uint64_t member = 1; member <= MEMBERS; member++) {
            for (unsigned key = 0; key < MEASURES; key++) {
                struct measure_row *rows;
                size_t count;
                bool some = false;
                for (int64_t i = first - FIRST_DAY; i <= last - FIRST_DAY && i < DAYS; i++)
                    some = some || naive->value[member - 1][key][i] != 0;
                good(store_measures(ground->store, &ground->heads, member, text_of(keys[key]),
                                    GRAIN_MONTH, month, month, &rows, &count, &error),
                     &error);
                CU_ASSERT_EQUAL(count, some);
                if (some)
                    test_expect_integer("month", naive_sum(naive, member, key, first, last),
                                        rows[0].value);
            }
        }
        first = last + 1;
    }
}

/* The same records in batches of some size; with `noise` much is done and undone between. */
static void count_in_batches(int size, bool noise, unsigned char out[DIGEST_BYTES])
{
    enum { RECORDS = 400 };
    uint64_t seed = 20261122, other = 7;
    struct error error = {0};
    struct ground ground;
    struct naive *naive = memory_allocate(sizeof *naive);
    int64_t rows = 0;
    begin(&ground);
    add_members(&ground, MEMBERS);
    for (int i = 0; i < RECORDS; i++) {
        something_counts(&ground, naive, &seed);
        if (noise) {
            expect_sums(&ground, naive, &other);
            count_for_nothing(&ground, naive, &other);
        }
        if (i % size == size - 1)
            write_batch(&ground);
    }
    write_batch(&ground);
    expect_sums(&ground, naive, &other);
    expect_rows(&ground, naive);
    expect_months(&ground, naive);
    good(store_projection_digest(ground.store, "measure", out, &rows, &error), &error);
    CU_ASSERT_TRUE(rows > RECORDS);
    end(&ground);
    free(naive);
}

static void sums_are_those_of_the_days(void)
{
    static const int sizes[] = {1, 2, 7, 100, 1000};
    unsigned char first[DIGEST_BYTES], other[DIGEST_BYTES];
    count_in_batches(1000, false, first);
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        count_in_batches(sizes[i], true, other);
        CU_ASSERT_EQUAL(memcmp(first, other, DIGEST_BYTES), 0);
    }
}

/* --- Days, edges ------------------------------------------------------------------------------ */

enum { JAN_31 = 20484, FEB_1 = 20485, FEB_28 = 20512, MAR_1 = 20513 }; /* of 2026 */

static void a_day_counts_once_and_has_its_receipts(void)
{
    struct error error = {0};
    struct ground ground;
    int64_t value = 0;
    begin(&ground);
    add_members(&ground, 1);
    buy(&ground, 1, "days:500", FEB_1, 1);
    buy(&ground, 1, "days:500", FEB_1, 2);
    buy(&ground, 1, "days:500", FEB_28, 1);
    for (int i = 0; i < 2; i++) {
        expect_sum(&ground, 1, "days:500", INT64_MIN, INT64_MAX, 2);
        expect_sum(&ground, 1, "days:500", JAN_31, FEB_1, 1);
        expect_sum(&ground, 1, "days:500", MAR_1, INT64_MAX, 0);
        good(state_measured_on(&ground.state, 1, text_of("days:500"), FEB_1, &value, &error),
             &error);
        test_expect_integer("receipts", 3, value);
        good(state_measured_on(&ground.state, 1, text_of("days:500"), MAR_1, &value, &error),
             &error);
        test_expect_integer("none", 0, value);
        write_batch(&ground);
    }
    buy(&ground, 1, "days:500", FEB_1, -2);
    expect_sum(&ground, 1, "days:500", FEB_1, FEB_28, 2);
    buy(&ground, 1, "days:500", FEB_1, -1);
    expect_sum(&ground, 1, "days:500", FEB_1, FEB_28, 1);
    buy(&ground, 1, "days:500", FEB_28, -1);
    write_batch(&ground);
    struct text *left;
    size_t count;
    good(store_measures_of(ground.store, &ground.heads, 1, &left, &count, &error), &error);
    test_expect_integer("nothing is left", 0, (long long)count);
    end(&ground);
}

/* A month whose days cancel out has its row still: or its days would not be found. */
static void a_month_of_0_keeps_its_days(void)
{
    struct ground ground;
    begin(&ground);
    add_members(&ground, 1);
    buy(&ground, 1, "spend", FEB_1, 5);
    buy(&ground, 1, "spend", FEB_28, -5);
    write_batch(&ground);
    expect_sum(&ground, 1, "spend", FEB_1, FEB_28, 0);
    expect_sum(&ground, 1, "spend", FEB_1, FEB_1, 5);
    buy(&ground, 1, "spend", FEB_28, 6);
    write_batch(&ground);
    expect_sum(&ground, 1, "spend", FEB_1, FEB_28, 6);
    expect_sum(&ground, 1, "spend", FEB_28, FEB_28, 1);
    end(&ground);
}

/* How often the statement ran that reads days and months. */
static int times_read(const struct ground *ground)
{
    sqlite3_stmt *statement = ground->store->statements[STATEMENT_MEASURES];
    return statement == NULL ? 0 : sqlite3_stmt_status(statement, SQLITE_STMTSTATUS_RUN, 0);
}

/* A year is asked for after each of many purchases: the store is asked for its months once, and
 * for the days of the two that are cut. */
static void a_batch_asks_the_store_once(void)
{
    struct ground ground;
    begin(&ground);
    add_members(&ground, 1);
    for (int64_t day = FEB_28 - 800; day < FEB_28; day += 3)
        buy(&ground, 1, "spend", day, 1);
    write_batch(&ground);
    int before = times_read(&ground);
    for (int i = 1; i <= 500; i++) {
        buy(&ground, 1, "spend", FEB_28, 10);
        expect_sum(&ground, 1, "spend", FEB_28 - 364, FEB_28, 121 + INT64_C(10) * i);
    }
    CU_ASSERT_TRUE(times_read(&ground) - before <= 4);
    before = times_read(&ground);
    buy(&ground, 1, "spend", MAR_1, 1); /* a month that is not there */
    CU_ASSERT_EQUAL(times_read(&ground), before);
    end(&ground);
}

static void what_does_not_fit_is_refused(void)
{
    struct ground ground;
    struct error error = {0};
    begin(&ground);
    add_members(&ground, 1);
    struct head *nobody = head_of(&ground, RECORD_CLOSE, 1);
    nobody->member = 0;
    nobody->previous = -1;
    count_in(&ground, nobody, "spend", FEB_1, 1);
    state_mark(&ground.state);
    CU_ASSERT_FALSE(fold(&ground, nobody, &error));
    CU_ASSERT_EQUAL(error.code, ERROR_INVARIANT);
    state_undo(&ground.state);
    buy(&ground, 1, "spend", FEB_1, LIMIT_UNITS);
    for (int64_t day = FEB_1; day <= FEB_28; day += FEB_28 - FEB_1) { /* the day; the month */
        struct head *more = head_of(&ground, RECORD_PURCHASE, 1);
        count_in(&ground, more, "spend", day, 1);
        state_mark(&ground.state);
        error = (struct error){0};
        CU_ASSERT_FALSE(fold(&ground, more, &error));
        CU_ASSERT_EQUAL(error.code, ERROR_OVERFLOW);
        state_undo(&ground.state);
    }
    expect_sum(&ground, 1, "spend", INT64_MIN, INT64_MAX, LIMIT_UNITS);
    buy(&ground, 1, "spend", MAR_1, 1);
    int64_t sum;
    CU_ASSERT_FALSE(state_measured(&ground.state, 1, text_of("spend"), FEB_1, MAR_1, &sum, &error));
    end(&ground);
}

/* --- Levels -------------------------------------------------------------------------------------
 */

#define CLIMBS "[['first',1,-1,0,[]]]"

static struct head *level_head(struct ground *ground, enum record_kind kind, uint64_t member,
                               const char *tier)
{
    struct head *head = head_of(ground, kind, member);
    struct text text = text_copy(&ground->heads, text_of(quoted(tier)));
    CU_ASSERT_TRUE_FATAL(tier_value_decode(text, &ground->heads, &head->tier));
    return head;
}

static void expect_level(struct ground *ground, uint64_t member, const char *level, moment since,
                         moment due, moment judged)
{
    struct error error = {0};
    struct tier *tier = NULL;
    good(state_tier(&ground->state, member, &tier, &error), &error);
    test_expect_text("level", level, strlen(level), tier->row.level.bytes, tier->row.level.length);
    test_expect_integer("since", since, tier->row.since);
    test_expect_integer("due", due, tier->row.due);
    test_expect_integer("judged", judged, tier->row.judged);
}

static void the_newest_level_stands(void)
{
    static const char held[] = "['gold',50,'set',900,0," CLIMBS ",[['jade',800],['gold',700]]]";
    struct ground ground;
    struct error error = {0};
    struct tier *tier = NULL;
    begin(&ground);
    add_members(&ground, 2);
    expect_level(&ground, 1, "", 0, 0, 0);
    fold_well(&ground,
              level_head(&ground, RECORD_PURCHASE, 1, "['jade',5,'climbed',0,0," CLIMBS ",[]]"));
    moment climbed = ground.time - 1;
    expect_level(&ground, 1, "jade", climbed, MOMENT_NEVER, climbed);
    write_batch(&ground);
    expect_level(&ground, 1, "jade", climbed, MOMENT_NEVER, climbed);
    state_mark(&ground.state);
    fold_well(&ground, level_head(&ground, RECORD_TIER_SET, 1, held));
    expect_level(&ground, 1, "gold", ground.time - 1, 700, ground.time - 1);
    state_undo(&ground.state);
    expect_level(&ground, 1, "jade", climbed, MOMENT_NEVER, climbed);
    fold_well(&ground, level_head(&ground, RECORD_TIER_SET, 1, held));
    moment set = ground.time - 1;
    write_batch(&ground);
    good(state_tier(&ground.state, 1, &tier, &error), &error);
    struct text kept = tier->row.state, said = text_of(quoted(held));
    test_expect_text("state", said.bytes, said.length, kept.bytes, kept.length);
    struct head *elapse = level_head(&ground, RECORD_ELAPSE, 1,
                                     "['gold',50,'ended',600,0," CLIMBS ",[['jade',800]]]");
    elapse->at = 700; /* judged by the versions in force then, however late it is written */
    fold_well(&ground, elapse);
    buy(&ground, 1, "spend", FEB_1, 1);
    expect_level(&ground, 1, "gold", set, 600, 700);
    expect_level(&ground, 2, "", 0, 0, 0);
    end(&ground);
}

/* What a head says may go back behind what heads before it said. */
static void a_level_is_of_when_records_say_it(void)
{
    struct ground ground;
    begin(&ground);
    add_members(&ground, 1);
    fold_well(&ground,
              level_head(&ground, RECORD_PURCHASE, 1, "['first',5,'counted',0,0," CLIMBS ",[]]"));
    expect_level(&ground, 1, "first", 5, MOMENT_NEVER, ground.time - 1);
    fold_well(&ground,
              level_head(&ground, RECORD_PURCHASE, 1, "['jade',60,'climbed',0,0," CLIMBS ",[]]"));
    moment climbed = ground.time - 1;
    fold_well(&ground,
              level_head(&ground, RECORD_PURCHASE, 1, "['jade',70,'kept',0,0," CLIMBS ",[]]"));
    expect_level(&ground, 1, "jade", climbed, MOMENT_NEVER, ground.time - 1);
    fold_well(&ground,
              level_head(&ground, RECORD_RETURN, 1, "['first',5,'undone',0,0," CLIMBS ",[]]"));
    expect_level(&ground, 1, "first", ground.time - 1, MOMENT_NEVER, ground.time - 1);
    end(&ground);
}

/* --- Merge and erasure
 * ---------------------------------------------------------------------------- */

static struct head *merge_head(struct ground *ground, uint64_t member, uint64_t with)
{
    struct head *head = head_of(ground, RECORD_MEMBER_MERGE, member);
    head->with = with;
    return head;
}

static void expect_nothing_of(struct ground *ground, uint64_t member)
{
    struct error error = {0};
    struct text *names;
    struct tier_row row = {.member = member};
    size_t count;
    good(store_measures_of(ground->store, &ground->heads, member, &names, &count, &error), &error);
    test_expect_integer("measures", 0, (long long)count);
    good(store_tier(ground->store, &ground->heads, &row, &error), &error);
    test_expect_integer("level", 0, (long long)row.level.length);
}

static void count_for_two(struct ground *ground, bool in_batches)
{
    buy(ground, 1, "spend", FEB_1 - 700, 100);
    buy(ground, 1, "days:1", FEB_1, 1);
    buy(ground, 1, "visits:1", FEB_1, 1);
    fold_well(ground,
              level_head(ground, RECORD_PURCHASE, 1, "['jade',5,'climbed',9,0," CLIMBS ",[]]"));
    fold_well(ground,
              level_head(ground, RECORD_PURCHASE, 2, "['gold',6,'climbed',9,0," CLIMBS ",[]]"));
    if (in_batches)
        write_batch(ground);
    buy(ground, 1, "spend", FEB_28, 30);
    buy(ground, 2, "spend", FEB_28, -7);
    buy(ground, 2, "days:1", FEB_1, 2);
}

static void a_merge_moves_what_has_counted(bool in_batches)
{
    struct ground ground;
    begin(&ground);
    add_members(&ground, 3);
    count_for_two(&ground, in_batches);
    for (int times = 0; times < 2; times++) {
        state_mark(&ground.state);
        struct head *gone = merge_head(&ground, 1, 2);
        fold_well(&ground, gone);
        struct head *part = merge_head(&ground, 1, 2);
        part->part = 1;
        fold_well(&ground, part);
        expect_level(&ground, 1, "", 0, 0, 0); /* before the one who stays has a record */
        expect_sum(&ground, 2, "spend", INT64_MIN, INT64_MAX, 123);
        fold_well(&ground, merge_head(&ground, 2, 1));
        if (times == 1)
            break;
        state_undo(&ground.state);
        expect_sum(&ground, 1, "spend", INT64_MIN, INT64_MAX, 130);
        expect_sum(&ground, 2, "spend", INT64_MIN, INT64_MAX, -7);
        expect_level(&ground, 1, "jade", 1006, 9, 1006);
    }
    state_release(&ground.state);
    if (in_batches)
        write_batch(&ground);
    expect_sum(&ground, 2, "spend", INT64_MIN, INT64_MAX, 123);
    expect_sum(&ground, 2, "spend", FEB_28, FEB_28, 23);
    expect_sum(&ground, 2, "days:1", INT64_MIN, INT64_MAX, 1);
    expect_sum(&ground, 2, "visits:1", INT64_MIN, INT64_MAX, 1);
    expect_sum(&ground, 1, "spend", INT64_MIN, INT64_MAX, 0);
    struct error error = {0};
    struct tier *tier = NULL;
    good(state_tier(&ground.state, 2, &tier, &error), &error);
    CU_ASSERT_TRUE(text_equal(tier->row.level, text_of("gold")));
    write_batch(&ground);
    expect_nothing_of(&ground, 1);
    end(&ground);
}

static void a_merge_moves_what_has_counted_in_one_batch(void)
{
    a_merge_moves_what_has_counted(false);
}
static void a_merge_moves_what_has_counted_in_several(void)
{
    a_merge_moves_what_has_counted(true);
}

static void an_erasure_leaves_nothing(void)
{
    struct ground ground;
    for (int in_batches = 0; in_batches < 2; in_batches++) {
        begin(&ground);
        add_members(&ground, 2);
        count_for_two(&ground, in_batches == 1);
        state_mark(&ground.state);
        fold_well(&ground, head_of(&ground, RECORD_MEMBER_ERASE, 1));
        expect_sum(&ground, 1, "spend", INT64_MIN, INT64_MAX, 0);
        expect_level(&ground, 1, "", 0, 0, 0);
        state_undo(&ground.state);
        expect_sum(&ground, 1, "spend", INT64_MIN, INT64_MAX, 130);
        fold_well(&ground, head_of(&ground, RECORD_MEMBER_ERASE, 1));
        write_batch(&ground);
        expect_nothing_of(&ground, 1);
        expect_sum(&ground, 2, "spend", INT64_MIN, INT64_MAX, -7);
        end(&ground);
    }
}

const struct test_case tally_cases[] = {
    {"sums are those of the days", sums_are_those_of_the_days},
    {"a day counts once and has its receipts", a_day_counts_once_and_has_its_receipts},
    {"a month of 0 keeps its days", a_month_of_0_keeps_its_days},
    {"a batch asks the store once", a_batch_asks_the_store_once},
    {"what does not fit is refused", what_does_not_fit_is_refused},
    {"the newest level stands", the_newest_level_stands},
    {"a level is of when records say it", a_level_is_of_when_records_say_it},
    {"a merge moves what has counted in one batch", a_merge_moves_what_has_counted_in_one_batch},
    {"a merge moves what has counted in several", a_merge_moves_what_has_counted_in_several},
    {"an erasure leaves nothing", an_erasure_leaves_nothing},
    {NULL, NULL},
};
