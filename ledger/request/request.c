/* Reading requests: one table of fields, one reader per type of field.
 *
 * The same reader takes what tills send and, in audit, what bodies keep: a
 * body's `in` is a request in normal form. */

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>

#include "id.h"
#include "json.h"
#include "limits.h"
#include "request_private.h"
#include "utf8.h"

static_assert(FIELD_COUNT <= 64, "sent is one word of bits");

static const struct {
    const char *name;
    enum operation_kind kind;
} operations[] = {
#define X(code, name, kind) {name, OPERATION_##kind},
    OPERATION_TABLE(X)
#undef X
};

static const char *const field_names[] = {
#define X(code, name, type, member, limit, use) name,
    FIELD_TABLE(X)
#undef X
};

const char *operation_name(enum operation operation)
{
    return operations[operation].name;
}

enum operation_kind operation_kind(enum operation operation)
{
    return operations[operation].kind;
}

enum operation_kind request_kind(const struct request *request)
{
    return request->dry_run ? OPERATION_ASKS : operation_kind(request->op);
}

const char *field_name(enum field field)
{
    return field_names[field];
}

/* Which fields an operation takes, besides id, now and accept_clock. */
#define BIT(field) (UINT64_C(1) << FIELD_##field)
#define WHO (BIT(STORE) | BIT(TILL) | BIT(OPERATOR) | BIT(APPROVED_BY) | BIT(ENTRY) | BIT(NOTE))
#define PAYING (BIT(POINTS) | BIT(POINTS_OF) | BIT(CAPTURE) | BIT(PROOF))
/* What stands around the operations of a group and counts for each: request_group.c. */
#define AROUND (BIT(STORE) | BIT(TILL) | BIT(OPERATOR) | BIT(APPROVED_BY) | BIT(ENTRY) | BIT(AT))
#define BASKET (BIT(DISCOUNT) | BIT(TENDERS) | BIT(ROUNDING) | BIT(COUPONS))
static const uint64_t fields_of[OPERATION_COUNT] = {
    [OPERATION_MEMBER_ADD] = BIT(REF) | BIT(IDENTIFIERS) | WHO,
    [OPERATION_MEMBER_LINK] = BIT(REF) | BIT(MEMBER) | BIT(IDENTIFIERS) | WHO,
    [OPERATION_MEMBER_UNLINK] = BIT(REF) | BIT(MEMBER) | BIT(IDENTIFIERS) | WHO,
    [OPERATION_PURCHASE] = BIT(REF) | BIT(MEMBER) | BIT(RECEIPT) | BIT(AT) | BIT(AMOUNT) |
                           BIT(LINES) | BIT(ENROL) | BASKET | PAYING | WHO,
    [OPERATION_QUOTE] = BIT(REF) | BIT(MEMBER) | BIT(RECEIPT) | BIT(AT) | BIT(AMOUNT) | BIT(LINES) |
                        BIT(ENROL) | BASKET | PAYING | WHO,
    [OPERATION_RETURN] = BIT(REF) | BIT(OF) | BIT(MEMBER) | BIT(AT) | BIT(AMOUNT) | BIT(LINES) |
                         BIT(ALL) | BIT(UNMATCHED) | BIT(REASON) | BIT(ENROL) | BIT(NO_RECEIPT) |
                         WHO,
    [OPERATION_REDEEM] = BIT(REF) | BIT(MEMBER) | BIT(AT) | BIT(POINTS) | BIT(POINTS_OF) |
                         BIT(RECEIPT) | BIT(PROOF) | WHO,
    [OPERATION_CANCEL] = BIT(REF) | BIT(OF) | BIT(REASON) | WHO,
    [OPERATION_ADJUST] = BIT(REF) | BIT(MEMBER) | BIT(AT) | BIT(POINTS) | BIT(POINTS_OF) |
                         BIT(REASON) | BIT(ORIGIN) | WHO,
    [OPERATION_ACTIVATE] = BIT(REF) | BIT(OF) | BIT(MEMBER) | BIT(REASON) | WHO,
    [OPERATION_RESERVE] = BIT(REF) | BIT(MEMBER) | BIT(AT) | BIT(POINTS) | BIT(POINTS_OF) |
                          BIT(TIMEOUT) | BIT(RECEIPT) | BIT(PROOF) | WHO,
    [OPERATION_EXTEND] = BIT(REF) | BIT(OF) | BIT(TIMEOUT) | WHO,
    [OPERATION_CAPTURE] = BIT(REF) | BIT(OF) | BIT(POINTS) | BIT(POINTS_OF) | BIT(RECEIPT) | WHO,
    [OPERATION_RELEASE] = BIT(REF) | BIT(OF) | BIT(REASON) | WHO,
    [OPERATION_TRANSFER] = BIT(REF) | BIT(MEMBER) | BIT(TO) | BIT(AT) | BIT(POINTS) |
                           BIT(POINTS_OF) | BIT(REASON) | BIT(PROOF) | WHO,
    [OPERATION_HOUSEHOLD_CREATE] = BIT(REF) | BIT(MEMBER) | WHO,
    [OPERATION_HOUSEHOLD_JOIN] = BIT(REF) | BIT(MEMBER) | BIT(HOUSEHOLD) | WHO,
    [OPERATION_HOUSEHOLD_LEAVE] = BIT(REF) | BIT(MEMBER) | BIT(REASON) | WHO,
    [OPERATION_MEMBER_MERGE] = BIT(REF) | BIT(MEMBER) | BIT(INTO) | BIT(REASON) | WHO,
    [OPERATION_CLOSE] = BIT(REF) | BIT(PERIOD) | BIT(REASON) | WHO,
    [OPERATION_CLAIM] =
        BIT(REF) | BIT(MEMBER) | BIT(RECEIPT) | BIT(AT) | BIT(CODE) | BIT(REASON) | WHO,
    [OPERATION_REASSIGN] = BIT(REF) | BIT(OF) | BIT(TO) | BIT(AT) | BIT(REASON) | WHO,
    [OPERATION_VOID] = BIT(REF) | BIT(OF) | BIT(REASON) | WHO,
    [OPERATION_OPERATOR_LINK] = BIT(REF) | BIT(OF) | BIT(MEMBER) | BIT(REASON) | WHO,
    [OPERATION_OPERATOR_UNLINK] = BIT(REF) | BIT(OF) | BIT(REASON) | WHO,
    [OPERATION_TILL_CLOSE] = BIT(REF) | BIT(DATE) | BIT(SALES) | BIT(SUM) | BIT(REASON) | WHO,
    [OPERATION_RECOVER] = BIT(REASON) | WHO,
    [OPERATION_MEMBER_ERASE] = BIT(REF) | BIT(MEMBER) | BIT(REASON) | BIT(BALANCE) | WHO,
    [OPERATION_MEMBER_HOLD] =
        BIT(REF) | BIT(MEMBER) | BIT(REASON) | BIT(UNTIL) | BIT(RELEASE) | WHO,
    [OPERATION_ACTION] =
        BIT(REF) | BIT(MEMBER) | BIT(ACTION) | BIT(AT) | BIT(ENROL) | BIT(REASON) | WHO,
    [OPERATION_TIER_SET] =
        BIT(REF) | BIT(MEMBER) | BIT(LEVEL) | BIT(UNTIL) | BIT(RELEASE) | BIT(REASON) | WHO,
    [OPERATION_BENEFIT_USE] = BIT(REF) | BIT(MEMBER) | BIT(BENEFIT) | BIT(REASON) | WHO,
    [OPERATION_PROGRAMME_APPLY] = BIT(REF) | BIT(FROM) | BIT(PROGRAMME) | BIT(DRY_RUN) | WHO,
    [OPERATION_SHOW] = BIT(MEMBER) | BIT(AT),
    [OPERATION_HOUSEHOLD_SHOW] = BIT(HOUSEHOLD),
    [OPERATION_OPERATOR_SHOW] = BIT(OF),
    [OPERATION_HISTORY] = BIT(MEMBER) | BIT(LIMIT) | BIT(BEFORE),
    [OPERATION_LOOKUP] = BIT(REF),
    [OPERATION_MEMBER_SHOW] = BIT(MEMBER),
    [OPERATION_MEMBER_EXPORT] = BIT(MEMBER),
    [OPERATION_MEMBER_LIST] = BIT(LIMIT) | BIT(AFTER),
    [OPERATION_PROGRAMME_SHOW] = BIT(VERSION),
    [OPERATION_RECORD] = BIT(SEQ),
    [OPERATION_GROUP] = BIT(REQUESTS) | AROUND,
    [OPERATION_EXCHANGE] = BIT(RETURNED) | BIT(BOUGHT) | AROUND,
};

