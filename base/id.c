/* Names of things. Only this file and tlog/ know which hash is used for them. */
#include "id.h"

#include <assert.h>
#include <sodium.h>

static const char alphabet[] = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
#define ID_BITS (MEMBER_ID_CHARS * 5)

void code_format(uint64_t bits, size_t count, char *out)
{
    for (size_t i = count; i-- > 0; bits >>= 5)
        out[i] = alphabet[bits & 31];
    out[count] = '\0';
}

void member_id_format(uint64_t id, char out[MEMBER_ID_CHARS + 1])
{
    assert(id >> ID_BITS == 0);
    code_format(id, MEMBER_ID_CHARS, out);
}

/* The place of a letter in the alphabet plus one; 0 for any other byte. */
static const unsigned char letter_values[256] = {
    ['0'] = 1,  ['1'] = 2,  ['2'] = 3,  ['3'] = 4,  ['4'] = 5,  ['5'] = 6,  ['6'] = 7,  ['7'] = 8,
    ['8'] = 9,  ['9'] = 10, ['A'] = 11, ['B'] = 12, ['C'] = 13, ['D'] = 14, ['E'] = 15, ['F'] = 16,
    ['G'] = 17, ['H'] = 18, ['J'] = 19, ['K'] = 20, ['M'] = 21, ['N'] = 22, ['P'] = 23, ['Q'] = 24,
    ['R'] = 25, ['S'] = 26, ['T'] = 27, ['V'] = 28, ['W'] = 29, ['X'] = 30, ['Y'] = 31, ['Z'] = 32,
};

bool member_id_parse(struct text text, uint64_t *id)
{
    if (text.length != MEMBER_ID_CHARS)
        return false;
    uint64_t value = 0;
    for (size_t i = 0; i < text.length; i++) {
        unsigned letter = letter_values[(unsigned char)text.bytes[i]];
        if (letter == 0)
            return false;
        value = value << 5 | (letter - 1);
    }
    if (value == 0)
        return false;
    *id = value;
    return true;
}

/* What a person may have meant by this letter. */
static char canonical_letter(char typed)
{
    if (typed >= 'a' && typed <= 'z')
        typed = (char)(typed - 'a' + 'A');
    if (typed == 'I' || typed == 'L')
        return '1';
    return typed == 'O' ? '0' : typed;
}

bool code_matches(const char *code, struct text typed)
{
    for (size_t i = 0; i < typed.length; i++) {
        if (typed.bytes[i] == ' ' || typed.bytes[i] == '-')
            continue;
        if (*code == '\0' || canonical_letter(typed.bytes[i]) != *code)
            return false;
        code++;
    }
    return *code == '\0';
}

bool member_id_parse_typed(struct text text, uint64_t *id)
{
    char canonical[MEMBER_ID_CHARS];
    if (text.length != MEMBER_ID_CHARS)
        return false;
    for (size_t i = 0; i < text.length; i++)
        canonical[i] = canonical_letter(text.bytes[i]);
    return member_id_parse((struct text){canonical, sizeof canonical}, id);
}

uint64_t member_id_random(void)
{
    uint64_t id;
    do {
        randombytes_buf(&id, sizeof id);
        id &= (UINT64_C(1) << ID_BITS) - 1;
    } while (id == 0);
    return id;
}

/* The value of a lower-case hexadecimal digit plus one; 0 for any other byte. */
static const unsigned char hex_values[256] = {
    ['0'] = 1, ['1'] = 2,  ['2'] = 3,  ['3'] = 4,  ['4'] = 5,  ['5'] = 6,  ['6'] = 7,  ['7'] = 8,
    ['8'] = 9, ['9'] = 10, ['a'] = 11, ['b'] = 12, ['c'] = 13, ['d'] = 14, ['e'] = 15, ['f'] = 16,
};

bool hex_parse(struct text text, unsigned char *out, size_t bytes)
{
    if (text.length / 2 != bytes || text.length % 2 != 0)
        return false;
    for (size_t i = 0; i < bytes; i++) {
        unsigned high = hex_values[(unsigned char)text.bytes[2 * i]];
        unsigned low = hex_values[(unsigned char)text.bytes[2 * i + 1]];
        if (high == 0 || low == 0)
            return false;
        out[i] = (unsigned char)((high - 1) * 16 + (low - 1));
    }
    return true;
}

void digest(struct text first, struct text second, unsigned char out[DIGEST_BYTES])
{
    _Static_assert((int)DIGEST_BYTES == (int)SHA256_BYTES, "a digest is SHA-256");
    struct sha256 hash;
    sha256_start(&hash);
    sha256_add(&hash, first.bytes, first.length);
    sha256_add(&hash, second.bytes, second.length);
    sha256_finish(&hash, out);
}

void keyed_hash_prepare(struct keyed_hash *keyed, const unsigned char secret[SECRET_BYTES])
{
    hmac_sha256_prepare(&keyed->hmac, secret, SECRET_BYTES);
}

void keyed_hash_of(const struct keyed_hash *keyed, const char *kind, struct text text,
                   unsigned char out[KEY_HASH_BYTES])
{
    /* A newline in a kind would let two (kind, text) pairs read the same. */
    assert(strchr(kind, '\n') == NULL);
    struct hmac_sha256 hmac = keyed->hmac;
    hmac_sha256_add(&hmac, kind, strlen(kind));
    hmac_sha256_add(&hmac, "\n", 1);
    hmac_sha256_add(&hmac, text.bytes, text.length);
    unsigned char whole[SHA256_BYTES];
    hmac_sha256_finish(&hmac, whole);
    memcpy(out, whole, KEY_HASH_BYTES);
    sodium_memzero(&hmac, sizeof hmac);
}

int member_id_compare(const void *a, const void *b)
{
    const uint64_t *x = a, *y = b;
    return (*x > *y) - (*x < *y);
}
