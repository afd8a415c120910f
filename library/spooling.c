/* The spool's door: requests in, and later, when the ledger can be reached, all of
 * them on to it, in order, each until it has been answered.
 *
 * What makes a replay safe is not this file but the ledger: a request with a key
 * counts once, however often it comes. So each must have one; an answer is written
 * before it is remembered, and whoever is stopped in between sends again. */
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "answer.h"
#include "file.h"
#include "json.h"
#include "library_private.h"
#include "programme.h"
#include "request.h"

enum { BUSY_MILLISECONDS = 5000 };

static cJSON *number(int64_t value)
{
    return json_points(value, 0);
}

static moment clock_of(const struct loyalty_options *options)
{
    struct timespec now;
    if (options != NULL && options->test_now != 0)
        return options->test_now;
    clock_gettime(CLOCK_REALTIME, &now);
    return (moment)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static int patience_of(const struct loyalty_options *options)
{
    return options != NULL && options->busy_milliseconds > 0 ? options->busy_milliseconds
                                                             : BUSY_MILLISECONDS;
}

/* --- Adding ---------------------------------------------------------------------- */

/* Its own, or the one that its operation has by itself. */
static bool has_key(const struct request *request)
{
    if (request_has(request, FIELD_REF))
        return true;
    if (request->op == OPERATION_PURCHASE || request->op == OPERATION_CLAIM)
        return request_has(request, FIELD_RECEIPT);
    return request->op == OPERATION_TILL_CLOSE && request_has(request, FIELD_STORE) &&
           request_has(request, FIELD_TILL) && request_has(request, FIELD_DATE);
}

/* All that can be known of a request without its ledger: it is read as if under a
 * programme with three digits of money and no points. What is wrong now is told to
 * the till that can still mend it, and not to a replay days later. */
static const struct programme offline = {.currency_digits = 3};

static bool check_operation(const struct request *request, struct error *error)
{
    if (request_kind(request) != OPERATION_WRITES) {
        fail_field(error, ERROR_INVALID_FIELD, "op", _("%s records nothing: it cannot wait"),
                   operation_name(request->op));
        return hint(error, _("a spool keeps purchases, returns and what else has a key"));
    }
    if (has_key(request))
        return true;
    fail_field(error, ERROR_MISSING_FIELD, "ref",
               _("what is spooled needs a key, or a second replay would count it again"));
    return hint(error, request->op == OPERATION_PURCHASE ? _("send \"receipt\" or \"ref\"")
                                                         : _("send \"ref\""));
}

/* Only what may have happened earlier than it is recorded takes a time. */
static bool takes_time(enum operation op)
{
    return op == OPERATION_PURCHASE || op == OPERATION_RETURN || op == OPERATION_ACTION;
}

/* Of a group each operation must have a key: its retry is theirs. */
static bool check_group(const struct request *group, struct arena *arena, bool *timed,
                        struct error *error)
{
    struct request *operations =
        arena_allocate(arena, (group->requests_count + 1) * sizeof *operations);
    size_t entry = 0;
    if (!request_parse_group(group, &offline, arena, operations, &entry, error))
        return false;
    for (size_t i = 0; i < group->requests_count; i++) {
        if (!check_operation(&operations[i], error))
            return false;
        *timed = *timed || takes_time(operations[i].op);
    }
    return true;
}

/* *timed: it takes a time. */
static bool check_request(struct text json, struct arena *arena, struct request *request,
                          bool *timed, struct error *error)
{
    if (!request_parse(json, &offline, arena, request, error))
        return false;
    if (operation_kind(request->op) == OPERATION_JOINS)
        return check_group(request, arena, timed, error);
    *timed = takes_time(request->op);
    return check_operation(request, error);
}

/* A request on its way into the file. */
struct adding {
    struct request request;
    struct spool_entry entry;
    bool good, duplicate;
    struct error error;
};

static void begin_adding(struct adding *in, struct text json, moment now, struct arena *arena)
{
    struct buffer at = {0};
    bool timed = false;
    in->entry = (struct spool_entry){.spooled = now, .request = json};
    in->good = check_request(json, arena, &in->request, &timed, &in->error);
    if (!in->good || !timed || request_has(&in->request, FIELD_AT))
        return;
    moment_format(&at, now);
    in->entry.at = text_copy(arena, buffer_view(&at));
    buffer_free(&at);
}

/* One line, on the disk; or the line that is there already, whose till was not told. */
static bool add_to_file(struct spool_file *file, struct adding *in, struct arena *arena)
{
    struct buffer line = {0};
    const struct spool_entry *known = spool_find(&file->spool, in->entry.request);
    in->duplicate = known != NULL;
    if (known != NULL) {
        in->entry = *known;
        in->entry.at = text_copy(arena, known->at); /* the file is closed before the answer */
        in->entry.request = (struct text){0};
        return true;
    }
    in->entry.number = (int64_t)file->spool.count + 1;
    spool_write_entry(&file->spool, &in->entry, &line);
    bool good = spool_append(file, buffer_view(&line), &in->error);
    if (good)
        spool_entry_written(&file->arena, &file->spool, &in->entry, line.length);
    buffer_free(&line);
    return good;
}

static void add_all(const char *path, int busy_milliseconds, struct adding list[], size_t count,
                    struct arena *arena)
{
    struct spool_file file;
    struct error error = {0};
    bool open = spool_open(&file, path, SPOOL_ADD, busy_milliseconds, &error);
    for (size_t i = 0; i < count; i++) {
        struct language before = language_use(list[i].request.lang);
        if (list[i].good && !open)
            list[i].error = error;
        list[i].good = list[i].good && open && add_to_file(&file, &list[i], arena);
        language_restore(before);
    }
    spool_close(&file);
}

static cJSON *added_answer(const struct adding *in)
{
    cJSON *answer = cJSON_CreateObject();
    cJSON_AddBoolToObject(answer, "ok", true);
    if (in->request.id.length > 0)
        cJSON_AddItemToObject(answer, "id", json_text(in->request.id));
    cJSON_AddItemToObject(answer, "entry", number(in->entry.number));
    cJSON_AddStringToObject(answer, "op", operation_name(in->request.op));
    cJSON_AddBoolToObject(answer, "duplicate", in->duplicate);
    cJSON_AddItemToObject(answer, "spooled", json_moment(in->entry.spooled));
    cJSON_AddItemToObject(answer, "at",
                          request_has(&in->request, FIELD_AT) ? json_moment(in->request.at)
                          : in->entry.at.length > 0           ? json_text(in->entry.at)
                                                              : cJSON_CreateNull());
    return answer;
}

LOYALTY_API loyalty_status loyalty_spool_add(const char *path,
                                             const struct loyalty_options *options,
                                             const char *const requests[], size_t count,
                                             char *answers[])
{
    struct arena arena = {0}; /* of the requests, and of what an answer says of the file's */
    struct adding *list = arena_allocate(&arena, (count + 1) * sizeof *list);
    loyalty_status first = LOYALTY_OK;
    bool any = false;
    for (size_t i = 0; i < count; i++) {
        begin_adding(&list[i], text_of(requests[i]), clock_of(options), &arena);
        any = any || list[i].good;
    }
    if (any)
        add_all(path, patience_of(options), list, count, &arena);
    for (size_t i = 0; i < count; i++) {
        loyalty_status status = LOYALTY_OK;
        if (list[i].good)
            answers[i] = library_text(added_answer(&list[i]));
        else
            status = library_failed(&list[i].error, list[i].request.id, NULL, &answers[i]);
        first = first != LOYALTY_OK ? first : status;
    }
    arena_free(&arena);
    return first;
}

/* --- Showing --------------------------------------------------------------------- */

static const char *state_name(enum spool_state state)
{
    switch (state) {
    case SPOOL_WAITING:
        return "waiting";
    case SPOOL_DONE:
        return "done";
    case SPOOL_REFUSED:
        return "refused";
    }
    return "";
}

static cJSON *shown_entry(const struct spool_entry *entry)
{
    struct arena arena = {0};
    cJSON *item = cJSON_CreateObject();
    cJSON_AddItemToObject(item, "entry", number(entry->number));
    cJSON_AddStringToObject(item, "state", state_name(entry->state));
    cJSON_AddItemToObject(item, "spooled", json_moment(entry->spooled));
    if (entry->state == SPOOL_REFUSED) {
        cJSON_AddItemToObject(item, "code", json_text(entry->code));
        cJSON_AddItemToObject(item, "message", json_text(entry->message));
    }
    cJSON_AddItemToObject(item, "request",
                          cJSON_CreateRaw(spool_request(&arena, entry, true).bytes));
    arena_free(&arena);
    return item;
}

/* How much of each, and what somebody may have to look after: all that is not done. */
static cJSON *shown_spool(const struct spool *spool)
{
    cJSON *answer = cJSON_CreateObject();
    cJSON_AddBoolToObject(answer, "ok", true);
    cJSON_AddItemToObject(answer, "spooled", number((int64_t)spool->count));
    cJSON_AddItemToObject(answer, "done", number((int64_t)spool->done));
    cJSON_AddItemToObject(answer, "refused", number((int64_t)spool->refused));
    cJSON_AddItemToObject(answer, "waiting", number((int64_t)spool->waiting));
    cJSON_AddItemToObject(answer, "torn", number((int64_t)spool->torn));
    cJSON *entries = cJSON_AddArrayToObject(answer, "entries");
    for (size_t i = 0; i < spool->count; i++) {
        if (spool->entries[i].state != SPOOL_DONE)
            cJSON_AddItemToArray(entries, shown_entry(&spool->entries[i]));
    }
    return answer;
}

LOYALTY_API loyalty_status loyalty_spool_show(const char *path,
                                              const struct loyalty_options *options, char **answer)
{
    struct spool_file file;
    struct error error = {0};
    loyalty_status status = LOYALTY_OK;
    if (spool_open(&file, path, SPOOL_LOOK, patience_of(options), &error))
        *answer = library_text(shown_spool(&file.spool));
    else
        status = library_failed_with(&error, (struct text){0},
                                     file.spool.good > 0 ? shown_spool(&file.spool) : NULL, answer);
    spool_close(&file);
    return status;
}

/* --- Replaying --------------------------------------------------------------------- */

struct replaying {
    loyalty *ledger;
    const char *path;
    const struct loyalty_io *io;
    struct arena arena; /* of one group */
    struct spool_entry *entries;
    size_t count; /* entries of the group */
    int64_t total, sent, recorded, known, waiting;
    cJSON *refusals;
    cJSON *stopped; /* the error after which nothing more is sent; NULL: go on */
    loyalty_status status;
};

/* What says nothing about the request: another day it may well be taken. */
static bool is_about_the_ledger(enum error_code code)
{
    int status = error_exit_status(code);
    return status == LOYALTY_FAULT || status == LOYALTY_BUSY || status == LOYALTY_NOT_VERIFIED ||
           status == LOYALTY_FORK || code == ERROR_CLOCK_JUMP || code == ERROR_NO_PROGRAMME ||
           strcmp(error_retry(code), "never") != 0;
}

static enum error_code code_of(const cJSON *error)
{
    static const enum error_code codes[] = {
#define X(code, name, status, retry) ERROR_##code,
        ERROR_TABLE(X)
#undef X
    };
    const char *name = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(error, "code"));
    for (size_t i = 0; name != NULL && i < sizeof codes / sizeof *codes; i++) {
        if (strcmp(name, error_name(codes[i])) == 0)
            return codes[i];
    }
    return ERROR_INVARIANT; /* our own answers name their code */
}

