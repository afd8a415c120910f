/* Answers: what became of an operation, as JSON (SPEC.md section 6).
 *
 * An answer is made from the operation's records and their body, so a retry, days
 * later, is answered by the same code from the same facts. */
#ifndef LOYALTY_ANSWER_H
#define LOYALTY_ANSWER_H

#include <cjson/cJSON.h>

#include "context.h"

/* {"ok":false,"error":{...}}; with the faults of a document where there are any. */
cJSON *answer_error(const struct error *error, struct text id,
                    const struct programme_faults *faults);
/* Faults or notes: {line, column, path, message} each. */
cJSON *answer_faults(const struct programme_fault list[], size_t count);
/* Of a writing operation (or a quote) that is done. Call before the next batch. */
cJSON *answer_outcome(struct ledger *ledger, const struct request *request,
                      const struct outcome *outcome);
/* "identifier" and "lapses", where a slip is asked for. */
void answer_printed(const struct ledger *ledger, const struct outcome *outcome, cJSON *answer);
/* Where the member stands, noted in the outcome; null where there are no tiers. */
cJSON *json_tier(const struct outcome *outcome);
/* {"level", "name", "from", "from_name", "cause"} of a record that moved the member's level; else
 * NULL. Names are those of the latest version. */
cJSON *json_moved(const struct ledger *ledger, const struct head *head);
/* "tier", "progress" and "benefits" of the context's member, whose wallet is advanced. */
bool answer_show_tier(struct context *context, cJSON *answer, struct error *error);
/* The counter that a record which moves a member's level counts, "tier:FROM>TO". */
bool tier_move_parse(struct text counter, struct text *from, struct text *to);
/* {"size","root","note"} of the newest checkpoint; NULL where there is none. */
cJSON *answer_checkpoint(const struct checkpoint_row *row);

/* Pieces that other questions share. */
cJSON *json_text(struct text text);
cJSON *json_points(int64_t units, unsigned scale);
cJSON *json_money(int64_t units, const struct programme *programme);
cJSON *json_moment(moment at); /* MOMENT_NEVER: null */
/* The same on the clocks of the programme's zone, with its offset; without a
 * programme null. And the last whole day before a moment, which is what people
 * mean by "valid through". */
cJSON *json_local(const struct version *version, moment at);
cJSON *json_last_day(const struct version *version, moment expires);
cJSON *json_from(moment from); /* 0, since ever: null */
/* The moment under that name, and behind it, by the name with "_local", what json_local says. */
void json_add_moment(cJSON *object, const struct version *version, const char *name, moment at);
/* Since when points that waited can be spent: "available_from", with its local time. */
void json_add_available(cJSON *object, const struct version *version, moment from);
/* The first moment at which what is left of a lot is gone, if nothing happens until then. What
 * comes after the wallet has been idle goes as it comes; what waits for an operation has no date
 * before that. */
moment lot_gone(moment idle, moment available_from, moment expires);
cJSON *json_member(uint64_t id); /* 0: null */
cJSON *json_household(uint64_t wallet);
cJSON *json_lot(int64_t lot);
cJSON *json_number(int64_t value);
cJSON *json_balances(const struct ledger *ledger, const struct balance_row rows[], size_t count);
unsigned points_scale(const struct ledger *ledger, struct text currency);

#endif
