/* requests - known keys? - advance to now - snapshots - rules (pure) - heads and
 * bodies - leaves - checkpoint - commit.
 *
 * One transaction per batch, one signature per commit. Each operation is tried
 * against the working set; a refusal is undone there and touches no other. */
#include "pipeline.h"

#include <stdlib.h>

#include "checkpoint.h"
#include "erasures.h"
#include "id.h"
#include "tiering.h"

static const moment CLOCK_JUMP = INT64_C(30) * 24 * 3600 * 1000;

/* --- Transactions --------------------------------------------------------------- */

bool pipeline_begin(struct ledger *ledger, bool to_write, struct error *error)
{
    state_clear(&ledger->state);
    arena_reset(&ledger->batch);
    bool begun =
        to_write ? store_begin_write(ledger->store, error) : store_begin_read(ledger->store, error);
    if (!begun)
        return false;
    if (store_still_fits(ledger->store, error) &&
        state_begin(&ledger->state, ledger->store, &ledger->batch, error) &&
        (!to_write || highwater_check(ledger, error)) && versions_refresh(ledger, error))
        return true;
    store_rollback(ledger->store);
    return false;
}

void pipeline_end(struct ledger *ledger)
{
    store_rollback(ledger->store);
}

/* Sign the tree as it will stand when this transaction has committed. */
static bool sign_checkpoint(struct ledger *ledger, struct checkpoint_row *row, struct error *error)
{
    struct checkpoint checkpoint = {.origin = ledger->origin,
                                    .size = (uint64_t)ledger->state.tip.size};
    struct buffer note = {0};
    merkle_edge_root(&ledger->state.edge, &checkpoint.root);
    bool ok = checkpoint_sign(&note, &checkpoint, &ledger->signer, error);
    row->size = ledger->state.tip.size;
    row->note = text_copy(&ledger->batch, buffer_view(&note));
    buffer_free(&note);
    return ok;
}

/* The commit stands whether or not others read just now: then the next one tries again, and
 * the last who closes the ledger leaves no write-ahead log. */
static void leave_no_trace(struct ledger *ledger)
{
    struct error ignored;
    bool emptied = false;
    ledger->log_left = !store_empty_log(ledger->store, &emptied, &ignored) || !emptied;
}

bool pipeline_commit(struct ledger *ledger, struct error *error)
{
    bool found = false, scratch = ledger->replay != NULL;
    if (ledger->state.record_count == 0) {
        bool read = store_checkpoint(ledger->store, &ledger->batch, ledger->state.tip.size,
                                     &ledger->checkpoint, &found, error);
        pipeline_end(ledger);
        return read;
    }
    bool ok = (scratch || sign_checkpoint(ledger, &ledger->checkpoint, error)) &&
              state_flush(&ledger->state, scratch ? NULL : &ledger->checkpoint, true, error) &&
              (scratch || erasures_note(ledger, error)) && store_commit(ledger->store, error);
    if (ok && !scratch)
        highwater_raise(ledger);
    if (ok && !scratch && (ledger->log_left || ledger->state.erased.count > 0))
        leave_no_trace(ledger);
    return ok;
}

bool pipeline_write_first(struct ledger *ledger, struct head *head, struct error *error)
{
    struct buffer bytes = {0};
    if (!state_begin(&ledger->state, ledger->store, &ledger->batch, error))
        return false;
    head_encode(head, &bytes);
    struct text text = text_copy(&ledger->batch, buffer_view(&bytes));
    buffer_free(&bytes);
    bool scratch = ledger->replay != NULL;
    return state_append(&ledger->state, head, text, (struct text){0}, (struct text){0}, error) &&
           (scratch || sign_checkpoint(ledger, &ledger->checkpoint, error)) &&
           state_flush(&ledger->state, scratch ? NULL : &ledger->checkpoint, true, error);
}

/* --- One operation -------------------------------------------------------------- */

