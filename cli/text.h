/* The one door for what people read: every message of the command goes through
 * _(), so that a translation in po/ reaches all of it. N_() marks text in tables
 * that is translated where it is shown. The library uses the same domain. */
#ifndef LOYALTY_CLI_TEXT_H
#define LOYALTY_CLI_TEXT_H

#include <libintl.h>

#define _(text) dgettext("loyalty", text)
#define N_(text) text
/* For a number of things: which of the two, the language says. */
#define _n(one, many, count) dngettext("loyalty", one, many, count)

/* The language of messages: `wanted` ("zh-CN"), or, where NULL, what the
 * environment asks for. Returns its tag for the library's answers, or NULL for
 * the default. Nothing is loaded where messages stay English. */
const char *text_choose_language(const char *wanted);

#endif
