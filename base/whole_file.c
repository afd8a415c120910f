/* See whole_file.h. */
#define _XOPEN_SOURCE 700 /* sync() */
#include "whole_file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { WRITE_AT = 65536, READ_AT_ONCE = 65536 };

/* What errno says, as one of our codes. */
static enum error_code code_of(int number)
{
    switch (number) {
    case ENOENT:
    case ENOTDIR:
        return ERROR_NO_FILE;
    case EEXIST:
        return ERROR_EXISTS;
    case ENOSPC:
    case EDQUOT:
        return ERROR_DISK_FULL;
    case EACCES:
    case EROFS:
        return ERROR_READ_ONLY;
    default:
        return ERROR_IO;
    }
}
/* A macro, so that the compiler sees the format. */
#define FAULT(error, path, format) fail(error, code_of(errno), format, path, strerror(errno))

/* --- Folders ------------------------------------------------------------------------ */

/* The caller frees it. */
static char *folder_of(const char *path)
{
    const char *slash = strrchr(path, '/');
    size_t length = slash == NULL ? 1 : slash == path ? 1 : (size_t)(slash - path);
    char *folder = memory_allocate(length + 1);
    memcpy(folder, slash == NULL ? "." : path, length);
    return folder;
}

bool file_sync_folder(const char *path, struct error *error)
{
    char *folder = folder_of(path);
    int descriptor = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    bool good = descriptor >= 0 && (fsync(descriptor) == 0 || errno == EINVAL);
    if (!good)
        fail(error, ERROR_IO, _("unable to sync the folder '%s': %s"), folder, strerror(errno));
    if (descriptor >= 0)
        close(descriptor);
    free(folder);
    return good;
}

bool file_make_folders(const char *root, const char *path, unsigned mode, struct error *error)
{
    size_t length = strlen(path);
    char *part = memory_allocate(length + 1);
    bool good = true;
    for (size_t i = strlen(root); good && i <= length; i++) {
        if ((path[i] != '/' && path[i] != '\0') || i == 0)
            continue;
        memcpy(part, path, i);
        part[i] = '\0';
        if (mkdir(part, (mode_t)mode) == 0)
            good = file_sync_folder(part, error);
        else if (errno != EEXIST)
            good = FAULT(error, part, _("unable to make the folder '%s': %s"));
    }
    free(part);
    return good;
}

/* --- Locks ---------------------------------------------------------------------------- */

bool file_lock(const char *path, unsigned mode, int *descriptor, struct error *error)
{
    struct flock whole = {.l_type = F_WRLCK, .l_whence = SEEK_SET};
    *descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC, (mode_t)mode);
    if (*descriptor < 0)
        return FAULT(error, path, _("unable to open '%s': %s"));
    if (fcntl(*descriptor, F_SETLK, &whole) == 0)
        return true;
    bool busy = errno == EACCES || errno == EAGAIN;
    if (busy)
        fail(error, ERROR_BUSY, _("another process is at work on '%s'"), path);
    else
        FAULT(error, path, _("unable to lock '%s': %s"));
    close(*descriptor);
    *descriptor = -1;
    return false;
}

void file_unlock(int descriptor)
{
    if (descriptor >= 0)
        close(descriptor);
}

/* --- Whole files ---------------------------------------------------------------------- */

static ssize_t read_some(int descriptor, struct buffer *out, size_t most)
{
    ssize_t got;
    buffer_reserve(out, most);
    do
        got = read(descriptor, out->bytes + out->length, most);
    while (got < 0 && errno == EINTR);
    if (got > 0)
        out->length += (size_t)got;
    return got;
}

bool file_load(const char *path, size_t limit, struct buffer *out, struct error *error)
{
    size_t before = out->length;
    int descriptor = open(path, O_RDONLY | O_CLOEXEC);
    if (descriptor < 0)
        return FAULT(error, path, _("unable to open '%s': %s"));
    ssize_t got;
    do
        got = read_some(descriptor, out, READ_AT_ONCE);
    while (got > 0 && out->length - before <= limit);
    bool good = got >= 0 || FAULT(error, path, _("unable to read '%s': %s"));
    close(descriptor);
    if (good && out->length - before > limit)
        return fail(error, ERROR_LIMIT, _("'%s' is longer than %zu bytes"), path, limit);
    return good;
}

static bool write_all(int descriptor, struct text bytes)
{
    while (bytes.length > 0) {
        ssize_t put = write(descriptor, bytes.bytes, bytes.length);
        if (put < 0 && errno == EINTR)
            continue;
        if (put < 0)
            return false;
        bytes.bytes += put;
        bytes.length -= (size_t)put;
    }
    return true;
}

static bool replace(const char *path, struct text bytes, unsigned mode, bool wait,
                    struct error *error)
{
    struct buffer name = {0};
    buffer_format(&name, "%s.new", path);
    const char *beside = buffer_terminate(&name);
    int descriptor = open(beside, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, (mode_t)mode);
    bool good =
        descriptor >= 0 && write_all(descriptor, bytes) && (!wait || fsync(descriptor) == 0);
    if (descriptor >= 0 && close(descriptor) != 0)
        good = false;
    good = good && rename(beside, path) == 0;
    if (!good) {
        FAULT(error, path, _("unable to write '%s': %s"));
        unlink(beside);
    }
    buffer_free(&name);
    return good;
}

