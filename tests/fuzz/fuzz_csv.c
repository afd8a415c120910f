/* Any bytes as a CSV, and as a mapping. The first byte says in which encoding
 * and by which rules; the rest is the file, given whole and again in pieces: the
 * same must come of it. What is rejected must be readable again: imported once
 * more against a ledger that refuses all, it is rejected whole. */
#include <stdlib.h>

#include "import.h"

#define REQUIRE(condition)                                                                         \
    do {                                                                                           \
        if (!(condition))                                                                          \
            abort();                                                                               \
    } while (0)

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length);

/* --- a ledger that keeps a checksum ------------------------------------------------ */

struct ledger {
    const struct programme *programme;
    int64_t size;
    uint64_t sum;
    bool refuses;
};

static void mix(struct ledger *ledger, const void *bytes, size_t length)
{
    for (size_t i = 0; i < length; i++)
        ledger->sum = (ledger->sum ^ ((const unsigned char *)bytes)[i]) * UINT64_C(1099511628211);
}

static void mix_text(struct ledger *ledger, struct text text)
{
    mix(ledger, &text.length, sizeof text.length);
    mix(ledger, text.bytes, text.length);
}

bool ledger_programme(struct ledger *ledger, const struct request *request,
                      const struct programme **programme,
                      struct error *error)
{
    (void)request;
    (void)error;
    *programme = ledger->programme;
    return true;
}

int64_t ledger_size(const struct ledger *ledger)
{
    return ledger->size;
}

bool ledger_close_history(struct ledger *ledger, struct error *error)
{
    (void)ledger;
    (void)error;
    return true;
}

static void mix_request(struct ledger *ledger, const struct request *request)
{
    int64_t sum = 0;
    mix_text(ledger, request->member);
    mix_text(ledger, request->receipt);
    mix_text(ledger, request->ref);
    mix(ledger, &request->at, sizeof request->at);
    for (size_t i = 0; i < request->lines_count; i++) {
        const struct request_line *line = &request->lines[i];
        mix_text(ledger, line->sku);
        mix(ledger, &line->quantity, sizeof line->quantity);
        mix(ledger, &line->amount, sizeof line->amount);
        REQUIRE(line->amount >= 0 && line->quantity >= 0 && units_add(sum, line->amount, &sum));
    }
    if (request->op == OPERATION_PURCHASE && request->lines_count > 0)
        REQUIRE(sum == request->amount);
}

/* Of a return, only the first line finds a purchase, and of it only half. */
bool ledger_execute(struct ledger *ledger, enum ledger_mode mode, const struct request requests[],
                    size_t count, struct outcome outcomes[], struct error *error)
{
    static uint32_t line;
    static int64_t quantity;
    static const struct error known = {.code = ERROR_KEY_REUSED, .message = "known"};
    (void)mode;
    (void)error;
    for (size_t i = 0; i < count; i++) {
        mix_request(ledger, &requests[i]);
        outcomes[i] = (struct outcome){.done = !ledger->refuses, .error = &known};
        ledger->size += !ledger->refuses;
        if (requests[i].op != OPERATION_RETURN)
            continue;
        quantity = (requests[i].lines[0].quantity + 1) / 2;
        outcomes[i].unmatched = &line;
        outcomes[i].unmatched_quantity = &quantity;
        outcomes[i].unmatched_count = 1;
    }
    return true;
}

/* --- an import --------------------------------------------------------------------- */

struct feed {
    struct text left;
    size_t piece;
    struct buffer rejects;
};

static int64_t read_piece(void *context, char *bytes, size_t capacity)
{
    struct feed *feed = context;
    size_t length = feed->left.length < feed->piece ? feed->left.length : feed->piece;
    length = length < capacity ? length : capacity;
    if (length > 0)
        memcpy(bytes, feed->left.bytes, length);
    feed->left = (struct text){feed->left.bytes + length, feed->left.length - length};
    return (int64_t)length;
}

static int write_reject(void *context, const char *bytes, size_t length)
{
    struct feed *feed = context;
    buffer_add(&feed->rejects, bytes, length);
    return 0;
}

