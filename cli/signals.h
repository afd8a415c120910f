/* Ctrl-C and SIGTERM ask long work to stop at its next commit; asked twice, the
 * process ends at once (nothing is half done then either). */
#ifndef LOYALTY_CLI_SIGNALS_H
#define LOYALTY_CLI_SIGNALS_H

#include <stdbool.h>

/* A reader that goes away is an error of write(), not a signal. */
void signals_ignore_pipe(void);
void signals_catch(void);
bool signals_stop_wanted(void);

#endif
