/* Reading and writing the lines of a spool. */
#include "format.h"

#include "decimal.h"
#include "json.h"
#include "sha256.h"

enum { CHECKSUM_BYTES = 8, CHECKSUM_CHARS = 2 * CHECKSUM_BYTES };

struct text spool_first_line(void)
{
    return text_of("loyalty-spool 1\n");
}

/* --- Lines ---------------------------------------------------------------------- */

/* "NUMBER JSON", under a name of its own, so that a line of another file of ours
 * never holds here. */
static void add_checksum(struct buffer *out, int64_t number, struct text json)
{
    unsigned char digest[SHA256_BYTES];
    struct buffer head = {0};
    struct sha256 hash;
    buffer_text(&head, spool_first_line());
    buffer_integer(&head, number);
    buffer_byte(&head, ' ');
    sha256_start(&hash);
    sha256_add(&hash, head.bytes, head.length);
    sha256_add(&hash, json.bytes, json.length);
    sha256_finish(&hash, digest);
    buffer_hex(out, digest, CHECKSUM_BYTES);
    buffer_free(&head);
}

static void end_line(struct buffer *line, int64_t number, struct buffer *json)
{
    buffer_integer(line, number);
    buffer_byte(line, ' ');
    add_checksum(line, number, buffer_view(json));
    buffer_byte(line, ' ');
    buffer_text(line, buffer_view(json));
    buffer_byte(line, '\n');
    buffer_free(json);
}

/* The line's JSON, where number and checksum are what they must be. There is one
 * spelling of a line's head, so it is made again and compared. */
static bool open_line(struct text line, int64_t number, struct text *json)
{
    struct buffer head = {0};
    buffer_integer(&head, number);
    buffer_byte(&head, ' ');
    size_t length = head.length + CHECKSUM_CHARS + 1;
    bool holds = line.length > length;
    if (holds) {
        *json = (struct text){line.bytes + length, line.length - length};
        add_checksum(&head, number, *json);
        buffer_byte(&head, ' ');
        holds = memcmp(head.bytes, line.bytes, length) == 0;
    }
    buffer_free(&head);
    return holds;
}

/* --- Reading ---------------------------------------------------------------------- */

struct reading {
    struct arena *arena;
    struct spool *spool;
};

static struct text minified(struct arena *arena, struct text request)
{
    struct buffer out = {0};
    json_minify(&out, request);
    struct text text = text_copy(arena, buffer_view(&out));
    buffer_free(&out);
    return text;
}

static struct text string_of(struct arena *arena, const cJSON *object, const char *name)
{
    const cJSON *item = cJSON_GetObjectItemCaseSensitive(object, name);
    return text_copy(arena, text_of(cJSON_GetStringValue(item)));
}

static bool integer_of(const cJSON *object, const char *name, int64_t *value)
{
    const cJSON *item = cJSON_GetObjectItemCaseSensitive(object, name);
    return cJSON_IsNumber(item) && json_integer(item, value);
}

static void add_entry(struct arena *arena, struct spool *spool, const struct spool_entry *entry)
{
    if (spool->count == spool->capacity) {
        size_t capacity = spool->capacity * 2 + 16;
        struct spool_entry *more = arena_allocate(arena, capacity * sizeof *more);
        if (spool->count > 0)
            memcpy(more, spool->entries, spool->count * sizeof *more);
        spool->entries = more;
        spool->capacity = capacity;
    }
    spool->entries[spool->count++] = *entry;
    spool->waiting++;
}

static bool read_entry(const struct reading *in, const cJSON *root, struct text json)
{
    struct error ignored;
    int64_t number = 0;
    struct spool_entry entry = {.state = SPOOL_WAITING};
    const cJSON *request = cJSON_GetObjectItemCaseSensitive(root, "request");
    entry.at = string_of(in->arena, root, "at");
    if (!integer_of(root, "entry", &number) || number != (int64_t)in->spool->count + 1 ||
        !cJSON_IsObject(request) || request->child == NULL ||
        (entry.at.length > 0 && cJSON_GetObjectItemCaseSensitive(request, "at") != NULL) ||
        !json_slice(json, "/request", &entry.request) ||
        !moment_parse(string_of(in->arena, root, "spooled"), NULL, &entry.spooled, &ignored))
        return false;
    entry.number = number;
    add_entry(in->arena, in->spool, &entry);
    return true;
}

/* One answer, to an entry that waits and stands behind `after`. */
static bool read_answer(const struct reading *in, const cJSON *item, int64_t after,
                        struct spool_entry *answered)
{
    int64_t number = 0;
    const struct spool *spool = in->spool;
    if (!integer_of(item, "entry", &number) || number <= after || number > (int64_t)spool->count ||
        spool->entries[number - 1].state != SPOOL_WAITING)
        return false;
    *answered = spool->entries[number - 1];
    bool done = integer_of(item, "seq", &answered->seq);
    answered->code = string_of(in->arena, item, "code");
    answered->message = string_of(in->arena, item, "message");
    answered->duplicate = cJSON_IsTrue(cJSON_GetObjectItemCaseSensitive(item, "duplicate"));
    answered->state = done ? SPOOL_DONE : SPOOL_REFUSED;
    return done == (answered->code.length == 0);
}

