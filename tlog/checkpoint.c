/* Checkpoints: three lines, signed by the log and perhaps by cosigners. */
#include "checkpoint.h"

#include <inttypes.h>
#include <stdlib.h>

void checkpoint_format(struct buffer *body, const struct checkpoint *checkpoint)
{
    buffer_text(body, checkpoint->origin);
    buffer_byte(body, '\n');
    number_format(body, checkpoint->size);
    buffer_byte(body, '\n');
    base64_format(body, checkpoint->root.bytes, HASH_BYTES);
    buffer_byte(body, '\n');
}

bool checkpoint_parse(struct text body, struct checkpoint *checkpoint, struct error *error)
{
    struct text line;
    size_t length;
    if (!note_text_is_valid(body))
        return fail(error, ERROR_INVALID_NOTE,
                    _("a checkpoint is three lines of UTF-8, each with "
                      "its newline, without other control characters"));
    if (!line_next(&body, &checkpoint->origin) || checkpoint->origin.length == 0)
        return fail(error, ERROR_INVALID_NOTE, _("line 1 of the checkpoint, the origin, is empty"));
    if (!line_next(&body, &line) || !number_parse(line, MERKLE_SIZE_MAX, &checkpoint->size))
        return fail(error, ERROR_INVALID_NOTE,
                    _("line 2 of the checkpoint is not a tree size in plain decimal"));
    if (!line_next(&body, &line) ||
        !base64_parse(line, checkpoint->root.bytes, HASH_BYTES, &length) || length != HASH_BYTES)
        return fail(error, ERROR_INVALID_NOTE,
                    _("line 3 of the checkpoint is not base64 of %d bytes"), HASH_BYTES);
    if (body.length > 0)
        return fail(error, ERROR_INVALID_NOTE,
                    _("the checkpoint has more than three lines; extension lines are not read"));
    return true;
}

bool checkpoint_sign(struct buffer *note, const struct checkpoint *checkpoint,
                     const struct signer *signer, struct error *error)
{
    if (signer->verifier.kind != KEY_ED25519)
        return fail(error, ERROR_KEY_WRONG, _("a log signs with a key of kind 0x%02x, not 0x%02x"),
                    (unsigned)KEY_ED25519, (unsigned)signer->verifier.kind);
    if (!text_equal(checkpoint->origin, text_of(signer->verifier.name)))
        return fail(error, ERROR_KEY_WRONG, _("the key of %s cannot sign for the log %.*s"),
                    signer->verifier.name, TEXT(checkpoint->origin));
    struct buffer body = {0};
    checkpoint_format(&body, checkpoint);
    bool done = note_sign(note, buffer_view(&body), signer, 0, error);
    buffer_free(&body);
    return done;
}

bool checkpoint_cosign(struct buffer *lines, struct text body, const struct signer *cosigner,
                       uint64_t seconds, struct error *error)
{
    struct checkpoint checkpoint;
    if (!checkpoint_parse(body, &checkpoint, error))
        return false;
    if (cosigner->verifier.kind != KEY_COSIGNATURE)
        return fail(error, ERROR_KEY_WRONG,
                    _("a cosigner signs with a key of kind 0x%02x, not 0x%02x"),
                    (unsigned)KEY_COSIGNATURE, (unsigned)cosigner->verifier.kind);
    return note_sign_line(lines, body, cosigner, seconds, error);
}

/* The log's key, then the cosigners'. A log that vouches for itself under
 * another name vouches for nothing. */
static bool gather_keys(const struct verifier *log, const struct verifier *const cosigners[],
                        size_t count, const struct verifier *known[], struct error *error)
{
    if (log->kind != KEY_ED25519)
        return fail(error, ERROR_INVALID_NOTE,
                    _("the key of the log %s has kind 0x%02x, not 0x%02x"), log->name,
                    (unsigned)log->kind, (unsigned)KEY_ED25519);
    known[0] = log;
    for (size_t i = 0; i < count; i++) {
        if (verifier_is_usable(cosigners[i]) &&
            memcmp(cosigners[i]->key, log->key, KEY_ED25519_BYTES) == 0)
            return fail(error, ERROR_INVALID_NOTE, _("the cosigner %s has the key of the log %s"),
                        cosigners[i]->name, log->name);
        known[1 + i] = cosigners[i];
    }
    return true;
}

static bool is_signed_by(const struct note *note, const struct verifier *log)
{
    for (size_t i = 0; i < note->count; i++)
        if (note->signatures[i].by == log)
            return true;
    return false;
}

static bool open_checkpoint(struct text bytes, const struct verifier *const known[], size_t count,
                            struct checkpoint *checkpoint, struct note *opened, struct error *error)
{
    const struct verifier *log = known[0];
    if (!note_open(bytes, known, count, opened, error))
        return false;
    if (!is_signed_by(opened, log))
        return fail(error, ERROR_NOT_VERIFIED, _("the checkpoint is not signed by the log %s"),
                    log->name);
    if (!checkpoint_parse(opened->text, checkpoint, error))
        return false;
    if (!text_equal(checkpoint->origin, text_of(log->name)))
        return fail(error, ERROR_NOT_VERIFIED, _("the checkpoint is of the log %.*s, not %s"),
                    TEXT(checkpoint->origin), log->name);
    return true;
}

bool checkpoint_open(struct text bytes, const struct verifier *log,
                     const struct verifier *const cosigners[], size_t cosigner_count,
                     struct checkpoint *checkpoint, struct note *opened, struct error *error)
{
    struct note unwanted;
    const struct verifier **known = memory_allocate((1 + cosigner_count) * sizeof *known);
    bool ok = gather_keys(log, cosigners, cosigner_count, known, error) &&
              open_checkpoint(bytes, known, 1 + cosigner_count, checkpoint,
                              opened != NULL ? opened : &unwanted, error);
    free(known);
    return ok;
}
