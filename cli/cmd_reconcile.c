/* loyalty reconcile: the journal goes in by pieces, findings come out one by one: as
 * lines of JSON to a file or standard output, or as a table for people, who are shown
 * the first of them. */
#include "answer.h"
#include "files.h"
#include "memory.h"
#include "output.h"
#include "progress.h"
#include "run.h"
#include "signals.h"
#include "table.h"
#include "text.h"
#include "value.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { SHOWN_MOST = 200 /* findings in a table; a file takes all */ };

struct reconcile {
    struct progress progress;
    int input, output; /* output -1: a table */
    const char *input_path, *output_path;
    cJSON *shown; /* the first findings */
    int64_t more; /* ... and how many others there were */
    struct problem problem;
};

static int64_t read_input(void *context, char *bytes, size_t capacity)
{
    struct reconcile *in = context;
    for (;;) {
        ssize_t got = read(in->input, bytes, capacity);
        if (got < 0 && errno == EINTR && !signals_stop_wanted())
            continue;
        if (got < 0)
            problem_file(&in->problem, _("cannot read '%s'"), in->input_path);
        else
            in->progress.read += got;
        return got;
    }
}

/* One finding, with its line feed. */
static int write_finding(void *context, const char *bytes, size_t length)
{
    struct reconcile *in = context;
    if (in->output < 0) {
        if (cJSON_GetArraySize(in->shown) < SHOWN_MOST)
            cJSON_AddItemToArray(in->shown, must_have(cJSON_ParseWithLength(bytes, length)));
        else
            in->more++;
        return 0;
    }
    if (file_write(in->output, bytes, length) == 0)
        return 0;
    problem_file(&in->problem, _("cannot write '%s'"), in->output_path);
    return -1;
}

static int tell_progress(void *context, int64_t done, int64_t total)
{
    struct reconcile *in = context;
    progress_tell(&in->progress, done, total);
    return signals_stop_wanted() ? 1 : 0;
}

/* --- For people -------------------------------------------------------------------- */

/* What was found, in a word. */
static const char *word_of(const char *finding)
{
    static const struct {
        const char *finding, *word;
    } words[] = {{"missing", N_("missing")},
                 {"different", N_("different")},
                 {"extra", N_("too much")},
                 {"silent", N_("silent")},
                 {"unreadable", N_("unreadable")}};
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (strcmp(words[i].finding, finding) == 0)
            return _(words[i].word);
    return finding;
}

static void put_rows(struct table *table, const cJSON *finding)
{
    const cJSON *rows = value_of(finding, "rows");
    int first = cJSON_GetArrayItem(rows, 0) ? cJSON_GetArrayItem(rows, 0)->valueint : 0;
    int last = cJSON_GetArrayItem(rows, 1) ? cJSON_GetArrayItem(rows, 1)->valueint : 0;
    if (first == last)
        table_cell(table, _("row %d"), first);
    else
        table_cell(table, _("rows %d-%d"), first, last);
}

/* Where to look: in the journal, or in the ledger. */
static void put_place(struct table *table, const cJSON *finding)
{
    if (value_of(finding, "rows") != NULL)
        put_rows(table, finding);
    else if (value_of(finding, "seq") != NULL)
        table_cell(table, _("record %s"), shown_points(value_number(finding, "seq")).text);
    else
        table_cell(table, "%s", value_text(finding, "day"));
}

static void put_what(struct table *table, const cJSON *finding)
{
    const cJSON *send = value_of(finding, "send");
    const char *what = value_text(finding, "finding"), *ledger = value_text(finding, "ledger");
    if (strcmp(what, "missing") == 0)
        table_cell(table, "%s, %s", value_text(send, "amount"), value_when(finding, "at").text);
    else if (strcmp(what, "different") == 0)
        table_cell(table, _("%s: %s in the ledger, %s in the journal"),
                   value_text(finding, "field"), *ledger == '\0' ? "-" : ledger,
                   value_text(finding, "journal"));
    else if (strcmp(what, "extra") == 0)
        table_cell(table, "%s, %s", value_text(finding, "amount"), value_when(finding, "at").text);
    else if (strcmp(what, "silent") == 0)
        table_cell(table, _("till %s of store %s"), value_text(finding, "till"),
                   value_text(finding, "store"));
    else
        table_cell(table, "%s", value_text(finding, "message"));
}

