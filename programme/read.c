/* The programme document as tables: one per object, in the order of SPEC.md
 * "The programme document". What walks them is in walk.c; the points, what
 * earns them, and the levels of members have files of their own.
 *
 * The order of reading is the order of the tables, not that of the document:
 * "points" needs to know the money and how long goods come back, "tiers" points
 * and actions, "earn" and "benefits" the levels. */
#include "read.h"

#include <assert.h>
#include <stdlib.h>

#include "currency.h"
#include "json.h"
#include "utf8.h"

/* --- identity ---------------------------------------------------------------- */

static void read_version(struct walk *walk, const struct place *place, void *field,
                         const void *detail)
{
    (void)field, (void)detail;
    int64_t version;
    if (!cJSON_IsNumber(place->value))
        fault_type(walk, place, _("the number 1"));
    else if (!json_integer(place->value, &version) || version != 1)
        fault(walk, place, _("is not a version of the document that is known: write 1"));
}

static void read_languages(struct walk *walk, const struct place *place, struct localized *name)
{
    size_t count = (size_t)cJSON_GetArraySize(place->value);
    if (count == 0) {
        fault(walk, place, _("must name at least one language, like {\"en\": \"...\"}"));
        return;
    }
    name->languages = arena_allocate(walk->arena, count * sizeof name->languages[0]);
    name->texts = arena_allocate(walk->arena, count * sizeof name->texts[0]);
    for (struct place at = first_child(place); at.value != NULL; next_child(&at)) {
        struct text tag = text_of(at.value->string);
        if (!language_is_tag(tag)) {
            struct text wrong = shown(walk, tag);
            fault_name(walk, &at, _("%.*s is not a language tag, like \"en\" or \"zh-CN\""),
                       TEXT(wrong));
        }
        name->languages[name->count] = text_copy(walk->arena, tag);
        walk_string(walk, &at, LIMIT_TEXT, &name->texts[name->count]);
        name->count++;
    }
}

void read_name(struct walk *walk, const struct place *place, void *field, const void *detail)
{
    (void)detail;
    struct localized *name = field;
    if (cJSON_IsObject(place->value)) {
        read_languages(walk, place, name);
    } else if (cJSON_IsString(place->value)) {
        /* A plain string is of no language: it is the first, and so the answer. */
        name->languages = arena_allocate(walk->arena, sizeof name->languages[0]);
        name->texts = arena_allocate(walk->arena, sizeof name->texts[0]);
        if (walk_string(walk, place, LIMIT_TEXT, &name->texts[0]))
            name->count = 1;
    } else {
        fault_type(walk, place, _("a string or an object of languages"));
    }
}

static bool is_zone_name(struct text name)
{
    if (name.length == 0 || name.bytes[0] == '/' || name.bytes[name.length - 1] == '/')
        return false;
    for (size_t i = 0; i < name.length; i++) {
        char c = name.bytes[i];
        if (!(c >= 'a' && c <= 'z') && !(c >= 'A' && c <= 'Z') && !(c >= '0' && c <= '9') &&
            strchr("+-_/", c) == NULL)
            return false;
    }
    return true;
}

static void read_timezone(struct walk *walk, const struct place *place, void *field,
                          const void *detail)
{
    (void)detail;
    struct programme *programme = field;
    struct reading *reading = walk->context;
    struct text name;
    if (!walk_string(walk, place, LIMIT_NAME, &name))
        return;
    struct error error = {0};
    struct buffer system = {0};
    struct text bytes = reading->zone_bytes;
    bool found = is_zone_name(name);
    if (found && bytes.length == 0) {
        found = zone_load_system(name.bytes, &system, &error);
        bytes = buffer_view(&system);
    }
    struct text wrong = shown(walk, name);
    if (!found) {
        fault(walk, place,
              _("%.*s is not a time zone of this system: write an IANA name, like "
                "\"Europe/London\""),
              TEXT(wrong));
    } else {
        programme->timezone = name;
        programme->zone = zone_read(walk->arena, bytes, &error);
        if (programme->zone == NULL)
            fault(walk, place, _("the data of zone %.*s cannot be used: %s"), TEXT(wrong),
                  error.message);
    }
    buffer_free(&system);
}

