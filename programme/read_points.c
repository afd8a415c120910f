/* "points": the points currencies, and the life of their points: when they lapse,
 * when they can be spent, what they pay, who may give them away.
 *
 * Amounts are read at the currency's own scale and against the programme's money:
 * where one of these could not be read, what depends on it is judged as
 * generously as any would allow, so that a mistake is told once. */
#include "read.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>

#include "json.h"

/* --- amounts ----------------------------------------------------------------- */

int64_t power_of_ten(unsigned exponent)
{
    int64_t power = 1;
    while (exponent-- > 0)
        power *= 10;
    return power;
}

bool walk_points(struct walk *walk, const struct place *place, unsigned decimals, int64_t *units)
{
    static const char *const examples[] = {"5", "2.5", "1.25"};
    const char *example = examples[decimals < 2 ? decimals : 2];
    int64_t whole, unit = power_of_ten(decimals);
    if (cJSON_IsString(place->value))
        return walk_decimal(walk, place, decimals, example, units);
    if (!cJSON_IsNumber(place->value)) {
        fault_type(walk, place, _("a number of points"));
        return false;
    }
    if (!json_integer(place->value, &whole) || whole <= 0 || whole > LIMIT_UNITS / unit) {
        fault(walk, place,
              _("must be a whole number from 1, or a decimal in a string, like \"%s\""), example);
        return false;
    }
    *units = whole * unit;
    return true;
}

bool walk_millionths(struct walk *walk, const struct place *place, int64_t least, int64_t most,
                     const char *expected, int64_t *field)
{
    struct text text;
    int64_t units = 0;
    if (!cJSON_IsString(place->value)) {
        fault_type(walk, place, expected);
        return false;
    }
    if (!walk_string(walk, place, LIMIT_NAME, &text))
        return false;
    enum decimal_result result = decimal_parse(text, VALUE_DECIMALS, &units);
    if (result == DECIMAL_OK && units >= least && units <= most) {
        *field = units;
        return true;
    }
    struct text wrong = shown(walk, text);
    fault(walk, place, _("%.*s is not %s"), TEXT(wrong), expected);
    return false;
}

/* --- expiry ------------------------------------------------------------------ */

static const char *const boundary_names[] = {"end_of_day", "end_of_month", "end_of_quarter",
                                             "end_of_year"};
static_assert(sizeof boundary_names / sizeof boundary_names[0] == END_OF_YEAR + 1,
              "a name per boundary");
static const struct choice boundaries = CHOICE(boundary_names);
static const char *const from_names[] = {"available", "earned"};
static_assert(sizeof from_names / sizeof from_names[0] == FROM_EARNED + 1, "a name per moment");
static const struct choice froms = CHOICE(from_names);
static const char *const applies_names[] = {"new", "all"};
static const struct choice applies_to = CHOICE(applies_names);

/* "MM-DD", as a day of a leap year: "02-29" is the 28th in the others. */
static bool month_day_parse(struct text text, struct month_day *day)
{
    enum {
        LEAP_YEAR = 2000,
        DATE_LENGTH = sizeof "2000-02-29" - 1,
        DAY_LENGTH = sizeof "02-29" - 1
    };
    char whole[DATE_LENGTH + 1];
    struct date date;
    if (text.length != DAY_LENGTH)
        return false;
    snprintf(whole, sizeof whole, "%d-%.*s", LEAP_YEAR, TEXT(text));
    if (!date_parse(text_of(whole), &date))
        return false;
    *day = (struct month_day){date.month, date.day};
    return true;
}

static int compare_days(const void *left, const void *right)
{
    const struct month_day *a = left, *b = right;
    return a->month != b->month ? a->month - b->month : a->day - b->day;
}

static bool lists_day(const struct expiry *expiry, struct month_day day)
{
    for (size_t i = 0; i < expiry->day_count; i++)
        if (compare_days(&expiry->days[i], &day) == 0)
            return true;
    return false;
}

static void read_day(struct walk *walk, const struct place *place, struct expiry *expiry)
{
    struct text text;
    struct month_day day;
    if (!walk_string(walk, place, LIMIT_NAME, &text))
        return;
    struct text wrong = shown(walk, text);
    if (!month_day_parse(text, &day))
        fault(walk, place, _("%.*s is not a day of the year: write month and day, like \"06-30\""),
              TEXT(wrong));
    else if (lists_day(expiry, day))
        fault(walk, place, _("%.*s stands in the list twice: name it once"), TEXT(wrong));
    else
        expiry->days[expiry->day_count++] = day;
}

