/* The generic half of reading the programme document: places, faults, and the
 * walker that goes by tables. It knows JSON and nothing of loyalty. */
#include "walk.h"

#include <assert.h>
#include <stdarg.h>
#include <stdio.h>

#include "json.h"
#include "utf8.h"

enum {
    SHOWN_BYTES = 48,  /* of a wrong text, in a message */
    LISTED_NAMES = 24, /* more accepted names than this do not help anybody */
    MESSAGE_BYTES = 1024
};

/* --- faults ------------------------------------------------------------------ */

/* One reference token of a JSON Pointer (RFC 6901): "~" and "/" are escaped. */
static void add_token(struct buffer *pointer, const char *name)
{
    buffer_byte(pointer, '/');
    for (; *name != '\0'; name++) {
        if (*name == '~')
            buffer_string(pointer, "~0");
        else if (*name == '/')
            buffer_string(pointer, "~1");
        else
            buffer_byte(pointer, *name);
    }
}

static void add_pointer(struct buffer *pointer, const struct place *place)
{
    if (place->parent == NULL)
        return;
    add_pointer(pointer, place->parent);
    if (place->value->string != NULL) {
        add_token(pointer, place->value->string);
    } else {
        buffer_byte(pointer, '/');
        buffer_integer(pointer, (int64_t)place->index);
    }
}

/* A path is printed, too: a name that would disturb a terminal, or fill it, is
 * left to line and column. */
static const struct place *printable(const struct place *place)
{
    for (const struct place *at = place; at->parent != NULL; at = at->parent) {
        struct text name = text_of(at->value->string);
        if (name.length > LIMIT_SKU || !utf8_is_clean(name))
            place = at->parent;
    }
    return place;
}

static void add(struct walk *walk, struct programme_fault list[], size_t *count,
                const struct place *place, bool of_name, struct text message)
{
    if (*count == LIMIT_FAULTS)
        return;
    struct programme_fault *found = &list[(*count)++];
    struct buffer pointer = {0};
    add_pointer(&pointer, place);
    bool located = json_locate(walk->document, buffer_terminate(&pointer), of_name, &found->line,
                               &found->column);
    assert(located);
    (void)located;
    buffer_clear(&pointer);
    add_pointer(&pointer, printable(place));
    found->path = text_copy(walk->arena, buffer_view(&pointer));
    found->message = text_copy(walk->arena, message);
    buffer_free(&pointer);
}

__attribute__((format(printf, 6, 0))) static void say(struct walk *walk,
                                                      struct programme_fault *list, size_t *count,
                                                      const struct place *place, bool at_name,
                                                      const char *format, va_list arguments)
{
    char message[MESSAGE_BYTES];
    vsnprintf(message, sizeof message, format, arguments);
    add(walk, list, count, place, at_name, text_of(message));
}

void fault(struct walk *walk, const struct place *place, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    say(walk, walk->faults, &walk->fault_count, place, false, format, arguments);
    va_end(arguments);
}

void fault_name(struct walk *walk, const struct place *place, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    say(walk, walk->faults, &walk->fault_count, place, true, format, arguments);
    va_end(arguments);
}

void note(struct walk *walk, const struct place *place, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    say(walk, walk->notes, &walk->note_count, place, false, format, arguments);
    va_end(arguments);
}

static const char *type_name(const cJSON *value)
{
    if (cJSON_IsString(value))
        return _("a string");
    if (cJSON_IsNumber(value))
        return _("a number");
    if (cJSON_IsBool(value))
        return _("true or false");
    if (cJSON_IsArray(value))
        return _("a list");
    if (cJSON_IsObject(value))
        return _("an object");
    return _("null");
}

void fault_type(struct walk *walk, const struct place *place, const char *expected)
{
    fault(walk, place, _("must be %s, not %s"), expected, type_name(place->value));
}

static bool stands_before(const struct programme_fault *a, const struct programme_fault *b)
{
    return a->line != b->line ? a->line < b->line : a->column < b->column;
}

static void sort(struct programme_fault list[], size_t count)
{
    /* By insertion: few, nearly in order, and those of one place stay in the
     * order of the tables. */
    for (size_t i = 1; i < count; i++) {
        struct programme_fault moving = list[i];
        size_t to = i;
        for (; to > 0 && stands_before(&moving, &list[to - 1]); to--)
            list[to] = list[to - 1];
        list[to] = moving;
    }
}

