/* Commands are data: one row says what a command is called, what it asks of the
 * library, which flags it takes and how its answer reads. Help, completion, the
 * manual page and the reading of arguments all come from these rows. */
#ifndef LOYALTY_CLI_COMMAND_H
#define LOYALTY_CLI_COMMAND_H

#include "loyalty.h"
#include "problem.h"

#include <cjson/cJSON.h>
#include <stdbool.h>
#include <stddef.h>

/* What a flag puts into the request. */
enum flag_kind {
    FLAG_TEXT,   /* "field": "value" */
    FLAG_NUMBER, /* "field": value, digits as given */
    FLAG_SWITCH, /* "field": true; takes no value */
    FLAG_LIST,   /* "field": [prefix + value, ...]; may be repeated */
    FLAG_LINE,   /* "field": [{"k": "v", ...}, ...] from k=v,k=v; may be repeated */
    FLAG_PAIR,   /* "field": [["k", "v"], ...] from k=v; may be repeated */
    FLAG_FILE,   /* "field": "the text of the file" */
    FLAG_JSON,   /* "field": the JSON value in the file, as it is */
    FLAG_KEY,    /* "field": a public key as it is, or the first line of the file given */
    FLAG_KNOWN,  /* "field": the number given, or the text of the file given */
    FLAG_OWN,    /* nothing: a value for the command itself */
    FLAG_OWN_SWITCH
};

struct flag {
    const char *name;  /* "accept-clock" */
    const char *field; /* "accept_clock"; NULL for the command's own */
    enum flag_kind kind;
    const char *value;  /* what stands for the value in help: "TIME" */
    const char *prefix; /* FLAG_LIST: put before each value; FLAG_PAIR: an example of one */
    const char *summary;
};

enum command_group {
    GROUP_SETUP,
    GROUP_TILL,
    GROUP_MEMBERS,
    GROUP_FILES,
    GROUP_REPORTS,
    GROUP_PROOF,
    GROUP_CARE,
    GROUP_COUNT
};

/* What a command needs of the ledger. */
enum command_needs { NEEDS_NOTHING, NEEDS_READING, NEEDS_WRITING };

struct call;

struct command {
    const char *name; /* "member add" */
    const char *op;   /* "member.add"; NULL: no request is made */
    enum command_group group;
    enum command_needs needs;
    const char *positional; /* flag names in order, optional ones in brackets: "file [mapping]" */
    const char *flags;      /* flag names; "!" after those it cannot do without */
    const char *summary;
    const char *notes;    /* more for its own help, or NULL */
    const char *examples; /* one a line, without the leading "loyalty " */
    loyalty_status (*run)(const struct call *call, struct problem *problem);
    void (*show)(const struct call *call, const cJSON *answer); /* how its answer reads */
};

/* A flag or positional argument as given. */
struct value {
    const struct flag *flag;
    const char *text; /* NULL for a switch */
};

/* One call of the command, read from its arguments. */
struct call {
    const char *database, *key, *language;
    int busy_milliseconds;
    int64_t now; /* UTC milliseconds; 0: the machine's clock */
    bool json, help, version;
    const struct command *command; /* NULL: none was named */
    const char *group;             /* the first word of two, where only it was given: "member" */
    struct value *values;
    size_t count;
};

extern const struct command command_table[]; /* ends with a NULL name */
extern const struct flag flag_table[];       /* likewise */
extern const struct flag global_flag_table[];
const char *command_group_title(enum command_group group);

/* May it be given more than once? */
bool flag_repeats(const struct flag *flag);
const struct flag *flag_find(const struct flag table[], const char *name, size_t length);

/* Does the command take this flag (as a flag or in its place)? */
bool command_takes(const struct command *command, const char *flag);

/* Does it stand in its place, without the dashes? */
bool command_places(const struct command *command, const char *flag);

/* Walk a list of names such as `positional` and `flags`: the next name starts at
 * the returned pointer, NULL at the end. *mark is '!', '[' or 0. */
const char *command_next_name(const char **list, size_t *length, char *mark);

/* The value given for a flag, or NULL; "" for a switch that was given. */
const char *call_value(const struct call *call, const char *flag);

/* The commands that are more than a row. */
loyalty_status run_operation(const struct call *call, struct problem *problem);
loyalty_status run_long(const struct call *call, struct problem *problem);
loyalty_status run_verify(const struct call *call, struct problem *problem);
loyalty_status run_cosign(const struct call *call, struct problem *problem);
loyalty_status run_evidence(const struct call *call, struct problem *problem);
loyalty_status run_exchange(const struct call *call, struct problem *problem);
loyalty_status run_restore(const struct call *call, struct problem *problem);
loyalty_status run_init(const struct call *call, struct problem *problem);
loyalty_status run_programme_check(const struct call *call, struct problem *problem);
loyalty_status run_batch(const struct call *call, struct problem *problem);
loyalty_status run_spool_add(const struct call *call, struct problem *problem);
loyalty_status run_spool_show(const struct call *call, struct problem *problem);
loyalty_status run_spool_replay(const struct call *call, struct problem *problem);
loyalty_status run_import(const struct call *call, struct problem *problem);
loyalty_status run_reconcile(const struct call *call, struct problem *problem);
loyalty_status run_member_export(const struct call *call, struct problem *problem);
loyalty_status run_export(const struct call *call, struct problem *problem);
loyalty_status run_report(const struct call *call, struct problem *problem);
loyalty_status run_upgrade(const struct call *call, struct problem *problem);
loyalty_status run_help(const struct call *call, struct problem *problem);
loyalty_status run_completion(const struct call *call, struct problem *problem);

void help_overview(void);
void help_group(const char *group);
void help_command(const struct command *command);

#endif
