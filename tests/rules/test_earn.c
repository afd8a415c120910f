/* Earning: cases a retailer would write down, then properties over baskets made
 * from a seed, against arithmetic that is done another way. */
#include <inttypes.h>

#include "../programme/fixture.h"
#include "earn.h"

/* A programme in euros that earns by the rules given, with points a and b (b has
 * two decimals). */
#define RULES(base, rules)                                                                         \
    DOCUMENT("UTC", "EUR",                                                                         \
             "\"base\":{" base "},\"points\":{\"a\":{},\"b\":{\"scale\":2}},\"earn\":[" rules "]")

/* The same for members of levels. */
#define RULES_OF(tiers, base, rules)                                                               \
    DOCUMENT("UTC", "EUR",                                                                         \
             "\"base\":{" base "},\"points\":{\"a\":{},\"b\":{\"scale\":2}},"                      \
             "\"tiers\":{\"measure\":{\"spend\":true},\"window\":\"lifetime\",\"levels\":[" tiers  \
             "]},\"earn\":[" rules "]")

static struct basket_line line(const char *sku, const char *category, int64_t amount)
{
    return (struct basket_line){
        .sku = text_of(sku), .category = text_of(category), .amount = amount};
}

struct expected {
    unsigned rule, currency;
    int64_t base, whole, numerator, denominator;
};

static void expect_earnings(const char *document, int level, const struct basket_line lines[],
                            size_t count, const struct expected expected[], size_t expected_count)
{
    struct arena arena = {0};
    struct error error = {0};
    struct earnings earnings;
    const struct programme *programme = fixture_read(&arena, "UTC", document);
    CU_ASSERT_TRUE(earn(programme, level, lines, count, &arena, &earnings, &error));
    test_expect_integer(document, (long long)expected_count, (long long)earnings.count);
    for (size_t i = 0; i < expected_count && i < earnings.count; i++) {
        const struct earning *got = &earnings.list[i];
        test_expect_integer("rule", expected[i].rule, got->rule);
        test_expect_integer("currency", expected[i].currency, got->currency);
        test_expect_integer("base", expected[i].base, got->base);
        test_expect_integer("whole", expected[i].whole, got->whole);
        test_expect_integer("carried", expected[i].numerator, (long long)got->carried.numerator);
        test_expect_integer("of", expected[i].denominator, got->carried.denominator);
    }
    arena_free(&arena);
}
#define EXPECT_OF(level, document, lines, ...)                                                     \
    do {                                                                                           \
        const struct expected list[] = {__VA_ARGS__};                                              \
        expect_earnings(document, level, lines, sizeof(lines) / sizeof(lines)[0], list,            \
                        sizeof list / sizeof list[0]);                                             \
    } while (0)
#define EXPECT(document, lines, ...) EXPECT_OF(-1, document, lines, __VA_ARGS__)

static void one_point_per_euro(void)
{
    const struct basket_line basket[] = {line("x", "", 1050), line("y", "", 949)};
    EXPECT(RULES("", "{\"id\":\"r\",\"per\":\"1.00\",\"gives\":{\"a\":1}}"), basket,
           {0, 0, 1999, 19, 0, 1});
}

static void each_rounding(void)
{
    const struct basket_line basket[] = {line("", "", 250)};
#define ROUNDED(name, more)                                                                        \
    RULES("",                                                                                      \
          "{\"id\":\"r\",\"per\":\"1.00\",\"gives\":{\"a\":1},\"rounding\":\"" name "\"" more "}")
    EXPECT(ROUNDED("down", ""), basket, {0, 0, 250, 2, 0, 1});
    EXPECT(ROUNDED("up", ""), basket, {0, 0, 250, 3, 0, 1});
    EXPECT(ROUNDED("nearest", ""), basket, {0, 0, 250, 3, 0, 1});
    EXPECT(ROUNDED("even", ""), basket, {0, 0, 250, 2, 0, 1});
    EXPECT(ROUNDED("carry", ""), basket, {0, 0, 250, 0, 5, 2});
    const struct basket_line odd[] = {line("", "", 350)};
    EXPECT(ROUNDED("even", ""), odd, {0, 0, 350, 4, 0, 1});
    const struct basket_line three[] = {line("", "", 50), line("", "", 50), line("", "", 99)};
    EXPECT(ROUNDED("nearest", ",\"each\":\"line\""), three, {0, 0, 199, 3, 0, 1});
    EXPECT(ROUNDED("nearest", ",\"each\":\"receipt\""), three, {0, 0, 199, 2, 0, 1});
}