/* What a customer takes home a slip of. */
#define SLIPS (BIT(PRINT) | BIT(ENCODING))
static uint64_t slip_fields(enum operation op)
{
    static const enum operation printed[] = {
        OPERATION_PURCHASE, OPERATION_QUOTE, OPERATION_RETURN, OPERATION_REDEEM,
        OPERATION_CANCEL,   OPERATION_SHOW,  OPERATION_LOOKUP, OPERATION_EXCHANGE,
        OPERATION_CLAIM,    OPERATION_VOID};
    for (size_t i = 0; i < sizeof printed / sizeof *printed; i++) {
        if (op == printed[i])
            return SLIPS;
    }
    return 0;
}

/* What every reader of a field is given. */
struct reading {
    const char *name;
    const cJSON *item;
    struct text json;                  /* the whole request, for slices */
    const struct programme *programme; /* NULL before the first version */
    struct arena *arena;
    struct error *error;
};

static bool wrong(const struct reading *in, const char *expected)
{
    return fail_field(in->error, ERROR_INVALID_FIELD, in->name, _("\"%s\" must be %s"), in->name,
                      expected);
}

/* --- Texts --------------------------------------------------------------- */

/* The first character that is not for interchange. */
static int32_t unclean_character(struct text text)
{
    for (size_t at = 0; at < text.length;) {
        size_t from = at;
        int32_t point = utf8_next(text, &at);
        if (!utf8_is_clean((struct text){text.bytes + from, at - from}))
            return point;
    }
    return 0;
}

static bool not_clean(const struct reading *in, struct text text)
{
    fail_field(in->error, ERROR_INVALID_TEXT, in->name,
               _("\"%s\" holds a control character or one that is not for interchange"), in->name);
    return hint(in->error, _("send it without U+%04X"), (unsigned)unclean_character(text));
}

