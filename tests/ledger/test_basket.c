/* What falls on the lines of a receipt: its discount, and what was paid in ways that earn
 * nothing. Whatever looks at the lines later sees them with their shares. */
#include <stdio.h>
#include <stdlib.h>

#include "base/chance.h"
#include "support.h"

#define NOON "2026-03-02T12:00:00Z"

/* A star for each penny, and another for each of coffee. */
#define SHOP(currency, per, base)                                                                  \
    "{'loyalty':1,'id':'shop','timezone':'UTC','currency':'" currency "','base':{" base "},"       \
    "'points':{'star':{'tender':{'value':'0.01'}},'bean':{'spendable':false}},"                    \
    "'earn':[{'id':'base','per':'" per "','gives':{'star':1}},"                                    \
    "{'id':'coffee','per':'" per "','gives':{'bean':1},'only':{'sku':['C']}}]}"
static const char PENNIES[] = SHOP("GBP", "0.01", "");

#define BUY(receipt, more)                                                                         \
    "{'op':'purchase','member':'card:1','enrol':true,'receipt':'" receipt "'," more "}"
/* 15.02 less 5.01: 6.67, 3.33 and 0.01. */
#define THREE                                                                                      \
    "'amount':'10.01','discount':'5.01','lines':[['A','','2','10'],['B','','','5'],"               \
    "['C','','','0.02']]"

static void a_discount_falls_on_the_lines(void)
{
    struct trial t;
    trial_begin(&t, PENNIES, NOON);
    const cJSON *bought = say(&t, "ok", BUY("a", THREE));
    expect_text(bought, "discount", "5.01");
    expect_text(bought, "amount", "10.01");
    expect_number(bought, "earned/0/amount", 1001);
    expect_number(bought, "earned/1/amount", 1);
    CU_ASSERT_PTR_NULL(at_path(bought, "tenders"));
    /* One of two A, then what is left, line by line. */
    const cJSON *back =
        say(&t, "ok", "{'op':'return','ref':'1','of':'a','lines':[{'sku':'A','quantity':'1'}]}");
    expect_text(back, "amount", "3.33");
    expect_number(back, "assessed/star", 333);
    back = say(&t, "ok", "{'op':'return','ref':'2','of':'a','lines':[{'sku':'A'}]}");
    expect_text(back, "amount", "3.34");
    back = say(&t, "ok", "{'op':'return','ref':'3','of':'a','lines':[{'line':3}]}");
    expect_text(back, "amount", "0.01");
    expect_number(back, "assessed/bean", 1);
    back = say(&t, "ok", "{'op':'return','ref':'4','of':'a','all':true}");
    expect_text(back, "refund", "3.33");
    expect_available(&t, "card:1", "star", 0);
    trial_end(&t);
}

/* The discount is of the one line that the receipt is. */
static void a_receipt_without_lines_has_one(void)
{
    struct trial t;
    trial_begin(&t, SHOP("GBP", "0.01", "'discounts':'ignore'"), NOON);
    const cJSON *bought = say(&t, "ok", BUY("a", "'amount':'9','discount':'1.50'"));
    expect_number(bought, "earned/0/amount", 1050);
    const cJSON *back = say(&t, "ok", "{'op':'return','ref':'1','of':'a','amount':'3'}");
    expect_number(back, "assessed/star", 350);
    /* With lines, and discounts of their own: 8 + 4 before any of them. */
    bought = say(&t, "ok",
                 BUY("b", "'amount':'9','discount':'1','lines':[['A','','','7','1'],"
                          "['C','','','3','1']]"));
    expect_number(bought, "earned/0/amount", 1200);
    expect_number(bought, "earned/1/amount", 400);
    trial_end(&t);
}