/* The next entries that wait, copied, so that the file can be let go. */
static bool take_group(struct replaying *in, struct error *error)
{
    struct spool_file file;
    bool good = spool_open(&file, in->path, SPOOL_MARK, BUSY_MILLISECONDS, error);
    arena_reset(&in->arena);
    in->entries = arena_allocate(&in->arena, LIMIT_SPOOL_GROUP * sizeof *in->entries);
    in->count = 0;
    in->waiting = (int64_t)file.spool.waiting;
    for (size_t i = 0; good && i < file.spool.count && in->count < LIMIT_SPOOL_GROUP; i++) {
        struct spool_entry *entry = &in->entries[in->count];
        if (file.spool.entries[i].state != SPOOL_WAITING)
            continue;
        *entry = file.spool.entries[i];
        entry->request = text_copy(&in->arena, entry->request);
        entry->at = text_copy(&in->arena, entry->at);
        in->count++;
    }
    spool_close(&file);
    return good;
}

/* A sale that had arrived before the line went down has no "at" of the spool's. That
 * one is no part of what the till sent: without it, it must be the same. */
static void ask_without_at(struct replaying *in, struct spool_entry *entry, char **answer)
{
    struct error ignored;
    cJSON *parsed = json_parse(text_of(*answer), &ignored);
    const cJSON *error = cJSON_GetObjectItemCaseSensitive(parsed, "error");
    const char *field = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(error, "field"));
    bool again = entry->at.length > 0 && error != NULL && code_of(error) == ERROR_KEY_REUSED &&
                 field != NULL && strcmp(field, "at") == 0;
    cJSON_Delete(parsed);
    if (!again)
        return;
    const char *const requests[] = {spool_request(&in->arena, entry, false).bytes};
    loyalty_free(*answer);
    loyalty_status told = loyalty_execute(in->ledger, requests, 1, answer);
    (void)told; /* the answer says it, too */
}

