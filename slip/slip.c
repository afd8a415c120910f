/* What stands on a slip, from top to bottom: the shop, what it was for, each points
 * currency with what changed and why, and where the log vouches for it.
 *
 * Points before are computed from points after, because there is one answer; a
 * duplicate's balances are those of now, so its slip says that it is a copy instead
 * of showing a before that never was. Points that are pending or reserved count in
 * both. */
#include "slip.h"

#include "error.h"
#include "layout.h"
#include "tier.h"

enum { ROOT_SHOWN = 8 }; /* hex digits of a root: enough to find it, not to prove it */

struct page {
    const struct slip *slip;
    struct layout layout;
    struct buffer left, right;
};

/* One points currency on the page. */
struct money_of_points {
    struct page *page;
    const char *id;
    struct text name;
    unsigned scale;
};

/* --- Reading the answer --------------------------------------------------------- */

static const cJSON *member(const cJSON *object, const char *name)
{
    return cJSON_GetObjectItemCaseSensitive(object, name);
}

static struct text string(const cJSON *object, const char *name)
{
    return text_of(cJSON_GetStringValue(member(object, name)));
}

static bool is_true(const cJSON *object, const char *name)
{
    return cJSON_IsTrue(member(object, name));
}

static struct text digits(const cJSON *object, const char *name)
{
    const cJSON *item = member(object, name);
    return cJSON_IsRaw(item) ? text_of(item->valuestring) : (struct text){0};
}

static int64_t units(const struct money_of_points *points, const cJSON *object, const char *name)
{
    int64_t value = 0;
    struct text text = digits(object, name);
    return decimal_parse(text, points->scale, &value) == DECIMAL_OK ? value : 0;
}

static bool same(struct text a, const char *b)
{
    return text_equal(a, text_of(b));
}

/* --- Writing ---------------------------------------------------------------------- */

/* What was put together in `left` and `right`. */
static void end_pair(struct page *page)
{
    layout_pair(&page->layout, buffer_view(&page->left), buffer_view(&page->right));
    buffer_clear(&page->left);
    buffer_clear(&page->right);
}

static void pair(struct page *page, const char *left, struct text right)
{
    buffer_string(&page->left, left);
    buffer_text(&page->right, right);
    end_pair(page);
}

static void put_points(const struct money_of_points *points, struct buffer *out, int64_t amount,
                       bool with_sign)
{
    if (with_sign && amount > 0)
        buffer_byte(out, '+');
    decimal_format_short(out, amount, points->scale);
}

static void put_balance(const struct money_of_points *points, const char *left, int64_t amount)
{
    buffer_string(&points->page->left, left);
    put_points(points, &points->page->right, amount, false);
    end_pair(points->page);
}

static void put_change(const struct money_of_points *points, const char *left, int64_t amount)
{
    buffer_string(&points->page->left, left);
    put_points(points, &points->page->right, amount, true);
    end_pair(points->page);
}

/* --- What it was for ---------------------------------------------------------------- */

static const char *title(const cJSON *answer)
{
    struct text op = string(answer, "op");
    if (is_true(answer, "quote"))
        return _("QUOTE");
    if (same(op, "purchase"))
        return _("PURCHASE");
    if (same(op, "return") || same(op, "return.held"))
        return _("RETURN");
    if (same(op, "redeem"))
        return _("POINTS REDEEMED");
    if (same(op, "cancel"))
        return _("POINTS GIVEN BACK");
    if (same(op, "claim"))
        return _("PURCHASE CLAIMED");
    if (same(op, "void"))
        return _("VOID");
    return _("YOUR POINTS");
}

static void put_head(struct page *page, bool shop)
{
    const struct programme *latest = page->slip->latest;
    if (latest != NULL && shop)
        layout_centre(&page->layout, localized_text(&latest->name, language_tag(), latest->id));
    layout_centre(&page->layout, text_of(title(page->slip->answer)));
    if (is_true(page->slip->answer, "duplicate"))
        layout_centre(&page->layout, text_of(_("(copy)")));
    if (is_true(page->slip->answer, "quote"))
        layout_centre(&page->layout, text_of(_("(nothing was recorded)")));
    layout_rule(&page->layout);
}

static void put_line_number(struct page *page, const cJSON *line)
{
    buffer_format(&page->left, _(" line %s"), digits(line, "line").bytes);
}

