/* Proofs that are taken away: every record of a log of several tiles has one, and
 * not one byte of it can be another. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "support.h"

#define NOON "2026-03-02T12:00:00Z"

/* Without a ledger. The answer is the trial's. */
static const cJSON *judge(struct trial *t, const char *code, cJSON *request)
{
    char *text = cJSON_PrintUnformatted(request), *answer = NULL;
    loyalty_status status = loyalty_evidence(text, NULL, &answer);
    cJSON *tree = cJSON_Parse(answer);
    const cJSON *found = at_path(tree, "error/code");
    const char *got = found == NULL ? "ok" : found->valuestring;
    CU_ASSERT_EQUAL(status == LOYALTY_OK, found == NULL);
    if (strcmp(got, code) != 0)
        printf("\n    %.200s\n    expected %s, got %.600s\n", text, code, answer);
    CU_ASSERT_STRING_EQUAL(got, code);
    cJSON_AddItemToArray(t->answers, tree);
    cJSON_free(text);
    loyalty_free(answer);
    cJSON_Delete(request);
    return tree;
}

static cJSON *proof_request(const char *proof, const char *key)
{
    cJSON *request = cJSON_CreateObject();
    cJSON_AddStringToObject(request, "op", "verify.proof");
    cJSON_AddStringToObject(request, "proof", proof);
    cJSON_AddStringToObject(request, "key", key);
    return request;
}

static const char *text_at(const cJSON *answer, const char *path)
{
    const cJSON *item = at_path(answer, path);
    CU_ASSERT_TRUE_FATAL(cJSON_IsString(item));
    return item->valuestring;
}

/* `count` purchases, many in a commit. */
static void buy(struct trial *t, int count)
{
    static int receipt;
    enum { AT_ONCE = 100 };
    for (int done = 0; done < count; done += AT_ONCE) {
        char texts[AT_ONCE][160], *answers[AT_ONCE];
        const char *requests[AT_ONCE];
        int now = count - done < AT_ONCE ? count - done : AT_ONCE;
        for (int i = 0; i < now; i++) {
            snprintf(texts[i], sizeof texts[i],
                     "{\"op\":\"purchase\",\"member\":\"card:1\",\"receipt\":\"%d\","
                     "\"amount\":\"1\",\"enrol\":true,\"now\":\"" NOON "\"}",
                     receipt++);
            requests[i] = texts[i];
        }
        CU_ASSERT_EQUAL_FATAL(loyalty_execute(t->ledger, requests, (size_t)now, answers),
                              LOYALTY_OK);
        for (int i = 0; i < now; i++)
            loyalty_free(answers[i]);
    }
}

static void proves_each_record(void)
{
    struct trial t;
    trial_begin(&t, ONE_PER_POUND, NOON);
    buy(&t, 600);
    int64_t size = log_size(&t);
    CU_ASSERT_TRUE(size > 2 * 256);
    for (int64_t seq = 0; seq<size; seq += seq % 256> 250 || seq < 3 ? 1 : 41) {
        char request[64];
        snprintf(request, sizeof request, "{\"op\":\"prove\",\"seq\":%lld}", (long long)seq);
        const cJSON *made = run(&t, "ok", request);
        const cJSON *judged =
            judge(&t, "ok", proof_request(text_at(made, "proof"), text_at(made, "key")));
        expect_number(judged, "seq", (double)seq);
        expect_number(judged, "checkpoint/size", (double)size);
    }
    trial_end(&t);
}

/* From any commit on, across tiles, what was added is what came after. */
static void reads_on_from_each_checkpoint(void)
{
    struct trial t;
    trial_begin(&t, ONE_PER_POUND, NOON);
    enum { STEPS = 7 };
    const char *notes[STEPS];
    int64_t sizes[STEPS];
    for (int i = 0; i < STEPS; i++) {
        sizes[i] = log_size(&t);
        notes[i] = text_at(say(&t, "ok", "{'op':'checkpoint'}"), "note");
        buy(&t, i == 2 ? 256 - (int)sizes[i] % 256 : 97);
    }
    int64_t size = log_size(&t);
    for (int i = 0; i < STEPS; i++) {
        cJSON *request = cJSON_CreateObject();
        cJSON_AddStringToObject(request, "op", "verify");
        cJSON_AddStringToObject(request, "since", notes[i]);
        char *text = cJSON_PrintUnformatted(request), *answer = NULL;
        CU_ASSERT_EQUAL(loyalty_run(t.ledger, text, NULL, &answer), LOYALTY_OK);
        cJSON *tree = cJSON_Parse(answer);
        expect_number(tree, "anchor", (double)sizes[i]);
        expect_number(tree, "added/records", (double)(size - sizes[i]));
        expect_number(tree, "records", (double)size);
        cJSON_Delete(tree);
        cJSON_Delete(request);
        cJSON_free(text);
        loyalty_free(answer);
    }
    trial_end(&t);
}

/* A bit of the file is never free: each byte is signed, hashed, or of one spelling. */
static void no_byte_is_free(void)
{
    struct trial t;
    trial_begin(&t, ONE_PER_POUND, NOON);
    buy(&t, 5);
    const cJSON *made = run(&t, "ok", "{'op':'prove','seq':4}");
    const char *key = text_at(made, "key");
    char *proof = strdup(text_at(made, "proof"));
    for (size_t i = 0; proof[i] != '\0'; i++) {
        char *answer = NULL;
        char right = proof[i];
        proof[i] = (char)(right == 'A' ? 'B' : right == '\n' ? ' ' : 'A');
        cJSON *request = proof_request(proof, key);
        char *text = cJSON_PrintUnformatted(request);
        loyalty_status status = loyalty_evidence(text, NULL, &answer);
        if (status != LOYALTY_INVALID && status != LOYALTY_NOT_VERIFIED)
            printf("\n    byte %zu may be another: %s\n", i, answer);
        CU_ASSERT_TRUE(status == LOYALTY_INVALID || status == LOYALTY_NOT_VERIFIED);
        proof[i] = right;
        loyalty_free(answer);
        cJSON_free(text);
        cJSON_Delete(request);
    }
    judge(&t, "ok", proof_request(proof, key));
    free(proof);
    trial_end(&t);
}

const struct test_case evidence_cases[] = {
    {"proves_each_record", proves_each_record},
    {"reads_on_from_each_checkpoint", reads_on_from_each_checkpoint},
    {"no_byte_is_free", no_byte_is_free},
    {NULL, NULL},
};
