/* Tiles (c2sp.org/tlog-tiles): a log as a folder of files that any static web
 * server can publish.
 *
 *   checkpoint                       the signed head
 *   tile/<L>/<N>[.p/<W>]             W hashes of 32 bytes, level 8 x L of the tree
 *   tile/entries/<N>[.p/<W>]         W entries: u16 length, big-endian, then bytes
 *
 * A full tile holds 256. N is written in groups of three digits, all but the
 * last with an x before: 1234067 is x001/x234/067. */
#ifndef LOYALTY_TILE_H
#define LOYALTY_TILE_H

#include "merkle.h"

enum {
    TILE_ENTRIES = -1,      /* the level that stands for entry bundles */
    TILE_ENTRY_MAX = 65535, /* bytes of one entry */
    TILE_PATH_MAX = 64      /* bytes of any tile's path */
};

struct tile {
    int level;      /* 0 to TILE_LEVEL_MAX, or TILE_ENTRIES */
    uint64_t index; /* N */
    unsigned width; /* 1 to 256; below 256 the tile is partial */
};

/* "tile/0/x001/x234/067", "tile/entries/000.p/12". */
void tile_path_format(struct buffer *buffer, struct tile tile);
/* One spelling only. ERROR_INVALID_FIELD. */
bool tile_path_parse(struct text path, struct tile *tile, struct error *error);

/* How many tiles, the last of them perhaps partial, a tree of `size` leaves has
 * on a level; and how many hashes the index-th holds (0: no such tile). */
uint64_t tile_count(uint64_t size, int level);
unsigned tile_width(uint64_t size, int level, uint64_t index);

/* Append the bytes of a hash tile, read from where the tree is kept. Not for
 * TILE_ENTRIES. */
bool tile_write(struct buffer *buffer, const struct hash_source *source, struct tile tile,
                struct error *error);
/* The hashes in a tile's bytes; the length must be width x 32. */
bool tile_parse(struct text bytes, unsigned width, struct hash hashes[TILE_WIDTH],
                struct error *error);

/* Entry bundles. An entry longer than TILE_ENTRY_MAX is ERROR_LIMIT, and nothing
 * is appended. */
bool entries_add(struct buffer *bundle, struct text entry, struct error *error);
/* Take the next entry off *rest (a view into it). False at the end, with
 * error->code ERROR_NONE, and for a bundle cut short, ERROR_INVALID_RECORD. */
bool entries_next(struct text *rest, struct text *entry, struct error *error);
/* The leaf hashes of a bundle, which must hold exactly `width` entries. */
bool entries_hash(struct text bundle, unsigned width, struct hash leaves[TILE_WIDTH],
                  struct error *error);

#endif