/* All answers of the line, or, where one cannot be, none. */
static bool read_answers(const struct reading *in, const cJSON *list)
{
    struct spool *spool = in->spool;
    size_t count = 0;
    int64_t after = 0;
    const cJSON *item;
    struct spool_entry *answered =
        arena_allocate(in->arena, ((size_t)cJSON_GetArraySize(list) + 1) * sizeof *answered);
    if (!cJSON_IsArray(list))
        return false;
    cJSON_ArrayForEach(item, list)
    {
        if (!read_answer(in, item, after, &answered[count]))
            return false;
        after = answered[count++].number;
    }
    for (size_t i = 0; i < count; i++) {
        spool->entries[answered[i].number - 1] = answered[i];
        spool->waiting--;
        spool->done += answered[i].state == SPOOL_DONE;
        spool->refused += answered[i].state == SPOOL_REFUSED;
    }
    return true;
}

static bool read_line(const struct reading *in, struct text line)
{
    struct error ignored;
    struct text json;
    if (!open_line(line, in->spool->lines + 1, &json))
        return false;
    cJSON *root = json_parse(json, &ignored);
    const cJSON *answered = cJSON_GetObjectItemCaseSensitive(root, "answered");
    bool good = answered != NULL ? read_answers(in, answered) : read_entry(in, root, json);
    cJSON_Delete(root);
    return good;
}

static bool damaged(const struct spool *spool, struct error *error)
{
    /* The line in an editor, where the first one counts, too. */
    long long line = (long long)spool->lines + 2;
    fail(error, ERROR_SPOOL_DAMAGED, _("line %lld of the spool was changed after it was written"),
         line);
    error->line = (unsigned)line;
    error->column = 1;
    return hint(error,
                _("nothing is guessed: keep the file, and go on with a new one; the lines before "
                  "this one are a whole spool of their own"));
}

bool spool_read(struct arena *arena, struct text bytes, struct spool *spool, struct error *error)
{
    struct reading in = {arena, spool};
    struct text first = spool_first_line();
    size_t head = bytes.length < first.length ? bytes.length : first.length;
    *spool = (struct spool){0};
    if (head > 0 && memcmp(bytes.bytes, first.bytes, head) != 0)
        return fail(error, ERROR_NOT_A_SPOOL, _("the file is not a spool of this program"));
    if (head < first.length) {
        spool->torn = head; /* its maker was stopped at once */
        return true;
    }
    spool->good = first.length;
    while (spool->good < bytes.length) {
        const char *from = bytes.bytes + spool->good;
        size_t left = bytes.length - spool->good;
        const char *feed = memchr(from, '\n', left);
        if (feed == NULL) {
            spool->torn = left;
            return true;
        }
        if (!read_line(&in, (struct text){from, (size_t)(feed - from)}))
            return damaged(spool, error);
        spool->good += (size_t)(feed - from) + 1;
        spool->lines++;
    }
    return true;
}

/* --- Writing ---------------------------------------------------------------------- */

static void add_string(struct buffer *out, const char *name, struct text value)
{
    buffer_format(out, ",\"%s\":", name);
    json_string(out, value);
}

void spool_write_entry(const struct spool *spool, const struct spool_entry *entry,
                       struct buffer *line)
{
    struct buffer json = {0};
    buffer_format(&json, "{\"entry\":%zu,\"spooled\":\"", spool->count + 1);
    moment_format(&json, entry->spooled);
    buffer_byte(&json, '"');
    if (entry->at.length > 0)
        add_string(&json, "at", entry->at);
    buffer_string(&json, ",\"request\":");
    json_minify(&json, entry->request);
    buffer_byte(&json, '}');
    end_line(line, spool->lines + 1, &json);
}

void spool_entry_written(struct arena *arena, struct spool *spool, const struct spool_entry *entry,
                         size_t line_length)
{
    struct spool_entry kept = *entry;
    kept.number = (int64_t)spool->count + 1;
    kept.at = text_copy(arena, entry->at);
    kept.request = minified(arena, entry->request);
    kept.state = SPOOL_WAITING;
    add_entry(arena, spool, &kept);
    spool->lines++;
    spool->good += line_length;
}

const struct spool_entry *spool_find(const struct spool *spool, struct text request)
{
    const struct spool_entry *found = NULL;
    struct arena arena = {0};
    struct text wanted = minified(&arena, request);
    for (size_t i = spool->count; i > 0 && found == NULL; i--) {
        const struct spool_entry *entry = &spool->entries[i - 1];
        if (entry->state != SPOOL_REFUSED && text_equal(entry->request, wanted))
            found = entry;
    }
    arena_free(&arena);
    return found;
}

static void add_answer(struct buffer *out, const struct spool_entry *entry)
{
    buffer_format(out, "{\"entry\":%lld", (long long)entry->number);
    if (entry->state == SPOOL_DONE) {
        buffer_format(out, ",\"seq\":%lld,\"duplicate\":%s", (long long)entry->seq,
                      entry->duplicate ? "true" : "false");
    } else {
        add_string(out, "code", entry->code);
        add_string(out, "message", entry->message);
    }
    buffer_byte(out, '}');
}

void spool_write_answers(const struct spool *spool, const struct spool_entry entries[],
                         size_t count, struct buffer *line)
{
    struct buffer json = {0};
    buffer_string(&json, "{\"answered\":[");
    for (size_t i = 0; i < count; i++) {
        if (i > 0)
            buffer_byte(&json, ',');
        add_answer(&json, &entries[i]);
    }
    buffer_string(&json, "]}");
    end_line(line, spool->lines + 1, &json);
}

struct text spool_request(struct arena *arena, const struct spool_entry *entry, bool with_at)
{
    struct buffer out = {0};
    struct text request = entry->request;
    if (with_at && entry->at.length > 0) {
        buffer_add(&out, request.bytes, request.length - 1); /* an object that has members */
        add_string(&out, "at", entry->at);
        buffer_byte(&out, '}');
        request = buffer_view(&out);
    }
    struct text whole = text_copy(arena, request);
    buffer_free(&out);
    return whole;
}