static bool read_string(const struct reading *in, size_t limit, struct text *out)
{
    if (!cJSON_IsString(in->item))
        return wrong(in, _("a string"));
    struct text text = text_of(in->item->valuestring);
    if (text.length == 0)
        return wrong(in, _("a string that is not empty"));
    if (text.length > limit)
        return fail_field(in->error, ERROR_LIMIT, in->name,
                          _("\"%s\" has at most %zu bytes, this has %zu"), in->name, limit,
                          text.length);
    if (!utf8_is_clean(text))
        return not_clean(in, text);
    *out = text_copy(in->arena, text);
    return true;
}

static bool read_TEXT(const struct reading *in, size_t limit, struct text *out)
{
    return read_string(in, limit, out);
}

/* The text of a file, with its line feeds. */
static bool read_FILE_TEXT(const struct reading *in, size_t limit, struct text *out)
{
    if (!cJSON_IsString(in->item) || in->item->valuestring[0] == '\0')
        return wrong(in, _("a string that is not empty"));
    *out = text_copy(in->arena, text_of(in->item->valuestring));
    return out->length <= limit || fail_field(in->error, ERROR_LIMIT, in->name,
                                              _("\"%s\" has at most %zu bytes, this has %zu"),
                                              in->name, limit, out->length);
}

static bool read_MEMBER(const struct reading *in, size_t limit, struct text *out)
{
    return read_string(in, limit, out);
}

static bool read_OTHER(const struct reading *in, size_t limit, struct text *out)
{
    return read_string(in, limit, out);
}

/* A store or till: part of a receipt's identity, whose parts a slash keeps apart. */
static bool read_PLACE(const struct reading *in, size_t limit, struct text *out)
{
    if (!read_string(in, limit, out))
        return false;
    if (memchr(out->bytes, '/', out->length) != NULL)
        return wrong(in, _("a name without \"/\""));
    return true;
}

static bool read_DOCUMENT(const struct reading *in, size_t limit, struct text *out)
{
    if (cJSON_IsObject(in->item)) {
        char pointer[32];
        snprintf(pointer, sizeof pointer, "/%s", in->name);
        bool found = json_slice(in->json, pointer, out);
        assert(found);
        *out = text_copy(in->arena, *out);
        return found;
    }
    if (!cJSON_IsString(in->item))
        return wrong(in, _("a programme document: an object, or its text as a string"));
    if (strlen(in->item->valuestring) > limit)
        return fail_field(in->error, ERROR_LIMIT, in->name, _("a programme has at most %zu bytes"),
                          limit);
    *out = text_copy(in->arena, text_of(in->item->valuestring));
    return true;
}

/* A word of a closed list; *out, an enum without negative values, is its index. */
static bool read_word(const struct reading *in, const char *const words[], size_t count, void *out)
{
    for (unsigned i = 0; cJSON_IsString(in->item) && i < count; i++) {
        if (strcmp(in->item->valuestring, words[i]) == 0) {
            memcpy(out, &i, sizeof i);
            return true;
        }
    }
    char list[128] = "";
    for (size_t i = 0; i < count; i++) {
        size_t used = strlen(list);
        snprintf(list + used, sizeof list - used, "%s\"%s\"", i == 0 ? "" : ", ", words[i]);
    }
    return fail_field(in->error, ERROR_INVALID_FIELD, in->name, _("\"%s\" must be one of %s"),
                      in->name, list);
}

const char *const entry_words[] = {"scan", "keyed", "app"};
const char *const unmatched_words[] = {"refuse", "skip", "deduct"};
const char *const proof_words[] = {"pin", "app", "otp"};
const char *const balance_words[] = {"refuse", "forfeit", "keep"};
const char *const encoding_words[] = {"utf-8", "gb18030"};

const char *const origin_words[] = {"goodwill", "marketing", "partner"};

const char *origin_word(enum origin origin)
{
    return origin_words[origin];
}

/* Reading a word of one of the lists. */
#define READ_WORD(TYPE, list)                                                                      \
    static bool read_##TYPE(const struct reading *in, size_t limit, void *out)                     \
    {                                                                                              \
        (void)limit;                                                                               \
        return read_word(in, list, sizeof(list) / sizeof *(list), out);                            \
    }
READ_WORD(ENTRY, entry_words)
READ_WORD(ORIGIN, origin_words)
READ_WORD(UNMATCHED, unmatched_words)
READ_WORD(PROOF, proof_words)
READ_WORD(BALANCE, balance_words)

static bool read_SPAN(const struct reading *in, size_t limit, struct request_span *out)
{
    return read_string(in, limit, &out->text) &&
           (span_parse(out->text, &out->span) ||
            wrong(in, _("a duration above zero, like \"PT15M\"")));
}

/* --- Numbers ------------------------------------------------------------- */

/* What a till of another country means by a comma, where it can mean only one thing. */
static bool mended_comma(struct text text, unsigned scale, char mended[], size_t size)
{
    int64_t ignored;
    const char *comma = memchr(text.bytes, ',', text.length);
    if (comma == NULL || text.length >= size)
        return false;
    memcpy(mended, text.bytes, text.length);
    mended[text.length] = '\0';
    mended[comma - text.bytes] = '.';
    return decimal_parse(text_of(mended), scale, &ignored) == DECIMAL_OK;
}

