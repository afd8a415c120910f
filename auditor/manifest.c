/* See manifest.h. */
#include "manifest.h"

#include "id.h"
#include "spelling.h"

enum { HASH_DIGITS = 2 * SHA256_BYTES };

const char *const bundle_names[BUNDLE_FILES] = BUNDLE_NAMES;

static bool parse_line(struct text line, struct manifest *manifest, int *last)
{
    unsigned char hash[SHA256_BYTES];
    struct text digits = {line.bytes, HASH_DIGITS};
    if (line.length < HASH_DIGITS || !hex_parse(digits, hash, sizeof hash))
        return false;
    line.bytes += HASH_DIGITS;
    line.length -= HASH_DIGITS;
    if (!prefix_take(&line, "  "))
        return false;
    for (int file = *last + 1; file < BUNDLE_FILES; file++) {
        if (!text_equal(line, text_of(bundle_names[file])))
            continue;
        manifest->has[file] = true;
        memcpy(manifest->hash[file], hash, sizeof hash);
        *last = file;
        return true;
    }
    return false;
}

bool manifest_parse(struct text bytes, struct manifest *manifest, struct error *error)
{
    struct text line;
    int last = -1, number = 0;
    memset(manifest, 0, sizeof *manifest);
    while (line_next(&bytes, &line)) {
        number++;
        if (!parse_line(line, manifest, &last))
            return fail(error, ERROR_INVALID_BUNDLE,
                        _("line %d of the bundle's manifest is not one that an export writes"),
                        number);
    }
    if (bytes.length > 0)
        return fail(error, ERROR_INVALID_BUNDLE, _("the bundle's manifest ends within a line"));
    for (int file = 0; file < BUNDLE_FROM; file++)
        if (!manifest->has[file])
            return fail(error, ERROR_INVALID_BUNDLE, _("the bundle's manifest does not name '%s'"),
                        bundle_names[file]);
    return manifest->has[BUNDLE_FROM] == manifest->has[BUNDLE_EDGE] ||
           fail(error, ERROR_INVALID_BUNDLE, _("the bundle's manifest does not name '%s'"),
                bundle_names[manifest->has[BUNDLE_FROM] ? BUNDLE_EDGE : BUNDLE_FROM]);
}
