/* The public interface: JSON text in, the ledger's verbs, JSON text out. No rule
 * lives here. */
#include "loyalty.h"

#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#include "answer.h"
#include "auditor.h"
#include "evidence.h"
#include "import.h"
#include "json.h"
#include "library_private.h"
#include "reconcile.h"
#include "report.h"
#include "request.h"

char *library_text(cJSON *answer)
{
    char *text = cJSON_PrintUnformatted(answer);
    if (text == NULL)
        memory_exhausted();
    cJSON_Delete(answer);
    return text;
}

loyalty_status library_failed(const struct error *error, struct text id,
                              const struct programme_faults *faults, char **answer)
{
    *answer = library_text(answer_error(error, id, faults));
    return (loyalty_status)error_exit_status(error->code);
}

/* A caller compiled against an older header has a shorter struct: what it does not
 * know of stays at its default. */
static struct ledger_options options_of(const struct loyalty_options *options)
{
    struct ledger_options out = {0};
    struct loyalty_options given = {0};
    if (options == NULL)
        return out;
    memcpy(&given, options, options->size < sizeof given ? options->size : sizeof given);
    out.key_path = given.key_path;
    out.busy_milliseconds = given.busy_milliseconds;
    out.read_only = given.read_only != 0;
    out.test_now = given.test_now;
    out.state_path = given.state_path;
    return out;
}

LOYALTY_API const char *loyalty_version(void)
{
    return LOYALTY_VERSION;
}

LOYALTY_API void loyalty_use_language(const char *tag)
{
    language_restore((struct language){0});
    language_use(text_of(tag));
}

LOYALTY_API void loyalty_free(char *answer)
{
    cJSON_free(answer);
}

/* --- Requests that are not operations: a few strict members ------------------------- */

/* The members that a request may have, with the type that each must be. */
struct member_rule {
    const char *name;
    enum { IS_STRING, IS_TRUE, IS_NUMBER, IS_ANYTHING } type;
};

static bool has_type(const cJSON *item, const struct member_rule *rule)
{
    int64_t number = 0;
    switch (rule->type) {
    case IS_STRING:
        return cJSON_IsString(item);
    case IS_TRUE:
        return cJSON_IsTrue(item);
    case IS_NUMBER:
        return cJSON_IsNumber(item) && json_integer(item, &number) && number >= 0;
    case IS_ANYTHING:
        return true;
    }
    return false;
}

static bool check_members(const cJSON *root, const struct member_rule rules[], size_t count,
                          struct error *error)
{
    static const char *const types[] = {N_("a string"), N_("true, or left out"),
                                        N_("a whole number that is not negative"), ""};
    for (const cJSON *item = root->child; item != NULL; item = item->next) {
        size_t i = 0;
        if (strcmp(item->string, "op") == 0 || strcmp(item->string, "id") == 0 ||
            strcmp(item->string, "lang") == 0)
            continue;
        while (i < count && strcmp(item->string, rules[i].name) != 0)
            i++;
        if (i == count)
            return fail_field(error, ERROR_UNKNOWN_FIELD, item->string,
                              _("this request takes no \"%s\""), item->string);
        if (!has_type(item, &rules[i]))
            return fail_field(error, ERROR_INVALID_FIELD, item->string, _("\"%s\" must be %s"),
                              item->string, _(types[rules[i].type]));
        /* A file that was empty must not look like one that was not given. */
        if (cJSON_IsString(item) && item->valuestring[0] == '\0')
            return fail_field(error, ERROR_INVALID_FIELD, item->string, _("\"%s\" is empty"),
                              item->string);
    }
    return true;
}

static struct text string_of(const cJSON *root, const char *name)
{
    const cJSON *item = cJSON_GetObjectItemCaseSensitive(root, name);
    return text_of(item == NULL ? NULL : item->valuestring);
}

static bool flag_of(const cJSON *root, const char *name)
{
    return cJSON_GetObjectItemCaseSensitive(root, name) != NULL;
}

static int64_t number_of(const cJSON *root, const char *name, int64_t otherwise)
{
    int64_t value = otherwise;
    const cJSON *item = cJSON_GetObjectItemCaseSensitive(root, name);
    return item != NULL && json_integer(item, &value) ? value : otherwise;
}

