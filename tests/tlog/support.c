/* The oracle and the readers. */
#include "support.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>

const struct hash *test_leaves(void)
{
    static struct hash leaves[TEST_LEAVES];
    static bool made = false;
    for (unsigned i = 0; !made && i < TEST_LEAVES; i++) {
        char data[32];
        int length = snprintf(data, sizeof data, "leaf %u", i);
        merkle_leaf(data, (size_t)length, &leaves[i]);
    }
    made = true;
    return leaves;
}

struct hash naive_root(const struct hash leaves[], size_t count)
{
    struct hash root;
    if (count == 0) {
        merkle_empty(&root);
        return root;
    }
    if (count == 1)
        return leaves[0];
    size_t left = 1;
    while (left * 2 < count)
        left *= 2;
    struct hash a = naive_root(leaves, left), b = naive_root(leaves + left, count - left);
    merkle_node(&a, &b, &root);
    return root;
}

static bool read_test_leaves(void *context, unsigned level, uint64_t first, size_t count,
                             struct hash out[], struct error *error)
{
    (void)context;
    (void)error;
    const struct hash *leaves = test_leaves();
    assert(level % TILE_HEIGHT == 0);
    assert(count >= 1 && count <= TILE_WIDTH);
    assert((first + count) << level <= TEST_LEAVES);
    for (size_t i = 0; i < count; i++)
        out[i] = naive_root(leaves + ((first + i) << level), (size_t)1 << level);
    return true;
}

struct hash_source test_source(void)
{
    return (struct hash_source){read_test_leaves, NULL};
}

cJSON *test_read_json(const char *path)
{
    char *bytes = test_read_file(path, NULL);
    cJSON *json = bytes != NULL ? cJSON_Parse(bytes) : NULL;
    free(bytes);
    if (json == NULL)
        printf("\n    cannot read %s\n", path);
    return json;
}

const char *json_text(const cJSON *object, const char *name)
{
    const char *value = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(object, name));
    return value != NULL ? value : "";
}

static unsigned nibble(char digit)
{
    return (unsigned)(digit <= '9' ? digit - '0' : digit - 'a' + 10);
}

size_t test_hex(const char *hex, unsigned char *out, size_t max)
{
    size_t bytes = strlen(hex) / 2;
    assert(bytes <= max);
    for (size_t i = 0; i < bytes; i++)
        out[i] = (unsigned char)(nibble(hex[2 * i]) << 4 | nibble(hex[2 * i + 1]));
    return bytes;
}

void expect_error(const char *what, enum error_code code, const struct error *error)
{
    if (error->code != code)
        printf("\n    %s: expected %s, got %s (%s)\n", what, error_name(code),
               error_name(error->code), error->message);
    CU_ASSERT_EQUAL(code, error->code);
}
