/* Questions to a programme that has been read. Pure: dates are taken in the
 * programme's own zone, whose bytes it carries. */
#include "programme.h"

#include <assert.h>
#include <stdio.h>

int programme_points_index(const struct programme *programme, struct text id)
{
    for (size_t i = 0; i < programme->points_count; i++)
        if (text_equal(programme->points[i].id, id))
            return (int)i;
    return -1;
}

struct text localized_text(const struct localized *name, struct text language,
                           struct text otherwise)
{
    if (name->count == 0)
        return otherwise;
    int nearest = language_nearest(language, name->languages, name->count);
    if (nearest < 0)
        nearest = language_nearest(text_of("en"), name->languages, name->count);
    if (nearest >= 0)
        return name->texts[nearest];
    return name->texts[0];
}

/* --- time -------------------------------------------------------------------- */

/* The calendar ends with the year 9999, and a span has at most 100 years: what
 * would lapse near its end never does. */
enum { LAST_YEAR = 9999 - 102 };

/* The first moment after the inclusive date. */
static moment day_after(const struct programme *programme, struct date date)
{
    return zone_day_start(programme->zone, date_from_days(date_to_days(date) + 1));
}

/* The next of the listed days of the year, the date itself included; 29 February is
 * the 28th in years without. */
static struct date next_listed(const struct expiry *expiry, struct date date)
{
    for (int year = date.year;; year++) {
        for (size_t i = 0; i < expiry->day_count; i++) {
            int last = days_in_month(year, expiry->days[i].month);
            int day = expiry->days[i].day < last ? expiry->days[i].day : last;
            struct date listed = {year, expiry->days[i].month, day};
            if (date_to_days(listed) >= date_to_days(date))
                return listed;
        }
    }
}

struct date expiry_last_day(const struct expiry *expiry, struct date date)
{
    date = date_add(date, expiry->after);
    return expiry->day_count > 0 ? next_listed(expiry, date) : date_boundary(date, expiry->at);
}

moment points_expiry(const struct programme *programme, const struct points *points, moment at)
{
    const struct expiry *expiry = &points->expires;
    struct date date = zone_date(programme->zone, at);
    if (!expiry->dated || date.year > LAST_YEAR)
        return MOMENT_NEVER;
    return day_after(programme, expiry_last_day(expiry, date));
}

moment points_available(const struct programme *programme, const struct points *points, moment at)
{
    struct span span = points->pending.span;
    struct date date = zone_date(programme->zone, at);
    switch (points->pending.kind) {
    case PENDING_NOT:
        return 0;
    case PENDING_ACTIVATE:
        return MOMENT_NEVER;
    case PENDING_FOR:
    case PENDING_RETURN_WINDOW:
        break;
    }
    if (date.year > LAST_YEAR)
        return MOMENT_NEVER;
    return span.milliseconds != 0 ? zone_add(programme->zone, at, span)
                                  : day_after(programme, date_add(date, span));
}

moment points_expiry_earned(const struct programme *programme, const struct points *points,
                            moment at)
{
    moment from = points_available(programme, points, at);
    bool waits = from != 0 && from != MOMENT_NEVER && points->expires.from == FROM_AVAILABLE;
    return points_expiry(programme, points, waits ? from : at);
}

moment points_idle(const struct programme *programme, const struct points *points, moment at)
{
    struct date date = zone_date(programme->zone, at);
    if (!points->expires.idles || date.year > LAST_YEAR)
        return MOMENT_NEVER;
    return day_after(programme, date_add(date, points->expires.inactive));
}

bool points_worth(const struct points *points, int64_t units, int64_t *minor)
{
    struct fraction worth;
    return fraction_multiply(points->tender.rate, (struct fraction){units, 1}, &worth) &&
           fraction_round(worth, ROUND_DOWN, minor);
}

const struct adjust_limit *programme_adjust_limit(const struct programme *programme,
                                                  struct text operator_id)
{
    const struct adjust_limit *everyone = NULL;
    for (size_t i = 0; i < programme->adjust_limit_count; i++) {
        const struct adjust_limit *limit = &programme->adjust_limits[i];
        if (text_equal(limit->operator_id, operator_id))
            return limit;
        if (text_equal(limit->operator_id, text_of("*")))
            everyone = limit;
    }
    return everyone;
}