static cJSON *parse_object(const char *request, struct error *error)
{
    if (strlen(request) > LIMIT_REQUEST_BYTES) {
        fail(error, ERROR_LIMIT, _("a request has at most %d bytes"), LIMIT_REQUEST_BYTES);
        return NULL;
    }
    cJSON *root = json_parse(text_of(request), error);
    if (root == NULL || cJSON_IsObject(root))
        return root;
    cJSON_Delete(root);
    fail(error, ERROR_INVALID_JSON, _("a request is a JSON object"));
    return NULL;
}

/* From here on what is told is told in the request's language. */
static bool use_language_of(const cJSON *root, struct error *error)
{
    const cJSON *item = cJSON_GetObjectItemCaseSensitive(root, "lang");
    struct text tag = text_of(cJSON_GetStringValue(item));
    if (item != NULL && !language_is_tag(tag))
        return fail_field(error, ERROR_INVALID_FIELD, "lang",
                          _("\"lang\" must be a language such as \"en\" or \"zh-CN\""));
    language_use(tag);
    return true;
}

static bool tell(void *context, int64_t done, int64_t total)
{
    const struct loyalty_io *io = context;
    return io->progress == NULL || io->progress(io->context, done, total) == 0;
}

/* --- Life ------------------------------------------------------------------------------- */

static cJSON *made_answer(const struct ledger_made *made, bool test, bool programme)
{
    cJSON *answer = cJSON_CreateObject();
    cJSON_AddBoolToObject(answer, "ok", true);
    cJSON_AddItemToObject(answer, "origin", json_text(made->origin));
    cJSON_AddItemToObject(answer, "key", json_text(made->vkey));
    cJSON_AddItemToObject(answer, "key_file", json_text(made->key_path));
    cJSON_AddBoolToObject(answer, "test", test);
    cJSON_AddBoolToObject(answer, "programme", programme);
    cJSON_AddItemToObject(answer, "records", json_points(made->size, 0));
    cJSON_AddItemToObject(answer, "notes",
                          answer_faults(made->faults.notes, made->faults.note_count));
    return answer;
}

LOYALTY_API loyalty_status loyalty_init(const char *path, const struct loyalty_options *options,
                                        const char *request, char **answer)
{
    static const struct member_rule rules[] = {
        {"origin", IS_STRING}, {"test", IS_TRUE}, {"programme", IS_STRING}};
    struct error error = {0};
    struct arena arena = {0};
    struct ledger_made made = {.arena = &arena};
    struct ledger_options opened = options_of(options);
    cJSON *root = parse_object(request, &error);
    struct language before = language_use((struct text){0});
    bool ok = root != NULL && use_language_of(root, &error) &&
              check_members(root, rules, 3, &error) &&
              ledger_init(path, &opened, string_of(root, "origin"), flag_of(root, "test"),
                          string_of(root, "programme"), &made, &error);
    loyalty_status status = LOYALTY_OK;
    if (ok)
        *answer =
            library_text(made_answer(&made, flag_of(root, "test"), flag_of(root, "programme")));
    else
        status = library_failed(&error, (struct text){0}, &made.faults, answer);
    language_restore(before);
    cJSON_Delete(root);
    arena_free(&arena);
    return status;
}

static bool restore(const char *path, const struct ledger_options *options, const cJSON *root,
                    const struct loyalty_io *io, cJSON **answer, struct error *error)
{
    static const struct member_rule rules[] = {
        {"backup", IS_STRING}, {"anchor", IS_STRING}, {"accept_loss", IS_TRUE}};
    const struct watch watch = {tell, (void *)(uintptr_t)io};
    if (!check_members(root, rules, 3, error))
        return false;
    struct restore_options asked = {.backup = string_of(root, "backup").bytes,
                                    .path = path,
                                    .anchor = string_of(root, "anchor"),
                                    .accept_loss = flag_of(root, "accept_loss")};
    if (string_of(root, "backup").length == 0)
        return fail_field(error, ERROR_MISSING_FIELD, "backup", _("restore needs \"backup\""));
    return ledger_restore(options, &asked, &watch, answer, error);
}

