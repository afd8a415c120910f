/* A ledger on trial. */
#define _XOPEN_SOURCE 700 /* nftw, mkdtemp */
#include "support.h"

#include <ftw.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

const char ONE_PER_POUND[] =
    "{'loyalty':1,'id':'shop','timezone':'Europe/London','currency':'GBP',"
    "'points':{'star':{}},'earn':[{'id':'base','per':'1.00','gives':{'star':1}}]}";

static void swap_quotes(char *text)
{
    for (; *text != '\0'; text++)
        if (*text == '\'')
            *text = '"';
}

/* Kept in one list, so that a leak checker finds them. */
static struct kept {
    struct kept *next;
    char text[];
} *all_kept;

char *quoted(const char *text)
{
    size_t length = strlen(text);
    struct kept *kept = malloc(sizeof *kept + length + 1);
    if (kept == NULL)
        abort();
    memcpy(kept->text, text, length + 1);
    kept->next = all_kept;
    all_kept = kept;
    swap_quotes(kept->text);
    return kept->text;
}

/* --- Life ---------------------------------------------------------------- */

static char *init_request(const char *programme)
{
    cJSON *request = cJSON_CreateObject();
    cJSON_AddStringToObject(request, "origin", "example.org/trial");
    cJSON_AddTrueToObject(request, "test");
    if (programme != NULL)
        cJSON_AddStringToObject(request, "programme", quoted(programme));
    char *text = cJSON_PrintUnformatted(request);
    cJSON_Delete(request);
    return text;
}

void trial_begin(struct trial *trial, const char *programme, const char *now)
{
    const char *base = getenv("TMPDIR");
    memset(trial, 0, sizeof *trial);
    snprintf(trial->folder, sizeof trial->folder, "%s/loyalty-test-XXXXXX",
             base == NULL ? "/tmp" : base);
    if (mkdtemp(trial->folder) == NULL)
        abort();
    snprintf(trial->path, sizeof trial->path, "%s/ledger.db", trial->folder);
    snprintf(trial->now, sizeof trial->now, "%s", now);
    trial->answers = cJSON_CreateArray();
    struct loyalty_options options = {.size = sizeof options};
    struct error error;
    if (!moment_parse(text_of(now), NULL, &options.test_now, &error))
        abort();
    char *answer = NULL, *request = init_request(programme);
    loyalty_status status = loyalty_init(trial->path, &options, request, &answer);
    if (status != LOYALTY_OK)
        printf("\n    init: %s\n", answer);
    CU_ASSERT_EQUAL_FATAL(status, LOYALTY_OK);
    loyalty_free(answer);
    free(request);
    trial_open(trial);
}

void trial_open(struct trial *trial)
{
    char *answer = NULL;
    loyalty_status status = loyalty_open(&trial->ledger, trial->path, NULL, &answer);
    if (status != LOYALTY_OK)
        printf("\n    open: %s\n", answer);
    CU_ASSERT_EQUAL_FATAL(status, LOYALTY_OK);
}

void trial_close(struct trial *trial)
{
    loyalty_close(trial->ledger);
    trial->ledger = NULL;
}

void trial_check(struct trial *trial)
{
    const cJSON *verified = run(trial, "ok", "{'op':'verify','all_signatures':true}");
    expect_text(verified, "integrity", "verified");
    run(trial, "ok", "{'op':'audit'}");
    const cJSON *rebuilt = run(trial, "ok", "{'op':'rebuild'}");
    CU_ASSERT_TRUE(cJSON_IsTrue(at_path(rebuilt, "equal")));
    run(trial, "ok", "{'op':'audit'}");
}

static int remove_one(const char *path, const struct stat *status, int type, struct FTW *place)
{
    (void)status, (void)type, (void)place;
    return remove(path);
}

void trial_remove(struct trial *trial)
{
    trial_close(trial);
    cJSON_Delete(trial->answers);
    nftw(trial->folder, remove_one, 8, FTW_DEPTH | FTW_PHYS);
}

void trial_end(struct trial *trial)
{
    trial_check(trial);
    trial_remove(trial);
}

/* --- Requests ------------------------------------------------------------ */

/* The request with the trial's clock in it, in memory of its own. */
static char *prepare(const struct trial *trial, const char *request)
{
    size_t length = strlen(request), most = length + sizeof trial->now + 16;
    char *text = malloc(most);
    if (text == NULL)
        abort();
    bool has_clock = strstr(request, "'now'") != NULL || strstr(request, "\"now\"") != NULL;
    if (has_clock || length == 0 || request[length - 1] != '}')
        snprintf(text, most, "%s", request);
    else
        snprintf(text, most, "%.*s,'now':'%s'}", (int)length - 1, request, trial->now);
    swap_quotes(text);
    return text;
}

