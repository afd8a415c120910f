/* The translations that the library carries: GNU .mo files, made of po/ and turned
 * into C by cmake/embed_catalogues.cmake. */
#ifndef LOYALTY_CATALOGUES_H
#define LOYALTY_CATALOGUES_H

#include <stddef.h>

struct catalogue {
    const char *tag; /* "zh-CN" */
    const unsigned char *bytes;
};
enum { CATALOGUES_MOST = 64 };
extern const struct catalogue catalogues[]; /* ends with a NULL tag */

#endif
