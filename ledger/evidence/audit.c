/* Audit: re-execute the log from record 0 in a scratch ledger, and compare.
 *
 * Where a body was erased its operation cannot be carried out again, nor can one that needed
 * it. Then the heads are believed: they are folded, so that everything behind them can be
 * judged, and counted with their points, so that an erasure cannot hide a fraud.
 *
 * Bodies are requests; what the engine once drew by chance (salts, member ids) or
 * took from its surroundings (clock, zone bytes) comes from the record. Every head
 * must come out byte for byte; afterwards every projection of the scratch ledger
 * must equal the database's, and so must the table of identifiers. A point that does not follow
 * from the signed programme is found here even where the log was re-hashed and re-signed with the
 * stolen key. */
#include "absent.h"
#include "answer.h"
#include "evidence.h"
#include "json.h"
#include "pipeline.h"
#include "retention.h"
#include "unjudged.h"

/* Records, or bytes, after which the scratch ledger commits: memory is bounded by both. */
enum { AUDIT_BATCH = 2048, AUDIT_BYTES = 16 * 1024 * 1024 };

/* Records come in one after the other; each operation's run of the engine may make
 * several. `due` is the place in the scratch log up to which we have compared. */
struct auditing {
    struct ledger *ledger, *scratch;
    const struct watch *watch;
    struct replay replay;
    int64_t total, compared;
    bool history; /* between an opening and a closing record */
    /* Records of points that stand before the operation that moved them: compared once
     * it has been carried out. In the scratch batch, which lives until then. */
    struct record_row *early;
    size_t early_count, early_capacity;
    struct unjudged unjudged; /* what was believed */
    struct absences absences; /* whether it was by right */
    struct arena line;        /* one head's, for that */
    bool believing;           /* the operation before was: so is what stands behind it */
    uint64_t advancing;       /* the wallet that the elapse records before are about; 0 none */
    moment reached;           /* ... and how far it came */
};

static bool diverges(struct error *error, int64_t seq, const char *why)
{
    return fail_field(error, ERROR_NOT_VERIFIED, "record", _("record %lld: %s"), (long long)seq,
                      why);
}

/* The head that the engine made at this place against the one in the log. */
static bool compare_head(struct auditing *in, const struct record_row *row, struct error *error)
{
    struct record made;
    struct error none;
    if (row->seq >= in->scratch->state.tip.size ||
        !state_record(&in->scratch->state, row->seq, &made, &none))
        return diverges(error, row->seq, _("the engine does not make this record"));
    if (text_equal(made.head_bytes, row->head) &&
        (text_equal(made.body, row->body) || !row->has_body)) {
        in->compared++;
        return true;
    }
    bool head = !text_equal(made.head_bytes, row->head);
    fail_field(error, ERROR_NOT_VERIFIED, "record", _("record %lld: the engine makes another %s"),
               (long long)row->seq, head ? _("head") : _("body"));
    return hint(error, _("expected %.180s"),
                text_copy(&in->scratch->batch, head ? made.head_bytes : made.body).bytes);
}

/* --- What a record asks the engine to do again ------------------------------------------ */

/* One thing that time did, in the name of whom the record is about: in a shared wallet levels of
 * several members may change, and lots lapse in the name of another. */
static bool replay_elapse(struct auditing *in, struct context *context, const struct head *head,
                          struct error *error)
{
    uint64_t wallet = head->wallet == 0 ? head->member : head->wallet;
    bool done = false;
    if (in->advancing != wallet)
        in->reached = INT64_MIN;
    in->advancing = wallet;
    context->member_id = head->member;
    return load_member(context, error) && advance_once(context, &in->reached, &done, error);
}

/* Setup, history marks and elapsed time have no request of their own. */
static bool replay_mark(struct auditing *in, const struct head *head, struct error *error)
{
    struct head *again = arena_allocate(&in->scratch->batch, sizeof *again);
    int64_t next = head->erased_count > 0 ? head->erased[0].first : head->seq, bodies = 0;
    bool more = false;
    struct context context;
    struct request none = {.op = OPERATION_IMPORT};
    if (!context_begin(&context, in->scratch, false, &none, NULL, error))
        return false;
    if (head->kind == RECORD_ELAPSE)
        return replay_elapse(in, &context, head, error);
    if (head->kind == RECORD_RETENTION)
        return retention_step(&context, &next, &bodies, &more, error);
    head_clear(again);
    again->kind = head->kind;
    again->time = again->at = head->time;
    again->real = head->real;
    in->history = head->kind == RECORD_HISTORY_OPEN;
    return record_write(&context, again, (struct text){0}, error);
}

