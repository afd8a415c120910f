/* The canonical form of a request, which is what a body keeps as its `in`, and the
 * comparison of two of them, which is what tells a retry from a key used again. */
#include <stdio.h>

#include "id.h"
#include "json.h"
#include "request_private.h"

static void encode_money(struct buffer *out, int64_t units, const struct programme *programme)
{
    buffer_byte(out, '"');
    decimal_format(out, units, programme->currency_digits);
    buffer_byte(out, '"');
}

static void encode_quantity(struct buffer *out, int64_t quantity)
{
    buffer_byte(out, '"');
    decimal_format_short(out, quantity, QUANTITY_SCALE);
    buffer_byte(out, '"');
}

/* ["sku","category","quantity","amount","discount","tax",line], the tail that says
 * nothing left out. */
static void encode_line(struct buffer *out, const struct request_line *line, bool returning,
                        const struct programme *programme)
{
    int last = line->line > 0                   ? LINE_LINE
               : line->tax > 0                  ? LINE_TAX
               : line->discount > 0             ? LINE_DISCOUNT
               : !returning || line->amount > 0 ? LINE_AMOUNT
               : line->quantity > 0             ? LINE_QUANTITY
                                                : LINE_SKU;
    buffer_byte(out, '[');
    json_string(out, line->sku);
    if (last >= LINE_CATEGORY) {
        buffer_byte(out, ',');
        json_string(out, line->category);
    }
    if (last >= LINE_QUANTITY) {
        buffer_byte(out, ',');
        if (line->quantity > 0)
            encode_quantity(out, line->quantity);
        else
            buffer_add(out, "\"\"", 2);
    }
    int64_t money[] = {line->amount, line->discount, line->tax};
    for (int i = LINE_AMOUNT; i <= LINE_TAX && i <= last; i++) {
        buffer_byte(out, ',');
        if (money[i - LINE_AMOUNT] > 0 || (i == LINE_AMOUNT && !returning))
            encode_money(out, money[i - LINE_AMOUNT], programme);
        else
            buffer_add(out, "\"\"", 2);
    }
    if (last == LINE_LINE) {
        buffer_byte(out, ',');
        buffer_integer(out, line->line);
    }
    buffer_byte(out, ']');
}

static void encode_lines(const struct request *request, const struct programme *programme,
                         struct buffer *out)
{
    buffer_byte(out, '[');
    for (size_t i = 0; i < request->lines_count; i++) {
        if (i > 0)
            buffer_byte(out, ',');
        encode_line(out, &request->lines[i], request->op == OPERATION_RETURN, programme);
    }
    buffer_byte(out, ']');
}

static void encode_texts(const struct text texts[], size_t count, struct buffer *out)
{
    buffer_byte(out, '[');
    for (size_t i = 0; i < count; i++) {
        if (i > 0)
            buffer_byte(out, ',');
        json_string(out, texts[i]);
    }
    buffer_byte(out, ']');
}

/* [["card","30.00"],["cash","28.00"]] */
static void encode_tenders(const struct request *request, const struct programme *programme,
                           struct buffer *out)
{
    buffer_byte(out, '[');
    for (size_t i = 0; i < request->tenders_count; i++) {
        buffer_string(out, i > 0 ? ",[" : "[");
        json_string(out, request->tenders[i].type);
        buffer_byte(out, ',');
        encode_money(out, request->tenders[i].amount, programme);
        buffer_byte(out, ']');
    }
    buffer_byte(out, ']');
}

static void encode_points(const struct request *request, const struct programme *programme,
                          struct buffer *out)
{
    unsigned scale = 0;
    for (size_t i = 0; i < programme->points_count; i++) {
        bool named = request_has(request, FIELD_POINTS_OF)
                         ? text_equal(programme->points[i].id, request->points_of)
                         : programme->points[i].spendable;
        if (named) {
            scale = programme->points[i].scale;
            break;
        }
    }
    /* A number, unless it is one that our own reader would not believe to be exact. */
    struct buffer number = {0};
    struct error error;
    decimal_format_short(&number, request->points, scale);
    bool exact = json_check(buffer_view(&number), &error);
    if (!exact)
        buffer_byte(out, '"');
    buffer_text(out, buffer_view(&number));
    if (!exact)
        buffer_byte(out, '"');
    buffer_free(&number);
}

static void encode_moment(struct buffer *out, moment at)
{
    buffer_byte(out, '"');
    moment_format(out, at);
    buffer_byte(out, '"');
}

