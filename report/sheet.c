/* Sheets: cells in a row-major list, and how they are spelled. */
#include "sheet.h"

#include "answer.h"
#include "error.h"
#include "utf8.h"

/* --- Filling --------------------------------------------------------------------- */

void sheet_column(struct sheet *sheet, const char *name, const char *title, enum column_side side)
{
    sheet->columns[sheet->column_count++] = (struct column){name, title, side};
}

static void put(struct sheet *sheet, struct cell cell)
{
    sheet->cells[sheet->count++] = cell;
}

void sheet_row(struct sheet *sheet, bool total)
{
    size_t width = sheet->column_count, row = sheet->count / width;
    if (sheet->count + width > sheet->capacity) {
        size_t rows = row * 2 + 64;
        struct cell *cells = arena_allocate(sheet->arena, rows * width * sizeof *cells);
        bool *totals = arena_allocate(sheet->arena, rows * sizeof *totals);
        if (row > 0) {
            memcpy(cells, sheet->cells, sheet->count * sizeof *cells);
            memcpy(totals, sheet->totals, row * sizeof *totals);
        }
        sheet->cells = cells;
        sheet->totals = totals;
        sheet->capacity = rows * width;
    }
    sheet->totals[row] = total;
}

void sheet_text(struct sheet *sheet, struct text text)
{
    enum cell_kind kind = text.length == 0 ? CELL_BLANK : CELL_TEXT;
    put(sheet, (struct cell){.kind = kind, .text = text_copy(sheet->arena, text)});
}

void sheet_word(struct sheet *sheet, struct text word)
{
    sheet_text(sheet, word);
    struct cell *cell = &sheet->cells[sheet->count - 1];
    if (cell->kind == CELL_TEXT)
        cell->kind = CELL_WORD;
}

void sheet_points(struct sheet *sheet, int64_t units, unsigned scale)
{
    put(sheet, (struct cell){.kind = CELL_POINTS, .units = units, .scale = scale});
}

void sheet_decimal(struct sheet *sheet, int64_t units, unsigned scale)
{
    put(sheet, (struct cell){.kind = CELL_DECIMAL, .units = units, .scale = scale});
}

void sheet_flag(struct sheet *sheet, bool holds)
{
    put(sheet, (struct cell){.kind = CELL_FLAG, .units = holds});
}

void sheet_blank(struct sheet *sheet)
{
    put(sheet, (struct cell){.kind = CELL_BLANK});
}

static size_t row_count(const struct sheet *sheet)
{
    return sheet->count / sheet->column_count;
}

static const struct cell *cell_at(const struct sheet *sheet, size_t row, size_t column)
{
    return &sheet->cells[row * sheet->column_count + column];
}

/* The words of ours. What a version to come adds is shown as it is. */
static const char *word_of(struct text name)
{
    static const char *const words[] = {
        N_("total"),    N_("all"),      N_("purchase"), N_("goodwill"),  N_("marketing"),
        N_("partner"),  N_("transfer"), N_("debt"),     N_("available"), N_("pending"),
        N_("reserved"), N_("issued"),   N_("returned"), N_("redeemed"),  N_("expired"),
        N_("adjusted"), N_("moved"),    N_("keyed"),    N_("claim"),     N_("reassign"),
        N_("void"),     N_("adjust"),   N_("own_card"), N_("no_proof"),  N_("no_receipt"),
        N_("approved"), N_("velocity"), N_("fall"),     N_("climb"),
    };
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (text_equal(name, text_of(words[i])))
            return _(words[i]);
    return name.bytes;
}

enum speech { FOR_PEOPLE, FOR_PROGRAMS };

static void spell(const struct cell *cell, enum speech speech, struct buffer *out)
{
    switch (cell->kind) {
    case CELL_BLANK:
        return;
    case CELL_TEXT:
        buffer_text(out, cell->text);
        return;
    case CELL_WORD:
        if (speech == FOR_PROGRAMS)
            buffer_text(out, cell->text);
        else
            buffer_string(out, word_of(cell->text));
        return;
    case CELL_POINTS:
    case CELL_DECIMAL:
        decimal_format(out, cell->units, cell->scale);
        return;
    case CELL_FLAG:
        if (speech == FOR_PROGRAMS)
            buffer_string(out, cell->units != 0 ? "true" : "false");
        else
            buffer_string(out, cell->units != 0 ? _("yes") : "");
        return;
    }
}

/* --- A table ------------------------------------------------------------------------ */

struct drawing {
    const struct sheet *sheet;
    struct buffer *out, cell;
    size_t widths[SHEET_COLUMNS]; /* 0: left out */
    size_t width;
};

static void measure(struct drawing *in)
{
    const struct sheet *sheet = in->sheet;
    for (size_t c = 0; c < sheet->column_count; c++) {
        size_t width = 0;
        for (size_t r = 0; r < row_count(sheet); r++) {
            buffer_clear(&in->cell);
            spell(cell_at(sheet, r, c), FOR_PEOPLE, &in->cell);
            size_t is = utf8_width(buffer_view(&in->cell));
            width = is > width ? is : width;
        }
        size_t title = utf8_width(text_of(_(sheet->columns[c].title)));
        if (width > 0)
            in->widths[c] = title > width ? title : width;
        if (width > 0)
            in->width += in->widths[c] + (in->width > 0 ? 2 : 0);
    }
}