void sort_faults(struct walk *walk)
{
    sort(walk->faults, walk->fault_count);
    sort(walk->notes, walk->note_count);
}

struct text shown(struct walk *walk, struct text text)
{
    if (!utf8_is_clean(text))
        return text_of(_("(with control characters)"));
    if (text.length <= SHOWN_BYTES)
        return text_format(walk->arena, "\"%.*s\"", TEXT(text));
    size_t cut = 0;
    for (size_t next = 0; next <= SHOWN_BYTES; utf8_next(text, &next))
        cut = next;
    return text_format(walk->arena, "\"%.*s...\"", (int)cut, text.bytes);
}

struct text suggestion(struct walk *walk, struct text wrong, const char *const names[],
                       size_t count)
{
    const char *nearest = nearest_name(wrong, names, count);
    if (nearest != NULL)
        return text_format(walk->arena, _(": did you mean \"%s\"?"), nearest);
    if (count == 0)
        return text_format(walk->arena, _("; nothing is accepted here"));
    struct buffer list = {0};
    for (size_t i = 0; i < count && i < LISTED_NAMES; i++)
        buffer_format(&list, "%s\"%s\"", i == 0 ? "" : ", ", names[i]);
    if (count > LISTED_NAMES)
        buffer_string(&list, ", ...");
    struct text view = buffer_view(&list);
    struct text text = text_format(walk->arena, _("; accepted here: %.*s"), TEXT(view));
    buffer_free(&list);
    return text;
}

/* --- objects and lists ------------------------------------------------------- */

const cJSON *member_of(const cJSON *object, const char *name)
{
    /* Not cJSON_GetObjectItem, which takes "Earn" for "earn". */
    for (const cJSON *item = object->child; item != NULL; item = item->next)
        if (strcmp(item->string, name) == 0)
            return item;
    return NULL;
}

struct place inside(const struct place *object, const char *name)
{
    return (struct place){object, member_of(object->value, name), 0};
}

struct place first_child(const struct place *place)
{
    return (struct place){place, place->value->child, 0};
}

void next_child(struct place *place)
{
    place->value = place->value->next;
    place->index++;
}

static bool is_known(const struct shape *shape, const char *name)
{
    for (size_t i = 0; i < shape->count; i++)
        if (strcmp(shape->members[i].name, name) == 0)
            return true;
    return false;
}

static void refuse_unknown(struct walk *walk, const struct place *place, const struct shape *shape)
{
    const char *names[LISTED_NAMES];
    assert(shape->count <= LISTED_NAMES);
    for (size_t i = 0; i < shape->count; i++)
        names[i] = shape->members[i].name;
    for (struct place at = first_child(place); at.value != NULL; next_child(&at)) {
        if (is_known(shape, at.value->string))
            continue;
        struct text name = text_of(at.value->string);
        struct text wrong = shown(walk, name);
        struct text meant = suggestion(walk, name, names, shape->count);
        fault_name(walk, &at, _("unknown member %.*s%.*s"), TEXT(wrong), TEXT(meant));
    }
}

bool walk_object(struct walk *walk, const struct place *place, const struct shape *shape,
                 void *into)
{
    if (!cJSON_IsObject(place->value)) {
        fault_type(walk, place, _("an object"));
        return false;
    }
    refuse_unknown(walk, place, shape);
    for (size_t i = 0; i < shape->count; i++) {
        const struct member *member = &shape->members[i];
        struct place at = {place, member_of(place->value, member->name), 0};
        if (at.value != NULL)
            member->read(walk, &at, (char *)into + member->offset, member->detail);
        else if (member->presence == REQUIRED)
            fault(walk, place, _("lacks the required member \"%s\""), member->name);
    }
    return true;
}

bool walk_sound_object(struct walk *walk, const struct place *place, const struct shape *shape,
                       void *into)
{
    size_t before = walk->fault_count;
    return walk_object(walk, place, shape, into) && walk->fault_count == before;
}

int walk_list(struct walk *walk, const struct place *place, size_t limit)
{
    if (!cJSON_IsArray(place->value)) {
        fault_type(walk, place, _("a list"));
        return -1;
    }
    int count = cJSON_GetArraySize(place->value);
    if ((size_t)count > limit) {
        fault(walk, place, _("has %d entries; at most %zu are accepted"), count, limit);
        return -1;
    }
    return count;
}