static bool set_clock(struct context *context, struct error *error)
{
    const struct tip *tip = &context->state->tip;
    const struct ledger *ledger = context->ledger;
    const struct request *request = context->request;
    if (request_has(request, FIELD_NOW) && !ledger->test)
        return fail_field(error, ERROR_NOT_TEST, "now",
                          _("only a ledger made with --test takes a clock"));
    moment clock = ledger_clock(ledger, request);
    bool setup = (request->op == OPERATION_PROGRAMME_APPLY || request->op == OPERATION_RECOVER) &&
                 tip->mode != MODE_LIVE;
    if (ledger->replay != NULL) {
        context->time = ledger->replay->time;
        context->real = ledger->replay->real;
    } else if (context->history) {
        moment at = request_has(request, FIELD_AT) ? request->at : tip->time;
        context->time = at > tip->time ? at : tip->time;
    } else if (setup) {
        context->time = tip->time;
        context->real = clock;
    } else {
        context->time = clock > tip->time ? clock : tip->time;
        bool jump = tip->time > 0 && clock > tip->time + CLOCK_JUMP && !ledger->test;
        bool writes = request_kind(request) == OPERATION_WRITES || request->op == OPERATION_SWEEP;
        if (jump && !request->accept_clock && writes) {
            fail(error, ERROR_CLOCK_JUMP,
                 _("the clock is more than 30 days ahead of the last record"));
            return hint(error, _("if the clock is right, say so once: --accept-clock"));
        }
    }
    return true;
}

bool context_begin(struct context *context, struct ledger *ledger, bool history,
                   const struct request *request, struct outcome *outcome, struct error *error)
{
    *context = (struct context){.ledger = ledger,
                                .state = &ledger->state,
                                .arena = &ledger->batch,
                                .request = request,
                                .outcome = outcome,
                                .history = history};
    return set_clock(context, error);
}

static bool dispatch(struct context *context, struct error *error)
{
    static bool (*const ladders[OPERATION_COUNT])(struct context *, struct error *) = {
        [OPERATION_MEMBER_ADD] = member_add,
        [OPERATION_MEMBER_LINK] = member_link,
        [OPERATION_MEMBER_UNLINK] = member_unlink,
        [OPERATION_PURCHASE] = purchase,
        [OPERATION_QUOTE] = purchase,
        [OPERATION_RETURN] = return_goods,
        [OPERATION_REDEEM] = redeem,
        [OPERATION_CANCEL] = cancel,
        [OPERATION_ADJUST] = adjust,
        [OPERATION_RESERVE] = reserve,
        [OPERATION_EXTEND] = reserve_extend,
        [OPERATION_CAPTURE] = capture,
        [OPERATION_RELEASE] = release,
        [OPERATION_ACTIVATE] = activate,
        [OPERATION_CLOSE] = close_period,
        [OPERATION_OPERATOR_LINK] = operator_link,
        [OPERATION_OPERATOR_UNLINK] = operator_unlink,
        [OPERATION_TILL_CLOSE] = till_close,
        [OPERATION_MEMBER_ERASE] = member_erase,
        [OPERATION_MEMBER_HOLD] = member_hold,
        [OPERATION_ACTION] = action,
        [OPERATION_TIER_SET] = tier_set,
        [OPERATION_BENEFIT_USE] = benefit_use,
        [OPERATION_TRANSFER] = transfer,
        [OPERATION_HOUSEHOLD_CREATE] = household_create,
        [OPERATION_HOUSEHOLD_JOIN] = household_join,
        [OPERATION_HOUSEHOLD_LEAVE] = household_leave,
        [OPERATION_MEMBER_MERGE] = member_merge,
        [OPERATION_CLAIM] = claim,
        [OPERATION_REASSIGN] = reassign,
        [OPERATION_VOID] = void_operation,
        [OPERATION_RECOVER] = recover,
        [OPERATION_PROGRAMME_APPLY] = programme_apply,
    };
    return ladders[context->request->op](context, error);
}

bool is_refusal(const struct error *error)
{
    return error_exit_status(error->code) != 1 && error->code != ERROR_BUSY;
}

/* The wallet as it stands right after the operation; on a retry, of now. */
static void note_balances(struct context *context)
{
    struct outcome *outcome = context->outcome;
    struct balance_row *rows =
        arena_allocate(context->arena, (context->wallet->pocket_count + 1) * sizeof *rows);
    for (size_t i = 0; i < context->wallet->pocket_count; i++)
        rows[i] = context->wallet->pockets[i]->row;
    outcome->balances = rows;
    outcome->balance_count = context->wallet->pocket_count;
}

/* A late operation may date the wallet's inactivity back: what it had is gone by now,
 * though the record that says so is for the next who touches it. */
static bool is_overdue(const struct context *context)
{
    for (size_t i = 0; i < context->wallet->pocket_count; i++) {
        const struct balance_row *row = &context->wallet->pockets[i]->row;
        if (row->available > 0 && row->idle <= context->time)
            return true;
    }
    return false;
}

static bool note_foreseen(struct context *context, struct error *error)
{
    struct savepoint place;
    state_save(context->state, &place);
    if (!advance(context, error) || !outcome_note_tier(context, error))
        return false;
    note_balances(context);
    state_go_back(context->state, &place);
    return true;
}

