/* Choosing a language, and looking texts up in it.
 *
 * A .mo file is a table of pointers to texts sorted by their bytes and a table of
 * their translations in the same order. Ours come out of our own build, so they
 * are believed; their numbers are read byte by byte, because a build may be for a
 * machine of the other byte order than the one that made them. */
#include "language.h"

#include "catalogues.h"

static _Thread_local struct language in_use;

/* --- Tags ---------------------------------------------------------------------- */

bool language_is_tag(struct text tag)
{
    size_t part = 0, length = 0;
    for (size_t i = 0; i <= tag.length; i++) {
        char c = i < tag.length ? tag.bytes[i] : '-';
        bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
        if (c == '-') {
            if (length < 2 || length > (part == 0 ? 3u : 8u))
                return false;
            part++;
            length = 0;
        } else if (letter || (part > 0 && c >= '0' && c <= '9')) {
            length++;
        } else {
            return false;
        }
    }
    return tag.length <= LIMIT_ID;
}

static char lower(char c)
{
    return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

/* Do both begin with the same `length` bytes, and does the tag's part end there? */
static bool begins(struct text tag, struct text wanted, size_t length)
{
    if (tag.length < length || wanted.length < length ||
        (tag.length > length && tag.bytes[length] != '-'))
        return false;
    for (size_t i = 0; i < length; i++) {
        if (lower(tag.bytes[i]) != lower(wanted.bytes[i]))
            return false;
    }
    return true;
}

int language_nearest(struct text wanted, const struct text tags[], size_t count)
{
    size_t length = wanted.length;
    while (length > 0) {
        for (size_t i = 0; i < count; i++) {
            if (tags[i].length == length && begins(tags[i], wanted, length))
                return (int)i;
        }
        size_t cut = length;
        while (cut > 0 && wanted.bytes[cut - 1] != '-')
            cut--;
        if (cut == 0)
            break;
        length = cut - 1;
    }
    for (size_t i = 0; length > 0 && i < count; i++) {
        if (begins(tags[i], wanted, length))
            return (int)i;
    }
    return -1;
}

/* --- Choosing ------------------------------------------------------------------ */

static const struct catalogue *catalogue_of(struct text tag)
{
    struct text tags[CATALOGUES_MOST];
    size_t count = 0;
    for (; count < CATALOGUES_MOST && catalogues[count].tag != NULL; count++)
        tags[count] = text_of(catalogues[count].tag);
    int nearest = language_nearest(tag, tags, count);
    return nearest < 0 ? NULL : &catalogues[nearest];
}

struct language language_use(struct text tag)
{
    struct language before = in_use;
    if (tag.length == 0 || !language_is_tag(tag))
        return before;
    memcpy(in_use.tag, tag.bytes, tag.length);
    in_use.tag[tag.length] = '\0';
    in_use.catalogue = catalogue_of(tag);
    return before;
}

void language_restore(struct language before)
{
    in_use = before;
}

struct text language_tag(void)
{
    return text_of(in_use.tag[0] == '\0' ? "en" : in_use.tag);
}

/* --- Looking up ---------------------------------------------------------------- */

/* Where the numbers of a .mo file stand. */
enum { MO_COUNT = 8, MO_TEXTS = 12, MO_TRANSLATIONS = 16, MO_POINTER = 8, MO_POINTER_OFFSET = 4 };

static size_t number_at(const unsigned char *bytes)
{
    return (size_t)bytes[0] | (size_t)bytes[1] << 8 | (size_t)bytes[2] << 16 |
           (size_t)bytes[3] << 24;
}

static const char *text_at(const unsigned char *bytes, size_t table, size_t index)
{
    size_t pointer = number_at(bytes + table) + MO_POINTER * index + MO_POINTER_OFFSET;
    return (const char *)bytes + number_at(bytes + pointer);
}

const char *language_text(const char *english)
{
    if (in_use.catalogue == NULL || *english == '\0')
        return english;
    const unsigned char *bytes = in_use.catalogue->bytes;
    size_t low = 0, high = number_at(bytes + MO_COUNT);
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        int order = strcmp(english, text_at(bytes, MO_TEXTS, middle));
        if (order == 0)
            return text_at(bytes, MO_TRANSLATIONS, middle);
        if (order > 0)
            low = middle + 1;
        else
            high = middle;
    }
    return english;
}