struct date programme_business_day(const struct programme *programme, moment at)
{
    struct civil local;
    zone_to_civil(programme->zone, at, &local);
    /* By the clock on the wall, also on a day of 23 or 25 hours: the till
     * changes its day when its clock shows the hour. */
    if (local.hour * 60 + local.minute >= programme->receipts.business_day_minutes)
        return local.date;
    return date_from_days(date_to_days(local.date) - 1);
}

/* --- filters ----------------------------------------------------------------- */

static bool holds(const struct text list[], size_t count, struct text wanted)
{
    while (count > 0) {
        int order = text_compare(wanted, list[count / 2]);
        if (order == 0)
            return true;
        if (order > 0) {
            list += count / 2 + 1;
            count -= count / 2 + 1;
        } else {
            count /= 2;
        }
    }
    return false;
}

bool line_filter_names(const struct line_filter *filter, struct text sku, struct text category)
{
    return holds(filter->skus, filter->sku_count, sku) ||
           holds(filter->categories, filter->category_count, category);
}

bool programme_excludes_tender(const struct programme *programme, struct text type)
{
    return holds(programme->base.excluding_tenders, programme->base.excluding_tender_count, type);
}

/* --- from one version to the next -------------------------------------------- */

static bool add_denominator(int64_t denominator, int64_t *common)
{
    assert(denominator > 0 && denominator <= LIMIT_RATE_TERM);
    wide multiple = (wide)*common / greatest_common_divisor(*common, denominator) * denominator;
    if (multiple > LIMIT_CARRY_DENOMINATOR)
        return false;
    *common = (int64_t)multiple;
    return true;
}

bool carry_common(const struct tiers *tiers, const struct earn_gift *gift, int64_t *common)
{
    int64_t multiple = *common == 0 ? 1 : *common;
    int levels = tiers == NULL ? 0 : (int)tiers->level_count;
    for (int level = -1; level < levels; level++) {
        struct fraction rate;
        bool fits = level_rate(tiers, level, gift, &rate);
        assert(fits);
        if (!fits || !add_denominator(rate.denominator, &multiple))
            return false;
    }
    *common = multiple;
    return true;
}

static bool refuse_change(struct error *error, const char *path, const char *message)
{
    return fail_field(error, ERROR_PROGRAMME_CHANGE, path, "%s", message);
}

static bool same_identity_of_receipts(const struct programme *a, const struct programme *b)
{
    if (a->receipts.unique_count != b->receipts.unique_count)
        return false;
    for (size_t i = 0; i < a->receipts.unique_count; i++)
        if (a->receipts.unique_by[i] != b->receipts.unique_by[i])
            return false;
    return true;
}

static bool points_may_follow(const struct points *previous, const struct programme *next,
                              struct error *error)
{
    char path[sizeof error->field];
    int index = programme_points_index(next, previous->id);
    if (index < 0)
        return fail_field(error, ERROR_PROGRAMME_CHANGE, "/points",
                          _("the points \"%.*s\" of the version before are missing: members may "
                            "hold some"),
                          TEXT(previous->id));
    const struct points *now = &next->points[index];
    bool scale_kept = now->scale == previous->scale;
    snprintf(path, sizeof path, "/points/%.*s/%s", TEXT(previous->id),
             scale_kept ? "spendable" : "scale");
    if (!scale_kept)
        return refuse_change(error, path,
                             _("the decimals of points cannot change: balances are kept in them"));
    if (now->spendable != previous->spendable)
        return refuse_change(error, path,
                             _("whether points can be spent cannot change: use a new points "
                               "currency"));
    return true;
}

static bool has_scope(const struct programme *programme, enum receipt_scope scope)
{
    for (size_t i = 0; i < programme->receipts.unique_count; i++)
        if (programme->receipts.unique_by[i] == scope)
            return true;
    return false;
}

/* What a request means that names no currency; empty where none can be spent. */
static struct text default_points(const struct programme *programme)
{
    for (size_t i = 0; i < programme->points_count; i++)
        if (programme->points[i].spendable)
            return programme->points[i].id;
    return (struct text){0};
}

