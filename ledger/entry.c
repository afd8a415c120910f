/* Records on their way to somebody else, and what is checked of each: the same
 * few lines whether a record comes from the database, a bundle or a proof. */
#include "entry.h"

#include "json.h"

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

static struct text string_of(const cJSON *root, const char *name, struct arena *arena)
{
    const char *value = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(root, name));
    return text_copy(arena, text_of(value));
}

static bool read_entry(const cJSON *root, struct arena *arena, struct entry *entry)
{
    const cJSON *seq = cJSON_GetObjectItemCaseSensitive(root, "seq");
    if (!cJSON_IsNumber(seq) || !json_integer(seq, &entry->seq) || entry->seq < 0)
        return false;
    entry->head = string_of(root, "head", arena);
    struct text salt = string_of(root, "salt", arena);
    entry->has_body = cJSON_HasObjectItem(root, "body");
    entry->body = string_of(root, "body", arena);
    if (!entry->has_body)
        return true;
    unsigned char *bytes = arena_allocate(arena, SALT_BYTES);
    entry->salt = (struct text){(const char *)bytes, SALT_BYTES};
    return hex_parse(salt, bytes, SALT_BYTES);
}

bool entry_parse(struct text line, struct arena *arena, struct entry *entry, struct error *error)
{
    struct error why;
    struct buffer again = {0};
    *entry = (struct entry){.seq = -1};
    cJSON *root = json_parse(line, &why);
    if (root == NULL)
        return fail(error, ERROR_INVALID_RECORD, _("the record is not valid JSON: %s"),
                    why.message);
    bool ok = cJSON_IsObject(root) && read_entry(root, arena, entry);
    cJSON_Delete(root);
    if (ok) {
        entry_format(&again, entry);
        ok = text_equal(buffer_view(&again), line);
        buffer_free(&again);
    }
    if (ok)
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
    if (!entry->has_body)
        return !head->has_body || without_body ||
               record_broken(error, entry->seq, _("its body is missing"));
    if (!head->has_body)
        return record_broken(error, entry->seq, _("it has a body that its head does not name"));
    if (entry->salt.length != SALT_BYTES)
        return record_broken(error, entry->seq, _("its body's salt was altered"));
    digest(entry->salt, entry->body, found);
    return memcmp(found, head->body, DIGEST_BYTES) == 0 ||
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
    if (!entry_check(entry, false, &walk->arena, head, error))
        return false;
    if (head->time < walk->time)
        return fail_field(error, ERROR_NOT_VERIFIED, "record",
                          _("record %lld: its time lies before that of record %lld"),
                          (long long)entry->seq, (long long)entry->seq - 1);
    walk->time = head->time;
    walk->bodies += entry->has_body ? 1 : 0;
    merkle_leaf(entry->head.bytes, entry->head.length, &leaf);
    merkle_edge_append(&walk->edge, &leaf);
    return true;
}
