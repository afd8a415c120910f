/* The log as a journal of plain-text accounting (hledger), for a second pair of
 * eyes: one transaction per record that moves points.
 *
 *   2026-03-05 (17) purchase  ; id:0123456789AB, at:2026-03-01
 *       wallet:0123456789AB:available    5 "star"
 *       programme:issued                -5 "star" = -105 "star"
 *
 * Points are commodities. The programme's accounts assert their running balance in
 * each transaction; unless an earlier state is asked for, a last one asserts what
 * the ledger keeps for each wallet: log and balances are checked against each
 * other by a program that is not ours. Dates are those of the log's clock, which
 * never goes back. Memory does not grow with the log. */
#include "answer.h"
#include "kinds.h"
#include "limits.h"

enum { WRITE_AT = 65536, MEMBERS_AT_ONCE = 1000 };

struct journal {
    struct view *view;
    const struct report_writer *writer;
    struct buffer out;
    int64_t day; /* of the last transaction */
    int64_t running[LIMIT_CURRENCIES][ACCOUNT_COUNT];
    int64_t transactions;
};

static void put_amount(struct journal *in, unsigned currency, int64_t units)
{
    decimal_format(&in->out, units, in->view->points[currency].scale);
    buffer_format(&in->out, " \"%.*s\"", TEXT(in->view->points[currency].id));
}

static void put_wallet(struct journal *in, uint64_t wallet, const char *account)
{
    char id[MEMBER_ID_CHARS + 1];
    member_id_format(wallet, id);
    buffer_format(&in->out, "wallet:%s:%s", id, account);
}

/* --- Declarations -------------------------------------------------------------------- */

static void declare(struct journal *in)
{
    buffer_string(&in->out, "; loyalty export --format hledger\n");
    buffer_format(&in->out, "; origin %.*s, %lld records\n\ndecimal-mark .\n",
                  TEXT(in->view->ledger->origin), (long long)in->view->known_at);
    for (unsigned c = 0; c < in->view->points_count; c++) {
        unsigned scale = in->view->points[c].scale;
        buffer_string(&in->out, "commodity ");
        decimal_format(&in->out, 0, scale);
        buffer_format(&in->out, "%s \"%.*s\"\n", scale == 0 ? "." : "",
                      TEXT(in->view->points[c].id));
    }
    for (unsigned a = ACCOUNT_DEBT + 1; a < ACCOUNT_COUNT; a++)
        buffer_format(&in->out, "account programme:%s\n", account_name((enum account)a));
    buffer_byte(&in->out, '\n');
}

static void declare_wallet(struct journal *in, uint64_t wallet)
{
    for (unsigned a = 0; a <= ACCOUNT_DEBT; a++) {
        buffer_string(&in->out, "account ");
        put_wallet(in, wallet, account_name((enum account)a));
        buffer_byte(&in->out, '\n');
    }
    buffer_byte(&in->out, '\n');
}

/* --- Transactions ---------------------------------------------------------------------- */

static void put_date(struct journal *in, moment time)
{
    int64_t day = date_to_days(view_date(in->view, time));
    in->day = in->transactions > 0 && day < in->day ? in->day : day; /* a zone may change */
    date_format(&in->out, date_from_days(in->day));
    in->transactions++;
}

static void put_title(struct journal *in, const struct head *head)
{
    struct date at = view_date(in->view, head->at);
    char id[MEMBER_ID_CHARS + 1];
    put_date(in, head->time);
    member_id_format(head->member, id);
    buffer_format(&in->out, " (%lld) %s  ; id:%s", (long long)head->seq, record_name(head->kind),
                  id);
    if (date_to_days(at) != in->day) {
        buffer_string(&in->out, ", at:");
        date_format(&in->out, at);
    }
    buffer_byte(&in->out, '\n');
}

static bool put_posting(struct journal *in, const struct head *head, const struct posting *posting,
                        struct error *error)
{
    int index = view_currency(in->view, posting->currency);
    if (index < 0)
        return fail(error, ERROR_INVARIANT, _("record %lld names unknown points"),
                    (long long)head->seq);
    unsigned currency = (unsigned)index;
    int64_t *running = &in->running[currency][posting->account];
    buffer_string(&in->out, "    ");
    if (account_is_wallets(posting->account))
        put_wallet(in, head->wallet != 0 ? head->wallet : head->member,
                   account_name(posting->account));
    else
        buffer_format(&in->out, "programme:%s", account_name(posting->account));
    buffer_string(&in->out, "  ");
    put_amount(in, currency, posting->amount);
    if (posting->lot >= 0)
        buffer_format(&in->out, "  ; lot:%lld.%lld", (long long)(posting->lot / LOTS_PER_RECORD),
                      (long long)(posting->lot % LOTS_PER_RECORD));
    if (!units_add(*running, posting->amount, running))
        return fail(error, ERROR_OVERFLOW, _("the points of all members are beyond %lld"),
                    (long long)LIMIT_UNITS);
    if (!account_is_wallets(posting->account)) {
        buffer_string(&in->out, " = ");
        put_amount(in, currency, *running);
    }
    buffer_byte(&in->out, '\n');
    return true;
}