static void read_days(struct walk *walk, const struct place *place, struct expiry *expiry)
{
    int length = walk_list(walk, place, LIMIT_EXPIRY_DAYS);
    if (length == 0)
        fault(walk, place, _("names nothing: list days like \"06-30\", or leave \"at\" out"));
    if (length <= 0)
        return;
    expiry->days = arena_allocate(walk->arena, (size_t)length * sizeof expiry->days[0]);
    for (struct place at = first_child(place); at.value != NULL; next_child(&at))
        read_day(walk, &at, expiry);
    qsort(expiry->days, expiry->day_count, sizeof expiry->days[0], compare_days);
}

static void read_at(struct walk *walk, const struct place *place, void *field, const void *detail)
{
    struct expiry *expiry = field;
    if (cJSON_IsArray(place->value))
        read_days(walk, place, expiry);
    else if (cJSON_IsString(place->value))
        read_choice(walk, place, &expiry->at, detail);
    else
        fault_type(walk, place, _("a string like \"end_of_month\", or a list of days"));
}

static const struct member dates_members[] = {
    {"after", OPTIONAL, offsetof(struct expiry, after), read_calendar_span, NULL},
    {"at", OPTIONAL, 0, read_at, &boundaries},
};
const struct shape dates_shape = SHAPE(dates_members);
static const struct member expiry_members[] = {
    {"after", OPTIONAL, offsetof(struct expiry, after), read_calendar_span, NULL},
    {"at", OPTIONAL, 0, read_at, &boundaries},
    {"from", OPTIONAL, offsetof(struct expiry, from), read_choice, &froms},
    {"inactive", OPTIONAL, offsetof(struct expiry, inactive), read_calendar_span, NULL},
    {"applies_to", OPTIONAL, offsetof(struct expiry, applies_to_all), read_flag, &applies_to},
};
static const struct shape expiry_shape = SHAPE(expiry_members);

static void read_expiry_object(struct walk *walk, const struct place *place, struct expiry *expiry)
{
    const cJSON *object = place->value;
    /* By what is named, not by what could be read: one mistake, one fault. */
    expiry->dated = member_of(object, "after") != NULL || member_of(object, "at") != NULL;
    expiry->idles = member_of(object, "inactive") != NULL;
    walk_object(walk, place, &expiry_shape, expiry);
    struct place from = inside(place, "from"), at = inside(place, "at");
    if (!expiry->dated && !expiry->idles && !expiry->applies_to_all)
        fault(walk, place,
              _("does not say when: name \"after\", \"at\" or \"inactive\", or write \"never\""));
    else if (expiry->idles && member_of(object, "after") == NULL && expiry->day_count == 0 &&
             member_of(object, "at") != NULL)
        fault(walk, &at,
              _("moves the date that \"after\" gives, not that of \"inactive\": add \"after\", or "
                "leave "
                "\"at\" out"));
    else if (!expiry->dated && expiry->from == FROM_EARNED)
        fault(walk, &from,
              _("says from which moment \"after\" and \"at\" count: name one of them, or leave "
                "\"from\" out"));
}

static void read_expiry(struct walk *walk, const struct place *place, void *field,
                        const void *detail)
{
    (void)detail;
    static const char *const names[] = {"never"};
    static const struct choice never = CHOICE(names);
    if (cJSON_IsString(place->value))
        walk_choice(walk, place, &never);
    else if (cJSON_IsObject(place->value))
        read_expiry_object(walk, place, field);
    else
        fault_type(walk, place, _("\"never\" or an object like {\"after\": \"P1Y\"}"));
}

/* --- pending ----------------------------------------------------------------- */

/* Days end with a day and hours with an hour; both at once would be either. */
static void read_for(struct walk *walk, const struct place *place, void *field, const void *detail)
{
    struct points *points = field;
    struct span *span = &points->pending.span;
    read_span(walk, place, span, detail);
    points->pending.kind = PENDING_FOR;
    if (span->milliseconds != 0 && (span->months != 0 || span->days != 0))
        fault(walk, place,
              _("mixes days and hours: write days and longer, like \"P14D\", or hours alone, like "
                "\"PT36H\""));
}

