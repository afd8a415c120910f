/* Export and backup. An export is lines of JSON: each record's head as the very
 * string that was signed, its body and salt beside it, and at the end the
 * checkpoint, so that anybody can recompute the tree. */
#include "answer.h"
#include "evidence.h"
#include "hashes.h"
#include "json.h"
#include "pipeline.h"

enum { WRITE_AT = 65536 };

struct exporting {
    struct buffer lines;
    int (*write)(void *context, const char *bytes, size_t length);
    void *context;
    int64_t count;
};

static bool drain(struct exporting *in, struct error *error)
{
    if (in->lines.length > 0 && in->write != NULL &&
        in->write(in->context, in->lines.bytes, in->lines.length) != 0)
        return fail(error, ERROR_IO, _("the export could not be written"));
    buffer_clear(&in->lines);
    return true;
}

static bool export_record(void *context, const struct record_row *row, struct error *error)
{
    struct exporting *in = context;
    const struct entry entry = entry_of_row(row);
    entry_format(&in->lines, &entry);
    buffer_byte(&in->lines, '\n');
    in->count++;
    return in->lines.length < WRITE_AT || drain(in, error);
}

static bool export_checkpoint(struct ledger *ledger, struct exporting *in, struct error *error)
{
    bool found = false;
    if (!store_checkpoint(ledger->store, &ledger->batch, INT64_MAX, &ledger->checkpoint, &found,
                          error))
        return false;
    buffer_string(&in->lines, "{\"checkpoint\":");
    json_string(&in->lines, ledger->checkpoint.note);
    buffer_string(&in->lines, ",\"key\":");
    json_string(&in->lines, ledger->vkey);
    buffer_string(&in->lines, "}\n");
    return drain(in, error);
}

bool ledger_export(struct ledger *ledger, int64_t from, int64_t until,
                   int (*write)(void *context, const char *bytes, size_t length), void *context,
                   cJSON **answer, struct error *error)
{
    struct exporting in = {.write = write, .context = context};
    if (!pipeline_begin(ledger, false, error))
        return false;
    bool ok = store_each_record(ledger->store, from, until, export_record, &in, error) &&
              export_checkpoint(ledger, &in, error);
    pipeline_end(ledger);
    buffer_free(&in.lines);
    if (!ok)
        return false;
    *answer = cJSON_CreateObject();
    cJSON_AddBoolToObject(*answer, "ok", true);
    cJSON_AddItemToObject(*answer, "records", json_points(in.count, 0));
    cJSON_AddItemToObject(*answer, "checkpoint", answer_checkpoint(&ledger->checkpoint));
    return true;
}

bool ledger_backup(struct ledger *ledger, const char *path, const struct watch *watch,
                   cJSON **answer, struct error *error)
{
    if (!store_backup(ledger->store, path, watch->tell, watch->context, error))
        return false;
    *answer = cJSON_CreateObject();
    cJSON_AddBoolToObject(*answer, "ok", true);
    cJSON_AddStringToObject(*answer, "backup", path);
    cJSON_AddStringToObject(*answer, "note",
                            _("the signing key is not in the backup: keep it apart"));
    return true;
}
