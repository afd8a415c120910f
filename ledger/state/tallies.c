/* What counts for tiers, within the working set: tallies by day and month, and members' levels.
 *
 * A tally is one measure of one member. Of it the months are loaded, as far back as somebody asks,
 * and the days of those months that are cut or changed; then everything else is memory, however
 * often a batch comes back to it. A month has a row where one of its days has one: a month that
 * is not there needs no look at its days.
 *
 * What is loaded is not undone, only what is counted: a day that was looked up for nothing is as
 * the store has it. */
#include "state_private.h"

struct tally_day {
    int64_t day;
    int64_t stored, value; /* in the store, and now; 0: there is no row */
};
struct tally_month {
    int64_t month;         /* since January 1970 */
    int64_t stored, value; /* of "days:..." days that are above 0 */
    bool in_store;
    bool days_loaded;
    struct tally_day **days; /* ascending */
    size_t day_count, day_capacity;
};
struct tally {
    uint64_t member;
    struct text measure;
    bool of_days;                /* a day counts once, however much is on it */
    int64_t since;               /* the first month that is loaded; those behind it are, too */
    struct tally_month **months; /* ascending */
    size_t month_count, month_capacity;
};

/* --- The calendar ---------------------------------------------------------------------- */

static int64_t month_of(int64_t day)
{
    struct date date = date_from_days(day);
    return ((int64_t)date.year - 1970) * 12 + date.month - 1;
}

static int64_t first_day(int64_t month)
{
    int64_t from_year_0 = month + INT64_C(12) * 1970;
    return date_to_days((struct date){(int)(from_year_0 / 12), (int)(from_year_0 % 12) + 1, 1});
}

static int64_t last_day(int64_t month)
{
    return first_day(month + 1) - 1;
}

static int64_t clamp(int64_t day)
{
    return day < LOCAL_DAY_FIRST ? LOCAL_DAY_FIRST : day > LOCAL_DAY_LAST ? LOCAL_DAY_LAST : day;
}

/* --- Loading --------------------------------------------------------------------------- */

static struct tally *find_tally(struct state *state, uint64_t member, struct text measure)
{
    unsigned char hash[DIGEST_BYTES];
    digest((struct text){(const char *)&member, sizeof member}, measure, hash);
    void **place = map_put(&state->tallies, map_key_of_hash(hash));
    if (*place != NULL)
        return *place;
    struct tally *tally = arena_allocate(state->arena, sizeof *tally);
    static const char days[] = "days:";
    tally->member = member;
    tally->measure = text_copy(state->arena, measure);
    tally->of_days =
        measure.length >= sizeof days - 1 && memcmp(measure.bytes, days, sizeof days - 1) == 0;
    tally->since = INT64_MAX;
    return *place = tally;
}

