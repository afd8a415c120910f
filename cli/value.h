/* Reading members of an answer, and writing them for people. */
#ifndef LOYALTY_CLI_VALUE_H
#define LOYALTY_CLI_VALUE_H

#include <cjson/cJSON.h>
#include <stdbool.h>

/* Text of a small value; a struct, so that it can be used within a printf. */
struct shown {
    char text[48];
};

const cJSON *value_of(const cJSON *object, const char *name);
const char *value_text(const cJSON *object, const char *name); /* "" where it is no string */
double value_number(const cJSON *object, const char *name);    /* 0 where it is no number */
bool value_false(const cJSON *object, const char *name);       /* it is there, and false */
bool value_true(const cJSON *object, const char *name);

/* Points as digits, never with an exponent: 12, -5, 1.25. */
struct shown shown_points(double points);
/* With a sign, also "+": what changes. */
struct shown shown_change(double points);
/* When it happened, by the clock that people there go by: "local" where the answer
 * has it, else "at", else the member `otherwise`. */
struct shown value_when(const cJSON *object, const char *otherwise);
/* A moment by the clocks of the programme's zone: "NAME_local" where the answer has it. */
struct shown value_moment(const cJSON *object, const char *name);
/* "2026-11-21T10:00:00.000Z" as "2026-11-21 10:00 UTC", a local one without its
 * offset; "" of nothing. */
struct shown shown_moment(const char *moment);

#endif
