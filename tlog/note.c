/* Keys and signed notes. A note is read in two steps: first its form (one
 * strict pass that looks at no key), then its signatures against the keys that
 * the caller trusts. Unknown is not wrong: a line by an unknown key is kept and
 * ignored. Known and wrong rejects everything.
 *
 * The behaviour with repeated and unknown signatures is that of Go's
 * golang.org/x/mod/sumdb/note, which most public logs run on. */
#include "note.h"

#include <assert.h>
#include <inttypes.h>
#include <sodium.h>

#include "id.h"
#include "sha256.h"
#include "utf8.h"

enum { KEY_ID_BYTES = 4, KEY_ID_HEX = 8, TIME_BYTES = 8 };
#define SIGNER_PREFIX "PRIVATE+KEY+"
#define SIGNATURE_PREFIX "\xE2\x80\x94 " /* em dash, space */
/* The largest signature payload that we check: key id, time, Ed25519. */
#define PAYLOAD_MAX (KEY_ID_BYTES + TIME_BYTES + crypto_sign_BYTES)

_Static_assert(KEY_SEED_BYTES == crypto_sign_SEEDBYTES, "a seed is libsodium's");
_Static_assert(KEY_ED25519_BYTES == crypto_sign_PUBLICKEYBYTES, "a key is libsodium's");
_Static_assert(sizeof((struct signer *)0)->secret == crypto_sign_SECRETKEYBYTES,
               "a secret is libsodium's");

/* ---- texts and names ---- */

bool note_text_is_valid(struct text text)
{
    if (text.length == 0 || text.bytes[text.length - 1] != '\n')
        return false;
    for (size_t at = 0; at < text.length;) {
        int32_t point = utf8_next(text, &at);
        if (point < 0 || (point < 0x20 && point != '\n'))
            return false;
    }
    return true;
}

/* Unicode's White_Space, as Go's unicode.IsSpace has it. */
static bool is_space(int32_t point)
{
    return (point >= 0x09 && point <= 0x0D) || point == ' ' || point == 0x85 || point == 0xA0 ||
           point == 0x1680 || (point >= 0x2000 && point <= 0x200A) || point == 0x2028 ||
           point == 0x2029 || point == 0x202F || point == 0x205F || point == 0x3000;
}

bool key_name_is_valid(struct text name)
{
    if (name.length == 0 || name.length > KEY_NAME_MAX)
        return false;
    for (size_t at = 0; at < name.length;) {
        int32_t point = utf8_next(name, &at);
        if (point < 0x20 || point == '+' || is_space(point))
            return false;
    }
    return true;
}

static uint32_t big_endian_32(const unsigned char bytes[4])
{
    return (uint32_t)bytes[0] << 24 | (uint32_t)bytes[1] << 16 | (uint32_t)bytes[2] << 8 | bytes[3];
}

static void put_big_endian(unsigned char *out, unsigned bytes, uint64_t value)
{
    for (unsigned i = bytes; i-- > 0; value >>= 8)
        out[i] = (unsigned char)(value & 0xFF);
}

/* ---- keys ---- */

static bool kind_is_usable(uint8_t kind)
{
    return kind == KEY_ED25519 || kind == KEY_COSIGNATURE;
}

bool verifier_is_usable(const struct verifier *verifier)
{
    return kind_is_usable(verifier->kind) && verifier->length == KEY_ED25519_BYTES;
}

static uint32_t key_id(const struct verifier *verifier)
{
    unsigned char hash[SHA256_BYTES];
    const unsigned char separator[2] = {'\n', verifier->kind};
    struct sha256 state;
    sha256_start(&state);
    sha256_add(&state, verifier->name, strlen(verifier->name));
    sha256_add(&state, separator, sizeof separator);
    sha256_add(&state, verifier->key, verifier->length);
    sha256_finish(&state, hash);
    return big_endian_32(hash);
}

