/* What the files that make answers share. */
#ifndef LOYALTY_ANSWER_PRIVATE_H
#define LOYALTY_ANSWER_PRIVATE_H

#include "answer.h"

/* One operation being answered: its first head, its parts, its input read back. */
struct answering {
    struct ledger *ledger;
    const struct outcome *outcome;
    const struct head *head;
    const struct version *version;
    struct request input;
    moment at;
    cJSON *answer;
};

void answer_add(const struct answering *in, const char *name, cJSON *value);
/* The sum over all parts of what an account got, in one currency. */
int64_t answer_posted(const struct answering *in, struct text currency, enum account account);

/* When all points of a wallet lapse if nothing happens: of the member's own (0 is theirs, too) as
 * it stood when the operation was done. */
moment answer_idle(const struct answering *in, uint64_t wallet, struct text currency);
/* "expires" and "last_day". */
void answer_add_expiry(const struct answering *in, cJSON *item, moment expires);
/* The same of one head. */
int64_t head_posted(const struct head *head, struct text currency, enum account account);
void add_text_key(cJSON *object, struct text key, cJSON *value);
cJSON *json_quantity(int64_t quantity);

/* --- answer_sale.c ------------------------------------------------------------------ */

void answer_purchase(struct answering *in);
void answer_return(struct answering *in);
void answer_claim(struct answering *in);
void answer_reassign(struct answering *in);
void answer_void(struct answering *in);
/* `claimed` of identifiers for which sales had waited. */
void answer_claimed(struct answering *in);
/* `status` and `holder` on a retry: what has become of the operation since. */
void answer_status(struct answering *in);

/* --- answer_tier.c ------------------------------------------------------------------ */

/* `tier`, `granted` and, where a fall let points lapse, `forfeited`. */
void answer_tier(struct answering *in);
/* Is it what a level gave to who entered it? */
bool gift_is_entry(const struct gift *gift, struct text *level);

/* --- answer_held.c ---------------------------------------------------------------- */

void answer_held(struct answering *in);
/* `held` of a purchase for which returns waited. */
void answer_waiting(struct answering *in);

/* --- answer_points.c ------------------------------------------------------------ */

/* So many points of a lot, and when they lapse by what is known now. */
cJSON *answer_lot(const struct answering *in, const struct lot *lot, int64_t amount);
void answer_redeem(struct answering *in);
void answer_cancel(struct answering *in);
void answer_adjust(struct answering *in);
/* A void of points given by hand, or spent: what went back from an account, or was taken. */
void answer_undone(struct answering *in, enum account account);
void answer_reserve(struct answering *in);
void answer_extend(struct answering *in);
void answer_capture(struct answering *in);
void answer_release(struct answering *in);
void answer_activate(struct answering *in);
void answer_close(struct answering *in);
void answer_till_close(struct answering *in);
void answer_recover(struct answering *in);
/* What points paid of a purchase. */
void answer_paid(struct answering *in);
/* What of a return's amount is left to hand out, and the points that went back. */
void answer_refund(struct answering *in, int64_t amount);

/* --- answer_moves.c --------------------------------------------------------------- */

void answer_transfer(struct answering *in);
void answer_household(struct answering *in);
void answer_merge(struct answering *in);

/* --- answer_uses.c ---------------------------------------------------------------- */

void answer_action(struct answering *in);
void answer_tier_set(struct answering *in);
/* A use of a benefit, or its void: which one, and what is left of it now. */
void answer_benefit(struct answering *in);

/* --- answer_erased.c -------------------------------------------------------------- */

void answer_erase(struct answering *in);
void answer_hold(struct answering *in);

#endif
