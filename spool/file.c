/* Locks belong to the open file and not to the process, which is what Linux calls
 * OFD locks: two threads of one host exclude each other, too, and closing another
 * descriptor of the same file takes no lock away. */
#define _GNU_SOURCE
#include "file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

enum { BYTE_OF_PEN = 0, BYTE_OF_TURN = 1, WAIT_MILLISECONDS = 5 };

static bool fault(const struct spool_file *file, struct error *error)
{
    int code = errno;
    enum error_code which = code == ENOENT   ? ERROR_NO_FILE
                            : code == ENOSPC ? ERROR_DISK_FULL
                                             : ERROR_IO;
    return fail(error, which, _("unable to use the spool '%s': %s"), file->path, strerror(code));
}

/* --- Locks ----------------------------------------------------------------------- */

static bool try_lock(int descriptor, short kind, off_t byte)
{
    struct flock lock = {.l_type = kind, .l_whence = SEEK_SET, .l_start = byte, .l_len = 1};
    return fcntl(descriptor, F_OFD_SETLK, &lock) == 0;
}

static bool lock(const struct spool_file *file, short kind, int busy_milliseconds,
                 struct error *error)
{
    const struct timespec pause = {.tv_nsec = WAIT_MILLISECONDS * 1000000L};
    for (int waited = 0; !try_lock(file->descriptor, kind, BYTE_OF_PEN);
         waited += WAIT_MILLISECONDS) {
        if (errno != EAGAIN && errno != EACCES)
            return fault(file, error);
        if (waited >= busy_milliseconds)
            return fail(error, ERROR_BUSY, _("another process is writing the spool '%s'"),
                        file->path);
        nanosleep(&pause, NULL);
    }
    return true;
}

int spool_take_turn(const char *path, struct error *error)
{
    struct spool_file file = {.path = path};
    int descriptor = open(path, O_RDWR | O_CLOEXEC);
    if (descriptor >= 0 && try_lock(descriptor, F_WRLCK, BYTE_OF_TURN))
        return descriptor;
    if (descriptor < 0)
        fault(&file, error);
    else if (errno == EAGAIN || errno == EACCES)
        fail(error, ERROR_BUSY, _("another process is replaying the spool '%s'"), path);
    else
        fault(&file, error);
    if (descriptor >= 0)
        close(descriptor);
    return -1;
}

/* --- Opening ---------------------------------------------------------------------- */

/* Somebody may have moved the file away between our opening and our lock. */
static bool is_still_there(const struct spool_file *file)
{
    struct stat ours, theirs;
    return fstat(file->descriptor, &ours) == 0 && stat(file->path, &theirs) == 0 &&
           ours.st_dev == theirs.st_dev && ours.st_ino == theirs.st_ino;
}

static bool open_locked(struct spool_file *file, enum spool_use use, int busy_milliseconds,
                        struct error *error)
{
    int flags = use == SPOOL_LOOK ? O_RDONLY : use == SPOOL_ADD ? O_RDWR | O_CREAT : O_RDWR;
    short kind = use == SPOOL_LOOK ? F_RDLCK : F_WRLCK;
    for (;;) {
        file->descriptor = open(file->path, flags | O_CLOEXEC | O_NOCTTY, 0600);
        if (file->descriptor < 0)
            return fault(file, error);
        if (!lock(file, kind, busy_milliseconds, error))
            return false;
        if (is_still_there(file))
            return true;
        close(file->descriptor);
    }
}

static bool read_bytes(struct spool_file *file, struct error *error)
{
    struct stat status;
    if (fstat(file->descriptor, &status) != 0)
        return fault(file, error);
    if (!S_ISREG(status.st_mode))
        return fail(error, ERROR_NOT_A_SPOOL, _("'%s' is not a file"), file->path);
    if (status.st_size > LIMIT_SPOOL_BYTES) {
        fail(error, ERROR_LIMIT, _("a spool has at most %d bytes"), LIMIT_SPOOL_BYTES);
        return hint(error, _("move it away once nothing waits in it; a new one is begun"));
    }
    size_t length = (size_t)status.st_size, got = 0;
    char *bytes = arena_allocate(&file->arena, length + 1);
    while (got < length) {
        ssize_t more = pread(file->descriptor, bytes + got, length - got, (off_t)got);
        if (more < 0 && errno == EINTR)
            continue;
        if (more <= 0)
            return fault(file, error);
        got += (size_t)more;
    }
    file->bytes = (struct text){bytes, length};
    return true;
}

/* A file that was just made is found again after a power cut only if its folder says
 * that it is there. */
static bool sync_folder(const struct spool_file *file, struct error *error)
{
    struct arena arena = {0};
    const char *slash = strrchr(file->path, '/');
    size_t length = slash == NULL ? 0 : (size_t)(slash - file->path);
    struct text folder = slash == NULL ? text_of(".")
                         : length == 0 ? text_of("/")
                                       : (struct text){file->path, length};
    int descriptor = open(text_copy(&arena, folder).bytes, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    /* Some file systems cannot: what they can is all there is. */
    bool good = descriptor >= 0 && (fsync(descriptor) == 0 || errno == EINVAL);
    if (!good)
        fault(file, error);
    if (descriptor >= 0)
        close(descriptor);
    arena_free(&arena);
    return good;
}

static bool write_whole(const struct spool_file *file, struct text text, off_t at)
{
    while (text.length > 0) {
        ssize_t put = pwrite(file->descriptor, text.bytes, text.length, at);
        if (put < 0 && errno == EINTR)
            continue;
        if (put < 0)
            return false;
        text = (struct text){text.bytes + put, text.length - (size_t)put};
        at += put;
    }
    return fsync(file->descriptor) == 0;
}

static bool begin_file(struct spool_file *file, struct error *error)
{
    struct text first = spool_first_line();
    if (!write_whole(file, first, 0))
        return fault(file, error);
    file->spool.good = first.length;
    return true;
}

bool spool_open(struct spool_file *file, const char *path, enum spool_use use,
                int busy_milliseconds, struct error *error)
{
    *file = (struct spool_file){.path = path, .descriptor = -1};
    if (!open_locked(file, use, busy_milliseconds, error) || !read_bytes(file, error) ||
        !spool_read(&file->arena, file->bytes, &file->spool, error))
        return false;
    if (use == SPOOL_LOOK)
        return true;
    if (file->spool.torn > 0 && ftruncate(file->descriptor, (off_t)file->spool.good) != 0)
        return fault(file, error);
    return (file->spool.good > 0 || begin_file(file, error)) &&
           (file->spool.count > 0 || sync_folder(file, error));
}

bool spool_append(struct spool_file *file, struct text line, struct error *error)
{
    off_t end = (off_t)file->spool.good;
    if (end + (off_t)line.length > LIMIT_SPOOL_BYTES) {
        fail(error, ERROR_LIMIT, _("a spool has at most %d bytes"), LIMIT_SPOOL_BYTES);
        return hint(error, _("move it away once nothing waits in it; a new one is begun"));
    }
    if (write_whole(file, line, end))
        return true;
    fault(file, error);
    /* Nobody was told. Where even this fails the line is torn, or it is whole and will
     * be sent: it has a key, and the till that asks again sends the same. */
    if (ftruncate(file->descriptor, end) == 0)
        (void)fsync(file->descriptor);
    return false;
}

void spool_close(struct spool_file *file)
{
    if (file->descriptor >= 0)
        close(file->descriptor);
    arena_free(&file->arena);
    *file = (struct spool_file){.descriptor = -1};
}
