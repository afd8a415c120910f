/* The programme's versions: read once from their records, kept with the ledger. */
#include "json.h"
#include "ledger_private.h"
#include "spelling.h"

const struct version *version_redating(const struct ledger *ledger, struct text currency,
                                       moment after, moment until)
{
    for (size_t i = 1; i < ledger->version_count; i++) { /* before the first there were no points */
        const struct version *version = &ledger->versions[i];
        int index = programme_points_index(version->programme, currency);
        if (version->from > after && version->from <= until && index >= 0 &&
            version->programme->points[index].expires.applies_to_all)
            return version;
    }
    return NULL;
}

moment version_requalifying(const struct ledger *ledger, moment until)
{
    for (size_t i = ledger->version_count; i-- > 1;) { /* before the first there were no levels */
        const struct version *version = &ledger->versions[i];
        if (version->from <= until && version->programme->tiers != NULL &&
            version->programme->tiers->requalify)
            return version->from;
    }
    return MOMENT_FIRST;
}

const struct version *version_latest(const struct ledger *ledger)
{
    return ledger->version_count == 0 ? NULL : &ledger->versions[ledger->version_count - 1];
}

const struct version *version_numbered(const struct ledger *ledger, int64_t number)
{
    return number < 1 || (size_t)number > ledger->version_count ? NULL
                                                                : &ledger->versions[number - 1];
}

const struct version *version_at(const struct ledger *ledger, moment at)
{
    size_t i = ledger->version_count;
    while (i > 1 && ledger->versions[i - 1].from > at)
        i--;
    return i == 0 ? NULL : &ledger->versions[i - 1];
}

void versions_truncate(struct ledger *ledger, size_t count)
{
    if (ledger->version_count > count)
        ledger->version_count = count;
}

struct text zone_from_body(struct arena *arena, struct text body)
{
    struct text quoted, none = {0};
    if (!json_slice(body, "/zone", &quoted) || quoted.length < 2)
        return none;
    char *bytes = arena_allocate(arena, quoted.length);
    size_t length = 0;
    if (!base64_parse((struct text){quoted.bytes + 1, quoted.length - 2}, bytes, quoted.length,
                      &length))
        return none;
    return (struct text){bytes, length};
}

static struct version *next_version(struct ledger *ledger)
{
    if (ledger->version_count == ledger->version_capacity) {
        ledger->version_capacity = ledger->version_capacity * 2 + 4;
        ledger->versions =
            memory_resize(ledger->versions, ledger->version_capacity * sizeof *ledger->versions);
    }
    return &ledger->versions[ledger->version_count];
}

bool version_add(struct ledger *ledger, const struct head *head, struct text body,
                 struct error *error)
{
    struct text document, zone = {0};
    bool read = json_check(body, error) && json_slice(body, "/in/programme", &document);
    if (read)
        zone = zone_from_body(&ledger->arena, body);
    if (zone.length == 0)
        return fail(error, ERROR_CORRUPT, _("the body of programme version %lld cannot be read"),
                    (long long)head->version.number);
    if (head->version.semantics > SEMANTICS)
        return fail(error, ERROR_NEWER_SCHEMA,
                    _("programme version %lld has semantics %lld; this program knows up to %d"),
                    (long long)head->version.number, (long long)head->version.semantics, SEMANTICS);
    struct programme_faults faults = {0};
    struct version *version = next_version(ledger);
    version->number = head->version.number;
    version->seq = head->seq;
    version->from = head->version.from;
    version->semantics = head->version.semantics;
    version->document = text_copy(&ledger->arena, document);
    version->programme = programme_read(&ledger->arena, version->document, zone, &faults, error);
    if (version->programme == NULL)
        return false;
    ledger->version_count++;
    return true;
}

bool versions_refresh(struct ledger *ledger, struct error *error)
{
    struct programme_row *rows = NULL;
    size_t count = 0;
    if (!store_programmes(ledger->store, &ledger->batch, &rows, &count, error))
        return false;
    for (size_t i = ledger->version_count; i < count; i++) {
        struct record record;
        if (!state_record(&ledger->state, rows[i].seq, &record, error) ||
            !version_add(ledger, record.head, record.body, error))
            return false;
    }
    return true;
}

const struct programme *ledger_version(const struct ledger *ledger, int64_t number)
{
    const struct version *version =
        number == 0 ? version_latest(ledger) : version_numbered(ledger, number);
    return version == NULL ? NULL : version->programme;
}