static void fill(struct buffer *out, char byte, size_t count)
{
    for (size_t i = 0; i < count; i++)
        buffer_byte(out, byte);
}

/* One row; the texts are those of `row`, or the titles where it is -1. Nothing
 * trails the last text. */
static void draw_row(struct drawing *in, int64_t row)
{
    size_t owed = 0; /* blanks before the next text */
    bool first = true;
    for (size_t c = 0; c < in->sheet->column_count; c++) {
        if (in->widths[c] == 0)
            continue;
        buffer_clear(&in->cell);
        if (row < 0)
            buffer_string(&in->cell, _(in->sheet->columns[c].title));
        else
            spell(cell_at(in->sheet, (size_t)row, c), FOR_PEOPLE, &in->cell);
        size_t padding = in->widths[c] - utf8_width(buffer_view(&in->cell));
        bool right = in->sheet->columns[c].side == RIGHT;
        owed += (first ? 0 : 2) + (right ? padding : 0);
        first = false;
        if (in->cell.length > 0) {
            fill(in->out, ' ', owed);
            owed = 0;
        }
        buffer_text(in->out, buffer_view(&in->cell));
        owed += right ? 0 : padding;
    }
    buffer_byte(in->out, '\n');
}

static void draw_rule(struct drawing *in)
{
    fill(in->out, '-', in->width);
    buffer_byte(in->out, '\n');
}

void sheet_write_table(const struct sheet *sheet, struct buffer *out)
{
    struct drawing in = {.sheet = sheet, .out = out};
    if (sheet->count == 0)
        return;
    measure(&in);
    draw_row(&in, -1);
    draw_rule(&in);
    for (size_t r = 0; r < row_count(sheet); r++) {
        if (sheet->totals[r] && r > 0 && !sheet->totals[r - 1])
            draw_rule(&in);
        draw_row(&in, (int64_t)r);
    }
    buffer_free(&in.cell);
}

/* --- CSV (RFC 4180, lines end with LF) ------------------------------------------------- */

static void csv_cell(struct buffer *out, struct text text)
{
    bool quote = false;
    for (size_t i = 0; i < text.length; i++)
        quote = quote || strchr(",\"\r\n", text.bytes[i]) != NULL;
    if (!quote) {
        buffer_text(out, text);
        return;
    }
    buffer_byte(out, '"');
    for (size_t i = 0; i < text.length; i++) {
        if (text.bytes[i] == '"')
            buffer_byte(out, '"');
        buffer_byte(out, text.bytes[i]);
    }
    buffer_byte(out, '"');
}

void sheet_write_csv(const struct sheet *sheet, struct buffer *out)
{
    struct buffer cell = {0};
    for (size_t c = 0; c < sheet->column_count; c++) {
        buffer_string(out, c > 0 ? "," : "");
        buffer_string(out, sheet->columns[c].name);
    }
    buffer_byte(out, '\n');
    for (size_t r = 0; r < row_count(sheet); r++) {
        for (size_t c = 0; !sheet->totals[r] && c < sheet->column_count; c++) {
            buffer_clear(&cell);
            spell(cell_at(sheet, r, c), FOR_PROGRAMS, &cell);
            buffer_string(out, c > 0 ? "," : "");
            csv_cell(out, buffer_view(&cell));
        }
        buffer_string(out, sheet->totals[r] ? "" : "\n");
    }
    buffer_free(&cell);
}

/* --- JSON ----------------------------------------------------------------------------------- */

static cJSON *json_cell(const struct cell *cell)
{
    struct buffer text = {0};
    cJSON *item = NULL;
    switch (cell->kind) {
    case CELL_BLANK:
        return cJSON_CreateNull();
    case CELL_FLAG:
        return cJSON_CreateBool(cell->units != 0);
    case CELL_TEXT:
    case CELL_WORD:
        return json_text(cell->text);
    case CELL_POINTS:
        return json_points(cell->units, cell->scale);
    case CELL_DECIMAL:
        decimal_format(&text, cell->units, cell->scale);
        item = cJSON_CreateString(buffer_terminate(&text));
        buffer_free(&text);
        break;
    }
    return item;
}

void sheet_add_json(const struct sheet *sheet, cJSON *answer)
{
    cJSON *rows = cJSON_AddArrayToObject(answer, "rows");
    cJSON *totals = cJSON_AddArrayToObject(answer, "totals");
    for (size_t r = 0; r < row_count(sheet); r++) {
        cJSON *row = cJSON_CreateObject();
        for (size_t c = 0; c < sheet->column_count; c++)
            cJSON_AddItemToObject(row, sheet->columns[c].name, json_cell(cell_at(sheet, r, c)));
        cJSON_AddItemToArray(sheet->totals[r] ? totals : rows, row);
    }
}
