/* Proofs. Checking follows the loops of RFC 9162 (sections 2.1.3.2 and 2.1.4.2)
 * step by step, with its names fn, sn, fr, sr, so that the two can be laid side
 * by side. Making follows the recursive definitions of RFC 6962 (2.1.1, 2.1.2)
 * from the root down, then turns the list around. */
#include "proof.h"

#include <assert.h>
#include <inttypes.h>

#include "spelling.h"

static bool not_proven(struct error *error, const char *what)
{
    return fail(error, ERROR_NOT_VERIFIED, "%s", what);
}

bool proof_inclusion_verify(uint64_t index, uint64_t size, const struct hash *leaf,
                            const struct proof *proof, const struct hash *root, struct error *error)
{
    if (index >= size)
        return fail(error, ERROR_INVALID_PROOF,
                    _("leaf %" PRIu64 " cannot be in a tree of %" PRIu64 " leaves"), index, size);
    uint64_t fn = index, sn = size - 1;
    struct hash r = *leaf;
    for (size_t i = 0; i < proof->count; i++) {
        if (sn == 0)
            return not_proven(error, _("the inclusion proof has too many hashes"));
        if ((fn & 1) != 0 || fn == sn) {
            merkle_node(&proof->hashes[i], &r, &r);
            while ((fn & 1) == 0 && fn != 0) {
                fn >>= 1;
                sn >>= 1;
            }
        } else {
            merkle_node(&r, &proof->hashes[i], &r);
        }
        fn >>= 1;
        sn >>= 1;
    }
    if (sn != 0)
        return not_proven(error, _("the inclusion proof has too few hashes"));
    if (!hash_equal(&r, root))
        return not_proven(error, _("the inclusion proof leads to another root"));
    return true;
}

/* The cases that need no hashing: no growth, and growth from nothing. */
static bool verify_trivial(uint64_t old_size, const struct hash *old_root,
                           const struct hash *new_root, bool grown, const struct proof *proof,
                           struct error *error)
{
    if (proof->count > 0)
        return not_proven(error, _("the consistency proof has too many hashes"));
    struct hash empty;
    merkle_empty(&empty);
    if (old_size == 0 && !hash_equal(old_root, &empty))
        return not_proven(error, _("the old root is not that of an empty tree"));
    if (!grown && !hash_equal(old_root, new_root))
        return not_proven(error, _("two trees of one size have different roots"));
    return true;
}

/* Steps 3 to 7. `first` is the hash that both trees grow from, `rest` follows. */
static bool verify_growth(uint64_t old_size, uint64_t new_size, const struct hash *first,
                          const struct hash rest[], size_t count, struct hash *fr, struct hash *sr)
{
    uint64_t fn = old_size - 1, sn = new_size - 1;
    while ((fn & 1) != 0) {
        fn >>= 1;
        sn >>= 1;
    }
    *fr = *sr = *first;
    for (size_t i = 0; i < count; i++) {
        if (sn == 0)
            return false;
        if ((fn & 1) != 0 || fn == sn) {
            merkle_node(&rest[i], fr, fr);
            merkle_node(&rest[i], sr, sr);
            while ((fn & 1) == 0 && fn != 0) {
                fn >>= 1;
                sn >>= 1;
            }
        } else {
            merkle_node(sr, &rest[i], sr);
        }
        fn >>= 1;
        sn >>= 1;
    }
    return sn == 0;
}

bool proof_consistency_verify(uint64_t old_size, uint64_t new_size, const struct hash *old_root,
                              const struct hash *new_root, const struct proof *proof,
                              struct error *error)
{
    if (old_size > new_size)
        return fail(error, ERROR_INVALID_PROOF,
                    _("a tree of %" PRIu64 " leaves cannot grow out of one of %" PRIu64), new_size,
                    old_size);
    if (old_size == 0 || old_size == new_size)
        return verify_trivial(old_size, old_root, new_root, old_size != new_size, proof, error);
    if (proof->count == 0)
        return not_proven(error, _("the consistency proof is empty"));
    bool complete = (old_size & (old_size - 1)) == 0;
    const struct hash *first = complete ? old_root : &proof->hashes[0];
    size_t skip = complete ? 0 : 1;
    struct hash fr, sr;
    if (!verify_growth(old_size, new_size, first, proof->hashes + skip, proof->count - skip, &fr,
                       &sr))
        return not_proven(error, _("the consistency proof has a wrong number of hashes"));
    if (!hash_equal(&fr, old_root))
        return not_proven(error, _("the consistency proof leads to another old root"));
    if (!hash_equal(&sr, new_root))
        return not_proven(error, _("the consistency proof leads to another new root"));
    return true;
}

