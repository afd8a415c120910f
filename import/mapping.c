/* Reading the mapping document.
 *
 * The tables below are its whole grammar; the walker of programme/ goes by them
 * and refuses what they do not name. Two rules are ours: nothing about the file
 * is guessed (the encoding must be named), and nothing in the mapping decides
 * what earns (that stands in the programme; the mapping may only say it too). */
#include "mapping.h"

#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>

#include "json.h"
#include "limits.h"
#include "utf8.h"
#include "walk.h"

enum { COLUMN_NUMBER_MOST = 1024, PREFIX_BYTES = 16 };

static const char *const encodings[] = {"utf-8", "iso-8859-1", "windows-1252", "gb18030", "gbk"};
static const char *const delimiters[] = {",", ";", "\t", "|"};
static const char *const member_kinds[] = {"card", "phone", "id"};
static const char *const decimal_marks[] = {".", ","};
static const struct choice encoding_choice = CHOICE(encodings);
static const struct choice delimiter_choice = CHOICE(delimiters);
static const struct choice member_kind_choice = CHOICE(member_kinds);
static const struct choice decimal_choice = CHOICE(decimal_marks);

const char *encoding_name(enum encoding encoding)
{
    return encodings[encoding];
}

char delimiter_byte(enum delimiter delimiter)
{
    return delimiters[delimiter][0];
}

/* --- columns --------------------------------------------------------------------- */

static void read_column(struct walk *walk, const struct place *place, void *field,
                        const void *detail)
{
    const struct mapping *mapping = walk->context;
    struct column *column = field;
    int64_t number;
    (void)detail;
    if (cJSON_IsNull(place->value))
        return;
    if (mapping->header) {
        walk_string(walk, place, LIMIT_TEXT, &column->header);
    } else if (!cJSON_IsNumber(place->value)) {
        fault(walk, place, _("must be the column's number, from 1, as the file has no header"));
    } else if (!json_integer(place->value, &number) || number < 1 || number > COLUMN_NUMBER_MOST) {
        fault(walk, place, _("must be a column's number from 1 to %d"), COLUMN_NUMBER_MOST);
    } else {
        column->number = number;
    }
}

