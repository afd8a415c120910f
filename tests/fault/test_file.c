/* The database file itself with a byte changed, anywhere: whatever comes of it is
 * an error, or the same content as before. Never a crash, never "verified" over
 * other records. And files that are no ledger, or only the beginning of one. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "small_ledger.h"
#include "suite.h"

enum { OFFSETS = 2000 };

static void write_file(const char *path, const char *bytes, size_t length)
{
    FILE *file = fopen(path, "wb");
    if (file == NULL || fwrite(bytes, 1, length, file) != length || fclose(file) != 0)
        abort();
}

/* An error that says something, with one of the exit codes that fit. */
static void expect_refused(loyalty_status status, const char *answer, size_t at)
{
    bool good = (status == LOYALTY_FAULT || status == LOYALTY_NOT_VERIFIED ||
                 status == LOYALTY_INVALID || status == LOYALTY_NOT_FOUND) &&
                answer_has(answer, "\"message\":\"");
    if (!good)
        printf("\n    byte %zu: %d %s\n", at, status, answer);
    CU_ASSERT_TRUE(good);
}

/* The writing side, audit and rebuild on the broken file: only not to crash. */
static void poke(const char *path)
{
    static const char purchase[] =
        "{\"op\":\"purchase\",\"member\":\"card:9\",\"receipt\":\"P\",\"amount\":\"5.00\","
        "\"now\":\"2027-01-01T00:00:00Z\"}";
    char *answer = NULL;
    loyalty *ledger = NULL;
    char key[600];
    snprintf(key, sizeof key, "%s.key", small_ledger());
    const struct loyalty_options options = {.size = sizeof options, .key_path = key};
    const char *request = purchase;
    if (loyalty_open(&ledger, path, &options, &answer) == LOYALTY_OK) {
        (void)!loyalty_execute(ledger, &request, 1, &answer);
        loyalty_free(answer);
        (void)!run_on(ledger, "{\"op\":\"audit\"}", &answer);
        loyalty_free(answer);
        (void)!run_on(ledger, "{\"op\":\"rebuild\"}", &answer);
    }
    loyalty_free(answer);
    loyalty_close(ledger);
}

static void every_byte_of_the_file(void)
{
    const char *path = folder_path("flipped.db");
    size_t length = 0;
    char *bytes = test_read_file(small_ledger(), &length), *before = export_of(small_ledger());
    uint32_t seed = 4711;
    unsigned verified = 0, poked = 0;
    CU_ASSERT_PTR_NOT_NULL_FATAL(before);
    for (unsigned i = 0; i < OFFSETS; i++) {
        /* The header and the schema page first, then anywhere. */
        size_t at = i < 200 ? i : chance(&seed) % length;
        char was = bytes[at], *answer = NULL;
        bytes[at] = (char)(was ^ (char)(1 + chance(&seed) % 255));
        remove_database(path);
        write_file(path, bytes, length);
        loyalty_status status = verify_file(path, ",\"all_signatures\":true", &answer);
        if (status == LOYALTY_OK) {
            char *now = export_of(path);
            bool same = now == NULL || strcmp(before, now) == 0; /* or an error */
            if (!same)
                printf("\n    byte %zu: verified, but an export differs\n", at);
            CU_ASSERT_TRUE(same);
            free(now);
            verified++;
        } else {
            expect_refused(status, answer, at);
        }
        loyalty_free(answer);
        if (i % 10 == 0) {
            poke(path);
            poked++;
        }
        bytes[at] = was;
    }
    printf(" (%u unchanged in content, %u written to) ", verified, poked);
    remove_database(path);
    free(before);
    free(bytes);
}

static void cut_short(void)
{
    static const long long cuts[] = {1,    15,   16,   99,    100, 511,  512,   4095,
                                     4096, 4097, 8192, 12288, -1,  -512, -4096, -8192};
    const char *path = folder_path("short.db");
    size_t length = 0;
    char *bytes = test_read_file(small_ledger(), &length);
    for (size_t i = 0; i < sizeof cuts / sizeof *cuts; i++) {
        size_t left = cuts[i] > 0 ? (size_t)cuts[i] : length - (size_t)-cuts[i];
        char *answer = NULL;
        remove_database(path);
        write_file(path, bytes, left);
        loyalty_status status = verify_file(path, ",\"all_signatures\":true", &answer);
        expect_refused(status, answer, left);
        loyalty_free(answer);
        poke(path);
    }
    remove_database(path);
    free(bytes);
}

static const struct test_case files[] = {
    {"every byte of the file", every_byte_of_the_file},
    {"cut short", cut_short},
    {NULL, NULL},
};
const struct test_suite test_suites[] = {{"file", files}, {NULL, NULL}};