static bool run(struct ledger *ledger, struct text request, struct feed *feed,
                struct import_summary *summary)
{
    struct import_io io = {feed, read_piece, write_reject, NULL};
    struct error error = {0};
    ledger->sum = 0;
    bool done = import_run(ledger, request, &io, summary, &error);
    REQUIRE(done == (error.code == ERROR_NONE));
    return done;
}

static const char *const requests[] = {
    "{\"mapping\":{\"encoding\":\"utf-8\",\"columns\":{\"receipt\":\"r\",\"member\":\"m\","
    "\"time\":\"t\",\"sku\":\"s\",\"quantity\":\"q\",\"price\":\"p\"},"
    "\"returns\":{\"receipt_prefix\":\"C\"}}}",
    "{\"mapping\":{\"encoding\":\"gb18030\",\"header\":false,\"columns\":{\"receipt\":1,\"member\":"
    "2,"
    "\"time\":3,\"sku\":4,\"amount\":5,\"part\":6},\"returns\":{\"negative_quantity\":true}}}",
    "{\"mapping\":{\"encoding\":\"windows-1252\",\"delimiter\":\";\",\"decimal\":\",\","
    "\"member_kind\":\"phone\",\"time_format\":\"%d.%m.%Y\",\"columns\":{\"receipt\":\"r\","
    "\"member\":\"m\",\"time\":\"t\",\"sku\":\"s\",\"amount\":\"a\",\"quantity\":\"q\"},"
    "\"returns\":{\"column\":\"k\",\"value\":\"x\"}}}"};

/* Rows that were rejected are rows: none more, none fewer. */
static void try_rejects(struct ledger *ledger, struct text request, const struct feed *feed,
                        const struct import_summary *before)
{
    struct feed again = {buffer_view(&feed->rejects), 4096, {0}};
    struct import_summary summary;
    if (before->rejected_lines == 0)
        return;
    ledger->refuses = true;
    if (run(ledger, request, &again, &summary))
        REQUIRE(summary.lines == before->rejected_lines);
    ledger->refuses = false;
    buffer_free(&again.rejects);
}

static void try_csv(struct ledger *ledger, struct text request, struct text csv)
{
    struct feed whole = {csv, SIZE_MAX, {0}}, pieces = {csv, 3, {0}};
    struct import_summary first, second;
    bool done = run(ledger, request, &whole, &first);
    uint64_t sum = ledger->sum;
    REQUIRE(run(ledger, request, &pieces, &second) == done);
    REQUIRE(ledger->sum == sum);
    REQUIRE(text_equal(buffer_view(&whole.rejects), buffer_view(&pieces.rejects)));
    if (done) {
        REQUIRE(first.lines == second.lines && first.rejected_lines == second.rejected_lines);
        try_rejects(ledger, request, &whole, &first);
    }
    buffer_free(&whole.rejects);
    buffer_free(&pieces.rejects);
}

static void try_mapping(struct ledger *ledger, struct text mapping)
{
    struct buffer request = {0};
    struct import_summary summary;
    struct feed feed = {text_of("r,m,t,s,q,p\n1,2,2011-01-01,A,1,1\n"), 7, {0}};
    buffer_string(&request, "{\"mapping\":");
    buffer_text(&request, mapping);
    buffer_byte(&request, '}');
    run(ledger, buffer_view(&request), &feed, &summary);
    buffer_free(&request);
    buffer_free(&feed.rejects);
}

static const struct programme *read_programme(void)
{
    static struct arena arena;
    struct programme_faults faults;
    struct error error;
    return programme_read(
        &arena,
        text_of("{\"loyalty\":1,\"id\":\"shop\",\"timezone\":\"UTC\",\"currency\":"
                "\"GBP\",\"points\":{\"point\":{}},\"earn\":[{\"id\":\"base\","
                "\"per\":\"1.00\",\"gives\":{\"point\":1}}]}"),
        text_of(""), &faults, &error);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
    enum { REQUESTS = sizeof requests / sizeof requests[0] };
    static struct ledger ledger;
    if (ledger.programme == NULL)
        REQUIRE((ledger.programme = read_programme()) != NULL);
    if (length == 0)
        return 0;
    struct text rest = {(const char *)bytes + 1, length - 1};
    unsigned kind = bytes[0] % 4u;
    if (kind < REQUESTS)
        try_csv(&ledger, text_of(requests[kind]), rest);
    else
        try_mapping(&ledger, rest);
    return 0;
}