static void put_findings(const struct reconcile *in)
{
    const cJSON *finding;
    if (cJSON_GetArraySize(in->shown) == 0)
        return;
    struct table *table = table_new("llll");
    table_cell(table, "%s", _("finding"));
    table_cell(table, "%s", _("receipt"));
    table_cell(table, "%s", _("where"));
    table_cell(table, "%s", _("what"));
    table_heading(table);
    cJSON_ArrayForEach(finding, in->shown)
    {
        table_cell(table, "%s", word_of(value_text(finding, "finding")));
        table_cell(table, "%s", value_text(finding, "receipt"));
        put_place(table, finding);
        put_what(table, finding);
    }
    table_print(table, 0, stdout);
    if (in->more > 0)
        printf(_("... and %lld more: --findings FILE has them all.\n"), (long long)in->more);
    putchar('\n');
}

void show_reconcile(const struct call *call, const cJSON *answer)
{
    (void)call;
    static const struct {
        const char *name, *label;
    } rows[] = {{"receipts", N_("sales compared")},
                {"equal", N_("  equal")},
                {"erased", N_("  erased, not compared")},
                {"missing", N_("  missing in the ledger")},
                {"different", N_("  different")},
                {"unreadable", N_("  unreadable in the journal")},
                {"extra", N_("sales that the journal does not have")},
                {"silent", N_("silent tills")},
                {"returns", N_("returns, not compared")},
                {"outside", N_("sales of other days, not compared")},
                {"elsewhere", N_("sales of other stores, not compared")}};
    struct table *table = table_new("lr");
    const char *from = value_text(answer, "from");
    if (*from != '\0')
        printf(_("Journal and ledger, business days from %s to %s:\n"), from,
               value_text(answer, "until"));
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        if (i > 1 && value_number(answer, rows[i].name) == 0)
            continue;
        table_cell(table, "%s", _(rows[i].label));
        table_cell(table, "%s", shown_points(value_number(answer, rows[i].name)).text);
    }
    table_print(table, 2, stdout);
}

/* --- The run ---------------------------------------------------------------------------- */

/* The comparison is done; but whoever starts it by a timer sees only the status. */
static loyalty_status status_of(loyalty_status status, const char *answer)
{
    static const char *const found[] = {"missing", "different", "extra", "silent", "unreadable"};
    cJSON *object = cJSON_Parse(answer);
    double sum = 0;
    for (size_t i = 0; i < sizeof found / sizeof *found; i++)
        sum += value_number(object, found[i]);
    cJSON_Delete(object);
    return status == LOYALTY_OK && sum > 0 ? LOYALTY_REFUSED : status;
}

/* A file that is there is never overwritten. */
static bool open_output(const struct call *call, struct reconcile *in, struct problem *problem)
{
    in->output_path = call_value(call, "findings");
    in->output = call->json ? STDOUT_FILENO : -1;
    if (in->output_path == NULL) {
        in->output_path = _("standard output");
        return true;
    }
    in->output = open(in->output_path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (in->output >= 0)
        return true;
    problem_file(problem, _("cannot make '%s'"), in->output_path);
    return false;
}

/* One that did not become whole is taken away again. */
static loyalty_status close_output(struct reconcile *in, loyalty_status status)
{
    bool whole = status == LOYALTY_OK || status == LOYALTY_REFUSED;
    if (in->output <= STDOUT_FILENO)
        return status;
    if (whole && fsync(in->output) != 0)
        status = problem_file(&in->problem, _("cannot write '%s'"), in->output_path);
    close(in->output);
    if (status != LOYALTY_OK && status != LOYALTY_REFUSED)
        unlink(in->output_path);
    return status;
}

static loyalty_status run_to(const struct call *call, struct reconcile *in, struct problem *problem)
{
    struct loyalty_io io = {
        .context = in, .read = read_input, .write = write_finding, .progress = tell_progress};
    char *answer = NULL;
    in->shown = must_have(cJSON_CreateArray());
    progress_start(&in->progress);
    signals_catch();
    loyalty_status status = run_ask(call, &io, &answer, problem);
    progress_end(&in->progress);
    if (answer != NULL)
        status = status_of(status, answer);
    status = close_output(in, status);
    if (in->problem.status != LOYALTY_OK)
        *problem = in->problem;
    if (problem->status == LOYALTY_OK) {
        put_findings(in);
        run_tell(call, answer, status == LOYALTY_REFUSED ? LOYALTY_OK : status);
    } else {
        loyalty_free(answer);
        status = problem->status;
    }
    cJSON_Delete(in->shown);
    return status;
}

loyalty_status run_reconcile(const struct call *call, struct problem *problem)
{
    struct reconcile in = {.output = -1};
    const char *path = call_value(call, "file");
    in.input_path = path != NULL ? path : "-";
    in.input = file_open(in.input_path, &in.progress.size, problem);
    if (in.input < 0)
        return problem->status;
    loyalty_status status =
        open_output(call, &in, problem) ? run_to(call, &in, problem) : problem->status;
    if (in.input > STDIN_FILENO)
        close(in.input);
    return status;
}