/* A member may be of any level: what becomes of them has to be said. */
static bool levels_may_follow(const struct programme *previous, const struct programme *next,
                              struct error *error)
{
    const struct programme *const versions[] = {previous, next};
    for (size_t i = 0; previous->tiers != NULL && i < previous->tiers->level_count; i++) {
        struct text id = previous->tiers->levels[i].id;
        if (programme_level_now(versions, 2, id) >= 0)
            continue;
        fail_field(error, ERROR_PROGRAMME_CHANGE, "/tiers/levels",
                   _("the level \"%.*s\" of the version before is missing: members may be of it"),
                   TEXT(id));
        return hint(error, _("keep it, or name it in \"was\" of the level that they are to be of"));
    }
    return true;
}

bool programme_may_follow(const struct programme *previous, const struct programme *next,
                          struct error *error)
{
    if (!text_equal(previous->id, next->id))
        return fail_field(error, ERROR_PROGRAMME_CHANGE, "/id",
                          _("the programme of this ledger is \"%.*s\": its id cannot change"),
                          TEXT(previous->id));
    if (!text_equal(previous->currency, next->currency))
        return fail_field(error, ERROR_PROGRAMME_CHANGE, "/currency",
                          _("the money of this ledger is %.*s: it cannot change"),
                          TEXT(previous->currency));
    if (!same_identity_of_receipts(previous, next))
        return refuse_change(error, "/receipts/unique_by",
                             _("what receipts are unique by cannot change: a retry would count "
                               "twice"));
    if (has_scope(previous, SCOPE_DATE) &&
        (previous->receipts.business_day_minutes != next->receipts.business_day_minutes ||
         !text_equal(previous->timezone, next->timezone)))
        return refuse_change(
            error, "/receipts/business_day_starts",
            _("the business day is part of a receipt's identity: neither its start "
              "nor the timezone can change"));
    if (!text_equal(default_points(previous), default_points(next)))
        return refuse_change(error, "/points",
                             _("the first points that can be spent are what a request means that "
                               "names none: they cannot change"));
    for (size_t i = 0; i < previous->points_count; i++)
        if (!points_may_follow(&previous->points[i], next, error))
            return false;
    return levels_may_follow(previous, next, error);
}

/* Multiply into *common what the version's carry rules give of the currency. */
static bool add_carried(const struct programme *version, struct text currency, int64_t *common)
{
    for (size_t r = 0; r < version->earn_count; r++) {
        const struct earn_rule *rule = &version->earn[r];
        if (rule->rounding != EARN_CARRY)
            continue;
        for (size_t g = 0; g < rule->gift_count; g++)
            if (text_equal(version->points[rule->gives[g].currency].id, currency) &&
                !carry_common(version->tiers, &rule->gives[g], common))
                return false;
    }
    return true;
}

/* Does a version before this one have the currency, so that it has been checked? */
static bool named_before(const struct programme *const versions[], size_t version,
                         struct text currency)
{
    for (size_t v = 0; v < version; v++)
        if (programme_points_index(versions[v], currency) >= 0)
            return true;
    return false;
}

static bool currency_carry_bound(const struct programme *const versions[], size_t count,
                                 struct text currency, struct error *error)
{
    int64_t common = 1;
    for (size_t v = 0; v < count; v++)
        if (!add_carried(versions[v], currency, &common))
            return fail_field(error, ERROR_PROGRAMME_CHANGE, "/earn",
                              _("with the carry rules of all versions, what a member carries of "
                                "\"%.*s\" needs a denominator beyond %lld"),
                              TEXT(currency), (long long)LIMIT_CARRY_DENOMINATOR);
    return true;
}

bool programme_carry_bound(const struct programme *const versions[], size_t count,
                           struct error *error)
{
    for (size_t v = 0; v < count; v++) {
        for (size_t p = 0; p < versions[v]->points_count; p++) {
            struct text id = versions[v]->points[p].id;
            if (!named_before(versions, v, id) && !currency_carry_bound(versions, count, id, error))
                return false;
        }
    }
    return true;
}
