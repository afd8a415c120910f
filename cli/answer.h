/* How answers read for people. Each function prints one kind of answer (SPEC.md
 * "Answers") on standard output; what an answer leaves out is left out. */
#ifndef LOYALTY_CLI_ANSWER_H
#define LOYALTY_CLI_ANSWER_H

#include "command.h"

void show_init(const struct call *call, const cJSON *answer);
void show_programme_check(const struct call *call, const cJSON *answer);
void show_programme_apply(const struct call *call, const cJSON *answer);
void show_programme(const struct call *call, const cJSON *answer);
void show_programme_list(const struct call *call, const cJSON *answer);
void show_purchase(const struct call *call, const cJSON *answer);
void show_return(const struct call *call, const cJSON *answer);
void show_redeem(const struct call *call, const cJSON *answer);
void show_cancel(const struct call *call, const cJSON *answer);
void show_reserve(const struct call *call, const cJSON *answer);
void show_extend(const struct call *call, const cJSON *answer);
void show_capture(const struct call *call, const cJSON *answer);
void show_release(const struct call *call, const cJSON *answer);
void show_activate(const struct call *call, const cJSON *answer);
void show_close(const struct call *call, const cJSON *answer);
void show_claim(const struct call *call, const cJSON *answer);
void show_reassign(const struct call *call, const cJSON *answer);
void show_void(const struct call *call, const cJSON *answer);
void show_till_close(const struct call *call, const cJSON *answer);
void show_recover(const struct call *call, const cJSON *answer);
void show_adjust(const struct call *call, const cJSON *answer);
void show_transfer(const struct call *call, const cJSON *answer);
void show_household_change(const struct call *call, const cJSON *answer);
void show_household(const struct call *call, const cJSON *answer);
void show_merge(const struct call *call, const cJSON *answer);
void show_member_change(const struct call *call, const cJSON *answer);
void show_operator_change(const struct call *call, const cJSON *answer);
void show_erase(const struct call *call, const cJSON *answer);
void show_hold(const struct call *call, const cJSON *answer);
void show_action(const struct call *call, const cJSON *answer);
void show_tier_set(const struct call *call, const cJSON *answer);
void show_benefit_use(const struct call *call, const cJSON *answer);
void show_operator(const struct call *call, const cJSON *answer);
void show_member(const struct call *call, const cJSON *answer);
void show_member_list(const struct call *call, const cJSON *answer);
void show_balance(const struct call *call, const cJSON *answer);
void show_history(const struct call *call, const cJSON *answer);
void show_group(const struct call *call, const cJSON *answer);
void show_exchange(const struct call *call, const cJSON *answer);
void show_lookup(const struct call *call, const cJSON *answer);
void show_record(const struct call *call, const cJSON *answer);
void show_checkpoint(const struct call *call, const cJSON *answer);
void show_proof(const struct call *call, const cJSON *answer);
void show_verify_proof(const struct call *call, const cJSON *answer);
void show_export(const struct call *call, const cJSON *answer);
void show_publish(const struct call *call, const cJSON *answer);
void show_cosign(const struct call *call, const cJSON *answer);
void show_cosignatures(const struct call *call, const cJSON *answer);
void show_import(const struct call *call, const cJSON *answer);
void show_reconcile(const struct call *call, const cJSON *answer);
void show_verify(const struct call *call, const cJSON *answer);
void show_audit(const struct call *call, const cJSON *answer);
void show_sweep(const struct call *call, const cJSON *answer);
void show_rebuild(const struct call *call, const cJSON *answer);
void show_restore(const struct call *call, const cJSON *answer);
void show_backup(const struct call *call, const cJSON *answer);
void show_upgrade(const struct call *call, const cJSON *answer);
void show_spool_add(const struct call *call, const cJSON *answer);
void show_spool(const struct call *call, const cJSON *answer);
void show_spool_replay(const struct call *call, const cJSON *answer);

#endif
