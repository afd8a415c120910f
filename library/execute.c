/* Operations and questions: requests in, each read, carried out in its turn, answered.
 *
 * What writes waits until its commit, which it shares with those that write before and
 * behind it. A group (ledger/request/request_group.c) puts its operations into one
 * commit and gets one answer, which is put together here. */
#include <string.h>

#include "answer.h"
#include "ask.h"
#include "evidence.h"
#include "json.h"
#include "library_private.h"
#include "slip.h"

/* One request of the caller, and where its operations stand in the list. */
struct asked {
    size_t first, count;
    const struct request *group; /* what stands around them; NULL: there is only itself */
};

struct executing {
    struct ledger *ledger;
    const char *const *requests;
    char **answers;
    size_t count;
    struct arena arena;   /* of the requests */
    struct asked *asked;  /* by request of the caller */
    struct request *list; /* operations that wait for their commit */
    size_t waiting, capacity;
    loyalty_status status; /* the first that is not OK */
};

/* --- Telling -------------------------------------------------------------------------- */

static void note_status(struct executing *in, loyalty_status status)
{
    if (in->status == LOYALTY_OK)
        in->status = status;
}

/* What went wrong. `entry` is the place of the operation in its group; 0: none. */
struct failure {
    const struct error *error;
    const struct programme_faults *faults;
    size_t entry;
};

static void answer_failure(struct executing *in, size_t i, struct text id,
                           const struct failure *failure)
{
    cJSON *answer = answer_error(failure->error, id, failure->faults);
    if (failure->entry > 0)
        cJSON_AddItemToObject(cJSON_GetObjectItemCaseSensitive(answer, "error"), "entry",
                              json_points((int64_t)failure->entry, 0));
    if (failure->error->code == ERROR_FORK)
        cJSON_AddItemToObject(answer, "report", ledger_fork_report(in->ledger, NULL));
    in->answers[i] = library_text(answer);
    note_status(in, (loyalty_status)error_exit_status(failure->error->code));
}

/* What moves points is something to take home, and a return that waits for its purchase
 * is, and so is an exchange; what keeps an operation from happening is not. */
static bool is_for_customers(const cJSON *answer)
{
    const char *status = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(answer, "status"));
    return cJSON_GetObjectItemCaseSensitive(answer, "balances") != NULL ||
           cJSON_GetObjectItemCaseSensitive(answer, "difference") != NULL ||
           (status != NULL && (strcmp(status, "held") == 0 || strcmp(status, "anonymous") == 0));
}

/* The version under which it was reckoned; 0, the latest, where the answer names none. */
static int64_t version_of(const cJSON *answer)
{
    int64_t version = 0;
    const cJSON *number = cJSON_GetObjectItemCaseSensitive(answer, "programme");
    if (cJSON_IsRaw(number) &&
        decimal_parse(text_of(number->valuestring), 0, &version) != DECIMAL_OK)
        version = 0;
    return version;
}

/* The lines for a till's printer, made of the answer and of the programme's names. */
static void add_slip(const struct executing *in, const struct request *request, cJSON *answer)
{
    const cJSON *bought = cJSON_GetObjectItemCaseSensitive(answer, "purchase");
    if (request->columns == 0 || !is_for_customers(answer))
        return;
    int64_t version = version_of(cJSON_IsObject(bought) ? bought : answer);
    struct slip slip = {.answer = answer,
                        .latest = ledger_version(in->ledger, 0),
                        .applied = ledger_version(in->ledger, version),
                        .columns = (unsigned)request->columns,
                        .gb18030 = request->encoding == SLIP_GB18030};
    struct language before = language_use(request->lang);
    cJSON *lines = slip_lines(&slip);
    language_restore(before);
    cJSON_AddItemToObject(answer, "receipt_text", lines);
    if (slip.gb18030)
        cJSON_AddStringToObject(answer, "receipt_encoding", "gb18030");
}

static void answer_done(struct executing *in, size_t i, const struct request *request,
                        cJSON *answer)
{
    add_slip(in, request, answer);
    in->answers[i] = library_text(answer);
}

/* --- Groups ---------------------------------------------------------------------------- */

static int64_t amount_of(const cJSON *answer, unsigned digits)
{
    int64_t amount = 0;
    const cJSON *text = cJSON_GetObjectItemCaseSensitive(answer, "amount");
    if (!cJSON_IsString(text) ||
        decimal_parse(text_of(text->valuestring), digits, &amount) != DECIMAL_OK)
        return 0; /* a return that waits gives nothing back yet */
    return amount;
}

