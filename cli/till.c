/* The library counts columns and chooses words; the command only changes the
 * encoding, with the C library's iconv. */
#include "till.h"

#include "text.h"
#include "value.h"

#include <iconv.h>
#include <stdio.h>
#include <string.h>

loyalty_status till_check(const struct call *call, struct problem *problem)
{
    const char *encoding = call_value(call, "encoding");
    if (encoding == NULL || strcmp(encoding, "gb18030") != 0)
        return LOYALTY_OK;
    iconv_t encoder = iconv_open("GB18030", "UTF-8");
    if (encoder == (iconv_t)-1)
        return problem_set(problem, LOYALTY_FAULT, "io_error", "%s",
                           _("this system cannot write GB18030"));
    iconv_close(encoder);
    return LOYALTY_OK;
}

/* No character of UTF-8 takes more bytes in GB18030 than twice its own. */
static void put_encoded(iconv_t encoder, const char *line)
{
    char input[512], output[1024];
    size_t length = strlen(line);
    if (length >= sizeof input) {
        puts(line); /* no line of 48 columns is as long */
        return;
    }
    memcpy(input, line, length + 1);
    char *from = input, *to = output;
    size_t left = length, room = sizeof output;
    iconv(encoder, &from, &left, &to, &room);
    fwrite(output, 1, sizeof output - room, stdout);
    putchar('\n');
}

bool till_print(const cJSON *answer)
{
    const cJSON *lines = value_of(answer, "receipt_text"), *line;
    if (!cJSON_IsArray(lines))
        return false;
    bool encode = strcmp(value_text(answer, "receipt_encoding"), "gb18030") == 0;
    iconv_t encoder = encode ? iconv_open("GB18030", "UTF-8") : (iconv_t)-1;
    cJSON_ArrayForEach(line, lines)
    {
        const char *text = cJSON_GetStringValue(line);
        if (text == NULL)
            continue;
        if (encoder != (iconv_t)-1)
            put_encoded(encoder, text);
        else
            puts(text);
    }
    if (encoder != (iconv_t)-1)
        iconv_close(encoder);
    return true;
}
