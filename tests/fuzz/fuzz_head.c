/* Any bytes as a record's head. What is read, written again, is the same bytes. */
#include "head.h"

#include <stdlib.h>

#define REQUIRE(condition)                                                                         \
    do {                                                                                           \
        if (!(condition))                                                                          \
            abort();                                                                               \
    } while (0)

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length);

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
    struct text input = {(const char *)bytes, length};
    struct arena arena = {0};
    struct error error = {0};
    struct head head;
    struct returned_part part;
    struct tier_value tier;
    struct buffer again = {0};
    if (head_decode(input, &arena, &head, &error)) {
        head_encode(&head, &again);
        REQUIRE(text_equal(buffer_view(&again), input));
        (void)head_balances(&head, &error);
    } else {
        REQUIRE(error.code == ERROR_INVALID_RECORD);
    }
    buffer_clear(&again);
    if (returned_part_decode(input, &arena, &part)) {
        returned_part_encode(&part, &again);
        REQUIRE(text_equal(buffer_view(&again), input));
    }
    buffer_clear(&again);
    if (tier_value_decode(input, &arena, &tier)) {
        tier_value_encode(&tier, &again);
        REQUIRE(text_equal(buffer_view(&again), input));
    }
    buffer_free(&again);
    arena_free(&arena);
    return 0;
}