/* Tax is a part of the price: it becomes less with it, and never more than it. */
static void tax_becomes_less_with_its_line(void)
{
    struct trial t;
    trial_begin(&t, SHOP("GBP", "0.01", "'tax':'excluded'"), NOON);
    const cJSON *bought = say(&t, "ok",
                              BUY("a", "'amount':'6','discount':'6','lines':[['A','','','12','',"
                                       "'2']]"));
    expect_number(bought, "earned/0/amount", 500);
    bought = say(&t, "ok",
                 BUY("b", "'amount':'0.10','discount':'11.90','lines':[['A','','','12','','12']]"));
    expect_count(bought, "earned", 0);
    bought =
        say(&t, "ok", BUY("c", "'amount':'0','discount':'12','lines':[['A','','','12','','2']]"));
    expect_count(bought, "earned", 0);
    say(&t, "ok", "{'op':'return','ref':'1','of':'c','all':true}");
    trial_end(&t);
}

static void lines_less_the_discount_are_the_amount(void)
{
    struct trial t;
    trial_begin(&t, PENNIES, NOON);
    say(&t, "ok", "{'op':'member.add','identifiers':['card:1']}");
    int64_t size = log_size(&t);
    const cJSON *refused = say(&t, "lines_mismatch",
                               BUY("a", "'amount':'9','discount':'2','lines':[['A','','','10']]"));
    expect_text(refused, "error/field", "lines");
    expect_text(refused, "error/message",
                "the lines add up to 10.00, less the discount of 2.00; the amount is 9.00");
    CU_ASSERT_PTR_NOT_NULL(at_path(refused, "error/hint"));
    say(&t, "lines_mismatch", BUY("a", "'amount':'0','discount':'11','lines':[['A','','','10']]"));
    say(&t, "lines_mismatch", BUY("a", "'amount':'8','lines':[['A','','','10']]"));
    say(&t, "overflow",
        BUY("a", "'amount':'1','discount':'9','lines':[['A','','','10','90071992547409.91']]"));
    expect_text(say(&t, "invalid_amount", BUY("a", "'amount':'9','discount':'-1'")), "error/field",
                "discount");
    test_expect_integer("nothing was recorded", size, log_size(&t));
    /* That there was none may be said or not. */
    say(&t, "ok", BUY("a", "'amount':'10','lines':[['A','','','10']]"));
    const cJSON *again =
        say(&t, "ok",
            BUY("a", "'amount':'10','discount':'0','rounding':'0.00','lines':[['A','','','10']]"));
    CU_ASSERT_TRUE(cJSON_IsTrue(at_path(again, "duplicate")));
    expect_text(
        say(&t, "key_reused", BUY("a", "'amount':'10','discount':'1','lines':[['A','','','11']]")),
        "error/field", "lines");
    trial_end(&t);
}

/* Without a receipt goods are found by what was paid for them after the discount. */
static void goods_are_matched_after_the_discount(void)
{
#define BACK(ref, line)                                                                            \
    "{'op':'return','ref':'" ref "','member':'card:1','unmatched':'refuse','lines':[" line "]}"
    struct trial t;
    trial_begin(&t, PENNIES, NOON);
    say(&t, "ok", BUY("a", THREE));
    say(&t, "no_match", BACK("1", "{'sku':'A','quantity':'1','amount':'5'}"));
    const cJSON *back = say(&t, "ok", BACK("1", "{'sku':'A','quantity':'1','amount':'3.34'}"));
    expect_text(back, "amount", "3.33");
    /* A till that shared the discount out by itself may be a penny off, not two. */
    say(&t, "no_match", BACK("2", "{'sku':'B','quantity':'1','amount':'3.31'}"));
    say(&t, "no_match", BACK("2", "{'sku':'B','quantity':'1','amount':'3.35'}"));
    say(&t, "ok", BACK("2", "{'sku':'B','quantity':'1','amount':'3.32'}"));
    /* Without a discount a penny is another price. */
    say(&t, "ok", BUY("b", "'amount':'3','lines':[['D','','','3']]"));
    say(&t, "no_match", BACK("3", "{'sku':'D','quantity':'1','amount':'2.99'}"));
    trial_end(&t);
}