static void several_points_and_scales(void)
{
    const struct basket_line basket[] = {line("", "", 1000)};
    EXPECT(RULES("", "{\"id\":\"r\",\"per\":\"3.00\",\"gives\":{\"b\":\"0.5\",\"a\":2}},"
                     "{\"id\":\"s\",\"per\":\"0.50\",\"gives\":{\"a\":1},\"rounding\":\"carry\"}"),
           basket, {0, 1, 1000, 166, 0, 1}, {0, 0, 1000, 6, 0, 1}, {1, 0, 1000, 0, 20, 1});
}

static void tax_and_discount(void)
{
    struct basket_line basket[] = {line("", "", 1000)};
    basket[0].discount = 200;
    basket[0].tax = 160;
#define BASE(base) RULES(base, "{\"id\":\"r\",\"per\":\"0.01\",\"gives\":{\"a\":1}}")
    EXPECT(BASE(""), basket, {0, 0, 1000, 1000, 0, 1});
    EXPECT(BASE("\"tax\":\"excluded\""), basket, {0, 0, 840, 840, 0, 1});
    EXPECT(BASE("\"discounts\":\"ignore\""), basket, {0, 0, 1200, 1200, 0, 1});
    EXPECT(BASE("\"tax\":\"excluded\",\"discounts\":\"ignore\""), basket, {0, 0, 1040, 1040, 0, 1});
    /* Free after the discount, and all of it tax. */
    basket[0] = line("", "", 30);
    basket[0].discount = 100;
    basket[0].tax = 30;
    EXPECT(BASE("\"tax\":\"excluded\",\"discounts\":\"ignore\""), basket, {0, 0, 100, 100, 0, 1});
}

static void what_points_paid(void)
{
    struct basket_line basket[] = {line("", "", 1000), line("gift", "", 500)};
    basket[0].discount = 200;
    basket[0].tax = 160;
    basket[0].paid = 300;
    basket[1].paid = 500;
    EXPECT(BASE(""), basket, {0, 0, 700, 700, 0, 1});
    EXPECT(BASE("\"points\":\"ignore\""), basket, {0, 0, 1500, 1500, 0, 1});
    EXPECT(BASE("\"tax\":\"excluded\""), basket, {0, 0, 540, 540, 0, 1});
    EXPECT(BASE("\"discounts\":\"ignore\""), basket, {0, 0, 900, 900, 0, 1});
    /* Points that paid all, tax as well: never below zero, and no other line pays for it. */
    basket[0].paid = 1000;
    EXPECT(BASE("\"tax\":\"excluded\",\"points\":\"ignore\""), basket, {0, 0, 1340, 1340, 0, 1});
    basket[1].paid = 0;
    EXPECT(BASE("\"tax\":\"excluded\""), basket, {0, 0, 500, 500, 0, 1});
}

/* A voucher's money earns nothing, whatever the programme says of points. */
static void what_earns_nothing_paid(void)
{
    struct basket_line basket[] = {line("", "", 1000), line("gift", "", 500)};
    basket[0].tax = 160;
    basket[0].paid = 300;
    basket[0].excluded = 200;
    basket[1].excluded = 500;
    EXPECT(BASE(""), basket, {0, 0, 500, 500, 0, 1});
    EXPECT(BASE("\"points\":\"ignore\""), basket, {0, 0, 800, 800, 0, 1});
    EXPECT(BASE("\"tax\":\"excluded\""), basket, {0, 0, 340, 340, 0, 1});
    /* It paid the tax as well: never below zero, and no other line pays for it. */
    basket[0].excluded = 700;
    basket[1].excluded = 0;
    EXPECT(BASE("\"tax\":\"excluded\""), basket, {0, 0, 500, 500, 0, 1});
}

