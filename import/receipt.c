/* From rows to a request.
 *
 * The idea to hold: every row is read as it comes, and what is wrong with it is
 * noted, not acted on. Only when the receipt is complete is it known whether
 * anybody cares: a receipt without member is counted, whatever its cells say; one
 * with a fault anywhere is rejected whole, because half a receipt earns wrong
 * points and can never be completed under its number. */
#include "receipt.h"

#include <stdlib.h>

#include "id.h"
#include "limits.h"
#include "utf8.h"

enum { PRICE_SCALE = 6, CARD_BYTES = 64, PART_DIGITS = 4, DECIMAL_BYTES = 32 };
static const int64_t ONE = 1000000; /* millionths */

void receipt_begin(struct receipt *receipt)
{
    *receipt = (struct receipt){
        .rows = receipt->rows, .lines = receipt->lines, .capacity = receipt->capacity};
}

void receipt_free(struct receipt *receipt)
{
    free(receipt->rows);
    free(receipt->lines);
}

/* The error of this receipt if it is its first, else one to be thrown away. */
static struct error *fault_of(struct receipt *receipt, struct error *other)
{
    if (receipt->has_fault)
        return other;
    receipt->has_fault = true;
    receipt->fault_row = receipt->count - 1;
    return &receipt->fault;
}

