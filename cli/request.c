/* Flags are another spelling of a request's members. Nothing is judged here: an
 * amount goes through as the text that was typed, so that there is one place,
 * the library, that says what an amount is. */
#include "request.h"

#include "files.h"
#include "memory.h"
#include "text.h"

#include <stdlib.h>
#include <string.h>

bool request_is_number(const char *text)
{
    if (*text == '-')
        text++;
    size_t whole = strspn(text, "0123456789");
    if (whole == 0 || (whole > 1 && *text == '0'))
        return false;
    text += whole;
    if (*text == '.') {
        size_t part = strspn(++text, "0123456789");
        if (part == 0)
            return false;
        text += part;
    }
    return *text == '\0';
}

/* Digits go bare, so that no double ever holds them; the rest goes as a string,
 * for the library to refuse with its own words. */
static cJSON *number(const char *text)
{
    return must_have(request_is_number(text) ? cJSON_CreateRaw(text) : cJSON_CreateString(text));
}

static cJSON *member_list(cJSON *request, const char *field)
{
    cJSON *list = cJSON_GetObjectItemCaseSensitive(request, field);
    return list != NULL ? list : must_have(cJSON_AddArrayToObject(request, field));
}

static loyalty_status add_line(cJSON *request, const struct value *value, struct problem *problem)
{
    cJSON *line = must_have(cJSON_CreateObject());
    char *copy = must_copy(value->text);
    char *rest = NULL;
    loyalty_status status = LOYALTY_OK;
    for (char *part = strtok_r(copy, ",", &rest); part != NULL; part = strtok_r(NULL, ",", &rest)) {
        char *equals = strchr(part, '=');
        if (equals == NULL || equals == part) {
            problem_set(problem, LOYALTY_USAGE, "usage", _("--line has '%s' where K=V belongs"),
                        part);
            status =
                problem_hint(problem, "%s", _("write it as sku=85123A,quantity=2,amount=5.90"));
            break;
        }
        *equals = '\0';
        cJSON *item = strcmp(part, "line") == 0 ? number(equals + 1)
                                                : must_have(cJSON_CreateString(equals + 1));
        cJSON_AddItemToObject(line, part, item);
    }
    free(copy);
    cJSON_AddItemToArray(member_list(request, value->flag->field), line);
    return status;
}

/* cash=28.00 */
static loyalty_status add_pair(cJSON *request, const struct value *value, struct problem *problem)
{
    const char *text = value->text, *equals = strchr(text, '=');
    if (equals == NULL || equals == text) {
        problem_set(problem, LOYALTY_USAGE, "usage", _("--%s has '%s' where %s belongs"),
                    value->flag->name, text, value->flag->value);
        return problem_hint(problem, _("write it as %s"), value->flag->prefix);
    }
    char *key = must_copy(text);
    key[equals - text] = '\0';
    cJSON *pair = must_have(cJSON_CreateArray());
    cJSON_AddItemToArray(pair, must_have(cJSON_CreateString(key)));
    cJSON_AddItemToArray(pair, must_have(cJSON_CreateString(equals + 1)));
    cJSON_AddItemToArray(member_list(request, value->flag->field), pair);
    free(key);
    return LOYALTY_OK;
}

static void add_prefixed(cJSON *request, const struct value *value)
{
    size_t prefix = strlen(value->flag->prefix), length = strlen(value->text);
    char *text = must_grow(NULL, prefix + length + 1, 1);
    memcpy(text, value->flag->prefix, prefix);
    memcpy(text + prefix, value->text, length + 1);
    cJSON *list = member_list(request, value->flag->field);
    cJSON_AddItemToArray(list, must_have(cJSON_CreateString(text)));
    free(text);
}

static loyalty_status add_file(cJSON *request, const struct value *value, struct problem *problem)
{
    size_t length = 0;
    char *text = file_read(value->text, REQUEST_BYTES, &length, problem);
    if (text != NULL && file_is_text(text, length, problem))
        must_have(cJSON_AddStringToObject(request, value->flag->field, text));
    free(text);
    return problem->status;
}

/* Where loose reading already fails; what it lets through, the library refuses. */
static void not_json(const char *text, const char *at, const char *path, struct problem *problem)
{
    problem_set(problem, LOYALTY_INVALID, "invalid_json", _("'%s' is not valid JSON"), path);
    problem->line = problem->column = 1;
    for (; text < at; text++) {
        problem->line += *text == '\n';
        problem->column = *text == '\n' ? 1 : problem->column + 1;
    }
}