LOYALTY_API loyalty_status loyalty_restore(const char *path, const struct loyalty_options *options,
                                           const char *request, const struct loyalty_io *io,
                                           char **answer)
{
    static const struct loyalty_io no_io = {0};
    struct error error = {0};
    struct ledger_options opened = options_of(options);
    cJSON *root = parse_object(request, &error), *made = NULL;
    struct language before = language_use((struct text){0});
    bool ok = root != NULL && use_language_of(root, &error) &&
              restore(path, &opened, root, io == NULL ? &no_io : io, &made, &error);
    struct text id = text_of(cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(root, "id")));
    loyalty_status status = LOYALTY_OK;
    if (ok && id.length > 0)
        cJSON_AddItemToObject(made, "id", json_text(id));
    if (ok)
        *answer = library_text(made);
    else
        status = library_failed_with(&error, id, made, answer);
    language_restore(before);
    cJSON_Delete(root);
    return status;
}

LOYALTY_API loyalty_status loyalty_open(loyalty **ledger, const char *path,
                                        const struct loyalty_options *options, char **answer)
{
    struct error error = {0};
    struct ledger_options opened = options_of(options);
    struct ledger *inner = NULL;
    *ledger = NULL;
    *answer = NULL;
    if (!ledger_open(&inner, path, &opened, &error))
        return library_failed(&error, (struct text){0}, NULL, answer);
    *ledger = memory_allocate(sizeof **ledger);
    (*ledger)->ledger = inner;
    (*ledger)->path = memory_allocate(strlen(path) + 1);
    strcpy((*ledger)->path, path);
    return LOYALTY_OK;
}

LOYALTY_API void loyalty_close(loyalty *ledger)
{
    if (ledger == NULL)
        return;
    ledger_close(ledger->ledger);
    free(ledger->path);
    free(ledger);
}

/* --- Long work ------------------------------------------------------------------------------- */

struct running {
    struct ledger *ledger;
    const struct loyalty_io *io;
    const cJSON *root;
    const char *request;
    cJSON *answer;
};

static bool run_import(struct running *in, struct error *error)
{
    struct import_io io = {in->io->context, in->io->read, in->io->write_reject, in->io->progress};
    struct import_summary summary;
    if (in->io->read == NULL)
        return fail(error, ERROR_USAGE, _("an import needs something to read from"));
    bool ok = import_run(in->ledger, text_of(in->request), &io, &summary, error);
    in->answer = import_answer(&summary);
    cJSON_AddItemToObject(in->answer, "ok", cJSON_CreateBool(ok));
    return ok;
}

/* The members that all questions of report/ share; known_at is a number of records
 * or the text of a checkpoint. */
static bool report_options(const struct running *in, struct report_options *options,
                           struct error *error)
{
    const cJSON *known = cJSON_GetObjectItemCaseSensitive(in->root, "known_at");
    const cJSON *most = cJSON_GetObjectItemCaseSensitive(in->root, "most");
    *options = (struct report_options){.name = string_of(in->root, "name"),
                                       .as_of = string_of(in->root, "as_of"),
                                       .known_size = number_of(in->root, "known_at", -1),
                                       .period = string_of(in->root, "period"),
                                       .from = string_of(in->root, "from"),
                                       .until = string_of(in->root, "until"),
                                       .member = string_of(in->root, "member"),
                                       .month = string_of(in->root, "month"),
                                       .format = string_of(in->root, "format"),
                                       .within = string_of(in->root, "within"),
                                       .most = most == NULL ? -1 : number_of(in->root, "most", 0),
                                       .anchor = string_of(in->root, "anchor"),
                                       .policy = string_of(in->root, "policy"),
                                       .width = number_of(in->root, "width", 0),
                                       .watch = {tell, (void *)(uintptr_t)in->io}};
    if (cJSON_IsString(known))
        options->known_note = text_of(known->valuestring);
    if (known == NULL || cJSON_IsString(known) || options->known_size >= 0)
        return true;
    return fail_field(error, ERROR_INVALID_FIELD, "known_at",
                      _("\"known_at\" must be a number of records or a signed checkpoint"));
}

static struct report_writer writer_of(const struct running *in)
{
    return (struct report_writer){in->io->write, in->io->context};
}

static bool run_report(struct running *in, struct error *error)
{
    static const struct member_rule rules[] = {
        {"name", IS_STRING},   {"as_of", IS_STRING}, {"known_at", IS_ANYTHING},
        {"period", IS_STRING}, {"from", IS_STRING},  {"until", IS_STRING},
        {"format", IS_STRING}, {"most", IS_NUMBER},  {"anchor", IS_STRING},
        {"policy", IS_STRING}, {"within", IS_STRING}};
    struct report_options options;
    struct report_writer writer = writer_of(in);
    return check_members(in->root, rules, 11, error) && report_options(in, &options, error) &&
           report_run(in->ledger, &options, &writer, &in->answer, error);
}

