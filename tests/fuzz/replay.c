/* The main() of a fuzz target where there is no libFuzzer: every file of the
 * folders (or every file) named as arguments is run, and a small file also cut
 * at every length, so that the ends of all tokens are met. */
#include <dirent.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { CUT_BELOW = 2048, LONGEST_PATH = 4096 };

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length);

/* In a block of its exact size: a sanitizer then sees a read too far. */
static void run(const uint8_t *bytes, size_t length)
{
    uint8_t *exact = malloc(length > 0 ? length : 1);
    if (exact == NULL)
        abort();
    if (length > 0)
        memcpy(exact, bytes, length);
    LLVMFuzzerTestOneInput(exact, length);
    free(exact);
}

static uint8_t *read_whole(FILE *file, size_t *length)
{
    uint8_t *bytes = NULL;
    size_t capacity = 0, got;
    *length = 0;
    do {
        if (capacity - *length < 4096) {
            capacity = capacity * 2 + 65536;
            bytes = realloc(bytes, capacity);
            if (bytes == NULL)
                abort();
        }
        got = fread(bytes + *length, 1, capacity - *length, file);
        *length += got;
    } while (got > 0);
    return bytes;
}

static unsigned run_file(const char *path)
{
    size_t length;
    FILE *file = fopen(path, "rb");
    if (file == NULL) {
        fprintf(stderr, "unable to open '%s'\n", path);
        exit(1);
    }
    uint8_t *bytes = read_whole(file, &length);
    fclose(file);
    run(bytes, length);
    if (length < CUT_BELOW)
        for (size_t cut = 0; cut < length; cut++)
            run(bytes, cut);
    free(bytes);
    return 1;
}

static unsigned run_folder(const char *path)
{
    DIR *directory = opendir(path);
    if (directory == NULL)
        return run_file(path);
    unsigned files = 0;
    for (struct dirent *entry; (entry = readdir(directory)) != NULL;) {
        char inner[LONGEST_PATH];
        if (entry->d_name[0] == '.')
            continue;
        snprintf(inner, sizeof inner, "%s/%s", path, entry->d_name);
        files += run_file(inner);
    }
    closedir(directory);
    return files;
}

int main(int argc, char **argv)
{
    for (int i = 1; i < argc; i++) {
        unsigned files = run_folder(argv[i]);
        printf("%s: %u files\n", argv[i], files);
        if (files == 0)
            return 1; /* a corpus that went missing proves nothing */
    }
    return argc > 1 ? 0 : 2;
}