static void put_returned(struct page *page, const cJSON *part)
{
    const cJSON *line;
    pair(page, _("Of receipt"), string(part, "receipt"));
    cJSON_ArrayForEach(line, member(part, "lines"))
    {
        struct text sku = string(line, "sku");
        if (sku.length > 0)
            buffer_format(&page->left, " %.*s", TEXT(sku));
        else
            put_line_number(page, line);
        buffer_text(&page->right, string(line, "quantity"));
        end_pair(page);
    }
}

/* Goods that match no purchase: the request's lines, which have no amount here. */
static void put_unmatched(struct page *page)
{
    const cJSON *unmatched = member(page->slip->answer, "unmatched"), *line;
    if (cJSON_GetArraySize(unmatched) > 0)
        layout_words(&page->layout, text_of(_("Of no receipt")));
    cJSON_ArrayForEach(line, unmatched)
    {
        put_line_number(page, line);
        buffer_text(&page->right, string(line, "quantity"));
        end_pair(page);
    }
}

/* A return of nothing but unmatched goods gives back no amount that is known. */
static bool amount_is_known(const cJSON *answer)
{
    const cJSON *returned = member(answer, "returned");
    return string(answer, "amount").length > 0 &&
           (returned == NULL || cJSON_GetArraySize(returned) > 0 || is_true(answer, "no_receipt"));
}

/* By the clock on the shop's wall, to the minute. */
static void put_date(struct page *page)
{
    struct text local = string(page->slip->answer, "local");
    if (local.length < 16)
        return;
    buffer_string(&page->left, _("Date"));
    buffer_format(&page->right, "%.10s %.5s", local.bytes, local.bytes + 11);
    end_pair(page);
}

/* Whose points these are, in a way that says nothing to who finds the slip. */
static void put_member(struct page *page)
{
    const cJSON *answer = page->slip->answer;
    struct text shown = string(answer, "identifier"), id = string(answer, "member");
    const char *label = _("Member");
    if (shown.length == 0 && id.length == 0)
        return;
    if (shown.length > 5 && memcmp(shown.bytes, "card:", 5) == 0) {
        label = _("Card");
        buffer_add(&page->right, shown.bytes + 5, shown.length - 5);
    } else if (shown.length > 6 && memcmp(shown.bytes, "phone:", 6) == 0) {
        label = _("Phone");
        buffer_add(&page->right, shown.bytes + 6, shown.length - 6);
    } else if (id.length > 4) {
        buffer_string(&page->right, "\xe2\x80\xa6");
        buffer_add(&page->right, id.bytes + id.length - 4, 4);
    }
    buffer_string(&page->left, label);
    end_pair(page);
}

/* What a customer calls it; NULL: it stands there as the till said it. */
static const char *tender_label(struct text type)
{
    return same(type, "cash")      ? _(" paid in cash")
           : same(type, "card")    ? _(" paid by card")
           : same(type, "voucher") ? _(" paid by voucher")
                                   : NULL;
}

static void put_tender(struct page *page, const cJSON *tender)
{
    struct text type = string(tender, "type");
    const char *label = tender_label(type);
    if (label != NULL)
        buffer_string(&page->left, label);
    else
        buffer_format(&page->left, _(" paid: %.*s"), TEXT(type));
    buffer_text(&page->right, string(tender, "amount"));
    end_pair(page);
}

/* With its sign: what rounding added is as much as what it took off. */
static void put_rounding(struct page *page, struct text rounding)
{
    if (rounding.length == 0)
        return;
    buffer_string(&page->left, _(" rounding"));
    buffer_string(&page->right, rounding.bytes[0] == '-' ? "" : "+");
    buffer_text(&page->right, rounding);
    end_pair(page);
}

/* The discount has been taken off the amount already; the rounding has not been added. */
static void put_tenders(struct page *page)
{
    const cJSON *answer = page->slip->answer, *tender;
    struct text discount = string(answer, "discount");
    if (discount.length > 0)
        pair(page, _(" after a discount of"), discount);
    put_rounding(page, string(answer, "rounding"));
    cJSON_ArrayForEach(tender, member(answer, "tenders")) put_tender(page, tender);
}

