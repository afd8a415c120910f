/* Answers in words: the ledger, its programme, its books, and what is proved of its log. */
#include "answer_private.h"

#include "text.h"
#include "value.h"

#include <stdio.h>
#include <string.h>

void show_init(const struct call *call, const cJSON *answer)
{
    printf(_("%s is ready: a ledger with the origin '%s'.\n"), call->database,
           value_text(answer, "origin"));
    const char *key = value_text(answer, "key");
    if (*key != '\0')
        printf(_("Public key for auditors: %s\n"), key);
    if (call->key != NULL)
        printf(_("The signing key is in %s: keep a copy of it elsewhere, and show it to nobody.\n"),
               call->key);
    else
        printf(_("The signing key is in %s.key: keep a copy of it elsewhere, and show it to "
                 "nobody.\n"),
               call->database);
    if (value_true(answer, "test"))
        puts(_("It is a ledger to try things on: --now sets its clock."));
    if (!value_true(answer, "programme"))
        puts(_("Next: 'loyalty programme apply FILE' says what purchases earn."));
}

void show_programme_check(const struct call *call, const cJSON *answer)
{
    (void)answer;
    printf(_("%s: no fault found.\n"), call_value(call, "file"));
}

/* The first version counts since ever: its "from" is null. */
static bool is_ever(const char *from)
{
    return *from == '\0';
}

/* Who would be of another level; under each policy, so that one can be chosen. */
static void show_dry_run(const cJSON *answer)
{
    const cJSON *moves = value_of(answer, "moves"), *move;
    const struct shown version = shown_points(value_number(answer, "version"));
    if (is_ever(value_text(answer, "from")))
        printf(_("Nothing was changed. It would be version %s, in force since ever.\n"),
               version.text);
    else
        printf(_("Nothing was changed. It would be version %s, in force from %s on.\n"),
               version.text, value_moment(answer, "from").text);
    if (cJSON_GetArraySize(moves) == 0) {
        printf(_("Of %s members none would move to another level.\n"),
               shown_points(value_number(answer, "members")).text);
        return;
    }
    printf(_("Of %s members these would move if nothing more happened:\n"),
           shown_points(value_number(answer, "members")).text);
    struct table *table = table_new("llrr");
    table_cell(table, "%s", _("from"));
    table_cell(table, "%s", _("to"));
    table_cell(table, "%s", _("with requalify"));
    table_cell(table, "%s", _("at their next review"));
    table_heading(table);
    cJSON_ArrayForEach(move, moves)
    {
        table_cell(table, "%s", value_text(move, "from"));
        table_cell(table, "%s", value_text(move, "to"));
        table_cell(table, "%s", shown_points(value_number(move, "requalify")).text);
        table_cell(table, "%s", shown_points(value_number(move, "next_review")).text);
    }
    table_print(table, 2, stdout);
    puts(strcmp(value_text(answer, "on_change"), "requalify") == 0
             ? _("The document has \"requalify\": all are judged anew when it comes into force.")
             : _("The document has \"next_review\": nobody moves before their next review."));
}

void show_programme_apply(const struct call *call, const cJSON *answer)
{
    (void)call;
    if (value_true(answer, "dry_run")) {
        show_dry_run(answer);
        return;
    }
    put_duplicate(answer);
    const char *from = value_text(answer, "from");
    if (is_ever(from))
        printf(_("Programme version %s is in force since ever.\n"),
               shown_points(value_number(answer, "version")).text);
    else
        printf(_("Programme version %s is in force from %s on.\n"),
               shown_points(value_number(answer, "version")).text,
               value_moment(answer, "from").text);
}

/* The document alone goes to standard output, so that it can be applied again. */
void show_programme(const struct call *call, const cJSON *answer)
{
    const char *from = value_text(answer, "from");
    (void)call;
    fprintf(stderr, _("version %s, in force from: %s\n"),
            shown_points(value_number(answer, "version")).text,
            is_ever(from) ? _("ever") : value_moment(answer, "from").text);
    char *text = cJSON_Print(value_of(answer, "document"));
    if (text != NULL)
        puts(text);
    cJSON_free(text);
}

void show_programme_list(const struct call *call, const cJSON *answer)
{
    (void)call;
    struct table *table = table_new("rllr");
    table_cell(table, "%s", _("version"));
    table_cell(table, "%s", _("programme"));
    table_cell(table, "%s", _("in force from"));
    table_cell(table, "%s", _("record"));
    table_heading(table);
    const cJSON *item;
    cJSON_ArrayForEach(item, value_of(answer, "programmes"))
    {
        const char *from = value_text(item, "from");
        table_cell(table, "%s", shown_points(value_number(item, "version")).text);
        table_cell(table, "%s", value_text(item, "id"));
        table_cell(table, "%s", is_ever(from) ? _("ever") : value_moment(item, "from").text);
        table_cell(table, "%s", shown_points(value_number(item, "seq")).text);
    }
    table_print(table, 0, stdout);
}

void show_close(const struct call *call, const cJSON *answer)
{
    (void)call;
    printf(_("The books are closed up to the end of %s; open from %s on.\n"),
           value_text(answer, "period"), value_text(answer, "open_from"));
    put_duplicate(answer);
    put_record(answer);
}

void show_till_close(const struct call *call, const cJSON *answer)
{
    (void)call;
    printf(_("Till %s of store %s is closed for %s: sales %s, sum %s.\n"),
           value_text(answer, "till"), value_text(answer, "store"), value_text(answer, "date"),
           shown_points(value_number(answer, "count")).text, value_text(answer, "sum"));
    put_duplicate(answer);
    put_record(answer);
}

void show_recover(const struct call *call, const cJSON *answer)
{
    const cJSON *lost = value_of(answer, "lost");
    printf(_("%s goes on as it is. Given up is the state of %s records with the root\n  %s\n"),
           call->database, shown_points(value_number(lost, "size")).text, value_text(lost, "root"));
    puts(_("Let every till forget its checkpoint, and send again what it sold since."));
    put_duplicate(answer);
    put_record(answer);
}

void show_record(const struct call *call, const cJSON *answer)
{
    (void)call;
    puts(value_text(answer, "head"));
    if (cJSON_IsString(value_of(answer, "body")))
        puts(value_text(answer, "body"));
    else if (cJSON_IsNumber(value_of(answer, "erased")))
        printf(_("Its body was erased by record %s.\n"),
               shown_points(value_number(answer, "erased")).text);
}

/* The file alone, so that its output is what verify-proof reads. */
void show_proof(const struct call *call, const cJSON *answer)
{
    (void)call;
    fputs(value_text(answer, "proof"), stdout);
}

void show_cosign(const struct call *call, const cJSON *answer)
{
    (void)call;
    if (value_of(answer, "note") != NULL) {
        fputs(value_text(answer, "note"), stdout);
        return;
    }
    printf(_("Public key of the cosigner: %s\n"), value_text(answer, "cosigner"));
    printf(_("Its key is in %s, and in %s.signed what it signs: keep copies of both.\n"),
           value_text(answer, "key_file"), value_text(answer, "key_file"));
}

/* The note alone, so that its output is the file that --anchor reads. */
void show_checkpoint(const struct call *call, const cJSON *answer)
{
    (void)call;
    fputs(value_text(answer, "note"), stdout);
}