static void filters(void)
{
    const struct basket_line basket[] = {line("card", "gift", 1), line("milk", "dairy", 10),
                                         line("apple", "fruit", 100), line("cake", "", 1000)};
#define FILTERED(more)                                                                             \
    RULES("\"excluding\":{\"category\":[\"gift\"]}",                                               \
          "{\"id\":\"r\",\"per\":\"0.01\",\"gives\":{\"a\":1}" more "}")
    EXPECT(FILTERED(""), basket, {0, 0, 1110, 1110, 0, 1});
    EXPECT(FILTERED(",\"only\":{\"sku\":[\"cake\"],\"category\":[\"dairy\"]}"), basket,
           {0, 0, 1010, 1010, 0, 1});
    EXPECT(FILTERED(",\"excluding\":{\"sku\":[\"apple\"]}"), basket, {0, 0, 1010, 1010, 0, 1});
    EXPECT(FILTERED(",\"only\":{\"category\":[\"dairy\",\"fruit\",\"gift\"]},"
                    "\"excluding\":{\"sku\":[\"milk\"]}"),
           basket, {0, 0, 100, 100, 0, 1});
    /* The line's SKU is not a category. */
    expect_earnings(FILTERED(",\"only\":{\"category\":[\"cake\",\"milk\"]}"), -1, basket, 4, NULL,
                    0);
}

static void nothing_earned(void)
{
    const struct basket_line free_of_charge[] = {line("x", "", 0)};
    const char *up = RULES("", "{\"id\":\"r\",\"per\":\"1.00\",\"gives\":{\"a\":1},"
                               "\"rounding\":\"up\"}");
    expect_earnings(up, -1, free_of_charge, 1, NULL, 0);
    expect_earnings(up, -1, NULL, 0, NULL, 0);
    expect_earnings(RULES("", ""), -1, free_of_charge, 1, NULL, 0);
    /* A base of which nothing is left by rounding is listed: it was looked at. */
    const struct basket_line a_cent[] = {line("x", "", 1)};
    EXPECT(RULES("", "{\"id\":\"r\",\"per\":\"1.00\",\"gives\":{\"a\":1}}"), a_cent,
           {0, 0, 1, 0, 0, 1});
}

static void too_much(void)
{
    struct arena arena = {0};
    struct error error = {0};
    struct earnings earnings;
    const struct programme *programme = fixture_read(
        &arena, "UTC", RULES("", "{\"id\":\"r\",\"per\":\"0.01\",\"gives\":{\"a\":2}}"));
    const struct basket_line most = line("", "", LIMIT_UNITS), one = line("", "", 1);
    const struct basket_line two[] = {most, one}, half[] = {line("", "", LIMIT_UNITS / 2)};
    CU_ASSERT_TRUE(earn(programme, -1, half, 1, &arena, &earnings, &error));
    test_expect_integer("just", LIMIT_UNITS - 1, earnings.list[0].whole);
    CU_ASSERT_FALSE(earn(programme, -1, &most, 1, &arena, &earnings, &error));
    test_expect_integer("rounded", ERROR_OVERFLOW, error.code);
    error = (struct error){0};
    CU_ASSERT_FALSE(earn(programme, -1, two, 2, &arena, &earnings, &error));
    test_expect_integer("summed", ERROR_OVERFLOW, error.code);
    arena_free(&arena);
}

