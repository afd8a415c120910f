/* A rejects file is read with the mapping of the file that it came from. It has
 * the same columns and three more: part, reject_code, reject_reason. With a
 * header it is known by its last two names; then "part" before them is ours. In
 * any other file a column of that name is the retailer's own (a dealer in spare
 * parts has one) and is read only if the mapping names it. Without a header the
 * mapping must say which column the part will be in. */
#include "layout.h"

#include <stdio.h>

#include "json.h"

enum { REJECT_COLUMNS = 2 };

static const char *cell_name(enum cell cell)
{
    static const char *const names[] = {
#define X(code, name) name,
        CELL_TABLE(X)
#undef X
        "returns"};
    return names[cell];
}

/* How often a header occurs; *at is where first. */
static int find_header(const struct row *header, struct text name, int *at)
{
    int found = 0;
    for (size_t i = header->count; i-- > 0;) {
        if (!text_equal(header->cells[i], name))
            continue;
        *at = (int)i;
        found++;
    }
    return found;
}

static bool column_missing(const struct row *header, enum cell cell, struct text name,
                           struct error *error)
{
    struct arena arena = {0};
    const char **names = arena_allocate(&arena, (header->count + 1) * sizeof *names);
    for (size_t i = 0; i < header->count; i++)
        names[i] = text_copy(&arena, header->cells[i]).bytes;
    const char *nearest = nearest_name(name, names, header->count);
    fail_field(error, ERROR_MISSING_FIELD, cell_name(cell),
               _("the file has no column \"%.*s\", which the mapping names for \"%s\""), TEXT(name),
               cell_name(cell));
    error->line = (unsigned)header->number;
    if (nearest != NULL)
        hint(error, _("the nearest is \"%s\""), nearest);
    else if (header->count == 1)
        hint(error, _("the file has one column: is its delimiter another?"));
    arena_free(&arena);
    return false;
}

static bool place_by_name(const struct row *header, enum cell cell, struct text name,
                          struct layout *layout, struct error *error)
{
    int found = find_header(header, name, &layout->at[cell]);
    if (found == 1 || (found == 0 && cell == CELL_PART))
        return true;
    if (found == 0)
        return column_missing(header, cell, name, error);
    fail_field(error, ERROR_INVALID_CSV, cell_name(cell), _("the file has %d columns \"%.*s\""),
               found, TEXT(name));
    error->line = (unsigned)header->number;
    return false;
}

static bool place_by_number(const struct row *first, enum cell cell, int64_t number,
                            struct layout *layout, struct error *error)
{
    if (number <= (int64_t)first->count) {
        layout->at[cell] = (int)number - 1;
        return true;
    }
    if (cell == CELL_PART)
        return true;
    return fail_field(error, ERROR_MISSING_FIELD, cell_name(cell),
                      _("the mapping names column %lld for \"%s\", but the file's first row has "
                        "%zu"),
                      (long long)number, cell_name(cell), first->count);
}

static bool place(const struct mapping *mapping, const struct row *first, enum cell cell,
                  struct layout *layout, struct error *error)
{
    const struct column *column = &mapping->columns[cell];
    layout->at[cell] = -1;
    if (column->header.length > 0)
        return place_by_name(first, cell, column->header, layout, error);
    if (column->number > 0)
        return place_by_number(first, cell, column->number, layout, error);
    return true;
}

static bool header_is(const struct row *row, size_t from_end, const char *name)
{
    return row->count >= from_end && text_equal(row->cells[row->count - from_end], text_of(name));
}

/* Is this the rejects file of an earlier import? */
static void find_reject_columns(const struct mapping *mapping, const struct row *first,
                                struct layout *layout)
{
    int *part = &layout->at[CELL_PART];
    int third_last = (int)first->count - 3;
    if (!mapping->header) {
        if (*part >= 0 && *part == third_last)
            layout->own -= REJECT_COLUMNS;
        return;
    }
    if (!header_is(first, 1, REJECT_REASON) || !header_is(first, 2, REJECT_CODE))
        return;
    layout->own -= REJECT_COLUMNS;
    if (*part < 0 && header_is(first, 3, PART))
        *part = third_last;
}

bool layout_read(const struct mapping *mapping, const struct row *first, struct layout *layout,
                 struct error *error)
{
    if (!first->readable)
        return fail(error, ERROR_INVALID_TEXT, _("the first row is not well-formed %s"),
                    encoding_name(mapping->encoding));
    *layout = (struct layout){.columns = first->count, .own = first->count};
    for (unsigned i = 0; i < CELL_COUNT; i++)
        if (!place(mapping, first, (enum cell)i, layout, error))
            return false;
    find_reject_columns(mapping, first, layout);
    return true;
}