/* A receipt of 5,000 lines is condensed, and its discount falls on what is left of it. */
static void a_condensed_receipt_has_a_discount(void)
{
    struct trial t;
    trial_begin(&t, PENNIES, NOON);
    cJSON *lines = cJSON_CreateArray(), *request = cJSON_CreateObject();
    for (int i = 0; i < 5000; i++) {
        cJSON *line = cJSON_CreateObject();
        cJSON_AddStringToObject(line, "sku", i % 5 == 0 ? "C" : "T");
        cJSON_AddStringToObject(line, "amount", "0.01");
        cJSON_AddItemToArray(lines, line);
    }
    cJSON_AddStringToObject(request, "op", "purchase");
    cJSON_AddStringToObject(request, "member", "card:1");
    cJSON_AddStringToObject(request, "receipt", "a");
    cJSON_AddTrueToObject(request, "enrol");
    cJSON_AddStringToObject(request, "amount", "40.00");
    cJSON_AddStringToObject(request, "discount", "10.00");
    cJSON_AddStringToObject(request, "at", NOON);
    cJSON_AddItemToObject(request, "lines", lines);
    char *text = cJSON_PrintUnformatted(request);
    const cJSON *bought = say(&t, "ok", "%s", text);
    expect_number(bought, "earned/0/amount", 4000);
    expect_number(bought, "earned/1/amount", 800);
    CU_ASSERT_TRUE(cJSON_IsTrue(at_path(say(&t, "ok", "%s", text), "duplicate")));
    const cJSON *back =
        say(&t, "ok", "{'op':'return','ref':'1','of':'a','lines':[{'sku':'C','quantity':'500'}]}");
    expect_text(back, "amount", "4.00");
    expect_number(back, "assessed/bean", 400);
    free(text);
    cJSON_Delete(request);
    trial_end(&t);
}

/* --- Tenders ---------------------------------------------------------------------- */

static void tenders_are_what_was_to_pay(void)
{
    struct trial t;
    trial_begin(&t, PENNIES, NOON);
    say(&t, "ok", "{'op':'member.add','identifiers':['card:1']}");
    say(&t, "ok", "{'op':'adjust','ref':'g','reason':'x','member':'card:1','points':500}");
    int64_t size = log_size(&t);
#define PAID(more) BUY("a", "'amount':'10'," more)
    const cJSON *refused = say(&t, "tenders_mismatch", PAID("'tenders':[['cash','9.99']]"));
    expect_text(refused, "error/field", "tenders");
    expect_text(refused, "error/message", "the tenders add up to 9.99, to pay was 10.00");
    CU_ASSERT_PTR_NOT_NULL(at_path(refused, "error/hint"));
    say(&t, "tenders_mismatch", PAID("'rounding':'-0.01','tenders':[['cash','10']]"));
    refused = say(&t, "tenders_mismatch", PAID("'points':500,'tenders':[['cash','10']]"));
    expect_text(refused, "error/message",
                "with the 5.00 that points paid the tenders add up to 15.00, to pay was 10.00");
    /* Whoever cannot pay with points at all is told that first. */
    say(&t, "insufficient_points", PAID("'points':501,'tenders':[['cash','10']]"));
    expect_text(say(&t, "invalid_field", PAID("'tenders':[['cash','4'],['cash','6']]")),
                "error/field", "tenders");
    expect_text(say(&t, "invalid_field", PAID("'coupons':['X','Y','X']")), "error/field",
                "coupons");
    test_expect_integer("nothing was recorded, nor paid", size, log_size(&t));
    expect_available(&t, "card:1", "star", 500);
    const cJSON *bought = say(&t, "ok",
                              PAID("'points':500,'rounding':'-0.02','coupons':['X','Y'],"
                                   "'tenders':[['cash','3.98'],{'type':'card','amount':'1'}]"));
    expect_text(bought, "rounding", "-0.02");
    expect_text(bought, "tenders/0/type", "cash");
    expect_text(bought, "tenders/1/amount", "1.00");
    expect_number(bought, "earned/0/amount", 500);
    /* Points may pay all of it: then there are no tenders to say. */
    say(&t, "ok", BUY("b", "'amount':'5','points':500"));
    say(&t, "ok", BUY("c", "'amount':'0','tenders':[['voucher','0']]"));
    trial_end(&t);
}

