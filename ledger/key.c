/* The signing key lies beside the database, never in it: one line in Go's note
 * form, mode 0600, made exclusively, refused when others can read it. */
#include <errno.h>
#include <fcntl.h>
#include <sodium.h>
#include <sys/stat.h>
#include <unistd.h>

#include "ledger_private.h"
#include "whole_file.h"

enum { KEY_FILE_MAX = 1024 };

bool key_file_create(const char *path, const struct signer *signer, struct error *error)
{
    struct buffer line = {0};
    int file = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (file < 0 && errno == EEXIST) {
        fail(error, ERROR_EXISTS, _("there is a key already: %s"), path);
        return hint(error, _("a key is never overwritten; choose another path for the new ledger"));
    }
    if (file < 0)
        return fail(error, errno == EROFS || errno == EACCES ? ERROR_READ_ONLY : ERROR_IO,
                    _("unable to create the key '%s': %s"), path, strerror(errno));
    signer_format(&line, signer);
    buffer_byte(&line, '\n');
    bool written = write(file, line.bytes, line.length) == (ssize_t)line.length && fsync(file) == 0;
    int reason = errno;
    written = close(file) == 0 && written;
    sodium_memzero(line.bytes, line.length);
    buffer_free(&line);
    if (written && file_sync_folder(path, error))
        return true;
    unlink(path);
    if (written)
        return false;
    return fail(error, reason == ENOSPC ? ERROR_DISK_FULL : ERROR_IO,
                _("unable to write the key '%s': %s"), path, strerror(reason));
}

static bool open_key(const char *path, int *file, struct error *error)
{
    struct stat status;
    *file = open(path, O_RDONLY | O_CLOEXEC);
    if (*file < 0) {
        fail(error, ERROR_KEY_MISSING, _("unable to open the signing key '%s': %s"), path,
             strerror(errno));
        return hint(error, _("put a ledger's key beside its database, or name it with --key"));
    }
    if (fstat(*file, &status) == 0 && (status.st_mode & (S_IRWXG | S_IRWXO)) == 0)
        return true;
    close(*file);
    fail(error, ERROR_KEY_EXPOSED, _("others can read the signing key '%s'"), path);
    return hint(error, _("chmod 600 it; if somebody may have copied it, it is no longer a secret"));
}

bool key_file_load(const char *path, struct signer *signer, struct error *error)
{
    int file = -1;
    char bytes[KEY_FILE_MAX];
    struct error why;
    if (!open_key(path, &file, error))
        return false;
    ssize_t length = read(file, bytes, sizeof bytes);
    close(file);
    while (length > 0 && bytes[length - 1] == '\n')
        length--;
    struct text line = {bytes, length < 0 ? 0 : (size_t)length};
    bool ok = signer_parse(line, signer, &why);
    sodium_memzero(bytes, sizeof bytes);
    return ok || fail(error, ERROR_KEY_WRONG, _("'%s' is not a signing key"), path);
}

bool key_file_read(const char *path, struct text vkey, struct signer *signer, struct error *error)
{
    struct buffer own = {0};
    bool read = key_file_load(path, signer, error);
    if (!read && error->code != ERROR_KEY_WRONG)
        return false;
    if (read)
        verifier_format(&own, &signer->verifier);
    bool fits = read && text_equal(buffer_view(&own), vkey);
    buffer_free(&own);
    if (fits)
        return true;
    signer_wipe(signer);
    fail(error, ERROR_KEY_WRONG, _("'%s' is not this ledger's key"), path);
    return hint(error, _("the ledger's public key is %.*s"), TEXT(vkey));
}
