/* What programme_read says of a file: one fault a line, as
 * LINE:COLUMN PATH MESSAGE. Exit status 0 for a valid document, 3 for faults.
 * check_schema.py runs it beside an independent validator. */
#include <stdio.h>

#include "programme.h"

static bool read_file(const char *path, struct buffer *bytes)
{
    char part[4096];
    size_t got;
    FILE *file = fopen(path, "rb");
    if (file == NULL)
        return false;
    while ((got = fread(part, 1, sizeof part, file)) > 0)
        buffer_add(bytes, part, got);
    fclose(file);
    return true;
}

int main(int argc, char **argv)
{
    struct buffer bytes = {0};
    if (argc != 2 || !read_file(argv[1], &bytes)) {
        fprintf(stderr, "usage: check_document FILE\n");
        return 2;
    }
    struct arena arena = {0};
    struct programme_faults faults;
    struct error error = {0};
    programme_read(&arena, buffer_view(&bytes), text_of(""), &faults, &error);
    for (size_t i = 0; i < faults.count; i++)
        printf("%u:%u %.*s %.*s\n", faults.faults[i].line, faults.faults[i].column,
               TEXT(faults.faults[i].path), TEXT(faults.faults[i].message));
    bool valid = faults.count == 0;
    arena_free(&arena);
    buffer_free(&bytes);
    return valid ? 0 : 3;
}
