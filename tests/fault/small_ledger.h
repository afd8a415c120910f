/* A small ledger with every kind of record in it, to be broken: made once per
 * program in a folder of its own, copied for each case.
 *
 * Whoever breaks it comes with SQLite and a copy without triggers, as an attacker
 * would; what judges is the library through loyalty.h. */
#ifndef LOYALTY_TESTS_FAULT_SMALL_LEDGER_H
#define LOYALTY_TESTS_FAULT_SMALL_LEDGER_H

#include <loyalty.h>
#include <sqlite3.h>
#include <stdbool.h>
#include <stdint.h>

/* A path in the program's folder, which goes away at exit. The text lives on. */
const char *folder_path(const char *name);
void copy_file(const char *from, const char *to);
/* Database, write-ahead log and its index. */
void remove_database(const char *path);

/* The ledger itself, and an earlier checkpoint of it, kept outside. */
const char *small_ledger(void);
int small_ledger_records(void);
const char *small_ledger_anchor(void); /* the note */
int small_ledger_anchor_size(void);
/* What an export of it writes, to be freed; of another ledger: NULL where it fails. */
char *export_of(const char *path);

/* Ends the program where it did not work; gives the answer back. */
void must(loyalty_status status, char **answer);
/* {"op": op, name: text, "now": now}, of an init "test"; now may be NULL. To be freed. */
char *with_string(const char *op, const char *name, const char *text, const char *now);
/* Receipts as a history: receipt, member, time, sku, quantity, amount. */
void import_history(loyalty *ledger, const char *csv);
/* One writing request, answered; the answer is to be given back. */
loyalty_status send(const char *path, const char *request, char **answer);
/* Verify a file through a handle of its own. `more`: members beside "op", or "". */
loyalty_status verify_file(const char *path, const char *more, char **answer);
loyalty_status run_on(loyalty *ledger, const char *request, char **answer);
/* "code" of an answer's error is that, its "message" contains that. */
bool answer_has(const char *answer, const char *words);

/* A copy without triggers, open for whoever wants to break it. */
struct broken {
    const char *path;
    sqlite3 *db;
    loyalty *reader; /* a handle for verify, opened before the fault */
};
struct broken broken_open(const char *name);
void broken_close(struct broken *broken);
/* Must work; printed and failed otherwise. */
void sql(sqlite3 *db, const char *text);
int64_t sql_number(sqlite3 *db, const char *text);

/* xorshift, so that a fixed seed gives the same faults everywhere. */
uint32_t chance(uint32_t *state);

#endif
