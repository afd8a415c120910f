/* A sheet: what a report found out, as rows and columns, and its three spellings.
 * A cell knows what it is, so a table lines it up, CSV spells it out and JSON says
 * it as a number, a string or null. */
#ifndef LOYALTY_REPORT_SHEET_H
#define LOYALTY_REPORT_SHEET_H

#include <cjson/cJSON.h>

#include "buffer.h"
#include "language.h"

enum { SHEET_COLUMNS = 80 };

enum column_side { LEFT, RIGHT };
enum cell_kind { CELL_BLANK, CELL_TEXT, CELL_WORD, CELL_POINTS, CELL_DECIMAL, CELL_FLAG };
struct cell {
    enum cell_kind kind;
    struct text text;
    int64_t units;
    unsigned scale;
};
struct column {
    const char *name;  /* in JSON and CSV; never translated */
    const char *title; /* in tables */
    enum column_side side;
};
struct sheet {
    struct arena *arena;
    struct column columns[SHEET_COLUMNS];
    size_t column_count;
    struct cell *cells;     /* row by row */
    bool *totals;           /* per row */
    size_t count, capacity; /* cells */
};

void sheet_column(struct sheet *sheet, const char *name, const char *title, enum column_side side);
/* Begin a row; totals stand under a rule in a table, apart in JSON, and not in CSV. */
void sheet_row(struct sheet *sheet, bool total);
void sheet_text(struct sheet *sheet, struct text text);
/* A word of ours (an account, an origin, "total"): translated in tables, and only there. */
void sheet_word(struct sheet *sheet, struct text word);
void sheet_points(struct sheet *sheet, int64_t units, unsigned scale);  /* JSON: a number */
void sheet_decimal(struct sheet *sheet, int64_t units, unsigned scale); /* JSON: a string */
/* JSON and CSV: true or false; a table says "yes", or nothing. */
void sheet_flag(struct sheet *sheet, bool holds);
void sheet_blank(struct sheet *sheet);

/* Columns in which nothing is said are left out of a table. */
void sheet_write_table(const struct sheet *sheet, struct buffer *out);
void sheet_write_csv(const struct sheet *sheet, struct buffer *out);
/* "rows" and "totals" of the answer. */
void sheet_add_json(const struct sheet *sheet, cJSON *answer);

#endif
