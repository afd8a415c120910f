/* A file system that fails: it stands before the real one and refuses the n-th
 * write, sync or truncation, once or from then on. */
#ifndef LOYALTY_TESTS_STORE_FAULT_VFS_H
#define LOYALTY_TESTS_STORE_FAULT_VFS_H

#include <stdbool.h>

/* Every connection opened from now on goes through it. */
void fault_install(void);
void fault_uninstall(void);

/* Fail with that SQLite code at the n-th operation from now, n from 1. */
void fault_arm(int n, bool for_good, int code);
/* Stop failing. True if anything had failed. */
bool fault_disarm(void);

#endif
