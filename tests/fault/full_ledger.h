/* A ledger in which every table has rows and every kind of record stands, with an open
 * reservation, a held return, a tile and a cosigner: made once per program from the
 * golden ledger's requests and from every_kind.jsonl. */
#ifndef LOYALTY_TESTS_FAULT_FULL_LEDGER_H
#define LOYALTY_TESTS_FAULT_FULL_LEDGER_H

#include <stdint.h>

struct full_ledger {
    const char *path, *key_path;
    int64_t records;
    char anchor[1024]; /* a checkpoint that was kept outside, newer than the tile */
    char policy[1024]; /* which the newest checkpoint's cosignature meets */
};
const struct full_ledger *full_ledger(void);

#endif