static bool read_decimal(const struct reading *in, struct text text, unsigned scale, int64_t *out)
{
    enum decimal_result result = decimal_parse(text, scale, out);
    if (result == DECIMAL_OK)
        return true;
    fail_field(in->error, ERROR_INVALID_AMOUNT, in->name,
               _("\"%.*s\" is not an amount for \"%s\": it %s"), TEXT(text), in->name,
               decimal_problem(result));
    if (result == DECIMAL_TOO_LARGE)
        return hint(in->error, _("at most %lld of the smallest unit"), (long long)LIMIT_UNITS);
    char mended[32];
    if (mended_comma(text, scale, mended, sizeof mended))
        return hint(in->error, _("write a point and not a comma: \"%s\""), mended);
    if (scale == 0)
        return hint(in->error, _("write a whole number: digits only"));
    return hint(in->error, _("write digits and a point, with at most %u decimals"), scale);
}

static bool read_signed_money(const struct reading *in, const struct programme *programme,
                              int64_t *out)
{
    if (programme == NULL)
        return fail_field(in->error, ERROR_NO_PROGRAMME, in->name,
                          _("the ledger has no programme yet, so \"%s\" has no currency"),
                          in->name);
    if (!cJSON_IsString(in->item)) {
        wrong(in, _("a decimal string"));
        return hint(in->error,
                    _("write \"58.00\" with quotes: a number may be rounded on its way"));
    }
    return read_decimal(in, text_of(in->item->valuestring), programme->currency_digits, out);
}

static bool read_money_of(const struct reading *in, const struct programme *programme, int64_t *out)
{
    if (!read_signed_money(in, programme, out))
        return false;
    if (*out < 0) {
        fail_field(in->error, ERROR_INVALID_AMOUNT, in->name, _("\"%s\" is negative: %s"), in->name,
                   in->item->valuestring);
        return hint(in->error, strstr(in->name, "amount") != NULL
                                   ? _("goods that come back are a \"return\"")
                                   : _("write it without a sign"));
    }
    return true;
}

static bool read_MONEY(const struct reading *in, size_t limit, int64_t *out)
{
    (void)limit;
    return read_money_of(in, in->programme, out);
}

/* Cash rounding may go either way. */
static bool read_SIGNED_MONEY(const struct reading *in, size_t limit, int64_t *out)
{
    (void)limit;
    return read_signed_money(in, in->programme, out);
}

static bool read_COUNT(const struct reading *in, size_t limit, int64_t *out)
{
    (void)limit;
    if (!cJSON_IsNumber(in->item) || !json_integer(in->item, out) || *out < 0)
        return wrong(in, _("a whole number that is not negative"));
    return true;
}

/* Points wait as text until the whole request is read: their scale is that of
 * "points_of", which may stand behind them. */
static bool read_POINTS(const struct reading *in, size_t limit, int64_t *out)
{
    (void)limit, (void)out;
    if (!cJSON_IsNumber(in->item) && !cJSON_IsString(in->item))
        return wrong(in, _("a number"));
    return true;
}

static bool resolve_points(const struct reading *in, struct request *request)
{
    if (in->programme == NULL)
        return fail_field(in->error, ERROR_NO_PROGRAMME, in->name,
                          _("the ledger has no programme yet, so it has no points"));
    int index = -1;
    if (request_has(request, FIELD_POINTS_OF))
        index = programme_points_index(in->programme, request->points_of);
    for (size_t i = 0; !request_has(request, FIELD_POINTS_OF) && i < in->programme->points_count;
         i++) {
        if (in->programme->points[i].spendable) {
            index = (int)i;
            break;
        }
    }
    if (index < 0)
        return true; /* the operation refuses it, after it has looked for the member */
    char spelling[32];
    struct text text = text_of(in->item->valuestring);
    if (cJSON_IsNumber(in->item)) {
        int64_t whole = 0;
        bool is_whole = json_integer(in->item, &whole) && whole != 0;
        if (is_whole)
            snprintf(spelling, sizeof spelling, "%lld", (long long)whole);
        else
            snprintf(spelling, sizeof spelling, "%.15g", in->item->valuedouble);
        text = text_of(spelling);
    }
    return read_decimal(in, text, in->programme->points[index].scale, &request->points);
}

static bool read_MOMENT(const struct reading *in, size_t limit, moment *out)
{
    (void)limit;
    if (!cJSON_IsString(in->item))
        return wrong(in, _("a time such as \"2026-11-21T18:30:00+08:00\""));
    if (moment_parse(text_of(in->item->valuestring),
                     in->programme == NULL ? NULL : in->programme->zone, out, in->error))
        return true;
    snprintf(in->error->field, sizeof in->error->field, "%s", in->name);
    if (in->error->hint[0] != '\0')
        return false;
    return hint(in->error, _("write a time such as \"2026-11-21T18:30:00+08:00\""));
}

static bool read_DAY(const struct reading *in, size_t limit, struct text *out)
{
    struct date date;
    return read_string(in, limit, out) &&
           (date_parse(*out, &date) || wrong(in, _("a day such as \"2026-11-21\"")));
}

