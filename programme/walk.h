/* Reading a JSON document by tables, with all its faults at once.
 *
 * An object is described by a table: each member's name, whether it must be
 * there, where its value goes, and the function that reads it. One walker does
 * the rest: wrong types, missing members, unknown ones with the nearest known
 * name. A new part of the document is a new table, and a line in another.
 *
 * A reader that finds a fault reports it and returns; what it should have
 * filled keeps its default, and the walk goes on. Nothing of a document with
 * faults is ever used. */
#ifndef LOYALTY_WALK_H
#define LOYALTY_WALK_H

#include <cjson/cJSON.h>

#include "memory.h"
#include "programme.h"

/* A value and the way to it: a chain on the stack, up to the root. */
struct place {
    const struct place *parent; /* NULL at the root */
    const cJSON *value;
    size_t index; /* in its list; a member goes by value->string */
};

struct walk {
    struct arena *arena;  /* of the results, and of faults */
    struct text document; /* has passed json_check */
    struct programme_fault *faults;
    size_t fault_count;
    struct programme_fault *notes; /* what is allowed, and may surprise */
    size_t note_count;
    void *context; /* what this document's own readers share */
};

/* Fill *field from the value at the place, or report why not. */
typedef void value_reader(struct walk *walk, const struct place *place, void *field,
                          const void *detail);

enum presence { OPTIONAL, REQUIRED };
struct member {
    const char *name;
    enum presence presence;
    size_t offset; /* of the field in what the object is read into */
    value_reader *read;
    const void *detail; /* handed to the reader: what a choice accepts, ... */
};
struct shape {
    const struct member *members; /* in the order of reading: first what later ones need */
    size_t count;
};
#define SHAPE(table)                                                                               \
    {                                                                                              \
        (table), sizeof(table) / sizeof(table)[0]                                                  \
    }

/* Report a fault. At most LIMIT_FAULTS are kept; the walk goes on. */
void fault(struct walk *walk, const struct place *place, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
/* The same, pointing at the name of the member instead of its value. */
void fault_name(struct walk *walk, const struct place *place, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
/* "must be <expected>, not a number" */
void fault_type(struct walk *walk, const struct place *place, const char *expected);
/* Not a fault: what the document's author may not have thought of. */
void note(struct walk *walk, const struct place *place, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
/* Faults and notes by line and column, for people to work through. */
void sort_faults(struct walk *walk);

/* A text as a message may show it: cut when long, described when not clean. */
struct text shown(struct walk *walk, struct text text);
/* ": did you mean "x"?", or the list of what is accepted. */
struct text suggestion(struct walk *walk, struct text wrong, const char *const names[],
                       size_t count);

/* Read an object. False if the value is not one. */
bool walk_object(struct walk *walk, const struct place *place, const struct shape *shape,
                 void *into);
/* The same; true only if nothing in it is at fault, so that its members can be judged
 * together and a mistake is told once. */
bool walk_sound_object(struct walk *walk, const struct place *place, const struct shape *shape,
                       void *into);
/* Is it a list of at most `limit` entries? Then its length, else -1 and a fault. */
int walk_list(struct walk *walk, const struct place *place, size_t limit);
/* The member of that name, or NULL. */
const cJSON *member_of(const cJSON *object, const char *name);
/* The member of that name as a place, for faults that concern the object as a whole. */
struct place inside(const struct place *object, const char *name);
/* Where the first child of a list or object stands, and the one after: a loop is
 * for (struct place at = first_child(place); at.value != NULL; next_child(&at)) */
struct place first_child(const struct place *place);
void next_child(struct place *place);

/* A clean string of 1 to `limit` bytes, copied into the arena. */
bool walk_string(struct walk *walk, const struct place *place, size_t limit, struct text *out);
/* A decimal above 0 in a string, in units of that scale. */
bool walk_decimal(struct walk *walk, const struct place *place, unsigned scale, const char *example,
                  int64_t *units);
struct choice {
    const char *const *names;
    size_t count;
};
#define CHOICE(list)                                                                               \
    {                                                                                              \
        (list), sizeof(list) / sizeof(list)[0]                                                     \
    }
/* Which of the names the string is, or -1 and a fault. */
int walk_choice(struct walk *walk, const struct place *place, const struct choice *choice);
/* Which of the ids that the document gives in `member` the string is (or, with `of_name`, the
 * name of the member at the place), or -1 and a fault. */
int walk_reference(struct walk *walk, const struct place *place, bool of_name,
                   const struct choice *ids, const char *member);
/* A span of months and days, or a word: then which. False and a fault if it is neither. */
enum { SPAN = -1 };
bool walk_span_or_word(struct walk *walk, const struct place *place, const struct choice *words,
                       struct span *span, int *word);
/* The member's own name, which must be an id; *id is that name in any case. */
void walk_id_name(struct walk *walk, const struct place *place, struct text *id);
/* Is the text an id: ^[a-z0-9][a-z0-9-]{0,31}$? */
bool is_id(struct text text);

/* Readers for tables. */
value_reader read_bool;          /* field: bool */
value_reader read_id;            /* field: struct text */
value_reader read_span;          /* field: struct span */
value_reader read_calendar_span; /* field: struct span, of months and days only */
/* field: int64_t; detail: struct range */
value_reader read_whole;
/* field: an enum; detail: struct choice, whose n-th name is the value n. */
value_reader read_choice;
/* field: bool; detail: struct choice, of the names for false and true. */
value_reader read_flag;
/* field: whatever the object is read into; detail: struct shape. */
value_reader read_object;

struct range {
    int64_t least, most;
};
/* An object of points that somebody is given, like {"point": 1}; empty is a fault. False where it
 * is none. */
bool walk_gives(struct walk *walk, const struct place *place, size_t *count);

#endif