static void read_currency(struct walk *walk, const struct place *place, void *field,
                          const void *detail)
{
    (void)detail;
    struct programme *programme = field;
    struct reading *reading = walk->context;
    struct text code;
    if (!walk_string(walk, place, LIMIT_NAME, &code))
        return;
    struct text wrong = shown(walk, code);
    const char *nearest = currency_nearest(code);
    switch (currency_find(code, &programme->currency_digits)) {
    case CURRENCY_OK:
        programme->currency = code;
        reading->money_known = true;
        break;
    case CURRENCY_TOO_FINE:
        fault(walk, place, _("%.*s has 4 decimals; accepted are currencies of 0, 2 or 3"),
              TEXT(wrong));
        break;
    case CURRENCY_UNKNOWN:
        if (nearest != NULL)
            fault(walk, place, _("%.*s is not a currency of ISO 4217: did you mean \"%s\"?"),
                  TEXT(wrong), nearest);
        else
            fault(walk, place,
                  _("%.*s is not a currency of ISO 4217: write three capital letters, like "
                    "\"EUR\""),
                  TEXT(wrong));
        break;
    }
}

/* --- lists of texts ---------------------------------------------------------- */

struct entry {
    struct text text;
    size_t index;
};

static int compare_entries(const void *left, const void *right)
{
    const struct entry *a = left, *b = right;
    int order = text_compare(a->text, b->text);
    if (order != 0)
        return order;
    return a->index < b->index ? -1 : a->index > b->index;
}

void read_texts(struct walk *walk, const struct place *place, size_t limit, struct text **texts,
                size_t *count)
{
    int length = walk_list(walk, place, LIMIT_LIST);
    if (length <= 0)
        return;
    struct entry *entries = arena_allocate(walk->arena, (size_t)length * sizeof entries[0]);
    const struct cJSON **items = arena_allocate(walk->arena, (size_t)length * sizeof items[0]);
    size_t used = 0;
    for (struct place at = first_child(place); at.value != NULL; next_child(&at)) {
        items[at.index] = at.value;
        if (walk_string(walk, &at, limit, &entries[used].text))
            entries[used++].index = at.index;
    }
    qsort(entries, used, sizeof entries[0], compare_entries);
    *texts = arena_allocate(walk->arena, (size_t)length * sizeof **texts);
    for (size_t i = 0; i < used; i++) {
        if (i > 0 && text_equal(entries[i].text, entries[i - 1].text)) {
            struct place twice = {place, items[entries[i].index], entries[i].index};
            struct text text = shown(walk, entries[i].text);
            fault(walk, &twice, _("%.*s stands in the list twice: name it once"), TEXT(text));
        }
        (*texts)[(*count)++] = entries[i].text;
    }
}

static void read_skus(struct walk *walk, const struct place *place, void *field, const void *detail)
{
    (void)detail;
    struct line_filter *filter = field;
    read_texts(walk, place, LIMIT_SKU, &filter->skus, &filter->sku_count);
}

static void read_categories(struct walk *walk, const struct place *place, void *field,
                            const void *detail)
{
    (void)detail;
    struct line_filter *filter = field;
    read_texts(walk, place, LIMIT_SKU, &filter->categories, &filter->category_count);
}

static const struct member filter_members[] = {
    {"sku", OPTIONAL, 0, read_skus, NULL},
    {"category", OPTIONAL, 0, read_categories, NULL},
};
const struct shape filter_shape = SHAPE(filter_members);

/* --- receipts ---------------------------------------------------------------- */

static const char *const scope_names[] = {"store", "till", "date"};
static_assert(sizeof scope_names / sizeof scope_names[0] == SCOPE_COUNT, "a name per scope");
static const struct choice scopes = CHOICE(scope_names);