static void totals(void)
{
    struct arena arena = {0};
    struct error error = {0};
    struct earning list[] = {{.currency = 0, .whole = 3, .carried = {1, 6}},
                             {.currency = 1, .whole = 5, .carried = {7, 1}},
                             {.currency = 0, .whole = 4, .carried = {1, 3}}};
    struct earnings earnings = {list, 3};
    int64_t whole;
    struct fraction carried;
    CU_ASSERT_TRUE(earnings_total(&earnings, 0, &whole, &carried, &error));
    test_expect_integer("whole", 7, whole);
    test_expect_integer("carried", 1, (long long)carried.numerator);
    test_expect_integer("of", 2, carried.denominator);
    CU_ASSERT_TRUE(earnings_total(&earnings, 2, &whole, &carried, &error));
    test_expect_integer("none", 0, whole);
    list[0].whole = LIMIT_UNITS;
    CU_ASSERT_FALSE(earnings_total(&earnings, 0, &whole, &carried, &error));
    test_expect_integer("code", ERROR_OVERFLOW, error.code);
    arena_free(&arena);
}

/* --- levels ------------------------------------------------------------------- */

#define BASE_AND_GOLD(multiply)                                                                    \
    "{\"id\":\"base\"},{\"id\":\"gold\",\"from\":\"9\",\"multiply\":{" multiply "}},"              \
    "{\"id\":\"top\",\"from\":\"99\"}"

static void rules_of_levels(void)
{
    static const char *const document =
        RULES_OF(BASE_AND_GOLD(""), "",
                 "{\"id\":\"any\",\"per\":\"1\",\"gives\":{\"a\":1}},"
                 "{\"id\":\"least\",\"min_tier\":\"gold\",\"per\":\"1\",\"gives\":{\"a\":1}},"
                 "{\"id\":\"base\",\"min_tier\":\"base\",\"per\":\"1\",\"gives\":{\"a\":1}},"
                 "{\"id\":\"just\",\"tier\":\"gold\",\"per\":\"1\",\"gives\":{\"a\":1}}");
    const struct basket_line basket[] = {line("x", "", 200)};
    EXPECT_OF(-1, document, basket, {0, 0, 200, 2, 0, 1});
    EXPECT_OF(0, document, basket, {0, 0, 200, 2, 0, 1}, {2, 0, 200, 2, 0, 1});
    EXPECT_OF(1, document, basket, {0, 0, 200, 2, 0, 1}, {1, 0, 200, 2, 0, 1}, {2, 0, 200, 2, 0, 1},
              {3, 0, 200, 2, 0, 1});
    EXPECT_OF(2, document, basket, {0, 0, 200, 2, 0, 1}, {1, 0, 200, 2, 0, 1},
              {2, 0, 200, 2, 0, 1});
}

/* The exact value is multiplied, then rounded once: by receipt, by line, or not at all. */
static void multiplied_before_rounding(void)
{
    static const char *const document =
        RULES_OF(BASE_AND_GOLD("\"a\":\"1.5\""), "",
                 "{\"id\":\"r\",\"per\":\"1\",\"gives\":{\"a\":1,\"b\":1}},"
                 "{\"id\":\"l\",\"per\":\"1\",\"gives\":{\"a\":1},\"each\":\"line\"},"
                 "{\"id\":\"u\",\"per\":\"10\",\"gives\":{\"a\":1},\"rounding\":\"up\"},"
                 "{\"id\":\"c\",\"per\":\"3\",\"gives\":{\"a\":1},\"rounding\":\"carry\"}");
    const struct basket_line basket[] = {line("x", "", 150), line("y", "", 150)};
    EXPECT_OF(0, document, basket, {0, 0, 300, 3, 0, 1}, {0, 1, 300, 300, 0, 1},
              {1, 0, 300, 2, 0, 1}, {2, 0, 300, 1, 0, 1}, {3, 0, 300, 0, 1, 1});
    EXPECT_OF(1, document, basket, {0, 0, 300, 4, 0, 1}, {0, 1, 300, 300, 0, 1},
              {1, 0, 300, 4, 0, 1}, {2, 0, 300, 1, 0, 1}, {3, 0, 300, 0, 3, 2});
}