/* Split `name+hex(id)+base64` into its parts; a base64 may have further '+'. */
static bool split_key(struct text text, struct verifier *verifier, struct text *base64)
{
    const char *plus = text.length == 0 ? NULL : memchr(text.bytes, '+', text.length);
    if (plus == NULL)
        return false;
    struct text name = {text.bytes, (size_t)(plus - text.bytes)};
    size_t rest = text.length - name.length - 1;
    unsigned char id[KEY_ID_BYTES];
    if (!key_name_is_valid(name) || rest < KEY_ID_HEX + 1 || plus[1 + KEY_ID_HEX] != '+' ||
        !hex_parse((struct text){plus + 1, KEY_ID_HEX}, id, sizeof id))
        return false;
    memset(verifier, 0, sizeof *verifier);
    memcpy(verifier->name, name.bytes, name.length);
    verifier->id = big_endian_32(id);
    *base64 = (struct text){plus + 1 + KEY_ID_HEX + 1, rest - KEY_ID_HEX - 1};
    return true;
}

bool verifier_parse(struct text text, struct verifier *verifier, struct error *error)
{
    struct text base64;
    unsigned char bytes[1 + KEY_PUBLIC_MAX];
    size_t length;
    if (!split_key(text, verifier, &base64) ||
        !base64_parse(base64, bytes, sizeof bytes, &length) || length < 2) {
        fail(error, ERROR_INVALID_NOTE, _("not a verifier key"));
        return hint(error, _("a verifier key is written name+id+base64"));
    }
    verifier->kind = bytes[0];
    verifier->length = length - 1;
    memcpy(verifier->key, bytes + 1, verifier->length);
    if (!kind_is_usable(verifier->kind))
        return true;
    if (verifier->length != KEY_ED25519_BYTES)
        return fail(error, ERROR_INVALID_NOTE, _("the verifier key of %s has %zu bytes, not %d"),
                    verifier->name, verifier->length, KEY_ED25519_BYTES);
    if (key_id(verifier) != verifier->id)
        return fail(error, ERROR_INVALID_NOTE,
                    _("the verifier key of %s does not have the id %08" PRIx32), verifier->name,
                    verifier->id);
    return true;
}

/* name+id+base64(kind || bytes), for both halves of a key. */
static void format_key(struct buffer *buffer, const struct verifier *verifier,
                       const unsigned char *bytes, size_t length)
{
    unsigned char material[1 + KEY_PUBLIC_MAX];
    assert(length <= KEY_PUBLIC_MAX);
    material[0] = verifier->kind;
    memcpy(material + 1, bytes, length);
    buffer_format(buffer, "%s+%08" PRIx32 "+", verifier->name, verifier->id);
    base64_format(buffer, material, 1 + length);
    sodium_memzero(material, sizeof material);
}

void verifier_format(struct buffer *buffer, const struct verifier *verifier)
{
    format_key(buffer, verifier, verifier->key, verifier->length);
}

static void sum_of(const struct signer *signer, unsigned char sum[DIGEST_BYTES])
{
    digest((struct text){(const char *)signer->secret, sizeof signer->secret}, (struct text){0},
           sum);
}

bool signer_from_seed(struct text name, uint8_t kind, const unsigned char seed[KEY_SEED_BYTES],
                      struct signer *signer, struct error *error)
{
    memset(signer, 0, sizeof *signer);
    if (!key_name_is_valid(name)) {
        fail(error, ERROR_INVALID_NOTE, _("not a name for a key"));
        return hint(error, _("1 to %d bytes of UTF-8 without spaces and '+'"), KEY_NAME_MAX);
    }
    if (!kind_is_usable(kind))
        return fail(error, ERROR_INVALID_NOTE, _("keys of kind 0x%02x cannot sign here"),
                    (unsigned)kind);
    memcpy(signer->verifier.name, name.bytes, name.length);
    signer->verifier.kind = kind;
    signer->verifier.length = KEY_ED25519_BYTES;
    crypto_sign_seed_keypair(signer->verifier.key, signer->secret, seed);
    signer->verifier.id = key_id(&signer->verifier);
    sum_of(signer, signer->sum);
    return true;
}

bool signer_generate(struct text name, uint8_t kind, struct signer *signer, struct error *error)
{
    unsigned char seed[KEY_SEED_BYTES];
    randombytes_buf(seed, sizeof seed);
    bool made = signer_from_seed(name, kind, seed, signer, error);
    sodium_memzero(seed, sizeof seed);
    return made;
}