/* The largest power of two below size; size > 1. */
static uint64_t split(uint64_t size)
{
    return UINT64_C(1) << (63 - __builtin_clzll(size - 1));
}

static bool add_range(struct proof *proof, const struct hash_source *source, uint64_t begin,
                      uint64_t size, struct error *error)
{
    assert(proof->count < PROOF_HASHES_MAX);
    return merkle_range_read(source, begin, size, &proof->hashes[proof->count++], error);
}

static void reverse(struct proof *proof)
{
    for (size_t i = 0; i < proof->count / 2; i++) {
        struct hash other = proof->hashes[proof->count - 1 - i];
        proof->hashes[proof->count - 1 - i] = proof->hashes[i];
        proof->hashes[i] = other;
    }
}

bool proof_inclusion_make(const struct hash_source *source, uint64_t index, uint64_t size,
                          struct proof *proof, struct error *error)
{
    if (index >= size || size > MERKLE_SIZE_MAX)
        return fail(error, ERROR_INVALID_PROOF,
                    _("leaf %" PRIu64 " cannot be in a tree of %" PRIu64 " leaves"), index, size);
    proof->count = 0;
    uint64_t begin = 0;
    while (size > 1) {
        uint64_t left = split(size);
        bool in_left = index - begin < left;
        if (!(in_left ? add_range(proof, source, begin + left, size - left, error)
                      : add_range(proof, source, begin, left, error)))
            return false;
        begin += in_left ? 0 : left;
        size = in_left ? left : size - left;
    }
    reverse(proof);
    return true;
}

bool proof_consistency_make(const struct hash_source *source, uint64_t old_size, uint64_t new_size,
                            struct proof *proof, struct error *error)
{
    if (old_size > new_size || new_size > MERKLE_SIZE_MAX)
        return fail(error, ERROR_INVALID_PROOF,
                    _("a tree of %" PRIu64 " leaves cannot grow out of one of %" PRIu64), new_size,
                    old_size);
    proof->count = 0;
    uint64_t begin = 0, size = new_size, old = old_size;
    if (old == 0)
        return true;
    while (old < size) {
        uint64_t left = split(size);
        bool in_left = old <= left;
        if (!(in_left ? add_range(proof, source, begin + left, size - left, error)
                      : add_range(proof, source, begin, left, error)))
            return false;
        begin += in_left ? 0 : left;
        old -= in_left ? 0 : left;
        size = in_left ? left : size - left;
    }
    /* What is left is a subtree of both trees. If it is the whole old tree, the
     * verifier has its root already. */
    if (begin > 0 && !add_range(proof, source, begin, size, error))
        return false;
    reverse(proof);
    return true;
}

void proof_lines_format(struct buffer *buffer, const struct proof *proof)
{
    for (size_t i = 0; i < proof->count; i++) {
        base64_format(buffer, proof->hashes[i].bytes, HASH_BYTES);
        buffer_byte(buffer, '\n');
    }
}

static bool add_line(struct proof *proof, struct text line, struct error *error)
{
    if (proof->count == PROOF_HASHES_MAX)
        return fail(error, ERROR_INVALID_PROOF, _("a proof has at most %d hashes"),
                    PROOF_HASHES_MAX);
    size_t length;
    if (!base64_parse(line, proof->hashes[proof->count].bytes, HASH_BYTES, &length) ||
        length != HASH_BYTES)
        return fail(error, ERROR_INVALID_PROOF,
                    _("hash %zu of the proof is not base64 of %d bytes"), proof->count + 1,
                    HASH_BYTES);
    proof->count++;
    return true;
}

