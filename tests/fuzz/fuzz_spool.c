/* Any bytes as a spool. What is read adds up; what holds, holds without the rest, and
 * takes another line, after which all that was read is read again; what is damaged
 * holds up to there. Checksums keep a fuzzer out, so each input is also taken as the
 * JSON of a line that has the right one. */
#include <stdlib.h>

#include "format.h"
#include "json.h"
#include "sha256.h"

#define REQUIRE(condition)                                                                         \
    do {                                                                                           \
        if (!(condition))                                                                          \
            abort();                                                                               \
    } while (0)

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length);

static void require_sums(const struct spool *spool)
{
    REQUIRE(spool->count == spool->waiting + spool->done + spool->refused);
    for (size_t i = 0; i < spool->count; i++) {
        const struct spool_entry *entry = &spool->entries[i];
        REQUIRE(entry->number == (int64_t)i + 1);
        REQUIRE(entry->request.length > 2 && entry->request.bytes[0] == '{');
        REQUIRE((entry->state == SPOOL_REFUSED) == (entry->code.length > 0));
    }
}

static void require_same(const struct spool *before, const struct spool *after)
{
    REQUIRE(after->count >= before->count);
    for (size_t i = 0; i < before->count; i++) {
        const struct spool_entry *a = &before->entries[i], *b = &after->entries[i];
        REQUIRE(a->state == b->state && a->seq == b->seq && a->spooled == b->spooled);
        REQUIRE(text_equal(a->request, b->request) && text_equal(a->at, b->at));
    }
}

/* What holds of the bytes, and one more line. */
static void take_one_more(struct arena *arena, struct text bytes, const struct spool *spool)
{
    static const char request[] = "{\"op\":\"purchase\",\"receipt\":\"1\"}";
    struct spool_entry entry = {.request = {request, sizeof request - 1}};
    struct buffer file = {0};
    struct spool again;
    struct error error = {0};
    if (spool->good == 0)
        return;
    buffer_add(&file, bytes.bytes, spool->good);
    spool_write_entry(spool, &entry, &file);
    REQUIRE(spool_read(arena, buffer_view(&file), &again, &error));
    REQUIRE(again.torn == 0 && again.good == file.length);
    REQUIRE(again.count == spool->count + 1 && again.lines == spool->lines + 1);
    require_same(spool, &again);
    buffer_free(&file);
}

static void try_file(struct text bytes)
{
    struct arena arena = {0};
    struct spool spool;
    struct error error = {0};
    bool whole = spool_read(&arena, bytes, &spool, &error);
    require_sums(&spool);
    if (whole)
        REQUIRE(spool.good + spool.torn == bytes.length);
    else
        REQUIRE(error.code == ERROR_NOT_A_SPOOL || error.code == ERROR_SPOOL_DAMAGED);
    take_one_more(&arena, bytes, &spool);
    for (size_t i = 0; i < spool.count; i++)
        REQUIRE(json_check(spool_request(&arena, &spool.entries[i], true), &error) ||
                error.code == ERROR_INVALID_JSON); /* one member more than an object may have */
    arena_free(&arena);
}

/* A request that waits, and the input as the line behind it. */
static void try_line(struct text json)
{
    struct spool spool = {0};
    struct spool_entry entry = {.request = text_of("{\"op\":\"redeem\",\"ref\":\"V\"}")};
    struct buffer file = {0}, hashed = {0};
    unsigned char digest[SHA256_BYTES];
    struct sha256 hash;
    buffer_text(&file, spool_first_line());
    spool_write_entry(&spool, &entry, &file);
    buffer_text(&hashed, spool_first_line());
    buffer_string(&hashed, "2 ");
    buffer_text(&hashed, json);
    sha256_start(&hash);
    sha256_add(&hash, hashed.bytes, hashed.length);
    sha256_finish(&hash, digest);
    buffer_string(&file, "2 ");
    buffer_hex(&file, digest, 8);
    buffer_byte(&file, ' ');
    buffer_text(&file, json);
    buffer_byte(&file, '\n');
    try_file(buffer_view(&file));
    buffer_free(&file);
    buffer_free(&hashed);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
    struct text input = {(const char *)bytes, length};
    try_file(input);
    try_line(input);
    return 0;
}