/* *believe: it needs a body that was erased later. */
static bool replay_request(struct auditing *in, const struct record_row *row,
                           const struct head *head, bool *believe, struct error *error)
{
    struct text input;
    struct outcome outcome;
    struct request *request = arena_allocate(&in->scratch->batch, sizeof *request);
    struct text body = text_copy(&in->scratch->batch, row->body);
    if (head->kind == RECORD_PROGRAMME)
        in->replay.zone = zone_from_body(&in->scratch->batch, body);
    const struct version *version = version_numbered(in->scratch, head->programme);
    if (version == NULL)
        version = version_latest(in->scratch);
    if (!row->has_body || !json_check(body, error) || !json_slice(body, "/in", &input) ||
        !request_parse(input, version == NULL ? NULL : version->programme, &in->scratch->batch,
                       request, error))
        return diverges(error, row->seq, _("its body cannot be judged again"));
    *believe = false;
    if (!pipeline_run(in->scratch, in->history, request, &outcome, error))
        return false;
    *believe = in->scratch->state.lacking;
    if (*believe)
        return true;
    if (outcome.done && !outcome.duplicate)
        return true;
    return fail_field(error, ERROR_NOT_VERIFIED, "record",
                      _("record %lld: the engine refuses it: %s"), (long long)row->seq,
                      outcome.done ? _("its key was used before") : outcome.error->message);
}

/* A redeem, capture or restore that nobody asked for by itself: a purchase or return
 * follows that did. */
static bool stands_early(const struct head *head)
{
    bool moves_points =
        head->kind == RECORD_REDEEM || head->kind == RECORD_CAPTURE || head->kind == RECORD_RESTORE;
    return moves_points && !head->has_body;
}

static void hold_row(struct auditing *in, const struct record_row *row)
{
    struct arena *arena = &in->scratch->batch;
    if (in->early_count == in->early_capacity) {
        size_t capacity = in->early_capacity == 0 ? 4 : in->early_capacity * 2;
        struct record_row *larger = arena_allocate(arena, capacity * sizeof *larger);
        if (in->early_count > 0)
            memcpy(larger, in->early, in->early_count * sizeof *larger);
        in->early = larger;
        in->early_capacity = capacity;
    }
    in->early[in->early_count++] = (struct record_row){
        .seq = row->seq, .head = text_copy(arena, row->head), .body = text_copy(arena, row->body)};
}

/* --- What cannot be carried out again ---------------------------------------------------- */

/* Which cards and phones are whose is in no head: where the body is there it says. */
static bool believe_identifiers(struct auditing *in, const struct head *head,
                                const struct record_row *row, struct error *error)
{
    struct text input;
    struct context context;
    struct request *request = arena_allocate(&in->scratch->batch, sizeof *request);
    bool links = head->kind == RECORD_MEMBER_ADD || head->kind == RECORD_MEMBER_LINK ||
                 head->kind == RECORD_MEMBER_UNLINK;
    if (!links || !row->has_body)
        return true;
    if (!json_slice(text_copy(&in->scratch->batch, row->body), "/in", &input) ||
        !request_parse(input, NULL, &in->scratch->batch, request, error))
        return diverges(error, row->seq, _("its body cannot be judged again"));
    return context_begin(&context, in->scratch, in->history, request, NULL, error) &&
           identifiers_relink(&context, head->kind == RECORD_MEMBER_UNLINK ? 0 : head->member,
                              error);
}

static bool believe_row(struct auditing *in, const struct record_row *row, struct error *error)
{
    struct arena *arena = &in->scratch->batch;
    struct head *head = arena_allocate(arena, sizeof *head);
    struct text bytes = text_copy(arena, row->head);
    if (!head_decode(bytes, arena, head, error) || !head_balances(head, error) ||
        !state_append(&in->scratch->state, head, bytes, text_copy(arena, row->salt),
                      text_copy(arena, row->body), error))
        return false;
    in->believing = true;
    unjudged_add(&in->unjudged, head);
    return believe_identifiers(in, head, row, error);
}

/* What stands before it, of the points that it moved, stands or falls with it. */
static bool believe(struct auditing *in, const struct record_row *row, struct error *error)
{
    for (size_t i = 0; i < in->early_count; i++) {
        if (!believe_row(in, &in->early[i], error))
            return false;
    }
    in->early = NULL;
    in->early_count = in->early_capacity = 0;
    return believe_row(in, row, error);
}

/* What an operation that is believed has brought about behind it has no request of its own:
 * its further parts, claims, and the return that was held. */