/* What points paid of the amount, or what of it is left to hand out in money. */
static void put_money_of_points(struct page *page)
{
    const cJSON *answer = page->slip->answer;
    struct text worth = string(member(answer, "paid"), "worth"), refund = string(answer, "refund");
    if (worth.length > 0)
        pair(page, _(" paid with points"), worth);
    if (refund.length > 0 && !text_equal(refund, string(answer, "amount")))
        pair(page, _(" refund in money"), refund);
}

/* A return whose purchase the ledger does not have yet. */
static bool waits(const cJSON *answer)
{
    return same(string(answer, "status"), "held") && member(answer, "claimable") == NULL;
}

/* "740V-R0MK": with it somebody can claim a sale that is nobody's. */
static void put_claim_code(struct page *page)
{
    struct text code = string(page->slip->answer, "claim_code");
    struct text status = string(page->slip->answer, "status");
    if (code.length != 8 || !(same(status, "anonymous") || same(status, "held")))
        return;
    buffer_string(&page->left, _("Claim code"));
    buffer_add(&page->right, code.bytes, 4);
    buffer_byte(&page->right, '-');
    buffer_add(&page->right, code.bytes + 4, 4);
    end_pair(page);
    layout_words(&page->layout, text_of(_("With this code members can claim the points of this "
                                          "purchase.")));
}

static void put_facts(struct page *page)
{
    const cJSON *answer = page->slip->answer, *part;
    struct text receipt = string(answer, "receipt");
    if (receipt.length > 0)
        pair(page, waits(answer) ? _("Of receipt") : _("Receipt"), receipt);
    else if (member(answer, "voided") != NULL)
        pair(page, _("Undone record"), digits(answer, "of"));
    cJSON_ArrayForEach(part, member(answer, "returned")) put_returned(page, part);
    put_unmatched(page);
    if (amount_is_known(answer))
        pair(page, _("Amount"), string(answer, "amount"));
    put_tenders(page);
    put_money_of_points(page);
    put_date(page);
    put_member(page);
    if (waits(answer))
        layout_words(&page->layout, text_of(_("It counts when the purchase has arrived.")));
    put_claim_code(page);
    layout_rule(&page->layout);
}

/* --- Points ---------------------------------------------------------------------------- */

static bool is_of(const struct money_of_points *points, const cJSON *item)
{
    return same(string(item, "points"), points->id);
}

/* An answer's {"points","amount"}, or a list of them: what is of this currency. */
static int64_t amount_of(const struct money_of_points *points, const char *name)
{
    int64_t sum = 0;
    const cJSON *list = member(points->page->slip->answer, name), *item;
    if (cJSON_IsObject(list))
        return is_of(points, list) ? units(points, list, "amount") : 0;
    cJSON_ArrayForEach(item, list) sum += is_of(points, item) ? units(points, item, "amount") : 0;
    return sum;
}

static const cJSON *collected_of(const struct money_of_points *points)
{
    return member(member(points->page->slip->answer, "collected"), points->id);
}

/* What a return took from the wallet: points that it had, and debt. */
static int64_t taken_back(const struct money_of_points *points)
{
    const cJSON *collected = collected_of(points);
    return units(points, collected, "from_receipt") + units(points, collected, "from_other");
}

/* What this operation changed, in total. */
static int64_t changed(const struct money_of_points *points)
{
    int64_t sum = amount_of(points, "restored") - amount_of(points, "redeemed") -
                  amount_of(points, "paid") + amount_of(points, "granted") - taken_back(points) -
                  units(points, collected_of(points), "debt") - amount_of(points, "collected") +
                  units(points, member(points->page->slip->answer, "given_back"), points->id) -
                  units(points, member(points->page->slip->answer, "forfeited"), points->id);
    const cJSON *item;
    cJSON_ArrayForEach(item, member(points->page->slip->answer, "earned"))
    {
        if (is_of(points, item))
            sum += units(points, item, "amount");
    }
    return sum;
}

static struct text rule_name(const struct page *page, struct text id)
{
    const struct programme *applied = page->slip->applied;
    for (size_t i = 0; applied != NULL && i < applied->earn_count; i++) {
        if (text_equal(applied->earn[i].id, id))
            return localized_text(&applied->earn[i].name, language_tag(), id);
    }
    return id;
}