#define COLUMN(code, presence)                                                                     \
    presence, offsetof(struct mapping, columns[CELL_##code]), read_column, NULL
static const struct member column_members[] = {
    {"receipt", COLUMN(RECEIPT, REQUIRED)},   {"member", COLUMN(MEMBER, REQUIRED)},
    {"time", COLUMN(TIME, REQUIRED)},         {"sku", COLUMN(SKU, OPTIONAL)},
    {"category", COLUMN(CATEGORY, OPTIONAL)}, {"quantity", COLUMN(QUANTITY, OPTIONAL)},
    {"price", COLUMN(PRICE, OPTIONAL)},       {"amount", COLUMN(AMOUNT, OPTIONAL)},
    {"store", COLUMN(STORE, OPTIONAL)},       {"till", COLUMN(TILL, OPTIONAL)},
    {"part", COLUMN(PART, OPTIONAL)},
};
static const struct shape columns_shape = SHAPE(column_members);

static void read_columns(struct walk *walk, const struct place *place, void *field,
                         const void *detail)
{
    struct mapping *mapping = field;
    (void)detail;
    size_t before = walk->fault_count;
    if (!walk_object(walk, place, &columns_shape, mapping) || walk->fault_count > before)
        return;
    static const enum cell needed[] = {CELL_RECEIPT, CELL_MEMBER, CELL_TIME};
    for (size_t i = 0; i < sizeof needed / sizeof needed[0]; i++)
        if (!column_is_mapped(&mapping->columns[needed[i]]))
            fault(walk, place, _("\"receipt\", \"member\" and \"time\" must each name a column"));
    bool price = column_is_mapped(&mapping->columns[CELL_PRICE]);
    bool amount = column_is_mapped(&mapping->columns[CELL_AMOUNT]);
    if (price == amount)
        fault(walk, place, _("needs either \"price\" (of one) or \"amount\" (of the line)"));
    else if (price && !column_is_mapped(&mapping->columns[CELL_QUANTITY]))
        fault(walk, place, _("\"price\" needs \"quantity\" beside it"));
}

/* --- the other members ----------------------------------------------------------- */

static void read_time_format(struct walk *walk, const struct place *place, void *field,
                             const void *detail)
{
    struct text pattern;
    (void)detail;
    if (!walk_string(walk, place, LIMIT_NAME, &pattern))
        return;
    const char *problem = time_format_read(pattern, field);
    if (problem != NULL)
        fault(walk, place, "%s", problem);
}

static void read_prefix(struct walk *walk, const struct place *place, void *field,
                        const void *detail)
{
    struct mapping *mapping = field;
    (void)detail;
    if (walk_string(walk, place, PREFIX_BYTES, &mapping->returns_text))
        mapping->returns = RETURNS_PREFIX;
}

static void read_negative(struct walk *walk, const struct place *place, void *field,
                          const void *detail)
{
    struct mapping *mapping = field;
    (void)detail;
    if (cJSON_IsTrue(place->value))
        mapping->returns = RETURNS_NEGATIVE;
    else
        fault(walk, place, _("must be true, or left out"));
}

static void read_value(struct walk *walk, const struct place *place, void *field,
                       const void *detail)
{
    struct mapping *mapping = field;
    (void)detail;
    if (walk_string(walk, place, LIMIT_NAME, &mapping->returns_text))
        mapping->returns = RETURNS_VALUE;
}

static const struct member returns_members[] = {
    {"receipt_prefix", OPTIONAL, 0, read_prefix, NULL},
    {"negative_quantity", OPTIONAL, 0, read_negative, NULL},
    {"column", OPTIONAL, offsetof(struct mapping, columns[CELL_MARK]), read_column, NULL},
    {"value", OPTIONAL, 0, read_value, NULL},
};
static const struct shape returns_shape = SHAPE(returns_members);

static void read_returns(struct walk *walk, const struct place *place, void *field,
                         const void *detail)
{
    (void)detail;
    size_t before = walk->fault_count;
    if (!walk_object(walk, place, &returns_shape, field) || walk->fault_count > before)
        return;
    bool prefix = member_of(place->value, "receipt_prefix") != NULL;
    bool negative = member_of(place->value, "negative_quantity") != NULL;
    bool column = member_of(place->value, "column") != NULL;
    bool value = member_of(place->value, "value") != NULL;
    if (prefix + negative + (column || value) != 1 || column != value)
        fault(walk, place,
              _("must be one of {\"receipt_prefix\": \"C\"}, {\"negative_quantity\": true} and "
                "{\"column\": \"type\", \"value\": \"refund\"}"));
}

static void read_skus(struct walk *walk, const struct place *place, void *field, const void *detail)
{
    struct mapping *mapping = field;
    (void)detail;
    int count = walk_list(walk, place, LIMIT_LIST);
    if (count <= 0)
        return;
    mapping->earns_nothing = arena_allocate(walk->arena, (size_t)count * sizeof(struct text));
    for (struct place at = first_child(place); at.value != NULL; next_child(&at))
        if (walk_string(walk, &at, LIMIT_SKU, &mapping->earns_nothing[at.index]))
            mapping->earns_nothing_count = at.index + 1;
}

/* "header" comes before "columns": it says whether they have names or numbers. */
static const struct member mapping_members[] = {
    {"encoding", REQUIRED, offsetof(struct mapping, encoding), read_choice, &encoding_choice},
    {"delimiter", OPTIONAL, offsetof(struct mapping, delimiter), read_choice, &delimiter_choice},
    {"header", OPTIONAL, offsetof(struct mapping, header), read_bool, NULL},
    {"columns", REQUIRED, 0, read_columns, NULL},
    {"member_kind", OPTIONAL, offsetof(struct mapping, member_kind), read_choice,
     &member_kind_choice},
    {"time_format", OPTIONAL, offsetof(struct mapping, time_format), read_time_format, NULL},
    {"returns", OPTIONAL, 0, read_returns, NULL},
    {"decimal", OPTIONAL, offsetof(struct mapping, decimal), read_choice, &decimal_choice},
    {"earns_nothing", OPTIONAL, 0, read_skus, NULL},
};
static const struct shape mapping_shape = SHAPE(mapping_members);

/* --- the whole ------------------------------------------------------------------- */

/* In these two a byte like "|" may also be the second half of a character. */
static void check_delimiter(struct walk *walk, const struct place *root,
                            const struct mapping *mapping)
{
    bool two_bytes = mapping->encoding == ENCODING_GBK || mapping->encoding == ENCODING_GB18030;
    if (two_bytes && mapping->delimiter == DELIMITER_BAR)
        fault(walk, root, _("in %s the delimiter \"|\" cannot be told from half a character"),
              encoding_name(mapping->encoding));
}

/* Exports name no original receipt: returned goods are found by item and price. */
static void check_returns(struct walk *walk, const struct place *root,
                          const struct mapping *mapping)
{
    if (mapping->returns != RETURNS_NONE && !column_is_mapped(&mapping->columns[CELL_SKU]))
        fault(walk, root,
              _("\"returns\" needs the column \"sku\": returned goods are matched by it"));
}

static bool refuse(const struct walk *walk, struct error *error)
{
    const struct programme_fault *first = &walk->faults[0];
    char field[sizeof error->field];
    snprintf(field, sizeof field, "/mapping%.*s", TEXT(first->path));
    fail_field(error, ERROR_INVALID_FIELD, field, _("in the mapping: %.*s"), TEXT(first->message));
    if (walk->fault_count > 1)
        hint(error, _("the mapping has %zu faults; this is the first"), walk->fault_count);
    error->line = first->line;
    error->column = first->column;
    return false;
}

bool mapping_read(struct arena *arena, struct text document, struct mapping *mapping,
                  struct error *error)
{
    *mapping = (struct mapping){.header = true};
    struct walk walk = {.arena = arena, .document = document, .context = mapping};
    walk.faults = arena_allocate(arena, LIMIT_FAULTS * sizeof walk.faults[0]);
    cJSON *tree = json_parse(document, error);
    if (tree == NULL)
        return false;
    struct place root = {NULL, tree, 0};
    if (walk_object(&walk, &root, &mapping_shape, mapping)) {
        check_delimiter(&walk, &root, mapping);
        check_returns(&walk, &root, mapping);
    }
    cJSON_Delete(tree);
    sort_faults(&walk);
    return walk.fault_count == 0 || refuse(&walk, error);
}

static bool needs_column(const struct mapping *mapping, enum cell cell, const char *name,
                         struct error *error)
{
    if (column_is_mapped(&mapping->columns[cell]))
        return true;
    fail_field(error, ERROR_MISSING_FIELD, "/mapping/columns",
               _("the programme tells receipts apart by %s, which the mapping does not name"),
               name);
    return hint(error, _("add \"%s\" to the mapping's columns"), name);
}

static bool scope_is_mapped(const struct mapping *mapping, enum receipt_scope scope,
                            struct error *error)
{
    switch (scope) {
    case SCOPE_STORE:
        return needs_column(mapping, CELL_STORE, "store", error);
    case SCOPE_TILL:
        return needs_column(mapping, CELL_TILL, "till", error);
    case SCOPE_DATE:
    case SCOPE_COUNT:
        return true; /* every receipt has a time */
    }
    return true;
}

bool mapping_fits(const struct mapping *mapping, const struct programme *programme,
                  struct error *error)
{
    for (size_t i = 0; i < programme->receipts.unique_count; i++)
        if (!scope_is_mapped(mapping, programme->receipts.unique_by[i], error))
            return false;
    for (size_t i = 0; i < mapping->earns_nothing_count; i++) {
        struct text sku = mapping->earns_nothing[i];
        if (line_filter_names(&programme->base.excluding, sku, text_of("")))
            continue;
        fail_field(error, ERROR_INVALID_FIELD, "/mapping/earns_nothing",
                   _("by the mapping \"%.*s\" earns nothing, but by the programme in force it "
                     "earns"),
                   TEXT(sku));
        return hint(
            error, _("add it to base.excluding.sku of the programme, or take it from the mapping"));
    }
    return true;
}