static bool run_reconcile(struct running *in, struct error *error)
{
    static const struct member_rule rules[] = {{"mapping", IS_ANYTHING},
                                               {"from", IS_STRING},
                                               {"until", IS_STRING},
                                               {"members_only", IS_TRUE}};
    const struct reconcile_io io = {in->io->context, in->io->read, in->io->write, in->io->progress};
    const struct reconcile_options options = {.request = text_of(in->request),
                                              .from = string_of(in->root, "from"),
                                              .until = string_of(in->root, "until"),
                                              .members_only = flag_of(in->root, "members_only")};
    if (in->io->read == NULL)
        return fail(error, ERROR_USAGE, _("a reconciliation needs something to read from"));
    return check_members(in->root, rules, 4, error) &&
           reconcile_run(in->ledger, &options, &io, &in->answer, error);
}

static bool run_statement(struct running *in, struct error *error)
{
    static const struct member_rule rules[] = {{"member", IS_STRING}, {"month", IS_STRING},
                                               {"as_of", IS_STRING},  {"known_at", IS_ANYTHING},
                                               {"format", IS_STRING}, {"width", IS_NUMBER}};
    struct report_options options;
    struct report_writer writer = writer_of(in);
    return check_members(in->root, rules, 6, error) && report_options(in, &options, error) &&
           report_statement(in->ledger, &options, &writer, &in->answer, error);
}

static bool run_journal(struct running *in, struct error *error)
{
    static const struct member_rule rules[] = {{"format", IS_STRING}, {"known_at", IS_ANYTHING}};
    struct report_options options;
    struct report_writer writer = writer_of(in);
    if (!text_equal(string_of(in->root, "format"), text_of("hledger")))
        return fail_field(error, ERROR_INVALID_FIELD, "format",
                          _("\"format\" must be hledger, or left out for the log itself"));
    return check_members(in->root, rules, 2, error) && report_options(in, &options, error) &&
           report_hledger(in->ledger, &options, &writer, &in->answer, error);
}

static bool run_bundle(struct running *in, struct error *error)
{
    static const struct member_rule rules[] = {{"audit", IS_STRING}, {"since", IS_STRING}};
    const struct watch watch = {tell, (void *)(uintptr_t)in->io};
    if (!check_members(in->root, rules, 2, error))
        return false;
    if (string_of(in->root, "audit").length == 0)
        return fail_field(error, ERROR_INVALID_FIELD, "audit", _("\"audit\" must be a folder"));
    return ledger_bundle(in->ledger, string_of(in->root, "audit").bytes,
                         string_of(in->root, "since"), &watch, &in->answer, error);
}

static bool run_export(struct running *in, struct error *error)
{
    if (cJSON_IsString(cJSON_GetObjectItemCaseSensitive(in->root, "audit")))
        return run_bundle(in, error);
    static const struct member_rule rules[] = {{"from", IS_NUMBER}, {"until", IS_NUMBER}};
    if (cJSON_IsString(cJSON_GetObjectItemCaseSensitive(in->root, "format")))
        return run_journal(in, error);
    return check_members(in->root, rules, 2, error) &&
           ledger_export(in->ledger, number_of(in->root, "from", 0),
                         number_of(in->root, "until", INT64_MAX), in->io->write, in->io->context,
                         &in->answer, error);
}

static bool run_verify(struct running *in, struct error *error)
{
    static const struct member_rule rules[] = {{"anchor", IS_STRING},
                                               {"since", IS_STRING},
                                               {"key", IS_STRING},
                                               {"policy", IS_STRING},
                                               {"all_signatures", IS_TRUE}};
    const struct watch watch = {tell, (void *)(uintptr_t)in->io};
    if (!check_members(in->root, rules, 5, error))
        return false;
    struct text anchor = string_of(in->root, "anchor"), since = string_of(in->root, "since");
    if (anchor.length > 0 && since.length > 0)
        return fail_field(error, ERROR_USAGE, "since",
                          _("\"since\" and \"anchor\" name the checkpoint in two ways"));
    struct verify_options options = {.anchor = since.length > 0 ? since : anchor,
                                     .key = string_of(in->root, "key"),
                                     .policy = string_of(in->root, "policy"),
                                     .since = since.length > 0,
                                     .all_signatures = flag_of(in->root, "all_signatures")};
    return ledger_verify(in->ledger, &options, &watch, &in->answer, error);
}