static void note_refusal(struct replaying *in, struct spool_entry *entry, const cJSON *error)
{
    cJSON *item = cJSON_CreateObject();
    entry->state = SPOOL_REFUSED;
    entry->code = text_of(error_name(code_of(error)));
    entry->message = text_copy(
        &in->arena,
        text_of(cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(error, "message"))));
    cJSON_AddItemToObject(item, "entry", number(entry->number));
    cJSON_AddItemToObject(item, "code", json_text(entry->code));
    cJSON_AddItemToObject(item, "message", json_text(entry->message));
    cJSON_AddItemToArray(in->refusals, item);
}

/* What became of one entry. Behind one that has to wait, no refusal is the last word:
 * it may be the return of a purchase that is still to come. */
static void note_answer(struct replaying *in, struct spool_entry *entry, const char *answer)
{
    struct error ignored;
    cJSON *parsed = json_parse(text_of(answer), &ignored);
    cJSON *error = cJSON_GetObjectItemCaseSensitive(parsed, "error");
    if (error == NULL) {
        const cJSON *seq = cJSON_GetObjectItemCaseSensitive(parsed, "seq");
        entry->state = SPOOL_DONE;
        entry->duplicate = cJSON_IsTrue(cJSON_GetObjectItemCaseSensitive(parsed, "duplicate"));
        if (seq == NULL || !json_integer(seq, &entry->seq))
            entry->seq = 0;
        in->known += entry->duplicate;
        in->recorded += !entry->duplicate;
    } else if (in->stopped == NULL && is_about_the_ledger(code_of(error))) {
        in->status = (loyalty_status)error_exit_status(code_of(error));
        in->stopped = cJSON_DetachItemViaPointer(parsed, error);
        cJSON_DeleteItemFromObjectCaseSensitive(in->stopped, "entry"); /* of a group: its own */
        cJSON_AddItemToObject(in->stopped, "entry", number(entry->number));
    } else if (in->stopped == NULL) {
        note_refusal(in, entry, error);
    }
    in->sent += entry->state != SPOOL_WAITING;
    in->waiting -= entry->state != SPOOL_WAITING;
    cJSON_Delete(parsed);
}

