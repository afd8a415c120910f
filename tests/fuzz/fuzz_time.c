/* Any text as a moment, a span and a date: refused with a reason, or else it means
 * one thing, which is read back from how we write it. */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include "civil.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require(bool holds)
{
    if (!holds)
        abort();
}

static void try_moment(struct text text)
{
    struct error error = {0};
    moment at = 0, again = 0;
    if (!moment_parse(text, NULL, &at, &error)) {
        require(error.code == ERROR_INVALID_TIME && error.message[0] != '\0');
        return;
    }
    struct buffer buffer = {0};
    require(at >= MOMENT_FIRST && at <= MOMENT_LAST);
    moment_format(&buffer, at);
    require(moment_parse(buffer_view(&buffer), NULL, &again, &error) && again == at);
    buffer_free(&buffer);
}

static void try_span(struct text text)
{
    struct span span;
    if (!span_parse(text, &span))
        return;
    require(span.months >= 0 && span.days >= 0 && span.milliseconds >= 0);
    require(span.months > 0 || span.days > 0 || span.milliseconds > 0);
    require(span.months <= 1200 && span.days <= 36525);
    struct date start = {2026, 1, 31}, end = date_add(start, span);
    require(date_is_valid(end) && date_to_days(end) >= date_to_days(start));
    require(end.year <= 2126);
}

static void try_date(struct text text)
{
    struct date date;
    if (!date_parse(text, &date))
        return;
    struct buffer buffer = {0};
    date_format(&buffer, date);
    require(date_is_valid(date) && text_equal(buffer_view(&buffer), text));
    buffer_free(&buffer);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct text text = {(const char *)data, size};
    try_moment(text);
    try_span(text);
    try_date(text);
    return 0;
}
