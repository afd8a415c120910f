/* Help, from the tables: an overview, one command, and the Markdown page. */
#include "command.h"
#include "output.h"
#include "table.h"
#include "text.h"

#include <stdio.h>
#include <string.h>

enum { WIDTH = 78 };

static void add_flag(struct table *table, const struct flag *flag)
{
    table_cell(table, "--%s%s%s", flag->name, flag->value != NULL ? " " : "",
               flag->value != NULL ? flag->value : "");
    table_cell(table, "%s", _(flag->summary));
}

static void put_global_flags(void)
{
    struct table *table = table_new("ll");
    for (const struct flag *flag = global_flag_table; flag->name != NULL; flag++)
        add_flag(table, flag);
    table_print(table, 2, stdout);
}

static void put_commands(enum command_group group, const char *word)
{
    struct table *table = table_new("ll");
    for (const struct command *command = command_table; command->name != NULL; command++) {
        size_t length = word != NULL ? strlen(word) : 0;
        bool in_word = word != NULL && strncmp(command->name, word, length) == 0 &&
                       command->name[length] == ' ';
        if (word != NULL ? !in_word : command->group != group)
            continue;
        table_cell(table, "%s", command->name);
        table_cell(table, "%s", _(command->summary));
    }
    table_print(table, 2, stdout);
}

void help_overview(void)
{
    puts(_("loyalty: points for purchases, in a signed log that anybody can check"));
    printf("\n%s loyalty [--db PATH] [--json] ... COMMAND ...\n", _("usage:"));
    for (int group = 0; group < (int)GROUP_COUNT; group++) {
        printf("\n%s\n", command_group_title((enum command_group)group));
        put_commands((enum command_group)group, NULL);
    }
    printf("\n%s\n", _("Flags of every command"));
    put_global_flags();
    printf("\n%s\n",
           _("Exit status: 0 done, 1 fault of the system, 2 usage, 3 invalid input, 4 not "
             "found,\n5 refused by a rule, 6 conflict, 7 not verified, 8 busy, 9 a fork."));
    puts(_("'loyalty COMMAND --help' says more, with examples."));
}

void help_group(const char *group)
{
    printf("%s loyalty %s COMMAND ...\n\n", _("usage:"), group);
    put_commands(GROUP_COUNT, group);
}

/* Words of the usage line, broken before the margin. */
static void put_word(const char *word, size_t *column)
{
    size_t length = strlen(word);
    if (*column + 1 + length > WIDTH) {
        fputs("\n   ", stdout);
        *column = 3;
    }
    printf(" %s", word);
    *column += 1 + length;
}

static void put_usage(const struct command *command)
{
    size_t column = (size_t)printf("%s loyalty %s", _("usage:"), command->name), length = 0;
    char mark = 0, word[96];
    const char *name, *list = command->positional;
    while ((name = command_next_name(&list, &length, &mark)) != NULL) {
        const char *value = flag_find(flag_table, name, length)->value;
        snprintf(word, sizeof word, "%s%s%s", mark == '[' ? "[" : "", value,
                 mark == '[' ? "]" : "");
        put_word(word, &column);
    }
    for (list = command->flags; (name = command_next_name(&list, &length, &mark)) != NULL;) {
        const struct flag *flag = flag_find(flag_table, name, length);
        bool repeats = flag_repeats(flag);
        snprintf(word, sizeof word, "%s--%s%s%s%s%s", mark == '!' ? "" : "[", flag->name,
                 flag->value != NULL ? " " : "", flag->value != NULL ? flag->value : "",
                 mark == '!' ? "" : "]", repeats ? "..." : "");
        put_word(word, &column);
    }
    putchar('\n');
    if (command->op != NULL)
        printf("%s loyalty %s --request FILE\n", _("   or:"), command->name);
}

static void put_flags(const struct command *command)
{
    struct table *table = table_new("ll");
    for (const struct flag *flag = flag_table; flag->name != NULL; flag++) {
        if (!command_takes(command, flag->name))
            continue;
        if (command_places(command, flag->name)) {
            table_cell(table, "%s", flag->value);
            table_cell(table, "%s", _(flag->summary));
        } else {
            add_flag(table, flag);
        }
    }
    table_print(table, 2, stdout);
}

static void put_examples(const struct command *command)
{
    bool fresh = true;
    for (const char *line = command->examples; *line != '\0';) {
        size_t length = strcspn(line, "\n");
        printf("  %s%.*s\n", fresh ? "loyalty " : "", (int)length, line);
        fresh = length == 0 || line[length - 1] != '\\';
        line += length + (line[length] == '\n' ? 1 : 0);
    }
}

void help_command(const struct command *command)
{
    printf("loyalty %s: %s\n\n", command->name, _(command->summary));
    put_usage(command);
    putchar('\n');
    put_flags(command);
    if (command->notes != NULL)
        printf("\n%s\n", _(command->notes));
    printf("\n%s\n", _("Examples"));
    put_examples(command);
}

static void put_markdown(void)
{
    puts("# The command `loyalty`\n");
    puts("Made by `loyalty help --markdown`; a test holds it to the command's own tables.\n");
    puts("```");
    help_overview();
    puts("```");
    for (const struct command *command = command_table; command->name != NULL; command++) {
        printf("\n## %s\n\n```\n", command->name);
        help_command(command);
        puts("```");
    }
}

static const struct command *find(const char *word, const char *second)
{
    char name[64];
    snprintf(name, sizeof name, "%s%s%s", word, second != NULL ? " " : "",
             second != NULL ? second : "");
    for (const struct command *command = command_table; command->name != NULL; command++)
        if (strcmp(command->name, name) == 0)
            return command;
    return NULL;
}

static bool is_group(const char *word)
{
    size_t length = strlen(word);
    for (const struct command *command = command_table; command->name != NULL; command++)
        if (strncmp(command->name, word, length) == 0 && command->name[length] == ' ')
            return true;
    return false;
}

loyalty_status run_help(const struct call *call, struct problem *problem)
{
    const char *word = call_value(call, "word"), *second = call_value(call, "second");
    if (call_value(call, "markdown") != NULL) {
        put_markdown();
        return LOYALTY_OK;
    }
    if (word == NULL) {
        help_overview();
        return LOYALTY_OK;
    }
    const struct command *command = find(word, second);
    if (command != NULL)
        help_command(command);
    else if (second == NULL && is_group(word))
        help_group(word);
    else
        return problem_set(problem, LOYALTY_USAGE, "usage", _("there is no command '%s%s%s'"), word,
                           second != NULL ? " " : "", second != NULL ? second : "");
    return LOYALTY_OK;
}