static bool read_LANGUAGE(const struct reading *in, size_t limit, struct text *out)
{
    if (!read_string(in, limit, out))
        return false;
    return language_is_tag(*out) || wrong(in, _("a language such as \"en\" or \"zh-CN\""));
}

/* The two widths that the printers of tills have. */
static bool read_COLUMNS(const struct reading *in, size_t limit, unsigned char *out)
{
    (void)limit;
    int64_t columns = 0;
    if (cJSON_IsNumber(in->item) && json_integer(in->item, &columns) &&
        (columns == 32 || columns == 48)) {
        *out = (unsigned char)columns;
        return true;
    }
    return wrong(in, _("32 or 48, the columns of the printer"));
}

static bool read_CODING(const struct reading *in, size_t limit, unsigned char *out)
{
    (void)limit;
    int index = 0;
    if (!read_word(in, encoding_words, 2, &index))
        return false;
    *out = (unsigned char)index;
    return true;
}

static bool read_FLAG(const struct reading *in, size_t limit, bool *out)
{
    (void)limit;
    if (!cJSON_IsTrue(in->item))
        return wrong(in, _("true, or left out"));
    *out = true;
    return true;
}

/* --- Lists --------------------------------------------------------------- */

static bool read_identifiers(const struct reading *in, struct request *request)
{
    int count = cJSON_IsArray(in->item) ? cJSON_GetArraySize(in->item) : 0;
    if (count == 0)
        return wrong(in, _("a list of identifiers such as [\"card:1234\"]"));
    if (count > LIMIT_IDENTIFIERS)
        return fail_field(in->error, ERROR_LIMIT, in->name, _("at most %d identifiers at once"),
                          LIMIT_IDENTIFIERS);
    request->identifiers = arena_allocate(in->arena, (size_t)count * sizeof(struct text));
    const cJSON *item = NULL;
    cJSON_ArrayForEach(item, in->item)
    {
        struct reading one = *in;
        one.item = item;
        if (!read_string(&one, LIMIT_TEXT, &request->identifiers[request->identifiers_count++]))
            return false;
    }
    return true;
}

static bool read_coupons(const struct reading *in, struct request *request)
{
    int count = cJSON_IsArray(in->item) ? cJSON_GetArraySize(in->item) : 0;
    if (count == 0)
        return wrong(in, _("a list of codes such as [\"SPRING-10\"]"));
    if (count > LIMIT_COUPONS)
        return fail_field(in->error, ERROR_LIMIT, in->name, _("at most %d coupons on one receipt"),
                          LIMIT_COUPONS);
    request->coupons = arena_allocate(in->arena, (size_t)count * sizeof(struct text));
    const cJSON *item = NULL;
    cJSON_ArrayForEach(item, in->item)
    {
        struct reading one = *in;
        one.item = item;
        struct text *coupon = &request->coupons[request->coupons_count];
        if (!read_string(&one, LIMIT_SKU, coupon))
            return false;
        for (size_t i = 0; i < request->coupons_count; i++) {
            if (!text_equal(request->coupons[i], *coupon))
                continue;
            fail_field(in->error, ERROR_INVALID_FIELD, in->name,
                       _("the coupon \"%.*s\" stands there twice"), TEXT(*coupon));
            return hint(in->error, _("a coupon is used once on a receipt: send it once"));
        }
        request->coupons_count++;
    }
    return true;
}

/* A request within this one stays text until the whole is read; `op` where it may leave
 * its own out. */
static bool read_nested(const struct reading *in, const char *op, struct text *out)
{
    const cJSON *said = cJSON_GetObjectItemCaseSensitive(in->item, "op");
    if (!cJSON_IsObject(in->item))
        return wrong(in, _("an object with a request"));
    if (op != NULL && said != NULL && (!cJSON_IsString(said) || strcmp(said->valuestring, op) != 0))
        return fail_field(in->error, ERROR_INVALID_FIELD, "op",
                          _("\"op\" within \"%s\" can only be \"%s\""), in->name, op);
    char *text = cJSON_PrintUnformatted(in->item);
    if (text == NULL)
        memory_exhausted();
    if (op == NULL || said != NULL)
        *out = text_copy(in->arena, text_of(text));
    else
        *out =
            text_format(in->arena, "{\"op\":\"%s\"%s%s", op, in->item->child ? "," : "", text + 1);
    cJSON_free(text);
    return true;
}

static bool read_requests(const struct reading *in, size_t limit, struct request *request)
{
    size_t count = cJSON_IsArray(in->item) ? (size_t)cJSON_GetArraySize(in->item) : 0;
    if (count == 0)
        return wrong(in, _("a list of requests that is not empty"));
    if (count > limit)
        return fail_field(in->error, ERROR_LIMIT, in->name,
                          _("a group has at most %zu requests, this has %zu"), limit, count);
    request->requests = arena_allocate(in->arena, count * sizeof *request->requests);
    const cJSON *item = NULL;
    cJSON_ArrayForEach(item, in->item)
    {
        struct reading one = *in;
        one.item = item;
        if (!read_nested(&one, NULL, &request->requests[request->requests_count++]))
            return false;
    }
    return true;
}

