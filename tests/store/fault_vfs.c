/* See fault_vfs.h. A failing write still writes its first half, as a torn write
 * of a real disk would. */
#include "fault_vfs.h"

#include <sqlite3.h>
#include <stddef.h>
#include <string.h>

static struct {
    int left, code;
    bool for_good, failed;
} fault;

struct file {
    sqlite3_file base; /* first: SQLite sees only this; the real file follows */
};
static sqlite3_vfs vfs, *real_vfs;

static sqlite3_file *real(sqlite3_file *file)
{
    return (sqlite3_file *)((struct file *)file + 1);
}

/* SQLITE_OK, or the fault whose turn it is. */
static int turn(void)
{
    if (fault.left > 0)
        fault.left--;
    else
        return SQLITE_OK;
    if (fault.left > 0)
        return SQLITE_OK;
    if (fault.for_good)
        fault.left = 1;
    fault.failed = true;
    return fault.code;
}

static int file_close(sqlite3_file *file)
{
    return real(file)->pMethods->xClose(real(file));
}
static int file_read(sqlite3_file *file, void *bytes, int count, sqlite3_int64 offset)
{
    return real(file)->pMethods->xRead(real(file), bytes, count, offset);
}
static int file_write(sqlite3_file *file, const void *bytes, int count, sqlite3_int64 offset)
{
    int code = turn();
    int written = code == SQLITE_OK ? count : count / 2;
    int real_code = real(file)->pMethods->xWrite(real(file), bytes, written, offset);
    return code != SQLITE_OK ? code : real_code;
}
static int file_truncate(sqlite3_file *file, sqlite3_int64 size)
{
    int code = turn();
    return code != SQLITE_OK ? code : real(file)->pMethods->xTruncate(real(file), size);
}
static int file_sync(sqlite3_file *file, int flags)
{
    int code = turn();
    return code != SQLITE_OK ? code : real(file)->pMethods->xSync(real(file), flags);
}
static int file_size(sqlite3_file *file, sqlite3_int64 *size)
{
    return real(file)->pMethods->xFileSize(real(file), size);
}
static int file_lock(sqlite3_file *file, int level)
{
    return real(file)->pMethods->xLock(real(file), level);
}
static int file_unlock(sqlite3_file *file, int level)
{
    return real(file)->pMethods->xUnlock(real(file), level);
}
static int file_check(sqlite3_file *file, int *out)
{
    return real(file)->pMethods->xCheckReservedLock(real(file), out);
}
static int file_control(sqlite3_file *file, int operation, void *argument)
{
    return real(file)->pMethods->xFileControl(real(file), operation, argument);
}
static int file_sector(sqlite3_file *file)
{
    return real(file)->pMethods->xSectorSize(real(file));
}
static int file_device(sqlite3_file *file)
{
    return real(file)->pMethods->xDeviceCharacteristics(real(file));
}
static int file_shm_map(sqlite3_file *file, int page, int size, int extend, void volatile **out)
{
    return real(file)->pMethods->xShmMap(real(file), page, size, extend, out);
}
static int file_shm_lock(sqlite3_file *file, int offset, int count, int flags)
{
    return real(file)->pMethods->xShmLock(real(file), offset, count, flags);
}
static void file_shm_barrier(sqlite3_file *file)
{
    real(file)->pMethods->xShmBarrier(real(file));
}
static int file_shm_unmap(sqlite3_file *file, int erase)
{
    return real(file)->pMethods->xShmUnmap(real(file), erase);
}

static const sqlite3_io_methods methods = {
    .iVersion = 2,
    .xClose = file_close,
    .xRead = file_read,
    .xWrite = file_write,
    .xTruncate = file_truncate,
    .xSync = file_sync,
    .xFileSize = file_size,
    .xLock = file_lock,
    .xUnlock = file_unlock,
    .xCheckReservedLock = file_check,
    .xFileControl = file_control,
    .xSectorSize = file_sector,
    .xDeviceCharacteristics = file_device,
    .xShmMap = file_shm_map,
    .xShmLock = file_shm_lock,
    .xShmBarrier = file_shm_barrier,
    .xShmUnmap = file_shm_unmap,
};

static int vfs_open(sqlite3_vfs *self, const char *name, sqlite3_file *file, int flags,
                    int *out_flags)
{
    (void)self;
    file->pMethods = NULL;
    int code = real_vfs->xOpen(real_vfs, name, real(file), flags, out_flags);
    if (code == SQLITE_OK)
        file->pMethods = &methods;
    return code;
}

void fault_install(void)
{
    if (real_vfs == NULL) {
        real_vfs = sqlite3_vfs_find(NULL);
        vfs = *real_vfs;
        vfs.zName = "fault";
        vfs.pNext = NULL;
        vfs.szOsFile = (int)sizeof(struct file) + real_vfs->szOsFile;
        vfs.xOpen = vfs_open;
    }
    sqlite3_vfs_register(&vfs, 1);
}

void fault_uninstall(void)
{
    fault_disarm();
    sqlite3_vfs_unregister(&vfs);
    sqlite3_vfs_register(real_vfs, 1);
}

void fault_arm(int n, bool for_good, int code)
{
    fault.left = n;
    fault.for_good = for_good;
    fault.code = code;
    fault.failed = false;
}

bool fault_disarm(void)
{
    bool failed = fault.failed;
    memset(&fault, 0, sizeof fault);
    return failed;
}
