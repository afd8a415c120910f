/* loyalty completion: scripts for three shells, from the tables. They know the
 * words and flags of each command; what follows a flag is left to the shell,
 * which completes file names. */
#include "command.h"
#include "text.h"

#include <stdio.h>
#include <string.h>

/* First words, each once: the table keeps those of one group together. */
static void put_first_words(void)
{
    const char *last = "";
    for (const struct command *command = command_table; command->name != NULL; command++) {
        size_t length = strcspn(command->name, " ");
        if (strcspn(last, " ") == length && strncmp(last, command->name, length) == 0)
            continue;
        printf("%s%.*s", *last != '\0' ? " " : "", (int)length, command->name);
        last = command->name;
    }
}

static void put_flag_words(const struct command *command)
{
    for (const struct flag *flag = flag_table; flag->name != NULL; flag++)
        if (command_takes(command, flag->name) && strstr(command->positional, flag->name) == NULL)
            printf("--%s ", flag->name);
    for (const struct flag *flag = global_flag_table; flag->name != NULL; flag++)
        printf("--%s%s", flag->name, flag[1].name != NULL ? " " : "");
}

static void put_second_words(const char *first, size_t length)
{
    for (const struct command *command = command_table; command->name != NULL; command++)
        if (strncmp(command->name, first, length) == 0 && command->name[length] == ' ')
            printf("%s ", command->name + length + 1);
}

/* Second words; after "reserve", which is a command by itself as well, also its flags. */
static void put_group_cases(void)
{
    const char *last = "";
    for (const struct command *command = command_table; command->name != NULL; command++) {
        size_t length = strcspn(command->name, " ");
        bool same = strncmp(last, command->name, length) == 0;
        if (command->name[length] == ' ' && !(same && last[length] == ' ')) {
            printf("        '%.*s ') words='", (int)length, command->name);
            put_second_words(command->name, length);
            if (same && last[length] == '\0')
                put_flag_words(command - 1);
            puts("' ;;");
        }
        last = command->name;
    }
}

static void put_flag_cases(bool of_two_words)
{
    for (const struct command *command = command_table; command->name != NULL; command++) {
        bool two = strchr(command->name, ' ') != NULL;
        if (two != of_two_words)
            continue;
        printf("        '%s%s'*) words='", command->name, two ? "" : " ");
        put_flag_words(command);
        puts("' ;;");
    }
}

/* One `case` for bash and zsh: the words that may follow the command so far. */
static void put_cases(void)
{
    put_group_cases();
    put_flag_cases(true);
    put_flag_cases(false);
    fputs("        *) words='", stdout);
    put_first_words();
    puts("' ;;");
}

static void put_bash(void)
{
    puts("# bash completion for loyalty: source this file\n"
         "_loyalty() {\n"
         "    local words= current=\"${COMP_WORDS[COMP_CWORD]}\" said=\"${COMP_WORDS[*]:1:2} \"\n"
         "    [ \"$COMP_CWORD\" -gt 1 ] || said=\n"
         "    [ \"$COMP_CWORD\" -ne 2 ] || said=\"${COMP_WORDS[1]} \"\n"
         "    case \"$said\" in");
    put_cases();
    puts("    esac\n"
         "    COMPREPLY=($(compgen -W \"$words\" -- \"$current\"))\n"
         "}\n"
         "complete -o default -F _loyalty loyalty");
}

static void put_zsh(void)
{
    puts("#compdef loyalty\n"
         "_loyalty() {\n"
         "    local list said=\"${words[2]} ${words[3]} \"\n"
         "    (( CURRENT > 2 )) || said=\n"
         "    (( CURRENT != 3 )) || said=\"${words[2]} \"\n"
         "    () {\n"
         "        local words=\n"
         "        case \"$said\" in");
    put_cases();
    puts("        esac\n"
         "        list=\"$words\"\n"
         "    }\n"
         "    compadd -- ${=list}\n"
         "    _files\n"
         "}\n"
         "compdef _loyalty loyalty");
}

static void put_fish(void)
{
    for (const struct command *command = command_table; command->name != NULL; command++) {
        size_t length = strcspn(command->name, " ");
        const char *second = command->name[length] == ' ' ? command->name + length + 1 : NULL;
        printf("complete -c loyalty -n __fish_use_subcommand -a %.*s\n", (int)length,
               command->name);
        if (second != NULL)
            printf("complete -c loyalty -n '__fish_seen_subcommand_from %.*s' -a %s -d '%s'\n",
                   (int)length, command->name, second, _(command->summary));
        for (const struct flag *flag = flag_table; flag->name != NULL; flag++)
            if (command_takes(command, flag->name))
                printf("complete -c loyalty -n '__fish_seen_subcommand_from %.*s' -l %s%s\n",
                       (int)length, command->name, flag->name, flag->value != NULL ? " -r" : "");
    }
    for (const struct flag *flag = global_flag_table; flag->name != NULL; flag++)
        printf("complete -c loyalty -l %s%s\n", flag->name, flag->value != NULL ? " -r" : "");
}

loyalty_status run_completion(const struct call *call, struct problem *problem)
{
    const char *shell = call_value(call, "shell");
    if (strcmp(shell, "bash") == 0)
        put_bash();
    else if (strcmp(shell, "zsh") == 0)
        put_zsh();
    else if (strcmp(shell, "fish") == 0)
        put_fish();
    else
        return problem_set(problem, LOYALTY_USAGE, "usage",
                           _("there are completions for bash, zsh and fish, not for '%s'"), shell);
    return LOYALTY_OK;
}
