/* Which Ed25519 signatures we accept. Not a test of libsodium's arithmetic but of
 * its rule: implementations differ on odd encodings, and a library whose rule
 * has changed would split verifiers into two camps. */
#include <sodium.h>
#include <stdio.h>

#include "support.h"

static bool accepts(const unsigned char *key, size_t key_length, const void *message,
                    size_t message_length, const unsigned char *signature, size_t signature_length)
{
    return key_length == crypto_sign_PUBLICKEYBYTES && signature_length == crypto_sign_BYTES &&
           crypto_sign_verify_detached(signature, message, message_length, key) == 0;
}

static bool wycheproof_accepts(const cJSON *test, const char *key_hex)
{
    unsigned char key[64], signature[256], message[4096];
    size_t key_length = test_hex(key_hex, key, sizeof key);
    size_t signature_length = test_hex(json_text(test, "sig"), signature, sizeof signature);
    size_t message_length = test_hex(json_text(test, "msg"), message, sizeof message);
    return accepts(key, key_length, message, message_length, signature, signature_length);
}

static void test_wycheproof(void)
{
    cJSON *json = test_read_json(TEST_DATA "/vectors/ed25519/wycheproof-ed25519.json");
    const cJSON *group, *test;
    unsigned valid = 0, invalid = 0;
    CU_ASSERT_PTR_NOT_NULL_FATAL(json);
    cJSON_ArrayForEach(group, cJSON_GetObjectItemCaseSensitive(json, "testGroups"))
    {
        const cJSON *key = cJSON_GetObjectItemCaseSensitive(group, "publicKey");
        cJSON_ArrayForEach(test, cJSON_GetObjectItemCaseSensitive(group, "tests"))
        {
            bool expected = strcmp(json_text(test, "result"), "valid") == 0;
            bool accepted = wycheproof_accepts(test, json_text(key, "pk"));
            if (expected != accepted)
                printf("\n    %s: expected %s\n", json_text(test, "comment"),
                       json_text(test, "result"));
            CU_ASSERT_EQUAL(expected, accepted);
            valid += accepted;
            invalid += !accepted;
        }
    }
    test_expect_integer("valid", 88, valid);
    test_expect_integer("invalid", 63, invalid);
    cJSON_Delete(json);
}

static void test_cctv(void)
{
    cJSON *json = test_read_json(TEST_DATA "/vectors/ed25519/cctv-ed25519.json");
    const cJSON *test;
    unsigned accepted = 0, cases = 0;
    CU_ASSERT_PTR_NOT_NULL_FATAL(json);
    cJSON_ArrayForEach(test, json)
    {
        unsigned char key[64], signature[256];
        size_t key_length = test_hex(json_text(test, "key"), key, sizeof key);
        size_t signature_length = test_hex(json_text(test, "sig"), signature, sizeof signature);
        const char *message = json_text(test, "msg");
        accepted += accepts(key, key_length, message, strlen(message), signature, signature_length);
        cases++;
    }
    test_expect_integer("cases", 914, cases);
    test_expect_integer("accepted: has the library's rule changed?", 43, accepted);
    cJSON_Delete(json);
}

const struct test_case ed25519_cases[] = {
    {"Wycheproof", test_wycheproof},
    {"CCTV edge cases", test_cctv},
    {NULL, NULL},
};
