/* Records on their way to somebody else, and what is checked of each: the same
 * few lines whether a record comes from the database, a bundle or a proof. */
#include "entry.h"

#include "json.h"
#include "limits.h"
#include "spelling.h"
#include "utf8.h"

void entry_format(struct buffer *out, const struct entry *entry)
{
    buffer_string(out, "{\"seq\":");
    buffer_integer(out, entry->seq);
    if (entry->head.length > 0) {
        buffer_string(out, ",\"head\":");
        json_string(out, entry->head);
    }
    if (entry->has_body) {
        buffer_string(out, ",\"salt\":\"");
        buffer_hex(out, entry->salt.bytes, entry->salt.length);
        buffer_string(out, "\",\"body\":");
        json_string(out, entry->body);
    }
    buffer_byte(out, '}');
}

/* --- Reading ------------------------------------------------------------------------------ */

/* One character of a string as json_string writes it, at bytes[*at]: the byte that it
 * stands for, or -1. A bundle has millions of strings: this is the whole of its JSON,
 * and costs a tenth of a reader of everything. */
static int take_character(struct text text, size_t *at)
{
    unsigned char byte = (unsigned char)text.bytes[*at], code = 0;
    if (byte != '\\') {
        ++*at;
        return byte < 0x20 ? -1 : byte;
    }
    size_t left = text.length - *at;
    if (left >= 2 && (text.bytes[*at + 1] == '"' || text.bytes[*at + 1] == '\\')) {
        *at += 2;
        return text.bytes[*at - 1];
    }
    if (left < 6 || memcmp(text.bytes + *at, "\\u00", 4) != 0 ||
        !hex_parse((struct text){text.bytes + *at + 4, 2}, &code, 1) || code == 0 || code >= 0x20)
        return -1;
    *at += 6;
    return code;
}

static bool is_utf8(struct text text)
{
    for (size_t at = 0; at < text.length;) {
        if ((unsigned char)text.bytes[at] < 0x80)
            at++;
        else if (utf8_next(text, &at) < 0)
            return false;
    }
    return true;
}

bool entry_string(struct text *rest, struct arena *arena, struct text *string)
{
    struct text text = *rest;
    char *out = arena_allocate(arena, text.length + 1);
    size_t at = 1, length = 0;
    if (text.length < 2 || text.bytes[0] != '"')
        return false;
    while (at < text.length && text.bytes[at] != '"') {
        int byte = take_character(text, &at);
        if (byte < 0)
            return false;
        out[length++] = (char)byte;
    }
    if (at >= text.length)
        return false;
    *rest = (struct text){text.bytes + at + 1, text.length - at - 1};
    *string = (struct text){out, length};
    return is_utf8(*string);
}

static bool read_number(struct text *rest, int64_t *value)
{
    size_t digits = 0;
    uint64_t number = 0;
    while (digits < rest->length && rest->bytes[digits] >= '0' && rest->bytes[digits] <= '9')
        digits++;
    if (!number_parse((struct text){rest->bytes, digits}, (uint64_t)LIMIT_UNITS, &number))
        return false;
    *value = (int64_t)number;
    rest->bytes += digits;
    rest->length -= digits;
    return true;
}

static bool read_body(struct text *rest, struct arena *arena, struct entry *entry)
{
    unsigned char *salt = arena_allocate(arena, SALT_BYTES);
    if (rest->length < 2 * SALT_BYTES ||
        !hex_parse((struct text){rest->bytes, 2 * SALT_BYTES}, salt, SALT_BYTES))
        return false;
    rest->bytes += 2 * SALT_BYTES;
    rest->length -= 2 * SALT_BYTES;
    entry->salt = (struct text){(const char *)salt, SALT_BYTES};
    entry->has_body = true;
    return prefix_take(rest, "\",\"body\":") && entry_string(rest, arena, &entry->body);
}

bool entry_parse(struct text line, struct arena *arena, struct entry *entry, struct error *error)
{
    struct text rest = line;
    *entry = (struct entry){-1, text_of(""), text_of(""), text_of(""), false, NULL};
    bool ok = prefix_take(&rest, "{\"seq\":") && read_number(&rest, &entry->seq);
    if (ok && prefix_take(&rest, ",\"head\":"))
        ok = entry_string(&rest, arena, &entry->head) && entry->head.length > 0;
    if (ok && prefix_take(&rest, ",\"salt\":\""))
        ok = read_body(&rest, arena, entry);
    if (ok && text_equal(rest, text_of("}")))
        return true;
    fail(error, ERROR_INVALID_RECORD, _("the record is not written as an export writes it"));
    return hint(error, "{\"seq\":N,\"head\":\"...\",\"salt\":\"...\",\"body\":\"...\"}");
}

/* --- What must hold ------------------------------------------------------------------ */

bool record_broken(struct error *error, int64_t seq, const char *how)
{
    return fail_field(error, ERROR_NOT_VERIFIED, "record", _("record %lld: %s"), (long long)seq,
                      how);
}

static bool check_body(const struct entry *entry, bool without_body, const struct head *head,
                       struct error *error)
{
    unsigned char found[DIGEST_BYTES];
    const unsigned char *computed = entry->digest;
    if (!entry->has_body)
        return !head->has_body || without_body ||
               record_broken(error, entry->seq, _("its body is missing"));
    if (!head->has_body)
        return record_broken(error, entry->seq, _("it has a body that its head does not name"));
    if (entry->salt.length != SALT_BYTES)
        return record_broken(error, entry->seq, _("its body's salt was altered"));
    if (computed == NULL) {
        digest(entry->salt, entry->body, found);
        computed = found;
    }
    return memcmp(computed, head->body, DIGEST_BYTES) == 0 ||
           record_broken(error, entry->seq, _("its body was altered"));
}

bool entry_check(const struct entry *entry, bool without_body, struct arena *arena,
                 struct head *head, struct error *error)
{
    if (!head_decode(entry->head, arena, head, error))
        return record_broken(error, entry->seq, text_format(arena, "%s", error->message).bytes);
    if (head->seq != entry->seq)
        return record_broken(error, entry->seq, _("its head bears another number"));
    if (!head_balances(head, error))
        return record_broken(error, entry->seq, _("its postings do not sum to zero"));
    return check_body(entry, without_body, head, error);
}

bool walk_record(struct walk *walk, const struct entry *entry, struct head *head,
                 struct error *error)
{
    struct hash leaf;
    int64_t expected = (int64_t)walk->edge.size;
    arena_reset(&walk->arena);
    if (entry->seq != expected)
        return record_broken(error, expected, _("it is missing"));
    if (!entry_check(entry, true, &walk->arena, head, error))
        return false;
    if (head->time < walk->time)
        return fail_field(error, ERROR_NOT_VERIFIED, "record",
                          _("record %lld: its time lies before that of record %lld"),
                          (long long)entry->seq, (long long)entry->seq - 1);
    walk->time = head->time;
    walk->bodies += entry->has_body ? 1 : 0;
    merkle_leaf(entry->head.bytes, entry->head.length, &leaf);
    merkle_edge_append(&walk->edge, &leaf);
    return absences_note(&walk->absences, head, entry->has_body, error);
}

bool walk_end(const struct walk *walk, struct error *error)
{
    return absences_explained(&walk->absences, error);
}

void walk_free(struct walk *walk)
{
    arena_free(&walk->arena);
    absences_free(&walk->absences);
}
