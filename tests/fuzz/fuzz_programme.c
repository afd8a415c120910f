/* Any bytes as a programme document. What is refused has faults in order, each
 * with a place and a message that a terminal can show; what is accepted keeps
 * every bound that rules/ relies on, and can be asked and earned by. */
#include <stdint.h>
#include <stdlib.h>

#include "earn.h"
#include "programme.h"
#include "utf8.h"

#define REQUIRE(condition)                                                                         \
    do {                                                                                           \
        if (!(condition))                                                                          \
            abort();                                                                               \
    } while (0)

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length);

/* The smallest TZif file with summer time: one type, no changes listed, and the
 * rule of London in the footer. */
#define TZIF_HEADER                                                                                \
    "TZif2"                                                                                        \
    "\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0"                                                               \
    "\0\0\0\0"                                                                                     \
    "\0\0\0\0"                                                                                     \
    "\0\0\0\0"                                                                                     \
    "\0\0\0\0"                                                                                     \
    "\0\0\0\1"                                                                                     \
    "\0\0\0\4"
#define TZIF_TYPE                                                                                  \
    "\0\0\0\0\0\0"                                                                                 \
    "GMT\0"
static const char zone[] =
    TZIF_HEADER TZIF_TYPE TZIF_HEADER TZIF_TYPE "\nGMT0BST,M3.5.0/1,M10.5.0\n";

static void require_faults(const struct programme_faults *faults, const struct error *error)
{
    REQUIRE(faults->count >= 1 && faults->count <= LIMIT_FAULTS);
    REQUIRE(error_exit_status(error->code) == 3 && error->line == faults->faults[0].line);
    for (size_t i = 0; i < faults->count; i++) {
        const struct programme_fault *fault = &faults->faults[i], *before = fault - 1;
        REQUIRE(fault->line > 0 && fault->column > 0);
        REQUIRE(fault->message.length > 0 && utf8_is_clean(fault->message));
        REQUIRE(utf8_is_clean(fault->path));
        REQUIRE(i == 0 || before->line < fault->line ||
                (before->line == fault->line && before->column <= fault->column));
    }
}

static void require_list(const struct text list[], size_t count, size_t limit)
{
    for (size_t i = 0; i < count; i++) {
        REQUIRE(list[i].length >= 1 && list[i].length <= limit && utf8_is_clean(list[i]));
        REQUIRE(i == 0 || text_compare(list[i - 1], list[i]) < 0);
    }
}

static void require_filter(const struct line_filter *filter)
{
    require_list(filter->skus, filter->sku_count, LIMIT_SKU);
    require_list(filter->categories, filter->category_count, LIMIT_SKU);
}

static bool is_level(const struct programme *programme, int level)
{
    return level >= -1 &&
           level < (programme->tiers == NULL ? 0 : (int)programme->tiers->level_count);
}

static void require_rule(const struct programme *programme, const struct earn_rule *rule)
{
    require_filter(&rule->only);
    require_filter(&rule->excluding);
    REQUIRE(rule->id.length >= 1 && rule->id.length <= LIMIT_ID);
    REQUIRE(rule->gift_count >= 1 && rule->gift_count <= programme->points_count);
    REQUIRE(is_level(programme, rule->least_level) && is_level(programme, rule->only_level));
    REQUIRE(rule->rounding != EARN_CARRY || rule->each == EACH_RECEIPT);
    for (size_t i = 0; i < rule->gift_count; i++) {
        struct fraction rate = rule->gives[i].rate;
        REQUIRE(rule->gives[i].currency < programme->points_count);
        REQUIRE(rate.numerator >= 1 && rate.numerator <= LIMIT_RATE_TERM);
        REQUIRE(rate.denominator >= 1 && rate.denominator <= LIMIT_RATE_TERM);
    }
}

