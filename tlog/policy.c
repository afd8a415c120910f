/* See policy.h. A group's members are all defined before it, and a name is a member
 * of one group at most: so the policy is a tree, and one pass in order decides it. */
#include "policy.h"

#include <stdlib.h>

#include "spelling.h"

struct parsing {
    struct policy *policy;
    unsigned line;
    bool has_quorum;
    struct error *error;
};

static bool wrong(struct parsing *in, const char *what)
{
    fail(in->error, ERROR_INVALID_POLICY, _("line %u of the policy: %s"), in->line, what);
    in->error->line = in->line;
    in->error->column = 1;
    return false;
}

static bool next_word(struct text *rest, struct text *word)
{
    size_t start = 0, end;
    while (start < rest->length && (rest->bytes[start] == ' ' || rest->bytes[start] == '\t'))
        start++;
    for (end = start; end < rest->length; end++)
        if (rest->bytes[end] == ' ' || rest->bytes[end] == '\t')
            break;
    *word = (struct text){rest->bytes + start, end - start};
    rest->bytes += end;
    rest->length -= end;
    return word->length > 0;
}

static int find_name(const struct policy *policy, struct text name)
{
    for (size_t i = 0; i < policy->name_count; i++)
        if (text_equal(policy->names[i].name, name))
            return (int)i;
    return -1;
}

/* --- Keys ------------------------------------------------------------------------------- */

static bool is_same_key(const struct verifier *a, const struct verifier *b)
{
    return a->length == b->length && memcmp(a->key, b->key, a->length) == 0;
}

/* Not two of one key: neither twice a log or witness, nor a log that vouches for itself. */
static bool is_taken(const struct policy *policy, const struct verifier *key)
{
    for (size_t i = 0; i < policy->log_count; i++)
        if (is_same_key(&policy->logs[i], key))
            return true;
    for (size_t i = 0; i < policy->witness_count; i++)
        if (is_same_key(&policy->witnesses[i], key))
            return true;
    return false;
}

/* A key, perhaps a URL, and nothing more. */
static bool read_key(struct parsing *in, struct text rest, uint8_t kind, struct verifier *key)
{
    struct text word, url, more;
    struct error why;
    if (!next_word(&rest, &word))
        return wrong(in, _("a key is missing"));
    if (!verifier_parse(word, key, &why))
        return wrong(in, why.message);
    if (next_word(&rest, &url) && next_word(&rest, &more))
        return wrong(in, _("it has more than a key and a URL"));
    if (key->kind != kind)
        return wrong(in, kind == KEY_ED25519
                             ? _("a log's key is of kind 0x01; others cannot be checked")
                             : _("a witness's key is of kind 0x04; others cannot be checked"));
    return !is_taken(in->policy, key) || wrong(in, _("this key is there already"));
}

static bool read_log(struct parsing *in, struct text rest)
{
    struct policy *policy = in->policy;
    if (policy->log_count == POLICY_LOGS_MAX)
        return wrong(in, _("too many logs"));
    if (!read_key(in, rest, KEY_ED25519, &policy->logs[policy->log_count]))
        return false;
    policy->log_count++;
    return true;
}

/* --- Names ------------------------------------------------------------------------------ */

static bool read_name(struct parsing *in, struct text *rest, struct policy_name *name)
{
    *name = (struct policy_name){.witness = -1, .group = -1};
    if (!next_word(rest, &name->name))
        return wrong(in, _("a name is missing"));
    if (text_equal(name->name, text_of("none")) || find_name(in->policy, name->name) >= 0)
        return wrong(in, _("this name is taken"));
    return in->policy->name_count < POLICY_NAMES_MAX || wrong(in, _("too many names"));
}

static bool read_witness(struct parsing *in, struct text rest)
{
    struct policy *policy = in->policy;
    struct policy_name name;
    if (!read_name(in, &rest, &name))
        return false;
    if (policy->witness_count == POLICY_WITNESSES_MAX)
        return wrong(in, _("too many witnesses"));
    if (!read_key(in, rest, KEY_COSIGNATURE, &policy->witnesses[policy->witness_count]))
        return false;
    name.witness = (int)policy->witness_count++;
    policy->names[policy->name_count++] = name;
    return true;
}

static bool read_members(struct parsing *in, struct text rest, int *members)
{
    struct policy *policy = in->policy;
    struct text word;
    while (next_word(&rest, &word)) {
        int member = find_name(policy, word);
        if (member < 0)
            return wrong(in, _("it names what no line above defines"));
        if (policy->names[member].group >= 0)
            return wrong(in, _("it names a member that is in a group already"));
        policy->names[member].group = (int)policy->name_count;
        ++*members;
    }
    return *members > 0 || wrong(in, _("a group needs members"));
}