/* Messages never quote the text: it may be a secret that is only misspelt. */
bool signer_parse(struct text text, struct signer *signer, struct error *error)
{
    unsigned char material[1 + KEY_SEED_BYTES];
    struct verifier read;
    struct text base64;
    size_t length;
    signer_wipe(signer);
    bool ok = prefix_take(&text, SIGNER_PREFIX) && split_key(text, &read, &base64) &&
              base64_parse(base64, material, sizeof material, &length) && length == sizeof material;
    if (!ok) {
        fail(error, ERROR_INVALID_NOTE, _("not a private key"));
        hint(error, _("a private key is written %sname+id+base64"), SIGNER_PREFIX);
    } else {
        ok = signer_from_seed(text_of(read.name), material[0], material + 1, signer, error);
    }
    sodium_memzero(material, sizeof material);
    if (ok && signer->verifier.id != read.id)
        ok = fail(error, ERROR_KEY_WRONG,
                  _("the private key of %s does not have the id %08" PRIx32), read.name, read.id);
    if (!ok)
        signer_wipe(signer);
    return ok;
}

void signer_format(struct buffer *buffer, const struct signer *signer)
{
    /* Room first, so that no half of the secret stays behind in a block that
     * the buffer grew out of. */
    buffer_reserve(buffer, sizeof SIGNER_PREFIX + KEY_NAME_MAX + KEY_ID_HEX + 64);
    buffer_string(buffer, SIGNER_PREFIX);
    format_key(buffer, &signer->verifier, signer->secret, KEY_SEED_BYTES);
}

void signer_wipe(struct signer *signer)
{
    if (signer != NULL)
        sodium_memzero(signer, sizeof *signer);
}

/* ---- signatures ---- */

/* What a cosignature is made over (c2sp.org/tlog-cosignature). */
static void cosigned_message(struct buffer *message, struct text text, uint64_t seconds)
{
    buffer_format(message, "cosignature/v1\ntime %" PRIu64 "\n", seconds);
    buffer_text(message, text);
}

static bool ed25519_holds(const unsigned char *signature, struct text message,
                          const unsigned char *key)
{
    return crypto_sign_verify_detached(signature, (const unsigned char *)message.bytes,
                                       message.length, key) == 0;
}

/* `bytes` is the payload without the key id. */
static bool payload_holds(struct text text, const unsigned char *bytes, size_t length,
                          const struct verifier *verifier, uint64_t *seconds)
{
    *seconds = 0;
    if (verifier->kind == KEY_ED25519)
        return length == crypto_sign_BYTES && ed25519_holds(bytes, text, verifier->key);
    if (verifier->kind != KEY_COSIGNATURE || length != TIME_BYTES + crypto_sign_BYTES)
        return false;
    uint64_t time = (uint64_t)big_endian_32(bytes) << 32 | big_endian_32(bytes + 4);
    if (time > INT64_MAX)
        return false;
    struct buffer message = {0};
    cosigned_message(&message, text, time);
    bool holds = ed25519_holds(bytes + TIME_BYTES, buffer_view(&message), verifier->key);
    buffer_free(&message);
    *seconds = holds ? time : 0;
    return holds;
}

bool note_signature_verify(struct text text, const struct note_signature *signature,
                           const struct verifier *verifier, uint64_t *seconds, struct error *error)
{
    unsigned char payload[PAYLOAD_MAX];
    size_t length;
    uint64_t time = 0;
    bool holds =
        verifier_is_usable(verifier) &&
        base64_parse(signature->base64, payload, sizeof payload, &length) &&
        length > KEY_ID_BYTES &&
        payload_holds(text, payload + KEY_ID_BYTES, length - KEY_ID_BYTES, verifier, &time);
    if (seconds != NULL)
        *seconds = time;
    if (!holds)
        return fail(error, ERROR_NOT_VERIFIED,
                    _("the signature by %s (key %08" PRIx32 ") does not hold"), verifier->name,
                    verifier->id);
    return true;
}

