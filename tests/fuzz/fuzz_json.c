/* Any bytes through the strict reader. What it passes must be read by cJSON,
 * must minify to a text that is valid and stays as it is, and its root must be
 * found; what it refuses must say where. */
#include "json.h"

#include <stdlib.h>

#define REQUIRE(condition)                                                                         \
    do {                                                                                           \
        if (!(condition))                                                                          \
            abort();                                                                               \
    } while (0)

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length);

static void require_minify_keeps(struct text text)
{
    struct error error;
    struct buffer once = {0}, twice = {0};
    json_minify(&once, text);
    REQUIRE(once.length <= text.length);
    REQUIRE(json_check(buffer_view(&once), &error));
    json_minify(&twice, buffer_view(&once));
    REQUIRE(text_equal(buffer_view(&once), buffer_view(&twice)));
    buffer_free(&once);
    buffer_free(&twice);
}

/* Every member and element must be found where a pointer says. */
static void require_located(struct text text, const cJSON *item, struct buffer *pointer)
{
    unsigned line = 0, column = 0;
    REQUIRE(json_locate(text, buffer_terminate(pointer), false, &line, &column));
    REQUIRE(line > 0 && column > 0);
    size_t kept = pointer->length, index = 0;
    for (const cJSON *child = item->child; child != NULL; child = child->next, index++) {
        if (index == 8)
            break; /* locating is linear: enough is enough */
        buffer_byte(pointer, '/');
        if (child->string == NULL)
            buffer_integer(pointer, (int64_t)index);
        else
            for (const char *byte = child->string; *byte != '\0'; byte++)
                if (*byte == '~' || *byte == '/')
                    buffer_string(pointer, *byte == '~' ? "~0" : "~1");
                else
                    buffer_byte(pointer, *byte);
        require_located(text, child, pointer);
        REQUIRE(json_locate(text, buffer_terminate(pointer), true, &line, &column) ==
                (child->string != NULL));
        pointer->length = kept;
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
    struct text text = {(const char *)bytes, length};
    struct error error = {0};
    bool valid = json_check(text, &error);
    cJSON *tree = json_parse(text, &error);
    REQUIRE(valid == (tree != NULL));
    if (valid) {
        struct buffer pointer = {0};
        require_minify_keeps(text);
        require_located(text, tree, &pointer);
        buffer_free(&pointer);
    } else {
        REQUIRE(error_exit_status(error.code) == 3 && error.line > 0 && error.column > 0);
    }
    cJSON_Delete(tree);
    return 0;
}