/* Of one who has no id (yet), what they were called. */
static void encode_member(struct buffer *out, struct text called, uint64_t member_id)
{
    if (member_id == 0) {
        json_string(out, called);
        return;
    }
    char id[MEMBER_ID_CHARS + 1];
    member_id_format(member_id, id);
    buffer_add(out, "\"id:", 4);
    buffer_add(out, id, MEMBER_ID_CHARS);
    buffer_byte(out, '"');
}

#define encode_TEXT(member) json_string(out, request->member)
#define encode_PLACE(member) json_string(out, request->member)
#define encode_MEMBER(member) encode_member(out, request->member, member_id)
#define encode_OTHER(member) encode_member(out, request->member, other_id)
#define encode_SPAN(member) json_string(out, request->member.text)
#define encode_LIST(member) encode_texts(request->identifiers, request->identifiers_count, out)
#define encode_COUPONS(member) encode_texts(request->coupons, request->coupons_count, out)
#define encode_TENDERS(member) encode_tenders(request, programme, out)
#define encode_SIGNED_MONEY(member) encode_money(out, request->member, programme)
#define encode_DAY(member) json_string(out, request->member)
#define encode_PROOF(member) buffer_format(out, "\"%s\"", proof_words[request->member])
#define encode_BALANCE(member) buffer_format(out, "\"%s\"", balance_words[request->member])
#define encode_MOMENT(member) encode_moment(out, request->member)
#define encode_MONEY(member) encode_money(out, request->member, programme)
#define encode_LINES(member) encode_lines(request, programme, out)
#define encode_FLAG(member) buffer_string(out, "true")
#define encode_COUNT(member) buffer_integer(out, request->member)
#define encode_POINTS(member) encode_points(request, programme, out)
#define encode_DOCUMENT(member) json_minify(out, request->member)
#define encode_FILE_TEXT(member) json_string(out, request->member)
#define encode_REQUESTS(member) (void)0 /* of a group each operation is encoded by itself */
#define encode_RETURNED(member) (void)0
#define encode_BOUGHT(member) (void)0
#define encode_LANGUAGE(member) json_string(out, request->member)
#define encode_COLUMNS(member) buffer_integer(out, request->member)
#define encode_CODING(member) buffer_format(out, "\"%s\"", encoding_words[request->member])
#define encode_ENTRY(member) buffer_format(out, "\"%s\"", entry_words[request->member])
#define encode_ORIGIN(member) buffer_format(out, "\"%s\"", origin_words[request->member])
#define encode_UNMATCHED(member) buffer_format(out, "\"%s\"", unmatched_words[request->member])

enum use { STEERS, KEEPS };

/* Sent, and not a way to say that there was none. */
static bool says_something(const struct request *request, enum field field)
{
    if ((field == FIELD_DISCOUNT && request->discount == 0) ||
        (field == FIELD_ROUNDING && request->rounding == 0))
        return false;
    return request_has(request, field);
}

void request_encode(const struct request *request, uint64_t member_id, uint64_t other_id,
                    const struct programme *programme, struct buffer *out)
{
    buffer_add(out, "{\"op\":\"", 7);
    /* A quote is judged as the purchase that it asks about. */
    buffer_string(
        out, operation_name(request->op == OPERATION_QUOTE ? OPERATION_PURCHASE : request->op));
    buffer_byte(out, '"');
#define X(code, name, type, member, limit, use)                                                    \
    if (use == KEEPS && says_something(request, FIELD_##code)) {                                   \
        buffer_add(out, ",\"" name "\":", sizeof(",\"" name "\":") - 1);                           \
        encode_##type(member);                                                                     \
    }
    FIELD_TABLE(X)
#undef X
    if (request->condensed > 0) {
        buffer_string(out, ",\"condensed\":");
        buffer_integer(out, request->condensed);
    }
    buffer_byte(out, '}');
}

/* --- Retries ------------------------------------------------------------- */

const char *request_difference(struct text recorded, struct text sent)
{
    if (text_equal(recorded, sent))
        return NULL;
    struct text op_was = {0}, op_is = {0};
    if (!json_slice(recorded, "/op", &op_was) || !json_slice(sent, "/op", &op_is) ||
        !text_equal(op_was, op_is))
        return "op";
    for (unsigned i = 0; i < FIELD_COUNT; i++) {
        char pointer[32];
        snprintf(pointer, sizeof pointer, "/%s", field_name((enum field)i));
        struct text was = {0}, is = {0};
        bool had = json_slice(recorded, pointer, &was), has = json_slice(sent, pointer, &is);
        if (had != has || !text_equal(was, is))
            return field_name((enum field)i);
    }
    return "lines"; /* condensed otherwise */
}
