/* Phones as people write them, and the one form in which they are kept: E.164.
 *
 * A till's clerk types what the customer says, which is what is dialled at home. What that means
 * abroad is the programme's to say, because it differs between countries: most drop a "0" that
 * stands in front at home, Italy keeps it, Hungary drops "06". Nothing here knows a country. */
#include "programme.h"

enum { DIGITS_LEAST = 8, DIGITS_MOST = 15 };

/* Only the digits; false where anything stands there that people do not put between them.
 * *plus: "+" stands first. */
static bool digits_of(struct text written, struct buffer *digits, bool *plus)
{
    *plus = false;
    for (size_t i = 0; i < written.length; i++) {
        char c = written.bytes[i];
        if (c == '+' && digits->length == 0 && !*plus)
            *plus = true;
        else if (c >= '0' && c <= '9')
            buffer_byte(digits, c);
        else if (memchr(" -().", c, 5) == NULL)
            return false;
    }
    return true;
}

static bool drop(struct text *digits, struct text prefix)
{
    if (digits->length < prefix.length || memcmp(digits->bytes, prefix.bytes, prefix.length) != 0)
        return false;
    *digits = (struct text){digits->bytes + prefix.length, digits->length - prefix.length};
    return true;
}

/* The code of the country, where the digits do not begin with it; false where nobody says. */
static bool country_of(const struct programme *programme, bool plus, struct text *digits,
                       struct text *country)
{
    *country = text_of("");
    if (plus || drop(digits, text_of("00")))
        return true;
    if (programme == NULL || programme->members.phone_country.length == 0)
        return false;
    drop(digits, programme->members.phone_trunk);
    *country = programme->members.phone_country;
    return true;
}

bool programme_phone(const struct programme *programme, struct text written, struct arena *arena,
                     struct text *phone)
{
    struct buffer buffer = {0};
    struct text country;
    bool plus = false, ok = digits_of(written, &buffer, &plus);
    struct text digits = buffer_view(&buffer);
    ok = ok && country_of(programme, plus, &digits, &country);
    if (ok)
        *phone = text_format(arena, "+%.*s%.*s", TEXT(country), TEXT(digits));
    buffer_free(&buffer);
    return ok && phone->bytes[1] != '0' && phone->length > DIGITS_LEAST &&
           phone->length <= DIGITS_MOST + 1;
}
