/* See full_ledger.h. */
#include "full_ledger.h"

#include <cjson/cJSON.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "small_ledger.h"
#include "suite.h"

#define GOLDEN TEST_DATA "/golden/v0.1/"

static const char history[] = "receipt,member,time,sku,quantity,amount\n"
                              "h1,1,2026-01-04T05:00:00Z,tea,1,12.34\n"
                              "h2,2,2026-01-04T06:00:00Z,tea,2,20.50\n";

enum { FILLERS = 100 }; /* pairs of records: beyond a tile's 256 */

static struct full_ledger made;

static char *read_text(const char *path)
{
    char *text = test_read_file(path, NULL);
    if (text == NULL) {
        printf("\n    unable to read '%s'\n", path);
        abort();
    }
    return text;
}

/* --- Requests -------------------------------------------------------------------------- */

/* A household has no name but what its answer said: "LAST" is the newest. */
static char *with_household(const char *line, const char *household)
{
    cJSON *request = cJSON_Parse(line);
    cJSON *named = cJSON_GetObjectItem(request, "household");
    if (named != NULL)
        cJSON_SetValuestring(named, household);
    char *text = cJSON_PrintUnformatted(request);
    cJSON_Delete(request);
    return text;
}

static void keep_household(const char *answer, char household[64])
{
    cJSON *object = cJSON_Parse(answer);
    const cJSON *named = cJSON_GetObjectItem(object, "household");
    if (cJSON_IsString(named))
        snprintf(household, 64, "%s", named->valuestring);
    cJSON_Delete(object);
}

static void send_line(loyalty *ledger, const char *line, char household[64])
{
    char *request = with_household(line, household), *answer = NULL;
    const char *const requests[] = {request};
    loyalty_status status = loyalty_execute(ledger, requests, 1, &answer);
    if (status == LOYALTY_OK)
        keep_household(answer, household);
    must(status, &answer);
    free(request);
}

static void send_lines(loyalty *ledger, const char *path)
{
    char household[64] = "", *lines = read_text(path), *rest = lines;
    for (char *line; (line = rest) != NULL && *line != '\0';) {
        rest = strchr(line, '\n');
        if (rest != NULL)
            *rest++ = '\0';
        send_line(ledger, line, household);
    }
    free(lines);
}

/* A card that comes and goes leaves no rows but records. */
static void fill(loyalty *ledger)
{
    static const char request[] = "{\"op\":\"member.%s\",\"member\":\"card:1001\","
                                  "\"identifiers\":[\"card:5005\"],"
                                  "\"now\":\"2026-03-30T02:00:00Z\"}";
    char link[256], unlink[256], *answers[2 * FILLERS] = {NULL};
    const char *requests[2 * FILLERS];
    snprintf(link, sizeof link, request, "link");
    snprintf(unlink, sizeof unlink, request, "unlink");
    for (int i = 0; i < 2 * FILLERS; i++)
        requests[i] = i % 2 == 0 ? link : unlink;
    loyalty_status status = loyalty_execute(ledger, requests, 2 * FILLERS, answers);
    for (int i = 0; i < 2 * FILLERS; i++)
        must(status, &answers[i]);
}

/* --- Programmes -------------------------------------------------------------------------- */

static const char tiers[] =
    "{\"measures\":{\"cups\":{\"action\":\"cup\"},\"stars\":{\"earned\":\"level\"},"
    "\"days\":{\"days\":true}},\"window\":\"P12M\",\"review\":\"P12M\",\"levels\":[{\"id\":\"first\"},"
    "{\"id\":\"jade\",\"from\":[{\"cups\":2},{\"stars\":1}]},"
    "{\"id\":\"gold\",\"by\":{\"survey\":{\"valid\":\"P6M\"}}}]}";
static const char benefits[] =
    "[{\"id\":\"oat\",\"seats\":9,\"quota\":{\"times\":1,\"every\":\"month\"}}]";

/* The golden programme, points that wait to be activated, bodies that are erased, and levels. */
static char *second_version(const char *document)
{
    cJSON *programme = cJSON_Parse(document);
    cJSON_AddItemToObject(cJSON_GetObjectItem(programme, "points"), "stay",
                          cJSON_Parse("{\"pending\":{\"until\":\"activate\"}}"));
    cJSON_AddItemToArray(cJSON_GetObjectItem(programme, "earn"),
                         cJSON_Parse("{\"id\":\"stay\",\"per\":\"10.00\",\"gives\":{\"stay\":1}}"));
    cJSON_AddItemToObject(programme, "retention", cJSON_Parse("{\"bodies\":\"P3M\"}"));
    cJSON_AddItemToObject(programme, "actions", cJSON_Parse("{\"cup\":{},\"survey\":{}}"));
    cJSON_AddItemToObject(programme, "tiers", cJSON_Parse(tiers));
    cJSON_AddItemToObject(programme, "benefits", cJSON_Parse(benefits));
    char *text = cJSON_PrintUnformatted(programme);
    cJSON_Delete(programme);
    return text;
}

