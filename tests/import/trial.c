#include "trial.h"

#include <stdio.h>
#include <string.h>

#include "suite.h"

struct feed {
    struct trial *trial;
    struct text left;
    int calls;
};

static int64_t read_piece(void *context, char *bytes, size_t capacity)
{
    struct feed *feed = context;
    size_t length = feed->left.length < capacity ? feed->left.length : capacity;
    if (feed->trial->piece > 0 && length > feed->trial->piece)
        length = feed->trial->piece;
    if (length > 0)
        memcpy(bytes, feed->left.bytes, length);
    feed->left.bytes += length;
    feed->left.length -= length;
    return (int64_t)length;
}

static int write_reject(void *context, const char *bytes, size_t length)
{
    struct feed *feed = context;
    buffer_add(&feed->trial->rejects, bytes, length);
    return 0;
}

static int progress(void *context, int64_t done, int64_t total)
{
    struct feed *feed = context;
    (void)done;
    (void)total;
    return ++feed->calls == feed->trial->stop_after;
}

void trial_run(struct trial *trial, struct ledger *ledger, struct text csv)
{
    struct feed feed = {trial, csv, 0};
    struct import_io io = {&feed, read_piece, write_reject, progress};
    struct buffer request = {0};
    buffer_format(&request, "{\"op\":\"import\",\"history\":true,\"mapping\":%s", trial->mapping);
    if (trial->unmatched != NULL)
        buffer_format(&request, ",\"unmatched\":\"%s\"", trial->unmatched);
    buffer_byte(&request, '}');
    buffer_clear(&trial->rejects);
    trial->error = (struct error){0};
    trial->done = import_run(ledger, buffer_view(&request), &io, &trial->summary, &trial->error);
    buffer_free(&request);
}

void trial_free(struct trial *trial)
{
    buffer_free(&trial->rejects);
}

void expect_equal(const char *what, const char *expected, const struct buffer *actual)
{
    test_expect_text(what, expected, strlen(expected), actual->bytes, actual->length);
}

void expect_import(const char *what, struct trial *trial, struct ledger *ledger, const char *csv,
                   const char *log, const char *rejects)
{
    trial_run(trial, ledger, text_of(csv));
    if (!trial->done)
        printf("\n    %s: %s: %s\n", what, error_name(trial->error.code), trial->error.message);
    CU_ASSERT_TRUE(trial->done);
    expect_equal(what, log, &ledger->log);
    expect_equal(what, rejects, &trial->rejects);
    buffer_clear(&ledger->log);
}
