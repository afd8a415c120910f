/* Choosing the language without choosing a locale.
 *
 * Only LC_MESSAGES is ever touched: numbers and dates in output are data. And it
 * is not the named locale that is set (minimal systems have none installed, and
 * then gettext stays silent) but C.UTF-8, which every system has, with $LANGUAGE
 * naming the catalogues. */
#include "text.h"

#include <limits.h>
#include <locale.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#ifndef LOYALTY_LOCALE_DIR
#define LOYALTY_LOCALE_DIR "/usr/share/locale"
#endif

static const char *environment_language(void)
{
    static const char *const variables[] = {"LC_ALL", "LC_MESSAGES", "LANG"};
    for (size_t i = 0; i < sizeof variables / sizeof *variables; i++) {
        const char *value = getenv(variables[i]);
        if (value != NULL && *value != '\0')
            return value;
    }
    return "C";
}

/* "zh_CN.UTF-8" and "zh-cn" become "zh-CN"; what is no language becomes "". */
static void normalise(const char *name, char tag[16])
{
    size_t length = strcspn(name, ".@");
    tag[0] = '\0';
    if (length < 2 || length > 12 || strncmp(name, "POSIX", length) == 0)
        return;
    size_t part = 0;
    for (size_t i = 0; i < length; i++) {
        char c = name[i];
        if (c == '_' || c == '-') {
            part++;
            c = '-';
        } else if (part == 0 && c >= 'A' && c <= 'Z') {
            c = (char)(c - 'A' + 'a');
        } else if (part == 1 && c >= 'a' && c <= 'z' && length == 5) {
            c = (char)(c - 'a' + 'A');
        } else if (!(c >= 'a' && c <= 'z') && !(c >= 'A' && c <= 'Z')) {
            tag[0] = '\0';
            return;
        }
        tag[i] = c;
        tag[i + 1] = '\0';
    }
    if (strcmp(tag, "zh") == 0 || strncmp(tag, "zh-Hans", 7) == 0 || strcmp(tag, "zh-SG") == 0)
        memcpy(tag, "zh-CN", sizeof "zh-CN");
}

/* A catalogue answers the empty text with its own head; without one it comes back empty. */
static bool has_catalogue(const char *directory)
{
    bindtextdomain("loyalty", directory);
    return *dgettext("loyalty", "") != '\0';
}

/* Two folders above the command there is, as it was installed, wherever that was moved to,
 * share/locale, and as it was built, po. */
static bool has_catalogue_beside(const char *folder)
{
    char path[PATH_MAX];
    ssize_t length = readlink("/proc/self/exe", path, sizeof path - strlen(folder) - 1);
    if (length <= 0)
        return false;
    path[length] = '\0';
    for (int i = 0; i < 2; i++) {
        char *slash = strrchr(path, '/');
        if (slash == NULL)
            return false;
        *slash = '\0';
    }
    strcat(path, folder);
    return has_catalogue(path);
}

static void bind_catalogues(void)
{
    const char *directory = getenv("TEXTDOMAINDIR");
    bind_textdomain_codeset("loyalty", "UTF-8");
    if (directory != NULL)
        bindtextdomain("loyalty", directory);
    else if (!has_catalogue(LOYALTY_LOCALE_DIR) && !has_catalogue_beside("/share/locale"))
        has_catalogue_beside("/po");
}

/* Said once, because what follows would look as if the flag had done nothing. */
static void tell_if_missing(const char *wanted)
{
    if (wanted != NULL && *dgettext("loyalty", "") == '\0')
        fprintf(stderr, "loyalty: there is no translation for '%s'; going on in English\n", wanted);
}

const char *text_choose_language(const char *wanted)
{
    static char tag[16];
    normalise(wanted != NULL ? wanted : environment_language(), tag);
    if (tag[0] == '\0') {
        tell_if_missing(wanted);
        return NULL;
    }
    if (strncmp(tag, "en", 2) == 0)
        return tag;

    char catalogues[40], underscored[16];
    memcpy(underscored, tag, sizeof tag);
    for (char *c = underscored; *c != '\0'; c++)
        if (*c == '-')
            *c = '_';
    snprintf(catalogues, sizeof catalogues, "%s:%.*s", underscored, (int)strcspn(tag, "-"), tag);
    setlocale(LC_MESSAGES, "C.UTF-8");
    setenv("LANGUAGE", catalogues, wanted != NULL);
    bind_catalogues();
    /* The reasons of the system ("no such file"): with LC_CTYPE untouched they would be "?????". */
    bind_textdomain_codeset("libc", "UTF-8");
    tell_if_missing(wanted);
    return tag;
}
