/* Members and their identifiers: member.add, member.link, member.unlink.
 *
 * A card or phone is kept as a keyed hash in the vault and in the record's body,
 * never in its head. */
#include <sodium.h>

#include "chain.h"
#include "context.h"
#include "json.h"

/* The request's identifiers, normalised, with the vault's rows for them. */
struct identified {
    struct typed typed;
    struct identifier *identifier;
};

static bool read_identifiers(struct context *context, struct request *request,
                             struct identified **out, struct error *error)
{
    struct identified *list =
        arena_allocate(context->arena, request->identifiers_count * sizeof *list);
    for (size_t i = 0; i < request->identifiers_count; i++) {
        unsigned char hash[KEY_HASH_BYTES];
        if (!identifier_read(context, request->identifiers[i], &list[i].typed, error))
            return false;
        identifier_hash(context->ledger, &list[i].typed, hash);
        if (!state_identifier(context->state, hash, &list[i].identifier, error))
            return false;
        request->identifiers[i] = identifier_text(context->arena, &list[i].typed);
    }
    *out = list;
    return true;
}

static bool taken(const struct context *context, const struct identified *identified,
                  struct error *error)
{
    fail_field(error, ERROR_IDENTIFIER_TAKEN, "identifiers",
               _("%.*s is linked to a member already"),
               TEXT(identifier_shown(context->arena, &identified->typed)));
    return hint(error,
                _("if it is somebody else's now, take it from them first: member unlink; what "
                  "they have stays theirs"));
}

/* Whether all are linked to one member, who is then *owner; 0 where none is linked.
 * Otherwise identifier_taken. */
static bool one_owner(const struct context *context, const struct identified *list,
                      uint64_t allowed, uint64_t *owner, struct error *error)
{
    const struct request *request = context->request;
    *owner = list[0].identifier->row.member;
    for (size_t i = 0; i < request->identifiers_count; i++) {
        uint64_t linked = list[i].identifier->row.member;
        if (linked != *owner || (linked != 0 && allowed != 0 && linked != allowed))
            return taken(context, &list[linked == 0 ? 0 : i], error);
    }
    return true;
}

/* Link, and remember how each may be shown. */
static bool link_all(struct context *context, struct identified *list, uint64_t member,
                     struct error *error)
{
    for (size_t i = 0; i < context->request->identifiers_count; i++) {
        struct identifier *identifier = list[i].identifier;
        if (!state_set_identifier(context->state, identifier, member, error))
            return false;
        identifier->row.kind = list[i].typed.kind;
        identifier->row.shown = identifier_shown(context->arena, &list[i].typed);
    }
    return true;
}

bool identifiers_relink(struct context *context, uint64_t member, struct error *error)
{
    struct request request = *context->request;
    struct identified *list = NULL;
    context->request = &request;
    return read_identifiers(context, &request, &list, error) &&
           link_all(context, list, member, error);
}

/* What these have bought before they were anybody's is the member's now. */
static bool claim_all(struct context *context, const struct identified *list, struct error *error)
{
    size_t count = context->request->identifiers_count;
    for (size_t i = 0; i < count; i++) {
        if (!claim_waiting(context, list[i].identifier->row.hash, error))
            return false;
    }
    return true;
}

static bool draw_id(struct context *context, struct error *error)
{
    struct member *taken = NULL;
    if (context->ledger->replay != NULL) {
        context->member_id = context->ledger->replay->member;
        return true;
    }
    do {
        context->member_id = member_id_random();
        if (!state_member(context->state, context->member_id, &taken, error))
            return false;
    } while (taken->exists);
    return true;
}

static bool asks_the_same(const struct context *context, const struct record *record)
{
    struct text was = {0}, is = {0};
    return json_slice(record->body, "/in/identifiers", &was) &&
           json_slice(context->input, "/identifiers", &is) && text_equal(was, is);
}

/* The record that a retry without a ref asks for again: the newest of that kind and of
 * those identifiers, or else the one that added the member, who is added but once.
 * *found false where the member has none. */
static bool recorded(struct context *context, uint64_t member, enum record_kind kind, bool *found,
                     struct error *error)
{
    struct record record, added = {0};
    struct chain chain;
    *found = false;
    if (!chain_begin(&chain, context->state, member, error))
        return false;
    while (chain_goes_on(&chain)) {
        if (!chain_next(&chain, context->arena, &record, error))
            return false;
        *found = record.head->kind == kind && asks_the_same(context, &record);
        if (*found)
            return outcome_of_record(context, &record, error);
        if (record.head->kind == RECORD_MEMBER_ADD && record.head->member == member)
            added = record;
    }
    *found = kind == RECORD_MEMBER_ADD && added.head != NULL;
    return !*found || outcome_of_record(context, &added, error);
}