/* One half of an exchange. */
static bool read_half(const struct reading *in, size_t half, struct request *request)
{
    static const enum operation halves[] = {OPERATION_RETURN, OPERATION_PURCHASE};
    if (request->requests == NULL)
        request->requests = arena_allocate(in->arena, 2 * sizeof *request->requests);
    request->requests_count = 2;
    return read_nested(in, operation_name(halves[half]), &request->requests[half]);
}

static const char *const tender_members[TENDER_MEMBERS] = {"type", "amount"};

static bool read_tender(const struct reading *in, int index, struct request_tender *tender)
{
    static const char example[] = "{\"type\": \"cash\", \"amount\": \"28.00\"}";
    bool compact = cJSON_IsArray(in->item);
    unsigned sent = 0;
    int position = 0;
    char path[48];
    const cJSON *item = NULL;
    snprintf(path, sizeof path, "tenders/%d", index);
    struct reading one = *in;
    one.name = path;
    if (!compact && !cJSON_IsObject(in->item)) {
        wrong(&one, _("an object with a type and an amount"));
        return hint(in->error, _("such as %s"), example);
    }
    cJSON_ArrayForEach(item, in->item)
    {
        int which = compact ? position++ : 0;
        while (!compact && which < TENDER_MEMBERS &&
               strcmp(item->string, tender_members[which]) != 0)
            which++;
        if (which >= TENDER_MEMBERS)
            return fail_field(in->error, ERROR_UNKNOWN_FIELD, path,
                              _("a tender has a type and an amount, such as %s"), example);
        one.item = item;
        if (which == TENDER_TYPE ? !read_string(&one, LIMIT_ID, &tender->type)
                                 : !read_money_of(&one, in->programme, &tender->amount))
            return false;
        sent |= 1U << which;
    }
    return sent == 3 || fail_field(in->error, ERROR_MISSING_FIELD, path,
                                   _("a tender has a type and an amount, such as %s"), example);
}

/* The same type twice is one that a till has not added up, or has sent twice. */
static bool check_tender_type(const struct reading *in, const struct request *request, size_t last)
{
    for (size_t i = 0; i < last; i++) {
        if (!text_equal(request->tenders[i].type, request->tenders[last].type))
            continue;
        fail_field(in->error, ERROR_INVALID_FIELD, in->name,
                   _("the tender \"%.*s\" stands there twice"), TEXT(request->tenders[i].type));
        return hint(in->error, _("add up what was paid with it, and send it once"));
    }
    return true;
}

static bool read_tenders(const struct reading *in, struct request *request)
{
    int count = cJSON_IsArray(in->item) ? cJSON_GetArraySize(in->item) : 0;
    if (count == 0)
        return wrong(in,
                     _("a list of tenders such as [{\"type\": \"cash\", \"amount\": \"28.00\"}]"));
    if (count > LIMIT_TENDERS)
        return fail_field(in->error, ERROR_LIMIT, in->name, _("at most %d tenders pay one receipt"),
                          LIMIT_TENDERS);
    request->tenders = arena_allocate(in->arena, (size_t)count * sizeof *request->tenders);
    const cJSON *item = NULL;
    cJSON_ArrayForEach(item, in->item)
    {
        int index = (int)request->tenders_count;
        struct reading one = *in;
        one.item = item;
        if (!read_tender(&one, index, &request->tenders[request->tenders_count++]) ||
            !check_tender_type(in, request, (size_t)index))
            return false;
    }
    return true;
}

static const char *const line_members[LINE_MEMBERS] = {"sku",      "category", "quantity", "amount",
                                                       "discount", "tax",      "line"};

static bool read_quantity(const struct reading *in, int64_t *out)
{
    if (!cJSON_IsString(in->item)) {
        wrong(in, _("a decimal string"));
        return hint(in->error, _("write \"2\" or \"0.385\" with quotes"));
    }
    if (!read_decimal(in, text_of(in->item->valuestring), QUANTITY_SCALE, out))
        return false;
    if (*out <= 0)
        return wrong(in, _("above zero"));
    return true;
}

static bool read_line_member(const struct reading *in, enum line_member which,
                             struct request_line *line)
{
    switch (which) {
    case LINE_SKU:
        return read_string(in, LIMIT_SKU, &line->sku);
    case LINE_CATEGORY:
        return read_string(in, LIMIT_SKU, &line->category);
    case LINE_QUANTITY:
        return read_quantity(in, &line->quantity);
    case LINE_AMOUNT:
        return read_money_of(in, in->programme, &line->amount);
    case LINE_DISCOUNT:
        return read_money_of(in, in->programme, &line->discount);
    case LINE_TAX:
        return read_money_of(in, in->programme, &line->tax);
    case LINE_LINE:
        if (!cJSON_IsNumber(in->item) || !json_integer(in->item, &line->line) || line->line < 1)
            return wrong(in, _("a line's number, counted from 1"));
        return true;
    case LINE_MEMBERS:
        break;
    }
    return false;
}

/* "" in an array's place, or a member left out, is not sent. */
static bool is_blank(const cJSON *item)
{
    return cJSON_IsString(item) && item->valuestring[0] == '\0';
}

