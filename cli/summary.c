/* Answers of long work: import, verify, audit, rebuild, backup, init, upgrade. */
#include "answer.h"

#include "table.h"
#include "text.h"
#include "value.h"

#include <stdio.h>
#include <string.h>

/* "records checked  5" for each member of the answer that the table names. */
struct fact {
    const char *name, *label;
};

static void add_fact(struct table *table, const char *label, const cJSON *value)
{
    double number = cJSON_IsArray(value)    ? cJSON_GetArraySize(value)
                    : cJSON_IsNumber(value) ? value->valuedouble
                                            : 0;
    if (cJSON_IsNumber(value) || cJSON_IsArray(value)) {
        table_cell(table, "%s", label);
        table_cell(table, "%s", shown_points(number).text);
    } else if (cJSON_IsString(value)) {
        table_cell(table, "%s", label);
        table_cell(table, "%s", value->valuestring);
    }
}

static void put_facts(const cJSON *answer, const struct fact facts[], size_t count)
{
    struct table *table = table_new("ll");
    for (size_t i = 0; i < count; i++) {
        const cJSON *value = value_of(answer, facts[i].name);
        bool rare = strcmp(facts[i].name, "erased") == 0; /* told only where there is some */
        if (rare && value_number(answer, facts[i].name) == 0)
            continue;
        add_fact(table, _(facts[i].label), value);
    }
    table_print(table, 2, stdout);
}

#define PUT_FACTS(answer, facts) put_facts(answer, facts, sizeof(facts) / sizeof *(facts))

/* A number reached by a path of members, "returns.lines_matched". */
static double number_at(const cJSON *answer, const char *first, const char *second)
{
    return value_number(second != NULL ? value_of(answer, first) : answer,
                        second != NULL ? second : first);
}

static void add_row(struct table *table, const char *label, double number)
{
    table_cell(table, "%s", label);
    table_cell(table, "%s", shown_points(number).text);
    table_cell(table, "%s", "");
}

/* Receipts of which nothing was taken: what is left when all others are counted. */
static double receipts_rejected(const cJSON *answer)
{
    const cJSON *purchases = value_of(answer, "purchases"), *returns = value_of(answer, "returns");
    return value_number(answer, "receipts") -
           value_number(value_of(answer, "without_member"), "receipts") -
           value_number(purchases, "new") - value_number(purchases, "known") -
           value_number(returns, "new") - value_number(returns, "known");
}

struct count {
    const char *first, *second, *label;
    bool always;
};

/* A row that is zero is left out unless somebody would look for it. */
static void add_counts(struct table *table, const cJSON *answer, const struct count rows[],
                       size_t count)
{
    for (size_t i = 0; i < count; i++) {
        double number = number_at(answer, rows[i].first, rows[i].second);
        if (number != 0 || rows[i].always)
            add_row(table, _(rows[i].label), number);
    }
}

#define ADD_COUNTS(table, answer, rows)                                                            \
    add_counts(table, answer, rows, sizeof(rows) / sizeof *(rows))

/* What was in the file, and what became of it: the indented rows below "receipts"
 * add up to it. */
static void add_import_counts(struct table *table, const cJSON *answer)
{
    static const struct count receipts[] = {
        {"lines", NULL, N_("lines read"), true},
        {"receipts", NULL, N_("receipts"), true},
        {"purchases", "new", N_("  purchases recorded"), true},
        {"purchases", "known", N_("  purchases known before, not counted again"), false},
        {"returns", "new", N_("  returns recorded"), true},
        {"returns", "known", N_("  returns known before, not counted again"), false},
        {"without_member", "receipts", N_("  without a member, nothing to do"), true},
        {"without_member", "lines", N_("    their lines"), false},
    };
    static const struct count others[] = {
        {"members_enrolled", NULL, N_("members enrolled"), true},
        {"returns", "held_before", N_("returns that had waited for these purchases"), false},
        {"returns", "lines_matched", N_("returned lines that match an earlier purchase"), false},
        {"returns", "lines_unmatched", N_("returned lines that match none"), false},
        {"returns", "lines_deducted", N_("  deducted all the same"), false},
        {"lines_earning_nothing", NULL, N_("lines that earn nothing by the programme"), false},
    };
    ADD_COUNTS(table, answer, receipts);
    if (value_true(answer, "ok") && receipts_rejected(answer) > 0)
        add_row(table, _("  rejected whole"), receipts_rejected(answer));
    ADD_COUNTS(table, answer, others);
}