static loyalty_status add_json(cJSON *request, const struct value *value, struct problem *problem)
{
    size_t length = 0;
    char *text = file_read(value->text, REQUEST_BYTES, &length, problem);
    if (text != NULL && file_is_text(text, length, problem)) {
        const char *end = text;
        cJSON *loose = cJSON_ParseWithOpts(text, &end, 1);
        if (loose == NULL)
            not_json(text, end, value->text, problem);
        else
            cJSON_AddItemToObject(request, value->flag->field, must_have(cJSON_CreateRaw(text)));
        cJSON_Delete(loose);
    }
    free(text);
    return problem->status;
}

/* `name+1234abcd+base64`: what no path would look like. */
static bool is_public_key(const char *text)
{
    const char *plus = strchr(text, '+');
    return plus != NULL && strspn(plus + 1, "0123456789abcdef") == 8 && plus[9] == '+';
}

static loyalty_status add_key(cJSON *request, const struct value *value, struct problem *problem)
{
    if (is_public_key(value->text)) {
        must_have(cJSON_AddStringToObject(request, value->flag->field, value->text));
        return LOYALTY_OK;
    }
    size_t length = 0;
    char *text = file_read(value->text, REQUEST_BYTES, &length, problem);
    if (text != NULL && file_is_text(text, length, problem)) {
        text[strcspn(text, "\n")] = '\0';
        must_have(cJSON_AddStringToObject(request, value->flag->field, text));
    }
    free(text);
    return problem->status;
}

static loyalty_status add_value(cJSON *request, const struct value *value, struct problem *problem)
{
    const char *field = value->flag->field;
    switch (value->flag->kind) {
    case FLAG_TEXT:
        must_have(cJSON_AddStringToObject(request, field, value->text));
        return LOYALTY_OK;
    case FLAG_NUMBER:
        cJSON_AddItemToObject(request, field, number(value->text));
        return LOYALTY_OK;
    case FLAG_SWITCH:
        must_have(cJSON_AddTrueToObject(request, field));
        return LOYALTY_OK;
    case FLAG_LIST:
        add_prefixed(request, value);
        return LOYALTY_OK;
    case FLAG_LINE:
        return add_line(request, value, problem);
    case FLAG_PAIR:
        return add_pair(request, value, problem);
    case FLAG_FILE:
        return add_file(request, value, problem);
    case FLAG_KEY:
        return add_key(request, value, problem);
    case FLAG_KNOWN:
        if (!request_is_number(value->text))
            return add_file(request, value, problem);
        cJSON_AddItemToObject(request, field, number(value->text));
        return LOYALTY_OK;
    case FLAG_JSON:
        return add_json(request, value, problem);
    case FLAG_OWN:
    case FLAG_OWN_SWITCH:
        break;
    }
    return LOYALTY_OK;
}

char *request_with_op(const char *text, const char *op, struct problem *problem)
{
    cJSON *object = cJSON_ParseWithOpts(text, NULL, 1);
    const cJSON *said = cJSON_GetObjectItemCaseSensitive(object, "op");
    bool splice = cJSON_IsObject(object) && said == NULL;
    bool empty = splice && object->child == NULL;
    bool other = cJSON_IsString(said) && strcmp(said->valuestring, op) != 0;
    if (other)
        problem_set(problem, LOYALTY_USAGE, "usage",
                    _("the request says \"op\": \"%s\", not \"%s\""), said->valuestring, op);
    cJSON_Delete(object);
    if (other)
        return NULL;
    if (!splice)
        return must_copy(text);

    size_t length = strlen(text), room = length + strlen(op) + 16;
    size_t end = (size_t)(strrchr(text, '}') - text);
    char *whole = must_grow(NULL, room, 1);
    memcpy(whole, text, end);
    char *at = whole + end;
    at = stpcpy(at, empty ? "\"op\":\"" : ",\"op\":\"");
    at = stpcpy(at, op);
    at = stpcpy(at, "\"");
    memcpy(at, text + end, length - end + 1);
    return whole;
}

static char *from_file(const char *path, const char *op, struct problem *problem)
{
    size_t length = 0;
    char *text = file_read(path, REQUEST_BYTES, &length, problem), *whole = NULL;
    if (text != NULL && file_is_text(text, length, problem))
        whole = request_with_op(text, op, problem);
    free(text);
    return whole;
}

char *request_make(const struct call *call, struct problem *problem)
{
    const char *op = call->command->op, *path = call_value(call, "request");
    if (path != NULL)
        return from_file(path, op, problem);
    cJSON *request = must_have(cJSON_CreateObject());
    must_have(cJSON_AddStringToObject(request, "op", op));
    char *text = NULL;
    for (size_t i = 0; i < call->count && problem->status == LOYALTY_OK; i++)
        add_value(request, &call->values[i], problem);
    if (problem->status == LOYALTY_OK)
        text = must_have(cJSON_PrintUnformatted(request));
    cJSON_Delete(request);
    return text;
}