bool file_replace(const char *path, struct text bytes, unsigned mode, struct error *error)
{
    return replace(path, bytes, mode, true, error) && file_sync_folder(path, error);
}

bool file_replace_soon(const char *path, struct text bytes, unsigned mode, struct error *error)
{
    return replace(path, bytes, mode, false, error);
}

void file_sync_all(void)
{
    sync();
}

/* --- Writing piece by piece -------------------------------------------------------------- */

bool file_create(struct file_writer *writer, struct text path, unsigned mode, struct error *error)
{
    memset(writer, 0, sizeof *writer);
    writer->path = path;
    sha256_start(&writer->hash);
    writer->descriptor = open(path.bytes, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, (mode_t)mode);
    return writer->descriptor >= 0 || FAULT(error, path.bytes, _("unable to create '%s': %s"));
}

static bool drain(struct file_writer *writer, struct error *error)
{
    struct text bytes = buffer_view(&writer->pending);
    if (bytes.length > 0)
        sha256_add(&writer->hash, bytes.bytes, bytes.length);
    if (!write_all(writer->descriptor, bytes))
        return FAULT(error, writer->path.bytes, _("unable to write '%s': %s"));
    buffer_clear(&writer->pending);
    return true;
}

bool file_write_text(struct file_writer *writer, struct text bytes, struct error *error)
{
    buffer_text(&writer->pending, bytes);
    return writer->pending.length < WRITE_AT || drain(writer, error);
}

bool file_finish(struct file_writer *writer, unsigned char hash[SHA256_BYTES], struct error *error)
{
    bool good = drain(writer, error);
    if (good && fsync(writer->descriptor) != 0)
        good = FAULT(error, writer->path.bytes, _("unable to write '%s': %s"));
    if (good)
        sha256_finish(&writer->hash, hash);
    file_abandon(writer);
    return good;
}

void file_abandon(struct file_writer *writer)
{
    if (writer->descriptor >= 0 && writer->path.bytes != NULL)
        close(writer->descriptor);
    writer->descriptor = -1;
    buffer_free(&writer->pending);
}

/* --- Reading line by line ------------------------------------------------------------------ */

bool lines_open(struct lines *reader, struct text path, size_t limit, struct error *error)
{
    memset(reader, 0, sizeof *reader);
    reader->path = path;
    reader->limit = limit;
    sha256_start(&reader->hash);
    reader->descriptor = open(path.bytes, O_RDONLY | O_CLOEXEC);
    return reader->descriptor >= 0 || FAULT(error, path.bytes, _("unable to open '%s': %s"));
}

/* More bytes behind those not yet taken. */
static bool fill(struct lines *reader, struct error *error)
{
    struct buffer *buffer = &reader->buffer;
    if (reader->start > 0) {
        memmove(buffer->bytes, buffer->bytes + reader->start, buffer->length - reader->start);
        buffer->length -= reader->start;
        reader->start = 0;
    }
    ssize_t got = read_some(reader->descriptor, buffer, READ_AT_ONCE);
    if (got < 0)
        return FAULT(error, reader->path.bytes, _("unable to read '%s': %s"));
    reader->at_end = got == 0;
    if (got > 0)
        sha256_add(&reader->hash, buffer->bytes + buffer->length - (size_t)got, (size_t)got);
    return true;
}

bool lines_next(struct lines *reader, struct text *line, struct error *error)
{
    struct buffer *buffer = &reader->buffer;
    size_t looked = 0;
    for (;;) {
        struct text rest = buffer_view(buffer);
        rest.bytes += reader->start;
        rest.length -= reader->start;
        const char *newline =
            rest.length == looked ? NULL : memchr(rest.bytes + looked, '\n', rest.length - looked);
        size_t length = newline == NULL ? rest.length : (size_t)(newline - rest.bytes);
        if (length > reader->limit)
            return fail(error, ERROR_LIMIT, _("'%s' has a line of more than %zu bytes"),
                        reader->path.bytes, reader->limit);
        if (newline != NULL) {
            *line = (struct text){rest.bytes, length};
            reader->start += length + 1;
            return true;
        }
        looked = rest.length;
        if (reader->at_end)
            break;
        if (!fill(reader, error))
            return false;
    }
    error->code = ERROR_NONE;
    return looked > 0 &&
           fail(error, ERROR_INVALID_TEXT, _("'%s' does not end in a newline"), reader->path.bytes);
}

void lines_hash(struct lines *reader, unsigned char hash[SHA256_BYTES])
{
    sha256_finish(&reader->hash, hash);
}

void lines_close(struct lines *reader)
{
    if (reader->descriptor >= 0 && reader->path.bytes != NULL)
        close(reader->descriptor);
    reader->descriptor = -1;
    buffer_free(&reader->buffer);
}
