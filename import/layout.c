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

/* How often a name occurs among the first `count`; *at is where first. */
static int find_header(const struct row *header, size_t count, struct text name, int *at)
{
    int found = 0;
    for (size_t i = count; i-- > 0;) {
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
    int found = find_header(header, layout->named, name, &layout->at[cell]);
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

static bool header_is(const struct row *row, size_t from_end, const char *name)
{
    return row->count >= from_end && text_equal(row->cells[row->count - from_end], text_of(name));
}

struct text layout_part_name(const struct mapping *mapping)
{
    struct text named = mapping->columns[CELL_PART].header;
    return named.length > 0 ? named : text_of(PART);
}

/* Is this the rejects file of an earlier import? Then names are looked for among
 * the columns of the file that it came from. */
static void find_reject_columns(const struct mapping *mapping, const struct row *first,
                                struct layout *layout)
{
    int64_t number = mapping->columns[CELL_PART].number;
    bool rejects = mapping->header
                       ? header_is(first, 1, REJECT_REASON) && header_is(first, 2, REJECT_CODE)
                       : number > 0 && number + REJECT_COLUMNS == (int64_t)first->count;
    if (!rejects)
        return;
    layout->own -= REJECT_COLUMNS;
    layout->named = layout->own;
    if (mapping->header && layout->own > 0 &&
        text_equal(first->cells[layout->own - 1], layout_part_name(mapping))) {
        layout->named--;
        layout->at[CELL_PART] = (int)layout->named;
    }
}

static bool place(const struct mapping *mapping, const struct row *first, enum cell cell,
                  struct layout *layout, struct error *error)
{
    const struct column *column = &mapping->columns[cell];
    if (layout->at[cell] >= 0)
        return true; /* the part, by its place among the rejects' columns */
    if (column->header.length > 0)
        return place_by_name(first, cell, column->header, layout, error);
    if (column->number > 0)
        return place_by_number(first, cell, column->number, layout, error);
    return true;
}

bool layout_read(const struct mapping *mapping, const struct row *first, struct layout *layout,
                 struct error *error)
{
    if (!first->readable)
        return fail(error, ERROR_INVALID_TEXT, _("the first row is not well-formed %s"),
                    encoding_name(mapping->encoding));
    *layout = (struct layout){.columns = first->count, .own = first->count, .named = first->count};
    for (unsigned i = 0; i < CELL_COUNT; i++)
        layout->at[i] = -1;
    find_reject_columns(mapping, first, layout);
    for (unsigned i = 0; i < CELL_COUNT; i++)
        if (!place(mapping, first, (enum cell)i, layout, error))
            return false;
    return true;
}