bool proof_lines_parse(struct text lines, struct proof *proof, struct error *error)
{
    proof->count = 0;
    struct text line;
    while (line_next(&lines, &line))
        if (!add_line(proof, line, error))
            return false;
    if (lines.length > 0)
        return fail(error, ERROR_INVALID_PROOF, _("the proof does not end in a newline"));
    return true;
}

#define PROOF_FILE_HEADER "c2sp.org/tlog-proof@v1"

void proof_file_format(struct buffer *buffer, const struct proof_file *file)
{
    buffer_string(buffer, PROOF_FILE_HEADER "\n");
    if (file->has_extra) {
        buffer_string(buffer, "extra ");
        buffer_text(buffer, file->extra);
        buffer_byte(buffer, '\n');
    }
    buffer_string(buffer, "index ");
    number_format(buffer, file->index);
    buffer_byte(buffer, '\n');
    proof_lines_format(buffer, &file->proof);
    buffer_byte(buffer, '\n');
    buffer_text(buffer, file->checkpoint);
}

static bool parse_extra(struct text base64, struct proof_file *file, struct error *error)
{
    struct buffer decoded = {0};
    size_t length;
    buffer_reserve(&decoded, base64.length);
    bool canonical = base64_parse(base64, decoded.bytes, base64.length, &length);
    buffer_free(&decoded);
    if (!canonical)
        return fail(error, ERROR_INVALID_PROOF, _("the proof file's extra data are not base64"));
    file->has_extra = true;
    file->extra = base64;
    return true;
}

bool proof_file_parse(struct text text, struct proof_file *file, struct error *error)
{
    struct text line = {0}, extra;
    file->has_extra = false;
    file->extra = (struct text){0};
    file->proof.count = 0;
    if (!line_next(&text, &line) || !text_equal(line, text_of(PROOF_FILE_HEADER)))
        return fail(error, ERROR_INVALID_PROOF, _("a proof file starts with the line \"%s\""),
                    PROOF_FILE_HEADER);
    bool more = line_next(&text, &line);
    extra = line;
    if (more && prefix_take(&extra, "extra ")) {
        if (!parse_extra(extra, file, error))
            return false;
        more = line_next(&text, &line);
    }
    if (!more || !prefix_take(&line, "index ") ||
        !number_parse(line, MERKLE_SIZE_MAX - 1, &file->index))
        return fail(error, ERROR_INVALID_PROOF, _("the proof file has no line \"index N\""));
    while ((more = line_next(&text, &line)) && line.length > 0)
        if (!add_line(&file->proof, line, error))
            return false;
    if (!more || text.length == 0)
        return fail(error, ERROR_INVALID_PROOF,
                    _("the proof file ends before the empty line and the checkpoint"));
    file->checkpoint = text;
    return true;
}

void growth_file_format(struct buffer *buffer, const struct growth_file *file)
{
    buffer_string(buffer, "old ");
    number_format(buffer, file->old);
    buffer_byte(buffer, '\n');
    proof_lines_format(buffer, &file->proof);
    buffer_byte(buffer, '\n');
    buffer_text(buffer, file->checkpoint);
}

bool growth_file_parse(struct text text, struct growth_file *file, struct error *error)
{
    struct text line;
    bool more;
    file->proof.count = 0;
    if (!line_next(&text, &line) || !prefix_take(&line, "old ") ||
        !number_parse(line, MERKLE_SIZE_MAX, &file->old))
        return fail(error, ERROR_INVALID_PROOF,
                    _("a proof of growth starts with the line \"old N\""));
    while ((more = line_next(&text, &line)) && line.length > 0)
        if (!add_line(&file->proof, line, error))
            return false;
    if (!more || text.length == 0)
        return fail(error, ERROR_INVALID_PROOF,
                    _("the proof of growth ends before the empty line and the checkpoint"));
    file->checkpoint = text;
    return true;
}