/* Kept in the order of the enum: a receipt's identity does not depend on the
 * order in which the document lists its parts. */
static void read_unique_by(struct walk *walk, const struct place *place, void *field,
                           const void *detail)
{
    (void)detail;
    struct programme *programme = field;
    bool named[SCOPE_COUNT] = {false};
    if (walk_list(walk, place, SCOPE_COUNT) < 0)
        return;
    for (struct place at = first_child(place); at.value != NULL; next_child(&at)) {
        int scope = walk_choice(walk, &at, &scopes);
        if (scope >= 0 && named[scope])
            fault(walk, &at, _("\"%s\" stands in the list twice: name it once"),
                  scope_names[scope]);
        if (scope >= 0)
            named[scope] = true;
    }
    for (unsigned scope = 0; scope < SCOPE_COUNT; scope++)
        if (named[scope])
            programme->receipts.unique_by[programme->receipts.unique_count++] =
                (enum receipt_scope)scope;
}

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static void read_time_of_day(struct walk *walk, const struct place *place, void *field,
                             const void *detail)
{
    (void)detail;
    struct text text;
    if (!walk_string(walk, place, LIMIT_NAME, &text))
        return;
    const char *c = text.bytes;
    if (text.length == 5 && is_digit(c[0]) && is_digit(c[1]) && c[2] == ':' && is_digit(c[3]) &&
        is_digit(c[4])) {
        int hour = (c[0] - '0') * 10 + (c[1] - '0'), minute = (c[3] - '0') * 10 + (c[4] - '0');
        if (hour < 24 && minute < 60) {
            *(int *)field = hour * 60 + minute;
            return;
        }
    }
    struct text wrong = shown(walk, text);
    fault(walk, place, _("%.*s is not a time of day: write \"00:00\" to \"23:59\""), TEXT(wrong));
}

static void read_operators(struct walk *walk, const struct place *place, void *field,
                           const void *detail)
{
    (void)detail;
    struct programme *programme = field;
    read_texts(walk, place, LIMIT_NAME, &programme->receipts.late_operators,
               &programme->receipts.late_operator_count);
}

static const struct member receipts_members[] = {
    {"unique_by", OPTIONAL, 0, read_unique_by, NULL},
    {"business_day_starts", OPTIONAL, offsetof(struct programme, receipts.business_day_minutes),
     read_time_of_day, NULL},
    {"late", OPTIONAL, offsetof(struct programme, receipts.late), read_span, NULL},
    {"late_operators", OPTIONAL, 0, read_operators, NULL},
};
static const struct shape receipts_shape = SHAPE(receipts_members);

/* --- base: what of a line counts --------------------------------------------- */

static const char *const tax_names[] = {"excluded", "included"};
static const struct choice tax_choice = CHOICE(tax_names);
static const char *const deduct_names[] = {"ignore", "deduct"};
static const struct choice deduct_choice = CHOICE(deduct_names);

/* What is said here takes the place of the default, an empty list as well. */
static void read_excluding_tenders(struct walk *walk, const struct place *place, void *field,
                                   const void *detail)
{
    (void)detail;
    struct programme *programme = field;
    programme->base.excluding_tender_count = 0;
    read_texts(walk, place, LIMIT_ID, &programme->base.excluding_tenders,
               &programme->base.excluding_tender_count);
}

static const struct member base_members[] = {
    {"tax", OPTIONAL, offsetof(struct programme, base.tax_included), read_flag, &tax_choice},
    {"discounts", OPTIONAL, offsetof(struct programme, base.discounts_deduct), read_flag,
     &deduct_choice},
    {"points", OPTIONAL, offsetof(struct programme, base.points_deduct), read_flag, &deduct_choice},
    {"excluding", OPTIONAL, offsetof(struct programme, base.excluding), read_object, &filter_shape},
    {"excluding_tenders", OPTIONAL, 0, read_excluding_tenders, NULL},
};
static const struct shape base_shape = SHAPE(base_members);

