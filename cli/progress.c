/* See progress.h. */
#include "progress.h"

#include "text.h"

#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum { BAR = 24, EVERY_MILLISECONDS = 200 };

static int64_t now(void)
{
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (int64_t)time.tv_sec * 1000 + time.tv_nsec / 1000000;
}

void progress_start(struct progress *progress)
{
    memset(progress, 0, sizeof *progress);
    progress->shown = isatty(STDERR_FILENO) == 1;
    progress->started = now();
}

void progress_duration(int64_t seconds, char text[24])
{
    int hours = (int)(seconds / 3600 % 100000), minutes = (int)(seconds / 60 % 60);
    if (hours > 0)
        snprintf(text, 24, "%d:%02d:%02d", hours, minutes, (int)(seconds % 60));
    else
        snprintf(text, 24, "%d:%02d", minutes, (int)(seconds % 60));
}

/* "[##########..............]  43%" */
static void put_bar(int64_t percent)
{
    char bar[BAR + 1];
    size_t full = (size_t)(percent * BAR / 100);
    memset(bar, '.', BAR);
    memset(bar, '#', full);
    bar[BAR] = '\0';
    fprintf(stderr, "[%s] %3d%%  ", bar, (int)percent);
}

void progress_tell(struct progress *progress, int64_t done, int64_t total)
{
    if (!progress->shown)
        return;
    int64_t time = now(), elapsed = time - progress->started;
    if (progress->drawn && time - progress->drawn_at < EVERY_MILLISECONDS)
        return;
    progress->drawn = true;
    progress->drawn_at = time;
    int64_t part = total > 0 ? done : progress->read, whole = total > 0 ? total : progress->size;
    fputs("\r\033[K", stderr);
    if (whole > 0 && part <= whole)
        put_bar((int64_t)((double)part * 100.0 / (double)whole));
    fprintf(stderr, "%lld", (long long)done);
    if (elapsed > 500)
        fprintf(stderr, _("  %lld/s"), (long long)(done * 1000 / elapsed));
    if (elapsed > 500 && whole > 0 && part > 0 && part <= whole) {
        char left[24];
        progress_duration((int64_t)((double)elapsed * (double)(whole - part) / (double)part / 1000),
                          left);
        fprintf(stderr, _("  %s left"), left);
    }
    fflush(stderr);
}

void progress_end(struct progress *progress)
{
    if (progress->drawn)
        fputs("\r\033[K", stderr);
    progress->drawn = false;
}
