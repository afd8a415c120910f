/* Where in a row the cells stand that the mapping names. */
#ifndef LOYALTY_IMPORT_LAYOUT_H
#define LOYALTY_IMPORT_LAYOUT_H

#include "rows.h"

/* What a file of rejected rows has at its end, beside "part". */
#define REJECT_CODE "reject_code"
#define REJECT_REASON "reject_reason"
#define PART "part"

struct layout {
    size_t columns;     /* cells of every row */
    size_t own;         /* ... without reject_code and reject_reason of an earlier import */
    size_t named;       /* ... and without the part that it added */
    int at[CELL_COUNT]; /* from 0; -1: not in this file */
};

/* From the header, or where there is none from the first row. A column that is
 * not there is ERROR_MISSING_FIELD, with the header that is nearest. */
bool layout_read(const struct mapping *mapping, const struct row *first, struct layout *layout,
                 struct error *error);

/* What the column of the part is called, where it is added to a file. */
struct text layout_part_name(const struct mapping *mapping);

/* The cell in UTF-8; empty where the row or the file has none. */
static inline struct text layout_cell(const struct layout *layout, const struct row *row,
                                      enum cell cell)
{
    int at = layout->at[cell];
    struct text none = {"", 0};
    return at >= 0 && (size_t)at < row->count ? row->cells[at] : none;
}

#endif