/* --- returns ----------------------------------------------------------------- */

static void read_window(struct walk *walk, const struct place *place, void *field,
                        const void *detail)
{
    struct programme *programme = field;
    /* Also where it cannot be read: what waits for it is not at fault. */
    programme->has_return_window = true;
    read_calendar_span(walk, place, &programme->return_window, detail);
}

static const char *const shortfall_names[] = {"debt", "forgive", "refuse"};
static_assert(sizeof shortfall_names / sizeof shortfall_names[0] == SHORTFALL_REFUSE + 1,
              "a name per policy");
static const struct choice shortfalls = CHOICE(shortfall_names);
static const char *const unknown_names[] = {"refuse", "hold"};
static const struct choice unknown_choice = CHOICE(unknown_names);
static const struct member returns_members[] = {
    {"window", OPTIONAL, 0, read_window, NULL},
    {"unknown", OPTIONAL, offsetof(struct programme, hold_unknown), read_flag, &unknown_choice},
    {"shortfall", OPTIONAL, offsetof(struct programme, shortfall), read_choice, &shortfalls},
    {"no_receipt", OPTIONAL, 0, read_no_receipt, NULL},
};
static const struct shape returns_shape = SHAPE(returns_members);

/* --- reservations ------------------------------------------------------------ */

static const struct member reservations_members[] = {
    {"timeout", OPTIONAL, offsetof(struct programme, reservations.timeout), read_span, NULL},
    {"longest", OPTIONAL, offsetof(struct programme, reservations.longest), read_span, NULL},
};
static const struct shape reservations_shape = SHAPE(reservations_members);

static void read_reservations(struct walk *walk, const struct place *place, void *field,
                              const void *detail)
{
    struct programme *programme = field;
    if (!walk_sound_object(walk, place, detail, programme) ||
        span_compare(programme->reservations.timeout, programme->reservations.longest) <= 0)
        return;
    /* Where only one is given, the other's default is what it must go with. */
    struct place timeout = inside(place, "timeout"), longest = inside(place, "longest");
    fault(walk, timeout.value != NULL ? &timeout : &longest,
          _("\"timeout\" (PT15M where left out) must not be longer than \"longest\" (P1D where "
            "left out)"));
}

/* --- households -------------------------------------------------------------- */

static const char *const join_names[] = {"bring", "forfeit"};
static_assert(sizeof join_names / sizeof join_names[0] == JOIN_FORFEIT + 1, "a name per policy");
static const struct choice joins = CHOICE(join_names);
static const char *const leave_names[] = {"take", "leave"};
static_assert(sizeof leave_names / sizeof leave_names[0] == LEAVE_LEAVE + 1, "a name per policy");
static const struct choice leaves = CHOICE(leave_names);
static const struct range household_range = {2, LIMIT_HOUSEHOLD};
static const struct member households_members[] = {
    {"most", OPTIONAL, offsetof(struct programme, households.most), read_whole, &household_range},
    {"on_join", OPTIONAL, offsetof(struct programme, households.on_join), read_choice, &joins},
    {"on_leave", OPTIONAL, offsetof(struct programme, households.on_leave), read_choice, &leaves},
};
static const struct shape households_shape = SHAPE(households_members);

/* Only a programme that speaks of households has them. */
static void read_households(struct walk *walk, const struct place *place, void *field,
                            const void *detail)
{
    struct programme *programme = field;
    programme->households.most = 6;
    walk_object(walk, place, detail, programme);
}

/* --- adjust: who may do how much by hand ------------------------------------- */

void check_bounds(struct walk *walk, const struct place *place, const char *one_name, int64_t one,
                  const char *sum_name, int64_t sum)
{
    struct place at = inside(place, one_name);
    if (at.value != NULL && one > sum)
        fault(walk, &at, _("is more than \"%s\" ever lets through: write at most as much"),
              sum_name);
}

