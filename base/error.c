/* The error table's three readings, and the one way to fill a struct error.
 *
 * The idea to hold: everything is formatted into temporaries first, because a
 * caller may pass the error's own message as an argument of the next one
 * ("line 7: %s"). Texts that do not fit are cut between characters, never
 * within one, so that an answer stays valid UTF-8. */
#include "error.h"

#include <assert.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

static const struct {
    const char *name, *retry;
    int exit_status;
} table[] = {
#define X(code, name, status, retry) {name, retry, status},
    ERROR_TABLE(X)
#undef X
};

#define X(code, name, status, retry)                                                               \
    _Static_assert((status) >= 0 && (status) <= 9, "an exit status is 0 to 9");
ERROR_TABLE(X)
#undef X

/* How many bytes the sequence that this byte leads should have. */
static size_t sequence_length(unsigned char lead)
{
    return lead >= 0xf0 ? 4 : lead >= 0xe0 ? 3 : lead >= 0xc0 ? 2 : 1;
}

/* The text was cut after `length` bytes: take away a character cut in two. */
static void drop_partial_character(char *text, size_t length)
{
    size_t lead = length;
    while (lead > 0 && length - lead < 3 && ((unsigned char)text[lead - 1] & 0xc0) == 0x80)
        lead--;
    if (lead > 0 && sequence_length((unsigned char)text[lead - 1]) > length - lead + 1)
        text[lead - 1] = '\0';
}

__attribute__((format(printf, 3, 0))) static void
format_whole_characters(char *out, size_t size, const char *format, va_list arguments)
{
    int length = vsnprintf(out, size, format, arguments);
    if (length < 0)
        out[0] = '\0';
    else if ((size_t)length >= size)
        drop_partial_character(out, size - 1);
}

static void set(struct error *error, enum error_code code, const char *message)
{
    assert(code != ERROR_NONE);
    error->code = code;
    error->line = error->column = 0;
    error->field[0] = error->hint[0] = '\0';
    memcpy(error->message, message, sizeof error->message);
}

bool fail(struct error *error, enum error_code code, const char *format, ...)
{
    char message[sizeof error->message] = "";
    va_list arguments;
    va_start(arguments, format);
    format_whole_characters(message, sizeof message, format, arguments);
    va_end(arguments);
    set(error, code, message);
    return false;
}

bool fail_field(struct error *error, enum error_code code, const char *field, const char *format,
                ...)
{
    char message[sizeof error->message] = "", name[sizeof error->field] = "";
    va_list arguments;
    va_start(arguments, format);
    format_whole_characters(message, sizeof message, format, arguments);
    va_end(arguments);
    size_t length = strlen(field);
    bool cut = length >= sizeof name;
    memcpy(name, field, cut ? sizeof name - 1 : length);
    if (cut)
        drop_partial_character(name, sizeof name - 1);
    set(error, code, message);
    memcpy(error->field, name, sizeof name);
    return false;
}

bool hint(struct error *error, const char *format, ...)
{
    char text[sizeof error->hint] = "";
    va_list arguments;
    va_start(arguments, format);
    format_whole_characters(text, sizeof text, format, arguments);
    va_end(arguments);
    memcpy(error->hint, text, sizeof text);
    return false;
}

const char *error_name(enum error_code code)
{
    assert((size_t)code < sizeof table / sizeof table[0]);
    return table[code].name;
}

int error_exit_status(enum error_code code)
{
    assert((size_t)code < sizeof table / sizeof table[0]);
    return table[code].exit_status;
}

const char *error_retry(enum error_code code)
{
    assert((size_t)code < sizeof table / sizeof table[0]);
    return table[code].retry;
}