static bool read_group(struct parsing *in, struct text rest)
{
    struct policy_name group;
    struct text threshold;
    uint64_t needed = 0;
    if (!read_name(in, &rest, &group))
        return false;
    if (!next_word(&rest, &threshold) || !read_members(in, rest, &group.members))
        return in->error->code != ERROR_NONE ? false : wrong(in, _("a threshold is missing"));
    if (text_equal(threshold, text_of("any")))
        needed = 1;
    else if (text_equal(threshold, text_of("all")))
        needed = (uint64_t)group.members;
    else if (!number_parse(threshold, POLICY_NAMES_MAX, &needed))
        return wrong(in, _("a threshold is a number, any or all"));
    if (needed < 1 || needed > (uint64_t)group.members)
        return wrong(in, _("its threshold can never be met"));
    group.needed = (int)needed;
    in->policy->names[in->policy->name_count++] = group;
    return true;
}

static bool read_quorum(struct parsing *in, struct text rest)
{
    struct text name, more;
    if (in->has_quorum)
        return wrong(in, _("there is a quorum already"));
    if (!next_word(&rest, &name) || next_word(&rest, &more))
        return wrong(in, _("a quorum is one name, or none"));
    in->has_quorum = true;
    if (text_equal(name, text_of("none")))
        return true;
    in->policy->quorum = find_name(in->policy, name);
    return in->policy->quorum >= 0 || wrong(in, _("it names what no line above defines"));
}

/* --- Lines ------------------------------------------------------------------------------- */

static bool read_line(struct parsing *in, struct text line)
{
    struct text word;
    for (size_t i = 0; i < line.length; i++) {
        unsigned char byte = (unsigned char)line.bytes[i];
        if ((byte < 0x20 && byte != '\t') || byte == 0x7F)
            return wrong(in, _("it has a control character"));
    }
    if (!next_word(&line, &word) || word.bytes[0] == '#')
        return true;
    if (text_equal(word, text_of("log")))
        return read_log(in, line);
    if (text_equal(word, text_of("witness")))
        return read_witness(in, line);
    if (text_equal(word, text_of("group")))
        return read_group(in, line);
    if (text_equal(word, text_of("quorum")))
        return read_quorum(in, line);
    return wrong(in, _("a line starts with log, witness, group or quorum"));
}

bool policy_parse(struct text text, struct arena *arena, struct policy *policy, struct error *error)
{
    struct parsing in = {.policy = policy, .error = error};
    struct text line;
    memset(policy, 0, sizeof *policy);
    policy->quorum = -1;
    policy->logs = arena_allocate(arena, POLICY_LOGS_MAX * sizeof *policy->logs);
    policy->witnesses = arena_allocate(arena, POLICY_WITNESSES_MAX * sizeof *policy->witnesses);
    if (text.length > POLICY_BYTES_MAX)
        return fail(error, ERROR_INVALID_POLICY, _("a policy has at most %d bytes"),
                    POLICY_BYTES_MAX);
    while (line_next(&text, &line)) {
        in.line++;
        error->code = ERROR_NONE;
        if (!read_line(&in, line))
            return false;
    }
    if (text.length > 0)
        return fail(error, ERROR_INVALID_POLICY, _("the policy does not end in a newline"));
    return in.has_quorum || fail(error, ERROR_INVALID_POLICY, _("the policy has no quorum"));
}

/* --- Judging ------------------------------------------------------------------------------ */

bool policy_is_met(const struct policy *policy, const bool cosigned[])
{
    int count[POLICY_NAMES_MAX] = {0};
    for (size_t i = 0; i < policy->name_count; i++) {
        const struct policy_name *name = &policy->names[i];
        bool met = name->witness >= 0 ? cosigned[name->witness] : count[i] >= name->needed;
        if (met && (int)i == policy->quorum)
            return true;
        if (met && name->group >= 0)
            count[name->group]++;
    }
    return policy->quorum < 0;
}

static bool knows_log(const struct policy *policy, const struct verifier *log)
{
    for (size_t i = 0; i < policy->log_count; i++)
        if (is_same_key(&policy->logs[i], log) && strcmp(policy->logs[i].name, log->name) == 0)
            return true;
    return policy->log_count == 0;
}

bool policy_open(const struct policy *policy, struct text note, const struct verifier *log,
                 struct checkpoint *checkpoint, struct note *opened, bool *met, struct error *error)
{
    const struct verifier *known[POLICY_WITNESSES_MAX];
    bool cosigned[POLICY_WITNESSES_MAX] = {false};
    int count = 0;
    for (size_t i = 0; i < policy->witness_count; i++)
        known[i] = &policy->witnesses[i];
    if (!knows_log(policy, log))
        return fail(error, ERROR_NOT_VERIFIED,
                    _("the policy does not name the log %s with this key"), log->name);
    if (!checkpoint_open(note, log, known, policy->witness_count, checkpoint, opened, error))
        return false;
    for (size_t i = 0; i < opened->count; i++) {
        const struct verifier *by = opened->signatures[i].by;
        if (by == NULL || by == log)
            continue;
        cosigned[by - policy->witnesses] = true;
        count++;
    }
    bool enough = policy_is_met(policy, cosigned);
    if (met != NULL)
        *met = enough;
    return enough || met != NULL ||
           fail(error, ERROR_NOT_VERIFIED,
                _("the policy's quorum is not met: %d of its %zu witnesses have cosigned"), count,
                policy->witness_count);
}