static void add_difference(const struct executing *in, cJSON *answer)
{
    const struct programme *latest = ledger_version(in->ledger, 0);
    const cJSON *returned = cJSON_GetObjectItemCaseSensitive(answer, "return");
    const cJSON *bought = cJSON_GetObjectItemCaseSensitive(answer, "purchase");
    unsigned digits = latest->currency_digits; /* operations have been done: there is one */
    cJSON_AddItemToObject(
        answer, "difference",
        json_money(amount_of(bought, digits) - amount_of(returned, digits), latest));
}

static cJSON *answer_group(const struct executing *in, const struct asked *asked,
                           const struct outcome outcomes[])
{
    bool exchange = asked->group->op == OPERATION_EXCHANGE, duplicate = true;
    cJSON *answer = cJSON_CreateObject(), *list = NULL;
    for (size_t i = 0; i < asked->count; i++)
        duplicate = duplicate && outcomes[i].duplicate;
    cJSON_AddBoolToObject(answer, "ok", true);
    if (asked->group->id.length > 0)
        cJSON_AddItemToObject(answer, "id", json_text(asked->group->id));
    cJSON_AddItemToObject(answer, "seq", json_number(outcomes[0].heads[0]->seq));
    cJSON_AddStringToObject(answer, "op", operation_name(asked->group->op));
    cJSON_AddBoolToObject(answer, "duplicate", duplicate);
    if (!exchange)
        list = cJSON_AddArrayToObject(answer, "answers");
    for (size_t i = 0; i < asked->count; i++) {
        const struct request *operation = &in->list[asked->first + i];
        cJSON *one = answer_outcome(in->ledger, operation, &outcomes[i]);
        if (exchange) {
            cJSON_AddItemToObject(answer, operation_name(operation->op), one);
        } else {
            add_slip(in, operation, one);
            cJSON_AddItemToArray(list, one);
        }
    }
    if (exchange)
        add_difference(in, answer);
    return answer;
}

/* --- Reading ----------------------------------------------------------------------------- */

static struct request *room_for(struct executing *in, size_t more)
{
    if (in->waiting + more > in->capacity) {
        size_t capacity = in->capacity * 2 + more;
        struct request *larger = arena_allocate(&in->arena, capacity * sizeof *larger);
        if (in->waiting > 0)
            memcpy(larger, in->list, in->waiting * sizeof *larger);
        in->list = larger;
        in->capacity = capacity;
    }
    return &in->list[in->waiting];
}

static bool is_from_outside(const struct request *request, struct error *error)
{
    return request->condensed == 0 || fail_field(error, ERROR_UNKNOWN_FIELD, "condensed",
                                                 _("a request has no field \"%s\""), "condensed");
}

/* Decimals and local times are read under the programme in force now. Where a
 * test's request brings its own clock, that may be another one. */
static bool read_under(struct executing *in, struct text json, struct request *request,
                       const struct programme **now, struct error *error)
{
    const struct programme *then = NULL;
    memset(request, 0, sizeof *request);
    if (!ledger_programme(in->ledger, NULL, now, error))
        return false;
    bool read = request_parse(json, *now, &in->arena, request, error);
    /* Of a ledger that is not the one that was meant, nothing else need be told. */
    if (request->anchor.length > 0 && request->op != OPERATION_RECOVER &&
        !ledger_check_anchor(in->ledger, request->anchor, error))
        return false;
    if (!read || !is_from_outside(request, error))
        return false;
    if (!request_has(request, FIELD_NOW))
        return true;
    if (!ledger_programme(in->ledger, request, &then, error))
        return false;
    bool same = then == *now;
    *now = then;
    return same || request_parse(json, then, &in->arena, request, error);
}

/* The operations of a group take its place at the list's end. */
static bool read_group(struct executing *in, struct asked *asked, const struct programme *now,
                       size_t *entry, struct error *error)
{
    struct request *group = arena_allocate(&in->arena, sizeof *group);
    *group = in->list[in->waiting];
    asked->group = group;
    asked->count = group->requests_count;
    struct request *operations = room_for(in, asked->count);
    bool good = request_parse_group(group, now, &in->arena, operations, entry, error);
    for (size_t i = 0; good && i < asked->count; i++) {
        *entry = i + 1;
        good = is_from_outside(&operations[i], error);
    }
    return good;
}

static bool may_be_asked(const struct request *request, struct error *error)
{
    return operation_kind(request->op) != OPERATION_RUNS ||
           fail_field(error, ERROR_USAGE, "op", _("%s runs alone, not among operations"),
                      operation_name(request->op));
}

