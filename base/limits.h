/* Every limit of the engine, in one place. Beyond each of them stands an error
 * that names it; SPEC.md lists the ones a caller can meet. */
#ifndef LOYALTY_LIMITS_H
#define LOYALTY_LIMITS_H

#include <stdint.h>

/* Points and money: the largest magnitude, 2^53 - 1, so that every JSON reader
 * keeps them exact. It also stands for "never" where a moment is stored. */
#define LIMIT_UNITS INT64_C(9007199254740991)

/* A rate's numerator and denominator once reduced; and the common denominator
 * of everything that one currency carries. Together they keep
 * amount x numerator x denominator inside 128 bits. */
#define LIMIT_RATE_TERM INT64_C(1000000000)
#define LIMIT_CARRY_DENOMINATOR INT64_C(1000000000000)

enum {
    LIMIT_HEAD_BYTES = 65535,       /* a tile entry has a 16-bit length */
    LIMIT_BODY_BYTES = 1048576,     /* canonical JSON of one body */
    LIMIT_REQUEST_BYTES = 8388608,  /* one request as it arrives */
    LIMIT_DOCUMENT_BYTES = 262144,  /* a programme document */
    LIMIT_JSON_DEPTH = 64,          /* nesting of arrays and objects */
    LIMIT_JSON_MEMBERS = 4096,      /* members of one object */
    LIMIT_LINES = 4096,             /* lines of a receipt kept one by one */
    LIMIT_RETURN_LINES = 1024,      /* lines that one return names */
    LIMIT_MOVEMENTS = 256,          /* lot movements in one record */
    LIMIT_ERASED = 1024,            /* ranges of erased bodies in one record */
    LIMIT_RELEASED = 512,           /* lots that one activate dates */
    LIMIT_HELD = 64,                /* returns that wait for one receipt */
    LIMIT_RETURNED_PAIRS = 1500,    /* (receipt line, quantity) pairs of one return */
    LIMIT_CURRENCIES = 16,          /* points currencies of a programme */
    LIMIT_EARN_RULES = 256,
    LIMIT_GIFTS = 384,              /* (rule, currency) pairs of a programme: one head lists all */
    LIMIT_EXPIRY_DAYS = 12,         /* days of the year that expiry names */
    LIMIT_VALUE = 1000000,          /* money for one point, in main units */
    LIMIT_LEVELS = 16,              /* levels of a programme's tiers */
    LIMIT_MEASURES = 8,             /* what is counted for them */
    LIMIT_ENTRIES = 64,             /* (level, currency) pairs of entry rewards: one head lists all */
    LIMIT_ALTERNATIVES = 8,         /* ways to reach one level by measure */
    LIMIT_WAS = 256,                /* levels of older versions that one takes the place of */
    LIMIT_ACTIONS = 64,             /* kinds of actions */
    LIMIT_BENEFITS = 64,
    LIMIT_SEATS = 1000000,          /* of one benefit */
    LIMIT_TIMES = 1000,             /* uses of one benefit in a period */
    LIMIT_MULTIPLY = 1000,          /* what a level multiplies points by, at most */
    LIMIT_HOUSEHOLD = 100,          /* members of one household */
    LIMIT_CLAIMS = 1000,            /* claims of one member in a month, as a programme may say */
    LIMIT_FAULTS = 100,             /* faults of a programme that are reported at once */
    LIMIT_LIST = 4096,              /* entries of any list in a programme */
    LIMIT_ID = 32,                  /* bytes of a rule, currency or programme id */
    LIMIT_COUNTER = 80,             /* bytes of a counter's name */
    LIMIT_REF = 128,                /* bytes of a ref or receipt number */
    LIMIT_NAME = 64,                /* bytes of a store, till, operator, reason */
    LIMIT_SKU = 64,                 /* bytes of a SKU or category */
    LIMIT_TEXT = 1024,              /* bytes of free text */
    LIMIT_IDENTIFIERS = 16,         /* cards and phones of one member */
    LIMIT_TENDERS = 16,             /* tenders that pay one receipt */
    LIMIT_COUPONS = 16,             /* coupons used on one receipt */
    LIMIT_GROUP = 100,              /* operations that are all done, or none */
    LIMIT_ENTRY_BYTES = 4194304,    /* a record, or a body, as a line of a bundle */
    LIMIT_NOTE_BYTES = 1048576,     /* a signed note, or another small file of a bundle */
    LIMIT_BATCH = 20000,            /* operations in one transaction */
    LIMIT_SPOOL_BYTES = 67108864,   /* a till's spool, with all that was answered */
    LIMIT_SPOOL_GROUP = 100,        /* entries of it that are sent in one commit */
    LIMIT_ZONE_BYTES = 16384,       /* a TZif file */
    LIMIT_SCALE = 6,                /* decimals of a points currency */
    QUANTITY_SCALE = 6              /* decimals of a quantity */
};

#endif
