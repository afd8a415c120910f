/* The migrations as the build embeds them, see cmake/embed_migrations.cmake. */
#ifndef LOYALTY_MIGRATIONS_H
#define LOYALTY_MIGRATIONS_H

#include <stddef.h>

struct migration {
    unsigned version;         /* from 1, without gaps */
    const char *name;
    const char *sha256;       /* of the text, 64 hexadecimal digits */
    const unsigned char *sql; /* UTF-8, NUL after it */
    size_t length;
};
extern const struct migration migrations[];
extern const unsigned migration_count;

#endif
