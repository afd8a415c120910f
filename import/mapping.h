/* The mapping: how one retailer's CSV is to be read. A document of its own, kept
 * beside the exports it describes; SPEC.md "Import" is the normative text. */
#ifndef LOYALTY_IMPORT_MAPPING_H
#define LOYALTY_IMPORT_MAPPING_H

#include "error.h"
#include "memory.h"
#include "programme.h"
#include "time_format.h"

/* What a cell of a row may tell us: code, name in the mapping's "columns". */
#define CELL_TABLE(X)                                                                              \
    X(RECEIPT, "receipt")                                                                          \
    X(MEMBER, "member")                                                                            \
    X(TIME, "time")                                                                                \
    X(SKU, "sku")                                                                                  \
    X(CATEGORY, "category")                                                                        \
    X(QUANTITY, "quantity")                                                                        \
    X(PRICE, "price")                                                                              \
    X(AMOUNT, "amount")                                                                            \
    X(STORE, "store")                                                                              \
    X(TILL, "till")                                                                                \
    X(PART, "part")
enum cell {
#define X(code, name) CELL_##code,
    CELL_TABLE(X)
#undef X
        CELL_MARK, /* the column that "returns" names */
    CELL_COUNT
};

enum encoding {
    ENCODING_UTF_8,
    ENCODING_ISO_8859_1,
    ENCODING_WINDOWS_1252,
    ENCODING_GB18030,
    ENCODING_GBK
};
const char *encoding_name(enum encoding encoding); /* as the mapping and iconv() write it */

enum delimiter { DELIMITER_COMMA, DELIMITER_SEMICOLON, DELIMITER_TAB, DELIMITER_BAR };
char delimiter_byte(enum delimiter delimiter);

enum member_kind { MEMBER_CARD, MEMBER_PHONE, MEMBER_ID };

/* What makes a receipt a return. */
enum returns_mark { RETURNS_NONE, RETURNS_PREFIX, RETURNS_NEGATIVE, RETURNS_VALUE };

enum decimal_mark { DECIMAL_POINT, DECIMAL_COMMA };

struct column {
    struct text header; /* its name, empty where the file has no header ... */
    int64_t number;     /* ... then its place, from 1; both empty: not mapped */
};
static inline bool column_is_mapped(const struct column *column)
{
    return column->header.length > 0 || column->number > 0;
}

struct mapping {
    enum encoding encoding;
    enum delimiter delimiter;
    bool header;
    struct column columns[CELL_COUNT];
    enum member_kind member_kind;
    struct time_format time_format; /* empty: what moment_parse() reads */
    enum returns_mark returns;
    struct text returns_text; /* the prefix or the value */
    enum decimal_mark decimal;
    struct text *earns_nothing; /* SKUs, in the document's order */
    size_t earns_nothing_count;
};

/* Read a mapping document that json_check has passed. Texts lie in the arena.
 * ERROR_INVALID_FIELD names the path, line and column of the first fault and
 * counts the others. */
bool mapping_read(struct arena *arena, struct text document, struct mapping *mapping,
                  struct error *error);

/* Does the mapping fit the programme? What the programme needs to tell receipts
 * apart must be mapped, and what earns nothing here must earn nothing there: the
 * programme alone decides what earns. */
bool mapping_fits(const struct mapping *mapping, const struct programme *programme,
                  struct error *error);

#endif