static bool run_prove(struct running *in, struct error *error)
{
    static const struct member_rule rules[] = {
        {"seq", IS_NUMBER}, {"ref", IS_STRING}, {"since", IS_ANYTHING}};
    const cJSON *since = cJSON_GetObjectItemCaseSensitive(in->root, "since");
    struct prove_options options = {.seq = number_of(in->root, "seq", -1),
                                    .ref = string_of(in->root, "ref"),
                                    .since = number_of(in->root, "since", -1)};
    if (!check_members(in->root, rules, 3, error))
        return false;
    if (cJSON_IsString(since))
        options.since_note = text_of(since->valuestring);
    else if (since != NULL && options.since < 0)
        return fail_field(error, ERROR_INVALID_FIELD, "since",
                          _("\"since\" must be a number of records or a signed checkpoint"));
    return ledger_prove(in->ledger, &options, &in->answer, error);
}

static bool run_add_cosignatures(struct running *in, struct error *error)
{
    static const struct member_rule rules[] = {{"note", IS_STRING}, {"policy", IS_STRING}};
    struct text note = string_of(in->root, "note"), policy = string_of(in->root, "policy");
    if (!check_members(in->root, rules, 2, error))
        return false;
    if (note.length == 0 || policy.length == 0)
        return fail_field(
            error, ERROR_MISSING_FIELD, note.length == 0 ? "note" : "policy",
            _("it takes a cosigned checkpoint, and a policy that names the cosigners"));
    return ledger_add_cosignatures(in->ledger, note, policy, &in->answer, error);
}

static bool run_publish(struct running *in, struct error *error)
{
    static const struct member_rule rules[] = {{"path", IS_STRING}, {"entries", IS_TRUE}};
    const struct watch watch = {tell, (void *)(uintptr_t)in->io};
    if (!check_members(in->root, rules, 2, error))
        return false;
    if (string_of(in->root, "path").length == 0)
        return fail_field(error, ERROR_MISSING_FIELD, "path", _("publish needs \"path\""));
    const struct publish_options options = {string_of(in->root, "path").bytes,
                                            flag_of(in->root, "entries")};
    return ledger_publish(in->ledger, &options, &watch, &in->answer, error);
}

static bool run_audit(struct running *in, struct error *error)
{
    const struct watch watch = {tell, (void *)(uintptr_t)in->io};
    return check_members(in->root, NULL, 0, error) &&
           ledger_audit(in->ledger, &watch, &in->answer, error);
}

static bool run_rebuild(struct running *in, struct error *error)
{
    const struct watch watch = {tell, (void *)(uintptr_t)in->io};
    return check_members(in->root, NULL, 0, error) &&
           ledger_rebuild(in->ledger, &watch, &in->answer, error);
}

static bool run_sweep(struct running *in, struct error *error)
{
    static const struct member_rule rules[] = {{"accept_clock", IS_TRUE}};
    const struct watch watch = {tell, (void *)(uintptr_t)in->io};
    return check_members(in->root, rules, 1, error) &&
           ledger_sweep(in->ledger, flag_of(in->root, "accept_clock"), &watch, &in->answer, error);
}

static bool run_backup(struct running *in, struct error *error)
{
    static const struct member_rule rules[] = {{"path", IS_STRING}};
    const struct watch watch = {tell, (void *)(uintptr_t)in->io};
    if (!check_members(in->root, rules, 1, error))
        return false;
    if (string_of(in->root, "path").length == 0)
        return fail_field(error, ERROR_MISSING_FIELD, "path", _("backup needs \"path\""));
    return ledger_backup(in->ledger, string_of(in->root, "path").bytes, &watch, &in->answer, error);
}

struct work {
    enum operation op;
    bool (*run)(struct running *, struct error *);
};

/* The one of the works that the request names; `names` are all of theirs. */
static bool run_one(struct running *in, const struct work works[], size_t count, const char *names,
                    struct error *error)
{
    struct text op = {0};
    const cJSON *item = cJSON_GetObjectItemCaseSensitive(in->root, "op");
    if (cJSON_IsString(item))
        op = text_of(item->valuestring);
    for (size_t i = 0; i < count; i++) {
        if (text_equal(op, text_of(operation_name(works[i].op))))
            return works[i].run(in, error);
    }
    return fail_field(error, ERROR_INVALID_FIELD, "op", _("\"op\" must be one of %s"), names);
}