static void add_import_points(struct table *table, const cJSON *answer)
{
    const cJSON *points;
    cJSON_ArrayForEach(points, value_of(answer, "points"))
    {
        char label[160];
        snprintf(label, sizeof label, _("%s issued"), points->string);
        add_row(table, label, value_number(points, "issued"));
        snprintf(label, sizeof label, _("%s taken back"), points->string);
        add_row(table, label, value_number(points, "taken_back"));
    }
}

/* The codes that lines of a file are rejected with, in words. */
static const char *reject_reason(const char *code)
{
    static const struct {
        const char *code, *reason;
    } reasons[] = {
        {"invalid_csv", N_("not a line of this file's form")},
        {"invalid_text", N_("not text in the encoding named")},
        {"invalid_field", N_("a value that cannot be")},
        {"missing_field", N_("a value is missing")},
        {"invalid_amount", N_("not an amount")},
        {"invalid_time", N_("not a date and time")},
        {"lines_mismatch", N_("the lines do not add up to the amount")},
        {"limit_exceeded", N_("larger than is accepted")},
        {"overflow", N_("too large to count")},
        {"unknown_member", N_("no such member")},
        {"unknown_receipt", N_("no such receipt")},
        {"no_match", N_("a return that matches no purchase")},
        {"over_return", N_("more is returned than was left")},
        {"mixed_return", N_("returned by lines and by amount")},
        {"return_shortfall", N_("the points for it are spent")},
        {"too_late", N_("further back than the programme allows")},
        {"in_future", N_("in the future")},
        {"history_closed", N_("history is closed since the first live operation")},
        {"key_reused", N_("the key is known with other content")},
        {"receipt_exists", N_("the receipt is known with other content")},
        {"ambiguous_member", N_("more than one member is meant")},
    };
    for (size_t i = 0; i < sizeof reasons / sizeof *reasons; i++)
        if (strcmp(reasons[i].code, code) == 0)
            return _(reasons[i].reason);
    return "";
}

static void add_import_rejects(struct table *table, const cJSON *answer)
{
    const cJSON *rejected = value_of(answer, "rejected"), *item;
    add_row(table, _("lines rejected"), value_number(rejected, "lines"));
    cJSON_ArrayForEach(item, value_of(rejected, "lines_by_code"))
    {
        table_cell(table, "  %s", item->string);
        table_cell(table, "%s", shown_points(item->valuedouble).text);
        table_cell(table, "%s", reject_reason(item->string));
    }
}

void show_import(const struct call *call, const cJSON *answer)
{
    (void)call;
    puts(value_true(answer, "ok") ? _("The file is imported.")
                                  : _("The file is not imported to its end. So far:"));
    if (value_of(answer, "lines") == NULL)
        return;
    struct table *table = table_new("lrl");
    add_import_counts(table, answer);
    add_import_points(table, answer);
    add_import_rejects(table, answer);
    add_row(table, _("records written"), value_number(answer, "records"));
    table_print(table, 2, stdout);
}

static void put_failure(const cJSON *answer)
{
    const char *help = value_text(answer, "hint");
    printf(_("FAILED: %s\n"), value_text(answer, "failure"));
    if (*help != '\0')
        printf("  %s: %s\n", _("hint"), help);
}

/* Integrity and completeness are two verdicts; the sentence holds both. */
static void put_verdict(const cJSON *answer)
{
    const char *completeness = value_text(answer, "completeness");
    if (*value_text(answer, "failure") != '\0') {
        put_failure(answer);
    } else if (value_of(answer, "added") != NULL) {
        puts(_(
            "Verified since the checkpoint: the log extends it, and nothing after it was changed,\n"
            "left out or cut off. Older records, which it vouches for, were not read again."));
    } else if (strcmp(completeness, "anchored") == 0) {
        puts(_("Verified against the anchor: nothing was changed, left out, added or cut off."));
    } else {
        puts(_(
            "Consistent, but unanchored: nothing was changed, left out or added, but nothing\n"
            "outside vouches that the tail was not cut. Keep this checkpoint elsewhere, and give\n"
            "it as --anchor next time:"));
    }
}

/* "Cosigned by auditor.example, 2026-11-21 10:00 UTC." */
static void put_witnesses(const cJSON *answer)
{
    const cJSON *witness;
    cJSON_ArrayForEach(witness, value_of(answer, "witnesses"))
        printf(_("Cosigned by %s, %s.\n"), value_text(witness, "name"),
               shown_moment(value_text(witness, "time")).text);
}