/* Whole points, because they are of any currency. */
static void read_whole_points(struct walk *walk, const struct place *place, void *field,
                              const void *detail)
{
    (void)detail;
    walk_points(walk, place, 0, field);
}

static const struct member limit_members[] = {
    {"most", OPTIONAL, offsetof(struct adjust_limit, most), read_whole_points, NULL},
    {"per_day", OPTIONAL, offsetof(struct adjust_limit, per_day), read_whole_points, NULL},
};
static const struct shape limit_shape = SHAPE(limit_members);

static int compare_limits(const void *left, const void *right)
{
    const struct adjust_limit *a = left, *b = right;
    return text_compare(a->operator_id, b->operator_id);
}

static void read_limit(struct walk *walk, const struct place *place, struct adjust_limit *limit)
{
    struct text name = text_of(place->value->string);
    *limit = (struct adjust_limit){text_copy(walk->arena, name), LIMIT_UNITS, LIMIT_UNITS};
    if (name.length == 0 || name.length > LIMIT_NAME || !utf8_is_clean(name)) {
        struct text wrong = shown(walk, name);
        fault_name(walk, place, _("%.*s is not an operator: 1 to %d bytes of plain text, or \"*\""),
                   TEXT(wrong), LIMIT_NAME);
    }
    if (walk_sound_object(walk, place, &limit_shape, limit))
        check_bounds(walk, place, "most", limit->most, "per_day", limit->per_day);
}

static void read_limits(struct walk *walk, const struct place *place, void *field,
                        const void *detail)
{
    (void)detail;
    struct programme *programme = field;
    if (!cJSON_IsObject(place->value)) {
        fault_type(walk, place, _("an object of operators, like {\"*\": {\"most\": 100}}"));
        return;
    }
    size_t count = (size_t)cJSON_GetArraySize(place->value);
    programme->adjust_limits =
        arena_allocate(walk->arena, count * sizeof programme->adjust_limits[0]);
    programme->adjust_limit_count = count;
    for (struct place at = first_child(place); at.value != NULL; next_child(&at))
        read_limit(walk, &at, &programme->adjust_limits[at.index]);
    if (count > 0)
        qsort(programme->adjust_limits, count, sizeof programme->adjust_limits[0], compare_limits);
}

static const struct member adjust_members[] = {
    {"limits", OPTIONAL, 0, read_limits, NULL},
};
static const struct shape adjust_shape = SHAPE(adjust_members);

/* --- closing, and the document ----------------------------------------------- */

static const char *const closed_names[] = {"report", "refuse"};
static const struct choice closed_choice = CHOICE(closed_names);
static const struct member closing_members[] = {
    {"late", OPTIONAL, offsetof(struct programme, refuse_closed), read_flag, &closed_choice},
};
static const struct shape closing_shape = SHAPE(closing_members);

static const struct member document_members[] = {
    {"loyalty", REQUIRED, 0, read_version, NULL},
    {"id", REQUIRED, offsetof(struct programme, id), read_id, NULL},
    {"name", OPTIONAL, offsetof(struct programme, name), read_name, NULL},
    {"timezone", REQUIRED, 0, read_timezone, NULL},
    {"currency", REQUIRED, 0, read_currency, NULL},
    {"receipts", OPTIONAL, 0, read_object, &receipts_shape},
    {"base", OPTIONAL, 0, read_object, &base_shape},
    {"returns", OPTIONAL, 0, read_object, &returns_shape},
    {"points", REQUIRED, 0, read_points, NULL},
    {"actions", OPTIONAL, 0, read_actions, NULL},
    {"tiers", OPTIONAL, 0, read_tiers, NULL},
    {"earn", OPTIONAL, 0, read_earn, NULL},
    {"benefits", OPTIONAL, 0, read_benefits, NULL},
    {"reservations", OPTIONAL, 0, read_reservations, &reservations_shape},
    {"households", OPTIONAL, 0, read_households, &households_shape},
    {"adjust", OPTIONAL, 0, read_object, &adjust_shape},
    {"closing", OPTIONAL, 0, read_object, &closing_shape},
    {"members", OPTIONAL, 0, read_members, NULL},
    {"claims", OPTIONAL, 0, read_claims, NULL},
    {"voids", OPTIONAL, 0, read_voids, NULL},
    {"retention", OPTIONAL, 0, read_retention, NULL},
    {"operators", OPTIONAL, 0, read_object, &operators_shape},
    {"approvals", OPTIONAL, 0, read_object, &approvals_shape},
};
static const struct shape document_shape = SHAPE(document_members);