/* --- values ------------------------------------------------------------------ */

bool walk_string(struct walk *walk, const struct place *place, size_t limit, struct text *out)
{
    if (!cJSON_IsString(place->value)) {
        fault_type(walk, place, _("a string"));
        return false;
    }
    struct text text = text_of(place->value->valuestring);
    if (text.length == 0) {
        fault(walk, place, _("must not be empty"));
        return false;
    }
    if (text.length > limit) {
        fault(walk, place, _("has %zu bytes; at most %zu are accepted"), text.length, limit);
        return false;
    }
    if (!utf8_is_clean(text)) {
        fault(walk, place,
              _("has a control character or another one that is not for display; "
                "write plain text"));
        return false;
    }
    *out = text_copy(walk->arena, text);
    return true;
}

bool walk_decimal(struct walk *walk, const struct place *place, unsigned scale, const char *example,
                  int64_t *units)
{
    struct text text;
    if (!walk_string(walk, place, LIMIT_NAME, &text))
        return false;
    struct text wrong = shown(walk, text);
    enum decimal_result result = decimal_parse(text, scale, units);
    if (result != DECIMAL_OK)
        fault(walk, place, _("%.*s %s: write a decimal, like \"%s\""), TEXT(wrong),
              decimal_problem(result), example);
    else if (*units <= 0)
        fault(walk, place, _("must be more than 0"));
    return result == DECIMAL_OK && *units > 0;
}

bool is_id(struct text text)
{
    if (text.length == 0 || text.length > LIMIT_ID || text.bytes[0] == '-')
        return false;
    for (size_t i = 0; i < text.length; i++) {
        char c = text.bytes[i];
        if (!(c >= 'a' && c <= 'z') && !(c >= '0' && c <= '9') && c != '-')
            return false;
    }
    return true;
}

void read_bool(struct walk *walk, const struct place *place, void *field, const void *detail)
{
    (void)detail;
    if (cJSON_IsBool(place->value))
        *(bool *)field = cJSON_IsTrue(place->value);
    else
        fault_type(walk, place, _("true or false"));
}

void read_id(struct walk *walk, const struct place *place, void *field, const void *detail)
{
    (void)detail;
    struct text id;
    if (!cJSON_IsString(place->value)) {
        fault_type(walk, place, _("a string"));
        return;
    }
    id = text_of(place->value->valuestring);
    if (is_id(id)) {
        *(struct text *)field = text_copy(walk->arena, id);
        return;
    }
    struct text wrong = shown(walk, id);
    fault(walk, place, _("%.*s is not an id: 1 to %d of a-z, 0-9 and \"-\", not \"-\" first"),
          TEXT(wrong), LIMIT_ID);
}

void read_span(struct walk *walk, const struct place *place, void *field, const void *detail)
{
    (void)detail;
    struct text text;
    if (!walk_string(walk, place, LIMIT_NAME, &text))
        return;
    if (span_parse(text, field))
        return;
    struct text wrong = shown(walk, text);
    fault(walk, place,
          _("%.*s is not a span: write an ISO 8601 duration of at most 100 years, like \"P1Y\", "
            "\"P6M\", \"P7D\" or \"PT36H\""),
          TEXT(wrong));
}

void read_calendar_span(struct walk *walk, const struct place *place, void *field,
                        const void *detail)
{
    struct span span = {0};
    read_span(walk, place, &span, detail);
    if (span.milliseconds != 0)
        fault(walk, place,
              _("is counted in days: write years, months, weeks or days, like \"P1Y\""));
    else
        *(struct span *)field = span;
}

void read_whole(struct walk *walk, const struct place *place, void *field, const void *detail)
{
    const struct range *range = detail;
    int64_t whole;
    if (!cJSON_IsNumber(place->value))
        fault_type(walk, place, _("a number"));
    else if (!json_integer(place->value, &whole) || whole < range->least || whole > range->most)
        fault(walk, place, _("must be a whole number from %lld to %lld"), (long long)range->least,
              (long long)range->most);
    else
        *(int64_t *)field = whole;
}

int walk_choice(struct walk *walk, const struct place *place, const struct choice *choice)
{
    if (!cJSON_IsString(place->value)) {
        fault_type(walk, place, _("a string"));
        return -1;
    }
    for (size_t i = 0; i < choice->count; i++)
        if (strcmp(place->value->valuestring, choice->names[i]) == 0)
            return (int)i;
    struct text text = text_of(place->value->valuestring);
    struct text wrong = shown(walk, text);
    struct text meant = suggestion(walk, text, choice->names, choice->count);
    fault(walk, place, _("%.*s is not accepted%.*s"), TEXT(wrong), TEXT(meant));
    return -1;
}