static void a_voucher_earns_nothing(void)
{
    struct trial t;
    trial_begin(&t, PENNIES, NOON);
    const cJSON *bought =
        say(&t, "ok",
            BUY("a", "'amount':'10','tenders':[['voucher','2.50'],['cash','7.50']],"
                     "'lines':[['A','','2','8'],['C','','','2']]"));
    expect_number(bought, "earned/0/amount", 750);
    expect_number(bought, "earned/1/amount", 150);
    /* Its share comes back with the goods. */
    const cJSON *back =
        say(&t, "ok", "{'op':'return','ref':'1','of':'a','lines':[{'sku':'A','quantity':'1'}]}");
    expect_text(back, "amount", "4.00");
    expect_number(back, "assessed/star", 300);
    /* Points pay first; a voucher for more than is left is worth what is left. */
    bought =
        say(&t, "ok",
            BUY("b", "'amount':'2','points':150,'rounding':'1','tenders':[['voucher','1.50']]"));
    expect_count(bought, "earned", 0);
    say(&t, "ok", "{'op':'return','ref':'2','of':'b','amount':'1'}");
    expect_available(&t, "card:1", "star", 450 - 150 + 75);
    /* It pays what points have not paid: of two pennies the other one. */
    bought = say(&t, "ok",
                 BUY("c", "'amount':'0.02','points':1,'tenders':[['voucher','0.01']],"
                          "'lines':[['A','','','0.01'],['C','','','0.01']]"));
    expect_count(bought, "earned", 0);
    trial_end(&t);
}

/* The programme says which; by the version of the purchase, also for what comes back. */
static void the_programme_says_which_earn_nothing(void)
{
    struct trial t;
    trial_begin(&t, SHOP("GBP", "0.01", "'excluding_tenders':['staff','gift']"), NOON);
#define HALF(receipt, tender)                                                                      \
    BUY(receipt, "'amount':'4','tenders':[['" tender "','2'],['cash','2']]")
    expect_number(say(&t, "ok", HALF("a", "gift")), "earned/0/amount", 200);
    expect_number(say(&t, "ok", HALF("b", "voucher")), "earned/0/amount", 400);
    say(&t, "ok", "{'op':'programme.apply','programme':%s}",
        quoted(SHOP("GBP", "0.01", "'excluding_tenders':[]")));
    snprintf(t.now, sizeof t.now, "2026-03-02T13:00:00Z");
    expect_number(say(&t, "ok", HALF("c", "gift")), "earned/0/amount", 400);
    expect_number(say(&t, "ok", "{'op':'return','ref':'1','of':'a','amount':'2'}"), "assessed/star",
                  100);
    trial_end(&t);
}

/* Who claims a sale gets what its goods earned after the discount, without the voucher's
 * share, and less of it where some came back before. */
static void a_claimed_basket_is_the_same(void)
{
    struct trial t;
    trial_begin(&t,
                "{'loyalty':1,'id':'shop','timezone':'UTC','currency':'GBP','claims':{'code':"
                "'optional'},'points':{'star':{}},'earn':[{'id':'base','per':'0.01','gives':{"
                "'star':1}}]}",
                NOON);
    say(&t, "ok", "{'op':'member.add','identifiers':['card:1']}");
#define SOLD(receipt)                                                                              \
    "{'op':'purchase','receipt':'" receipt "','amount':'10','discount':'2','lines':"               \
    "[['A','','2','8'],['B','','','4']],'tenders':[['voucher','2.50'],['cash','7.50']]}"
    expect_number(say(&t, "ok", SOLD("a")), "claimable/star", 750);
    say(&t, "tenders_mismatch",
        "{'op':'purchase','receipt':'b','amount':'10','tenders':[['cash','9']]}");
    const cJSON *claimed = say(&t, "ok", "{'op':'claim','receipt':'a','member':'card:1'}");
    expect_number(claimed, "earned/0/amount", 750);
    expect_number(say(&t, "ok", "{'op':'return','ref':'1','of':'a','lines':[{'line':2}]}"),
                  "assessed/star", 250);
    say(&t, "ok", SOLD("b"));
    say(&t, "ok", "{'op':'return','ref':'2','of':'b','lines':[{'sku':'A','quantity':'1'}]}");
    claimed = say(&t, "ok", "{'op':'claim','receipt':'b','member':'card:1'}");
    expect_number(claimed, "earned/0/amount", 500);
    trial_end(&t);
}

/* --- Currencies --------------------------------------------------------------------- */

