/* Answers hold points as JSON numbers of at most 15 digits, which a double keeps
 * exactly; sums of them are cut at 15 digits again. */
#include "value.h"

#include <stdio.h>
#include <string.h>

const cJSON *value_of(const cJSON *object, const char *name)
{
    return cJSON_GetObjectItemCaseSensitive(object, name);
}

const char *value_text(const cJSON *object, const char *name)
{
    const char *text = cJSON_GetStringValue(value_of(object, name));
    return text != NULL ? text : "";
}

double value_number(const cJSON *object, const char *name)
{
    const cJSON *item = value_of(object, name);
    return cJSON_IsNumber(item) ? item->valuedouble : 0;
}

bool value_true(const cJSON *object, const char *name)
{
    return cJSON_IsTrue(value_of(object, name));
}

bool value_false(const cJSON *object, const char *name)
{
    return cJSON_IsFalse(value_of(object, name));
}

struct shown shown_points(double points)
{
    struct shown shown;
    double size = points < 0 ? -points : points;
    if (size < 1e16 && points == (double)(long long)points) {
        snprintf(shown.text, sizeof shown.text, "%lld", (long long)points);
    } else if (size >= 1) {
        snprintf(shown.text, sizeof shown.text, "%.15g", points);
    } else {
        snprintf(shown.text, sizeof shown.text, "%.6f", points);
        for (size_t end = strlen(shown.text); end > 0 && shown.text[end - 1] == '0'; end--)
            shown.text[end - 1] = '\0';
    }
    return shown;
}

struct shown shown_change(double points)
{
    struct shown shown = shown_points(points);
    if (points > 0) {
        size_t length = strlen(shown.text);
        memmove(shown.text + 1, shown.text, length + 1);
        shown.text[0] = '+';
    }
    return shown;
}

struct shown value_when(const cJSON *object, const char *otherwise)
{
    const char *local = value_text(object, "local"), *at = value_text(object, "at");
    return shown_moment(*local != '\0' ? local : *at != '\0' ? at : value_text(object, otherwise));
}

struct shown value_moment(const cJSON *object, const char *name)
{
    char local[64];
    snprintf(local, sizeof local, "%s_local", name);
    const char *here = value_text(object, local);
    return shown_moment(*here != '\0' ? here : value_text(object, name));
}

struct shown shown_moment(const char *moment)
{
    struct shown shown = {""};
    size_t length = strlen(moment);
    if (length < 16 || moment[10] != 'T') {
        snprintf(shown.text, sizeof shown.text, "%s", moment);
        return shown;
    }
    snprintf(shown.text, sizeof shown.text, "%.10s %.5s%s", moment, moment + 11,
             moment[length - 1] == 'Z' ? " UTC" : "");
    return shown;
}
