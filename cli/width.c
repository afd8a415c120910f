/* Column widths, from the C library's own table (wcwidth, kept at Unicode's pace
 * by its maintainers), but not from the user's locale: a private C.UTF-8 locale
 * object is asked, so that the answer is the same everywhere and the process's
 * locale stays alone. It is opened at the first character beyond ASCII, because
 * most runs never meet one and the opening costs some 90 microseconds. */
#define _XOPEN_SOURCE 700 /* wcwidth */
#include "width.h"

#include <locale.h>
#include <stdbool.h>
#include <string.h>
#include <wchar.h>

static locale_t utf8_locale(void)
{
    static locale_t locale;
    static bool tried;
    if (!tried)
        locale = newlocale(LC_CTYPE_MASK, "C.UTF-8", (locale_t)0);
    tried = true;
    return locale;
}

/* Bytes and columns of the character at `text`; `length` is above 0. */
static size_t character(const char *text, size_t length, size_t *columns)
{
    *columns = 1;
    if ((unsigned char)*text < 0x80 || utf8_locale() == (locale_t)0)
        return 1;
    locale_t before = uselocale(utf8_locale());
    mbstate_t state;
    memset(&state, 0, sizeof state);
    wchar_t wide = 0;
    size_t bytes = mbrtowc(&wide, text, length, &state);
    if (bytes == 0 || bytes > length) {
        bytes = 1;
    } else {
        int width = wcwidth(wide);
        *columns = width < 0 ? 1 : (size_t)width;
    }
    uselocale(before);
    return bytes;
}

size_t width_of(const char *text, size_t length)
{
    size_t total = 0, columns = 0;
    for (size_t i = 0; i < length; total += columns)
        i += character(text + i, length - i, &columns);
    return total;
}

size_t width_fit(const char *text, size_t length, size_t columns)
{
    size_t used = 0, i = 0;
    while (i < length) {
        size_t wide = 0;
        size_t bytes = character(text + i, length - i, &wide);
        if (used + wide > columns)
            break;
        used += wide;
        i += bytes;
    }
    return i;
}

void width_make_safe(char *text)
{
    for (unsigned char *c = (unsigned char *)text; *c != '\0'; c++) {
        if ((*c < 0x20 && *c != '\n') || *c == 0x7f) {
            *c = '?';
        } else if (*c == 0xc2 && c[1] >= 0x80 && c[1] <= 0x9f) {
            c[0] = '?';
            c[1] = '?';
        }
    }
}
