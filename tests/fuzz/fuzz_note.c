/* Any bytes as a note, a checkpoint, a key and a proof. What is read must be the
 * one spelling: written again it is the same bytes. What can be signed must
 * open, and give the same text. */
#include <sodium.h>
#include <stdlib.h>

#include "checkpoint.h"
#include "proof.h"

#define REQUIRE(condition)                                                                         \
    do {                                                                                           \
        if (!(condition))                                                                          \
            abort();                                                                               \
    } while (0)

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length);

/* The published test keys of tessera's golden log, as log and as cosigner. */
static struct signer log_key, cosigner_key;

static void require_same(struct buffer *written, struct text read)
{
    REQUIRE(text_equal(buffer_view(written), read));
    buffer_free(written);
}

static void try_note(struct text input)
{
    struct error error = {0};
    struct note note;
    struct buffer again = {0};
    if (!note_parse(input, &note, &error)) {
        REQUIRE(error.code == ERROR_INVALID_NOTE && error.message[0] != '\0');
        return;
    }
    buffer_text(&again, note.text);
    buffer_byte(&again, '\n');
    for (size_t i = 0; i < note.count; i++)
        buffer_text(&again, note.signatures[i].line);
    require_same(&again, input);
    const struct verifier *known[] = {&log_key.verifier, &cosigner_key.verifier};
    if (note_open(input, known, 2, &note, &error))
        REQUIRE(note.verified > 0 && note.verified <= note.count);
    else
        REQUIRE(error.code == ERROR_NOT_VERIFIED);
}

static void try_checkpoint(struct text input)
{
    struct error error = {0};
    struct checkpoint checkpoint;
    struct buffer again = {0};
    const struct verifier *cosigners[] = {&cosigner_key.verifier};
    if (checkpoint_parse(input, &checkpoint, &error)) {
        checkpoint_format(&again, &checkpoint);
        require_same(&again, input);
    }
    struct note opened;
    if (checkpoint_open(input, &log_key.verifier, cosigners, 1, &checkpoint, &opened, &error)) {
        checkpoint_format(&again, &checkpoint);
        require_same(&again, opened.text);
    }
}

static void try_keys(struct text input)
{
    struct error error = {0};
    struct verifier verifier;
    struct signer signer;
    struct buffer again = {0};
    if (verifier_parse(input, &verifier, &error)) {
        verifier_format(&again, &verifier);
        require_same(&again, input);
    }
    if (signer_parse(input, &signer, &error)) {
        signer_format(&again, &signer);
        require_same(&again, input);
    }
}

static void try_proofs(struct text input)
{
    struct error error = {0};
    struct proof proof;
    struct proof_file file;
    struct buffer again = {0};
    if (proof_lines_parse(input, &proof, &error)) {
        proof_lines_format(&again, &proof);
        require_same(&again, input);
    }
    struct growth_file growth;
    if (growth_file_parse(input, &growth, &error)) {
        growth_file_format(&again, &growth);
        require_same(&again, input);
    }
    if (proof_file_parse(input, &file, &error)) {
        proof_file_format(&again, &file);
        require_same(&again, input);
    }
}

static void try_signing(struct text input)
{
    struct error error = {0};
    struct note note;
    struct buffer signed_note = {0};
    const struct verifier *known[] = {&log_key.verifier, &cosigner_key.verifier};
    bool made = note_sign(&signed_note, input, &log_key, 0, &error) &&
                note_sign_line(&signed_note, input, &cosigner_key, input.length, &error);
    REQUIRE(made == note_text_is_valid(input));
    if (made) {
        REQUIRE(note_open(buffer_view(&signed_note), known, 2, &note, &error));
        REQUIRE(text_equal(note.text, input) && note.verified == 2);
        REQUIRE(note.signatures[1].seconds == input.length);
    }
    buffer_free(&signed_note);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
    struct error error = {0};
    struct text input = {(const char *)bytes, length};
    if (log_key.verifier.length == 0) {
        unsigned char seed[KEY_SEED_BYTES] = {1};
        REQUIRE(sodium_init() >= 0);
        REQUIRE(signer_parse(text_of("PRIVATE+KEY+example.com/log/testdata+33d7b496+"
                                     "AeymY/SZAX0jZcJ8enZ5FY1Dz+wTML2yWSkK+9DSF3eg"),
                             &log_key, &error));
        REQUIRE(signer_from_seed(text_of("w"), KEY_COSIGNATURE, seed, &cosigner_key, &error));
    }
    try_note(input);
    try_checkpoint(input);
    try_keys(input);
    try_proofs(input);
    if (length < 4096)
        try_signing(input);
    return 0;
}