static bool follows(const struct head *head)
{
    return !head->has_body || head->part > 0 || (head->kind == RECORD_RETURN && head->of >= 0);
}

/* All that an erasure names, its further parts included. */
static bool gather_erased(struct auditing *in, const struct head *head, struct error *error)
{
    struct arena *arena = &in->scratch->batch;
    const struct head *part = head;
    struct record_row row;
    bool found = true;
    in->replay.erased_count = 0;
    for (int64_t next = 1; found && part->kind == RECORD_MEMBER_ERASE && part->part == next - 1;
         next++) {
        size_t before = in->replay.erased_count;
        struct erased_range *all =
            arena_allocate(arena, (before + part->erased_count + 1) * sizeof *all);
        if (before > 0)
            memcpy(all, in->replay.erased, before * sizeof *all);
        if (part->erased_count > 0)
            memcpy(all + before, part->erased, part->erased_count * sizeof *all);
        in->replay.erased = all;
        in->replay.erased_count = before + part->erased_count;
        struct head *following = arena_allocate(arena, sizeof *following);
        if (!store_record(in->ledger->store, arena, head->seq + next, &row, &found, error) ||
            (found && !head_decode(row.head, arena, following, error)))
            return false;
        part = following;
    }
    return true;
}

static bool compare_early(struct auditing *in, struct error *error)
{
    for (size_t i = 0; i < in->early_count; i++) {
        if (!compare_head(in, &in->early[i], error))
            return false;
    }
    in->early = NULL;
    in->early_count = in->early_capacity = 0;
    return true;
}

/* *held: it says nothing before the record that follows it. */
static bool replay_row(struct auditing *in, const struct record_row *row, bool *held,
                       struct error *error)
{
    struct head *head = arena_allocate(&in->scratch->batch, sizeof *head);
    if (!head_decode(text_copy(&in->scratch->batch, row->head), &in->scratch->batch, head, error))
        return diverges(error, row->seq, _("its head is not one that this engine writes"));
    *held = stands_early(head);
    if (*held) {
        hold_row(in, row);
        return true;
    }
    bool asked = record_origin(head->kind) == MADE_BY_REQUEST, cannot = false;
    if (asked && ((head->has_body && !row->has_body) || (in->believing && follows(head))))
        return believe(in, row, error);
    in->believing = in->believing && !asked;
    if (head->kind != RECORD_ELAPSE)
        in->advancing = 0;
    if (head->kind == RECORD_MEMBER_ERASE && !gather_erased(in, head, error))
        return false;
    in->replay.salt = text_copy(&in->scratch->batch, row->salt);
    in->replay.member = head->member;
    in->replay.wallet = head->with;
    in->replay.time = head->time;
    in->replay.real = head->real;
    in->replay.lost_size = head->lost.size;
    memcpy(in->replay.lost_root, head->lost.root, DIGEST_BYTES);
    switch (record_origin(head->kind)) {
    case MADE_BY_SETUP:
        return true; /* before the first batch */
    case MADE_BY_MARK:
    case MADE_BY_TIME:
        return replay_mark(in, head, error);
    case MADE_BY_REQUEST:
        return replay_request(in, row, head, &cannot, error) &&
               (!cannot || believe(in, row, error));
    }
    return false;
}

static bool note_absence(struct auditing *in, const struct record_row *row, struct error *error)
{
    struct head head;
    arena_reset(&in->line);
    return head_decode(row->head, &in->line, &head, error) &&
           absences_note(&in->absences, &head, row->has_body, error);
}

static bool audit_record(void *context, const struct record_row *row, struct error *error)
{
    struct auditing *in = context;
    struct state *state = &in->scratch->state;
    bool held = false;
    int64_t believed = in->unjudged.records;
    /* A record that its operation has made already (a further part) is only compared. */
    if (row->seq >= state->tip.size && !replay_row(in, row, &held, error))
        return error->code == ERROR_NOT_VERIFIED || error_exit_status(error->code) == 1
                   ? false
                   : diverges(error, row->seq, error->message);
    if (!note_absence(in, row, error))
        return false;
    if (held)
        return true;
    bool judged = in->unjudged.records == believed;
    if (judged && (!compare_early(in, error) || !compare_head(in, row, error)))
        return false;
    bool tell = row->seq % AUDIT_BATCH == 0, full = in->scratch->batch.used > AUDIT_BYTES;
    if (tell && in->watch->tell != NULL &&
        !in->watch->tell(in->watch->context, row->seq, in->total))
        return fail(error, ERROR_INTERRUPTED, _("stopped before the end"));
    if ((state->record_count < AUDIT_BATCH && !full) || row->seq + 1 < state->tip.size)
        return true;
    return pipeline_commit(in->scratch, error) && pipeline_begin(in->scratch, true, error);
}