/* "purchase  12" for each operation, then "star  issued  58". */
static void put_added(const cJSON *added)
{
    const cJSON *item, *amount;
    double records = value_number(added, "records");
    if (records == 0) {
        puts(_("Nothing was added since that checkpoint."));
        return;
    }
    printf(_("Added since that checkpoint, from %s to %s:\n"),
           shown_moment(value_text(added, "from")).text,
           shown_moment(value_text(added, "until")).text);
    struct table *table = table_new("lrl");
    add_row(table, _("records"), records);
    cJSON_ArrayForEach(item, value_of(added, "operations"))
        add_row(table, item->string, item->valuedouble);
    cJSON_ArrayForEach(item, value_of(added, "points"))
    {
        cJSON_ArrayForEach(amount, item)
        {
            table_cell(table, "%s %s", item->string, amount->string);
            table_cell(table, "%s", shown_change(amount->valuedouble).text);
            table_cell(table, "%s", "");
        }
    }
    table_print(table, 2, stdout);
}

void show_verify(const struct call *call, const cJSON *answer)
{
    static const struct fact facts[] = {
        {"origin", N_("origin")},
        {"key", N_("public key")},
        {"from", N_("first record")},
        {"records", N_("records checked")},
        {"anchor", N_("records the anchor vouches for")},
        {"bodies", N_("bodies checked")},
        {"erased", N_("bodies erased by a record")},
        {"checkpoints", N_("signatures checked")},
    };
    static const struct fact since[] = {{"origin", N_("origin")},
                                        {"key", N_("public key")},
                                        {"anchor", N_("records the checkpoint vouches for")}};
    /* What was checked before a fault was found says nothing about the rest. */
    bool verified = strcmp(value_text(answer, "integrity"), "verified") == 0;
    size_t count = verified ? sizeof facts / sizeof *facts : 2;
    (void)call;
    put_verdict(answer);
    if (verified)
        put_witnesses(answer);
    const char *note = value_text(value_of(answer, "checkpoint"), "note");
    if (strcmp(value_text(answer, "completeness"), "unanchored") == 0 && *note != '\0')
        printf("\n%s\n", note);
    if (!verified || value_of(answer, "added") == NULL) {
        put_facts(answer, facts, count);
        return;
    }
    PUT_FACTS(answer, since);
    put_added(value_of(answer, "added"));
}

/* The record itself is what the file was handed over for. */
void show_verify_proof(const struct call *call, const cJSON *answer)
{
    (void)call;
    if (!value_true(answer, "ok")) {
        put_failure(answer);
        return;
    }
    printf(_("Proved: record %s is one of the %s that %s signed.\n"),
           shown_points(value_number(answer, "seq")).text,
           shown_points(value_number(value_of(answer, "checkpoint"), "size")).text,
           value_text(answer, "origin"));
    put_witnesses(answer);
    puts(value_text(answer, "head"));
    if (cJSON_IsString(value_of(answer, "body")))
        puts(value_text(answer, "body"));
    else if (value_true(answer, "body_named"))
        puts(_("Its body is not in the proof."));
}

/* Of the log itself nothing is told: it went to the output. */
void show_export(const struct call *call, const cJSON *answer)
{
    static const struct fact facts[] = {{"from", N_("first record")},
                                        {"records", N_("records")},
                                        {"bodies", N_("bodies")},
                                        {"checkpoints", N_("checkpoints")},
                                        {"programmes", N_("programme versions")}};
    (void)call;
    if (value_of(answer, "audit") == NULL)
        return;
    printf(_("The bundle for an audit is in %s.\n"), value_text(answer, "audit"));
    PUT_FACTS(answer, facts);
}

void show_cosignatures(const struct call *call, const cJSON *answer)
{
    static const struct fact facts[] = {{"size", N_("records it vouches for")},
                                        {"added", N_("cosignatures added")}};
    (void)call;
    puts(value_true(answer, "met") ? _("Kept. They meet the policy.")
                                   : _("Kept. They do not meet the policy yet."));
    PUT_FACTS(answer, facts);
}

void show_publish(const struct call *call, const cJSON *answer)
{
    static const struct fact facts[] = {{"published", N_("records published before")},
                                        {"records", N_("records published now")},
                                        {"tiles", N_("tiles written")},
                                        {"bundles", N_("bundles of entries written")}};
    (void)call;
    printf(_("The log is published in %s.\n"), value_text(answer, "path"));
    PUT_FACTS(answer, facts);
}

