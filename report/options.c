/* What a request says, read; and how an answer begins and goes out. */
#include "kinds.h"

bool months_read(const struct report_options *options, struct months *months, bool *given,
                 struct error *error)
{
    bool range = options->from.length > 0 || options->until.length > 0;
    *given = range || options->period.length > 0;
    if (!*given)
        return true;
    if (range && options->period.length > 0)
        return fail_field(error, ERROR_INVALID_FIELD, "period",
                          _("say \"period\", or \"from\" and \"until\", not both"));
    struct text from = range ? options->from : options->period;
    struct text until = range ? options->until : options->period;
    if (from.length == 0 || until.length == 0)
        return fail_field(error, ERROR_MISSING_FIELD, from.length == 0 ? "from" : "until",
                          _("\"from\" and \"until\" go together"));
    if (!month_parse(from, range ? "from" : "period", &months->first, error) ||
        !month_parse(until, "until", &months->last, error))
        return false;
    if (months->last < months->first)
        return fail_field(error, ERROR_INVALID_FIELD, "until", _("\"until\" lies before \"from\""));
    return months->last - months->first < LIMIT_PERIODS ||
           fail_field(error, ERROR_LIMIT, "until", _("a roll-forward has at most %d months"),
                      LIMIT_PERIODS);
}

static bool day_read(struct text text, const char *field, int64_t *day, struct error *error)
{
    struct date date;
    if (!date_parse(text, &date))
        return fail_field(error, ERROR_INVALID_TIME, field,
                          _("\"%.*s\" is not a date: write it like 2026-03-31"), TEXT(text));
    *day = date_to_days(date);
    return true;
}

bool days_read(const struct view *view, const struct report_options *options, int64_t length,
               int64_t most, struct days *days, struct error *error)
{
    int64_t as_of = date_to_days(view->as_of);
    days->last = as_of - 1;
    if (options->until.length > 0 && !day_read(options->until, "until", &days->last, error))
        return false;
    days->first = days->last - length + 1;
    if (options->from.length > 0 && !day_read(options->from, "from", &days->first, error))
        return false;
    if (options->until.length == 0 && days->last < days->first)
        days->last = days->first;
    if (days->last < days->first)
        return fail_field(error, ERROR_INVALID_FIELD, "until", _("\"until\" lies before \"from\""));
    if (days->last > as_of)
        days->last = as_of; /* what is dated later does not count */
    return days->last - days->first < most ||
           fail_field(error, ERROR_LIMIT, "from", _("this report has at most %lld days"),
                      (long long)most);
}

bool format_read(const struct report_options *options, const struct report_writer *writer,
                 enum report_format *format, struct error *error)
{
    static const char *const names[] = {"json", "table", "csv"};
    unsigned i = 0;
    while (i < 3 && options->format.length > 0 && !text_equal(options->format, text_of(names[i])))
        i++;
    if (i == 3)
        return fail_field(error, ERROR_INVALID_FIELD, "format",
                          _("\"format\" must be one of table, json, csv"));
    *format = (enum report_format)i;
    return *format == FORMAT_JSON || writer->write != NULL ||
           fail_field(error, ERROR_USAGE, "format", _("a text needs something to write to"));
}

cJSON *answer_begin(const char *name, const struct view *view)
{
    cJSON *answer = cJSON_CreateObject();
    cJSON_AddBoolToObject(answer, "ok", true);
    cJSON_AddStringToObject(answer, "report", name);
    view_describe(view, answer);
    return answer;
}

bool report_send(const struct report_writer *writer, struct buffer *text, struct error *error)
{
    bool ok = text->length == 0 || writer->write(writer->context, text->bytes, text->length) == 0 ||
              fail(error, ERROR_IO, _("the report could not be written"));
    buffer_clear(text);
    return ok;
}