/* What is due at once is told as done: points that lapse with what was recorded, and a review that
 * a climb had covered which is undone now. */
static bool note_standing(struct context *context, struct error *error)
{
    moment due = MOMENT_NEVER;
    if (!tiers_due(context, &due, error))
        return false;
    if (is_overdue(context) || due <= context->time)
        return note_foreseen(context, error);
    note_balances(context);
    return outcome_note_tier(context, error);
}

bool outcome_complete(struct context *context, struct error *error)
{
    struct outcome *outcome = context->outcome;
    if (outcome->duplicate && !outcome_note_status(context, error))
        return false;
    outcome->member = context->member_id;
    if (context->member_id == 0)
        return true;
    /* The answer names whom the record names; what they have now is whom they became. */
    if (!current_member(context, context->member_id, &context->member_id, error) ||
        !load_member(context, error) || (outcome->duplicate && !advance(context, error)))
        return false;
    return note_standing(context, error) && outcome_note_reserved(context, error) &&
           outcome_note_benefit(context, error) && outcome_note_printed(context, error);
}

/* One operation, on a state that is marked. Of one that is refused, or that was recorded
 * before, nothing stays there. */
static bool try_one(struct ledger *ledger, bool history, const struct request *request,
                    struct outcome *outcome, struct error *error)
{
    struct context context;
    struct savepoint place;
    size_t versions = ledger->version_count;
    memset(outcome, 0, sizeof *outcome);
    state_save(&ledger->state, &place);
    outcome->done = context_begin(&context, ledger, history, request, outcome, error) &&
                    dispatch(&context, error);
    context.request = request; /* a ladder may have put its own, normalised, in its place */
    outcome->done = outcome->done && outcome_complete(&context, error);
    if (!outcome->done || outcome->duplicate || request->op == OPERATION_QUOTE) {
        state_go_back(&ledger->state, &place);
        versions_truncate(ledger, versions);
    }
    if (outcome->done)
        return outcome_note_unmatched(&context, error);
    struct error *refusal = arena_allocate(&ledger->batch, sizeof *refusal);
    *refusal = *error;
    outcome->error = refusal;
    return is_refusal(refusal);
}

bool pipeline_run(struct ledger *ledger, bool history, const struct request *request,
                  struct outcome *outcome, struct error *error)
{
    state_mark(&ledger->state);
    bool ok = try_one(ledger, history, request, outcome, error);
    if (ledger->state.lacking) /* an audit cannot tell: nothing of it stays */
        state_undo(&ledger->state);
    else
        state_release(&ledger->state);
    return ok;
}

/* --- Groups ----------------------------------------------------------------------- */

/* Who brought the goods back bought these. */
static struct request with_member(struct ledger *ledger, const struct request *request,
                                  const struct outcome *before)
{
    struct request filled = *request;
    char id[MEMBER_ID_CHARS + 1];
    filled.same_member = request->same_member && !request_has(request, FIELD_MEMBER);
    if (!filled.same_member || before->member == 0)
        return filled;
    member_id_format(before->member, id);
    filled.member = text_format(&ledger->batch, "id:%s", id);
    request_mark(&filled, FIELD_MEMBER);
    return filled;
}

/* All are recorded or none. Where one is refused its outcome says why, and those of the
 * others nothing: they are neither done nor refused. */
static bool run_group(struct ledger *ledger, bool history, const struct request requests[],
                      size_t count, struct outcome outcomes[], struct error *error)
{
    size_t done = 0;
    bool ok = true;
    state_mark(&ledger->state);
    while (ok && done < count) {
        struct request request =
            done == 0 ? requests[0] : with_member(ledger, &requests[done], &outcomes[done - 1]);
        struct language before = language_use(request.lang);
        ok = try_one(ledger, history, &request, &outcomes[done], error);
        language_restore(before);
        if (ok && !outcomes[done].done)
            break;
        done += ok;
    }
    if (done == count) {
        state_release(&ledger->state);
        return true;
    }
    state_undo(&ledger->state);
    for (size_t i = 0; i < count; i++) {
        if (i != done)
            memset(&outcomes[i], 0, sizeof outcomes[i]);
    }
    return ok;
}

/* --- Batches ---------------------------------------------------------------------- */

static int compare_hashes(const void *a, const void *b)
{
    return memcmp(a, b, KEY_HASH_BYTES);
}

/* The keys and members that a large batch will ask for, read in key order. It only
 * warms the working set: what is missed here is loaded when it is needed. */
