/* libcsv splits; this file keeps.
 *
 * libcsv is used in its lenient mode: a quote inside an unquoted cell is text,
 * as in 5" NAIL, which real exports are full of. What goes wrong with quotes
 * shows all the same: by a number of cells other than the header's (the
 * receipt is rejected), by a cell beyond any sense, or by an end of file within
 * quotes (both end the import, naming the row). */
#include "rows.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>

#include "limits.h"
#include "utf8.h"

enum {
    CHUNK_BYTES = 256 * 1024,
    ROW_BYTES_MOST = 1024 * 1024,
    ROW_CELLS_MOST = 1024 + 3, /* a mapping can name 1,024; rejects add three */
    LENGTH_BYTES = 4
};

struct row_chunk {
    struct row_chunk *older;
    size_t used, capacity; /* used: complete rows */
    char bytes[];
};

/* --- kept rows ------------------------------------------------------------------- */

static uint32_t read_length(const char *at)
{
    uint32_t length;
    memcpy(&length, at, LENGTH_BYTES);
    return length;
}

size_t kept_row_count(kept_row *row)
{
    return read_length(row);
}

struct text kept_row_next(kept_row *row, const char **at)
{
    const char *cell = *at == NULL ? row + LENGTH_BYTES : *at;
    struct text text = {cell + LENGTH_BYTES, read_length(cell)};
    *at = text.bytes + text.length;
    return text;
}

static struct row_chunk *add_chunk(struct rows *rows, size_t least)
{
    size_t capacity = least > CHUNK_BYTES ? least : CHUNK_BYTES;
    struct row_chunk *chunk = memory_resize(NULL, sizeof *chunk + capacity);
    *chunk = (struct row_chunk){.older = rows->chunks, .capacity = capacity};
    rows->chunks = chunk;
    return chunk;
}

/* Room for a row in the making, or for decoded cells; used once it is filled. */
static char *room_for(struct rows *rows, size_t bytes)
{
    struct row_chunk *chunk = rows->chunks;
    if (chunk->capacity - chunk->used < bytes)
        chunk = add_chunk(rows, bytes);
    return chunk->bytes + chunk->used;
}

static void use(struct rows *rows, size_t bytes)
{
    rows->chunks->used += bytes;
    rows->kept_bytes += bytes;
}

/* The row in the making moves whole into a new chunk. */
static void move_growing(struct rows *rows, size_t more)
{
    const struct row_chunk *full = rows->chunks;
    struct row_chunk *chunk = add_chunk(rows, 2 * (rows->growing + more));
    memcpy(chunk->bytes, full->bytes + full->used, rows->growing);
}

static void grow_cells(struct rows *rows)
{
    rows->capacity = rows->capacity == 0 ? 64 : rows->capacity * 2;
    rows->lengths = memory_resize(rows->lengths, rows->capacity * sizeof rows->lengths[0]);
    rows->raw = memory_resize(rows->raw, rows->capacity * sizeof rows->raw[0]);
    rows->decoded = memory_resize(rows->decoded, rows->capacity * sizeof rows->decoded[0]);
}

/* --- encodings ------------------------------------------------------------------- */

static bool is_plain(const char *bytes, size_t length)
{
    const uint64_t high = UINT64_C(0x8080808080808080);
    uint64_t seen = 0, word;
    size_t i = 0;
    for (; i + sizeof word <= length; i += sizeof word) {
        memcpy(&word, bytes + i, sizeof word);
        seen |= word;
    }
    for (; i < length; i++)
        seen |= (unsigned char)bytes[i];
    return (seen & high) == 0 && (seen & 0x80) == 0;
}

static bool is_utf8(struct text text)
{
    size_t at = 0;
    while (at < text.length)
        if (utf8_next(text, &at) < 0)
            return false;
    return true;
}

/* No character takes more bytes in UTF-8 than four times its own. iconv() wants
 * its input writable, though it does not write: it gets a copy. */