static void require_points(const struct points *points)
{
    const struct expiry *expires = &points->expires;
    int64_t minor;
    for (size_t i = 0; i < expires->day_count; i++) {
        const struct month_day *day = &expires->days[i], *before = day - 1;
        REQUIRE(date_is_valid((struct date){2000, day->month, day->day}));
        REQUIRE(i == 0 || before->month * 31 + before->day < day->month * 31 + day->day);
    }
    REQUIRE(expires->day_count <= LIMIT_EXPIRY_DAYS && expires->inactive.milliseconds == 0);
    REQUIRE(expires->from == FROM_AVAILABLE || expires->dated);
    REQUIRE(points->pending.span.milliseconds == 0 ||
            (points->pending.span.months == 0 && points->pending.span.days == 0));
    REQUIRE(points->spendable || (!points->tender.allowed && !points->transfer.allowed));
    REQUIRE(points->transfer.most >= 1 && points->transfer.per_month >= 1);
    if (!points->tender.allowed)
        return;
    struct fraction rate = points->tender.rate;
    REQUIRE(rate.numerator >= 1 && rate.numerator <= LIMIT_RATE_TERM);
    REQUIRE(rate.denominator >= 1 && rate.denominator <= LIMIT_RATE_TERM);
    REQUIRE(points->tender.least >= 1 && points->tender.least <= LIMIT_UNITS);
    REQUIRE(points->tender.share >= 1 && points->tender.share <= VALUE_UNIT);
    REQUIRE(!points_worth(points, points->tender.least, &minor) || minor >= 0);
}

static void require_service(const struct programme *programme)
{
    int64_t most = programme->households.most;
    REQUIRE(most == 0 || (most >= 2 && most <= LIMIT_HOUSEHOLD));
    REQUIRE(span_compare(programme->reservations.timeout, programme->reservations.longest) <= 0);
    REQUIRE(programme->return_window.milliseconds == 0);
    for (size_t i = 0; i < programme->adjust_limit_count; i++) {
        const struct adjust_limit *limit = &programme->adjust_limits[i];
        REQUIRE(i == 0 || text_compare(limit[-1].operator_id, limit->operator_id) < 0);
        REQUIRE(limit->operator_id.length >= 1 && limit->operator_id.length <= LIMIT_NAME);
        REQUIRE(limit->most >= 1 && limit->per_day >= 1);
        REQUIRE(programme_adjust_limit(programme, limit->operator_id) == limit);
    }
}

static void require_requirement(const struct tiers *tiers, const struct requirement *requirement)
{
    REQUIRE(requirement->count <= LIMIT_ALTERNATIVES);
    for (size_t a = 0; a < requirement->count; a++) {
        const struct demands *demands = &requirement->any[a];
        REQUIRE(demands->count >= 1 && demands->count <= tiers->measure_count);
        for (size_t d = 0; d < demands->count; d++) {
            REQUIRE(demands->list[d].measure < tiers->measure_count);
            REQUIRE(demands->list[d].units >= 1 && demands->list[d].units <= LIMIT_UNITS);
        }
    }
}

static void require_level(const struct programme *programme, size_t index)
{
    const struct tiers *tiers = programme->tiers;
    const struct tier_level *level = &tiers->levels[index];
    REQUIRE(programme_level_index(programme, level->id) == (int)index);
    REQUIRE(index > 0 ? level->from.count > 0 || level->way_count > 0
                      : level->from.count == 0 && level->way_count == 0);
    require_requirement(tiers, &level->from);
    require_requirement(tiers, &level->keep);
    REQUIRE(level->review.kind != REVIEW_DATED || level->review.dates.after.months > 0 ||
            level->review.dates.after.days > 0 || level->review.dates.day_count > 0 ||
            level->review.dates.at != END_OF_DAY);
    bool by_measure = level->from.count > 0 || level->keep.count > 0;
    REQUIRE(!by_measure || tiers->measure_count > 0);
    REQUIRE(!by_measure || tiers->window.kind != WINDOW_LIFETIME || level->reset_at_review ||
            level->review.kind == REVIEW_NEVER);
    REQUIRE(index > 0 || level->review.kind != REVIEW_CONTINUOUS);
    REQUIRE(level->review.kind != REVIEW_NEVER ||
            (level->grace.months == 0 && level->grace.days == 0));
    for (size_t i = 0; i < programme->points_count; i++)
        REQUIRE(level->multiply[i].numerator >= 0 && level->multiply[i].denominator >= 1);
    for (size_t i = 0; i < level->entry.count; i++)
        REQUIRE(level->entry.gives[i].currency < programme->points_count &&
                level->entry.gives[i].amount >= 1);
    for (size_t i = 0; i < level->forfeit_count; i++)
        REQUIRE(programme->points[level->forfeits[i]].spendable);
    for (size_t i = 0; i < level->way_count; i++)
        REQUIRE(programme_action(programme, level->ways[i].action) != NULL);
    for (size_t i = 0; i < level->was_count; i++)
        REQUIRE(programme_level_index(programme, level->was[i]) == -1 &&
                programme_level_now(&programme, 1, level->was[i]) == (int)index);
}