/* Ids that are none are told where they stand, and not suggested. */
static struct text suggested_id(struct walk *walk, struct text wrong, const struct choice *ids)
{
    const char **names = arena_allocate(walk->arena, ids->count * sizeof names[0]);
    size_t count = 0;
    for (size_t i = 0; i < ids->count; i++)
        if (is_id(text_of(ids->names[i])))
            names[count++] = ids->names[i];
    return count == 0 ? text_of("") : suggestion(walk, wrong, names, count);
}

int walk_reference(struct walk *walk, const struct place *place, bool of_name,
                   const struct choice *ids, const char *member)
{
    if (!of_name && !cJSON_IsString(place->value)) {
        fault_type(walk, place, _("a string"));
        return -1;
    }
    struct text id = text_of(of_name ? place->value->string : place->value->valuestring);
    for (size_t i = 0; i < ids->count; i++)
        if (text_equal(text_of(ids->names[i]), id))
            return (int)i;
    struct text wrong = shown(walk, id), meant = suggested_id(walk, id, ids);
    char message[MESSAGE_BYTES];
    if (ids->count == 0)
        snprintf(message, sizeof message,
                 _("%.*s is not among the \"%s\" of this programme, which has none: add it there"),
                 TEXT(wrong), member);
    else
        snprintf(message, sizeof message, _("%.*s is not among the \"%s\" of this programme%.*s"),
                 TEXT(wrong), member, TEXT(meant));
    /* Where no id can be read, those faults are enough. */
    if (ids->count == 0 || meant.length > 0)
        add(walk, walk->faults, &walk->fault_count, place, of_name, text_of(message));
    return -1;
}

bool walk_span_or_word(struct walk *walk, const struct place *place, const struct choice *words,
                       struct span *span, int *word)
{
    struct text text;
    if (!walk_string(walk, place, LIMIT_NAME, &text))
        return false;
    *word = SPAN;
    for (size_t i = 0; i < words->count; i++)
        if (text_equal(text, text_of(words->names[i])))
            *word = (int)i;
    if (*word != SPAN)
        return true;
    if (text.bytes[0] == 'P') {
        read_calendar_span(walk, place, span, NULL);
        return span->months != 0 || span->days != 0;
    }
    struct text wrong = shown(walk, text);
    struct text meant = suggestion(walk, text, words->names, words->count);
    fault(walk, place, _("%.*s is neither a span, like \"P12M\", nor a word that is accepted%.*s"),
          TEXT(wrong), TEXT(meant));
    return false;
}

void walk_id_name(struct walk *walk, const struct place *place, struct text *id)
{
    *id = text_copy(walk->arena, text_of(place->value->string));
    if (is_id(*id))
        return;
    struct text wrong = shown(walk, *id);
    fault_name(walk, place, _("%.*s is not an id: 1 to %d of a-z, 0-9 and \"-\", not \"-\" first"),
               TEXT(wrong), LIMIT_ID);
}

void read_choice(struct walk *walk, const struct place *place, void *field, const void *detail)
{
    /* Our enums have no negative value, so gcc and clang make them unsigned. */
    static_assert(sizeof(enum presence) == sizeof(unsigned), "an enum is an unsigned int");
    int chosen = walk_choice(walk, place, detail);
    if (chosen >= 0)
        *(unsigned *)field = (unsigned)chosen;
}

void read_flag(struct walk *walk, const struct place *place, void *field, const void *detail)
{
    int chosen = walk_choice(walk, place, detail);
    if (chosen >= 0)
        *(bool *)field = chosen == 1;
}

void read_object(struct walk *walk, const struct place *place, void *field, const void *detail)
{
    walk_object(walk, place, detail, field);
}

bool walk_gives(struct walk *walk, const struct place *place, size_t *count)
{
    if (!cJSON_IsObject(place->value)) {
        fault_type(walk, place, _("an object of points, like {\"point\": 1}"));
        return false;
    }
    *count = (size_t)cJSON_GetArraySize(place->value);
    if (*count == 0)
        fault(walk, place, _("gives nothing: name at least one of the \"points\""));
    return true;
}
