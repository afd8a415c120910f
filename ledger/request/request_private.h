/* What reading and writing a request share. */
#ifndef LOYALTY_REQUEST_PRIVATE_H
#define LOYALTY_REQUEST_PRIVATE_H

#include "request.h"

/* The members of a tender, in the order of its array form. */
enum tender_member { TENDER_TYPE, TENDER_AMOUNT, TENDER_MEMBERS };

/* The members of a line, in the order of its array form. */
enum line_member {
    LINE_SKU,
    LINE_CATEGORY,
    LINE_QUANTITY,
    LINE_AMOUNT,
    LINE_DISCOUNT,
    LINE_TAX,
    LINE_LINE,
    LINE_MEMBERS
};

extern const char *const entry_words[];     /* by enum entry_mode */
extern const char *const origin_words[];    /* by enum origin */
extern const char *const proof_words[];     /* by enum proof_mode */
extern const char *const unmatched_words[]; /* by enum unmatched_policy */
extern const char *const balance_words[];   /* by enum balance_mode */
extern const char *const encoding_words[];  /* by enum slip_encoding */

#endif