static bool run(struct running *in, struct error *error)
{
    static const struct work works[] = {
        {OPERATION_IMPORT, run_import},
        {OPERATION_EXPORT, run_export},
        {OPERATION_VERIFY, run_verify},
        {OPERATION_PROVE, run_prove},
        {OPERATION_AUDIT, run_audit},
        {OPERATION_REBUILD, run_rebuild},
        {OPERATION_BACKUP, run_backup},
        {OPERATION_REPORT, run_report},
        {OPERATION_STATEMENT, run_statement},
        {OPERATION_PUBLISH, run_publish},
        {OPERATION_COSIGNATURE_ADD, run_add_cosignatures},
        {OPERATION_SWEEP, run_sweep},
        {OPERATION_RECONCILE, run_reconcile},
    };
    return run_one(in, works, sizeof works / sizeof *works,
                   "import, export, verify, prove, publish, audit, rebuild, sweep, backup, "
                   "report, statement, cosignature.add, reconcile",
                   error);
}

/* --- Evidence, without a ledger --------------------------------------------------------------- */

static bool run_verify_proof(struct running *in, struct error *error)
{
    static const struct member_rule rules[] = {
        {"proof", IS_STRING}, {"key", IS_STRING}, {"policy", IS_STRING}};
    if (!check_members(in->root, rules, 3, error))
        return false;
    if (string_of(in->root, "proof").length == 0)
        return fail_field(error, ERROR_MISSING_FIELD, "proof", _("there is no proof to check"));
    return auditor_verify_proof(string_of(in->root, "proof"), string_of(in->root, "key"),
                                string_of(in->root, "policy"), &in->answer, error);
}

static bool run_verify_bundle(struct running *in, struct error *error)
{
    static const struct member_rule rules[] = {{"bundle", IS_STRING},
                                               {"key", IS_STRING},
                                               {"anchor", IS_STRING},
                                               {"policy", IS_STRING},
                                               {"all_signatures", IS_TRUE}};
    if (!check_members(in->root, rules, 5, error))
        return false;
    struct text folder = string_of(in->root, "bundle");
    if (folder.length == 0)
        return fail_field(error, ERROR_MISSING_FIELD, "bundle", _("there is no bundle to check"));
    const struct bundle_options options = {.folder = folder.bytes,
                                           .key = string_of(in->root, "key"),
                                           .anchor = string_of(in->root, "anchor"),
                                           .policy = string_of(in->root, "policy"),
                                           .all_signatures = flag_of(in->root, "all_signatures"),
                                           .tell = tell,
                                           .context = (void *)(uintptr_t)in->io};
    return auditor_verify_bundle(&options, &in->answer, error);
}

static bool run_cosign(struct running *in, struct error *error)
{
    static const struct member_rule rules[] = {
        {"growth", IS_STRING}, {"log", IS_STRING}, {"key_file", IS_STRING}, {"new", IS_STRING}};
    struct text name = string_of(in->root, "new"), file = string_of(in->root, "key_file");
    struct cosign_options options = {string_of(in->root, "growth"), string_of(in->root, "log"),
                                     file.bytes};
    if (!check_members(in->root, rules, 4, error))
        return false;
    if (file.length == 0) {
        fail_field(error, ERROR_MISSING_FIELD, "key_file", _("a cosigner has a key of its own"));
        return hint(error, _("name its file with --key; --new makes one"));
    }
    if (name.length > 0 && options.growth.length == 0 && options.log.length == 0)
        return auditor_new_cosigner(name, file.bytes, &in->answer, error);
    if (name.length > 0)
        return fail_field(error, ERROR_USAGE, "new",
                          _("a new cosigner is made first, and signs later"));
    if (options.growth.length == 0 || options.log.length == 0)
        return fail_field(error, ERROR_MISSING_FIELD, options.log.length == 0 ? "log" : "growth",
                          _("cosign needs what `loyalty prove --since` wrote, and the log's key"));
    return auditor_cosign(&options, &in->answer, error);
}

