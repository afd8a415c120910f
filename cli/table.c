/* Tables: collect the cells, measure, print. */
#include "table.h"

#include "memory.h"
#include "width.h"

#include <stdarg.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

struct table {
    const char *columns;
    char **cells;
    size_t count, capacity;
    bool heading;
};

struct table *table_new(const char *columns)
{
    struct table *table = must_grow(NULL, 1, sizeof *table);
    memset(table, 0, sizeof *table);
    table->columns = columns;
    return table;
}

void table_cell(struct table *table, const char *format, ...)
{
    if (table->count == table->capacity) {
        table->capacity = table->capacity * 2 + 32;
        table->cells = must_grow(table->cells, table->capacity, sizeof *table->cells);
    }
    va_list arguments, again;
    va_start(arguments, format);
    va_copy(again, arguments);
    int length = vsnprintf(NULL, 0, format, arguments);
    size_t size = length < 0 ? 1 : (size_t)length + 1;
    char *cell = must_grow(NULL, size, 1);
    cell[0] = '\0';
    vsnprintf(cell, size, format, again);
    va_end(again);
    va_end(arguments);
    width_make_safe(cell);
    table->cells[table->count++] = cell;
}

void table_heading(struct table *table)
{
    table->heading = true;
}

static void spaces(size_t count, char fill, FILE *out)
{
    for (size_t i = 0; i < count; i++)
        putc(fill, out);
}

static void print_row(const struct table *table, size_t first, const size_t widths[],
                      unsigned indent, FILE *out)
{
    size_t columns = strlen(table->columns), last = 0;
    for (size_t i = 0; i < columns && first + i < table->count; i++)
        if (table->cells[first + i][0] != '\0')
            last = i;
    spaces(indent, ' ', out);
    for (size_t i = 0; i <= last && first + i < table->count; i++) {
        const char *cell = table->cells[first + i];
        size_t padding = widths[i] - width_of(cell, strlen(cell));
        if (i > 0)
            fputs("  ", out);
        if (table->columns[i] == 'r')
            spaces(padding, ' ', out);
        fputs(cell, out);
        if (table->columns[i] != 'r' && i < last)
            spaces(padding, ' ', out);
    }
    putc('\n', out);
}

void table_print(struct table *table, unsigned indent, FILE *out)
{
    size_t columns = strlen(table->columns);
    size_t *widths = must_grow(NULL, columns, sizeof *widths);
    memset(widths, 0, columns * sizeof *widths);
    for (size_t i = 0; i < table->count; i++) {
        size_t width = width_of(table->cells[i], strlen(table->cells[i]));
        if (width > widths[i % columns])
            widths[i % columns] = width;
    }
    size_t total = 0;
    for (size_t i = 0; i < columns; i++)
        total += widths[i] + (i > 0 ? 2 : 0);
    for (size_t first = 0; first < table->count; first += columns) {
        print_row(table, first, widths, indent, out);
        if (first == 0 && table->heading) {
            spaces(indent, ' ', out);
            spaces(total, '-', out);
            putc('\n', out);
        }
    }
    for (size_t i = 0; i < table->count; i++)
        free(table->cells[i]);
    free(table->cells);
    free(widths);
    free(table);
}
