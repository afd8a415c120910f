/* The language of texts for people: chosen per call, not per process.
 *
 * A library must leave the locale of its host alone, and cannot count on files of
 * its own being installed. So the translations of po/ are carried within it, and
 * the language in use belongs to the thread: whoever comes in by the door says
 * which it is, uses it, and restores what was there before. */
#ifndef LOYALTY_LANGUAGE_H
#define LOYALTY_LANGUAGE_H

#include <stdbool.h>
#include <stddef.h>

#include "limits.h"
#include "memory.h"

struct catalogue;
struct language {
    char tag[LIMIT_ID + 1];            /* "zh-CN"; "" is English */
    const struct catalogue *catalogue; /* NULL: nobody has translated into it */
};

/* "en", "zh-CN": what BCP 47 allows is more; what a register or app asks for is this. */
bool language_is_tag(struct text tag);

/* Which of the tags serves best who wants this one: the same, else a wider one
 * ("en" for "en-GB"), else a sister ("zh-CN" for "zh-HK"). -1 where none does. */
int language_nearest(struct text wanted, const struct text tags[], size_t count);

/* From now on, in this thread. The empty text, or what is no tag, changes nothing.
 * Returns what was in use, for language_restore(). */
struct language language_use(struct text tag);
void language_restore(struct language before);

/* The tag in use; "en" where none was chosen. */
struct text language_tag(void);

/* The text in the language in use, or as it is. Texts are written _("..."), so that
 * po/update finds them. */
const char *language_text(const char *english) __attribute__((format_arg(1)));
#define _(text) language_text(text)
/* Marks a text in a table for translation; it is looked up when it is shown. */
#define N_(text) text

#endif
