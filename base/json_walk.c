/* Walking a JSON text that the strict reader has passed: nothing here checks
 * anything. Where a value stands, its bytes as they are, the text without white
 * space. */
#include <string.h>

#include "json_private.h"

/* Behind the string whose opening quote is at `at`. */
static size_t skip_string(struct text text, size_t at)
{
    for (at++; text.bytes[at] != '"'; at++)
        if (text.bytes[at] == '\\')
            at++;
    return at + 1;
}

static bool is_number_byte(char byte)
{
    return is_digit(byte) || strchr("+-.eE", byte) != NULL;
}

/* Behind the token at `at`: a string, a number, a word, or one mark. */
size_t json_skip_token(struct text text, size_t at)
{
    if (text.bytes[at] == '"')
        return skip_string(text, at);
    if (text.bytes[at] == 'f')
        return at + 5;
    if (text.bytes[at] == 't' || text.bytes[at] == 'n')
        return at + 4;
    size_t behind = at + 1;
    if (text.bytes[at] == '-' || is_digit(text.bytes[at]))
        while (behind < text.length && text.bytes[behind] != '\0' &&
               is_number_byte(text.bytes[behind]))
            behind++;
    return behind;
}

size_t json_next_token(struct text text, size_t at)
{
    while (at < text.length && is_space(text.bytes[at]))
        at++;
    return at;
}

/* Behind the value at `at`. */
static size_t skip_value(struct text text, size_t at)
{
    unsigned depth = 0;
    do {
        at = json_next_token(text, at);
        depth += text.bytes[at] == '{' || text.bytes[at] == '[';
        depth -= text.bytes[at] == '}' || text.bytes[at] == ']';
        at = json_skip_token(text, at);
    } while (depth > 0);
    return at;
}

void json_minify(struct buffer *buffer, struct text text)
{
    for (size_t at = json_next_token(text, 0); at < text.length; at = json_next_token(text, at)) {
        size_t behind = json_skip_token(text, at);
        buffer_add(buffer, text.bytes + at, behind - at);
        at = behind;
    }
}

/* -- Locating --------------------------------------------------------------- */

/* Is this reference token of a JSON Pointer (RFC 6901: ~0 is ~, ~1 is /) the
 * name? */
static bool token_names(struct text token, struct text name)
{
    size_t at = 0;
    for (size_t i = 0; i < token.length; i++, at++) {
        char byte = token.bytes[i];
        if (byte == '~' && i + 1 < token.length)
            byte = token.bytes[++i] == '1' ? '/' : '~';
        if (at >= name.length || name.bytes[at] != byte)
            return false;
    }
    return at == name.length;
}

/* From an object's brace to the member's name. */
static bool find_member(struct text text, size_t *at, struct text token)
{
    struct buffer name = {0};
    bool found = false;
    size_t here = json_next_token(text, *at + 1);
    while (!found && text.bytes[here] == '"') {
        size_t behind = skip_string(text, here);
        buffer_clear(&name);
        json_decode_string(&name, (struct text){text.bytes + here + 1, behind - here - 2});
        found = token_names(token, buffer_view(&name));
        if (found)
            break;
        here = json_next_token(text, skip_value(text, json_next_token(text, behind) + 1));
        if (text.bytes[here] == ',')
            here = json_next_token(text, here + 1);
    }
    buffer_free(&name);
    *at = here;
    return found;
}

/* From an array's bracket to the element. */
static bool find_element(struct text text, size_t *at, struct text token)
{
    size_t index = 0;
    if (token.length == 0 || token.length > 9 || (token.bytes[0] == '0' && token.length > 1))
        return false;
    for (size_t i = 0; i < token.length; i++) {
        if (!is_digit(token.bytes[i]))
            return false;
        index = index * 10 + (size_t)(token.bytes[i] - '0');
    }
    size_t here = json_next_token(text, *at + 1);
    if (text.bytes[here] == ']')
        return false;
    for (; index > 0; index--) {
        here = json_next_token(text, skip_value(text, here));
        if (text.bytes[here] == ']')
            return false;
        here = json_next_token(text, here + 1);
    }
    *at = here;
    return true;
}

/* The byte where a pointer's value, or the name of its last member, begins. */
static bool find_value(struct text text, const char *pointer, bool of_name, size_t *position)
{
    size_t at = json_next_token(text, 0);
    bool on_name = false; /* `at` is on a member's name, not yet on its value */
    while (*pointer == '/') {
        if (on_name)
            at = json_next_token(text, json_next_token(text, skip_string(text, at)) + 1);
        struct text token = {pointer + 1, strcspn(pointer + 1, "/")};
        pointer = token.bytes + token.length;
        on_name = text.bytes[at] == '{';
        bool found = on_name                 ? find_member(text, &at, token)
                     : text.bytes[at] == '[' ? find_element(text, &at, token)
                                             : false;
        if (!found)
            return false;
    }
    if (*pointer != '\0' || (of_name && !on_name))
        return false;
    if (on_name && !of_name)
        at = json_next_token(text, json_next_token(text, skip_string(text, at)) + 1);
    *position = at;
    return true;
}

bool json_locate(struct text text, const char *pointer, bool of_name, unsigned *line,
                 unsigned *column)
{
    size_t at;
    if (!find_value(text, pointer, of_name, &at))
        return false;
    json_count_lines(text, at, line, column);
    return true;
}

bool json_slice(struct text text, const char *pointer, struct text *value)
{
    size_t at;
    if (text.length == 0 || !find_value(text, pointer, false, &at))
        return false;
    *value = (struct text){text.bytes + at, skip_value(text, at) - at};
    return true;
}
