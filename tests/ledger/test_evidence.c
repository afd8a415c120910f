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

/* --- Bundles ----------------------------------------------------------------------------- */

struct kept {
    char folder[320];
    const char *key, *anchor;
};

static const cJSON *make_bundle(struct trial *t, struct kept *kept, const char *name,
                                const char *since)
{
    cJSON *request = cJSON_CreateObject();
    snprintf(kept->folder, sizeof kept->folder, "%s/%s", t->folder, name);
    cJSON_AddStringToObject(request, "op", "export");
    cJSON_AddStringToObject(request, "audit", kept->folder);
    if (since != NULL)
        cJSON_AddStringToObject(request, "since", since);
    char *text = cJSON_PrintUnformatted(request), *answer = NULL;
    loyalty_status status = loyalty_run(t->ledger, text, NULL, &answer);
    if (status != LOYALTY_OK)
        printf("\n    %s\n", answer);
    CU_ASSERT_EQUAL_FATAL(status, LOYALTY_OK);
    cJSON *tree = cJSON_Parse(answer);
    cJSON_AddItemToArray(t->answers, tree);
    cJSON_Delete(request);
    cJSON_free(text);
    loyalty_free(answer);
    return tree;
}

static cJSON *bundle_request(const struct kept *kept)
{
    cJSON *request = cJSON_CreateObject();
    cJSON_AddStringToObject(request, "op", "verify");
    cJSON_AddStringToObject(request, "bundle", kept->folder);
    cJSON_AddStringToObject(request, "key", kept->key);
    cJSON_AddTrueToObject(request, "all_signatures");
    if (kept->anchor != NULL)
        cJSON_AddStringToObject(request, "anchor", kept->anchor);
    return request;
}

static loyalty_status judge_bundle(const struct kept *kept)
{
    cJSON *request = bundle_request(kept);
    char *text = cJSON_PrintUnformatted(request), *answer = NULL;
    loyalty_status status = loyalty_evidence(text, NULL, &answer);
    loyalty_free(answer);
    cJSON_free(text);
    cJSON_Delete(request);
    return status;
}

static void put_file(const char *path, const char *bytes, size_t length)
{
    FILE *file = fopen(path, "wb");
    CU_ASSERT_PTR_NOT_NULL_FATAL(file);
    CU_ASSERT_EQUAL_FATAL(fwrite(bytes, 1, length, file), length);
    fclose(file);
}

static void is_checked_from_any_checkpoint(void)
{
    struct trial t;
    struct kept kept = {.anchor = NULL};
    trial_begin(&t, ONE_PER_POUND, NOON);
    const char *notes[5];
    int64_t sizes[5];
    for (int i = 0; i < 5; i++) {
        const cJSON *checkpoint = say(&t, "ok", "{'op':'checkpoint'}");
        notes[i] = text_at(checkpoint, "note");
        kept.key = text_at(checkpoint, "key");
        sizes[i] = log_size(&t);
        buy(&t, i == 1 ? 512 - (int)sizes[i] : 90);
    }
    int64_t size = log_size(&t);
    for (int i = -1; i < 5; i++) {
        char name[32];
        snprintf(name, sizeof name, "bundle%d", i);
        const cJSON *made = make_bundle(&t, &kept, name, i < 0 ? NULL : notes[i]);
        expect_number(made, "records", (double)(size - (i < 0 ? 0 : sizes[i])));
        for (int anchor = 0; anchor < 5; anchor++) {
            kept.anchor = notes[anchor];
            const cJSON *judged =
                judge(&t, anchor < i ? "invalid_field" : "ok", bundle_request(&kept));
            if (anchor >= i)
                expect_text(judged, "completeness", "anchored");
        }
        kept.anchor = NULL;
        expect_text(judge(&t, "ok", bundle_request(&kept)), "completeness", "unanchored");
    }
    trial_end(&t);
}

/* The manifest as if the altered file were the right one: only what is signed can
 * then tell. */