static void read_until(struct walk *walk, const struct place *place, void *field,
                       const void *detail)
{
    (void)detail;
    static const char *const names[] = {"return_window", "activate"};
    static const struct choice choice = CHOICE(names);
    static const enum pending_kind kinds[] = {PENDING_RETURN_WINDOW, PENDING_ACTIVATE};
    const struct reading *reading = walk->context;
    const struct programme *programme = reading->programme;
    struct points *points = field;
    int chosen = walk_choice(walk, place, &choice);
    if (chosen < 0)
        return;
    points->pending.kind = kinds[chosen];
    if (points->pending.kind != PENDING_RETURN_WINDOW)
        return;
    points->pending.span = programme->return_window;
    if (!programme->has_return_window)
        fault(walk, place,
              _("needs to know how long goods come back: add \"returns\": {\"window\": \"P14D\"}"));
}

static const struct member pending_members[] = {
    {"for", OPTIONAL, 0, read_for, NULL},
    {"until", OPTIONAL, 0, read_until, NULL},
};
static const struct shape pending_shape = SHAPE(pending_members);

static void read_pending(struct walk *walk, const struct place *place, void *field,
                         const void *detail)
{
    if (!walk_object(walk, place, detail, field))
        return;
    int named =
        (member_of(place->value, "for") != NULL) + (member_of(place->value, "until") != NULL);
    if (named != 1)
        fault(walk, place,
              _("must name either \"for\", like \"P14D\", or \"until\": \"return_window\" or "
                "\"activate\""));
}

/* --- paying and giving away -------------------------------------------------- */

static void read_amount(struct walk *walk, const struct place *place, void *field,
                        const void *detail)
{
    (void)detail;
    const struct reading *reading = walk->context;
    walk_points(walk, place, reading->decimals, field);
}

static_assert(LIMIT_VALUE == 1000000, "the message says so");

/* Money for one point, made minor units for a point unit. */
static void read_rate(struct walk *walk, const struct place *place, void *field, const void *detail)
{
    (void)detail;
    const struct reading *reading = walk->context;
    struct fraction *rate = field;
    const char *expected =
        _("money above \"0\" and at most \"1000000\" that a point pays, like \"0.01\"");
    int64_t value, most = LIMIT_VALUE * (int64_t)VALUE_UNIT;
    if (!walk_millionths(walk, place, 1, most, expected, &value) || !reading->money_known ||
        !reading->scale_known)
        return;
    wide money = (wide)value * power_of_ten(reading->programme->currency_digits);
    if (fraction_make(money, (wide)VALUE_UNIT * power_of_ten(reading->decimals), rate) &&
        rate->numerator <= LIMIT_RATE_TERM && rate->denominator <= LIMIT_RATE_TERM)
        return;
    fault(walk, place,
          _("the rate of money to points, both in smallest units, has a term beyond %lld once "
            "reduced: use a rounder number"),
          (long long)LIMIT_RATE_TERM);
}

static void read_share(struct walk *walk, const struct place *place, void *field,
                       const void *detail)
{
    (void)detail;
    walk_millionths(walk, place, 1, VALUE_UNIT,
                    _("a share above \"0\" and at most \"1\", like \"0.5\""), field);
}

static const struct member tender_members[] = {
    {"value", REQUIRED, offsetof(struct points, tender.rate), read_rate, NULL},
    {"least", OPTIONAL, offsetof(struct points, tender.least), read_amount, NULL},
    {"share", OPTIONAL, offsetof(struct points, tender.share), read_share, NULL},
};
static const struct shape tender_shape = SHAPE(tender_members);

static const char *const transfer_expiry_names[] = {"keep", "anew"};
static_assert(sizeof transfer_expiry_names / sizeof transfer_expiry_names[0] == TRANSFER_ANEW + 1,
              "a name per expiry");
static const struct choice transfer_expiries = CHOICE(transfer_expiry_names);
static const struct member transfer_members[] = {
    {"most", OPTIONAL, offsetof(struct points, transfer.most), read_amount, NULL},
    {"per_month", OPTIONAL, offsetof(struct points, transfer.per_month), read_amount, NULL},
    {"expires", OPTIONAL, offsetof(struct points, transfer.expires), read_choice,
     &transfer_expiries},
};
static const struct shape transfer_shape = SHAPE(transfer_members);

/* What only points have that can be spent: "spendable" has been read before. */
static void check_spendable(struct walk *walk, const struct place *place,
                            const struct points *points)
{
    if (!points->spendable)
        fault_name(walk, place,
                   _("goes only with points that can be spent: leave it out, or \"spendable\": "
                     "false"));
}

