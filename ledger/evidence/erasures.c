/* What must outlive a restore.
 *
 * A backup does not know whom the ledger has erased since. So each erasure stands, as the
 * request that asked for it, in a file beside the database, `.erased` behind its path: one
 * line each, with the member's id, a ref and a reason, and nothing else about them. A restore
 * carries them out again before anybody else comes. The file only grows. */
#include "erasures.h"

#include "json.h"
#include "pipeline.h"
#include "whole_file.h"

enum { PRIVATE_FILE = 0600, LARGEST_FILE = 1 << 30 };

/* --- Noting ----------------------------------------------------------------------------- */

static bool add_requests(const struct ledger *ledger, struct buffer *lines)
{
    const struct state *state = &ledger->state;
    bool any = false;
    for (size_t i = 0; i < state->record_count; i++) {
        const struct pending_record *record = &state->records[i];
        struct text input;
        if (record->head->kind != RECORD_MEMBER_ERASE || record->head->part > 0 ||
            !json_slice(record->row.body, "/in", &input))
            continue;
        buffer_text(lines, input);
        buffer_byte(lines, '\n');
        any = true;
    }
    return any;
}

/* What stands there, whole lines only; nothing where there is no file yet. */
static bool load(const char *path, struct buffer *lines, bool *found, struct error *error)
{
    *found = file_load(path, LARGEST_FILE, lines, error);
    return *found || error->code == ERROR_NO_FILE;
}

bool erasures_note(struct ledger *ledger, struct error *error)
{
    struct buffer lines = {0}, added = {0};
    bool found = false, good = true;
    if (ledger->path.length == 0 || !add_requests(ledger, &added)) {
        buffer_free(&added);
        return true;
    }
    const char *path = text_format(&ledger->batch, "%.*s.erased", TEXT(ledger->path)).bytes;
    good = load(path, &lines, &found, error);
    buffer_text(&lines, buffer_view(&added));
    good = good && file_replace(path, buffer_view(&lines), PRIVATE_FILE, error);
    buffer_free(&lines);
    buffer_free(&added);
    return good;
}

/* --- Again ------------------------------------------------------------------------------- */

struct applying {
    struct ledger *ledger;
    struct arena arena; /* one line's */
    int64_t applied, known, unknown;
};

static bool run(struct applying *in, const struct request *request, struct outcome *outcome,
                struct error *error)
{
    return ledger_execute(in->ledger, LEDGER_LIVE, request, 1, outcome, error);
}

/* A hold that the backup still has was ended before the erasure. */
static bool end_hold(struct applying *in, const struct request *request, struct error *error)
{
    struct outcome outcome;
    struct request release = {.op = OPERATION_MEMBER_HOLD,
                              .member = request->member,
                              .reason = request->reason,
                              .accept_clock = true,
                              .release = true};
    release.ref = text_format(&in->arena, "release/%.*s", TEXT(request->ref));
    request_mark(&release, FIELD_MEMBER);
    request_mark(&release, FIELD_REASON);
    request_mark(&release, FIELD_REF);
    request_mark(&release, FIELD_RELEASE);
    if (!run(in, &release, &outcome, error))
        return false;
    if (!outcome.done)
        *error = *outcome.error;
    return outcome.done;
}

/* The points are those of the backup: a decision that was made about others does not stop
 * the erasure now. */
static bool erase_again(struct applying *in, struct request *request, struct outcome *outcome,
                        struct error *error)
{
    if (!run(in, request, outcome, error))
        return false;
    if (!outcome->done && outcome->error->code == ERROR_ON_HOLD &&
        (!end_hold(in, request, error) || !run(in, request, outcome, error)))
        return false;
    if (outcome->done)
        return true;
    enum error_code why = outcome->error->code;
    if (why != ERROR_IN_HOUSEHOLD && why != ERROR_OPEN_RESERVATION && why != ERROR_OPEN_BALANCE)
        return true;
    request->balance = BALANCE_KEEP;
    request_mark(request, FIELD_BALANCE);
    return run(in, request, outcome, error);
}

static bool apply_line(struct applying *in, struct text line, struct error *error)
{
    struct request request;
    struct outcome outcome;
    arena_reset(&in->arena);
    const struct programme *programme = NULL;
    if (!ledger_programme(in->ledger, NULL, &programme, error))
        return false;
    if (!json_check(line, error) || !request_parse(line, programme, &in->arena, &request, error) ||
        request.op != OPERATION_MEMBER_ERASE)
        return fail(error, ERROR_INVALID_JSON, _("the file of erasures is damaged: %.*s"),
                    TEXT(line));
    request.accept_clock = true;
    if (!erase_again(in, &request, &outcome, error))
        return false;
    if (outcome.done) {
        in->applied += outcome.duplicate ? 0 : 1;
        in->known += outcome.duplicate ? 1 : 0;
        return true;
    }
    enum error_code why = outcome.error->code;
    in->known += why == ERROR_ERASED || why == ERROR_KEY_REUSED;
    in->unknown += why == ERROR_UNKNOWN_MEMBER;
    if (why == ERROR_ERASED || why == ERROR_KEY_REUSED || why == ERROR_UNKNOWN_MEMBER)
        return true;
    *error = *outcome.error;
    return false;
}

bool erasures_apply(struct ledger *ledger, const char *path, cJSON **answer, struct error *error)
{
    struct applying in = {.ledger = ledger};
    struct buffer lines = {0};
    bool found = false;
    bool good = load(path, &lines, &found, error);
    struct text rest = buffer_view(&lines), line;
    while (good && line_next(&rest, &line))
        good = line.length == 0 || apply_line(&in, line, error);
    buffer_free(&lines);
    arena_free(&in.arena);
    if (!good)
        return false;
    *answer = found ? cJSON_CreateObject() : cJSON_CreateNull();
    if (found) {
        cJSON_AddItemToObject(*answer, "applied", cJSON_CreateNumber((double)in.applied));
        cJSON_AddItemToObject(*answer, "known", cJSON_CreateNumber((double)in.known));
        cJSON_AddItemToObject(*answer, "unknown", cJSON_CreateNumber((double)in.unknown));
    }
    return true;
}
