/* A stand-in for the library, so that the command alone can be tested: what
 * request it makes, and how it tells an answer.
 *
 *   FAKE_ANSWER  file whose text is the answer to everything (default {"ok":true})
 *   FAKE_STATUS  the status that goes with it
 *   FAKE_SHOW    set: each request is written to standard error
 *   FAKE_REJECT  set: import rejects this text
 */
#include "loyalty.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct loyalty {
    int unused;
};
static struct loyalty the_ledger;

static char *answer_text(void)
{
    const char *path = getenv("FAKE_ANSWER");
    char *text = calloc(1, 65536);
    if (text == NULL)
        abort();
    strcpy(text, "{\"ok\":true}");
    FILE *file = path != NULL ? fopen(path, "rb") : NULL;
    if (file != NULL) {
        text[fread(text, 1, 65535, file)] = '\0';
        text[strcspn(text, "\n")] = '\0';
        fclose(file);
    }
    return text;
}

static loyalty_status answer_status(void)
{
    const char *status = getenv("FAKE_STATUS");
    return status != NULL ? (loyalty_status)atoi(status) : LOYALTY_OK;
}

static void show(const char *request)
{
    if (getenv("FAKE_SHOW") != NULL)
        fprintf(stderr, "%s\n", request);
}

const char *loyalty_version(void)
{
    return LOYALTY_VERSION;
}

void loyalty_use_language(const char *tag)
{
    (void)tag;
}

loyalty_status loyalty_init(const char *path, const struct loyalty_options *options,
                            const char *request, char **answer)
{
    (void)path;
    (void)options;
    show(request);
    *answer = answer_text();
    return answer_status();
}

loyalty_status loyalty_open(loyalty **ledger, const char *path,
                            const struct loyalty_options *options, char **answer)
{
    if (getenv("FAKE_SHOW") != NULL)
        fprintf(stderr, "open %s key=%s busy=%d read_only=%d now=%lld\n", path,
                options->key_path != NULL ? options->key_path : "-", options->busy_milliseconds,
                options->read_only, (long long)options->test_now);
    *ledger = &the_ledger;
    *answer = NULL;
    return LOYALTY_OK;
}

void loyalty_close(loyalty *ledger)
{
    (void)ledger;
}

loyalty_status loyalty_execute(loyalty *ledger, const char *const requests[], size_t count,
                               char *answers[])
{
    (void)ledger;
    if (getenv("FAKE_SHOW") != NULL)
        fprintf(stderr, "execute %zu\n", count);
    for (size_t i = 0; i < count; i++) {
        show(requests[i]);
        answers[i] = answer_text();
    }
    return answer_status();
}

loyalty_status loyalty_evidence(const char *request, const struct loyalty_io *io, char **answer)
{
    (void)io;
    show(request);
    *answer = answer_text();
    return answer_status();
}

loyalty_status loyalty_run(loyalty *ledger, const char *request, const struct loyalty_io *io,
                           char **answer)
{
    (void)ledger;
    show(request);
    int64_t bytes = 0, got = 0;
    char buffer[4096];
    while (io->read != NULL && (got = io->read(io->context, buffer, sizeof buffer)) > 0)
        bytes += got;
    if (io->read != NULL && getenv("FAKE_SHOW") != NULL)
        fprintf(stderr, "read %lld bytes\n", (long long)bytes);
    const char *reject = getenv("FAKE_REJECT");
    int failed = got < 0;
    if (io->write_reject != NULL && reject != NULL)
        failed |= io->write_reject(io->context, reject, strlen(reject));
    if (io->write != NULL)
        failed |= io->write(io->context, "exported\n", 9);
    if (io->progress != NULL)
        failed |= io->progress(io->context, bytes, 0);
    *answer = answer_text();
    return failed ? LOYALTY_FAULT : answer_status();
}

loyalty_status loyalty_spool_add(const char *path, const struct loyalty_options *options,
                                 const char *const requests[], size_t count, char *answers[])
{
    if (getenv("FAKE_SHOW") != NULL)
        fprintf(stderr, "spool add %s now=%lld\n", path, (long long)options->test_now);
    for (size_t i = 0; i < count; i++) {
        show(requests[i]);
        answers[i] = answer_text();
    }
    return answer_status();
}

loyalty_status loyalty_spool_replay(loyalty *ledger, const char *path, const struct loyalty_io *io,
                                    char **answer)
{
    static const char line[] = "{\"entry\":1,\"answer\":{}}\n";
    (void)ledger;
    if (getenv("FAKE_SHOW") != NULL)
        fprintf(stderr, "spool replay %s\n", path);
    int failed = io->write(io->context, line, sizeof line - 1);
    failed |= io->progress(io->context, 1, 2);
    *answer = answer_text();
    return failed ? LOYALTY_FAULT : answer_status();
}

loyalty_status loyalty_spool_show(const char *path, const struct loyalty_options *options,
                                  char **answer)
{
    if (getenv("FAKE_SHOW") != NULL)
        fprintf(stderr, "spool show %s busy=%d\n", path, options->busy_milliseconds);
    *answer = answer_text();
    return answer_status();
}

loyalty_status loyalty_check_programme(const char *document, size_t length, char **answer)
{
    (void)document;
    if (getenv("FAKE_SHOW") != NULL)
        fprintf(stderr, "document of %zu bytes\n", length);
    *answer = answer_text();
    return answer_status();
}

loyalty_status loyalty_restore(const char *path, const struct loyalty_options *options,
                               const char *request, const struct loyalty_io *io, char **answer)
{
    if (getenv("FAKE_SHOW") != NULL)
        fprintf(stderr, "restore %s key=%s\n", path,
                options->key_path != NULL ? options->key_path : "-");
    show(request);
    int failed = io->progress(io->context, 1, 2);
    *answer = answer_text();
    return failed ? LOYALTY_FAULT : answer_status();
}

loyalty_status loyalty_upgrade(const char *path, const char *backup_path, char **answer)
{
    if (getenv("FAKE_SHOW") != NULL)
        fprintf(stderr, "upgrade %s backup=%s\n", path, backup_path != NULL ? backup_path : "-");
    *answer = answer_text();
    return answer_status();
}

void loyalty_free(char *answer)
{
    free(answer);
}
