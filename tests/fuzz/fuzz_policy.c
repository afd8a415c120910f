/* Any bytes as a policy. What is refused names a line or what is missing; what is read
 * can be met: by all witnesses together, and where a quorum is asked for never by none. */
#include <sodium.h>
#include <stdlib.h>

#include "policy.h"

#define REQUIRE(condition)                                                                         \
    do {                                                                                           \
        if (!(condition))                                                                          \
            abort();                                                                               \
    } while (0)

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length);

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
    struct arena arena = {0};
    struct policy policy;
    struct error error = {0};
    bool nobody[POLICY_WITNESSES_MAX] = {false}, everybody[POLICY_WITNESSES_MAX];
    memset(everybody, 1, sizeof everybody);
    REQUIRE(sodium_init() >= 0);
    if (policy_parse((struct text){(const char *)bytes, length}, &arena, &policy, &error)) {
        REQUIRE(policy_is_met(&policy, everybody));
        REQUIRE(policy_is_met(&policy, nobody) == (policy.quorum < 0));
    } else {
        REQUIRE(error.code == ERROR_INVALID_POLICY && error.message[0] != '\0');
    }
    arena_free(&arena);
    return 0;
}
