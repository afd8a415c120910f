/* Reading arguments. Global flags stand anywhere; a command is one word or two;
 * "--" ends the flags; "--flag=value" and "--flag value" are the same. A value
 * may start with one dash ("--points -5"), but not with two: a forgotten value
 * must not swallow the next flag. What a value means is the library's to judge. */
#include "arguments.h"

#include "memory.h"
#include "text.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static loyalty_status usage(struct problem *problem, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

static loyalty_status usage(struct problem *problem, const char *format, ...)
{
    char message[512];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(message, sizeof message, format, arguments);
    va_end(arguments);
    return problem_set(problem, LOYALTY_USAGE, "usage", "%s", message);
}

void arguments_peek(int argc, char *const argv[], struct call *call)
{
    for (int i = 1; i < argc && strcmp(argv[i], "--") != 0; i++) {
        if (strcmp(argv[i], "--json") == 0)
            call->json = true;
        else if (strncmp(argv[i], "--lang=", 7) == 0)
            call->language = argv[i] + 7;
        else if (strcmp(argv[i], "--lang") == 0 && i + 1 < argc)
            call->language = argv[i + 1];
    }
}

static bool digits(const char **text, int count, int *value)
{
    *value = 0;
    for (int i = 0; i < count; i++, (*text)++) {
        if (**text < '0' || **text > '9')
            return false;
        *value = *value * 10 + (**text - '0');
    }
    return true;
}

static bool literal(const char **text, char c)
{
    return *(*text)++ == c;
}

/* Days since 1970-01-01 of a Gregorian date (Hinnant, "days_from_civil"). */
static int64_t days_from_civil(int64_t year, int month, int day)
{
    year -= month <= 2;
    int64_t era = (year >= 0 ? year : year - 399) / 400;
    int64_t year_of_era = year - era * 400;
    int64_t day_of_year = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;
    int64_t day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    return era * 146097 + day_of_era - 719468;
}