/* --- The projections ----------------------------------------------------------------------- */

/* Where the two do not have equal rows. */
static bool compare_table(struct auditing *in, const char *name, const char *field,
                          struct error *error)
{
    unsigned char ours[DIGEST_BYTES], theirs[DIGEST_BYTES];
    int64_t rows = 0, expected = 0;
    if (!store_projection_digest(in->ledger->store, name, ours, &rows, error) ||
        !store_projection_digest(in->scratch->store, name, theirs, &expected, error))
        return false;
    if (memcmp(ours, theirs, DIGEST_BYTES) == 0)
        return true;
    struct buffer where = {0};
    if (store_projection_difference(in->ledger->store, in->scratch->store, name, &where, error))
        fail_field(error, ERROR_NOT_VERIFIED, field,
                   _("the table \"%s\" is not what the records amount to (%lld rows, expected "
                     "%lld), first at %s"),
                   name, (long long)rows, (long long)expected, buffer_terminate(&where));
    buffer_free(&where);
    return false;
}

static bool compare_projections(struct auditing *in, cJSON *tables, struct error *error)
{
    for (size_t i = 0; store_projection_names[i] != NULL; i++) {
        const char *name = store_projection_names[i];
        bool equal = compare_table(in, name, "projection", error);
        if (equal || error->code == ERROR_NOT_VERIFIED)
            cJSON_AddItemToArray(tables, cJSON_CreateString(name));
        if (!equal)
            return error->code == ERROR_NOT_VERIFIED
                       ? hint(error, _("the log is intact; `loyalty rebuild` recreates the table"))
                       : false;
    }
    return true;
}

/* Whose card it is decides whom the next purchase is for, and no head says it. */
static bool compare_identifiers(struct auditing *in, struct error *error)
{
    if (compare_table(in, "identifier", "identifier", error))
        return true;
    return error->code != ERROR_NOT_VERIFIED
               ? false
               : hint(error, _("a card or phone leads to another member than its records say; "
                               "a backup has the table as it was"));
}

/* The last operation may have more parts than the log has left of it. */
static bool ends_whole(const struct auditing *in, struct error *error)
{
    int64_t made = in->scratch->state.tip.size, judged = in->compared + in->unjudged.records;
    if (judged < made)
        return diverges(error, judged, _("it is missing: the operation before it makes one more"));
    if (in->early_count > 0)
        return diverges(error, in->early[0].seq, _("no operation follows that moved its points"));
    if (judged != in->total)
        return diverges(error, judged, _("the log's end says that there are more records"));
    return absences_explained(&in->absences, error);
}

static cJSON *answer_of(const struct auditing *in, bool ok, cJSON *tables)
{
    cJSON *answer = cJSON_CreateObject();
    cJSON_AddBoolToObject(answer, "ok", ok);
    cJSON_AddItemToObject(answer, "records", json_points(in->total, 0));
    cJSON_AddItemToObject(answer, "re_executed", json_points(in->compared, 0));
    cJSON_AddItemToObject(
        answer, "not_judged",
        unjudged_answer(&in->unjudged, in->scratch != NULL ? in->scratch : in->ledger));
    cJSON_AddItemToObject(answer, "projections", tables);
    return answer;
}

bool ledger_audit(struct ledger *ledger, const struct watch *watch, cJSON **answer,
                  struct error *error)
{
    struct auditing in = {.ledger = ledger, .watch = watch};
    struct tip tip;
    cJSON *tables = cJSON_CreateArray();
    arena_reset(&ledger->batch);
    state_clear(&ledger->state);
    if (!store_begin_read(ledger->store, error)) {
        cJSON_Delete(tables);
        return false;
    }
    bool ok = store_tip(ledger->store, &ledger->batch, &tip, error) &&
              ledger_open_scratch(&in.scratch, ledger, &in.replay, error);
    in.total = tip.size;
    if (ok)
        in.scratch->state.lenient = true;
    ok = ok && pipeline_begin(in.scratch, true, error) &&
         store_each_record(ledger->store, 0, INT64_MAX, audit_record, &in, error) &&
         ends_whole(&in, error) && pipeline_commit(in.scratch, error) &&
         compare_projections(&in, tables, error) && compare_identifiers(&in, error) &&
         store_integrity_check(ledger->store, error);
    *answer = answer_of(&in, ok, tables);
    store_rollback(ledger->store);
    ledger_close(in.scratch);
    arena_free(&in.line);
    absences_free(&in.absences);
    return ok;
}