static void mend_manifest(const struct kept *kept, char *manifest, const char *name,
                          const char *bytes, size_t length)
{
    char path[400], line[80], hex[65];
    unsigned char hash[32];
    snprintf(line, sizeof line, "  %s\n", name);
    char *place = strstr(manifest, line);
    CU_ASSERT_PTR_NOT_NULL_FATAL(place);
    digest((struct text){bytes, length}, (struct text){0}, hash);
    for (int i = 0; i < 32; i++)
        snprintf(hex + 2 * i, 3, "%02x", hash[i]);
    memcpy(place - 64, hex, 64);
    snprintf(path, sizeof path, "%s/manifest", kept->folder);
    put_file(path, manifest, strlen(manifest));
}

/* Every `step`-th byte of a file another: first with the manifest as it was, then with
 * one that fits. */
static void alter(const struct kept *kept, const char *name, size_t step)
{
    char path[400], other[400];
    size_t length = 0, manifest_length = 0;
    snprintf(path, sizeof path, "%s/%s", kept->folder, name);
    snprintf(other, sizeof other, "%s/manifest", kept->folder);
    char *bytes = test_read_file(path, &length), *whole = test_read_file(other, &manifest_length);
    CU_ASSERT_PTR_NOT_NULL_FATAL(bytes);
    for (size_t i = 0; i < length; i += step) {
        char right = bytes[i], *manifest = strdup(whole);
        bytes[i] = (char)(right == '1' ? '2' : right == '\n' ? ' ' : '1');
        put_file(path, bytes, length);
        loyalty_status plain = judge_bundle(kept);
        if (strcmp(name, "manifest") != 0)
            mend_manifest(kept, manifest, name, bytes, length);
        loyalty_status mended = judge_bundle(kept);
        if ((plain != LOYALTY_NOT_VERIFIED && plain != LOYALTY_INVALID) ||
            (mended != LOYALTY_NOT_VERIFIED && mended != LOYALTY_INVALID))
            printf("\n    byte %zu of %s may be another\n", i, name);
        CU_ASSERT_TRUE(plain == LOYALTY_NOT_VERIFIED || plain == LOYALTY_INVALID);
        CU_ASSERT_TRUE(mended == LOYALTY_NOT_VERIFIED || mended == LOYALTY_INVALID);
        bytes[i] = right;
        put_file(path, bytes, length);
        put_file(other, whole, manifest_length);
        free(manifest);
    }
    CU_ASSERT_EQUAL(judge_bundle(kept), LOYALTY_OK);
    free(bytes);
    free(whole);
}

static void no_byte_of_a_bundle_is_free(void)
{
    static const struct {
        const char *name;
        size_t step;
    } files[] = {{"heads", 1},      {"bodies", 11}, {"checkpoints", 1},
                 {"checkpoint", 1}, {"keys", 1},    {"programmes", 29},
                 {"from", 1},       {"edge", 1},    {"manifest", 1}};
    struct trial t;
    struct kept kept = {.anchor = NULL};
    trial_begin(&t, ONE_PER_POUND, NOON);
    const cJSON *start = say(&t, "ok", "{'op':'checkpoint'}");
    kept.key = text_at(start, "key");
    buy(&t, 1);
    buy(&t, 1);
    make_bundle(&t, &kept, "since", text_at(start, "note"));
    for (size_t i = 0; i < sizeof files / sizeof *files; i++)
        alter(&kept, files[i].name, files[i].step);
    make_bundle(&t, &kept, "whole", NULL);
    alter(&kept, "bodies", 23);
    alter(&kept, "heads", 3);
    trial_end(&t);
}

const struct test_case evidence_cases[] = {
    {"proves_each_record", proves_each_record},
    {"reads_on_from_each_checkpoint", reads_on_from_each_checkpoint},
    {"no_byte_is_free", no_byte_is_free},
    {"is_checked_from_any_checkpoint", is_checked_from_any_checkpoint},
    {"no_byte_of_a_bundle_is_free", no_byte_of_a_bundle_is_free},
    {NULL, NULL},
};