static void yen_have_no_decimals(void)
{
    struct trial t;
    trial_begin(&t, SHOP("JPY", "1", ""), NOON);
    const cJSON *bought = say(
        &t, "ok",
        BUY("a", "'amount':'1000','discount':'501','tenders':[['voucher','400'],['cash','600']],"
                 "'lines':[['A','','','1000'],['C','','','501']]"));
    expect_text(bought, "discount", "501");
    expect_text(bought, "tenders/1/amount", "600");
    expect_number(bought, "earned/0/amount", 600);
    expect_number(bought, "earned/1/amount", 334 - 134);
    expect_text(say(&t, "ok", "{'op':'return','ref':'1','of':'a','lines':[{'line':1}]}"), "amount",
                "666");
    expect_text(say(&t, "invalid_amount", BUY("b", "'amount':'9','discount':'0.5'")), "error/field",
                "discount");
    trial_end(&t);
}

static void dinars_have_three(void)
{
    struct trial t;
    trial_begin(&t, SHOP("KWD", "0.001", ""), NOON);
    const cJSON *bought =
        say(&t, "ok",
            BUY("a", "'amount':'1.000','discount':'0.501','rounding':'0.005','tenders':"
                     "[['voucher','0.400'],['cash','0.605']],"
                     "'lines':[['A','','','1'],['C','','','0.501']]"));
    expect_text(bought, "discount", "0.501");
    expect_text(bought, "rounding", "0.005");
    expect_number(bought, "earned/0/amount", 600);
    expect_number(bought, "earned/1/amount", 334 - 134);
    expect_text(say(&t, "ok", "{'op':'return','ref':'1','of':'a','lines':[{'line':1}]}"), "amount",
                "0.666");
    trial_end(&t);
}

/* --- Any way to give back the same ---------------------------------------------------- */

enum { MOST_LINES = 5 };
struct random_basket {
    int lines, quantity[MOST_LINES], left[MOST_LINES];
    int64_t amount;    /* after the discount */
    char fields[1024]; /* of the purchase, behind member and receipt */
};

static int below(uint64_t *seed, int64_t bound)
{
    return bound <= 0 ? 0 : (int)(chance(seed) % (uint64_t)bound);
}

/* Pence to "12.34". */
static const char *money(int64_t pence, char text[24])
{
    snprintf(text, 24, "%lld.%02lld", (long long)(pence / 100), (long long)(pence % 100));
    return text;
}

static void draw_lines(uint64_t *seed, struct random_basket *basket, char *lines, size_t size)
{
    static const char *const skus[] = {"A", "B", "C"};
    size_t used = 0;
    basket->lines = 1 + below(seed, MOST_LINES);
    basket->amount = 0;
    for (int i = 0; i < basket->lines; i++) {
        char price[24], tax[24], discount[24];
        int64_t amount = below(seed, below(seed, 2) ? 30 : 3000);
        basket->amount += amount;
        basket->left[i] = basket->quantity[i] = 1 + below(seed, 4);
        used += (size_t)snprintf(lines + used, size - used, "%s['%s','','%d','%s','%s','%s']",
                                 i == 0 ? "" : ",", skus[below(seed, 3)], basket->quantity[i],
                                 money(amount, price), money(below(seed, 300), discount),
                                 money(below(seed, amount + 1), tax));
    }
}

/* Lines, a discount, points where `with_points`, and tenders that pay what is left. */
static void draw_basket(uint64_t *seed, bool with_points, struct random_basket *basket)
{
    char lines[512], text[5][24], points[32] = "";
    draw_lines(seed, basket, lines, sizeof lines);
    int64_t discount = below(seed, 2) ? below(seed, basket->amount + 1) : 0;
    basket->amount -= discount;
    int64_t paid = with_points ? below(seed, basket->amount + 1) : 0;
    int64_t rounding = below(seed, 3), due = basket->amount - paid + rounding;
    int64_t voucher = below(seed, due + 1), gift = below(seed, due - voucher + 1);
    if (paid > 0)
        snprintf(points, sizeof points, ",'points':%lld", (long long)paid);
    snprintf(basket->fields, sizeof basket->fields,
             "'amount':'%s','discount':'%s','rounding':'%s','lines':[%s]%s,"
             "'tenders':[['voucher','%s'],['gift','%s'],['cash','%s']]",
             money(basket->amount, text[0]), money(discount, text[1]), money(rounding, text[2]),
             lines, points, money(voucher, text[3]), money(gift, text[4]),
             money(due - voucher - gift, (char[24]){0}));
}

