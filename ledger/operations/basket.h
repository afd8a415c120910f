/* The basket of a purchase: its lines as they earn, whether it is being recorded or read
 * back from the log. */
#ifndef LOYALTY_BASKET_H
#define LOYALTY_BASKET_H

#include "context.h"
#include "earn.h"

/* A line as it was sent. */
struct basket_line basket_line_of(const struct request_line *line);
/* The lines with their shares of the receipt's discount; a receipt without lines is one
 * line of its amount. */
struct basket_line *basket_of(struct context *context, const struct request *request,
                              size_t *count);
/* Do the lines make the amount, each within what can be counted? Only a falsified log has
 * others once a purchase was checked. */
bool basket_adds_up(const struct basket_line lines[], size_t count, int64_t amount);
/* Spread over the lines what points paid (`minor`), and what tenders paid that earn nothing
 * under the programme of the purchase. */
void basket_spread(struct context *context, const struct request *request,
                   const struct programme *programme, int64_t minor, struct basket_line lines[],
                   size_t count);

/* Refusals: the lines less the discount are the amount; the tenders and what points paid
 * (`minor`) are what was to pay. */
bool check_lines(struct context *context, struct error *error);
bool check_tenders(struct context *context, int64_t minor, struct error *error);

/* --- selling.c --------------------------------------------------------------------- */

/* Fill the head with all that the basket gives the loaded member, under the context's version and
 * by the level of its `at`: points, what counts for tiers, and what comes of that. */
bool sell(struct context *context, struct head *head, struct movements *movements,
          const struct basket_line lines[], size_t count, struct earnings *earnings,
          struct error *error);

#endif