static void read_tender(struct walk *walk, const struct place *place, void *field,
                        const void *detail)
{
    struct points *points = field;
    points->tender.allowed = true;
    check_spendable(walk, place, points);
    walk_object(walk, place, detail, points);
}

static void read_transfer(struct walk *walk, const struct place *place, void *field,
                          const void *detail)
{
    struct points *points = field;
    points->transfer.allowed = true;
    check_spendable(walk, place, points);
    if (walk_sound_object(walk, place, detail, points))
        check_bounds(walk, place, "most", points->transfer.most, "per_month",
                     points->transfer.per_month);
}

static void read_proof_above(struct walk *walk, const struct place *place, void *field,
                             const void *detail)
{
    struct points *points = field;
    check_spendable(walk, place, points);
    read_amount(walk, place, &points->proof_above, detail);
}

/* --- the currencies ---------------------------------------------------------- */

static void read_scale(struct walk *walk, const struct place *place, void *field,
                       const void *detail)
{
    (void)detail;
    struct reading *reading = walk->context;
    int64_t scale;
    reading->scale_known = false;
    reading->decimals = LIMIT_SCALE;
    if (!cJSON_IsNumber(place->value)) {
        fault_type(walk, place, _("a number"));
    } else if (!json_integer(place->value, &scale) || scale < 0 || scale > LIMIT_SCALE) {
        fault(walk, place, _("must be a whole number from 0 to %d: the decimals of one point"),
              LIMIT_SCALE);
    } else {
        *(unsigned *)field = reading->decimals = (unsigned)scale;
        reading->scale_known = true;
    }
}

static void read_value(struct walk *walk, const struct place *place, void *field,
                       const void *detail)
{
    (void)detail;
    walk_millionths(walk, place, 0, LIMIT_VALUE * (int64_t)VALUE_UNIT,
                    _("the money that a point is worth, like \"0.01\""), field);
}

static void read_breakage(struct walk *walk, const struct place *place, void *field,
                          const void *detail)
{
    (void)detail;
    walk_millionths(walk, place, 0, VALUE_UNIT, _("a share from \"0\" to \"1\", like \"0.15\""),
                    field);
}

static const struct member points_members[] = {
    {"name", OPTIONAL, offsetof(struct points, name), read_name, NULL},
    {"spendable", OPTIONAL, offsetof(struct points, spendable), read_bool, NULL},
    {"scale", OPTIONAL, offsetof(struct points, scale), read_scale, NULL},
    {"expires", OPTIONAL, offsetof(struct points, expires), read_expiry, NULL},
    {"pending", OPTIONAL, 0, read_pending, &pending_shape},
    {"tender", OPTIONAL, 0, read_tender, &tender_shape},
    {"transfer", OPTIONAL, 0, read_transfer, &transfer_shape},
    {"value", OPTIONAL, offsetof(struct points, value), read_value, NULL},
    {"breakage", OPTIONAL, offsetof(struct points, breakage), read_breakage, NULL},
    {"proof_above", OPTIONAL, 0, read_proof_above, NULL},
};
static const struct shape points_shape = SHAPE(points_members);

/* Where the document says nothing. What is not allowed has its bounds all the same. */
static const struct points defaults = {
    .spendable = true,
    .tender = {.least = 1, .share = VALUE_UNIT},
    .transfer = {.most = LIMIT_UNITS, .per_month = LIMIT_UNITS},
    .proof_above = LIMIT_UNITS,
};

static void read_points_currency(struct walk *walk, const struct place *place,
                                 struct points *points)
{
    struct reading *reading = walk->context;
    *points = defaults;
    reading->scale_known = true;
    reading->decimals = points->scale;
    walk_id_name(walk, place, &points->id);
    walk_object(walk, place, &points_shape, points);
}

void read_points(struct walk *walk, const struct place *place, void *field, const void *detail)
{
    (void)detail;
    struct programme *programme = field;
    if (!cJSON_IsObject(place->value)) {
        fault_type(walk, place, _("an object of points currencies, like {\"point\": {}}"));
        return;
    }
    size_t count = (size_t)cJSON_GetArraySize(place->value);
    if (count == 0 || count > LIMIT_CURRENCIES) {
        fault(walk, place, _("has %zu points currencies; accepted are 1 to %d"), count,
              LIMIT_CURRENCIES);
        return;
    }
    programme->points = arena_allocate(walk->arena, count * sizeof programme->points[0]);
    programme->points_count = count;
    for (struct place at = first_child(place); at.value != NULL; next_child(&at))
        read_points_currency(walk, &at, &programme->points[at.index]);
}