static bool write_answer(const struct replaying *in, const struct spool_entry *entry,
                         const char *answer, struct error *error)
{
    struct buffer line = {0};
    bool good = true;
    if (in->io->write == NULL || entry->state == SPOOL_WAITING)
        return true;
    buffer_format(&line, "{\"entry\":%lld,\"answer\":", (long long)entry->number);
    buffer_string(&line, answer);
    buffer_string(&line, "}\n");
    if (in->io->write(in->io->context, line.bytes, line.length) != 0)
        good = fail(error, ERROR_IO, _("the answers cannot be written"));
    buffer_free(&line);
    return good;
}

/* Remember the group's answers, as one line. */
static bool mark_group(struct replaying *in, struct error *error)
{
    struct spool_entry *answered = arena_allocate(&in->arena, LIMIT_SPOOL_GROUP * sizeof *answered);
    struct spool_file file;
    struct buffer line = {0};
    size_t count = 0;
    for (size_t i = 0; i < in->count; i++) {
        if (in->entries[i].state != SPOOL_WAITING)
            answered[count++] = in->entries[i];
    }
    if (count == 0)
        return true;
    bool good = spool_open(&file, in->path, SPOOL_MARK, BUSY_MILLISECONDS, error);
    if (good) {
        spool_write_answers(&file.spool, answered, count, &line);
        good = spool_append(&file, buffer_view(&line), error);
    }
    buffer_free(&line);
    spool_close(&file);
    return good;
}