/* The payload after the key id; returns its length. */
static size_t make_payload(unsigned char *out, struct text text, const struct signer *signer,
                           uint64_t seconds)
{
    if (signer->verifier.kind == KEY_ED25519) {
        crypto_sign_detached(out, NULL, (const unsigned char *)text.bytes, text.length,
                             signer->secret);
        return crypto_sign_BYTES;
    }
    struct buffer message = {0};
    cosigned_message(&message, text, seconds);
    put_big_endian(out, TIME_BYTES, seconds);
    crypto_sign_detached(out + TIME_BYTES, NULL, (const unsigned char *)message.bytes,
                         message.length, signer->secret);
    buffer_free(&message);
    return TIME_BYTES + crypto_sign_BYTES;
}

/* A fault while signing can leak the key (two signatures over one nonce), so nothing leaves
 * that a second signing with an intact key does not confirm: Ed25519 gives the same bytes
 * each time. Verifying instead costs three times as much, in every commit. */
static bool is_confirmed(const unsigned char *payload, size_t length, struct text text,
                         const struct signer *signer, uint64_t seconds)
{
    unsigned char again[PAYLOAD_MAX], sum[DIGEST_BYTES];
    sum_of(signer, sum);
    return memcmp(sum, signer->sum, sizeof sum) == 0 &&
           make_payload(again, text, signer, seconds) == length &&
           memcmp(payload, again, length) == 0;
}

bool note_sign_line(struct buffer *lines, struct text text, const struct signer *signer,
                    uint64_t seconds, struct error *error)
{
    if (!note_text_is_valid(text)) {
        fail(error, ERROR_INVALID_NOTE, _("this text cannot be signed as a note"));
        return hint(error, _("UTF-8 that ends in a newline, without other control characters"));
    }
    if (!verifier_is_usable(&signer->verifier))
        return fail(error, ERROR_KEY_MISSING, _("there is no key to sign with"));
    if (seconds > INT64_MAX)
        return fail(error, ERROR_INVALID_TIME, _("a cosignature's time has at most 63 bits"));
    unsigned char payload[PAYLOAD_MAX];
    put_big_endian(payload, KEY_ID_BYTES, signer->verifier.id);
    size_t length = make_payload(payload + KEY_ID_BYTES, text, signer, seconds);
    if (!is_confirmed(payload + KEY_ID_BYTES, length, text, signer, seconds))
        return fail(error, ERROR_INVARIANT,
                    _("the signature just made by %s does not hold; nothing was signed"),
                    signer->verifier.name);
    buffer_format(lines, SIGNATURE_PREFIX "%s ", signer->verifier.name);
    base64_format(lines, payload, KEY_ID_BYTES + length);
    buffer_byte(lines, '\n');
    return true;
}

bool note_sign(struct buffer *note, struct text text, const struct signer *signer, uint64_t seconds,
               struct error *error)
{
    struct buffer line = {0};
    bool signed_ = note_sign_line(&line, text, signer, seconds, error);
    if (signed_) {
        buffer_text(note, text);
        buffer_byte(note, '\n');
        buffer_text(note, buffer_view(&line));
    }
    buffer_free(&line);
    return signed_;
}

/* ---- reading ---- */

/* The key id of a signature's base64, all of which must be canonical. Signatures
 * of unknown kinds may be of any length, so the room comes from the heap. */
static bool payload_id(struct text base64, uint32_t *id)
{
    struct buffer payload = {0};
    size_t length;
    buffer_reserve(&payload, base64.length + 1);
    bool ok = base64_parse(base64, payload.bytes, base64.length, &length) && length > KEY_ID_BYTES;
    if (ok) {
        unsigned char bytes[KEY_ID_BYTES];
        memcpy(bytes, payload.bytes, sizeof bytes);
        *id = big_endian_32(bytes);
    }
    buffer_free(&payload);
    return ok;
}

/* `line` without its newline. */
static bool parse_signature(struct text line, struct note_signature *signature)
{
    *signature = (struct note_signature){.line = {line.bytes, line.length + 1}};
    if (!prefix_take(&line, SIGNATURE_PREFIX) || line.length == 0)
        return false;
    const char *space = memchr(line.bytes, ' ', line.length);
    if (space == NULL)
        return false;
    signature->name = (struct text){line.bytes, (size_t)(space - line.bytes)};
    signature->base64 = (struct text){space + 1, line.length - signature->name.length - 1};
    return key_name_is_valid(signature->name) && payload_id(signature->base64, &signature->id);
}