/* The rule applies, and gives nothing. */
static void multiplied_by_nothing(void)
{
    static const char *const document =
        RULES_OF(BASE_AND_GOLD("\"a\":\"0\""), "",
                 "{\"id\":\"r\",\"per\":\"1\",\"gives\":{\"a\":1},\"rounding\":\"up\"},"
                 "{\"id\":\"c\",\"per\":\"1\",\"gives\":{\"a\":1},\"rounding\":\"carry\"}");
    const struct basket_line basket[] = {line("x", "", 150)};
    EXPECT_OF(1, document, basket, {0, 0, 150, 0, 0, 1}, {1, 0, 150, 0, 0, 1});
}

static void what_all_lines_count_for(void)
{
    struct arena arena = {0};
    struct error error = {0};
    const struct programme *programme = fixture_read(
        &arena, "UTC",
        RULES("\"tax\":\"excluded\",\"discounts\":\"ignore\",\"excluding\":{\"sku\":[\"card\"]}",
              "{\"id\":\"r\",\"per\":\"1\",\"gives\":{\"a\":1},\"only\":{\"sku\":[\"x\"]}}"));
    struct basket_line basket[] = {line("x", "", 1000), line("y", "", 500), line("card", "", 9000)};
    basket[0].tax = 100;
    basket[0].discount = 50;
    basket[1].paid = 200;
    basket[1].excluded = 30;
    int64_t base = -1;
    CU_ASSERT_TRUE(earning_base(programme, basket, 3, &base, &error));
    test_expect_integer("1000 - 100 + 50 and 500 - 200 - 30", 1220, base);
    CU_ASSERT_TRUE(earning_base(programme, basket, 0, &base, &error));
    test_expect_integer("nothing", 0, base);
    basket[0].amount = LIMIT_UNITS;
    CU_ASSERT_FALSE(earning_base(programme, basket, 2, &base, &error));
    test_expect_integer("code", ERROR_OVERFLOW, error.code);
    arena_free(&arena);
}

/* --- properties -------------------------------------------------------------- */

static uint64_t seed_state;
static uint64_t draw(uint64_t below)
{
    seed_state += UINT64_C(0x9e3779b97f4a7c15); /* splitmix64 */
    uint64_t z = seed_state;
    z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
    return (z ^ (z >> 31)) % below;
}

static const char *const skus[] = {"", "card", "milk", "apple", "cake", "tea"};
static const char *const categories[] = {"", "gift", "dairy", "fruit"};

static struct basket_line random_line(void)
{
    static const uint64_t sizes[] = {10, 1000, 100000, UINT64_C(1000000000000)};
    struct basket_line made = line(skus[draw(6)], categories[draw(4)], 0);
    made.amount = (int64_t)draw(sizes[draw(4)]);
    made.discount = (int64_t)draw(sizes[draw(3)]);
    made.tax = (int64_t)draw((uint64_t)made.amount + 1);
    return made;
}

static struct basket_line random_paid_line(void)
{
    struct basket_line made = random_line();
    made.paid = draw(2) == 0 ? 0 : (int64_t)draw((uint64_t)made.amount + 1);
    made.excluded = draw(2) == 0 ? 0 : (int64_t)draw((uint64_t)(made.amount - made.paid) + 1);
    return made;
}

/* Earning again, in the plainest way: every line asked for every rule by name,
 * the rounding done by comparing twice the rest with the divisor. */
enum { RULE_COUNT = 5 };
static const char *const plain_document =
    RULES_OF("{\"id\":\"base\"},{\"id\":\"gold\",\"from\":\"1\",\"multiply\":{\"a\":\"1.25\",\"b\":"
             "\"0.3\"}},"
             "{\"id\":\"top\",\"from\":\"2\",\"multiply\":{\"a\":\"0\",\"b\":\"7.000001\"}}",
             "\"tax\":\"excluded\",\"discounts\":\"ignore\",\"excluding\":{\"sku\":[\"card\"]}",
             "{\"id\":\"d\",\"per\":\"0.07\",\"gives\":{\"a\":3}},"
             "{\"id\":\"u\",\"per\":\"1.30\",\"gives\":{\"b\":\"0.25\"},\"rounding\":\"up\","
             "\"only\":{\"sku\":[\"tea\",\"milk\"],\"category\":[\"fruit\"]}},"
             "{\"id\":\"n\",\"per\":\"0.06\",\"gives\":{\"a\":1},\"rounding\":\"nearest\","
             "\"each\":\"line\",\"excluding\":{\"category\":[\"gift\"]}},"
             "{\"id\":\"e\",\"per\":\"0.10\",\"gives\":{\"a\":1},\"rounding\":\"even\","
             "\"each\":\"line\"},"
             "{\"id\":\"c\",\"per\":\"9.99\",\"gives\":{\"b\":1},\"rounding\":\"carry\"}");