/* The record by which a household's wallet is there: it names it as the other side. */
static bool makes_household(const struct head *head)
{
    return head->kind == RECORD_HOUSEHOLD_CREATE && head->with != 0 && head->part == 0;
}

static bool put_head(void *context, const struct head *head, struct error *error)
{
    struct journal *in = context;
    if (head->kind == RECORD_MEMBER_ADD)
        declare_wallet(in, head->member);
    if (makes_household(head))
        declare_wallet(in, head->with);
    if (head->posting_count > 0)
        put_title(in, head);
    for (size_t i = 0; i < head->posting_count; i++) {
        if (!put_posting(in, head, &head->postings[i], error))
            return false;
    }
    if (head->posting_count > 0)
        buffer_byte(&in->out, '\n');
    return in->out.length < WRITE_AT || report_send(in->writer, &in->out, error);
}

/* --- What the ledger keeps --------------------------------------------------------------- */

static void assert_balance(struct journal *in, const struct balance_row *row, unsigned currency)
{
    const int64_t kept[] = {row->available, row->pending, row->reserved, row->debt};
    for (unsigned a = 0; a <= ACCOUNT_DEBT; a++) {
        buffer_string(&in->out, "    ");
        put_wallet(in, row->wallet, account_name((enum account)a));
        buffer_string(&in->out, "  ");
        put_amount(in, currency, 0);
        buffer_string(&in->out, " = ");
        put_amount(in, currency, kept[a]);
        buffer_byte(&in->out, '\n');
    }
}

static bool assert_wallet(struct journal *in, uint64_t wallet, struct error *error)
{
    struct balance_list balances = {.wallet = wallet};
    arena_reset(&in->view->scratch);
    if (!store_balances(in->view->ledger->store, &in->view->scratch, &balances, 1, error))
        return false;
    for (size_t i = 0; i < balances.count; i++) {
        int currency = view_currency(in->view, balances.rows[i].currency);
        if (currency >= 0)
            assert_balance(in, &balances.rows[i], (unsigned)currency);
    }
    return in->out.length < WRITE_AT || report_send(in->writer, &in->out, error);
}

/* No list names the households; the records that made them do. */
static bool assert_household(void *context, const struct head *head, struct error *error)
{
    return !makes_household(head) || assert_wallet(context, head->with, error);
}

static bool assert_wallets(struct journal *in, struct error *error)
{
    struct arena arena = {0};
    struct member_row *rows = NULL;
    size_t count = MEMBERS_AT_ONCE;
    uint64_t after = 0;
    bool ok = true;
    if (in->transactions > 0) {
        put_date(in, in->view->ledger->state.tip.time);
        buffer_string(&in->out, " balances that the ledger keeps\n");
    }
    while (ok && count == MEMBERS_AT_ONCE) {
        arena_reset(&arena);
        ok = store_member_list(in->view->ledger->store, &arena, after, MEMBERS_AT_ONCE, &rows,
                               &count, error);
        for (size_t i = 0; ok && i < count; i++) {
            ok = assert_wallet(in, rows[i].id, error); /* their own, wherever they are now */
            after = rows[i].id;
        }
    }
    arena_free(&arena);
    return ok && view_each_head(in->view, assert_household, in, error);
}

bool report_hledger(struct ledger *ledger, const struct report_options *options,
                    const struct report_writer *writer, cJSON **answer, struct error *error)
{
    struct view view;
    if (writer->write == NULL)
        return fail_field(error, ERROR_USAGE, "format", _("a text needs something to write to"));
    if (!view_open(&view, ledger, options, NULL, error))
        return false;
    struct journal in = {.view = &view, .writer = writer};
    declare(&in);
    /* Of an earlier state the balances are not kept; and what was asked with the same
     * words must stay the same when that state is no longer the latest. */
    bool latest = options->known_size < 0 && options->known_note.length == 0;
    bool ok = view_each_head(&view, put_head, &in, error) &&
              (!latest || assert_wallets(&in, error)) && report_send(writer, &in.out, error);
    buffer_free(&in.out);
    if (ok) {
        *answer = cJSON_CreateObject();
        cJSON_AddBoolToObject(*answer, "ok", true);
        cJSON_AddItemToObject(*answer, "records", json_points(view.known_at, 0));
        cJSON_AddItemToObject(*answer, "transactions", json_points(in.transactions, 0));
    }
    view_close(&view);
    return ok;
}