/* Read request i to the end of the list; where it cannot be read it is answered here. */
static bool read_one(struct executing *in, size_t i)
{
    struct error error = {0};
    struct failure failure = {.error = &error};
    const struct programme *now = NULL;
    struct request *request = room_for(in, 1);
    struct asked *asked = &in->asked[i];
    *asked = (struct asked){in->waiting, 1, NULL};
    bool good = read_under(in, text_of(in->requests[i]), request, &now, &error) &&
                may_be_asked(request, &error);
    struct text id = request->id;
    if (good && operation_kind(request->op) == OPERATION_JOINS)
        good = read_group(in, asked, now, &failure.entry, &error);
    if (!good)
        answer_failure(in, i, id, &failure);
    return good;
}

/* --- Carrying out ------------------------------------------------------------------------- */

static void ask_one(struct executing *in, size_t i, const struct request *request)
{
    struct error error = {0};
    struct failure failure = {.error = &error};
    cJSON *answer = NULL;
    struct language before = language_use(request->lang);
    bool ok = ledger_ask(in->ledger, request, &answer, &failure.faults, &error);
    language_restore(before);
    if (ok)
        answer_done(in, i, request, answer);
    else
        answer_failure(in, i, request->id, &failure);
}

/* Why a request was refused: of a group, the operation that was says it. */
static struct failure refusal_of(const struct asked *asked, const struct outcome outcomes[])
{
    size_t i = 0;
    while (i + 1 < asked->count && outcomes[i].error == NULL)
        i++;
    return (struct failure){outcomes[i].error, outcomes[i].faults,
                            asked->group != NULL ? i + 1 : 0};
}

static void answer_one(struct executing *in, size_t i, const struct outcome outcomes[],
                       const struct error *fault)
{
    const struct asked *asked = &in->asked[i];
    const struct outcome *own = outcomes + asked->first;
    const struct request *request = asked->group != NULL ? asked->group : &in->list[asked->first];
    struct language before = language_use(request->lang);
    if (fault != NULL || !own->done) {
        const struct failure failure =
            fault != NULL ? (struct failure){.error = fault} : refusal_of(asked, own);
        answer_failure(in, i, request->id, &failure);
    } else if (asked->group != NULL) {
        answer_done(in, i, request, answer_group(in, asked, own));
    } else {
        answer_done(in, i, request, answer_outcome(in->ledger, request, own));
    }
    language_restore(before);
}

/* What waits, which is that of the caller's requests [first, last), in one commit. */
static void commit(struct executing *in, size_t first, size_t last)
{
    struct error error = {0};
    if (in->waiting == 0)
        return;
    struct outcome *outcomes = arena_allocate(&in->arena, in->waiting * sizeof *outcomes);
    bool ok = ledger_execute(in->ledger, LEDGER_LIVE, in->list, in->waiting, outcomes, &error);
    for (size_t i = first; i < last; i++)
        answer_one(in, i, outcomes, ok ? NULL : &error);
    in->waiting = 0;
}

/* Consecutive writing requests share a commit, as long as it can hold them. A new
 * programme version ends it, since it changes how the next request is read. A recovery has one of
 * its own: before it nothing can be written. */
static void execute_all(struct executing *in)
{
    size_t first = 0;
    for (size_t i = 0; i < in->count; i++) {
        if (in->waiting > LIMIT_BATCH - LIMIT_GROUP) {
            commit(in, first, i);
            first = i;
        }
        bool read = read_one(in, i);
        const struct request request = in->list[in->waiting];
        bool asks = read && request_kind(&request) == OPERATION_ASKS;
        bool recovers = read && request.op == OPERATION_RECOVER;
        bool applies = recovers || (read && !asks && request.op == OPERATION_PROGRAMME_APPLY);
        if (recovers) {
            commit(in, first, i);
            in->list[0] = request;
            in->asked[i].first = 0;
            first = i;
        }
        if (read && !asks) {
            in->waiting += in->asked[i].count;
            if (!applies)
                continue;
        }
        commit(in, first, applies ? i + 1 : i);
        if (asks)
            ask_one(in, i, &request);
        first = i + 1;
    }
    commit(in, first, in->count);
}

LOYALTY_API loyalty_status loyalty_execute(loyalty *ledger, const char *const requests[],
                                           size_t count, char *answers[])
{
    struct executing in = {
        .ledger = ledger->ledger, .requests = requests, .answers = answers, .count = count};
    in.asked = arena_allocate(&in.arena, (count + 1) * sizeof *in.asked);
    if (count <= LIMIT_BATCH) {
        execute_all(&in);
    } else {
        struct error error = {0};
        const struct failure failure = {.error = &error};
        fail(&error, ERROR_LIMIT, _("at most %d requests at once"), LIMIT_BATCH);
        for (size_t i = 0; i < count; i++)
            answer_failure(&in, i, (struct text){0}, &failure);
    }
    arena_free(&in.arena);
    return in.status;
}
