/* Any bytes as a request: what is read has one canonical form, which reads as itself.
 * And as a body: its `in` is read the way that audit and returns read it. */
#include "request.h"

#include <stdlib.h>

#include "json.h"
#include "programme.h"

#define REQUIRE(condition)                                                                         \
    do {                                                                                           \
        if (!(condition))                                                                          \
            abort();                                                                               \
    } while (0)

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length);

static const struct programme *programme(void)
{
    static const char document[] =
        "{\"loyalty\":1,\"id\":\"shop\",\"timezone\":\"Europe/London\",\"currency\":\"GBP\","
        "\"points\":{\"level\":{\"spendable\":false},\"coin\":{\"scale\":2},\"star\":{}},"
        "\"earn\":[{\"id\":\"base\",\"per\":\"1.00\",\"gives\":{\"star\":1}}]}";
    static struct arena arena;
    static const struct programme *read;
    struct programme_faults faults = {0};
    struct error error = {0};
    if (read == NULL)
        read = programme_read(&arena, text_of(document), (struct text){0}, &faults, &error);
    REQUIRE(read != NULL);
    return read;
}

/* A points currency that nobody knows, and a document that is none, are left to the
 * operation to refuse, before it encodes anything. */
static bool is_encodable(const struct request *request)
{
    struct error error;
    if (request_has(request, FIELD_PROGRAMME))
        return json_check(request->document, &error);
    return !request_has(request, FIELD_POINTS_OF) ||
           programme_points_index(programme(), request->points_of) >= 0;
}

static void try_request(struct text input, struct arena *arena)
{
    struct request request;
    struct error error = {0};
    struct buffer first = {0}, second = {0};
    if (!request_parse(input, programme(), arena, &request, &error)) {
        REQUIRE(error.code != ERROR_NONE && error.message[0] != '\0');
        return;
    }
    if (operation_kind(request.op) == OPERATION_WRITES && is_encodable(&request)) {
        request_encode(&request, 77, 78, programme(), &first);
        REQUIRE(json_check(buffer_view(&first), &error));
        REQUIRE(request_parse(buffer_view(&first), programme(), arena, &request, &error));
        request_encode(&request, 77, 78, programme(), &second);
        REQUIRE(text_equal(buffer_view(&first), buffer_view(&second)));
        REQUIRE(request_difference(buffer_view(&first), buffer_view(&second)) == NULL);
    }
    buffer_free(&first);
    buffer_free(&second);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
    struct text input = {(const char *)bytes, length}, in, at;
    struct arena arena = {0};
    struct error error = {0};
    try_request(input, &arena);
    if (json_check(input, &error)) {
        int64_t when = 0;
        if (json_slice(input, "/in", &in))
            try_request(in, &arena);
        if (json_slice(input, "/at", &at))
            (void)decimal_parse(at, 0, &when);
    }
    arena_free(&arena);
    return 0;
}
