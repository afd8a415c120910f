/* Any bytes as a record that travels, as a bundle's manifest, and as a proof file under the key in
 * its first line. What is read as a record is what would be written; whatever is refused is refused
 * by name; and what is called proved carries a head. */
#include <sodium.h>
#include <stdlib.h>

#include "auditor.h"
#include "entry.h"
#include "manifest.h"
#include "spelling.h"

#define REQUIRE(condition)                                                                         \
    do {                                                                                           \
        if (!(condition))                                                                          \
            abort();                                                                               \
    } while (0)

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length);

static void try_entry(struct text input)
{
    struct error error = {0};
    struct arena arena = {0};
    struct entry entry;
    struct head head;
    struct buffer again = {0};
    if (entry_parse(input, &arena, &entry, &error)) {
        entry_format(&again, &entry);
        REQUIRE(text_equal(buffer_view(&again), input));
        if (!entry_check(&entry, false, &arena, &head, &error))
            REQUIRE(error.code == ERROR_NOT_VERIFIED);
    } else {
        REQUIRE(error.code == ERROR_INVALID_RECORD);
    }
    buffer_free(&again);
    arena_free(&arena);
}

static void try_proof(struct text input)
{
    struct error error = {0};
    struct text key = {0};
    cJSON *answer = NULL;
    if (!line_next(&input, &key))
        return;
    if (auditor_verify_proof(input, key, (struct text){0}, &answer, &error))
        REQUIRE(cJSON_IsString(cJSON_GetObjectItemCaseSensitive(answer, "head")));
    else
        REQUIRE(error.message[0] != '\0' && (answer != NULL) == (error.code == ERROR_NOT_VERIFIED));
    cJSON_Delete(answer);
}

static void try_manifest(struct text input)
{
    struct error error = {0};
    struct manifest manifest;
    struct buffer again = {0};
    if (!manifest_parse(input, &manifest, &error)) {
        REQUIRE(error.code == ERROR_INVALID_BUNDLE);
        return;
    }
    for (int file = 0; file < BUNDLE_FILES; file++) {
        if (!manifest.has[file])
            continue;
        buffer_hex(&again, manifest.hash[file], SHA256_BYTES);
        buffer_format(&again, "  %s\n", bundle_names[file]);
    }
    REQUIRE(text_equal(buffer_view(&again), input));
    buffer_free(&again);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
    struct text input = {(const char *)bytes, length};
    REQUIRE(sodium_init() >= 0);
    try_entry(input);
    try_proof(input);
    try_manifest(input);
    return 0;
}