/* Where the last empty line is: the offset of the two newlines. */
static bool find_split(struct text bytes, size_t *split)
{
    for (size_t i = bytes.length; i-- > 1;)
        if (bytes.bytes[i] == '\n' && bytes.bytes[i - 1] == '\n') {
            *split = i - 1;
            return true;
        }
    return false;
}

bool note_parse(struct text bytes, struct note *note, struct error *error)
{
    size_t split;
    note->count = note->verified = 0;
    if (bytes.length > NOTE_BYTES_MAX)
        return fail(error, ERROR_INVALID_NOTE, _("a note has at most %d bytes"), NOTE_BYTES_MAX);
    if (!note_text_is_valid(bytes))
        return fail(error, ERROR_INVALID_NOTE,
                    _("a note is UTF-8 that ends in a newline, without other control characters"));
    if (!find_split(bytes, &split))
        return fail(error, ERROR_INVALID_NOTE,
                    _("the note has no empty line between text and signatures"));
    note->text = (struct text){bytes.bytes, split + 1};
    struct text rest = {bytes.bytes + split + 2, bytes.length - split - 2}, line;
    while (line_next(&rest, &line)) {
        if (note->count == NOTE_SIGNATURES_MAX)
            return fail(error, ERROR_INVALID_NOTE, _("a note has at most %d signatures"),
                        NOTE_SIGNATURES_MAX);
        if (!parse_signature(line, &note->signatures[note->count]))
            return fail(error, ERROR_INVALID_NOTE, _("signature line %zu of the note is malformed"),
                        note->count + 1);
        note->count++;
    }
    if (note->count == 0)
        return fail(error, ERROR_INVALID_NOTE, _("the note has no signature"));
    return true;
}

/* *found is NULL for an unknown key, or one of a kind that we cannot check. */
static bool find_verifier(const struct note_signature *signature,
                          const struct verifier *const known[], size_t known_count,
                          const struct verifier **found, struct error *error)
{
    *found = NULL;
    for (size_t i = 0; i < known_count; i++) {
        const struct verifier *candidate = known[i];
        if (candidate->id != signature->id || !verifier_is_usable(candidate) ||
            !text_equal(text_of(candidate->name), signature->name))
            continue;
        if (*found != NULL && ((*found)->kind != candidate->kind ||
                               memcmp((*found)->key, candidate->key, candidate->length) != 0))
            return fail(error, ERROR_INVALID_NOTE,
                        _("two different keys are known as %s with the id %08" PRIx32),
                        candidate->name, candidate->id);
        *found = candidate;
    }
    return true;
}

/* Whether one of the signatures already kept stands for this one too: the same
 * known key, or the same line by an unknown key. */
static bool is_repeated(const struct note *note, size_t kept,
                        const struct note_signature *signature)
{
    for (size_t i = 0; i < kept; i++) {
        const struct note_signature *earlier = &note->signatures[i];
        if (signature->by != NULL
                ? earlier->by == signature->by
                : earlier->by == NULL && text_equal(earlier->line, signature->line))
            return true;
    }
    return false;
}

bool note_open(struct text bytes, const struct verifier *const known[], size_t known_count,
               struct note *note, struct error *error)
{
    if (!note_parse(bytes, note, error))
        return false;
    size_t kept = 0;
    for (size_t i = 0; i < note->count; i++) {
        struct note_signature signature = note->signatures[i];
        if (!find_verifier(&signature, known, known_count, &signature.by, error))
            return false;
        if (is_repeated(note, kept, &signature))
            continue;
        if (signature.by != NULL) {
            if (!note_signature_verify(note->text, &signature, signature.by, &signature.seconds,
                                       error))
                return false;
            note->verified++;
        }
        note->signatures[kept++] = signature;
    }
    note->count = kept;
    if (note->verified == 0)
        return fail(error, ERROR_NOT_VERIFIED, _("the note has no signature by a known key"));
    return true;
}