static const struct {
    int64_t gives, per;
    char rounding;
    bool by_line;
} plain_rules[RULE_COUNT] = {{3, 7, 'd', false},
                             {25, 130, 'u', false},
                             {1, 6, 'n', true},
                             {1, 10, 'e', true},
                             {100, 999, 'c', false}};
/* What each level multiplies a and b by, in millionths. */
static const int64_t plain_multiply[][2] = {{1000000, 1000000}, {1250000, 300000}, {0, 7000001}};

static bool is(struct text text, const char *name)
{
    return text_equal(text, text_of(name));
}

static wide plain_base(int rule, const struct basket_line *l)
{
    if (is(l->sku, "card"))
        return 0;
    if (rule == 1 && !is(l->sku, "tea") && !is(l->sku, "milk") && !is(l->category, "fruit"))
        return 0;
    if (rule == 2 && is(l->category, "gift"))
        return 0;
    wide base = (wide)l->amount + l->discount - l->tax - l->paid - l->excluded;
    return base > 0 ? base : 0;
}

static wide plain_round(wide numerator, wide denominator, char rounding)
{
    wide whole = 0, rest = numerator % denominator;
    whole = (numerator - rest) / denominator;
    if (rounding == 'u' && rest > 0)
        whole++;
    if (rounding == 'n' && rest * 2 >= denominator)
        whole++;
    if (rounding == 'e' && (rest * 2 > denominator || (rest * 2 == denominator && whole % 2 == 1)))
        whole++;
    return whole;
}

static void expect_plain(const struct earning *got, int rule, int level,
                         const struct basket_line lines[], size_t count)
{
    int64_t millionths = level < 0 ? 1000000 : plain_multiply[level][got->currency];
    wide base = 0, whole = 0;
    wide gives = (wide)plain_rules[rule].gives * millionths;
    wide per = (wide)plain_rules[rule].per * 1000000;
    for (size_t i = 0; i < count; i++) {
        wide part = plain_base(rule, &lines[i]);
        base += part;
        if (plain_rules[rule].by_line)
            whole += plain_round(part * gives, per, plain_rules[rule].rounding);
    }
    if (!plain_rules[rule].by_line)
        whole = plain_round(base * gives, per, plain_rules[rule].rounding);
    CU_ASSERT_TRUE(got->base == base);
    if (plain_rules[rule].rounding == 'c') {
        CU_ASSERT_EQUAL(got->whole, 0);
        CU_ASSERT_TRUE(got->carried.numerator * per == base * gives * got->carried.denominator);
        CU_ASSERT_TRUE(greatest_common_divisor((int64_t)got->carried.numerator,
                                               got->carried.denominator) == 1);
    } else {
        CU_ASSERT_TRUE(got->whole == whole);
        CU_ASSERT_TRUE(got->carried.numerator == 0 && got->carried.denominator == 1);
    }
}

