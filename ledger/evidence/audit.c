/* Audit: re-execute the log from record 0 in a scratch ledger, and compare.
 *
 * Bodies are requests; what the engine once drew by chance (salts, member ids) or
 * took from its surroundings (clock, zone bytes) comes from the record. Every head
 * must come out byte for byte; afterwards every projection of the scratch ledger
 * must equal the database's, and so must the table of identifiers. A point that does not follow
 * from the signed programme is found here even where the log was re-hashed and re-signed with the
 * stolen key. */
#include "answer.h"
#include "evidence.h"
#include "json.h"
#include "pipeline.h"

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
    if (text_equal(made.head_bytes, row->head) && text_equal(made.body, row->body)) {
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

/* Setup, history marks and elapsed time have no request of their own. */
static bool replay_mark(struct auditing *in, const struct head *head, struct error *error)
{
    struct head *again = arena_allocate(&in->scratch->batch, sizeof *again);
    struct context context;
    struct request none = {.op = OPERATION_IMPORT};
    if (!context_begin(&context, in->scratch, false, &none, NULL, error))
        return false;
    if (head->kind == RECORD_ELAPSE) {
        context.member_id = head->member;
        return load_member(&context, error) && advance(&context, error);
    }
    head_clear(again);
    again->kind = head->kind;
    again->time = again->at = head->time;
    again->real = head->real;
    in->history = head->kind == RECORD_HISTORY_OPEN;
    return record_write(&context, again, (struct text){0}, error);
}

static bool replay_request(struct auditing *in, const struct record_row *row,
                           const struct head *head, struct error *error)
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
    if (!pipeline_run(in->scratch, in->history, request, &outcome, error))
        return false;
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
    in->replay.salt = text_copy(&in->scratch->batch, row->salt);
    in->replay.member = head->member;
    in->replay.wallet = head->with;
    in->replay.time = head->time;
    in->replay.real = head->real;
    switch (record_origin(head->kind)) {
    case MADE_BY_SETUP:
        return true; /* before the first batch */
    case MADE_BY_MARK:
    case MADE_BY_TIME:
        return replay_mark(in, head, error);
    case MADE_BY_REQUEST:
        return replay_request(in, row, head, error);
    }
    return false;
}

static bool audit_record(void *context, const struct record_row *row, struct error *error)
{
    struct auditing *in = context;
    struct state *state = &in->scratch->state;
    bool held = false;
    /* A record that its operation has made already (a further part) is only compared. */
    if (row->seq >= state->tip.size && !replay_row(in, row, &held, error))
        return error->code == ERROR_NOT_VERIFIED || error_exit_status(error->code) == 1
                   ? false
                   : diverges(error, row->seq, error->message);
    if (held)
        return true;
    if (!compare_early(in, error) || !compare_head(in, row, error))
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
    int64_t made = in->scratch->state.tip.size;
    if (in->compared < made)
        return diverges(error, in->compared,
                        _("it is missing: the operation before it makes one more"));
    if (in->early_count > 0)
        return diverges(error, in->early[0].seq, _("no operation follows that moved its points"));
    return in->compared == in->total ||
           diverges(error, in->compared, _("the log's end says that there are more records"));
}

static cJSON *answer_of(const struct auditing *in, bool ok, cJSON *tables)
{
    cJSON *answer = cJSON_CreateObject();
    cJSON_AddBoolToObject(answer, "ok", ok);
    cJSON_AddItemToObject(answer, "records", json_points(in->total, 0));
    cJSON_AddItemToObject(answer, "re_executed", json_points(in->compared, 0));
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
    ok = ok && pipeline_begin(in.scratch, true, error) &&
         store_each_record(ledger->store, 0, INT64_MAX, audit_record, &in, error) &&
         ends_whole(&in, error) && pipeline_commit(in.scratch, error) &&
         compare_projections(&in, tables, error) && compare_identifiers(&in, error) &&
         store_integrity_check(ledger->store, error);
    *answer = answer_of(&in, ok, tables);
    store_rollback(ledger->store);
    ledger_close(in.scratch);
    return ok;
}