/* What a small shop would expect where the document says nothing. */
static struct text earning_nothing[] = {{"voucher", sizeof "voucher" - 1}};
static const struct programme defaults = {
    .receipts = {.late = {.days = 7}},
    .base = {.tax_included = true,
             .discounts_deduct = true,
             .points_deduct = true,
             .excluding_tenders = earning_nothing,
             .excluding_tender_count = 1},
    .shortfall = SHORTFALL_DEBT,
    .hold_unknown = true,
    .reservations = {.timeout = {.milliseconds = 15 * 60 * 1000}, .longest = {.days = 1}},
    .members = {.unknown = UNKNOWN_REFUSE, .phone_trunk = {"0", 1}},
    .claims = {.within = {.days = 30}, .per_month = LIMIT_UNITS, .code_required = true},
    .own_card = OWN_CARD_FLAG,
};

/* The text as a tree; else the one fault that it is no JSON, with its code. */
static cJSON *parse(struct arena *arena, struct text document, struct programme_fault *why,
                    enum error_code *code)
{
    struct error error = {0};
    if (document.length > LIMIT_DOCUMENT_BYTES) {
        *code = ERROR_LIMIT;
        *why = (struct programme_fault){
            1, 1, text_of(""),
            text_format(arena, _("the document has %zu bytes; at most %d are accepted"),
                        document.length, LIMIT_DOCUMENT_BYTES)};
        return NULL;
    }
    cJSON *tree = json_parse(document, &error);
    if (tree == NULL)
        *why = (struct programme_fault){error.line, error.column, text_of(""),
                                        text_format(arena, "%s%s%s", error.message,
                                                    error.hint[0] == '\0' ? "" : ": ", error.hint)};
    if (tree == NULL)
        *code = error.code;
    return tree;
}

static const struct programme *refuse(const struct programme_faults *faults, enum error_code code,
                                      struct error *error)
{
    const struct programme_fault *first = &faults->faults[0];
    fail_field(error, code, first->path.bytes, "%.*s", TEXT(first->message));
    error->line = first->line;
    error->column = first->column;
    if (faults->count > 1)
        hint(error, _("%zu faults were found in all"), faults->count);
    return NULL;
}

const struct programme *programme_read(struct arena *arena, struct text document,
                                       struct text zone_bytes, struct programme_faults *faults,
                                       struct error *error)
{
    struct programme *programme = arena_allocate(arena, sizeof *programme);
    struct reading reading = {.zone_bytes = zone_bytes, .actions_known = true};
    struct walk walk = {.arena = arena, .document = document, .context = &reading};
    walk.faults = arena_allocate(arena, LIMIT_FAULTS * sizeof walk.faults[0]);
    walk.notes = arena_allocate(arena, LIMIT_FAULTS * sizeof walk.notes[0]);
    *programme = defaults;
    reading.programme = programme;

    enum error_code code = ERROR_INVALID_PROGRAMME;
    cJSON *tree = parse(arena, document, &walk.faults[0], &code);
    if (tree == NULL) {
        walk.fault_count = 1;
    } else {
        struct place root = {NULL, tree, 0};
        if (walk_object(&walk, &root, &document_shape, programme))
            check_retention(&walk, &root, programme);
        cJSON_Delete(tree);
    }
    sort_faults(&walk);
    *faults = (struct programme_faults){walk.faults, walk.fault_count, walk.notes, walk.note_count};
    return faults->count == 0 ? programme : refuse(faults, code, error);
}
