/* Backup: a copy of one moment while others go on writing. SQLite copies pages;
 * a read transaction held throughout pins the moment, for without it every
 * foreign commit would start the copy again. The copy is one whole file. */
#include <stdlib.h>

#include "connection.h"
#include "whole_file.h"

enum { PAGES_PER_STEP = 1024 };

static bool copy_pages(struct store *store, sqlite3 *target, const char *to_path,
                       bool (*progress)(void *context, int64_t done, int64_t total), void *context,
                       struct error *error)
{
    sqlite3_backup *backup = sqlite3_backup_init(target, "main", store->db, "main");
    if (backup == NULL)
        return store_fault_of(target, to_path, sqlite3_extended_errcode(target), error);
    int code;
    bool wanted = true;
    do {
        code = sqlite3_backup_step(backup, PAGES_PER_STEP);
        int64_t total = sqlite3_backup_pagecount(backup);
        if ((code == SQLITE_OK || code == SQLITE_DONE) && progress != NULL)
            wanted = progress(context, total - sqlite3_backup_remaining(backup), total);
    } while (code == SQLITE_OK && wanted);
    int finished = sqlite3_backup_finish(backup);
    if (code == SQLITE_OK)
        return fail(error, ERROR_INTERRUPTED, _("the backup to '%s' was stopped"), to_path);
    if (code != SQLITE_DONE || finished != SQLITE_OK)
        return store_fault_of(target, to_path, code != SQLITE_DONE ? code : finished, error);
    return true;
}

static bool copy_to(struct store *store, const char *to_path,
                    bool (*progress)(void *context, int64_t done, int64_t total), void *context,
                    struct error *error)
{
    sqlite3 *target = NULL;
    char *name = store_plain_name(to_path);
    int code = sqlite3_open_v2(
        name, &target, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE, NULL);
    bool good = code == SQLITE_OK ? copy_pages(store, target, to_path, progress, context, error)
                                  : store_fault_of(target, to_path, code, error);
    sqlite3_close(target);
    free(name);
    return good && file_sync_folder(to_path, error);
}

bool store_backup(struct store *store, const char *to_path,
                  bool (*progress)(void *context, int64_t done, int64_t total), void *context,
                  struct error *error)
{
    bool own = sqlite3_get_autocommit(store->db) != 0;
    int64_t version = 0;
    if (!store_create_file(to_path, error))
        return false;
    bool good = (!own || store_begin_read(store, error)) &&
                store_integer(store, "PRAGMA user_version", &version, error) &&
                copy_to(store, to_path, progress, context, error);
    if (own)
        store_rollback(store);
    if (!good)
        store_remove_file(to_path);
    return good;
}
