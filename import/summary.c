/* The answer of an import: SPEC.md "Import" names its members. */
#include "summary.h"

#include "buffer.h"
#include "decimal.h"

void summary_name_points(struct import_summary *summary, const struct programme *programme)
{
    for (size_t i = 0; i < programme->points_count && i < LIMIT_CURRENCIES; i++) {
        const struct points *points = &programme->points[i];
        struct import_points *named = &summary->points[summary->points_count++];
        *named = (struct import_points){.scale = points->scale};
        memcpy(named->currency, points->id.bytes, points->id.length);
    }
}

/* At most 2^53 - 1: a double keeps it. */
static void add_count(cJSON *object, const char *name, int64_t count)
{
    cJSON_AddNumberToObject(object, name, (double)count);
}

static void add_points(cJSON *object, const char *name, int64_t units, unsigned scale)
{
    struct buffer number = {0};
    decimal_format_short(&number, units, scale);
    cJSON_AddRawToObject(object, name, buffer_terminate(&number));
    buffer_free(&number);
}

static void add_rejects(cJSON *answer, const struct import_summary *summary)
{
    cJSON *rejected = cJSON_AddObjectToObject(answer, "rejected");
    add_count(rejected, "receipts", summary->rejected_receipts);
    add_count(rejected, "lines", summary->rejected_lines);
    cJSON *by = cJSON_AddObjectToObject(rejected, "lines_by_code");
    for (unsigned code = 0; code < IMPORT_ERROR_CODES; code++)
        if (summary->rejected_by[code] > 0)
            add_count(by, error_name((enum error_code)code), summary->rejected_by[code]);
}

cJSON *import_answer(const struct import_summary *summary)
{
    cJSON *answer = cJSON_CreateObject();
    cJSON_AddStringToObject(answer, "op", "import");
    add_count(answer, "lines", summary->lines);
    add_count(answer, "receipts", summary->receipts);
    cJSON *anonymous = cJSON_AddObjectToObject(answer, "without_member");
    add_count(anonymous, "receipts", summary->receipts_without_member);
    add_count(anonymous, "lines", summary->lines_without_member);
    add_count(answer, "members_enrolled", summary->members_enrolled);
    cJSON *purchases = cJSON_AddObjectToObject(answer, "purchases");
    add_count(purchases, "new", summary->purchases);
    add_count(purchases, "known", summary->purchases_known);
    cJSON *returns = cJSON_AddObjectToObject(answer, "returns");
    add_count(returns, "new", summary->returns);
    add_count(returns, "known", summary->returns_known);
    add_count(returns, "held_before", summary->returns_held_before);
    add_count(returns, "lines_matched", summary->return_lines_matched);
    add_count(returns, "lines_unmatched", summary->return_lines_unmatched);
    add_count(returns, "lines_deducted", summary->return_lines_deducted);
    add_count(answer, "lines_earning_nothing", summary->lines_earning_nothing);
    cJSON *points = cJSON_AddObjectToObject(answer, "points");
    for (size_t i = 0; i < summary->points_count; i++) {
        const struct import_points *of = &summary->points[i];
        cJSON *currency = cJSON_AddObjectToObject(points, of->currency);
        add_points(currency, "issued", of->issued, of->scale);
        add_points(currency, "taken_back", of->taken_back, of->scale);
    }
    add_rejects(answer, summary);
    add_count(answer, "records", summary->records);
    return answer;
}