/* What entering a level gave. */
static void put_granted(const struct money_of_points *points)
{
    struct page *page = points->page;
    const struct programme *latest = page->slip->latest;
    const cJSON *item;
    cJSON_ArrayForEach(item, member(page->slip->answer, "granted"))
    {
        struct text name = string(item, "level"), last_day = string(item, "last_day");
        int level = latest == NULL ? -1 : programme_level_index(latest, name);
        if (!is_of(points, item))
            continue;
        if (level >= 0)
            name = localized_text(&latest->tiers->levels[level].name, language_tag(), name);
        buffer_format(&page->left, _(" for reaching %.*s"), TEXT(name));
        put_points(points, &page->right, units(points, item, "amount"), true);
        end_pair(page);
        if (last_day.length > 0)
            pair(page, _("  valid through"), last_day);
    }
}

/* The rules that gave, and why: their names. Those whose points lapse together have
 * their last day said once. */
static void put_earned(const struct money_of_points *points)
{
    struct page *page = points->page;
    struct text last_day = {0};
    const cJSON *item;
    cJSON_ArrayForEach(item, member(page->slip->answer, "earned"))
    {
        int64_t amount = units(points, item, "amount");
        if (!is_of(points, item) || amount == 0)
            continue;
        if (last_day.length > 0 && !text_equal(last_day, string(item, "last_day")))
            pair(page, _("  valid through"), last_day);
        last_day = string(item, "last_day");
        struct text name = rule_name(page, string(item, "rule"));
        buffer_format(&page->left, " %.*s", TEXT(name));
        put_points(points, &page->right, amount, true);
        end_pair(page);
    }
    if (last_day.length > 0)
        pair(page, _("  valid through"), last_day);
    int64_t repaid = units(points, member(page->slip->answer, "repaid"), points->id);
    if (repaid > 0)
        put_balance(points, _(" of these settling a return"), repaid);
}

static void put_taken(const struct money_of_points *points)
{
    int64_t taken = taken_back(points), debt = units(points, collected_of(points), "debt");
    int64_t redeemed = amount_of(points, "redeemed");
    int64_t restored = amount_of(points, "restored") +
                       units(points, member(points->page->slip->answer, "given_back"), points->id);
    int64_t paid = amount_of(points, "paid");
    int64_t forfeited = units(points, member(points->page->slip->answer, "forfeited"), points->id);
    if (forfeited != 0)
        put_change(points, _(" lost with the level"), -forfeited);
    if (taken != 0)
        put_change(points, _(" taken back"), -taken);
    if (debt != 0)
        put_change(points, _(" owed"), -debt);
    if (paid != 0)
        put_change(points, _(" paid with points"), -paid);
    if (redeemed != 0)
        put_change(points, _(" redeemed"), -redeemed);
    if (restored != 0)
        put_change(points, _(" given back"), restored);
}

static void put_before(const struct money_of_points *points, int64_t after)
{
    const cJSON *answer = points->page->slip->answer;
    int64_t change = changed(points);
    if (change == 0)
        return;
    /* Nor does a purchase know it whose returns had waited for it. */
    if (is_true(answer, "duplicate") || member(answer, "seq") == NULL ||
        member(answer, "held") != NULL) {
        layout_words(&points->page->layout, points->name); /* a heading for what follows */
        return;
    }
    buffer_format(&points->page->left, _("%.*s before"), TEXT(points->name));
    put_balance(points, "", after - change);
}

/* A debt is nobody's fault at the till: it is said in words, not as a negative. */
static void put_debt(const struct money_of_points *points, int64_t available)
{
    struct page *page = points->page;
    if (available >= 0)
        return;
    put_points(points, &page->right, -available, false);
    buffer_format(&page->left, _("The next %s %.*s settle a return."),
                  buffer_terminate(&page->right), TEXT(points->name));
    layout_words(&page->layout, buffer_view(&page->left));
    buffer_clear(&page->left);
    buffer_clear(&page->right);
}

static void put_lapse(const struct money_of_points *points)
{
    struct page *page = points->page;
    const cJSON *lapse = member(member(page->slip->answer, "lapses"), points->id);
    int64_t amount = units(points, lapse, "amount");
    if (amount <= 0)
        return;
    put_points(points, &page->right, amount, false);
    buffer_format(&page->left, _(" %s lapse after"), buffer_terminate(&page->right));
    buffer_clear(&page->right);
    buffer_text(&page->right, string(lapse, "last_day"));
    end_pair(page);
}

