/* Cells that came from the file go back as they came, in its own encoding; only
 * our own words are encoded. The file is begun with the first rejected row: no
 * rejects, no file. */
#include "rejects.h"

#include <stdlib.h>

bool rejects_open(struct rejects *rejects, const struct sheet *sheet, const struct import_io *io,
                  struct error *error)
{
    enum encoding encoding = sheet->mapping->encoding;
    *rejects = (struct rejects){.sheet = sheet, .io = io, .encoder = (iconv_t)-1};
    if (encoding == ENCODING_UTF_8)
        return true;
    rejects->encoder = iconv_open(encoding_name(encoding), "UTF-8");
    if (rejects->encoder != (iconv_t)-1)
        return true;
    return fail(error, ERROR_IO, _("this system cannot write %s"), encoding_name(encoding));
}

void rejects_keep_header(struct rejects *rejects, const struct row *header)
{
    const char *at = NULL;
    for (size_t i = 0; i < header->count; i++)
        kept_row_next(header->kept, &at);
    buffer_add(&rejects->header, header->kept, (size_t)(at - header->kept));
}

/* --- cells ----------------------------------------------------------------------- */

static bool needs_quotes(struct text cell, char delimiter)
{
    if (cell.length == 0)
        return false;
    char first = cell.bytes[0], last = cell.bytes[cell.length - 1];
    if (first == ' ' || first == '\t' || last == ' ' || last == '\t')
        return true; /* the parser would trim them */
    for (size_t i = 0; i < cell.length; i++) {
        char byte = cell.bytes[i];
        if (byte == delimiter || byte == '"' || byte == '\n' || byte == '\r')
            return true;
    }
    return false;
}

static void add_cell(struct rejects *rejects, bool first, struct text cell)
{
    char delimiter = delimiter_byte(rejects->sheet->mapping->delimiter);
    struct buffer *out = &rejects->out;
    if (!first)
        buffer_byte(out, delimiter);
    if (!needs_quotes(cell, delimiter)) {
        buffer_text(out, cell);
        return;
    }
    buffer_byte(out, '"');
    for (size_t i = 0; i < cell.length; i++) {
        if (cell.bytes[i] == '"')
            buffer_byte(out, '"');
        buffer_byte(out, cell.bytes[i]);
    }
    buffer_byte(out, '"');
}

/* A text of ours in the file's encoding; a character that it lacks becomes "?". */
static void add_own_cell(struct rejects *rejects, struct text cell)
{
    if (rejects->encoder == (iconv_t)-1 || cell.length == 0) {
        add_cell(rejects, false, cell);
        return;
    }
    char from[1024], to[4 * sizeof from];
    size_t left = cell.length < sizeof from ? cell.length : sizeof from, room = sizeof to;
    char *in = memcpy(from, cell.bytes, left), *out = to;
    iconv(rejects->encoder, NULL, NULL, NULL, NULL);
    while (left > 0 && iconv(rejects->encoder, &in, &left, &out, &room) == (size_t)-1) {
        do { /* past the whole character */
            in++;
            left--;
        } while (left > 0 && ((unsigned char)*in & 0xc0) == 0x80);
        *out++ = '?';
        room--;
    }
    add_cell(rejects, false, (struct text){to, (size_t)(out - to)});
}

/* --- rows ------------------------------------------------------------------------ */

static struct text amended(const struct layout *layout, const struct amendment *amendment, int at,
                           struct text cell)
{
    if (at == layout->at[CELL_QUANTITY] && amendment->quantity.length > 0)
        return amendment->quantity;
    if (at == layout->at[CELL_AMOUNT] && amendment->amount.length > 0)
        return amendment->amount;
    if (at == layout->at[CELL_PART] && amendment->part.length > 0)
        return amendment->part;
    return cell;
}

/* The row's own cells. One with too many or too few is written as it is, filled
 * up so that the reason stands in its column where possible. */
static void add_own(struct rejects *rejects, kept_row *row, const struct amendment *amendment)
{
    const struct layout *layout = &rejects->sheet->layout;
    size_t count = kept_row_count(row);
    size_t end = count == layout->columns ? layout->own : count;
    const char *at = NULL;
    for (size_t i = 0; i < end; i++) {
        struct text cell = kept_row_next(row, &at);
        add_cell(rejects, i == 0, amended(layout, amendment, (int)i, cell));
    }
    for (size_t i = end; i < layout->own; i++)
        add_cell(rejects, i == 0, text_of(""));
}

static void begin(struct rejects *rejects)
{
    const struct amendment none = {0};
    rejects->begun = true;
    if (rejects->has_mark)
        buffer_string(&rejects->out, "\xef\xbb\xbf");
    if (rejects->header.length == 0)
        return;
    add_own(rejects, rejects->header.bytes, &none);
    if (rejects->sheet->layout.at[CELL_PART] < 0)
        add_own_cell(rejects, layout_part_name(rejects->sheet->mapping));
    add_own_cell(rejects, text_of(REJECT_CODE));
    add_own_cell(rejects, text_of(REJECT_REASON));
    buffer_byte(&rejects->out, '\n');
}

void rejects_add(struct rejects *rejects, kept_row *row, const struct amendment *amendment,
                 enum error_code code, struct text reason)
{
    if (rejects->io->write_reject == NULL)
        return;
    if (!rejects->begun)
        begin(rejects);
    add_own(rejects, row, amendment);
    if (rejects->sheet->layout.at[CELL_PART] < 0)
        add_own_cell(rejects, amendment->part);
    add_own_cell(rejects, text_of(error_name(code)));
    add_own_cell(rejects, reason);
    buffer_byte(&rejects->out, '\n');
}

bool rejects_flush(struct rejects *rejects, struct error *error)
{
    struct buffer *out = &rejects->out;
    if (out->length == 0)
        return true;
    int failed = rejects->io->write_reject(rejects->io->context, out->bytes, out->length);
    buffer_clear(out);
    return failed == 0 || fail(error, ERROR_IO, _("the rejects file cannot be written"));
}

void rejects_close(struct rejects *rejects)
{
    buffer_free(&rejects->out);
    buffer_free(&rejects->header);
    if (rejects->encoder != (iconv_t)-1)
        iconv_close(rejects->encoder);
}