/* The place of a month, or where it would stand. */
static size_t month_place(const struct tally *tally, int64_t month)
{
    size_t low = 0, high = tally->month_count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (tally->months[middle]->month < month)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

static struct tally_month *insert_month(struct state *state, struct tally *tally, size_t place,
                                        int64_t month)
{
    struct tally_month *made = arena_allocate(state->arena, sizeof *made);
    made->month = month;
    tally->months = state_room(state->arena, tally->months, tally->month_count,
                               &tally->month_capacity, sizeof *tally->months);
    memmove(tally->months + place + 1, tally->months + place,
            (tally->month_count++ - place) * sizeof *tally->months);
    return tally->months[place] = made;
}

static bool load_months(struct state *state, struct tally *tally, int64_t since,
                        struct error *error)
{
    struct measure_row *rows = NULL;
    size_t count = 0;
    if (since >= tally->since)
        return true;
    if (!store_measures(state->store, state->arena, tally->member, tally->measure, GRAIN_MONTH,
                        since, tally->since - 1, &rows, &count, error))
        return false;
    for (size_t i = 0; i < count; i++) {
        struct tally_month *month = insert_month(state, tally, i, rows[i].period);
        month->stored = month->value = rows[i].value;
        month->in_store = true;
    }
    tally->since = since;
    return true;
}

static struct tally_day *insert_day(struct state *state, struct tally_month *month, size_t place,
                                    int64_t day)
{
    struct tally_day *made = arena_allocate(state->arena, sizeof *made);
    made->day = day;
    month->days = state_room(state->arena, month->days, month->day_count, &month->day_capacity,
                             sizeof *month->days);
    memmove(month->days + place + 1, month->days + place,
            (month->day_count++ - place) * sizeof *month->days);
    return month->days[place] = made;
}

static bool load_days(struct state *state, const struct tally *tally, struct tally_month *month,
                      struct error *error)
{
    struct measure_row *rows = NULL;
    size_t count = 0;
    if (month->days_loaded) /* as of one that this batch has made */
        return true;
    if (!store_measures(state->store, state->arena, tally->member, tally->measure, GRAIN_DAY,
                        first_day(month->month), last_day(month->month), &rows, &count, error))
        return false;
    for (size_t i = 0; i < count; i++) {
        struct tally_day *day = insert_day(state, month, i, rows[i].period);
        day->stored = day->value = rows[i].value;
    }
    month->days_loaded = true;
    return true;
}

/* The month with its days; NULL where nothing has counted in it. */
static bool find_month(struct state *state, struct tally *tally, int64_t month,
                       struct tally_month **out, struct error *error)
{
    if (!load_months(state, tally, month, error))
        return false;
    size_t place = month_place(tally, month);
    bool found = place < tally->month_count && tally->months[place]->month == month;
    *out = found ? tally->months[place] : NULL;
    return !found || load_days(state, tally, *out, error);
}

static size_t day_place(const struct tally_month *month, int64_t day)
{
    size_t place = month->day_count;
    while (place > 0 && month->days[place - 1]->day >= day)
        place--;
    return place;
}

/* The day of a tally, made where it is not there. */
static bool find_day(struct state *state, struct tally *tally, int64_t day,
                     struct tally_month **month, struct tally_day **out, struct error *error)
{
    int64_t number = month_of(day);
    if (!find_month(state, tally, number, month, error))
        return false;
    if (*month == NULL) {
        *month = insert_month(state, tally, month_place(tally, number), number);
        (*month)->days_loaded = true;
    }
    size_t place = day_place(*month, day);
    bool found = place < (*month)->day_count && (*month)->days[place]->day == day;
    *out = found ? (*month)->days[place] : insert_day(state, *month, place, day);
    return true;
}

/* All that anything has counted of for a member, in no order. */
static bool tallies_of(struct state *state, uint64_t member, struct tally ***list, size_t *count,
                       struct error *error)
{
    struct text *stored = NULL;
    size_t stored_count = 0;
    *count = 0;
    if (!store_measures_of(state->store, state->arena, member, &stored, &stored_count, error))
        return false;
    for (size_t i = 0; i < stored_count; i++)
        find_tally(state, member, stored[i]);
    *list = arena_allocate(state->arena, (state->tallies.count + 1) * sizeof **list);
    for (size_t i = 0; i < state->tallies.count; i++) {
        struct tally *tally = state->tallies.entries[i].value;
        if (tally->member == member)
            (*list)[(*count)++] = tally;
    }
    return true;
}

/* --- Asking ---------------------------------------------------------------------------- */

static int64_t day_counts(const struct tally *tally, int64_t value)
{
    return tally->of_days ? value > 0 : value;
}

static bool add(int64_t *sum, int64_t value, struct error *error)
{
    return units_add(*sum, value, sum) ||
           fail(error, ERROR_OVERFLOW, _("what counts for tiers is beyond %lld"),
                (long long)LIMIT_UNITS);
}

/* The month's part of days first..last. */
static bool add_month(struct state *state, const struct tally *tally, struct tally_month *month,
                      int64_t first, int64_t last, int64_t *sum, struct error *error)
{
    if (first <= first_day(month->month) && last >= last_day(month->month))
        return add(sum, month->value, error);
    if (!load_days(state, tally, month, error))
        return false;
    for (size_t i = day_place(month, first); i < month->day_count; i++) {
        const struct tally_day *day = month->days[i];
        if (day->day <= last && !add(sum, day_counts(tally, day->value), error))
            return false;
    }
    return true;
}

bool state_measured(struct state *state, uint64_t member, struct text measure, int64_t first,
                    int64_t last, int64_t *sum, struct error *error)
{
    struct tally *tally = find_tally(state, member, measure);
    *sum = 0;
    first = clamp(first);
    last = clamp(last);
    if (first > last)
        return true;
    int64_t from = month_of(first), until = month_of(last);
    if (!load_months(state, tally, from, error))
        return false;
    for (size_t i = month_place(tally, from); i < tally->month_count; i++) {
        if (tally->months[i]->month > until)
            break;
        if (!add_month(state, tally, tally->months[i], first, last, sum, error))
            return false;
    }
    return true;
}

bool state_measured_on(struct state *state, uint64_t member, struct text measure, int64_t day,
                       int64_t *value, struct error *error)
{
    struct tally_month *month = NULL;
    *value = 0;
    if (!find_month(state, find_tally(state, member, measure), month_of(day), &month, error))
        return false;
    size_t place = month == NULL ? 0 : day_place(month, day);
    if (month != NULL && place < month->day_count && month->days[place]->day == day)
        *value = month->days[place]->value;
    return true;
}

bool state_tier(struct state *state, uint64_t member, struct tier **out, struct error *error)
{
    struct tier_row row = {.member = member};
    *out = map_get(&state->tiers, map_key_of_number(0, member));
    if (*out != NULL)
        return true;
    if (!store_tier(state->store, state->arena, &row, error))
        return false;
    *out = arena_allocate(state->arena, sizeof **out);
    (*out)->row = row;
    *map_put(&state->tiers, map_key_of_number(0, member)) = *out;
    return true;
}

/* --- The fold -------------------------------------------------------------------------- */

static bool add_to_day(struct state *state, struct tally *tally, int64_t number, int64_t by,
                       struct error *error)
{
    struct tally_month *month = NULL;
    struct tally_day *day = NULL;
    if (!find_day(state, tally, number, &month, &day, error))
        return false;
    TOUCH(state, day->value);
    TOUCH(state, month->value);
    int64_t before = day_counts(tally, day->value);
    return add(&day->value, by, error) &&
           add(&month->value, day_counts(tally, day->value) - before, error);
}

/* The end of the member's level by what the record knows: its review, or the first end of a hold.
 */
static moment due_of(const struct tier_value *value)
{
    moment due = value->review;
    for (size_t i = 0; i < value->hold_count; i++) {
        if (value->holds[i].until < due)
            due = value->holds[i].until;
    }
    return due;
}

/* From when on records say this level. Not the head's since: a climb that is undone, or a merge,
 * puts that back. */
static moment level_from(const struct tier_row *before, const struct head *head)
{
    if (text_equal(before->level, head->tier.level))
        return before->since;
    bool joined_so = before->level.length == 0 && head->tier.cause == CAUSE_COUNTED;
    return joined_so ? head->tier.since : fold_reached(head);
}

static bool fold_tier(struct state *state, const struct head *head, struct error *error)
{
    struct buffer text = {0};
    struct tier *tier = NULL;
    if (!state_tier(state, head->member, &tier, error))
        return false;
    tier_value_encode(&head->tier, &text);
    TOUCH(state, *tier);
    tier->row = (struct tier_row){.member = head->member,
                                  .level = text_copy(state->arena, head->tier.level),
                                  .since = level_from(&tier->row, head),
                                  .due = due_of(&head->tier),
                                  .judged = fold_reached(head),
                                  .state = text_copy(state->arena, buffer_view(&text))};
    tier->changed = true;
    buffer_free(&text);
    return true;
}

bool fold_tiers(struct state *state, const struct head *head, struct error *error)
{
    bool has_tier = head->tier.level.length > 0;
    if (head->member == 0 && (head->measured_count > 0 || has_tier))
        return fold_misfit(error, head, _("it counts for nobody"));
    for (size_t i = 0; i < head->measured_count; i++) {
        const struct measured *measured = &head->measured[i];
        if (!add_to_day(state, find_tally(state, head->member, measured->key), measured->day,
                        measured->by, error))
            return false;
    }
    return !has_tier || fold_tier(state, head, error);
}

/* What a tally has, day by day: to another one, or nowhere (NULL). */
static bool pour(struct state *state, struct tally *from, struct tally *into, struct error *error)
{
    if (!load_months(state, from, month_of(LOCAL_DAY_FIRST), error))
        return false;
    for (size_t m = 0; m < from->month_count; m++) {
        const struct tally_month *month = from->months[m];
        if (!load_days(state, from, from->months[m], error))
            return false;
        for (size_t d = 0; d < month->day_count; d++) {
            int64_t day = month->days[d]->day, value = month->days[d]->value;
            if (value != 0 && ((into != NULL && !add_to_day(state, into, day, value, error)) ||
                               !add_to_day(state, from, day, -value, error)))
                return false;
        }
    }
    return true;
}

bool fold_tiers_away(struct state *state, uint64_t member, uint64_t into, struct error *error)
{
    struct tally **list = NULL;
    struct tier *tier = NULL;
    size_t count = 0;
    if (!tallies_of(state, member, &list, &count, error) ||
        !state_tier(state, member, &tier, error))
        return false;
    for (size_t i = 0; i < count; i++) {
        struct tally *to = into == 0 ? NULL : find_tally(state, into, list[i]->measure);
        if (!pour(state, list[i], to, error))
            return false;
    }
    TOUCH(state, *tier);
    tier->row = (struct tier_row){.member = member};
    tier->changed = true;
    return true;
}

/* --- Writing --------------------------------------------------------------------------- */

struct rows {
    struct measure_row *list;
    size_t count, capacity;
};

static void add_row(struct state *state, struct rows *rows, const struct measure_row *row)
{
    rows->list =
        state_room(state->arena, rows->list, rows->count, &rows->capacity, sizeof *rows->list);
    rows->list[rows->count++] = *row;
}

static void gather_month(struct state *state, const struct tally *tally,
                         const struct tally_month *month, struct rows *rows)
{
    bool stays = false;
    for (size_t i = 0; i < month->day_count; i++) {
        const struct tally_day *day = month->days[i];
        stays = stays || day->value != 0;
        if (day->value != day->stored)
            add_row(state, rows,
                    &(struct measure_row){tally->member, tally->measure, GRAIN_DAY, day->day,
                                          day->value, day->value == 0});
    }
    if (stays != month->in_store || month->value != month->stored)
        add_row(state, rows,
                &(struct measure_row){tally->member, tally->measure, GRAIN_MONTH, month->month,
                                      month->value, !stays});
}

static int by_number(int64_t a, int64_t b)
{
    return (a > b) - (a < b);
}

static int compare_measures(const void *a, const void *b)
{
    const struct measure_row *x = a, *y = b;
    int order = by_number((int64_t)x->member, (int64_t)y->member);
    if (order == 0)
        order = text_compare(x->measure, y->measure);
    if (order == 0)
        order = by_number(x->grain, y->grain);
    return order != 0 ? order : by_number(x->period, y->period);
}

static int compare_tiers(const void *a, const void *b)
{
    return by_number((int64_t)((const struct tier_row *)a)->member,
                     (int64_t)((const struct tier_row *)b)->member);
}

void gather_tiers(struct state *state, struct changes *changes)
{
    struct rows rows = {0};
    for (size_t i = 0; i < state->tallies.count; i++) {
        const struct tally *tally = state->tallies.entries[i].value;
        for (size_t m = 0; m < tally->month_count; m++) {
            if (tally->months[m]->days_loaded)
                gather_month(state, tally, tally->months[m], &rows);
        }
    }
    memory_sort(rows.list, rows.count, sizeof *rows.list, compare_measures);
    changes->measures = rows.list;
    changes->measure_count = rows.count;

    struct tier_row *tiers = arena_allocate(state->arena, (state->tiers.count + 1) * sizeof *tiers);
    for (size_t i = 0; i < state->tiers.count; i++) {
        const struct tier *tier = state->tiers.entries[i].value;
        if (tier->changed)
            tiers[changes->tier_count++] = tier->row;
    }
    memory_sort(tiers, changes->tier_count, sizeof *tiers, compare_tiers);
    changes->tiers = tiers;
}
