#include "fake_ledger.h"

#include <stdio.h>
#include <stdlib.h>

static const char simple[] =
    "{\"loyalty\":1,\"id\":\"shop\",\"timezone\":\"Europe/London\",\"currency\":\"GBP\","
    "\"base\":{\"excluding\":{\"sku\":[\"POST\",\"D\"]}},"
    "\"points\":{\"point\":{}},"
    "\"earn\":[{\"id\":\"base\",\"per\":\"1.00\",\"gives\":{\"point\":1}}]}";

struct ledger *fake_ledger(const char *programme)
{
    struct ledger *ledger = memory_allocate(sizeof *ledger);
    struct programme_faults faults;
    struct error error;
    ledger->programme =
        programme_read(&ledger->arena, text_of(programme == NULL ? simple : programme), text_of(""),
                       &faults, &error);
    if (ledger->programme == NULL) {
        fprintf(stderr, "fake ledger: %s: %s\n", error.field, error.message);
        abort();
    }
    ledger->commits_left = -1;
    ledger->size = 2;
    return ledger;
}

void fake_ledger_free(struct ledger *ledger)
{
    arena_free(&ledger->arena);
    buffer_free(&ledger->log);
    free(ledger);
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
    (void)error;
    ledger->closings++;
    return true;
}

/* "purchase 536365 card:17850 2010-12-01T08:26:00Z 20.34 85123A*6=15.30" */
static struct text describe(struct ledger *ledger, const struct request *request)
{
    struct buffer out = {0};
    bool purchase = request->op == OPERATION_PURCHASE;
    buffer_format(&out, "%s %.*s", purchase ? "purchase" : "return",
                  TEXT(purchase ? request->receipt : request->ref));
    if (request_has(request, FIELD_STORE))
        buffer_format(&out, "@%.*s", TEXT(request->store));
    if (request_has(request, FIELD_TILL))
        buffer_format(&out, "/%.*s", TEXT(request->till));
    buffer_format(&out, " %.*s ", TEXT(request->member));
    moment_format(&out, request->at);
    if (purchase) {
        buffer_byte(&out, ' ');
        decimal_format(&out, request->amount, ledger->programme->currency_digits);
    }
    for (size_t i = 0; i < request->lines_count; i++) {
        const struct request_line *line = &request->lines[i];
        buffer_format(&out, " %.*s", TEXT(line->sku));
        if (line->category.length > 0)
            buffer_format(&out, ":%.*s", TEXT(line->category));
        buffer_byte(&out, '*');
        decimal_format_short(&out, line->quantity, QUANTITY_SCALE);
        buffer_byte(&out, '=');
        decimal_format(&out, line->amount, ledger->programme->currency_digits);
    }
    struct text text = text_copy(&ledger->arena, buffer_view(&out));
    buffer_free(&out);
    return text;
}

static bool enrol(struct ledger *ledger, struct text member)
{
    for (size_t i = 0; i < ledger->member_count; i++)
        if (text_equal(ledger->members[i], member))
            return false;
    ledger->members[ledger->member_count++] = text_copy(&ledger->arena, member);
    return true;
}

/* Take from the latest earlier purchases of this member, item and price. */
static int64_t match(struct ledger *ledger, struct text member, const struct request_line *line)
{
    int64_t wanted = line->quantity;
    for (size_t i = ledger->count; i-- > 0 && wanted > 0;) {
        struct fake_operation *sale = &ledger->operations[i];
        for (size_t j = 0;
             sale->purchase && text_equal(sale->member, member) && j < sale->line_count; j++) {
            struct request_line *sold = &sale->lines[j];
            bool same = text_equal(sold->sku, line->sku) &&
                        (wide)sold->amount * line->quantity == (wide)line->amount * sold->discount;
            int64_t taken = same ? (sold->quantity < wanted ? sold->quantity : wanted) : 0;
            sold->quantity -= taken;
            wanted -= taken;
        }
    }
    return wanted;
}

static bool match_all(struct ledger *ledger, const struct request *request,
                      struct fake_operation *operation)
{
    size_t count = request->lines_count;
    operation->unmatched = arena_allocate(&ledger->arena, count * sizeof(uint32_t));
    operation->unmatched_quantity = arena_allocate(&ledger->arena, count * sizeof(int64_t));
    bool any = false;
    for (size_t i = 0; i < count; i++) {
        int64_t left = match(ledger, request->member, &request->lines[i]);
        any = any || left < request->lines[i].quantity;
        if (left == 0)
            continue;
        operation->unmatched[operation->unmatched_count] = (uint32_t)i;
        operation->unmatched_quantity[operation->unmatched_count++] = left;
    }
    return any || request->unmatched == UNMATCHED_DEDUCT;
}

