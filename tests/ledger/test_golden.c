/* The golden ledger of each release: verified, executed again, and answering retries
 * with the outcomes that were given then. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "support.h"

static const char *const releases[] = {"v0.1"};

/* A copy, so that nothing of the committed file can change, opened without its key. */
static void open_copy(struct trial *t, const char *release)
{
    char path[512];
    size_t length = 0;
    trial_begin(t, NULL, "2026-03-06T00:00:00Z");
    trial_close(t);
    snprintf(path, sizeof path, TEST_DATA "/golden/%s/ledger.db", release);
    char *bytes = test_read_file(path, &length);
    CU_ASSERT_PTR_NOT_NULL_FATAL(bytes);
    FILE *copy = fopen(t->path, "wb");
    CU_ASSERT_PTR_NOT_NULL_FATAL(copy);
    CU_ASSERT_EQUAL(fwrite(bytes, 1, length, copy), length);
    fclose(copy);
    free(bytes);
    struct loyalty_options options = {.size = sizeof options, .read_only = 1};
    char *answer = NULL;
    CU_ASSERT_EQUAL_FATAL(loyalty_upgrade(t->path, NULL, &answer), LOYALTY_OK);
    loyalty_free(answer);
    CU_ASSERT_EQUAL_FATAL(loyalty_open(&t->ledger, t->path, &options, &answer), LOYALTY_OK);
}

static cJSON *read_json(const char *release, const char *name)
{
    char path[512];
    snprintf(path, sizeof path, TEST_DATA "/golden/%s/%s", release, name);
    char *bytes = test_read_file(path, NULL);
    CU_ASSERT_PTR_NOT_NULL_FATAL(bytes);
    cJSON *tree = cJSON_Parse(bytes);
    free(bytes);
    return tree;
}

static void every_release_is_executed_again(void)
{
    for (size_t i = 0; i < sizeof releases / sizeof *releases; i++) {
        struct trial t;
        open_copy(&t, releases[i]);
        cJSON *expected = read_json(releases[i], "checkpoint.json");
        const cJSON *verified = run(&t, "ok", "{'op':'verify','all_signatures':true}");
        expect_text(verified, "checkpoint/root", at_path(expected, "root")->valuestring);
        expect_number(verified, "records", at_path(expected, "size")->valuedouble);
        const cJSON *audited = run(&t, "ok", "{'op':'audit'}");
        expect_number(audited, "re_executed", at_path(expected, "size")->valuedouble);
        cJSON_Delete(expected);
        trial_remove(&t);
    }
}

/* Balances are of now; everything else is as it was told. */
static void lookups_tell_the_same_outcomes(void)
{
    static const char *const kept[] = {"seq", "op", "member", "earned", "returned", "assessed",
                                       "collected", "redeemed", "lots", "restored", "lapsed",
                                       "adjusted", "amount", "receipt", "at", "unmatched"};
    for (size_t i = 0; i < sizeof releases / sizeof *releases; i++) {
        struct trial t;
        char path[512];
        unsigned count = 0;
        open_copy(&t, releases[i]);
        snprintf(path, sizeof path, TEST_DATA "/golden/%s/answers.jsonl", releases[i]);
        char *lines = test_read_file(path, NULL), *rest = lines;
        CU_ASSERT_PTR_NOT_NULL_FATAL(lines);
        for (char *line; (line = rest) != NULL && *line != '\0';) {
            rest = strchr(line, '\n');
            if (rest != NULL)
                *rest++ = '\0';
            cJSON *told = cJSON_Parse(line);
            const cJSON *receipt = at_path(told, "receipt"), *op = at_path(told, "op");
            bool bought = cJSON_IsString(op) && strcmp(op->valuestring, "purchase") == 0;
            if (bought && !cJSON_IsTrue(at_path(told, "duplicate"))) {
                const cJSON *found = say(&t, "ok", "{'op':'lookup','ref':'%s'}", receipt->valuestring);
                for (size_t k = 0; k < sizeof kept / sizeof *kept; k++) {
                    const cJSON *a = at_path(told, kept[k]), *b = at_path(found, kept[k]);
                    CU_ASSERT_TRUE((a == NULL && b == NULL) || cJSON_Compare(a, b, true));
                }
                count++;
            }
            cJSON_Delete(told);
        }
        test_expect_integer("purchases", 14, count);
        free(lines);
        trial_remove(&t);
    }
}

const struct test_case golden_cases[] = {
    {"every release is executed again", every_release_is_executed_again},
    {"lookups tell the same outcomes", lookups_tell_the_same_outcomes},
    {NULL, NULL},
};