/* So much of a name as a path has room for, in whole characters. */
static int shown_length(const char *name)
{
    enum { MOST = 20 };
    size_t length = strlen(name);
    if (length <= MOST)
        return (int)length;
    for (length = MOST; length > 0 && ((unsigned char)name[length] & 0xc0) == 0x80; length--)
        continue;
    return (int)length;
}

/* NULL: one too many of an array. */
static bool unknown_line_member(const struct reading *in, const char *path, const char *name)
{
    if (name == NULL)
        return fail_field(in->error, ERROR_UNKNOWN_FIELD, path,
                          _("a line has sku, category, quantity, amount, discount, tax (or line "
                            "and quantity, in a return)"));
    fail_field(in->error, ERROR_UNKNOWN_FIELD, path, _("a line has no \"%.*s\""),
               shown_length(name), name);
    const char *nearest = nearest_name(text_of(name), line_members, LINE_MEMBERS);
    if (nearest != NULL)
        return hint(in->error, _("did you mean \"%s\"?"), nearest);
    return hint(in->error, _("a line has sku, category, quantity, amount, discount, tax (or line "
                             "and quantity, in a return)"));
}

static bool read_line(const struct reading *in, int index, unsigned *sent,
                      struct request_line *line)
{
    bool compact = cJSON_IsArray(in->item);
    if (!compact && !cJSON_IsObject(in->item))
        return wrong(in, _("a list of objects such as {\"sku\": \"A1\", \"amount\": \"2.50\"}"));
    int position = 0;
    const cJSON *item = NULL;
    cJSON_ArrayForEach(item, in->item)
    {
        int which = compact ? position++ : 0;
        while (!compact && which < LINE_MEMBERS && strcmp(item->string, line_members[which]) != 0)
            which++;
        const char *name = which < LINE_MEMBERS ? line_members[which]
                           : item->string       ? item->string
                                                : "";
        char path[48];
        snprintf(path, sizeof path, "lines/%d/%.*s", index, shown_length(name), name);
        if (which >= LINE_MEMBERS)
            return unknown_line_member(in, path, item->string);
        if (compact && is_blank(item))
            continue;
        struct reading one = *in;
        one.name = path;
        one.item = item;
        if (!read_line_member(&one, (enum line_member)which, line))
            return false;
        *sent |= 1U << which;
    }
    return true;
}

/* What a line must have depends on what it is for. */
static bool check_line(const struct reading *in, const struct request *request, int index,
                       unsigned sent, const struct request_line *line)
{
    char path[48];
    snprintf(path, sizeof path, "lines/%d", index);
    bool returning = request->op == OPERATION_RETURN;
    if (!returning && (sent & 1U << LINE_LINE) != 0)
        return fail_field(in->error, ERROR_UNKNOWN_FIELD, path, _("\"line\" belongs to a return"));
    if (!returning && (sent & 1U << LINE_AMOUNT) == 0)
        return fail_field(in->error, ERROR_MISSING_FIELD, path, _("the line has no \"amount\""));
    if (returning && (sent & (1U << LINE_LINE | 1U << LINE_SKU)) == 0)
        return fail_field(in->error, ERROR_MISSING_FIELD, path,
                          _("a returned line needs \"line\" or \"sku\""));
    if (line->tax > line->amount)
        return fail_field(in->error, ERROR_INVALID_AMOUNT, path,
                          _("the line's tax is more than its amount"));
    return true;
}

static bool read_lines(const struct reading *in, struct request *request)
{
    int count = cJSON_IsArray(in->item) ? cJSON_GetArraySize(in->item) : 0;
    if (count == 0)
        return wrong(in, _("a list of lines that is not empty"));
    if (request->op == OPERATION_RETURN && count > LIMIT_RETURN_LINES) {
        fail_field(in->error, ERROR_LIMIT, in->name, _("one return names at most %d lines"),
                   LIMIT_RETURN_LINES);
        return hint(in->error, _("return the whole receipt with \"all\", or in several returns"));
    }
    request->lines = arena_allocate(in->arena, (size_t)count * sizeof *request->lines);
    const cJSON *item = NULL;
    cJSON_ArrayForEach(item, in->item)
    {
        int index = (int)request->lines_count;
        struct request_line *line = &request->lines[request->lines_count++];
        struct reading one = *in;
        one.item = item;
        unsigned sent = 0;
        if (!read_line(&one, index, &sent, line) || !check_line(&one, request, index, sent, line))
            return false;
    }
    return true;
}

/* --- The whole request --------------------------------------------------- */

#define read_LIST(in, limit, out) read_identifiers(in, request)
#define read_COUPONS(in, limit, out) read_coupons(in, request)
#define read_TENDERS(in, limit, out) read_tenders(in, request)
#define read_LINES(in, limit, out) read_lines(in, request)
#define read_REQUESTS(in, limit, out) read_requests(in, limit, request)
#define read_RETURNED(in, limit, out) read_half(in, 0, request)
#define read_BOUGHT(in, limit, out) read_half(in, 1, request)

static bool read_field(enum field field, const struct reading *in, struct request *request)
{
    switch (field) {
#define X(code, name, type, member, limit, use)                                                    \
    case FIELD_##code:                                                                             \
        return read_##type(in, (size_t)(limit), &request->member);
        FIELD_TABLE(X)
#undef X
    case FIELD_COUNT:
        break;
    }
    return false;
}