static bool convert(struct rows *rows, struct text raw, struct text *decoded)
{
    size_t most = 4 * raw.length, left = raw.length, room = most;
    char *out = room_for(rows, most + raw.length), *to = out;
    char *from = memcpy(out + most, raw.bytes, raw.length);
    iconv(rows->decoder, NULL, NULL, NULL, NULL);
    if (iconv(rows->decoder, &from, &left, &to, &room) == (size_t)-1)
        return false;
    *decoded = (struct text){out, most - room};
    use(rows, decoded->length);
    return true;
}

static bool decode(struct rows *rows, struct text raw, struct text *decoded)
{
    *decoded = raw;
    if (rows->decoder == (iconv_t)-1)
        return is_utf8(raw);
    return is_plain(raw.bytes, raw.length) || convert(rows, raw, decoded);
}

/* From the lengths to the cells. */
static void lay_out(struct rows *rows, const char *kept, size_t length)
{
    struct row *row = &rows->row;
    const char *at = kept + LENGTH_BYTES;
    for (size_t i = 0; i < rows->count; i++) {
        rows->raw[i] = (struct text){at + LENGTH_BYTES, rows->lengths[i]};
        at = rows->raw[i].bytes + rows->lengths[i];
    }
    row->kept = kept;
    row->count = rows->count;
    row->cells = rows->raw;
    /* A length beyond 127 looks like a high byte and only costs the slow way. */
    row->plain = is_plain(kept, length);
    row->readable = true;
    if (row->plain)
        return;
    for (size_t i = 0; i < rows->count; i++)
        row->readable = decode(rows, rows->raw[i], &rows->decoded[i]) && row->readable;
    if (row->readable)
        row->cells = rows->decoded;
}

/* --- from libcsv ----------------------------------------------------------------- */

static bool fits(struct rows *rows, size_t more)
{
    if (rows->failed)
        return false;
    if (rows->growing + more <= ROW_BYTES_MOST && rows->count < ROW_CELLS_MOST)
        return true;
    rows->failed = true;
    fail(rows->error, ERROR_INVALID_CSV,
         _("row %lld has more than %d bytes or %d cells: a quote is not closed, or the delimiter "
           "is another"),
         (long long)rows->row.number + 1, ROW_BYTES_MOST, ROW_CELLS_MOST);
    rows->error->line = (unsigned)(rows->row.number + 1);
    return false;
}

static void on_cell(void *bytes, size_t length, void *context)
{
    struct rows *rows = context;
    if (!fits(rows, LENGTH_BYTES + length))
        return;
    if (rows->count == rows->capacity)
        grow_cells(rows);
    if (rows->chunks->capacity - rows->chunks->used < rows->growing + LENGTH_BYTES + length)
        move_growing(rows, LENGTH_BYTES + length);
    char *to = rows->chunks->bytes + rows->chunks->used + rows->growing;
    uint32_t narrow = (uint32_t)length;
    memcpy(to, &narrow, LENGTH_BYTES);
    if (length > 0)
        memcpy(to + LENGTH_BYTES, bytes, length);
    rows->growing += LENGTH_BYTES + length;
    rows->lengths[rows->count++] = narrow;
}

static void begin_row(struct rows *rows)
{
    rows->count = 0;
    rows->growing = LENGTH_BYTES; /* for the number of cells */
    room_for(rows, LENGTH_BYTES);
}

static void on_row(int terminator, void *context)
{
    struct rows *rows = context;
    (void)terminator;
    if (rows->failed)
        return;
    char *kept = rows->chunks->bytes + rows->chunks->used;
    uint32_t count = (uint32_t)rows->count;
    memcpy(kept, &count, LENGTH_BYTES);
    use(rows, rows->growing);
    rows->row.number++;
    lay_out(rows, kept, rows->growing);
    if (!rows->take(rows->context, &rows->row, rows->error))
        rows->failed = true;
    begin_row(rows);
}

/* --- the file -------------------------------------------------------------------- */