static void equals_plain_arithmetic(void)
{
    struct arena arena = {0}, scratch = {0};
    struct error error = {0};
    const struct programme *programme = fixture_read(&arena, "UTC", plain_document);
    for (seed_state = 1; seed_state < 2000 * UINT64_C(1000003); seed_state += 1000003) {
        struct basket_line lines[12];
        struct earnings earnings;
        uint64_t seed = seed_state;
        size_t count = (size_t)draw(12), next = 0;
        for (size_t i = 0; i < count; i++)
            lines[i] = random_paid_line();
        int level = (int)draw(4) - 1;
        CU_ASSERT_TRUE(earn(programme, level, lines, count, &scratch, &earnings, &error));
        for (int rule = 0; rule < RULE_COUNT; rule++) {
            if (next < earnings.count && earnings.list[next].rule == (unsigned)rule) {
                expect_plain(&earnings.list[next++], rule, level, lines, count);
                continue;
            }
            for (size_t i = 0; i < count; i++)
                CU_ASSERT_TRUE(plain_base(rule, &lines[i]) == 0);
        }
        CU_ASSERT_EQUAL(next, earnings.count);
        arena_reset(&scratch);
        seed_state = seed;
    }
    arena_free(&scratch);
    arena_free(&arena);
}

static int64_t whole_of(const struct programme *programme, const struct basket_line lines[],
                        size_t count, unsigned currency, struct fraction *carried)
{
    struct arena arena = {0};
    struct error error = {0};
    struct earnings earnings;
    int64_t whole = 0;
    CU_ASSERT_TRUE(earn(programme, -1, lines, count, &arena, &earnings, &error));
    CU_ASSERT_TRUE(earnings_total(&earnings, currency, &whole, carried, &error));
    arena_free(&arena);
    return whole;
}

/* Paying more never earns less, under any rounding. */
static void more_money_is_never_less_points(void)
{
    struct arena arena = {0};
    const struct programme *programme = fixture_read(&arena, "UTC", plain_document);
    seed_state = 42;
    for (int round = 0; round < 500; round++) {
        struct basket_line lines[3] = {random_line(), random_line(), random_line()};
        struct fraction before[2], after[2];
        int64_t whole[2];
        for (unsigned c = 0; c < 2; c++)
            whole[c] = whole_of(programme, lines, 3, c, &before[c]);
        lines[draw(3)].amount += 1 + (int64_t)draw(300);
        for (unsigned c = 0; c < 2; c++) {
            CU_ASSERT_TRUE(whole_of(programme, lines, 3, c, &after[c]) >= whole[c]);
            CU_ASSERT_TRUE(fraction_compare(after[c], before[c]) >= 0);
        }
    }
    arena_free(&arena);
}

/* A till that splits a line in two changes nothing where receipts are rounded. */
static void splitting_lines_changes_nothing(void)
{
    struct arena arena = {0};
    const struct programme *programme = fixture_read(
        &arena, "UTC",
        RULES("\"tax\":\"excluded\",\"excluding\":{\"sku\":[\"card\"]}",
              "{\"id\":\"d\",\"per\":\"0.07\",\"gives\":{\"a\":3}},"
              "{\"id\":\"n\",\"per\":\"3.00\",\"gives\":{\"a\":1},\"rounding\":\"nearest\","
              "\"only\":{\"category\":[\"fruit\"]}},"
              "{\"id\":\"c\",\"per\":\"9.99\",\"gives\":{\"b\":1},\"rounding\":\"carry\"}"));
    seed_state = 7;
    for (int round = 0; round < 500; round++) {
        struct basket_line lines[3] = {random_line(), random_line()};
        struct fraction carried, split_carried;
        int64_t whole = whole_of(programme, lines, 2, 0, &carried);
        struct basket_line whole_line = lines[0];
        lines[0] = line_remainder(whole_line, (int64_t)draw(8), 7);
        lines[2] = whole_line;
        lines[2].amount -= lines[0].amount;
        lines[2].discount -= lines[0].discount;
        lines[2].tax = whole_line.tax - lines[0].tax;
        if (lines[2].tax > lines[2].amount) { /* the part given up may be tax by a cent more */
            lines[0].tax += lines[2].tax - lines[2].amount;
            lines[2].tax = lines[2].amount;
        }
        test_expect_integer("whole", whole, whole_of(programme, lines, 3, 0, &split_carried));
        whole_of(programme, (struct basket_line[]){whole_line, lines[1]}, 2, 1, &carried);
        whole_of(programme, lines, 3, 1, &split_carried);
        test_expect_integer("carried", 0, fraction_compare(carried, split_carried));
    }
    arena_free(&arena);
}

