/* A paid sale is never refused for its size. Beyond LIMIT_LINES, lines that no
 * rule of the programme can tell apart are merged: those of one SKU and category
 * as far as the programme names them. What they earn per receipt is the same. */
#include <stdlib.h>

#include "context.h"

/* Bytes that a line may need in a body, beside its texts. */
enum { LINE_OVERHEAD = 96, LINES_BYTES = LIMIT_BODY_BYTES - 16384 };

static bool fits(const struct request *request)
{
    size_t bytes = 0;
    for (size_t i = 0; i < request->lines_count; i++)
        bytes += request->lines[i].sku.length + request->lines[i].category.length + LINE_OVERHEAD;
    return request->lines_count <= LIMIT_LINES && bytes <= LINES_BYTES;
}

/* Does any rule look at this SKU (or, with sku empty, at this category)? */
static bool is_named(const struct programme *programme, struct text sku, struct text category)
{
    if (line_filter_names(&programme->base.excluding, sku, category))
        return true;
    for (size_t i = 0; i < programme->earn_count; i++) {
        if (line_filter_names(&programme->earn[i].only, sku, category) ||
            line_filter_names(&programme->earn[i].excluding, sku, category))
            return true;
    }
    return false;
}

static int compare_lines(const void *a, const void *b)
{
    const struct request_line *x = a, *y = b;
    int order = text_compare(x->sku, y->sku);
    return order != 0 ? order : text_compare(x->category, y->category);
}

static bool merge(struct request_line *into, const struct request_line *line)
{
    return units_add(into->quantity, line->quantity, &into->quantity) &&
           units_add(into->amount, line->amount, &into->amount) &&
           units_add(into->discount, line->discount, &into->discount) &&
           units_add(into->tax, line->tax, &into->tax);
}

bool condense(struct context *context, struct error *error)
{
    const struct request *asked = context->request;
    const struct programme *programme = context->version->programme;
    if (fits(asked))
        return true;
    struct request_line *lines = arena_allocate(context->arena, asked->lines_count * sizeof *lines);
    for (size_t i = 0; i < asked->lines_count; i++) {
        lines[i] = asked->lines[i];
        if (lines[i].quantity == 0)
            lines[i].quantity = 1000000;
        if (!is_named(programme, lines[i].sku, (struct text){0}))
            lines[i].sku = (struct text){0};
        if (!is_named(programme, (struct text){0}, lines[i].category))
            lines[i].category = (struct text){0};
    }
    memory_sort(lines, asked->lines_count, sizeof *lines, compare_lines);
    size_t kept = 0;
    for (size_t i = 0; i < asked->lines_count; i++) {
        if (kept == 0 || compare_lines(&lines[kept - 1], &lines[i]) != 0)
            lines[kept++] = lines[i];
        else if (!merge(&lines[kept - 1], &lines[i]))
            return fail_field(error, ERROR_OVERFLOW, "lines", _("the lines add up to too much"));
    }
    struct request *condensed = arena_allocate(context->arena, sizeof *condensed);
    *condensed = *asked;
    condensed->lines = lines;
    condensed->lines_count = kept;
    condensed->condensed = (int64_t)asked->lines_count;
    context->request = condensed;
    return fits(condensed) ||
           fail_field(error, ERROR_LIMIT, "lines",
                      _("the programme tells more than %d kinds of lines apart"), LIMIT_LINES);
}