static void require_tiers(const struct programme *programme)
{
    const struct tiers *tiers = programme->tiers;
    if (tiers == NULL)
        return;
    REQUIRE(tiers->measure_count <= LIMIT_MEASURES);
    for (size_t i = 0; i < tiers->measure_count; i++)
        REQUIRE(tiers->measures[i].id.length >= 1 && tiers->measures[i].key.length >= 4 &&
                tiers->measures[i].least >= 1);
    REQUIRE(tiers->window.kind != WINDOW_ROLLING || tiers->window.span.months > 0 ||
            tiers->window.span.days > 0);
    REQUIRE(tiers->window.kind != WINDOW_TIER || tiers->on_promotion != PROMOTION_KEEP);
    require_list(tiers->operators, tiers->operator_count, LIMIT_NAME);
    REQUIRE(tiers->level_count >= 1 && tiers->level_count <= LIMIT_LEVELS);
    for (size_t i = 0; i < tiers->level_count; i++)
        require_level(programme, i);
}

static void require_benefits(const struct programme *programme)
{
    for (size_t b = 0; b < programme->benefit_count; b++) {
        const struct benefit *benefit = &programme->benefits[b];
        REQUIRE(programme_benefit(programme, benefit->id) == benefit);
        REQUIRE(is_level(programme, benefit->least_level) && benefit->seats >= 1);
        for (size_t i = 0; i < LIMIT_LEVELS && is_level(programme, (int)i); i++)
            REQUIRE(benefit->times[i] >= 0 && benefit->times[i] <= LIMIT_TIMES);
    }
    for (size_t i = 1; i < programme->action_count; i++)
        REQUIRE(text_compare(programme->actions[i - 1].id, programme->actions[i].id) < 0);
}

static void require_dates(const struct programme *programme)
{
    static const moment moments[] = {MOMENT_FIRST + 86400000, 0, INT64_C(1774746000000),
                                     MOMENT_LAST};
    for (size_t m = 0; m < sizeof moments / sizeof moments[0]; m++) {
        struct date day = programme_business_day(programme, moments[m]);
        REQUIRE(date_is_valid(day));
        for (size_t p = 0; p < programme->points_count; p++) {
            const struct points *points = &programme->points[p];
            moment available = points_available(programme, points, moments[m]);
            REQUIRE(points_expiry(programme, points, moments[m]) > moments[m]);
            REQUIRE(points_idle(programme, points, moments[m]) > moments[m]);
            REQUIRE(available == 0 || available > moments[m]);
        }
    }
}

static void require_earning(const struct programme *programme, int level, struct arena *arena)
{
    struct text sku = text_of("sku"), none = text_of("");
    if (programme->base.excluding.sku_count > 0)
        sku = programme->base.excluding.skus[0];
    const struct basket_line lines[] = {{sku, none, 1999, 1, 333, 99, 500},
                                        {none, sku, LIMIT_UNITS / 2, 0, 0, 0, 0},
                                        {none, none, 1, 0, 1, 1, 0}};
    struct earnings earnings;
    struct error error = {0};
    if (!earn(programme, level, lines, 3, arena, &earnings, &error)) {
        REQUIRE(error.code == ERROR_OVERFLOW);
        return;
    }
    for (unsigned c = 0; c < programme->points_count; c++) {
        int64_t whole;
        struct fraction carried;
        if (earnings_total(&earnings, c, &whole, &carried, &error))
            REQUIRE(carried.denominator <= LIMIT_CARRY_DENOMINATOR);
        else
            REQUIRE(error.code == ERROR_OVERFLOW);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
    struct arena arena = {0};
    struct programme_faults faults;
    struct error error = {0};
    struct text document = {(const char *)bytes, length};
    const struct programme *programme =
        programme_read(&arena, document, (struct text){zone, sizeof zone - 1}, &faults, &error);
    if (programme == NULL) {
        require_faults(&faults, &error);
    } else {
        REQUIRE(faults.count == 0);
        require_filter(&programme->base.excluding);
        require_list(programme->receipts.late_operators, programme->receipts.late_operator_count,
                     LIMIT_NAME);
        for (size_t i = 0; i < programme->earn_count; i++)
            require_rule(programme, &programme->earn[i]);
        for (size_t i = 0; i < programme->points_count; i++)
            require_points(&programme->points[i]);
        require_service(programme);
        require_dates(programme);
        require_tiers(programme);
        require_benefits(programme);
        for (int level = -1; is_level(programme, level); level++)
            require_earning(programme, level, &arena);
        REQUIRE(programme_may_follow(programme, programme, &error));
        REQUIRE(programme_carry_bound(&programme, 1, &error));
    }
    arena_free(&arena);
    return 0;
}