static bool date_exists(int year, int month, int day)
{
    static const int length[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
    return month >= 1 && month <= 12 && day >= 1 &&
           day <= length[month - 1] + (month == 2 && leap ? 1 : 0);
}

/* ".5" to ".999", where there is one. */
static bool fraction(const char **text, int *milliseconds)
{
    *milliseconds = 0;
    if (**text != '.')
        return true;
    (*text)++;
    int count = 0;
    for (int weight = 100; **text >= '0' && **text <= '9'; (*text)++, weight /= 10, count++)
        *milliseconds += (**text - '0') * weight;
    return count >= 1 && count <= 3;
}

/* "Z" or "+08:00", to the end of the text. */
static bool offset(const char *text, int *minutes)
{
    *minutes = 0;
    if (strcmp(text, "Z") == 0)
        return true;
    int sign = *text == '-' ? -1 : 1, hours = 0, rest = 0;
    if (*text != '+' && *text != '-')
        return false;
    text++;
    if (!digits(&text, 2, &hours) || !literal(&text, ':') || !digits(&text, 2, &rest) ||
        *text != '\0' || hours > 23 || rest > 59)
        return false;
    *minutes = sign * (hours * 60 + rest);
    return true;
}

bool arguments_moment(const char *text, int64_t *milliseconds)
{
    int year, month, day, hour, minute, second, thousandth, east;
    if (!digits(&text, 4, &year) || !literal(&text, '-') || !digits(&text, 2, &month) ||
        !literal(&text, '-') || !digits(&text, 2, &day) || !literal(&text, 'T') ||
        !digits(&text, 2, &hour) || !literal(&text, ':') || !digits(&text, 2, &minute) ||
        !literal(&text, ':') || !digits(&text, 2, &second) || !fraction(&text, &thousandth) ||
        !offset(text, &east))
        return false;
    if (!date_exists(year, month, day) || hour > 23 || minute > 59 || second > 59)
        return false;
    int64_t minutes = (days_from_civil(year, month, day) * 24 + hour) * 60 + minute - east;
    *milliseconds = (minutes * 60 + second) * 1000 + thousandth;
    return true;
}

static loyalty_status read_busy(const char *text, struct call *call, struct problem *problem)
{
    char *end = NULL;
    long value = strtol(text, &end, 10);
    if (end == text || *end != '\0' || value < 1 || value > 3600000)
        return usage(problem, _("--busy needs milliseconds from 1 to 3600000, not '%s'"), text);
    call->busy_milliseconds = (int)value;
    return LOYALTY_OK;
}

static loyalty_status read_now(const char *text, struct call *call, struct problem *problem)
{
    if (arguments_moment(text, &call->now) && call->now != 0)
        return LOYALTY_OK;
    usage(problem, _("--now cannot read '%s' as a time"), text);
    return problem_hint(problem, _("write it as 2026-11-21T10:00:00Z, or with an offset"));
}

static loyalty_status set_global(const struct flag *flag, const char *text, struct call *call,
                                 struct problem *problem)
{
    if (strcmp(flag->name, "db") == 0)
        call->database = text;
    else if (strcmp(flag->name, "key") == 0)
        call->key = text;
    else if (strcmp(flag->name, "lang") == 0)
        call->language = text;
    else if (strcmp(flag->name, "json") == 0)
        call->json = true;
    else if (strcmp(flag->name, "help") == 0)
        call->help = true;
    else if (strcmp(flag->name, "version") == 0)
        call->version = true;
    else if (strcmp(flag->name, "busy") == 0)
        return read_busy(text, call, problem);
    else if (strcmp(flag->name, "now") == 0)
        return read_now(text, call, problem);
    return LOYALTY_OK;
}

static loyalty_status set_value(const struct flag *flag, const char *text, struct call *call,
                                struct problem *problem)
{
    for (size_t i = 0; i < call->count && !flag_repeats(flag); i++)
        if (call->values[i].flag == flag)
            return usage(problem, _("'%s' is given twice"), flag->name);
    call->values[call->count++] = (struct value){flag, text};
    return LOYALTY_OK;
}

static loyalty_status unknown_flag(const char *argument, const struct command *command,
                                   struct problem *problem)
{
    char name[64];
    snprintf(name, sizeof name, "%.*s", (int)strcspn(argument, "="), argument);
    const char *known[128];
    size_t count = 0;
    for (const struct flag *flag = global_flag_table; flag->name != NULL; flag++)
        known[count++] = flag->name;
    for (const struct flag *flag = flag_table; flag->name != NULL && count < 128; flag++)
        if (command != NULL && command_takes(command, flag->name))
            known[count++] = flag->name;
    usage(problem, _("there is no flag '%s'"), name);
    const char *near = nearest(name + strspn(name, "-"), known, count);
    if (near != NULL)
        return problem_hint(problem, _("did you mean '--%s'?"), near);
    if (command != NULL)
        return problem_hint(problem, _("'loyalty %s --help' lists its flags"), command->name);
    return problem_hint(problem, "%s", _("'loyalty help' lists what there is"));
}

/* One "--flag", "--flag=value" or "--flag value"; *i moves on past the value. */
static loyalty_status read_flag(int argc, char *const argv[], int *i, struct call *call,
                                struct problem *problem)
{
    const char *name = argv[*i] + 2, *value = strchr(name, '=');
    size_t length = value != NULL ? (size_t)(value - name) : strlen(name);
    value = value != NULL ? value + 1 : NULL;

    /* The command's own come first: "programme show --version 2". */
    const struct flag *global = NULL, *flag = flag_find(flag_table, name, length);
    if (flag == NULL || call->command == NULL || !command_takes(call->command, flag->name))
        flag = global = flag_find(global_flag_table, name, length);
    if (flag == NULL)
        return unknown_flag(argv[*i], call->command, problem);
    if (flag->value == NULL) {
        if (value != NULL)
            return usage(problem, _("--%s takes no value"), flag->name);
    } else if (value == NULL) {
        if (*i + 1 >= argc || strncmp(argv[*i + 1], "--", 2) == 0)
            return usage(problem, _("--%s needs a value"), flag->name);
        value = argv[++*i];
    }
    return global != NULL ? set_global(flag, value, call, problem)
                          : set_value(flag, value, call, problem);
}

/* The command whose name is this word and the next, or this word alone. */
static const struct command *find_command(const char *word, const char *next, bool *two_words)
{
    const struct command *one = NULL;
    size_t length = strlen(word);
    *two_words = false;
    for (const struct command *command = command_table; command->name != NULL; command++) {
        if (strcmp(command->name, word) == 0)
            one = command;
        if (next != NULL && strncmp(command->name, word, length) == 0 &&
            command->name[length] == ' ' && strcmp(command->name + length + 1, next) == 0) {
            *two_words = true;
            return command;
        }
    }
    return one;
}

static bool is_group(const char *word)
{
    size_t length = strlen(word);
    for (const struct command *command = command_table; command->name != NULL; command++)
        if (strncmp(command->name, word, length) == 0 && command->name[length] == ' ')
            return true;
    return false;
}

static loyalty_status unknown_command(const char *word, const char *next, struct problem *problem)
{
    char said[128];
    bool two = next != NULL && is_group(word);
    snprintf(said, sizeof said, "%s%s%s", word, two ? " " : "", two ? next : "");
    const char *known[64];
    size_t count = 0;
    for (const struct command *command = command_table; command->name != NULL && count < 64;
         command++)
        known[count++] = command->name;
    usage(problem, _("there is no command '%s'"), said);
    const char *near = nearest(said, known, count);
    if (near != NULL)
        return problem_hint(problem, _("did you mean '%s'?"), near);
    return problem_hint(problem, "%s", _("'loyalty help' lists what there is"));
}

/* The next positional argument's name that has no value yet. */
static loyalty_status read_positional(const char *text, struct call *call, size_t *places,
                                      struct problem *problem)
{
    const char *list = call->command->positional, *name = NULL;
    size_t length = 0;
    char mark = 0;
    for (size_t place = 0; place <= *places; place++)
        name = command_next_name(&list, &length, &mark);
    if (name == NULL) {
        usage(problem, _("there is no place for '%s'"), text);
        return problem_hint(problem, _("'loyalty %s --help' shows how it is called"),
                            call->command->name);
    }
    ++*places;
    return set_value(flag_find(flag_table, name, length), text, call, problem);
}

static loyalty_status need_positionals(const struct call *call, struct problem *problem)
{
    const char *list = call->command->positional, *name;
    size_t length = 0;
    char mark = 0;
    if (call_value(call, "request") != NULL)
        return LOYALTY_OK;
    while ((name = command_next_name(&list, &length, &mark)) != NULL) {
        const struct flag *flag = flag_find(flag_table, name, length);
        if (mark == '[' || call_value(call, flag->name) != NULL)
            continue;
        problem_set(problem, LOYALTY_USAGE, "usage", _("'%s' needs %s"), call->command->name,
                    flag->value);
        return problem_hint(problem, _("'loyalty %s --help' shows how it is called"),
                            call->command->name);
    }
    return LOYALTY_OK;
}

static loyalty_status request_alone(const struct call *call, struct problem *problem)
{
    if (call_value(call, "request") == NULL)
        return LOYALTY_OK;
    for (size_t i = 0; i < call->count; i++)
        if (call->values[i].flag->field != NULL)
            return usage(problem, _("--request and '%s' say the same thing in two ways"),
                         call->values[i].flag->name);
    return LOYALTY_OK;
}

static loyalty_status read_word(int argc, char *const argv[], int *i, struct call *call,
                                size_t *places, struct problem *problem)
{
    if (call->command != NULL)
        return read_positional(argv[*i], call, places, problem);
    const char *next = *i + 1 < argc && argv[*i + 1][0] != '-' ? argv[*i + 1] : NULL;
    bool two_words = false;
    call->command = find_command(argv[*i], next, &two_words);
    if (call->command != NULL) {
        *i += two_words ? 1 : 0;
        return LOYALTY_OK;
    }
    if (next == NULL && is_group(argv[*i])) {
        call->group = argv[*i];
        return LOYALTY_OK;
    }
    return unknown_command(argv[*i], next, problem);
}

loyalty_status arguments_read(int argc, char *const argv[], struct call *call,
                              struct problem *problem)
{
    call->values = must_grow(NULL, (size_t)argc + 1, sizeof *call->values);
    size_t places = 0;
    bool flags = true;
    for (int i = 1; i < argc; i++) {
        loyalty_status status;
        if (flags && strcmp(argv[i], "--") == 0) {
            flags = false;
            continue;
        }
        if (flags && strcmp(argv[i], "-h") == 0)
            call->help = true, status = LOYALTY_OK;
        else if (flags && strncmp(argv[i], "--", 2) == 0)
            status = read_flag(argc, argv, &i, call, problem);
        else if (flags && argv[i][0] == '-' && argv[i][1] != '\0')
            status = unknown_flag(argv[i], call->command, problem);
        else
            status = read_word(argc, argv, &i, call, &places, problem);
        if (status != LOYALTY_OK)
            return status;
    }
    if (call->help || call->version)
        return LOYALTY_OK;
    if (call->command == NULL && call->group != NULL) {
        usage(problem, _("'%s' needs a second word"), call->group);
        return problem_hint(problem, _("'loyalty %s --help' lists them"), call->group);
    }
    if (call->command == NULL)
        return LOYALTY_OK;
    loyalty_status status = request_alone(call, problem);
    return status != LOYALTY_OK ? status : need_positionals(call, problem);
}
