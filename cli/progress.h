/* A line on the terminal that says how far long work is. Nothing where standard
 * error is no terminal, so that pipes and logs stay clean. */
#ifndef LOYALTY_CLI_PROGRESS_H
#define LOYALTY_CLI_PROGRESS_H

#include <stdbool.h>
#include <stdint.h>

struct progress {
    bool shown;      /* standard error is a terminal */
    bool drawn;      /* a line stands there that must be cleared */
    int64_t started; /* monotonic milliseconds */
    int64_t drawn_at;
    int64_t read, size; /* bytes of the input file; size 0: unknown */
};

void progress_start(struct progress *progress);
/* At most five times a second. `total` 0: unknown, the file's bytes are taken. */
void progress_tell(struct progress *progress, int64_t done, int64_t total);
void progress_end(struct progress *progress);

/* "1:02:03" or "2:03". */
void progress_duration(int64_t seconds, char text[24]);

#endif