/* Never counted as fine: how many records, and what wallets gained and lost by them. */
static void put_not_judged(const cJSON *erased)
{
    const cJSON *points;
    if (value_number(erased, "records") == 0)
        return;
    printf(_("Cannot be re-judged, erased: %s records\n"),
           shown_points(value_number(erased, "records")).text);
    cJSON_ArrayForEach(points, value_of(erased, "points"))
    {
        printf(_("  %s: %s gained, %s lost"), points->string,
               shown_points(value_number(points, "gained")).text,
               shown_points(value_number(points, "lost")).text);
        if (cJSON_IsString(value_of(points, "value")))
            printf(_("; what was gained is worth %s"), value_text(points, "value"));
        putchar('\n');
    }
}

void show_audit(const struct call *call, const cJSON *answer)
{
    static const struct fact facts[] = {{"records", N_("records")},
                                        {"re_executed", N_("records made again and equal")},
                                        {"projections", N_("derived tables compared")}};
    (void)call;
    if (value_true(answer, "ok") && value_number(value_of(answer, "not_judged"), "records") > 0)
        puts(_("Audited: carried out again from the first record, every point follows from the\n"
               "signed programme, but for those of records that cannot be re-judged: erased."));
    else if (value_true(answer, "ok"))
        puts(_("Audited: carried out again from the first record, every point follows from the\n"
               "signed programme."));
    else
        put_failure(answer);
    PUT_FACTS(answer, facts);
    put_not_judged(value_of(answer, "not_judged"));
}

void show_sweep(const struct call *call, const cJSON *answer)
{
    static const struct fact facts[] = {{"wallets", N_("wallets with something due")},
                                        {"records", N_("records added")},
                                        {"erased", N_("bodies erased that were old enough")}};
    (void)call;
    puts(_("Swept: what time has made due is recorded."));
    PUT_FACTS(answer, facts);
}

void show_rebuild(const struct call *call, const cJSON *answer)
{
    static const struct fact facts[] = {{"records", N_("records read")},
                                        {"projections", N_("derived tables")}};
    const cJSON *item;
    (void)call;
    if (value_true(answer, "equal"))
        puts(_("All derived tables are made afresh from the log; each is as it was."));
    else
        puts(_(
            "All derived tables are made afresh from the log. These were not as they should be:"));
    cJSON_ArrayForEach(item, value_of(answer, "projections"))
    {
        if (!value_true(item, "equal"))
            printf("  %s\n", value_text(item, "name"));
    }
    PUT_FACTS(answer, facts);
}

void show_backup(const struct call *call, const cJSON *answer)
{
    (void)call;
    printf(_("The ledger is copied to %s.\n"), value_text(answer, "backup"));
    puts(_("The signing key is not in the copy: keep it apart."));
}

static void put_erasures(const cJSON *erasures)
{
    static const struct fact facts[] = {{"applied", N_("members erased again")},
                                        {"known", N_("erased in the backup already")},
                                        {"unknown", N_("not in the backup")}};
    PUT_FACTS(erasures, facts);
}

void show_restore(const struct call *call, const cJSON *answer)
{
    static const struct fact facts[] = {{"records", N_("records")}};
    if (value_of(answer, "path") == NULL) { /* what was found wrong with it */
        show_verify(call, answer);
        return;
    }
    printf(_("The backup holds, and is the ledger %s now.\n"), value_text(answer, "path"));
    PUT_FACTS(answer, facts);
    if (cJSON_IsNull(value_of(answer, "erasures")))
        puts(_("No file of erasures lies beside it: whom the ledger has erased since is back."));
    else
        put_erasures(value_of(answer, "erasures"));
    if (cJSON_IsFalse(value_of(answer, "anchor_held")))
        puts(_("It is older than the anchor: what was recorded after it is lost, unless the tills\n"
               "send it again."));
    printf(_("Let every till send again what it sold since %s; what is known counts once.\n"),
           value_moment(answer, "since").text);
}

void show_upgrade(const struct call *call, const cJSON *answer)
{
    static const struct fact facts[] = {
        {"from", N_("version before")}, {"to", N_("version now")}, {"backup", N_("backup")}};
    (void)call;
    if (value_number(answer, "from") == value_number(answer, "to"))
        puts(_("The ledger was up to date already."));
    else
        puts(_("The ledger is up to date."));
    PUT_FACTS(answer, facts);
}
