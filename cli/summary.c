/* Answers of long work: import, verify, audit, rebuild, backup, init, upgrade. */
#include "answer.h"
#include "table.h"
#include "text.h"
#include "value.h"

#include <stdio.h>
#include <string.h>

/* "lines read   541909" for each member of the answer that the table names. */
struct fact {
    const char *name, *label;
};

static void add_fact(struct table *table, const char *label, const cJSON *value)
{
    if (cJSON_IsNumber(value)) {
        table_cell(table, "%s", label);
        table_cell(table, "%s", shown_points(value->valuedouble).text);
    } else if (cJSON_IsString(value)) {
        table_cell(table, "%s", label);
        table_cell(table, "%s", value->valuestring);
    }
}

static void put_facts(const cJSON *answer, const struct fact facts[], size_t count)
{
    struct table *table = table_new("lr");
    for (size_t i = 0; i < count; i++) {
        const cJSON *value = value_of(answer, facts[i].name), *item;
        if (!cJSON_IsObject(value)) {
            add_fact(table, _(facts[i].label), value);
            continue;
        }
        cJSON_ArrayForEach(item, value)
        {
            char label[256];
            snprintf(label, sizeof label, "%s, %s", _(facts[i].label), item->string);
            add_fact(table, label, item);
        }
    }
    table_print(table, 2, stdout);
}

#define PUT_FACTS(answer, facts) put_facts(answer, facts, sizeof(facts) / sizeof *(facts))

void show_import(const struct call *call, const cJSON *answer)
{
    static const struct fact facts[] = {
        {"lines", N_("lines read")},
        {"receipts", N_("receipts")},
        {"purchases", N_("purchases recorded")},
        {"returns", N_("returns recorded")},
        {"returns_matched", N_("return lines matched to a purchase")},
        {"returns_unmatched", N_("return lines that match none")},
        {"members", N_("members")},
        {"enrolled", N_("new members")},
        {"anonymous", N_("lines without a member")},
        {"anonymous_lines", N_("lines without a member")},
        {"duplicates", N_("known before, not counted again")},
        {"issued", N_("points issued")},
        {"taken_back", N_("points taken back")},
        {"rejected", N_("lines rejected")},
    };
    const cJSON *path = value_of(answer, "path");
    (void)call;
    (void)path;
    puts(_("The file is imported."));
    PUT_FACTS(answer, facts);
}

void show_verify(const struct call *call, const cJSON *answer)
{
    static const struct fact facts[] = {
        {"size", N_("records")},
        {"records", N_("records")},
        {"checkpoints", N_("checkpoints")},
        {"signatures", N_("signatures checked")},
        {"anchored_size", N_("records vouched for by the anchor")},
        {"origin", N_("origin")},
        {"root", N_("root")},
    };
    (void)call;
    const char *verdict = value_text(answer, "verdict");
    if (strcmp(verdict, "anchored") == 0)
        puts(_("Verified against an anchor: no record was changed, left out or added."));
    else if (strcmp(verdict, "consistent") == 0 || strcmp(verdict, "unanchored") == 0)
        puts(
            _("Consistent but unanchored: no record was changed, but nothing outside vouches that\n"
              "the end was not cut off. Keep checkpoints elsewhere and give one as --anchor."));
    else if (*verdict != '\0')
        printf(_("verdict: %s\n"), verdict);
    PUT_FACTS(answer, facts);
}

void show_audit(const struct call *call, const cJSON *answer)
{
    static const struct fact facts[] = {{"records", N_("records")},
                                        {"operations", N_("operations carried out again")}};
    (void)call;
    if (value_true(answer, "ok"))
        puts(_("Audited: every point follows from the signed programme."));
    PUT_FACTS(answer, facts);
}

void show_rebuild(const struct call *call, const cJSON *answer)
{
    static const struct fact facts[] = {{"records", N_("records")},
                                        {"changed", N_("tables changed")}};
    (void)call;
    puts(_("All derived tables are made afresh."));
    PUT_FACTS(answer, facts);
}

void show_backup(const struct call *call, const cJSON *answer)
{
    static const struct fact facts[] = {
        {"path", N_("file")}, {"size", N_("records")}, {"bytes", N_("bytes")}};
    (void)call;
    puts(_("The ledger is copied. The signing key is not in the copy: keep it apart."));
    PUT_FACTS(answer, facts);
}

void show_upgrade(const struct call *call, const cJSON *answer)
{
    static const struct fact facts[] = {{"from", N_("version before")},
                                        {"version", N_("version now")},
                                        {"to", N_("version now")},
                                        {"backup", N_("backup")}};
    (void)call;
    puts(_("The ledger is up to date."));
    PUT_FACTS(answer, facts);
}