static void put_currency(const struct money_of_points *points, const cJSON *balance)
{
    int64_t available = units(points, balance, "available");
    int64_t pending = units(points, balance, "pending");
    int64_t reserved = units(points, balance, "reserved");
    int64_t all = available + pending + reserved;
    put_before(points, all);
    put_earned(points);
    put_granted(points);
    put_taken(points);
    buffer_format(&points->page->left, _("%.*s now"), TEXT(points->name));
    put_balance(points, "", all);
    if (pending != 0)
        put_balance(points, _(" of these not yet usable"), pending);
    if (reserved != 0)
        put_balance(points, _(" of these reserved"), reserved);
    if (cJSON_IsFalse(member(balance, "spendable")))
        layout_words(&points->page->layout, text_of(_(" not to be spent")));
    put_lapse(points);
    put_debt(points, available);
}

static void put_currencies(struct page *page)
{
    const struct programme *latest = page->slip->latest;
    const cJSON *balance;
    if (member(page->slip->answer, "balances") == NULL)
        return;
    cJSON_ArrayForEach(balance, member(page->slip->answer, "balances"))
    {
        struct money_of_points points = {page, balance->string, text_of(balance->string), 0};
        int index = latest == NULL ? -1 : programme_points_index(latest, points.name);
        if (index >= 0) {
            points.scale = latest->points[index].scale;
            points.name = localized_text(&latest->points[index].name, language_tag(), points.name);
        }
        put_currency(&points, balance);
    }
    layout_rule(&page->layout);
}

/* --- The level --------------------------------------------------------------------------- */

static void put_tier(struct page *page)
{
    const cJSON *tier = member(page->slip->answer, "tier");
    struct buffer line = {0};
    if (!cJSON_IsObject(tier))
        return;
    tier_sentence(tier, page->slip->latest, &page->left);
    if (is_true(tier, "changed"))
        buffer_format(&line, _("New level: %s"), buffer_terminate(&page->left));
    else
        buffer_text(&line, buffer_view(&page->left));
    layout_words(&page->layout, buffer_view(&line));
    layout_rule(&page->layout);
    buffer_clear(&page->left);
    buffer_free(&line);
}

/* --- The log ------------------------------------------------------------------------------ */

/* Where it is recorded, and the tree it stands in: a customer who keeps the slip
 * keeps an anchor. */
static void put_log(struct page *page)
{
    const cJSON *checkpoint = member(page->slip->answer, "checkpoint");
    struct text seq = digits(page->slip->answer, "seq"), root = string(checkpoint, "root");
    if (seq.length == 0)
        return;
    pair(page, _("Record"), seq);
    if (root.length >= ROOT_SHOWN) {
        buffer_string(&page->left, _("Checkpoint"));
        buffer_format(&page->right, "%.*s %.*s", TEXT(digits(checkpoint, "size")), ROOT_SHOWN,
                      root.bytes);
        end_pair(page);
    }
    layout_rule(&page->layout);
}

/* One operation, from its title to its record. */
static void put_answer(struct page *page, const cJSON *answer, bool shop)
{
    struct slip one = *page->slip;
    const struct slip *whole = page->slip;
    one.answer = answer;
    page->slip = &one;
    put_head(page, shop);
    put_facts(page);
    put_currencies(page);
    put_tier(page);
    put_log(page);
    page->slip = whole;
}

/* What came back, what was bought, and what is left to pay or to hand out. */
static void put_exchange(struct page *page)
{
    const cJSON *answer = page->slip->answer;
    struct text difference = string(answer, "difference");
    bool to_hand_out = difference.length > 0 && difference.bytes[0] == '-';
    put_answer(page, member(answer, "return"), true);
    put_answer(page, member(answer, "purchase"), false);
    if (to_hand_out)
        difference = (struct text){difference.bytes + 1, difference.length - 1};
    pair(page, to_hand_out ? _("To hand out") : _("To pay"), difference);
    layout_rule(&page->layout);
}

cJSON *slip_lines(const struct slip *slip)
{
    struct page page = {.slip = slip,
                        .layout = {.columns = slip->columns,
                                   .width = slip->gb18030 ? gb18030_width : utf8_width,
                                   .lines = cJSON_CreateArray()}};
    if (member(slip->answer, "difference") != NULL)
        put_exchange(&page);
    else
        put_answer(&page, slip->answer, true);
    layout_free(&page.layout);
    buffer_free(&page.left);
    buffer_free(&page.right);
    return page.layout.lines;
}