/* What returns have said in sum. */
struct sums {
    int64_t amount, refund, restored, assessed;
};

static int64_t pence(const cJSON *answer, const char *path)
{
    const cJSON *found = at_path(answer, path);
    return cJSON_IsString(found) ? (int64_t)(atof(found->valuestring) * 100 + 0.5) : 0;
}

static int64_t whole(const cJSON *answer, const char *path)
{
    const cJSON *found = at_path(answer, path);
    return cJSON_IsNumber(found) ? (int64_t)found->valuedouble : 0;
}

static void add(struct sums *sums, const cJSON *answer)
{
    sums->amount += pence(answer, "amount");
    sums->refund += pence(answer, "refund");
    sums->restored += whole(answer, "restored/0/amount");
    sums->assessed += whole(answer, "assessed/star");
}

static void return_some(struct trial *t, struct sums *sums, const char *of, const char *what)
{
    static int ref;
    add(sums, say(t, "ok", "{'op':'return','ref':'r%d','of':'%s',%s}", ref++, of, what));
}

/* Some of a line at a time of the one; all of these at once of the other. */
static void return_lines(struct trial *t, uint64_t *seed, struct random_basket *basket,
                         const char *of, const char *twin, struct sums *one, struct sums *other)
{
    char what[512], all[512] = "";
    size_t used = 0;
    for (int steps = 1 + below(seed, 8); steps > 0; steps--) {
        int line = below(seed, basket->lines);
        if (basket->left[line] == 0)
            continue;
        int quantity = 1 + below(seed, basket->left[line]);
        basket->left[line] -= quantity;
        snprintf(what, sizeof what, "'lines':[{'line':%d,'quantity':'%d'}]", line + 1, quantity);
        return_some(t, one, of, what);
    }
    for (int i = 0; i < basket->lines; i++) {
        if (basket->left[i] < basket->quantity[i])
            used += (size_t)snprintf(all + used, sizeof all - used, "%s{'line':%d,'quantity':'%d'}",
                                     used == 0 ? "" : ",", i + 1,
                                     basket->quantity[i] - basket->left[i]);
    }
    snprintf(what, sizeof what, "'lines':[%.480s]", all);
    return_some(t, other, twin, what);
}

static void return_amounts(struct trial *t, uint64_t *seed, const struct random_basket *basket,
                           const char *of, const char *twin, struct sums *one, struct sums *other)
{
    char what[64], text[24];
    int64_t left = basket->amount;
    for (int steps = 1 + below(seed, 8); steps > 0 && left > 0; steps--) {
        int64_t amount = 1 + below(seed, left);
        left -= amount;
        snprintf(what, sizeof what, "'amount':'%s'", money(amount, text));
        return_some(t, one, of, what);
    }
    snprintf(what, sizeof what, "'amount':'%s'", money(basket->amount - left, text));
    return_some(t, other, twin, what);
}

/* Nothing may be left that another "all" could not return. */
static bool is_over(const struct random_basket *basket, const struct sums *sums, bool by_lines)
{
    bool over = by_lines;
    for (int i = 0; by_lines && i < basket->lines; i++)
        over = over && basket->left[i] == 0;
    return over || (!by_lines && sums->amount == basket->amount);
}

