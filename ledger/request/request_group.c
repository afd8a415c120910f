/* Groups: several operations of which all are recorded or none.
 *
 * A group is no operation itself and leaves no trace of its own in the log: each of its
 * operations is recorded as if it had come alone, with what stands around them filled
 * in, so that a retry, an audit and a reader of the log need not know that there was
 * a group. An exchange is a group of two whose order and kinds are known. */
#include "request_private.h"

/* field, member: what counts for each operation that does not say it itself. */
#define INHERITED_TABLE(X)                                                                         \
    X(STORE, store)                                                                                \
    X(TILL, till)                                                                                  \
    X(OPERATOR, operator_id)                                                                       \
    X(APPROVED_BY, approved_by)                                                                    \
    X(ENTRY, entry)                                                                                \
    X(NOW, now)                                                                                    \
    X(ACCEPT_CLOCK, accept_clock)                                                                  \
    X(LANG, lang)                                                                                  \
    X(PRINT, columns)                                                                              \
    X(ENCODING, encoding)

/* Of the others, some would take it as part of a receipt, and the rest refuse it. */
static bool takes_time(enum operation op)
{
    return op == OPERATION_PURCHASE || op == OPERATION_RETURN || op == OPERATION_ACTION;
}

static void inherit(const struct request *group, struct request *operation)
{
#define X(code, name)                                                                              \
    if (request_has(group, FIELD_##code) && !request_has(operation, FIELD_##code)) {               \
        operation->name = group->name;                                                             \
        request_mark(operation, FIELD_##code);                                                     \
    }
    INHERITED_TABLE(X)
    if (takes_time(operation->op)) {
        X(AT, at)
    }
#undef X
}

static bool may_join(const struct request *operation, struct error *error)
{
    if (request_has(operation, FIELD_ANCHOR))
        return fail_field(error, ERROR_UNKNOWN_FIELD, "anchor",
                          _("\"anchor\" stands outside of the requests of a group"));
    if (operation_kind(operation->op) == OPERATION_WRITES &&
        operation->op != OPERATION_PROGRAMME_APPLY && operation->op != OPERATION_RECOVER)
        return true;
    fail_field(error, ERROR_INVALID_FIELD, "op", _("%s cannot be part of a group"),
               operation_name(operation->op));
    return hint(error, _("a group takes what records something, other than programme.apply and "
                         "recover"));
}

static bool has_operations(const struct request *group, struct error *error)
{
    static const enum field fields[] = {FIELD_REQUESTS, FIELD_RETURNED, FIELD_BOUGHT};
    bool exchange = group->op == OPERATION_EXCHANGE;
    for (size_t i = exchange ? 1 : 0; i < (exchange ? 3 : 1); i++) {
        if (!request_has(group, fields[i]))
            return fail_field(error, ERROR_MISSING_FIELD, field_name(fields[i]),
                              _("%s needs \"%s\""), operation_name(group->op),
                              field_name(fields[i]));
    }
    return true;
}

bool request_parse_group(const struct request *group, const struct programme *programme,
                         struct arena *arena, struct request operations[], size_t *entry,
                         struct error *error)
{
    *entry = 0;
    if (!has_operations(group, error))
        return false;
    struct language before = language_use(group->lang);
    bool ok = true;
    for (size_t i = 0; ok && i < group->requests_count; i++) {
        struct request *operation = &operations[i];
        *entry = i + 1;
        ok = request_parse(group->requests[i], programme, arena, operation, error) &&
             may_join(operation, error);
        inherit(group, operation);
        operation->joined = (unsigned char)(group->requests_count - 1 - i);
        operation->same_member = group->op == OPERATION_EXCHANGE && i == 1;
    }
    language_restore(before);
    return ok;
}