static void keep_lines(struct ledger *ledger, const struct request *request,
                       struct fake_operation *operation)
{
    size_t count = request->lines_count;
    operation->lines = arena_allocate(&ledger->arena, (count + 1) * sizeof operation->lines[0]);
    operation->line_count = count;
    for (size_t i = 0; i < count; i++) {
        operation->lines[i] = request->lines[i];
        operation->lines[i].sku = text_copy(&ledger->arena, request->lines[i].sku);
        if (operation->lines[i].quantity == 0)
            operation->lines[i].quantity = 1000000;
        operation->lines[i].discount = operation->lines[i].quantity; /* what was bought */
    }
}

static void post(struct ledger *ledger, const struct request *request, struct outcome *outcome)
{
    int64_t minor = 0;
    struct head *head = arena_allocate(&ledger->arena, sizeof *head);
    struct posting *postings = arena_allocate(&ledger->arena, 2 * sizeof *postings);
    bool purchase = request->op == OPERATION_PURCHASE;
    for (size_t i = 0; i < request->lines_count; i++)
        minor += request->lines[i].amount;
    int64_t points = (purchase ? request->amount : -minor) / 100;
    postings[0] = (struct posting){text_of("point"), ACCOUNT_AVAILABLE, points, -1};
    postings[1] = (struct posting){text_of("point"), purchase ? ACCOUNT_ISSUED : ACCOUNT_RETURNED,
                                   -points, -1};
    *head = (struct head){.seq = ledger->size++, .postings = postings, .posting_count = 2};
    const struct head **heads = arena_allocate(&ledger->arena, sizeof *heads);
    heads[0] = head;
    outcome->heads = heads;
    outcome->head_count = 1;
}

static void answer(const struct fake_operation *operation, struct outcome *outcome)
{
    outcome->done = true;
    outcome->unmatched = operation->unmatched;
    outcome->unmatched_quantity = operation->unmatched_quantity;
    outcome->unmatched_count = operation->unmatched_count;
}

static void execute(struct ledger *ledger, const struct request *request, struct outcome *outcome)
{
    struct text content = describe(ledger, request);
    bool purchase = request->op == OPERATION_PURCHASE;
    struct text key = text_format(&ledger->arena, "%d %.*s %.*s %.*s", purchase,
                                  TEXT(purchase ? request->receipt : request->ref),
                                  TEXT(request->store), TEXT(request->till));
    struct error *refusal = arena_allocate(&ledger->arena, sizeof *refusal);
    *outcome = (struct outcome){.error = refusal};
    if (ledger->refuses != ERROR_NONE) {
        fail(refusal, ledger->refuses, "not now");
        return;
    }
    for (size_t i = 0; i < ledger->count; i++) {
        if (!text_equal(ledger->operations[i].key, key))
            continue;
        outcome->duplicate = text_equal(ledger->operations[i].content, content);
        if (outcome->duplicate)
            answer(&ledger->operations[i], outcome);
        else
            fail_field(refusal, ERROR_KEY_REUSED, "lines", "the key is known");
        return;
    }
    struct fake_operation operation = {.key = key, .content = content, .purchase = purchase};
    operation.member = text_copy(&ledger->arena, request->member);
    if (!purchase && !match_all(ledger, request, &operation)) {
        fail(refusal, ERROR_NO_MATCH, "nothing matches");
        return;
    }
    keep_lines(ledger, request, &operation);
    ledger->operations[ledger->count++] = operation;
    outcome->enrolled = enrol(ledger, request->member) ? ledger->member_count : 0;
    ledger->size += outcome->enrolled != 0;
    answer(&operation, outcome);
    post(ledger, request, outcome);
    buffer_text(&ledger->log, content);
    buffer_byte(&ledger->log, '\n');
}

bool ledger_execute(struct ledger *ledger, enum ledger_mode mode, const struct request requests[],
                    size_t count, struct outcome outcomes[], struct error *error)
{
    (void)mode;
    if (ledger->commits_left == 0)
        return fail(error, ERROR_DISK_FULL, "the disk is full");
    ledger->commits_left -= ledger->commits_left > 0;
    ledger->commits++;
    if (count > ledger->largest_batch)
        ledger->largest_batch = count;
    for (size_t i = 0; i < count; i++)
        execute(ledger, &requests[i], &outcomes[i]);
    return true;
}