/* Common to all three: keys, and the request with its identifiers normalised. */
static bool begin(struct context *context, struct request *normalised, struct identified **list,
                  bool *duplicate, struct error *error)
{
    *normalised = *context->request;
    normalised->identifiers = arena_allocate(context->arena, (normalised->identifiers_count + 1) *
                                                                 sizeof *normalised->identifiers);
    for (size_t i = 0; i < normalised->identifiers_count; i++)
        normalised->identifiers[i] = context->request->identifiers[i];
    if (!require(context, FIELD_IDENTIFIERS, error) ||
        !read_identifiers(context, normalised, list, error))
        return false;
    context->request = normalised;
    context->has_key = request_has(normalised, FIELD_REF);
    if (context->has_key)
        hash_ref(context, normalised->ref, context->key);
    return check_keys(context, duplicate, error);
}

static bool write_member_record(struct context *context, enum record_kind kind, bool keyed,
                                struct error *error)
{
    context->version = NULL;
    struct head *head = record_new(context, kind);
    if (keyed)
        set_keys(context, head);
    return record_write(context, head, body_of(context, false, (struct text){0}), error);
}

bool member_add(struct context *context, struct error *error)
{
    struct request request;
    struct identified *list = NULL;
    uint64_t owner = 0;
    bool duplicate = false;
    if (!begin(context, &request, &list, &duplicate, error))
        return false;
    if (duplicate)
        return true;
    if (!one_owner(context, list, 0, &owner, error))
        return false;
    if (owner != 0) {
        bool found = false;
        return context->has_key ? taken(context, &list[0], error)
                                : recorded(context, owner, RECORD_MEMBER_ADD, &found, error);
    }
    if (!draw_id(context, error))
        return false;
    /* From here on nothing is refused. */
    return write_member_record(context, RECORD_MEMBER_ADD, true, error) &&
           link_all(context, list, context->member_id, error) && claim_all(context, list, error);
}

bool enrol_new(struct context *context, struct error *error)
{
    struct request request = {.op = OPERATION_MEMBER_ADD};
    struct text typed = context->request->member;
    const struct version *version = context->version;
    const struct request *asked = context->request;
    struct identified *list = NULL;
    request.identifiers = &typed;
    request.identifiers_count = 1;
    request_mark(&request, FIELD_IDENTIFIERS);
    context->request = &request;
    if (!draw_id(context, error) || !read_identifiers(context, &request, &list, error))
        return false;
    struct buffer *in = &context->ledger->body;
    buffer_clear(in);
    request_encode(&request, 0, 0, NULL, in);
    context->input = text_copy(context->arena, buffer_view(in));
    context->enrolling = true;
    bool ok = write_member_record(context, RECORD_MEMBER_ADD, false, error) &&
              link_all(context, list, context->member_id, error) && claim_all(context, list, error);
    context->enrolling = false;
    context->request = asked;
    context->version = version;
    context->outcome->enrolled = context->member_id;
    encode_input(context);
    return ok;
}

bool member_link(struct context *context, struct error *error)
{
    struct request request;
    struct identified *list = NULL;
    uint64_t owner = 0;
    bool duplicate = false, enrol = false;
    if (!require(context, FIELD_MEMBER, error) ||
        !resolve_member(context, context->request->member, &enrol, error) ||
        !begin(context, &request, &list, &duplicate, error))
        return false;
    if (duplicate)
        return true;
    if (!load_member(context, error) ||
        !one_owner(context, list, context->member_id, &owner, error))
        return false;
    if (owner != 0) {
        bool found = false;
        if (context->has_key)
            return taken(context, &list[0], error);
        return recorded(context, owner, RECORD_MEMBER_LINK, &found, error) &&
               (found || recorded(context, owner, RECORD_MEMBER_ADD, &found, error));
    }
    /* From here on nothing is refused. */
    return write_member_record(context, RECORD_MEMBER_LINK, true, error) &&
           link_all(context, list, context->member_id, error) && claim_all(context, list, error);
}

bool member_unlink(struct context *context, struct error *error)
{
    struct request request;
    struct identified *list = NULL;
    bool duplicate = false, enrol = false;
    if (!require(context, FIELD_MEMBER, error) ||
        !resolve_member(context, context->request->member, &enrol, error) ||
        !begin(context, &request, &list, &duplicate, error))
        return false;
    if (duplicate)
        return true;
    if (!load_member(context, error))
        return false;
    if (!context->has_key && list[0].identifier->row.member == 0) {
        if (!recorded(context, context->member_id, RECORD_MEMBER_UNLINK, &duplicate, error))
            return false;
        if (duplicate)
            return true;
    }
    for (size_t i = 0; i < request.identifiers_count; i++) {
        if (list[i].identifier->row.member != context->member_id)
            return fail_field(error, ERROR_UNKNOWN_MEMBER, "identifiers",
                              _("%.*s is not linked to this member"),
                              TEXT(identifier_shown(context->arena, &list[i].typed)));
    }
    /* From here on nothing is refused. */
    return write_member_record(context, RECORD_MEMBER_UNLINK, true, error) &&
           link_all(context, list, 0, error);
}