#define FAULT(receipt, code, ...)                                                                  \
    do {                                                                                           \
        struct error thrown_away;                                                                  \
        fail(fault_of(receipt, &thrown_away), ERROR_##code, __VA_ARGS__);                          \
    } while (0)

/* --- texts ----------------------------------------------------------------------- */

static bool is_clean(struct text text)
{
    for (size_t i = 0; i < text.length; i++)
        if (text.bytes[i] < 0x20 || text.bytes[i] > 0x7e)
            return utf8_is_clean(text);
    return true;
}

/* A text that goes into the ledger as it stands. */
static void check_text(struct receipt *receipt, const char *what, struct text text, size_t limit)
{
    if (text.length > limit)
        FAULT(receipt, LIMIT, _("the %s has %zu bytes; at most %zu are kept"), what, text.length,
              limit);
    else if (!is_clean(text))
        FAULT(receipt, INVALID_TEXT, _("the %s has control characters or others not for display"),
              what);
}

static void check_place(struct receipt *receipt, const char *what, struct text text)
{
    check_text(receipt, what, text, LIMIT_NAME);
    if (text.length > 0 && memchr(text.bytes, '/', text.length) != NULL)
        FAULT(receipt, INVALID_FIELD, _("the %s has a \"/\""), what);
}

static void check_part(struct receipt *receipt, struct text part)
{
    bool number = part.length <= PART_DIGITS && (part.length == 0 || part.bytes[0] != '0');
    for (size_t i = 0; i < part.length; i++)
        number = number && part.bytes[i] >= '0' && part.bytes[i] <= '9';
    if (!number)
        FAULT(receipt, INVALID_FIELD, _("the part is not a number from 2 to 9999"));
}

struct text receipt_next_part(struct text part, struct arena *arena)
{
    int number = 0;
    for (size_t i = 0; i < part.length; i++)
        number = number * 10 + (part.bytes[i] - '0');
    return text_format(arena, "%d", number < 2 ? 2 : number + 1);
}

/* --- numbers --------------------------------------------------------------------- */

/* One number parser for the whole house: a decimal comma becomes a point first. */
static enum decimal_result parse_decimal(const struct sheet *sheet, struct text text,
                                         unsigned scale, int64_t *units)
{
    char pointed[DECIMAL_BYTES];
    if (sheet->mapping->decimal == DECIMAL_POINT)
        return decimal_parse(text, scale, units);
    if (text.length > sizeof pointed)
        return DECIMAL_TOO_LARGE;
    for (size_t i = 0; i < text.length; i++) {
        if (text.bytes[i] == '.')
            return DECIMAL_MALFORMED;
        pointed[i] = text.bytes[i] == ',' ? '.' : text.bytes[i];
    }
    return decimal_parse((struct text){pointed, text.length}, scale, units);
}

static bool read_number(struct receipt *receipt, const struct sheet *sheet, const char *what,
                        struct text text, unsigned scale, int64_t *units)
{
    enum decimal_result result = parse_decimal(sheet, text, scale, units);
    if (result == DECIMAL_OK)
        return true;
    if (text.length == 0)
        FAULT(receipt, MISSING_FIELD, _("the %s is empty"), what);
    else if (text.length <= DECIMAL_BYTES && is_clean(text))
        FAULT(receipt, INVALID_AMOUNT, _("the %s \"%.*s\" %s"), what, TEXT(text),
              decimal_problem(result));
    else
        FAULT(receipt, INVALID_AMOUNT, _("the %s %s"), what, decimal_problem(result));
    return false;
}

static int64_t magnitude(int64_t value)
{
    return value < 0 ? -value : value;
}

/* |price x quantity| in minor units, halves up: on magnitudes, so that a line and
 * its return come to the same amount. */
static bool line_amount(int64_t price, int64_t quantity, unsigned digits, int64_t *amount)
{
    int64_t unit = ONE; /* price and quantity have six decimals each; the money `digits` */
    for (unsigned i = digits; i < PRICE_SCALE; i++)
        unit *= 10;
    wide exact = (wide)magnitude(price) * magnitude(quantity);
    if (exact > INT64_MAX - unit) {
        exact = (exact + unit / 2) / unit;
        *amount = (int64_t)exact;
        return exact <= LIMIT_UNITS;
    }
    *amount = ((int64_t)exact + unit / 2) / unit;
    return *amount <= LIMIT_UNITS;
}

static bool read_amount(struct receipt *receipt, const struct sheet *sheet, const struct row *row,
                        struct request_line *line, bool *negative)
{
    const struct layout *layout = &sheet->layout;
    unsigned digits = sheet->programme->currency_digits;
    int64_t value;
    bool by_price = layout->at[CELL_PRICE] >= 0;
    struct text text = layout_cell(layout, row, by_price ? CELL_PRICE : CELL_AMOUNT);
    if (!read_number(receipt, sheet, by_price ? "price" : "amount", text,
                     by_price ? PRICE_SCALE : digits, &value))
        return false;
    *negative = *negative || value < 0;
    line->amount = magnitude(value);
    if (!by_price || line_amount(value, line->quantity, digits, &line->amount))
        return true;
    FAULT(receipt, OVERFLOW, _("price times quantity is beyond what is kept"));
    return false;
}

/* --- the parts of a row ---------------------------------------------------------- */

static void read_line(struct receipt *receipt, const struct sheet *sheet, const struct row *row,
                      struct request_line *line)
{
    const struct layout *layout = &sheet->layout;
    bool negative = false;
    *line = (struct request_line){.sku = layout_cell(layout, row, CELL_SKU),
                                  .category = layout_cell(layout, row, CELL_CATEGORY)};
    check_text(receipt, "SKU", line->sku, LIMIT_SKU);
    check_text(receipt, "category", line->category, LIMIT_SKU);
    if (layout->at[CELL_QUANTITY] >= 0) {
        int64_t quantity;
        if (!read_number(receipt, sheet, "quantity", layout_cell(layout, row, CELL_QUANTITY),
                         QUANTITY_SCALE, &quantity))
            return;
        if (quantity == 0)
            FAULT(receipt, INVALID_AMOUNT, _("the quantity is zero"));
        negative = quantity < 0;
        line->quantity = magnitude(quantity);
    }
    if (!read_amount(receipt, sheet, row, line, &negative))
        return;
    receipt->negative = receipt->negative || negative;
    receipt->positive =
        receipt->positive || (!negative && (line->amount > 0 || line->quantity > 0));
    if (!units_add(receipt->amount, line->amount, &receipt->amount))
        FAULT(receipt, OVERFLOW, _("the receipt's amount is beyond what is kept"));
}

/* The member is the receipt's: some systems name it in the first row only. */
static void read_member(struct receipt *receipt, struct text member)
{
    if (member.length == 0)
        return;
    if (receipt->member.length == 0)
        receipt->member = member;
    else if (!text_equal(receipt->member, member))
        FAULT(receipt, INVALID_FIELD, _("the rows of this receipt name different members"));
}

/* The receipt's time is its first row's: real exports have receipts over which
 * the minute changed. A later one must be a time, but no more. */
static void read_time(struct receipt *receipt, const struct sheet *sheet, struct text time)
{
    moment later;
    bool first = receipt->count == 1;
    struct error problem;
    if (!first && text_equal(time, receipt->time))
        return;
    if (first)
        receipt->time = time;
    if (time.length == 0)
        FAULT(receipt, MISSING_FIELD, _("the time is empty"));
    else if (!time_format_parse(&sheet->mapping->time_format, time, sheet->programme->zone,
                                first ? &receipt->at : &later, &problem))
        FAULT(receipt, INVALID_TIME, "%s", problem.message);
}

static void read_mark(struct receipt *receipt, const struct sheet *sheet, const struct row *row)
{
    bool marked = false;
    switch (sheet->mapping->returns) {
    case RETURNS_NONE:
    case RETURNS_NEGATIVE:
        return;
    case RETURNS_PREFIX: {
        struct text prefix = sheet->mapping->returns_text;
        marked = receipt->number.length > prefix.length &&
                 memcmp(receipt->number.bytes, prefix.bytes, prefix.length) == 0;
        break;
    }
    case RETURNS_VALUE:
        marked =
            text_equal(layout_cell(&sheet->layout, row, CELL_MARK), sheet->mapping->returns_text);
        break;
    }
    if (receipt->count == 1)
        receipt->marked = marked;
    else if (receipt->marked != marked)
        FAULT(receipt, INVALID_FIELD,
              _("some rows of this receipt are marked as a return, others "
                "are not"));
}

/* --- rows ------------------------------------------------------------------------ */

/* Without a number every row stands alone. */
bool receipt_is_of(const struct receipt *receipt, const struct sheet *sheet, const struct row *row)
{
    const struct layout *layout = &sheet->layout;
    return receipt->number.length > 0 &&
           text_equal(receipt->number, layout_cell(layout, row, CELL_RECEIPT)) &&
           text_equal(receipt->store, layout_cell(layout, row, CELL_STORE)) &&
           text_equal(receipt->till, layout_cell(layout, row, CELL_TILL)) &&
           text_equal(receipt->part, layout_cell(layout, row, CELL_PART));
}

static void read_identity(struct receipt *receipt, const struct sheet *sheet, const struct row *row)
{
    const struct layout *layout = &sheet->layout;
    receipt->number = layout_cell(layout, row, CELL_RECEIPT);
    receipt->store = layout_cell(layout, row, CELL_STORE);
    receipt->till = layout_cell(layout, row, CELL_TILL);
    receipt->part = layout_cell(layout, row, CELL_PART);
    if (receipt->number.length == 0)
        FAULT(receipt, MISSING_FIELD, _("the receipt number is empty"));
    check_text(receipt, "receipt number", receipt->number, LIMIT_REF);
    check_place(receipt, "store", receipt->store);
    check_place(receipt, "till", receipt->till);
    check_part(receipt, receipt->part);
}

static void add_place(struct receipt *receipt, const struct row *row)
{
    if (receipt->count == receipt->capacity) {
        receipt->capacity = receipt->capacity == 0 ? 64 : receipt->capacity * 2;
        receipt->rows = memory_resize(receipt->rows, receipt->capacity * sizeof receipt->rows[0]);
        receipt->lines =
            memory_resize(receipt->lines, receipt->capacity * sizeof receipt->lines[0]);
    }
    receipt->rows[receipt->count] = row->kept;
    receipt->lines[receipt->count] = (struct request_line){0};
    receipt->count++;
}

void receipt_add(struct receipt *receipt, const struct sheet *sheet, const struct row *row)
{
    add_place(receipt, row);
    receipt->last_row = row->number;
    if (receipt->count == 1)
        receipt->first_row = row->number;
    if (row->count != sheet->layout.columns) {
        receipt->broken = true;
        FAULT(receipt, INVALID_CSV,
              _("the row has %zu cells instead of %zu: a quote or a delimiter "
                "is missing or too many"),
              row->count, sheet->layout.columns);
        return;
    }
    if (!row->readable) /* then its cells are as they came, and only compared */
        FAULT(receipt, INVALID_TEXT, _("the row is not well-formed %s"),
              encoding_name(sheet->mapping->encoding));
    if (receipt->count == 1)
        read_identity(receipt, sheet, row);
    read_mark(receipt, sheet, row);
    read_member(receipt, layout_cell(&sheet->layout, row, CELL_MEMBER));
    read_time(receipt, sheet, layout_cell(&sheet->layout, row, CELL_TIME));
    read_line(receipt, sheet, row, &receipt->lines[receipt->count - 1]);
}

/* --- the member ------------------------------------------------------------------ */

static struct text joined(struct arena *arena, const char *prefix, struct text value)
{
    size_t before = strlen(prefix);
    char *bytes = arena_allocate(arena, before + value.length + 1);
    memcpy(bytes, prefix, before);
    memcpy(bytes + before, value.bytes, value.length);
    return (struct text){bytes, before + value.length};
}

static bool is_card(struct text text)
{
    for (size_t i = 0; i < text.length; i++)
        if (text.bytes[i] <= 0x20 || text.bytes[i] > 0x7e)
            return false;
    return text.length > 0 && text.length <= CARD_BYTES;
}

static bool member_text(struct receipt *receipt, const struct sheet *sheet, struct arena *arena,
                        struct text *member)
{
    struct text phone;
    uint64_t id;
    switch (sheet->mapping->member_kind) {
    case MEMBER_CARD:
        *member = joined(arena, "card:", receipt->member);
        if (is_card(receipt->member))
            return true;
        FAULT(receipt, INVALID_FIELD,
              _("the member is not a card: 1 to %d printable ASCII "
                "characters without spaces"),
              CARD_BYTES);
        return false;
    case MEMBER_PHONE:
        if (programme_phone(sheet->programme, receipt->member, arena, &phone)) {
            *member = joined(arena, "phone:", phone);
            return true;
        }
        FAULT(receipt, INVALID_FIELD,
              sheet->programme->members.phone_country.length > 0
                  ? _("the member is not a phone")
                  : _("the member is not a phone in the international form: \"+\" and 8 to 15 "
                      "digits"));
        return false;
    case MEMBER_ID:
        *member = joined(arena, "id:", receipt->member);
        if (member_id_parse(receipt->member, &id))
            return true;
        FAULT(receipt, INVALID_FIELD, _("the member is not a member id"));
        return false;
    }
    return false;
}

/* --- the request ----------------------------------------------------------------- */

static struct text scope_text(const struct receipt *receipt, const struct sheet *sheet,
                              enum receipt_scope scope, struct buffer *date)
{
    switch (scope) {
    case SCOPE_STORE:
        return receipt->store;
    case SCOPE_TILL:
        return receipt->till;
    case SCOPE_DATE:
        buffer_clear(date);
        date_format(date, programme_business_day(sheet->programme, receipt->at));
        return buffer_view(date);
    case SCOPE_COUNT:
        break;
    }
    return text_of("");
}

struct text receipt_whole_identity(const struct receipt *receipt, const struct sheet *sheet,
                                   struct arena *arena)
{
    const struct programme *programme = sheet->programme;
    struct buffer whole = {0}, date = {0};
    for (size_t i = 0; i < programme->receipts.unique_count; i++) {
        buffer_text(&whole, scope_text(receipt, sheet, programme->receipts.unique_by[i], &date));
        buffer_byte(&whole, '/');
    }
    buffer_text(&whole, receipt->number);
    struct text text = text_copy(arena, buffer_view(&whole));
    buffer_free(&whole);
    buffer_free(&date);
    return text;
}

/* A return's own key: what identifies its receipt, and the part if it has one. */
static struct text return_ref(const struct receipt *receipt, const struct sheet *sheet,
                              struct arena *arena)
{
    struct text whole = receipt_whole_identity(receipt, sheet, arena);
    if (receipt->part.length == 0)
        return whole;
    return text_format(arena, "%.*s/%.*s", TEXT(whole), TEXT(receipt->part));
}

static void give_lines(const struct receipt *receipt, struct arena *arena, struct request *request)
{
    size_t bytes = receipt->count * sizeof receipt->lines[0];
    request->lines = memcpy(arena_allocate(arena, bytes), receipt->lines, bytes);
    request->lines_count = receipt->count;
    request_mark(request, FIELD_LINES);
}

static void fill_common(const struct receipt *receipt, const struct sheet *sheet,
                        struct text member, struct request *request)
{
    request->member = member;
    request->at = receipt->at;
    request->store = receipt->store;
    request->till = receipt->till;
    request->enrol = member.length > 0;
    request->accept_clock = sheet->accept_clock;
    request_mark(request, FIELD_AT);
    if (member.length > 0) {
        request_mark(request, FIELD_MEMBER);
        request_mark(request, FIELD_ENROL);
    }
    if (receipt->store.length > 0)
        request_mark(request, FIELD_STORE);
    if (receipt->till.length > 0)
        request_mark(request, FIELD_TILL);
}

static void fill_purchase(const struct receipt *receipt, const struct sheet *sheet,
                          struct arena *arena, struct request *request)
{
    request->op = OPERATION_PURCHASE;
    request->receipt = receipt->number;
    request->amount = receipt->amount;
    request_mark(request, FIELD_RECEIPT);
    request_mark(request, FIELD_AMOUNT);
    if (sheet->keeps_lines)
        give_lines(receipt, arena, request);
}

static void fill_return(struct receipt *receipt, const struct sheet *sheet, struct arena *arena,
                        struct request *request)
{
    request->op = OPERATION_RETURN;
    request->ref = return_ref(receipt, sheet, arena);
    request->unmatched = sheet->unmatched;
    request_mark(request, FIELD_REF);
    request_mark(request, FIELD_UNMATCHED);
    give_lines(receipt, arena, request);
    for (size_t i = 0; i < request->lines_count; i++)
        if (request->lines[i].quantity == 0)
            request->lines[i].quantity = ONE;
    if (request->ref.length > LIMIT_REF)
        FAULT(receipt, LIMIT,
              _("the receipt number, with what makes it unique, has %zu bytes; at "
                "most %d are kept"),
              request->ref.length, LIMIT_REF);
    if (request->lines_count > LIMIT_RETURN_LINES)
        FAULT(receipt, LIMIT,
              _("the return has %zu lines; at most %d are accepted: split it by "
                "giving some of them the part 2"),
              request->lines_count, LIMIT_RETURN_LINES);
}

/* Sold or returned? A receipt with lines of both signs is neither. */
static bool is_return(struct receipt *receipt, const struct sheet *sheet)
{
    bool by_sign = sheet->mapping->returns == RETURNS_NEGATIVE;
    bool returned = by_sign ? receipt->negative : receipt->marked;
    if (returned && receipt->negative && receipt->positive)
        FAULT(receipt, INVALID_AMOUNT,
              _("the receipt has lines of both signs: what was sold and "
                "what was returned need a receipt each"));
    if (!returned && receipt->negative)
        FAULT(receipt, INVALID_AMOUNT,
              _("a sale with a negative line: the mapping does not say "
                "that this receipt is a return"));
    return returned;
}

enum receipt_kind receipt_close(struct receipt *receipt, const struct sheet *sheet,
                                struct arena *arena, struct request *request)
{
    struct text member = {0};
    bool named = receipt->member.length > 0;
    if (receipt->broken)
        return RECEIPT_FAULTY;
    if (!named && !sheet->keeps_nobodys)
        return RECEIPT_ANONYMOUS;
    bool returned = is_return(receipt, sheet);
    if (receipt->has_fault || (named && !member_text(receipt, sheet, arena, &member)))
        return RECEIPT_FAULTY;
    *request = (struct request){0};
    fill_common(receipt, sheet, member, request);
    if (returned)
        fill_return(receipt, sheet, arena, request);
    else
        fill_purchase(receipt, sheet, arena, request);
    if (receipt->has_fault)
        return RECEIPT_FAULTY;
    return returned ? RECEIPT_RETURN : RECEIPT_SALE;
}