static bool send_group(struct replaying *in, struct error *error)
{
    const char *requests[LIMIT_SPOOL_GROUP];
    char *answers[LIMIT_SPOOL_GROUP] = {NULL};
    bool good = true;
    for (size_t i = 0; i < in->count; i++)
        requests[i] = spool_request(&in->arena, &in->entries[i], true).bytes;
    loyalty_status first = loyalty_execute(in->ledger, requests, in->count, answers);
    (void)first; /* each answer says its own */
    for (size_t i = 0; i < in->count; i++) {
        ask_without_at(in, &in->entries[i], &answers[i]);
        note_answer(in, &in->entries[i], answers[i]);
        good = good && write_answer(in, &in->entries[i], answers[i], error);
        loyalty_free(answers[i]);
    }
    return good && mark_group(in, error);
}

static bool wants_to_go_on(const struct replaying *in, struct error *error)
{
    if (in->io->progress == NULL ||
        in->io->progress(in->io->context, in->sent, in->sent + in->waiting) == 0)
        return true;
    return fail(error, ERROR_INTERRUPTED, _("the replay was stopped; what was answered is kept"));
}

static bool replay_all(struct replaying *in, struct error *error)
{
    do {
        if (!take_group(in, error))
            return false;
        if (in->count == 0)
            return true;
        if (!send_group(in, error))
            return false;
    } while (in->stopped == NULL && wants_to_go_on(in, error));
    return in->stopped != NULL;
}

static cJSON *replay_report(struct replaying *in)
{
    cJSON *report = cJSON_CreateObject();
    cJSON_AddBoolToObject(report, "ok", true);
    cJSON_AddItemToObject(report, "sent", number(in->sent));
    cJSON_AddItemToObject(report, "recorded", number(in->recorded));
    cJSON_AddItemToObject(report, "known", number(in->known));
    cJSON_AddItemToObject(report, "refused", number(cJSON_GetArraySize(in->refusals)));
    cJSON_AddItemToObject(report, "waiting", number(in->waiting));
    cJSON_AddItemToObject(report, "refusals", in->refusals);
    return report;
}

/* The error is the ledger's own answer, with the entry that it answered. */
static cJSON *stopped_answer(struct replaying *in)
{
    cJSON *answer = cJSON_CreateObject(), *report = replay_report(in);
    cJSON_DeleteItemFromObjectCaseSensitive(report, "ok");
    cJSON_AddBoolToObject(answer, "ok", false);
    cJSON_AddItemToObject(answer, "error", in->stopped);
    cJSON_AddItemToObject(answer, "report", report);
    return answer;
}

LOYALTY_API loyalty_status loyalty_spool_replay(loyalty *ledger, const char *path,
                                                const struct loyalty_io *io, char **answer)
{
    static const struct loyalty_io no_io = {0};
    struct error error = {0};
    struct replaying in = {.ledger = ledger,
                           .path = path,
                           .io = io == NULL ? &no_io : io,
                           .refusals = cJSON_CreateArray()};
    int turn = spool_take_turn(path, &error);
    if (turn < 0) {
        cJSON_Delete(in.refusals);
        return library_failed(&error, (struct text){0}, NULL, answer);
    }
    if (!replay_all(&in, &error)) {
        cJSON_Delete(in.stopped);
        in.status = library_failed_with(&error, (struct text){0}, replay_report(&in), answer);
    } else if (in.stopped != NULL) {
        *answer = library_text(stopped_answer(&in));
    } else {
        *answer = library_text(replay_report(&in));
    }
    close(turn);
    arena_free(&in.arena);
    return in.status;
}