static bool unknown_field(const char *name, struct error *error)
{
    fail_field(error, ERROR_UNKNOWN_FIELD, name, _("a request has no field \"%s\""), name);
    const char *nearest = nearest_name(text_of(name), field_names, FIELD_COUNT);
    return nearest == NULL ? false : hint(error, _("did you mean \"%s\"?"), nearest);
}

static bool read_operation(const cJSON *root, struct request *request, struct error *error)
{
    const cJSON *op = cJSON_GetObjectItemCaseSensitive(root, "op");
    if (op == NULL)
        return fail_field(error, ERROR_MISSING_FIELD, "op", _("\"op\" is missing"));
    static const char *names[OPERATION_COUNT];
    for (unsigned i = 0; i < OPERATION_COUNT; i++) {
        names[i] = operations[i].name;
        if (cJSON_IsString(op) && strcmp(op->valuestring, operations[i].name) == 0) {
            request->op = (enum operation)i;
            return true;
        }
    }
    const char *given = cJSON_IsString(op) ? op->valuestring : "";
    fail_field(error, ERROR_INVALID_FIELD, "op", _("there is no operation \"%s\""), given);
    const char *nearest = nearest_name(text_of(given), names, OPERATION_COUNT);
    return nearest == NULL ? false : hint(error, _("did you mean \"%s\"?"), nearest);
}

static bool check_applies(unsigned field, const struct request *request, struct error *error)
{
    uint64_t allowed = fields_of[request->op] | slip_fields(request->op) | BIT(ID) | BIT(NOW) |
                       BIT(ACCEPT_CLOCK) | BIT(LANG) | BIT(ANCHOR);
    if ((allowed >> field & 1) != 0)
        return true;
    return fail_field(error, ERROR_UNKNOWN_FIELD, field_names[field], _("%s takes no \"%s\""),
                      operations[request->op].name, field_names[field]);
}

/* First of all, so that even a request that cannot be read is answered by its id. */
static bool read_id(const cJSON *root, struct reading *in, struct request *request)
{
    in->name = "id";
    in->item = cJSON_GetObjectItemCaseSensitive(root, "id");
    return in->item == NULL || read_TEXT(in, LIMIT_TEXT, &request->id);
}

/* Before all else that is asked: whether this is the ledger that it was meant for. */
static bool read_anchor(const cJSON *root, struct reading *in, struct request *request)
{
    in->name = "anchor";
    in->item = cJSON_GetObjectItemCaseSensitive(root, "anchor");
    return in->item == NULL || read_FILE_TEXT(in, LIMIT_NOTE_BYTES, &request->anchor);
}

/* Then the language in which anything else is told. */
static bool read_language(const cJSON *root, struct reading *in, struct request *request)
{
    in->name = "lang";
    in->item = cJSON_GetObjectItemCaseSensitive(root, "lang");
    if (in->item != NULL && !read_LANGUAGE(in, LIMIT_ID, &request->lang))
        return false;
    language_use(request->lang);
    return true;
}

static bool read_members(const cJSON *root, struct reading *in, struct request *request)
{
    const cJSON *points = NULL;
    for (const cJSON *item = root->child; item != NULL; item = item->next) {
        unsigned field = 0;
        while (field < FIELD_COUNT && strcmp(item->string, field_names[field]) != 0)
            field++;
        in->name = item->string;
        in->item = item;
        if (field == FIELD_POINTS)
            points = item;
        if (field < FIELD_COUNT) {
            if (!check_applies(field, request, in->error) ||
                !read_field((enum field)field, in, request))
                return false;
            request_mark(request, (enum field)field);
        } else if (request->op == OPERATION_PURCHASE && strcmp(item->string, "condensed") == 0) {
            if (!json_integer(item, &request->condensed) || request->condensed <= 0)
                return wrong(in, _("the number of lines that the receipt had"));
        } else if (strcmp(item->string, "op") != 0) {
            return unknown_field(item->string, in->error);
        }
    }
    if (points == NULL)
        return true;
    in->name = "points";
    in->item = points;
    return resolve_points(in, request);
}

static bool no_object(struct error *error)
{
    fail(error, ERROR_INVALID_JSON, _("a request is a JSON object"));
    return hint(error,
                _("such as {\"op\": \"show\", \"member\": \"card:2001\"}; of several each is "
                  "a request of its own"));
}

bool request_parse(struct text json, const struct programme *programme, struct arena *arena,
                   struct request *request, struct error *error)
{
    memset(request, 0, sizeof *request);
    if (json.length > LIMIT_REQUEST_BYTES)
        return fail(error, ERROR_LIMIT, _("a request has at most %d bytes, this has %zu"),
                    LIMIT_REQUEST_BYTES, json.length);
    cJSON *root = json_parse(json, error);
    if (root == NULL)
        return false;
    struct reading in = {"", NULL, json, programme, arena, error};
    struct language before = language_use((struct text){0});
    bool ok = cJSON_IsObject(root)
                  ? read_id(root, &in, request) && read_language(root, &in, request) &&
                        read_anchor(root, &in, request) && read_operation(root, request, error) &&
                        read_members(root, &in, request)
                  : no_object(error);
    language_restore(before);
    cJSON_Delete(root);
    return ok;
}