/* --- remainders -------------------------------------------------------------- */

static void remainder_of_a_line(void)
{
    struct basket_line l = {text_of("x"), text_of("c"), 1000, 99, 160, 50, 20};
    struct basket_line third = line_remainder(l, 1, 3);
    test_expect_integer("amount", 667, third.amount);
    test_expect_integer("discount", 66, third.discount);
    test_expect_integer("tax", 107, third.tax);
    test_expect_integer("paid", 34, third.paid);
    test_expect_integer("excluded", 14, third.excluded);
    expect_string("sku", "x", third.sku);
    expect_string("category", "c", third.category);
    struct basket_line all = {text_of(""), text_of(""), LIMIT_UNITS, LIMIT_UNITS,
                              LIMIT_UNITS, LIMIT_UNITS, LIMIT_UNITS};
    test_expect_integer("wide", 1, line_remainder(all, LIMIT_UNITS - 1, LIMIT_UNITS).amount);
}

static void remainders_hold_together(void)
{
    seed_state = 3;
    for (int round = 0; round < 2000; round++) {
        struct basket_line l = random_paid_line(), before = l;
        int64_t of = 1 + (int64_t)draw(round % 2 == 0 ? 12 : 1000000000);
        struct basket_line none = line_remainder(l, 0, of), gone = line_remainder(l, of, of);
        CU_ASSERT_TRUE(none.amount == l.amount && none.discount == l.discount && none.tax == l.tax);
        CU_ASSERT_TRUE(gone.amount == 0 && gone.discount == 0 && gone.tax == 0 && gone.paid == 0);
        /* Falling step by step, never by more than its exact share and one unit. */
        int64_t taken = 0, returned = 0;
        while (returned < of) {
            int64_t step = 1 + (int64_t)draw((uint64_t)(of - returned));
            returned += step;
            struct basket_line rest = line_remainder(l, returned, of);
            CU_ASSERT_TRUE(rest.tax >= 0 && rest.tax <= rest.amount);
            CU_ASSERT_TRUE(rest.paid >= 0 && rest.paid <= rest.amount && rest.paid <= before.paid);
            CU_ASSERT_TRUE(rest.excluded <= rest.amount && rest.excluded <= before.excluded);
            CU_ASSERT_TRUE(rest.amount <= before.amount && rest.discount <= before.discount);
            wide owed = (wide)l.amount * step;
            CU_ASSERT_TRUE((wide)(before.amount - rest.amount) * of < owed + of);
            taken += before.amount - rest.amount;
            before = rest;
        }
        test_expect_integer("all steps together", l.amount, taken);
    }
}

static const struct test_case cases[] = {
    {"one_point_per_euro", one_point_per_euro},
    {"each_rounding", each_rounding},
    {"several_points_and_scales", several_points_and_scales},
    {"tax_and_discount", tax_and_discount},
    {"what_points_paid", what_points_paid},
    {"what_earns_nothing_paid", what_earns_nothing_paid},
    {"filters", filters},
    {"nothing_earned", nothing_earned},
    {"too_much", too_much},
    {"totals", totals},
    {"rules_of_levels", rules_of_levels},
    {"multiplied_before_rounding", multiplied_before_rounding},
    {"multiplied_by_nothing", multiplied_by_nothing},
    {"what_all_lines_count_for", what_all_lines_count_for},
    {"equals_plain_arithmetic", equals_plain_arithmetic},
    {"more_money_is_never_less_points", more_money_is_never_less_points},
    {"splitting_lines_changes_nothing", splitting_lines_changes_nothing},
    {"remainder_of_a_line", remainder_of_a_line},
    {"remainders_hold_together", remainders_hold_together},
    {NULL, NULL},
};
const struct test_suite test_suites[] = {{"earn", cases}, {NULL, NULL}};