static bool preload_keys(struct ledger *ledger, const struct request requests[], size_t count,
                         struct error *error)
{
    struct key_row *rows = arena_allocate(&ledger->batch, count * sizeof *rows);
    size_t wanted = 0;
    const struct version *version = version_latest(ledger);
    bool numbers_alone = version != NULL && version->programme->receipts.unique_count == 0;
    for (size_t i = 0; i < count; i++) {
        const struct request *request = &requests[i];
        if (request_has(request, FIELD_REF))
            keyed_hash_of(&ledger->keyed, "ref", request->ref, rows[wanted].hash);
        else if (request_has(request, FIELD_RECEIPT) && numbers_alone)
            keyed_hash_of(&ledger->keyed, "receipt", request->receipt, rows[wanted].hash);
        else
            continue;
        rows[wanted++].seq = -1;
    }
    memory_sort(rows, wanted, sizeof *rows, compare_hashes);
    return state_load_keys(&ledger->state, rows, wanted, error);
}

static bool preload_members(struct ledger *ledger, const struct request requests[], size_t count,
                            struct error *error)
{
    struct identifier_row *rows = arena_allocate(&ledger->batch, count * sizeof *rows);
    uint64_t *ids = arena_allocate(&ledger->batch, count * sizeof *ids);
    size_t wanted = 0, members = 0;
    for (size_t i = 0; i < count; i++) {
        struct text member = requests[i].member;
        if (member.length > 5 && memcmp(member.bytes, "card:", 5) == 0)
            keyed_hash_of(&ledger->keyed, "card",
                          (struct text){member.bytes + 5, member.length - 5}, rows[wanted++].hash);
    }
    memory_sort(rows, wanted, sizeof *rows, compare_hashes);
    if (!state_load_identifiers(&ledger->state, rows, wanted, error))
        return false;
    for (size_t i = 0; i < wanted; i++) {
        if (rows[i].member != 0)
            ids[members++] = rows[i].member;
    }
    memory_sort(ids, members, sizeof *ids, member_id_compare);
    return state_load_members(&ledger->state, ids, members, error);
}

static bool run_all(struct ledger *ledger, enum ledger_mode mode, const struct request requests[],
                    size_t count, struct outcome outcomes[], struct error *error)
{
    if (count > 1 && (!preload_keys(ledger, requests, count, error) ||
                      !preload_members(ledger, requests, count, error)))
        return false;
    bool ok = true;
    for (size_t i = 0, joined; ok && i < count; i += joined) {
        struct language before = language_use(requests[i].lang);
        joined = (size_t)requests[i].joined + 1;
        ok = joined == 1
                 ? pipeline_run(ledger, mode == LEDGER_HISTORY, &requests[i], &outcomes[i], error)
                 : run_group(ledger, mode == LEDGER_HISTORY, &requests[i], joined, &outcomes[i],
                             error);
        language_restore(before);
    }
    return ok;
}

enum { BULK = 1000 }; /* operations in a commit: there is more where they come from */

bool ledger_execute(struct ledger *ledger, enum ledger_mode mode, const struct request requests[],
                    size_t count, struct outcome outcomes[], struct error *error)
{
    if (!ledger->can_sign)
        return fail(error, ERROR_READ_ONLY, _("the ledger was opened to be read only"));
    size_t versions = ledger->version_count;
    store_in_bulk(ledger->store, count >= BULK);
    ledger->recovering = count > 0 && requests[0].op == OPERATION_RECOVER;
    bool begun = pipeline_begin(ledger, true, error);
    ledger->recovering = false;
    if (!begun)
        return false;
    if (run_all(ledger, mode, requests, count, outcomes, error) && pipeline_commit(ledger, error))
        return true;
    pipeline_end(ledger);
    versions_truncate(ledger, versions);
    return false;
}

bool ledger_close_history(struct ledger *ledger, struct error *error)
{
    struct request none = {.op = OPERATION_IMPORT};
    struct outcome outcome = {0};
    struct context context;
    if (!pipeline_begin(ledger, true, error))
        return false;
    if (ledger->state.tip.history_open == 0) {
        pipeline_end(ledger);
        return true;
    }
    bool ok = context_begin(&context, ledger, true, &none, &outcome, error);
    struct head *head = record_new(&context, RECORD_HISTORY_CLOSE);
    head->real = ledger_clock(ledger, NULL);
    if (ok && record_write(&context, head, (struct text){0}, error) &&
        pipeline_commit(ledger, error))
        return true;
    pipeline_end(ledger);
    return false;
}