static bool run_evidence(struct running *in, struct error *error)
{
    static const struct work works[] = {{OPERATION_VERIFY, run_verify_bundle},
                                        {OPERATION_VERIFY_PROOF, run_verify_proof},
                                        {OPERATION_COSIGN, run_cosign}};
    if (sodium_init() < 0)
        return fail(error, ERROR_IO, _("no source of random numbers"));
    return run_one(in, works, sizeof works / sizeof *works, "verify, verify.proof, cosign", error);
}

/* A failed run may still have found something out: its report stands beside the
 * error. */
loyalty_status library_failed_with(const struct error *error, struct text id, cJSON *report,
                                   char **answer)
{
    cJSON *whole = answer_error(error, id, NULL);
    if (report != NULL) {
        cJSON_DeleteItemFromObjectCaseSensitive(report, "ok");
        cJSON_AddItemToObject(whole, "report", report);
    }
    *answer = library_text(whole);
    return (loyalty_status)error_exit_status(error->code);
}

static loyalty_status run_request(struct ledger *ledger, const char *request,
                                  const struct loyalty_io *io,
                                  bool (*work)(struct running *, struct error *), char **answer)
{
    static const struct loyalty_io no_io = {0};
    struct error error = {0};
    struct running in = {.ledger = ledger, .io = io == NULL ? &no_io : io, .request = request};
    cJSON *root = parse_object(request, &error);
    in.root = root;
    struct language before = language_use((struct text){0});
    bool ok = root != NULL && use_language_of(root, &error) && work(&in, &error);
    language_restore(before);
    struct text id = text_of(cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(root, "id")));
    loyalty_status status = LOYALTY_OK;
    if (ok) {
        if (id.length > 0)
            cJSON_AddItemToObject(in.answer, "id", json_text(id));
        *answer = library_text(in.answer);
    } else {
        if (error.code == ERROR_FORK && ledger != NULL)
            in.answer = ledger_fork_report(ledger, in.answer);
        status = library_failed_with(&error, id, in.answer, answer);
    }
    cJSON_Delete(root);
    return status;
}

LOYALTY_API loyalty_status loyalty_run(loyalty *ledger, const char *request,
                                       const struct loyalty_io *io, char **answer)
{
    return run_request(ledger->ledger, request, io, run, answer);
}

LOYALTY_API loyalty_status loyalty_evidence(const char *request, const struct loyalty_io *io,
                                            char **answer)
{
    return run_request(NULL, request, io, run_evidence, answer);
}

/* --- Without a ledger ---------------------------------------------------------------------------
 */

LOYALTY_API loyalty_status loyalty_check_programme(const char *document, size_t length,
                                                   char **answer)
{
    struct arena arena = {0};
    struct programme_faults faults = {0};
    struct error error = {0};
    loyalty_status status = LOYALTY_OK;
    const struct programme *programme =
        programme_read(&arena, (struct text){document, length}, (struct text){0}, &faults, &error);
    if (programme == NULL) {
        status = library_failed(&error, (struct text){0}, &faults, answer);
    } else {
        cJSON *made = cJSON_CreateObject();
        cJSON_AddBoolToObject(made, "ok", true);
        cJSON_AddItemToObject(made, "programme", json_text(programme->id));
        cJSON_AddItemToObject(made, "faults", cJSON_CreateArray());
        cJSON_AddItemToObject(made, "notes", answer_faults(faults.notes, faults.note_count));
        *answer = library_text(made);
    }
    arena_free(&arena);
    return status;
}

LOYALTY_API loyalty_status loyalty_upgrade(const char *path, const char *backup_path, char **answer)
{
    struct arena arena = {0};
    struct error error = {0};
    unsigned from = 0;
    loyalty_status status = LOYALTY_OK;
    if (backup_path == NULL)
        backup_path = text_format(&arena, "%s.before-%u", path, store_schema_current()).bytes;
    if (!store_upgrade(path, backup_path, &from, &error)) {
        status = library_failed(&error, (struct text){0}, NULL, answer);
    } else {
        cJSON *made = cJSON_CreateObject();
        cJSON_AddBoolToObject(made, "ok", true);
        cJSON_AddItemToObject(made, "from", json_points(from, 0));
        cJSON_AddItemToObject(made, "to", json_points(store_schema_current(), 0));
        if (from != store_schema_current())
            cJSON_AddStringToObject(made, "backup", backup_path);
        *answer = library_text(made);
    }
    arena_free(&arena);
    return status;
}