bool rows_open(struct rows *rows, const struct mapping *mapping, row_taker *take, void *context,
               struct error *error)
{
    *rows = (struct rows){.encoding = mapping->encoding, .take = take, .context = context};
    rows->decoder = (iconv_t)-1;
    if (csv_init(&rows->parser, 0) != 0)
        return fail(error, ERROR_IO, _("the CSV parser cannot be started"));
    csv_set_delim(&rows->parser, (unsigned char)delimiter_byte(mapping->delimiter));
    csv_set_realloc_func(&rows->parser, memory_resize);
    add_chunk(rows, CHUNK_BYTES);
    begin_row(rows);
    if (mapping->encoding == ENCODING_UTF_8)
        return true;
    rows->decoder = iconv_open("UTF-8", encoding_name(mapping->encoding));
    if (rows->decoder == (iconv_t)-1)
        return fail(error, ERROR_IO, _("this system cannot read %s"),
                    encoding_name(mapping->encoding));
    return true;
}

static bool parse(struct rows *rows, const void *bytes, size_t length)
{
    size_t done = csv_parse(&rows->parser, bytes, length, on_cell, on_row, rows);
    if (!rows->failed)
        fits(rows, rows->parser.entry_pos); /* a cell that goes on and on */
    if (!rows->failed && done != length) {
        rows->failed = true;
        fail(rows->error, ERROR_INVALID_CSV, "%s", csv_strerror(csv_error(&rows->parser)));
    }
    return !rows->failed;
}

/* Spreadsheets put a byte-order mark before UTF-8: taken off, and put before the
 * rejects, too. Before any other encoding it says that the mapping is wrong. */
static bool start(struct rows *rows)
{
    static const unsigned char utf8_mark[3] = {0xef, 0xbb, 0xbf};
    rows->started = true;
    rows->has_mark = rows->mark_length == 3 && memcmp(rows->mark, utf8_mark, 3) == 0;
    if (!rows->has_mark)
        return parse(rows, rows->mark, rows->mark_length);
    if (rows->encoding == ENCODING_UTF_8)
        return true;
    rows->failed = true;
    fail_field(rows->error, ERROR_INVALID_TEXT, "/mapping/encoding",
               _("the file starts with the byte-order mark of UTF-8, but the mapping says %s"),
               encoding_name(rows->encoding));
    return false;
}

bool rows_feed(struct rows *rows, const char *bytes, size_t length, struct error *error)
{
    rows->error = error;
    while (!rows->started && length > 0) {
        rows->mark[rows->mark_length++] = (unsigned char)*bytes++;
        length--;
        if (rows->mark_length == sizeof rows->mark && !start(rows))
            return false;
    }
    return length == 0 ? !rows->failed : parse(rows, bytes, length);
}

bool rows_finish(struct rows *rows, struct error *error)
{
    rows->error = error;
    if (!rows->started && !start(rows))
        return false;
    /* Strict only now: a file that ends within quotes was cut, or worse. */
    csv_set_opts(&rows->parser, CSV_STRICT | CSV_STRICT_FINI);
    if (csv_fini(&rows->parser, on_cell, on_row, rows) != 0 && !rows->failed) {
        rows->failed = true;
        fail(error, ERROR_INVALID_CSV, _("the file ends within the quotes of row %lld"),
             (long long)rows->row.number + 1);
        error->line = (unsigned)(rows->row.number + 1);
    }
    return !rows->failed;
}

static bool holds(const struct row_chunk *chunk, kept_row *row)
{
    return row >= chunk->bytes && row < chunk->bytes + chunk->used;
}

void rows_forget_before(struct rows *rows, kept_row *row)
{
    struct row_chunk *chunk = rows->chunks;
    while (!holds(chunk, row)) {
        chunk = chunk->older;
        assert(chunk != NULL);
    }
    while (chunk->older != NULL) {
        struct row_chunk *older = chunk->older;
        chunk->older = older->older;
        rows->kept_bytes -= older->used;
        free(older);
    }
}

void rows_close(struct rows *rows)
{
    while (rows->chunks != NULL) {
        struct row_chunk *older = rows->chunks->older;
        free(rows->chunks);
        rows->chunks = older;
    }
    csv_free(&rows->parser);
    if (rows->decoder != (iconv_t)-1)
        iconv_close(rows->decoder);
    free(rows->lengths);
    free(rows->raw);
    free(rows->decoded);
}
