/* Files for other people's eyes: bundles and published logs. A file is whole on
 * the disk or it is not there; a reader never holds more than one line.
 *
 * (The database and its key look after themselves.) Errors name the path. */
#ifndef LOYALTY_WHOLE_FILE_H
#define LOYALTY_WHOLE_FILE_H

#include <stdbool.h>
#include <stdint.h>

#include "buffer.h"
#include "error.h"
#include "sha256.h"

/* Make the folder of a new file durable, so that the file's name survives a power cut. */
bool file_sync_folder(const char *path, struct error *error);
/* Make a folder and those above it that are missing below `root`, which exists. */
bool file_make_folders(const char *root, const char *path, unsigned mode, struct error *error);

/* A whole file of at most `limit` bytes, appended. ERROR_NO_FILE where it is not there;
 * ERROR_LIMIT. */
bool file_load(const char *path, size_t limit, struct buffer *out, struct error *error);

/* Hold a file, made where it is missing, against other processes (not against this
 * one). ERROR_BUSY at once where another has it. Unlocking closes; -1 is fine. */
bool file_lock(const char *path, unsigned mode, int *descriptor, struct error *error);
void file_unlock(int descriptor);

/* Replace, or make, `path` in one step: written beside it, synced, renamed, the folder
 * synced. Whoever reads it sees the old bytes or the new. */
bool file_replace(const char *path, struct text bytes, unsigned mode, struct error *error);
/* The same without waiting for the disk: for many files that mean nothing until a last one
 * says so. file_sync_all() waits for all of them before that one is written. */
bool file_replace_soon(const char *path, struct text bytes, unsigned mode, struct error *error);
void file_sync_all(void);

/* A new file that is written piece by piece. It must not exist (ERROR_EXISTS). */
struct file_writer {
    int descriptor;
    struct text path; /* the caller's, with a NUL */
    struct buffer pending;
    struct sha256 hash;
};
bool file_create(struct file_writer *writer, struct text path, unsigned mode, struct error *error);
bool file_write_text(struct file_writer *writer, struct text bytes, struct error *error);
/* Flush, sync, close. `hash` gets the SHA-256 of all that was written. */
bool file_finish(struct file_writer *writer, unsigned char hash[SHA256_BYTES], struct error *error);
/* Close without a word; harmless after file_finish or a file_create that failed. */
void file_abandon(struct file_writer *writer);

/* The lines of a file, each at most `limit` bytes. */
struct lines {
    int descriptor;
    struct text path;
    size_t limit, start; /* of the next line within the buffer */
    struct buffer buffer;
    struct sha256 hash;
    bool at_end;
};
bool lines_open(struct lines *reader, struct text path, size_t limit, struct error *error);
/* The next line without its newline, lent until the next call. At the end false
 * with error->code ERROR_NONE. A last line without a newline, or one beyond the
 * limit, is ERROR_LIMIT or ERROR_INVALID_TEXT. */
bool lines_next(struct lines *reader, struct text *line, struct error *error);
/* The SHA-256 of the whole file, once its end was reached. */
void lines_hash(struct lines *reader, unsigned char hash[SHA256_BYTES]);
void lines_close(struct lines *reader); /* harmless if it was not opened */

#endif
