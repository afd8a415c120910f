/* Findings as lines of JSON. What mends one stands last, so that whoever has no reader
 * of JSON at hand can cut it off. */
#include "json.h"
#include "reconcile_private.h"

void finding_begin(struct reconciling *in, const char *finding)
{
    buffer_clear(&in->line);
    buffer_string(&in->line, "{\"finding\":\"");
    buffer_string(&in->line, finding);
    buffer_byte(&in->line, '"');
}

static void name_member(struct reconciling *in, const char *name)
{
    buffer_string(&in->line, ",\"");
    buffer_string(&in->line, name);
    buffer_string(&in->line, "\":");
}

void finding_text(struct reconciling *in, const char *name, struct text value)
{
    name_member(in, name);
    if (value.bytes == NULL)
        buffer_string(&in->line, "null");
    else
        json_string(&in->line, value);
}

void finding_number(struct reconciling *in, const char *name, int64_t value)
{
    name_member(in, name);
    buffer_integer(&in->line, value);
}

void finding_money(struct reconciling *in, const char *name, int64_t units)
{
    name_member(in, name);
    buffer_byte(&in->line, '"');
    decimal_format(&in->line, units, in->view.currency_digits);
    buffer_byte(&in->line, '"');
}

void finding_moment(struct reconciling *in, const char *name, moment at)
{
    name_member(in, name);
    buffer_byte(&in->line, '"');
    moment_format(&in->line, at);
    buffer_byte(&in->line, '"');
}

void finding_local(struct reconciling *in, moment at)
{
    name_member(in, "local");
    buffer_byte(&in->line, '"');
    moment_format_local(&in->line, view_version(&in->view, at)->programme->zone, at);
    buffer_byte(&in->line, '"');
}

void finding_rows(struct reconciling *in, const struct receipt *receipt)
{
    name_member(in, "rows");
    buffer_format(&in->line, "[%lld,%lld]", (long long)receipt->first_row,
                  (long long)receipt->last_row);
}

void finding_send(struct reconciling *in, struct text request)
{
    name_member(in, "send");
    if (request.length == 0)
        buffer_string(&in->line, "null");
    else
        buffer_text(&in->line, request);
}

bool finding_end(struct reconciling *in, struct error *error)
{
    const struct reconcile_io *io = in->io;
    buffer_string(&in->line, "}\n");
    return io->write == NULL || io->write(io->context, in->line.bytes, in->line.length) == 0 ||
           fail(error, ERROR_IO, _("the findings cannot be written"));
}