static void begin(const char *path, const char *document)
{
    /* 2026-01-04 */
    const struct loyalty_options options = {.size = sizeof options, .test_now = 1767484800000};
    char *request = with_string("init", "programme", document, NULL), *answer = NULL;
    must(loyalty_init(path, &options, request, &answer), &answer);
    free(request);
}

static void apply(loyalty *ledger, const char *document)
{
    char *programme = second_version(document), *answer = NULL;
    char *request = with_string("programme.apply", "programme", programme, "2026-04-01T02:00:00Z");
    const char *const requests[] = {request};
    must(loyalty_execute(ledger, requests, 1, &answer), &answer);
    free(request);
    free(programme);
}

/* --- Checkpoints, and who cosigns ----------------------------------------------------------- */

/* Of nobody's ledger: evidence. */
static cJSON *asked(loyalty *ledger, const char *request)
{
    char *answer = NULL;
    loyalty_status status = ledger == NULL ? loyalty_evidence(request, NULL, &answer)
                                           : run_on(ledger, request, &answer);
    cJSON *object = cJSON_Parse(answer);
    must(status, &answer);
    return object;
}

static const char *string_in(const cJSON *object, const char *name)
{
    return cJSON_GetObjectItem(object, name)->valuestring;
}

static void keep_anchor(loyalty *ledger)
{
    const char *request = "{\"op\":\"checkpoint\"}";
    char *text = NULL;
    loyalty_status status = loyalty_execute(ledger, &request, 1, &text);
    cJSON *answer = cJSON_Parse(text);
    must(status, &text);
    snprintf(made.anchor, sizeof made.anchor, "%s", string_in(answer, "note"));
    cJSON_Delete(answer);
}

/* A request of strings, to be freed. */
static char *request_of(const char *const members[])
{
    cJSON *object = cJSON_CreateObject();
    for (; members[0] != NULL; members += 2)
        cJSON_AddStringToObject(object, members[0], members[1]);
    char *text = cJSON_PrintUnformatted(object);
    cJSON_Delete(object);
    return text;
}

static cJSON *asked_with(loyalty *ledger, const char *const members[])
{
    char *request = request_of(members);
    cJSON *answer = asked(ledger, request);
    free(request);
    return answer;
}

static void cosign(loyalty *ledger)
{
    const char *key = folder_path("auditor.key");
    cJSON *said = asked_with(
        NULL, (const char *[]){"op", "cosign", "new", "auditor.example", "key_file", key, NULL});
    cJSON *growth = asked(ledger, "{\"op\":\"prove\",\"since\":0}");
    snprintf(made.policy, sizeof made.policy, "log %s\nwitness a %s\nquorum a\n",
             string_in(growth, "key"), string_in(said, "cosigner"));
    cJSON *signed_by =
        asked_with(NULL, (const char *[]){"op", "cosign", "growth", string_in(growth, "proof"),
                                          "log", string_in(growth, "key"), "key_file", key, NULL});
    cJSON_Delete(asked_with(ledger, (const char *[]){"op", "cosignature.add", "note",
                                                     string_in(signed_by, "note"), "policy",
                                                     made.policy, NULL}));
    cJSON_Delete(signed_by);
    cJSON_Delete(growth);
    cJSON_Delete(said);
}

/* --- The whole ---------------------------------------------------------------------------------
 */

static void count_records(void)
{
    sqlite3 *db = NULL;
    if (sqlite3_open(made.path, &db) != SQLITE_OK)
        abort();
    made.records = sql_number(db, "SELECT count(*) FROM record");
    sqlite3_close(db);
}

const struct full_ledger *full_ledger(void)
{
    static char path[512], key_path[520];
    /* 2026-04-09T04:00:00Z */
    const struct loyalty_options later = {.size = sizeof later, .test_now = 1775707200000};
    loyalty *ledger = NULL;
    char *answer = NULL;
    if (made.path != NULL)
        return &made;
    snprintf(path, sizeof path, "%s", folder_path("full.db"));
    char *document = read_text(GOLDEN "programme.json");
    begin(path, document);
    must(loyalty_open(&ledger, path, NULL, &answer), &answer);
    import_history(ledger, history);
    send_lines(ledger, GOLDEN "requests.jsonl");
    fill(ledger);
    apply(ledger, document);
    keep_anchor(ledger);
    send_lines(ledger, TEST_DATA "/fault/every_kind.jsonl");
    loyalty_close(ledger);
    must(loyalty_open(&ledger, path, &later, &answer), &answer);
    cJSON_Delete(asked(ledger, "{\"op\":\"sweep\"}"));
    cosign(ledger);
    loyalty_close(ledger);
    free(document);
    made.path = path;
    snprintf(key_path, sizeof key_path, "%s.key", path);
    made.key_path = key_path;
    count_records();
    return &made;
}