/* Two members buy the same; one brings it back in pieces, the other at once. */
static void one_trial(struct trial *t, uint64_t *seed, int round)
{
    struct random_basket basket;
    struct sums one = {0}, other = {0};
    char of[16], twin[16];
    bool by_lines = below(seed, 2) == 0, to_the_end = below(seed, 3) == 0;
    draw_basket(seed, by_lines || to_the_end, &basket);
    snprintf(of, sizeof of, "a%d", round);
    snprintf(twin, sizeof twin, "b%d", round);
    for (int i = 0; i < 2; i++)
        say(t, "ok", "{'op':'purchase','member':'card:%d','receipt':'%s',%s}", i + 1,
            i == 0 ? of : twin, basket.fields);
    if (by_lines)
        return_lines(t, seed, &basket, of, twin, &one, &other);
    else if (basket.amount > 0)
        return_amounts(t, seed, &basket, of, twin, &one, &other);
    if (to_the_end && !is_over(&basket, &one, by_lines)) {
        return_some(t, &one, of, "'all':true");
        return_some(t, &other, twin, "'all':true");
    }
    test_expect_integer(basket.fields, other.amount, one.amount);
    test_expect_integer(basket.fields, other.refund, one.refund);
    test_expect_integer(basket.fields, other.restored, one.restored);
    test_expect_integer(basket.fields, other.assessed, one.assessed);
    if (to_the_end)
        test_expect_integer("the lines are the amount", basket.amount, one.amount);
}

static void pieces_take_back_what_the_whole_would(const char *programme, uint64_t seed)
{
    struct trial t;
    trial_begin(&t, programme, NOON);
    for (int i = 1; i <= 2; i++) {
        say(&t, "ok", "{'op':'member.add','identifiers':['card:%d']}", i);
        say(&t, "ok", "{'op':'adjust','ref':'g%d','reason':'x','member':'card:%d','points':900000}",
            i, i);
    }
    for (int round = 0; round < 60; round++)
        one_trial(&t, &seed, round);
    const cJSON *first = say(&t, "ok", "{'op':'show','member':'card:1'}");
    const cJSON *second = say(&t, "ok", "{'op':'show','member':'card:2'}");
    CU_ASSERT_TRUE(cJSON_Compare(at_path(first, "balances"), at_path(second, "balances"), true));
    trial_end(&t);
}

#define RULES                                                                                      \
    "'earn':[{'id':'up','per':'0.30','gives':{'star':7},'rounding':'up'},"                         \
    "{'id':'line','per':'1.00','gives':{'star':3},'each':'line','rounding':'nearest'},"            \
    "{'id':'coffee','per':'0.07','gives':{'star':1},'only':{'sku':['C']}},"                        \
    "{'id':'carry','per':'2.50','gives':{'bean':1},'rounding':'carry'}]}"
#define OTHER_SHOP(base)                                                                           \
    "{'loyalty':1,'id':'shop','timezone':'UTC','currency':'GBP','base':{" base "},"                \
    "'points':{'star':{'tender':{'value':'0.01'}},'bean':{}}," RULES

static void pieces_are_worth_the_whole(void)
{
    pieces_take_back_what_the_whole_would(OTHER_SHOP(""), 1);
}

static void pieces_without_their_tax(void)
{
    pieces_take_back_what_the_whole_would(
        OTHER_SHOP("'tax':'excluded','excluding_tenders':['gift','voucher']"), 2);
}

static void pieces_before_their_discount(void)
{
    pieces_take_back_what_the_whole_would(
        OTHER_SHOP("'discounts':'ignore','points':'ignore','excluding_tenders':['gift']"), 3);
}

const struct test_case basket_cases[] = {
    {"a discount falls on the lines", a_discount_falls_on_the_lines},
    {"a receipt without lines has one", a_receipt_without_lines_has_one},
    {"tax becomes less with its line", tax_becomes_less_with_its_line},
    {"lines less the discount are the amount", lines_less_the_discount_are_the_amount},
    {"goods are matched after the discount", goods_are_matched_after_the_discount},
    {"a condensed receipt has a discount", a_condensed_receipt_has_a_discount},
    {"tenders are what was to pay", tenders_are_what_was_to_pay},
    {"a voucher earns nothing", a_voucher_earns_nothing},
    {"the programme says which earn nothing", the_programme_says_which_earn_nothing},
    {"a claimed basket is the same", a_claimed_basket_is_the_same},
    {"yen have no decimals", yen_have_no_decimals},
    {"dinars have three", dinars_have_three},
    {"pieces are worth the whole", pieces_are_worth_the_whole},
    {"pieces without their tax", pieces_without_their_tax},
    {"pieces before their discount", pieces_before_their_discount},
    {NULL, NULL},
};