static const cJSON *note(struct trial *trial, const char *code, const char *request, char *answer)
{
    cJSON *tree = cJSON_Parse(answer);
    const cJSON *found = at_path(tree, "error/code");
    const char *got = found == NULL ? "ok" : found->valuestring;
    if (tree == NULL || strcmp(got, code) != 0)
        printf("\n    %.300s\n    expected %s, got %.1500s\n", request, code, answer);
    CU_ASSERT_PTR_NOT_NULL_FATAL(tree);
    CU_ASSERT_STRING_EQUAL(got, code);
    cJSON_AddItemToArray(trial->answers, tree);
    loyalty_free(answer);
    return tree;
}

const cJSON *say(struct trial *trial, const char *code, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    int length = vsnprintf(NULL, 0, format, arguments);
    va_end(arguments);
    char *plain = malloc((size_t)length + 1), *answer = NULL;
    if (plain == NULL)
        abort();
    va_start(arguments, format);
    vsnprintf(plain, (size_t)length + 1, format, arguments);
    va_end(arguments);
    char *request = prepare(trial, plain);
    const char *const requests[] = {request};
    loyalty_status status = loyalty_execute(trial->ledger, requests, 1, &answer);
    CU_ASSERT_EQUAL(status == LOYALTY_OK, strstr(answer, "\"ok\":true") != NULL);
    const cJSON *tree = note(trial, code, request, answer);
    free(plain);
    free(request);
    return tree;
}

const cJSON *say_all(struct trial *trial, ...)
{
    enum { MOST = 64 };
    const char *codes[MOST], *requests[MOST];
    char *answers[MOST] = {0}, *texts[MOST];
    size_t count = 0;
    va_list arguments;
    va_start(arguments, trial);
    for (const char *code; (code = va_arg(arguments, const char *)) != NULL && count < MOST; count++) {
        codes[count] = code;
        requests[count] = texts[count] = prepare(trial, va_arg(arguments, const char *));
    }
    va_end(arguments);
    loyalty_status status = loyalty_execute(trial->ledger, requests, count, answers);
    (void)status;
    cJSON *list = cJSON_CreateArray();
    for (size_t i = 0; i < count; i++) {
        const cJSON *one = note(trial, codes[i], requests[i], answers[i]);
        cJSON_AddItemReferenceToArray(list, (cJSON *)(uintptr_t)one);
        free(texts[i]);
    }
    cJSON_AddItemToArray(trial->answers, list);
    return list;
}

const cJSON *run(struct trial *trial, const char *code, const char *request)
{
    char *answer = NULL;
    char *text = quoted(request);
    loyalty_status status = loyalty_run(trial->ledger, text, NULL, &answer);
    (void)status;
    return note(trial, code, text, answer);
}

/* --- Answers ------------------------------------------------------------- */

const cJSON *at_path(const cJSON *answer, const char *path)
{
    char part[64];
    while (answer != NULL && *path != '\0') {
        size_t length = strcspn(path, "/");
        snprintf(part, sizeof part, "%.*s", (int)length, path);
        answer = cJSON_IsArray(answer) ? cJSON_GetArrayItem(answer, atoi(part))
                                       : cJSON_GetObjectItemCaseSensitive(answer, part);
        path += length + (path[length] == '/');
    }
    return answer;
}

void expect_number(const cJSON *answer, const char *path, double expected)
{
    const cJSON *found = at_path(answer, path);
    double got = cJSON_IsNumber(found) ? found->valuedouble : -987654321;
    if (got < expected || got > expected)
        printf("\n    %s: expected %.15g, got %.15g\n", path, expected, got);
    CU_ASSERT_TRUE(got >= expected && got <= expected);
}

void expect_text(const cJSON *answer, const char *path, const char *expected)
{
    const cJSON *found = at_path(answer, path);
    const char *got = cJSON_IsString(found) ? found->valuestring : "(none)";
    test_expect_text(path, expected, strlen(expected), got, strlen(got));
}

void expect_count(const cJSON *answer, const char *path, int expected)
{
    test_expect_integer(path, expected, cJSON_GetArraySize(at_path(answer, path)));
}

int64_t log_size(struct trial *trial)
{
    const cJSON *size = at_path(say(trial, "ok", "{'op':'checkpoint'}"), "size");
    return size == NULL ? -1 : (int64_t)size->valuedouble;
}

void expect_available(struct trial *trial, const char *member, const char *points, double expected)
{
    char path[96];
    snprintf(path, sizeof path, "balances/%s/available", points);
    expect_number(say(trial, "ok", "{'op':'show','member':'%s'}", member), path, expected);
}
